/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-audit.h"

#include "ns3/portend-comparison.h"
#include "ns3/portend-estimator.h"
#include "ns3/portend-ledger.h"
#include "ns3/portend-setup.h"
#include "ns3/portend-simulation.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iomanip>
#include <map>
#include <utility>

namespace ns3
{

namespace
{

/// The entries of a request's ledger, ns: latency, components, parts of waiting and network excess.
using Entries = std::vector<int64_t>;

/// A request by its member and number.
using RequestKey = std::pair<uint32_t, uint64_t>;

/// @return names of the entries
std::vector<std::string>
GetNames()
{
    std::vector<std::string> names{"latency"};
    names.insert(names.end(), portend::Components::NAMES.begin(), portend::Components::NAMES.end());
    for (const char* part : PortendLedger::WAIT_NAMES)
    {
        names.push_back(std::string("wait_") + part);
    }
    for (std::size_t part = 0; part < PortendLedger::LINK_PARTS; ++part)
    {
        names.push_back(std::string("network_excess_") + PortendLedger::EXCESS_NAMES[part]);
    }
    return names;
}

/**
 * @brief Get what is compared of a request.
 * @param request a completed request
 * @return its entries, in the order of GetNames()
 */
Entries
GetEntries(const PortendRequest& request)
{
    Entries entries{request.GetLatency().GetNanoSeconds()};
    for (int c = 0; c < PortendLedger::COMPONENTS; ++c)
    {
        const auto component = static_cast<PortendLedger::Component>(c);
        entries.push_back(request.ledger.Get(component).GetNanoSeconds());
    }
    for (const auto& part : request.ledger.GetWait())
    {
        entries.push_back(part.GetNanoSeconds());
    }
    for (std::size_t part = 0; part < PortendLedger::LINK_PARTS; ++part)
    {
        entries.push_back(request.ledger.GetExcess()[part].GetNanoSeconds());
    }
    return entries;
}

} // namespace

PortendAudit
PortendCompareEngines(const PortendScenario& scenario,
                      uint32_t replications,
                      PortendProfileCache& profiles)
{
    auto other = scenario;
    other.network = "packets";
    PortendSetup trains(scenario, profiles);
    PortendSetup packets(other, profiles);
    PortendAudit audit;
    for (const auto& name : GetNames())
    {
        audit.entries.push_back({name});
    }
    for (uint32_t r = 0; r < replications; ++r, ++trains.run, ++packets.run)
    {
        std::map<RequestKey, Entries> answers; // by trains
        PortendSimulation first(trains);
        first.SetRequestSink([&](const PortendRequest& request) {
            answers[{request.member, request.id}] = GetEntries(request);
        });
        first.Run();
        PortendSimulation second(packets);
        second.SetRequestSink([&](const PortendRequest& request) {
            const auto answer = answers.find({request.member, request.id});
            if (answer == answers.end())
            {
                ++audit.unmatched;
                return;
            }
            ++audit.requests;
            const auto entries = GetEntries(request);
            for (std::size_t i = 0; i < entries.size(); ++i)
            {
                auto& entry = audit.entries[i];
                const double errorMs = std::abs(answer->second[i] - entries[i]) * 1e-6;
                entry.trainsMs += answer->second[i] * 1e-6;
                entry.packetsMs += entries[i] * 1e-6;
                entry.meanErrorMs += errorMs;
                entry.largestErrorMs = std::max(entry.largestErrorMs, errorMs);
            }
            answers.erase(answer);
        });
        second.Run();
        audit.unmatched += answers.size();
    }
    for (auto& entry : audit.entries) // sums so far
    {
        for (auto* mean : {&entry.trainsMs, &entry.packetsMs, &entry.meanErrorMs})
        {
            *mean /= static_cast<double>(audit.requests);
        }
    }
    return audit;
}

void
PortendRecordAudit(PortendResultFile::Tables& tables, uint64_t point, const PortendAudit& audit)
{
    for (std::size_t i = 0; i < audit.entries.size(); ++i)
    {
        const auto& entry = audit.entries[i];
        tables["audit"].push_back({{"point", point},
                                   {"rank", 0},
                                   {"position", i},
                                   {"entry", entry.name},
                                   {"requests", audit.requests},
                                   {"unmatched", audit.unmatched},
                                   {"trains_ms", entry.trainsMs},
                                   {"packets_ms", entry.packetsMs},
                                   {"mean_error_ms", entry.meanErrorMs},
                                   {"largest_error_ms", entry.largestErrorMs}});
    }
}

void
PortendReportAudit(const PortendResultFile& results, uint64_t points, std::ostream& os)
{
    results.ForEach("SELECT count(*) AS points, sum(requests) AS requests, sum(unmatched) AS "
                    "unmatched FROM audit WHERE position = 0",
                    [&](const auto& row) {
                        os << "\naudit: " << row["points"].template get<uint64_t>() << " of "
                           << points << " points, " << row["requests"].template get<uint64_t>()
                           << " requests, by packets too; "
                           << row["unmatched"].template get<uint64_t>()
                           << " were answered by one engine only\n";
                    });
    os << std::left << std::setw(32) << "difference, ms" << std::right << std::setw(14) << "trains"
       << std::setw(14) << "packets" << std::setw(16) << "mean" << std::setw(14) << "largest"
       << "\n"
       << std::fixed;
    results.ForEach("SELECT entry, sum(requests * trains_ms) / sum(requests) AS trains, "
                    "sum(requests * packets_ms) / sum(requests) AS packets, "
                    "sum(requests * mean_error_ms) / sum(requests) AS mean, "
                    "max(largest_error_ms) AS largest FROM audit GROUP BY position ORDER BY "
                    "position",
                    [&](const auto& row) {
                        auto name = row["entry"].template get<std::string>();
                        std::replace(name.begin(), name.end(), '_', ' ');
                        os << std::left << std::setw(32) << name << std::right;
                        const auto print = [&](const char* column, int width, int digits) {
                            const auto& value = row[column];
                            os << std::setw(width)
                               << PortendFixed(value.is_null() ? NAN : value.template get<double>(),
                                               digits);
                        };
                        print("trains", 14, 4);
                        print("packets", 14, 4);
                        print("mean", 16, 9);
                        print("largest", 14, 6);
                        os << "\n";
                    });
}

} // namespace ns3
