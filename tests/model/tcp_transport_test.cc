/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Messages over TCP: as real Linux sends them, whole, once and in order whatever is lost, and
// with every nanosecond of their network excess explained.

#include "simulator_test.h"

#include "ns3/boolean.h"
#include "ns3/config.h"
#include "ns3/error-model.h"
#include "ns3/net-device.h"
#include "ns3/pointer.h"
#include "ns3/portend-network-helper.h"
#include "ns3/portend-tcp-transport.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <numeric>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

using namespace ns3;

namespace
{

/// A message that has arrived.
struct Arrival
{
    PortendMessage message; ///< the message
    uint32_t from;          ///< tier that sent it
    uint32_t to;            ///< tier that received it
    Time time;              ///< when

    /// @return time since it was sent
    Time GetDuration() const
    {
        return time - message.sent;
    }

    /// @return part of its network excess
    Time GetExcess(PortendLedger::ExcessPart part) const
    {
        return message.request->ledger.GetExcess()[part];
    }
};

/// A chain whose tiers note what arrives.
class TcpTransportTest : public SimulatorTest
{
  protected:
    TcpTransportTest()
    {
        Clear();
    }

    /**
     * @brief Build a chain.
     * @param links bandwidth and delay of each
     * @param mtu of the links
     */
    void Build(const std::vector<std::pair<std::string, Time>>& links, uint16_t mtu = 1500)
    {
        m_chain.SetMtu(mtu);
        for (const auto& [bandwidth, delay] : links)
        {
            m_chain.AddLink(DataRate(bandwidth), delay);
        }
        m_nodes = m_chain.Install();
        for (uint32_t tier = 0; tier < m_nodes.GetN(); ++tier)
        {
            GetTransport(tier)->SetTensorReceiver(
                PortendTransport::Receiver([this, tier](const PortendMessage& message) {
                    m_arrivals.push_back({message, message.partition, tier, Simulator::Now()});
                    EXPECT_EQ(message.request->ledger.GetTotal(), m_arrivals.back().GetDuration());
                    const auto& excess = message.request->ledger.GetExcess();
                    EXPECT_EQ(std::accumulate(excess.begin(), excess.end(), Time()),
                              message.request->ledger.Get(PortendLedger::NETWORK_EXCESS));
                    if (m_next)
                    {
                        m_next();
                    }
                }));
        }
    }

    /// Builds the chain on which Linux was measured: A, B and C are tiers 0, 1 and 2.
    void BuildAsMeasured()
    {
        Build({{"10Mbps", MilliSeconds(20)}, {"400Mbps", MilliSeconds(40)}});
    }

    /// Forgets the chain and all that happened on it.
    void Clear()
    {
        m_nodes = NodeContainer();
        m_chain = PortendNetworkHelper();
        m_chain.SetTransport(m_type);
        m_arrivals.clear();
        m_next = nullptr;
        m_requests = 0;
        Simulator::Destroy();
    }

    /// @return the transport of a tier
    Ptr<PortendTransport> GetTransport(uint32_t tier)
    {
        return m_nodes.Get(tier)->GetObject<PortendTransport>();
    }

    /// Sends a message of the next request; its partition tells the sender.
    void Send(uint32_t from, uint32_t to, uint32_t bytes)
    {
        PortendMessage message;
        message.partition = from;
        message.bytes = bytes;
        message.request = Create<PortendRequest>();
        message.request->id = m_requests++;
        message.request->ledger.Open();
        GetTransport(from)->Send(message, to);
    }

    /// Sends a message at some time.
    void SendAt(Time time, uint32_t from, uint32_t to, uint32_t bytes)
    {
        Simulator::Schedule(time, [this, from, to, bytes] { Send(from, to, bytes); });
    }

