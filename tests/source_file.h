/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_SOURCE_FILE_H
#define PORTEND_SOURCE_FILE_H

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>

/// @file
/// Files of the repository that are made of what the programs have.

/**
 * @brief Read a file of the repository.
 * @param name of the file
 * @return its text
 */
inline std::string
ReadSource(const std::string& name)
{
    std::ifstream file(PORTEND_SOURCE_DIR "/" + name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/**
 * @brief Require that a file of the repository holds a text.
 *
 * With PORTEND_UPDATE in the environment it is written instead.
 *
 * @param name of the file
 * @param text what it must hold
 * @param begin text before it; nothing for the whole file
 * @param end text behind it
 */
inline void
ExpectInSource(const std::string& name,
               const std::string& text,
               const std::string& begin = "",
               const std::string& end = "")
{
    auto whole = ReadSource(name);
    const auto from = whole.find(begin) + begin.size();
    const auto to = end.empty() ? whole.size() : whole.find(end, from);
    ASSERT_NE(to, std::string::npos) << name << " lacks " << end;
    if (std::getenv("PORTEND_UPDATE"))
    {
        std::ofstream(PORTEND_SOURCE_DIR "/" + name) << whole.replace(from, to - from, text);
        return;
    }
    EXPECT_EQ(whole.substr(from, to - from), text)
        << name << ": PORTEND_UPDATE=1 ./ns3 test "
        << testing::UnitTest::GetInstance()->current_test_info()->test_suite_name()
        << " writes it anew";
}

#endif // PORTEND_SOURCE_FILE_H
