/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Paths through any graph, against all simple paths.

#include "tiny_model.h"

#include "ns3/portend-stream.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <vector>

using namespace portend;

namespace
{

/// What makes one path better than another: hops, delay in ns, links.
using Cost = std::tuple<std::size_t, int64_t, Network::Path>;

/// Tries all simple paths, and keeps the best.
void
TryAllPaths(const Network& network,
            uint32_t at,
            uint32_t to,
            std::vector<bool>& isOnPath,
            Cost cost,
            std::optional<Cost>& best)
{
    if (at == to)
    {
        best = best ? std::min(*best, cost) : cost;
        return;
    }
    isOnPath[at] = true;
    const auto& links = network.GetLinks();
    for (uint32_t i = 0; i < links.size(); ++i)
    {
        if (links[i].from == at && !isOnPath[links[i].to])
        {
            auto [hops, delayNs, path] = cost;
            path.push_back(i);
            TryAllPaths(network,
                        links[i].to,
                        to,
                        isOnPath,
                        {hops + 1, delayNs + std::llround(links[i].link.delayMs * 1e6), path},
                        best);
        }
    }
    isOnPath[at] = false;
}

/// @return a node of a name
Node
Named(const std::string& name)
{
    Node node;
    node.name = name;
    return node;
}

/// @return as many nodes, named by their numbers
Network
MakeNodes(uint32_t count)
{
    Network network;
    for (uint32_t i = 0; i < count; ++i)
    {
        network.AddNode(Named("n" + std::to_string(i)));
    }
    return network;
}

/// Joins two nodes both ways.
void
Join(Network& network, uint32_t a, uint32_t b, double delayMs = 1, double backMs = 1)
{
    network.AddLink(a, b, {1e6, delayMs}, "up");
    network.AddLink(b, a, {1e6, backMs}, "down");
}

} // namespace

// Few delays, so that many paths tie; one-way and parallel links; leaves, pairs and lone nodes.
TEST(Network, PathsAreTheBestOfAll)
{
    std::mt19937 random(1);
    uint64_t paths = 0;
    uint64_t refused = 0;
    for (int i = 0; i < 400; ++i)
    {
        const uint32_t count = 1 + random() % 7;
        auto network = MakeNodes(count);
        for (auto links = count > 1 ? random() % (2 * count) : 0; links > 0; --links)
        {
            const uint32_t from = random() % count;
            const uint32_t to = (from + 1 + random() % (count - 1)) % count;
            network.AddLink(from, to, {1e6, 0.1 * (random() % 4)}, "there");
            if (random() % 4 > 0)
            {
                network.AddLink(to, from, {1e6, 0.1 * (random() % 4)}, "back");
            }
        }
        for (uint32_t from = 0; from < count; ++from)
        {
            for (uint32_t to = 0; to < count; ++to)
            {
                SCOPED_TRACE(testing::Message() << i << ": " << from << " to " << to);
                std::vector<bool> isOnPath(count, false);
                std::optional<Cost> best;
                TryAllPaths(network, from, to, isOnPath, {}, best);
                if (!best)
                {
                    ++refused;
                    EXPECT_THROW(network.FindPath(from, to), InputError);
                    continue;
                }
                ++paths;
                const auto path = network.FindPath(from, to);
                ASSERT_EQ(path, std::get<2>(*best));
                // Hop by hop the same: the path from the next node on is that node's own.
                if (!path.empty())
                {
                    const auto next = network.GetLinks()[path[0]].to;
                    ASSERT_EQ(network.FindPath(next, to),
                              Network::Path(path.begin() + 1, path.end()));
                }
            }
        }
    }
    EXPECT_GT(paths, 3000U);
    EXPECT_GT(refused, 1000U);
}

// Delays that are equal in decimals: 0.1 + 0.2 ms are 0.3 ms, whatever doubles make of it.
TEST(Network, EqualDelaysTie)
{
    auto network = MakeNodes(4);
    Join(network, 0, 1, 0.1);
    Join(network, 1, 3, 0.2);
    Join(network, 0, 2, 0.3);
    Join(network, 2, 3, 0);
    EXPECT_EQ(network.FindPath(0, 3), (Network::Path{0, 2}));
}

