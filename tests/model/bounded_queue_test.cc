/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Bounded queues: which requests are lost, how many of them, and that blocking loses none; and
// arrivals in bursts.

#include "queue_line.h"
#include "simulator_test.h"

#include "ns3/portend-simulation.h"
#include "ns3/portend-statistics.h"

#include <cmath>
#include <numeric>
#include <set>
#include <tuple>

using namespace ns3;

namespace
{

using Events = std::vector<QueueLine::Event>;

/// Batches that a long run is cut into, for standard errors.
constexpr uint64_t BATCHES = 30;

/// @return a bounded queue
PortendHelper::Queue
Bound(uint32_t limit, PortendWorker::Policy policy)
{
    return {limit, policy, Time()};
}

/// @return a queue without bound whose requests have a deadline
PortendHelper::Queue
Deadline(Time deadline)
{
    return {0, PortendWorker::DROP_NEWEST, deadline};
}

/// @return the standard error of a mean over BATCHES batches
double
GetStandardError(const PortendMean& mean)
{
    return mean.GetConfidence95() / PortendGetStudentFactor95(BATCHES);
}

/// Requires that a mean over BATCHES batches is what theory says: 4 standard errors are exceeded
/// once in 2500 times by the t distribution with 29 degrees of freedom.
void
ExpectMean(const PortendMean& mean, double theory)
{
    EXPECT_NEAR(mean.GetMean(), theory, 4 * GetStandardError(mean));
    EXPECT_LT(GetStandardError(mean), 0.05 * theory) << "too wide to say anything";
}

/// Probabilities of the M/M/c/K queue, K = c + limit.
struct FiniteQueue
{
    FiniteQueue(double load, uint32_t servers, uint32_t limit)
    {
        // In balance, p(n) lambda = p(n + 1) min(n + 1, c) mu.
        std::vector<double> weights{1};
        for (uint32_t n = 1; n <= servers + limit; ++n)
        {
            weights.push_back(weights.back() * load * servers / std::min(n, servers));
        }
        const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
        lost = weights.back() / sum; // Poisson arrivals see time averages
        for (uint32_t n = servers + 1; n <= servers + limit; ++n)
        {
            queue += (n - servers) * weights[n] / sum;
        }
    }

    double lost{0};  ///< share of requests that find it full
    double queue{0}; ///< mean number that wait
};

/// Load, limit, servers and policy.
class LossShareTest : public SimulatorTest,
                      public testing::WithParamInterface<std::tuple<double, uint32_t, uint32_t>>
{
};

} // namespace

// The closed form for one server: (1 - r) r^K / (1 - r^(K+1)). With r = 1/2 and K = 2, that is
// 1/8 / (7/8) = 1/7; one waits with probability p(2) = 1/7.
TEST(FiniteQueueTest, MeetsTheClosedForm)
{
    EXPECT_DOUBLE_EQ(FiniteQueue(0.5, 1, 1).lost, 1.0 / 7);
    EXPECT_DOUBLE_EQ(FiniteQueue(0.5, 1, 1).queue, 1.0 / 7);
    const double load = 0.9;
    EXPECT_DOUBLE_EQ(FiniteQueue(load, 1, 4).lost,
                     (1 - load) * std::pow(load, 5) / (1 - std::pow(load, 6)));
}

