/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-option-json.h"

#include "portend-text.h"

#include <algorithm>
#include <type_traits>
#include <variant>

namespace ns3
{

namespace
{

/**
 * @brief Change the name of a profile if it is a folder: if there is a slash in it.
 * @tparam F type of the function
 * @param profile the name
 * @param change given the name, returns what to write instead
 */
template <typename F>
void
ChangeFolder(std::string& profile, F change)
{
    if (profile.find('/') != std::string::npos)
    {
        profile = change(profile);
    }
}

/// Before the name of the file in a text such as `trace:FILE`.
const std::string TRACE = "trace:";

/**
 * @brief Tell whether a text names a file.
 * @param text the text
 * @return true for `trace:FILE`
 */
bool
IsTrace(const std::string& text)
{
    return text.compare(0, TRACE.size(), TRACE) == 0;
}

/**
 * @brief Change the name of the file in a text such as `trace:FILE`, if it is one.
 * @tparam F type of the function
 * @param text the text
 * @param change given the name, returns what to write instead
 */
template <typename F>
void
ChangeTrace(std::string& text, F change)
{
    if (IsTrace(text))
    {
        text = TRACE + change(text.substr(TRACE.size()));
    }
}

/// Before the name of a file of states.
const std::string MARKOV = "markov:";

/**
 * @brief Change the name of the file in a text such as `markov:FILE`, if it is one.
 * @tparam F type of the function
 * @param text the text
 * @param change given the name, returns what to write instead
 * @return whether it is one
 */
template <typename F>
bool
ChangeMarkov(std::string& text, F change)
{
    const bool isMarkov = text.compare(0, MARKOV.size(), MARKOV) == 0;
    if (isMarkov)
    {
        text = MARKOV + change(text.substr(MARKOV.size()));
    }
    return isMarkov;
}

/**
 * @brief Change the name of the file that says how a link changes, if there is one.
 * @tparam F type of the function
 * @param text what says how it changes
 * @param change given the name, returns what to write instead
 */
template <typename F>
void
ChangeLinkTrace(std::string& text, F change)
{
    const std::string type = "ns3::";
    const bool isFile = !text.empty() && text.compare(0, type.size(), type) != 0;
    if (isFile && !ChangeMarkov(text, change))
    {
        text = change(text);
    }
}

/**
 * @brief Name a file so that it is found from any folder.
 * @param name its name
 * @return the same from the root
 */
std::string
GetAbsolute(const std::string& name)
{
    std::error_code error; // without a current folder, the name is all there is
    std::filesystem::path path;
    for (const auto& part : std::filesystem::absolute(name, error))
    {
        // Only these: what stands before `..` may be a link.
        if (part != ".")
        {
            path /= part;
        }
    }
    return error ? name : path.string();
}

} // namespace

namespace
{

/// Between the parts of a text.
constexpr char COLON = ':';

/**
 * @brief Read the parts of a text.
 * @param option what it is
 * @param json an object of them
 * @return the text
 */
std::string
ReadParts(const PortendOption& option, const PortendJson& json)
{
    json.RequireKeys(option.parts);
    std::string text;
    for (const auto& name : option.parts)
    {
        const auto part = json.Has(name) ? json.Get(name).GetString() : "";
        if (part.find(COLON) != std::string::npos)
        {
            json.Get(name).Fail("one part of " + option.values);
        }
        text += (&name == &option.parts.front() ? "" : std::string(1, COLON)) + part;
    }
    return text.substr(0, text.find_last_not_of(COLON) + 1);
}

} // namespace

std::vector<std::pair<std::string, std::string>>
PortendSplitParts(const PortendOption& option, const std::string& text)
{
    std::vector<std::pair<std::string, std::string>> parts;
    const auto texts = PortendSplit(text, COLON);
    for (std::size_t i = 0; i < std::min(texts.size(), option.parts.size()); ++i)
    {
        if (!texts[i].empty())
        {
            parts.emplace_back(option.parts[i], texts[i]);
        }
    }
    return parts;
}

void
PortendReadValue(const PortendOption& option, const PortendJson& json, PortendOption::Value place)
{
    const auto read = [&](auto* value) {
        using Type = std::remove_pointer_t<decltype(value)>;
        if constexpr (std::is_same_v<Type, std::string>)
        {
            const bool hasParts = !option.parts.empty() && json.IsObject();
            option.Parse(place,
                         hasParts ? ReadParts(option, json) : json.GetString(),
                         json.GetPointer());
        }
        else if constexpr (std::is_same_v<Type, bool>)
        {
            *value = json.GetBoolean();
        }
        else if constexpr (std::is_same_v<Type, double>)
        {
            *value = json.GetNumber();
            if (!option.range.Contains(*value)) // not what no value is kept as, either
            {
                PortendFail(json.GetPointer(), option.ToText(place), option.GetAllowed());
            }
        }
        else
        {
            const auto [low, high] = option.GetWholeRange();
            *value = json.GetInteger(low, high);
        }
    };
    std::visit(read, place);
}

void
PortendReadOptions(PortendOption::Scope scope,
                   const PortendJson& json,
                   const std::vector<std::string>& besides,
                   PortendScenario& scenario,
                   std::size_t index,
                   bool areRequired)
{
    auto keys = besides;
    for (const auto& option : PortendGetOptions())
    {
        if (option.scope == scope)
        {
            keys.push_back(option.key);
        }
    }
    json.RequireKeys(keys);
    for (const auto& option : PortendGetOptions())
    {
        const bool isNeeded = areRequired && PortendIsNeeded(option, json);
        if (option.scope == scope && (isNeeded || json.Has(option.key)))
        {
            PortendReadValue(option, json.Get(option.key), option.Find(scenario, index));
        }
    }
}

void
PortendWriteOption(const PortendOption& option,
                   PortendOption::Value place,
                   nlohmann::ordered_json& json)
{
    const bool mayLack = option.isOptional || !option.instead.empty();
    if (mayLack && option.IsNone(place))
    {
        return;
    }
    if (!option.parts.empty())
    {
        for (const auto& [name, part] : PortendSplitParts(option, *std::get<std::string*>(place)))
        {
            json[option.key][name] = part;
        }
        return;
    }
    std::visit([&](const auto* value) { json[option.key] = *value; }, place);
}

void
PortendWriteOptions(PortendOption::Scope scope,
                    PortendScenario& scenario,
                    nlohmann::ordered_json& json,
                    std::size_t index)
{
    for (const auto& option : PortendGetOptions())
    {
        if (option.scope == scope)
        {
            PortendWriteOption(option, option.Find(scenario, index), json);
        }
    }
}

void
PortendFindTrace(PortendScenario::Link& link, const std::filesystem::path& folder)
{
    ChangeMarkov(link.bandwidth,
                 [&folder](const std::string& name) { return (folder / name).string(); });
    ChangeLinkTrace(link.trace,
                    [&folder](const std::string& name) { return (folder / name).string(); });
}

void
PortendResolveTrace(PortendScenario::Link& link)
{
    ChangeMarkov(link.bandwidth, GetAbsolute);
    ChangeLinkTrace(link.trace, GetAbsolute);
}

void
PortendFindTrace(std::string& text, const std::filesystem::path& folder)
{
    ChangeTrace(text, [&folder](const std::string& name) { return (folder / name).string(); });
}

void
PortendResolveTrace(std::string& text)
{
    ChangeTrace(text, GetAbsolute);
}

bool
PortendIsNeeded(const PortendOption& option, const PortendJson& json)
{
    return option.isRequired && (option.instead.empty() || !json.Has(option.instead));
}

void
PortendFindFiles(PortendScenario& scenario,
                 const PortendJson& json,
                 const std::filesystem::path& folder)
{
    const auto findIn = [&folder](const std::string& name) { return (folder / name).string(); };
    if (json.Has("profile"))
    {
        ChangeFolder(scenario.profile, findIn);
    }
    if (json.Has("arrival"))
    {
        ChangeTrace(scenario.arrival, findIn);
    }
    if (json.Has("exits"))
    {
        ChangeTrace(scenario.exits, findIn);
    }
}

void
PortendResolve(PortendScenario& scenario)
{
    ChangeFolder(scenario.profile, GetAbsolute);
    ChangeTrace(scenario.arrival, GetAbsolute);
    ChangeTrace(scenario.exits, GetAbsolute);
    for (auto& link : scenario.links)
    {
        PortendResolveTrace(link);
    }
    if (!IsTrace(scenario.arrival) && scenario.samples == 0)
    {
        scenario.samples = PortendScenario::DEFAULT_SAMPLES; // of a trace it is all
    }
}

} // namespace ns3
