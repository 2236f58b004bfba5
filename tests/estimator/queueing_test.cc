/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Waiting under load, by hand and by queueing theory.

#include "tiny_model.h"

#include "ns3/portend-queueing.h"
#include "ns3/portend-search.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace portend;

namespace
{

/// @return a station by the moments of one service
Station
MakeStation(uint32_t servers, double meanMs, double squareMs2, double visits = 1)
{
    Station station;
    station.name = "station";
    station.servers = servers;
    station.visits = visits;
    station.workMs = visits * meanMs;
    station.squareMs2 = visits * squareMs2;
    return station;
}

/// Requires the stations' visits, work and squares, in the order of the first visit.
void
ExpectStations(const QueueingNetwork& network, const std::vector<Station>& expected)
{
    const auto& stations = network.GetStations();
    ASSERT_EQ(stations.size(), expected.size());
    for (std::size_t i = 0; i < stations.size(); ++i)
    {
        SCOPED_TRACE(expected[i].name);
        EXPECT_EQ(stations[i].name, expected[i].name);
        EXPECT_EQ(stations[i].servers, expected[i].servers);
        EXPECT_NEAR(stations[i].visits, expected[i].visits, 1e-12);
        EXPECT_NEAR(stations[i].workMs, expected[i].workMs, 1e-12);
        EXPECT_NEAR(stations[i].squareMs2, expected[i].squareMs2, 1e-10);
    }
}

/// @return a model of two blocks: none, 0.4 or all of the requests exit at the first
ModelProfile
GetTandemModel()
{
    ModelProfile model;
    model.name = "tandem";
    model.blocks = 2;
    model.tensorBytes = {100, 100};
    model.resultBytes = 250;
    model.thresholds = {0, 0.5, 1};
    model.validation.exitRates = {{0, 0.4, 1}, {1, 1, 1}};
    model.validation.accuracy = {0.5, 0.9};
    model.Validate();
    return model;
}

/**
 * @param firstMs repeats of the first block on tier 0
 * @param secondMs repeats of the second block on tier 1
 * @param ratePerS of a Poisson process
 * @return two tiers where nothing but computation takes time: the link is fast beyond measure
 */
Chain
GetTandem(const std::vector<double>& firstMs, const std::vector<double>& secondMs, double ratePerS)
{
    Chain chain;
    for (const auto& repeatsMs : {firstMs, secondMs})
    {
        auto device = std::make_shared<DeviceProfile>();
        device->name = "tandem";
        device->blocks = 2;
        device->computeMs = {repeatsMs, repeatsMs, repeatsMs};
        device->serializeMs = {0, 0};
        device->deserializeMs = {0, 0};
        device->Validate();
        chain.tiers.push_back({device});
    }
    chain.links = {{1e20, 0}};
    chain.arrivals = {ratePerS, 1};
    return chain;
}

/// @return the estimate of both blocks in a row, with computation times drawn from the repeats
Estimate
EstimateTandem(const Chain& chain, const std::string& threshold)
{
    auto rules = EstimatorRules::Queueing();
    rules.variance = EstimatorRules::Variance::OF_REPEATS;
    return EstimateDeployment(GetTandemModel(),
                              chain,
                              Deployment::Parse("0:1-1,1:2-2@" + threshold),
                              rules);
}

/// @return the tiny chain under a load
Chain
GetLoadedChain(double ratePerS, double variability = 1)
{
    auto chain = GetTinyChain();
    chain.arrivals = {ratePerS, variability};
    return chain;
}

} // namespace