// Whichever is dropped, the number in the system is the same, and so is the share that is lost.
// Those that wait are answered or lost: by Little's law the waits of both, for each request that
// arises, are queue / lambda. With drop-newest the lost never waited; with drop-oldest they did,
// and the answered have waited less.
TEST_P(LossShareTest, MeetsTheory)
{
    const auto [load, limit, servers] = GetParam();
    constexpr uint64_t REQUESTS = 150000;
    const double serviceMs = 10;
    const double intervalMs = serviceMs / (load * servers);
    const FiniteQueue theory(load, servers, limit);
    PortendMean answeredMs[2] = {PortendMean(), PortendMean()};
    for (const auto policy : {PortendWorker::DROP_NEWEST, PortendWorker::DROP_OLDEST})
    {
        SCOPED_TRACE(policy);
        QueueLine line({{ExponentialMs(serviceMs), Bound(limit, policy), servers}});
        line.Run(ExponentialMs(intervalMs), REQUESTS);
        EXPECT_EQ(line.generated.size(), REQUESTS);
        EXPECT_EQ(line.completed.size() + line.queueDrops.size(), REQUESTS);
        EXPECT_EQ(line.deadlineDrops.size(), 0U);

        std::map<uint64_t, double> lostMs; // how long they waited
        for (const auto& drop : line.queueDrops)
        {
            EXPECT_TRUE(lostMs.emplace(drop.id, drop.ms - line.generated[drop.id].ms).second);
        }
        PortendMean lost(REQUESTS / BATCHES);
        PortendMean waitMs(REQUESTS / BATCHES);
        for (uint64_t id = 0; id < REQUESTS; ++id)
        {
            const auto it = lostMs.find(id);
            lost.Add(it != lostMs.end());
            waitMs.Add(it != lostMs.end() ? it->second : line.waitMs.at(id));
            if (it == lostMs.end())
            {
                answeredMs[policy].Add(line.waitMs.at(id));
            }
            else if (policy == PortendWorker::DROP_NEWEST)
            {
                EXPECT_EQ(it->second, 0);
            }
        }
        ExpectMean(lost, theory.lost);
        ExpectMean(waitMs, theory.queue * intervalMs);
    }
    EXPECT_LT(answeredMs[PortendWorker::DROP_OLDEST].GetMean(),
              0.98 * answeredMs[PortendWorker::DROP_NEWEST].GetMean());
}

INSTANTIATE_TEST_SUITE_P(Loads,
                         LossShareTest,
                         testing::Values(std::make_tuple(0.7, 1, 1),
                                         std::make_tuple(0.9, 4, 1),
                                         std::make_tuple(1.5, 1, 1),
                                         std::make_tuple(1.5, 3, 1),
                                         std::make_tuple(0.8, 2, 2),
                                         std::make_tuple(1.2, 3, 4)));

namespace
{

/// Runs that can be followed by hand: services take 10 ms.
class BoundedQueueTest : public SimulatorTest
{
  protected:
    /// Arrivals that fill a queue of two: while request 0 is served until 10 ms, four arise.
    const std::vector<int64_t> ARRIVALS{0, 1, 2, 3, 4, 11, 12};
};

} // namespace

// At 3 and 4 ms requests 1 and 2 wait; at 12 ms 2 and 5 do, for 1 is served since 10 ms.
TEST_F(BoundedQueueTest, DropNewestByHand)
{
    QueueLine line({{ConstantMs(10), Bound(2, PortendWorker::DROP_NEWEST)}});
    line.ArriveAtMs(ARRIVALS);
    Simulator::Run();
    EXPECT_EQ(line.queueDrops, (Events{{3, 3}, {4, 4}, {6, 12}}));
    EXPECT_EQ(line.completed, (Events{{0, 10}, {1, 20}, {2, 30}, {5, 40}}));
}

// At 3 ms request 1 goes, at 4 ms request 2, so that 3 is served from 10 ms; at 12 ms 4 goes.
TEST_F(BoundedQueueTest, DropOldestByHand)
{
    QueueLine line({{ConstantMs(10), Bound(2, PortendWorker::DROP_OLDEST)}});
    line.ArriveAtMs(ARRIVALS);
    Simulator::Run();
    EXPECT_EQ(line.queueDrops, (Events{{1, 3}, {2, 4}, {4, 12}}));
    EXPECT_EQ(line.completed, (Events{{0, 10}, {3, 20}, {5, 30}, {6, 40}}));
}

// A limit of 1: the second that waits is lost, or the first.
TEST_F(BoundedQueueTest, LimitOfOneByHand)
{
    {
        QueueLine line({{ConstantMs(10), Bound(1, PortendWorker::DROP_NEWEST)}});
        line.ArriveAtMs(ARRIVALS);
        Simulator::Run();
        EXPECT_EQ(line.queueDrops, (Events{{2, 2}, {3, 3}, {4, 4}, {6, 12}}));
        EXPECT_EQ(line.completed, (Events{{0, 10}, {1, 20}, {5, 30}}));
    }
    QueueLine line({{ConstantMs(10), Bound(1, PortendWorker::DROP_OLDEST)}});
    line.ArriveAtMs(ARRIVALS);
    Simulator::Run();
    EXPECT_EQ(line.queueDrops, (Events{{1, 2}, {2, 3}, {3, 4}, {5, 12}}));
    EXPECT_EQ(line.completed, (Events{{0, 10}, {4, 20}, {6, 30}}));
}

