/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Messages over real chains of nodes: cut into datagrams, put together again, or lost.

#include "simulator_test.h"

#include "ns3/error-model.h"
#include "ns3/inet-socket-address.h"
#include "ns3/node.h"
#include "ns3/packet.h"
#include "ns3/point-to-point-net-device.h"
#include "ns3/pointer.h"
#include "ns3/portend-header.h"
#include "ns3/portend-network-helper.h"
#include "ns3/portend-transport.h"
#include "ns3/portend-udp-transport.h"
#include "ns3/socket.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/uinteger.h"

#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <list>
#include <string>
#include <vector>

using namespace ns3;

namespace
{

/// A message that has arrived, and when and where.
struct Arrival
{
    PortendMessage message; ///< the message
    uint32_t tier;          ///< where it was received
    Time time;              ///< when
};

/// What a link's devices did with packets' bytes, both directions together.
struct Traffic
{
    uint64_t sent{0};     ///< bytes that began to be transmitted
    uint64_t received{0}; ///< bytes that arrived
    uint64_t lost{0};     ///< bytes that arrived damaged
    uint64_t refused{0};  ///< bytes that found the queue full
    uint32_t packets{0};  ///< packets that began to be transmitted
};

/// Counts a packet's bytes.
void
CountBytes(uint64_t* bytes, Ptr<const Packet> packet)
{
    *bytes += packet->GetSize();
}

/// Counts a packet.
void
CountPacket(uint32_t* packets, Ptr<const Packet> /* packet */)
{
    ++*packets;
}

/// A chain whose tiers note what arrives.
class TransportTest : public SimulatorTest
{
  protected:
    /**
     * @brief Build a chain.
     * @param bandwidths of the links; link j has a delay of j + 1 ms
     * @param mtu of the links
     */
    void Build(const std::vector<std::string>& bandwidths, uint16_t mtu)
    {
        m_chain.SetMtu(mtu);
        for (std::size_t j = 0; j < bandwidths.size(); ++j)
        {
            m_chain.AddLink(DataRate(bandwidths[j]), MilliSeconds(j + 1));
        }
        m_nodes = m_chain.Install();
        m_traffic.resize(bandwidths.size());
        for (std::size_t j = 0; j < bandwidths.size(); ++j)
        {
            const auto devices = m_chain.GetDevices(j);
            auto& traffic = m_traffic[j];
            for (auto it = devices.Begin(); it != devices.End(); ++it)
            {
                Count(*it, "PhyTxBegin", traffic.sent);
                Count(*it, "PhyRxEnd", traffic.received);
                Count(*it, "PhyRxDrop", traffic.lost);
                Count(*it, "MacTxDrop", traffic.refused);
                (*it)->TraceConnectWithoutContext(
                    "PhyTxBegin",
                    MakeBoundCallback(&CountPacket, &traffic.packets));
            }
        }
        for (uint32_t tier = 0; tier < m_nodes.GetN(); ++tier)
        {
            const auto note = [this, tier](PortendMessage::Kind kind) {
                return PortendTransport::Receiver(
                    [this, tier, kind](const PortendMessage& message) {
                        EXPECT_EQ(message.kind, kind);
                        m_arrivals.push_back({message, tier, Simulator::Now()});
                    });
            };
            GetTransport(tier)->SetTensorReceiver(note(PortendMessage::TENSOR));
            GetTransport(tier)->SetResultReceiver(0, 0, note(PortendMessage::RESULT));
        }
    }

    /// Forgets the chain and all that happened on it.
    void Clear()
    {
        m_nodes = NodeContainer();
        m_chain = PortendNetworkHelper();
        m_traffic.clear();
        m_arrivals.clear();
        Simulator::Destroy();
    }

    /// @return the transport of a tier
    Ptr<PortendTransport> GetTransport(uint32_t tier)
    {
        return m_nodes.Get(tier)->GetObject<PortendTransport>();
    }

