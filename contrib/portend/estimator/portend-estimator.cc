/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-estimator.h"

#include "portend-queueing.h"
#include "portend-terms.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace portend
{

namespace
{

/// MTU that the authors' program has built in, bytes.
constexpr double REFERENCE_MTU_BYTES = 9000;

/**
 * @brief Time of some bytes on a link.
 * @param bytes the bytes
 * @param link the link
 * @return milliseconds
 */
double
GetLinkMs(double bytes, const Link& link)
{
    return bytes * 8 * 1e3 / link.bandwidthBps;
}

/**
 * @brief Get the MTU of a link.
 * @param link the link
 * @param packets has the MTU of links without their own
 * @return bytes
 */
uint32_t
GetMtu(const Link& link, const PacketFormat& packets)
{
    return link.mtuBytes > 0 ? link.mtuBytes : packets.mtuBytes;
}

/**
 * @brief Get how messages become packets where a path begins.
 * @param path links in the order of travel, at least one
 * @param packets has the MTU of links without their own
 * @return the same, with the MTU of the first link
 */
PacketFormat
GetFormatSent(const std::vector<Link>& path, const PacketFormat& packets)
{
    auto format = packets;
    format.mtuBytes = GetMtu(path.front(), packets);
    return format;
}

/**
 * @brief Get the MTUs of a path.
 * @param path links in the order of travel
 * @param packets has the MTU of links without their own
 * @return bytes by link
 */
std::vector<uint32_t>
GetMtus(const std::vector<Link>& path, const PacketFormat& packets)
{
    std::vector<uint32_t> mtus;
    for (const auto& link : path)
    {
        mtus.push_back(GetMtu(link, packets));
    }
    return mtus;
}

/**
 * @brief The paper's transmission time: full packets that pipeline over the hops.
 * @param bytes size of the message
 * @param path links in the order of travel, at least one
 * @param packets how messages become packets
 * @return milliseconds
 */
double
GetPaperTransmissionMs(uint64_t bytes, const std::vector<Link>& path, const PacketFormat& packets)
{
    const auto fragments = std::ceil(static_cast<double>(bytes) / packets.mtuBytes);
    double once = 0;
    double slowest = 0;
    for (const auto& link : path)
    {
        const double packetMs = GetLinkMs(packets.mtuBytes, link);
        once += packetMs;
        slowest = std::max(slowest, packetMs);
    }
    return (fragments - 1) * slowest + once;
}

/**
 * @brief The transmission time of the authors' program (add_estimated_communication).
 *
 * A message of more than one packet pipelines over two hops or more, without rounding up to
 * whole packets, and every link as slow as the slowest is counted once only.
 *
 * @param bytes size of the message
 * @param path links in the order of travel, at least one
 * @return milliseconds
 */
double
GetReferenceTransmissionMs(uint64_t bytes, const std::vector<Link>& path)
{
    const auto size = static_cast<double>(bytes);
    if (path.size() < 2 || size <= REFERENCE_MTU_BYTES)
    {
        double sum = 0;
        for (const auto& link : path)
        {
            sum += GetLinkMs(size, link);
        }
        return sum;
    }
    double slowest = 0;
    for (const auto& link : path)
    {
        slowest = std::max(slowest, GetLinkMs(REFERENCE_MTU_BYTES, link));
    }
    double sum = size / REFERENCE_MTU_BYTES * slowest;
    for (const auto& link : path)
    {
        const double packetMs = GetLinkMs(REFERENCE_MTU_BYTES, link);
        sum += packetMs == slowest ? 0 : packetMs;
    }
    return sum;
}

} // namespace

const std::array<const char*, 7> Components::NAMES{
    "wait",
    "deserialization",
    "computation",
    "serialization",
    "propagation",
    "transmission",
    "network_excess",
};

std::array<double, 7>
Components::GetValues() const
{
    return {waitMs,
            deserializationMs,
            computationMs,
            serializationMs,
            propagationMs,
            transmissionMs,
            networkExcessMs};
}

double
Components::GetTotal() const
{
    return waitMs + deserializationMs + computationMs + serializationMs + propagationMs +
           transmissionMs + networkExcessMs;
}

void
Components::Add(const Components& other, double weight)
{
    waitMs += weight * other.waitMs;
    deserializationMs += weight * other.deserializationMs;
    computationMs += weight * other.computationMs;
    serializationMs += weight * other.serializationMs;
    propagationMs += weight * other.propagationMs;
    transmissionMs += weight * other.transmissionMs;
    networkExcessMs += weight * other.networkExcessMs;
}

EstimatorRules
EstimatorRules::Exact()
{
    return {};
}

EstimatorRules
EstimatorRules::Paper()
{
    EstimatorRules rules;
    rules.name = "paper";
    rules.transmission = Transmission::FULL_PACKETS;
    rules.monotoneExits = false;
    rules.sharedTiers = false;
    return rules;
}

EstimatorRules
EstimatorRules::ReferenceCode()
{
    EstimatorRules rules;
    rules.name = "reference-code";
    rules.repeats = Repeats::MAXIMUM;
    rules.lastExit = LastExit::TAKES_REST_IF_SHORT;
    rules.transmission = Transmission::REFERENCE_CODE;
    rules.roundRates = true;
    rules.monotoneExits = false;
    rules.resultCodec = false;
    rules.sharedTiers = false;
    return rules;
}

EstimatorRules
EstimatorRules::Queueing()
{
    EstimatorRules rules;
    rules.name = "queueing";
    rules.waiting = true;
    return rules;
}

void
EstimatorRules::Require(const Deployment& deployment) const
{
    if (!sharedTiers && deployment.SharesTiers())
    {
        throw InputError("/deployment",
                         "'" + deployment.ToString() +
                             "': partitions share a tier, and the rules " + name +
                             " know one a tier; allowed: rules exact or queueing");
    }
}

std::vector<EstimatorRules>
EstimatorRules::GetAll()
{
    return {Paper(), ReferenceCode(), Exact(), Queueing()};
}

EstimatorRules
EstimatorRules::FromName(const std::string& name)
{
    for (const auto& rules : GetAll())
    {
        if (rules.name == name)
        {
            return rules;
        }
    }
    throw InputError("/rules",
                     "found " + Quote(name) + "; allowed: paper, reference-code, exact, queueing");
}

EstimatorRules::Accuracy
EstimatorRules::AccuracyFromName(const std::string& name)
{
    if (name == "paper")
    {
        return Accuracy::PAPER;
    }
    if (name == "conditional")
    {
        return Accuracy::CONDITIONAL;
    }
    throw InputError("/accuracy", "found " + Quote(name) + "; allowed: paper, conditional");
}

double
Estimate::GetLatencyMs() const
{
    return components.GetTotal();
}

double
SummarizeRepeats(const std::vector<double>& repeatsMs, EstimatorRules::Repeats repeats)
{
    switch (repeats)
    {
    case EstimatorRules::Repeats::MAXIMUM:
        return *std::max_element(repeatsMs.begin(), repeatsMs.end());
    case EstimatorRules::Repeats::MEDIAN: {
        auto sorted = repeatsMs;
        std::sort(sorted.begin(), sorted.end());
        const auto half = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
    case EstimatorRules::Repeats::MEAN:
        break;
    }
    return std::accumulate(repeatsMs.begin(), repeatsMs.end(), 0.0) / repeatsMs.size();
}

double
GetRepeatsVariance(const std::vector<double>& repeatsMs, EstimatorRules::Variance variance)
{
    using Variance = EstimatorRules::Variance;
    if (variance == Variance::NONE || repeatsMs.size() < 2)
    {
        return 0;
    }
    const double meanMs = SummarizeRepeats(repeatsMs, EstimatorRules::Repeats::MEAN);
    double squares = 0;
    for (const double repeatMs : repeatsMs)
    {
        squares += (repeatMs - meanMs) * (repeatMs - meanMs);
    }
    const auto count = repeatsMs.size() - (variance == Variance::OF_SAMPLE ? 1 : 0);
    return squares / static_cast<double>(count);
}

std::vector<ExitShare>
EstimateExits(const ModelProfile& model, const Deployment& deployment, const EstimatorRules& rules)
{
    const Stream anywhere; // exits do not depend on it
    const Terms terms(model, anywhere, rules);
    const auto count = deployment.partitions.size();
    std::vector<ExitShare> shares;
    ExitState state;
    for (std::size_t k = 1; k <= count; ++k)
    {
        const auto branch =
            model.FindBranch(deployment.partitions[k - 1].last, deployment.GetThreshold(k));
        shares.push_back(k < count ? terms.PassBranch(state, branch)
                                   : terms.PassLastBranch(state, branch));
    }
    return shares;
}

std::vector<double>
EstimateExitRates(const ModelProfile& model,
                  const Deployment& deployment,
                  const EstimatorRules& rules)
{
    std::vector<double> exitRates;
    for (const auto& share : EstimateExits(model, deployment, rules))
    {
        exitRates.push_back(share.exits);
    }
    return exitRates;
}

std::vector<uint64_t>
EstimateLinkBytes(uint64_t bytes, const std::vector<Link>& path, const PacketFormat& packets)
{
    if (path.empty())
    {
        return {};
    }
    const auto format = GetFormatSent(path, packets);
    const auto message = format.GetPackets(bytes);
    const auto mtus = GetMtus(path, packets);
    if (!IsCut(message.GetLargestBytes(), mtus))
    {
        return std::vector<uint64_t>(path.size(), format.GetLinkBytes(bytes));
    }
    std::vector<uint64_t> linkBytes(path.size(), 0);
    const auto count = [&](std::size_t link, uint32_t piece, int now) {
        linkBytes[link] += piece + packets.framingBytes;
        return now; // it does not matter when
    };
    for (uint64_t i = 1; i < message.count; ++i)
    {
        FollowPacket(message.fullBytes, 0, mtus, count);
    }
    FollowPacket(message.lastBytes, 0, mtus, count);
    return linkBytes;
}

double
EstimateTransmissionMs(uint64_t bytes,
                       const std::vector<Link>& path,
                       const PacketFormat& packets,
                       EstimatorRules::Transmission transmission)
{
    if (path.empty())
    {
        return 0;
    }
    const auto format = GetFormatSent(path, packets);
    switch (transmission)
    {
    case EstimatorRules::Transmission::FULL_PACKETS:
        return GetPaperTransmissionMs(bytes, path, format);
    case EstimatorRules::Transmission::REFERENCE_CODE:
        return GetReferenceTransmissionMs(bytes, path);
    case EstimatorRules::Transmission::EXACT_PACKETS:
        break;
    }
    return GetTransmissionTime<double>(
        format.GetPackets(bytes),
        GetMtus(path, packets),
        [&](std::size_t link, uint32_t packet) {
            return GetLinkMs(static_cast<double>(packet) + packets.framingBytes, path[link]);
        });
}

Estimate
EstimateDeployment(const ModelProfile& model,
                   const Stream& stream,
                   const Deployment& deployment,
                   const EstimatorRules& rules)
{
    stream.Validate(model.blocks);
    deployment.Validate(stream.tiers.size(), model);
    rules.Require(deployment);
    const Terms terms(model, stream, rules);

    const auto& partitions = deployment.partitions;
    const auto count = partitions.size();
    Estimate estimate;
    Components soFar = terms.GetInput(count, partitions[0].tier);
    estimate.components = soFar;
    estimate.energy = terms.GetInputEnergy(count, partitions[0].tier);
    estimate.messageBytes.push_back(model.GetInputBytes(count));

    ExitState state;
    for (std::size_t k = 1; k <= count; ++k)
    {
        const auto& partition = partitions[k - 1];
        const auto branch = model.FindBranch(partition.last, deployment.GetThreshold(k));
        const auto share =
            k < count ? terms.PassBranch(state, branch) : terms.PassLastBranch(state, branch);
        estimate.exitRates.push_back(share.exits);
        estimate.stayRates.push_back(share.stays);
        estimate.correctRates.push_back(share.correct);
        estimate.accuracy += share.correct;

        const auto arrival = terms.GetArrival(partition.tier,
                                              partition.first,
                                              partition.last,
                                              deployment.Continues(k));
        estimate.components.Add(arrival, share.stays + share.exits);
        estimate.energy.Add(terms.GetArrivalEnergy(partition.tier, arrival),
                            share.stays + share.exits);
        soFar.Add(arrival);

        const auto exit = terms.GetExit(count, partition.tier);
        estimate.components.Add(exit, share.exits);
        estimate.energy.Add(terms.GetExitEnergy(count, partition.tier), share.exits);
        estimate.exitClass.push_back(soFar);
        estimate.exitClass.back().Add(exit);

        if (k < count)
        {
            const auto forward =
                terms.GetForward(count, k, partition.last, partition.tier, partitions[k].tier);
            estimate.components.Add(forward, share.stays);
            estimate.energy.Add(terms.GetForwardEnergy(count,
                                                       k,
                                                       partition.last,
                                                       partition.tier,
                                                       partitions[k].tier),
                                share.stays);
            soFar.Add(forward);
            estimate.messageBytes.push_back(
                deployment.Continues(k + 1) ? 0 : model.GetTensorBytes(partition.last, k, count));
        }
    }
    estimate.messageBytes.push_back(model.GetResultBytes(count));
    if (rules.waiting)
    {
        QueueingNetwork(model, stream, deployment, rules).AddWaits(0, estimate);
    }
    return estimate;
}

} // namespace portend
