/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// portend-estimate: one deployment, a list, all there are.

#include "deployment_rows.h"
#include "run_program.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

using Json = nlohmann::json;

namespace
{

class EstimateProgramTest : public ProgramTest
{
  protected:
    /// @return what the program left
    Outcome Estimate(const std::vector<std::string>& arguments) const
    {
        return RunProgram(PORTEND_ESTIMATE, arguments);
    }

    /// @return rows of a run that must succeed
    std::vector<DeploymentRow> GetRows(std::vector<std::string> arguments) const
    {
        arguments.insert(arguments.end(), {"--csv=-", "--quiet"});
        const auto run = Estimate(arguments);
        EXPECT_EQ(run.status, 0) << run.err;
        EXPECT_EQ(run.err, "");
        return ParseDeploymentRows(run.out);
    }

    /// Requires that a run is refused in one line, and leaves earlier results as they were.
    void ExpectRefusal(const std::vector<std::string>& arguments,
                       const std::vector<std::string>& parts) const
    {
        ExpectRefusalOf(PORTEND_ESTIMATE, arguments, parts);
    }
};

} // namespace

// Over 3 tiers and 10 thresholds: 3 * 55 single partitions, once each; 10 * 3 * C(55,2) pairs
// and 10 * C(55,3) triples of cuts.
TEST_F(EstimateProgramTest, AllOfResnet110)
{
    const auto run = Estimate(
        {"--profile=resnet110-cifar10", "--all", "--rules=reference-code", "--csv=all.csv"});
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_EQ(run.out, "307065 deployments estimated\n");
    const auto rows = ParseDeploymentRows(Read("all.csv"));
    ASSERT_EQ(rows.size(), 307065U);
    EXPECT_EQ(rows.size(), 3U * 55 + 10 * 3 * (55 * 54 / 2) + 10 * (55 * 54 * 53 / 6));
    std::set<std::string> deployments;
    for (const auto& row : rows)
    {
        deployments.insert(row.GetDeployment());
        const auto sum = std::accumulate(row.parts.begin(), row.parts.end(), 0.0);
        ASSERT_NEAR(row.latencyMs, sum, 1e-9) << row.text;
        ASSERT_EQ(row.tiers.size(), row.ends.size()) << row.text;
        ASSERT_EQ(row.exitRates.size(), row.ends.size()) << row.text;
        ASSERT_EQ(row.thresholds.size(), 1U) << row.text;
        ASSERT_TRUE(std::is_sorted(row.tiers.begin(), row.tiers.end())) << row.text;
        ASSERT_LE(row.ends.back(), 55U) << row.text;
    }
    EXPECT_EQ(deployments.size(), rows.size()) << "some are there twice";
}

TEST_F(EstimateProgramTest, CountsOfAllProfiles)
{
    const auto binomial = [](std::size_t n, std::size_t k) {
        return k == 2 ? n * (n - 1) / 2 : n * (n - 1) * (n - 2) / 6;
    };
    for (const auto& [profile, blocks] : std::vector<std::pair<std::string, std::size_t>>{
             {"resnet20-cifar10", 10},
             {"efficientnetb0-imagenet", 8},
             {"efficientnetb7-imagenet", 8},
             {"vggish-audioset", 4},
         })
    {
        EXPECT_EQ(GetRows({"--profile=" + profile, "--all"}).size(),
                  3 * blocks + 10 * 3 * binomial(blocks, 2) + 10 * binomial(blocks, 3))
            << profile;
    }
}

// Every way to ask for the same deployment gives the same number.
TEST_F(EstimateProgramTest, RowsEqualSingleEstimates)
{
    for (const auto* rules : {"paper", "reference-code", "exact"})
    {
        const auto option = "--rules=" + std::string(rules);
        const auto all = GetRows({"--profile=resnet20-cifar10", "--all", option});
        std::string list = "# every hundredth\n\n";
        std::vector<const DeploymentRow*> chosen;
        for (std::size_t i = 0; i < all.size(); i += 100)
        {
            chosen.push_back(&all[i]);
            list += "  " + all[i].GetDeployment() + (i % 200 == 0 ? "   # a comment\n" : "\r\n");
        }
        Write("list.txt", list);
        const auto listed =
            GetRows({"--profile=resnet20-cifar10", "--deployments=list.txt", option});
        ASSERT_EQ(listed.size(), chosen.size());
        for (std::size_t i = 0; i < chosen.size(); ++i)
        {
            EXPECT_EQ(listed[i].text, chosen[i]->text);
        }
        for (const auto i : {0, 5, 17})
        {
            const auto single = GetRows({"--profile=resnet20-cifar10",
                                         "--deployment=" + chosen[i]->GetDeployment(),
                                         option});
            ASSERT_EQ(single.size(), 1U);
            EXPECT_EQ(single[0].text, chosen[i]->text);
        }
    }
}

