/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Links that change: what they offer when, how packets pass, and files that say so.

#include "bad_input.h"
#include "simulator_test.h"

#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/net-device-container.h"
#include "ns3/node-container.h"
#include "ns3/packet.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/point-to-point-net-device.h"
#include "ns3/pointer.h"
#include "ns3/portend-failures.h"
#include "ns3/portend-link-course.h"
#include "ns3/portend-link-process.h"
#include "ns3/portend-link-traces.h"
#include "ns3/portend-scenario-file.h"
#include "ns3/portend-simulation.h"
#include "ns3/portend-world-setup.h"
#include "ns3/portend-world.h"
#include "ns3/simulator.h"
#include "ns3/string.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <tuple>
#include <vector>

using namespace ns3;

using Json = nlohmann::ordered_json;

namespace
{

/// @return a trace of steps, each (time, Mb/s)
Ptr<PortendLinkTrace>
MakeTrace(const std::vector<std::pair<Time, double>>& steps, bool loops = true, Time offset = {})
{
    auto list = std::make_shared<PortendLinkTrace::Steps>();
    for (const auto& [at, mbps] : steps)
    {
        list->push_back({at, {DataRate(static_cast<uint64_t>(mbps * 1e6))}});
    }
    auto trace = CreateObjectWithAttributes<PortendLinkTrace>("Loop",
                                                              BooleanValue(loops),
                                                              "Offset",
                                                              TimeValue(offset));
    trace->SetSteps(list);
    return trace;
}

/// @return bits per second at a time
uint64_t
GetRate(const Ptr<PortendLinkProcess>& process, Time at)
{
    return process->Get(at).state.rate.GetBitRate();
}

/// @return a course of a process, with a delay of its own
Ptr<PortendLinkCourse>
MakeCourse(const Ptr<PortendLinkProcess>& process, Time delay = {})
{
    return Create<PortendLinkCourse>(DataRate("1Mbps"),
                                     delay,
                                     process,
                                     std::vector<Ptr<PortendFailures>>());
}

class LinkProcessTest : public SimulatorTest
{
  protected:
    /// @return what is seen of a scenario
    PortendNetworkResult Simulate(const Json& json)
    {
        const auto file = m_folder.Write("world.json", json.dump());
        const PortendWorldSetup setup(PortendWorld::Load(PortendScenarioFile(file)));
        return PortendSimulation(setup).RunAll();
    }

    /// @return two nodes, a link, and a stream over it
    static Json MakeWorld()
    {
        return Json::parse(R"({
          "schema_version": 2, "profile": "resnet110-cifar10",
          "nodes": [{"name": "phone", "device": "a1.medium"},
                    {"name": "cloud", "device": "g4dn.xlarge"}],
          "links": [{"between": ["phone", "cloud"], "bandwidth": "10Mbps", "delay": "20ms"}],
          "streams": [{"name": "all", "tiers": ["phone", "cloud"], "deployment": "1:1-55@0",
                       "samples": 200, "arrival": "poisson:5"}]})");
    }

    TemporaryFolder m_folder; ///< for files
};

} // namespace

