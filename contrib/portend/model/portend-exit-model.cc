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
#include <cstring>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendExitModel");

NS_OBJECT_ENSURE_REGISTERED(PortendExitModel);
NS_OBJECT_ENSURE_REGISTERED(PortendNestedExitModel);
NS_OBJECT_ENSURE_REGISTERED(PortendStratifiedExitModel);
NS_OBJECT_ENSURE_REGISTERED(PortendIndependentExitModel);
NS_OBJECT_ENSURE_REGISTERED(PortendJointExitModel);
NS_OBJECT_ENSURE_REGISTERED(PortendTraceExitModel);

namespace
{

/**
 * @brief Make a number of two others that looks drawn at random.
 * @param key any number
 * @param block any number
 * @return a number in [0, 1): the finalizer of SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, Fast
 *         splittable pseudorandom number generators, OOPSLA 2014)
 */
double
HashOf(double key, uint32_t block)
{
    uint64_t bits;
    std::memcpy(&bits, &key, sizeof(bits));
    bits += (uint64_t{block} + 1) * 0x9e3779b97f4a7c15;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
    bits ^= bits >> 31;
    return static_cast<double>(bits >> 11) * 0x1p-53;
}

} // namespace

TypeId
PortendExitModel::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendExitModel").SetParent<Object>().SetGroupName("Portend");
    return tid;
}

PortendExitModel::PortendExitModel()
    : m_difficultyStream(CreateObject<UniformRandomVariable>()),
      m_keyStream(CreateObject<UniformRandomVariable>())
{
}

PortendSample
PortendExitModel::Draw()
{
    PortendSample sample;
    sample.number = TakeNumber();
    sample.difficulty = DrawDifficulty(m_difficultyStream);
    sample.key = m_keyStream->GetValue();
    return sample;
}

bool
PortendExitModel::IsRight(const PortendSample& sample, const PortendBranch& branch) const
{
    return sample.key < branch.accuracy;
}

int64_t
PortendExitModel::AssignStreams(int64_t stream)
{
    NS_LOG_FUNCTION(this << stream);
    m_difficultyStream->SetStream(stream);
    m_keyStream->SetStream(stream + 1);
    return 2;
}

bool
PortendExitModel::Knows(uint32_t /* block */) const
{
    return true;
}

void
PortendExitModel::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_difficultyStream = nullptr;
    m_keyStream = nullptr;
    Object::DoDispose();
}

double
PortendExitModel::DrawDifficulty(const Ptr<UniformRandomVariable>& uniform)
{
    return uniform->GetValue();
}

uint64_t
PortendExitModel::TakeNumber()
{
    return m_samples++;
}

TypeId
PortendNestedExitModel::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendNestedExitModel")
                            .SetParent<PortendExitModel>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendNestedExitModel>();
    return tid;
}

bool
PortendNestedExitModel::Exits(const PortendSample& sample, const PortendBranch& branch) const
{
    return branch.exitRate > sample.difficulty;
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
PortendStratifiedExitModel::DrawDifficulty(const Ptr<UniformRandomVariable>& uniform)
{
    constexpr double GOLDEN_RATIO = 0.6180339887498949; // its fraction
    m_difficulty =
        m_difficulty < 0 ? uniform->GetValue() : std::fmod(m_difficulty + GOLDEN_RATIO, 1);
    return m_difficulty;
}

TypeId
PortendIndependentExitModel::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendIndependentExitModel")
                            .SetParent<PortendExitModel>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendIndependentExitModel>();
    return tid;
}

bool
PortendIndependentExitModel::Exits(const PortendSample& sample, const PortendBranch& branch) const
{
    // The difficulty is what this model has no other use for.
    return HashOf(sample.difficulty, branch.block) < branch.exitRate;
}

TypeId
PortendJointExitModel::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendJointExitModel")
                            .SetParent<PortendExitModel>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendJointExitModel>();
    return tid;
}

void
PortendJointExitModel::SetShares(const std::vector<double>& exited,
                                 const std::vector<double>& accuracies)
{
    NS_LOG_FUNCTION(this);
    NS_ABORT_MSG_IF(exited.empty(), "at least one partition is needed");
    NS_ABORT_MSG_IF(exited.size() != accuracies.size(), "one accuracy for each share");
    m_exited = exited;
    m_accuracies = accuracies;
}

bool
PortendJointExitModel::Exits(const PortendSample& sample, const PortendBranch& branch) const
{
    return m_exited.at(branch.partition - 1) > sample.difficulty;
}

bool
PortendJointExitModel::IsRight(const PortendSample& sample, const PortendBranch& branch) const
{
    return sample.key < m_accuracies.at(branch.partition - 1);
}

bool
PortendJointExitModel::Knows(uint32_t /* block */) const
{
    return false;
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
PortendTraceExitModel::AddBranch(uint32_t block, const std::vector<Measurement>& measurements)
{
    NS_LOG_FUNCTION(this << block << measurements.size());
    NS_ABORT_MSG_IF(measurements.empty(), "at least one sample is needed");
    NS_ABORT_MSG_IF(!m_branches.empty() && m_branches.begin()->second.size() != measurements.size(),
                    "the same samples for all branches");
    m_branches[block] = measurements;
}

std::size_t
PortendTraceExitModel::CountSamples() const
{
    return m_branches.empty() ? 0 : m_branches.begin()->second.size();
}

PortendSample
PortendTraceExitModel::Draw()
{
    PortendSample sample;
    sample.number = TakeNumber();
    return sample;
}

const PortendTraceExitModel::Measurement&
PortendTraceExitModel::Find(const PortendSample& sample, const PortendBranch& branch) const
{
    const auto found = m_branches.find(branch.block);
    NS_ABORT_MSG_IF(found == m_branches.end(),
                    "nothing was measured behind block " << branch.block);
    return found->second[sample.number % found->second.size()];
}

bool
PortendTraceExitModel::Exits(const PortendSample& sample, const PortendBranch& branch) const
{
    return Find(sample, branch).entropy < branch.threshold;
}

bool
PortendTraceExitModel::IsRight(const PortendSample& sample, const PortendBranch& branch) const
{
    return Find(sample, branch).isRight;
}

bool
PortendTraceExitModel::Knows(uint32_t block) const
{
    return m_branches.count(block) > 0;
}

int64_t
PortendTraceExitModel::AssignStreams(int64_t stream)
{
    NS_LOG_FUNCTION(this << stream);
    return 0;
}

} // namespace ns3
