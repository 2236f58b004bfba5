/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-worker.h"

#include "portend-delay.h"

#include "ns3/abort.h"
#include "ns3/assert.h"
#include "ns3/data-rate.h"
#include "ns3/double.h"
#include "ns3/enum.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/nstime.h"
#include "ns3/pointer.h"
#include "ns3/portend-profile.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/trace-source-accessor.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendWorker");

NS_OBJECT_ENSURE_REGISTERED(PortendWorker);

TypeId
PortendWorker::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::PortendWorker")
            .SetParent<Application>()
            .SetGroupName("Portend")
            .AddConstructor<PortendWorker>()
            .AddAttribute("ComputationFactor",
                          "Factor on computation times: 2 is half as fast as profiled.",
                          DoubleValue(1),
                          MakeDoubleAccessor(&PortendWorker::m_computationFactor),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("Overhead",
                          "Time of the process for each visit of a request, beside the "
                          "computation that was profiled; it counts as computation.",
                          TimeValue(Time()),
                          MakeTimeAccessor(&PortendWorker::m_overhead),
                          MakeTimeChecker(Time(), Seconds(PORTEND_LONGEST_DELAY_S)))
            .AddAttribute("SerializationFactor",
                          "Factor on serialization and deserialization times: 2 is half as fast "
                          "as profiled.",
                          DoubleValue(1),
                          MakeDoubleAccessor(&PortendWorker::m_serializationFactor),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("QueueLimit",
                          "Most tensors that wait, with BLOCK those on their way here included; "
                          "0 means no limit.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&PortendWorker::m_queueLimit),
                          MakeUintegerChecker<uint32_t>())
            .AddAttribute("QueuePolicy",
                          "What a full queue does with one tensor too many.",
                          EnumValue(DROP_NEWEST),
                          PORTEND_MAKE_ENUM_ACCESSOR(Policy, &PortendWorker::m_policy),
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
                          MakeTimeAccessor(&PortendWorker::m_deadline),
                          MakeTimeChecker(Time(), Seconds(PORTEND_LONGEST_DELAY_S)))
            .AddAttribute("Memory",
                          "Bytes for the parameters of blocks and the activations of the tensors "
                          "that are computed at once; 0 is any number.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&PortendWorker::m_memory),
                          MakeUintegerChecker<uint64_t>())
            .AddAttribute("LoadBandwidth",
                          "Bandwidth at which parameters of blocks are loaded that are not here, "
                          "where a controller deploys anew; 0bps takes no time.",
                          DataRateValue(DataRate(0)),
                          MakeDataRateAccessor(&PortendWorker::m_loadBandwidth),
                          MakeDataRateChecker())
            .AddAttribute("Server",
                          "Queue and server of the process; by default one of its own.",
                          StringValue("ns3::PortendServer"),
                          MakePointerAccessor(&PortendWorker::m_server),
                          MakePointerChecker<PortendServer>())
            .AddTraceSource("BatchStarted",
                            "The computation of the partition begins, of one tensor or several.",
                            MakeTraceSourceAccessor(&PortendWorker::m_batchTrace),
                            "ns3::PortendWorker::BatchTracedCallback")
            .AddTraceSource("PartitionStarted",
                            "The computation of the partition begins.",
                            MakeTraceSourceAccessor(&PortendWorker::m_startedTrace),
                            "ns3::PortendWorker::PartitionTracedCallback")
            .AddTraceSource("PartitionFinished",
                            "The computation of the partition has ended.",
                            MakeTraceSourceAccessor(&PortendWorker::m_finishedTrace),
                            "ns3::PortendWorker::PartitionTracedCallback")
            .AddTraceSource("Exit",
                            "A request exits at this partition, early or at the last.",
                            MakeTraceSourceAccessor(&PortendWorker::m_exitTrace),
                            "ns3::PortendWorker::PartitionTracedCallback")
            .AddTraceSource("QueueDrop",
                            "A request is lost because the queue is full.",
                            MakeTraceSourceAccessor(&PortendWorker::m_queueDropTrace),
                            "ns3::PortendWorker::PartitionTracedCallback")
            .AddTraceSource("FailureDrop",
                            "A request is lost because the node is down.",
                            MakeTraceSourceAccessor(&PortendWorker::m_failureDropTrace),
                            "ns3::PortendWorker::PartitionTracedCallback")
            .AddTraceSource("DeadlineDrop",
                            "A request is given up because its deadline has passed.",
                            MakeTraceSourceAccessor(&PortendWorker::m_deadlineDropTrace),
                            "ns3::PortendWorker::PartitionTracedCallback")
            .AddTraceSource("EarlyExitDrop",
                            "A request exits early, and the tensor's bytes are not sent.",
                            MakeTraceSourceAccessor(&PortendWorker::m_dropTrace),
                            "ns3::PortendWorker::DropTracedCallback");
    return tid;
}

Ptr<PortendServer>
PortendWorker::GetServer() const
{
    return m_server;
}

void
PortendWorker::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_transport = nullptr;
    m_power = nullptr;
    m_blocked.clear();
    m_ended.clear();
    m_waiting.clear();
    m_blocks.Clear();
    m_visits.clear();
    if (m_server)
    {
        m_server->Dispose();
        m_server = nullptr;
    }
    Application::DoDispose();
}

