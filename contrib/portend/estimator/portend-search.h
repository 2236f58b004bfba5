/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_SEARCH_H
#define PORTEND_SEARCH_H

#include "portend-estimator.h"
#include "portend-memory.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

/**
 * @file
 * @ingroup portend
 * Search among all deployments of a model on the tiers of a stream, for latency and accuracy.
 */

namespace portend
{

/**
 * @ingroup portend
 * @brief Tiers of the partitions, in the order of execution.
 */
using Placement = std::vector<uint32_t>;

/// Most placements that are listed: all that go up 17 tiers, or up and down 8.
constexpr std::size_t MAX_PLACEMENTS = 131072;

/**
 * @ingroup portend
 * @brief List the placements that only go up the chain, as the paper considers them.
 * @param tiers number M of tiers
 * @param maxPartitions most partitions, at least 1
 * @return all non-empty sets of tiers, the smaller ones first
 * @throw InputError if they are more than MAX_PLACEMENTS
 */
std::vector<Placement> GetAscendingPlacements(uint32_t tiers, std::size_t maxPartitions);

/**
 * @ingroup portend
 * @brief List all placements, up and down the chain.
 * @param tiers number M of tiers
 * @param maxPartitions most partitions, at least 1
 * @return all sequences of different tiers, the shorter ones first
 * @throw InputError if they are more than MAX_PLACEMENTS
 */
std::vector<Placement> GetAllPlacements(uint32_t tiers, std::size_t maxPartitions);

/**
 * @ingroup portend
 * @brief Let consecutive partitions share the tiers of placements, so that a tier has more exits.
 * @param placements of different tiers
 * @param maxPartitions most partitions, at least 1
 * @return each of them, as it is and with tiers repeated, the shorter ones first
 * @throw InputError if they are more than MAX_PLACEMENTS
 */
std::vector<Placement> GetSharedPlacements(const std::vector<Placement>& placements,
                                           std::size_t maxPartitions);

/**
 * @ingroup portend
 * @brief Which deployments are considered.
 */
struct SearchSpace
{
    std::vector<Placement> placements{};   //!< where partitions may run
    std::vector<std::size_t> thresholds{}; //!< indices of thresholds; empty for all
    bool ownThresholds{false};             //!< each exit may have a threshold of its own
    bool truncated{true};                  //!< the last partition may end before block N
    std::vector<uint32_t> fixedCuts{};     //!< where the network must be cut
    std::vector<uint32_t> forbiddenCuts{}; //!< where the network must not be cut
    std::vector<double> computeCapsMs{};   //!< most computation of a partition, by tier; empty: any
    std::vector<MemoryRoom> rooms{};       //!< memory of the tiers' nodes, any number of each tier
    bool energy{false};                    //!< whether energy is a criterion, too
};

/**
 * @ingroup portend
 * @brief A deployment, and what the analytical model says of it.
 */
struct Candidate
{
    Deployment deployment; //!< what runs where
    double latencyMs{0};   //!< mean end-to-end latency
    double accuracy{0};    //!< share of right answers
    double energyJ{0};     //!< mean energy of a request; 0 where it is no criterion
};

/**
 * @ingroup portend
 * @brief The candidates that no other beats: in latency and accuracy, or in these and energy.
 *
 * Of candidates that are the same in all of them the first is kept.
 */
class Frontier
{
  public:
    /**
     * @brief Constructor.
     * @param hasEnergy whether energy is a criterion
     */
    explicit Frontier(bool hasEnergy = false);

    /**
     * @brief Tell whether a candidate would be kept.
     * @param latencyMs its latency
     * @param accuracy its accuracy
     * @param energyJ its energy
     * @return false if one that is kept is at least as good in all criteria
     */
    bool Accepts(double latencyMs, double accuracy, double energyJ = 0) const;

    /**
     * @brief Keep a candidate that is accepted, and drop those that it beats.
     * @param candidate the candidate
     */
    void Insert(Candidate candidate);

    /**
     * @brief Get the candidates.
     * @return by rising latency; without energy by rising accuracy, too
     */
    const std::vector<Candidate>& Get() const;

  private:
    bool m_hasEnergy;                    //!< whether energy is a criterion
    std::vector<Candidate> m_candidates; //!< by rising latency
    mutable std::size_t m_last{0};       //!< which was the last that beat another
};

/**
 * @ingroup portend
 * @brief What a search optimizes, and within which bounds.
 */
struct Objective
{
    /// What is best.
    enum class Goal
    {
        LATENCY,  //!< the least
        ACCURACY, //!< the most
        ENERGY,   //!< the least
    };

    Goal goal{Goal::LATENCY};      //!< among those within the bounds
    double minAccuracy{0};         //!< share of right answers
    double maxLatencyMs{HUGE_VAL}; //!< mean end-to-end latency
    double maxEnergyJ{HUGE_VAL};   //!< mean energy of a request

