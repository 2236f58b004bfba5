/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-tcp-stream.h"

#include "ns3/assert.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <utility>

namespace ns3
{

namespace
{

/**
 * @brief Get the size of a segment's packet.
 * @param segment the segment
 * @return bytes, IP header included
 */
uint32_t
GetPacketBytes(const PortendTcpSocket::Segment& segment)
{
    return segment.bytes + PortendPath::TCP_HEADERS.packetBytes;
}

/**
 * @brief Get the time at which packets have arrived.
 * @param passage of the packets
 * @return the time of the last one; 0 where no link is known
 */
Time
GetArrival(const PortendPath::Passage& passage)
{
    return passage.empty() ? Time() : passage.back().arrives;
}

} // namespace

PortendTcpStream::PortendTcpStream(const PortendPath& route)
    : m_route(route),
      m_passage(route.GetRates().size())
{
}

void
PortendTcpStream::Establish()
{
    m_established = Simulator::Now();
}

void
PortendTcpStream::Append(const PortendMessage& message, uint32_t bytes)
{
    Entry entry;
    entry.message = message;
    entry.begin = m_bytes;
    m_bytes += bytes;
    entry.end = m_bytes;
    m_entries.push_back(std::move(entry));
}

void
PortendTcpStream::Sent(const PortendTcpSocket::Segment& segment)
{
    if (segment.isRetransmission)
    {
        // It holds up its own message, and those whose bytes come after it.
        m_hasResent = true;
        Passage alone(m_passage.size());
        m_route.Pass(alone, GetPacketBytes(segment), Simulator::Now());
        const Time arrival = GetArrival(alone);
        for (std::size_t i = 0; i < m_entries.size() && i <= m_current; ++i)
        {
            if (segment.offset < m_entries[i].end)
            {
                m_entries[i].resentArrival = std::max(m_entries[i].resentArrival, arrival);
            }
        }
        return;
    }
    const auto end = segment.offset + segment.bytes;
    for (auto i = m_current; i < m_entries.size() && m_entries[i].begin < end; ++i)
    {
        SentOf(m_entries[i], segment);
        m_current = m_entries[i].end <= end ? i + 1 : i;
    }
    m_route.Pass(m_passage, GetPacketBytes(segment), Simulator::Now());
    m_lastSent = Simulator::Now();
    m_hasResent = false;
}

void
PortendTcpStream::SentOf(Entry& entry, const PortendTcpSocket::Segment& segment)
{
    const Time now = Simulator::Now();
    if (entry.sent.empty())
    {
        const Time ready = std::max(entry.message.sent, m_established);
        entry.setUp = ready - entry.message.sent;
        // The last bytes of the message before may be in the same packet.
        const Time released = segment.offset < entry.begin ? now : std::max(ready, m_lastSent);
        entry.behind = released - ready;
        // A socket of ns-3 begins with new data one time step later.
        entry.step = std::min(now - released, TimeStep(1));
        entry.begun = released + entry.step;
        entry.lastSent = entry.begun;
        entry.atOnce = entry.windowed = entry.sent = m_passage;
    }
    if (!m_hasResent && !segment.isRecovering)
    {
        entry.windowDelay += now - entry.lastSent;
    }
    entry.lastSent = now;
    const auto bytes = GetPacketBytes(segment);
    m_route.Pass(entry.atOnce, bytes, entry.begun);
    m_route.Pass(entry.windowed, bytes, entry.begun + entry.windowDelay);
    m_route.Pass(entry.sent, bytes, now);
}

const PortendMessage&
PortendTcpStream::GetFirst() const
{
    NS_ASSERT_MSG(!m_entries.empty(), "no message is under way");
    return m_entries.front().message;
}

PortendLedger::Excess
PortendTcpStream::Finish(bool wasAlone)
{
    NS_ASSERT_MSG(m_current > 0, "no message was sent to its end");
    const auto entry = std::move(m_entries.front());
    m_entries.pop_front();
    --m_current;

    const auto& stage = entry.message.request->ledger.Current();
    Time at =
        entry.message.sent + stage[PortendLedger::PROPAGATION] + stage[PortendLedger::TRANSMISSION];
    PortendLedger::Excess excess;
    const auto advance = [&](PortendLedger::ExcessPart part, Time to) {
        // Where links change, what begins later may arrive sooner.
        to = std::clamp(to, at, Simulator::Now());
        excess[part] += to - at;
        at = to;
    };
    if (m_route.HasMedium()) // its share cannot be told from the others
    {
        advance(PortendLedger::MEDIUM, Simulator::Now());
        return excess;
    }
    // If no other message was there, what cannot be told apart are acknowledgments.
    const auto others = wasAlone ? PortendLedger::PROTOCOL : PortendLedger::QUEUEING;
    advance(PortendLedger::PROTOCOL, at + entry.setUp);
    advance(PortendLedger::QUEUEING, at + entry.behind);
    advance(PortendLedger::PROTOCOL, at + entry.step);
    advance(others, GetArrival(entry.atOnce));
    advance(PortendLedger::WINDOW, GetArrival(entry.windowed));
    advance(PortendLedger::RETRANSMISSION, std::max(GetArrival(entry.sent), entry.resentArrival));
    advance(others, Simulator::Now());
    return excess;
}

} // namespace ns3
