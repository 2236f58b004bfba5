/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-source.h"

#include "portend-delay-model.h"
#include "portend-delay.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
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
#include <utility>

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
            .AddAttribute("Stream",
                          "Index of the stream whose requests these are.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&PortendSource::m_stream),
                          MakeUintegerChecker<uint32_t>())
            .AddAttribute("Member",
                          "Index of the stream's member whose requests these are.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&PortendSource::m_member),
                          MakeUintegerChecker<uint32_t>())
            .AddAttribute("MaxRequests",
                          "Number of requests to generate; 0 means no limit.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&PortendSource::m_maxRequests),
                          MakeUintegerChecker<uint64_t>())
            .AddAttribute("Continue",
                          "Let requests arise when MaxRequests have, which are not counted: they "
                          "keep up the load for other streams. Closed arrivals and traces end.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&PortendSource::m_continues),
                          MakeBooleanChecker())
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
            .AddAttribute("Arrivals",
                          "When requests arise.",
                          StringValue("ns3::PortendClosedArrivals"),
                          MakePointerAccessor(&PortendSource::m_arrivals),
                          MakePointerChecker<PortendArrivalProcess>())
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
            .AddAttribute(
                "Controller",
                "Gives the stream a new deployment while it runs; by default nobody does.",
                PointerValue(),
                MakePointerAccessor(&PortendSource::m_controller),
                MakePointerChecker<PortendController>())
            .AddTraceSource("RequestGenerated",
                            "A request has arisen.",
                            MakeTraceSourceAccessor(&PortendSource::m_generatedTrace),
                            "ns3::PortendSource::RequestTracedCallback")
            .AddTraceSource("FailureDrop",
                            "A request is lost because the node is down.",
                            MakeTraceSourceAccessor(&PortendSource::m_failureDropTrace),
                            "ns3::PortendSource::RequestTracedCallback")
            .AddTraceSource("FallbackAnswered",
                            "A request is answered by the last branch that has run on the source's "
                            "node; its ledger is closed.",
                            MakeTraceSourceAccessor(&PortendSource::m_fallbackTrace),
                            "ns3::PortendSource::RequestTracedCallback")
            .AddTraceSource("RequestEnded",
                            "A request is complete, or was dropped before a worker.",
                            MakeTraceSourceAccessor(&PortendSource::m_endedTrace),
                            "ns3::PortendSource::EndedTracedCallback");
    return tid;
}

void
PortendSource::SetItinerary(Ptr<const PortendItinerary> itinerary)
{
    NS_LOG_FUNCTION(this << itinerary->epoch);
    if (!m_transport) // before it starts
    {
        m_itinerary = itinerary;
        return;
    }
    m_next = itinerary;
    PrepareAll(*itinerary);
}

Ptr<PortendController>
PortendSource::GetController() const
{
    return m_controller;
}

uint64_t
PortendSource::GetGenerated() const
{
    return m_generated;
}

uint64_t
PortendSource::GetEnded() const
{
    return m_ended;
}

bool
PortendSource::Exits(const PortendRequest& request, const PortendBranch& branch) const
{
    return m_exitModel->Exits(request.sample, branch);
}

bool
PortendSource::IsRight(const PortendRequest& request, const PortendBranch& branch) const
{
    return m_exitModel->IsRight(request.sample, branch);
}

int64_t
PortendSource::AssignStreams(int64_t stream)
{
    NS_LOG_FUNCTION(this << stream);
    const auto variables = m_arrivals->GetRandomVariables();
    int64_t used = 0;
    const auto assign = [&](const Ptr<RandomVariableStream>& variable) {
        PortendSetStream(variable, stream + used);
        ++used;
    };
    // The same streams for the rest, whatever the arrivals.
    if (variables.empty())
    {
        ++used;
    }
    else
    {
        assign(variables.front());
    }
    assign(m_serializationTime);
    if (m_exitModel)
    {
        used += m_exitModel->AssignStreams(stream + used);
    }
    for (std::size_t i = 1; i < variables.size(); ++i)
    {
        assign(variables[i]);
    }
    return used;
}

