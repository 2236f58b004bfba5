/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// The idle-route time of the ledger, in DataRate's own arithmetic.

#include "ns3/portend-estimator.h"
#include "ns3/portend-path.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <random>
#include <vector>

using namespace ns3;

namespace
{

/// @return a bandwidth from 1 kb/s to 100 Gb/s, seldom round
DataRate
GetRandomRate(std::mt19937_64& random)
{
    static const uint64_t odd[] = {1000003, 9999991, 10000000, 400000000, 123456789, 3000000007};
    if (random() % 4 == 0)
    {
        return DataRate(odd[random() % std::size(odd)]);
    }
    const double exponent = std::uniform_real_distribution<>(3, 11)(random);
    return DataRate(static_cast<uint64_t>(std::pow(10, exponent)));
}

/// What becomes of the packets of a message.
struct Journey
{
    Time left;          ///< when the last of them has left the last link
    uint64_t pieces{0}; ///< how many then
};

/**
 * @brief Pass a packet over links, some of which cut it as RFC 791 says.
 *
 * Each piece carries 20 bytes of header, and as many multiples of 8 bytes as the link takes.
 *
 * @param bytes of the packet
 * @param arrived when it is at the first of the links
 * @param a index of that
 * @param left when what was before has left each link
 * @param journey gets how many pieces have left the last link, and when
 */
void
SimulatePieces(uint32_t bytes,
               Time arrived,
               std::size_t a,
               const std::vector<DataRate>& rates,
               const std::vector<uint32_t>& mtus,
               std::vector<Time>& left,
               Journey& journey)
{
    if (a == rates.size())
    {
        journey.left = arrived;
        ++journey.pieces;
        return;
    }
    const uint32_t most = bytes <= mtus[a] ? bytes - 20 : (mtus[a] - 20) / 8 * 8;
    for (uint32_t offset = 0; offset < bytes - 20; offset += most)
    {
        const auto piece = 20 + std::min(most, bytes - 20 - offset);
        left[a] = std::max(left[a], arrived) + rates[a].CalculateBytesTxTime(piece + 2);
        SimulatePieces(piece, left[a], a + 1, rates, mtus, left, journey);
    }
}

/**
 * @brief Pass a message's packets over links of different MTUs.
 * @return what becomes of them
 */
Journey
SimulateCutPackets(uint32_t bytes,
                   const std::vector<DataRate>& rates,
                   const std::vector<uint32_t>& mtus,
                   const PortendPath::Headers& headers)
{
    const auto payload =
        headers.segmentBytes > 0 ? headers.segmentBytes : mtus[0] - headers.packetBytes;
    bytes += headers.messageBytes;
    std::vector<Time> left(rates.size());
    Journey journey;
    for (uint32_t offset = 0; offset < bytes; offset += payload)
    {
        SimulatePieces(std::min(payload, bytes - offset) + headers.packetBytes,
                       Time(),
                       0,
                       rates,
                       mtus,
                       left,
                       journey);
    }
    return journey;
}

/**
 * @brief Pass a message's packets over the links one by one.
 *
 * A packet leaves a link one transmission time after both it has come from the link before
 * and the packet ahead of it has left.
 *
 * @return when the last packet has left the last link
 */
Time
SimulatePackets(uint32_t bytes,
                const std::vector<DataRate>& rates,
                uint32_t mtu,
                const PortendPath::Headers& headers)
{
    const uint32_t payload = mtu - headers.packetBytes;
    bytes += headers.messageBytes;
    std::vector<Time> left(rates.size());
    for (uint32_t offset = 0; offset < bytes; offset += payload)
    {
        // PPP adds 2 bytes.
        const uint32_t onLink = std::min(payload, bytes - offset) + headers.packetBytes + 2;
        Time arrived;
        for (std::size_t a = 0; a < rates.size(); ++a)
        {
            left[a] = std::max(left[a], arrived) + rates[a].CalculateBytesTxTime(onLink);
            arrived = left[a];
        }
    }
    return left.back();
}

} // namespace

