/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_PLAN_H
#define PORTEND_PLAN_H

#include "portend-axis.h"
#include "portend-result-file.h"

#include "ns3/portend-service-level.h"
#include "ns3/portend-setup.h"

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief What a campaign simulates: numbered points, each a scenario.
 *
 * Every process of a campaign builds the same plan.
 */
class PortendPlan
{
  public:
    virtual ~PortendPlan() = default;

    /// @return number of points
    virtual uint64_t Count() const = 0;

    /**
     * @brief Get the axes that the points are on.
     * @return the axes; none if the points are not on a grid
     */
    virtual const std::vector<PortendAxis>& GetAxes() const = 0;

    /**
     * @brief Get where a point is.
     * @param point number of the point
     * @return by axis, the index of the value
     */
    virtual std::vector<std::size_t> GetPlace(uint64_t point) const = 0;

    /**
     * @brief Get the scenario of a point.
     * @param point number of the point
     * @return the scenario
     * @throw portend::InputError if the point makes no sense
     */
    virtual PortendScenario GetScenario(uint64_t point) const = 0;

    /**
     * @brief Tell whether deployments are searched for, point by point.
     * @return false if each point has that of its scenario
     */
    virtual bool IsSearch() const
    {
        return false;
    }

    /**
     * @brief Refuse, before anything is written, what a search at a point would refuse.
     * @param setup the point's scenario
     * @throw portend::InputError if the search makes no sense there
     */
    virtual void RequireSearch(const PortendSetup& /* setup */) const
    {
    }

    /**
     * @brief Get the deployments to simulate at a point.
     * @param setup the point's scenario
     * @return the deployments, the first the point's own; none if nothing is feasible there
     */
    virtual std::vector<portend::Deployment> GetDeployments(const PortendSetup& setup) const = 0;

    /**
     * @brief Get the service levels that every deployment is held to.
     * @return the levels; none if there are none
     */
    virtual const std::vector<PortendServiceLevel>& GetLevels() const
    {
        static const std::vector<PortendServiceLevel> none;
        return none;
    }

    /**
     * @brief Get the axis along which the largest value is searched at which the levels hold.
     * @return the axis; null if nothing is searched
     */
    virtual const PortendAxis* GetCapacityAxis() const
    {
        return nullptr;
    }

    /**
     * @brief Describe the plan, so that two of them can be compared.
     * @return everything that the results depend on, but for the base scenario
     */
    virtual nlohmann::ordered_json Describe() const = 0;

    /**
     * @brief Draw conclusions from all points.
     * @param results of all points
     * @return rows to add
     */
    virtual PortendResultFile::Tables Conclude(const PortendResultFile& results) const = 0;

    /**
     * @brief Report to people.
     * @param results of all points, and the conclusions
     * @param os where to
     * @return exit status: 1 if a check was asked for and failed
     */
    virtual int Report(const PortendResultFile& results, std::ostream& os) const = 0;
};

} // namespace ns3

#endif // PORTEND_PLAN_H
