/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-audit.h"

#include "ns3/portend-estimator.h"
#include "ns3/portend-ledger.h"
#include "ns3/portend-setup.h"
#include "ns3/portend-simulation.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <utility>

namespace ns3
{

namespace
{

/// The entries of a request's ledger, ns: latency, components, parts of the network excess.
using Entries = std::vector<int64_t>;

/// A request by its member and number.
using RequestKey = std::pair<uint32_t, uint64_t>;

/// @return names of the entries
std::vector<std::string>
GetNames()
{
    std::vector<std::string> names{"latency"};
    names.insert(names.end(), portend::Components::NAMES.begin(), portend::Components::NAMES.end());
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

} // namespace ns3
