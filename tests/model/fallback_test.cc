/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Answers of fallbacks, and nodes that fail: every request that arises is answered or lost.

#include "bad_input.h"
#include "simulator_test.h"

#include "ns3/portend-ledger.h"
#include "ns3/portend-scenario-file.h"
#include "ns3/portend-simulation.h"
#include "ns3/portend-world-setup.h"
#include "ns3/portend-world.h"

#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

using namespace ns3;

using Json = nlohmann::ordered_json;

namespace
{

class FallbackTest : public SimulatorTest
{
  protected:
    /// What is seen of a request.
    struct Seen
    {
        uint64_t id;       ///< its number
        int64_t latencyNs; ///< until it was answered
        bool isFallback;   ///< whether by a fallback
        bool isRight;      ///< whether rightly

        /// Compares all of it.
        bool operator==(const Seen& other) const
        {
            return id == other.id && latencyNs == other.latencyNs &&
                   isFallback == other.isFallback && isRight == other.isRight;
        }
    };

    /// What is seen of a run.
    struct Outcome
    {
        std::vector<Seen> requests; ///< that were answered, in that order
        PortendResult result;       ///< of the first stream

        /// @return requests that were lost in front of, or at, a node that is down
        uint64_t CountFailed() const
        {
            const auto& drops = result.failureDrops;
            return std::accumulate(drops.begin(), drops.end(), uint64_t{0});
        }
    };

    /// @return what is seen of a scenario, by packets; that trains show the same is required
    Outcome Simulate(Json json)
    {
        std::vector<Outcome> outcomes;
        for (const auto* engine : {"packets", "trains"})
        {
            json["network"] = engine;
            const auto file = m_folder.Write("world.json", json.dump());
            const PortendWorldSetup setup(PortendWorld::Load(PortendScenarioFile(file)));
            auto& outcome = outcomes.emplace_back();
            PortendSimulation simulation(setup);
            simulation.SetRequestSink([&](const PortendRequest& request) {
                EXPECT_EQ(request.ledger.GetTotal(), request.GetLatency());
                outcome.requests.push_back({request.id,
                                            request.GetLatency().GetNanoSeconds(),
                                            request.isFallback,
                                            request.isRight});
            });
            outcome.result = simulation.RunAll().streams.front();
        }
        EXPECT_EQ(outcomes[0].requests, outcomes[1].requests);
        EXPECT_EQ(outcomes[0].CountFailed(), outcomes[1].CountFailed());
        return outcomes[0];
    }

    /// @return two nodes, and a link that takes seconds for a tensor
    static Json MakeWorld()
    {
        return Json::parse(R"({
          "schema_version": 2, "profile": "resnet110-cifar10",
          "nodes": [{"name": "phone", "device": "a1.medium"},
                    {"name": "cloud", "device": "g4dn.xlarge"}],
          "links": [{"between": ["phone", "cloud"], "bandwidth": "300kbps", "delay": "20ms"}],
          "streams": [{"name": "all", "tiers": ["phone", "cloud"], "samples": 400,
                       "deployment": "0:1-10,1:11-55@0.1", "arrival": "periodic:5s",
                       "phase": "0ms", "fallback": "200ms"}]})");
    }

    TemporaryFolder m_folder; ///< for files
};

} // namespace

// What does not exit on the phone is answered by it after 200 ms, to the nanosecond; answers of the
// cloud come later, and are not used. Exits are as without.
TEST_F(FallbackTest, LateAnswersGiveWay)
{
    auto json = MakeWorld();
    const auto with = Simulate(json);
    json["streams"][0].erase("fallback");
    const auto without = Simulate(json);
    ASSERT_EQ(with.requests.size(), 400U);
    ASSERT_EQ(without.requests.size(), 400U);
    uint64_t fallbacks = 0;
    for (std::size_t i = 0; i < 400; ++i)
    {
        const auto& own = with.requests[i];
        const auto& other = without.requests[i];
        EXPECT_EQ(own.id, i);
        EXPECT_EQ(own.isFallback, other.latencyNs > 200000000) << i;
        EXPECT_EQ(own.latencyNs, own.isFallback ? 200000000 : other.latencyNs) << i;
        fallbacks += own.isFallback;
    }
    EXPECT_GT(fallbacks, 40U);
    EXPECT_EQ(with.result.fallbacks, fallbacks);
    EXPECT_EQ(with.result.lateAnswers, fallbacks);
    EXPECT_EQ(without.result.fallbacks, 0U);
    EXPECT_EQ(with.result.exitRates[0].mean, without.result.exitRates[0].mean);
    EXPECT_NEAR(with.result.exitRates[0].mean + fallbacks / 400.0, 1, 1e-12);
    // The phone's branch is right less often than the cloud's.
    EXPECT_LT(with.result.accuracy.mean, without.result.accuracy.mean);
    const auto parts = with.result.waitMs;
    EXPECT_GT(parts[PortendLedger::FALLBACK].mean, 0);
}

// A fallback that nothing waits for changes nothing; neither does one without a branch of its own.
TEST_F(FallbackTest, WithoutNeedThereIsNone)
{
    auto json = MakeWorld();
    json["streams"][0].erase("fallback");
    const auto without = Simulate(json);
    json["streams"][0]["fallback"] = "60s";
    const auto with = Simulate(json);
    EXPECT_EQ(with.requests, without.requests);
    EXPECT_EQ(with.result.simulated, without.result.simulated);
    json["streams"][0]["fallback"] = "50ms";
    json["streams"][0]["deployment"] = "1:1-55@0.1";
    EXPECT_EQ(Simulate(json).result.fallbacks, 0U);
}

