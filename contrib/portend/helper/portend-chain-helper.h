/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_CHAIN_HELPER_H
#define PORTEND_CHAIN_HELPER_H

#include "ns3/attribute.h"
#include "ns3/data-rate.h"
#include "ns3/error-model.h"
#include "ns3/ipv4-address.h"
#include "ns3/net-device-container.h"
#include "ns3/node-container.h"
#include "ns3/nstime.h"
#include "ns3/object-factory.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/portend-chain.h"
#include "ns3/portend-route.h"
#include "ns3/queue-size.h"
#include "ns3/trace-helper.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Builds a chain of tiers: nodes, point-to-point links, addresses, routes, transports.
 *
 *     tier 0 --- link 0 --- tier 1 --- link 1 --- tier 2 ...
 *
 * Links are full duplex. Devices have a drop-tail queue and no queue disc: a queue disc would
 * drop packets of a tensor's burst behind its back. Pcap and ascii traces are enabled as with
 * any device helper.
 */
class PortendChainHelper : public PcapHelperForDevice, public AsciiTraceHelperForDevice
{
  public:
    /// Links that a packet passes at most: IPv4's largest time to live.
    static constexpr uint32_t MAX_HOPS = 255;

    PortendChainHelper();

    /**
     * @brief Append a link, and with it a tier.
     * @param bandwidth BW_j, above 0
     * @param delay PD_j, propagation delay
     * @param mtu bytes, at least PortendRoute::MIN_MTU_BYTES; 0 is that of SetMtu()
     */
    void AddLink(DataRate bandwidth, Time delay, uint16_t mtu = 0);

    /**
     * @brief Set the MTU of all links that have none of their own.
     * @param mtu bytes, at least PortendRoute::MIN_MTU_BYTES; 9000 by default
     */
    void SetMtu(uint16_t mtu);

    /**
     * @brief Set the size of all device queues.
     * @param size 4 GB by default, more than any simulation fills; a queue smaller than a
     *        message loses packets of it
     */
    void SetQueueSize(QueueSize size);

    /**
     * @brief Let all links lose packets, in both directions.
     * @param rate share of the packets that a link damages, from 0, the default, to below 1
     */
    void SetLoss(double rate);

    /**
     * @brief Set the kind of transport.
     * @param type `ns3::PortendUdpTransport`, the default, or `ns3::PortendTcpTransport`
     */
    void SetTransport(const std::string& type);

    /**
     * @brief Set an attribute of all transports.
     * @param name the attribute
     * @param value its value
     */
    void SetTransportAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @brief Create the nodes and join them.
     * @return the nodes, by tier
     */
    NodeContainer Install();

    /**
     * @brief Join nodes that exist.
     * @param nodes the nodes by tier, without an Internet stack; one more than links
     */
    void Install(NodeContainer nodes);

    /**
     * @brief Assign fixed streams to the random variables of the links, once installed.
     * @param stream first stream to use
     * @return number of streams used
     */
    int64_t AssignStreams(int64_t stream);

    /**
     * @brief Get the two devices of a link.
     * @param link index of the link
     * @return the device of tier `link`, then that of tier `link + 1`
     */
    NetDeviceContainer GetDevices(uint32_t link) const;

    /**
     * @brief Get the way between two tiers.
     * @param from tier that sends
     * @param to tier that receives
     * @return links in the order of travel
     */
    PortendRoute GetRoute(uint32_t from, uint32_t to) const;

    /**
     * @brief Get the address under which a tier knows another.
     * @param tier the tier addressed
     * @param from the tier that sends
     * @return address of the interface of `tier` that looks to `from`
     */
    static Ipv4Address GetAddress(uint32_t tier, uint32_t from);

    /**
     * @brief Close the pcap files.
     * @return name of one that could not be written to its end; empty if there is none
     */
    std::string ClosePcap();

  private:
    /// A link of the chain.
    struct Link
    {
        DataRate bandwidth;         //!< BW_j
        Time delay;                 //!< PD_j
        uint16_t mtu;               //!< 0 is that of all links
        NetDeviceContainer devices; //!< lower tier's, then upper tier's
    };

    void EnablePcapInternal(std::string prefix,
                            Ptr<NetDevice> device,
                            bool promiscuous,
                            bool explicitFilename) override;
    void EnableAsciiInternal(Ptr<OutputStreamWrapper> stream,
                             std::string prefix,
                             Ptr<NetDevice> device,
                             bool explicitFilename) override;

    /**
     * @brief Get the MTU of a link.
     * @param link the link
     * @return bytes
     */
    uint16_t GetMtu(const Link& link) const;

    /// Let every device damage packets that it receives.
    void InstallErrorModels();

    /// Give every interface its address.
    void AssignAddresses();

    /**
     * @brief Describe the links.
     * @return the chain, as its transports share it
     */
    Ptr<PortendChain> MakeChain() const;

    /**
     * @brief Tell every node the way to every link that it is not on.
     *
     * Links up the chain are the default. Those down the chain, the first ones, are networks of
     * 2^n links each, so that a node has few routes however long the chain is.
     */
    void AddRoutes();

    /// Put a transport on every node.
    void InstallTransports();

    PointToPointHelper m_pointToPoint;              //!< makes the links
    ObjectFactory m_transport;                      //!< makes the transports
    PortendRoute::Headers m_headers{};              //!< what they add to messages
    std::vector<Link> m_links;                      //!< the links, from tier 0 up
    NodeContainer m_nodes;                          //!< the tiers
    std::vector<Ptr<RateErrorModel>> m_errorModels; //!< of the devices
    std::vector<std::pair<std::string, Ptr<PcapFileWrapper>>> m_pcapFiles; //!< by name
    double m_loss{0};     //!< share of packets that a link loses
    uint16_t m_mtu{9000}; //!< MTU of links without their own
};

} // namespace ns3

#endif // PORTEND_CHAIN_HELPER_H
