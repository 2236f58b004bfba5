/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Memory of nodes: what fits, what is refused, what controllers do with it, and how long blocks
// take to be loaded.

#include "bad_input.h"
#include "simulator_test.h"

#include "ns3/portend-controllers.h"
#include "ns3/portend-lint.h"
#include "ns3/portend-simulation.h"
#include "ns3/portend-world-setup.h"
#include "ns3/portend-world.h"
#include "ns3/string.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace ns3;
using Json = nlohmann::ordered_json;

namespace
{

/// Has a deployment of a list for each arrival, one after the other.
class ListedController : public PortendController
{
  public:
    static TypeId GetTypeId()
    {
        static TypeId tid = TypeId("ns3::ListedController")
                                .SetParent<PortendController>()
                                .AddConstructor<ListedController>()
                                .AddAttribute("List",
                                              "Deployments, by blanks.",
                                              StringValue(""),
                                              MakeStringAccessor(&ListedController::m_list),
                                              MakeStringChecker());
        return tid;
    }

  protected:
    portend::Deployment DoBegin() override
    {
        std::istringstream words(m_list);
        std::string word;
        while (words >> word)
        {
            m_deployments.push_back(portend::Deployment::Parse(word));
        }
        return m_deployments.front();
    }

    portend::Deployment Decide() override
    {
        return m_deployments[m_arrivals++ % m_deployments.size()];
    }

  private:
    std::string m_list;
    std::vector<portend::Deployment> m_deployments;
    uint64_t m_arrivals{0};
};

NS_OBJECT_ENSURE_REGISTERED(ListedController);

/// A profile of four blocks, 100 ms each, and two tiers; what takes no time is nearly nothing.
class MemoryScenarioTest : public SimulatorTest
{
  protected:
    MemoryScenarioTest()
    {
        m_model = Json::parse(R"({
            "schema_version": 2, "profile": "four", "blocks": 4,
            "tensor_bytes": [1000, 1000, 1000, 1000], "result_bytes": 100,
            "parameter_bytes": [1000, 2000, 4000, 8000], "activation_bytes": [10, 20, 30, 40],
            "thresholds": [0, 0.5],
            "validation": {"exit_rates": [[0, 0.25], [0, 0.5], [0, 0.75], [1, 1]],
                           "accuracy": [0.6, 0.7, 0.8, 0.9]}})");
        const auto device = Json::parse(R"({
            "schema_version": 2, "profile": "four", "device": "board",
            "block_compute_ms": [[100], [100], [100], [100]],
            "serialize_ms": [0, 0, 0, 0], "deserialize_ms": [0, 0, 0, 0]})");
        m_folder.Write("model.json", m_model.dump());
        m_folder.Write("board.json", device.dump());
    }

    /// @return two tiers, of which the first computes in no time, on links that take none
    PortendScenario MakeScenario(const std::string& controller = "", uint64_t samples = 10) const
    {
        PortendScenario scenario;
        scenario.profile = m_folder.GetPath();
        scenario.tiers = {{"board", "phone"}, {"board", "edge"}};
        scenario.tiers[0].computeFactor = 1e-6;
        scenario.links = {{"1000000Gbps", "0ms"}};
        scenario.deployment = "1:1-2@0";
        scenario.samples = samples;
        scenario.controller = controller;
        return scenario;
    }

    /// @return P, Q and R in turn: blocks 1-2, 3 and 4 on tier 1, the rest on tier 0
    static std::string MakeTurns(const std::string& more = "")
    {
        return "ns3::ListedController[List=1:1-2@0 0:1-2,1:3-3@0 0:1-3,1:4-4@0" + more + "]";
    }

    /// A request: how long it waited, and in all, ms.
    struct Request
    {
        std::string deployment;
        double loadingMs;
        double queueMs;
        double latencyMs;
    };

    /// Simulates a scenario; each ledger sums up to the nanosecond.
    static std::vector<Request> Simulate(const PortendScenario& scenario)
    {
        const PortendSetup setup(scenario);
        setup.RequireSimulable();
        PortendSimulation simulation(setup);
        std::map<uint64_t, Request> byId;
        simulation.SetRequestSink([&](const PortendRequest& request) {
            const auto& ledger = request.ledger;
            EXPECT_EQ(ledger.GetTotal(), request.GetLatency());
            const auto& parts = ledger.GetWait();
            EXPECT_EQ(std::accumulate(parts.begin(), parts.end(), Time()),
                      ledger.Get(PortendLedger::WAIT));
            byId[request.id] = {request.itinerary->deployment,
                                parts[PortendLedger::LOADING].GetNanoSeconds() * 1e-6,
                                parts[PortendLedger::QUEUE].GetNanoSeconds() * 1e-6,
                                request.GetLatency().GetNanoSeconds() * 1e-6};
        });
        simulation.Run();
        std::vector<Request> requests;
        for (const auto& [id, request] : byId)
        {
            requests.push_back(request);
        }
        return requests;
    }

    /// Requires loading times, ms, to the nanosecond.
    static void ExpectLoading(const PortendScenario& scenario, const std::vector<double>& expected)
    {
        const auto requests = Simulate(scenario);
        ASSERT_EQ(requests.size(), expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i)
        {
            EXPECT_NEAR(requests[i].loadingMs, expected[i], 1e-6) << "request " << i;
            EXPECT_EQ(requests[i].queueMs, 0);
        }
    }

    /// @return bytes that blocks first to last take, for so many tensors at once
    uint64_t GetNeed(uint32_t first, uint32_t last, uint64_t tensors = 1) const
    {
        uint64_t parameters = 0;
        uint64_t activations = 0;
        for (auto i = first - 1; i < last; ++i)
        {
            parameters += m_model["parameter_bytes"][i].get<uint64_t>();
            activations = std::max(activations, m_model["activation_bytes"][i].get<uint64_t>());
        }
        return parameters + tensors * activations;
    }

    TemporaryFolder m_folder; ///< the profile, and other files
    Json m_model;             ///< of it
};

} // namespace

