/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Traces of arrivals, of exits, of links and their states, and of traffic.
// Readers: portend-trace-files.cc portend-link-traces.cc portend-table.cc

#include "fuzz.h"

#include "ns3/portend-link-traces.h"
#include "ns3/portend-trace-files.h"

using namespace ns3;

int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    const MemoryFile file(std::string(data, data + size));
    static const auto deployment = portend::Deployment::Parse("0:1-2,1:3-4@0.5");
    Accepts([&file] {
        Time last;
        for (const auto& time : PortendReadArrivals(file.GetName(), 1000))
        {
            Require(time >= last, "arrivals do not go back in time");
            last = time;
        }
    });
    static const portend::ModelProfile model; // of which every block has a branch
    Accepts([&file] { PortendReadExits(file.GetName(), model, deployment); });
    Accepts([&file] {
        const auto trace = PortendReadConfidence(file.GetName(), "", {2, 4});
        const auto branch = trace.Count(0, 0.5);
        Require(branch.correctRate <= branch.exitRate && branch.exitRate <= 1, "shares are shares");
    });
    Accepts([&file] {
        const auto steps = PortendLinkTraces().GetSteps(file.GetName());
        for (std::size_t i = 1; i < steps->size(); ++i)
        {
            Require((*steps)[i - 1].at < (*steps)[i].at, "steps of a link rise");
        }
        const auto trace = CreateObject<PortendLinkTrace>();
        trace->SetSteps(steps);
        const auto summary = trace->Describe();
        const auto highest = static_cast<double>(summary.highestRate.GetBitRate());
        Require(summary.meanBps >= 0 && summary.meanBps <= highest * (1 + 1e-9),
                "a mean is not above the highest");
        Require(trace->Get(Seconds(1)).until > Seconds(1), "time goes on");
    });
    Accepts([&file] {
        const auto link = CreateObject<PortendMarkovLink>();
        link->SetStates(*PortendLinkTraces().GetStates(file.GetName()));
        const auto summary = link->Describe();
        const auto highest = static_cast<double>(summary.highestRate.GetBitRate());
        Require(summary.meanBps >= 0 && summary.meanBps <= highest * (1 + 1e-9),
                "a mean is not above the highest");
    });
    Accepts([&file] {
        const auto bursts = PortendReadTraffic(file.GetName());
        Time last;
        for (const auto& burst : *bursts)
        {
            Require(burst.at >= last && burst.bytes > 0, "traffic does not go back in time");
            last = burst.at;
        }
    });
    return 0;
}