void
PortendWorker::StartApplication()
{
    NS_LOG_FUNCTION(this);
    m_transport = GetNode()->GetObject<PortendTransport>();
    NS_ABORT_MSG_UNLESS(m_transport, "aggregate a PortendTransport to the worker's node");
    m_transport->SetTensorReceiver(MakeCallback(&PortendWorker::Receive, this));
    m_failures = GetNode()->GetObject<PortendFailures>();
    BoundMemory();
    if (m_failures)
    {
        m_failures->TraceConnectWithoutContext("Failed",
                                               MakeCallback(&PortendWorker::FailAll, this));
    }
    m_power = GetNode()->GetObject<PortendEnergyModel>();
    if (IsBlocking())
    {
        m_transport->GetExchange()->SetGate(m_transport->GetIndex(), this);
    }
}

void
PortendWorker::StopApplication()
{
    // Requests in progress go on: a worker answers what it has accepted.
    NS_LOG_FUNCTION(this);
}

void
PortendWorker::Receive(const PortendMessage& message)
{
    NS_LOG_FUNCTION(this << message.request->id << message.bytes);
    const uint16_t partition = message.partition + 1;
    const auto& request = message.request;
    const bool mayLack = request->itinerary->loadingTime.IsStrictlyPositive() ||
                         m_blocks.IsTimed() || m_blocks.IsBounded();
    if (!request->itinerary->isControlled || !mayLack)
    {
        Accept(request, partition, Time());
        return;
    }
    const Waiting tensor{request, partition, Simulator::Now()};
    if (!m_waiting.empty() || !Load(tensor))
    {
        m_waiting.push_back(tensor);
    }
}

void
PortendWorker::Keep(uint32_t stream,
                    std::shared_ptr<const portend::ModelProfile> model,
                    uint32_t first,
                    uint32_t last,
                    bool stays)
{
    BoundMemory();
    m_blocks.Keep(stream, std::move(model), first, last, stays);
}

void
PortendWorker::BoundMemory()
{
    UintegerValue servers;
    m_server->GetAttribute("Servers", servers);
    m_blocks.SetMemory(m_memory, servers.Get() * m_server->Describe().max);
    m_blocks.SetLoadRate(m_loadBandwidth);
}

bool
PortendWorker::Load(const Waiting& tensor)
{
    const auto& request = tensor.request;
    const auto visit = m_blocks.Load(request->stream, *request->itinerary, tensor.partition);
    if (!visit)
    {
        return false;
    }
    m_blocks.Use(PeekPointer(request), visit);
    const auto now = Simulator::Now();
    const auto here = Max(now, visit->since);
    const auto waited = here - tensor.arrived;
    if (here > now)
    {
        Simulator::Schedule(here - now,
                            &PortendWorker::Accept,
                            this,
                            request,
                            tensor.partition,
                            waited);
    }
    else
    {
        Accept(request, tensor.partition, waited);
    }
    return true;
}

void
PortendWorker::LoadWaiting()
{
    while (!m_waiting.empty())
    {
        const auto tensor = m_waiting.front();
        // First out of the queue: it may be served, and be gone, at once.
        m_waiting.pop_front();
        if (!Load(tensor))
        {
            m_waiting.push_front(tensor);
            return;
        }
    }
}

void
PortendWorker::Leave(const Ptr<PortendRequest>& request)
{
    m_blocks.Leave(PeekPointer(request));
    if (!m_waiting.empty() && m_loading.IsExpired())
    {
        m_loading = Simulator::ScheduleNow(&PortendWorker::LoadWaiting, this);
    }
}

