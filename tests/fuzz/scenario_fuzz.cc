/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Scenario files, and the texts in them.
// Readers: portend-scenario.cc portend-setup.cc portend-json.cc portend-text.cc

#include "fuzz.h"

#include "ns3/portend-profile-loader.h"
#include "ns3/portend-scenario.h"
#include "ns3/portend-setup.h"

using namespace ns3;

int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    const MemoryFile file(std::string(data, data + size));
    PortendScenario scenario;
    if (!Accepts([&] { scenario.LoadFile(file.GetName()); }))
    {
        return 0;
    }
    const auto written = scenario.ToJson();
    const MemoryFile copy(written);
    PortendScenario again;
    again.LoadFile(copy.GetName());
    Require(again.ToJson() == written, "a scenario that is written out reads as it was");

    // Other files are the business of other targets.
    scenario.profile = PORTEND_SOURCE_DIR "/profiles/vggish-audioset";
    for (auto* text : {&scenario.arrival, &scenario.exits})
    {
        if (text->find("trace:") == 0)
        {
            *text = "";
        }
    }
    static PortendProfileCache profiles;
    Accepts([&scenario] {
        const PortendSetup setup(scenario, profiles);
        setup.RequireSimulable();
        setup.RequireBounded();
    });
    return 0;
}
