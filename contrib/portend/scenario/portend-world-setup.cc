/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-world-setup.h"

#include "portend-choices.h"
#include "portend-json.h"
#include "portend-memory-check.h"
#include "portend-option.h"
#include "portend-profile-loader.h"
#include "portend-text.h"

#include "ns3/portend-background.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <tuple>

namespace ns3
{

namespace
{

using portend::InputError;

/// Links whose ends have addresses below 10.0.0.0/8, four each.
constexpr std::size_t MAX_LINKS = 1U << 22;

/**
 * @brief Name a member of a group.
 * @param group its name
 * @param index of the member
 * @return such as `camera[7]`
 */
std::string
GetMemberName(const std::string& group, uint32_t index)
{
    return group + "[" + std::to_string(index) + "]";
}

/**
 * @brief Require that values which differ are those of the members of a group.
 * @param spreads the values
 * @param count of members; 0 if there is no group
 * @param where JSON pointer of the node or link
 */
void
RequireMembers(const PortendWorld::Spreads& spreads, uint32_t count, const std::string& where)
{
    for (const auto& [key, spread] : spreads)
    {
        const auto values = spread.values.size();
        if (count == 0 || (values > 0 && values != count))
        {
            PortendFail(where + "/" + key,
                        values > 0 ? std::to_string(values) + " values" : "values that are drawn",
                        count == 0 ? "one value, where there is no group"
                                   : std::to_string(count) + ", one for each member");
        }
    }
}

/**
 * @brief Get the mean of estimates of the same deployment.
 * @param parts the estimates, and how many members each is of
 * @return the mean of all members
 */
portend::Estimate
GetMean(const std::vector<std::pair<portend::Estimate, uint32_t>>& parts)
{
    auto mean = parts.front().first;
    double members = 0;
    for (const auto& [estimate, count] : parts)
    {
        members += count;
    }
    const auto average = [&](auto get, auto& into) {
        into = {};
        for (const auto& [estimate, count] : parts)
        {
            into.Add(get(estimate), count / members);
        }
    };
    if (parts.size() > 1)
    {
        average([](const auto& e) { return e.components; }, mean.components);
        average([](const auto& e) { return e.energy; }, mean.energy);
        for (std::size_t k = 0; k < mean.exitClass.size(); ++k)
        {
            average([k](const auto& e) { return e.exitClass[k]; }, mean.exitClass[k]);
        }
        mean.waits.clear(); // of single places, which differ
    }
    return mean;
}

} // namespace

PortendWorldSetup::PortendWorldSetup(const PortendWorld& world)
    : PortendWorldSetup(world, *std::make_unique<PortendProfileCache>())
{
}

PortendWorldSetup::PortendWorldSetup(const PortendWorld& world, PortendProfileCache& profiles)
    : m_origin(world.GetFile())
{
    try
    {
        std::vector<PortendScenario::Link> asked;
        for (const auto& link : world.links)
        {
            asked.insert(asked.end(), {link.up, link.down});
        }
        ReadTransport(world.options, asked);
        graph = std::make_shared<portend::Network>(packets);
        AddNodes(world);
        AddLinks(world);
        NoteChanges();
        for (std::size_t i = 0; i < world.background.size(); ++i)
        {
            AddBackground(world.background[i], "/background/" + std::to_string(i));
        }
    }
    catch (const InputError& error)
    {
        throw InputError(world.options.GetOrigin(error.GetWhere()), error.what());
    }
    for (std::size_t i = 0; i < world.streams.size(); ++i)
    {
        AddStream(world, i, profiles);
    }
    try
    {
        RequirePowers([this](uint32_t node) {
            const auto found =
                std::find_if(m_groups.begin(), m_groups.end(), [&](const auto& each) {
                    return node < each.second.first + each.second.count;
                });
            return "/nodes/" + std::to_string(found->second.entry);
        });
        for (const auto& stream : streams)
        {
            if (queueBytes > 0)
            {
                RequireQueues(world.options.queue, stream.GetEstimate().messageBytes);
            }
        }
    }
    catch (const InputError& error)
    {
        throw InputError(world.options.GetOrigin(error.GetWhere()), error.what());
    }
    if (PortendIsBounded(*graph))
    {
        std::vector<const PortendStreamSetup*> fixed;
        for (const auto& stream : streams)
        {
            if (!stream.makeController)
            {
                fixed.push_back(&stream);
            }
        }
        const auto staying = PortendFindBlocks(fixed, *graph);
        for (auto& stream : streams)
        {
            if (stream.makeController)
            {
                stream.staying = staying;
            }
        }
    }
    // One that is alone ends when nothing is left to happen, as a chain does.
    for (auto& stream : streams)
    {
        stream.hasEnergy = HasEnergy();
        stream.goesOn = stream.goesOn && !stream.isClosed && !stream.isTrace &&
                        (streams.size() > 1 || stream.CountMembers() > 1);
    }
}

void
PortendWorldSetup::AddNodes(const PortendWorld& world)
{
    for (std::size_t i = 0; i < world.nodes.size(); ++i)
    {
        const auto& node = world.nodes[i];
        const auto where = "/nodes/" + std::to_string(i);
        const auto& name = node.machine.name;
        const auto count = std::max<uint32_t>(node.count, 1);
        Group group;
        group.first = nodes.size();
        group.count = count;
        group.isMany = node.count > 0;
        group.entry = i;
        m_groups.emplace_back(name, group);
        auto machine = PortendParseNode(node.machine, where);
        machine.Validate(where);
        RequireMembers(node.spreads, node.count, where);
        const auto queue = PortendParseQueue(node.machine, *this, where);
        const auto makeFailures =
            node.machine.failures.empty()
                ? std::function<Ptr<PortendFailures>()>()
                : PortendChooseFailures(node.machine.failures, where + "/failures");
        for (uint32_t member = 0; member < count; ++member)
        {
            if (!node.spreads.empty())
            {
                machine = PortendParseNode(node.GetMember(member, seed, where), where);
                machine.Validate(where);
            }
            machine.name = node.count > 0 ? GetMemberName(name, member) : name;
            if (makeFailures)
            {
                failures[nodes.size()] = makeFailures;
            }
            ReadSupply(nodes.size(), node.machine, machine.power, where);
            graph->AddNode(machine);
            const auto getOrigin = [&](bool isGiven, const std::string& key) {
                return isGiven ? world.options.GetOrigin(where + key) : "";
            };
            nodes.push_back({machine.name,
                             node.machine.device,
                             queue,
                             getOrigin(machine.memoryBytes > 0, "/memory"),
                             getOrigin(machine.loadBps > 0, "/load_bandwidth")});
        }
    }
    if (nodes.empty())
    {
        throw InputError("/nodes", "found none; allowed: at least one node");
    }
}

PortendWorldSetup::Group
PortendWorldSetup::Find(const std::string& name, const std::string& where) const
{
    std::vector<std::string> known;
    for (const auto& [own, group] : m_groups)
    {
        if (own == name)
        {
            return group;
        }
        known.push_back(own);
        const auto size = own.size();
        uint32_t index = 0;
        if (group.isMany && name.size() > size + 2 && name.compare(0, size, own) == 0 &&
            name[size] == '[' && name.back() == ']' &&
            PortendParseNumber(name.substr(size + 1, name.size() - size - 2), index))
        {
            if (index >= group.count)
            {
                PortendFail(where,
                            name,
                            GetMemberName(own, 0) + " .. " + GetMemberName(own, group.count - 1));
            }
            return {group.first + index, 1, false, group.entry};
        }
    }
    std::string list;
    for (const auto& own : known)
    {
        list += (list.empty() ? "" : ", ") + own;
    }
    throw InputError(where,
                     "unknown node " + portend::Quote(name) + PortendSuggest(name, known) +
                         "; allowed: " + list);
}

void
PortendWorldSetup::AddLinks(const PortendWorld& world)
{
    PortendLinkTraces traces;
    for (std::size_t i = 0; i < world.links.size(); ++i)
    {
        const auto& link = world.links[i];
        const auto where = "/links/" + std::to_string(i);
        std::array<Group, 2> ends;
        for (std::size_t end = 0; end < ends.size(); ++end)
        {
            ends[end] = Find(link.between[end], where + "/between/" + std::to_string(end));
        }
        if (ends[0].first == ends[1].first)
        {
            PortendFail(where + "/between/1", link.between[1], "another node than the first");
        }
        const auto mtu = link.up.mtuBytes;
        std::array<PortendNetworkHelper::Direction, 2> ways;
        std::array<portend::Link, 2> described;
        const auto describe = [&](const std::array<PortendScenario::Link, 2>& both) {
            ways = PortendParseLink(both, traces, where);
            for (std::size_t way = 0; way < ways.size(); ++way)
            {
                described[way] = PortendDescribe(ways[way], mtu);
                described[way].Validate(packets, where);
            }
        };
        describe({link.up, link.down});
        // Member i of the larger group joins its share of the smaller one.
        const auto count = std::max(ends[0].count, ends[1].count);
        const bool isOne = !ends[0].isMany && !ends[1].isMany;
        const bool areAlike = link.spreads[0].empty() && link.spreads[1].empty();
        for (const auto& spreads : link.spreads)
        {
            RequireMembers(spreads, isOne ? 0 : count, where);
        }
        for (uint32_t member = 0; member < count; ++member)
        {
            if (!areAlike)
            {
                describe(link.GetMember(member, seed, where));
            }
            const auto get = [&](const Group& group) {
                return group.first + static_cast<uint32_t>(uint64_t{member} * group.count / count);
            };
            const auto from = get(ends[0]);
            const auto to = get(ends[1]);
            const auto name = isOne            ? link.name
                              : link.IsNamed() ? GetMemberName(link.name, member)
                                               : nodes[from].name + "-" + nodes[to].name;
            graph->AddLink(from, to, described[0], name + " up");
            graph->AddLink(to, from, described[1], name + " down");
            links.push_back({from, to, ways[0], ways[1], static_cast<uint16_t>(mtu), name, where});
        }
        if (links.size() > MAX_LINKS)
        {
            throw InputError(where,
                             "makes " + std::to_string(links.size()) + " links; allowed: " +
                                 std::to_string(MAX_LINKS) + ", which have addresses");
        }
    }
}

void
PortendWorldSetup::AddBackground(const PortendWorld::Background& asked, const std::string& where)
{
    const auto from = Find(asked.from, where + "/from");
    const auto to = Find(asked.to, where + "/to");
    if (from.entry == to.entry && from.count + to.count > 2)
    {
        PortendFail(where + "/to", asked.to, "nodes of another name than those that send");
    }
    const auto makeTraffic = PortendChooseTraffic(asked.traffic, where + "/traffic");
    for (uint32_t member = 0; member < from.count; ++member)
    {
        const auto node = from.first + member;
        const auto nearest = FindNearest(node, to);
        if (nearest == node)
        {
            PortendFail(where + "/to", asked.to, "another node than the one that sends");
        }
        const auto path = graph->FindPath(node, nearest);
        if (path.size() > PortendNetworkHelper::MAX_HOPS)
        {
            PortendFail(where + "/to",
                        asked.to,
                        "a node at most " + std::to_string(PortendNetworkHelper::MAX_HOPS) +
                            " links away, the largest time to live of a packet; found " +
                            std::to_string(path.size()));
        }
        uint32_t most = UINT16_MAX;
        for (const auto link : path)
        {
            most = std::min(most, GetMtu(link / 2)); // both ways follow each other
        }
        if (asked.packetBytes <= PortendBackground::HEADER_BYTES || asked.packetBytes > most)
        {
            PortendFail(where + "/packet_bytes",
                        std::to_string(asked.packetBytes),
                        "from " + std::to_string(PortendBackground::HEADER_BYTES + 1) + " to " +
                            std::to_string(most) + ", what all links of the path take");
        }
        background.push_back({asked.name, member, node, nearest, asked.packetBytes, makeTraffic});
    }
}

uint32_t
PortendWorldSetup::FindNearest(uint32_t from, const Group& group) const
{
    uint32_t nearest = group.first;
    std::pair<std::size_t, double> least{SIZE_MAX, 0};
    for (uint32_t node = group.first; node < group.first + group.count; ++node)
    {
        std::pair<std::size_t, double> distance{0, 0};
        try
        {
            const auto path = graph->FindPath(from, node);
            distance.first = path.size();
            for (const auto& link : graph->GetLinks(path))
            {
                distance.second += link.delayMs;
            }
        }
        catch (const InputError&)
        {
            if (group.count == 1)
            {
                throw; // names what is not joined
            }
            continue;
        }
        if (distance < least)
        {
            least = distance;
            nearest = node;
        }
    }
    if (least.first == SIZE_MAX)
    {
        graph->FindPath(from, nearest); // names what is not joined
    }
    return nearest;
}

void
PortendWorldSetup::AddStream(const PortendWorld& world,
                             std::size_t index,
                             PortendProfileCache& profiles)
{
    const auto& asked = world.streams[index];
    const auto where = "/streams/" + std::to_string(index);
    PortendStreamSetup setup;
    try
    {
        setup.random = asked.random;
        setup.goesOn = asked.goesOn;
        setup.ReadModel(asked.options, profiles);
        setup.stream.network = graph;
        setup.stream.name = asked.name;
        std::vector<Group> tiers;
        for (std::size_t j = 0; j < asked.tiers.size(); ++j)
        {
            const auto place = where + "/tiers/" + std::to_string(j);
            const auto tier = Find(asked.tiers[j], place);
            const auto& node = world.nodes[tier.entry].machine;
            if (node.device.empty())
            {
                PortendFail(place,
                            asked.tiers[j],
                            "a node with a device, /nodes/" + std::to_string(tier.entry) +
                                "/device");
            }
            for (const auto& before : tiers)
            {
                if (before.first == tier.first ||
                    (before.entry == tier.entry && before.count + tier.count > 2))
                {
                    PortendFail(place, asked.tiers[j], "every node once");
                }
            }
            tiers.push_back(tier);
            const auto device = PortendGetDevice(profiles,
                                                 asked.options.profile,
                                                 node.device,
                                                 "/nodes/" + std::to_string(tier.entry));
            setup.stream.tiers.push_back({tier.first, device});
            setup.queues.push_back(nodes[tier.first].queue);
        }
        if (asked.options.source >= tiers.size())
        {
            PortendFail("/source",
                        std::to_string(asked.options.source),
                        "a tier, 0 .. " + std::to_string(tiers.size() - 1));
        }
        const auto& source = tiers[asked.options.source];
        for (uint32_t member = 0; member < source.count; ++member)
        {
            const auto from = source.first + member;
            std::vector<uint32_t> placed;
            for (const auto& tier : tiers)
            {
                placed.push_back(tier.entry == source.entry ? from : FindNearest(from, tier));
            }
            setup.members.push_back(placed);
        }
        for (std::size_t j = 0; j < tiers.size(); ++j)
        {
            setup.stream.tiers[j].node = setup.members.front()[j];
        }
        for (const auto& placed : setup.members)
        {
            for (std::size_t j = 0; j < tiers.size(); ++j)
            {
                const auto& node = world.nodes[tiers[j].entry].machine;
                NotePower(placed[j],
                          node,
                          setup.stream.tiers[j].device->power,
                          "/nodes/" + std::to_string(tiers[j].entry));
            }
        }
        setup.ReadRequests(asked.options);
        bool meets = false;
        for (const auto& placed : setup.members)
        {
            NoteFailures(setup, placed);
            meets = meets || setup.meetsFailures;
        }
        setup.meetsFailures = meets;
        setup.ReadController(asked.options);
        const bool isPeriodic = !!DynamicCast<PortendPeriodicArrivals>(setup.makeArrivals());
        if (setup.CountMembers() > 1 && isPeriodic && asked.options.phase.empty())
        {
            setup.SetPhase("drawn"); // lest they are in step
        }
        setup.GetEstimate(); // refuses what rules do not know, or what lacks timings
        setup.RequireShort();
        setup.RequireReach(); // and that paths join the tiers of all members
    }
    catch (const InputError& error)
    {
        const auto& place = error.GetWhere();
        const bool isOwn =
            place.compare(0, 8, "/streams") != 0 && place.compare(0, 6, "/nodes") != 0;
        throw InputError(place.empty() ? world.options.GetOrigin(where)
                         : isOwn       ? world.GetOrigin(index, place)
                                       : world.options.GetOrigin(place),
                         error.what());
    }
    streams.push_back(std::move(setup));
}

void
PortendWorldSetup::NotePower(uint32_t node,
                             const PortendScenario::Tier& asked,
                             const portend::Power& profiled,
                             const std::string& where)
{
    if (!asked.power.empty() || !profiled.IsKnown())
    {
        return;
    }
    const auto& known = graph->GetNodes()[node].power;
    const auto tell = [](const portend::Power& power) {
        return std::tie(power.idleW, power.computingW, power.serializingW);
    };
    if (known.IsKnown() && tell(known) != tell(profiled))
    {
        throw InputError(where + "/power",
                         "the profiles of its streams tell different powers of " + asked.device +
                             "; allowed: one of its own, or the same of all");
    }
    graph->SetPower(node, profiled);
    supplies[node].power = profiled; // its battery stays
}

std::unordered_map<uint32_t, PortendWorldSetup::Meeting>
PortendWorldSetup::FindMeetings() const
{
    std::unordered_map<uint32_t, Meeting> meetings;
    std::set<uint32_t> shared; // nodes where others compute, or pass
    for (std::size_t i = 0; i < streams.size(); ++i)
    {
        for (std::size_t member = 0; member < streams[i].CountMembers(); ++member)
        {
            const auto stream = streams[i].GetMember(member);
            const auto source = stream.tiers[stream.source].node;
            const auto& machine = graph->GetNodes()[source];
            auto& meeting = meetings[source];
            meeting.insert(meeting.end(),
                           {static_cast<double>(i),
                            machine.computeFactor,
                            machine.serializationFactor,
                            machine.overheadMs,
                            static_cast<double>(machine.servers),
                            std::isnan(machine.batchFixedShare) ? -1 : machine.batchFixedShare,
                            machine.power.idleW,
                            machine.power.computingW,
                            machine.power.serializingW});
            for (const auto& tier : stream.tiers)
            {
                if (tier.node != source)
                {
                    meeting.push_back(tier.node);
                    shared.insert(tier.node);
                }
            }
            const auto follow = [&](uint32_t from, uint32_t to) {
                for (const auto number : stream.GetPath(from, to))
                {
                    const auto& arc = graph->GetLinks()[number];
                    if (arc.from == source || arc.to == source)
                    {
                        const auto& link = arc.link;
                        meeting.insert(meeting.end(),
                                       {link.bandwidthBps,
                                        link.delayMs,
                                        static_cast<double>(link.mtuBytes),
                                        link.energy.sending.perBitJ,
                                        link.energy.sending.powerW,
                                        link.energy.receiving.perBitJ,
                                        link.energy.receiving.powerW});
                    }
                    else
                    {
                        meeting.push_back(number);
                        shared.insert({arc.from, arc.to});
                    }
                }
            };
            auto from = stream.source;
            for (const auto& partition : streams[i].deployment.partitions)
            {
                follow(from, partition.tier);
                follow(partition.tier, stream.destination);
                from = partition.tier;
            }
        }
    }
    for (auto& [node, meeting] : meetings)
    {
        if (shared.count(node) > 0)
        {
            meeting.push_back(node); // like no other
        }
    }
    return meetings;
}

PortendWorldSetup::Loads
PortendWorldSetup::GetLoads() const
{
    Loads found;
    const auto meetings = FindMeetings();
    for (std::size_t i = 0; i < streams.size(); ++i)
    {
        const auto& stream = streams[i];
        std::map<Meeting, std::size_t> alike;
        for (std::size_t member = 0; member < stream.CountMembers(); ++member)
        {
            const auto source = stream.members[member][stream.stream.source];
            const auto [known, isNew] = alike.try_emplace(meetings.at(source), found.loads.size());
            if (isNew)
            {
                const auto& own = found.members.emplace_back(stream.GetMember(member));
                found.loads.push_back({&own, &stream.model, stream.deployment, 1});
                found.streams.push_back(i);
            }
            else
            {
                ++found.loads[known->second].count;
            }
        }
    }
    return found;
}

std::vector<portend::Estimate>
PortendWorldSetup::GetEstimates() const
{
    std::vector<portend::Estimate> estimates;
    for (std::size_t i = 0; i < streams.size(); ++i)
    {
        estimates.push_back(GetEstimate(i, streams[i].deployment, streams[i].rules));
    }
    return estimates;
}

portend::Estimate
PortendWorldSetup::GetEstimate(std::size_t stream,
                               const portend::Deployment& deployment,
                               const portend::EstimatorRules& rules) const
{
    auto found = GetLoads();
    for (std::size_t load = 0; load < found.loads.size(); ++load)
    {
        if (found.streams[load] == stream)
        {
            found.loads[load].deployment = deployment;
        }
    }
    const auto all = portend::EstimateStreams(found.loads, rules);
    std::vector<std::pair<portend::Estimate, uint32_t>> parts;
    for (std::size_t load = 0; load < all.size(); ++load)
    {
        if (found.streams[load] == stream)
        {
            parts.emplace_back(all[load], found.loads[load].count);
        }
    }
    return GetMean(parts);
}

std::vector<portend::MemoryRoom>
PortendWorldSetup::GetRooms(std::size_t stream) const
{
    std::vector<portend::MemoryRoom> rooms;
    if (!PortendIsBounded(*graph))
    {
        return rooms;
    }
    std::vector<const PortendStreamSetup*> others;
    for (std::size_t i = 0; i < streams.size(); ++i)
    {
        if (i != stream)
        {
            others.push_back(&streams[i]);
        }
    }
    const auto blocks = PortendFindBlocks(others, *graph);
    for (std::size_t member = 0; member < streams[stream].CountMembers(); ++member)
    {
        for (const auto& room : streams[stream].GetRooms(member, blocks))
        {
            if (std::find(rooms.begin(), rooms.end(), room) == rooms.end())
            {
                rooms.push_back(room);
            }
        }
    }
    return rooms;
}

void
PortendWorldSetup::RequireMemory() const
{
    std::vector<const PortendStreamSetup*> all;
    for (const auto& stream : streams)
    {
        all.push_back(&stream);
    }
    PortendRequireMemory(
        all,
        *graph,
        [this](uint32_t node) { return nodes[node].name; },
        [this](uint32_t node) { return nodes[node].memoryOrigin; });
}

portend::QueueingNetwork
PortendWorldSetup::GetNetwork() const
{
    const auto found = GetLoads();
    return portend::QueueingNetwork(found.loads, streams.front().GetRules("queueing"));
}

void
PortendWorldSetup::RequireBounded() const
{
    RequireNoCircle();
    const auto message = FindUnbounded();
    if (!message.empty())
    {
        throw InputError(m_origin, message);
    }
}

std::string
PortendWorldSetup::FindUnbounded() const
{
    const auto isBounded = [](const Node& node) { return node.queue.IsBounded(); };
    if (!maxTime.IsZero() || std::any_of(nodes.begin(), nodes.end(), isBounded) || queueBytes > 0)
    {
        return "";
    }
    const auto found = GetLoads();
    const portend::QueueingNetwork network(found.loads, streams.front().GetRules("queueing"));
    std::map<std::string, double> others; // share of time that their traffic takes of a link
    for (const auto& each : background)
    {
        for (const auto number : graph->FindPath(each.from, each.to))
        {
            const auto& arc = graph->GetLinks()[number];
            const double share = each.makeTraffic()->GetMeanBps() / arc.link.bandwidthBps *
                                 (each.packetBytes + PortendPath::FRAMING_BYTES) / each.packetBytes;
            others[arc.name] += share;
            if (others[arc.name] >= 1)
            {
                std::ostringstream message;
                message << "background traffic takes " << others[arc.name] << " s each second of "
                        << arc.name << "; allowed: below 1, or --max-time";
                return message.str();
            }
        }
    }
    for (const auto& station : network.GetStations())
    {
        bool endless = false; // a trace ends, and closed arrivals wait
        const auto other = others.find(station.name);
        const double background = other == others.end() ? 0 : other->second;
        std::string who;
        for (const auto& share : station.shares)
        {
            const auto& stream = streams[found.streams[share.load]];
            endless = endless || (!stream.isTrace && share.GetRatePerS() > 0);
            std::ostringstream part;
            part << (who.empty() ? "" : ", ") << stream.stream.name << " "
                 << station.GetUtilization(share);
            who += part.str();
        }
        if (!endless || station.GetUtilization() + background < 1)
        {
            continue;
        }
        std::ostringstream message;
        if (background > 0)
        {
            who += ", background " + portend::ToText(background);
        }
        message << station.name << " has work for " << station.GetUtilization() + background
                << " s each second (" << who
                << "); allowed: below 1, or a bounded queue (queue_limit, queue_policy of a node), "
                   "or --max-time";
        return message.str();
    }
    return "";
}

void
PortendWorldSetup::RequireNoCircle() const
{
    // Who keeps a server while waiting for whose place.
    std::map<uint32_t, std::set<uint32_t>> waits;
    for (const auto& stream : streams)
    {
        for (std::size_t member = 0; member < stream.CountMembers(); ++member)
        {
            const auto own = stream.GetMember(member);
            const auto& partitions = stream.deployment.partitions;
            for (std::size_t k = 1; k < partitions.size(); ++k)
            {
                const auto from = own.tiers[partitions[k - 1].tier].node;
                const auto to = own.tiers[partitions[k].tier].node;
                if (from != to && nodes[to].queue.policy == PortendWorker::BLOCK)
                {
                    waits[from].insert(to);
                }
            }
        }
    }
    std::vector<uint32_t> path;
    std::set<uint32_t> done;
    const std::function<void(uint32_t)> follow = [&](uint32_t node) {
        const auto seen = std::find(path.begin(), path.end(), node);
        if (seen != path.end())
        {
            std::string circle;
            for (auto it = seen; it != path.end(); ++it)
            {
                circle += nodes[*it].name + " waits for ";
            }
            throw InputError(m_origin,
                             circle + nodes[node].name +
                                 ", all of which block; allowed: another queue_policy on one of "
                                 "them");
        }
        if (!done.insert(node).second)
        {
            return;
        }
        path.push_back(node);
        for (const auto next : waits[node])
        {
            follow(next);
        }
        path.pop_back();
    };
    std::vector<uint32_t> begins;
    for (const auto& [node, others] : waits)
    {
        begins.push_back(node);
    }
    for (const auto node : begins)
    {
        follow(node);
    }
}

} // namespace ns3
