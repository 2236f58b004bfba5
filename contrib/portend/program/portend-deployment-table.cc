/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-deployment-table.h"

#include "ns3/portend-json.h"
#include "ns3/portend-text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace ns3
{

namespace
{

/**
 * @brief Append a number as briefly as it reads back.
 * @tparam T type of the number
 * @param row the row
 * @param value the number
 */
template <typename T>
void
Append(std::string& row, T value)
{
    if (std::isnan(value))
    {
        return; // unknown
    }
    char buffer[32];
    row.append(buffer, std::to_chars(buffer, buffer + sizeof(buffer), value).ptr);
}

/**
 * @brief Append a list.
 * @tparam Get gives the value of each entry
 * @param row the row
 * @param count number of entries
 * @param get the values
 */
template <typename Get>
void
AppendList(std::string& row, std::size_t count, Get get)
{
    for (std::size_t i = 0; i < count; ++i)
    {
        if (i > 0)
        {
            row += ';';
        }
        Append(row, get(i));
    }
}

} // namespace

PortendDeploymentTable::PortendDeploymentTable(std::ostream& os, bool hasEnergy)
    : m_os(os),
      m_hasEnergy(hasEnergy)
{
    m_os << "placement,partition_ends,threshold,accuracy,latency_ms,computation_ms,"
            "serialization_ms,deserialization_ms,propagation_ms,transmission_ms,exit_rates"
         << (hasEnergy ? ",energy_j\n" : "\n");
}

void
PortendDeploymentTable::Add(const portend::Deployment& deployment,
                            const portend::Estimate& estimate)
{
    const auto& partitions = deployment.partitions;
    const auto& thresholds = deployment.thresholds;
    m_row.clear();
    AppendList(m_row, partitions.size(), [&](std::size_t k) { return partitions[k].tier; });
    m_row += ',';
    AppendList(m_row, partitions.size(), [&](std::size_t k) { return partitions[k].last; });
    m_row += ',';
    AppendList(m_row, std::max<std::size_t>(1, thresholds.size()), [&](std::size_t k) {
        return deployment.GetThreshold(k + 1);
    });
    const auto& components = estimate.components;
    for (const double value : {estimate.accuracy,
                               estimate.GetLatencyMs(),
                               components.computationMs,
                               components.serializationMs,
                               components.deserializationMs,
                               components.propagationMs,
                               components.transmissionMs})
    {
        m_row += ',';
        Append(m_row, value);
    }
    m_row += ',';
    AppendList(m_row, estimate.exitRates.size(), [&](std::size_t k) {
        return estimate.exitRates[k];
    });
    if (m_hasEnergy)
    {
        m_row += ',';
        Append(m_row, estimate.energy.GetTotal());
    }
    m_row += '\n';
    m_os.write(m_row.data(), m_row.size());
}

std::string
PortendDeploymentToJson(const portend::Deployment& deployment,
                        const portend::Estimate& estimate,
                        bool hasEnergy)
{
    nlohmann::ordered_json json;
    json["deployment"] = deployment.ToString();
    json["latency_ms"] = estimate.GetLatencyMs();
    json["accuracy"] = estimate.accuracy;
    const auto values = estimate.components.GetValues();
    for (std::size_t c = 0; c < values.size(); ++c)
    {
        json["components_ms"][portend::Components::NAMES[c]] = values[c];
    }
    if (hasEnergy)
    {
        const auto joules = estimate.energy.GetValues();
        json["energy_j"] = estimate.energy.GetTotal();
        for (std::size_t c = 0; c < joules.size(); ++c)
        {
            json["energy_components_j"][portend::Components::NAMES[c]] = joules[c];
        }
    }
    json["exit_rates"] = estimate.exitRates;
    json["stay_rates"] = estimate.stayRates;
    json["message_bytes"] = estimate.messageBytes;
    return PortendDump(json);
}

std::vector<portend::Deployment>
PortendReadDeployments(const std::string& file,
                       const std::function<void(const portend::Deployment&)>& check)
{
    auto stream = PortendOpen(file);
    std::vector<portend::Deployment> deployments;
    std::string line;
    for (std::size_t number = 1; std::getline(stream, line); ++number)
    {
        line.erase(std::min(line.find('#'), line.size()));
        line.erase(0, line.find_first_not_of(" \t\r"));
        line.erase(line.find_last_not_of(" \t\r") + 1);
        if (line.empty())
        {
            continue;
        }
        try
        {
            deployments.push_back(portend::Deployment::Parse(line));
            check(deployments.back());
        }
        catch (const portend::InputError& error)
        {
            throw portend::InputError(file + ":" + std::to_string(number), error.what());
        }
    }
    if (deployments.empty())
    {
        throw portend::InputError(file, "holds no deployment");
    }
    return deployments;
}

} // namespace ns3
