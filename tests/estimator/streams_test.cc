/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Streams side by side, by hand and by queueing theory.

#include "tiny_model.h"

#include "ns3/portend-queueing.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <string>
#include <vector>

using namespace portend;

namespace
{

/// @return a model of two blocks, of which nobody exits at the first
ModelProfile
GetModel()
{
    ModelProfile model;
    model.name = "pair";
    model.blocks = 2;
    model.tensorBytes = {100, 100};
    model.resultBytes = 250;
    model.thresholds = {0};
    model.validation.exitRates = {{0}, {1}};
    model.validation.accuracy = {0.5, 0.9};
    model.Validate();
    return model;
}

/// @return a device where nothing but computation takes time, of a block or both
std::shared_ptr<const DeviceProfile>
GetDevice(const std::vector<double>& repeatsMs)
{
    auto device = std::make_shared<DeviceProfile>();
    device->name = "pair";
    device->blocks = 2;
    device->computeMs = {repeatsMs, repeatsMs, repeatsMs};
    device->serializeMs = {0, 0};
    device->deserializeMs = {0, 0};
    device->Validate();
    return device;
}

/// A link that takes no time.
const Link FAST{1e20, 0};

/// Streams on a network, all of one model.
class StreamsTest : public testing::Test
{
  protected:
    /**
     * @param count of nodes
     * @param servers of each
     */
    void MakeNodes(uint32_t count, uint32_t servers = 1)
    {
        m_network = std::make_shared<Network>();
        for (uint32_t i = 0; i < count; ++i)
        {
            m_network->AddNode({1, 1, 0, servers, "n" + std::to_string(i)});
        }
    }

    /// Joins two nodes both ways.
    void Join(uint32_t a, uint32_t b, const Link& link = FAST)
    {
        const auto name = std::to_string(a) + "-" + std::to_string(b);
        m_network->AddLink(a, b, link, name + " up");
        m_network->AddLink(b, a, link, name + " down");
    }

    /// @return a stream whose tiers take some repeats each
    Stream MakeStream(const std::string& name,
                      const Arrivals& arrivals,
                      const std::vector<StreamTier>& tiers) const
    {
        Stream stream;
        stream.name = name;
        stream.network = m_network;
        stream.arrivals = arrivals;
        stream.tiers = tiers;
        return stream;
    }

    /// @return a load of both blocks on tier 0, or of one on each of two
    StreamLoad MakeLoad(const Stream& stream, uint32_t count = 1) const
    {
        return {&stream,
                &m_model,
                Deployment::Parse(stream.tiers.size() == 1 ? "0:1-2@0" : "0:1-1,1:2-2@0"),
                count};
    }

    /// @return rules that draw one of the repeats for each request
    static EstimatorRules GetRules()
    {
        auto rules = EstimatorRules::Queueing();
        rules.variance = EstimatorRules::Variance::OF_REPEATS;
        return rules;
    }

    ModelProfile m_model{GetModel()};
    std::shared_ptr<Network> m_network;
};

} // namespace

// Two classes at one server, 20 per second of 10 ms and 10 per second of 30 ms. The wait of
// either: (0.02 * 10^2 + 0.01 * 30^2) / (2 (1 - 0.2 - 0.3)) = 11 ms.
TEST_F(StreamsTest, ClassesWaitAsPollaczekAndKhinchineSay)
{
    MakeNodes(1);
    const auto first = MakeStream("first", {20, 1}, {{0, GetDevice({10})}});
    const auto second = MakeStream("second", {10, 1}, {{0, GetDevice({30})}});
    const std::vector<StreamLoad> loads{MakeLoad(first), MakeLoad(second)};
    const auto estimates = EstimateStreams(loads, GetRules());
    ASSERT_EQ(estimates.size(), 2U);
    EXPECT_NEAR(estimates[0].components.waitMs, 11, 1e-9);
    EXPECT_NEAR(estimates[1].components.waitMs, 11, 1e-9);
    EXPECT_NEAR(estimates[0].GetLatencyMs(), 21, 1e-9);
    EXPECT_NEAR(estimates[1].GetLatencyMs(), 41, 1e-9);

    // What each asks of the station, and how far it may go.
    const QueueingNetwork network(loads, GetRules());
    const auto* station = network.Find({StationKey::NODE, 0});
    ASSERT_NE(station, nullptr);
    EXPECT_EQ(network.FindBottleneck(), station);
    EXPECT_NEAR(station->GetUtilization(), 0.5, 1e-12);
    ASSERT_EQ(station->shares.size(), 2U);
    EXPECT_NEAR(station->GetUtilization(station->shares[0]), 0.2, 1e-12);
    EXPECT_NEAR(station->GetUtilization(station->shares[1]), 0.3, 1e-12);
    EXPECT_EQ(network.FindSaturation(0).station, station);
    EXPECT_NEAR(network.FindSaturation(0).ratePerS, 0.7 / 10e-3, 1e-9);
    EXPECT_NEAR(network.FindSaturation(1).ratePerS, 0.8 / 30e-3, 1e-9);
}