// Two servers: requests 0 and 1 until 10 and 11 ms, 2 and 3 wait, 4 is one too many. Those that
// wait begin at 10 and 11 ms, so that neither 5 nor 6 is one too many.
TEST_F(BoundedQueueTest, TwoServersByHand)
{
    {
        QueueLine line({{ConstantMs(10), Bound(2, PortendWorker::DROP_NEWEST), 2}});
        line.ArriveAtMs(ARRIVALS);
        Simulator::Run();
        EXPECT_EQ(line.queueDrops, (Events{{4, 4}}));
        EXPECT_EQ(line.completed, (Events{{0, 10}, {1, 11}, {2, 20}, {3, 21}, {5, 30}, {6, 31}}));
    }
    QueueLine line({{ConstantMs(10), Bound(2, PortendWorker::DROP_OLDEST), 2}});
    line.ArriveAtMs(ARRIVALS);
    Simulator::Run();
    EXPECT_EQ(line.queueDrops, (Events{{2, 4}}));
    EXPECT_EQ(line.completed, (Events{{0, 10}, {1, 11}, {3, 20}, {4, 21}, {5, 30}, {6, 31}}));
}

// With a deadline of 15 ms, at 20 ms requests 2 and 3 are 18 and 17 ms old and given up, both at
// once; 4 is 15 ms old, which is not too old; 5 finds nobody.
TEST_F(BoundedQueueTest, DeadlineByHand)
{
    QueueLine line({{ConstantMs(10), Deadline(MilliSeconds(15))}});
    line.ArriveAtMs({0, 1, 2, 3, 5, 41});
    Simulator::Run();
    EXPECT_EQ(line.deadlineDrops, (Events{{2, 20}, {3, 20}}));
    EXPECT_EQ(line.completed, (Events{{0, 10}, {1, 20}, {4, 30}, {5, 51}}));
    EXPECT_EQ(line.queueDrops.size(), 0U);
}

// The age counts from the source: what comes 10 ms old over a link of 20 ms is 30 ms old at the
// second tier, and all are given up there, or none.
TEST_F(BoundedQueueTest, DeadlineCountsFromTheSource)
{
    for (const int64_t deadlineMs : {29, 30})
    {
        QueueLine line({{ConstantMs(10)}, {ConstantMs(1), Deadline(MilliSeconds(deadlineMs))}},
                       MilliSeconds(20));
        line.ArriveAtMs({0, 50});
        Simulator::Run();
        if (deadlineMs < 30)
        {
            EXPECT_EQ(line.deadlineDrops, (Events{{0, 30}, {1, 80}}));
            EXPECT_EQ(line.completed.size(), 0U);
        }
        else
        {
            EXPECT_EQ(line.deadlineDrops.size(), 0U);
            EXPECT_EQ(line.completed, (Events{{0, 51}, {1, 101}})); // 20 ms back
        }
    }
}

// The source stands still at 4 ms, when requests 3 and 4 wait there. At 10 ms 3 leaves, and 5
// arises at 11 ms; at 20 ms 4 leaves, and 6 arises 8 ms late, at once.
TEST_F(BoundedQueueTest, BlockByHand)
{
    QueueLine line({{ConstantMs(10), Bound(2, PortendWorker::BLOCK)}});
    line.ArriveAtMs(ARRIVALS);
    Simulator::Run();
    EXPECT_EQ(line.generated, (Events{{0, 0}, {1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 11}, {6, 20}}));
    EXPECT_EQ(line.completed,
              (Events{{0, 10}, {1, 20}, {2, 30}, {3, 40}, {4, 50}, {5, 60}, {6, 70}}));
    EXPECT_EQ(line.queueDrops.size(), 0U);
    EXPECT_EQ(line.most[0], 2);
    EXPECT_EQ(line.most[1], 2);
}

