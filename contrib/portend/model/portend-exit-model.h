/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_EXIT_MODEL_H
#define PORTEND_EXIT_MODEL_H

#include "portend-request.h"

#include "ns3/object.h"
#include "ns3/random-variable-stream.h"

#include <cstdint>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Draws where samples exit and whether the answer there is right.
 *
 * Where a sample exits depends on the sample alone, so it is drawn when the sample arises and
 * the tiers look it up after computing: the same seed gives the same samples whatever the load.
 */
class PortendExitModel : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Draw the next sample.
     * @return where it exits, and whether the answer is right
     */
    virtual PortendSample Draw() = 0;

    /**
     * @brief Assign fixed streams to the random variables.
     * @param stream first stream to use
     * @return number of streams used
     */
    virtual int64_t AssignStreams(int64_t stream) = 0;
};

/**
 * @ingroup portend
 * @brief Exits drawn from the measured rates of each branch.
 *
 * The base of the models that know a branch by its exit rate and accuracy only.
 */
class PortendRateExitModel : public PortendExitModel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    PortendRateExitModel();

    /**
     * @brief Describe the branches at the ends of the partitions.
     * @param exitRates ER_{P_k}, share of all samples that branch k alone would let exit,
     *        in [0, 1]; the last is taken as 1
     * @param accuracies A_{P_k}, share of samples that branch k classifies correctly
     */
    void SetBranches(const std::vector<double>& exitRates, const std::vector<double>& accuracies);

    PortendSample Draw() override;
    int64_t AssignStreams(int64_t stream) override;

  protected:
    /**
     * @brief Draw where a sample exits.
     * @param exitRates the branches' exit rates
     * @param uniform uniform on [0, 1)
     * @return index of the branch, 0 .. L-1
     */
    virtual std::size_t DrawExit(const std::vector<double>& exitRates,
                                 const Ptr<UniformRandomVariable>& uniform) = 0;

  private:
    std::vector<double> m_exitRates;           //!< ER of each branch
    std::vector<double> m_accuracies;          //!< A of each branch
    Ptr<UniformRandomVariable> m_exitStream;   //!< decides where samples exit
    Ptr<UniformRandomVariable> m_answerStream; //!< decides whether answers are right
};

/**
 * @ingroup portend
 * @brief What an earlier branch lets exit, a later one would too: the paper's assumption.
 *
 * One uniform number per sample; it exits at the first branch whose running maximum of exit
 * rates exceeds the number.
 */
class PortendNestedExitModel : public PortendRateExitModel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

  protected:
    std::size_t DrawExit(const std::vector<double>& exitRates,
                         const Ptr<UniformRandomVariable>& uniform) override;

    /**
     * @brief Draw the number of a sample.
     * @param uniform uniform in [0, 1)
     * @return the number, in [0, 1)
     */
    virtual double DrawNumber(const Ptr<UniformRandomVariable>& uniform);
};

/**
 * @ingroup portend
 * @brief Nested exits whose shares are close to the rates already in short runs.
 *
 * The number of each sample is that of the one before plus the golden ratio, modulo 1, from a
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
    double DrawNumber(const Ptr<UniformRandomVariable>& uniform) override;

  private:
    double m_number{-1}; //!< of the last sample; negative before the first
};

/**
 * @ingroup portend
 * @brief Each branch decides alone: one uniform number for each branch that a sample reaches.
 */
class PortendIndependentExitModel : public PortendRateExitModel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

  protected:
    std::size_t DrawExit(const std::vector<double>& exitRates,
                         const Ptr<UniformRandomVariable>& uniform) override;
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

    /**
     * @brief Set the samples.
     * @param samples at least one
     */
    void SetSamples(const std::vector<PortendSample>& samples);

    /**
     * @brief Get the number of samples.
     * @return samples; then they begin again
     */
    std::size_t CountSamples() const;

    PortendSample Draw() override;
    int64_t AssignStreams(int64_t stream) override;

  private:
    std::vector<PortendSample> m_samples; //!< the measured samples
    std::size_t m_next{0};                //!< index of the next one
};

} // namespace ns3

#endif // PORTEND_EXIT_MODEL_H
