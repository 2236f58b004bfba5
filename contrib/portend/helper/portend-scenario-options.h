/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_SCENARIO_OPTIONS_H
#define PORTEND_SCENARIO_OPTIONS_H

#include "ns3/portend-scenario.h"

#include <map>
#include <string>
#include <vector>

namespace ns3
{

class CommandLine;

/**
 * @ingroup portend
 * @brief The command-line options that describe a scenario.
 *
 * Empty texts are options not given.
 */
class PortendScenarioOptions
{
  public:
    /**
     * @brief Add the options to a command line.
     * @param cmd the command line
     */
    void AddTo(CommandLine& cmd);

    /**
     * @brief Apply what was given, a scenario file first.
     * @param scenario the scenario to change
     * @throw portend::InputError naming the option that makes no sense
     */
    void Apply(PortendScenario& scenario) const;

    /**
     * @brief Get the names of the options.
     * @return names, without dashes
     */
    std::vector<std::string> GetNames() const;

  private:
    std::map<std::string, std::string> m_values; //!< what was given, by option
};

} // namespace ns3

#endif // PORTEND_SCENARIO_OPTIONS_H
