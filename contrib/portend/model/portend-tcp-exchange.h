/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_TCP_EXCHANGE_H
#define PORTEND_TCP_EXCHANGE_H

#include "portend-route.h"
#include "portend-tcp-stream.h"

#include "ns3/callback.h"
#include "ns3/nstime.h"
#include "ns3/ptr.h"
#include "ns3/simple-ref-count.h"

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief What the TCP transports of a chain share: the streams between them, and who waits.
 */
class PortendTcpExchange : public SimpleRefCount<PortendTcpExchange>
{
  public:
    /**
     * @brief Get the messages under way between two tiers.
     * @param from tier that sends
     * @param to tier that receives
     * @param route the way between them
     * @return the stream, made when it is asked for first
     */
    Ptr<PortendTcpStream> GetStream(uint32_t from, uint32_t to, const PortendRoute& route);

    /**
     * @brief Note the size of a message to come.
     * @param bytes its size
     */
    void AddMessageSize(uint32_t bytes);

    /**
     * @brief Get the largest message to come.
     * @return bytes; 0 if none was noted
     */
    uint32_t GetLargestMessage() const;

    /// A connection is being set up that the first request waits for.
    void BeginSetUp();

    /// It is set up.
    void EndSetUp();

    /**
     * @brief Call when all connections are set up that are being so, at once if none is.
     * @param callback what to call
     */
    void WhenSetUp(Callback<void> callback);

    /// A message enters the network.
    void BeginMessage();

    /**
     * @brief A message leaves the network.
     * @param sent when it entered
     * @return whether no other was in the network meanwhile
     */
    bool EndMessage(Time sent);

  private:
    /// By sending and receiving tier.
    std::map<std::pair<uint32_t, uint32_t>, Ptr<PortendTcpStream>> m_streams;
    uint32_t m_largestMessage{0};          //!< bytes
    uint32_t m_settingUp{0};               //!< connections
    std::vector<Callback<void>> m_waiting; //!< for connections to be set up
    uint64_t m_messages{0};                //!< in the network
    Time m_lastShared{Time::Min()};        //!< when there were two or more of them
};

} // namespace ns3

#endif // PORTEND_TCP_EXCHANGE_H
