/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_TRANSPORT_H
#define PORTEND_TRANSPORT_H

#include "portend-chain.h"
#include "portend-request.h"
#include "portend-route.h"

#include "ns3/address.h"
#include "ns3/callback.h"
#include "ns3/object.h"
#include "ns3/traced-callback.h"

#include <cstddef>
#include <cstdint>
#include <map>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Moves messages between tiers, one per node: what all transports have in common.
 *
 * A message to a receiver on the same node does not touch the network and arrives at once.
 * The time of any other goes to the ledger of its request: propagation and transmission by the
 * formula for an idle route, and the rest as network excess.
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
     * @param chain what the transports of all tiers share
     * @param tier index of the tier
     */
    void SetTier(Ptr<const PortendChain> chain, uint32_t tier);

    /**
     * @brief Say who takes messages of a kind on this node.
     * @param kind the kind
     * @param receiver called with each of them
     */
    void SetReceiver(PortendMessage::Kind kind, Receiver receiver);

    /**
     * @brief Announce messages to come, so that the way can be prepared for them.
     * @param tier where to
     * @param bytes size of the largest of them
     */
    virtual void Prepare(uint32_t tier, uint32_t bytes);

    /**
     * @brief Call when every way on the chain is prepared that has been announced by now.
     * @param callback what to call
     */
    virtual void WhenPrepared(Callback<void> callback);

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
     * @brief Get what the transport adds to the bytes of a message.
     * @return the headers, for the routes to peers
     */
    virtual PortendRoute::Headers GetHeaders() const = 0;

    /**
     * @brief Count the messages of which some bytes have arrived here, but not all.
     * @return number of messages
     */
    virtual std::size_t GetIncompleteMessages() const = 0;

    /**
     * @brief TracedCallback signature for messages.
     * @param [in] message the message
     * @param [in] tier the tier that sends or has received it
     */
    typedef void (*MessageTracedCallback)(const PortendMessage& message, uint32_t tier);

  protected:
    void DoDispose() override;

    /**
     * @brief Put a message onto the network.
     * @param message the message
     * @param tier where to
     */
    virtual void DoSend(const PortendMessage& message, uint32_t tier) = 0;

    /**
     * @brief Get the tier that this node is.
     * @return index of the tier
     */
    uint32_t GetTier() const;

    /**
     * @brief Get the chain.
     * @return what the transports of all tiers share
     */
    const PortendChain& GetChain() const;

    /**
     * @brief Get the way to a tier.
     * @param tier index of the tier
     * @return the way
     */
    const PortendRoute& GetRoute(uint32_t tier);

    /**
     * @brief Get where the transport of a tier listens.
     * @param tier index of the tier
     * @return an InetSocketAddress
     */
    Address GetAddress(uint32_t tier) const;

    /**
     * @brief Get the time that a message took beyond that of an idle route.
     * @param message the message, complete now
     * @return its network excess
     */
    static Time GetExcess(const PortendMessage& message);

    /**
     * @brief Hand a message to its receiver on this node.
     * @param message the complete message
     */
    void Deliver(const PortendMessage& message);

  private:
    uint16_t m_port;                                                 //!< port of all transports
    Ptr<const PortendChain> m_chain;                                 //!< shared by all tiers
    uint32_t m_tier{0};                                              //!< tier that this node is
    std::map<uint32_t, PortendRoute> m_routes;                       //!< by tier, once needed
    Receiver m_receivers[2];                                         //!< by kind of message
    TracedCallback<const PortendMessage&, uint32_t> m_sentTrace;     //!< message sent
    TracedCallback<const PortendMessage&, uint32_t> m_receivedTrace; //!< message complete
};

} // namespace ns3

#endif // PORTEND_TRANSPORT_H
