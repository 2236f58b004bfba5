/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_SERVICE_LEVEL_H
#define PORTEND_SERVICE_LEVEL_H

#include "portend-statistics.h"

#include "ns3/nstime.h"
#include "ns3/portend-setup.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

/**
 * @file
 * @ingroup portend
 * Service levels: what is promised of a stream's answers, and whether it holds.
 */

namespace ns3
{

/**
 * @ingroup portend
 * @brief What a service level is judged by: how the requests of a stream were answered.
 *
 * A request without an answer waits without end: it counts in every percentile, and makes mean and
 * maximum infinite.
 */
class PortendService
{
  public:
    /**
     * @brief Constructor.
     * @param deadline of answers; 0 is none
     */
    explicit PortendService(Time deadline);

    /**
     * @brief Count an answer.
     * @param latencyNs end to end, ns
     */
    void Add(int64_t latencyNs);

    /**
     * @brief Count requests that were never answered.
     * @param count how many
     */
    void AddUnanswered(uint64_t count);

    /**
     * @brief Add what was seen of the same stream elsewhere.
     * @param other the same of it
     */
    void Add(const PortendService& other);

    /// @return number of requests without an answer
    uint64_t CountUnanswered() const;

    /// @return mean latency, ms; NaN if no request arose
    double GetMeanMs() const;

    /// @return largest latency, ms; NaN if no request arose
    double GetMaxMs() const;

    /**
     * @brief Get a percentile of the latency.
     * @param share in (0, 1): 0.95 for the 95th percentile
     * @return what at least this share of the requests that arose do not exceed, ms; NaN if none
     *         arose
     */
    double GetPercentileMs(double share) const;

    /// @return share of the requests that arose which were answered by the deadline; NaN if none
    ///         arose
    double GetMetShare() const;

  private:
    int64_t m_deadlineNs;         //!< of answers; 0 is none
    uint64_t m_answered{0};       //!< requests
    uint64_t m_unanswered{0};     //!< requests
    uint64_t m_met{0};            //!< requests answered by the deadline
    double m_sumNs{0};            //!< of the latencies
    int64_t m_maxNs{0};           //!< largest latency
    PortendPercentiles m_latency; //!< ns
};

/**
 * @ingroup portend
 * @brief A service level: a bound of the mean, a percentile or the maximum of the latency, or of
 *        the share of requests that are answered by their deadline.
 *
 * It is written `p99:150ms`, `mean:80ms`, `max:1s`, or `met:99%`; before it may stand the name of
 * a stream, `vision/p99:150ms`.
 */
class PortendServiceLevel
{
  public:
    /**
     * @brief Read the levels of a command line.
     * @param texts values of the option --slo
     * @return the levels
     * @throw portend::InputError if one makes no sense, or stands there twice
     */
    static std::vector<PortendServiceLevel> Parse(const std::vector<std::string>& texts);

    /**
     * @brief Require that a stream can be held to it.
     * @param stream the stream
     * @throw portend::InputError if it has no deadline, and one is needed
     */
    void Require(const PortendStreamSetup& stream) const;

    /// @return name of the stream that it is for; empty for all
    const std::string& GetStream() const;

    /// @return the level without a stream's name, such as `p99:150ms`
    const std::string& GetText() const;

    /// @return whether it is of the share that is answered by the deadline, rather than of latency
    bool IsOfShare() const;

    /// @return unit of the bound, as keys end: `ms` or `share`
    std::string GetUnit() const;

    /// @return the bound, in that unit
    double GetLimit() const;

    /**
     * @brief Get what is bounded.
     * @param service how requests were answered
     * @return ms, or a share; infinite or NaN if there is none
     */
    double Get(const PortendService& service) const;

    /**
     * @brief Tell whether it holds.
     * @param value what is bounded; it does not hold of NaN
     * @return true if so
     */
    bool Holds(double value) const;

    /**
     * @brief Write a value of what is bounded for people.
     * @param value ms, or a share
     * @param decimals digits after the point
     * @return such as `143.2 ms` or `98.75 %`
     */
    std::string Describe(double value, int decimals) const;

  private:
    /**
     * @brief Constructor: read a level.
     * @param text value of the option --slo
     */
    explicit PortendServiceLevel(const std::string& text);

    std::string m_stream;    //!< name of a stream; empty for all
    std::string m_text;      //!< without the stream
    std::string m_statistic; //!< what is bounded
    double m_share{0};       //!< of a percentile; 0 if it is none
    double m_limit{0};       //!< ms, or a share
};

/**
 * @ingroup portend
 * @brief What a run showed of a service level.
 */
struct PortendLevelOutcome
{
    PortendServiceLevel level; //!< what was promised
    std::size_t stream{0};     //!< index of the stream that was looked at
    double value{0};           //!< what is bounded; infinite with requests that have no answer
    uint64_t unanswered{0};    //!< requests that have none
    bool holds{false};         //!< whether the promise was kept

    /**
     * @brief Write a line for people.
     * @param os where to
     */
    void Print(std::ostream& os) const;

    /// @return the same as JSON
    nlohmann::ordered_json ToJson() const;
};

} // namespace ns3

#endif // PORTEND_SERVICE_LEVEL_H