// What a step says holds until the next; the last ends the trace, or holds.
TEST_F(LinkProcessTest, TracesBeginAgainOrHold)
{
    const std::vector<std::pair<Time, double>> steps{{Seconds(0), 1},
                                                     {Seconds(2), 0},
                                                     {Seconds(3), 7},
                                                     {Seconds(5), 4}};
    const auto loop = MakeTrace(steps);
    const auto hold = MakeTrace(steps, false);
    const auto late = MakeTrace(steps, true, MilliSeconds(12500));
    const std::vector<uint64_t> mbps{1, 1, 0, 7, 7};
    for (const int64_t ms : {4500, 0, 1999, 2000, 2999, 3000, 4999, 5000, 9999, 1000, 12345678})
    {
        SCOPED_TRACE(ms);
        EXPECT_EQ(GetRate(loop, MilliSeconds(ms)), mbps[ms / 1000 % 5] * 1000000);
        EXPECT_EQ(GetRate(hold, MilliSeconds(ms)), ms < 5000 ? mbps[ms / 1000] * 1000000 : 4000000);
        EXPECT_EQ(GetRate(late, MilliSeconds(ms)), mbps[(ms + 12500) / 1000 % 5] * 1000000);
    }
    EXPECT_EQ(loop->Get(MilliSeconds(6500)).until, Seconds(7));
    EXPECT_EQ(late->Get(MilliSeconds(0)).until, MilliSeconds(500));
    EXPECT_EQ(hold->Get(Seconds(6)).until, Time::Max());
    EXPECT_DOUBLE_EQ(loop->Describe().meanBps, (2 * 1 + 1 * 0 + 2 * 7) / 5.0 * 1e6);
    EXPECT_EQ(loop->Describe().highestRate, DataRate("7Mbps"));
    EXPECT_EQ(MakeTrace({{Seconds(0), 3}})->Get(Seconds(99)).until, Time::Max());
}

// As users of ns-3 do it: SetAttribute("DataRate") at each step. Packets arrive at the same ns.
TEST_F(LinkProcessTest, PacketsPassAsThoseOfDevicesWhoseRateIsSet)
{
    std::mt19937_64 random(5);
    std::vector<std::pair<Time, double>> steps;
    Time at;
    for (int i = 0; i < 50; ++i)
    {
        steps.emplace_back(at, 1 + random() % 20);
        at += MicroSeconds(1 + random() % 30000) + NanoSeconds(1); // no packet ends at a step
    }
    NodeContainer nodes(2);
    PointToPointHelper helper;
    helper.SetDeviceAttribute("DataRate", StringValue("1Mbps"));
    helper.SetDeviceAttribute("InterframeGap", TimeValue(Time()));
    helper.SetChannelAttribute("Delay", TimeValue(MilliSeconds(3)));
    helper.SetQueue("ns3::DropTailQueue", "MaxSize", StringValue("100000p"));
    const auto devices = helper.Install(nodes);
    const auto sender = DynamicCast<PointToPointNetDevice>(devices.Get(0));
    for (const auto& [time, mbps] : steps)
    {
        Simulator::Schedule(time,
                            &PointToPointNetDevice::SetDataRate,
                            sender,
                            DataRate(static_cast<uint64_t>(mbps * 1e6)));
    }
    std::vector<Time> found;
    devices.Get(1)->SetReceiveCallback(MakeCallback(+[](std::vector<Time>* times,
                                                        Ptr<NetDevice>,
                                                        Ptr<const Packet>,
                                                        uint16_t,
                                                        const Address&) {
                                           times->push_back(Simulator::Now());
                                           return true;
                                       }).Bind(&found));
    std::vector<Time> expected;
    const auto course = MakeCourse(MakeTrace(steps, false), MilliSeconds(3));
    PortendLinkCourse::Passage last{};
    Time sent;
    for (int i = 0; i < 1000; ++i)
    {
        sent += MicroSeconds(random() % 1500) + NanoSeconds(random() % 1000);
        const uint32_t bytes = 1 + random() % 1400;
        Simulator::Schedule(sent, [=]() {
            sender->Send(Create<Packet>(bytes), devices.Get(1)->GetAddress(), 0x0800);
        });
        last = course->Pass(std::max(sent, last.free), bytes + 2, last.arrives);
        expected.push_back(last.arrives);
    }
    Simulator::Run();
    EXPECT_EQ(found, expected);
}

