/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_CONTROLLERS_H
#define PORTEND_CONTROLLERS_H

#include "portend-controller.h"

#include "ns3/portend-search.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Estimates the bandwidths of links from messages that have arrived.
 *
 * A message over one link, idle otherwise, takes its propagation delay d and 8 W / b, with W bytes
 * on the link, headers included. What it took beyond d is its time on the link. The estimate of a
 * link is the bits of the last messages over it by their times: the mean of their rates weighted by
 * their times, or the harmonic mean weighted by their bits.
 *
 * A message over several links tells of the slowest of them, as far as is known; what the others
 * take is subtracted, as the estimate has it. Of a link that no message has told of lately, the
 * bandwidth is what the scenario states: who sends nothing over a link would never learn that it is
 * better again.
 */
class PortendBandwidthEstimator
{
  public:
    /**
     * @brief Begin anew.
     * @param stream whose network has the links
     * @param window most messages that an estimate is made of, at least 1
     * @param memory how long a message counts; 0 is for ever
     */
    void Begin(const portend::Stream& stream, std::size_t window, Time memory = Time());

    /// What a message tells.
    struct Sample
    {
        uint32_t link{0}; //!< of which link
        double bps{0};    //!< what it met there, bit/s
    };

    /**
     * @brief Learn from a message.
     * @param transfer the message
     * @return what it tells, if anything
     */
    std::optional<Sample> Add(const PortendController::Transfer& transfer);

    /**
     * @brief Get the estimates.
     * @param now simulated time
     * @return by link, bit/s
     */
    const std::vector<double>& GetBps(Time now = Time());

  private:
    /// A message that told of a link.
    struct Message
    {
        double bits{0};    //!< on the link
        double seconds{0}; //!< that they took
        Time arrived;      //!< when it was complete
    };

    /**
     * @brief Estimate a link anew.
     * @param link number of the link
     */
    void Update(uint32_t link);

    portend::Stream m_stream;                     //!< whose network has the links
    std::size_t m_window{1};                      //!< most messages of an estimate
    Time m_memory;                                //!< how long they count; 0 is for ever
    std::vector<std::deque<Message>> m_histories; //!< by link
    std::vector<double> m_bps;                    //!< by link
};

/**
 * @ingroup portend
 * @brief Leaves the deployment as it is.
 */
class PortendFixedController : public PortendController
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

  protected:
    portend::Deployment Decide() override;
};

/**
 * @ingroup portend
 * @brief Finds the best deployment: of those that are as accurate as asked for, the one whose
 *        estimated mean latency is least.
 *
 * The search is exact (portend::DeploymentSearch, label setting), over all cuts, thresholds and
 * truncations on the placements that go up the chain, or on any.
 */
class PortendOptimizingController : public PortendController
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

  protected:
    portend::Deployment DoBegin() override;

    /**
     * @brief Find the best deployment.
     * @param bandwidthsBps by link
     * @return the deployment, and its estimates
     */
    const portend::Candidate& FindBest(const std::vector<double>& bandwidthsBps);

    /// @return least share of right answers
    double GetMinAccuracy() const;

  private:
    double m_askedAccuracy;            //!< below 0 is that of the first deployment
    bool m_isAnyOrder;                 //!< whether placements may go down the chain
    double m_minAccuracy{0};           //!< share of right answers
    portend::SearchSpace m_space;      //!< what is searched
    std::vector<double> m_searchedBps; //!< bandwidths of the last search
    portend::Candidate m_best;         //!< what it found
};

/**
 * @ingroup portend
 * @brief Begins with the best deployment for the mean bandwidths, and keeps it.
 */
class PortendBestStaticController : public PortendOptimizingController
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

  protected:
    portend::Deployment DoBegin() override;
    portend::Deployment Decide() override;
};

/**
 * @ingroup portend
 * @brief Gives the best deployment for the bandwidths of this moment, which it knows.
 */
