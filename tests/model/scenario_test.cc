/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Scenarios: as JSON, as options, and what they are understood as.

#include "bad_input.h"
#include "simulator_test.h"

#include "ns3/command-line.h"
#include "ns3/config.h"
#include "ns3/portend-exit-model.h"
#include "ns3/portend-scenario-options.h"
#include "ns3/portend-setup.h"
#include "ns3/portend-world-setup.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <vector>

using namespace ns3;
using Json = nlohmann::json;

namespace
{

/// @return a scenario in which nothing has its default
PortendScenario
GetUnusualScenario()
{
    PortendScenario scenario;
    scenario.description = "four tiers \"and\" a\nline";
    scenario.profile = "resnet20-cifar10";
    scenario.tiers = {{"a1.large", "camera", 2.5, 0.1, 3, "1.7ms", 8, "block"},
                      {"m4.large", "", 1, 1, 1, "0ms", 0, "deadline:1.5s"},
                      {"g5.xlarge", "city", 1e-3, 7, 65535},
                      {"g4dn.xlarge", "cloud", 0.3, 1.0 / 3, 2}};
    scenario.links = {{"1.5Mbps", "0ms"}, {"999kbps", "12.5us", 576}, {"10Gbps", "1s"}};
    scenario.deployment = "3:1-2,0:3-7@0.4";
    scenario.source = 2;
    scenario.destination = 1;
    scenario.samples = 5000000000;
    scenario.arrival = "poisson:5.5";
    scenario.maxTime = "1000s";
    scenario.transport = "tcp";
    scenario.tcpVariant = "TcpLinuxReno";
    scenario.tcpWarm = false;
    scenario.tcpRestart = true;
    scenario.tcpSegment = "536B";
    scenario.tcpBuffer = "64KiB";
    scenario.loss = 0.001;
    scenario.mtuBytes = 1500;
    scenario.queue = "12345678B";
    scenario.compute = "gamma";
    scenario.split = "test";
    scenario.exits = "independent";
    scenario.rules = "paper";
    scenario.accuracy = "conditional";
    scenario.sharedCore = true;
    scenario.seed = PortendScenario::MAX_SEED;
    scenario.run = 0;
    return scenario;
}

/// @return the scenario that options describe
PortendScenario
Parse(const std::vector<std::string>& arguments)
{
    PortendScenarioOptions options;
    CommandLine cmd;
    options.AddTo(cmd);
    std::vector<std::string> all{"program"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    cmd.Parse(all);
    PortendScenario scenario;
    options.Apply(scenario);
    return scenario;
}

/// @return the keys whose values differ between two scenarios
std::vector<std::string>
GetDifferences(const PortendScenario& a, const PortendScenario& b)
{
    const auto left = Json::parse(a.ToJson());
    const auto right = Json::parse(b.ToJson());
    std::vector<std::string> keys;
    for (const auto& item : left.items())
    {
        if (!right.contains(item.key()) || right[item.key()] != item.value())
        {
            keys.push_back(item.key());
        }
    }
    for (const auto& item : right.items())
    {
        if (!left.contains(item.key()))
        {
            keys.push_back(item.key());
        }
    }
    return keys;
}

/// @return where the next sample exits, and whether it is right there
std::pair<int, bool>
DrawExit(const PortendSetup& setup, const Ptr<PortendExitModel>& model)
{
    const auto itinerary =
        PortendHelper(setup.model, setup.stream, setup.deployment).MakeItinerary();
    const auto sample = model->Draw();
    auto stage = itinerary->stages.begin();
    while (stage + 1 != itinerary->stages.end() && !model->Exits(sample, stage->branch))
    {
        ++stage;
    }
    return {stage->branch.partition, model->IsRight(sample, stage->branch)};
}

/// @return when the requests of a trace arise
std::vector<Time>
GetArrivals(const PortendSetup& setup)
{
    const auto arrivals = setup.makeArrivals();
    arrivals->Begin(Time());
    std::vector<Time> times;
    while (times.size() < setup.requests)
    {
        const auto arrival = arrivals->GetNext(Time(), Time());
        times.push_back(arrival ? arrival->at : Time::Max());
    }
    return times;
}

class ScenarioTest : public SimulatorTest
{
  protected:
    /**
     * @brief Require that a scenario file is refused after one value is replaced.
     * @param at JSON pointer of the value
     * @param value what to put there
     * @param pointer place of the offence
     * @param parts texts that the message must contain
     */
    void ExpectBadFile(const std::string& at,
                       const Json& value,
                       const std::string& pointer,
                       const std::vector<std::string>& parts)
    {
        SCOPED_TRACE(at + " = " + value.dump());
        auto json = Json::parse(PortendScenario().ToJson());
        json[Json::json_pointer(at)] = value;
        const auto file = m_folder.Write("bad.json", json.dump());
        ExpectInputError(
            [&] {
                PortendScenario scenario;
                scenario.LoadFile(file);
                PortendSetup setup(scenario);
            },
            file + ": " + pointer,
            parts);
    }

    TemporaryFolder m_folder; ///< for files
};

} // namespace

TEST_F(ScenarioTest, ShippedFiles)
{
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(PORTEND_SOURCE_DIR "/scenarios"))
    {
        if (entry.path().extension() == ".json")
        {
            const auto file = entry.path().string();
            PortendScenario scenario;
            EXPECT_NO_THROW({
                if (const PortendScenarioFile read(file); read.IsWorld())
                {
                    const auto world = PortendWorld::Load(read);
                    PortendWorldSetup(world).RequireBounded();
                    scenario = world.options;
                }
                else
                {
                    scenario.LoadFile(file);
                    PortendSetup setup(scenario);
                }
            }) << file;
            EXPECT_FALSE(scenario.description.empty()) << file;
            ++files;
        }
    }
    EXPECT_GE(files, 4U);
}

