/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-channel.h"

#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/packet.h"
#include "ns3/point-to-point-net-device.h"
#include "ns3/simulator.h"

#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendChannel");

NS_OBJECT_ENSURE_REGISTERED(PortendChannel);

TypeId
PortendChannel::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendChannel")
                            .SetParent<PointToPointChannel>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendChannel>()
                            .AddTraceSource("Lost",
                                            "A packet is lost because the link is down.",
                                            MakeTraceSourceAccessor(&PortendChannel::m_lostTrace),
                                            "ns3::PortendChannel::LostTracedCallback");
    return tid;
}

void
PortendChannel::SetDelays(Time up, Time down)
{
    NS_LOG_FUNCTION(this << up << down);
    m_ways[0].delay = up;
    m_ways[1].delay = down;
}

void
PortendChannel::SetCourse(uint32_t way, Ptr<PortendLinkCourse> course, Ptr<RateErrorModel> loss)
{
    NS_LOG_FUNCTION(this << way);
    m_ways[way].course = course;
    m_ways[way].loss = loss;
    m_ways[way].lossRate = loss ? loss->GetRate() : 0;
    // The devices fire it just before they begin.
    GetSource(way)->TraceConnectWithoutContext(
        "Sniffer",
        MakeCallback(&PortendChannel::Begin, this).Bind(way));
}

void
PortendChannel::Begin(uint32_t way, Ptr<const Packet> packet)
{
    if (packet == std::exchange(m_received, nullptr))
    {
        return;
    }
    auto& passage = m_ways[way].passage;
    const auto now = Simulator::Now();
    auto& course = *m_ways[way].course;
    passage = course.Pass(now, packet->GetSize(), passage.arrives);
    course.AddTransmission(passage.GetTransmissionS(packet->GetSize()));
    const auto device = GetSource(way);
    device->SetDataRate(passage.rate);
    device->SetInterframeGap(passage.begins - now);
}

void
PortendChannel::Arrive(uint32_t way, Ptr<Packet> packet, bool isLost)
{
    const auto& direction = m_ways[way];
    if (isLost)
    {
        m_lostTrace(packet, way);
        return;
    }
    if (direction.loss)
    {
        direction.loss->SetRate(direction.course->GetLoss(Simulator::Now(), direction.lossRate));
    }
    m_received = packet;
    GetDestination(way)->Receive(packet);
    m_received = nullptr;
}

bool
PortendChannel::TransmitStart(Ptr<const Packet> packet,
                              Ptr<PointToPointNetDevice> source,
                              Time transmission)
{
    NS_LOG_FUNCTION(this << packet << source << transmission);
    const uint32_t way = source == GetSource(0) ? 0 : 1;
    const auto receiver = GetDestination(way);
    if (m_ways[way].course)
    {
        const auto& passage = m_ways[way].passage;
        Simulator::ScheduleWithContext(receiver->GetNode()->GetId(),
                                       passage.arrives - Simulator::Now(),
                                       &PortendChannel::Arrive,
                                       this,
                                       way,
                                       packet->Copy(),
                                       passage.isLost);
        return true;
    }
    Simulator::ScheduleWithContext(receiver->GetNode()->GetId(),
                                   transmission + m_ways[way].delay,
                                   &PointToPointNetDevice::Receive,
                                   receiver,
                                   packet->Copy());
    return true;
}

} // namespace ns3
