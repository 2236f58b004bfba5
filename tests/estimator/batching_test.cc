/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Queues whose server takes batches, against closed forms, and against a simulation of them alone.

#include "../bulk_queue.h"
#include "portend-batching.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <gtest/gtest.h>
#include <numeric>
#include <random>
#include <string>
#include <vector>

using namespace portend;

namespace
{

const double LONG = 1e9; ///< a timeout that never passes, ms

/// @return the mean wait
double
GetWaitMs(const BatchQueue& queue)
{
    return queue.holdMs + queue.queueMs;
}

/// @return the mean size of a batch
double
GetMeanSize(const BatchQueue& queue)
{
    double sum = 0;
    for (std::size_t i = 0; i < queue.sizes.size(); ++i)
    {
        sum += queue.sizes[i] * (i + 1);
    }
    return sum;
}

/// The same queue, one tensor after the other.
BatchQueue
Simulate(const Batching& batching, double ratePerMs, const std::vector<ServiceTime>& services)
{
    constexpr int TENSORS = 1000000;
    std::mt19937_64 engine(1);
    std::exponential_distribution<double> interval(ratePerMs);
    const auto max = services.size();
    BatchQueue queue;
    queue.sizes.resize(max);
    double batches = 0;
    double next = interval(engine); // arrival of the first that does not wait yet
    double freeAt = 0;
    std::deque<double> waiting;
    int served = 0;
    const auto arrive = [&]() {
        waiting.push_back(next);
        next += interval(engine);
    };
    while (served < TENSORS)
    {
        while (next <= freeAt || waiting.empty())
        {
            arrive();
        }
        double begins = std::max(freeAt, waiting.front());
        const double latest =
            std::max(begins, waiting.front() + (batching.isEager ? 0 : batching.timeoutMs));
        while (waiting.size() < max && next <= latest)
        {
            arrive();
        }
        begins = waiting.size() < max ? latest : std::max(begins, waiting[max - 1]);
        const auto size = std::min(max, waiting.size());
        for (std::size_t i = 0; i < size; ++i)
        {
            const double busy = std::max(0.0, std::min(freeAt, begins) - waiting.front());
            queue.queueMs += busy;
            queue.holdMs += begins - waiting.front() - busy;
            waiting.pop_front();
        }
        served += size;
        ++queue.sizes[size - 1];
        ++batches;
        const auto& [ms, varianceMs2] = services[size - 1];
        freeAt = begins;
        if (varianceMs2 > 0)
        {
            const double beta = varianceMs2 / ms;
            freeAt += std::gamma_distribution<double>(ms / beta, beta)(engine);
        }
        else
        {
            freeAt += ms;
        }
    }
    queue.queueMs /= served;
    queue.holdMs /= served;
    for (auto& size : queue.sizes)
    {
        size /= batches;
    }
    return queue;
}

/// @return services of a fixed share and one for each tensor
std::vector<ServiceTime>
GetServices(std::size_t max, double onceMs, double eachMs)
{
    std::vector<ServiceTime> services;
    for (std::size_t size = 1; size <= max; ++size)
    {
        services.push_back({onceMs + size * eachMs, 0});
    }
    return services;
}

} // namespace

// The closed form itself: M/D/1 for batches of one, by Pollaczek and Khinchine; and for full
// batches in light traffic (b - 1) / (2 rate), as half of the others are still to come.
TEST(BatchingTest, ClosedFormsAgree)
{
    EXPECT_NEAR(bulk::GetMeanWait(1, 0.6, 1, true), 0.6 / (2 * 0.4), 1e-12);
    EXPECT_NEAR(bulk::GetMeanWait(1, 0.6, 1, false), 0.6 / (2 * 0.4), 1e-12);
    EXPECT_NEAR(bulk::GetMeanWait(5, 1e-6, 1, true), 2e6, 1);
    EXPECT_NEAR(bulk::GetMeanWait(5, 1e-6, 1, false), 0, 1e-6);
}

// Constant service, whatever the size.
TEST(BatchingTest, MeetsBailey)
{
    for (const std::size_t max : {1, 2, 3, 8, 16})
    {
        for (const double load : {0.1, 0.3, 0.6, 0.9, 0.98})
        {
            SCOPED_TRACE(std::to_string(max) + " at a load of " + std::to_string(load));
            const std::vector<ServiceTime> services(max, {7, 0});
            const double rate = load * max / 7;
            const auto full = EstimateBatchQueue({uint32_t(max), LONG}, rate, services);
            const double expected = bulk::GetMeanWait(max, rate, 7, true);
            EXPECT_NEAR(GetWaitMs(full), expected, 1e-6 * expected);
            EXPECT_NEAR(GetMeanSize(full), max, 1e-9);
            const auto eager = EstimateBatchQueue({uint32_t(max), LONG, true}, rate, services);
            const double eagerMs = bulk::GetMeanWait(max, rate, 7, false);
            EXPECT_NEAR(GetWaitMs(eager), eagerMs, 1e-6 * eagerMs);
            EXPECT_EQ(eager.holdMs, 0);
            EXPECT_NEAR(std::accumulate(eager.sizes.begin(), eager.sizes.end(), 0.0), 1, 1e-9);
        }
    }
}