    /**
     * @brief Send messages on a connection that stands, each when the one before has arrived.
     * @param from tier that sends
     * @param to tier that receives
     * @param sizes of the messages
     * @param pause before the last message
     * @return their durations
     */
    std::vector<Time> SendInTurn(uint32_t from,
                                 uint32_t to,
                                 const std::vector<uint32_t>& sizes,
                                 Time pause = Time())
    {
        std::size_t next = 0;
        m_next = [&, from, to, pause] {
            if (next < sizes.size())
            {
                const bool isLast = next + 1 == sizes.size();
                SendAt(isLast ? pause : Time(), from, to, sizes[next++]);
            }
        };
        Simulator::Schedule(Time(), [&, from, to] {
            const auto largest = *std::max_element(sizes.begin(), sizes.end());
            const Callback<void> ready([this] { m_next(); });
            if (!GetTransport(from)->Prepare(to, largest, ready))
            {
                m_next();
            }
        });
        Simulator::Run();
        m_next = nullptr;
        EXPECT_EQ(m_arrivals.size(), sizes.size());
        std::vector<Time> durations;
        for (const auto& arrival : m_arrivals)
        {
            durations.push_back(arrival.GetDuration());
        }
        return durations;
    }

    std::string m_type{"ns3::PortendTcpTransport"}; ///< of the transport
    PortendNetworkHelper m_chain;                   ///< the network
    NodeContainer m_nodes;                          ///< its tiers
    std::vector<Arrival> m_arrivals;                ///< in their order
    std::function<void()> m_next;                   ///< called after each arrival
    uint64_t m_requests{0};                         ///< sent so far
};

/// What holds whatever carries the segments.
class TcpEnginesTest : public TcpTransportTest, public testing::WithParamInterface<const char*>
{
  protected:
    TcpEnginesTest()
    {
        m_type = GetParam();
        Clear();
    }
};

INSTANTIATE_TEST_SUITE_P(Engines,
                         TcpEnginesTest,
                         testing::Values("ns3::PortendTcpTransport",
                                         "ns3::PortendTrainTcpTransport"),
                         [](const auto& engine) {
                             return std::string(engine.index == 0 ? "Packets" : "Trains");
                         });

/// A measurement of real Linux TCP.
struct LinuxRow
{
    bool isWarm;        ///< after four messages, or the first of a connection
    uint32_t from;      ///< tier that sends
    uint32_t to;        ///< tier that receives
    uint32_t bytes;     ///< size of the message
    double medianMs;    ///< measured
    double halfRangeMs; ///< of the repeats
};

/// @return the measurements
std::vector<LinuxRow>
ReadLinuxRows()
{
    std::ifstream stream(PORTEND_TEST_DATA_DIR "/linux-tcp.csv");
    std::vector<LinuxRow> rows;
    for (std::string line; std::getline(stream, line);)
    {
        if (line[0] == '#' || line.rfind("connection,", 0) == 0)
        {
            continue;
        }
        std::replace(line.begin(), line.end(), ',', ' ');
        std::istringstream fields(line);
        std::string connection;
        std::string path;
        LinuxRow row;
        fields >> connection >> path >> row.bytes >> row.medianMs >> row.halfRangeMs;
        EXPECT_TRUE(fields) << line;
        row.isWarm = connection == "warm";
        row.from = path.at(0) - 'A';
        row.to = path.at(2) - 'A';
        rows.push_back(row);
    }
    return rows;
}

} // namespace

