/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-transport.h"

#include "ns3/abort.h"
#include "ns3/inet-socket-address.h"
#include "ns3/log.h"
#include "ns3/simulator.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/uinteger.h"

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
            .AddAttribute("Port",
                          "Port that transports listen on, the same on all tiers.",
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
                            "ns3::PortendTransport::MessageTracedCallback");
    return tid;
}

void
PortendTransport::SetTier(Ptr<const PortendChain> chain, uint32_t tier)
{
    NS_LOG_FUNCTION(this << tier);
    m_chain = chain;
    m_tier = tier;
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

uint32_t
PortendTransport::GetTier() const
{
    return m_tier;
}

const PortendChain&
PortendTransport::GetChain() const
{
    NS_ABORT_MSG_UNLESS(m_chain, "set the tier of the transport");
    return *m_chain;
}

const PortendRoute&
PortendTransport::GetRoute(uint32_t tier)
{
    auto it = m_routes.find(tier);
    if (it == m_routes.end())
    {
        it = m_routes.emplace(tier, GetChain().GetRoute(m_tier, tier)).first;
    }
    return it->second;
}

Address
PortendTransport::GetAddress(uint32_t tier) const
{
    return InetSocketAddress(PortendChain::GetAddress(tier, m_tier), m_port);
}

void
PortendTransport::Prepare(uint32_t tier, uint32_t bytes)
{
    NS_LOG_FUNCTION(this << tier << bytes);
}

void
PortendTransport::WhenPrepared(Callback<void> callback)
{
    NS_LOG_FUNCTION(this);
    callback();
}

void
PortendTransport::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_receivers[PortendMessage::TENSOR] = Receiver();
    m_receivers[PortendMessage::RESULT] = Receiver();
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
    const auto& route = GetRoute(tier);
    auto& stage = message.request->ledger.Current();
    stage[PortendLedger::PROPAGATION] = route.GetPropagation();
    stage[PortendLedger::TRANSMISSION] = route.GetTransmission(message.bytes);
    DoSend(message, tier);
}

Time
PortendTransport::GetExcess(const PortendMessage& message)
{
    const auto& stage = message.request->ledger.Current();
    return Simulator::Now() - message.sent - stage[PortendLedger::PROPAGATION] -
           stage[PortendLedger::TRANSMISSION];
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
