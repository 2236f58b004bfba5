/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-link-process.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/log.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendLinkProcess");

NS_OBJECT_ENSURE_REGISTERED(PortendLinkProcess);
NS_OBJECT_ENSURE_REGISTERED(PortendLinkTrace);
NS_OBJECT_ENSURE_REGISTERED(PortendMarkovLink);

namespace
{

/// Takes the mean of states, each by how long it lasts.
class Mean
{
  public:
    /**
     * @brief Count a state.
     * @param state the state
     * @param weight how long it lasts, in any unit
     */
    void Add(const PortendLinkState& state, double weight)
    {
        m_weight += weight;
        m_summary.meanBps += weight * static_cast<double>(state.rate.GetBitRate());
        m_summary.highestRate = std::max(m_summary.highestRate, state.rate);
        if (state.delay)
        {
            m_delays += weight;
            m_delayNs += weight * static_cast<double>(state.delay->GetNanoSeconds());
            m_summary.longest = std::max(m_summary.longest.value_or(Time()), *state.delay);
        }
        if (state.loss)
        {
            m_losses += weight;
            m_loss += weight * *state.loss;
        }
    }

    /// @return the means
    PortendLinkProcess::Summary Get() const
    {
        auto summary = m_summary;
        summary.meanBps /= m_weight;
        if (m_delays > 0)
        {
            summary.meanDelay = NanoSeconds(std::llround(m_delayNs / m_delays));
        }
        if (m_losses > 0)
        {
            summary.meanLoss = m_loss / m_losses;
        }
        return summary;
    }

  private:
    PortendLinkProcess::Summary m_summary; //!< sums so far
    double m_weight{0};                    //!< of all states
    double m_delays{0};                    //!< of those with a delay
    double m_delayNs{0};                   //!< their sum
    double m_losses{0};                    //!< of those with a loss
    double m_loss{0};                      //!< their sum
};

} // namespace

TypeId
PortendLinkProcess::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::PortendLinkProcess").SetParent<Object>().SetGroupName("Portend");
    return tid;
}

std::vector<Ptr<RandomVariableStream>>
PortendLinkProcess::GetRandomVariables() const
{
    return {};
}

TypeId
PortendLinkTrace::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::PortendLinkTrace")
            .SetParent<PortendLinkProcess>()
            .SetGroupName("Portend")
            .AddConstructor<PortendLinkTrace>()
            .AddAttribute("Offset",
                          "Time of the trace at which the simulation begins.",
                          TimeValue(Time()),
                          MakeTimeAccessor(&PortendLinkTrace::m_offset),
                          MakeTimeChecker(Time()))
            .AddAttribute("Loop",
                          "Begin again where the trace ends; else its last step holds.",
                          BooleanValue(true),
                          MakeBooleanAccessor(&PortendLinkTrace::m_loops),
                          MakeBooleanChecker());
    return tid;
}

void
PortendLinkTrace::SetSteps(std::shared_ptr<const Steps> steps)
{
    NS_ABORT_MSG_IF(steps->empty(), "a trace of a link has at least one step");
    m_steps = std::move(steps);
    m_last = 0;
}

PortendLinkProcess::Piece
PortendLinkTrace::Get(Time at)
{
    const auto& steps = *m_steps;
    const auto end = steps.back().at;
    auto inside = at + m_offset;
    if (end.IsZero() || (!m_loops && inside >= end))
    {
        return {steps.back().state, Time::Max()};
    }
    inside = NanoSeconds(inside.GetNanoSeconds() % end.GetNanoSeconds());
    // Most likely the same as last, or the next.
    const auto holds = [&](std::size_t step) {
        return step + 1 < steps.size() && steps[step].at <= inside && inside < steps[step + 1].at;
    };
    if (!holds(m_last) && !holds(++m_last))
    {
        const auto behind =
            std::upper_bound(steps.begin(), steps.end(), inside, [](Time time, const Step& step) {
                return time < step.at;
            });
        m_last = behind - steps.begin() - 1;
    }
    return {steps[m_last].state, at + (steps[m_last + 1].at - inside)};
}

