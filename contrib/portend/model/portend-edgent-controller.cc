/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-edgent-controller.h"

#include "ns3/double.h"
#include "ns3/log.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendEdgentController");

NS_OBJECT_ENSURE_REGISTERED(PortendEdgentController);

PortendChangeDetector::PortendChangeDetector()
    : PortendChangeDetector(Prior())
{
}

PortendChangeDetector::PortendChangeDetector(const Prior& prior)
    : m_prior(prior),
      m_runs{{1, prior.mean, prior.weight, prior.shape, prior.scale}}
{
}

bool
PortendChangeDetector::Add(double x)
{
    const double hazard = 1 / m_prior.runLength;
    double change = 0;
    double sum = 0;
    std::vector<Run> runs{{0, m_prior.mean, m_prior.weight, m_prior.shape, m_prior.scale}};
    runs.reserve(m_runs.size() + 1);
    for (const auto& run : m_runs)
    {
        const double freedom = 2 * run.shape;
        const double variance = run.scale * (run.weight + 1) / (run.shape * run.weight);
        const double distance = x - run.mean;
        const double density =
            std::exp(std::lgamma((freedom + 1) / 2) - std::lgamma(freedom / 2) -
                     (freedom + 1) / 2 * std::log1p(distance * distance / (freedom * variance))) /
            std::sqrt(freedom * M_PI * variance);
        const double joint = run.probability * density;
        change += joint * hazard;
        runs.push_back({joint * (1 - hazard),
                        (run.weight * run.mean + x) / (run.weight + 1),
                        run.weight + 1,
                        run.shape + 0.5,
                        run.scale + run.weight * distance * distance / (2 * (run.weight + 1))});
        sum += joint;
    }
    runs[0].probability = change;
    if (!(sum > 0)) // so far away from everything that nothing is left: a new run
    {
        runs.resize(1);
        runs[0].probability = sum = 1;
    }
    for (auto& run : runs)
    {
        run.probability /= sum;
    }
    if (runs.size() > m_prior.most)
    {
        const double longest = runs.back().probability;
        runs.pop_back();
        runs.back().probability += longest;
    }
    m_runs = std::move(runs);
    const auto best =
        std::max_element(m_runs.begin(), m_runs.end(), [](const auto& a, const auto& b) {
            return a.probability < b.probability;
        });
    const auto before = m_best;
    m_best = best - m_runs.begin();
    return m_best < before;
}

std::size_t
PortendChangeDetector::GetRunLength() const
{
    return m_best;
}

double
PortendChangeDetector::GetMean() const
{
    return m_runs[m_best].mean;
}

TypeId
PortendEdgentController::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::PortendEdgentController")
            .SetParent<PortendController>()
            .SetGroupName("Portend")
            .AddConstructor<PortendEdgentController>()
            .AddAttribute("Target",
                          "Latency that is asked for.",
                          TimeValue(MilliSeconds(500)),
                          MakeTimeAccessor(&PortendEdgentController::m_target),
                          MakeTimeChecker(Time()))
            .AddAttribute("RunLength",
                          "Mean number of messages between changes of the bandwidth: the hazard is "
                          "one by it.",
                          DoubleValue(250),
                          MakeDoubleAccessor(&PortendEdgentController::m_runLength),
                          MakeDoubleChecker<double>(2))
            .AddAttribute("StatesPerOctave",
                          "States of the bandwidth from any to the double of it.",
                          UintegerValue(4),
                          MakeUintegerAccessor(&PortendEdgentController::m_statesPerOctave),
                          MakeUintegerChecker<uint32_t>(1, 64))
            .AddAttribute("Memory",
                          "How long a state holds without messages; then it is what the scenario "
                          "states. 0 is for ever.",
                          TimeValue(Seconds(10)),
                          MakeTimeAccessor(&PortendEdgentController::m_memory),
                          MakeTimeChecker(Time()));
    return tid;
}

portend::Deployment
PortendEdgentController::DoBegin()
{
    PortendChangeDetector::Prior prior;
    prior.runLength = m_runLength;
    m_detector = PortendChangeDetector(prior);
    m_bandwidth.Begin(GetView().stream, 1);
    m_map.clear();
    m_state = 0;
    PortendGetEnds(GetView()); // refuses a single tier
    return GetView().first;
}

void
PortendEdgentController::DoReply(const Reply& reply)
{
    for (const auto& transfer : reply.transfers)
    {
        const auto sample = m_bandwidth.Add(transfer);
        if (!sample || transfer.isResult)
        {
            continue; // Edgent has one bandwidth: that of what is offloaded
        }
        m_heard = Simulator::Now();
        const auto& arc = GetView().stream.network->GetLinks()[sample->link];
        const double octaves = std::log2(sample->bps / arc.link.bandwidthBps);
        const bool isChange = m_detector.Add(octaves);
        if (isChange || m_detector.GetRunLength() <= 2) // few numbers tell no mean
        {
            m_state = static_cast<int>(std::lround(m_detector.GetMean() * m_statesPerOctave));
        }
    }
}

const portend::Deployment&
PortendEdgentController::LookUp(int state)
{
    const auto known = m_map.find(state);
    if (known != m_map.end())
    {
        return known->second;
    }
    // It depends on nothing that was seen: made now, it is what it would have been before.
    const auto& view = GetView();
    const double factor = std::exp2(static_cast<double>(state) / m_statesPerOctave);
    std::vector<double> bandwidthsBps;
    for (const auto& arc : view.stream.network->GetLinks())
    {
        bandwidthsBps.push_back(std::max(1.0, arc.link.bandwidthBps * factor));
    }
    const auto stream = view.stream.WithBandwidths(bandwidthsBps);
    const auto [front, back] = PortendGetEnds(view);
    const double targetMs = m_target.GetNanoSeconds() * 1e-6;
    double leastMs = std::numeric_limits<double>::infinity();
    portend::Deployment best;
    auto exits = view.model->GetBranches();
    for (auto exit = exits.rbegin(); exit != exits.rend() && !(leastMs <= targetMs); ++exit)
    {
        for (const auto& cut : PortendGetCuts(view, front, back, *exit))
        {
            const double ms =
                portend::EstimateDeployment(*view.model, stream, cut, view.rules).GetLatencyMs();
            if (ms < leastMs)
            {
                leastMs = ms;
                best = cut;
            }
        }
    }
    if (best.partitions.empty())
    {
        throw portend::InputError("controller",
                                  "no cut between the tiers was measured and fits into memory");
    }
    return m_map[state] = best;
}

portend::Deployment
PortendEdgentController::Decide()
{
    if (!m_memory.IsZero() && m_heard + m_memory < Simulator::Now() && m_state != 0)
    {
        DoBegin();
    }
    return LookUp(m_state);
}

} // namespace ns3
