/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-scenario-file.h"

#include "portend-json.h"
#include "portend-world.h"

namespace ns3
{

PortendScenarioFile::PortendScenarioFile(const std::string& file)
    : name(file),
      document(PortendJson::Load(file))
{
    // What comes through a pipe stands in no folder: there names mean the current one.
    std::error_code error;
    if (std::filesystem::is_regular_file(file, error))
    {
        folder = std::filesystem::path(file).parent_path();
    }
    // Before what else another version may have that these have not.
    PortendJson::Read(file, document, [](const PortendJson& json) {
        return !json.IsObject() || !json.Has("schema_version") ||
               json.RequireVersion(PortendWorld::SCHEMA_VERSION) > 0;
    });
}

bool
PortendScenarioFile::IsWorld() const
{
    const auto version = document.is_object() ? document.find("schema_version") : document.end();
    return version != document.end() && *version == PortendWorld::SCHEMA_VERSION;
}

} // namespace ns3
