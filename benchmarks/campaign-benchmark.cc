/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * What a sweep costs beside its simulations, what a second process gains, and what many points
 * need of memory. Each figure is the median of several rounds, in which all commands take turns.
 *
 * Arguments: the number of rounds [5].
 */

#include "ns3/portend-output.h"
#include "ns3/portend-setup.h"
#include "ns3/portend-simulation.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace ns3;

namespace
{

/// Points of the sweep: bandwidths of link 0, Mb/s.
constexpr int POINTS = 40;

/// Replications at each point, and requests of each.
constexpr int REPLICATIONS = 10;
constexpr int SAMPLES = 5000;

/// What a command took.
struct Cost
{
    double seconds;   ///< wall-clock time
    double memoryMiB; ///< most memory of one of its processes
};

/**
 * @brief Run portend-sweep from the beginning.
 * @param arguments its arguments
 * @return what it took
 */
Cost
Sweep(std::vector<std::string> arguments)
{
    const auto file =
        std::filesystem::temp_directory_path() / ("portend-" + std::to_string(getpid()));
    arguments.insert(arguments.begin(), PORTEND_SWEEP);
    arguments.insert(arguments.end(), {"--quiet", "--restart", "--result=" + file.string()});
    std::vector<char*> words;
    for (auto& argument : arguments)
    {
        words.push_back(argument.data());
    }
    words.push_back(nullptr);
    const auto start = std::chrono::steady_clock::now();
    const auto child = fork();
    if (child == 0)
    {
        execv(words[0], words.data());
        _exit(127);
    }
    int status = 0;
    rusage usage{};
    wait4(child, &status, 0, &usage);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    std::filesystem::remove(file);
    if (status != 0)
    {
        std::fprintf(stderr, "campaign-benchmark: portend-sweep failed\n");
        std::exit(1);
    }
    return {elapsed.count(), usage.ru_maxrss / 1024.0};
}

/**
 * @brief Simulate what the sweep simulates, and nothing else.
 * @return seconds
 */
double
Simulate()
{
    std::vector<PortendSetup> setups;
    for (int i = 0; i < POINTS; ++i)
    {
        PortendScenario scenario;
        scenario.links[0].bandwidth = std::to_string(1 + i) + "Mbps";
        scenario.samples = SAMPLES;
        setups.emplace_back(scenario);
    }
    const auto start = std::chrono::steady_clock::now();
    for (auto& setup : setups)
    {
        for (int r = 0; r < REPLICATIONS; ++r)
        {
            PortendSimulation(setup).Run();
            ++setup.run;
        }
    }
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    return elapsed.count();
}

/**
 * @brief Get the median.
 * @param values an odd number of values
 * @return the median
 */
double
GetMedian(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

} // namespace

int
main(int argc, char* argv[])
{
    PortendGuardStandardStreams("campaign-benchmark");
    const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 5;
    const std::vector<std::string> sweep{"--sweep=bandwidth0=1Mbps:" + std::to_string(POINTS) +
                                             "Mbps:1Mbps",
                                         "--samples=" + std::to_string(SAMPLES),
                                         "--replications=" + std::to_string(REPLICATIONS)};
    auto twoJobs = sweep;
    twoJobs.emplace_back("--jobs=2");
    std::vector<double> bare;
    std::vector<double> one;
    std::vector<double> two;
    std::vector<double> overhead;
    std::vector<double> gain;
    for (int i = 0; i < rounds; ++i)
    {
        bare.push_back(Simulate());
        one.push_back(Sweep(sweep).seconds);
        two.push_back(Sweep(twoJobs).seconds);
        overhead.push_back(100 * (one.back() / bare.back() - 1));
        gain.push_back(one.back() / two.back());
    }
    std::printf("%d points of %d x %d requests, median of %d rounds\n",
                POINTS,
                REPLICATIONS,
                SAMPLES,
                rounds);
    std::printf("simulations alone      %8.3f s\n", GetMedian(bare));
    std::printf("portend-sweep          %8.3f s, %.1f %% more\n",
                GetMedian(one),
                GetMedian(overhead));
    std::printf("portend-sweep --jobs=2 %8.3f s, %.2f times as fast\n",
                GetMedian(two),
                GetMedian(gain));
    for (const int points : {10, 100, 1000, 10000})
    {
        const auto cost = Sweep({"--sweep=seed=1:" + std::to_string(points) + ":1",
                                 "--deployment=0:1-55@0",
                                 "--samples=10",
                                 "--replications=2"});
        std::printf("%6d points           %8.3f s, %.1f MiB\n",
                    points,
                    cost.seconds,
                    cost.memoryMiB);
    }
    return 0;
}
