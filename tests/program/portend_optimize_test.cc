/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// portend-optimize, held against all that portend-estimate lists.

#include "deployment_rows.h"
#include "run_program.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

using Json = nlohmann::json;

namespace
{

class OptimizeProgramTest : public ProgramTest
{
  protected:
    /// @return what the program left
    Outcome Optimize(const std::vector<std::string>& arguments) const
    {
        return RunProgram(PORTEND_OPTIMIZE, arguments);
    }

    /// @return result of a run that must succeed
    Json GetResult(std::vector<std::string> arguments) const
    {
        arguments.insert(arguments.end(), {"--json=-", "--quiet"});
        const auto run = Optimize(arguments);
        EXPECT_EQ(run.status, 0) << testing::PrintToString(arguments) << run.err;
        EXPECT_TRUE(Json::accept(run.out)) << run.out;
        return Json::parse(run.out, nullptr, false);
    }

    /// @return all deployments there are
    std::vector<DeploymentRow> GetAll(std::vector<std::string> arguments) const
    {
        arguments.insert(arguments.end(), {"--all", "--csv=-", "--quiet"});
        const auto run = RunProgram(PORTEND_ESTIMATE, arguments);
        EXPECT_EQ(run.status, 0) << run.err;
        return ParseDeploymentRows(run.out);
    }

    /// Requires a failure with one line, status and no output; earlier results stay.
    void ExpectFailure(int status,
                       std::vector<std::string> arguments,
                       const std::vector<std::string>& parts)
    {
        SCOPED_TRACE(testing::PrintToString(arguments));
        Write("out.json", "good");
        Write("out.csv", "good");
        arguments.insert(arguments.begin(), {"--json=out.json", "--csv=out.csv"});
        const auto before = GetFiles();
        const auto run = Optimize(arguments);
        EXPECT_EQ(run.status, status);
        EXPECT_EQ(run.out, "");
        EXPECT_EQ(run.err.rfind("portend-optimize: ", 0), 0U) << run.err;
        EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
        for (const auto& part : parts)
        {
            EXPECT_NE(run.err.find(part), std::string::npos)
                << "lacks '" << part << "': " << run.err;
        }
        EXPECT_EQ(GetFiles(), before) << "files were left";
        EXPECT_EQ(Read("out.json"), "good");
        EXPECT_EQ(Read("out.csv"), "good");
    }

    /// Requires that an option allows exactly the deployments that a condition names.
    template <typename Allows>
    void ExpectConstraint(const std::vector<std::string>& options, Allows allows)
    {
        SCOPED_TRACE(testing::PrintToString(options));
        const std::string profile = "--profile=resnet20-cifar10";
        std::vector<DeploymentRow> allowed;
        for (const auto& row : GetAll({profile}))
        {
            if (allows(row))
            {
                allowed.push_back(row);
            }
        }
        auto arguments = options;
        arguments.insert(arguments.end(), {profile, "--pareto", "--verify"});
        const auto result = GetResult(arguments);
        EXPECT_EQ(result["configurations"], allowed.size());
        const auto frontier = FindFrontierOfRows(allowed);
        ASSERT_EQ(result["frontier"].size(), frontier.size());
        for (std::size_t i = 0; i < frontier.size(); ++i)
        {
            EXPECT_NEAR(result["frontier"][i]["latency_ms"], frontier[i].first, 1e-9);
            EXPECT_NEAR(result["frontier"][i]["accuracy"], frontier[i].second, 1e-12);
        }
    }
};

const std::vector<std::string> PROFILES{"resnet20-cifar10",
                                        "resnet110-cifar10",
                                        "efficientnetb0-imagenet",
                                        "efficientnetb7-imagenet",
                                        "vggish-audioset"};

} // namespace

TEST_F(OptimizeProgramTest, OptimumIsTheMinimumOfAll)
{
    for (const std::string rules : {"paper", "reference-code", "exact"})
    {
        const auto all = GetAll({"--rules=" + rules});
        for (const double floor : {0.0, 0.8, 0.87, 0.885})
        {
            double best = 1e300;
            for (const auto& row : all)
            {
                best = row.accuracy >= floor ? std::min(best, row.latencyMs) : best;
            }
            const auto result =
                GetResult({"--rules=" + rules, "--min-accuracy=" + std::to_string(floor)});
            EXPECT_EQ(result["configurations"], 307065);
            ASSERT_EQ(result["best"].size(), 1U);
            EXPECT_NEAR(result["best"][0]["latency_ms"], best, 1e-9) << rules << " " << floor;
            EXPECT_GE(result["best"][0]["accuracy"], floor - 1e-12);
        }
        double most = 0;
        for (const auto& row : all)
        {
            most = row.latencyMs <= 50 ? std::max(most, row.accuracy) : most;
        }
        const auto result = GetResult({"--rules=" + rules, "--max-latency=50ms"});
        EXPECT_NEAR(result["best"][0]["accuracy"], most, 1e-12) << rules;
        EXPECT_LE(result["best"][0]["latency_ms"], 50 + 1e-9);
    }
}

