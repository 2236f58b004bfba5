/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-memory-check.h"

#include <algorithm>

namespace ns3
{

namespace
{

/// Most blocks whose bytes a message tells.
constexpr std::size_t MOST_NAMED = 10;

/**
 * @brief Go through the visits of nodes whose memory is bounded.
 * @tparam F called with a node, a stream and the blocks of a partition
 * @param streams the streams, of all their members
 * @param network the nodes
 * @param visit called for each partition of each member
 */
template <typename F>
void
ForEachPartition(const std::vector<const PortendStreamSetup*>& streams,
                 const portend::Network& network,
                 F visit)
{
    for (const auto* stream : streams)
    {
        for (std::size_t member = 0; member < stream->CountMembers(); ++member)
        {
            for (const auto& partition : stream->deployment.partitions)
            {
                const auto node = stream->members.empty()
                                      ? stream->stream.tiers[partition.tier].node
                                      : stream->members[member][partition.tier];
                if (network.GetNodes()[node].memoryBytes > 0)
                {
                    visit(node, *stream, partition);
                }
            }
        }
    }
}

/**
 * @brief Name blocks that follow each other.
 * @param first the first
 * @param last the last
 * @return such as `blocks 20-25`
 */
std::string
NameBlocks(uint32_t first, uint32_t last)
{
    return first == last ? "block " + std::to_string(first)
                         : "blocks " + std::to_string(first) + "-" + std::to_string(last);
}

} // namespace

bool
PortendIsBounded(const portend::Network& network)
{
    const auto& nodes = network.GetNodes();
    return std::any_of(nodes.begin(), nodes.end(), [](const auto& node) {
        return node.memoryBytes > 0;
    });
}

std::map<uint32_t, portend::BlockSet>
PortendFindBlocks(const std::vector<const PortendStreamSetup*>& streams,
                  const portend::Network& network)
{
    std::map<uint32_t, portend::BlockSet> found;
    ForEachPartition(streams,
                     network,
                     [&found](uint32_t node, const auto& stream, const auto& partition) {
                         stream.model.RequireMemory();
                         found[node].Add(stream.model, partition.first, partition.last);
                     });
    return found;
}

void
PortendRequireMemory(const std::vector<const PortendStreamSetup*>& streams,
                     const portend::Network& network,
                     const std::function<std::string(uint32_t node)>& getName,
                     const std::function<std::string(uint32_t node)>& getOrigin)
{
    for (const auto& [node, blocks] : PortendFindBlocks(streams, network))
    {
        const auto& machine = network.GetNodes()[node];
        const auto tensors = portend::GetTensorsAtOnce(machine);
        const auto need = blocks.GetNeed(tensors);
        if (need <= machine.memoryBytes)
        {
            continue;
        }
        // What comes first has its place; what is behind it has none left.
        portend::BlockSet there;
        std::string list;
        ForEachPartition(streams,
                         network,
                         [&, at = node](uint32_t other, const auto& stream, const auto& partition) {
                             if (other != at)
                             {
                                 return;
                             }
                             const auto& model = stream.model;
                             uint32_t first = 0;
                             uint32_t last = 0;
                             std::string bytes;
                             for (auto block = partition.first; block <= partition.last; ++block)
                             {
                                 if (there.GetMissingBytes(model, block, block) == 0 &&
                                     there.GetActivationBytes() >= model.activationBytes[block - 1])
                                 {
                                     continue; // takes nothing, or is there
                                 }
                                 auto more = there;
                                 more.Add(model, block, block);
                                 const bool fits =
                                     first == 0 && more.GetNeed(tensors) <= machine.memoryBytes;
                                 there = more;
                                 if (fits)
                                 {
                                     continue;
                                 }
                                 first = first == 0 ? block : first;
                                 last = block;
                                 if (block - first < MOST_NAMED)
                                 {
                                     bytes += (bytes.empty() ? "" : ", ") +
                                              std::to_string(model.parameterBytes[block - 1]);
                                 }
                             }
                             if (first > 0)
                             {
                                 list += (list.empty() ? "" : "; ") + NameBlocks(first, last) +
                                         " of " + model.name + " (" + bytes +
                                         (last - first < MOST_NAMED ? "" : ", ...") + " B)";
                             }
                         });
        throw portend::InputError(
            getOrigin(node),
            "found " + std::to_string(machine.memoryBytes) + " B of memory of " + getName(node) +
                ", whose blocks need " + std::to_string(need) + " B: parameters " +
                std::to_string(blocks.GetParameterBytes()) + " B, activations of " +
                std::to_string(tensors) + (tensors == 1 ? " tensor " : " tensors ") +
                std::to_string(blocks.GetActivationBytes()) + " B" + (tensors == 1 ? "" : " each") +
                "; no room is left for " + list + "; allowed: at least " + std::to_string(need) +
                "B, or fewer blocks there");
    }
}

} // namespace ns3
