/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-controllers.h"

#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/log.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendControllers");

NS_OBJECT_ENSURE_REGISTERED(PortendFixedController);
NS_OBJECT_ENSURE_REGISTERED(PortendOptimizingController);
NS_OBJECT_ENSURE_REGISTERED(PortendBestStaticController);
NS_OBJECT_ENSURE_REGISTERED(PortendOracleController);
NS_OBJECT_ENSURE_REGISTERED(PortendSearchController);
NS_OBJECT_ENSURE_REGISTERED(PortendNeurosurgeonController);

void
PortendBandwidthEstimator::Begin(const portend::Stream& stream, std::size_t window, Time memory)
{
    m_memory = memory;
    m_stream = stream;
    m_window = window;
    m_bps.clear();
    for (const auto& arc : stream.network->GetLinks())
    {
        m_bps.push_back(arc.link.bandwidthBps);
    }
    m_histories.assign(m_bps.size(), {});
}

std::optional<PortendBandwidthEstimator::Sample>
PortendBandwidthEstimator::Add(const PortendController::Transfer& transfer)
{
    const auto path = m_stream.GetPath(transfer.from, transfer.to);
    const auto slowest = std::min_element(path.begin(), path.end(), [this](auto a, auto b) {
        return m_bps[a] < m_bps[b];
    });
    if (slowest == path.end())
    {
        return std::nullopt;
    }
    auto links = m_stream.network->GetLinks(path);
    double delayMs = 0;
    for (std::size_t hop = 0; hop < path.size(); ++hop)
    {
        links[hop].bandwidthBps = m_bps[path[hop]];
        delayMs += links[hop].delayMs;
    }
    const auto& packets = m_stream.network->GetPackets();
    const auto hop = slowest - path.begin();
    const double bits =
        8.0 * static_cast<double>(portend::EstimateLinkBytes(transfer.bytes, links, packets)[hop]);
    const double othersMs =
        portend::EstimateTransmissionMs(transfer.bytes,
                                        links,
                                        packets,
                                        portend::EstimatorRules::Transmission::EXACT_PACKETS) -
        bits / m_bps[*slowest] * 1e3;
    const double seconds =
        (transfer.took.GetNanoSeconds() * 1e-6 - delayMs - std::max(0.0, othersMs)) * 1e-3;
    if (!(seconds > 0))
    {
        return std::nullopt;
    }
    auto& history = m_histories[*slowest];
    history.push_back({bits, seconds, transfer.sent + transfer.took});
    if (history.size() > m_window)
    {
        history.pop_front();
    }
    Update(*slowest);
    return Sample{*slowest, bits / seconds};
}

void
PortendBandwidthEstimator::Update(uint32_t link)
{
    // Summed up anew: what rounding leaves behind would add up.
    double bits = 0;
    double seconds = 0;
    for (const auto& message : m_histories[link])
    {
        bits += message.bits;
        seconds += message.seconds;
    }
    m_bps[link] =
        seconds > 0 ? bits / seconds : m_stream.network->GetLinks()[link].link.bandwidthBps;
}

const std::vector<double>&
PortendBandwidthEstimator::GetBps(Time now)
{
    for (uint32_t link = 0; !m_memory.IsZero() && link < m_histories.size(); ++link)
    {
        auto& history = m_histories[link];
        const auto before = history.size();
        while (!history.empty() && history.front().arrived + m_memory < now)
        {
            history.pop_front();
        }
        if (history.size() < before)
        {
            Update(link);
        }
    }
    return m_bps;
}

TypeId
PortendFixedController::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendFixedController")
                            .SetParent<PortendController>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendFixedController>();
    return tid;
}

portend::Deployment
PortendFixedController::Decide()
{
    return GetDeployment();
}

TypeId
PortendOptimizingController::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::PortendOptimizingController")
            .SetParent<PortendController>()
            .SetGroupName("Portend")
            .AddAttribute("MinAccuracy",
                          "Least share of right answers, as estimated; below 0, the default, that "
                          "of the scenario's deployment.",
                          DoubleValue(-1),
                          MakeDoubleAccessor(&PortendOptimizingController::m_askedAccuracy),
                          MakeDoubleChecker<double>(-1, 1))
            .AddAttribute("AnyOrder",
                          "Whether later partitions may run further down the chain.",
                          BooleanValue(false),
                          MakeBooleanAccessor(&PortendOptimizingController::m_isAnyOrder),
                          MakeBooleanChecker());
    return tid;
}

portend::Deployment
PortendOptimizingController::DoBegin()
{
    const auto& view = GetView();
    const auto tiers = static_cast<uint32_t>(view.stream.tiers.size());
    try
    {
        m_space.placements = m_isAnyOrder ? portend::GetAllPlacements(tiers, tiers)
                                          : portend::GetAscendingPlacements(tiers, tiers);
    }
    catch (const portend::InputError& error)
    {
        throw portend::InputError("/controller", error.what());
    }
    m_space.rooms = view.rooms;
    m_minAccuracy = m_askedAccuracy;
    if (m_minAccuracy < 0)
    {
        const auto first =
            portend::EstimateDeployment(*view.model, view.stream, view.first, view.rules);
        m_minAccuracy = first.accuracy;
    }
    m_searchedBps.clear();
    return view.first;
}

