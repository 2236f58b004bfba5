/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// What a message costs: a simulation by Portend beside a bare ns-3 program that sends the same
// datagrams over the same chain, with no application logic. Both count the messages that cross
// the network; the ratio of their times per message is what Portend adds.
//
//   ./ns3 build benchmarks && ./ns3 run portend-benchmark

#include "ns3/inet-socket-address.h"
#include "ns3/portend-chain-helper.h"
#include "ns3/portend-header.h"
#include "ns3/portend-simulation.h"
#include "ns3/simulator.h"
#include "ns3/socket.h"
#include "ns3/udp-socket-factory.h"

#include <benchmark/benchmark.h>
#include <functional>
#include <string>
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
GetScenario(const Case& which)
{
    PortendScenario scenario;
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
    std::vector<uint32_t> tiers{setup.chain.source};
    for (const auto& partition : setup.deployment.partitions)
    {
        tiers.push_back(partition.tier);
    }
    tiers.push_back(setup.chain.destination);
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

/// Sends the datagrams of each leg in turn, and again from the first, over and over.
class BareSender
{
  public:
    BareSender(const PortendSetup& setup, const std::vector<Leg>& legs)
        : m_legs(legs)
    {
        m_network.SetMtu(setup.chain.packets.mtuBytes);
        for (std::size_t j = 0; j < setup.bandwidths.size(); ++j)
        {
            m_network.AddLink(setup.bandwidths[j], setup.delays[j]);
        }
        auto nodes = m_network.Install();
        for (auto it = nodes.Begin(); it != nodes.End(); ++it)
        {
            auto socket = Socket::CreateSocket(*it, UdpSocketFactory::GetTypeId());
            socket->Bind(InetSocketAddress(Ipv4Address::GetAny(), PORT));
            socket->SetRecvCallback(MakeCallback(&BareSender::Receive, this));
            m_sockets.push_back(socket);
        }
    }

    void Run()
    {
        Simulator::ScheduleNow(&BareSender::Send, this);
        Simulator::Run();
        Simulator::Destroy();
    }

  private:
    static constexpr uint16_t PORT = 9;

    void Send()
    {
        const auto& leg = m_legs[m_leg];
        const InetSocketAddress to(PortendChainHelper::GetAddress(leg.to, leg.from), PORT);
        const auto piece = m_network.GetRoute(leg.from, leg.to).GetFragmentBytes();
        m_missing = 0;
        for (uint32_t offset = 0; offset < leg.bytes; offset += piece)
        {
            const auto size = std::min(piece, leg.bytes - offset) + PortendHeader::SIZE;
            m_missing += size;
            m_sockets[leg.from]->SendTo(Create<Packet>(size), 0, to);
        }
    }

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
                Send();
            }
        }
    }

    PortendChainHelper m_network;
    std::vector<Ptr<Socket>> m_sockets;
    std::vector<Leg> m_legs;
    std::size_t m_leg{0};
    uint32_t m_missing{0};
    uint64_t m_rounds{0};
};

void
CountMessages(benchmark::State& state, std::size_t legs)
{
    const auto messages = static_cast<double>(legs * REQUESTS);
    state.counters["time/message"] = benchmark::Counter(
        messages,
        benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void
Bare(benchmark::State& state, Case which)
{
    const PortendSetup setup(GetScenario(which));
    const auto legs = GetLegs(setup);
    for (auto _ : state)
    {
        BareSender(setup, legs).Run();
    }
    CountMessages(state, legs.size());
}

void
Simulated(benchmark::State& state, Case which)
{
    const PortendSetup setup(GetScenario(which));
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
        benchmark::RegisterBenchmark(("bare/" + name).c_str(), Bare, which);
        benchmark::RegisterBenchmark(("portend/" + name).c_str(), Simulated, which);
    }
    benchmark::RegisterBenchmark("default-run", DefaultRun)->Unit(benchmark::kMillisecond);
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
