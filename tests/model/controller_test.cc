/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Controllers: what they see, what they decide, and what a change of the deployment does.

#include "bad_input.h"
#include "simulator_test.h"

#include "ns3/portend-comparison.h"
#include "ns3/portend-controllers.h"
#include "ns3/portend-itinerary-maker.h"
#include "ns3/portend-report.h"
#include "ns3/portend-scenario-file.h"
#include "ns3/portend-scenario.h"
#include "ns3/portend-search.h"
#include "ns3/portend-setup.h"
#include "ns3/portend-simulation.h"
#include "ns3/portend-world-report.h"
#include "ns3/portend-world-setup.h"
#include "ns3/portend-world.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <iostream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

using namespace ns3;

namespace
{

/// What the scripted controllers of a run saw.
std::vector<PortendController::Reply> g_replies;

/// Goes through a list of deployments, each for so many arrivals.
class ScriptedController : public PortendController
{
  public:
    static TypeId GetTypeId()
    {
        static TypeId tid = TypeId("ns3::ScriptedController")
                                .SetParent<PortendController>()
                                .AddConstructor<ScriptedController>()
                                .AddAttribute("Script",
                                              "Deployments, by blanks.",
                                              StringValue("0:1-55@0"),
                                              MakeStringAccessor(&ScriptedController::m_script),
                                              MakeStringChecker())
                                .AddAttribute("Each",
                                              "Arrivals of each.",
                                              UintegerValue(10),
                                              MakeUintegerAccessor(&ScriptedController::m_each),
                                              MakeUintegerChecker<uint32_t>(1));
        return tid;
    }

  protected:
    portend::Deployment DoBegin() override
    {
        std::istringstream words(m_script);
        std::string word;
        while (words >> word)
        {
            m_deployments.push_back(portend::Deployment::Parse(word));
        }
        return m_deployments.front();
    }

    portend::Deployment Decide() override
    {
        return m_deployments[m_arrivals++ / m_each % m_deployments.size()];
    }

    void DoReply(const Reply& reply) override
    {
        g_replies.push_back(reply);
    }

  private:
    std::string m_script;
    uint32_t m_each;
    std::vector<portend::Deployment> m_deployments;
    uint64_t m_arrivals{0};
};

NS_OBJECT_ENSURE_REGISTERED(ScriptedController);

/// What a run showed, and each of its requests.
struct Outcome
{
    PortendResult result;

    struct Request
    {
        uint64_t id;
        uint32_t epoch;
        std::string deployment;
        uint16_t exit;
        Time generated;
        Time latency;
        Time total;
        PortendLedger::Wait wait;
        std::vector<Time> network;
    };

    std::vector<Request> requests;
};

/// Simulate a scenario.
Outcome
Simulate(const PortendScenario& scenario)
{
    g_replies.clear();
    Outcome run;
    const PortendSetup setup(scenario);
    PortendSimulation simulation(setup);
    simulation.SetRequestSink([&run](const PortendRequest& request) {
        run.requests.push_back({request.id,
                                request.itinerary->epoch,
                                request.itinerary->deployment,
                                request.exitPartition,
                                request.generated,
                                request.GetLatency(),
                                request.ledger.GetTotal(),
                                request.ledger.GetWait(),
                                {}});
        for (const auto& stage : request.ledger.GetStages())
        {
            run.requests.back().network.push_back(stage[PortendLedger::PROPAGATION] +
                                                  stage[PortendLedger::TRANSMISSION] +
                                                  stage[PortendLedger::NETWORK_EXCESS]);
        }
    });
    run.result = simulation.Run();
    return run;
}

/// @return the paper's testbed with a controller
PortendScenario
MakeScenario(const std::string& controller, uint64_t samples = 60)
{
    PortendScenario scenario;
    scenario.samples = samples;
    scenario.controller = controller;
    return scenario;
}

/// Deployments of the script below.
const std::string A = "0:1-25,1:26-40@0.1";
const std::string B = "1:1-30,2:31-55@0.3";

/// @return a controller that goes from A to B and back
std::string
MakeScript(uint32_t each, const std::string& more = "")
{
    return "ns3::ScriptedController[Script=" + A + " " + B + "|Each=" + std::to_string(each) +
           more + "]";
}

/// @return the deployment of a space whose estimate is least, found one by one
template <typename Space>
std::string
FindLeast(const PortendSetup& setup, const Space& space)
{
    std::string best;
    double least = std::numeric_limits<double>::infinity();
    for (const auto& deployment : space)
    {
        const double ms = setup.GetEstimate(deployment).GetLatencyMs();
        if (ms < least)
        {
            least = ms;
            best = deployment.ToString();
        }
    }
    return best;
}

/// @return deployment of the last request
std::string
GetLast(const Outcome& run)
{
    std::map<uint64_t, std::string> byId;
    for (const auto& request : run.requests)
    {
        byId[request.id] = request.deployment;
    }
    return byId.rbegin()->second;
}

/// Tests of controllers.
class ControllerTest : public SimulatorTest
{
};

} // namespace

