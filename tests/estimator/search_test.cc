/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// The two engines of the search must agree number for number, and the optimum must move the
// right way when the problem changes.

#include "tiny_model.h"

#include "ns3/portend-search.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

using namespace portend;

namespace
{

/// A network, a chain and a space, invented at random.
struct Instance
{
    ModelProfile model;
    Chain chain;
    SearchSpace space;

    /// @return all rules that a search may follow
    static std::vector<EstimatorRules> GetRules()
    {
        auto conditional = EstimatorRules::Exact();
        conditional.accuracy = EstimatorRules::Accuracy::CONDITIONAL;
        return {EstimatorRules::Exact(),
                EstimatorRules::Paper(),
                EstimatorRules::ReferenceCode(),
                conditional};
    }
};

/// Draws instances.
class Inventor
{
  public:
    explicit Inventor(uint32_t seed)
        : m_random(seed)
    {
    }

    /// @return a number of [low, high], often one of the ends: ties are where engines differ
    double Draw(double low, double high)
    {
        switch (Pick(4))
        {
        case 0:
            return low;
        case 1:
            return high;
        default:
            return std::uniform_real_distribution<>(low, high)(m_random);
        }
    }

    /// @return a whole number of [0, count)
    uint32_t Pick(uint32_t count)
    {
        return std::uniform_int_distribution<uint32_t>(0, count - 1)(m_random);
    }

    Instance Invent()
    {
        Instance instance;
        const uint32_t blocks = 1 + Pick(6);
        const uint32_t tiers = 1 + Pick(4);
        auto& model = instance.model;
        model.name = "invented";
        model.blocks = blocks;
        model.resultBytes = 1 + Pick(400);
        model.envelope = {Pick(60), {0, Pick(10), 10 + Pick(10)}, Pick(50)};
        model.thresholds = {0, 0.3, 0.7};
        const bool isMonotone = Pick(2) == 0;
        for (uint32_t i = 0; i < blocks; ++i)
        {
            model.tensorBytes.push_back(1 + Pick(30000));
            std::vector<double> exits;
            std::vector<double> correct;
            for (std::size_t t = 0; t < model.thresholds.size(); ++t)
            {
                double rate = i + 1 == blocks ? 1 : t == 0 ? 0 : Draw(0, 1);
                if (isMonotone && i > 0)
                {
                    rate = std::max(rate, model.validation.exitRates[i - 1][t]);
                }
                exits.push_back(rate);
                correct.push_back(rate * Draw(0.5, 1));
            }
            model.validation.exitRates.push_back(exits);
            model.validation.correctRates.push_back(correct);
            model.validation.accuracy.push_back(Draw(0.3, 1));
        }
        model.Validate();
        for (uint32_t j = 0; j < tiers; ++j)
        {
            auto device = std::make_shared<DeviceProfile>();
            device->name = "invented";
            device->blocks = blocks;
            for (uint32_t p = 0; p < blocks * (blocks + 1) / 2; ++p)
            {
                device->computeMs.push_back({Draw(0, 20), Draw(0, 20)});
            }
            for (uint32_t i = 0; i < blocks; ++i)
            {
                device->serializeMs.push_back(Draw(0, 1));
                device->deserializeMs.push_back(Draw(0, 1));
            }
            device->serializeResultMs = Draw(0, 1);
            device->deserializeResultMs = Draw(0, 1);
            device->Validate();
            instance.chain.tiers.push_back({device});
            if (j > 0)
            {
                instance.chain.links.push_back({Pick(2) == 0 ? 1e7 : 4e8, Draw(0, 40)});
            }
        }
        instance.chain.source = Pick(tiers);
        instance.chain.destination = Pick(tiers);
        instance.chain.packets.mtuBytes = Pick(2) == 0 ? 1500 : 9000;
        instance.space.placements = Pick(2) == 0 ? GetAscendingPlacements(tiers, 1 + Pick(4))
                                                 : GetAllPlacements(tiers, 1 + Pick(3));
        instance.space.truncated = Pick(2) == 0;
        instance.space.ownThresholds = Pick(4) == 0;
        if (blocks > 1 && Pick(3) == 0)
        {
            instance.space.fixedCuts.push_back(1 + Pick(blocks - 1));
        }
        if (blocks > 2 && Pick(3) == 0)
        {
            const auto cut = 1 + Pick(blocks - 1);
            if (instance.space.fixedCuts != std::vector<uint32_t>{cut})
            {
                instance.space.forbiddenCuts.push_back(cut);
            }
        }
        if (Pick(3) == 0)
        {
            for (uint32_t j = 0; j < tiers; ++j)
            {
                instance.space.computeCapsMs.push_back(Draw(5, 30));
            }
        }
        return instance;
    }