void
PortendSource::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_transport = nullptr;
    m_power = nullptr;
    m_server = nullptr;
    m_exitModel = nullptr;
    m_arrivals = nullptr;
    m_itinerary = nullptr;
    m_next = nullptr;
    if (m_controller)
    {
        m_controller->Dispose();
        m_controller = nullptr;
    }
    m_serializationTime = nullptr;
    Application::DoDispose();
}

void
PortendSource::StartApplication()
{
    NS_LOG_FUNCTION(this);
    m_transport = GetNode()->GetObject<PortendTransport>();
    NS_ABORT_MSG_UNLESS(m_transport, "aggregate a PortendTransport to the source's node");
    m_failures = GetNode()->GetObject<PortendFailures>();
    m_power = GetNode()->GetObject<PortendEnergyModel>();
    NS_ABORT_MSG_UNLESS(m_exitModel, "set the attribute ExitModel of the source");
    NS_ABORT_MSG_UNLESS(m_itinerary, "call SetItinerary() of the source");
    PrepareAll(*m_itinerary);
}

void
PortendSource::PrepareAll(const PortendItinerary& itinerary)
{
    const auto& stages = itinerary.stages;
    ++m_unprepared; // lest it begins before all are asked for
    Prepare(itinerary.source, stages.front().node, itinerary.inputBytes);
    for (std::size_t k = 0; k < stages.size(); ++k)
    {
        if (k + 1 < stages.size())
        {
            Prepare(stages[k].node, stages[k + 1].node, stages[k].tensorBytes);
        }
        Prepare(stages[k].node, itinerary.destination, itinerary.resultBytes);
    }
    Prepared();
}

void
PortendSource::Prepare(uint32_t from, uint32_t to, uint32_t bytes)
{
    const auto node = m_transport->GetExchange()->GetNode(from);
    const auto transport = node->GetObject<PortendTransport>();
    m_unprepared += transport->Prepare(to, bytes, MakeCallback(&PortendSource::Prepared, this));
}

void
PortendSource::Prepared()
{
    if (--m_unprepared > 0)
    {
        return;
    }
    if (m_next)
    {
        m_itinerary = m_next;
        m_next = nullptr;
    }
    if (!m_hasBegun)
    {
        m_hasBegun = true;
        Begin();
    }
}

void
PortendSource::Begin()
{
    NS_LOG_FUNCTION(this);
    m_arrivals->Begin(Simulator::Now());
    if (m_arrivals->IsClosed())
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
    if (m_controller)
    {
        m_controller->Finish();
    }
    m_continues = false;
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
    const auto now = Simulator::Now();
    const auto arrival = m_arrivals->GetNext(now, m_isHeld ? now - m_heldSince : Time());
    m_isHeld = false;
    if (!arrival)
    {
        return;
    }
    m_held = arrival->at - arrival->due;
    m_nextArrival = Simulator::Schedule(arrival->at - now, &PortendSource::Generate, this);
}

void
PortendSource::BranchRun(const Ptr<PortendRequest>& request, uint16_t partition)
{
    const auto& itinerary = *request->itinerary;
    if (itinerary.fallback.IsZero() || request->isAnswered)
    {
        return;
    }
    const auto& branch = itinerary.GetStage(partition).branch;
    request->fallback = nullptr;
    const auto fallback = Create<PortendRequest>(*request);
    fallback->isFallback = true;
    fallback->exitPartition = partition;
    fallback->isRight = IsRight(*request, branch);
    request->fallback = fallback;
    if (Simulator::Now() >= request->generated + itinerary.fallback)
    {
        FallBack(request);
    }
}

void
PortendSource::FallBack(const Ptr<PortendRequest>& request)
{
    const auto answer = std::exchange(request->fallback, nullptr);
    if (!answer || !request->completed.IsZero())
    {
        return; // no branch has run, or the answer has come
    }
    NS_LOG_FUNCTION(this << request->id);
    request->isAnswered = true;
    answer->completed = Simulator::Now();
    const auto waited = answer->GetLatency() - answer->ledger.GetTotal();
    answer->ledger.Open(); // as at a destination
    answer->ledger.AddWait(PortendLedger::FALLBACK, waited);
    answer->ledger.Validate();
    m_fallbackTrace(answer);
    RequestEnded(*answer);
}

