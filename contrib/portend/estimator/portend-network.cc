/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-network.h"

#include "portend-profile.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace portend
{

namespace
{

/// Most nodes that a message names.
constexpr std::size_t MOST_NAMED = 5;

/**
 * @brief Tell whether a number is a time that may be asked for.
 * @param ms milliseconds
 * @return true if so; false for NaN
 */
bool
IsTime(double ms)
{
    return ms >= 0 && ms <= LONGEST_MS;
}

/**
 * @brief Get the propagation delay of a link in whole nanoseconds, which add up exactly.
 * @param link the link
 * @return nanoseconds
 */
int64_t
GetDelayNs(const Link& link)
{
    return std::llround(link.delayMs * 1e6);
}

} // namespace

void
Node::Validate(const std::string& where) const
{
    const auto requireFactor = [&](double factor, const char* key) {
        if (!(factor > 0 && factor <= HIGHEST_FACTOR))
        {
            throw InputError(where + key,
                             "found " + ToText(factor) + "; allowed: a factor above 0, up to " +
                                 ToText(HIGHEST_FACTOR));
        }
    };
    requireFactor(computeFactor, "/compute_factor");
    requireFactor(serializationFactor, "/serialization_factor");
    if (!IsTime(overheadMs))
    {
        throw InputError(where + "/overhead", "allowed: a time of 0 or more, up to 1e9 ms");
    }
    if (servers < 1)
    {
        throw InputError(where + "/servers", "found 0; allowed: at least 1");
    }
    if (batchFixedShare < 0 || batchFixedShare > 1)
    {
        throw InputError(where + "/batch_fixed_share",
                         "found " + ToText(batchFixedShare) + "; allowed: a share from 0 to 1");
    }
    if (!(loadBps >= 0 && std::isfinite(loadBps)))
    {
        throw InputError(where + "/load_bandwidth", "allowed: a bandwidth above 0 bit/s, or none");
    }
    if (batching.max < 1 || !IsTime(batching.timeoutMs))
    {
        throw InputError(
            where + "/scheduler",
            "allowed: batches of at least 1, and a timeout of 0 or more, up to 1e9 ms");
    }
}

void
Link::Validate(const PacketFormat& packets, const std::string& where) const
{
    if (!(bandwidthBps > 0 && std::isfinite(bandwidthBps)))
    {
        throw InputError(where + "/bandwidth", "allowed: a bandwidth above 0 bit/s");
    }
    if (!IsTime(delayMs))
    {
        throw InputError(where + "/delay", "allowed: a delay of 0 or more, up to 1e9 ms");
    }
    if (mtuBytes > 0)
    {
        packets.RequireMtu(mtuBytes, where + "/mtu_bytes");
    }
}

Network::Network(const PacketFormat& packets)
    : m_packets(packets)
{
    packets.RequireMtu(packets.mtuBytes, "/mtu_bytes");
}

uint32_t
Network::AddNode(const Node& node)
{
    m_index = {};
    m_nodes.push_back(node);
    return m_nodes.size() - 1;
}

uint32_t
Network::AddLink(uint32_t from, uint32_t to, const Link& link, const std::string& name)
{
    const auto where = "/links/" + std::to_string(m_links.size());
    if (from >= m_nodes.size() || to >= m_nodes.size())
    {
        throw InputError(where,
                         "found node " + std::to_string(std::max(from, to)) + "; allowed: the " +
                             std::to_string(m_nodes.size()) + " nodes from 0 on");
    }
    if (from == to)
    {
        throw InputError(where, "joins " + m_nodes[from].name + " to itself; allowed: two nodes");
    }
    m_index = {};
    m_links.push_back({from, to, link, name});
    return m_links.size() - 1;
}

void
Network::SetLink(uint32_t link, double bandwidthBps, double delayMs)
{
    m_links.at(link).link.bandwidthBps = bandwidthBps;
    m_links.at(link).link.delayMs = delayMs;
}

void
Network::SetPower(uint32_t node, const Power& power)
{
    m_nodes.at(node).power = power;
}

const PacketFormat&
Network::GetPackets() const
{
    return m_packets;
}

const std::vector<Node>&
Network::GetNodes() const
{
    return m_nodes;
}

const std::vector<Network::Arc>&
Network::GetLinks() const
{
    return m_links;
}

std::vector<Link>
Network::GetLinks(const Path& path) const
{
    std::vector<Link> links;
    links.reserve(path.size());
    for (const auto link : path)
    {
        links.push_back(m_links[link].link);
    }
    return links;
}

Network::Path
Network::FindPath(uint32_t from, uint32_t to) const
{
    Path path;
    if (from == to)
    {
        return path;
    }
    const auto& index = GetIndex();
    const auto& inner = index.inner;
    // From a leaf to its neighbor, from inner node to inner node, and from a neighbor to its leaf.
    const bool ends = inner[to] == NONE;
    const auto target = ends ? index.attachments[to].neighbor : to;
    auto at = from;
    const auto follow = [&](uint32_t link) {
        if (link == NONE)
        {
            throw InputError("/links",
                             "no path leads from " + m_nodes[from].name + " to " +
                                 m_nodes[to].name + ": no link joins " + DescribeReach(from, true) +
                                 " to " + DescribeReach(to, false));
        }
        path.push_back(link);
        at = m_links[link].to;
    };
    if (inner[from] == NONE)
    {
        follow(index.attachments[from].up);
    }
    if (at != target)
    {
        const auto& tree = GetTree(inner[target]);
        while (at != target)
        {
            follow(tree[inner[at]]);
        }
    }
    if (ends)
    {
        follow(index.attachments[to].down);
    }
    return path;
}

Network::Index&
Network::GetIndex() const
{
    if (m_index.inner.size() == m_nodes.size())
    {
        return m_index;
    }
    auto& attachments = m_index.attachments;
    auto& inner = m_index.inner;
    auto& begins = m_index.begins;
    auto& arriving = m_index.arriving;
    attachments.assign(m_nodes.size(), {});
    const auto meet = [&](uint32_t node, uint32_t other) {
        auto& neighbor = attachments[node].neighbor;
        neighbor = neighbor == NONE || neighbor == other ? other : MANY;
    };
    for (const auto& link : m_links)
    {
        meet(link.from, link.to);
        meet(link.to, link.from);
    }
    // Of two nodes that have no neighbor but each other, the second is the leaf.
    const auto isLeaf = [&](uint32_t node) {
        const auto neighbor = attachments[node].neighbor;
        return neighbor != NONE && neighbor != MANY &&
               (attachments[neighbor].neighbor == MANY || neighbor < node);
    };
    uint32_t count = 0;
    for (uint32_t node = 0; node < m_nodes.size(); ++node)
    {
        inner.push_back(isLeaf(node) ? NONE : count++);
    }
    begins.assign(count + 1, 0);
    for (uint32_t i = 0; i < m_links.size(); ++i)
    {
        const auto& link = m_links[i];
        if (inner[link.from] == NONE)
        {
            Improve(attachments[link.from].up, i);
        }
        else if (inner[link.to] == NONE)
        {
            Improve(attachments[link.to].down, i);
        }
        else
        {
            ++begins[inner[link.to] + 1];
        }
    }
    for (uint32_t node = 0; node < count; ++node)
    {
        begins[node + 1] += begins[node];
    }
    arriving.resize(begins.back());
    auto next = begins;
    for (uint32_t i = 0; i < m_links.size(); ++i)
    {
        if (inner[m_links[i].from] != NONE && inner[m_links[i].to] != NONE)
        {
            arriving[next[inner[m_links[i].to]]++] = i;
        }
    }
    return m_index;
}

void
Network::Improve(uint32_t& better, uint32_t link) const
{
    if (better == NONE || GetDelayNs(m_links[link].link) < GetDelayNs(m_links[better].link))
    {
        better = link;
    }
}

const Network::Tree&
Network::GetTree(uint32_t to) const
{
    auto& index = GetIndex();
    const auto [known, isNew] = index.trees.try_emplace(to);
    auto& tree = known->second;
    if (!isNew)
    {
        return tree;
    }
    // Breadth first, against the links: once a node is reached, those of fewer hops are final.
    const auto count = index.begins.size() - 1;
    tree.assign(count, NONE);
    std::vector<uint32_t> hops(count, NONE);
    std::vector<int64_t> delaysNs(count, 0);
    std::vector<uint32_t> reached{to};
    hops[to] = 0;
    for (std::size_t i = 0; i < reached.size(); ++i)
    {
        const auto node = reached[i];
        for (auto a = index.begins[node]; a < index.begins[node + 1]; ++a)
        {
            const auto link = index.arriving[a];
            const auto before = index.inner[m_links[link].from];
            const auto delayNs = delaysNs[node] + GetDelayNs(m_links[link].link);
            if (hops[before] == NONE)
            {
                hops[before] = hops[node] + 1;
                reached.push_back(before);
            }
            else if (std::tie(hops[before], delaysNs[before], tree[before]) <
                     std::make_tuple(hops[node] + 1, delayNs, link))
            {
                continue;
            }
            delaysNs[before] = delayNs;
            tree[before] = link;
        }
    }
    return tree;
}

std::string
Network::DescribeReach(uint32_t node, bool isForward) const
{
    std::vector<std::vector<uint32_t>> neighbors(m_nodes.size());
    for (const auto& link : m_links)
    {
        neighbors[isForward ? link.from : link.to].push_back(isForward ? link.to : link.from);
    }
    std::vector<bool> isReached(m_nodes.size(), false);
    std::vector<uint32_t> reached{node};
    isReached[node] = true;
    for (std::size_t i = 0; i < reached.size(); ++i)
    {
        for (const auto other : neighbors[reached[i]])
        {
            if (!isReached[other])
            {
                isReached[other] = true;
                reached.push_back(other);
            }
        }
    }
    std::string text;
    for (std::size_t i = 0; i < reached.size() && i < MOST_NAMED; ++i)
    {
        text += (i > 0 ? ", " : "") + m_nodes[reached[i]].name;
    }
    return reached.size() > MOST_NAMED
               ? text + " and " + std::to_string(reached.size() - MOST_NAMED) + " more"
               : text;
}

} // namespace portend
