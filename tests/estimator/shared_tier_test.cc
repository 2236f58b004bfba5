/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Several exits on one tier, by hand.

#include "tiny_model.h"

#include "ns3/portend-queueing.h"

#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <vector>

using namespace portend;

namespace
{

/// Blocks 1 and 2 on tier 0, with an exit after each; 0.4, 0.3 and 0.3 exit.
const char* const VISIT = "0:1-1,0:2-2,1:3-3@0.5";

/// @return the estimate of a deployment
Estimate
GetEstimate(const Chain& chain,
            const std::string& text,
            const EstimatorRules& rules = EstimatorRules::Exact())
{
    return EstimateDeployment(GetTinyModel(), chain, Deployment::Parse(text), rules);
}

} // namespace

// Tier 0 takes 4, tier 1 twice the tiny device's times. Three partitions: messages are as long as
// in latency_test.cc.
// deserialization: the input 3.2, the tensor 0.3 * 0.8, the result 0.12
// computation: 12 + 0.6 * 18 + 0.3 * 12
// serialization: the input 2, the tensor 0.3 * 0.4, results 0.7 * 0.08 + 0.3 * 0.04
// propagation: 0.3 of the requests, to and fro
// transmission: 0.3 tensors of 4361 B and as many results of 355 B
TEST(SharedTier, ComponentsByHand)
{
    const auto estimate = GetEstimate(GetTinyChain(), VISIT);
    EXPECT_NEAR(estimate.components.deserializationMs, 3.2 + 0.3 * 0.8 + 0.12, 1e-12);
    EXPECT_NEAR(estimate.components.computationMs, 12 + 0.6 * 18 + 0.3 * 12, 1e-12);
    EXPECT_NEAR(estimate.components.serializationMs,
                2 + 0.3 * 0.4 + 0.7 * 0.08 + 0.3 * 0.04,
                1e-12);
    EXPECT_NEAR(estimate.components.propagationMs, 0.3 * 2 * 10, 1e-12);
    EXPECT_NEAR(estimate.components.transmissionMs, 0.3 * (4.361 + 0.355), 1e-12);
    EXPECT_EQ(estimate.messageBytes, (std::vector<uint64_t>{12017, 0, 4111, 305}));
    // Who exits after block 2 has met neither network nor more (de)serialization.
    ASSERT_EQ(estimate.exitClass.size(), 3U);
    EXPECT_NEAR(estimate.exitClass[1].GetTotal(), 2 + 3.2 + 12 + 18 + 0.08 + 0.12, 1e-12);
    EXPECT_NEAR(estimate.accuracy, 0.4 * 0.6 + 0.3 * 0.75 + 0.3 * 0.9, 1e-12);
}

// The process runs once for a visit.
TEST(SharedTier, PaysOverheadOnceAVisit)
{
    auto chain = GetTinyChain();
    const double withoutMs = GetEstimate(chain, VISIT).components.computationMs;
    chain.tiers[0].node.overheadMs = 5;
    chain.tiers[1].node.overheadMs = 7;
    EXPECT_NEAR(GetEstimate(chain, VISIT).components.computationMs, withoutMs + 5 + 0.3 * 7, 1e-12);
}

// One job: 3.2 + 12 ms until the first decision; then a result (0.08 ms), or 18 ms more and a
// result or a tensor (0.4 ms). Times of 8 and 16, 12 and 24 ms have variances of 16 and 36 ms^2.
TEST(SharedTier, VisitIsOneJob)
{
    const double first = 15.2 + 0.08;
    const double second = 15.2 + 18 + 0.08;
    const double onwards = 15.2 + 18 + 0.4;
    auto rules = EstimatorRules::Queueing();
    rules.variance = EstimatorRules::Variance::OF_REPEATS;
    auto chain = GetTinyChain();
    chain.arrivals = {10, 1};
    const Stream stream = chain;
    const QueueingNetwork network(GetTinyModel(), stream, Deployment::Parse(VISIT), rules);
    const auto* tier = network.Find({StationKey::NODE, 0});
    ASSERT_NE(tier, nullptr);
    EXPECT_NEAR(tier->visits, 1, 1e-12);
    EXPECT_NEAR(tier->workMs, 0.4 * first + 0.3 * second + 0.3 * onwards, 1e-12);
    EXPECT_NEAR(tier->squareMs2,
                0.4 * first * first + 0.3 * second * second + 0.3 * onwards * onwards + 16 +
                    0.6 * 36,
                1e-9);
    // Everyone waits for it once, whether the request goes on to block 2 or not.
    const auto estimate = GetEstimate(chain, VISIT, rules);
    EXPECT_GT(estimate.exitClass[0].waitMs, 0);
    EXPECT_NEAR(estimate.exitClass[1].waitMs, estimate.exitClass[0].waitMs, 1e-12);
    const auto idle = GetEstimate(chain, VISIT);
    EXPECT_NEAR(estimate.GetLatencyMs() - idle.GetLatencyMs(),
                estimate.components.waitMs + estimate.components.networkExcessMs,
                1e-9);
}

// A branch that lets nobody exit changes nothing but what the profile measured: the blocks in two
// goes, and the sizes of messages.
TEST(SharedTier, BranchWithoutExits)
{
    auto model = GetTinyModel();
    model.envelope = {};
    auto device = GetTinyDevice();
    device.computeMs = {{3}, {7}, {12}, {4}, {9}, {5}}; // 1-1 and 2-2 make up 1-2
    Chain chain;
    chain.tiers = {{std::make_shared<DeviceProfile>(device)},
                   {std::make_shared<DeviceProfile>(device)}};
    chain.links = {{8e6, 10}};
    chain.arrivals = {20, 1};
    for (const auto& rules : {EstimatorRules::Exact(), EstimatorRules::Queueing()})
    {
        const auto estimate = [&](const std::string& text) {
            return EstimateDeployment(model, chain, Deployment::Parse(text), rules).GetLatencyMs();
        };
        EXPECT_NEAR(estimate("0:1-1,0:2-2,1:3-3@0"), estimate("0:1-2,1:3-3@0"), 1e-9);
        EXPECT_NEAR(estimate("1:1-1,1:2-2,0:3-3@0"), estimate("1:1-2,0:3-3@0"), 1e-9);
    }
}

TEST(SharedTier, PaperKnowsOnePartitionATier)
{
    for (const auto& rules : {EstimatorRules::Paper(), EstimatorRules::ReferenceCode()})
    {
        ExpectInputError([&]() { GetEstimate(GetTinyChain(), VISIT, rules); },
                         "/deployment",
                         {"'0:1-1,0:2-2,1:3-3@0.5'",
                          "the rules " + rules.name + " know one a tier",
                          "allowed: rules exact or queueing"});
    }
    ExpectInputError([&]() { GetEstimate(GetTinyChain(), "0:1-1,1:2-2,0:3-3@0.5"); },
                     "/deployment",
                     {"partition 0:3-3 is on a tier used before"});
}
