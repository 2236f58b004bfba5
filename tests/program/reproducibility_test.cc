/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// The same seed and run give the same bytes; what a run says of its scenario runs again.

#include "run_program.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

using Json = nlohmann::json;

namespace
{

/// Arguments of runs in which everything is random that can be.
const std::vector<std::string> RANDOM{"--samples=300",
                                      "--arrival=poisson:20",
                                      "--compute=gamma",
                                      "--exits=independent"};

class ReproducibilityTest : public ProgramTest
{
  protected:
    /// @return JSON and CSV of a run
    std::string GetResult(std::vector<std::string> arguments) const
    {
        arguments.insert(arguments.end(), {"--quiet", "--json=r.json", "--csv=r.csv"});
        const auto run = Run(arguments);
        EXPECT_EQ(run.status, 0) << run.err;
        return Read("r.json") + Read("r.csv");
    }

    /// @return JSON but for where it comes from, the last key: which files were read
    static std::string GetOutcome(const std::string& json)
    {
        return json.substr(0, json.find("\"provenance\""));
    }

    /// @return arguments with one more
    static std::vector<std::string> With(std::vector<std::string> arguments,
                                         const std::string& more)
    {
        arguments.push_back(more);
        return arguments;
    }
};

} // namespace

TEST_F(ReproducibilityTest, SameSeedAndRunGiveTheSameBytes)
{
    const auto first = GetResult(RANDOM);
    EXPECT_GT(first.size(), 10000U);
    EXPECT_EQ(GetResult(RANDOM), first);
    EXPECT_EQ(GetResult(With(RANDOM, "--RngRun=1")), first);
    EXPECT_EQ(GetResult(With(RANDOM, "--RngSeed=1")), first);
    const auto lossy = With(With(RANDOM, "--transport=tcp"), "--loss=0.03");
    const auto tcp = GetResult(lossy);
    EXPECT_NE(tcp, first);
    EXPECT_EQ(GetResult(lossy), tcp);
}

TEST_F(ReproducibilityTest, OtherRunsAndSeedsDiffer)
{
    const auto getMean = [this](const std::string& option) {
        const auto run = Run(With(With(RANDOM, option), "--json=-"));
        EXPECT_EQ(run.status, 0) << run.err;
        return Json::parse(run.out)["simulated"]["latency_ms"]["mean"].get<double>();
    };
    const auto run1 = getMean("--RngRun=1");
    EXPECT_NE(getMean("--RngRun=2"), run1);
    EXPECT_NE(getMean("--RngSeed=2"), run1);
}

// Nothing of what is measured for people alone goes into the results: not the wall clock, not
// the folder.
TEST_F(ReproducibilityTest, PlaceDoesNotMatter)
{
    const auto json = Run(With(RANDOM, "--json=-")).out;
    Write("elsewhere/x", "");
    Write("profiles/x", "");
    EXPECT_EQ(Run(With(RANDOM, "--json=-")).out, json);
}

TEST_F(ReproducibilityTest, ScenariosRunAgain)
{
    Write("arrivals.csv", "arrival_ms\n0\n10\n11\n500\n");
    Write("joint.csv", "exited,correct\n30,15\n70,70\n");
    const std::vector<std::vector<std::string>> cases{
        {},
        {"--RngRun=7", "--RngSeed=3", "--arrival=poisson:20", "--compute=empirical"},
        {"--profile=resnet20-cifar10",
         "--devices=a1.large,g5.xlarge",
         "--bandwidth=1.5Mbps",
         "--delay=0ms",
         "--deployment=1:1-3,0:4-10@0.4",
         "--source=1",
         "--destination=1",
         "--mtu=1500",
         "--queue=1MB",
         "--rules=paper",
         "--accuracy=conditional",
         "--shared-core=true"},
        {"--transport=tcp",
         "--tcp-variant=TcpNewReno",
         "--tcp-warm=false",
         "--tcp-restart=true",
         "--loss=0.125",
         "--mtu=1500"},
        {"--arrival=trace:arrivals.csv", "--exits=trace:joint.csv", "--rules=reference-code"},
        {"--deployment=2:1-4", "--profile=vggish-audioset", "--arrival=periodic:12.5s"},
    };
    for (auto arguments : cases)
    {
        SCOPED_TRACE(testing::PrintToString(arguments));
        arguments.insert(arguments.end(), {"--samples=20", "--quiet", "--json=-"});
        const auto first = Run(arguments);
        ASSERT_EQ(first.status, 0) << first.err;
        Write("scenario.json", Json::parse(first.out)["scenario"].dump());
        const auto second = Run({"--scenario=scenario.json", "--quiet", "--json=-"});
        EXPECT_EQ(second.status, 0) << second.err;
        EXPECT_EQ(GetOutcome(second.out), GetOutcome(first.out));
        EXPECT_NE(second.out, first.out);
    }
}

