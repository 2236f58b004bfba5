/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// The search for the largest value at which service levels hold.

#include "ns3/portend-axis.h"
#include "ns3/portend-capacity.h"
#include "ns3/portend-profile.h"
#include "ns3/portend-text.h"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <string>
#include <vector>

using namespace ns3;

namespace
{

/// @return a scenario of the default chain
PortendScenario
GetScenario(const std::string& arrival)
{
    PortendScenario scenario;
    scenario.arrival = arrival;
    return scenario;
}

/// @return an axis that may be searched
PortendAxis
Find(const std::string& name)
{
    return PortendAxis::Find(name, {"arrival"}, "--capacity");
}

/// Says what simulations would: levels hold up to some value, for sure up to one below it, and fail
/// for sure from one above it. Counts, and refuses to be asked twice.
class Truth
{
  public:
    Truth(double sure, double edge, double failing)
        : m_sure(sure),
          m_edge(edge),
          m_failing(failing)
    {
    }

    PortendCapacity Search(const PortendCapacityRange& range)
    {
        return PortendFindCapacity(range, [this](double value) {
            EXPECT_EQ(std::count(asked.begin(), asked.end(), value), 0) << value;
            asked.push_back(value);
            return value <= m_sure     ? PortendVerdict::HOLDS
                   : value <= m_edge   ? PortendVerdict::SEEMS_TO_HOLD
                   : value < m_failing ? PortendVerdict::SEEMS_TO_FAIL
                                       : PortendVerdict::FAILS;
        });
    }

    std::vector<double> asked; //!< values

  private:
    double m_sure;
    double m_edge;
    double m_failing;
};

} // namespace

TEST(Capacity, FindsWholeNumbersToTheNumber)
{
    const auto axis = Find("servers0");
    for (const uint32_t start : {1U, 7U, 64U, 150U})
    {
        auto scenario = GetScenario("poisson:5");
        scenario.tiers[0].servers = start;
        const PortendCapacityRange range(axis, scenario);
        EXPECT_TRUE(range.IsWhole());
        for (const int edge : {1, 2, 3, 17, 63, 64, 65, 149, 199})
        {
            SCOPED_TRACE(std::to_string(start) + " to " + std::to_string(edge));
            Truth truth(edge, edge, edge + 1);
            const auto found = truth.Search(range);
            EXPECT_EQ(found.value, edge);
            EXPECT_EQ(found.low, edge);
            EXPECT_EQ(found.high, edge);
            EXPECT_LE(truth.asked.size(), 17U);
            for (const auto value : truth.asked)
            {
                EXPECT_EQ(value, static_cast<int>(value));
                EXPECT_GE(value, 1);
            }
        }
        Truth truth(20, 30, 41);
        const auto found = truth.Search(range);
        EXPECT_EQ(found.low, 20);
        EXPECT_EQ(found.value, 30);
        EXPECT_EQ(found.high, 40); // the largest that does not fail for sure
    }
}

TEST(Capacity, FindsNumbersToHalfAPercent)
{
    const auto axis = Find("arrival");
    for (const char* start : {"poisson:0.01", "poisson:5", "poisson:12.34", "bursty:900:2s:8s"})
    {
        SCOPED_TRACE(start);
        const PortendCapacityRange range(axis, GetScenario(start));
        EXPECT_FALSE(range.IsWhole());
        Truth truth(11.9, 12.3, 12.6);
        const auto found = truth.Search(range);
        ASSERT_TRUE(found.low && found.value && found.high);
        EXPECT_LE(*found.low, 11.9);
        EXPECT_GE(*found.low, 11.9 / 1.006);
        EXPECT_LE(*found.value, 12.3);
        EXPECT_GE(*found.value, 12.3 / 1.006);
        EXPECT_GE(*found.high, 12.6);
        EXPECT_LE(*found.high, 12.6 * 1.006);
    }
}