// What has no closed form adds nothing; packets are made for where the path begins.
TEST(PortendPath, InventsNothingForAMedium)
{
    PortendPath medium;
    EXPECT_FALSE(medium.HasMedium());
    medium.AddMedium(2296);
    EXPECT_TRUE(medium.HasMedium());
    EXPECT_EQ(medium.GetFragmentBytes(), 2296U - 48U);
    EXPECT_EQ(medium.GetPropagation(), Time());
    EXPECT_EQ(medium.GetTransmission(100000), Time());

    PortendPath link;
    link.AddLink(DataRate("8Mbps"), MilliSeconds(3), 1500);
    auto both = link;
    both.AddMedium(2296);
    EXPECT_TRUE(both.HasMedium());
    EXPECT_EQ(both.GetFragmentBytes(), 1500U - 48U);
    EXPECT_EQ(both.GetPropagation(), MilliSeconds(3));
    EXPECT_EQ(both.GetTransmission(100000), link.GetTransmission(100000));
    EXPECT_FALSE(both.IsFragmented(1500));
    medium.AddLink(DataRate("8Mbps"), MilliSeconds(3), 1500);
    EXPECT_EQ(medium.GetFragmentBytes(), 2296U - 48U);
    EXPECT_TRUE(medium.IsFragmented(2296));
}

TEST(PortendPath, TransmissionEqualsThePacketsRecursionToTheNanosecond)
{
    std::mt19937_64 random(1);
    for (int i = 0; i < 4000; ++i)
    {
        const uint32_t mtu = random() % 3 == 0 ? PortendPath::MIN_MTU_BYTES + random() % 65000
                                               : 500 + random() % 8501;
        const auto headers = random() % 2 ? PortendPath::TCP_HEADERS : PortendPath::UDP_HEADERS;
        std::vector<DataRate> rates;
        PortendPath route(headers);
        Time propagation;
        for (auto links = 1 + random() % 4; links > 0; --links)
        {
            rates.push_back(random() % 3 == 0 && !rates.empty() ? rates.back()
                                                                : GetRandomRate(random));
            const auto delay = NanoSeconds(random() % 100000000);
            route.AddLink(rates.back(), delay, mtu);
            propagation += delay;
        }
        const uint32_t payload = mtu - headers.packetBytes;
        ASSERT_EQ(route.GetFragmentBytes(), payload);
        ASSERT_EQ(route.GetPropagation(), propagation);
        ASSERT_EQ(route.GetRates().size(), rates.size());
        const uint32_t whole = (1 + random() % 50) * payload;
        for (const uint32_t bytes :
             {whole - 1, whole, whole + 1, 1 + static_cast<uint32_t>(random() % whole)})
        {
            if (bytes == 0)
            {
                continue;
            }
            ASSERT_EQ(route.GetTransmission(bytes), SimulatePackets(bytes, rates, mtu, headers))
                << bytes << " B, MTU " << mtu << ", links " << rates.size() << ", case " << i;
            const auto all = bytes + headers.messageBytes;
            const uint64_t packets = std::ceil(static_cast<double>(all) / payload);
            ASSERT_EQ(route.GetLinkBytes(bytes), all + packets * (headers.packetBytes + 2));
        }
    }
}

// The ledger and the exact rules are the same formula: they differ by the rounding of each
// packet on each link to whole nanoseconds, at most 1 ns each.
TEST(PortendPath, TransmissionEqualsTheEstimate)
{
    std::mt19937_64 random(1);
    for (int i = 0; i < 1000; ++i)
    {
        const uint32_t mtu = 68 + random() % 9000;
        const auto headers = random() % 2 ? PortendPath::TCP_HEADERS : PortendPath::UDP_HEADERS;
        PortendPath route(headers);
        std::vector<portend::Link> links;
        for (auto count = 1 + random() % 4; count > 0; --count)
        {
            const auto rate = GetRandomRate(random);
            route.AddLink(rate, Time(), mtu);
            links.push_back({static_cast<double>(rate.GetBitRate()), 0});
        }
        const uint32_t bytes = 1 + random() % (40 * (mtu - 48));
        const portend::PacketFormat packets{mtu, headers.packetBytes, 2, headers.messageBytes};
        ASSERT_EQ(packets.GetLinkBytes(bytes), route.GetLinkBytes(bytes));
        const double estimateMs =
            portend::EstimateTransmissionMs(bytes,
                                            links,
                                            packets,
                                            portend::EstimatorRules::Transmission::EXACT_PACKETS);
        ASSERT_NEAR(route.GetTransmission(bytes).GetNanoSeconds(),
                    estimateMs * 1e6,
                    packets.GetFragments(bytes) + links.size() + 1e-9 * estimateMs * 1e6);
    }
}

