/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Under load, a stage must be the queue that queueing theory knows.

#include "queueing_systems.h"

#include "ns3/portend-simulation.h"

#include <boost/math/distributions/students_t.hpp>
#include <gtest/gtest.h>
#include <numeric>

using namespace ns3;

namespace
{

/// A deployment on a single tier: source, one partition and destination on one node.
PortendScenario
GetOneStage()
{
    PortendScenario scenario;
    scenario.profile = "resnet20-cifar10";
    scenario.tiers = {{"m4.large", "only"}};
    scenario.links = {};
    scenario.deployment = "0:1-10@0";
    return scenario;
}

/// @return service time of the only stage, ms: deserialization and computation
double
GetServiceMs(const PortendSetup& setup)
{
    const auto components = setup.GetEstimate().components;
    return components.deserializationMs + components.computationMs;
}

/**
 * Widen an interval to one that misses once in a thousand times instead of once in twenty: of the
 * two dozen that are held against theory here, some of the latter would.
 * @param ci95 half-width of a 95 % interval
 * @param values independent values that it comes from
 * @return half-width of the 99.9 % interval
 */
double
Widen(double ci95, uint64_t values)
{
    const boost::math::students_t distribution(values - 1);
    return ci95 * boost::math::quantile(distribution, 0.9995) / PortendGetStudentFactor95(values);
}

/// @return mean wait, ms
PortendInterval
GetWait(const PortendResult& result)
{
    return result.componentsMs[PortendLedger::WAIT];
}

} // namespace

// D/D/1, periods longer than the service: nobody waits.
TEST(QueueingTest, DeterministicArrivalsBelowCapacityDoNotWait)
{
    auto scenario = GetOneStage();
    scenario.arrival = "periodic:10ms";
    scenario.samples = 500;
    const PortendSetup setup(scenario);
    ASSERT_LT(GetServiceMs(setup), 10);
    const auto result = PortendSimulation(setup).Run();
    EXPECT_EQ(GetWait(result).mean, 0);
    EXPECT_NEAR(result.maxMs, setup.GetEstimate().GetLatencyMs(), 3e-6);
}

// D/D/1, period d shorter than the service s: request i = 0.. waits i (s - d), so the mean
// over n requests is (n - 1) / 2 * (s - d).
TEST(QueueingTest, DeterministicArrivalsAboveCapacityWaitLinearly)
{
    auto scenario = GetOneStage();
    scenario.arrival = "periodic:1ms";
    scenario.samples = 101;
    const PortendSetup setup(scenario);
    const double serviceMs = GetServiceMs(setup);
    ASSERT_GT(serviceMs, 1);
    const auto result = PortendSimulation(setup).Run();
    // Service is drawn twice per request, each rounded to the nearest nanosecond.
    EXPECT_NEAR(GetWait(result).mean, 50 * (serviceMs - 1), 50 * 1e-6);
    EXPECT_EQ(result.completed, 101U);
}

// M/M/1, M/D/1, M/G/1, M/M/c, Jackson's tandem and batches at loads 0.3, 0.6 and 0.9, simulated by
// the applications alone (benchmarks/queueing-table.cc prints the rows). If the simulator is right,
// a 99.9 % interval misses the theory once in 1000 times, and each 95 % interval once in 20: more
// than 6 of 30 independent ones with a probability of 0.0006. (The tandems' times and numbers
// depend on one another; the times count.)
TEST(QueueingTest, SimulationMeetsTheory)
{
    constexpr uint64_t REPLICATIONS = 30;
    const auto rows = queueing::CompareAll(REPLICATIONS);
    int counted = 0;
    int missed = 0;
    for (const auto& row : rows)
    {
        SCOPED_TRACE(row.system.name + ", load " + std::to_string(row.system.load) + ", mean " +
                     row.quantity);
        EXPECT_NEAR(row.mean, row.theory, Widen(row.ci95, REPLICATIONS));
        EXPECT_LT(row.ci95, 0.1 * row.theory) << "too wide to say anything";
        if (row.quantity != "number")
        {
            ++counted;
            missed += !row.IsInside();
        }
    }
    EXPECT_EQ(counted, 30);
    EXPECT_LE(missed, 6);
}

// Erlang's C for one server is its load; for two of load r each it is 2 r^2 / (1 + r), for many
// idle ones nothing.
TEST(QueueingTest, ErlangsFormula)
{
    EXPECT_DOUBLE_EQ(queueing::GetErlangC(1, 0.7), 0.7);
    EXPECT_DOUBLE_EQ(queueing::GetErlangC(2, 0.5), 2 * 0.25 / 1.5);
    EXPECT_LT(queueing::GetErlangC(100, 0.1), 1e-12);
}

