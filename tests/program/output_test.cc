/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// What portend-3tier writes: table, JSON and CSV.

#include "ledger_table.h"
#include "run_program.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

using Json = nlohmann::json;

namespace
{

const std::vector<std::string> EXCESS_PARTS{"protocol", "window", "retransmission", "queueing"};

/// Requires an object that has some keys, each a number.
void
ExpectNumbers(const Json& object, const std::vector<std::string>& keys)
{
    for (const auto& key : keys)
    {
        ASSERT_TRUE(object.contains(key)) << key;
        EXPECT_TRUE(object[key].is_number()) << key << ": " << object[key];
    }
}

/// @return the sum of an object's numbers
double
Sum(const Json& object)
{
    double sum = 0;
    for (const auto& value : object)
    {
        sum += value.get<double>();
    }
    return sum;
}

class OutputTest : public ProgramTest
{
};

} // namespace

TEST_F(OutputTest, JsonHasTheKeysOfTheContract)
{
    const auto run = Run({"--json=-", "--quiet"});
    EXPECT_EQ(run.status, 0);
    EXPECT_EQ(run.err, "");
    const auto json = Json::parse(run.out);
    EXPECT_EQ(json["schema_version"], 1);
    EXPECT_EQ(json["seed"], 1);
    EXPECT_EQ(json["run"], 1);
    EXPECT_TRUE(json["scenario"].is_object());

    const auto& simulated = json["simulated"];
    EXPECT_EQ(simulated["requests"], 1000);
    ExpectNumbers(simulated["latency_ms"], {"mean", "ci95", "p50", "p95", "p99", "max"});
    ExpectNumbers(simulated["components_ms"], COMPONENTS);
    EXPECT_EQ(simulated["components_ms"].size(), COMPONENTS.size());
    ExpectNumbers(simulated["network_excess_ms"], EXCESS_PARTS);
    EXPECT_EQ(simulated["network_excess_ms"].size(), EXCESS_PARTS.size());
    EXPECT_EQ(simulated["exit_rates"].size(), 2U);
    ExpectNumbers(simulated, {"accuracy"});
    EXPECT_EQ(simulated["dropped_bytes"].size(), 3U); // by tier
    EXPECT_EQ(simulated["link_bytes"].size(), 2U);

    const auto& analytical = json["analytical"];
    EXPECT_EQ(analytical["rules"], "exact");
    ExpectNumbers(analytical["latency_ms"], {"mean"});
    ExpectNumbers(analytical["components_ms"], COMPONENTS);
    EXPECT_EQ(analytical["exit_rates"].size(), 2U);
    ExpectNumbers(analytical, {"accuracy"});

    const auto& difference = json["difference"];
    ExpectNumbers(difference, {"latency_ms", "latency_percent"});
    ExpectNumbers(difference["components_ms"], COMPONENTS);
}

// Components sum to the latency, and the difference is what it says.
TEST_F(OutputTest, JsonAddsUp)
{
    for (const std::string rules : {"exact", "paper", "reference-code"})
    {
        SCOPED_TRACE(rules);
        const auto json = Json::parse(Run({"--json=-", "--quiet", "--rules=" + rules}).out);
        EXPECT_EQ(json["analytical"]["rules"], rules);
        EXPECT_EQ(json["scenario"]["rules"], rules);
        const auto& simulated = json["simulated"];
        const auto& analytical = json["analytical"];
        const double simulatedMs = simulated["latency_ms"]["mean"];
        const double analyticalMs = analytical["latency_ms"]["mean"];
        EXPECT_NEAR(Sum(simulated["components_ms"]), simulatedMs, 1e-9);
        EXPECT_NEAR(Sum(analytical["components_ms"]), analyticalMs, 1e-9);
        const auto& difference = json["difference"];
        EXPECT_NEAR(difference["latency_ms"], simulatedMs - analyticalMs, 1e-9);
        EXPECT_NEAR(difference["latency_percent"],
                    100 * (simulatedMs - analyticalMs) / analyticalMs,
                    1e-9);
        EXPECT_NEAR(Sum(difference["components_ms"]), simulatedMs - analyticalMs, 1e-9);
        EXPECT_NEAR(Sum(simulated["exit_rates"]), 1, 1e-12);
        EXPECT_LE(simulated["latency_ms"]["p50"], simulated["latency_ms"]["p95"]);
        EXPECT_LE(simulated["latency_ms"]["p99"], simulated["latency_ms"]["max"]);
    }
}

