/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Replications: intervals that hold what they promise.

#include "ns3/portend-replications.h"

#include <cmath>
#include <gtest/gtest.h>
#include <iostream>
#include <string>

using namespace ns3;

namespace
{

/// One tier that is an M/D/1 queue: deserialization and computation are its service.
PortendScenario
GetOneStage(double load, double& meanLatencyMs)
{
    PortendScenario scenario;
    scenario.profile = "resnet20-cifar10";
    scenario.tiers = {{"m4.large", "only"}};
    scenario.links = {};
    scenario.deployment = "0:1-10@0";
    const auto estimate = PortendSetup(scenario).GetEstimate();
    const double serviceMs =
        estimate.components.deserializationMs + estimate.components.computationMs;
    scenario.arrival = "poisson:" + std::to_string(load / serviceMs * 1e3);
    // Pollaczek and Khinchine: mean wait W = rho s / (2 (1 - rho)).
    meanLatencyMs = estimate.GetLatencyMs() + load * serviceMs / (2 * (1 - load));
    return scenario;
}

} // namespace

// Of 400 independent 95 % intervals of the mean of an M/D/1 queue, started empty, 93 to 97 % hold
// it: were the share right, 372 to 388 of 400 would be within 1.84 standard deviations.
TEST(ReplicationsTest, IntervalsOfAnMD1QueueCoverItsMean)
{
    for (const double load : {0.3, 0.6})
    {
        double meanMs = 0;
        auto scenario = GetOneStage(load, meanMs);
        scenario.samples = 1000;
        PortendPrecision precision;
        int covered = 0;
        constexpr int REPETITIONS = 400;
        for (int i = 0; i < REPETITIONS; ++i)
        {
            scenario.run = 1 + i * precision.openReplications;
            const PortendSetup setup(scenario);
            const auto result = PortendReplications(setup, precision).Run();
            covered += std::abs(result.latencyMs.mean - meanMs) <= result.latencyMs.ci95;
        }
        RecordProperty("covered", covered);
        std::cout << "load " << load << ": " << covered << " of " << REPETITIONS
                  << " intervals cover the mean\n";
        EXPECT_GE(covered, 0.93 * REPETITIONS) << "load " << load;
        EXPECT_LE(covered, 0.97 * REPETITIONS) << "load " << load;
    }
}
