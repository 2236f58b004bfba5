/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Service levels of a run, held against the ledger of each request.

#include "run_program.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

using Json = nlohmann::ordered_json;

namespace
{

/// An answer, as the CSV has it.
struct Answer
{
    int64_t latencyNs;
    int exit;
};

class ServiceLevelTest : public ProgramTest
{
  protected:
    /// @return the answers of out.csv, the fastest first
    std::vector<Answer> ReadAnswers() const
    {
        std::istringstream csv(Read("out.csv"));
        std::string line;
        std::getline(csv, line);
        EXPECT_EQ(
            line.rfind("request,generated_ns,completed_ns,exit_partition,correct,latency_ns,", 0),
            0U);
        std::vector<Answer> answers;
        while (std::getline(csv, line))
        {
            std::vector<std::string> fields;
            std::istringstream row(line);
            for (std::string field; std::getline(row, field, ',');)
            {
                fields.push_back(field);
            }
            answers.push_back({std::stoll(fields[5]), std::stoi(fields[3])});
        }
        std::sort(answers.begin(), answers.end(), [](const auto& a, const auto& b) {
            return a.latencyNs < b.latencyNs;
        });
        return answers;
    }

    /// @return nanoseconds as an option has them
    static std::string Ns(int64_t ns)
    {
        return std::to_string(ns) + "ns";
    }
};

const std::vector<std::string> LOADED{"--samples=777",
                                      "--arrival=poisson:12",
                                      "--csv=out.csv",
                                      "--json=out.json"};

/// Some arguments after others.
std::vector<std::string>
Join(std::vector<std::string> first, const std::vector<std::string>& more)
{
    first.insert(first.end(), more.begin(), more.end());
    return first;
}

} // namespace

TEST_F(ServiceLevelTest, HoldsToTheNanosecond)
{
    ASSERT_EQ(Run(LOADED).status, 0);
    const auto answers = ReadAnswers();
    ASSERT_EQ(answers.size(), 777U);
    double sum = 0;
    for (const auto& answer : answers)
    {
        sum += static_cast<double>(answer.latencyNs);
    }
    // The smallest latency that a share of the answers does not exceed.
    const auto get = [&](double share) { return answers[std::ceil(share * 777) - 1].latencyNs; };
    const std::vector<std::pair<std::string, int64_t>> values{
        {"p50", get(0.5)},
        {"p95", get(0.95)},
        {"p99", get(0.99)},
        {"p99.9", get(0.999)},
        {"max", answers.back().latencyNs},
        {"mean", static_cast<int64_t>(std::ceil(sum / 777))}};
    for (const auto& [name, ns] : values)
    {
        SCOPED_TRACE(name);
        const auto level = name + ":" + Ns(ns);
        auto run = Run(Join(LOADED, {"--slo=" + level}));
        EXPECT_EQ(run.status, 0) << run.err;
        EXPECT_NE(run.out.find(level + " holds: "), std::string::npos) << run.out;
        auto json = Json::parse(Read("out.json"))["service_levels"][0];
        EXPECT_EQ(json["level"], level);
        EXPECT_EQ(json["holds"], true);
        EXPECT_NEAR(json["value_ms"].get<double>(), ns * 1e-6, 1e-6);
        EXPECT_NEAR(json["limit_ms"].get<double>(), ns * 1e-6, 1e-9);
        run = Run(Join(LOADED, {"--slo=" + name + ":" + Ns(ns - 1)}));
        EXPECT_EQ(run.status, 1) << run.err;
        EXPECT_NE(run.out.find(" FAILS: "), std::string::npos) << run.out;
        EXPECT_EQ(Json::parse(Read("out.json"))["service_levels"][0]["holds"], false);
    }
    // One that fails is enough.
    EXPECT_EQ(Run(Join(LOADED, {"--slo=p50:9000s", "--slo=max:1ns", "--slo=mean:9000s"})).status,
              1);
    EXPECT_EQ(Json::parse(Read("out.json"))["service_levels"].size(), 3U);
    EXPECT_EQ(Run(Join(LOADED, {"--slo=p50:9000s", "--slo=mean:9000s"})).status, 0);
}

