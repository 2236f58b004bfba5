/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// What --timeline writes: the ledgers, as trace events that Perfetto and chrome://tracing show.

#include "ledger_table.h"
#include "run_program.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <tuple>
#include <vector>

using Json = nlohmann::json;

namespace
{

/// A slice of a timeline; times in ns.
struct Slice
{
    std::string name;  ///< of the component
    std::string track; ///< name of its process
    bool isComplete;   ///< one event (X) instead of a pair (b, e)
    int64_t begin;     ///< when it begins
    int64_t end;       ///< when it ends
    Json args;         ///< its arguments
};

/// A flow event.
struct FlowEvent
{
    std::string phase; ///< s, t or f
    std::string track; ///< name of its process
    int64_t time;      ///< when, ns
};

/// A timeline, read back.
struct Timeline
{
    std::vector<std::string> tracks;                ///< names of processes, in their order
    std::vector<Slice> slices;                      ///< in the order of the file
    std::map<int64_t, std::vector<FlowEvent>> flow; ///< by request, in the order of the file
};

/// @return a number of microseconds in nanoseconds; doubles are exact enough for 104 days
int64_t
ToNs(const Json& microseconds)
{
    const double ns = microseconds.get<double>() * 1000;
    EXPECT_NEAR(ns, std::round(ns), 1e-3) << "a fraction of a nanosecond";
    return std::llround(ns);
}

/// @return a timeline, whose events must be what viewers accept
Timeline
ReadTimeline(const std::string& text)
{
    Timeline timeline;
    const auto json = Json::parse(text);
    std::map<int64_t, std::string> processes;
    std::map<int64_t, std::string> threads;
    std::map<std::string, std::pair<Slice, Json>> open; // asynchronous slices, by id
    std::set<std::string> used;                         // their ids
    for (const auto& event : json["traceEvents"])
    {
        const std::string phase = event["ph"];
        const std::string name = event["name"];
        const int64_t pid = event["pid"];
        if (phase == "M")
        {
            if (name == "process_name")
            {
                EXPECT_TRUE(processes.emplace(pid, event["args"]["name"]).second);
                timeline.tracks.push_back(processes[pid]);
            }
            else if (name == "thread_name")
            {
                // Perfetto names threads by their number alone.
                EXPECT_TRUE(threads.emplace(event["tid"], event["args"]["name"]).second);
            }
            else
            {
                EXPECT_EQ(name, "process_sort_index");
                EXPECT_EQ(event["args"]["sort_index"], timeline.tracks.size());
            }
            continue;
        }
        EXPECT_EQ(processes.count(pid), 1U) << "a track without a name: " << event;
        EXPECT_EQ(threads.count(event["tid"]), 1U) << "a thread without a name: " << event;
        const auto time = ToNs(event["ts"]);
        if (phase == "X")
        {
            timeline.slices.push_back(
                {name, processes[pid], true, time, time + ToNs(event["dur"]), event["args"]});
        }
        else if (phase == "b")
        {
            EXPECT_TRUE(used.insert(event["id"]).second) << "an id used twice: " << event;
            open[event["id"]] = {{name, processes[pid], false, time, 0, event["args"]}, event};
        }
        else if (phase == "e")
        {
            auto& [slice, begin] = open.at(event["id"]);
            for (const auto* key : {"name", "cat", "pid", "tid"})
            {
                EXPECT_EQ(event[key], begin[key]) << event;
            }
            slice.end = time;
            timeline.slices.push_back(slice);
            open.erase(event["id"]);
        }
        else
        {
            EXPECT_TRUE(phase == "s" || phase == "t" || phase == "f") << event;
            // Viewers match flow events by name and category, too.
            EXPECT_EQ(name, "request");
            EXPECT_EQ(event["cat"], "request");
            EXPECT_EQ(event.value("bp", ""), phase == "f" ? "e" : "");
            const auto request = std::stoll(event["id"].get<std::string>(), nullptr, 16);
            timeline.flow[request].push_back({phase, processes[pid], time});
        }
    }
    EXPECT_TRUE(open.empty()) << "slices without an end";
    return timeline;
}

/// Requires that slices do not overlap.
void
ExpectDisjoint(std::vector<Slice> slices)
{
    std::sort(slices.begin(), slices.end(), [](const Slice& a, const Slice& b) {
        return a.begin < b.begin;
    });
    for (std::size_t i = 1; i < slices.size(); ++i)
    {
        EXPECT_LE(slices[i - 1].end, slices[i].begin)
            << slices[i - 1].args << " overlaps " << slices[i].args;
    }
}

/// Chains and loads that differ in everything that a timeline shows.
const std::vector<std::vector<std::string>> CASES{
    {},
    {"--arrival=poisson:18", "--compute=empirical"},
    {"--deployment=0:1-10,1:11-25,2:26-40@0.1",
     "--arrival=poisson:15",
     "--bandwidth=5Mbps,400Mbps"},
    {"--deployment=2:1-10,0:11-20,1:21-55@0.3", "--destination=1", "--source=1", "--mtu=1500"},
    {"--arrival=periodic:30ms",
     "--shared-core=true",
     "--profile=resnet20-cifar10",
     "--deployment=1:1-10"},
    {"--scenario=" PORTEND_SOURCE_DIR "/scenarios/four-tiers.json", "--arrival=poisson:30"},
};

class TimelineTest : public ProgramTest
{
  protected:
    /**
     * @brief Run portend-3tier, with ledgers in out.csv and a timeline in out.json.
     * @param arguments of the program
     * @return the timeline
     */
    Timeline GetTimeline(std::vector<std::string> arguments) const
    {
        if (std::none_of(arguments.begin(), arguments.end(), [](const std::string& argument) {
                return argument.rfind("--samples", 0) == 0;
            }))
        {
            arguments.emplace_back("--samples=200");
        }
        // Some of these loads are too much: the queues grow until the last request has arisen.
        arguments.insert(arguments.end(),
                         {"--max-time=1000s", "--quiet", "--csv=out.csv", "--timeline=out.json"});
        const auto run = Run(arguments);
        EXPECT_EQ(run.status, 0) << run.err;
        EXPECT_EQ(run.out, "");
        EXPECT_TRUE(run.err.empty() || run.err.rfind("portend-3tier: warning: load: ", 0) == 0)
            << run.err;
        return ReadTimeline(Read("out.json"));
    }
};

} // namespace