  private:
    std::mt19937 m_random;
};

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

/// @return the least latency among those that are accurate enough; infinite if none is
double
GetLeastLatency(const Frontier& frontier, double minAccuracy)
{
    double least = HUGE_VAL;
    for (const auto& candidate : frontier.Get())
    {
        if (candidate.accuracy >= minAccuracy)
        {
            least = std::min(least, candidate.latencyMs);
        }
    }
    return least;
}

} // namespace

// Identical frontiers on thousands of small instances, under all rules, compared without any
// tolerance; and each point is what the estimator says of its deployment.
TEST(Search, EnginesAgreeOnRandomInstances)
{
    Inventor inventor(20231120);
    std::size_t points = 0;
    for (int i = 0; i < 3000; ++i)
    {
        const auto instance = inventor.Invent();
        for (const auto& rules : Instance::GetRules())
        {
            SCOPED_TRACE("instance " + std::to_string(i) + " rules " + rules.name);
            const DeploymentSearch search(instance.model, instance.chain, rules, instance.space);
            uint64_t count = 0;
            search.ForEach([&count](double, double, const auto&) { ++count; });
            ASSERT_EQ(search.Count(), count);
            const auto exhaustive = search.FindFrontierExhaustively();
            const auto labels = search.FindFrontier();
            ASSERT_EQ(GetPoints(exhaustive), GetPoints(labels));
            points += labels.Get().size();
            for (const auto& candidate : labels.Get())
            {
                const auto estimate =
                    EstimateDeployment(instance.model, instance.chain, candidate.deployment, rules);
                ASSERT_NEAR(estimate.GetLatencyMs(), candidate.latencyMs, 1e-9)
                    << candidate.deployment.ToString();
                ASSERT_NEAR(estimate.accuracy, candidate.accuracy, 1e-12)
                    << candidate.deployment.ToString();
            }
        }
    }
    EXPECT_GT(points, 10000U) << "the instances are too simple to tell engines apart";
}

// Some deployments are those that have their numbers among all, at the same cost.
TEST(Search, SomeAreAmongAll)
{
    using Visit = std::tuple<double, double, std::string>;
    Inventor inventor(4711);
    uint64_t chosen = 0;
    for (int i = 0; i < 1000; ++i)
    {
        auto instance = inventor.Invent();
        if (inventor.Pick(3) == 0)
        {
            instance.space.placements =
                GetSharedPlacements(instance.space.placements, 1 + inventor.Pick(4));
        }
        SCOPED_TRACE("instance " + std::to_string(i));
        const DeploymentSearch search(instance.model,
                                      instance.chain,
                                      EstimatorRules::Exact(),
                                      instance.space);
        std::set<uint64_t> numbers;
        std::vector<Visit> expected;
        uint64_t number = 0;
        const uint32_t one = 1 + inventor.Pick(30); // of so many is chosen
        search.ForEach([&](double latencyMs, double accuracy, const auto& getDeployment) {
            if (inventor.Pick(one) == 0)
            {
                numbers.insert(number);
                expected.emplace_back(latencyMs, accuracy, getDeployment().ToString());
            }
            ++number;
        });
        std::vector<Visit> seen;
        const auto visit = [&](double latencyMs, double accuracy, const auto& getDeployment) {
            seen.emplace_back(latencyMs, accuracy, getDeployment().ToString());
        };
        search.ForSome(numbers, visit);
        ASSERT_EQ(seen, expected);
        search.ForSome({}, visit);
        search.ForSome({number, UINT64_MAX}, visit); // there are none
        ASSERT_EQ(seen, expected);
        chosen += expected.size();
    }
    EXPECT_GT(chosen, 5000U);
}

