/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_RECORD_H
#define PORTEND_RECORD_H

#include "portend-replications.h"
#include "portend-result-file.h"

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

/**
 * @file
 * @ingroup portend
 * What result files hold of a simulated deployment, and how that is written for others.
 */

namespace ns3
{

/**
 * @ingroup portend
 * @brief Write a simulated deployment and its estimate as rows.
 * @param tables gets the rows
 * @param point number of the point
 * @param rank number of the deployment at the point
 * @param setup what was simulated
 * @param estimate what the analytical model says
 * @param result what the simulation says
 */
void PortendRecordResult(PortendResultFile::Tables& tables,
                         uint64_t point,
                         uint32_t rank,
                         const PortendSetup& setup,
                         const portend::Estimate& estimate,
                         const PortendReplicatedResult& result);

/**
 * @ingroup portend
 * @brief Write what service levels bound as rows.
 * @param tables gets the rows
 * @param table name of their table
 * @param key columns that say what the rows are of
 * @param levels the levels
 * @param values what they bound, in their order; none where nothing was simulated
 */
void PortendRecordLevels(PortendResultFile::Tables& tables,
                         const std::string& table,
                         const nlohmann::json& key,
                         const std::vector<PortendServiceLevel>& levels,
                         const std::vector<PortendInterval>& values);

/**
 * @ingroup portend
 * @brief Get the mean and interval of the difference of two simulations, replication by
 *        replication.
 * @param a means of the replications of the first
 * @param b means of the replications of the second, which met the same random numbers
 * @return a - b; no interval with fewer than two replications
 */
PortendInterval PortendComparePairs(const std::vector<double>& a, const std::vector<double>& b);

/**
 * @ingroup portend
 * @brief Write a row of comma-separated values for each simulated deployment.
 * @param results of a campaign
 * @param os where to
 */
void PortendExportCsv(const PortendResultFile& results, std::ostream& os);

/**
 * @ingroup portend
 * @brief Write a whole result file as JSON: an array of rows for each table, `point` nested.
 * @param results of a campaign
 * @param os where to
 */
void PortendExportJson(const PortendResultFile& results, std::ostream& os);

} // namespace ns3

#endif // PORTEND_RECORD_H
