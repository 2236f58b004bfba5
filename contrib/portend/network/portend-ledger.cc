/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-ledger.h"

#include "ns3/assert.h"

#include <algorithm>
#include <functional>
#include <stdexcept>

namespace ns3
{

const std::array<const char*, PortendLedger::WAIT_PARTS> PortendLedger::WAIT_NAMES{"queue",
                                                                                   "batch",
                                                                                   "blocked",
                                                                                   "loading",
                                                                                   "fallback"};

const std::array<const char*, PortendLedger::EXCESS_PARTS>
    PortendLedger::EXCESS_NAMES{"protocol", "window", "retransmission", "queueing", "medium"};

PortendLedger::Stage&
PortendLedger::Open()
{
    if (m_stages.empty())
    {
        m_stages.reserve(4); // source, two partitions and destination: one allocation
    }
    m_stages.emplace_back();
    return m_stages.back();
}

PortendLedger::Stage&
PortendLedger::Current()
{
    NS_ASSERT_MSG(!m_stages.empty(), "no stage was opened");
    return m_stages.back();
}

void
PortendLedger::AddWait(WaitPart part, Time time)
{
    Current()[WAIT] += time;
    m_wait[part] += time;
}

const PortendLedger::Wait&
PortendLedger::GetWait() const
{
    return m_wait;
}

void
PortendLedger::SetExcess(const Excess& excess)
{
    auto& sum = Current()[NETWORK_EXCESS];
    for (std::size_t part = 0; part < excess.size(); ++part)
    {
        sum += excess[part];
        m_excess[part] += excess[part];
    }
}

const PortendLedger::Excess&
PortendLedger::GetExcess() const
{
    return m_excess;
}

void
PortendLedger::AddEnergy(Component component, double joules)
{
    m_energy[component] += joules;
}

const PortendLedger::Energy&
PortendLedger::GetEnergy() const
{
    return m_energy;
}

const std::vector<PortendLedger::Stage>&
PortendLedger::GetStages() const
{
    return m_stages;
}

Time
PortendLedger::Get(Component component) const
{
    Time sum;
    for (const auto& stage : m_stages)
    {
        sum += stage[component];
    }
    return sum;
}

Time
PortendLedger::GetTotal() const
{
    Time sum;
    for (const auto& stage : m_stages)
    {
        for (const auto& time : stage)
        {
            sum += time;
        }
    }
    return sum;
}

void
PortendLedger::Validate() const
{
    const auto validate = [](const auto& times) {
        if (std::any_of(times.begin(), times.end(), std::mem_fn(&Time::IsStrictlyNegative)))
        {
            throw std::logic_error("an entry of a request's ledger is negative");
        }
    };
    validate(m_wait);
    validate(m_excess);
    std::for_each(m_stages.begin(), m_stages.end(), validate);
}

} // namespace ns3
