/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Batches of scenarios: what must hold of any, and what the rules `queueing` say of them.

#include "bad_input.h"
#include "simulator_test.h"

#include "ns3/portend-lint.h"
#include "ns3/portend-report.h"
#include "ns3/portend-simulation.h"
#include "ns3/portend-world-setup.h"
#include "ns3/portend-world.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>

using namespace ns3;

using Json = nlohmann::ordered_json;

namespace
{

/// What happened to the requests, ns, in the order of completion.
using Traces = std::vector<std::vector<int64_t>>;

/// A simulated scenario.
struct Outcome
{
    PortendResult result; ///< what was counted
    Traces traces;        ///< what happened to each request
};

/// Simulates a scenario, and sees that every ledger adds up.
Outcome
Simulate(const PortendScenario& scenario)
{
    const PortendSetup setup(scenario);
    setup.RequireBounded();
    PortendSimulation simulation(setup);
    Outcome run;
    simulation.SetRequestSink([&](const PortendRequest& request) {
        const auto& ledger = request.ledger;
        EXPECT_EQ(ledger.GetTotal(), request.GetLatency());
        const auto& parts = ledger.GetWait();
        EXPECT_EQ(std::accumulate(parts.begin(), parts.end(), Time()),
                  ledger.Get(PortendLedger::WAIT));
        run.traces.push_back({static_cast<int64_t>(request.id),
                              request.generated.GetNanoSeconds(),
                              request.completed.GetNanoSeconds(),
                              request.exitPartition,
                              request.isRight});
        for (const auto& stage : ledger.GetStages())
        {
            for (const auto& entry : stage)
            {
                run.traces.back().push_back(entry.GetNanoSeconds());
            }
        }
    });
    run.result = simulation.Run();
    return run;
}

/// @return a device that sends its inputs to a server which does all the work, 24 ms alone
PortendScenario
GetOneServer(const std::string& scheduler)
{
    PortendScenario scenario;
    scenario.tiers = {{"a1.medium", "device"}, {"g4dn.xlarge", "server"}};
    scenario.links = {{"1000Gbps", "0ms"}};
    scenario.deployment = "1:1-55@0";
    scenario.tiers[1].scheduler = scheduler;
    scenario.tiers[1].batchFixedShare = 0.75;
    scenario.samples = 2000;
    return scenario;
}

/// Lets requests arrive at a share of what full batches can serve.
void
Load(PortendScenario& scenario, double load)
{
    const auto network = PortendSetup(scenario).GetNetwork();
    const auto* station = network.Find({portend::StationKey::NODE, 1});
    scenario.arrival = "poisson:" + std::to_string(load * station->GetSaturationPerS());
}

} // namespace

class BatchScenarioTest : public SimulatorTest
{
};

// Whatever else a scenario has: a batch of one is a job of fifo, to the nanosecond.
TEST_F(BatchScenarioTest, OneAtATimeIsFifo)
{
    std::vector<PortendScenario> scenarios(6);
    for (auto& scenario : scenarios)
    {
        scenario.arrival = "poisson:20";
        scenario.samples = 400;
        scenario.compute = "empirical";
    }
    scenarios[1].deployment = "0:1-5,0:6-20,1:21-30,1:31-55@0.1";
    scenarios[1].tiers[0].servers = 2;
    scenarios[2].tiers[0].queueLimit = 2;
    scenarios[2].tiers[0].queuePolicy = "drop-oldest";
    scenarios[2].arrival = "poisson:60";
    scenarios[3].deployment = "0:1-5,1:6-40@0.1";
    scenarios[3].arrival = "poisson:60";
    for (auto& tier : scenarios[3].tiers)
    {
        tier.queueLimit = 3;
        tier.queuePolicy = "block";
    }
    scenarios[4].tiers[0].queuePolicy = "deadline:100ms";
    scenarios[4].arrival = "poisson:60";
    scenarios[5].sharedCore = true;
    for (auto& scenario : scenarios)
    {
        const auto fifo = Simulate(scenario);
        for (const auto* text : {"batch[max=1]", "batch[max=1,timeout=0s,eager]"})
        {
            for (auto& tier : scenario.tiers)
            {
                tier.scheduler = text;
                tier.batchFixedShare = 0.3;
            }
            const auto batch = Simulate(scenario);
            EXPECT_EQ(batch.traces, fifo.traces);
            EXPECT_EQ(batch.result.simulated, fifo.result.simulated);
            EXPECT_EQ(batch.result.queueDrops, fifo.result.queueDrops);
            EXPECT_EQ(batch.result.deadlineDrops, fifo.result.deadlineDrops);
            const auto estimate = PortendSetup(scenario).GetEstimate("queueing").GetLatencyMs();
            for (auto& tier : scenario.tiers)
            {
                tier.scheduler.clear();
            }
            EXPECT_EQ(estimate, PortendSetup(scenario).GetEstimate("queueing").GetLatencyMs());
        }
    }
}

