/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "bad_input.h"
#include "simulator_test.h"

#include "ns3/portend-option.h"
#include "ns3/portend-simulation.h"
#include "ns3/portend-statistics.h"
#include "ns3/portend-world-setup.h"
#include "ns3/portend-world.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace ns3;

using Json = nlohmann::ordered_json;

namespace
{

/// What is remembered of a request: when it arose, where it exited, and its ledger, ns.
using Trace = std::vector<int64_t>;

/// What happened to the requests, by stream and member, in the order of completion.
using Traces = std::map<std::pair<std::string, uint32_t>, std::vector<Trace>>;

/// A simulated scenario.
struct Outcome
{
    PortendNetworkResult result; ///< what was counted
    Traces traces;               ///< what happened to each request
};

class WorldTest : public SimulatorTest
{
  protected:
    /// @return a scenario, by way of a file
    PortendWorld Load(const Json& json, const std::vector<std::string>& values = {})
    {
        return PortendWorld::Load(PortendScenarioFile(m_folder.Write("world.json", json.dump())),
                                  values);
    }

    /// Simulates a scenario, and sees that every ledger sums to the latency; over UDP by both
    /// engines, which must give the same.
    Outcome Simulate(const Json& json, const std::vector<std::string>& values = {})
    {
        const auto run = SimulateOnce(json, values);
        if (!PortendWorldSetup(Load(json, values)).traits.isReliable)
        {
            auto others = values;
            others.emplace_back("network=trains");
            EXPECT_EQ(SimulateOnce(json, others).traces, run.traces);
        }
        return run;
    }

    /// Simulates a scenario once.
    Outcome SimulateOnce(const Json& json, const std::vector<std::string>& values)
    {
        const PortendWorldSetup setup(Load(json, values));
        PortendSimulation simulation(setup);
        Outcome run;
        simulation.SetRequestSink([&](const PortendRequest& request) {
            EXPECT_EQ(request.ledger.GetTotal(), request.GetLatency());
            const auto& name = setup.streams[request.stream].stream.name;
            Trace trace{static_cast<int64_t>(request.id),
                        request.generated.GetNanoSeconds(),
                        request.exitPartition,
                        request.isRight};
            for (const auto& stage : request.ledger.GetStages())
            {
                for (const auto& entry : stage)
                {
                    trace.push_back(entry.GetNanoSeconds());
                }
            }
            run.traces[{name, request.member}].push_back(trace);
        });
        run.result = simulation.RunAll();
        return run;
    }

    /// Requires that a scenario is refused.
    void ExpectBad(const Json& json,
                   const std::string& pointer,
                   const std::vector<std::string>& parts,
                   const std::vector<std::string>& values = {})
    {
        SCOPED_TRACE(pointer);
        const auto file = m_folder.Write("bad.json", json.dump());
        ExpectInputError(
            [&] {
                PortendWorldSetup(PortendWorld::Load(PortendScenarioFile(file), values))
                    .RequireBounded();
            },
            pointer.compare(0, 2, "--") == 0 ? pointer
                                             : file + (pointer.empty() ? "" : ": " + pointer),
            parts);
    }

    TemporaryFolder m_folder; ///< for files
};

/// @return cameras on stations on a cloud, and two streams
Json
GetCampus()
{
    return Json::parse(R"({
      "schema_version": 2,
      "nodes": [{"name": "camera", "count": 6, "device": "a1.medium"},
                {"name": "station", "count": 2, "device": "m4.large"},
                {"name": "cloud", "device": "g4dn.xlarge"}],
      "links": [{"between": ["camera", "station"], "bandwidth": {"up": "10Mbps", "down": "40Mbps"},
                 "delay": {"up": "5ms", "down": "3ms"}},
                {"between": ["station", "cloud"], "bandwidth": "400Mbps", "delay": "20ms"}],
      "streams": [{"name": "vision", "tiers": ["camera", "station", "cloud"],
                   "profile": "resnet110-cifar10", "deployment": "0:1-25,1:26-40,2:41-55@0.1",
                   "arrival": "poisson:4", "samples": 100},
                  {"name": "detail", "tiers": ["camera", "station", "cloud"],
                   "profile": "efficientnetb0-imagenet", "deployment": "1:1-4,2:5-8@0.3",
                   "arrival": "poisson:0.5", "samples": 20}]
    })");
}

/// @return a stream of a campus
Json&
GetStream(Json& campus, std::size_t index)
{
    return campus["streams"][index];
}

/// @return the mean and its 95 % interval of the waits of all requests, ms
PortendInterval
GetWait(const PortendResult& result)
{
    return result.componentsMs[PortendLedger::WAIT];
}

} // namespace

TEST_F(WorldTest, GroupsAreCountedOut)
{
    const PortendWorldSetup setup(Load(GetCampus()));
    ASSERT_EQ(setup.nodes.size(), 9U);
    EXPECT_EQ(setup.nodes[0].name, "camera[0]");
    EXPECT_EQ(setup.nodes[7].name, "station[1]");
    EXPECT_EQ(setup.nodes[8].name, "cloud");
    // Member i of 6 joins member floor(i 2 / 6) of 2.
    ASSERT_EQ(setup.links.size(), 8U);
    EXPECT_EQ(setup.links[2].name, "camera[2]-station[0]");
    EXPECT_EQ(setup.links[3].name, "camera[3]-station[1]");
    EXPECT_EQ(setup.links[7].name, "station[1]-cloud");
    // Two links between the same groups need names, and their members have them.
    auto twice = GetCampus();
    twice["links"].push_back(twice["links"][0]);
    ExpectBad(twice, "/links/2/between", {"'camera-station'", "/links/0/between"});
    twice["links"][2]["name"] = "spare";
    EXPECT_EQ(PortendWorldSetup(Load(twice)).links[9].name, "spare[1]");
    EXPECT_EQ(setup.links[0].up.bandwidth.GetBitRate(), 10000000U);
    EXPECT_EQ(setup.links[0].down.bandwidth.GetBitRate(), 40000000U);
    EXPECT_EQ(setup.links[0].down.delay, MilliSeconds(3));
    // A member for each camera, at the station that it is joined to.
    ASSERT_EQ(setup.streams[0].CountMembers(), 6U);
    EXPECT_EQ(setup.streams[0].members[2], (std::vector<uint32_t>{2, 6, 8}));
    EXPECT_EQ(setup.streams[0].members[5], (std::vector<uint32_t>{5, 7, 8}));
}

TEST_F(WorldTest, ValuesAreSetByTheirPaths)
{
    const auto world = Load(GetCampus(),
                            {"nodes/camera/count=12",
                             "links/camera-station/bandwidth/up=5Mbps",
                             "links/station-cloud/delay=7ms",
                             "streams/vision/arrival=poisson:2",
                             "streams/detail/shared_core=true",
                             "streams/detail/tiers=camera,cloud,station",
                             "transport=tcp",
                             "seed=7"});
    EXPECT_EQ(world.nodes[0].count, 12U);
    EXPECT_EQ(world.links[0].up.bandwidth, "5Mbps");
    EXPECT_EQ(world.links[0].down.bandwidth, "40Mbps");
    EXPECT_EQ(world.links[1].up.delay, "7ms");
    EXPECT_EQ(world.links[1].down.delay, "7ms");
    EXPECT_EQ(world.streams[0].options.arrival, "poisson:2");
    EXPECT_TRUE(world.streams[1].options.sharedCore);
    EXPECT_EQ(world.streams[1].tiers, (std::vector<std::string>{"camera", "cloud", "station"}));
    EXPECT_EQ(world.options.transport, "tcp");
    EXPECT_EQ(world.options.seed, 7U);
}

