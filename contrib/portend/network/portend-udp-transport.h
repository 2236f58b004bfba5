/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_UDP_TRANSPORT_H
#define PORTEND_UDP_TRANSPORT_H

#include "portend-transport.h"

#include "ns3/ptr.h"

#include <cstdint>
#include <vector>

namespace ns3
{

class Packet;
class PortendHeader;
class Socket;

/**
 * @ingroup portend
 * @brief Moves messages as UDP datagrams.
 *
 * Messages are cut into datagrams that fill the MTU of the route and are put together again
 * at the other end; a message that lost a datagram is lost.
 *
 * The receiving end gives up a message when it has begun with more than so many later ones of
 * the same sender: the datagrams of a sender come in the order in which they left, or nearly so.
 * Time would not tell: on a slow link a message may take hours, and on a fast one a million
 * messages may be lost in a second.
 */
class PortendUdpTransport : public PortendTransport
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    Traits GetTraits() const override;
    std::size_t GetIncompleteMessages() const override;

    /**
     * @brief Count the messages of which some bytes arrived here, and that were given up.
     * @return number of messages
     */
    uint64_t GetGivenUpMessages() const;

  protected:
    void DoInitialize() override;
    void DoDispose() override;
    void DoSend(const PortendMessage& message, PortendFlow& flow) override;

    /**
     * @brief Take bytes of a message that is under way.
     * @param flow of the message
     * @param number of the message
     * @param messageBytes size of the message
     * @param bytes those that have arrived
     * @return whether the message is complete with them
     */
    bool Collect(PortendFlow& flow, uint64_t number, uint32_t messageBytes, uint32_t bytes);

    /**
     * @brief A message is complete: account for its time in the network, and hand it over.
     *
     * Datagrams leave at once and are not sent again: all that delays them is others.
     *
     * @param flow of the message
     * @param number of the message
     */
    void FinishMessage(PortendFlow& flow, uint64_t number);

  private:
    /**
     * @brief Find the message that a fragment is of, or begin with it.
     * @param flow of the fragment's sender
     * @param number of the message
     * @return the message
     */
    std::vector<PortendFlow::Partial>::iterator FindPartial(PortendFlow& flow, uint64_t number);

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

    Ptr<Socket> m_socket;                          //!< UDP socket
    uint32_t m_maxIncomplete;                      //!< messages of a sender
    std::size_t m_incomplete{0};                   //!< messages not yet complete
    uint64_t m_givenUp{0};                         //!< messages given up
    TracedCallback<Ptr<const Packet>> m_dropTrace; //!< datagram refused
};

} // namespace ns3

#endif // PORTEND_UDP_TRANSPORT_H