TEST_F(ControllerTest, RequestsUnderWayKeepTheDeploymentThatTheyBeganWith)
{
    for (const std::string transport : {"udp", "tcp"})
    {
        auto scenario = MakeScenario(MakeScript(7), 300);
        scenario.arrival = "poisson:3"; // a request takes longer than the time between two
        scenario.transport = transport;
        const auto run = Simulate(scenario);
        ASSERT_EQ(run.requests.size(), 300U);
        EXPECT_EQ(run.result.generated, run.result.completed);
        bool isOvertaken = false;
        for (const auto& request : run.requests)
        {
            EXPECT_EQ(request.total, request.latency);
            EXPECT_EQ(request.deployment, request.epoch % 2 == 0 ? A : B);
            if (transport == "udp") // else a new connection may have to be opened first
            {
                EXPECT_EQ(request.epoch, request.id / 7);
            }
            isOvertaken = isOvertaken || (request.epoch > 0 && &request != &run.requests.back() &&
                                          (&request + 1)->epoch < request.epoch);
        }
        EXPECT_TRUE(isOvertaken) << "no request was under way at a switch";
        EXPECT_EQ(run.result.control.decisions, 300U);
        EXPECT_EQ(run.result.control.switches, 300U / 7);
        uint64_t counted = 0;
        for (const auto& [deployment, requests] : run.result.control.requests)
        {
            counted += requests;
        }
        EXPECT_EQ(counted, 300U);
    }
}

TEST_F(ControllerTest, EveryRequestIsAnsweredLostOrGivenUp)
{
    auto scenario = MakeScenario(MakeScript(5, "|SwitchTime=40ms|Resident=1"), 400);
    scenario.arrival = "poisson:12"; // more than the tiers serve
    scenario.maxTime = "none";
    for (auto& tier : scenario.tiers)
    {
        tier.queueLimit = 2;
    }
    for (const std::string policy : {"drop-newest", "drop-oldest", "deadline:300ms"})
    {
        for (auto& tier : scenario.tiers)
        {
            tier.queuePolicy = policy;
        }
        const auto run = Simulate(scenario);
        uint64_t lost = 0;
        for (std::size_t j = 0; j < scenario.tiers.size(); ++j)
        {
            lost += run.result.queueDrops[j] + run.result.deadlineDrops[j];
        }
        EXPECT_GT(lost, 0U) << policy;
        EXPECT_EQ(run.result.generated, 400U);
        EXPECT_EQ(run.result.completed + lost, 400U) << policy;
        EXPECT_EQ(g_replies.size(), 400U);
        uint64_t answered = 0;
        for (const auto& reply : g_replies)
        {
            answered += reply.isAnswered;
            EXPECT_EQ(reply.isAnswered, reply.exitPartition > 0);
        }
        EXPECT_EQ(answered, run.result.completed);
        for (const auto& request : run.requests)
        {
            EXPECT_EQ(request.total, request.latency);
        }
    }
}

TEST_F(ControllerTest, NodesLoadTheBlocksThatTheyHaveNotGot)
{
    // Closed arrivals on an idle network: nobody else waits. A is loaded when the stream begins.
    const Time s = MilliSeconds(50);
    const auto getLoading = [](const std::string& more) {
        std::vector<Time> loading;
        const std::string script = "0:1-25,1:26-40@0 1:1-30,2:31-55@0"; // nothing exits early
        auto scenario = MakeScenario("ns3::ScriptedController[Script=" + script +
                                         "|Each=2|SwitchTime=50ms" + more + "]",
                                     10);
        for (const auto& request : Simulate(scenario).requests)
        {
            loading.push_back(request.wait[PortendLedger::LOADING]);
            EXPECT_EQ(request.total, request.latency);
            EXPECT_EQ(request.wait[PortendLedger::QUEUE], Time());
        }
        return loading;
    };
    // The third begins with the second deployment: blocks 1-30 of tier 1, and 31-55 of tier 2.
    const Time o;
    EXPECT_EQ(getLoading(""), (std::vector<Time>{o, o, s + s, o, o, o, o, o, o, o}));
    EXPECT_EQ(getLoading("|Resident=2"), getLoading(""));
    // Tier 1 is the one that both have.
    EXPECT_EQ(getLoading("|Resident=1"), (std::vector<Time>{o, o, s + s, o, s, o, s, o, s, o}));
}

