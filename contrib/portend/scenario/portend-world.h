/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_WORLD_H
#define PORTEND_WORLD_H

#include "portend-scenario-file.h"
#include "portend-scenario.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ns3
{

struct PortendOption;

/**
 * @ingroup portend
 * @brief What a user asks for of many nodes and streams: the mirror of a scenario file of
 * version 2.
 *
 * Nodes and links make any graph. A group is so many nodes alike: `camera` of 100 is `camera[0]` to
 * `camera[99]`. A stream sees a chain of tiers, each a node; a stream of a group is one for each of
 * its members.
 */
struct PortendWorld
{
    /// Version of the format.
    static constexpr int SCHEMA_VERSION = 2;

    /// Most nodes of a group.
    static constexpr uint32_t MAX_COUNT = 1000000;

    /// Values of an option that differ from member to member.
    struct Spread
    {
        std::vector<std::string> values; //!< of each member; none if they are drawn
        std::array<std::string, 2> ends; //!< that they are drawn between
    };

    /// Spreads by the option's key.
    using Spreads = std::map<std::string, Spread>;

    /// A node, or a group of nodes.
    struct Node
    {
        PortendScenario::Tier machine; //!< what it is; its name is the node's
        uint32_t count{0};             //!< nodes of a group; 0 is a node by itself
        Spreads spreads;               //!< what its members differ in

        /**
         * @brief Get a member of the group.
         * @param index of the member
         * @param seed of the values that are drawn
         * @param where JSON pointer of the node
         * @return what it is
         * @throw portend::InputError naming a value that is none
         */
        PortendScenario::Tier GetMember(uint32_t index,
                                        uint32_t seed,
                                        const std::string& where) const;
    };

    /// A link between two nodes, or links between those of groups.
    struct Link
    {
        std::string name; //!< by default the first node's, a dash, the second's; of groups, that
                          //!< of their members so, or `NAME[0]`, `NAME[1]`, ...
        std::array<std::string, 2> between; //!< names of nodes, of members, or of groups
        PortendScenario::Link up;           //!< what packets meet from the first to the second
        PortendScenario::Link down;         //!< the same from the second to the first
        std::array<Spreads, 2> spreads;     //!< what its members differ in, up and down

        /**
         * @brief Get a member of the links between groups.
         * @param index of the member
         * @param seed of the values that are drawn
         * @param where JSON pointer of the link
         * @return what packets meet up and down
         * @throw portend::InputError naming a value that is none
         */
        std::array<PortendScenario::Link, 2> GetMember(uint32_t index,
                                                       uint32_t seed,
                                                       const std::string& where) const;

        /// @return whether it has a name of its own, rather than the default
        bool IsNamed() const;
    };

    /// A stream, or the streams of a group.
    struct Stream
    {
        std::string name;               //!< for reports
        std::vector<std::string> tiers; //!< names of nodes, of members, or of groups; tier 0 first
        std::string random;             //!< what its random variables are numbered by: its name
        bool goesOn{true};              //!< requests arise until all streams have theirs
        PortendScenario options;        //!< what it is besides; nodes and links apart
        std::vector<std::string> given; //!< keys that it has itself
    };

    /// Traffic of others, which passes links and means nothing to streams.
    struct Background
    {
        std::string name;           //!< for paths, and what its random variables are numbered by
        std::string from;           //!< name of a node, of a member, or of a group: each of it
        std::string to;             //!< the same; of a group, the member that is nearest
        std::string traffic;        //!< constant:, poisson:, onoff:, trace:, a type of ns-3
        uint32_t packetBytes{1500}; //!< of packets, IP header included
    };

    PortendScenario options;            //!< what is everybody's, and what streams have by default
    std::vector<Node> nodes;            //!< nodes and groups
    std::vector<Link> links;            //!< links between them
    std::vector<Stream> streams;        //!< streams, at least one
    std::vector<Background> background; //!< traffic of others

    /**
     * @brief Read a scenario file of version 2.
     *
     * Files that it names, traces and a profile's folder, are relative to the file's own folder.
     *
     * @param file the file
     * @param values what it is to say besides, such as `nodes/camera/count=200`
     * @param defaults what holds where the file says nothing
     * @return what it asks for
     * @throw portend::InputError naming file or value, and place of the first offence
     */
    static PortendWorld Load(const PortendScenarioFile& file,
                             const std::vector<std::string>& values = {},
                             const PortendScenario& defaults = {});

    /**
     * @brief Give values other texts.
     * @param values such as `nodes/camera/count=200`
     * @param option what gives them, for complaints: `--set`, `--sweep`
     * @return the same with these values
     * @throw portend::InputError naming file or value, and place of the first offence
     */
    PortendWorld With(const std::vector<std::string>& values, const std::string& option) const;

    /**
     * @brief Say the same as a chain: nodes `tier0`, `tier1`, ..., and a stream `requests`.
     * @param scenario a chain
     * @return the same
     */
    static PortendWorld FromChain(const PortendScenario& scenario);

    /**
     * @brief Write the scenario as JSON.
     *
     * Files that it names are written from the root, so that it means the same anywhere.
     *
     * @param indent of each level; none on a single line
     * @return a document that Load() reads back
     */
    std::string ToJson(int indent = -1) const;

    /// @return name of the file; empty if there is none
    std::string GetFile() const;

    /**
     * @brief Say where a value of a stream came from.
     * @param stream index of the stream
     * @param where a JSON pointer in its options, such as `/arrival`
     * @return file or option, and pointer
     */
    std::string GetOrigin(std::size_t stream, const std::string& where) const;
};

/**
 * @ingroup portend
 * @brief Find the option that a path of a scenario file of version 2 ends at.
 * @param path such as `links/camera-station/bandwidth/up`
 * @return the option; null if it is none, as names, counts and lists are
 */
const PortendOption* PortendFindByPath(const std::string& path);

/**
 * @ingroup portend
 * @brief List what a value can be called by in a scenario file of version 2, for --help.
 * @return such as `nodes/NAME/count`, a line each, with what it is
 */
std::string PortendGetPaths();

} // namespace ns3

#endif // PORTEND_WORLD_H