// The table of options is all that a value of a node, link or stream takes, and its path.
TEST_F(WorldTest, EveryOptionHasAPath)
{
    const auto paths = PortendGetPaths();
    const auto schema = Json::parse(PortendGetWorldSchema());
    const auto& properties = schema["properties"];
    for (const auto& option : PortendGetOptions())
    {
        SCOPED_TRACE(option.key);
        const std::string list = option.scope == PortendOption::TIER   ? "nodes"
                                 : option.scope == PortendOption::LINK ? "links"
                                 : option.isOfStream                   ? "streams"
                                                                       : "";
        const auto& of = list.empty() ? properties : properties[list]["items"]["properties"];
        EXPECT_TRUE(of.contains(option.key));
        if (option.key != "name")
        {
            EXPECT_NE(paths.find("  " + (list.empty() ? "" : list + "/NAME/") + option.key),
                      std::string::npos);
        }
    }
}

TEST_F(WorldTest, JsonRoundTrip)
{
    auto campus = GetCampus();
    campus["transport"] = "tcp";
    campus["exits"] = "independent"; // of all streams, unless they have their own
    GetStream(campus, 1)["exits"] = "nested";
    GetStream(campus, 1)["random"] = "other";
    GetStream(campus, 1)["after"] = "stop";
    campus["nodes"][1]["queue_limit"] = 5;
    const auto text = Load(campus).ToJson();
    EXPECT_EQ(Load(Json::parse(text)).ToJson(), text);
    const auto json = Json::parse(text);
    EXPECT_EQ(json["streams"][0]["exits"], "independent");
    EXPECT_EQ(json["streams"][1]["exits"], "nested");
    EXPECT_EQ(json["streams"][1]["random"], "other");
    EXPECT_EQ(json["streams"][1]["after"], "stop");
    EXPECT_EQ(json["links"][0]["delay"]["down"], "3ms");
    EXPECT_EQ(json["links"][1]["delay"], "20ms");
    EXPECT_EQ(json["nodes"][1]["queue_limit"], 5);
    // Links of members have names by default that nobody could give them.
    campus["links"].push_back(
        {{"between", {"camera[0]", "cloud"}}, {"bandwidth", "1Mbps"}, {"delay", "1ms"}});
    const auto more = Load(campus).ToJson();
    EXPECT_EQ(Load(Json::parse(more)).ToJson(), more);
    EXPECT_EQ(Load(campus, {"links/camera[0]-cloud/delay=2ms"}).links[2].up.delay, "2ms");
}

// A chain said as a network gives the same but for the random streams: with none of them drawn,
// every request has the same ledger.
TEST_F(WorldTest, ChainsMeanWhatTheyMeant)
{
    PortendScenario scenario;
    scenario.samples = 50;
    scenario.arrival = "periodic:30ms";
    scenario.deployment = "0:1-25,1:26-40,2:41-55@0"; // nothing exits before the last
    scenario.sharedCore = true;
    std::vector<Time> latencies;
    const PortendSetup setup(scenario);
    PortendSimulation chain(setup);
    chain.SetRequestSink(
        [&](const PortendRequest& request) { latencies.push_back(request.GetLatency()); });
    const auto result = chain.Run();
    const auto run = Simulate(Json::parse(PortendWorld::FromChain(scenario).ToJson()));
    const auto& traces = run.traces.at({"requests", 0});
    ASSERT_EQ(traces.size(), latencies.size());
    for (std::size_t i = 0; i < traces.size(); ++i)
    {
        EXPECT_EQ(std::accumulate(traces[i].begin() + 4, traces[i].end(), int64_t{0}),
                  latencies[i].GetNanoSeconds());
    }
    EXPECT_EQ(run.result.links[0][0].sentBytes + run.result.links[0][1].sentBytes,
              result.links[0].sentBytes);
}

TEST_F(WorldTest, RequestsAndBytesAreConserved)
{
    for (const std::string transport : {"udp", "tcp"})
    {
        SCOPED_TRACE(transport);
        const auto run = Simulate(GetCampus(), {"transport=" + transport});
        EXPECT_EQ(run.result.streams[0].generated, 600U);
        EXPECT_EQ(run.result.streams[0].completed, 600U);
        EXPECT_EQ(run.result.streams[1].completed, 120U);
        for (const auto& link : run.result.links)
        {
            for (const auto& way : link)
            {
                // What is still on its way when the last result is complete: unmeasured requests.
                EXPECT_GE(way.sentBytes, way.receivedBytes);
                EXPECT_EQ(way.droppedBytes, 0U);
            }
        }
        for (const auto& node : run.result.nodes)
        {
            EXPECT_GE(node.utilization, 0);
            EXPECT_LE(node.utilization, 1);
        }
    }
    // Where no stream goes on, everything arrives.
    auto campus = GetCampus();
    GetStream(campus, 0)["after"] = GetStream(campus, 1)["after"] = "stop";
    for (const auto& link : Simulate(campus).result.links)
    {
        EXPECT_EQ(link[0].sentBytes, link[0].receivedBytes);
        EXPECT_EQ(link[1].sentBytes, link[1].receivedBytes);
    }
}

// Three copies of a chain that share nothing, their random streams numbered alike: each is the
// chain alone, request by request, to the nanosecond.
TEST_F(WorldTest, DisjointCopiesAreTheChainAlone)
{
    const auto getCopies = [](int copies) {
        Json json{{"schema_version", 2}, {"nodes", Json::array()}, {"links", Json::array()}};
        for (int i = 0; i < copies; ++i)
        {
            const auto of = [i](const std::string& name) { return name + std::to_string(i); };
            json["nodes"].push_back({{"name", of("device")}, {"device", "a1.medium"}});
            json["nodes"].push_back({{"name", of("edge")}, {"device", "m4.large"}});
            json["links"].push_back({{"between", {of("device"), of("edge")}},
                                     {"bandwidth", "10Mbps"},
                                     {"delay", "20ms"}});
            json["streams"].push_back({{"name", of("stream")},
                                       {"random", "alike"},
                                       {"after", "stop"},
                                       {"tiers", {of("device"), of("edge")}},
                                       {"profile", "resnet110-cifar10"},
                                       {"deployment", "0:1-25,1:26-40@0.1"},
                                       {"compute", "empirical"},
                                       {"arrival", "poisson:10"},
                                       {"samples", 200}});
        }
        return json;
    };
    for (const std::string transport : {"udp", "tcp"})
    {
        SCOPED_TRACE(transport);
        const auto alone = Simulate(getCopies(1), {"transport=" + transport});
        const auto copies = Simulate(getCopies(3), {"transport=" + transport});
        ASSERT_EQ(copies.traces.size(), 3U);
        for (const auto& [key, traces] : copies.traces)
        {
            EXPECT_EQ(traces, alone.traces.begin()->second) << key.first;
        }
    }
}

