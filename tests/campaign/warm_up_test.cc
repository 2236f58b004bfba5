/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// The marginal standard error rule, against its definition.

#include "ns3/portend-warm-up.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <vector>

using namespace ns3;

namespace
{

/// The rule as it is defined: for each d the sum of squared deviations of what is left, anew.
std::size_t
FindByDefinition(const std::vector<double>& series)
{
    std::size_t best = 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t d = 0; d <= series.size() / 2; ++d)
    {
        const double kept = series.size() - d;
        double mean = 0;
        for (std::size_t j = d; j < series.size(); ++j)
        {
            mean += series[j] / kept;
        }
        double squares = 0;
        for (std::size_t j = d; j < series.size(); ++j)
        {
            squares += (series[j] - mean) * (series[j] - mean);
        }
        if (squares / (kept * kept) < least)
        {
            least = squares / (kept * kept);
            best = d;
        }
    }
    return best;
}

} // namespace

// The same everywhere: every d leaves no variance, and the first is taken.
TEST(WarmUpTest, ConstantSeriesNeedsNone)
{
    EXPECT_EQ(PortendFindWarmUp(std::vector<double>(50, 3.0)), 0U);
    EXPECT_EQ(PortendFindWarmUp({}), 0U);
    EXPECT_EQ(PortendFindWarmUp({1}), 0U);
}

// Seven values that do not belong: without them no variance is left.
TEST(WarmUpTest, DeletesAStep)
{
    std::vector<double> series(40, 1.0);
    std::fill(series.begin(), series.begin() + 7, 9.0);
    EXPECT_EQ(PortendFindWarmUp(series), 7U);
}

// A series that falls to its end never warms up: half of it, the most, is deleted.
TEST(WarmUpTest, DeletesAtMostHalf)
{
    std::vector<double> series;
    for (int i = 0; i < 30; ++i)
    {
        series.push_back(i < 25 ? 100.0 - 4 * i : 0);
    }
    EXPECT_EQ(PortendFindWarmUp(series), 15U);
}

TEST(WarmUpTest, MeetsItsDefinitionOnRandomSeries)
{
    std::mt19937 engine(1);
    std::exponential_distribution<double> noise(1);
    for (int repetition = 0; repetition < 200; ++repetition)
    {
        std::vector<double> series;
        for (int i = 0; i < 2 + repetition; ++i)
        {
            series.push_back(noise(engine) + 5 * std::exp(-i / 10.0));
        }
        EXPECT_EQ(PortendFindWarmUp(series), FindByDefinition(series)) << repetition;
    }
}
