/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// On an idle network the simulation and the exact rules must say the same of every request:
// the network excess is 0 ns, and the latency is that of the request's exit class.

#include "ns3/portend-exit-model.h"
#include "ns3/portend-simulation.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <string>
#include <vector>

using namespace ns3;

namespace
{

/// A combination of what the truth must hold for.
struct IdleCase
{
    std::string profile;        ///< name of the profile
    std::vector<uint32_t> ends; ///< P_1 .. P_L of three partitions
};

/// Prints the case in the name of the test.
std::ostream&
operator<<(std::ostream& os, const IdleCase& idleCase)
{
    return os << idleCase.profile;
}

/// @return all sequences of one to three tiers of three that come back to none; neighbors may be
/// the same tier
std::vector<std::vector<uint32_t>>
GetPlacements()
{
    std::vector<std::vector<uint32_t>> placements;
    for (uint32_t a = 0; a < 3; ++a)
    {
        placements.insert(placements.end(), {{a}, {a, a}, {a, a, a}});
        for (uint32_t b = 0; b < 3; ++b)
        {
            if (b != a)
            {
                placements.insert(placements.end(),
                                  {{a, b}, {a, b, 3 - a - b}, {a, a, b}, {a, b, b}});
            }
        }
    }
    return placements;
}

/// @return the text form of a deployment
std::string
ToText(const std::vector<uint32_t>& placement, const std::vector<uint32_t>& ends)
{
    portend::Deployment deployment;
    uint32_t first = 1;
    for (std::size_t k = 0; k < placement.size(); ++k)
    {
        // The last partition ends with the last of the given blocks.
        const auto last = k + 1 == placement.size() ? ends.back() : ends[k];
        deployment.partitions.push_back({placement[k], first, last});
        first = last + 1;
    }
    deployment.threshold = 0.4;
    return deployment.ToString();
}

/// Sends the first request through the first exit, the second through the second, and so on.
class OneOfEach : public PortendExitModel
{
  public:
    bool Exits(const PortendSample& sample, const PortendBranch& branch) const override
    {
        return sample.number + 1 == branch.partition;
    }
};

/// Lets every sample exit at the first partition.
class AllAtTheFirst : public PortendExitModel
{
  public:
    bool Exits(const PortendSample& /* sample */, const PortendBranch& /* branch */) const override
    {
        return true;
    }
};

/// @return makes a model that sends one request through each exit
Ptr<PortendExitModel>
GetOneOfEach()
{
    return CreateObject<OneOfEach>();
}

} // namespace

class IdleNetworkTest : public testing::TestWithParam<IdleCase>
{
};

