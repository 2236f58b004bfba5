/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Every component of the latency, by hand. The tiny chain's tiers take 4, 2 and 1 times the
// tiny device's times; a byte takes 1 us on link 0 and 0.1 us on link 1. In all cases
// E = 0.4, 0.3, 0.3, so that 1, 0.6 and 0.3 of the requests arrive at the partitions.

#include "tiny_model.h"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace portend;

namespace
{

/// Requires that components are others, but for rounding errors.
void
ExpectComponents(const Components& found, const Components& expected)
{
    for (std::size_t c = 0; c < Components::NAMES.size(); ++c)
    {
        EXPECT_NEAR(found.GetValues()[c], expected.GetValues()[c], 1e-12) << Components::NAMES[c];
    }
    EXPECT_NEAR(found.GetTotal(), expected.GetTotal(), 1e-12);
}

/// @return components as written in the comments above the tests
Components
Make(double deserialization,
     double computation,
     double serialization,
     double propagation,
     double transmission)
{
    return {0, deserialization, computation, serialization, propagation, transmission, 0};
}

/// Draws models, chains and deployments from a fixed sequence.
class CaseGenerator
{
  public:
    /// @return a number in [0, 1)
    double GetUniform()
    {
        return std::uniform_real_distribution<>()(m_random);
    }

    /// @return a number 0 .. limit - 1
    uint32_t GetInteger(uint32_t limit)
    {
        return m_random() % limit;
    }

    /// @return a model of `blocks` blocks at one threshold, whose exit rates need not rise
    ModelProfile GetModel(uint32_t blocks)
    {
        ModelProfile model;
        model.name = "random";
        model.blocks = blocks;
        model.resultBytes = 1 + GetInteger(500);
        model.envelope = {GetInteger(100), {0, 9, 17}, GetInteger(50)};
        model.thresholds = {0.5};
        for (uint32_t i = 0; i < blocks; ++i)
        {
            model.tensorBytes.push_back(1 + GetInteger(100000));
            model.validation.exitRates.push_back({i + 1 == blocks ? 1 : GetUniform()});
            model.validation.accuracy.push_back(GetUniform());
        }
        model.Validate();
        return model;
    }

    /// @return up to five tiers
    Chain GetChain(uint32_t blocks)
    {
        Chain chain;
        chain.tiers.resize(1 + GetInteger(5));
        for (auto& tier : chain.tiers)
        {
            auto device = std::make_shared<DeviceProfile>();
            device->blocks = blocks;
            device->computeMs.resize(blocks * (blocks + 1) / 2);
            for (auto& repeats : device->computeMs)
            {
                repeats = {GetUniform(), GetUniform()};
            }
            for (uint32_t i = 0; i < blocks; ++i)
            {
                device->serializeMs.push_back(GetUniform());
                device->deserializeMs.push_back(GetUniform());
            }
            device->serializeResultMs = GetUniform();
            device->deserializeResultMs = GetUniform();
            device->Validate();
            tier = {device, {0.5 + GetUniform(), 0.5 + GetUniform()}};
        }
        for (std::size_t j = 0; j + 1 < chain.tiers.size(); ++j)
        {
            chain.links.push_back({1e6 + 1e8 * GetUniform(), 50 * GetUniform()});
        }
        chain.source = GetInteger(chain.tiers.size());
        chain.destination = GetInteger(chain.tiers.size());
        chain.packets.mtuBytes = 100 + GetInteger(9000);
        return chain;
    }

    /// @return consecutive partitions on different tiers, in any order
    Deployment GetDeployment(uint32_t blocks, uint32_t tiers)
    {
        std::vector<uint32_t> order(tiers);
        std::iota(order.begin(), order.end(), 0);
        std::shuffle(order.begin(), order.end(), m_random);
        Deployment deployment;
        deployment.threshold = 0.5;
        uint32_t next = 1;
        for (const auto tier : order)
        {
            const auto last = next + GetInteger(blocks - next + 1);
            deployment.partitions.push_back({tier, next, last});
            next = last + 1;
            if (next > blocks || GetInteger(3) == 0)
            {
                break;
            }
        }
        return deployment;
    }

