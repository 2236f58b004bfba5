/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Where samples exit, and whether their answers are right.

#include "simulator_test.h"

#include "ns3/portend-exit-model.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <vector>

using namespace ns3;

namespace
{

constexpr int DRAWS = 100000;

/// A model, and the branches of a deployment.
struct Exits
{
    Ptr<PortendExitModel> model;         ///< decides
    std::vector<PortendBranch> branches; ///< in the order of partitions
};

/// @return branches behind blocks 10, 20, ...
std::vector<PortendBranch>
GetBranches(const std::vector<double>& rates, const std::vector<double>& accuracies)
{
    std::vector<PortendBranch> branches;
    for (std::size_t k = 1; k <= rates.size(); ++k)
    {
        branches.push_back({static_cast<uint16_t>(k),
                            static_cast<uint32_t>(10 * k),
                            0.5,
                            rates[k - 1],
                            accuracies[k - 1]});
    }
    return branches;
}

/// @return a model with streams of its own, and branches
template <typename Model>
Exits
GetModel(const std::vector<double>& rates,
         const std::vector<double>& accuracies,
         int64_t stream = 1)
{
    auto model = CreateObject<Model>();
    EXPECT_EQ(model->AssignStreams(stream), 2);
    return {model, GetBranches(rates, accuracies)};
}

/// @return where samples exit, and whether they are right there; the last branch takes the rest
std::vector<std::pair<int, bool>>
Draw(const Exits& exits, int draws)
{
    std::vector<std::pair<int, bool>> samples;
    for (int i = 0; i < draws; ++i)
    {
        const auto sample = exits.model->Draw();
        auto branch = exits.branches.begin();
        while (branch + 1 != exits.branches.end() && !exits.model->Exits(sample, *branch))
        {
            ++branch;
        }
        samples.emplace_back(branch->partition, exits.model->IsRight(sample, *branch));
    }
    return samples;
}

/// Requires that samples exit, and are right, as often as expected, within 4 standard errors.
void
ExpectFrequencies(const Exits& model,
                  const std::vector<double>& exits,
                  const std::vector<double>& accuracies)
{
    std::vector<int> exited(exits.size() + 1);
    std::vector<int> correct(exits.size() + 1);
    for (const auto& [partition, isCorrect] : Draw(model, DRAWS))
    {
        ASSERT_GE(partition, 1);
        ASSERT_LE(static_cast<std::size_t>(partition), exits.size());
        ++exited[partition];
        correct[partition] += isCorrect;
    }
    // A share p of n draws has the standard error sqrt(p (1 - p) / n): none for 0 and 1.
    const auto getError = [](double share, int draws) {
        return 4 * std::sqrt(share * (1 - share) / draws);
    };
    for (std::size_t k = 1; k <= exits.size(); ++k)
    {
        EXPECT_NEAR(static_cast<double>(exited[k]) / DRAWS,
                    exits[k - 1],
                    getError(exits[k - 1], DRAWS))
            << "exits at partition " << k;
        if (exited[k] > 0)
        {
            EXPECT_NEAR(static_cast<double>(correct[k]) / exited[k],
                        accuracies[k - 1],
                        getError(accuracies[k - 1], exited[k]))
                << "right answers of partition " << k;
        }
    }
}

class ExitModelTest : public SimulatorTest
{
};

} // namespace

// The running maximum of 0.3, 0.5, 0.4, 1 is 0.3, 0.5, 0.5, 1: nobody exits at the third.

TEST_F(ExitModelTest, NestedExitsFollowTheRunningMaximum)
{
    const std::vector<double> accuracies{0.6, 0.7, 0.8, 0.9};
    ExpectFrequencies(GetModel<PortendNestedExitModel>({0.3, 0.5, 0.4, 1}, accuracies),
                      {0.3, 0.2, 0, 0.5},
                      accuracies);
}

// Sample by sample, rates and their running maximum are the same thing.
TEST_F(ExitModelTest, NestedExitsOfRatesAndOfTheirMaximumAreTheSame)
{
    const std::vector<double> accuracies{0.5, 0.5, 0.5, 0.5, 0.5};
    const auto falling = GetModel<PortendNestedExitModel>({0.3, 0.5, 0.4, 0.6, 1}, accuracies);
    const auto maximum = GetModel<PortendNestedExitModel>({0.3, 0.5, 0.5, 0.6, 1}, accuracies);
    EXPECT_EQ(Draw(falling, 10000), Draw(maximum, 10000));
}

