/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * Prints, for each queueing system and load that the tests hold against theory, the mean that
 * theory knows, the simulated one, and whether the first lies in the 95 % interval of the
 * second; then two classes of different priority. Times are in units of the mean service time of
 * the first station.
 *
 * Arguments: the number of replications [30].
 */

#include "../tests/model/queueing_systems.h"

#include "ns3/portend-output.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

int
main(int argc, char* argv[])
{
    ns3::PortendGuardStandardStreams("queueing-table");
    const int replications = argc > 1 ? std::max(2, std::atoi(argv[1])) : 30;
    std::printf("%-16s load quantity     theory  simulated  +/- 95%% CI  inside\n", "system");
    auto rows = queueing::CompareAll(replications);
    const auto classes = queueing::ComparePriorities(replications);
    rows.insert(rows.end(), classes.begin(), classes.end());
    for (const auto& row : rows)
    {
        std::printf("%-16s %4.1f %-8s %10.4f %10.4f %11.4f  %s\n",
                    row.system.name.c_str(),
                    row.system.load,
                    row.quantity.c_str(),
                    row.theory,
                    row.mean,
                    row.ci95,
                    row.IsInside() ? "yes" : "no");
    }
    std::printf(
        "%td of %zu inside\n",
        std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.IsInside(); }),
        rows.size());
    return 0;
}