// The same of a profile: M/G/1 (Pollaczek and Khinchine) with services that are a constant
// deserialization and a computation of which the profile has repeats. With the mean s of the
// services and the variance v, the mean wait is W = rho s (1 + v / s^2) / (2 (1 - rho)). The
// interval is over 30 batches of 10 000 requests, hundreds of relaxation times.
TEST(QueueingTest, ProfiledServicesMeetPollaczekKhinchine)
{
    constexpr double LOAD = 0.6;
    for (const std::string compute : {"mean", "empirical", "gamma"})
    {
        SCOPED_TRACE(compute);
        auto scenario = GetOneStage();
        scenario.profile = "efficientnetb7-imagenet"; // of all, the repeats that differ most
        scenario.tiers[0].device = "g4dn.xlarge";
        scenario.deployment = "0:1-2@0";
        scenario.compute = compute;
        const double serviceMs = GetServiceMs(PortendSetup(scenario));
        scenario.arrival = "poisson:" + std::to_string(LOAD / serviceMs * 1e3);
        scenario.samples = 300000;
        const PortendSetup setup(scenario);
        const auto& repeatsMs = setup.stream.tiers[0].device->GetComputeMs(1, 2);
        const double meanMs =
            std::accumulate(repeatsMs.begin(), repeatsMs.end(), 0.0) / repeatsMs.size();
        double squares = 0;
        for (const double repeatMs : repeatsMs)
        {
            squares += (repeatMs - meanMs) * (repeatMs - meanMs);
        }
        // The repeats are all that there is, or a sample that gamma is fitted to.
        const double variance = compute == "mean"        ? 0
                                : compute == "empirical" ? squares / repeatsMs.size()
                                                         : squares / (repeatsMs.size() - 1);
        const double expected =
            LOAD * serviceMs * (1 + variance / (serviceMs * serviceMs)) / (2 * (1 - LOAD));
        const auto wait = GetWait(PortendSimulation(setup).Run());
        EXPECT_NEAR(wait.mean, expected, Widen(wait.ci95, 30));
        EXPECT_LT(wait.ci95, 0.05 * expected) << "too wide to say anything";
    }
}

// Two servers serve twice the load: at a period above half the service nobody waits.
TEST(QueueingTest, TwoServersServeTwoAtOnce)
{
    auto scenario = GetOneStage();
    const double serviceMs = GetServiceMs(PortendSetup(scenario));
    scenario.arrival = "periodic:" + std::to_string(0.6 * serviceMs) + "ms";
    scenario.samples = 200;
    EXPECT_GT(GetWait(PortendSimulation(PortendSetup(scenario)).Run()).mean, serviceMs);
    scenario.tiers[0].servers = 2;
    EXPECT_EQ(GetWait(PortendSimulation(PortendSetup(scenario)).Run()).mean, 0);
}

// A source that shares the core of its tier waits for it, and makes it wait.
TEST(QueueingTest, SharedCoreQueuesSerializationBehindComputation)
{
    auto scenario = GetOneStage();
    const PortendSetup setup(scenario);
    const double serializationMs = setup.GetEstimate().components.serializationMs;
    const double serviceMs = GetServiceMs(setup);
    // A period that leaves the tier room, but not the tier and the source together.
    const double periodMs = serviceMs + 0.5 * serializationMs;
    scenario.arrival = "periodic:" + std::to_string(periodMs) + "ms";
    scenario.samples = 200;
    EXPECT_EQ(GetWait(PortendSimulation(PortendSetup(scenario)).Run()).mean, 0);
    scenario.sharedCore = true;
    EXPECT_GT(GetWait(PortendSimulation(PortendSetup(scenario)).Run()).mean, serializationMs);
}

// Every request is either complete or still under way, and bytes are sent or refused, whatever
// the load and the queues.
TEST(QueueingTest, ConservesRequestsAndBytes)
{
    for (const char* const queue : {"auto", "40kB"})
    {
        PortendScenario scenario;
        scenario.arrival = "poisson:40";
        scenario.links[0].bandwidth = "2Mbps"; // slower than the tier, so that tensors queue
        scenario.queue = queue;
        scenario.samples = 2000;
        const PortendSetup setup(scenario);
        const auto result = PortendSimulation(setup).Run();
        EXPECT_EQ(result.generated, scenario.samples);
        EXPECT_LE(result.completed, result.generated);
        for (const auto& link : result.links)
        {
            EXPECT_EQ(link.sentBytes, link.receivedBytes);
        }
        if (std::string(queue) == "auto")
        {
            EXPECT_EQ(result.completed, result.generated);
            EXPECT_EQ(result.links[0].droppedBytes, 0U);
            // Every tensor of cut 25 was sent whole or dropped whole.
            const auto tensorBytes = setup.model.GetTensorBytes(25, 1, 2);
            const auto exited = result.exitRates[0].mean * result.completed;
            EXPECT_NEAR(result.droppedBytes[0], exited * tensorBytes, 0.5);
            // On the link: the tensors of those that stay, and their results, with 50 bytes of
            // headers for each packet: 4 for a tensor of 33 685 B, 1 for a result.
            const auto stayed = result.completed - std::llround(exited);
            EXPECT_EQ(result.links[0].sentBytes,
                      stayed * (tensorBytes + 4 * 50 + setup.model.GetResultBytes(2) + 50));
            EXPECT_EQ(result.links[0].savedBytes, std::llround(exited) * (tensorBytes + 4 * 50));
        }
        else
        {
            EXPECT_GT(result.links[0].droppedBytes, 0U);
            EXPECT_LT(result.completed, result.generated);
        }
    }
}
