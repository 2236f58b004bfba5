/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_REQUEST_H
#define PORTEND_REQUEST_H

#include "ns3/nstime.h"
#include "ns3/ptr.h"
#include "ns3/simple-ref-count.h"
#include "ns3/tag.h"

#include <array>
#include <cstdint>
#include <ostream>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Where the latency of a request went, to the nanosecond.
 *
 * The ledger has a stage for each place that the request passed: stage 0 is the source, stage
 * k the partition k, and the stage after the last partition visited is the destination. A
 * stage holds the time spent at its place and on the way of the message that leaves it. All
 * entries of all stages add up to the end-to-end latency.
 */
class PortendLedger
{
  public:
    /// What a span of time was spent on, in the order in which reports list it.
    enum Component
    {
        WAIT = 0,        ///< waiting for the server of a tier
        DESERIALIZATION, ///< bytes to tensors
        COMPUTATION,     ///< inference
        SERIALIZATION,   ///< tensors to bytes
        PROPAGATION,     ///< signal on the way, sum of the propagation delays of the route
        TRANSMISSION,    ///< bits onto the links of the route, were it idle
        NETWORK_EXCESS,  ///< the rest of the time in the network: queueing, protocol, loss
        COMPONENTS       ///< number of components
    };

    /// The times of one stage, by component.
    using Stage = std::array<Time, COMPONENTS>;

    /// What the network excess was spent on, in the order in which reports list it.
    enum ExcessPart
    {
        PROTOCOL = 0,   ///< setting up a connection, headers and acknowledgments of its own
        WINDOW,         ///< data waited at the sender because the window was closed
        RETRANSMISSION, ///< sending again what was lost
        QUEUEING,       ///< behind other messages
        EXCESS_PARTS    ///< number of parts
    };

    /// A network excess, by part.
    using Excess = std::array<Time, EXCESS_PARTS>;

    /// The parts' names, as reports spell them.
    static const std::array<const char*, EXCESS_PARTS> EXCESS_NAMES;

    /**
     * @brief Enter the next stage.
     * @return the new stage, all zero
     */
    Stage& Open();

    /**
     * @brief Get the stage entered last.
     * @return the stage
     */
    Stage& Current();

    /**
     * @brief Enter the network excess of the message that leaves the current stage.
     * @param excess its parts
     */
    void SetExcess(const Excess& excess);

    /**
     * @brief Get the parts of the network excess.
     * @return their sums over all stages; they add up to NETWORK_EXCESS
     */
    const Excess& GetExcess() const;

    /**
     * @brief Get all stages passed so far.
     * @return the stages
     */
    const std::vector<Stage>& GetStages() const;

    /**
     * @brief Add up one component over all stages.
     * @param component the component
     * @return the time spent on it
     */
    Time Get(Component component) const;

    /**
     * @brief Add up everything.
     * @return the end-to-end latency, once the request is complete
     */
    Time GetTotal() const;

    /**
     * @brief Check that nothing took less than no time. Done in optimized builds, too.
     * @throw std::logic_error if an entry, or a part of the network excess, is negative
     */
    void Validate() const;

  private:
    /// A tag carries a ledger from node to node.
    friend class PortendMessageTag;

    std::vector<Stage> m_stages; //!< stages passed so far
    Excess m_excess;             //!< parts of the network excess, over all stages
};

/**
 * @ingroup portend
 * @brief What becomes of a sample: a property of the sample, not of the load.
 */
struct PortendSample
{
    uint16_t exitPartition{1}; //!< k at which the request exits, 1 .. L
    bool correct{false};       //!< whether the answer there is right
};

/**
 * @ingroup portend
 * @brief One request: the journey of a sample from its source to the destination of its result.
 */
class PortendRequest : public SimpleRefCount<PortendRequest>
{
  public:
    uint64_t id{0};       //!< number of the request, from 0, in the order of generation
    Time held;            //!< how long full queues kept the sample from arising
    Time generated;       //!< when the sample arose
    Time completed;       //!< when the result was complete at the destination
    PortendSample sample; //!< where it exits, and whether the answer is right
    PortendLedger ledger; //!< where the time went

    /**
     * @brief Get the end-to-end latency of a completed request.
     * @return the latency
     */
    Time GetLatency() const;
};

/**
 * @ingroup portend
 * @brief A message between tiers: an input, an intermediate tensor, or a result.
 */
struct PortendMessage
{
    /// What a message brings.
    enum Kind : uint8_t
    {
        TENSOR = 0, ///< an input or an intermediate tensor, for a tier
        RESULT = 1, ///< an answer, for the destination
    };

    Kind kind{TENSOR};           //!< what it brings
    uint16_t partition{0};       //!< partition that sent it; 0 is the source
    uint32_t bytes{0};           //!< size of the serialized message
    Time sent;                   //!< when it was handed to the network
    Ptr<PortendRequest> request; //!< the request that it belongs to
};

/**
 * @ingroup portend
 * @brief Carries a message's request from node to node.
 *
 * The bytes of a tensor are simulated by their number alone. What they would say travels in
 * this tag, on the message's first fragment, and takes no bytes on the link: the size of the
 * message as profiled includes the agents' own records.
 */
class PortendMessageTag : public Tag
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    PortendMessageTag() = default;

    /**
     * @brief Constructor.
     * @param message the message to carry
     */
    explicit PortendMessageTag(const PortendMessage& message);

    /**
     * @brief Get the message.
     * @return the message, with a request of its own
     */
    const PortendMessage& GetMessage() const;

    TypeId GetInstanceTypeId() const override;
    uint32_t GetSerializedSize() const override;
    void Serialize(TagBuffer buffer) const override;
    void Deserialize(TagBuffer buffer) override;
    void Print(std::ostream& os) const override;

  private:
    PortendMessage m_message; //!< the message carried
};

} // namespace ns3

#endif // PORTEND_REQUEST_H