    /// @return a message of a new request
    static PortendMessage GetMessage(uint64_t request,
                                     uint32_t bytes,
                                     PortendMessage::Kind kind = PortendMessage::TENSOR)
    {
        PortendMessage message;
        message.kind = kind;
        message.partition = 1;
        message.bytes = bytes;
        message.request = Create<PortendRequest>();
        message.request->id = request;
        message.request->ledger.Open();
        return message;
    }

    /// Lets a tier send a message.
    void Send(const PortendMessage& message, uint32_t from, uint32_t to, Time at = MilliSeconds(1))
    {
        Simulator::Schedule(at,
                            [this, message, from, to] { GetTransport(from)->Send(message, to); });
    }

    /// Damages packets that a tier receives from the tier below, counted from 0.
    void Lose(uint32_t tier, const std::list<uint32_t>& packets)
    {
        auto model = CreateObject<ReceiveListErrorModel>();
        model->SetList(packets);
        m_chain.GetDevices(tier - 1).Get(1)->SetAttribute("ReceiveErrorModel", PointerValue(model));
    }

    /// @return bytes of a message on the link: its packets have 50 bytes of headers each
    static uint64_t GetLinkBytes(uint32_t bytes, uint16_t mtu)
    {
        const uint32_t payload = mtu - 48;
        return bytes + 50 * ((bytes + payload - 1) / payload);
    }

    PortendNetworkHelper m_chain;    ///< the network
    NodeContainer m_nodes;           ///< its tiers
    std::vector<Traffic> m_traffic;  ///< by link
    std::vector<Arrival> m_arrivals; ///< in their order

  private:
    /// Counts the bytes of a device's trace source.
    static void Count(const Ptr<NetDevice>& device, const std::string& source, uint64_t& bytes)
    {
        ASSERT_TRUE(
            device->TraceConnectWithoutContext(source, MakeBoundCallback(&CountBytes, &bytes)));
    }
};

/// @return sizes at and beside the borders of fragments
std::vector<uint32_t>
GetSizes(uint32_t payload)
{
    std::vector<uint32_t> sizes{1, payload, payload + 1, 2 * payload, 2 * payload + 1, 12345};
    if (payload > 1)
    {
        sizes.insert(sizes.end(), {payload - 1, 2 * payload - 1});
    }
    return sizes;
}

} // namespace

// One message at a time over one link of 8 Mb/s and 1 ms: a byte takes 1 us, so that it
// arrives after 1 ms and as many microseconds as it has bytes on the link.
TEST_F(TransportTest, MessagesArriveWholeAndInTime)
{
    for (const uint16_t mtu : {68, 576, 1500, 9000, 65535})
    {
        for (const auto bytes : GetSizes(mtu - 48))
        {
            SCOPED_TRACE(std::to_string(bytes) + " B, MTU " + std::to_string(mtu));
            Build({"8Mbps"}, mtu);
            Send(GetMessage(5, bytes), 0, 1);
            Simulator::Run();

            const auto onLink = GetLinkBytes(bytes, mtu);
            ASSERT_EQ(m_arrivals.size(), 1U);
            const auto& [message, tier, time] = m_arrivals[0];
            EXPECT_EQ(tier, 1U);
            EXPECT_EQ(time, MilliSeconds(1) + MilliSeconds(1) + MicroSeconds(onLink));
            EXPECT_EQ(message.bytes, bytes);
            EXPECT_EQ(message.request->id, 5U);
            const auto& ledger = message.request->ledger;
            EXPECT_EQ(ledger.Get(PortendLedger::PROPAGATION), MilliSeconds(1));
            EXPECT_EQ(ledger.Get(PortendLedger::TRANSMISSION), MicroSeconds(onLink));
            EXPECT_EQ(ledger.Get(PortendLedger::NETWORK_EXCESS), Time());
            EXPECT_EQ(m_traffic[0].sent, onLink);
            EXPECT_EQ(m_traffic[0].received, onLink);
            EXPECT_EQ(m_traffic[0].refused, 0U);
            EXPECT_EQ(m_traffic[0].packets, (bytes + mtu - 49U) / (mtu - 48U));
            EXPECT_EQ(GetTransport(1)->GetIncompleteMessages(), 0U);
            Clear();
        }
    }
}

