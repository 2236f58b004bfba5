/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * Any scenario, simulated and estimated side by side: many devices, streams and links.
 */

#include "ns3/portend-main.h"
#include "ns3/portend-program.h"
#include "ns3/portend-runner.h"
#include "ns3/portend-scenario-file.h"
#include "ns3/portend-world.h"

#include <iostream>

using namespace ns3;

int
main(int argc, char* argv[])
{
    std::string file;
    std::vector<std::string> values;
    bool converts = false;
    PortendProgram program("portend-run",
                           "Simulates a scenario file, and estimates it by the analytical PORTEND "
                           "model: nodes and groups of nodes,\n"
                           "links that make any graph, and streams of requests that share them "
                           "(version 2), or a chain (version 1).\n"
                           "Values of the file are set by their paths:\n\n"
                           "  portend-run campus.json --set nodes/camera/count=200 --set "
                           "links/camera-station/bandwidth/up=5Mbps\n\n" +
                               PortendGetPaths() + "\nOptions below of a stream are all streams'.",
                           PortendScenarioOptions::WORLD);
    program.AddFile("FILE", "JSON scenario file", file);
    program.AddList("set", "PATH=VALUE: what the file is to say besides; may repeat", values);
    program.AddFlag("convert",
                    "write the scenario as one of version 2 to the standard output, and end",
                    converts);
    PortendRunner runner(program);
    return program.Run(argc, argv, [&]() {
        if (file.empty())
        {
            throw portend::InputError("FILE", "is missing: portend-run FILE [options]");
        }
        const PortendScenarioFile read(file);
        if (read.IsWorld())
        {
            const auto world = program.LoadWorld(read, values);
            if (converts)
            {
                std::cout << world.ToJson(2) << "\n";
                return 0;
            }
            return runner.Run(world);
        }
        if (!values.empty())
        {
            throw portend::InputError("--set",
                                      file + " is of version 1, which has no paths; --convert "
                                             "writes it as version 2");
        }
        program.LoadChain(read);
        if (converts)
        {
            std::cout << PortendWorld::FromChain(program.GetScenario()).ToJson(2) << "\n";
            return 0;
        }
        return runner.Run(program.GetScenario());
    });
}