PortendLinkProcess::Summary
PortendLinkTrace::Describe() const
{
    const auto& steps = *m_steps;
    Mean mean;
    if (steps.size() == 1)
    {
        mean.Add(steps.front().state, 1);
    }
    for (std::size_t i = 0; i + 1 < steps.size(); ++i)
    {
        mean.Add(steps[i].state, (steps[i + 1].at - steps[i].at).GetSeconds());
    }
    auto summary = mean.Get();
    if (!m_loops)
    {
        Mean last;
        last.Add(steps.back().state, 1);
        summary.highestRate = std::max(summary.highestRate, last.Get().highestRate);
        summary.longest = std::max(summary.longest, last.Get().longest);
    }
    return summary;
}

TypeId
PortendMarkovLink::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendMarkovLink")
                            .SetParent<PortendLinkProcess>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendMarkovLink>();
    return tid;
}

PortendMarkovLink::PortendMarkovLink()
    : m_dwellTime(CreateObject<ExponentialRandomVariable>()),
      m_next(CreateObject<UniformRandomVariable>())
{
}

void
PortendMarkovLink::SetStates(const std::vector<State>& states)
{
    NS_ABORT_MSG_IF(states.empty(), "a random link has at least one state");
    m_states = states;
    m_visits.clear();
}

std::vector<Ptr<RandomVariableStream>>
PortendMarkovLink::GetRandomVariables() const
{
    return {m_dwellTime, m_next};
}

void
PortendMarkovLink::Extend()
{
    std::size_t state = 0;
    Time since;
    if (!m_visits.empty())
    {
        since = m_visits.back().until;
        const auto& weights = m_states[m_visits.back().state].weights;
        auto left = m_next->GetValue() * std::accumulate(weights.begin(), weights.end(), 0.0);
        while (state + 1 < weights.size() && left >= weights[state])
        {
            left -= weights[state++];
        }
    }
    const auto dwellS = m_dwellTime->GetValue() * m_states[state].dwellS;
    m_visits.push_back({state, since + Max(Seconds(dwellS), NanoSeconds(1))});
}

PortendLinkProcess::Piece
PortendMarkovLink::Get(Time at)
{
    if (m_states.size() == 1)
    {
        return {m_states.front().state, Time::Max()};
    }
    while (m_visits.empty() || m_visits.back().until <= at)
    {
        Extend();
    }
    // Most likely the last, or one shortly before.
    auto visit = m_visits.end() - 1;
    if (visit != m_visits.begin() && at < (visit - 1)->until)
    {
        visit = std::upper_bound(m_visits.begin(),
                                 m_visits.end(),
                                 at,
                                 [](Time time, const Visit& other) { return time < other.until; });
    }
    return {m_states[visit->state].state, visit->until};
}

std::vector<double>
PortendMarkovLink::GetEntries() const
{
    // Grassmann, Taksar and Heyman's elimination, Operations Research 33(5), 1985.
    const auto n = m_states.size();
    std::vector<std::vector<double>> rates;
    for (const auto& state : m_states)
    {
        auto& row = rates.emplace_back(state.weights);
        const auto sum = std::accumulate(row.begin(), row.end(), 0.0);
        std::transform(row.begin(), row.end(), row.begin(), [sum](auto rate) {
            return rate / sum;
        });
    }
    for (auto k = n - 1; k > 0; --k)
    {
        const auto out = std::accumulate(rates[k].begin(), rates[k].begin() + k, 0.0);
        for (std::size_t i = 0; i < k; ++i)
        {
            rates[i][k] /= out;
            for (std::size_t j = 0; j < k; ++j)
            {
                rates[i][j] += i == j ? 0 : rates[i][k] * rates[k][j];
            }
        }
    }
    std::vector<double> entries{1};
    for (std::size_t k = 1; k < n; ++k)
    {
        double entered = 0;
        for (std::size_t i = 0; i < k; ++i)
        {
            entered += entries[i] * rates[i][k];
        }
        entries.push_back(entered);
    }
    return entries;
}

PortendLinkProcess::Summary
PortendMarkovLink::Describe() const
{
    Mean mean;
    const auto entries = m_states.size() == 1 ? std::vector<double>{1} : GetEntries();
    for (std::size_t state = 0; state < m_states.size(); ++state)
    {
        mean.Add(m_states[state].state, entries[state] * m_states[state].dwellS);
    }
    return mean.Get();
}

} // namespace ns3
