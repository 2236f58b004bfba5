/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-campaign.h"

#include "portend-audit.h"
#include "portend-capacity.h"
#include "portend-draw.h"
#include "portend-plan.h"
#include "portend-record.h"

#include "ns3/portend-json.h"
#include "ns3/portend-lint.h"
#include "ns3/portend-profile-loader.h"
#include "ns3/portend-provenance.h"
#include "ns3/portend-text.h"
#include "ns3/portend-version.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>
#include <thread>
#include <unistd.h>

namespace ns3
{

namespace
{

using portend::InputError;

/// Time between two signs of progress on a terminal.
constexpr std::chrono::milliseconds PROGRESS_PERIOD{250};

/// Time between two signs of progress in a log.
constexpr std::chrono::seconds LOG_PERIOD{30};

/// Stream of the sample of points that are audited, far from those of simulations.
constexpr int64_t AUDIT_STREAM = 2000000;

/// Options that say how a campaign is run, not what comes out.
const std::vector<std::string> OPTIONS_OF_RUNS{"result", "jobs", "csv", "json", "quiet", "restart"};

/**
 * @brief Write a command as a shell would take it, without the options of this run alone.
 * @param name name of the program
 * @param arguments of the program
 * @return the command
 */
std::string
GetCommand(const std::string& name, const std::vector<std::string>& arguments)
{
    auto command = name;
    for (const auto& argument : arguments)
    {
        const auto begin = std::min(argument.find_first_not_of('-'), argument.size());
        const auto option = argument.substr(begin, argument.find('=') - begin);
        if (std::find(OPTIONS_OF_RUNS.begin(), OPTIONS_OF_RUNS.end(), option) !=
            OPTIONS_OF_RUNS.end())
        {
            continue;
        }
        const bool isPlain = argument.find_first_not_of("abcdefghijklmnopqrstuvwxyz"
                                                        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                                        "-_=:,./@%+") == std::string::npos;
        std::string quoted;
        for (const char c : argument)
        {
            quoted += c == '\'' ? "'\\''" : std::string(1, c);
        }
        command += isPlain ? " " + argument : " '" + quoted + "'";
    }
    return command;
}

/**
 * @brief Read a whole number.
 * @param option option that holds it
 * @param text what was given
 * @param low smallest allowed
 * @return the number
 */
uint64_t
ParseWhole(const std::string& option, const std::string& text, uint64_t low)
{
    uint64_t number = 0;
    if (!PortendParseNumber(text, number) || number < low || number > INT64_MAX)
    {
        PortendFail("--" + option, text, "a whole number, at least " + std::to_string(low));
    }
    return number;
}

/**
 * @brief Turn bytes into rows.
 * @param bytes CBOR
 * @return the rows
 */
PortendResultFile::Tables
Unpack(const std::string& bytes)
{
    return nlohmann::json::from_cbor(bytes);
}

/**
 * @brief Turn rows into bytes.
 * @param tables the rows
 * @return CBOR: numbers stay what they are to the last bit
 */
std::string
Pack(const PortendResultFile::Tables& tables)
{
    const auto bytes = nlohmann::json::to_cbor(tables);
    return {bytes.begin(), bytes.end()};
}

/**
 * @brief Describe where results come from.
 * @param scenario the base scenario
 * @return rows of `provenance`
 */
nlohmann::json
DescribeProvenance(const PortendScenario& scenario)
{
    auto rows = nlohmann::json::array();
    const auto add = [&](const char* kind, const std::string& name, const nlohmann::json& value) {
        rows.push_back({{"kind", kind}, {"name", name}, {"value", value}});
    };
    for (const auto& [name, value] : PortendProvenance::GetProgram())
    {
        add("program", name, value);
    }
    add("program", "seed", scenario.seed);
    add("program", "run", scenario.run);
    for (const auto& [name, input] : PortendProvenance::GetInputs())
    {
        add("input", name, input.sha256);
    }
    return rows;
}

} // namespace

PortendCampaignOptions::PortendCampaignOptions(PortendProgram& program, uint32_t replications)
{
    m_default.replications = replications;
    resultFile = program.GetName() + ".sqlite";
    program.AddOption("result",
                      "SQLite file that gets the results, and that a campaign goes on from",
                      resultFile);
    program.AddFlag("restart", "lose what the result file holds, and begin anew", restart);
    program.AddOption(
        "replications",
        "independent simulations of --samples requests, at least [" + std::to_string(replications) +
            ", " + std::to_string(m_default.openReplications) + " if arrivals are not closed]",
        m_replications);
    program.AddOption("precision",
                      "simulate until the 95 % interval of the mean latency is as narrow, such "
                      "as 1% (half-width over mean)",
                      m_precision);
    program.AddOption("precision-p99",
                      "the same for the 99th percentile of the latency",
                      m_precisionP99);
    program.AddOption("max-samples",
                      "most requests of a deployment, over all replications [1000000]",
                      m_maxSamples);
    program.AddOption("audit",
                      "with --network=trains or auto, simulate a share of the points, such as 1%, "
                      "at least one, drawn by --RngSeed, by packets too, and report how the "
                      "ledgers of their requests differ",
                      m_audit);
    program.AddOption("jobs", "processes that simulate at once, through mpirun [1]", m_jobs);
    program.AddOption("csv",
                      "write a row for each simulated deployment, - for standard output",
                      csvFile);
    program.AddOption("json", "write all results as JSON, - for standard output", jsonFile);
    program.AddFlag("quiet", "print no table and no progress", quiet);
    program.AddFlag("strict", "refuse what there would be warnings of", strict);
}

PortendPrecision
PortendCampaignOptions::GetPrecision() const
{
    auto precision = m_default;
    if (!m_replications.empty())
    {
        precision.replications =
            std::min<uint64_t>(UINT32_MAX, ParseWhole("replications", m_replications, 1));
        precision.openReplications = precision.replications;
    }
    if (!m_precision.empty())
    {
        precision.mean = PortendParsePercent(m_precision, "--precision");
    }
    if (!m_precisionP99.empty())
    {
        precision.p99 = PortendParsePercent(m_precisionP99, "--precision-p99");
    }
    if (!m_maxSamples.empty())
    {
        precision.maxSamples = ParseWhole("max-samples", m_maxSamples, 1);
    }
    return precision;
}

double
PortendCampaignOptions::GetAudit() const
{
    const double share = m_audit.empty() ? 0 : PortendParsePercent(m_audit, "--audit");
    if (share > 1)
    {
        PortendFail("--audit", m_audit, "at most 100%");
    }
    return share;
}

bool
PortendCampaignOptions::HasMaxSamples() const
{
    return !m_maxSamples.empty();
}

uint32_t
PortendCampaignOptions::GetJobs() const
{
    return m_jobs.empty() ? 1 : std::min<uint64_t>(UINT16_MAX, ParseWhole("jobs", m_jobs, 1));
}

PortendCampaign::PortendCampaign(const PortendProgram& program,
                                 const PortendCampaignOptions& options,
                                 const PortendPlan& plan,
                                 PortendWorkers& workers)
    : m_program(program),
      m_options(options),
      m_plan(plan),
      m_workers(workers),
      m_precision(options.GetPrecision()),
      m_profiles(std::make_unique<PortendProfileCache>()),
      m_evaluator(plan,
                  m_precision,
                  *m_profiles,
                  [this](uint64_t point, const std::string& value, bool holds) {
                      ShowProbe(point, value, holds);
                  })
{
}

PortendCampaign::~PortendCampaign() = default;

std::string
PortendCampaign::DescribePlace(uint64_t point) const
{
    std::string place;
    const auto& axes = m_plan.GetAxes();
    const auto indices = m_plan.GetPlace(point);
    for (std::size_t a = 0; a < axes.size(); ++a)
    {
        place += (a == 0 ? "at " : ", ") + axes[a].GetName() + "=" +
                 axes[a].GetValues()[indices[a]].text;
    }
    return place;
}

void
PortendCampaign::CheckLevels(const PortendSetup& setup, const PortendScenario& scenario) const
{
    for (const auto& level : m_plan.GetLevels())
    {
        if (!level.GetStream().empty() && level.GetStream() != setup.stream.name)
        {
            throw InputError(
                "--slo",
                "found '" + level.GetStream() + "/" + level.GetText() + "'; " +
                    (setup.stream.name.empty()
                         ? "a chain has one stream, without a name"
                         : "looked at is '" + setup.stream.name + "'; --stream chooses another"));
        }
        level.Require(setup);
    }
    if (const auto* axis = m_plan.GetCapacityAxis())
    {
        const PortendCapacityRange range(*axis, scenario);
        auto probed = scenario;
        axis->Set(range.GetText(range.GetStart()), probed);
        PortendSetup(probed, *m_profiles).RequireSimulable();
    }
}

std::vector<std::string>
PortendCampaign::CheckPoints()
{
    /// What is wrong with some points.
    struct Warning
    {
        std::string text;   //!< of the first of them
        uint64_t points{0}; //!< their number
    };

    std::map<std::string, Warning> warnings; // by check
    std::vector<uint64_t> withTrains;
    for (uint64_t point = 0; point < m_plan.Count(); ++point)
    {
        const auto scenario = m_plan.GetScenario(point);
        try
        {
            const PortendSetup setup(scenario, *m_profiles);
            PortendReplications::RequireOneDeployment(setup);
            CheckLevels(setup, scenario);
            m_hasDeadlines = m_hasDeadlines || !setup.deadline.IsZero();
            m_hasEnergy = m_hasEnergy || setup.hasEnergy;
            m_isChanging = m_isChanging || setup.IsChanging();
            if (setup.traits.usesTrains)
            {
                withTrains.push_back(point);
            }
            // Where deployments are searched for, the scenario's own is not simulated; where
            // values are, one that is too much is no mistake.
            const bool isOwn = !m_plan.IsSearch() && !m_plan.GetCapacityAxis();
            if (m_plan.IsSearch())
            {
                m_plan.RequireSearch(setup);
            }
            if (isOwn)
            {
                setup.RequireSimulable();
                setup.RequireBounded();
            }
            if (isOwn || (m_plan.GetCapacityAxis() && setup.IsBounded()))
            {
                for (const auto& finding : PortendLint(scenario, setup))
                {
                    auto& warning = warnings[finding.check];
                    if (warning.points++ == 0)
                    {
                        const auto place = DescribePlace(point);
                        warning.text = finding.check + ": " + place + (place.empty() ? "" : ": ") +
                                       finding.where + ": " + finding.text;
                    }
                }
            }
            const bool isClosed = setup.isClosed;
            const auto first = isClosed ? m_precision.replications : m_precision.openReplications;
            if (m_options.HasMaxSamples() && m_precision.maxSamples / first < setup.requests)
            {
                throw InputError("--max-samples",
                                 "found " + std::to_string(m_precision.maxSamples) +
                                     "; allowed: at least " + std::to_string(first) +
                                     " replications of " + std::to_string(setup.requests) +
                                     " requests");
            }
            if (!isClosed && first < 2)
            {
                throw InputError("--replications",
                                 "at least 2 are needed when arrivals are open: the interval is "
                                 "that of their means");
            }
        }
        catch (const InputError& error)
        {
            const auto place = DescribePlace(point);
            throw InputError(place + (place.empty() || error.GetWhere().empty() ? "" : ": ") +
                                 error.GetWhere(),
                             error.what());
        }
    }
    DrawAudited(withTrains);
    std::vector<std::string> texts;
    for (const auto& [check, warning] : warnings)
    {
        texts.push_back("warning: " + warning.text + " (" + std::to_string(warning.points) +
                        " of " + std::to_string(m_plan.Count()) + " points)");
    }
    return texts;
}

void
PortendCampaign::DrawAudited(const std::vector<uint64_t>& points)
{
    const double share = m_options.GetAudit();
    if (share == 0)
    {
        return;
    }
    if (points.empty())
    {
        throw InputError("--audit",
                         "packets carry all messages here, so there is nothing to hold against "
                         "them; --network=trains lets trains");
    }
    const auto count = std::max(1.0, std::round(share * static_cast<double>(points.size())));
    const auto& scenario = m_program.GetScenario();
    for (const auto place : PortendDraw(static_cast<uint64_t>(count),
                                        points.size(),
                                        scenario.seed,
                                        scenario.run,
                                        AUDIT_STREAM))
    {
        m_audited.insert(points[place]);
    }
}

void
PortendCampaign::Say(const std::string& words) const
{
    std::cerr << m_program.GetName() << ": " << words << "\n";
}

std::string
PortendCampaign::Describe() const
{
    auto plan = m_plan.Describe();
    plan["replications"] = m_precision.replications;
    plan["open_replications"] = m_precision.openReplications;
    plan["precision"] = m_precision.mean;
    plan["precision_p99"] = m_precision.p99;
    plan["max_samples"] = m_precision.maxSamples;
    for (const auto& level : m_plan.GetLevels())
    {
        plan["slo"].push_back(level.GetText());
    }
    if (const auto* axis = m_plan.GetCapacityAxis())
    {
        plan["capacity"] = axis->GetName();
    }
    if (!m_audited.empty())
    {
        plan["audit"] = m_options.GetAudit();
    }
    if (m_hasDeadlines)
    {
        plan["deadline"] = true;
    }
    if (m_hasEnergy)
    {
        plan["energy"] = true;
    }
    if (m_isChanging)
    {
        plan["moment"] = true;
    }
    if (!m_program.GetAttributes().empty())
    {
        plan["attributes"] = m_program.GetAttributes();
    }
    PortendResultFile::Tables tables;
    const auto add = [&](const char* key, const std::string& value) {
        tables["meta"].push_back({{"key", key}, {"value", value}});
    };
    add("program", m_program.GetName());
    add("version", PORTEND_VERSION);
    add("scenario", m_program.GetScenario().ToJson());
    add("plan", PortendDump(plan));
    add("points", std::to_string(m_plan.Count()));
    add("command", GetCommand(m_program.GetName(), m_program.GetArguments()));
    tables["provenance"] = DescribeProvenance(m_program.GetScenario());
    const auto& axes = m_plan.GetAxes();
    for (std::size_t a = 0; a < axes.size(); ++a)
    {
        tables["axis"].push_back({{"position", a},
                                  {"name", axes[a].GetName()},
                                  {"unit", axes[a].GetUnit()},
                                  {"scale", axes[a].IsLogarithmic() ? "log" : "linear"}});
    }
    return Pack(tables);
}

std::string
PortendCampaign::Evaluate(uint64_t point)
{
    auto tables = m_evaluator.Evaluate(point, m_audited.count(point) > 0);
    // Each process has read the files itself, some of them again for this point.
    tables["provenance"] = DescribeProvenance(m_program.GetScenario());
    return Pack(tables);
}

bool
PortendCampaign::IsTimeToShow(Clock::time_point& shown) const
{
    const auto now = Clock::now();
    if (m_options.quiet ||
        now - shown < (isatty(STDERR_FILENO) ? Clock::duration(PROGRESS_PERIOD) : LOG_PERIOD))
    {
        return false;
    }
    shown = now;
    return true;
}

void
PortendCampaign::ShowProbe(uint64_t point, const std::string& text, bool holds)
{
    if (!IsTimeToShow(m_probeShown))
    {
        return;
    }
    const bool isTerminal = isatty(STDERR_FILENO);
    const auto words = m_program.GetName() + ": point " + std::to_string(point) + " of " +
                       std::to_string(m_plan.Count()) + ": " + text +
                       (holds ? " holds" : " does not hold");
    std::cerr << (isTerminal ? "\r" + words + "\033[K" : words + "\n") << std::flush;
}

void
PortendCampaign::ShowProgress(uint64_t done)
{
    const bool isTerminal = isatty(STDERR_FILENO);
    const bool isLast = done == m_plan.Count();
    if (!IsTimeToShow(m_shown) && !(isLast && isTerminal && !m_options.quiet))
    {
        return;
    }
    const std::chrono::duration<double> elapsed = Clock::now() - m_started;
    const double rate = (done - m_before) / elapsed.count();
    std::ostringstream line;
    line << m_program.GetName() << ": " << done << " of " << m_plan.Count() << " points, "
         << std::setprecision(3) << rate << " points/s, " << std::fixed << std::setprecision(0)
         << (m_plan.Count() - done) / rate << " s left";
    std::cerr << (isTerminal ? "\r" : "") << line.str()
              << (isTerminal ? isLast ? "\r\033[K" : "\033[K" : "\n") << std::flush;
}

int
PortendCampaign::Run()
{
    const auto jobs = m_options.GetJobs();
    if (m_plan.Count() == 0)
    {
        throw InputError("", "there is no point to simulate");
    }
    const auto warnings = CheckPoints(); // reads all inputs
    const auto warn = [&]() {
        for (const auto& warning : warnings)
        {
            Say(warning);
        }
    };
    if (m_options.strict && !warnings.empty())
    {
        if (m_workers.IsCoordinator())
        {
            warn();
        }
        throw InputError("--strict",
                         "refused for " + std::to_string(warnings.size()) +
                             (warnings.size() == 1 ? " warning" : " warnings"));
    }
    const auto& file = m_options.resultFile;
    PortendRequirePlaces({{"--result", file},
                          {"--result", file + "-journal"},
                          {"--result", PortendResultFile::GetFinalName(file)},
                          {"--json", m_options.jsonFile},
                          {"--csv", m_options.csvFile}});
    const auto campaign = Unpack(Describe());
    std::unique_ptr<PortendResultFile> results;
    std::unique_ptr<PortendOutput> csv;
    std::unique_ptr<PortendOutput> json;
    if (m_workers.IsCoordinator())
    {
        PortendResultFile::Check(file, campaign, m_options.restart);
        if (jobs > 1 && m_workers.GetCount() == 1)
        {
            const auto cores = std::thread::hardware_concurrency();
            if (cores > 0 && jobs > cores)
            {
                Say("warning: " + std::to_string(jobs) + " jobs on " + std::to_string(cores) +
                    " cores");
            }
            Say("working serially: " + m_workers.Launch(jobs, m_program.GetArguments()));
        }
        warn();
        results = std::make_unique<PortendResultFile>(file, campaign, m_options.restart);
        if (!m_options.csvFile.empty())
        {
            csv = std::make_unique<PortendOutput>(m_options.csvFile, "--csv");
        }
        if (!m_options.jsonFile.empty())
        {
            json = std::make_unique<PortendOutput>(m_options.jsonFile, "--json");
        }
        m_before = results->CountPoints();
        if (m_before > 0 && !m_options.quiet)
        {
            Say(std::to_string(m_before) + " of " + std::to_string(m_plan.Count()) +
                " points are there already");
        }
    }
    // The thread that simulates makes ns-3's simulator anew.
    Simulator::Destroy();
    m_started = m_shown = m_probeShown = Clock::now();
    uint64_t next = 0;
    uint64_t done = m_before;
    m_workers.Run(
        [&](uint64_t& point) {
            while (next < m_plan.Count() && results->Has(next))
            {
                ++next;
            }
            point = next++;
            return point < m_plan.Count();
        },
        [this](uint64_t point) { return Evaluate(point); },
        [&](uint64_t /* point */, const std::string& bytes) {
            results->Add(Unpack(bytes));
            ShowProgress(++done);
        });
    if (!m_workers.IsCoordinator())
    {
        return 0;
    }
    if (!results->IsFinished())
    {
        results->Finish(m_plan.Conclude(*results));
    }
    if (csv)
    {
        PortendExportCsv(*results, csv->GetStream());
        csv->Finish();
    }
    if (json)
    {
        PortendExportJson(*results, json->GetStream());
        json->Finish();
    }
    // All are complete before one is put into its place.
    if (csv)
    {
        csv->Commit();
    }
    if (json)
    {
        json->Commit();
    }
    std::ostringstream unseen;
    const bool isTaken = m_options.csvFile == "-" || m_options.jsonFile == "-";
    std::ostream& os = m_options.quiet ? unseen : isTaken ? std::cerr : std::cout;
    const int status = m_plan.Report(*results, os);
    if (!m_audited.empty())
    {
        PortendReportAudit(*results, m_plan.Count(), os);
    }
    return status;
}

} // namespace ns3