TEST_F(ControllerTest, RepliesTellWhatTheNetworkTook)
{
    const auto run = Simulate(MakeScenario(MakeScript(3), 30));
    ASSERT_EQ(g_replies.size(), run.requests.size());
    const PortendSetup setup(MakeScenario(""));
    const auto& stream = setup.stream;
    for (std::size_t i = 0; i < g_replies.size(); ++i)
    {
        const auto& reply = g_replies[i];
        const auto& request = run.requests[i];
        EXPECT_EQ(reply.request, request.id);
        EXPECT_EQ(reply.epoch, request.epoch);
        EXPECT_EQ(reply.latency, request.latency);
        EXPECT_EQ(reply.exitPartition, request.exit);
        std::vector<Time> took;
        Time last = request.generated;
        for (const auto& transfer : reply.transfers)
        {
            took.push_back(transfer.took);
            EXPECT_GE(transfer.sent, last);
            last = transfer.sent + transfer.took;
            double ms = portend::EstimateTransmissionMs(
                transfer.bytes,
                stream.GetLinks(transfer.from, transfer.to),
                stream.network->GetPackets(),
                portend::EstimatorRules::Transmission::EXACT_PACKETS);
            for (const auto& link : stream.GetLinks(transfer.from, transfer.to))
            {
                ms += link.delayMs;
            }
            EXPECT_NEAR(transfer.took.GetNanoSeconds() * 1e-6, ms, 1e-4);
        }
        EXPECT_LE(last, request.generated + request.latency);
        std::vector<Time> expected;
        for (const auto& time : request.network)
        {
            if (time.IsStrictlyPositive())
            {
                expected.push_back(time);
            }
        }
        EXPECT_EQ(took, expected);
        EXPECT_EQ(reply.queues.size(), request.exit);
        for (const auto& queue : reply.queues)
        {
            EXPECT_EQ(queue.waiting, 0U);
        }
    }
}

TEST_F(ControllerTest, RepliesTellTheQueuesThatWereMet)
{
    auto scenario = MakeScenario("ns3::ScriptedController[Script=2:1-55@0]", 40);
    scenario.arrival = "periodic:1ms";
    scenario.maxTime = "1000s"; // an overload is meant
    Simulate(scenario);
    ASSERT_EQ(g_replies.size(), 40U);
    uint32_t most = 0;
    for (const auto& reply : g_replies)
    {
        ASSERT_EQ(reply.queues.size(), 1U);
        EXPECT_EQ(reply.queues[0].tier, 2U);
        most = std::max(most, reply.queues[0].waiting);
    }
    EXPECT_GT(most, 0U);
    EXPECT_EQ(g_replies.back().queues[0].waiting, 0U) << "nobody is behind the last";
}

TEST_F(ControllerTest, OneThatNeverSwitchesChangesNothing)
{
    using Json = nlohmann::ordered_json;
    const auto report = [](const std::string& arrival, const std::string& controller) {
        auto scenario = MakeScenario(controller, 200);
        scenario.arrival = arrival;
        scenario.compute = "empirical";
        scenario.deployment = "0:1-15,1:16-30,2:31-55@0.1";
        const PortendSetup setup(scenario);
        const auto simulated = PortendSimulation(setup).Run();
        const auto estimate = setup.GetEstimate();
        std::ostringstream os;
        PortendReport{scenario, setup, simulated, estimate}.PrintJson(os);
        return Json::parse(os.str());
    };
    for (const std::string arrival : {"closed", "poisson:2", "periodic:400ms"})
    {
        const auto fixed = report(arrival, "");
        for (const std::string more : {"", "[Epoch=70ms]", "[Epoch=70ms|DecisionTime=30ms]"})
        {
            auto other = report(arrival, "ns3::PortendFixedController" + more);
            EXPECT_EQ(other["simulated"]["controller"]["switches"], 0);
            EXPECT_GT(other["simulated"]["controller"]["decisions"], 0);
            EXPECT_EQ(other["simulated"]["controller"]["deployments"].size(), 1U);
            other["simulated"].erase("controller");
            other["scenario"].erase("controller");
            EXPECT_EQ(other.dump(), fixed.dump()) << arrival << more;
        }
        EXPECT_FALSE(fixed["simulated"].contains("controller"));
    }
}

