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
                            .AddConstructor<PortendChannel>();
    return tid;
}

void
PortendChannel::SetDelays(Time up, Time down)
{
    NS_LOG_FUNCTION(this << up << down);
    m_delays = {up, down};
}

bool
PortendChannel::TransmitStart(Ptr<const Packet> packet,
                              Ptr<PointToPointNetDevice> source,
                              Time transmission)
{
    NS_LOG_FUNCTION(this << packet << source << transmission);
    const uint32_t way = source == GetSource(0) ? 0 : 1;
    const auto receiver = GetDestination(way);
    Simulator::ScheduleWithContext(receiver->GetNode()->GetId(),
                                   transmission + m_delays[way],
                                   &PointToPointNetDevice::Receive,
                                   receiver,
                                   packet->Copy());
    return true;
}

} // namespace ns3
