/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_REPORT_H
#define PORTEND_REPORT_H

#include "portend-service-level.h"
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
    const PortendScenario& scenario;           //!< what was asked for
    const PortendSetup& setup;                 //!< the same, understood
    const PortendResult& simulated;            //!< what the simulation showed
    const portend::Estimate& estimate;         //!< what the analytical model says
    std::vector<PortendLevelOutcome> levels{}; //!< that were asked for

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
     *
     * Rows begin with the epoch and its deployment if a controller may change it.
     *
     * @param os where to; it must outlive this object
     * @param setup what is simulated
     */
    PortendLedgerTable(std::ostream& os, const PortendStreamSetup& setup);

    /**
     * @brief Constructor: write the header of a table of several streams.
     *
     * Rows begin with the stream's name, the member, the epoch and its deployment; there are as
     * many partitions as the longest deployment has.
     *
     * @param os where to; it must outlive this object
     * @param streams what is simulated, at least one; they must outlive this object
     */
    PortendLedgerTable(std::ostream& os, std::vector<const PortendStreamSetup*> streams);

    /**
     * @brief Write a row.
     * @param request a completed request
     */
    void Add(const PortendRequest& request);

  private:
    /// Write the names of the columns.
    void PrintHead();

    std::ostream& m_os;                               //!< where to
    std::vector<const PortendStreamSetup*> m_streams; //!< by number
    std::size_t m_partitions{0};                      //!< the longest L
    bool m_hasNames;                                  //!< whether rows name their stream
    bool m_hasDeployments{false};                     //!< whether rows name their deployment
    bool m_hasEnergy{false};                          //!< whether powers are known
    std::vector<PortendLedger::WaitPart> m_waitParts; //!< that are listed
};

} // namespace ns3

#endif // PORTEND_REPORT_H