// A link that is never idle delivers what its trace lets pass, within two packets: the one under
// way, and what those under way at a step gain or lose by its not being theirs.
TEST_F(LinkProcessTest, SaturatedLinksDeliverTheIntegral)
{
    const auto trace = MakeTrace({{Seconds(0), 8},
                                  {Seconds(1), 0.5},
                                  {Seconds(4), 20},
                                  {MilliSeconds(4500), 0},
                                  {Seconds(6), 3},
                                  {Seconds(7), 3}});
    const auto course = MakeCourse(trace);
    const uint32_t bytes = 1500;
    const double integral = 8e6 * 1 + 0.5e6 * 3 + 20e6 * 0.5 + 3e6 * 1;
    PortendLinkCourse::Passage passage{};
    uint64_t packets = 0;
    for (int lap = 1; lap <= 5; ++lap)
    {
        while (passage.free <= Seconds(7 * lap))
        {
            passage = course->Pass(passage.free, bytes, passage.arrives);
            ++packets;
        }
        EXPECT_NEAR(packets * bytes * 8.0, lap * integral, 2 * bytes * 8.0) << lap;
    }
}

// What takes a trace, takes half as long on one that is twice as fast and changes twice as often.
TEST_F(LinkProcessTest, ScaledTracesScaleTransmission)
{
    const auto slow = MakeCourse(MakeTrace({{Seconds(0), 2}, {Seconds(1), 6}, {Seconds(3), 2}}));
    const auto fast =
        MakeCourse(MakeTrace({{Seconds(0), 4}, {MilliSeconds(500), 12}, {MilliSeconds(1500), 4}}));
    PortendLinkCourse::Passage a{};
    PortendLinkCourse::Passage b{};
    for (int i = 0; i < 3000; ++i)
    {
        a = slow->Pass(a.free, 1500, a.arrives);
        b = fast->Pass(b.free, 1500, b.arrives);
        ASSERT_EQ(a.free, b.free * 2) << i;
    }
}

// A delay that falls lets no packet overtake, and a bandwidth of 0 holds it.
TEST_F(LinkProcessTest, PacketsWaitAndDoNotOvertake)
{
    auto steps = std::make_shared<PortendLinkTrace::Steps>();
    steps->push_back({Seconds(0), {DataRate("8Mbps"), MilliSeconds(100)}});
    steps->push_back({MilliSeconds(1), {DataRate("8Mbps"), MilliSeconds(1)}});
    steps->push_back({MilliSeconds(500), {DataRate(0), MilliSeconds(1)}});
    steps->push_back({MilliSeconds(900), {DataRate("80Mbps")}});
    steps->push_back({Seconds(1), {DataRate("80Mbps")}});
    const auto trace = CreateObject<PortendLinkTrace>();
    trace->SetSteps(steps);
    const auto course = MakeCourse(trace, MilliSeconds(7));
    const auto first = course->Pass(Time(), 1000, Time());
    EXPECT_EQ(first.free, MilliSeconds(1));
    EXPECT_EQ(first.arrives, MilliSeconds(101));
    const auto second = course->Pass(MilliSeconds(2), 1000, first.arrives);
    EXPECT_EQ(second.free, MilliSeconds(3));
    EXPECT_EQ(second.arrives, MilliSeconds(101));
    const auto held = course->Pass(MilliSeconds(600), 1000, second.arrives);
    EXPECT_EQ(held.begins, MilliSeconds(900));
    EXPECT_EQ(held.free, MicroSeconds(900100));
    EXPECT_EQ(held.arrives, MicroSeconds(907100)); // the link's own delay, where none is said
}

