/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// What profiles hold, and every refusal of one that makes no sense, with its place.

#include "tiny_model.h"

#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <limits>
#include <memory>
#include <string>
#include <vector>

using namespace portend;

namespace
{

const double NOT_A_NUMBER = std::numeric_limits<double>::quiet_NaN();
const double INFINITE = std::numeric_limits<double>::infinity();

/// A change that makes a profile wrong, the place of the offence and what is said of it.
template <typename Profile>
struct Offence
{
    std::function<void(Profile&)> commit; ///< the change
    std::string where;                    ///< JSON pointer
    std::vector<std::string> message;     ///< parts of the message
};

} // namespace

// What is long ends in dots, and never within a character of UTF-8.
TEST(InputErrorTest, LongTextsAreShortened)
{
    const std::string eighty(80, 'x');
    EXPECT_EQ(portend::Shorten(eighty), eighty);
    EXPECT_EQ(portend::Shorten(eighty + "y"), eighty + "...");
    EXPECT_EQ(portend::Quote(std::string(1000000, 'x')), "'" + eighty + "...'");
    for (const std::string character : {"\u00e9", "\u20ac", "\U0001F600"})
    {
        for (std::size_t before = 76; before <= 80; ++before)
        {
            const std::string begin(before, 'x');
            const bool fits = before + character.size() <= 80;
            EXPECT_EQ(portend::Shorten(begin + character + "zzzzz"),
                      fits ? (begin + character + "zzzzz").substr(0, 80) +
                                 (before + character.size() + 5 > 80 ? "..." : "")
                           : begin + "...");
        }
    }
}

TEST(ModelProfile, TinyModelMakesSense)
{
    EXPECT_NO_THROW(GetTinyModel().Validate());
    // Correct rates may be there, up to the exit rates.
    auto model = GetTinyModel();
    model.validation.correctRates = {{0, 0.4, 0.6}, {0, 0.5, 0.75}, {0.9, 0.9, 0.9}};
    EXPECT_NO_THROW(model.Validate());
}

