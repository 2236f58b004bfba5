/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_QUEUEING_H
#define PORTEND_QUEUEING_H

#include "portend-estimator.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/**
 * @file
 * @ingroup portend
 * Tiers and links as stations of a queueing network: saturation, and waiting under load.
 */

namespace portend
{

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
    uint32_t index{0}; //!< number of the node or link on the network; of a stream 0

    /// @return whether they are the same
    bool operator==(const StationKey& other) const
    {
        return kind == other.kind && index == other.index;
    }
};

/**
 * @ingroup portend
 * @brief A queue and its servers: a tier's process, or one direction of a link.
 *
 * Jobs are requests at tiers and whole messages at links, first come first served.
 */
struct Station
{
    std::string name;    //!< such as `tier 1`, `link 0 up`, `source`, `destination`
    uint32_t servers{1}; //!< equal servers
    double visits{0};    //!< jobs for each request that arises
    double workMs{0};    //!< mean service of all its jobs, for each request that arises
    double squareMs2{0}; //!< the same of the squares of the service times
    StationKey key{};    //!< what it is

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
     * Where exits thin the arrivals to a share p, ca is p ca + 1 - p (equation 37).
     *
     * @param arrivals how requests arise
     * @return milliseconds; infinity if the queue is not stable
     */
    double GetWaitMs(const Arrivals& arrivals) const;
};

/**
 * @ingroup portend
 * @brief The stations that the requests of a deployment visit, in the order of the first visit.
 *
 * A link's station serves messages at the link's rate, all headers counted. What a message needs
 * beyond that to pass several links belongs to the idle network.
 *
 * *Waiting* at each station is that of the station alone, less what the regularity of an earlier
 * one spares: constant service spaces the requests, and those that have waited there need not
 * wait again. Along a path of stations i,
 * w_i = max(0, W_i - H_i), with H_{i+1} = p max(H_i, (1 - min(1, cs_i)) W_i), where W_i is the
 * wait of the station alone, cs_i the squared coefficient of variation of its service and p the
 * share of its requests that goes on to the next. This is exact for one station; for constant
 * service everywhere (the total is the wait of the slowest station alone, H. D. Friedman,
 * Reduction methods for tandem queuing systems, Operations Research 13, 1965); and for
 * exponential service everywhere with whatever exits (J. R. Jackson, 1957). In between it
 * interpolates.
 */
class QueueingNetwork
{
  public:
    /**
     * @brief Constructor.
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
     * @brief Find the station that saturates first.
     * @return the station; null if none has work to do
     */
    const Station* FindBottleneck() const;

    /**
     * @brief Add the waits to an estimate of the same deployment.
     *
     * Those at tiers, source and destination are Components::waitMs, those at links
     * Components::networkExcessMs. They are infinite if a queue is not stable, and 0 with closed
     * arrivals.
     *
     * @param estimate of the idle network; gets the waits
     */
    void AddWaits(Estimate& estimate) const;

  private:
    /// Jobs of a request that follow each other, by the index of their station.
    using Path = std::vector<std::size_t>;

    /// The jobs that a partition leads to.
    struct Branch
    {
        Path arrival; //!< the partition itself
        Path forward; //!< way to the next partition
        Path exit;    //!< way of the result
    };

    /**
     * @brief Enter a job.
     * @param path gets the job
     * @param at the station, as far as it is known without its work
     * @param share jobs for each request that arises
     * @param serviceMs mean service
     * @param varianceMs2 variance of the service
     */
    void AddVisit(Path& path,
                  const Station& at,
                  double share,
                  double serviceMs,
                  double varianceMs2 = 0);

    /**
     * @brief Enter the jobs of a message.
     * @param path gets the jobs
     * @param stream tiers on a network
     * @param from tier that sends
     * @param to tier that receives
     * @param bytes size of the message
     * @param share messages for each request that arises
     */
    void AddMessage(Path& path,
                    const Stream& stream,
                    uint32_t from,
                    uint32_t to,
                    uint64_t bytes,
                    double share);

    /**
     * @brief Wait along a path.
     * @param path the jobs
     * @param hiddenMs H at its begin; becomes that at its end
     * @return the waits, by component
     */
    Components GetWaits(const Path& path, double& hiddenMs) const;

    Arrivals m_arrivals;             //!< how requests arise
    std::vector<Station> m_stations; //!< with work to do
    Path m_input;                    //!< jobs of every request before the first partition
    std::vector<Branch> m_branches;  //!< by partition
};

} // namespace portend

#endif // PORTEND_QUEUEING_H
