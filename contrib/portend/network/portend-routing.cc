/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-routing.h"

#include "ns3/ipv4-interface-address.h"
#include "ns3/ipv4-route.h"
#include "ns3/log.h"
#include "ns3/net-device.h"
#include "ns3/output-stream-wrapper.h"
#include "ns3/packet.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendRouting");

NS_OBJECT_ENSURE_REGISTERED(PortendRouting);

TypeId
PortendRouting::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendRouting")
                            .SetParent<Ipv4RoutingProtocol>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendRouting>();
    return tid;
}

void
PortendRouting::AddRoute(Ipv4Address destination,
                         uint32_t interface,
                         Ipv4Address gateway,
                         Ipv4Address source)
{
    NS_LOG_FUNCTION(this << destination << interface << gateway << source);
    auto& route = m_routes[destination.Get()];
    if (!route)
    {
        route = Create<Ipv4Route>();
        route->SetDestination(destination);
        route->SetSource(m_ipv4->GetAddress(interface, 0).GetLocal());
        route->SetGateway(gateway);
        route->SetOutputDevice(m_ipv4->GetNetDevice(interface));
    }
    if (source != Ipv4Address::GetAny())
    {
        route->SetSource(source);
    }
}

Ptr<Ipv4Route>
PortendRouting::Find(Ipv4Address destination) const
{
    const auto found = m_routes.find(destination.Get());
    return found == m_routes.end() ? nullptr : found->second;
}

Ptr<Ipv4Route>
PortendRouting::RouteOutput(Ptr<Packet> /* packet */,
                            const Ipv4Header& header,
                            Ptr<NetDevice> /* device */,
                            Socket::SocketErrno& error)
{
    auto route = Find(header.GetDestination());
    error = route ? Socket::ERROR_NOTERROR : Socket::ERROR_NOROUTETOHOST;
    return route;
}

bool
PortendRouting::RouteInput(Ptr<const Packet> packet,
                           const Ipv4Header& header,
                           Ptr<const NetDevice> device,
                           Callbacks::Unicast forward,
                           Callbacks::Multicast /* forwardToMany */,
                           Callbacks::Local deliver,
                           Callbacks::Error fail)
{
    const auto interface = m_ipv4->GetInterfaceForDevice(device);
    if (m_ipv4->IsDestinationAddress(header.GetDestination(), interface))
    {
        deliver(packet, header, interface);
        return true;
    }
    if (const auto route = Find(header.GetDestination()))
    {
        forward(route, packet, header);
        return true;
    }
    NS_LOG_WARN("no route to " << header.GetDestination());
    fail(packet, header, Socket::ERROR_NOROUTETOHOST);
    return false;
}

void
PortendRouting::NotifyInterfaceUp(uint32_t interface)
{
    NS_LOG_FUNCTION(this << interface);
}

void
PortendRouting::NotifyInterfaceDown(uint32_t interface)
{
    NS_LOG_FUNCTION(this << interface);
}

void
PortendRouting::NotifyAddAddress(uint32_t interface, Ipv4InterfaceAddress address)
{
    NS_LOG_FUNCTION(this << interface << address);
}

void
PortendRouting::NotifyRemoveAddress(uint32_t interface, Ipv4InterfaceAddress address)
{
    NS_LOG_FUNCTION(this << interface << address);
}

void
PortendRouting::SetIpv4(Ptr<Ipv4> ipv4)
{
    m_ipv4 = ipv4;
}

void
PortendRouting::PrintRoutingTable(Ptr<OutputStreamWrapper> stream, Time::Unit /* unit */) const
{
    for (const auto& [destination, route] : m_routes)
    {
        *stream->GetStream() << *route << "\n";
    }
}

void
PortendRouting::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_ipv4 = nullptr;
    m_routes.clear();
    Ipv4RoutingProtocol::DoDispose();
}

} // namespace ns3
