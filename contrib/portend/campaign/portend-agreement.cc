/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-agreement.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numeric>

namespace ns3
{

namespace
{

/// What the simulation rounds to nanoseconds, of a latency: delays, and each packet's time.
constexpr double ROUNDED_SHARE = 1e-6;

/// The same of short latencies, ms.
constexpr double ROUNDED_MS = 1e-5;

/// The parts of a network excess, by PortendLedger::ExcessPart.
const std::array<std::string, PortendLedger::LINK_PARTS> EXCESS_CAUSES{
    "connection set-up and acknowledgments",
    "TCP slow start and congestion window",
    "TCP retransmission",
    "queueing",
};

/**
 * @brief Name the way of a message.
 * @param setup what was simulated
 * @param stage stage that the message leaves
 * @param isResult whether it brings a result rather than a tensor
 * @return such as `link 0`; of several links the slowest is named
 */
std::string
NameRoute(const PortendSetup& setup, std::size_t stage, bool isResult)
{
    const auto& partitions = setup.deployment.partitions;
    const auto from = stage == 0 ? setup.stream.source : partitions[stage - 1].tier;
    const auto to = isResult ? setup.stream.destination : partitions[stage].tier;
    const auto low = std::min(from, to);
    const auto links = setup.stream.GetLinks(low, std::max(from, to));
    const auto slowest =
        std::min_element(links.begin(), links.end(), [](const auto& a, const auto& b) {
            return a.bandwidthBps < b.bandwidthBps;
        });
    return "link " + std::to_string(low + (slowest - links.begin()));
}

/**
 * @brief Write a number for a person.
 * @param format of printf(), for one double
 * @param value the number
 * @return its text
 */
std::string
Format(const char* format, double value)
{
    char text[64];
    std::snprintf(text, sizeof(text), format, value);
    return text;
}

} // namespace

void
PortendRegression::Add(double x, double y)
{
    ++m_count;
    const double fromX = x - m_meanX;
    const double fromY = y - m_meanY;
    m_meanX += fromX / m_count;
    m_meanY += fromY / m_count;
    m_squaresX += fromX * (x - m_meanX);
    m_squaresY += fromY * (y - m_meanY);
    m_products += fromX * (y - m_meanY);
}

uint64_t
PortendRegression::GetCount() const
{
    return m_count;
}

double
PortendRegression::GetSlope() const
{
    return m_products / m_squaresX;
}

double
PortendRegression::GetRSquared() const
{
    return m_products * m_products / (m_squaresX * m_squaresY);
}

PortendAgreement
PortendGetAgreement(const PortendSetup& setup,
                    const portend::Estimate& estimate,
                    const PortendReplicatedResult& result)
{
    double halfWidth = result.latencyMs.ci95;
    portend::EstimatorRules delays;
    setup.delayModel->Describe(delays);
    const bool isConstant = delays.variance == portend::EstimatorRules::Variance::NONE;
    if (setup.isClosed && isConstant && result.requests > 1)
    {
        double variance = 0;
        for (std::size_t k = 0; k < estimate.exitRates.size(); ++k)
        {
            const double deviation = estimate.exitClass[k].GetTotal() - estimate.GetLatencyMs();
            variance += estimate.exitRates[k] * deviation * deviation;
        }
        // Rules that keep negative exit rates can give any sum.
        const double error = std::sqrt(std::max(0.0, variance) / result.requests);
        halfWidth = PortendGetStudentFactor95(result.requests) * error;
    }
    const double rounded = ROUNDED_SHARE * estimate.GetLatencyMs() + ROUNDED_MS;
    return {halfWidth + rounded, halfWidth > rounded};
}

std::vector<PortendDisagreement>
PortendDivideDifference(const PortendSetup& setup,
                        const portend::Estimate& estimate,
                        const PortendReplicatedResult& result)
{
    std::vector<PortendDisagreement> parts;
    const auto add = [&](const std::string& entry, double ms) {
        if (ms != 0)
        {
            parts.push_back({entry, ms});
        }
    };
    // Of waits and excesses it is known where they happened; without rules that count them the
    // estimate has none. Stages are means over all requests, components may be means of
    // replications of different lengths.
    const auto getScale = [&](PortendLedger::Component component) {
        const double sum = std::accumulate(
            result.stagesMs.begin(),
            result.stagesMs.end(),
            0.0,
            [component](double before, const auto& stage) { return before + stage[component]; });
        return sum > 0 ? result.componentsMs[component].mean / sum : 0;
    };
    const double waitScale = getScale(PortendLedger::WAIT);
    const double excessScale = getScale(PortendLedger::NETWORK_EXCESS);
    const auto& partitions = setup.deployment.partitions;
    const auto stages = result.stagesMs.size();
    for (std::size_t s = 0; s < stages; ++s)
    {
        const auto tier = s == 0            ? setup.stream.source
                          : s + 1 == stages ? setup.stream.destination
                                            : partitions[s - 1].tier;
        const auto place = s == 0            ? "the source on tier "
                           : s + 1 == stages ? "the destination on tier "
                                             : "tier ";
        const auto& stage = result.stagesMs[s];
        const auto waits = estimate.waits.empty() ? portend::Components() : estimate.waits[s];
        add("waiting for " + (place + std::to_string(tier)),
            stage[PortendLedger::WAIT] * waitScale - waits.waitMs);
        const double excessMs = stage[PortendLedger::NETWORK_EXCESS] * excessScale;
        if (excessMs != 0 || waits.networkExcessMs != 0)
        {
            const bool isResult = s + 2 >= stages;
            const auto partition = std::to_string(s);
            // What each message's excess is made of is known of all messages together.
            for (std::size_t part = 0; part < result.excessShares.size(); ++part)
            {
                add(EXCESS_CAUSES[part] +
                        (s == 0 ? " of inputs on " : " behind partition " + partition + " on ") +
                        NameRoute(setup, s, isResult),
                    excessMs * result.excessShares[part] -
                        (part == PortendLedger::QUEUEING ? waits.networkExcessMs : 0));
            }
        }
    }
    const auto estimated = estimate.components.GetValues();
    for (std::size_t c = 0; c < estimated.size(); ++c)
    {
        if (c != PortendLedger::WAIT && c != PortendLedger::NETWORK_EXCESS)
        {
            add(portend::Components::NAMES[c], result.componentsMs[c].mean - estimated[c]);
        }
    }
    return parts;
}

std::string
PortendExplain(const std::vector<PortendDisagreement>& parts, const PortendAgreement& agreement)
{
    const double difference =
        std::accumulate(parts.begin(), parts.end(), 0.0, [](double sum, const auto& part) {
            return sum + part.ms;
        });
    if (std::isnan(difference))
    {
        return "no request was answered";
    }
    if (std::isinf(difference))
    {
        return "the load is too much for the estimate";
    }
    if (!(std::abs(difference) > agreement.ci95Ms))
    {
        return "agrees within chance";
    }
    // Of what has the sign of the difference; the rest has made it smaller.
    const double sign = difference > 0 ? 1 : -1;
    double sum = 0;
    const PortendDisagreement* largest = nullptr;
    for (const auto& part : parts)
    {
        if (part.ms * sign > 0)
        {
            sum += part.ms * sign;
            largest = !largest || part.ms * sign > largest->ms * sign ? &part : largest;
        }
    }
    return Format("%.0f", 100 * largest->ms * sign / sum) + " % of the " +
           (difference > 0 ? "excess" : "shortfall") + " of " +
           Format("%.4g", std::abs(difference)) + " ms is " + largest->entry;
}

} // namespace ns3
