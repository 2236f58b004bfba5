/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_LINK_TRAFFIC_H
#define PORTEND_LINK_TRAFFIC_H

#include <cstdint>

namespace ns3
{

/**
 * @ingroup portend
 * @brief What went over a link: a direction, or both together.
 */
struct PortendLinkTraffic
{
    uint64_t sentBytes{0};      //!< bytes that began to be transmitted, link headers included
    uint64_t receivedBytes{0};  //!< bytes that arrived at the other end
    uint64_t droppedBytes{0};   //!< bytes that the device queues refused
    uint64_t droppedPackets{0}; //!< packets that the device queues refused
    uint64_t damagedBytes{0};   //!< bytes that the link lost
    uint64_t damagedPackets{0}; //!< packets that the link lost
    uint64_t savedBytes{0};     //!< bytes that early exits kept from the link

    /**
     * @brief Add what went the other way, or in another run.
     * @param other the same of it
     * @return the sum
     */
    PortendLinkTraffic& operator+=(const PortendLinkTraffic& other)
    {
        sentBytes += other.sentBytes;
        receivedBytes += other.receivedBytes;
        droppedBytes += other.droppedBytes;
        droppedPackets += other.droppedPackets;
        damagedBytes += other.damagedBytes;
        damagedPackets += other.damagedPackets;
        savedBytes += other.savedBytes;
        return *this;
    }
};

} // namespace ns3

#endif // PORTEND_LINK_TRAFFIC_H
