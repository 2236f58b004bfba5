/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FUZZ_H
#define FUZZ_H

#include "ns3/portend-profile.h"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

/**
 * @file
 * What the fuzz targets share. A reader takes an input, or refuses it by an InputError; whatever
 * else leaves it ends the target, and is a finding.
 */

/// @brief What libFuzzer calls with each input.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

/**
 * @brief Let a reader refuse what it reads.
 * @param reader reads the input
 * @return whether the reader took it
 */
template <typename Reader>
bool
Accepts(Reader reader)
{
    try
    {
        reader();
        return true;
    }
    catch (const portend::InputError&)
    {
        return false;
    }
}

/**
 * @brief Require what must hold for every input.
 * @param condition what must hold
 * @param what its description
 */
inline void
Require(bool condition, const char* what)
{
    if (!condition)
    {
        std::fprintf(stderr, "not so: %s\n", what);
        std::abort();
    }
}

/// A file that is in memory only, for readers that take the name of one.
class MemoryFile
{
  public:
    /// @param text what the file contains
    explicit MemoryFile(const std::string& text)
        : m_descriptor(memfd_create("fuzz", 0))
    {
        const auto written = write(m_descriptor, text.data(), text.size());
        Require(written == static_cast<ssize_t>(text.size()), "the file holds the input");
    }

    ~MemoryFile()
    {
        close(m_descriptor);
    }

    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    /// @return a name that opens it
    std::string GetName() const
    {
        return "/proc/self/fd/" + std::to_string(m_descriptor);
    }

  private:
    int m_descriptor; ///< of the open file
};

#endif // FUZZ_H
