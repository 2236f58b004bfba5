/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// What controllers learn with, without a network: changes of a series, and a bandit.

#include "ns3/portend-ans-controller.h"
#include "ns3/portend-edgent-controller.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <iostream>
#include <random>
#include <vector>

using namespace ns3;

namespace
{

/// @return density of a normal sample under the normal-inverse-gamma prior, by its formula
double
GetEvidence(const std::vector<double>& xs, const PortendChangeDetector::Prior& prior)
{
    const auto n = static_cast<double>(xs.size());
    double mean = 0;
    for (const double x : xs)
    {
        mean += x / n;
    }
    double squares = 0;
    for (const double x : xs)
    {
        squares += (x - mean) * (x - mean);
    }
    const double weight = prior.weight + n;
    const double shape = prior.shape + n / 2;
    const double distance = mean - prior.mean;
    const double scale =
        prior.scale + squares / 2 + prior.weight * n * distance * distance / (2 * weight);
    return std::exp(std::lgamma(shape) - std::lgamma(prior.shape) +
                    prior.shape * std::log(prior.scale) - shape * std::log(scale)) *
           std::sqrt(prior.weight / weight) * std::pow(2 * M_PI, -n / 2);
}

/// @return the most probable run length, by the sum over all partitions into runs
std::size_t
FindRunLength(const std::vector<double>& xs, const PortendChangeDetector::Prior& prior)
{
    const double hazard = 1 / prior.runLength;
    const auto n = xs.size();
    std::vector<double> ends(n + 1, 0.0); // density of the first i, a run ending there
    ends[0] = 1;
    for (std::size_t to = 1; to <= n; ++to)
    {
        for (std::size_t from = 0; from < to; ++from)
        {
            const std::vector<double> part(xs.begin() + from, xs.begin() + to);
            ends[to] += ends[from] * GetEvidence(part, prior) *
                        std::pow(1 - hazard, static_cast<double>(part.size()) - 1) * hazard;
        }
    }
    std::size_t best = 0;
    double most = ends[n];
    for (std::size_t length = 1; length <= n; ++length)
    {
        const std::vector<double> part(xs.end() - length, xs.end());
        const double joint = ends[n - length] * GetEvidence(part, prior) *
                             std::pow(1 - hazard, static_cast<double>(length));
        if (joint > most)
        {
            most = joint;
            best = length;
        }
    }
    return best;
}

} // namespace

TEST(ChangeDetectorTest, RunLengthsAreThoseOfAllPartitions)
{
    std::mt19937 draw(1);
    std::normal_distribution<double> noise(0, 0.2);
    PortendChangeDetector::Prior prior;
    prior.runLength = 20;
    PortendChangeDetector detector(prior);
    std::vector<double> xs;
    for (int i = 0; i < 40; ++i)
    {
        xs.push_back(noise(draw) + (i < 15 ? 0 : i < 28 ? -2 : 1));
        detector.Add(xs.back());
        EXPECT_EQ(detector.GetRunLength(), FindRunLength(xs, prior)) << i;
    }
    EXPECT_NEAR(detector.GetMean(), 1, 0.2);
}

TEST(ChangeDetectorTest, AStepIsDetectedSoonAndNothingElseIs)
{
    std::mt19937 draw(2);
    std::normal_distribution<double> noise(0, 0.1);
    int delays = 0;
    int alarms = 0;
    constexpr int RUNS = 50;
    for (int run = 0; run < RUNS; ++run)
    {
        PortendChangeDetector detector;
        for (int i = 0; i < 100; ++i)
        {
            alarms += detector.Add(noise(draw));
        }
        int delay = 1;
        while (!detector.Add(-1 + noise(draw)) && delay < 100) // half of the bandwidth
        {
            ++delay;
        }
        delays += delay;
        EXPECT_NEAR(detector.GetMean(), -1, 0.5);
    }
    std::cout << "detection delay " << static_cast<double>(delays) / RUNS << " messages, " << alarms
              << " false alarms in " << RUNS * 100 << " messages" << std::endl;
    EXPECT_LE(delays, 5 * RUNS);
    EXPECT_LE(alarms, RUNS * 100 / 250);
}

