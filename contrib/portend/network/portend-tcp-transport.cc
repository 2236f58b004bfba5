/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-tcp-transport.h"

#include "portend-header.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/inet-socket-address.h"
#include "ns3/ipv4-address.h"
#include "ns3/ipv4.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/object-factory.h"
#include "ns3/packet.h"
#include "ns3/rtt-estimator.h"
#include "ns3/simulator.h"
#include "ns3/tcp-congestion-ops.h"
#include "ns3/tcp-cubic.h"
#include "ns3/tcp-l4-protocol.h"
#include "ns3/tcp-recovery-ops.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendTcpTransport");

NS_OBJECT_ENSURE_REGISTERED(PortendTcpTransport);

namespace
{

/// Buffers for sending are not made smaller than ns-3 has them.
constexpr uint32_t MIN_BUFFER_BYTES = 131072;

/// The receiving end answers connection requests so often, however late its answer is taken.
constexpr uint32_t ANSWERS = 30;

/**
 * @brief Tell whether a type is a variant of TCP.
 * @param type the type
 * @return true if so
 */
bool
IsVariant(TypeId type)
{
    // TcpCubic names the wrong parent, so that the family alone does not tell.
    const bool isRelated =
        type.IsChildOf(TcpCongestionOps::GetTypeId()) || type.IsChildOf(TcpSocketBase::GetTypeId());
    if (!isRelated || !type.HasConstructor())
    {
        return false;
    }
    ObjectFactory factory;
    factory.SetTypeId(type);
    return DynamicCast<TcpCongestionOps>(factory.Create<Object>()) != nullptr;
}

/// Accepts the types of TCP's variants, and can list them.
class VariantChecker : public AttributeChecker
{
  public:
    bool Check(const AttributeValue& value) const override
    {
        const auto* type = dynamic_cast<const TypeIdValue*>(&value);
        return type && IsVariant(type->Get());
    }

    std::string GetValueTypeName() const override
    {
        return "ns3::TypeIdValue";
    }

    bool HasUnderlyingTypeInformation() const override
    {
        return true;
    }

    std::string GetUnderlyingTypeInformation() const override
    {
        std::string list;
        for (const auto& name : PortendTcpTransport::GetVariants())
        {
            list += (list.empty() ? "ns3::" : "|ns3::") + name;
        }
        return list;
    }

    Ptr<AttributeValue> Create() const override
    {
        return ns3::Create<TypeIdValue>();
    }

    bool Copy(const AttributeValue& source, AttributeValue& destination) const override
    {
        const auto* from = dynamic_cast<const TypeIdValue*>(&source);
        auto* to = dynamic_cast<TypeIdValue*>(&destination);
        if (!from || !to)
        {
            return false;
        }
        *to = *from;
        return true;
    }
};

} // namespace

TypeId
PortendTcpTransport::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::PortendTcpTransport")
            .SetParent<PortendTransport>()
            .SetGroupName("Portend")
            .AddConstructor<PortendTcpTransport>()
            .AddAttribute("Variant",
                          "Congestion control of the connections.",
                          TypeIdValue(TcpCubic::GetTypeId()),
                          MakeTypeIdAccessor(&PortendTcpTransport::m_variant),
                          Create<VariantChecker>())
            .AddAttribute("InitialWindow",
                          "Congestion window of a new connection, segments.",
                          UintegerValue(10),
                          MakeUintegerAccessor(&PortendTcpTransport::m_initialWindow),
                          MakeUintegerChecker<uint32_t>(1))
            .AddAttribute("SegmentSize",
                          "Most data of a segment, bytes; 0 fills the MTU of the first link.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&PortendTcpTransport::m_segmentBytes),
                          MakeUintegerChecker<uint32_t>(0, MAX_SEGMENT_BYTES))
            .AddAttribute("BufferSize",
                          "Buffer for sending, bytes, that for receiving is twice as large; 0 is "
                          "as large as it takes for the buffers to limit nothing.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&PortendTcpTransport::m_bufferBytes),
                          MakeUintegerChecker<uint32_t>(0, MAX_BUFFER_BYTES))
            .AddAttribute("DelAckCount",
                          "Segments that are acknowledged together.",
                          UintegerValue(1),
                          MakeUintegerAccessor(&PortendTcpTransport::m_delAckCount),
                          MakeUintegerChecker<uint32_t>(1))
            .AddAttribute("RestartAfterIdle",
                          "Whether a connection that had nothing to send for longer than a "
                          "retransmission timeout restarts its congestion window, as Linux does "
                          "by default, or keeps it.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&PortendTcpTransport::m_restartsAfterIdle),
                          MakeBooleanChecker())
            .AddAttribute("Warm",
                          "Whether connections are set up before the first request, or each by "
                          "its first message.",
                          BooleanValue(true),
                          MakeBooleanAccessor(&PortendTcpTransport::m_isWarm),
                          MakeBooleanChecker());
    return tid;
}