// 50 requests per second with services of 10 ms are a load of 1/2. Pollaczek and Khinchine:
// W = rate E(S^2) / (2 (1 - load)), with E(S^2) = 2 * 10^2 of exponential services, 10^2 of
// constant ones, and (5^2 + 15^2) / 2 of 5 or 15 ms.
TEST(StationTest, OneServerWithPoissonArrivals)
{
    const Arrivals poisson{50, 1};
    EXPECT_DOUBLE_EQ(MakeStation(1, 10, 200).GetUtilization(50), 0.5);
    EXPECT_DOUBLE_EQ(MakeStation(1, 10, 200).GetServiceVariability(), 1);
    EXPECT_DOUBLE_EQ(MakeStation(1, 10, 100).GetServiceVariability(), 0);
    EXPECT_DOUBLE_EQ(MakeStation(1, 10, 200).GetWaitMs(poisson), 10);
    EXPECT_DOUBLE_EQ(MakeStation(1, 10, 100).GetWaitMs(poisson), 5);
    EXPECT_DOUBLE_EQ(MakeStation(1, 10, 125).GetWaitMs(poisson), 6.25);
    // Half of the requests, twice as many of them: the same.
    EXPECT_DOUBLE_EQ(MakeStation(1, 10, 200, 0.5).GetWaitMs({100, 1}), 10);
    // Three jobs for each request, of 10 / 3 ms in the mean.
    EXPECT_DOUBLE_EQ(MakeStation(1, 10. / 3, 200. / 9, 3).GetWaitMs(poisson), 10. / 3);
}

// Erlang's C is 1/3 for two servers at a load of 1/2; for three at 2/3, the probability B that
// all are busy when nobody may wait is (2^3 / 6) / (1 + 2 + 2 + 8/6) = 4/19, and C = B / (1 -
// 2/3 (1 - B)) = 4/9. W = C * 10 ms / (c (1 - load)).
TEST(StationTest, ManyServersWithPoissonArrivals)
{
    EXPECT_NEAR(MakeStation(2, 10, 200).GetWaitMs({100, 1}), 10. / 3, 1e-12);
    EXPECT_NEAR(MakeStation(3, 10, 200).GetWaitMs({200, 1}), 40. / 9, 1e-12);
    EXPECT_DOUBLE_EQ(MakeStation(3, 10, 200).GetUtilization(200), 2. / 3);
}

// Constant services of periodic arrivals never wait. Exponential services form a D/M/1 queue: the
// share s that waits solves s = exp((s - 1) / load), and W = s * 10 ms / (1 - s). That is
// s = 0.203188 and 2.550 ms at a load of 1/2, and s = 0.628638 and 16.93 ms at 0.8: the
// approximation comes within 1 %.
TEST(StationTest, OneServerWithPeriodicArrivals)
{
    EXPECT_EQ(MakeStation(1, 10, 100).GetWaitMs({50, 0}), 0);
    EXPECT_EQ(MakeStation(1, 10, 100).GetWaitMs({99.9, 0}), 0);
    for (const auto& [load, share] : {std::pair<double, double>{0.5, 0.203188}, {0.8, 0.628638}})
    {
        EXPECT_NEAR(share, std::exp((share - 1) / load), 1e-5);
        const double waitMs = share * 10 / (1 - share);
        EXPECT_NEAR(MakeStation(1, 10, 200).GetWaitMs({load * 100, 0}), waitMs, 0.01 * waitMs);
    }
    // Exits make what is left of periodic arrivals irregular: of each second request the squared
    // coefficient of variation is 1/2, and the correction exp(-2 * 1/2 * 1/4 / (3 * 1/2 * 1/2)).
    EXPECT_DOUBLE_EQ(MakeStation(1, 10, 100, 0.5).GetWaitMs({100, 0}), 2.5 * std::exp(-1. / 3));
}

TEST(StationTest, SaturatesWhereWorkTakesAllTime)
{
    EXPECT_DOUBLE_EQ(MakeStation(1, 10, 100).GetSaturationPerS(), 100);
    EXPECT_DOUBLE_EQ(MakeStation(3, 10, 100).GetSaturationPerS(), 300);
    EXPECT_DOUBLE_EQ(MakeStation(1, 10, 100, 0.5).GetSaturationPerS(), 200);
    EXPECT_EQ(Station().GetSaturationPerS(), HUGE_VAL);
    for (const double variability : {0, 1, 3})
    {
        EXPECT_TRUE(std::isfinite(MakeStation(1, 10, 100).GetWaitMs({99.99, variability})));
        EXPECT_EQ(MakeStation(1, 10, 100).GetWaitMs({100, variability}), HUGE_VAL);
        EXPECT_EQ(MakeStation(1, 10, 100).GetWaitMs({1e4, variability}), HUGE_VAL);
        EXPECT_EQ(MakeStation(1, 10, 100).GetWaitMs({0, variability}), 0); // closed arrivals
    }
}

