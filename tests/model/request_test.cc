/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// What travels with a message, and the ledger that it carries.

#include "ns3/packet.h"
#include "ns3/portend-exchange.h"
#include "ns3/portend-request.h"

#include <gtest/gtest.h>
#include <iterator>

using namespace ns3;

namespace
{

/// @return a flow with messages of the numbers 0 to count - 1 under way
PortendFlow
GetFlow(uint64_t count)
{
    PortendFlow flow;
    for (; flow.count < count; ++flow.count)
    {
        PortendMessage message;
        message.number = flow.count;
        message.request = Create<PortendRequest>();
        message.request->id = 100 + flow.count;
        flow.underWay.Push(message);
    }
    return flow;
}

} // namespace

TEST(PortendFlow, TakesEachMessageOnce)
{
    auto flow = GetFlow(5);
    for (const uint64_t number : {2, 0, 4})
    {
        EXPECT_EQ(flow.Take(number).request->id, 100 + number);
        EXPECT_FALSE(flow.Take(number).request);
    }
    EXPECT_FALSE(flow.Take(5).request);
    EXPECT_EQ(std::distance(flow.underWay.begin(), flow.underWay.end()), 2);
}

TEST(PortendFlow, ForgetsWhatCannotArrive)
{
    auto flow = GetFlow(5);
    flow.Take(1);
    flow.ForgetBefore(3);
    EXPECT_EQ(std::distance(flow.underWay.begin(), flow.underWay.end()), 2);
    EXPECT_FALSE(flow.Take(2).request);
    EXPECT_EQ(flow.Take(3).request->id, 103U);
    flow.ForgetBefore(10);
    EXPECT_TRUE(flow.underWay.IsEmpty());
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

// Two stages wait for two causes each, 1 and 20 ns, 300 and 4000 ns.
TEST(PortendLedger, WaitIsTheSumOfItsParts)
{
    PortendLedger ledger;
    ledger.Open();
    ledger.AddWait(PortendLedger::QUEUE, NanoSeconds(1));
    ledger.AddWait(PortendLedger::BATCH, NanoSeconds(20));
    EXPECT_EQ(ledger.Current()[PortendLedger::WAIT], NanoSeconds(21));
    ledger.Open();
    ledger.AddWait(PortendLedger::BATCH, NanoSeconds(300));
    ledger.AddWait(PortendLedger::BLOCKED, NanoSeconds(4000));
    EXPECT_EQ(ledger.Current()[PortendLedger::WAIT], NanoSeconds(4300));
    EXPECT_EQ(ledger.GetWait()[PortendLedger::QUEUE], NanoSeconds(1));
    EXPECT_EQ(ledger.GetWait()[PortendLedger::BATCH], NanoSeconds(320));
    EXPECT_EQ(ledger.GetWait()[PortendLedger::BLOCKED], NanoSeconds(4000));
    EXPECT_EQ(ledger.GetTotal(), NanoSeconds(4321));
    ledger.AddWait(PortendLedger::QUEUE, NanoSeconds(-2));
    EXPECT_THROW(ledger.Validate(), std::logic_error);
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
