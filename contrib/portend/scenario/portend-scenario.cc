/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-scenario.h"

#include "portend-json.h"
#include "portend-option-json.h"
#include "portend-profile-loader.h"
#include "portend-scenario-file.h"
#include "portend-world.h"

#include "ns3/portend-deployment.h"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <variant>

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
    for (auto& link : scenario.links)
    {
        PortendFindTrace(link, folder);
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
    Load(PortendScenarioFile(file));
}

void
PortendScenario::Load(const PortendScenarioFile& file)
{
    PortendJson::Read(file.name, file.document, [&](const PortendJson& json) {
        ReadScenario(json, file.folder, *this);
    });
    // Every complaint to come names the file, unless an option overrides the value.
    origins[""] = file.name;
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

void
PortendScenario::BecomeStream(std::shared_ptr<const PortendWorld> whole, const std::string& name)
{
    const auto& streams = whole->streams;
    std::vector<std::string> names;
    for (const auto& each : streams)
    {
        names.push_back(each.name);
    }
    const auto found = name.empty() ? names.begin() : std::find(names.begin(), names.end(), name);
    if (found == names.end())
    {
        std::string known;
        for (const auto& each : names)
        {
            known += (known.empty() ? "" : ", ") + each;
        }
        throw InputError("--stream",
                         "there is no stream " + portend::Quote(name) +
                             PortendSuggest(name, names) + "; allowed: " + known);
    }
    const auto index = found - names.begin();
    *this = streams[index].options;
    world = std::move(whole);
    stream = index;
    tiers.clear();
    links.clear();
    for (const auto& tier : streams[index].tiers)
    {
        const auto& nodes = world->nodes;
        const auto bare = tier.substr(0, tier.find('['));
        const auto node = std::find_if(nodes.begin(), nodes.end(), [&](const auto& each) {
            return each.machine.name == tier || each.machine.name == bare;
        });
        tiers.push_back(node == nodes.end() ? Tier() : node->machine);
    }
}

PortendWorld
PortendScenario::GetWorld() const
{
    auto whole = *world;
    auto& own = whole.streams.at(stream);
    auto copy = *this; // the table finds values to change, too
    for (const auto& option : PortendGetOptions())
    {
        if (option.scope != PortendOption::SCENARIO)
        {
            continue;
        }
        const auto write = [&](auto* value) {
            const auto place = option.Find(option.isOfStream ? own.options : whole.options);
            *std::get<decltype(value)>(place) = *value;
        };
        std::visit(write, option.Find(copy));
        const auto origin = origins.find("/" + option.key);
        if (origin != origins.end() && origin->second.compare(0, 2, "--") == 0)
        {
            whole.options.origins[origin->first] = origin->second;
            own.given.erase(std::remove(own.given.begin(), own.given.end(), option.key),
                            own.given.end());
        }
    }
    return whole;
}

std::string
PortendScenario::ToJson() const
{
    if (world)
    {
        return GetWorld().ToJson();
    }
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
