/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_CONTROLLER_H
#define PORTEND_CONTROLLER_H

#include "ns3/event-id.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/portend-estimator.h"
#include "ns3/portend-memory.h"
#include "ns3/portend-request.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief What a controller knows from the beginning: what it deploys, and where it may.
 */
struct PortendControllerView
{
    std::shared_ptr<const portend::ModelProfile> model; //!< device-independent profile
    portend::Stream stream;        //!< tiers, on a network of the links between them alone; at the
                                   //!< bandwidths that the scenario states
    portend::EstimatorRules rules; //!< of the stream's estimate; none that count waiting
    portend::Deployment first;     //!< what the scenario deploys
    std::vector<portend::MemoryRoom> rooms{}; //!< memory of the tiers' nodes, beside blocks of
                                              //!< others that stay there

    /**
     * @brief Require that a deployment can be put to use.
     * @param deployment the deployment
     * @throw portend::InputError if it does not fit, if it has more partitions than tiers and than
     *        the first, if timings were not measured, or if the memory of a node is too small
     */
    void Require(const portend::Deployment& deployment) const;
};

/**
 * @ingroup portend
 * @brief Gives a stream, or a member of one, a new deployment while it runs.
 *
 * A controller decides at every arrival, or once an epoch. What it decides takes force when the
 * decision is made, and when the connections for it stand: requests that arise from then on have
 * it, those under way keep theirs.
 *
 * It sees what a real one could: requests that arise at its source, and what comes back with the
 * replies (PortendController::Reply). It is where replies arrive, and tells the source without
 * delay. What the bandwidths are now, only one that is to know everything asks (GetBandwidthsBps).
 *
 * A controller of one's own is a class derived from this one, chosen by its name like any type of
 * ns-3.
 */
class PortendController : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /// A message that has arrived, as its receiver saw it.
    struct Transfer
    {
        uint32_t from{0};     //!< tier that sent it
        uint32_t to{0};       //!< tier that received it
        uint64_t bytes{0};    //!< its size
        Time sent;            //!< when it was handed to the network
        Time took;            //!< how long the network took
        bool isResult{false}; //!< whether it was the answer, else an input or a tensor
    };

    /// The queue that a request met at a tier.
    struct Queue
    {
        uint32_t tier{0};    //!< the tier
        uint32_t waiting{0}; //!< other jobs that waited when it was served
    };

    /// What comes back when a request has ended.
    struct Reply
    {
        uint64_t request{0};       //!< its number
        uint32_t epoch{0};         //!< of its deployment
        bool isAnswered{false};    //!< else it was dropped on its way
        bool isFallback{false};    //!< whether a fallback has answered, and not the last branch
        uint16_t exitPartition{0}; //!< k at which it has exited; 0 if it was dropped
        Time arose;                //!< when
        Time latency;              //!< until it was answered, or dropped
        std::vector<Transfer> transfers; //!< its messages, in the order of travel
        std::vector<Queue> queues;       //!< that it met, in the order of visits
    };

    /// Puts a deployment, with the number of its epoch, to use.
    using Deployer = std::function<void(const portend::Deployment&, uint32_t epoch)>;

    /// Tells the bandwidth of a link of the view's network, by number, bit/s.
    using Bandwidths = std::function<double(uint32_t link)>;

    /**
     * @brief Say what bandwidths are, for controllers that may know.
     * @param now at this moment
     * @param mean over all time
     */
    void SetBandwidths(Bandwidths now, Bandwidths mean);

    /**
     * @brief Say what is deployed, and where.
     * @param view what is known from the beginning
     * @param deployer puts deployments to use
     * @return the deployment to begin with; what it needs is there when the stream begins
     * @throw portend::InputError if the controller has no use for such a stream
     */
    const portend::Deployment& Begin(const PortendControllerView& view, Deployer deployer);

    /// A request is about to arise.
    void Arrive();

    /**
     * @brief A request has ended.
     * @param request the request
     */
    void End(const PortendRequest& request);

    /// No more requests arise: there is nothing to decide.
    void Finish();

    /// @return decisions so far
    uint64_t GetDecisions() const;

    /// @return how often another deployment was put to use so far
    uint64_t GetSwitches() const;

    /// @return how long a decision takes
    Time GetDecisionTime() const;

    /// @return how long a node loads blocks that it has not got
    Time GetSwitchTime() const;

    /// @return deployments whose blocks stay on a node; 0 is any number
    uint32_t GetResident() const;

  protected:
    void DoDispose() override;

    /**
     * @brief Get ready.
     * @return the deployment to begin with; by default what the scenario deploys
     */
    virtual portend::Deployment DoBegin();

    /**
     * @brief Decide what is deployed from now on.
     * @return the deployment; that of GetDeployment() to leave it
     */
    virtual portend::Deployment Decide() = 0;

    /// A request is about to arise; by default this changes nothing.
    virtual void DoArrive();

    /**
     * @brief A request has ended; by default this changes nothing.
     * @param reply what came back
     */
    virtual void DoReply(const Reply& reply);

    /// @return what is known from the beginning
    const PortendControllerView& GetView() const;

    /// @return what it has deployed last
    const portend::Deployment& GetDeployment() const;

    /// @return number of that deployment
    uint32_t GetEpochNumber() const;

    /// @return how often it decides; 0 is at every arrival
    Time GetEpoch() const;

    /**
     * @brief Get how long a deployment takes to be loaded, if only what is deployed is there.
     * @param deployment the deployment
     * @return SwitchTime, and what the node takes that loads longest
     */
    Time GetLoadingTime(const portend::Deployment& deployment) const;

    /**
     * @brief Know what nobody knows.
     * @return bandwidths of the view's links at this moment, bit/s
     */
    std::vector<double> GetBandwidthsBps() const;

    /**
     * @brief Know what is known afterwards.
     * @return bandwidths of the view's links, their mean over time, bit/s
     */
    std::vector<double> GetMeanBandwidthsBps() const;

  private:
    /// Decide, unless a decision is being made.
    void Make();

    /**
     * @brief A decision is made: put it to use.
     * @param deployment what was decided
     */
    void Deploy(const portend::Deployment& deployment);

    /// Let the next epoch begin when it is due, unless it will.
    void PlanEpoch();

    /// An epoch begins: decide.
    void BeginEpoch();

    /**
     * @brief Ask for the bandwidths of all links.
     * @param bandwidths tells them; null if they are what the view says
     * @return by link, bit/s
     */
    std::vector<double> GetBandwidthsBps(const Bandwidths& bandwidths) const;

    Time m_epoch;                     //!< how often it decides; 0 is at every arrival
    Time m_decisionTime;              //!< what a decision takes
    Time m_switchTime;                //!< of loading blocks onto a node
    uint32_t m_resident;              //!< deployments that stay there; 0 is any number
    Bandwidths m_now;                 //!< at this moment; may be null
    Bandwidths m_mean;                //!< over time; may be null
    PortendControllerView m_view;     //!< known from the beginning
    Deployer m_deployer;              //!< puts deployments to use
    portend::Deployment m_deployment; //!< deployed last
    uint32_t m_number{0};             //!< of it
    uint64_t m_decisions{0};          //!< so far
    bool m_isFinished{false};         //!< whether there is nothing more to decide
    Time m_due;                       //!< when the next epoch begins
    EventId m_next;                   //!< the same
    EventId m_made;                   //!< the decision that is being made
};

} // namespace ns3

#endif // PORTEND_CONTROLLER_H
