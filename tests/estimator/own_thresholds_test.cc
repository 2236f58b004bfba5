/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// A threshold for each exit, and right answers counted among those that exit.

#include "tiny_model.h"

#include <gtest/gtest.h>
#include <string>

using namespace portend;

TEST(OwnThresholds, TextFormRoundTrips)
{
    const std::string text = "0:1-1@0.5,1:2-2@1,2:3-3";
    const auto deployment = Deployment::Parse(text);
    EXPECT_EQ(deployment.thresholds, (std::vector<double>{0.5, 1}));
    EXPECT_EQ(deployment.GetThreshold(1), 0.5);
    EXPECT_EQ(deployment.GetThreshold(2), 1);
    EXPECT_EQ(deployment.ToString(), text);
    // Behind the last partition it holds for all.
    const auto common = Deployment::Parse("0:1-1,1:2-2,2:3-3@0.5");
    EXPECT_TRUE(common.thresholds.empty());
    EXPECT_EQ(common.GetThreshold(2), 0.5);
}

TEST(OwnThresholds, SomeButNotAllAreRefused)
{
    for (const char* text : {"0:1-1@0.5,1:2-2,2:3-3", "0:1-1,1:2-2@0.5,2:3-3", "0:1-1,1:2-2"})
    {
        EXPECT_THROW(Deployment::Parse(text), InputError) << text;
    }
}

// Branch 1 at threshold 0 lets nothing exit, branch 2 at 0.5 lets 0.7: E = 0, 0.7, 0.3.
TEST(OwnThresholds, EachExitTakesItsOwnRate)
{
    const auto model = GetTinyModel();
    const auto exitRates = EstimateExitRates(model,
                                             Deployment::Parse("0:1-1@0,1:2-2@0.5,2:3-3"),
                                             EstimatorRules::Exact());
    ASSERT_EQ(exitRates.size(), 3U);
    EXPECT_NEAR(exitRates[0], 0, 1e-15);
    EXPECT_NEAR(exitRates[1], 0.7, 1e-15);
    EXPECT_NEAR(exitRates[2], 0.3, 1e-15);
}

class ConditionalAccuracy : public testing::Test
{
  protected:
    ConditionalAccuracy()
        : m_model(GetTinyModel())
    {
        // Of the 0.4 that branch 1 lets exit at threshold 0.5, 0.36 are right, and so on.
        m_model.validation.correctRates = {{0, 0.36, 0.6}, {0, 0.6, 0.75}, {0.9, 0.9, 0.9}};
        m_model.Validate();
        const auto device = std::make_shared<DeviceProfile>(GetTinyDevice());
        m_chain.tiers = {{device}, {device}, {device}};
        m_chain.links = {{1e7, 20}, {4e8, 40}};
        m_rules.accuracy = EstimatorRules::Accuracy::CONDITIONAL;
    }

    double Estimate(const std::string& deployment) const
    {
        return EstimateDeployment(m_model, m_chain, Deployment::Parse(deployment), m_rules)
            .accuracy;
    }

    ModelProfile m_model;
    Chain m_chain;
    EstimatorRules m_rules;
};

// Errors of branch 1 among those that exit 0.1, among all 0.4: those samples are easier by 1/4.
// The last branch errs on them in 0.1 / 4 = 0.025, so of its 0.9 right answers 0.4 * 0.975 =
// 0.39 were to samples that exited before: 0.36 + 0.9 - 0.39 = 0.87. (The paper: 0.4 * 0.6 +
// 0.6 * 0.9 = 0.78.)
TEST_F(ConditionalAccuracy, TwoPartitionsByHand)
{
    EXPECT_NEAR(Estimate("0:1-1,1:2-3@0.5"), 0.87, 1e-12);
    m_rules.accuracy = EstimatorRules::Accuracy::PAPER;
    EXPECT_NEAR(Estimate("0:1-1,1:2-3@0.5"), 0.78, 1e-12);
}

// Branch 2 is right on 0.6 of the 0.7 that it would let exit: errors 1/7. On the 0.4 that exited
// at branch 1 it errs in 1/7 / 4, so it was right on 0.4 (1 - 1/28) = 27/70 of them, and on
// 0.6 - 27/70 = 3/14 of those that exit now. Its errors among those that exit, 1/7, over those
// among all, 0.25, are 4/7; the last branch errs in 0.1 * 4/7 on the 0.7, was right on 0.7
// (1 - 2/35) = 0.66 of them, and is on 0.9 - 0.66 = 0.24 of the rest.
TEST_F(ConditionalAccuracy, ThreePartitionsByHand)
{
    EXPECT_NEAR(Estimate("0:1-1,1:2-2,2:3-3@0.5"), 0.36 + 3.0 / 14 + 0.24, 1e-12);
}

// Without exits, and where everything exits at once, it is the accuracy of that branch.
TEST_F(ConditionalAccuracy, ExtremesAreTheBranchesOwn)
{
    EXPECT_NEAR(Estimate("0:1-1,1:2-3@0"), 0.9, 1e-12);
    EXPECT_NEAR(Estimate("0:1-1,1:2-3@1"), 0.6, 1e-12);
    EXPECT_NEAR(Estimate("0:1-2@0.5"), 0.75, 1e-12);
}

TEST_F(ConditionalAccuracy, NeedsTheCounts)
{
    m_model.validation.correctRates.clear();
    EXPECT_THROW(Estimate("0:1-1,1:2-3@0.5"), InputError);
}