// Neither the order in which a file lists nodes, links and streams, nor what nodes are called.
TEST_F(WorldTest, OrderAndNamesOfNodesChangeNothing)
{
    const auto original = Simulate(GetCampus());
    auto turned = GetCampus();
    for (const auto* list : {"nodes", "links", "streams"})
    {
        std::reverse(turned[list].begin(), turned[list].end());
    }
    EXPECT_EQ(Simulate(turned).traces, original.traces);
    auto renamed = GetCampus().dump();
    for (const auto& [from, to] :
         {std::pair{"\"camera\"", "\"zebra\""}, {"\"cloud\"", "\"attic\""}})
    {
        for (auto at = renamed.find(from); at != std::string::npos; at = renamed.find(from))
        {
            renamed.replace(at, std::string(from).size(), to);
        }
    }
    EXPECT_EQ(Simulate(Json::parse(renamed)).traces, original.traces);
}

// One more stream changes none of the others' draws; if it never comes, nothing at all.
TEST_F(WorldTest, StreamThatComesTooLateChangesNothing)
{
    auto campus = GetCampus();
    campus["max_time"] = "60s";
    const auto without = Simulate(campus);
    auto late = campus["streams"][0];
    late["name"] = "late";
    late["arrival"] = "periodic:1000s";
    campus["streams"].push_back(late);
    const auto with = Simulate(campus);
    EXPECT_EQ(with.traces, without.traces);
    EXPECT_EQ(with.result.streams[2].generated, 0U);
}

// Streams that have their samples go on until all have theirs, and are not counted: the last
// requests of a slow stream still meet the load of a quick one.
TEST_F(WorldTest, StreamsGoOnUntilAllHaveTheirs)
{
    auto campus = GetCampus();
    GetStream(campus, 0)["arrival"] = "poisson:8";
    GetStream(campus, 0)["samples"] = 10;
    GetStream(campus, 1)["deployment"] = "1:1-8@0"; // behind the quick ones
    GetStream(campus, 1)["samples"] = 100;
    const auto loaded = Simulate(campus);
    GetStream(campus, 0)["after"] = "stop";
    const auto left = Simulate(campus);
    EXPECT_EQ(loaded.result.streams[0].generated, 60U);
    EXPECT_EQ(loaded.result.streams[1].completed, 600U);
    EXPECT_EQ(left.result.streams[0].generated, 60U);
    EXPECT_GT(loaded.result.nodes[0].utilization, 5 * left.result.nodes[0].utilization);
}

// n Poisson streams of rate r at one node are one of rate n r: mean waits meet those of M/D/1,
// rho s / (2 (1 - rho)), within their intervals. Links are quick, so that nothing else waits.
TEST_F(WorldTest, ManyStreamsAtOneNodeAreOneQueue)
{
    for (const double load : {0.3, 0.6, 0.9})
    {
        SCOPED_TRACE(load);
        Json json{{"schema_version", 2}};
        json["nodes"] = {{{"name", "camera"}, {"count", 10}, {"device", "a1.medium"}},
                         {{"name", "station"}, {"device", "m4.large"}}};
        json["links"] = {
            {{"between", {"camera", "station"}}, {"bandwidth", "1000Gbps"}, {"delay", "0ms"}}};
        json["streams"] = {{{"name", "one"},
                            {"tiers", {"camera", "station"}},
                            {"profile", "resnet110-cifar10"},
                            {"deployment", "1:1-55@0"},
                            {"arrival", "poisson:0.001"},
                            {"samples", load > 0.8 ? 20000 : 4000}}};
        const auto getStation = [&] {
            const PortendWorldSetup setup(Load(json));
            const auto network = setup.GetNetwork();
            return *network.Find({portend::StationKey::NODE, 10});
        };
        const double serviceMs = getStation().shares.front().workMs;
        json["streams"][0]["arrival"] = "poisson:" + std::to_string(load / serviceMs * 1e3 / 10);
        EXPECT_NEAR(getStation().GetUtilization(), load, 1e-3);
        const auto wait = GetWait(Simulate(json).result.streams[0]);
        const double expected = load * serviceMs / (2 * (1 - load));
        EXPECT_NEAR(wait.mean, expected, 1.5 * wait.ci95 + 1e-3 * expected);
        EXPECT_LT(wait.ci95, 0.35 * expected); // so that the test can fail
    }
}

// Two models with different service at one node: the mean wait is that of Pollaczek and Khinchine
// for the mixture, sum lambda_i E[s_i^2] / (2 (1 - rho)), the same for both.
TEST_F(WorldTest, TwoModelsAtOneNodeMeetPollaczekKhinchine)
{
    Json json{{"schema_version", 2}};
    json["nodes"] = {{{"name", "phone"}, {"device", "a1.medium"}},
                     {{"name", "tablet"}, {"device", "a1.medium"}},
                     {{"name", "station"}, {"device", "m4.large"}}};
    for (const auto* name : {"phone", "tablet"})
    {
        json["links"].push_back(
            {{"between", {name, "station"}}, {"bandwidth", "1000Gbps"}, {"delay", "0ms"}});
    }
    json["streams"] = {{{"name", "small"},
                        {"tiers", {"phone", "station"}},
                        {"profile", "resnet20-cifar10"},
                        {"deployment", "1:1-10@0"},
                        {"arrival", "poisson:24"},
                        {"samples", 12000}},
                       {{"name", "large"},
                        {"tiers", {"tablet", "station"}},
                        {"profile", "resnet110-cifar10"},
                        {"deployment", "1:1-55@0"},
                        {"arrival", "poisson:12"},
                        {"samples", 6000}}};
    const PortendWorldSetup setup(Load(json));
    const auto network = setup.GetNetwork();
    const auto* station = network.Find({portend::StationKey::NODE, 2});
    ASSERT_NE(station, nullptr);
    double load = 0;
    double second = 0;
    for (const auto& [rate, share] :
         {std::pair{24.0, station->shares.at(0)}, std::pair{12.0, station->shares.at(1)}})
    {
        load += rate * share.workMs * 1e-3;
        second += rate * share.workMs * share.workMs * 1e-3;
    }
    EXPECT_NEAR(station->GetUtilization(), load, 1e-9);
    EXPECT_GT(load, 0.4);
    const double expected = second / (2 * (1 - load));
    const auto run = Simulate(json);
    for (const auto& stream : run.result.streams)
    {
        const auto wait = GetWait(stream);
        EXPECT_NEAR(wait.mean, expected, 1.5 * wait.ci95);
        EXPECT_LT(wait.ci95, 0.25 * expected);
    }
}

