/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Means, confidence intervals and percentiles.

#include "ns3/portend-statistics.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <numeric>
#include <random>
#include <vector>

using namespace ns3;

namespace
{

/// @return the statistics of a series
PortendMean
GetMean(const std::vector<double>& values, uint64_t batchSize)
{
    PortendMean mean(batchSize);
    for (const double value : values)
    {
        mean.Add(value);
    }
    return mean;
}

/// @return the smallest value that at least a share of all do not exceed
int64_t
GetPercentile(std::vector<int64_t> values, double share)
{
    std::sort(values.begin(), values.end());
    // The first whose rank, counted from 1, is the share or more.
    for (std::size_t i = 0; i < values.size(); ++i)
    {
        if (i + 1 >= share * values.size() - 1e-9)
        {
            return values[i];
        }
    }
    return values.back();
}

constexpr double SHARES[] = {0.001, 0.05, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1};

} // namespace

// 1 .. 5: mean 3, variance 10 / 4 = 2.5, t(4, 0.975) = 2.7764451052:
// 2.7764451052 * sqrt(2.5 / 5) = 1.9632431614
TEST(PortendMean, OfIndependentValues)
{
    const auto mean = GetMean({1, 2, 3, 4, 5}, 1);
    EXPECT_EQ(mean.GetCount(), 5U);
    EXPECT_NEAR(mean.GetMean(), 3, 1e-15);
    EXPECT_NEAR(mean.GetConfidence95(), 1.9632431614, 1e-9);
}

// Two values 4 and 8: variance 8, t(1, 0.975) = 12.7062047364: * sqrt(8 / 2) = 25.4124094728
TEST(PortendMean, OfTwoValues)
{
    const auto mean = GetMean({4, 8}, 1);
    EXPECT_NEAR(mean.GetMean(), 6, 1e-15);
    EXPECT_NEAR(mean.GetConfidence95(), 25.4124094728, 1e-8);
}

// Batches (1, 3), (2, 6), (8, 10) have the means 2, 4, 9; their mean is 5 and their variance
// (9 + 1 + 16) / 2 = 13; t(2, 0.975) = 4.3026527297: * sqrt(13 / 3) = 8.9566858949. The last
// value's batch is incomplete: it counts for the mean, 130 / 7, but not for the interval.
TEST(PortendMean, OfBatches)
{
    const auto mean = GetMean({1, 3, 2, 6, 8, 10, 100}, 2);
    EXPECT_EQ(mean.GetCount(), 7U);
    EXPECT_NEAR(mean.GetMean(), 130.0 / 7, 1e-12);
    EXPECT_NEAR(mean.GetConfidence95(), 8.9566858949, 1e-8);
}

TEST(PortendMean, KnowsWhenItKnowsNothing)
{
    EXPECT_TRUE(std::isnan(PortendMean().GetMean()));
    EXPECT_TRUE(std::isnan(PortendMean().GetConfidence95()));
    EXPECT_EQ(GetMean({7}, 1).GetMean(), 7);
    EXPECT_TRUE(std::isnan(GetMean({7}, 1).GetConfidence95()));
    // Three values make one batch of two.
    EXPECT_TRUE(std::isnan(GetMean({1, 2, 3}, 2).GetConfidence95()));
    EXPECT_EQ(GetMean({7, 7, 7}, 1).GetConfidence95(), 0);
}

// The same exit of a few samples says nothing of how often others exit elsewhere.
TEST(PortendMean, DoesNotKnowHowFewEqualValuesVary)
{
    EXPECT_EQ(GetMean({4, 8}, 1).GetInterval().mean, 6);
    EXPECT_EQ(GetMean({4, 8}, 1).GetInterval().ci95, GetMean({4, 8}, 1).GetConfidence95());
    EXPECT_TRUE(std::isnan(GetMean({7}, 1).GetInterval().ci95));
    EXPECT_EQ(GetMean({7, 7}, 1).GetInterval().mean, 7);
    EXPECT_TRUE(std::isnan(GetMean({7, 7}, 1).GetInterval().ci95));
    EXPECT_TRUE(std::isnan(GetMean(std::vector<double>(9, 7), 1).GetInterval().ci95));
    EXPECT_EQ(GetMean(std::vector<double>(10, 7), 1).GetInterval().ci95, 0);
    // Ten values are five batches of two.
    EXPECT_TRUE(std::isnan(GetMean(std::vector<double>(10, 7), 2).GetInterval().ci95));
}

// 0 and 1 in turn, a billion away from zero: variance 0.25 n / (n - 1), t(999) = 1.9623414611.
// Adding up squares would leave nothing of it.
TEST(PortendMean, DoesNotLoseSmallVariance)
{
    std::vector<double> values(1000);
    for (std::size_t i = 0; i < values.size(); ++i)
    {
        values[i] = 1e9 + i % 2;
    }
    const auto mean = GetMean(values, 1);
    EXPECT_NEAR(mean.GetMean(), 1e9 + 0.5, 1e-6);
    EXPECT_NEAR(mean.GetConfidence95(), 1.9623414611 * std::sqrt(0.25 / 999), 1e-6);
}

