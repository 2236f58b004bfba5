/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_BLOCK_STORE_H
#define PORTEND_BLOCK_STORE_H

#include "ns3/data-rate.h"
#include "ns3/nstime.h"
#include "ns3/portend-memory.h"
#include "ns3/portend-request.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief The blocks that a node has, and how long it takes to load others.
 *
 * Blocks are loaded and leave by visits: those that a stream's tensor needs on the node. A tensor
 * that comes finds them if a visit of its stream has them all. Else they are loaded, for the time
 * that its controller says, and, if there is a bandwidth to load at, for the time of the bytes that
 * are in no visit yet; then a node loads one visit after the other.
 *
 * Where memory is bounded, the visits used least recently leave until the rest fits: the parameters
 * of their blocks, each once for its model, and as many times the most activations as tensors are
 * computed at once. Visits that tensors use stay: from when they are found or loaded for one until
 * it has left the worker. So do those of streams without a controller.
 */
class PortendBlockStore
{
  public:
    /// Blocks of a stream's model that are here, or are being loaded.
    struct Visit
    {
        uint32_t stream{0};                                 //!< index of the stream
        uint32_t first{1};                                  //!< the first of them
        uint32_t last{1};                                   //!< the last
        Time since;                                         //!< when they are all here
        std::shared_ptr<const portend::ModelProfile> model; //!< whose they are
        bool stays{false};                                  //!< whether they never leave
        std::size_t tensors{0}; //!< that use them, where memory is bounded
    };

    /// A visit that others may know, too.
    using VisitPtr = std::shared_ptr<Visit>;

    /**
     * @brief Bound the memory.
     * @param bytes all of it; 0 is any number
     * @param tensors that are computed at once, at most
     */
    void SetMemory(uint64_t bytes, uint64_t tensors);

    /**
     * @brief Let loading take time.
     * @param rate at which parameters are loaded; 0 takes none
     */
    void SetLoadRate(DataRate rate);

    /// @return whether memory is bounded
    bool IsBounded() const;

    /// @return whether loading takes more than what a controller says
    bool IsTimed() const;

    /**
     * @brief Have blocks at once.
     * @param stream index of the stream
     * @param model whose they are
     * @param first the first of them
     * @param last the last
     * @param stays whether they never leave
     */
    void Keep(uint32_t stream,
              std::shared_ptr<const portend::ModelProfile> model,
              uint32_t first,
              uint32_t last,
              bool stays);

    /**
     * @brief Find the blocks for a tensor, or load them.
     * @param stream index of the stream
     * @param itinerary of the tensor's request
     * @param partition which it is for
     * @return the visit; null if its blocks have no room while others are used
     */
    VisitPtr Load(uint32_t stream, const PortendItinerary& itinerary, uint16_t partition);

    /**
     * @brief A tensor uses the blocks from now on.
     * @param request whose it is
     * @param visit the visit
     */
    void Use(const PortendRequest* request, const VisitPtr& visit);

    /**
     * @brief A tensor has left, if it had used blocks.
     * @param request whose it is
     */
    void Leave(const PortendRequest* request);

    /// Forget everything.
    void Clear();

  private:
    /**
     * @brief Let visits leave until the rest fits.
     * @param visit which comes
     * @return false if that does not help: then all stay
     */
    bool MakeRoom(const Visit& visit);

    /**
     * @brief Find what is here.
     * @param leaving whether each visit leaves
     * @return the blocks of those that stay
     */
    portend::BlockSet GetBlocks(const std::vector<bool>& leaving) const;

    uint64_t m_bytes{0};            //!< of memory; 0 is any number
    uint64_t m_tensors{1};          //!< computed at once
    DataRate m_rate{0};             //!< of loading; 0 takes no time
    Time m_loaded;                  //!< when what is loaded now will be here
    std::vector<VisitPtr> m_visits; //!< that are here; those used last at the end
    std::map<const PortendRequest*, VisitPtr> m_using; //!< by whom
};

} // namespace ns3

#endif // PORTEND_BLOCK_STORE_H
