/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-udp-transport.h"

#include "portend-header.h"

#include "ns3/abort.h"
#include "ns3/inet-socket-address.h"
#include "ns3/ipv4-address.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/packet.h"
#include "ns3/socket.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/udp-socket-factory.h"

#include <algorithm>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendUdpTransport");

NS_OBJECT_ENSURE_REGISTERED(PortendUdpTransport);

TypeId
PortendUdpTransport::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::PortendUdpTransport")
            .SetParent<PortendTransport>()
            .SetGroupName("Portend")
            .AddConstructor<PortendUdpTransport>()
            .AddTraceSource("Drop",
                            "A datagram was refused: sent nowhere, or not a fragment.",
                            MakeTraceSourceAccessor(&PortendUdpTransport::m_dropTrace),
                            "ns3::Packet::TracedCallback");
    return tid;
}

PortendRoute::Headers
PortendUdpTransport::GetHeaders() const
{
    return PortendRoute::UDP_HEADERS;
}

std::size_t
PortendUdpTransport::GetIncompleteMessages() const
{
    return m_partial.size();
}

void
PortendUdpTransport::DoInitialize()
{
    NS_LOG_FUNCTION(this);
    m_socket = Socket::CreateSocket(GetObject<Node>(), UdpSocketFactory::GetTypeId());
    NS_ABORT_MSG_IF(m_socket->Bind(InetSocketAddress(Ipv4Address::GetAny(), GetPort())) != 0,
                    "cannot listen on UDP port " << GetPort());
    m_socket->SetRecvCallback(MakeCallback(&PortendUdpTransport::HandleRead, this));
    PortendTransport::DoInitialize();
}

void
PortendUdpTransport::DoDispose()
{
    NS_LOG_FUNCTION(this);
    if (m_socket)
    {
        m_socket->SetRecvCallback(MakeNullCallback<void, Ptr<Socket>>());
        m_socket->Close();
        m_socket = nullptr;
    }
    m_partial.clear();
    PortendTransport::DoDispose();
}

void
PortendUdpTransport::DoSend(const PortendMessage& message, uint32_t tier)
{
    const auto& peer = GetPeers().at(tier);
    uint32_t offset = 0;
    do
    {
        const uint32_t size = std::min(message.bytes - offset, peer.route.GetFragmentBytes());
        auto packet = Create<Packet>(size);
        packet->AddHeader(PortendHeader(message, offset));
        if (offset == 0)
        {
            packet->AddPacketTag(PortendMessageTag(message));
        }
        if (m_socket->SendTo(packet, 0, peer.address) < 0)
        {
            NS_LOG_WARN("the socket refused a datagram of " << packet->GetSize() << " bytes");
            m_dropTrace(packet);
        }
        offset += size;
    } while (offset < message.bytes);
}

void
PortendUdpTransport::HandleRead(Ptr<Socket> socket)
{
    NS_LOG_FUNCTION(this << socket);
    Address from;
    while (auto packet = socket->RecvFrom(from))
    {
        ReceiveFragment(packet, from);
    }
}

void
PortendUdpTransport::ReceiveFragment(const Ptr<Packet>& packet, const Address& from)
{
    PortendHeader header;
    if (packet->GetSize() < PortendHeader::SIZE || packet->RemoveHeader(header) == 0 ||
        !header.IsValid())
    {
        NS_LOG_WARN("not a fragment: " << *packet);
        m_dropTrace(packet);
        return;
    }
    PortendMessageTag tag;
    const bool isFirst = header.GetOffset() == 0;
    if (isFirst && !packet->RemovePacketTag(tag))
    {
        NS_LOG_WARN("a fragment that no transport has sent: " << header);
        m_dropTrace(packet);
        return;
    }
    if (isFirst && packet->GetSize() == header.GetMessageBytes())
    {
        FinishMessage(tag.GetMessage());
        return;
    }
    const auto it =
        m_partial.try_emplace({from, header.GetRequestId(), header.GetPartition()}).first;
    auto& partial = it->second;
    partial.received += packet->GetSize();
    if (isFirst)
    {
        partial.message = tag.GetMessage();
    }
    if (partial.received == header.GetMessageBytes() && partial.message.request)
    {
        const auto message = std::move(partial.message);
        m_partial.erase(it);
        FinishMessage(message);
    }
}

void
PortendUdpTransport::FinishMessage(const PortendMessage& message)
{
    PortendLedger::Excess excess;
    excess[PortendLedger::QUEUEING] = GetExcess(message);
    message.request->ledger.SetExcess(excess);
    Deliver(message);
}

} // namespace ns3
