/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * Any scenario, simulated and estimated side by side: many devices, streams and links.
 */

#include "ns3/portend-linter.h"
#include "ns3/portend-main.h"
#include "ns3/portend-program.h"
#include "ns3/portend-run-outputs.h"
#include "ns3/portend-world-report.h"

#include <iostream>

using namespace ns3;

namespace
{

/// Simulates a chain, as portend-3tier does.
void
RunChain(const PortendProgram& program, const PortendLinter& linter, PortendRunOutputs& outputs)
{
    const auto& scenario = program.GetScenario();
    const PortendSetup setup(scenario);
    setup.RequireSimulable();
    setup.RequireBounded();
    const auto estimate = setup.GetEstimate();
    linter.Check(setup);
    outputs.Open(setup);

    PortendSimulation simulation(setup);
    simulation.SetPcapPrefix(outputs.GetPcapPrefix());
    simulation.SetRequestSink(outputs.GetRequestSink());
    const auto result = simulation.Run();

    outputs.Write({scenario, setup, result, estimate});
}

/// Simulates streams on a network.
void
RunWorld(const PortendWorld& world, const PortendLinter& linter, PortendRunOutputs& outputs)
{
    const PortendWorldSetup setup(world);
    setup.RequireBounded();
    const auto estimates = setup.GetEstimates();
    linter.Check(world, setup);
    outputs.Open(setup);

    std::vector<const PortendStreamSetup*> streams;
    for (const auto& stream : setup.streams)
    {
        streams.push_back(&stream);
    }
    PortendSimulation simulation(setup, setup.nodes.size(), streams);
    simulation.SetPcapPrefix(outputs.GetPcapPrefix());
    simulation.SetRequestSink(outputs.GetRequestSink());
    const auto result = simulation.RunAll();

    outputs.Write({world, setup, result, estimates});
}

} // namespace

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
    PortendRunOutputs outputs(program);
    const PortendLinter linter(program);
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
            RunWorld(world, linter, outputs);
            return 0;
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
        RunChain(program, linter, outputs);
        return 0;
    });
}
