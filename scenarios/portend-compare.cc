/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * Holds controllers against one another on the same samples, in the settings of a grid.
 */

#include "ns3/portend-controller-comparison.h"
#include "ns3/portend-main.h"
#include "ns3/portend-program.h"

using namespace ns3;

int
main(int argc, char* argv[])
{
    PortendProgram program("portend-compare",
                           "Simulates a stream with each of some controllers, replication by "
                           "replication on the same samples and arrivals,\n"
                           "in every setting of a grid, and tells by how much each is slower than "
                           "a reference.",
                           PortendScenarioOptions::STREAM);
    PortendControllerComparison comparison(program);
    return program.Run(argc, argv, [&]() { return comparison.Run(); });
}
