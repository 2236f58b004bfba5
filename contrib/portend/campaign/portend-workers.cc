/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-workers.h"

namespace ns3
{

bool
PortendWorkers::IsCoordinator() const
{
    return true;
}

uint32_t
PortendWorkers::GetCount() const
{
    return 1;
}

std::string
PortendWorkers::Launch(uint32_t /* jobs */, const std::vector<std::string>& /* arguments */)
{
    return "the program was built without Boost.MPI, which Portend's ./ns3 setup mpi installs";
}

void
PortendWorkers::Run(const Next& next, const Task& task, const Sink& sink)
{
    uint64_t number = 0;
    while (next(number))
    {
        sink(number, task(number));
    }
}

} // namespace ns3