// Of 40 values each time, the interval misses the mean in 5 % of cases: of 2000 cases
// 100 +- 4 * sqrt(2000 * 0.05 * 0.95) = 61 .. 139.
TEST(PortendMean, IntervalCoversTheMeanAsOftenAsItSays)
{
    std::mt19937 random(1);
    std::normal_distribution<> normal(3, 2);
    int missed = 0;
    for (int i = 0; i < 2000; ++i)
    {
        PortendMean mean;
        for (int j = 0; j < 40; ++j)
        {
            mean.Add(normal(random));
        }
        missed += std::abs(mean.GetMean() - 3) > mean.GetConfidence95();
    }
    EXPECT_NEAR(missed, 100, 39);
}

// 1 .. 100: the p-th percentile is p.
TEST(PortendPercentiles, OfSmallSeries)
{
    std::vector<int64_t> values(100);
    std::iota(values.begin(), values.end(), 1);
    std::shuffle(values.begin(), values.end(), std::mt19937(1));
    PortendPercentiles percentiles;
    for (const auto value : values)
    {
        percentiles.Add(value);
    }
    EXPECT_EQ(percentiles.Get(0.5), 50);
    EXPECT_EQ(percentiles.Get(0.95), 95);
    EXPECT_EQ(percentiles.Get(0.99), 99);
    EXPECT_EQ(percentiles.Get(0.991), 100);
    EXPECT_EQ(percentiles.Get(1), 100);
    EXPECT_EQ(percentiles.Get(0.001), 1);
}

TEST(PortendPercentiles, OfNothingAndOfOne)
{
    PortendPercentiles percentiles;
    EXPECT_EQ(percentiles.Get(0.5), 0);
    percentiles.Add(42);
    EXPECT_EQ(percentiles.Get(0.001), 42);
    EXPECT_EQ(percentiles.Get(1), 42);
}

// As many different values as fit, each several times: exact.
TEST(PortendPercentiles, AreExactUpToTheCapacity)
{
    std::mt19937_64 random(1);
    std::vector<int64_t> values;
    for (std::size_t i = 0; i < PortendPercentiles::CAPACITY; ++i)
    {
        values.insert(values.end(), 1 + random() % 3, 1000003 * i);
    }
    std::shuffle(values.begin(), values.end(), random);
    PortendPercentiles percentiles;
    for (const auto value : values)
    {
        percentiles.Add(value);
    }
    for (const double share : SHARES)
    {
        EXPECT_EQ(percentiles.Get(share), GetPercentile(values, share)) << share;
    }
}

// Beyond that, values are merged with neighbors no farther away than the range / (CAPACITY/2),
// and a percentile is the lower end of its group. Evenly spread values come near that bound.
TEST(PortendPercentiles, StayNearWhenValuesAreMerged)
{
    std::mt19937_64 random(1);
    std::exponential_distribution<> exponential(1e-8);
    std::vector<std::vector<int64_t>> series(3);
    for (std::size_t i = 0; i <= PortendPercentiles::CAPACITY; ++i)
    {
        series[0].push_back(i * 1000);
    }
    std::shuffle(series[0].begin(), series[0].end(), random);
    for (std::size_t i = 0; i < 150000; ++i)
    {
        series[1].push_back(random() % 1000000000);
        series[2].push_back(std::llround(exponential(random)));
    }
    for (const auto& values : series)
    {
        PortendPercentiles percentiles;
        for (const auto value : values)
        {
            percentiles.Add(value);
        }
        const auto [low, high] = std::minmax_element(values.begin(), values.end());
        const double resolution =
            static_cast<double>(*high - *low) / (PortendPercentiles::CAPACITY / 2);
        for (const double share : SHARES)
        {
            const auto exact = GetPercentile(values, share);
            EXPECT_LE(percentiles.Get(share), exact) << share;
            EXPECT_GE(percentiles.Get(share), exact - resolution) << share;
        }
    }
}

// Tables of Student's t distribution: 12.706 for 1 degree of freedom, 2.228 for 10.
TEST(StatisticsTest, StudentFactors)
{
    EXPECT_TRUE(std::isnan(PortendGetStudentFactor95(1)));
    EXPECT_NEAR(PortendGetStudentFactor95(2), 12.706, 5e-4);
    EXPECT_NEAR(PortendGetStudentFactor95(11), 2.228, 5e-4);
}

TEST(StatisticsTest, StepsOfFewValuesAreAll)
{
    PortendPercentiles percentiles;
    percentiles.Add(5, 3);
    percentiles.Add(9);
    const auto steps = percentiles.GetSteps(10);
    ASSERT_EQ(steps.size(), 2U);
    EXPECT_EQ(steps[0].value, 5);
    EXPECT_EQ(steps[0].share, 0.75);
    EXPECT_EQ(steps[1].value, 9);
    EXPECT_EQ(steps[1].share, 1);
}

// Of 1 .. 1000 in eleven steps: the first, then those at or past each tenth of the shares.
TEST(StatisticsTest, StepsOfManyValuesAreAsManyAsAskedFor)
{
    PortendPercentiles odd;
    PortendPercentiles percentiles;
    for (int64_t value = 1; value <= 1000; ++value)
    {
        (value % 2 == 0 ? percentiles : odd).Add(value);
    }
    percentiles.Add(odd);
    const auto steps = percentiles.GetSteps(11);
    ASSERT_EQ(steps.size(), 11U);
    EXPECT_EQ(steps[0].value, 1);
    for (int i = 1; i < 11; ++i)
    {
        EXPECT_EQ(steps[i].value, 100 * i);
        EXPECT_DOUBLE_EQ(steps[i].share, i / 10.0);
    }
}