class PortendOracleController : public PortendOptimizingController
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

  protected:
    portend::Deployment Decide() override;
};

/**
 * @ingroup portend
 * @brief Gives the best deployment for the bandwidths that messages have met, if it is worth a
 *        change: the controller `portend`.
 *
 * Of requests that arise \f$\lambda\f$ times a second, \f$n = \max(1, \lambda E)\f$ do in an epoch
 * E. A deployment that takes \f$\Delta\f$ less for each than the one in force, which takes T, takes
 * its place if \f$\Delta > mT\f$ (Margin m) and, where blocks must be loaded for S
 * (GetLoadingTime()), if \f$n \Delta > S (1 + \lambda S / 2)\f$: one request waits for S, and those
 * that arise meanwhile for half of it.
 */
class PortendSearchController : public PortendOptimizingController
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

  protected:
    portend::Deployment DoBegin() override;
    portend::Deployment Decide() override;
    void DoArrive() override;
    void DoReply(const Reply& reply) override;

  private:
    /**
     * @brief Get what a change costs.
     * @param deployment what takes the place of the one in force
     * @return time that requests wait for blocks, all together, ms
     */
    double GetCostMs(const std::string& deployment) const;

    uint32_t m_window;                     //!< messages of an estimate
    Time m_memory;                         //!< how long they count; 0 is for ever
    double m_margin;                       //!< least gain, as a share
    PortendBandwidthEstimator m_bandwidth; //!< of the links
    std::deque<std::string> m_loaded;      //!< deployments whose blocks are loaded, the last first
    uint64_t m_arrivals{0};                //!< so far
    Time m_firstArrival;                   //!< when the first was
    Time m_lastArrival;                    //!< when the last was
};

/**
 * @ingroup portend
 * @brief Two tiers, at the end of the deployment that the stream begins with.
 *
 * If that is on a single tier, the other is the source, or the last tier of the chain if it is the
 * source's.
 *
 * @param view what is known from the beginning
 * @return the tier of the front part, and that of the back part
 * @throw portend::InputError if the stream has one tier only
 */
std::pair<uint32_t, uint32_t> PortendGetEnds(const PortendControllerView& view);

/**
 * @ingroup portend
 * @brief The runtime of Neurosurgeon: the cut between two tiers whose estimated latency is least.
 *
 * Kang et al., Neurosurgeon: Collaborative Intelligence Between the Cloud and Mobile Edge, ASPLOS
 * 2017. The network has one exit, at its end; with the bandwidth B of the moment,
 * \f[ p^* = \arg\min_p \sum_{i \le p} TM_i + D_p / B + \sum_{i > p} TC_i, \f]
 * where here the estimate of the whole deployment takes the place of the three sums, and B is a
 * moving estimate. The load of the server, K in the paper, is left out.
 */
class PortendNeurosurgeonController : public PortendController
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

  protected:
    portend::Deployment DoBegin() override;
    portend::Deployment Decide() override;
    void DoReply(const Reply& reply) override;

  private:
    uint32_t m_window;                       //!< messages of an estimate
    Time m_memory;                           //!< how long they count; 0 is for ever
    PortendBandwidthEstimator m_bandwidth;   //!< of the links
    std::vector<portend::Deployment> m_cuts; //!< all that there are
    std::vector<double> m_decidedBps;        //!< estimates of the last decision
};

/**
 * @ingroup portend
 * @brief List the deployments with one cut between two tiers, or none.
 * @param view what is known from the beginning
 * @param front tier of the front part
 * @param back tier of the back part
 * @param last block after which the network ends, with its only exit
 * @return all that are measured and fit into memory: all blocks on the back tier first, on the
 * front tier last
 * @throw portend::InputError if the profile has no threshold at which nothing exits early
 */
std::vector<portend::Deployment> PortendGetCuts(const PortendControllerView& view,
                                                uint32_t front,
                                                uint32_t back,
                                                uint32_t last);

} // namespace ns3

#endif // PORTEND_CONTROLLERS_H
