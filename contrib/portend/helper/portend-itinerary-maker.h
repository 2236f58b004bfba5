/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_ITINERARY_MAKER_H
#define PORTEND_ITINERARY_MAKER_H

#include "ns3/nstime.h"
#include "ns3/portend-delay-model.h"
#include "ns3/portend-estimator.h"
#include "ns3/portend-itinerary.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Resolves deployments of a stream: nodes, sizes, branches and delays.
 *
 * Delays belong to a partition, its tier and blocks: deployments that have it in common have its
 * delays in common, which go on where they were.
 */
class PortendItineraryMaker
{
  public:
    /**
     * @brief Constructor.
     * @param model device-independent profile
     * @param stream tiers of a network, source and destination
     */
    PortendItineraryMaker(std::shared_ptr<const portend::ModelProfile> model,
                          const portend::Stream& stream);

    /// What is the same for all deployments.
    struct Options
    {
        portend::EstimatorRules::Accuracy accuracy{
            portend::EstimatorRules::Accuracy::PAPER}; //!< of those that exit
        Ptr<PortendDelayModel> delayModel;             //!< how delays are drawn
        uint32_t priority{0};                          //!< of requests
        double weight{1};                              //!< of requests
        Time deadline;                                 //!< of answers; 0 is none
        Time fallback;                                 //!< 0 is none
    };

    Options options; //!< what is the same for all deployments

    /// @return the stream
    const portend::Stream& GetStream() const;

    /// @return the model
    std::shared_ptr<const portend::ModelProfile> GetModel() const;

    /**
     * @brief Set the nodes of the tiers, of the member that is next: its delays are its own.
     * @param nodes numbers of the nodes, by tier
     */
    void SetTierNodes(const std::vector<uint32_t>& nodes);

    /// Make no delay again but those that are constant: what was made is somebody else's.
    void Forget();

    /**
     * @brief Resolve a deployment.
     * @param deployment what runs where
     * @return what requests carry
     * @throw portend::InputError if the deployment does not fit
     */
    Ptr<PortendItinerary> Make(const portend::Deployment& deployment);

    /**
     * @brief Number the random variables that are made from now on, by partition.
     * @param first number of the first variable of those made so far; the others follow from it
     */
    void SetFirstVariable(int64_t first);

    /**
     * @brief Get a constant delay.
     * @param ms milliseconds
     * @return the delay, the same object for the same time
     */
    Ptr<RandomVariableStream> GetConstantDelay(double ms);

  private:
    /// A partition: its tier, first and last block.
    using Key = std::array<uint32_t, 3>;

    /// Delays of the computations of a partition, by how many tensors at once; 1 is alone.
    using Delays = std::map<uint32_t, Ptr<RandomVariableStream>>;

    /**
     * @brief Get the delays of the computations of a partition.
     * @param partition the partition
     * @return the delays, made when they are first asked for
     */
    const Delays& GetComputations(const portend::Partition& partition);

    std::shared_ptr<const portend::ModelProfile> m_model;    //!< device-independent profile
    portend::Stream m_stream;                                //!< tiers, source and destination
    std::map<double, Ptr<RandomVariableStream>> m_constants; //!< by ms: members share them
    std::map<Key, Delays> m_computations;                    //!< by partition
    std::optional<int64_t> m_firstVariable;                  //!< of those made first
};

} // namespace ns3

#endif // PORTEND_ITINERARY_MAKER_H