TEST_F(ControllerTest, EpochsAndDecisionsTakeTheirTime)
{
    // 101 arrivals, from 100 ms to 10,100 ms; a decision at every second until the last.
    auto scenario = MakeScenario(MakeScript(1, "|Epoch=1s"), 101);
    scenario.arrival = "periodic:100ms";
    scenario.maxTime = "1000s";
    auto run = Simulate(scenario);
    EXPECT_EQ(run.result.control.decisions, 10U);
    for (const auto& request : run.requests)
    {
        // What is decided first is the deployment that it begins with.
        const auto decisions = static_cast<uint64_t>(request.generated.GetSeconds());
        const auto isBoundary = request.generated == Seconds(decisions);
        const uint32_t epoch = decisions > 0 ? decisions - 1 : 0;
        EXPECT_TRUE(request.epoch == epoch || (isBoundary && request.epoch + 1 == epoch))
            << request.id;
    }
    // Each takes 250 ms, and none is made meanwhile.
    scenario.controller = MakeScript(1, "|DecisionTime=250ms");
    run = Simulate(scenario);
    EXPECT_EQ(run.result.control.decisions, 34U);
    for (const auto& request : run.requests)
    {
        const auto made = (request.id + 1) / 3; // by the arrivals 1, 4, ... for 3 arrivals each
        EXPECT_EQ(request.epoch, made > 0 ? (request.id / 3 > 0 ? request.id / 3 - 1 : 0) : 0)
            << request.id;
    }
}

TEST_F(ControllerTest, BothEnginesGiveTheSame)
{
    for (const std::string transport : {"udp", "tcp"})
    {
        for (const auto& controller : {MakeScript(4, "|SwitchTime=20ms"),
                                       std::string("neurosurgeon"),
                                       std::string("portend[Epoch=500ms]"),
                                       std::string("oracle")})
        {
            std::vector<Outcome> runs;
            for (const std::string network : {"packets", "trains"})
            {
                auto scenario = MakeScenario(controller, 80);
                scenario.arrival = "poisson:2";
                scenario.transport = transport;
                scenario.network = network;
                runs.push_back(Simulate(scenario));
            }
            ASSERT_EQ(runs[0].requests.size(), 80U);
            ASSERT_EQ(runs[1].requests.size(), 80U);
            for (std::size_t i = 0; i < 80; ++i)
            {
                EXPECT_EQ(runs[0].requests[i].id, runs[1].requests[i].id);
                EXPECT_EQ(runs[0].requests[i].latency, runs[1].requests[i].latency);
                EXPECT_EQ(runs[0].requests[i].deployment, runs[1].requests[i].deployment);
            }
            EXPECT_EQ(runs[0].result.control.switches, runs[1].result.control.switches);
        }
    }
}

TEST_F(ControllerTest, NeurosurgeonSettlesOnTheBestCut)
{
    std::map<std::string, int> found;
    for (const std::string bandwidth : {"200kbps", "2Mbps", "10Mbps", "100Mbps"})
    {
        auto scenario = MakeScenario("neurosurgeon", 30);
        scenario.links[0].bandwidth = bandwidth;
        const PortendSetup setup(scenario);
        // Cuts between the tiers 0 and 1, which the deployment uses; one exit at the end.
        std::vector<portend::Deployment> space;
        for (uint32_t cut = 0; cut <= 55; ++cut)
        {
            const auto front = "0:1-" + std::to_string(cut);
            const auto back = "1:" + std::to_string(cut + 1) + "-55";
            space.push_back(portend::Deployment::Parse((cut == 0    ? back
                                                        : cut == 55 ? front
                                                                    : front + "," + back) +
                                                       "@0"));
        }
        const auto best = FindLeast(setup, space);
        EXPECT_EQ(GetLast(Simulate(scenario)), best) << bandwidth;
        ++found[best];
    }
    EXPECT_GT(found.size(), 1U) << "the bandwidth does not matter";
}

TEST_F(ControllerTest, EdgentSettlesOnTheLatestExitThatMeetsItsTarget)
{
    std::map<std::string, int> found;
    for (const std::string bandwidth : {"1Mbps", "10Mbps", "100Mbps"})
    {
        for (const int targetMs : {1, 60, 250, 400, 2000})
        {
            auto scenario = MakeScenario("edgent[Target=" + std::to_string(targetMs) + "ms]", 20);
            scenario.links[0].bandwidth = bandwidth;
            const PortendSetup setup(scenario);
            std::string best;
            double least = std::numeric_limits<double>::infinity();
            for (uint32_t exit = 55; exit >= 1 && least > targetMs; --exit)
            {
                for (uint32_t cut = 0; cut <= exit; ++cut)
                {
                    const auto front = "0:1-" + std::to_string(cut);
                    const auto back = "1:" + std::to_string(cut + 1) + "-" + std::to_string(exit);
                    const auto deployment =
                        portend::Deployment::Parse((cut == 0      ? back
                                                    : cut == exit ? front
                                                                  : front + "," + back) +
                                                   "@0");
                    const double ms = setup.GetEstimate(deployment).GetLatencyMs();
                    if (ms < least)
                    {
                        least = ms;
                        best = deployment.ToString();
                    }
                }
            }
            EXPECT_EQ(GetLast(Simulate(scenario)), best) << bandwidth << " " << targetMs;
            ++found[best];
        }
    }
    EXPECT_GT(found.size(), 4U);
}

