/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-statistics.h"

#include "ns3/assert.h"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

namespace ns3
{

namespace
{

/// So many equal values, and no others, make an interval of no width.
constexpr uint64_t MIN_EQUAL_BATCHES = 10;

} // namespace

double
PortendGetStudentFactor95(uint64_t values)
{
    if (values < 2)
    {
        return std::numeric_limits<double>::quiet_NaN();
    }
    return boost::math::quantile(boost::math::students_t(values - 1), 0.975);
}

PortendMean::PortendMean(uint64_t batchSize)
    : m_batchSize(batchSize)
{
    NS_ASSERT_MSG(batchSize > 0, "a batch holds at least one value");
}

void
PortendMean::Add(double value)
{
    ++m_count;
    m_mean += (value - m_mean) / m_count;
    m_batchSum += value;
    if (++m_inBatch == m_batchSize)
    {
        m_inBatch = 0;
        ++m_batches;
        const double batch = m_batchSum / m_batchSize;
        const double deviation = batch - m_batchMean;
        m_batchMean += deviation / m_batches;
        m_batchSquares += deviation * (batch - m_batchMean);
        m_batchSum = 0;
    }
}

uint64_t
PortendMean::GetCount() const
{
    return m_count;
}

double
PortendMean::GetMean() const
{
    return m_count > 0 ? m_mean : std::numeric_limits<double>::quiet_NaN();
}

double
PortendMean::GetConfidence95() const
{
    const double variance = m_batchSquares / (m_batches - 1);
    return PortendGetStudentFactor95(m_batches) * std::sqrt(variance / m_batches);
}

PortendInterval
PortendMean::GetInterval() const
{
    const bool isUnknown = m_batchSquares == 0 && m_batches < MIN_EQUAL_BATCHES;
    return {GetMean(), isUnknown ? std::numeric_limits<double>::quiet_NaN() : GetConfidence95()};
}

void
PortendPercentiles::Add(const PortendPercentiles& other)
{
    for (const auto& [value, count] : other.m_counts)
    {
        Add(value, count);
    }
}

void
PortendPercentiles::Add(int64_t value, uint64_t count)
{
    m_count += count;
    m_counts[value / m_resolution * m_resolution] += count;
    while (m_counts.size() > CAPACITY)
    {
        m_resolution *= 2;
        std::map<int64_t, uint64_t> merged;
        for (const auto& [kept, count] : m_counts)
        {
            merged[kept / m_resolution * m_resolution] += count;
        }
        m_counts.swap(merged);
    }
}

int64_t
PortendPercentiles::Get(double share) const
{
    const auto rank = std::ceil(share * m_count);
    uint64_t passed = 0;
    for (const auto& [value, count] : m_counts)
    {
        passed += count;
        if (passed >= rank)
        {
            return value;
        }
    }
    return 0;
}

std::vector<PortendPercentiles::Step>
PortendPercentiles::GetSteps(std::size_t most) const
{
    std::vector<Step> steps;
    const bool all = m_counts.size() <= most;
    uint64_t passed = 0;
    for (const auto& [value, count] : m_counts)
    {
        passed += count;
        // Of many, the first at or past each of `most` equally distant shares, 0 the first.
        const auto next = static_cast<double>(steps.size()) / (most - 1);
        if (all || passed >= next * m_count)
        {
            steps.push_back({value, static_cast<double>(passed) / m_count});
        }
    }
    return steps;
}

} // namespace ns3
