/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-queueing.h"

#include "portend-terms.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

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

/**
 * @brief Get the mean wait of a job at a station.
 * @param station the station
 * @param ratePerS requests that arise, per second
 * @param ca squared coefficient of variation of the times between its jobs
 * @return milliseconds; infinity if the queue is not stable
 */
double
GetMeanWaitMs(const Station& station, double ratePerS, double ca)
{
    const double utilization = station.GetUtilization(ratePerS);
    if (utilization <= 0)
    {
        return 0;
    }
    if (utilization >= 1)
    {
        return HUGE_VAL;
    }
    const double cs = station.GetServiceVariability();
    if (ca + cs <= 0)
    {
        return 0; // nothing varies
    }
    const double exponentialMs = GetErlangC(station.servers, utilization) *
                                 (station.workMs / station.visits) /
                                 (station.servers * (1 - utilization));
    return (ca + cs) / 2 * GetCorrection(utilization, ca, cs) * exponentialMs;
}

/**
 * @brief Get how much the times between the jobs of a stream vary.
 * @param arrivals how its requests arise
 * @param visits jobs for each of them
 * @return squared coefficient of variation
 */
double
GetThinned(const Arrivals& arrivals, double visits)
{
    const double share = std::min(1.0, visits);
    return share * arrivals.variability + 1 - share;
}

/**
 * @brief Add numbers up, whatever order they come in.
 * @param terms the numbers
 * @return the sum, always the same
 */
double
Sum(std::vector<double> terms)
{
    std::sort(terms.begin(), terms.end());
    return std::accumulate(terms.begin(), terms.end(), 0.0);
}

/**
 * @brief Add up what shares have in common.
 * @tparam Get called with each share
 * @param shares the shares
 * @param get gives a number of a share
 * @return the sum
 */
template <typename Get>
double
SumOf(const std::vector<StationShare>& shares, Get&& get)
{
    if (shares.size() == 1)
    {
        return get(shares[0]);
    }
    std::vector<double> terms;
    std::transform(shares.begin(), shares.end(), std::back_inserter(terms), get);
    return Sum(terms);
}

/**
 * @brief Find what a load asks of a station.
 * @param station the station
 * @param load number of the load
 * @return its share; null if it does not come
 */
const StationShare*
FindShare(const Station& station, std::size_t load)
{
    const auto& shares = station.shares;
    const auto it =
        std::lower_bound(shares.begin(), shares.end(), load, [](const auto& share, auto number) {
            return share.load < number;
        });
    return it == shares.end() || it->load != load ? nullptr : &*it;
}

/**
 * @brief Let what streams ask of a station make it up.
 * @param station has the shares; gets moments, rate and variability
 */
