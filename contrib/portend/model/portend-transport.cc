/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-transport.h"

#include "portend-header.h"

#include "ns3/abort.h"
#include "ns3/inet-socket-address.h"
#include "ns3/ipv4-address.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/packet.h"
#include "ns3/simulator.h"
#include "ns3/socket.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/udp-socket-factory.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendTransport");

NS_OBJECT_ENSURE_REGISTERED(PortendTransport);

TypeId
PortendTransport::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::PortendTransport")
            .SetParent<Object>()
            .SetGroupName("Portend")
            .AddConstructor<PortendTransport>()
            .AddAttribute("Port",
                          "UDP port that transports listen on, the same on all tiers.",
                          UintegerValue(5555),
                          MakeUintegerAccessor(&PortendTransport::m_port),
                          MakeUintegerChecker<uint16_t>(1))
            .AddTraceSource("MessageSent",
                            "A message was handed to the network, or to its receiver on the node.",
                            MakeTraceSourceAccessor(&PortendTransport::m_sentTrace),
                            "ns3::PortendTransport::MessageTracedCallback")
            .AddTraceSource("MessageReceived",
                            "A message has arrived complete.",
                            MakeTraceSourceAccessor(&PortendTransport::m_receivedTrace),
                            "ns3::PortendTransport::MessageTracedCallback")
            .AddTraceSource("Drop",
                            "A datagram was refused: sent nowhere, or not a fragment.",
                            MakeTraceSourceAccessor(&PortendTransport::m_dropTrace),
                            "ns3::Packet::TracedCallback");
    return tid;
}

void
PortendTransport::SetTier(uint32_t tier)
{
    NS_LOG_FUNCTION(this << tier);
    m_tier = tier;
}

void
PortendTransport::AddPeer(uint32_t tier, const Address& address, const PortendRoute& route)
{
    NS_LOG_FUNCTION(this << tier << address);
    m_peers[tier] = {address, route};
}

void
PortendTransport::SetReceiver(PortendMessage::Kind kind, Receiver receiver)
{
    NS_LOG_FUNCTION(this << +kind);
    m_receivers[kind] = receiver;
}

uint16_t
PortendTransport::GetPort() const
{
    return m_port;
}

std::size_t
PortendTransport::GetIncompleteMessages() const
{
    return m_partial.size();
}

void
PortendTransport::DoInitialize()
{
    NS_LOG_FUNCTION(this);
    m_socket = Socket::CreateSocket(GetObject<Node>(), UdpSocketFactory::GetTypeId());
    NS_ABORT_MSG_IF(m_socket->Bind(InetSocketAddress(Ipv4Address::GetAny(), m_port)) != 0,
                    "cannot listen on UDP port " << m_port);
    m_socket->SetRecvCallback(MakeCallback(&PortendTransport::HandleRead, this));
    Object::DoInitialize();
}

void
PortendTransport::DoDispose()
{
    NS_LOG_FUNCTION(this);
    if (m_socket)
    {
        m_socket->SetRecvCallback(MakeNullCallback<void, Ptr<Socket>>());
        m_socket->Close();
        m_socket = nullptr;
    }
    m_receivers[PortendMessage::TENSOR] = Receiver();
    m_receivers[PortendMessage::RESULT] = Receiver();
    m_partial.clear();
    Object::DoDispose();
}

void
PortendTransport::Send(PortendMessage message, uint32_t tier)
{
    NS_LOG_FUNCTION(this << message.request->id << message.bytes << tier);
    message.sent = Simulator::Now();
    m_sentTrace(message, m_tier);
    if (tier == m_tier)
    {
        Deliver(message);
        return;
    }
    const auto it = m_peers.find(tier);
    NS_ABORT_MSG_IF(it == m_peers.end(), "tier " << m_tier << " knows no way to tier " << tier);
    const auto& [address, route] = it->second;

    auto& stage = message.request->ledger.Current();
    stage[PortendLedger::PROPAGATION] = route.GetPropagation();
    stage[PortendLedger::TRANSMISSION] = route.GetTransmission(message.bytes);

    uint32_t offset = 0;
    do
    {
        const uint32_t size = std::min(message.bytes - offset, route.GetFragmentBytes());
        auto packet = Create<Packet>(size);
        packet->AddHeader(PortendHeader(message, offset));
        if (offset == 0)
        {
            packet->AddPacketTag(PortendMessageTag(message));
        }
        if (m_socket->SendTo(packet, 0, address) < 0)
        {
            NS_LOG_WARN("the socket refused a datagram of " << packet->GetSize() << " bytes");
            m_dropTrace(packet);
        }
        offset += size;
    } while (offset < message.bytes);
}

void
PortendTransport::HandleRead(Ptr<Socket> socket)
{
    NS_LOG_FUNCTION(this << socket);
    Address from;
    while (auto packet = socket->RecvFrom(from))
    {
        ReceiveFragment(packet, from);
    }
}

void
PortendTransport::ReceiveFragment(const Ptr<Packet>& packet, const Address& from)
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
PortendTransport::FinishMessage(const PortendMessage& message)
{
    auto& stage = message.request->ledger.Current();
    stage[PortendLedger::NETWORK_EXCESS] = Simulator::Now() - message.sent -
                                           stage[PortendLedger::PROPAGATION] -
                                           stage[PortendLedger::TRANSMISSION];
    Deliver(message);
}

void
PortendTransport::Deliver(const PortendMessage& message)
{
    NS_LOG_FUNCTION(this << message.request->id);
    m_receivedTrace(message, m_tier);
    const auto& receiver = m_receivers[message.kind];
    NS_ABORT_MSG_IF(receiver.IsNull(),
                    "tier " << m_tier << " has no receiver for the message of partition "
                            << message.partition);
    receiver(message);
}

} // namespace ns3
