/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/channel.h"
#include "ns3/net-device.h"
#include "ns3/node.h"
#include "ns3/packet.h"
#include "ns3/portend-failures.h"
#include "ns3/portend-helper.h"
#include "ns3/portend-network-helper.h"
#include "ns3/portend-sink.h"
#include "ns3/portend-source.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/test.h"

#include <cmath>
#include <memory>
#include <string>
#include <vector>

using namespace ns3;

namespace
{

/**
 * @ingroup portend-tests
 * @brief Invent a model of three blocks.
 * @return its profile
 */
portend::ModelProfile
MakeModel()
{
    portend::ModelProfile model;
    model.name = "invented";
    model.blocks = 3;
    model.tensorBytes = {20000, 60000, 9000};
    model.resultBytes = 200;
    model.thresholds = {0, 0.5};
    model.validation.exitRates = {{0, 0.5}, {0, 0.8}, {1, 1}};
    model.validation.accuracy = {0.7, 0.8, 0.9};
    return model;
}

/**
 * @ingroup portend-tests
 * @brief Invent a device.
 * @param factor how slow it is
 * @return times of block i: i ms times the factor, a partition takes the sum of its blocks
 */
std::shared_ptr<portend::DeviceProfile>
MakeDevice(double factor)
{
    auto device = std::make_shared<portend::DeviceProfile>();
    device->name = "invented";
    device->blocks = 3;
    device->computeMs =
        {{1 * factor}, {3 * factor}, {6 * factor}, {2 * factor}, {5 * factor}, {3 * factor}};
    device->serializeMs = {0.25, 0.5, 0.125};
    device->deserializeMs = {0.375, 0.75, 0.1875};
    device->serializeResultMs = 0.01;
    device->deserializeResultMs = 0.02;
    return device;
}

/**
 * @ingroup portend-tests
 * @brief Build a chain of three tiers.
 * @param mtu MTU of the links, bytes
 * @param destination tier of the destination
 * @return the chain, for the estimate
 */
portend::Stream
MakeChain(uint32_t mtu, uint32_t destination)
{
    portend::PacketFormat packets;
    packets.mtuBytes = mtu;
    auto chain = portend::MakeChain({{MakeDevice(4)}, {MakeDevice(2)}, {MakeDevice(1)}},
                                    {{10e6, 20}, {400e6, 40}},
                                    packets);
    chain.destination = destination;
    return chain;
}

/**
 * @ingroup portend-tests
 * @brief Join the nodes of a chain.
 * @param chain the chain
 * @return the network
 */
PortendNetworkHelper
MakeNetwork(const portend::Stream& chain)
{
    PortendNetworkHelper network;
    network.SetMtu(chain.network->GetPackets().mtuBytes);
    for (const auto& link : chain.GetLinks(0, chain.tiers.size() - 1))
    {
        network.AddLink(DataRate(link.bandwidthBps), NanoSeconds(link.delayMs * 1e6));
    }
    return network;
}

} // namespace

/**
 * @ingroup portend-tests
 * @brief An idle network takes the time that the exact rules say, to the nanosecond.
 *
 * Every request's ledger sums to its latency and has no network excess. The simulation rounds
 * the time of each packet on a link and of each drawn delay to whole nanoseconds; there are
 * less than 200 of them.
 */
class PortendIdleTestCase : public TestCase
{
  public:
    /**
     * @brief Constructor.
     * @param deployment text form
     * @param mtu MTU of the links, bytes
     * @param destination tier of the destination
     */
    PortendIdleTestCase(const std::string& deployment, uint32_t mtu, uint32_t destination)
        : TestCase("idle " + deployment + " MTU " + std::to_string(mtu) + " to tier " +
                   std::to_string(destination)),
          m_deployment(portend::Deployment::Parse(deployment)),
          m_chain(MakeChain(mtu, destination))
    {
    }

