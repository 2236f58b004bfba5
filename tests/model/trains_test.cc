/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Trains carry messages as ns-3's packets do: every entry of every ledger is equal, to the
// nanosecond, and so are the order of completions and what went over the links.

#include "bad_input.h"
#include "simulator_test.h"

#include "ns3/portend-ledger.h"
#include "ns3/portend-scenario-file.h"
#include "ns3/portend-simulation.h"
#include "ns3/portend-world-setup.h"
#include "ns3/portend-world.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>
#include <string>
#include <vector>

using namespace ns3;

using Json = nlohmann::ordered_json;

namespace
{

/// Blocks of the models that scenarios have.
constexpr uint32_t BLOCKS = 4;

/**
 * @brief Read a number that the environment may have.
 * @param name of the variable
 * @param otherwise what it is without
 * @return the number
 */
uint64_t
GetVariable(const char* name, uint64_t otherwise)
{
    const char* text = std::getenv(name);
    return text ? std::stoull(text) : otherwise;
}

/// Draws scenarios.
class Maker
{
  public:
    /**
     * @brief Constructor.
     * @param seed the same seed draws the same scenario
     * @param folder gets the files that it needs
     */
    Maker(uint64_t seed, TemporaryFolder& folder)
        : m_random(seed),
          m_isInPhase(seed % 3 == 0),
          m_folder(folder)
    {
    }

    /// @return a scenario over TCP, in which links and queues lose nothing
    Json MakeTcp()
    {
        auto json = Make();
        json.erase("loss");
        json.erase("queue");
        json["transport"] = "tcp";
        json["tcp_warm"] = Chance(0.7);
        json["tcp_restart"] = Chance(0.5);
        if (Chance(0.3))
        {
            json["tcp_segment"] = std::to_string(Draw(16, 9500)) + "B";
        }
        if (Chance(0.2))
        {
            json["tcp_buffer"] = std::to_string(DrawSize(20000, 1e6)) + "B";
        }
        if (Chance(0.3))
        {
            json["tcp_variant"] = Choose<std::string>({"TcpLinuxReno",
                                                       "TcpNewReno",
                                                       "TcpBic",
                                                       "TcpHtcp",
                                                       "TcpHybla",
                                                       "TcpIllinois",
                                                       "TcpHighSpeed",
                                                       "TcpScalable",
                                                       "TcpVegas",
                                                       "TcpVeno",
                                                       "TcpYeah"});
        }
        return json;
    }

    /// @return a scenario, in which links change: bandwidths, perhaps to 0, delays, loss, outages
    Json MakeChanging(bool mayLose)
    {
        auto json = mayLose ? Make() : MakeTcp();
        for (auto& link : json["links"])
        {
            if (!Chance(0.7))
            {
                continue;
            }
            const auto& bandwidth = link["bandwidth"];
            const auto text = bandwidth.is_string() ? bandwidth : bandwidth["up"];
            const auto name = link["name"].get<std::string>() + ".csv";
            m_folder.Write(name, MakeTrace(std::stod(text.get<std::string>()), mayLose));
            link["trace"] = name;
            link["trace_end"] = Chance(0.5) ? "loop" : "hold";
            link["trace_offset"] = std::to_string(Draw(0, 3000)) + "ms";
            if (mayLose && Chance(0.3))
            {
                link["failures"] = Chance(0.5) ? "100ms-140ms,2s-2.5s" : "exponential:2s:100ms";
            }
        }
        return json;
    }

    /// @return a scenario
    Json Make()
    {
        const auto nodes = Draw(2, 12);
        Json json{{"schema_version", 2}, {"nodes", Json::array()}};
        for (uint32_t i = 0; i < nodes; ++i)
        {
            Json node{{"name", "n" + std::to_string(i)}, {"device", "board"}};
            if (Chance(0.2))
            {
                node["servers"] = 2;
            }
            if (!m_isInPhase)
            {
                node["compute_factor"] = Draw(1, 8) / 4.0;
            }
            json["nodes"].push_back(node);
        }
        json["links"] = MakeLinks(nodes);
        const auto largest = MakeProfile();
        json["profile"] = m_folder.GetPath();
        json["mtu_bytes"] = DrawMtu();
        json["compute"] = m_isInPhase ? "mean" : "empirical";
        if (Chance(0.3))
        {
            json["loss"] = std::pow(10, -1.0 - Draw(0, 2000) / 1000.0);
        }
        if (Chance(0.5)) // what a message takes at the smallest MTU, and more
        {
            const auto message = (largest + 1000) * 1.2 + 200;
            json["queue"] =
                std::to_string(static_cast<uint64_t>(message * Draw(100, 150) / 100)) + "B";
        }
        json["seed"] = Draw(1, 1000000);
        json["streams"] = Json::array();
        const auto streams = largest > 1000000 ? Draw(1, 2) : Draw(1, 6);
        for (uint32_t i = 0; i < streams; ++i)
        {
            json["streams"].push_back(MakeStream(i, nodes));
        }
        SetLoad(json);
        return json;
    }

