/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-transport.h"

#include "ns3/abort.h"
#include "ns3/log.h"
#include "ns3/simulator.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/uinteger.h"

#include <algorithm>

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
                          "Port that transports listen on, the same on all nodes.",
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
PortendTransport::SetNode(Ptr<PortendExchange> exchange, uint32_t index)
{
    NS_LOG_FUNCTION(this << index);
    m_exchange = exchange;
    m_index = index;
}

Ptr<PortendExchange>
PortendTransport::GetExchange() const
{
    return m_exchange;
}

uint32_t
PortendTransport::GetIndex() const
{
    return m_index;
}

void
PortendTransport::SetTensorReceiver(Receiver receiver)
{
    NS_LOG_FUNCTION(this);
    m_tensorReceiver = receiver;
}

void
PortendTransport::SetResultReceiver(uint32_t stream, uint32_t member, Receiver receiver)
{
    NS_LOG_FUNCTION(this << stream << member);
    m_resultReceivers[{stream, member}] = receiver;
}

uint16_t
PortendTransport::GetPort() const
{
    return m_port;
}

PortendFlow&
PortendTransport::GetFlowTo(uint32_t to) const
{
    return m_exchange->GetFlow(m_index, to);
}

PortendFlow&
PortendTransport::GetFlowFrom(uint32_t from) const
{
    return m_exchange->GetFlow(from, m_index);
}

bool
PortendTransport::Prepare(uint32_t to, uint32_t bytes, Callback<void> /* ready */)
{
    NS_LOG_FUNCTION(this << to << bytes);
    return false;
}

void
PortendTransport::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_exchange = nullptr;
    m_tensorReceiver = Receiver();
    m_resultReceivers.clear();
    Object::DoDispose();
}

void
PortendTransport::Send(PortendMessage message, uint32_t to)
{
    NS_LOG_FUNCTION(this << message.request->id << message.bytes << to);
    message.sent = Simulator::Now();
    if (to == m_index)
    {
        m_sentTrace(message, m_index);
        Deliver(message);
        return;
    }
    auto& flow = GetFlowTo(to);
    message.number = flow.count++;
    m_sentTrace(message, m_index);
    auto& stage = message.request->ledger.Current();
    const auto idle = flow.path.GetIdle(message.sent, message.bytes);
    stage[PortendLedger::PROPAGATION] = idle.propagation;
    stage[PortendLedger::TRANSMISSION] = idle.transmission;
    if (flow.path.HasEnergy())
    {
        message.request->ledger.AddEnergy(PortendLedger::TRANSMISSION,
                                          flow.path.GetEnergy(message.sent, message.bytes));
    }
    DoSend(message, flow);
}

void
PortendTransport::LimitIdle(const PortendMessage& message)
{
    auto& stage = message.request->ledger.Current();
    const auto took = Simulator::Now() - message.sent;
    stage[PortendLedger::PROPAGATION] = std::min(stage[PortendLedger::PROPAGATION], took);
    stage[PortendLedger::TRANSMISSION] =
        std::min(stage[PortendLedger::TRANSMISSION], took - stage[PortendLedger::PROPAGATION]);
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
    m_receivedTrace(message, m_index);
    if (message.kind == PortendMessage::TENSOR)
    {
        NS_ABORT_MSG_IF(m_tensorReceiver.IsNull(), "node " << m_index << " has no worker");
        m_tensorReceiver(message);
        return;
    }
    const auto& request = *message.request;
    const auto receiver = m_resultReceivers.find({request.stream, request.member});
    NS_ABORT_MSG_IF(receiver == m_resultReceivers.end(),
                    "node " << m_index << " has no sink of stream " << request.stream);
    receiver->second(message);
}

} // namespace ns3
