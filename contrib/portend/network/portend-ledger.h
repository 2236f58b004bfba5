/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_LEDGER_H
#define PORTEND_LEDGER_H

#include "ns3/nstime.h"

#include <array>
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

    /// What the waiting was for, in the order in which reports list it.
    enum WaitPart
    {
        QUEUE = 0, ///< all servers were busy
        BATCH,     ///< others of a batch were to come, or were worked on
        BLOCKED,   ///< the next tier had no place for what was to be sent
        LOADING,   ///< the node was loading the blocks, after a change of the deployment
        FALLBACK,  ///< an answer was waited for that did not come in time
        WAIT_PARTS ///< number of parts
    };

    /// A wait, by part.
    using Wait = std::array<Time, WAIT_PARTS>;

    /// The parts' names, as reports spell them.
    static const std::array<const char*, WAIT_PARTS> WAIT_NAMES;

    /// What the network excess was spent on, in the order in which reports list it.
    enum ExcessPart
    {
        PROTOCOL = 0,        ///< setting up a connection, headers and acknowledgments of its own
        WINDOW,              ///< data waited at the sender because the window was closed
        RETRANSMISSION,      ///< sending again what was lost
        QUEUEING,            ///< behind other messages
        LINK_PARTS,          ///< number of parts so far: those where all links are known
        MEDIUM = LINK_PARTS, ///< all of it where the path has a part without a closed form
        EXCESS_PARTS         ///< number of parts
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
     * @brief Enter waiting at the current stage, beside what was entered before.
     * @param part what it was for
     * @param time how long it was
     */
    void AddWait(WaitPart part, Time time);

    /**
     * @brief Get the parts of the waiting.
     * @return their sums over all stages; they add up to WAIT
     */
    const Wait& GetWait() const;

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

    /// What it took, J: by component, beyond what nodes take when idle.
    using Energy = std::array<double, COMPONENTS>;

    /**
     * @brief Enter energy, beside what was entered before.
     * @param component what it was spent on
     * @param joules how much it was
     */
    void AddEnergy(Component component, double joules);

    /**
     * @brief Get the energy.
     * @return its sums over all stages, where nodes and links have powers
     */
    const Energy& GetEnergy() const;

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
     * @throw std::logic_error if an entry, or a part of one, is negative
     */
    void Validate() const;

  private:
    std::vector<Stage> m_stages; //!< stages passed so far
    Wait m_wait;                 //!< parts of the waiting, over all stages
    Excess m_excess;             //!< parts of the network excess, over all stages
    Energy m_energy{};           //!< by component, over all stages
};

} // namespace ns3

#endif // PORTEND_LEDGER_H