TEST(ModelProfile, RefusesWhatMakesNoSense)
{
    const std::vector<Offence<ModelProfile>> offences{
        {[](auto& m) { m.blocks = 0; }, "/blocks", {"found 0", "at least 1"}},
        {[](auto& m) { m.blocks = 4; },
         "/tensor_bytes",
         {"found 3 entries", "expected 4", "cut 0 .. N-1"}},
        {[](auto& m) { m.tensorBytes.pop_back(); }, "/tensor_bytes", {"found 2", "expected 3"}},
        {[](auto& m) { m.tensorBytes[1] = 0; }, "/tensor_bytes/1", {"found 0", "1 .. 2147483647"}},
        {[](auto& m) { m.tensorBytes[2] = 2147483648U; }, "/tensor_bytes/2", {"2147483647 bytes"}},
        {[](auto& m) { m.resultBytes = 0; }, "/result_bytes", {"found 0", "1 .. 2147483647"}},
        {[](auto& m) { m.envelope.partitionListBytes = {}; },
         "/envelope/partition_list_bytes",
         {"at least one size"}},
        {[](auto& m) {
             m.envelope.partitionListBytes = {0, 9, 8};
         },
         "/envelope/partition_list_bytes",
         {"none smaller than the one before"}},
        {[](auto& m) { m.thresholds = {}; }, "/thresholds", {"at least one"}},
        {[](auto& m) {
             m.thresholds = {0, 1, 0.5};
         },
         "/thresholds/2",
         {"ascend: 0, 1, 0.5"}},
        {[](auto& m) {
             m.thresholds = {0, 0, 1};
         },
         "/thresholds/1",
         {"ascend: 0, 0, 1"}},
        {[](auto& m) { m.thresholds[2] = 1.1; }, "/thresholds/2", {"found 1.1", "[0, 1]"}},
        {[](auto& m) { m.thresholds[0] = -0.1; }, "/thresholds/0", {"found -0.1", "[0, 1]"}},
        {[](auto& m) { m.thresholds[1] = NOT_A_NUMBER; }, "/thresholds/1", {"found nan"}},
        {[](auto& m) { m.validation.exitRates.pop_back(); },
         "/validation/exit_rates",
         {"found 2 entries", "expected 3", "block"}},
        {[](auto& m) { m.validation.exitRates[1].push_back(1); },
         "/validation/exit_rates/1",
         {"found 4 entries", "expected 3", "threshold"}},
        {[](auto& m) { m.validation.exitRates[1][2] = 1.01; },
         "/validation/exit_rates/1/2",
         {"found 1.01", "a rate in [0, 1]"}},
        {[](auto& m) { m.validation.exitRates[0][1] = -0.01; },
         "/validation/exit_rates/0/1",
         {"found -0.01", "a rate in [0, 1]"}},
        {[](auto& m) { m.validation.exitRates[2][0] = NOT_A_NUMBER; },
         "/validation/exit_rates/2/0",
         {"found nan", "a rate in [0, 1]"}},
        {[](auto& m) { m.validation.exitRates[2][1] = 0.99; },
         "/validation/exit_rates/2/1",
         {"found 0.99", "allowed: 1, because the last branch takes every sample"}},
        {[](auto& m) { m.validation.accuracy.push_back(1); },
         "/validation/accuracy",
         {"found 4 entries", "expected 3", "block"}},
        {[](auto& m) { m.validation.accuracy[1] = 75; },
         "/validation/accuracy/1",
         {"found 75", "a rate in [0, 1]"}},
        {[](auto& m) { m.validation.accuracy[1] = HUGE_VAL; },
         "/validation/accuracy/1",
         {"found inf"}},
        {[](auto& m) {
             m.validation.correctRates = {{0, 0, 0}};
         },
         "/validation/correct_rates",
         {"found 1 entries", "expected 3"}},
        {[](auto& m) {
             m.validation.correctRates = {{0, 0, 0}, {0, 0}, {0, 0, 0}};
         },
         "/validation/correct_rates/1",
         {"found 2 entries", "expected 3"}},
        {[](auto& m) {
             m.validation.correctRates = {{0, 0.41, 0}, {0, 0, 0}, {0, 0, 0}};
         },
         "/validation/correct_rates/0/1",
         {"found 0.41", "exit rate of the same branch and threshold"}},
    };
    for (const auto& offence : offences)
    {
        SCOPED_TRACE(offence.where);
        auto model = GetTinyModel();
        offence.commit(model);
        ExpectInputError([&] { model.Validate(); }, offence.where, offence.message);
    }
}

TEST(ModelProfile, FindsThresholds)
{
    const auto model = GetTinyModel();
    EXPECT_EQ(model.FindThreshold(0), 0U);
    EXPECT_EQ(model.FindThreshold(0.5), 1U);
    EXPECT_EQ(model.FindThreshold(1), 2U);
    ExpectInputError([&] { model.FindThreshold(0.25); },
                     "/deployment",
                     {"threshold 0.25 is not in profile tiny", "known: 0, 0.5, 1"});
}

// 0, 9, 17 continues by its last step: 25, 33. A single size stays as it is.
TEST(Envelope, ContinuesTheListOfPartitions)
{
    Envelope envelope;
    envelope.partitionListBytes = {0, 9, 17};
    const std::vector<uint64_t> expected{0, 9, 17, 25, 33};
    for (std::size_t count = 1; count <= expected.size(); ++count)
    {
        EXPECT_EQ(envelope.GetPartitionListBytes(count), expected[count - 1]);
    }
    envelope.partitionListBytes = {7};
    EXPECT_EQ(envelope.GetPartitionListBytes(1), 7U);
    EXPECT_EQ(envelope.GetPartitionListBytes(4), 7U);
}

