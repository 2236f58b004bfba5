/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-server.h"

#include "ns3/abort.h"
#include "ns3/assert.h"
#include "ns3/log.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendServer");

NS_OBJECT_ENSURE_REGISTERED(PortendServer);

TypeId
PortendServer::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendServer")
                            .SetParent<Object>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendServer>()
                            .AddAttribute("Servers",
                                          "Number of equal servers that share the queue.",
                                          UintegerValue(1),
                                          MakeUintegerAccessor(&PortendServer::m_servers),
                                          MakeUintegerChecker<uint32_t>(1))
                            .AddAttribute("Scheduler",
                                          "Decides which of the waiting jobs a free server takes "
                                          "next.",
                                          StringValue("ns3::PortendFifoScheduler"),
                                          MakePointerAccessor(&PortendServer::m_scheduler),
                                          MakePointerChecker<PortendScheduler>())
                            .AddTraceSource("Busy",
                                            "Number of servers at work.",
                                            MakeTraceSourceAccessor(&PortendServer::m_busy),
                                            "ns3::TracedValueCallback::Uint32")
                            .AddTraceSource("QueueLength",
                                            "Number of jobs that wait.",
                                            MakeTraceSourceAccessor(&PortendServer::m_waiting),
                                            "ns3::TracedValueCallback::Uint32");
    return tid;
}

void
PortendServer::Acquire(PortendJob job)
{
    NS_LOG_FUNCTION(this << job.partition);
    const auto now = Simulator::Now();
    job.held = Time() - GetFreeTime(now);
    m_scheduler->Enqueue(std::move(job));
    ++m_jobs;
    HandOut(now);
}

portend::Batching
PortendServer::Describe() const
{
    return m_scheduler->Describe();
}

void
PortendServer::Release()
{
    NS_LOG_FUNCTION(this);
    NS_ASSERT_MSG(m_atWork > 0, "no server was acquired");
    const auto now = Simulator::Now();
    if (m_atWork == m_servers)
    {
        m_freeSince = now;
    }
    --m_atWork;
    HandOut(now);
}

void
PortendServer::HandOut(Time now)
{
    if (m_isHandingOut)
    {
        return; // a job that ends as it begins: the loop below goes on
    }
    m_isHandingOut = true;
    while (m_atWork < m_servers && m_jobs > 0)
    {
        auto jobs = m_scheduler->Next(now);
        if (jobs.empty())
        {
            break;
        }
        const auto& first = jobs.front();
        const auto isOther = [&first](const PortendJob& job) {
            return first.partition == 0 || job.partition != first.partition ||
                   job.request->stream != first.request->stream ||
                   job.request->itinerary->epoch != first.request->itinerary->epoch;
        };
        NS_ABORT_MSG_IF(std::any_of(jobs.begin() + 1, jobs.end(), isOther),
                        "only tensors for one partition of one stream are served together");
        const auto free = m_free + (now - m_freeSince);
        for (auto& job : jobs)
        {
            job.held += free;
        }
        m_jobs -= jobs.size();
        ++m_atWork;
        if (m_atWork == m_servers)
        {
            m_free = free;
        }
        first.begin(jobs);
    }
    m_isHandingOut = false;
    PlanWakeUp(now);
    m_busy = m_atWork;
    m_waiting = m_jobs;
}

void
PortendServer::PlanWakeUp(Time now)
{
    const bool isHolding = m_atWork < m_servers && m_jobs > 0;
    if (!isHolding && m_wakeUpAt.IsZero())
    {
        return;
    }
    const auto at = isHolding ? m_scheduler->WakeUp() : Time::Max();
    if (!m_wakeUp.IsExpired())
    {
        if (at == m_wakeUpAt)
        {
            return;
        }
        Simulator::Remove(m_wakeUp); // cancelled, it would still take place as nothing
    }
    m_wakeUpAt = Time();
    if (at == Time::Max())
    {
        return;
    }
    NS_ABORT_MSG_IF(at <= now, "a scheduler holds back jobs that may begin");
    m_wakeUpAt = at;
    m_wakeUp = Simulator::Schedule(at - now, &PortendServer::HandOut, this, at);
}

Time
PortendServer::GetFreeTime(Time now) const
{
    return m_atWork < m_servers ? m_free + (now - m_freeSince) : m_free;
}

PortendJob
PortendServer::Evict()
{
    auto job = m_scheduler->Evict();
    --m_jobs;
    m_waiting = m_jobs;
    return job;
}

std::size_t
PortendServer::GetTensors() const
{
    return m_scheduler->GetTensors();
}

uint32_t
PortendServer::GetWaiting() const
{
    return m_jobs;
}

void
PortendServer::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_wakeUp.Cancel();
    if (m_scheduler)
    {
        m_scheduler->Dispose();
        m_scheduler = nullptr;
    }
    Object::DoDispose();
}

} // namespace ns3