// Cold messages of 13 kB and more within 1.5 %, warm ones within 1.5 % or twice the half-range;
// of 1 kB within 0.5 ms: 0.3 ms are the measuring hosts' own.
// Where IP cuts segments, on the first link or later, the pieces are followed: on an idle network
// what is left is the time step after which a socket of ns-3 begins.
TEST_P(TcpEnginesTest, SegmentsThatAreCutAreExplained)
{
    for (const uint32_t segment : {0U, 536U, 1448U, 8948U, 60000U})
    {
        for (const uint16_t second : {576, 1500, 9000})
        {
            SCOPED_TRACE(testing::Message() << "segment " << segment << ", MTU " << second);
            Clear();
            m_chain.SetTransportAttribute("SegmentSize", UintegerValue(segment));
            m_chain.SetTransportAttribute("InitialWindow", UintegerValue(1000)); // takes it whole
            m_chain.AddLink(DataRate("100Mbps"), MilliSeconds(1), second);
            Build({{"10Mbps", MilliSeconds(2)}}, 4000);
            GetTransport(0)->Prepare(2, 50000, Callback<void>([] {}));
            GetTransport(2)->Prepare(0, 50000, Callback<void>([] {}));
            SendAt(Seconds(1), 0, 2, 50000);
            SendAt(Seconds(2), 2, 0, 50000);
            Simulator::Run();
            ASSERT_EQ(m_arrivals.size(), 2U);
            for (const auto& arrival : m_arrivals)
            {
                EXPECT_EQ(arrival.message.request->ledger.Get(PortendLedger::NETWORK_EXCESS),
                          NanoSeconds(1));
                EXPECT_EQ(arrival.GetExcess(PortendLedger::PROTOCOL), NanoSeconds(1));
            }
        }
    }
}

// Of a connection whose buffer takes less than the bandwidth-delay product, a buffer's bytes pass
// in each round trip at the most.
TEST_P(TcpEnginesTest, SmallBufferLimitsTheThroughput)
{
    m_chain.SetTransportAttribute("BufferSize", UintegerValue(10000));
    Build({{"100Mbps", MilliSeconds(50)}});
    SendAt(Seconds(1), 0, 1, 100000);
    Simulator::Run();
    // 100020 B are more than ten buffers: the last one leaves after ten round trips of 100 ms, and
    // arrives 50 ms later.
    ASSERT_EQ(m_arrivals.size(), 1U);
    EXPECT_GE(m_arrivals[0].GetDuration(), MilliSeconds(1050));
    EXPECT_GE(m_arrivals[0].GetExcess(PortendLedger::WINDOW), MilliSeconds(900));
}

TEST_P(TcpEnginesTest, MeetsRealLinux)
{
    const auto rows = ReadLinuxRows();
    ASSERT_EQ(rows.size(), 16U);
    for (const auto& row : rows)
    {
        BuildAsMeasured();
        const std::vector<uint32_t> sizes(row.isWarm ? 5 : 1, row.bytes);
        const double ms = SendInTurn(row.from, row.to, sizes).back().GetNanoSeconds() * 1e-6;
        double allowedMs = 0.015 * row.medianMs;
        if (row.bytes < 13000)
        {
            allowedMs = 0.5;
        }
        else if (row.isWarm)
        {
            allowedMs = std::max(allowedMs, 2 * row.halfRangeMs);
        }
        EXPECT_NEAR(ms, row.medianMs, allowedMs) << row.bytes << " B from " << row.from << " to "
                                                 << row.to << (row.isWarm ? ", warm" : ", cold");
        Clear();
    }
}

// On a connection that stands and whose window is large enough, a message takes the idle route's
// time and the time step after which a socket of ns-3 begins. What is left of slow start after
// four messages is within 1 %.
TEST_P(TcpEnginesTest, WarmMessagesMeetTheFormula)
{
    for (const uint16_t mtu : {576, 1500, 9000})
    {
        for (const uint32_t bytes : {10000, 66000, 600000})
        {
            for (const std::string second : {"1Mbps", "10Mbps", "400Mbps"})
            {
                SCOPED_TRACE(std::to_string(bytes) + " B, MTU " + std::to_string(mtu) + ", " +
                             second);
                Build({{"10Mbps", MilliSeconds(20)}, {second, MilliSeconds(5)}}, mtu);
                const auto durations = SendInTurn(0, 2, std::vector<uint32_t>(6, bytes));
                const auto route = m_chain.GetPath(0, 2);
                const Time idle = route.GetPropagation() + route.GetTransmission(bytes);
                EXPECT_GE(durations.back(), idle + TimeStep(1));
                EXPECT_LE(durations.back(), idle + idle * int64x64_t(0.01));
                if (bytes <= 66000)
                {
                    EXPECT_EQ(durations.back(), idle + TimeStep(1));
                    EXPECT_EQ(m_arrivals.back().GetExcess(PortendLedger::PROTOCOL), TimeStep(1));
                }
                Clear();
            }
        }
    }
}