// States last as long, and bandwidths are as high on average, as the chain's stationary
// distribution says, which is worked out by hand here; it does not matter when one asks.
TEST_F(LinkProcessTest, RandomLinksHaveTheirMean)
{
    const auto make = []() {
        const auto link = CreateObject<PortendMarkovLink>();
        // Of entries into a, b, c: a = c/4 + b, b = a/2 + 3c/4, c = a/2, so 8, 7, 4 of 19.
        link->SetStates({{{DataRate("10Mbps")}, 2, {0, 1, 1}},
                         {{DataRate("1Mbps")}, 0.5, {5, 0, 0}},
                         {{DataRate(0)}, 1, {1, 3, 0}}});
        int64_t stream = 77;
        for (const auto& variable : link->GetRandomVariables())
        {
            variable->SetStream(stream++);
        }
        return link;
    };
    const auto link = make();
    const double mean = (8 * 2 * 10e6 + 7 * 0.5 * 1e6) / (8 * 2 + 7 * 0.5 + 4 * 1);
    EXPECT_NEAR(link->Describe().meanBps, mean, 1e-6);
    double sum = 0;
    const auto end = Seconds(200000);
    for (Time at; at < end;)
    {
        const auto piece = link->Get(at);
        const auto until = std::min(piece.until, end);
        sum += static_cast<double>(piece.state.rate.GetBitRate()) * (until - at).GetSeconds();
        at = until;
    }
    EXPECT_NEAR(sum / end.GetSeconds(), mean, 0.01 * mean);
    const auto other = make();
    std::mt19937_64 random(3);
    for (int i = 0; i < 2000; ++i)
    {
        const auto at = MilliSeconds(random() % 100000000);
        ASSERT_EQ(GetRate(other, at), GetRate(link, at));
    }
}

// One value is a static link, to the byte.
TEST_F(LinkProcessTest, TracesOfOneValueAreStaticLinks)
{
    const auto run = [this](const Json& json) {
        const auto file = m_folder.Write("world.json", json.dump());
        const PortendWorldSetup setup(PortendWorld::Load(PortendScenarioFile(file)));
        std::vector<int64_t> entries;
        PortendSimulation simulation(setup);
        simulation.SetRequestSink([&](const PortendRequest& request) {
            entries.push_back(request.completed.GetNanoSeconds());
            for (const auto& stage : request.ledger.GetStages())
            {
                for (const auto& entry : stage)
                {
                    entries.push_back(entry.GetNanoSeconds());
                }
            }
        });
        simulation.RunAll();
        entries.push_back(std::llround(setup.GetEstimates().front().GetLatencyMs() * 1e6));
        return entries;
    };
    auto json = MakeWorld();
    for (const auto* transport : {"udp", "tcp"})
    {
        json["transport"] = transport;
        json["loss"] = 0.001;
        auto traced = json;
        m_folder.Write("one.csv", "time_s,bandwidth_bps,delay_ms,loss\n5,10e6,20,0.001\n");
        traced["links"][0]["trace"] = "one.csv";
        traced["links"][0].erase("bandwidth");
        EXPECT_EQ(run(json), run(traced));
    }
}

// Requests generated = answered + lost, whatever is down when; TCP sends again what is lost.
TEST_F(LinkProcessTest, LinksThatAreDownLoseAndRecover)
{
    uint64_t lost = 0;
    for (int seed = 1; seed <= 10; ++seed)
    {
        SCOPED_TRACE(seed);
        auto json = MakeWorld();
        json["seed"] = seed;
        json["links"][0]["failures"] = "exponential:3s:200ms";
        const auto udp = Simulate(json);
        const auto& stream = udp.streams.front();
        EXPECT_EQ(stream.generated, 200U);
        EXPECT_LE(stream.completed, stream.generated);
        lost += stream.generated - stream.completed;
        for (const auto& way : udp.links.front())
        {
            EXPECT_EQ(way.sentBytes, way.receivedBytes + way.damagedBytes);
        }
        json["transport"] = "tcp";
        EXPECT_EQ(Simulate(json).streams.front().completed, 200U);
    }
    // Down 200 of 3200 ms: about a sixteenth of all, and what meets its ends.
    EXPECT_GT(lost, 2000 / 16 / 2);
    EXPECT_LT(lost, 2000 / 16 * 4);
}

// What is on the link when it fails is lost, and what comes until it is repaired.
TEST_F(LinkProcessTest, OutagesHaveTheirEnds)
{
    const auto failures = CreateObject<PortendFailures>();
    failures->SetOutages({{Seconds(1), Seconds(2)}, {Seconds(5), Seconds(6)}});
    const PortendLinkCourse constant(DataRate("8Mbps"), MilliSeconds(10), nullptr, {failures});
    const auto isLost = [&](Time ready) {
        return PortendLinkCourse(constant).Pass(ready, 1000, Time()).isLost;
    };
    EXPECT_FALSE(isLost(MilliSeconds(988))); // arrives at 999 ms
    EXPECT_TRUE(isLost(MilliSeconds(990)));
    EXPECT_TRUE(isLost(MilliSeconds(1999)));
    EXPECT_FALSE(isLost(MilliSeconds(2000)));
    EXPECT_TRUE(isLost(MilliSeconds(5500)));
    EXPECT_FALSE(isLost(MilliSeconds(7000)));
}