namespace
{

/// @return cameras on stations on a cloud, and a stream
Json
GetTree(int cameras, int stations)
{
    Json json{{"schema_version", 2}};
    json["nodes"] = {{{"name", "camera"}, {"count", cameras}, {"device", "a1.medium"}},
                     {{"name", "station"}, {"count", stations}, {"device", "m4.large"}},
                     {{"name", "cloud"}, {"device", "g4dn.xlarge"}}};
    json["links"] = {
        {{"between", {"camera", "station"}}, {"bandwidth", "20Mbps"}, {"delay", "5ms"}},
        {{"between", {"station", "cloud"}}, {"bandwidth", "200Mbps"}, {"delay", "20ms"}}};
    json["streams"] = {{{"name", "one"},
                        {"tiers", {"camera", "station", "cloud"}},
                        {"profile", "resnet110-cifar10"},
                        {"deployment", "0:1-10,1:11-55@0.1"},
                        {"arrival", "poisson:1"}}};
    return json;
}

} // namespace

// Rules `queueing`: every stream's mean latency within 10 % at utilizations up to 0.8, on shared
// scenarios of three kinds and on ten drawn at random.
TEST_F(WorldTest, QueueingRulesMeetSharedScenarios)
{
    constexpr double REQUESTS = 12000; // of all streams and members
    std::vector<std::pair<Json, double>> cases;
    cases.emplace_back(GetTree(10, 1), 0.8);
    cases.emplace_back(GetTree(100, 4), 0.8);
    cases.back().first["streams"][0]["deployment"] = "0:1-10,1:11-30,2:31-55@0.1";
    cases.emplace_back(GetTree(2, 1), 0.8); // two models on one tier
    auto& two = cases.back().first["streams"];
    two.push_back(two[0]);
    two[1]["name"] = "two";
    two[1]["profile"] = "resnet20-cifar10";
    two[1]["deployment"] = "1:1-10@0";
    two[1]["arrival"] = "poisson:3";
    two[0]["tiers"][0] = "camera[0]";
    two[1]["tiers"][0] = "camera[1]";
    std::mt19937 random(20261126);
    const auto draw = [&random](int low, int high) {
        return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
    };
    for (int i = 0; i < 10; ++i)
    {
        cases.emplace_back(GetTree(draw(2, 12), draw(1, 3)), draw(30, 80) * 0.01);
        auto& json = cases.back().first;
        json["nodes"][1]["servers"] = draw(1, 2);
        const auto stream = json["streams"][0];
        json["streams"].clear();
        for (int k = draw(1, 3); k > 0; --k)
        {
            const bool isLarge = draw(0, 1) == 1;
            const auto blocks = isLarge ? 55 : 10;
            const auto first = draw(1, blocks / 3);
            const auto second = draw(first + 1, 2 * blocks / 3);
            const auto text = [](int number) { return std::to_string(number); };
            const auto last = "-" + text(blocks) + "@0.1";
            auto added = stream;
            added["name"] = "s" + text(k);
            added["profile"] = isLarge ? "resnet110-cifar10" : "resnet20-cifar10";
            added["deployment"] = draw(0, 1) == 1
                                      ? "0:1-" + text(first) + ",1:" + text(first + 1) + last
                                      : "0:1-" + text(first) + ",1:" + text(first + 1) + "-" +
                                            text(second) + ",2:" + text(second + 1) + last;
            added["arrival"] = "poisson:" + text(draw(1, 4));
            json["streams"].push_back(added);
        }
    }
    for (auto& [json, load] : cases)
    {
        // All rates are scaled so that the busiest station has the load.
        double busiest = 0;
        const auto getMost = [this](const Json& scenario) {
            double most = 0;
            const auto network = PortendWorldSetup(Load(scenario)).GetNetwork();
            for (const auto& station : network.GetStations())
            {
                most = std::max(most, station.GetUtilization());
            }
            return most;
        };
        busiest = getMost(json);
        double total = 0;
        const auto getRate = [](const Json& stream) {
            return std::stod(stream["arrival"].get<std::string>().substr(8));
        };
        for (const auto& stream : json["streams"])
        {
            total += getRate(stream);
        }
        for (auto& stream : json["streams"])
        {
            const auto rate = getRate(stream);
            const auto members = json["nodes"][0]["count"].get<double>();
            stream["samples"] = std::ceil(REQUESTS * rate / total / members);
            stream["arrival"] = "poisson:" + std::to_string(rate * load / busiest);
        }
        json["rules"] = "queueing";
        SCOPED_TRACE(json.dump());
        EXPECT_NEAR(getMost(json), load, 1e-3);
        const auto estimates = PortendWorldSetup(Load(json)).GetEstimates();
        const auto run = Simulate(json);
        for (std::size_t i = 0; i < estimates.size(); ++i)
        {
            const auto simulated = run.result.streams[i].latencyMs.mean;
            EXPECT_NEAR(estimates[i].GetLatencyMs(), simulated, 0.1 * simulated);
        }
    }
}

namespace
{

/// @return two streams that meet at a station and nowhere else, of equal constant service
Json
GetTwoAtOne(const std::string& scheduler)
{
    Json json{{"schema_version", 2}};
    json["nodes"] = {{{"name", "phone"}, {"device", "a1.medium"}},
                     {{"name", "tablet"}, {"device", "a1.medium"}},
                     {{"name", "station"}, {"device", "m4.large"}, {"scheduler", scheduler}}};
    for (const auto* name : {"phone", "tablet"})
    {
        json["links"].push_back(
            {{"between", {name, "station"}}, {"bandwidth", "1000Gbps"}, {"delay", "0ms"}});
        json["streams"].push_back({{"name", name},
                                   {"tiers", {name, "station"}},
                                   {"profile", "resnet110-cifar10"},
                                   {"deployment", "1:1-55@0"},
                                   {"arrival", "poisson:1"},
                                   {"samples", 8000}});
    }
    return json;
}

/// @return how long the station of GetTwoAtOne() serves a request, ms
double
GetServiceMs(const PortendWorldSetup& setup)
{
    const auto network = setup.GetNetwork();
    return network.Find({portend::StationKey::NODE, 2})->shares.front().workMs;
}

} // namespace

// Two classes, not interrupted: with R = lambda E[S^2] / 2, the mean waits are R / (1 - rho_1) and
// R / ((1 - rho_1) (1 - rho)) (A. Cobham, Priority assignment in waiting line problems, 1954).
TEST_F(WorldTest, PrioritiesMeetCobham)
{
    for (const double load : {0.3, 0.6, 0.9})
    {
        SCOPED_TRACE(load);
        auto json = GetTwoAtOne("priority");
        const double serviceMs = GetServiceMs(PortendWorldSetup(Load(json)));
        json["streams"][0]["priority"] = 7;
        for (auto& stream : json["streams"])
        {
            stream["arrival"] = "poisson:" + std::to_string(load / 2 / serviceMs * 1e3);
            stream["samples"] = load > 0.8 ? 60000 : 12000;
        }
        const double rest = load * serviceMs / 2;
        const auto run = Simulate(json);
        const auto first = GetWait(run.result.streams[0]);
        const auto second = GetWait(run.result.streams[1]);
        EXPECT_NEAR(first.mean, rest / (1 - load / 2), 1.5 * first.ci95);
        EXPECT_NEAR(second.mean, rest / ((1 - load / 2) * (1 - load)), 1.5 * second.ci95);
        EXPECT_LT(second.ci95, 0.3 * second.mean);
    }
}

