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

/// Largest batch whose waits are estimated: larger ones would take seconds.
constexpr uint32_t LARGEST_BATCH = 128;

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
 * @param batching how jobs are served at once
 * @return the station
 */
Station
MakeStation(const StationKey& key,
            const std::string& name,
            uint32_t servers = 1,
            const Batching& batching = {})
{
    Station station;
    station.batching = batching;
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
 * @brief Get the mean wait of a job at a station that takes batches.
 * @param station the station
 * @param ca squared coefficient of variation of the times between its jobs
 * @param batches what they do with Poisson arrivals
 * @param utilization of the server
 * @return milliseconds
 */
double
GetBatchWaitMs(const Station& station, double ca, const BatchQueue& batches, double utilization)
{
    if (station.shares.size() == 1 && station.shares[0].arrivals.ratePerS <= 0)
    {
        return batches.holdMs;
    }
    if (utilization >= 1)
    {
        return HUGE_VAL;
    }
    const double regular = ca > 0 ? ca * GetCorrection(utilization, ca, 0) : 0;
    return batches.holdMs + regular * batches.queueMs;
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

/**
 * @brief Get a probability of the binomial distribution.
 * @param trials how often something is tried
 * @param count how often it happens
 * @param probability of it
 * @return the probability
 */
double
GetBinomial(std::size_t trials, std::size_t count, double probability)
{
    if (probability <= 0 || probability >= 1)
    {
        return count == (probability <= 0 ? 0 : trials) ? 1 : 0;
    }
    const auto n = static_cast<double>(trials);
    const auto k = static_cast<double>(count);
    return std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) +
                    k * std::log(probability) + (n - k) * std::log1p(-probability));
}

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
ServiceTime
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
    ServiceTime service;
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
    if (!reason.empty())
    {
        return false;
    }
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
    const double ca = GetThinned(arrivals, visits);
    if (batching.max == 1)
    {
        return GetMeanWaitMs(*this, arrivals.ratePerS, ca);
    }
    if (!reason.empty())
    {
        return std::nan("");
    }
    const auto queue =
        EstimateBatchQueue(batching, arrivals.ratePerS * 1e-3 * visits, shares.front().batches);
    return GetBatchWaitMs(*this, ca, queue, GetUtilization(arrivals.ratePerS));
}

double
Station::GetWaitMs() const
{
    if (!IsKnown())
    {
        return std::nan("");
    }
    return batching.max > 1 ? GetBatchWaitMs(*this, variability, batches, GetUtilization())
                            : GetMeanWaitMs(*this, ratePerS, variability);
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
    for (auto& station : m_stations)
    {
        MixShares(station);
        if (station.batching.max > 1)
        {
            SolveBatches(station);
        }
    }
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
    std::vector<ServiceTime> batches; // of the visit that is entered
    auto& [name, input, branches] = m_journeys.back();

    const auto addJob =
        [&](Path& path, const Station& at, double share, const ServiceTime& service) {
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
                    share * (service.meanMs * service.meanMs + std::max(0.0, service.varianceMs2)),
                    batches});
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
        return MakeStation({StationKey::NODE, stream.tiers[tier].node},
                           node.name,
                           node.servers,
                           node.batching);
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
    branches.resize(count);
    for (std::size_t k = 1; k <= count; ++k)
    {
        const auto tier = partitions[k - 1].tier;
        const auto& share = shares[k - 1];
        auto& branch = branches[k - 1];
        if (!deployment.Continues(k))
        {
            auto service = GetService(terms, deployment, shares, k);
            const auto max = stream.GetNode(tier).batching.max;
            if (max > 1)
            {
                batches = AddBatchCosts(branches, load, terms, shares, k);
                service = {batches.back().meanMs / max, 0};
            }
            addJob(branch.arrival, getTier(tier), share.exits + share.stays, service);
            batches.clear();
        }
        const auto station = m_index.find({StationKey::NODE, stream.tiers[tier].node});
        branch.station = station == m_index.end() ? 0 : station->second;
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
    }
}

