/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// The axes of grids: how they are read, and what they set.

#include "ns3/portend-axis.h"
#include "ns3/portend-profile.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

using namespace ns3;

namespace
{

/// Options of texts, as programs name them.
const std::vector<std::string> OPTIONS{"deployment",
                                       "devices",
                                       "bandwidth",
                                       "arrival",
                                       "mtu",
                                       "samples"};

/// @return the texts of an axis
std::vector<std::string>
GetTexts(const std::string& text)
{
    const auto axis = PortendAxis::Parse(text, OPTIONS);
    std::vector<std::string> texts;
    for (const auto& value : axis.GetValues())
    {
        texts.push_back(value.text);
    }
    return texts;
}

/// @return a scenario with the first value of an axis
PortendScenario
Apply(const std::string& text)
{
    PortendScenario scenario;
    PortendAxis::Parse(text, OPTIONS).Apply(0, scenario);
    return scenario;
}

/// Expects an axis to be refused in some words.
void
ExpectRefused(const std::string& text, const std::string& words)
{
    try
    {
        PortendScenario scenario;
        PortendAxis::Parse(text, OPTIONS).Apply(0, scenario);
        ADD_FAILURE() << text << " is not refused";
    }
    catch (const portend::InputError& error)
    {
        const auto all = error.GetWhere() + ": " + error.what();
        EXPECT_NE(all.find(words), std::string::npos) << all;
    }
}

using Texts = std::vector<std::string>;

} // namespace

TEST(AxisTest, Lists)
{
    EXPECT_EQ(GetTexts("threshold=0,0.1,0.3"), (Texts{"0", "0.1", "0.3"}));
    EXPECT_EQ(GetTexts("deployment=0:1-55@0;0:1-25,1:26-40@0.1"),
              (Texts{"0:1-55@0", "0:1-25,1:26-40@0.1"}));
    EXPECT_EQ(GetTexts("arrival=closed,poisson:5"), (Texts{"closed", "poisson:5"}));
}

TEST(AxisTest, RangesEndWhereTheyShould)
{
    EXPECT_EQ(GetTexts("bandwidth0=1Mbps:3Mbps:1Mbps"), (Texts{"1Mbps", "2Mbps", "3Mbps"}));
    // Three tenths added up are more than 0.3 in binary: the last value is there all the same.
    EXPECT_EQ(GetTexts("threshold=0:0.3:0.1"), (Texts{"0", "0.1", "0.2", "0.3"}));
    EXPECT_EQ(GetTexts("delay1=500us:2ms:1ms"), (Texts{"0.5ms", "1.5ms"}));
    EXPECT_EQ(GetTexts("mtu=1500:1500:1"), (Texts{"1500"}));
    // Whole numbers are rounded, and none comes twice.
    EXPECT_EQ(GetTexts("servers0=1:2:0.25"), (Texts{"1", "2"}));
}

// Ratios: 1, 10, 100, 1000 Mb/s.
TEST(AxisTest, RangesWriteWhatIsRead)
{
    // Times in nanoseconds and bandwidths in bits per second to the last digit, no exponents.
    EXPECT_EQ(GetTexts("delay0=1ns:5ns:2ns"), (Texts{"0.000001ms", "0.000003ms", "0.000005ms"}));
    EXPECT_EQ(GetTexts("delay0=0ns:20ms:10000001ns"), (Texts{"0ms", "10.000001ms"}));
    EXPECT_EQ(GetTexts("overhead0=999999s:1000000s:1s"), (Texts{"999999000ms", "1000000000ms"}));
    EXPECT_EQ(GetTexts("bandwidth0=1bps:1234567890123bps:1234567890122bps"),
              (Texts{"1bps", "1234.567890123Gbps"}));
    EXPECT_EQ(GetTexts("samples=1000000000000:3000000000000:2000000000000"),
              (Texts{"1000000000000", "3000000000000"}));
}

TEST(AxisTest, PartsHaveTheLimitsOfScenarioFiles)
{
    EXPECT_EQ(Apply("run=4294967295").run, 4294967295U);
    ExpectRefused("run=4294967296", "0 .. 4294967295");
    ExpectRefused("run=18446744073709551615", "0 .. 4294967295");
    EXPECT_EQ(Apply("servers0=65535").tiers[0].servers, 65535U);
    ExpectRefused("servers0=65536", "1 .. 65535");
}

TEST(AxisTest, RangesOfEqualRatios)
{
    EXPECT_EQ(GetTexts("bandwidth0=1Mbps:1Gbps:log4"),
              (Texts{"1Mbps", "10Mbps", "100Mbps", "1Gbps"}));
    EXPECT_TRUE(PortendAxis::Parse("rate=1:16:log5", OPTIONS).IsLogarithmic());
    EXPECT_FALSE(PortendAxis::Parse("rate=1,2,4", OPTIONS).IsLogarithmic());
}