// The frontier, by the label-setting engine, equals the one found among the rows of --all.
TEST_F(OptimizeProgramTest, ParetoIsTheFrontierOfAll)
{
    for (const auto& profile : PROFILES)
    {
        for (const auto* rules : {"--rules=paper", "--rules=reference-code", "--rules=exact"})
        {
            SCOPED_TRACE(profile + " " + rules);
            const auto expected = FindFrontierOfRows(GetAll({"--profile=" + profile, rules}));
            const auto result = GetResult({"--profile=" + profile, rules, "--pareto"});
            const auto& frontier = result["frontier"];
            // Rows and frontier add in different orders: points that differ in the last bit
            // may be there once or twice. Each must lie on the other's.
            const auto isNear = [](double latencyMs, double accuracy, const auto& point) {
                return std::abs(latencyMs - point.first) < 1e-9 &&
                       std::abs(accuracy - point.second) < 1e-12;
            };
            for (const auto& point : frontier)
            {
                const auto found = std::find_if(expected.begin(), expected.end(), [&](auto& other) {
                    return isNear(point["latency_ms"], point["accuracy"], other);
                });
                EXPECT_NE(found, expected.end()) << point["deployment"];
            }
            for (const auto& other : expected)
            {
                const auto found = std::find_if(frontier.begin(), frontier.end(), [&](auto& point) {
                    return isNear(point["latency_ms"], point["accuracy"], other);
                });
                EXPECT_NE(found, frontier.end()) << other.first << " ms, " << other.second;
            }
        }
    }
}

TEST_F(OptimizeProgramTest, VerifyComparesBothEngines)
{
    for (const auto& profile : PROFILES)
    {
        const auto result = GetResult({"--profile=" + profile, "--pareto", "--verify"});
        EXPECT_NE(result["verified"].get<std::string>().find("both engines give the same"),
                  std::string::npos);
    }
    EXPECT_FALSE(GetResult({"--pareto"}).contains("verified"));
}

TEST_F(OptimizeProgramTest, TopIsSorted)
{
    const auto best = GetResult({"--min-accuracy=0.87", "--top=20"})["best"];
    ASSERT_EQ(best.size(), 20U);
    for (std::size_t i = 1; i < best.size(); ++i)
    {
        EXPECT_LE(best[i - 1]["latency_ms"].get<double>(), best[i]["latency_ms"].get<double>());
    }
    EXPECT_EQ(best[0], GetResult({"--min-accuracy=0.87"})["best"][0]);
}

// The same requests on a packet network: a mean, an interval, and the order anew.
TEST_F(OptimizeProgramTest, SimulateRanksAnew)
{
    const auto result = GetResult({"--min-accuracy=0.87",
                                   "--simulate=3",
                                   "--fixed-cuts=25",
                                   "--placements=0,1;0,2;1,2",
                                   "--compute=empirical",
                                   "--samples=300"});
    const auto& best = result["best"];
    ASSERT_EQ(best.size(), 3U);
    double last = 0;
    for (const auto& entry : best)
    {
        const auto& simulated = entry["simulated"];
        EXPECT_EQ(simulated["requests"], 300);
        const double mean = simulated["latency_ms"]["mean"];
        EXPECT_GT(simulated["latency_ms"]["ci95"], 0);
        EXPECT_GT(simulated["accuracy_ci95"], 0);
        EXPECT_GE(mean, last);
        last = mean;
        EXPECT_NEAR(mean,
                    entry["latency_ms"].get<double>(),
                    3 * simulated["latency_ms"]["ci95"].get<double>());
    }
    EXPECT_FALSE(GetResult({"--min-accuracy=0.87"})["best"][0].contains("simulated"));
}

