/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-tcp-exchange.h"

#include "ns3/simulator.h"

#include <algorithm>

namespace ns3
{

Ptr<PortendTcpStream>
PortendTcpExchange::GetStream(uint32_t from, uint32_t to, const PortendRoute& route)
{
    auto& stream = m_streams[{from, to}];
    if (!stream)
    {
        stream = Create<PortendTcpStream>(route);
    }
    return stream;
}

void
PortendTcpExchange::AddMessageSize(uint32_t bytes)
{
    m_largestMessage = std::max(m_largestMessage, bytes);
}

uint32_t
PortendTcpExchange::GetLargestMessage() const
{
    return m_largestMessage;
}

void
PortendTcpExchange::BeginSetUp()
{
    ++m_settingUp;
}

void
PortendTcpExchange::EndSetUp()
{
    if (--m_settingUp == 0)
    {
        for (const auto& callback : std::exchange(m_waiting, {}))
        {
            callback();
        }
    }
}

void
PortendTcpExchange::WhenSetUp(Callback<void> callback)
{
    if (m_settingUp > 0)
    {
        m_waiting.push_back(callback);
        return;
    }
    callback();
}

void
PortendTcpExchange::BeginMessage()
{
    if (++m_messages > 1)
    {
        m_lastShared = Simulator::Now();
    }
}

bool
PortendTcpExchange::EndMessage(Time sent)
{
    if (m_messages-- > 1)
    {
        m_lastShared = Simulator::Now();
    }
    return m_lastShared < sent;
}

} // namespace ns3
