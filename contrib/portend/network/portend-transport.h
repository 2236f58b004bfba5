/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_TRANSPORT_H
#define PORTEND_TRANSPORT_H

#include "portend-exchange.h"
#include "portend-path.h"
#include "portend-request.h"

#include "ns3/callback.h"
#include "ns3/object.h"
#include "ns3/traced-callback.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Moves messages between nodes, one per node: what all transports have in common.
 *
 * A message to a receiver on the same node does not touch the network and arrives at once.
 * The time of any other goes to the ledger of its request: propagation and transmission by the
 * formula for an idle path, and the rest as network excess.
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

    /// What a transport does, for those who must know before it does it.
    struct Traits
    {
        PortendPath::Headers headers; //!< what it adds to the bytes of a message
        bool isReliable{false};       //!< whether it sends again what is lost
        bool usesTrains{false};       //!< whether trains carry it, else devices and stacks
    };

    /// Called with each message that arrived complete.
    using Receiver = Callback<void, const PortendMessage&>;

    /**
     * @brief Make the node one of a network.
     * @param exchange shared by all nodes of the network
     * @param index number of the node
     */
    void SetNode(Ptr<PortendExchange> exchange, uint32_t index);

    /// @return what the nodes of the network share
    Ptr<PortendExchange> GetExchange() const;

    /// @return number of the node
    uint32_t GetIndex() const;

    /**
     * @brief Say who takes tensors on this node.
     * @param receiver called with each of them
     */
    void SetTensorReceiver(Receiver receiver);

    /**
     * @brief Say who takes the results of a stream on this node.
     * @param stream index of the stream
     * @param member index of the stream's member
     * @param receiver called with each of them
     */
    void SetResultReceiver(uint32_t stream, uint32_t member, Receiver receiver);

    /**
     * @brief Announce messages to come, so that the way can be prepared for them.
     * @param to node that will receive them
     * @param bytes size of the largest of them
     * @param ready called when the way is prepared, if that takes time
     * @return whether it takes time
     */
    virtual bool Prepare(uint32_t to, uint32_t bytes, Callback<void> ready);

    /**
     * @brief Send a message.
     *
     * The time on the way goes to the current stage of the request's ledger.
     *
     * @param message the message
     * @param to node that is to receive it
     */
    void Send(PortendMessage message, uint32_t to);

    /// @return the port that transports listen on
    uint16_t GetPort() const;

    /// @return what the transport does
    virtual Traits GetTraits() const = 0;

    /**
     * @brief Count the messages of which some bytes have arrived here, but not all.
     * @return number of messages
     */
    virtual std::size_t GetIncompleteMessages() const = 0;

    /**
     * @brief TracedCallback signature for messages.
     * @param [in] message the message
     * @param [in] node the node that sends or has received it
     */
    typedef void (*MessageTracedCallback)(const PortendMessage& message, uint32_t node);

  protected:
    void DoDispose() override;

    /**
     * @brief Put a message onto the network.
     * @param message the message, numbered
     * @param flow where to
     */
    virtual void DoSend(const PortendMessage& message, PortendFlow& flow) = 0;

    /**
     * @brief Get the messages to a node.
     * @param to node that receives
     * @return the flow
     */
    PortendFlow& GetFlowTo(uint32_t to) const;

    /**
     * @brief Get the messages from a node.
     * @param from node that sends
     * @return the flow
     */
    PortendFlow& GetFlowFrom(uint32_t from) const;

    /**
     * @brief See to it that a message took no less than on an idle path.
     *
     * Where links change it may: others hold a packet back, and it begins when its link has
     * become faster. What an idle path takes is then what it took.
     *
     * @param message the message, complete now
     */
    static void LimitIdle(const PortendMessage& message);

    /**
     * @brief Get the time that a message took beyond that of an idle path.
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
    uint16_t m_port;                 //!< port of all transports
    Ptr<PortendExchange> m_exchange; //!< shared by the network's nodes
    uint32_t m_index{0};             //!< number of the node
    Receiver m_tensorReceiver;       //!< takes tensors
    /// Take results, by stream and member.
    std::map<std::pair<uint32_t, uint32_t>, Receiver> m_resultReceivers;
    TracedCallback<const PortendMessage&, uint32_t> m_sentTrace;     //!< message sent
    TracedCallback<const PortendMessage&, uint32_t> m_receivedTrace; //!< message complete
};

} // namespace ns3

#endif // PORTEND_TRANSPORT_H