  private:
    /// @return a whole number, from low to high
    uint32_t Draw(uint32_t low, uint32_t high)
    {
        return std::uniform_int_distribution<uint32_t>(low, high)(m_random);
    }

    /// @return whether something is so that is with a probability
    bool Chance(double probability)
    {
        return std::bernoulli_distribution(probability)(m_random);
    }

    /// @return one of some things
    template <typename T>
    T Choose(const std::vector<T>& things)
    {
        return things[Draw(0, things.size() - 1)];
    }

    /// @return a size between two, small ones as often as large ones
    uint64_t DrawSize(double low, double high)
    {
        return std::llround(std::exp(
            std::uniform_real_distribution<double>(std::log(low), std::log(high))(m_random)));
    }

    /// @return an MTU
    uint32_t DrawMtu()
    {
        return m_isInPhase || Chance(0.5) ? Choose<uint32_t>({576, 1500, 9000}) : Draw(576, 9000);
    }

    /// @return a direction's bandwidth
    std::string DrawBandwidth()
    {
        return m_isInPhase ? "10Mbps" : std::to_string(DrawSize(1e6, 1e9)) + "bps";
    }

    /// @return a direction's delay
    std::string DrawDelay()
    {
        return m_isInPhase ? "1ms" : std::to_string(DrawSize(1, 5e7)) + "ns";
    }

    /// @return a table of steps around a bandwidth
    std::string MakeTrace(double bandwidth, bool mayLose)
    {
        const bool hasDelay = Chance(0.5);
        const bool hasLoss = mayLose && Chance(0.3);
        std::string table = std::string("time_s,bandwidth_bps") + (hasDelay ? ",delay_ms" : "") +
                            (hasLoss ? ",loss" : "") + "\n";
        const auto steps = Draw(1, 30);
        double time = 0;
        for (uint32_t step = 0; step < steps; ++step)
        {
            // TCP sends again what is held up for long.
            const bool isHeld = step > 0 && step + 1 < steps && Chance(0.1);
            table += std::to_string(time) + "," +
                     (isHeld ? "0" : std::to_string(bandwidth * Draw(50, 200) / 100)) +
                     (hasDelay ? "," + std::to_string(Draw(0, 50) * 0.37) : "") +
                     (hasLoss ? "," + std::to_string(Draw(0, 100) * 1e-3) : "") + "\n";
            time += (isHeld ? Draw(1, 80) : Draw(1, 1500)) * 1e-3;
        }
        return table;
    }

    /// @return links that join all nodes, and some more
    Json MakeLinks(uint32_t nodes)
    {
        const bool isMixed = Chance(0.6);
        auto links = Json::array();
        const auto add = [&](uint32_t from, uint32_t to) {
            Json link{{"between", {"n" + std::to_string(from), "n" + std::to_string(to)}},
                      {"name", "l" + std::to_string(links.size())}};
            if (Chance(0.5))
            {
                link["bandwidth"] = DrawBandwidth();
                link["delay"] = DrawDelay();
            }
            else
            {
                link["bandwidth"] = {{"up", DrawBandwidth()}, {"down", DrawBandwidth()}};
                link["delay"] = {{"up", DrawDelay()}, {"down", DrawDelay()}};
            }
            if (isMixed && Chance(0.7))
            {
                link["mtu_bytes"] = DrawMtu();
            }
            links.push_back(link);
        };
        // Many on one, or any tree.
        const bool isStar = m_isInPhase || Chance(0.3);
        for (uint32_t node = 1; node < nodes; ++node)
        {
            add(node, isStar ? 0 : Draw(0, node - 1));
        }
        for (uint32_t more = Draw(0, nodes / 2); more > 0 && nodes > 2; --more)
        {
            const auto from = Draw(0, nodes - 1);
            add(from, (from + Draw(1, nodes - 1)) % nodes);
        }
        return links;
    }