// Over several links, up and down, as the route says; each link carries all bytes.
TEST_F(TransportTest, IntermediateTiersForwardPacketByPacket)
{
    Build({"10Mbps", "3333333bps", "400Mbps"}, 1500);
    const uint32_t bytes = 100000;
    Send(GetMessage(1, bytes), 0, 3, MilliSeconds(1));
    Send(GetMessage(2, bytes), 3, 0, Seconds(10));
    Send(GetMessage(3, bytes), 2, 0, Seconds(20));
    Simulator::Run();
    ASSERT_EQ(m_arrivals.size(), 3U);
    const auto getTime = [this](uint32_t from, uint32_t to) {
        const auto route = m_chain.GetPath(from, to);
        return route.GetPropagation() + route.GetTransmission(bytes);
    };
    EXPECT_EQ(m_arrivals[0].time, MilliSeconds(1) + getTime(0, 3));
    EXPECT_EQ(m_arrivals[0].tier, 3U);
    EXPECT_EQ(m_arrivals[1].time, Seconds(10) + getTime(3, 0));
    EXPECT_EQ(m_arrivals[1].tier, 0U);
    EXPECT_EQ(m_arrivals[2].time, Seconds(20) + getTime(2, 0));
    EXPECT_EQ(m_chain.GetPath(0, 3).GetPropagation(), MilliSeconds(1 + 2 + 3));
    const auto onLink = GetLinkBytes(bytes, 1500);
    EXPECT_EQ(m_traffic[0].received, 3 * onLink);
    EXPECT_EQ(m_traffic[1].received, 3 * onLink);
    EXPECT_EQ(m_traffic[2].received, 2 * onLink);
}

// Chains with more links than ns-3's default time to live, up to IPv4's largest: both ways, and
// between tiers inside, whose routes are several blocks of links.
TEST_F(TransportTest, LongChainsArePassed)
{
    for (const uint32_t links : {64U, 65U, PortendNetworkHelper::MAX_HOPS})
    {
        SCOPED_TRACE(links);
        Build(std::vector<std::string>(links, "1Gbps"), 1500);
        const std::vector<std::pair<uint32_t, uint32_t>> ways{{0, links},
                                                              {links, 0},
                                                              {links - 1, 3},
                                                              {links / 2, 1},
                                                              {2, links / 2}};
        Time start;
        for (const auto& [from, to] : ways)
        {
            start += Seconds(100);
            Send(GetMessage(from, 2000), from, to, start);
        }
        Simulator::Run();
        ASSERT_EQ(m_arrivals.size(), ways.size());
        start = Time();
        for (std::size_t i = 0; i < ways.size(); ++i)
        {
            start += Seconds(100);
            const auto [from, to] = ways[i];
            const auto route = m_chain.GetPath(from, to);
            EXPECT_EQ(m_arrivals[i].tier, to);
            EXPECT_EQ(m_arrivals[i].time,
                      start + route.GetPropagation() + route.GetTransmission(2000));
        }
        Clear();
    }
}

TEST_F(TransportTest, MessagesOnTheSameTierArriveAtOnce)
{
    Build({"8Mbps"}, 1500);
    Send(GetMessage(1, 1000000), 0, 0);
    Simulator::Run();
    ASSERT_EQ(m_arrivals.size(), 1U);
    EXPECT_EQ(m_arrivals[0].tier, 0U);
    EXPECT_EQ(m_arrivals[0].time, MilliSeconds(1));
    EXPECT_EQ(m_arrivals[0].message.request->ledger.GetTotal(), Time());
    EXPECT_EQ(m_traffic[0].sent, 0U);
}

