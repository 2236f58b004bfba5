/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// portend-run: any scenario file, simulated and estimated.

#include "run_program.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

using Json = nlohmann::ordered_json;

namespace
{

const std::string SCENARIOS = PORTEND_SOURCE_DIR "/scenarios/";

class RunProgramTest : public ProgramTest
{
  protected:
    /// @return what the program left
    Outcome Simulate(const std::vector<std::string>& arguments) const
    {
        return RunProgram(PORTEND_RUN, arguments);
    }

    /// Requires that a run is refused in one line, and leaves earlier results as they were.
    void ExpectRefusal(const std::vector<std::string>& arguments,
                       const std::vector<std::string>& parts)
    {
        ExpectRefusalOf(PORTEND_RUN, arguments, parts);
    }
};

} // namespace

TEST_F(RunProgramTest, WritesStreamsNodesAndLinks)
{
    const auto run = Simulate({SCENARIOS + "campus.json",
                               "--set=nodes/camera/count=8",
                               "--set=streams/detail/samples=3",
                               "--set=streams/vision/samples=5",
                               "--json=out.json",
                               "--csv=out.csv"});
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_NE(run.out.find("stream vision"), std::string::npos);
    EXPECT_NE(run.out.find("camera-station up"), std::string::npos);
    const auto json = Json::parse(Read("out.json"));
    EXPECT_EQ(json["schema_version"], 2);
    EXPECT_EQ(json["scenario"]["nodes"][0]["count"], 8);
    const auto& vision = json["streams"]["vision"];
    EXPECT_EQ(vision["simulated"]["requests"], 40);
    EXPECT_EQ(vision["simulated"]["members"]["count"], 8);
    EXPECT_LE(vision["simulated"]["members"]["latency_ms"]["min"],
              vision["simulated"]["latency_ms"]["mean"]);
    EXPECT_EQ(vision["analytical"]["rules"], "exact");
    EXPECT_NEAR(vision["difference"]["latency_ms"].get<double>(),
                vision["simulated"]["latency_ms"]["mean"].get<double>() -
                    vision["analytical"]["latency_ms"]["mean"].get<double>(),
                1e-9);
    EXPECT_EQ(json["network"]["nodes"].size(), 8U + 4 + 1);
    EXPECT_EQ(json["network"]["links"].size(), 8U + 4);
    EXPECT_TRUE(json["network"]["links"].contains("camera[7]-station[3]"));
    EXPECT_EQ(std::prev(json.end()).key(), "provenance");
    EXPECT_FALSE(json["provenance"]["inputs"].empty());

    // A row for each request, with the columns of its stream's partitions.
    std::istringstream csv(Read("out.csv"));
    std::string row;
    std::getline(csv, row);
    EXPECT_EQ(row.rfind("stream,member,epoch,deployment,request,", 0), 0U) << row;
    const auto columns = std::count(row.begin(), row.end(), ',');
    std::size_t rows = 0;
    for (; std::getline(csv, row); ++rows)
    {
        const bool isVision = row.rfind("vision,", 0) == 0;
        EXPECT_TRUE(isVision || row.rfind("detail,", 0) == 0) << row;
        // The quoted deployment has commas of its own.
        EXPECT_EQ(std::count(row.begin(), row.end(), ','), columns + (isVision ? 2 : 1));
    }
    EXPECT_EQ(rows, 8U * (5 + 3));

    // The result's scenario is one that runs, from any folder, and gives the same.
    Write("again.json", json["scenario"].dump());
    ASSERT_EQ(Simulate({"again.json", "--json=again-out.json", "--quiet"}).status, 0);
    auto again = Json::parse(Read("again-out.json"));
    auto first = json;
    again.erase("provenance");
    first.erase("provenance");
    EXPECT_EQ(again, first);
}