void
PortendSource::RequestEnded(const PortendRequest& request)
{
    NS_LOG_FUNCTION(this << request.id);
    if (request.isAnswered || (request.fallback && request.completed.IsZero()))
    {
        return; // it was answered, or will be
    }
    if (!m_itinerary->fallback.IsZero())
    {
        Simulator::Remove(request.fallbackTimer); // cancelled, it would still take place as nothing
    }
    ++m_ended;
    if (m_controller)
    {
        m_controller->End(request);
    }
    m_endedTrace(request);
    const bool isLate = request.id + 1 < m_generated; // the source has given up on it
    if (m_arrivals->IsClosed() && !isLate && HasMore())
    {
        Simulator::Remove(m_giveUp); // cancelled, it would still take place as nothing
        const auto now = Simulator::Now();
        const bool isDown = m_failures && m_failures->IsDown(now, now);
        const auto up = isDown ? m_failures->FindNext(now).end : now;
        // Where it stays down, the rest is lost at once. In the source's own context: the
        // destination may be another node.
        Simulator::ScheduleWithContext(GetNode()->GetId(),
                                       up < Time::Max() ? up - now : Time(),
                                       &PortendSource::Generate,
                                       this);
    }
}

bool
PortendSource::HasMore() const
{
    return m_maxRequests == 0 || m_generated < m_maxRequests ||
           (m_continues && !m_arrivals->IsClosed());
}

void
PortendSource::Generate()
{
    if (m_controller)
    {
        m_controller->Arrive();
    }
    auto request = Create<PortendRequest>();
    request->stream = m_stream;
    request->member = m_member;
    request->id = m_generated++;
    request->isMeasured = m_maxRequests == 0 || request->id < m_maxRequests;
    request->generated = Simulator::Now();
    request->held = m_held;
    request->sample = m_exitModel->Draw();
    request->owner = this;
    request->itinerary = m_itinerary;
    if (m_controller && !HasMore())
    {
        m_controller->Finish();
    }
    NS_LOG_FUNCTION(this << request->id);
    if (const auto fallback = m_itinerary->fallback; !fallback.IsZero())
    {
        request->fallbackTimer =
            Simulator::Schedule(fallback, &PortendSource::FallBack, this, request);
    }
    m_generatedTrace(request);
    ++m_waiting;
    m_server->Acquire({request, 0, request->generated, [this](const auto& jobs) {
                           Serialize(jobs.front().request);
                       }});
    if (!m_arrivals->IsClosed())
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
    request->ledger.AddWait(PortendLedger::QUEUE, Simulator::Now() - request->generated);
    stage[PortendLedger::SERIALIZATION] =
        PortendDrawDelay(m_serializationTime, m_serializationFactor);
    if (m_power)
    {
        m_power->Change(PortendLedger::WAIT, PortendLedger::SERIALIZATION);
        request->ledger.AddEnergy(
            PortendLedger::SERIALIZATION,
            m_power->GetEnergy(PortendLedger::SERIALIZATION, stage[PortendLedger::SERIALIZATION]));
    }
    PortendContinueAfter(stage[PortendLedger::SERIALIZATION],
                         &PortendSource::Finish,
                         this,
                         request);
}

void
PortendSource::Finish(const Ptr<PortendRequest>& request)
{
    if (m_power)
    {
        m_power->Change(PortendLedger::SERIALIZATION, PortendLedger::WAIT);
    }
    // A source that is blocked does not keep the core: it may be that of the worker it waits for.
    m_server->Release();
    if (IsLost(request))
    {
        return;
    }
    const auto first = request->itinerary->stages.front().node;
    if (auto* gate = m_transport->GetExchange()->FindGate(first))
    {
        gate->Reserve(GetNode(), [this, request, finished = Simulator::Now()]() {
            request->ledger.AddWait(PortendLedger::BLOCKED, Simulator::Now() - finished);
            Send(request);
        });
        return;
    }
    Send(request);
}

bool
PortendSource::IsLost(const Ptr<PortendRequest>& request)
{
    if (!m_failures || !m_failures->IsDown(request->generated, Simulator::Now()))
    {
        return false;
    }
    --m_waiting;
    m_failureDropTrace(request);
    RequestEnded(*request);
    return true;
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
    message.bytes = request->itinerary->inputBytes;
    message.request = request;
    m_transport->Send(message, request->itinerary->stages.front().node);
}

} // namespace ns3
