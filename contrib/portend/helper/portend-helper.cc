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

namespace
{

/**
 * @brief Make a constant delay.
 * @param ms milliseconds
 * @return the delay in seconds, as attributes have it
 */
Ptr<RandomVariableStream>
Constant(double ms)
{
    auto delay = CreateObject<ConstantRandomVariable>();
    delay->SetAttribute("Constant", DoubleValue(ms * 1e-3));
    return delay;
}

/**
 * @brief Make a delay that is one of some values, each as likely.
 * @param valuesMs milliseconds
 * @return the delay in seconds
 */
Ptr<RandomVariableStream>
OneOf(std::vector<double> valuesMs)
{
    std::sort(valuesMs.begin(), valuesMs.end());
    auto delay = CreateObject<EmpiricalRandomVariable>();
    for (std::size_t i = 0; i < valuesMs.size(); ++i)
    {
        // Exactly 1 at the end, as EmpiricalRandomVariable requires.
        delay->CDF(valuesMs[i] * 1e-3, static_cast<double>(i + 1) / valuesMs.size());
    }
    return delay;
}

/**
 * @brief Make a gamma-distributed delay of a mean and a variance.
 * @param meanMs mean, milliseconds
 * @param varianceMs2 variance, milliseconds squared, above 0
 * @return the delay in seconds
 */
Ptr<RandomVariableStream>
Gamma(double meanMs, double varianceMs2)
{
    auto delay = CreateObject<GammaRandomVariable>();
    delay->SetAttribute("Alpha", DoubleValue(meanMs * meanMs / varianceMs2));
    delay->SetAttribute("Beta", DoubleValue(varianceMs2 / meanMs * 1e-3));
    return delay;
}

} // namespace

PortendHelper::Compute
PortendHelper::ComputeFromName(const std::string& name)
{
    const std::vector<std::string> names{"mean", "median", "max", "empirical", "gamma"};
    const auto it = std::find(names.begin(), names.end(), name);
    if (it == names.end())
    {
        throw portend::InputError("/compute",
                                  "found " + portend::Quote(name) +
                                      "; allowed: mean, median, max, empirical, gamma");
    }
    return static_cast<Compute>(it - names.begin());
}

PortendHelper::PortendHelper(const portend::ModelProfile& model,
                             const portend::Stream& stream,
                             const portend::Deployment& deployment)
    : m_model(model),
      m_stream(stream),
      m_deployment(deployment),
      m_queues(stream.tiers.size())
{
    stream.Validate(model.blocks);
    deployment.Validate(stream.tiers.size(), model);
    portend::EstimateExitRates(model, deployment, {}); // refuses thresholds not profiled
}

void
PortendHelper::SetCompute(Compute compute)
{
    m_compute = compute;
}

void
PortendHelper::SetExitModel(Ptr<PortendExitModel> exitModel)
{
    m_exitModel = exitModel;
}

void
PortendHelper::ConfigureExitModel(Ptr<PortendRateExitModel> exitModel,
                                  portend::EstimatorRules::Accuracy accuracy) const
{
    auto rules = portend::EstimatorRules::Exact();
    rules.accuracy = accuracy;
    const auto shares = portend::EstimateExits(m_model, m_deployment, rules);
    std::vector<double> exitRates;
    std::vector<double> accuracies;
    for (std::size_t k = 0; k < m_deployment.partitions.size(); ++k)
    {
        const auto branch =
            m_model.FindBranch(m_deployment.partitions[k].last, m_deployment.GetThreshold(k + 1));
        exitRates.push_back(branch.exitRate);
        const bool isConditional = accuracy == portend::EstimatorRules::Accuracy::CONDITIONAL;
        accuracies.push_back(isConditional && shares[k].exits > 0
                                 ? std::min(1.0, shares[k].correct / shares[k].exits)
                                 : branch.accuracy);
        if (std::isnan(accuracies.back()))
        {
            accuracies.back() = 0; // unknown: whoever counts right answers leaves them out
        }
    }
    exitModel->SetBranches(exitRates, accuracies);
}