// On one server with equal constant service the largest lateness is least where the earliest
// deadline goes first (J. R. Jackson, 1955): never more than first come, first served.
TEST_F(WorldTest, EarliestDeadlineIsNeverLater)
{
    const auto getLateness = [this](const std::string& scheduler, double load) {
        auto json = GetTwoAtOne(scheduler);
        const double serviceMs = GetServiceMs(PortendWorldSetup(Load(json)));
        json["streams"][0]["deadline"] = "100ms";
        json["streams"][1]["deadline"] = "700ms";
        for (auto& stream : json["streams"])
        {
            stream["arrival"] = "poisson:" + std::to_string(load / 2 / serviceMs * 1e3);
            stream["after"] = "stop";
            stream["samples"] = 2000;
        }
        const auto run = Simulate(json);
        // Lateness is counted where it arises, at the server: results take the same time for all.
        double most = -1e9;
        for (std::size_t i = 0; i < 2; ++i)
        {
            most = std::max(most, run.result.streams[i].maxMs - (i == 0 ? 100 : 700));
        }
        return std::pair{most, run.result.streams[0].met};
    };
    for (const double load : {0.5, 0.8, 0.95})
    {
        SCOPED_TRACE(load);
        const auto [fifo, fifoMet] = getLateness("fifo", load);
        const auto [edf, edfMet] = getLateness("edf", load);
        EXPECT_LE(edf, fifo + 1e-6);
        EXPECT_GT(edfMet, fifoMet); // so that the two are not the same
    }
}

// Streams that always have requests waiting are served as their weights say.
TEST_F(WorldTest, FairServersGiveStreamsTheirWeights)
{
    auto json = GetTwoAtOne("fair");
    json["max_time"] = "100s";
    json["streams"][0]["weight"] = 3;
    for (auto& stream : json["streams"])
    {
        stream["arrival"] = "periodic:5ms"; // far more than the station can do
        stream["samples"] = 100000;
    }
    const auto run = Simulate(json);
    const auto first = static_cast<double>(run.result.streams[0].completed);
    const auto second = static_cast<double>(run.result.streams[1].completed);
    EXPECT_NEAR(first / second, 3, 0.01);
    json["nodes"][2]["scheduler"] = "fifo";
    const auto fifo = Simulate(json);
    EXPECT_NEAR(static_cast<double>(fifo.result.streams[0].completed) /
                    static_cast<double>(fifo.result.streams[1].completed),
                1,
                0.01);
}

// Deadlines are counted over all that arose.
TEST_F(WorldTest, DeadlinesAreCounted)
{
    auto campus = GetCampus();
    GetStream(campus, 0)["deadline"] = "60ms";
    const auto run = Simulate(campus);
    uint64_t met = 0;
    for (const auto& [key, traces] : run.traces)
    {
        for (const auto& trace : traces)
        {
            const auto latency = std::accumulate(trace.begin() + 4, trace.end(), int64_t{0});
            met += key.first == "vision" && latency <= 60000000;
        }
    }
    const auto& result = run.result.streams[0];
    EXPECT_GT(met, 0U);
    EXPECT_LT(met, result.generated);
    EXPECT_EQ(result.met, met);
    EXPECT_EQ(std::accumulate(result.metByExit.begin(), result.metByExit.end(), uint64_t{0}), met);
    EXPECT_EQ(run.result.streams[1].met, 0U);
}

// A link, or a direction of it, may lose packets where others do not, and draws of its own decide
// which.
TEST_F(WorldTest, LinksLoseByThemselves)
{
    auto campus = GetCampus();
    const auto count = [](const Outcome& run, std::size_t first, std::size_t last, int way) {
        PortendLinkTraffic sum;
        for (auto link = first; link < last; ++link)
        {
            sum += run.result.links[link][way];
        }
        return sum;
    };
    campus["links"][0]["loss"] = {{"up", 0.05}, {"down", 0}};
    campus["mtu_bytes"] = 1500;
    const auto run = Simulate(campus);
    const auto lost = count(run, 0, 6, 0);
    // Packets of 1502 bytes, nearly all of them.
    const double packets = static_cast<double>(lost.sentBytes) / 1502;
    const double expected = 0.05 * packets;
    EXPECT_NEAR(static_cast<double>(lost.damagedPackets),
                expected,
                4 * std::sqrt(expected) + 0.02 * expected);
    EXPECT_EQ(count(run, 0, 6, 1).damagedPackets, 0U);
    EXPECT_EQ(count(run, 6, 8, 0).damagedPackets, 0U);

    // What all links lose, one may not.
    campus["links"][0].erase("loss");
    campus["loss"] = 0.05;
    campus["links"][1]["loss"] = 0;
    const auto most = Simulate(campus);
    EXPECT_GT(count(most, 0, 6, 0).damagedPackets, 0U);
    EXPECT_GT(count(most, 0, 6, 1).damagedPackets, 0U);
    EXPECT_EQ(count(most, 6, 8, 0).damagedPackets, 0U);
    EXPECT_EQ(count(most, 6, 8, 1).damagedPackets, 0U);

    // Losses of a link that nothing passes change nothing.
    campus["nodes"].push_back({{"name", "spare"}});
    campus["links"].push_back(
        {{"between", {"spare", "cloud"}}, {"bandwidth", "1Mbps"}, {"delay", "1ms"}, {"loss", 0}});
    EXPECT_EQ(Simulate(campus).traces, most.traces);
    EXPECT_EQ(Simulate(campus, {"links/spare-cloud/loss=0.5"}).traces, most.traces);
    EXPECT_EQ(Load(campus, {"links/spare-cloud/loss/up=0.5"}).links[2].down.loss, 0);
    EXPECT_EQ(Load(campus, {"links/camera-station/loss/up=0.5"}).links[0].down.loss, 0.05);
    ExpectBad(campus,
              "--set links/spare-cloud/loss: /links/2/loss",
              {"-1", "from 0 to below 1"},
              {"links/spare-cloud/loss=-1"});
    campus["links"][2]["loss"] = 1;
    ExpectBad(campus, "/links/2/loss", {"1", "from 0 to below 1"});
}