// Tier 0 loads a kilobyte in 125 ms, tier 1 in 12.5 ms; each switch takes 50 ms besides. What a
// stream begins with is there.
TEST_F(MemoryScenarioTest, LoadsWhatIsMissing)
{
    auto scenario = MakeScenario(MakeTurns("|SwitchTime=50ms"), 9);
    ExpectLoading(scenario, {0, 50 + 50, 50 + 50, 0, 0, 0, 0, 0, 0});

    scenario.tiers[0].loadBandwidth = "8kBps";
    scenario.tiers[1].loadBandwidth = "80kBps";
    // Q: blocks 1-2 of tier 0 and 3 of tier 1. R: of 1-3 tier 0 misses the last; 4 of tier 1.
    const double q = 50 + 3 * 125 + 50 + 4 * 12.5;
    const double r = 50 + 4 * 125 + 50 + 8 * 12.5;
    ExpectLoading(scenario, {0, q, r, 0, 0, 0, 0, 0, 0});

    // Without a time to switch, bytes take theirs.
    scenario.controller = MakeTurns();
    ExpectLoading(scenario, {0, q - 100, r - 100, 0, 0, 0, 0, 0, 0});

    // Two deployments stay on tier 1 by their number: P leaves when R comes, and so on.
    scenario.controller = MakeTurns("|SwitchTime=50ms|Resident=2");
    const double p1 = 50 + 3 * 12.5;
    const double q1 = 50 + 4 * 12.5;
    const double r1 = 50 + 8 * 12.5;
    ExpectLoading(scenario, {0, q, r, p1, q1, r1, p1, q1, r1});
}

