/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_SCENARIO_FILE_H
#define PORTEND_SCENARIO_FILE_H

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace ns3
{

/**
 * @ingroup portend
 * @brief A scenario file of any version, read once: it may be a pipe.
 */
struct PortendScenarioFile
{
    std::string name;             //!< of the file
    std::filesystem::path folder; //!< what names in it are relative to; empty is the current one
    nlohmann::json document;      //!< what it holds

    /**
     * @brief Constructor: read it.
     * @param file name of the file
     * @throw portend::InputError naming the file, if it cannot be read or is not JSON
     */
    explicit PortendScenarioFile(const std::string& file);

    /// @return whether it says to be of version 2 (PortendWorld)
    bool IsWorld() const;
};

} // namespace ns3

#endif // PORTEND_SCENARIO_FILE_H
