/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_COMPARISON_H
#define PORTEND_COMPARISON_H

#include "portend-simulation.h"

#include "ns3/portend-setup.h"

#include <functional>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{

/// Width of the first column of tables.
constexpr int PORTEND_LABEL_WIDTH = 18;

/**
 * @ingroup portend
 * @brief Write a number with fixed decimals.
 * @param value the number
 * @param decimals digits after the point
 * @return its text; a dash for NaN
 */
std::string PortendFixed(double value, int decimals);

/**
 * @ingroup portend
 * @brief Write a number of bytes for people.
 * @param bytes the bytes
 * @return such as `33.68 MB`
 */
std::string PortendBytes(uint64_t bytes);

/**
 * @ingroup portend
 * @brief Simulation and estimate of a stream, side by side.
 */
struct PortendComparison
{
    const PortendNetworkSetup& network; //!< what the stream is on
    const PortendStreamSetup& setup;    //!< the stream
    const PortendResult& simulated;     //!< what the simulation showed
    const portend::Estimate& estimate;  //!< what the analytical model says

    /**
     * @brief Write the entries of the ledger, exit rates and accuracy, a row each.
     * @param os where to
     */
    void PrintTable(std::ostream& os) const;

    /**
     * @brief Write the energy of a request, an entry of the ledger each, where powers are known.
     * @param os where to
     */
    void PrintEnergy(std::ostream& os) const;

    /**
     * @brief Write the percentiles of the latency.
     * @param os where to
     */
    void PrintPercentiles(std::ostream& os) const;

    /**
     * @brief Write what became of the requests.
     * @param os where to
     */
    void PrintRequests(std::ostream& os) const;

    /**
     * @brief Write what the simulation showed, links apart.
     * @param json gets it as members
     */
    void WriteSimulated(nlohmann::ordered_json& json) const;

    /**
     * @brief Write what the analytical model says.
     * @param json gets it as members
     */
    void WriteAnalytical(nlohmann::ordered_json& json) const;

    /**
     * @brief Write the difference.
     * @param json gets it as members
     */
    void WriteDifference(nlohmann::ordered_json& json) const;
};

/**
 * @ingroup portend
 * @brief Write what a node took, and what fed it.
 * @param energy of the node
 * @return an object
 */
nlohmann::ordered_json PortendWriteEnergy(const PortendNodeEnergy& energy);

/**
 * @ingroup portend
 * @brief Write what nodes, or groups of nodes, took.
 * @param os where to
 * @param nodes their names and energies, those of groups together
 */
void PortendPrintEnergies(std::ostream& os,
                          const std::vector<std::pair<std::string, PortendNodeEnergy>>& nodes);

/**
 * @ingroup portend
 * @brief Estimate a stream whose deployment has changed: the mean over its requests.
 * @param control which deployments they had
 * @param first the estimate of the deployment that the stream was given
 * @param estimator estimates any deployment, on the links as the scenario has them
 * @return the mean of the estimates, by the share of requests; the first if there was no other
 */
portend::Estimate PortendMixEstimates(
    const PortendControl& control,
    const portend::Estimate& first,
    const std::function<portend::Estimate(const portend::Deployment&)>& estimator);

} // namespace ns3

#endif // PORTEND_COMPARISON_H
