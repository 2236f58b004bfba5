/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-transport-helper.h"

#include "ns3/abort.h"
#include "ns3/ipv4-header.h"
#include "ns3/ipv4-interface-address.h"
#include "ns3/ipv4-route.h"
#include "ns3/ipv4-routing-protocol.h"
#include "ns3/ipv4.h"
#include "ns3/node.h"
#include "ns3/packet.h"
#include "ns3/portend-transport.h"
#include "ns3/socket.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace ns3
{

namespace
{

/**
 * @brief List the addresses of a node.
 * @param node with an Internet stack
 * @return the addresses by interface, the node's own, 127.0.0.1, not included
 */
std::vector<Ipv4Address>
GetAddresses(const Ptr<Node>& node)
{
    const auto ipv4 = node->GetObject<Ipv4>();
    NS_ABORT_MSG_UNLESS(ipv4, "install an Internet stack on node " << node->GetId());
    std::vector<Ipv4Address> addresses;
    for (uint32_t i = 1; i < ipv4->GetNInterfaces(); ++i) // 0 is the node itself
    {
        for (uint32_t j = 0; j < ipv4->GetNAddresses(i); ++j)
        {
            addresses.push_back(ipv4->GetAddress(i, j).GetLocal());
        }
    }
    NS_ABORT_MSG_IF(addresses.empty(), "node " << node->GetId() << " has no address of IPv4");
    return addresses;
}

/**
 * @brief Find the MTU of the interface by which packets leave a node.
 * @param ipv4 of the node
 * @param destination address that they go to
 * @return bytes; 0 if there is no route as yet
 */
uint16_t
FindMtu(const Ptr<Ipv4>& ipv4, Ipv4Address destination)
{
    Ipv4Header header;
    header.SetDestination(destination);
    Socket::SocketErrno error;
    const auto route = ipv4->GetRoutingProtocol()->RouteOutput(nullptr, header, nullptr, error);
    const auto interface = route ? ipv4->GetInterfaceForDevice(route->GetOutputDevice()) : 0;
    return interface > 0 ? ipv4->GetMtu(interface) : 0; // 0 is a protocol that still looks for one
}

/**
 * @brief Find the way from one node to another.
 * @param from node that sends
 * @param to node that receives
 * @param headers what the transport adds to messages
 * @return an address of the receiver, and a path of which only the MTU is known
 */
PortendExchange::Way
FindWay(const Ptr<Node>& from, const Ptr<Node>& to, const PortendPath::Headers& headers)
{
    const auto ipv4 = from->GetObject<Ipv4>();
    const auto addresses = GetAddresses(to);
    for (const auto& address : addresses)
    {
        if (const auto mtu = FindMtu(ipv4, address))
        {
            PortendExchange::Way way{PortendPath(headers), {}, address};
            way.path.AddMedium(mtu);
            return way;
        }
    }
    uint16_t smallest = UINT16_MAX;
    for (uint32_t i = 1; i < ipv4->GetNInterfaces(); ++i)
    {
        smallest = std::min(smallest, ipv4->GetMtu(i));
    }
    PortendExchange::Way way{PortendPath(headers), {}, addresses.front()};
    way.path.AddMedium(smallest);
    return way;
}

} // namespace

PortendTransportHelper::PortendTransportHelper(const std::string& type)
{
    m_transport.SetTypeId(type);
}

void
PortendTransportHelper::SetAttribute(const std::string& name, const AttributeValue& value)
{
    m_transport.Set(name, value);
}

Ptr<PortendExchange>
PortendTransportHelper::Install(const NodeContainer& nodes) const
{
    const auto traits = m_transport.Create<PortendTransport>()->GetTraits();
    NS_ABORT_MSG_IF(traits.usesTrains,
                    m_transport.GetTypeId().GetName()
                        << " needs the links of PortendNetworkHelper; allowed on nodes that exist: "
                           "ns3::PortendUdpTransport, ns3::PortendTcpTransport");
    const auto headers = traits.headers;
    auto exchange = CreateObject<PortendExchange>();
    exchange->SetWayFinder([nodes, headers](uint32_t from, uint32_t to) {
        return FindWay(nodes.Get(from), nodes.Get(to), headers);
    });
    for (uint32_t i = 0; i < nodes.GetN(); ++i)
    {
        const auto node = nodes.Get(i);
        NS_ABORT_MSG_IF(node->GetObject<PortendTransport>(),
                        "node " << node->GetId() << " has a transport already");
        exchange->AddNode(node);
        for (const auto& address : GetAddresses(node))
        {
            exchange->AddAddress(address, i);
        }
        auto transport = m_transport.Create<PortendTransport>();
        transport->SetNode(exchange, i);
        node->AggregateObject(transport);
    }
    return exchange;
}

} // namespace ns3
