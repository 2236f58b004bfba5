/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-exchange.h"

#include "portend-trains.h"

#include "ns3/abort.h"
#include "ns3/log.h"
#include "ns3/simulator.h"

#include <algorithm>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendExchange");

NS_OBJECT_ENSURE_REGISTERED(PortendExchange);

namespace
{

/**
 * @brief Find a message, most likely the one that was sent first.
 * @param messages by rising number
 * @param number of the message
 * @return the message, or the end of the list
 */
auto
FindMessage(const PortendFifo<PortendMessage>& messages, uint64_t number)
{
    const auto found =
        std::find_if(messages.begin(), messages.end(), [number](const auto& message) {
            return message.number >= number;
        });
    return found != messages.end() && found->number == number ? found : messages.end();
}

} // namespace

bool
PortendFlow::Has(uint64_t number) const
{
    return FindMessage(underWay, number) != underWay.end();
}

PortendMessage
PortendFlow::Take(uint64_t number)
{
    const auto found = FindMessage(underWay, number);
    if (found == underWay.end())
    {
        return {};
    }
    return underWay.Take(found);
}

void
PortendFlow::ForgetBefore(uint64_t number)
{
    while (!underWay.IsEmpty() && underWay.Front().number < number)
    {
        underWay.Pop();
    }
}

TypeId
PortendExchange::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendExchange")
                            .SetParent<Object>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendExchange>();
    return tid;
}

PortendExchange::PortendExchange() = default;

PortendExchange::~PortendExchange() = default;

void
PortendExchange::SetWayFinder(WayFinder finder)
{
    m_finder = std::move(finder);
}

void
PortendExchange::SetTrains(Ptr<PortendTrains> trains)
{
    m_trains = trains;
    m_trains->SetExchange(this);
}

Ptr<PortendTrains>
PortendExchange::GetTrains() const
{
    return m_trains;
}

uint32_t
PortendExchange::AddNode(Ptr<Node> node)
{
    NS_LOG_FUNCTION(this << node->GetId());
    m_nodes.push_back(node);
    return m_nodes.size() - 1;
}

Ptr<Node>
PortendExchange::GetNode(uint32_t index) const
{
    return m_nodes.at(index);
}

void
PortendExchange::SetGate(uint32_t index, PortendGate* gate)
{
    m_gates[index] = gate;
}

PortendGate*
PortendExchange::FindGate(uint32_t index) const
{
    if (m_gates.empty()) // as a rule
    {
        return nullptr;
    }
    const auto found = m_gates.find(index);
    return found == m_gates.end() ? nullptr : found->second;
}

void
PortendExchange::AddAddress(Ipv4Address address, uint32_t index)
{
    m_addresses[address.Get()] = index;
}

uint32_t
PortendExchange::FindNode(Ipv4Address address) const
{
    const auto found = m_addresses.find(address.Get());
    return found == m_addresses.end() ? UINT32_MAX : found->second;
}

PortendFlow&
PortendExchange::GetFlow(uint32_t from, uint32_t to)
{
    NS_ABORT_MSG_IF(std::max(from, to) >= m_nodes.size(),
                    "there is no node " << std::max(from, to));
    const auto [it, isNew] = m_flows.try_emplace(uint64_t{from} << 32 | to);
    auto& flow = it->second;
    if (isNew)
    {
        NS_ABORT_MSG_UNLESS(m_finder, "nobody finds the way from node " << from << " to " << to);
        auto way = m_finder(from, to);
        flow.from = from;
        flow.to = to;
        flow.path = std::move(way.path);
        flow.arcs = std::move(way.arcs);
        flow.address = way.address;
    }
    return flow;
}

void
PortendExchange::Enter(const PortendFlow& flow)
{
    for (const auto arc : flow.arcs)
    {
        auto& traffic = m_traffic[arc / 2];
        if (++traffic.messages > 1)
        {
            traffic.lastShared = Simulator::Now();
        }
    }
}

bool
PortendExchange::Leave(const PortendFlow& flow, Time sent)
{
    bool wasAlone = true;
    for (const auto arc : flow.arcs)
    {
        auto& traffic = m_traffic[arc / 2];
        if (traffic.messages-- > 1)
        {
            traffic.lastShared = Simulator::Now();
        }
        wasAlone = wasAlone && traffic.lastShared < sent;
    }
    return wasAlone;
}

void
PortendExchange::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_finder = nullptr;
    m_trains = nullptr;
    m_nodes.clear();
    m_gates.clear();
    m_flows.clear();
    Object::DoDispose();
}

} // namespace ns3
