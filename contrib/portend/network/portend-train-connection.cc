/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-train-connection.h"

#include "portend-compat.h"
#include "portend-tcp-socket.h"
#include "portend-tcp-stream.h"

#include "ns3/log.h"
#include "ns3/portend-profile.h"
#include "ns3/sequence-number.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendTrainConnection");

namespace
{

/// IPv4 20, TCP 20, timestamps, and in what sets a connection up the scale of windows and
/// selective acknowledgments: 15 bytes of options, filled up to 16.
constexpr uint32_t SYN_BYTES = 56;

/// Largest window that can be announced before it may be scaled.
constexpr uint32_t MAX_UNSCALED_BYTES = 65535;

/// Largest scale (RFC 7323).
constexpr uint32_t MAX_SCALE = 14;

/**
 * @brief Get the sequence number of a byte.
 * @param byte counted from 0
 * @return the number: SYN has 0
 */
SequenceNumber32
GetSequence(uint64_t byte)
{
    return SequenceNumber32(static_cast<uint32_t>(byte + 1));
}

/// @return the time that timestamps tell, ms
uint32_t
GetStamp()
{
    return static_cast<uint32_t>(Simulator::Now().GetMilliSeconds());
}

} // namespace

PortendTrainConnection::PortendTrainConnection(const Ptr<PortendTrains>& trains,
                                               PortendFlow& forward,
                                               PortendFlow& back,
                                               const Settings& settings)
    : m_trains(trains),
      m_forward(forward),
      m_back(back),
      m_settings(settings),
      m_state(CreateObject<TcpSocketState>())
{
    m_state->m_segmentSize = settings.segmentBytes;
    m_state->m_initialCWnd = settings.initialWindow;
    m_state->m_initialSsThresh = settings.initialThreshold;
    m_settings.variant->Init(m_state);
}

PortendTrainConnection::~PortendTrainConnection()
{
    m_timer.Cancel();
    m_submission.Cancel();
}

void
PortendTrainConnection::Open(std::function<void()> established)
{
    NS_LOG_FUNCTION(this);
    m_established = std::move(established);
    m_buffer = m_settings.getBuffer();
    Send(PortendTrainSegment::SYN, 0, 0, GetStamp());
    SetTimer(m_settings.connectTimeout);
}

bool
PortendTrainConnection::IsEstablished() const
{
    return m_isEstablished;
}

void
PortendTrainConnection::SetReceiver(std::function<void()> complete)
{
    m_complete = std::move(complete);
}

void
PortendTrainConnection::Append(uint32_t bytes)
{
    const bool hasRoom = GetTail() < m_acknowledged + m_buffer;
    m_appended += bytes;
    m_ends.push_back(m_appended);
    if (m_isEstablished && hasRoom)
    {
        Submit();
    }
}

void
PortendTrainConnection::Submit()
{
    // As tcp_slow_start_after_idle_check(): when data is handed over and none is in flight.
    if (m_settings.restartsAfterIdle && m_sent > 0 && m_sent == m_acknowledged)
    {
        PortendTcpSocket::RestartWindow(*m_state,
                                        *m_settings.roundTrips,
                                        Simulator::Now() - m_lastSent);
    }
    if (GetAvailableWindow() > 0 && m_submission.IsExpired())
    {
        m_submission = Simulator::Schedule(TimeStep(1), &PortendTrainConnection::SendPending, this);
    }
}

uint64_t
PortendTrainConnection::GetTail() const
{
    return std::min(m_appended, m_acknowledged + m_buffer);
}

uint32_t
PortendTrainConnection::GetAvailableWindow() const
{
    const auto inFlight = static_cast<uint32_t>(m_sent - m_acknowledged);
    m_state->m_bytesInFlight = inFlight;
    const auto window = std::min(m_window, m_state->m_cWnd.Get());
    return inFlight > window ? 0 : window - inFlight;
}

