/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// What a cross-check says of simulation and estimate.

#include "ns3/portend-agreement.h"

#include <cmath>
#include <gtest/gtest.h>
#include <string>
#include <tuple>

using namespace ns3;

// Points (1, 2), (2, 3), (3, 7): means 2 and 4; Sxx = 2, Sxy = 5, Syy = 14. Slope 5/2,
// R^2 = 25 / 28.
TEST(AgreementTest, RegressionByHand)
{
    PortendRegression line;
    line.Add(1, 2);
    line.Add(2, 3);
    line.Add(3, 7);
    EXPECT_EQ(line.GetCount(), 3U);
    EXPECT_DOUBLE_EQ(line.GetSlope(), 2.5);
    EXPECT_DOUBLE_EQ(line.GetRSquared(), 25.0 / 28);
}

TEST(AgreementTest, RegressionOfWhatDoesNotVaryIsNone)
{
    PortendRegression line;
    line.Add(1, 1);
    line.Add(1, 1);
    EXPECT_TRUE(std::isnan(line.GetSlope()));
    EXPECT_TRUE(std::isnan(line.GetRSquared()));
}

// Two exits, E_1 and E_2 = 1 - E_1, of latencies l_1 and l_2: the standard deviation of a
// request is |l_1 - l_2| sqrt(E_1 E_2), and the half-width Student's factor (1.9623 for 1000
// requests) times that over sqrt(n); then a millionth of the latency, and 10 ns.
TEST(AgreementTest, ScoreIntervalOfTwoExitsByHand)
{
    PortendScenario scenario;
    scenario.samples = 1000;
    const PortendSetup setup(scenario);
    const auto estimate = setup.GetEstimate();
    ASSERT_EQ(estimate.exitRates.size(), 2U);
    PortendReplicatedResult result;
    result.requests = 1000;
    const double gapMs = estimate.exitClass[0].GetTotal() - estimate.exitClass[1].GetTotal();
    const double deviationMs =
        std::abs(gapMs) * std::sqrt(estimate.exitRates[0] * estimate.exitRates[1]);
    const auto agreement = PortendGetAgreement(setup, estimate, result);
    EXPECT_TRUE(agreement.isRandom);
    EXPECT_NEAR(agreement.ci95Ms,
                1.9623 * deviationMs / std::sqrt(1000) + 1e-6 * estimate.GetLatencyMs() + 1e-5,
                1e-4 * agreement.ci95Ms);
}

// A single exit: chance has no part.
TEST(AgreementTest, OneExitIsNotRandom)
{
    PortendScenario scenario;
    scenario.deployment = "0:1-55@0";
    const PortendSetup setup(scenario);
    PortendReplicatedResult result;
    result.requests = 1000;
    EXPECT_FALSE(PortendGetAgreement(setup, setup.GetEstimate(), result).isRandom);
}

// Under load, the parts add up to the difference, whatever of it the rules count themselves, and
// also if replications have different numbers of requests because some are lost.
TEST(AgreementTest, PartsAddUpToTheDifference)
{
    for (const auto& [rules, transport, queueLimit] :
         {std::tuple{"exact", "udp", 0}, {"queueing", "tcp", 0}, {"queueing", "udp", 1}})
    {
        SCOPED_TRACE(std::string(rules) + " " + transport);
        PortendScenario scenario;
        scenario.arrival = "poisson:15";
        scenario.samples = 500;
        scenario.rules = rules;
        scenario.transport = transport;
        scenario.tiers[0].queueLimit = queueLimit;
        const PortendSetup setup(scenario);
        const auto estimate = setup.GetEstimate();
        PortendPrecision precision;
        precision.openReplications = 5;
        const auto result = PortendReplications(setup, precision).Run();
        const auto parts = PortendDivideDifference(setup, estimate, result);
        double sumMs = 0;
        double waitMs = 0;
        for (const auto& part : parts)
        {
            sumMs += part.ms;
            waitMs += part.entry.find("waiting for") == 0 ? part.ms : 0;
        }
        EXPECT_NEAR(sumMs, result.latencyMs.mean - estimate.GetLatencyMs(), 1e-6);
        EXPECT_NEAR(waitMs,
                    result.componentsMs[PortendLedger::WAIT].mean - estimate.components.waitMs,
                    1e-6);
        if (estimate.waits.empty())
        {
            const auto words = PortendExplain(parts, PortendGetAgreement(setup, estimate, result));
            EXPECT_NE(words.find("waiting for tier 0"), std::string::npos) << words;
        }
    }
}

// Waits of an estimate stand where they arise: they are all of its waits, and nothing else.
TEST(AgreementTest, WaitsOfAnEstimateStandAtTheirStages)
{
    PortendScenario scenario;
    scenario.arrival = "poisson:15";
    EXPECT_TRUE(PortendSetup(scenario).GetEstimate().waits.empty());
    scenario.rules = "queueing";
    const auto estimate = PortendSetup(scenario).GetEstimate();
    portend::Components sum;
    for (const auto& waits : estimate.waits)
    {
        sum.Add(waits);
    }
    EXPECT_NEAR(sum.waitMs, estimate.components.waitMs, 1e-9);
    EXPECT_NEAR(sum.networkExcessMs, estimate.components.networkExcessMs, 1e-9);
    EXPECT_DOUBLE_EQ(sum.GetTotal(), sum.waitMs + sum.networkExcessMs);
    EXPECT_GT(estimate.waits[1].waitMs, 0); // the device computes most of it
}

TEST(AgreementTest, ExplainsByTheLargestPartOfTheSameSign)
{
    const std::vector<PortendDisagreement> parts{{"a", 6}, {"b", 2}, {"c", -3}};
    EXPECT_EQ(PortendExplain(parts, {1, true}), "75 % of the excess of 5 ms is a");
    EXPECT_EQ(PortendExplain(parts, {5.5, true}), "agrees within chance");
    EXPECT_EQ(PortendExplain({{"a", -4}, {"b", 1}}, {1, true}),
              "100 % of the shortfall of 3 ms is a");
    EXPECT_EQ(PortendExplain({{"a", NAN}}, {1, true}), "no request was answered");
    EXPECT_EQ(PortendExplain({{"a", -HUGE_VAL}, {"b", 1}}, {1, true}),
              "the load is too much for the estimate");
}
