/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_OPTIMIZATION_H
#define PORTEND_OPTIMIZATION_H

#include "portend-program.h"

#include "ns3/portend-search.h"
#include "ns3/portend-setup.h"
#include "ns3/portend-simulation.h"

#include <cstdint>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief What a user wants optimized.
 */
struct PortendOptimizationRequest
{
    portend::Objective objective; //!< what is best, and the bounds
    bool pareto{false};           //!< the whole frontier within the bounds
    bool energy{false};           //!< energy is a criterion of the search
    std::size_t top{1};           //!< how many of the best
    bool verify{false};           //!< compare both engines
    std::size_t simulate{0};      //!< how many of the best to simulate and rank anew
};

/**
 * @ingroup portend
 * @brief The command-line options that say which deployment is best.
 */
class PortendObjectiveOptions
{
  public:
    /**
     * @brief Constructor: add the options to a program.
     * @param program the program
     */
    explicit PortendObjectiveOptions(PortendProgram& program);

    /**
     * @brief Tell whether one of the options is given.
     * @return true if so
     */
    bool IsGiven() const;

    /**
     * @brief Get what the options describe.
     * @return the objective
     * @throw portend::InputError naming the option that makes no sense
     */
    portend::Objective Get() const;

    /**
     * @brief Describe what is given, so that two of them can be compared.
     * @return values by name of the option
     */
    std::map<std::string, std::string> Describe() const;

  private:
    std::string m_minAccuracy; //!< option --min-accuracy
    std::string m_maxLatency;  //!< option --max-latency
    std::string m_maxEnergy;   //!< option --max-energy
    std::string m_minimize;    //!< option --minimize
};

/**
 * @ingroup portend
 * @brief The command-line options that say what is optimized.
 */
class PortendOptimizationOptions
{
  public:
    /**
     * @brief Constructor: add the options to a program.
     * @param program the program
     */
    explicit PortendOptimizationOptions(PortendProgram& program);

    /**
     * @brief Get what the options describe.
     * @return the request
     * @throw portend::InputError naming the option that makes no sense
     */
    PortendOptimizationRequest Get() const;

    /**
     * @brief Get the scenario that the program's options describe, under the load of --rate.
     * @return the scenario
     * @throw portend::InputError if --rate makes no sense
     */
    PortendScenario GetScenario() const;

  private:
    PortendProgram& m_program;           //!< has the options
    PortendObjectiveOptions m_objective; //!< which is best
    std::string m_rate;                  //!< option --rate
    std::string m_top;                   //!< option --top
    std::string m_simulate;              //!< option --simulate
    bool m_pareto{false};                //!< option --pareto
    bool m_energy{false};                //!< option --energy
    bool m_verify{false};                //!< option --verify
};

/**
 * @ingroup portend
 * @brief Finds the best deployments of a scenario, and sets them beside the baselines.
 */
class PortendOptimization
{
  public:
    /**
     * @brief Constructor.
     * @param scenario tiers and links, in the user's words; must outlive this object
     * @param setup the same, understood; must outlive this object
     * @param space which deployments are considered
     * @param request what is optimized
     */
    PortendOptimization(const PortendScenario& scenario,
                        const PortendSetup& setup,
                        const portend::SearchSpace& space,
                        const PortendOptimizationRequest& request);

    /**
     * @brief Search, and simulate what was asked for.
     * @param complaint gets the reason if nothing is feasible or a check failed
     * @return whether something was found
     */
    bool Run(std::string& complaint);

    /**
     * @brief Write the table for people.
     * @param os where to
     */
    void PrintTable(std::ostream& os) const;

    /**
     * @brief Write everything as JSON.
     * @param os where to
     */
    void PrintJson(std::ostream& os) const;

    /**
     * @brief Write a row of comma-separated values for each deployment found.
     * @param os where to
     */
    void PrintCsv(std::ostream& os) const;

  private:
    /// A deployment found, and what the simulation says of it.
    struct Found
    {
        portend::Candidate candidate;           //!< the deployment and its estimate
        std::optional<PortendResult> simulated; //!< if it was asked for
    };

    /// A usual way to deploy, to compare with.
    struct Baseline
    {
        std::string name;             //!< such as `cloud-only`
        portend::Candidate candidate; //!< the deployment and its estimate
    };

    /**
     * @brief Say why nothing is feasible, and what would be.
     * @return one sentence
     */
    std::string ExplainInfeasible() const;

    /**
     * @brief Compare the frontiers of both engines.
     * @param complaint gets the first difference
     * @return whether there is none
     */
    bool Verify(std::string& complaint);

    /// Find the baselines: the full model without exits on one tier, or split over two.
    void FindBaselines();

    /// Simulate the best, and rank them by what the simulation says.
    void Simulate();

    const PortendScenario& m_scenario;    //!< in the user's words
    const PortendSetup& m_setup;          //!< understood
    PortendOptimizationRequest m_request; //!< what is optimized
    portend::DeploymentSearch m_search;   //!< searches the space
    std::vector<Found> m_found;           //!< the best, or the frontier
    std::vector<Baseline> m_baselines;    //!< to compare with
    std::string m_verified;               //!< what was compared, in words
};

} // namespace ns3

#endif // PORTEND_OPTIMIZATION_H