namespace
{

/// Tiers that take 4, 2 and 1 times the tiny device's times; 0.4, 0.3, 0.3 exit at the partitions.
class NetworkTest : public testing::Test
{
  protected:
    /// @return the stations of a deployment
    static QueueingNetwork GetNetwork(const Chain& chain, const std::string& deployment)
    {
        return QueueingNetwork(GetTinyModel(),
                               chain,
                               Deployment::Parse(deployment),
                               EstimatorRules::Queueing());
    }

    /// The services of tier 0, ms: deserialization, computation, and the result or the tensor.
    static constexpr double RESULT_0 = 3.2 + 12 + 0.08;
    static constexpr double TENSOR_0 = 3.2 + 12 + 1.2;
    static constexpr double RESULT_1 = 1.2 + 9 + 0.04;
    static constexpr double TENSOR_1 = 1.2 + 9 + 0.2;
};

} // namespace

// Tensors have 8517 and 4361 B with all headers, results 355 B (see latency_test.cc). Results of
// tier 2 pass both links.
TEST_F(NetworkTest, UpTheChainByHand)
{
    const auto chain = GetLoadedChain(10);
    const auto network = GetNetwork(chain, "0:1-1,1:2-2,2:3-3@0.5");
    ExpectStations(network,
                   {{"source", 1, 1, 2, 4},
                    {"tier 0",
                     1,
                     1,
                     0.4 * RESULT_0 + 0.6 * TENSOR_0,
                     0.4 * RESULT_0 * RESULT_0 + 0.6 * TENSOR_0 * TENSOR_0},
                    {"link 0 up", 1, 0.6, 0.6 * 8.517, 0.6 * 8.517 * 8.517},
                    {"destination", 1, 1, 0.12, 0.12 * 0.12},
                    {"tier 1",
                     1,
                     0.6,
                     0.3 * RESULT_1 + 0.3 * TENSOR_1,
                     0.3 * RESULT_1 * RESULT_1 + 0.3 * TENSOR_1 * TENSOR_1},
                    {"link 1 up", 1, 0.3, 0.3 * 0.4361, 0.3 * 0.4361 * 0.4361},
                    {"link 0 down", 1, 0.6, 0.6 * 0.355, 0.6 * 0.355 * 0.355},
                    {"tier 2", 1, 0.3, 0.3 * 6.42, 0.3 * 6.42 * 6.42},
                    {"link 1 down", 1, 0.3, 0.3 * 0.0355, 0.3 * 0.0355 * 0.0355}});
    ASSERT_NE(network.FindBottleneck(), nullptr);
    EXPECT_EQ(network.FindBottleneck()->name, "tier 0");
    EXPECT_DOUBLE_EQ(network.FindBottleneck()->GetSaturationPerS(), 1000 / 15.952);
}

// Stations are joined by what they are, not by what they are called. Link 0 is directed links 0 and
// 1 of the network.
TEST_F(NetworkTest, StationsAreFoundByKey)
{
    const auto network = GetNetwork(GetLoadedChain(10), "0:1-1,1:2-3@0.5");
    const std::vector<std::pair<StationKey, std::string>> expected{
        {{StationKey::SOURCE, 0}, "source"},
        {{StationKey::NODE, 0}, "tier 0"},
        {{StationKey::LINK, 0}, "link 0 up"},
        {{StationKey::NODE, 1}, "tier 1"},
        {{StationKey::LINK, 1}, "link 0 down"},
        {{StationKey::DESTINATION, 0}, "destination"}};
    EXPECT_EQ(network.GetStations().size(), expected.size());
    for (const auto& [key, name] : expected)
    {
        ASSERT_NE(network.Find(key), nullptr) << name;
        EXPECT_EQ(network.Find(key)->name, name);
    }
    EXPECT_EQ(network.Find({StationKey::NODE, 2}), nullptr);
    EXPECT_EQ(network.Find({StationKey::LINK, 2}), nullptr);
}

