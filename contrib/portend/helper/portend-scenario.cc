/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-scenario.h"

#include "portend-json.h"
#include "portend-profile-loader.h"

namespace ns3
{

namespace
{

using portend::InputError;

/// Version of the format that is read and written.
constexpr int SCHEMA_VERSION = 1;

/**
 * @brief Read one tier.
 * @param json the tier
 * @return the tier
 */
PortendScenario::Tier
ReadTier(const PortendJson& json)
{
    json.RequireKeys({"device",
                      "name",
                      "compute_factor",
                      "serialization_factor",
                      "overhead",
                      "servers",
                      "queue_limit",
                      "queue_policy"});
    PortendScenario::Tier tier;
    tier.device = json.Get("device").GetString();
    const auto readFactor = [&json](const char* key, double& factor) {
        if (json.Has(key))
        {
            factor = json.Get(key).GetNumber();
            if (!(factor > 0))
            {
                json.Get(key).Fail("a factor above 0");
            }
        }
    };
    if (json.Has("name"))
    {
        tier.name = json.Get("name").GetString();
    }
    readFactor("compute_factor", tier.computeFactor);
    readFactor("serialization_factor", tier.serializationFactor);
    if (json.Has("overhead"))
    {
        tier.overhead = json.Get("overhead").GetString();
    }
    if (json.Has("servers"))
    {
        tier.servers = json.Get("servers").GetInteger(1, UINT16_MAX);
    }
    if (json.Has("queue_limit"))
    {
        tier.queueLimit = json.Get("queue_limit").GetInteger(1, UINT32_MAX);
    }
    if (json.Has("queue_policy"))
    {
        tier.queuePolicy = json.Get("queue_policy").GetString();
    }
    return tier;
}

/**
 * @brief Read one link.
 * @param json the link
 * @return the link
 */
PortendScenario::Link
ReadLink(const PortendJson& json)
{
    json.RequireKeys({"bandwidth", "delay", "mtu_bytes"});
    PortendScenario::Link link;
    link.bandwidth = json.Get("bandwidth").GetString();
    link.delay = json.Get("delay").GetString();
    if (json.Has("mtu_bytes"))
    {
        link.mtuBytes = json.Get("mtu_bytes").GetInteger(1, UINT32_MAX);
    }
    return link;
}

/**
 * @brief Read a whole scenario.
 * @param json the document
 * @param scenario gets what the document says
 */
void
ReadScenario(const PortendJson& json, PortendScenario& scenario)
{
    json.RequireKeys({"$schema",     "schema_version", "description", "profile",     "tiers",
                      "links",       "deployment",     "source",      "destination", "samples",
                      "arrival",     "max_time",       "transport",   "tcp_variant", "tcp_warm",
                      "tcp_restart", "tcp_segment",    "tcp_buffer",  "loss",        "mtu_bytes",
                      "queue",       "compute",        "split",       "exits",       "rules",
                      "accuracy",    "shared_core",    "seed",        "run"});
    json.RequireVersion(SCHEMA_VERSION);
    const auto readText = [&json](const char* key, std::string& text) {
        if (json.Has(key))
        {
            text = json.Get(key).GetString();
        }
    };
    const auto readInteger = [&json](const char* key, auto& number, uint64_t low, uint64_t high) {
        if (json.Has(key))
        {
            number = json.Get(key).GetInteger(low, high);
        }
    };
    const auto readBoolean = [&json](const char* key, bool& value) {
        if (json.Has(key))
        {
            value = json.Get(key).GetBoolean();
        }
    };
    scenario.profile = json.Get("profile").GetString();
    scenario.tiers.clear();
    for (const auto& tier : json.Get("tiers").GetArray())
    {
        scenario.tiers.push_back(ReadTier(tier));
    }
    scenario.links.clear();
    for (const auto& link : json.Get("links").GetArray())
    {
        scenario.links.push_back(ReadLink(link));
    }
    scenario.deployment = json.Get("deployment").GetString();
    readText("description", scenario.description);
    readInteger("source", scenario.source, 0, UINT32_MAX);
    readInteger("destination", scenario.destination, 0, UINT32_MAX);
    readInteger("samples", scenario.samples, 1, INT64_MAX);
    readText("arrival", scenario.arrival);
    readText("max_time", scenario.maxTime);
    readText("transport", scenario.transport);
    readText("tcp_variant", scenario.tcpVariant);
    readBoolean("tcp_warm", scenario.tcpWarm);
    readBoolean("tcp_restart", scenario.tcpRestart);
    readText("tcp_segment", scenario.tcpSegment);
    readText("tcp_buffer", scenario.tcpBuffer);
    if (json.Has("loss"))
    {
        scenario.loss = json.Get("loss").GetNumber();
    }
    readInteger("mtu_bytes", scenario.mtuBytes, 0, UINT32_MAX);
    readText("queue", scenario.queue);
    readText("compute", scenario.compute);
    readText("split", scenario.split);
    readText("exits", scenario.exits);
    readText("rules", scenario.rules);
    readText("accuracy", scenario.accuracy);
    readBoolean("shared_core", scenario.sharedCore);
    readInteger("seed", scenario.seed, 1, UINT32_MAX);
    readInteger("run", scenario.run, 0, UINT32_MAX);
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
    nlohmann::ordered_json json;
    json["schema_version"] = SCHEMA_VERSION;
    if (!description.empty())
    {
        json["description"] = description;
    }
    json["profile"] = profile;
    json["tiers"] = nlohmann::ordered_json::array();
    for (const auto& tier : tiers)
    {
        nlohmann::ordered_json entry;
        entry["device"] = tier.device;
        if (!tier.name.empty())
        {
            entry["name"] = tier.name;
        }
        entry["compute_factor"] = tier.computeFactor;
        entry["serialization_factor"] = tier.serializationFactor;
        entry["overhead"] = tier.overhead;
        entry["servers"] = tier.servers;
        if (tier.queueLimit > 0)
        {
            entry["queue_limit"] = tier.queueLimit;
        }
        entry["queue_policy"] = tier.queuePolicy;
        json["tiers"].push_back(entry);
    }
    json["links"] = nlohmann::ordered_json::array();
    for (const auto& link : links)
    {
        nlohmann::ordered_json entry;
        entry["bandwidth"] = link.bandwidth;
        entry["delay"] = link.delay;
        if (link.mtuBytes > 0)
        {
            entry["mtu_bytes"] = link.mtuBytes;
        }
        json["links"].push_back(entry);
    }
    json["deployment"] = deployment;
    json["source"] = source;
    json["destination"] = destination;
    json["samples"] = samples;
    json["arrival"] = arrival;
    json["max_time"] = maxTime;
    json["transport"] = transport;
    json["tcp_variant"] = tcpVariant;
    json["tcp_warm"] = tcpWarm;
    json["tcp_restart"] = tcpRestart;
    json["tcp_segment"] = tcpSegment;
    json["tcp_buffer"] = tcpBuffer;
    json["loss"] = loss;
    json["mtu_bytes"] = mtuBytes;
    json["queue"] = queue;
    json["compute"] = compute;
    json["split"] = split;
    json["exits"] = exits;
    json["rules"] = rules;
    json["accuracy"] = accuracy;
    json["shared_core"] = sharedCore;
    json["seed"] = seed;
    json["run"] = run;
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
