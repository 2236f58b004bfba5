/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_PATH_H
#define PORTEND_PATH_H

#include "portend-link-course.h"

#include "ns3/data-rate.h"
#include "ns3/nstime.h"
#include "ns3/portend-energy.h"
#include "ns3/portend-packets.h"
#include "ns3/ptr.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief What a message between two tiers meets on its way, and how long that takes when idle.
 *
 * The times are exact to the nanosecond: they use DataRate's own arithmetic, as the devices
 * do. They hold for full packets, over point-to-point links. Packets are made for the MTU of the
 * first link, which is all that a sender knows; IPv4 cuts those that are too large for a later
 * one, and the pieces travel on alone.
 *
 * A part of a path may have no closed form, such as Wi-Fi. The times are those of the links then;
 * nothing is invented for the rest.
 */
class PortendPath
{
  public:
    /// How a transport makes packets of a message.
    struct Headers
    {
        uint32_t packetBytes;  //!< header of each packet, inside the MTU
        uint32_t messageBytes; //!< header before each message
        uint32_t segmentBytes; //!< most of a message in a packet; 0 fills the MTU
    };

    /// Over UDP: IPv4 20, UDP 8, and in every datagram PortendHeader 20 bytes.
    static constexpr Headers UDP_HEADERS{48, 0, 0};

    /// Over TCP: IPv4 20, TCP 20, timestamps 12 bytes, and in the stream PortendHeader 20.
    static constexpr Headers TCP_HEADERS{52, 20, 0};

    /// Header of a point-to-point frame, outside the MTU: PPP, 2 bytes.
    static constexpr uint32_t FRAMING_BYTES = 2;

    /// Smallest MTU: IPv4's (RFC 791); ns-3 leaves the interfaces of smaller ones down.
    static constexpr uint32_t MIN_MTU_BYTES = 68;

    /**
     * @brief Constructor: a route without links.
     * @param headers how the transport makes packets
     */
    explicit PortendPath(const Headers& headers = UDP_HEADERS);

    /**
     * @brief Append a link.
     * @param rate its bandwidth
     * @param delay its propagation delay
     * @param mtu its MTU, bytes, at least MIN_MTU_BYTES
     */
    void AddLink(DataRate rate, Time delay, uint16_t mtu);

    /**
     * @brief Append a link that changes.
     * @param course how packets pass it
     * @param mtu its MTU, bytes, at least MIN_MTU_BYTES
     */
    void AddLink(Ptr<PortendLinkCourse> course, uint16_t mtu);

    /**
     * @brief Say what the ends of the link that was appended last take.
     * @param energy of its nodes
     */
    void SetEnergy(const portend::LinkEnergy& energy);

    /// @return whether the ends of a link take energy
    bool HasEnergy() const;

    /**
     * @brief Append a part that has no closed form: it takes no time here.
     * @param mtu largest packet that it takes, bytes, at least MIN_MTU_BYTES
     */
    void AddMedium(uint16_t mtu);

    /// @return whether a part of the path has no closed form
    bool HasMedium() const;

    /**
     * @brief Get the largest piece of a message that one packet carries.
     * @return bytes, after the MTU where the path begins unless the transport sets it
     */
    uint32_t GetFragmentBytes() const;

    /// @return whether a link changes
    bool IsChanging() const;

    /**
     * @brief Get the propagation delay.
     * @return the sum over the links; of those that change, of their longest
     */
    Time GetPropagation() const;

    /**
     * @brief Get the links' bandwidths.
     * @return bandwidths in the order of travel; of links that change, their highest
     */
    const std::vector<DataRate>& GetRates() const;

    /**
     * @brief Tell whether IP cuts a packet on the way.
     * @param packetBytes size of the packet with its IP header
     * @return true if a link takes less
     */
    bool IsFragmented(uint32_t packetBytes) const;

    /// When packets have passed a link.
    struct Passed
    {
        Time free;         //!< the last has left it
        Time arrives;      //!< the last is at its end
        double seconds{0}; //!< that they took to be transmitted
    };

    /// When packets have passed each link.
    using Passage = std::vector<Passed>;

    /**
     * @brief Send a packet over the links behind those before it.
     * @param passage of the packets before it; gets that of this one
     * @param packetBytes size of the packet with its IP header
     * @param released when it is sent
     */
    void Pass(Passage& passage, uint32_t packetBytes, Time released) const;

