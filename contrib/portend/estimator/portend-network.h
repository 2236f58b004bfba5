/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_NETWORK_H
#define PORTEND_NETWORK_H

#include "portend-energy.h"
#include "portend-packets.h"

#include <cmath>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

/**
 * @file
 * @ingroup portend
 * A network of machines: nodes, the links that join them, and the paths between them.
 */

namespace portend
{

/**
 * @ingroup portend
 * @brief How a node computes tensors at once: those of one partition of one stream.
 */
struct Batching
{
    uint32_t max{1};       //!< most tensors of a batch; 1 is one by one
    double timeoutMs{0};   //!< how long the oldest waits for others, at most
    bool isEager{false};   //!< a server that is free does not wait for others
    bool isTogether{true}; //!< those that go on on the node do so together, else one by one
};

/**
 * @ingroup portend
 * @brief A machine: how much slower than profiled it runs, and how much of it there is.
 *
 * What it was profiled with belongs to a model, and so to a stream: see StreamTier.
 */
struct Node
{
    double computeFactor{1};       //!< multiplies computation times, > 0
    double serializationFactor{1}; //!< multiplies (de)serialization times, > 0
    double overheadMs{0}; //!< of the process, for each inference; counted as computation, >= 0
    uint32_t servers{1};  //!< requests served at once, > 0
    std::string name{};   //!< for reports, such as `tier 0`
    double batchFixedShare{
        std::nan("")};       //!< of computation, see DeviceProfile; NaN is the device's
    Batching batching{};     //!< of tensors that wait
    uint64_t memoryBytes{0}; //!< for blocks and what they compute; 0 is any number
    double loadBps{0};       //!< at which it loads parameters of blocks, bit/s; 0 takes no time
    Power power{};           //!< by what it does; unknown if all is 0

    /**
     * @brief Check the ranges of the values.
     * @param where place of the node, a JSON pointer
     * @throw InputError naming the first offence
     */
    void Validate(const std::string& where) const;
};

/**
 * @ingroup portend
 * @brief A direction of a link: what packets meet on it.
 */
struct Link
{
    double bandwidthBps{0}; //!< BW_j, bit/s, > 0
    double delayMs{0};      //!< PD_j, propagation delay, >= 0
    uint32_t mtuBytes{0};   //!< largest IP packet; 0 is that of PacketFormat
    LinkEnergy energy{};    //!< what its ends take

    /**
     * @brief Check the ranges of the values.
     * @param packets how messages become packets
     * @param where place of the link, a JSON pointer
     * @throw InputError naming the first offence
     */
    void Validate(const PacketFormat& packets, const std::string& where) const;
};

/**
 * @ingroup portend
 * @brief Nodes and the directed links that join them: any graph.
 *
 * Nodes and links are numbered in the order in which they were added.
 *
 * Packets take the path of least hops, then of least delay, then of the links added first. All
 * paths to a node form a tree, so that it does not matter whether a path is chosen as a whole or
 * hop by hop. A *leaf* is a node with a single neighbor: packets pass no leaf, so that trees are
 * kept between the other nodes only. They are made when they are first asked for: one object is
 * not for several threads at a time.
 */
class Network
{
  public:
    /// A directed link and what it joins.
    struct Arc
    {
        uint32_t from;    //!< node that sends
        uint32_t to;      //!< node that receives
        Link link;        //!< what packets meet
        std::string name; //!< for reports, such as `link 0 up`
    };

    /// Links in the order of travel, by number.
    using Path = std::vector<uint32_t>;

    /**
     * @brief Constructor: a network without nodes.
     * @param packets how messages become packets
     * @throw InputError if their MTU leaves no room for a message
     */
    explicit Network(const PacketFormat& packets = {});

    /**
     * @brief Append a node.
     * @param node the node, valid
     * @return its number
     */
    uint32_t AddNode(const Node& node);

    /**
     * @brief Append a directed link.
     * @param from number of the node that sends
     * @param to number of the node that receives, another one
     * @param link the link, valid
     * @param name for reports, such as `link 0 up`
     * @return its number
     */
    uint32_t AddLink(uint32_t from, uint32_t to, const Link& link, const std::string& name);

    /**
     * @brief Let packets meet something else on a link. Paths that were found stay.
     * @param link its number
     * @param bandwidthBps its bandwidth, bit/s, above 0
     * @param delayMs its propagation delay, not negative
     */
    void SetLink(uint32_t link, double bandwidthBps, double delayMs);

    /**
     * @brief Say what power a node has.
     * @param node its number
     * @param power the power
     */
    void SetPower(uint32_t node, const Power& power);

    /// @return how messages become packets
    const PacketFormat& GetPackets() const;

    /// @return the nodes
    const std::vector<Node>& GetNodes() const;

    /// @return the directed links
    const std::vector<Arc>& GetLinks() const;

    /**
     * @brief Get the links of a path.
     * @param path their numbers
     * @return the links, in the order of travel
     */
    std::vector<Link> GetLinks(const Path& path) const;

    /**
     * @brief Find the path between two nodes.
     * @param from node that sends
     * @param to node that receives
     * @return the path; none if the nodes are the same
     * @throw InputError naming the nodes that no link joins, if there is no path
     */
    Path FindPath(uint32_t from, uint32_t to) const;

  private:
    /// Where a node hangs, and by which links.
    struct Attachment
    {
        uint32_t neighbor{NONE}; //!< its neighbor; MANY if there are several
        uint32_t up{NONE};       //!< the link that packets take to it
        uint32_t down{NONE};     //!< the link that packets take from it
    };

    /// By inner node: the next link on the way to one of them.
    using Tree = std::vector<uint32_t>;

    /// What paths are found with. Inner nodes are those that are no leaves.
    struct Index
    {
        std::vector<Attachment> attachments; //!< by node
        std::vector<uint32_t> inner;         //!< by node: its number among inner nodes, or NONE
        std::vector<uint32_t> arriving;      //!< links between inner nodes, by receiver
        std::vector<uint32_t> begins;        //!< by inner node: where those to it begin; end
        std::unordered_map<uint32_t, Tree> trees; //!< by the inner node that they lead to
    };

    static constexpr uint32_t NONE = UINT32_MAX;     //!< no node, or no link
    static constexpr uint32_t MANY = UINT32_MAX - 1; //!< more than one node

    /// @return what paths are found with, made when it is first asked for
    Index& GetIndex() const;

    /**
     * @brief Make a link the better one if packets prefer it to another between the same nodes.
     * @param better number of the better one so far, or NONE
     * @param link number of a link added later
     */
    void Improve(uint32_t& better, uint32_t link) const;

    /**
     * @brief Get the tree of all paths to a node.
     * @param to inner number of the node
     * @return the tree
     */
    const Tree& GetTree(uint32_t to) const;

    /**
     * @brief Find the nodes that a node reaches, or that reach it.
     * @param node the node
     * @param isForward whether along the links, else against them
     * @return their names, its own first
     */
    std::string DescribeReach(uint32_t node, bool isForward) const;

    std::vector<Node> m_nodes; //!< the nodes
    std::vector<Arc> m_links;  //!< the links
    PacketFormat m_packets;    //!< how messages become packets
    mutable Index m_index;     //!< of nodes and links; empty until it is asked for
};

} // namespace portend

#endif // PORTEND_NETWORK_H