// Source and destination in the middle: the input goes up link 1 (12 667 B), the first tensor
// down both links, the second up link 0; link 1 down has the results of tier 2 besides, and link
// 0 up those of tier 0.
TEST_F(NetworkTest, DownTheChainByHand)
{
    auto chain = GetLoadedChain(10);
    chain.source = 1;
    chain.destination = 1;
    chain.tiers[0].node.servers = 3;
    const auto network = GetNetwork(chain, "2:1-1,0:2-2,1:3-3@0.5");
    const auto square = [](double share, double ms) { return share * ms * ms; };
    ExpectStations(
        network,
        {{"source", 1, 1, 1, 1},
         {"link 1 up", 1, 1, 1.2667, square(1, 1.2667)},
         {"tier 2", 1, 1, 0.4 * 3.82 + 0.6 * 4.1, square(0.4, 3.82) + square(0.6, 4.1)},
         {"link 1 down",
          1,
          1,
          0.6 * 0.8517 + 0.4 * 0.0355,
          square(0.6, 0.8517) + square(0.4, 0.0355)},
         {"link 0 down", 1, 0.6, 0.6 * 8.517, square(0.6, 8.517)},
         {"destination", 1, 1, 0.06, square(1, 0.06)},
         {"tier 0", 3, 0.6, 0.3 * 20.48 + 0.3 * 20.8, square(0.3, 20.48) + square(0.3, 20.8)},
         {"link 0 up", 1, 0.6, 0.3 * 4.361 + 0.3 * 0.355, square(0.3, 4.361) + square(0.3, 0.355)},
         {"tier 1", 1, 0.3, 0.3 * 12.84, square(0.3, 12.84)}});
    // Three servers take 12.384 ms of work for each request: the link is the first to saturate.
    EXPECT_EQ(network.FindBottleneck()->name, "link 0 down");
    EXPECT_DOUBLE_EQ(network.FindBottleneck()->GetSaturationPerS(), 1000 / 5.1102);
}

// On a shared core the source, the partition and the destination are three jobs of the tier.
TEST_F(NetworkTest, SharedCoreByHand)
{
    auto chain = GetLoadedChain(10);
    chain.sharedCore = true;
    chain.tiers[0].node.servers = 2;
    // Deserialization 3.2, computation 60, result 0.08 ms.
    ExpectStations(GetNetwork(chain, "0:1-3@0"),
                   {{"tier 0", 2, 3, 2 + 63.28 + 0.12, 4 + 63.28 * 63.28 + 0.12 * 0.12}});
}

// The repeats of tier 0 are 8 and 16 ms, 16 and 32 ms with a factor of 2: a variance of 64 ms^2,
// or 128 if they are a sample. The overhead adds nothing.
TEST_F(NetworkTest, ComputationTimesVary)
{
    auto chain = GetLoadedChain(10);
    chain.tiers[0].node.computeFactor = 2;
    chain.tiers[0].node.overheadMs = 5;
    using Variance = EstimatorRules::Variance;
    for (const auto& [variance, expectedMs2] : {std::pair<Variance, double>{Variance::NONE, 0},
                                                {Variance::OF_REPEATS, 64},
                                                {Variance::OF_SAMPLE, 128}})
    {
        auto rules = EstimatorRules::Queueing();
        rules.variance = variance;
        const QueueingNetwork network(GetTinyModel(), chain, Deployment::Parse("0:1-1@0"), rules);
        const double serviceMs = 3.2 + 24 + 5 + 0.08;
        const auto& station = network.GetStations().at(1);
        EXPECT_EQ(station.name, "tier 0");
        EXPECT_NEAR(station.workMs, serviceMs, 1e-12);
        EXPECT_NEAR(station.squareMs2, serviceMs * serviceMs + expectedMs2, 1e-10);
    }
}

