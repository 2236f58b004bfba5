/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_SOURCE_H
#define PORTEND_SOURCE_H

#include "portend-arrival-process.h"
#include "portend-controller.h"
#include "portend-energy-model.h"
#include "portend-exit-model.h"
#include "portend-server.h"

#include "ns3/application.h"
#include "ns3/event-id.h"
#include "ns3/nstime.h"
#include "ns3/portend-compat.h"
#include "ns3/portend-failures.h"
#include "ns3/portend-transport.h"
#include "ns3/random-variable-stream.h"
#include "ns3/traced-callback.h"

#include <cstdint>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Generates the requests of a stream, serializes their inputs and sends them to the first
 *        partition.
 *
 * When requests arise, the attribute Arrivals tells; where they go, the itinerary of the moment
 * in which they do.
 *
 * If the first worker's queue blocks, inputs wait here until it has room, and when QueueLimit of
 * them do, the source stands still: no request arises until one is sent.
 */
class PortendSource : public Application, public PortendRequestOwner
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Say where requests go that arise from now on, or once its ways are prepared.
     * @param itinerary the itinerary
     */
    void SetItinerary(Ptr<const PortendItinerary> itinerary);

    /// @return who gives it itineraries; null if nobody does
    Ptr<PortendController> GetController() const;

    /// @return requests generated so far
    uint64_t GetGenerated() const;

    /// @return requests that have ended: answered, or dropped on their way
    uint64_t GetEnded() const;

    bool Exits(const PortendRequest& request, const PortendBranch& branch) const override;
    bool IsRight(const PortendRequest& request, const PortendBranch& branch) const override;
    void BranchRun(const Ptr<PortendRequest>& request, uint16_t partition) override;
    void RequestEnded(const PortendRequest& request) override;

    /**
     * @brief Assign fixed streams to the random variables: arrivals, serialization, exits.
     * @param stream first stream to use
     * @return number of streams used
     */
    int64_t AssignStreams(int64_t stream) PORTEND_ASSIGN_STREAMS_OVERRIDE;

    /**
     * @brief TracedCallback signature for requests.
     * @param [in] request the request
     */
    typedef void (*RequestTracedCallback)(Ptr<const PortendRequest> request);

    /**
     * @brief TracedCallback signature for requests that have ended.
     * @param [in] request the request
     */
    typedef void (*EndedTracedCallback)(const PortendRequest& request);

  protected:
    void DoDispose() override;

  private:
    void StartApplication() override;
    void StopApplication() override;

    /**
     * @brief Prepare the ways of an itinerary.
     * @param itinerary the itinerary
     */
    void PrepareAll(const PortendItinerary& itinerary);

    /**
     * @brief Prepare the way of a message.
     * @param from node that will send it
     * @param to node that will receive it
     * @param bytes its size
     */
    void Prepare(uint32_t from, uint32_t to, uint32_t bytes);

    /// A way is prepared: if it is the last, the itinerary that was given last takes force.
    void Prepared();

    /// All ways are prepared: requests may arise.
    void Begin();

    /// @return whether another request is to arise
    bool HasMore() const;

    /// Wait for the next arrival, if there is one and the source does not stand still.
    void ScheduleNext();

    /// A sample arises.
    void Generate();

    /**
     * @brief Tell whether a request is lost because the node was down since it arose.
     * @param request the request, which ends then
     * @return true if so
     */
    bool IsLost(const Ptr<PortendRequest>& request);

    /**
     * @brief No answer has come in time: answer by the last branch that has run here.
     * @param request the request
     */
    void FallBack(const Ptr<PortendRequest>& request);

    /**
     * @brief A server is free: serialize the input.
     * @param request the request
     */
    void Serialize(const Ptr<PortendRequest>& request);

    /**
     * @brief The input is serialized: send it when the first worker lets us.
     * @param request the request
     */
    void Finish(const Ptr<PortendRequest>& request);

    /**
     * @brief There is room for the input: send it.
     * @param request the request
     */
    void Send(const Ptr<PortendRequest>& request);

    uint32_t m_stream;                                  //!< index of the stream
    uint32_t m_member;                                  //!< index of the member of the stream
    Ptr<const PortendItinerary> m_itinerary;            //!< of requests to come
    Ptr<const PortendItinerary> m_next;                 //!< once its ways are prepared; or null
    Ptr<PortendController> m_controller;                //!< gives itineraries; may be null
    bool m_hasBegun{false};                             //!< whether requests may arise
    uint64_t m_maxRequests;                             //!< requests to generate, 0 for no limit
    bool m_continues;                                   //!< whether more of them arise, uncounted
    double m_serializationFactor;                       //!< multiplies serialization times
    Ptr<RandomVariableStream> m_serializationTime;      //!< time to serialize an input, s
    Ptr<PortendArrivalProcess> m_arrivals;              //!< when requests arise
    uint32_t m_queueLimit;                              //!< most inputs that wait, 0: any
    uint32_t m_waiting{0};                              //!< inputs that wait
    bool m_isHeld{false};                               //!< whether the source stands still
    Time m_heldSince;                                   //!< since when it does
    Time m_held;                                        //!< how long the next request was held
    Time m_timeout;                                     //!< of a request, 0 for none
    EventId m_giveUp;                                   //!< the end of waiting for the last request
    Ptr<PortendServer> m_server;                        //!< who serializes
    Ptr<PortendExitModel> m_exitModel;                  //!< what becomes of samples
    Ptr<PortendTransport> m_transport;                  //!< the node's transport
    Ptr<PortendFailures> m_failures;                    //!< when the node is down; null if never
    Ptr<PortendEnergyModel> m_power;                    //!< of the node; null if it is not known
    uint32_t m_unprepared{0};                           //!< ways that are being prepared
    uint64_t m_generated{0};                            //!< requests so far
    uint64_t m_ended{0};                                //!< requests that have ended
    EventId m_nextArrival;                              //!< the next arrival
    TracedCallback<const PortendRequest&> m_endedTrace; //!< request ended
    TracedCallback<Ptr<const PortendRequest>> m_generatedTrace;   //!< request generated
    TracedCallback<Ptr<const PortendRequest>> m_fallbackTrace;    //!< answered by a fallback
    TracedCallback<Ptr<const PortendRequest>> m_failureDropTrace; //!< the node was down
};

} // namespace ns3

#endif // PORTEND_SOURCE_H