// A chain too long to visit: twelve blocks on twelve tiers, with T = 10 thresholds. By the count
// of the authors, N M + T (C(24, 12) - 1 - N M), as the sum of C(12, L) C(12, L) is C(24, 12).
// The last deployment has a block on each tier, and the last threshold.
TEST(Search, LongChainsAreNumbered)
{
    const uint32_t length = 12;
    Inventor inventor(5);
    Instance instance;
    do
    {
        instance = inventor.Invent();
    } while (instance.model.blocks != 6 || instance.chain.tiers.size() < 2);
    auto& model = instance.model;
    model.blocks = length;
    model.tensorBytes.assign(length, 3000);
    model.thresholds = {0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9};
    const std::vector<double> rates(model.thresholds.size(), 0.1);
    model.validation.exitRates.assign(length, rates);
    model.validation.exitRates.back().assign(rates.size(), 1);
    model.validation.correctRates.assign(length, rates);
    model.validation.accuracy.assign(length, 0.5);
    model.Validate();
    auto device = std::make_shared<DeviceProfile>(*instance.chain.tiers[0].device);
    device->blocks = length;
    device->computeMs.assign(length * (length + 1) / 2, {5});
    device->serializeMs.assign(length, 1);
    device->deserializeMs.assign(length, 1);
    device->Validate();
    const auto link = instance.chain.links[0];
    instance.chain.tiers.assign(length, {device});
    instance.chain.links.assign(length - 1, link);
    instance.chain.source = instance.chain.destination = 0;
    const auto rules = EstimatorRules::Exact();
    SearchSpace space{GetAscendingPlacements(length, length)};
    const DeploymentSearch search(model, instance.chain, rules, space);
    const uint64_t all = 144 + 10ULL * (2704156 - 1 - 144);
    EXPECT_EQ(search.Count(), all);
    std::vector<std::string> seen;
    search.ForSome({0, 143, 144, all - 1, all},
                   [&seen](double, double, const auto& get) { seen.push_back(get().ToString()); });
    const std::string last =
        "0:1-1,1:2-2,2:3-3,3:4-4,4:5-5,5:6-6,6:7-7,7:8-8,8:9-9,9:10-10,10:11-11,11:12-12@0.9";
    EXPECT_EQ(seen, (std::vector<std::string>{"0:1-1@0", "11:1-12@0", "0:1-1,1:2-2@0", last}));

    // With thresholds of their own, sum C(12, L)^2 10^(L-1).
    space.ownThresholds = true;
    uint64_t own = 0;
    uint64_t choose = 1;
    uint64_t power = 1;
    for (uint64_t k = 1; k <= length; ++k, power *= 10)
    {
        choose = choose * (length - k + 1) / k;
        own += choose * choose * power;
    }
    EXPECT_EQ(DeploymentSearch(model, instance.chain, rules, space).Count(), own);
}

// More deployments than a number holds are said to be as many as it holds, and the best of more
// than anybody would visit is that of those which matter: all tiers but three are far away.
TEST(Search, TooManyToVisit)
{
    auto model = GetTinyModel();
    auto device = std::make_shared<DeviceProfile>(*GetTinyChain().tiers[0].device);
    const uint32_t blocks = 20;
    model.blocks = device->blocks = blocks;
    model.tensorBytes.assign(blocks, 3000);
    model.thresholds.clear();
    for (uint32_t t = 0; t < 50; ++t)
    {
        model.thresholds.push_back(t * 0.02);
    }
    std::vector<double> rates;
    for (const auto threshold : model.thresholds)
    {
        rates.push_back(0.4 * threshold);
    }
    model.validation.exitRates.assign(blocks, rates);
    model.validation.exitRates.back().assign(rates.size(), 1);
    model.validation.correctRates.clear();
    model.validation.accuracy.assign(blocks, 0.9);
    device->computeMs.assign(blocks * (blocks + 1) / 2, {5});
    device->serializeMs.assign(blocks, 1);
    device->deserializeMs.assign(blocks, 1);
    Chain chain;
    chain.tiers.assign(17, {device});
    chain.links.assign(16, {1e7, 1e5});
    chain.links[0] = chain.links[1] = {1e8, 1};
    const auto rules = EstimatorRules::Paper();
    SearchSpace space{GetAscendingPlacements(17, 17)};
    space.truncated = false;
    const DeploymentSearch search(model, chain, rules, space);
    EXPECT_GT(search.Count(), DeploymentSearch::MAX_VISITED);
    EXPECT_LT(search.Count(), UINT64_MAX);
    Objective objective;
    const auto found = search.FindBest(objective, 1);
    auto near = space;
    near.placements = GetAscendingPlacements(3, 3);
    const DeploymentSearch few(model, chain, rules, near);
    EXPECT_LT(few.Count(), DeploymentSearch::MAX_VISITED);
    const auto expected = few.FindBest(objective, 1);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].latencyMs, expected.at(0).latencyMs);
    EXPECT_EQ(found[0].deployment.ToString(), expected[0].deployment.ToString());
    EXPECT_THROW(search.FindFrontierExhaustively(), InputError);

    space.ownThresholds = true;
    EXPECT_EQ(DeploymentSearch(model, chain, rules, space).Count(), UINT64_MAX);
}