// The table is for people: on the standard output, unless that is taken, or nowhere.
TEST_F(OutputTest, TableGoesWhereThereIsRoom)
{
    const auto plain = Run({"--samples=20"});
    EXPECT_EQ(plain.status, 0);
    EXPECT_EQ(plain.err, "");
    for (const auto* text : {"resnet110-cifar10  0:1-25,1:26-40@0.1",
                             "simulated",
                             "95% CI",
                             "analytical",
                             "difference",
                             "\nwait ",
                             "\ndeserialization ",
                             "\ncomputation ",
                             "\nserialization ",
                             "\npropagation ",
                             "\ntransmission ",
                             "\nnetwork excess ",
                             "\ntotal ",
                             "\nexit rate 1 ",
                             "\nexit rate 2 ",
                             "\naccuracy ",
                             "p50 ",
                             "p99 ",
                             "\nlink 0, bytes ",
                             "\nlink 1, bytes ",
                             "saved by early exits",
                             "20 completed of 20 generated",
                             "simulated in"})
    {
        EXPECT_NE(plain.out.find(text), std::string::npos) << text;
    }
    const auto quiet = Run({"--samples=20", "--quiet"});
    EXPECT_EQ(quiet.out + quiet.err, "");

    const auto json = Run({"--samples=20", "--json=-"});
    EXPECT_TRUE(Json::accept(json.out)) << json.out;
    EXPECT_NE(json.err.find("\ntotal "), std::string::npos);
    const auto csv = Run({"--samples=20", "--csv=-"});
    EXPECT_EQ(ReadTable(csv.out).size(), 20U);
    EXPECT_NE(csv.err.find("\ntotal "), std::string::npos);

    const auto files = Run({"--samples=20", "--json=a.json", "--csv=a.csv"});
    EXPECT_NE(files.out.find("\ntotal "), std::string::npos);
    EXPECT_EQ(Read("a.json"), json.out);
    EXPECT_EQ(Read("a.csv"), csv.out);
    EXPECT_EQ(GetFiles(), (std::vector<std::string>{"a.csv", "a.json"}));
}