TEST(AxisTest, NumbersAreInTheUnitOfTheAxis)
{
    const auto check = [](const std::string& text, const std::string& unit, double number) {
        const auto axis = PortendAxis::Parse(text, OPTIONS);
        EXPECT_EQ(axis.GetUnit(), unit) << text;
        EXPECT_DOUBLE_EQ(axis.GetValues()[0].number, number) << text;
    };
    check("bandwidth1=2.5Mbps", "bps", 2.5e6);
    check("delay0=20us", "ms", 0.02);
    check("rate=5", "per_s", 5);
    check("mtu=1500", "bytes", 1500);
    check("threshold=0.4", "", 0.4);
    check("devices=a1.medium", "text", 0);
}

TEST(AxisTest, SetsItsPartOfTheScenario)
{
    EXPECT_EQ(Apply("bandwidth1=5Mbps").links[1].bandwidth, "5Mbps");
    EXPECT_EQ(Apply("delay0=5ms").links[0].delay, "5ms");
    EXPECT_EQ(Apply("device2=g5.xlarge").tiers[2].device, "g5.xlarge");
    EXPECT_EQ(Apply("servers1=4").tiers[1].servers, 4U);
    EXPECT_EQ(Apply("compute-factor1=0.2").tiers[1].computeFactor, 0.2);
    EXPECT_EQ(Apply("serialization-factor0=3").tiers[0].serializationFactor, 3);
    EXPECT_EQ(Apply("threshold=0.4").deployment, "0:1-25,1:26-40@0.4");
    EXPECT_EQ(Apply("rate=2.5").arrival, "poisson:2.5");
    EXPECT_EQ(Apply("period=100ms").arrival, "periodic:100ms");
    EXPECT_EQ(Apply("seed=7").seed, 7U);
    EXPECT_EQ(Apply("run=9").run, 9U);
    EXPECT_TRUE(PortendAxis::Parse("deployment=0:1-55@0", OPTIONS).IsOption());
    EXPECT_FALSE(PortendAxis::Parse("bandwidth0=5Mbps", OPTIONS).IsOption());
}

TEST(AxisTest, RefusesWhatMakesNoSense)
{
    ExpectRefused("bandwith0=1Mbps", "did you mean 'bandwidth0'?");
    ExpectRefused("bandwidth0", "NAME=VALUES");
    ExpectRefused("bandwidth0=", "NAME=VALUES");
    ExpectRefused("bandwidth0=1:2:1", "unit");
    ExpectRefused("bandwidth0=3Mbps:1Mbps:1Mbps", "FROM <= TO");
    ExpectRefused("threshold=0:1:0", "STEP above 0");
    ExpectRefused("rate=0:8:log4", "above 0");
    ExpectRefused("threshold=0:1:log4", "0 < FROM");
    ExpectRefused("rate=1:8:log1", "N from 2");
    ExpectRefused("rate=1:1e9:0.001", "at most 1000000 values");
    ExpectRefused("rate=-1", "above 0");
    ExpectRefused("threshold=0.1,0.1", "each value once");
    ExpectRefused("delay0=1ms,1000us", "each value once");
    ExpectRefused("threshold=0.1,", "none of them empty");
    ExpectRefused("bandwidth7=1Mbps", "there is no link 7; the scenario has 2");
    ExpectRefused("servers0=0", "1 .. 65535");
    ExpectRefused("compute-factor0=0", "above 0");
    ExpectRefused("ns3::PortendWorker::NoSuch=1", "attribute");
}

TEST(AxisTest, KnowsWhatSetsTheSame)
{
    const auto overlap = [](const std::string& a, const std::string& b) {
        const auto first = PortendAxis::Parse(a, OPTIONS);
        const auto second = PortendAxis::Parse(b, OPTIONS);
        EXPECT_EQ(first.Overlaps(second), second.Overlaps(first));
        return first.Overlaps(second);
    };
    EXPECT_TRUE(overlap("bandwidth0=1Mbps", "bandwidth0=2Mbps"));
    EXPECT_TRUE(overlap("bandwidth0=1Mbps", "bandwidth=2Mbps"));
    EXPECT_TRUE(overlap("device1=a1.medium", "devices=a1.large"));
    EXPECT_TRUE(overlap("bandwidth0=1Mbps", "bandwidth00=2Mbps"));
    EXPECT_TRUE(overlap("rate=1", "arrival=closed"));
    EXPECT_TRUE(overlap("rate=1", "period=1s"));
    EXPECT_FALSE(overlap("bandwidth0=1Mbps", "bandwidth1=1Mbps"));
    EXPECT_FALSE(overlap("threshold=0", "deployment=0:1-55@0"));
}

TEST(AxisTest, PlacesBetweenValuesHaveFiveDigitsAndAUnit)
{
    EXPECT_EQ(PortendAxis::Parse("bandwidth0=1Mbps", OPTIONS).Describe(2304138.63), "2.3041Mbps");
    EXPECT_EQ(PortendAxis::Parse("delay0=1ms", OPTIONS).Describe(1.23456789), "1.2346ms");
    EXPECT_EQ(PortendAxis::Parse("rate=1", OPTIONS).Describe(12.34567), "12.346");
}
