/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-capacity.h"

#include "ns3/portend-text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <limits>
#include <map>
#include <tuple>

namespace ns3
{

namespace
{

/// How often the first value is doubled or halved at most.
constexpr int MOST_DOUBLINGS = 20;

/// How long a replication may take about: simulated time ends after four billion seconds.
constexpr double LONGEST_SECONDS = 1e8;

/// How far apart two values are at the end, over the lower one.
constexpr double RESOLUTION = 0.005;

/// What a range may be of.
const char* const ALLOWED = "arrival, rate, or an option or path whose values are numbers: "
                            "streams/vision/arrival, nodes/camera/count, bandwidth0";

/**
 * @brief Tell whether an axis is of arrivals, whose rate is a part of a text.
 * @param name of the axis
 * @return true if so
 */
bool
IsOfArrivals(const std::string& name)
{
    return name == "rate" || name.substr(name.rfind('/') + 1) == "arrival";
}

} // namespace

PortendCapacityRange::PortendCapacityRange(const PortendAxis& axis, const PortendScenario& scenario)
    : m_axis(axis),
      m_unit(axis.GetUnit()),
      m_isArrivals(IsOfArrivals(axis.GetName()))
{
    double low = 0;
    double high = std::numeric_limits<double>::infinity();
    const bool isPoisson = scenario.arrival.rfind("poisson:", 0) == 0;
    const auto text = axis.GetName() != "rate" ? axis.Get(scenario)
                      : isPoisson              ? scenario.arrival
                                               : "poisson:1"; // which the axis makes of others
    if (m_isArrivals)
    {
        ReadArrivals(text);
    }
    else
    {
        if (axis.GetKind() == PortendAxis::TEXT)
        {
            PortendFail("--capacity", axis.GetName(), ALLOWED);
        }
        std::tie(low, high) = axis.GetLimits();
        m_start = text.empty() ? 0 : axis.ParseNumber(text);
    }
    if (m_start == 0 && IsWhole())
    {
        m_start = std::max(1.0, low);
    }
    if (!(m_start > 0))
    {
        PortendFail("--capacity " + axis.GetName(),
                    text,
                    "a value above 0 in the scenario, where the search begins");
    }
    m_least = std::max(low, std::ldexp(m_start, -MOST_DOUBLINGS));
    if (m_isArrivals)
    {
        const auto samples = std::max(scenario.samples, PortendScenario::DEFAULT_SAMPLES);
        const auto slowest = static_cast<double>(samples) / LONGEST_SECONDS;
        m_least = std::max(m_least, std::min(m_start, slowest));
    }
    m_most = std::min(high, std::ldexp(m_start, MOST_DOUBLINGS));
    if (IsWhole())
    {
        m_least = std::max(1.0, std::ceil(m_least));
    }
}

void
PortendCapacityRange::ReadArrivals(const std::string& text)
{
    const auto parts = PortendSplit(text, ':');
    const auto& kind = parts.front();
    const auto at = text.rfind('@');
    bool isNumber = parts.size() > 1;
    m_unit = "per_s";
    if (kind == "poisson" && parts.size() == 2)
    {
        isNumber = PortendParseNumber(parts[1], m_start);
        m_before = "poisson:";
    }
    else if (kind == "periodic" && parts.size() == 2)
    {
        m_start = 1 / PortendParseTime(parts[1], "--capacity " + m_axis.GetName()).GetSeconds();
        m_before = "periodic:";
        m_after = "ns";
        m_isPeriod = true;
    }
    else if (kind == "bursty" && parts.size() == 4)
    {
        isNumber = PortendParseNumber(parts[1], m_start);
        m_before = "bursty:";
        m_after = ":" + parts[2] + ":" + parts[3];
    }
    else if (kind == "trace")
    {
        m_unit = "";
        const bool isScaled =
            at != std::string::npos && PortendParseNumber(text.substr(at + 1), m_start);
        m_start = isScaled ? m_start : 1;
        m_before = (isScaled ? text.substr(0, at) : text) + "@";
    }
    else
    {
        isNumber = false;
    }
    if (!isNumber)
    {
        PortendFail("--capacity " + m_axis.GetName(),
                    text,
                    "arrivals whose rate can be changed: poisson:, periodic:, bursty:, trace:");
    }
}

double
PortendCapacityRange::GetStart() const
{
    return m_start;
}

double
PortendCapacityRange::GetLeast() const
{
    return m_least;
}

double
PortendCapacityRange::GetMost() const
{
    return m_most;
}

bool
PortendCapacityRange::IsWhole() const
{
    return m_axis.GetKind() == PortendAxis::COUNT || m_axis.GetKind() == PortendAxis::BYTES;
}

const std::string&
PortendCapacityRange::GetUnit() const
{
    return m_unit;
}

std::optional<double>
PortendCapacityRange::GetBetween(double low, double high) const
{
    if (high - low <= RESOLUTION * low)
    {
        return {};
    }
    auto between = std::floor((low + high) / 2);
    if (!IsWhole())
    {
        char text[32];
        std::snprintf(text, sizeof(text), "%.4g", std::sqrt(low * high));
        between = std::stod(text);
    }
    return between > low && between < high ? std::optional<double>(between) : std::nullopt;
}

std::string
PortendCapacityRange::GetText(double value) const
{
    if (!m_isArrivals)
    {
        return m_axis.ToText(value);
    }
    char text[32];
    std::snprintf(text,
                  sizeof(text),
                  m_isPeriod ? "%.0f" : "%.12g",
                  m_isPeriod ? 1e9 / value : value);
    return m_axis.GetName() == "rate" ? text : m_before + text + m_after;
}

std::string
PortendDescribeCapacity(const PortendAxis& axis, double value)
{
    if (!IsOfArrivals(axis.GetName()))
    {
        return axis.Describe(value);
    }
    char text[32];
    std::snprintf(text, sizeof(text), "%.5g", value);
    return text;
}

PortendCapacity
PortendFindCapacity(const PortendCapacityRange& range,
                    const std::function<PortendVerdict(double)>& probe)
{
    std::map<double, PortendVerdict> verdicts;
    const auto ask = [&](double value) {
        if (verdicts.count(value) == 0)
        {
            verdicts[value] = probe(value);
        }
    };
    ask(range.GetStart());
    while (verdicts.begin()->second < PortendVerdict::HOLDS &&
           verdicts.begin()->first > range.GetLeast())
    {
        const auto half = verdicts.begin()->first / 2;
        ask(std::max(range.GetLeast(), range.IsWhole() ? std::floor(half) : half));
    }
    while (verdicts.rbegin()->second > PortendVerdict::FAILS &&
           verdicts.rbegin()->first < range.GetMost())
    {
        ask(std::min(range.GetMost(), 2 * verdicts.rbegin()->first));
    }
    /// The largest value with a verdict at least as good, and the next one, which has not.
    using Edge = std::pair<std::optional<double>, std::optional<double>>;
    const auto bisect = [&](PortendVerdict verdict) -> Edge {
        while (true)
        {
            const auto worse = std::find_if(verdicts.begin(), verdicts.end(), [&](const auto& v) {
                return v.second < verdict;
            });
            const bool isFirst = worse == verdicts.begin();
            const auto low = isFirst ? std::nullopt : std::optional(std::prev(worse)->first);
            const auto high = worse == verdicts.end() ? std::nullopt : std::optional(worse->first);
            const auto between = low && high ? range.GetBetween(*low, *high) : std::nullopt;
            if (!between)
            {
                return {low, high};
            }
            ask(*between);
        }
    };
    PortendCapacity capacity;
    capacity.value = bisect(PortendVerdict::SEEMS_TO_HOLD).first;
    capacity.low = bisect(PortendVerdict::HOLDS).first;
    const auto [largest, failing] = bisect(PortendVerdict::SEEMS_TO_FAIL);
    capacity.high = !failing || !range.IsWhole() ? failing : largest ? largest : std::optional(0.0);
    return capacity;
}

} // namespace ns3
