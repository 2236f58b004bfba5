/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-ans-controller.h"

#include "ns3/abort.h"
#include "ns3/double.h"
#include "ns3/log.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendAnsController");

NS_OBJECT_ENSURE_REGISTERED(PortendAnsController);

namespace
{

/**
 * @brief Multiply two vectors.
 * @param a a vector
 * @param b another
 * @return their inner product
 */
double
Dot(const PortendMuLinUcb::Context& a, const PortendMuLinUcb::Context& b)
{
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

} // namespace

PortendMuLinUcb::PortendMuLinUcb(std::vector<Arm> arms, const Options& options)
    : m_arms(std::move(arms)),
      m_options(options),
      m_horizon(options.horizon)
{
    NS_ABORT_MSG_IF(m_arms.empty(), "a bandit needs an arm");
    for (std::size_t i = 0; i < FEATURES; ++i)
    {
        m_inverse[i][i] = 1 / m_options.beta;
    }
}

PortendMuLinUcb::Context
PortendMuLinUcb::Multiply(const Context& context) const
{
    Context product{};
    for (std::size_t i = 0; i < FEATURES; ++i)
    {
        product[i] = Dot(m_inverse[i], context);
    }
    return product;
}

std::size_t
PortendMuLinUcb::Choose()
{
    ++m_choices;
    while (m_choices > m_horizon)
    {
        m_horizon *= 2;
    }
    const auto horizon = static_cast<double>(m_horizon);
    const auto interval = static_cast<uint64_t>(std::ceil(std::pow(horizon, m_options.mu)));
    const bool isForced = m_choices % interval == 0;
    const double largest = m_options.contextBound * m_options.contextBound;
    const double alpha =
        (m_options.bound + m_options.noise * std::sqrt(FEATURES * std::log((1 + horizon * largest) /
                                                                           m_options.delta))) /
        (1 - m_options.keyWeight);
    std::size_t best = m_arms.size();
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t arm = 0; arm < m_arms.size(); ++arm)
    {
        const auto& [context, known, isLocal] = m_arms[arm];
        if (isLocal && isForced && m_arms.size() > 1)
        {
            continue;
        }
        const double width = Dot(context, Multiply(context));
        const double score = known + Dot(context, m_theta) -
                             alpha * std::sqrt((1 - m_options.weight) * std::max(0.0, width));
        if (score < least)
        {
            least = score;
            best = arm;
        }
    }
    return best;
}

void
PortendMuLinUcb::Learn(std::size_t arm, double delay)
{
    const auto& [context, known, isLocal] = m_arms.at(arm);
    if (isLocal)
    {
        return;
    }
    // (A + x x')^-1, by Sherman and Morrison.
    const auto product = Multiply(context);
    const double scale = 1 + Dot(context, product);
    for (std::size_t i = 0; i < FEATURES; ++i)
    {
        for (std::size_t j = 0; j < FEATURES; ++j)
        {
            m_inverse[i][j] -= product[i] * product[j] / scale;
        }
        m_sum[i] += context[i] * delay;
    }
    m_theta = Multiply(m_sum);
}

TypeId
PortendAnsController::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::PortendAnsController")
            .SetParent<PortendController>()
            .SetGroupName("Portend")
            .AddConstructor<PortendAnsController>()
            .AddAttribute("Mu",
                          "Every T^mu-th choice leaves out the arm that computes everything before "
                          "the cut.",
                          DoubleValue(0.25),
                          MakeDoubleAccessor(&PortendAnsController::m_mu),
                          MakeDoubleChecker<double>(0, 1))
            .AddAttribute("Weight",
                          "L, by which a request explores less: 0.8 of a key frame, 0.2 of others "
                          "in the paper.",
                          DoubleValue(0.2),
                          MakeDoubleAccessor(&PortendAnsController::m_weight),
                          MakeDoubleChecker<double>(0, 0.999))
            .AddAttribute("Ridge",
                          "Beta, the diagonal of A at first.",
                          DoubleValue(1),
                          MakeDoubleAccessor(&PortendAnsController::m_ridge),
                          MakeDoubleChecker<double>(1e-9))
            .AddAttribute("Bound",
                          "C_theta, bound of the norm of theta.",
                          DoubleValue(1),
                          MakeDoubleAccessor(&PortendAnsController::m_bound),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("Noise",
                          "C_noise, of delays, as a share of the delay of computing everything "
                          "before the cut.",
                          DoubleValue(0.1),
                          MakeDoubleAccessor(&PortendAnsController::m_noise),
                          MakeDoubleChecker<double>(0))
            .AddAttribute("Delta",
                          "Probability that bounds fail.",
                          DoubleValue(0.1),
                          MakeDoubleAccessor(&PortendAnsController::m_delta),
                          MakeDoubleChecker<double>(1e-12, 1));
    return tid;
}

