/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_HELPER_H
#define PORTEND_HELPER_H

#include "portend-itinerary-maker.h"

#include "ns3/application-container.h"
#include "ns3/attribute.h"
#include "ns3/node-container.h"
#include "ns3/nstime.h"
#include "ns3/portend-arrival-process.h"
#include "ns3/portend-controller.h"
#include "ns3/portend-delay-model.h"
#include "ns3/portend-estimator.h"
#include "ns3/portend-exit-model.h"
#include "ns3/portend-itinerary.h"
#include "ns3/portend-scheduler.h"
#include "ns3/portend-worker.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Installs a stream on the nodes of a network: a source, a worker for each node that
 *        computes, and a sink.
 *
 * Message sizes and delays come from the profiles that the analytical model uses. A node has one
 * worker, which the streams share that come to it.
 */
class PortendHelper
{
  public:
    /**
     * @brief Constructor.
     * @param model device-independent profile
     * @param stream tiers of a network, source and destination
     * @param deployment what runs where
     * @throw portend::InputError if the parts do not fit together
     */
    PortendHelper(const portend::ModelProfile& model,
                  const portend::Stream& stream,
                  const portend::Deployment& deployment);

    /**
     * @brief Set how repeated timings become delays.
     * @param delayModel the model; by default their mean
     */
    void SetDelayModel(Ptr<PortendDelayModel> delayModel);

    /**
     * @brief Set what becomes of samples.
     * @param exitModel a model; by default nested exits at the profile's rates
     */
    void SetExitModel(Ptr<PortendExitModel> exitModel);

    /**
     * @brief Set how often those that exit at a branch are right.
     * @param accuracy the way to count; PAPER by default
     */
    void SetAccuracy(portend::EstimatorRules::Accuracy accuracy);

    /**
     * @brief Set when requests arrive.
     * @param arrivals a process; by default the next arises when the last is complete
     */
    void SetArrivals(Ptr<PortendArrivalProcess> arrivals);

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
     * @brief Set the stream's number, by which its requests are told from others.
     * @param index the number; 0 by default
     * @param member number of its member that is installed next; 0 by default
     */
    void SetStreamIndex(uint32_t index, uint32_t member = 0);

    /**
     * @brief Set the nodes of the tiers, of the member that is installed next.
     * @param nodes numbers of the nodes, by tier
     */
    void SetTierNodes(const std::vector<uint32_t>& nodes);

    /**
     * @brief Set what schedulers serve requests by.
     * @param priority the highest is served first; 0 by default
     * @param weight beside other streams, above 0; 1 by default
     * @param deadline latency that answers are asked for; 0, the default, is none
     */
    void SetService(uint32_t priority, double weight, Time deadline);

    /// Tells the bandwidth of a link of the network, by number and direction, bit/s.
    using LinkBandwidths = std::function<double(uint32_t link, bool isUp)>;

    /**
     * @brief Set who gives the member that is installed next new deployments.
     * @param controller the controller, of one member; null, the default, is nobody
     * @param rules that it estimates by
     */
    void SetController(Ptr<PortendController> controller, const portend::EstimatorRules& rules);

    /**
     * @brief Set the memory of the tiers' nodes, of the member that is installed next: what its
     *        controller may deploy; by default all that the stream's network says.
     * @param rooms the memory, beside blocks of other streams that stay there
     */
    void SetRooms(const std::vector<portend::MemoryRoom>& rooms);

    /**
     * @brief Set what the bandwidths of links are, for controllers that may know; by default what
     *        the stream's network says.
     *
     * Directed link 2 j of the network is the way up of link j, 2 j + 1 its way down.
     *
     * @param now at the moment when they are asked for
     * @param mean over all time
     */
    void SetBandwidths(LinkBandwidths now, LinkBandwidths mean);

    /**
     * @brief Let the source's node answer where no answer has come in time.
     * @param fallback after so long, by the last branch that has run there; 0, the default, is
     * never
     */
    void SetFallback(Time fallback);

    /**
     * @brief Let requests arise after those that count, to keep up the load for other streams.
     * @param continues whether they do; false by default
     */
    void SetContinue(bool continues);

    /// The queue before a worker.
    struct Queue
    {
        uint32_t limit{0};                                        //!< most tensors; 0 is any number
        PortendWorker::Policy policy{PortendWorker::DROP_NEWEST}; //!< of a full queue
        Time deadline;                                            //!< of a request; 0 is none
        std::function<Ptr<PortendScheduler>()> makeScheduler{}; //!< null: first come, first served

        /// @return whether it cannot grow without bound
        bool IsBounded() const
        {
            return limit > 0 || !deadline.IsZero();
        }
    };

