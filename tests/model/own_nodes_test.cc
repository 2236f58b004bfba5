/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Streams on nodes of a network that Portend has not built.

#include "simulator_test.h"

#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-global-routing-helper.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/pointer.h"
#include "ns3/portend-helper.h"
#include "ns3/portend-network-helper.h"
#include "ns3/portend-scheduler.h"
#include "ns3/portend-sink.h"
#include "ns3/portend-source.h"
#include "ns3/portend-transport-helper.h"
#include "ns3/string.h"
#include "ns3/traffic-control-helper.h"
#include "ns3/uinteger.h"

#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

using namespace ns3;

namespace
{

/// A link between two nodes, the same both ways.
struct TestLink
{
    uint32_t from;         ///< number of a node
    uint32_t to;           ///< number of another
    std::string bandwidth; ///< both ways
    std::string delay;     ///< both ways
    uint16_t mtu;          ///< bytes
};

/// What is simulated on it.
struct TestRun
{
    std::vector<TestLink> links;                       ///< of the network
    std::vector<uint32_t> tiers;                       ///< nodes of the stream
    std::string deployment;                            ///< text form
    std::string arrivals;                              ///< type of ns-3
    std::string transport{"ns3::PortendUdpTransport"}; ///< type of ns-3
};

/// @return an invented network of three blocks
portend::ModelProfile
MakeModel()
{
    portend::ModelProfile model;
    model.name = "invented";
    model.blocks = 3;
    model.tensorBytes = {12000, 30000, 8000};
    model.resultBytes = 200;
    model.thresholds = {0, 0.5};
    model.validation.exitRates = {{0, 0.4}, {0, 0.7}, {1, 1}};
    model.validation.accuracy = {0.6, 0.75, 0.9};
    return model;
}

/// @return a stream on nodes of which nobody knows what joins them
portend::Stream
MakeStream(const std::vector<uint32_t>& tiers)
{
    auto board = std::make_shared<portend::DeviceProfile>();
    board->name = "board";
    board->blocks = 3;
    board->computeMs = {{2}, {4}, {6}, {2}, {4}, {2}};
    board->serializeMs = {0.3, 0.2, 0.1};
    board->deserializeMs = {0.4, 0.3, 0.2};
    auto machines = std::make_shared<portend::Network>();
    portend::Stream stream;
    for (const auto node : tiers)
    {
        while (machines->GetNodes().size() <= node)
        {
            machines->AddNode({});
        }
        stream.tiers.push_back({node, board});
    }
    stream.network = machines;
    return stream;
}

/// Joins nodes by ns-3's own helpers.
void
BuildNetwork(const NodeContainer& nodes, const std::vector<TestLink>& links)
{
    InternetStackHelper internet;
    internet.Install(nodes);
    Ipv4AddressHelper addresses("10.1.1.0", "255.255.255.0");
    for (const auto& link : links)
    {
        PointToPointHelper helper;
        helper.SetQueue("ns3::DropTailQueue", "MaxSize", StringValue("4000000000B"));
        helper.SetDeviceAttribute("DataRate", StringValue(link.bandwidth));
        helper.SetDeviceAttribute("Mtu", UintegerValue(link.mtu));
        helper.SetChannelAttribute("Delay", StringValue(link.delay));
        const auto devices = helper.Install(nodes.Get(link.from), nodes.Get(link.to));
        addresses.Assign(devices);
        addresses.NewNetwork();
        // One would drop packets of a tensor's burst.
        TrafficControlHelper().Uninstall(devices);
    }
    Ipv4GlobalRoutingHelper::PopulateRoutingTables();
}

/// What became of a run's requests.
struct Outcome
{
    std::vector<Time> generated;        ///< when they arose
    std::vector<Time> latencies;        ///< in the order of completion
    std::vector<Time> networkTimes;     ///< the time in the network
    std::vector<Time> mediumTimes;      ///< the part of it without a closed form
    std::vector<PortendLedger> ledgers; ///< the ledgers
};

/// A test that simulates.
class OwnNodesTest : public SimulatorTest
{
  protected:
    /**
     * @brief Simulate 100 requests.
     * @param run what
     * @param isOwn whether on a network of ns-3's helpers, else of Portend's
     * @return what became of them
     */
    static Outcome Simulate(const TestRun& run, bool isOwn)
    {
        NodeContainer nodes;
        nodes.Create(run.links.size() + 1); // trees
        if (isOwn)
        {
            BuildNetwork(nodes, run.links);
            PortendTransportHelper(run.transport).Install(nodes);
        }
        else
        {
            PortendNetworkHelper network;
            network.SetTransport(run.transport);
            for (const auto& [from, to, bandwidth, delay, mtu] : run.links)
            {
                const PortendNetworkHelper::Direction way{DataRate(bandwidth), Time(delay)};
                network.AddLink(from, to, way, way, mtu);
            }
            network.Install(nodes);
        }
        PortendHelper helper(MakeModel(),
                             MakeStream(run.tiers),
                             portend::Deployment::Parse(run.deployment));
        helper.SetMaxRequests(100);
        helper.SetSourceAttribute("Arrivals", StringValue(run.arrivals));
        const auto applications = helper.Install(nodes);
        helper.AssignStreams(0);
        Outcome outcome;
        applications.Get(applications.GetN() - 1)
            ->TraceConnectWithoutContext("RequestCompleted",
                                         MakeCallback(&OwnNodesTest::Note).Bind(&outcome));
        Simulator::Run();
        Simulator::Destroy();
        return outcome;
    }

