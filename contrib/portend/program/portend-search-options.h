/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_SEARCH_OPTIONS_H
#define PORTEND_SEARCH_OPTIONS_H

#include "portend-program.h"

#include "ns3/portend-search.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief The command-line options that say which deployments are considered.
 */
class PortendSearchOptions
{
  public:
    /**
     * @brief Constructor: add the options to a program.
     * @param program the program
     */
    explicit PortendSearchOptions(PortendProgram& program);

    /**
     * @brief Get the space that the options describe.
     * @param tiers number M of tiers
     * @return the space, all thresholds included
     * @throw portend::InputError naming the option that makes no sense
     */
    portend::SearchSpace GetSpace(uint32_t tiers) const;

    /**
     * @brief Describe what is given, so that two of them can be compared.
     * @return values by name of the option
     */
    std::map<std::string, std::string> Describe() const;

  private:
    /**
     * @brief List the placements that are considered.
     * @param tiers number M of tiers
     * @param allowed those that may be used, in rising order
     * @param maxPartitions most partitions
     * @return the placements
     * @throw portend::InputError if they are too many
     */
    std::vector<portend::Placement> GetPlacements(uint32_t tiers,
                                                  const std::vector<uint32_t>& allowed,
                                                  std::size_t maxPartitions) const;

    std::string m_placements{"ascending"}; //!< option --placements
    std::string m_tiers;                   //!< option --tiers
    std::string m_maxPartitions;           //!< option --max-partitions
    std::string m_fixedCuts;               //!< option --fixed-cuts
    std::string m_forbiddenCuts;           //!< option --forbidden-cuts
    std::string m_computeCaps;             //!< option --compute-caps
    bool m_full{false};                    //!< option --full-model
    bool m_ownThresholds{false};           //!< option --own-thresholds
    bool m_sharedTiers{false};             //!< option --shared-tiers
};

/**
 * @ingroup portend
 * @brief Say how many deployments there are.
 * @param count as a search counts them
 * @return such as "12 deployments"; if they are too many for the number, that they are more
 */
std::string PortendDescribeCount(uint64_t count);

/**
 * @ingroup portend
 * @brief Say how many deployments a search leaves out, for want of timings or of memory.
 * @param search the search
 * @return words to append to what it considers; empty if there are none
 */
std::string PortendDescribeLeftOut(const portend::DeploymentSearch& search);

} // namespace ns3

#endif // PORTEND_SEARCH_OPTIONS_H