std::vector<ServiceTime>
QueueingNetwork::AddBatchCosts(std::vector<Branch>& branches,
                               const StreamLoad& load,
                               const Terms& terms,
                               const std::vector<ExitShare>& shares,
                               std::size_t begin)
{
    const auto& deployment = load.deployment;
    const auto& partitions = deployment.partitions;
    const auto count = partitions.size();
    const auto tier = partitions[begin - 1].tier;
    const auto& batching = load.stream->GetNode(tier).batching;
    const std::size_t max = batching.max;
    const auto getArriving = [&shares](std::size_t k) {
        return shares[k - 1].exits + shares[k - 1].stays;
    };
    const double arrives = getArriving(begin);
    if (arrives <= 0)
    {
        return std::vector<ServiceTime>(max); // nobody comes
    }
    auto end = begin;
    while (end < count && deployment.Continues(end + 1))
    {
        ++end;
    }
    const double exitMs = terms.GetExit(count, tier).serializationMs;
    const double forwardMs =
        end < count
            ? terms.GetForward(count, end, partitions[end - 1].last, tier, partitions[end].tier)
                  .serializationMs
            : 0;
    const auto getComputation = [&](std::size_t k, std::size_t size) -> ServiceTime {
        const auto& [at, first, last] = partitions[k - 1];
        return {terms.GetComputationMs(at, first, last, size),
                terms.GetComputationVariance(at, first, last, size)};
    };

    // What is left of a visit, by the number of tensors that are left, from behind.
    std::vector<ServiceTime> rest(max + 1);
    for (auto k = end; k >= begin; --k)
    {
        const double exits = getArriving(k) > 0 ? shares[k - 1].exits / getArriving(k) : 0;
        const double exitsAll = shares[k - 1].exits / arrives;
        const double leaveAll = k == end ? shares[k - 1].stays / arrives : 0;
        const double arriving = getArriving(k) / arrives;
        const double exitedBefore = k > begin ? shares[k - 2].exits / arrives : 0;
        const bool isTogether = k == begin || batching.isTogether;
        std::vector<ServiceTime> computation(1);
        std::vector<ServiceTime> now(max + 1);
        for (std::size_t size = 1; size <= max; ++size)
        {
            computation.push_back(getComputation(k, isTogether ? size : 1));
            // Some exit, the rest goes on, or leaves.
            double squareMs2 = 0;
            for (std::size_t stay = 0; stay <= size; ++stay)
            {
                const double share = GetBinomial(size, stay, 1 - exits);
                const auto& behind = rest[k == end ? 0 : stay];
                const double ms =
                    (size - stay) * exitMs + (k == end ? stay * forwardMs : 0) + behind.meanMs;
                now[size].meanMs += share * ms;
                squareMs2 += share * (ms * ms + behind.varianceMs2);
            }
            now[size].varianceMs2 = squareMs2 - now[size].meanMs * now[size].meanMs;
            now[size].meanMs += computation[size].meanMs;
            now[size].varianceMs2 += computation[size].varianceMs2;
        }
        const double restMs = now[1].meanMs; // of one alone
        for (std::size_t size = 1; size <= max && !isTogether; ++size)
        {
            now[size] = {size * restMs, size * now[1].varianceMs2};
        }
        rest = now;

        // Each of some tensors is there with a probability, and one for sure.
        const auto getMeanMs = [&](std::size_t some) {
            double sumMs = 0;
            for (std::size_t n = 0; n <= some; ++n)
            {
                sumMs += GetBinomial(some, n, arriving) * computation[n + 1].meanMs;
            }
            return sumMs;
        };
        auto& costs = branches[k - 1].costs;
        costs.resize(max);
        for (std::size_t size = 2; size <= max; ++size)
        {
            const double others = size - 1;
            auto& cost = costs[size - 1];
            if (isTogether)
            {
                cost.arrival.waitMs = others * exitedBefore * exitMs;
                cost.arrival.computationMs = getMeanMs(size - 1) - computation[1].meanMs;
                cost.exit.waitMs = others / 2 * (exitsAll * exitMs + leaveAll * forwardMs);
                cost.forward.waitMs = k == end ? cost.exit.waitMs : 0;
            }
            else if (k == begin + 1)
            {
                // Each waits for those that exited, and for half of the others, to their end.
                cost.arrival.waitMs = others * (exitedBefore * exitMs + arriving / 2 * restMs);
            }
        }
    }
    const auto& first = partitions[begin - 1];
    const auto alone = terms.GetArrival(tier, first.first, first.last, false);
    const double overheadMs = alone.computationMs - getComputation(begin, 1).meanMs;
    for (std::size_t size = 1; size <= max; ++size)
    {
        rest[size].meanMs += size * alone.deserializationMs + overheadMs;
        branches[begin - 1].costs[size - 1].arrival.waitMs += (size - 1) * alone.deserializationMs;
    }
    rest.erase(rest.begin());
    return rest;
}

void
QueueingNetwork::SolveBatches(Station& station) const
{
    const auto& shares = station.shares;
    const auto isOther = [&](const StationShare& share) {
        return m_journeys[share.load].name != m_journeys[shares.front().load].name;
    };
    const auto isMixed = [](const StationShare& share) { return share.batches.empty(); };
    if (station.batching.max > LARGEST_BATCH)
    {
        station.reason = "batches have more than " + std::to_string(LARGEST_BATCH) +
                         " tensors at " + station.name;
    }
    else if (station.servers > 1)
    {
        station.reason = "several servers take batches at " + station.name;
    }
    else if (std::any_of(shares.begin(), shares.end(), isOther))
    {
        station.reason = "batches of several streams meet at " + station.name;
    }
    else if (std::any_of(shares.begin(), shares.end(), isMixed))
    {
        station.reason = "batches meet other work at " + station.name;
    }
    else
    {
        station.batches = EstimateBatchQueue(station.batching,
                                             station.ratePerS * 1e-3 * station.visits,
                                             shares.front().batches);
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
        shares.back().batches.clear();
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
        if (!station.reason.empty())
        {
            return station.reason + ": how long they wait is not estimated";
        }
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
        if (station.batching.max > 1)
        {
            waits.waitMs += aloneMs;
            continue;
        }
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
        const auto& branch = journey.branches[k];
        auto arrival = GetWaits(branch.arrival, spared);
        BatchCosts costs;
        if (!branch.costs.empty())
        {
            m_stations[branch.station].batches.ForEachTensor([&](std::size_t size, double share) {
                costs.arrival.Add(branch.costs[size - 1].arrival, share);
                costs.forward.Add(branch.costs[size - 1].forward, share);
                costs.exit.Add(branch.costs[size - 1].exit, share);
            });
        }
        arrival.Add(costs.arrival);
        soFar.Add(arrival);
        const double arrives = exits + stays;
        auto sparedExit = spared;
        sparedExit.ms = arrives > 0 ? spared.ms * exits / arrives : 0;
        spared.ms = arrives > 0 ? spared.ms * stays / arrives : 0;

        const auto exit = GetWaits(branch.exit, sparedExit);
        auto forward = GetWaits(branch.forward, spared);
        forward.Add(costs.forward);
        const auto stage = k + 1;
        add(arrival, arrives, stage, stage);
        add(exit, exits, destination, stage);
        add(costs.exit, exits, stage, stage);
        add(forward, stays, stage, stage);
        estimate.exitClass[k].Add(soFar);
        estimate.exitClass[k].Add(exit);
        estimate.exitClass[k].Add(costs.exit);
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
