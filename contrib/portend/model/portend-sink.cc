/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-sink.h"

#include "portend-delay-model.h"
#include "portend-delay.h"

#include "ns3/abort.h"
#include "ns3/double.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/uinteger.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendSink");

NS_OBJECT_ENSURE_REGISTERED(PortendSink);

TypeId
PortendSink::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::PortendSink")
            .SetParent<Application>()
            .SetGroupName("Portend")
            .AddConstructor<PortendSink>()
            .AddAttribute("Stream",
                          "Index of the stream whose results these are.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&PortendSink::m_stream),
                          MakeUintegerChecker<uint32_t>())
            .AddAttribute("Member",
                          "Index of the stream's member whose results these are.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&PortendSink::m_member),
                          MakeUintegerChecker<uint32_t>())
            .AddAttribute("DeserializationTime",
                          "Time to deserialize a result, seconds.",
                          StringValue("ns3::ConstantRandomVariable[Constant=0]"),
                          MakePointerAccessor(&PortendSink::m_deserializationTime),
                          MakePointerChecker<RandomVariableStream>())
            .AddAttribute("SerializationFactor",
                          "Factor on deserialization times: 2 is half as fast as profiled.",
                          DoubleValue(1),
                          MakeDoubleAccessor(&PortendSink::m_serializationFactor),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("Server",
                          "Server that deserializes; by default one of the sink's own. Share "
                          "the tier's to model one core.",
                          StringValue("ns3::PortendServer"),
                          MakePointerAccessor(&PortendSink::m_server),
                          MakePointerChecker<PortendServer>())
            .AddTraceSource("LateAnswer",
                            "The result of a request is complete that a fallback has answered.",
                            MakeTraceSourceAccessor(&PortendSink::m_lateTrace),
                            "ns3::PortendSink::RequestTracedCallback")
            .AddTraceSource("RequestCompleted",
                            "The result of a request is complete; its ledger is closed.",
                            MakeTraceSourceAccessor(&PortendSink::m_completedTrace),
                            "ns3::PortendSink::RequestTracedCallback");
    return tid;
}

uint64_t
PortendSink::GetCompleted() const
{
    return m_completed;
}

int64_t
PortendSink::AssignStreams(int64_t stream)
{
    NS_LOG_FUNCTION(this << stream);
    PortendSetStream(m_deserializationTime, stream);
    return 1;
}

void
PortendSink::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_transport = nullptr;
    m_power = nullptr;
    m_server = nullptr;
    m_deserializationTime = nullptr;
    Application::DoDispose();
}

void
PortendSink::StartApplication()
{
    NS_LOG_FUNCTION(this);
    m_transport = GetNode()->GetObject<PortendTransport>();
    NS_ABORT_MSG_UNLESS(m_transport, "aggregate a PortendTransport to the destination's node");
    m_power = GetNode()->GetObject<PortendEnergyModel>();
    m_transport->SetResultReceiver(m_stream, m_member, MakeCallback(&PortendSink::Receive, this));
}

void
PortendSink::StopApplication()
{
    // Results in progress are still taken: they count as completed.
    NS_LOG_FUNCTION(this);
}

void
PortendSink::Receive(const PortendMessage& message)
{
    NS_LOG_FUNCTION(this << message.request->id);
    m_server->Acquire({message.request, 0, Simulator::Now(), [this](const auto& jobs) {
                           Deserialize(jobs.front().request, jobs.front().arrived);
                       }});
}

void
PortendSink::Deserialize(const Ptr<PortendRequest>& request, Time arrived)
{
    auto& stage = request->ledger.Open();
    request->ledger.AddWait(PortendLedger::QUEUE, Simulator::Now() - arrived);
    const Time delay = PortendDrawDelay(m_deserializationTime, m_serializationFactor);
    stage[PortendLedger::DESERIALIZATION] = delay;
    if (m_power)
    {
        m_power->Change(PortendLedger::WAIT, PortendLedger::DESERIALIZATION);
        request->ledger.AddEnergy(PortendLedger::DESERIALIZATION,
                                  m_power->GetEnergy(PortendLedger::DESERIALIZATION, delay));
    }
    PortendContinueAfter(delay, &PortendSink::Complete, this, request);
}

void
PortendSink::Complete(const Ptr<PortendRequest>& request)
{
    NS_LOG_FUNCTION(this << request->id);
    if (m_power)
    {
        m_power->Change(PortendLedger::DESERIALIZATION, PortendLedger::WAIT);
    }
    m_server->Release();
    request->completed = Simulator::Now();
    NS_ASSERT_MSG(request->ledger.GetTotal() == request->GetLatency(),
                  "the ledger of request " << request->id << " does not sum to its latency");
    request->ledger.Validate();
    if (request->isAnswered)
    {
        m_lateTrace(request);
        return;
    }
    request->fallback = nullptr;
    ++m_completed;
    m_completedTrace(request);
    request->owner->RequestEnded(*request);
}

} // namespace ns3