// What the sender knew of the request is what the receiver gets.
TEST_F(TransportTest, MessagesBringTheirRequest)
{
    Build({"8Mbps"}, 1500);
    auto message = GetMessage(0xfedcba9876543210, 10000, PortendMessage::RESULT);
    message.partition = 3;
    message.request->generated = MicroSeconds(17);
    message.request->exitPartition = 2;
    message.request->isRight = true;
    message.request->ledger.Current()[PortendLedger::COMPUTATION] = MilliSeconds(4);
    Send(message, 0, 1);
    Simulator::Run();
    ASSERT_EQ(m_arrivals.size(), 1U);
    const auto& received = m_arrivals[0].message;
    EXPECT_EQ(received.kind, PortendMessage::RESULT);
    EXPECT_EQ(received.partition, 3);
    EXPECT_EQ(received.sent, MilliSeconds(1));
    EXPECT_EQ(received.request->id, 0xfedcba9876543210);
    EXPECT_EQ(received.request->generated, MicroSeconds(17));
    EXPECT_EQ(received.request->exitPartition, 2);
    EXPECT_TRUE(received.request->isRight);
    EXPECT_EQ(received.request->ledger.Get(PortendLedger::COMPUTATION), MilliSeconds(4));
}

// Three messages at once on a link of 1 B/us: the second waits for all packets of the first,
// the third for those of both. What they wait is their network excess.
TEST_F(TransportTest, MessagesQueueBehindOneAnother)
{
    Build({"8Mbps"}, 1500);
    const std::vector<uint32_t> sizes{5000, 100, 3000};
    for (std::size_t i = 0; i < sizes.size(); ++i)
    {
        Send(GetMessage(i, sizes[i], i == 1 ? PortendMessage::RESULT : PortendMessage::TENSOR),
             0,
             1);
    }
    Simulator::Run();
    ASSERT_EQ(m_arrivals.size(), 3U);
    Time ahead;
    for (std::size_t i = 0; i < sizes.size(); ++i)
    {
        const auto own = MicroSeconds(GetLinkBytes(sizes[i], 1500));
        EXPECT_EQ(m_arrivals[i].message.request->id, i);
        EXPECT_EQ(m_arrivals[i].time, MilliSeconds(2) + ahead + own);
        const auto& ledger = m_arrivals[i].message.request->ledger;
        EXPECT_EQ(ledger.Get(PortendLedger::NETWORK_EXCESS), ahead);
        EXPECT_EQ(ledger.GetTotal(), m_arrivals[i].time - MilliSeconds(1));
        ahead += own;
    }
}

// Fragments from both sides of tier 1 alternate, of messages that bear the same request and
// partition; each sender has several messages under way.
TEST_F(TransportTest, InterleavedMessagesAreKeptApart)
{
    Build({"10Mbps", "10Mbps"}, 1500);
    uint64_t total = 0;
    for (uint64_t request = 0; request < 5; ++request)
    {
        Send(GetMessage(request, 20000 + request), 0, 1);
        Send(GetMessage(request, 30000 + request), 2, 1);
        total += GetLinkBytes(20000 + request, 1500) + GetLinkBytes(30000 + request, 1500);
    }
    Simulator::Schedule(MilliSeconds(15), [this] {
        EXPECT_EQ(GetTransport(1)->GetIncompleteMessages(), 2U); // one from each side
    });
    Simulator::Run();
    ASSERT_EQ(m_arrivals.size(), 10U);
    std::vector<uint64_t> next{0, 0}; // from below, from above
    for (const auto& arrival : m_arrivals)
    {
        const auto& message = arrival.message;
        const bool fromAbove = message.bytes >= 30000;
        EXPECT_EQ(message.bytes, (fromAbove ? 30000 : 20000) + message.request->id);
        EXPECT_EQ(message.request->id, next[fromAbove]++);
    }
    EXPECT_EQ(m_traffic[0].sent + m_traffic[1].sent, total);
    EXPECT_EQ(m_traffic[0].received + m_traffic[1].received, total);
    EXPECT_EQ(GetTransport(1)->GetIncompleteMessages(), 0U);
}