// Constant services in a row: nobody waits longer than for the slowest alone, in either order
// (Friedman). At 40 per second that of 20 ms has a load of 0.8: 0.8 * 20 / (2 * 0.2) = 40 ms.
TEST(WaitingTest, ConstantServicesWaitForTheSlowestAlone)
{
    for (const auto& chain : {GetTandem({10}, {20}, 40), GetTandem({20}, {10}, 40)})
    {
        const auto estimate = EstimateTandem(chain, "0");
        EXPECT_NEAR(estimate.components.waitMs, 40, 1e-9);
        EXPECT_NEAR(estimate.components.networkExcessMs, 0, 1e-9);
        EXPECT_NEAR(estimate.GetLatencyMs(), 70, 1e-9);
    }
    // So for the whole of the tiny chain on one tier: source, tier and destination are constant.
    const double serviceMs = 63.28;
    const double load = 10e-3 * serviceMs;
    const auto estimate = EstimateDeployment(GetTinyModel(),
                                             GetLoadedChain(10),
                                             Deployment::Parse("0:1-3@0"),
                                             EstimatorRules::Queueing());
    EXPECT_NEAR(estimate.components.waitMs, load * serviceMs / (2 * (1 - load)), 1e-9);
}

// Repeats of 0 and twice the mean have the variance of exponential services: M/M/1 queues
// (Jackson). 50 per second and 10 ms: load 0.5, 10 ms. 0.6 of them go on to 20 ms: load 0.6,
// 0.6 * 20 / 0.4 = 30 ms.
TEST(WaitingTest, ExponentialServicesWaitAtEachStation)
{
    const auto estimate = EstimateTandem(GetTandem({0, 20}, {0, 40}, 50), "0.5");
    EXPECT_NEAR(estimate.components.waitMs, 10 + 0.6 * 30, 1e-9);
    EXPECT_NEAR(estimate.exitClass.at(0).waitMs, 10, 1e-9);
    EXPECT_NEAR(estimate.exitClass.at(1).waitMs, 40, 1e-9);
    EXPECT_NEAR(estimate.GetLatencyMs(), 10 + 10 + 0.6 * (30 + 20), 1e-9);
}

// Between constant and exponential services, with a link that takes 10 ms for a tensor (100 and 50
// B) and 20 ms for a result (250 and 50 B). At 50 per second, of which 0.6 go on: the tensors'
// load is 0.3, their wait alone 0.3 * 10 / (2 * 0.7) = 15/7 ms; at the second tier twice that, at
// the results' link 0.6 * 20 / (2 * 0.4) = 15 ms.
TEST(WaitingTest, ConstantServicesSpareLaterOnes)
{
    auto chain = GetTandem({0, 20}, {0, 20}, 50);
    chain.links = {{120e3, 0}};
    // The first tier spares nothing, the tensors' link what it takes itself.
    const auto exponential = EstimateTandem(chain, "0.5");
    EXPECT_NEAR(exponential.components.waitMs, 10 + 0.6 * 15 / 7, 1e-9);
    EXPECT_NEAR(exponential.components.networkExcessMs, 0.6 * (15. / 7 + 15 - 15. / 7), 1e-9);
    EXPECT_NEAR(exponential.exitClass.at(0).GetTotal(), 10 + 10, 1e-9);
    EXPECT_NEAR(exponential.exitClass.at(1).waitMs, 10 + 15. / 7, 1e-9);
    EXPECT_NEAR(exponential.exitClass.at(1).networkExcessMs, 15, 1e-9);
    // A constant first tier makes wait 5 ms, and of 0.6 of its requests spares 3: all of the
    // tensors' link, and so much of the second tier and of the results' link.
    const auto links = chain.links;
    chain = GetTandem({10}, {0, 20}, 50);
    chain.links = links;
    const auto constant = EstimateTandem(chain, "0.5");
    EXPECT_NEAR(constant.components.waitMs, 5 + 0.6 * (30. / 7 - 3), 1e-9);
    EXPECT_NEAR(constant.components.networkExcessMs, 0.6 * (15 - 3), 1e-9);
}

