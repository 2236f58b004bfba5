/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-terms.h"

#include <algorithm>
#include <cmath>

namespace portend
{

namespace
{

/**
 * @brief Round as the authors' program does.
 * @param value the value
 * @param scale 10^decimals
 * @return the rounded value
 */
double
Round(double value, double scale)
{
    return std::nearbyint(value * scale) / scale;
}

} // namespace

Terms::Terms(const ModelProfile& model, const Stream& stream, const EstimatorRules& rules)
    : m_model(model),
      m_stream(stream),
      m_rules(rules)
{
    if (rules.accuracy == EstimatorRules::Accuracy::CONDITIONAL &&
        model.validation.correctRates.empty())
    {
        throw InputError("/" + model.validation.split + "/correct_rates",
                         "conditional accuracy needs the share of samples that exit and are "
                         "right; profile " +
                             model.name + " has none");
    }
}

Components
Terms::GetWay(uint64_t bytes, uint32_t from, uint32_t to) const
{
    Components way;
    const auto path = m_stream.GetLinks(from, to);
    for (const auto& link : path)
    {
        way.propagationMs += link.delayMs;
    }
    way.transmissionMs =
        EstimateTransmissionMs(bytes, path, m_stream.network->GetPackets(), m_rules.transmission);
    return way;
}

Components
Terms::GetInput(std::size_t partitions, uint32_t tier) const
{
    auto input = GetWay(m_model.GetInputBytes(partitions), m_stream.source, tier);
    input.serializationMs = m_stream.tiers[m_stream.source].device->GetSerializeMs(0) *
                            m_stream.GetNode(m_stream.source).serializationFactor;
    return input;
}

Components
Terms::GetArrival(uint32_t tier, uint32_t first, uint32_t last, bool continues) const
{
    const auto& device = *m_stream.tiers[tier].device;
    const auto& node = m_stream.GetNode(tier);
    Components arrival;
    arrival.computationMs = GetComputationMs(tier, first, last, 1);
    if (!continues)
    {
        arrival.deserializationMs = device.GetDeserializeMs(first - 1) * node.serializationFactor;
        arrival.computationMs += node.overheadMs;
    }
    return arrival;
}

double
Terms::GetComputationMs(uint32_t tier, uint32_t first, uint32_t last, std::size_t size) const
{
    const auto& device = *m_stream.tiers[tier].device;
    const auto summarize = [this](const std::vector<double>& repeatsMs) {
        return SummarizeRepeats(repeatsMs, m_rules.repeats);
    };
    const auto getAlone = [&]() { return summarize(device.GetComputeMs(first, last)); };
    const auto& batchMs = device.GetBatchMs(first, last);
    const double ms = size > 1 && !batchMs.empty()
                          ? InterpolateBatch(batchMs, size, getAlone, summarize)
                          : getAlone() * ScaleBatch(m_stream.GetBatchFixedShare(tier), size);
    return ms * m_stream.GetNode(tier).computeFactor;
}

double
Terms::GetComputationVariance(uint32_t tier, uint32_t first, uint32_t last, std::size_t size) const
{
    const auto& device = *m_stream.tiers[tier].device;
    const double factor = m_stream.GetNode(tier).computeFactor;
    const auto getVariance = [this](const std::vector<double>& repeatsMs) {
        return GetRepeatsVariance(repeatsMs, m_rules.variance);
    };
    const double variance = getVariance(device.GetComputeMs(first, last));
    const auto& batchMs = device.GetBatchMs(first, last);
    if (size == 1 || batchMs.empty())
    {
        // Of the mean of what is drawn for each.
        const double scale = ScaleBatch(m_stream.GetBatchFixedShare(tier), size);
        return variance / size * scale * scale * factor * factor;
    }
    const double deviation = InterpolateBatch(
        batchMs,
        size,
        [&]() { return std::sqrt(variance); },
        [&](const auto& repeatsMs) { return std::sqrt(getVariance(repeatsMs)); });
    return deviation * deviation * factor * factor;
}

Components
Terms::GetForward(std::size_t partitions,
                  std::size_t partition,
                  uint32_t cut,
                  uint32_t from,
                  uint32_t to) const
{
    if (from == to)
    {
        return {};
    }
    auto forward = GetWay(m_model.GetTensorBytes(cut, partition, partitions), from, to);
    forward.serializationMs = m_stream.tiers[from].device->GetSerializeMs(cut) *
                              m_stream.GetNode(from).serializationFactor;
    return forward;
}

Components
Terms::GetExit(std::size_t partitions, uint32_t tier) const
{
    const auto to = m_stream.destination;
    auto exit = GetWay(m_model.GetResultBytes(partitions), tier, to);
    if (m_rules.resultCodec)
    {
        exit.serializationMs = m_stream.tiers[tier].device->serializeResultMs *
                               m_stream.GetNode(tier).serializationFactor;
        exit.deserializationMs = m_stream.tiers[to].device->deserializeResultMs *
                                 m_stream.GetNode(to).serializationFactor;
    }
    return exit;
}

Energy
Terms::GetWayEnergy(uint64_t bytes, uint32_t from, uint32_t to) const
{
    Energy way;
    const auto path = m_stream.GetLinks(from, to);
    auto link = path.begin();
    for (const auto onLink : EstimateLinkBytes(bytes, path, m_stream.network->GetPackets()))
    {
        const double bits = 8.0 * static_cast<double>(onLink);
        way.transmissionJ += link->energy.Get(bits, bits / link->bandwidthBps);
        ++link;
    }
    return way;
}

Energy
Terms::GetInputEnergy(std::size_t partitions, uint32_t tier) const
{
    auto input = GetWayEnergy(m_model.GetInputBytes(partitions), m_stream.source, tier);
    input.serializationJ = m_stream.GetNode(m_stream.source)
                               .power.GetSerializationJ(GetInput(partitions, tier).serializationMs);
    return input;
}

Energy
Terms::GetArrivalEnergy(uint32_t tier, const Components& arrival) const
{
    const auto& power = m_stream.GetNode(tier).power;
    Energy energy;
    energy.deserializationJ = power.GetSerializationJ(arrival.deserializationMs);
    energy.computationJ = power.GetComputationJ(arrival.computationMs);
    return energy;
}

Energy
Terms::GetForwardEnergy(std::size_t partitions,
                        std::size_t partition,
                        uint32_t cut,
                        uint32_t from,
                        uint32_t to) const
{
    if (from == to)
    {
        return {};
    }
    auto forward = GetWayEnergy(m_model.GetTensorBytes(cut, partition, partitions), from, to);
    forward.serializationJ = m_stream.GetNode(from).power.GetSerializationJ(
        GetForward(partitions, partition, cut, from, to).serializationMs);
    return forward;
}

Energy
Terms::GetExitEnergy(std::size_t partitions, uint32_t tier) const
{
    const auto to = m_stream.destination;
    const auto times = GetExit(partitions, tier);
    auto exit = GetWayEnergy(m_model.GetResultBytes(partitions), tier, to);
    exit.serializationJ = m_stream.GetNode(tier).power.GetSerializationJ(times.serializationMs);
    exit.deserializationJ = m_stream.GetNode(to).power.GetSerializationJ(times.deserializationMs);
    return exit;
}

double
Terms::GetCorrect(const ExitState& state, double exits, const ExitBranch& branch) const
{
    if (exits == 0)
    {
        return 0; // however right the branch is
    }
    if (m_rules.accuracy == EstimatorRules::Accuracy::PAPER || exits < 0)
    {
        return branch.accuracy * exits;
    }
    const double errors = 1 - branch.correctRate / branch.exitRate;
    const double rightBefore = state.passed * (1 - errors * state.errorRatio);
    return std::clamp(branch.correctRate - rightBefore, 0.0, exits);
}

ExitShare
Terms::PassBranch(ExitState& state, const ExitBranch& branch) const
{
    const auto getStays = [&]() {
        return m_rules.roundRates ? Round(1 - Round(state.exited, 1e5), 1e5) : 1 - state.exited;
    };
    ExitShare share;
    if (!branch.answers)
    {
        share.stays = getStays();
        return share;
    }
    const double measured =
        m_rules.monotoneExits ? std::max(branch.exitRate, state.passed) : branch.exitRate;
    share.exits = measured - state.passed;
    if (m_rules.roundRates)
    {
        share.exits = Round(share.exits, 1e4);
    }
    share.correct = GetCorrect(state, share.exits, branch);
    state.exited += share.exits;
    share.stays = getStays();
    if (m_rules.accuracy == EstimatorRules::Accuracy::CONDITIONAL && measured > state.passed)
    {
        state.errorRatio = branch.accuracy < 1
                               ? (1 - branch.correctRate / branch.exitRate) / (1 - branch.accuracy)
                               : 0;
    }
    state.passed = measured;
    return share;
}

ExitShare
Terms::PassLastBranch(const ExitState& state, const ExitBranch& branch) const
{
    ExitShare share;
    if (m_rules.lastExit == EstimatorRules::LastExit::TAKES_REST_IF_SHORT)
    {
        ExitState after = state;
        share = PassBranch(after, branch);
        if (after.exited >= 0.999)
        {
            return share;
        }
    }
    share.exits = 1 - state.exited;
    share.correct = GetCorrect(state, share.exits, {true, 1, branch.accuracy, branch.accuracy});
    const double exited = state.exited + share.exits;
    share.stays = m_rules.roundRates ? Round(1 - Round(exited, 1e5), 1e5) : 1 - exited;
    return share;
}

} // namespace portend
