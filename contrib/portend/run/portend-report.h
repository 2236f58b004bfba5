/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_REPORT_H
#define PORTEND_REPORT_H

#include "portend-simulation.h"

#include "ns3/portend-setup.h"

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Simulation and estimate of one scenario, side by side.
 */
struct PortendReport
{
    const PortendScenario& scenario;   //!< what was asked for
    const PortendSetup& setup;         //!< the same, understood
    const PortendResult& simulated;    //!< what the simulation showed
    const portend::Estimate& estimate; //!< what the analytical model says

    /**
     * @brief Write the table for people.
     * @param os where to
     */
    void PrintTable(std::ostream& os) const;

    /**
     * @brief Write the result as JSON, keys in a fixed order.
     *
     * It holds nothing that differs between two runs of the same scenario.
     *
     * @param os where to
     */
    void PrintJson(std::ostream& os) const;
};

/**
 * @ingroup portend
 * @brief Writes one row of comma-separated values for each request: its ledger.
 *
 * Times are integers in nanoseconds. A stage that the request did not reach is left empty.
 */
class PortendLedgerTable
{
  public:
    /**
     * @brief Constructor: write the header.
     * @param os where to; it must outlive this object
     * @param setup what is simulated
     */
    PortendLedgerTable(std::ostream& os, const PortendSetup& setup);

    /**
     * @brief Write a row.
     * @param request a completed request
     */
    void Add(const PortendRequest& request);

  private:
    std::ostream& m_os;       //!< where to
    std::size_t m_partitions; //!< L
    bool m_isAccuracyKnown;   //!< whether it is known which answers are right
};

} // namespace ns3

#endif // PORTEND_REPORT_H
