/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_FAILURES_H
#define PORTEND_FAILURES_H

#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/random-variable-stream.h"
#include "ns3/traced-callback.h"

#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief When something is down: at given times, or at random.
 *
 * At random, the times to a failure and to its repair are drawn in turn. It may be asked for any
 * time; what is drawn does not depend on when it is asked. Others become known as they happen, as
 * that of a battery which is empty: what has passed before they do, has.
 */
class PortendFailures : public Object
{
  public:
    /// A time during which it is down.
    struct Outage
    {
        Time begin; //!< when it fails
        Time end;   //!< when it is up again
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Say when it is down.
     * @param outages by rising time, none in another
     */
    void SetOutages(const std::vector<Outage>& outages);

    /**
     * @brief Find the first outage that ends behind a time.
     * @param at the time, not negative
     * @return the outage, which may have begun; from Time::Max() on if there is none
     */
    Outage FindNext(Time at);

    /**
     * @brief Tell whether it is down at any time of an interval.
     * @param begin of the interval
     * @param end of the interval, which is in it
     * @return true if so
     */
    bool IsDown(Time begin, Time end);

    /// It fails now, for as long as nobody repairs it. Not where failures are given or random.
    void Fail();

    /// It is up again from now on, behind Fail().
    void Repair();

    /// @return the random variables, which get fixed streams; none if the times are given
    std::vector<Ptr<RandomVariableStream>> GetRandomVariables() const;

    /// TracedCallback signature for failures that nobody knew before.
    typedef void (*FailedTracedCallback)();

  private:
    std::vector<Outage> m_outages;        //!< so far, or all
    Ptr<RandomVariableStream> m_upTime;   //!< from a repair to the next failure, s; null: given
    Ptr<RandomVariableStream> m_downTime; //!< from a failure to its repair, s
    TracedCallback<> m_failedTrace;       //!< a failure that nobody knew before
};

} // namespace ns3

#endif // PORTEND_FAILURES_H
