/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_TIER_H
#define PORTEND_TIER_H

#include "portend-compat.h"
#include "portend-request.h"
#include "portend-server.h"
#include "portend-transport.h"

#include "ns3/application.h"
#include "ns3/random-variable-stream.h"
#include "ns3/traced-callback.h"

#include <cstdint>
#include <deque>
#include <functional>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Runs one partition of the network on a tier.
 *
 * One process, as the authors' agent: a server is held from the deserialization of a tensor
 * over the computation to the serialization of what comes out; sending is the network's work.
 * After the computation the sample exits, or goes on. If it exits, the result goes to the
 * destination, and the tensor's packets are dropped here instead of travelling on.
 *
 * Tensors wait in a queue, which may be bounded (QueueLimit). If it is full, it loses a request
 * (DROP_NEWEST, DROP_OLDEST), or whoever would send a tensor to it is blocked until there is room
 * (BLOCK), as by a high-water mark of ZeroMQ: a blocked tier keeps its server, so that its own
 * queue fills, and so on back to the source. Tensors on the way have their place reserved.
 */
class PortendTier : public Application
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Assign fixed streams to the random variables of this application.
     * @param stream first stream to use
     * @return number of streams used
     */
    int64_t AssignStreams(int64_t stream) PORTEND_ASSIGN_STREAMS_OVERRIDE;

    /// What a full queue does with one tensor too many.
    enum Policy
    {
        DROP_NEWEST, ///< that one is lost
        DROP_OLDEST, ///< the one that has waited longest is lost
        BLOCK,       ///< its sender waits
    };

    /**
     * @brief Say who runs the next partition: its queue may block this tier.
     * @param next the next tier; nobody by default
     */
    void SetNext(Ptr<PortendTier> next);

    /**
     * @brief Tell whether senders must ask for a place in the queue.
     * @return true if a full queue blocks them
     */
    bool IsBlocking() const;

    /**
     * @brief Ask for a place in a queue that blocks before sending a tensor.
     * @param node of the sender
     * @param send called when there is room
     */
    void Reserve(Ptr<Node> node, std::function<void()> send);

    /**
     * @brief TracedCallback signature for a request at a partition.
     * @param [in] request the request
     * @param [in] partition the partition, from 1
     */
    typedef void (*PartitionTracedCallback)(Ptr<const PortendRequest> request, uint32_t partition);

    /**
     * @brief TracedCallback signature for a tensor not forwarded.
     * @param [in] request the request
     * @param [in] partition the partition, from 1
     * @param [in] bytes size of the message that was not sent
     */
    typedef void (*DropTracedCallback)(Ptr<const PortendRequest> request,
                                       uint32_t partition,
                                       uint32_t bytes);

  protected:
    void DoDispose() override;

  private:
    void StartApplication() override;
    void StopApplication() override;

    /// A tensor that waits.
    struct Waiting
    {
        Ptr<PortendRequest> request; //!< its request
        Time arrived;                //!< when it arrived
    };

    /**
     * @brief A tensor has arrived: queue for the server.
     * @param message the message
     */
    void Receive(const PortendMessage& message);

    /// A server is free: take the first tensor from the queue.
    void Begin();

    /// A place in the queue is free: let the first of the blocked send.
    void FreePlace();

    /**
     * @brief A server is free: deserialize.
     * @param request the request
     * @param arrived when its tensor arrived
     */
    void Deserialize(const Ptr<PortendRequest>& request, Time arrived);

    /**
     * @brief The tensor is there: compute.
     * @param request the request
     */
    void Compute(const Ptr<PortendRequest>& request);

    /**
     * @brief The partition is computed: decide on the exit, serialize what comes out.
     * @param request the request
     */
    void Decide(const Ptr<PortendRequest>& request);

    /**
     * @brief The output is serialized: send it when the next tier lets us.
     * @param request the request
     * @param exits whether the output is the result
     */
    void Finish(const Ptr<PortendRequest>& request, bool exits);

    /**
     * @brief There is room for the output: send it, and serve the next.
     * @param request the request
     * @param exits whether the output is the result
     */
    void Send(const Ptr<PortendRequest>& request, bool exits);

    uint16_t m_partition;                                //!< k
    uint32_t m_nextTier;                                 //!< tier of partition k + 1
    uint32_t m_destination;                              //!< tier of the destination
    uint32_t m_tensorBytes;                              //!< size of the tensor message
    uint32_t m_resultBytes;                              //!< size of the result message
    double m_computationFactor;                          //!< multiplies computation times
    Time m_overhead;                                     //!< of the process, each inference
    double m_serializationFactor;                        //!< multiplies (de)serialization times
    Ptr<RandomVariableStream> m_deserializationTime;     //!< of the tensor that comes in, s
    Ptr<RandomVariableStream> m_computationTime;         //!< of the partition, s
    Ptr<RandomVariableStream> m_serializationTime;       //!< of the tensor that goes out, s
    Ptr<RandomVariableStream> m_resultSerializationTime; //!< of the result, s
    uint32_t m_queueLimit;                               //!< most tensors that wait, 0: any
    Policy m_policy;                                     //!< of a full queue
    Time m_deadline;                                     //!< largest age of a request, 0: any
    std::deque<Waiting> m_queue;                         //!< tensors that wait
    uint32_t m_places{0};                                //!< reserved or taken, if BLOCK
    std::deque<std::function<void()>> m_blocked;         //!< senders that wait for a place
    Ptr<PortendTier> m_next;                             //!< runs the next partition
    Ptr<PortendServer> m_server;                         //!< who does the work
    Ptr<PortendTransport> m_transport;                   //!< the node's transport
    TracedCallback<Ptr<const PortendRequest>, uint32_t> m_startedTrace;      //!< computation begins
    TracedCallback<Ptr<const PortendRequest>, uint32_t> m_finishedTrace;     //!< computation ends
    TracedCallback<Ptr<const PortendRequest>, uint32_t> m_exitTrace;         //!< request exits
    TracedCallback<Ptr<const PortendRequest>, uint32_t> m_queueDropTrace;    //!< queue is full
    TracedCallback<Ptr<const PortendRequest>, uint32_t> m_deadlineDropTrace; //!< too old
    TracedCallback<Ptr<const PortendRequest>, uint32_t, uint32_t> m_dropTrace; //!< early exit
};

} // namespace ns3

#endif // PORTEND_TIER_H
