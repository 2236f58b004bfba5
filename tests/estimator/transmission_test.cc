/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// How long a message occupies the links of an idle route, by each of the three formulas.

#include "tiny_model.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <random>
#include <vector>

using namespace portend;
using Transmission = EstimatorRules::Transmission;

namespace
{

/**
 * @brief Pass a message's packets over the links one by one, as jobs pass a flow shop.
 *
 * Packet p leaves link a one packet time after both packet p-1 has left link a and packet p
 * has left link a-1.
 *
 * @return when the last packet has left the last link, ms
 */
double
SimulateFlowShop(uint64_t bytes, const std::vector<Link>& route, const PacketFormat& packets)
{
    const uint64_t payload = packets.mtuBytes - packets.headerBytes;
    std::vector<double> left(route.size(), 0); // when the packet before left each link
    uint64_t rest = bytes + packets.messageHeaderBytes;
    do
    {
        const auto piece = std::min(rest, payload);
        const auto onLink = static_cast<double>(piece + packets.headerBytes + packets.framingBytes);
        double arrived = 0;
        for (std::size_t a = 0; a < route.size(); ++a)
        {
            left[a] = std::max(left[a], arrived) + onLink * 8e3 / route[a].bandwidthBps;
            arrived = left[a];
        }
        rest -= piece;
    } while (rest > 0);
    return left.back();
}

/// Draws routes, messages and packet formats from a fixed sequence.
class CaseGenerator
{
  public:
    /// @return one to five links; about every third repeats the bandwidth of the one before
    std::vector<Link> GetRoute()
    {
        std::vector<Link> route(1 + m_random() % 5);
        for (std::size_t a = 0; a < route.size(); ++a)
        {
            const bool repeats = a > 0 && m_random() % 3 == 0;
            route[a].bandwidthBps =
                repeats ? route[a - 1].bandwidthBps : std::pow(10, 4 + 6 * GetUniform());
        }
        return route;
    }

    /// @return a format whose MTU leaves between 1 and some 2000 bytes
    PacketFormat GetFormat()
    {
        PacketFormat packets;
        packets.mtuBytes = packets.headerBytes + 1 + m_random() % 2000;
        packets.messageHeaderBytes = m_random() % 2 ? 20 : 0;
        return packets;
    }

    /// @return a size of up to about 40 packets, often at or beside a whole number of them
    uint64_t GetBytes(const PacketFormat& packets)
    {
        const uint64_t payload = packets.mtuBytes - packets.headerBytes;
        const auto whole = (1 + m_random() % 40) * payload;
        switch (m_random() % 4)
        {
        case 0:
            return whole;
        case 1:
            return whole + 1;
        case 2:
            return std::max<uint64_t>(1, whole - 1);
        default:
            return 1 + m_random() % whole;
        }
    }

    /// @return a number in [0, 1)
    double GetUniform()
    {
        return std::uniform_real_distribution<>()(m_random);
    }

  private:
    std::mt19937 m_random{1}; ///< fixed sequence
};

} // namespace

// The paper's formula: 10 packets of 9000 B over two links of 100 Mb/s take 0.72 ms each, so
// (10 - 1) * 0.72 + 2 * 0.72 = 7.92 ms. The authors' program counts a link as slow as the
// slowest once: 10 * 0.72 = 7.20 ms.
TEST(Transmission, EqualLinksShowTheDefectOfTheReferenceCode)
{
    const std::vector<Link> route{{100e6, 0}, {100e6, 0}};
    const PacketFormat packets;
    EXPECT_NEAR(EstimateTransmissionMs(90000, route, packets, Transmission::FULL_PACKETS),
                7.92,
                1e-12);
    EXPECT_NEAR(EstimateTransmissionMs(90000, route, packets, Transmission::REFERENCE_CODE),
                7.20,
                1e-12);
}

