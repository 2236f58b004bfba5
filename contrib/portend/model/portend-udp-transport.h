/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_UDP_TRANSPORT_H
#define PORTEND_UDP_TRANSPORT_H

#include "portend-transport.h"

#include "ns3/ptr.h"

#include <map>
#include <tuple>

namespace ns3
{

class Packet;
class Socket;

/**
 * @ingroup portend
 * @brief Moves messages as UDP datagrams.
 *
 * Messages are cut into datagrams that fill the MTU of the route and are put together again
 * at the other end; a message that lost a datagram is lost.
 */
class PortendUdpTransport : public PortendTransport
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    PortendRoute::Headers GetHeaders() const override;
    std::size_t GetIncompleteMessages() const override;

  protected:
    void DoInitialize() override;
    void DoDispose() override;
    void DoSend(const PortendMessage& message, uint32_t tier) override;

  private:
    /// A message of which fragments are still missing.
    struct Partial
    {
        uint32_t received{0};   //!< bytes so far
        PortendMessage message; //!< as its first fragment carried it
    };

    /// Sender's address, request and sending partition name a message.
    using MessageName = std::tuple<Address, uint64_t, uint16_t>;

    /**
     * @brief Take datagrams from the socket.
     * @param socket the socket
     */
    void HandleRead(Ptr<Socket> socket);

    /**
     * @brief Take one fragment.
     * @param packet the datagram
     * @param from its sender
     */
    void ReceiveFragment(const Ptr<Packet>& packet, const Address& from);

    /**
     * @brief Account for a message's time in the network, and hand it over.
     *
     * Datagrams leave at once and are not sent again: all that delays them is others.
     *
     * @param message the complete message
     */
    void FinishMessage(const PortendMessage& message);

    Ptr<Socket> m_socket;                          //!< UDP socket
    std::map<MessageName, Partial> m_partial;      //!< messages not yet complete
    TracedCallback<Ptr<const Packet>> m_dropTrace; //!< datagram refused
};

} // namespace ns3

#endif // PORTEND_UDP_TRANSPORT_H