// Envelope 50 B, list 0, 9, 17 B, record 44 B.
TEST(ModelProfile, SizesMessages)
{
    const auto model = GetTinyModel();
    EXPECT_EQ(model.GetInputBytes(1), 12000U);
    EXPECT_EQ(model.GetInputBytes(3), 12017U);
    // 8000 + 50 + 9, and no record before the first partition
    EXPECT_EQ(model.GetTensorBytes(1, 1, 2), 8059U);
    // 4000 + 50 + 17 + 1 * 44
    EXPECT_EQ(model.GetTensorBytes(2, 2, 3), 4111U);
    EXPECT_EQ(model.GetResultBytes(1), 200U);
    // 200 + 17 + 2 * 44
    EXPECT_EQ(model.GetResultBytes(3), 305U);
}

// Partitions in the order 1-1, 1-2, .. 1-N, 2-2, .. N-N fill the table without gaps.
TEST(DeviceProfile, OrdersPartitionsByFirstThenLast)
{
    for (const uint32_t blocks : {1U, 2U, 3U, 10U, 55U})
    {
        std::size_t expected = 0;
        for (uint32_t first = 1; first <= blocks; ++first)
        {
            for (uint32_t last = first; last <= blocks; ++last)
            {
                ASSERT_EQ(DeviceProfile::GetIndex(blocks, first, last), expected++);
            }
        }
        EXPECT_EQ(expected, blocks * (blocks + 1) / 2);
    }
    EXPECT_EQ(GetTinyDevice().GetComputeMs(2, 3), (std::vector<double>{8, 9}));
}

TEST(DeviceProfile, RefusesWhatMakesNoSense)
{
    const std::vector<Offence<DeviceProfile>> offences{
        {[](auto& d) { d.blocks = 0; }, "", {"at least 1 block"}},
        {[](auto& d) { d.computeMs.pop_back(); },
         "/compute_ms",
         {"found 5 entries", "expected 6", "partition first-last"}},
        {[](auto& d) { d.computeMs[1][1] = -1; },
         "/compute_ms/1-2/1",
         {"found -1", "not negative"}},
        {[](auto& d) { d.computeMs[5][2] = NOT_A_NUMBER; },
         "/compute_ms/3-3/2",
         {"found nan", "a finite time in milliseconds"}},
        {[](auto& d) { d.computeMs[0][0] = INFINITE; },
         "/compute_ms/1-1/0",
         {"found inf", "a finite time in milliseconds"}},
        {[](auto& d) { d.serializeMs.pop_back(); },
         "/serialize_ms",
         {"found 2 entries", "expected 3", "cut 0 .. N-1"}},
        {[](auto& d) { d.serializeMs[2] = -0.5; }, "/serialize_ms/2", {"found -0.5"}},
        {[](auto& d) { d.deserializeMs.push_back(1); }, "/deserialize_ms", {"found 4 entries"}},
        {[](auto& d) { d.deserializeMs[0] = INFINITE; }, "/deserialize_ms/0", {"found inf"}},
    };
    EXPECT_NO_THROW(GetTinyDevice().Validate());
    for (const auto& offence : offences)
    {
        SCOPED_TRACE(offence.where);
        auto device = GetTinyDevice();
        offence.commit(device);
        ExpectInputError([&] { device.Validate(); }, offence.where, offence.message);
    }
}

// The times of a result are single numbers: their place has no index.
TEST(DeviceProfile, RefusesTimesOfResultsAtTheirPlace)
{
    auto device = GetTinyDevice();
    device.serializeResultMs = -1;
    ExpectInputError([&] { device.Validate(); }, "/serialize_result_ms", {"found -1"});
    device = GetTinyDevice();
    device.deserializeResultMs = NOT_A_NUMBER;
    ExpectInputError([&] { device.Validate(); }, "/deserialize_result_ms", {"found nan"});
}