TEST_F(OptimizeProgramTest, Baselines)
{
    const auto result = GetResult({"--profile=efficientnetb0-imagenet",
                                   "--devices=a1.large,m4.large,g4dn.xlarge",
                                   "--min-accuracy=0.7",
                                   "--rules=reference-code"});
    std::vector<std::string> names;
    for (const auto& baseline : result["baselines"])
    {
        names.push_back(baseline["name"]);
        EXPECT_NEAR(baseline["speedup"],
                    baseline["latency_ms"].get<double>() /
                        result["best"][0]["latency_ms"].get<double>(),
                    1e-12);
    }
    EXPECT_EQ(names,
              (std::vector<std::string>{"edge-only", "tier 1 only", "cloud-only", "Neurosurgeon"}));
    EXPECT_EQ(result["baselines"][0]["deployment"], "0:1-8@0");
    EXPECT_EQ(result["baselines"][2]["deployment"], "2:1-8@0");
    // The paper's Table III: 0 [1-4], 1 [5-8], threshold 0.3.
    EXPECT_EQ(result["best"][0]["deployment"], "0:1-4,1:5-8@0.3");
}

TEST_F(OptimizeProgramTest, Constraints)
{
    using Row = DeploymentRow;
    ExpectConstraint({"--tiers=0,2"}, [](const Row& row) {
        return std::find(row.tiers.begin(), row.tiers.end(), 1U) == row.tiers.end();
    });
    ExpectConstraint({"--max-partitions=2"}, [](const Row& row) { return row.tiers.size() <= 2; });
    ExpectConstraint({"--placements=2;0,2"}, [](const Row& row) {
        return row.tiers == std::vector<unsigned>{2} || row.tiers == std::vector<unsigned>{0, 2};
    });
    ExpectConstraint({"--full-model"}, [](const Row& row) { return row.ends.back() == 10; });
    ExpectConstraint({"--forbidden-cuts=1,2,3,9"}, [](const Row& row) {
        return std::none_of(row.ends.begin(), row.ends.end() - 1, [](unsigned end) {
            return end <= 3 || end == 9;
        });
    });
    ExpectConstraint({"--fixed-cuts=4", "--full-model"}, [](const Row& row) {
        return row.ends.back() == 10 &&
               std::find(row.ends.begin(), row.ends.end() - 1, 4U) != row.ends.end() - 1;
    });
}

// Caps bound each partition's computation, whoever arrives there.
TEST_F(OptimizeProgramTest, ComputeCaps)
{
    const std::vector<std::string> options{"--profile=resnet20-cifar10", "--pareto"};
    auto capped = options;
    capped.emplace_back("--compute-caps=0:8ms");
    const auto loose = GetResult(options);
    const auto tight = GetResult(capped);
    EXPECT_LT(tight["configurations"].get<int>(), loose["configurations"].get<int>());
    for (const auto& row : GetAll({"--profile=resnet20-cifar10", "--compute-caps=0:8ms"}))
    {
        if (row.tiers == std::vector<unsigned>{0})
        {
            EXPECT_LE(row.parts[0], 8) << row.text;
        }
    }
}

// What is allowed less cannot be better, what is allowed more cannot be worse.
TEST_F(OptimizeProgramTest, RelaxingNeverWorsens)
{
    double last = 0;
    for (const auto* floor : {"0.5", "0.7", "0.8", "0.85", "0.87", "0.88"})
    {
        const double latency =
            GetResult({"--min-accuracy=" + std::string(floor)})["best"][0]["latency_ms"];
        EXPECT_GE(latency, last);
        last = latency;
    }
    const double one = GetResult({"--min-accuracy=0.88", "--tiers=0"})["best"][0]["latency_ms"];
    const double two = GetResult({"--min-accuracy=0.88", "--tiers=0,1"})["best"][0]["latency_ms"];
    EXPECT_LE(two, one);
    EXPECT_LE(last, two);
    const double shared =
        GetResult({"--profile=resnet20-cifar10", "--min-accuracy=0.87"})["best"][0]["latency_ms"];
    const double own = GetResult({"--profile=resnet20-cifar10",
                                  "--min-accuracy=0.87",
                                  "--own-thresholds"})["best"][0]["latency_ms"];
    EXPECT_LE(own, shared);
}

