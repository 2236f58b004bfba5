/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Energy: what requests are charged, what nodes took, and what batteries lost.

#include "bad_input.h"
#include "simulator_test.h"

#include "ns3/portend-ledger.h"
#include "ns3/portend-scenario-file.h"
#include "ns3/portend-simulation.h"
#include "ns3/portend-world-setup.h"
#include "ns3/portend-world.h"

#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

using namespace ns3;

using Json = nlohmann::ordered_json;

namespace
{

class EnergyTest : public SimulatorTest
{
  protected:
    /// What is seen of a run.
    struct Outcome
    {
        std::vector<PortendLedger::Energy> requests; ///< what each was charged
        PortendNetworkResult result;                 ///< of all
        std::vector<portend::Estimate> estimates;    ///< by stream

        /// @return what all requests were charged for something
        double Sum(PortendLedger::Component component) const
        {
            double sum = 0;
            for (const auto& request : requests)
            {
                sum += request[component];
            }
            return sum;
        }

        /// @return what nodes took for something
        double SumNodes(double PortendNodeEnergy::*entry) const
        {
            double sum = 0;
            for (const auto& node : result.nodes)
            {
                sum += node.energy.*entry;
            }
            return sum;
        }
    };

    /// @return what is seen of a scenario
    Outcome Simulate(const Json& json)
    {
        const auto file = m_folder.Write("world.json", json.dump());
        const PortendWorldSetup setup(PortendWorld::Load(PortendScenarioFile(file)));
        Outcome outcome;
        PortendSimulation simulation(setup);
        simulation.SetRequestSink([&](const PortendRequest& request) {
            outcome.requests.push_back(request.ledger.GetEnergy());
        });
        outcome.result = simulation.RunAll();
        outcome.estimates = setup.GetEstimates();
        return outcome;
    }

    /// Requires that what requests were charged is what nodes took beyond idle ones.
    static void ExpectSums(const Outcome& outcome)
    {
        const auto expect = [&](PortendLedger::Component c, double PortendNodeEnergy::*entry) {
            const auto charged = outcome.Sum(c);
            EXPECT_GT(charged, 0) << c;
            EXPECT_NEAR(outcome.SumNodes(entry) / charged, 1, 1e-9) << c;
        };
        expect(PortendLedger::DESERIALIZATION, &PortendNodeEnergy::deserializationJ);
        expect(PortendLedger::COMPUTATION, &PortendNodeEnergy::computationJ);
        expect(PortendLedger::SERIALIZATION, &PortendNodeEnergy::serializationJ);
        expect(PortendLedger::TRANSMISSION, &PortendNodeEnergy::transmissionJ);
    }

    /// @return three nodes in a row, with powers
    static Json MakeWorld()
    {
        return Json::parse(R"({
          "schema_version": 2, "profile": "resnet110-cifar10",
          "nodes": [{"name": "phone", "device": "a1.medium",
                     "power": {"idle": "0.5W", "computing": "3W", "serializing": "2W"}},
                    {"name": "station", "device": "m4.large", "power": "10W:60W"},
                    {"name": "cloud", "device": "g4dn.xlarge",
                     "power": {"idle": "50W", "computing": "120W", "serializing": "70W"}}],
          "links": [{"between": ["phone", "station"], "bandwidth": "10Mbps", "delay": "20ms",
                     "energy": "1.2W:300mW"},
                    {"between": ["station", "cloud"], "bandwidth": "400Mbps", "delay": "40ms",
                     "mtu_bytes": 1500, "energy": {"sending": "5nJ/bit", "receiving": "2nJ/bit"}}],
          "streams": [{"name": "all", "tiers": ["phone", "station", "cloud"], "samples": 200,
                       "deployment": "0:1-10,1:11-20,2:21-55@0.1"}]})");
    }

    /// @return the same, with an energy each way
    static Json MakeWays()
    {
        auto json = MakeWorld();
        json["links"][0]["energy"] = {{"up", {{"sending", "1.2W"}, {"receiving", "300mW"}}},
                                      {"down", {{"sending", "0.2W"}, {"receiving", "0.9W"}}}};
        return json;
    }

    TemporaryFolder m_folder; ///< for files
};