    /// Writes model and device. @return size of the largest tensor
    uint64_t MakeProfile()
    {
        // Most messages have many packets, some are huge, and some tiny.
        const double most = Choose<double>({2000, 100000, 100000, 5e6});
        Json model{{"schema_version", 2},
                   {"profile", "any"},
                   {"blocks", BLOCKS},
                   {"tensor_bytes", Json::array()},
                   {"result_bytes", DrawSize(1, 3000)},
                   {"thresholds", {0, 0.5}}};
        Json device{{"schema_version", 2},
                    {"profile", "any"},
                    {"device", "board"},
                    {"block_compute_ms", Json::array()},
                    {"branch_compute_ms", Json::array()},
                    {"serialize_ms", Json::array()},
                    {"deserialize_ms", Json::array()}};
        uint64_t largest = 3000;
        Json rates = Json::array();
        Json rights = Json::array();
        Json accuracies = Json::array();
        for (uint32_t block = 1; block <= BLOCKS; ++block)
        {
            const auto bytes = DrawSize(1, most);
            largest = std::max(largest, bytes);
            m_largest = largest;
            model["tensor_bytes"].push_back(bytes);
            const auto time = [&]() {
                return m_isInPhase ? Draw(0, 4) * 0.5 : Draw(1, 3000000) * 1e-6;
            };
            device["block_compute_ms"].push_back({time(), time(), time()});
            device["branch_compute_ms"].push_back({0.0, 0.0, 0.0});
            device["serialize_ms"].push_back(time());
            device["deserialize_ms"].push_back(time());
            const double rate = block == BLOCKS ? 1 : 0.2 * block;
            rates.push_back({block == BLOCKS ? 1.0 : 0.0, rate});
            rights.push_back({block == BLOCKS ? 0.9 : 0.0, 0.9 * rate});
            accuracies.push_back(0.9);
        }
        model["validation"] = {{"exit_rates", rates},
                               {"correct_rates", rights},
                               {"accuracy", accuracies}};
        m_folder.Write("model.json", model.dump());
        m_folder.Write("board.json", device.dump());
        return largest;
    }

    /// @return a stream on some of the nodes
    Json MakeStream(uint32_t index, uint32_t nodes)
    {
        std::vector<uint32_t> places(nodes);
        std::iota(places.begin(), places.end(), 0);
        std::shuffle(places.begin(), places.end(), m_random);
        const auto count = std::min<uint32_t>(Draw(1, 3), nodes);
        Json stream{{"name", "s" + std::to_string(index)}, {"tiers", Json::array()}};
        for (uint32_t i = 0; i < count; ++i)
        {
            stream["tiers"].push_back("n" + std::to_string(places[i]));
        }
        if (m_isInPhase && count > 1) // all send to the middle, or through it to the last
        {
            const bool isThrough = nodes > 2 && m_largest % 2 == 0;
            const auto own = 1 + index % (isThrough ? nodes - 2 : nodes - 1);
            stream["tiers"] = {"n" + std::to_string(own),
                               "n" + std::to_string(isThrough ? nodes - 1 : 0)};
        }
        const uint32_t tiers = stream["tiers"].size();
        // Partitions on some of the tiers, at random cuts.
        std::vector<uint32_t> order(tiers);
        std::iota(order.begin(), order.end(), 0);
        if (!m_isInPhase)
        {
            std::shuffle(order.begin(), order.end(), m_random);
        }
        const auto partitions = m_isInPhase ? tiers : Draw(1, tiers);
        std::string deployment;
        uint32_t first = 1;
        for (uint32_t k = 0; k < partitions; ++k)
        {
            const auto last = k + 1 == partitions ? BLOCKS
                              : m_isInPhase       ? first
                                                  : Draw(first, BLOCKS - (partitions - k - 1));
            deployment += (k > 0 ? "," : "") + std::to_string(order[k]) + ":" +
                          std::to_string(first) + "-" + std::to_string(last);
            first = last + 1;
        }
        stream["deployment"] = deployment + "@" + Choose<std::string>({"0", "0.5"});
        if (!m_isInPhase)
        {
            stream["source"] = Draw(0, tiers - 1);
            stream["destination"] = Draw(0, tiers - 1);
        }
        const auto packets = m_largest / 500 + 10;
        stream["samples"] = std::clamp<uint64_t>(4000 / packets, 2, 40);
        stream["arrival"] = "poisson:1"; // until the load is known
        return stream;
    }