void
PortendWorker::Accept(const Ptr<PortendRequest>& request, uint16_t partition, Time loading)
{
    if (m_queueLimit > 0 && m_policy != BLOCK && m_server->GetTensors() >= m_queueLimit)
    {
        if (m_policy == DROP_NEWEST)
        {
            Drop(request, partition, m_queueDropTrace);
            return;
        }
        const auto oldest = m_server->Evict();
        Drop(oldest.request, oldest.partition, m_queueDropTrace);
    }
    m_server->Acquire({request,
                       partition,
                       Simulator::Now(),
                       [this](const auto& jobs) { Begin(jobs); },
                       Time(),
                       loading});
}

void
PortendWorker::Drop(const Ptr<PortendRequest>& request,
                    uint16_t partition,
                    const TracedCallback<Ptr<const PortendRequest>, uint32_t>& trace)
{
    trace(request, partition);
    Leave(request);
    request->owner->RequestEnded(*request);
}

void
PortendWorker::Begin(const std::vector<PortendJob>& jobs)
{
    NS_LOG_FUNCTION(this << jobs.size());
    const auto now = Simulator::Now();
    if (m_ended.empty())
    {
        m_ended.push_back(Create<Visit>());
    }
    const auto visit = m_ended.back();
    m_ended.pop_back();
    visit->partition = jobs.front().partition;
    visit->overhead = m_overhead;
    visit->left = 0;
    Time total;
    for (const auto& job : jobs)
    {
        const auto& request = job.request;
        FreePlace();
        if (m_failures && m_failures->IsDown(job.arrived - job.loading, now))
        {
            Drop(request, job.partition, m_failureDropTrace);
            continue;
        }
        if (!m_deadline.IsZero() && now - request->generated > m_deadline)
        {
            Drop(request, job.partition, m_deadlineDropTrace);
            continue;
        }
        auto& stage = request->ledger.Open();
        request->ledger.AddWait(PortendLedger::QUEUE, now - job.arrived - job.held);
        request->ledger.AddWait(PortendLedger::BATCH, job.held);
        request->ledger.AddWait(PortendLedger::LOADING, job.loading);
        if (request->itinerary->isControlled)
        {
            request->queues.push_back(m_server->GetWaiting());
        }
        const auto& delay = request->itinerary->GetStage(job.partition).deserializationTime;
        stage[PortendLedger::DESERIALIZATION] = PortendDrawDelay(delay, m_serializationFactor);
        total += stage[PortendLedger::DESERIALIZATION];
        Charge(*request, PortendLedger::DESERIALIZATION, stage[PortendLedger::DESERIALIZATION]);
        visit->requests.push_back(request);
    }
    if (visit->requests.empty())
    {
        End(visit);
        return;
    }
    if (m_failures)
    {
        m_visits.push_back(visit);
        const auto fails = m_failures->FindNext(now).begin;
        if (fails < Time::Max())
        {
            visit->failure = Simulator::Schedule(fails - now, &PortendWorker::Fail, this, visit);
        }
    }
    for (std::size_t i = 0; visit->requests.size() > 1 && i < visit->requests.size(); ++i)
    {
        auto& ledger = visit->requests[i]->ledger;
        ledger.AddWait(PortendLedger::BATCH,
                       total - ledger.Current()[PortendLedger::DESERIALIZATION]);
    }
    SetActivity(visit, PortendLedger::DESERIALIZATION);
    PortendContinueAfter(total, &PortendWorker::Compute, this, visit);
}

void
PortendWorker::SetActivity(const Ptr<Visit>& visit, PortendEnergyModel::Activity activity)
{
    if (m_power)
    {
        m_power->Change(std::exchange(visit->activity, activity), activity);
    }
}

void
PortendWorker::Charge(PortendRequest& request,
                      PortendEnergyModel::Activity activity,
                      Time lasts,
                      std::size_t size) const
{
    if (m_power)
    {
        request.ledger.AddEnergy(activity, m_power->GetEnergy(activity, lasts) / size);
    }
}

void
PortendWorker::FailAll()
{
    NS_LOG_FUNCTION(this);
    const auto visits = m_visits; // each leaves the list
    for (const auto& visit : visits)
    {
        Simulator::Remove(visit->failure);
        Fail(visit);
    }
}

