/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-helper.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/enum.h"
#include "ns3/node.h"
#include "ns3/pointer.h"
#include "ns3/portend-server.h"
#include "ns3/portend-sink.h"
#include "ns3/portend-source.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>

namespace ns3
{

PortendHelper::PortendHelper(const portend::ModelProfile& model,
                             const portend::Stream& stream,
                             const portend::Deployment& deployment)
    : m_model(model),
      m_stream(stream),
      m_deployment(deployment),
      m_accuracy(portend::EstimatorRules::Accuracy::PAPER),
      m_delayModel(CreateObject<PortendMeanDelay>()),
      m_queues(stream.tiers.size())
{
    stream.Validate(model.blocks);
    deployment.Validate(stream.tiers.size(), model);
    portend::EstimateExitRates(model, deployment, {}); // refuses thresholds not profiled
}

void
PortendHelper::SetDelayModel(Ptr<PortendDelayModel> delayModel)
{
    m_delayModel = delayModel;
    m_computations.clear();
}

void
PortendHelper::SetExitModel(Ptr<PortendExitModel> exitModel)
{
    m_exitModel = exitModel;
}

void
PortendHelper::SetAccuracy(portend::EstimatorRules::Accuracy accuracy)
{
    m_accuracy = accuracy;
}

void
PortendHelper::SetArrivals(Ptr<PortendArrivalProcess> arrivals)
{
    m_arrivals = arrivals;
}

void
PortendHelper::SetMaxRequests(uint64_t requests)
{
    m_maxRequests = requests;
}

void
PortendHelper::SetTimeout(Time timeout)
{
    m_timeout = timeout;
}

void
PortendHelper::SetStreamIndex(uint32_t index, uint32_t member)
{
    m_index = index;
    m_member = member;
}

void
PortendHelper::SetTierNodes(const std::vector<uint32_t>& nodes)
{
    NS_ABORT_MSG_UNLESS(nodes.size() == m_stream.tiers.size(), "every tier is on one node");
    for (std::size_t j = 0; j < nodes.size(); ++j)
    {
        m_stream.tiers[j].node = nodes[j];
    }
}

void
PortendHelper::SetService(uint32_t priority, double weight, Time deadline)
{
    NS_ABORT_MSG_UNLESS(weight > 0, "a weight is above 0");
    m_priority = priority;
    m_weight = weight;
    m_deadline = deadline;
}

void
PortendHelper::SetContinue(bool continues)
{
    m_continues = continues;
}

void
PortendHelper::SetQueue(uint32_t tier, const Queue& queue)
{
    m_queues.at(tier) = queue;
}

void
PortendHelper::SetSourceAttribute(const std::string& name, const AttributeValue& value)
{
    m_sourceAttributes.emplace_back(name, value.Copy());
}

void
PortendHelper::SetWorkerAttribute(const std::string& name, const AttributeValue& value)
{
    m_workerAttributes.emplace_back(name, value.Copy());
}

void
PortendHelper::SetServerAttribute(const std::string& name, const AttributeValue& value)
{
    m_serverAttributes.emplace_back(name, value.Copy());
}

void
PortendHelper::SetSinkAttribute(const std::string& name, const AttributeValue& value)
{
    m_sinkAttributes.emplace_back(name, value.Copy());
}

void
PortendHelper::Apply(const Ptr<Object>& object, const Attributes& attributes)
{
    for (const auto& [name, value] : attributes)
    {
        object->SetAttribute(name, *value);
    }
}

Ptr<PortendItinerary>
PortendHelper::MakeItinerary() const
{
    auto rules = portend::EstimatorRules::Exact();
    rules.accuracy = m_accuracy;
    const auto shares = portend::EstimateExits(m_model, m_deployment, rules);
    const bool isConditional = m_accuracy == portend::EstimatorRules::Accuracy::CONDITIONAL;
    const auto& partitions = m_deployment.partitions;
    const auto count = partitions.size();

    auto itinerary = Create<PortendItinerary>();
    itinerary->source = m_stream.tiers[m_stream.source].node;
    itinerary->destination = m_stream.tiers[m_stream.destination].node;
    itinerary->priority = m_priority;
    itinerary->weight = m_weight;
    itinerary->deadline = m_deadline;
    itinerary->inputBytes = m_model.GetInputBytes(count);
    itinerary->resultBytes = m_model.GetResultBytes(count);
    for (std::size_t k = 1; k <= count; ++k)
    {
        const auto& partition = partitions[k - 1];
        const auto& tier = m_stream.tiers[partition.tier];
        const auto& device = *tier.device;
        const auto threshold = m_deployment.GetThreshold(k);
        PortendItinerary::Stage stage;
        stage.node = tier.node;
        stage.branch.partition = k;
        stage.branch.block = partition.last;
        stage.branch.threshold = threshold;
        const auto branch = m_model.FindBranch(partition.last, threshold);
        stage.hasBranch = m_model.HasBranch(partition.last);
        stage.branch.exitRate = branch.exitRate;
        stage.branch.accuracy = isConditional && shares[k - 1].exits > 0
                                    ? std::min(1.0, shares[k - 1].correct / shares[k - 1].exits)
                                    : branch.accuracy;
        if (std::isnan(stage.branch.accuracy))
        {
            stage.branch.accuracy = 0; // unknown: whoever counts right answers leaves them out
        }
        auto& computation = m_computations[k];
        if (!computation || !PortendIsConstant(computation))
        {
            computation =
                m_delayModel->MakeDelay(device.GetComputeMs(partition.first, partition.last));
        }
        stage.computationTime = computation;
        for (const auto& [size, repeatsMs] : device.GetBatchMs(partition.first, partition.last))
        {
            stage.batchTimes[size] = m_delayModel->MakeDelay(repeatsMs);
        }
        stage.batchFixedShare = m_stream.GetBatchFixedShare(partition.tier);
        stage.deserializationTime = GetConstantDelay(0);
        stage.serializationTime = GetConstantDelay(0);
        if (k == 1 || partitions[k - 2].tier != partition.tier) // else the tensor is there
        {
            stage.deserializationTime =
                GetConstantDelay(device.GetDeserializeMs(partition.first - 1));
        }
        stage.resultSerializationTime = GetConstantDelay(device.serializeResultMs);
        if (k < count)
        {
            stage.staysOnNode = partitions[k].tier == partition.tier;
            stage.tensorBytes = m_model.GetTensorBytes(partition.last, k, count);
            if (!stage.staysOnNode)
            {
                stage.serializationTime = GetConstantDelay(device.GetSerializeMs(partition.last));
            }
        }
        itinerary->stages.push_back(stage);
    }
    return itinerary;
}

Ptr<RandomVariableStream>
PortendHelper::GetConstantDelay(double ms) const
{
    auto& delay = m_constants[ms];
    if (!delay)
    {
        delay = PortendMakeConstantDelay(ms);
    }
    return delay;
}

Ptr<PortendWorker>
PortendHelper::GetWorker(const NodeContainer& nodes, uint32_t tier, ApplicationContainer& installed)
{
    const auto node = nodes.Get(m_stream.tiers[tier].node);
    auto& worker = m_workers[node];
    if (worker)
    {
        return worker;
    }
    for (uint32_t i = 0; i < node->GetNApplications(); ++i)
    {
        worker = DynamicCast<PortendWorker>(node->GetApplication(i));
        if (worker)
        {
            return worker;
        }
    }
    worker = CreateObject<PortendWorker>();
    const auto& machine = m_stream.GetNode(tier);
    const auto& queue = m_queues[tier];
    // What has its default is left to those of the attributes, which users may set.
    if (machine.servers != 1)
    {
        worker->GetServer()->SetAttribute("Servers", UintegerValue(machine.servers));
    }
    if (machine.computeFactor != 1)
    {
        worker->SetAttribute("ComputationFactor", DoubleValue(machine.computeFactor));
    }
    if (machine.serializationFactor != 1)
    {
        worker->SetAttribute("SerializationFactor", DoubleValue(machine.serializationFactor));
    }
    if (machine.overheadMs != 0)
    {
        worker->SetAttribute("Overhead",
                             TimeValue(NanoSeconds(std::llround(machine.overheadMs * 1e6))));
    }
    if (queue.makeScheduler)
    {
        worker->GetServer()->SetAttribute("Scheduler", PointerValue(queue.makeScheduler()));
    }
    if (queue.limit > 0)
    {
        worker->SetAttribute("QueueLimit", UintegerValue(queue.limit));
        worker->SetAttribute("QueuePolicy", EnumValue(queue.policy));
    }
    if (!queue.deadline.IsZero())
    {
        worker->SetAttribute("Deadline", TimeValue(queue.deadline));
    }
    Apply(worker, m_workerAttributes);
    Apply(worker->GetServer(), m_serverAttributes);
    node->AddApplication(worker);
    installed.Add(worker);
    return worker;
}

ApplicationContainer
PortendHelper::Install(const NodeContainer& nodes)
{
    m_itinerary = MakeItinerary();
    const auto& partitions = m_deployment.partitions;
    const auto& sourceTier = m_stream.tiers[m_stream.source];
    const auto& sinkTier = m_stream.tiers[m_stream.destination];
    const auto setFactor = [&](const Ptr<Application>& application, uint32_t tier) {
        const double factor = m_stream.GetNode(tier).serializationFactor;
        if (factor != 1) // else the attribute's default
        {
            application->SetAttribute("SerializationFactor", DoubleValue(factor));
        }
    };
    auto exitModel = m_exitModel;
    if (!exitModel)
    {
        exitModel = CreateObject<PortendNestedExitModel>();
    }
    auto source = CreateObject<PortendSource>();
    source->SetItinerary(m_itinerary);
    source->SetAttribute("Stream", UintegerValue(m_index));
    source->SetAttribute("Member", UintegerValue(m_member));
    source->SetAttribute("MaxRequests", UintegerValue(m_maxRequests));
    source->SetAttribute("Continue", BooleanValue(m_continues));
    source->SetAttribute("SerializationTime",
                         PointerValue(GetConstantDelay(sourceTier.device->GetSerializeMs(0))));
    source->SetAttribute("ExitModel", PointerValue(exitModel));
    if (m_arrivals)
    {
        source->SetAttribute("Arrivals", PointerValue(m_arrivals));
    }
    if (!m_timeout.IsZero()) // else the attribute's default
    {
        source->SetAttribute("Timeout", TimeValue(m_timeout));
    }
    const auto& first = m_queues[partitions.front().tier];
    if (first.policy == PortendWorker::BLOCK)
    {
        source->SetAttribute("QueueLimit", UintegerValue(first.limit));
    }
    setFactor(source, m_stream.source);
    nodes.Get(sourceTier.node)->AddApplication(source);

    ApplicationContainer applications(source);
    for (const auto& partition : partitions)
    {
        GetWorker(nodes, partition.tier, applications);
    }
    auto sink = CreateObject<PortendSink>();
    sink->SetAttribute("Stream", UintegerValue(m_index));
    sink->SetAttribute("Member", UintegerValue(m_member));
    sink->SetAttribute("DeserializationTime",
                       PointerValue(GetConstantDelay(sinkTier.device->deserializeResultMs)));
    setFactor(sink, m_stream.destination);
    nodes.Get(sinkTier.node)->AddApplication(sink);
    if (m_stream.sharedCore)
    {
        source->SetAttribute(
            "Server",
            PointerValue(GetWorker(nodes, m_stream.source, applications)->GetServer()));
        sink->SetAttribute(
            "Server",
            PointerValue(GetWorker(nodes, m_stream.destination, applications)->GetServer()));
    }
    Apply(source, m_sourceAttributes);
    Apply(sink, m_sinkAttributes);
    applications.Add(sink);
    m_source = source;
    m_sink = sink;
    return applications;
}

int64_t
PortendHelper::AssignStreams(int64_t stream) const
{
    NS_ABORT_MSG_UNLESS(m_itinerary, "nothing was installed");
    auto used = DynamicCast<PortendSource>(m_source)->AssignStreams(stream);
    for (const auto& stage : m_itinerary->stages)
    {
        for (const auto& delay : {stage.deserializationTime,
                                  stage.computationTime,
                                  stage.serializationTime,
                                  stage.resultSerializationTime})
        {
            PortendSetStream(delay, stream + used);
            ++used;
        }
    }
    used += DynamicCast<PortendSink>(m_sink)->AssignStreams(stream + used);
    // Behind the others, which are the same with and without times of batches.
    for (const auto& stage : m_itinerary->stages)
    {
        for (const auto& [size, delay] : stage.batchTimes)
        {
            delay->SetStream(stream + used);
            ++used;
        }
    }
    return used;
}

} // namespace ns3
