/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// The search on the shipped profiles: both engines give the identical frontier, and the counts
// are those of the paper's authors.

#include "ns3/portend-profile-loader.h"
#include "ns3/portend-search.h"

#include <gtest/gtest.h>
#include <memory>
#include <string>

using namespace portend;

namespace
{

/// A profile on the paper's three tiers.
struct Testbed
{
    explicit Testbed(const std::string& profile, uint32_t tiers = 3)
    {
        const ns3::PortendProfileLoader loader(profile);
        model = loader.LoadModel();
        std::vector<ChainTier> machines;
        for (const char* name : {"a1.medium", "m4.large", "g4dn.xlarge", "g5.xlarge"})
        {
            if (machines.size() < tiers)
            {
                machines.push_back({std::make_shared<DeviceProfile>(loader.LoadDevice(name))});
            }
        }
        std::vector<Link> links{{10e6, 20}, {400e6, 40}, {400e6, 40}};
        links.resize(tiers - 1);
        chain = MakeChain(machines, links);
    }

    ModelProfile model;
    Stream chain;
};

} // namespace

class SearchProfilesTest : public testing::TestWithParam<const char*>
{
};

TEST_P(SearchProfilesTest, EnginesGiveTheIdenticalFrontier)
{
    const Testbed testbed(GetParam());
    auto conditional = EstimatorRules::Exact();
    conditional.accuracy = EstimatorRules::Accuracy::CONDITIONAL;
    for (const auto& rules : {EstimatorRules::Exact(),
                              EstimatorRules::Paper(),
                              EstimatorRules::ReferenceCode(),
                              conditional})
    {
        const DeploymentSearch search(testbed.model,
                                      testbed.chain,
                                      rules,
                                      {GetAscendingPlacements(3, 3)});
        const auto exhaustive = search.FindFrontierExhaustively().Get();
        const auto labels = search.FindFrontier().Get();
        ASSERT_EQ(exhaustive.size(), labels.size()) << rules.name;
        for (std::size_t i = 0; i < labels.size(); ++i)
        {
            ASSERT_EQ(exhaustive[i].latencyMs, labels[i].latencyMs) << rules.name;
            ASSERT_EQ(exhaustive[i].accuracy, labels[i].accuracy) << rules.name;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(AllProfiles,
                         SearchProfilesTest,
                         testing::Values("resnet20-cifar10",
                                         "resnet110-cifar10",
                                         "efficientnetb0-imagenet",
                                         "efficientnetb7-imagenet",
                                         "vggish-audioset"),
                         [](const auto& info) {
                             const std::string name = info.param;
                             return name.substr(0, name.find('-'));
                         });

// 3 * 55 + 10 (3 C(55, 2) + C(55, 3)) = 307 065, and on four tiers, with the authors' choice of
// placements, 13 295 920.
TEST(SearchProfiles, CountsTheAuthorsConfigurations)
{
    const Testbed three("resnet110-cifar10");
    const auto rules = EstimatorRules::Exact();
    EXPECT_EQ(
        DeploymentSearch(three.model, three.chain, rules, {GetAscendingPlacements(3, 3)}).Count(),
        307065U);
    const Testbed four("resnet110-cifar10", 4);
    SearchSpace space{GetAllPlacements(4, 3)};
    space.placements.push_back({0, 1, 2, 3});
    space.placements.push_back({3, 2, 1, 0});
    EXPECT_EQ(DeploymentSearch(four.model, four.chain, rules, space).Count(), 13295920U);
}