// On links of 10 and 400 Mb/s, 9000 B take 7.2 and 0.18 ms.
TEST(Transmission, ReferenceCodePipelinesOnlyLargeMessagesOverSeveralLinks)
{
    const std::vector<Link> one{{10e6, 0}};
    const std::vector<Link> two{{10e6, 0}, {400e6, 0}};
    const PacketFormat packets;
    const auto estimate = [&](uint64_t bytes, const std::vector<Link>& route) {
        return EstimateTransmissionMs(bytes, route, packets, Transmission::REFERENCE_CODE);
    };
    // One link: size * 8 / BW, whatever the size: 10 kB in 8 ms.
    EXPECT_NEAR(estimate(10000, one), 8, 1e-12);
    // Two links, one packet: stored and forwarded whole, 7.2 + 0.18 ms.
    EXPECT_NEAR(estimate(9000, two), 7.38, 1e-12);
    // Two links, more than one packet, no rounding up: 13142 / 9000 * 7.2 + 0.18 ms.
    EXPECT_NEAR(estimate(13142, two), 10.6936, 1e-12);
    EXPECT_NEAR(estimate(9001, two), 9001 / 9000.0 * 7.2 + 0.18, 1e-12);
    // Two equal links show where one ends and the other begins: 2 * 0.72 ms for 9000 B, and
    // 9001 / 9000 * 0.72 ms for 9001 B, one link being left out.
    const std::vector<Link> equal{{100e6, 0}, {100e6, 0}};
    EXPECT_NEAR(estimate(9000, equal), 1.44, 1e-12);
    EXPECT_NEAR(estimate(9001, equal), 0.72008, 1e-12);
    // Its MTU is built in.
    EXPECT_EQ(EstimateTransmissionMs(13142, two, {1500, 48, 2}, Transmission::REFERENCE_CODE),
              estimate(13142, two));
}

// The paper rounds up to whole packets of the MTU, headers or not: 1 B takes as long as 9000 B,
// and 9001 B as long as 18000 B.
TEST(Transmission, PaperRoundsUpToFullPackets)
{
    const std::vector<Link> route{{10e6, 0}, {400e6, 0}};
    const PacketFormat packets;
    const auto estimate = [&](uint64_t bytes) {
        return EstimateTransmissionMs(bytes, route, packets, Transmission::FULL_PACKETS);
    };
    // (1 - 1) * 7.2 + 7.2 + 0.18 ms
    EXPECT_NEAR(estimate(1), 7.38, 1e-12);
    EXPECT_NEAR(estimate(9000), 7.38, 1e-12);
    // (2 - 1) * 7.2 + 7.2 + 0.18 ms
    EXPECT_NEAR(estimate(9001), 14.58, 1e-12);
    EXPECT_NEAR(estimate(18000), 14.58, 1e-12);
}

// The exact formula counts what is on the link: each packet adds 50 bytes of headers. On one
// link of 1 B/us, 2500 B in pieces of 1000 B take 2500 + 3 * 50 us.
TEST(Transmission, ExactCountsHeadersAndTheLastPacketAtItsLength)
{
    const PacketFormat packets{1048, 48, 2};
    const auto estimate = [&](uint64_t bytes, const std::vector<Link>& route) {
        return EstimateTransmissionMs(bytes, route, packets, Transmission::EXACT_PACKETS);
    };
    EXPECT_NEAR(estimate(2500, {{8e6, 0}}), 2.65, 1e-12);
    EXPECT_NEAR(estimate(1, {{8e6, 0}}), 0.051, 1e-12);
    EXPECT_NEAR(estimate(1000, {{8e6, 0}}), 1.05, 1e-12);
    EXPECT_NEAR(estimate(1001, {{8e6, 0}}), 1.101, 1e-12);
    // Over 1 and 10 B/us the first link never pauses, and the last packet of 550 B follows it
    // over the second: 2650 + 55 us.
    EXPECT_NEAR(estimate(2500, {{8e6, 0}, {80e6, 0}}), 2.705, 1e-12);
    // Over 10 and 1 B/us the second link never pauses once the first packet of 1050 B has
    // reached it: 105 + 2650 us.
    EXPECT_NEAR(estimate(2500, {{80e6, 0}, {8e6, 0}}), 2.755, 1e-12);
}

