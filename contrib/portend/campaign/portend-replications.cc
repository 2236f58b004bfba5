/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-replications.h"

#include "portend-warm-up.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace ns3
{

namespace
{

/// Observations that MSER-5 averages at least.
constexpr uint64_t MSER_BATCH = 5;

/// Batches of a replication, at most: the warm-up is a whole number of them.
constexpr uint64_t MAX_BATCHES = 200;

/// Times by component, nanoseconds.
using Components = std::array<int64_t, PortendLedger::COMPONENTS>;

/**
 * @brief Write a number of nanoseconds in milliseconds.
 * @param ns nanoseconds
 * @return milliseconds
 */
double
ToMs(double ns)
{
    return ns * 1e-6;
}

/**
 * @brief Add the times of a request to sums by stage.
 * @param request a completed request
 * @param sums gets them: the source, the partitions, the destination
 */
void
AddStages(const PortendRequest& request, std::vector<Components>& sums)
{
    const auto& stages = request.ledger.GetStages();
    for (std::size_t s = 0; s < stages.size(); ++s)
    {
        // Who exits early passes on to the destination.
        auto& sum = s + 1 == stages.size() ? sums.back() : sums[s];
        for (std::size_t c = 0; c < sum.size(); ++c)
        {
            sum[c] += stages[s][c].GetNanoSeconds();
        }
    }
}

} // namespace

/// What one simulation showed, in the order of completion.
class PortendReplications::Replication
{
  public:
    /// What is kept of each request.
    struct Observation
    {
        int64_t latencyNs;  //!< end to end
        uint16_t partition; //!< at which it exited
        bool correct;       //!< whether the answer is right
    };

    /**
     * @brief Constructor.
     * @param requests to be generated
     * @param partitions number L of partitions
     */
    Replication(uint64_t requests, std::size_t partitions)
        : m_partitions(partitions),
          m_batch((requests + MAX_BATCHES * MSER_BATCH - 1) / (MAX_BATCHES * MSER_BATCH) *
                  MSER_BATCH)
    {
        m_observations.reserve(requests);
    }

    /**
     * @brief Record a request.
     * @param request a completed request
     */
    void Record(const PortendRequest& request)
    {
        if (m_observations.size() % m_batch == 0)
        {
            m_stages.emplace_back(m_partitions + 2);
        }
        AddStages(request, m_stages.back());
        m_observations.push_back(
            {request.GetLatency().GetNanoSeconds(), request.exitPartition, request.isRight});
    }

    /**
     * @brief Average the latency over batches.
     * @return means of whole batches, ms
     */
    std::vector<double> GetSeries() const
    {
        std::vector<double> series;
        for (std::size_t first = 0; first + m_batch <= m_observations.size(); first += m_batch)
        {
            double sum = 0;
            for (std::size_t i = first; i < first + m_batch; ++i)
            {
                sum += m_observations[i].latencyNs;
            }
            series.push_back(ToMs(sum / m_batch));
        }
        return series;
    }

    /// @return requests in a batch
    uint64_t GetBatch() const
    {
        return m_batch;
    }

    /// @return all requests
    const std::vector<Observation>& GetObservations() const
    {
        return m_observations;
    }

    /**
     * @brief Sum up the times after the warm-up.
     * @param warmUp requests to leave out, a whole number of batches
     * @return sums by stage
     */
    std::vector<Components> GetStages(uint64_t warmUp) const
    {
        std::vector<Components> sums(m_partitions + 2);
        for (std::size_t batch = warmUp / m_batch; batch < m_stages.size(); ++batch)
        {
            for (std::size_t s = 0; s < sums.size(); ++s)
            {
                for (std::size_t c = 0; c < sums[s].size(); ++c)
                {
                    sums[s][c] += m_stages[batch][s][c];
                }
            }
        }
        return sums;
    }

    PortendResult result; //!< counters of the whole simulation

  private:
    std::size_t m_partitions;                      //!< L
    uint64_t m_batch;                              //!< requests in a batch
    std::vector<Observation> m_observations;       //!< all requests
    std::vector<std::vector<Components>> m_stages; //!< by batch and stage, sums
};

PortendReplications::PortendReplications(const PortendSetup& setup,
                                         const PortendPrecision& precision,
                                         std::vector<PortendServiceLevel> levels)
    : m_setup(setup),
      m_precision(precision),
      m_isClosed(setup.isClosed),
      m_partitions(setup.deployment.partitions.size()),
      m_exits(m_partitions),
      m_exitLatency(m_partitions),
      m_stagesNs(m_partitions + 2),
      m_levels(std::move(levels)),
      m_service(setup.deadline),
      m_levelValues(m_levels.size()),
      m_punctuality(setup.deadline.IsZero() ? 0 : m_partitions + 1)
{
    RequireOneDeployment(setup);
    m_result.links.resize(setup.links.size());
    m_result.distributions.resize(m_partitions + 1);
}

void
PortendReplications::RequireOneDeployment(const PortendSetup& setup)
{
    if (setup.makeController)
    {
        throw portend::InputError("/controller",
                                  "found " + setup.controller +
                                      "; allowed in sweeps and cross-checks, where results are "
                                      "those of one deployment: fixed (portend-compare compares "
                                      "controllers)");
    }
}

PortendReplications::~PortendReplications() = default;

PortendReplicatedResult
PortendReplications::Run()
{
    std::vector<std::unique_ptr<Replication>> pilots;
    for (uint32_t r = 0; r < GetFirstReplications(); ++r)
    {
        pilots.push_back(Simulate());
        if (m_isClosed) // no warm-up: nothing to wait for
        {
            Add(*pilots.back());
            pilots.clear();
        }
    }
    if (!m_isClosed)
    {
        FindWarmUp(pilots);
    }
    for (const auto& pilot : pilots)
    {
        Add(*pilot);
    }
    pilots.clear();
    while (!IsPrecise() && m_result.generated + m_setup.requests <= m_precision.maxSamples)
    {
        Add(*Simulate());
    }
    Finish();
    return m_result;
}

uint32_t
PortendReplications::GetFirstReplications() const
{
    return m_isClosed ? m_precision.replications : m_precision.openReplications;
}

std::unique_ptr<PortendReplications::Replication>
PortendReplications::Simulate()
{
    auto replication = std::make_unique<Replication>(m_setup.requests, m_partitions);
    PortendSimulation simulation(m_setup);
    simulation.SetRequestSink([&](const PortendRequest& request) {
        replication->Record(request);
        for (std::size_t part = 0; part < m_excessNs.size(); ++part)
        {
            m_excessNs[part] += request.ledger.GetExcess()[part].GetNanoSeconds();
        }
        if (!m_isClosed)
        {
            return;
        }
        m_latency.Add(ToMs(request.GetLatency().GetNanoSeconds()));
        for (std::size_t c = 0; c < m_components.size(); ++c)
        {
            const auto component = static_cast<PortendLedger::Component>(c);
            m_components[c].Add(ToMs(request.ledger.Get(component).GetNanoSeconds()));
        }
        for (std::size_t k = 1; k <= m_partitions; ++k)
        {
            m_exits[k - 1].Add(request.exitPartition == k);
        }
        m_accuracy.Add(request.isRight);
    });
    replication->result = simulation.Run();
    ++m_setup.run;
    return replication;
}

void
PortendReplications::FindWarmUp(const std::vector<std::unique_ptr<Replication>>& pilots)
{
    std::vector<double> average;
    for (std::size_t p = 0; p < pilots.size(); ++p)
    {
        const auto series = pilots[p]->GetSeries();
        average.resize(p == 0 ? series.size() : std::min(average.size(), series.size()));
        for (std::size_t i = 0; i < average.size(); ++i)
        {
            average[i] += series[i] / pilots.size();
        }
    }
    const auto most = average.size() / 2;
    const auto deleted = PortendFindWarmUp(average);
    m_result.isSteady = most == 0 || deleted < most;
    m_result.warmUp = std::min(2 * deleted, most) * pilots.front()->GetBatch();
}

void
PortendReplications::Add(const Replication& replication)
{
    ++m_result.replications;
    m_result.generated += replication.result.generated;
    m_result.completed += replication.result.completed;
    for (std::size_t j = 0; j < m_result.links.size(); ++j)
    {
        m_result.links[j] += replication.result.links[j];
    }
    AddService(replication);
    m_energy.Add(replication.result.energyJ.mean);
    for (std::size_t c = 0; c < m_energies.size(); ++c)
    {
        m_energies[c].Add(replication.result.energiesJ[c].mean);
    }
    if (const auto& momentMs = replication.result.momentMs)
    {
        m_moment.Add(momentMs->GetTotal());
    }
    const auto& all = replication.GetObservations();
    if (all.size() <= m_result.warmUp)
    {
        return; // nearly all requests were lost
    }
    const auto count = all.size() - m_result.warmUp;
    m_result.requests += count;
    double latencyNs = 0;
    uint64_t correct = 0;
    std::vector<uint64_t> exits(m_partitions);
    std::vector<int64_t> latencies;
    latencies.reserve(count);
    std::for_each(all.begin() + m_result.warmUp, all.end(), [&](const auto& observation) {
        const auto k = observation.partition;
        latencyNs += observation.latencyNs;
        correct += observation.correct;
        ++exits[k - 1];
        latencies.push_back(observation.latencyNs);
        m_result.distributions[k].Add(observation.latencyNs);
        m_exitLatency[k - 1].Add(ToMs(observation.latencyNs));
        m_result.maxMs = std::max(m_result.maxMs, ToMs(observation.latencyNs));
    });
    const auto stages = replication.GetStages(m_result.warmUp);
    Components components{};
    for (std::size_t s = 0; s < stages.size(); ++s)
    {
        for (std::size_t c = 0; c < components.size(); ++c)
        {
            m_stagesNs[s][c] += stages[s][c];
            components[c] += stages[s][c];
        }
    }
    m_result.replicationMeansMs.push_back(ToMs(latencyNs / count));
    // The smallest latency that 99 % do not exceed.
    const auto p99 = latencies.begin() + (99 * count + 99) / 100 - 1;
    std::nth_element(latencies.begin(), p99, latencies.end());
    m_p99.Add(ToMs(*p99));
    if (m_isClosed)
    {
        return; // its requests have been counted one by one
    }
    m_latency.Add(ToMs(latencyNs / count));
    for (std::size_t c = 0; c < components.size(); ++c)
    {
        m_components[c].Add(ToMs(static_cast<double>(components[c]) / count));
    }
    for (std::size_t k = 0; k < m_partitions; ++k)
    {
        m_exits[k].Add(static_cast<double>(exits[k]) / count);
    }
    m_accuracy.Add(static_cast<double>(correct) / count);
}

void
PortendReplications::AddService(const Replication& replication)
{
    if (m_levels.empty() && m_punctuality.empty())
    {
        return;
    }
    const auto& all = replication.GetObservations();
    const auto& result = replication.result;
    PortendService service(m_setup.deadline);
    service.AddUnanswered(result.generated - result.completed);
    std::vector<uint64_t> met(m_partitions + 1);
    std::vector<uint64_t> requests(m_partitions + 1);
    requests[0] = service.CountUnanswered();
    for (std::size_t i = m_result.warmUp; i < all.size(); ++i)
    {
        service.Add(all[i].latencyNs);
        for (const auto k : {std::size_t{0}, std::size_t{all[i].partition}})
        {
            ++requests[k];
            met[k] += all[i].latencyNs <= m_setup.deadline.GetNanoSeconds();
        }
    }
    m_service.Add(service);
    for (std::size_t i = 0; i < m_levels.size(); ++i)
    {
        m_levelValues[i].Add(m_levels[i].Get(service));
    }
    for (std::size_t k = 0; k < m_punctuality.size(); ++k)
    {
        auto& punctuality = m_punctuality[k];
        punctuality.met += met[k];
        punctuality.requests += requests[k];
        if (requests[k] > 0)
        {
            punctuality.share.Add(static_cast<double>(met[k]) / requests[k]);
        }
        punctuality.goodput.Add((k == 0 ? result.met : result.metByExit[k - 1]) /
                                result.simulated.GetSeconds());
    }
}

void
PortendReplications::FinishService()
{
    for (std::size_t i = 0; i < m_levels.size(); ++i)
    {
        m_result.levels.push_back(
            {m_levels[i].Get(m_service), m_levelValues[i].GetInterval().ci95});
    }
    for (const auto& punctuality : m_punctuality)
    {
        m_result.punctuality.push_back(
            {{static_cast<double>(punctuality.met) / static_cast<double>(punctuality.requests),
              punctuality.share.GetInterval().ci95},
             punctuality.goodput.GetInterval()});
    }
}

bool
PortendReplications::IsPrecise() const
{
    const auto meets = [](const PortendMean& mean, double wanted) {
        return wanted == 0 || mean.GetConfidence95() <= wanted * mean.GetMean();
    };
    return meets(m_latency, m_precision.mean) && meets(m_p99, m_precision.p99);
}

void
PortendReplications::Finish()
{
    m_result.isPrecise = IsPrecise();
    m_result.latencyMs = m_latency.GetInterval();
    std::transform(m_components.begin(),
                   m_components.end(),
                   m_result.componentsMs.begin(),
                   [](const PortendMean& mean) { return mean.GetInterval(); });
    for (std::size_t k = 0; k < m_partitions; ++k)
    {
        m_result.exitRates.push_back(m_exits[k].GetInterval());
        m_result.exitLatencyMs.push_back(m_exitLatency[k].GetMean());
    }
    m_result.accuracy = m_setup.isAccuracyKnown ? m_accuracy.GetInterval() : PORTEND_UNKNOWN;
    for (std::size_t k = 1; k <= m_partitions; ++k)
    {
        m_result.distributions[0].Add(m_result.distributions[k]);
    }
    m_result.p50Ms = ToMs(m_result.distributions[0].Get(0.50));
    m_result.p95Ms = ToMs(m_result.distributions[0].Get(0.95));
    m_result.p99Ms = {ToMs(m_result.distributions[0].Get(0.99)), m_p99.GetInterval().ci95};
    const double excessNs = std::accumulate(m_excessNs.begin(), m_excessNs.end(), 0.0);
    std::transform(m_excessNs.begin(),
                   m_excessNs.end(),
                   m_result.excessShares.begin(),
                   [&](double partNs) { return excessNs > 0 ? partNs / excessNs : 0; });
    FinishService();
    const auto getInterval = [](const PortendMean& mean) { return mean.GetInterval(); };
    m_result.energyJ = getInterval(m_energy);
    std::transform(m_energies.begin(), m_energies.end(), m_result.energiesJ.begin(), getInterval);
    if (m_moment.GetCount() > 0)
    {
        m_result.momentMs = getInterval(m_moment);
    }
    const auto requests = std::max<uint64_t>(1, m_result.requests);
    for (const auto& sums : m_stagesNs)
    {
        auto& means = m_result.stagesMs.emplace_back();
        std::transform(sums.begin(), sums.end(), means.begin(), [&](int64_t sum) {
            return ToMs(static_cast<double>(sum) / requests);
        });
    }
}

} // namespace ns3