// What is lost on the way is answered, too; where the branch runs after the time, at once then.
TEST_F(FallbackTest, LostRequestsAreAnswered)
{
    auto json = MakeWorld();
    json["loss"] = 0.5;
    const auto slow = Simulate(json);
    EXPECT_EQ(slow.requests.size(), 400U);
    EXPECT_LT(slow.result.lateAnswers, slow.result.fallbacks);
    json["streams"][0]["fallback"] = "1us";
    const auto soon = Simulate(json);
    EXPECT_EQ(soon.requests.size(), 400U);
    json["streams"][0].erase("phase");
    json["streams"][0]["arrival"] = "closed";
    EXPECT_EQ(Simulate(json).requests.size(), 400U);
    json["streams"][0].erase("fallback");
    EXPECT_LT(Simulate(json).requests.size(), 390U);
}

// A node that fails loses what it works on and what arises there, and is free when it is repaired.
TEST_F(FallbackTest, NodesLoseWhatTheyWorkOn)
{
    auto json = MakeWorld();
    auto& stream = json["streams"][0];
    stream.erase("fallback");
    stream["deployment"] = "0:1-55@0";
    stream["arrival"] = "periodic:1s";
    stream["samples"] = 30;
    const auto whole = Simulate(json);
    ASSERT_EQ(whole.requests.size(), 30U);
    const auto latencyNs = whole.requests[5].latencyNs;
    ASSERT_LT(latencyNs, 900000000);
    // Request 9 arises at 10 s, 19 at 20 s.
    const auto fails = 10000000000 + latencyNs / 2;
    json["nodes"][0]["failures"] =
        std::to_string(fails) + "ns-" + std::to_string(fails + 1000) + "ns,19990ms-20010ms";
    const auto failing = Simulate(json);
    EXPECT_EQ(failing.requests.size(), 28U);
    EXPECT_EQ(failing.result.failureDrops, (std::vector<uint64_t>{2, 0}));
    for (const auto& request : failing.requests)
    {
        EXPECT_EQ(request.latencyNs, latencyNs) << request.id;
        EXPECT_NE(request.id, 9U);
        EXPECT_NE(request.id, 19U);
    }
    // Another comes while the lost one would have been worked on.
    m_folder.Write("two.csv", "arrival_ms\n0\n" + std::to_string(latencyNs / 2e6 + 1) + "\n");
    stream.erase("phase");
    stream["arrival"] = "trace:two.csv";
    stream["samples"] = 2;
    json["nodes"][0]["failures"] =
        std::to_string(latencyNs / 2) + "ns-" + std::to_string(latencyNs / 2 + 1000) + "ns";
    const auto two = Simulate(json);
    ASSERT_EQ(two.requests.size(), 1U);
    EXPECT_EQ(two.requests[0].latencyNs, latencyNs);
}

// Requests generated = answered + lost, whatever fails when, in queues and in batches too.
TEST_F(FallbackTest, NothingIsForgotten)
{
    for (const auto* scheduler : {"fifo", "batch[max=4,timeout=5ms]"})
    {
        for (int seed = 1; seed <= 5; ++seed)
        {
            SCOPED_TRACE(std::string(scheduler) + " " + std::to_string(seed));
            auto json = MakeWorld();
            json["seed"] = seed;
            json["links"][0]["bandwidth"] = "50Mbps";
            json["nodes"][1]["failures"] = "exponential:3s:300ms";
            json["nodes"][1]["scheduler"] = scheduler;
            auto& stream = json["streams"][0];
            stream.erase("fallback");
            stream.erase("phase");
            stream["arrival"] = "poisson:15";
            const auto bare = Simulate(json);
            EXPECT_EQ(bare.result.generated, 400U);
            EXPECT_LT(bare.result.completed, 400U);
            EXPECT_LE(bare.result.completed + bare.CountFailed(), 400U);
            stream["fallback"] = "150ms";
            const auto safe = Simulate(json);
            EXPECT_EQ(safe.requests.size(), 400U);
            stream.erase("fallback");
            stream["arrival"] = "closed";
            EXPECT_EQ(Simulate(json).result.generated, 400U);
        }
    }
}

TEST_F(FallbackTest, WhatCannotBeIsRefused)
{
    const auto expect = [this](Json json, const std::string& part) {
        const auto file = m_folder.Write("world.json", json.dump());
        try
        {
            PortendWorldSetup{PortendWorld::Load(PortendScenarioFile(file))};
            ADD_FAILURE() << part;
        }
        catch (const portend::InputError& error)
        {
            EXPECT_NE((error.GetWhere() + error.what()).find(part), std::string::npos)
                << error.GetWhere() << error.what();
        }
    };
    auto json = MakeWorld();
    json["streams"][0]["fallback"] = "0ms";
    expect(json, "/fallback");
    json = MakeWorld();
    json["nodes"][0]["failures"] = "1s-2s";
    expect(json, "a node that fails");
    json = MakeWorld();
    json["nodes"][1]["failures"] = "2s-1s";
    expect(json, "/nodes/1/failures");
    json = MakeWorld();
    json["transport"] = "tcp";
    json["nodes"][1]["failures"] = "1s-2s";
    json["nodes"][1]["queue_limit"] = 3;
    json["nodes"][1]["queue_policy"] = "block";
    expect(json, "/queue_policy");
}