  private:
    std::mt19937 m_random{1}; ///< fixed sequence
};

constexpr uint32_t BLOCKS = 7;

} // namespace

// Up the chain, results back to tier 0. Messages: input 12000 + 17; tensors
// 8000 + 50 + 17 + 0 * 44 and 4000 + 50 + 17 + 1 * 44; result 200 + 17 + 2 * 44.
class UpTheChain : public testing::Test
{
  protected:
    /// @return the estimate by a set of rules
    static Estimate GetEstimate(const EstimatorRules& rules)
    {
        return EstimateDeployment(GetTinyModel(),
                                  GetTinyChain(),
                                  Deployment::Parse("0:1-1,1:2-2,2:3-3@0.5"),
                                  rules);
    }
};

// deserialization: 3.2 + 0.6 * 1.2 + 0.3 * 0.4, result 0.12
// computation: 12 + 0.6 * 9 + 0.3 * 6, the means of the repeats
// serialization: 2 + 0.6 * 1.2 + 0.3 * 0.2, results 0.4 * 0.08 + 0.3 * 0.04 + 0.3 * 0.02
// propagation: 0.6 * 10 + 0.3 * 5, results 0.3 * 10 + 0.3 * 15
// transmission: 9 packets 8067 + 450 B, 5 packets 4111 + 250 B, 1 packet 305 + 50 B:
//   0.6 * 8.517 + 0.3 * 0.4361 + 0.3 * 0.355 + 0.3 * (0.355 + 0.0355)
TEST_F(UpTheChain, ByTheExactRules)
{
    const auto estimate = GetEstimate(EstimatorRules::Exact());
    ExpectComponents(estimate.components, Make(4.16, 19.2, 2.83, 15, 5.46468));
    EXPECT_NEAR(estimate.GetLatencyMs(), 46.65468, 1e-12);
    EXPECT_EQ(estimate.messageBytes, (std::vector<uint64_t>{12017, 8067, 4111, 305}));
}

// What a request costs that exits at partition 1, 2 and 3: sums without weights.
TEST_F(UpTheChain, ByExit)
{
    const auto estimate = GetEstimate(EstimatorRules::Exact());
    ASSERT_EQ(estimate.exitClass.size(), 3U);
    ExpectComponents(estimate.exitClass[0], Make(3.2 + 0.12, 12, 2 + 0.08, 0, 0));
    ExpectComponents(estimate.exitClass[1],
                     Make(3.2 + 1.2 + 0.12, 12 + 9, 2 + 1.2 + 0.04, 10 + 10, 8.517 + 0.355));
    ExpectComponents(estimate.exitClass[2],
                     Make(3.2 + 1.2 + 0.4 + 0.12,
                          12 + 9 + 6,
                          2 + 1.2 + 0.2 + 0.02,
                          10 + 5 + 15,
                          8.517 + 0.4361 + 0.3905));
}

// The paper's packets are all 1048 B: 8 for 8067 B, 4 for 4111 B, 1 for the result.
// 0.6 * 8.384 + 0.3 * 0.4192 + 0.3 * 1.048 + 0.3 * (1.048 + 0.1048)
TEST_F(UpTheChain, ByThePaper)
{
    const auto estimate = GetEstimate(EstimatorRules::Paper());
    ExpectComponents(estimate.components, Make(4.16, 19.2, 2.83, 15, 5.8164));
}

// Results are neither serialized nor deserialized: 0.12 and 0.05 less.
// computation: the maximum of the repeats, 16 + 0.6 * 12 + 0.3 * 8
// transmission: bytes alone, 0.6 * 8.067 + 0.3 * 0.4111 + 0.3 * 0.305 + 0.3 * (0.305 + 0.0305)
TEST_F(UpTheChain, ByTheReferenceCode)
{
    const auto estimate = GetEstimate(EstimatorRules::ReferenceCode());
    ExpectComponents(estimate.components, Make(4.04, 25.6, 2.78, 15, 5.15568));
}