TEST_F(ControllerTest, AnsComesCloseToTheBestCut)
{
    auto scenario = MakeScenario("ans", 3000);
    const auto cut = GetLast(Simulate(MakeScenario("neurosurgeon")));
    const PortendSetup setup(scenario);
    const double bestMs = setup.GetEstimate(portend::Deployment::Parse(cut)).GetLatencyMs();
    const auto run = Simulate(scenario);
    PortendMean early;
    PortendMean late;
    for (const auto& request : run.requests)
    {
        (request.id < 500 ? early : late).Add(request.latency.GetNanoSeconds() * 1e-6);
    }
    EXPECT_LT(late.GetMean(), early.GetMean());
    EXPECT_LT(late.GetMean(), 1.1 * bestMs);
    EXPECT_GT(late.GetMean(), 0.999 * bestMs);
}

TEST_F(ControllerTest, PortendAndOracleSettleOnTheBestDeployment)
{
    std::map<std::string, int> found;
    for (const std::string bandwidth : {"100kbps", "5Mbps", "200Mbps"})
    {
        auto scenario = MakeScenario("", 40);
        scenario.links[0].bandwidth = bandwidth;
        scenario.tiers[0].computeFactor = 8; // else it is best to stay there
        const PortendSetup setup(scenario);
        portend::SearchSpace space;
        space.placements = portend::GetAscendingPlacements(3, 3);
        portend::Objective objective;
        objective.minAccuracy = setup.GetEstimate().accuracy - 1e-12;
        const auto best = setup.MakeSearch(space).FindBest(objective, 1).at(0);
        for (const std::string controller : {"portend[Epoch=0s|Margin=0]", "oracle", "best-static"})
        {
            scenario.controller = controller;
            const auto run = Simulate(scenario);
            const auto last = GetLast(run);
            EXPECT_NEAR(setup.GetEstimate(portend::Deployment::Parse(last)).GetLatencyMs(),
                        best.latencyMs,
                        1e-9)
                << controller << " " << bandwidth << " " << last;
            if (controller == "best-static")
            {
                EXPECT_EQ(run.result.control.switches, 0U);
                EXPECT_EQ(run.result.control.requests.count(last), 1U);
            }
        }
        ++found[best.deployment.ToString()];
    }
    EXPECT_GT(found.size(), 1U) << "the bandwidth does not matter";
}

TEST_F(ControllerTest, PortendStaysWhereAChangeIsNotWorthIt)
{
    const auto best = GetLast(Simulate(MakeScenario("portend[Epoch=0s]", 20)));
    EXPECT_NE(best, A);
    EXPECT_EQ(GetLast(Simulate(MakeScenario("portend[Epoch=0s|Margin=1]", 20))), A);
    EXPECT_EQ(GetLast(Simulate(MakeScenario("portend[Epoch=0s|SwitchTime=100s]", 20))), A);
    EXPECT_EQ(GetLast(Simulate(MakeScenario("portend[Epoch=0s|SwitchTime=1us]", 20))), best);
}

TEST_F(ControllerTest, BandwidthsAreEstimatedFromMessages)
{
    const PortendSetup setup(MakeScenario(""));
    auto actual = setup.stream.WithBandwidths({3e6, 5e6, 400e6, 200e6});
    PortendBandwidthEstimator estimator;
    estimator.Begin(setup.stream, 4);
    const auto send = [&](uint32_t from, uint32_t to, uint64_t bytes) {
        const auto links = actual.GetLinks(from, to);
        double ms =
            portend::EstimateTransmissionMs(bytes,
                                            links,
                                            actual.network->GetPackets(),
                                            portend::EstimatorRules::Transmission::EXACT_PACKETS);
        for (const auto& link : links)
        {
            ms += link.delayMs;
        }
        estimator.Add({from, to, bytes, Time(), NanoSeconds(std::llround(ms * 1e6))});
    };
    EXPECT_EQ(estimator.GetBps(), (std::vector<double>{10e6, 10e6, 400e6, 400e6}));
    send(0, 1, 100000);
    EXPECT_NEAR(estimator.GetBps()[0], 3e6, 10);
    EXPECT_EQ(estimator.GetBps()[1], 10e6) << "the other way";
    send(2, 1, 100000);
    EXPECT_NEAR(estimator.GetBps()[3], 200e6, 1e4);
    send(2, 0, 100000); // two links: it tells of the slower one
    EXPECT_NEAR(estimator.GetBps()[1], 5e6, 1e4);
    EXPECT_NEAR(estimator.GetBps()[3], 200e6, 1e4);
    // Bits by times: half of the time at 1 Mb/s, half at 3 Mb/s.
    estimator.Begin(setup.stream, 2);
    actual = setup.stream.WithBandwidths({1e6, 5e6, 400e6, 200e6});
    send(0, 1, 9000);
    actual = setup.stream.WithBandwidths({3e6, 5e6, 400e6, 200e6});
    send(0, 1, 27000);
    EXPECT_NEAR(estimator.GetBps()[0], 2e6, 3e4); // headers apart
    send(0, 1, 27000);
    send(0, 1, 27000);
    EXPECT_NEAR(estimator.GetBps()[0], 3e6, 10) << "what is out of the window counts no more";
}

