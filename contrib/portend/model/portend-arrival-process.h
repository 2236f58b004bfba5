/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_ARRIVAL_PROCESS_H
#define PORTEND_ARRIVAL_PROCESS_H

#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/portend-stream.h"
#include "ns3/random-variable-stream.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Tells when the requests of a source arise.
 *
 * A process of one's own is a class derived from this one, chosen by its name like any type of
 * ns-3.
 */
class PortendArrivalProcess : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /// When a request arises.
    struct Arrival
    {
        Time due; //!< when it should arise; past if the source stood still then
        Time at;  //!< when it arises: now or later
    };

    /**
     * @brief Requests may arise from now on.
     * @param now simulated time
     */
    virtual void Begin(Time now);

    /**
     * @brief Get the next arrival.
     * @param now simulated time: of the last arrival, or when a source that stood still goes on
     * @param stood how long it stood still until now
     * @return the next arrival; none if there is no other
     */
    virtual std::optional<Arrival> GetNext(Time now, Time stood) = 0;

    /**
     * @brief Tell whether the next request arises when the last is complete.
     * @return true for closed arrivals, which are asked for no times
     */
    virtual bool IsClosed() const;

    /**
     * @brief Count the arrivals.
     * @return number of arrivals; 0 if they do not end
     */
    virtual std::size_t GetCount() const;

    /**
     * @brief Leave out the arrivals after the first ones.
     * @param count how many there are to be
     */
    virtual void Limit(std::size_t count);

    /**
     * @brief Describe the arrivals to the analytical model.
     * @return rate and variability of the times between them
     */
    virtual portend::Arrivals Describe() const = 0;

    /**
     * @brief Get the random variables, which get fixed streams.
     * @return the variables, always in the same order
     */
    virtual std::vector<Ptr<RandomVariableStream>> GetRandomVariables() const;
};

/**
 * @ingroup portend
 * @brief The next request arises when the last is complete: one at a time.
 */
class PortendClosedArrivals : public PortendArrivalProcess
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    std::optional<Arrival> GetNext(Time now, Time stood) override;
    bool IsClosed() const override;
    portend::Arrivals Describe() const override;
};

/**
 * @ingroup portend
 * @brief Requests arise at intervals that are drawn one by one, independently of one another.
 */
class PortendRenewalArrivals : public PortendArrivalProcess
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    std::optional<Arrival> GetNext(Time now, Time stood) override;
    std::vector<Ptr<RandomVariableStream>> GetRandomVariables() const override;

  protected:
    void DoDispose() override;

    Ptr<RandomVariableStream> m_interval; //!< time between arrivals, s
};

/**
 * @ingroup portend
 * @brief Requests arise at intervals of any random variable.
 */
class PortendIntervalArrivals : public PortendRenewalArrivals
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    portend::Arrivals Describe() const override;
};

/**
 * @ingroup portend
 * @brief Requests arise at equal intervals.
 */
class PortendPeriodicArrivals : public PortendRenewalArrivals
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    void Begin(Time now) override;
    std::optional<Arrival> GetNext(Time now, Time stood) override;
    portend::Arrivals Describe() const override;
    std::vector<Ptr<RandomVariableStream>> GetRandomVariables() const override;

  protected:
    void DoDispose() override;

  private:
    /**
     * @brief Set the interval.
     * @param period above 0
     */
    void SetPeriod(Time period);

    /// @return the interval
    Time GetPeriod() const;

    Time m_period;                     //!< time between arrivals
    Ptr<RandomVariableStream> m_phase; //!< how much later the first arises, s; null for not at all
    bool m_isFirst{true};              //!< whether none has arisen
};

/**
 * @ingroup portend
 * @brief Requests arise independently of one another, so many per second in the mean.
 */
class PortendPoissonArrivals : public PortendRenewalArrivals
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    portend::Arrivals Describe() const override;

  private:
    /**
     * @brief Set the rate.
     * @param ratePerS arrivals per second
     */
    void SetRate(double ratePerS);

    /// @return arrivals per second
    double GetRate() const;

    double m_ratePerS; //!< arrivals per second
};

/**
 * @ingroup portend
 * @brief Poisson arrivals in bursts of exponential length: none begins or ends between them.
 *
 * An interrupted Poisson process is a renewal process (A. Kuczura, The interrupted Poisson process
 * as an overflow process, Bell System Technical Journal 52, 1973).
 */
class PortendBurstyArrivals : public PortendPoissonArrivals
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    PortendBurstyArrivals();

    void Begin(Time now) override;
    std::optional<Arrival> GetNext(Time now, Time stood) override;
    portend::Arrivals Describe() const override;
    std::vector<Ptr<RandomVariableStream>> GetRandomVariables() const override;

  protected:
    void DoDispose() override;

    Ptr<RandomVariableStream> m_burst;   //!< length of a burst, s
    Ptr<RandomVariableStream> m_silence; //!< time between bursts, s

  private:
    /**
     * @brief Set how long bursts last.
     * @param mean above 0
     */
    void SetOnTime(Time mean);

    /**
     * @brief Set how long silence lasts.
     * @param mean above 0
     */
    void SetOffTime(Time mean);

    Time m_onTime;   //!< mean length of a burst
    Time m_offTime;  //!< mean time between bursts
    Time m_burstEnd; //!< end of the burst
};

/**
 * @ingroup portend
 * @brief Requests arise at given times.
 */
class PortendTraceArrivals : public PortendArrivalProcess
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Set the times.
     * @param times since the first request could arise, not decreasing
     */
    void SetTimes(const std::vector<Time>& times);

    void Begin(Time now) override;
    std::optional<Arrival> GetNext(Time now, Time stood) override;
    std::size_t GetCount() const override;
    void Limit(std::size_t count) override;
    portend::Arrivals Describe() const override;

  private:
    std::vector<Time> m_times; //!< since the begin
    Time m_begun;              //!< when the first request could arise
    std::size_t m_next{0};     //!< index of the next arrival
};

} // namespace ns3

#endif // PORTEND_ARRIVAL_PROCESS_H
