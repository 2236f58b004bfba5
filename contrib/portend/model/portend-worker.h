/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_WORKER_H
#define PORTEND_WORKER_H

#include "portend-block-store.h"
#include "portend-energy-model.h"
#include "portend-server.h"

#include "ns3/application.h"
#include "ns3/data-rate.h"
#include "ns3/event-id.h"
#include "ns3/nstime.h"
#include "ns3/portend-compat.h"
#include "ns3/portend-failures.h"
#include "ns3/portend-transport.h"
#include "ns3/simple-ref-count.h"
#include "ns3/traced-callback.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief The application of a node that computes: any partition of any stream, as the request's
 *        itinerary says.
 *
 * It is one process: a server does the deserialization of a tensor, the computation, the decision
 * on the exit, and the serialization of what comes out; sending is the network's work. After the
 * computation the sample exits, or goes on. If it exits, the result goes to the destination, and
 * the tensor's packets are dropped here instead of travelling on. If the next partition runs in
 * the same process, the tensor stays where it is, and the server is kept.
 *
 * Tensors that the scheduler hands out together have one computation. They are deserialized one
 * after the other before it, and what comes out is serialized one after the other behind it, each
 * leaving when it is ready; where some of them stay for the next partition, those that exit leave
 * first. What a request spends on others of its batch counts as waiting.
 *
 * Tensors wait in a queue, which may be bounded (QueueLimit). If it is full, it loses a request
 * (DROP_NEWEST, DROP_OLDEST), or whoever would send a tensor to it is blocked until there is room
 * (BLOCK), as by a high-water mark of ZeroMQ: a blocked worker keeps its server, so that its own
 * queue fills, and so on back to the source. Tensors on the way have their place reserved.
 */