TEST_F(ScenarioTest, JsonRoundTrip)
{
    for (const auto& scenario : {PortendScenario(), GetUnusualScenario()})
    {
        const auto text = scenario.ToJson();
        PortendScenario copy = GetUnusualScenario();
        copy.description = ""; // left out when empty
        copy.LoadFile(m_folder.Write("scenario.json", text));
        EXPECT_EQ(copy.ToJson(), text);
    }
    // Member by member, for what ToJson() might forget.
    const auto expected = GetUnusualScenario();
    PortendScenario scenario;
    scenario.LoadFile(m_folder / "scenario.json");
    EXPECT_EQ(scenario.description, expected.description);
    EXPECT_EQ(scenario.profile, expected.profile);
    ASSERT_EQ(scenario.tiers.size(), expected.tiers.size());
    for (std::size_t j = 0; j < expected.tiers.size(); ++j)
    {
        EXPECT_EQ(scenario.tiers[j].device, expected.tiers[j].device);
        EXPECT_EQ(scenario.tiers[j].name, expected.tiers[j].name);
        EXPECT_EQ(scenario.tiers[j].computeFactor, expected.tiers[j].computeFactor);
        EXPECT_EQ(scenario.tiers[j].serializationFactor, expected.tiers[j].serializationFactor);
        EXPECT_EQ(scenario.tiers[j].servers, expected.tiers[j].servers);
    }
    ASSERT_EQ(scenario.links.size(), expected.links.size());
    for (std::size_t j = 0; j < expected.links.size(); ++j)
    {
        EXPECT_EQ(scenario.links[j].bandwidth, expected.links[j].bandwidth);
        EXPECT_EQ(scenario.links[j].delay, expected.links[j].delay);
        EXPECT_EQ(scenario.links[j].mtuBytes, expected.links[j].mtuBytes);
    }
    EXPECT_EQ(scenario.deployment, expected.deployment);
    EXPECT_EQ(scenario.source, expected.source);
    EXPECT_EQ(scenario.destination, expected.destination);
    EXPECT_EQ(scenario.samples, expected.samples);
    EXPECT_EQ(scenario.arrival, expected.arrival);
    EXPECT_EQ(scenario.transport, expected.transport);
    EXPECT_EQ(scenario.tcpVariant, expected.tcpVariant);
    EXPECT_EQ(scenario.tcpWarm, expected.tcpWarm);
    EXPECT_EQ(scenario.tcpRestart, expected.tcpRestart);
    EXPECT_EQ(scenario.tcpSegment, expected.tcpSegment);
    EXPECT_EQ(scenario.tcpBuffer, expected.tcpBuffer);
    EXPECT_EQ(scenario.loss, expected.loss);
    EXPECT_EQ(scenario.mtuBytes, expected.mtuBytes);
    EXPECT_EQ(scenario.queue, expected.queue);
    EXPECT_EQ(scenario.compute, expected.compute);
    EXPECT_EQ(scenario.exits, expected.exits);
    EXPECT_EQ(scenario.rules, expected.rules);
    EXPECT_EQ(scenario.accuracy, expected.accuracy);
    EXPECT_EQ(scenario.sharedCore, expected.sharedCore);
    EXPECT_EQ(scenario.seed, expected.seed);
    EXPECT_EQ(scenario.run, expected.run);
}

TEST_F(ScenarioTest, UnusualScenarioIsUnderstood)
{
    const PortendSetup setup(GetUnusualScenario());
    ASSERT_EQ(setup.links.size(), 3U);
    EXPECT_EQ(setup.links[0].up.bandwidth.GetBitRate(), 1500000U);
    EXPECT_EQ(setup.links[1].down.bandwidth.GetBitRate(), 999000U);
    EXPECT_EQ(setup.links[2].up.bandwidth.GetBitRate(), 10000000000U);
    EXPECT_EQ(setup.links[0].up.delay, Time());
    EXPECT_EQ(setup.links[1].down.delay, NanoSeconds(12500));
    EXPECT_EQ(setup.links[2].up.delay, Seconds(1));
    EXPECT_DOUBLE_EQ(setup.stream.network->GetLinks()[2 * 1].link.delayMs, 0.0125);
    EXPECT_EQ(setup.stream.GetNode(0).servers, 3U);
    EXPECT_EQ(setup.stream.GetNode(2).servers, 65535U);
    EXPECT_EQ(setup.stream.GetNode(0).computeFactor, 2.5);
    EXPECT_EQ(setup.stream.GetNode(0).serializationFactor, 0.1);
    EXPECT_EQ(setup.stream.GetNode(0).overheadMs, 1.7);
    EXPECT_EQ(setup.stream.GetNode(1).overheadMs, 0);
    EXPECT_EQ(setup.model.validation.split, "test");
    EXPECT_EQ(setup.stream.tiers[2].device->name, "g5.xlarge");
    EXPECT_EQ(setup.stream.source, 2U);
    EXPECT_EQ(setup.stream.destination, 1U);
    EXPECT_TRUE(setup.traits.isReliable);
    const auto transport = setup.transport.Create<PortendTransport>();
    const auto getAttribute = [&](const std::string& name) {
        StringValue value;
        transport->GetAttribute(name, value);
        return value.Get();
    };
    EXPECT_EQ(getAttribute("Variant"), "ns3::TcpLinuxReno");
    EXPECT_EQ(getAttribute("Warm"), "false");
    EXPECT_EQ(getAttribute("RestartAfterIdle"), "true");
    EXPECT_EQ(setup.loss, 0.001);
    EXPECT_EQ(setup.stream.network->GetPackets().mtuBytes, 1500U);
    EXPECT_EQ(setup.stream.network->GetPackets().headerBytes, 52U);
    EXPECT_EQ(setup.stream.network->GetPackets().messageHeaderBytes, 20U);
    EXPECT_EQ(setup.stream.network->GetPackets().segmentBytes, 536U);
    EXPECT_EQ(setup.tcpBufferBytes, 65536U);
    EXPECT_EQ(setup.GetMtu(0), 1500U);
    EXPECT_EQ(setup.GetMtu(1), 576U);
    EXPECT_EQ(setup.deployment.ToString(), "3:1-2,0:3-7@0.4");
    EXPECT_FALSE(setup.isClosed);
    EXPECT_EQ(setup.stream.arrivals.ratePerS, 5.5);
    EXPECT_TRUE(DynamicCast<PortendPoissonArrivals>(setup.makeArrivals()));
    EXPECT_EQ(setup.queueBytes, 12345678U);
    EXPECT_EQ(setup.maxTime, Seconds(1000));
    EXPECT_EQ(setup.queues[0].limit, 8U);
    EXPECT_EQ(setup.queues[0].policy, PortendWorker::BLOCK);
    EXPECT_EQ(setup.queues[1].limit, 0U);
    EXPECT_EQ(setup.queues[1].deadline, MilliSeconds(1500));
    EXPECT_TRUE(DynamicCast<PortendGammaDelay>(setup.delayModel));
    EXPECT_TRUE(DynamicCast<PortendIndependentExitModel>(setup.makeExits()));
    EXPECT_EQ(setup.rules.name, "paper");
    EXPECT_TRUE(setup.stream.sharedCore);
}

