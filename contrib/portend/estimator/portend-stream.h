/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_STREAM_H
#define PORTEND_STREAM_H

#include "portend-network.h"
#include "portend-profile.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/**
 * @file
 * @ingroup portend
 * A stream of requests: the tiers that it sees of a network, and how its requests arise.
 */

namespace portend
{

/**
 * @ingroup portend
 * @brief How requests arise at the source.
 */
struct Arrivals
{
    double ratePerS{0};    //!< mean rate, 1/s; 0 for closed arrivals, one request at a time
    double variability{1}; //!< squared coefficient of variation of the times between them:
                           //!< 0 if periodic, 1 for a Poisson process
};

/**
 * @ingroup portend
 * @brief A tier of a stream: a node, and what a model takes there.
 */
struct StreamTier
{
    uint32_t node{0};                            //!< number of the node
    std::shared_ptr<const DeviceProfile> device; //!< measured times of the stream's model
};

/**
 * @ingroup portend
 * @brief A sequence of requests of one kind, from one source.
 *
 * Whatever the network is, a stream sees a chain of tiers. Messages between two of them take the
 * network's path.
 */
struct Stream
{
    std::shared_ptr<const Network> network; //!< what it is on, other streams beside it
    std::vector<StreamTier> tiers;          //!< M tiers
    uint32_t source{0};                     //!< tier where requests arise
    uint32_t destination{0};                //!< tier that must get the results
    Arrivals arrivals;                      //!< for the rules that count waiting
    bool sharedCore{false}; //!< source and destination use the servers of their tiers
    std::string name{};     //!< for reports; empty where there is no other

    /**
     * @brief Check numbers and ranges, and that all devices are profiled for the same blocks.
     * @param blocks N, blocks of the model
     * @throw InputError naming the first offence
     */
    void Validate(uint32_t blocks) const;

    /**
     * @brief Get the node of a tier.
     * @param tier the tier
     * @return the node
     */
    const Node& GetNode(uint32_t tier) const;

    /**
     * @brief Get the share of a computation that a batch pays once.
     * @param tier the tier
     * @return that of its node, else of its device, else 0
     */
    double GetBatchFixedShare(uint32_t tier) const;

    /**
     * @brief Find the path between two tiers.
     * @param from tier that sends
     * @param to tier that receives
     * @return numbers of the links, in the order of travel; none if the tiers are the same
     * @throw InputError if no path joins them
     */
    Network::Path GetPath(uint32_t from, uint32_t to) const;

    /**
     * @brief Get the links between two tiers.
     * @param from tier that sends
     * @param to tier that receives
     * @return links of the path, in the order of travel
     * @throw InputError if no path joins them
     */
    std::vector<Link> GetLinks(uint32_t from, uint32_t to) const;

    /**
     * @brief Make the same stream on a network of its own: the links on the paths between its
     *        tiers, and what they join.
     * @param links gets their numbers in the network, by number in the own one
     * @return the stream; tiers that nothing joins stay so
     */
    Stream Isolate(std::vector<uint32_t>& links) const;

    /**
     * @brief Make the same stream on a network of its own with other bandwidths.
     * @param bandwidthsBps of all links of the network, by number, bit/s, above 0
     * @return the stream
     */
    Stream WithBandwidths(const std::vector<double>& bandwidthsBps) const;
};

/**
 * @ingroup portend
 * @brief A tier of a chain: a node with no other tier of the stream on it.
 */
struct ChainTier
{
    std::shared_ptr<const DeviceProfile> device; //!< measured times
    Node node{};                                 //!< the machine
};

/**
 * @ingroup portend
 * @brief Make a network of tiers in a row, and a stream on it.
 *
 * Node j is tier j. Link j joins tier j and tier j + 1, the same both ways: its way up is directed
 * link 2 j of the network, its way down 2 j + 1.
 *
 * @param tiers M tiers
 * @param links M - 1 links
 * @param packets how messages become packets
 * @return a stream from tier 0 and back, with closed arrivals
 * @throw InputError naming the first offence
 */
Stream MakeChain(const std::vector<ChainTier>& tiers,
                 const std::vector<Link>& links,
                 const PacketFormat& packets = {});

} // namespace portend

#endif // PORTEND_STREAM_H
