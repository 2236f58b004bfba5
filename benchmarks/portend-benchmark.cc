/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// What a message costs: a simulation by Portend beside a bare ns-3 program that sends the same
// datagrams, or the same bytes over the same TCP connections, over the same chain, with no
// application logic. Both count the messages that cross the network; the ratio of their times
// per message is what Portend adds.
//
//   ./ns3 build benchmarks && ./ns3 run portend-benchmark
//   ./ns3 run "portend-benchmark --benchmark_filter=tcp"

#include "ns3/boolean.h"
#include "ns3/inet-socket-address.h"
#include "ns3/portend-header.h"
#include "ns3/portend-network-helper.h"
#include "ns3/portend-simulation.h"
#include "ns3/simulator.h"
#include "ns3/socket.h"
#include "ns3/tcp-socket-factory.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

using namespace ns3;

namespace
{

/// Requests in one simulation.
constexpr uint64_t REQUESTS = 2000;

/// A deployment in which every request passes all partitions.
struct Case
{
    const char* profile;    ///< name of the profile
    const char* deployment; ///< without early exits: threshold 0
};

const Case CASES[] = {
    {"resnet110-cifar10", "0:1-25,1:26-40@0"},
    {"resnet110-cifar10", "0:1-25,1:26-40,2:41-55@0"},
    {"efficientnetb0-imagenet", "0:1-4,1:5-8@0"},
    {"efficientnetb0-imagenet", "2:1-8@0"},
};

/// A message on its way through the chain.
struct Leg
{
    uint32_t from;  ///< tier that sends
    uint32_t to;    ///< tier that receives
    uint32_t bytes; ///< size of the message
};

/// @return the scenario of a case
PortendScenario
GetScenario(const Case& which, const std::string& transport)
{
    PortendScenario scenario;
    scenario.transport = transport;
    scenario.profile = which.profile;
    scenario.deployment = which.deployment;
    scenario.samples = REQUESTS;
    return scenario;
}

/// @return the messages of one request that cross the network
std::vector<Leg>
GetLegs(const PortendSetup& setup)
{
    const auto messages = setup.GetEstimate().messageBytes;
    std::vector<uint32_t> tiers{setup.stream.source};
    for (const auto& partition : setup.deployment.partitions)
    {
        tiers.push_back(partition.tier);
    }
    tiers.push_back(setup.stream.destination);
    std::vector<Leg> legs;
    for (std::size_t m = 0; m < messages.size(); ++m)
    {
        if (tiers[m] != tiers[m + 1])
        {
            legs.push_back({tiers[m], tiers[m + 1], static_cast<uint32_t>(messages[m])});
        }
    }
    return legs;
}

/// Sends the messages of each leg in turn, and again from the first, over and over.
class BareSender
{
  public:
    BareSender(const PortendSetup& setup, const std::vector<Leg>& legs)
        : m_legs(legs)
    {
        m_network.SetMtu(setup.stream.network->GetPackets().mtuBytes);
        for (const auto& link : setup.links)
        {
            m_network.AddLink(link.up.bandwidth, link.up.delay);
        }
        m_nodes = m_network.Install();
    }

    virtual ~BareSender() = default;

    void Run()
    {
        Simulator::ScheduleNow(&BareSender::Start, this);
        Simulator::Run();
        Simulator::Destroy();
    }

  protected:
    static constexpr uint16_t PORT = 9;

    /// Begins, with Send() at the end.
    virtual void Start() = 0;

    /// Sends a message, and returns what the other end will count of it.
    virtual uint32_t Send(const Leg& leg) = 0;

    /// Sends the message of the current leg.
    void SendCurrent()
    {
        m_missing = Send(m_legs[m_leg]);
    }

    /// @return where a message goes
    const PortendFlow& GetWay(const Leg& leg) const
    {
        return m_network.GetExchange()->GetFlow(leg.from, leg.to);
    }

    /// Counts what has arrived, and goes on when all has.
    void Receive(Ptr<Socket> socket)
    {
        while (auto packet = socket->Recv())
        {
            m_missing -= packet->GetSize();
        }
        if (m_missing == 0)
        {
            m_leg = (m_leg + 1) % m_legs.size();
            m_rounds += m_leg == 0;
            if (m_rounds < REQUESTS)
            {
                SendCurrent();
            }
        }
    }

    PortendNetworkHelper m_network;
    NodeContainer m_nodes;
    std::vector<Leg> m_legs;

  private:
    std::size_t m_leg{0};
    uint32_t m_missing{0};
    uint64_t m_rounds{0};
};

/// Sends messages as datagrams.
class BareUdpSender : public BareSender
{
  public:
    BareUdpSender(const PortendSetup& setup, const std::vector<Leg>& legs)
        : BareSender(setup, legs)
    {
        for (auto it = m_nodes.Begin(); it != m_nodes.End(); ++it)
        {
            auto socket = Socket::CreateSocket(*it, UdpSocketFactory::GetTypeId());
            socket->Bind(InetSocketAddress(Ipv4Address::GetAny(), PORT));
            socket->SetRecvCallback(MakeCallback(&BareUdpSender::Receive, this));
            m_sockets.push_back(socket);
        }
    }

  private:
    void Start() override
    {
        SendCurrent();
    }

