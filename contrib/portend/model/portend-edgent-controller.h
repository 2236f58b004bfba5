/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_EDGENT_CONTROLLER_H
#define PORTEND_EDGENT_CONTROLLER_H

#include "portend-controllers.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Bayesian online detection of changes in a series of numbers.
 *
 * Adams, MacKay: Bayesian Online Changepoint Detection, arXiv 0710.3742, 2007. A run of numbers is
 * normal with an unknown mean and variance, whose prior is normal-inverse-gamma, so that the next
 * one is predicted by a Student t distribution,
 * \f[ x \sim t_{2 \alpha}(\mu, \beta (\kappa + 1) / (\alpha \kappa)), \f]
 * and a run ends with the constant hazard H at each number. The probability of a run length r grows
 * by \f$P(r + 1) \propto P(r) \pi(x) (1 - H)\f$, and a new run begins with
 * \f$P(0) \propto \sum_r P(r) \pi(x) H\f$.
 */
class PortendChangeDetector
{
  public:
    /// What is known of a run before its first number.
    struct Prior
    {
        double mean{0};         //!< of the mean
        double weight{0.01};    //!< kappa: numbers that the mean is worth
        double shape{1};        //!< alpha
        double scale{0.01};     //!< beta: of the variance
        double runLength{250};  //!< mean length of a run, 1 / H
        std::size_t most{1000}; //!< longest run that is told from longer ones
    };

    /// Begin with the first run, of which as much is known as by default.
    PortendChangeDetector();

    /**
     * @brief Begin with the first run.
     * @param prior what is known of a run
     */
    explicit PortendChangeDetector(const Prior& prior);

    /**
     * @brief Take the next number.
     * @param x the number
     * @return whether the most probable run began later than it seemed until now
     */
    bool Add(double x);

    /// @return most probable length of the run
    std::size_t GetRunLength() const;

    /// @return mean of the numbers of that run, the prior's included
    double GetMean() const;

  private:
    /// A run of some length, as the numbers so far have it.
    struct Run
    {
        double probability; //!< that it is the one
        double mean;        //!< mu
        double weight;      //!< kappa
        double shape;       //!< alpha
        double scale;       //!< beta
    };

    Prior m_prior;           //!< of each run
    std::vector<Run> m_runs; //!< by length
    std::size_t m_best{0};   //!< the most probable length
};

/**
 * @ingroup portend
 * @brief Edgent: the latest exit that meets a latency target, for the state of the bandwidth.
 *
 * Li, Zeng, Zhou, Chen: Edge AI: On-Demand Accelerating Deep Neural Network Inference via Edge
 * Computing, IEEE Transactions on Wireless Communications 19(1), 2020. For the exits i, the last
 * first, the best cut is \f$T_i = \min_p T_{i,p}\f$; the first exit with \f$T_i \le\f$ Target is
 * taken, here the one of least latency if there is none. When a change of the bandwidth is
 * detected, the deployment is looked up in a map from states of the bandwidth.
 */
class PortendEdgentController : public PortendController
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

  protected:
    portend::Deployment DoBegin() override;
    portend::Deployment Decide() override;
    void DoReply(const Reply& reply) override;

  private:
    /**
     * @brief Look up what is deployed in a state.
     * @param state number of steps that the bandwidth is above the scenario's
     * @return the deployment
     */
    const portend::Deployment& LookUp(int state);

    Time m_target;                            //!< latency
    double m_runLength;                       //!< mean number of messages between changes
    uint32_t m_statesPerOctave;               //!< of the bandwidth
    Time m_memory;                            //!< how long a state holds without messages; 0: ever
    PortendBandwidthEstimator m_bandwidth;    //!< tells what single messages met
    PortendChangeDetector m_detector;         //!< of log2 of the bandwidth, as a share
    int m_state{0};                           //!< of the bandwidth
    Time m_heard;                             //!< when the last message arrived
    std::map<int, portend::Deployment> m_map; //!< by state
};

} // namespace ns3

#endif // PORTEND_EDGENT_CONTROLLER_H