// Formats are told apart by content; scripts/convert-trace has the same means.
TEST_F(LinkProcessTest, TracesOfOthersAreRead)
{
    PortendLinkTraces traces;
    const auto describe = [&](const std::string& text) {
        const auto file = m_folder.Write("trace" + std::to_string(text.size()), text);
        const auto trace = CreateObject<PortendLinkTrace>();
        trace->SetSteps(traces.GetSteps(file));
        return trace;
    };
    const auto mahimahi = describe("30\n60\n90\n120\n150\n180\n400\n440\n480\n500\n");
    EXPECT_DOUBLE_EQ(mahimahi->Describe().meanBps, 240000);
    EXPECT_EQ(GetRate(mahimahi, MilliSeconds(50)), 360000U);
    EXPECT_EQ(GetRate(mahimahi, MilliSeconds(299)), 0U);
    EXPECT_EQ(GetRate(mahimahi, MilliSeconds(300)), 120000U);
    EXPECT_EQ(GetRate(mahimahi, MilliSeconds(501)), 360000U);
    const auto pensieve = describe("# seconds, Mb/s\n\n10.5\t2.5\n12.5\t0.5\n16.5\t9\n");
    EXPECT_NEAR(pensieve->Describe().meanBps, (2 * 2.5 + 4 * 0.5) / 6 * 1e6, 1e-6);
    const auto expectMean = [&](const std::string& text, double mbps) {
        EXPECT_NEAR(describe(text)->Describe().meanBps, mbps * 1e6, 1) << text;
    };
    // 20 Mb/s for 1 s, 4 Mb/s for 1 s, 0 for 999 ms.
    expectMean("1453121790686 39287 51.03 -3.73 2500000 1000\n"
               "1453121792186 40787 51.03 -3.73 500000 1000\n"
               "1453121793185 41786 51.03 -3.73 0 0999\n",
               24 / 2.999);
    expectMean("1289406399 549692 59.85 10.78 250000 1000\n"
               "1289406401 551692 59.85 10.78 125000 2000\n",
               1);
    const std::string fcc = "unit_id,dtime,fetch_time,bytes_sec_interval,sequence,successes\n";
    // 8 Mb/s for 5 s and 4 Mb/s for 3 s of the earlier test, then 2 Mb/s for 5 s.
    expectMean(fcc + "386,2015-01-31 12:00:00,5000000,250000,0,1\n"
                     "390,2015-01-31 11:00:00,5000000,625000,0,1\n"
                     "386,2015-01-31 10:00:00,5000000,1000000,0,1\n"
                     "386,2015-01-31 10:00:00,8000000,500000,1,1\n"
                     "386,2015-01-31 11:00:00,0,0,0,0\n",
               62 / 13.0);
    // 3 s of 2 Mb/s, 1 s of 0.
    expectMean("Timestamp,State,DL_bitrate,UL_bitrate\n2017.11.22_23.59.58,D,-,100\n"
               "2017.11.22_23.59.59,D,4000,200\n2017.11.22_23.59.59,D,2000,-\n"
               "2017.11.23_00.00.02,I,0,300\n2017.11.23_00.00.03,I,8000,300\n",
               1.5);
    // The first carrier has nothing.
    expectMean("seq_num,A_throughput_mbps,B_throughput_mbps\n0,0,100.5\n1,0.0,200\n5,0,\n6,0,0\n",
               300.5 / 3);
    const auto alpha = describe(R"({"type": "video", "downlink": {}, "uplink": {"trace_pattern": [
          {"duration": 500, "capacity": 0, "loss": 0.5},
          {"duration": 1000, "capacity": 300, "rtt": 81, "jitter": 0},
          {"capacity": 600}, {"duration": 2500, "loss": null}]}})");
    EXPECT_NEAR(alpha->Describe().meanBps, 480000, 1);
    EXPECT_EQ(alpha->Get(Seconds(2)).state.delay, MicroSeconds(40500));
    EXPECT_FALSE(alpha->Get(Time()).state.delay);
    EXPECT_EQ(alpha->Get(Seconds(4)).state.loss, 0.5);
    const auto own = describe("\xEF\xBB\xBF\"time_s\",loss,bandwidth_bps,delay_ms\r\n0,0.5,1e6,\r\n"
                              "1,,3e6,7\r\n1,,4e6,7\r\n2,,4e6,7\r\n");
    EXPECT_EQ(GetRate(own, MilliSeconds(1500)), 4000000U);
    EXPECT_FALSE(own->Get(Time()).state.delay);
    EXPECT_EQ(own->Get(Seconds(1)).state.delay, MilliSeconds(7));
    EXPECT_EQ(own->Get(Time()).state.loss, 0.5);
}

