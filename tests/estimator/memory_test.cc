/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// What blocks take of the memory of nodes: sums by hand, and searches that leave out what does not
// fit, held against deployments listed one by one.

#include "tiny_model.h"

#include "ns3/portend-memory.h"
#include "ns3/portend-search.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace portend;

namespace
{

/// @return the tiny model, with bytes that tell which blocks were counted
ModelProfile
GetHeavyModel()
{
    auto model = GetTinyModel();
    model.parameterBytes = {1, 20, 300};
    model.activationBytes = {1000, 7000, 4000};
    return model;
}

/// Draws searches.
class Inventor
{
  public:
    explicit Inventor(uint32_t seed)
        : m_random(seed)
    {
    }

    /// @return a whole number of [0, count)
    uint32_t Pick(uint32_t count)
    {
        return std::uniform_int_distribution<uint32_t>(0, count - 1)(m_random);
    }

    /// A network, a chain and what is kept in memory besides.
    struct Instance
    {
        ModelProfile model;
        Chain chain;
        SearchSpace space;
        bool sharesTiers{false};

        /// Memory of a tier's node.
        struct Memory
        {
            uint32_t tier;
            uint64_t bytes;
            uint64_t tensors;
            std::set<uint32_t> kept;      // blocks of the model that are there anyway
            uint64_t otherParameters{0};  // of another model
            uint64_t otherActivations{0}; // the same
        };

        std::vector<Memory> memories;
    };

    Instance Invent()
    {
        Instance instance;
        const uint32_t blocks = 1 + Pick(6);
        const uint32_t tiers = 1 + Pick(3);
        auto& model = instance.model;
        model.name = "invented";
        model.blocks = blocks;
        model.resultBytes = 1 + Pick(400);
        model.thresholds = {0, 0.3, 0.7};
        for (uint32_t i = 1; i <= blocks; ++i)
        {
            if (i == blocks || Pick(4) > 0)
            {
                model.branches.push_back(i);
            }
            model.tensorBytes.push_back(1 + Pick(30000));
            model.parameterBytes.push_back(Pick(4) == 0 ? 0 : 10 * (1 + Pick(10)));
            model.activationBytes.push_back(Pick(4) == 0 ? 0 : 1 + Pick(9));
        }
        const bool isMonotone = Pick(2) == 0;
        for (std::size_t i = 0; i < model.branches.size(); ++i)
        {
            std::vector<double> exits;
            for (std::size_t t = 0; t < model.thresholds.size(); ++t)
            {
                double rate = model.branches[i] == blocks ? 1 : t == 0 ? 0 : Pick(11) / 10.0;
                if (isMonotone && i > 0)
                {
                    rate = std::max(rate, model.validation.exitRates[i - 1][t]);
                }
                exits.push_back(rate);
            }
            model.validation.exitRates.push_back(exits);
            model.validation.accuracy.push_back(0.3 + 0.7 * Pick(11) / 10);
        }
        model.Validate();
        ModelProfile other = model;
        other.name = "other";
        for (uint32_t j = 0; j < tiers; ++j)
        {
            auto device = std::make_shared<DeviceProfile>();
            device->blocks = blocks;
            for (uint32_t p = 0; p < blocks * (blocks + 1) / 2; ++p)
            {
                device->computeMs.push_back({1.0 + Pick(20)});
            }
            device->serializeMs.assign(blocks, 0.5);
            device->deserializeMs.assign(blocks, 0.25);
            ChainTier tier{device};
            tier.node.servers = 1 + Pick(2);
            tier.node.batching.max = 1 + Pick(2);
            instance.chain.tiers.push_back(tier);
            if (j > 0)
            {
                instance.chain.links.push_back({Pick(2) == 0 ? 1e7 : 4e8, 1.0 + Pick(40)});
            }
            // A tier has no room that is bounded, one, or one of each of two members.
            for (uint32_t members = Pick(4) == 0 ? 0 : 1 + Pick(2); members > 0; --members)
            {
                auto& memory = instance.memories.emplace_back();
                memory.tier = j;
                memory.bytes = 20 + Pick(300);
                memory.tensors = uint64_t{tier.node.servers} * tier.node.batching.max;
                MemoryRoom room{j, memory.bytes, memory.tensors};
                if (Pick(2) == 0)
                {
                    const auto block = 1 + Pick(blocks);
                    memory.kept = {block};
                    room.others.Add(model, block, block);
                }
                if (Pick(3) == 0)
                {
                    const auto i = Pick(blocks);
                    memory.otherParameters = other.parameterBytes[i];
                    memory.otherActivations = other.activationBytes[i];
                    room.others.Add(other, i + 1, i + 1);
                }
                instance.space.rooms.push_back(room);
            }
        }
        instance.chain.source = Pick(tiers);
        instance.chain.destination = Pick(tiers);
        instance.space.placements =
            Pick(2) == 0 ? GetAscendingPlacements(tiers, tiers) : GetAllPlacements(tiers, tiers);
        instance.sharesTiers = Pick(2) == 0;
        if (instance.sharesTiers)
        {
            instance.space.placements = GetSharedPlacements(instance.space.placements, 1 + Pick(4));
        }
        instance.space.truncated = Pick(2) == 0;
        instance.space.ownThresholds = Pick(3) == 0;
        if (blocks > 1 && Pick(3) == 0)
        {
            instance.space.fixedCuts = {1 + Pick(blocks - 1)};
        }
        return instance;
    }

