/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-program.h"

#include "ns3/command-line.h"
#include "ns3/portend-attributes.h"
#include "ns3/portend-json.h"
#include "ns3/portend-text.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/type-id.h"

#include <algorithm>
#include <iostream>
#include <utility>
#include <vector>

namespace ns3
{

namespace
{

using portend::InputError;

/// Options that every ns-3 program has.
const std::vector<std::string> NS3_OPTIONS{"help",
                                           "PrintHelp",
                                           "PrintVersion",
                                           "version",
                                           "PrintGroups",
                                           "PrintGroup",
                                           "PrintTypeIds",
                                           "PrintAttributes",
                                           "PrintGlobals"};

/**
 * @brief Tell whether a word is in a list.
 * @param words the list
 * @param word the word
 * @return true if so
 */
bool
Contains(const std::vector<std::string>& words, const std::string& word)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

/**
 * @brief Read an argument as an option.
 * @param argument such as `--name=value`
 * @param name gets the name
 * @param value gets the value
 * @return whether there is a value
 */
bool
ParseOption(const std::string& argument, std::string& name, std::string& value)
{
    const auto begin = argument.find_first_not_of('-');
    const auto equals = argument.find('=');
    name = begin == std::string::npos ? "" : argument.substr(begin, equals - begin);
    value = equals == std::string::npos ? "" : argument.substr(equals + 1);
    return equals != std::string::npos;
}

} // namespace

PortendProgram::PortendProgram(const std::string& name,
                               const std::string& usage,
                               PortendScenarioOptions::Kind kind)
    : m_name(name),
      m_kind(kind),
      m_usage(usage),
      m_scenarioOptions(kind)
{
}

void
PortendProgram::AddFile(const std::string& name, const std::string& help, std::string& file)
{
    m_file.name = name;
    m_file.help = help;
    m_file.value = &file;
}

void
PortendProgram::AddOption(const std::string& name, const std::string& help, std::string& value)
{
    m_ownOptions.push_back({name, help, {}, &value, nullptr, {}, nullptr});
}

void
PortendProgram::AddList(const std::string& name,
                        const std::string& help,
                        std::vector<std::string>& values)
{
    m_ownOptions.push_back({name, help, {}, nullptr, nullptr, {}, &values});
}

void
PortendProgram::AddFlag(const std::string& name, const std::string& help, bool& value)
{
    m_ownOptions.push_back({name, help, {}, nullptr, &value, {}, nullptr});
}

std::vector<std::string>
PortendProgram::GetOptions(bool areFlags) const
{
    std::vector<std::string> names;
    if (!areFlags)
    {
        names = m_scenarioOptions.GetNames();
    }
    for (const auto& option : m_ownOptions)
    {
        if ((option.flag != nullptr) == areFlags)
        {
            names.push_back(option.name);
        }
    }
    return names;
}

void
PortendProgram::ReadArguments(int argc, char* argv[])
{
    const auto valued = GetOptions(false);
    for (int i = 1; i < argc; ++i)
    {
        std::string argument = argv[i];
        std::string name;
        std::string value;
        if (argument.compare(0, 2, "--") == 0 && !ParseOption(argument, name, value) &&
            Contains(valued, name) && i + 1 < argc)
        {
            // What begins with a dash is the next option, but for the standard output.
            const std::string next = argv[i + 1];
            if (next == "-" || (!next.empty() && next[0] != '-'))
            {
                argument += "=" + next;
                ++i;
            }
        }
        if (name.compare(0, 5, "ns3::") == 0)
        {
            argument.replace(argument.find(name), name.size(), PortendGetCurrentName(name));
        }
        m_arguments.push_back(argument);
    }
}

void
PortendProgram::CheckArguments()
{
    const auto valued = GetOptions(false);
    const auto flags = GetOptions(true);
    for (const auto& argument : m_arguments)
    {
        std::string name;
        std::string value;
        const bool hasValue = ParseOption(argument, name, value);
        if (m_file.value && !argument.empty() && argument[0] != '-' && m_file.given.text.empty())
        {
            m_file.given.text = argument;
            continue;
        }
        if (argument.empty() || argument[0] != '-' || name.empty())
        {
            throw InputError(portend::Quote(argument), "is no option; options are --name=value");
        }
        if (Contains(valued, name))
        {
            if (value.empty())
            {
                throw InputError("--" + name, "needs a value: --" + name + "=...");
            }
        }
        else if (Contains(flags, name))
        {
            if (hasValue && value != "true" && value != "false")
            {
                PortendFail("--" + name, value, "true, false");
            }
        }
        else if (name.compare(0, 5, "ns3::") == 0)
        {
            PortendSetAttribute(name, value, "--" + name);
            m_attributes[name] = value;
        }
        else if (TypeId type; name == "PrintAttributes")
        {
            if (!TypeId::LookupByNameFailSafe(value, &type))
            {
                PortendFail("--" + name, value, "a class of ns-3, such as ns3::PortendWorker");
            }
        }
        else if (!Contains(NS3_OPTIONS, name) && !PortendSetGlobal(name, value, "--" + name))
        {
            auto known = valued;
            known.insert(known.end(), flags.begin(), flags.end());
            known.insert(known.end(), {"RngRun", "RngSeed"});
            known.insert(known.end(), NS3_OPTIONS.begin(), NS3_OPTIONS.end());
            throw InputError("--" + portend::Shorten(name),
                             "unknown option" + PortendSuggest(name, known) +
                                 "; --help lists them");
        }
    }
}

int
PortendProgram::Run(int argc, char* argv[], const std::function<int()>& body)
{
    try
    {
        PortendGuardStandardStreams(m_name);
        PortendReadEnvironment();
        ReadArguments(argc, argv);
        CheckArguments();
        CommandLine cmd;
        cmd.Usage(m_usage);
        for (auto& option : m_ownOptions)
        {
            if (option.flag)
            {
                cmd.AddValue(option.name, option.help, *option.flag);
            }
            else if (option.values)
            {
                cmd.AddValue(option.name, option.help, option.list);
            }
            else
            {
                option.given.text = *option.value;
                cmd.AddValue(option.name, option.help, option.given);
            }
        }
        m_scenarioOptions.AddTo(cmd);
        if (m_file.value)
        {
            cmd.AddNonOption(m_file.name, m_file.help, m_file.given);
        }
        auto words = m_arguments;
        words.insert(words.begin(), m_name);
        cmd.Parse(words);
        for (const auto& option : m_ownOptions)
        {
            if (option.value)
            {
                *option.value = option.given.text;
            }
            else if (option.values)
            {
                *option.values = option.list.texts;
            }
        }

        if (m_file.value)
        {
            *m_file.value = m_file.given.text;
        }

        m_scenario.seed = RngSeedManager::GetSeed();
        m_scenario.run = RngSeedManager::GetRun();
        if (m_kind != PortendScenarioOptions::WORLD)
        {
            m_scenarioOptions.Apply(m_scenario);
            ApplySeeds(m_scenario);
            m_scenario.CompleteDeployment();
        }
        return body();
    }
    catch (const InputError& error)
    {
        Complain(error.GetWhere() + (error.GetWhere().empty() ? "" : ": ") + error.what());
    }
    catch (const std::bad_alloc&)
    {
        Complain("there is not enough memory");
    }
    catch (const std::exception& error)
    {
        Complain(std::string("internal error, please report it: ") + error.what());
    }
    return 2;
}

void
PortendProgram::ApplySeeds(PortendScenario& scenario) const
{
    for (const auto& argument : m_arguments)
    {
        std::string name;
        std::string value;
        ParseOption(argument, name, value);
        if (name == "RngSeed")
        {
            scenario.seed = RngSeedManager::GetSeed();
        }
        else if (name == "RngRun")
        {
            scenario.run = RngSeedManager::GetRun();
        }
    }
}

PortendWorld
PortendProgram::LoadWorld(const PortendScenarioFile& file,
                          const std::vector<std::string>& values) const
{
    auto world = PortendWorld::Load(file, values, m_scenario);
    m_scenarioOptions.Apply(world);
    ApplySeeds(world.options);
    return world;
}

void
PortendProgram::LoadChain(const PortendScenarioFile& file)
{
    m_scenario.Load(file);
    m_scenarioOptions.Apply(m_scenario);
    ApplySeeds(m_scenario);
    m_scenario.CompleteDeployment();
}

void
PortendProgram::Complain(std::string message) const
{
    // Of what somebody wrote, the parts are short, but not the names of files and options.
    constexpr std::size_t LONGEST = 4000;
    if (message.size() > LONGEST)
    {
        message.resize(LONGEST);
        message += "...";
    }
    for (auto& c : message)
    {
        c = c == '\n' || c == '\r' ? ' ' : c;
    }
    std::cerr << m_name << ": " << message << "\n";
}

const PortendScenario&
PortendProgram::GetScenario() const
{
    return m_scenario;
}

PortendScenario
PortendProgram::Resolve(const std::map<std::string, std::string>& values) const
{
    PortendScenarioOptions options;
    for (const auto& [name, text] : values)
    {
        const auto own =
            std::find_if(m_ownOptions.begin(), m_ownOptions.end(), [&name = name](const Option& o) {
                return o.name == name && o.value;
            });
        if (own != m_ownOptions.end())
        {
            *own->value = text;
        }
        else
        {
            options.Set(name, text);
        }
    }
    auto scenario = m_scenario;
    options.Apply(scenario);
    scenario.CompleteDeployment();
    return scenario;
}

std::vector<std::string>
PortendProgram::GetScenarioOptions() const
{
    auto names = m_scenarioOptions.GetNames();
    for (const auto* name : {"scenario", "stream", "set"})
    {
        names.erase(std::remove(names.begin(), names.end(), name), names.end());
    }
    return names;
}

const std::vector<std::string>&
PortendProgram::GetArguments() const
{
    return m_arguments;
}

const std::map<std::string, std::string>&
PortendProgram::GetAttributes() const
{
    return m_attributes;
}

const std::string&
PortendProgram::GetName() const
{
    return m_name;
}

} // namespace ns3