// The defaults are the paper's testbed.
TEST_F(ScenarioTest, DefaultsArePapersTestbed)
{
    const PortendSetup setup{PortendScenario()};
    EXPECT_EQ(setup.model.name, "resnet110-cifar10");
    EXPECT_EQ(setup.deployment.ToString(), "0:1-25,1:26-40@0.1");
    ASSERT_EQ(setup.stream.tiers.size(), 3U);
    EXPECT_EQ(setup.stream.tiers[0].device->name, "a1.medium");
    EXPECT_EQ(setup.stream.tiers[1].device->name, "m4.large");
    EXPECT_EQ(setup.stream.tiers[2].device->name, "g4dn.xlarge");
    EXPECT_EQ(setup.stream.network->GetLinks()[2 * 0].link.bandwidthBps, 10e6);
    EXPECT_EQ(setup.stream.network->GetLinks()[2 * 0].link.delayMs, 20);
    EXPECT_EQ(setup.stream.network->GetLinks()[2 * 1].link.bandwidthBps, 400e6);
    EXPECT_EQ(setup.stream.network->GetLinks()[2 * 1].link.delayMs, 40);
    EXPECT_EQ(setup.stream.source, 0U);
    EXPECT_EQ(setup.stream.destination, 0U);
    EXPECT_EQ(setup.requests, 1000U);
    EXPECT_TRUE(setup.isClosed);
    EXPECT_FALSE(setup.traits.isReliable);
    EXPECT_EQ(setup.loss, 0);
    EXPECT_EQ(setup.stream.network->GetPackets().mtuBytes, 9000U);
    EXPECT_EQ(setup.stream.network->GetPackets().headerBytes, 48U);
    EXPECT_EQ(setup.stream.network->GetPackets().messageHeaderBytes, 0U);
    EXPECT_EQ(setup.stream.network->GetPackets().segmentBytes, 0U);
    EXPECT_EQ(setup.tcpBufferBytes, 0U);
    EXPECT_TRUE(DynamicCast<PortendMeanDelay>(setup.delayModel));
    EXPECT_TRUE(DynamicCast<PortendNestedExitModel>(setup.makeExits()));
    EXPECT_EQ(setup.rules.name, "exact");
    EXPECT_FALSE(setup.stream.sharedCore);
}

// By the exact rules the estimate takes the repeats that the simulation takes.
TEST_F(ScenarioTest, ExactRulesTakeTheSimulatedRepeats)
{
    using Repeats = portend::EstimatorRules::Repeats;
    using Variance = portend::EstimatorRules::Variance;
    const std::vector<std::tuple<std::string, Repeats, Variance>> cases{
        {"mean", Repeats::MEAN, Variance::NONE},
        {"median", Repeats::MEDIAN, Variance::NONE},
        {"max", Repeats::MAXIMUM, Variance::NONE},
        {"empirical", Repeats::MEAN, Variance::OF_REPEATS},
        {"gamma", Repeats::MEAN, Variance::OF_SAMPLE}};
    PortendScenario scenario;
    for (const auto& [compute, repeats, variance] : cases)
    {
        scenario.compute = compute;
        EXPECT_EQ(PortendSetup(scenario).rules.repeats, repeats) << compute;
        EXPECT_EQ(PortendSetup(scenario).rules.variance, variance) << compute;
    }
    scenario.rules = "paper";
    scenario.compute = "median";
    EXPECT_EQ(PortendSetup(scenario).rules.repeats, Repeats::MEAN);
}

// The testbed's tier 0 stands 22.2 requests per second, its link 0 207.5 (4.15 at 200 kb/s). A
// bounded queue helps where it is, and behind it; one that blocks helps what it blocks.
TEST_F(ScenarioTest, OverloadIsFoundBehindQueues)
{
    struct Case
    {
        std::vector<std::string> options; ///< besides 30 requests per second
        std::string found;                ///< words of the complaint; empty if there is none
    };

    const std::vector<Case> cases{
        {{}, "30 requests per second are too many for tier 0"},
        {{"--queue-limit=none,5,5"}, "too many for tier 0"},
        {{"--queue-limit=5,none,none"}, ""},
        {{"--queue-policy=deadline:1s,drop-newest,drop-newest"}, ""},
        {{"--max-time=60s"}, ""},
        {{"--queue-limit=5", "--bandwidth=200kbps,400Mbps"},
         "22.1647 requests per second get through and are too many for link 0 up"},
        {{"--queue-limit=5", "--queue-policy=block", "--bandwidth=200kbps,400Mbps"}, ""},
        // Tier 1 blocks tier 0, whose queue has no limit.
        {{"--queue-limit=none,5,5",
          "--queue-policy=drop-newest,block,drop-newest",
          "--bandwidth=200kbps,400Mbps"},
         "too many for link 0 up"},
        // Results are never blocked: those of tier 0 alone are too many for link 0.
        {{"--queue-limit=5", "--queue-policy=block", "--destination=2", "--bandwidth=10kbps,1kbps"},
         "too many for link 0 up"},
        // Full device queues lose what UDP sends, and TCP sends it again.
        {{"--queue-limit=5", "--bandwidth=200kbps,400Mbps", "--queue=40kB"}, ""},
        {{"--queue-limit=5", "--bandwidth=200kbps,400Mbps", "--queue=40kB", "--transport=tcp"},
         "too many for link 0 up"},
        {{"--samples=2", "--arrival=closed"}, ""},
    };
    for (const auto& [options, found] : cases)
    {
        auto all = options;
        all.insert(all.begin(), "--arrival=poisson:30");
        SCOPED_TRACE(testing::PrintToString(all));
        const PortendSetup setup{Parse(all)};
        EXPECT_EQ(setup.IsBounded(), found.empty());
        try
        {
            setup.RequireBounded();
            EXPECT_EQ(found, "");
        }
        catch (const portend::InputError& error)
        {
            EXPECT_NE(std::string(error.what()).find(found), std::string::npos) << error.what();
            EXPECT_NE(found, "");
        }
    }
}