TEST_F(LinkProcessTest, BadTracesAreRefused)
{
    PortendLinkTraces traces;
    int count = 0;
    const auto expect = [&](const std::string& text,
                            const std::string& place,
                            const std::vector<std::string>& parts) {
        SCOPED_TRACE(text);
        const auto file = m_folder.Write("bad" + std::to_string(count++), text);
        ExpectInputError([&] { traces.GetSteps(file); }, file + place, parts);
    };
    expect("", "", {"found nothing", "Mahimahi", "time_s", "scripts/convert-trace"});
    expect("what is this\n", "", {"what is this", "Pensieve"});
    expect("0 1\n1 2\n0.5 2\n", ":3", {"0.5", "from 1 to"});
    expect("0 1\n1 -2\n", ":2", {"-2"});
    expect("0 1\n1 nan\n", ":2", {"nan"});
    expect("0 1\n1\n", ":2", {"two numbers"});
    expect("0 0\n1 0\n", "", {"0 b/s throughout"});
    expect("10\n5\n", ":2", {"5", "from 10 to"});
    expect("1 1 1 1 1 1\n1 1 1 1 -5 1\n", ":2", {"-5"});
    expect("1 1 1 1 1 1\n1 1 1 1 5\n", ":2", {"6 numbers"});
    expect("a_throughput_mbps,seq_num\n1,2\n1,1\n", ":3: seq_num", {"1"});
    expect("Timestamp,DL_bitrate,UL_bitrate\n22.11.2017,1,1\n", ":2: Timestamp", {"22.11.2017"});
    expect("Timestamp,DL_bitrate,UL_bitrate\n2017.11.22_10.07.03,-,-\n", "", {"no row"});
    expect(R"({"uplink": {"trace_pattern": [{"duration": 5}]}})",
           ": /uplink/trace_pattern/0",
           {"capacity"});
    expect(R"({"uplink": {"trace_pattern": [{"duration": -5, "capacity": 1}]}})",
           ": /uplink/trace_pattern/0/duration",
           {"-5"});
    expect("10\n10.5\n", ":2", {"whole number of ms"});
    expect("0\n0\n", "", {"more than 0 ms"});
    expect("time_s,bandwidth_bps\n0,1e6\n-1,2\n", ":3: time_s", {"-1"});
    expect("time_s,bandwidth_bps\n0,1e6\n1,inf\n", ":3: bandwidth_bps", {"inf"});
    expect("time_s,bandwidth_bps,loss\n0,1e6,1.5\n", ":2: loss", {"1.5"});
    const auto expectStates = [&](const std::string& text, const std::string& part) {
        SCOPED_TRACE(text);
        const auto file = m_folder.Write("states" + std::to_string(count++), text);
        try
        {
            traces.GetStates(file);
            ADD_FAILURE() << "accepted";
        }
        catch (const portend::InputError& error)
        {
            EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
        }
    };
    expectStates("state,bandwidth_bps,dwell_s\na,1e6,0\n", "found '0'");
    expectStates("state,bandwidth_bps,dwell_s\na,0,1\n", "0 b/s in every state");
    expectStates("state,bandwidth_bps,dwell_s,a,b\na,1,1,0,1\nb,2,1,0,0\n", "sooner or later");
    expectStates("state,bandwidth_bps,dwell_s,a,b\na,1,1,1,1\nb,2,1,1,0\n", "follows itself");
}

