/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// The queue and the servers of a tier.

#include "simulator_test.h"

#include "ns3/portend-server.h"
#include "ns3/uinteger.h"

#include <gtest/gtest.h>
#include <utility>
#include <vector>

using namespace ns3;

namespace
{

/// Sends jobs through a server, and takes note of when they begin.
class ServerTest : public SimulatorTest
{
  protected:
    /// A job's number, and when it began, ms.
    using Begin = std::pair<int, int64_t>;

    /// Makes a server of some servers.
    void Create(uint32_t servers)
    {
        m_server = CreateObject<PortendServer>();
        m_server->SetAttribute("Servers", UintegerValue(servers));
    }

    /// Lets a job arrive.
    void Arrive(int job, int64_t atMs, int64_t serviceMs)
    {
        Simulator::Schedule(MilliSeconds(atMs), [this, job, serviceMs] {
            m_server->Acquire(
                {nullptr, 1, Simulator::Now(), [this, job, serviceMs](const auto& /* jobs */) {
                     m_begins.emplace_back(job, Simulator::Now().GetMilliSeconds());
                     Simulator::Schedule(MilliSeconds(serviceMs), [this] { m_server->Release(); });
                 }});
        });
    }

    /// @return the beginnings, in their order
    std::vector<Begin> Run()
    {
        Simulator::Run();
        return m_begins;
    }

    Ptr<PortendServer> m_server; ///< what is tested
    std::vector<Begin> m_begins; ///< what happened
};

} // namespace

// One server, 10 ms each: whoever comes while it is busy begins when the one before ends, in
// the order of arrival, and after a pause at once.
TEST_F(ServerTest, OneServerServesInTheOrderOfArrival)
{
    Create(1);
    Arrive(0, 0, 10);
    Arrive(1, 1, 10);
    Arrive(2, 2, 10);
    Arrive(3, 2, 10);
    Arrive(4, 50, 10);
    EXPECT_EQ(Run(), (std::vector<Begin>{{0, 0}, {1, 10}, {2, 20}, {3, 30}, {4, 50}}));
}

// A short job does not overtake a long one that came first.
TEST_F(ServerTest, DoesNotPreferShortJobs)
{
    Create(1);
    Arrive(0, 0, 5);
    Arrive(1, 1, 100);
    Arrive(2, 2, 1);
    EXPECT_EQ(Run(), (std::vector<Begin>{{0, 0}, {1, 5}, {2, 105}}));
}

// Two servers, one queue: the job that has waited longest gets whichever server is free first.
TEST_F(ServerTest, SeveralServersShareOneQueue)
{
    Create(2);
    Arrive(0, 0, 30);
    Arrive(1, 0, 10);
    Arrive(2, 0, 10);
    Arrive(3, 0, 5);
    Arrive(4, 0, 5);
    EXPECT_EQ(Run(), (std::vector<Begin>{{0, 0}, {1, 0}, {2, 10}, {3, 20}, {4, 25}}));
}

// c equal jobs of 10 ms at a time: n jobs are done in ceil(n / c) rounds.
TEST_F(ServerTest, ManyServersServeInRounds)
{
    for (const uint32_t servers : {1U, 2U, 3U, 7U})
    {
        m_begins.clear();
        Create(servers);
        for (int job = 0; job < 20; ++job)
        {
            Arrive(job, 0, 10);
        }
        const auto before = Simulator::Now().GetMilliSeconds();
        for (const auto& [job, beginMs] : Run())
        {
            EXPECT_EQ(beginMs - before, job / servers * 10) << "of " << servers;
        }
        EXPECT_EQ(m_begins.size(), 20U);
    }
}

// A job may ask for the server again while it holds it, as a source shares it with a tier: the
// new one waits behind those that are there.
TEST_F(ServerTest, NewJobsOfJobsQueueAtTheEnd)
{
    Create(1);
    Arrive(0, 0, 10);
    Arrive(1, 1, 10);
    Simulator::Schedule(MilliSeconds(5), [this] { Arrive(2, 0, 1); });
    EXPECT_EQ(Run(), (std::vector<Begin>{{0, 0}, {1, 10}, {2, 20}}));
}

TEST_F(ServerTest, TracesServersAtWorkAndJobsThatWait)
{
    std::vector<uint32_t> busy;
    std::vector<uint32_t> waiting;
    Create(2);
    Callback<void, uint32_t, uint32_t> noteBusy(
        [&busy](uint32_t /* before */, uint32_t now) { busy.push_back(now); });
    Callback<void, uint32_t, uint32_t> noteWaiting(
        [&waiting](uint32_t /* before */, uint32_t now) { waiting.push_back(now); });
    ASSERT_TRUE(m_server->TraceConnectWithoutContext("Busy", noteBusy));
    ASSERT_TRUE(m_server->TraceConnectWithoutContext("QueueLength", noteWaiting));
    for (int job = 0; job < 4; ++job)
    {
        Arrive(job, 0, 10);
    }
    Run();
    // Two begin and two wait; at 10 ms the waiting take over, at 20 ms both servers are free.
    EXPECT_EQ(busy, (std::vector<uint32_t>{1, 2, 1, 0}));
    EXPECT_EQ(waiting, (std::vector<uint32_t>{1, 2, 1, 0}));
}