TEST(Transmission, ExactEqualsTheFlowShopRecursion)
{
    CaseGenerator random;
    for (int i = 0; i < 5000; ++i)
    {
        const auto route = random.GetRoute();
        const auto packets = random.GetFormat();
        const auto bytes = random.GetBytes(packets);
        const double expected = SimulateFlowShop(bytes, route, packets);
        ASSERT_NEAR(EstimateTransmissionMs(bytes, route, packets, Transmission::EXACT_PACKETS),
                    expected,
                    1e-9 * expected)
            << bytes << " B in MTUs of " << packets.mtuBytes << " over " << route.size()
            << " links, case " << i;
    }
}

// The paper's formula is the same recursion for packets that are all full and have no headers.
TEST(Transmission, PaperEqualsTheFlowShopRecursionOfFullPackets)
{
    CaseGenerator random;
    for (int i = 0; i < 1000; ++i)
    {
        const auto route = random.GetRoute();
        const PacketFormat packets{1 + random.GetFormat().mtuBytes, 0, 0};
        const auto bytes = random.GetBytes(packets);
        const auto rounded = packets.GetFragments(bytes) * packets.mtuBytes;
        const double expected = SimulateFlowShop(rounded, route, packets);
        ASSERT_NEAR(EstimateTransmissionMs(bytes, route, packets, Transmission::FULL_PACKETS),
                    expected,
                    1e-9 * expected);
    }
}

TEST(Transmission, PacketSizesAddUpToTheMessage)
{
    CaseGenerator random;
    for (int i = 0; i < 1000; ++i)
    {
        const auto packets = random.GetFormat();
        const auto bytes = random.GetBytes(packets);
        const auto fragments = packets.GetFragments(bytes);
        // All bytes of the message, and the headers of each packet.
        ASSERT_EQ((fragments - 1) * packets.GetFullPacketBytes() +
                      packets.GetLastPacketBytes(bytes),
                  bytes + packets.messageHeaderBytes +
                      fragments * (packets.headerBytes + packets.framingBytes));
        ASSERT_EQ(packets.GetLinkBytes(bytes),
                  (fragments - 1) * packets.GetFullPacketBytes() +
                      packets.GetLastPacketBytes(bytes));
        ASSERT_LE(packets.GetLastPacketBytes(bytes), packets.GetFullPacketBytes());
        ASSERT_GT(packets.GetLastPacketBytes(bytes), packets.headerBytes + packets.framingBytes);
    }
    // A message of nothing is still one packet, of headers alone.
    EXPECT_EQ(PacketFormat().GetFragments(0), 1U);
    EXPECT_EQ(PacketFormat().GetLastPacketBytes(0), 50U);
}

// A packet of 9000 B has 8980 B after its header. Of 1500 B, 1480 carry data, also of 1507 B:
// offsets are multiples of 8 B. 8980 = 6 * 1480 + 100.
TEST(Transmission, RoutersCutPacketsByHand)
{
    const std::vector<uint32_t> pieces{1500, 1500, 1500, 1500, 1500, 1500, 120};
    EXPECT_EQ(FragmentPacket(9000, 1500), pieces);
    EXPECT_EQ(FragmentPacket(9000, 1507), pieces);
    EXPECT_EQ(FragmentPacket(9000, 9000), std::vector<uint32_t>{9000});
    // 1508 B take all of 20 + 1488 B, but not one more.
    EXPECT_EQ(FragmentPacket(1508, 1508), std::vector<uint32_t>{1508});
    EXPECT_EQ(FragmentPacket(1509, 1508), (std::vector<uint32_t>{1508, 21}));
}