// Services that grow with the size: exact where the age of the oldest does not matter.
TEST(BatchingTest, EagerServersMeetTheirSimulation)
{
    for (const double load : {0.3, 0.6, 0.9})
    {
        SCOPED_TRACE(load);
        const auto services = GetServices(6, 4, 1);
        const double rate = load * 6 / services.back().meanMs;
        const Batching batching{6, LONG, true};
        const auto estimate = EstimateBatchQueue(batching, rate, services);
        const auto simulated = Simulate(batching, rate, services);
        EXPECT_NEAR(estimate.queueMs, simulated.queueMs, 0.01 * simulated.queueMs);
        EXPECT_NEAR(GetMeanSize(estimate), GetMeanSize(simulated), 0.005 * GetMeanSize(simulated));
        EXPECT_EQ(simulated.holdMs, 0);
    }
}

// Services that vary: exact for gamma distributed ones of eager servers and of full batches.
TEST(BatchingTest, ServicesMayVary)
{
    for (const double load : {0.3, 0.6, 0.9})
    {
        SCOPED_TRACE(load);
        auto services = GetServices(4, 4, 1);
        for (auto& service : services)
        {
            service.varianceMs2 = service.meanMs * service.meanMs / 2;
        }
        const double rate = load * 4 / services.back().meanMs;
        const auto getError = [&](const Batching& batching) {
            const auto estimate = EstimateBatchQueue(batching, rate, services);
            return GetWaitMs(estimate) / GetWaitMs(Simulate(batching, rate, services)) - 1;
        };
        const double noise = load > 0.8 ? 0.03 : 0.01; // of the simulation
        EXPECT_NEAR(getError({4, LONG, true}), 0, noise);
        EXPECT_NEAR(getError({4, LONG}), 0, noise);
        EXPECT_NEAR(getError({4, 10}), 0, 0.05);
    }
    // M/G/1, exactly.
    const auto alone = EstimateBatchQueue({1, 0}, 0.06, {{10, 250}});
    EXPECT_NEAR(alone.queueMs, 0.06 * (100 + 250) / (2 * 0.4), 1e-6);
}

// Timeouts of the order of a service: an approximation, off by less than 2 % of the wait.
TEST(BatchingTest, TimeoutsComeClose)
{
    for (const std::size_t max : {2, 4, 8})
    {
        for (const double timeoutMs : {1, 5, 20})
        {
            for (const double load : {0.05, 0.3, 0.6, 0.9})
            {
                const auto services = GetServices(max, 4, 1);
                const double rate = load * max / services.back().meanMs;
                const Batching batching{uint32_t(max), timeoutMs};
                const auto estimate = EstimateBatchQueue(batching, rate, services);
                const auto simulated = Simulate(batching, rate, services);
                const double wait = GetWaitMs(simulated);
                const double error = GetWaitMs(estimate) / wait - 1;
                SCOPED_TRACE(std::to_string(max) + ", " + std::to_string(timeoutMs) + " ms, load " +
                             std::to_string(load) + ": " + std::to_string(100 * error) + " % of " +
                             std::to_string(wait) + " ms");
                EXPECT_LT(std::abs(error), 0.02);
                EXPECT_NEAR(GetMeanSize(estimate),
                            GetMeanSize(simulated),
                            0.02 * GetMeanSize(simulated));
            }
        }
    }
}

// In light traffic the oldest waits for the timeout, alone.
TEST(BatchingTest, LoneTensorsWaitForTheTimeout)
{
    const auto services = GetServices(4, 4, 1);
    EXPECT_NEAR(EstimateBatchQueue({4, 20}, 1e-9, services).holdMs, 20, 1e-6);
    EXPECT_EQ(EstimateBatchQueue({4, 20}, 0, services).holdMs, 20);
    EXPECT_EQ(EstimateBatchQueue({4, 20, true}, 0, services).holdMs, 0);
}

// Batches carry what one by one would overwhelm, and no more than their own capacity.
TEST(BatchingTest, CapacityIsThatOfFullBatches)
{
    const auto services = GetServices(8, 4, 1); // 5 ms alone, 12 ms for 8
    const auto isStable = [&](double rate) {
        return std::isfinite(GetWaitMs(EstimateBatchQueue({8, 5}, rate, services)));
    };
    EXPECT_TRUE(isStable(0.66));
    EXPECT_FALSE(isStable(0.67));
    EXPECT_GT(EstimateBatchQueue({8, 5}, 0.66, services).sizes.back(), 0.9);
}