// Members of a group may differ, by a list or by what is drawn for each.
TEST_F(WorldTest, MembersDiffer)
{
    auto campus = GetCampus();
    campus["streams"].erase(1);
    auto& stream = GetStream(campus, 0);
    stream["arrival"] = "closed";
    stream["samples"] = 5;
    const std::vector<double> factors{1, 2, 0.5, 1, 3, 1};
    campus["nodes"][0]["compute_factor"] = factors;
    campus["links"][0]["bandwidth"] = {
        {"up", {"10Mbps", "20Mbps", "5Mbps", "10Mbps", "1Mbps", "1Gbps"}},
        {"down", "uniform:5Mbps:50Mbps"}};
    campus["links"][0]["delay"] = "uniform:1ms:9ms";
    const PortendWorldSetup setup(Load(campus));
    const auto& nodes = setup.graph->GetNodes();
    for (std::size_t member = 0; member < factors.size(); ++member)
    {
        EXPECT_EQ(nodes[member].computeFactor, factors[member]);
        const auto& link = setup.links[member];
        EXPECT_EQ(link.up.delay, link.down.delay); // drawn alike both ways
        EXPECT_GE(link.up.delay, MilliSeconds(1));
        EXPECT_LE(link.up.delay, MilliSeconds(9));
        EXPECT_GE(link.down.bandwidth, DataRate("5Mbps"));
        EXPECT_LE(link.down.bandwidth, DataRate("50Mbps"));
    }
    EXPECT_EQ(setup.links[4].up.bandwidth, DataRate("1Mbps"));
    EXPECT_NE(setup.links[0].up.delay, setup.links[1].up.delay);
    EXPECT_NE(setup.links[0].down.bandwidth, setup.links[1].down.bandwidth);

    // Each member computes at its own speed.
    const auto run = Simulate(campus);
    const auto getComputation = [&run](uint32_t member) {
        return run.traces.at({"vision", member})
            .front()
            .at(4 + PortendLedger::COMPONENTS + PortendLedger::COMPUTATION);
    };
    for (uint32_t member = 0; member < factors.size(); ++member)
    {
        EXPECT_NEAR(static_cast<double>(getComputation(member)),
                    factors[member] * static_cast<double>(getComputation(0)),
                    2);
    }

    // What is written down is the same again; another seed draws others, another number of
    // members does not.
    const auto written = Json::parse(PortendWorld(Load(campus)).ToJson());
    EXPECT_EQ(written["nodes"][0]["compute_factor"], Json(factors));
    EXPECT_EQ(written["links"][0]["delay"], "uniform:1ms:9ms");
    EXPECT_EQ(written["links"][0]["bandwidth"], campus["links"][0]["bandwidth"]);
    EXPECT_EQ(Simulate(written).traces, run.traces);
    const auto getDelays = [this](const Json& json, const std::vector<std::string>& values) {
        std::vector<int64_t> delays;
        for (const auto& link : PortendWorldSetup(Load(json, values)).links)
        {
            delays.push_back(link.up.delay.GetNanoSeconds());
        }
        return delays;
    };
    const auto delays = getDelays(campus, {});
    EXPECT_NE(getDelays(campus, {"seed=2"})[0], delays[0]);
    campus["links"][0]["bandwidth"] = "10Mbps";
    campus["nodes"][0]["compute_factor"] = "uniform:0.8:1.2";
    const auto more = getDelays(campus, {"nodes/camera/count=400"});
    EXPECT_TRUE(std::equal(delays.begin(), delays.begin() + 6, more.begin()));
    // Uniform between 1 and 9 ms: the mean of 400 has a standard deviation of 0.115 ms.
    EXPECT_NEAR(std::accumulate(more.begin(), more.begin() + 400, 0.0) / 400e6, 5, 0.5);
    EXPECT_EQ(Load(campus, {"nodes/camera/compute_factor=1,2,1,2,1,2"})
                  .nodes[0]
                  .spreads.at("compute_factor")
                  .values.size(),
              6U);

    const std::string factor = "/nodes/0/compute_factor";
    ExpectBad(campus,
              "--set nodes/camera/compute_factor: " + factor,
              {"2 values", "6, one for each"},
              {"nodes/camera/compute_factor=1,2"});
    campus["nodes"][0]["compute_factor"] = {1, 2, 3, 4, 5};
    ExpectBad(campus, factor, {"5 values", "6, one for each member"});
    campus["nodes"][0]["compute_factor"] = {1, 2, 3, 4, 5, 0};
    ExpectBad(campus, factor + "/5", {"0", "above 0"});
    campus["nodes"][0]["compute_factor"] = "uniform:2:1";
    ExpectBad(campus, factor, {"uniform:2:1", "LOW not above HIGH"});
    campus["nodes"][0]["compute_factor"] = "uniform:0:1";
    ExpectBad(campus, factor, {"0", "above 0"});
    campus["nodes"][0]["compute_factor"] = "uniform:1";
    ExpectBad(campus, factor, {"uniform:1", "uniform:LOW:HIGH"});
    campus["nodes"][0]["compute_factor"] = "fast";
    ExpectBad(campus, factor, {"fast"});
    campus["nodes"][0].erase("compute_factor");
    campus["nodes"][2]["compute_factor"] = "uniform:1:2";
    ExpectBad(campus, "/nodes/2/compute_factor", {"one value, where there is no group"});
    campus["nodes"][2]["compute_factor"] = {1};
    ExpectBad(campus, "/nodes/2/compute_factor", {"1 values", "where there is no group"});

    // In a list of a file, a comma is part of a value.
    campus = GetCampus();
    const std::vector<std::string> delays6{"1ms", "1,5ms", "1ms", "1ms", "1ms", "1ms"};
    campus["links"][0]["delay"] = delays6;
    EXPECT_EQ(Json::parse(Load(campus).ToJson())["links"][0]["delay"], Json(delays6));
    ExpectBad(campus, "/links/0/delay", {"'1,5ms'"});
}

// Names of files are relative to the scenario, in lists of members, too, and written from the root.
TEST_F(WorldTest, MembersFindTheirFiles)
{
    const auto states =
        m_folder.Write("states.csv", "state,bandwidth_bps,dwell_s\nslow,5e6,1\nfast,20e6,2\n");
    auto campus = GetCampus();
    campus["links"][0]["bandwidth"] =
        {"markov:states.csv", "10Mbps", "10Mbps", "10Mbps", "10Mbps", "markov:states.csv"};
    const auto world = Load(campus);
    const PortendWorldSetup setup(world);
    EXPECT_TRUE(setup.IsChanging());
    EXPECT_EQ(setup.links[1].up.bandwidth, DataRate("10Mbps"));
    auto expected = campus["links"][0]["bandwidth"];
    expected[0] = expected[5] = "markov:" + states;
    const auto written = Json::parse(world.ToJson());
    EXPECT_EQ(written["links"][0]["bandwidth"], expected);
    EXPECT_EQ(PortendWorld(Load(written)).ToJson(), world.ToJson());
}

// No packet passes more links than its time to live: such paths are refused, of messages and of
// the traffic of others.
TEST_F(WorldTest, PathsEndWhereTimeToLiveDoes)
{
    const auto most = PortendNetworkHelper::MAX_HOPS;
    Json line{{"schema_version", 2}};
    for (uint32_t i = 0; i <= most + 1; ++i)
    {
        line["nodes"].push_back({{"name", "n" + std::to_string(i)}, {"device", "a1.medium"}});
    }
    for (uint32_t i = 0; i <= most; ++i)
    {
        line["links"].push_back(
            {{"between", {"n" + std::to_string(i), "n" + std::to_string(i + 1)}},
             {"bandwidth", "1Gbps"},
             {"delay", "1ms"}});
    }
    const auto last = "n" + std::to_string(most + 1);
    line["streams"].push_back({{"name", "far"},
                               {"tiers", {"n0", "n" + std::to_string(most), last}},
                               {"profile", "resnet110-cifar10"},
                               {"deployment", "0:1-25,1:26-40@0.1"},
                               {"samples", 3}});
    EXPECT_EQ(SimulateOnce(line, {}).result.streams.at(0).completed, 3U);

    const std::vector<std::string> words{"256 links", "at most 255"};
    auto& stream = GetStream(line, 0);
    auto tooFar = line;
    GetStream(tooFar, 0)["deployment"] = "0:1-25,2:26-40@0.1";
    ExpectBad(tooFar, "/streams/0/deployment", words);
    tooFar = line;
    GetStream(tooFar, 0)["destination"] = 2;
    ExpectBad(tooFar, "/streams/0/deployment", words);
    tooFar = line;
    GetStream(tooFar, 0)["controller"] = "portend"; // may use any tier
    ExpectBad(tooFar, "/streams/0/deployment", words);
    stream["source"] = 1; // which is near the last
    stream["deployment"] = "2:1-40@0.1";
    stream["destination"] = 1;
    EXPECT_EQ(SimulateOnce(line, {}).result.streams.at(0).completed, 3U);
    line["background"] = {
        {{"name", "web"}, {"from", "n0"}, {"to", last}, {"traffic", "poisson:1Mbps"}}};
    ExpectBad(line, "/background/0/to", {"'" + last + "'", "255 links away", "found 256"});
}

