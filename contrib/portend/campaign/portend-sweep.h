/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_SWEEP_H
#define PORTEND_SWEEP_H

#include "portend-campaign.h"

#include "ns3/portend-optimization.h"
#include "ns3/portend-search-options.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Simulates and estimates every point of a grid over options.
 */
class PortendSweep
{
  public:
    /**
     * @brief Constructor: add the options of a sweep to a program.
     * @param program the program; must outlive this object
     */
    explicit PortendSweep(PortendProgram& program);

    /// Destructor.
    ~PortendSweep();

    /**
     * @brief Sweep.
     * @param workers who simulates
     * @return exit status
     * @throw portend::InputError if the options make no sense, or nothing can be written
     */
    int Run(PortendWorkers& workers);

  private:
    class Plan;

    const PortendProgram& m_program;     //!< the program
    PortendCampaignOptions m_options;    //!< how to run
    PortendSearchOptions m_search;       //!< which deployments are candidates
    PortendObjectiveOptions m_objective; //!< which of them is best
    std::vector<std::string> m_sweeps;   //!< options --sweep
    std::string m_grid;                  //!< option --grid
    std::string m_compare;               //!< option --compare
    std::string m_candidates;            //!< option --candidates
    std::vector<std::string> m_levels;   //!< options --slo
    std::string m_capacity;              //!< option --capacity
    bool m_isOptimal{false};             //!< option --optimal
    bool m_isPerPlacement{false};        //!< option --per-placement
    bool m_isValidity{false};            //!< option --validity
};

} // namespace ns3

#endif // PORTEND_SWEEP_H
