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
#include "ns3/uinteger.h"

#include <algorithm>
#include <iterator>
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
            .AddAttribute("MaxIncomplete",
                          "Number of messages of one sender that may be incomplete at once: when "
                          "another begins, the oldest is given up.",
                          UintegerValue(64),
                          MakeUintegerAccessor(&PortendUdpTransport::m_maxIncomplete),
                          MakeUintegerChecker<uint32_t>(1))
            .AddTraceSource("Drop",
                            "A datagram was refused: sent nowhere, not a fragment, or of a "
                            "message that was given up.",
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
    std::size_t count = 0;
    for (const auto& [sender, partials] : m_partials)
    {
        count += std::count_if(partials.begin(), partials.end(), [](const auto& partial) {
            return !partial.isGivenUp;
        });
    }
    return count;
}

uint64_t
PortendUdpTransport::GetGivenUpMessages() const
{
    return m_givenUp;
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
    m_partials.clear();
    PortendTransport::DoDispose();
}

void
PortendUdpTransport::DoSend(const PortendMessage& message, uint32_t tier)
{
    const auto address = GetAddress(tier);
    const auto fragmentBytes = GetRoute(tier).GetFragmentBytes();
    uint32_t offset = 0;
    do
    {
        const uint32_t size = std::min(message.bytes - offset, fragmentBytes);
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
PortendUdpTransport::HandleRead(Ptr<Socket> socket)
{
    NS_LOG_FUNCTION(this << socket);
    Address from;
    while (auto packet = socket->RecvFrom(from))
    {
        ReceiveFragment(packet, from);
    }
}

PortendUdpTransport::Partials::iterator
PortendUdpTransport::FindPartial(Partials& partials, const PortendHeader& header)
{
    // Most likely the message that began last.
    const auto found = std::find_if(partials.rbegin(), partials.rend(), [&](const auto& partial) {
        return partial.requestId == header.GetRequestId() &&
               partial.partition == header.GetPartition();
    });
    if (found != partials.rend())
    {
        return std::prev(found.base());
    }
    if (partials.size() >= m_maxIncomplete)
    {
        auto& oldest = partials[partials.size() - m_maxIncomplete];
        if (!oldest.isGivenUp)
        {
            NS_LOG_WARN("request " << oldest.requestId << ": fragments are missing");
            oldest.isGivenUp = true;
            oldest.message = {};
            ++m_givenUp;
        }
    }
    // Of those given up as many are remembered as may be incomplete.
    if (partials.size() >= 2 * std::size_t{m_maxIncomplete})
    {
        partials.pop_front();
    }
    auto& partial = partials.emplace_back();
    partial.requestId = header.GetRequestId();
    partial.partition = header.GetPartition();
    return std::prev(partials.end());
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
    auto& partials = m_partials[from];
    const auto partial = FindPartial(partials, header);
    if (partial->isGivenUp)
    {
        NS_LOG_WARN("a fragment that comes too late: " << header);
        m_dropTrace(packet);
        return;
    }
    partial->received += packet->GetSize();
    if (isFirst)
    {
        partial->message = tag.GetMessage();
    }
    if (partial->received == header.GetMessageBytes() && partial->message.request)
    {
        const auto message = std::move(partial->message);
        partials.erase(partial);
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