// Four messages of 66 kB at once take as long as one of their bytes together: 4 * 66020 B are
// 183 segments, 264080 + 183 * 54 = 273962 B on the link, at 10 Mb/s 219.1696 ms, and 20 ms. In
// Linux, over four connections, the last arrives at 239.2 ms.
TEST_P(TcpEnginesTest, MessagesAtOnceQueueBehindOneAnother)
{
    BuildAsMeasured();
    SendInTurn(0, 1, std::vector<uint32_t>(5, 66000));
    m_arrivals.clear();
    for (int i = 0; i < 4; ++i)
    {
        SendAt(Seconds(1), 0, 1, 66000);
    }
    Simulator::Run();
    ASSERT_EQ(m_arrivals.size(), 4U);
    EXPECT_NEAR(m_arrivals.back().GetDuration().GetSeconds(), 0.2392, 0.015 * 0.2392);
    EXPECT_EQ(m_arrivals.back().GetDuration(), NanoSeconds(239169600) + TimeStep(1));
    for (std::size_t i = 0; i < 4; ++i)
    {
        EXPECT_EQ(m_arrivals[i].message.request->id, 5 + i);
        const Time queueing = m_arrivals[i].GetExcess(PortendLedger::QUEUEING);
        // 46 segments of the 66020 B of each message ahead: 68504 B on the link, 54.8032 ms.
        // Where segments hold the end of one message and the begin of the next, there is one
        // segment less, or a message is complete only with some bytes of the next.
        EXPECT_NEAR(queueing.GetSeconds(), i * 0.0548032, 1502 * 0.8e-6);
        EXPECT_EQ(m_arrivals[i].GetExcess(PortendLedger::WINDOW), Time());
        EXPECT_EQ(m_arrivals[i].GetExcess(PortendLedger::RETRANSMISSION), Time());
    }
}

// The first message of a connection waits for its window; nothing else delays it.
TEST_P(TcpEnginesTest, ColdMessagesWaitForTheWindow)
{
    BuildAsMeasured();
    const Time duration = SendInTurn(0, 1, {66000}).front();
    const auto route = m_chain.GetPath(0, 1);
    const Time excess = duration - route.GetPropagation() - route.GetTransmission(66000);
    const auto& arrival = m_arrivals.front();
    const Time protocol = arrival.GetExcess(PortendLedger::PROTOCOL);
    EXPECT_EQ(arrival.GetExcess(PortendLedger::WINDOW), excess - protocol);
    // Ten segments last 12 ms, and acknowledgments come after a round trip of 41 ms: the link
    // is idle for about 29 ms, and once more for the rest of the second flight.
    EXPECT_GT(excess, MilliSeconds(40));
    // Its first packet finds the last one of the handshake ahead, 54 B.
    EXPECT_GE(protocol, TimeStep(1));
    EXPECT_LE(protocol, MicroSeconds(44));
}

// Without warm connections the first message brings up its own: a round trip of 40 ms and two
// packets of less than 80 B, 64 us each. The next message does not wait again.
TEST_P(TcpEnginesTest, ConnectionIsSetUpByItsFirstMessage)
{
    m_chain.SetTransportAttribute("Warm", BooleanValue(false));
    BuildAsMeasured();
    const auto durations = SendInTurn(0, 1, {1000, 1000});
    EXPECT_GT(durations[0] - durations[1], MilliSeconds(40));
    EXPECT_LT(durations[0] - durations[1], MicroSeconds(40200));
    EXPECT_EQ(m_arrivals[0].GetExcess(PortendLedger::PROTOCOL),
              m_arrivals[0].message.request->ledger.Get(PortendLedger::NETWORK_EXCESS));
    EXPECT_EQ(m_arrivals[1].GetExcess(PortendLedger::PROTOCOL), TimeStep(1));
}