const portend::Candidate&
PortendOptimizingController::FindBest(const std::vector<double>& bandwidthsBps)
{
    if (bandwidthsBps == m_searchedBps)
    {
        return m_best;
    }
    const auto& view = GetView();
    const portend::DeploymentSearch search(*view.model,
                                           view.stream.WithBandwidths(bandwidthsBps),
                                           view.rules,
                                           m_space);
    const auto frontier = search.FindFrontier();
    const auto& candidates = frontier.Get();
    // The sum of shares may differ in its last digit.
    constexpr double ROUNDING = 1e-12;
    const auto best = std::find_if(candidates.begin(), candidates.end(), [&](const auto& one) {
        return !(one.accuracy < m_minAccuracy - ROUNDING);
    });
    if (best == candidates.end())
    {
        throw portend::InputError(
            "controller",
            "no deployment has an accuracy of " + portend::ToText(m_minAccuracy) +
                "; allowed for MinAccuracy: up to " +
                (candidates.empty() ? std::string("0")
                                    : portend::ToText(candidates.back().accuracy)));
    }
    m_searchedBps = bandwidthsBps;
    m_best = *best;
    return m_best;
}

double
PortendOptimizingController::GetMinAccuracy() const
{
    return m_minAccuracy;
}

TypeId
PortendBestStaticController::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendBestStaticController")
                            .SetParent<PortendOptimizingController>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendBestStaticController>();
    return tid;
}

portend::Deployment
PortendBestStaticController::DoBegin()
{
    PortendOptimizingController::DoBegin();
    return FindBest(GetMeanBandwidthsBps()).deployment;
}

portend::Deployment
PortendBestStaticController::Decide()
{
    return GetDeployment();
}

TypeId
PortendOracleController::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendOracleController")
                            .SetParent<PortendOptimizingController>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendOracleController>();
    return tid;
}

portend::Deployment
PortendOracleController::Decide()
{
    return FindBest(GetBandwidthsBps()).deployment;
}

TypeId
PortendSearchController::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::PortendSearchController")
            .SetParent<PortendOptimizingController>()
            .SetGroupName("Portend")
            .AddConstructor<PortendSearchController>()
            .AddAttribute("Window",
                          "Messages over a link that its bandwidth is estimated from.",
                          UintegerValue(10),
                          MakeUintegerAccessor(&PortendSearchController::m_window),
                          MakeUintegerChecker<uint32_t>(1))
            .AddAttribute("Memory",
                          "How long a message counts; of a link without one, the bandwidth is what "
                          "the scenario states. 0 is for ever.",
                          TimeValue(Seconds(10)),
                          MakeTimeAccessor(&PortendSearchController::m_memory),
                          MakeTimeChecker(Time()))
            .AddAttribute("Margin",
                          "Share of the mean latency by which another deployment must be better.",
                          DoubleValue(0.05),
                          MakeDoubleAccessor(&PortendSearchController::m_margin),
                          MakeDoubleChecker<double>(0));
    return tid;
}

portend::Deployment
PortendSearchController::DoBegin()
{
    m_bandwidth.Begin(GetView().stream, m_window, m_memory);
    m_loaded = {GetView().first.ToString()};
    m_arrivals = 0;
    return PortendOptimizingController::DoBegin();
}

void
PortendSearchController::DoArrive()
{
    m_lastArrival = Simulator::Now();
    if (m_arrivals++ == 0)
    {
        m_firstArrival = m_lastArrival;
    }
}

void
PortendSearchController::DoReply(const Reply& reply)
{
    for (const auto& transfer : reply.transfers)
    {
        m_bandwidth.Add(transfer);
    }
}

double
PortendSearchController::GetCostMs(const std::string& deployment) const
{
    if (std::find(m_loaded.begin(), m_loaded.end(), deployment) != m_loaded.end())
    {
        return 0;
    }
    const double seconds = (m_lastArrival - m_firstArrival).GetSeconds();
    const double ratePerS = seconds > 0 ? static_cast<double>(m_arrivals - 1) / seconds : 0;
    const double switchSeconds =
        GetLoadingTime(portend::Deployment::Parse(deployment)).GetSeconds();
    const double requests = std::max(1.0, ratePerS * GetEpoch().GetSeconds());
    return 1e3 * switchSeconds * (1 + ratePerS * switchSeconds / 2) / requests;
}

