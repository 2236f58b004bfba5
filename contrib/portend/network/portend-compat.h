/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_COMPAT_H
#define PORTEND_COMPAT_H

#include "ns3/deprecated.h"
#include "ns3/nstime.h"

#include <type_traits>

/**
 * @file
 * @ingroup portend
 * What differs between the supported ns-3 releases, in one place.
 *
 * There is no version macro to rely on. Every release defines NS_DEPRECATED_3_x for its own
 * minor version x, and drops those of older releases now and then.
 */

#if defined(NS_DEPRECATED_3_42) || defined(NS_DEPRECATED_3_43) || defined(NS_DEPRECATED_3_44) ||   \
    defined(NS_DEPRECATED_3_45) || defined(NS_DEPRECATED_3_46) || defined(NS_DEPRECATED_3_47) ||   \
    defined(NS_DEPRECATED_3_48)
/// Application::AssignStreams() is virtual since ns-3.42.
#define PORTEND_ASSIGN_STREAMS_OVERRIDE override
#else
/// Application::AssignStreams() is virtual since ns-3.42.
#define PORTEND_ASSIGN_STREAMS_OVERRIDE
#endif

#if defined(NS_DEPRECATED_3_41) || defined(NS_DEPRECATED_3_42) || defined(NS_DEPRECATED_3_43) ||   \
    defined(NS_DEPRECATED_3_44) || defined(NS_DEPRECATED_3_45) || defined(NS_DEPRECATED_3_46) ||   \
    defined(NS_DEPRECATED_3_47) || defined(NS_DEPRECATED_3_48)
/// MakeEnumAccessor() needs the type of the enumeration since ns-3.41.
#define PORTEND_MAKE_ENUM_ACCESSOR(type, member) MakeEnumAccessor<type>(member)
#else
/// MakeEnumAccessor() needs the type of the enumeration since ns-3.41.
#define PORTEND_MAKE_ENUM_ACCESSOR(type, member) MakeEnumAccessor(member)
#endif

namespace ns3
{

/// Models of energy are in this namespace since ns-3.42.
namespace energy
{
}

using namespace energy;

/// Whether TcpSocketState knows that the congestion window limits what is sent: since ns-3.42.
template <typename State, typename = void>
struct PortendKnowsLimit : std::false_type
{
};

/// @copydoc PortendKnowsLimit
template <typename State>
struct PortendKnowsLimit<State, std::void_t<decltype(std::declval<State>().m_isCwndLimited)>>
    : std::true_type
{
};

/// Whether TcpSocketState tells the last round trip from their smoothed mean: since ns-3.43.
template <typename State, typename = void>
struct PortendKnowsMean : std::false_type
{
};

/// @copydoc PortendKnowsMean
template <typename State>
struct PortendKnowsMean<State, std::void_t<decltype(std::declval<State>().m_srtt)>> : std::true_type
{
};

/**
 * @ingroup portend
 * @brief Say whether the congestion window limits what is sent.
 * @tparam State TcpSocketState
 * @param state of the socket
 * @param isLimited whether it does
 */
template <typename State>
void
PortendSetLimited(State& state, bool isLimited)
{
    if constexpr (PortendKnowsLimit<State>::value)
    {
        state.m_isCwndLimited = isLimited;
    }
}

/**
 * @ingroup portend
 * @brief Say how long a round trip took.
 * @tparam State TcpSocketState
 * @param state of the socket
 * @param last the round trip
 * @param mean smoothed mean of all so far
 */
template <typename State>
void
PortendSetRoundTrip(State& state, Time last, Time mean)
{
    if constexpr (PortendKnowsMean<State>::value)
    {
        state.m_srtt = mean;
        state.m_lastRtt = last;
    }
    else
    {
        state.m_lastRtt = mean;
    }
}

} // namespace ns3

#endif // PORTEND_COMPAT_H