  private:
    /// Notes a completed request.
    static void Note(Outcome* outcome, Ptr<const PortendRequest> request)
    {
        const auto& ledger = request->ledger;
        EXPECT_EQ(ledger.GetTotal(), request->GetLatency());
        outcome->generated.push_back(request->generated);
        outcome->latencies.push_back(request->GetLatency());
        outcome->networkTimes.push_back(ledger.Get(PortendLedger::PROPAGATION) +
                                        ledger.Get(PortendLedger::TRANSMISSION) +
                                        ledger.Get(PortendLedger::NETWORK_EXCESS));
        outcome->mediumTimes.push_back(ledger.GetExcess()[PortendLedger::MEDIUM]);
        outcome->ledgers.push_back(ledger);
    }
};

/// A chain, a star, and links with different MTUs.
const std::vector<std::vector<TestLink>> NETWORKS{
    {{0, 1, "10Mbps", "20ms", 1500}, {1, 2, "3333333bps", "5ms", 1500}},
    {{3, 0, "10Mbps", "1ms", 1500}, {1, 3, "400Mbps", "40ms", 1500}, {2, 3, "1Mbps", "7ms", 1500}},
    {{0, 1, "10Mbps", "20ms", 9000}, {1, 2, "20Mbps", "5ms", 576}},
};

} // namespace

// The same links give the same requests the same latencies, to the nanosecond; but what is known
// of the one network, propagation and transmission among it, is medium in the other.
TEST_F(OwnNodesTest, HaveTheLatenciesOfPortendsNetwork)
{
    for (const std::string transport : {"ns3::PortendUdpTransport", "ns3::PortendTcpTransport"})
    {
        for (const auto& links : NETWORKS)
        {
            for (const std::string deployment : {"0:1-1,1:2-2,2:3-3@0.5", "2:1-2,0:3-3@0.5"})
            {
                for (const std::string arrivals :
                     {"ns3::PortendClosedArrivals", "ns3::PortendPoissonArrivals[Rate=10]"})
                {
                    SCOPED_TRACE(transport + " " + links[0].bandwidth + " " + deployment + " " +
                                 arrivals);
                    const TestRun run{links, {0, 1, 2}, deployment, arrivals, transport};
                    const auto ours = Simulate(run, false);
                    const auto own = Simulate(run, true);
                    ASSERT_EQ(ours.latencies.size(), 100U);
                    EXPECT_EQ(own.generated, ours.generated);
                    EXPECT_EQ(own.latencies, ours.latencies);
                    EXPECT_EQ(own.networkTimes, ours.networkTimes);
                    EXPECT_EQ(own.mediumTimes, own.networkTimes);
                    EXPECT_EQ(ours.mediumTimes, std::vector<Time>(100));
                    for (const auto& ledger : own.ledgers)
                    {
                        EXPECT_EQ(ledger.Get(PortendLedger::PROPAGATION), Time());
                        EXPECT_EQ(ledger.Get(PortendLedger::TRANSMISSION), Time());
                    }
                }
            }
        }
    }
}