TEST_F(EstimateProgramTest, JsonSaysTheSame)
{
    Write("list.txt", "0:1-25,1:26-40@0.1\n0:1-10,1:11-20,2:21-55@0.3\n2:1-55@0\n");
    const auto run = Estimate({"--deployments=list.txt", "--json=out.json", "--csv=out.csv"});
    ASSERT_EQ(run.status, 0) << run.err;
    const auto rows = ParseDeploymentRows(Read("out.csv"));
    const auto json = Json::parse(Read("out.json"));
    EXPECT_EQ(json["schema_version"], 1);
    EXPECT_EQ(json["rules"], "exact");
    EXPECT_EQ(json["scenario"]["profile"], "resnet110-cifar10");
    ASSERT_EQ(json["deployments"].size(), 3U);
    ASSERT_EQ(rows.size(), 3U);
    const std::vector<std::string> names{"computation",
                                         "serialization",
                                         "deserialization",
                                         "propagation",
                                         "transmission"};
    for (std::size_t i = 0; i < rows.size(); ++i)
    {
        const auto& entry = json["deployments"][i];
        EXPECT_EQ(entry["deployment"], rows[i].GetDeployment());
        EXPECT_EQ(entry["latency_ms"], rows[i].latencyMs);
        EXPECT_EQ(entry["accuracy"], rows[i].accuracy);
        EXPECT_EQ(entry["exit_rates"].get<std::vector<double>>(), rows[i].exitRates);
        EXPECT_EQ(entry["message_bytes"].size(), rows[i].tiers.size() + 1);
        for (std::size_t c = 0; c < names.size(); ++c)
        {
            EXPECT_EQ(entry["components_ms"][names[c]], rows[i].parts[c]) << names[c];
        }
    }
}

TEST_F(EstimateProgramTest, TableForPeople)
{
    const auto run = Estimate({"--deployment=0:1-25,1:26-40@0.1"});
    EXPECT_EQ(run.status, 0);
    for (const auto* word :
         {"0:1-25,1:26-40@0.1", "computation", "total", "accuracy", "exit rate 2"})
    {
        EXPECT_NE(run.out.find(word), std::string::npos) << run.out;
    }
    EXPECT_EQ(Estimate({"--deployment=0:1-25,1:26-40@0.1"}).out, run.out);
}

TEST_F(EstimateProgramTest, OptionsNarrowAll)
{
    for (const auto& row : GetRows({"--profile=resnet20-cifar10", "--all", "--tiers=0,2"}))
    {
        EXPECT_TRUE(std::find(row.tiers.begin(), row.tiers.end(), 1U) == row.tiers.end());
    }
    for (const auto& row : GetRows({"--profile=resnet20-cifar10", "--all", "--full-model"}))
    {
        EXPECT_EQ(row.ends.back(), 10U);
    }
    // 3! orders of all tiers, 6 of two: more than the ascending 1 and 3.
    EXPECT_EQ(GetRows({"--profile=resnet20-cifar10", "--all", "--placements=any"}).size(),
              3U * 10 + 10 * 6 * 45 + 10 * 6 * 120);
    // A threshold of its own for each exit but the last.
    EXPECT_EQ(GetRows({"--profile=resnet20-cifar10", "--all", "--own-thresholds"}).size(),
              3U * 10 + 10 * 3 * 45 + 100 * 120);
    // Tiers that go up or stay: 3, 6 and 10 placements of 1, 2 and 3 partitions.
    EXPECT_EQ(GetRows({"--profile=resnet20-cifar10", "--all", "--shared-tiers"}).size(),
              3U * 10 + 10 * 6 * 45 + 10 * 10 * 120);
}

