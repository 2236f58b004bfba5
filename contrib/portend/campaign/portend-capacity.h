/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_CAPACITY_H
#define PORTEND_CAPACITY_H

#include "portend-axis.h"

#include "ns3/portend-scenario.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

/**
 * @file
 * @ingroup portend
 * The search for the largest value at which service levels hold.
 */

namespace ns3
{

/**
 * @ingroup portend
 * @brief What a simulation says of a value, the worst first.
 */
enum class PortendVerdict
{
    FAILS,         ///< the levels do not hold, beyond the interval
    SEEMS_TO_FAIL, ///< they do not hold, but the interval has their limit
    SEEMS_TO_HOLD, ///< they hold, but the interval has their limit
    HOLDS,         ///< they hold, beyond the interval
};

/**
 * @ingroup portend
 * @brief The values of a scenario that are searched: of a number, or of a rate of arrivals.
 */
class PortendCapacityRange
{
  public:
    /**
     * @brief Constructor.
     * @param axis what is searched
     * @param scenario where the search begins
     * @throw portend::InputError if the scenario has no number there
     */
    PortendCapacityRange(const PortendAxis& axis, const PortendScenario& scenario);

    /// @return where the search begins
    double GetStart() const;

    /// @return the least value that is tried
    double GetLeast() const;

    /// @return the largest value that is tried
    double GetMost() const;

    /// @return whether values are whole numbers
    bool IsWhole() const;

    /// @return unit of the values, as of an axis; arrivals are per second, traces are scaled
    const std::string& GetUnit() const;

    /**
     * @brief Get a value between two others.
     * @param low the lower one
     * @param high the other
     * @return a whole number, or one of few digits; nothing if they are close enough
     */
    std::optional<double> GetBetween(double low, double high) const;

    /**
     * @brief Write a value as the scenario has it.
     * @param value the value
     * @return such as `poisson:12.5`
     */
    std::string GetText(double value) const;

  private:
    /**
     * @brief Read arrivals.
     * @param text as the scenario has them
     */
    void ReadArrivals(const std::string& text);

    const PortendAxis& m_axis; //!< what is searched
    std::string m_unit;        //!< of the values
    std::string m_before;      //!< of arrivals, what stands before the number
    std::string m_after;       //!< and after it
    bool m_isArrivals{false};  //!< whether the number is a part of a text
    bool m_isPeriod{false};    //!< whether that is the time between arrivals
    double m_start{0};         //!< where the search begins
    double m_least{0};         //!< that is tried
    double m_most{0};          //!< that is tried
};

/**
 * @ingroup portend
 * @brief Write a value that is searched for people.
 * @param axis what is searched
 * @param value the value
 * @return five digits and a unit; of arrivals the number alone
 */
std::string PortendDescribeCapacity(const PortendAxis& axis, double value);

/**
 * @ingroup portend
 * @brief The largest value at which levels hold, and the 95 % interval of it.
 */
struct PortendCapacity
{
    std::optional<double> value; //!< the largest at which they hold; none if at no value tried
    std::optional<double> low;   //!< the largest at which they hold for sure; none if at none
    std::optional<double> high;  //!< of numbers the least at which they fail for sure, of whole
                                 //!< numbers the one before it; none if at none tried
};

/**
 * @ingroup portend
 * @brief Find the largest value at which levels hold, by doubling, halving and bisection.
 *
 * Levels are taken to hold at all values below one at which they do. The interval is that of
 * the values whose simulation does not decide: if the true capacity is among those of a test with
 * 95 %, it is in the interval with 95 %. Values are searched to half a percent, whole numbers
 * below 200 to the number.
 *
 * @param range the values
 * @param probe simulates a value; is asked for each once
 * @return what was found
 */
PortendCapacity PortendFindCapacity(const PortendCapacityRange& range,
                                    const std::function<PortendVerdict(double)>& probe);

} // namespace ns3

#endif // PORTEND_CAPACITY_H