void
PortendHelper::SetArrivals(Ptr<RandomVariableStream> interval)
{
    m_interval = interval;
}

void
PortendHelper::SetArrivals(const std::vector<Time>& times)
{
    m_arrivalTimes = times;
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
PortendHelper::SetBursts(Ptr<RandomVariableStream> onTime, Ptr<RandomVariableStream> offTime)
{
    m_onTime = onTime;
    m_offTime = offTime;
}

void
PortendHelper::SetQueue(uint32_t tier, const Queue& queue)
{
    m_queues.at(tier) = queue;
}

Ptr<RandomVariableStream>
PortendHelper::GetComputationTime(const std::vector<double>& repeatsMs) const
{
    using Repeats = portend::EstimatorRules::Repeats;
    const double meanMs = portend::SummarizeRepeats(repeatsMs, Repeats::MEAN);
    switch (m_compute)
    {
    case MEDIAN:
        return Constant(portend::SummarizeRepeats(repeatsMs, Repeats::MEDIAN));
    case MAX:
        return Constant(portend::SummarizeRepeats(repeatsMs, Repeats::MAXIMUM));
    case EMPIRICAL:
        return OneOf(repeatsMs);
    case GAMMA: {
        using Variance = portend::EstimatorRules::Variance;
        const double varianceMs2 = portend::GetRepeatsVariance(repeatsMs, Variance::OF_SAMPLE);
        if (varianceMs2 > 0)
        {
            return Gamma(meanMs, varianceMs2);
        }
        break;
    }
    case MEAN:
        break;
    }
    return Constant(meanMs);
}

ApplicationContainer
PortendHelper::Install(NodeContainer nodes) const
{
    NS_ABORT_MSG_IF(nodes.GetN() != m_stream.tiers.size(), "one node for each tier");
    if (m_deployment.SharesTiers())
    {
        throw portend::InputError("/deployment",
                                  "'" + m_deployment.ToString() +
                                      "': partitions that share a tier are estimated, not "
                                      "simulated; allowed: one partition on each tier");
    }
    const auto& partitions = m_deployment.partitions;
    const auto count = partitions.size();
    const auto resultBytes = m_model.GetResultBytes(count);

    std::vector<Ptr<PortendServer>> servers;
    for (uint32_t tier = 0; tier < nodes.GetN(); ++tier)
    {
        servers.push_back(CreateObject<PortendServer>());
        const auto count = m_stream.GetNode(tier).servers;
        if (count != 1) // else the attribute's default, which users may set
        {
            servers.back()->SetAttribute("Servers", UintegerValue(count));
        }
    }
    ApplicationContainer applications;
    const auto install = [&](Ptr<Application> application, uint32_t tier, bool sharesServer) {
        const double factor = m_stream.GetNode(tier).serializationFactor;
        if (factor != 1) // else the attribute's default
        {
            application->SetAttribute("SerializationFactor", DoubleValue(factor));
        }
        if (sharesServer)
        {
            application->SetAttribute("Server", PointerValue(servers[tier]));
        }
        nodes.Get(tier)->AddApplication(application);
        applications.Add(application);
    };

    auto exitModel = m_exitModel;
    if (!exitModel)
    {
        auto nested = CreateObject<PortendNestedExitModel>();
        ConfigureExitModel(nested);
        exitModel = nested;
    }
    auto source = CreateObject<PortendSource>();
    source->SetAttribute("InputBytes", UintegerValue(m_model.GetInputBytes(count)));
    source->SetAttribute("FirstTier", UintegerValue(partitions.front().tier));
    source->SetAttribute("MaxRequests", UintegerValue(m_maxRequests));
    source->SetAttribute(
        "SerializationTime",
        PointerValue(Constant(m_stream.tiers[m_stream.source].device->GetSerializeMs(0))));
    if (!m_timeout.IsZero()) // else the attribute's default
    {
        source->SetAttribute("Timeout", TimeValue(m_timeout));
    }
    if (m_interval)
    {
        source->SetAttribute("Interval", PointerValue(m_interval));
    }
    if (m_onTime)
    {
        source->SetAttribute("OnTime", PointerValue(m_onTime));
        source->SetAttribute("OffTime", PointerValue(m_offTime));
    }
    source->SetAttribute("ExitModel", PointerValue(exitModel));
    source->SetArrivalTimes(m_arrivalTimes);
    install(source, m_stream.source, m_stream.sharedCore);

    Ptr<PortendTier> before;
    for (std::size_t k = 1; k <= count; ++k)
    {
        const auto& partition = partitions[k - 1];
        const auto& device = *m_stream.tiers[partition.tier].device;
        auto tier = CreateObject<PortendTier>();
        tier->SetAttribute("Partition", UintegerValue(k));
        tier->SetAttribute("Destination", UintegerValue(m_stream.destination));
        tier->SetAttribute("ResultBytes", UintegerValue(resultBytes));
        const double factor = m_stream.GetNode(partition.tier).computeFactor;
        if (factor != 1) // else the attribute's default
        {
            tier->SetAttribute("ComputationFactor", DoubleValue(factor));
        }
        const double overheadMs = m_stream.GetNode(partition.tier).overheadMs;
        if (overheadMs != 0) // else the attribute's default
        {
            tier->SetAttribute("Overhead", TimeValue(NanoSeconds(std::llround(overheadMs * 1e6))));
        }
        tier->SetAttribute(
            "ComputationTime",
            PointerValue(GetComputationTime(device.GetComputeMs(partition.first, partition.last))));
        tier->SetAttribute("DeserializationTime",
                           PointerValue(Constant(device.GetDeserializeMs(partition.first - 1))));
        tier->SetAttribute("ResultSerializationTime",
                           PointerValue(Constant(device.serializeResultMs)));
        if (k < count)
        {
            tier->SetAttribute("NextTier", UintegerValue(partitions[k].tier));
            tier->SetAttribute("TensorBytes",
                               UintegerValue(m_model.GetTensorBytes(partition.last, k, count)));
            tier->SetAttribute("SerializationTime",
                               PointerValue(Constant(device.GetSerializeMs(partition.last))));
        }
        install(tier, partition.tier, true);

        const auto& queue = m_queues[partition.tier];
        if (queue.limit > 0) // else the attributes' defaults
        {
            tier->SetAttribute("QueueLimit", UintegerValue(queue.limit));
            tier->SetAttribute("QueuePolicy", EnumValue(queue.policy));
        }
        if (!queue.deadline.IsZero())
        {
            tier->SetAttribute("Deadline", TimeValue(queue.deadline));
        }
        if (before)
        {
            before->SetNext(tier);
        }
        else
        {
            source->SetNext(tier);
            if (queue.policy == PortendTier::BLOCK)
            {
                source->SetAttribute("QueueLimit", UintegerValue(queue.limit));
            }
        }
        before = tier;
        for (const auto* lost : {"QueueDrop", "DeadlineDrop"})
        {
            tier->TraceConnectWithoutContext(lost,
                                             MakeCallback(&PortendSource::RequestLost, source));
        }
    }

    auto sink = CreateObject<PortendSink>();
    sink->SetAttribute(
        "DeserializationTime",
        PointerValue(Constant(m_stream.tiers[m_stream.destination].device->deserializeResultMs)));
    install(sink, m_stream.destination, m_stream.sharedCore);
    sink->TraceConnectWithoutContext("RequestCompleted",
                                     MakeCallback(&PortendSource::RequestCompleted, source));
    return applications;
}

int64_t
PortendHelper::AssignStreams(ApplicationContainer applications, int64_t stream)
{
    int64_t used = 0;
    for (auto it = applications.Begin(); it != applications.End(); ++it)
    {
        if (auto source = DynamicCast<PortendSource>(*it))
        {
            used += source->AssignStreams(stream + used);
        }
        else if (auto tier = DynamicCast<PortendTier>(*it))
        {
            used += tier->AssignStreams(stream + used);
        }
        else if (auto sink = DynamicCast<PortendSink>(*it))
        {
            used += sink->AssignStreams(stream + used);
        }
    }
    return used;
}

} // namespace ns3
