/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Whole runs over links that lose packets: what is lost is told, and what is told was lost.

#include "ns3/config.h"
#include "ns3/ipv4-header.h"
#include "ns3/packet.h"
#include "ns3/portend-header.h"
#include "ns3/portend-simulation.h"
#include "ns3/ppp-header.h"
#include "ns3/simulator.h"
#include "ns3/udp-header.h"

#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace ns3;

namespace
{

/// Watches the messages and the damaged packets of a run.
class Watch
{
  public:
    /// Listens to the nodes of the simulation that is about to run.
    void Connect()
    {
        // Before anything else happens in the run: by then the nodes are there.
        Simulator::ScheduleNow(&Watch::DoConnect, this);
    }

    /// Number of a message in the order of sending, and the tiers between which it went.
    struct Passage
    {
        uint64_t number{0};   ///< of messages sent, from 0
        uint32_t from{0};     ///< tier
        uint32_t received{0}; ///< how often it has arrived
    };

    /// Request, sending partition and kind name a message.
    using Name = std::tuple<uint64_t, uint16_t, PortendMessage::Kind>;

    std::map<Name, Passage> messages; ///< all messages sent
    /// Numbers of messages in the order of their arrival, by sending and receiving tier.
    std::map<std::pair<uint32_t, uint32_t>, std::vector<uint64_t>> arrivals;
    std::set<uint64_t> damaged; ///< requests of which a datagram was damaged
    /// Requests by what headers say of their messages: sending partition, kind and number.
    std::map<std::tuple<uint16_t, PortendMessage::Kind, uint64_t>, uint64_t> requests;

  private:
    /// Connects the trace sources.
    void DoConnect()
    {
        const std::string transport = "/NodeList/*/$ns3::PortendTransport/";
        Config::ConnectWithoutContext(transport + "MessageSent", MakeCallback(&Watch::Sent, this));
        Config::ConnectWithoutContext(transport + "MessageReceived",
                                      MakeCallback(&Watch::Received, this));
        Config::ConnectWithoutContext(
            "/NodeList/*/DeviceList/*/$ns3::PointToPointNetDevice/PhyRxDrop",
            MakeCallback(&Watch::Damaged, this));
    }

    /// @return the name of a message
    static Name GetName(const PortendMessage& message)
    {
        return {message.request->id, message.partition, message.kind};
    }

    /// A message is sent.
    void Sent(const PortendMessage& message, uint32_t tier)
    {
        const auto isNew = messages.insert({GetName(message), {messages.size(), tier, 0}}).second;
        requests[{message.partition, message.kind, message.number}] = message.request->id;
        EXPECT_TRUE(isNew) << "request " << message.request->id << " sent again";
    }

    /// A message is complete.
    void Received(const PortendMessage& message, uint32_t tier)
    {
        auto& passage = messages.at(GetName(message));
        ++passage.received;
        arrivals[{passage.from, tier}].push_back(passage.number);
    }

    /// A link damages a packet; over UDP it says of which request.
    void Damaged(Ptr<const Packet> damagedPacket)
    {
        auto packet = damagedPacket->Copy();
        PppHeader ppp;
        packet->RemoveHeader(ppp);
        Ipv4Header ipv4;
        packet->RemoveHeader(ipv4);
        if (ipv4.GetProtocol() == 17) // UDP
        {
            UdpHeader udp;
            packet->RemoveHeader(udp);
            PortendHeader header;
            packet->RemoveHeader(header);
            EXPECT_TRUE(header.IsValid());
            damaged.insert(
                requests.at({header.GetPartition(), header.GetKind(), header.GetNumber()}));
        }
    }
};

/// Loss of a link, and how requests arrive.
using LossTest = testing::TestWithParam<std::tuple<double, std::string>>;

/// @return a run over both links, there and back
PortendScenario
GetScenario(const std::tuple<double, std::string>& parameter)
{
    PortendScenario scenario;
    scenario.deployment = "0:1-10,2:11-40@0.1";
    scenario.samples = 400;
    scenario.mtuBytes = 1500;
    std::tie(scenario.loss, scenario.arrival) = parameter;
    return scenario;
}

} // namespace

TEST_P(LossTest, TcpDeliversEveryMessageOnceAndInOrder)
{
    auto scenario = GetScenario(GetParam());
    scenario.transport = "tcp";
    const PortendSetup setup(scenario);
    PortendSimulation simulation(setup);
    Watch watch;
    watch.Connect();
    std::set<uint64_t> completed;
    simulation.SetRequestSink([&](const PortendRequest& request) {
        EXPECT_TRUE(completed.insert(request.id).second) << request.id << " completed again";
    });
    const auto result = simulation.Run();
    EXPECT_EQ(result.generated, scenario.samples);
    EXPECT_EQ(result.completed, scenario.samples);
    EXPECT_EQ(completed.size(), scenario.samples);
    EXPECT_GT(result.links[0].damagedPackets, 0U);
    EXPECT_GT(result.links[1].damagedPackets, 0U);
    for (const auto& [name, passage] : watch.messages)
    {
        EXPECT_EQ(passage.received, 1U) << "request " << std::get<0>(name);
    }
    EXPECT_GT(watch.arrivals[std::make_pair(0, 2)].size(), 0U);
    EXPECT_GT(watch.arrivals[std::make_pair(2, 0)].size(), 0U);
    for (const auto& [tiers, numbers] : watch.arrivals)
    {
        EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()))
            << "from " << tiers.first << " to " << tiers.second;
    }
}

// The requests that are never answered are those of which a link damaged a datagram, seen in the
// damaged packets themselves.
TEST_P(LossTest, UdpLosesTheRequestsOfDamagedDatagramsAndNoOther)
{
    const auto scenario = GetScenario(GetParam());
    const PortendSetup setup(scenario);
    PortendSimulation simulation(setup);
    Watch watch;
    watch.Connect();
    std::set<uint64_t> unanswered;
    for (uint64_t id = 0; id < scenario.samples; ++id)
    {
        unanswered.insert(id);
    }
    simulation.SetRequestSink([&](const PortendRequest& request) {
        EXPECT_EQ(unanswered.erase(request.id), 1U) << request.id << " completed again";
    });
    const auto result = simulation.Run();
    EXPECT_EQ(result.generated, scenario.samples);
    EXPECT_EQ(unanswered, watch.damaged);
    EXPECT_EQ(result.generated - result.completed, watch.damaged.size());
    EXPECT_GT(result.completed, 0U);
    EXPECT_GT(watch.damaged.size(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Loss,
                         LossTest,
                         testing::Combine(testing::Values(0.05, 0.3),
                                          testing::Values("closed", "poisson:5")),
                         [](const auto& instance) {
                             const auto loss = std::get<0>(instance.param);
                             const auto& arrival = std::get<1>(instance.param);
                             return std::string(loss < 0.1 ? "Little" : "Much") +
                                    (arrival == "closed" ? "Closed" : "Poisson");
                         });
