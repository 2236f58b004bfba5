/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-search-options.h"

#include "ns3/portend-text.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

namespace ns3
{

namespace
{

/**
 * @brief Read a list of whole numbers.
 * @param option option that holds it
 * @param text the list
 * @return the numbers
 */
std::vector<uint32_t>
ParseList(const std::string& option, const std::string& text)
{
    std::vector<uint32_t> numbers;
    for (const auto& part : text.empty() ? std::vector<std::string>() : PortendSplit(text, ','))
    {
        numbers.emplace_back();
        if (!PortendParseNumber(part, numbers.back()))
        {
            PortendFail("--" + option, text, "whole numbers separated by commas");
        }
    }
    return numbers;
}

/**
 * @brief Read explicit placements.
 * @param text such as `0;0,1;0,1,2`
 * @param tiers number M of tiers
 * @return the placements
 */
std::vector<portend::Placement>
ParsePlacements(const std::string& text, uint32_t tiers)
{
    std::vector<portend::Placement> placements;
    for (const auto& part : PortendSplit(text, ';'))
    {
        auto placement = ParseList("placements", part);
        auto sorted = placement;
        std::sort(sorted.begin(), sorted.end());
        if (placement.empty() || sorted.back() >= tiers ||
            std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
        {
            PortendFail("--placements",
                        text,
                        "ascending, any, or placements of different tiers, 0.." +
                            std::to_string(tiers - 1) + ", such as 0;0,1;0,1,2");
        }
        placements.push_back(placement);
    }
    return placements;
}

/**
 * @brief Read caps on the computation of partitions.
 * @param text such as `0:20ms,2:5ms`
 * @param tiers number M of tiers
 * @return milliseconds by tier, infinite where nothing is said
 */
std::vector<double>
ParseCaps(const std::string& text, uint32_t tiers)
{
    std::vector<double> capsMs(tiers, HUGE_VAL);
    for (const auto& part : PortendSplit(text, ','))
    {
        const auto colon = part.find(':');
        const auto tier = ParseList("compute-caps", part.substr(0, colon));
        if (colon == std::string::npos || tier.size() != 1 || tier[0] >= tiers)
        {
            PortendFail("--compute-caps",
                        part,
                        "TIER:TIME such as 0:20ms, tiers 0.." + std::to_string(tiers - 1));
        }
        capsMs[tier[0]] =
            PortendParseTime(part.substr(colon + 1), "--compute-caps").GetNanoSeconds() / 1e6;
    }
    return capsMs;
}

} // namespace

PortendSearchOptions::PortendSearchOptions(PortendProgram& program)
{
    program.AddOption("placements",
                      "ascending | any | placements such as '0;0,1;0,1,2'",
                      m_placements);
    program.AddOption("tiers", "tiers that may host partitions, such as 0,2 [all]", m_tiers);
    program.AddOption("max-partitions", "most partitions [one for each tier]", m_maxPartitions);
    program.AddOption("fixed-cuts", "blocks after which the network must be cut", m_fixedCuts);
    program.AddOption("forbidden-cuts", "blocks after which it must not be cut", m_forbiddenCuts);
    program.AddOption("compute-caps",
                      "most computation of a partition on some tiers, such as 0:20ms,2:5ms",
                      m_computeCaps);
    program.AddFlag("full-model", "the last partition must end with the last block", m_full);
    program.AddFlag("own-thresholds", "each exit may have a threshold of its own", m_ownThresholds);
    program.AddFlag("shared-tiers",
                    "consecutive partitions may share a tier, which then has more exits",
                    m_sharedTiers);
}

std::vector<portend::Placement>
PortendSearchOptions::GetPlacements(uint32_t tiers,
                                    const std::vector<uint32_t>& allowed,
                                    std::size_t maxPartitions) const
{
    std::vector<portend::Placement> placements;
    if (m_placements == "ascending" || m_placements == "any")
    {
        const auto list =
            m_placements == "any" ? portend::GetAllPlacements : portend::GetAscendingPlacements;
        placements = list(allowed.size(), maxPartitions);
        for (auto& placement : placements)
        {
            for (auto& tier : placement)
            {
                tier = allowed[tier];
            }
        }
    }
    else
    {
        const auto listed = ParsePlacements(m_placements, tiers);
        const auto isAllowed = [&](const portend::Placement& placement) {
            return placement.size() <= maxPartitions &&
                   std::all_of(placement.begin(), placement.end(), [&](uint32_t tier) {
                       return std::binary_search(allowed.begin(), allowed.end(), tier);
                   });
        };
        std::copy_if(listed.begin(), listed.end(), std::back_inserter(placements), isAllowed);
    }
    return m_sharedTiers ? portend::GetSharedPlacements(placements, maxPartitions) : placements;
}

portend::SearchSpace
PortendSearchOptions::GetSpace(uint32_t tiers) const
{
    std::size_t maxPartitions = tiers;
    if (!m_maxPartitions.empty())
    {
        const auto numbers = ParseList("max-partitions", m_maxPartitions);
        if (numbers.size() != 1 || numbers[0] < 1)
        {
            PortendFail("--max-partitions", m_maxPartitions, "1 or more");
        }
        maxPartitions = numbers[0];
    }
    auto allowed = ParseList("tiers", m_tiers);
    for (const auto tier : allowed)
    {
        if (tier >= tiers)
        {
            throw portend::InputError("--tiers",
                                      "found tier " + std::to_string(tier) + "; allowed: 0.." +
                                          std::to_string(tiers - 1));
        }
    }
    if (allowed.empty())
    {
        allowed.resize(tiers);
        std::iota(allowed.begin(), allowed.end(), 0);
    }
    std::sort(allowed.begin(), allowed.end());
    allowed.erase(std::unique(allowed.begin(), allowed.end()), allowed.end());
    portend::SearchSpace space;
    try
    {
        space.placements = GetPlacements(tiers, allowed, maxPartitions);
    }
    catch (const portend::InputError& error)
    {
        if (!error.GetWhere().empty())
        {
            throw;
        }
        throw portend::InputError("--placements",
                                  std::string(error.what()) + " (--tiers, --max-partitions)");
    }
    if (space.placements.empty())
    {
        throw portend::InputError("--placements", "none is left by --tiers and --max-partitions");
    }
    space.truncated = !m_full;
    space.ownThresholds = m_ownThresholds;
    if (!m_computeCaps.empty())
    {
        space.computeCapsMs = ParseCaps(m_computeCaps, tiers);
    }
    space.fixedCuts = ParseList("fixed-cuts", m_fixedCuts);
    space.forbiddenCuts = ParseList("forbidden-cuts", m_forbiddenCuts);
    return space;
}

std::map<std::string, std::string>
PortendSearchOptions::Describe() const
{
    std::map<std::string, std::string> options{
        {"placements", m_placements},
        {"tiers", m_tiers},
        {"max-partitions", m_maxPartitions},
        {"fixed-cuts", m_fixedCuts},
        {"forbidden-cuts", m_forbiddenCuts},
        {"compute-caps", m_computeCaps},
        {"full-model", m_full ? "true" : "false"},
        {"own-thresholds", m_ownThresholds ? "true" : "false"}};
    if (m_sharedTiers) // files of campaigns without it say nothing of it
    {
        options["shared-tiers"] = "true";
    }
    return options;
}

std::string
PortendDescribeCount(uint64_t count)
{
    return (count == UINT64_MAX ? "more than 2^64" : std::to_string(count)) + " deployments";
}

std::string
PortendDescribeLeftOut(const portend::DeploymentSearch& search)
{
    std::string text;
    if (const auto unmeasured = search.CountUnmeasured(); unmeasured > 0)
    {
        text += ", " + std::to_string(unmeasured) +
                " left out: the devices' profiles lack timings that they need";
    }
    if (const auto unfit = search.CountUnfit(); unfit > 0)
    {
        text +=
            ", " + std::to_string(unfit) + " left out: they do not fit into the memory of a node";
    }
    return text;
}

} // namespace ns3
