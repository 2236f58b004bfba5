/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Scenario files of version 2.
// Readers: portend-world.cc portend-option-json.cc

#include "fuzz.h"

#include "ns3/portend-world.h"

using namespace ns3;

int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    const MemoryFile file(std::string(data, data + size));
    PortendWorld world;
    if (!Accepts([&] { world = PortendWorld::Load(file.GetName()); }))
    {
        return 0;
    }
    const auto written = world.ToJson();
    const MemoryFile copy(written);
    Require(PortendWorld::Load(copy.GetName()).ToJson() == written,
            "a scenario that is written out reads as it was");
    return 0;
}
