/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-batching.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace portend
{

namespace
{

/// What is left out of distributions, by its logarithm.
constexpr double NEGLIGIBLE = 30;

/// Squared coefficient of variation below which a service is as good as constant.
constexpr double CONSTANT = 1e-6;

/// Most states of the chain: enough for loads up to 0.999.
constexpr std::size_t MAX_STATES = 20000;

/// Passes in which the ages of the tensors that the server finds settle.
constexpr int PASSES = 4;

/// Quantiles that stand for the ages.
constexpr int AGES = 16;

/**
 * @brief Get the distribution of Poisson arrivals.
 * @param mean of their number
 * @param count of probabilities
 * @return probabilities of 0, 1, ...; the last is that of all others
 */
std::vector<double>
GetPoisson(double mean, std::size_t count)
{
    std::vector<double> shares(count, 0);
    double rest = 1;
    for (std::size_t n = 0; n + 1 < count; ++n)
    {
        const auto number = static_cast<double>(n);
        shares[n] = mean > 0 ? std::exp(number * std::log(mean) - mean - std::lgamma(number + 1))
                             : (n == 0 ? 1 : 0);
        rest -= shares[n];
    }
    shares.back() = std::max(0.0, rest);
    return shares;
}

/**
 * @brief Get the distribution of arrivals in a service.
 *
 * Of Poisson arrivals in a time that has a gamma distribution, the number is negative binomial.
 *
 * @param ratePerMs of arrivals
 * @param service the service
 * @param count of probabilities
 * @return probabilities of 0, 1, ...; the last is that of all others
 */
std::vector<double>
GetArrivals(double ratePerMs, const ServiceTime& service, std::size_t count)
{
    const double mean = ratePerMs * service.meanMs;
    const double excess = ratePerMs * ratePerMs * service.varianceMs2; // of the variance
    if (excess <= CONSTANT * mean * mean)
    {
        return GetPoisson(mean, count);
    }
    const double shape = mean * mean / excess;
    const double scale = excess / mean;
    std::vector<double> shares(count, 0);
    double rest = 1;
    for (std::size_t n = 0; n + 1 < count; ++n)
    {
        const auto number = static_cast<double>(n);
        shares[n] =
            std::exp(std::lgamma(number + shape) - std::lgamma(shape) - std::lgamma(number + 1) -
                     shape * std::log1p(scale) - number * std::log1p(1 / scale));
        rest -= shares[n];
    }
    shares.back() = std::max(0.0, rest);
    return shares;
}

/// What follows a number of tensors that the server finds.
struct Step
{
    std::vector<double> sizes; //!< probability of a batch of 1, 2, ...
    double idleMs{0};          //!< until it begins
    double heldMs{0};          //!< sum of what the tensors wait until then
};

/// The chain, and its means.
class Chain
{
  public:
    /**
     * @brief Constructor.
     * @param batching when batches begin
     * @param ratePerMs of the tensors, above 0
     * @param services of a batch of 1, 2, ...
     */
    Chain(const Batching& batching, double ratePerMs, const std::vector<ServiceTime>& services)
        : m_max(services.size()),
          m_timeoutMs(batching.isEager ? 0 : batching.timeoutMs),
          m_rate(ratePerMs),
          m_services(services)
    {
        for (const auto& service : services)
        {
            const double mean = m_rate * service.meanMs;
            const double excess = m_rate * m_rate * service.varianceMs2;
            const double tail = mean > 0 ? excess / mean : 0; // falls by tail / (1 + tail)
            const double most =
                mean + 10 * std::sqrt(mean + excess) + NEGLIGIBLE * std::max(1.0, tail);
            m_width = std::max(m_width, static_cast<std::size_t>(std::ceil(most)));
        }
        for (const auto& service : services)
        {
            m_arrivals.push_back(GetArrivals(m_rate, service, m_width));
        }
        // Many tensors are there with a probability that falls by exp(-u) for each more.
        const auto exceeds = [&](double u) {
            double sum = 0; // E[exp(u (arrivals - b))]
            for (std::size_t n = 0; n < m_width; ++n)
            {
                sum += m_arrivals.back()[n] *
                       std::exp(u * (static_cast<double>(n) - static_cast<double>(m_max)));
            }
            return sum > 1;
        };
        double low = 0;
        double high = 1e-3;
        while (high < NEGLIGIBLE && !exceeds(high))
        {
            high *= 2;
        }
        for (int i = 0; i < 60; ++i)
        {
            const double middle = (low + high) / 2;
            (exceeds(middle) ? high : low) = middle;
        }
        const double tail = std::min<double>(MAX_STATES, std::ceil(NEGLIGIBLE / high));
        m_states = m_max + m_width + static_cast<std::size_t>(tail);
    }

    /// @return the means
    BatchQueue Solve()
    {
        std::vector<double> sizes(m_max, 1.0 / m_max);
        BatchQueue queue;
        for (int pass = 0; pass < PASSES; ++pass)
        {
            std::vector<Step> steps;
            for (std::size_t n = 0; n < m_max; ++n)
            {
                steps.push_back(GetStep(n, GetServiceMs(n, sizes)));
            }
            queue = GetMeans(steps, GetStationary(steps));
            sizes = queue.sizes;
        }
        return queue;
    }

  private:
    /**
     * @brief Get how long the service was in which some tensors arrived.
     * @param found how many
     * @param sizes of batches
     * @return the mean, ms
     */
    double GetServiceMs(std::size_t found, const std::vector<double>& sizes) const
    {
        double weights = 0;
        double sumMs = 0;
        for (std::size_t i = 0; i < m_max; ++i)
        {
            const double weight = sizes[i] * m_arrivals[i][std::min(found, m_width - 1)];
            weights += weight;
            sumMs += weight * m_services[i].meanMs;
        }
        return weights > 0 ? sumMs / weights : m_services.back().meanMs;
    }

    /**
     * @brief Get what follows if there are fewer tensors than fill a batch.
     * @param found how many
     * @param serviceMs in which they arrived
     * @return what follows
     */
    Step GetStep(std::size_t found, double serviceMs) const
    {
        Step step;
        step.sizes.resize(m_max);
        if (found == 0) // the first is to come
        {
            step.idleMs = 1 / m_rate;
            AddWindow(step, 1, m_timeoutMs, 1);
            return step;
        }
        for (int i = 0; i < AGES; ++i)
        {
            // The oldest of n arrivals in a service is the first of n uniform times.
            const double ageMs = serviceMs * std::pow((i + 0.5) / AGES, 1.0 / found);
            AddWindow(step, found, std::max(0.0, m_timeoutMs - ageMs), 1.0 / AGES);
        }
        return step;
    }

    /**
     * @brief Wait for others.
     * @param step gets what follows
     * @param begin how many are there
     * @param windowMs how long they wait
     * @param weight of this case
     */
    void AddWindow(Step& step, std::size_t begin, double windowMs, double weight) const
    {
        const auto others = GetPoisson(m_rate * windowMs, m_max - begin + 1);
        double more = 1; // probability that others come in time
        for (std::size_t j = 0; begin + j < m_max; ++j)
        {
            step.sizes[begin + j - 1] += weight * others[j];
            more = std::max(0.0, more - others[j]);
            step.idleMs += weight * more / m_rate;
            step.heldMs += weight * (begin + j) * more / m_rate;
        }
        step.sizes[m_max - 1] += weight * others.back();
    }

    /**
     * @brief Get how often the server finds how many tensors.
     * @param steps what follows few of them
     * @return shares of the batches' ends
     */
    std::vector<double> GetStationary(const std::vector<Step>& steps) const
    {
        // Row n begins with the number that a full batch leaves.
        const auto getBegin = [this](std::size_t n) { return n < m_max ? 0 : n - m_max; };
        const auto getEnd = [&](std::size_t n) {
            return std::min(m_states, getBegin(n) + m_width);
        };
        std::vector<std::vector<double>> rows(m_states);
        for (std::size_t n = 0; n < m_states; ++n)
        {
            auto& row = rows[n];
            row.resize(getEnd(n) - getBegin(n));
            for (std::size_t i = 0; i < m_max; ++i)
            {
                const double share = n < m_max ? steps[n].sizes[i] : (i + 1 == m_max ? 1 : 0);
                for (std::size_t j = 0; share > 0 && j < m_width; ++j)
                {
                    row[std::min(j, row.size() - 1)] += share * m_arrivals[i][j];
                }
            }
        }
        for (auto k = m_states - 1; k > 0; --k)
        {
            const auto begin = getBegin(k);
            double leaves = 0; // of all ways down from k
            for (auto j = begin; j < k; ++j)
            {
                leaves += rows[k][j - begin];
            }
            for (auto i = k; i-- > 0 && getEnd(i) > k;)
            {
                auto& entry = rows[i][k - getBegin(i)];
                entry /= leaves;
                for (auto j = begin; entry > 0 && j < k; ++j)
                {
                    rows[i][j - getBegin(i)] += entry * rows[k][j - begin];
                }
            }
        }
        std::vector<double> found(m_states, 0);
        found[0] = 1;
        double sum = 1;
        for (std::size_t k = 1; k < m_states; ++k)
        {
            for (auto i = k; i-- > 0 && getEnd(i) > k;)
            {
                found[k] += found[i] * rows[i][k - getBegin(i)];
            }
            sum += found[k];
        }
        std::for_each(found.begin(), found.end(), [sum](double& share) { share /= sum; });
        return found;
    }

    /**
     * @brief Get the means over the cycles between batches' ends.
     * @param steps what follows few tensors
     * @param found how often there are how many
     * @return the means
     */
    BatchQueue GetMeans(const std::vector<Step>& steps, const std::vector<double>& found) const
    {
        BatchQueue queue;
        queue.sizes.resize(m_max);
        double cycleMs = 0;
        for (std::size_t n = 0; n < m_states; ++n)
        {
            const auto serve = [&](std::size_t size, double share) {
                const auto& [ms, varianceMs2] = m_services[size - 1];
                const double left = n > size ? n - size : 0;
                queue.sizes[size - 1] += share;
                queue.queueMs += share * (left * ms + m_rate * (ms * ms + varianceMs2) / 2);
                cycleMs += share * ms;
            };
            if (n >= m_max)
            {
                serve(m_max, found[n]);
                continue;
            }
            for (std::size_t size = 1; size <= m_max; ++size)
            {
                serve(size, found[n] * steps[n].sizes[size - 1]);
            }
            queue.holdMs += found[n] * steps[n].heldMs;
            cycleMs += found[n] * steps[n].idleMs;
        }
        queue.holdMs /= m_rate * cycleMs; // by Little's law
        queue.queueMs /= m_rate * cycleMs;
        return queue;
    }

    std::size_t m_max;                           //!< most tensors of a batch
    double m_timeoutMs;                          //!< longest wait for others before a free server
    double m_rate;                               //!< of tensors, per ms
    std::vector<ServiceTime> m_services;         //!< by size
    std::vector<std::vector<double>> m_arrivals; //!< how many come meanwhile, by size
    std::size_t m_width{0};                      //!< most that come, and one
    std::size_t m_states{0};                     //!< numbers of tensors that are told apart
};

} // namespace

BatchQueue
EstimateBatchQueue(const Batching& batching,
                   double ratePerMs,
                   const std::vector<ServiceTime>& services)
{
    BatchQueue queue;
    if (ratePerMs <= 0)
    {
        queue.holdMs = batching.isEager ? 0 : batching.timeoutMs;
        queue.sizes = {1};
        return queue;
    }
    if (ratePerMs * services.back().meanMs >= static_cast<double>(services.size()))
    {
        queue.queueMs = HUGE_VAL;
        queue.sizes.resize(services.size());
        queue.sizes.back() = 1;
        return queue;
    }
    return Chain(batching, ratePerMs, services).Solve();
}

} // namespace portend
