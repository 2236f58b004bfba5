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
PortendTcpTransport::SetExchange(Ptr<PortendTcpExchange> exchange)
{
    NS_LOG_FUNCTION(this);
    m_exchange = exchange;
}

void
PortendTcpTransport::DoInitialize()
{
    NS_LOG_FUNCTION(this);
    NS_ABORT_MSG_UNLESS(m_exchange, "set the exchange of the chain's transports");
    auto tcp = GetObject<TcpL4Protocol>();
    NS_ABORT_MSG_UNLESS(tcp, "install an Internet stack on the node");
    uint32_t segmentBytes = UINT16_MAX; // if there is nobody to send any
    // The first link of every way is that to a neighbor.
    if (GetTier() > 0)
    {
        segmentBytes = std::min(segmentBytes, GetRoute(GetTier() - 1).GetFragmentBytes());
    }
    if (GetTier() + 1 < GetChain().GetTiers())
    {
        segmentBytes = std::min(segmentBytes, GetRoute(GetTier() + 1).GetFragmentBytes());
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
    for (const auto& [tier, outgoing] : m_outgoing)
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
    m_exchange = nullptr;
    PortendTransport::DoDispose();
}

void
PortendTcpTransport::Prepare(uint32_t tier, uint32_t bytes)
{
    NS_LOG_FUNCTION(this << tier << bytes);
    if (tier == GetTier())
    {
        return;
    }
    m_exchange->AddMessageSize(bytes);
    auto& outgoing = GetOutgoing(tier);
    if (m_isWarm && !outgoing.isAwaited && !outgoing.socket)
    {
        outgoing.isAwaited = true;
        m_exchange->BeginSetUp();
        // Once all nodes are there: connecting before that would crash ns-3.
        Simulator::ScheduleWithContext(GetObject<Node>()->GetId(),
                                       Time(),
                                       &PortendTcpTransport::Open,
                                       this,
                                       tier);
    }
}

void
PortendTcpTransport::WhenPrepared(Callback<void> callback)
{
    NS_LOG_FUNCTION(this);
    // After the other applications that start at this time.
    Simulator::ScheduleNow(&PortendTcpExchange::WhenSetUp, m_exchange, callback);
}

PortendTcpTransport::Outgoing&
PortendTcpTransport::GetOutgoing(uint32_t tier)
{
    auto& outgoing = m_outgoing[tier];
    if (!outgoing.stream)
    {
        outgoing.stream = m_exchange->GetStream(GetTier(), tier, GetRoute(tier));
    }
    return outgoing;
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
PortendTcpTransport::GetSufficientBuffer(const PortendRoute& route, uint32_t messageBytes)
{
    const auto& rates = route.GetRates();
    const auto slowest = std::min_element(rates.begin(), rates.end());
    const double roundTrip = 2 * route.GetPropagation().GetSeconds();
    const double productBytes = slowest->GetBitRate() / 8.0 * roundTrip;
    return 2 * productBytes + messageBytes + PortendHeader::SIZE;
}

uint32_t
PortendTcpTransport::GetBuffer(const PortendRoute& route, uint32_t messageBytes) const
{
    if (m_bufferBytes > 0)
    {
        return m_bufferBytes;
    }
    return std::clamp<double>(GetSufficientBuffer(route, messageBytes),
                              MIN_BUFFER_BYTES,
                              MAX_BUFFER_BYTES);
}

void
PortendTcpTransport::SetBuffers(const Ptr<Socket>& socket, const PortendRoute& route) const
{
    const uint32_t bytes = GetBuffer(route, m_exchange->GetLargestMessage());
    socket->SetAttribute("SndBufSize", UintegerValue(bytes));
    // More than can be under way: ns-3.37 crashes if a loss finds the announced window used up.
    socket->SetAttribute("RcvBufSize", UintegerValue(2 * bytes));
}

void
PortendTcpTransport::Open(uint32_t tier)
{
    NS_LOG_FUNCTION(this << tier);
    auto& outgoing = GetOutgoing(tier);
    if (outgoing.socket)
    {
        return;
    }
    const auto& route = GetRoute(tier);
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

    Configure(socket, route.GetFragmentBytes());
    SetBuffers(socket, route);
    socket->SetRestartAfterIdle(m_restartsAfterIdle);
    socket->SetSegmentCallback(MakeCallback(&PortendTcpStream::Sent, outgoing.stream));
    socket->SetConnectCallback(MakeCallback(&PortendTcpTransport::HandleConnected, this).Bind(tier),
                               MakeCallback(&PortendTcpTransport::HandleFailed, this).Bind(tier));
    socket->SetSendCallback(MakeCallback(&PortendTcpTransport::HandleSend, this).Bind(tier));
    outgoing.socket = socket;
    socket->Bind();
    socket->Connect(GetAddress(tier));
}

void
PortendTcpTransport::HandleConnected(uint32_t tier, Ptr<Socket> socket)
{
    NS_LOG_FUNCTION(this << tier << socket);
    auto& outgoing = GetOutgoing(tier);
    outgoing.isEstablished = true;
    outgoing.stream->Establish();
    HandleSend(tier, socket, socket->GetTxAvailable());
    if (outgoing.isAwaited)
    {
        outgoing.isAwaited = false;
        m_exchange->EndSetUp();
    }
}

void
PortendTcpTransport::HandleFailed(uint32_t tier, Ptr<Socket> socket)
{
    NS_LOG_FUNCTION(this << tier << socket);
    GetOutgoing(tier).socket = nullptr;
    Simulator::ScheduleNow(&PortendTcpTransport::Open, this, tier);
}

void
PortendTcpTransport::DoSend(const PortendMessage& message, uint32_t tier)
{
    auto packet = Create<Packet>(message.bytes);
    packet->AddHeader(PortendHeader(message, 0));
    auto& outgoing = GetOutgoing(tier);
    m_exchange->AddMessageSize(message.bytes);
    m_exchange->BeginMessage();
    outgoing.stream->Append(message, packet->GetSize());
    outgoing.unsent.push_back(packet);
    if (outgoing.isEstablished)
    {
        HandleSend(tier, outgoing.socket, outgoing.socket->GetTxAvailable());
        return;
    }
    Open(tier);
}

void
PortendTcpTransport::HandleSend(uint32_t tier, Ptr<Socket> socket, uint32_t room)
{
    auto& outgoing = GetOutgoing(tier);
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
PortendTcpTransport::FindTier(const Address& address) const
{
    return GetChain().FindTier(InetSocketAddress::ConvertFrom(address).GetIpv4());
}

bool
PortendTcpTransport::HandleRequest(Ptr<Socket> socket, const Address& from)
{
    NS_LOG_FUNCTION(this << socket << from);
    const auto tier = FindTier(from);
    if (tier == GetChain().GetTiers())
    {
        NS_LOG_WARN("a connection from no tier: " << from);
        return false;
    }
    SetBuffers(socket, GetRoute(tier)); // the connection's socket will be a copy
    return true;
}

void
PortendTcpTransport::HandleAccept(Ptr<Socket> socket, const Address& from)
{
    NS_LOG_FUNCTION(this << socket << from);
    const auto tier = FindTier(from);
    auto& incoming = m_incoming[socket];
    incoming.stream = m_exchange->GetStream(tier, GetTier(), GetRoute(tier));
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
            const auto& message = incoming.stream->GetFirst();
            NS_ABORT_MSG_UNLESS(header.IsValid() && header.GetRequestId() == message.request->id &&
                                    header.GetPartition() == message.partition &&
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
            FinishMessage(*incoming.stream);
        }
    }
}

void
PortendTcpTransport::FinishMessage(PortendTcpStream& stream)
{
    const auto message = stream.GetFirst();
    const bool wasAlone = m_exchange->EndMessage(message.sent);
    message.request->ledger.SetExcess(stream.Finish(wasAlone));
    Deliver(message);
}

PortendRoute::Headers
PortendTcpTransport::GetHeaders() const
{
    auto headers = PortendRoute::TCP_HEADERS;
    headers.segmentBytes = m_segmentBytes;
    return headers;
}

std::size_t
PortendTcpTransport::GetIncompleteMessages() const
{
    return std::count_if(m_incoming.begin(), m_incoming.end(), [](const auto& item) {
        return item.second.missing > 0 || item.second.header->GetSize() > 0;
    });
}

} // namespace ns3
