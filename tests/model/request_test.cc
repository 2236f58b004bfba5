/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// What travels with a message, and the ledger that it carries.

#include "ns3/packet.h"
#include "ns3/portend-request.h"

#include <gtest/gtest.h>
#include <random>
#include <sstream>

using namespace ns3;

namespace
{

/// @return a message of random content, its request's ledger with some stages
PortendMessage
GetRandomMessage(std::mt19937_64& random, std::size_t stages)
{
    const auto getTime = [&random] { return NanoSeconds(static_cast<int64_t>(random()) >> 8); };
    PortendMessage message;
    message.kind = random() % 2 ? PortendMessage::RESULT : PortendMessage::TENSOR;
    message.partition = random();
    message.bytes = random();
    message.sent = getTime();
    message.request = Create<PortendRequest>();
    message.request->id = random();
    message.request->generated = getTime();
    message.request->sample.exitPartition = random();
    message.request->sample.correct = random() % 2;
    for (std::size_t stage = 0; stage < stages; ++stage)
    {
        for (auto& time : message.request->ledger.Open())
        {
            time = getTime();
        }
        message.request->ledger.SetExcess({getTime(), getTime(), getTime(), getTime()});
    }
    return message;
}

/// Requires that two messages say the same.
void
ExpectSame(const PortendMessage& found, const PortendMessage& expected)
{
    EXPECT_EQ(found.kind, expected.kind);
    EXPECT_EQ(found.partition, expected.partition);
    EXPECT_EQ(found.bytes, expected.bytes);
    EXPECT_EQ(found.sent, expected.sent);
    EXPECT_EQ(found.request->id, expected.request->id);
    EXPECT_EQ(found.request->generated, expected.request->generated);
    EXPECT_EQ(found.request->sample.exitPartition, expected.request->sample.exitPartition);
    EXPECT_EQ(found.request->sample.correct, expected.request->sample.correct);
    EXPECT_EQ(found.request->ledger.GetStages(), expected.request->ledger.GetStages());
    EXPECT_EQ(found.request->ledger.GetExcess(), expected.request->ledger.GetExcess());
}

} // namespace

TEST(PortendMessageTag, RoundTrip)
{
    std::mt19937_64 random(1);
    for (std::size_t i = 0; i < 300; ++i)
    {
        const auto message = GetRandomMessage(random, i % 12);
        auto packet = Create<Packet>(100);
        packet->AddPacketTag(PortendMessageTag(message));
        // It takes no bytes of the packet, and travels with copies of it.
        EXPECT_EQ(packet->GetSize(), 100U);
        PortendMessageTag tag;
        ASSERT_TRUE(packet->Copy()->PeekPacketTag(tag));
        ExpectSame(tag.GetMessage(), message);
    }
}

// What a receiver does to the request must not reach back to the sender's.
TEST(PortendMessageTag, BringsRequestOfItsOwn)
{
    std::mt19937_64 random(1);
    const auto message = GetRandomMessage(random, 2);
    auto packet = Create<Packet>(100);
    packet->AddPacketTag(PortendMessageTag(message));
    PortendMessageTag tag;
    ASSERT_TRUE(packet->RemovePacketTag(tag));
    tag.GetMessage().request->ledger.Open();
    EXPECT_EQ(tag.GetMessage().request->ledger.GetStages().size(), 3U);
    EXPECT_EQ(message.request->ledger.GetStages().size(), 2U);
}

TEST(PortendMessageTag, PrintsWhatItCarries)
{
    PortendMessage message;
    message.kind = PortendMessage::RESULT;
    message.partition = 3;
    message.bytes = 244;
    message.request = Create<PortendRequest>();
    message.request->id = 12;
    std::ostringstream os;
    PortendMessageTag(message).Print(os);
    EXPECT_EQ(os.str(), "result of partition 3, 244 bytes, request 12");
}

TEST(PortendLedger, AddsUpByComponentAndInTotal)
{
    PortendLedger ledger;
    EXPECT_EQ(ledger.GetTotal(), Time());
    // Stage s has 10^s (c + 1) ns in component c: 7 components, sums of 1, 11 and 111.
    int64_t scale = 1;
    for (int stage = 0; stage < 3; ++stage)
    {
        auto& times = ledger.Open();
        EXPECT_EQ(&ledger.Current(), &times);
        for (int c = 0; c < PortendLedger::COMPONENTS; ++c)
        {
            times[c] = NanoSeconds(scale * (c + 1));
        }
        scale *= 10;
    }
    EXPECT_EQ(ledger.Get(PortendLedger::WAIT), NanoSeconds(111));
    EXPECT_EQ(ledger.Get(PortendLedger::NETWORK_EXCESS), NanoSeconds(777));
    // 1 + 2 + .. + 7 = 28
    EXPECT_EQ(ledger.GetTotal(), NanoSeconds(28 * 111));
    EXPECT_EQ(ledger.GetStages().size(), 3U);
}

// The parts of two stages: 1, 20, 300, 4000 ns and 5, 60, 700, -8000 ns.
TEST(PortendLedger, ExcessIsTheSumOfItsParts)
{
    PortendLedger ledger;
    const auto set = [&ledger](int64_t a, int64_t b, int64_t c, int64_t d) {
        ledger.Open();
        ledger.SetExcess({NanoSeconds(a), NanoSeconds(b), NanoSeconds(c), NanoSeconds(d)});
    };
    set(1, 20, 300, 4000);
    EXPECT_EQ(ledger.Current()[PortendLedger::NETWORK_EXCESS], NanoSeconds(4321));
    set(5, 60, 700, -8000);
    EXPECT_EQ(ledger.Current()[PortendLedger::NETWORK_EXCESS], NanoSeconds(-7235));
    EXPECT_EQ(ledger.GetTotal(), NanoSeconds(4321 - 7235));
    EXPECT_EQ(ledger.GetExcess()[PortendLedger::PROTOCOL], NanoSeconds(6));
    EXPECT_EQ(ledger.GetExcess()[PortendLedger::WINDOW], NanoSeconds(80));
    EXPECT_EQ(ledger.GetExcess()[PortendLedger::RETRANSMISSION], NanoSeconds(1000));
    EXPECT_EQ(ledger.GetExcess()[PortendLedger::QUEUEING], NanoSeconds(-4000));
}

TEST(PortendRequest, LatencyIsFromArrivalToResult)
{
    PortendRequest request;
    request.generated = MilliSeconds(7);
    request.completed = MilliSeconds(107);
    EXPECT_EQ(request.GetLatency(), MilliSeconds(100));
}