TEST_F(MemoryScenarioTest, BlocksUsedLeastRecentlyLeave)
{
    auto scenario = MakeScenario(MakeTurns("|SwitchTime=50ms"), 9);
    scenario.tiers[0].loadBandwidth = "8kBps";
    scenario.tiers[1].loadBandwidth = "80kBps";
    const double p1 = 50 + 3 * 12.5;
    const double q1 = 50 + 4 * 12.5;
    const double r1 = 50 + 8 * 12.5;
    const double q = 50 + 3 * 125 + q1;
    const double r = 50 + 4 * 125 + r1;

    // All three fit: 15000 B of parameters and 40 B for the tensor.
    scenario.tiers[1].memory = "15040B";
    ExpectLoading(scenario, {0, q, r, 0, 0, 0, 0, 0, 0});
    // Any two fit, or some.
    for (const std::string memory : {"15039B", "12040B", "12039B"})
    {
        scenario.tiers[1].memory = memory;
        ExpectLoading(scenario, {0, q, r, p1, q1, r1, p1, q1, r1});
    }
    // A second tensor at once takes 40 B more, which all three together have no room for.
    scenario.tiers[1].memory = "15040B";
    scenario.tiers[1].servers = 2;
    ExpectLoading(scenario, {0, q, r, p1, q1, r1, p1, q1, r1});
    scenario.tiers[1].memory = "15080B";
    ExpectLoading(scenario, {0, q, r, 0, 0, 0, 0, 0, 0});
    scenario.tiers[1].servers = 1;

    // Blocks that two deployments have are there once: 2-4 needs block 2 only, 1-4 block 1.
    scenario.controller =
        "ns3::ListedController[List=0:1-2,1:3-4@0 0:1-1,1:2-4@0 1:1-4@0|SwitchTime=50ms]";
    scenario.deployment = "0:1-2,1:3-4@0";
    scenario.tiers[0].loadBandwidth = "";
    scenario.tiers[1].memory = "15040B";
    ExpectLoading(scenario, {0, 50 + 2 * 12.5, 50 + 12.5, 0, 0, 0, 0, 0, 0});
}

// P takes 200 ms on tier 1 and R 100; one of them fits. A tensor waits until what is used may
// leave, and those behind it wait, too.
TEST_F(MemoryScenarioTest, WhatIsComputedStays)
{
    auto scenario =
        MakeScenario("ns3::ListedController[List=1:1-2@0 0:1-3,1:4-4@0|SwitchTime=50ms]", 4);
    scenario.arrival = "periodic:110ms";
    scenario.tiers[1].loadBandwidth = "80kBps";
    scenario.tiers[1].memory = "8040B";
    scenario.tiers[0].memory = "7030B"; // just enough
    const auto requests = Simulate(scenario);
    ASSERT_EQ(requests.size(), 4U);
    // When each is computed, from its arrival: R waits for P's end at 310 ms and is loaded for 150,
    // P for R's at 560 and for 87.5, and R again for P's at 847.5 and for 150. Tier 0 loads blocks
    // 1-3 for R in 50 ms once, meanwhile.
    const double first = 110;
    const double loadR = 50 + 100;
    const double loadP = 50 + 37.5;
    const double endP = first + 200;
    const double endR = endP + loadR + 100;
    const double endP2 = endR + loadP + 200;
    const std::vector<double> loading{0,
                                      endP + loadR - 2 * first,
                                      endR + loadP - 3 * first,
                                      endP2 + loadR - 4 * first};
    const std::vector<double> compute{200, 100, 200, 100};
    for (std::size_t i = 0; i < 4; ++i)
    {
        EXPECT_NEAR(requests[i].loadingMs, loading[i], 1e-3) << i;
        EXPECT_NEAR(requests[i].latencyMs, loading[i] + compute[i], 1e-3) << i;
        EXPECT_NEAR(requests[i].queueMs, 0, 1e-3) << i;
    }
}

