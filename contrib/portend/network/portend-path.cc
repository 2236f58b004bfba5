/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-path.h"

#include "ns3/abort.h"

namespace ns3
{

PortendPath::PortendPath(const Headers& headers)
    : m_headers(headers)
{
}

void
PortendPath::AddLink(DataRate rate, Time delay, uint16_t mtu)
{
    AddMtu(mtu);
    m_rates.push_back(rate);
    m_propagation += delay;
    m_mtus.push_back(mtu);
}

void
PortendPath::AddMedium(uint16_t mtu)
{
    AddMtu(mtu);
    m_hasMedium = true;
}

bool
PortendPath::HasMedium() const
{
    return m_hasMedium;
}

void
PortendPath::AddMtu(uint16_t mtu)
{
    NS_ABORT_MSG_IF(mtu < MIN_MTU_BYTES,
                    "an MTU of " << mtu << " bytes is none of IPv4; allowed: at least "
                                 << MIN_MTU_BYTES);
    if (m_mtus.empty() && !m_hasMedium)
    {
        m_firstMtu = mtu;
    }
}

portend::PacketFormat
PortendPath::GetFormat() const
{
    return {m_firstMtu,
            m_headers.packetBytes,
            FRAMING_BYTES,
            m_headers.messageBytes,
            m_headers.segmentBytes};
}

uint32_t
PortendPath::GetFragmentBytes() const
{
    return GetFormat().GetPayloadBytes();
}

Time
PortendPath::GetPropagation() const
{
    return m_propagation;
}

const std::vector<DataRate>&
PortendPath::GetRates() const
{
    return m_rates;
}

bool
PortendPath::IsFragmented(uint32_t packetBytes) const
{
    return portend::IsCut(packetBytes, m_mtus);
}

void
PortendPath::Pass(std::vector<Time>& passage, uint32_t packetBytes, Time released) const
{
    portend::PassPacket(passage,
                        packetBytes,
                        released,
                        m_mtus,
                        [this](std::size_t link, uint32_t bytes) { return GetTime(link, bytes); });
}

Time
PortendPath::GetTransmission(uint32_t bytes) const
{
    return portend::GetTransmissionTime<Time>(
        GetPackets(bytes),
        m_mtus,
        [this](std::size_t link, uint32_t packet) { return GetTime(link, packet); });
}

portend::MessagePackets
PortendPath::GetPackets(uint32_t bytes) const
{
    return GetFormat().GetPackets(bytes);
}

uint64_t
PortendPath::GetLinkBytes(uint32_t bytes) const
{
    return GetFormat().GetLinkBytes(bytes);
}

Time
PortendPath::GetTime(std::size_t link, uint32_t packetBytes) const
{
    return m_rates[link].CalculateBytesTxTime(packetBytes + FRAMING_BYTES);
}

} // namespace ns3