    /// What a message takes that is alone.
    struct Idle
    {
        Time propagation;  //!< the delays that its last packet meets
        Time transmission; //!< the rest, until that has arrived
    };

    /**
     * @brief Get what a message takes, were the links idle.
     * @param sent when it is handed over: links may change
     * @param bytes its size
     * @return the times
     */
    Idle GetIdle(Time sent, uint32_t bytes) const;

    /**
     * @brief Get how long a message is transmitted on each link, were they idle.
     * @param sent when it is handed over: links may change
     * @param bytes its size
     * @return seconds, by link
     */
    std::vector<double> GetTransmissionS(Time sent, uint32_t bytes) const;

    /**
     * @brief Get what a message takes of the nodes at the ends of links, were these idle.
     * @param sent when it is handed over: links may change
     * @param bytes its size
     * @return joules
     */
    double GetEnergy(Time sent, uint32_t bytes) const;

    /**
     * @brief Get the time that a message occupies the links, were they idle.
     *
     * Packets are stored and forwarded one by one, so they pipeline over the hops: see
     * portend::GetTransmissionTime(). Links that change have their highest bandwidths.
     *
     * @param bytes size of the message
     * @return the time, propagation not included
     */
    Time GetTransmission(uint32_t bytes) const;

    /**
     * @brief Get the packets of a message, as they are sent.
     * @param bytes size of the message
     * @return number and sizes
     */
    portend::MessagePackets GetPackets(uint32_t bytes) const;

    /**
     * @brief Count the bytes that a message puts on the first link, headers included, and on
     *        each other if no packet is cut.
     * @param bytes size of the message
     * @return bytes
     */
    uint64_t GetLinkBytes(uint32_t bytes) const;

  private:
    /**
     * @brief Count the bytes that a message puts on each link, those of pieces of packets too.
     * @param bytes size of the message
     * @return bytes, by link
     */
    std::vector<uint64_t> CountBytes(uint32_t bytes) const;

    /**
     * @brief Send the packets of a message over idle links.
     * @param sent when it is handed over
     * @param bytes its size
     * @return when they have passed each link
     */
    Passage PassAll(Time sent, uint32_t bytes) const;

    /**
     * @brief Note the MTU of the next part.
     * @param mtu bytes
     */
    void AddMtu(uint16_t mtu);

    /**
     * @brief Get how messages become packets where the route begins.
     * @return the format
     */
    portend::PacketFormat GetFormat() const;

    /**
     * @brief Get the time that a packet occupies a link.
     * @param rate bandwidth of the link
     * @param packetBytes size of the packet with its IP header
     * @return the time
     */
    static Time GetTime(DataRate rate, uint32_t packetBytes);

    /**
     * @brief Get what a message takes, were the links idle, if none changes meanwhile.
     * @param sent when it is handed over
     * @param bytes its size
     * @return the times; none if a link changes
     */
    std::optional<Idle> GetSteady(Time sent, uint32_t bytes) const;

    Headers m_headers;             //!< how the transport makes packets
    std::vector<DataRate> m_rates; //!< bandwidth of each link
    std::vector<Time> m_delays;    //!< propagation delay of each link
    /// How packets pass each link; null if it does not change.
    std::vector<Ptr<PortendLinkCourse>> m_courses;
    bool m_isChanging{false};                    //!< whether one does
    std::vector<portend::LinkEnergy> m_energies; //!< of each link's ends
    bool m_hasEnergy{false};                     //!< whether one takes any
    std::vector<uint32_t> m_mtus;                //!< MTU of each link
    uint16_t m_firstMtu{UINT16_MAX};             //!< MTU where the path begins
    bool m_hasMedium{false};                     //!< whether a part has no closed form
    mutable uint32_t m_timedBytes{0};            //!< size of the packets whose times are known
    mutable std::vector<Time> m_times;           //!< of such a packet on each link
    /// Size of the last message, and its time: most messages of a path are of one size.
    mutable std::optional<std::pair<uint32_t, Time>> m_transmission;
    Time m_propagation; //!< sum of the propagation delays
};

} // namespace ns3

#endif // PORTEND_PATH_H