// Every request's ledger sums to its latency, by component and by stage, in nanoseconds.
TEST_F(OutputTest, CsvRowsAddUp)
{
    struct Case
    {
        std::vector<std::string> arguments; ///< of the program
        int partitions;                     ///< L
    };

    const std::vector<Case> cases{
        {{}, 2},
        {{"--deployment=2:1-10,0:11-20,1:21-55@0.3", "--destination=1", "--source=1"}, 3},
        {{"--deployment=1:1-55@0", "--destination=2"}, 1},
        {{"--arrival=poisson:40", "--compute=empirical", "--bandwidth=2Mbps,3Mbps"}, 2},
        {{"--arrival=periodic:1ms", "--shared-core=true", "--mtu=1500"}, 2},
    };
    for (const auto& [arguments, partitions] : cases)
    {
        auto all = arguments;
        // Some of these loads are too much: the queues grow until the last request has arisen.
        all.insert(
            all.end(),
            {"--samples=300", "--max-time=1000s", "--quiet", "--csv=out.csv", "--json=out.json"});
        SCOPED_TRACE(testing::PrintToString(all));
        const auto run = Run(all);
        ASSERT_EQ(run.status, 0) << run.err;
        const auto rows = ReadTable(Read("out.csv"));
        ASSERT_EQ(rows.size(), 300U);

        std::vector<std::string> stages{"source"};
        for (int k = 1; k <= partitions; ++k)
        {
            stages.push_back("partition" + std::to_string(k));
        }
        stages.emplace_back("destination");
        std::map<std::string, int64_t> sums; // over requests
        int64_t completed = 0;
        std::vector<bool> seen(rows.size());
        for (const auto& row : rows)
        {
            const auto get = [&row](const std::string& column) {
                const auto& text = row.at(column);
                return text.empty() ? 0 : std::stoll(text);
            };
            const auto latency = get("latency_ns");
            EXPECT_EQ(get("completed_ns") - get("generated_ns"), latency);
            EXPECT_GE(get("completed_ns"), completed) << "rows in the order of completion";
            completed = get("completed_ns");
            ASSERT_FALSE(seen.at(get("request")));
            seen[get("request")] = true;
            const auto exit = get("exit_partition");
            EXPECT_GE(exit, 1);
            EXPECT_LE(exit, partitions);
            EXPECT_TRUE(row.at("correct") == "0" || row.at("correct") == "1");
            int64_t total = 0;
            for (const auto& component : COMPONENTS)
            {
                int64_t overStages = 0;
                for (std::size_t s = 0; s < stages.size(); ++s)
                {
                    const auto column = stages[s] + "_" + component + "_ns";
                    // Partitions beyond the exit have no entries; all others do.
                    const bool isPassed =
                        s <= static_cast<std::size_t>(exit) || s + 1 == stages.size();
                    ASSERT_EQ(row.at(column).empty(), !isPassed) << column;
                    overStages += get(column);
                }
                const auto ofComponent = get(component + "_ns");
                ASSERT_EQ(overStages, ofComponent) << component;
                sums[component] += ofComponent;
                total += ofComponent;
            }
            ASSERT_EQ(total, latency);
            int64_t excess = 0;
            for (const auto& part : EXCESS_PARTS)
            {
                const auto ofPart = get("network_excess_" + part + "_ns");
                sums[part] += ofPart;
                excess += ofPart;
            }
            ASSERT_EQ(excess, get("network_excess_ns"));
            sums["latency"] += latency;
            sums["correct"] += get("correct");
        }
        // The JSON's means are those of the rows.
        const auto json = Json::parse(Read("out.json"));
        const auto& simulated = json["simulated"];
        for (const auto& component : COMPONENTS)
        {
            EXPECT_NEAR(simulated["components_ms"][component], sums[component] * 1e-6 / 300, 1e-7);
        }
        for (const auto& part : EXCESS_PARTS)
        {
            EXPECT_NEAR(simulated["network_excess_ms"][part], sums[part] * 1e-6 / 300, 1e-7);
        }
        EXPECT_NEAR(simulated["latency_ms"]["mean"], sums["latency"] * 1e-6 / 300, 1e-7);
        EXPECT_NEAR(simulated["accuracy"], sums["correct"] / 300.0, 1e-12);
    }
}

// Closed arrivals: a request arises when the one before is complete. Periodic ones do not
// care. A trace says when.
TEST_F(OutputTest, CsvShowsArrivals)
{
    const auto getRows = [this](const std::string& arrival) {
        const auto run =
            Run({"--samples=5", "--max-time=1000s", "--quiet", "--csv=-", "--arrival=" + arrival});
        EXPECT_EQ(run.status, 0) << run.err;
        return ReadTable(run.out);
    };
    const auto closed = getRows("closed");
    ASSERT_EQ(closed.size(), 5U);
    EXPECT_EQ(closed[0].at("generated_ns"), "0");
    for (std::size_t i = 1; i < closed.size(); ++i)
    {
        EXPECT_EQ(closed[i].at("generated_ns"), closed[i - 1].at("completed_ns"));
    }
    std::map<std::string, std::string> generated;
    for (const auto& row : getRows("periodic:30ms"))
    {
        generated[row.at("request")] = row.at("generated_ns");
    }
    ASSERT_EQ(generated.size(), 5U);
    const auto first = std::stoll(generated["0"]);
    for (int i = 0; i < 5; ++i)
    {
        EXPECT_EQ(std::stoll(generated[std::to_string(i)]) - first, i * 30000000LL);
    }
    Write("arrivals.csv", "arrival_ms\n3\n3.5\n1000\n");
    const auto trace = getRows("trace:arrivals.csv");
    ASSERT_EQ(trace.size(), 3U); // no more than the trace has
    generated.clear();
    for (const auto& row : trace)
    {
        generated[row.at("request")] = row.at("generated_ns");
    }
    EXPECT_EQ(generated["0"], "3000000");
    EXPECT_EQ(generated["1"], "3500000");
    EXPECT_EQ(generated["2"], "1000000000");
}