// Each option changes its value, and no other.
TEST_F(ScenarioTest, OptionsOverrideOneValueEach)
{
    struct Override
    {
        std::string option;                                 ///< argument
        std::string key;                                    ///< key that changes
        std::function<bool(const PortendScenario&)> isDone; ///< whether it has changed
    };

    const std::vector<Override> overrides{
        {"--profile=vggish-audioset",
         "profile",
         [](auto& s) { return s.profile == "vggish-audioset"; }},
        {"--devices=g5.xlarge,a1.large,m4.large",
         "tiers",
         [](auto& s) {
             return s.tiers.size() == 3 && s.tiers[0].device == "g5.xlarge" &&
                    s.tiers[2].device == "m4.large";
         }},
        {"--deployment=2:1-4@0", "deployment", [](auto& s) { return s.deployment == "2:1-4@0"; }},
        {"--bandwidth=5Mbps,6Mbps",
         "links",
         [](auto& s) {
             return s.links.size() == 2 && s.links[0].bandwidth == "5Mbps" &&
                    s.links[1].bandwidth == "6Mbps" && s.links[0].delay == "20ms" &&
                    s.links[1].delay == "40ms";
         }},
        {"--delay=1ms,2ms",
         "links",
         [](auto& s) {
             return s.links.size() == 2 && s.links[0].bandwidth == "10Mbps" &&
                    s.links[1].bandwidth == "400Mbps" && s.links[0].delay == "1ms" &&
                    s.links[1].delay == "2ms";
         }},
        {"--link-trace=1:lte.csv",
         "links",
         [](auto& s) {
             return s.links.size() == 2 && s.links[0].trace.empty() &&
                    s.links[1].trace == "lte.csv" && s.links[1].bandwidth == "400Mbps";
         }},
        {"--source=1", "source", [](auto& s) { return s.source == 1; }},
        {"--destination=2", "destination", [](auto& s) { return s.destination == 2; }},
        {"--samples=7", "samples", [](auto& s) { return s.samples == 7; }},
        {"--arrival=periodic:100ms",
         "arrival",
         [](auto& s) { return s.arrival == "periodic:100ms"; }},
        {"--controller=oracle", "controller", [](auto& s) { return s.controller == "oracle"; }},
        {"--max-time=60s", "max_time", [](auto& s) { return s.maxTime == "60s"; }},
        {"--timeout=5s", "timeout", [](auto& s) { return s.timeout == "5s"; }},
        {"--queue-limit=none,2,3",
         "tiers",
         [](auto& s) {
             return s.tiers[0].queueLimit == 0 && s.tiers[1].queueLimit == 2 &&
                    s.tiers[2].queueLimit == 3;
         }},
        {"--queue-policy=block",
         "tiers",
         [](auto& s) {
             return s.tiers[0].queuePolicy == "block" && s.tiers[2].queuePolicy == "block";
         }},
        {"--scheduler=batch[max=4,timeout=2ms,eager],fifo,edf",
         "tiers",
         [](auto& s) {
             return s.tiers[0].scheduler == "batch[max=4,timeout=2ms,eager]" &&
                    s.tiers[1].scheduler.empty() && s.tiers[2].scheduler == "edf";
         }},
        {"--batch-fixed-share=0,profiled,0.75",
         "tiers",
         [](auto& s) {
             return s.tiers[0].batchFixedShare == 0 && s.tiers[1].batchFixedShare == -1 &&
                    s.tiers[2].batchFixedShare == 0.75;
         }},
        {"--memory=none,1GiB,500MB",
         "tiers",
         [](auto& s) {
             return s.tiers[0].memory.empty() && s.tiers[1].memory == "1GiB" &&
                    s.tiers[2].memory == "500MB";
         }},
        {"--load-bandwidth=1GBps,none,80kBps",
         "tiers",
         [](auto& s) {
             return s.tiers[0].loadBandwidth == "1GBps" && s.tiers[1].loadBandwidth.empty() &&
                    s.tiers[2].loadBandwidth == "80kBps";
         }},
        {"--fallback=200ms", "fallback", [](auto& s) { return s.fallback == "200ms"; }},
        {"--deadline=100ms", "deadline", [](auto& s) { return s.deadline == "100ms"; }},
        {"--transport=tcp", "transport", [](auto& s) { return s.transport == "tcp"; }},
        {"--network=trains", "network", [](auto& s) { return s.network == "trains"; }},
        {"--tcp-variant=TcpBbr", "tcp_variant", [](auto& s) { return s.tcpVariant == "TcpBbr"; }},
        {"--tcp-warm=false", "tcp_warm", [](auto& s) { return !s.tcpWarm; }},
        {"--tcp-restart=true", "tcp_restart", [](auto& s) { return s.tcpRestart; }},
        {"--tcp-segment=536B", "tcp_segment", [](auto& s) { return s.tcpSegment == "536B"; }},
        {"--tcp-buffer=1MB", "tcp_buffer", [](auto& s) { return s.tcpBuffer == "1MB"; }},
        {"--loss=0.25", "loss", [](auto& s) { return s.loss == 0.25; }},
        {"--mtu=1500", "mtu_bytes", [](auto& s) { return s.mtuBytes == 1500; }},
        {"--queue=500kB", "queue", [](auto& s) { return s.queue == "500kB"; }},
        {"--compute=max", "compute", [](auto& s) { return s.compute == "max"; }},
        {"--overhead=2us,0s,3ms",
         "tiers",
         [](auto& s) {
             return s.tiers[0].overhead == "2us" && s.tiers[1].overhead == "0s" &&
                    s.tiers[2].overhead == "3ms";
         }},
        {"--power=1W:2W,3W,4W:5W:6W",
         "tiers",
         [](auto& s) {
             return s.tiers[0].power == "1W:2W" && s.tiers[1].power == "3W" &&
                    s.tiers[2].power == "4W:5W:6W";
         }},
        {"--battery=10Wh", "tiers", [](auto& s) { return s.tiers[2].battery == "10Wh"; }},
        {"--harvester=ns3::BasicEnergyHarvester",
         "tiers",
         [](auto& s) { return s.tiers[0].harvester == "ns3::BasicEnergyHarvester"; }},
        {"--link-energy=1W:2W,5nJ/bit",
         "links",
         [](auto& s) { return s.links[0].energy == "1W:2W" && s.links[1].energy == "5nJ/bit"; }},
        {"--split=test", "split", [](auto& s) { return s.split == "test"; }},
        {"--exits=independent", "exits", [](auto& s) { return s.exits == "independent"; }},
        {"--accuracy=conditional", "accuracy", [](auto& s) { return s.accuracy == "conditional"; }},
        {"--rules=paper", "rules", [](auto& s) { return s.rules == "paper"; }},
        {"--shared-core=true", "shared_core", [](auto& s) { return s.sharedCore; }},
    };
    std::vector<std::string> tried{"scenario"};
    for (const auto& [option, key, isDone] : overrides)
    {
        const auto scenario = Parse({option});
        EXPECT_TRUE(isDone(scenario)) << option;
        auto differences = GetDifferences(PortendScenario(), scenario);
        if (key == "profile")
        {
            // The default deployment is that of another profile: it is left open.
            EXPECT_EQ(scenario.deployment, "");
            differences.erase(differences.begin());
        }
        EXPECT_EQ(differences, std::vector<std::string>{key}) << option;
        tried.push_back(option.substr(2, option.find('=') - 2));
    }
    auto names = PortendScenarioOptions().GetNames();
    std::sort(names.begin(), names.end());
    std::sort(tried.begin(), tried.end());
    EXPECT_EQ(tried, names) << "an option is not tried";
}

