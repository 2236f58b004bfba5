/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_HELPER_H
#define PORTEND_HELPER_H

#include "ns3/application-container.h"
#include "ns3/node-container.h"
#include "ns3/nstime.h"
#include "ns3/portend-estimator.h"
#include "ns3/portend-exit-model.h"
#include "ns3/portend-tier.h"
#include "ns3/random-variable-stream.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Installs a deployment on a chain: a source, a tier for each partition, a sink.
 *
 * Message sizes and delays come from the profiles that the analytical model uses.
 */
class PortendHelper
{
  public:
    /// How the repeated timings of a partition become delays.
    enum Compute
    {
        MEAN,      ///< always their mean
        MEDIAN,    ///< always their median
        MAX,       ///< always their maximum
        EMPIRICAL, ///< one of them, each as likely
        GAMMA,     ///< gamma distribution with their mean and variance
    };

    /**
     * @brief Read the name of a way to draw delays.
     * @param name `mean`, `median`, `max`, `empirical` or `gamma`
     * @return the way
     * @throw portend::InputError listing the names
     */
    static Compute ComputeFromName(const std::string& name);

    /**
     * @brief Constructor.
     * @param model device-independent profile
     * @param stream tiers of a chain, source and destination
     * @param deployment what runs where
     * @throw portend::InputError if the parts do not fit together
     */
    PortendHelper(const portend::ModelProfile& model,
                  const portend::Stream& stream,
                  const portend::Deployment& deployment);

    /**
     * @brief Set how repeated timings become delays.
     * @param compute the way; MEAN by default
     */
    void SetCompute(Compute compute);

    /**
     * @brief Set what becomes of samples.
     * @param exitModel a model; by default nested exits at the profile's rates
     */
    void SetExitModel(Ptr<PortendExitModel> exitModel);

    /**
     * @brief Describe the branches of the deployment to a model of exits.
     * @param exitModel gets exit rate and accuracy of each partition's branch
     * @param accuracy how often those that exit at a branch are right
     */
    void ConfigureExitModel(Ptr<PortendRateExitModel> exitModel,
                            portend::EstimatorRules::Accuracy accuracy =
                                portend::EstimatorRules::Accuracy::PAPER) const;

    /**
     * @brief Let requests arrive on their own; without this the next arises when the last is
     *        complete.
     * @param interval time between arrivals, seconds
     */
    void SetArrivals(Ptr<RandomVariableStream> interval);

    /**
     * @brief Let requests arrive at given times.
     * @param times since the start, not decreasing
     */
    void SetArrivals(const std::vector<Time>& times);

    /**
     * @brief Set the number of requests.
     * @param requests to generate; 0, the default, means no limit
     */
    void SetMaxRequests(uint64_t requests);

    /**
     * @brief Let the source give up on a request, where messages can be lost.
     * @param timeout the longest wait for a result with closed arrivals; 0, the default, is none
     */
    void SetTimeout(Time timeout);

    /**
     * @brief Let requests arrive in bursts, with SetArrivals(Ptr<RandomVariableStream>).
     * @param onTime length of a burst, seconds
     * @param offTime time between bursts, seconds
     */
    void SetBursts(Ptr<RandomVariableStream> onTime, Ptr<RandomVariableStream> offTime);

    /// The queue before a partition.
    struct Queue
    {
        uint32_t limit{0};                                    //!< most tensors; 0 is any number
        PortendTier::Policy policy{PortendTier::DROP_NEWEST}; //!< of a full queue
        Time deadline;                                        //!< of a request; 0 is none

        /// @return whether it cannot grow without bound
        bool IsBounded() const
        {
            return limit > 0 || !deadline.IsZero();
        }
    };

    /**
     * @brief Set the queue of a tier.
     * @param tier index of the tier
     * @param queue the queue; without limit by default
     */
    void SetQueue(uint32_t tier, const Queue& queue);

    /**
     * @brief Install the applications.
     * @param nodes the tiers, joined by a PortendChainHelper
     * @return the source, the tiers in the order of partitions, and the sink
     * @throw portend::InputError if partitions share a tier: they are estimated only
     */
    ApplicationContainer Install(NodeContainer nodes) const;

    /**
     * @brief Assign fixed streams to the random variables of applications.
     * @param applications as Install() returned them
     * @param stream first stream to use
     * @return number of streams used
     */
    static int64_t AssignStreams(ApplicationContainer applications, int64_t stream);

  private:
    /**
     * @brief Make a random variable of a partition's repeated timings.
     * @param repeatsMs the timings
     * @return delays in seconds
     */
    Ptr<RandomVariableStream> GetComputationTime(const std::vector<double>& repeatsMs) const;

    portend::ModelProfile m_model;        //!< device-independent profile
    portend::Stream m_stream;             //!< tiers, source and destination
    portend::Deployment m_deployment;     //!< what runs where
    Compute m_compute{MEAN};              //!< how delays are drawn
    Ptr<PortendExitModel> m_exitModel;    //!< what becomes of samples
    Ptr<RandomVariableStream> m_interval; //!< between arrivals
    std::vector<Time> m_arrivalTimes;     //!< arrivals of a trace
    uint64_t m_maxRequests{0};            //!< 0 for no limit
    Time m_timeout;                       //!< 0 for none
    Ptr<RandomVariableStream> m_onTime;   //!< of bursts
    Ptr<RandomVariableStream> m_offTime;  //!< between bursts
    std::vector<Queue> m_queues;          //!< by tier
};

} // namespace ns3

#endif // PORTEND_HELPER_H
