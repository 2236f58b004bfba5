/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-cross-check.h"

#include "portend-agreement.h"
#include "portend-draw.h"
#include "portend-plan.h"

#include "ns3/portend-comparison.h"
#include "ns3/portend-deployment-table.h"
#include "ns3/portend-profile-loader.h"
#include "ns3/portend-search.h"
#include "ns3/portend-text.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <limits>
#include <map>
#include <set>
#include <sstream>

namespace ns3
{

namespace
{

using portend::InputError;

/// Most deployments that are cross-checked, as many as a random sample may have.
constexpr uint64_t MAX_DEPLOYMENTS = 100000000;

/// Stream of the random sample of deployments, far from those of simulations.
constexpr int64_t SAMPLE_STREAM = 1000000;

/// What is regressed: the latency, then its parts, then the accuracy, and the energy if it is
/// known.
const std::vector<std::string> QUANTITIES{"latency",
                                          "wait",
                                          "deserialization",
                                          "computation",
                                          "serialization",
                                          "propagation",
                                          "transmission",
                                          "network_excess",
                                          "accuracy",
                                          "energy"};

/**
 * @brief Name the column of a quantity.
 * @param kind `simulated` or `estimated`
 * @param quantity one of QUANTITIES
 * @return the column
 */
std::string
GetColumn(const std::string& kind, const std::string& quantity)
{
    return kind + "_" + quantity +
           (quantity == "accuracy" ? ""
            : quantity == "energy" ? "_j"
                                   : "_ms");
}

/**
 * @brief Read a number that may not be there.
 * @param value the value
 * @return the number, NaN for none
 */
double
GetNumber(const nlohmann::ordered_json& value)
{
    return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

} // namespace

/// The deployments to check.
class PortendCrossCheck::Plan : public PortendPlan
{
  public:
    /**
     * @brief Constructor.
     * @param check options of the cross-check; must outlive this object
     */
    explicit Plan(const PortendCrossCheck& check);

    uint64_t Count() const override;
    const std::vector<PortendAxis>& GetAxes() const override;
    std::vector<std::size_t> GetPlace(uint64_t point) const override;
    PortendScenario GetScenario(uint64_t point) const override;
    std::vector<portend::Deployment> GetDeployments(const PortendSetup& setup) const override;
    nlohmann::ordered_json Describe() const override;
    PortendResultFile::Tables Conclude(const PortendResultFile& results) const override;
    int Report(const PortendResultFile& results, std::ostream& os) const override;

  private:
    /// A deployment to check.
    struct Item
    {
        std::size_t profile;    //!< index of its profile
        std::string deployment; //!< its text form
    };

    /**
     * @brief Add deployments of a profile.
     * @param profile index of the profile
     * @param count how many of a random sample
     */
    void AddDeployments(std::size_t profile, uint64_t count);

    /**
     * @brief Set the estimates by all rules side by side.
     * @param results of all points
     * @param os where to
     */
    static void ReportRules(const PortendResultFile& results, std::ostream& os);

    /**
     * @brief Say what most of the disagreement is, over all deployments that disagree.
     * @param results of all points
     * @param random number of deployments whose latency is random
     * @param os where to
     */
    static void ReportCauses(const PortendResultFile& results, uint64_t random, std::ostream& os);