// What an early branch lets exit, a longer row of branches lets exit there too: with the same
// numbers, leaving out a branch moves its samples to the next, and no others.
TEST_F(ExitModelTest, NestedExitsMoveToTheNextBranch)
{
    const auto all = Draw(GetModel<PortendNestedExitModel>({0.2, 0.6, 1}, {1, 1, 1}), 10000);
    const auto fewer = Draw(GetModel<PortendNestedExitModel>({0.6, 1}, {1, 1}), 10000);
    for (std::size_t i = 0; i < all.size(); ++i)
    {
        ASSERT_EQ(fewer[i].first, std::max(1, all[i].first - 1));
    }
}

// Each branch lets its share of those that reach it exit: 0.3, 0.7 * 0.5, 0.7 * 0.5 * 0.4, and
// the last the rest, 0.7 * 0.5 * 0.6.
TEST_F(ExitModelTest, IndependentExitsMultiply)
{
    const std::vector<double> accuracies{0.6, 0.7, 0.8, 0.9};
    ExpectFrequencies(GetModel<PortendIndependentExitModel>({0.3, 0.5, 0.4, 1}, accuracies),
                      {0.3, 0.35, 0.14, 0.21},
                      accuracies);
}

// Whoever reaches the last partition exits there, even of a truncated model.
TEST_F(ExitModelTest, LastBranchTakesTheRest)
{
    ExpectFrequencies(GetModel<PortendNestedExitModel>({0.25, 0.5}, {0, 1}), {0.25, 0.75}, {0, 1});
    ExpectFrequencies(GetModel<PortendIndependentExitModel>({0.25, 0.5}, {0, 1}),
                      {0.25, 0.75},
                      {0, 1});
    ExpectFrequencies(GetModel<PortendNestedExitModel>({0}, {0.4}), {1}, {0.4});
}

TEST_F(ExitModelTest, RatesOfZeroAndOneAreCertain)
{
    ExpectFrequencies(GetModel<PortendNestedExitModel>({0, 0, 1}, {0, 0, 1}), {0, 0, 1}, {0, 0, 1});
    ExpectFrequencies(GetModel<PortendNestedExitModel>({1, 0, 1}, {1, 0, 0}), {1, 0, 0}, {1, 0, 0});
    ExpectFrequencies(GetModel<PortendIndependentExitModel>({0, 1, 0}, {0, 1, 0}),
                      {0, 1, 0},
                      {0, 1, 0});
}

TEST_F(ExitModelTest, FixedStreamsGiveTheSameSamples)
{
    const auto draw = [](int64_t stream) {
        return Draw(GetModel<PortendNestedExitModel>({0.3, 1}, {0.5, 0.5}, stream), 1000);
    };
    EXPECT_EQ(draw(5), draw(5));
    EXPECT_NE(draw(5), draw(7));
    const auto before = draw(5);
    RngSeedManager::SetRun(2);
    EXPECT_NE(draw(5), before);
}

// Where samples exit does not depend on how many answers are right.
TEST_F(ExitModelTest, ExitsAndAnswersHaveStreamsOfTheirOwn)
{
    const auto a = Draw(GetModel<PortendIndependentExitModel>({0.3, 0.5, 1}, {0, 0, 0}), 1000);
    const auto b = Draw(GetModel<PortendIndependentExitModel>({0.3, 0.5, 1}, {1, 1, 1}), 1000);
    for (std::size_t i = 0; i < a.size(); ++i)
    {
        ASSERT_EQ(a[i].first, b[i].first);
        ASSERT_FALSE(a[i].second);
        ASSERT_TRUE(b[i].second);
    }
}

