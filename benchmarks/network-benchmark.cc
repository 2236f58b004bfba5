/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * What carries messages, side by side: ns-3's packets and trains, in the same scenarios. Each
 * simulation, its set-up included, is a process of its own, whose processor time and most
 * resident memory are told. In chains trains carry a hundred times as many requests, lest set-up
 * is what is measured.
 *
 * Arguments: the largest number of devices in a tree, at least 10000 [100000], and of those that
 * packets try [10000].
 */

#include "ns3/portend-output.h"
#include "ns3/portend-scenario-file.h"
#include "ns3/portend-simulation.h"
#include "ns3/portend-world-setup.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace ns3;

namespace
{

/// Simulates, and counts the requests that were answered.
using Simulation = std::function<uint64_t(const std::string& network)>;

/// What a simulation took.
struct Cost
{
    uint64_t requests{0}; ///< answered
    double seconds{0};    ///< processor time
    double memoryMiB{0};  ///< most memory of its process
};

/**
 * @brief Simulate in a process of its own.
 * @param simulation what to simulate
 * @param network what carries messages
 * @return what it took
 */
Cost
Measure(const Simulation& simulation, const std::string& network)
{
    int ends[2];
    if (pipe(ends) != 0)
    {
        std::exit(1);
    }
    const auto child = fork();
    if (child == 0)
    {
        const auto requests = simulation(network);
        _exit(write(ends[1], &requests, sizeof(requests)) == sizeof(requests) ? 0 : 1);
    }
    Cost cost;
    int status = 0;
    rusage usage{};
    wait4(child, &status, 0, &usage);
    if (status != 0 || read(ends[0], &cost.requests, sizeof(cost.requests)) <= 0)
    {
        std::fprintf(stderr, "network-benchmark: a simulation failed\n");
        std::exit(1);
    }
    close(ends[0]);
    close(ends[1]);
    for (const auto& time : {usage.ru_utime, usage.ru_stime})
    {
        cost.seconds += static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    }
    cost.memoryMiB = usage.ru_maxrss / 1024.0;
    return cost;
}

/**
 * @brief Print a row of the table.
 * @param name of the scenario
 * @param simulation what to simulate
 * @param triesPackets whether packets are measured, too
 */
void
Compare(const std::string& name, const Simulation& simulation, bool triesPackets = true)
{
    const auto print = [](const Cost& cost) {
        std::printf(" %10.2f %10.0f %8.0f",
                    cost.seconds,
                    static_cast<double>(cost.requests) / cost.seconds,
                    cost.memoryMiB);
    };
    std::printf("%-34s", name.c_str());
    std::fflush(stdout);
    const auto trains = Measure(simulation, "trains");
    if (triesPackets)
    {
        const auto packets = Measure(simulation, "packets");
        print(packets);
        print(trains);
        std::printf(" %7.1f\n",
                    packets.seconds / static_cast<double>(packets.requests) /
                        (trains.seconds / static_cast<double>(trains.requests)));
    }
    else
    {
        std::printf(" %10s %10s %8s", "-", "-", "-");
        print(trains);
        std::printf(" %7s\n", "-");
    }
    std::fflush(stdout);
}

/**
 * @brief Simulate a chain.
 * @param scenario what to simulate
 * @return its simulation
 */
Simulation
SimulateChain(const PortendScenario& scenario)
{
    return [scenario](const std::string& network) {
        auto own = scenario;
        own.network = network;
        own.samples *= network == "trains" ? 100 : 1;
        const PortendSetup setup(own);
        return PortendSimulation(setup).Run().completed;
    };
}

/**
 * @brief Simulate a network.
 * @param file the scenario
 * @param values set in it
 * @return its simulation
 */
Simulation
SimulateWorld(const std::string& file, const std::vector<std::string>& values)
{
    return [file, values](const std::string& network) {
        auto all = values;
        all.push_back("network=" + network);
        const PortendWorldSetup setup(PortendWorld::Load(PortendScenarioFile(file), all));
        uint64_t completed = 0;
        for (const auto& stream : PortendSimulation(setup).RunAll().streams)
        {
            completed += stream.completed;
        }
        return completed;
    };
}

/**
 * @brief Let requests of the campus arise so often that its busiest station has a load.
 * @param file the scenario
 * @param load share of its time
 * @return values to set
 */
std::vector<std::string>
GetLoad(const std::string& file, double load)
{
    const auto getValues = [](double factor) {
        return std::vector<std::string>{
            "streams/vision/arrival=poisson:" + std::to_string(0.5 * factor),
            "streams/detail/arrival=poisson:" + std::to_string(0.05 * factor)};
    };
    const PortendWorldSetup setup(PortendWorld::Load(PortendScenarioFile(file), getValues(1)));
    double most = 0;
    const auto network = setup.GetNetwork();
    for (const auto& station : network.GetStations())
    {
        most = std::max(most, station.GetUtilization());
    }
    return getValues(load / most);
}

/// A tree: devices on stations on a cloud.
const char* const TREE = R"({
  "schema_version": 2,
  "nodes": [{"name": "device", "count": 100, "device": "a1.medium"},
            {"name": "station", "count": 1, "device": "m4.large", "servers": 4},
            {"name": "cloud", "device": "g4dn.xlarge"}],
  "links": [{"between": ["device", "station"], "bandwidth": "10Mbps", "delay": "5ms"},
            {"between": ["station", "cloud"], "bandwidth": "10Gbps", "delay": "20ms"}],
  "streams": [{"name": "all", "tiers": ["device", "station", "cloud"],
               "profile": "resnet110-cifar10", "deployment": "0:1-25,1:26-40@0.1",
               "arrival": "poisson:0.05", "samples": 10, "after": "stop"}]
})";

} // namespace