TEST_F(OptimizeProgramTest, InfeasibleNamesTheNearest)
{
    const std::string profile = "--profile=resnet20-cifar10";
    const auto all = GetAll({profile});
    const auto most = std::max_element(all.begin(), all.end(), [](auto& a, auto& b) {
        return a.accuracy < b.accuracy;
    });
    const auto fastest = std::min_element(all.begin(), all.end(), [](auto& a, auto& b) {
        return a.latencyMs < b.latencyMs;
    });
    const auto fixed = [](double value) {
        char text[32];
        std::snprintf(text, sizeof(text), "%.4f", value);
        return std::string(text);
    };
    ExpectFailure(1,
                  {profile, "--min-accuracy=0.99"},
                  {"--min-accuracy=0.99;", fixed(most->accuracy)});
    ExpectFailure(1,
                  {profile, "--max-latency=0.1ms"},
                  {"--max-latency=0.1 ms;", fixed(fastest->latencyMs)});
    ExpectFailure(1, {profile, "--max-latency=1ns"}, {"--max-latency=1e-06 ms;"});
    ExpectFailure(1, {profile, "--pareto", "--min-accuracy=0.99"}, {fixed(most->accuracy)});
    // What that accuracy takes, and what that latency allows.
    double latencyMs = 1e300;
    double accuracy = 0;
    for (const auto& row : all)
    {
        latencyMs = row.accuracy >= 0.87 ? std::min(latencyMs, row.latencyMs) : latencyMs;
        accuracy = row.latencyMs <= 10 ? std::max(accuracy, row.accuracy) : accuracy;
    }
    ExpectFailure(1,
                  {profile, "--min-accuracy=0.87", "--max-latency=10ms"},
                  {"--min-accuracy and --max-latency together", fixed(latencyMs), fixed(accuracy)});
}

// Long chains: what cannot be visited is searched by label setting, or refused; the placements of
// 300 tiers are not listed, but those of three of 2,000 are.
TEST_F(OptimizeProgramTest, LongChains)
{
    const auto getChain = [](std::size_t tiers) {
        std::string devices = "--devices=a1.medium";
        for (std::size_t tier = 1; tier < tiers; ++tier)
        {
            devices += ",a1.medium";
        }
        return std::vector<std::string>{devices, "--bandwidth=10Mbps", "--delay=1ms"};
    };
    const auto with = [](std::vector<std::string> arguments,
                         const std::vector<std::string>& others) {
        arguments.insert(arguments.end(), others.begin(), others.end());
        return arguments;
    };
    // 55 blocks, 10 tiers and 10 thresholds: 550 + 10 (C(65, 10) - 1 - 550), as the count of the
    // authors sums up by Vandermonde.
    const auto result = GetResult(with(getChain(10), {"--min-accuracy=0.87"}));
    EXPECT_EQ(result["configurations"], 550 + 10 * (179013799328 - 1 - 550));
    // All tiers are alike: to go further up takes longer and gains nothing.
    const auto near = GetResult(with(getChain(3), {"--min-accuracy=0.87"}));
    EXPECT_EQ(result["best"][0]["deployment"], near["best"][0]["deployment"]);
    EXPECT_EQ(result["best"][0]["latency_ms"], near["best"][0]["latency_ms"]);
    // 17 tiers with thresholds of their own are more than 2^64.
    const auto many = GetResult(with(getChain(17),
                                     {"--min-accuracy=0.87",
                                      "--own-thresholds",
                                      "--max-partitions=17",
                                      "--forbidden-cuts=" + [] {
                                          std::string cuts = "1";
                                          for (int cut = 2; cut < 38; ++cut)
                                          {
                                              cuts += "," + std::to_string(cut);
                                          }
                                          return cuts;
                                      }()}));
    EXPECT_TRUE(many["configurations"].is_null()) << many["configurations"];

    ExpectFailure(2,
                  with(getChain(10), {"--min-accuracy=0.87", "--rules=queueing"}),
                  {"too many deployments", "rules that count waiting", "up to 2000000000"});
    ExpectFailure(2, with(getChain(300), {"--pareto"}), {"--placements", "up to 131072"});
    const auto few = GetResult(with(getChain(2000), {"--min-accuracy=0.87", "--tiers=0,1,2"}));
    EXPECT_EQ(few["configurations"], 307065); // of three tiers
    EXPECT_EQ(few["best"], near["best"]);
}

