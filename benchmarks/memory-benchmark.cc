/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * What long simulations need of memory: the most that a process has had resident, for ten and a
 * hundred times as many requests. Poisson arrivals at half the capacity of the default scenario.
 *
 * Arguments: the largest number of requests [1000000].
 */

#include "ns3/portend-output.h"
#include "ns3/portend-setup.h"
#include "ns3/portend-simulation.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace ns3;

namespace
{

/// What a simulation took.
struct Cost
{
    double seconds;   ///< wall-clock time
    double memoryMiB; ///< most memory of its process
};

/**
 * @brief Simulate in a process of its own.
 * @param scenario what to simulate
 * @return what it took
 */
Cost
Simulate(const PortendScenario& scenario)
{
    const auto start = std::chrono::steady_clock::now();
    const auto child = fork();
    if (child == 0)
    {
        const PortendSetup setup(scenario);
        const auto result = PortendSimulation(setup).Run();
        _exit(result.generated == scenario.samples ? 0 : 1);
    }
    int status = 0;
    rusage usage{};
    wait4(child, &status, 0, &usage);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    if (status != 0)
    {
        std::fprintf(stderr, "memory-benchmark: a simulation failed\n");
        std::exit(1);
    }
    return {elapsed.count(), usage.ru_maxrss / 1024.0};
}

} // namespace

int
main(int argc, char* argv[])
{
    PortendGuardStandardStreams("memory-benchmark");
    const uint64_t most = argc > 1 ? std::max(100, std::atoi(argv[1])) : 1000000;
    std::printf("%-14s", "requests");
    for (const auto samples : {most / 100, most / 10, most})
    {
        std::printf(" %18llu", static_cast<unsigned long long>(samples));
    }
    std::printf("\n");
    for (const char* const transport : {"udp", "tcp"})
    {
        for (const double loss : {0.0, 0.01})
        {
            PortendScenario scenario;
            scenario.arrival = "poisson:10";
            scenario.transport = transport;
            scenario.loss = loss;
            std::printf("%s, loss %-5g", transport, loss);
            for (const auto samples : {most / 100, most / 10, most})
            {
                scenario.samples = samples;
                const auto cost = Simulate(scenario);
                std::printf(" %7.1f MiB %4.0f s", cost.memoryMiB, cost.seconds);
                std::fflush(stdout);
            }
            std::printf("\n");
        }
    }
    return 0;
}
