/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_CROSS_CHECK_H
#define PORTEND_CROSS_CHECK_H

#include "portend-campaign.h"

#include "ns3/portend-search-options.h"

#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Simulates and estimates many deployments, and says how well the two agree.
 */
class PortendCrossCheck
{
  public:
    /**
     * @brief Constructor: add the options of a cross-check to a program.
     * @param program the program; must outlive this object
     */
    explicit PortendCrossCheck(PortendProgram& program);

    /// Destructor.
    ~PortendCrossCheck();

    /**
     * @brief Check.
     * @param workers who simulates
     * @return exit status; 1 if a deployment is outside of the tolerance
     * @throw portend::InputError if the options make no sense, or nothing can be written
     */
    int Run(PortendWorkers& workers);

  private:
    class Plan;

    const PortendProgram& m_program;  //!< the program
    PortendCampaignOptions m_options; //!< how to run
    PortendSearchOptions m_search;    //!< which deployments there are
    std::string m_profiles;           //!< option --profiles
    std::string m_file;               //!< option --deployments
    std::string m_random;             //!< option --random
    std::string m_tolerance;          //!< option --tolerance
    bool m_isAll{false};              //!< option --all
    bool m_isPareto{false};           //!< option --pareto
    bool m_isSameSamples{false};      //!< option --same-samples
};

} // namespace ns3

#endif // PORTEND_CROSS_CHECK_H
