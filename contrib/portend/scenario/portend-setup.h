/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_SETUP_H
#define PORTEND_SETUP_H

#include "portend-scenario.h"

#include "ns3/data-rate.h"
#include "ns3/nstime.h"
#include "ns3/portend-estimator.h"
#include "ns3/portend-helper.h"
#include "ns3/portend-queueing.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ns3
{

class PortendProfileCache;

/**
 * @ingroup portend
 * @brief A scenario whose profiles are loaded and whose texts are understood.
 */
struct PortendSetup
{
    portend::ModelProfile model;       //!< device-independent profile
    portend::Stream stream;            //!< tiers and arrivals, on the network of the links
    portend::Deployment deployment;    //!< what runs where
    portend::EstimatorRules rules;     //!< of the estimate
    bool isAccuracyKnown{true};        //!< whether it is known which answers are right
    std::vector<DataRate> bandwidths;  //!< of the links
    std::vector<Time> delays;          //!< of the links
    Ptr<PortendDelayModel> delayModel; //!< how delays are drawn
    std::function<Ptr<PortendExitModel>()> makeExits;         //!< what becomes of samples
    std::function<Ptr<PortendArrivalProcess>()> makeArrivals; //!< when requests arise
    bool isClosed{true};                      //!< the next arises when the last is complete
    bool isTrace{false};                      //!< the times of arrivals are given
    uint64_t tracedArrivals{0};               //!< of the trace, one more than
                                              //!< asked for at most; 0 without one
    uint64_t requests{0};                     //!< to generate
    bool isTcp{false};                        //!< whether messages travel over TCP
    std::string tcpVariant;                   //!< TypeId of the congestion control
    bool tcpWarm{true};                       //!< connections stand before the first request
    bool tcpRestart{false};                   //!< idle connections restart their window
    uint32_t tcpBufferBytes{0};               //!< for sending; 0 is large enough to limit nothing
    double loss{0};                           //!< share of packets lost on each link
    uint32_t queueBytes{0};                   //!< device queue; 0 is large enough for anything
    std::vector<PortendHelper::Queue> queues; //!< of each tier
    Time maxTime;                             //!< when to stop; 0 is at the end
    Time timeout;                             //!< of closed arrivals; 0 is found by simulations
    uint32_t seed{1};                         //!< of ns-3's random streams
    uint64_t run{1};                          //!< of ns-3's random streams

    /**
     * @brief Load the profiles of a scenario, and check that everything fits together.
     * @param scenario what the user asks for
     * @throw portend::InputError naming the first offence and where it came from
     */
    explicit PortendSetup(const PortendScenario& scenario);

    /**
     * @brief The same, for one of many scenarios: what they share is read once.
     * @param scenario what the user asks for
     * @param profiles profiles read so far; gets what is missing
     * @throw portend::InputError naming the first offence and where it came from
     */
    PortendSetup(const PortendScenario& scenario, PortendProfileCache& profiles);

    /**
     * @brief Get the MTU of a link.
     * @param link index of the link
     * @return bytes
     */
    uint32_t GetMtu(uint32_t link) const;

    /**
     * @brief Tell whether full queues may keep requests from arising.
     * @return true if the first tier's queue blocks the source, and arrivals are open
     */
    bool IsHolding() const;

    /**
     * @brief Tell whether no queue can grow without bound: PortendFindOverload() finds none.
     *
     * @return true if so
     */
    bool IsBounded() const;

    /**
     * @brief Require that no queue can grow without bound.
     * @throw portend::InputError naming the station that saturates first, and its largest rate
     */
    void RequireBounded() const;

    /**
     * @brief Require that the deployment can be simulated.
     * @throw portend::InputError naming the first timing that the profile lacks, or the first way
     *        that is too long for IPv4
     */
    void RequireSimulable() const;

    /**
     * @brief Get how long the slowest exit takes on an idle network.
     * @return milliseconds, with the mean of each delay
     */
    double GetLongestIdleMs() const;

    /**
     * @brief Require that a request alone takes little of what simulated time can hold.
     * @throw portend::InputError if it takes more than three years
     */
    void RequireShort() const;

    /**
     * @brief Describe tiers and links as stations.
     * @return the queueing network that the rules `queueing` count waiting in
     */
    portend::QueueingNetwork GetNetwork() const;

    /**
     * @brief Estimate the deployment by the analytical model.
     * @return the estimate
     */
    portend::Estimate GetEstimate() const;

    /**
     * @brief The same by other rules; what the simulation decides for them is kept.
     * @param name of the rules
     * @return the estimate
     */
    portend::Estimate GetEstimate(const std::string& name) const;

  private:
    /**
     * @brief Find rules, and let those that estimate what is simulated follow the simulation.
     * @param name of the rules
     * @return the rules
     */
    portend::EstimatorRules GetRules(const std::string& name) const;

    std::string m_accuracy;         //!< how right answers are counted
    std::string m_arrivalOrigin;    //!< option or file that set the arrivals
    std::string m_deploymentOrigin; //!< option or file that set the deployment
};

} // namespace ns3

#endif // PORTEND_SETUP_H