// A message that lost its first, a middle or its last fragment is never delivered, and hurts
// no other. 5000 B make 4 packets of an MTU of 1500.
TEST_F(TransportTest, LostFragmentLosesItsMessageOnly)
{
    for (const uint32_t lost : {0, 1, 3})
    {
        SCOPED_TRACE(lost);
        Build({"8Mbps"}, 1500);
        Lose(1, {lost});
        Send(GetMessage(1, 5000), 0, 1);
        Send(GetMessage(2, 5000), 0, 1);
        Simulator::Run();
        ASSERT_EQ(m_arrivals.size(), 1U);
        EXPECT_EQ(m_arrivals[0].message.request->id, 2U);
        EXPECT_EQ(GetTransport(1)->GetIncompleteMessages(), 1U);
        EXPECT_EQ(m_traffic[0].sent, 2 * GetLinkBytes(5000, 1500));
        EXPECT_GT(m_traffic[0].lost, 0U);
        EXPECT_EQ(m_traffic[0].sent, m_traffic[0].received + m_traffic[0].lost);
        Clear();
    }
}

TEST_F(TransportTest, LostMessageLeavesNothing)
{
    Build({"8Mbps"}, 1500);
    Lose(1, {0, 1, 2, 3});
    Send(GetMessage(1, 5000), 0, 1);
    Simulator::Run();
    EXPECT_TRUE(m_arrivals.empty());
    EXPECT_EQ(GetTransport(1)->GetIncompleteMessages(), 0U);
    EXPECT_EQ(m_traffic[0].received, 0U);
    EXPECT_EQ(m_traffic[0].lost, m_traffic[0].sent);
}

// Of 500 messages of two datagrams the second is lost. When a whole message begins after them, it
// is one of 64 that may be incomplete: 63 of the others are left, and 437 were given up.
TEST_F(TransportTest, IncompleteMessagesDoNotPileUp)
{
    Build({"8Mbps"}, 1500);
    std::list<uint32_t> lost;
    for (uint32_t i = 0; i < 500; ++i)
    {
        Send(GetMessage(i, 2000), 0, 1);
        lost.push_back(2 * i + 1);
    }
    Lose(1, lost);
    Send(GetMessage(500, 2000), 0, 1);
    Simulator::Run();
    ASSERT_EQ(m_arrivals.size(), 1U);
    EXPECT_EQ(m_arrivals[0].message.request->id, 500U);
    EXPECT_EQ(GetTransport(1)->GetIncompleteMessages(), 63U);
    EXPECT_EQ(DynamicCast<PortendUdpTransport>(GetTransport(1))->GetGivenUpMessages(), 437U);
}

// A datagram of 1502 B takes 120 s at 100 b/s. That is slow, but nothing is lost, and nothing but
// the datagrams keeps the simulation going.
TEST_F(TransportTest, SlowMessagesAreNotGivenUp)
{
    Build({"100bps"}, 1500);
    for (uint64_t i = 0; i < 3; ++i)
    {
        Send(GetMessage(i, 14520), 0, 1);
    }
    Simulator::Run();
    ASSERT_EQ(m_arrivals.size(), 3U);
    EXPECT_EQ(m_arrivals[2].time, MilliSeconds(2) + Seconds(3 * 10 * 1502 * 0.08));
    EXPECT_EQ(Simulator::Now(), m_arrivals[2].time);
    EXPECT_EQ(DynamicCast<PortendUdpTransport>(GetTransport(1))->GetGivenUpMessages(), 0U);
}

