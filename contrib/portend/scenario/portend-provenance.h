/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_PROVENANCE_H
#define PORTEND_PROVENANCE_H

#include <cstdint>
#include <map>
#include <string>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Where the results of this process come from: every file read, and what read them.
 */
class PortendProvenance
{
  public:
    /// A file that was read.
    struct Input
    {
        std::string path;   //!< where it is
        std::string sha256; //!< of its bytes
    };

    /**
     * @brief Note a file that was read; of a file that is read again, what it holds now.
     * @param name what results call it; the path itself, if it has a slash, becomes absolute
     * @param path where it is
     * @param bytes what it holds
     */
    static void AddInput(const std::string& name,
                         const std::string& path,
                         const std::string& bytes);

    /**
     * @brief Get the files that were read.
     * @return by name
     */
    static const std::map<std::string, Input>& GetInputs();

    /**
     * @brief Get what read them: versions of Portend and of ns-3, commit and compiler.
     * @return by name; `unknown` is what the build did not tell
     */
    static std::map<std::string, std::string> GetProgram();

    /**
     * @brief Write all of it as JSON: the last key of every result.
     * @param seed of ns-3's random streams
     * @param run of ns-3's random streams
     * @return an object
     */
    static std::string ToJson(uint32_t seed, uint64_t run);
};

} // namespace ns3

#endif // PORTEND_PROVENANCE_H