TEST(ChangeDetectorTest, ConstantNumbersAreOneRun)
{
    PortendChangeDetector detector;
    for (std::size_t i = 1; i <= 3000; ++i)
    {
        EXPECT_FALSE(detector.Add(-3.3));
        EXPECT_EQ(detector.GetRunLength(), std::min<std::size_t>(i, 999));
    }
    EXPECT_NEAR(detector.GetMean(), -3.3, 1e-3);
}

namespace
{

/// A stationary bandit.
struct Problem
{
    std::vector<PortendMuLinUcb::Arm> arms;
    PortendMuLinUcb::Context theta{};

    /// @return mean cost of an arm
    double GetCost(std::size_t arm) const
    {
        double cost = arms[arm].known;
        for (std::size_t i = 0; i < theta.size(); ++i)
        {
            cost += theta[i] * arms[arm].context[i];
        }
        return cost;
    }
};

/// @return a problem with so many cuts and one arm without a context, of the given cost
Problem
MakeProblem(std::size_t cuts, double localCost, unsigned seed)
{
    std::mt19937 draw(seed);
    std::uniform_real_distribution<double> uniform(0, 1);
    Problem problem;
    for (auto& part : problem.theta)
    {
        part = 0.35 * uniform(draw);
    }
    for (std::size_t cut = 0; cut < cuts; ++cut)
    {
        PortendMuLinUcb::Arm arm;
        for (auto& feature : arm.context)
        {
            feature = uniform(draw) / std::sqrt(7);
        }
        arm.known = static_cast<double>(cut) / static_cast<double>(cuts);
        problem.arms.push_back(arm);
    }
    problem.arms.push_back({{}, localCost, true});
    return problem;
}

/// @return regret after 10^3 and 10^5 choices
std::pair<double, double>
GetRegret(const Problem& problem, unsigned seed)
{
    std::mt19937 draw(seed);
    std::normal_distribution<double> noise(0, 0.1);
    PortendMuLinUcb bandit(problem.arms, {});
    double least = problem.GetCost(0);
    for (std::size_t arm = 1; arm < problem.arms.size(); ++arm)
    {
        least = std::min(least, problem.GetCost(arm));
    }
    double regret = 0;
    double early = 0;
    for (int t = 1; t <= 100000; ++t)
    {
        const auto arm = bandit.Choose();
        regret += problem.GetCost(arm) - least;
        bandit.Learn(arm, problem.GetCost(arm) - problem.arms[arm].known + noise(draw));
        if (t == 1000)
        {
            early = regret;
        }
    }
    return {early, regret};
}

} // namespace

TEST(MuLinUcbTest, RegretGrowsNoFasterThanItsPaperSays)
{
    // max(1/2 + mu, 1 - mu) with mu = 1/4.
    constexpr double EXPONENT = 0.75;
    for (const double localCost : {10.0, 0.02, 0.3})
    {
        double early = 0;
        double late = 0;
        for (unsigned seed = 1; seed <= 5; ++seed)
        {
            const auto [first, last] = GetRegret(MakeProblem(12, localCost, seed), seed + 100);
            early += first;
            late += last;
        }
        const double slope = std::log10(late / early) / 2;
        std::cout << "everything before the cut costs " << localCost << ": regret " << early / 5
                  << " after 10^3 and " << late / 5 << " after 10^5 choices, slope " << slope
                  << std::endl;
        EXPECT_LE(slope, EXPONENT) << localCost;
        EXPECT_GT(late, 0);
    }
}

TEST(MuLinUcbTest, TheArmThatTeachesNothingIsLeftOutNowAndThen)
{
    const auto problem = MakeProblem(5, 0, 1); // nothing is better than computing locally
    PortendMuLinUcb bandit(problem.arms, {});
    uint64_t forced = 0;
    for (int t = 1; t <= 4096; ++t)
    {
        const auto arm = bandit.Choose();
        forced += !problem.arms[arm].isLocal;
        bandit.Learn(arm, problem.GetCost(arm) - problem.arms[arm].known);
    }
    EXPECT_GE(forced, 4096U / 8) << "T^(1/4) is 8 at the end";
    EXPECT_LE(forced, 4096U / 2);
}