  private:
    std::mt19937 m_random;
};

/// @return whether a deployment fits into all memories, added up block by block
bool
Fits(const Inventor::Instance& instance, const Deployment& deployment)
{
    for (const auto& memory : instance.memories)
    {
        auto blocks = memory.kept;
        bool runs = false;
        for (const auto& partition : deployment.partitions)
        {
            for (auto block = partition.first;
                 partition.tier == memory.tier && block <= partition.last;
                 ++block)
            {
                blocks.insert(block);
                runs = true;
            }
        }
        uint64_t parameters = memory.otherParameters;
        uint64_t activations = memory.otherActivations;
        for (const auto block : blocks)
        {
            parameters += instance.model.parameterBytes[block - 1];
            activations = std::max(activations, instance.model.activationBytes[block - 1]);
        }
        if (runs && parameters + memory.tensors * activations > memory.bytes)
        {
            return false;
        }
    }
    return true;
}

/// @return all deployments of the space, by all subsets of cuts and all choices of thresholds
std::set<std::string>
List(const Inventor::Instance& instance)
{
    const auto& model = instance.model;
    const auto& space = instance.space;
    std::set<std::string> all;
    for (const auto& placement : space.placements)
    {
        for (uint32_t cuts = 0; cuts < 1U << (model.blocks - 1); ++cuts)
        {
            for (uint32_t end = space.truncated ? 1 : model.blocks; end <= model.blocks; ++end)
            {
                Deployment deployment;
                uint32_t first = 1;
                for (uint32_t block = 1; block <= end; ++block)
                {
                    if (block == end || (cuts >> (block - 1) & 1) != 0)
                    {
                        const auto k = deployment.partitions.size();
                        const auto tier = k < placement.size() ? placement[k] : 0;
                        deployment.partitions.push_back({tier, first, block});
                        first = block + 1;
                    }
                }
                const bool isOther = cuts >> (end - 1) != 0; // cuts behind the end
                bool isFixed = true;
                for (const auto cut : space.fixedCuts)
                {
                    isFixed = isFixed && cut < end && (cuts >> (cut - 1) & 1) != 0;
                }
                if (isOther || !isFixed || deployment.partitions.size() != placement.size() ||
                    !model.HasBranch(end) || !Fits(instance, deployment))
                {
                    continue;
                }
                // Each cut with a branch has one of three thresholds, its own or that of all.
                auto& partitions = deployment.partitions;
                for (uint32_t choice = 0; choice < std::pow(3, partitions.size() - 1); ++choice)
                {
                    std::vector<double> thresholds;
                    std::set<double> ofBranches;
                    auto rest = choice;
                    for (std::size_t k = 0; k + 1 < partitions.size(); ++k, rest /= 3)
                    {
                        const bool has = model.HasBranch(partitions[k].last);
                        thresholds.push_back(has ? model.thresholds[rest % 3] : 0);
                        if (has)
                        {
                            ofBranches.insert(thresholds.back());
                        }
                    }
                    if (space.ownThresholds)
                    {
                        deployment.thresholds = thresholds;
                    }
                    else if (ofBranches.size() < 2)
                    {
                        const double common = ofBranches.empty() ? 0 : *ofBranches.begin();
                        deployment.thresholds.assign(thresholds.size(), common);
                    }
                    else
                    {
                        continue;
                    }
                    const std::set<double> different(deployment.thresholds.begin(),
                                                     deployment.thresholds.end());
                    deployment.threshold = thresholds.empty() ? 0 : deployment.thresholds.front();
                    if (different.size() < 2)
                    {
                        deployment.thresholds.clear();
                    }
                    all.insert(deployment.ToString());
                }
            }
        }
    }
    return all;
}

/// @return latencies and accuracies of a frontier
std::vector<std::pair<double, double>>
GetPoints(const Frontier& frontier)
{
    std::vector<std::pair<double, double>> points;
    for (const auto& candidate : frontier.Get())
    {
        points.emplace_back(candidate.latencyMs, candidate.accuracy);
    }
    return points;
}

} // namespace

