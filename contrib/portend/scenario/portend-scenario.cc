/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-scenario.h"

#include "portend-json.h"
#include "portend-option-json.h"
#include "portend-profile-loader.h"

#include "ns3/portend-deployment.h"

#include <filesystem>

namespace ns3
{

namespace
{

using portend::InputError;

/// Version of the format that is read and written.
constexpr int SCHEMA_VERSION = 1;

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
    PortendReadOptions(PortendOption::SCENARIO,
                       json,
                       {"$schema", "schema_version", "tiers", "links"},
                       scenario);
    json.RequireVersion(SCHEMA_VERSION);
    const auto readList = [&](const char* key, PortendOption::Scope scope, auto& list) {
        const auto entries = json.Get(key).GetArray();
        list.assign(entries.size(), {});
        for (std::size_t i = 0; i < entries.size(); ++i)
        {
            PortendReadOptions(scope, entries[i], {}, scenario, i);
        }
    };
    readList("tiers", PortendOption::TIER, scenario.tiers);
    readList("links", PortendOption::LINK, scenario.links);
    PortendFindFiles(scenario, json, folder);
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
    PortendResolve(scenario);
    nlohmann::ordered_json json;
    json["schema_version"] = SCHEMA_VERSION;
    nlohmann::ordered_json options;
    PortendWriteOptions(PortendOption::SCENARIO, scenario, options);
    const auto writeList = [&](const char* key, PortendOption::Scope scope, std::size_t count) {
        json[key] = nlohmann::ordered_json::array();
        for (std::size_t i = 0; i < count; ++i)
        {
            PortendWriteOptions(scope, scenario, json[key].emplace_back(), i);
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
