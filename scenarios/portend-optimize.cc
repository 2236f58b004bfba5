/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * Finds the best deployments by the analytical PORTEND model, beside the usual baselines.
 */

#include "ns3/portend-deployment-table.h"
#include "ns3/portend-main.h"
#include "ns3/portend-optimization.h"
#include "ns3/portend-program.h"
#include "ns3/portend-search-options.h"

#include <iostream>
#include <memory>

using namespace ns3;

int
main(int argc, char* argv[])
{
    std::string jsonFile;
    std::string csvFile;
    bool quiet = false;
    PortendProgram program("portend-optimize",
                           "Finds the deployments of least latency at --min-accuracy, of most "
                           "accuracy at --max-latency, or the\nwhole --pareto frontier, by the "
                           "analytical PORTEND model (ICPADS 2023), beside the usual baselines.\n"
                           "Exit status 1 if no deployment is feasible or a check failed.",
                           PortendScenarioOptions::STREAM);
    PortendOptimizationOptions options(program);
    PortendSearchOptions searchOptions(program);
    program.AddOption("json",
                      "write the result as JSON to a file, - for standard output",
                      jsonFile);
    program.AddOption("csv",
                      "write a row for each deployment found, - for standard output",
                      csvFile);
    program.AddFlag("quiet", "print nothing for people", quiet);

    return program.Run(argc, argv, [&]() {
        const auto scenario = options.GetScenario();
        const PortendSetup setup(scenario);
        PortendOptimization optimization(scenario,
                                         setup,
                                         searchOptions.GetSpace(setup.stream.tiers.size()),
                                         options.Get());
        PortendRequirePlaces({{"--json", jsonFile}, {"--csv", csvFile}});
        std::unique_ptr<PortendOutput> json;
        std::unique_ptr<PortendOutput> csv;
        if (!jsonFile.empty())
        {
            json = std::make_unique<PortendOutput>(jsonFile, "--json");
        }
        if (!csvFile.empty())
        {
            csv = std::make_unique<PortendOutput>(csvFile, "--csv");
        }
        std::string complaint;
        if (!optimization.Run(complaint))
        {
            std::cerr << program.GetName() << ": " << complaint << "\n";
            return 1;
        }
        if (json)
        {
            // All are complete before one is put into its place.
            optimization.PrintJson(json->GetStream());
            json->Finish();
        }
        if (csv)
        {
            optimization.PrintCsv(csv->GetStream());
            csv->Commit();
        }
        if (json)
        {
            json->Commit();
        }
        if (!quiet)
        {
            optimization.PrintTable(jsonFile == "-" || csvFile == "-" ? std::cerr : std::cout);
        }
        return 0;
    });
}
