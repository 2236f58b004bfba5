/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_TERMS_H
#define PORTEND_TERMS_H

#include "portend-estimator.h"

#include <cstddef>
#include <cstdint>

/**
 * @file
 * @ingroup portend
 * The terms that the analytical model adds up, one partition after the other.
 */

namespace portend
{

/**
 * @ingroup portend
 * @brief What the branches passed so far have done to the requests.
 *
 * Nothing else of the past matters to the partitions to come.
 */
struct ExitState
{
    double passed{0};     //!< ER of the branch that lets most requests exit (the last one, if
                          //!< exit rates are not made monotone)
    double exited{0};     //!< share that has exited, sum of E_k
    double errorRatio{1}; //!< errors of that branch among those that exit, over its errors
                          //!< among all samples
};

/**
 * @ingroup portend
 * @brief The terms of the analytical model for one stream and one set of rules.
 *
 * Everything is additive over consecutive cuts, given the exit state: an estimate adds the
 * terms of one deployment, a search extends many of them partition by partition.
 *
 * Accuracy::CONDITIONAL counts, of branch k, the right answers among those that it alone would
 * let exit (measured), less the right answers that it would have given to those that exited
 * before. Of these, the profile knows how much easier they were for the branch that let them
 * exit: its errors among them over its errors among all. The same ratio is taken to hold for
 * branch k. For two partitions that gives
 * C_1 + A_2 - E_1 (1 - (1 - A_2) (1 - C_1 / E_1) / (1 - A_1)), where C_1 is the share of all
 * samples that exits at the first branch and is right.
 */
class Terms
{
  public:
    /**
     * @brief Constructor.
     * @param model device-independent profile; it must outlive this object
     * @param stream tiers on a network; it must outlive this object
     * @param rules variant of the model
     */
    Terms(const ModelProfile& model, const Stream& stream, const EstimatorRules& rules);

    /**
     * @brief Get the way of the input: serialization at the source, and the network.
     * @param partitions number L of partitions
     * @param tier tier of the first partition
     * @return milliseconds, for every request
     */
    Components GetInput(std::size_t partitions, uint32_t tier) const;

    /**
     * @brief Get what a partition costs: deserialization and computation.
     * @param tier its tier
     * @param first its first block
     * @param last its last block
     * @param continues whether it goes on with the visit of the partition before: it has its
     *        tensor, and the process runs
     * @return milliseconds, for a request that arrives
     */
    Components GetArrival(uint32_t tier, uint32_t first, uint32_t last, bool continues) const;

    /**
     * @brief Get how long a batch is computed, the overhead of the process not included.
     * @param tier its tier
     * @param first its first block
     * @param last its last block
     * @param size how many tensors there are at once
     * @return milliseconds
     */
    double GetComputationMs(uint32_t tier, uint32_t first, uint32_t last, std::size_t size) const;

    /**
     * @brief Get how much the computation of a partition varies.
     * @param tier its tier
     * @param first its first block
     * @param last its last block
     * @param size how many tensors there are at once
     * @return variance, milliseconds squared; 0 if the same time is taken for every request
     */
    double GetComputationVariance(uint32_t tier,
                                  uint32_t first,
                                  uint32_t last,
                                  std::size_t size = 1) const;

    /**
     * @brief Get the way to the next partition: serialization and the network, or nothing if
     *        that is on the same tier.
     * @param partitions number L of partitions
     * @param partition index k of the partition that sends
     * @param cut its last block
     * @param from its tier
     * @param to tier of the next partition
     * @return milliseconds, for a request that stays
     */
    Components GetForward(std::size_t partitions,
                          std::size_t partition,
                          uint32_t cut,
                          uint32_t from,
                          uint32_t to) const;

    /**
     * @brief Get the way of the result: (de)serialization and the network.
     * @param partitions number L of partitions
     * @param tier where the request exits
     * @return milliseconds, for a request that exits
     */
    Components GetExit(std::size_t partitions, uint32_t tier) const;

    /**
     * @brief Get the energy of GetInput().
     * @param partitions number L of partitions
     * @param tier of the first partition
     * @return joules
     */
    Energy GetInputEnergy(std::size_t partitions, uint32_t tier) const;

    /**
     * @brief Get the energy of GetArrival().
     * @param tier its tier
     * @param arrival what GetArrival() returned
     * @return joules
     */
    Energy GetArrivalEnergy(uint32_t tier, const Components& arrival) const;

    /**
     * @brief Get the energy of GetForward().
     * @param partitions number L of partitions
     * @param partition index k of the partition that sends
     * @param cut its last block
     * @param from its tier
     * @param to tier of the next partition
     * @return joules
     */
    Energy GetForwardEnergy(std::size_t partitions,
                            std::size_t partition,
                            uint32_t cut,
                            uint32_t from,
                            uint32_t to) const;

    /**
     * @brief Get the energy of GetExit().
     * @param partitions number L of partitions
     * @param tier where the request exits
     * @return joules
     */
    Energy GetExitEnergy(std::size_t partitions, uint32_t tier) const;

    /**
     * @brief Pass a branch, or a cut without one, with partitions to come.
     * @param state what happened before; updated
     * @param branch what was measured of it
     * @return what it does
     */
    ExitShare PassBranch(ExitState& state, const ExitBranch& branch) const;

    /**
     * @brief Pass the branch of the last partition, which lets everybody exit who is left.
     * @param state what happened before
     * @param branch what was measured of it
     * @return what it does
     */
    ExitShare PassLastBranch(const ExitState& state, const ExitBranch& branch) const;

  private:
    /**
     * @brief Get the way of a message over an idle network.
     * @param bytes size of the message
     * @param from tier that sends
     * @param to tier that receives
     * @return propagation and transmission
     */
    Components GetWay(uint64_t bytes, uint32_t from, uint32_t to) const;

    /**
     * @brief Get the energy of a message on its way, headers included.
     * @param bytes size of the message
     * @param from tier that sends
     * @param to tier that receives
     * @return joules
     */
    Energy GetWayEnergy(uint64_t bytes, uint32_t from, uint32_t to) const;

    /**
     * @brief Count the right answers of those that exit at a branch.
     * @param state what happened before
     * @param exits E_k
     * @param branch what was measured of it
     * @return share of all requests; NaN if the branch's accuracy is unknown
     */
    double GetCorrect(const ExitState& state, double exits, const ExitBranch& branch) const;

    const ModelProfile& m_model; //!< device-independent profile
    const Stream& m_stream;      //!< tiers on a network
    EstimatorRules m_rules;      //!< variant of the model
};

} // namespace portend

#endif // PORTEND_TERMS_H
