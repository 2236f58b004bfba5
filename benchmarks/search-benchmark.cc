/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// How fast deployments are searched: configurations per second of the exhaustive engine, and
// the time of the label-setting one.
//
//   ./ns3 build benchmarks && ./ns3 run search-benchmark

#include "ns3/portend-profile-loader.h"
#include "ns3/portend-search.h"

#include <benchmark/benchmark.h>
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

using namespace portend;

namespace
{

/// ResNet-110 on a chain: an end device, then machines in turn.
struct Testbed
{
    explicit Testbed(uint32_t tiers)
    {
        const ns3::PortendProfileLoader loader("resnet110-cifar10");
        model = loader.LoadModel();
        const char* const devices[] = {"m4.large", "g4dn.xlarge", "g5.xlarge"};
        std::vector<ChainTier> machines;
        for (uint32_t j = 0; j < tiers; ++j)
        {
            const auto* name = j == 0 ? "a1.medium" : devices[(j - 1) % 3];
            machines.push_back({std::make_shared<DeviceProfile>(loader.LoadDevice(name))});
        }
        std::vector<Link> links;
        for (uint32_t j = 1; j < tiers; ++j)
        {
            links.push_back(j == 1 ? Link{10e6, 20} : Link{400e6, 40});
        }
        chain = MakeChain(machines, links);
    }

    ModelProfile model;
    Stream chain;
};

/// The authors' 307 065 configurations of ResNet-110 on three tiers.
void
ExhaustiveThreeTiers(benchmark::State& state)
{
    const Testbed testbed(3);
    uint64_t count = 0;
    for (auto _ : state)
    {
        const DeploymentSearch search(testbed.model,
                                      testbed.chain,
                                      EstimatorRules::Exact(),
                                      {GetAscendingPlacements(3, 3)});
        benchmark::DoNotOptimize(search.FindFrontierExhaustively());
    }
    count = DeploymentSearch(testbed.model,
                             testbed.chain,
                             EstimatorRules::Exact(),
                             {GetAscendingPlacements(3, 3)})
                .Count();
    state.counters["configurations"] = count;
    state.counters["configurations/s"] =
        benchmark::Counter(count, benchmark::Counter::kIsIterationInvariantRate);
}

/// The authors' 13 295 920 configurations on four tiers: up to three partitions anywhere, four
/// all the way up or down.
void
ExhaustiveFourTiers(benchmark::State& state)
{
    const Testbed testbed(4);
    SearchSpace space{GetAllPlacements(4, 3)};
    space.placements.push_back({0, 1, 2, 3});
    space.placements.push_back({3, 2, 1, 0});
    uint64_t count = 0;
    for (auto _ : state)
    {
        const DeploymentSearch search(testbed.model, testbed.chain, EstimatorRules::Exact(), space);
        benchmark::DoNotOptimize(search.FindFrontierExhaustively());
    }
    count = DeploymentSearch(testbed.model, testbed.chain, EstimatorRules::Exact(), space).Count();
    state.counters["configurations"] = count;
    state.counters["configurations/s"] =
        benchmark::Counter(count, benchmark::Counter::kIsIterationInvariantRate);
}

/// The frontier by label setting, on as many tiers as asked for.
void
LabelSetting(benchmark::State& state)
{
    const auto tiers = static_cast<uint32_t>(state.range(0));
    const Testbed testbed(tiers);
    std::size_t size = 0;
    for (auto _ : state)
    {
        const DeploymentSearch search(testbed.model,
                                      testbed.chain,
                                      EstimatorRules::Exact(),
                                      {GetAscendingPlacements(tiers, tiers)});
        size = search.FindFrontier().Get().size();
    }
    state.counters["frontier"] = size;
}

/// What the controllers `portend` and `oracle` do at each decision on three tiers: search at other
/// bandwidths, from 0.1 Mb/s to 1 Gb/s.
void
Decision(benchmark::State& state)
{
    const Testbed testbed(3);
    const Stream& stream = testbed.chain;
    std::mt19937 draw(1);
    std::uniform_real_distribution<double> exponent(5, 9);
    std::vector<double> bandwidthsBps(stream.network->GetLinks().size());
    for (auto _ : state)
    {
        for (auto& bps : bandwidthsBps)
        {
            bps = std::pow(10, exponent(draw));
        }
        const DeploymentSearch search(testbed.model,
                                      stream.WithBandwidths(bandwidthsBps),
                                      EstimatorRules::Exact(),
                                      {GetAscendingPlacements(3, 3)});
        benchmark::DoNotOptimize(search.FindFrontier());
    }
}

/// What every program does before it answers: load a model and three devices.
void
LoadProfiles(benchmark::State& state)
{
    for (auto _ : state)
    {
        benchmark::DoNotOptimize(Testbed(3));
    }
}

} // namespace

BENCHMARK(ExhaustiveThreeTiers)->Unit(benchmark::kMillisecond);
BENCHMARK(ExhaustiveFourTiers)->Unit(benchmark::kMillisecond);
BENCHMARK(LabelSetting)->Arg(3)->Arg(4)->Arg(10)->Unit(benchmark::kMillisecond);
BENCHMARK(Decision)->Unit(benchmark::kMillisecond);
BENCHMARK(LoadProfiles)->Unit(benchmark::kMillisecond);
BENCHMARK_MAIN();
