/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_NETWORK_HELPER_H
#define PORTEND_NETWORK_HELPER_H

#include "ns3/attribute.h"
#include "ns3/data-rate.h"
#include "ns3/error-model.h"
#include "ns3/ipv4-address.h"
#include "ns3/net-device-container.h"
#include "ns3/node-container.h"
#include "ns3/nstime.h"
#include "ns3/object-factory.h"
#include "ns3/portend-energy.h"
#include "ns3/portend-exchange.h"
#include "ns3/portend-failures.h"
#include "ns3/portend-link-course.h"
#include "ns3/portend-link-process.h"
#include "ns3/portend-link-traffic.h"
#include "ns3/portend-network.h"
#include "ns3/portend-path.h"
#include "ns3/portend-transport.h"
#include "ns3/queue-size.h"
#include "ns3/random-variable-stream.h"
#include "ns3/trace-helper.h"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Builds a network: nodes, point-to-point links, addresses, paths, transports.
 *
 * Links are full duplex, and may differ each way. Devices have a drop-tail queue and no queue
 * disc: a queue disc would drop packets of a tensor's burst behind its back. Packets take the
 * paths of portend::Network; they are set up when two nodes first exchange messages. Pcap and
 * ascii traces are enabled as with any device helper.
 */
class PortendNetworkHelper : public PcapHelperForDevice, public AsciiTraceHelperForDevice
{
  public:
    /// How a link changes: what makes a process, and failures, of its own. Either may be null.
    struct Changes
    {
        std::function<Ptr<PortendLinkProcess>()> makeProcess; //!< what it offers over time
        std::function<Ptr<PortendFailures>()> makeFailures;   //!< when it is down
    };

    /// A direction of a link.
    struct Direction
    {
        DataRate bandwidth;           //!< above 0; of links that change, the mean
        Time delay;                   //!< propagation delay, where the process does not say it
        std::optional<double> loss{}; //!< share of packets lost, below 1; none is that of SetLoss()
        /// How it changes; null if it does not. Directions that share it change together.
        std::shared_ptr<const Changes> changes{};
        portend::LinkEnergy energy{}; //!< what its ends take

        /// @return mean propagation delay over time
        Time GetMeanDelay() const;

        /// @return whether its changes lose packets
        bool MayLose() const;
    };

    /// Links that a packet passes at most: IPv4's largest time to live.
    static constexpr uint32_t MAX_HOPS = 255;

    PortendNetworkHelper();

    /**
     * @brief Add a link between two nodes.
     * @param from number of a node, from 0
     * @param to number of another node
     * @param up what packets meet from the first to the second
     * @param down what packets meet from the second to the first
     * @param mtu bytes, at least PortendPath::MIN_MTU_BYTES; 0 is that of SetMtu()
     * @return number of the link
     */
    uint32_t AddLink(uint32_t from,
                     uint32_t to,
                     const Direction& up,
                     const Direction& down,
                     uint16_t mtu = 0);

    /**
     * @brief Append a link, and with it a node: the last node of a chain gets a neighbor.
     * @param bandwidth BW_j, above 0
     * @param delay PD_j, propagation delay
     * @param mtu bytes, at least PortendPath::MIN_MTU_BYTES; 0 is that of SetMtu()
     */
    void AddLink(DataRate bandwidth, Time delay, uint16_t mtu = 0);

    /**
     * @brief Set the MTU of all links that have none of their own.
     * @param mtu bytes, at least PortendPath::MIN_MTU_BYTES; 9000 by default
     */
    void SetMtu(uint16_t mtu);

    /**
     * @brief Set the size of all device queues.
     * @param size 4 GB by default, more than any simulation fills; a queue smaller than a
     *        message loses packets of it
     */
    void SetQueueSize(QueueSize size);

    /**
     * @brief Let all links that have no loss of their own lose packets, in both directions.
     * @param rate share of the packets that a link damages, from 0, the default, to below 1
     */
    void SetLoss(double rate);

    /**
     * @brief Let a node be down at times: its links are, too.
     * @param node number of the node
     * @param makeFailures makes what says when
     */
    void SetFailures(uint32_t node, std::function<Ptr<PortendFailures>()> makeFailures);

    /**
     * @brief Set the kind of transport.
     * @param type `ns3::PortendUdpTransport`, the default, `ns3::PortendTcpTransport`, or
     *        `ns3::PortendTrainTransport`, with which nodes have neither devices nor stacks
     */
    void SetTransport(const std::string& type);

    /**
     * @brief Set the kind of transport, with its attributes.
     * @param factory makes one
     */
    void SetTransport(const ObjectFactory& factory);

    /**
     * @brief Set an attribute of all transports.
     * @param name the attribute
     * @param value its value
     */
    void SetTransportAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @brief Create the nodes and join them.
     * @param count number of nodes; 0 is as many as links name
     * @return the nodes, by number
     */
    NodeContainer Install(uint32_t count = 0);

    /**
     * @brief Join nodes that exist.
     * @param nodes the nodes by number, without an Internet stack
     */
    void Install(const NodeContainer& nodes);

    /**
     * @brief Assign fixed streams to the random variables of the links, once installed.
     * @param stream first stream to use
     * @return number of streams used
     */
    int64_t AssignStreams(int64_t stream);