TEST_F(MemoryScenarioTest, EveryRequestIsAnsweredLostOrGivenUp)
{
    for (const std::string policy : {"drop-newest", "drop-oldest", "deadline:300ms"})
    {
        for (const std::string scheduler : {"", "batch[max=3,timeout=20ms]"})
        {
            SCOPED_TRACE(policy + scheduler);
            auto scenario = MakeScenario(MakeTurns("|SwitchTime=5ms|Resident=2"), 500);
            scenario.arrival = "poisson:8";
            scenario.tiers[1].loadBandwidth = "800kBps";
            scenario.tiers[1].memory = "8200B"; // R, and nothing beside it
            scenario.tiers[1].servers = scheduler.empty() ? 2 : 1;
            scenario.tiers[1].scheduler = scheduler;
            scenario.tiers[1].queueLimit = 2;
            scenario.tiers[1].queuePolicy = policy;
            scenario.tiers[1].failures = "3s-3.5s,20s-21s";
            scenario.rules = "exact";
            const PortendSetup setup(scenario);
            setup.RequireSimulable();
            PortendSimulation simulation(setup);
            double loadingMs = 0;
            simulation.SetRequestSink([&](const PortendRequest& request) {
                EXPECT_EQ(request.ledger.GetTotal(), request.GetLatency());
                loadingMs += request.ledger.GetWait()[PortendLedger::LOADING].GetSeconds() * 1e3;
            });
            const auto result = simulation.Run();
            uint64_t lost = 0;
            for (std::size_t j = 0; j < 2; ++j)
            {
                lost += result.queueDrops[j] + result.deadlineDrops[j] + result.failureDrops[j];
            }
            EXPECT_EQ(result.generated, 500U);
            EXPECT_GT(result.completed, 50U);
            EXPECT_LE(result.completed + lost, 500U); // links fail, too
            EXPECT_GT(lost, 0U);
            EXPECT_GT(loadingMs, 0);
        }
    }
}

TEST_F(MemoryScenarioTest, RefusesWhatDoesNotFit)
{
    const auto refuse = [](const PortendScenario& scenario,
                           const std::string& where,
                           const std::vector<std::string>& parts) {
        ExpectInputError([&] { PortendSetup(scenario).RequireSimulable(); }, where, parts);
    };
    auto scenario = MakeScenario();
    scenario.deployment = "0:1-1,1:2-4@0";
    scenario.tiers[0].memory = "1010B";
    scenario.tiers[1].memory = "14040B"; // 2000 + 4000 + 8000 + 40
    PortendSetup(scenario).RequireSimulable();
    scenario.tiers[1].memory = "14039B";
    refuse(scenario,
           "/tiers/1/memory",
           {"found 14039 B of memory of tier 1",
            "need 14040 B",
            "parameters 14000 B",
            "activations of 1 tensor 40 B",
            "no room is left for block 4 of four (8000 B)",
            "at least 14040B"});
    scenario.tiers[1].memory = "5000B";
    refuse(scenario, "/tiers/1/memory", {"no room is left for blocks 3-4 of four (4000, 8000 B)"});
    scenario.tiers[0].memory = "1009B";
    refuse(scenario,
           "/tiers/0/memory",
           {"found 1009 B", "need 1010 B", "block 1 of four (1000 B)"});
    scenario.tiers[0].memory = "1010B";
    scenario.tiers[1].memory = "14200B";
    PortendSetup(scenario).RequireSimulable();
    scenario.tiers[1].servers = 2;
    scenario.tiers[1].scheduler = "batch[max=3,timeout=5ms]";
    refuse(scenario, "/tiers/1/memory", {"need 14240 B", "activations of 6 tensors 40 B each"});
    scenario.tiers[1].memory = "14240B";
    PortendSetup(scenario).RequireSimulable();

    scenario.tiers[1].memory = "2TiB";
    ExpectInputError([&] { PortendSetup setup(scenario); },
                     "/tiers/1/memory",
                     {"found '2TiB'", "none", "such as 2GiB"});
    scenario.tiers[1].memory = "1000000GB"; // beyond 32 bits
    PortendSetup(scenario).RequireSimulable();
    scenario.tiers[1].loadBandwidth = "fast";
    ExpectInputError([&] { PortendSetup setup(scenario); },
                     "/tiers/1/load_bandwidth",
                     {"found 'fast'"});

    // What needs no bytes asks for none; what does names the file.
    m_model.erase("activation_bytes");
    m_folder.Write("model.json", m_model.dump());
    auto without = MakeScenario();
    PortendSetup(without).RequireSimulable();
    without.tiers[0].memory = "1B"; // where nothing runs
    PortendSetup(without).RequireSimulable();
    without.tiers[1].memory = "1GB";
    refuse(without, m_folder / "model.json: /activation_bytes", {"four", "bytes of each block"});
    without.tiers[1].memory = "";
    without.tiers[1].loadBandwidth = "1GBps";
    PortendSetup(without).RequireSimulable();
    without.controller = "portend";
    refuse(without, m_folder / "model.json: /activation_bytes", {"four"});
}