// Lists that nobody has room for are refused before they are made.
TEST(Search, TooManyPlacements)
{
    EXPECT_EQ(GetAscendingPlacements(17, 17).size(), 131071U);
    EXPECT_EQ(GetAscendingPlacements(300, 2).size(), 300U + 300 * 299 / 2);
    EXPECT_EQ(GetAllPlacements(8, 8).size(), 109600U);
    const std::vector<std::string> words{"placements", "allowed: up to 131072"};
    ExpectInputError([] { GetAscendingPlacements(18, 18); }, "", words);
    ExpectInputError([] { GetAscendingPlacements(4000000000, 4000000000); }, "", words);
    ExpectInputError([] { GetAllPlacements(9, 9); }, "", words);
    ExpectInputError([] { GetAllPlacements(300, 300); }, "", words);
    ExpectInputError([] { GetSharedPlacements({{0}}, 4000000000); }, "", words);
}

// The count of the authors: every placement up the chain, every way to cut (the model may end
// early), every threshold; single partitions once. With N blocks, M tiers and T thresholds:
// M N + T sum_{L >= 2} C(M, L) C(N, L). For N = 6, M = 3, T = 3: 18 + 3 (3 * 15 + 20) = 213.
TEST(Search, CountsAsTheAuthorsDo)
{
    Inventor inventor(1);
    Instance instance;
    do
    {
        instance = inventor.Invent();
    } while (instance.model.blocks != 6 || instance.chain.tiers.size() != 3);
    SearchSpace space{GetAscendingPlacements(3, 3)};
    const auto rules = EstimatorRules::Exact();
    EXPECT_EQ(DeploymentSearch(instance.model, instance.chain, rules, space).Count(), 213U);
    // All 3! / (3 - L)! placements instead of C(3, L): 18 + 3 (6 * 15 + 6 * 20) = 648.
    space.placements = GetAllPlacements(3, 3);
    EXPECT_EQ(DeploymentSearch(instance.model, instance.chain, rules, space).Count(), 648U);
    // The model to its end: 3 + 3 (3 C(5, 1) + C(5, 2)) = 78.
    space.placements = GetAscendingPlacements(3, 3);
    space.truncated = false;
    EXPECT_EQ(DeploymentSearch(instance.model, instance.chain, rules, space).Count(), 78U);
    // Cut at block 2 and not at 4: two partitions 3 ways {2}, three {2, c} with c = 1, 3, 5:
    // 3 (3 * 1 + 3) = 18.
    space.fixedCuts = {2};
    space.forbiddenCuts = {4};
    const DeploymentSearch search(instance.model, instance.chain, rules, space);
    EXPECT_EQ(search.Count(), 18U);
    std::set<std::string> seen;
    search.ForEach([&](double, double, const auto& getDeployment) {
        const auto deployment = getDeployment();
        deployment.Validate(3, 6);
        EXPECT_TRUE(seen.insert(deployment.ToString()).second) << "visited twice";
        EXPECT_TRUE(std::any_of(deployment.partitions.begin(),
                                deployment.partitions.end(),
                                [](const auto& partition) { return partition.last == 2; }));
    });
    EXPECT_EQ(seen.size(), 18U);
}