    /**
     * @brief Get the two devices of a link.
     * @param link number of the link
     * @return the device of its first node, then that of its second
     */
    NetDeviceContainer GetDevices(uint32_t link) const;

    /// @return number of links
    uint32_t CountLinks() const;

    /**
     * @brief Get the nodes that a link joins.
     * @param link number of the link
     * @return numbers of its first node and its second
     */
    std::array<uint32_t, 2> GetEnds(uint32_t link) const;

    /**
     * @brief Get what the ends of a link take.
     * @param link number of the link
     * @param way 0 from its first node to its second, 1 back
     * @return of the node that sends, and of that which receives
     */
    const portend::LinkEnergy& GetEnergy(uint32_t link, uint32_t way) const;

    /**
     * @brief Tell what the bandwidth of a link is at this moment, once installed.
     * @param link number of the link
     * @param way 0 from its first node to its second, 1 back
     * @return bandwidth; 0 while nothing passes
     */
    DataRate GetBandwidth(uint32_t link, uint32_t way) const;

    /**
     * @brief Tell what has gone over a link.
     * @param link number of the link
     * @param way 0 from its first node to its second, 1 back
     * @return bytes and packets of this direction
     */
    const PortendLinkTraffic& GetTraffic(uint32_t link, uint32_t way) const;

    /**
     * @brief Tell how long packets were transmitted over a link so far.
     * @param link number of the link
     * @param way 0 from its first node to its second, 1 back
     * @return seconds
     */
    double GetTransmissionS(uint32_t link, uint32_t way) const;

    /**
     * @brief Tell whether a direction of a link changes. Failures apart.
     * @param link number of the link
     * @param way 0 from its first node to its second, 1 back
     * @return true if so, once installed
     */
    bool IsChanging(uint32_t link, uint32_t way) const;

    /// What a direction of a link offers for a time.
    struct Conditions
    {
        DataRate bandwidth;      //!< above 0
        Time delay;              //!< propagation delay
        Time until{Time::Max()}; //!< when it offers something else
    };

    /**
     * @brief Tell what a direction of a link offers, once installed.
     * @param link number of the link
     * @param way 0 from its first node to its second, 1 back
     * @param at when; where nothing passes then, the first moment after it at which something does
     * @return bandwidth and propagation delay
     */
    Conditions GetConditions(uint32_t link, uint32_t way, Time at) const;

    /**
     * @brief Get the way between two nodes.
     * @param from node that sends
     * @param to node that receives
     * @return links in the order of travel
     */
    PortendPath GetPath(uint32_t from, uint32_t to) const;

    /// @return what the nodes share, once installed
    Ptr<PortendExchange> GetExchange() const;

    /**
     * @brief Close the pcap files.
     * @return name of one that could not be written to its end; empty if there is none
     */
    std::string ClosePcap();

  private:
    class State;

    void EnablePcapInternal(std::string prefix,
                            Ptr<NetDevice> device,
                            bool promiscuous,
                            bool explicitFilename) override;
    void EnableAsciiInternal(Ptr<OutputStreamWrapper> stream,
                             std::string prefix,
                             Ptr<NetDevice> device,
                             bool explicitFilename) override;

    /// Give the links to trains.
    void InstallTrains();

    /// Give the nodes devices, and join them.
    void InstallDevices();

    /// Give the nodes Internet stacks, addresses and routes.
    void InstallStacks();

    /**
     * @brief Make how the directions of a link change.
     * @param directions up and down
     * @param failures of its nodes
     * @return up and down; null where it does not change
     */
    std::array<Ptr<PortendLinkCourse>, 2> MakeCourses(
        const std::array<Direction, 2>& directions,
        const std::vector<Ptr<PortendFailures>>& failures);

    /**
     * @brief Make what damages packets where a direction of a link ends.
     *
     * Models are numbered by ends of links, whichever of them lose packets.
     *
     * @param direction what ends there
     * @return the model, kept to assign it a stream; null if nothing is lost
     */
    Ptr<RateErrorModel> MakeErrorModel(const Direction& direction);

    std::shared_ptr<State> m_state;                 //!< links and nodes; ways are found in it
    ObjectFactory m_transport;                      //!< makes the transports
    QueueSize m_queueSize;                          //!< of devices
    std::vector<Ptr<RateErrorModel>> m_errorModels; //!< by end of a link; null if nothing is lost
    /// Makes what says when nodes are down, by their numbers.
    std::map<uint32_t, std::function<Ptr<PortendFailures>()>> m_makeFailures;
    /// When nodes are down, by their numbers.
    std::map<uint32_t, Ptr<PortendFailures>> m_failures;
    /// Of links that change, by direction: two of their processes, two of their failures.
    std::vector<std::vector<Ptr<RandomVariableStream>>> m_variables;
    double m_loss{0};                //!< share of packets that a link loses
    Ptr<PortendExchange> m_exchange; //!< what the nodes share
    std::vector<std::pair<std::string, Ptr<PcapFileWrapper>>> m_pcapFiles; //!< by name
};

} // namespace ns3

#endif // PORTEND_NETWORK_HELPER_H
