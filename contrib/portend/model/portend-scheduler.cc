/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-scheduler.h"

#include "portend-delay.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/enum.h"
#include "ns3/log.h"
#include "ns3/portend-compat.h"
#include "ns3/uinteger.h"

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
NS_OBJECT_ENSURE_REGISTERED(PortendBatchScheduler);

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

portend::Batching
PortendScheduler::Describe() const
{
    return {};
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

TypeId
PortendBatchScheduler::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::PortendBatchScheduler")
            .SetParent<PortendScheduler>()
            .SetGroupName("Portend")
            .AddConstructor<PortendBatchScheduler>()
            .AddAttribute("Max",
                          "Most tensors of a batch.",
                          UintegerValue(8),
                          MakeUintegerAccessor(&PortendBatchScheduler::m_max),
                          MakeUintegerChecker<uint32_t>(1, LARGEST_BATCH))
            .AddAttribute("Timeout",
                          "How long the oldest tensor of a batch waits for others, at most.",
                          TimeValue(MilliSeconds(5)),
                          MakeTimeAccessor(&PortendBatchScheduler::m_timeout),
                          MakeTimeChecker(Time(), Seconds(PORTEND_LONGEST_DELAY_S)))
            .AddAttribute("Eager",
                          "Whether a free server begins with those that are there.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&PortendBatchScheduler::m_isEager),
                          MakeBooleanChecker())
            .AddAttribute("Regroup",
                          "How those of a batch that do not exit go on, where the next partition "
                          "is on the same node.",
                          EnumValue(TOGETHER),
                          PORTEND_MAKE_ENUM_ACCESSOR(Regroup, &PortendBatchScheduler::m_regroup),
                          MakeEnumChecker(TOGETHER, "Together", ONE_BY_ONE, "OneByOne"));
    return tid;
}

void
PortendBatchScheduler::Enqueue(PortendJob job)
{
    NS_LOG_FUNCTION(this << job.partition);
    Key key{0, 0, 0};
    if (job.partition > 0)
    {
        ++m_tensors;
        key = {job.request->stream, job.request->itinerary->epoch, job.partition};
    }
    m_groups[key].emplace_back(m_arrived++, std::move(job));
}

std::vector<PortendJob>
PortendBatchScheduler::Next(Time now)
{
    auto next = m_groups.end();
    for (auto group = m_groups.begin(); group != m_groups.end(); ++group)
    {
        const auto& jobs = group->second;
        const auto& [number, oldest] = jobs.front();
        const bool mayBegin = m_isEager || oldest.partition == 0 || jobs.size() >= m_max ||
                              oldest.arrived + m_timeout <= now;
        if (mayBegin && (next == m_groups.end() || number < next->second.front().first))
        {
            next = group;
        }
    }
    std::vector<PortendJob> batch;
    if (next == m_groups.end())
    {
        return batch;
    }
    auto& jobs = next->second;
    const bool isTensor = jobs.front().second.partition > 0;
    const auto size = isTensor ? std::min<std::size_t>(jobs.size(), m_max) : 1;
    for (std::size_t i = 0; i < size; ++i)
    {
        batch.push_back(std::move(jobs.front().second));
        jobs.pop_front();
    }
    m_tensors -= isTensor ? size : 0;
    if (jobs.empty())
    {
        m_groups.erase(next);
    }
    return batch;
}

Time
PortendBatchScheduler::WakeUp() const
{
    auto at = Time::Max();
    for (const auto& [key, jobs] : m_groups)
    {
        at = Min(at, jobs.front().second.arrived + m_timeout);
    }
    return at;
}

PortendJob
PortendBatchScheduler::Evict()
{
    auto oldest = m_groups.end();
    for (auto group = m_groups.begin(); group != m_groups.end(); ++group)
    {
        const auto& [number, job] = group->second.front();
        if (job.partition > 0 &&
            (oldest == m_groups.end() || number < oldest->second.front().first))
        {
            oldest = group;
        }
    }
    NS_ABORT_MSG_IF(oldest == m_groups.end(), "no tensor waits");
    auto job = std::move(oldest->second.front().second);
    oldest->second.pop_front();
    --m_tensors;
    if (oldest->second.empty())
    {
        m_groups.erase(oldest);
    }
    return job;
}

std::size_t
PortendBatchScheduler::GetTensors() const
{
    return m_tensors;
}

portend::Batching
PortendBatchScheduler::Describe() const
{
    return {m_max, m_timeout.GetNanoSeconds() * 1e-6, m_isEager, m_regroup == TOGETHER};
}

void
PortendBatchScheduler::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_groups.clear();
    m_tensors = 0;
    PortendScheduler::DoDispose();
}

} // namespace ns3
