/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_WARM_UP_H
#define PORTEND_WARM_UP_H

#include <cstddef>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Find where a series has warmed up, by the marginal standard error rule (MSER).
 *
 * Of all d up to half of the series, take that for which the mean of what is left,
 * x_{d+1} .. x_m, has the least squared marginal standard error
 * sum (x_j - mean)^2 / (m - d)^2. On means of batches of five observations this is MSER-5.
 *
 * Source: K. P. White, An effective truncation heuristic for bias reduction in simulation
 * output, Simulation 69(6), 1997; K. P. White, M. J. Cobb, S. C. Spratt, A comparison of five
 * steady-state truncation heuristics for simulation, WSC 2000.
 *
 * @param series means of batches, in order of time
 * @return how many to delete from the start; half of the series means that it may be too short
 */
std::size_t PortendFindWarmUp(const std::vector<double>& series);

} // namespace ns3

#endif // PORTEND_WARM_UP_H
