/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_DELAY_H
#define PORTEND_DELAY_H

#include "ns3/nstime.h"
#include "ns3/portend-profile.h"
#include "ns3/random-variable-stream.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

namespace ns3
{

/// Longest delay that may be drawn, in seconds: 31 years.
constexpr double PORTEND_LONGEST_DELAY_S = 1e9;

/// Latest time at which anything may begin, in seconds: 126 years. What has begun by then ends
/// before 2^63 ns, or 292 years, where time wraps.
constexpr double PORTEND_LATEST_START_S = 4e9;

/**
 * @ingroup portend
 * @brief Make a delay of what was drawn.
 * @param drawn seconds; below 0 they count as 0
 * @return the delay, rounded to the nearest nanosecond
 * @throw portend::InputError if the delay is too long, or if it begins too late
 */
inline Time
PortendMakeDelay(double drawn)
{
    static const Time latest = Seconds(PORTEND_LATEST_START_S);
    const bool isLate = Simulator::Now() > latest;
    if (isLate || !(drawn <= PORTEND_LONGEST_DELAY_S))
    {
        std::ostringstream message;
        message << (isLate ? "requests go on after " : "found a delay of ")
                << (isLate ? PORTEND_LATEST_START_S : drawn) << " s; allowed: up to "
                << (isLate ? PORTEND_LATEST_START_S : PORTEND_LONGEST_DELAY_S)
                << " s, because simulated time ends after 2^63 ns, or 292 years";
        throw portend::InputError("simulated time", message.str());
    }
    return NanoSeconds(std::llround(std::max(0.0, drawn) * 1e9));
}

/**
 * @ingroup portend
 * @brief Draw a delay.
 * @param seconds the random variable, in seconds; negative draws count as 0
 * @param factor multiplies the draw
 * @return the delay, rounded to the nearest nanosecond
 * @throw portend::InputError if the delay is too long, or if it begins too late
 */
inline Time
PortendDrawDelay(const Ptr<RandomVariableStream>& seconds, double factor = 1)
{
    return PortendMakeDelay(seconds->GetValue() * factor);
}

/**
 * @ingroup portend
 * @brief Continue after a delay: at once if it is zero, as unprofiled steps have it.
 * @tparam METHOD pointer to a member function
 * @tparam OBJECT pointer to the object
 * @tparam ARGS types of the arguments
 * @param delay how long to wait
 * @param method what to call
 * @param object on what
 * @param args with what
 */
template <typename METHOD, typename OBJECT, typename... ARGS>
void
PortendContinueAfter(Time delay, METHOD method, OBJECT object, ARGS&&... args)
{
    if (delay.IsZero())
    {
        (object->*method)(std::forward<ARGS>(args)...);
        return;
    }
    Simulator::Schedule(delay, method, object, std::forward<ARGS>(args)...);
}

} // namespace ns3

#endif // PORTEND_DELAY_H