// Members that meet the same are estimated once, and those that do not are not: written out one by
// one, they have the same estimate.
TEST_F(WorldTest, MembersAreEstimatedAsTheyDiffer)
{
    auto campus = GetCampus();
    campus["nodes"][0]["compute_factor"] = {1, 2, 1, 1, 1, 1};
    campus["links"][0]["bandwidth"] = {"10Mbps", "10Mbps", "10Mbps", "8Mbps", "10Mbps", "10Mbps"};
    GetStream(campus, 0)["rules"] = "queueing";
    GetStream(campus, 1)["rules"] = "queueing";
    GetStream(campus, 1)["tiers"] = {"camera[2]", "station", "cloud"};
    GetStream(campus, 1)["deployment"] = "0:1-1,1:2-4,2:5-8@0.3";
    GetStream(campus, 1)["arrival"] = "poisson:0.2";
    const PortendWorldSetup setup(Load(campus));
    // Those at each station by themselves, but for the two alike at the second.
    EXPECT_EQ(setup.GetLoads().loads.size(), 6U);

    auto single = campus;
    single["nodes"].erase(0);
    single["links"].erase(0);
    single["streams"].erase(0);
    for (std::size_t member = 0; member < 6; ++member)
    {
        const auto name = "camera" + std::to_string(member);
        single["nodes"].push_back(
            {{"name", name},
             {"device", "a1.medium"},
             {"compute_factor", campus["nodes"][0]["compute_factor"][member]}});
        single["links"].push_back({{"between", {name, member < 3 ? "station[0]" : "station[1]"}},
                                   {"bandwidth", campus["links"][0]["bandwidth"][member]},
                                   {"delay", campus["links"][0]["delay"]}});
        auto stream = campus["streams"][0];
        stream["name"] = "vision" + std::to_string(member);
        stream["tiers"][0] = name;
        single["streams"].push_back(stream);
    }
    single["streams"][0]["tiers"][0] = "camera2";
    const auto together = setup.GetEstimates();
    const auto apart = PortendWorldSetup(Load(single)).GetEstimates();
    double sum = 0;
    for (std::size_t member = 0; member < 6; ++member)
    {
        sum += apart[1 + member].components.GetTotal();
    }
    EXPECT_NEAR(together[0].components.GetTotal(), sum / 6, 1e-9);
    EXPECT_NEAR(together[1].components.GetTotal(), apart[0].components.GetTotal(), 1e-9);
}

// Members of a group do not begin in step, unless they are told to.
TEST_F(WorldTest, PeriodicMembersBeginAtDrawnPhases)
{
    auto campus = GetCampus();
    campus["streams"].erase(1);
    GetStream(campus, 0)["arrival"] = "periodic:400ms";
    GetStream(campus, 0)["samples"] = 3;
    const auto getBegins = [this](const Json& json) {
        std::vector<int64_t> begins;
        for (const auto& [key, traces] : Simulate(json).traces)
        {
            for (const auto& trace : traces)
            {
                if (trace[0] == 0)
                {
                    begins.push_back(trace[1]);
                }
            }
        }
        return begins;
    };
    auto begins = getBegins(campus);
    ASSERT_EQ(begins.size(), 6U);
    std::sort(begins.begin(), begins.end());
    EXPECT_EQ(std::unique(begins.begin(), begins.end()), begins.end());
    EXPECT_GE(begins.front(), 400000000);
    EXPECT_LT(begins.back(), 800000000);
    GetStream(campus, 0)["phase"] = "10ms";
    EXPECT_EQ(getBegins(campus), std::vector<int64_t>(6, 410000000));
    GetStream(campus, 0)["arrival"] = "poisson:1";
    ExpectBad(campus, "/streams/0/phase", {"with periodic arrivals only"});
}

namespace
{

/// A network drawn at random: a tree of some nodes with links added, different each way.
Json
DrawNetwork(std::mt19937& random, bool isTree)
{
    const auto draw = [&random](int low, int high) {
        return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
    };
    const int count = draw(3, 8);
    Json json{{"schema_version", 2}};
    const std::array<const char*, 3> devices{"a1.medium", "m4.large", "g4dn.xlarge"};
    for (int i = 0; i < count; ++i)
    {
        json["nodes"].push_back(
            {{"name", "n" + std::to_string(i)}, {"device", devices[draw(0, 2)]}});
    }
    int named = 0;
    const auto join = [&](int a, int b) {
        const auto mbps = [&] { return std::to_string(draw(1, 500)) + "Mbps"; };
        const auto ms = [&] { return std::to_string(draw(0, 30)) + "ms"; };
        json["links"].push_back({{"name", "l" + std::to_string(named++)},
                                 {"between", {"n" + std::to_string(a), "n" + std::to_string(b)}},
                                 {"bandwidth", {{"up", mbps()}, {"down", mbps()}}},
                                 {"delay", {{"up", ms()}, {"down", ms()}}}});
    };
    for (int i = 1; i < count; ++i)
    {
        join(i, draw(0, i - 1));
    }
    for (int extra = isTree ? 0 : draw(1, count); extra > 0; --extra)
    {
        const int a = draw(0, count - 1);
        const int b = draw(0, count - 1);
        if (a != b)
        {
            join(a, b);
        }
    }
    return json;
}

/// @return different numbers below a count, in random order
std::vector<int>
DrawSome(std::mt19937& random, int count, int some)
{
    std::vector<int> all(count);
    std::iota(all.begin(), all.end(), 0);
    std::shuffle(all.begin(), all.end(), random);
    all.resize(some);
    return all;
}

} // namespace