/// Closed forms of a request that exits at the third partition of MakeWays().
double
GetTransmissionJ(const portend::Estimate& estimate)
{
    // Packets of 9000 bytes with headers of 48, and 2 of the link; those of 1500 carry 1432 more.
    const auto onLink = [](uint64_t bytes, uint64_t mtu) {
        const auto payload = mtu - 48;
        const auto packets = (bytes + payload - 1) / payload;
        return 8.0 * static_cast<double>(bytes + packets * 50);
    };
    const auto& bytes = estimate.messageBytes; // input, two tensors, result
    double joules = onLink(bytes[1], 9000) * (1.2 + 0.3) / 10e6;
    joules += onLink(bytes[2], 1500) * 7e-9;
    joules += onLink(bytes[3], 1500) * 7e-9 + onLink(bytes[3], 9000) * (0.2 + 0.9) / 10e6;
    return joules;
}

} // namespace

// A request alone takes what the estimate says; transmission is what can be said by hand.
TEST_F(EnergyTest, IdleNetworkMeetsTheEstimate)
{
    auto json = MakeWays();
    json["streams"][0]["deployment"] = "0:1-10,1:11-20,2:21-55@0"; // nothing exits early
    for (const auto* engine : {"packets", "trains"})
    {
        json["network"] = engine;
        const auto outcome = Simulate(json);
        const auto& estimate = outcome.estimates[0].energy;
        const auto& mean = outcome.result.streams[0].energiesJ;
        const auto values = estimate.GetValues();
        for (std::size_t c = 0; c < values.size(); ++c)
        {
            // Each delay is rounded to half a nanosecond, three of them an entry, at most 70 W
            // each.
            EXPECT_NEAR(mean[c].mean, values[c], 3 * 0.5e-9 * 70) << engine << c;
        }
        EXPECT_NEAR(outcome.result.streams[0].energyJ.mean,
                    estimate.GetTotal(),
                    1e-6 * estimate.GetTotal());
        EXPECT_NEAR(values[PortendLedger::TRANSMISSION],
                    GetTransmissionJ(outcome.estimates[0]),
                    1e-12);
    }
}

// What requests are charged and what nodes draw when idle is what they took, to 1e-9: in queues, in
// batches, by several servers, on a shared core, by both engines.
TEST_F(EnergyTest, ChargesAndIdleTimeSumToTheNodes)
{
    for (const auto* engine : {"packets", "trains"})
    {
        for (const auto* scheduler : {"fifo", "batch[max=4,timeout=5ms,regroup=one-by-one]"})
        {
            for (const bool isShared : {false, true})
            {
                SCOPED_TRACE(std::string(engine) + " " + scheduler);
                auto json = MakeWays();
                json["network"] = engine;
                json["nodes"][1]["scheduler"] = scheduler;
                json["nodes"][2]["servers"] = 3;
                auto& stream = json["streams"][0];
                stream["deployment"] = "0:1-10,1:11-15,1:16-20,2:21-55@0.1";
                stream["arrival"] = "poisson:20";
                stream["compute"] = "empirical";
                stream["shared_core"] = isShared;
                stream["after"] = "stop";
                const auto outcome = Simulate(json);
                ASSERT_EQ(outcome.requests.size(), 200U);
                ExpectSums(outcome);
                const std::array<double, 3> idleW{0.5, 10, 50};
                for (std::size_t node = 0; node < idleW.size(); ++node)
                {
                    const auto& energy = outcome.result.nodes[node].energy;
                    EXPECT_NEAR(energy.idleJ / (idleW[node] * energy.seconds), 1, 1e-9);
                    EXPECT_DOUBLE_EQ(energy.GetTotal(), energy.GetMeanPower() * energy.seconds);
                }
            }
        }
    }
}

// The same on links that change: a packet takes the longer the less passes.
TEST_F(EnergyTest, ChargesSumOnLinksThatChange)
{
    m_folder.Write("steps.csv",
                   "time_s,bandwidth_bps\n0,10000000\n0.31,2000000\n0.77,0\n0.9,30000000\n1.3,1e6\n"
                   "1.9,1e6\n");
    for (const auto* engine : {"packets", "trains"})
    {
        SCOPED_TRACE(engine);
        auto json = MakeWays();
        json["network"] = engine;
        json["links"][0].erase("bandwidth");
        json["links"][0]["trace"] = "steps.csv";
        auto& stream = json["streams"][0];
        const auto closed = Simulate(json);
        ASSERT_EQ(closed.requests.size(), 200U);
        ExpectSums(closed); // alone, each takes what it was charged
        EXPECT_GT(closed.Sum(PortendLedger::TRANSMISSION),
                  1.5 * Simulate(MakeWays()).Sum(PortendLedger::TRANSMISSION));
        stream["arrival"] = "poisson:5";
        stream["after"] = "stop";
        // Together they meet other steps, but bits are bits.
        json["links"][0]["energy"] = "100nJ/bit:50nJ/bit";
        ExpectSums(Simulate(json));
    }
}

