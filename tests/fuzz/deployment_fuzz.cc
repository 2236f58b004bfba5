/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// The text form of deployments.
// Readers: portend-deployment.cc

#include "fuzz.h"

#include "ns3/portend-deployment.h"

int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    const std::string text(data, data + size);
    Accepts([&text] {
        const auto deployment = portend::Deployment::Parse(text);
        const auto written = deployment.ToString();
        Require(portend::Deployment::Parse(written).ToString() == written,
                "a deployment that is written out reads as it was");
        deployment.Validate(3, 55);
    });
    return 0;
}