// Exponential services, two servers, a load of 1/2: M/M/2, 10 / 3 ms (see queueing_test.cc).
TEST_F(StreamsTest, ManyServers)
{
    MakeNodes(1, 2);
    const auto a = MakeStream("a", {70, 1}, {{0, GetDevice({0, 20})}});
    const auto b = MakeStream("b", {30, 1}, {{0, GetDevice({0, 20})}});
    for (const auto& estimate : EstimateStreams({MakeLoad(a), MakeLoad(b)}, GetRules()))
    {
        EXPECT_NEAR(estimate.components.waitMs, 10. / 3, 1e-9);
    }
}

// Two periodic streams: v = 2, w = 1 / (1 + 4 * 0.25), ca = 1/2; with constant services of 10 ms
// at a load of 1/2 that is ca / 2 * 10 ms, corrected by exp(-2 * 0.5 * 0.25 / (3 * 0.5 * 0.5)).
TEST_F(StreamsTest, PeriodicStreamsSuperpose)
{
    MakeNodes(1);
    const auto a = MakeStream("a", {25, 0}, {{0, GetDevice({10})}});
    const auto b = MakeStream("b", {25, 0}, {{0, GetDevice({10})}});
    for (const auto& estimate : EstimateStreams({MakeLoad(a), MakeLoad(b)}, GetRules()))
    {
        EXPECT_NEAR(estimate.components.waitMs, 2.5 * std::exp(-1. / 3), 1e-9);
    }
    // A thousand of them are nearly a Poisson process: 5 ms.
    const auto many = MakeStream("many", {0.05, 0}, {{0, GetDevice({10})}});
    const auto estimates =
        EstimateStreams(std::vector<StreamLoad>(1000, MakeLoad(many)), GetRules());
    EXPECT_NEAR(estimates[0].components.waitMs, 5, 0.02);
}

// Poisson streams of rate r on the same path are one of all their rates.
TEST_F(StreamsTest, PoissonStreamsAreOneOfAllRates)
{
    MakeNodes(3);
    Join(0, 1, {1e6, 3});
    Join(1, 2, {2e6, 4});
    const std::vector<StreamTier> tiers{{0, GetDevice({10})}, {2, GetDevice({5, 15})}};
    const auto one = MakeStream("one", {50, 1}, tiers);
    const auto alone =
        EstimateDeployment(m_model, one, Deployment::Parse("0:1-1,1:2-2@0"), GetRules());
    EXPECT_GT(alone.components.waitMs, 5);
    const auto part = MakeStream("part", {10, 1}, tiers);
    for (const auto& estimate :
         EstimateStreams(std::vector<StreamLoad>(5, MakeLoad(part)), GetRules()))
    {
        EXPECT_NEAR(estimate.components.waitMs, alone.components.waitMs, 1e-9);
        EXPECT_NEAR(estimate.components.networkExcessMs, alone.components.networkExcessMs, 1e-9);
    }
}

