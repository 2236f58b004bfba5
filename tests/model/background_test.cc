/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Traffic of others: what it sends when, that packets and trains carry it alike, and what it does
// to streams.

#include "bad_input.h"
#include "simulator_test.h"

#include "ns3/boolean.h"
#include "ns3/data-rate.h"
#include "ns3/portend-ledger.h"
#include "ns3/portend-scenario-file.h"
#include "ns3/portend-simulation.h"
#include "ns3/portend-traffic.h"
#include "ns3/portend-world-setup.h"
#include "ns3/portend-world.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

using namespace ns3;

using Json = nlohmann::ordered_json;

namespace
{

class BackgroundTest : public SimulatorTest
{
  protected:
    /// What is seen of a run.
    struct Outcome
    {
        std::vector<int64_t> latenciesNs;         ///< of requests, in order
        std::vector<std::vector<uint64_t>> links; ///< what went over each direction
        PortendNetworkResult result;              ///< the rest
    };

    /// @return what is seen of a scenario
    Outcome Simulate(const Json& json)
    {
        const auto file = m_folder.Write("world.json", json.dump());
        const PortendWorldSetup setup(PortendWorld::Load(PortendScenarioFile(file)));
        Outcome outcome;
        PortendSimulation simulation(setup);
        simulation.SetRequestSink([&](const PortendRequest& request) {
            outcome.latenciesNs.push_back(request.GetLatency().GetNanoSeconds());
            EXPECT_EQ(request.ledger.GetTotal(), request.GetLatency());
        });
        outcome.result = simulation.RunAll();
        for (const auto& link : outcome.result.links)
        {
            for (const auto& way : link)
            {
                outcome.links.push_back(
                    {way.sentBytes, way.receivedBytes, way.droppedBytes, way.damagedBytes});
            }
        }
        return outcome;
    }

    /// @return the same by packets and by trains, which are required to be equal
    Outcome SimulateBoth(Json json)
    {
        json["network"] = "trains";
        const auto trains = Simulate(json);
        json["network"] = "packets";
        const auto packets = Simulate(json);
        EXPECT_EQ(trains.latenciesNs, packets.latenciesNs);
        EXPECT_EQ(trains.links, packets.links);
        return packets;
    }

    /// @return three nodes in a row, a stream from first to last, and traffic beside it
    static Json MakeWorld()
    {
        return Json::parse(R"({
          "schema_version": 2, "profile": "resnet110-cifar10", "mtu_bytes": 1500,
          "nodes": [{"name": "phone", "device": "a1.medium"}, {"name": "hub"},
                    {"name": "cloud", "device": "g4dn.xlarge"}],
          "links": [{"between": ["phone", "hub"], "bandwidth": "50Mbps", "delay": "2ms"},
                    {"between": ["hub", "cloud"], "bandwidth": "10Mbps", "delay": "5ms"}],
          "streams": [{"name": "all", "tiers": ["phone", "cloud"], "samples": 300,
                       "deployment": "1:1-55@0", "arrival": "poisson:10"}],
          "background": [{"name": "others", "from": "hub", "to": "cloud",
                          "traffic": "constant:4Mbps"}]})");
    }

    TemporaryFolder m_folder; ///< for files
};

/// @return mean rate of a process over a long time, bit/s
double
Measure(const Ptr<PortendTrafficProcess>& traffic, uint32_t packetBytes, Time end)
{
    int64_t stream = 5;
    for (const auto& variable : traffic->GetRandomVariables())
    {
        variable->SetStream(stream++);
    }
    double bits = 0;
    Time now;
    while (const auto burst = traffic->GetNext(now, packetBytes))
    {
        EXPECT_GE(burst->at, now);
        now = burst->at;
        if (now > end)
        {
            break;
        }
        bits += 8.0 * static_cast<double>(burst->bytes);
    }
    return bits / end.GetSeconds();
}

/// @return packets at 2 Mb/s
Ptr<PortendPacketTraffic>
MakeTraffic(bool isPoisson, Time on = {}, Time off = {})
{
    return CreateObjectWithAttributes<PortendPacketTraffic>("Rate",
                                                            DataRateValue(DataRate("2Mbps")),
                                                            "Poisson",
                                                            BooleanValue(isPoisson),
                                                            "OnTime",
                                                            TimeValue(on),
                                                            "OffTime",
                                                            TimeValue(off));
}

} // namespace