// Down and up again, with source and destination in the middle: the input goes up link 1, the
// first tensor down both links, the second up link 0. Results come from both sides.
class DownTheChain : public testing::Test
{
  protected:
    /// @return the estimate by a set of rules
    static Estimate GetEstimate(const EstimatorRules& rules)
    {
        auto chain = GetTinyChain();
        chain.source = 1;
        chain.destination = 1;
        return EstimateDeployment(GetTinyModel(),
                                  chain,
                                  Deployment::Parse("2:1-1,0:2-2,1:3-3@0.5"),
                                  rules);
    }
};

// deserialization: 0.8 + 0.6 * 2.4 + 0.3 * 0.8, result 0.06
// computation: 3 + 0.6 * 18 + 0.3 * 12
// serialization: 1 + 0.6 * 0.3 + 0.3 * 0.4, results 0.4 * 0.02 + 0.3 * 0.08 + 0.3 * 0.04
// propagation: 5 + 0.6 * 15 + 0.3 * 10, results 0.4 * 5 + 0.3 * 10
// transmission: input 13 packets 12017 + 650 B: 1.2667; first tensor: the first packet of
//   1050 B on the fast link, then 8517 B on the slow one, 0.105 + 8.517; second 4.361; results
//   0.0355 from tier 2, 0.355 from tier 0, none from tier 1:
//   1.2667 + 0.6 * 8.622 + 0.3 * 4.361 + 0.4 * 0.0355 + 0.3 * 0.355
TEST_F(DownTheChain, ByTheExactRules)
{
    ExpectComponents(GetEstimate(EstimatorRules::Exact()).components,
                     Make(2.54, 17.4, 1.344, 22, 7.8689));
}

// Full packets: 12 * 0.1048 + 0.6 * (7 * 1.048 + 1.048 + 0.1048) + 0.3 * 4 * 1.048
// + 0.4 * 0.1048 + 0.3 * 1.048
TEST_F(DownTheChain, ByThePaper)
{
    ExpectComponents(GetEstimate(EstimatorRules::Paper()).components,
                     Make(2.54, 17.4, 1.344, 22, 7.9648));
}

// 8067 B are no more than 9000, so that they are stored and forwarded whole:
// 1.2017 + 0.6 * (8.067 + 0.8067) + 0.3 * 4.111 + 0.4 * 0.0305 + 0.3 * 0.305
// computation: 4 + 0.6 * 24 + 0.3 * 16
TEST_F(DownTheChain, ByTheReferenceCode)
{
    ExpectComponents(GetEstimate(EstimatorRules::ReferenceCode()).components,
                     Make(2.48, 23.2, 1.3, 22, 7.86292));
}

// One tier, one block, no network: input serialized 2, deserialized 3.2, computed 12, result
// serialized 0.08 and deserialized 0.12.
TEST(Latency, OfOneBlockOnOneTier)
{
    auto model = GetTinyModel();
    model.blocks = 1;
    model.tensorBytes = {12000};
    model.validation.exitRates = {{1, 1, 1}};
    model.validation.accuracy = {0.6};
    model.Validate();
    auto device = std::make_shared<DeviceProfile>(GetTinyDevice(4));
    device->blocks = 1;
    device->computeMs = {{8, 16}};
    device->serializeMs = {2};
    device->deserializeMs = {3.2};
    device->Validate();
    Chain chain;
    chain.tiers.push_back({device});
    const auto estimate =
        EstimateDeployment(model, chain, Deployment::Parse("0:1-1"), EstimatorRules::Exact());
    ExpectComponents(estimate.components, Make(3.32, 12, 2.08, 0, 0));
    ExpectComponents(estimate.exitClass.at(0), estimate.components);
    EXPECT_EQ(estimate.exitRates, std::vector<double>{1});
    EXPECT_EQ(estimate.accuracy, 0.6);
    EXPECT_EQ(estimate.messageBytes, (std::vector<uint64_t>{12000, 200}));
}