// More tiers than blocks: what has no block left is no deployment. One block on M = 5 tiers runs
// on one of them, in both directions; two blocks on one, or on two in 5 * 4 orders and at each of
// three thresholds. A space of nothing but longer placements is empty.
TEST(Search, PlacementsLongerThanTheModelAreNone)
{
    ModelProfile model;
    auto device = std::make_shared<DeviceProfile>();
    Chain chain;
    const auto build = [&](uint32_t blocks) {
        model.name = "short";
        model.blocks = device->blocks = blocks;
        model.tensorBytes.assign(blocks, 1000);
        model.resultBytes = 100;
        model.thresholds = {0, 0.3, 0.7};
        model.validation.exitRates.assign(blocks, {0, 0.2, 0.4});
        model.validation.exitRates.back() = {1, 1, 1};
        model.validation.accuracy.assign(blocks, 0.8);
        device->computeMs.assign(blocks * (blocks + 1) / 2, {5});
        device->serializeMs.assign(blocks, 1);
        device->deserializeMs.assign(blocks, 1);
        chain.tiers.assign(5, {device});
        chain.links.assign(4, {1e7, 20});
        chain.source = 4;
        chain.destination = 0;
    };
    const auto rules = EstimatorRules::Exact();
    for (const uint32_t blocks : {1, 2})
    {
        SCOPED_TRACE(blocks);
        build(blocks);
        for (const auto& placements : {GetAscendingPlacements(5, 5), GetAllPlacements(5, 5)})
        {
            const DeploymentSearch search(model, chain, rules, {placements});
            const auto pairs = std::count_if(placements.begin(),
                                             placements.end(),
                                             [](const auto& p) { return p.size() == 2; });
            EXPECT_EQ(search.Count(), blocks == 1 ? 5U : 10U + 3U * pairs);
            EXPECT_EQ(GetPoints(search.FindFrontier()),
                      GetPoints(search.FindFrontierExhaustively()));
            EXPECT_EQ(search.FindBest({}, 1000).size(), search.Count());
        }
    }
    build(1);
    const DeploymentSearch none(model, chain, rules, {{{0, 1, 2}}});
    EXPECT_EQ(none.Count(), 0U);
    EXPECT_TRUE(none.FindFrontier().Get().empty());
}

// Where timings are missing, a search finds what it would find among the deployments that do
// without them, and counts the others.
TEST(Search, LeavesOutWhatIsNotMeasured)
{
    Inventor inventor(17);
    const double never = std::nan("");
    uint64_t left = 0;
    for (int i = 0; i < 500; ++i)
    {
        SCOPED_TRACE("instance " + std::to_string(i));
        auto instance = inventor.Invent();
        instance.space.computeCapsMs.clear(); // what they leave out is not known to be measured
        const auto rules = EstimatorRules::Exact();
        const DeploymentSearch all(instance.model, instance.chain, rules, instance.space);
        EXPECT_EQ(all.CountUnmeasured(), 0U);

        auto partial = instance.chain;
        for (auto& tier : partial.tiers)
        {
            auto device = std::make_shared<DeviceProfile>(*tier.device);
            for (auto& repeats : device->computeMs)
            {
                repeats.resize(inventor.Pick(4) == 0 ? 0 : repeats.size());
            }
            for (uint32_t cut = 1; cut < device->blocks; ++cut)
            {
                device->serializeMs[cut] = inventor.Pick(6) == 0 ? never : device->serializeMs[cut];
                device->deserializeMs[cut] =
                    inventor.Pick(6) == 0 ? never : device->deserializeMs[cut];
            }
            tier.device = device;
        }
        const DeploymentSearch search(instance.model, partial, rules, instance.space);
        uint64_t count = 0;
        Frontier expected;
        all.ForEach([&](double latencyMs, double accuracy, const auto& getDeployment) {
            const auto deployment = getDeployment();
            try
            {
                EstimateDeployment(instance.model, partial, deployment, rules);
            }
            catch (const InputError&)
            {
                return;
            }
            ++count;
            if (expected.Accepts(latencyMs, accuracy))
            {
                expected.Insert({deployment, latencyMs, accuracy});
            }
        });
        ASSERT_EQ(search.Count(), count);
        ASSERT_EQ(search.CountUnmeasured(), all.Count() - count);
        ASSERT_EQ(GetPoints(search.FindFrontier()), GetPoints(expected));
        ASSERT_EQ(GetPoints(search.FindFrontierExhaustively()), GetPoints(expected));
        left += search.CountUnmeasured();
    }
    EXPECT_GT(left, 10000U);
}

