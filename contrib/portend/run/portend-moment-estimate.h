/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_MOMENT_ESTIMATE_H
#define PORTEND_MOMENT_ESTIMATE_H

#include "ns3/nstime.h"
#include "ns3/portend-estimator.h"
#include "ns3/portend-network-helper.h"
#include "ns3/portend-network.h"
#include "ns3/portend-request.h"
#include "ns3/portend-setup.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief What the analytical model says of requests, each under the links of the moment in which it
 *        arose.
 *
 * So the difference between simulation and estimate has two parts: that links change while a
 * request is on its way, and that their mean is not what requests meet.
 */
class PortendMomentEstimate
{
  public:
    /**
     * @brief Constructor.
     * @param setup the stream; it must outlive this object
     * @param links of the network, installed; it must outlive this object
     */
    PortendMomentEstimate(const PortendStreamSetup& setup, const PortendNetworkHelper& links);

    /// @return whether a link changes that a member's messages may pass
    bool IsChanging() const;

    /**
     * @brief Count a request.
     *
     * A link that lets nothing pass when it arises counts as what it is when it next does.
     *
     * @param request the request
     */
    void Add(const PortendRequest& request);

    /// @return the mean of all requests, per entry of the ledger
    portend::Components GetMean() const;

  private:
    /// A member of the stream.
    struct Member
    {
        portend::Stream stream;                    //!< on the links of its own paths
        std::shared_ptr<portend::Network> network; //!< these, set to a moment's
        std::vector<uint32_t> links;               //!< their numbers in the whole network
        std::vector<uint32_t> arcs;            //!< those of them that change, by their own numbers
        Time since;                            //!< when the last one arose
        Time until;                            //!< when a link is another next
        Ptr<const PortendItinerary> itinerary; //!< its own
        portend::Components estimated;         //!< under these
        /// The same by bandwidths and delays of the arcs, of that deployment.
        std::map<std::vector<double>, portend::Components> known;
    };

    /**
     * @brief Estimate a member's requests.
     * @param member the member
     * @param state bandwidths and delays of its arcs
     * @return the estimate
     */
    portend::Components Estimate(const Member& member, const std::vector<double>& state) const;

    const PortendStreamSetup& m_setup;   //!< the stream
    const PortendNetworkHelper& m_links; //!< what links offer when
    portend::EstimatorRules m_rules;     //!< of a network without load
    std::vector<Member> m_members;       //!< by index
    portend::Components m_sum;           //!< of all requests
    uint64_t m_count{0};                 //!< of them
};

} // namespace ns3

#endif // PORTEND_MOMENT_ESTIMATE_H
