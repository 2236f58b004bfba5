/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_DELAY_MODEL_H
#define PORTEND_DELAY_MODEL_H

#include "ns3/object.h"
#include "ns3/portend-estimator.h"
#include "ns3/random-variable-stream.h"

#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Make a constant delay.
 * @param ms milliseconds
 * @return the delay in seconds, as attributes have it
 */
Ptr<RandomVariableStream> PortendMakeConstantDelay(double ms);

/**
 * @ingroup portend
 * @brief Tell whether a delay is constant: it draws nothing, and may be anyone's.
 * @param delay the delay
 * @return true if so
 */
bool PortendIsConstant(const Ptr<RandomVariableStream>& delay);

/**
 * @ingroup portend
 * @brief Assign a fixed stream to a delay, unless it is constant and needs none.
 * @param delay the delay
 * @param stream the stream
 */
void PortendSetStream(const Ptr<RandomVariableStream>& delay, int64_t stream);

/**
 * @ingroup portend
 * @brief Makes delays of the repeated timings of a partition.
 *
 * A model of one's own is a class derived from this one, chosen by its name like any type of ns-3.
 */
class PortendDelayModel : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Make a random variable of repeated timings.
     * @param repeatsMs the timings, at least one, milliseconds
     * @return delays in seconds
     */
    virtual Ptr<RandomVariableStream> MakeDelay(const std::vector<double>& repeatsMs) const = 0;

    /**
     * @brief Tell the rules of an estimate what the delays are: by default their mean.
     * @param rules get what stands for the repeats, and how much it varies
     */
    virtual void Describe(portend::EstimatorRules& rules) const;
};

/**
 * @ingroup portend
 * @brief Always the mean.
 */
class PortendMeanDelay : public PortendDelayModel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    Ptr<RandomVariableStream> MakeDelay(const std::vector<double>& repeatsMs) const override;
};

/**
 * @ingroup portend
 * @brief Always the median.
 */
class PortendMedianDelay : public PortendDelayModel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    Ptr<RandomVariableStream> MakeDelay(const std::vector<double>& repeatsMs) const override;
    void Describe(portend::EstimatorRules& rules) const override;
};

/**
 * @ingroup portend
 * @brief Always the maximum.
 */
class PortendMaximumDelay : public PortendDelayModel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    Ptr<RandomVariableStream> MakeDelay(const std::vector<double>& repeatsMs) const override;
    void Describe(portend::EstimatorRules& rules) const override;
};

/**
 * @ingroup portend
 * @brief One of the repeats, each as likely.
 */
class PortendEmpiricalDelay : public PortendDelayModel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    Ptr<RandomVariableStream> MakeDelay(const std::vector<double>& repeatsMs) const override;
    void Describe(portend::EstimatorRules& rules) const override;
};

/**
 * @ingroup portend
 * @brief Gamma distribution with the mean and the variance of the repeats.
 */
class PortendGammaDelay : public PortendDelayModel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    Ptr<RandomVariableStream> MakeDelay(const std::vector<double>& repeatsMs) const override;
    void Describe(portend::EstimatorRules& rules) const override;
};

} // namespace ns3

#endif // PORTEND_DELAY_MODEL_H