// Relaxing a constraint never worsens the optimum, and a threshold of its own for each exit
// can only improve the frontier.
TEST(Search, RelaxingNeverWorsens)
{
    Inventor inventor(7);
    for (int i = 0; i < 300; ++i)
    {
        const auto instance = inventor.Invent();
        const auto rules = EstimatorRules::Exact();
        const uint32_t tiers = instance.chain.tiers.size();
        const auto find = [&](const SearchSpace& space) {
            return DeploymentSearch(instance.model, instance.chain, rules, space).FindFrontier();
        };
        SearchSpace space{GetAscendingPlacements(tiers, 2)};
        space.truncated = false;
        const auto tight = find(space);
        auto relaxed = space;
        relaxed.truncated = true;
        auto more = space;
        more.placements = GetAscendingPlacements(tiers, 3);
        auto anywhere = space;
        anywhere.placements = GetAllPlacements(tiers, 2);
        auto own = more;
        own.ownThresholds = true;
        const auto common = find(more);
        for (double floor = 0; floor < 1; floor += 0.05)
        {
            const double before = GetLeastLatency(tight, floor);
            EXPECT_LE(GetLeastLatency(find(relaxed), floor), before);
            EXPECT_LE(GetLeastLatency(common, floor), before);
            EXPECT_LE(GetLeastLatency(find(anywhere), floor), before);
            EXPECT_LE(GetLeastLatency(find(own), floor), GetLeastLatency(common, floor) + 1e-9);
            EXPECT_LE(before, GetLeastLatency(tight, floor + 0.05));
        }
    }
}

// A tier more at the end of the chain never worsens the optimum.
TEST(Search, AnotherTierNeverWorsens)
{
    Inventor inventor(11);
    int tried = 0;
    while (tried < 200)
    {
        auto instance = inventor.Invent();
        const uint32_t tiers = instance.chain.tiers.size();
        if (tiers < 2)
        {
            continue;
        }
        ++tried;
        auto fewer = instance.chain;
        fewer.tiers.pop_back();
        fewer.links.pop_back();
        fewer.source = instance.chain.source = 0;
        fewer.destination = instance.chain.destination = 0;
        const auto rules = EstimatorRules::Exact();
        const auto with = DeploymentSearch(instance.model,
                                           instance.chain,
                                           rules,
                                           {GetAscendingPlacements(tiers, tiers)})
                              .FindFrontier();
        const auto without = DeploymentSearch(instance.model,
                                              fewer,
                                              rules,
                                              {GetAscendingPlacements(tiers - 1, tiers)})
                                 .FindFrontier();
        for (double floor = 0; floor < 1; floor += 0.05)
        {
            EXPECT_LE(GetLeastLatency(with, floor), GetLeastLatency(without, floor));
        }
    }
}

// The best candidates come in order, are feasible, and the first is on the frontier.
TEST(Search, FindsTheBestInOrder)
{
    Inventor inventor(13);
    for (int i = 0; i < 200; ++i)
    {
        const auto instance = inventor.Invent();
        const DeploymentSearch search(instance.model,
                                      instance.chain,
                                      EstimatorRules::Exact(),
                                      instance.space);
        Objective objective;
        objective.minAccuracy = 0.6;
        const auto best = search.FindBest(objective, 5);
        const double least = GetLeastLatency(search.FindFrontier(), 0.6);
        if (best.empty())
        {
            EXPECT_EQ(least, HUGE_VAL);
            continue;
        }
        EXPECT_EQ(best[0].latencyMs, least);
        for (std::size_t k = 0; k < best.size(); ++k)
        {
            EXPECT_GE(best[k].accuracy, 0.6);
            EXPECT_TRUE(k == 0 || best[k - 1].latencyMs <= best[k].latencyMs);
        }
    }
}

namespace
{

/// Appends every deployment that begins with some partitions and has at most so many.
void
AppendDeployments(const Deployment& before,
                  uint32_t tiers,
                  uint32_t blocks,
                  std::size_t maxPartitions,
                  std::vector<Deployment>& all)
{
    const uint32_t first = before.partitions.empty() ? 1 : before.partitions.back().last + 1;
    for (uint32_t tier = 0; tier < tiers && before.partitions.size() < maxPartitions; ++tier)
    {
        for (uint32_t last = first; last <= blocks; ++last)
        {
            auto deployment = before;
            deployment.partitions.push_back({tier, first, last});
            try
            {
                deployment.Validate(tiers, blocks); // refuses to come back to a tier
            }
            catch (const InputError&)
            {
                continue;
            }
            all.push_back(deployment);
            AppendDeployments(deployment, tiers, blocks, maxPartitions, all);
        }
    }
}

} // namespace

