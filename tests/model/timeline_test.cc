/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// The text of a timeline, for requests made by hand.

#include "ns3/portend-simulation.h"
#include "ns3/portend-timeline.h"

#include <cstdint>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <utility>

using namespace ns3;

namespace
{

/// @return a scenario with source, one partition and destination on one tier
PortendScenario
GetScenario()
{
    PortendScenario scenario;
    scenario.profile = "resnet20-cifar10";
    scenario.tiers = {{"m4.large", "only"}};
    scenario.links = {};
    scenario.deployment = "0:1-10@0";
    return scenario;
}

/// @return a request whose only ledger entry above zero is computation
PortendRequest
GetRequest(Time generated, Time computation)
{
    PortendRequest request;
    request.id = 26;
    request.generated = generated;
    request.completed = generated + computation;
    request.exitPartition = 1;
    request.isRight = true;
    auto itinerary = Create<PortendItinerary>();
    itinerary->stages.emplace_back();
    request.itinerary = itinerary;
    request.ledger.Open();
    request.ledger.Open()[PortendLedger::COMPUTATION] = computation;
    request.ledger.Open();
    return request;
}

/// @return the events after the names of tracks
std::string
GetEvents(const PortendRequest& request)
{
    std::ostringstream os;
    const auto scenario = GetScenario();
    const PortendSetup setup(scenario);
    PortendTimeline timeline(os, scenario, setup);
    const auto begin = os.str().size();
    timeline.Add(request);
    return os.str().substr(begin);
}

} // namespace

// 9e9 s after the start, in the 285th year, doubles are 2 us apart; the text is exact. The
// partition's server is the second track, after the source. Both ends of the flow are where the
// only work is; 26 is 0x1a.
TEST(TimelineTest, TimesAreExactWhereDoublesAreNot)
{
    EXPECT_EQ(GetEvents(GetRequest(NanoSeconds(9000000000000000007), NanoSeconds(1234050))),
              ",\n{\"name\":\"computation\",\"cat\":\"process\",\"ph\":\"X\",\"pid\":2,\"tid\":2,"
              "\"ts\":9000000000000000.007,\"dur\":1234.050,\"args\":{\"request\":26,"
              "\"exit_partition\":1,\"correct\":true,\"stage\":\"partition1\",\"partition\":1,"
              "\"duration_ns\":1234050}}"
              ",\n{\"name\":\"request\",\"cat\":\"request\",\"ph\":\"s\",\"pid\":2,\"tid\":2,"
              "\"ts\":9000000000000000.007,\"id\":\"0x1a\"}"
              ",\n{\"name\":\"request\",\"cat\":\"request\",\"ph\":\"f\",\"pid\":2,\"tid\":2,"
              "\"ts\":9000000000000000.007,\"id\":\"0x1a\",\"bp\":\"e\"}");
}

// A request that takes no time at all has no slices, and still its flow, at the source.
TEST(TimelineTest, EntriesOfZeroLengthAreNotDrawn)
{
    EXPECT_EQ(GetEvents(GetRequest(NanoSeconds(1), Time())),
              ",\n{\"name\":\"request\",\"cat\":\"request\",\"ph\":\"s\",\"pid\":1,\"tid\":1,"
              "\"ts\":0.001,\"id\":\"0x1a\"}"
              ",\n{\"name\":\"request\",\"cat\":\"request\",\"ph\":\"f\",\"pid\":1,\"tid\":1,"
              "\"ts\":0.001,\"id\":\"0x1a\",\"bp\":\"e\"}");
}

// Slices of a request fill its latency, whatever its deployment, on tracks that are named.
TEST(TimelineTest, DeploymentsMayChange)
{
    PortendScenario scenario;
    scenario.samples = 40;
    scenario.arrival = "poisson:2";
    scenario.controller = "ans"; // tries one after the other
    const PortendSetup setup(scenario);
    std::ostringstream os;
    PortendTimeline timeline(os, scenario, setup);
    std::map<uint64_t, std::pair<std::string, int64_t>> requests;
    PortendSimulation simulation(setup);
    simulation.SetRequestSink([&](const PortendRequest& request) {
        timeline.Add(request);
        requests[request.id] = {request.itinerary->deployment,
                                request.GetLatency().GetNanoSeconds()};
    });
    EXPECT_GT(simulation.Run().control.switches, 0U);
    timeline.Finish();
    const auto document = nlohmann::json::parse(os.str());
    std::set<uint64_t> tracks;
    for (const auto& event : document["traceEvents"])
    {
        if (event["ph"] == "M")
        {
            tracks.insert(event["pid"].get<uint64_t>());
        }
        EXPECT_EQ(tracks.count(event["pid"].get<uint64_t>()), 1U);
        if (event["ph"] == "X" || event["ph"] == "b")
        {
            auto& [deployment, left] = requests.at(event["args"]["request"].get<uint64_t>());
            EXPECT_EQ(event["args"]["deployment"], deployment);
            left -= event["args"]["duration_ns"].get<int64_t>();
        }
    }
    EXPECT_EQ(requests.size(), 40U);
    for (const auto& [id, request] : requests)
    {
        EXPECT_EQ(request.second, 0) << id;
    }
}
