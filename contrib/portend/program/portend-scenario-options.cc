/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-scenario-options.h"

#include "ns3/command-line.h"
#include "ns3/portend-option.h"
#include "ns3/portend-scenario-file.h"
#include "ns3/portend-text.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>
#include <utility>

namespace ns3
{

namespace
{

using portend::InputError;

/// Name of the option that names a file.
const std::string SCENARIO = "scenario";

/// Name of the option that names a stream.
const std::string STREAM_NAME = "stream";

/// Name of the option that gives values by their paths.
const std::string SETTINGS = "set";

/**
 * @brief Describe an option for --help.
 * @param option the option
 * @return what it is, its values, and the default
 */
std::string
GetHelp(const PortendOption& option)
{
    PortendScenario defaults;
    std::vector<std::string> values;
    for (std::size_t i = 0; i < option.Count(defaults); ++i)
    {
        values.push_back(option.ToText(option.Find(defaults, i)));
    }
    if (std::adjacent_find(values.begin(), values.end(), std::not_equal_to<>()) == values.end())
    {
        values.resize(1); // one for all
    }
    std::string list;
    for (const auto& value : values)
    {
        list += (list.empty() ? "" : ",") + value;
    }
    return option.help + ": " + option.values + " [" + list + "]";
}

/**
 * @brief Give a scenario the value of an option: each tier or link its part of a list, or all of
 *        them the same.
 * @param option the option
 * @param text its value
 * @param scenario gets it
 */
void
ApplyOption(const PortendOption& option, const std::string& text, PortendScenario& scenario)
{
    const auto where = "--" + option.name;
    if (option.scope == PortendOption::SCENARIO)
    {
        scenario.origins[option.GetPointer()] = where;
        option.Parse(option.Find(scenario), text, where);
        return;
    }
    const auto count = option.Count(scenario);
    std::size_t single = 0;
    const auto colon = text.find(':');
    if (option.key == "trace" && PortendParseNumber(text.substr(0, colon), single) &&
        colon != std::string::npos)
    {
        if (single >= count)
        {
            PortendFail(where,
                        text,
                        "a link, 0 .. " + std::to_string(count) + " - 1, before the file");
        }
        scenario.origins[option.GetPointer(single)] = where;
        option.Parse(option.Find(scenario, single), text.substr(colon + 1), where);
        return;
    }
    const auto parts = PortendSplitList(text, ',');
    if (parts.size() != 1 && parts.size() != count)
    {
        PortendFail(where, text, "one value, or " + std::to_string(count));
    }
    if (option.kind != PortendOption::COUNT &&
        std::find(parts.begin(), parts.end(), "") != parts.end())
    {
        PortendFail(where, text, "a list separated by commas, without empty entries");
    }
    for (std::size_t i = 0; i < count; ++i)
    {
        scenario.origins[option.GetPointer(i)] = where;
        option.Parse(option.Find(scenario, i), parts[parts.size() == 1 ? 0 : i], where);
    }
}

} // namespace

std::istream&
operator>>(std::istream& is, PortendOptionText& option)
{
    option.text.assign(std::istreambuf_iterator<char>(is), {});
    return is;
}

std::ostream&
operator<<(std::ostream& os, const PortendOptionText& option)
{
    return os << option.text;
}

std::istream&
operator>>(std::istream& is, PortendOptionTexts& option)
{
    PortendOptionText text;
    is >> text;
    option.texts.push_back(text.text);
    return is;
}

std::ostream&
operator<<(std::ostream& os, const PortendOptionTexts& option)
{
    const char* separator = "";
    for (const auto& text : option.texts)
    {
        os << separator << text;
        separator = " ";
    }
    return os;
}

PortendScenarioOptions::PortendScenarioOptions(Kind kind)
    : m_kind(kind)
{
    if (kind != WORLD)
    {
        m_values[SCENARIO];
    }
    if (kind == STREAM)
    {
        m_values[STREAM_NAME];
    }
    for (const auto& option : PortendGetOptions())
    {
        const bool isFit = kind != WORLD || option.scope == PortendOption::SCENARIO;
        if (!option.name.empty() && isFit)
        {
            m_values[option.name];
        }
    }
}

void
PortendScenarioOptions::AddTo(CommandLine& cmd)
{
    if (m_values.count(SCENARIO) > 0)
    {
        cmd.AddValue(SCENARIO,
                     "JSON scenario file; every other option overrides it",
                     m_values[SCENARIO]);
    }
    if (m_kind == STREAM)
    {
        cmd.AddValue(STREAM_NAME,
                     "of a scenario of version 2, the stream that is looked at, and whose the "
                     "options are, the others as they are [the first]",
                     m_values[STREAM_NAME]);
        cmd.AddValue(SETTINGS,
                     "PATH=VALUE: what a scenario of version 2 is to say besides, such as "
                     "nodes/camera/count=200; may repeat",
                     m_settings);
    }
    for (const auto& option : PortendGetOptions())
    {
        if (m_values.count(option.name) > 0)
        {
            cmd.AddValue(option.name, GetHelp(option), m_values[option.name]);
        }
    }
}

void
PortendScenarioOptions::Set(const std::string& name, const std::string& text)
{
    m_values.at(name).text = text;
}

std::vector<std::string>
PortendScenarioOptions::GetNames() const
{
    std::vector<std::string> names;
    for (const auto& [name, value] : m_values)
    {
        names.push_back(name);
    }
    if (m_kind == STREAM)
    {
        names.push_back(SETTINGS);
    }
    return names;
}

void
PortendScenarioOptions::Apply(PortendScenario& scenario) const
{
    if (!Get(SCENARIO).empty())
    {
        Load(Get(SCENARIO), scenario);
    }
    else if (!Get(STREAM_NAME).empty() || !m_settings.texts.empty())
    {
        throw InputError(Get(STREAM_NAME).empty() ? "--set" : "--stream",
                         "is for a scenario of version 2, given by --scenario");
    }
    else if (!Get("profile").empty() && Get("deployment").empty())
    {
        scenario.deployment.clear(); // the default is another profile's; CompleteDeployment()
    }
    if (!scenario.world)
    {
        SetCounts(scenario);
    }
    for (const auto& option : PortendGetOptions())
    {
        if (scenario.world && option.scope != PortendOption::SCENARIO && !Get(option.name).empty())
        {
            throw InputError(
                "--" + option.name,
                "is for a chain; a scenario of version 2 has it by its path, such as "
                "--set " +
                    std::string(option.scope == PortendOption::TIER ? "nodes" : "links") +
                    "/NAME/" + option.key + "=...");
        }
        if (!Get(option.name).empty())
        {
            ApplyOption(option, Get(option.name), scenario);
        }
    }
    for (auto& link : scenario.links)
    {
        OverrideLink(link);
    }
}

void
PortendScenarioOptions::Load(const std::string& file, PortendScenario& scenario) const
{
    const PortendScenarioFile read(file);
    if (!read.IsWorld())
    {
        if (!Get(STREAM_NAME).empty() || !m_settings.texts.empty())
        {
            throw InputError(Get(STREAM_NAME).empty() ? "--set" : "--stream",
                             file + " is of version 1, a chain; portend-run --convert writes it as "
                                    "version 2");
        }
        scenario.Load(read);
        return;
    }
    if (m_kind != STREAM)
    {
        throw InputError(file, "is of version 2, which portend-run simulates");
    }
    scenario.BecomeStream(
        std::make_shared<PortendWorld>(PortendWorld::Load(read, m_settings.texts, scenario)),
        Get(STREAM_NAME));
}

void
PortendScenarioOptions::Apply(PortendWorld& world) const
{
    for (const auto& option : PortendGetOptions())
    {
        const auto text = Get(option.name);
        if (option.scope != PortendOption::SCENARIO || text.empty())
        {
            continue;
        }
        ApplyOption(option, text, world.options);
        for (auto& stream : world.streams)
        {
            if (option.isOfStream)
            {
                ApplyOption(option, text, stream.options);
                auto& given = stream.given; // it is everybody's now
                given.erase(std::remove(given.begin(), given.end(), option.key), given.end());
            }
        }
    }
    for (auto& link : world.links)
    {
        OverrideLink(link.up);
        OverrideLink(link.down);
    }
}

void
PortendScenarioOptions::OverrideLink(PortendScenario::Link& link) const
{
    if (!Get("mtu").empty())
    {
        link.mtuBytes = PortendScenario::Link().mtuBytes;
    }
    if (!Get("loss").empty())
    {
        link.loss = PortendScenario::Link().loss;
    }
}

std::string
PortendScenarioOptions::Get(const std::string& name) const
{
    const auto value = m_values.find(name);
    return name.empty() || value == m_values.end() ? "" : value->second.text;
}

void
PortendScenarioOptions::SetCounts(PortendScenario& scenario) const
{
    const auto count = [&](const char* name, const char* pointer) -> std::size_t {
        const auto text = Get(name);
        if (text.empty())
        {
            return 0;
        }
        scenario.origins[pointer] = std::string("--") + name;
        return PortendSplit(text, ',').size();
    };
    if (const auto devices = count("devices", "/tiers"))
    {
        scenario.tiers.resize(devices);
    }
    const auto needed = std::max<std::size_t>(scenario.tiers.size(), 1) - 1;
    const auto bandwidths = count("bandwidth", "/links");
    const auto delays = count("delay", "/links");
    if (bandwidths > 1 && delays > 1 && bandwidths != delays)
    {
        throw InputError("--delay",
                         "found " + std::to_string(delays) + " delays for " +
                             std::to_string(bandwidths) + " bandwidths");
    }
    const auto links = scenario.links.size();
    const auto longest = std::max(bandwidths, delays);
    if (longest > 1)
    {
        scenario.links.resize(longest);
    }
    else if (longest == 1 || links > needed) // the same for all; or fewer tiers were asked for
    {
        scenario.links.resize(needed);
    }
    for (const auto& [name, given] :
         {std::pair("bandwidth", bandwidths), std::pair("delay", delays)})
    {
        if (given == 0 && scenario.links.size() > links)
        {
            throw InputError(std::string("--") + name,
                             "needed for " + std::to_string(scenario.links.size()) +
                                 " links; the scenario has " + std::to_string(links));
        }
    }
}

} // namespace ns3
