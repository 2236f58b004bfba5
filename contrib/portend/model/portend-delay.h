/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_DELAY_H
#define PORTEND_DELAY_H

#include "ns3/nstime.h"
#include "ns3/random-variable-stream.h"

#include <cmath>

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

} // namespace ns3

#endif // PORTEND_DELAY_H
