/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-packets.h"

#include "portend-profile.h"

namespace portend
{

namespace
{

/// Header of IPv4 without options, in every packet and fragment.
constexpr uint32_t IP_HEADER_BYTES = 20;

} // namespace

uint32_t
MessagePackets::GetLargestBytes() const
{
    return count > 1 ? fullBytes : lastBytes;
}

uint32_t
PacketFormat::GetPayloadBytes() const
{
    return segmentBytes > 0 ? segmentBytes : mtuBytes - headerBytes;
}

uint64_t
PacketFormat::GetFragments(uint64_t bytes) const
{
    const uint64_t payload = GetPayloadBytes();
    const uint64_t all = bytes + messageHeaderBytes;
    return all == 0 ? 1 : (all + payload - 1) / payload;
}

uint64_t
PacketFormat::GetLinkBytes(uint64_t bytes) const
{
    return bytes + messageHeaderBytes + GetFragments(bytes) * (headerBytes + framingBytes);
}

uint64_t
PacketFormat::GetFullPacketBytes() const
{
    return uint64_t{GetPayloadBytes()} + headerBytes + framingBytes;
}

uint64_t
PacketFormat::GetLastPacketBytes(uint64_t bytes) const
{
    const uint64_t payload = GetPayloadBytes();
    return bytes + messageHeaderBytes - (GetFragments(bytes) - 1) * payload + headerBytes +
           framingBytes;
}

MessagePackets
PacketFormat::GetPackets(uint64_t bytes) const
{
    return {GetFragments(bytes),
            static_cast<uint32_t>(GetFullPacketBytes() - framingBytes),
            static_cast<uint32_t>(GetLastPacketBytes(bytes) - framingBytes)};
}

void
PacketFormat::RequireMtu(uint32_t mtu, const std::string& where) const
{
    if (mtu <= headerBytes)
    {
        throw InputError(where,
                         "found " + std::to_string(mtu) + "; allowed: more than the " +
                             std::to_string(headerBytes) + " bytes of headers");
    }
}

std::vector<uint32_t>
FragmentPacket(uint32_t bytes, uint32_t mtuBytes)
{
    if (bytes <= mtuBytes)
    {
        return {bytes};
    }
    // Offsets of fragments are multiples of 8 bytes.
    const uint32_t most = (mtuBytes - IP_HEADER_BYTES) & ~7U;
    uint32_t left = bytes - IP_HEADER_BYTES;
    std::vector<uint32_t> fragments;
    for (; left > most; left -= most)
    {
        fragments.push_back(most + IP_HEADER_BYTES);
    }
    fragments.push_back(left + IP_HEADER_BYTES);
    return fragments;
}

bool
IsCut(uint32_t bytes, const std::vector<uint32_t>& mtus)
{
    return std::any_of(mtus.begin(), mtus.end(), [bytes](auto mtu) { return bytes > mtu; });
}

} // namespace portend
