/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Under load, one stage must be the queue that queueing theory knows.

#include "ns3/portend-simulation.h"

#include <gtest/gtest.h>

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

// M/D/1 (Pollaczek and Khinchine): mean wait W = rho s / (2 (1 - rho)).
TEST(QueueingTest, PoissonArrivalsMeetPollaczekKhinchine)
{
    for (const double load : {0.3, 0.6, 0.8})
    {
        auto scenario = GetOneStage();
        const double serviceMs = GetServiceMs(PortendSetup(scenario));
        scenario.arrival = "poisson:" + std::to_string(load / serviceMs * 1e3);
        scenario.samples = 300000;
        const PortendSetup setup(scenario);
        const auto result = PortendSimulation(setup).Run();
        const double expected = load * serviceMs / (2 * (1 - load));
        EXPECT_NEAR(GetWait(result).mean, expected, GetWait(result).ci95) << "load " << load;
        EXPECT_LT(GetWait(result).ci95, 0.05 * expected) << "too wide to say anything";
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
