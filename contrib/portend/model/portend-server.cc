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
    m_scheduler->Enqueue(std::move(job));
    ++m_jobs;
    HandOut();
}

void
PortendServer::Release()
{
    NS_LOG_FUNCTION(this);
    NS_ASSERT_MSG(m_atWork > 0, "no server was acquired");
    --m_atWork;
    HandOut();
}

void
PortendServer::HandOut()
{
    if (m_isHandingOut)
    {
        return; // a job that ends as it begins: the loop below goes on
    }
    m_isHandingOut = true;
    while (m_atWork < m_servers && m_jobs > 0)
    {
        const auto jobs = m_scheduler->Next(Simulator::Now());
        if (jobs.empty())
        {
            Simulator::Cancel(m_wakeUp);
            const auto at = m_scheduler->WakeUp();
            if (at != Time::Max())
            {
                m_wakeUp =
                    Simulator::Schedule(at - Simulator::Now(), &PortendServer::HandOut, this);
            }
            break;
        }
        NS_ABORT_MSG_IF(jobs.size() > 1, "workers serve jobs one by one");
        --m_jobs;
        ++m_atWork;
        jobs.front().begin();
    }
    m_isHandingOut = false;
    m_busy = m_atWork;
    m_waiting = m_jobs;
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
