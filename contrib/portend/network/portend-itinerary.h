/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_ITINERARY_H
#define PORTEND_ITINERARY_H

#include "ns3/nstime.h"
#include "ns3/portend-profile.h"
#include "ns3/ptr.h"
#include "ns3/random-variable-stream.h"
#include "ns3/simple-ref-count.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief What a sample is by itself: it does not depend on where the network is cut.
 *
 * Whether it exits, and whether the answer is right, is asked branch by branch; the same seed
 * gives the same samples whatever the deployment.
 */
struct PortendSample
{
    uint64_t number{0};   //!< of the stream's samples, from 0
    double difficulty{0}; //!< in [0, 1): what an exit model compares with exit rates
    double key{0};        //!< in [0, 1): what is drawn besides, such as right answers
};

/**
 * @ingroup portend
 * @brief The early-exit branch at the end of a partition.
 */
struct PortendBranch
{
    uint16_t partition{1}; //!< k, from 1 in the order of execution
    uint32_t block{1};     //!< P_k, the block that it follows
    double threshold{0};   //!< T of this branch
    double exitRate{0};    //!< ER_{P_k}: share of all samples that it alone would let exit
    double accuracy{0};    //!< share of right answers of those that exit here
};

/**
 * @ingroup portend
 * @brief Where the requests of a stream go, and what they take there: a deployment, resolved.
 *
 * A request carries the itinerary that was in force when it arose, so that a worker can serve
 * any partition of any stream, and a stream may be deployed anew while requests are on their way.
 */
class PortendItinerary : public SimpleRefCount<PortendItinerary>
{
  public:
    /// A partition.
    struct Stage
    {
        uint32_t node{0};        //!< node that computes it
        uint32_t tier{0};        //!< the same, as the stream numbers its tiers
        uint32_t firstBlock{1};  //!< of the visit that it belongs to: partitions in one process
        uint32_t lastBlock{1};   //!< the same
        bool hasBranch{true};    //!< without one, everything goes on
        PortendBranch branch;    //!< behind it; the last lets everything exit
        uint32_t tensorBytes{0}; //!< message to the next partition; 0 if this is the last
        bool staysOnNode{false}; //!< the next partition runs in the same process: no message

        Ptr<RandomVariableStream> deserializationTime;     //!< of the tensor that comes in, s
        Ptr<RandomVariableStream> computationTime;         //!< of the partition, s
        Ptr<RandomVariableStream> serializationTime;       //!< of the tensor that goes out, s
        Ptr<RandomVariableStream> resultSerializationTime; //!< of the result, s

        /// Of the partition, s, by how many tensors are computed at once, from 2; or none.
        std::map<uint32_t, Ptr<RandomVariableStream>> batchTimes;
        double batchFixedShare{0}; //!< of the computation, that a batch without times pays once
    };

    uint32_t epoch{0};           //!< number of the deployment in its stream
    uint32_t priority{0};        //!< of its requests, where a scheduler asks; the highest is first
    double weight{1};            //!< of its requests among those of other streams, above 0
    Time deadline;               //!< latency that answers are asked for; 0 is none
    Time fallback;               //!< after which the source answers itself; 0 is never
    uint32_t source{0};          //!< node where requests arise
    uint32_t destination{0};     //!< node that gets the results
    uint32_t sourceTier{0};      //!< the same, as the stream numbers its tiers
    uint32_t destinationTier{0}; //!< the same
    uint32_t inputBytes{1};      //!< size of the message to the first partition
    uint32_t resultBytes{1};     //!< size of the result message
    std::vector<Stage> stages;   //!< the partitions, at least one

    std::string deployment;   //!< what it was made of, in its text form
    bool isControlled{false}; //!< whether replies tell of the queues that they met
    Time loadingTime;         //!< what a node takes to load blocks that it has not got
    uint32_t resident{0};     //!< deployments whose blocks stay on a node; 0 is any number
    std::shared_ptr<const portend::ModelProfile> model; //!< whose blocks they are; null if others
                                                        //!< never come

    /**
     * @brief Get a partition.
     * @param partition k, from 1
     * @return its stage
     */
    const Stage& GetStage(uint16_t partition) const
    {
        return stages[partition - 1];
    }
};

} // namespace ns3

#endif // PORTEND_ITINERARY_H