TEST_F(MemoryScenarioTest, NodesOfNetworksCountAllStreams)
{
    // A copy of the profile is another model; so is one that another name leads to.
    const TemporaryFolder copy;
    copy.Write("model.json", m_model.dump());
    copy.Write("board.json", R"({"schema_version": 2, "profile": "four", "device": "board",
        "block_compute_ms": [[1], [1], [1], [1]], "serialize_ms": [0, 0, 0, 0],
        "deserialize_ms": [0, 0, 0, 0]})");
    auto json = Json::parse(R"({"schema_version": 2,
        "nodes": [{"name": "phone", "count": 3, "device": "board"},
                  {"name": "edge", "device": "board", "memory": "7030B"}],
        "links": [{"between": ["phone", "edge"], "bandwidth": "1Gbps", "delay": "1ms"}],
        "streams": [{"name": "a", "tiers": ["phone", "edge"], "deployment": "1:1-2@0", "samples": 3},
                    {"name": "b", "tiers": ["phone", "edge"], "deployment": "0:1-1,1:2-3@0",
                     "samples": 3}]})");
    json["profile"] = m_folder.GetPath();
    const auto load = [&](const Json& document, const std::vector<std::string>& values = {}) {
        const auto file = m_folder.Write("world.json", document.dump());
        return PortendWorldSetup(PortendWorld::Load(PortendScenarioFile(file), values));
    };
    // Blocks 1-3 of one model, however many members and streams: 1000 + 2000 + 4000 + 30.
    load(json).RequireMemory();
    const auto file = m_folder / "world.json";
    ExpectInputError([&] { load(json, {"nodes/edge/memory=7029B"}).RequireMemory(); },
                     "--set nodes/edge/memory: /nodes/1/memory",
                     {"found 7029 B of memory of edge", "need 7030 B", "block 3 of four (4000 B)"});
    json["nodes"][1]["memory"] = "7029B";
    ExpectInputError([&] { load(json).RequireMemory(); }, file + ": /nodes/1/memory", {"edge"});
    // 3000 of one, 6000 of the other.
    json["streams"][1]["profile"] = copy.GetPath();
    json["nodes"][1]["memory"] = "9030B";
    load(json).RequireMemory();
    ExpectInputError([&] { load(json, {"nodes/edge/memory=9029B"}).RequireMemory(); },
                     "--set nodes/edge/memory: /nodes/1/memory",
                     {"need 9030 B"});

    // A member of a group is named.
    json["nodes"][0]["memory"] = "1009B";
    ExpectInputError([&] { load(json).RequireMemory(); },
                     file + ": /nodes/0/memory",
                     {"phone[0]", "need 1010 B"});

    // The search of a stream leaves the others their room: 9030 B less 6000 B of b.
    json["nodes"][0].erase("memory");
    load(json);
    PortendScenario scenario;
    scenario.BecomeStream(
        std::make_shared<PortendWorld>(PortendWorld::Load(PortendScenarioFile(file), {})),
        "a");
    const PortendSetup setup(scenario);
    portend::SearchSpace space;
    space.placements = portend::GetAscendingPlacements(2, 2);
    std::set<std::string> found;
    setup.MakeSearch(space).ForEach([&found](double, double, const auto& getDeployment) {
        const auto last = getDeployment().partitions.back();
        found.insert(std::to_string(last.tier) + ":" + std::to_string(last.first) + "-" +
                     std::to_string(last.last));
    });
    EXPECT_EQ(
        found,
        (std::set<std::string>{"0:1-1", "0:1-2", "0:1-3", "0:1-4", "1:1-1", "1:1-2", "1:2-2"}));
    setup.RequireMemory(portend::Deployment::Parse("1:1-2@0"));
    ExpectInputError([&] { setup.RequireMemory(portend::Deployment::Parse("1:1-3@0")); },
                     file + ": /nodes/1/memory",
                     {"need 13030 B"});
}

