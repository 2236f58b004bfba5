/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Exit rates E_k and stay rates S_k from the measured rates of single branches.

#include "tiny_model.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

using namespace portend;

namespace
{

/**
 * @param first exit rate of branch 1 at threshold 0.5
 * @param second exit rate of branch 2 at threshold 0.5
 * @return the tiny model with these rates
 */
ModelProfile
GetModel(double first, double second)
{
    auto model = GetTinyModel();
    model.validation.exitRates[0][1] = first;
    model.validation.exitRates[1][1] = second;
    return model;
}

/// @return the estimate of a deployment on the tiny chain
Estimate
GetEstimate(const ModelProfile& model, const std::string& deployment, const std::string& rules)
{
    return EstimateDeployment(model,
                              GetTinyChain(),
                              Deployment::Parse(deployment),
                              EstimatorRules::FromName(rules));
}

/// Requires that a list is another, but for rounding errors.
void
ExpectRates(const std::vector<double>& found, const std::vector<double>& expected)
{
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t k = 0; k < found.size(); ++k)
    {
        EXPECT_NEAR(found[k], expected[k], 1e-15) << "partition " << k + 1;
    }
}

const char* const ALL_RULES[] = {"paper", "reference-code", "exact"};
const char* const THREE_PARTITIONS = "0:1-1,1:2-2,2:3-3@0.5";

} // namespace

// E_1 = 0.4, E_2 = 0.7 - 0.4, E_3 the rest; S_k what has not exited yet; accuracy
// 0.6 * 0.4 + 0.75 * 0.3 + 0.9 * 0.3 = 0.735.
TEST(ExitRates, AreDifferencesOfTheBranches)
{
    for (const auto* rules : ALL_RULES)
    {
        SCOPED_TRACE(rules);
        const auto estimate = GetEstimate(GetModel(0.4, 0.7), THREE_PARTITIONS, rules);
        ExpectRates(estimate.exitRates, {0.4, 0.3, 0.3});
        ExpectRates(estimate.stayRates, {0.6, 0.3, 0});
        EXPECT_NEAR(estimate.accuracy, 0.735, 1e-15);
    }
}

// A truncated model: whoever reaches the last partition exits there, though its branch alone
// would let only 0.7 exit. Accuracy 0.6 * 0.4 + 0.75 * 0.6 = 0.69.
TEST(ExitRates, LastPartitionOfTruncatedModelTakesTheRest)
{
    for (const auto* rules : ALL_RULES)
    {
        SCOPED_TRACE(rules);
        const auto estimate = GetEstimate(GetModel(0.4, 0.7), "0:1-1,2:2-2@0.5", rules);
        ExpectRates(estimate.exitRates, {0.4, 0.6});
        ExpectRates(estimate.stayRates, {0.6, 0});
        EXPECT_NEAR(estimate.accuracy, 0.69, 1e-15);
    }
    // A single partition takes every sample, whatever its branch and the threshold.
    for (const auto* rules : ALL_RULES)
    {
        for (const auto* deployment : {"1:1-1@0", "1:1-1@0.5", "1:1-3@1"})
        {
            SCOPED_TRACE(std::string(rules) + " " + deployment);
            const auto estimate = GetEstimate(GetModel(0.4, 0.7), deployment, rules);
            ExpectRates(estimate.exitRates, {1});
            ExpectRates(estimate.stayRates, {0});
        }
    }
}

// Branch 2 lets fewer samples exit than branch 1. The difference is -0.3, which the paper and
// the authors' program keep: E = 0.7, -0.3, 0.6. The running maximum 0.7, 0.7, 1 gives
// E = 0.7, 0, 0.3.
TEST(ExitRates, FallingBranchesAreKeptOrClamped)
{
    const auto model = GetModel(0.7, 0.4);
    for (const auto* rules : {"paper", "reference-code"})
    {
        SCOPED_TRACE(rules);
        const auto estimate = GetEstimate(model, THREE_PARTITIONS, rules);
        ExpectRates(estimate.exitRates, {0.7, -0.3, 0.6});
        ExpectRates(estimate.stayRates, {0.3, 0.6, 0});
        // 0.6 * 0.7 - 0.75 * 0.3 + 0.9 * 0.6
        EXPECT_NEAR(estimate.accuracy, 0.735, 1e-15);
    }
    const auto estimate = GetEstimate(model, THREE_PARTITIONS, "exact");
    ExpectRates(estimate.exitRates, {0.7, 0, 0.3});
    ExpectRates(estimate.stayRates, {0.3, 0.3, 0});
    // 0.6 * 0.7 + 0.9 * 0.3
    EXPECT_NEAR(estimate.accuracy, 0.69, 1e-15);
}

