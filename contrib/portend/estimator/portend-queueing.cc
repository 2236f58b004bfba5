/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-queueing.h"

#include "portend-terms.h"

#include <algorithm>
#include <cmath>

namespace portend
{

namespace
{

/**
 * @brief Get the probability that a job must wait in an M/M/c queue.
 * @param servers c
 * @param utilization of each server, below 1
 * @return the probability (Erlang's C formula)
 */
double
GetErlangC(uint32_t servers, double utilization)
{
    const double offered = servers * utilization;
    double blocking = 1; // Erlang's B formula, by its recursion over the servers
    for (uint32_t c = 1; c <= servers; ++c)
    {
        blocking = offered * blocking / (c + offered * blocking);
    }
    return blocking / (1 - utilization * (1 - blocking));
}

/**
 * @brief Get the correction of Kraemer and Langenbach-Belz to the mean wait.
 * @param utilization of each server, above 0 and below 1
 * @param arrivals squared coefficient of variation of the times between arrivals
 * @param service squared coefficient of variation of the service times
 * @return factor; 1 for arrivals that vary as a Poisson process or more
 */
double
GetCorrection(double utilization, double arrivals, double service)
{
    const double regularity = 1 - arrivals;
    if (regularity <= 0)
    {
        return 1;
    }
    return std::exp(-2 * (1 - utilization) * regularity * regularity /
                    (3 * utilization * (arrivals + service)));
}

/**
 * @brief Make a station without work.
 * @param key what it is
 * @param name its name
 * @param servers its servers
 * @return the station
 */
Station
MakeStation(const StationKey& key, const std::string& name, uint32_t servers = 1)
{
    Station station;
    station.key = key;
    station.name = name;
    station.servers = servers;
    return station;
}

/// The service of a job.
struct Service
{
    double meanMs{0};      //!< its mean
    double varianceMs2{0}; //!< its variance
};

/**
 * @brief Get the service of a visit: one job, however many partitions share the tier.
 *
 * The server works until the first decision, and then for one of the messages that the visit may
 * end with, behind the partitions that come before it.
 *
 * @param terms of the analytical model
 * @param deployment what runs where
 * @param shares what becomes of requests at each partition
 * @param begin index k of the partition that the visit begins with
 * @return mean and variance
 */
Service
GetService(const Terms& terms,
           const Deployment& deployment,
           const std::vector<ExitShare>& shares,
           std::size_t begin)
{
    const auto& partitions = deployment.partitions;
    const auto count = partitions.size();
    const double arrives = shares[begin - 1].exits + shares[begin - 1].stays;
    if (arrives <= 0)
    {
        return {};
    }
    Service service;
    double behindMs = 0; // of the partitions behind the first
    double restMs = 0;   // mean of what follows the first decision
    double squareMs2 = 0;
    const auto add = [&](double share, double ms) {
        restMs += share * ms;
        squareMs2 += share * ms * ms;
    };
    for (auto k = begin;; ++k)
    {
        const auto& [tier, first, last] = partitions[k - 1];
        const auto& share = shares[k - 1];
        const auto arrival = terms.GetArrival(tier, first, last, k > begin);
        const double workMs = arrival.deserializationMs + arrival.computationMs;
        (k == begin ? service.meanMs : behindMs) += workMs;
        service.varianceMs2 +=
            (share.exits + share.stays) / arrives * terms.GetComputationVariance(tier, first, last);
        add(share.exits, behindMs + terms.GetExit(count, tier).serializationMs);
        if (k == count)
        {
            break;
        }
        if (!deployment.Continues(k + 1))
        {
            const auto next = partitions[k].tier;
            add(share.stays,
                behindMs + terms.GetForward(count, k, last, tier, next).serializationMs);
            break;
        }
    }
    restMs /= arrives;
    service.meanMs += restMs;
    service.varianceMs2 = squareMs2 / arrives - restMs * restMs + service.varianceMs2;
    return service;
}

} // namespace

double
Station::GetSaturationPerS() const
{
    return workMs > 0 ? servers * 1e3 / workMs : HUGE_VAL;
}

double
Station::GetUtilization(double ratePerS) const
{
    return ratePerS * 1e-3 * workMs / servers;
}

double
Station::GetServiceVariability() const
{
    // Rounding must not make constant service vary.
    return std::max(0.0, visits * squareMs2 / (workMs * workMs) - 1);
}

double
Station::GetWaitMs(const Arrivals& arrivals) const
{
    const double utilization = GetUtilization(arrivals.ratePerS);
    if (utilization <= 0)
    {
        return 0;
    }
    if (utilization >= 1)
    {
        return HUGE_VAL;
    }
    const double share = std::min(1.0, visits);
    const double ca = share * arrivals.variability + 1 - share;
    const double cs = GetServiceVariability();
    if (ca + cs <= 0)
    {
        return 0; // nothing varies
    }
    const double exponentialMs =
        GetErlangC(servers, utilization) * (workMs / visits) / (servers * (1 - utilization));
    return (ca + cs) / 2 * GetCorrection(utilization, ca, cs) * exponentialMs;
}

QueueingNetwork::QueueingNetwork(const ModelProfile& model,
                                 const Stream& stream,
                                 const Deployment& deployment,
                                 const EstimatorRules& rules)
    : m_arrivals(stream.arrivals)
{
    const Terms terms(model, stream, rules);
    const auto& partitions = deployment.partitions;
    const auto count = partitions.size();
    // Source and destination are processes of their own, unless they share their tier's core.
    const auto getTier = [&](uint32_t tier) {
        const auto& node = stream.GetNode(tier);
        return MakeStation({StationKey::NODE, stream.tiers[tier].node}, node.name, node.servers);
    };
    const auto getEnd = [&](uint32_t tier, StationKey::Kind kind, const char* name) {
        return stream.sharedCore ? getTier(tier) : MakeStation({kind, 0}, name);
    };

    AddVisit(m_input,
             getEnd(stream.source, StationKey::SOURCE, "source"),
             1,
             terms.GetInput(count, partitions[0].tier).serializationMs);
    AddMessage(m_input, stream, stream.source, partitions[0].tier, model.GetInputBytes(count), 1);

    std::vector<ExitShare> shares;
    ExitState state;
    for (std::size_t k = 1; k <= count; ++k)
    {
        const auto threshold = model.FindThreshold(deployment.GetThreshold(k));
        const auto last = partitions[k - 1].last;
        shares.push_back(k < count ? terms.PassBranch(state, last, threshold)
                                   : terms.PassLastBranch(state, last, threshold));
    }
    for (std::size_t k = 1; k <= count; ++k)
    {
        const auto tier = partitions[k - 1].tier;
        const auto& share = shares[k - 1];
        Branch branch;
        if (!deployment.Continues(k))
        {
            const auto service = GetService(terms, deployment, shares, k);
            AddVisit(branch.arrival,
                     getTier(tier),
                     share.exits + share.stays,
                     service.meanMs,
                     service.varianceMs2);
        }
        if (k < count)
        {
            const auto bytes = model.GetTensorBytes(partitions[k - 1].last, k, count);
            AddMessage(branch.forward, stream, tier, partitions[k].tier, bytes, share.stays);
        }
        AddMessage(branch.exit,
                   stream,
                   tier,
                   stream.destination,
                   model.GetResultBytes(count),
                   share.exits);
        AddVisit(branch.exit,
                 getEnd(stream.destination, StationKey::DESTINATION, "destination"),
                 share.exits,
                 terms.GetExit(count, tier).deserializationMs);
        m_branches.push_back(branch);
    }
}

void
QueueingNetwork::AddVisit(Path& path,
                          const Station& at,
                          double share,
                          double serviceMs,
                          double varianceMs2)
{
    if (share <= 0 || serviceMs <= 0)
    {
        return;
    }
    auto station = std::find_if(m_stations.begin(), m_stations.end(), [&at](const auto& other) {
        return other.key == at.key;
    });
    if (station == m_stations.end())
    {
        m_stations.push_back(at);
        station = m_stations.end() - 1;
    }
    station->visits += share;
    station->workMs += share * serviceMs;
    station->squareMs2 += share * (serviceMs * serviceMs + std::max(0.0, varianceMs2));
    path.push_back(station - m_stations.begin());
}

void
QueueingNetwork::AddMessage(Path& path,
                            const Stream& stream,
                            uint32_t from,
                            uint32_t to,
                            uint64_t bytes,
                            double share)
{
    const auto& network = *stream.network;
    const auto linkBytes =
        EstimateLinkBytes(bytes, stream.GetLinks(from, to), network.GetPackets());
    auto onLink = linkBytes.begin();
    for (const auto link : stream.GetPath(from, to))
    {
        const auto& arc = network.GetLinks()[link];
        const auto bits = static_cast<double>(*onLink++) * 8;
        AddVisit(path,
                 MakeStation({StationKey::LINK, link}, arc.name),
                 share,
                 bits * 1e3 / arc.link.bandwidthBps);
    }
}

const std::vector<Station>&
QueueingNetwork::GetStations() const
{
    return m_stations;
}

const Station*
QueueingNetwork::Find(const StationKey& key) const
{
    const auto it = std::find_if(m_stations.begin(), m_stations.end(), [&key](const auto& other) {
        return other.key == key;
    });
    return it == m_stations.end() ? nullptr : &*it;
}

const Station*
QueueingNetwork::FindBottleneck() const
{
    const auto it = std::min_element(m_stations.begin(),
                                     m_stations.end(),
                                     [](const Station& a, const Station& b) {
                                         return a.GetSaturationPerS() < b.GetSaturationPerS();
                                     });
    return it == m_stations.end() ? nullptr : &*it;
}

Components
QueueingNetwork::GetWaits(const Path& path, double& hiddenMs) const
{
    Components waits;
    for (const auto index : path)
    {
        const auto& station = m_stations[index];
        const double aloneMs = station.GetWaitMs(m_arrivals);
        // An infinite wait hides nothing: every queue that is not stable shows.
        const double waitMs = std::isfinite(aloneMs) ? std::max(0.0, aloneMs - hiddenMs) : aloneMs;
        const bool isLink = station.key.kind == StationKey::LINK;
        (isLink ? waits.networkExcessMs : waits.waitMs) += waitMs;
        if (std::isfinite(aloneMs))
        {
            const double regularity = 1 - std::min(1.0, station.GetServiceVariability());
            hiddenMs = std::max(hiddenMs, regularity * aloneMs);
        }
    }
    return waits;
}

void
QueueingNetwork::AddWaits(Estimate& estimate) const
{
    const auto destination = m_branches.size() + 1;
    estimate.waits.resize(destination + 1);
    // Nobody waits where nobody comes, however full it is.
    const auto add =
        [&estimate](const Components& waits, double share, std::size_t server, std::size_t sender) {
            if (share > 0)
            {
                estimate.components.Add(waits, share);
                estimate.waits[server].waitMs += share * waits.waitMs;
                estimate.waits[sender].networkExcessMs += share * waits.networkExcessMs;
            }
        };
    double hiddenMs = 0;
    Components soFar = GetWaits(m_input, hiddenMs);
    add(soFar, 1, 0, 0);
    for (std::size_t k = 0; k < m_branches.size(); ++k)
    {
        const double exits = estimate.exitRates[k];
        const double stays = estimate.stayRates[k];
        const auto arrival = GetWaits(m_branches[k].arrival, hiddenMs);
        soFar.Add(arrival);
        const double arrives = exits + stays;
        double exitHiddenMs = arrives > 0 ? hiddenMs * exits / arrives : 0;
        hiddenMs = arrives > 0 ? hiddenMs * stays / arrives : 0;

        const auto exit = GetWaits(m_branches[k].exit, exitHiddenMs);
        const auto forward = GetWaits(m_branches[k].forward, hiddenMs);
        const auto stage = k + 1;
        add(arrival, arrives, stage, stage);
        add(exit, exits, destination, stage);
        add(forward, stays, stage, stage);
        estimate.exitClass[k].Add(soFar);
        estimate.exitClass[k].Add(exit);
        soFar.Add(forward);
    }
}

} // namespace portend
