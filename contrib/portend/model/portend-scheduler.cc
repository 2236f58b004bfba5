/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-scheduler.h"

#include "ns3/abort.h"
#include "ns3/log.h"

#include <algorithm>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendScheduler");

NS_OBJECT_ENSURE_REGISTERED(PortendScheduler);
NS_OBJECT_ENSURE_REGISTERED(PortendFifoScheduler);

TypeId
PortendScheduler::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendScheduler").SetParent<Object>().SetGroupName("Portend");
    return tid;
}

Time
PortendScheduler::WakeUp() const
{
    return Time::Max();
}

TypeId
PortendFifoScheduler::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendFifoScheduler")
                            .SetParent<PortendScheduler>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendFifoScheduler>();
    return tid;
}

void
PortendFifoScheduler::Enqueue(PortendJob job)
{
    NS_LOG_FUNCTION(this << job.partition);
    m_tensors += job.partition > 0;
    m_jobs.push_back(std::move(job));
}

std::vector<PortendJob>
PortendFifoScheduler::Next(Time /* now */)
{
    std::vector<PortendJob> next;
    if (!m_jobs.empty())
    {
        next.push_back(std::move(m_jobs.front()));
        m_jobs.pop_front();
        m_tensors -= next.front().partition > 0;
    }
    return next;
}

PortendJob
PortendFifoScheduler::Evict()
{
    const auto oldest = std::find_if(m_jobs.begin(), m_jobs.end(), [](const PortendJob& job) {
        return job.partition > 0;
    });
    NS_ABORT_MSG_IF(oldest == m_jobs.end(), "no tensor waits");
    auto job = std::move(*oldest);
    m_jobs.erase(oldest);
    --m_tensors;
    return job;
}

std::size_t
PortendFifoScheduler::GetTensors() const
{
    return m_tensors;
}

void
PortendFifoScheduler::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_jobs.clear();
    m_tensors = 0;
    PortendScheduler::DoDispose();
}

} // namespace ns3