// Ten requests of a trace are due at 0, three wait at the source, and three at the tier. What
// arises at n * 10 ms was due at 0: with the wait from then on, request n waits n * 10 ms, as it
// would without a limit.
TEST_F(BoundedQueueTest, HeldRequestsTellHowLongTheyWereHeld)
{
    QueueLine line({{ConstantMs(10), Bound(3, PortendWorker::BLOCK)}});
    line.ArriveAtMs(std::vector<int64_t>(10, 0));
    Simulator::Run();
    EXPECT_EQ(line.generated,
              (Events{{0, 0},
                      {1, 0},
                      {2, 0},
                      {3, 0},
                      {4, 0},
                      {5, 0},
                      {6, 0},
                      {7, 10},
                      {8, 20},
                      {9, 30}}));
    for (uint64_t n = 0; n < 10; ++n)
    {
        EXPECT_EQ(line.waitMs[n], n < 7 ? 10 * n : 60) << n;
        EXPECT_EQ(line.heldMs[n] + line.waitMs[n], 10 * n) << n;
    }
}

// Intervals of 1 ms, services of 10 ms and one place: request 0 is served, 1 waits at the tier, and
// when 2 waits at the source, at 3 ms, that stands still until 11 ms. The next interval begins
// then: request 3 arises at 12 ms, held for 8 ms, and 4 at 22 ms, for 9 ms.
TEST_F(BoundedQueueTest, SourcesWithoutATraceAreHeldAsLongAsTheyStandStill)
{
    QueueLine line({{ConstantMs(10), Bound(1, PortendWorker::BLOCK)}});
    line.Run(ConstantMs(1), 6);
    EXPECT_EQ(line.generated, (Events{{0, 1}, {1, 2}, {2, 3}, {3, 12}, {4, 22}, {5, 32}}));
    EXPECT_EQ(line.heldMs,
              (std::map<uint64_t, double>{{0, 0}, {1, 0}, {2, 0}, {3, 8}, {4, 9}, {5, 9}}));
}

// Blocking after service, with one place before each tier, services of 10 and 30 ms, and a link
// of 5 ms. The second tier begins with request n at 15 + 30 n ms, which frees the place that the
// first tier waits for: from request 2 on it holds its server until 30 n - 15 ms.
//   request | arises | first begins | may send | arrives | second begins | complete
//         0 |      0 |            0 |       10 |      15 |            15 |       50
//         1 |      0 |           10 |       20 |      25 |            45 |       80
//         2 |      0 |           20 |       45 |      50 |            75 |      110
//         3 |     10 |           45 |       75 |      80 |           105 |      140
//         4 |     20 |           75 |      105 |     110 |           135 |      170
//         5 |     45 |          105 |      135 |     140 |           165 |      200
TEST_F(BoundedQueueTest, BlockingAfterServiceByHand)
{
    const auto block = Bound(1, PortendWorker::BLOCK);
    QueueLine line({{ConstantMs(10), block}, {ConstantMs(30), block}}, MilliSeconds(5));
    line.ArriveAtMs({0, 0, 0, 0, 0, 0});
    Simulator::Run();
    EXPECT_EQ(line.generated, (Events{{0, 0}, {1, 0}, {2, 0}, {3, 10}, {4, 20}, {5, 45}}));
    EXPECT_EQ(line.completed, (Events{{0, 50}, {1, 80}, {2, 110}, {3, 140}, {4, 170}, {5, 200}}));
    // What is neither service (40 ms) nor signal (10 ms) is waiting, blocked servers included.
    EXPECT_EQ(line.waitMs,
              (std::map<uint64_t, double>{{0, 0}, {1, 30}, {2, 60}, {3, 80}, {4, 100}, {5, 105}}));
    EXPECT_EQ(line.most, (std::vector<int64_t>{1, 1, 1}));
}