// Several exits on one tier: both engines find what the estimates of all deployments say, each
// visited once.
TEST(Search, SharedTiersEqualBruteForce)
{
    Inventor inventor(17);
    std::size_t shared = 0;
    for (int i = 0; i < 60; ++i)
    {
        auto instance = inventor.Invent();
        const uint32_t tiers = instance.chain.tiers.size();
        const uint32_t blocks = instance.model.blocks;
        const std::size_t most = 4;
        if (blocks > 5 || tiers > 3)
        {
            continue;
        }
        for (auto& tier : instance.chain.tiers)
        {
            tier.node.overheadMs = inventor.Draw(0, 3);
        }
        std::vector<Deployment> all;
        AppendDeployments({}, tiers, blocks, most, all);
        SearchSpace space;
        space.placements = GetSharedPlacements(GetAllPlacements(tiers, most), most);
        auto conditional = EstimatorRules::Exact();
        conditional.accuracy = EstimatorRules::Accuracy::CONDITIONAL;
        instance.chain.arrivals = {5, 1};
        for (const auto& rules : {EstimatorRules::Exact(), conditional, EstimatorRules::Queueing()})
        {
            SCOPED_TRACE("instance " + std::to_string(i) + " rules " + rules.name);
            const Stream stream = instance.chain;
            std::map<std::string, Estimate> estimates;
            for (auto deployment : all)
            {
                for (const double threshold : instance.model.thresholds)
                {
                    deployment.threshold = threshold;
                    estimates[deployment.ToString()] =
                        EstimateDeployment(instance.model, stream, deployment, rules);
                    shared += deployment.SharesTiers();
                    if (deployment.partitions.size() == 1)
                    {
                        break; // no exit, no threshold
                    }
                }
            }
            const DeploymentSearch search(instance.model, stream, rules, space);
            ASSERT_EQ(search.Count(), estimates.size());
            std::set<std::string> visited;
            Frontier expected;
            search.ForEach([&](double latencyMs, double accuracy, const auto& getDeployment) {
                const auto deployment = getDeployment();
                const auto text = deployment.ToString();
                EXPECT_TRUE(visited.insert(text).second) << text << " visited twice";
                const auto& estimate = estimates.at(text);
                if (std::isfinite(latencyMs))
                {
                    EXPECT_NEAR(latencyMs, estimate.GetLatencyMs(), 1e-9) << text;
                    if (expected.Accepts(latencyMs, accuracy))
                    {
                        expected.Insert({deployment, latencyMs, accuracy});
                    }
                }
                else
                {
                    EXPECT_EQ(latencyMs, estimate.GetLatencyMs()) << text;
                }
                EXPECT_NEAR(accuracy, estimate.accuracy, 1e-12) << text;
            });
            EXPECT_EQ(visited.size(), estimates.size());
            EXPECT_EQ(GetPoints(search.FindFrontierExhaustively()), GetPoints(expected));
            EXPECT_EQ(GetPoints(search.FindFrontier()), GetPoints(expected));
        }
        // More exits never worsen the optimum.
        SearchSpace own;
        own.placements = GetAllPlacements(tiers, most);
        const auto find = [&](const SearchSpace& where) {
            return DeploymentSearch(instance.model, instance.chain, EstimatorRules::Exact(), where)
                .FindFrontier();
        };
        for (double floor = 0; floor < 1; floor += 0.1)
        {
            EXPECT_LE(GetLeastLatency(find(space), floor), GetLeastLatency(find(own), floor));
        }
    }
    EXPECT_GT(shared, 10000U);
}

TEST(Search, ListsSharedPlacements)
{
    EXPECT_EQ(GetSharedPlacements({{0}, {2, 1}}, 3),
              (std::vector<Placement>{{0}, {0, 0}, {2, 1}, {0, 0, 0}, {2, 1, 1}, {2, 2, 1}}));
    EXPECT_EQ(GetSharedPlacements({{0}, {2, 1}}, 1), (std::vector<Placement>{{0}}));
    for (const auto& rules : {EstimatorRules::Paper(), EstimatorRules::ReferenceCode()})
    {
        SearchSpace space;
        space.placements = {{0}, {1, 1}};
        ExpectInputError([&]() { DeploymentSearch(GetTinyModel(), GetTinyChain(), rules, space); },
                         "",
                         {"the rules " + rules.name + " know one partition a tier"});
    }
}