// A file first, whatever the order of the arguments; tiers keep what only the file says.
TEST_F(ScenarioTest, OptionsOverrideTheFile)
{
    const auto file = m_folder.Write("scenario.json", GetUnusualScenario().ToJson());
    const auto plain = Parse({"--scenario=" + file});
    EXPECT_EQ(plain.ToJson(), GetUnusualScenario().ToJson());
    const auto scenario = Parse({"--samples=9",
                                 "--devices=m4.large,m4.large,m4.large,m4.large",
                                 "--scenario=" + file,
                                 "--delay=1ms,2ms,3ms"});
    EXPECT_EQ(GetDifferences(plain, scenario),
              (std::vector<std::string>{"links", "samples", "tiers"}));
    EXPECT_EQ(scenario.tiers[0].device, "m4.large");
    EXPECT_EQ(scenario.tiers[0].computeFactor, 2.5);
    EXPECT_EQ(scenario.tiers[0].name, "camera");
    EXPECT_EQ(scenario.links[1].bandwidth, "999kbps");
    EXPECT_EQ(scenario.links[1].delay, "2ms");
}

// Fewer tiers than by default need no word about links; more do.
TEST_F(ScenarioTest, FewerDevicesNeedFewerLinks)
{
    const auto scenario = Parse({"--devices=a1.medium,m4.large"});
    EXPECT_EQ(scenario.tiers.size(), 2U);
    ASSERT_EQ(scenario.links.size(), 1U);
    EXPECT_EQ(scenario.links[0].bandwidth, "10Mbps");
    EXPECT_NO_THROW(PortendSetup{scenario});
    EXPECT_NO_THROW(PortendSetup{Parse({"--devices=a1.medium", "--deployment=0:1-55@0"})});
    ExpectInputError(
        [] { PortendSetup{Parse({"--devices=a1.medium,m4.large,m4.large,g4dn.xlarge"})}; },
        "/links",
        {"found 2 links for 4 tiers", "expected 3"});
}

// What is left out keeps its default.
TEST_F(ScenarioTest, ShortestFile)
{
    const auto file = m_folder.Write("short.json", R"({
        "schema_version": 1,
        "profile": "resnet20-cifar10",
        "tiers": [{"device": "a1.medium"}, {"device": "m4.large"}],
        "links": [{"bandwidth": "10Mbps", "delay": "20ms"}],
        "deployment": "0:1-5,1:6-10@0.4"
    })");
    PortendScenario scenario;
    scenario.LoadFile(file);
    EXPECT_EQ(GetDifferences(PortendScenario(), scenario),
              (std::vector<std::string>{"deployment", "links", "profile", "tiers"}));
    EXPECT_EQ(scenario.tiers[1].servers, 1U);
    EXPECT_NO_THROW(PortendSetup{scenario});
}

TEST_F(ScenarioTest, UnderstandsTraces)
{
    const auto arrivals =
        m_folder.Write("arrivals.csv", "label,arrival_ms\nx,0\ny,1.5\nz,1.5\nw,40.000001\n");
    const auto samples = m_folder.Write("samples.csv",
                                        "entropy_3,correct_3,entropy_10,correct_10\r\n"
                                        "0.2,1,0.9,0\r\n"  // below 0.4: exits at once, right
                                        "0.4,1,0.9,0\r\n"  // not below: goes on, wrong there
                                        "0.39,0,0.1,1\r\n" // exits at once, wrong
                                        "1,0,1,1\r\n");    // goes on; the last takes all
    PortendScenario scenario;
    scenario.profile = "resnet20-cifar10";
    scenario.deployment = "0:1-3,1:4-10@0.4";
    scenario.arrival = "trace:" + arrivals;
    scenario.exits = "trace:" + samples;
    const PortendSetup setup(scenario);
    EXPECT_TRUE(setup.isTrace);
    EXPECT_EQ(setup.requests, 4U); // no more than arrivals
    EXPECT_EQ(GetArrivals(setup),
              (std::vector<Time>{NanoSeconds(0),
                                 NanoSeconds(1500000),
                                 NanoSeconds(1500000),
                                 NanoSeconds(40000001)}));
    const std::vector<std::pair<int, bool>> expected{{1, true}, {2, false}, {1, false}, {2, true}};
    const auto exits = setup.makeExits();
    for (const auto& exit : expected)
    {
        EXPECT_EQ(DrawExit(setup, exits), exit);
    }
}

// Excel, R and editors write a byte order mark, quotes, blanks, words for truth and other line
// ends around the same values.
TEST_F(ScenarioTest, ReadsTracesAsOthersWriteThem)
{
    const std::vector<Time> expected{MilliSeconds(0), MicroSeconds(1500)};
    const auto readArrivals = [this](const std::string& text) {
        SCOPED_TRACE(text);
        const auto file = m_folder.Write("trace.csv", text);
        return GetArrivals(PortendSetup{Parse({"--arrival=trace:" + file})});
    };
    for (const std::string text : {"\xEF\xBB\xBF"
                                   "arrival_ms\n0\n1.5\n",
                                   "\"arrival_ms\"\r\n\"0\"\r\n\"1.5\"\r\n",
                                   "arrival_ms\r0\r1.5",
                                   "label, arrival_ms\n\"a, b\",0\n\"say \"\"c\"\"\" ,\t1.5 \n",
                                   "two,arrival_ms\n\"lines\nhere\",0\nx,1.5e0\n",
                                   "\n# by hand\n\narrival_ms\n0\n  # a break\n \n1.5\n\n",
                                   "arrival_ms,x\n0,1\n,\n1.5,2\n"})
    {
        EXPECT_EQ(readArrivals(text), expected);
    }
    const auto isRight = [this](const std::string& word) {
        SCOPED_TRACE(word);
        const auto file = m_folder.Write("exits.csv",
                                         "entropy_25,correct_25,entropy_40,correct_40\n"
                                         "0.01," +
                                             word + ",0,0\n");
        const PortendSetup setup{Parse({"--exits=trace:" + file})};
        return DrawExit(setup, setup.makeExits()).second;
    };
    for (const std::string word : {"1", "True", "TRUE", "true", "\"True\"", "0.7"})
    {
        EXPECT_TRUE(isRight(word));
    }
    for (const std::string word : {"0", "False", "FALSE", "false", "-0", "0.2"})
    {
        EXPECT_FALSE(isRight(word));
    }
}