// Two servers in the first tier, both blocked: services of 10 and 30 ms without a link. Requests
// 0 and 1 are done at 10 ms: one is served until 40 ms, one waits; 2 and 3 are done at 20 ms and
// blocked until 40 and 70 ms. The slower tier never rests.
TEST_F(BoundedQueueTest, EveryServerMayBeBlocked)
{
    const auto block = Bound(1, PortendWorker::BLOCK);
    QueueLine line({{ConstantMs(10), block, 2}, {ConstantMs(30), block}});
    line.ArriveAtMs(std::vector<int64_t>(20, 0));
    Simulator::Run();
    ASSERT_EQ(line.completed.size(), 20U);
    for (uint64_t id = 0; id < 20; ++id)
    {
        EXPECT_EQ(line.completed[id], (QueueLine::Event{id, 40. + 30 * id}));
    }
    EXPECT_EQ(line.most, (std::vector<int64_t>{1, 1, 1}));
}

namespace
{

/// Limit and transport.
class BlockingChainTest : public SimulatorTest,
                          public testing::WithParamInterface<std::tuple<uint32_t, std::string>>
{
  protected:
    static constexpr double SLOWEST_MS = 30; ///< service of the last tier

    /// @return tiers of which the last is the slowest; TCP's connections need some capacity
    std::vector<Place> GetPlaces() const
    {
        const auto block = Bound(std::get<0>(GetParam()), PortendWorker::BLOCK);
        return {{ConstantMs(10), block}, {ConstantMs(12), block}, {ConstantMs(SLOWEST_MS), block}};
    }

    /// Requires that every request was answered once, in order, and that no queue was too long.
    void ExpectWhole(const QueueLine& line, uint64_t requests) const
    {
        ASSERT_EQ(line.generated.size(), requests);
        ASSERT_EQ(line.completed.size(), requests);
        for (uint64_t id = 0; id < requests; ++id)
        {
            EXPECT_EQ(line.completed[id].id, id);
        }
        EXPECT_EQ(line.queueDrops.size() + line.deadlineDrops.size(), 0U);
        for (std::size_t place = 0; place < line.most.size(); ++place)
        {
            EXPECT_LE(line.most[place], std::get<0>(GetParam())) << place;
            EXPECT_EQ(line.present[place], 0) << place;
        }
    }
};

} // namespace

// Six times as many requests as the last tier can answer: it never rests, and everything behind
// it fills up. In the system are at most `limit` inputs at the source, and at each of three tiers
// `limit` tensors and one at the server; the last of them is answered in as many services of the
// slowest tier, after it came: that bounds the latency, but for the way to the last tier while
// it is still empty (32 ms), and the result's way back (10 ms).
TEST_P(BlockingChainTest, OverloadIsAnsweredAtTheRateOfTheSlowest)
{
    const auto& [limit, transport] = GetParam();
    constexpr uint64_t REQUESTS = 500;
    QueueLine line(GetPlaces(), MilliSeconds(5), transport);
    line.Run(ExponentialMs(SLOWEST_MS / 6), REQUESTS);
    ExpectWhole(line, REQUESTS);
    const bool isTcp = transport == "ns3::PortendTcpTransport";
    for (uint64_t id = 0; id < line.completed.size(); ++id)
    {
        const double latencyMs = line.completed[id].ms - line.generated[id].ms;
        EXPECT_LE(latencyMs, (4 * limit + 3) * SLOWEST_MS + 32 + 10) << id;
        if (id > 20 && !isTcp) // the chain has filled up
        {
            EXPECT_NEAR(line.completed[id].ms - line.completed[id - 1].ms, SLOWEST_MS, 1e-7) << id;
        }
    }
    // TCP delays messages by its own means; the rate of the slowest is the same.
    const double spanMs = line.completed.back().ms - line.completed[20].ms;
    EXPECT_NEAR(spanMs / (REQUESTS - 21), SLOWEST_MS, 0.01);
    // Every queue was full at some time.
    EXPECT_EQ(line.most, (std::vector<int64_t>(4, limit)));
}

