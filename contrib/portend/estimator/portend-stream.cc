/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-stream.h"

#include <cmath>
#include <map>
#include <set>

namespace portend
{

namespace
{

/**
 * @brief Require that there are tiers.
 * @param count number of tiers
 * @throw InputError if there are none
 */
void
RequireTiers(std::size_t count)
{
    if (count == 0)
    {
        throw InputError("/tiers", "no tier; allowed: at least one");
    }
}

} // namespace

void
Stream::Validate(uint32_t blocks) const
{
    RequireTiers(tiers.size());
    for (std::size_t j = 0; j < tiers.size(); ++j)
    {
        const auto pointer = "/tiers/" + std::to_string(j);
        const auto& [node, device] = tiers[j];
        if (!network || node >= network->GetNodes().size())
        {
            throw InputError(pointer, "node " + std::to_string(node) + " is not in the network");
        }
        if (!device)
        {
            throw InputError(pointer, "no device profile");
        }
        if (device->blocks != blocks)
        {
            throw InputError(pointer + "/device",
                             "device " + device->name + " is profiled for " +
                                 std::to_string(device->blocks) + " blocks, the model has " +
                                 std::to_string(blocks));
        }
    }
    const auto isValid = [](double value) { return value >= 0 && std::isfinite(value); };
    if (!isValid(arrivals.ratePerS) || !isValid(arrivals.variability))
    {
        throw InputError("/arrival", "allowed: a rate and a variability of 0 or more");
    }
    const auto requireTier = [this](uint32_t tier, const std::string& pointer) {
        if (tier >= tiers.size())
        {
            throw InputError(pointer,
                             "found tier " + std::to_string(tier) + "; allowed: 0.." +
                                 std::to_string(tiers.size() - 1));
        }
    };
    requireTier(source, "/source");
    requireTier(destination, "/destination");
}

const Node&
Stream::GetNode(uint32_t tier) const
{
    return network->GetNodes()[tiers[tier].node];
}

double
Stream::GetBatchFixedShare(uint32_t tier) const
{
    for (const double share : {GetNode(tier).batchFixedShare, tiers[tier].device->batchFixedShare})
    {
        if (!std::isnan(share))
        {
            return share;
        }
    }
    return 0;
}

Network::Path
Stream::GetPath(uint32_t from, uint32_t to) const
{
    return network->FindPath(tiers[from].node, tiers[to].node);
}

std::vector<Link>
Stream::GetLinks(uint32_t from, uint32_t to) const
{
    return network->GetLinks(GetPath(from, to));
}

Stream
Stream::Isolate(std::vector<uint32_t>& links) const
{
    std::set<uint32_t> used; // by number, as ties between paths go by it
    for (uint32_t from = 0; from < tiers.size(); ++from)
    {
        for (uint32_t to = 0; to < tiers.size(); ++to)
        {
            try
            {
                const auto path = GetPath(from, to);
                used.insert(path.begin(), path.end());
            }
            catch (const InputError&)
            {
                continue; // nothing joins them
            }
        }
    }
    links.assign(used.begin(), used.end());
    const auto own = std::make_shared<Network>(network->GetPackets());
    std::map<uint32_t, uint32_t> numbers;
    const auto number = [&](uint32_t node) {
        const auto [it, isNew] = numbers.try_emplace(node, 0);
        if (isNew)
        {
            it->second = own->AddNode(network->GetNodes()[node]);
        }
        return it->second;
    };
    auto stream = *this;
    stream.network = own;
    for (auto& tier : stream.tiers)
    {
        tier.node = number(tier.node);
    }
    for (const auto link : links)
    {
        const auto& arc = network->GetLinks()[link];
        const auto from = number(arc.from);
        own->AddLink(from, number(arc.to), arc.link, arc.name);
    }
    return stream;
}

Stream
Stream::WithBandwidths(const std::vector<double>& bandwidthsBps) const
{
    const auto own = std::make_shared<Network>(*network);
    for (uint32_t link = 0; link < bandwidthsBps.size(); ++link)
    {
        own->SetLink(link, bandwidthsBps[link], network->GetLinks()[link].link.delayMs);
    }
    auto stream = *this;
    stream.network = own;
    return stream;
}

Stream
MakeChain(const std::vector<ChainTier>& tiers,
          const std::vector<Link>& links,
          const PacketFormat& packets)
{
    RequireTiers(tiers.size());
    const auto network = std::make_shared<Network>(packets);
    Stream stream;
    stream.network = network;
    for (const auto& [device, node] : tiers)
    {
        const auto tier = std::to_string(stream.tiers.size());
        node.Validate("/tiers/" + tier);
        auto named = node;
        named.name = "tier " + tier;
        stream.tiers.push_back({network->AddNode(named), device});
    }
    if (links.size() + 1 != tiers.size())
    {
        throw InputError("/links",
                         "found " + std::to_string(links.size()) + " links for " +
                             std::to_string(tiers.size()) + " tiers; expected " +
                             std::to_string(tiers.size() - 1));
    }
    for (uint32_t j = 0; j < links.size(); ++j)
    {
        const auto name = "link " + std::to_string(j);
        links[j].Validate(packets, "/links/" + std::to_string(j));
        network->AddLink(j, j + 1, links[j], name + " up");
        network->AddLink(j + 1, j, links[j], name + " down");
    }
    return stream;
}

} // namespace portend