// Without a number of samples, all of a trace is simulated.
TEST_F(ScenarioTest, TracesTellTheNumberOfRequests)
{
    std::string text = "arrival_ms\n";
    for (int i = 0; i < 1500; ++i)
    {
        text += std::to_string(i) + "\n";
    }
    const auto trace = "--arrival=trace:" + m_folder.Write("long.csv", text);
    EXPECT_EQ(PortendSetup{Parse({trace})}.requests, 1500U);
    EXPECT_EQ(PortendSetup{Parse({trace, "--samples=20"})}.requests, 20U);
    EXPECT_EQ(PortendSetup{Parse({trace, "--samples=2000"})}.requests, 1500U);
    EXPECT_EQ(PortendSetup{Parse({})}.requests, 1000U);
    // What is written out means the same.
    for (const auto& arguments : {std::vector<std::string>{trace}, {trace, "--samples=20"}, {}})
    {
        const auto scenario = Parse(arguments);
        PortendScenario again;
        again.LoadFile(m_folder.Write("again.json", scenario.ToJson()));
        EXPECT_EQ(PortendSetup{again}.requests, PortendSetup{scenario}.requests);
    }
}

// Joint counts: 30 of 100 exit first, 20 of them right; 70 at the end, all right.
TEST_F(ScenarioTest, UnderstandsJointCounts)
{
    PortendScenario scenario;
    scenario.exits = "trace:" + m_folder.Write("joint.csv", "exited,correct\n30,15\n70,70\n");
    const PortendSetup setup(scenario);
    const auto exits = setup.makeExits();
    exits->AssignStreams(1);
    int first = 0;
    int right = 0;
    const int draws = 20000;
    for (int i = 0; i < draws; ++i)
    {
        const auto [partition, isRight] = DrawExit(setup, exits);
        first += partition == 1;
        right += partition == 1 && isRight;
        ASSERT_TRUE(partition == 1 || isRight);
    }
    // 4 standard errors: sqrt(0.3 * 0.7 / n) and, of some 0.3 n, sqrt(0.5 * 0.5 / (0.3 n))
    EXPECT_NEAR(first / double{draws}, 0.3, 4 * std::sqrt(0.21 / draws));
    EXPECT_NEAR(right / static_cast<double>(first), 0.5, 4 * std::sqrt(0.25 / (0.29 * draws)));
}

TEST_F(ScenarioTest, RefusesBadTraces)
{
    const auto refuse = [this](const std::string& option,
                               const std::string& text,
                               const std::string& place,
                               const std::vector<std::string>& parts) {
        SCOPED_TRACE(text);
        const auto file = m_folder.Write("trace.csv", text);
        ExpectInputError([&] { PortendSetup{Parse({"--" + option + "=trace:" + file})}; },
                         file + place,
                         parts);
    };
    refuse("arrival", "", "", {"no line after its header"});
    refuse("arrival", "arrival_ms\n", "", {"no line after its header"});
    refuse("arrival", "who,when\n1,2\n", "", {"no column tells times of arrival", "arrival_ms"});
    refuse("arrival", "arrival_ms\n1\nx\n", ":3: arrival_ms", {"found 'x'", "a number"});
    refuse("arrival", "arrival_ms\n2\n1\n", ":3: arrival_ms", {"found '1'", "a number in [2, "});
    refuse("arrival", "arrival_ms\n-1\n", ":2: arrival_ms", {"found '-1'"});
    refuse("arrival", "arrival_ms\nnan\n", ":2: arrival_ms", {"found 'nan'"});
    refuse("arrival", "a,arrival_ms\n1,2\n3\n", ":3", {"found 1 fields", "expected 2"});
    refuse("arrival", "arrival_ms\ninf\n", ":2: arrival_ms", {"found 'inf'"});
    refuse("arrival", "\n# x\narrival_ms\n\nx\n", ":5: arrival_ms", {"found 'x'"});
    refuse("arrival", "arrival_ms\n0,5\n", ":2", {"found 2 fields", "a decimal point"});
    refuse("arrival", "arrival_ms\n\"0,5\"\n", ":2: arrival_ms", {"'0,5'", "a decimal point"});
    refuse("exits", "n;entropy_25\n1;0\n", ":1", {"n;entropy_25", "separated by commas"});
    refuse("arrival", "any\ninf\n", ":2: any", {"found 'inf'"});
    refuse("arrival", "arrival_ms,arrival_ms\n0,0\n", ":1", {"'arrival_ms' is there twice"});
    refuse("arrival", "arrival_ms\n\"0\n1\n", ":2", {"the quote of a field is not closed"});
    refuse("arrival", "arrival_ms\n\"0\"x\n", ":2", {"behind the quoted field '0'"});
    refuse("exits",
           "entropy_25,correct_25,entropy_40,correct_40\n0,maybe,0,1\n",
           ":2: correct_25",
           {"found 'maybe'", "true, false"});
    refuse("exits", "entropy_25,correct_25\n1,1\n", ":1", {"'entropy_40' is missing"});
    refuse("exits",
           "entropy_25,correct_25,entropy_40,correct_40\n1.5,1,0,1\n",
           ":2: entropy_25",
           {"found '1.5'", "[0, 1]"});
    refuse("exits", "exited,correct\n1,1\n", "", {"found 1 rows", "expected 2"});
    refuse("exits", "exited,correct\n3,4\n1,1\n", ":2: correct", {"found '4'", "[0, 3]"});
    refuse("exits", "exited,correct\n0,0\n0,0\n", "", {"no sample has exited"});
    ExpectInputError([] { PortendSetup{Parse({"--arrival=trace:/nowhere/x.csv"})}; },
                     "/nowhere/x.csv",
                     {"cannot be read"});
}

