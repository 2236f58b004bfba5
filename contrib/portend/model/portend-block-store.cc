/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-block-store.h"

#include "portend-delay.h"

#include "ns3/abort.h"
#include "ns3/log.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendBlockStore");

void
PortendBlockStore::SetMemory(uint64_t bytes, uint64_t tensors)
{
    m_bytes = bytes;
    m_tensors = tensors;
}

void
PortendBlockStore::SetLoadRate(DataRate rate)
{
    m_rate = rate;
}

bool
PortendBlockStore::IsBounded() const
{
    return m_bytes > 0;
}

bool
PortendBlockStore::IsTimed() const
{
    return m_rate.GetBitRate() > 0;
}

void
PortendBlockStore::Keep(uint32_t stream,
                        std::shared_ptr<const portend::ModelProfile> model,
                        uint32_t first,
                        uint32_t last,
                        bool stays)
{
    const auto isSame = [&](const VisitPtr& visit) {
        return visit->stream == stream && visit->first == first && visit->last == last;
    };
    if (std::any_of(m_visits.begin(), m_visits.end(), isSame))
    {
        return; // members of a group bring the same
    }
    Visit visit{stream, first, last, Time(), std::move(model), stays};
    // What is kept must fit together only if it stays; of the rest, what was kept last is here.
    NS_ABORT_MSG_UNLESS(MakeRoom(visit), "blocks that are to stay do not fit into memory");
    m_visits.push_back(std::make_shared<Visit>(std::move(visit)));
}

PortendBlockStore::VisitPtr
PortendBlockStore::Load(uint32_t stream, const PortendItinerary& itinerary, uint16_t partition)
{
    const auto& stage = itinerary.GetStage(partition);
    const auto found = std::find_if(m_visits.begin(), m_visits.end(), [&](const VisitPtr& visit) {
        return visit->stream == stream && visit->first <= stage.firstBlock &&
               stage.lastBlock <= visit->last;
    });
    if (found != m_visits.end())
    {
        std::rotate(found, found + 1, m_visits.end());
        return m_visits.back();
    }
    const auto now = Simulator::Now();
    Visit visit{stream, stage.firstBlock, stage.lastBlock, now, itinerary.model};
    const auto missing =
        IsTimed() ? GetBlocks({}).GetMissingBytes(*visit.model, visit.first, visit.last) : 0;
    if (!MakeRoom(visit))
    {
        return nullptr;
    }
    NS_LOG_LOGIC("load blocks " << visit.first << "-" << visit.last << ", " << missing << " B");
    if (IsTimed())
    {
        const double seconds =
            8.0 * static_cast<double>(missing) / static_cast<double>(m_rate.GetBitRate());
        visit.since = Max(now, m_loaded) + itinerary.loadingTime + PortendMakeDelay(seconds);
        m_loaded = visit.since;
    }
    else
    {
        visit.since = now + itinerary.loadingTime;
    }
    m_visits.push_back(std::make_shared<Visit>(std::move(visit)));
    const auto loaded = m_visits.back();
    if (itinerary.resident > 0)
    {
        // Those of the stream beyond that number leave, the ones used least recently first.
        auto left = std::count_if(m_visits.begin(), m_visits.end(), [stream](const VisitPtr& one) {
            return one->stream == stream;
        });
        for (auto it = m_visits.begin(); left > itinerary.resident && *it != loaded;)
        {
            const bool leaves = (*it)->stream == stream && (*it)->tensors == 0;
            it = leaves ? m_visits.erase(it) : it + 1;
            left -= leaves;
        }
    }
    return loaded;
}

void
PortendBlockStore::Use(const PortendRequest* request, const VisitPtr& visit)
{
    if (IsBounded())
    {
        ++visit->tensors;
        m_using[request] = visit;
    }
}

void
PortendBlockStore::Leave(const PortendRequest* request)
{
    const auto used = m_using.find(request);
    if (used != m_using.end())
    {
        --used->second->tensors;
        m_using.erase(used);
    }
}

void
PortendBlockStore::Clear()
{
    m_visits.clear();
    m_using.clear();
}

portend::BlockSet
PortendBlockStore::GetBlocks(const std::vector<bool>& leaving) const
{
    portend::BlockSet blocks;
    for (std::size_t i = 0; i < m_visits.size(); ++i)
    {
        if (leaving.empty() || !leaving[i])
        {
            const auto& visit = *m_visits[i];
            blocks.Add(*visit.model, visit.first, visit.last);
        }
    }
    return blocks;
}

bool
PortendBlockStore::MakeRoom(const Visit& visit)
{
    if (!IsBounded())
    {
        return true;
    }
    std::vector<bool> leaving(m_visits.size());
    const auto fits = [&]() {
        auto blocks = GetBlocks(leaving);
        blocks.Add(*visit.model, visit.first, visit.last);
        return blocks.GetNeed(m_tensors) <= m_bytes;
    };
    std::size_t next = 0;
    while (!fits())
    {
        const auto mayLeave = [](const Visit& one) { return !one.stays && one.tensors == 0; };
        while (next < m_visits.size() && !mayLeave(*m_visits[next]))
        {
            ++next;
        }
        if (next == m_visits.size())
        {
            return false;
        }
        leaving[next++] = true;
    }
    std::vector<VisitPtr> staying;
    for (std::size_t i = 0; i < m_visits.size(); ++i)
    {
        if (!leaving[i])
        {
            staying.push_back(m_visits[i]);
        }
    }
    m_visits = std::move(staying);
    return true;
}

} // namespace ns3