TEST_F(OptimizeProgramTest, BadInput)
{
    ExpectFailure(2, {}, {"--min-accuracy", "--max-latency", "--pareto"});
    ExpectFailure(2, {"--min-accuracy=2"}, {"--min-accuracy", "'2'", "0 .. 1"});
    ExpectFailure(2, {"--min-accuracy=much"}, {"--min-accuracy", "'much'"});
    ExpectFailure(2, {"--max-latency=60"}, {"--max-latency", "60"});
    ExpectFailure(2, {"--pareto", "--top=3"}, {"--pareto", "--top"});
    ExpectFailure(2, {"--min-accuracy=0.8", "--top=0"}, {"--top", "'0'"});
    ExpectFailure(2, {"--min-accuracy=0.8", "--simulate=-1"}, {"--simulate", "'-1'"});
    ExpectFailure(2, {"--pareto", "--profile=nowhere"}, {"--profile", "resnet110-cifar10"});
    ExpectFailure(2, {"--pareto", "--devices=a1.medium,m4.large,toaster"}, {"toaster"});
    ExpectFailure(2, {"--pareto", "--fixed-cuts=99"}, {"cut 99", "1..54"});
    ExpectFailure(2, {"--pareto", "--fixed-cuts=5", "--forbidden-cuts=5"}, {"cut 5", "both"});
    ExpectFailure(2, {"--pareto", "--forbidden-cuts=a"}, {"--forbidden-cuts", "a"});
    ExpectFailure(2, {"--pareto", "--tiers=9"}, {"--tiers", "0..2"});
    ExpectFailure(2, {"--pareto", "--max-partitions=0"}, {"--max-partitions"});
    ExpectFailure(2, {"--pareto", "--tiers=0", "--placements=1"}, {"--placements", "--tiers"});
    ExpectFailure(2, {"--pareto", "--placements=0;7"}, {"--placements", "'0;7'", "0..2"});
    ExpectFailure(2,
                  {"--pareto", "--shared-tiers", "--max-partitions=5000"},
                  {"--placements", "up to 131072", "--max-partitions"});
    ExpectFailure(2, {"--pareto", "--compute-caps=9:1ms"}, {"--compute-caps", "0..2"});
    ExpectFailure(2, {"--pareto", "--compute-caps=0"}, {"--compute-caps", "TIER:TIME"});
    ExpectFailure(2, {"--pareto", "--compute-caps=0:1ns,1:1ns,2:1ns"}, {"leave no deployment"});
    ExpectFailure(2, {"--pareto", "--bogus"}, {"--bogus"});
    ExpectFailure(2, {"--pareto", "--json=-", "--csv=-"}, {"--csv", "--json"});
}

// Of digits-cnn blocks 1 to 3 have 13048, 61752 and 234040 B of parameters, and 135168, 81920 and
// 40960 B of activations: the camera's 192 KiB have room for the first block only, and the edge's
// 300000 B for the third alone, but not behind the second, with which it has 295792 B of
// parameters.
TEST_F(OptimizeProgramTest, LeavesOutWhatDoesNotFit)
{
    const std::vector<std::string> scenario{"--scenario=" PORTEND_SOURCE_DIR
                                            "/scenarios/digits.json"};
    const std::vector<std::string> bounded{scenario[0], "--memory=192KiB,300000B,none"};
    const auto all = GetAll(scenario);
    std::vector<DeploymentRow> fitting;
    for (const auto& row : all)
    {
        bool fits = true;
        for (std::size_t k = 0; k < row.tiers.size(); ++k)
        {
            const auto first = k > 0 ? row.ends[k - 1] + 1 : 1;
            fits = fits && (row.tiers[k] != 0 || (first == 1 && row.ends[k] == 1));
            fits = fits && (row.tiers[k] != 1 || first == 3 || row.ends[k] < 3);
        }
        if (fits)
        {
            fitting.push_back(row);
        }
    }
    ASSERT_LT(fitting.size(), all.size());
    EXPECT_EQ(GetAll(bounded).size(), fitting.size());
    auto arguments = bounded;
    arguments.insert(arguments.end(), {"--pareto", "--verify"});
    const auto result = GetResult(arguments);
    EXPECT_EQ(result["configurations"], fitting.size());
    EXPECT_EQ(result["unfit"], all.size() - fitting.size());
    EXPECT_FALSE(result.contains("unmeasured"));
    const auto frontier = FindFrontierOfRows(fitting);
    ASSERT_EQ(result["frontier"].size(), frontier.size());
    for (std::size_t i = 0; i < frontier.size(); ++i)
    {
        EXPECT_NEAR(result["frontier"][i]["latency_ms"], frontier[i].first, 1e-9);
        EXPECT_NEAR(result["frontier"][i]["accuracy"], frontier[i].second, 1e-12);
    }
    // Only the cloud has room for the whole network.
    std::vector<std::string> names;
    for (const auto& baseline : result["baselines"])
    {
        names.push_back(baseline["name"]);
    }
    EXPECT_EQ(names, (std::vector<std::string>{"cloud-only", "Neurosurgeon"}));

    const auto table =
        Optimize({bounded[0], bounded[1], "--min-accuracy=0.9", "--simulate=2", "--samples=50"});
    EXPECT_EQ(table.status, 0) << table.err;
    EXPECT_NE(table.out.find(std::to_string(all.size() - fitting.size()) +
                             " left out: they do not fit into the memory of a node"),
              std::string::npos)
        << table.out;
    ExpectFailure(2,
                  {scenario[0], "--memory=1kB", "--min-accuracy=0.9"},
                  {"leave no deployment", std::to_string(all.size()) + " left out"});
    // It says so of a profile that does not tell.
    ExpectFailure(2,
                  {"--memory=1GB", "--min-accuracy=0.8"},
                  {"resnet110-cifar10/model.json: /parameter_bytes"});
}

