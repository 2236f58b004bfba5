/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-train-scheduler.h"

#include "ns3/global-value.h"
#include "ns3/log.h"
#include "ns3/object-factory.h"
#include "ns3/pointer.h"
#include "ns3/simulator.h"
#include "ns3/type-id.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendTrainScheduler");

NS_OBJECT_ENSURE_REGISTERED(PortendTrainScheduler);

TypeId
PortendTrainScheduler::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendTrainScheduler")
                            .SetParent<Scheduler>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendTrainScheduler>()
                            .AddAttribute("Trains",
                                          "What passes between the events.",
                                          PointerValue(),
                                          MakePointerAccessor(&PortendTrainScheduler::m_trains),
                                          MakePointerChecker<PortendTrains>());
    return tid;
}

PortendTrainScheduler::PortendTrainScheduler()
{
    TypeIdValue type;
    GlobalValue::GetValueByName("SchedulerType", type);
    ObjectFactory factory;
    factory.SetTypeId(type.Get());
    m_events = factory.Create<Scheduler>();
}

void
PortendTrainScheduler::Install(Ptr<PortendTrains> trains)
{
    ObjectFactory factory("ns3::PortendTrainScheduler", "Trains", PointerValue(trains));
    Simulator::SetScheduler(factory);
    // The simulator empties its scheduler when it is destroyed; nothing may happen then.
    Simulator::ScheduleDestroy(&PortendTrains::Clear, trains);
}

void
PortendTrainScheduler::Insert(const Event& event)
{
    if (m_made)
    {
        *m_made = event;
        return;
    }
    m_trains->SetLastEvent(event.key.m_uid);
    m_events->Insert(event);
}

bool
PortendTrainScheduler::IsEmpty() const
{
    return m_events->IsEmpty() && !m_trains->HasNext();
}

Scheduler::Event
PortendTrainScheduler::PeekNext() const
{
    return m_events->PeekNext();
}

Scheduler::Event
PortendTrainScheduler::RemoveNext()
{
    const auto isNext = [this]() {
        if (m_events->IsEmpty())
        {
            return true;
        }
        const auto& next = m_trains->GetNext();
        const auto key = m_events->PeekNext().key;
        const auto time = static_cast<uint64_t>(next.time);
        return time != key.m_ts ? time < key.m_ts : next.uid < key.m_uid;
    };
    PortendTrains::Moment moment;
    while (m_trains->HasNext() && (isNext() || m_trains->Split()))
    {
        if (!isNext())
        {
            continue;
        }
        moment = m_trains->GetNext();
        if (const auto completion = m_trains->RunNext())
        {
            return MakeEvent(*completion, moment);
        }
    }
    if (m_events->IsEmpty()) // time has gone on all the same
    {
        Simulator::Schedule(TimeStep(moment.time) - Simulator::Now(), []() {});
    }
    return m_events->RemoveNext();
}

Scheduler::Event
PortendTrainScheduler::MakeEvent(const PortendTrains::Completion& completion,
                                 const PortendTrains::Moment& moment)
{
    // By way of the simulator, which counts its events.
    Event event;
    m_made = &event;
    Simulator::ScheduleWithContext(m_trains->GetContext(completion),
                                   TimeStep(moment.time) - Simulator::Now(),
                                   &PortendTrains::Finish,
                                   m_trains,
                                   completion);
    m_made = nullptr;
    event.key.m_uid = moment.uid;
    return event;
}

void
PortendTrainScheduler::Remove(const Event& event)
{
    m_events->Remove(event);
}

void
PortendTrainScheduler::DoDispose()
{
    m_events = nullptr;
    m_trains = nullptr;
    Scheduler::DoDispose();
}

} // namespace ns3
