/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_EVALUATOR_H
#define PORTEND_EVALUATOR_H

#include "portend-replications.h"
#include "portend-result-file.h"

#include <cstdint>
#include <functional>
#include <string>

namespace ns3
{

class PortendPlan;
class PortendProfileCache;

/**
 * @ingroup portend
 * @brief Simulates and estimates the points of a plan, one at a time.
 *
 * What a point leaves depends on the plan alone.
 */
class PortendEvaluator
{
  public:
    /// Called with what a search has found so far: the point, a value, and whether levels hold.
    using Progress = std::function<void(uint64_t point, const std::string& value, bool holds)>;

    /**
     * @brief Constructor.
     * @param plan what to simulate; must outlive this object
     * @param precision how precisely
     * @param profiles read so far; gets what is missing; must outlive this object
     * @param progress watches searches
     */
    PortendEvaluator(const PortendPlan& plan,
                     const PortendPrecision& precision,
                     PortendProfileCache& profiles,
                     Progress progress);

    /**
     * @brief Simulate and estimate a point.
     * @param point number of the point
     * @param isAudited whether trains are held against packets there
     * @return its rows
     * @throw portend::InputError if it makes no sense
     */
    PortendResultFile::Tables Evaluate(uint64_t point, bool isAudited) const;

  private:
    /**
     * @brief Record what was simulated, and its estimate.
     * @param tables gets the rows
     * @param point number of the point
     * @param rank of the deployment there
     * @param setup what was simulated
     * @param result what the simulation showed
     */
    void Record(PortendResultFile::Tables& tables,
                uint64_t point,
                uint32_t rank,
                const PortendSetup& setup,
                const PortendReplicatedResult& result) const;

    /**
     * @brief Search the largest value at which the service levels hold, and record it.
     * @param tables gets the rows
     * @param point number of the point
     * @param scenario of the point; gets the value found, or the least that was simulated
     * @return replications of that; 0 if nothing was simulated
     */
    uint32_t FindCapacity(PortendResultFile::Tables& tables,
                          uint64_t point,
                          PortendScenario& scenario) const;

    const PortendPlan& m_plan;       //!< what to simulate
    PortendPrecision m_precision;    //!< how precisely
    PortendProfileCache& m_profiles; //!< read so far
    Progress m_progress;             //!< watches searches
};

} // namespace ns3

#endif // PORTEND_EVALUATOR_H