// The same with the destination on the second tier. The link serves 0.4 results and 0.6 tensors
// for each request: 14 ms, a load of 0.7, squares of 0.4 * 20^2 + 0.6 * 10^2 = 220, and a wait
// alone of 0.05 * 220 / (2 * 0.3) = 55/3 ms. Of the 5 ms of the first tier, results are spared
// 0.4 * 5 ms, tensors 0.6 * 5 ms. What varies so little spares all the wait at the second tier.
TEST(WaitingTest, ExitsSpareTheirShare)
{
    auto chain = GetTandem({10}, {0, 20}, 50);
    chain.links = {{120e3, 0}};
    chain.destination = 1;
    const auto estimate = EstimateTandem(chain, "0.5");
    EXPECT_NEAR(estimate.components.waitMs, 5, 1e-9);
    EXPECT_NEAR(estimate.components.networkExcessMs,
                0.4 * (55. / 3 - 2) + 0.6 * (55. / 3 - 3),
                1e-9);
    EXPECT_NEAR(estimate.exitClass.at(0).networkExcessMs, 55. / 3 - 2, 1e-9);
    EXPECT_NEAR(estimate.exitClass.at(1).networkExcessMs, 55. / 3 - 3, 1e-9);
}

// At 90 per second the second tier gets 54, and can serve 50: all who go there wait for ever, and
// so does the mean; at 200 all. Where nobody goes on, nobody waits.
TEST(WaitingTest, IsInfiniteWhereQueuesAreNotStable)
{
    const auto second = EstimateTandem(GetTandem({0, 20}, {0, 40}, 90), "0.5");
    EXPECT_EQ(second.components.waitMs, HUGE_VAL);
    EXPECT_EQ(second.GetLatencyMs(), HUGE_VAL);
    EXPECT_NEAR(second.exitClass.at(0).waitMs, 0.9 * 10 / 0.1, 1e-9);
    EXPECT_EQ(second.exitClass.at(1).waitMs, HUGE_VAL);
    EXPECT_EQ(second.components.computationMs, 10 + 0.6 * 20);

    const auto first = EstimateTandem(GetTandem({0, 20}, {0, 40}, 200), "0.5");
    EXPECT_EQ(first.exitClass.at(0).waitMs, HUGE_VAL);
    EXPECT_EQ(first.exitClass.at(1).waitMs, HUGE_VAL);

    const auto none = EstimateTandem(GetTandem({0, 20}, {0, 40}, 90), "1");
    EXPECT_NEAR(none.components.waitMs, 90, 1e-9);
}

// Nobody is in the way of a single request: the rules are the exact ones, number for number.
TEST(WaitingTest, ClosedArrivalsDoNotWait)
{
    for (const std::string text : {"0:1-3@0", "0:1-1,1:2-2,2:3-3@0.5", "2:1-1,0:2-2,1:3-3@0.5"})
    {
        const auto deployment = Deployment::Parse(text);
        const auto estimate = [&](const EstimatorRules& rules) {
            return EstimateDeployment(GetTinyModel(), GetTinyChain(), deployment, rules);
        };
        const auto exact = estimate(EstimatorRules::Exact());
        const auto queueing = estimate(EstimatorRules::Queueing());
        EXPECT_EQ(queueing.components.GetValues(), exact.components.GetValues());
        EXPECT_EQ(queueing.GetLatencyMs(), exact.GetLatencyMs());
        ASSERT_EQ(queueing.exitClass.size(), exact.exitClass.size());
        for (std::size_t k = 0; k < exact.exitClass.size(); ++k)
        {
            EXPECT_EQ(queueing.exitClass[k].GetValues(), exact.exitClass[k].GetValues());
        }
        EXPECT_EQ(queueing.exitRates, exact.exitRates);
        EXPECT_EQ(queueing.accuracy, exact.accuracy);
    }
}