// With closed arrivals nobody is ever in the way: 10 + 5 + 12 + 5 + 30 + 10 ms for each.
TEST_P(BlockingChainTest, ClosedArrivalsNeverWait)
{
    const auto& [limit, transport] = GetParam();
    QueueLine line(GetPlaces(), MilliSeconds(5), transport);
    line.source->SetAttribute("MaxRequests", UintegerValue(50));
    Simulator::Run();
    ExpectWhole(line, 50);
    for (const auto& [id, waitMs] : line.waitMs)
    {
        EXPECT_EQ(waitMs, 0) << id;
        EXPECT_NEAR(line.completed[id].ms - line.generated[id].ms, 72, 1e-3) << id;
    }
    EXPECT_EQ(line.most, (std::vector<int64_t>(4, 1)));
}

// A trace with a rush of 40 and a late request: the rush is answered first, the last at once.
TEST_P(BlockingChainTest, TraceArrivalsWaitAtTheSource)
{
    const auto& [limit, transport] = GetParam();
    std::vector<int64_t> arrivals(40, 100);
    arrivals.push_back(10000);
    QueueLine line(GetPlaces(), MilliSeconds(5), transport);
    line.ArriveAtMs(arrivals);
    Simulator::Run();
    ExpectWhole(line, 41);
    EXPECT_EQ(line.waitMs.at(40), 0);
    EXPECT_EQ(line.most, (std::vector<int64_t>(4, limit)));
}

INSTANTIATE_TEST_SUITE_P(Limits,
                         BlockingChainTest,
                         testing::Combine(testing::Values(1, 3),
                                          testing::Values("ns3::PortendUdpTransport",
                                                          "ns3::PortendTrainTransport",
                                                          "ns3::PortendTcpTransport")));

namespace
{

/// Runs of scenarios.
class BoundedScenarioTest : public testing::Test
{
  protected:
    /// A request that was answered.
    struct Answer
    {
        Time generated;       ///< when it arose
        Time completed;       ///< when it was answered
        PortendLedger ledger; ///< where the time went
    };

    /// What a run showed.
    struct Outcome
    {
        PortendResult result;               ///< counts and means
        std::map<uint64_t, Answer> answers; ///< by request
    };

    /// Runs a scenario; every ledger must sum to its latency.
    static Outcome Run(const PortendScenario& scenario)
    {
        Outcome outcome;
        const PortendSetup setup(scenario);
        PortendSimulation simulation(setup);
        simulation.SetRequestSink([&outcome](const PortendRequest& request) {
            const Answer answer{request.generated, request.completed, request.ledger};
            EXPECT_TRUE(outcome.answers.emplace(request.id, answer).second) << "answered twice";
            EXPECT_EQ(request.ledger.GetTotal(), request.GetLatency()) << request.id;
        });
        outcome.result = simulation.Run();
        EXPECT_EQ(outcome.result.completed, outcome.answers.size());
        return outcome;
    }

    /// @return the sum of all requests that a queue or a deadline lost
    static uint64_t GetDrops(const PortendResult& result)
    {
        return std::accumulate(result.queueDrops.begin(), result.queueDrops.end(), uint64_t{0}) +
               std::accumulate(result.deadlineDrops.begin(),
                               result.deadlineDrops.end(),
                               uint64_t{0});
    }

    /// Requires that two runs gave the same answers at the same times, to the nanosecond.
    static void ExpectSame(const std::map<uint64_t, Answer>& answers,
                           const std::map<uint64_t, Answer>& expected)
    {
        ASSERT_EQ(answers.size(), expected.size());
        auto it = expected.begin();
        for (const auto& [id, answer] : answers)
        {
            EXPECT_EQ(id, it->first);
            EXPECT_EQ(answer.generated, it->second.generated) << id;
            EXPECT_EQ(answer.completed, it->second.completed) << id;
            ++it;
        }
    }

    /// @return three partitions, under a load that no tier can bear
    static PortendScenario GetOverload(const std::string& transport)
    {
        PortendScenario scenario;
        scenario.deployment = "0:1-10,1:11-25,2:26-55@0.1";
        scenario.tiers[2].computeFactor = 20; // the last is the slowest
        scenario.transport = transport;
        scenario.arrival = "poisson:60";
        scenario.samples = 400;
        return scenario;
    }
};

} // namespace