TEST(Capacity, SaysWhereItHasNoEnd)
{
    const auto axis = Find("bandwidth0");
    const PortendCapacityRange bandwidths(axis, GetScenario("closed"));
    Truth always(1e30, 1e30, 1e31);
    auto found = always.Search(bandwidths);
    EXPECT_EQ(found.value, bandwidths.GetMost());
    EXPECT_EQ(found.high, std::nullopt);
    Truth never(0, 0, 1e-30);
    found = never.Search(bandwidths);
    EXPECT_EQ(found.value, std::nullopt);
    EXPECT_EQ(found.low, std::nullopt);
    EXPECT_EQ(found.high, bandwidths.GetLeast());
    // What chance decides everywhere has no interval.
    Truth unsure(0, 2e7, 1e30);
    found = unsure.Search(bandwidths);
    EXPECT_NEAR(found.value.value_or(0), 2e7, 1e5);
    EXPECT_EQ(found.low, std::nullopt);
    EXPECT_EQ(found.high, std::nullopt);
    const auto counts = Find("servers0");
    Truth none(0, 0, 1);
    found = none.Search(PortendCapacityRange(counts, GetScenario("closed")));
    EXPECT_EQ(found.value, std::nullopt);
    EXPECT_EQ(found.high, 0);
}

TEST(Capacity, StaysWhereThereIsAnythingToSimulate)
{
    const auto bandwidths = Find("bandwidth0");
    PortendScenario scenario;
    scenario.links[0].bandwidth = "900Gbps";
    EXPECT_EQ(PortendCapacityRange(bandwidths, scenario).GetMost(), 1e15);
    EXPECT_GT(PortendParseBandwidth(bandwidths.ToText(1e15), "").GetBitRate(), 0U);
    EXPECT_THROW(PortendParseBandwidth(bandwidths.ToText(1.1e15), ""), portend::InputError);
    // Simulated time ends after four billion seconds.
    const auto arrivals = Find("arrival");
    for (const char* rate : {"0.01", "1", "1000"})
    {
        for (const uint64_t samples : {0, 20, 1000000})
        {
            scenario.samples = samples;
            scenario.arrival = std::string("poisson:") + rate;
            const PortendCapacityRange range(arrivals, scenario);
            EXPECT_LE(range.GetLeast(), range.GetStart());
            EXPECT_LE(std::max<double>(samples, 1000) / range.GetLeast(), 1e8 * (1 + 1e-9));
        }
    }
    // What is slower than that already stays what it is.
    scenario.arrival = "poisson:0.000001";
    EXPECT_EQ(PortendCapacityRange(arrivals, scenario).GetLeast(), 1e-6);
}

TEST(Capacity, WritesWhatScenariosHave)
{
    const auto axis = Find("arrival");
    const std::vector<std::array<std::string, 3>> cases{
        {"poisson:4", "per_s", "poisson:8"},
        {"periodic:250ms", "per_s", "periodic:125000000ns"},
        {"bursty:4:2s:8s", "per_s", "bursty:8:2s:8s"},
        {"trace:a@b.csv", "", "trace:a@b.csv@2"},
        {"trace:a.csv@0.5", "", "trace:a.csv@1"}};
    for (const auto& [start, unit, twice] : cases)
    {
        const PortendCapacityRange range(axis, GetScenario(start));
        EXPECT_EQ(range.GetUnit(), unit) << start;
        EXPECT_EQ(range.GetText(2 * range.GetStart()), twice);
    }
    const auto bandwidths = Find("bandwidth1");
    const PortendCapacityRange range(bandwidths, GetScenario("closed"));
    EXPECT_EQ(range.GetStart(), 400e6);
    EXPECT_EQ(range.GetUnit(), "bps");
    EXPECT_EQ(range.GetText(123456789), "123.456789Mbps");
    PortendScenario scenario;
    bandwidths.Set(range.GetText(2 * range.GetStart()), scenario);
    EXPECT_EQ(scenario.links[1].bandwidth, "800Mbps");
}

TEST(Capacity, RefusesWhatHasNoNumber)
{
    for (const auto& [name, arrival] :
         std::vector<std::pair<std::string, std::string>>{{"arrival", "closed"},
                                                          {"arrival", "poisson:x"},
                                                          {"arrival", "ns3::MyArrivals[Rate=2]"},
                                                          {"deployment", "closed"},
                                                          {"device0", "closed"},
                                                          {"threshold", "closed"},
                                                          {"bandwidth7", "closed"},
                                                          {"loss", "closed"},
                                                          {"nodes/camera/count", "closed"}})
    {
        SCOPED_TRACE(name + " " + arrival);
        const auto axis = PortendAxis::Find(name, {"arrival", "deployment"}, "--capacity");
        EXPECT_THROW(PortendCapacityRange(axis, GetScenario(arrival)), portend::InputError);
    }
}
