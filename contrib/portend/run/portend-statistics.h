/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_STATISTICS_H
#define PORTEND_STATISTICS_H

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Get the factor of a 95 % confidence interval.
 * @param values number of independent values
 * @return quantile 0.975 of Student's t distribution: half-width over the standard error of the
 *         mean; NaN with fewer than two values
 */
double PortendGetStudentFactor95(uint64_t values);

/**
 * @ingroup portend
 * @brief A mean and the half-width of its 95 % confidence interval.
 */
struct PortendInterval
{
    double mean{0}; //!< mean
    double ci95{0}; //!< half-width; NaN if too few values were seen to know it
};

/// The interval of what nobody knows.
inline constexpr PortendInterval PORTEND_UNKNOWN{std::numeric_limits<double>::quiet_NaN(),
                                                 std::numeric_limits<double>::quiet_NaN()};

/**
 * @ingroup portend
 * @brief Mean and confidence interval of a series, in constant memory.
 *
 * Independent values make batches of one. The values of a queue depend on their
 * predecessors; the means of long batches of them hardly do (method of batch means).
 */
class PortendMean
{
  public:
    /**
     * @brief Constructor.
     * @param batchSize values that make one batch, at least 1
     */
    explicit PortendMean(uint64_t batchSize = 1);

    /**
     * @brief Add a value.
     * @param value the value
     */
    void Add(double value);

    /**
     * @brief Count the values.
     * @return number of values
     */
    uint64_t GetCount() const;

    /**
     * @brief Get the mean of all values.
     * @return the mean; NaN without values
     */
    double GetMean() const;

    /**
     * @brief Get the half-width of the 95 % confidence interval of the mean.
     *
     * Student's t distribution over the means of complete batches.
     *
     * @return the half-width; NaN with fewer than two batches
     */
    double GetConfidence95() const;

    /**
     * @brief Get the mean and how well it is known.
     *
     * Values that are all equal tell nothing of how they vary, unless they are many: the exits of
     * two samples may well be the same by chance.
     *
     * @return both; the half-width is NaN, too, if fewer than ten batches are all equal
     */
    PortendInterval GetInterval() const;

  private:
    uint64_t m_batchSize;     //!< values in a batch
    uint64_t m_count{0};      //!< values so far
    double m_mean{0};         //!< mean of all values
    uint64_t m_inBatch{0};    //!< values in the batch under way
    double m_batchSum{0};     //!< sum of the values in the batch under way
    uint64_t m_batches{0};    //!< complete batches
    double m_batchMean{0};    //!< mean of their means
    double m_batchSquares{0}; //!< sum of squared deviations of their means (Welford)
};

/**
 * @ingroup portend
 * @brief Percentiles of a series of integers, in bounded memory.
 *
 * Exact as long as no more than CAPACITY different values occur; then neighboring values are
 * merged, and again whenever the table fills, so that the resolution stays finer than the
 * range divided by CAPACITY / 2.
 */
class PortendPercentiles
{
  public:
    /// Most values kept apart.
    static constexpr std::size_t CAPACITY = 65536;

    /**
     * @brief Add a value.
     * @param value the value, not negative
     * @param count how often
     */
    void Add(int64_t value, uint64_t count = 1);

    /**
     * @brief Add all values of another series.
     * @param other the other series
     */
    void Add(const PortendPercentiles& other);

    /**
     * @brief Get a percentile.
     * @param share in (0, 1]: 0.95 for the 95th percentile
     * @return the smallest value that at least this share of all values do not exceed;
     *         0 without values
     */
    int64_t Get(double share) const;

    /// A step of the distribution function.
    struct Step
    {
        int64_t value; //!< where it is
        double share;  //!< of all values that do not exceed it
    };

    /**
     * @brief Get the distribution function.
     * @param most how many steps at the most, at least 2
     * @return by rising value; every step if they are few enough, else the first value and the
     *         percentiles at equal distances; the last step's share is 1
     */
    std::vector<Step> GetSteps(std::size_t most) const;

  private:
    std::map<int64_t, uint64_t> m_counts; //!< how often each value occurred
    uint64_t m_count{0};                  //!< values so far
    int64_t m_resolution{1};              //!< values are kept as multiples of it
};

} // namespace ns3

#endif // PORTEND_STATISTICS_H
