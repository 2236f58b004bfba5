/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-moment-estimate.h"

#include <set>

namespace ns3
{

PortendMomentEstimate::PortendMomentEstimate(const PortendStreamSetup& setup,
                                             const PortendNetworkHelper& links)
    : m_setup(setup),
      m_links(links),
      m_rules(setup.rules.waiting ? setup.GetRules("exact") : setup.rules)
{
    for (std::size_t index = 0; index < setup.CountMembers(); ++index)
    {
        auto& member = m_members.emplace_back();
        member.stream = setup.GetMember(index);
        std::set<uint32_t> arcs;
        const auto add = [&](uint32_t from, uint32_t to) {
            for (const auto arc : member.stream.GetPath(from, to))
            {
                if (links.IsChanging(arc / 2, arc % 2))
                {
                    arcs.insert(arc);
                }
            }
        };
        auto from = member.stream.source;
        for (const auto& partition : setup.deployment.partitions)
        {
            add(from, partition.tier);
            add(partition.tier, member.stream.destination);
            from = partition.tier;
        }
        member.arcs.assign(arcs.begin(), arcs.end());
    }
    if (IsChanging())
    {
        // After all paths were found: they stay, whatever the links are.
        m_network = std::make_shared<portend::Network>(*setup.stream.network);
        for (auto& member : m_members)
        {
            member.stream.network = m_network;
        }
    }
}

bool
PortendMomentEstimate::IsChanging() const
{
    for (const auto& member : m_members)
    {
        if (!member.arcs.empty())
        {
            return true;
        }
    }
    return false;
}

void
PortendMomentEstimate::Add(const PortendRequest& request)
{
    auto& member = m_members[request.member];
    std::vector<double> state;
    for (const auto arc : member.arcs)
    {
        const auto [rate, delay] = m_links.GetConditions(arc / 2, arc % 2, request.generated);
        state.push_back(static_cast<double>(rate.GetBitRate()));
        state.push_back(delay.GetNanoSeconds() * 1e-6);
    }
    if (state != member.state || !member.isEstimated)
    {
        for (std::size_t i = 0; i < member.arcs.size(); ++i)
        {
            m_network->SetLink(member.arcs[i], state[2 * i], state[2 * i + 1]);
        }
        member.estimated =
            portend::EstimateDeployment(m_setup.model, member.stream, m_setup.deployment, m_rules)
                .components;
        member.state = state;
        member.isEstimated = true;
    }
    m_sum.Add(member.estimated, 1);
    ++m_count;
}

portend::Components
PortendMomentEstimate::GetMean() const
{
    portend::Components mean;
    mean.Add(m_sum, 1.0 / static_cast<double>(m_count));
    return mean;
}

} // namespace ns3
