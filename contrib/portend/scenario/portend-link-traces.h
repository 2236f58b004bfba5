/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_LINK_TRACES_H
#define PORTEND_LINK_TRACES_H

#include "ns3/portend-link-process.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Files that say how links change, each read once.
 */
class PortendLinkTraces
{
  public:
    /**
     * @brief Read what was measured of a link.
     *
     * Formats are told apart by content: a table with the columns `time_s`, `bandwidth_bps` and
     * perhaps `delay_ms` and `loss`; those of Mahimahi, Pensieve, Ghent, Norway, the FCC, the Irish
     * data sets, 5Gophers and AlphaRTC, as the chapter on changing links describes them. Of several
     * traces in a file, the first that is not 0 throughout counts.
     *
     * @param file name of the file
     * @return the steps, the last ending the trace
     * @throw portend::InputError naming file and line of the first offence
     */
    std::shared_ptr<const PortendLinkTrace::Steps> GetSteps(const std::string& file);

    /**
     * @brief Read the states of a link that changes at random.
     * @param file table with the columns `state`, `bandwidth_bps`, `dwell_s`, perhaps `delay_ms`
     *        and `loss`, and perhaps one for each state: with which weight it follows
     * @return the states; the first begins
     * @throw portend::InputError naming file and line of the first offence
     */
    std::shared_ptr<const std::vector<PortendMarkovLink::State>> GetStates(const std::string& file);

  private:
    /// By file.
    std::map<std::string, std::shared_ptr<const PortendLinkTrace::Steps>> m_steps;
    /// By file.
    std::map<std::string, std::shared_ptr<const std::vector<PortendMarkovLink::State>>> m_states;
};

} // namespace ns3

#endif // PORTEND_LINK_TRACES_H