  private:
    void DoRun() override
    {
        const auto model = MakeModel();
        m_estimate = portend::EstimateDeployment(model,
                                                 m_chain,
                                                 m_deployment,
                                                 portend::EstimatorRules::Exact());
        auto network = MakeNetwork(m_chain);
        const auto nodes = network.Install();
        PortendHelper helper(model, m_chain, m_deployment);
        helper.SetMaxRequests(50);
        auto applications = helper.Install(nodes);
        helper.AssignStreams(10);
        applications.Get(applications.GetN() - 1)
            ->TraceConnectWithoutContext("RequestCompleted",
                                         MakeCallback(&PortendIdleTestCase::Check, this));
        Simulator::Run();
        Simulator::Destroy();
        NS_TEST_ASSERT_MSG_EQ(m_checked, 50, "not every request was completed");
    }

    /**
     * @brief Check a completed request.
     * @param request the request
     */
    void Check(Ptr<const PortendRequest> request)
    {
        ++m_checked;
        NS_TEST_EXPECT_MSG_EQ(request->ledger.GetTotal(),
                              request->GetLatency(),
                              "the ledger does not sum to the latency");
        NS_TEST_EXPECT_MSG_EQ(request->ledger.Get(PortendLedger::NETWORK_EXCESS),
                              Time(),
                              "an idle network has an excess");
        const auto& expected = m_estimate.exitClass[request->exitPartition - 1];
        NS_TEST_EXPECT_MSG_EQ_TOL(request->GetLatency().GetNanoSeconds() * 1e-6,
                                  expected.GetTotal(),
                                  200e-6,
                                  "the latency is not that of the exit class");
    }

    portend::Deployment m_deployment; //!< what runs where
    portend::Stream m_chain;          //!< on what
    portend::Estimate m_estimate;     //!< what it should take
    uint32_t m_checked{0};            //!< requests checked
};

/**
 * @ingroup portend-tests
 * @brief The same seed, run and streams give the same requests; another run does not.
 */
class PortendStreamsTestCase : public TestCase
{
  public:
    PortendStreamsTestCase()
        : TestCase("the same streams give the same requests")
    {
    }

  private:
    void DoRun() override
    {
        const auto first = Simulate(1);
        NS_TEST_ASSERT_MSG_EQ((first == Simulate(1)), true, "the same run differs");
        NS_TEST_ASSERT_MSG_EQ((first == Simulate(2)), false, "another run does not differ");
    }

    /**
     * @brief Simulate requests that arrive at random.
     * @param run number of the run
     * @return their latencies
     */
    std::vector<Time> Simulate(uint64_t run)
    {
        RngSeedManager::SetSeed(1);
        RngSeedManager::SetRun(run);
        m_latencies.clear();
        const auto chain = MakeChain(1500, 0);
        auto network = MakeNetwork(chain);
        const auto nodes = network.Install();
        PortendHelper helper(MakeModel(),
                             chain,
                             portend::Deployment::Parse("0:1-1,1:2-2,2:3-3@0.5"));
        helper.SetMaxRequests(200);
        helper.SetArrivals(CreateObject<PortendPoissonArrivals>());
        auto applications = helper.Install(nodes);
        // Source: arrivals, serialization, exits, answers; 4 for each of 3 tiers; sink 1.
        NS_TEST_EXPECT_MSG_EQ(helper.AssignStreams(10), 4 + 3 * 4 + 1, "streams used");
        applications.Get(applications.GetN() - 1)
            ->TraceConnectWithoutContext("RequestCompleted",
                                         MakeCallback(&PortendStreamsTestCase::Record, this));
        Simulator::Run();
        Simulator::Destroy();
        RngSeedManager::SetRun(1);
        return m_latencies;
    }

    /**
     * @brief Keep the latency of a request.
     * @param request the request
     */
    void Record(Ptr<const PortendRequest> request)
    {
        m_latencies.push_back(request->GetLatency());
    }