portend::Deployment
PortendSearchController::Decide()
{
    const auto& bandwidthsBps = m_bandwidth.GetBps(Simulator::Now());
    const auto& best = FindBest(bandwidthsBps);
    const auto text = best.deployment.ToString();
    if (text == GetDeployment().ToString())
    {
        return GetDeployment();
    }
    const auto& view = GetView();
    const auto now = portend::EstimateDeployment(*view.model,
                                                 view.stream.WithBandwidths(bandwidthsBps),
                                                 GetDeployment(),
                                                 view.rules);
    const double gainMs = now.GetLatencyMs() - best.latencyMs;
    const bool isAccurate = !(now.accuracy < GetMinAccuracy() - 1e-12);
    if (isAccurate && (gainMs <= m_margin * now.GetLatencyMs() || gainMs <= GetCostMs(text)))
    {
        return GetDeployment();
    }
    m_loaded.erase(std::remove(m_loaded.begin(), m_loaded.end(), text), m_loaded.end());
    m_loaded.push_front(text);
    if (GetResident() > 0 && m_loaded.size() > GetResident())
    {
        m_loaded.resize(GetResident());
    }
    return best.deployment;
}

std::pair<uint32_t, uint32_t>
PortendGetEnds(const PortendControllerView& view)
{
    const auto tiers = static_cast<uint32_t>(view.stream.tiers.size());
    if (tiers < 2)
    {
        throw portend::InputError("controller", "found one tier; allowed: at least two to cut at");
    }
    const auto front = view.first.partitions.front().tier;
    const auto back = view.first.partitions.back().tier;
    if (front != back)
    {
        return {front, back};
    }
    const auto source = view.stream.source;
    if (front != source)
    {
        return {source, back};
    }
    return {source, source == tiers - 1 ? 0 : tiers - 1};
}

std::vector<portend::Deployment>
PortendGetCuts(const PortendControllerView& view, uint32_t front, uint32_t back, uint32_t last)
{
    const auto& model = *view.model;
    const auto& tiers = view.stream.tiers;
    const auto never =
        std::find_if(model.thresholds.begin(), model.thresholds.end(), [&](double threshold) {
            const auto branches = model.GetBranches();
            return std::all_of(branches.begin(), branches.end(), [&](uint32_t block) {
                return block == model.blocks || model.FindBranch(block, threshold).exitRate == 0;
            });
        });
    if (never == model.thresholds.end())
    {
        throw portend::InputError("controller",
                                  "the profile has no threshold at which nothing exits early; "
                                  "allowed: one, such as 0");
    }
    std::vector<portend::Deployment> cuts;
    for (uint32_t cut = 0; cut <= last; ++cut)
    {
        portend::Deployment deployment;
        deployment.threshold = *never;
        bool isMeasured = true;
        const auto add = [&](uint32_t tier, uint32_t first, uint32_t end) {
            if (first <= end)
            {
                deployment.partitions.push_back({tier, first, end});
                isMeasured = isMeasured &&
                             tiers[tier].device->IsMeasured(first, end, end == cut && end < last);
            }
        };
        add(front, 1, cut);
        add(back, cut + 1, last);
        if (isMeasured && !portend::FindTooSmall(model, deployment, view.rooms))
        {
            cuts.push_back(deployment);
        }
    }
    return cuts;
}

TypeId
PortendNeurosurgeonController::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::PortendNeurosurgeonController")
            .SetParent<PortendController>()
            .SetGroupName("Portend")
            .AddConstructor<PortendNeurosurgeonController>()
            .AddAttribute("Window",
                          "Messages over a link that its bandwidth is estimated from.",
                          UintegerValue(10),
                          MakeUintegerAccessor(&PortendNeurosurgeonController::m_window),
                          MakeUintegerChecker<uint32_t>(1))
            .AddAttribute("Memory",
                          "How long a message counts; of a link without one, the bandwidth is what "
                          "the scenario states. 0 is for ever.",
                          TimeValue(Seconds(10)),
                          MakeTimeAccessor(&PortendNeurosurgeonController::m_memory),
                          MakeTimeChecker(Time()));
    return tid;
}

portend::Deployment
PortendNeurosurgeonController::DoBegin()
{
    const auto& view = GetView();
    m_bandwidth.Begin(view.stream, m_window, m_memory);
    const auto [front, back] = PortendGetEnds(view);
    m_cuts = PortendGetCuts(view, front, back, view.model->blocks);
    m_decidedBps.clear();
    return view.first;
}

void
PortendNeurosurgeonController::DoReply(const Reply& reply)
{
    for (const auto& transfer : reply.transfers)
    {
        m_bandwidth.Add(transfer);
    }
}

portend::Deployment
PortendNeurosurgeonController::Decide()
{
    const auto& bandwidthsBps = m_bandwidth.GetBps(Simulator::Now());
    if (bandwidthsBps == m_decidedBps)
    {
        return GetDeployment();
    }
    m_decidedBps = bandwidthsBps;
    const auto& view = GetView();
    const auto stream = view.stream.WithBandwidths(m_decidedBps);
    const portend::Deployment* best = nullptr;
    double leastMs = std::numeric_limits<double>::infinity();
    for (const auto& cut : m_cuts)
    {
        const double ms =
            portend::EstimateDeployment(*view.model, stream, cut, view.rules).GetLatencyMs();
        if (ms < leastMs)
        {
            leastMs = ms;
            best = &cut;
        }
    }
    if (!best)
    {
        throw portend::InputError("controller",
                                  "no cut between the tiers was measured and fits into memory");
    }
    return *best;
}

} // namespace ns3
