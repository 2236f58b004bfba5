/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-service-level.h"

#include "portend-comparison.h"

#include "ns3/portend-profile.h"
#include "ns3/portend-text.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <limits>

namespace ns3
{

namespace
{

/// What may be given.
const char* const ALLOWED = "mean, max or a percentile such as p99, and a time: p99:150ms; or "
                            "met, and a share that is answered by the deadline: met:99%; before "
                            "it the name of a stream, vision/p99:150ms";

constexpr double INFINITE = std::numeric_limits<double>::infinity();
constexpr double NOTHING = std::numeric_limits<double>::quiet_NaN();

} // namespace

PortendService::PortendService(Time deadline)
    : m_deadlineNs(deadline.GetNanoSeconds())
{
}

void
PortendService::Add(int64_t latencyNs)
{
    ++m_answered;
    m_met += latencyNs <= m_deadlineNs;
    m_sumNs += static_cast<double>(latencyNs);
    m_maxNs = std::max(m_maxNs, latencyNs);
    m_latency.Add(latencyNs);
}

void
PortendService::AddUnanswered(uint64_t count)
{
    m_unanswered += count;
}

void
PortendService::Add(const PortendService& other)
{
    m_answered += other.m_answered;
    m_unanswered += other.m_unanswered;
    m_met += other.m_met;
    m_sumNs += other.m_sumNs;
    m_maxNs = std::max(m_maxNs, other.m_maxNs);
    m_latency.Add(other.m_latency);
}

uint64_t
PortendService::CountUnanswered() const
{
    return m_unanswered;
}

double
PortendService::GetMeanMs() const
{
    return m_unanswered > 0 ? INFINITE
           : m_answered > 0 ? m_sumNs * 1e-6 / static_cast<double>(m_answered)
                            : NOTHING;
}

double
PortendService::GetMaxMs() const
{
    return m_unanswered > 0 ? INFINITE : m_answered > 0 ? m_maxNs * 1e-6 : NOTHING;
}

double
PortendService::GetPercentileMs(double share) const
{
    const auto arose = m_answered + m_unanswered;
    const auto answered = static_cast<double>(m_answered);
    const auto rank = std::ceil(share * static_cast<double>(arose));
    return arose == 0        ? NOTHING
           : rank > answered ? INFINITE
                             : m_latency.Get((rank - 0.5) / answered) * 1e-6;
}

double
PortendService::GetMetShare() const
{
    const auto arose = static_cast<double>(m_answered + m_unanswered);
    return static_cast<double>(m_met) / arose;
}

PortendServiceLevel::PortendServiceLevel(const std::string& text)
    : m_text(text)
{
    if (const auto slash = text.rfind('/'); slash != std::string::npos)
    {
        m_stream = text.substr(0, slash);
        m_text = text.substr(slash + 1);
        if (m_stream.empty())
        {
            PortendFail("--slo", text, ALLOWED);
        }
    }
    const auto colon = m_text.find(':');
    m_statistic = m_text.substr(0, colon);
    double percent = 0;
    const bool isPercentile = m_statistic.size() > 1 && m_statistic[0] == 'p' &&
                              PortendParseNumber(m_statistic.substr(1), percent) && percent > 0 &&
                              percent < 100;
    m_share = isPercentile ? percent / 100 : 0;
    if (colon == std::string::npos ||
        !(isPercentile || m_statistic == "mean" || m_statistic == "max" || IsOfShare()))
    {
        PortendFail("--slo", text, ALLOWED);
    }
    const auto limit = m_text.substr(colon + 1);
    if (IsOfShare())
    {
        m_limit = PortendParsePercent(limit, "--slo " + m_statistic);
        if (m_limit > 1)
        {
            PortendFail("--slo " + m_statistic, limit, "at most 100%");
        }
        return;
    }
    m_limit = PortendParseTime(limit, "--slo " + m_statistic).GetNanoSeconds() * 1e-6;
    if (m_limit == 0)
    {
        PortendFail("--slo " + m_statistic, limit, "a time above 0");
    }
}

std::vector<PortendServiceLevel>
PortendServiceLevel::Parse(const std::vector<std::string>& texts)
{
    std::vector<PortendServiceLevel> levels;
    for (const auto& text : texts)
    {
        const PortendServiceLevel level(text);
        if (std::any_of(levels.begin(), levels.end(), [&](const auto& other) {
                return other.m_stream == level.m_stream && other.m_text == level.m_text;
            }))
        {
            PortendFail("--slo", text, "each level once");
        }
        levels.push_back(level);
    }
    return levels;
}

void
PortendServiceLevel::Require(const PortendStreamSetup& stream) const
{
    if (IsOfShare() && stream.deadline.IsZero())
    {
        PortendFail("--slo",
                    m_text,
                    "a stream that has a deadline, by --deadline or its key in the file");
    }
}

const std::string&
PortendServiceLevel::GetStream() const
{
    return m_stream;
}

const std::string&
PortendServiceLevel::GetText() const
{
    return m_text;
}

bool
PortendServiceLevel::IsOfShare() const
{
    return m_statistic == "met";
}

std::string
PortendServiceLevel::GetUnit() const
{
    return IsOfShare() ? "share" : "ms";
}

double
PortendServiceLevel::GetLimit() const
{
    return m_limit;
}

double
PortendServiceLevel::Get(const PortendService& service) const
{
    return m_share > 0             ? service.GetPercentileMs(m_share)
           : IsOfShare()           ? service.GetMetShare()
           : m_statistic == "mean" ? service.GetMeanMs()
                                   : service.GetMaxMs();
}

bool
PortendServiceLevel::Holds(double value) const
{
    return IsOfShare() ? value >= m_limit : value <= m_limit;
}

std::string
PortendServiceLevel::Describe(double value, int decimals) const
{
    return std::isinf(value) ? "without end"
           : IsOfShare()     ? PortendFixed(100 * value, decimals) + " %"
                             : PortendFixed(value, decimals) + " ms";
}

void
PortendLevelOutcome::Print(std::ostream& os) const
{
    os << std::left << std::setw(PORTEND_LABEL_WIDTH) << "service level" << level.GetText()
       << (holds ? " holds: " : " FAILS: ") << level.Describe(value, 4);
    if (unanswered > 0 && !level.IsOfShare())
    {
        os << ", " << unanswered << " without an answer counted as waiting without end";
    }
    os << "\n";
}

nlohmann::ordered_json
PortendLevelOutcome::ToJson() const
{
    nlohmann::ordered_json json;
    json["level"] = level.GetText();
    json["limit_" + level.GetUnit()] = level.GetLimit();
    json["value_" + level.GetUnit()] = value; // what is infinite is written as null
    json["holds"] = holds;
    return json;
}

} // namespace ns3