// On an idle network nothing waits and nothing is in excess, whatever graph, links and placement,
// and the estimate is the simulation's mean over the exits.
TEST_F(WorldTest, IdleNetworksHaveNoExcess)
{
    std::mt19937 random(20260);
    for (int draw = 0; draw < 40; ++draw)
    {
        auto json = DrawNetwork(random, draw % 2 == 0);
        const auto tiers = DrawSome(random, static_cast<int>(json["nodes"].size()), 3);
        Json names = Json::array();
        for (const auto tier : tiers)
        {
            names.push_back("n" + std::to_string(tier));
        }
        auto placement = DrawSome(random, 3, 3);
        const auto place = [&](int k) { return std::to_string(placement[k]); };
        json["streams"] = {
            {{"name", "s"},
             {"tiers", names},
             {"profile", "resnet110-cifar10"},
             {"deployment", place(0) + ":1-10," + place(1) + ":11-30," + place(2) + ":31-55@0.2"},
             {"source", random() % 3},
             {"destination", random() % 3},
             {"samples", 20},
             {"mtu_bytes", Json()}}};
        json["streams"][0].erase("mtu_bytes");
        json["mtu_bytes"] = random() % 2 == 0 ? 1500 : 9000;
        SCOPED_TRACE(json.dump());
        const auto run = Simulate(json);
        const auto& result = run.result.streams[0];
        EXPECT_EQ(result.completed, 20U);
        EXPECT_EQ(result.componentsMs[PortendLedger::WAIT].mean, 0);
        EXPECT_EQ(result.componentsMs[PortendLedger::NETWORK_EXCESS].mean, 0);
        const PortendWorldSetup setup(Load(json));
        const auto estimate = setup.GetEstimates().front();
        double expected = 0;
        for (std::size_t k = 0; k < estimate.exitClass.size(); ++k)
        {
            const auto share = result.exitRates[k].mean;
            expected += share > 0 ? share * estimate.exitClass[k].GetTotal() : 0;
        }
        EXPECT_NEAR(result.latencyMs.mean, expected, 1e-3);
    }
}

TEST_F(WorldTest, BadInput)
{
    const auto change = [](const std::string& at, const Json& value) {
        auto json = GetCampus();
        json[Json::json_pointer(at)] = value;
        return json;
    };
    ExpectBad(change("/schema_version", 3), "/schema_version", {"found 3", "version 1 or 2"});
    ExpectBad(change("/schema_version", 1), "/schema_version", {"version 2"});
    ExpectBad(change("/tiers", Json::array()), "/tiers", {"unknown key 'tiers'"});
    ExpectBad(change("/links/0/between/0", "camra"),
              "/links/0/between/0",
              {"unknown node 'camra'", "did you mean 'camera'?", "camera, station, cloud"});
    ExpectBad(change("/links/0/between/0", "camera[6]"),
              "/links/0/between/0",
              {"'camera[6]'", "camera[0] .. camera[5]"});
    ExpectBad(change("/links/0/between", {"cloud", "cloud"}),
              "/links/0/between/1",
              {"'cloud'", "another node"});
    ExpectBad(change("/links/0/between", {"cloud"}), "/links/0/between", {"two names"});
    ExpectBad(change("/links/0/bandwidth", {{"up", "1Mbps"}, {"left", "1Mbps"}}),
              "/links/0/bandwidth/left",
              {"unknown key"});
    ExpectBad(change("/links/0/bandwidth", {{"up", "1Mbps"}}), "/links/0/bandwidth", {"'down'"});
    ExpectBad(change("/links/0/delay", "20"), "/links/0/delay", {"'20'"});
    ExpectBad(change("/nodes/1/name", "camera"), "/nodes/1/name", {"'camera'", "/nodes/0/name"});
    ExpectBad(change("/nodes/1/name", "a/b"), "/nodes/1/name", {"without /"});
    ExpectBad(change("/nodes/0/count", 0), "/nodes/0/count", {"found 0", "1 .. 1000000"});
    ExpectBad(change("/nodes/0/count", "many"), "/nodes/0/count", {"found \"many\""});
    ExpectBad(change("/streams/0/tiers/1", "sttion"),
              "/streams/0/tiers/1",
              {"unknown node", "did you mean 'station'?"});
    ExpectBad(change("/streams/0/tiers/2", "station"),
              "/streams/0/tiers/2",
              {"'station'", "every node once"});
    ExpectBad(change("/streams/1/name", "vision"), "/streams/1/name", {"'vision'"});
    ExpectBad(change("/streams/0/samples", 0), "/streams/0/samples", {"found 0"});
    ExpectBad(change("/streams/0/arrival", "often"), "/streams/0/arrival", {"'often'"});
    ExpectBad(change("/streams/0/source", 3), "/streams/0/source", {"'3'", "a tier, 0 .. 2"});
    ExpectBad(change("/streams/0/tiers", Json::array()),
              "/streams/0/tiers",
              {"found []", "at least one"});
    ExpectBad(change("/links/0/trace_offset", "1e300s"), "/links/0/trace_offset", {"'1e300s'"});
    ExpectBad(change("/$schema", 5), "/$schema", {"found 5", "a text"});
    ExpectBad(change("/streams/0/after", "pause"), "/streams/0/after", {"continue, stop"});
    ExpectBad(change("/streams", Json::array()), "/streams", {"at least one stream"});
}

TEST_F(WorldTest, BadNetworks)
{
    // Nodes that no links join.
    auto json = GetCampus();
    json["links"].erase(1);
    ExpectBad(json, "/links", {"camera[0]", "cloud"});
    // A node that only forwards computes nothing.
    json = GetCampus();
    json["nodes"][1].erase("device");
    ExpectBad(json, "/streams/0/tiers/1", {"'station'", "a node with a device"});
    // What the rules do not know.
    json = GetCampus();
    json["rules"] = "paper";
    GetStream(json, 0)["deployment"] = "0:1-10,0:11-55@0.1";
    ExpectBad(json, "/streams/0/deployment", {"share a tier", "rules exact or queueing"});
    // More than a station can do: named with who asks for it.
    json = GetCampus();
    json["nodes"][0]["count"] = 100;
    GetStream(json, 1)["arrival"] = "poisson:2";
    ExpectBad(json, "", {"s each second", "detail", "below 1"});
    // Two that block each other.
    json = GetCampus();
    for (auto& node : json["nodes"])
    {
        node["queue_limit"] = 2;
        node["queue_policy"] = "block";
    }
    GetStream(json, 1)["deployment"] = "1:1-4,0:5-8@0.3";
    ExpectBad(json, "", {"waits for", "block"});
}

TEST_F(WorldTest, BadPaths)
{
    ExpectBad(GetCampus(),
              "--set nodes/camra/count",
              {"did you mean 'camera'?"},
              {"nodes/camra/count=2"});
    ExpectBad(GetCampus(), "--set", {"PATH=VALUE"}, {"nodes/camera/count"});
    ExpectBad(GetCampus(), "--set nodes/camera", {"nodes/camera/..."}, {"nodes/camera=2"});
    ExpectBad(GetCampus(),
              "--set links/camera-station/bandwidth/left",
              {"links/NAME/bandwidth/up"},
              {"links/camera-station/bandwidth/left=1Mbps"});
    // What makes no sense in its place is told with where it came from.
    ExpectInputError([&] { Load(GetCampus(), {"nodes/camera/count=-1"}); },
                     "--set nodes/camera/count: /nodes/0/count",
                     {"found", "1 .. 1000000"});
    ExpectInputError([&] { Load(GetCampus(), {"nodes/camera/cuont=1"}); },
                     "--set nodes/camera/cuont: /nodes/0/cuont",
                     {"did you mean 'count'?"});
}
