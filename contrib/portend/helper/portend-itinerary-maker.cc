/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-itinerary-maker.h"

#include "ns3/abort.h"
#include "ns3/hash.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace ns3
{

PortendItineraryMaker::PortendItineraryMaker(std::shared_ptr<const portend::ModelProfile> model,
                                             const portend::Stream& stream)
    : m_model(std::move(model)),
      m_stream(stream)
{
    options.delayModel = CreateObject<PortendMeanDelay>();
}

const portend::Stream&
PortendItineraryMaker::GetStream() const
{
    return m_stream;
}

std::shared_ptr<const portend::ModelProfile>
PortendItineraryMaker::GetModel() const
{
    return m_model;
}

void
PortendItineraryMaker::SetTierNodes(const std::vector<uint32_t>& nodes)
{
    NS_ABORT_MSG_UNLESS(nodes.size() == m_stream.tiers.size(), "every tier is on one node");
    for (std::size_t j = 0; j < nodes.size(); ++j)
    {
        m_stream.tiers[j].node = nodes[j];
    }
}

void
PortendItineraryMaker::Forget()
{
    for (auto it = m_computations.begin(); it != m_computations.end();)
    {
        const auto& delays = it->second;
        const bool isShared = delays.size() == 1 && PortendIsConstant(delays.begin()->second);
        it = isShared ? std::next(it) : m_computations.erase(it);
    }
}

void
PortendItineraryMaker::SetFirstVariable(int64_t first)
{
    m_firstVariable = first;
}

const PortendItineraryMaker::Delays&
PortendItineraryMaker::GetComputations(const portend::Partition& partition)
{
    const auto [it, isNew] =
        m_computations.try_emplace({partition.tier, partition.first, partition.last});
    auto& delays = it->second;
    if (!isNew)
    {
        return delays;
    }
    const auto& device = *m_stream.tiers[partition.tier].device;
    const auto& alone = device.GetComputeMs(partition.first, partition.last);
    delays[1] = options.delayModel->MakeDelay(alone);
    for (const auto& [size, repeatsMs] : device.GetBatchMs(partition.first, partition.last))
    {
        delays[size] = options.delayModel->MakeDelay(repeatsMs);
    }
    if (m_firstVariable)
    {
        for (const auto& [size, delay] : delays)
        {
            // By what it is for, whenever it is made.
            const auto name = std::to_string(*m_firstVariable) + "/" +
                              std::to_string(partition.tier) + ":" +
                              std::to_string(partition.first) + "-" +
                              std::to_string(partition.last) + "/" + std::to_string(size);
            PortendSetStream(delay, static_cast<int64_t>(Hash64(name) >> 1));
        }
    }
    return delays;
}

Ptr<PortendItinerary>
PortendItineraryMaker::Make(const portend::Deployment& deployment)
{
    auto rules = portend::EstimatorRules::Exact();
    rules.accuracy = options.accuracy;
    const auto shares = portend::EstimateExits(*m_model, deployment, rules);
    const bool isConditional = options.accuracy == portend::EstimatorRules::Accuracy::CONDITIONAL;
    const auto& partitions = deployment.partitions;
    const auto count = partitions.size();

    auto itinerary = Create<PortendItinerary>();
    itinerary->source = m_stream.tiers[m_stream.source].node;
    itinerary->destination = m_stream.tiers[m_stream.destination].node;
    itinerary->sourceTier = m_stream.source;
    itinerary->destinationTier = m_stream.destination;
    itinerary->priority = options.priority;
    itinerary->weight = options.weight;
    itinerary->deadline = options.deadline;
    itinerary->fallback = options.fallback;
    itinerary->inputBytes = m_model->GetInputBytes(count);
    itinerary->resultBytes = m_model->GetResultBytes(count);
    itinerary->deployment = deployment.ToString();
    for (std::size_t k = 1; k <= count; ++k)
    {
        const auto& partition = partitions[k - 1];
        const auto& tier = m_stream.tiers[partition.tier];
        const auto& device = *tier.device;
        const auto threshold = deployment.GetThreshold(k);
        PortendItinerary::Stage stage;
        stage.node = tier.node;
        stage.tier = partition.tier;
        stage.branch.partition = k;
        stage.branch.block = partition.last;
        stage.branch.threshold = threshold;
        const auto branch = m_model->FindBranch(partition.last, threshold);
        stage.hasBranch = m_model->HasBranch(partition.last);
        stage.branch.exitRate = branch.exitRate;
        stage.branch.accuracy = isConditional && shares[k - 1].exits > 0
                                    ? std::min(1.0, shares[k - 1].correct / shares[k - 1].exits)
                                    : branch.accuracy;
        if (std::isnan(stage.branch.accuracy))
        {
            stage.branch.accuracy = 0; // unknown: whoever counts right answers leaves them out
        }
        const auto& computations = GetComputations(partition);
        stage.computationTime = computations.begin()->second;
        stage.batchTimes.insert(std::next(computations.begin()), computations.end());
        stage.batchFixedShare = m_stream.GetBatchFixedShare(partition.tier);
        stage.deserializationTime = GetConstantDelay(0);
        stage.serializationTime = GetConstantDelay(0);
        stage.firstBlock = partition.first;
        if (k == 1 || partitions[k - 2].tier != partition.tier) // else the tensor is there
        {
            stage.deserializationTime =
                GetConstantDelay(device.GetDeserializeMs(partition.first - 1));
        }
        else
        {
            stage.firstBlock = itinerary->stages.back().firstBlock;
        }
        stage.resultSerializationTime = GetConstantDelay(device.serializeResultMs);
        if (k < count)
        {
            stage.staysOnNode = partitions[k].tier == partition.tier;
            stage.tensorBytes = m_model->GetTensorBytes(partition.last, k, count);
            if (!stage.staysOnNode)
            {
                stage.serializationTime = GetConstantDelay(device.GetSerializeMs(partition.last));
            }
        }
        itinerary->stages.push_back(stage);
    }
    for (std::size_t k = count; k >= 1; --k)
    {
        auto& stage = itinerary->stages[k - 1];
        stage.lastBlock = stage.staysOnNode ? itinerary->stages[k].lastBlock : stage.branch.block;
    }
    return itinerary;
}

Ptr<RandomVariableStream>
PortendItineraryMaker::GetConstantDelay(double ms)
{
    auto& delay = m_constants[ms];
    if (!delay)
    {
        delay = PortendMakeConstantDelay(ms);
    }
    return delay;
}

} // namespace ns3
