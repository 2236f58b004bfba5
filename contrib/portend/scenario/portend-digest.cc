/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-digest.h"

#include "ns3/abort.h"

#include <array>
#include <cstdint>
#include <gcrypt.h>

namespace ns3
{

namespace
{

/**
 * @brief Make the library ready.
 * @return whether it is
 */
bool
InitializeLibrary()
{
    return gcry_check_version(nullptr) && !gcry_control(GCRYCTL_DISABLE_SECMEM, 0) && // no secrets
           !gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
}

} // namespace

std::string
PortendDigest(const std::string& bytes)
{
    static const bool isReady = InitializeLibrary();
    NS_ABORT_MSG_UNLESS(isReady, "libgcrypt cannot be initialized");
    std::array<uint8_t, 32> digest;
    gcry_md_hash_buffer(GCRY_MD_SHA256, digest.data(), bytes.data(), bytes.size());
    std::string text;
    for (const auto byte : digest)
    {
        constexpr char DIGITS[] = "0123456789abcdef";
        text += DIGITS[byte >> 4];
        text += DIGITS[byte & 0xf];
    }
    return text;
}

} // namespace ns3