// Messages 1 to 3 arrive with their halves in disorder. With two that may be incomplete, the first
// is given up when the third begins. Its other half comes too late: it is refused, it begins no
// new message, and it is counted once. What is less out of order arrives.
TEST_F(TransportTest, LateFragmentsBelongToNothing)
{
    m_chain.SetTransportAttribute("MaxIncomplete", UintegerValue(2));
    Build({"8Mbps"}, 1500);
    const auto transport = DynamicCast<PortendUdpTransport>(GetTransport(1));
    uint32_t dropped = 0;
    transport->TraceConnectWithoutContext("Drop", MakeBoundCallback(&CountPacket, &dropped));
    Simulator::Schedule(MilliSeconds(1), [this] {
        auto socket = Socket::CreateSocket(m_nodes.Get(0), UdpSocketFactory::GetTypeId());
        auto& flow = GetTransport(0)->GetExchange()->GetFlow(0, 1);
        for (flow.count = 1; flow.count <= 3; ++flow.count)
        {
            auto message = GetMessage(flow.count, 200);
            message.number = flow.count;
            flow.underWay.Push(message);
        }
        const InetSocketAddress address(flow.address, GetTransport(1)->GetPort());
        const auto send = [&](uint64_t number, bool isFirst) {
            auto message = GetMessage(number, 200);
            message.number = number;
            auto packet = Create<Packet>(100);
            packet->AddHeader(PortendHeader(message, isFirst ? 0 : 100));
            socket->SendTo(packet, 0, address);
        };
        send(1, true);
        send(2, true);
        send(3, false);
        send(1, false);
        send(3, true);
        send(1, false);
        send(2, false);
    });
    Simulator::Schedule(MilliSeconds(50), [&] {
        EXPECT_EQ(transport->GetGivenUpMessages(), 1U);
        EXPECT_EQ(transport->GetIncompleteMessages(), 0U);
        EXPECT_EQ(dropped, 2U);
    });
    Send(GetMessage(4, 5000), 0, 1, MilliSeconds(60));
    Simulator::Run();
    ASSERT_EQ(m_arrivals.size(), 3U);
    EXPECT_EQ(m_arrivals[0].message.request->id, 3U);
    EXPECT_EQ(m_arrivals[1].message.request->id, 2U);
    EXPECT_EQ(m_arrivals[2].message.request->id, 4U);
    EXPECT_EQ(transport->GetGivenUpMessages(), 1U);
}

// A queue of 4000 B holds two packets of 1502 B while one is transmitted: of 10 packets the
// last seven are refused at once.
TEST_F(TransportTest, FullQueueRefusesPackets)
{
    m_chain.SetQueueSize(QueueSize("4000B"));
    Build({"8Mbps"}, 1500);
    const uint32_t bytes = 10 * 1452;
    Send(GetMessage(1, bytes), 0, 1);
    Simulator::Run();
    EXPECT_TRUE(m_arrivals.empty());
    EXPECT_EQ(m_traffic[0].packets, 3U);
    EXPECT_EQ(m_traffic[0].refused, 7 * 1502U);
    EXPECT_EQ(m_traffic[0].sent + m_traffic[0].refused, GetLinkBytes(bytes, 1500));
    EXPECT_EQ(m_traffic[0].sent, m_traffic[0].received);
}