    uint32_t Send(const Leg& leg) override
    {
        const auto& way = GetWay(leg);
        const InetSocketAddress to(way.address, PORT);
        const auto piece = way.path.GetFragmentBytes();
        uint32_t sent = 0;
        for (uint32_t offset = 0; offset < leg.bytes; offset += piece)
        {
            const auto size = std::min(piece, leg.bytes - offset) + PortendHeader::SIZE;
            sent += size;
            m_sockets[leg.from]->SendTo(Create<Packet>(size), 0, to);
        }
        return sent;
    }

    std::vector<Ptr<Socket>> m_sockets;
};

/// Sends messages over connections that stand before the first.
class BareTcpSender : public BareSender
{
  public:
    BareTcpSender(const PortendSetup& setup, const std::vector<Leg>& legs)
        : BareSender(setup, legs),
          m_mtu(setup.stream.network->GetPackets().mtuBytes)
    {
    }

  private:
    void Start() override
    {
        for (auto it = m_nodes.Begin(); it != m_nodes.End(); ++it)
        {
            auto listener = GetSocket(*it);
            listener->Bind(InetSocketAddress(Ipv4Address::GetAny(), PORT));
            listener->Listen();
            listener->SetAcceptCallback(MakeNullCallback<bool, Ptr<Socket>, const Address&>(),
                                        MakeCallback(&BareTcpSender::Accept, this));
        }
        for (const auto& leg : m_legs)
        {
            auto& socket = m_sockets[{leg.from, leg.to}];
            if (!socket)
            {
                socket = GetSocket(m_nodes.Get(leg.from));
                socket->SetConnectCallback(MakeCallback(&BareTcpSender::Connected, this),
                                           MakeNullCallback<void, Ptr<Socket>>());
                socket->Bind();
                socket->Connect(InetSocketAddress(GetWay(leg).address, PORT));
            }
        }
    }

    /// @return a socket with the settings of PortendTcpTransport
    Ptr<Socket> GetSocket(Ptr<Node> node) const
    {
        auto socket = Socket::CreateSocket(node, TcpSocketFactory::GetTypeId());
        socket->SetAttribute("SegmentSize", UintegerValue(m_mtu - 52));
        socket->SetAttribute("SndBufSize", UintegerValue(20000000));
        socket->SetAttribute("RcvBufSize", UintegerValue(20000000));
        socket->SetAttribute("InitialCwnd", UintegerValue(10));
        socket->SetAttribute("DelAckCount", UintegerValue(1));
        socket->SetAttribute("TcpNoDelay", BooleanValue(true));
        return socket;
    }

    void Accept(Ptr<Socket> socket, const Address& /* from */)
    {
        socket->SetRecvCallback(MakeCallback(&BareTcpSender::Receive, this));
    }

    void Connected(Ptr<Socket> /* socket */)
    {
        if (++m_connected == m_sockets.size())
        {
            SendCurrent();
        }
    }

    uint32_t Send(const Leg& leg) override
    {
        const auto bytes = leg.bytes + PortendHeader::SIZE;
        m_sockets[{leg.from, leg.to}]->Send(Create<Packet>(bytes), 0);
        return bytes;
    }

    uint32_t m_mtu;
    std::map<std::pair<uint32_t, uint32_t>, Ptr<Socket>> m_sockets; ///< by sender and receiver
    std::size_t m_connected{0};
};

void
CountMessages(benchmark::State& state, std::size_t legs)
{
    const auto messages = static_cast<double>(legs * REQUESTS);
    state.counters["time/message"] = benchmark::Counter(
        messages,
        benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

template <typename SENDER>
void
Bare(benchmark::State& state, Case which, const std::string& transport)
{
    const PortendSetup setup(GetScenario(which, transport));
    const auto legs = GetLegs(setup);
    for (auto _ : state)
    {
        SENDER(setup, legs).Run();
    }
    CountMessages(state, legs.size());
}

void
Simulated(benchmark::State& state, Case which, const std::string& transport)
{
    const PortendSetup setup(GetScenario(which, transport));
    const auto legs = GetLegs(setup);
    for (auto _ : state)
    {
        benchmark::DoNotOptimize(PortendSimulation(setup).Run());
    }
    CountMessages(state, legs.size());
}

/// The default run as a user starts it, early exits included.
void
DefaultRun(benchmark::State& state)
{
    for (auto _ : state)
    {
        const PortendSetup setup{PortendScenario()};
        benchmark::DoNotOptimize(PortendSimulation(setup).Run());
    }
}

} // namespace

int
main(int argc, char* argv[])
{
    benchmark::Initialize(&argc, argv);
    for (const auto& which : CASES)
    {
        const auto name = std::string(which.profile) + "/" + which.deployment;
        const auto add = [&](const std::string& prefix, auto function, const char* transport) {
            benchmark::RegisterBenchmark((prefix + name).c_str(), function, which, transport);
        };
        add("bare/", Bare<BareUdpSender>, "udp");
        add("portend/", Simulated, "udp");
        add("bare-tcp/", Bare<BareTcpSender>, "tcp");
        add("portend-tcp/", Simulated, "tcp");
    }
    benchmark::RegisterBenchmark("default-run", DefaultRun)->Unit(benchmark::kMillisecond);
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