    /**
     * @brief Set the queue of a tier's worker.
     * @param tier index of the tier
     * @param queue the queue; without limit by default
     */
    void SetQueue(uint32_t tier, const Queue& queue);

    /**
     * @brief Set an attribute of the source, after all else that this helper sets of it.
     * @param name the attribute
     * @param value its value
     */
    void SetSourceAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @brief Set an attribute of each new worker, after all else that this helper sets of it.
     * @param name the attribute
     * @param value its value
     */
    void SetWorkerAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @brief Set an attribute of each new worker's server, such as its scheduler.
     * @param name the attribute
     * @param value its value; a text makes every server an object of its own
     */
    void SetServerAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @brief Set an attribute of the sink, after all else that this helper sets of it.
     * @param name the attribute
     * @param value its value
     */
    void SetSinkAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @brief Resolve the deployment: nodes, sizes, branches and delays.
     * @return what requests carry
     */
    Ptr<PortendItinerary> MakeItinerary();

    /**
     * @brief Install the applications.
     * @param nodes the nodes of the network, by number, joined by a PortendNetworkHelper or given
     *        transports by a PortendTransportHelper
     * @return the source, the workers that are new in the order of partitions, and the sink
     */
    ApplicationContainer Install(const NodeContainer& nodes);

    /**
     * @brief Assign fixed streams to the random variables of the stream, once installed.
     * @param stream first stream to use
     * @return number of streams used
     */
    int64_t AssignStreams(int64_t stream) const;

  private:
    /// Attributes to set, in this order. Texts are understood anew for each object.
    using Attributes = std::vector<std::pair<std::string, Ptr<const AttributeValue>>>;

    /**
     * @brief Set attributes of an object.
     * @param object the object
     * @param attributes names and values
     */
    static void Apply(const Ptr<Object>& object, const Attributes& attributes);

    /**
     * @brief Find the worker of a tier's node, or install one.
     * @param nodes the nodes of the network
     * @param tier index of the tier
     * @param installed gets a new one
     * @return the worker
     */
    Ptr<PortendWorker> GetWorker(const NodeContainer& nodes,
                                 uint32_t tier,
                                 ApplicationContainer& installed);

    /**
     * @brief Let the controller begin.
     * @param source of its member
     * @return the deployment to begin with
     */
    portend::Deployment BeginControl(const Ptr<Application>& source);

    /**
     * @brief Make the itinerary of a deployment that a controller gave.
     * @param maker resolves it
     * @param deployment the deployment
     * @param controller who gave it
     * @param epoch its number
     * @return what requests carry
     */
    static Ptr<PortendItinerary> MakeItinerary(PortendItineraryMaker& maker,
                                               const portend::Deployment& deployment,
                                               const PortendController& controller,
                                               uint32_t epoch);

    PortendItineraryMaker m_maker;                           //!< resolves deployments
    portend::Deployment m_deployment;                        //!< what runs where
    Ptr<PortendController> m_controller;                     //!< gives others; may be null
    portend::EstimatorRules m_rules;                         //!< that the controller estimates by
    std::optional<std::vector<portend::MemoryRoom>> m_rooms; //!< that the controller has; or all
    LinkBandwidths m_bandwidths;                             //!< at any time; may be null
    LinkBandwidths m_meanBandwidths;                         //!< over time; may be null
    std::shared_ptr<PortendItineraryMaker> m_ownMaker;       //!< the controller's
    Ptr<PortendExitModel> m_exitModel;                       //!< what becomes of samples
    Ptr<PortendArrivalProcess> m_arrivals;                   //!< when requests arrive
    uint64_t m_maxRequests{0};                               //!< 0 for no limit
    Time m_timeout;                                          //!< 0 for none
    uint32_t m_index{0};                                     //!< of the stream
    uint32_t m_member{0};                                    //!< of its member
    bool m_continues{false};                                 //!< whether more arise, uncounted
    std::map<Ptr<Node>, Ptr<PortendWorker>> m_workers;       //!< found or installed so far
    std::vector<Queue> m_queues;                             //!< by tier
    Ptr<PortendItinerary> m_itinerary;                       //!< of the stream installed last
    Ptr<Application> m_source;                               //!< the same
    Ptr<Application> m_sink;                                 //!< the same

    Attributes m_sourceAttributes; //!< of the source
    Attributes m_workerAttributes; //!< of workers
    Attributes m_serverAttributes; //!< of their servers
    Attributes m_sinkAttributes;   //!< of the sink
};

} // namespace ns3

#endif // PORTEND_HELPER_H
