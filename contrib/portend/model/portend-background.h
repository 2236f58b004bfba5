/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_BACKGROUND_H
#define PORTEND_BACKGROUND_H

#include "portend-traffic.h"

#include "ns3/application.h"
#include "ns3/event-id.h"
#include "ns3/portend-compat.h"
#include "ns3/portend-exchange.h"
#include "ns3/portend-transport.h"
#include "ns3/ptr.h"
#include "ns3/socket.h"

#include <cstdint>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Traffic of others: sends datagrams to a node, which throws them away.
 *
 * They pass links, and wait for them, as the packets of messages do, over sockets of UDP or as
 * trains.
 */
class PortendBackground : public Application
{
  public:
    /// Headers of a datagram, bytes: IPv4 and UDP.
    static constexpr uint32_t HEADER_BYTES = 28;

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /// Send nothing more.
    void Stop();

    /**
     * @brief Assign fixed streams to the random variables.
     * @param stream first stream to use
     * @return number of streams used
     */
    int64_t AssignStreams(int64_t stream) PORTEND_ASSIGN_STREAMS_OVERRIDE;

  protected:
    void DoDispose() override;

  private:
    void StartApplication() override;
    void StopApplication() override;

    /// Open sockets, where packets are ns-3's.
    void OpenSockets();

    /// Wait for the next burst.
    void ScheduleNext();

    /**
     * @brief Send a burst.
     * @param bytes its size, headers of packets included
     */
    void Send(uint64_t bytes);

    /**
     * @brief Send a packet.
     * @param bytes its size, IP header included
     */
    void SendPacket(uint32_t bytes);

    uint32_t m_destination;               //!< number of the node that gets it
    uint32_t m_packetBytes;               //!< of packets, IP header included
    Ptr<PortendTrafficProcess> m_traffic; //!< what is sent when
    Ptr<PortendExchange> m_exchange;      //!< what nodes share
    PortendFlow* m_flow{nullptr};         //!< to the destination
    Ptr<Socket> m_socket;                 //!< sends; null where trains do
    Ptr<Socket> m_sink;                   //!< receives; null where trains do
    EventId m_next;                       //!< the next burst
};

} // namespace ns3

#endif // PORTEND_BACKGROUND_H
