/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_SINK_H
#define PORTEND_SINK_H

#include "portend-energy-model.h"
#include "portend-server.h"

#include "ns3/application.h"
#include "ns3/portend-compat.h"
#include "ns3/portend-transport.h"
#include "ns3/random-variable-stream.h"
#include "ns3/traced-callback.h"

#include <cstdint>

namespace ns3
{

/**
 * @ingroup portend
 * @brief The destination of a stream: receives results, deserializes them, and closes the ledgers.
 */
class PortendSink : public Application
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Count the requests completed so far.
     * @return number of requests
     */
    uint64_t GetCompleted() const;

    /**
     * @brief Assign fixed streams to the random variables of this application.
     * @param stream first stream to use
     * @return number of streams used
     */
    int64_t AssignStreams(int64_t stream) PORTEND_ASSIGN_STREAMS_OVERRIDE;

    /**
     * @brief TracedCallback signature for requests.
     * @param [in] request the request
     */
    typedef void (*RequestTracedCallback)(Ptr<const PortendRequest> request);

  protected:
    void DoDispose() override;

  private:
    void StartApplication() override;
    void StopApplication() override;

    /**
     * @brief A result has arrived: queue for the server.
     * @param message the message
     */
    void Receive(const PortendMessage& message);

    /**
     * @brief A server is free: deserialize the result.
     * @param request the request
     * @param arrived when the result arrived
     */
    void Deserialize(const Ptr<PortendRequest>& request, Time arrived);

    /**
     * @brief The result is complete.
     * @param request the request
     */
    void Complete(const Ptr<PortendRequest>& request);

    double m_serializationFactor;                          //!< multiplies deserialization times
    uint32_t m_stream;                                     //!< index of the stream
    uint32_t m_member;                                     //!< index of the member of the stream
    Ptr<RandomVariableStream> m_deserializationTime;       //!< of a result, s
    Ptr<PortendServer> m_server;                           //!< who deserializes
    Ptr<PortendTransport> m_transport;                     //!< the node's transport
    Ptr<PortendEnergyModel> m_power;                       //!< of the node; null if not known
    uint64_t m_completed{0};                               //!< requests so far
    TracedCallback<Ptr<const PortendRequest>> m_lateTrace; //!< behind a fallback
    TracedCallback<Ptr<const PortendRequest>> m_completedTrace; //!< request complete
};

} // namespace ns3

#endif // PORTEND_SINK_H
