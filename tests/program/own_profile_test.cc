/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Profiles and traces that people have: few branches, times of blocks, traces of confidence and of
// arrivals.

#include "ledger_table.h"
#include "run_program.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

using Json = nlohmann::json;

namespace
{

/// A profile of four blocks, two of which a branch follows, on one device.
class OwnProfileTest : public ProgramTest
{
  protected:
    OwnProfileTest()
    {
        Write("p/model.json", R"({
            "schema_version": 2, "profile": "p", "blocks": 4, "branches": [2, 4],
            "tensor_bytes": [12000, [8000, 500], 4000, 2000], "result_bytes": 200,
            "thresholds": [0, 0.5, 1], "trace": "exits.csv"
        })");
        Write("p/exits.csv",
              "entropy_2,correct_2,correct_4\n"
              "0.1,1,1\n0.3,1,1\n0.37,0,1\n0.8,1,0\n0.2,0,1\n");
        Write("p/board.json", R"({
            "schema_version": 2, "profile": "p", "device": "board",
            "block_compute_ms": [[1], [2], [4], [8]], "branch_compute_ms": {"2": [0.5]},
            "serialize_ms": [0.25, 0.25, 0.25, 0.25], "deserialize_ms": [0.5, 0.5, 0.5, 0.5]
        })");
        // The same without trace and accuracy.
        Write("q/model.json", R"({
            "schema_version": 2, "profile": "q", "blocks": 4, "branches": [2, 4],
            "tensor_bytes": [12000, 8500, 4000, 2000], "result_bytes": 200,
            "thresholds": [0, 0.5, 1],
            "validation": {"exit_rates": [[0, 0.8, 1], [1, 1, 1]], "accuracy": null}
        })");
        Write("q/board.json", R"({
            "schema_version": 1, "profile": "q", "device": "board",
            "compute_ms": {"1-1": [1], "1-2": [3.5], "2-2": [2.5], "3-4": [12], "1-4": [15]},
            "serialize_ms": [0.25, 0.25, 0.25, 0.25], "deserialize_ms": [0.5, 0.5, 0.5, 0.5]
        })");
    }

    /**
     * @brief Run a program on a profile.
     * @param program the program
     * @param profile the profile
     * @param arguments more of them
     * @return what it did
     */
    Outcome RunOn(const std::string& program,
                  const std::string& profile,
                  std::vector<std::string> arguments) const
    {
        arguments.insert(arguments.begin(),
                         {"--profile=./" + profile, "--devices=board,board,board"});
        return RunProgram(program, arguments);
    }
};

} // namespace

// By hand: below 0.37 are 0.1, 0.3 and 0.2, of which two are right; of the other two, one is right
// at the last branch. Of ten requests, the trace twice, six exit at the second partition, none at
// the first; six are right.
TEST_F(OwnProfileTest, SimulationOnTraceHasSharesCountedByHand)
{
    for (const std::string exits : {"trace", "trace:p/exits.csv"})
    {
        SCOPED_TRACE(exits);
        const auto run = RunOn(PORTEND_3TIER,
                               "p",
                               {"--deployment=0:1-1,1:2-2,2:3-4@0.37",
                                "--exits=" + exits,
                                "--samples=10",
                                "--json=-",
                                "--quiet"});
        ASSERT_EQ(run.status, 0) << run.err;
        const auto json = Json::parse(run.out);
        const std::vector<double> shares = json["simulated"]["exit_rates"];
        ASSERT_EQ(shares.size(), 3U);
        EXPECT_EQ(shares[0], 0);
        EXPECT_DOUBLE_EQ(shares[1], 0.6);
        EXPECT_DOUBLE_EQ(shares[2], 0.4);
        EXPECT_DOUBLE_EQ(json["simulated"]["accuracy"].get<double>(), 0.6);
        EXPECT_EQ(json["analytical"]["exit_rates"][0], 0.0);
        EXPECT_EQ(json["analytical"]["exit_rates"][1], 0.6);
        EXPECT_NEAR(json["analytical"]["accuracy"].get<double>(), 0.6 * 0.6 + 0.4 * 0.8, 1e-12);
        // Everything computes block 1, block 2 and its branch, 40 % the rest.
        EXPECT_NEAR(json["simulated"]["components_ms"]["computation"].get<double>(),
                    1 + 2.5 + 0.4 * 12,
                    1e-9);
        EXPECT_NEAR(json["difference"]["latency_ms"].get<double>(), 0, 1e-6);
        // The list of tensors at cut 1 adds up.
        EXPECT_EQ(json["analytical"]["message_bytes"][1], 8500);
    }
}