// Rates are what they say: within 1 % over so many packets, exact without chance.
TEST_F(BackgroundTest, RatesAreMet)
{
    EXPECT_NEAR(Measure(MakeTraffic(false), 1000, Seconds(100)), 2e6, 100);
    EXPECT_NEAR(Measure(MakeTraffic(true), 1000, Seconds(1000)), 2e6, 0.01 * 2e6);
    const auto pauses = MakeTraffic(false, MilliSeconds(500), MilliSeconds(1500));
    EXPECT_DOUBLE_EQ(pauses->GetMeanBps(), 0.5e6);
    // What begins while it is on ends with it: half a packet of 4 ms is lost for each time on.
    EXPECT_NEAR(Measure(pauses, 1000, Seconds(40000)), 0.5e6 * (1 - 0.002 / 0.5), 0.02 * 0.5e6);
}

// What others send goes over the links that they share, and over no other, and streams wait for it.
TEST_F(BackgroundTest, StreamsWaitForOthers)
{
    auto json = MakeWorld();
    const auto with = SimulateBoth(json);
    json.erase("background");
    const auto without = SimulateBoth(json);
    ASSERT_EQ(with.latenciesNs.size(), 300U);
    EXPECT_EQ(with.links[0], without.links[0]);
    const auto seconds = with.result.simulated.GetSeconds();
    const double others = with.links[2][1] - static_cast<double>(without.links[2][1]);
    EXPECT_NEAR(others, seconds * 4e6 / 8 * 1502 / 1500, 3 * 1502);
    const auto queueing = [](const Outcome& outcome) {
        const auto excess = PortendLedger::NETWORK_EXCESS;
        return outcome.result.streams[0].componentsMs[excess].mean;
    };
    EXPECT_GT(queueing(with), queueing(without) + 0.1);
    EXPECT_EQ(with.result.streams[0].componentsMs[PortendLedger::COMPUTATION].mean,
              without.result.streams[0].componentsMs[PortendLedger::COMPUTATION].mean);
}

// A message that comes at any time to a link with Poisson traffic waits as Pollaczek and Khinchine
// say: sum(rate S^2)/(2 (1 - rho)) over the others' packets and its own kind, at the 95 % level.
TEST_F(BackgroundTest, PoissonTrafficMakesAnMG1Queue)
{
    auto json = MakeWorld();
    json["network"] = "trains";
    json["compute"] = "mean";
    json["mtu_bytes"] = 9000;
    json["links"][0]["bandwidth"] = "10Gbps"; // packets of a message come at once
    auto& stream = json["streams"][0];
    auto others = json["background"];
    json.erase("background");
    stream["samples"] = 10;
    stream["arrival"] = "closed";
    const double ownS = Simulate(json).links[2][0] / 10.0 * 8 / 10e6;
    stream["samples"] = 20000;
    stream["arrival"] = "poisson:2";
    json["background"] = others;
    json["background"][0]["packet_bytes"] = 8998;
    for (const double load : {0.3, 0.6, 0.9})
    {
        json["background"][0]["traffic"] = "poisson:" + std::to_string(load * 9.75) + "Mbps";
        const auto outcome = Simulate(json);
        const double otherS = 9000 * 8 / 10e6;
        const double rate = load * 9.75e6 / (8998 * 8);
        const double utilization = rate * otherS + 2 * ownS;
        const double waitMs =
            (rate * otherS * otherS + 2 * ownS * ownS) / (2 * (1 - utilization)) * 1e3;
        const auto excess = outcome.result.streams[0].componentsMs[PortendLedger::NETWORK_EXCESS];
        EXPECT_NEAR(excess.mean, waitMs, excess.ci95) << load;
        EXPECT_LT(excess.ci95, 0.1 * waitMs);
    }
}

