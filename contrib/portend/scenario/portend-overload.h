/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_OVERLOAD_H
#define PORTEND_OVERLOAD_H

#include "ns3/portend-queueing.h"

#include <optional>

namespace ns3
{

struct PortendSetup;

/**
 * @ingroup portend
 * @brief A station whose queue grows as long as requests arise.
 */
struct PortendOverload
{
    portend::Station station; //!< the station
    double ratePerS{0};       //!< requests that arise, without those lost before it, per second
};

/**
 * @ingroup portend
 * @brief Find the first station whose queue grows without bound.
 *
 * With closed arrivals, a trace or a largest time none does. Otherwise every tier and link must be
 * stable under the requests that get there: a bounded queue of a tier keeps its own length, what
 * it drops relieves what comes after it, and one that blocks holds back all that lies between it
 * and the next queue before it that has a bound.
 *
 * @param setup what is to be simulated
 * @return the station; nothing if there is none
 */
std::optional<PortendOverload> PortendFindOverload(const PortendSetup& setup);

} // namespace ns3

#endif // PORTEND_OVERLOAD_H