// A profile of two blocks: the board was measured for block 1, and for block 2 but for its input,
// the cloud for block 2 alone.
TEST_F(EstimateProgramTest, LeavesOutWhatIsNotMeasured)
{
    Write("half/model.json",
          R"({"schema_version": 1, "profile": "half", "blocks": 2, "tensor_bytes": [1000, 500],
              "result_bytes": 100, "thresholds": [0, 0.5],
              "validation": {"exit_rates": [[0, 0.5], [1, 1]], "accuracy": [0.7, 0.9]}})");
    Write("half/board.json",
          R"({"schema_version": 1, "profile": "half", "device": "board",
              "compute_ms": {"1-1": [5], "2-2": [6]},
              "serialize_ms": [1, 1], "deserialize_ms": [1, null]})");
    Write("half/cloud.json",
          R"({"schema_version": 1, "profile": "half", "device": "cloud",
              "compute_ms": {"2-2": [2]}, "serialize_ms": [null, null],
              "deserialize_ms": [null, 1]})");
    const std::vector<std::string> half{"--profile=./half",
                                        "--devices=board,cloud",
                                        "--bandwidth=10Mbps",
                                        "--delay=1ms"};
    const auto with = [&half](const std::vector<std::string>& more) {
        auto arguments = half;
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    };
    // All: 0:1-1, 0:1-2, 1:1-1, 1:1-2 once, and 0:1-1,1:2-2 at two thresholds.
    const auto all = Estimate(with({"--all"}));
    EXPECT_EQ(all.status, 0) << all.err;
    EXPECT_EQ(all.out,
              "3 deployments estimated, 3 left out: the devices' profiles lack timings that they "
              "need\n");
    EXPECT_EQ(GetRows(with({"--all"})).size(), 3U);
    EXPECT_EQ(Estimate(with({"--deployment=0:1-1,1:2-2@0.5"})).status, 0);
    ExpectRefusal(with({"--deployment=0:1-2@0"}), {"half/board.json: /compute_ms/1-2", "board"});
    ExpectRefusal(with({"--deployment=1:1-1,0:2-2@0"}), {"half/cloud.json: /compute_ms/1-1"});
    const auto best = RunProgram(PORTEND_OPTIMIZE, with({"--pareto", "--verify"}));
    EXPECT_EQ(best.status, 0) << best.err;
    EXPECT_NE(best.out.find("3 deployments considered, 3 left out: "), std::string::npos)
        << best.out;
    const auto run = Run(with({"--deployment=0:1-2@0", "--json=out.json", "--samples=5"}));
    EXPECT_EQ(run.status, 2);
    EXPECT_NE(run.err.find("half/board.json: /compute_ms/1-2: "), std::string::npos) << run.err;
    EXPECT_EQ(Run(with({"--deployment=0:1-1,1:2-2@0.5", "--samples=5", "--quiet"})).status, 0);
}

TEST_F(EstimateProgramTest, BadInput)
{
    ExpectRefusal({"--profile=resnet20-cifar10", "--all", "--shared-tiers", "--rules=paper"},
                  {"the rules paper know one partition a tier"});
    ExpectRefusal({"--deployments=nowhere.txt"}, {"nowhere.txt: cannot be read"});
    Write("empty.txt", "# nothing\n\n");
    ExpectRefusal({"--deployments=empty.txt"}, {"empty.txt: holds no deployment"});
    Write("list.txt", "# a\n0:1-25,1:26-40@0.1\n0:1-60@0\n");
    ExpectRefusal({"--deployments=list.txt"}, {"list.txt:3: ", "0:1-60"});
    Write("list.txt", "0:1-25,1:27-40@0.1\n");
    ExpectRefusal({"--deployments=list.txt"}, {"list.txt:1: ", "26"});
    Write("list.txt", "0:1-25,1:26-40@0.1\n\n0:1-25,7:26-40@0.1 # tier\n");
    ExpectRefusal({"--deployments=list.txt"}, {"list.txt:3: ", "tier"});
    Write("list.txt", "0:1-25,1:26-40@0.15\n");
    ExpectRefusal({"--deployments=list.txt"}, {"list.txt:1: ", "0.15", "known: 0, 0.1"});
    Write("list.txt", "what?\n");
    ExpectRefusal({"--deployments=list.txt"}, {"list.txt:1: ", "what?"});
    ExpectRefusal({"--deployment=0:1-25,1:26-40@0.15"}, {"0.15", "known: 0, 0.1"});
    ExpectRefusal({"--all", "--deployments=list.txt"}, {"--all", "--deployments"});
    ExpectRefusal({"--profile=nowhere"}, {"--profile", "resnet110-cifar10"});
    ExpectRefusal({"--devices=a1.medium,m4.large,toaster"}, {"toaster", "g4dn.xlarge"});
    ExpectRefusal({"--rules=guess"}, {"guess", "paper"});
    ExpectRefusal({"--accuracy=guess"}, {"guess", "conditional"});
    ExpectRefusal({"--all", "--tiers=3"}, {"--tiers", "0..2"});
    ExpectRefusal({"--all", "--placements=0,0"}, {"--placements"});
    ExpectRefusal({"--all", "--max-partitions=0"}, {"--max-partitions"});
    ExpectRefusal({"--bogus"}, {"--bogus", "--help"});
    ExpectRefusal({"--json=-", "--csv=-"}, {"--csv", "--json"});
}
