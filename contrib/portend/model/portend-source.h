/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_SOURCE_H
#define PORTEND_SOURCE_H

#include "portend-compat.h"
#include "portend-exit-model.h"
#include "portend-request.h"
#include "portend-server.h"
#include "portend-tier.h"
#include "portend-transport.h"

#include "ns3/application.h"
#include "ns3/event-id.h"
#include "ns3/nstime.h"
#include "ns3/random-variable-stream.h"
#include "ns3/traced-callback.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Generates requests, serializes their inputs and sends them to the first partition.
 *
 * Arrivals are closed (the next request arises when RequestCompleted() is called for the last),
 * drawn from the attribute Interval, or a list of times set by SetArrivalTimes(). With OnTime and
 * OffTime the intervals are drawn in bursts: none begins or ends while the source is off.
 *
 * If the first tier's queue may block (SetNext()), inputs wait here until it has room, and when
 * QueueLimit of them do, the source stands still: no request arises until one is sent.
 */
class PortendSource : public Application
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Generate requests at given times.
     * @param times since the first request could arise, not decreasing
     */
    void SetArrivalTimes(const std::vector<Time>& times);

    /**
     * @brief Take note that a request is complete; closed arrivals generate the next.
     *
     * Connect the destination's trace source RequestCompleted to it.
     *
     * @param request the request
     */
    void RequestCompleted(Ptr<const PortendRequest> request);

    /**
     * @brief Take note that a request is lost; closed arrivals generate the next.
     *
     * Connect the tiers' trace sources QueueDrop and DeadlineDrop to it.
     *
     * @param request the request
     * @param partition where it was lost
     */
    void RequestLost(Ptr<const PortendRequest> request, uint32_t partition);

    /**
     * @brief Say who runs the first partition: its queue may block the source.
     * @param next the first tier; nobody by default
     */
    void SetNext(Ptr<PortendTier> next);

    /**
     * @brief Count the requests generated so far.
     * @return number of requests
     */
    uint64_t GetGenerated() const;

    /**
     * @brief Assign fixed streams to the random variables: arrivals, serialization, exits.
     * @param stream first stream to use
     * @return number of streams used
     */
    int64_t AssignStreams(int64_t stream) PORTEND_ASSIGN_STREAMS_OVERRIDE;

  protected:
    void DoDispose() override;

  private:
    void StartApplication() override;
    void StopApplication() override;

    /// All ways are prepared: requests may arise.
    void Begin();

    /**
     * @brief Tell whether the next request arises when the last is complete.
     * @return true if so
     */
    bool IsClosed() const;

    /**
     * @brief Tell whether another request is to arise.
     * @return true if so
     */
    bool HasMore() const;

    /**
     * @brief Wait for the next arrival, if there is one and the source does not stand still.
     *
     * A request of a trace is held from its time in the trace on; other arrivals begin their next
     * interval when the source goes on, so that the request is held as long as it stood still.
     */
    void ScheduleNext();

    /**
     * @brief Draw the time to the next arrival, over the phases of bursts.
     * @return the time
     */
    Time DrawInterval();

    /// A sample arises.
    void Generate();

    /**
     * @brief A server is free: serialize the input.
     * @param request the request
     */
    void Serialize(const Ptr<PortendRequest>& request);

    /**
     * @brief The input is serialized: send it when the first tier lets us.
     * @param request the request
     */
    void Finish(const Ptr<PortendRequest>& request);

    /**
     * @brief There is room for the input: send it.
     * @param request the request
     */
    void Send(const Ptr<PortendRequest>& request);

    uint32_t m_inputBytes;                         //!< size of the input message
    uint32_t m_firstTier;                          //!< tier of the first partition
    uint64_t m_maxRequests;                        //!< requests to generate, 0 for no limit
    double m_serializationFactor;                  //!< multiplies serialization times
    Ptr<RandomVariableStream> m_serializationTime; //!< time to serialize an input, s
    Ptr<RandomVariableStream> m_interval;          //!< time between arrivals, s; null if closed
    Ptr<RandomVariableStream> m_onTime;            //!< length of a burst, s; null if always on
    Ptr<RandomVariableStream> m_offTime;           //!< time between bursts, s
    Time m_burstEnd;                               //!< end of the burst
    uint32_t m_queueLimit;                         //!< most inputs that wait, 0: any
    uint32_t m_waiting{0};                         //!< inputs that wait
    bool m_isHeld{false};                          //!< whether the source stands still
    Time m_heldSince;                              //!< since when it does
    Time m_held;                                   //!< how long the next request was held
    Ptr<PortendTier> m_next;                       //!< runs the first partition
    Time m_timeout;                                //!< of a request, 0 for none
    EventId m_giveUp;                              //!< the end of waiting for the last request
    Ptr<PortendServer> m_server;                   //!< who serializes
    Ptr<PortendExitModel> m_exitModel;             //!< what becomes of samples
    Ptr<PortendTransport> m_transport;             //!< the node's transport
    std::vector<Time> m_arrivalTimes;              //!< arrivals of a trace
    Time m_started;                                //!< when the first request could arise
    uint64_t m_generated{0};                       //!< requests so far
    EventId m_nextArrival;                         //!< the next arrival
    TracedCallback<Ptr<const PortendRequest>> m_generatedTrace; //!< request generated
};

} // namespace ns3

#endif // PORTEND_SOURCE_H