// Each direction has a delay of its own, and so a path of its own.
TEST(Network, DirectionsDiffer)
{
    auto network = MakeNodes(4);
    Join(network, 0, 1, 1, 5);
    Join(network, 1, 3, 1, 5);
    Join(network, 0, 2, 2, 2);
    Join(network, 2, 3, 2, 2);
    EXPECT_EQ(network.FindPath(0, 3), (Network::Path{0, 2}));
    EXPECT_EQ(network.FindPath(3, 0), (Network::Path{7, 5}));
    // What is added later counts, too.
    network.AddLink(3, 0, {1e6, 50}, "wire");
    EXPECT_EQ(network.FindPath(3, 0), Network::Path{8});
}

TEST(Network, SaysWhatIsNotJoined)
{
    auto network = MakeNodes(9);
    for (uint32_t node = 1; node < 7; ++node)
    {
        Join(network, 0, node);
    }
    network.AddLink(7, 8, {1e6, 0}, "one way");
    const auto find = [&network](uint32_t from, uint32_t to) {
        return [&network, from, to]() { network.FindPath(from, to); };
    };
    ExpectInputError(
        find(7, 2),
        "/links",
        {"no path leads from n7 to n2", "no link joins n7, n8 to n2, n0, n1, n3, n4 and 2 more"});
    ExpectInputError(find(8, 7), "/links", {"no link joins n8 to n7"});
    EXPECT_NO_THROW(find(1, 2)());
}

TEST(Network, RefusesImpossibleLinks)
{
    auto network = MakeNodes(2);
    ExpectInputError(
        [&network]() {
            network.AddLink(0, 2, {1e6, 0}, "x");
        },
        "/links/0",
        {"found node 2", "allowed: the 2 nodes"});
    ExpectInputError(
        [&network]() {
            network.AddLink(1, 1, {1e6, 0}, "x");
        },
        "/links/0",
        {"joins n1 to itself"});
    EXPECT_TRUE(network.GetLinks().empty());
}

// A hundred thousand leaves: were there a tree for each, this would fill 40 GB.
TEST(Network, LeavesCostNoTrees)
{
    constexpr uint32_t STATIONS = 100;
    constexpr uint32_t CAMERAS = 100000;
    auto network = MakeNodes(1 + STATIONS + CAMERAS);
    for (uint32_t s = 1; s <= STATIONS; ++s)
    {
        Join(network, s, 0);
    }
    for (uint32_t c = 0; c < CAMERAS; ++c)
    {
        Join(network, 1 + STATIONS + c, 1 + c % STATIONS);
    }
    const auto first = 2 * STATIONS; // number of the first camera's uplink
    for (uint32_t c = 0; c < CAMERAS; ++c)
    {
        const auto camera = 1 + STATIONS + c;
        const auto up = first + 2 * c;
        ASSERT_EQ(network.FindPath(camera, 0), (Network::Path{up, 2 * (c % STATIONS)}));
        const auto other = (c + 1) % CAMERAS;
        ASSERT_EQ(network.FindPath(camera, 1 + STATIONS + other),
                  (Network::Path{up,
                                 2 * (c % STATIONS),
                                 2 * (other % STATIONS) + 1,
                                 first + 2 * other + 1}));
    }
}

// A stream whose tiers lie anywhere: its paths are the network's, up and down.
TEST(Stream, SeesAChainOfAnyNodes)
{
    auto network = std::make_shared<Network>(MakeNodes(4));
    Join(*network, 3, 1, 7, 8);
    Join(*network, 1, 0, 5, 6);
    Stream stream;
    stream.network = network;
    const auto device = std::make_shared<DeviceProfile>(GetTinyDevice());
    stream.tiers = {{3, device}, {0, device}};
    EXPECT_NO_THROW(stream.Validate(3));
    EXPECT_EQ(stream.GetNode(1).name, "n0");
    EXPECT_EQ(stream.GetPath(0, 1), (Network::Path{0, 2}));
    const auto back = stream.GetLinks(1, 0);
    ASSERT_EQ(back.size(), 2U);
    EXPECT_EQ(back[0].delayMs, 6);
    EXPECT_EQ(back[1].delayMs, 8);
    stream.tiers[1].node = 4;
    ExpectInputError([&]() { stream.Validate(3); }, "/tiers/1", {"node 4 is not in the network"});
}