TEST(Memory, CountsParametersOnceForEachModel)
{
    const auto model = GetHeavyModel();
    BlockSet blocks;
    EXPECT_EQ(blocks.GetNeed(3), 0U);
    blocks.Add(model, 1, 2);
    EXPECT_EQ(blocks.GetParameterBytes(), 21U);
    EXPECT_EQ(blocks.GetActivationBytes(), 7000U);
    EXPECT_EQ(blocks.GetNeed(1), 7021U);
    EXPECT_EQ(blocks.GetNeed(3), 21021U);
    EXPECT_EQ(blocks.GetMissingBytes(model, 2, 3), 300U);
    blocks.Add(model, 2, 3); // another stream of the model: block 2 is there
    EXPECT_EQ(blocks.GetParameterBytes(), 321U);
    EXPECT_EQ(blocks.GetActivationBytes(), 7000U);
    EXPECT_EQ(blocks.GetMissingBytes(model, 1, 3), 0U);

    auto other = model;
    other.name = "another";
    EXPECT_EQ(blocks.GetMissingBytes(other, 2, 3), 320U);
    blocks.Add(other, 2, 2);
    EXPECT_EQ(blocks.GetParameterBytes(), 341U);
    other.name = model.name;
    other.file = "elsewhere/model.json"; // of the same name, and not the same
    EXPECT_EQ(blocks.GetMissingBytes(other, 2, 2), 20U);

    // More than can be counted is more than any memory has.
    EXPECT_EQ(blocks.GetNeed(UINT64_MAX), UINT64_MAX);
}

TEST(Memory, FindsWhatFits)
{
    const auto model = GetHeavyModel();
    // Blocks 1-2 with two tensors: 21 + 2 * 7000; all: 321 + 14000.
    EXPECT_EQ((MemoryRoom{0, 14321, 2}.FindLast(model, 1)), 3U);
    EXPECT_EQ((MemoryRoom{0, 14320, 2}.FindLast(model, 1)), 2U);
    EXPECT_EQ((MemoryRoom{0, 14020, 2}.FindLast(model, 1)), 1U);
    EXPECT_EQ((MemoryRoom{0, 2000, 2}.FindLast(model, 1)), 0U);
    EXPECT_EQ((MemoryRoom{0, 8300, 2}.FindLast(model, 3)), 3U);
    MemoryRoom room{0, 8300, 2};
    room.others.Add(model, 1, 1); // takes 1 besides
    EXPECT_EQ(room.FindLast(model, 3), 2U);

    auto chain = GetTinyChain();
    chain.tiers[1].node.memoryBytes = 14020;
    chain.tiers[1].node.servers = 2;
    chain.tiers[2].node.memoryBytes = 12321;
    chain.tiers[2].node.batching.max = 3;
    const auto rooms = GetRooms(chain);
    ASSERT_EQ(rooms.size(), 2U);
    EXPECT_EQ(rooms[0], (MemoryRoom{1, 14020, 2}));
    EXPECT_EQ(rooms[1], (MemoryRoom{2, 12321, 3}));
    const auto find = [&](const std::string& text) {
        return FindTooSmall(model, Deployment::Parse(text), rooms);
    };
    EXPECT_EQ(find("0:1-3@0"), nullptr);
    EXPECT_EQ(find("1:1-1,2:2-3@0"), &rooms[1]); // 320 + 3 * 7000
    // Each partition fits, their visit does not.
    EXPECT_EQ(find("1:1-1@0"), nullptr);
    EXPECT_EQ(find("1:1-1,1:2-2@0"), &rooms[0]); // 21 + 14000
}