bool
PortendTcpTransport::HasVariant(const std::string& name)
{
    TypeId type;
    return TypeId::LookupByNameFailSafe("ns3::" + name, &type) && IsVariant(type);
}

std::vector<std::string>
PortendTcpTransport::GetVariants()
{
    const std::string prefix = "ns3::";
    std::vector<std::string> names;
    for (uint16_t i = 0; i < TypeId::GetRegisteredN(); ++i)
    {
        const auto type = TypeId::GetRegistered(i);
        if (IsVariant(type))
        {
            names.push_back(type.GetName().substr(prefix.size()));
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

void
PortendTcpTransport::DoInitialize()
{
    NS_LOG_FUNCTION(this);
    auto tcp = GetObject<TcpL4Protocol>();
    NS_ABORT_MSG_UNLESS(tcp, "install an Internet stack on the node");
    uint32_t segmentBytes = UINT16_MAX; // if there is nobody to send any
    const auto ipv4 = GetObject<Ipv4>();
    for (uint32_t i = 1; i < ipv4->GetNInterfaces(); ++i) // 0 is the node itself
    {
        segmentBytes = std::min<uint32_t>(
            segmentBytes,
            m_segmentBytes > 0 ? m_segmentBytes
                               : ipv4->GetMtu(i) - PortendPath::TCP_HEADERS.packetBytes);
    }
    m_listener = tcp->CreateSocket(m_variant);
    Configure(m_listener, segmentBytes);
    m_listener->SetAttribute("ConnCount", UintegerValue(ANSWERS));
    NS_ABORT_MSG_IF(m_listener->Bind(InetSocketAddress(Ipv4Address::GetAny(), GetPort())) != 0,
                    "cannot listen on TCP port " << GetPort());
    m_listener->Listen();
    m_listener->SetAcceptCallback(MakeCallback(&PortendTcpTransport::HandleRequest, this),
                                  MakeCallback(&PortendTcpTransport::HandleAccept, this));
    PortendTransport::DoInitialize();
}

void
PortendTcpTransport::DoDispose()
{
    NS_LOG_FUNCTION(this);
    // Sockets outlive the transport; connections just stay as they are.
    const auto forget = [](const Ptr<Socket>& socket) {
        socket->SetConnectCallback(MakeNullCallback<void, Ptr<Socket>>(),
                                   MakeNullCallback<void, Ptr<Socket>>());
        socket->SetSendCallback(MakeNullCallback<void, Ptr<Socket>, uint32_t>());
        socket->SetRecvCallback(MakeNullCallback<void, Ptr<Socket>>());
    };
    for (const auto& [to, outgoing] : m_outgoing)
    {
        if (outgoing.socket)
        {
            forget(outgoing.socket);
        }
    }
    for (const auto& [socket, incoming] : m_incoming)
    {
        forget(socket);
    }
    if (m_listener)
    {
        m_listener->SetAcceptCallback(MakeNullCallback<bool, Ptr<Socket>, const Address&>(),
                                      MakeNullCallback<void, Ptr<Socket>, const Address&>());
        m_listener = nullptr;
    }
    m_outgoing.clear();
    m_incoming.clear();
    m_waiting.clear();
    PortendTransport::DoDispose();
}

bool
PortendTcpTransport::Prepare(uint32_t to, uint32_t bytes, Callback<void> ready)
{
    NS_LOG_FUNCTION(this << to << bytes);
    if (to == GetIndex())
    {
        return false;
    }
    auto& flow = GetFlowTo(to);
    flow.largestBytes = std::max(flow.largestBytes, bytes);
    if (!m_isWarm || IsEstablished(to))
    {
        return false;
    }
    auto& waiting = m_waiting[to];
    if (waiting.empty() && !IsOpen(to))
    {
        // Once all nodes are there: connecting before that would crash ns-3.
        Simulator::ScheduleWithContext(GetObject<Node>()->GetId(),
                                       Time(),
                                       &PortendTcpTransport::Open,
                                       this,
                                       to);
    }
    waiting.push_back(ready);
    return true;
}

PortendTcpStream&
PortendTcpTransport::GetStream(PortendFlow& flow)
{
    if (!flow.stream)
    {
        flow.stream = Create<PortendTcpStream>(flow.path);
    }
    return *flow.stream;
}

void
PortendTcpTransport::Configure(const Ptr<Socket>& socket, uint32_t segmentBytes) const
{
    socket->SetAttribute("SegmentSize", UintegerValue(segmentBytes));
    socket->SetAttribute("InitialCwnd", UintegerValue(m_initialWindow));
    socket->SetAttribute("DelAckCount", UintegerValue(m_delAckCount));
    // A message's last segment is sent at once, as ZeroMQ has it.
    socket->SetAttribute("TcpNoDelay", BooleanValue(true));
    // No message is lost, however many packets are.
    socket->SetAttribute("DataRetries", UintegerValue(UINT32_MAX));
}

double
PortendTcpTransport::GetSufficientBuffer(const PortendPath& path, uint32_t messageBytes)
{
    if (path.HasMedium())
    {
        return HUGE_VAL; // nobody knows how much can be under way
    }
    const auto& rates = path.GetRates();
    const auto slowest = std::min_element(rates.begin(), rates.end());
    const double roundTrip = 2 * path.GetPropagation().GetSeconds();
    const double productBytes = slowest->GetBitRate() / 8.0 * roundTrip;
    return 2 * productBytes + messageBytes + PortendHeader::SIZE;
}

uint32_t
PortendTcpTransport::GetBuffer(const PortendPath& path, uint32_t messageBytes) const
{
    if (m_bufferBytes > 0)
    {
        return m_bufferBytes;
    }
    return std::clamp<double>(GetSufficientBuffer(path, messageBytes),
                              MIN_BUFFER_BYTES,
                              MAX_BUFFER_BYTES);
}

void
PortendTcpTransport::SetBuffers(const Ptr<Socket>& socket, const PortendFlow& flow) const
{
    const uint32_t bytes = GetBuffer(flow.path, flow.largestBytes);
    socket->SetAttribute("SndBufSize", UintegerValue(bytes));
    // More than can be under way: ns-3.37 crashes if a loss finds the announced window used up.
    socket->SetAttribute("RcvBufSize", UintegerValue(2 * bytes));
}

void
PortendTcpTransport::Open(uint32_t to)
{
    NS_LOG_FUNCTION(this << to);
    auto& outgoing = m_outgoing[to];
    if (outgoing.socket)
    {
        return;
    }
    auto& flow = GetFlowTo(to);
    auto tcp = GetObject<TcpL4Protocol>();
    const auto getFactory = [](TypeId type) {
        ObjectFactory factory;
        factory.SetTypeId(type);
        return factory;
    };
    TypeIdValue rtt;
    tcp->GetAttribute("RttEstimatorType", rtt);
    TypeIdValue recovery;
    tcp->GetAttribute("RecoveryType", recovery);
    // As TcpL4Protocol::CreateSocket() does it.
    auto socket = CreateObject<PortendTcpSocket>();
    socket->SetNode(GetObject<Node>());
    socket->SetTcp(tcp);
    socket->SetRtt(getFactory(rtt.Get()).Create<RttEstimator>());
    socket->SetCongestionControlAlgorithm(getFactory(m_variant).Create<TcpCongestionOps>());
    socket->SetRecoveryAlgorithm(getFactory(recovery.Get()).Create<TcpRecoveryOps>());
    tcp->AddSocket(socket);

    Configure(socket, flow.path.GetFragmentBytes());
    SetBuffers(socket, flow);
    socket->SetRestartAfterIdle(m_restartsAfterIdle);
    GetStream(flow);
    socket->SetSegmentCallback(MakeCallback(&PortendTcpStream::Sent, flow.stream));
    socket->SetConnectCallback(MakeCallback(&PortendTcpTransport::HandleConnected, this).Bind(to),
                               MakeCallback(&PortendTcpTransport::HandleFailed, this).Bind(to));
    socket->SetSendCallback(MakeCallback(&PortendTcpTransport::HandleSend, this).Bind(to));
    outgoing.socket = socket;
    socket->Bind();
    socket->Connect(InetSocketAddress(flow.address, GetPort()));
}

void
PortendTcpTransport::HandleConnected(uint32_t to, Ptr<Socket> socket)
{
    NS_LOG_FUNCTION(this << to << socket);
    auto& outgoing = m_outgoing[to];
    outgoing.isEstablished = true;
    GetStream(GetFlowTo(to)).Establish();
    HandleSend(to, socket, socket->GetTxAvailable());
    CallWaiting(to);
}

bool
PortendTcpTransport::IsOpen(uint32_t to) const
{
    const auto outgoing = m_outgoing.find(to);
    return outgoing != m_outgoing.end() && outgoing->second.socket;
}

bool
PortendTcpTransport::IsEstablished(uint32_t to) const
{
    const auto outgoing = m_outgoing.find(to);
    return outgoing != m_outgoing.end() && outgoing->second.isEstablished;
}

void
PortendTcpTransport::CallWaiting(uint32_t to)
{
    for (const auto& callback : std::exchange(m_waiting[to], {}))
    {
        callback();
    }
}

void
PortendTcpTransport::HandleFailed(uint32_t to, Ptr<Socket> socket)
{
    NS_LOG_FUNCTION(this << to << socket);
    m_outgoing[to].socket = nullptr;
    Simulator::ScheduleNow(&PortendTcpTransport::Open, this, to);
}

void
PortendTcpTransport::DoSend(const PortendMessage& message, PortendFlow& flow)
{
    auto packet = Create<Packet>(message.bytes);
    packet->AddHeader(PortendHeader(message, 0));
    auto& outgoing = m_outgoing[flow.to];
    flow.largestBytes = std::max(flow.largestBytes, message.bytes);
    GetExchange()->Enter(flow);
    GetStream(flow).Append(message, packet->GetSize());
    outgoing.unsent.push_back(packet);
    if (outgoing.isEstablished)
    {
        HandleSend(flow.to, outgoing.socket, outgoing.socket->GetTxAvailable());
        return;
    }
    Open(flow.to);
}

void
PortendTcpTransport::HandleSend(uint32_t to, Ptr<Socket> socket, uint32_t room)
{
    auto& outgoing = m_outgoing[to];
    while (!outgoing.unsent.empty() && room > 0)
    {
        auto packet = outgoing.unsent.front();
        if (packet->GetSize() <= room)
        {
            outgoing.unsent.pop_front();
        }
        else
        {
            outgoing.unsent.front() = packet->CreateFragment(room, packet->GetSize() - room);
            packet = packet->CreateFragment(0, room);
        }
        const auto sent = socket->Send(packet, 0);
        NS_ABORT_MSG_IF(sent < 0, "the socket refused what it has room for");
        room -= sent;
    }
}

uint32_t
PortendTcpTransport::FindNode(const Address& address) const
{
    return GetExchange()->FindNode(InetSocketAddress::ConvertFrom(address).GetIpv4());
}

bool
PortendTcpTransport::HandleRequest(Ptr<Socket> socket, const Address& from)
{
    NS_LOG_FUNCTION(this << socket << from);
    const auto node = FindNode(from);
    if (node == UINT32_MAX)
    {
        NS_LOG_WARN("a connection from no node: " << from);
        return false;
    }
    SetBuffers(socket, GetFlowFrom(node)); // the connection's socket will be a copy
    return true;
}

void
PortendTcpTransport::HandleAccept(Ptr<Socket> socket, const Address& from)
{
    NS_LOG_FUNCTION(this << socket << from);
    auto& incoming = m_incoming[socket];
    incoming.flow = &GetFlowFrom(FindNode(from));
    incoming.header = Create<Packet>();
    socket->SetRecvCallback(MakeCallback(&PortendTcpTransport::HandleRead, this));
}

void
PortendTcpTransport::HandleRead(Ptr<Socket> socket)
{
    NS_LOG_FUNCTION(this << socket);
    auto& incoming = m_incoming.at(socket);
    while (socket->GetRxAvailable() > 0)
    {
        if (incoming.missing == 0)
        {
            const auto wanted = PortendHeader::SIZE - incoming.header->GetSize();
            incoming.header->AddAtEnd(socket->Recv(wanted, 0));
            if (incoming.header->GetSize() < PortendHeader::SIZE)
            {
                continue;
            }
            PortendHeader header;
            incoming.header->RemoveHeader(header);
            const auto& message = GetStream(*incoming.flow).GetFirst();
            NS_ABORT_MSG_UNLESS(header.IsValid() && header.GetNumber() == message.number &&
                                    header.GetMessageBytes() == message.bytes,
                                "the stream holds another message: " << header);
            incoming.missing = message.bytes;
        }
        else
        {
            incoming.missing -= socket->Recv(incoming.missing, 0)->GetSize();
        }
        if (incoming.missing == 0)
        {
            FinishMessage(*incoming.flow);
        }
    }
}

void
PortendTcpTransport::FinishMessage(PortendFlow& flow)
{
    auto& stream = GetStream(flow);
    const auto message = stream.GetFirst();
    const bool wasAlone = GetExchange()->Leave(flow, message.sent);
    LimitIdle(message);
    message.request->ledger.SetExcess(stream.Finish(wasAlone));
    Deliver(message);
}

PortendTransport::Traits
PortendTcpTransport::GetTraits() const
{
    auto headers = PortendPath::TCP_HEADERS;
    headers.segmentBytes = m_segmentBytes;
    return {headers, true};
}

std::size_t
PortendTcpTransport::GetIncompleteMessages() const
{
    return std::count_if(m_incoming.begin(), m_incoming.end(), [](const auto& item) {
        return item.second.missing > 0 || item.second.header->GetSize() > 0;
    });
}

} // namespace ns3
