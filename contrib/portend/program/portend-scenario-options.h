/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_SCENARIO_OPTIONS_H
#define PORTEND_SCENARIO_OPTIONS_H

#include "ns3/portend-scenario.h"
#include "ns3/portend-world.h"

#include <istream>
#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace ns3
{

class CommandLine;

/**
 * @ingroup portend
 * @brief A whole text given on the command line.
 *
 * CommandLine cuts a std::string at its first blank.
 */
struct PortendOptionText
{
    std::string text; //!< what was given; empty if nothing was
};

/**
 * @brief Read a text to its end.
 * @param is the stream
 * @param option gets the text
 * @return the stream
 */
std::istream& operator>>(std::istream& is, PortendOptionText& option);

/**
 * @brief Write a text.
 * @param os the stream
 * @param option the text
 * @return the stream
 */
std::ostream& operator<<(std::ostream& os, const PortendOptionText& option);

/**
 * @ingroup portend
 * @brief The texts of an option that may be given several times.
 */
struct PortendOptionTexts
{
    std::vector<std::string> texts; //!< what was given, in that order
};

/**
 * @brief Read a text to its end, and append it.
 * @param is the stream
 * @param option gets the text
 * @return the stream
 */
std::istream& operator>>(std::istream& is, PortendOptionTexts& option);

/**
 * @brief Write the texts.
 * @param os the stream
 * @param option the texts
 * @return the stream
 */
std::ostream& operator<<(std::ostream& os, const PortendOptionTexts& option);

/**
 * @ingroup portend
 * @brief The command-line options that describe a scenario.
 *
 * Empty texts are options not given.
 */
class PortendScenarioOptions
{
  public:
    /// What is described.
    enum Kind
    {
        CHAIN,  ///< a chain, from a file or by options alone
        STREAM, ///< the same, or a stream of a network from a file
        WORLD,  ///< any network, from a file: options of tiers and links have paths there
    };

    /**
     * @brief Constructor: no option is given.
     * @param kind what is described
     */
    explicit PortendScenarioOptions(Kind kind = CHAIN);

    /**
     * @brief Add the options to a command line.
     * @param cmd the command line
     */
    void AddTo(CommandLine& cmd);

    /**
     * @brief Give an option.
     * @param name its name, one of GetNames()
     * @param text its value
     */
    void Set(const std::string& name, const std::string& text);

    /**
     * @brief Apply what was given, a scenario file first.
     * @param scenario the scenario to change
     * @throw portend::InputError naming the option that makes no sense
     */
    void Apply(PortendScenario& scenario) const;

    /**
     * @brief Apply what was given: each stream has it.
     * @param world the scenario to change
     * @throw portend::InputError naming the option that makes no sense
     */
    void Apply(PortendWorld& world) const;

    /**
     * @brief Get the names of the options.
     * @return names, without dashes
     */
    std::vector<std::string> GetNames() const;

  private:
    /**
     * @brief Make as many tiers and links as the options list.
     * @param scenario gets them
     * @throw portend::InputError if the lists do not fit together
     */
    void SetCounts(PortendScenario& scenario) const;

    /**
     * @brief Get what was given.
     * @param name of an option
     * @return the text; empty if it was not, or if there is no such option
     */
    std::string Get(const std::string& name) const;

    /**
     * @brief Let a link be as all links are told to be, whatever a file says of it.
     * @param link the link
     */
    void OverrideLink(PortendScenario::Link& link) const;

    /**
     * @brief Read a file.
     * @param file its name
     * @param scenario gets what it says
     */
    void Load(const std::string& file, PortendScenario& scenario) const;

    Kind m_kind;                                       //!< what is described
    std::map<std::string, PortendOptionText> m_values; //!< what was given, by option
    PortendOptionTexts m_settings;                     //!< values given by their paths
};

} // namespace ns3

#endif // PORTEND_SCENARIO_OPTIONS_H
