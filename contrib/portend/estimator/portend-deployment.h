/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_DEPLOYMENT_H
#define PORTEND_DEPLOYMENT_H

#include "portend-profile.h"

#include <cstdint>
#include <string>
#include <vector>

/**
 * @file
 * @ingroup portend
 * A deployment (T, P, D): where the partitions run and when requests exit.
 */

namespace portend
{

/**
 * @ingroup portend
 * @brief Consecutive blocks that run on one tier.
 */
struct Partition
{
    uint32_t tier{0};  //!< D_k
    uint32_t first{1}; //!< P_{k-1} + 1
    uint32_t last{1};  //!< P_k
};

/**
 * @ingroup portend
 * @brief One configuration of a partitioned network.
 *
 * Its text form lists `tier:first-last` for each partition and the threshold after `@`:
 * `0:1-25,1:26-40\@0.1`. With a threshold for each exit, they stand behind their partitions:
 * `0:1-25\@0.1,1:26-40\@0.3,2:41-55`. The last partition's threshold changes nothing and may
 * be left out.
 *
 * Consecutive partitions may share a tier: `0:1-10,0:11-25,1:26-40\@0.1`. Such a *visit* is one job
 * of one process. After block 10 a branch may answer, else the tensor stays where it is.
 */
struct Deployment
{
    std::vector<Partition> partitions; //!< in the order of execution
    double threshold{0};               //!< T, normalised entropy below which a request exits
    std::vector<double> thresholds;    //!< one for each partition but the last; empty if all are T

    /**
     * @brief Get the threshold of a partition's branch.
     * @param partition index k of the partition, 1 .. L
     * @return its own threshold, or T
     */
    double GetThreshold(std::size_t partition) const;

    /**
     * @brief Tell whether a partition goes on with the visit of the one before.
     * @param partition index k of the partition, 1 .. L
     * @return true if both are on one tier
     */
    bool Continues(std::size_t partition) const;

    /**
     * @brief Tell whether partitions share a tier.
     * @return true if any does
     */
    bool SharesTiers() const;

    /**
     * @brief Read the text form.
     * @param text such as `0:1-25,1:26-40\@0.1`
     * @return the deployment
     * @throw InputError if the text is not of that form
     */
    static Deployment Parse(const std::string& text);

    /**
     * @brief Write the text form.
     * @return text that Parse() reads back
     */
    std::string ToString() const;

    /**
     * @brief Check the deployment against what it is deployed on.
     *
     * Partitions must cover blocks 1 .. P_L without gap or overlap, P_L <= N. Each is on the tier
     * of the one before or on a tier that was not used before.
     *
     * @param tiers number of tiers
     * @param blocks N, blocks of the model
     * @throw InputError naming the first offence
     */
    void Validate(uint32_t tiers, uint32_t blocks) const;

    /**
     * @brief Check the deployment against what it is deployed on.
     *
     * The last partition must end with a branch, too, which answers what is left.
     *
     * @param tiers number of tiers
     * @param model the model
     * @throw InputError naming the first offence
     */
    void Validate(uint32_t tiers, const ModelProfile& model) const;
};

} // namespace portend

#endif // PORTEND_DEPLOYMENT_H