// A message writes what was found, not what it rounds to.
TEST(ModelProfile, WritesNumbersAsTheyAre)
{
    EXPECT_EQ(ToText(0.1), "0.1");
    EXPECT_EQ(ToText(0.10000001), "0.10000001");
    EXPECT_EQ(ToText(1.0 / 3), "0.3333333333333333");
    EXPECT_EQ(ToText(-0.0), "-0");
    ExpectInputError([] { GetTinyModel().FindThreshold(0.50000001); },
                     "/deployment",
                     {"threshold 0.50000001 is not", "known: 0, 0.5, 1"});
    auto model = GetTinyModel();
    model.thresholds = {0, 0.5, 0.50000001 - 1e-8};
    ExpectInputError([&] { model.Validate(); }, "/thresholds/2", {"ascend: 0, 0.5, 0.5"});
    model.thresholds = {0, 0.5, 1.0000001};
    ExpectInputError([&] { model.Validate(); }, "/thresholds/2", {"found 1.0000001;"});
    auto chain = GetTinyChain();
    chain.tiers[1].node.computeFactor = -1e-9;
    ExpectInputError([&] { chain.Validate(3); }, "/tiers/1/compute_factor", {"found -1e-09;"});
}

// Blocks 1-2 on tier 0 and 3 on tier 1 need partitions 1-2 and 3-3, the input's codec, and that of
// cut 2. Whatever else is missing matters to others only; what is needed is named with its place.
TEST(DeviceProfile, RefusesMissingTimingsOnlyWhereTheyAreNeeded)
{
    const auto model = GetTinyModel();
    const auto deployment = Deployment::Parse("0:1-2,1:3-3@0.5");
    auto chain = GetTinyChain();
    const auto complete = EstimateDeployment(model, chain, deployment, {}).GetLatencyMs();
    const auto forget = [&](uint32_t tier, auto change) {
        chain = GetTinyChain();
        auto device = std::make_shared<DeviceProfile>(*chain.tiers[tier].device);
        device->file = "board.json";
        change(*device);
        EXPECT_NO_THROW(device->Validate());
        chain.tiers[tier].device = device;
    };
    for (uint32_t tier = 0; tier < 3; ++tier)
    {
        // All that this deployment does without, at once.
        forget(tier, [&](DeviceProfile& device) {
            for (const std::size_t index : {0, 2, 3, 4})
            {
                device.computeMs[index].clear();
            }
            device.computeMs[tier == 0 ? 5 : 1].clear();
            device.serializeMs[1] = device.deserializeMs[1] = NOT_A_NUMBER;
            device.serializeMs[tier == 0 ? 1 : 0] = NOT_A_NUMBER;
            device.deserializeMs[tier == 0 ? 2 : 0] = NOT_A_NUMBER;
        });
        EXPECT_EQ(EstimateDeployment(model, chain, deployment, {}).GetLatencyMs(), complete);
    }
    const auto expectMissing = [&](const std::string& pointer, const std::string& what) {
        for (const auto& rules : EstimatorRules::GetAll())
        {
            ExpectInputError([&] { EstimateDeployment(model, chain, deployment, rules); },
                             "board.json: " + pointer,
                             {"the deployment needs", "device tiny lacks", what});
        }
    };
    forget(0, [](auto& device) { device.computeMs[1].clear(); });
    expectMissing("/compute_ms/1-2", "partition 1-2");
    forget(1, [](auto& device) { device.computeMs[5].clear(); });
    expectMissing("/compute_ms/3-3", "partition 3-3");
    forget(0, [](auto& device) { device.serializeMs[0] = NOT_A_NUMBER; });
    expectMissing("/serialize_ms/0", "serializing cut 0");
    forget(0, [](auto& device) { device.serializeMs[2] = NOT_A_NUMBER; });
    expectMissing("/serialize_ms/2", "serializing cut 2");
    forget(1, [](auto& device) { device.deserializeMs[2] = NOT_A_NUMBER; });
    expectMissing("/deserialize_ms/2", "deserializing cut 2");
}

