/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Traces of arrivals and of exits.
// Readers: portend-trace-files.cc portend-table.cc

#include "fuzz.h"

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
    return 0;
}