// Requests are answered, lost or given up, whatever the batches and the queues.
TEST_F(BatchScenarioTest, ConservesRequests)
{
    for (const std::string text :
         {"batch[max=4,timeout=50ms]", "batch[max=3,timeout=1ms,eager,regroup=one-by-one]"})
    {
        for (const std::string policy :
             {"drop-newest", "drop-oldest", "block", "deadline:120ms", ""})
        {
            SCOPED_TRACE(text + " " + policy);
            auto scenario = GetOneServer(text);
            scenario.deployment = "0:1-5,1:6-20,1:21-55@0.1";
            scenario.tiers[0].scheduler = text;
            scenario.arrival = "poisson:70";
            scenario.compute = "gamma";
            for (auto& tier : scenario.tiers)
            {
                tier.queueLimit = policy.empty() || policy[1] == 'e' ? 0 : 5;
                tier.queuePolicy = policy.empty() ? "drop-newest" : policy;
                tier.batchFixedShare = 0.9;
            }
            const auto result = Simulate(scenario).result;
            const auto sum = [](const auto& counts) {
                return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
            };
            EXPECT_EQ(result.generated, scenario.samples);
            EXPECT_EQ(result.generated,
                      result.completed + sum(result.queueDrops) + sum(result.deadlineDrops));
            EXPECT_GT(result.batches[0].tensors, result.batches[0].batches);
            EXPECT_GT(result.waitMs[PortendLedger::BATCH].mean, 0);
        }
    }
}

// Every tensor is computed once: those that exit leave their batch, and it shrinks.
TEST_F(BatchScenarioTest, ExitsShrinkBatches)
{
    for (const std::string regroup : {"together", "one-by-one"})
    {
        auto scenario = GetOneServer("batch[max=8,timeout=100ms,regroup=" + regroup + "]");
        scenario.deployment = "1:1-15,1:16-30,1:31-55@0.1";
        scenario.arrival = "poisson:60";
        const auto result = Simulate(scenario).result;
        ASSERT_EQ(result.completed, scenario.samples);
        std::vector<uint64_t> stay{scenario.samples};
        for (const auto& rate : result.exitRates)
        {
            stay.push_back(stay.back() - std::llround(rate.mean * scenario.samples));
        }
        double before = 8.01;
        for (std::size_t k = 0; k < 3; ++k)
        {
            const auto& batches = result.batches[k];
            EXPECT_EQ(batches.tensors, stay[k]);
            const double size = static_cast<double>(batches.tensors) / batches.batches;
            if (regroup == "together")
            {
                EXPECT_LT(size, before - 0.1);
                before = size;
            }
            else if (k > 0)
            {
                EXPECT_EQ(size, 1);
            }
        }
    }
}

