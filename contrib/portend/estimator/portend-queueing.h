/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_QUEUEING_H
#define PORTEND_QUEUEING_H

#include "portend-batching.h"
#include "portend-estimator.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

/**
 * @file
 * @ingroup portend
 * Tiers and links as stations of a queueing network: saturation, and waiting under load.
 */

namespace portend
{

class Terms;

/**
 * @ingroup portend
 * @brief What a station is on a network: two with the same key are one.
 */
struct StationKey
{
    /// What serves.
    enum Kind
    {
        NODE,        //!< the process of a node
        LINK,        //!< a directed link
        SOURCE,      //!< the process where a stream's requests arise
        DESTINATION, //!< the process that gets their results
    };

    Kind kind{NODE};   //!< what serves
    uint32_t index{0}; //!< number of the node or link on the network, or of the load

    /// @return whether this comes before another
    bool operator<(const StationKey& other) const
    {
        return kind != other.kind ? kind < other.kind : index < other.index;
    }
};

/**
 * @ingroup portend
 * @brief A stream, and what runs where for it.
 *
 * Streams alike are one load. Such members have a source node each, with the links that touch it,
 * and a source and destination of their own; they meet at all other stations.
 */
struct StreamLoad
{
    const Stream* stream{nullptr};      //!< the stream, or any of its members
    const ModelProfile* model{nullptr}; //!< device-independent profile
    Deployment deployment;              //!< what runs where, valid
    uint32_t count{1};                  //!< members, at least 1
};

/**
 * @ingroup portend
 * @brief What a load asks of a station.
 */
struct StationShare
{
    std::size_t load{0};                //!< number of the load
    uint32_t members{1};                //!< how many of its members meet there
    Arrivals arrivals{};                //!< requests that arise for each of them
    double visits{0};                   //!< jobs for each of these requests
    double workMs{0};                   //!< mean service of all jobs, for each of these requests
    double squareMs2{0};                //!< the same of the squares of the service times
    std::vector<ServiceTime> batches{}; //!< service of a batch of 1, 2, ...; none if it takes none

    /**
     * @brief Get the rate at which requests arise that come to the station.
     * @return of all members that meet there, per second; 0 for closed arrivals
     */
    double GetRatePerS() const;
};

/**
 * @ingroup portend
 * @brief A queue and its servers: a tier's process, or one direction of a link.
 *
 * Jobs are requests at tiers and whole messages at links, first come first served. Where a tier
 * takes batches, the service of a job is its part of a full one: so many can be served.
 */
struct Station
{
    std::string name;      //!< such as `tier 1`, `link 0 up`, `source`, `destination`
    uint32_t servers{1};   //!< equal servers
    double visits{0};      //!< jobs for each request that arises, of all streams that come here
    double workMs{0};      //!< mean service of all its jobs, for each request that arises
    double squareMs2{0};   //!< the same of the squares of the service times
    StationKey key{};      //!< what it is
    double ratePerS{0};    //!< requests that arise, of all streams that come here, per second
    double variability{1}; //!< squared coefficient of variation of the times between its jobs
    std::vector<StationShare> shares{}; //!< what streams ask of it, in the order of loads
    Batching batching{};                //!< how jobs are served at once
    BatchQueue batches{};               //!< what they do then under all loads
    std::string reason{};               //!< why its waits cannot be told; empty if they can

    /**
     * @brief Get the rate from which on the queue grows without bound.
     * @return requests per second; infinity if nothing is served
     */
    double GetSaturationPerS() const;

    /**
     * @brief Get the share of time that a server is busy.
     * @param ratePerS requests that arise, per second
     * @return utilization; 1 or more if the queue is not stable
     */
    double GetUtilization(double ratePerS) const;

    /**
     * @brief Get the share of time that a server is busy under all loads.
     * @return utilization; 1 or more if the queue is not stable
     */
    double GetUtilization() const;

    /**
     * @brief Get the part of it that a load has.
     * @param share what the load asks of the station
     * @return utilization
     */
    double GetUtilization(const StationShare& share) const;

    /**
     * @brief Tell whether a wait can be told.
     *
     * How often a closed stream comes depends on how long it waits. It may be alone, and then
     * does not wait; a wait beside others is not estimated. Batches are known of one stream at one
     * server.
     *
     * @return false if a closed stream meets others, or batches are not known
     */
    bool IsKnown() const;

