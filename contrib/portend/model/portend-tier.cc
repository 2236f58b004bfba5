/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-tier.h"

#include "portend-delay.h"

#include "ns3/abort.h"
#include "ns3/assert.h"
#include "ns3/double.h"
#include "ns3/enum.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/nstime.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/uinteger.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendTier");

NS_OBJECT_ENSURE_REGISTERED(PortendTier);

TypeId
PortendTier::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::PortendTier")
            .SetParent<Application>()
            .SetGroupName("Portend")
            .AddConstructor<PortendTier>()
            .AddAttribute("Partition",
                          "Number of the partition, from 1 in the order of execution.",
                          UintegerValue(1),
                          MakeUintegerAccessor(&PortendTier::m_partition),
                          MakeUintegerChecker<uint16_t>(1))
            .AddAttribute("NextTier",
                          "Tier that hosts the next partition.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&PortendTier::m_nextTier),
                          MakeUintegerChecker<uint32_t>())
            .AddAttribute("Destination",
                          "Tier that must get the results.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&PortendTier::m_destination),
                          MakeUintegerChecker<uint32_t>())
            .AddAttribute("TensorBytes",
                          "Size of the message to the next partition, bytes; 0 if this is the "
                          "last partition.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&PortendTier::m_tensorBytes),
                          MakeUintegerChecker<uint32_t>())
            .AddAttribute("ResultBytes",
                          "Size of the result message, bytes.",
                          UintegerValue(1),
                          MakeUintegerAccessor(&PortendTier::m_resultBytes),
                          MakeUintegerChecker<uint32_t>(1))
            .AddAttribute("ComputationTime",
                          "Time to compute the whole partition, seconds.",
                          StringValue("ns3::ConstantRandomVariable[Constant=0]"),
                          MakePointerAccessor(&PortendTier::m_computationTime),
                          MakePointerChecker<RandomVariableStream>())
            .AddAttribute("ComputationFactor",
                          "Factor on computation times: 2 is half as fast as profiled.",
                          DoubleValue(1),
                          MakeDoubleAccessor(&PortendTier::m_computationFactor),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("Overhead",
                          "Time of the process for each inference, beside the computation "
                          "that was profiled; it counts as computation.",
                          TimeValue(Time()),
                          MakeTimeAccessor(&PortendTier::m_overhead),
                          MakeTimeChecker(Time(), Seconds(PORTEND_LONGEST_DELAY_S)))
            .AddAttribute("DeserializationTime",
                          "Time to deserialize the tensor that comes in, seconds.",
                          StringValue("ns3::ConstantRandomVariable[Constant=0]"),
                          MakePointerAccessor(&PortendTier::m_deserializationTime),
                          MakePointerChecker<RandomVariableStream>())
            .AddAttribute("SerializationTime",
                          "Time to serialize the tensor that goes out, seconds.",
                          StringValue("ns3::ConstantRandomVariable[Constant=0]"),
                          MakePointerAccessor(&PortendTier::m_serializationTime),
                          MakePointerChecker<RandomVariableStream>())
            .AddAttribute("ResultSerializationTime",
                          "Time to serialize the result, seconds.",
                          StringValue("ns3::ConstantRandomVariable[Constant=0]"),
                          MakePointerAccessor(&PortendTier::m_resultSerializationTime),
                          MakePointerChecker<RandomVariableStream>())
            .AddAttribute("SerializationFactor",
                          "Factor on serialization and deserialization times: 2 is half as fast "
                          "as profiled.",
                          DoubleValue(1),
                          MakeDoubleAccessor(&PortendTier::m_serializationFactor),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("QueueLimit",
                          "Most tensors that wait, with BLOCK those on their way here included; "
                          "0 means no limit.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&PortendTier::m_queueLimit),
                          MakeUintegerChecker<uint32_t>())
            .AddAttribute("QueuePolicy",
                          "What a full queue does with one tensor too many.",
                          EnumValue(DROP_NEWEST),
                          PORTEND_MAKE_ENUM_ACCESSOR(Policy, &PortendTier::m_policy),
                          MakeEnumChecker(DROP_NEWEST,
                                          "DropNewest",
                                          DROP_OLDEST,
                                          "DropOldest",
                                          BLOCK,
                                          "Block"))
            .AddAttribute("Deadline",
                          "A request that is older when a server could begin with it is dropped; "
                          "0 means no deadline.",
                          TimeValue(Time()),
                          MakeTimeAccessor(&PortendTier::m_deadline),
                          MakeTimeChecker(Time()))
            .AddAttribute("Server",
                          "Queue and server of the process; by default one of its own.",
                          StringValue("ns3::PortendServer"),
                          MakePointerAccessor(&PortendTier::m_server),
                          MakePointerChecker<PortendServer>())
            .AddTraceSource("PartitionStarted",
                            "The computation of the partition begins.",
                            MakeTraceSourceAccessor(&PortendTier::m_startedTrace),
                            "ns3::PortendTier::PartitionTracedCallback")
            .AddTraceSource("PartitionFinished",
                            "The computation of the partition has ended.",
                            MakeTraceSourceAccessor(&PortendTier::m_finishedTrace),
                            "ns3::PortendTier::PartitionTracedCallback")
            .AddTraceSource("Exit",
                            "A request exits at this partition, early or at the last.",
                            MakeTraceSourceAccessor(&PortendTier::m_exitTrace),
                            "ns3::PortendTier::PartitionTracedCallback")
            .AddTraceSource("QueueDrop",
                            "A request is lost because the queue is full.",
                            MakeTraceSourceAccessor(&PortendTier::m_queueDropTrace),
                            "ns3::PortendTier::PartitionTracedCallback")
            .AddTraceSource("DeadlineDrop",
                            "A request is given up because its deadline has passed.",
                            MakeTraceSourceAccessor(&PortendTier::m_deadlineDropTrace),
                            "ns3::PortendTier::PartitionTracedCallback")
            .AddTraceSource("EarlyExitDrop",
                            "A request exits early, and the tensor's bytes are not sent.",
                            MakeTraceSourceAccessor(&PortendTier::m_dropTrace),
                            "ns3::PortendTier::DropTracedCallback");
    return tid;
}

int64_t
PortendTier::AssignStreams(int64_t stream)
{
    NS_LOG_FUNCTION(this << stream);
    m_deserializationTime->SetStream(stream);
    m_computationTime->SetStream(stream + 1);
    m_serializationTime->SetStream(stream + 2);
    m_resultSerializationTime->SetStream(stream + 3);
    return 4;
}

void
PortendTier::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_transport = nullptr;
    m_next = nullptr;
    m_queue.clear();
    m_blocked.clear();
    m_server = nullptr;
    m_deserializationTime = nullptr;
    m_computationTime = nullptr;
    m_serializationTime = nullptr;
    m_resultSerializationTime = nullptr;
    Application::DoDispose();
}

