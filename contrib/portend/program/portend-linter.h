/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_LINTER_H
#define PORTEND_LINTER_H

#include "portend-program.h"

#include "ns3/portend-lint.h"
#include "ns3/portend-setup.h"
#include "ns3/portend-world-setup.h"

#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Warns of misconfigurations before a program simulates.
 */
class PortendLinter
{
  public:
    /**
     * @brief Constructor: add the options `--precision` and `--strict` to a program.
     * @param program the program; it must outlive this object
     */
    explicit PortendLinter(PortendProgram& program);

    /**
     * @brief Print a warning for each finding on the standard error.
     * @param setup what will be simulated
     * @throw portend::InputError if there are any, and the program is to be strict
     */
    void Check(const PortendSetup& setup) const;

    /**
     * @brief The same for a network of many streams.
     * @param world what the user asks for
     * @param setup the same, understood
     * @throw portend::InputError if there are any warnings, and the program is to be strict
     */
    void Check(const PortendWorld& world, const PortendWorldSetup& setup) const;

  private:
    /**
     * @brief Print warnings.
     * @param findings what was found
     * @throw portend::InputError if there are any, and the program is to be strict
     */
    void Warn(const std::vector<PortendFinding>& findings) const;

    const PortendProgram& m_program; //!< the program
    std::string m_precision;         //!< option --precision
    bool m_isStrict{false};          //!< option --strict
};

} // namespace ns3

#endif // PORTEND_LINTER_H