TEST_F(ServiceLevelTest, CountsWhatIsMetByExit)
{
    const auto arguments = Join(LOADED, {"--deadline=120ms"});
    ASSERT_EQ(Run(arguments).status, 0);
    const auto simulated = Json::parse(Read("out.json"))["simulated"];
    double met = 0;
    std::vector<double> metByExit(2);
    std::vector<double> answersByExit(2);
    for (const auto& answer : ReadAnswers())
    {
        const bool isMet = answer.latencyNs <= 120'000'000;
        met += isMet;
        metByExit[answer.exit - 1] += isMet;
        ++answersByExit[answer.exit - 1];
    }
    ASSERT_GT(met, 0);
    ASSERT_LT(met, 777);
    const auto& deadline = simulated["deadline"];
    EXPECT_NEAR(deadline["met_share"].get<double>(), met / 777, 1e-12);
    EXPECT_NEAR(deadline["goodput_per_s"].get<double>(),
                met / (simulated["simulated_time_ms"].get<double>() * 1e-3),
                1e-9);
    for (std::size_t k = 0; k < 2; ++k)
    {
        EXPECT_NEAR(deadline["met_share_by_exit"][k].get<double>(),
                    metByExit[k] / answersByExit[k],
                    1e-12);
    }
    const auto percent = 100 * met / 777;
    EXPECT_EQ(Run(Join(arguments, {"--slo=met:" + std::to_string(percent - 1e-3) + "%"})).status,
              0);
    EXPECT_EQ(Run(Join(arguments, {"--slo=met:" + std::to_string(percent + 1e-3) + "%"})).status,
              1);
}

TEST_F(ServiceLevelTest, RequestsWithoutAnAnswerWaitWithoutEnd)
{
    const std::vector<std::string> arguments{"--samples=500",
                                             "--arrival=poisson:30",
                                             "--queue-limit=2",
                                             "--csv=out.csv",
                                             "--json=out.json"};
    ASSERT_EQ(Run(arguments).status, 0);
    const auto answers = ReadAnswers();
    ASSERT_LT(answers.size(), 490U); // some are lost
    ASSERT_GT(answers.size(), 260U);
    // Of 500 that arose, whose lost ones are the slowest.
    const auto median = answers[249].latencyNs;
    EXPECT_GT(median, answers[answers.size() / 2].latencyNs);
    EXPECT_EQ(Run(Join(arguments, {"--slo=p50:" + Ns(median)})).status, 0);
    EXPECT_EQ(Run(Join(arguments, {"--slo=p50:" + Ns(median - 1)})).status, 1);
    for (const char* level : {"p99:9000s", "mean:9000s", "max:9000s"})
    {
        const auto run = Run(Join(arguments, {std::string("--slo=") + level}));
        EXPECT_EQ(run.status, 1) << level;
        EXPECT_NE(run.out.find("FAILS: without end, " + std::to_string(500 - answers.size()) +
                               " without an answer"),
                  std::string::npos)
            << run.out;
        EXPECT_TRUE(Json::parse(Read("out.json"))["service_levels"][0]["value_ms"].is_null());
    }
}

TEST_F(ServiceLevelTest, IsOfAllStreamsOrOfOne)
{
    const std::vector<std::string> arguments{PORTEND_SOURCE_DIR "/scenarios/campus.json",
                                             "--set=nodes/camera/count=4",
                                             "--samples=20",
                                             "--json=out.json"};
    ASSERT_EQ(RunProgram(PORTEND_RUN, arguments).status, 0);
    const auto streams = Json::parse(Read("out.json"))["streams"];
    const auto get = [&](const char* name) {
        return streams[name]["simulated"]["latency_ms"]["p95"].get<double>();
    };
    const bool isVision = get("vision") < get("detail");
    const std::string fast = isVision ? "vision" : "detail";
    const std::string slow = isVision ? "detail" : "vision";
    const auto level = "p95:" + std::to_string((get("vision") + get("detail")) / 2) + "ms";
    for (const auto& [text, status] :
         std::vector<std::pair<std::string, int>>{{level, 1},
                                                  {fast + "/" + level, 0},
                                                  {slow + "/" + level, 1}})
    {
        const auto run = RunProgram(PORTEND_RUN, Join(arguments, {"--slo=" + text}));
        EXPECT_EQ(run.status, status) << text << run.err;
        const auto json = Json::parse(Read("out.json"))["streams"];
        EXPECT_EQ(json[fast].contains("service_levels"), text.rfind(slow, 0) != 0) << text;
        EXPECT_EQ(json[slow].contains("service_levels"), text.rfind(fast, 0) != 0) << text;
    }
}

TEST_F(ServiceLevelTest, RefusesWhatIsNone)
{
    for (const char* text : {"p99",
                             "p99:",
                             "p99:5",
                             "p99:0ms",
                             "p99:-1ms",
                             "p0:1ms",
                             "p100:1ms",
                             "p:1ms",
                             "px:1ms",
                             "median:1ms",
                             ":1ms",
                             "met:0%",
                             "met:101%",
                             "met:1ms",
                             "met:99%",
                             "/p99:1ms",
                             "vision/p99:1ms",
                             "mean:5%"})
    {
        ExpectRefusalOf(PORTEND_3TIER, {std::string("--slo=") + text}, {"--slo"});
    }
    ExpectRefusalOf(PORTEND_3TIER, {"--slo=max:1s", "--slo=max:1s"}, {"each level once"});
    ExpectRefusalOf(PORTEND_RUN,
                    {PORTEND_SOURCE_DIR "/scenarios/campus.json", "--slo=visio/max:1s"},
                    {"--slo", "did you mean 'vision'?"});
}
