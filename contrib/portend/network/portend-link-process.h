/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_LINK_PROCESS_H
#define PORTEND_LINK_PROCESS_H

#include "ns3/data-rate.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/random-variable-stream.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief What a link offers for a time, one way.
 */
struct PortendLinkState
{
    DataRate rate;                //!< bandwidth; at 0 what waits goes on waiting
    std::optional<Time> delay{};  //!< propagation delay; none is the link's own
    std::optional<double> loss{}; //!< share of packets lost, to 1; none is the link's own
};

/**
 * @ingroup portend
 * @brief How a link changes: what it offers is a function of time.
 *
 * It may be asked for any time, past ones too. Where it is random, what is drawn does not depend on
 * when it is asked.
 */
class PortendLinkProcess : public Object
{
  public:
    /// What a link offers from some time on.
    struct Piece
    {
        PortendLinkState state; //!< what it offers
        Time until;             //!< when it offers something else; Time::Max() is never
    };

    /// A process as a whole.
    struct Summary
    {
        double meanBps{0};              //!< mean bandwidth over time
        std::optional<Time> meanDelay;  //!< mean propagation delay; none is the link's own
        std::optional<double> meanLoss; //!< mean share of packets lost; none is the link's own
        DataRate highestRate;           //!< highest bandwidth
        std::optional<Time> longest;    //!< longest propagation delay; none is the link's own
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Tell what the link offers.
     * @param at when, not negative
     * @return what it offers then, and until when
     */
    virtual Piece Get(Time at) = 0;

    /**
     * @brief Describe the process to the analytical model.
     * @return means over all time
     */
    virtual Summary Describe() const = 0;

    /**
     * @brief Get the random variables, which get fixed streams.
     * @return the variables, always in the same order
     */
    virtual std::vector<Ptr<RandomVariableStream>> GetRandomVariables() const;
};

/**
 * @ingroup portend
 * @brief A link that does what was measured.
 */
class PortendLinkTrace : public PortendLinkProcess
{
  public:
    /// What a link offers from a time of the trace on.
    struct Step
    {
        Time at;                //!< since the beginning, where the first is
        PortendLinkState state; //!< what it offers, until the next
    };

    /// The steps by rising time. The last ends the trace; it holds where that does not begin again.
    using Steps = std::vector<Step>;

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Say what was measured.
     * @param steps at least one
     */
    void SetSteps(std::shared_ptr<const Steps> steps);

    Piece Get(Time at) override;
    Summary Describe() const override;

  private:
    std::shared_ptr<const Steps> m_steps; //!< what was measured
    std::size_t m_last{0};                //!< index of the step that was asked for last
    Time m_offset;                        //!< of the trace at the beginning of the simulation
    bool m_loops;                         //!< whether it begins again
};

/**
 * @ingroup portend
 * @brief A link that goes from state to state at random.
 *
 * A state lasts an exponential time; then another follows, by the weights of the state.
 */
class PortendMarkovLink : public PortendLinkProcess
{
  public:
    /// A state.
    struct State
    {
        PortendLinkState state;      //!< what the link offers
        double dwellS{1};            //!< how long it lasts on average, s
        std::vector<double> weights; //!< of each state as the next; its own is 0
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    PortendMarkovLink();

    /**
     * @brief Say what the states are.
     * @param states at least one, each reached from each other; the first begins
     */
    void SetStates(const std::vector<State>& states);

    Piece Get(Time at) override;
    Summary Describe() const override;
    std::vector<Ptr<RandomVariableStream>> GetRandomVariables() const override;

  private:
    /// A state and when it ends.
    struct Visit
    {
        std::size_t state; //!< its index
        Time until;        //!< when it ends
    };

    /**
     * @brief Find how often each state is entered.
     * @return shares of all entries
     */
    std::vector<double> GetEntries() const;

    /// Draw the next visit.
    void Extend();

    std::vector<State> m_states;                //!< what the states are
    std::vector<Visit> m_visits;                //!< so far, in order
    Ptr<ExponentialRandomVariable> m_dwellTime; //!< how long a state lasts, of mean 1
    Ptr<UniformRandomVariable> m_next;          //!< which is the next
};

} // namespace ns3

#endif // PORTEND_LINK_PROCESS_H
