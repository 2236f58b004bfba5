/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_CHAIN_H
#define PORTEND_CHAIN_H

#include "portend-route.h"

#include "ns3/data-rate.h"
#include "ns3/ipv4-address.h"
#include "ns3/nstime.h"
#include "ns3/simple-ref-count.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief A chain of tiers as its transports know it: addresses, and the ways between tiers.
 *
 * One is shared by all nodes, and ways are made when they are asked for, so that a chain takes
 * memory for its links and not for its pairs of tiers.
 */
class PortendChain : public SimpleRefCount<PortendChain>
{
  public:
    /// The network of a link: one address for each end.
    static const Ipv4Mask LINK_MASK;

    /**
     * @brief Constructor: tier 0 alone.
     * @param headers how the transports make packets
     */
    explicit PortendChain(const PortendRoute::Headers& headers);

    /**
     * @brief Append a link, and with it a tier.
     * @param rate its bandwidth
     * @param delay its propagation delay
     * @param mtu its MTU, bytes
     */
    void AddLink(DataRate rate, Time delay, uint16_t mtu);

    /**
     * @brief Count the tiers.
     * @return number M of tiers
     */
    uint32_t GetTiers() const;

    /**
     * @brief Get the way between two tiers.
     * @param from tier that sends
     * @param to tier that receives
     * @return links in the order of travel
     */
    PortendRoute GetRoute(uint32_t from, uint32_t to) const;

    /**
     * @brief Get the network of a link.
     * @param link index of the link
     * @return its address
     */
    static Ipv4Address GetNetwork(uint32_t link);

    /**
     * @brief Get the address under which a tier knows another.
     * @param tier the tier addressed
     * @param from the tier that sends
     * @return address of the interface of `tier` that looks to `from`
     */
    static Ipv4Address GetAddress(uint32_t tier, uint32_t from);

    /**
     * @brief Find the tier that has an address.
     * @param address the address
     * @return index of the tier; GetTiers() if it is none's
     */
    uint32_t FindTier(Ipv4Address address) const;

  private:
    /// A link of the chain.
    struct Link
    {
        DataRate rate; //!< bandwidth
        Time delay;    //!< propagation delay
        uint16_t mtu;  //!< bytes
    };

    PortendRoute::Headers m_headers; //!< how the transports make packets
    std::vector<Link> m_links;       //!< from tier 0 up
};

} // namespace ns3

#endif // PORTEND_CHAIN_H
