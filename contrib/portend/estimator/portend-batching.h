/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_BATCHING_H
#define PORTEND_BATCHING_H

#include "portend-network.h"

#include <cstddef>
#include <vector>

/**
 * @file
 * @ingroup portend
 * A queue whose server takes batches.
 */

namespace portend
{

/**
 * @ingroup portend
 * @brief How long a server is busy with a job, or with a batch.
 */
struct ServiceTime
{
    double meanMs{0};      //!< its mean
    double varianceMs2{0}; //!< its variance
};

/**
 * @ingroup portend
 * @brief What a queue whose server takes batches does in the mean.
 */
struct BatchQueue
{
    double holdMs{0};          //!< how long a tensor waits before a free server
    double queueMs{0};         //!< how long it waits while the server is busy
    std::vector<double> sizes; //!< share of batches that have 1, 2, ... tensors

    /**
     * @brief Average over the tensors: each sees the size of its own batch.
     * @tparam Add called with a size, from 1, and the share of the tensors that see it
     * @param add adds up
     */
    template <typename Add>
    void ForEachTensor(Add&& add) const
    {
        double tensors = 0;
        for (std::size_t i = 0; i < sizes.size(); ++i)
        {
            tensors += sizes[i] * (i + 1);
        }
        for (std::size_t i = 0; i < sizes.size(); ++i)
        {
            if (sizes[i] > 0)
            {
                add(i + 1, sizes[i] * (i + 1) / tensors);
            }
        }
    }
};

/**
 * @ingroup portend
 * @brief Estimate a queue of Poisson arrivals before one server that takes batches.
 *
 * The number of tensors that wait when the server has finished with a batch is a Markov chain (N.
 * T. J. Bailey, On queueing processes with bulk service, Journal of the Royal Statistical Society
 * B 16, 1954; M. F. Neuts, A general class of bulk queues with Poisson input, Annals of
 * Mathematical Statistics 38, 1967). It is solved by the elimination of Grassmann, Taksar and
 * Heyman (Operations Research 33, 1985), and the waits are means over its cycles. This is exact
 * for constant service times, which may depend on the size, if the server is eager, if the timeout
 * is long, or as the load goes to 0 or 1. In between the age of the oldest of n tensors that the
 * server has found is taken for that of the first of n arrivals in a service of mean length.
 * Service times that vary have gamma distributions.
 *
 * @param batching when batches begin
 * @param ratePerMs of the tensors; 0 is that of a request that arises when the last is complete
 * @param services how long the server takes for a batch of 1, 2, ... up to the largest
 * @return the waits, infinite if the queue is not stable
 */
BatchQueue EstimateBatchQueue(const Batching& batching,
                              double ratePerMs,
                              const std::vector<ServiceTime>& services);

} // namespace portend

#endif // PORTEND_BATCHING_H
