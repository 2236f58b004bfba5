/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Axes of sweeps, as text (--sweep) and in a file (--grid).
// Readers: portend-axis.cc

#include "fuzz.h"

#include "ns3/portend-axis.h"
#include "ns3/portend-scenario-options.h"

using namespace ns3;

int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    static const auto options = PortendScenarioOptions().GetNames();
    const std::string text(data, data + size);
    std::vector<PortendAxis> axes;
    Accepts([&] {
        if (!text.empty() && text[0] == '{')
        {
            axes = PortendAxis::LoadFile(MemoryFile(text).GetName(), options);
        }
        else
        {
            axes = {PortendAxis::Parse(text, options)};
        }
    });
    for (const auto& axis : axes)
    {
        const auto& values = axis.GetValues();
        Require(!values.empty(), "an axis has a value");
        for (const auto index : {std::size_t{0}, values.size() - 1})
        {
            if (!axis.IsOption())
            {
                PortendScenario scenario;
                Accepts([&] { axis.Apply(index, scenario); });
            }
            axis.Describe(values[index].number);
        }
    }
    return 0;
}
