/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_TRANSPORT_HELPER_H
#define PORTEND_TRANSPORT_HELPER_H

#include "ns3/attribute.h"
#include "ns3/node-container.h"
#include "ns3/object-factory.h"
#include "ns3/portend-exchange.h"
#include "ns3/ptr.h"

#include <string>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Gives nodes of any network of ns-3 what they need to exchange messages.
 *
 * The nodes have an Internet stack, addresses, and routes between them: over Wi-Fi, CSMA or
 * whatever ns-3 has. What lies between them is not known to Portend: all time in the network is
 * the ledger's excess part `medium`. For those who have no network, PortendNetworkHelper builds
 * one.
 */
class PortendTransportHelper
{
  public:
    /**
     * @brief Constructor.
     * @param type `ns3::PortendUdpTransport` or `ns3::PortendTcpTransport`
     */
    explicit PortendTransportHelper(const std::string& type = "ns3::PortendUdpTransport");

    /**
     * @brief Set an attribute of all transports.
     * @param name the attribute
     * @param value its value
     */
    void SetAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @brief Aggregate a transport to each node.
     *
     * The way from one node to another is found when they first exchange messages: the first of
     * the receiver's addresses to which the sender has a route, and the MTU of the interface that
     * it leaves by. If there is no route as yet, the first address, and the smallest MTU.
     *
     * @param nodes the nodes that sources, workers and sinks will run on; they are numbered in
     *        this order
     * @return what the nodes share
     */
    Ptr<PortendExchange> Install(const NodeContainer& nodes) const;

  private:
    ObjectFactory m_transport; //!< makes the transports
};

} // namespace ns3

#endif // PORTEND_TRANSPORT_HELPER_H
