/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_PROGRAM_H
#define PORTEND_PROGRAM_H

#include "portend-scenario-options.h"

#include "ns3/portend-output.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief What the programs have in common: options, and complaints about them.
 *
 * Bad input ends with one message on the standard error and exit status 2.
 */
class PortendProgram
{
  public:
    /**
     * @brief Constructor.
     * @param name name of the program
     * @param usage what it does, for --help
     * @param kind what its scenarios describe
     */
    PortendProgram(const std::string& name,
                   const std::string& usage,
                   PortendScenarioOptions::Kind kind = PortendScenarioOptions::CHAIN);

    /**
     * @brief Take a file as the one argument that is no option.
     * @param name what --help calls it
     * @param help one line
     * @param file gets what is given; must outlive the program
     */
    void AddFile(const std::string& name, const std::string& help, std::string& file);

    /**
     * @brief Add an option with a value.
     * @param name its name, without dashes
     * @param help one line
     * @param value gets what is given; must outlive the program
     */
    void AddOption(const std::string& name, const std::string& help, std::string& value);

    /**
     * @brief Add an option that may be given several times.
     * @param name its name, without dashes
     * @param help one line
     * @param values gets what is given, in that order; must outlive the program
     */
    void AddList(const std::string& name,
                 const std::string& help,
                 std::vector<std::string>& values);

    /**
     * @brief Add an option that is there or not.
     * @param name its name, without dashes
     * @param help one line
     * @param value becomes true if it is given; must outlive the program
     */
    void AddFlag(const std::string& name, const std::string& help, bool& value);

    /**
     * @brief Read the command line, and run.
     * @param argc number of arguments
     * @param argv the arguments
     * @param body what the program does; returns its exit status
     * @return exit status of the program
     */
    int Run(int argc, char* argv[], const std::function<int()>& body);

    /**
     * @brief Get the scenario that the options describe.
     * @return the scenario
     */
    const PortendScenario& GetScenario() const;

    /**
     * @brief Read a scenario of version 2, and apply the options.
     * @param file the file
     * @param values what it is to say besides, by paths
     * @return what it asks for
     * @throw portend::InputError naming file, value or option that makes no sense
     */
    PortendWorld LoadWorld(const PortendScenarioFile& file,
                           const std::vector<std::string>& values) const;

    /**
     * @brief Read a scenario of version 1, and apply the options.
     * @param file the file
     * @throw portend::InputError naming file or option that makes no sense
     */
    void LoadChain(const PortendScenarioFile& file);

    /**
     * @brief Give options other values, on top of the command line.
     *
     * Options of the program alone keep them; those of the scenario change what is returned.
     *
     * @param values values by name of the option, without dashes
     * @return the scenario that the options then describe
     * @throw portend::InputError naming the option that makes no sense
     */
    PortendScenario Resolve(const std::map<std::string, std::string>& values) const;

    /**
     * @brief Get the names of the options that describe a scenario, its file apart.
     * @return names, without dashes
     */
    std::vector<std::string> GetScenarioOptions() const;

    /**
     * @brief Get the arguments of the command.
     * @return arguments, each with its value: `--name=value`
     */
    const std::vector<std::string>& GetArguments() const;

    /**
     * @brief Get the attributes that the command line sets.
     * @return values by name
     */
    const std::map<std::string, std::string>& GetAttributes() const;

    /**
     * @brief Get the name of the program.
     * @return the name
     */
    const std::string& GetName() const;

  private:
    /// An option of this program alone.
    struct Option
    {
        std::string name;                          //!< without dashes
        std::string help;                          //!< one line
        PortendOptionText given;                   //!< what was given
        std::string* value{nullptr};               //!< of an option with a value
        bool* flag{nullptr};                       //!< of an option without
        PortendOptionTexts list;                   //!< what was given, in that order
        std::vector<std::string>* values{nullptr}; //!< of an option that may repeat
    };

    /**
     * @brief Write every argument as CommandLine takes it: `--name value` as `--name=value`.
     * @param argc number of arguments
     * @param argv the arguments
     */
    void ReadArguments(int argc, char* argv[]);

    /**
     * @brief Complain about options that CommandLine would end the program for, or overlook.
     * @throw portend::InputError naming the option
     */
    void CheckArguments();

    /**
     * @brief Say on the standard error, in one line, why the program ends.
     * @param message the reason
     */
    void Complain(std::string message) const;

    /**
     * @brief Get the names of the program's options.
     * @param areFlags whether those without a value are meant, or those with one
     * @return names, without dashes
     */
    std::vector<std::string> GetOptions(bool areFlags) const;

    /**
     * @brief Let seed and run of the command line go before those of a file.
     * @param scenario gets them
     */
    void ApplySeeds(PortendScenario& scenario) const;

    std::string m_name;                                       //!< name of the program
    PortendScenarioOptions::Kind m_kind;                      //!< what its scenarios describe
    Option m_file{"", "", {}, nullptr, nullptr, {}, nullptr}; //!< the argument that is no option
    std::string m_usage;                                      //!< for --help
    std::vector<std::string> m_arguments;                     //!< of the command
    std::vector<Option> m_ownOptions;                         //!< of this program
    PortendScenarioOptions m_scenarioOptions;                 //!< of all programs
    PortendScenario m_scenario;                               //!< what they describe
    std::map<std::string, std::string> m_attributes;          //!< set by the command line
};

} // namespace ns3

#endif // PORTEND_PROGRAM_H
