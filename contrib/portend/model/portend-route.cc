/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-route.h"

#include "ns3/abort.h"

#include <algorithm>

namespace ns3
{

PortendRoute::PortendRoute(const Headers& headers)
    : m_headers(headers)
{
}

void
PortendRoute::AddLink(DataRate rate, Time delay, uint16_t mtu)
{
    NS_ABORT_MSG_IF(mtu < MIN_MTU_BYTES,
                    "an MTU of " << mtu << " bytes is none of IPv4; allowed: at least "
                                 << MIN_MTU_BYTES);
    m_rates.push_back(rate);
    m_propagation += delay;
    m_mtu = std::min<uint32_t>(m_mtu, mtu);
}

uint32_t
PortendRoute::GetFragmentBytes() const
{
    return m_mtu - m_headers.packetBytes;
}

Time
PortendRoute::GetPropagation() const
{
    return m_propagation;
}

const std::vector<DataRate>&
PortendRoute::GetRates() const
{
    return m_rates;
}

uint32_t
PortendRoute::GetFragments(uint32_t bytes) const
{
    const uint64_t all = uint64_t{bytes} + m_headers.messageBytes;
    return std::max<uint64_t>(1, (all + GetFragmentBytes() - 1) / GetFragmentBytes());
}

Time
PortendRoute::GetTransmission(uint32_t bytes) const
{
    const uint32_t fragments = GetFragments(bytes);
    const uint32_t fullBytes = m_mtu + FRAMING_BYTES;
    const uint32_t lastBytes = bytes + m_headers.messageBytes -
                               (fragments - 1) * GetFragmentBytes() + m_headers.packetBytes +
                               FRAMING_BYTES;

    Time lastAhead; // last packet over links b .. end
    for (const auto& rate : m_rates)
    {
        lastAhead += rate.CalculateBytesTxTime(lastBytes);
    }
    if (fragments == 1)
    {
        return lastAhead;
    }
    Time fullBehind; // first full packet over links begin .. b
    Time slowest;    // full packet over the slowest link so far
    Time longest;
    for (const auto& rate : m_rates)
    {
        const Time fullHere = rate.CalculateBytesTxTime(fullBytes);
        fullBehind += fullHere;
        slowest = std::max(slowest, fullHere);
        longest = std::max(longest,
                           fullBehind + slowest * static_cast<int64_t>(fragments - 2) + lastAhead);
        lastAhead -= rate.CalculateBytesTxTime(lastBytes);
    }
    return longest;
}

uint64_t
PortendRoute::GetLinkBytes(uint32_t bytes) const
{
    return bytes + m_headers.messageBytes +
           uint64_t{GetFragments(bytes)} * (m_headers.packetBytes + FRAMING_BYTES);
}

} // namespace ns3