// Under any load, waits are all that is added to the exact rules; those of the requests that exit
// at the partitions make up the mean.
TEST(WaitingTest, ComponentsAddUp)
{
    for (const std::string text : {"0:1-3@0", "0:1-1,1:2-2,2:3-3@0.5", "2:1-1,0:2-2,1:3-3@0.5"})
    {
        double beforeMs = 0;
        for (const double ratePerS : {1, 5, 10, 15})
        {
            SCOPED_TRACE(text + " at " + std::to_string(ratePerS));
            const auto deployment = Deployment::Parse(text);
            const auto chain = GetLoadedChain(ratePerS);
            const auto exact =
                EstimateDeployment(GetTinyModel(), chain, deployment, EstimatorRules::Exact());
            const auto estimate =
                EstimateDeployment(GetTinyModel(), chain, deployment, EstimatorRules::Queueing());
            const auto& components = estimate.components;
            EXPECT_NEAR(components.GetTotal() - exact.components.GetTotal(),
                        components.waitMs + components.networkExcessMs,
                        1e-9);
            Components sum;
            for (std::size_t k = 0; k < estimate.exitClass.size(); ++k)
            {
                sum.Add(estimate.exitClass[k], estimate.exitRates[k]);
            }
            for (std::size_t c = 0; c < Components::NAMES.size(); ++c)
            {
                EXPECT_NEAR(sum.GetValues()[c], components.GetValues()[c], 1e-9)
                    << Components::NAMES[c];
            }
            EXPECT_GT(components.waitMs, beforeMs) << "more load, more waiting";
            beforeMs = components.waitMs;
        }
    }
}

namespace
{

/// Latency, accuracy and text of a deployment.
struct Point
{
    double latencyMs{0};
    double accuracy{0};
    std::string text;
};

/// Appends all ways to cut `blocks` blocks, from `first` on, for the tiers from the k-th on.
void
Cut(const Placement& placement,
    std::size_t k,
    uint32_t first,
    std::string text,
    std::vector<std::string>& all)
{
    for (uint32_t last = first; last <= 3; ++last)
    {
        const auto next = text + (k > 0 ? "," : "") + std::to_string(placement[k]) + ":" +
                          std::to_string(first) + "-" + std::to_string(last);
        if (k + 1 == placement.size())
        {
            all.push_back(next);
        }
        else
        {
            Cut(placement, k + 1, last + 1, next, all);
        }
    }
}

/// @return every deployment of the tiny model on the tiny chain, estimated one by one
std::vector<Point>
EstimateAll(const Chain& chain)
{
    std::vector<Point> points;
    for (const auto& placement : GetAllPlacements(3, 3))
    {
        std::vector<std::string> texts;
        Cut(placement, 0, 1, "", texts);
        for (const auto& text : texts)
        {
            for (const std::string threshold : {"@0", "@0.5", "@1"})
            {
                const auto deployment = Deployment::Parse(text + threshold);
                const auto estimate = EstimateDeployment(GetTinyModel(),
                                                         chain,
                                                         deployment,
                                                         EstimatorRules::Queueing());
                points.push_back(
                    {estimate.GetLatencyMs(), estimate.accuracy, deployment.ToString()});
                if (placement.size() == 1)
                {
                    break; // no exit, no threshold
                }
            }
        }
    }
    return points;
}

} // namespace