// A truncated model: blocks 1-2 on tier 1 of three blocks in all. Input 12000 B over link 0:
// 12 packets, 12.6 ms; result 0.25 ms. deserialization 1.6 + 0.12, computation 16,
// serialization 2 + 0.04, propagation 10 + 10.
TEST(Latency, OfTruncatedModel)
{
    const auto estimate = EstimateDeployment(GetTinyModel(),
                                             GetTinyChain(),
                                             Deployment::Parse("1:1-2@0"),
                                             EstimatorRules::Exact());
    ExpectComponents(estimate.components, Make(1.72, 16, 2.04, 20, 12.85));
    EXPECT_EQ(estimate.accuracy, 0.75);
}

// The same with tier 0 as source and destination 5 times, and tier 1 computing 3 times and
// (de)serializing 7 times as slow. A compute factor where nothing is computed changes nothing.
TEST(Latency, IsScaledByTheFactorsOfTheTiers)
{
    auto chain = GetTinyChain();
    chain.tiers[0].node.computeFactor = 11;
    chain.tiers[0].node.serializationFactor = 5;
    chain.tiers[1].node.computeFactor = 3;
    chain.tiers[1].node.serializationFactor = 7;
    const auto estimate = EstimateDeployment(GetTinyModel(),
                                             chain,
                                             Deployment::Parse("1:1-2@0"),
                                             EstimatorRules::Exact());
    ExpectComponents(estimate.components,
                     Make(7 * 1.6 + 5 * 0.12, 3 * 16, 5 * 2 + 7 * 0.04, 20, 12.85));
}

// Every inference costs the tier's overhead: one of 3 ms on tier 1, which all requests visit.
TEST(Latency, CountsTheOverheadOfEachInference)
{
    auto chain = GetTinyChain();
    const auto deployment = Deployment::Parse("1:1-2@0");
    const auto rules = EstimatorRules::Exact();
    const auto without = EstimateDeployment(GetTinyModel(), chain, deployment, rules);
    chain.tiers[0].node.overheadMs = 5; // hosts no partition
    chain.tiers[1].node.overheadMs = 3;
    auto expected = without.components;
    expected.computationMs += 3;
    ExpectComponents(EstimateDeployment(GetTinyModel(), chain, deployment, rules).components,
                     expected);
    chain.tiers[1].node.overheadMs = -1;
    EXPECT_THROW(chain.Validate(3), InputError);
}

TEST(Latency, SummarizesRepeats)
{
    using Repeats = EstimatorRules::Repeats;
    EXPECT_EQ(SummarizeRepeats({5, 1, 3, 11}, Repeats::MEAN), 5);
    EXPECT_EQ(SummarizeRepeats({5, 1, 3, 11}, Repeats::MEDIAN), 4);
    EXPECT_EQ(SummarizeRepeats({5, 1, 11}, Repeats::MEDIAN), 5);
    EXPECT_EQ(SummarizeRepeats({5, 1, 11}, Repeats::MAXIMUM), 11);
    EXPECT_EQ(SummarizeRepeats({7}, Repeats::MEDIAN), 7);
}

// Source and destination need not be the same: input from tier 0 to 1, result from 1 to 2.
// transmission: input 12.6, result 250 B at 10 B/us; the result is deserialized on tier 2.
TEST(Latency, OfResultThatGoesOnUp)
{
    auto chain = GetTinyChain();
    chain.destination = 2;
    const auto estimate = EstimateDeployment(GetTinyModel(),
                                             chain,
                                             Deployment::Parse("1:1-2@0"),
                                             EstimatorRules::Exact());
    ExpectComponents(estimate.components, Make(1.6 + 0.03, 16, 2.04, 10 + 5, 12.625));
}

