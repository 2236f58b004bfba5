/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-path.h"

#include "ns3/abort.h"

#include <algorithm>

namespace ns3
{

namespace
{

/**
 * @brief Get how long bytes are transmitted.
 * @param rate bandwidth, above 0
 * @param bytes how many
 * @return seconds
 */
double
GetSeconds(DataRate rate, uint64_t bytes)
{
    return 8.0 * static_cast<double>(bytes) / static_cast<double>(rate.GetBitRate());
}

} // namespace

PortendPath::PortendPath(const Headers& headers)
    : m_headers(headers)
{
}

void
PortendPath::AddLink(DataRate rate, Time delay, uint16_t mtu)
{
    AddMtu(mtu);
    m_rates.push_back(rate);
    m_delays.push_back(delay);
    m_propagation += delay;
    m_mtus.push_back(mtu);
    m_courses.emplace_back();
    m_energies.emplace_back();
    m_timedBytes = 0;
}

void
PortendPath::SetEnergy(const portend::LinkEnergy& energy)
{
    m_energies.back() = energy;
    m_hasEnergy = m_hasEnergy || energy.IsKnown();
}

bool
PortendPath::HasEnergy() const
{
    return m_hasEnergy;
}

void
PortendPath::AddLink(Ptr<PortendLinkCourse> course, uint16_t mtu)
{
    AddLink(course->GetHighestRate(), course->GetLongestDelay(), mtu);
    m_courses.back() = course;
    m_isChanging = true;
}

bool
PortendPath::IsChanging() const
{
    return m_isChanging;
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
    m_transmission.reset();
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
PortendPath::Pass(Passage& passage, uint32_t packetBytes, Time released) const
{
    const auto pass = [&](std::size_t link, uint32_t bytes, Time arrived, auto&& getTime) {
        auto& [free, arrives, seconds] = passage[link];
        const auto ready = std::max(free, arrived);
        if (const auto& course = m_courses[link])
        {
            const auto passed = course->Pass(ready, bytes + FRAMING_BYTES, arrives);
            free = passed.free;
            arrives = passed.arrives;
            seconds += passed.GetTransmissionS(bytes + FRAMING_BYTES);
        }
        else
        {
            free = ready + getTime();
            arrives = free + m_delays[link];
            seconds += GetSeconds(m_rates[link], bytes + FRAMING_BYTES);
        }
        return arrives;
    };
    if (IsFragmented(packetBytes))
    {
        portend::FollowPacket(
            packetBytes,
            released,
            m_mtus,
            [&](std::size_t link, uint32_t bytes, Time arrived) {
                return pass(link, bytes, arrived, [&]() { return GetTime(m_rates[link], bytes); });
            });
        return;
    }
    if (packetBytes != m_timedBytes) // most packets are of the same size
    {
        m_timedBytes = packetBytes;
        m_times.clear();
        for (const auto& rate : m_rates)
        {
            m_times.push_back(GetTime(rate, packetBytes));
        }
    }
    for (std::size_t link = 0; link < passage.size(); ++link)
    {
        released = pass(link, packetBytes, released, [&]() { return m_times[link]; });
    }
}

PortendPath::Idle
PortendPath::GetIdle(Time sent, uint32_t bytes) const
{
    if (!m_isChanging)
    {
        return {m_propagation, GetTransmission(bytes)};
    }
    if (const auto steady = GetSteady(sent, bytes))
    {
        return *steady;
    }
    const auto passage = PassAll(sent, bytes);
    Idle idle;
    for (std::size_t link = 0; link < m_rates.size(); ++link)
    {
        // Its last packet's, or one before it that it cannot overtake.
        idle.propagation += passage[link].arrives - passage[link].free;
    }
    idle.transmission = passage.back().arrives - sent - idle.propagation;
    return idle;
}

PortendPath::Passage
PortendPath::PassAll(Time sent, uint32_t bytes) const
{
    const auto packets = GetPackets(bytes);
    Passage passage(m_rates.size());
    for (uint64_t i = 1; i < packets.count; ++i)
    {
        Pass(passage, packets.fullBytes, sent);
    }
    Pass(passage, packets.lastBytes, sent);
    return passage;
}

std::vector<uint64_t>
PortendPath::CountBytes(uint32_t bytes) const
{
    const auto packets = GetPackets(bytes);
    if (!IsFragmented(packets.GetLargestBytes()))
    {
        return std::vector<uint64_t>(m_rates.size(), GetLinkBytes(bytes));
    }
    std::vector<uint64_t> linkBytes(m_rates.size(), 0);
    const auto count = [&](std::size_t link, uint32_t piece, int now) {
        linkBytes[link] += piece + FRAMING_BYTES;
        return now; // it does not matter when
    };
    for (uint64_t i = 1; i < packets.count; ++i)
    {
        portend::FollowPacket(packets.fullBytes, 0, m_mtus, count);
    }
    portend::FollowPacket(packets.lastBytes, 0, m_mtus, count);
    return linkBytes;
}

std::vector<double>
PortendPath::GetTransmissionS(Time sent, uint32_t bytes) const
{
    std::vector<double> seconds;
    if (m_isChanging)
    {
        for (const auto& passed : PassAll(sent, bytes))
        {
            seconds.push_back(passed.seconds);
        }
        return seconds;
    }
    const auto linkBytes = CountBytes(bytes);
    for (std::size_t link = 0; link < m_rates.size(); ++link)
    {
        seconds.push_back(GetSeconds(m_rates[link], linkBytes[link]));
    }
    return seconds;
}

double
PortendPath::GetEnergy(Time sent, uint32_t bytes) const
{
    const auto linkBytes = CountBytes(bytes);
    const auto seconds = GetTransmissionS(sent, bytes);
    double joules = 0;
    for (std::size_t link = 0; link < m_energies.size(); ++link)
    {
        joules += m_energies[link].Get(8.0 * static_cast<double>(linkBytes[link]), seconds[link]);
    }
    return joules;
}

std::optional<PortendPath::Idle>
PortendPath::GetSteady(Time sent, uint32_t bytes) const
{
    auto until = Time::Max();
    Idle idle;
    const auto getRate = [&](std::size_t link) {
        const auto& course = m_courses[link];
        return course ? course->Get(sent).state.rate : m_rates[link];
    };
    for (std::size_t link = 0; link < m_rates.size(); ++link)
    {
        auto delay = m_delays[link];
        if (const auto& course = m_courses[link])
        {
            const auto& piece = course->Get(sent);
            delay = course->GetDelay(piece);
            until = std::min(until, piece.until);
        }
        if (getRate(link).GetBitRate() == 0)
        {
            return {};
        }
        idle.propagation += delay;
    }
    idle.transmission = portend::GetTransmissionTime<Time>(
        GetPackets(bytes),
        m_mtus,
        [&](std::size_t link, uint32_t packet) { return GetTime(getRate(link), packet); });
    if (sent + idle.propagation + idle.transmission > until)
    {
        return {};
    }
    return idle;
}

Time
PortendPath::GetTransmission(uint32_t bytes) const
{
    if (!m_transmission || m_transmission->first != bytes)
    {
        const auto getTime = [this](std::size_t link, uint32_t packet) {
            return GetTime(m_rates[link], packet);
        };
        m_transmission = {bytes,
                          portend::GetTransmissionTime<Time>(GetPackets(bytes), m_mtus, getTime)};
    }
    return m_transmission->second;
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
PortendPath::GetTime(DataRate rate, uint32_t packetBytes)
{
    return rate.CalculateBytesTxTime(packetBytes + FRAMING_BYTES);
}

} // namespace ns3
