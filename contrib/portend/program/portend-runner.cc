/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-runner.h"

#include "ns3/portend-simulation.h"

namespace ns3
{

PortendRunner::PortendRunner(PortendProgram& program)
    : m_outputs(program),
      m_linter(program)
{
}

void
PortendRunner::Run(const PortendScenario& scenario)
{
    const PortendSetup setup(scenario);
    setup.RequireSimulable();
    setup.RequireBounded();
    const auto estimate = setup.GetEstimate();
    m_linter.Check(setup);
    m_outputs.Open(setup);

    PortendSimulation simulation(setup);
    simulation.SetPcapPrefix(m_outputs.GetPcapPrefix());
    simulation.SetRequestSink(m_outputs.GetRequestSink());
    const auto result = simulation.Run();

    m_outputs.Write({scenario, setup, result, estimate});
}

void
PortendRunner::Run(const PortendWorld& world)
{
    const PortendWorldSetup setup(world);
    setup.RequireBounded();
    const auto estimates = setup.GetEstimates();
    m_linter.Check(world, setup);
    m_outputs.Open(setup);

    PortendSimulation simulation(setup);
    simulation.SetPcapPrefix(m_outputs.GetPcapPrefix());
    simulation.SetRequestSink(m_outputs.GetRequestSink());
    const auto result = simulation.RunAll();

    m_outputs.Write({world, setup, result, estimates});
}

} // namespace ns3
