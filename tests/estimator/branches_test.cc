/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Networks with few branches, times of blocks, traces of confidence and unknown accuracies.

#include "tiny_model.h"

#include "ns3/portend-search.h"

#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace portend;

namespace
{

/// @return the tiny model without the branch after block 1
ModelProfile
GetModelWithTwoBranches()
{
    auto model = GetTinyModel();
    model.branches = {2, 3};
    model.validation.exitRates = {{0, 0.7, 1}, {1, 1, 1}};
    model.validation.accuracy = {0.75, 0.9};
    return model;
}

/// @return the tiny model, whose branches nobody knows to be right
ModelProfile
GetModelWithoutAccuracy()
{
    auto model = GetTinyModel();
    model.validation.accuracy[1] = std::numeric_limits<double>::quiet_NaN();
    return model;
}

/// @return samples of a trace: entropy and correctness at branch 2; at the last, correctness
std::shared_ptr<const ConfidenceTrace>
GetTrace()
{
    ConfidenceTrace trace;
    trace.answers = {{{0.1, true}, {0.3, true}, {0.37, false}, {0.8, true}, {0.2, false}},
                     {{0, true}, {0, true}, {0, true}, {0, false}, {0, true}}};
    return std::make_shared<ConfidenceTrace>(trace);
}

/// @return the space of all deployments of three tiers
SearchSpace
GetSpace(bool ownThresholds)
{
    SearchSpace space;
    space.placements = GetAllPlacements(3, 3);
    space.ownThresholds = ownThresholds;
    return space;
}

} // namespace

// A cut without a branch lets nothing exit, whatever came before; E_2 = 0.7 at threshold 0.5, the
// rest at the last: 0.7 * 0.75 + 0.3 * 0.9 = 0.795 right. By all rules, also those that know
// negative exits.
TEST(Branches, CutWithoutOneForwards)
{
    const auto model = GetModelWithTwoBranches();
    EXPECT_NO_THROW(model.Validate());
    EXPECT_FALSE(model.HasBranch(1));
    EXPECT_TRUE(model.HasBranch(2));
    for (const auto& rules : EstimatorRules::GetAll())
    {
        SCOPED_TRACE(rules.name);
        const auto three = EstimateExits(model, Deployment::Parse("0:1-1,1:2-2,2:3-3@0.5"), rules);
        EXPECT_EQ(three[0].exits, 0);
        EXPECT_EQ(three[0].correct, 0);
        EXPECT_EQ(three[0].stays, 1);
        EXPECT_DOUBLE_EQ(three[1].exits, 0.7);
        EXPECT_DOUBLE_EQ(three[2].exits, 0.3);
        EXPECT_DOUBLE_EQ(three[1].correct + three[2].correct, 0.795);
        // The same after a branch: what has exited does not come back.
        auto wider = model;
        wider.branches = {1, 3};
        const auto after = EstimateExits(wider, Deployment::Parse("0:1-1,1:2-2,2:3-3@0.5"), rules);
        EXPECT_DOUBLE_EQ(after[0].exits, 0.7);
        EXPECT_EQ(after[1].exits, 0);
        EXPECT_DOUBLE_EQ(after[1].stays, 0.3);
        EXPECT_DOUBLE_EQ(after[2].exits, 0.3);
    }
}

// A branch that lets nothing exit does what a missing one does.
TEST(Branches, MissingOneIsOneThatNeverExits)
{
    auto never = GetTinyModel();
    never.validation.exitRates[0] = {0, 0, 0};
    const auto few = GetModelWithTwoBranches();
    for (const auto* text : {"0:1-1,1:2-3@0.5", "0:1-1,1:2-2,2:3-3@0.5", "1:1-1,0:2-2@0.5"})
    {
        const auto deployment = Deployment::Parse(text);
        const auto a = EstimateDeployment(few, GetTinyChain(), deployment, {});
        const auto b = EstimateDeployment(never, GetTinyChain(), deployment, {});
        EXPECT_EQ(a.GetLatencyMs(), b.GetLatencyMs()) << text;
        EXPECT_EQ(a.accuracy, b.accuracy) << text;
    }
}

TEST(Branches, LastPartitionMustAnswer)
{
    const auto model = GetModelWithTwoBranches();
    ExpectInputError(
        [&] { EstimateDeployment(model, GetTinyChain(), Deployment::Parse("0:1-1@0.5"), {}); },
        "/deployment",
        {"'0:1-1@0.5'", "no branch follows block 1", "end with block 2, 3"});
    EXPECT_NO_THROW(Deployment::Parse("0:1-1,1:2-2@0.5").Validate(3, model));
}

TEST(Branches, MakeSense)
{
    auto model = GetModelWithTwoBranches();
    for (const auto& [branches, where] :
         std::vector<std::pair<std::vector<uint32_t>, std::string>>{{{2}, "/branches/0"},
                                                                    {{2, 2, 3}, "/branches/1"},
                                                                    {{3, 2}, "/branches/0"},
                                                                    {{0, 3}, "/branches/0"},
                                                                    {{2, 4}, "/branches/1"}})
    {
        model.branches = branches;
        ExpectInputError([&] { model.Validate(); }, where, {"ascending, N = 3 the last"});
    }
    model.branches = {1, 2, 3};
    ExpectInputError([&] { model.Validate(); },
                     "/validation/exit_rates",
                     {"found 2 entries; expected 3, one for each branch"});
}

