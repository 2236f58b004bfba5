/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_TCP_SOCKET_H
#define PORTEND_TCP_SOCKET_H

#include "ns3/callback.h"
#include "ns3/nstime.h"
#include "ns3/sequence-number.h"
#include "ns3/tcp-socket-base.h"

#include <cstdint>

namespace ns3
{

/**
 * @ingroup portend
 * @brief ns-3's TCP socket, sending end: it tells of its segments, and may restart after idle.
 *
 * Its congestion window stays below 1 GiB, more than any receiver announces.
 *
 * ns-3 keeps the congestion window of a connection that has nothing to send. Linux restarts it
 * (tcp_cwnd_restart(), after RFC 2861) unless `net.ipv4.tcp_slow_start_after_idle` is 0.
 */
class PortendTcpSocket : public TcpSocketBase
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /// A segment with data, as it is handed to IP.
    struct Segment
    {
        uint64_t offset;       //!< its first byte in the stream
        uint32_t bytes;        //!< of data
        bool isRetransmission; //!< whether these bytes were sent before
        bool isRecovering;     //!< whether the connection is making good a loss
    };

    /// Called with each segment.
    using SegmentCallback = Callback<void, const Segment&>;

    /**
     * @brief Watch the segments that are sent.
     * @param callback called with each
     */
    void SetSegmentCallback(SegmentCallback callback);

    /**
     * @brief Choose what becomes of the congestion window when there is nothing to send.
     * @param restarts whether it is restarted as Linux does; by default it is kept
     */
    void SetRestartAfterIdle(bool restarts);

    /**
     * @brief Halve a congestion window for each retransmission timeout that has passed.
     * @param state of the connection
     * @param roundTrips of the connection
     * @param idle time since data was sent
     */
    static void RestartWindow(TcpSocketState& state, const RttEstimator& roundTrips, Time idle);

    /**
     * @brief Keep a congestion window below what receivers can announce.
     * @param state of the connection
     */
    static void LimitWindow(TcpSocketState& state);

    int Send(Ptr<Packet> packet, uint32_t flags) override;

  protected:
    uint32_t SendDataPacket(SequenceNumber32 seq, uint32_t maxSize, bool withAck) override;

  private:
    SegmentCallback m_segmentCallback; //!< watches segments
    bool m_restartsAfterIdle{false};   //!< whether idle time restarts the window
    uint64_t m_sentBytes{0};           //!< bytes sent at least once
    Time m_lastSent;                   //!< when data was sent last
};

} // namespace ns3

#endif // PORTEND_TCP_SOCKET_H
