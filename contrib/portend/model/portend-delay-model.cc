/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-delay-model.h"

#include "ns3/double.h"

#include <algorithm>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(PortendDelayModel);
NS_OBJECT_ENSURE_REGISTERED(PortendMeanDelay);
NS_OBJECT_ENSURE_REGISTERED(PortendMedianDelay);
NS_OBJECT_ENSURE_REGISTERED(PortendMaximumDelay);
NS_OBJECT_ENSURE_REGISTERED(PortendEmpiricalDelay);
NS_OBJECT_ENSURE_REGISTERED(PortendGammaDelay);

using Rules = portend::EstimatorRules;

Ptr<RandomVariableStream>
PortendMakeConstantDelay(double ms)
{
    auto delay = CreateObject<ConstantRandomVariable>();
    delay->SetAttribute("Constant", DoubleValue(ms * 1e-3));
    return delay;
}

bool
PortendIsConstant(const Ptr<RandomVariableStream>& delay)
{
    return !!DynamicCast<ConstantRandomVariable>(delay);
}

void
PortendSetStream(const Ptr<RandomVariableStream>& delay, int64_t stream)
{
    if (!PortendIsConstant(delay))
    {
        delay->SetStream(stream);
    }
}

TypeId
PortendDelayModel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::PortendDelayModel").SetParent<Object>().SetGroupName("Portend");
    return tid;
}

void
PortendDelayModel::Describe(portend::EstimatorRules& rules) const
{
    rules.repeats = Rules::Repeats::MEAN;
    rules.variance = Rules::Variance::NONE;
}

TypeId
PortendMeanDelay::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendMeanDelay")
                            .SetParent<PortendDelayModel>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendMeanDelay>();
    return tid;
}

Ptr<RandomVariableStream>
PortendMeanDelay::MakeDelay(const std::vector<double>& repeatsMs) const
{
    return PortendMakeConstantDelay(portend::SummarizeRepeats(repeatsMs, Rules::Repeats::MEAN));
}

TypeId
PortendMedianDelay::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendMedianDelay")
                            .SetParent<PortendDelayModel>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendMedianDelay>();
    return tid;
}

Ptr<RandomVariableStream>
PortendMedianDelay::MakeDelay(const std::vector<double>& repeatsMs) const
{
    return PortendMakeConstantDelay(portend::SummarizeRepeats(repeatsMs, Rules::Repeats::MEDIAN));
}

void
PortendMedianDelay::Describe(portend::EstimatorRules& rules) const
{
    rules.repeats = Rules::Repeats::MEDIAN;
    rules.variance = Rules::Variance::NONE;
}

TypeId
PortendMaximumDelay::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendMaximumDelay")
                            .SetParent<PortendDelayModel>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendMaximumDelay>();
    return tid;
}

Ptr<RandomVariableStream>
PortendMaximumDelay::MakeDelay(const std::vector<double>& repeatsMs) const
{
    return PortendMakeConstantDelay(portend::SummarizeRepeats(repeatsMs, Rules::Repeats::MAXIMUM));
}

void
PortendMaximumDelay::Describe(portend::EstimatorRules& rules) const
{
    rules.repeats = Rules::Repeats::MAXIMUM;
    rules.variance = Rules::Variance::NONE;
}

TypeId
PortendEmpiricalDelay::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendEmpiricalDelay")
                            .SetParent<PortendDelayModel>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendEmpiricalDelay>();
    return tid;
}

Ptr<RandomVariableStream>
PortendEmpiricalDelay::MakeDelay(const std::vector<double>& repeatsMs) const
{
    auto valuesMs = repeatsMs;
    std::sort(valuesMs.begin(), valuesMs.end());
    auto delay = CreateObject<EmpiricalRandomVariable>();
    for (std::size_t i = 0; i < valuesMs.size(); ++i)
    {
        // Exactly 1 at the end, as EmpiricalRandomVariable requires.
        delay->CDF(valuesMs[i] * 1e-3, static_cast<double>(i + 1) / valuesMs.size());
    }
    return delay;
}

void
PortendEmpiricalDelay::Describe(portend::EstimatorRules& rules) const
{
    rules.repeats = Rules::Repeats::MEAN;
    rules.variance = Rules::Variance::OF_REPEATS;
}

TypeId
PortendGammaDelay::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendGammaDelay")
                            .SetParent<PortendDelayModel>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendGammaDelay>();
    return tid;
}

Ptr<RandomVariableStream>
PortendGammaDelay::MakeDelay(const std::vector<double>& repeatsMs) const
{
    const double meanMs = portend::SummarizeRepeats(repeatsMs, Rules::Repeats::MEAN);
    const double varianceMs2 = portend::GetRepeatsVariance(repeatsMs, Rules::Variance::OF_SAMPLE);
    if (!(varianceMs2 > 0))
    {
        return PortendMakeConstantDelay(meanMs);
    }
    auto delay = CreateObject<GammaRandomVariable>();
    delay->SetAttribute("Alpha", DoubleValue(meanMs * meanMs / varianceMs2));
    delay->SetAttribute("Beta", DoubleValue(varianceMs2 / meanMs * 1e-3));
    return delay;
}

void
PortendGammaDelay::Describe(portend::EstimatorRules& rules) const
{
    rules.repeats = Rules::Repeats::MEAN;
    rules.variance = Rules::Variance::OF_SAMPLE;
}

} // namespace ns3