// Whoever sends without a word before gets a connection too.
TEST_P(TcpEnginesTest, SendsWithoutPreparation)
{
    BuildAsMeasured();
    SendAt(MilliSeconds(7), 2, 1, 5000);
    SendAt(MilliSeconds(7), 1, 1, 5000); // to itself: no network
    Simulator::Run();
    ASSERT_EQ(m_arrivals.size(), 2U);
    EXPECT_EQ(m_arrivals[0].from, 1U);
    EXPECT_EQ(m_arrivals[0].GetDuration(), Time());
    EXPECT_GT(m_arrivals[1].GetDuration(), MilliSeconds(120)); // three ways of 40 ms
    EXPECT_EQ(GetTransport(1)->GetIncompleteMessages(), 0U);
}

// One packet of a message is lost, and its message alone is late: the ledger knows why.
TEST_F(TcpTransportTest, RetransmissionIsToldApart)
{
    struct Case
    {
        uint32_t segment; ///< of 46 that is lost
        Time least;       ///< delay
        Time most;        ///< delay
    };

    // A segment in the middle is asked for again by those after it: at the earliest a round trip
    // after it should have come. The last one is missed when the timer of a second runs out,
    // which acknowledgments of earlier segments have set anew.
    const std::vector<Case> cases{{20, MilliSeconds(1), MilliSeconds(100)},
                                  {45, MilliSeconds(900), MilliSeconds(1100)}};
    for (const auto& [segment, least, most] : cases)
    {
        SCOPED_TRACE(segment);
        BuildAsMeasured();
        SendInTurn(0, 1, std::vector<uint32_t>(5, 66000));
        m_arrivals.clear();
        auto model = CreateObject<ReceiveListErrorModel>();
        model->SetList({segment});
        m_chain.GetDevices(0).Get(1)->SetAttribute("ReceiveErrorModel", PointerValue(model));
        SendAt(Seconds(2), 0, 1, 66000);
        SendAt(Seconds(9), 0, 1, 66000);
        Simulator::Run();
        ASSERT_EQ(m_arrivals.size(), 2U);
        const Time resent = m_arrivals[0].GetExcess(PortendLedger::RETRANSMISSION);
        EXPECT_GE(resent, least);
        EXPECT_LE(resent, most);
        EXPECT_EQ(m_arrivals[0].GetExcess(PortendLedger::WINDOW), Time());
        EXPECT_EQ(m_arrivals[0].GetExcess(PortendLedger::QUEUEING), Time());
        EXPECT_EQ(m_arrivals[1].GetExcess(PortendLedger::RETRANSMISSION), Time());
        Clear();
    }
}

