/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-provenance.h"

#include "portend-build.h"
#include "portend-digest.h"
#include "portend-json.h"
#include "portend-version.h"

#include <filesystem>

namespace ns3
{

namespace
{

/// @return the files that were read, by name
std::map<std::string, PortendProvenance::Input>&
GetNoted()
{
    static std::map<std::string, PortendProvenance::Input> inputs;
    return inputs;
}

} // namespace

void
PortendProvenance::AddInput(const std::string& name,
                            const std::string& path,
                            const std::string& bytes)
{
    std::error_code error;
    const auto absolute = std::filesystem::absolute(path, error).lexically_normal().string();
    const bool isPath = name == path && name.find('/') != std::string::npos;
    GetNoted()[isPath ? absolute : name] = {absolute, PortendDigest(bytes)};
}

const std::map<std::string, PortendProvenance::Input>&
PortendProvenance::GetInputs()
{
    return GetNoted();
}

std::map<std::string, std::string>
PortendProvenance::GetProgram()
{
    std::map<std::string, std::string> program{{"version", PORTEND_VERSION},
                                               {"commit", PORTEND_COMMIT},
                                               {"ns3", PORTEND_NS3_VERSION},
                                               {"compiler", PORTEND_COMPILER}};
    for (auto& [name, value] : program)
    {
        value = value.empty() ? "unknown" : value;
    }
    return program;
}

std::string
PortendProvenance::ToJson(uint32_t seed, uint64_t run)
{
    nlohmann::ordered_json json(GetProgram());
    json["seed"] = seed;
    json["run"] = run;
    json["inputs"] = nlohmann::ordered_json::object();
    for (const auto& [name, input] : GetInputs())
    {
        json["inputs"][name] = input.sha256;
    }
    return PortendDump(json);
}

} // namespace ns3