// 8952 B are one packet of 9002 B, at 10 B/us 900.2 us. Behind it its seven pieces have 6 * 1502 +
// 122 = 9134 B: 913.4 us. They travel on as they are, also where the MTU is large again: at 1
// B/us, from when the first has left after 150.2 us, for 9134 us.
TEST(Transmission, SmallerMtuOnTheWayByHand)
{
    const Link large{80e6, 0, 9000};
    const Link small{80e6, 0, 1500};
    const Link slow{8e6, 0, 9000};
    const PacketFormat packets;
    const auto estimate = [](const std::vector<Link>& route, const PacketFormat& format) {
        return EstimateTransmissionMs(8952, route, format, Transmission::EXACT_PACKETS);
    };
    EXPECT_NEAR(estimate({large, small}, packets), 0.9002 + 0.9134, 1e-12);
    EXPECT_NEAR(estimate({large, small, slow}, packets), 0.9002 + 0.1502 + 9.134, 1e-12);
    EXPECT_EQ(EstimateLinkBytes(8952, {large, small, slow}, packets),
              (std::vector<uint64_t>{9002, 9134, 9134}));
    // A link without an MTU has that of the format.
    EXPECT_EQ(estimate({large, {80e6, 0}}, {1500, 48, 2}), estimate({large, small}, packets));
    EXPECT_EQ(estimate({{80e6, 0}, small}, packets), estimate({large, small}, packets));
    // What begins small is cut by nothing: 6 packets of 1502 B and one of 290 B, 9302 B. The last
    // waits on the second link for the sixth, which has left the first after 901.2 us.
    EXPECT_EQ(EstimateLinkBytes(8952, {small, large}, packets),
              (std::vector<uint64_t>{9302, 9302}));
    EXPECT_NEAR(estimate({small, large}, packets), 0.9012 + 0.1502 + 0.029, 1e-12);
    EXPECT_TRUE(EstimateLinkBytes(8952, {}, packets).empty());
}

// Over TCP 1052 B and their header of 20 B are two segments of 536 B, 590 B on the link each.
TEST(Transmission, SegmentsByHand)
{
    PacketFormat packets{1500, 52, 2, 20, 536};
    EXPECT_EQ(packets.GetFragments(1052), 2U);
    EXPECT_EQ(packets.GetFragments(1053), 3U);
    EXPECT_EQ(packets.GetLinkBytes(1052), 1180U);
    EXPECT_EQ(packets.GetFullPacketBytes(), 590U);
    // At 1 B/us.
    EXPECT_NEAR(EstimateTransmissionMs(1052, {{8e6, 0}}, packets, Transmission::EXACT_PACKETS),
                1.18,
                1e-12);
    // A segment of 8948 B makes a packet of 9000 B, and IP of that 7 pieces, on the first link.
    packets.segmentBytes = 8948;
    EXPECT_EQ(EstimateLinkBytes(8928, {{8e6, 0}}, packets), std::vector<uint64_t>{9134});
    EXPECT_NEAR(EstimateTransmissionMs(8928, {{8e6, 0}}, packets, Transmission::EXACT_PACKETS),
                9.134,
                1e-12);
}

TEST(Transmission, TakesNoTimeOnTheSameTier)
{
    for (const auto rule :
         {Transmission::FULL_PACKETS, Transmission::REFERENCE_CODE, Transmission::EXACT_PACKETS})
    {
        EXPECT_EQ(EstimateTransmissionMs(123456, {}, PacketFormat(), rule), 0);
    }
}

// The rules of the authors' program are left out: raising one of two equal bandwidths makes
// their defect disappear, and the time rise.
TEST(Transmission, MoreBandwidthNeverTakesLonger)
{
    CaseGenerator random;
    for (int i = 0; i < 2000; ++i)
    {
        const auto route = random.GetRoute();
        const auto packets = random.GetFormat();
        const auto bytes = random.GetBytes(packets);
        auto faster = route;
        auto& link = faster[static_cast<std::size_t>(random.GetUniform() * faster.size())];
        link.bandwidthBps *= 1 + random.GetUniform();
        for (const auto rule : {Transmission::FULL_PACKETS, Transmission::EXACT_PACKETS})
        {
            const double before = EstimateTransmissionMs(bytes, route, packets, rule);
            ASSERT_LE(EstimateTransmissionMs(bytes, faster, packets, rule), before * (1 + 1e-12));
        }
    }
}