TEST_F(OwnProfileTest, LastPartitionMustAnswer)
{
    for (const auto* program : {PORTEND_3TIER, PORTEND_ESTIMATE})
    {
        const auto run = RunOn(program, "p", {"--deployment=0:1-2,1:3-3@0.5"});
        EXPECT_EQ(run.status, 2);
        EXPECT_NE(run.err.find("no branch follows block 3"), std::string::npos) << run.err;
        EXPECT_NE(run.err.find("end with block 2, 4"), std::string::npos) << run.err;
    }
    const auto run = RunOn(PORTEND_ESTIMATE, "q", {"--deployment=0:1-2,1:3-4@0.37"});
    EXPECT_EQ(run.status, 2);
    EXPECT_NE(run.err.find("threshold 0.37"), std::string::npos) << run.err;
}

TEST_F(OwnProfileTest, UnknownAccuracyIsSaid)
{
    const std::vector<std::string> options{"--deployment=0:1-2,1:3-4@0.5", "--samples=10"};
    const auto table = RunOn(PORTEND_3TIER, "q", options);
    ASSERT_EQ(table.status, 0) << table.err;
    EXPECT_NE(table.out.find("\naccuracy                       -           -             -"),
              std::string::npos)
        << table.out;
    auto withJson = options;
    withJson.insert(withJson.end(), {"--json=-", "--quiet"});
    const auto json = Json::parse(RunOn(PORTEND_3TIER, "q", withJson).out);
    EXPECT_TRUE(json["simulated"]["accuracy"].is_null());
    EXPECT_TRUE(json["analytical"]["accuracy"].is_null());
    auto withLedgers = options;
    withLedgers.insert(withLedgers.end(), {"--csv=-", "--timeline=timeline.json", "--quiet"});
    const auto ledgers = RunOn(PORTEND_3TIER, "q", withLedgers);
    ASSERT_EQ(ledgers.status, 0) << ledgers.err;
    for (const auto& row : ReadTable(ledgers.out))
    {
        EXPECT_EQ(row.at("correct"), "");
    }
    EXPECT_NE(Read("timeline.json").find("\"correct\":null"), std::string::npos);
    EXPECT_EQ(Read("timeline.json").find("\"correct\":false"), std::string::npos);
    const auto list = RunOn(PORTEND_ESTIMATE, "q", {"--all", "--csv=-"});
    EXPECT_NE(list.out.find("\n0,4,0,,15.75,15,0.25,0.5,0,0,1\n"), std::string::npos) << list.out;
    // A trace knows what the profile does not: below 0.5 are four, two of them right, and the fifth
    // is wrong.
    const auto none = RunOn(PORTEND_3TIER, "q", {"--deployment=0:1-4@0", "--exits=trace"});
    EXPECT_EQ(none.status, 2);
    EXPECT_NE(none.err.find("--exits: /exits: found 'trace', but the profile has no trace"),
              std::string::npos)
        << none.err;
    withJson.push_back("--exits=trace:p/exits.csv");
    const auto traced = Json::parse(RunOn(PORTEND_3TIER, "q", withJson).out);
    EXPECT_DOUBLE_EQ(traced["simulated"]["accuracy"].get<double>(), 0.4);
}

TEST_F(OwnProfileTest, UnknownAccuracyIsNotOptimized)
{
    for (const auto* option : {"--pareto", "--min-accuracy=0.5", "--max-latency=60ms"})
    {
        const auto run = RunOn(PORTEND_OPTIMIZE, "q", {option});
        EXPECT_EQ(run.status, 2) << option;
        EXPECT_NE(run.err.find("accuracy cannot be optimized"), std::string::npos) << run.err;
    }
    const auto run = RunOn(PORTEND_OPTIMIZE, "q", {"--min-accuracy=0"});
    EXPECT_EQ(run.status, 0) << run.err;
    EXPECT_NE(run.out.find("0:1-2@0                         4.2500         -"), std::string::npos)
        << run.out;
}

// 0.5 times the rate of calls that began after 1 and 3 s.
TEST_F(OwnProfileTest, ArrivalsOfPublicTracesAreScaled)
{
    Write("calls.csv", "app,func,end_timestamp,duration\na,f,3.5,0.5\na,g,5,4\n");
    const auto run =
        RunOn(PORTEND_3TIER,
              "p",
              {"--deployment=0:1-2@0", "--arrival=trace:calls.csv@0.5", "--csv=-", "--quiet"});
    ASSERT_EQ(run.status, 0) << run.err;
    std::vector<std::string> generated;
    for (const auto& row : ReadTable(run.out))
    {
        generated.push_back(row.at("generated_ns"));
    }
    EXPECT_EQ(generated, (std::vector<std::string>{"2000000000", "6000000000"}));
}
