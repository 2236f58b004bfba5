/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-controller.h"

#include "ns3/log.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendController");

NS_OBJECT_ENSURE_REGISTERED(PortendController);

namespace
{

/**
 * @brief Collect what a reply tells.
 * @param request a request that has ended
 * @return the reply
 */
PortendController::Reply
MakeReply(const PortendRequest& request)
{
    const auto& itinerary = *request.itinerary;
    const auto& partitions = itinerary.stages;
    PortendController::Reply reply;
    reply.request = request.id;
    reply.epoch = itinerary.epoch;
    reply.exitPartition = request.exitPartition;
    reply.arose = request.generated;
    reply.isAnswered = !request.completed.IsZero();
    reply.isFallback = request.isFallback;
    reply.latency = (reply.isAnswered ? request.completed : Simulator::Now()) - request.generated;
    const auto& stages = request.ledger.GetStages();
    const auto served = stages.size() - (reply.isAnswered ? 1 : 0); // source and partitions
    Time at = request.generated;
    std::size_t visits = 0;
    for (std::size_t k = 0; k < served; ++k)
    {
        Time took;
        for (int c = 0; c < PortendLedger::COMPONENTS; ++c)
        {
            const bool isNetwork = c >= PortendLedger::PROPAGATION;
            (isNetwork ? took : at) += stages[k][c];
        }
        const bool isResult = k > 0 && k == request.exitPartition;
        const bool isSource = k == 0;
        const auto from = isSource ? itinerary.sourceTier : partitions[k - 1].tier;
        if (!isSource && (k == 1 || partitions[k - 2].tier != from) &&
            visits < request.queues.size())
        {
            reply.queues.push_back({from, request.queues[visits++]});
        }
        const bool isLast = k + 1 == served;
        if (isLast && (request.isFallback || (!reply.isAnswered && took.IsZero())))
        {
            break; // no message has left the place that it came to
        }
        const auto to = isResult ? itinerary.destinationTier : partitions[k].tier;
        if (from != to)
        {
            const auto bytes = isSource   ? itinerary.inputBytes
                               : isResult ? itinerary.resultBytes
                                          : partitions[k - 1].tensorBytes;
            reply.transfers.push_back({from, to, bytes, at, took, isResult});
        }
        at += took;
    }
    return reply;
}

} // namespace

void
PortendControllerView::Require(const portend::Deployment& deployment) const
{
    deployment.Validate(stream.tiers.size(), *model);
    const auto& partitions = deployment.partitions;
    const auto most = std::max(stream.tiers.size(), first.partitions.size());
    if (partitions.size() > most)
    {
        throw portend::InputError("controller",
                                  "found " + deployment.ToString() + "; allowed: at most " +
                                      std::to_string(most) +
                                      " partitions, as many as there are tiers, or as the first "
                                      "deployment has");
    }
    portend::EstimateExitRates(*model, deployment, {}); // refuses thresholds not profiled
    for (std::size_t k = 1; k <= partitions.size(); ++k)
    {
        const auto& partition = partitions[k - 1];
        const auto& device = *stream.tiers[partition.tier].device;
        device.GetComputeMs(partition.first, partition.last); // each refuses what is not measured
        if (!deployment.Continues(k))
        {
            device.GetDeserializeMs(partition.first - 1);
        }
        if (k < partitions.size() && !deployment.Continues(k + 1))
        {
            device.GetSerializeMs(partition.last);
        }
    }
    if (const auto* room = portend::FindTooSmall(*model, deployment, rooms))
    {
        throw portend::InputError("controller",
                                  "found " + deployment.ToString() +
                                      "; allowed: blocks that fit into the memory of tier " +
                                      std::to_string(room->tier) + ", " +
                                      std::to_string(room->bytes) + " B");
    }
}

TypeId
PortendController::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::PortendController")
            .SetParent<Object>()
            .SetGroupName("Portend")
            .AddAttribute("Epoch",
                          "How often it decides; 0 is at every arrival.",
                          TimeValue(Time()),
                          MakeTimeAccessor(&PortendController::m_epoch),
                          MakeTimeChecker(Time()))
            .AddAttribute("DecisionTime",
                          "How long a decision takes, until which the deployment stays; meanwhile "
                          "it makes no other.",
                          TimeValue(Time()),
                          MakeTimeAccessor(&PortendController::m_decisionTime),
                          MakeTimeChecker(Time()))
            .AddAttribute("SwitchTime",
                          "How long a node loads the blocks of a new deployment that it has not "
                          "got, the time of their bytes apart; requests that come meanwhile wait.",
                          TimeValue(Time()),
                          MakeTimeAccessor(&PortendController::m_switchTime),
                          MakeTimeChecker(Time()))
            .AddAttribute("Resident",
                          "Deployments whose blocks stay on a node, those used last; 0 is any "
                          "number.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&PortendController::m_resident),
                          MakeUintegerChecker<uint32_t>());
    return tid;
}

void
PortendController::SetBandwidths(Bandwidths now, Bandwidths mean)
{
    m_now = std::move(now);
    m_mean = std::move(mean);
}