    /// Lets requests arise so that the station with most work has a load.
    void SetLoad(Json& json)
    {
        const double load = Draw(10, 95) / 100.0;
        const auto file = m_folder.Write("unit.json", json.dump());
        const PortendWorldSetup setup(PortendWorld::Load(PortendScenarioFile(file), {}));
        double most = 0;
        const auto network = setup.GetNetwork();
        for (const auto& station : network.GetStations())
        {
            most = std::max(most, station.GetUtilization());
        }
        const double rate = most > 0 ? load / most : 1;
        const auto number = [](double value) {
            char text[64];
            std::snprintf(text, sizeof(text), "%.6f", value);
            return std::string(text);
        };
        const auto period = std::to_string(std::llround(1e9 / rate)) + "ns";
        // In phase, periods are equal and round.
        const auto round = std::to_string(std::llround(1e3 / rate) + 1) + "ms";
        json["max_time"] = number(100 / rate) + "s"; // what waits for ever ends
        for (auto& stream : json["streams"])
        {
            const auto kind = m_isInPhase ? Draw(0, 1) : Draw(0, 3);
            stream["arrival"] = kind == 0   ? "periodic:" + (m_isInPhase ? round : period)
                                : kind == 1 ? "closed"
                                : kind == 2
                                    ? "poisson:" + number(rate)
                                    : "bursty:" + number(rate * 3) + ":" + number(10 / rate) +
                                          "s:" + number(20 / rate) + "s";
        }
    }

    std::mt19937_64 m_random;  //!< draws
    bool m_isInPhase;          //!< whether everything happens at the same time everywhere
    TemporaryFolder& m_folder; //!< for files
    uint64_t m_largest{0};     //!< size of the largest tensor
};

class TrainsTest : public SimulatorTest
{
  protected:
    /// What happened, in its order, and what was counted, in a comparable form.
    struct Outcome
    {
        std::vector<std::vector<int64_t>> requests; ///< by completion
        std::vector<std::vector<int64_t>> links;    ///< what went over each direction
        std::vector<double> nodes;                  ///< how much they were used
        std::vector<int64_t> counts;                ///< of each stream, and the end
    };

    /// @return what happens in a scenario
    Outcome Simulate(Json json, const std::string& network)
    {
        json["network"] = network;
        const PortendWorldSetup setup(
            PortendWorld::Load(PortendScenarioFile(m_folder.Write("world.json", json.dump())), {}));
        PortendSimulation simulation(setup);
        Outcome outcome;
        simulation.SetRequestSink([&](const PortendRequest& request) {
            std::vector<int64_t> entries{request.stream,
                                         request.member,
                                         static_cast<int64_t>(request.id),
                                         request.exitPartition,
                                         request.generated.GetNanoSeconds(),
                                         request.completed.GetNanoSeconds()};
            for (const auto& stage : request.ledger.GetStages())
            {
                for (const auto& entry : stage)
                {
                    entries.push_back(entry.GetNanoSeconds());
                }
            }
            for (const auto& part : request.ledger.GetExcess())
            {
                entries.push_back(part.GetNanoSeconds());
            }
            m_resent += request.ledger.GetExcess()[PortendLedger::RETRANSMISSION].GetNanoSeconds();
            outcome.requests.push_back(entries);
        });
        const auto result = simulation.RunAll();
        for (const auto& link : result.links)
        {
            for (const auto& way : link)
            {
                std::vector<int64_t> counts;
                for (const auto count : {way.sentBytes,
                                         way.receivedBytes,
                                         way.droppedBytes,
                                         way.droppedPackets,
                                         way.damagedBytes,
                                         way.damagedPackets,
                                         way.savedBytes})
                {
                    counts.push_back(static_cast<int64_t>(count));
                }
                m_dropped += counts[3];
                m_damaged += counts[5];
                outcome.links.push_back(counts);
            }
        }
        for (const auto& node : result.nodes)
        {
            outcome.nodes.push_back(node.utilization);
            outcome.nodes.push_back(node.waiting);
        }
        for (const auto& stream : result.streams)
        {
            outcome.counts.push_back(static_cast<int64_t>(stream.generated));
            outcome.counts.push_back(static_cast<int64_t>(stream.completed));
        }
        outcome.counts.push_back(result.simulated.GetNanoSeconds());
        return outcome;
    }