// 10 Mb/s: 33682 B in pieces of 8952 B are 4 packets, 33882 B on the link, 27.1056 ms.
TEST(PortendPath, TransmissionByHand)
{
    PortendPath route;
    route.AddLink(DataRate("10Mbps"), MilliSeconds(20), 9000);
    EXPECT_EQ(route.GetFragmentBytes(), 8952U);
    EXPECT_EQ(route.GetLinkBytes(33682), 33882U);
    EXPECT_EQ(route.GetTransmission(33682), NanoSeconds(27105600));
    // Over 400 Mb/s the last packet of 6876 B follows in 0.13752 ms.
    route.AddLink(DataRate("400Mbps"), MilliSeconds(40), 9000);
    EXPECT_EQ(route.GetTransmission(33682), NanoSeconds(27105600 + 137520));
    EXPECT_EQ(route.GetPropagation(), MilliSeconds(60));
}

// Over TCP 13000 B and their header of 20 B are 9 segments of at most 1448 B: 13020 + 9 * 54 =
// 13506 B on the link, at 10 Mb/s 10.8048 ms.
TEST(PortendPath, TcpTransmissionByHand)
{
    PortendPath route(PortendPath::TCP_HEADERS);
    route.AddLink(DataRate("10Mbps"), MilliSeconds(20), 1500);
    EXPECT_EQ(route.GetFragmentBytes(), 1448U);
    EXPECT_EQ(route.GetLinkBytes(13000), 13506U);
    EXPECT_EQ(route.GetTransmission(13000), NanoSeconds(10804800));
    // The last 8 of 1448 - 20 + 8 bytes need a second segment.
    EXPECT_EQ(route.GetLinkBytes(1428), 1502U);
    EXPECT_EQ(route.GetLinkBytes(1436), 1456U + 2 * 54);
}

// IP cuts what is too large for a later link: the ledger's formula and the exact rules follow
// each piece. They differ by the rounding of each piece on each link to whole nanoseconds.
TEST(PortendPath, PiecesOfPacketsAreFollowedToTheNanosecond)
{
    std::mt19937_64 random(1);
    for (int i = 0; i < 2000; ++i)
    {
        auto headers = random() % 2 ? PortendPath::TCP_HEADERS : PortendPath::UDP_HEADERS;
        if (headers.messageBytes > 0 && random() % 2)
        {
            headers.segmentBytes = 16 + random() % 20000;
        }
        PortendPath route(headers);
        std::vector<DataRate> rates;
        std::vector<uint32_t> mtus;
        std::vector<portend::Link> links;
        for (auto count = 1 + random() % 4; count > 0; --count)
        {
            rates.push_back(GetRandomRate(random));
            mtus.push_back(68 + random() % 9000);
            route.AddLink(rates.back(), Time(), mtus.back());
            links.push_back({static_cast<double>(rates.back().GetBitRate()), 0, mtus.back()});
        }
        const uint32_t bytes = 1 + random() % (20 * route.GetFragmentBytes());
        const auto expected = SimulateCutPackets(bytes, rates, mtus, headers);
        ASSERT_EQ(route.GetTransmission(bytes), expected.left)
            << bytes << " B, links " << rates.size() << ", case " << i;
        const portend::PacketFormat packets{9000,
                                            headers.packetBytes,
                                            2,
                                            headers.messageBytes,
                                            headers.segmentBytes};
        const double estimateMs =
            portend::EstimateTransmissionMs(bytes,
                                            links,
                                            packets,
                                            portend::EstimatorRules::Transmission::EXACT_PACKETS);
        ASSERT_NEAR(expected.left.GetNanoSeconds(),
                    estimateMs * 1e6,
                    expected.pieces + links.size() + 1e-9 * estimateMs * 1e6);
    }
}

// A sender knows its own link alone.
TEST(PortendPath, MtuOfTheFirstLinkCutsTheMessage)
{
    PortendPath route;
    route.AddLink(DataRate("10Mbps"), Time(), 4000);
    route.AddLink(DataRate("10Mbps"), Time(), 1500);
    route.AddLink(DataRate("10Mbps"), Time(), 9000);
    EXPECT_EQ(route.GetFragmentBytes(), 3952U);
    EXPECT_TRUE(route.IsFragmented(1501));
    EXPECT_FALSE(route.IsFragmented(1500));
}