TEST_F(ControllerTest, DelaysBelongToPartitions)
{
    auto scenario = MakeScenario("");
    scenario.compute = "empirical";
    const PortendSetup setup(scenario);
    const auto model = std::make_shared<portend::ModelProfile>(setup.model);
    const auto make = [&]() {
        PortendItineraryMaker maker(model, setup.stream);
        maker.options.delayModel = setup.delayModel;
        maker.SetFirstVariable(17);
        return maker;
    };
    const auto parse = portend::Deployment::Parse;
    auto first = make();
    auto second = make();
    const auto one = first.Make(parse("0:1-25,1:26-40@0.1"));
    const auto two = first.Make(parse("0:1-25,2:26-40@0.1"));
    EXPECT_EQ(one->stages[0].computationTime, two->stages[0].computationTime);
    EXPECT_NE(one->stages[1].computationTime, two->stages[1].computationTime);
    // In another order: the same numbers.
    const auto three = second.Make(parse("0:1-25,2:26-40@0.3"));
    for (int i = 0; i < 20; ++i)
    {
        EXPECT_EQ(two->stages[1].computationTime->GetValue(),
                  three->stages[1].computationTime->GetValue());
    }
    EXPECT_EQ(three->stages[0].firstBlock, 1U);
    const auto shared = second.Make(parse("0:1-10,0:11-25,1:26-40@0.1"));
    EXPECT_EQ(shared->stages[0].lastBlock, 25U) << "one visit";
    EXPECT_EQ(shared->stages[1].firstBlock, 1U);
    EXPECT_EQ(shared->stages[2].firstBlock, 26U);
}

TEST_F(ControllerTest, TheSameSeedGivesTheSame)
{
    auto scenario = MakeScenario("portend[Epoch=300ms]", 100);
    scenario.arrival = "poisson:2";
    scenario.compute = "gamma";
    const auto first = Simulate(scenario);
    const auto second = Simulate(scenario);
    ASSERT_EQ(first.requests.size(), second.requests.size());
    for (std::size_t i = 0; i < first.requests.size(); ++i)
    {
        EXPECT_EQ(first.requests[i].latency, second.requests[i].latency);
    }
}

TEST_F(ControllerTest, WhatMakesNoSenseIsRefused)
{
    const auto refuses = [](const PortendScenario& scenario, const std::string& part) {
        try
        {
            Simulate(scenario);
            ADD_FAILURE() << part;
        }
        catch (const portend::InputError& error)
        {
            EXPECT_NE((error.GetWhere() + ": " + error.what()).find(part), std::string::npos)
                << error.GetWhere() << ": " << error.what();
        }
    };
    refuses(MakeScenario("nerosurgeon"), "neurosurgeon");
    refuses(MakeScenario("portend[Margin=-1]"), "'-1' is no value of it");
    refuses(MakeScenario("portend[Windoww=1]"), "::Windoww', no such attribute");
    refuses(MakeScenario("portend[Epoch=4e9s]"), "'4e9s' is no value of it");
    refuses(MakeScenario("portend[Epoch=4e9s]"), "up to 3.2e+09 s");
    refuses(MakeScenario("oracle[MinAccuracy=0.9999]"), "no deployment has an accuracy of 0.9999");
    refuses(MakeScenario("ns3::ScriptedController[Script=0:1-25,1:26-60@0.1]"), "60");
    refuses(MakeScenario("ns3::ScriptedController[Script=0:1-25,1:26-40@0.15]"), "0.15");
    refuses(MakeScenario("ns3::ScriptedController[Script=0:1-5,0:6-10,1:11-40,2:41-55@0.1]"),
            "at most 3 partitions");
    auto blocking = MakeScenario("portend");
    blocking.tiers[1].queuePolicy = "block";
    blocking.tiers[1].queueLimit = 3;
    refuses(blocking, "where a full queue blocks");

    const auto file = testing::TempDir() + "controller_test_joint.csv";
    std::ofstream(file) << "exited,correct\n10,9\n20,11\n";
    auto joint = MakeScenario("portend");
    joint.exits = "trace:" + file;
    refuses(joint, "where exits are those of one deployment");
    joint.controller = "";
    EXPECT_EQ(Simulate(joint).requests.size(), 60U);
}