TEST_F(ScenarioTest, RefusesBadFiles)
{
    for (const auto* key : {"schema_version", "profile", "tiers", "links", "deployment"})
    {
        auto json = Json::parse(PortendScenario().ToJson());
        json.erase(key);
        const auto file = m_folder.Write("bad.json", json.dump());
        ExpectInputError([&] { PortendScenario().LoadFile(file); },
                         file,
                         {"the key '" + std::string(key) + "' is missing"});
    }
    ExpectBadFile("/bandwith", 1, "/bandwith", {"unknown key 'bandwith'", "allowed: "});
    ExpectBadFile("/sample", 1, "/sample", {"unknown key 'sample'", "did you mean 'samples'?"});
    ExpectBadFile("/tiers/1/devices", "x", "/tiers/1/devices", {"did you mean 'device'?"});
    ExpectBadFile("/links/0/delays", "x", "/links/0/delays", {"did you mean 'delay'?"});
    ExpectBadFile("/schema_version", 2, "/schema_version", {"found 2", "version 1"});
    ExpectBadFile("/samples", 0, "/samples", {"found 0", "1 .."});
    ExpectBadFile("/samples", -5, "/samples", {"found -5"});
    ExpectBadFile("/samples", "10", "/samples", {"found \"10\"", "a whole number"});
    ExpectBadFile("/source", -1, "/source", {"found -1"});
    ExpectBadFile("/source", 3, "/source", {"found tier 3", "0..2"});
    ExpectBadFile("/destination", 3, "/destination", {"found tier 3", "0..2"});
    ExpectBadFile("/shared_core", "yes", "/shared_core", {"found \"yes\"", "true or false"});
    ExpectBadFile("/seed", 0, "/seed", {"found 0", "1 .."});
    ExpectBadFile("/tiers", "a1.medium", "/tiers", {"an array"});
    ExpectBadFile("/tiers/0", "a1.medium", "/tiers/0", {"an object"});
    ExpectBadFile("/tiers", Json::array(), "/tiers", {"at least one"});
    ExpectBadFile("/tiers/2/device", "g9", "/tiers/2/device", {"no device 'g9'", "known: "});
    ExpectBadFile("/tiers/0/servers", 0, "/tiers/0/servers", {"found 0"});
    ExpectBadFile("/tiers/0/compute_factor",
                  0,
                  "/tiers/0/compute_factor",
                  {"found '0'", "above 0"});
    ExpectBadFile("/tiers/0/compute_factor", -1, "/tiers/0/compute_factor", {"found '-1'"});
    ExpectBadFile("/tiers/1/serialization_factor",
                  "1",
                  "/tiers/1/serialization_factor",
                  {"a number"});
    ExpectBadFile("/links/1/bandwidth", "10", "/links/1/bandwidth", {"found '10'", "unit"});
    ExpectBadFile("/links/1/bandwidth",
                  "0Mbps",
                  "/links/1/bandwidth",
                  {"found '0Mbps'", "above 0"});
    ExpectBadFile("/links/1/bandwidth", 10, "/links/1/bandwidth", {"found 10", "a text"});
    ExpectBadFile("/links/0/delay", "20", "/links/0/delay", {"found '20'", "unit"});
    ExpectBadFile("/links/0/delay",
                  "-20ms",
                  "/links/0/delay",
                  {"found '-20ms'", "from 0 to 1000000s"});
    ExpectBadFile("/links", Json::array(), "/links", {"found 0 links for 3 tiers"});
    ExpectBadFile("/deployment", "0:1-99@0", "/deployment", {"ends beyond block 55"});
    ExpectBadFile("/deployment",
                  "0:1-9,1:10-20@0.5",
                  "/deployment",
                  {"threshold 0.5", "known: 0, 0.1"});
    ExpectBadFile("/mtu_bytes", 67, "/mtu_bytes", {"found 67", "68 .. 65535"});
    ExpectBadFile("/mtu_bytes", 65536, "/mtu_bytes", {"found 65536", "65535"});
    ExpectBadFile("/arrival", "often", "/arrival", {"found 'often'", "closed, periodic:"});
    ExpectBadFile("/arrival", "periodic:0ms", "/arrival", {"above 0"});
    ExpectBadFile("/arrival", "periodic:5", "/arrival", {"unit"});
    ExpectBadFile("/arrival", "poisson:0", "/arrival", {"found 'poisson:0'", "above 0"});
    ExpectBadFile("/arrival", "poisson:-1", "/arrival", {"found 'poisson:-1'"});
    ExpectBadFile("/arrival", "poisson:nan", "/arrival", {"found 'poisson:nan'"});
    ExpectBadFile("/exits",
                  "never",
                  "/exits",
                  {"found 'never'", "nested, stratified, independent, trace:FILE"});
    ExpectBadFile("/compute",
                  "min",
                  "/compute",
                  {"found 'min'", "mean, median, max, empirical, gamma"});
    ExpectBadFile("/rules", "ours", "/rules", {"found 'ours'", "paper, reference-code, exact"});
    ExpectBadFile("/accuracy", "ours", "/accuracy", {"found 'ours'", "paper, conditional"});
    ExpectBadFile("/transport", "sctp", "/transport", {"found 'sctp'", "allowed: udp, tcp"});
    ExpectBadFile("/tcp_variant",
                  "TcpTurbo",
                  "/tcp_variant",
                  {"found 'TcpTurbo'", "allowed: TcpBbr, ", "TcpCubic", "TcpYeah"});
    ExpectBadFile("/tcp_variant", "TcpSocketBase", "/tcp_variant", {"TcpCubic"});
    ExpectBadFile("/tcp_warm", 1, "/tcp_warm", {"found 1", "true or false"});
    ExpectBadFile("/tcp_restart", "no", "/tcp_restart", {"found \"no\"", "true or false"});
    ExpectBadFile("/tcp_segment", "536", "/tcp_segment", {"found '536'", "unit"});
    ExpectBadFile("/tcp_segment", "15B", "/tcp_segment", {"found '15B'", "16B to 65483B"});
    ExpectBadFile("/tcp_segment", "65484B", "/tcp_segment", {"found '65484B'", "16B to 65483B"});
    ExpectBadFile("/tcp_buffer", 4096, "/tcp_buffer", {"found 4096", "a text"});
    ExpectBadFile("/tcp_buffer", "1GB", "/tcp_buffer", {"found '1GB'", "1B to 536862720B"});
    ExpectBadFile("/links/1/mtu_bytes", 67, "/links/1/mtu_bytes", {"found 67", "68 .. 65535"});
    ExpectBadFile("/links/1/mtu_bytes", 65536, "/links/1/mtu_bytes", {"found 65536", "65535"});
    ExpectBadFile("/links/0/mtu_bytes", 0, "/links/0/mtu_bytes", {"found 0"});
    ExpectBadFile("/loss", 1, "/loss", {"found '1'", "from 0 to below 1"});
    ExpectBadFile("/loss", -0.01, "/loss", {"found '-0.01'", "from 0 to below 1"});
    ExpectBadFile("/loss", "1%", "/loss", {"found \"1%\"", "a number"});
    ExpectBadFile("/queue", "500", "/queue", {"found '500'", "unit"});
    ExpectBadFile("/queue", "0kB", "/queue", {"found '0kB'"});
    // The tensor of the default deployment: 33685 B and 4 packets' headers of 50 B.
    ExpectBadFile("/queue", "30kB", "/queue", {"found '30kB'", "at least 33885B"});
    ExpectBadFile("/profile", "nothing", "/profile", {"no profile 'nothing'", "known: "});
}