void
PortendTier::StartApplication()
{
    NS_LOG_FUNCTION(this);
    m_transport = GetNode()->GetObject<PortendTransport>();
    NS_ABORT_MSG_UNLESS(m_transport, "aggregate a PortendTransport to the tier's node");
    m_transport->SetReceiver(PortendMessage::TENSOR, MakeCallback(&PortendTier::Receive, this));
    if (m_tensorBytes > 0)
    {
        m_transport->Prepare(m_nextTier, m_tensorBytes);
    }
    m_transport->Prepare(m_destination, m_resultBytes);
}

void
PortendTier::StopApplication()
{
    // Requests in progress go on: a tier answers what it has accepted.
    NS_LOG_FUNCTION(this);
}

void
PortendTier::Receive(const PortendMessage& message)
{
    NS_LOG_FUNCTION(this << message.request->id << message.bytes);
    const bool isFull = m_queueLimit > 0 && m_queue.size() >= m_queueLimit;
    if (isFull && m_policy == DROP_NEWEST)
    {
        m_queueDropTrace(message.request, m_partition);
        return;
    }
    m_queue.push_back({message.request, Simulator::Now()});
    if (isFull && m_policy == DROP_OLDEST)
    {
        // The newcomer takes over the turn of the oldest at the server.
        const auto oldest = m_queue.front().request;
        m_queue.pop_front();
        m_queueDropTrace(oldest, m_partition);
        return;
    }
    m_server->Acquire([this]() { Begin(); });
}