    /**
     * @brief Get the squared coefficient of variation of the service times.
     * @return variance over squared mean
     */
    double GetServiceVariability() const;

    /**
     * @brief Get the mean wait of a job if nothing lay between the source and the station.
     *
     * With one server and Poisson arrivals the formula of Pollaczek and Khinchine, exactly; with
     * exponential service the M/M/c queue, exactly. Else the mean wait of the M/M/c queue times
     * (ca + cs) / 2, the mean of the squared coefficients of variation of arrivals and service
     * (Allen and Cunneen), with the correction of Kraemer and Langenbach-Belz (W. Whitt, The
     * Queueing Network Analyzer, Bell System Technical Journal 62, 1983, equations 44 to 46).
     * Where exits thin the arrivals to a share p, ca is p ca + 1 - p (equation 37). With batches it
     * is that of EstimateBatchQueue(), of which what is waited for the server counts ca times with
     * the same correction.
     *
     * @param arrivals how requests arise
     * @return milliseconds; infinity if the queue is not stable
     */
    double GetWaitMs(const Arrivals& arrivals) const;

    /**
     * @brief Get the mean wait of a job under all loads, if nothing lay before the station.
     * @return milliseconds; infinity if the queue is not stable, NaN if the wait cannot be told
     */
    double GetWaitMs() const;
};

/**
 * @ingroup portend
 * @brief Where a stream's queues begin to grow without bound.
 */
struct Saturation
{
    const Station* station{nullptr}; //!< the first station that saturates; null if none does
    double ratePerS{HUGE_VAL};       //!< from which rate of the stream on, of each of its members
};

/**
 * @ingroup portend
 * @brief The stations that requests visit, in the order of the first visit.
 *
 * A link's station serves messages at the link's rate, all headers counted. What a message needs
 * beyond that to pass several links belongs to the idle network.
 *
 * *Streams that meet* are one queue. Services mix: the moments are those of all jobs, which for
 * Poisson arrivals at one server is the multi-class mean of Pollaczek and Khinchine, exactly.
 * Arrivals superpose: rates add, and of streams that bring shares q_i of the jobs, each with a
 * squared coefficient of variation ca_i, ca = w sum q_i ca_i + 1 - w, with
 * w = 1 / (1 + 4 (1 - load)^2 (v - 1)) and v = 1 / sum q_i^2 (Whitt, section 4.3 and equations 29
 * and 30): one stream stays what it is, many become a Poisson process.
 *
 * *Waiting* at each station is that of the station alone, less what the regularity of an earlier
 * one spares: constant service spaces the requests, and those that have waited there need not
 * wait again. Along a path of stations i,
 * w_i = max(0, W_i - f H_i), with H_{i+1} = p max(f H_i, (1 - min(1, cs_i)) W_i), where W_i is the
 * wait of the station alone, cs_i the squared coefficient of variation of its service, p the share
 * of its requests that goes on to the next, and f the share of the jobs there that have come the
 * same way: of streams that pass the station which spares. With one stream f is 1. This is exact
 * for one station; for constant service everywhere (the total is the wait of the slowest station
 * alone, H. D. Friedman, Reduction methods for tandem queuing systems, Operations Research 13,
 * 1965); and for exponential service everywhere with whatever exits (J. R. Jackson, 1957). In
 * between it interpolates.
 *
 * *Batches* make a job as long as its batch: what requests spend on others of theirs counts as
 * waiting, and computation is that of the whole batch. A station with batches spares nothing, and
 * nothing is spared there; that batches leave in bursts is left out.
 */
class QueueingNetwork
{
  public:
    /**
     * @brief Constructor.
     * @param loads the streams, all on one network
     * @param rules variant of the analytical model
     * @throw InputError if the streams are on different networks
     */
    QueueingNetwork(const std::vector<StreamLoad>& loads, const EstimatorRules& rules);

    /**
     * @brief Constructor: a stream alone.
     * @param model device-independent profile
     * @param stream tiers on a network, and arrivals
     * @param deployment what runs where, valid
     * @param rules variant of the analytical model
     */
    QueueingNetwork(const ModelProfile& model,
                    const Stream& stream,
                    const Deployment& deployment,
                    const EstimatorRules& rules);

    /**
     * @brief Get the stations.
     * @return those with work to do
     */
    const std::vector<Station>& GetStations() const;

    /**
     * @brief Find a station.
     * @param key what it is
     * @return the station; null if it has no work to do
     */
    const Station* Find(const StationKey& key) const;

