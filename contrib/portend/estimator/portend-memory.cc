/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-memory.h"

#include <algorithm>
#include <limits>

namespace portend
{

void
BlockSet::Add(const ModelProfile& model, uint32_t first, uint32_t last)
{
    auto& blocks = m_blocks[model.GetKey()];
    blocks.resize(std::max<std::size_t>(blocks.size(), last));
    for (auto i = first - 1; i < last; ++i)
    {
        if (!blocks[i])
        {
            blocks[i] = true;
            m_parameterBytes += model.parameterBytes[i];
            m_activationBytes = std::max(m_activationBytes, model.activationBytes[i]);
        }
    }
}

uint64_t
BlockSet::GetParameterBytes() const
{
    return m_parameterBytes;
}

uint64_t
BlockSet::GetActivationBytes() const
{
    return m_activationBytes;
}

uint64_t
BlockSet::GetNeed(uint64_t tensors) const
{
    // Numbers of servers and of batches may be any: what is beyond all memory is too much.
    const auto most = std::numeric_limits<uint64_t>::max() - m_parameterBytes;
    const bool isTooMuch = m_activationBytes > 0 && tensors > most / m_activationBytes;
    return m_parameterBytes + (isTooMuch ? most : tensors * m_activationBytes);
}

uint64_t
BlockSet::GetMissingBytes(const ModelProfile& model, uint32_t first, uint32_t last) const
{
    const auto known = m_blocks.find(model.GetKey());
    uint64_t bytes = 0;
    for (auto i = first - 1; i < last; ++i)
    {
        const bool isThere =
            known != m_blocks.end() && i < known->second.size() && known->second[i];
        bytes += isThere ? 0 : model.parameterBytes[i];
    }
    return bytes;
}

bool
BlockSet::operator==(const BlockSet& other) const
{
    return m_blocks == other.m_blocks;
}

uint64_t
GetTensorsAtOnce(const Node& node)
{
    return uint64_t{node.servers} * node.batching.max;
}

uint32_t
MemoryRoom::FindLast(const ModelProfile& model, uint32_t first) const
{
    auto blocks = others;
    for (auto last = first; last <= model.blocks; ++last)
    {
        blocks.Add(model, last, last);
        if (blocks.GetNeed(tensors) > bytes)
        {
            return last - 1;
        }
    }
    return model.blocks;
}

bool
MemoryRoom::operator==(const MemoryRoom& other) const
{
    return tier == other.tier && bytes == other.bytes && tensors == other.tensors &&
           others == other.others;
}

std::vector<MemoryRoom>
GetRooms(const Stream& stream)
{
    std::vector<MemoryRoom> rooms;
    for (uint32_t tier = 0; tier < stream.tiers.size(); ++tier)
    {
        const auto& node = stream.GetNode(tier);
        if (node.memoryBytes > 0)
        {
            rooms.push_back({tier, node.memoryBytes, GetTensorsAtOnce(node)});
        }
    }
    return rooms;
}

const MemoryRoom*
FindTooSmall(const ModelProfile& model,
             const Deployment& deployment,
             const std::vector<MemoryRoom>& rooms)
{
    for (const auto& room : rooms)
    {
        auto blocks = room.others;
        bool runs = false;
        for (const auto& partition : deployment.partitions)
        {
            if (partition.tier == room.tier)
            {
                blocks.Add(model, partition.first, partition.last);
                runs = true;
            }
        }
        if (runs && blocks.GetNeed(room.tensors) > room.bytes)
        {
            return &room;
        }
    }
    return nullptr;
}

} // namespace portend