TEST_F(RunProgramTest, RunsAndConvertsChains)
{
    const auto file = SCENARIOS + "four-tiers.json";
    const auto chain = Simulate({file, "--samples=40", "--json=-", "--quiet"});
    ASSERT_EQ(chain.status, 0) << chain.err;
    EXPECT_EQ(chain.out, Run({"--scenario=" + file, "--samples=40", "--json=-", "--quiet"}).out);

    const auto converted = Simulate({file, "--samples=40", "--convert"});
    ASSERT_EQ(converted.status, 0) << converted.err;
    Write("two.json", converted.out);
    const auto two = Simulate({"two.json", "--json=-", "--quiet"});
    ASSERT_EQ(two.status, 0) << two.err;
    // The estimate is the same, and so is what the options say.
    const auto one = Json::parse(chain.out);
    const auto stream = Json::parse(two.out)["streams"]["requests"];
    EXPECT_EQ(stream["analytical"]["components_ms"], one["analytical"]["components_ms"]);
    EXPECT_EQ(stream["simulated"]["requests"], one["simulated"]["requests"]);
    // What was converted stays what it is.
    EXPECT_EQ(Simulate({"two.json", "--convert"}).out, converted.out);
}

TEST_F(RunProgramTest, SameSeedSameBytes)
{
    const std::vector<std::string> arguments{SCENARIOS + "campus.json",
                                             "--set=nodes/camera/count=5",
                                             "--samples=10",
                                             "--RngSeed=3",
                                             "--RngRun=4",
                                             "--json=-",
                                             "--quiet"};
    const auto first = Simulate(arguments);
    ASSERT_EQ(first.status, 0) << first.err;
    EXPECT_EQ(Simulate(arguments).out, first.out);
    EXPECT_EQ(Json::parse(first.out)["seed"], 3);
    auto other = arguments;
    other[3] = "--RngSeed=5";
    EXPECT_NE(Simulate(other).out, first.out);
}