    /**
     * @brief Tell whether a candidate is within the bounds.
     * @param latencyMs its latency
     * @param accuracy its accuracy
     * @param energyJ its energy
     * @return true if so
     */
    bool IsFeasible(double latencyMs, double accuracy, double energyJ = 0) const;

    /// @return whether energy is asked for
    bool NeedsEnergy() const;
};

/**
 * @ingroup portend
 * @brief Searches the deployments of one model on the tiers of one stream.
 *
 * Two engines give the same frontier, number for number. The exhaustive one visits every
 * deployment, sharing the arithmetic of common prefixes. The label-setting one extends
 * partial deployments cut by cut, and drops those that another one beats at the same cut on the
 * same placement with the same exits behind it: all that is to come costs both the same
 * (a shortest path of two criteria, or of three with the energy). Where exit rates are monotone, it
 * also drops labels that cannot reach the frontier any more. Where memory is bounded and partitions
 * share a tier, those behind the cut may need blocks before it: then labels compare only if their
 * visit began with the same block.
 *
 * Under rules that count waiting, what a partition costs depends on all others: every deployment is
 * visited. Those that the load overwhelms have infinite latency, and are never among the best.
 */
class DeploymentSearch
{
  public:
    /// Called with each deployment: latency, accuracy, and a way to get the deployment itself.
    using Visitor = std::function<
        void(double latencyMs, double accuracy, const std::function<Deployment()>& getDeployment)>;

    /**
     * @brief Constructor.
     * @param model device-independent profile; it must outlive this object
     * @param stream tiers on a network
     * @param rules variant of the analytical model
     * @param space which deployments are considered
     * @throw InputError if the parts do not fit together
     */
    DeploymentSearch(const ModelProfile& model,
                     const Stream& stream,
                     const EstimatorRules& rules,
                     const SearchSpace& space);

    /// Destructor.
    ~DeploymentSearch();

    DeploymentSearch(DeploymentSearch&& other) noexcept;
    DeploymentSearch& operator=(DeploymentSearch&& other) noexcept;

    /// Estimates a deployment.
    using Estimator = std::function<Estimate(const Deployment&)>;

    /**
     * @brief Say how rules that count waiting estimate a deployment, where the stream is not alone.
     * @param estimator called with each deployment; by default EstimateDeployment()
     */
    void SetEstimator(Estimator estimator);

    /**
     * @brief Count the deployments.
     * @return their number; single partitions count once, whatever the thresholds; UINT64_MAX
     *         stands for as many or more
     */
    uint64_t Count() const;

    /**
     * @brief Count the deployments of the space that are left out, because they need timings that
     *        the devices' profiles lack.
     * @return their number
     */
    uint64_t CountUnmeasured() const;

    /**
     * @brief Count the deployments of the space that are left out, because they do not fit into the
     *        memory of nodes; those that are not measured, too, do not count.
     * @return their number
     */
    uint64_t CountUnfit() const;

    /**
     * @brief Visit every deployment: by threshold, then by placement, then by cuts.
     * @param visitor called with each
     * @throw InputError if there are more than MAX_VISITED
     */
    void ForEach(const Visitor& visitor) const;

    /**
     * @brief Visit some deployments, without the time that all would take.
     * @param numbers which, numbered from 0 in the order of ForEach()
     * @param visitor called with each, in that order
     */
    void ForSome(const std::set<uint64_t>& numbers, const Visitor& visitor) const;

    /**
     * @brief Find the frontier by visiting every deployment.
     * @return the frontier
     * @throw InputError if there are more than MAX_VISITED
     */
    Frontier FindFrontierExhaustively() const;

    /**
     * @brief Find the frontier by label setting; if the rules count waiting, exhaustively.
     * @return the frontier
     */
    Frontier FindFrontier() const;

    /// Most deployments that are visited one by one; label setting knows no limit.
    static constexpr uint64_t MAX_VISITED = 2000000000;

    /**
     * @brief Refuse what FindBest() would refuse, without the search.
     * @param objective what is best
     * @throw InputError if nobody knows the accuracy or energy that it asks for, or if there are
     *        more than MAX_VISITED deployments and the rules count waiting
     */
    void RequireBest(const Objective& objective) const;

    /**
     * @brief Find the best deployments by visiting every one, or, of more than MAX_VISITED, among
     *        those of the frontier.
     * @param objective what is best
     * @param count how many
     * @return the best first; fewer if fewer are feasible
     * @throw InputError as RequireBest() does
     */
    std::vector<Candidate> FindBest(const Objective& objective, std::size_t count) const;

  private:
    class Engine;
    std::unique_ptr<Engine> m_engine; //!< tables and arithmetic
};

} // namespace portend

#endif // PORTEND_SEARCH_H
