/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-failures.h"

#include "ns3/abort.h"
#include "ns3/log.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/trace-source-accessor.h"

#include <algorithm>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendFailures");

NS_OBJECT_ENSURE_REGISTERED(PortendFailures);

TypeId
PortendFailures::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::PortendFailures")
            .SetParent<Object>()
            .SetGroupName("Portend")
            .AddConstructor<PortendFailures>()
            .AddAttribute("UpTime",
                          "Time from the beginning, or a repair, to the next failure, seconds; "
                          "none if the times are given.",
                          PointerValue(),
                          MakePointerAccessor(&PortendFailures::m_upTime),
                          MakePointerChecker<RandomVariableStream>())
            .AddAttribute("DownTime",
                          "Time from a failure to its repair, seconds.",
                          PointerValue(),
                          MakePointerAccessor(&PortendFailures::m_downTime),
                          MakePointerChecker<RandomVariableStream>())
            .AddTraceSource("Failed",
                            "It has failed, which nobody knew before.",
                            MakeTraceSourceAccessor(&PortendFailures::m_failedTrace),
                            "ns3::PortendFailures::FailedTracedCallback");
    return tid;
}

void
PortendFailures::SetOutages(const std::vector<Outage>& outages)
{
    NS_ABORT_MSG_IF(m_upTime, "failures are given, or random");
    m_outages = outages;
}

void
PortendFailures::Fail()
{
    NS_LOG_FUNCTION(this);
    NS_ABORT_MSG_IF(m_upTime, "failures are random, or happen");
    m_outages.push_back({Simulator::Now(), Time::Max()});
    m_failedTrace();
}

void
PortendFailures::Repair()
{
    NS_LOG_FUNCTION(this);
    NS_ABORT_MSG_IF(m_outages.empty(), "what is not down cannot be repaired");
    m_outages.back().end = Simulator::Now();
}

std::vector<Ptr<RandomVariableStream>>
PortendFailures::GetRandomVariables() const
{
    return m_upTime ? std::vector<Ptr<RandomVariableStream>>{m_upTime, m_downTime}
                    : std::vector<Ptr<RandomVariableStream>>{};
}

PortendFailures::Outage
PortendFailures::FindNext(Time at)
{
    while (m_upTime && (m_outages.empty() || m_outages.back().end <= at))
    {
        const auto since = m_outages.empty() ? Time() : m_outages.back().end;
        const auto begin = since + Seconds(std::max(0.0, m_upTime->GetValue()));
        // Never at once: time goes on.
        const auto lasts = Max(Seconds(m_downTime->GetValue()), NanoSeconds(1));
        m_outages.push_back({begin, begin + lasts});
    }
    const auto next =
        std::upper_bound(m_outages.begin(),
                         m_outages.end(),
                         at,
                         [](Time time, const Outage& outage) { return time < outage.end; });
    return next == m_outages.end() ? Outage{Time::Max(), Time::Max()} : *next;
}

bool
PortendFailures::IsDown(Time begin, Time end)
{
    return FindNext(begin).begin <= end;
}

} // namespace ns3
