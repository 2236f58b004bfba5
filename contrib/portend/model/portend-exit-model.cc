/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-exit-model.h"

#include "ns3/abort.h"
#include "ns3/log.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendExitModel");

NS_OBJECT_ENSURE_REGISTERED(PortendExitModel);
NS_OBJECT_ENSURE_REGISTERED(PortendRateExitModel);
NS_OBJECT_ENSURE_REGISTERED(PortendNestedExitModel);
NS_OBJECT_ENSURE_REGISTERED(PortendStratifiedExitModel);
NS_OBJECT_ENSURE_REGISTERED(PortendIndependentExitModel);
NS_OBJECT_ENSURE_REGISTERED(PortendTraceExitModel);

TypeId
PortendExitModel::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendExitModel").SetParent<Object>().SetGroupName("Portend");
    return tid;
}

TypeId
PortendRateExitModel::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::PortendRateExitModel").SetParent<PortendExitModel>().SetGroupName("Portend");
    return tid;
}

PortendRateExitModel::PortendRateExitModel()
    : m_exitStream(CreateObject<UniformRandomVariable>()),
      m_answerStream(CreateObject<UniformRandomVariable>())
{
}

void
PortendRateExitModel::SetBranches(const std::vector<double>& exitRates,
                                  const std::vector<double>& accuracies)
{
    NS_LOG_FUNCTION(this);
    NS_ABORT_MSG_IF(exitRates.empty(), "at least one branch is needed");
    NS_ABORT_MSG_IF(exitRates.size() != accuracies.size(), "one accuracy for each exit rate");
    const auto isRate = [](double rate) { return rate >= 0 && rate <= 1; };
    NS_ABORT_MSG_UNLESS(std::all_of(exitRates.begin(), exitRates.end(), isRate) &&
                            std::all_of(accuracies.begin(), accuracies.end(), isRate),
                        "exit rates and accuracies must lie in [0, 1]");
    m_exitRates = exitRates;
    m_exitRates.back() = 1;
    m_accuracies = accuracies;
}

PortendSample
PortendRateExitModel::Draw()
{
    NS_ABORT_MSG_IF(m_exitRates.empty(), "SetBranches() was not called");
    const auto branch = DrawExit(m_exitRates, m_exitStream);
    PortendSample sample;
    sample.exitPartition = branch + 1;
    sample.correct = m_answerStream->GetValue() < m_accuracies[branch];
    return sample;
}

int64_t
PortendRateExitModel::AssignStreams(int64_t stream)
{
    NS_LOG_FUNCTION(this << stream);
    m_exitStream->SetStream(stream);
    m_answerStream->SetStream(stream + 1);
    return 2;
}

TypeId
PortendNestedExitModel::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendNestedExitModel")
                            .SetParent<PortendRateExitModel>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendNestedExitModel>();
    return tid;
}

std::size_t
PortendNestedExitModel::DrawExit(const std::vector<double>& exitRates,
                                 const Ptr<UniformRandomVariable>& uniform)
{
    // The first rate above the number is also the first running maximum above it.
    const double number = DrawNumber(uniform);
    const auto isAbove = [number](double rate) { return rate > number; };
    return std::find_if(exitRates.begin(), exitRates.end(), isAbove) - exitRates.begin();
}

double
PortendNestedExitModel::DrawNumber(const Ptr<UniformRandomVariable>& uniform)
{
    return uniform->GetValue();
}

TypeId
PortendStratifiedExitModel::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendStratifiedExitModel")
                            .SetParent<PortendNestedExitModel>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendStratifiedExitModel>();
    return tid;
}

double
PortendStratifiedExitModel::DrawNumber(const Ptr<UniformRandomVariable>& uniform)
{
    constexpr double GOLDEN_RATIO = 0.6180339887498949; // its fraction
    m_number = m_number < 0 ? uniform->GetValue() : std::fmod(m_number + GOLDEN_RATIO, 1);
    return m_number;
}

TypeId
PortendIndependentExitModel::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendIndependentExitModel")
                            .SetParent<PortendRateExitModel>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendIndependentExitModel>();
    return tid;
}

std::size_t
PortendIndependentExitModel::DrawExit(const std::vector<double>& exitRates,
                                      const Ptr<UniformRandomVariable>& uniform)
{
    const auto decides = [&uniform](double rate) { return uniform->GetValue() < rate; };
    return std::find_if(exitRates.begin(), exitRates.end(), decides) - exitRates.begin();
}

TypeId
PortendTraceExitModel::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendTraceExitModel")
                            .SetParent<PortendExitModel>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendTraceExitModel>();
    return tid;
}

void
PortendTraceExitModel::SetSamples(const std::vector<PortendSample>& samples)
{
    NS_LOG_FUNCTION(this);
    NS_ABORT_MSG_IF(samples.empty(), "at least one sample is needed");
    m_samples = samples;
    m_next = 0;
}

std::size_t
PortendTraceExitModel::CountSamples() const
{
    return m_samples.size();
}

PortendSample
PortendTraceExitModel::Draw()
{
    NS_ABORT_MSG_IF(m_samples.empty(), "SetSamples() was not called");
    const auto sample = m_samples[m_next];
    m_next = (m_next + 1) % m_samples.size();
    return sample;
}

int64_t
PortendTraceExitModel::AssignStreams(int64_t stream)
{
    NS_LOG_FUNCTION(this << stream);
    return 0;
}

} // namespace ns3