// Every deployment that answers is visited once; where no cut has a branch, thresholds change
// nothing, and where thresholds are the exits' own, only those of branches count.
TEST(Branches, SearchVisitsWhatDiffers)
{
    const auto model = GetModelWithTwoBranches();
    for (const bool ownThresholds : {false, true})
    {
        const DeploymentSearch search(model, GetTinyChain(), {}, GetSpace(ownThresholds));
        std::set<std::string> visited;
        uint64_t count = 0;
        search.ForEach([&](double latencyMs, double accuracy, const auto& getDeployment) {
            const auto deployment = getDeployment();
            EXPECT_TRUE(model.HasBranch(deployment.partitions.back().last));
            const auto estimate = EstimateDeployment(model, GetTinyChain(), deployment, {});
            EXPECT_NEAR(estimate.GetLatencyMs(), latencyMs, 1e-9) << deployment.ToString();
            EXPECT_NEAR(estimate.accuracy, accuracy, 1e-12) << deployment.ToString();
            visited.insert(deployment.ToString());
            ++count;
        });
        EXPECT_EQ(visited.size(), count);
        EXPECT_EQ(search.Count(), count);
        // One partition ends after 2 or 3: 3 tiers, 6 deployments. Two, of 6 placements: cut at 1,
        // end at 2 or 3, or cut at 2 with 3 thresholds, end at 3: 5, so 30. Three, of 6
        // placements: cuts at 1 and 2 with 3 thresholds, so 18.
        EXPECT_EQ(count, 6U + 30U + 18U);
        const auto labels = search.FindFrontier().Get();
        const auto exhaustive = search.FindFrontierExhaustively().Get();
        ASSERT_EQ(labels.size(), exhaustive.size());
        for (std::size_t i = 0; i < labels.size(); ++i)
        {
            EXPECT_EQ(labels[i].latencyMs, exhaustive[i].latencyMs);
            EXPECT_EQ(labels[i].accuracy, exhaustive[i].accuracy);
        }
    }
}

// Repeats add up index by index where all parts have as many, else as means. What was measured
// whole stays.
TEST(Blocks, AddUp)
{
    auto device = GetTinyDevice();
    device.computeMs.assign(6, {});
    device.computeMs[DeviceProfile::GetIndex(3, 1, 2)] = {42};
    device.AddUpBlocks({{1, 2}, {4, 8}, {16, 32, 64}}, {{0.25, 0.5}, {}, {0.125}});
    EXPECT_EQ(device.GetComputeMs(1, 1), (std::vector<double>{1.25, 2.5}));
    EXPECT_EQ(device.GetComputeMs(1, 2), (std::vector<double>{42}));
    EXPECT_EQ(device.GetComputeMs(2, 2), (std::vector<double>{4, 8}));
    EXPECT_EQ(device.GetComputeMs(2, 3), (std::vector<double>{6 + 112 / 3. + 0.125}));
    EXPECT_EQ(device.GetComputeMs(1, 3), (std::vector<double>{7.5 + 112 / 3. + 0.125}));
}

TEST(Blocks, UnmeasuredOnesMakeNoPartition)
{
    auto device = GetTinyDevice();
    device.computeMs.assign(6, {});
    device.AddUpBlocks({{1}, {}, {3}}, {{}, {}, {}});
    EXPECT_TRUE(device.IsMeasured(1, 1, false));
    EXPECT_TRUE(device.IsMeasured(3, 3, false));
    for (const auto& [first, last] : {std::pair{1, 2}, {1, 3}, {2, 2}, {2, 3}})
    {
        EXPECT_FALSE(device.IsMeasured(first, last, false)) << first << "-" << last;
    }
}

// Wholes that are sums of binary fractions: their parts give the same estimates to the last bit,
// also those of the rules that take the largest repeat.
TEST(Blocks, SumsOfAdditiveWholesEstimateTheSame)
{
    const std::vector<std::vector<double>> blocksMs{{2, 4}, {3, 6.5}, {5, 5.25}};
    const std::vector<std::vector<double>> branchesMs{{0.5, 0.25}, {0.125, 0.75}, {}};
    auto whole = GetTinyDevice();
    whole.computeMs =
        {{2.5, 4.25}, {5.125, 11.25}, {10, 15.75}, {3.125, 7.25}, {8, 11.75}, {5, 5.25}};
    auto parts = GetTinyDevice();
    parts.computeMs.assign(6, {});
    parts.AddUpBlocks(blocksMs, branchesMs);
    for (const auto* text : {"0:1-1,1:2-3@0.5", "0:1-1,1:2-2,2:3-3@0.5", "1:1-2@0.5", "2:1-3@0"})
    {
        for (const auto& rules : EstimatorRules::GetAll())
        {
            const auto estimate = [&](const DeviceProfile& device) {
                auto chain = GetTinyChain();
                for (auto& tier : chain.tiers)
                {
                    tier.device = std::make_shared<DeviceProfile>(device);
                }
                const auto deployment = Deployment::Parse(text);
                return EstimateDeployment(GetTinyModel(), chain, deployment, rules).GetLatencyMs();
            };
            EXPECT_EQ(estimate(whole), estimate(parts)) << text << " " << rules.name;
        }
    }
}