void
MixShares(Station& station)
{
    const auto& shares = station.shares;
    station.ratePerS = SumOf(shares, [](const auto& share) { return share.GetRatePerS(); });
    const double members = SumOf(shares, [](const auto& share) { return share.members; });
    // Of closed arrivals alone it can be told what they ask for, not how often.
    const auto getWeight = [&](const StationShare& share) {
        return station.ratePerS > 0 ? share.GetRatePerS() / station.ratePerS
                                    : share.members / members;
    };
    station.visits =
        SumOf(shares, [&](const auto& share) { return getWeight(share) * share.visits; });
    station.workMs =
        SumOf(shares, [&](const auto& share) { return getWeight(share) * share.workMs; });
    station.squareMs2 =
        SumOf(shares, [&](const auto& share) { return getWeight(share) * share.squareMs2; });
    const auto getJobs = [&](const StationShare& share) {
        return getWeight(share) * share.visits / station.visits;
    };
    const double streams = 1 / SumOf(shares, [&](const auto& share) {
                               return getJobs(share) * getJobs(share) / share.members;
                           });
    const double idle = 1 - station.GetUtilization();
    const double w = 1 / (1 + 4 * idle * idle * (streams - 1));
    station.variability =
        w * SumOf(shares,
                  [&](const auto& share) {
                      return getJobs(share) * GetThinned(share.arrivals, share.visits);
                  }) +
        (1 - w);
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
StationShare::GetRatePerS() const
{
    return members * arrivals.ratePerS;
}

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
Station::GetUtilization() const
{
    return GetUtilization(ratePerS);
}

double
Station::GetUtilization(const StationShare& share) const
{
    return share.GetRatePerS() * 1e-3 * share.workMs / servers;
}

bool
Station::IsKnown() const
{
    const auto isClosed = [](const StationShare& share) { return share.arrivals.ratePerS <= 0; };
    const bool isAlone = shares.size() == 1 && shares[0].members == 1;
    return isAlone || std::none_of(shares.begin(), shares.end(), isClosed);
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
    return GetMeanWaitMs(*this, arrivals.ratePerS, GetThinned(arrivals, visits));
}

double
Station::GetWaitMs() const
{
    return IsKnown() ? GetMeanWaitMs(*this, ratePerS, variability) : std::nan("");
}

QueueingNetwork::QueueingNetwork(const std::vector<StreamLoad>& loads, const EstimatorRules& rules)
{
    for (const auto& load : loads)
    {
        if (load.stream->network != loads.front().stream->network)
        {
            throw InputError("/streams/" + std::to_string(m_journeys.size()),
                             "is on another network than the streams before");
        }
        AddLoad(load, rules);
    }
    std::for_each(m_stations.begin(), m_stations.end(), MixShares);
}

QueueingNetwork::QueueingNetwork(const ModelProfile& model,
                                 const Stream& stream,
                                 const Deployment& deployment,
                                 const EstimatorRules& rules)
    : QueueingNetwork({{&stream, &model, deployment}}, rules)
{
}

void
QueueingNetwork::AddLoad(const StreamLoad& load, const EstimatorRules& rules)
{
    const auto& stream = *load.stream;
    const auto& model = *load.model;
    const auto& deployment = load.deployment;
    const auto& network = *stream.network;
    const Terms terms(model, stream, rules);
    const auto& partitions = deployment.partitions;
    const auto count = partitions.size();
    const auto number = static_cast<uint32_t>(m_journeys.size());
    m_journeys.push_back({stream.name, {}, {}});
    auto& [name, input, branches] = m_journeys.back();

    const auto addJob = [&](Path& path, const Station& at, double share, const Service& service) {
        if (share <= 0 || service.meanMs <= 0)
        {
            return;
        }
        const auto node = stream.tiers[stream.source].node;
        const auto touches = [&](uint32_t link) {
            return network.GetLinks()[link].from == node || network.GetLinks()[link].to == node;
        };
        const bool isOwn = at.key.kind == StationKey::NODE   ? at.key.index == node
                           : at.key.kind == StationKey::LINK ? touches(at.key.index)
                                                             : true;
        AddJob(path,
               at,
               {number,
                isOwn ? 1 : load.count,
                stream.arrivals,
                share,
                share * service.meanMs,
                share * (service.meanMs * service.meanMs + std::max(0.0, service.varianceMs2))});
    };
    const auto addMessage =
        [&](Path& path, uint32_t from, uint32_t to, uint64_t bytes, double share) {
            const auto links = stream.GetPath(from, to);
            const auto linkBytes =
                EstimateLinkBytes(bytes, network.GetLinks(links), network.GetPackets());
            auto onLink = linkBytes.begin();
            for (const auto link : links)
            {
                const auto& arc = network.GetLinks()[link];
                const auto bits = static_cast<double>(*onLink++) * 8;
                addJob(path,
                       MakeStation({StationKey::LINK, link}, arc.name),
                       share,
                       {bits * 1e3 / arc.link.bandwidthBps});
            }
        };
    // Source and destination are processes of their own, unless they share their tier's core.
    const auto getTier = [&](uint32_t tier) {
        const auto& node = stream.GetNode(tier);
        return MakeStation({StationKey::NODE, stream.tiers[tier].node}, node.name, node.servers);
    };
    const auto getEnd = [&](uint32_t tier, StationKey::Kind kind, const std::string& end) {
        return stream.sharedCore ? getTier(tier)
                                 : MakeStation({kind, number},
                                               stream.name.empty() ? end : stream.name + " " + end);
    };

    addJob(input,
           getEnd(stream.source, StationKey::SOURCE, "source"),
           1,
           {terms.GetInput(count, partitions[0].tier).serializationMs});
    addMessage(input, stream.source, partitions[0].tier, model.GetInputBytes(count), 1);

    std::vector<ExitShare> shares;
    ExitState state;
    for (std::size_t k = 1; k <= count; ++k)
    {
        const auto branch = model.FindBranch(partitions[k - 1].last, deployment.GetThreshold(k));
        shares.push_back(k < count ? terms.PassBranch(state, branch)
                                   : terms.PassLastBranch(state, branch));
    }
    for (std::size_t k = 1; k <= count; ++k)
    {
        const auto tier = partitions[k - 1].tier;
        const auto& share = shares[k - 1];
        Branch branch;
        if (!deployment.Continues(k))
        {
            addJob(branch.arrival,
                   getTier(tier),
                   share.exits + share.stays,
                   GetService(terms, deployment, shares, k));
        }
        if (k < count)
        {
            const auto bytes = model.GetTensorBytes(partitions[k - 1].last, k, count);
            addMessage(branch.forward, tier, partitions[k].tier, bytes, share.stays);
        }
        addMessage(branch.exit, tier, stream.destination, model.GetResultBytes(count), share.exits);
        addJob(branch.exit,
               getEnd(stream.destination, StationKey::DESTINATION, "destination"),
               share.exits,
               {terms.GetExit(count, tier).deserializationMs});
        branches.push_back(branch);
    }
}

void
QueueingNetwork::AddJob(Path& path, const Station& at, const StationShare& share)
{
    const auto [known, isNew] = m_index.try_emplace(at.key, m_stations.size());
    if (isNew)
    {
        m_stations.push_back(at);
    }
    auto& shares = m_stations[known->second].shares;
    if (shares.empty() || shares.back().load != share.load)
    {
        shares.push_back(share);
    }
    else
    {
        shares.back().visits += share.visits;
        shares.back().workMs += share.workMs;
        shares.back().squareMs2 += share.squareMs2;
    }
    path.push_back(known->second);
}

const std::vector<Station>&
QueueingNetwork::GetStations() const
{
    return m_stations;
}

const Station*
QueueingNetwork::Find(const StationKey& key) const
{
    const auto known = m_index.find(key);
    return known == m_index.end() ? nullptr : &m_stations[known->second];
}

const Station*
QueueingNetwork::FindBottleneck() const
{
    // How often its rate a station could serve; of closed arrivals alone, any rate.
    const auto getRoom = [](const Station& station) {
        return station.GetSaturationPerS() / (station.ratePerS > 0 ? station.ratePerS : 1);
    };
    const auto it = std::min_element(
        m_stations.begin(),
        m_stations.end(),
        [&](const Station& a, const Station& b) { return getRoom(a) < getRoom(b); });
    return it == m_stations.end() ? nullptr : &*it;
}

Saturation
QueueingNetwork::FindSaturation(std::size_t load) const
{
    Saturation first;
    for (const auto& station : m_stations)
    {
        const auto* own = FindShare(station, load);
        if (!own)
        {
            continue;
        }
        const double others = SumOf(station.shares, [&](const auto& share) {
            return &share == own ? 0 : station.GetUtilization(share);
        });
        const double ratePerS =
            std::max(0.0, 1 - others) * station.servers * 1e3 / (own->members * own->workMs);
        if (ratePerS < first.ratePerS)
        {
            first = {&station, ratePerS};
        }
    }
    return first;
}

std::string
QueueingNetwork::GetReason(std::size_t load) const
{
    for (const auto& station : m_stations)
    {
        if (!FindShare(station, load) || station.IsKnown())
        {
            continue;
        }
        const auto& shares = station.shares;
        const auto closed = std::find_if(shares.begin(), shares.end(), [](const auto& share) {
            return share.arrivals.ratePerS <= 0;
        });
        const auto& name = m_journeys[closed->load].name;
        return "closed arrivals" + (name.empty() ? "" : " of " + name) +
               " meet other requests at " + station.name +
               ": how long they wait for one another is not estimated";
    }
    return "";
}

double
QueueingNetwork::GetCompany(const Station& from, const Station& to) const
{
    const auto getJobs = [](const StationShare& share) {
        return share.GetRatePerS() * share.visits;
    };
    const auto getCompany = [&](const StationShare& share) {
        const auto* before = FindShare(from, share.load);
        const double met = before ? static_cast<double>(before->members) / share.members : 0;
        return std::min(1.0, met) * getJobs(share);
    };
    return SumOf(to.shares, getCompany) / SumOf(to.shares, getJobs);
}

Components
QueueingNetwork::GetWaits(const Path& path, Spared& spared) const
{
    Components waits;
    for (const auto index : path)
    {
        const auto& station = m_stations[index];
        const double aloneMs = station.GetWaitMs();
        const double hiddenMs =
            spared.ms > 0 ? GetCompany(m_stations[spared.station], station) * spared.ms : 0;
        // An infinite wait hides nothing: every queue that is not stable shows.
        const double waitMs = std::isfinite(aloneMs) ? std::max(0.0, aloneMs - hiddenMs) : aloneMs;
        const bool isLink = station.key.kind == StationKey::LINK;
        (isLink ? waits.networkExcessMs : waits.waitMs) += waitMs;
        if (std::isfinite(aloneMs))
        {
            const double regularity = 1 - std::min(1.0, station.GetServiceVariability());
            if (regularity * aloneMs > hiddenMs)
            {
                spared = {regularity * aloneMs, index};
            }
        }
    }
    return waits;
}

void
QueueingNetwork::AddWaits(std::size_t load, Estimate& estimate) const
{
    const auto& journey = m_journeys[load];
    const auto destination = journey.branches.size() + 1;
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
    Spared spared;
    Components soFar = GetWaits(journey.input, spared);
    add(soFar, 1, 0, 0);
    for (std::size_t k = 0; k < journey.branches.size(); ++k)
    {
        const double exits = estimate.exitRates[k];
        const double stays = estimate.stayRates[k];
        const auto arrival = GetWaits(journey.branches[k].arrival, spared);
        soFar.Add(arrival);
        const double arrives = exits + stays;
        auto sparedExit = spared;
        sparedExit.ms = arrives > 0 ? spared.ms * exits / arrives : 0;
        spared.ms = arrives > 0 ? spared.ms * stays / arrives : 0;

        const auto exit = GetWaits(journey.branches[k].exit, sparedExit);
        const auto forward = GetWaits(journey.branches[k].forward, spared);
        const auto stage = k + 1;
        add(arrival, arrives, stage, stage);
        add(exit, exits, destination, stage);
        add(forward, stays, stage, stage);
        estimate.exitClass[k].Add(soFar);
        estimate.exitClass[k].Add(exit);
        soFar.Add(forward);
    }
}

std::vector<Estimate>
EstimateStreams(const std::vector<StreamLoad>& loads, const EstimatorRules& rules)
{
    auto idle = rules;
    idle.waiting = false;
    std::vector<Estimate> estimates;
    for (const auto& load : loads)
    {
        estimates.push_back(EstimateDeployment(*load.model, *load.stream, load.deployment, idle));
    }
    if (rules.waiting)
    {
        const QueueingNetwork network(loads, rules);
        for (std::size_t i = 0; i < loads.size(); ++i)
        {
            network.AddWaits(i, estimates[i]);
        }
    }
    return estimates;
}

} // namespace portend
