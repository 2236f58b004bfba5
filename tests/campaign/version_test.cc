/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/portend-version.h"

#include <fstream>
#include <gtest/gtest.h>
#include <string>

// The first version that CHANGES.md tells of is what result files carry.
TEST(VersionTest, IsThatOfTheNewestChanges)
{
    std::ifstream changes(PORTEND_SOURCE_DIR "/CHANGES.md");
    std::string line;
    while (std::getline(changes, line) && line.compare(0, 11, "## Portend ") != 0)
    {
    }
    EXPECT_EQ(line.substr(11, line.find(' ', 11) - 11), ns3::PORTEND_VERSION);
}