// Every request that arises is answered, or lost in front of one queue; and every run ends.
TEST_F(BoundedScenarioTest, RequestsAreConserved)
{
    for (const std::string transport : {"udp", "tcp"})
    {
        for (const std::string policy : {"drop-newest", "drop-oldest", "block", "deadline:200ms"})
        {
            for (const std::string arrival :
                 {"closed", "poisson:10", "poisson:60", "periodic:5ms", "bursty:100:200ms:500ms"})
            {
                for (const bool sharedCore : {false, true})
                {
                    SCOPED_TRACE(transport + ", " + policy + ", " + arrival +
                                 (sharedCore ? ", shared core" : ""));
                    auto scenario = GetOverload(transport);
                    scenario.arrival = arrival;
                    scenario.sharedCore = sharedCore;
                    for (auto& tier : scenario.tiers)
                    {
                        tier.queueLimit = policy.rfind("deadline", 0) == 0 ? 0 : 2;
                        tier.queuePolicy = policy;
                    }
                    const auto [result, answers] = Run(scenario);
                    EXPECT_EQ(result.generated, scenario.samples);
                    EXPECT_EQ(result.completed + GetDrops(result), result.generated);
                    if (policy == "block")
                    {
                        EXPECT_EQ(result.completed, result.generated);
                    }
                    else if (arrival == "poisson:60" || arrival == "periodic:5ms")
                    {
                        EXPECT_LT(result.completed, result.generated) << "not an overload";
                    }
                }
            }
        }
    }
}

// A largest time cuts a run off and changes nothing before; what is neither answered nor lost
// by then is still on its way.
TEST_F(BoundedScenarioTest, MaxTimeIsAPrefixOfTheRun)
{
    for (const std::string transport : {"udp", "tcp"})
    {
        for (const std::string policy : {"drop-newest", "block"})
        {
            SCOPED_TRACE(transport + ", " + policy);
            auto scenario = GetOverload(transport);
            for (auto& tier : scenario.tiers)
            {
                tier.queueLimit = 3;
                tier.queuePolicy = policy;
            }
            const auto whole = Run(scenario);
            scenario.maxTime = "3s";
            const auto cut = Run(scenario);
            const auto last = whole.answers.size();
            auto expected = whole.answers;
            for (auto it = expected.begin(); it != expected.end();)
            {
                it = it->second.completed <= Seconds(3) ? std::next(it) : expected.erase(it);
            }
            ASSERT_GT(expected.size(), 10U);
            ASSERT_LT(expected.size(), last);
            ExpectSame(cut.answers, expected);
            EXPECT_LE(cut.result.simulated, Seconds(3));
            EXPECT_LT(cut.result.completed + GetDrops(cut.result), cut.result.generated);
            EXPECT_LE(GetDrops(cut.result), GetDrops(whole.result));
            EXPECT_LE(cut.result.generated, whole.result.generated);
        }
    }
}

// A queue that is never full is none: the same run, to the nanosecond.
TEST_F(BoundedScenarioTest, LargeLimitsChangeNothing)
{
    for (const std::string transport : {"udp", "tcp"})
    {
        auto scenario = GetOverload(transport);
        scenario.maxTime = "1000s";
        const auto unbounded = Run(scenario);
        for (const std::string policy : {"drop-newest", "drop-oldest", "block"})
        {
            SCOPED_TRACE(transport + ", " + policy);
            for (auto& tier : scenario.tiers)
            {
                tier.queueLimit = scenario.samples;
                tier.queuePolicy = policy;
            }
            ExpectSame(Run(scenario).answers, unbounded.answers);
        }
    }
}

// Source and first tier on one core: a source that waits does not keep the core that would let it
// go on, whatever the limits.
TEST_F(BoundedScenarioTest, SharedCoreDoesNotDeadlock)
{
    for (const std::string transport : {"udp", "tcp"})
    {
        for (const uint32_t limit : {1, 3})
        {
            for (const std::string deployment : {"0:1-10,1:11-25,2:26-55@0.1",
                                                 "1:1-10,0:11-25,2:26-55@0",
                                                 "2:1-25,1:26-40,0:41-55@0"})
            {
                SCOPED_TRACE(transport + ", " + deployment + ", " + std::to_string(limit));
                auto scenario = GetOverload(transport);
                scenario.deployment = deployment;
                scenario.sharedCore = true;
                for (auto& tier : scenario.tiers)
                {
                    tier.queueLimit = limit;
                    tier.queuePolicy = "block";
                }
                const auto [result, answers] = Run(scenario);
                EXPECT_EQ(result.generated, scenario.samples);
                EXPECT_EQ(result.completed, scenario.samples);
            }
        }
    }
}

