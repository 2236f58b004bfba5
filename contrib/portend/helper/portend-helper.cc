/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-helper.h"

#include "ns3/abort.h"
#include "ns3/boolean.h"
#include "ns3/data-rate.h"
#include "ns3/double.h"
#include "ns3/enum.h"
#include "ns3/node.h"
#include "ns3/pointer.h"
#include "ns3/portend-server.h"
#include "ns3/portend-sink.h"
#include "ns3/portend-source.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <string>
#include <utility>

namespace ns3
{

PortendHelper::PortendHelper(const portend::ModelProfile& model,
                             const portend::Stream& stream,
                             const portend::Deployment& deployment)
    : m_maker(std::make_shared<portend::ModelProfile>(model), stream),
      m_deployment(deployment),
      m_queues(stream.tiers.size())
{
    stream.Validate(model.blocks);
    deployment.Validate(stream.tiers.size(), model);
    portend::EstimateExitRates(model, deployment, {}); // refuses thresholds not profiled
}

void
PortendHelper::SetDelayModel(Ptr<PortendDelayModel> delayModel)
{
    m_maker.options.delayModel = delayModel;
}

void
PortendHelper::SetExitModel(Ptr<PortendExitModel> exitModel)
{
    m_exitModel = exitModel;
}

void
PortendHelper::SetAccuracy(portend::EstimatorRules::Accuracy accuracy)
{
    m_maker.options.accuracy = accuracy;
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
    m_maker.SetTierNodes(nodes);
}

void
PortendHelper::SetService(uint32_t priority, double weight, Time deadline)
{
    NS_ABORT_MSG_UNLESS(weight > 0, "a weight is above 0");
    m_maker.options.priority = priority;
    m_maker.options.weight = weight;
    m_maker.options.deadline = deadline;
}

void
PortendHelper::SetController(Ptr<PortendController> controller,
                             const portend::EstimatorRules& rules)
{
    m_controller = controller;
    m_rules = rules;
}

void
PortendHelper::SetRooms(const std::vector<portend::MemoryRoom>& rooms)
{
    m_rooms = rooms;
}

void
PortendHelper::SetBandwidths(LinkBandwidths now, LinkBandwidths mean)
{
    m_bandwidths = std::move(now);
    m_meanBandwidths = std::move(mean);
}

void
PortendHelper::SetFallback(Time fallback)
{
    m_maker.options.fallback = fallback;
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
PortendHelper::MakeItinerary()
{
    return m_maker.Make(m_deployment);
}

portend::Deployment
PortendHelper::BeginControl(const Ptr<Application>& source)
{
    const auto maker = std::make_shared<PortendItineraryMaker>(m_maker);
    m_ownMaker = maker;
    const auto owner = PeekPointer(DynamicCast<PortendSource>(source)); // it has the controller
    const auto* const controller = PeekPointer(m_controller);
    PortendControllerView view;
    std::vector<uint32_t> links;
    view.model = maker->GetModel();
    view.stream = maker->GetStream().Isolate(links);
    view.rules = m_rules;
    view.first = m_deployment;
    for (uint32_t tier = 0; tier < view.stream.tiers.size(); ++tier)
    {
        const auto& node = view.stream.GetNode(tier);
        if (node.memoryBytes > 0 || node.loadBps > 0)
        {
            view.model->RequireMemory();
        }
    }
    view.rooms = m_rooms ? *m_rooms : portend::GetRooms(view.stream);
    const auto ask = [&links](const LinkBandwidths& bandwidths) -> PortendController::Bandwidths {
        if (!bandwidths)
        {
            return {};
        }
        return [links, bandwidths](uint32_t link) {
            return bandwidths(links[link] / 2, links[link] % 2 == 0);
        };
    };
    m_controller->SetBandwidths(ask(m_bandwidths), ask(m_meanBandwidths));
    const auto deploy = [maker, owner, controller](const portend::Deployment& deployment,
                                                   uint32_t epoch) {
        owner->SetItinerary(MakeItinerary(*maker, deployment, *controller, epoch));
    };
    return m_controller->Begin(view, deploy);
}

Ptr<PortendItinerary>
PortendHelper::MakeItinerary(PortendItineraryMaker& maker,
                             const portend::Deployment& deployment,
                             const PortendController& controller,
                             uint32_t epoch)
{
    auto itinerary = maker.Make(deployment);
    itinerary->epoch = epoch;
    itinerary->isControlled = true;
    itinerary->loadingTime = controller.GetSwitchTime();
    itinerary->resident = controller.GetResident();
    itinerary->model = maker.GetModel();
    return itinerary;
}

Ptr<PortendWorker>
PortendHelper::GetWorker(const NodeContainer& nodes, uint32_t tier, ApplicationContainer& installed)
{
    const auto node = nodes.Get(m_maker.GetStream().tiers[tier].node);
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
    const auto& machine = m_maker.GetStream().GetNode(tier);
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
    if (machine.memoryBytes > 0)
    {
        worker->SetAttribute("Memory", UintegerValue(machine.memoryBytes));
    }
    if (machine.loadBps > 0)
    {
        worker->SetAttribute("LoadBandwidth",
                             DataRateValue(DataRate(static_cast<uint64_t>(machine.loadBps))));
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
    const auto& stream = m_maker.GetStream();
    const auto& sourceTier = stream.tiers[stream.source];
    const auto& sinkTier = stream.tiers[stream.destination];
    m_maker.Forget();
    m_ownMaker = nullptr;
    const auto setFactor = [&](const Ptr<Application>& application, uint32_t tier) {
        const double factor = stream.GetNode(tier).serializationFactor;
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
    const auto deployment = m_controller ? BeginControl(source) : m_deployment;
    m_itinerary = m_controller ? MakeItinerary(*m_ownMaker, deployment, *m_controller, 0)
                               : m_maker.Make(deployment);
    source->SetItinerary(m_itinerary);
    source->SetAttribute("Stream", UintegerValue(m_index));
    source->SetAttribute("Member", UintegerValue(m_member));
    source->SetAttribute("MaxRequests", UintegerValue(m_maxRequests));
    source->SetAttribute("Continue", BooleanValue(m_continues));
    source->SetAttribute(
        "SerializationTime",
        PointerValue(m_maker.GetConstantDelay(sourceTier.device->GetSerializeMs(0))));
    source->SetAttribute("ExitModel", PointerValue(exitModel));
    if (m_controller)
    {
        source->SetAttribute("Controller", PointerValue(m_controller));
    }
    if (m_arrivals)
    {
        source->SetAttribute("Arrivals", PointerValue(m_arrivals));
    }
    if (!m_timeout.IsZero()) // else the attribute's default
    {
        source->SetAttribute("Timeout", TimeValue(m_timeout));
    }
    const auto& first = m_queues[deployment.partitions.front().tier];
    if (first.policy == PortendWorker::BLOCK)
    {
        source->SetAttribute("QueueLimit", UintegerValue(first.limit));
    }
    setFactor(source, stream.source);
    nodes.Get(sourceTier.node)->AddApplication(source);

    ApplicationContainer applications(source);
    for (const auto& stage : m_itinerary->stages)
    {
        const auto worker = GetWorker(nodes, stage.tier, applications);
        const bool isBounded = stream.GetNode(stage.tier).memoryBytes > 0;
        if (m_controller || isBounded)
        {
            if (isBounded)
            {
                m_maker.GetModel()->RequireMemory();
            }
            worker->Keep(m_index,
                         m_maker.GetModel(),
                         stage.firstBlock,
                         stage.lastBlock,
                         !m_controller);
        }
    }
    for (uint32_t tier = 0; m_controller && tier < stream.tiers.size(); ++tier)
    {
        GetWorker(nodes, tier, applications); // it may go there
    }
    auto sink = CreateObject<PortendSink>();
    sink->SetAttribute("Stream", UintegerValue(m_index));
    sink->SetAttribute("Member", UintegerValue(m_member));
    sink->SetAttribute(
        "DeserializationTime",
        PointerValue(m_maker.GetConstantDelay(sinkTier.device->deserializeResultMs)));
    setFactor(sink, stream.destination);
    nodes.Get(sinkTier.node)->AddApplication(sink);
    if (stream.sharedCore)
    {
        source->SetAttribute(
            "Server",
            PointerValue(GetWorker(nodes, stream.source, applications)->GetServer()));
        sink->SetAttribute(
            "Server",
            PointerValue(GetWorker(nodes, stream.destination, applications)->GetServer()));
    }
    Apply(source, m_sourceAttributes);
    Apply(sink, m_sinkAttributes);
    applications.Add(sink);
    m_source = source;
    m_sink = sink;
    m_controller = nullptr; // it is this member's
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
    if (m_ownMaker)
    {
        m_ownMaker->SetFirstVariable(stream);
    }
    return used;
}

} // namespace ns3
