/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_AGREEMENT_H
#define PORTEND_AGREEMENT_H

#include "portend-replications.h"

#include <cstdint>
#include <string>
#include <vector>

/**
 * @file
 * @ingroup portend
 * How well the analytical model agrees with the simulation, and what the difference is made of.
 */

namespace ns3
{

/**
 * @ingroup portend
 * @brief Straight line through points by ordinary least squares, with intercept.
 *
 * Figure 4 of the paper regresses the estimate on what is real; here the simulation is.
 */
class PortendRegression
{
  public:
    /**
     * @brief Add a point.
     * @param x what the line depends on: the simulated value
     * @param y what it predicts: the estimated value
     */
    void Add(double x, double y);

    /// @return number of points
    uint64_t GetCount() const;

    /// @return slope beta of the line; NaN if x does not vary
    double GetSlope() const;

    /// @return coefficient of determination R^2; NaN if x or y does not vary
    double GetRSquared() const;

  private:
    uint64_t m_count{0};  //!< points
    double m_meanX{0};    //!< mean of x
    double m_meanY{0};    //!< mean of y
    double m_squaresX{0}; //!< sum of squared deviations of x
    double m_squaresY{0}; //!< sum of squared deviations of y
    double m_products{0}; //!< sum of products of deviations
};

/**
 * @ingroup portend
 * @brief What simulated - estimated latency would be if the two agree.
 */
struct PortendAgreement
{
    double ci95Ms{0};     //!< half-width of the 95 % interval around 0
    bool isRandom{false}; //!< whether chance has a part in it
};

/**
 * @ingroup portend
 * @brief Get what simulated - estimated latency would be if the two agree.
 *
 * With closed arrivals and constant computation times chance decides but where requests exit, and
 * the estimate says with which variance: the interval is the score interval of that variance,
 * which (unlike one from the variance seen) is right also if some exits are so rare that the
 * simulation may have met none. Else it is that of the simulated mean. Either is widened by
 * what the simulation rounds to nanoseconds: a millionth, and 10 ns.
 *
 * Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference,
 * JASA 22(158), 1927.
 *
 * @param setup what was simulated
 * @param estimate what the analytical model says
 * @param result what the simulation says
 * @return the interval
 */
PortendAgreement PortendGetAgreement(const PortendSetup& setup,
                                     const portend::Estimate& estimate,
                                     const PortendReplicatedResult& result);

/**
 * @ingroup portend
 * @brief A part of the difference of simulation and estimate.
 */
struct PortendDisagreement
{
    std::string entry; //!< of the ledger, and where, in words: `waiting for tier 1`
    double ms{0};      //!< simulated - estimated
};

/**
 * @ingroup portend
 * @brief Divide the difference of simulation and estimate among the entries of the ledger.
 * @param setup what was simulated
 * @param estimate what the analytical model says
 * @param result what the simulation says
 * @return the parts, those that differ; they add up to the difference
 */
std::vector<PortendDisagreement> PortendDivideDifference(const PortendSetup& setup,
                                                         const portend::Estimate& estimate,
                                                         const PortendReplicatedResult& result);

/**
 * @ingroup portend
 * @brief Say what a difference is made of.
 * @param parts parts of a difference
 * @param agreement within which it is chance
 * @return a sentence without its full stop, such as `92 % of the excess of 12.3 ms is waiting
 *         for tier 1`
 */
std::string PortendExplain(const std::vector<PortendDisagreement>& parts,
                           const PortendAgreement& agreement);

} // namespace ns3

#endif // PORTEND_AGREEMENT_H