// Over TCP links carry more than messages.
TEST_F(EnergyTest, AcknowledgmentsTakeMore)
{
    auto json = MakeWays();
    json["transport"] = "tcp";
    const auto outcome = Simulate(json);
    const auto charged = outcome.Sum(PortendLedger::TRANSMISSION);
    const auto took = outcome.SumNodes(&PortendNodeEnergy::transmissionJ);
    EXPECT_GT(took, 1.001 * charged);
    EXPECT_LT(took, 1.2 * charged);
}

// Twice the power takes twice the energy, and changes no time.
TEST_F(EnergyTest, TwiceThePowerTakesTwiceTheEnergy)
{
    auto json = MakeWays();
    const auto once = Simulate(json);
    json["nodes"][0]["power"] = "1W:6W:4W";
    json["nodes"][1]["power"] = "20W:120W";
    json["nodes"][2]["power"] = "100W:240W:140W";
    json["links"][0]["energy"] = {{"up", "2.4W:600mW"}, {"down", "0.4W:1.8W"}};
    json["links"][1]["energy"] = "10nJ/bit:4nJ/bit";
    const auto twice = Simulate(json);
    EXPECT_EQ(once.result.simulated, twice.result.simulated);
    EXPECT_NEAR(twice.result.streams[0].energyJ.mean / once.result.streams[0].energyJ.mean,
                2,
                1e-12);
    EXPECT_NEAR(twice.estimates[0].energy.GetTotal() / once.estimates[0].energy.GetTotal(),
                2,
                1e-12);
    for (std::size_t node = 0; node < 3; ++node)
    {
        EXPECT_NEAR(twice.result.nodes[node].energy.GetTotal() /
                        once.result.nodes[node].energy.GetTotal(),
                    2,
                    1e-12);
    }
}

// A battery of ns-3 loses what the report says, radios included, and changes no answer.
TEST_F(EnergyTest, BatteriesLoseWhatNodesTake)
{
    auto json = MakeWays();
    json["streams"][0]["arrival"] = "poisson:5";
    const auto without = Simulate(json);
    json["nodes"][0]["battery"] = "1Wh";
    json["nodes"][1]["battery"] = "50kJ";
    const auto with = Simulate(json);
    ASSERT_EQ(with.requests.size(), 200U);
    EXPECT_EQ(with.requests, without.requests);
    for (const auto node : {0, 1})
    {
        const auto& energy = with.result.nodes[node].energy;
        ASSERT_TRUE(energy.battery);
        EXPECT_EQ(energy.battery->capacityJ, node == 0 ? 3600 : 50000);
        EXPECT_EQ(energy.battery->empty, Time::Max());
        // ns-3 rounds what each change takes to 1 nJ.
        EXPECT_NEAR((energy.battery->capacityJ - energy.battery->leftJ) / energy.GetTotal(),
                    1,
                    1e-8);
        const auto& other = without.result.nodes[node].energy;
        EXPECT_NEAR(energy.computationJ / other.computationJ, 1, 1e-9);
        EXPECT_NEAR(energy.transmissionJ / other.transmissionJ, 1, 1e-9);
    }
    EXPECT_FALSE(with.result.nodes[2].energy.battery);
}

// A node that does nothing is down when its idle power has emptied the battery; from then on what
// arises there is lost, and what was answered before is as without.
TEST_F(EnergyTest, EmptyBatteriesLoseRequests)
{
    for (const auto* arrival : {"periodic:1s", "closed"})
    {
        for (const auto* engine : {"packets", "trains"})
        {
            SCOPED_TRACE(std::string(arrival) + " " + engine);
            auto json = MakeWorld();
            json["network"] = engine;
            json["links"][0].erase("energy");
            json["links"][1].erase("energy");
            json["nodes"][0]["power"] = "2W"; // nothing besides when it works
            auto& stream = json["streams"][0];
            stream["arrival"] = arrival;
            stream["deployment"] = "0:1-10,1:11-20,2:21-55@0.1";
            const auto whole = Simulate(json);
            ASSERT_EQ(whole.requests.size(), 200U);
            json["nodes"][0]["battery"] = "20J";
            const auto outcome = Simulate(json);
            const auto& battery = outcome.result.nodes[0].energy.battery;
            ASSERT_TRUE(battery);
            // All but a millionth of 20 J at 2 W.
            EXPECT_NEAR(battery->empty.GetSeconds(), 10, 2e-5);
            const auto& result = outcome.result.streams[0];
            EXPECT_EQ(result.generated, 200U);
            EXPECT_LT(result.completed, arrival[0] == 'p' ? 11U : 120U);
            EXPECT_GT(result.completed, arrival[0] == 'p' ? 7U : 20U);
            ASSERT_LE(outcome.requests.size(), whole.requests.size());
            EXPECT_TRUE(std::equal(outcome.requests.begin(),
                                   outcome.requests.end(),
                                   whole.requests.begin()));
            // What was on its way to the node got lost on its link.
            const auto lost = std::accumulate(result.failureDrops.begin(),
                                              result.failureDrops.end(),
                                              result.completed);
            EXPECT_GE(lost, 199U);
            EXPECT_LE(lost, 200U);
        }
    }
}

