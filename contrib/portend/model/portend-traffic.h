/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_TRAFFIC_H
#define PORTEND_TRAFFIC_H

#include "ns3/data-rate.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/random-variable-stream.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief What background traffic sends when.
 */
class PortendTrafficProcess : public Object
{
  public:
    /// Bytes that are sent at once.
    struct Burst
    {
        Time at;           //!< when
        uint64_t bytes{0}; //!< how many, headers of packets included
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Get the next burst.
     * @param now when the last was sent; 0 before the first
     * @param packetBytes size of packets, IP header included
     * @return the next, not before now; none if there is no other
     */
    virtual std::optional<Burst> GetNext(Time now, uint32_t packetBytes) = 0;

    /// @return mean rate, bit/s; 0 if it ends
    virtual double GetMeanBps() const = 0;

    /**
     * @brief Get the random variables, which get fixed streams.
     * @return the variables, always in the same order
     */
    virtual std::vector<Ptr<RandomVariableStream>> GetRandomVariables() const;
};

/**
 * @ingroup portend
 * @brief Packets at a rate: at equal intervals, or as a Poisson process; perhaps with pauses.
 *
 * With pauses, times on and off are drawn in turn, on first; what is sent while it is on has equal
 * intervals, the first of which begins with it.
 */
class PortendPacketTraffic : public PortendTrafficProcess
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    PortendPacketTraffic();

    std::optional<Burst> GetNext(Time now, uint32_t packetBytes) override;
    double GetMeanBps() const override;
    std::vector<Ptr<RandomVariableStream>> GetRandomVariables() const override;

  private:
    DataRate m_rate;                           //!< while it is on
    bool m_isPoisson;                          //!< whether intervals are exponential
    Time m_onTime;                             //!< mean; 0 is for ever
    Time m_offTime;                            //!< mean
    Time m_end;                                //!< when it is off next
    bool m_hasBegun{false};                    //!< whether that is known
    Ptr<ExponentialRandomVariable> m_interval; //!< of mean 1
    Ptr<ExponentialRandomVariable> m_on;       //!< of mean 1
    Ptr<ExponentialRandomVariable> m_off;      //!< of mean 1
};

/**
 * @ingroup portend
 * @brief Bytes at given times.
 */
class PortendTraceTraffic : public PortendTrafficProcess
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Say what is sent when.
     * @param bursts by rising time
     */
    void SetBursts(std::shared_ptr<const std::vector<Burst>> bursts);

    std::optional<Burst> GetNext(Time now, uint32_t packetBytes) override;
    double GetMeanBps() const override;

  private:
    std::shared_ptr<const std::vector<Burst>> m_bursts; //!< what is sent when
    std::size_t m_next{0};                              //!< index of the next
};

} // namespace ns3

#endif // PORTEND_TRAFFIC_H