// Counted by hand: below 0.37 are 0.1, 0.3 and 0.2, of which two are right; below 1 all five.
TEST(Confidence, CountsAtAnyThreshold)
{
    const auto trace = GetTrace();
    const auto branch = trace->Count(0, 0.37);
    EXPECT_EQ(branch.exitRate, 3 / 5.);
    EXPECT_EQ(branch.correctRate, 2 / 5.);
    EXPECT_EQ(branch.accuracy, 3 / 5.);
    EXPECT_EQ(trace->Count(0, 1).exitRate, 1);
    EXPECT_EQ(trace->Count(0, 0.1).exitRate, 0);
    EXPECT_EQ(trace->Count(1, 0).exitRate, 1); // the last takes all
    EXPECT_EQ(trace->Count(1, 0).accuracy, 4 / 5.);
}

// A table of the same samples, and the trace at a threshold that the table lacks.
TEST(Confidence, AgreesWithTableOfTheSameSamples)
{
    auto traced = GetModelWithTwoBranches();
    traced.thresholds = {0};
    traced.validation.exitRates = {{0}, {1}};
    traced.validation.correctRates = {{0}, {4 / 5.}};
    traced.validation.accuracy = {3 / 5., 4 / 5.};
    traced.validation.trace = GetTrace();
    auto table = traced;
    table.validation.trace = nullptr;
    table.thresholds = {0, 0.37};
    table.validation.exitRates = {{0, 3 / 5.}, {1, 1}};
    table.validation.correctRates = {{0, 2 / 5.}, {4 / 5., 4 / 5.}};
    const auto deployment = Deployment::Parse("0:1-1,1:2-2,2:3-3@0.37");
    for (auto rules : EstimatorRules::GetAll())
    {
        for (const auto accuracy :
             {EstimatorRules::Accuracy::PAPER, EstimatorRules::Accuracy::CONDITIONAL})
        {
            rules.accuracy = accuracy;
            const auto a = EstimateDeployment(traced, GetTinyChain(), deployment, rules);
            const auto b = EstimateDeployment(table, GetTinyChain(), deployment, rules);
            EXPECT_EQ(a.exitRates, b.exitRates);
            EXPECT_EQ(a.exitRates[0], 0);
            EXPECT_EQ(a.exitRates[1], 3 / 5.);
            EXPECT_EQ(a.accuracy, b.accuracy);
            EXPECT_EQ(a.GetLatencyMs(), b.GetLatencyMs());
        }
    }
    ExpectInputError([&] { table.FindBranch(2, 0.38); },
                     "/deployment",
                     {"threshold 0.38", "known: 0, 0.37"});
}

// Unknown is what depends on it, and no more.
TEST(UnknownAccuracy, StaysUnknown)
{
    const auto model = GetModelWithoutAccuracy();
    EXPECT_NO_THROW(model.Validate());
    EXPECT_FALSE(model.IsAccuracyKnown());
    const auto estimate = [&](const char* text) {
        return EstimateDeployment(model, GetTinyChain(), Deployment::Parse(text), {});
    };
    EXPECT_TRUE(std::isnan(estimate("0:1-2,1:3-3@0.5").accuracy));
    EXPECT_TRUE(std::isfinite(estimate("0:1-2,1:3-3@0.5").GetLatencyMs()));
    EXPECT_EQ(estimate("0:1-2,1:3-3@0").accuracy, 0.9); // nobody exits there
    EXPECT_FALSE(std::isnan(estimate("0:1-1,1:2-3@0.5").accuracy));
}

TEST(UnknownAccuracy, IsNotOptimized)
{
    const auto model = GetModelWithoutAccuracy();
    const DeploymentSearch search(model, GetTinyChain(), {}, GetSpace(false));
    Objective least;
    const auto best = search.FindBest(least, 1);
    ASSERT_EQ(best.size(), 1U);
    EXPECT_EQ(best[0].latencyMs,
              DeploymentSearch(GetTinyModel(), GetTinyChain(), {}, GetSpace(false))
                  .FindBest(least, 1)[0]
                  .latencyMs);
    least.minAccuracy = 0.5;
    Objective most;
    most.goal = Objective::Goal::ACCURACY;
    const std::vector<std::function<void()>> searches{[&] { search.FindFrontier(); },
                                                      [&] { search.FindFrontierExhaustively(); },
                                                      [&] { search.FindBest(least, 1); },
                                                      [&] { search.FindBest(most, 1); }};
    for (const auto& action : searches)
    {
        ExpectInputError(action, "/validation/accuracy", {"tiny", "cannot be optimized"});
    }
}
