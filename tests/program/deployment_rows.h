/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef DEPLOYMENT_ROWS_H
#define DEPLOYMENT_ROWS_H

#include <algorithm>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

/**
 * @file
 * What portend-estimate and portend-optimize write as comma-separated values, read without
 * any of their code.
 */

/// The columns.
inline const std::string DEPLOYMENT_COLUMNS =
    "placement,partition_ends,threshold,accuracy,latency_ms,computation_ms,serialization_ms,"
    "deserialization_ms,propagation_ms,transmission_ms,exit_rates";

/// A deployment and its estimate.
struct DeploymentRow
{
    std::vector<unsigned> tiers;    ///< of the partitions
    std::vector<unsigned> ends;     ///< last block of each partition
    std::vector<double> thresholds; ///< one, or one for each partition but the last
    double accuracy{0};             ///< share of right answers
    double latencyMs{0};            ///< their sum
    std::vector<double> parts;      ///< computation .. transmission
    std::vector<double> exitRates;  ///< of the partitions
    std::string text;               ///< the row as it stands

    /// @return the deployment's text form, with one threshold
    std::string GetDeployment() const
    {
        std::ostringstream os;
        for (std::size_t k = 0; k < tiers.size(); ++k)
        {
            os << (k > 0 ? "," : "") << tiers[k] << ":" << (k > 0 ? ends[k - 1] + 1 : 1) << "-"
               << ends[k];
        }
        os << "@" << thresholds[0];
        return os.str();
    }
};

/// @return the fields of a text
inline std::vector<std::string>
SplitText(const std::string& text, char separator)
{
    std::vector<std::string> fields;
    std::istringstream stream(text);
    for (std::string field; std::getline(stream, field, separator);)
    {
        fields.push_back(field);
    }
    return fields;
}

/// @return the numbers of a list joined with `;`
template <typename T>
std::vector<T>
ParseNumbers(const std::string& text)
{
    std::vector<T> numbers;
    for (const auto& field : SplitText(text, ';'))
    {
        numbers.push_back(static_cast<T>(std::stod(field)));
    }
    return numbers;
}

/// @return the rows of a text, whose header must be as it should
inline std::vector<DeploymentRow>
ParseDeploymentRows(const std::string& text)
{
    std::istringstream stream(text);
    std::string line;
    std::getline(stream, line);
    EXPECT_EQ(line, DEPLOYMENT_COLUMNS);
    std::vector<DeploymentRow> rows;
    while (std::getline(stream, line))
    {
        const auto fields = SplitText(line, ',');
        if (fields.size() != 11)
        {
            ADD_FAILURE() << "not a row: " << line;
            break;
        }
        DeploymentRow row;
        row.tiers = ParseNumbers<unsigned>(fields[0]);
        row.ends = ParseNumbers<unsigned>(fields[1]);
        row.thresholds = ParseNumbers<double>(fields[2]);
        row.accuracy = std::stod(fields[3]);
        row.latencyMs = std::stod(fields[4]);
        for (std::size_t part = 5; part < 10; ++part)
        {
            row.parts.push_back(std::stod(fields[part]));
        }
        row.exitRates = ParseNumbers<double>(fields[10]);
        row.text = line;
        rows.push_back(row);
    }
    return rows;
}

/// @return latency and accuracy of the rows that no other beats in both, by rising latency
inline std::vector<std::pair<double, double>>
FindFrontierOfRows(const std::vector<DeploymentRow>& rows)
{
    std::vector<std::pair<double, double>> points;
    for (const auto& row : rows)
    {
        points.emplace_back(row.latencyMs, -row.accuracy);
    }
    std::sort(points.begin(), points.end());
    std::vector<std::pair<double, double>> frontier;
    for (const auto& [latencyMs, error] : points)
    {
        if (frontier.empty() || -error > frontier.back().second)
        {
            frontier.emplace_back(latencyMs, -error);
        }
    }
    return frontier;
}

#endif // DEPLOYMENT_ROWS_H
