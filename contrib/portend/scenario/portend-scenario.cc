/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-scenario.h"

#include "portend-json.h"
#include "portend-option.h"
#include "portend-profile-loader.h"

#include "ns3/portend-deployment.h"

#include <filesystem>
#include <type_traits>
#include <variant>

namespace ns3
{

namespace
{

using portend::InputError;

/// Version of the format that is read and written.
constexpr int SCHEMA_VERSION = 1;

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

/**
 * @brief Read a value.
 * @param option what it is
 * @param json the value
 * @param place gets the value
 */
void
ReadValue(const PortendOption& option, const PortendJson& json, PortendOption::Value place)
{
    const auto read = [&](auto* value) {
        using Type = std::remove_pointer_t<decltype(value)>;
        if constexpr (std::is_same_v<Type, std::string>)
        {
            option.Parse(place, json.GetString(), json.GetPointer());
        }
        else if constexpr (std::is_same_v<Type, bool>)
        {
            *value = json.GetBoolean();
        }
        else if constexpr (std::is_same_v<Type, double>)
        {
            *value = json.GetNumber();
            option.Check(place, json.GetPointer());
        }
        else
        {
            const auto [low, high] = option.GetWholeRange();
            *value = json.GetInteger(low, high);
        }
    };
    std::visit(read, place);
}

/**
 * @brief Read all options of a scope. What the object leaves out keeps its value.
 * @param scope the scope
 * @param json an object that has them as members
 * @param besides other keys of the object
 * @param scenario gets the values
 * @param index of the tier or link
 */
void
ReadOptions(PortendOption::Scope scope,
            const PortendJson& json,
            const std::vector<std::string>& besides,
            PortendScenario& scenario,
            std::size_t index = 0)
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
        if (option.scope == scope && (option.isRequired || json.Has(option.key)))
        {
            ReadValue(option, json.Get(option.key), option.Find(scenario, index));
        }
    }
}

/**
 * @brief Read a whole scenario.
 * @param json the document
 * @param folder what names of files are relative to; empty is the current one
 * @param scenario gets what the document says
 */
void
ReadScenario(const PortendJson& json,
             const std::filesystem::path& folder,
             PortendScenario& scenario)
{
    ReadOptions(PortendOption::SCENARIO,
                json,
                {"$schema", "schema_version", "tiers", "links"},
                scenario);
    json.RequireVersion(SCHEMA_VERSION);
    const auto readList = [&](const char* key, PortendOption::Scope scope, auto& list) {
        const auto entries = json.Get(key).GetArray();
        list.assign(entries.size(), {});
        for (std::size_t i = 0; i < entries.size(); ++i)
        {
            ReadOptions(scope, entries[i], {}, scenario, i);
        }
    };
    readList("tiers", PortendOption::TIER, scenario.tiers);
    readList("links", PortendOption::LINK, scenario.links);
    const auto findIn = [&folder](const std::string& name) { return (folder / name).string(); };
    ChangeFolder(scenario.profile, findIn);
    if (json.Has("arrival"))
    {
        ChangeTrace(scenario.arrival, findIn);
    }
    if (json.Has("exits"))
    {
        ChangeTrace(scenario.exits, findIn);
    }
}

/**
 * @brief Write all options of a scope.
 * @param scope the scope
 * @param scenario has the values
 * @param json gets them as members
 * @param index of the tier or link
 */
void
WriteOptions(PortendOption::Scope scope,
             PortendScenario& scenario,
             nlohmann::ordered_json& json,
             std::size_t index = 0)
{
    for (const auto& option : PortendGetOptions())
    {
        if (option.scope != scope)
        {
            continue;
        }
        const auto write = [&](const auto* value) {
            if (!option.isOptional || *value != std::decay_t<decltype(*value)>{})
            {
                json[option.key] = *value;
            }
        };
        std::visit(write, option.Find(scenario, index));
    }
}

} // namespace

std::string
PortendScenario::Tier::GetLabel() const
{
    return name.empty() ? device : name + " (" + device + ")";
}

void
PortendScenario::LoadFile(const std::string& file)
{
    // What comes through a pipe stands in no folder: there names mean the current one.
    std::error_code error;
    const auto folder = std::filesystem::is_regular_file(file, error)
                            ? std::filesystem::path(file).parent_path()
                            : std::filesystem::path();
    PortendJson::Read(file, "", [&](const PortendJson& json) {
        ReadScenario(json, folder, *this);
    });
    // Every complaint to come names the file, unless an option overrides the value.
    origins[""] = file;
}

void
PortendScenario::CompleteDeployment()
{
    if (!deployment.empty())
    {
        return;
    }
    try
    {
        const auto model = PortendProfileLoader(profile).LoadModel();
        portend::Deployment full;
        full.partitions = {{source, 1, model.blocks}};
        full.threshold = model.thresholds.front();
        deployment = full.ToString();
    }
    catch (const InputError& error)
    {
        throw InputError(GetOrigin(error.GetWhere()), error.what());
    }
}

std::string
PortendScenario::ToJson() const
{
    auto scenario = *this; // the table finds values to change, too
    ChangeFolder(scenario.profile, GetAbsolute);
    ChangeTrace(scenario.arrival, GetAbsolute);
    ChangeTrace(scenario.exits, GetAbsolute);
    if (!IsTrace(arrival) && samples == 0)
    {
        scenario.samples = DEFAULT_SAMPLES; // of a trace it is all
    }
    nlohmann::ordered_json json;
    json["schema_version"] = SCHEMA_VERSION;
    nlohmann::ordered_json options;
    WriteOptions(PortendOption::SCENARIO, scenario, options);
    const auto writeList = [&](const char* key, PortendOption::Scope scope, std::size_t count) {
        json[key] = nlohmann::ordered_json::array();
        for (std::size_t i = 0; i < count; ++i)
        {
            WriteOptions(scope, scenario, json[key].emplace_back(), i);
        }
    };
    // What the chain is made of stands behind the name of the profile.
    for (const auto& [key, value] : options.items())
    {
        json[key] = value;
        if (key == "profile")
        {
            writeList("tiers", PortendOption::TIER, tiers.size());
            writeList("links", PortendOption::LINK, links.size());
        }
    }
    return PortendDump(json);
}

std::string
PortendScenario::GetOrigin(const std::string& where) const
{
    if (where.empty() || where[0] != '/')
    {
        return where; // a file or an option already
    }
    // The value itself, then what contains it.
    for (auto pointer = where;; pointer.erase(pointer.rfind('/')))
    {
        const auto it = origins.find(pointer);
        if (it != origins.end())
        {
            return it->second + ": " + where;
        }
        if (pointer.empty())
        {
            return where;
        }
    }
}

} // namespace ns3