// The slices of a request are the entries of its ledger, all of them above zero, and follow one
// another without a gap from its generation to its completion.
TEST_F(TimelineTest, SlicesAreTheLedgers)
{
    std::set<std::string> seen;
    for (const auto& arguments : CASES)
    {
        SCOPED_TRACE(testing::PrintToString(arguments));
        const auto timeline = GetTimeline(arguments);
        std::map<std::string, std::vector<Slice>> requests;
        for (const auto& slice : timeline.slices)
        {
            requests[slice.args["request"].dump()].push_back(slice);
            seen.insert(slice.name);
        }
        const auto rows = ReadTable(Read("out.csv"));
        ASSERT_EQ(rows.size(), 200U);
        for (const auto& row : rows)
        {
            auto slices = requests[row.at("request")];
            std::sort(slices.begin(), slices.end(), [](const Slice& a, const Slice& b) {
                return a.begin < b.begin;
            });
            std::map<std::string, int64_t> entries; // by column
            int64_t now = std::stoll(row.at("generated_ns"));
            for (const auto& slice : slices)
            {
                ASSERT_EQ(slice.begin, now) << slice.args;
                now = slice.end;
                ASSERT_EQ(slice.args["duration_ns"], slice.end - slice.begin);
                ASSERT_GT(slice.end, slice.begin);
                EXPECT_EQ(slice.args["exit_partition"].dump(), row.at("exit_partition"));
                EXPECT_EQ(slice.args["correct"], row.at("correct") == "1");
                const std::string stage = slice.args["stage"];
                EXPECT_EQ(stage.substr(0, 9) == "partition"
                              ? stage == "partition" + slice.args["partition"].dump()
                              : !slice.args.contains("partition"),
                          true)
                    << slice.args;
                // Each entry once.
                ASSERT_TRUE(
                    entries.emplace(stage + "_" + slice.name + "_ns", slice.end - slice.begin)
                        .second)
                    << slice.args;
            }
            EXPECT_EQ(now, std::stoll(row.at("completed_ns")));
            for (const auto& [column, text] : row)
            {
                const bool isEntry = column.rfind("source_", 0) == 0 ||
                                     column.rfind("partition", 0) == 0 ||
                                     column.rfind("destination_", 0) == 0;
                if (isEntry && !text.empty() && text != "0")
                {
                    EXPECT_EQ(std::to_string(entries[column]), text) << column;
                    entries.erase(column);
                }
            }
            EXPECT_TRUE(entries.empty()) << entries.begin()->first << " is in no ledger";
        }
    }
    EXPECT_EQ(seen, std::set<std::string>(COMPONENTS.begin(), COMPONENTS.end()));
}