// Dates that nanoseconds cannot hold are refused, and the file is named.
TEST_F(LinkProcessTest, TimesThatWrapAreRefused)
{
    const auto file = m_folder.Write("far.csv",
                                     "Timestamp,DL_bitrate,UL_bitrate\n"
                                     "4034.11.22_10.07.03,1000,20\n");
    ExpectInputError([&] { PortendLinkTraces().GetSteps(file); },
                     file,
                     {"found a time of", "allowed: up to"});
}

TEST_F(LinkProcessTest, BadLinksAreRefused)
{
    const auto expect = [&](const std::string& key,
                            const Json& value,
                            const std::string& where,
                            const std::vector<std::string>& parts) {
        auto json = MakeWorld();
        json["links"][0][key] = value;
        const auto file = m_folder.Write("world.json", json.dump());
        ExpectInputError([&] { PortendWorldSetup{PortendWorld::Load(PortendScenarioFile(file))}; },
                         where.empty() ? "" : file + ": " + where,
                         parts);
    };
    for (const auto* text : {"5s",
                             "5s-4s",
                             "1s-3s,2s-4s",
                             "1s-2s,2s-3s",
                             "exponential:1s",
                             "exponential:0s:1s",
                             "exponential:1s:0s",
                             "sometimes"})
    {
        SCOPED_TRACE(text);
        expect("failures", text, "/links/0/failures", {text, "allowed"});
    }
    expect("trace_end", "stop", "/links/0/trace_end", {"stop", "loop, hold"});
    // What a last row says does not matter where the trace begins again there, and the reverse.
    m_folder.Write("closed.csv", "time_s,bandwidth_bps\n0,0\n5,1e6\n");
    m_folder.Write("closing.csv", "time_s,bandwidth_bps\n0,1e6\n5,0\n");
    for (const auto& [trace, end, isFit] : {std::tuple{"closed.csv", "loop", false},
                                            std::tuple{"closed.csv", "hold", true},
                                            std::tuple{"closing.csv", "loop", true},
                                            std::tuple{"closing.csv", "hold", false}})
    {
        SCOPED_TRACE(std::string(trace) + " " + end);
        auto json = MakeWorld();
        json["links"][0]["trace"] = trace;
        json["links"][0]["trace_end"] = end;
        if (isFit)
        {
            EXPECT_EQ(Simulate(json).streams.front().completed, 200U);
            continue;
        }
        const auto file = m_folder.Write("world.json", json.dump());
        EXPECT_THROW(PortendWorldSetup{PortendWorld::Load(PortendScenarioFile(file))},
                     portend::InputError);
    }
    expect("trace", "ns3::PortendFailures", "/links/0/trace", {"PortendLinkTrace"});
    expect("trace", "ns3::PortendLinkTrace", "/links/0/trace", {"needs no file"});
    expect("trace", "ns3::PortendMarkovLink", "/links/0/trace", {"needs no file"});
    auto json = MakeWorld();
    json["links"][0].erase("bandwidth");
    const auto file = m_folder.Write("world.json", json.dump());
    ExpectInputError([&] { PortendWorld::Load(PortendScenarioFile(file)); },
                     file + ": /links/0",
                     {"bandwidth"});
}

