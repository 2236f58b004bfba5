/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_MEMORY_CHECK_H
#define PORTEND_MEMORY_CHECK_H

#include "portend-setup.h"

#include "ns3/portend-memory.h"
#include "ns3/portend-network.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

/**
 * @file
 * @ingroup portend
 * Whether streams fit into the memory of nodes.
 */

namespace ns3
{

/**
 * @ingroup portend
 * @brief Tell whether the memory of a node is bounded.
 * @param network the nodes
 * @return true if that of one is
 */
bool PortendIsBounded(const portend::Network& network);

/**
 * @ingroup portend
 * @brief Find the blocks that streams run, on the nodes whose memory is bounded.
 * @param streams the streams, of all their members
 * @param network the nodes
 * @return the blocks, by number of the node
 * @throw portend::InputError if a profile does not tell what its blocks take
 */
std::map<uint32_t, portend::BlockSet> PortendFindBlocks(
    const std::vector<const PortendStreamSetup*>& streams,
    const portend::Network& network);

/**
 * @ingroup portend
 * @brief Require that all blocks which a node runs fit into its memory.
 * @param streams the streams
 * @param network the nodes
 * @param getName names a node
 * @param getOrigin tells which option or file gives a node its memory
 * @throw portend::InputError naming the first node that is too small, and the blocks that do not
 * fit
 */
void PortendRequireMemory(const std::vector<const PortendStreamSetup*>& streams,
                          const portend::Network& network,
                          const std::function<std::string(uint32_t node)>& getName,
                          const std::function<std::string(uint32_t node)>& getOrigin);

} // namespace ns3

#endif // PORTEND_MEMORY_CHECK_H
