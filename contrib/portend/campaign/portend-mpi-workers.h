/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_MPI_WORKERS_H
#define PORTEND_MPI_WORKERS_H

#include "portend-workers.h"

#include <memory>

/**
 * @file
 * @ingroup portend
 * Workers on many processes. Compiled into the programs that need it rather than into the
 * module, so that nothing else is linked with MPI.
 */

namespace ns3
{

/**
 * @ingroup portend
 * @brief Join the processes that this one was launched with.
 *
 * Under mpirun, srun and the like these are all processes of the job: each does tasks, and the
 * first hands them out as well. Without a launcher, or built without Boost.MPI, there is only
 * this process. What other processes than the first print is dropped: it would be the same.
 *
 * @param argc number of arguments, for MPI
 * @param argv arguments, for MPI
 * @return the workers; keep them to the end of the program
 */
std::unique_ptr<PortendWorkers> PortendJoinWorkers(int& argc, char**& argv);

} // namespace ns3

#endif // PORTEND_MPI_WORKERS_H