// The same samples meet every deployment: where a sample exits at a branch does not depend on the
// branches that others ask.
TEST_F(ExitModelTest, BranchesAnswerAlikeInEveryDeployment)
{
    for (const auto& model :
         std::vector<Ptr<PortendExitModel>>{CreateObject<PortendNestedExitModel>(),
                                            CreateObject<PortendIndependentExitModel>()})
    {
        model->AssignStreams(3);
        const auto branches = GetBranches({0.2, 0.5, 0.9}, {0.3, 0.6, 0.8});
        for (int i = 0; i < 1000; ++i)
        {
            const auto sample = model->Draw();
            EXPECT_EQ(sample.number, static_cast<uint64_t>(i));
            auto moved = branches[1];
            moved.partition = 1; // of a deployment without the first branch
            EXPECT_EQ(model->Exits(sample, branches[1]), model->Exits(sample, moved));
            EXPECT_EQ(model->IsRight(sample, branches[1]), model->IsRight(sample, moved));
        }
    }
}

// Two samples, each with an entropy below the threshold behind another block.
TEST_F(ExitModelTest, TraceReplaysItsSamplesAgainAndAgain)
{
    auto model = CreateObject<PortendTraceExitModel>();
    model->AddBranch(10, {{0.7, true}, {0.2, false}, {0.5, true}});
    model->AddBranch(20, {{0.3, true}, {0.1, true}, {0.9, false}});
    model->AddBranch(30, {{0, false}, {0, false}, {0, true}});
    EXPECT_EQ(model->AssignStreams(1), 0);
    const Exits exits{model, GetBranches({0, 0, 0}, {0, 0, 0})}; // rates mean nothing here
    const std::vector<std::pair<int, bool>>
        expected{{2, true}, {1, false}, {3, true}, {2, true}, {1, false}, {3, true}, {2, true}};
    EXPECT_EQ(Draw(exits, 7), expected);
}

// 30 of 100 exit at the first partition, two thirds of them right; 50 more at the second.
TEST_F(ExitModelTest, JointExitsFollowTheirShares)
{
    auto model = CreateObject<PortendJointExitModel>();
    model->SetShares({0.3, 0.8, 1}, {2.0 / 3, 0.5, 0.9});
    model->AssignStreams(1);
    ExpectFrequencies({model, GetBranches({0, 0, 0}, {0, 0, 0})},
                      {0.3, 0.5, 0.2},
                      {2.0 / 3, 0.5, 0.9});
}

using ExitModelDeathTest = ExitModelTest;

TEST_F(ExitModelDeathTest, RefusesWhatMakesNoSense)
{
    auto joint = CreateObject<PortendJointExitModel>();
    EXPECT_DEATH(joint->SetShares({}, {}), "at least one partition");
    EXPECT_DEATH(joint->SetShares({0.5, 1}, {0.5}), "one accuracy for each share");
    auto trace = CreateObject<PortendTraceExitModel>();
    EXPECT_DEATH(trace->AddBranch(1, {}), "at least one sample");
    trace->AddBranch(1, {{0.5, true}});
    EXPECT_DEATH(trace->AddBranch(2, {{0.5, true}, {0.5, true}}), "the same samples");
    EXPECT_DEATH(trace->Exits(trace->Draw(), GetBranches({0}, {0})[0]), "behind block 10");
}

// Of any n samples in a row a share within 2 (1 + log2 n) / n of its rate exits: the discrepancy
// of Weyl's sequence of the golden ratio is below (1 + log2 n) / n (Kuipers and Niederreiter,
// Uniform Distribution of Sequences, ch. 2, theorem 3.4, with partial quotients of 1).
TEST_F(ExitModelTest, StratifiedSharesAreCloseToTheRates)
{
    const auto model = GetModel<PortendStratifiedExitModel>({0.3, 0.7, 1}, {1, 1, 1});
    std::vector<int> exited(4);
    int drawn = 0;
    for (const auto& [partition, isCorrect] : Draw(model, 1000))
    {
        ++exited[partition];
        ++drawn;
        const double bound = 2 * (1 + std::log2(drawn));
        EXPECT_NEAR(exited[1], 0.3 * drawn, bound);
        EXPECT_NEAR(exited[2], 0.4 * drawn, bound);
        EXPECT_NEAR(exited[3], 0.3 * drawn, bound);
    }
    // Another stream starts elsewhere.
    EXPECT_NE(Draw(GetModel<PortendStratifiedExitModel>({0.5, 1}, {1, 1}, 1), 20),
              Draw(GetModel<PortendStratifiedExitModel>({0.5, 1}, {1, 1}, 7), 20));
}