TEST(Latency, SumsUpItsComponents)
{
    const Components a{1, 2, 4, 8, 16, 32, 64};
    EXPECT_EQ(a.GetTotal(), 127);
    Components b = a;
    b.Add(a, 0.5);
    EXPECT_EQ(b.GetValues(), (std::array<double, 7>{1.5, 3, 6, 12, 24, 48, 96}));
}

// The mean over requests is that over the classes of requests, weighted by how many there are.
TEST(Latency, IsTheMeanOverExits)
{
    CaseGenerator random;
    for (int i = 0; i < 500; ++i)
    {
        const auto model = random.GetModel(BLOCKS);
        const auto chain = random.GetChain(BLOCKS);
        const auto deployment = random.GetDeployment(BLOCKS, chain.tiers.size());
        for (const auto& rules : {EstimatorRules::Exact(), EstimatorRules::Paper()})
        {
            SCOPED_TRACE(rules.name + " " + deployment.ToString());
            const auto estimate = EstimateDeployment(model, chain, deployment, rules);
            Components mean;
            for (std::size_t k = 0; k < estimate.exitClass.size(); ++k)
            {
                mean.Add(estimate.exitClass[k], estimate.exitRates[k]);
            }
            for (std::size_t c = 0; c < Components::NAMES.size(); ++c)
            {
                ASSERT_NEAR(mean.GetValues()[c], estimate.components.GetValues()[c], 1e-9)
                    << Components::NAMES[c];
            }
        }
    }
}

TEST(Latency, NeverRisesWithBandwidth)
{
    CaseGenerator random;
    for (int i = 0; i < 500; ++i)
    {
        const auto model = random.GetModel(BLOCKS);
        auto chain = random.GetChain(BLOCKS);
        const auto deployment = random.GetDeployment(BLOCKS, chain.tiers.size());
        if (chain.links.empty())
        {
            continue;
        }
        const auto get = [&] {
            return EstimateDeployment(model, chain, deployment, EstimatorRules::Exact())
                .GetLatencyMs();
        };
        const double before = get();
        chain.links[random.GetInteger(chain.links.size())].bandwidthBps *= 1 + random.GetUniform();
        ASSERT_LE(get(), before * (1 + 1e-12)) << deployment.ToString();
    }
}

TEST(Latency, IsNotChangedByUnusedTier)
{
    CaseGenerator random;
    for (int i = 0; i < 200; ++i)
    {
        const auto model = random.GetModel(BLOCKS);
        auto chain = random.GetChain(BLOCKS);
        const auto deployment = random.GetDeployment(BLOCKS, chain.tiers.size());
        for (const auto& rules :
             {EstimatorRules::Exact(), EstimatorRules::Paper(), EstimatorRules::ReferenceCode()})
        {
            const auto before = EstimateDeployment(model, chain, deployment, rules);
            auto longer = chain;
            longer.tiers.push_back(chain.tiers[0]);
            longer.links.push_back({1, 1e6});
            const auto after = EstimateDeployment(model, longer, deployment, rules);
            ASSERT_EQ(before.components.GetValues(), after.components.GetValues());
        }
    }
}

// If every sample exits at the first partition, the others might as well not exist, but for
// what they add to the messages' envelopes.
TEST(Latency, OfFirstExitAloneEqualsTheFirstPartition)
{
    auto model = GetTinyModel();
    model.envelope = {};
    for (const auto& rules :
         {EstimatorRules::Exact(), EstimatorRules::Paper(), EstimatorRules::ReferenceCode()})
    {
        SCOPED_TRACE(rules.name);
        const auto chain = GetTinyChain();
        // At threshold 1 every branch lets all samples exit.
        const auto several =
            EstimateDeployment(model, chain, Deployment::Parse("1:1-1,2:2-2,0:3-3@1"), rules);
        const auto first = EstimateDeployment(model, chain, Deployment::Parse("1:1-1@1"), rules);
        ExpectComponents(several.components, first.components);
        EXPECT_EQ(several.accuracy, first.accuracy);
    }
}
