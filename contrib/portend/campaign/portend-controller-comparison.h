/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_CONTROLLER_COMPARISON_H
#define PORTEND_CONTROLLER_COMPARISON_H

#include "portend-axis.h"

#include "ns3/portend-scenario.h"
#include "ns3/portend-statistics.h"

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace ns3
{

class PortendProgram;

/**
 * @ingroup portend
 * @brief Holds controllers against one another, in the settings of a grid.
 *
 * In every setting each controller is simulated with the same seeds, replication by replication, so
 * that all meet the same samples and arrivals. Their regret is the mean of the differences to the
 * reference, with the Student-t interval of paired values.
 */
class PortendControllerComparison
{
  public:
    /**
     * @brief Constructor: add the options.
     * @param program gets them; it must outlive this object
     */
    explicit PortendControllerComparison(PortendProgram& program);

    /**
     * @brief Simulate all, and report.
     * @return exit status of the program
     */
    int Run();

  private:
    /// What a controller made of a replication.
    struct Outcome
    {
        uint64_t run{0};         //!< of the random streams
        double latencyMs{0};     //!< mean; NaN if nothing was answered
        double accuracy{0};      //!< share of right answers
        double answeredShare{0}; //!< of those that arose
        uint64_t switches{0};    //!< changes of the deployment
        uint64_t decisions{0};   //!< of the controller
    };

    /// A controller in a setting.
    struct Case
    {
        std::string controller;        //!< as given
        std::vector<Outcome> outcomes; //!< by replication

        /**
         * @brief Get the mean of something over the replications.
         * @tparam T type of the value
         * @param member the value
         * @return mean and interval
         */
        template <typename T>
        PortendInterval Get(T Outcome::*member) const;
    };

    /// The controllers at a point of the grid.
    struct Setting
    {
        std::vector<std::string> values; //!< of the axes
        std::vector<Case> cases;         //!< the reference first
    };

    /// Understand the options.
    void Read();

    /**
     * @brief Simulate a controller.
     * @param scenario the setting
     * @param controller who it is
     * @return what it made of the replications
     */
    Case Simulate(PortendScenario scenario, const std::string& controller) const;

    /**
     * @brief Compare a controller with the reference.
     * @param setting where
     * @param one the controller
     * @return its mean latency beyond the reference's, ms
     */
    static PortendInterval GetRegret(const Setting& setting, const Case& one);

    /**
     * @brief Write a table for people.
     * @param os where to
     */
    void PrintTable(std::ostream& os) const;

    /**
     * @brief Write all as JSON.
     * @param os where to
     */
    void PrintJson(std::ostream& os) const;

    /**
     * @brief Write a row for each replication.
     * @param os where to
     */
    void PrintCsv(std::ostream& os) const;

    PortendProgram& m_program; //!< has the options
    std::string m_controllers{"fixed,best-static,neurosurgeon,edgent,ans,portend"}; //!< as given
    std::string m_reference{"oracle"}; //!< that others are held against
    std::string m_replications{"10"};  //!< as given
    std::vector<std::string> m_sweeps; //!< axes as given
    std::string m_jsonFile;            //!< empty for none
    std::string m_csvFile;             //!< empty for none
    bool m_isQuiet{false};             //!< whether no table is printed
    std::vector<PortendAxis> m_axes;   //!< the grid
    std::vector<std::string> m_names;  //!< of controllers, the reference first
    uint32_t m_count{0};               //!< of replications
    std::vector<Setting> m_settings;   //!< the last axis runs fastest
};

} // namespace ns3

#endif // PORTEND_CONTROLLER_COMPARISON_H
