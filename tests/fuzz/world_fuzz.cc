/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Scenario files of version 2, and the texts in them.
// Readers: portend-world.cc portend-world-setup.cc portend-option-json.cc portend-scenario-file.cc

#include "fuzz.h"

#include "ns3/portend-profile-loader.h"
#include "ns3/portend-scenario-file.h"
#include "ns3/portend-world-setup.h"
#include "ns3/portend-world.h"

#include <algorithm>

using namespace ns3;

namespace
{

/// Most nodes that are counted out: of what is read, not of what that costs, is this a test.
constexpr uint32_t MOST_NODES = 50;

} // namespace

int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    const MemoryFile file(std::string(data, data + size));
    PortendWorld world;
    if (!Accepts([&] { world = PortendWorld::Load(PortendScenarioFile(file.GetName())); }))
    {
        return 0;
    }
    const auto written = world.ToJson();
    const MemoryFile copy(written);
    const auto again = PortendWorld::Load(PortendScenarioFile(copy.GetName()));
    Require(again.ToJson() == written, "a scenario that is written out reads as it was");

    // Other files are the business of other targets.
    for (auto& stream : world.streams)
    {
        stream.options.profile = PORTEND_SOURCE_DIR "/profiles/vggish-audioset";
        for (auto* text : {&stream.options.arrival, &stream.options.exits})
        {
            if (text->find("trace:") == 0)
            {
                *text = "";
            }
        }
    }
    for (auto& node : world.nodes)
    {
        node.count = std::min(node.count, MOST_NODES);
    }
    static PortendProfileCache profiles;
    Accepts([&world] { PortendWorldSetup(world, profiles).RequireBounded(); });
    return 0;
}
