/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_PACKETS_H
#define PORTEND_PACKETS_H

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/**
 * @file
 * @ingroup portend
 * How messages become packets, and packets pass links.
 */

namespace portend
{

/**
 * @ingroup portend
 * @brief The IP packets of a message: all full but the last.
 */
struct MessagePackets
{
    uint64_t count{1};     //!< how many
    uint32_t fullBytes{0}; //!< size of each but the last, its IP header included
    uint32_t lastBytes{0}; //!< size of the last

    /**
     * @brief Get the size of the largest.
     * @return bytes
     */
    uint32_t GetLargestBytes() const;
};

/**
 * @ingroup portend
 * @brief How messages become packets, where they are sent.
 */
struct PacketFormat
{
    uint32_t mtuBytes{9000};        //!< largest IP packet, of links that have no MTU of their own
    uint32_t headerBytes{48};       //!< headers inside the MTU: IPv4 20, UDP 8, fragment 20
    uint32_t framingBytes{2};       //!< link header outside the MTU: PPP
    uint32_t messageHeaderBytes{0}; //!< before each message: over TCP 20
    uint32_t segmentBytes{0};       //!< most of a message in a packet; 0 fills the MTU

    /**
     * @brief Get how much of a message a full packet carries.
     * @return bytes
     */
    uint32_t GetPayloadBytes() const;

    /**
     * @brief Count the packets of a message.
     * @param bytes size of the message
     * @return number of packets, at least 1
     */
    uint64_t GetFragments(uint64_t bytes) const;

    /**
     * @brief Count the bytes that a message puts on each link.
     * @param bytes size of the message
     * @return bytes, all headers included
     */
    uint64_t GetLinkBytes(uint64_t bytes) const;

    /**
     * @brief Size of a message's full packets on the link.
     * @return bytes, link header included
     */
    uint64_t GetFullPacketBytes() const;

    /**
     * @brief Size of a message's last packet on the link.
     * @param bytes size of the message
     * @return bytes, link header included
     */
    uint64_t GetLastPacketBytes(uint64_t bytes) const;

    /**
     * @brief Get the IP packets of a message, as they are sent.
     * @param bytes size of the message
     * @return number and sizes
     */
    MessagePackets GetPackets(uint64_t bytes) const;

    /**
     * @brief Require that an MTU leaves room for a message.
     * @param mtu bytes
     * @param where its place, a JSON pointer
     * @throw InputError if it does not
     */
    void RequireMtu(uint32_t mtu, const std::string& where) const;
};

/**
 * @ingroup portend
 * @brief Cut an IPv4 packet for a link, as routers do (RFC 791).
 * @param bytes size of the packet, its header of 20 bytes included
 * @param mtuBytes largest packet that the link takes
 * @return sizes of the fragments, a header in each; the packet itself if the link takes it
 */
std::vector<uint32_t> FragmentPacket(uint32_t bytes, uint32_t mtuBytes);

/**
 * @ingroup portend
 * @brief Tell whether IP cuts a packet on its path.
 * @param bytes size of the packet, its IP header included
 * @param mtus largest packets that the links take, in the order of travel
 * @return true if a link takes less
 */
bool IsCut(uint32_t bytes, const std::vector<uint32_t>& mtus);

/**
 * @ingroup portend
 * @brief Follow an IP packet and its pieces over links that may cut them.
 *
 * @tparam Time type of times
 * @tparam Pass of `Time pass(std::size_t link, uint32_t bytes, Time arrived)`
 * @param bytes size of the packet, its IP header included
 * @param arrived when it is at the first link
 * @param mtus largest packets that the links take, in the order of travel
 * @param pass called with each piece on each link, in the order of travel; tells when the piece
 *        has left the link
 * @param link index of the first link
 */
template <typename Time, typename Pass>
void
FollowPacket(uint32_t bytes,
             Time arrived,
             const std::vector<uint32_t>& mtus,
             Pass&& pass,
             std::size_t link = 0)
{
    if (link == mtus.size())
    {
        return;
    }
    for (const auto piece : FragmentPacket(bytes, mtus[link]))
    {
        FollowPacket(piece, pass(link, piece, arrived), mtus, pass, link + 1);
    }
}

/**
 * @ingroup portend
 * @brief Send an IP packet over links behind those before it.
 *
 * @tparam Time type of times, `Time()` their zero
 * @tparam GetTime of `Time getTime(std::size_t link, uint32_t bytes)`
 * @param passage when what was before has left each link; gets when this packet has
 * @param bytes size of the packet, its IP header included
 * @param released when it is sent
 * @param mtus largest packets that the links take, in the order of travel
 * @param getTime gives the time that a packet occupies a link
 */
template <typename Time, typename GetTime>
void
PassPacket(std::vector<Time>& passage,
           uint32_t bytes,
           Time released,
           const std::vector<uint32_t>& mtus,
           GetTime&& getTime)
{
    FollowPacket(bytes, released, mtus, [&](std::size_t link, uint32_t piece, Time arrived) {
        passage[link] = std::max(passage[link], arrived) + getTime(link, piece);
        return passage[link];
    });
}

/**
 * @ingroup portend
 * @brief Get the time that a message occupies the links of an idle path.
 *
 * The packets of a message pass the links as jobs pass a flow shop: packet p starts on link a
 * when packet p-1 has left it and packet p has left link a-1. If packets are cut, each is
 * followed. Else the makespan is the longest monotone path through the grid of packets and links.
 * All rows but the last are equal, so a longest path runs along the full packets up to some link
 * b, waits there for the slowest of the links passed, steps down to the last packet on link b, and
 * follows it to the end: with F-1 full packets that is
 * max over b of [ sum_{a<=b} T_a + (F-2) max_{a<=b} T_a + sum_{a>=b} t_a ],
 * where T_a and t_a are the times of a full and of the last packet on link a.
 *
 * @tparam Time type of times, `Time()` their zero
 * @tparam GetTime of `Time getTime(std::size_t link, uint32_t bytes)`
 * @param message its packets
 * @param mtus largest packets that the links take, in the order of travel
 * @param getTime gives the time that a packet occupies a link
 * @return until the last packet has left the last link, propagation not included
 */
template <typename Time, typename GetTime>
Time
GetTransmissionTime(const MessagePackets& message,
                    const std::vector<uint32_t>& mtus,
                    GetTime&& getTime)
{
    if (IsCut(message.GetLargestBytes(), mtus))
    {
        std::vector<Time> passage(mtus.size());
        for (uint64_t i = 1; i < message.count; ++i)
        {
            PassPacket(passage, message.fullBytes, Time(), mtus, getTime);
        }
        PassPacket(passage, message.lastBytes, Time(), mtus, getTime);
        return passage.back();
    }
    Time lastAhead{}; // last packet over links b .. end
    for (std::size_t link = 0; link < mtus.size(); ++link)
    {
        lastAhead += getTime(link, message.lastBytes);
    }
    if (message.count < 2)
    {
        return lastAhead;
    }
    Time fullBehind{}; // first full packet over links begin .. b
    Time slowest{};    // full packet over the slowest link so far
    Time makespan{};
    for (std::size_t link = 0; link < mtus.size(); ++link)
    {
        const Time fullHere = getTime(link, message.fullBytes);
        fullBehind += fullHere;
        slowest = std::max(slowest, fullHere);
        const auto between = slowest * static_cast<int64_t>(message.count - 2);
        makespan = std::max(makespan, fullBehind + between + lastAhead);
        lastAhead -= getTime(link, message.lastBytes);
    }
    return makespan;
}

} // namespace portend

#endif // PORTEND_PACKETS_H
