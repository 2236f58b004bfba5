/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_DIGEST_H
#define PORTEND_DIGEST_H

#include <string>

/**
 * @file
 * @ingroup portend
 * Digests of files.
 */

namespace ns3
{

/**
 * @ingroup portend
 * @brief Get the SHA-256 of bytes (FIPS 180-4).
 * @param bytes the bytes
 * @return 64 hexadecimal digits
 */
std::string PortendDigest(const std::string& bytes);

} // namespace ns3

#endif // PORTEND_DIGEST_H
