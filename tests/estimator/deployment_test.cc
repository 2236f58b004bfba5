/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// The text form of deployments, and what makes a deployment impossible.

#include "tiny_model.h"

#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

using namespace portend;

TEST(Deployment, IsReadFromItsText)
{
    const auto deployment = Deployment::Parse("0:1-25,1:26-40@0.1");
    ASSERT_EQ(deployment.partitions.size(), 2U);
    EXPECT_EQ(deployment.partitions[0].tier, 0U);
    EXPECT_EQ(deployment.partitions[0].first, 1U);
    EXPECT_EQ(deployment.partitions[0].last, 25U);
    EXPECT_EQ(deployment.partitions[1].tier, 1U);
    EXPECT_EQ(deployment.partitions[1].first, 26U);
    EXPECT_EQ(deployment.partitions[1].last, 40U);
    EXPECT_EQ(deployment.threshold, 0.1);
}

// The threshold of a single partition changes nothing.
TEST(Deployment, NeedsNoThresholdForOnePartition)
{
    const auto deployment = Deployment::Parse("2:1-4");
    EXPECT_EQ(deployment.threshold, 0);
    EXPECT_EQ(deployment.ToString(), "2:1-4@0");
}

TEST(Deployment, TextRoundTrip)
{
    for (const auto* text : {"0:1-25,1:26-40@0.1", "2:1-4@0", "0:1-1,2:2-2,1:3-3@1", "7:1-1@0.25"})
    {
        EXPECT_EQ(Deployment::Parse(text).ToString(), text);
    }
}

// The text holds every digit of the threshold.
TEST(Deployment, RoundTripOfRandomDeployments)
{
    std::mt19937 random(1);
    for (int i = 0; i < 1000; ++i)
    {
        Deployment deployment;
        deployment.threshold = std::uniform_real_distribution<>()(random);
        for (uint32_t k = 0, count = 1 + random() % 4; k < count; ++k)
        {
            deployment.partitions.push_back({static_cast<uint32_t>(random()),
                                             static_cast<uint32_t>(random()),
                                             static_cast<uint32_t>(random())});
        }
        const auto copy = Deployment::Parse(deployment.ToString());
        ASSERT_EQ(copy.threshold, deployment.threshold);
        ASSERT_EQ(copy.partitions.size(), deployment.partitions.size());
        for (std::size_t k = 0; k < copy.partitions.size(); ++k)
        {
            ASSERT_EQ(copy.partitions[k].tier, deployment.partitions[k].tier);
            ASSERT_EQ(copy.partitions[k].first, deployment.partitions[k].first);
            ASSERT_EQ(copy.partitions[k].last, deployment.partitions[k].last);
        }
    }
}

TEST(Deployment, RefusesOtherTexts)
{
    /// A text that is no deployment, and what the message says was expected and found.
    struct BadText
    {
        const char* text;     ///< what is read
        const char* expected; ///< what should have been there
        const char* found;    ///< what was there
    };

    const std::vector<BadText> texts{
        {"", "a tier", "the end"},
        {"x", "a tier", "'x'"},
        {" 0:1-2", "a tier", "' 0:1-2'"},
        {"-1:1-2", "a tier", "'-1:1-2'"},
        {"4294967296:1-2", "a tier", "'4294967296:1-2'"},
        {"@0.1", "a tier", "'@0.1'"},
        {"0", "':' after the tier", "the end"},
        {"0;1-2", "':' after the tier", "';1-2'"},
        {"0.5:1-2", "':' after the tier", "'.5:1-2'"},
        {"0:", "a first block", "the end"},
        {"0:-1-2", "a first block", "'-1-2'"},
        {"0:1", "'-' after the first block", "the end"},
        {"0:1,1:2-3@0", "'-' after the first block", "',1:2-3@0'"},
        {"0:1-", "a last block", "the end"},
        {"0:1-99999999999", "a last block", "'99999999999'"},
        {"0:1-2,", "a tier", "the end"},
        {"0:1-2,,1:3-4@0", "a tier", "',1:3-4@0'"},
        {"0:1-2,1:3-4", "'@' and a threshold", "the end"},
        {"0:1-2@", "a threshold", "the end"},
        {"0:1-2@x", "a threshold", "'x'"},
        {"0:1-2@0.1x", "nothing more", "'x'"},
        {"0:1-2@0.1@0.2", "nothing more", "'@0.2'"},
        {"0:1-2 @0.1", "nothing more", "' @0.1'"},
    };
    for (const auto& bad : texts)
    {
        SCOPED_TRACE(bad.text);
        ExpectInputError([&] { Deployment::Parse(bad.text); },
                         "/deployment",
                         {"'" + std::string(bad.text) + "'",
                          std::string("expected ") + bad.expected,
                          std::string("found ") + bad.found,
                          "allowed: tier:first-last,...@threshold, such as 0:1-25,1:26-40@0.1"});
    }
}

TEST(Deployment, RefusesWhatDoesNotFit)
{
    /// A deployment that does not fit three tiers and ten blocks.
    struct BadFit
    {
        const char* text;    ///< the deployment
        const char* message; ///< what must be said of it
    };

    const std::vector<BadFit> deployments{
        {"0:2-10@0", "partition 0:2-10 must begin at block 1"},
        {"0:0-10@0", "partition 0:0-10 must begin at block 1"},
        {"0:1-5,1:7-10@0", "partition 1:7-10 must begin at block 6"}, // gap
        {"0:1-5,1:5-10@0", "partition 1:5-10 must begin at block 6"}, // overlap
        {"0:6-10,1:1-5@0", "partition 0:6-10 must begin at block 1"}, // out of order
        {"0:1-0@0", "partition 0:1-0 ends before it begins"},
        {"0:1-5,1:6-3@0", "partition 1:6-3 ends before it begins"},
        {"0:1-11@0", "partition 0:1-11 ends beyond block 10, the model's last"},
        {"0:1-4294967295@0", "ends beyond block 10"},
        {"3:1-10@0", "partition 3:1-10 is on an unknown tier; allowed: 0..2"},
        {"0:1-5,1:6-8,0:9-10@0", "partition 0:9-10 is on a tier used before"},
        {"0:1-3,0:4-5,1:6-8,0:9-10@0", "partition 0:9-10 is on a tier used before"},
    };
    for (const auto& bad : deployments)
    {
        SCOPED_TRACE(bad.text);
        ExpectInputError([&] { Deployment::Parse(bad.text).Validate(3, 10); },
                         "/deployment",
                         {"'" + std::string(bad.text) + "'", bad.message});
    }
}

TEST(Deployment, NeedsPartition)
{
    ExpectInputError([] { Deployment().Validate(3, 10); }, "/deployment", {"at least one"});
}

TEST(Deployment, MayBeTruncatedAndInAnyOrderOfTiers)
{
    for (const auto* text : {"0:1-10@0", "0:1-1@0", "2:1-5,0:6-8@0.3", "1:1-1,2:2-2,0:3-3@1"})
    {
        EXPECT_NO_THROW(Deployment::Parse(text).Validate(3, 10)) << text;
    }
}