// Of a node with several addresses the first to which there is a route; the MTU is that of the
// interface that leads there.
TEST_F(OwnNodesTest, AreReachedAsTheRoutingSays)
{
    NodeContainer nodes;
    nodes.Create(3);
    BuildNetwork(nodes, {{0, 1, "10Mbps", "1ms", 9000}, {1, 2, "10Mbps", "1ms", 1500}});
    const auto exchange = PortendTransportHelper().Install(nodes);
    const auto& up = exchange->GetFlow(0, 2);
    EXPECT_EQ(up.address, Ipv4Address("10.1.2.2"));
    EXPECT_EQ(up.path.GetFragmentBytes(), 9000U - 48U);
    EXPECT_TRUE(up.path.HasMedium());
    EXPECT_TRUE(up.arcs.empty());
    const auto& down = exchange->GetFlow(2, 1);
    EXPECT_EQ(down.address, Ipv4Address("10.1.1.2"));
    EXPECT_EQ(down.path.GetFragmentBytes(), 1500U - 48U);
    for (const char* const address : {"10.1.1.2", "10.1.2.1"})
    {
        EXPECT_EQ(exchange->FindNode(Ipv4Address(address)), 1U);
    }
    EXPECT_EQ(exchange->FindNode(Ipv4Address("127.0.0.1")), UINT32_MAX);
}

// As long as there is no route, packets are made for the smallest MTU.
TEST_F(OwnNodesTest, MayLackARouteAtFirst)
{
    NodeContainer nodes;
    nodes.Create(4);
    BuildNetwork(nodes, {{0, 1, "10Mbps", "1ms", 9000}, {0, 2, "10Mbps", "1ms", 1500}});
    NodeContainer apart(nodes.Get(3));
    PointToPointHelper helper;
    Ipv4AddressHelper("10.2.0.0", "255.255.255.0")
        .Assign(helper.Install(nodes.Get(3), CreateObject<Node>()).Get(0));
    const auto exchange = PortendTransportHelper().Install(nodes);
    const auto& flow = exchange->GetFlow(0, 3);
    EXPECT_EQ(flow.address, Ipv4Address("10.2.0.1"));
    EXPECT_EQ(flow.path.GetFragmentBytes(), 1500U - 48U);
}

// What is set by name goes to the applications; a text makes each worker a scheduler of its own.
TEST_F(OwnNodesTest, TakeAttributesOfTheApplications)
{
    NodeContainer nodes;
    nodes.Create(2);
    BuildNetwork(nodes, {{0, 1, "10Mbps", "1ms", 1500}});
    PortendTransportHelper transports;
    transports.SetAttribute("Port", UintegerValue(77));
    transports.Install(nodes);
    EXPECT_EQ(nodes.Get(1)->GetObject<PortendTransport>()->GetPort(), 77);

    PortendHelper helper(MakeModel(),
                         MakeStream({0, 1}),
                         portend::Deployment::Parse("0:1-1,1:2-3@0.5"));
    helper.SetMaxRequests(5);
    helper.SetSourceAttribute("MaxRequests", UintegerValue(7));
    helper.SetWorkerAttribute("QueueLimit", UintegerValue(3));
    helper.SetServerAttribute("Servers", UintegerValue(4));
    helper.SetServerAttribute("Scheduler", StringValue("ns3::PortendFifoScheduler"));
    helper.SetSinkAttribute("SerializationFactor", StringValue("2.5"));
    const auto applications = helper.Install(nodes);
    ASSERT_EQ(applications.GetN(), 4U);
    const auto getNumber = [](const Ptr<Object>& object, const std::string& name) {
        StringValue value;
        object->GetAttribute(name, value);
        return std::stod(value.Get());
    };
    EXPECT_EQ(getNumber(applications.Get(0), "MaxRequests"), 7);
    EXPECT_EQ(getNumber(applications.Get(3), "SerializationFactor"), 2.5);
    std::vector<Ptr<Object>> schedulers;
    for (const uint32_t i : {1, 2})
    {
        EXPECT_EQ(getNumber(applications.Get(i), "QueueLimit"), 3);
        const auto server = DynamicCast<PortendWorker>(applications.Get(i))->GetServer();
        EXPECT_EQ(getNumber(server, "Servers"), 4);
        PointerValue scheduler;
        server->GetAttribute("Scheduler", scheduler);
        schedulers.push_back(scheduler.GetObject());
    }
    EXPECT_NE(schedulers[0], schedulers[1]);
    Simulator::Run();
    EXPECT_EQ(DynamicCast<PortendSource>(applications.Get(0))->GetEnded(), 7U);
}

// Trains know nothing of the links that nodes of one's own have.
TEST(TransportHelperDeathTest, RefusesTrains)
{
    NodeContainer nodes;
    nodes.Create(2);
    for (const auto* type : {"ns3::PortendTrainTransport", "ns3::PortendTrainTcpTransport"})
    {
        EXPECT_DEATH(PortendTransportHelper(type).Install(nodes),
                     std::string(type) + " needs the links of PortendNetworkHelper");
    }
}
