/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_REPLICATIONS_H
#define PORTEND_REPLICATIONS_H

#include "ns3/portend-service-level.h"
#include "ns3/portend-setup.h"
#include "ns3/portend-simulation.h"
#include "ns3/portend-statistics.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief How precise a result must be.
 */
struct PortendPrecision
{
    uint32_t replications{10};     //!< independent simulations, at least
    uint32_t openReplications{30}; //!< the same when arrivals are open: the interval takes their
                                   //!< means for normal
    double mean{0};                //!< half-width of the mean's interval over the mean; 0: any
    double p99{0};                 //!< the same of the 99th percentile; 0: any
    uint64_t maxSamples{1000000};  //!< most requests to generate, over all replications
};

/**
 * @ingroup portend
 * @brief How requests met their deadline.
 */
struct PortendPunctuality
{
    PortendInterval metShare;    //!< share that was answered by then
    PortendInterval goodputPerS; //!< such answers each second, warm-up included
};

/**
 * @ingroup portend
 * @brief What many independent simulations of one scenario showed.
 *
 * Intervals are of Student's t distribution: over requests when arrivals are closed (they are
 * independent), else over the replications' means.
 */
struct PortendReplicatedResult
{
    uint32_t replications{0};  //!< independent simulations
    uint64_t warmUp{0};        //!< requests removed from the start of each
    bool isSteady{true};       //!< false: the warm-up may last longer than half a replication
    bool isPrecise{true};      //!< false: most samples were taken before the precision was reached
    uint64_t requests{0};      //!< measured
    uint64_t generated{0};     //!< arisen, warm-up included
    uint64_t completed{0};     //!< answered, warm-up included
    PortendInterval latencyMs; //!< end to end
    std::array<PortendInterval, PortendLedger::COMPONENTS> componentsMs; //!< they sum to latency
    std::vector<PortendInterval> exitRates; //!< share of requests that exit at partition k
    std::vector<double> exitLatencyMs;      //!< mean of those that exit at k; NaN if none
    PortendInterval accuracy;               //!< share of right answers
    double p50Ms{0};                        //!< median latency
    double p95Ms{0};                        //!< 95th percentile
    PortendInterval p99Ms;                  //!< 99th percentile; of replications
    double maxMs{0};                        //!< largest latency
    std::vector<std::array<double, PortendLedger::COMPONENTS>> stagesMs; //!< mean per request
    /// What the network excess is made of, shares of all of it; warm-up included.
    std::array<double, PortendLedger::LINK_PARTS> excessShares{};
    std::vector<PortendLinkTraffic> links;         //!< by link, over all replications
    std::vector<PortendPercentiles> distributions; //!< ns: of all, then of those that exit at k
    std::vector<double> replicationMeansMs;        //!< mean latency of each replication
    std::vector<PortendInterval> levels;           //!< what each service level bounds
    /// Of the requests that arose, then of the answers of those that exit at k; none without a
    /// deadline.
    std::vector<PortendPunctuality> punctuality;
    PortendInterval energyJ; //!< of a request, over replications; where powers are known
    std::array<PortendInterval, PortendLedger::COMPONENTS> energiesJ; //!< they sum to it
    /// Where links change, what the analytical model says of each request's own moment.
    std::optional<PortendInterval> momentMs;
};

/**
 * @ingroup portend
 * @brief Simulates a scenario again and again, until the result is as precise as needed.
 *
 * Replication r is the scenario at run + r of ns3::RngSeedManager, so that scenarios that are
 * compared meet the same random numbers, replication by replication. When arrivals are open, the
 * warm-up is found by MSER-5 on the series of latencies averaged over the first replications, and
 * twice that is removed from all: MSER weighs the bias against the variance of that series, but
 * the bias is in every replication, and more of them do not make it smaller. What comes out
 * depends on scenario and precision alone.
 */
class PortendReplications
{
  public:
    /**
     * @brief Constructor.
     * @param setup what to simulate; `setup.requests` in each replication
     * @param precision when to stop
     * @param levels service levels that it is held to
     */
    PortendReplications(const PortendSetup& setup,
                        const PortendPrecision& precision,
                        std::vector<PortendServiceLevel> levels = {});

    /**
     * @brief Require that the deployment stays: results are by its partitions.
     * @param setup what to simulate
     * @throw portend::InputError if a controller may change it
     */
    static void RequireOneDeployment(const PortendSetup& setup);

    /// Destructor.
    ~PortendReplications();

    /**
     * @brief Simulate.
     * @return what was seen
     */
    PortendReplicatedResult Run();

  private:
    class Replication;

    /// @return replications before precision is asked for
    uint32_t GetFirstReplications() const;

    /**
     * @brief Simulate once.
     * @return what was seen
     */
    std::unique_ptr<Replication> Simulate();

    /**
     * @brief Find the warm-up.
     * @param pilots the first replications
     */
    void FindWarmUp(const std::vector<std::unique_ptr<Replication>>& pilots);

    /**
     * @brief Count a replication in.
     * @param replication what it showed
     */
    void Add(const Replication& replication);

    /**
     * @brief Count in how the requests of a replication were answered.
     * @param replication what it showed
     */
    void AddService(const Replication& replication);

    /// @return whether the result is as precise as needed
    bool IsPrecise() const;

    /// Sum up.
    void Finish();

    /// Sum up how requests were answered.
    void FinishService();

    /// Answers by the deadline, over replications.
    struct Punctuality
    {
        uint64_t met{0};      //!< answers by then
        uint64_t requests{0}; //!< of so many
        PortendMean share;    //!< by replication
        PortendMean goodput;  //!< per second
    };

    PortendSetup m_setup;             //!< what to simulate, at the next run
    PortendPrecision m_precision;     //!< when to stop
    bool m_isClosed;                  //!< requests are independent
    std::size_t m_partitions;         //!< L
    PortendReplicatedResult m_result; //!< what was seen

    /// @name Means over requests when arrivals are closed, else over replications
    /// @{
    PortendMean m_latency;                                           //!< ms
    std::array<PortendMean, PortendLedger::COMPONENTS> m_components; //!< ms
    std::vector<PortendMean> m_exits;                                //!< shares
    PortendMean m_accuracy;                                          //!< share
    PortendMean m_p99; //!< ms, over replications always
    /// @}
    std::array<double, PortendLedger::LINK_PARTS> m_excessNs{}; //!< sums over all requests
    std::vector<PortendMean> m_exitLatency;                     //!< ms, over requests
    std::vector<std::array<int64_t, PortendLedger::COMPONENTS>> m_stagesNs; //!< sums
    std::vector<PortendServiceLevel> m_levels;                              //!< that it is held to
    PortendService m_service;               //!< of all replications, for them
    std::vector<PortendMean> m_levelValues; //!< by level, over replications
    std::vector<Punctuality> m_punctuality; //!< of all, then by exit; none without a deadline

    /// @name Means over replications, warm-up included
    /// @{
    PortendMean m_energy;                                          //!< J
    std::array<PortendMean, PortendLedger::COMPONENTS> m_energies; //!< J
    PortendMean m_moment;                                          //!< ms
    /// @}
};

} // namespace ns3

#endif // PORTEND_REPLICATIONS_H
