/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-server.h"

#include "ns3/assert.h"
#include "ns3/log.h"
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
PortendServer::Acquire(Job job)
{
    NS_LOG_FUNCTION(this);
    if (m_busy < m_servers)
    {
        m_busy++;
        job();
        return;
    }
    m_queue.push_back(std::move(job));
    m_waiting++;
}

void
PortendServer::Release()
{
    NS_LOG_FUNCTION(this);
    NS_ASSERT_MSG(m_busy > 0U, "no server was acquired");
    ++m_released;
    if (m_isHandingOut)
    {
        return; // a job that ends as it begins: the loop below goes on
    }
    m_isHandingOut = true;
    for (; m_released > 0 && !m_queue.empty(); --m_released)
    {
        const auto job = std::move(m_queue.front());
        m_queue.pop_front();
        m_waiting--;
        job();
    }
    m_isHandingOut = false;
    for (; m_released > 0; --m_released)
    {
        m_busy--;
    }
}

void
PortendServer::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_queue.clear();
    Object::DoDispose();
}

} // namespace ns3