    std::vector<Time> m_latencies; //!< of the run under way
};

/**
 * @ingroup portend-tests
 * @brief Links account for every byte: what was sent has arrived, or was lost and counted.
 *
 * A node fails for 15 of every 50 ms. What is on its way there then is lost by the channel, and
 * what arrives may be damaged: two ways to lose a packet, and both are met.
 */
class PortendConservationTestCase : public TestCase
{
  public:
    PortendConservationTestCase()
        : TestCase("bytes sent have arrived or were lost")
    {
    }

  private:
    void DoRun() override
    {
        const auto chain = MakeChain(1500, 0);
        auto network = MakeNetwork(chain);
        network.SetLoss(0.01);
        network.SetFailures(1, &MakeFailures);
        const auto nodes = network.Install();
        network.AssignStreams(100);
        PortendHelper helper(MakeModel(), chain, portend::Deployment::Parse("0:1-1,1:2-2,2:3-3@0"));
        helper.SetMaxRequests(200);
        helper.SetArrivals(CreateObject<PortendPoissonArrivals>());
        helper.Install(nodes);
        helper.AssignStreams(10);
        for (uint32_t link = 0; link < 2; ++link)
        {
            const auto& channel = nodes.Get(link + 1)->GetDevice(0)->GetChannel();
            channel->TraceConnectWithoutContext(
                "Lost",
                MakeCallback(&PortendConservationTestCase::Lose, this));
        }
        Simulator::Run();
        uint64_t damaged = 0;
        for (uint32_t link = 0; link < 2; ++link)
        {
            for (uint32_t way = 0; way < 2; ++way)
            {
                const auto& traffic = network.GetTraffic(link, way);
                NS_TEST_EXPECT_MSG_EQ(traffic.sentBytes,
                                      traffic.receivedBytes + traffic.damagedBytes,
                                      "bytes are missing on link " << link << ", way " << way);
                damaged += traffic.damagedPackets;
            }
        }
        Simulator::Destroy();
        NS_TEST_ASSERT_MSG_GT(m_lost, 0, "nothing was lost while the node was down");
        NS_TEST_ASSERT_MSG_GT(damaged, m_lost, "nothing was damaged");
    }

    /**
     * @brief Let a node fail again and again.
     * @return the times, for 10 s
     */
    static Ptr<PortendFailures> MakeFailures()
    {
        std::vector<PortendFailures::Outage> outages;
        for (uint32_t i = 0; i < 200; ++i)
        {
            outages.push_back({MilliSeconds(50 * i + 35), MilliSeconds(50 * i + 50)});
        }
        auto failures = CreateObject<PortendFailures>();
        failures->SetOutages(outages);
        return failures;
    }

    /**
     * @brief Count a packet that the channel loses.
     * @param packet the packet
     * @param way its direction
     */
    void Lose(Ptr<const Packet> /* packet */, uint32_t /* way */)
    {
        ++m_lost;
    }

    uint32_t m_lost{0}; //!< packets that were on their way to a node as it failed
};

/**
 * @ingroup portend-tests
 * @brief Test suite of the module.
 */
class PortendTestSuite : public TestSuite
{
  public:
    PortendTestSuite()
        : TestSuite("portend", TestSuite::Type::UNIT)
    {
        for (const char* deployment :
             {"0:1-3@0", "2:1-2@0", "0:1-1,1:2-3@0.5", "2:1-2,0:3-3@0.5", "1:1-1,0:2-2,2:3-3@0.5"})
        {
            for (uint32_t mtu : {1500, 9000})
            {
                for (uint32_t destination : {0, 1, 2})
                {
                    AddTestCase(new PortendIdleTestCase(deployment, mtu, destination));
                }
            }
        }
        AddTestCase(new PortendStreamsTestCase);
        AddTestCase(new PortendConservationTestCase);
    }
};

/// Static instance: registers the suite.
static PortendTestSuite g_portendTestSuite;