namespace
{

class BurstTest : public SimulatorTest
{
};

/// On for 100 ms, off for 300 ms, an arrival after each 30 ms that are on.
class ConstantBursts : public PortendBurstyArrivals
{
  public:
    void Begin(Time now) override
    {
        m_interval = ConstantMs(30);
        m_burst = ConstantMs(100);
        m_silence = ConstantMs(300);
        PortendBurstyArrivals::Begin(now);
    }
};

} // namespace

// On for 100 ms, off for 300 ms, an arrival after each 30 ms that are on: what would come after
// the end of a burst comes 30 ms after the begin of the next.
TEST_F(BurstTest, NothingArrivesWhileOffByHand)
{
    QueueLine line({{ConstantMs(1)}});
    line.RunWith(CreateObject<ConstantBursts>(), 8);
    EXPECT_EQ(
        line.generated,
        (Events{{0, 30}, {1, 60}, {2, 90}, {3, 430}, {4, 460}, {5, 490}, {6, 830}, {7, 860}}));
}

// Services of 1 s and one place: requests 0, 1 and 2 arise in the first burst, and the last of
// them waits at the source. It leaves at 1030 ms, between the bursts from 800 and from 1200 ms:
// the next arises 30 ms after the latter's begin. It leaves at 2030 ms, within the burst from
// 2000 ms: the next arises at 2060 ms.
TEST_F(BurstTest, SourceThatStoodStillGoesOnInABurst)
{
    QueueLine line({{ConstantMs(1000), Bound(1, PortendWorker::BLOCK)}});
    line.RunWith(CreateObject<ConstantBursts>(), 5);
    EXPECT_EQ(line.generated, (Events{{0, 30}, {1, 60}, {2, 90}, {3, 1230}, {4, 2060}}));
    EXPECT_EQ(line.completed, (Events{{0, 1030}, {1, 2030}, {2, 3030}, {3, 4030}, {4, 5030}}));
}

// An interrupted Poisson process of 30 requests per second in bursts of 1 s, 2 s apart: a long-run
// rate of 30 / 3 = 10 per second, and with a = 1 and b = 1/2 per second intervals with a squared
// coefficient of variation of 1 + 2 * 30 * 1 / 1.5^2. The intervals are independent.
TEST_F(BurstTest, IntervalsAreThoseOfAnInterruptedPoissonProcess)
{
    const double variability = 1 + 60 / 2.25;
    PortendScenario scenario;
    scenario.profile = "resnet20-cifar10";
    scenario.tiers = {{"m4.large", ""}};
    scenario.links = {};
    scenario.deployment = "0:1-10@0";
    scenario.arrival = "bursty:30:1s:2s";
    scenario.samples = 150001;
    const PortendSetup setup(scenario);
    EXPECT_DOUBLE_EQ(setup.stream.arrivals.ratePerS, 10);
    EXPECT_DOUBLE_EQ(setup.stream.arrivals.variability, variability);

    PortendMean intervals((scenario.samples - 1) / BATCHES);
    PortendMean squares((scenario.samples - 1) / BATCHES);
    Time before;
    PortendSimulation simulation(setup);
    simulation.SetRequestSink([&](const PortendRequest& request) {
        const double interval = (request.generated - before).GetSeconds();
        before = request.generated;
        if (request.id > 0)
        {
            intervals.Add(interval);
            squares.Add(interval * interval);
        }
    });
    simulation.Run();
    ASSERT_EQ(intervals.GetCount(), 150000U);
    ExpectMean(intervals, 0.1);
    ExpectMean(squares, (variability + 1) * 0.1 * 0.1); // variance + squared mean
}
