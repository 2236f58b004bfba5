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

PortendTransport::Traits
PortendUdpTransport::GetTraits() const
{
    return {PortendPath::UDP_HEADERS, false};
}

std::size_t
PortendUdpTransport::GetIncompleteMessages() const
{
    return m_incomplete;
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
    PortendTransport::DoDispose();
}

void
PortendUdpTransport::DoSend(const PortendMessage& message, PortendFlow& flow)
{
    flow.underWay.Push(message);
    const InetSocketAddress address(flow.address, GetPort());
    const auto fragmentBytes = flow.path.GetFragmentBytes();
    uint32_t offset = 0;
    do
    {
        const uint32_t size = std::min(message.bytes - offset, fragmentBytes);
        auto packet = Create<Packet>(size);
        packet->AddHeader(PortendHeader(message, offset));
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

std::vector<PortendFlow::Partial>::iterator
PortendUdpTransport::FindPartial(PortendFlow& flow, uint64_t number)
{
    auto& partials = flow.partials;
    // Most likely the message that began last.
    const auto found = std::find_if(partials.rbegin(), partials.rend(), [&](const auto& partial) {
        return partial.number == number;
    });
    if (found != partials.rend())
    {
        return std::prev(found.base());
    }
    if (partials.size() >= m_maxIncomplete)
    {
        NS_LOG_WARN("message " << partials.front().number << ": fragments are missing");
        flow.Take(partials.front().number);
        partials.erase(partials.begin());
        --m_incomplete;
        ++m_givenUp;
    }
    partials.push_back({number});
    ++m_incomplete;
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
    const auto sender = GetExchange()->FindNode(InetSocketAddress::ConvertFrom(from).GetIpv4());
    if (sender == UINT32_MAX)
    {
        NS_LOG_WARN("a fragment that no transport has sent: " << header);
        m_dropTrace(packet);
        return;
    }
    auto& flow = GetFlowFrom(sender);
    const auto number = header.GetNumber();
    if (!flow.Has(number))
    {
        NS_LOG_WARN("a fragment of no message that is under way: " << header);
        m_dropTrace(packet);
        return;
    }
    if (Collect(flow, number, header.GetMessageBytes(), packet->GetSize()))
    {
        FinishMessage(flow, number);
    }
}

bool
PortendUdpTransport::Collect(PortendFlow& flow,
                             uint64_t number,
                             uint32_t messageBytes,
                             uint32_t bytes)
{
    if (bytes == messageBytes)
    {
        return true;
    }
    const auto partial = FindPartial(flow, number);
    partial->received += bytes;
    if (partial->received != messageBytes)
    {
        return false;
    }
    flow.partials.erase(partial);
    --m_incomplete;
    return true;
}

void
PortendUdpTransport::FinishMessage(PortendFlow& flow, uint64_t number)
{
    const auto message = flow.Take(number);
    // Of the messages before it, those that are not incomplete here were lost as a whole.
    const auto& partials = flow.partials;
    const auto oldest = partials.empty() ? number : std::min(number, partials.front().number);
    flow.ForgetBefore(oldest - std::min<uint64_t>(oldest, m_maxIncomplete));

    LimitIdle(message);
    PortendLedger::Excess excess;
    excess[flow.path.HasMedium() ? PortendLedger::MEDIUM : PortendLedger::QUEUEING] =
        GetExcess(message);
    message.request->ledger.SetExcess(excess);
    Deliver(message);
}

} // namespace ns3
