/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// A stream on a network of its own, and at other bandwidths.

#include "tiny_model.h"

#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <vector>

using namespace portend;

namespace
{

/// @return tiers 5, 2 and 4 of a network with detours: 5 - 3 - 2 - 4, and 5 - 0 - 1 - 2
Stream
MakeStream()
{
    auto network = std::make_shared<Network>();
    for (uint32_t node = 0; node < 7; ++node)
    {
        Node machine;
        machine.computeFactor = 1 + node;
        network->AddNode(machine);
    }
    const auto join = [&](uint32_t from, uint32_t to, double bandwidthBps) {
        network->AddLink(from, to, {bandwidthBps, 1.0 + from}, "up");
        network->AddLink(to, from, {2 * bandwidthBps, 1.0 + to}, "down");
    };
    join(5, 0, 1e9); // links 0 and 1
    join(0, 1, 1e9);
    join(1, 2, 1e9);
    join(5, 3, 10e6); // links 6 and 7
    join(3, 2, 40e6);
    join(2, 4, 100e6);
    join(4, 6, 1e9);
    Stream stream;
    stream.network = network;
    const auto device = std::make_shared<DeviceProfile>(GetTinyDevice());
    for (const uint32_t node : {5, 2, 4})
    {
        stream.tiers.push_back({node, device});
    }
    return stream;
}

/// @return latencies of some deployments, ms
std::vector<double>
Estimate3(const Stream& stream)
{
    std::vector<double> latencies;
    for (const auto* text : {"0:1-1,1:2-3@0.5", "1:1-3@0.5", "0:1-1,1:2-2,2:3-3@0.5", "2:1-3@0"})
    {
        latencies.push_back(EstimateDeployment(GetTinyModel(),
                                               stream,
                                               Deployment::Parse(text),
                                               EstimatorRules::Exact())
                                .GetLatencyMs());
    }
    return latencies;
}

} // namespace

TEST(IsolatedStreamTest, HasWhatLiesBetweenItsTiers)
{
    const auto stream = MakeStream();
    std::vector<uint32_t> links;
    const auto own = stream.Isolate(links);
    EXPECT_EQ(links, (std::vector<uint32_t>{6, 7, 8, 9, 10, 11}));
    EXPECT_EQ(own.network->GetNodes().size(), 4U);
    EXPECT_EQ(own.network->GetLinks().size(), 6U);
    EXPECT_EQ(Estimate3(own), Estimate3(stream));
}

TEST(IsolatedStreamTest, OtherBandwidthsAreThoseOfAnotherNetwork)
{
    const auto stream = MakeStream();
    std::vector<uint32_t> links;
    const auto own = stream.Isolate(links);
    const auto other = own.WithBandwidths({1e6, 2e6, 3e6, 4e6, 5e6, 6e6});
    auto network = std::make_shared<Network>(*stream.network);
    for (std::size_t i = 0; i < links.size(); ++i)
    {
        const auto delayMs = network->GetLinks()[links[i]].link.delayMs;
        network->SetLink(links[i], static_cast<double>(i + 1) * 1e6, delayMs);
    }
    auto expected = stream;
    expected.network = network;
    EXPECT_EQ(Estimate3(other), Estimate3(expected));
    EXPECT_NE(Estimate3(other), Estimate3(own));
    EXPECT_EQ(Estimate3(own), Estimate3(stream)) << "the stream itself stays";
}

TEST(IsolatedStreamTest, TiersThatNothingJoinsStaySo)
{
    auto stream = MakeStream();
    auto network = std::make_shared<Network>();
    for (int node = 0; node < 6; ++node)
    {
        network->AddNode({});
    }
    stream.network = network;
    std::vector<uint32_t> links{1, 2};
    const auto own = stream.Isolate(links);
    EXPECT_TRUE(links.empty());
    EXPECT_EQ(own.network->GetNodes().size(), 3U);
    EXPECT_THROW(own.GetPath(0, 1), InputError);
}