    /// Requires that both networks give the same. @return whether they do
    bool ExpectEqual(const Json& json)
    {
        return ExpectSame(Simulate(json, "trains"), Simulate(json, "packets"));
    }

    /// Requires that trains did the same as packets. @return whether they did
    bool ExpectSame(const Outcome& trains, const Outcome& packets)
    {
        EXPECT_EQ(trains.counts, packets.counts);
        EXPECT_EQ(trains.requests.size(), packets.requests.size());
        const auto [a, b] = std::mismatch(trains.requests.begin(),
                                          trains.requests.end(),
                                          packets.requests.begin(),
                                          packets.requests.end());
        if (a != trains.requests.end() && b != packets.requests.end())
        {
            EXPECT_EQ(*a, *b) << "request " << a - trains.requests.begin();
        }
        EXPECT_EQ(trains.links, packets.links);
        EXPECT_EQ(trains.nodes, packets.nodes);
        m_requests += packets.requests.size();
        return !HasFailure();
    }

    /**
     * @brief Require that scenarios over TCP are equal, or that trains refuse them.
     * @param seed of the first
     * @param count how many
     * @param make makes that of a seed
     * @return how many are refused
     */
    template <typename F>
    uint64_t CompareTcp(uint64_t seed, uint64_t count, F make)
    {
        uint64_t refused = 0;
        for (auto i = seed; i < seed + count; ++i)
        {
            SCOPED_TRACE("PORTEND_TRAINS_SEED=" + std::to_string(i));
            const auto json = make(i);
            m_resent = 0;
            const auto packets = Simulate(json, "packets");
            try
            {
                if (m_resent == 0)
                {
                    ExpectSame(Simulate(json, "trains"), packets);
                }
                else
                {
                    Simulate(json, "trains");
                    ADD_FAILURE() << "trains did not see that " << m_resent
                                  << " ns were for sending again";
                }
            }
            catch (const portend::InputError& error)
            {
                EXPECT_EQ(error.GetWhere(), "--network") << error.what();
                ++refused;
            }
            if (HasFailure())
            {
                std::cout << "seed " << i << ": " << json.dump(1) << "\n";
                break;
            }
        }
        return refused;
    }

    TemporaryFolder m_folder; ///< for files
    uint64_t m_requests{0};   ///< compared
    uint64_t m_dropped{0};    ///< packets that queues refused
    uint64_t m_damaged{0};    ///< packets that links lost
    int64_t m_resent{0};      ///< time that sending again took, ns
};

} // namespace

// Trains send nothing again; auto takes them where they are always as packets are.
TEST_F(TrainsTest, WhatTheyCannotIsRefused)
{
    PortendScenario scenario;
    scenario.network = "auto";
    EXPECT_TRUE(PortendSetup(scenario).traits.usesTrains);
    scenario.transport = "tcp";
    EXPECT_FALSE(PortendSetup(scenario).traits.usesTrains);
    scenario.network = "trains";
    EXPECT_TRUE(PortendSetup(scenario).traits.usesTrains);
    const auto expectRefusal = [&](const std::string& part) {
        ExpectInputError([&] { PortendSetup{scenario}; }, "/network", {"trains", "packets", part});
    };
    scenario.loss = 0.01;
    expectRefusal("lose");
    scenario.loss = 0;
    scenario.links[1].loss = 0.01;
    expectRefusal("lose");
    scenario.links[1].loss = 0;
    scenario.queue = "100kB";
    expectRefusal("--queue");
    scenario.queue = "auto";
    scenario.tcpVariant = "TcpBbr";
    expectRefusal("TcpBbr");
}

