/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_LINT_H
#define PORTEND_LINT_H

#include "portend-setup.h"
#include "portend-world-setup.h"

#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Something in a scenario that makes its results say less than they seem to.
 */
struct PortendFinding
{
    std::string check; //!< name of the check, such as `tcp-buffer`
    std::string where; //!< option or file, and JSON pointer
    std::string text;  //!< what is wrong, what that costs as measured, what would be right
};

/**
 * @ingroup portend
 * @brief Look for misconfigurations.
 *
 * The checks are `tcp-buffer`, `queue`, `tcp-segment`, `mtu`, `load`, `batch`, `arrivals`, `exits`
 * and `samples`. Each finds the worst of what it looks for, so that it has one finding at most.
 *
 * @param scenario what the user asks for
 * @param setup the same, understood
 * @param precision half-width of the mean latency's 95 % interval that is wanted, as a share of
 *        the mean; 0 if none is
 * @return the findings, in the order of the checks
 */
std::vector<PortendFinding> PortendLint(const PortendScenario& scenario,
                                        const PortendSetup& setup,
                                        double precision = 0);

/**
 * @ingroup portend
 * @brief The same for a network of many streams: each, and what they have together; and
 * `scheduler`.
 * @param world what the user asks for
 * @param setup the same, understood
 * @param precision as above, of every stream
 * @return the findings, by stream
 */
std::vector<PortendFinding> PortendLint(const PortendWorld& world,
                                        const PortendWorldSetup& setup,
                                        double precision = 0);

} // namespace ns3

#endif // PORTEND_LINT_H
