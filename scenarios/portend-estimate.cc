/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * Estimates deployments by the analytical PORTEND model: one, a list, or all there are.
 */

#include "ns3/portend-deployment-table.h"
#include "ns3/portend-main.h"
#include "ns3/portend-program.h"
#include "ns3/portend-provenance.h"
#include "ns3/portend-search-options.h"
#include "ns3/portend-setup.h"

#include <cmath>
#include <iomanip>
#include <iostream>
#include <memory>

using namespace ns3;

namespace
{

/// Called with each deployment.
using Visitor = std::function<void(const portend::Deployment&)>;

/// Shows a deployment's estimate to people.
void
Print(std::ostream& os, const portend::Deployment& deployment, const portend::Estimate& estimate)
{
    os << deployment.ToString() << "\n" << std::fixed << std::setprecision(4);
    const auto values = estimate.components.GetValues();
    for (std::size_t c = 0; c < values.size(); ++c)
    {
        os << "  " << std::left << std::setw(18) << portend::Components::NAMES[c] << std::right
           << std::setw(14) << values[c] << " ms\n";
    }
    os << "  " << std::left << std::setw(18) << "total" << std::right << std::setw(14)
       << estimate.GetLatencyMs() << " ms\n  " << std::left << std::setw(18) << "accuracy"
       << std::right << std::setw(14);
    if (std::isnan(estimate.accuracy))
    {
        os << "-\n"; // unknown
    }
    else
    {
        os << estimate.accuracy << "\n";
    }
    for (std::size_t k = 0; k < estimate.exitRates.size(); ++k)
    {
        os << "  " << std::left << std::setw(18) << "exit rate " + std::to_string(k + 1)
           << std::right << std::setw(14) << estimate.exitRates[k] << "\n";
    }
}

} // namespace

int
main(int argc, char* argv[])
{
    std::string listFile;
    std::string jsonFile;
    std::string csvFile;
    bool all = false;
    bool quiet = false;
    PortendProgram program("portend-estimate",
                           "Estimates latency and accuracy of deployments by the analytical "
                           "PORTEND model (ICPADS 2023):\nthat of --deployment, those of a list, "
                           "or all there are.",
                           PortendScenarioOptions::STREAM);
    program.AddOption("deployments",
                      "file of deployments, one a line, # begins a comment",
                      listFile);
    program.AddFlag("all", "every placement, partitioning and threshold", all);
    program.AddOption("csv", "write a row for each deployment, - for standard output", csvFile);
    program.AddOption("json",
                      "write an object for each deployment, - for standard output",
                      jsonFile);
    program.AddFlag("quiet", "print nothing for people", quiet);
    PortendSearchOptions searchOptions(program);

    return program.Run(argc, argv, [&]() {
        const auto& scenario = program.GetScenario();
        const PortendSetup setup(scenario);
        if (all && !listFile.empty())
        {
            throw portend::InputError("--all", "and --deployments exclude each other");
        }
        Visitor visit;
        const auto check = [&setup](const portend::Deployment& deployment) {
            setup.GetEstimate(deployment);
            setup.RequireMemory(deployment);
        };
        if (listFile.empty() && !all)
        {
            setup.RequireMemory(setup.deployment);
        }
        const auto deployments = listFile.empty()
                                     ? std::vector<portend::Deployment>{setup.deployment}
                                     : PortendReadDeployments(listFile, check);
        PortendRequirePlaces({{"--json", jsonFile}, {"--csv", csvFile}});
        std::string left; // out
        const auto visitAll = [&]() {
            if (all)
            {
                const auto search =
                    setup.MakeSearch(searchOptions.GetSpace(setup.stream.tiers.size()));
                left = PortendDescribeLeftOut(search);
                search.ForEach(
                    [&](double, double, const auto& getDeployment) { visit(getDeployment()); });
                return;
            }
            for (const auto& deployment : deployments)
            {
                visit(deployment);
            }
        };

        std::unique_ptr<PortendOutput> csv;
        std::unique_ptr<PortendOutput> json;
        std::unique_ptr<PortendDeploymentTable> table;
        if (!csvFile.empty())
        {
            csv = std::make_unique<PortendOutput>(csvFile, "--csv");
            table = std::make_unique<PortendDeploymentTable>(csv->GetStream(), setup.hasEnergy);
        }
        if (!jsonFile.empty())
        {
            json = std::make_unique<PortendOutput>(jsonFile, "--json");
            json->GetStream() << "{\"schema_version\":1,\"scenario\":" << scenario.ToJson()
                              << ",\"rules\":\"" << setup.rules.name << "\",\"deployments\":[";
        }
        uint64_t count = 0;
        const bool isTableTaken = csvFile == "-" || jsonFile == "-";
        visit = [&](const portend::Deployment& deployment) {
            const auto estimate = setup.GetEstimate(deployment);
            if (table)
            {
                table->Add(deployment, estimate);
            }
            if (json)
            {
                json->GetStream() << (count > 0 ? ",\n" : "\n")
                                  << PortendDeploymentToJson(deployment, estimate, setup.hasEnergy);
            }
            if (!quiet && !all && !isTableTaken)
            {
                Print(std::cout, deployment, estimate);
            }
            ++count;
        };
        visitAll();
        // All are complete before one is put into its place.
        if (json)
        {
            json->GetStream() << "\n],\"provenance\":"
                              << PortendProvenance::ToJson(setup.seed, setup.run) << "}\n";
            json->Finish();
        }
        if (csv)
        {
            csv->Commit();
        }
        if (json)
        {
            json->Commit();
        }
        if (!quiet && all)
        {
            (isTableTaken ? std::cerr : std::cout)
                << count << " deployments estimated" << left << "\n";
        }
        return 0;
    });
}
