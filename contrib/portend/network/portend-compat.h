/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_COMPAT_H
#define PORTEND_COMPAT_H

#include "ns3/deprecated.h"

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

#endif // PORTEND_COMPAT_H
