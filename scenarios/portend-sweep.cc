/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * Simulates and estimates every point of a grid over options, into one result file.
 */

#include "ns3/portend-sweep.h"

#include "ns3/portend-main.h"
#include "ns3/portend-mpi-workers.h"
#include "ns3/portend-program.h"

using namespace ns3;

int
main(int argc, char* argv[])
{
    const auto workers = PortendJoinWorkers(argc, argv);
    PortendProgram program("portend-sweep",
                           "Simulates, with replications, and estimates by the analytical PORTEND "
                           "model every point of a grid over options.\n"
                           "Results go point by point into one SQLite file. The same command goes "
                           "on where it was stopped, and runs\n"
                           "on many processes by --jobs, mpirun or srun, with the same results.",
                           PortendScenarioOptions::STREAM);
    PortendSweep sweep(program);
    return program.Run(argc, argv, [&]() { return sweep.Run(*workers); });
}