// Members of a stream share batches; streams do not.
TEST_F(BatchScenarioTest, StreamsHaveBatchesOfTheirOwn)
{
    TemporaryFolder folder;
    auto json = Json::parse(R"({
      "schema_version": 2,
      "nodes": [{"name": "camera", "count": 6, "device": "a1.medium"},
                {"name": "server", "device": "g4dn.xlarge", "batch_fixed_share": 0.5,
                 "scheduler": "batch[max=3,timeout=10s]"}],
      "links": [{"between": ["camera", "server"], "bandwidth": "1Gbps", "delay": "1ms"}],
      "streams": [{"name": "a", "tiers": ["camera", "server"], "profile": "resnet110-cifar10",
                   "deployment": "1:1-55@0", "arrival": "periodic:1s", "phase": "0ms",
                   "samples": 5, "after": "stop"}]
    })");
    const auto run = [&](const Json& document) {
        const PortendWorldSetup setup(
            PortendWorld::Load(PortendScenarioFile(folder.Write("world.json", document.dump()))));
        return PortendSimulation(setup).RunAll();
    };
    const auto one = run(json).streams[0];
    EXPECT_EQ(one.completed, 30U);
    EXPECT_EQ(one.batches[0].batches, 10U); // six in step, three at once
    auto second = json["streams"][0];
    second["name"] = "b";
    second["tiers"] = {"camera[0]", "server"};
    json["streams"].push_back(second);
    const auto both = run(json).streams;
    EXPECT_EQ(both[0].batches[0].batches, 10U);
    EXPECT_EQ(both[1].batches[0].batches, 2U); // 3 of 5, and 2 when 10 s have passed
    EXPECT_EQ(both[1].batches[0].tensors, 5U);
}

// Batches carry what would overwhelm a server that takes one by one; what they cannot carry either
// is refused.
TEST_F(BatchScenarioTest, OverloadIsThatOfFullBatches)
{
    auto scenario = GetOneServer("fifo");
    Load(scenario, 1.5);
    EXPECT_THROW(PortendSetup(scenario).RequireBounded(), portend::InputError);
    EXPECT_THROW(PortendSetup(scenario).RequireBounded(), portend::InputError);
    scenario.tiers[1].scheduler = "batch[max=4,timeout=5ms]";
    // Four take 0.75 + 1 times as long as one: 2.29 times as many can be served.
    EXPECT_NO_THROW(PortendSetup(scenario).RequireBounded());
    EXPECT_EQ(Simulate(scenario).result.completed, scenario.samples);
    Load(scenario, 1.01);
    EXPECT_THROW(PortendSetup(scenario).RequireBounded(), portend::InputError);
    scenario.tiers[1].scheduler = "batch[max=16,timeout=5ms]";
    EXPECT_NO_THROW(PortendSetup(scenario).RequireBounded());
}

// Closed arrivals: nobody else comes, and each waits for the timeout, unless the server is eager.
TEST_F(BatchScenarioTest, AloneEachWaitsForTheTimeout)
{
    for (const bool isEager : {false, true})
    {
        auto scenario =
            GetOneServer(std::string("batch[max=4,timeout=7ms") + (isEager ? ",eager]" : "]"));
        scenario.samples = 20;
        scenario.rules = "queueing";
        const double expected = isEager ? 0 : 7;
        const auto result = Simulate(scenario).result;
        EXPECT_EQ(result.waitMs[PortendLedger::BATCH].mean, expected);
        EXPECT_EQ(result.componentsMs[PortendLedger::WAIT].mean, expected);
        EXPECT_EQ(PortendSetup(scenario).GetEstimate().components.waitMs, expected);
    }
}

// The estimate: within 3 % of the simulated latency, and the interval.
TEST_F(BatchScenarioTest, EstimatesMeetSimulations)
{
    for (const std::string text : {"batch[max=4,timeout=20ms]",
                                   "batch[max=8,timeout=50ms,eager]",
                                   "batch[max=8,timeout=100s]"})
    {
        for (const std::string deployment : {"1:1-55@0", "1:1-15,1:16-30,1:31-55@0.1"})
        {
            for (const double load : {0.3, 0.6, 0.9})
            {
                SCOPED_TRACE(text + " " + deployment + " at " + std::to_string(load));
                auto scenario = GetOneServer(text);
                scenario.deployment = deployment;
                scenario.rules = "queueing";
                scenario.samples = load > 0.8 ? 60000 : 20000;
                Load(scenario, load);
                const auto result = Simulate(scenario).result;
                const auto estimate = PortendSetup(scenario).GetEstimate();
                const double mean = result.latencyMs.mean;
                EXPECT_NEAR(estimate.GetLatencyMs(),
                            mean,
                            0.03 * mean + 1.5 * result.latencyMs.ci95);
                EXPECT_LT(result.latencyMs.ci95, 0.15 * mean);
            }
        }
    }
}