// Latency, accuracy and energy: both engines give the same frontier, and it is that of all
// estimates of single deployments, compared each with each.
TEST(Search, ThreeCriteriaMeetEnumeration)
{
    constexpr double ROUNDING = 1e-9;
    uint32_t compared = 0;
    std::size_t largest = 0;
    for (uint32_t seed = 0; seed < 600; ++seed)
    {
        SCOPED_TRACE(seed);
        Inventor inventor(9000 + seed);
        auto instance = inventor.Invent();
        for (auto& tier : instance.chain.tiers)
        {
            auto& power = tier.node.power;
            power.idleW = inventor.Draw(0, 2);
            power.computingW = power.idleW + inventor.Draw(0, 50);
            power.serializingW = power.idleW + inventor.Draw(0, 10);
        }
        for (auto& link : instance.chain.links)
        {
            link.energy.sending = {inventor.Draw(0, 1e-7), inventor.Draw(0, 2)};
            link.energy.receiving = {inventor.Draw(0, 1e-7), inventor.Draw(0, 2)};
        }
        const auto rules = EstimatorRules::Exact();
        auto space = instance.space;
        space.energy = true;
        const DeploymentSearch search(instance.model, instance.chain, rules, space);
        const Stream stream = instance.chain;
        std::vector<Estimate> all;
        search.ForEach([&](double /* latencyMs */, double /* accuracy */, const auto& get) {
            all.push_back(EstimateDeployment(instance.model, stream, get(), rules));
        });
        const auto labels = search.FindFrontier().Get();
        const auto exhaustive = search.FindFrontierExhaustively().Get();
        ASSERT_EQ(labels.size(), exhaustive.size());
        for (std::size_t i = 0; i < labels.size(); ++i)
        {
            EXPECT_EQ(labels[i].latencyMs, exhaustive[i].latencyMs);
            EXPECT_EQ(labels[i].accuracy, exhaustive[i].accuracy);
            EXPECT_EQ(labels[i].energyJ, exhaustive[i].energyJ);
            const auto estimate =
                EstimateDeployment(instance.model, stream, labels[i].deployment, rules);
            EXPECT_NEAR(labels[i].latencyMs, estimate.GetLatencyMs(), ROUNDING);
            EXPECT_NEAR(labels[i].accuracy, estimate.accuracy, ROUNDING);
            EXPECT_NEAR(labels[i].energyJ, estimate.energy.GetTotal(), ROUNDING);
        }
        const auto beats = [](const Candidate& a, const Estimate& b, double room) {
            return a.latencyMs <= b.GetLatencyMs() + room && a.accuracy >= b.accuracy - room &&
                   a.energyJ <= b.energy.GetTotal() + room;
        };
        for (const auto& estimate : all)
        {
            EXPECT_TRUE(std::any_of(labels.begin(), labels.end(), [&](const auto& kept) {
                return beats(kept, estimate, ROUNDING);
            }));
        }
        for (const auto& kept : labels)
        {
            EXPECT_TRUE(std::none_of(all.begin(), all.end(), [&](const auto& estimate) {
                return estimate.GetLatencyMs() < kept.latencyMs - ROUNDING &&
                       estimate.accuracy > kept.accuracy + ROUNDING &&
                       estimate.energy.GetTotal() < kept.energyJ - ROUNDING;
            }));
        }
        // The best of each kind are among them, and the least energy is the least of all.
        Objective objective;
        objective.goal = Objective::Goal::ENERGY;
        const auto best = search.FindBest(objective, 1);
        ASSERT_EQ(best.empty(), all.empty());
        for (const auto& estimate : all)
        {
            EXPECT_GE(estimate.energy.GetTotal(), best.front().energyJ - ROUNDING);
        }
        objective.goal = Objective::Goal::LATENCY;
        objective.maxEnergyJ = best.empty() ? 1 : 1.2 * best.front().energyJ;
        for (const auto& candidate : search.FindBest(objective, 3))
        {
            EXPECT_LE(candidate.energyJ, objective.maxEnergyJ);
        }
        compared += all.size();
        largest = std::max(largest, labels.size());
    }
    EXPECT_GT(compared, 20000U);
    EXPECT_GT(largest, 20U);
}

// Without a power nobody can look for little energy.
TEST(Search, EnergyIsAskedForWhereItIsCounted)
{
    Inventor inventor(1);
    const auto instance = inventor.Invent();
    const DeploymentSearch search(instance.model,
                                  instance.chain,
                                  EstimatorRules::Exact(),
                                  instance.space);
    Objective objective;
    objective.goal = Objective::Goal::ENERGY;
    EXPECT_THROW(search.FindBest(objective, 1), InputError);
}