int
main(int argc, char* argv[])
{
    PortendGuardStandardStreams("network-benchmark");
    const uint64_t mostDevices = argc > 1 ? std::max(10000, std::atoi(argv[1])) : 100000;
    const uint64_t mostPackets = argc > 2 ? std::atoi(argv[2]) : 10000;
    std::printf("%-34s %30s %30s %7s\n", "", "packets", "trains", "");
    std::printf("%-34s %10s %10s %8s %10s %10s %8s %7s\n",
                "scenario",
                "s",
                "requests/s",
                "MiB",
                "s",
                "requests/s",
                "MiB",
                "ratio");

    PortendScenario scenario;
    scenario.samples = 20000;
    Compare("portend-3tier, as it is", SimulateChain(scenario));

    scenario.profile = "efficientnetb0-imagenet";
    scenario.deployment = "0:1-4,1:5-8@0";
    scenario.mtuBytes = 1500;
    scenario.samples = 1000;
    Compare("EfficientNet-B0, MTU 1500", SimulateChain(scenario));
    scenario.arrival = "poisson:0.5";
    Compare("the same, 0.5 requests/s", SimulateChain(scenario));
    scenario.transport = "tcp";
    Compare("the same over TCP", SimulateChain(scenario));
    scenario.arrival = "closed";
    Compare("closed over TCP", SimulateChain(scenario));

    const std::string campus = "scenarios/campus.json";
    Compare("campus at a load of 0.8", SimulateWorld(campus, GetLoad(campus, 0.8)));

    const auto file =
        std::filesystem::temp_directory_path() / ("tree-" + std::to_string(getpid()) + ".json");
    std::ofstream(file) << TREE;
    for (auto devices = mostDevices / 100; devices <= mostDevices; devices *= 10)
    {
        Compare("tree of " + std::to_string(devices) + " devices",
                SimulateWorld(file,
                              {"nodes/device/count=" + std::to_string(devices),
                               "nodes/station/count=" + std::to_string(devices / 100)}),
                devices <= mostPackets);
    }
    std::filesystem::remove(file);
    return 0;
}
