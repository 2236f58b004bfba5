/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-world-report.h"

#include "portend-comparison.h"

#include "ns3/portend-json.h"
#include "ns3/portend-provenance.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iomanip>
#include <map>
#include <string>

namespace ns3
{

namespace
{

/// JSON whose keys keep their order.
using Json = nlohmann::ordered_json;

/// The two directions of a link, as results name them.
const std::array<const char*, 2> WAYS{"up", "down"};

/**
 * @brief Get the name of the group that a node is a member of.
 * @param name of the node, or of a link between such
 * @return the same without indices
 */
std::string
GetGroupName(const std::string& name)
{
    std::string group;
    bool isIndex = false;
    for (const char c : name)
    {
        isIndex = isIndex || c == '[';
        group += isIndex ? "" : std::string(1, c);
        isIndex = isIndex && c != ']';
    }
    return group;
}

/// What the members of a group have together.
struct GroupUse
{
    uint32_t members{0};          //!< how many
    double sum{0};                //!< of their utilizations
    double most{0};               //!< the largest
    double waiting{0};            //!< sum of the means
    PortendLinkTraffic traffic{}; //!< of links
};

/**
 * @brief Find or make the entry of a group.
 * @param groups by name, in the order of the first members
 * @param name of a member
 * @return the group
 */
GroupUse&
GetGroup(std::vector<std::pair<std::string, GroupUse>>& groups, const std::string& name)
{
    const auto group = GetGroupName(name);
    const auto found = std::find_if(groups.rbegin(), groups.rend(), [&](const auto& entry) {
        return entry.first == group;
    });
    return found == groups.rend() ? groups.emplace_back(group, GroupUse()).second : found->second;
}

/**
 * @brief Get the share of time that a direction of a link was busy.
 * @param traffic what went over it
 * @param direction what it is
 * @param time that was simulated
 * @return the share
 */
double
GetUtilization(const PortendLinkTraffic& traffic,
               const PortendNetworkHelper::Direction& direction,
               Time time)
{
    const double capacity = direction.bandwidth.GetBitRate() * time.GetSeconds();
    return capacity > 0 ? 8.0 * static_cast<double>(traffic.sentBytes) / capacity : 0;
}

} // namespace

void
PortendWorldReport::PrintTable(std::ostream& os) const
{
    if (!world.options.network.empty())
    {
        os << world.options.transport << ", " << setup.GetEngine() << "\n\n";
    }
    for (std::size_t i = 0; i < setup.streams.size(); ++i)
    {
        const auto& stream = setup.streams[i];
        const auto& asked = world.streams[i];
        const auto& result = simulated.streams[i];
        os << "stream " << asked.name << "  " << stream.model.name << "  "
           << stream.deployment.ToString() << "  rules " << stream.rules.name << ", arrivals "
           << asked.options.arrival << ", compute " << asked.options.compute << ", exits "
           << asked.options.exits << "\n";
        for (std::size_t j = 0; j < asked.tiers.size(); ++j)
        {
            os << "  tier " << j << "  " << std::left << std::setw(20) << asked.tiers[j];
            for (std::size_t k = 0; k < stream.deployment.partitions.size(); ++k)
            {
                const auto& partition = stream.deployment.partitions[k];
                if (partition.tier == j)
                {
                    os << "  partition " << k + 1 << ": blocks " << partition.first << "-"
                       << partition.last;
                }
            }
            os << (stream.stream.source == j ? "  source" : "")
               << (stream.stream.destination == j ? "  destination" : "") << "\n";
        }
        os << "\n";
        const PortendComparison comparison{setup, stream, result, estimates[i]};
        comparison.PrintTable(os);
        comparison.PrintEnergy(os);
        comparison.PrintPercentiles(os);
        if (stream.CountMembers() > 1)
        {
            os << std::left << std::setw(PORTEND_LABEL_WIDTH) << "members, ms"
               << stream.CountMembers() << ", mean latency of one from "
               << PortendFixed(result.members.minMs, 4) << " to "
               << PortendFixed(result.members.maxMs, 4) << "\n";
        }
        comparison.PrintRequests(os);
        for (const auto& level : levels)
        {
            if (level.stream == i)
            {
                level.Print(os);
            }
        }
        os << "\n";
    }
    PrintNodes(os);
    PrintEnergies(os);
    PrintLinks(os);
}

void
PortendWorldReport::PrintEnergies(std::ostream& os) const
{
    if (!setup.HasEnergy())
    {
        return;
    }
    std::vector<std::pair<std::string, PortendNodeEnergy>> groups;
    for (std::size_t i = 0; i < setup.nodes.size(); ++i)
    {
        const auto name = GetGroupName(setup.nodes[i].name);
        const auto& energy = simulated.nodes[i].energy;
        if (groups.empty() || groups.back().first != name)
        {
            groups.emplace_back(name, energy);
            continue;
        }
        groups.back().second += energy;
    }
    PortendPrintEnergies(os, groups);
}

void
PortendWorldReport::PrintNodes(std::ostream& os) const
{
    std::vector<std::pair<std::string, GroupUse>> groups;
    for (std::size_t i = 0; i < setup.nodes.size(); ++i)
    {
        auto& group = GetGroup(groups, setup.nodes[i].name);
        const auto& use = simulated.nodes[i];
        ++group.members;
        group.sum += use.utilization;
        group.most = std::max(group.most, use.utilization);
        group.waiting += use.waiting;
    }
    os << std::left << std::setw(PORTEND_LABEL_WIDTH) << "nodes" << std::right << std::setw(10)
       << "count" << std::setw(12) << "busy" << std::setw(14) << "busiest" << std::setw(14)
       << "waiting"
       << "\n";
    for (const auto& [name, group] : groups)
    {
        os << std::left << std::setw(PORTEND_LABEL_WIDTH) << name << std::right << std::setw(10)
           << group.members << std::setw(10) << PortendFixed(100 * group.sum / group.members, 2)
           << " %" << std::setw(12) << PortendFixed(100 * group.most, 2) << " %" << std::setw(14)
           << PortendFixed(group.waiting / group.members, 4) << "\n";
    }
    os << "\n";
}

void
PortendWorldReport::PrintLinks(std::ostream& os) const
{
    std::vector<std::pair<std::string, GroupUse>> groups;
    for (std::size_t j = 0; j < setup.links.size(); ++j)
    {
        for (std::size_t way = 0; way < WAYS.size(); ++way)
        {
            auto& group = GetGroup(groups, setup.links[j].name + " " + WAYS[way]);
            const auto& link = setup.links[j];
            const auto& traffic = simulated.links[j][way];
            const double busy =
                GetUtilization(traffic, way == 0 ? link.up : link.down, simulated.simulated);
            ++group.members;
            group.sum += busy;
            group.most = std::max(group.most, busy);
            group.traffic += traffic;
        }
    }
    os << std::left << std::setw(PORTEND_LABEL_WIDTH + 12) << "links" << std::right << std::setw(8)
       << "count" << std::setw(12) << "busy" << std::setw(14) << "busiest"
       << "  sent\n";
    for (const auto& [name, group] : groups)
    {
        os << std::left << std::setw(PORTEND_LABEL_WIDTH + 12) << name << std::right << std::setw(8)
           << group.members << std::setw(10) << PortendFixed(100 * group.sum / group.members, 2)
           << " %" << std::setw(12) << PortendFixed(100 * group.most, 2) << " %  "
           << PortendBytes(group.traffic.sentBytes);
        if (group.traffic.savedBytes > 0)
        {
            os << ", " << PortendBytes(group.traffic.savedBytes) << " saved by early exits";
        }
        if (group.traffic.droppedPackets > 0)
        {
            os << ", " << PortendBytes(group.traffic.droppedBytes) << " LOST in full device queues";
        }
        if (group.traffic.damagedPackets > 0)
        {
            os << ", " << PortendBytes(group.traffic.damagedBytes) << " LOST on the way";
        }
        os << "\n";
    }
}

void
PortendWorldReport::PrintJson(std::ostream& os) const
{
    Json json;
    json["schema_version"] = PortendWorld::SCHEMA_VERSION;
    json["scenario"] = Json::parse(world.ToJson());
    json["seed"] = setup.seed;
    json["run"] = setup.run;
    if (!world.options.network.empty()) // as a rule packets
    {
        json["engine"] = setup.GetEngine();
    }
    auto& streams = json["streams"] = Json::object();
    for (std::size_t i = 0; i < setup.streams.size(); ++i)
    {
        const auto& stream = setup.streams[i];
        const auto& result = simulated.streams[i];
        const PortendComparison comparison{setup, stream, result, estimates[i]};
        auto& entry = streams[stream.stream.name];
        comparison.WriteSimulated(entry["simulated"]);
        auto& members = entry["simulated"]["members"];
        members["count"] = stream.CountMembers();
        members["latency_ms"] = {{"min", result.members.minMs}, {"max", result.members.maxMs}};
        comparison.WriteAnalytical(entry["analytical"]);
        comparison.WriteDifference(entry["difference"]);
        for (const auto& level : levels)
        {
            if (level.stream == i)
            {
                entry["service_levels"].push_back(level.ToJson());
            }
        }
    }
    auto& network = json["network"];
    network["simulated_time_ms"] = simulated.simulated.GetNanoSeconds() * 1e-6;
    auto& nodes = network["nodes"] = Json::object();
    for (std::size_t i = 0; i < setup.nodes.size(); ++i)
    {
        auto& entry = nodes[setup.nodes[i].name];
        entry["utilization"] = simulated.nodes[i].utilization;
        entry["waiting"] = simulated.nodes[i].waiting;
        if (setup.HasEnergy())
        {
            entry["energy"] = PortendWriteEnergy(simulated.nodes[i].energy);
        }
    }
    auto& links = network["links"] = Json::object();
    for (std::size_t j = 0; j < setup.links.size(); ++j)
    {
        auto& entry = links[setup.links[j].name];
        entry["between"] = {setup.nodes[setup.links[j].from].name,
                            setup.nodes[setup.links[j].to].name};
        for (std::size_t way = 0; way < WAYS.size(); ++way)
        {
            const auto& traffic = simulated.links[j][way];
            auto& direction = entry[WAYS[way]];
            direction["utilization"] =
                GetUtilization(traffic,
                               way == 0 ? setup.links[j].up : setup.links[j].down,
                               simulated.simulated);
            direction["sent_bytes"] = traffic.sentBytes;
            direction["received_bytes"] = traffic.receivedBytes;
            direction["saved_bytes"] = traffic.savedBytes;
            direction["lost_bytes"] = traffic.droppedBytes;
            direction["damaged_bytes"] = traffic.damagedBytes;
        }
    }
    auto& stations = network["stations"] = Json::array();
    const auto found = setup.GetLoads();
    const portend::QueueingNetwork queueing(found.loads,
                                            setup.streams.front().GetRules("queueing"));
    for (const auto& station : queueing.GetStations())
    {
        Json entry;
        entry["station"] = station.name;
        entry["servers"] = station.servers;
        entry["utilization"] = station.GetUtilization();
        for (const auto& share : station.shares)
        {
            const auto& name = setup.streams[found.streams[share.load]].stream.name;
            auto& of = entry["utilization_by_stream"][name];
            of = (of.is_null() ? 0.0 : of.get<double>()) + station.GetUtilization(share);
        }
        stations.push_back(entry);
    }
    json["provenance"] = Json::parse(PortendProvenance::ToJson(setup.seed, setup.run));
    os << PortendDump(json, 2) << "\n";
}

} // namespace ns3
