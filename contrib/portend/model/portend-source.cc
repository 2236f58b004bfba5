/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-source.h"

#include "portend-delay.h"

#include "ns3/abort.h"
#include "ns3/double.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/nstime.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/uinteger.h"

#include <algorithm>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendSource");

NS_OBJECT_ENSURE_REGISTERED(PortendSource);

TypeId
PortendSource::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::PortendSource")
            .SetParent<Application>()
            .SetGroupName("Portend")
            .AddConstructor<PortendSource>()
            .AddAttribute("InputBytes",
                          "Size of the serialized input message, bytes.",
                          UintegerValue(1),
                          MakeUintegerAccessor(&PortendSource::m_inputBytes),
                          MakeUintegerChecker<uint32_t>(1))
            .AddAttribute("FirstTier",
                          "Tier that hosts the first partition.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&PortendSource::m_firstTier),
                          MakeUintegerChecker<uint32_t>())
            .AddAttribute("MaxRequests",
                          "Number of requests to generate; 0 means no limit.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&PortendSource::m_maxRequests),
                          MakeUintegerChecker<uint64_t>())
            .AddAttribute("SerializationTime",
                          "Time to serialize an input, seconds.",
                          StringValue("ns3::ConstantRandomVariable[Constant=0]"),
                          MakePointerAccessor(&PortendSource::m_serializationTime),
                          MakePointerChecker<RandomVariableStream>())
            .AddAttribute("SerializationFactor",
                          "Factor on serialization times: 2 is half as fast as profiled.",
                          DoubleValue(1),
                          MakeDoubleAccessor(&PortendSource::m_serializationFactor),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("Interval",
                          "Time between arrivals, seconds; null for closed arrivals, where the "
                          "next request arises when the last is complete.",
                          PointerValue(),
                          MakePointerAccessor(&PortendSource::m_interval),
                          MakePointerChecker<RandomVariableStream>())
            .AddAttribute("OnTime",
                          "Length of a burst, seconds; null if the source is always on.",
                          PointerValue(),
                          MakePointerAccessor(&PortendSource::m_onTime),
                          MakePointerChecker<RandomVariableStream>())
            .AddAttribute("OffTime",
                          "Time between bursts, seconds; needed with OnTime.",
                          PointerValue(),
                          MakePointerAccessor(&PortendSource::m_offTime),
                          MakePointerChecker<RandomVariableStream>())
            .AddAttribute("QueueLimit",
                          "Most inputs that wait, generated and not sent; as long as so many do, "
                          "no request arises. 0 means no limit.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&PortendSource::m_queueLimit),
                          MakeUintegerChecker<uint32_t>())
            .AddAttribute("Timeout",
                          "With closed arrivals, how long to wait for a result before the next "
                          "request arises all the same; 0 waits for ever, which ends the "
                          "simulation if a message is lost.",
                          TimeValue(Time()),
                          MakeTimeAccessor(&PortendSource::m_timeout),
                          MakeTimeChecker(Time(), Seconds(PORTEND_LONGEST_DELAY_S)))
            .AddAttribute("Server",
                          "Server that serializes; by default one of the source's own. Share "
                          "the tier's to model one core.",
                          StringValue("ns3::PortendServer"),
                          MakePointerAccessor(&PortendSource::m_server),
                          MakePointerChecker<PortendServer>())
            .AddAttribute("ExitModel",
                          "Draws where samples exit and whether the answer is right.",
                          PointerValue(),
                          MakePointerAccessor(&PortendSource::m_exitModel),
                          MakePointerChecker<PortendExitModel>())
            .AddTraceSource("RequestGenerated",
                            "A request has arisen.",
                            MakeTraceSourceAccessor(&PortendSource::m_generatedTrace),
                            "ns3::PortendSink::RequestTracedCallback");
    return tid;
}

void
PortendSource::SetArrivalTimes(const std::vector<Time>& times)
{
    NS_LOG_FUNCTION(this);
    NS_ABORT_MSG_UNLESS(std::is_sorted(times.begin(), times.end()),
                        "arrival times must not decrease");
    m_arrivalTimes = times;
}

uint64_t
PortendSource::GetGenerated() const
{
    return m_generated;
}

int64_t
PortendSource::AssignStreams(int64_t stream)
{
    NS_LOG_FUNCTION(this << stream);
    int64_t used = 0;
    if (m_interval)
    {
        m_interval->SetStream(stream + used);
    }
    ++used; // the same streams for the rest, whatever the arrivals
    m_serializationTime->SetStream(stream + used++);
    if (m_exitModel)
    {
        used += m_exitModel->AssignStreams(stream + used);
    }
    if (m_onTime)
    {
        m_onTime->SetStream(stream + used++);
        m_offTime->SetStream(stream + used++);
    }
    return used;
}

void
PortendSource::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_transport = nullptr;
    m_server = nullptr;
    m_exitModel = nullptr;
    m_interval = nullptr;
    m_onTime = nullptr;
    m_offTime = nullptr;
    m_next = nullptr;
    m_serializationTime = nullptr;
    Application::DoDispose();
}

void
PortendSource::StartApplication()
{
    NS_LOG_FUNCTION(this);
    m_transport = GetNode()->GetObject<PortendTransport>();
    NS_ABORT_MSG_UNLESS(m_transport, "aggregate a PortendTransport to the source's node");
    NS_ABORT_MSG_UNLESS(m_exitModel, "set the attribute ExitModel of the source");
    m_transport->Prepare(m_firstTier, m_inputBytes);
    m_transport->WhenPrepared(MakeCallback(&PortendSource::Begin, this));
}