// Datagrams of others on the same port are refused, and nothing else happens.
TEST_F(TransportTest, StrangeDatagramsAreDropped)
{
    Build({"8Mbps"}, 1500);
    uint32_t dropped = 0;
    GetTransport(1)->TraceConnectWithoutContext("Drop", MakeBoundCallback(&CountPacket, &dropped));
    Simulator::Schedule(MilliSeconds(1), [this] {
        auto socket = Socket::CreateSocket(m_nodes.Get(0), UdpSocketFactory::GetTypeId());
        const InetSocketAddress address(GetTransport(0)->GetExchange()->GetFlow(0, 1).address,
                                        GetTransport(1)->GetPort());
        std::vector<uint8_t> noise(100, 0xa5);
        for (const uint32_t size : {0, 1, 19, 20, 100})
        {
            socket->SendTo(Create<Packet>(noise.data(), size), 0, address);
        }
        // Headers like ours before what no transport has sent: a whole message, the first of
        // several fragments, and two others that have as many bytes as their message.
        const auto send = [&](uint32_t offset, uint32_t size) {
            auto packet = Create<Packet>(size);
            packet->AddHeader(PortendHeader(GetMessage(9, 50), offset));
            socket->SendTo(packet, 0, address);
        };
        send(0, 50);
        send(0, 20);
        send(10, 40);
        send(40, 10);
    });
    Send(GetMessage(1, 5000), 0, 1, MilliSeconds(50));
    Simulator::Run();
    EXPECT_EQ(dropped, 9U);
    EXPECT_EQ(GetTransport(1)->GetIncompleteMessages(), 0U);
    ASSERT_EQ(m_arrivals.size(), 1U);
    EXPECT_EQ(m_arrivals[0].message.request->id, 1U);
}

// Of 4000 messages of one datagram each a link loses a tenth, with a standard deviation of
// sqrt(4000 * 0.1 * 0.9); the same ones with the same streams.
TEST_F(TransportTest, LinksLoseTheirShareOfPackets)
{
    const auto getArrived = [this](int64_t stream) {
        m_chain.SetLoss(0.1);
        Build({"8Mbps"}, 1500);
        EXPECT_EQ(m_chain.AssignStreams(stream), 2); // a device at each end
        for (uint64_t request = 0; request < 4000; ++request)
        {
            Send(GetMessage(request, 1000), 0, 1);
        }
        Simulator::Run();
        EXPECT_GT(m_traffic[0].lost, 0U);
        EXPECT_EQ(m_traffic[0].sent, m_traffic[0].received + m_traffic[0].lost);
        std::vector<uint64_t> arrived;
        for (const auto& arrival : m_arrivals)
        {
            arrived.push_back(arrival.message.request->id);
        }
        Clear();
        return arrived;
    };
    const auto first = getArrived(5);
    EXPECT_NEAR(first.size(), 3600, 4 * std::sqrt(4000 * 0.1 * 0.9));
    EXPECT_EQ(getArrived(5), first);
    EXPECT_NE(getArrived(50), first);
}

TEST_F(TransportTest, TracesMessagesSentAndReceived)
{
    Build({"8Mbps"}, 1500);
    std::vector<std::string> events;
    for (uint32_t node = 0; node < 2; ++node)
    {
        for (const std::string source : {"MessageSent", "MessageReceived"})
        {
            GetTransport(node)->TraceConnectWithoutContext(
                source,
                Callback<void, const PortendMessage&, uint32_t>(
                    [&events, source](const PortendMessage& message, uint32_t tier) {
                        events.push_back(source + " " + std::to_string(message.request->id) +
                                         " at " + std::to_string(tier));
                    }));
        }
    }
    Send(GetMessage(1, 5000), 0, 1, MilliSeconds(1));
    Send(GetMessage(2, 1), 1, 1, MilliSeconds(50));
    Simulator::Run();
    EXPECT_EQ(events,
              (std::vector<std::string>{"MessageSent 1 at 0",
                                        "MessageReceived 1 at 1",
                                        "MessageSent 2 at 1",
                                        "MessageReceived 2 at 1"}));
}

using TransportDeathTest = TransportTest;

TEST_F(TransportDeathTest, RefusesUnknownTier)
{
    Build({"8Mbps"}, 1500);
    Send(GetMessage(1, 1), 0, 7);
    EXPECT_DEATH(Simulator::Run(), "there is no node 7");
}
