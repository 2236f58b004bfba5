/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_TRANSPORT_H
#define PORTEND_TRANSPORT_H

#include "portend-request.h"
#include "portend-route.h"

#include "ns3/address.h"
#include "ns3/callback.h"
#include "ns3/object.h"
#include "ns3/traced-callback.h"

#include <cstdint>
#include <map>
#include <tuple>

namespace ns3
{

class Packet;
class Socket;

/**
 * @ingroup portend
 * @brief Moves messages between tiers, one per node, over UDP.
 *
 * Messages are cut into datagrams that fill the MTU of the route and are put together again
 * at the other end; a message that lost a datagram is lost. A message to a receiver on the
 * same node does not touch the network and arrives at once.
 *
 * Aggregate one to each node that hosts Portend applications.
 */
class PortendTransport : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /// Called with each message that arrived complete.
    using Receiver = Callback<void, const PortendMessage&>;

    /**
     * @brief Name the tier that this node is.
     * @param tier index of the tier
     */
    void SetTier(uint32_t tier);

    /**
     * @brief Make a tier known.
     * @param tier index of the tier
     * @param address where its transport listens: an InetSocketAddress
     * @param route the way to it
     */
    void AddPeer(uint32_t tier, const Address& address, const PortendRoute& route);

    /**
     * @brief Say who takes messages of a kind on this node.
     * @param kind the kind
     * @param receiver called with each of them
     */
    void SetReceiver(PortendMessage::Kind kind, Receiver receiver);

    /**
     * @brief Send a message.
     *
     * The time on the way goes to the current stage of the request's ledger.
     *
     * @param message the message
     * @param tier where to
     */
    void Send(PortendMessage message, uint32_t tier);

    /**
     * @brief Get the port that transports listen on.
     * @return the port
     */
    uint16_t GetPort() const;

    /**
     * @brief Count the messages of which some fragments have arrived, but not all.
     * @return number of messages
     */
    std::size_t GetIncompleteMessages() const;

    /**
     * @brief TracedCallback signature for messages.
     * @param [in] message the message
     * @param [in] tier the tier that sends or has received it
     */
    typedef void (*MessageTracedCallback)(const PortendMessage& message, uint32_t tier);

  protected:
    void DoInitialize() override;
    void DoDispose() override;

  private:
    /// How to reach a tier.
    struct Peer
    {
        Address address;    //!< where its transport listens
        PortendRoute route; //!< the way to it
    };

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
     * @param message the complete message
     */
    void FinishMessage(const PortendMessage& message);

    /**
     * @brief Hand a message to its receiver on this node.
     * @param message the complete message
     */
    void Deliver(const PortendMessage& message);

    uint16_t m_port;                                                 //!< port of all transports
    uint32_t m_tier{0};                                              //!< tier that this node is
    Ptr<Socket> m_socket;                                            //!< UDP socket
    std::map<uint32_t, Peer> m_peers;                                //!< the other tiers
    Receiver m_receivers[2];                                         //!< by kind of message
    std::map<MessageName, Partial> m_partial;                        //!< messages not yet complete
    TracedCallback<const PortendMessage&, uint32_t> m_sentTrace;     //!< message sent
    TracedCallback<const PortendMessage&, uint32_t> m_receivedTrace; //!< message complete
    TracedCallback<Ptr<const Packet>> m_dropTrace;                   //!< datagram refused
};

} // namespace ns3

#endif // PORTEND_TRANSPORT_H
