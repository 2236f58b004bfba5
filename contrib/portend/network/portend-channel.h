/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_CHANNEL_H
#define PORTEND_CHANNEL_H

#include "ns3/nstime.h"
#include "ns3/point-to-point-channel.h"

#include <array>

namespace ns3
{

/**
 * @ingroup portend
 * @brief A point-to-point link with a propagation delay each way.
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
     * @brief Set the delays.
     * @param up from the device attached first to the other
     * @param down from the other to the first
     */
    void SetDelays(Time up, Time down);

    bool TransmitStart(Ptr<const Packet> packet,
                       Ptr<PointToPointNetDevice> source,
                       Time transmission) override;

  private:
    std::array<Time, 2> m_delays; //!< up and down
};

} // namespace ns3

#endif // PORTEND_CHANNEL_H
