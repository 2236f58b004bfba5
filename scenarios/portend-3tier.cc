/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * The 3-tier testbed of the PORTEND paper (ICPADS 2023), simulated and estimated side by side.
 *
 *      tier 0              tier 1              tier 2
 *      device  -- link 0 -- base station -- link 1 -- cloud
 *
 * Any other chain can be described by options or by a scenario file.
 */

#include "ns3/portend-main.h"
#include "ns3/portend-program.h"
#include "ns3/portend-runner.h"

using namespace ns3;

int
main(int argc, char* argv[])
{
    PortendProgram program("portend-3tier",
                           "Simulates a partitioned, early-exiting network over a chain of tiers, "
                           "and estimates it by the analytical PORTEND model.\n"
                           "By default the 3-tier testbed of the paper (ICPADS 2023).");
    PortendRunner runner(program);
    return program.Run(argc, argv, [&]() { return runner.Run(program.GetScenario()); });
}
