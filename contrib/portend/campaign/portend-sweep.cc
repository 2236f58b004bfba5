/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-sweep.h"

#include "portend-capacity.h"
#include "portend-plan.h"
#include "portend-record.h"

#include "ns3/portend-comparison.h"
#include "ns3/portend-json.h"
#include "ns3/portend-search.h"
#include "ns3/portend-text.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <limits>
#include <optional>
#include <sstream>

namespace ns3
{

namespace
{

using portend::InputError;

/// Most points of a grid.
constexpr uint64_t MAX_POINTS = 10000000;

/// Width of the column of a service level.
constexpr int LEVEL_WIDTH = 24;

/// Options of a search that may be swept, beside those of the scenario.
const std::vector<std::string> SEARCH_OPTIONS{"placements",
                                              "tiers",
                                              "max-partitions",
                                              "fixed-cuts",
                                              "forbidden-cuts",
                                              "compute-caps",
                                              "min-accuracy",
                                              "max-latency"};

/**
 * @brief Find where a straight line between two points is 0.
 * @param x0 place of the first
 * @param y0 value there
 * @param x1 place of the second
 * @param y1 value there
 * @return the place; nothing unless the values have different signs
 */
std::optional<double>
FindZero(double x0, double y0, double x1, double y1)
{
    if (!(y0 * y1 <= 0) || y0 == y1)
    {
        return {};
    }
    return x0 + (x1 - x0) * y0 / (y0 - y1);
}

} // namespace

/// The points of a grid: the last axis runs fastest.
class PortendSweep::Plan : public PortendPlan
{
  public:
    /**
     * @brief Constructor.
     * @param sweep options of the sweep; must outlive this object
     */
    explicit Plan(const PortendSweep& sweep);

    uint64_t Count() const override;
    const std::vector<PortendAxis>& GetAxes() const override;
    std::vector<std::size_t> GetPlace(uint64_t point) const override;
    PortendScenario GetScenario(uint64_t point) const override;
    bool IsSearch() const override;
    void RequireSearch(const PortendSetup& setup) const override;
    std::vector<portend::Deployment> GetDeployments(const PortendSetup& setup) const override;
    const std::vector<PortendServiceLevel>& GetLevels() const override;
    const PortendAxis* GetCapacityAxis() const override;
    nlohmann::ordered_json Describe() const override;
    PortendResultFile::Tables Conclude(const PortendResultFile& results) const override;
    int Report(const PortendResultFile& results, std::ostream& os) const override;

  private:
    /// What is compared of a simulated deployment.
    struct Case
    {
        double simulatedMs{0};            //!< mean latency
        double ci95Ms{0};                 //!< half-width of its interval
        double estimatedMs{0};            //!< mean latency
        std::vector<double> replications; //!< means of the replications, ms
    };

    /**
     * @brief Get the deployments that are considered at a point.
     * @param setup the point's scenario
     * @return the space
     * @throw InputError naming the option that makes no sense
     */
    portend::SearchSpace GetSpace(const PortendSetup& setup) const;

    /// Complain about axes that set the same, or that nothing would look at.
    void CheckAxes() const;

    /**
     * @brief Understand what is searched.
     * @param options names of the options of texts that may be swept
     * @throw portend::InputError if it makes no sense
     */
    void ReadCapacity(const std::vector<std::string>& options);

    /**
     * @brief Report the largest values at which the service levels hold.
     * @param results of all points
     * @param widths of the columns of the axes
     * @param os where to
     * @return exit status: 1 if there is none at some point
     */
    int ReportCapacities(const PortendResultFile& results,
                         const std::vector<std::size_t>& widths,
                         std::ostream& os) const;

    /**
     * @brief Get what the service levels bound of a deployment.
     * @param results of all points
     * @param point number of the point
     * @param rank of the deployment there
     * @return for people, and whether the level holds; in the order of levels
     */
    std::vector<std::pair<std::string, bool>> GetLevelValues(const PortendResultFile& results,
                                                             uint64_t point,
                                                             uint64_t rank) const;

    /**
     * @brief Report at how many points the service levels hold.
     * @param results of all points
     * @param os where to
     * @return exit status: 1 if one of them does not hold of a point's own deployment
     */
    int ReportLevels(const PortendResultFile& results, std::ostream& os) const;

    /**
     * @brief Read what is compared.
     * @param results of all points
     * @param point number of the point
     * @return by rank
     */
    static std::vector<Case> Load(const PortendResultFile& results, uint64_t point);