void
PortendWorker::Fail(const Ptr<Visit>& visit)
{
    NS_LOG_FUNCTION(this << visit->partition);
    visit->isLost = true; // what is under way comes to nothing
    m_visits.erase(std::find(m_visits.begin(), m_visits.end(), visit));
    SetActivity(visit, PortendLedger::WAIT);
    auto lost = std::move(visit->requests);
    lost.erase(lost.begin(), lost.begin() + visit->left);
    lost.insert(lost.end(), visit->staying.begin(), visit->staying.end());
    lost.insert(lost.end(), visit->aside.begin(), visit->aside.end());
    visit->requests.clear();
    visit->staying.clear();
    visit->aside.clear();
    for (const auto& request : lost)
    {
        Drop(request, visit->partition, m_failureDropTrace);
    }
    m_server->Release();
}

bool
PortendWorker::GoesOn(const Ptr<Visit>& visit)
{
    if (visit->isLost)
    {
        visit->isLost = false;
        m_ended.push_back(visit);
        return false;
    }
    return true;
}

void
PortendWorker::End(const Ptr<Visit>& visit)
{
    SetActivity(visit, PortendLedger::WAIT);
    if (m_failures)
    {
        Simulator::Remove(visit->failure);
        const auto ended = std::find(m_visits.begin(), m_visits.end(), visit);
        if (ended != m_visits.end()) // it had something to do
        {
            m_visits.erase(ended);
        }
    }
    visit->requests.clear();
    m_ended.push_back(visit);
    m_server->Release();
}

bool
PortendWorker::IsBlocking() const
{
    return m_policy == BLOCK && m_queueLimit > 0;
}

void
PortendWorker::Reserve(Ptr<Node> node, std::function<void()> send)
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
        // In the sender's own context: this worker is another node's.
        Simulator::ScheduleWithContext(node->GetId(), Time(), send);
    });
}

void
PortendWorker::FreePlace()
{
    if (!IsBlocking())
    {
        return;
    }
    if (m_blocked.empty())
    {
        NS_ABORT_MSG_IF(m_places == 0, "this worker's queue blocks: its senders must Reserve()");
        --m_places;
        return;
    }
    const auto send = m_blocked.front(); // the place is handed over
    m_blocked.pop_front();
    send();
}

void
PortendWorker::Compute(const Ptr<Visit>& visit)
{
    NS_LOG_FUNCTION(this << visit->partition << visit->requests.size());
    if (!GoesOn(visit))
    {
        return;
    }
    m_batchTrace(visit->requests.front(), visit->partition, visit->requests.size());
    for (const auto& request : visit->requests)
    {
        m_startedTrace(request, visit->partition);
    }
    const Time delay = PortendMakeDelay(DrawComputation(*visit)) + visit->overhead;
    visit->overhead = Time();
    SetActivity(visit, PortendLedger::COMPUTATION);
    for (const auto& request : visit->requests)
    {
        request->ledger.Current()[PortendLedger::COMPUTATION] = delay;
        Charge(*request, PortendLedger::COMPUTATION, delay, visit->requests.size());
    }
    PortendContinueAfter(delay, &PortendWorker::Decide, this, visit);
}

double
PortendWorker::DrawComputation(const Visit& visit) const
{
    const auto getStage = [&visit](const auto& request) -> const auto&
    {
        return request->itinerary->GetStage(visit.partition);
    };
    const auto draw = [this](const auto& seconds) {
        const double drawn = seconds->GetValue() * m_computationFactor;
        return drawn < 0 ? 0 : drawn;
    };
    const auto size = visit.requests.size();
    const auto& stage = getStage(visit.requests.front());
    if (size == 1)
    {
        return draw(stage.computationTime);
    }
    if (!stage.batchTimes.empty())
    {
        return portend::InterpolateBatch(
            stage.batchTimes,
            size,
            [&]() { return draw(stage.computationTime); },
            draw);
    }
    double sum = 0;
    for (const auto& request : visit.requests)
    {
        sum += draw(getStage(request).computationTime);
    }
    return sum / size * portend::ScaleBatch(stage.batchFixedShare, size);
}