void
PortendTier::Begin()
{
    const auto [request, arrived] = m_queue.front();
    m_queue.pop_front();
    FreePlace();
    if (!m_deadline.IsZero() && Simulator::Now() - request->generated > m_deadline)
    {
        m_deadlineDropTrace(request, m_partition);
        m_server->Release();
        return;
    }
    Deserialize(request, arrived);
}

void
PortendTier::SetNext(Ptr<PortendTier> next)
{
    NS_LOG_FUNCTION(this << next);
    m_next = next;
}

bool
PortendTier::IsBlocking() const
{
    return m_policy == BLOCK && m_queueLimit > 0;
}

void
PortendTier::Reserve(Ptr<Node> node, std::function<void()> send)
{
    NS_LOG_FUNCTION(this << node->GetId());
    NS_ASSERT_MSG(IsBlocking(), "nobody needs a place in a queue that does not block");
    if (m_places < m_queueLimit)
    {
        ++m_places;
        send();
        return;
    }
    m_blocked.emplace_back([node, send]() {
        // In the sender's own context: this tier is another node.
        Simulator::ScheduleWithContext(node->GetId(), Time(), send);
    });
}

void
PortendTier::FreePlace()
{
    if (!IsBlocking())
    {
        return;
    }
    if (m_blocked.empty())
    {
        NS_ABORT_MSG_IF(m_places == 0, "tell senders of SetNext(): this tier's queue blocks");
        --m_places;
        return;
    }
    const auto send = m_blocked.front(); // the place is handed over
    m_blocked.pop_front();
    send();
}

void
PortendTier::Deserialize(const Ptr<PortendRequest>& request, Time arrived)
{
    auto& stage = request->ledger.Open();
    stage[PortendLedger::WAIT] = Simulator::Now() - arrived;
    const Time delay = PortendDrawDelay(m_deserializationTime, m_serializationFactor);
    stage[PortendLedger::DESERIALIZATION] = delay;
    PortendContinueAfter(delay, &PortendTier::Compute, this, request);
}

void
PortendTier::Compute(const Ptr<PortendRequest>& request)
{
    NS_LOG_FUNCTION(this << request->id);
    m_startedTrace(request, m_partition);
    const Time delay = PortendDrawDelay(m_computationTime, m_computationFactor) + m_overhead;
    request->ledger.Current()[PortendLedger::COMPUTATION] = delay;
    PortendContinueAfter(delay, &PortendTier::Decide, this, request);
}

void
PortendTier::Decide(const Ptr<PortendRequest>& request)
{
    NS_LOG_FUNCTION(this << request->id);
    m_finishedTrace(request, m_partition);
    const bool isLast = m_tensorBytes == 0;
    const bool exits = isLast || request->sample.exitPartition <= m_partition;
    if (exits)
    {
        m_exitTrace(request, m_partition);
        if (!isLast)
        {
            m_dropTrace(request, m_partition, m_tensorBytes);
        }
    }
    const Time delay = PortendDrawDelay(exits ? m_resultSerializationTime : m_serializationTime,
                                        m_serializationFactor);
    request->ledger.Current()[PortendLedger::SERIALIZATION] = delay;
    PortendContinueAfter(delay, &PortendTier::Finish, this, request, exits);
}

void
PortendTier::Finish(const Ptr<PortendRequest>& request, bool exits)
{
    if (exits || !m_next || !m_next->IsBlocking())
    {
        Send(request, exits);
        return;
    }
    m_next->Reserve(GetNode(), [this, request, finished = Simulator::Now()]() {
        request->ledger.Current()[PortendLedger::WAIT] += Simulator::Now() - finished;
        Send(request, false);
    });
}

void
PortendTier::Send(const Ptr<PortendRequest>& request, bool exits)
{
    m_server->Release();
    PortendMessage message;
    message.kind = exits ? PortendMessage::RESULT : PortendMessage::TENSOR;
    message.partition = m_partition;
    message.bytes = exits ? m_resultBytes : m_tensorBytes;
    message.request = request;
    m_transport->Send(message, exits ? m_destination : m_nextTier);
}

} // namespace ns3
