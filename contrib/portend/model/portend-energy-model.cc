/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-energy-model.h"

#include "ns3/assert.h"
#include "ns3/double.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendEnergyModel");

NS_OBJECT_ENSURE_REGISTERED(PortendEnergyModel);

namespace
{

/// How far ahead a battery is looked at, s: within what simulated time can hold.
constexpr double LONGEST_PLAN_S = 1e9;

} // namespace

TypeId
PortendEnergyModel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::PortendEnergyModel")
            .SetParent<DeviceEnergyModel>()
            .SetGroupName("Portend")
            .AddConstructor<PortendEnergyModel>()
            .AddAttribute("IdlePower",
                          "Power that the node always draws, W.",
                          DoubleValue(0),
                          MakeDoubleAccessor(&PortendEnergyModel::m_idleW),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("ComputingPower",
                          "Power of the node when one server computes, W; each further one "
                          "draws as much more.",
                          DoubleValue(0),
                          MakeDoubleAccessor(&PortendEnergyModel::m_computingW),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("SerializingPower",
                          "The same when one serializes or deserializes, W.",
                          DoubleValue(0),
                          MakeDoubleAccessor(&PortendEnergyModel::m_serializingW),
                          MakeDoubleChecker<double>(0));
    return tid;
}

double
PortendEnergyModel::GetExtraW(Activity activity) const
{
    switch (activity)
    {
    case PortendLedger::COMPUTATION:
        return m_computingW - m_idleW;
    case PortendLedger::SERIALIZATION:
    case PortendLedger::DESERIALIZATION:
        return m_serializingW - m_idleW;
    default:
        return 0;
    }
}

double
PortendEnergyModel::GetEnergy(Activity activity, Time lasts) const
{
    return GetExtraW(activity) * lasts.GetSeconds();
}

double
PortendEnergyModel::GetPower() const
{
    if (m_isOff)
    {
        return 0;
    }
    double power = m_idleW + m_radioW;
    for (std::size_t activity = 0; activity < m_active.size(); ++activity)
    {
        power += m_active[activity] * GetExtraW(static_cast<Activity>(activity));
    }
    return power;
}

double
PortendEnergyModel::GetIdlePower() const
{
    return m_idleW;
}

void
PortendEnergyModel::Update()
{
    const double seconds = (Simulator::Now() - m_since).GetSeconds();
    m_since = Simulator::Now();
    if (m_isOff || seconds == 0)
    {
        return;
    }
    m_use.idleJ += m_idleW * seconds;
    m_use.radioJ += m_radioW * seconds;
    for (std::size_t activity = 0; activity < m_active.size(); ++activity)
    {
        if (m_active[activity] > 0)
        {
            m_use.activitiesJ[activity] +=
                m_active[activity] * GetExtraW(static_cast<Activity>(activity)) * seconds;
        }
    }
}

void
PortendEnergyModel::UpdateSource()
{
    if (m_source)
    {
        m_source->UpdateEnergySource(); // may find that it is empty
    }
    Update();
}

void
PortendEnergyModel::Change(Activity from, Activity to)
{
    NS_LOG_FUNCTION(this << from << to);
    if (from == to)
    {
        return;
    }
    UpdateSource();
    if (from != PortendLedger::WAIT)
    {
        NS_ASSERT_MSG(m_active[from] > 0, "nobody was at that");
        --m_active[from];
    }
    if (to != PortendLedger::WAIT)
    {
        ++m_active[to];
    }
    PlanDepletion();
}

void
PortendEnergyModel::Transmit(double joules, Time lasts)
{
    NS_LOG_FUNCTION(this << joules << lasts);
    UpdateSource();
    const double powerW = joules / lasts.GetSeconds();
    m_radioW += powerW;
    Simulator::Schedule(lasts, &PortendEnergyModel::EndTransmission, this, powerW);
    PlanDepletion();
}

void
PortendEnergyModel::EndTransmission(double powerW)
{
    UpdateSource();
    m_radioW = std::max(m_radioW - powerW, 0.0);
    PlanDepletion();
}

PortendEnergyModel::Use
PortendEnergyModel::GetUse()
{
    UpdateSource();
    return m_use;
}

Ptr<EnergySource>
PortendEnergyModel::GetSource() const
{
    return m_source;
}

Time
PortendEnergyModel::GetDepleted() const
{
    return m_depleted;
}

void
PortendEnergyModel::PlanDepletion()
{
    const double powerW = GetPower();
    if (!m_source || powerW <= 0)
    {
        return;
    }
    // At which share of the energy ns-3's basic source takes itself for empty.
    DoubleValue threshold(0);
    m_source->GetAttributeFailSafe("BasicEnergyLowBatteryThreshold", threshold);
    const double leftJ =
        m_source->GetRemainingEnergy() - threshold.Get() * m_source->GetInitialEnergy();
    // Never at once, lest what is rounded away keeps time from going on.
    const double seconds = std::max(leftJ / powerW, 0.0) + 1e-9;
    if (seconds > LONGEST_PLAN_S)
    {
        return; // whenever the power changes it is asked again
    }
    const auto at = Simulator::Now() + NanoSeconds(std::llround(std::ceil(seconds * 1e9)));
    if (m_depletion.IsExpired() || at < m_depletionAt)
    {
        Simulator::Remove(m_depletion);
        m_depletionAt = at;
        m_depletion =
            Simulator::Schedule(at - Simulator::Now(), &PortendEnergyModel::AskSource, this);
    }
}

void
PortendEnergyModel::AskSource()
{
    UpdateSource();
    PlanDepletion();
}

void
PortendEnergyModel::SetEnergySource(Ptr<EnergySource> source)
{
    NS_LOG_FUNCTION(this << source);
    m_source = source;
}

double
PortendEnergyModel::GetTotalEnergyConsumption() const
{
    const double sinceJ = GetPower() * (Simulator::Now() - m_since).GetSeconds();
    return std::accumulate(m_use.activitiesJ.begin(),
                           m_use.activitiesJ.end(),
                           m_use.idleJ + m_use.radioJ + sinceJ);
}

void
PortendEnergyModel::ChangeState(int newState)
{
    NS_LOG_FUNCTION(this << newState); // there is none: Change() tells what servers do
}

void
PortendEnergyModel::HandleEnergyDepletion()
{
    NS_LOG_FUNCTION(this);
    Update();
    m_isOff = true;
    m_depleted = std::min(m_depleted, Simulator::Now());
    // Not now: whoever draws may be about to begin or to end something.
    Simulator::ScheduleNow(&PortendEnergyModel::SetDown, this, true);
}

void
PortendEnergyModel::HandleEnergyRecharged()
{
    NS_LOG_FUNCTION(this);
    Update();
    m_isOff = false;
    Simulator::ScheduleNow(&PortendEnergyModel::SetDown, this, false);
    AskSource();
}

void
PortendEnergyModel::SetDown(bool isDown)
{
    const auto failures = GetObject<PortendFailures>(); // of the node
    if (!failures)
    {
        return;
    }
    if (isDown)
    {
        failures->Fail();
    }
    else
    {
        failures->Repair();
    }
}

void
PortendEnergyModel::HandleEnergyChanged()
{
    NS_LOG_FUNCTION(this); // it is asked for what is left when the power changes
}

double
PortendEnergyModel::DoGetCurrentA() const
{
    return m_source ? GetPower() / m_source->GetSupplyVoltage() : 0;
}

void
PortendEnergyModel::DoInitialize()
{
    AskSource();
    DeviceEnergyModel::DoInitialize();
}

void
PortendEnergyModel::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_depletion.Cancel();
    if (m_source)
    {
        m_source->Dispose(); // which knows this
        m_source = nullptr;
    }
    DeviceEnergyModel::DoDispose();
}

} // namespace ns3