// Bytes of the messages are as the estimator says, and nothing is lost on the way.
TEST_F(OutputTest, CountsTraffic)
{
    const auto json = Json::parse(Run({"--json=-", "--quiet", "--samples=500"}).out);
    const auto& simulated = json["simulated"];
    EXPECT_EQ(simulated["generated"], 500);
    EXPECT_EQ(simulated["link_bytes"], simulated["link_received_bytes"]);
    EXPECT_EQ(simulated["link_lost_bytes"], Json::parse("[0, 0]"));
    // Tier 0 drops the tensors of those that exit there, tiers 1 and 2 none.
    const auto exited = std::lround(500 * simulated["exit_rates"][0].get<double>());
    const int64_t tensorBytes = json["analytical"]["message_bytes"][1];
    EXPECT_EQ(simulated["dropped_bytes"], Json({exited * tensorBytes, 0, 0}));
    EXPECT_EQ(simulated["link_bytes"][1], 0);
}

// A queue that holds one tensor but not two loses some under load: said loudly, with the
// requests that never came back.
TEST_F(OutputTest, LossIsSaidLoudly)
{
    const auto run = Run({"--quiet",
                          "--json=-",
                          "--samples=200",
                          "--queue=40kB",
                          "--arrival=poisson:40",
                          "--max-time=1000s",
                          "--bandwidth=2Mbps,400Mbps"});
    EXPECT_EQ(run.status, 0);
    const auto simulated = Json::parse(run.out)["simulated"];
    const int64_t completed = simulated["requests"];
    EXPECT_EQ(simulated["generated"], 200);
    EXPECT_LT(completed, 200);
    EXPECT_GT(simulated["link_lost_bytes"][0], 0);
    EXPECT_NE(run.err.find("warning: " + std::to_string(200 - completed) + " of 200 requests"),
              std::string::npos)
        << run.err;
}

// Not one request is answered: the outputs are there and say so, with nothing for what nobody
// knows.
TEST_F(OutputTest, NoAnswerAtAll)
{
    const std::vector<std::vector<std::string>> runs{
        {"--max-time=1us"},
        {"--max-time=1us", "--arrival=poisson:10"},
        {"--max-time=1us", "--arrival=periodic:1ns"},
        {"--max-time=1us", "--transport=tcp"},
        {"--max-time=1us", "--transport=tcp", "--arrival=poisson:10"},
        // The input is not at the second tier in less than 20 ms: each request is given up.
        {"--queue-policy=deadline:1ms", "--deployment=1:1-40@0.1"},
        {"--queue-policy=deadline:1ms", "--deployment=1:1-40@0.1", "--arrival=poisson:10"},
        {"--queue-policy=deadline:1ms", "--deployment=1:1-40@0.1", "--transport=tcp"}};
    for (auto arguments : runs)
    {
        SCOPED_TRACE(testing::PrintToString(arguments));
        const bool isCut = arguments[0] == "--max-time=1us";
        arguments.insert(
            arguments.end(),
            {"--samples=20", "--json=out.json", "--csv=out.csv", "--timeline=out.timeline.json"});
        const auto run = Run(arguments);
        ASSERT_EQ(run.status, 0) << run.err;
        const auto simulated = Json::parse(Read("out.json"))["simulated"];
        const uint64_t generated = simulated["generated"];
        EXPECT_EQ(simulated["requests"], 0);
        EXPECT_NE(run.out.find("0 completed of " + std::to_string(generated) + " generated"),
                  std::string::npos)
            << run.out;
        EXPECT_EQ(run.out.find("nan"), std::string::npos) << run.out;
        EXPECT_EQ(run.err.find("nan"), std::string::npos) << run.err;
        for (const auto& [key, value] : simulated["latency_ms"].items())
        {
            EXPECT_TRUE(value.is_null()) << key;
        }
        for (const auto& [key, value] : simulated["components_ms"].items())
        {
            EXPECT_TRUE(value.is_null()) << key;
        }
        EXPECT_TRUE(simulated["exit_rates"][0].is_null());
        EXPECT_TRUE(simulated["accuracy"].is_null());
        const auto lost = isCut ? Json({0, 0, 0}) : Json({0, 20, 0});
        EXPECT_EQ(simulated["deadline_dropped_requests"], lost);
        EXPECT_EQ(generated > 0, simulated["answered_share"] == 0);
        EXPECT_EQ(generated == 0, simulated["answered_share"].is_null());
        // A warning for requests that arose.
        EXPECT_EQ(run.err.find("warning: " + std::to_string(generated) + " of " +
                               std::to_string(generated)) != std::string::npos,
                  generated > 0)
            << run.err;
        EXPECT_EQ(run.err.empty(), generated == 0) << run.err;
        const auto csv = Read("out.csv");
        EXPECT_EQ(csv.rfind("request,generated_ns,", 0), 0U);
        EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1);
        EXPECT_TRUE(Json::accept(Read("out.timeline.json")));
    }
}

