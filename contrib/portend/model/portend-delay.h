/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_DELAY_H
#define PORTEND_DELAY_H

#include "ns3/nstime.h"
#include "ns3/random-variable-stream.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Draw a delay.
 * @param seconds the random variable, in seconds; negative draws count as 0
 * @param factor multiplies the draw
 * @return the delay, rounded to the nearest nanosecond
 */
inline Time
PortendDrawDelay(const Ptr<RandomVariableStream>& seconds, double factor = 1)
{
    return NanoSeconds(std::llround(std::max(0.0, seconds->GetValue() * factor) * 1e9));
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
