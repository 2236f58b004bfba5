/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef SIMULATOR_TEST_H
#define SIMULATOR_TEST_H

#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"

#include <gtest/gtest.h>

/// A test that uses the simulator or its random streams: the same each time, nothing left.
class SimulatorTest : public testing::Test
{
  protected:
    void SetUp() override
    {
        ns3::RngSeedManager::SetSeed(1);
        ns3::RngSeedManager::SetRun(1);
    }

    void TearDown() override
    {
        ns3::Simulator::Destroy();
    }
};

#endif // SIMULATOR_TEST_H
