/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Misconfigurations, at the sizes where they begin.

#include "simulator_test.h"

#include "ns3/config.h"
#include "ns3/portend-lint.h"
#include "ns3/portend-scenario.h"
#include "ns3/uinteger.h"

#include <cmath>
#include <gtest/gtest.h>
#include <string>
#include <vector>

using namespace ns3;

namespace
{

class LintTest : public SimulatorTest
{
  protected:
    /// A scenario in which the input goes to the cloud, over 10 Mb/s and 60 ms, in one message.
    LintTest()
    {
        m_scenario.profile = "efficientnetb0-imagenet";
        m_scenario.deployment = "2:1-8@0";
        m_scenario.transport = "tcp";
        m_scenario.mtuBytes = 1500;
    }

    /// @return what is found
    std::vector<PortendFinding> Lint(double precision = 0)
    {
        return PortendLint(m_scenario, PortendSetup(m_scenario), precision);
    }

    /// @return what is found if the input has so many bytes, nothing else in its message
    std::vector<PortendFinding> LintInput(uint64_t bytes)
    {
        PortendSetup setup(m_scenario);
        setup.model.tensorBytes[0] = bytes;
        setup.model.envelope = {};
        return PortendLint(m_scenario, setup);
    }

    /// Requires that one check alone has found something, and its words.
    static void ExpectOne(const std::vector<PortendFinding>& findings,
                          const std::string& check,
                          const std::string& where,
                          const std::vector<std::string>& parts)
    {
        ASSERT_EQ(findings.size(), 1U);
        EXPECT_EQ(findings[0].check, check);
        EXPECT_EQ(findings[0].where, where);
        for (const auto& part : parts)
        {
            EXPECT_NE(findings[0].text.find(part), std::string::npos)
                << "'" << findings[0].text << "' lacks '" << part << "'";
        }
    }

    PortendScenario m_scenario; ///< to look at
};

} // namespace

TEST_F(LintTest, FindsNothingInDefaults)
{
    for (const char* const transport : {"udp", "tcp"})
    {
        PortendScenario scenario;
        scenario.transport = transport;
        EXPECT_TRUE(PortendLint(scenario, PortendSetup(scenario)).empty()) << transport;
    }
    EXPECT_TRUE(Lint().empty());
}

// Two bandwidth-delay products of 10 Mb/s and twice 60 ms are 300,000 B; then the message of
// 100,000 B and its header of 20 B.
TEST_F(LintTest, BufferTakesTwoProductsAndTheLargestMessage)
{
    m_scenario.tcpBuffer = "400020B";
    EXPECT_TRUE(LintInput(100000).empty());
    m_scenario.tcpBuffer = "400019B";
    ExpectOne(LintInput(100000),
              "tcp-buffer",
              "/tcp_buffer",
              {"has 400019 B", "than the 400020 B", "from tier 0 to tier 2", "measured"});
    m_scenario.transport = "udp";
    EXPECT_TRUE(LintInput(100000).empty());
}

// An attribute of the transport holds if the scenario leaves the buffer open.
TEST_F(LintTest, BufferOfTheAttribute)
{
    Config::SetDefault("ns3::PortendTcpTransport::BufferSize", UintegerValue(400019));
    const auto findings = LintInput(100000);
    Config::Reset();
    ExpectOne(findings, "tcp-buffer", "ns3::PortendTcpTransport::BufferSize", {"has 400019 B"});
}

// 100 Gb/s and two seconds of round trip need 50 GB, TCP announces 1 GiB at the most.
TEST_F(LintTest, BufferThatTcpCannotAnnounce)
{
    m_scenario.links = {{"100Gbps", "500ms"}, {"100Gbps", "500ms"}};
    ExpectOne(LintInput(100000),
              "tcp-buffer",
              "/links",
              {"has 536862720 B", "than the 50000100020 B", "no larger window"});
}

// 100,000 B and their header of 20 B are 70 segments of 1448 B at most, with 54 B of headers each
// on the link: 103,800 B.
TEST_F(LintTest, QueueHoldsTheLargestMessage)
{
    m_scenario.queue = "103800B";
    EXPECT_TRUE(LintInput(100000).empty());
    m_scenario.queue = "103799B";
    ExpectOne(LintInput(100000), "queue", "/queue", {"queue of 103799 B", "103800 B on the link"});
}

// Of an MTU of 1500 B a segment takes 1448 B.
TEST_F(LintTest, SegmentFillsTheMtu)
{
    m_scenario.tcpSegment = "1448B";
    EXPECT_TRUE(Lint().empty());
    m_scenario.tcpSegment = "1447B";
    ExpectOne(Lint(), "tcp-segment", "/tcp_segment", {"1447 B do not", "1448 B are", "headers"});
    m_scenario.tcpSegment = "1449B";
    ExpectOne(Lint(), "tcp-segment", "/tcp_segment", {"1449 B do not", "1448 B are", "IP cuts"});
    // A message in one packet is the same in any segment that takes it and its header of 20 B.
    m_scenario.tcpSegment = "1000B";
    EXPECT_TRUE(LintInput(980).empty());
    ExpectOne(LintInput(981), "tcp-segment", "/tcp_segment", {"1000 B do not"});
    m_scenario.tcpSegment = "9000B";
    EXPECT_TRUE(LintInput(1428).empty());
    ExpectOne(LintInput(1429), "tcp-segment", "/tcp_segment", {"9000 B do not"});
}