// Behind other connections' queues ns-3's timer fires without any loss: trains say so.
TEST_F(TrainsTest, LateAcknowledgmentsAreRefused)
{
    PortendScenario scenario;
    scenario.profile = "efficientnetb0-imagenet";
    scenario.deployment = "1:1-2,0:3-4,2:5-8@0";
    scenario.links[0].bandwidth = "5Mbps";
    scenario.mtuBytes = 1500;
    scenario.transport = "tcp";
    scenario.arrival = "poisson:0.3";
    scenario.network = "trains";
    const PortendSetup setup(scenario);
    ExpectInputError([&] { PortendSimulation(setup).Run(); },
                     "--network",
                     {"late", "allowed: packets"});
    // The next simulation of the process is none the worse for it.
    scenario.arrival = "closed";
    scenario.samples = 3;
    EXPECT_EQ(PortendSimulation(PortendSetup(scenario)).Run().completed, 3U);
}

// Packets are the default, which files do not name.
TEST_F(TrainsTest, PacketsAreTheDefault)
{
    PortendScenario scenario;
    EXPECT_FALSE(PortendSetup(scenario).traits.usesTrains);
    EXPECT_EQ(scenario.ToJson().find("network\""), std::string::npos);
    const auto file = m_folder.Write("packets.json", [&] {
        auto json = Json::parse(scenario.ToJson());
        json["network"] = "packets";
        return json.dump();
    }());
    PortendScenario read;
    read.LoadFile(file);
    EXPECT_EQ(read.network, "");
    EXPECT_EQ(read.ToJson(), scenario.ToJson());
}

// Six devices in step, and a link that takes a third of what they send: both refuse the same
// packets, and pieces of packets, and give up the same 30 s after the first of them.
TEST_F(TrainsTest, FullQueuesRefuseTheSame)
{
    auto json = Json::parse(R"({
      "schema_version": 2, "mtu_bytes": 1500, "queue": "20000B", "profile": "resnet110-cifar10",
      "nodes": [{"name": "camera", "count": 6, "device": "a1.medium"}, {"name": "hub"},
                {"name": "cloud", "device": "g4dn.xlarge"}],
      "links": [{"between": ["camera", "hub"], "bandwidth": "10Mbps", "delay": "1ms"},
                {"between": ["hub", "cloud"], "bandwidth": "10Mbps", "delay": "1ms"}],
      "streams": [{"name": "all", "tiers": ["camera", "cloud"], "deployment": "1:1-55@0",
                   "arrival": "periodic:20ms", "phase": "0ms", "samples": 20, "after": "stop"}]
    })");
    ExpectEqual(json);
    EXPECT_GT(m_dropped, 0U);
    json["links"][1]["mtu_bytes"] = 576;
    json["loss"] = 0.01;
    const auto dropped = m_dropped;
    ExpectEqual(json);
    EXPECT_GT(m_dropped, dropped);
    EXPECT_GT(m_damaged, 0U);
}

// Random scenarios: graphs of 2 to 12 nodes, 1 to 6 streams, loads of 0.1 to 0.95 and closed, MTUs
// from 576 to 9000, sizes from 1 B to 5 MB, loss, full queues, bursts; a third of them with
// identical links and devices in phase. PORTEND_TRAINS_SCENARIOS=1000 tries so many,
// PORTEND_TRAINS_SEED the first of their seeds.
TEST_F(TrainsTest, RandomScenariosAreEqual)
{
    const auto seed = GetVariable("PORTEND_TRAINS_SEED", 1);
    const auto count = GetVariable("PORTEND_TRAINS_SCENARIOS", 30);
    for (auto i = seed; i < seed + count; ++i)
    {
        SCOPED_TRACE("PORTEND_TRAINS_SEED=" + std::to_string(i));
        const auto json = Maker(i, m_folder).Make();
        if (!ExpectEqual(json))
        {
            std::cout << "seed " << i << ": " << json.dump(1) << "\n";
            break;
        }
    }
    std::cout << count << " scenarios, seeds from " << seed << ": " << m_requests << " requests, "
              << m_dropped / 2 << " packets refused by queues, " << m_damaged / 2 << " lost\n";
    EXPECT_GT(m_requests, 0U);
}