// Members of a group fade each at its own time; a link changes both ways together.
TEST_F(LinkProcessTest, MembersHaveOffsets)
{
    m_folder.Write("step.csv", "time_s,bandwidth_bps\n0,1e6\n1,9e6\n2,9e6\n");
    auto json = MakeWorld();
    json["nodes"][0]["count"] = 3;
    json["links"][0]["trace"] = "step.csv";
    json["links"][0]["trace_offset"] = {"0s", "500ms", "1s"};
    const auto file = m_folder.Write("world.json", json.dump());
    const auto world = PortendWorld::Load(PortendScenarioFile(file));
    const PortendWorldSetup setup(world);
    ASSERT_EQ(setup.links.size(), 3U);
    std::vector<uint64_t> rates;
    for (const auto& link : setup.links)
    {
        rates.push_back(GetRate(link.up.changes->makeProcess(), MilliSeconds(700)));
        EXPECT_EQ(link.up.changes, link.down.changes);
    }
    EXPECT_EQ(rates, (std::vector<uint64_t>{1000000, 9000000, 9000000}));
    // It means the same once it is written.
    const auto copy = m_folder.Write("sub/copy.json", world.ToJson());
    EXPECT_EQ(PortendWorld::Load(PortendScenarioFile(copy)).ToJson(), world.ToJson());
    EXPECT_EQ(PortendWorldSetup(PortendWorld::Load(PortendScenarioFile(copy))).links.size(), 3U);
}

// Where no request meets a step on its way, the estimate under the links of the moment is what is
// simulated; that of the mean link is not.
TEST_F(LinkProcessTest, EstimatesOfTheMomentAreExactBetweenSteps)
{
    m_folder.Write("slow.csv",
                   "time_s,bandwidth_bps,delay_ms\n0,2e6,5\n10.5,40e6,20\n31.3,0,1\n31.5,8e6,1\n"
                   "52.4,8e6,1\n");
    auto json = MakeWorld();
    json["links"][0]["trace"] = "slow.csv";
    auto& stream = json["streams"][0];
    stream["arrival"] = "periodic:1s";
    stream["phase"] = "0ms";
    for (const auto* engine : {"packets", "trains"})
    {
        json["network"] = engine;
        const auto result = Simulate(json).streams.front();
        ASSERT_EQ(result.completed, 200U);
        ASSERT_TRUE(result.momentMs);
        const auto moment = result.momentMs->GetValues();
        for (std::size_t entry = 0; entry < moment.size(); ++entry)
        {
            EXPECT_NEAR(result.componentsMs[entry].mean, moment[entry], 1e-5) << entry;
        }
        const auto file = m_folder.Write("world.json", json.dump());
        const PortendWorldSetup setup(PortendWorld::Load(PortendScenarioFile(file)));
        EXPECT_GT(std::abs(setup.GetEstimates().front().GetLatencyMs() - result.latencyMs.mean), 1);
    }
    EXPECT_FALSE(Simulate(MakeWorld()).streams.front().momentMs);
}

// The bandwidth may be said to be random, too.
TEST_F(LinkProcessTest, BandwidthsMayBeRandom)
{
    m_folder.Write("5g.csv", "state,bandwidth_bps,dwell_s\nfast,40e6,3\nslow,1e6,1\n");
    auto json = MakeWorld();
    auto& link = json["links"][0];
    const auto run = [&]() { return Simulate(json).streams.front().latencyMs.mean; };
    link["bandwidth"] = "markov:5g.csv";
    const auto said = run();
    const auto file = m_folder.Write("world.json", json.dump());
    const auto world = PortendWorld::Load(PortendScenarioFile(file));
    const auto copy = m_folder.Write("sub/copy.json", world.ToJson());
    EXPECT_EQ(PortendWorld::Load(PortendScenarioFile(copy)).ToJson(), world.ToJson());
    EXPECT_EQ(PortendWorldSetup(world).graph->GetLinks()[0].link.bandwidthBps,
              (3 * 40e6 + 1 * 1e6) / 4);
    link.erase("bandwidth");
    link["trace"] = "markov:5g.csv";
    EXPECT_EQ(run(), said);
}