// The search under a load is the brute force over single estimates. Loads overwhelm none of the
// deployments, some, or most.
TEST(QueueingSearchTest, EqualsBruteForce)
{
    const auto model = GetTinyModel();
    SearchSpace space;
    space.placements = GetAllPlacements(3, 3);
    bool hasStable = false;
    bool hasUnstable = false;
    for (const double ratePerS : {0., 5., 20., 60., 90.})
    {
        for (const double variability : {0., 1., 4.})
        {
            for (const uint32_t source : {0, 2})
            {
                SCOPED_TRACE(testing::Message() << ratePerS << " " << variability << " " << source);
                auto chain = GetLoadedChain(ratePerS, variability);
                chain.source = source;
                const auto points = EstimateAll(chain);
                const DeploymentSearch search(model, chain, EstimatorRules::Queueing(), space);
                ASSERT_EQ(search.Count(), points.size());

                // Every deployment has its own estimate.
                std::map<std::string, double> visited;
                search.ForEach([&](double latencyMs, double, const auto& getDeployment) {
                    visited[getDeployment().ToString()] = latencyMs;
                });
                ASSERT_EQ(visited.size(), points.size());
                std::vector<double> finite;
                for (const auto& point : points)
                {
                    EXPECT_EQ(visited.at(point.text), point.latencyMs) << point.text;
                    hasUnstable |= std::isinf(point.latencyMs);
                    if (std::isfinite(point.latencyMs))
                    {
                        finite.push_back(point.latencyMs);
                    }
                }
                hasStable |= !finite.empty();

                // The frontier: what no other beats in both.
                std::vector<std::pair<double, double>> expected;
                for (const auto& point : points)
                {
                    const auto beats = [&point](const Point& other) {
                        return other.latencyMs <= point.latencyMs &&
                               other.accuracy >= point.accuracy &&
                               (other.latencyMs < point.latencyMs ||
                                other.accuracy > point.accuracy);
                    };
                    if (std::isfinite(point.latencyMs) &&
                        std::none_of(points.begin(), points.end(), beats))
                    {
                        expected.emplace_back(point.latencyMs, point.accuracy);
                    }
                }
                std::sort(expected.begin(), expected.end());
                expected.erase(std::unique(expected.begin(), expected.end()), expected.end());
                for (const auto& frontier :
                     {search.FindFrontier(), search.FindFrontierExhaustively()})
                {
                    std::vector<std::pair<double, double>> found;
                    for (const auto& candidate : frontier.Get())
                    {
                        found.emplace_back(candidate.latencyMs, candidate.accuracy);
                    }
                    EXPECT_EQ(found, expected);
                }

                // The best first, and none that is overwhelmed.
                std::sort(finite.begin(), finite.end());
                std::vector<double> best;
                for (const auto& candidate : search.FindBest(Objective(), points.size()))
                {
                    best.push_back(candidate.latencyMs);
                }
                EXPECT_EQ(best, finite);
                finite.resize(std::min<std::size_t>(finite.size(), 3));
                best.clear();
                for (const auto& candidate : search.FindBest(Objective(), 3))
                {
                    best.push_back(candidate.latencyMs);
                }
                EXPECT_EQ(best, finite);
            }
        }
    }
    EXPECT_TRUE(hasStable);
    EXPECT_TRUE(hasUnstable);
}

// A rate that only a part can bear, or none: then there is nothing to find.
TEST(QueueingSearchTest, SkipsWhatTheLoadOverwhelms)
{
    SearchSpace space;
    space.placements = {{0}};
    // Block 1 alone on tier 0 takes 15.28 ms, blocks 1-2 take 35.28 ms, all three 63.28 ms.
    for (const auto& [ratePerS, count] :
         {std::pair<double, std::size_t>{15, 3}, {20, 2}, {40, 1}, {65, 1}, {66, 0}})
    {
        const auto model = GetTinyModel();
        const auto chain = GetLoadedChain(ratePerS);
        const DeploymentSearch search(model, chain, EstimatorRules::Queueing(), space);
        EXPECT_EQ(search.FindBest(Objective(), 10).size(), count) << ratePerS;
        EXPECT_EQ(search.FindFrontier().Get().size(), count) << ratePerS;
    }
}
