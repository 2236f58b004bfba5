/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-tcp-socket.h"

#include "ns3/log.h"
#include "ns3/packet.h"
#include "ns3/rtt-estimator.h"
#include "ns3/simulator.h"
#include "ns3/tcp-congestion-ops.h"

#include <algorithm>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendTcpSocket");

NS_OBJECT_ENSURE_REGISTERED(PortendTcpSocket);

namespace
{

/// Larger windows cannot be announced (RFC 7323), so that a congestion window above it limits
/// nothing. ns-3 until 3.41 lets it grow for ever, past what its 32 bits hold.
constexpr uint32_t MAX_WINDOW_BYTES = 65535 << 14;

} // namespace

TypeId
PortendTcpSocket::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendTcpSocket")
                            .SetParent<TcpSocketBase>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendTcpSocket>();
    return tid;
}

void
PortendTcpSocket::SetSegmentCallback(SegmentCallback callback)
{
    m_segmentCallback = callback;
}

void
PortendTcpSocket::SetRestartAfterIdle(bool restarts)
{
    m_restartsAfterIdle = restarts;
}

int
PortendTcpSocket::Send(Ptr<Packet> packet, uint32_t flags)
{
    // As tcp_slow_start_after_idle_check(): when data is handed over and none is in flight.
    // Variants that control more than a window are left alone.
    if (m_restartsAfterIdle && m_sentBytes > 0 && UnAckDataCount() == 0 &&
        !m_congestionControl->HasCongControl())
    {
        RestartWindow(*m_tcb, *m_rtt, Simulator::Now() - m_lastSent);
    }
    return TcpSocketBase::Send(packet, flags);
}

void
PortendTcpSocket::RestartWindow(TcpSocketState& state, const RttEstimator& roundTrips, Time idle)
{
    // Linux's retransmission timeout: ns-3 has another minimum.
    const Time timeout =
        roundTrips.GetEstimate() + Max(roundTrips.GetVariation() * 4, MilliSeconds(200));
    if (idle <= timeout)
    {
        return;
    }
    uint32_t window = state.m_cWnd;
    const uint32_t restart = std::min(window, state.m_initialCWnd * state.m_segmentSize);
    // Slow start leads back to three quarters of the window.
    state.m_ssThresh = std::max(state.m_ssThresh.Get(), window / 2 + window / 4);
    for (idle -= timeout; idle.IsStrictlyPositive() && window > restart; idle -= timeout)
    {
        window /= 2;
    }
    state.m_cWnd = std::max(window, restart);
    state.m_cWndInfl = state.m_cWnd;
    NS_LOG_LOGIC("restarted with a window of " << state.m_cWnd << " bytes");
}

void
PortendTcpSocket::LimitWindow(TcpSocketState& state)
{
    if (state.m_cWnd > MAX_WINDOW_BYTES)
    {
        state.m_cWnd = MAX_WINDOW_BYTES;
        state.m_cWndInfl = MAX_WINDOW_BYTES;
    }
}

uint32_t
PortendTcpSocket::SendDataPacket(SequenceNumber32 seq, uint32_t maxSize, bool withAck)
{
    LimitWindow(*m_tcb);
    const int32_t resent = m_tcb->m_highTxMark.Get() - seq;
    Segment segment;
    segment.offset = m_sentBytes - resent;
    segment.isRetransmission = resent > 0;
    segment.isRecovering = m_tcb->m_congState == TcpSocketState::CA_RECOVERY ||
                           m_tcb->m_congState == TcpSocketState::CA_LOSS;
    segment.bytes = TcpSocketBase::SendDataPacket(seq, maxSize, withAck);
    m_sentBytes = std::max(m_sentBytes, segment.offset + segment.bytes);
    m_lastSent = Simulator::Now();
    if (!m_segmentCallback.IsNull())
    {
        m_segmentCallback(segment);
    }
    return segment.bytes;
}

} // namespace ns3
