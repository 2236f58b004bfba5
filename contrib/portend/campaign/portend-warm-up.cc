/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-warm-up.h"

#include <limits>

namespace ns3
{

std::size_t
PortendFindWarmUp(const std::vector<double>& series)
{
    const std::size_t most = series.size() / 2;
    std::size_t best = 0;
    double least = std::numeric_limits<double>::infinity();
    // From the end, so that mean and squares of what is left grow by one (Welford).
    double mean = 0;
    double squares = 0;
    for (std::size_t kept = 1; kept <= series.size(); ++kept)
    {
        const double value = series[series.size() - kept];
        const double deviation = value - mean;
        mean += deviation / kept;
        squares += deviation * (value - mean);
        const auto deleted = series.size() - kept;
        const double error = squares / (static_cast<double>(kept) * kept);
        if (deleted <= most && error <= least)
        {
            least = error;
            best = deleted;
        }
    }
    return best;
}

} // namespace ns3