    const PortendCrossCheck& m_check;     //!< options
    std::vector<std::string> m_profiles;  //!< names or folders
    std::vector<Item> m_items;            //!< what is checked
    std::vector<PortendAxis> m_axes;      //!< none
    uint64_t m_runs{1};                   //!< most replications of a deployment
    double m_tolerance{0};                //!< share of the latency; 0 for no check
    nlohmann::ordered_json m_description; //!< of the plan
};

PortendCrossCheck::Plan::Plan(const PortendCrossCheck& check)
    : m_check(check)
{
    const int ways =
        check.m_isAll + check.m_isPareto + !check.m_random.empty() + !check.m_file.empty();
    if (ways != 1)
    {
        throw InputError("--random",
                         "say which deployments to check, by one of --random=1000, --all, "
                         "--pareto, --deployments=FILE");
    }
    if (!check.m_tolerance.empty())
    {
        m_tolerance = PortendParsePercent(check.m_tolerance, "--tolerance");
    }
    uint64_t sample = 0;
    if (!check.m_random.empty() &&
        (!PortendParseNumber(check.m_random, sample) || sample < 1 || sample > MAX_DEPLOYMENTS))
    {
        PortendFail("--random", check.m_random, "a whole number of deployments, at least 1");
    }
    const auto& scenario = check.m_program.GetScenario();
    const auto precision = check.m_options.GetPrecision();
    m_runs = std::max(precision.replications, precision.openReplications);
    m_profiles = check.m_profiles.empty() ? std::vector<std::string>{scenario.profile}
                                          : PortendSplit(check.m_profiles, ',');
    if (m_profiles.size() > 1 && !check.m_file.empty())
    {
        throw InputError("--deployments", "goes with one profile");
    }
    for (std::size_t p = 0; p < m_profiles.size(); ++p)
    {
        // A sample is divided among the profiles as evenly as whole numbers allow.
        AddDeployments(p, sample / m_profiles.size() + (p < sample % m_profiles.size() ? 1 : 0));
    }
    m_description["profiles"] = m_profiles;
    m_description["deployments"] = check.m_isAll          ? "all"
                                   : check.m_isPareto     ? "pareto"
                                   : check.m_file.empty() ? "random:" + check.m_random
                                                          : "file";
    m_description["search"] = check.m_search.Describe();
    if (check.m_isSameSamples)
    {
        m_description["same_samples"] = true;
    }
    if (!check.m_file.empty())
    {
        for (const auto& item : m_items)
        {
            m_description["list"].push_back(item.deployment);
        }
    }
}

void
PortendCrossCheck::Plan::AddDeployments(std::size_t profile, uint64_t count)
{
    auto scenario = m_check.m_program.GetScenario();
    if (m_profiles[profile] != scenario.profile)
    {
        scenario.profile = m_profiles[profile];
        scenario.deployment.clear();
        scenario.CompleteDeployment();
    }
    PortendSetup setup(scenario);
    m_runs = std::max(m_runs, m_check.m_options.GetPrecision().maxSamples / setup.requests);
    uint64_t left = 0;
    const auto add = [&](const portend::Deployment& deployment) {
        setup.deployment = deployment;
        if (m_check.m_file.empty() && !setup.IsBounded())
        {
            ++left; // nobody has asked for this one
            return;
        }
        m_items.push_back({profile, deployment.ToString()});
    };
    if (!m_check.m_file.empty())
    {
        const auto fits = [&](const portend::Deployment& deployment) {
            setup.GetEstimate(deployment);
            setup.RequireMemory(deployment);
        };
        for (const auto& deployment : PortendReadDeployments(m_check.m_file, fits))
        {
            add(deployment);
        }
        return;
    }
    const auto warn = [&]() {
        if (left > 0)
        {
            std::cerr << m_check.m_program.GetName() << ": " << left << " deployments of "
                      << m_profiles[profile] << " are left out: " << scenario.arrival
                      << " is too much for them\n";
        }
    };
    const auto space = m_check.m_search.GetSpace(setup.stream.tiers.size());
    const auto search = setup.MakeSearch(space);
    if (const auto left = PortendDescribeLeftOut(search); !left.empty())
    {
        std::cerr << m_check.m_program.GetName() << ": " << PortendDescribeCount(search.Count())
                  << " of " << m_profiles[profile] << left << "\n";
    }
    if (m_check.m_isPareto)
    {
        const auto frontier = search.FindFrontier();
        for (const auto& candidate : frontier.Get())
        {
            add(candidate.deployment);
        }
        warn();
        return;
    }
    const auto addAny = [&](double, double, const auto& getDeployment) { add(getDeployment()); };
    const auto all = search.Count();
    if (m_check.m_isAll)
    {
        if (all > MAX_DEPLOYMENTS)
        {
            throw InputError("--all",
                             "there are " + PortendDescribeCount(all) + " of " +
                                 m_profiles[profile] + "; allowed: up to " +
                                 std::to_string(MAX_DEPLOYMENTS) +
                                 ", else some: --random, --pareto, --tiers, --max-partitions");
        }
        search.ForEach(addAny);
    }
    else
    {
        if (all == UINT64_MAX)
        {
            throw InputError("--random",
                             "there are " + PortendDescribeCount(all) + " of " +
                                 m_profiles[profile] +
                                 ", too many to number; allowed: fewer, by --tiers, "
                                 "--max-partitions");
        }
        search.ForSome(PortendDraw(count,
                                   all,
                                   scenario.seed,
                                   scenario.run,
                                   SAMPLE_STREAM + static_cast<int64_t>(profile)),
                       addAny);
    }
    warn();
}

uint64_t
PortendCrossCheck::Plan::Count() const
{
    return m_items.size();
}

const std::vector<PortendAxis>&
PortendCrossCheck::Plan::GetAxes() const
{
    return m_axes;
}

std::vector<std::size_t>
PortendCrossCheck::Plan::GetPlace(uint64_t /* point */) const
{
    return {};
}

PortendScenario
PortendCrossCheck::Plan::GetScenario(uint64_t point) const
{
    auto scenario = m_check.m_program.GetScenario();
    scenario.profile = m_profiles[m_items[point].profile];
    scenario.deployment = m_items[point].deployment;
    if (!m_check.m_isSameSamples) // chance decides about each deployment anew
    {
        scenario.run += point * m_runs;
    }
    return scenario;
}

std::vector<portend::Deployment>
PortendCrossCheck::Plan::GetDeployments(const PortendSetup& setup) const
{
    return {setup.deployment};
}

nlohmann::ordered_json
PortendCrossCheck::Plan::Describe() const
{
    return m_description;
}

PortendResultFile::Tables
PortendCrossCheck::Plan::Conclude(const PortendResultFile& results) const
{
    /// How well one quantity agrees.
    struct Agreement
    {
        PortendRegression line;
        PortendMean errorPercent;
        double largestPercent{-1};
        uint64_t largestPoint{0};
    };

    std::map<std::string, Agreement> agreements;
    uint64_t random = 0;
    uint64_t covered = 0;
    const std::string energy =
        results.HasTable("energy")
            ? ", simulated_j AS simulated_energy_j, estimated_j AS estimated_energy_j FROM result "
              "LEFT JOIN (SELECT * FROM energy WHERE position = 0) USING (point, rank)"
            : " FROM result";
    results.ForEach("SELECT *" + energy + " ORDER BY point", [&](const auto& row) {
        for (const auto& quantity : QUANTITIES)
        {
            if (!row.contains(GetColumn("simulated", quantity)))
            {
                continue; // no power is known
            }
            const double simulated = GetNumber(row[GetColumn("simulated", quantity)]);
            const double estimated = GetNumber(row[GetColumn("estimated", quantity)]);
            if (std::isnan(simulated))
            {
                continue; // nothing was answered
            }
            auto& agreement = agreements[quantity];
            agreement.line.Add(simulated, estimated);
            if (simulated != 0)
            {
                const double percent = 100 * std::abs(estimated / simulated - 1);
                agreement.errorPercent.Add(percent);
                if (percent > agreement.largestPercent)
                {
                    agreement.largestPercent = percent;
                    agreement.largestPoint = row["point"];
                }
            }
        }
        if (row["is_random"] != 0)
        {
            ++random;
            covered +=
                std::abs(GetNumber(row["difference_ms"])) <= GetNumber(row["agreement_ci95_ms"]);
        }
    });
    auto tables = PortendResultFile::Tables::object();
    for (const auto& [quantity, agreement] : agreements)
    {
        const bool isLatency = quantity == "latency";
        const bool hasError = agreement.largestPercent >= 0;
        using Json = nlohmann::json;
        tables["agreement"].push_back(
            {{"component", quantity},
             {"deployments", agreement.line.GetCount()},
             {"slope", agreement.line.GetSlope()},
             {"r_squared", agreement.line.GetRSquared()},
             {"mean_error_percent", agreement.errorPercent.GetMean()},
             {"largest_error_percent", hasError ? Json(agreement.largestPercent) : Json()},
             {"largest_error_point", hasError ? Json(agreement.largestPoint) : Json()},
             {"covered", isLatency ? Json(covered) : Json()},
             {"random", isLatency ? Json(random) : Json()}});
    }
    return tables;
}

void
PortendCrossCheck::Plan::ReportRules(const PortendResultFile& results, std::ostream& os)
{
    os << "\n"
       << std::left << std::setw(18) << "latency by" << std::right << std::setw(10) << "slope"
       << std::setw(12) << "R^2" << std::setw(14) << "mean error" << std::setw(15)
       << "largest error"
       << "\n"
       << std::fixed;
    for (const auto& rules : portend::EstimatorRules::GetAll())
    {
        PortendRegression line;
        PortendMean errorPercent;
        double largestPercent = 0;
        results.ForEach(
            "SELECT simulated_latency_ms AS simulated, estimate.latency_ms AS estimated "
            "FROM estimate JOIN result USING (point, rank) WHERE estimate.rules = '" +
                rules.name + "' AND simulated IS NOT NULL AND estimated IS NOT NULL",
            [&](const auto& row) {
                const double simulated = row["simulated"];
                const double estimated = row["estimated"];
                const double percent = 100 * std::abs(estimated / simulated - 1);
                line.Add(simulated, estimated);
                errorPercent.Add(percent);
                largestPercent = std::max(largestPercent, percent);
            });
        if (errorPercent.GetCount() == 0) // of deployments that they do not know
        {
            continue;
        }
        os << std::left << std::setw(18) << rules.name << std::right << std::setprecision(5)
           << std::setw(10) << line.GetSlope() << std::setprecision(6) << std::setw(12)
           << line.GetRSquared() << std::setprecision(4) << std::setw(12) << errorPercent.GetMean()
           << " %" << std::setw(13) << largestPercent << " %\n";
    }
}

void
PortendCrossCheck::Plan::ReportCauses(const PortendResultFile& results,
                                      uint64_t random,
                                      std::ostream& os)
{
    uint64_t disagreeing = 0;
    double sumMs = 0;
    std::map<std::string, double> causesMs;
    // What has the sign of the whole difference; the rest has made it smaller.
    results.ForEach("SELECT entry, sum(abs(part.difference_ms)) AS ms FROM disagreement AS part "
                    "JOIN result USING (point, rank) WHERE part.difference_ms * "
                    "result.difference_ms > 0 GROUP BY entry",
                    [&](const auto& row) {
                        causesMs[row["entry"]] = row["ms"];
                        sumMs += row["ms"].template get<double>();
                    });
    results.ForEach("SELECT count(DISTINCT point) AS n FROM disagreement",
                    [&](const auto& row) { disagreeing = row["n"]; });
    if (disagreeing == 0)
    {
        return;
    }
    std::vector<std::pair<double, std::string>> sorted;
    for (const auto& [entry, ms] : causesMs)
    {
        sorted.emplace_back(-ms, entry);
    }
    std::sort(sorted.begin(), sorted.end());
    os << "\n"
       << disagreeing << " deployments differ by more than their interval (" << std::setprecision(0)
       << 0.05 * random << " would by chance alone); of these differences,\n";
    for (std::size_t i = 0; i < std::min<std::size_t>(5, sorted.size()); ++i)
    {
        os << std::setw(7) << std::setprecision(1) << -100 * sorted[i].first / sumMs << " % is "
           << sorted[i].second << "\n";
    }
}

int
PortendCrossCheck::Plan::Report(const PortendResultFile& results, std::ostream& os) const
{
    os << Count() << " deployments, rules " << m_check.m_program.GetScenario().rules
       << ", arrivals " << m_check.m_program.GetScenario().arrival << "\n\n"
       << std::left << std::setw(18) << "estimate on" << std::right << std::setw(10) << "slope"
       << std::setw(12) << "R^2" << std::setw(14) << "mean error" << std::setw(15)
       << "largest error"
       << "  at\n"
       << std::fixed;
    std::map<std::string, nlohmann::ordered_json> rows;
    results.ForEach("SELECT agreement.*, result.profile, result.deployment FROM agreement LEFT "
                    "JOIN result ON result.point = largest_error_point",
                    [&](const auto& row) { rows[row["component"]] = row; });
    for (const auto& quantity : QUANTITIES)
    {
        const auto& row = rows[quantity];
        if (row.is_null())
        {
            continue;
        }
        const auto print = [&](const char* column, int width, int digits, const char* unit) {
            os << std::setw(width)
               << (row[column].is_null() ? "-"
                                         : PortendFixed(row[column].get<double>(), digits) + unit);
        };
        auto name = quantity;
        std::replace(name.begin(), name.end(), '_', ' ');
        os << std::left << std::setw(18) << name << std::right;
        print("slope", 10, 5, "");
        print("r_squared", 12, 6, "");
        print("mean_error_percent", 14, 4, " %");
        print("largest_error_percent", 15, 4, " %");
        if (!row["largest_error_percent"].is_null())
        {
            os << "  " << row["profile"].get<std::string>() << " "
               << row["deployment"].get<std::string>();
        }
        os << "\n";
    }
    const auto& latency = rows["latency"];
    if (latency.is_null())
    {
        os << "\nno request was answered\n";
        return m_tolerance > 0 ? 1 : 0;
    }
    const auto random = latency["random"].get<uint64_t>();
    const auto covered = latency["covered"].get<uint64_t>();
    if (random > 0)
    {
        os << "\n"
           << covered << " of " << random
           << " deployments whose latency is random have the estimate in their interval: "
           << std::setprecision(2) << 100.0 * covered / random << " % ";
        if (m_check.m_isSameSamples)
        {
            os << "(they share their samples: how far from 95 % that is tells nothing)\n";
        }
        else
        {
            os << "(if simulation and estimate agree: 95 +/- "
               << 196 * std::sqrt(0.95 * 0.05 / random) << " %)\n";
        }
    }
    if (const auto others = latency["deployments"].get<uint64_t>() - random)
    {
        uint64_t same = 0;
        results.ForEach("SELECT count(*) AS n FROM result WHERE is_random = 0 AND "
                        "abs(difference_ms) <= agreement_ci95_ms",
                        [&](const auto& row) { same = row["n"]; });
        os << (random > 0 ? "" : "\n") << same << " of " << others
           << " others have the same latency but for the rounding to nanoseconds\n";
    }
    ReportRules(results, os);
    ReportCauses(results, random, os);
    if (m_tolerance == 0)
    {
        return 0;
    }
    uint64_t outside = 0;
    std::string worst;
    std::ostringstream condition;
    condition << std::setprecision(17) << m_tolerance;
    results.ForEach("SELECT profile, deployment, difference_percent, explanation FROM result WHERE "
                    "abs(difference_ms) - agreement_ci95_ms > " +
                        condition.str() +
                        " * simulated_latency_ms ORDER BY "
                        "abs(difference_percent) DESC, point",
                    [&](const auto& row) {
                        if (++outside == 1)
                        {
                            std::ostringstream text;
                            text << std::fixed << std::setprecision(2)
                                 << row["profile"].template get<std::string>() << " "
                                 << row["deployment"].template get<std::string>() << ", "
                                 << row["difference_percent"].template get<double>()
                                 << " %: " << row["explanation"].template get<std::string>();
                            worst = text.str();
                        }
                    });
    if (outside == 0)
    {
        os << "\nevery deployment is within " << m_check.m_tolerance << " and its interval\n";
        return 0;
    }
    os << "\n"
       << outside << " deployments are outside of " << m_check.m_tolerance
       << " and their interval; the worst is " << worst << "\n";
    return 1;
}

PortendCrossCheck::PortendCrossCheck(PortendProgram& program)
    : m_program(program),
      m_options(program, 1),
      m_search(program)
{
    program.AddOption("profiles",
                      "several profiles, separated by commas, instead of --profile",
                      m_profiles);
    program.AddOption("random",
                      "check that many deployments, drawn by --RngSeed, divided among the profiles",
                      m_random);
    program.AddFlag("all", "check every placement, partitioning and threshold", m_isAll);
    program.AddFlag("pareto", "check the frontier of latency and accuracy", m_isPareto);
    program.AddOption("deployments",
                      "check those of a file, one a line, # begins a comment",
                      m_file);
    program.AddFlag("same-samples",
                    "let all deployments meet the same samples, arrivals and times, as the points "
                    "of a sweep do; by default each has random numbers of its own, which the share "
                    "of estimates in their interval needs",
                    m_isSameSamples);
    program.AddOption("tolerance",
                      "status 1 if an estimate is farther than that, such as 1%, outside of the "
                      "simulation's interval",
                      m_tolerance);
}

PortendCrossCheck::~PortendCrossCheck() = default;

int
PortendCrossCheck::Run(PortendWorkers& workers)
{
    const Plan plan(*this);
    return PortendCampaign(m_program, m_options, plan, workers).Run();
}

} // namespace ns3
