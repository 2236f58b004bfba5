/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef LEDGER_TABLE_H
#define LEDGER_TABLE_H

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <sstream>
#include <string>
#include <vector>

/**
 * @file
 * What portend-3tier writes as comma-separated values, read without any of its code.
 */

/// The components of a latency, in the order of reports.
inline const std::vector<std::string> COMPONENTS{"wait",
                                                 "deserialization",
                                                 "computation",
                                                 "serialization",
                                                 "propagation",
                                                 "transmission",
                                                 "network_excess"};

/// @return the parts of a line of comma-separated values
inline std::vector<std::string>
SplitLine(const std::string& line)
{
    std::vector<std::string> parts;
    std::istringstream stream(line + ",");
    for (std::string part; std::getline(stream, part, ',');)
    {
        parts.push_back(part);
    }
    return parts;
}

/// @return the rows of a table of comma-separated values, by column
inline std::vector<std::map<std::string, std::string>>
ReadTable(const std::string& text)
{
    std::istringstream stream(text);
    std::string line;
    std::getline(stream, line);
    const auto columns = SplitLine(line);
    std::vector<std::map<std::string, std::string>> rows;
    while (std::getline(stream, line))
    {
        const auto fields = SplitLine(line);
        EXPECT_EQ(fields.size(), columns.size()) << line;
        rows.emplace_back();
        for (std::size_t i = 0; i < std::min(columns.size(), fields.size()); ++i)
        {
            EXPECT_TRUE(rows.back().emplace(columns[i], fields[i]).second) << columns[i];
        }
    }
    return rows;
}

#endif // LEDGER_TABLE_H