// A server that empties the battery in the middle of a computation loses it.
TEST_F(EnergyTest, WorkEmptiesBatteries)
{
    auto json = MakeWorld();
    json["links"][0].erase("energy");
    json["links"][1].erase("energy");
    json["nodes"][0]["power"] = "0W:4W:4W";
    auto& stream = json["streams"][0];
    stream["deployment"] = "0:1-55@0";
    const auto whole = Simulate(json);
    const double eachJ = whole.result.streams[0].energyJ.mean;
    ASSERT_GT(eachJ, 0);
    json["nodes"][0]["battery"] = portend::ToText(7.5 * eachJ) + "J";
    const auto outcome = Simulate(json);
    EXPECT_EQ(outcome.result.streams[0].completed, 7U);
    EXPECT_EQ(outcome.result.streams[0].failureDrops[0], 193U);
    EXPECT_NEAR(outcome.result.nodes[0].energy.GetTotal(), 7.5 * eachJ, 1e-5 * eachJ);
}

// A harvester of ns-3 that gives as much as the node takes keeps it up.
TEST_F(EnergyTest, HarvestersKeepNodesUp)
{
    auto json = MakeWorld();
    json["links"][0].erase("energy");
    json["links"][1].erase("energy");
    json["nodes"][0]["power"] = "2W";
    json["nodes"][0]["battery"] = "20J";
    json["streams"][0]["arrival"] = "periodic:1s";
    const auto harvest = [](const std::string& watts) {
        return "ns3::BasicEnergyHarvester[HarvestablePower=ns3::ConstantRandomVariable[Constant=" +
               watts + "]]";
    };
    json["nodes"][0]["harvester"] = harvest("2");
    const auto fed = Simulate(json);
    EXPECT_EQ(fed.requests.size(), 200U);
    json["nodes"][0]["harvester"] = harvest("1");
    const auto half = Simulate(json);
    EXPECT_NEAR(half.result.nodes[0].energy.battery->empty.GetSeconds(), 20, 1.1);
    // Empty, it charges to a tenth, is up for about 2 s, and so on.
    EXPECT_GT(half.requests.size(), 80U);
    EXPECT_LT(half.requests.size(), 180U);
}

// Powers of a profile hold where the scenario says none; what streams have on a node must agree.
TEST_F(EnergyTest, ProfilesTellPowers)
{
    const std::filesystem::path shipped = PORTEND_SOURCE_DIR "/profiles/digits-cnn";
    const auto write = [&](const std::string& name, const Json& power) {
        const std::filesystem::path folder = m_folder / name;
        std::filesystem::create_directories(folder);
        for (const auto* file : {"model.json", "exits.csv", "exits-test.csv"})
        {
            std::filesystem::copy_file(shipped / file,
                                       folder / file,
                                       std::filesystem::copy_options::overwrite_existing);
        }
        auto device = Json::parse(std::ifstream(shipped / "epyc-1core.json"));
        device["power_w"] = power;
        m_folder.Write(name + "/epyc-1core.json", device.dump());
    };
    write("own", {{"idle", 1}, {"computing", 5}});
    auto json = Json::parse(R"({
      "schema_version": 2, "profile": "./own",
      "nodes": [{"name": "camera", "device": "epyc-1core", "battery": "1kJ"},
                {"name": "edge", "device": "epyc-1core", "power": "2W:9W:3W"}],
      "links": [{"between": ["camera", "edge"], "bandwidth": "10Mbps", "delay": "2ms"}],
      "streams": [{"name": "all", "tiers": ["camera", "edge"], "samples": 20,
                   "deployment": "0:1-2,1:3-3@0.4", "arrival": "periodic:50ms"}]})");
    const auto profiled = Simulate(json);
    json["nodes"][0]["power"] = "1W:5W:5W";
    const auto said = Simulate(json);
    ASSERT_EQ(profiled.requests.size(), 20U);
    EXPECT_EQ(profiled.requests, said.requests);
    EXPECT_GT(profiled.Sum(PortendLedger::COMPUTATION), 0);
    EXPECT_EQ(profiled.result.nodes[0].energy.battery->leftJ,
              said.result.nodes[0].energy.battery->leftJ);

    json["nodes"][0].erase("power");
    write("other", {{"idle", 1}, {"computing", 6}, {"serializing", 2}});
    json["streams"].push_back(json["streams"][0]);
    json["streams"][1]["name"] = "more";
    json["streams"][1]["profile"] = "./other";
    const auto file = m_folder.Write("world.json", json.dump());
    EXPECT_THROW(PortendWorldSetup{PortendWorld::Load(PortendScenarioFile(file))},
                 portend::InputError);
    write("other", {{"idle", 1}, {"computing", 0.5}});
    EXPECT_THROW(PortendWorldSetup{PortendWorld::Load(PortendScenarioFile(file))},
                 portend::InputError);
}

