/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_DRAW_H
#define PORTEND_DRAW_H

#include <cstdint>
#include <set>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Draw some of many numbers, each choice as likely.
 * @param count how many, at most
 * @param all numbers 0 .. all - 1
 * @param seed of ns-3's random streams
 * @param run of ns-3's random streams
 * @param stream number of the random stream
 * @return the numbers drawn
 */
std::set<uint64_t> PortendDraw(uint64_t count,
                               uint64_t all,
                               uint32_t seed,
                               uint64_t run,
                               int64_t stream);

} // namespace ns3

#endif // PORTEND_DRAW_H