    /**
     * @brief Find the station that saturates first if all rates rise alike.
     * @return the station; null if none has work to do
     */
    const Station* FindBottleneck() const;

    /**
     * @brief Find how far the rate of a load may rise, the others as they are.
     * @param load number of the load
     * @return the rate, 0 if the others alone are too many, and the station
     */
    Saturation FindSaturation(std::size_t load) const;

    /**
     * @brief Say why the waits of a load are not estimated.
     * @param load number of the load
     * @return the reason; empty if they are
     */
    std::string GetReason(std::size_t load) const;

    /**
     * @brief Add the waits to an estimate of a load's deployment.
     *
     * Those at tiers, source and destination are Components::waitMs, those at links
     * Components::networkExcessMs. They are infinite if a queue is not stable, 0 for closed
     * arrivals alone, and NaN where GetReason() has one.
     *
     * @param load number of the load
     * @param estimate of the idle network; gets the waits
     */
    void AddWaits(std::size_t load, Estimate& estimate) const;

  private:
    /// Jobs of a request that follow each other, by the index of their station.
    using Path = std::vector<std::size_t>;

    /// What others of a batch cost a request at a partition.
    struct BatchCosts
    {
        Components arrival; //!< if it arrives there
        Components forward; //!< if it leaves the tier for the next
        Components exit;    //!< if it exits
    };

    /// The jobs that a partition leads to.
    struct Branch
    {
        Path arrival;                  //!< the partition itself
        Path forward;                  //!< path to the next partition
        Path exit;                     //!< path of the result
        std::vector<BatchCosts> costs; //!< by size of the batch; none if it takes no batches
        std::size_t station{0};        //!< where the batch is
    };

    /// The jobs of a load.
    struct Journey
    {
        std::string name;             //!< of the stream
        Path input;                   //!< jobs of every request before the first partition
        std::vector<Branch> branches; //!< by partition
    };

    /// What later stations need not make wait again.
    struct Spared
    {
        double ms{0};           //!< H
        std::size_t station{0}; //!< which station spares it
    };

    /**
     * @brief Enter the jobs of a load.
     * @param load the load
     * @param rules variant of the analytical model
     */
    void AddLoad(const StreamLoad& load, const EstimatorRules& rules);

    /**
     * @brief Enter what others of a batch cost at a visit.
     * @param branches of the load, down to the visit's last partition; get the costs
     * @param load the load
     * @param terms of the analytical model
     * @param shares what becomes of requests at each partition
     * @param begin index k of the partition that the visit begins with
     * @return service of batches, by size
     */
    static std::vector<ServiceTime> AddBatchCosts(std::vector<Branch>& branches,
                                                  const StreamLoad& load,
                                                  const Terms& terms,
                                                  const std::vector<ExitShare>& shares,
                                                  std::size_t begin);

    /**
     * @brief Solve the batches of a station, or say why they are not known.
     * @param station the station, whose shares are mixed
     */
    void SolveBatches(Station& station) const;

    /**
     * @brief Enter a job.
     * @param path gets the job
     * @param at the station, as far as it is known without its work
     * @param share what the job asks of it
     */
    void AddJob(Path& path, const Station& at, const StationShare& share);

    /**
     * @brief Get the share of a station's jobs that have come by another.
     * @param from the other
     * @param to the station
     * @return f, from 0 to 1
     */
    double GetCompany(const Station& from, const Station& to) const;

    /**
     * @brief Wait along a path.
     * @param path the jobs
     * @param spared H at its begin; becomes that at its end
     * @return the waits, by component
     */
    Components GetWaits(const Path& path, Spared& spared) const;

    std::vector<Station> m_stations;           //!< with work to do
    std::map<StationKey, std::size_t> m_index; //!< where they are
    std::vector<Journey> m_journeys;           //!< by load
};

/**
 * @ingroup portend
 * @brief Estimate streams side by side.
 *
 * Rules that count waiting let them wait for one another; others see each alone.
 *
 * @param loads the streams, all on one network
 * @param rules variant of the model
 * @return an estimate for each load, of every one of its members
 * @throw InputError if the parts do not fit together
 */
std::vector<Estimate> EstimateStreams(const std::vector<StreamLoad>& loads,
                                      const EstimatorRules& rules);

} // namespace portend

#endif // PORTEND_QUEUEING_H