TEST_P(IdleNetworkTest, LeavesNoExcessAndMeetsTheEstimateOfEveryExit)
{
    for (const auto& placement : GetPlacements())
    {
        for (uint32_t destination = 0; destination < 3; ++destination)
        {
            for (const uint32_t mtu : {1500U, 9000U})
            {
                for (const char* const second : {"10Mbps", "400Mbps", "1.7Mbps"})
                {
                    PortendScenario scenario;
                    scenario.profile = GetParam().profile;
                    scenario.deployment = ToText(placement, GetParam().ends);
                    scenario.source = (placement[0] + destination) % 3;
                    scenario.destination = destination;
                    scenario.mtuBytes = mtu;
                    scenario.links[1].bandwidth = second;
                    scenario.network = destination == 1 ? "trains" : ""; // which changes nothing
                    SCOPED_TRACE(scenario.ToJson());

                    PortendSetup setup(scenario);
                    setup.makeExits = GetOneOfEach;
                    setup.requests = placement.size();
                    const auto estimate = setup.GetEstimate();

                    PortendSimulation simulation(setup);
                    std::size_t completed = 0;
                    simulation.SetRequestSink([&](const PortendRequest& request) {
                        const auto& ledger = request.ledger;
                        EXPECT_EQ(ledger.GetTotal(), request.GetLatency());
                        for (const auto& stage : ledger.GetStages())
                        {
                            EXPECT_EQ(stage[PortendLedger::NETWORK_EXCESS], Time());
                            EXPECT_EQ(stage[PortendLedger::WAIT], Time());
                        }
                        // The estimate is exact; the simulation rounds each packet's time on a
                        // link to at most 1 ns, and each drawn delay to the nearest.
                        const auto exit = request.exitPartition;
                        uint64_t packets = 0;
                        for (std::size_t m = 0; m < exit; ++m)
                        {
                            packets += setup.stream.network->GetPackets().GetFragments(
                                estimate.messageBytes[m]);
                        }
                        packets += setup.stream.network->GetPackets().GetFragments(
                            estimate.messageBytes.back());
                        const double roundings = packets + 0.5 * (2 + 3 * exit);
                        EXPECT_NEAR(request.GetLatency().GetNanoSeconds(),
                                    estimate.exitClass[exit - 1].GetTotal() * 1e6,
                                    roundings);
                        ++completed;
                    });
                    simulation.Run();
                    EXPECT_EQ(completed, placement.size());
                    if (HasFailure())
                    {
                        return; // one case says enough
                    }
                }
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(AllProfiles,
                         IdleNetworkTest,
                         testing::Values(IdleCase{"resnet20-cifar10", {3, 6, 10}},
                                         IdleCase{"resnet110-cifar10", {18, 38, 50}},
                                         IdleCase{"efficientnetb0-imagenet", {4, 6, 8}},
                                         IdleCase{"efficientnetb7-imagenet", {4, 6, 8}},
                                         IdleCase{"vggish-audioset", {2, 3, 4}}),
                         [](const auto& info) {
                             auto name = info.param.profile;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

// Also where IP cuts packets on the way, up and down a chain whose links have different MTUs.
TEST(IdleNetworkMtu, PiecesOfPacketsLeaveNoExcess)
{
    for (const auto& mtus :
         std::vector<std::vector<uint32_t>>{{9000, 1500}, {1500, 9000}, {4321, 68}, {0, 576}})
    {
        for (const auto& placement : GetPlacements())
        {
            PortendScenario scenario;
            scenario.profile = "resnet20-cifar10";
            scenario.deployment = ToText(placement, {3, 6, 10});
            scenario.source = (placement[0] + 1) % 3;
            scenario.destination = 2;
            scenario.links[0].mtuBytes = mtus[0];
            scenario.links[1].mtuBytes = mtus[1];
            SCOPED_TRACE(scenario.ToJson());
            PortendSetup setup(scenario);
            setup.makeExits = GetOneOfEach;
            setup.requests = placement.size();
            const auto estimate = setup.GetEstimate();
            PortendSimulation simulation(setup);
            std::size_t completed = 0;
            simulation.SetRequestSink([&](const PortendRequest& request) {
                EXPECT_EQ(request.ledger.Get(PortendLedger::NETWORK_EXCESS), Time());
                // Pieces of 68 B carry 48 B: fewer than 1500 of them for each of these messages,
                // each rounded by 1 ns at most on each link.
                EXPECT_NEAR(request.GetLatency().GetNanoSeconds(),
                            estimate.exitClass[request.exitPartition - 1].GetTotal() * 1e6,
                            4 * 1500);
                ++completed;
            });
            const auto result = simulation.Run();
            EXPECT_EQ(completed, placement.size());
            if (placement.size() == 1)
            {
                // All that is on the links are the input and the result.
                const auto up = [&](uint32_t from, uint32_t to, uint64_t bytes, uint32_t link) {
                    const auto route = setup.stream.GetLinks(from, to);
                    const auto onLinks =
                        portend::EstimateLinkBytes(bytes,
                                                   route,
                                                   setup.stream.network->GetPackets());
                    const auto isOn = std::min(from, to) <= link && link < std::max(from, to);
                    return isOn ? onLinks[from < to ? link - from : from - 1 - link] : 0;
                };
                for (uint32_t link = 0; link < 2; ++link)
                {
                    EXPECT_EQ(result.links[link].sentBytes,
                              up(scenario.source, placement[0], estimate.messageBytes[0], link) +
                                  up(placement[0], 2, estimate.messageBytes.back(), link));
                }
            }
        }
    }
}

// The mean of many requests differs from the estimate by the sampling of exits alone. With
// exit shares e and class latencies c, its standard error is sqrt(sum e c^2 - (sum e c)^2) /
// sqrt(n).
TEST(IdleNetworkMean, ConvergesWithTheSquareRootOfRequests)
{
    for (const uint64_t samples : {1000U, 16000U})
    {
        PortendScenario scenario;
        scenario.samples = samples;
        const PortendSetup setup(scenario);
        const auto estimate = setup.GetEstimate();
        double squares = 0;
        for (std::size_t k = 0; k < estimate.exitRates.size(); ++k)
        {
            const double latencyMs = estimate.exitClass[k].GetTotal();
            squares += estimate.exitRates[k] * latencyMs * latencyMs;
        }
        const double mean = estimate.GetLatencyMs();
        const double standardError = std::sqrt((squares - mean * mean) / samples);

        const auto result = PortendSimulation(setup).Run();
        EXPECT_NEAR(result.latencyMs.mean, mean, 4 * standardError);
        // The interval is Student's, 1.96 standard errors wide at these sizes.
        EXPECT_NEAR(result.latencyMs.ci95, 1.96 * standardError, 0.1 * standardError);
        EXPECT_EQ(result.completed, samples);
    }
}

// More bandwidth on any link never makes an idle request slower.
TEST(IdleNetworkMetamorphic, BandwidthNeverRaisesLatency)
{
    for (const char* const deployment : {"0:1-9,1:10-10@0.4", "1:1-5,0:6-8,2:9-10@0.4", "2:1-10@0"})
    {
        double before = HUGE_VAL;
        for (const char* const bandwidth : {"100kbps", "999kbps", "1Mbps", "7Mbps", "2Gbps"})
        {
            PortendScenario scenario;
            scenario.profile = "resnet20-cifar10";
            scenario.deployment = deployment;
            scenario.destination = 1;
            scenario.links[0].bandwidth = bandwidth;
            scenario.samples = 50; // the same samples each time
            const double now = PortendSimulation(PortendSetup(scenario)).Run().latencyMs.mean;
            EXPECT_LE(now, before) << deployment << " at " << bandwidth;
            before = now;
        }
    }
}

// A tier that nothing passes through changes nothing.
TEST(IdleNetworkMetamorphic, UnusedTierChangesNothing)
{
    PortendScenario with;
    with.samples = 200;
    PortendScenario without = with;
    without.tiers.pop_back();
    without.links.pop_back();
    const auto a = PortendSimulation(PortendSetup(with)).Run();
    const auto b = PortendSimulation(PortendSetup(without)).Run();
    EXPECT_EQ(a.latencyMs.mean, b.latencyMs.mean);
    EXPECT_EQ(a.maxMs, b.maxMs);
    EXPECT_EQ(a.accuracy.mean, b.accuracy.mean);
    EXPECT_EQ(a.links[0].sentBytes, b.links[0].sentBytes);
}

// If every sample exits at the first partition, the others might as well not exist, but for
// the bytes that messages carry for the list of partitions: those are taken out here.
TEST(IdleNetworkMetamorphic, ExitRateOneEqualsTheFirstPartitionAlone)
{
    PortendScenario scenario;
    scenario.samples = 100;
    scenario.deployment = "1:1-25,2:26-40@0.1";
    PortendSetup both(scenario);
    scenario.deployment = "1:1-25@0.1";
    PortendSetup alone(scenario);
    both.model.envelope = {};
    alone.model.envelope = {};
    const auto makeExits = []() -> Ptr<PortendExitModel> { return CreateObject<AllAtTheFirst>(); };
    both.makeExits = makeExits;
    alone.makeExits = makeExits;
    const auto a = PortendSimulation(both).Run();
    const auto b = PortendSimulation(alone).Run();
    EXPECT_EQ(a.latencyMs.mean, b.latencyMs.mean);
    EXPECT_EQ(a.maxMs, b.maxMs);
    EXPECT_EQ(a.links[0].sentBytes, b.links[0].sentBytes);
    EXPECT_EQ(a.links[1].sentBytes, 0U);
    // What the first partition did not send: 100 tensors of cut 25.
    EXPECT_EQ(a.droppedBytes[1], 100 * both.model.tensorBytes[25]);
}
