/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_EXIT_MODEL_H
#define PORTEND_EXIT_MODEL_H

#include "ns3/object.h"
#include "ns3/portend-itinerary.h"
#include "ns3/random-variable-stream.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Draws samples, and tells branch by branch whether they exit and whether that is right.
 *
 * A sample is drawn when it arises, before anybody knows where the network is cut for it: the
 * same seed gives the same samples whatever the deployment and the load.
 *
 * A model of one's own is a class derived from this one, chosen by its name like any type of ns-3.
 */
class PortendExitModel : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    PortendExitModel();

    /**
     * @brief Draw the next sample.
     * @return the sample: by default with a difficulty and a key of two uniform random variables
     */
    virtual PortendSample Draw();

    /**
     * @brief Tell whether a sample exits at a branch. That of the last partition is not asked.
     * @param sample the sample
     * @param branch the branch
     * @return true if so
     */
    virtual bool Exits(const PortendSample& sample, const PortendBranch& branch) const = 0;

    /**
     * @brief Tell whether the answer of a branch to a sample is right.
     * @param sample the sample, which exits there
     * @param branch the branch
     * @return true if so: by default, if the sample's key is below the branch's accuracy
     */
    virtual bool IsRight(const PortendSample& sample, const PortendBranch& branch) const;

    /**
     * @brief Assign fixed streams to the random variables.
     * @param stream first stream to use
     * @return number of streams used
     */
    virtual int64_t AssignStreams(int64_t stream);

    /**
     * @brief Tell whether samples may be asked at a branch in any deployment, as controllers need.
     * @param block that the branch follows
     * @return true by default; false where a model knows one deployment only
     */
    virtual bool Knows(uint32_t block) const;

  protected:
    void DoDispose() override;

    /**
     * @brief Draw the difficulty of a sample.
     * @param uniform uniform on [0, 1)
     * @return the difficulty, in [0, 1)
     */
    virtual double DrawDifficulty(const Ptr<UniformRandomVariable>& uniform);

    /// @return the number of the next sample
    uint64_t TakeNumber();

  private:
    uint64_t m_samples{0};                         //!< drawn so far
    Ptr<UniformRandomVariable> m_difficultyStream; //!< decides where samples exit
    Ptr<UniformRandomVariable> m_keyStream;        //!< decides whether answers are right
};

/**
 * @ingroup portend
 * @brief What an earlier branch lets exit, a later one would too: the paper's assumption.
 *
 * A sample exits at the first branch whose exit rate exceeds its difficulty, which is also the
 * first whose running maximum of exit rates does.
 */
class PortendNestedExitModel : public PortendExitModel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    bool Exits(const PortendSample& sample, const PortendBranch& branch) const override;
};

/**
 * @ingroup portend
 * @brief Nested exits whose shares are close to the rates already in short runs.
 *
 * The difficulty of each sample is that of the one before plus the golden ratio, modulo 1, from a
 * random start (Weyl's sequence): of n samples in a row, the share that exits at a branch is
 * within about log(n)/n of its rate, and not 1/sqrt(n) as with independent numbers. Means are
 * the same, intervals that assume independent samples are too wide.
 */
class PortendStratifiedExitModel : public PortendNestedExitModel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

  protected:
    double DrawDifficulty(const Ptr<UniformRandomVariable>& uniform) override;

  private:
    double m_difficulty{-1}; //!< of the last sample; negative before the first
};

/**
 * @ingroup portend
 * @brief Each branch decides alone: by a number of its own, hashed from sample and block.
 */
class PortendIndependentExitModel : public PortendExitModel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    bool Exits(const PortendSample& sample, const PortendBranch& branch) const override;
};

/**
 * @ingroup portend
 * @brief Samples drawn from measured joint exits: how many of them exit at each partition.
 *
 * It holds for the deployment that was measured, and for no other.
 */
class PortendJointExitModel : public PortendExitModel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Set what was measured.
     * @param exited share of all samples that exits at each partition or before
     * @param accuracies share of right answers of those that exit at each
     */
    void SetShares(const std::vector<double>& exited, const std::vector<double>& accuracies);

    bool Exits(const PortendSample& sample, const PortendBranch& branch) const override;
    bool IsRight(const PortendSample& sample, const PortendBranch& branch) const override;
    bool Knows(uint32_t block) const override;

  private:
    std::vector<double> m_exited;     //!< by partition
    std::vector<double> m_accuracies; //!< by partition
};

/**
 * @ingroup portend
 * @brief Samples as measured, one after the other, and again from the first after the last.
 */
class PortendTraceExitModel : public PortendExitModel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /// What was measured of a sample at one branch.
    struct Measurement
    {
        double entropy{0};   //!< normalised entropy of the branch's output
        bool isRight{false}; //!< whether its answer is right
    };

    /**
     * @brief Add what was measured at a branch.
     * @param block that the branch follows
     * @param measurements of each sample, the same number for all branches, at least one
     */
    void AddBranch(uint32_t block, const std::vector<Measurement>& measurements);

    /**
     * @brief Get the number of samples.
     * @return samples; then they begin again
     */
    std::size_t CountSamples() const;

    PortendSample Draw() override;
    bool Exits(const PortendSample& sample, const PortendBranch& branch) const override;
    bool IsRight(const PortendSample& sample, const PortendBranch& branch) const override;
    bool Knows(uint32_t block) const override;
    int64_t AssignStreams(int64_t stream) override;

  private:
    /**
     * @brief Look a measurement up.
     * @param sample the sample
     * @param branch the branch
     * @return what was measured
     */
    const Measurement& Find(const PortendSample& sample, const PortendBranch& branch) const;

    std::map<uint32_t, std::vector<Measurement>> m_branches; //!< by block
};

} // namespace ns3

#endif // PORTEND_EXIT_MODEL_H