// The same over TCP: messages meet and share links with acknowledgments, connections are cold or
// warm, restart after idle, or keep their windows; segments, buffers and variants differ. Scenarios
// in which packets send something again are counted and refused by trains, and the others are
// equal, to the nanosecond.
TEST_F(TrainsTest, RandomTcpScenariosAreEqual)
{
    const auto seed = GetVariable("PORTEND_TRAINS_SEED", 1);
    const auto count = GetVariable("PORTEND_TRAINS_SCENARIOS", 30);
    const auto refused =
        CompareTcp(seed, count, [this](uint64_t i) { return Maker(i, m_folder).MakeTcp(); });
    std::cout << count << " scenarios over TCP, seeds from " << seed << ": " << m_requests
              << " requests; " << refused << " refused, where acknowledgments are late\n";
    EXPECT_LT(2 * refused, count);
}

// A message that is alone takes what its ledger says, whatever links do meanwhile: 0 ns of excess.
TEST_F(TrainsTest, IdlePathsHaveNoExcessWhateverChanges)
{
    for (uint64_t seed = 1; seed <= 40; ++seed)
    {
        SCOPED_TRACE(seed);
        auto json = Maker(seed, m_folder).MakeChanging(false);
        json["transport"] = "udp";
        auto stream = json["streams"][0];
        stream["arrival"] = "closed";
        json["streams"] = Json::array({stream});
        for (const auto* network : {"packets", "trains"})
        {
            json["network"] = network;
            const auto file = m_folder.Write("alone.json", json.dump());
            const PortendWorldSetup setup(PortendWorld::Load(PortendScenarioFile(file), {}));
            PortendSimulation simulation(setup);
            simulation.SetRequestSink([&](const PortendRequest& request) {
                for (const auto& stage : request.ledger.GetStages())
                {
                    EXPECT_EQ(stage[PortendLedger::NETWORK_EXCESS], Time());
                    EXPECT_GE(stage[PortendLedger::PROPAGATION], Time());
                    EXPECT_GE(stage[PortendLedger::TRANSMISSION], Time());
                }
                ++m_requests;
            });
            simulation.RunAll();
        }
    }
    EXPECT_GT(m_requests, 500U);
}

// The same where links change: packets take the bandwidth and the delay of when they begin, wait
// where it is 0, do not overtake, and are lost where a link is down.
TEST_F(TrainsTest, RandomChangingScenariosAreEqual)
{
    const auto seed = GetVariable("PORTEND_TRAINS_SEED", 1);
    const auto count = GetVariable("PORTEND_TRAINS_SCENARIOS", 30);
    for (auto i = seed; i < seed + count; ++i)
    {
        SCOPED_TRACE("PORTEND_TRAINS_SEED=" + std::to_string(i));
        const auto json = Maker(i, m_folder).MakeChanging(true);
        if (!ExpectEqual(json))
        {
            std::cout << "seed " << i << ": " << json.dump(1) << "\n";
            break;
        }
    }
    std::cout << count << " scenarios with links that change, seeds from " << seed << ": "
              << m_requests << " requests, " << m_dropped / 2 << " packets refused by queues, "
              << m_damaged / 2 << " lost\n";
    EXPECT_GT(m_damaged, 0U);
}

// The same over TCP, where nothing is lost.
TEST_F(TrainsTest, RandomChangingTcpScenariosAreEqual)
{
    const auto seed = GetVariable("PORTEND_TRAINS_SEED", 1);
    const auto count = GetVariable("PORTEND_TRAINS_SCENARIOS", 30);
    const auto refused = CompareTcp(seed, count, [this](uint64_t i) {
        return Maker(i, m_folder).MakeChanging(false);
    });
    std::cout << count << " scenarios over TCP with links that change, seeds from " << seed << ": "
              << m_requests << " requests; " << refused
              << " refused, where acknowledgments are late\n";
    EXPECT_LT(2 * refused, count);
}

// A listening socket answers a SYN behind the acknowledgments that arrive in the same nanosecond.
// Here these let ten segments go, because a delay has shrunk and nothing overtakes.
TEST_F(TrainsTest, SynIsAnsweredBehindWhatArrivesWithIt)
{
    CompareTcp(10186, 1, [this](uint64_t i) { return Maker(i, m_folder).MakeChanging(false); });
    EXPECT_EQ(m_requests, 108U);
}
