/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * Simulates and estimates many deployments, and says how well the two agree, and why not better.
 */

#include "ns3/portend-cross-check.h"
#include "ns3/portend-main.h"
#include "ns3/portend-mpi-workers.h"
#include "ns3/portend-program.h"

using namespace ns3;

int
main(int argc, char* argv[])
{
    const auto workers = PortendJoinWorkers(argc, argv);
    PortendProgram program("portend-crosscheck",
                           "Simulates and estimates many deployments: slope and R^2 of the "
                           "estimate regressed on the simulation,\n"
                           "errors by component, share of estimates in the simulated interval, and "
                           "what disagreements are made of.\n"
                           "Exit status 1 if a deployment is outside of --tolerance.",
                           PortendScenarioOptions::STREAM);
    PortendCrossCheck check(program);
    return program.Run(argc, argv, [&]() { return check.Run(*workers); });
}