PortendMuLinUcb::Arm
PortendAnsController::Describe(const portend::Deployment& deployment,
                               uint32_t front,
                               uint32_t back) const
{
    const auto& view = GetView();
    const auto& stream = view.stream;
    const auto& partitions = deployment.partitions;
    const auto& machine = stream.GetNode(front);
    const auto& source = *stream.tiers[stream.source].device;
    const auto mean = [&](uint32_t tier, const portend::Partition& partition) {
        return portend::SummarizeRepeats(
            stream.tiers[tier].device->GetComputeMs(partition.first, partition.last),
            portend::EstimatorRules::Repeats::MEAN);
    };
    PortendMuLinUcb::Arm arm;
    if (partitions.back().tier == front)
    {
        arm.isLocal = true;
        arm.known =
            portend::EstimateDeployment(*view.model, stream, deployment, view.rules).GetLatencyMs();
        return arm;
    }
    arm.known = source.GetSerializeMs(0) * stream.GetNode(stream.source).serializationFactor;
    uint64_t bytes = view.model->GetInputBytes(partitions.size());
    uint32_t cut = 0;
    auto sender = stream.source;
    if (partitions.size() > 1)
    {
        const auto& device = *stream.tiers[front].device;
        cut = partitions.front().last;
        sender = front;
        bytes = view.model->GetTensorBytes(cut, 1, partitions.size());
        arm.known += (device.GetDeserializeMs(0) + device.GetSerializeMs(cut)) *
                         machine.serializationFactor +
                     mean(front, partitions.front()) * machine.computeFactor + machine.overheadMs;
    }
    const auto& device = *stream.tiers[back].device;
    arm.context = {mean(back, partitions.back()),
                   static_cast<double>(view.model->blocks - cut),
                   device.GetDeserializeMs(cut),
                   static_cast<double>(sender == back ? 0 : 1),
                   static_cast<double>(stream.network->GetPackets().GetFragments(bytes)),
                   static_cast<double>(sender == back ? 0 : bytes),
                   1};
    return arm;
}

portend::Deployment
PortendAnsController::DoBegin()
{
    const auto& view = GetView();
    const auto [front, back] = PortendGetEnds(view);
    m_cuts = PortendGetCuts(view, front, back, view.model->blocks);
    m_arms.clear();
    m_epochs.clear();
    PortendMuLinUcb::Context largest{};
    m_unitMs = 0;
    for (const auto& cut : m_cuts)
    {
        m_arms.push_back(Describe(cut, front, back));
        m_unitMs = std::max(m_unitMs, m_arms.back().known);
        for (std::size_t i = 0; i < largest.size(); ++i)
        {
            largest[i] = std::max(largest[i], m_arms.back().context[i]);
        }
    }
    if (m_arms.empty())
    {
        throw portend::InputError("controller",
                                  "no cut between the tiers was measured and fits into memory");
    }
    for (auto& arm : m_arms)
    {
        arm.known /= m_unitMs;
        for (std::size_t i = 0; i < largest.size(); ++i)
        {
            if (largest[i] > 0)
            {
                // So that no context is longer than 1.
                arm.context[i] /= largest[i] * std::sqrt(largest.size());
            }
        }
    }
    PortendMuLinUcb::Options options;
    options.mu = m_mu;
    options.beta = m_ridge;
    options.weight = m_weight;
    options.keyWeight = std::max(options.keyWeight, m_weight);
    options.bound = m_bound;
    options.noise = m_noise;
    options.delta = m_delta;
    m_bandit.emplace(m_arms, options);
    return view.first;
}

portend::Deployment
PortendAnsController::Decide()
{
    const auto arm = m_bandit->Choose();
    const auto& cut = m_cuts[arm];
    const bool isOther = cut.ToString() != GetDeployment().ToString();
    m_epochs[GetEpochNumber() + (isOther ? 1 : 0)] = arm;
    return cut;
}

void
PortendAnsController::DoReply(const Reply& reply)
{
    const auto arm = m_epochs.find(reply.epoch);
    // What a fallback took is not what the cut would have taken.
    if (reply.isAnswered && !reply.isFallback && arm != m_epochs.end())
    {
        const double units = reply.latency.GetNanoSeconds() * 1e-6 / m_unitMs;
        m_bandit->Learn(arm->second, units - m_arms[arm->second].known);
    }
}

} // namespace ns3
