/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_SETUP_H
#define PORTEND_SETUP_H

#include "portend-link-traces.h"
#include "portend-scenario.h"

#include "ns3/data-rate.h"
#include "ns3/nstime.h"
#include "ns3/object-factory.h"
#include "ns3/portend-energy-helper.h"
#include "ns3/portend-estimator.h"
#include "ns3/portend-helper.h"
#include "ns3/portend-memory.h"
#include "ns3/portend-network-helper.h"
#include "ns3/portend-packets.h"
#include "ns3/portend-queueing.h"
#include "ns3/portend-search.h"
#include "ns3/portend-traffic.h"
#include "ns3/portend-transport.h"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ns3
{

class PortendProfileCache;
struct PortendStreamSetup;
struct PortendWorldSetup;

/**
 * @ingroup portend
 * @brief The links of a scenario, how messages travel over them, and when a run ends: what all
 *        streams share.
 */
struct PortendNetworkSetup
{
    /// A link between two nodes.
    struct Link
    {
        uint32_t from{0};                     //!< number of a node
        uint32_t to{0};                       //!< number of another
        PortendNetworkHelper::Direction up;   //!< what packets meet from the first to the second
        PortendNetworkHelper::Direction down; //!< the same from the second to the first
        uint16_t mtuBytes{0};                 //!< 0 is that of all links
        std::string name;                     //!< such as `link 0`, `camera[7]-station[0]`
        std::string where;                    //!< JSON pointer of what was asked for
    };

    /// Traffic of others, from one node to another.
    struct Background
    {
        std::string name;     //!< as it was asked for
        uint32_t member{0};   //!< index of the node that sends in its group
        uint32_t from{0};     //!< number of that node
        uint32_t to{0};       //!< number of the node that gets it
        uint32_t packetBytes; //!< of packets, IP header included
        std::function<Ptr<PortendTrafficProcess>()> makeTraffic; //!< what is sent when
    };

    std::vector<Link> links;            //!< by number
    std::vector<Background> background; //!< traffic of others
    portend::PacketFormat packets;      //!< how messages become packets
    ObjectFactory transport;            //!< makes the transport of a node
    PortendTransport::Traits traits;    //!< of the transport
    uint32_t tcpBufferBytes{0}; //!< for sending over TCP; 0 is large enough to limit nothing
    double loss{0};             //!< share of packets lost on links without their own
    bool losesPackets{false};   //!< whether a link does
    /// When nodes are down, by number; of those that may be.
    std::map<uint32_t, std::function<Ptr<PortendFailures>()>> failures;
    /// Powers of nodes, by number; of those whose power is known.
    std::map<uint32_t, PortendEnergyHelper::Supply> supplies;
    uint32_t queueBytes{0}; //!< device queue; 0 is large enough for anything
    Time maxTime;           //!< when to stop; 0 is at the end
    uint32_t seed{1};       //!< of ns-3's random streams
    uint64_t run{1};        //!< of ns-3's random streams

    /**
     * @brief Understand all but the links' bandwidths and delays.
     * @param scenario what the user asks for
     * @param asked its links
     * @throw portend::InputError naming the first offence
     */
    void ReadTransport(const PortendScenario& scenario,
                       const std::vector<PortendScenario::Link>& asked);

    /// @return whether a link changes, failures apart
    bool IsChanging() const;

    /// @return whether the power of a node or the energy of a link is known
    bool HasEnergy() const;

    /**
     * @brief Require that what draws from batteries is known.
     * @param getWhere gives the JSON pointer of a node by its number
     * @throw portend::InputError naming a battery from which nothing draws
     */
    void RequirePowers(const std::function<std::string(uint32_t)>& getWhere) const;

    /**
     * @brief Understand what feeds a node.
     * @param node its number
     * @param tier what the user asks for
     * @param power of the node, where it is known
     * @param where JSON pointer of the tier or node
     * @throw portend::InputError naming the first offence
     */
    void ReadSupply(uint32_t node,
                    const PortendScenario::Tier& tier,
                    const portend::Power& power,
                    const std::string& where);

    /**
     * @brief Note what links do that change, and nodes that fail, once all are known.
     * @throw portend::InputError if trains cannot do that
     */
    void NoteChanges();

    /**
     * @brief Require that a stream can do with nodes that fail.
     * @param stream the stream; gets whether it meets such
     * @param nodes of its tiers, of all members
     * @throw portend::InputError if it cannot
     */
    void NoteFailures(PortendStreamSetup& stream, const std::vector<uint32_t>& nodes) const;

    /**
     * @brief Get the MTU of a link.
     * @param link number of the link
     * @return bytes
     */
    uint32_t GetMtu(uint32_t link) const;

    /// @return what carries messages, `packets` or `trains`
    std::string GetEngine() const;

    /**
     * @brief Tell whether a message may get lost.
     * @return true with loss, or with device queues that may be full, if nothing is sent again
     */
    bool CanLose() const;

    /**
     * @brief Require that device queues hold what cannot be sent again: a message, or a packet
     * where the transport sends again what is lost.
     * @param text the queue's size, as the user wrote it
     * @param messageBytes sizes of the messages
     * @throw portend::InputError naming the first that does not fit
     */
    void RequireQueues(const std::string& text, const std::vector<uint64_t>& messageBytes) const;
};

/**
 * @ingroup portend
 * @brief A stream whose profiles are loaded and whose texts are understood.
 */
struct PortendStreamSetup
{
    portend::ModelProfile model;       //!< device-independent profile
    portend::Stream stream;            //!< tiers and arrivals, on the network of the links
    portend::Deployment deployment;    //!< what runs where
    portend::EstimatorRules rules;     //!< of the estimate
    bool isAccuracyKnown{true};        //!< whether it is known which answers are right
    Ptr<PortendDelayModel> delayModel; //!< how delays are drawn
    std::function<Ptr<PortendExitModel>()> makeExits;         //!< what becomes of samples
    std::function<Ptr<PortendArrivalProcess>()> makeArrivals; //!< when requests arise
    std::function<Ptr<PortendController>()> makeController{}; //!< of a member; null if nobody
    std::string controller{};                 //!< who gives new deployments, as asked for
    bool isClosed{true};                      //!< the next arises when the last is complete
    bool isTrace{false};                      //!< the times of arrivals are given
    uint64_t tracedArrivals{0};               //!< of the trace, one more than
                                              //!< asked for at most; 0 without one
    uint64_t requests{0};                     //!< to generate
    std::vector<PortendHelper::Queue> queues; //!< of each tier
    Time timeout;                             //!< of closed arrivals; 0 is found by simulations
    uint32_t priority{0};                     //!< of requests; the highest is first
    double weight{1};                         //!< of requests beside other streams'
    Time deadline;                            //!< of answers; 0 is none
    Time fallback;                            //!< after which the source answers; 0 is never
    bool meetsFailures{false};                //!< whether a node of its tiers may be down
    std::map<uint32_t, portend::BlockSet> staying; //!< blocks that are always in memory, of streams
                                                   //!< without a controller, by node
    bool hasEnergy{false};                         //!< whether powers are known of the network
    bool goesOn{false}; //!< requests arise until all streams have theirs; the rest is not counted
    std::string random; //!< its random variables are numbered by; empty for a stream alone
    /// Nodes of each member's tiers; none if the stream is not a group's.
    std::vector<std::vector<uint32_t>> members;

    /**
     * @brief Get a member of the stream.
     * @param index its number; 0 of a stream that is not a group's
     * @return the stream that the member sees
     */
    portend::Stream GetMember(std::size_t index) const;

    /// @return number of members, at least 1
    std::size_t CountMembers() const;

    /**
     * @brief Load the model, and understand what runs where and how long it takes.
     * @param scenario what the user asks for
     * @param profiles profiles read so far; gets what is missing
     * @throw portend::InputError naming the first offence
     */
    void ReadModel(const PortendScenario& scenario, PortendProfileCache& profiles);

    /**
     * @brief Understand the rest, once the tiers are known.
     * @param scenario what the user asks for
     * @throw portend::InputError naming the first offence
     */
    void ReadRequests(const PortendScenario& scenario);

    /**
     * @brief Understand who gives the stream new deployments, once queues are known.
     * @param scenario what the user asks for
     * @throw portend::InputError if others than one deployment make no sense
     */
    void ReadController(const PortendScenario& scenario);

    /**
     * @brief Let periodic arrivals begin later than after a period.
     * @param text `drawn`, within a period, or a time
     * @throw portend::InputError if it is none of them, or arrivals are not periodic
     */
    void SetPhase(const std::string& text);

    /**
     * @brief Get the memory of the tiers' nodes.
     * @param member index of the member
     * @param others blocks that are there besides, by node
     * @return what a deployment of the member may have of it
     */
    std::vector<portend::MemoryRoom> GetRooms(
        std::size_t member,
        const std::map<uint32_t, portend::BlockSet>& others) const;

    /**
     * @brief Get how long the slowest exit takes on an idle network.
     * @return milliseconds, with the mean of each delay
     */
    double GetLongestIdleMs() const;

    /**
     * @brief Require that a request alone takes little of what simulated time can hold.
     * @throw portend::InputError if it takes more than three years
     */
    void RequireShort() const;

    /**
     * @brief Require that packets live long enough for all paths that messages may take: those of
     *        the deployment, or between any two tiers if a controller gives others.
     * @throw portend::InputError if one has more links than a packet's time to live
     */
    void RequireReach() const;

    /**
     * @brief Tell whether full queues may keep requests from arising.
     * @return true if the first tier's queue blocks the source, and arrivals are open
     */
    bool IsHolding() const;

    /**
     * @brief Tell whether tensors may be served in batches.
     * @return true if the scheduler of one of its tiers does that
     */
    bool IsBatching() const;

    /**
     * @brief Tell which parts of the waiting there may be besides the first.
     * @return the parts that reports list; none if all is waiting for servers
     */
    std::vector<PortendLedger::WaitPart> GetWaitParts() const;

    /**
     * @brief Count the partitions that a deployment of the stream may have.
     * @return those of its deployment, or as many as it has tiers if a controller gives others
     */
    std::size_t GetMostPartitions() const;

    /**
     * @brief Find rules, and let those that estimate what is simulated follow the simulation.
     * @param name of the rules
     * @return the rules
     */
    portend::EstimatorRules GetRules(const std::string& name) const;

    /**
     * @brief Estimate the deployment by the analytical model.
     * @return the estimate
     */
    portend::Estimate GetEstimate() const;

    /**
     * @brief The same by other rules; what the simulation decides for them is kept.
     * @param name of the rules
     * @return the estimate
     */
    portend::Estimate GetEstimate(const std::string& name) const;

  private:
    std::string m_accuracy; //!< how right answers are counted
};

/**
 * @ingroup portend
 * @brief Get the times of a profile on a device.
 * @param profiles profiles read so far; gets what is missing
 * @param profile name or folder
 * @param device name of the device
 * @param where JSON pointer of the tier or node
 * @return the times
 * @throw portend::InputError if there are none
 */
std::shared_ptr<const portend::DeviceProfile> PortendGetDevice(PortendProfileCache& profiles,
                                                               const std::string& profile,
                                                               const std::string& device,
                                                               const std::string& where);

/**
 * @ingroup portend
 * @brief Understand what a tier or node is, as the analytical model sees it.
 * @param tier what the user asks for
 * @param where its JSON pointer
 * @return the node
 * @throw portend::InputError naming the first offence
 */
portend::Node PortendParseNode(const PortendScenario::Tier& tier, const std::string& where);

/**
 * @ingroup portend
 * @brief Understand the two directions of a link. Those that change alike change together.
 * @param ways what the user asks for, up and down
 * @param traces files read so far; gets what is missing
 * @param where JSON pointer of the link
 * @return bandwidth and delay, and how they change
 * @throw portend::InputError naming the first offence
 */
std::array<PortendNetworkHelper::Direction, 2> PortendParseLink(
    const std::array<PortendScenario::Link, 2>& ways,
    PortendLinkTraces& traces,
    const std::string& where);

/**
 * @ingroup portend
 * @brief Describe a direction of a link to the analytical model.
 * @param direction bandwidth and delay
 * @param mtuBytes 0 is that of all links
 * @return the same
 */
portend::Link PortendDescribe(const PortendNetworkHelper::Direction& direction, uint32_t mtuBytes);

/**
 * @ingroup portend
 * @brief Understand the queue before a tier's or node's worker.
 * @param tier what the user asks for
 * @param network how messages travel to it
 * @param where its JSON pointer
 * @return the queue
 * @throw portend::InputError naming the first offence
 */
PortendHelper::Queue PortendParseQueue(const PortendScenario::Tier& tier,
                                       const PortendNetworkSetup& network,
                                       const std::string& where);

/**
 * @ingroup portend
 * @brief A scenario of a chain, or of a stream among others, whose profiles are loaded and whose
 *        texts are understood.
 */
struct PortendSetup : PortendNetworkSetup, PortendStreamSetup
{
    /**
     * @brief Load the profiles of a scenario, and check that everything fits together.
     * @param scenario what the user asks for
     * @throw portend::InputError naming the first offence and where it came from
     */
    explicit PortendSetup(const PortendScenario& scenario);

    /**
     * @brief The same, for one of many scenarios: what they share is read once.
     * @param scenario what the user asks for
     * @param profiles profiles read so far; gets what is missing
     * @throw portend::InputError naming the first offence and where it came from
     */
    PortendSetup(const PortendScenario& scenario, PortendProfileCache& profiles);

    /**
     * @brief Tell whether no queue can grow without bound: PortendFindOverload() finds none.
     *
     * @return true if so
     */
    bool IsBounded() const;

    /**
     * @brief Require that no queue can grow without bound.
     * @throw portend::InputError naming the station that saturates first, and its largest rate
     */
    void RequireBounded() const;

    /**
     * @brief Require that the deployment can be simulated.
     * @throw portend::InputError naming the first timing that the profile lacks, the first way that
     *        is too long for IPv4, or the first node whose memory is too small
     */
    void RequireSimulable() const;

    /**
     * @brief Require that a deployment fits into the memory of nodes, beside those of the other
     *        streams.
     * @param other what runs where
     * @throw portend::InputError naming the first node whose memory is too small
     */
    void RequireMemory(const portend::Deployment& other) const;

    /**
     * @brief Describe tiers and links as stations.
     * @return the queueing network that the rules `queueing` count waiting in
     */
    portend::QueueingNetwork GetNetwork() const;

    /**
     * @brief Estimate the deployment by the analytical model, beside the other streams.
     * @return the estimate
     */
    portend::Estimate GetEstimate() const;

    /**
     * @brief The same by other rules; what the simulation decides for them is kept.
     * @param name of the rules
     * @return the estimate
     */
    portend::Estimate GetEstimate(const std::string& name) const;

    /**
     * @brief Estimate another deployment, the other streams as they are.
     * @param other what runs where
     * @return the estimate
     */
    portend::Estimate GetEstimate(const portend::Deployment& other) const;

    /**
     * @brief Search deployments, the other streams as they are.
     * @param space which are considered
     * @return the search
     */
    portend::DeploymentSearch MakeSearch(const portend::SearchSpace& space) const;

    using PortendStreamSetup::GetRooms;

    /**
     * @brief Get the memory of the tiers' nodes, beside the blocks of other streams.
     * @return what a deployment may have of it, of each of the members
     */
    std::vector<portend::MemoryRoom> GetRooms() const;

    /**
     * @brief Get the network that it is a stream of, as it is by now.
     * @return the network; null of a chain
     */
    std::shared_ptr<const PortendWorldSetup> GetWorld() const;

    /// @return index of the stream there
    std::size_t GetStreamIndex() const;

  private:
    /**
     * @brief Understand tiers and links.
     * @param scenario what the user asks for
     * @param profiles profiles read so far; gets what is missing
     * @throw portend::InputError naming the first offence
     */
    void ReadChain(const PortendScenario& scenario, PortendProfileCache& profiles);

    std::shared_ptr<const PortendWorldSetup> m_world; //!< as it was read; null of a chain
    std::size_t m_index{0};                           //!< of the stream there
    std::string m_arrivalOrigin;                      //!< option or file that set the arrivals
    std::string m_deploymentOrigin;                   //!< option or file that set the deployment
    std::vector<std::string> m_memoryOrigins;         //!< options or file that set memory, by tier
};

} // namespace ns3

#endif // PORTEND_SETUP_H