// Constant services: 20 ms at A, then 20 ms at B. Both streams on both wait once, for 40 per
// second at A: 0.8 * 20 / (2 * 0.2) = 40 ms. With the second at B alone, A has a load of 0.4 and a
// wait of 20/3 ms; of B's jobs half have come from A and are spared half of it.
TEST_F(StreamsTest, CompanySparesWaits)
{
    MakeNodes(2);
    Join(0, 1);
    const auto device = GetDevice({20});
    const auto first = MakeStream("first", {20, 1}, {{0, device}, {1, device}});
    const auto second = MakeStream("second", {20, 1}, {{0, device}, {1, device}});
    for (const auto& estimate : EstimateStreams({MakeLoad(first), MakeLoad(second)}, GetRules()))
    {
        EXPECT_NEAR(estimate.components.waitMs, 40, 1e-9);
    }
    const auto short_ = MakeStream("short", {20, 1}, {{1, device}});
    const auto estimates = EstimateStreams({MakeLoad(first), MakeLoad(short_)}, GetRules());
    EXPECT_NEAR(estimates[0].components.waitMs, 20. / 3 + 40 - 10. / 3, 1e-9);
    EXPECT_NEAR(estimates[1].components.waitMs, 40, 1e-9);
}

// Ten cameras, each with a link of its own, at one station: given one by one, or as a group.
TEST_F(StreamsTest, GroupIsItsMembers)
{
    constexpr uint32_t CAMERAS = 10;
    MakeNodes(CAMERAS + 2);
    const uint32_t station = CAMERAS;
    const uint32_t cloud = CAMERAS + 1;
    for (uint32_t c = 0; c < CAMERAS; ++c)
    {
        Join(c, station, {1e6, 5});
    }
    Join(station, cloud, {1e6, 5});
    for (const double variability : {0., 1., 3.})
    {
        for (const uint32_t last : {station, cloud})
        {
            SCOPED_TRACE(testing::Message() << variability << " " << last);
            std::vector<Stream> cameras;
            for (uint32_t c = 0; c < CAMERAS; ++c)
            {
                cameras.push_back(MakeStream("camera",
                                             {5, variability},
                                             {{c, GetDevice({40})}, {last, GetDevice({10, 12})}}));
            }
            const auto other = MakeStream("other", {20, 1}, {{station, GetDevice({5})}});
            std::vector<StreamLoad> loads;
            for (const auto& camera : cameras)
            {
                loads.push_back(MakeLoad(camera));
            }
            loads.push_back(MakeLoad(other));
            const auto members = EstimateStreams(loads, GetRules());
            const std::vector<StreamLoad> group{MakeLoad(cameras[3], CAMERAS), MakeLoad(other)};
            const auto estimates = EstimateStreams(group, GetRules());
            ASSERT_EQ(estimates.size(), 2U);
            EXPECT_GT(estimates[0].components.waitMs, 0);
            const auto expectSame = [](const Components& a, const Components& b) {
                for (std::size_t i = 0; i < Components::NAMES.size(); ++i)
                {
                    EXPECT_NEAR(a.GetValues()[i], b.GetValues()[i], 1e-9) << Components::NAMES[i];
                }
            };
            for (uint32_t c = 0; c < CAMERAS; ++c)
            {
                expectSame(members[c].components, estimates[0].components);
            }
            expectSame(members.back().components, estimates[1].components);
            const QueueingNetwork network(group, GetRules());
            ASSERT_NE(network.Find({StationKey::NODE, 3}), nullptr);
            EXPECT_NEAR(network.Find({StationKey::NODE, 3})->GetUtilization(), 0.2, 1e-12);
            EXPECT_EQ(network.Find({StationKey::NODE, 4}), nullptr);
            EXPECT_NEAR(network.Find({StationKey::NODE, station})->GetUtilization(),
                        last == station ? 0.55 + 0.1 : 0.1,
                        1e-12);
        }
    }
}

// Neither numbers of nodes and links nor the order of streams change a bit.
TEST_F(StreamsTest, OrderChangesNothing)
{
    std::mt19937 random(1);
    const auto draw = [&random]() { return std::uniform_real_distribution<>(1, 3)(random); };
    std::vector<uint32_t> nodes{0, 1, 2, 3, 4};
    std::vector<uint32_t> links{0, 1, 2, 3};
    std::vector<uint32_t> order{0, 1, 2, 3};
    std::vector<double> rates;
    std::vector<std::shared_ptr<const DeviceProfile>> devices;
    for (int i = 0; i < 4; ++i)
    {
        rates.push_back(5 * draw());
        devices.push_back(GetDevice({draw(), draw()}));
    }
    std::vector<double> expected;
    for (int i = 0; i < 20; ++i)
    {
        MakeNodes(5); // streams 0 .. 3 from a node of their own to the last
        for (const auto link : links)
        {
            Join(nodes[link], nodes[4], {1e6 * (1 + link), 1});
        }
        std::vector<Stream> streams;
        for (const auto s : order)
        {
            streams.push_back(MakeStream(std::to_string(s),
                                         {rates[s], 0.7 * s},
                                         {{nodes[s], devices[s]}, {nodes[4], devices[s]}}));
        }
        std::vector<StreamLoad> loads;
        for (const auto& stream : streams)
        {
            loads.push_back(MakeLoad(stream));
        }
        const auto estimates = EstimateStreams(loads, GetRules());
        std::vector<double> found(4);
        for (std::size_t s = 0; s < order.size(); ++s)
        {
            found[order[s]] = estimates[s].GetLatencyMs();
        }
        expected = expected.empty() ? found : expected;
        EXPECT_EQ(found, expected);
        std::shuffle(nodes.begin(), nodes.end(), random);
        std::shuffle(links.begin(), links.end(), random);
        std::shuffle(order.begin(), order.end(), random);
    }
}