    /**
     * @brief Compare the estimator's choice at a point with the other candidates.
     * @param cases the candidates
     * @param point number of the point
     * @param tables gets a row of `regret`
     */
    static void ConcludeRegret(const std::vector<Case>& cases,
                               uint64_t point,
                               PortendResultFile::Tables& tables);

    /**
     * @brief Compare each point with that at the first value of the axis of --compare.
     * @param results of all points
     * @param tables gets rows of `comparison` and `crossing`
     */
    void ConcludeComparisons(const PortendResultFile& results,
                             PortendResultFile::Tables& tables) const;

    /**
     * @brief Report which results are to be taken with care.
     * @param results of all points
     * @param os where to
     */
    static void Note(const PortendResultFile& results, std::ostream& os);

    /**
     * @brief Get the number of a point.
     * @param place by axis, the index of the value
     * @return the number
     */
    uint64_t GetPoint(const std::vector<std::size_t>& place) const;

    const PortendSweep& m_sweep;               //!< options
    std::vector<PortendAxis> m_axes;           //!< the grid
    std::size_t m_candidates{1};               //!< deployments at each point
    std::optional<std::size_t> m_compare;      //!< axis along which points are compared
    std::vector<PortendServiceLevel> m_levels; //!< that every deployment is held to
    std::optional<PortendAxis> m_capacity;     //!< what is searched
    nlohmann::ordered_json m_description;      //!< of the plan
};

PortendSweep::Plan::Plan(const PortendSweep& sweep)
    : m_sweep(sweep)
{
    auto options = sweep.m_program.GetScenarioOptions();
    if (sweep.m_isOptimal || sweep.m_isValidity)
    {
        options.insert(options.end(), SEARCH_OPTIONS.begin(), SEARCH_OPTIONS.end());
    }
    if (!sweep.m_grid.empty())
    {
        m_axes = PortendAxis::LoadFile(sweep.m_grid, options);
    }
    for (const auto& text : sweep.m_sweeps)
    {
        m_axes.push_back(PortendAxis::Parse(text, options));
    }
    const bool isSearch = sweep.m_isOptimal || sweep.m_isValidity;
    m_candidates = sweep.m_isValidity ? 3 : sweep.m_isOptimal ? 2 : 1;
    if (!sweep.m_candidates.empty() && (!PortendParseNumber(sweep.m_candidates, m_candidates) ||
                                        m_candidates < 1 || m_candidates > 1000))
    {
        PortendFail("--candidates", sweep.m_candidates, "a whole number, 1 .. 1000");
    }
    if (!isSearch)
    {
        for (const auto& [given, option] :
             {std::pair{!sweep.m_candidates.empty(), "--candidates"},
              std::pair{sweep.m_isPerPlacement, "--per-placement"},
              std::pair{sweep.m_objective.IsGiven(), "--min-accuracy or --max-latency"}})
        {
            if (given)
            {
                throw InputError(option, "needs --optimal or --validity");
            }
        }
    }
    if (!sweep.m_compare.empty())
    {
        const auto axis = std::find_if(m_axes.begin(), m_axes.end(), [&](const auto& a) {
            return a.GetName() == sweep.m_compare;
        });
        if (axis == m_axes.end())
        {
            std::vector<std::string> names;
            for (const auto& a : m_axes)
            {
                names.push_back(a.GetName());
            }
            throw InputError("--compare",
                             "there is no axis '" + sweep.m_compare + "' in this sweep" +
                                 PortendSuggest(sweep.m_compare, names));
        }
        m_compare = axis - m_axes.begin();
    }
    m_levels = PortendServiceLevel::Parse(sweep.m_levels);
    for (auto level = m_levels.begin(); level != m_levels.end(); ++level)
    {
        if (std::any_of(m_levels.begin(), level, [&](const auto& other) {
                return other.GetText() == level->GetText(); // with the stream's name or without
            }))
        {
            PortendFail("--slo", level->GetText(), "each level once");
        }
    }
    if (!sweep.m_capacity.empty())
    {
        ReadCapacity(options);
    }
    CheckAxes();
    if (isSearch && !sweep.m_objective.IsGiven() &&
        std::none_of(m_axes.begin(), m_axes.end(), [](const auto& axis) {
            return axis.GetName() == "min-accuracy" || axis.GetName() == "max-latency";
        }))
    {
        throw InputError("--min-accuracy",
                         "say which deployment is best: --min-accuracy=0.87 for the least "
                         "latency, or --max-latency=60ms for the most accuracy");
    }
    // Now, as long as options have the values of the command line.
    m_description["axes"] = nlohmann::ordered_json::array();
    for (const auto& axis : m_axes)
    {
        nlohmann::ordered_json entry;
        entry["name"] = axis.GetName();
        for (const auto& value : axis.GetValues())
        {
            entry["values"].push_back(value.text);
        }
        m_description["axes"].push_back(entry);
    }
    m_description["compare"] = m_sweep.m_compare;
    m_description["validity"] = m_sweep.m_isValidity;
    m_description["candidates"] = m_candidates;
    if (m_sweep.m_isOptimal || m_sweep.m_isValidity)
    {
        m_description["per_placement"] = m_sweep.m_isPerPlacement;
        m_description["search"] = m_sweep.m_search.Describe();
        m_description["objective"] = m_sweep.m_objective.Describe();
    }
}

void
PortendSweep::Plan::ReadCapacity(const std::vector<std::string>& options)
{
    for (const auto& [given, option] : {std::pair{m_sweep.m_isOptimal, "--optimal"},
                                        std::pair{m_sweep.m_isValidity, "--validity"},
                                        std::pair{m_compare.has_value(), "--compare"}})
    {
        if (given)
        {
            throw InputError("--capacity", std::string("does not go with ") + option);
        }
    }
    if (m_levels.empty())
    {
        throw InputError("--capacity", "needs a level that is to hold, such as --slo=p99:150ms");
    }
    m_capacity = PortendAxis::Find(m_sweep.m_capacity, options, "--capacity");
    for (const auto& axis : m_axes)
    {
        if (axis.Overlaps(*m_capacity))
        {
            throw InputError("--capacity",
                             m_capacity->GetName() + " is searched; " + axis.GetName() +
                                 " of --sweep sets the same");
        }
    }
}

void
PortendSweep::Plan::CheckAxes() const
{
    if (m_axes.empty() && !m_capacity) // a search needs no grid: it has one point then
    {
        throw InputError("--sweep",
                         "say what to sweep, such as --sweep bandwidth0=1Mbps:10Mbps:1Mbps");
    }
    double points = 1;
    for (std::size_t a = 0; a < m_axes.size(); ++a)
    {
        points *= m_axes[a].GetValues().size();
        for (std::size_t b = 0; b < a; ++b)
        {
            if (m_axes[a].Overlaps(m_axes[b]))
            {
                throw InputError("--sweep",
                                 m_axes[b].GetName() + " and " + m_axes[a].GetName() +
                                     " set the same; sweep one of them");
            }
        }
        const bool isSearch = m_sweep.m_isOptimal || m_sweep.m_isValidity;
        if (isSearch && (m_axes[a].GetName() == "deployment" || m_axes[a].GetName() == "threshold"))
        {
            throw InputError("--sweep",
                             m_axes[a].GetName() + " is what --optimal and --validity choose");
        }
    }
    if (points > MAX_POINTS)
    {
        std::ostringstream text;
        text << "the grid has " << points << " points; allowed: at most " << MAX_POINTS;
        throw InputError("--sweep", text.str());
    }
    if (m_sweep.m_isValidity && m_axes.size() != 2)
    {
        throw InputError("--validity", "needs two axes, such as rate and bandwidth0");
    }
}

uint64_t
PortendSweep::Plan::Count() const
{
    uint64_t count = 1;
    for (const auto& axis : m_axes)
    {
        count *= axis.GetValues().size();
    }
    return count;
}

const std::vector<PortendAxis>&
PortendSweep::Plan::GetAxes() const
{
    return m_axes;
}

std::vector<std::size_t>
PortendSweep::Plan::GetPlace(uint64_t point) const
{
    std::vector<std::size_t> place(m_axes.size());
    for (std::size_t a = m_axes.size(); a-- > 0;)
    {
        const auto count = m_axes[a].GetValues().size();
        place[a] = point % count;
        point /= count;
    }
    return place;
}

uint64_t
PortendSweep::Plan::GetPoint(const std::vector<std::size_t>& place) const
{
    uint64_t point = 0;
    for (std::size_t a = 0; a < m_axes.size(); ++a)
    {
        point = point * m_axes[a].GetValues().size() + place[a];
    }
    return point;
}

PortendScenario
PortendSweep::Plan::GetScenario(uint64_t point) const
{
    const auto place = GetPlace(point);
    std::map<std::string, std::string> options;
    for (std::size_t a = 0; a < m_axes.size(); ++a)
    {
        if (m_axes[a].IsOption())
        {
            options[m_axes[a].GetName()] = m_axes[a].GetValues()[place[a]].text;
        }
    }
    auto scenario = m_sweep.m_program.Resolve(options);
    for (std::size_t a = 0; a < m_axes.size(); ++a)
    {
        if (!m_axes[a].IsOption())
        {
            m_axes[a].Apply(place[a], scenario);
        }
    }
    return scenario;
}

bool
PortendSweep::Plan::IsSearch() const
{
    return m_sweep.m_isOptimal || m_sweep.m_isValidity;
}

portend::SearchSpace
PortendSweep::Plan::GetSpace(const PortendSetup& setup) const
{
    auto space = m_sweep.m_search.GetSpace(setup.stream.tiers.size());
    space.energy = m_sweep.m_objective.Get().NeedsEnergy();
    return space;
}

void
PortendSweep::Plan::RequireSearch(const PortendSetup& setup) const
{
    setup.MakeSearch(GetSpace(setup)).RequireBest(m_sweep.m_objective.Get());
}

std::vector<portend::Deployment>
PortendSweep::Plan::GetDeployments(const PortendSetup& setup) const
{
    if (!IsSearch())
    {
        return {setup.deployment};
    }
    const auto objective = m_sweep.m_objective.Get();
    auto space = GetSpace(setup);
    const auto search = [&](std::size_t count) {
        return setup.MakeSearch(space).FindBest(objective, count);
    };
    std::vector<portend::Candidate> candidates;
    if (m_sweep.m_isPerPlacement)
    {
        for (const auto& placement : std::exchange(space.placements, {}))
        {
            space.placements = {placement};
            const auto best = search(1);
            candidates.insert(candidates.end(), best.begin(), best.end());
        }
        std::stable_sort(candidates.begin(), candidates.end(), [&](const auto& a, const auto& b) {
            using Goal = portend::Objective::Goal;
            return objective.goal == Goal::ACCURACY ? a.accuracy > b.accuracy
                   : objective.goal == Goal::ENERGY ? a.energyJ < b.energyJ
                                                    : a.latencyMs < b.latencyMs;
        });
        candidates.resize(std::min(candidates.size(), m_candidates));
    }
    else
    {
        candidates = search(m_candidates);
    }
    std::vector<portend::Deployment> deployments;
    for (const auto& candidate : candidates)
    {
        deployments.push_back(candidate.deployment);
    }
    return deployments;
}

const std::vector<PortendServiceLevel>&
PortendSweep::Plan::GetLevels() const
{
    return m_levels;
}

const PortendAxis*
PortendSweep::Plan::GetCapacityAxis() const
{
    return m_capacity ? &*m_capacity : nullptr;
}

nlohmann::ordered_json
PortendSweep::Plan::Describe() const
{
    return m_description;
}

std::vector<PortendSweep::Plan::Case>
PortendSweep::Plan::Load(const PortendResultFile& results, uint64_t point)
{
    std::vector<Case> cases;
    const auto where = " WHERE point = " + std::to_string(point);
    const auto number = [](const PortendResultFile::Row& value) {
        return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
    };
    results.ForEach("SELECT simulated_latency_ms, simulated_latency_ci95_ms, "
                    "estimated_latency_ms FROM result" +
                        where + " ORDER BY rank",
                    [&](const auto& row) {
                        cases.push_back({number(row["simulated_latency_ms"]),
                                         number(row["simulated_latency_ci95_ms"]),
                                         number(row["estimated_latency_ms"]),
                                         {}});
                    });
    results.ForEach("SELECT rank, latency_ms FROM replication" + where +
                        " ORDER BY rank, replication",
                    [&](const auto& row) {
                        cases.at(row["rank"].template get<std::size_t>())
                            .replications.push_back(number(row["latency_ms"]));
                    });
    return cases;
}

void
PortendSweep::Plan::ConcludeRegret(const std::vector<Case>& cases,
                                   uint64_t point,
                                   PortendResultFile::Tables& tables)
{
    if (cases.empty())
    {
        return;
    }
    const auto best =
        std::min_element(cases.begin(), cases.end(), [](const auto& a, const auto& b) {
            return a.simulatedMs < b.simulatedMs;
        });
    const auto& choice = cases.front();
    const auto regret = PortendComparePairs(choice.replications, best->replications);
    const double regretMs = choice.simulatedMs - best->simulatedMs;
    // Estimate and interval alike over the simulated mean.
    tables["regret"].push_back(
        {{"point", point},
         {"best_rank", best - cases.begin()},
         {"regret_ms", regretMs},
         {"regret_ci95_ms", regret.ci95},
         {"regret_percent", 100 * regretMs / best->simulatedMs},
         {"error_percent", 100 * (choice.estimatedMs / choice.simulatedMs - 1)},
         {"error_ci95_percent",
          100 * choice.estimatedMs / choice.simulatedMs * choice.ci95Ms / choice.simulatedMs}});
}

void
PortendSweep::Plan::ConcludeComparisons(const PortendResultFile& results,
                                        PortendResultFile::Tables& tables) const
{
    /// A difference, simulated and estimated.
    struct Difference
    {
        PortendInterval simulatedMs; // paired
        double estimatedMs;
    };

    const auto compare = [&](uint64_t point, uint64_t withPoint) -> std::optional<Difference> {
        const auto a = Load(results, point);
        const auto b = Load(results, withPoint);
        if (a.empty() || b.empty())
        {
            return {};
        }
        const auto paired = PortendComparePairs(a[0].replications, b[0].replications);
        const double differenceMs = a[0].simulatedMs - b[0].simulatedMs;
        const double estimatedMs = a[0].estimatedMs - b[0].estimatedMs;
        return Difference{{differenceMs, paired.ci95}, estimatedMs};
    };
    for (uint64_t point = 0; point < Count(); ++point)
    {
        auto place = GetPlace(point);
        if (place[*m_compare] == 0)
        {
            continue;
        }
        auto withPlace = place;
        withPlace[*m_compare] = 0;
        const auto withPoint = GetPoint(withPlace);
        const auto here = compare(point, withPoint);
        if (!here)
        {
            continue;
        }
        const auto baseMs = Load(results, withPoint)[0].simulatedMs;
        tables["comparison"].push_back(
            {{"point", point},
             {"rank", 0},
             {"with_point", withPoint},
             {"with_rank", 0},
             {"difference_ms", here->simulatedMs.mean},
             {"difference_ci95_ms", here->simulatedMs.ci95},
             {"difference_percent", 100 * here->simulatedMs.mean / baseMs},
             {"estimated_difference_ms", here->estimatedMs}});
        for (std::size_t a = 0; a < m_axes.size(); ++a)
        {
            const auto& axis = m_axes[a];
            if (a == *m_compare || axis.GetKind() == PortendAxis::TEXT ||
                place[a] + 1 == axis.GetValues().size())
            {
                continue;
            }
            ++place[a];
            ++withPlace[a];
            const auto there = compare(GetPoint(place), GetPoint(withPlace));
            --place[a];
            --withPlace[a];
            if (!there)
            {
                continue;
            }
            // Transmission times are linear in the reciprocal of a bandwidth.
            const auto transform = [&](double x) {
                return axis.GetKind() == PortendAxis::BANDWIDTH ? 1 / x
                       : axis.IsLogarithmic()                   ? std::log(x)
                                                                : x;
            };
            const auto back = [&](std::optional<double> x) {
                return !x                                         ? nlohmann::json()
                       : axis.GetKind() == PortendAxis::BANDWIDTH ? nlohmann::json(1 / *x)
                       : axis.IsLogarithmic()                     ? nlohmann::json(std::exp(*x))
                                                                  : nlohmann::json(*x);
            };
            const double x0 = transform(axis.GetValues()[place[a]].number);
            const double x1 = transform(axis.GetValues()[place[a] + 1].number);
            const auto zero = [&](double shift) {
                return FindZero(x0,
                                here->simulatedMs.mean + shift * here->simulatedMs.ci95,
                                x1,
                                there->simulatedMs.mean + shift * there->simulatedMs.ci95);
            };
            const auto estimated = FindZero(x0, here->estimatedMs, x1, there->estimatedMs);
            const auto simulated = zero(0);
            if (!estimated && !simulated)
            {
                continue;
            }
            auto low = back(zero(-1));
            auto high = back(zero(1));
            if (!low.is_null() && !high.is_null() && low > high)
            {
                std::swap(low, high);
            }
            tables["crossing"].push_back({{"axis", a},
                                          {"point", point},
                                          {"with_point", withPoint},
                                          {"estimated", back(estimated)},
                                          {"simulated", back(simulated)},
                                          {"simulated_low", low},
                                          {"simulated_high", high}});
        }
    }
}

PortendResultFile::Tables
PortendSweep::Plan::Conclude(const PortendResultFile& results) const
{
    auto tables = PortendResultFile::Tables::object();
    if (m_candidates > 1)
    {
        for (uint64_t point = 0; point < Count(); ++point)
        {
            ConcludeRegret(Load(results, point), point, tables);
        }
    }
    if (m_compare)
    {
        ConcludeComparisons(results, tables);
    }
    return tables;
}

int
PortendSweep::Plan::ReportCapacities(const PortendResultFile& results,
                                     const std::vector<std::size_t>& widths,
                                     std::ostream& os) const
{
    std::string levels;
    for (const auto& level : m_levels)
    {
        levels += (levels.empty() ? "" : " and ") + level.GetText();
    }
    std::string unit;
    results.ForEach("SELECT unit FROM capacity LIMIT 1",
                    [&](const auto& row) { unit = row["unit"] == "per_s" ? ", per s" : ""; });
    const auto& name = m_capacity->GetName();
    const int width = static_cast<int>(std::max<std::size_t>(16, name.size() + unit.size() + 2));
    os << std::right << std::setw(width) << name + unit << std::setw(28) << "95 % interval"
       << std::setw(8) << "tried"
       << "  " << levels << "\n";
    const auto show = [&](const nlohmann::ordered_json& value, const char* none) {
        return value.is_null() ? none : PortendDescribeCapacity(*m_capacity, value.get<double>());
    };
    nlohmann::ordered_json least; // tried where no value is enough
    nlohmann::ordered_json most;  // tried where every value is
    uint64_t missing = 0;
    uint64_t endless = 0;
    results.ForEach(
        "SELECT capacity.*, (SELECT count(DISTINCT value) FROM probe WHERE probe.point = "
        "capacity.point) AS tried, (SELECT min(value) FROM probe WHERE probe.point = "
        "capacity.point) AS least, (SELECT max(value) FROM probe WHERE probe.point = "
        "capacity.point) AS most FROM capacity ORDER BY point",
        [&](const auto& row) {
            const auto point = row["point"].template get<uint64_t>();
            const auto place = GetPlace(point);
            for (std::size_t a = 0; a < m_axes.size(); ++a)
            {
                os << std::left << std::setw(widths[a]) << m_axes[a].GetValues()[place[a]].text;
            }
            const auto& capacity = row["capacity"];
            os << std::right << std::setw(width) << show(capacity, "none") << std::setw(28)
               << (row["low"].is_null() ? "-"
                                        : show(row["low"], "") + " .. " + show(row["high"], "?"))
               << std::setw(8) << row["tried"].template get<uint64_t>();
            for (const auto& [text, holds] : GetLevelValues(results, point, 0))
            {
                os << "  " << text;
            }
            os << "\n";
            if (capacity.is_null())
            {
                ++missing;
                least = row["least"];
            }
            else if (capacity == row["most"])
            {
                ++endless;
                most = row["most"];
            }
        });
    const auto of = " of " + std::to_string(Count()) + (Count() == 1 ? " point" : " points");
    if (missing > 0)
    {
        os << "\nno " << name << " meets " << levels << " at " << missing << of
           << ": the least that was tried is " << show(least, "") << "\n";
    }
    if (endless > 0)
    {
        os << "\nevery " << name << " that was tried meets " << levels << " at " << endless << of
           << ": the largest is " << show(most, "") << "\n";
    }
    return missing > 0 ? 1 : 0;
}

std::vector<std::pair<std::string, bool>>
PortendSweep::Plan::GetLevelValues(const PortendResultFile& results,
                                   uint64_t point,
                                   uint64_t rank) const
{
    std::vector<std::pair<std::string, bool>> values;
    for (const auto& level : m_levels)
    {
        results.ForEach("SELECT value_" + level.GetUnit() + " AS value, holds FROM level WHERE " +
                            "point = " + std::to_string(point) + " AND rank = " +
                            std::to_string(rank) + " AND level = '" + level.GetText() + "'",
                        [&](const auto& row) {
                            const auto value = row["value"].is_null()
                                                   ? std::numeric_limits<double>::infinity()
                                                   : row["value"].template get<double>();
                            values.emplace_back(level.Describe(value, 4), row["holds"] != 0);
                        });
    }
    return values;
}

int
PortendSweep::Plan::ReportLevels(const PortendResultFile& results, std::ostream& os) const
{
    uint64_t held = 0;
    results.ForEach("SELECT count(*) AS n FROM (SELECT min(holds) AS hold FROM level WHERE rank = "
                    "0 GROUP BY point) WHERE hold = 1",
                    [&](const auto& row) { held = row["n"]; });
    uint64_t points = 0;
    results.ForEach("SELECT count(DISTINCT point) AS n FROM level",
                    [&](const auto& row) { points = row["n"]; });
    os << "\n"
       << (m_levels.size() == 1 ? "the service level holds at " : "all service levels hold at ")
       << held << " of " << points << (points == 1 ? " point\n" : " points\n");
    return held < points ? 1 : 0;
}

int
PortendSweep::Plan::Report(const PortendResultFile& results, std::ostream& os) const
{
    std::vector<std::size_t> widths;
    for (const auto& axis : m_axes)
    {
        auto width = axis.GetName().size();
        for (const auto& value : axis.GetValues())
        {
            width = std::max(width, value.text.size());
        }
        widths.push_back(width + 2);
        os << std::left << std::setw(widths.back()) << axis.GetName();
    }
    if (m_capacity)
    {
        const int status = ReportCapacities(results, widths, os);
        Note(results, os);
        return status;
    }
    const bool isAxis = std::any_of(m_axes.begin(), m_axes.end(), [](const auto& axis) {
        return axis.GetName() == "deployment";
    });
    os << std::right << std::setw(15) << "simulated, ms" << std::setw(13) << "+/- 95% CI"
       << std::setw(15) << "estimated, ms" << std::setw(11) << "difference";
    const bool hasDeadline = results.HasTable("punctuality");
    if (hasDeadline)
    {
        os << std::setw(10) << "met" << std::setw(15) << "goodput, per s";
    }
    for (const auto& level : m_levels)
    {
        os << std::setw(LEVEL_WIDTH) << level.GetText();
    }
    os << "  deployment\n" << std::fixed;
    std::vector<bool> hasResult(m_candidates > 1 ? Count() : 0);
    results.ForEach(
        "SELECT point, rank, deployment, simulated_latency_ms AS simulated, "
        "simulated_latency_ci95_ms AS ci95, estimated_latency_ms AS estimated, "
        "difference_percent AS difference" +
            std::string(hasDeadline ? ", 100 * met_share AS met, goodput_per_s AS goodput FROM "
                                      "result LEFT JOIN (SELECT * FROM punctuality WHERE "
                                      "partition = 0) USING (point, rank)"
                                    : " FROM result") +
            " ORDER BY point, rank",
        [&](const auto& row) {
            const auto point = row["point"].template get<uint64_t>();
            const auto place = GetPlace(point);
            for (std::size_t a = 0; a < m_axes.size(); ++a)
            {
                os << std::left << std::setw(widths[a])
                   << (row["rank"] == 0 ? m_axes[a].GetValues()[place[a]].text : "");
            }
            const auto print = [&](const char* column, int width, int digits, const char* unit) {
                const auto text =
                    row[column].is_null()
                        ? "-"
                        : PortendFixed(row[column].template get<double>(), digits) + unit;
                os << std::right << std::setw(width) << text;
            };
            print("simulated", 15, 4, "");
            print("ci95", 13, 4, "");
            print("estimated", 15, 4, "");
            print("difference", 11, 2, " %");
            if (hasDeadline)
            {
                print("met", 10, 2, " %");
                print("goodput", 15, 3, "");
            }
            for (const auto& [text, holds] :
                 GetLevelValues(results, point, row["rank"].template get<uint64_t>()))
            {
                os << std::setw(LEVEL_WIDTH) << text + (holds ? "      " : " FAILS");
            }
            os << (isAxis ? "" : "  " + row["deployment"].template get<std::string>()) << "\n";
            if (!hasResult.empty())
            {
                hasResult[point] = true;
            }
        });
    if (m_sweep.m_isValidity)
    {
        os << "\n";
        results.ForEach("SELECT point, error_percent, error_ci95_percent, regret_percent, coalesce("
                        "regret_percent * regret_ci95_ms / regret_ms, 0) AS regret_ci95_percent, "
                        "best_rank FROM regret ORDER BY point",
                        [&](const auto& row) {
                            const auto place = GetPlace(row["point"].template get<uint64_t>());
                            for (std::size_t a = 0; a < m_axes.size(); ++a)
                            {
                                os << std::left << std::setw(widths[a])
                                   << m_axes[a].GetValues()[place[a]].text;
                            }
                            const auto number = [&](const char* column) {
                                return row[column].is_null()
                                           ? "-"
                                           : PortendFixed(row[column].template get<double>(), 2);
                            };
                            os << "error of the estimate " << number("error_percent") << " +/- "
                               << number("error_ci95_percent") << " %, regret "
                               << number("regret_percent") << " +/- "
                               << number("regret_ci95_percent") << " %, best is candidate "
                               << row["best_rank"].template get<int64_t>() + 1 << "\n";
                        });
    }
    results.ForEach("SELECT * FROM crossing ORDER BY axis, point", [&](const auto& row) {
        const auto& axis = m_axes[row["axis"].template get<std::size_t>()];
        const auto& compared = m_axes[*m_compare];
        const auto at = [&](const char* column) {
            const auto place = GetPlace(row[column].template get<uint64_t>());
            return compared.GetValues()[place[*m_compare]].text;
        };
        const auto number = [&](const char* column) {
            return row[column].is_null() ? std::string("none")
                                         : axis.Describe(row[column].template get<double>());
        };
        os << "\n"
           << compared.GetName() << " " << at("point") << " and " << at("with_point")
           << " cross at " << axis.GetName() << " = " << number("estimated") << " estimated, "
           << number("simulated") << " simulated (95 % interval " << number("simulated_low")
           << " .. " << number("simulated_high") << ")\n";
    });
    if (const auto missing = std::count(hasResult.begin(), hasResult.end(), false); missing > 0)
    {
        os << "\n" << missing << " points have no feasible deployment\n";
    }
    Note(results, os);
    return m_levels.empty() ? 0 : ReportLevels(results, os);
}

void
PortendSweep::Plan::Note(const PortendResultFile& results, std::ostream& os)
{
    const auto note = [&](const char* column, const char* words) {
        results.ForEach(std::string("SELECT count(*) AS n FROM result WHERE ") + column + " = 0",
                        [&](const auto& row) {
                            if (row["n"] > 0)
                            {
                                os << "\n" << row["n"].template get<uint64_t>() << words << "\n";
                            }
                        });
    };
    note("steady",
         " results may not be steady: the warm-up may last longer than half a replication; more "
         "--samples, or less load");
    note("precise", " results are less precise than asked for: --max-samples came first");
}

PortendSweep::PortendSweep(PortendProgram& program)
    : m_program(program),
      m_options(program, 10),
      m_search(program),
      m_objective(program)
{
    program.AddList("sweep",
                    "an axis of the grid: bandwidth0=1Mbps:10Mbps:1Mbps, rate=1:64:log7, "
                    "threshold=0,0.1,0.2; may be given several times",
                    m_sweeps);
    program.AddOption("grid", "JSON file of axes (profiles/schemas/grid.schema.json)", m_grid);
    program.AddOption("compare",
                      "axis whose values are compared with its first one, replication by "
                      "replication, and where they cross",
                      m_compare);
    program.AddFlag("optimal",
                    "simulate the estimator's best deployment of each point, and the runner-up",
                    m_isOptimal);
    program.AddFlag("validity",
                    "map the estimator's error over two axes, and what following its choice "
                    "costs",
                    m_isValidity);
    program.AddOption("candidates",
                      "deployments simulated at each point, the estimator's best [2 of "
                      "--optimal, 3 of --validity]",
                      m_candidates);
    program.AddList("slo",
                    "a service level that each point is to keep, such as p99:150ms (mean, p50, "
                    "p95, p99 or max of the latency) or met:99% (answered by the deadline): status "
                    "1 if one does not; may repeat",
                    m_levels);
    program.AddOption("capacity",
                      "instead of simulating each point as it is, find the largest value of an "
                      "axis or path at which the service levels hold there: arrival, "
                      "streams/vision/arrival (its rate), nodes/camera/count; status 1 if there is "
                      "none",
                      m_capacity);
    program.AddFlag("per-placement", "candidates are the best of each placement", m_isPerPlacement);
}

PortendSweep::~PortendSweep() = default;

int
PortendSweep::Run(PortendWorkers& workers)
{
    const Plan plan(*this);
    return PortendCampaign(m_program, m_options, plan, workers).Run();
}

} // namespace ns3