const portend::Deployment&
PortendController::Begin(const PortendControllerView& view, Deployer deployer)
{
    NS_LOG_FUNCTION(this);
    m_view = view;
    m_view.rules.waiting = false;
    m_deployer = std::move(deployer);
    m_deployment = view.first;
    m_deployment = DoBegin();
    m_view.Require(m_deployment);
    m_due = m_epoch;
    m_isFinished = false;
    return m_deployment;
}

void
PortendController::Arrive()
{
    NS_LOG_FUNCTION(this);
    DoArrive();
    if (m_epoch.IsZero())
    {
        Make();
        return;
    }
    if (m_due <= Simulator::Now() && m_next.IsExpired())
    {
        BeginEpoch(); // nothing was heard of epochs since, and so there was nothing to decide
    }
    PlanEpoch();
}

void
PortendController::End(const PortendRequest& request)
{
    NS_LOG_FUNCTION(this << request.id);
    DoReply(MakeReply(request));
    PlanEpoch();
}

void
PortendController::Finish()
{
    NS_LOG_FUNCTION(this);
    m_isFinished = true;
    for (auto* event : {&m_next, &m_made})
    {
        if (!event->IsExpired())
        {
            Simulator::Remove(*event); // cancelled, it would still take place as nothing
        }
    }
}

void
PortendController::PlanEpoch()
{
    if (!m_epoch.IsZero() && !m_isFinished && m_next.IsExpired())
    {
        const auto wait = Max(m_due - Simulator::Now(), Time());
        m_next = Simulator::Schedule(wait, &PortendController::BeginEpoch, this);
    }
}

void
PortendController::BeginEpoch()
{
    m_due = m_epoch * (Simulator::Now().GetNanoSeconds() / m_epoch.GetNanoSeconds() + 1);
    Make();
}

void
PortendController::Make()
{
    if (!m_made.IsExpired())
    {
        return;
    }
    NS_LOG_FUNCTION(this);
    ++m_decisions;
    const auto deployment = Decide();
    if (m_decisionTime.IsZero())
    {
        Deploy(deployment);
        return;
    }
    m_made = Simulator::Schedule(m_decisionTime, &PortendController::Deploy, this, deployment);
}

void
PortendController::Deploy(const portend::Deployment& deployment)
{
    if (deployment.ToString() == m_deployment.ToString())
    {
        return;
    }
    NS_LOG_FUNCTION(this << deployment.ToString());
    m_view.Require(deployment);
    m_deployer(deployment, m_number + 1);
    ++m_number;
    m_deployment = deployment;
}

uint64_t
PortendController::GetDecisions() const
{
    return m_decisions;
}

uint64_t
PortendController::GetSwitches() const
{
    return m_number;
}

Time
PortendController::GetDecisionTime() const
{
    return m_decisionTime;
}

Time
PortendController::GetSwitchTime() const
{
    return m_switchTime;
}

uint32_t
PortendController::GetResident() const
{
    return m_resident;
}

portend::Deployment
PortendController::DoBegin()
{
    return m_view.first;
}

void
PortendController::DoArrive()
{
}

void
PortendController::DoReply(const Reply& /* reply */)
{
}

const PortendControllerView&
PortendController::GetView() const
{
    return m_view;
}

const portend::Deployment&
PortendController::GetDeployment() const
{
    return m_deployment;
}

uint32_t
PortendController::GetEpochNumber() const
{
    return m_number;
}

Time
PortendController::GetEpoch() const
{
    return m_epoch;
}

Time
PortendController::GetLoadingTime(const portend::Deployment& deployment) const
{
    double longest = 0;
    for (uint32_t tier = 0; tier < m_view.stream.tiers.size(); ++tier)
    {
        const double bps = m_view.stream.GetNode(tier).loadBps;
        if (bps == 0)
        {
            continue;
        }
        portend::BlockSet there;
        for (const auto& partition : m_deployment.partitions)
        {
            if (partition.tier == tier)
            {
                there.Add(*m_view.model, partition.first, partition.last);
            }
        }
        uint64_t bytes = 0;
        for (const auto& partition : deployment.partitions)
        {
            bytes += partition.tier == tier
                         ? there.GetMissingBytes(*m_view.model, partition.first, partition.last)
                         : 0;
        }
        longest = std::max(longest, 8.0 * static_cast<double>(bytes) / bps);
    }
    return m_switchTime + Seconds(longest);
}

std::vector<double>
PortendController::GetBandwidthsBps() const
{
    return GetBandwidthsBps(m_now);
}

std::vector<double>
PortendController::GetMeanBandwidthsBps() const
{
    return GetBandwidthsBps(m_mean);
}

std::vector<double>
PortendController::GetBandwidthsBps(const Bandwidths& bandwidths) const
{
    const auto& arcs = m_view.stream.network->GetLinks();
    std::vector<double> found;
    for (uint32_t link = 0; link < arcs.size(); ++link)
    {
        const double bps = bandwidths ? bandwidths(link) : arcs[link].link.bandwidthBps;
        found.push_back(std::max(bps, 1.0)); // the estimate knows no link that is down
    }
    return found;
}

void
PortendController::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_next.Cancel();
    m_made.Cancel();
    m_now = nullptr;
    m_mean = nullptr;
    m_deployer = nullptr;
    Object::DoDispose();
}

} // namespace ns3