void
PortendSource::Begin()
{
    NS_LOG_FUNCTION(this);
    m_started = Simulator::Now();
    if (m_onTime)
    {
        NS_ABORT_MSG_UNLESS(m_offTime, "set OffTime of the source with OnTime");
        m_burstEnd = m_started + PortendDrawDelay(m_onTime);
    }
    if (IsClosed())
    {
        // As with other arrivals, all applications of the node have started by then.
        m_nextArrival = Simulator::ScheduleNow(&PortendSource::Generate, this);
        return;
    }
    ScheduleNext();
}

void
PortendSource::StopApplication()
{
    NS_LOG_FUNCTION(this);
    m_nextArrival.Cancel();
    m_giveUp.Cancel();
    m_maxRequests = m_generated > 0 ? m_generated : 1;
}

void
PortendSource::ScheduleNext()
{
    if (!HasMore())
    {
        return;
    }
    if (m_queueLimit > 0 && m_waiting >= m_queueLimit)
    {
        m_isHeld = true;
        m_heldSince = Simulator::Now();
        return; // Send() goes on
    }
    m_held = m_isHeld ? Simulator::Now() - m_heldSince : Time();
    m_isHeld = false;
    Time delay;
    if (!m_arrivalTimes.empty())
    {
        if (m_generated >= m_arrivalTimes.size())
        {
            return;
        }
        // In the past only if the source stood still then.
        const auto due = m_started + m_arrivalTimes[m_generated];
        m_held = Max(Time(), Simulator::Now() - due);
        delay = Max(Time(), due - Simulator::Now());
    }
    else
    {
        delay = DrawInterval();
    }
    m_nextArrival = Simulator::Schedule(delay, &PortendSource::Generate, this);
}

Time
PortendSource::DrawInterval()
{
    auto arrival = Simulator::Now() + PortendDrawDelay(m_interval);
    while (m_onTime && arrival > m_burstEnd)
    {
        const auto burst = m_burstEnd + PortendDrawDelay(m_offTime);
        m_burstEnd = burst + PortendDrawDelay(m_onTime);
        // In the past only if the source stood still then.
        arrival = Max(burst, Simulator::Now()) + PortendDrawDelay(m_interval);
    }
    return arrival - Simulator::Now();
}

void
PortendSource::RequestLost(Ptr<const PortendRequest> request, uint32_t /* partition */)
{
    RequestCompleted(request);
}

void
PortendSource::SetNext(Ptr<PortendTier> next)
{
    NS_LOG_FUNCTION(this << next);
    m_next = next;
}

void
PortendSource::RequestCompleted(Ptr<const PortendRequest> request)
{
    NS_LOG_FUNCTION(this << request->id);
    const bool isLate = request->id + 1 < m_generated; // the source has given up on it
    if (IsClosed() && !isLate && HasMore())
    {
        Simulator::Remove(m_giveUp); // cancelled, it would still take place as nothing
        // In the source's own context: the destination may be another node.
        Simulator::ScheduleWithContext(GetNode()->GetId(), Time(), &PortendSource::Generate, this);
    }
}

bool
PortendSource::IsClosed() const
{
    return !m_interval && m_arrivalTimes.empty();
}

bool
PortendSource::HasMore() const
{
    return m_maxRequests == 0 || m_generated < m_maxRequests;
}

void
PortendSource::Generate()
{
    auto request = Create<PortendRequest>();
    request->id = m_generated++;
    request->held = m_held;
    request->generated = Simulator::Now();
    request->sample = m_exitModel->Draw();
    NS_LOG_FUNCTION(this << request->id);
    m_generatedTrace(request);
    ++m_waiting;
    m_server->Acquire([this, request]() { Serialize(request); });
    if (!IsClosed())
    {
        ScheduleNext();
    }
    else if (!m_timeout.IsZero() && HasMore())
    {
        m_giveUp = Simulator::Schedule(m_timeout, &PortendSource::Generate, this);
    }
}

void
PortendSource::Serialize(const Ptr<PortendRequest>& request)
{
    auto& stage = request->ledger.Open();
    stage[PortendLedger::WAIT] = Simulator::Now() - request->generated;
    stage[PortendLedger::SERIALIZATION] =
        PortendDrawDelay(m_serializationTime, m_serializationFactor);
    PortendContinueAfter(stage[PortendLedger::SERIALIZATION],
                         &PortendSource::Finish,
                         this,
                         request);
}

void
PortendSource::Finish(const Ptr<PortendRequest>& request)
{
    // A source that is blocked does not keep the core: it may be that of the tier it waits for.
    m_server->Release();
    if (!m_next || !m_next->IsBlocking())
    {
        Send(request);
        return;
    }
    m_next->Reserve(GetNode(), [this, request, finished = Simulator::Now()]() {
        request->ledger.Current()[PortendLedger::WAIT] += Simulator::Now() - finished;
        Send(request);
    });
}

void
PortendSource::Send(const Ptr<PortendRequest>& request)
{
    --m_waiting;
    if (m_isHeld)
    {
        ScheduleNext();
    }
    PortendMessage message;
    message.kind = PortendMessage::TENSOR;
    message.bytes = m_inputBytes;
    message.request = request;
    m_transport->Send(message, m_firstTier);
}

} // namespace ns3
