/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-train-tcp-transport.h"

#include "portend-header.h"

#include "ns3/boolean.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/object-factory.h"
#include "ns3/portend-profile.h"
#include "ns3/simulator.h"
#include "ns3/tcp-l4-protocol.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendTrainTcpTransport");

NS_OBJECT_ENSURE_REGISTERED(PortendTrainTcpTransport);

namespace
{

/**
 * @brief Get an attribute.
 * @tparam Value type of its value
 * @param object has it
 * @param name of the attribute
 * @return the value
 */
template <typename Value>
auto
GetValue(const ObjectBase& object, const std::string& name)
{
    Value value;
    object.GetAttribute(name, value);
    return value.Get();
}

} // namespace

TypeId
PortendTrainTcpTransport::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendTrainTcpTransport")
                            .SetParent<PortendTcpTransport>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendTrainTcpTransport>();
    return tid;
}

bool
PortendTrainTcpTransport::HasVariant(TypeId variant)
{
    static const std::vector<std::string> names{"ns3::TcpCubic",
                                                "ns3::TcpLinuxReno",
                                                "ns3::TcpNewReno",
                                                "ns3::TcpHighSpeed",
                                                "ns3::TcpScalable",
                                                "ns3::TcpBic",
                                                "ns3::TcpHtcp",
                                                "ns3::TcpHybla",
                                                "ns3::TcpIllinois",
                                                "ns3::TcpVegas",
                                                "ns3::TcpVeno",
                                                "ns3::TcpYeah"};
    return std::find(names.begin(), names.end(), variant.GetName()) != names.end();
}

PortendTransport::Traits
PortendTrainTcpTransport::GetTraits() const
{
    auto traits = PortendTcpTransport::GetTraits();
    traits.usesTrains = true;
    return traits;
}

std::size_t
PortendTrainTcpTransport::GetIncompleteMessages() const
{
    return 0; // parts of messages are nowhere but in trains
}

void
PortendTrainTcpTransport::DoInitialize()
{
    NS_LOG_FUNCTION(this);
    const auto socket = CreateObject<PortendTcpSocket>();
    const bool isPaced = GetValue<BooleanValue>(*CreateObject<TcpSocketState>(), "EnablePacing");
    if (m_delAckCount != 1 || !GetValue<BooleanValue>(*socket, "Timestamp") ||
        !GetValue<BooleanValue>(*socket, "WindowScaling") || isPaced || !HasVariant(m_variant))
    {
        throw portend::InputError("--network",
                                  "trains acknowledge each segment, with timestamps and scaled "
                                  "windows, and do not pace; they have no " +
                                      m_variant.GetName() + " if it needs more; allowed: packets");
    }
    PortendTransport::DoInitialize();
}

void
PortendTrainTcpTransport::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_connections.clear();
    PortendTcpTransport::DoDispose();
}

bool
PortendTrainTcpTransport::IsOpen(uint32_t to) const
{
    return m_connections.count(to) > 0;
}

bool
PortendTrainTcpTransport::IsEstablished(uint32_t to) const
{
    const auto connection = m_connections.find(to);
    return connection != m_connections.end() && connection->second->IsEstablished();
}

void
PortendTrainTcpTransport::Open(uint32_t to)
{
    NS_LOG_FUNCTION(this << to);
    if (IsOpen(to))
    {
        return;
    }
    auto& flow = GetFlowTo(to);
    GetStream(flow);
    const auto socket = CreateObject<PortendTcpSocket>();
    const auto make = [](TypeId type) {
        ObjectFactory factory;
        factory.SetTypeId(type);
        return factory.Create<Object>();
    };
    PortendTrainConnection::Settings settings;
    settings.segmentBytes = flow.path.GetFragmentBytes();
    settings.initialWindow = m_initialWindow;
    settings.initialThreshold =
        static_cast<uint32_t>(GetValue<UintegerValue>(*socket, "InitialSlowStartThreshold"));
    settings.restartsAfterIdle = m_restartsAfterIdle;
    settings.minTimeout = GetValue<TimeValue>(*socket, "MinRto");
    settings.granularity = GetValue<TimeValue>(*socket, "ClockGranularity");
    settings.connectTimeout = GetValue<TimeValue>(*socket, "ConnTimeout");
    settings.variant = DynamicCast<TcpCongestionOps>(make(m_variant));
    settings.roundTrips = DynamicCast<RttEstimator>(
        make(GetValue<TypeIdValue>(*CreateObject<TcpL4Protocol>(), "RttEstimatorType")));
    settings.getBuffer = [this, &flow]() { return GetBuffer(flow.path, flow.largestBytes); };
    auto& connection = m_connections[to];
    connection = Create<PortendTrainConnection>(GetExchange()->GetTrains(),
                                                flow,
                                                GetExchange()->GetFlow(to, GetIndex()),
                                                settings);
    const auto receiver = GetExchange()->GetNode(to)->GetObject<PortendTrainTcpTransport>();
    connection->SetReceiver(
        [receiver = PeekPointer(receiver), &flow]() { receiver->FinishMessage(flow); });
    connection->Open([this, to]() { CallWaiting(to); });
}

void
PortendTrainTcpTransport::DoSend(const PortendMessage& message, PortendFlow& flow)
{
    flow.largestBytes = std::max(flow.largestBytes, message.bytes);
    GetExchange()->Enter(flow);
    const auto bytes = message.bytes + PortendHeader::SIZE;
    GetStream(flow).Append(message, bytes);
    Open(flow.to);
    m_connections.at(flow.to)->Append(bytes);
}

} // namespace ns3