TEST(Memory, SearchesRefuseModelsThatTellNoBytes)
{
    auto model = GetTinyModel();
    const auto chain = GetTinyChain();
    SearchSpace space{GetAscendingPlacements(3, 3)};
    space.rooms = {{1, 1000, 1}};
    const auto search = [&]() { DeploymentSearch(model, chain, EstimatorRules::Exact(), space); };
    ExpectInputError(search, "/parameter_bytes", {"profile tiny", "bytes of each block"});
    model.parameterBytes = {1, 2, 3};
    model.file = "profiles/tiny/model.json";
    ExpectInputError(search, "profiles/tiny/model.json: /activation_bytes", {"profile tiny"});
    model.activationBytes = {1, 2, 3};
    search();
    space.rooms = {{3, 1000, 1}};
    ExpectInputError(search, "", {"tier 3"});
    model.activationBytes.pop_back();
    ExpectInputError([&]() { model.Validate(); }, "/activation_bytes", {"found 2", "expected 3"});
    model.activationBytes = {1, 2, MOST_BLOCK_BYTES + 1};
    ExpectInputError([&]() { model.Validate(); }, "/activation_bytes/2", {"1000000000000 bytes"});
}

// Both engines find, count and leave out what a list of all deployments says.
TEST(Memory, SearchesConsiderWhatFits)
{
    Inventor inventor(41);
    uint64_t left = 0;
    uint64_t considered = 0;
    uint64_t shared = 0;
    for (int i = 0; i < 1500; ++i)
    {
        SCOPED_TRACE("instance " + std::to_string(i));
        const auto instance = inventor.Invent();
        std::vector<EstimatorRules> rules{EstimatorRules::Exact()};
        if (!instance.sharesTiers)
        {
            rules.push_back(EstimatorRules::Paper());
        }
        const auto fitting = List(instance);
        for (const auto& variant : rules)
        {
            const DeploymentSearch search(instance.model, instance.chain, variant, instance.space);
            std::set<std::string> visited;
            std::vector<std::string> third; // every third, from the second on
            Frontier expected;
            search.ForEach([&](double latencyMs, double accuracy, const auto& getDeployment) {
                const auto deployment = getDeployment();
                if (visited.size() % 3 == 1)
                {
                    third.push_back(deployment.ToString());
                }
                ASSERT_TRUE(visited.insert(deployment.ToString()).second);
                const auto estimate =
                    EstimateDeployment(instance.model, instance.chain, deployment, variant);
                ASSERT_NEAR(estimate.GetLatencyMs(), latencyMs, 1e-9);
                if (expected.Accepts(latencyMs, accuracy))
                {
                    expected.Insert({deployment, latencyMs, accuracy});
                }
            });
            ASSERT_EQ(visited, fitting);
            ASSERT_EQ(search.Count(), fitting.size());
            std::set<uint64_t> numbers;
            for (uint64_t number = 1; number < fitting.size(); number += 3)
            {
                numbers.insert(number);
            }
            std::vector<std::string> some;
            search.ForSome(numbers, [&some](double, double, const auto& getDeployment) {
                some.push_back(getDeployment().ToString());
            });
            ASSERT_EQ(some, third);
            auto unbounded = instance;
            unbounded.memories.clear();
            ASSERT_EQ(search.CountUnfit(), List(unbounded).size() - fitting.size());
            ASSERT_EQ(search.CountUnmeasured(), 0U);
            ASSERT_EQ(GetPoints(search.FindFrontierExhaustively()), GetPoints(expected));
            const auto labels = search.FindFrontier();
            ASSERT_EQ(GetPoints(labels), GetPoints(expected));
            for (const auto& candidate : labels.Get())
            {
                ASSERT_TRUE(Fits(instance, candidate.deployment))
                    << candidate.deployment.ToString();
            }
            ASSERT_EQ(search.FindBest({}, 1000000).size(), fitting.size());
            left += search.CountUnfit();
            considered += fitting.size();
            shared += instance.sharesTiers ? search.CountUnfit() : 0;
        }
    }
    EXPECT_GT(left, 50000U);
    EXPECT_GT(considered, 10000U);
    EXPECT_GT(shared, 10000U);
}
