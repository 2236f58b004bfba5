/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-background.h"

#include "portend-delay-model.h"

#include "ns3/abort.h"
#include "ns3/inet-socket-address.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/packet.h"
#include "ns3/pointer.h"
#include "ns3/portend-compat.h"
#include "ns3/portend-trains.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/uinteger.h"

#include <algorithm>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendBackground");

NS_OBJECT_ENSURE_REGISTERED(PortendBackground);

namespace
{

/// Where datagrams go that nobody wants (RFC 863).
constexpr uint16_t DISCARD_PORT = 9;

/**
 * @brief Throw away what has come.
 * @param socket the socket
 */
void
Discard(Ptr<Socket> socket)
{
    while (socket->Recv())
    {
        continue;
    }
}

} // namespace

TypeId
PortendBackground::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::PortendBackground")
            .SetParent<Application>()
            .SetGroupName("Portend")
            .AddConstructor<PortendBackground>()
            .AddAttribute("Destination",
                          "Number of the node that gets the traffic.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&PortendBackground::m_destination),
                          MakeUintegerChecker<uint32_t>())
            .AddAttribute("PacketBytes",
                          "Size of packets, IP header included; no link of the path may take less.",
                          UintegerValue(1500),
                          MakeUintegerAccessor(&PortendBackground::m_packetBytes),
                          MakeUintegerChecker<uint32_t>(HEADER_BYTES + 1, UINT16_MAX))
            .AddAttribute("Traffic",
                          "What is sent when.",
                          StringValue("ns3::PortendPacketTraffic"),
                          MakePointerAccessor(&PortendBackground::m_traffic),
                          MakePointerChecker<PortendTrafficProcess>());
    return tid;
}

int64_t
PortendBackground::AssignStreams(int64_t stream)
{
    NS_LOG_FUNCTION(this << stream);
    int64_t used = 0;
    for (const auto& variable : m_traffic->GetRandomVariables())
    {
        PortendSetStream(variable, stream + used++);
    }
    return used;
}

void
PortendBackground::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_traffic = nullptr;
    m_exchange = nullptr;
    m_socket = nullptr;
    m_sink = nullptr;
    Application::DoDispose();
}

void
PortendBackground::StartApplication()
{
    NS_LOG_FUNCTION(this);
    const auto transport = GetNode()->GetObject<PortendTransport>();
    NS_ABORT_MSG_UNLESS(transport, "aggregate a PortendTransport to the background's node");
    m_exchange = transport->GetExchange();
    m_flow = &m_exchange->GetFlow(transport->GetIndex(), m_destination);
    m_exchange->Enter(*m_flow); // from now on no message is alone on its links
    if (!m_exchange->GetTrains())
    {
        OpenSockets();
    }
    ScheduleNext();
}

void
PortendBackground::StopApplication()
{
    NS_LOG_FUNCTION(this);
    Stop();
}

void
PortendBackground::Stop()
{
    m_next.Cancel();
    m_traffic = nullptr;
}

void
PortendBackground::OpenSockets()
{
    const auto node = m_exchange->GetNode(m_destination);
    m_sink = Socket::CreateSocket(node, UdpSocketFactory::GetTypeId());
    if (m_sink->Bind(InetSocketAddress(Ipv4Address::GetAny(), DISCARD_PORT)) == 0)
    {
        m_sink->SetRecvCallback(MakeCallback(&Discard));
    } // else another is there
    m_socket = Socket::CreateSocket(GetNode(), UdpSocketFactory::GetTypeId());
    m_socket->Bind();
    m_socket->Connect(InetSocketAddress(m_flow->address, DISCARD_PORT));
    m_socket->ShutdownRecv();
}

void
PortendBackground::ScheduleNext()
{
    if (!m_traffic)
    {
        return;
    }
    const auto now = Simulator::Now();
    if (const auto burst = m_traffic->GetNext(now, m_packetBytes))
    {
        m_next = Simulator::Schedule(burst->at - now, &PortendBackground::Send, this, burst->bytes);
    }
}

void
PortendBackground::Send(uint64_t bytes)
{
    NS_LOG_FUNCTION(this << bytes);
    for (; bytes > m_packetBytes; bytes -= m_packetBytes)
    {
        SendPacket(m_packetBytes);
    }
    SendPacket(std::max<uint64_t>(bytes, HEADER_BYTES + 1));
    ScheduleNext();
}

void
PortendBackground::SendPacket(uint32_t bytes)
{
    if (const auto trains = m_exchange->GetTrains())
    {
        trains->Send(*m_flow, PortendTrainSegment(), bytes);
        return;
    }
    m_socket->Send(Create<Packet>(bytes - HEADER_BYTES));
}

} // namespace ns3
