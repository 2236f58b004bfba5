/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_WORLD_SETUP_H
#define PORTEND_WORLD_SETUP_H

#include "portend-setup.h"
#include "portend-world.h"

#include "ns3/portend-network.h"
#include "ns3/portend-queueing.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief A scenario of nodes, links and streams whose profiles are loaded, whose groups are counted
 *        out, and whose texts are understood.
 */
struct PortendWorldSetup : PortendNetworkSetup
{
    /// A node.
    struct Node
    {
        std::string name;           //!< such as `cloud`, or `camera[7]` of a group
        std::string device;         //!< of the profiles; empty if it only forwards
        PortendHelper::Queue queue; //!< before its worker
        std::string memoryOrigin;   //!< option or file that set its memory
        std::string loadOrigin;     //!< the same of the bandwidth that it loads at
    };

    std::vector<Node> nodes;                 //!< by number
    std::shared_ptr<portend::Network> graph; //!< the nodes, and the links both ways
    std::vector<PortendStreamSetup> streams; //!< in the order of the file

    /**
     * @brief Constructor.
     * @param world what the user asks for
     * @throw portend::InputError naming the first offence and where it came from
     */
    explicit PortendWorldSetup(const PortendWorld& world);

    /**
     * @brief The same, for one of many scenarios: what they share is read once.
     * @param world what the user asks for
     * @param profiles profiles read so far; gets what is missing
     * @throw portend::InputError naming the first offence and where it came from
     */
    PortendWorldSetup(const PortendWorld& world, PortendProfileCache& profiles);

    /// The streams, as the analytical model sees them.
    struct Loads
    {
        std::deque<portend::Stream> members;    //!< one of each load
        std::vector<portend::StreamLoad> loads; //!< members that meet the same are one
        std::vector<std::size_t> streams;       //!< index of each load's stream
    };

    /// @return the streams, for the analytical model
    Loads GetLoads() const;

    /**
     * @brief Estimate the streams.
     * @return an estimate for each stream, the mean of its members
     */
    std::vector<portend::Estimate> GetEstimates() const;

    /**
     * @brief Estimate a stream that runs by another deployment, the others as they are.
     * @param stream index of the stream
     * @param deployment what runs where
     * @param rules variant of the analytical model
     * @return the mean of its members
     */
    portend::Estimate GetEstimate(std::size_t stream,
                                  const portend::Deployment& deployment,
                                  const portend::EstimatorRules& rules) const;

    /**
     * @brief Get the memory of the nodes of a stream's tiers, beside the blocks of other streams.
     * @param stream index of the stream
     * @return what a deployment may have of it, of each of the members
     */
    std::vector<portend::MemoryRoom> GetRooms(std::size_t stream) const;

    /**
     * @brief Require that all blocks which a node runs fit into its memory.
     * @throw portend::InputError naming the first node that is too small
     */
    void RequireMemory() const;

    /**
     * @brief Describe nodes and links as stations, under all streams.
     * @return the queueing network
     */
    portend::QueueingNetwork GetNetwork() const;

    /**
     * @brief Require that no queue can grow without bound, and that blocking ends.
     *
     * Where a queue is bounded, or the time is, anything goes.
     *
     * @throw portend::InputError naming the station that saturates first and who loads it by how
     *        much, or the nodes that would wait for one another for ever
     */
    void RequireBounded() const;

    /**
     * @brief Find a station whose queue would grow without bound.
     * @return what is wrong with it; empty if there is none
     */
    std::string FindUnbounded() const;

  private:
    /// Nodes that a name stands for.
    struct Group
    {
        uint32_t first{0};   //!< number of the first
        uint32_t count{1};   //!< how many
        bool isMany{false};  //!< whether it was given a count
        std::size_t entry{}; //!< index in the file
    };

    /// What a source meets: sources that meet the same are alike.
    using Meeting = std::vector<double>;

    /**
     * @brief Find what sources meet on their streams' paths, each from its own place.
     * @return by the number of the source's node
     */
    std::unordered_map<uint32_t, Meeting> FindMeetings() const;

    /// Count out the nodes.
    void AddNodes(const PortendWorld& world);

    /// Count out the links.
    void AddLinks(const PortendWorld& world);

    /**
     * @brief Understand a stream, and place its members.
     * @param world what the user asks for
     * @param index of the stream
     * @param profiles profiles read so far; gets what is missing
     */
    void AddStream(const PortendWorld& world, std::size_t index, PortendProfileCache& profiles);

    /**
     * @brief Take a node's power from the profile of a stream, unless it has its own.
     * @param node its number
     * @param asked what the user asks for
     * @param profiled power of the profile
     * @param where JSON pointer of the node
     * @throw portend::InputError if profiles do not agree
     */
    void NotePower(uint32_t node,
                   const PortendScenario::Tier& asked,
                   const portend::Power& profiled,
                   const std::string& where);

    /**
     * @brief Count out traffic of others.
     * @param asked the traffic
     * @param where its JSON pointer
     */
    void AddBackground(const PortendWorld::Background& asked, const std::string& where);

    /**
     * @brief Find the nodes of a name.
     * @param name of a node, a member or a group
     * @param where its JSON pointer
     * @return the nodes
     */
    Group Find(const std::string& name, const std::string& where) const;

    /**
     * @brief Find the node of a group that is nearest to another node.
     * @param from the other node
     * @param group the group
     * @return number of the node
     */
    uint32_t FindNearest(uint32_t from, const Group& group) const;

    /// Require that workers which block one another make no circle.
    void RequireNoCircle() const;

    std::vector<std::pair<std::string, Group>> m_groups; //!< by name
    std::string m_origin;                                //!< the file
};

} // namespace ns3

#endif // PORTEND_WORLD_SETUP_H
