/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// The command line itself.

#include "run_program.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>

using Json = nlohmann::json;

namespace
{

class UsageTest : public ProgramTest
{
};

} // namespace

TEST_F(UsageTest, HelpMentionsEveryOption)
{
    for (const auto* help : {"--help", "--PrintHelp"})
    {
        const auto run = Run({help});
        EXPECT_EQ(run.status, 0);
        for (const auto* option :
             {"scenario",  "profile",     "devices",   "deployment", "bandwidth", "delay",
              "source",    "destination", "samples",   "arrival",    "transport", "mtu",
              "queue",     "compute",     "exits",     "rules",      "accuracy",  "shared-core",
              "json",      "csv",         "timeline",  "pcap",       "quiet",     "tcp-segment",
              "precision", "strict",      "tcp-buffer"})
        {
            EXPECT_NE(run.out.find("--" + std::string(option) + ":"), std::string::npos)
                << option << " is not in " << help;
        }
    }
}

// Attributes of models and ns-3's own variables come with ns3::CommandLine.
TEST_F(UsageTest, AttributesAndGlobalsWork)
{
    const auto plain = Run({"--quiet", "--json=-", "--samples=50"});
    const auto slow = Run({"--quiet",
                           "--json=-",
                           "--samples=50",
                           "--ns3::PortendSink::SerializationFactor=2",
                           "--ChecksumEnabled=false"});
    EXPECT_EQ(slow.status, 0) << slow.err;
    EXPECT_TRUE(Json::accept(slow.out));
    const auto help = Run({"--PrintAttributes=ns3::PortendSource"});
    EXPECT_EQ(help.status, 0);
    EXPECT_NE(help.out.find("ns3::PortendSource::SerializationTime"), std::string::npos)
        << help.out;
}

TEST_F(UsageTest, QuietMayBeSaidInFull)
{
    EXPECT_EQ(Run({"--quiet=true", "--samples=5"}).out, "");
    EXPECT_NE(Run({"--quiet=false", "--samples=5"}).out, "");
}

// The name of a profile is looked for beside the program's own profiles, a path is a folder.
TEST_F(UsageTest, ProfileOfOnesOwn)
{
    Write("my model/model.json", R"({
        "schema_version": 1, "profile": "my-model", "blocks": 3,
        "tensor_bytes": [12000, 8000, 4000], "result_bytes": 200, "thresholds": [0, 0.5, 1],
        "validation": {
            "exit_rates": [[0, 0.4, 1], [0, 0.7, 1], [1, 1, 1]],
            "accuracy": [0.6, 0.75, 0.9]
        }
    })");
    Write("my model/board.json", R"({
        "schema_version": 1, "profile": "my-model", "device": "board",
        "compute_ms": {
            "1-1": [2.1, 2.0], "1-2": [3.9, 4.1], "1-3": [6.2, 6.1],
            "2-2": [2.0, 1.9], "2-3": [4.0, 4.2], "3-3": [2.1, 2.2]
        },
        "serialize_ms": [0.3, 0.2, 0.1], "deserialize_ms": [0.4, 0.3, 0.2]
    })");
    Write("four tiers.json", R"({
        "schema_version": 1, "profile": "./my model",
        "tiers": [{"device": "board"}, {"device": "board"}, {"device": "board"},
                  {"device": "board", "compute_factor": 0.1}],
        "links": [{"bandwidth": "8Mbps", "delay": "1ms"}, {"bandwidth": "16Mbps", "delay": "2ms"},
                  {"bandwidth": "80Mbps", "delay": "3ms"}],
        "deployment": "3:1-3@0", "samples": 10
    })");
    const auto run = Run({"--scenario=four tiers.json", "--quiet", "--json=-"});
    ASSERT_EQ(run.status, 0) << run.err;
    const auto json = Json::parse(run.out);
    // The input makes packets of 9002 and 3098 B. The first takes 9.002 and 4.501 ms on links
    // of 8 and 16 Mb/s; the second is there before it has left, and follows in 1.549 ms, and
    // over 80 Mb/s in 0.3098 ms. The result's 250 B take 0.25 + 0.125 + 0.025 ms.
    const double transmission = 9.002 + 4.501 + 1.549 + 0.3098 + 0.4;
    // Propagation twice 6 ms, (de)serialization 0.3 + 0.4 ms, computation 0.1 * 6.15 ms.
    const double expected = transmission + 12 + 0.7 + 0.615;
    EXPECT_NEAR(json["analytical"]["latency_ms"]["mean"], expected, 1e-9);
    EXPECT_NEAR(json["simulated"]["latency_ms"]["mean"], expected, 1e-5);
    EXPECT_EQ(json["simulated"]["components_ms"]["network_excess"], 0);
}