TEST(Chain, RefusesWhatMakesNoSense)
{
    const std::vector<Offence<Chain>> offences{
        {[](auto& c) { c.tiers.clear(); }, "/tiers", {"no tier"}},
        {[](auto& c) { c.tiers[1].device = nullptr; }, "/tiers/1", {"no device profile"}},
        {[](auto& c) {
             auto device = GetTinyDevice();
             device.blocks = 2;
             c.tiers[2].device = std::make_shared<DeviceProfile>(device);
         },
         "/tiers/2/device",
         {"device tiny is profiled for 2 blocks, the model has 3"}},
        {[](auto& c) { c.tiers[0].node.computeFactor = 0; },
         "/tiers/0/compute_factor",
         {"found 0", "a factor above 0"}},
        {[](auto& c) { c.tiers[1].node.serializationFactor = NOT_A_NUMBER; },
         "/tiers/1/serialization_factor",
         {"found nan", "a factor above 0"}},
        {[](auto& c) { c.links.pop_back(); }, "/links", {"found 1 links for 3 tiers; expected 2"}},
        {[](auto& c) {
             c.links.push_back({1e6, 1});
         },
         "/links",
         {"found 3", "expected 2"}},
        {[](auto& c) { c.links[1].bandwidthBps = 0; }, "/links/1/bandwidth", {"above 0 bit/s"}},
        {[](auto& c) { c.links[0].bandwidthBps = -1; }, "/links/0/bandwidth", {"above 0 bit/s"}},
        {[](auto& c) { c.links[0].bandwidthBps = INFINITE; }, "/links/0/bandwidth", {"above 0"}},
        {[](auto& c) { c.links[1].delayMs = -1; }, "/links/1/delay", {"0 or more"}},
        {[](auto& c) { c.links[1].delayMs = NOT_A_NUMBER; }, "/links/1/delay", {"0 or more"}},
        {[](auto& c) { c.source = 3; }, "/source", {"found tier 3", "0..2"}},
        {[](auto& c) { c.destination = 7; }, "/destination", {"found tier 7", "0..2"}},
        {[](auto& c) { c.packets.mtuBytes = 48; }, "/mtu_bytes", {"found 48", "more than the 48"}},
        {[](auto& c) { c.links[0].mtuBytes = 48; },
         "/links/0/mtu_bytes",
         {"found 48", "more than the 48"}},
    };
    EXPECT_NO_THROW(GetTinyChain().Validate(3));
    for (const auto& offence : offences)
    {
        SCOPED_TRACE(offence.where);
        auto chain = GetTinyChain();
        offence.commit(chain);
        ExpectInputError([&] { chain.Validate(3); }, offence.where, offence.message);
        // The estimate refuses it just the same.
        ExpectInputError(
            [&] {
                EstimateDeployment(GetTinyModel(),
                                   chain,
                                   Deployment::Parse("0:1-3@0"),
                                   EstimatorRules::Exact());
            },
            offence.where,
            offence.message);
    }
}

TEST(Chain, ListsLinksInTheOrderOfTravel)
{
    const auto chain = GetTinyChain();
    const auto up = Stream(chain).GetLinks(0, 2);
    ASSERT_EQ(up.size(), 2U);
    EXPECT_EQ(up[0].bandwidthBps, 8e6);
    EXPECT_EQ(up[1].bandwidthBps, 80e6);
    const auto down = Stream(chain).GetLinks(2, 0);
    ASSERT_EQ(down.size(), 2U);
    EXPECT_EQ(down[0].bandwidthBps, 80e6);
    EXPECT_EQ(down[1].bandwidthBps, 8e6);
    ASSERT_EQ(Stream(chain).GetLinks(2, 1).size(), 1U);
    EXPECT_EQ(Stream(chain).GetLinks(2, 1)[0].delayMs, 5);
    EXPECT_TRUE(Stream(chain).GetLinks(1, 1).empty());
}
