/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_RUNNER_H
#define PORTEND_RUNNER_H

#include "portend-linter.h"
#include "portend-program.h"
#include "portend-run-outputs.h"

#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Simulates and estimates one scenario for a program, and writes what comes out.
 */
class PortendRunner
{
  public:
    /**
     * @brief Constructor: add the options of checks and outputs to a program.
     * @param program the program; it must outlive this object
     */
    explicit PortendRunner(PortendProgram& program);

    /**
     * @brief Run a chain.
     * @param scenario what the user asks for
     * @return exit status: 1 if a service level was asked for and does not hold
     * @throw portend::InputError if it makes no sense, or nothing can be written
     */
    int Run(const PortendScenario& scenario);

    /**
     * @brief Run streams on a network.
     * @param world what the user asks for
     * @return exit status: 1 if a service level was asked for and does not hold
     * @throw portend::InputError if it makes no sense, or nothing can be written
     */
    int Run(const PortendWorld& world);

  private:
    PortendRunOutputs m_outputs;       //!< where results go
    PortendLinter m_linter;            //!< warns before anything is simulated
    std::vector<std::string> m_levels; //!< option --slo
};

} // namespace ns3

#endif // PORTEND_RUNNER_H
