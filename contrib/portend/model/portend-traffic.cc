/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-traffic.h"

#include "ns3/boolean.h"
#include "ns3/log.h"

#include <algorithm>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendTraffic");

NS_OBJECT_ENSURE_REGISTERED(PortendTrafficProcess);
NS_OBJECT_ENSURE_REGISTERED(PortendPacketTraffic);
NS_OBJECT_ENSURE_REGISTERED(PortendTraceTraffic);

TypeId
PortendTrafficProcess::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::PortendTrafficProcess").SetParent<Object>().SetGroupName("Portend");
    return tid;
}

std::vector<Ptr<RandomVariableStream>>
PortendTrafficProcess::GetRandomVariables() const
{
    return {};
}

TypeId
PortendPacketTraffic::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::PortendPacketTraffic")
            .SetParent<PortendTrafficProcess>()
            .SetGroupName("Portend")
            .AddConstructor<PortendPacketTraffic>()
            .AddAttribute("Rate",
                          "Bits per second of packets, IP headers included, while it is on.",
                          DataRateValue(DataRate("1Mbps")),
                          MakeDataRateAccessor(&PortendPacketTraffic::m_rate),
                          MakeDataRateChecker())
            .AddAttribute("Poisson",
                          "Whether packets are a Poisson process; else their intervals are equal.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&PortendPacketTraffic::m_isPoisson),
                          MakeBooleanChecker())
            .AddAttribute("OnTime",
                          "Mean of the exponential time for which it is on; 0 is for ever.",
                          TimeValue(Time()),
                          MakeTimeAccessor(&PortendPacketTraffic::m_onTime),
                          MakeTimeChecker(Time()))
            .AddAttribute("OffTime",
                          "Mean of the exponential time for which it is off then.",
                          TimeValue(Time()),
                          MakeTimeAccessor(&PortendPacketTraffic::m_offTime),
                          MakeTimeChecker(Time()));
    return tid;
}

PortendPacketTraffic::PortendPacketTraffic()
    : m_interval(CreateObject<ExponentialRandomVariable>()),
      m_on(CreateObject<ExponentialRandomVariable>()),
      m_off(CreateObject<ExponentialRandomVariable>())
{
}

std::optional<PortendTrafficProcess::Burst>
PortendPacketTraffic::GetNext(Time now, uint32_t packetBytes)
{
    const auto draw = [](const Ptr<ExponentialRandomVariable>& share, Time mean) {
        return Seconds(share->GetValue() * mean.GetSeconds());
    };
    const auto packet = m_rate.CalculateBytesTxTime(packetBytes);
    const auto interval = m_isPoisson ? draw(m_interval, packet) : packet;
    auto at = now + interval;
    if (m_onTime.IsZero())
    {
        return Burst{at, packetBytes};
    }
    if (!m_hasBegun)
    {
        m_hasBegun = true;
        m_end = draw(m_on, m_onTime);
    }
    while (at > m_end) // what would come then begins with the next time on
    {
        const auto begin = m_end + draw(m_off, m_offTime);
        m_end = begin + draw(m_on, m_onTime);
        at = begin + interval;
    }
    return Burst{at, packetBytes};
}

double
PortendPacketTraffic::GetMeanBps() const
{
    const auto rate = static_cast<double>(m_rate.GetBitRate());
    const double on = m_onTime.GetSeconds();
    return m_onTime.IsZero() ? rate : rate * on / (on + m_offTime.GetSeconds());
}

std::vector<Ptr<RandomVariableStream>>
PortendPacketTraffic::GetRandomVariables() const
{
    return {m_interval, m_on, m_off};
}

TypeId
PortendTraceTraffic::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendTraceTraffic")
                            .SetParent<PortendTrafficProcess>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendTraceTraffic>();
    return tid;
}

void
PortendTraceTraffic::SetBursts(std::shared_ptr<const std::vector<Burst>> bursts)
{
    m_bursts = std::move(bursts);
    m_next = 0;
}

std::optional<PortendTrafficProcess::Burst>
PortendTraceTraffic::GetNext(Time now, uint32_t /* packetBytes */)
{
    if (!m_bursts || m_next == m_bursts->size())
    {
        return {};
    }
    auto burst = (*m_bursts)[m_next++];
    burst.at = std::max(burst.at, now);
    return burst;
}

double
PortendTraceTraffic::GetMeanBps() const
{
    return 0;
}

} // namespace ns3
