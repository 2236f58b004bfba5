/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_VERSION_H
#define PORTEND_VERSION_H

namespace ns3
{

/// Version of Portend, that of the newest entry of CHANGES.md. Result files carry it.
constexpr const char* PORTEND_VERSION = "0.1";

} // namespace ns3

#endif // PORTEND_VERSION_H