TEST_F(LintTest, SegmentOfTheAttribute)
{
    Config::SetDefault("ns3::PortendTcpTransport::SegmentSize", UintegerValue(536));
    const auto findings = Lint();
    Config::Reset();
    ExpectOne(findings, "tcp-segment", "ns3::PortendTcpTransport::SegmentSize", {"536 B do not"});
}

// A packet of 1500 B passes a link that takes as much; of 1501 B it is cut. Over UDP 48 B are
// headers, over TCP 52 B and the message's 20 B.
TEST_F(LintTest, MtuIsTheSameOnTheWholeRoute)
{
    m_scenario.links[0].mtuBytes = 9000;
    ExpectOne(LintInput(1429),
              "mtu",
              "/links/1/mtu_bytes",
              {"of 1501 B", "MTU of link 0", "1500 B"});
    EXPECT_TRUE(LintInput(1428).empty());
    ExpectOne(LintInput(100000), "mtu", "/links/1/mtu_bytes", {"of 9000 B"});
    m_scenario.transport = "udp";
    ExpectOne(LintInput(1453), "mtu", "/links/1/mtu_bytes", {"of 1501 B"});
    EXPECT_TRUE(LintInput(1452).empty());
    // What begins small passes everywhere, and the way back has small messages alone.
    m_scenario.links[0].mtuBytes = 576;
    EXPECT_TRUE(LintInput(100000).empty());
    // From the other end it is the other link that cuts.
    m_scenario.source = 2;
    m_scenario.destination = 2;
    m_scenario.deployment = "0:1-8@0";
    ExpectOne(LintInput(100000), "mtu", "/links/0/mtu_bytes", {"MTU of link 1", "from tier 2"});
}

// Segments for the smallest MTU of the route are right; for that of the first link they are cut.
TEST_F(LintTest, SegmentsForARouteOfDifferentMtus)
{
    m_scenario.links[0].mtuBytes = 9000;
    m_scenario.tcpSegment = "1448B";
    EXPECT_TRUE(Lint().empty());
    m_scenario.tcpSegment = "8948B";
    ExpectOne(Lint(), "mtu", "/links/1/mtu_bytes", {"of 9000 B"});
    m_scenario.tcpSegment = "8949B";
    ExpectOne(Lint(), "tcp-segment", "/tcp_segment", {"8949 B do not", "1448 B are"});
}

// A station is stable below the rate at which its work takes all its time: tier 0 works 0.542 +
// 87.692 ms on a request, and can do so 11.33 times per second.
TEST_F(LintTest, LoadOfTheBottleneck)
{
    m_scenario = PortendScenario();
    m_scenario.deployment = "0:1-55@0";
    m_scenario.arrival = "poisson:5";
    PortendSetup setup(m_scenario);
    const auto network = setup.GetNetwork();
    ASSERT_TRUE(network.FindBottleneck());
    const double saturation = network.FindBottleneck()->GetSaturationPerS();
    EXPECT_NEAR(saturation, 1e3 / 88.235, 0.001);
    setup.stream.arrivals.ratePerS = saturation * (1 - 1e-9);
    EXPECT_TRUE(PortendLint(m_scenario, setup).empty());
    setup.stream.arrivals.ratePerS = saturation * (1 + 1e-9);
    ExpectOne(PortendLint(m_scenario, setup),
              "load",
              "/arrival",
              {"a load of 1 for tier 0", "stable below 11.33"});
    // Links are stations, too: inputs of 13 kB fill 100 kb/s soon.
    m_scenario.deployment = "1:1-55@0";
    m_scenario.links[0].bandwidth = "100kbps";
    ExpectOne(Lint(), "load", "/arrival", {"for link 0 up"});
    m_scenario.arrival = "closed";
    EXPECT_TRUE(Lint().empty());
}

// With the latencies a and b of two exits and the share p of the first, the standard deviation of
// a request's latency is |a - b| sqrt(p (1 - p)), and 1.96 of it over sqrt(n) the half-width.
TEST_F(LintTest, SamplesForAPrecision)
{
    m_scenario = PortendScenario();
    const auto estimate = PortendSetup(m_scenario).GetEstimate();
    ASSERT_EQ(estimate.exitClass.size(), 2U);
    const double spread = estimate.exitClass[0].GetTotal() - estimate.exitClass[1].GetTotal();
    const double p = estimate.exitRates[0];
    const double deviation = std::abs(spread) * std::sqrt(p * (1 - p));
    const double root = 1.959964 * deviation / (0.01 * estimate.GetLatencyMs());
    const auto needed = static_cast<uint64_t>(std::ceil(root * root));
    ASSERT_GT(needed, 9000U); // 28.7 ms around 58.8 ms
    ASSERT_LT(needed, 9300U);

    m_scenario.samples = needed;
    EXPECT_TRUE(Lint(0.01).empty());
    m_scenario.samples = needed - 1;
    EXPECT_TRUE(Lint().empty()) << "no precision was asked for";
    ExpectOne(Lint(0.01),
              "samples",
              "/samples",
              {std::to_string(needed - 1) + " samples", "takes " + std::to_string(needed)});
    // A quarter of the samples, twice the width.
    m_scenario.samples = needed / 4;
    ExpectOne(Lint(0.01), "samples", "/samples", {"+/- 2 %", "+/- 1 %"});
    // Stratified exits do not vary like that.
    m_scenario.exits = "stratified";
    EXPECT_TRUE(Lint(0.01).empty());
    // One exit alone does not vary.
    m_scenario.exits = "nested";
    m_scenario.deployment = "0:1-55@0";
    m_scenario.samples = 1;
    EXPECT_TRUE(Lint(0.01).empty());
}