void
PortendTrainConnection::SendPending()
{
    const auto tail = GetTail();
    const auto segmentBytes = m_settings.segmentBytes;
    while (m_sent < tail)
    {
        const auto available = GetAvailableWindow();
        const auto data = static_cast<uint32_t>(tail - m_sent);
        // No small segment because the window is nearly used up.
        if (available == 0 || (available < segmentBytes && data > available))
        {
            return;
        }
        if (m_sent == m_acknowledged)
        {
            m_settings.variant->CwndEvent(m_state, TcpSocketState::CA_EVENT_TX_START);
        }
        PortendTcpSocket::LimitWindow(*m_state);
        const PortendTcpSocket::Segment segment{m_sent,
                                                std::min({available, segmentBytes, data}),
                                                false,
                                                false};
        m_state->m_nextTxSequence = GetSequence(m_sent + segment.bytes);
        m_state->m_highTxMark = m_state->m_nextTxSequence.Get();
        m_sent += segment.bytes;
        m_state->m_bytesInFlight = static_cast<uint32_t>(m_sent - m_acknowledged);
        if (m_deadline == Time::Max())
        {
            SetTimer(m_timeout);
        }
        Send(PortendTrainSegment::DATA, m_sent, segment.bytes, GetStamp());
        PortendSetLimited(*m_state, m_state->m_cWnd < m_state->m_bytesInFlight + segmentBytes);
        m_lastSent = Simulator::Now();
        m_forward.stream->Sent(segment);
    }
}

void
PortendTrainConnection::Send(PortendTrainSegment::Kind kind,
                             uint64_t end,
                             uint32_t bytes,
                             uint32_t stamp)
{
    const bool isForward = kind == PortendTrainSegment::SYN || kind == PortendTrainSegment::READY ||
                           kind == PortendTrainSegment::DATA;
    const bool setsUp = kind == PortendTrainSegment::SYN || kind == PortendTrainSegment::ANSWER;
    m_trains->Send(isForward ? m_forward : m_back,
                   {this, kind, end, stamp},
                   (setsUp ? SYN_BYTES : PortendPath::TCP_HEADERS.packetBytes) + bytes);
}

bool
PortendTrainConnection::Arrive(const PortendTrainSegment& segment)
{
    if (segment.kind == PortendTrainSegment::DATA &&
        (m_ends.empty() || segment.end < m_ends.front()))
    {
        Send(PortendTrainSegment::ACKNOWLEDGMENT, segment.end, 0, segment.stamp);
        return false;
    }
    return true;
}

void
PortendTrainConnection::Finish(const PortendTrainSegment& segment)
{
    NS_LOG_FUNCTION(this << segment.kind << segment.end);
    switch (segment.kind)
    {
    case PortendTrainSegment::SYN: {
        const uint64_t receiveBuffer = uint64_t{2} * m_settings.getBuffer();
        uint32_t scale = 0;
        while (scale < MAX_SCALE && (receiveBuffer >> scale) > MAX_UNSCALED_BYTES)
        {
            ++scale;
        }
        m_window = static_cast<uint32_t>(std::min<uint64_t>(receiveBuffer, MAX_UNSCALED_BYTES));
        m_scaledWindow = static_cast<uint32_t>((receiveBuffer >> scale) << scale);
        // A listening socket answers by an event of its own: behind all that arrives just now.
        Simulator::ScheduleNow(
            +[](Ptr<PortendTrainConnection> connection, uint32_t stamp) {
                connection->m_answered = Simulator::Now();
                connection->Send(PortendTrainSegment::ANSWER, 0, 0, stamp);
            },
            Ptr<PortendTrainConnection>(this),
            segment.stamp);
        break;
    }
    case PortendTrainSegment::ANSWER:
        Establish(segment);
        break;
    case PortendTrainSegment::READY:
        if (Simulator::Now() - m_answered >= m_settings.connectTimeout)
        {
            FailToSendAgain();
        }
        break;
    case PortendTrainSegment::DATA:
        TakeMessages(segment);
        break;
    case PortendTrainSegment::ACKNOWLEDGMENT:
        Acknowledge(segment);
        break;
    }
}