// A link's own MTU is the file's; --mtu is that of all links.
TEST_F(ScenarioTest, MtuOptionOverridesThoseOfLinks)
{
    const auto file = m_folder.Write("scenario.json", GetUnusualScenario().ToJson());
    const PortendSetup own(Parse({"--scenario=" + file}));
    EXPECT_EQ(own.GetMtu(1), 576U);
    EXPECT_EQ(own.GetMtu(2), 1500U);
    const PortendSetup all(Parse({"--scenario=" + file, "--mtu=4000"}));
    EXPECT_EQ(all.GetMtu(1), 4000U);
    EXPECT_EQ(all.GetMtu(2), 4000U);
}

// What is set as an attribute of the transport holds too, unless the scenario says otherwise.
TEST_F(ScenarioTest, AttributesOfTheTransportAreUnderstood)
{
    Config::SetDefault("ns3::PortendTcpTransport::SegmentSize", UintegerValue(700));
    Config::SetDefault("ns3::PortendTcpTransport::BufferSize", UintegerValue(9999));
    const PortendSetup setup(Parse({"--transport=tcp"}));
    const PortendSetup option(Parse({"--transport=tcp", "--tcp-segment=800B"}));
    const PortendSetup udp{PortendScenario()};
    Config::Reset();
    EXPECT_EQ(setup.stream.network->GetPackets().segmentBytes, 700U);
    EXPECT_EQ(setup.tcpBufferBytes, 9999U);
    EXPECT_EQ(option.stream.network->GetPackets().segmentBytes, 800U);
    EXPECT_EQ(udp.stream.network->GetPackets().segmentBytes, 0U);
}

TEST_F(ScenarioTest, ComplaintsNameTheOptionThatOverrides)
{
    ExpectInputError([] { PortendSetup{Parse({"--source=7"})}; },
                     "--source: /source",
                     {"found tier 7"});
    ExpectInputError([] { PortendSetup{Parse({"--deployment=9:1-2"})}; },
                     "--deployment: /deployment",
                     {"unknown tier"});
    ExpectInputError([] { PortendSetup{Parse({"--devices=a1.medium,m4.large,no"})}; },
                     "--devices: /tiers/2/device",
                     {"no device 'no'"});
    ExpectInputError([] { Parse({"--mtu=67"}); }, "--mtu", {"found '67'"});
    ExpectInputError([] { Parse({"--loss=1"}); }, "--loss", {"found '1'"});
    ExpectInputError([] { Parse({"--loss=a"}); }, "--loss", {"found 'a'", "below 1"});
    ExpectInputError([] { PortendSetup{Parse({"--tcp-variant=X"})}; },
                     "--tcp-variant: /tcp_variant",
                     {"found 'X'", "TcpCubic"});
    ExpectInputError([] { Parse({"--tcp-warm=yes"}); },
                     "--tcp-warm",
                     {"found 'yes'", "true, false"});
    // Over TCP a queue may be smaller than a message, but not than a packet of 9000 + 2 B.
    EXPECT_NO_THROW(PortendSetup{Parse({"--transport=tcp", "--queue=9002B"})});
    ExpectInputError(
        [] {
            PortendSetup{Parse({"--transport=tcp", "--queue=9001B"})};
        },
        "--queue: /queue",
        {"found '9001B'", "at least 9002B", "a full packet"});
    // A packet of 536 + 52 B.
    EXPECT_NO_THROW(
        (PortendSetup{Parse({"--transport=tcp", "--tcp-segment=536B", "--queue=590B"})}));
    ExpectInputError(
        [] {
            PortendSetup{Parse({"--transport=tcp", "--tcp-segment=536B", "--queue=589B"})};
        },
        "--queue: /queue",
        {"found '589B'", "at least 590B", "a full packet"});
    ExpectInputError([] { PortendSetup{Parse({"--bandwidth=10Mbps,10"})}; },
                     "--bandwidth: /links/1/bandwidth",
                     {"found '10'"});
    ExpectInputError([] { PortendSetup{Parse({"--delay=10ms,x"})}; },
                     "--delay: /links/1/delay",
                     {"found 'x'"});
    ExpectInputError(
        [] {
            PortendSetup{Parse({"--arrival=poisson:1", "--samples=1000000001"})};
        },
        "--arrival: /arrival",
        {"found 'poisson:1'", "within 1e9 seconds"});
    // A file's value is the file's, an option's the option's.
    const auto file = m_folder.Write("scenario.json", GetUnusualScenario().ToJson());
    ExpectInputError(
        [&] {
            PortendSetup{Parse({"--scenario=" + file, "--deployment=0:2-3@0"})};
        },
        "--deployment: /deployment",
        {"must begin at block 1"});
    ExpectInputError(
        [&] {
            PortendSetup{
                Parse({"--scenario=" + file, "--profile=vggish-audioset", "--split=validation"})};
        },
        file + ": /deployment",
        {"ends beyond block 4"});
    // Left open, the deployment is the full model on the source's tier.
    auto open = Parse({"--profile=vggish-audioset", "--source=2"});
    open.CompleteDeployment();
    EXPECT_EQ(open.deployment, "2:1-4@0");
}
