/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_WORLD_REPORT_H
#define PORTEND_WORLD_REPORT_H

#include "portend-service-level.h"
#include "portend-simulation.h"

#include "ns3/portend-estimator.h"
#include "ns3/portend-world-setup.h"
#include "ns3/portend-world.h"

#include <ostream>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Simulation and estimate of all streams of a network, side by side.
 */
struct PortendWorldReport
{
    const PortendWorld& world;                       //!< what was asked for
    const PortendWorldSetup& setup;                  //!< the same, understood
    const PortendNetworkResult& simulated;           //!< what the simulation showed
    const std::vector<portend::Estimate>& estimates; //!< what the analytical model says, by stream
    std::vector<PortendLevelOutcome> levels{};       //!< that were asked for

    /**
     * @brief Write the tables for people: one for each stream, one of nodes, one of links.
     *
     * Members of a group are one row.
     *
     * @param os where to
     */
    void PrintTable(std::ostream& os) const;

    /**
     * @brief Write the result as JSON, keys in a fixed order.
     *
     * But for `provenance`, it holds nothing that differs between two runs of the same scenario.
     *
     * @param os where to
     */
    void PrintJson(std::ostream& os) const;

  private:
    /**
     * @brief Write the table of the nodes.
     * @param os where to
     */
    void PrintNodes(std::ostream& os) const;

    /**
     * @brief Write what nodes took, those of groups together, where powers are known.
     * @param os where to
     */
    void PrintEnergies(std::ostream& os) const;

    /**
     * @brief Write the table of the links.
     * @param os where to
     */
    void PrintLinks(std::ostream& os) const;
};

} // namespace ns3

#endif // PORTEND_WORLD_REPORT_H
