/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-draw.h"

#include "ns3/random-variable-stream.h"
#include "ns3/rng-seed-manager.h"

#include <algorithm>

namespace ns3
{

std::set<uint64_t>
PortendDraw(uint64_t count, uint64_t all, uint32_t seed, uint64_t run, int64_t stream)
{
    RngSeedManager::SetSeed(seed);
    RngSeedManager::SetRun(run);
    const auto uniform = CreateObject<UniformRandomVariable>();
    uniform->SetStream(stream);
    // R. W. Floyd, in: J. Bentley, Programming pearls, CACM 30(9), 1987.
    std::set<uint64_t> drawn;
    for (uint64_t last = all - std::min(count, all); last < all; ++last)
    {
        const auto number = std::min<uint64_t>(last, uniform->GetValue(0, last + 1.0));
        drawn.insert(drawn.count(number) > 0 ? last : number);
    }
    return drawn;
}

} // namespace ns3