void
PortendWorker::Decide(const Ptr<Visit>& visit)
{
    const auto partition = visit->partition;
    NS_LOG_FUNCTION(this << partition << visit->requests.size());
    if (!GoesOn(visit))
    {
        return;
    }
    visit->decided = Simulator::Now();
    visit->left = 0;
    auto& requests = visit->requests;
    std::size_t leaving = 0;
    for (std::size_t i = 0; i < requests.size(); ++i)
    {
        const auto request = requests[i];
        m_finishedTrace(request, partition);
        const auto& stage = request->itinerary->GetStage(partition);
        const bool isLast = partition == request->itinerary->stages.size();
        if (isLast || (stage.hasBranch && request->owner->Exits(*request, stage.branch)))
        {
            request->exitPartition = partition;
            request->isRight = request->owner->IsRight(*request, stage.branch);
            m_exitTrace(request, partition);
            if (!isLast)
            {
                m_dropTrace(request, partition, stage.staysOnNode ? 0 : stage.tensorBytes);
            }
        }
        if (request->exitPartition == 0 && stage.hasBranch &&
            stage.node == request->itinerary->source)
        {
            request->owner->BranchRun(request, partition);
        }
        if (request->exitPartition == 0 && stage.staysOnNode)
        {
            visit->staying.push_back(request);
        }
        else
        {
            requests[leaving++] = request;
        }
    }
    requests.resize(leaving);
    GoOn(visit);
}

void
PortendWorker::GoOn(const Ptr<Visit>& visit)
{
    if (visit->left == visit->requests.size())
    {
        Stay(visit);
        return;
    }
    const auto& request = visit->requests[visit->left];
    const auto& stage = request->itinerary->GetStage(visit->partition);
    const Time delay = PortendDrawDelay(request->exitPartition > 0 ? stage.resultSerializationTime
                                                                   : stage.serializationTime,
                                        m_serializationFactor);
    request->ledger.AddWait(PortendLedger::BATCH, Simulator::Now() - visit->decided);
    request->ledger.Current()[PortendLedger::SERIALIZATION] = delay;
    SetActivity(visit, PortendLedger::SERIALIZATION);
    Charge(*request, PortendLedger::SERIALIZATION, delay);
    PortendContinueAfter(delay, &PortendWorker::Finish, this, visit);
}

void
PortendWorker::Stay(const Ptr<Visit>& visit)
{
    auto since = visit->decided;
    visit->requests = std::move(visit->staying);
    visit->staying.clear();
    ++visit->partition;
    if (visit->requests.empty()) // those set aside are next
    {
        visit->requests.push_back(visit->aside.back());
        visit->aside.pop_back();
        visit->partition = visit->asidePartition;
        since = visit->asideSince;
    }
    else if (visit->requests.size() > 1 && !m_server->Describe().isTogether)
    {
        visit->aside.assign(visit->requests.rbegin(), visit->requests.rend() - 1);
        visit->asidePartition = visit->partition;
        visit->asideSince = since;
        visit->requests.resize(1);
    }
    for (const auto& request : visit->requests)
    {
        request->ledger.Open();
        request->ledger.AddWait(PortendLedger::BATCH, Simulator::Now() - since);
    }
    Compute(visit);
}

void
PortendWorker::Finish(const Ptr<Visit>& visit)
{
    if (!GoesOn(visit))
    {
        return;
    }
    const auto& request = visit->requests[visit->left];
    if (request->exitPartition == 0)
    {
        const auto next = request->itinerary->GetStage(visit->partition + 1).node;
        if (auto* gate = m_transport->GetExchange()->FindGate(next))
        {
            SetActivity(visit, PortendLedger::WAIT); // one that is blocked draws nothing besides
            gate->Reserve(GetNode(), [this, visit, request, finished = Simulator::Now()]() {
                request->ledger.AddWait(PortendLedger::BLOCKED, Simulator::Now() - finished);
                Send(visit);
            });
            return;
        }
    }
    Send(visit);
}

void
PortendWorker::Send(const Ptr<Visit>& visit)
{
    const auto request = visit->requests[visit->left];
    const auto partition = visit->partition;
    Leave(request);
    ++visit->left;
    const bool isDone =
        visit->left == visit->requests.size() && visit->staying.empty() && visit->aside.empty();
    if (isDone)
    {
        End(visit);
    }
    const auto& itinerary = *request->itinerary;
    const bool exits = request->exitPartition > 0;
    PortendMessage message;
    message.kind = exits ? PortendMessage::RESULT : PortendMessage::TENSOR;
    message.partition = partition;
    message.bytes = exits ? itinerary.resultBytes : itinerary.GetStage(partition).tensorBytes;
    message.request = request;
    m_transport->Send(message,
                      exits ? itinerary.destination : itinerary.GetStage(partition + 1).node);
    if (!isDone)
    {
        GoOn(visit);
    }
}

} // namespace ns3
