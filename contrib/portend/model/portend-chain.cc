/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-chain.h"

#include "ns3/abort.h"

#include <algorithm>

namespace ns3
{

namespace
{

/// Network of the first link: 10.0.0.0; the others follow.
constexpr uint32_t FIRST_NETWORK = 10U << 24;

/// Bits of an address that tell the ends of a link: 1 is the lower tier, 2 the upper.
constexpr uint32_t END_BITS = 2;

} // namespace

const Ipv4Mask PortendChain::LINK_MASK("255.255.255.252");

PortendChain::PortendChain(const PortendRoute::Headers& headers)
    : m_headers(headers)
{
}

void
PortendChain::AddLink(DataRate rate, Time delay, uint16_t mtu)
{
    m_links.push_back({rate, delay, mtu});
}

uint32_t
PortendChain::GetTiers() const
{
    return m_links.size() + 1;
}

PortendRoute
PortendChain::GetRoute(uint32_t from, uint32_t to) const
{
    NS_ABORT_MSG_IF(std::max(from, to) >= GetTiers(),
                    "tier " << from << " knows no way to tier " << to);
    PortendRoute route(m_headers);
    const auto add = [&](const Link& link) { route.AddLink(link.rate, link.delay, link.mtu); };
    for (auto j = from; j < to; ++j)
    {
        add(m_links[j]);
    }
    for (auto j = from; j > to; --j)
    {
        add(m_links[j - 1]);
    }
    return route;
}

Ipv4Address
PortendChain::GetNetwork(uint32_t link)
{
    return Ipv4Address(FIRST_NETWORK + (link << END_BITS));
}

Ipv4Address
PortendChain::GetAddress(uint32_t tier, uint32_t from)
{
    const bool isAbove = tier > from;
    const auto network = GetNetwork(isAbove ? tier - 1 : tier);
    return Ipv4Address(network.Get() + (isAbove ? 2 : 1));
}

uint32_t
PortendChain::FindTier(Ipv4Address address) const
{
    // An address below the first network wraps to a link that is not there.
    const uint32_t link = (address.Get() - FIRST_NETWORK) >> END_BITS;
    const uint32_t end = address.Get() & ~LINK_MASK.Get();
    const bool isEnd = link < m_links.size() && (end == 1 || end == 2);
    return isEnd ? link + end - 1 : GetTiers();
}

} // namespace ns3