// Ten requests of a trace are due at 0, each takes the board 10 ms, three wait there and three at
// the source: the last three arise at 10, 20 and 30 ms. Latencies do not count that.
TEST_F(OutputTest, HeldRequestsAreTold)
{
    Write("ten/model.json",
          R"({"schema_version": 1, "profile": "ten", "blocks": 1, "tensor_bytes": [1000],
              "result_bytes": 100, "thresholds": [0],
              "validation": {"exit_rates": [[1]], "accuracy": [1]}})");
    Write("ten/board.json",
          R"({"schema_version": 1, "profile": "ten", "device": "board",
              "compute_ms": {"1-1": [10]}, "serialize_ms": [0], "deserialize_ms": [0]})");
    Write("trace.csv", "arrival_ms\n0\n0\n0\n0\n0\n0\n0\n0\n0\n0\n");
    const std::vector<std::string> arguments{"--profile=./ten",
                                             "--devices=board",
                                             "--arrival=trace:trace.csv",
                                             "--samples=10",
                                             "--queue-limit=3",
                                             "--json=out.json"};
    const auto run = [&](const std::string& policy) {
        auto all = arguments;
        all.push_back("--queue-policy=" + policy);
        const auto outcome = Run(all);
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        return std::make_pair(Json::parse(Read("out.json"))["simulated"], outcome.out);
    };
    const auto [simulated, table] = run("block");
    EXPECT_EQ(simulated["held"],
              Json::parse(R"({"requests": 3, "mean_ms": 20.0, "max_ms": 30.0})"));
    EXPECT_EQ(simulated["latency_ms"]["max"], 70); // 60 of waiting
    EXPECT_NE(table.find("3 requests before they arose, mean 20.0000 ms, max 30.0000 ms"),
              std::string::npos)
        << table;
    EXPECT_FALSE(run("drop-newest").first.contains("held"));
}

// Where chance cannot be seen, its interval is not 0.
TEST_F(OutputTest, IntervalsOfFewEqualValuesAreUnknown)
{
    for (const std::string samples : {"1", "2", "9", "10"})
    {
        SCOPED_TRACE(samples);
        const auto run = Run({"--deployment=0:1-55@0", "--samples=" + samples, "--json=out.json"});
        EXPECT_EQ(run.status, 0) << run.err;
        const auto simulated = Json::parse(Read("out.json"))["simulated"];
        const bool isKnown = samples == "10";
        for (const auto& interval : {simulated["latency_ms"]["ci95"],
                                     simulated["components_ci95_ms"]["computation"],
                                     simulated["exit_rates_ci95"][0]})
        {
            EXPECT_EQ(interval, isKnown ? Json(0.0) : Json());
        }
    }
}