// A stream without a controller keeps its blocks; one with loads its own beside them.
TEST_F(MemoryScenarioTest, BlocksOfStreamsThatStayStay)
{
    auto json = Json::parse(R"({"schema_version": 2,
        "nodes": [{"name": "phone", "device": "board", "compute_factor": 1e-6},
                  {"name": "edge", "device": "board", "compute_factor": 1e-6,
                   "load_bandwidth": "80kBps"}],
        "links": [{"between": ["phone", "edge"], "bandwidth": "1000000Gbps", "delay": "0ms"}],
        "streams": [{"name": "moves", "tiers": ["phone", "edge"], "deployment": "1:1-2@0",
                     "samples": 9},
                    {"name": "stays", "tiers": ["phone", "edge"], "deployment": "0:1-1,1:2-2@0",
                     "samples": 9}]})");
    json["profile"] = m_folder.GetPath();
    json["streams"][0]["controller"] = MakeTurns();
    const auto simulate = [&](const std::string& memory) {
        json["nodes"][1]["memory"] = memory;
        const auto file = m_folder.Write("world.json", json.dump());
        const PortendWorldSetup setup(PortendWorld::Load(PortendScenarioFile(file)));
        setup.RequireMemory();
        PortendSimulation simulation(setup);
        std::vector<double> loading(9);
        simulation.SetRequestSink([&](const PortendRequest& request) {
            const auto ms =
                request.ledger.GetWait()[PortendLedger::LOADING].GetNanoSeconds() * 1e-6;
            if (request.stream == 0)
            {
                loading[request.id] = ms;
            }
            else
            {
                EXPECT_EQ(ms, 0);
            }
        });
        simulation.RunAll();
        return loading;
    };
    // 2000 + 8000 + 40 for R beside block 2, which P need not load again, and Q beside it; then P
    // loads block 1, Q block 3 and R block 4. Of Q and R one fits, Q and P do.
    EXPECT_EQ(simulate("10040B"), (std::vector<double>{0, 50, 100, 12.5, 50, 100, 12.5, 50, 100}));
    EXPECT_EQ(simulate("15040B"), (std::vector<double>{0, 50, 100, 0, 0, 0, 0, 0, 0}));
    // Without its room R is refused.
    json["nodes"][1]["memory"] = "10039B";
    ExpectInputError([&] { simulate("10039B"); },
                     "controller",
                     {"found 0:1-3,1:4-4@0", "memory of tier 1, 10039 B"});
}

TEST_F(MemoryScenarioTest, ControllersDeployWhatFits)
{
    // The edge is a million times as fast, and has no room for all blocks.
    for (const std::string controller : {"best-static",
                                         "oracle",
                                         "oracle[AnyOrder=true]",
                                         "portend",
                                         "portend[Epoch=0s|Margin=0]",
                                         "neurosurgeon",
                                         "edgent[Target=900ms]",
                                         "ans"})
    {
        SCOPED_TRACE(controller);
        auto scenario = MakeScenario(controller, 60);
        scenario.deployment = "0:1-4@0";
        scenario.tiers[0].computeFactor = 1;
        scenario.tiers[1].computeFactor = 1e-6;
        scenario.links[0].bandwidth = "1Gbps";
        const auto free = Simulate(scenario);
        scenario.tiers[1].memory = "12100B"; // any but all four and the last three
        const auto bounded = Simulate(scenario);
        ASSERT_EQ(bounded.size(), 60U);
        bool isOther = false;
        for (std::size_t i = 0; i < bounded.size(); ++i)
        {
            const auto deployment = portend::Deployment::Parse(bounded[i].deployment);
            for (const auto& partition : deployment.partitions)
            {
                if (partition.tier == 1)
                {
                    EXPECT_LE(GetNeed(partition.first, partition.last), 12100U)
                        << bounded[i].deployment;
                }
            }
            isOther = isOther || bounded[i].deployment != free[i].deployment;
        }
        EXPECT_TRUE(isOther) << free.back().deployment;

        // Room for everything changes nothing.
        scenario.tiers[1].memory = "15040B";
        const auto wide = Simulate(scenario);
        for (std::size_t i = 0; i < wide.size(); ++i)
        {
            EXPECT_EQ(wide[i].deployment, free[i].deployment);
            EXPECT_EQ(wide[i].latencyMs, free[i].latencyMs);
        }
    }
}