// Perfetto drops slices that overlap on a thread.
TEST_F(TimelineTest, WorkOfOneServerDoesNotOverlap)
{
    for (const auto& arguments : CASES)
    {
        SCOPED_TRACE(testing::PrintToString(arguments));
        std::map<std::string, std::vector<Slice>> tracks;
        for (const auto& slice : GetTimeline(arguments).slices)
        {
            const bool isWork = slice.name == "deserialization" || slice.name == "computation" ||
                                slice.name == "serialization";
            const bool isOneServer = slice.track.find("servers") == std::string::npos;
            EXPECT_EQ(slice.isComplete, isWork && isOneServer) << slice.track << slice.args;
            if (slice.isComplete)
            {
                tracks[slice.track].push_back(slice);
            }
        }
        EXPECT_GE(tracks.size(), 1U);
        for (const auto& [name, slices] : tracks)
        {
            SCOPED_TRACE(name);
            ExpectDisjoint(slices);
        }
    }
}

// Two servers do work on two requests at once: such a track must not promise the contrary,
// however the servers became two.
TEST_F(TimelineTest, WorkOfSeveralServersIsAsynchronous)
{
    Write("two.json", R"({"schema_version": 1, "profile": "resnet110-cifar10",
        "tiers": [{"device": "a1.medium", "servers": 2}, {"device": "m4.large"}],
        "links": [{"bandwidth": "10Mbps", "delay": "20ms"}],
        "deployment": "0:1-25,1:26-40@0.1"})");
    const std::vector<std::pair<std::string, std::set<std::string>>> cases{
        {"--scenario=two.json", {"tier 0  a1.medium, source", "tier 1  m4.large, server"}},
        {"--ns3::PortendServer::Servers=2", {}},
        {"--ns3::PortendSource::Server=ns3::PortendServer[Servers=2]",
         {"tier 0  device (a1.medium), server", "tier 1  base station (m4.large), server"}},
    };
    for (const auto& [argument, sequential] : cases)
    {
        SCOPED_TRACE(argument);
        const auto timeline = GetTimeline({"--arrival=periodic:25ms", argument});
        std::set<std::string> complete;
        for (const auto& slice : timeline.slices)
        {
            if (slice.isComplete)
            {
                complete.insert(slice.track);
            }
        }
        EXPECT_EQ(complete, sequential);
    }
    // A request keeps a server longer than 25 ms, so that two must be at work at once.
    const auto timeline = GetTimeline({"--arrival=periodic:25ms", "--scenario=two.json"});
    std::vector<Slice> computations;
    for (const auto& slice : timeline.slices)
    {
        if (slice.track == "tier 0  a1.medium, 2 servers" && slice.name == "computation")
        {
            computations.push_back(slice);
        }
    }
    std::sort(computations.begin(), computations.end(), [](const Slice& a, const Slice& b) {
        return a.begin < b.begin;
    });
    ASSERT_EQ(computations.size(), 200U);
    EXPECT_LT(computations[1].begin, computations[0].end);
}

// The excess of a message is drawn first, as it waits for the messages before it. So what is
// drawn as transmission is the time that the message occupies the link.
TEST_F(TimelineTest, TransmissionsOnALinkDoNotOverlap)
{
    std::vector<Slice> transmissions;
    std::size_t queued = 0;
    for (const auto& slice :
         GetTimeline({"--bandwidth=1Mbps,400Mbps", "--arrival=poisson:10"}).slices)
    {
        if (slice.track == "link 0 up")
        {
            queued += slice.name == "network_excess";
            if (slice.name == "transmission")
            {
                transmissions.push_back(slice);
            }
        }
    }
    EXPECT_GT(queued, 10U);
    EXPECT_GT(transmissions.size(), queued);
    ExpectDisjoint(transmissions);
}

// One start, one end, steps between, in the order of time, each where work on the request
// begins.
TEST_F(TimelineTest, FlowJoinsTheWorkOnARequest)
{
    for (const auto& arguments : CASES)
    {
        SCOPED_TRACE(testing::PrintToString(arguments));
        const auto timeline = GetTimeline(arguments);
        std::map<int64_t, std::map<std::string, std::pair<int64_t, std::string>>> begins;
        for (const auto& slice : timeline.slices)
        {
            if (slice.name == "deserialization" || slice.name == "computation" ||
                slice.name == "serialization")
            {
                auto& stages = begins[slice.args["request"]];
                const auto it =
                    stages.try_emplace(slice.args["stage"], slice.begin, slice.track).first;
                it->second = std::min(it->second, {slice.begin, slice.track});
            }
        }
        EXPECT_EQ(timeline.flow.size(), 200U);
        for (const auto& [request, events] : timeline.flow)
        {
            std::vector<std::pair<int64_t, std::string>> expected;
            for (const auto& [stage, begin] : begins[request])
            {
                expected.push_back(begin);
            }
            std::sort(expected.begin(), expected.end());
            ASSERT_GE(expected.size(), 2U);
            ASSERT_EQ(events.size(), expected.size()) << request;
            for (std::size_t i = 0; i < events.size(); ++i)
            {
                EXPECT_EQ(events[i].phase, i == 0 ? "s" : i + 1 == events.size() ? "f" : "t");
                EXPECT_EQ(events[i].time, expected[i].first);
                EXPECT_EQ(events[i].track, expected[i].second);
            }
        }
    }
}