// The next request arises when the wait for the last is over, answered or not.
TEST_F(OutputTest, TimeoutEndsTheWait)
{
    const auto run = Run({"--timeout=10ms", "--samples=5", "--csv=-", "--quiet"});
    EXPECT_EQ(run.status, 0) << run.err;
    std::vector<int64_t> generated;
    for (const auto& row : ReadTable(run.out))
    {
        generated.push_back(std::stoll(row.at("generated_ns")));
    }
    std::sort(generated.begin(), generated.end());
    EXPECT_EQ(generated, (std::vector<int64_t>{0, 10000000, 20000000, 30000000, 40000000}));
}

// Nothing happens after the largest time; counts tell what did.
TEST_F(OutputTest, MaxTimeEndsTheRun)
{
    for (const std::string transport : {"udp", "tcp"})
    {
        SCOPED_TRACE(transport);
        const auto run = Run({"--quiet",
                              "--json=-",
                              "--csv=out.csv",
                              "--max-time=2s",
                              "--arrival=periodic:10ms",
                              "--transport=" + transport});
        EXPECT_EQ(run.status, 0);
        const auto json = Json::parse(run.out);
        EXPECT_EQ(json["scenario"]["max_time"], "2s");
        const auto& simulated = json["simulated"];
        // Arrivals at 10, 20, ... 1990 ms; over TCP connections are set up first.
        EXPECT_LE(simulated["generated"], 199);
        EXPECT_GE(simulated["generated"], transport == "udp" ? 199 : 150);
        EXPECT_LT(simulated["requests"], simulated["generated"]);
        EXPECT_LE(simulated["simulated_time_ms"], 2000);
        std::istringstream csv(Read("out.csv"));
        std::string line;
        std::getline(csv, line);
        int64_t rows = 0;
        for (; std::getline(csv, line); ++rows)
        {
            const auto completed = line.substr(line.find(',', line.find(',') + 1) + 1);
            EXPECT_LE(std::stoll(completed), 2000000000) << line;
        }
        EXPECT_EQ(simulated["requests"], rows);
        const auto left = simulated["generated"].get<int64_t>() - rows;
        EXPECT_NE(run.err.find("warning: " + std::to_string(left) + " of "), std::string::npos)
            << run.err;
    }
}

// Devices are written, not replaced; names may hold blanks; earlier results are replaced whole.
TEST_F(OutputTest, WritesToAnyFile)
{
    const auto both = Run({"--quiet", "--samples=5", "--json=/dev/null", "--csv=/dev/null"});
    EXPECT_EQ(both.status, 0) << both.err;
    EXPECT_FALSE(std::filesystem::is_regular_file("/dev/null"));
    Write("target.json", "old");
    Link("link.json", "target.json");
    EXPECT_EQ(Run({"--quiet", "--samples=5", "--json=link.json"}).status, 0);
    EXPECT_TRUE(IsLink("link.json"));
    EXPECT_TRUE(Json::accept(Read("target.json")));
    Write("my results/old.json", std::string(100000, 'x'));
    const auto blank = Run(
        {"--quiet", "--samples=5", "--json=my results/old.json", "--csv=my results/new one.csv"});
    EXPECT_EQ(blank.status, 0) << blank.err;
    EXPECT_EQ(GetFiles(),
              (std::vector<std::string>{"link.json",
                                        "my results/new one.csv",
                                        "my results/old.json",
                                        "target.json"}));
    EXPECT_TRUE(Json::accept(Read("my results/old.json")));
    EXPECT_EQ(ReadTable(Read("my results/new one.csv")).size(), 5U);
}

TEST_F(OutputTest, WritesPcapFiles)
{
    const auto run = Run({"--quiet", "--samples=20", "--pcap=trace"});
    EXPECT_EQ(run.status, 0) << run.err;
    // Nodes 0, 1 and 2 with 1, 2 and 1 devices.
    EXPECT_EQ(GetFiles(),
              (std::vector<std::string>{"trace-0-0.pcap",
                                        "trace-1-0.pcap",
                                        "trace-1-1.pcap",
                                        "trace-2-0.pcap"}));
    // The magic number of pcap, and packets.
    EXPECT_GT(Read("trace-0-0.pcap").size(), 1000U);
    EXPECT_EQ(Read("trace-0-0.pcap").substr(0, 4), "\xd4\xc3\xb2\xa1");
}
