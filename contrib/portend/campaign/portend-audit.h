/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_AUDIT_H
#define PORTEND_AUDIT_H

#include "portend-result-file.h"

#include "ns3/portend-scenario.h"

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

/**
 * @file
 * @ingroup portend
 * Audits: what one network engine says, held against the other.
 */

namespace ns3
{

class PortendProfileCache;

/**
 * @ingroup portend
 * @brief How an entry of the ledger differs between trains and packets.
 */
struct PortendAuditEntry
{
    std::string name;         //!< `latency`, a component, or a part of wait or network excess
    double trainsMs{0};       //!< mean by trains
    double packetsMs{0};      //!< mean by packets
    double meanErrorMs{0};    //!< mean of |trains - packets| over requests
    double largestErrorMs{0}; //!< largest |trains - packets| of a request
};

/**
 * @ingroup portend
 * @brief What a comparison of the engines showed, request by request.
 */
struct PortendAudit
{
    uint64_t requests{0};                   //!< answered by both, and compared
    uint64_t unmatched{0};                  //!< answered by one of them only
    std::vector<PortendAuditEntry> entries; //!< of the ledger
};

/**
 * @ingroup portend
 * @brief Simulate a scenario by trains and by packets, and compare every request's ledger.
 *
 * Nothing is removed from the start.
 *
 * @param scenario what is simulated, by trains; the run is that of the first replication
 * @param replications how many, at the runs that follow
 * @param profiles read so far; gets what is missing
 * @return how the ledgers differ
 * @throw portend::InputError if packets cannot simulate it
 */
PortendAudit PortendCompareEngines(const PortendScenario& scenario,
                                   uint32_t replications,
                                   PortendProfileCache& profiles);

/**
 * @ingroup portend
 * @brief Write an audit of a point's own deployment as rows.
 * @param tables gets the rows
 * @param point number of the point
 * @param audit how the ledgers differ
 */
void PortendRecordAudit(PortendResultFile::Tables& tables,
                        uint64_t point,
                        const PortendAudit& audit);

/**
 * @ingroup portend
 * @brief Report how the engines differ at all points that were audited.
 * @param results of all points
 * @param points number of all points
 * @param os where to
 */
void PortendReportAudit(const PortendResultFile& results, uint64_t points, std::ostream& os);

} // namespace ns3

#endif // PORTEND_AUDIT_H
