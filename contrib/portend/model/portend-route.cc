/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-route.h"

#include "ns3/abort.h"
#include "ns3/portend-estimator.h"

#include <algorithm>
#include <utility>

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
    m_mtus.push_back(mtu);
}

uint32_t
PortendRoute::GetFragmentBytes() const
{
    if (m_headers.segmentBytes > 0)
    {
        return m_headers.segmentBytes;
    }
    return (m_mtus.empty() ? UINT16_MAX : m_mtus.front()) - m_headers.packetBytes;
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

bool
PortendRoute::IsFragmented(uint32_t packetBytes) const
{
    return std::any_of(m_mtus.begin(), m_mtus.end(), [&](auto mtu) { return packetBytes > mtu; });
}

void
PortendRoute::Pass(std::vector<Time>& passage, uint32_t packetBytes, Time released) const
{
    std::vector<std::pair<uint32_t, Time>> pieces{{packetBytes, released}};
    for (std::size_t a = 0; a < m_rates.size(); ++a)
    {
        std::vector<std::pair<uint32_t, Time>> left;
        for (const auto& [bytes, arrived] : pieces)
        {
            for (const auto fragment : portend::FragmentPacket(bytes, m_mtus[a]))
            {
                passage[a] = std::max(passage[a], arrived) +
                             m_rates[a].CalculateBytesTxTime(fragment + FRAMING_BYTES);
                left.emplace_back(fragment, passage[a]);
            }
        }
        pieces = std::move(left);
    }
}

Time
PortendRoute::GetTransmission(uint32_t bytes) const
{
    const uint32_t fragments = GetFragments(bytes);
    const uint32_t fullPacket = GetFragmentBytes() + m_headers.packetBytes;
    const uint32_t lastPacket = bytes + m_headers.messageBytes -
                                (fragments - 1) * GetFragmentBytes() + m_headers.packetBytes;
    if (IsFragmented(fragments > 1 ? fullPacket : lastPacket))
    {
        std::vector<Time> passage(m_rates.size());
        for (uint32_t i = 1; i < fragments; ++i)
        {
            Pass(passage, fullPacket, Time());
        }
        Pass(passage, lastPacket, Time());
        return passage.back();
    }
    const uint32_t fullBytes = fullPacket + FRAMING_BYTES;
    const uint32_t lastBytes = lastPacket + FRAMING_BYTES;

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
