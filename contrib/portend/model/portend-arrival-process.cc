/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-arrival-process.h"

#include "portend-delay.h"

#include "ns3/abort.h"
#include "ns3/double.h"
#include "ns3/log.h"
#include "ns3/pointer.h"
#include "ns3/string.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendArrivalProcess");

NS_OBJECT_ENSURE_REGISTERED(PortendArrivalProcess);
NS_OBJECT_ENSURE_REGISTERED(PortendClosedArrivals);
NS_OBJECT_ENSURE_REGISTERED(PortendRenewalArrivals);
NS_OBJECT_ENSURE_REGISTERED(PortendIntervalArrivals);
NS_OBJECT_ENSURE_REGISTERED(PortendPeriodicArrivals);
NS_OBJECT_ENSURE_REGISTERED(PortendPoissonArrivals);
NS_OBJECT_ENSURE_REGISTERED(PortendBurstyArrivals);
NS_OBJECT_ENSURE_REGISTERED(PortendTraceArrivals);

TypeId
PortendArrivalProcess::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::PortendArrivalProcess").SetParent<Object>().SetGroupName("Portend");
    return tid;
}

void
PortendArrivalProcess::Begin(Time now)
{
    NS_LOG_FUNCTION(this << now);
}

bool
PortendArrivalProcess::IsClosed() const
{
    return false;
}

std::size_t
PortendArrivalProcess::GetCount() const
{
    return 0;
}

void
PortendArrivalProcess::Limit(std::size_t count)
{
    NS_LOG_FUNCTION(this << count);
}

std::vector<Ptr<RandomVariableStream>>
PortendArrivalProcess::GetRandomVariables() const
{
    return {};
}

TypeId
PortendClosedArrivals::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendClosedArrivals")
                            .SetParent<PortendArrivalProcess>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendClosedArrivals>();
    return tid;
}

std::optional<PortendArrivalProcess::Arrival>
PortendClosedArrivals::GetNext(Time /* now */, Time /* stood */)
{
    return {};
}

bool
PortendClosedArrivals::IsClosed() const
{
    return true;
}

portend::Arrivals
PortendClosedArrivals::Describe() const
{
    return {};
}

TypeId
PortendRenewalArrivals::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendRenewalArrivals")
                            .SetParent<PortendArrivalProcess>()
                            .SetGroupName("Portend");
    return tid;
}

std::optional<PortendArrivalProcess::Arrival>
PortendRenewalArrivals::GetNext(Time now, Time stood)
{
    const auto at = now + PortendDrawDelay(m_interval);
    return Arrival{at - stood, at};
}

std::vector<Ptr<RandomVariableStream>>
PortendRenewalArrivals::GetRandomVariables() const
{
    return {m_interval};
}

void
PortendRenewalArrivals::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_interval = nullptr;
    PortendArrivalProcess::DoDispose();
}

TypeId
PortendIntervalArrivals::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendIntervalArrivals")
                            .SetParent<PortendRenewalArrivals>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendIntervalArrivals>()
                            .AddAttribute("Interval",
                                          "Time between arrivals, seconds.",
                                          StringValue("ns3::ConstantRandomVariable[Constant=1]"),
                                          MakePointerAccessor(&PortendIntervalArrivals::m_interval),
                                          MakePointerChecker<RandomVariableStream>());
    return tid;
}

portend::Arrivals
PortendIntervalArrivals::Describe() const
{
    // Of any random variable, neither mean nor variance is known.
    return {std::nan(""), std::nan("")};
}

TypeId
PortendPeriodicArrivals::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendPeriodicArrivals")
                            .SetParent<PortendRenewalArrivals>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendPeriodicArrivals>()
                            .AddAttribute("Period",
                                          "Time between arrivals.",
                                          TimeValue(Seconds(1)),
                                          MakeTimeAccessor(&PortendPeriodicArrivals::SetPeriod,
                                                           &PortendPeriodicArrivals::GetPeriod),
                                          MakeTimeChecker(TimeStep(1)))
                            .AddAttribute("Phase",
                                          "How much later than a period the first request "
                                          "arises, seconds; null for not at all.",
                                          PointerValue(),
                                          MakePointerAccessor(&PortendPeriodicArrivals::m_phase),
                                          MakePointerChecker<RandomVariableStream>());
    return tid;
}

void
PortendPeriodicArrivals::Begin(Time now)
{
    NS_LOG_FUNCTION(this << now);
    m_isFirst = true;
}

std::optional<PortendArrivalProcess::Arrival>
PortendPeriodicArrivals::GetNext(Time now, Time stood)
{
    auto next = PortendRenewalArrivals::GetNext(now, stood);
    if (m_isFirst && m_phase)
    {
        const auto later = PortendDrawDelay(m_phase);
        next->due += later;
        next->at += later;
    }
    m_isFirst = false;
    return next;
}

std::vector<Ptr<RandomVariableStream>>
PortendPeriodicArrivals::GetRandomVariables() const
{
    auto variables = PortendRenewalArrivals::GetRandomVariables();
    if (m_phase)
    {
        variables.push_back(m_phase);
    }
    return variables;
}

void
PortendPeriodicArrivals::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_phase = nullptr;
    PortendRenewalArrivals::DoDispose();
}

void
PortendPeriodicArrivals::SetPeriod(Time period)
{
    m_period = period;
    auto interval = CreateObject<ConstantRandomVariable>();
    interval->SetAttribute("Constant", DoubleValue(period.GetSeconds()));
    m_interval = interval;
}

Time
PortendPeriodicArrivals::GetPeriod() const
{
    return m_period;
}