// An option changes one thing of a scenario file, the run number included.
TEST_F(ReproducibilityTest, OptionsOverrideScenarioFiles)
{
    Write("scenario.json", Json::parse(Run({"--quiet", "--json=-"}).out)["scenario"].dump());
    const auto get = [this](const std::string& option) {
        return Run({option, "--scenario=scenario.json", "--quiet", "--json=-"}).out;
    };
    for (const auto* option : {"--samples=30", "--RngRun=5"})
    {
        EXPECT_EQ(GetOutcome(get(option)), GetOutcome(Run({option, "--quiet", "--json=-"}).out));
    }
    EXPECT_EQ(Json::parse(get("--RngRun=5"))["run"], 5);
}

// Files that a scenario names lie beside it, wherever the program runs; what the run says of its
// scenario finds them again from any other folder, and never another of the same name.
TEST_F(ReproducibilityTest, ScenariosNameFilesBesideThem)
{
    const auto writeModel = [this](const std::string& folder, const std::string& computeMs) {
        Write(folder + "/model.json", R"({"schema_version": 1, "profile": "own", "blocks": 1,
            "tensor_bytes": [1000], "result_bytes": 200, "thresholds": [0],
            "validation": {"exit_rates": [[1]], "accuracy": [0.9]}})");
        Write(folder + "/board.json",
              R"({"schema_version": 1, "profile": "own", "device": "board",
            "compute_ms": {"1-1": [)" +
                  computeMs + R"(]}, "serialize_ms": [0], "deserialize_ms": [0]})");
    };
    writeModel("study/own", "6");
    writeModel("other/own", "600");
    Write("study/arrivals.csv", "arrival_ms\n0\n500\n");
    Write("study/exits.csv", "exited,correct\n30,15\n");
    auto scenario = Json::parse(R"({"schema_version": 1, "profile": "./own",
        "tiers": [{"device": "board"}], "links": [], "deployment": "0:1-1@0", "samples": 2,
        "arrival": "trace:arrivals.csv", "exits": "trace:./exits.csv"})");
    Write("study/here.json", scenario.dump());
    const auto run = [this](const std::string& file) {
        const auto outcome = Run({"--scenario=" + file, "--quiet", "--json=-"});
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        return outcome.out;
    };
    const auto first = run("study/here.json");
    EXPECT_EQ(Json::parse(first)["simulated"]["components_ms"]["computation"], 6);
    Write("other/back.json", Json::parse(first)["scenario"].dump());
    EXPECT_EQ(GetOutcome(run("other/back.json")), GetOutcome(first));
    // Two folders up and down again.
    scenario["profile"] = "../study/own";
    scenario["arrival"] = "trace:../study/arrivals.csv";
    scenario["exits"] = "trace:../study/exits.csv";
    Write("other/there.json", scenario.dump());
    EXPECT_EQ(Json::parse(run("other/there.json"))["simulated"], Json::parse(first)["simulated"]);

    // Options mean the current folder, whatever the file.
    const auto options = Run({"--scenario=study/here.json",
                              "--profile=other/own",
                              "--arrival=trace:study/arrivals.csv",
                              "--quiet",
                              "--json=-"});
    EXPECT_EQ(options.status, 0) << options.err;
    EXPECT_EQ(Json::parse(options.out)["simulated"]["components_ms"]["computation"], 600);
    EXPECT_EQ(Run({"--scenario=study/here.json", "--profile=./own"}).status, 2);
}