TEST_F(EnergyTest, WhatCannotBeIsRefused)
{
    const auto expect = [this](const Json& json, const std::string& part) {
        const auto file = m_folder.Write("world.json", json.dump());
        try
        {
            PortendWorldSetup{PortendWorld::Load(PortendScenarioFile(file))};
            ADD_FAILURE() << part;
        }
        catch (const portend::InputError& error)
        {
            const auto words = error.GetWhere() + " " + error.what();
            EXPECT_NE(words.find(part), std::string::npos) << words;
        }
    };
    const auto with = [](const char* list, std::size_t index, const char* key, const Json& value) {
        auto json = MakeWays();
        json[list][index][key] = value;
        return json;
    };
    expect(with("nodes", 0, "power", "3W:2W"), "/nodes/0/power/computing");
    expect(with("nodes", 0, "power", {{"idle", "3W"}, {"serializing", "2W"}}),
           "no less than when idle, 3W");
    expect(with("nodes", 0, "power", "-3W"), "/nodes/0/power");
    expect(with("nodes", 0, "power", {{"idel", "3W"}}), "did you mean 'idle'");
    expect(with("nodes", 0, "power", "1W:2W:3W:4W"), "IDLE:COMPUTING:SERIALIZING");
    expect(with("nodes", 0, "power", {{"idle", "1W:2W"}}), "/nodes/0/power/idle");
    expect(with("nodes", 0, "battery", "0J"), "/nodes/0/battery");
    expect(with("nodes", 0, "battery", "5"), "/nodes/0/battery");
    expect(with("nodes", 0, "battery", "ns3::NoSuchSource"), "there is no 'ns3::NoSuchSource'");
    expect(with("nodes", 0, "harvester", "ns3::BasicEnergyHarvester"), "there is no battery");
    expect(with("links", 1, "energy", "5nJ/byte"), "/links/1/energy/sending");
    expect(with("links", 1, "energy", {{"up", "5W"}}), "/links/1/energy");
    auto json = with("nodes", 0, "battery", "5J");
    json["nodes"][0]["failures"] = "1s-2s";
    expect(json, "where a battery may be empty");
    json = with("nodes", 0, "battery", "5J");
    json["network"] = "trains";
    expect(json, "radios draw from batteries");
    json = with("nodes", 0, "battery", "5J");
    json["nodes"][0].erase("power");
    json["links"][0].erase("energy");
    expect(json, "nothing draws from it");
}

// Texts, objects and paths say the same, and what is written is read back.
TEST_F(EnergyTest, PartsAreReadAndWritten)
{
    auto json = MakeWays();
    json["nodes"][0]["power"] = "0.5W:3W:2W";
    const auto file = m_folder.Write("world.json", json.dump());
    const auto world = PortendWorld::Load(PortendScenarioFile(file),
                                          {"nodes/phone/power/computing=5W",
                                           "links/phone-station/energy/up/sending=2W",
                                           "links/station-cloud/energy/receiving=9nJ/bit"});
    const auto written = Json::parse(world.ToJson());
    EXPECT_EQ(written["nodes"][0]["power"],
              Json::parse(R"({"idle": "0.5W", "computing": "5W", "serializing": "2W"})"));
    EXPECT_EQ(written["nodes"][1]["power"], Json::parse(R"({"idle": "10W", "computing": "60W"})"));
    EXPECT_EQ(written["links"][0]["energy"]["up"],
              Json::parse(R"({"sending": "2W", "receiving": "300mW"})"));
    EXPECT_EQ(written["links"][1]["energy"],
              Json::parse(R"({"sending": "5nJ/bit", "receiving": "9nJ/bit"})"));
    const auto again = m_folder.Write("again.json", written.dump());
    EXPECT_EQ(PortendWorld::Load(PortendScenarioFile(again)).ToJson(), world.ToJson());
}