portend::Arrivals
PortendPeriodicArrivals::Describe() const
{
    return {1 / m_period.GetSeconds(), 0};
}

TypeId
PortendPoissonArrivals::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendPoissonArrivals")
                            .SetParent<PortendRenewalArrivals>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendPoissonArrivals>()
                            .AddAttribute("Rate",
                                          "Arrivals per second.",
                                          DoubleValue(1),
                                          MakeDoubleAccessor(&PortendPoissonArrivals::SetRate,
                                                             &PortendPoissonArrivals::GetRate),
                                          MakeDoubleChecker<double>(1e-9, 1e9));
    return tid;
}

void
PortendPoissonArrivals::SetRate(double ratePerS)
{
    m_ratePerS = ratePerS;
    auto interval = CreateObject<ExponentialRandomVariable>();
    interval->SetAttribute("Mean", DoubleValue(Seconds(1 / ratePerS).GetSeconds()));
    m_interval = interval;
}

double
PortendPoissonArrivals::GetRate() const
{
    return m_ratePerS;
}

portend::Arrivals
PortendPoissonArrivals::Describe() const
{
    return {m_ratePerS, 1};
}

TypeId
PortendBurstyArrivals::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendBurstyArrivals")
                            .SetParent<PortendPoissonArrivals>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendBurstyArrivals>()
                            .AddAttribute("OnTime",
                                          "Mean length of a burst; Rate is that in bursts.",
                                          TimeValue(Seconds(1)),
                                          MakeTimeAccessor(&PortendBurstyArrivals::SetOnTime),
                                          MakeTimeChecker(TimeStep(1)))
                            .AddAttribute("OffTime",
                                          "Mean time between bursts.",
                                          TimeValue(Seconds(1)),
                                          MakeTimeAccessor(&PortendBurstyArrivals::SetOffTime),
                                          MakeTimeChecker(TimeStep(1)));
    return tid;
}

PortendBurstyArrivals::PortendBurstyArrivals()
    : m_burst(CreateObject<ExponentialRandomVariable>()),
      m_silence(CreateObject<ExponentialRandomVariable>())
{
}

void
PortendBurstyArrivals::SetOnTime(Time mean)
{
    m_onTime = mean;
    m_burst->SetAttribute("Mean", DoubleValue(mean.GetSeconds()));
}

void
PortendBurstyArrivals::SetOffTime(Time mean)
{
    m_offTime = mean;
    m_silence->SetAttribute("Mean", DoubleValue(mean.GetSeconds()));
}

void
PortendBurstyArrivals::Begin(Time now)
{
    m_burstEnd = now + PortendDrawDelay(m_burst);
}

std::optional<PortendArrivalProcess::Arrival>
PortendBurstyArrivals::GetNext(Time now, Time stood)
{
    auto at = now + PortendDrawDelay(m_interval);
    while (at > m_burstEnd)
    {
        const auto begin = m_burstEnd + PortendDrawDelay(m_silence);
        m_burstEnd = begin + PortendDrawDelay(m_burst);
        // In the past only if the source stood still then.
        at = Max(begin, now) + PortendDrawDelay(m_interval);
    }
    return Arrival{at - stood, at};
}

portend::Arrivals
PortendBurstyArrivals::Describe() const
{
    const double ends = 1 / m_onTime.GetSeconds();
    const double begins = 1 / m_offTime.GetSeconds();
    const double rate = PortendPoissonArrivals::Describe().ratePerS;
    return {rate * begins / (begins + ends),
            1 + 2 * rate * ends / ((begins + ends) * (begins + ends))};
}

std::vector<Ptr<RandomVariableStream>>
PortendBurstyArrivals::GetRandomVariables() const
{
    return {m_interval, m_burst, m_silence};
}

void
PortendBurstyArrivals::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_burst = nullptr;
    m_silence = nullptr;
    PortendPoissonArrivals::DoDispose();
}

TypeId
PortendTraceArrivals::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendTraceArrivals")
                            .SetParent<PortendArrivalProcess>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendTraceArrivals>();
    return tid;
}

void
PortendTraceArrivals::SetTimes(const std::vector<Time>& times)
{
    NS_LOG_FUNCTION(this << times.size());
    NS_ABORT_MSG_UNLESS(std::is_sorted(times.begin(), times.end()),
                        "arrival times must not decrease");
    m_times = times;
}

void
PortendTraceArrivals::Begin(Time now)
{
    m_begun = now;
    m_next = 0;
}

std::optional<PortendArrivalProcess::Arrival>
PortendTraceArrivals::GetNext(Time now, Time /* stood */)
{
    if (m_next == m_times.size())
    {
        return {};
    }
    const auto due = m_begun + m_times[m_next++];
    return Arrival{due, Max(due, now)};
}

std::size_t
PortendTraceArrivals::GetCount() const
{
    return m_times.size();
}

void
PortendTraceArrivals::Limit(std::size_t count)
{
    NS_LOG_FUNCTION(this << count);
    m_times.resize(std::min(count, m_times.size()));
}

portend::Arrivals
PortendTraceArrivals::Describe() const
{
    if (m_times.size() < 2)
    {
        return {};
    }
    const auto intervals = static_cast<double>(m_times.size()) - 1;
    const double meanS = (m_times.back() - m_times.front()).GetSeconds() / intervals;
    if (!(meanS > 0))
    {
        return {}; // all at once
    }
    double squares = 0;
    for (std::size_t i = 1; i < m_times.size(); ++i)
    {
        const double deviation = (m_times[i] - m_times[i - 1]).GetSeconds() - meanS;
        squares += deviation * deviation;
    }
    return {1 / meanS, squares / intervals / (meanS * meanS)};
}

} // namespace ns3