// Whatever is lost: full queues, links that lose or are down, and TCP beside it.
TEST_F(BackgroundTest, EnginesAgreeWhateverIsLost)
{
    for (int seed = 1; seed <= 6; ++seed)
    {
        SCOPED_TRACE(seed);
        auto json = MakeWorld();
        json["seed"] = seed;
        json["background"][0]["traffic"] =
            seed % 2 == 0 ? "onoff:20Mbps:100ms:300ms" : "poisson:6Mbps";
        json["background"][0]["packet_bytes"] = 400 + 150 * seed;
        auto back = json["background"][0];
        back["name"] = "back";
        back["from"] = "cloud";
        back["to"] = "phone";
        json["background"].push_back(back);
        if (seed < 4)
        {
            json["loss"] = 0.01;
            json["queue"] = "60kB";
            json["links"][1]["failures"] = "exponential:2s:50ms";
        }
        const auto outcome = SimulateBoth(json);
        EXPECT_EQ(outcome.result.streams[0].generated, 300U);
        for (const auto& way : outcome.links)
        {
            EXPECT_GE(way[0], way[1] + way[3]); // the rest is on the way when the run ends
            EXPECT_LE(way[0], way[1] + way[3] + 100000);
        }
        if (seed >= 4)
        {
            EXPECT_EQ(outcome.latenciesNs.size(), 300U);
            json["transport"] = "tcp";
            json["network"] = "packets";
            EXPECT_EQ(Simulate(json).latenciesNs.size(), 300U);
        }
    }
}

// A trace sends what it says, each member of a group for itself.
TEST_F(BackgroundTest, TracesAndGroups)
{
    m_folder.Write("bursts.csv", "time_s,bytes\n0.5,10000\n0.5,1\n2,1500\n");
    auto json = MakeWorld();
    json["nodes"][0]["count"] = 3;
    json["streams"][0]["arrival"] = "closed";
    json["streams"][0]["samples"] = 50;
    json["background"][0]["from"] = "phone";
    json["background"][0]["traffic"] = "trace:bursts.csv";
    const auto with = SimulateBoth(json);
    auto alone = json;
    alone.erase("background");
    const auto without = Simulate(alone);
    // Of 10000 bytes, six full packets and one of 1000; at least 29 bytes.
    const uint64_t sent = 6 * 1502 + 1002 + 31 + 1502;
    for (std::size_t member = 0; member < 3; ++member)
    {
        EXPECT_EQ(with.links[2 * member][0], without.links[2 * member][0] + sent);
    }
    EXPECT_EQ(with.links[6][0], without.links[6][0] + 3 * sent);
    const auto world =
        PortendWorld::Load(PortendScenarioFile(m_folder.Write("w.json", json.dump())));
    const auto copy = m_folder.Write("sub/copy.json", world.ToJson());
    EXPECT_EQ(PortendWorld::Load(PortendScenarioFile(copy)).ToJson(), world.ToJson());
    const auto other = world.With({"background/others/traffic=constant:1Mbps"}, "--sweep");
    EXPECT_EQ(other.background[0].traffic, "constant:1Mbps");
}

TEST_F(BackgroundTest, WhatCannotBeIsRefused)
{
    const auto expect = [this](const std::string& key, const Json& value, const std::string& part) {
        SCOPED_TRACE(key + "=" + value.dump());
        auto json = MakeWorld();
        json["background"][0][key] = value;
        const auto file = m_folder.Write("world.json", json.dump());
        try
        {
            PortendWorldSetup(PortendWorld::Load(PortendScenarioFile(file))).RequireBounded();
            ADD_FAILURE();
        }
        catch (const portend::InputError& error)
        {
            const auto text = error.GetWhere() + " " + error.what();
            EXPECT_NE(text.find(part), std::string::npos) << text;
        }
    };
    expect("from", "nobody", "/background/0/from");
    expect("to", "hub", "/background/0/to");
    expect("traffic", "much", "/background/0/traffic");
    expect("traffic", "onoff:1Mbps:0s:1s", "/background/0/traffic");
    expect("traffic", "poisson:0Mbps", "/background/0/traffic");
    expect("traffic", "trace:none.csv", "none.csv");
    expect("packet_bytes", 28, "/background/0/packet_bytes");
    expect("packet_bytes", 1501, "29 to 1500");
    expect("traffic", "constant:10Mbps", "background traffic takes");
    expect("traffic", "constant:9.9Mbps", "background 0.99");
    expect("other", 1, "/background/0/other");
}