// Whatever links lose, every message arrives once, and in the order of its connection.
TEST_F(TcpTransportTest, LossLosesNoMessage)
{
    for (const double loss : {0.01, 0.1, 0.4})
    {
        for (const bool isWarm : {true, false})
        {
            SCOPED_TRACE(loss);
            m_chain.SetLoss(loss);
            m_chain.SetTransportAttribute("Warm", BooleanValue(isWarm));
            Build({{"10Mbps", MilliSeconds(2)}, {"100Mbps", MilliSeconds(1)}});
            EXPECT_EQ(m_chain.AssignStreams(7), 4); // two devices for each of two links
            uint64_t sent = 0;
            std::map<std::pair<uint32_t, uint32_t>, std::vector<uint64_t>> expected;
            for (int i = 0; i < 60; ++i)
            {
                const uint32_t from = i % 3;
                const uint32_t to = (from + 1 + i / 3 % 2) % 3;
                SendAt(MilliSeconds(1 + 40 * (i / 6)), from, to, 1 + 7919 * i % 50000);
                expected[{from, to}].push_back(sent++);
            }
            Simulator::Run();
            std::map<std::pair<uint32_t, uint32_t>, std::vector<uint64_t>> found;
            Time resent;
            for (const auto& arrival : m_arrivals)
            {
                found[{arrival.from, arrival.to}].push_back(arrival.message.request->id);
                resent += arrival.GetExcess(PortendLedger::RETRANSMISSION);
                for (const auto part : {PortendLedger::WINDOW,
                                        PortendLedger::RETRANSMISSION,
                                        PortendLedger::QUEUEING})
                {
                    EXPECT_GE(arrival.GetExcess(part), Time());
                }
            }
            EXPECT_EQ(found, expected);
            EXPECT_GT(resent, Time());
            for (uint32_t tier = 0; tier < 3; ++tier)
            {
                EXPECT_EQ(GetTransport(tier)->GetIncompleteMessages(), 0U);
            }
            Clear();
        }
    }
}

TEST_F(TcpTransportTest, SameStreamsLoseTheSamePackets)
{
    const auto getDurations = [this](int64_t stream) {
        m_chain.SetLoss(0.05);
        BuildAsMeasured();
        m_chain.AssignStreams(stream);
        const auto durations = SendInTurn(0, 2, std::vector<uint32_t>(20, 30000));
        Clear();
        return durations;
    };
    const auto first = getDurations(3);
    EXPECT_EQ(getDurations(3), first);
    EXPECT_NE(getDurations(9), first);
}

// The default queue takes whatever is sent at once, from several tiers and over a bottleneck.
TEST_F(TcpTransportTest, DefaultQueuesDropNothing)
{
    Build({{"1Gbps", MilliSeconds(1)}, {"10Mbps", MilliSeconds(50)}}, 9000);
    uint32_t dropped = 0;
    for (uint32_t link = 0; link < 2; ++link)
    {
        const auto devices = m_chain.GetDevices(link);
        for (auto it = devices.Begin(); it != devices.End(); ++it)
        {
            (*it)->TraceConnectWithoutContext(
                "MacTxDrop",
                Callback<void, Ptr<const Packet>>([&](Ptr<const Packet>) { ++dropped; }));
        }
    }
    for (int i = 0; i < 10; ++i)
    {
        SendAt(MilliSeconds(1), 0, 2, 4000000);
        SendAt(MilliSeconds(1), 1, 2, 4000000);
    }
    Simulator::Run();
    EXPECT_EQ(m_arrivals.size(), 20U);
    EXPECT_EQ(dropped, 0U);
}