// What is not known of batches is not estimated, and said.
TEST_F(BatchScenarioTest, UnknownWaitsAreNotEstimated)
{
    auto scenario = GetOneServer("batch[max=4]");
    scenario.arrival = "poisson:10";
    scenario.rules = "queueing";
    EXPECT_EQ(PortendSetup(scenario).GetNetwork().GetReason(0), "");
    scenario.tiers[1].servers = 2;
    EXPECT_NE(PortendSetup(scenario).GetNetwork().GetReason(0).find("several servers"),
              std::string::npos);
    EXPECT_TRUE(std::isnan(PortendSetup(scenario).GetEstimate().GetLatencyMs()));
    const auto findings = PortendLint(scenario, PortendSetup(scenario));
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].check, "batch");
    EXPECT_NE(findings[0].text.find("several servers"), std::string::npos);
    scenario.tiers[1].servers = 1;
    scenario.tiers[1].scheduler = "batch[max=200]";
    EXPECT_TRUE(std::isnan(PortendSetup(scenario).GetEstimate().GetLatencyMs()));
    scenario.tiers[1].scheduler = "batch[max=4]";
    scenario.sharedCore = true;
    scenario.source = 1;
    EXPECT_TRUE(std::isnan(PortendSetup(scenario).GetEstimate().GetLatencyMs()));
}

// The ledger of each request has the parts of its wait, where there may be several.
TEST_F(BatchScenarioTest, TablesHaveThePartsOfTheWait)
{
    for (const std::string text : {"fifo", "batch[max=1]", "batch[max=2]"})
    {
        const PortendSetup setup(GetOneServer(text));
        std::ostringstream table;
        PortendLedgerTable head(table, setup);
        EXPECT_EQ(table.str().find(",wait_queue_ns,wait_batch_ns,wait_blocked_ns\n") !=
                      std::string::npos,
                  text == "batch[max=2]");
    }
}

TEST_F(BatchScenarioTest, WarnsOfBatchesThatGainNothing)
{
    auto scenario = GetOneServer("batch[max=4]");
    EXPECT_TRUE(PortendLint(scenario, PortendSetup(scenario)).empty());
    const auto expect = [&](const std::string& part) {
        const auto findings = PortendLint(scenario, PortendSetup(scenario));
        ASSERT_EQ(findings.size(), 1U);
        EXPECT_EQ(findings[0].check, "batch");
        EXPECT_NE(findings[0].text.find(part), std::string::npos) << findings[0].text;
    };
    scenario.tiers[1].queueLimit = 3;
    expect("never fills");
    scenario.tiers[1].queueLimit = 0;
    scenario.tiers[1].batchFixedShare = -1;
    expect("gain nothing");
    scenario.tiers[1].scheduler = "batch[max=1]";
    EXPECT_TRUE(PortendLint(scenario, PortendSetup(scenario)).empty());
}

TEST_F(BatchScenarioTest, BadInput)
{
    const auto expectBad = [](const std::string& text, const std::vector<std::string>& parts) {
        SCOPED_TRACE(text);
        const auto scenario = GetOneServer(text);
        ExpectInputError([&] { PortendSetup setup(scenario); }, "/tiers/1/scheduler", parts);
    };
    expectBad("batch[max=0]", {"batch[max=0]", "max=1 .. 1024"});
    expectBad("batch[max=1025]", {"max=1 .. 1024"});
    expectBad("batch[max=2.5]", {"max=1 .. 1024"});
    expectBad("batch[timeout=-5ms]", {"-5ms", "a time from 0"});
    expectBad("batch[timeout=5]", {"a time from 0"});
    expectBad("batch[]", {"batch[]", "max=1 .. 1024"});
    expectBad("batch[max=4", {"batch, or batch["});
    expectBad("batched", {"batch, or batch["});
    expectBad("batch[regroup=later]", {"regroup=together"});
    expectBad("batch[max=4,lazy]", {"eager"});
    auto scenario = GetOneServer("batch");
    scenario.tiers[1].batchFixedShare = 1.5;
    ExpectInputError([&] { PortendSetup setup(scenario); },
                     "/tiers/1/batch_fixed_share",
                     {"1.5", "0 .. 1"});
}
