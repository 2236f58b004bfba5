/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-link-course.h"

#include <algorithm>

namespace ns3
{

PortendLinkCourse::PortendLinkCourse(DataRate rate,
                                     Time delay,
                                     Ptr<PortendLinkProcess> process,
                                     const std::vector<Ptr<PortendFailures>>& failures)
    : m_rate(rate),
      m_delay(delay),
      m_process(process),
      m_failures(failures),
      m_piece{{rate, delay}, process ? Time() : Time::Max()}
{
}

const PortendLinkProcess::Piece&
PortendLinkCourse::Get(Time at)
{
    if (at < m_since || at >= m_piece.until)
    {
        m_piece = m_process->Get(at);
        m_since = at;
        m_bytes = 0;
    }
    return m_piece;
}

PortendLinkCourse::Passage
PortendLinkCourse::Pass(Time ready, uint32_t bytes, Time behind)
{
    auto begins = ready;
    while (Get(begins).state.rate.GetBitRate() == 0)
    {
        begins = m_piece.until;
    }
    Passage passage;
    passage.rate = m_piece.state.rate;
    passage.begins = begins;
    if (bytes != m_bytes) // most packets are of the same size
    {
        m_bytes = bytes;
        m_time = passage.rate.CalculateBytesTxTime(bytes);
    }
    passage.free = begins + m_time;
    passage.arrives = std::max(passage.free + GetDelay(m_piece), behind);
    passage.isLost = std::any_of(m_failures.begin(), m_failures.end(), [&](const auto& failures) {
        return failures->IsDown(begins, passage.arrives);
    });
    return passage;
}

Time
PortendLinkCourse::GetDelay(const PortendLinkProcess::Piece& piece) const
{
    return piece.state.delay.value_or(m_delay);
}

double
PortendLinkCourse::GetLoss(Time at, double own)
{
    return Get(at).state.loss.value_or(own);
}

void
PortendLinkCourse::AddTransmission(double seconds)
{
    m_transmissionS += seconds;
}

double
PortendLinkCourse::GetTransmissionS() const
{
    return m_transmissionS;
}

bool
PortendLinkCourse::Fails() const
{
    return !m_failures.empty();
}

DataRate
PortendLinkCourse::GetHighestRate() const
{
    return m_process ? m_process->Describe().highestRate : m_rate;
}

Time
PortendLinkCourse::GetLongestDelay() const
{
    return m_process ? m_process->Describe().longest.value_or(m_delay) : m_delay;
}

} // namespace ns3
