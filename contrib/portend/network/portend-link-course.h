/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_LINK_COURSE_H
#define PORTEND_LINK_COURSE_H

#include "portend-failures.h"
#include "portend-link-process.h"

#include "ns3/data-rate.h"
#include "ns3/nstime.h"
#include "ns3/ptr.h"
#include "ns3/simple-ref-count.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief A direction of a link that changes: how packets pass it.
 *
 * A packet takes the bandwidth and the propagation delay of the moment in which its transmission
 * begins, as ns-3's devices do. Where the bandwidth is 0 then, it begins when it no longer is. A
 * packet does not overtake the one before it, whose delay may be longer. What is on the link, or
 * comes to it, while it is down is lost.
 */
class PortendLinkCourse : public SimpleRefCount<PortendLinkCourse>
{
  public:
    /// How a packet passes.
    struct Passage
    {
        DataRate rate; //!< bandwidth that it takes
        Time begins;   //!< when its transmission begins
        Time free;     //!< when it has left
        Time arrives;  //!< when it arrives
        bool isLost;   //!< whether the link is down meanwhile

        /**
         * @brief Get how long the transmission takes, not rounded.
         * @param bytes of the packet on the link
         * @return seconds
         */
        double GetTransmissionS(uint32_t bytes) const
        {
            return 8.0 * bytes / static_cast<double>(rate.GetBitRate());
        }
    };

    /**
     * @brief Constructor.
     * @param rate bandwidth, where no process says it
     * @param delay propagation delay, where no process says it
     * @param process how the link changes; null if it does not
     * @param failures when it is down: any of them
     */
    PortendLinkCourse(DataRate rate,
                      Time delay,
                      Ptr<PortendLinkProcess> process,
                      const std::vector<Ptr<PortendFailures>>& failures);

    /**
     * @brief Tell how a packet passes.
     * @param ready when it may be sent
     * @param bytes its size on the link
     * @param behind when the packet before it arrives
     * @return when it leaves and arrives
     */
    Passage Pass(Time ready, uint32_t bytes, Time behind);

    /**
     * @brief Tell what the link offers.
     * @param at when
     * @return bandwidth and delay then, and until when
     */
    const PortendLinkProcess::Piece& Get(Time at);

    /**
     * @brief Get a propagation delay.
     * @param piece what the link offers
     * @return its delay
     */
    Time GetDelay(const PortendLinkProcess::Piece& piece) const;

    /**
     * @brief Tell the share of packets that are lost, outages apart.
     * @param at when
     * @param own that of the link, where no process says it
     * @return the share
     */
    double GetLoss(Time at, double own);

    /**
     * @brief Packets are transmitted.
     * @param seconds how long that takes
     */
    void AddTransmission(double seconds);

    /// @return how long packets were transmitted so far, s
    double GetTransmissionS() const;

    /// @return whether the link may be down
    bool Fails() const;

    /// @return highest bandwidth
    DataRate GetHighestRate() const;

    /// @return longest propagation delay
    Time GetLongestDelay() const;

  private:
    DataRate m_rate;                              //!< bandwidth, where no process says it
    Time m_delay;                                 //!< delay, where no process says it
    Ptr<PortendLinkProcess> m_process;            //!< how the link changes; may be null
    std::vector<Ptr<PortendFailures>> m_failures; //!< when it is down
    PortendLinkProcess::Piece m_piece;            //!< what was asked for last
    Time m_since;                                 //!< when that begins, as far as is known
    uint32_t m_bytes{0};                          //!< of the packet whose time is known, in it
    Time m_time;                                  //!< that such a packet takes
    double m_transmissionS{0};                    //!< of packets so far
};

} // namespace ns3

#endif // PORTEND_LINK_COURSE_H
