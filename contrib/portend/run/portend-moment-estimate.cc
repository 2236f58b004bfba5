/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-moment-estimate.h"

#include "ns3/portend-deployment.h"

#include <algorithm>

namespace ns3
{

namespace
{

/// Most estimates that a member keeps: looping traces come to the same links again.
constexpr std::size_t MOST_KNOWN = 100000;

/**
 * @brief Find the path between two tiers, which stays then, whatever the links are.
 * @param stream has the tiers
 * @param from tier that sends
 * @param to tier that receives
 */
void
FindPath(const portend::Stream& stream, uint32_t from, uint32_t to)
{
    try
    {
        stream.GetPath(from, to);
    }
    catch (const portend::InputError&)
    {
        // Nothing joins them, and no message passes.
    }
}

} // namespace

PortendMomentEstimate::PortendMomentEstimate(const PortendStreamSetup& setup,
                                             const PortendNetworkHelper& links)
    : m_setup(setup),
      m_links(links),
      m_rules(setup.rules.waiting ? setup.GetRules("exact") : setup.rules)
{
    for (std::size_t index = 0; index < setup.CountMembers(); ++index)
    {
        auto& member = m_members.emplace_back();
        member.stream = setup.GetMember(index).Isolate(member.links);
        for (uint32_t arc = 0; arc < member.links.size(); ++arc)
        {
            if (links.IsChanging(member.links[arc] / 2, member.links[arc] % 2))
            {
                member.arcs.push_back(arc);
            }
        }
        if (member.arcs.empty())
        {
            continue;
        }
        const auto count = member.stream.tiers.size();
        for (uint32_t from = 0; from < count; ++from)
        {
            for (uint32_t to = 0; to < count; ++to)
            {
                FindPath(member.stream, from, to);
            }
        }
        member.network = std::make_shared<portend::Network>(*member.stream.network);
        member.stream.network = member.network;
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
    const auto arose = request.generated;
    if (request.itinerary != member.itinerary || arose < member.since || arose >= member.until)
    {
        if (request.itinerary != member.itinerary || member.known.size() == MOST_KNOWN)
        {
            member.known.clear();
        }
        member.since = arose;
        member.until = Time::Max();
        member.itinerary = request.itinerary;
        std::vector<double> state;
        for (const auto arc : member.arcs)
        {
            const auto link = member.links[arc];
            const auto conditions = m_links.GetConditions(link / 2, link % 2, arose);
            state.push_back(static_cast<double>(conditions.bandwidth.GetBitRate()));
            state.push_back(conditions.delay.GetNanoSeconds() * 1e-6);
            member.until = std::min(member.until, conditions.until);
        }
        const auto [known, isNew] = member.known.try_emplace(state);
        if (isNew)
        {
            known->second = Estimate(member, state);
        }
        member.estimated = known->second;
    }
    m_sum.Add(member.estimated, 1);
    ++m_count;
}

portend::Components
PortendMomentEstimate::Estimate(const Member& member, const std::vector<double>& state) const
{
    for (std::size_t i = 0; i < member.arcs.size(); ++i)
    {
        member.network->SetLink(member.arcs[i], state[2 * i], state[2 * i + 1]);
    }
    return portend::EstimateDeployment(m_setup.model,
                                       member.stream,
                                       portend::Deployment::Parse(member.itinerary->deployment),
                                       m_rules)
        .components;
}

portend::Components
PortendMomentEstimate::GetMean() const
{
    portend::Components mean;
    mean.Add(m_sum, 1.0 / static_cast<double>(m_count));
    return mean;
}

} // namespace ns3
