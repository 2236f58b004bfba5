/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-scheduler.h"

#include "ns3/abort.h"
#include "ns3/log.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendScheduler");

NS_OBJECT_ENSURE_REGISTERED(PortendScheduler);
NS_OBJECT_ENSURE_REGISTERED(PortendFifoScheduler);
NS_OBJECT_ENSURE_REGISTERED(PortendRankScheduler);
NS_OBJECT_ENSURE_REGISTERED(PortendPriorityScheduler);
NS_OBJECT_ENSURE_REGISTERED(PortendEdfScheduler);
NS_OBJECT_ENSURE_REGISTERED(PortendFairScheduler);

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

TypeId
PortendRankScheduler::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::PortendRankScheduler").SetParent<PortendScheduler>().SetGroupName("Portend");
    return tid;
}

void
PortendRankScheduler::Enqueue(PortendJob job)
{
    NS_LOG_FUNCTION(this << job.partition);
    m_tensors += job.partition > 0;
    const Key key{GetRank(job), m_arrived++};
    m_jobs.emplace(key, std::move(job));
}

std::vector<PortendJob>
PortendRankScheduler::Next(Time /* now */)
{
    std::vector<PortendJob> next;
    if (!m_jobs.empty())
    {
        const auto first = m_jobs.begin();
        Serve(first->first.first);
        next.push_back(std::move(first->second));
        m_jobs.erase(first);
        m_tensors -= next.front().partition > 0;
    }
    return next;
}

PortendJob
PortendRankScheduler::Evict()
{
    auto oldest = m_jobs.end();
    for (auto it = m_jobs.begin(); it != m_jobs.end(); ++it)
    {
        const bool isOlder = oldest == m_jobs.end() || it->first.second < oldest->first.second;
        if (it->second.partition > 0 && isOlder)
        {
            oldest = it;
        }
    }
    NS_ABORT_MSG_IF(oldest == m_jobs.end(), "no tensor waits");
    auto job = std::move(oldest->second);
    m_jobs.erase(oldest);
    --m_tensors;
    return job;
}

std::size_t
PortendRankScheduler::GetTensors() const
{
    return m_tensors;
}

void
PortendRankScheduler::Serve(double /* rank */)
{
}

void
PortendRankScheduler::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_jobs.clear();
    m_tensors = 0;
    PortendScheduler::DoDispose();
}

TypeId
PortendPriorityScheduler::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendPriorityScheduler")
                            .SetParent<PortendRankScheduler>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendPriorityScheduler>();
    return tid;
}

double
PortendPriorityScheduler::GetRank(const PortendJob& job)
{
    return -static_cast<double>(job.request->itinerary->priority);
}

TypeId
PortendEdfScheduler::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendEdfScheduler")
                            .SetParent<PortendRankScheduler>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendEdfScheduler>();
    return tid;
}

double
PortendEdfScheduler::GetRank(const PortendJob& job)
{
    const auto deadline = job.request->itinerary->deadline;
    return deadline.IsZero()
               ? std::numeric_limits<double>::infinity()
               : static_cast<double>((job.request->generated + deadline).GetNanoSeconds());
}

TypeId
PortendFairScheduler::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendFairScheduler")
                            .SetParent<PortendRankScheduler>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendFairScheduler>();
    return tid;
}

double
PortendFairScheduler::GetRank(const PortendJob& job)
{
    auto& last = m_last[job.request->stream];
    last = std::max(m_served, last) + 1 / job.request->itinerary->weight;
    return last;
}

void
PortendFairScheduler::Serve(double rank)
{
    m_served = rank;
}

} // namespace ns3
