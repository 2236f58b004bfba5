/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_CHANNEL_H
#define PORTEND_CHANNEL_H

#include "portend-link-course.h"

#include "ns3/error-model.h"
#include "ns3/nstime.h"
#include "ns3/point-to-point-channel.h"
#include "ns3/traced-callback.h"

#include <array>
#include <cstdint>

namespace ns3
{

/**
 * @ingroup portend
 * @brief A point-to-point link with a propagation delay each way, and which may change.
 *
 * Where it changes, a device is told what a packet takes just before its transmission begins: its
 * DataRate, and as its InterframeGap how long the packet waits because nothing passes.
 */
class PortendChannel : public PointToPointChannel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief TracedCallback signature for packets that are lost because the link is down.
     * @param [in] packet the packet
     * @param [in] way 0 from the device attached first to the other, 1 back
     */
    typedef void (*LostTracedCallback)(Ptr<const Packet> packet, uint32_t way);

    /**
     * @brief Set the delays.
     * @param up from the device attached first to the other
     * @param down from the other to the first
     */
    void SetDelays(Time up, Time down);

    /**
     * @brief Let a direction change. Both devices are attached by then.
     * @param way 0 from the device attached first to the other, 1 back
     * @param course how packets pass
     * @param loss damages packets at the end, at the course's rates; may be null
     */
    void SetCourse(uint32_t way, Ptr<PortendLinkCourse> course, Ptr<RateErrorModel> loss);

    bool TransmitStart(Ptr<const Packet> packet,
                       Ptr<PointToPointNetDevice> source,
                       Time transmission) override;

  private:
    /// A direction.
    struct Way
    {
        Time delay;                         //!< propagation delay, if it does not change
        Ptr<PortendLinkCourse> course;      //!< how it changes; null if it does not
        PortendLinkCourse::Passage passage; //!< of the last packet
        Ptr<RateErrorModel> loss;           //!< at its end; may be null
        double lossRate{0};                 //!< where the course does not say it
    };

    /**
     * @brief A device begins to transmit, or has received.
     * @param way that it sends over
     * @param packet the packet
     */
    void Begin(uint32_t way, Ptr<const Packet> packet);

    /**
     * @brief A packet is at the end of a direction that changes.
     * @param way the direction
     * @param packet the packet
     * @param isLost whether the link was down
     */
    void Arrive(uint32_t way, Ptr<Packet> packet, bool isLost);

    std::array<Way, 2> m_ways;                               //!< up and down
    Ptr<const Packet> m_received;                            //!< what a device is being handed
    TracedCallback<Ptr<const Packet>, uint32_t> m_lostTrace; //!< the link was down
};

} // namespace ns3

#endif // PORTEND_CHANNEL_H
