/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-scenario.h"

#include "portend-json.h"
#include "portend-profile-loader.h"

#include "ns3/portend-option.h"

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
 * @param scenario gets what the document says
 */
void
ReadScenario(const PortendJson& json, PortendScenario& scenario)
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

void
PortendScenario::LoadFile(const std::string& file)
{
    const auto document = PortendJson::Load(file);
    try
    {
        ReadScenario(PortendJson(document), *this);
    }
    catch (const InputError& error)
    {
        throw InputError(file + (error.GetWhere().empty() ? "" : ": " + error.GetWhere()),
                         error.what());
    }
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
