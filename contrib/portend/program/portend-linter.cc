/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-linter.h"

#include "ns3/portend-text.h"

#include <iostream>

namespace ns3
{

PortendLinter::PortendLinter(PortendProgram& program)
    : m_program(program)
{
    program.AddOption("precision",
                      "warn if the samples cannot bring the 95 % interval of the mean latency to "
                      "that half-width, such as 1%",
                      m_precision);
    program.AddFlag("strict", "refuse what there would be warnings of", m_isStrict);
}

void
PortendLinter::Check(const PortendSetup& setup) const
{
    const auto precision =
        m_precision.empty() ? 0 : PortendParsePercent(m_precision, "--precision");
    Warn(PortendLint(m_program.GetScenario(), setup, precision));
}

void
PortendLinter::Check(const PortendWorld& world, const PortendWorldSetup& setup) const
{
    const auto precision =
        m_precision.empty() ? 0 : PortendParsePercent(m_precision, "--precision");
    Warn(PortendLint(world, setup, precision));
}

void
PortendLinter::Warn(const std::vector<PortendFinding>& findings) const
{
    for (const auto& finding : findings)
    {
        std::cerr << m_program.GetName() << ": warning: " << finding.check << ": " << finding.where
                  << ": " << finding.text << "\n";
    }
    if (m_isStrict && !findings.empty())
    {
        throw portend::InputError("--strict",
                                  "refused for " + std::to_string(findings.size()) +
                                      (findings.size() == 1 ? " warning" : " warnings"));
    }
}

} // namespace ns3