// The running maximum reaches over several branches: rates 0.7, 0.4, 0.6 and at the end 1.
TEST(ExitRates, RunningMaximumReachesOverSeveralBranches)
{
    ModelProfile model;
    model.name = "falling";
    model.blocks = 4;
    model.thresholds = {0.5};
    model.validation.exitRates = {{0.7}, {0.4}, {0.6}, {1}};
    model.validation.accuracy = {1, 1, 1, 1};
    const auto deployment = Deployment::Parse("0:1-1,1:2-2,2:3-3,3:4-4@0.5");
    ExpectRates(EstimateExitRates(model, deployment, EstimatorRules::Exact()), {0.7, 0, 0, 0.3});
    ExpectRates(EstimateExitRates(model, deployment, EstimatorRules::Paper()),
                {0.7, -0.3, 0.2, 0.4});
}

// The authors' program closes E_L to 1 only when the sum, which is the last branch's rate, is
// below 0.999; the paper and the exact rules always close it.
TEST(ExitRates, ReferenceCodeClosesOnlyBelow0999)
{
    const auto* deployment = "0:1-1,2:2-2@0.5";
    const auto expectLast = [&](double rate, const char* rules, double last, double stays) {
        SCOPED_TRACE(std::string(rules) + " at " + std::to_string(rate));
        const auto estimate = GetEstimate(GetModel(0.4, rate), deployment, rules);
        ExpectRates(estimate.exitRates, {0.4, last});
        ExpectRates(estimate.stayRates, {0.6, stays});
    };
    expectLast(0.9989, "reference-code", 0.6, 0);
    expectLast(0.9992, "reference-code", 0.5992, 0.0008);
    expectLast(0.9989, "paper", 0.6, 0);
    expectLast(0.9992, "paper", 0.6, 0);
    expectLast(0.9992, "exact", 0.6, 0);
}

// E_k to four decimals: 0.123456 -> 0.1235, 0.654321 - 0.123456 = 0.530865 -> 0.5309 and
// 1 - 0.654321 = 0.345679 -> 0.3457. They sum to 1.0001, so E_3 stays, and S_3 is -0.0001.
TEST(ExitRates, ReferenceCodeRounds)
{
    const auto model = GetModel(0.123456, 0.654321);
    const auto rounded = GetEstimate(model, THREE_PARTITIONS, "reference-code");
    ExpectRates(rounded.exitRates, {0.1235, 0.5309, 0.3457});
    ExpectRates(rounded.stayRates, {0.8765, 0.3456, -0.0001});
    const auto kept = GetEstimate(model, THREE_PARTITIONS, "paper");
    ExpectRates(kept.exitRates, {0.123456, 0.530865, 0.345679});
    ExpectRates(kept.stayRates, {0.876544, 0.345679, 0});
}

TEST(ExitRates, RefuseUnknownThreshold)
{
    ExpectInputError([] { GetEstimate(GetTinyModel(), "0:1-1,1:2-2@0.4", "exact"); },
                     "/deployment",
                     {"threshold 0.4", "profile tiny", "known: 0, 0.5, 1"});
    // A single partition's threshold changes nothing, but must be known all the same.
    ExpectInputError([] { GetEstimate(GetTinyModel(), "0:1-3@nan", "exact"); },
                     "/deployment",
                     {"threshold nan", "known: 0, 0.5, 1"});
}

TEST(ExitRates, RefuseUnknownRules)
{
    ExpectInputError([] { EstimatorRules::FromName("Paper"); },
                     "/rules",
                     {"'Paper'", "paper, reference-code, exact"});
}