// A request passes the tracks from top to bottom.
TEST_F(TimelineTest, TracksHaveNames)
{
    using Names = std::vector<std::string>;
    EXPECT_EQ(GetTimeline(CASES[2]).tracks,
              (Names{"tier 0  device (a1.medium), source",
                     "tier 0  device (a1.medium), server",
                     "link 0 up",
                     "tier 1  base station (m4.large), server",
                     "link 1 up",
                     "tier 2  cloud (g4dn.xlarge), server",
                     "link 0 down",
                     "links 0-1 down",
                     "tier 0  device (a1.medium), destination"}));
    // One core for source and destination, and no way back to a track of its own.
    EXPECT_EQ(GetTimeline(CASES[4]).tracks,
              (Names{"tier 0  device (a1.medium), server",
                     "link 0 up",
                     "tier 1  base station (m4.large), server",
                     "link 0 down"}));
    // Tiers 0, 2, 1; two servers on tier 2; the result goes to tier 1.
    EXPECT_EQ(GetTimeline(CASES[5]).tracks,
              (Names{"tier 0  sensor (a1.medium), source",
                     "tier 0  sensor (a1.medium), server",
                     "links 0-1 up",
                     "tier 2  edge (m4.large), 2 servers",
                     "link 1 down",
                     "tier 1  gateway (a1.large), server",
                     "link 0 up",
                     "tier 1  gateway (a1.large), destination"}));
}

// A message is drawn once, on the track of its whole route; its size is the estimator's.
TEST_F(TimelineTest, MessagesHaveRoutesAndSizes)
{
    auto arguments = CASES[5];
    arguments.emplace_back("--json=result.json");
    const auto timeline = GetTimeline(arguments);
    const auto bytes = Json::parse(Read("result.json"))["analytical"]["message_bytes"];
    ASSERT_EQ(bytes.size(), 4U); // input, two tensors, result
    std::map<std::tuple<std::string, std::string, bool>, std::set<Json>> found;
    for (const auto& slice : timeline.slices)
    {
        const std::string stage = slice.args["stage"];
        const bool exits = stage == "partition" + slice.args["exit_partition"].dump();
        if (slice.name == "transmission")
        {
            found[{stage, slice.track, exits}].insert(slice.args["bytes"]);
        }
        else if (slice.name == "serialization")
        {
            EXPECT_EQ(slice.args["bytes"],
                      stage == "source" ? bytes[0]
                      : exits           ? bytes[3]
                                        : bytes[stage == "partition1" ? 1 : 2]);
        }
        else if (slice.name == "deserialization")
        {
            EXPECT_EQ(slice.args["bytes"],
                      stage == "destination"  ? bytes[3]
                      : stage == "partition1" ? bytes[0]
                                              : bytes[stage == "partition2" ? 1 : 2]);
        }
        else if (slice.name == "computation" || slice.name == "wait")
        {
            EXPECT_FALSE(slice.args.contains("bytes"));
        }
    }
    // The input and the result of partition 3 touch no link.
    const decltype(found) expected{
        {{"partition1", "links 0-1 up", false}, {bytes[1]}},
        {{"partition1", "link 0 up", true}, {bytes[3]}},
        {{"partition2", "link 1 down", false}, {bytes[2]}},
        {{"partition2", "link 1 down", true}, {bytes[3]}},
    };
    EXPECT_EQ(found, expected);
}

// The same bytes each time, and to the standard output as to a file; the results do not change
// for being watched.
TEST_F(TimelineTest, ChangesNothing)
{
    auto arguments = CASES[1];
    arguments.insert(arguments.end(), {"--quiet", "--samples=100"});
    const auto run = [&](const std::string& option) {
        auto all = arguments;
        all.push_back(option);
        all.emplace_back("--json=" + option.substr(2, 3) + ".json");
        const auto outcome = Run(all);
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        return outcome.out;
    };
    run("--timeline=first");
    EXPECT_GT(Read("first").size(), 10000U);
    run("--timeline=second");
    EXPECT_EQ(Read("second"), Read("first"));
    EXPECT_EQ(run("--timeline=-"), Read("first"));
    run("--csv=ledgers");
    EXPECT_EQ(Read("tim.json"), Read("csv.json"));
}

// The table makes way for a timeline on the standard output.
TEST_F(TimelineTest, TakesTheStandardOutput)
{
    const auto run = Run({"--samples=5", "--timeline=-"});
    EXPECT_EQ(run.status, 0);
    EXPECT_EQ(ReadTimeline(run.out).flow.size(), 5U);
    EXPECT_NE(run.err.find("\ntotal "), std::string::npos) << run.err;
}
