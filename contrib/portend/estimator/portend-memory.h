/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_MEMORY_H
#define PORTEND_MEMORY_H

#include "portend-deployment.h"
#include "portend-network.h"
#include "portend-profile.h"
#include "portend-stream.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

/**
 * @file
 * @ingroup portend
 * What blocks of models take of the memory of nodes.
 */

namespace portend
{

/**
 * @ingroup portend
 * @brief Blocks of models that are in memory together.
 *
 * Their parameters are there once for each model (ModelProfile::GetKey()), however many streams and
 * partitions use them. Each tensor that is computed takes the activations of a block besides, and
 * as it may be any of them, the most that one takes.
 */
class BlockSet
{
  public:
    /**
     * @brief Add blocks. Those that are there stay.
     * @param model whose blocks they are; its bytes are known
     * @param first the first of them, 1 .. N
     * @param last the last, first .. N
     */
    void Add(const ModelProfile& model, uint32_t first, uint32_t last);

    /// @return bytes of the parameters of all blocks
    uint64_t GetParameterBytes() const;

    /// @return most bytes that a block takes while it computes one tensor
    uint64_t GetActivationBytes() const;

    /**
     * @brief Get what they need of memory.
     * @param tensors most tensors that are computed at once
     * @return bytes
     */
    uint64_t GetNeed(uint64_t tensors) const;

    /**
     * @brief Count what is missing of blocks.
     * @param model whose blocks they are; its bytes are known
     * @param first the first of them
     * @param last the last
     * @return bytes of the parameters of those that are not there
     */
    uint64_t GetMissingBytes(const ModelProfile& model, uint32_t first, uint32_t last) const;

    /**
     * @brief Compare with others.
     * @param other others
     * @return whether they are the same
     */
    bool operator==(const BlockSet& other) const;

  private:
    std::map<std::string, std::vector<bool>> m_blocks; //!< by model; whether block i + 1 is there
    uint64_t m_parameterBytes{0};                      //!< of all
    uint64_t m_activationBytes{0};                     //!< most of one
};

/**
 * @ingroup portend
 * @brief Get how many tensors a node computes at once.
 * @param node the node
 * @return its servers times the tensors of a batch
 */
uint64_t GetTensorsAtOnce(const Node& node);

/**
 * @ingroup portend
 * @brief The memory of a tier's node: what a stream may have of it.
 */
struct MemoryRoom
{
    uint32_t tier{0};    //!< the tier
    uint64_t bytes{0};   //!< of the node
    uint64_t tensors{1}; //!< that it computes at once
    BlockSet others{};   //!< blocks that are there besides

    /**
     * @brief Find how many blocks fit.
     * @param model whose blocks they are; its bytes are known
     * @param first the first of them, 1 .. N
     * @return the last block up to which they do; first - 1 if the first one does not
     */
    uint32_t FindLast(const ModelProfile& model, uint32_t first) const;

    /**
     * @brief Compare with another.
     * @param other another
     * @return whether it is the same
     */
    bool operator==(const MemoryRoom& other) const;
};

/**
 * @ingroup portend
 * @brief Get the memory of a stream's tiers, as if no other stream were there.
 * @param stream the stream
 * @return that of the nodes where it is bounded
 */
std::vector<MemoryRoom> GetRooms(const Stream& stream);

/**
 * @ingroup portend
 * @brief Find the first room that a deployment does not fit into.
 *
 * Consecutive partitions on a tier need their blocks together.
 *
 * @param model the model; its bytes are known if there are rooms
 * @param deployment what runs where
 * @param rooms of the tiers, any number of each; a tier without has room for anything
 * @return the room; null if it fits into all
 */
const MemoryRoom* FindTooSmall(const ModelProfile& model,
                               const Deployment& deployment,
                               const std::vector<MemoryRoom>& rooms);

} // namespace portend

#endif // PORTEND_MEMORY_H