// Linux's tcp_cwnd_restart(): after an idle time of more than n retransmission timeouts the
// window is halved n times, but not below the initial ten segments. The timeout is the smoothed
// round trip, here 41 to 96 ms (up to 46 segments of 1.2 ms queue), and 200 ms: an idle time of
// 350 ms is more than one and less than two of them.
TEST_F(TcpTransportTest, IdleConnectionsRestartTheirWindow)
{
    enum class Window
    {
        KEPT,
        HALVED,
        INITIAL
    };

    struct Case
    {
        bool restarts;   ///< attribute
        Time pause;      ///< without anything to send
        Window expected; ///< what becomes of the window
    };

    const std::vector<Case> cases{{true, MilliSeconds(100), Window::KEPT},
                                  {true, MilliSeconds(350), Window::HALVED},
                                  {true, Seconds(5), Window::INITIAL},
                                  {false, Seconds(5), Window::KEPT}};
    for (const auto& [restarts, pause, expected] : cases)
    {
        SCOPED_TRACE(pause.As(Time::MS));
        m_chain.SetTransportAttribute("RestartAfterIdle", BooleanValue(restarts));
        BuildAsMeasured();
        std::vector<std::pair<uint32_t, uint32_t>> changes; // of the window, from the last message
        Simulator::Schedule(MilliSeconds(100), [&] {
            Config::ConnectWithoutContext(
                "/NodeList/0/$ns3::TcpL4Protocol/SocketList/*/CongestionWindow",
                Callback<void, uint32_t, uint32_t>([&](uint32_t before, uint32_t after) {
                    if (m_requests == 6)
                    {
                        changes.emplace_back(before, after);
                    }
                }));
        });
        const Time duration = SendInTurn(0, 1, std::vector<uint32_t>(6, 66000), pause).back();
        ASSERT_FALSE(changes.empty());
        const auto [before, after] = changes.front();
        const auto& last = m_arrivals.back();
        EXPECT_GT(before, 2 * 46 * 1448U); // half of it takes the whole message
        switch (expected)
        {
        case Window::KEPT:
            EXPECT_GT(after, before); // by the first acknowledgment
            EXPECT_EQ(last.GetExcess(PortendLedger::WINDOW), Time());
            break;
        case Window::HALVED:
            EXPECT_EQ(after, before / 2);
            EXPECT_EQ(last.GetExcess(PortendLedger::WINDOW), Time());
            break;
        case Window::INITIAL:
            // The message takes as long as a cold one, 121.7 ms in Linux.
            EXPECT_EQ(after, 10 * 1448U);
            EXPECT_NEAR(duration.GetSeconds(), 0.1217, 0.015 * 0.1217);
            EXPECT_GT(last.GetExcess(PortendLedger::WINDOW), MilliSeconds(40));
            break;
        }
        Clear();
    }
}

// ns-3 (until 3.41) lets a congestion window grow by half of what is acknowledged, needed or not,
// and holds it in 32 bits: after some gigabytes it would begin again below a segment, and nothing
// more be sent. Here it begins 7828 B below 2^32: 479991 segments of 8948 B.
TEST_P(TcpEnginesTest, WindowDoesNotOverflow)
{
    m_chain.SetTransportAttribute("InitialWindow", UintegerValue(479991));
    Build({{"10Mbps", MilliSeconds(20)}}, 9000);
    ASSERT_EQ(SendInTurn(0, 1, std::vector<uint32_t>(20, 100000)).size(), 20U);
    for (const auto& arrival : m_arrivals)
    {
        EXPECT_EQ(arrival.GetExcess(PortendLedger::WINDOW), Time());
    }
}

// All that ns-3 has, and each of them moves messages.
TEST_F(TcpTransportTest, EveryVariantMovesMessages)
{
    const auto variants = PortendTcpTransport::GetVariants();
    for (const char* const known : {"TcpBbr", "TcpCubic", "TcpLinuxReno", "TcpNewReno"})
    {
        EXPECT_EQ(std::count(variants.begin(), variants.end(), known), 1) << known;
    }
    EXPECT_TRUE(std::is_sorted(variants.begin(), variants.end()));
    for (const auto& variant : variants)
    {
        SCOPED_TRACE(variant);
        EXPECT_TRUE(PortendTcpTransport::HasVariant(variant));
        m_chain.SetTransportAttribute("Variant", StringValue("ns3::" + variant));
        BuildAsMeasured();
        SendInTurn(0, 2, {100000, 100, 100000});
        Clear();
    }
    for (const char* const other : {"TcpSocketBase", "TcpCongestionOps", "PortendWorker", "TcpNo"})
    {
        EXPECT_FALSE(PortendTcpTransport::HasVariant(other)) << other;
    }
}

using TcpTransportDeathTest = TcpTransportTest;

TEST_F(TcpTransportDeathTest, RefusesUnknownTier)
{
    BuildAsMeasured();
    SendAt(Time(), 0, 7, 1);
    EXPECT_DEATH(Simulator::Run(), "there is no node 7");
}