// Closed arrivals do not wait alone; beside others nobody can say.
TEST_F(StreamsTest, ClosedStreamsAreToldApart)
{
    MakeNodes(2);
    Join(0, 1);
    const auto open = MakeStream("open", {20, 1}, {{0, GetDevice({10})}});
    const auto apart = MakeStream("apart", {0, 1}, {{1, GetDevice({10})}});
    const std::vector<StreamLoad> disjoint{MakeLoad(open), MakeLoad(apart)};
    const QueueingNetwork network(disjoint, GetRules());
    EXPECT_EQ(network.GetReason(0), "");
    EXPECT_EQ(network.GetReason(1), "");
    const auto estimates = EstimateStreams(disjoint, GetRules());
    EXPECT_NEAR(estimates[0].components.waitMs, 0.2 * 10 / (2 * 0.8), 1e-9);
    EXPECT_EQ(estimates[1].GetLatencyMs(), 10);

    const auto closed = MakeStream("closed", {0, 1}, {{0, GetDevice({10})}});
    const std::vector<StreamLoad> shared{MakeLoad(open), MakeLoad(apart), MakeLoad(closed)};
    const auto unknown = EstimateStreams(shared, GetRules());
    EXPECT_TRUE(std::isnan(unknown[0].GetLatencyMs()));
    EXPECT_EQ(unknown[1].GetLatencyMs(), 10);
    EXPECT_TRUE(std::isnan(unknown[2].GetLatencyMs()));
    EXPECT_EQ(unknown[2].components.computationMs, 10);
    EXPECT_EQ(QueueingNetwork(shared, GetRules()).GetReason(0),
              "closed arrivals of closed meet other requests at n0: how long they wait for one "
              "another is not estimated");
    EXPECT_EQ(QueueingNetwork(shared, GetRules()).GetReason(1), "");
    // Other rules see each alone.
    EXPECT_EQ(EstimateStreams(shared, EstimatorRules::Exact())[0].GetLatencyMs(), 10);
}

TEST_F(StreamsTest, TellsSaturationTogetherAndApart)
{
    MakeNodes(1);
    const auto calm = MakeStream("calm", {10, 1}, {{0, GetDevice({10})}});
    const auto wild = MakeStream("wild", {60, 1}, {{0, GetDevice({20})}});
    const std::vector<StreamLoad> loads{MakeLoad(calm), MakeLoad(wild)};
    const QueueingNetwork network(loads, GetRules());
    EXPECT_NEAR(network.FindBottleneck()->GetUtilization(), 0.1 + 1.2, 1e-12);
    EXPECT_EQ(network.FindSaturation(0).ratePerS, 0);
    EXPECT_NEAR(network.FindSaturation(1).ratePerS, 45, 1e-9);
    EXPECT_EQ(EstimateStreams(loads, GetRules())[0].GetLatencyMs(), HUGE_VAL);
}

TEST_F(StreamsTest, RefusesTwoNetworks)
{
    MakeNodes(1);
    const auto here = MakeStream("here", {1, 1}, {{0, GetDevice({10})}});
    MakeNodes(1);
    const auto there = MakeStream("there", {1, 1}, {{0, GetDevice({10})}});
    ExpectInputError(
        [&]() {
            EstimateStreams({MakeLoad(here), MakeLoad(there)}, GetRules());
        },
        "/streams/1",
        {"on another network"});
}