namespace
{

/// @return what a link does: so many seconds at each bandwidth, from the first again at the end
std::string
WriteTrace(const TemporaryFolder& folder,
           const std::string& name,
           int secondsEach,
           const std::vector<double>& bandwidthsMbps)
{
    std::ostringstream text;
    text << "time_s,bandwidth_bps\n";
    int at = 0;
    for (const double mbps : bandwidthsMbps)
    {
        text << at << "," << std::llround(mbps * 1e6) << "\n";
        at += secondsEach;
    }
    text << at << "," << std::llround(bandwidthsMbps.back() * 1e6) << "\n";
    return folder.Write(name, text.str());
}

/// Simulate replications; mean latencies, ms.
std::vector<double>
Replicate(PortendScenario scenario, const std::string& controller, int replications)
{
    std::vector<double> means;
    scenario.controller = controller;
    for (int run = 1; run <= replications; ++run)
    {
        scenario.run = run;
        const auto outcome = Simulate(scenario);
        EXPECT_EQ(outcome.result.completed, scenario.samples);
        means.push_back(outcome.result.latencyMs.mean);
    }
    return means;
}

} // namespace

TEST_F(ControllerTest, NoneBeatsTheOracle)
{
    // Arrivals that do not overlap, and steps of many requests.
    const TemporaryFolder folder;
    auto scenario = MakeScenario("", 100);
    scenario.arrival = "periodic:2s";
    scenario.tiers[0].computeFactor = 4;
    scenario.links[0].bandwidth = "";
    scenario.links[0].trace = WriteTrace(folder, "steps.csv", 20, {20, 1, 100, 0.5, 5});
    scenario.network = "trains";
    constexpr int REPLICATIONS = 8;
    constexpr double BONFERRONI = 3.5; // quantile 1 - 0.05 / 8 of Student's t, 7 degrees: 3.3
    const std::map<std::string, std::vector<std::string>> rivals{
        {"oracle", {"fixed", "best-static", "neurosurgeon", "ans", "portend"}},
        {"oracle[MinAccuracy=0]", {"edgent[Target=150ms]", "portend[MinAccuracy=0]", "fixed"}}};
    for (const auto& [reference, others] : rivals)
    {
        const auto best = Replicate(scenario, reference, REPLICATIONS);
        for (const auto& other : others)
        {
            PortendMean regret;
            const auto means = Replicate(scenario, other, REPLICATIONS);
            for (std::size_t r = 0; r < best.size(); ++r)
            {
                regret.Add(means[r] - best[r]);
            }
            const double error = regret.GetConfidence95() / PortendGetStudentFactor95(REPLICATIONS);
            EXPECT_GE(regret.GetMean() + BONFERRONI * error, 0) << other;
            if (other == "fixed")
            {
                EXPECT_GT(regret.GetMean(), 0) << "the bandwidth does not matter";
            }
        }
    }
}

TEST_F(ControllerTest, TheOracleKnowsTheBandwidthOfTheMoment)
{
    const TemporaryFolder folder;
    auto scenario = MakeScenario("oracle", 60);
    scenario.arrival = "periodic:2s";
    scenario.tiers[0].computeFactor = 4;
    scenario.links[0].bandwidth = "";
    scenario.links[0].trace = WriteTrace(folder, "steps.csv", 30, {0.5, 100});
    const auto run = Simulate(scenario);
    std::map<std::string, std::string> found;
    for (const std::string bandwidth : {"0.5Mbps", "100Mbps"})
    {
        auto constant = MakeScenario("oracle", 3);
        constant.tiers[0].computeFactor = 4;
        constant.links[0].bandwidth = bandwidth;
        found[bandwidth] = GetLast(Simulate(constant));
    }
    EXPECT_NE(found["0.5Mbps"], found["100Mbps"]);
    for (const auto& request : run.requests)
    {
        const auto step = request.generated.GetNanoSeconds() / 30000000000 % 2;
        EXPECT_EQ(request.deployment, found[step == 0 ? "0.5Mbps" : "100Mbps"]) << request.id;
    }
}

