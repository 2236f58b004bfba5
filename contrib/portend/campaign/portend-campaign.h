/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_CAMPAIGN_H
#define PORTEND_CAMPAIGN_H

#include "portend-evaluator.h"
#include "portend-replications.h"
#include "portend-workers.h"

#include "ns3/portend-program.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace ns3
{

class PortendPlan;
class PortendProfileCache;

/**
 * @ingroup portend
 * @brief The command-line options that all campaigns have.
 */
class PortendCampaignOptions
{
  public:
    /**
     * @brief Constructor: add the options to a program.
     * @param program the program
     * @param replications least number of replications of closed arrivals unless another is given
     */
    PortendCampaignOptions(PortendProgram& program, uint32_t replications);

    /**
     * @brief Get how precise results must be.
     * @return the precision
     * @throw portend::InputError naming the option that makes no sense
     */
    PortendPrecision GetPrecision() const;

    /**
     * @brief Get how many of the points are to be audited.
     * @return the share; 0 for none
     * @throw portend::InputError if it makes no sense
     */
    double GetAudit() const;

    /// @return whether the most samples are given, rather than left at their default
    bool HasMaxSamples() const;

    /**
     * @brief Get how many processes are to work.
     * @return the number
     * @throw portend::InputError if it is none
     */
    uint32_t GetJobs() const;

    std::string resultFile; //!< option --result
    std::string csvFile;    //!< option --csv
    std::string jsonFile;   //!< option --json
    bool restart{false};    //!< option --restart
    bool quiet{false};      //!< option --quiet
    bool strict{false};     //!< option --strict

  private:
    PortendPrecision m_default; //!< unless another is given
    std::string m_replications; //!< option --replications
    std::string m_precision;    //!< option --precision
    std::string m_precisionP99; //!< option --precision-p99
    std::string m_maxSamples;   //!< option --max-samples
    std::string m_audit;        //!< option --audit
    std::string m_jobs;         //!< option --jobs
};

/**
 * @ingroup portend
 * @brief Simulates all points of a plan, on any number of processes, into a result file.
 */
class PortendCampaign
{
  public:
    /**
     * @brief Constructor.
     * @param program the program, its command line read; must outlive this object
     * @param options how to run; must outlive this object
     * @param plan what to simulate; must outlive this object
     * @param workers who does it; must outlive this object
     */
    PortendCampaign(const PortendProgram& program,
                    const PortendCampaignOptions& options,
                    const PortendPlan& plan,
                    PortendWorkers& workers);

    /// Destructor.
    ~PortendCampaign();

    /**
     * @brief Simulate what is not there yet, conclude, report and export.
     * @return exit status
     * @throw portend::InputError if the plan makes no sense, or nothing can be written
     */
    int Run();

  private:
    /**
     * @brief Check every point, before anything is written.
     * @return a warning for each misconfiguration of some points
     * @throw portend::InputError naming the first point that makes no sense
     */
    std::vector<std::string> CheckPoints();

    /**
     * @brief Check that a point can be held to the service levels, and searched.
     * @param setup what the point simulates
     * @param scenario the same, as it was asked for
     * @throw portend::InputError if not
     */
    void CheckLevels(const PortendSetup& setup, const PortendScenario& scenario) const;

    /**
     * @brief Tell the user something.
     * @param words what
     */
    void Say(const std::string& words) const;

    /**
     * @brief Name a point by its place in the grid.
     * @param point number of the point
     * @return its values; empty if there are no axes
     */
    std::string DescribePlace(uint64_t point) const;

    /**
     * @brief Describe the campaign.
     * @return rows of `meta` and `axis` as bytes of CBOR
     */
    std::string Describe() const;

    /**
     * @brief Simulate and estimate a point.
     * @param point number of the point
     * @return its rows, as bytes of CBOR
     */
    std::string Evaluate(uint64_t point);

    /**
     * @brief Draw the points that are audited, by the seed.
     * @param points those that trains simulate
     * @throw portend::InputError if there are none
     */
    void DrawAudited(const std::vector<uint64_t>& points);

    /**
     * @brief Show, now and then, what a search has found so far.
     * @param point number of the point
     * @param text value that was tried
     * @param holds whether the levels hold there
     */
    void ShowProbe(uint64_t point, const std::string& text, bool holds);

    /**
     * @brief Tell whether it is time for a sign of progress.
     * @param shown when the last one was shown; becomes now if it is
     * @return true if so
     */
    bool IsTimeToShow(std::chrono::steady_clock::time_point& shown) const;

    /**
     * @brief Show how far the campaign is, now and then.
     * @param done points that are there
     */
    void ShowProgress(uint64_t done);

    using Clock = std::chrono::steady_clock; //!< wall-clock time

    const PortendProgram& m_program;                 //!< the program
    const PortendCampaignOptions& m_options;         //!< how to run
    const PortendPlan& m_plan;                       //!< what to simulate
    PortendWorkers& m_workers;                       //!< who does it
    PortendPrecision m_precision;                    //!< how precisely
    std::unique_ptr<PortendProfileCache> m_profiles; //!< read so far
    PortendEvaluator m_evaluator;                    //!< simulates points
    Clock::time_point m_started;                     //!< when the first point was begun
    Clock::time_point m_shown;                       //!< when progress was shown last
    Clock::time_point m_probeShown;                  //!< the same of a search, in its own thread
    std::set<uint64_t> m_audited;                    //!< points that packets simulate, too
    bool m_hasDeadlines{false};                      //!< whether answers are to come by some time
    bool m_hasEnergy{false};                         //!< whether powers are known
    bool m_isChanging{false};                        //!< whether links change
    uint64_t m_before{0};                            //!< points that were there at the start
};

} // namespace ns3

#endif // PORTEND_CAMPAIGN_H
