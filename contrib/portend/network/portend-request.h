/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_REQUEST_H
#define PORTEND_REQUEST_H

#include "portend-itinerary.h"
#include "portend-ledger.h"

#include "ns3/event-id.h"
#include "ns3/nstime.h"
#include "ns3/ptr.h"
#include "ns3/simple-ref-count.h"

#include <cstdint>
#include <vector>

namespace ns3
{

class PortendRequest;

/**
 * @ingroup portend
 * @brief Who let a request arise, and decides what becomes of its sample.
 */
class PortendRequestOwner
{
  public:
    virtual ~PortendRequestOwner() = default;

    /**
     * @brief Tell whether a request exits at a branch.
     * @param request the request
     * @param branch the branch
     * @return true if so
     */
    virtual bool Exits(const PortendRequest& request, const PortendBranch& branch) const = 0;

    /**
     * @brief Tell whether the answer of a branch to a request is right.
     * @param request the request, which exits there
     * @param branch the branch
     * @return true if so
     */
    virtual bool IsRight(const PortendRequest& request, const PortendBranch& branch) const = 0;

    /**
     * @brief A branch has run on the node of the source, and its request does not exit there.
     * @param request the request
     * @param partition of the branch
     */
    virtual void BranchRun(const Ptr<PortendRequest>& request, uint16_t partition) = 0;

    /**
     * @brief A request has ended: its result is complete, or it was dropped.
     * @param request the request
     */
    virtual void RequestEnded(const PortendRequest& request) = 0;
};

/**
 * @ingroup portend
 * @brief One request: the journey of a sample from its source to the destination of its result.
 */
class PortendRequest : public SimpleRefCount<PortendRequest>
{
  public:
    uint32_t stream{0};        //!< index of its stream
    uint32_t member{0};        //!< index of the member of the stream
    uint64_t id{0};            //!< number in its stream, from 0, in the order of generation
    bool isMeasured{true};     //!< false for those that only keep up the load
    Time generated;            //!< when the sample arose
    Time held;                 //!< how long full queues kept the sample from arising
    Time completed;            //!< when the result was complete at the destination
    PortendSample sample;      //!< what exits are decided by
    uint16_t exitPartition{0}; //!< k at which it exits, 1 .. L; 0 as long as it has not
    bool isRight{false};       //!< whether the answer there is right
    PortendLedger ledger;      //!< where the time went
    /// Of those with a fallback, what it is: the request as it was behind the last branch on the
    /// source's node; null if none has run.
    Ptr<PortendRequest> fallback;
    EventId fallbackTimer;        //!< when that is the answer
    bool isFallback{false};       //!< whether it is the answer of that branch
    bool isAnswered{false};       //!< whether that was given: what comes later is late
    std::vector<uint32_t> queues; //!< jobs that waited where it was served, by visit; of those
                                  //!< whose itinerary is a controller's
    PortendRequestOwner* owner{nullptr};   //!< its source
    Ptr<const PortendItinerary> itinerary; //!< where it goes

    /**
     * @brief Get the end-to-end latency of a completed request.
     * @return the latency
     */
    Time GetLatency() const
    {
        return completed - generated;
    }
};

/**
 * @ingroup portend
 * @brief A message between nodes: an input, an intermediate tensor, or a result.
 */
struct PortendMessage
{
    /// What a message brings.
    enum Kind : uint8_t
    {
        TENSOR = 0, ///< an input or an intermediate tensor, for a worker
        RESULT = 1, ///< an answer, for the destination
    };

    Kind kind{TENSOR};           //!< what it brings
    uint16_t partition{0};       //!< partition that sent it; 0 is the source
    uint32_t bytes{0};           //!< size of the serialized message
    uint64_t number{0};          //!< among the messages of the same sender and receiver
    Time sent;                   //!< when it was handed to the network
    Ptr<PortendRequest> request; //!< the request that it belongs to
};

} // namespace ns3

#endif // PORTEND_REQUEST_H