class PortendWorker : public Application, public PortendGate
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /// What a full queue does with one tensor too many.
    enum Policy
    {
        DROP_NEWEST, ///< that one is lost
        DROP_OLDEST, ///< the one that has waited longest is lost
        BLOCK,       ///< its sender waits
    };

    /// @return who does the work
    Ptr<PortendServer> GetServer() const;

    void Reserve(Ptr<Node> node, std::function<void()> send) override;

    /**
     * @brief Have blocks of a stream's model at once.
     * @param stream index of the stream
     * @param model its model
     * @param first the first of them
     * @param last the last
     * @param stays whether they never leave: those of a stream that no controller deploys anew
     */
    void Keep(uint32_t stream,
              std::shared_ptr<const portend::ModelProfile> model,
              uint32_t first,
              uint32_t last,
              bool stays);

    /**
     * @brief TracedCallback signature for a request at a partition.
     * @param [in] request the request
     * @param [in] partition the partition, from 1
     */
    typedef void (*PartitionTracedCallback)(Ptr<const PortendRequest> request, uint32_t partition);

    /**
     * @brief TracedCallback signature for a computation.
     * @param [in] request the first of its requests
     * @param [in] partition the partition, from 1
     * @param [in] size how many tensors are computed together
     */
    typedef void (*BatchTracedCallback)(Ptr<const PortendRequest> request,
                                        uint32_t partition,
                                        uint32_t size);

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

    /**
     * @brief A tensor has arrived: queue for the server.
     * @param message the message
     */
    void Receive(const PortendMessage& message);

    /// A tensor whose blocks have no room yet.
    struct Waiting
    {
        Ptr<PortendRequest> request; //!< whose it is
        uint16_t partition{0};       //!< which it is for
        Time arrived;                //!< when it came
    };

    /**
     * @brief Wait for the blocks of a tensor, and queue for the server then.
     * @param tensor the tensor
     * @return false if they have no room
     */
    bool Load(const Waiting& tensor);

    /// There may be room for blocks of those that wait for it.
    void LoadWaiting();

    /**
     * @brief A tensor has left: others may have the room of its blocks.
     * @param request whose it was
     */
    void Leave(const Ptr<PortendRequest>& request);

    /// Tell the store of blocks how much memory there is.
    void BoundMemory();

    /**
     * @brief The blocks for a tensor are here: queue for the server.
     * @param request whose tensor it is
     * @param partition which it is for
     * @param loading how long it waited for them
     */
    void Accept(const Ptr<PortendRequest>& request, uint16_t partition, Time loading);

    /// What a server is granted for: a tensor, or several together.
    struct Visit : public SimpleRefCount<Visit>
    {
        std::vector<Ptr<PortendRequest>> requests; //!< whose partition is computed, or was last
        uint16_t partition{0};                     //!< which
        /// What the server does.
        PortendEnergyModel::Activity activity{PortendLedger::WAIT};
        Time overhead;                            //!< of the process, until the first computation
        Time decided;                             //!< when it was decided what becomes of them
        std::size_t left{0};                      //!< how many of those that leave have left
        EventId failure;                          //!< when the node fails next
        bool isLost{false};                       //!< whether it has failed
        std::vector<Ptr<PortendRequest>> staying; //!< of them: the next partition runs here
        std::vector<Ptr<PortendRequest>> aside;   //!< whose turn is to come, the last first
        uint16_t asidePartition{0};               //!< which they stay for
        Time asideSince;                          //!< since when
    };

    /**
     * @brief A server is free for tensors.
     * @param jobs the tensors
     */
    void Begin(const std::vector<PortendJob>& jobs);

    /**
     * @brief Lose a request.
     * @param request the request
     * @param partition which it waited for
     * @param trace fires
     */
    void Drop(const Ptr<PortendRequest>& request,
              uint16_t partition,
              const TracedCallback<Ptr<const PortendRequest>, uint32_t>& trace);

    /// @return whether senders must ask for a place in the queue
    bool IsBlocking() const;

    /// A place in the queue is free: let the first of the blocked send.
    void FreePlace();

    /**
     * @brief The node fails: what it works on is lost.
     * @param visit the visit
     */
    void Fail(const Ptr<Visit>& visit);

    /// The node fails, which nobody knew before: what it works on is lost.
    void FailAll();

    /**
     * @brief A server goes over to something else.
     * @param visit whose
     * @param activity what it does from now on; WAIT is nothing
     */
    void SetActivity(const Ptr<Visit>& visit, PortendEnergyModel::Activity activity);

    /**
     * @brief Charge a request the energy of what is done for it.
     * @param request the request
     * @param activity what is done
     * @param lasts how long
     * @param size for how many it is done at once
     */
    void Charge(PortendRequest& request,
                PortendEnergyModel::Activity activity,
                Time lasts,
                std::size_t size = 1) const;

    /**
     * @brief Tell whether a visit goes on.
     * @param visit the visit, which ends here if the node has failed
     * @return true if so
     */
    bool GoesOn(const Ptr<Visit>& visit);

    /**
     * @brief A visit has ended: give the server back.
     * @param visit the visit
     */
    void End(const Ptr<Visit>& visit);

    /**
     * @brief The tensors are there: compute.
     * @param visit the visit
     */
    void Compute(const Ptr<Visit>& visit);

    /**
     * @brief Draw how long a computation takes.
     *
     * A batch that has measured times takes those of its size, else what
     * portend::InterpolateBatch() makes of those drawn for other sizes. Without measured times it
     * takes the mean of what is drawn for its tensors, times portend::ScaleBatch().
     *
     * @param visit whose
     * @return seconds
     */
    double DrawComputation(const Visit& visit) const;

    /**
     * @brief A partition is computed: decide on the exits.
     * @param visit the visit
     */
    void Decide(const Ptr<Visit>& visit);

    /**
     * @brief Serialize what comes out for the next of those that leave, or let the rest go on.
     * @param visit the visit
     */
    void GoOn(const Ptr<Visit>& visit);

    /**
     * @brief The rest of a visit stays: compute the next partition, together or one by one.
     * @param visit the visit
     */
    void Stay(const Ptr<Visit>& visit);

    /**
     * @brief The output is serialized: send it when the next worker lets us.
     * @param visit the visit
     */
    void Finish(const Ptr<Visit>& visit);

    /**
     * @brief There is room for the output: send it, and serve the next.
     * @param visit the visit
     */
    void Send(const Ptr<Visit>& visit);

    double m_computationFactor;                  //!< multiplies computation times
    Time m_overhead;                             //!< of the process, each visit
    double m_serializationFactor;                //!< multiplies (de)serialization times
    uint32_t m_queueLimit;                       //!< most tensors that wait, 0: any
    Policy m_policy;                             //!< of a full queue
    Time m_deadline;                             //!< largest age of a request, 0: any
    uint32_t m_places{0};                        //!< reserved or taken, if BLOCK
    std::deque<std::function<void()>> m_blocked; //!< senders that wait for a place
    std::vector<Ptr<Visit>> m_ended;             //!< visits, to be used again
    std::vector<Ptr<Visit>> m_visits;            //!< under way, where the node may fail
    uint64_t m_memory;                           //!< for blocks, bytes; 0: any
    DataRate m_loadBandwidth;                    //!< at which they are loaded; 0: takes no time
    PortendBlockStore m_blocks;                  //!< blocks that are here
    std::deque<Waiting> m_waiting;               //!< tensors whose blocks have no room yet
    EventId m_loading;                           //!< when they try again
    Ptr<PortendServer> m_server;                 //!< who does the work
    Ptr<PortendFailures> m_failures;             //!< when the node is down; null if never
    Ptr<PortendEnergyModel> m_power;             //!< of the node; null if that is not known
    /// Node was down.
    TracedCallback<Ptr<const PortendRequest>, uint32_t> m_failureDropTrace;
    Ptr<PortendTransport> m_transport; //!< the node's transport
    TracedCallback<Ptr<const PortendRequest>, uint32_t, uint32_t> m_batchTrace; //!< the same of all
    TracedCallback<Ptr<const PortendRequest>, uint32_t> m_startedTrace;      //!< computation begins
    TracedCallback<Ptr<const PortendRequest>, uint32_t> m_finishedTrace;     //!< computation ends
    TracedCallback<Ptr<const PortendRequest>, uint32_t> m_exitTrace;         //!< request exits
    TracedCallback<Ptr<const PortendRequest>, uint32_t> m_queueDropTrace;    //!< queue is full
    TracedCallback<Ptr<const PortendRequest>, uint32_t> m_deadlineDropTrace; //!< too old
    TracedCallback<Ptr<const PortendRequest>, uint32_t, uint32_t> m_dropTrace; //!< early exit
};

} // namespace ns3

#endif // PORTEND_WORKER_H