// Energy as a goal, as a bound and as a criterion, held against all deployments one by one.
TEST_F(OptimizeProgramTest, LeastEnergyIsThatOfAll)
{
    const std::vector<std::string> options{"--profile=resnet20-cifar10",
                                           "--power=0.5W:3W:2W,10W:60W,50W:120W:70W",
                                           "--link-energy=1.2W:0.9W,5nJ/bit:2nJ/bit"};
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), options.begin(), options.end());
        return more;
    };
    const auto all = RunProgram(PORTEND_ESTIMATE, with({"--all", "--csv=-", "--quiet"}));
    ASSERT_EQ(all.status, 0) << all.err;

    struct Row
    {
        double latencyMs;
        double accuracy;
        double energyJ;
    };

    std::vector<Row> rows;
    std::istringstream lines(all.out);
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(line, DEPLOYMENT_COLUMNS + ",energy_j");
    while (std::getline(lines, line))
    {
        const auto fields = SplitText(line, ',');
        rows.push_back({std::stod(fields[4]), std::stod(fields[3]), std::stod(fields.back())});
    }
    ASSERT_GT(rows.size(), 1000U);
    const auto isLess = [](const Row& a, const Row& b) { return a.energyJ < b.energyJ; };
    const auto least = *std::min_element(rows.begin(), rows.end(), isLess);
    const auto best = GetResult(with({"--minimize=energy"}));
    EXPECT_EQ(best["objective"]["goal"], "minimize energy");
    EXPECT_NEAR(best["best"][0]["energy_j"].get<double>(), least.energyJ, 1e-12);

    // The fastest that takes no more than a bound.
    const double boundJ = 1.5 * least.energyJ;
    const Row* fastest = nullptr;
    for (const auto& row : rows)
    {
        if (row.energyJ <= boundJ && (!fastest || row.latencyMs < fastest->latencyMs))
        {
            fastest = &row;
        }
    }
    const auto bounded =
        GetResult(with({"--minimize=latency", "--max-energy=" + std::to_string(boundJ) + "J"}));
    EXPECT_NEAR(bounded["best"][0]["latency_ms"].get<double>(), fastest->latencyMs, 1e-9);

    // No deployment beats one of the frontier, and each is beaten by one of it, or is of it.
    const auto frontier = GetResult(with({"--pareto", "--energy", "--verify"}))["frontier"];
    const auto beats = [](const Json& a, const Row& b, double room) {
        return a["latency_ms"].get<double>() <= b.latencyMs + room &&
               a["accuracy"].get<double>() >= b.accuracy - room &&
               a["energy_j"].get<double>() <= b.energyJ + room;
    };
    for (const auto& row : rows)
    {
        EXPECT_TRUE(std::any_of(frontier.begin(), frontier.end(), [&](const auto& kept) {
            return beats(kept, row, 1e-9);
        }));
    }
    ExpectFailure(1, with({"--minimize=latency", "--max-energy=1mJ"}), {"--max-energy", "mJ: "});
    ExpectFailure(2, {"--minimize=energy"}, {"no power is known"});
    ExpectFailure(2, with({"--minimize=time"}), {"latency, energy"});
    ExpectFailure(2, with({"--energy", "--minimize=energy"}), {"--pareto"});
}