TEST_F(MemoryScenarioTest, RefusesWhatControllersCannotDeploy)
{
    auto scenario = MakeScenario(MakeTurns(), 9);
    scenario.tiers[1].memory = "8039B"; // R needs 8040
    ExpectInputError([&] { Simulate(scenario); },
                     "controller",
                     {"found 0:1-3,1:4-4@0", "tier 1", "8039 B"});
    scenario.tiers[1].memory = "8040B";
    EXPECT_EQ(Simulate(scenario).size(), 9U);
    // Partitions on one tier need their blocks together.
    scenario.controller = "ns3::ListedController[List=1:1-2@0 1:1-3,1:4-4@0]";
    ExpectInputError([&] { Simulate(scenario); }, "controller", {"found 1:1-3,1:4-4@0"});
    scenario.tiers[1].loadBandwidth = "0.0001bps";
    ExpectInputError([&] { PortendSetup setup(scenario); }, "/tiers/1/load_bandwidth", {"above 0"});
    scenario.tiers[1].loadBandwidth = "0.1bps";
    ExpectInputError([&] { PortendSetup setup(scenario); }, "/tiers/1/load_bandwidth", {"above 0"});
    m_model["parameter_bytes"][3] = 1000000000000;
    m_folder.Write("model.json", m_model.dump());
    scenario.tiers[1].memory = "";
    scenario.tiers[1].loadBandwidth = "1Mbps";
    ExpectInputError([&] { PortendSetup setup(scenario); },
                     "/controller",
                     {"tier 1", "up to 1000000 s"});
}

// The controller portend weighs what a change gains against what loading takes.
TEST_F(MemoryScenarioTest, LoadingIsWeighed)
{
    auto scenario = MakeScenario("portend[Epoch=0s|Margin=0]", 20);
    scenario.deployment = "0:1-4@0";
    scenario.tiers[0].computeFactor = 1;
    scenario.tiers[1].computeFactor = 0.5; // saves 200 ms of 400
    const auto last = [&](const std::string& bandwidth) {
        scenario.tiers[1].loadBandwidth = bandwidth;
        return Simulate(scenario).back().deployment;
    };
    EXPECT_NE(last(""), "0:1-4@0");
    // 15000 B of everything in 1.5 s; of the first block only, which saves 50 ms, in 100 ms.
    EXPECT_EQ(last("10kBps"), "0:1-4@0");
    EXPECT_NE(last("1GBps"), "0:1-4@0");
}

TEST_F(MemoryScenarioTest, LintTellsWhoLoadsNothing)
{
    const auto lint = [](const PortendScenario& scenario) {
        std::vector<std::string> found;
        for (const auto& finding : PortendLint(scenario, PortendSetup(scenario)))
        {
            if (finding.check == "memory")
            {
                found.push_back(finding.where + ": " + finding.text);
            }
        }
        return found;
    };
    auto scenario = MakeScenario("", 1000);
    EXPECT_TRUE(lint(scenario).empty());
    scenario.tiers[1].loadBandwidth = "1GBps";
    ASSERT_EQ(lint(scenario).size(), 1U);
    EXPECT_EQ(lint(scenario)[0].rfind("/tiers/1/load_bandwidth: tier 1 loads nothing", 0), 0U)
        << lint(scenario)[0];
    scenario.controller = "portend";
    EXPECT_TRUE(lint(scenario).empty());
}