void
PortendTrainConnection::Establish(const PortendTrainSegment& segment)
{
    m_state->m_cWnd = m_settings.initialWindow * m_settings.segmentBytes;
    m_state->m_cWndInfl = m_state->m_cWnd.Get();
    m_state->m_ssThresh = m_settings.initialThreshold;
    Measure(segment.stamp);
    SetTimer(Time::Max());
    m_settings.variant->CongestionStateSet(m_state, TcpSocketState::CA_OPEN);
    m_state->m_congState = TcpSocketState::CA_OPEN;
    m_state->m_nextTxSequence = GetSequence(0);
    m_state->m_highTxMark = GetSequence(0);
    Send(PortendTrainSegment::READY, 0, 0, GetStamp());
    // The application learns of it by an event of its own.
    Simulator::ScheduleNow(
        +[](Ptr<PortendTrainConnection> connection) {
            connection->m_isEstablished = true;
            connection->m_forward.stream->Establish();
            if (connection->m_appended > 0)
            {
                connection->Submit();
            }
            connection->m_established();
        },
        Ptr<PortendTrainConnection>(this));
}

void
PortendTrainConnection::TakeMessages(const PortendTrainSegment& segment)
{
    while (!m_ends.empty() && m_ends.front() <= segment.end)
    {
        m_ends.pop_front();
        m_complete();
    }
    Send(PortendTrainSegment::ACKNOWLEDGMENT, segment.end, 0, segment.stamp);
}

void
PortendTrainConnection::Measure(uint32_t stamp)
{
    auto elapsed = MilliSeconds(GetStamp() - stamp);
    if (elapsed.IsZero()) // as ns-3 has it
    {
        elapsed = MicroSeconds(1);
    }
    auto& roundTrips = *m_settings.roundTrips;
    roundTrips.Measurement(elapsed);
    m_timeout =
        Max(roundTrips.GetEstimate() + Max(m_settings.granularity, roundTrips.GetVariation() * 4),
            m_settings.minTimeout);
    PortendSetRoundTrip(*m_state, elapsed, roundTrips.GetEstimate());
    m_state->m_minRtt = Min(roundTrips.GetEstimate(), m_state->m_minRtt);
}

void
PortendTrainConnection::Acknowledge(const PortendTrainSegment& segment)
{
    Measure(segment.stamp);
    m_window = m_scaledWindow;
    auto bytes = static_cast<uint32_t>(segment.end - m_acknowledged);
    m_acknowledged = segment.end;
    m_state->m_lastAckedSackedBytes = bytes;
    m_state->m_lastAckedSeq = GetSequence(segment.end);
    m_state->m_bytesInFlight = static_cast<uint32_t>(m_sent - m_acknowledged);
    m_uncounted += bytes % m_settings.segmentBytes;
    auto segments = bytes / m_settings.segmentBytes;
    if (m_uncounted >= m_settings.segmentBytes)
    {
        ++segments;
        m_uncounted -= m_settings.segmentBytes;
    }
    m_settings.variant->PktsAcked(m_state, segments, m_settings.roundTrips->GetEstimate());
    m_settings.variant->IncreaseWindow(m_state, segments);
    m_state->m_cWndInfl = m_state->m_cWnd.Get();
    SetTimer(m_acknowledged < m_appended ? m_timeout : Time::Max());
    SendPending();
}

void
PortendTrainConnection::SetTimer(Time after)
{
    m_deadline = after == Time::Max() ? after : Simulator::Now() + after;
    if (after != Time::Max() && m_timer.IsExpired())
    {
        m_timer = Simulator::Schedule(after, &PortendTrainConnection::CheckTimer, this);
    }
}

void
PortendTrainConnection::CheckTimer()
{
    if (m_deadline == Time::Max())
    {
        return;
    }
    if (m_deadline > Simulator::Now()) // it was set anew
    {
        m_timer = Simulator::Schedule(m_deadline - Simulator::Now(),
                                      &PortendTrainConnection::CheckTimer,
                                      this);
        return;
    }
    FailToSendAgain();
}

void
PortendTrainConnection::FailToSendAgain() const
{
    throw portend::InputError(
        "--network",
        "trains send nothing again, but TCP does " + std::to_string(Simulator::Now().GetSeconds()) +
            " s after the beginning, when an acknowledgment is late; allowed: packets");
}

} // namespace ns3