// Whatever carries messages, the numbers are the same; the result says what did.
TEST_F(RunProgramTest, TrainsWriteTheSame)
{
    const auto read = [this](const std::vector<std::string>& more, std::string& csv) {
        std::vector<std::string> arguments{SCENARIOS + "campus.json",
                                           "--set=nodes/camera/count=5",
                                           "--samples=10",
                                           "--json=out.json",
                                           "--csv=out.csv"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const auto run = Simulate(arguments);
        EXPECT_EQ(run.status, 0) << run.err;
        csv = Read("out.csv");
        return Json::parse(Read("out.json"));
    };
    std::string one;
    std::string two;
    auto packets = read({}, one);
    auto trains = read({"--network=trains"}, two);
    EXPECT_EQ(two, one);
    EXPECT_EQ(trains["engine"], "trains");
    trains.erase("engine");
    trains["scenario"].erase("network");
    EXPECT_EQ(trains, packets);

    const auto chain = Run({"--network=auto", "--samples=10", "--json=-"});
    ASSERT_EQ(chain.status, 0) << chain.err;
    EXPECT_EQ(Json::parse(chain.out)["engine"], "trains");
    const auto tcp = Run({"--network=auto", "--transport=tcp", "--samples=10", "--json=-"});
    ASSERT_EQ(tcp.status, 0) << tcp.err;
    EXPECT_EQ(Json::parse(tcp.out)["engine"], "packets");
    const auto table = Simulate({SCENARIOS + "campus.json", "--network=auto", "--samples=1"});
    EXPECT_EQ(table.out.rfind("udp, trains\n", 0), 0U) << table.out;
    ExpectRefusal({SCENARIOS + "campus.json", "--network=trains", "--pcap=campus", "--samples=1"},
                  {"--pcap", "--network=packets"});
}

TEST_F(RunProgramTest, RefusesWhatMakesNoSense)
{
    const auto campus = SCENARIOS + "campus.json";
    ExpectRefusal({}, {"FILE: is missing"});
    ExpectRefusal({"nothing.json"}, {"nothing.json: cannot be read"});
    ExpectRefusal({campus, campus}, {"is no option"});
    ExpectRefusal({campus, "--set"}, {"--set: needs a value"});
    ExpectRefusal({campus, "--set=nodes/camra/count=3"}, {"did you mean 'camera'?"});
    ExpectRefusal({campus, "--set=nodes/camera/count=0"}, {"/nodes/0/count", "1 .. 1000000"});
    ExpectRefusal({campus, "--samples=0"}, {"--samples: found '0'"});
    ExpectRefusal({campus, "--timeline=t.json"}, {"--timeline", "a chain"});
    ExpectRefusal({campus, "--set=streams/vision/arrival=poisson:50"}, {"campus.json", "below 1"});
    ExpectRefusal({SCENARIOS + "four-tiers.json", "--set=samples=3"}, {"--set", "--convert"});
    Write("three.json", R"({"schema_version": 3})");
    ExpectRefusal({"three.json"}, {"three.json: /schema_version", "version 1 or 2"});
}

// The other programs look at one stream, and leave the others as they are.
TEST_F(RunProgramTest, OtherProgramsTakeAStream)
{
    const auto campus = "--scenario=" + SCENARIOS + "campus.json";
    const auto estimate =
        RunProgram(PORTEND_ESTIMATE,
                   {campus, "--stream=detail", "--rules=queueing", "--json=-", "--quiet"});
    ASSERT_EQ(estimate.status, 0) << estimate.err;
    const auto whole =
        Simulate({SCENARIOS + "campus.json", "--rules=queueing", "--json=-", "--quiet"});
    EXPECT_EQ(Json::parse(estimate.out)["deployments"][0]["latency_ms"],
              Json::parse(whole.out)["streams"]["detail"]["analytical"]["latency_ms"]["mean"]);

    const auto best = RunProgram(PORTEND_OPTIMIZE,
                                 {campus,
                                  "--stream=vision",
                                  "--set=streams/vision/arrival=poisson:0.3",
                                  "--min-accuracy=0.88",
                                  "--json=-",
                                  "--quiet"});
    EXPECT_EQ(best.status, 0) << best.err;
    EXPECT_EQ(Json::parse(best.out)["scenario"]["streams"][0]["arrival"], "poisson:0.3");

    const auto refuse = [&](const std::vector<std::string>& more, const std::string& part) {
        std::vector<std::string> arguments{campus};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const auto run = RunProgram(PORTEND_ESTIMATE, arguments);
        EXPECT_EQ(run.status, 2);
        EXPECT_NE(run.err.find(part), std::string::npos) << run.err;
    };
    refuse({"--stream=visoin"}, "did you mean 'vision'?");
    refuse({"--bandwidth=1Mbps"}, "links/NAME/bandwidth");
    refuse({"--set=nodes/x/count=1"}, "--set nodes/x/count");
    EXPECT_NE(Run({campus}).err.find("portend-run"), std::string::npos);
    EXPECT_NE(RunProgram(PORTEND_ESTIMATE, {"--stream=x"}).err.find("--scenario"),
              std::string::npos);
}

#ifdef PORTEND_SWEEP
// A value of any path may be an axis.
TEST_F(RunProgramTest, SweepsTakePaths)
{
    const auto sweep = RunProgram(PORTEND_SWEEP,
                                  {"--scenario=" + SCENARIOS + "campus.json",
                                   "--stream=vision",
                                   "--set=streams/detail/samples=2",
                                   "--samples=5",
                                   "--sweep=nodes/camera/count=4,8",
                                   "--sweep=links/camera-station/bandwidth/up=5Mbps:10Mbps:5Mbps",
                                   "--replications=2",
                                   "--result=out.sqlite",
                                   "--json=-",
                                   "--quiet"});
    ASSERT_EQ(sweep.status, 0) << sweep.err;
    EXPECT_NE(sweep.out.find("nodes/camera/count"), std::string::npos);
    // Each point's scenario is the one that was run.
    for (const auto* const count : {"\"count\":4,\"device\"", "\"count\":8,\"device\""})
    {
        EXPECT_NE(sweep.out.find(count), std::string::npos) << count;
    }
    const auto chain =
        RunProgram(PORTEND_SWEEP, {"--sweep=nodes/camera/count=4,8", "--result=other.sqlite"});
    EXPECT_EQ(chain.status, 2);
    EXPECT_NE(chain.err.find("version 2"), std::string::npos) << chain.err;
}
#endif