TEST_F(ControllerTest, EdgentDetectsAStep)
{
    const TemporaryFolder folder;
    auto scenario = MakeScenario("edgent[Target=400ms]", 200);
    scenario.arrival = "periodic:1s";
    scenario.links[0].bandwidth = "";
    scenario.links[0].trace = WriteTrace(folder, "step.csv", 100, {20, 1});
    const auto run = Simulate(scenario);
    std::string before;
    double detectedS = 0;
    for (const auto& request : run.requests)
    {
        const double s = request.generated.GetSeconds();
        if (s < 100)
        {
            before = request.deployment;
        }
        else if (request.deployment != before && detectedS == 0)
        {
            detectedS = s;
        }
    }
    std::cout << "a step from 20 to 1 Mb/s is answered " << detectedS - 100
              << " s later, with a request each second" << std::endl;
    EXPECT_GE(detectedS, 100);
    EXPECT_LE(detectedS, 105);
}

TEST_F(ControllerTest, FailuresAndFallbacksAreSeenAsTheyWere)
{
    const TemporaryFolder folder;
    for (const std::string fallback : {"", R"("fallback": "200ms",)"})
    {
        const auto file = folder.Write("world.json",
                                       R"({
          "schema_version": 2, "profile": "resnet110-cifar10",
          "nodes": [{"name": "phone", "device": "a1.medium"},
                    {"name": "cloud", "device": "g4dn.xlarge", "failures": "exponential:3s:400ms"}],
          "links": [{"between": ["phone", "cloud"], "bandwidth": "2Mbps", "delay": "20ms"}],
          "streams": [{"name": "all", "tiers": ["phone", "cloud"], "samples": 600,
                       "deployment": "0:1-10,1:11-55@0.1", "arrival": "poisson:2",)" +
                                           fallback + R"(
                       "controller": "ns3::ScriptedController[Script=)" +
                                           "0:1-10,1:11-55@0.1 1:1-20,0:21-55@0 "
                                           "1:1-55@0|Each=3]\"}]}");
        g_replies.clear();
        uint64_t fallbacks = 0;
        const PortendWorldSetup setup(PortendWorld::Load(PortendScenarioFile(file)));
        const auto result = PortendSimulation(setup).RunAll().streams.front();
        uint64_t answered = 0;
        for (const auto& reply : g_replies)
        {
            answered += reply.isAnswered;
            fallbacks += reply.isFallback;
            Time before = reply.arose;
            for (const auto& transfer : reply.transfers)
            {
                EXPECT_NE(transfer.from, transfer.to);
                EXPECT_GT(transfer.took, MilliSeconds(20)) << "no message is sooner";
                EXPECT_GE(transfer.sent, before);
                before = transfer.sent + transfer.took;
                EXPECT_FALSE(transfer.isResult && reply.isFallback);
            }
            EXPECT_LE(before, reply.arose + reply.latency);
        }
        EXPECT_EQ(answered, result.completed);
        EXPECT_EQ(fallbacks, result.fallbacks);
        EXPECT_EQ(fallbacks > 0, !fallback.empty());
        EXPECT_LT(answered, 600U) << "nothing is lost";
    }
}

TEST_F(ControllerTest, AnyMemberOfAGroupHasItsOwn)
{
    const auto file = testing::TempDir() + "controller_test_group.json";
    std::ofstream(file) << R"({
      "schema_version": 2,
      "nodes": [{"name": "camera", "count": 3, "device": "a1.medium"},
                {"name": "server", "device": "g4dn.xlarge"}],
      "links": [{"between": ["camera", "server"], "bandwidth": ["300kbps", "10Mbps", "900Mbps"],
                 "delay": "5ms"}],
      "streams": [{"name": "vision", "tiers": ["camera", "server"],
                   "profile": "resnet110-cifar10", "deployment": "0:1-25,1:26-55@0",
                   "arrival": "poisson:0.5", "samples": 20, "controller": "neurosurgeon"}]})";
    const auto world = PortendWorld::Load(PortendScenarioFile(file));
    const PortendWorldSetup setup(world);
    std::map<uint32_t, std::string> last;
    PortendSimulation simulation(setup);
    simulation.SetRequestSink([&last](const PortendRequest& request) {
        last[request.member] = request.itinerary->deployment;
    });
    const auto result = simulation.RunAll();
    EXPECT_EQ(result.streams[0].completed, 60U);
    ASSERT_EQ(last.size(), 3U);
    EXPECT_NE(last[0], last[2]);
    EXPECT_EQ(last[2], "1:1-55@0") << "what is far away is near";
}
