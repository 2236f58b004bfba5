/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-optimization.h"

#include "portend-deployment-table.h"
#include "portend-search-options.h"

#include "ns3/portend-json.h"
#include "ns3/portend-provenance.h"
#include "ns3/portend-text.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

namespace ns3
{

namespace
{

/**
 * @brief Read a whole text as a number.
 * @tparam T type of the number
 * @param option option that holds it
 * @param text the text
 * @param low smallest allowed
 * @param high largest allowed
 * @return the number
 */
template <typename T>
T
ParseNumber(const std::string& option, const std::string& text, T low, T high)
{
    T value{};
    if (!PortendParseNumber(text, value) || !(value >= low && value <= high))
    {
        std::ostringstream allowed;
        allowed << "a number, " << low << " .. " << high;
        PortendFail("--" + option, text, allowed.str());
    }
    return value;
}

/**
 * @brief Write a number with fixed decimals.
 * @param value the number
 * @return its text; a word for the latency under a load that is too much, a dash for NaN
 */
std::string
Fixed(double value)
{
    if (std::isinf(value))
    {
        return "overload";
    }
    if (std::isnan(value))
    {
        return "-";
    }
    std::ostringstream os;
    os << std::fixed << std::setprecision(4) << value;
    return os.str();
}

/**
 * @brief Let energy be a criterion of a search, or not.
 * @param space which deployments are considered
 * @param hasEnergy whether it is
 * @return the same with it
 */
portend::SearchSpace
WithEnergy(portend::SearchSpace space, bool hasEnergy)
{
    space.energy = hasEnergy;
    return space;
}

/**
 * @brief Get what a candidate is ranked by.
 * @param candidate the candidate
 * @param goal what is best
 * @return the less the better
 */
double
GetWorth(const portend::Candidate& candidate, portend::Objective::Goal goal)
{
    return goal == portend::Objective::Goal::ACCURACY ? -candidate.accuracy
           : goal == portend::Objective::Goal::ENERGY ? candidate.energyJ
                                                      : candidate.latencyMs;
}

} // namespace

PortendObjectiveOptions::PortendObjectiveOptions(PortendProgram& program)
{
    program.AddOption("min-accuracy",
                      "least share of right answers, in [0, 1]: minimize latency",
                      m_minAccuracy);
    program.AddOption("max-latency",
                      "largest mean latency, such as 60ms: maximize accuracy, or with "
                      "--min-accuracy a second bound",
                      m_maxLatency);
    program.AddOption("max-energy",
                      "largest mean energy of a request, such as 150mJ: a bound beside the others",
                      m_maxEnergy);
    program.AddOption("minimize", "latency | energy: what is best within the bounds", m_minimize);
}

bool
PortendObjectiveOptions::IsGiven() const
{
    return !m_minAccuracy.empty() || !m_maxLatency.empty() || !m_maxEnergy.empty() ||
           !m_minimize.empty();
}

portend::Objective
PortendObjectiveOptions::Get() const
{
    portend::Objective objective;
    if (!m_minAccuracy.empty())
    {
        objective.minAccuracy = ParseNumber("min-accuracy", m_minAccuracy, 0.0, 1.0);
    }
    if (!m_maxLatency.empty())
    {
        objective.maxLatencyMs =
            PortendParseTime(m_maxLatency, "--max-latency").GetNanoSeconds() / 1e6;
        objective.goal = m_minAccuracy.empty() ? portend::Objective::Goal::ACCURACY
                                               : portend::Objective::Goal::LATENCY;
    }
    if (!m_maxEnergy.empty())
    {
        objective.maxEnergyJ = PortendParseEnergy(m_maxEnergy, "--max-energy");
    }
    if (m_minimize == "energy" || m_minimize == "latency")
    {
        objective.goal = m_minimize == "energy" ? portend::Objective::Goal::ENERGY
                                                : portend::Objective::Goal::LATENCY;
    }
    else if (!m_minimize.empty())
    {
        PortendFail("--minimize", m_minimize, "latency, energy");
    }
    return objective;
}

std::map<std::string, std::string>
PortendObjectiveOptions::Describe() const
{
    std::map<std::string, std::string> options{{"min-accuracy", m_minAccuracy},
                                               {"max-latency", m_maxLatency}};
    // Files of campaigns without them say nothing of them.
    for (const auto& [name, value] :
         {std::pair("max-energy", m_maxEnergy), std::pair("minimize", m_minimize)})
    {
        if (!value.empty())
        {
            options[name] = value;
        }
    }
    return options;
}

PortendOptimizationOptions::PortendOptimizationOptions(PortendProgram& program)
    : m_program(program),
      m_objective(program)
{
    program.AddOption("rate",
                      "find the best under a load of that many requests per second, Poisson "
                      "arrivals: --arrival=poisson:RATE --rules=queueing",
                      m_rate);
    program.AddFlag("pareto", "find the whole frontier, within the bounds if there are", m_pareto);
    program.AddFlag("energy",
                    "energy is a criterion of the frontier, beside latency and accuracy",
                    m_energy);
    program.AddOption("top", "how many of the best to list [1]", m_top);
    program.AddFlag("verify",
                    "compare the frontiers of both engines, status 1 if they differ",
                    m_verify);
    program.AddOption("simulate",
                      "simulate that many of the best, and rank them anew [0]",
                      m_simulate);
}

PortendScenario
PortendOptimizationOptions::GetScenario() const
{
    const auto& scenario = m_program.GetScenario();
    if (m_rate.empty())
    {
        return scenario;
    }
    for (const auto* option : {"/arrival", "/rules"})
    {
        if (scenario.origins.count(option) > 0)
        {
            PortendFail("--rate", m_rate, "no --arrival and no --rules beside it");
        }
    }
    ParseNumber("rate", m_rate, 1e-9, 1e9);
    return m_program.Resolve({{"arrival", "poisson:" + m_rate}, {"rules", "queueing"}});
}

PortendOptimizationRequest
PortendOptimizationOptions::Get() const
{
    PortendOptimizationRequest request;
    request.objective = m_objective.Get();
    if (!m_top.empty())
    {
        request.top = ParseNumber<std::size_t>("top", m_top, 1, 100000);
    }
    if (!m_simulate.empty())
    {
        request.simulate = ParseNumber<std::size_t>("simulate", m_simulate, 0, 100000);
        request.top = std::max(request.top, request.simulate);
    }
    request.pareto = m_pareto;
    request.energy = m_energy || request.objective.NeedsEnergy();
    if (m_energy && !m_pareto)
    {
        throw portend::InputError(
            "--energy",
            "is of the frontier, --pareto; --minimize=energy finds the least");
    }
    request.verify = m_verify;
    if (m_pareto && (!m_top.empty() || !m_simulate.empty()))
    {
        throw portend::InputError("--pareto",
                                  "lists the whole frontier; it excludes --top and --simulate");
    }
    if (!m_pareto && !m_objective.IsGiven())
    {
        throw portend::InputError("--min-accuracy",
                                  "say what to optimize: --min-accuracy=0.87 for the least "
                                  "latency, --max-latency=60ms for the most accuracy, "
                                  "--minimize=latency or energy, or --pareto");
    }
    return request;
}

PortendOptimization::PortendOptimization(const PortendScenario& scenario,
                                         const PortendSetup& setup,
                                         const portend::SearchSpace& space,
                                         const PortendOptimizationRequest& request)
    : m_scenario(scenario),
      m_setup(setup),
      m_request(request),
      m_search(setup.MakeSearch(WithEnergy(space, request.energy)))
{
}

bool
PortendOptimization::Run(std::string& complaint)
{
    if (m_search.Count() == 0)
    {
        throw portend::InputError("",
                                  "the constraints on tiers, partitions, cuts and computation "
                                  "leave no deployment" +
                                      PortendDescribeLeftOut(m_search));
    }
    if (m_request.verify && m_setup.rules.waiting)
    {
        throw portend::InputError("--verify",
                                  "rules that count waiting have one engine, which visits all");
    }
    if (m_request.verify && !Verify(complaint))
    {
        return false;
    }
    if (m_request.pareto)
    {
        const auto frontier = m_search.FindFrontier();
        for (const auto& candidate : frontier.Get())
        {
            if (m_request.objective.IsFeasible(candidate.latencyMs,
                                               candidate.accuracy,
                                               candidate.energyJ))
            {
                m_found.push_back({candidate, {}});
            }
        }
    }
    else
    {
        for (const auto& candidate : m_search.FindBest(m_request.objective, m_request.top))
        {
            m_found.push_back({candidate, {}});
        }
    }
    if (m_found.empty())
    {
        complaint = ExplainInfeasible();
        return false;
    }
    FindBaselines();
    Simulate();
    return true;
}

std::string
PortendOptimization::ExplainInfeasible() const
{
    const auto& objective = m_request.objective;
    const auto frontier = m_search.FindFrontier().Get();
    if (frontier.empty())
    {
        return "no deployment stands " + portend::ToText(m_setup.stream.arrivals.ratePerS) +
               " requests per second";
    }
    const auto isLess = [](auto member) {
        return [member](const auto& a, const auto& b) { return a.*member < b.*member; };
    };
    using portend::Candidate;
    const auto& mostAccurate =
        *std::max_element(frontier.begin(), frontier.end(), isLess(&Candidate::accuracy));
    const auto& fastest = frontier.front();
    const auto& cheapest =
        *std::min_element(frontier.begin(), frontier.end(), isLess(&Candidate::energyJ));
    if (cheapest.energyJ > objective.maxEnergyJ)
    {
        return "no deployment takes as little as --max-energy=" +
               portend::ToText(1e3 * objective.maxEnergyJ) + " mJ; the least is " +
               Fixed(1e3 * cheapest.energyJ) + " mJ: " + cheapest.deployment.ToString();
    }
    if (mostAccurate.accuracy < objective.minAccuracy)
    {
        return "no deployment reaches --min-accuracy=" + portend::ToText(objective.minAccuracy) +
               "; the most accurate has " + Fixed(mostAccurate.accuracy) + ": " +
               mostAccurate.deployment.ToString() + ", " + Fixed(mostAccurate.latencyMs) + " ms";
    }
    if (fastest.latencyMs > objective.maxLatencyMs)
    {
        return "no deployment is as fast as --max-latency=" +
               portend::ToText(objective.maxLatencyMs) + " ms; the fastest takes " +
               Fixed(fastest.latencyMs) + " ms: " + fastest.deployment.ToString() + ", accuracy " +
               Fixed(fastest.accuracy);
    }
    if (m_request.energy)
    {
        return "no deployment meets all bounds together; each alone is met";
    }
    const auto enough = std::find_if(frontier.begin(), frontier.end(), [&](const auto& candidate) {
        return candidate.accuracy >= objective.minAccuracy;
    });
    // On the frontier, what comes before is faster: the last that is fast enough.
    const auto isSlower = [](double latencyMs, const auto& candidate) {
        return latencyMs < candidate.latencyMs;
    };
    const auto& tooLess = *std::prev(
        std::upper_bound(frontier.begin(), frontier.end(), objective.maxLatencyMs, isSlower));
    return "no deployment meets --min-accuracy and --max-latency together; that accuracy takes " +
           Fixed(enough->latencyMs) + " ms (" + enough->deployment.ToString() +
           "), that latency allows an accuracy of " + Fixed(tooLess.accuracy) + " (" +
           tooLess.deployment.ToString() + ")";
}

bool
PortendOptimization::Verify(std::string& complaint)
{
    const auto count = m_search.Count();
    if (count > portend::DeploymentSearch::MAX_VISITED)
    {
        complaint = "--verify: " + PortendDescribeCount(count) + " are too many to visit";
        return false;
    }
    const auto labels = m_search.FindFrontier().Get();
    const auto exhaustive = m_search.FindFrontierExhaustively().Get();
    const auto isSame = [](const auto& a, const auto& b) {
        return a.latencyMs == b.latencyMs && a.accuracy == b.accuracy && a.energyJ == b.energyJ;
    };
    const auto [a, b] =
        std::mismatch(labels.begin(), labels.end(), exhaustive.begin(), exhaustive.end(), isSame);
    if (a != labels.end() || b != exhaustive.end())
    {
        complaint = "--verify: the engines differ from point " +
                    std::to_string(a - labels.begin()) + " of the frontier on";
        return false;
    }
    m_verified = "both engines give the same " + std::to_string(labels.size()) +
                 " points of the frontier of " + PortendDescribeCount(count);
    return true;
}

void
PortendOptimization::FindBaselines()
{
    const auto& model = m_setup.model;
    const auto tiers = static_cast<uint32_t>(m_setup.stream.tiers.size());
    const auto addBest = [&](const std::string& name, const portend::SearchSpace& space) {
        const portend::Objective fastest;
        const portend::DeploymentSearch search(model, m_setup.stream, m_setup.rules, space);
        if (search.Count() == 0)
        {
            return; // nobody has measured it, or it fits nowhere
        }
        auto best = search.FindBest(fastest, 1);
        if (best.empty()) // the load overwhelms them all: the fastest on an idle network
        {
            auto idle = m_setup.rules;
            idle.waiting = false;
            best =
                portend::DeploymentSearch(model, m_setup.stream, idle, space).FindBest(fastest, 1);
            best.front().latencyMs = HUGE_VAL;
        }
        m_baselines.push_back({name, best.front()});
    };
    portend::SearchSpace full;
    full.truncated = false;
    full.rooms = m_setup.GetRooms();
    full.energy = m_request.energy;
    for (uint32_t tier = 0; tier < tiers; ++tier)
    {
        full.placements = {{tier}};
        addBest(tier == 0           ? "edge-only"
                : tier + 1 == tiers ? "cloud-only"
                                    : "tier " + std::to_string(tier) + " only",
                full);
    }
    // Without exits: at threshold 0 no branch but the last lets anything exit.
    const auto never = std::find(model.thresholds.begin(), model.thresholds.end(), 0);
    const bool isListed = tiers * (tiers + 1.0) / 2 <= portend::MAX_PLACEMENTS;
    if (tiers > 1 && model.blocks > 1 && never != model.thresholds.end() && isListed)
    {
        full.placements = portend::GetAscendingPlacements(tiers, 2);
        full.thresholds = {static_cast<std::size_t>(never - model.thresholds.begin())};
        addBest("Neurosurgeon", full);
    }
}

void
PortendOptimization::Simulate()
{
    if (m_request.simulate == 0)
    {
        return;
    }
    m_found.resize(std::min(m_found.size(), m_request.simulate));
    for (auto& found : m_found)
    {
        auto scenario = m_scenario;
        scenario.deployment = found.candidate.deployment.ToString();
        const PortendSetup setup(scenario);
        setup.RequireReach();
        found.simulated = PortendSimulation(setup).Run();
    }
    const auto goal = m_request.objective.goal;
    const auto getWorth = [goal](const Found& found) {
        const auto& seen = *found.simulated;
        return GetWorth({{}, seen.latencyMs.mean, seen.accuracy.mean, seen.energyJ.mean}, goal);
    };
    std::stable_sort(m_found.begin(), m_found.end(), [&](const Found& a, const Found& b) {
        return getWorth(a) < getWorth(b);
    });
}

void
PortendOptimization::PrintTable(std::ostream& os) const
{
    const auto& first = m_found.front().candidate;
    std::size_t width = 24;
    for (const auto& found : m_found)
    {
        width = std::max(width, found.candidate.deployment.ToString().size() + 2);
    }
    os << m_setup.model.name << ", rules " << m_setup.rules.name << ", accuracy "
       << m_scenario.accuracy << ", "
       << (m_setup.rules.waiting ? "arrivals " + m_scenario.arrival + ", " : "")
       << PortendDescribeCount(m_search.Count()) << " considered"
       << PortendDescribeLeftOut(m_search) << "\n\n"
       << std::left << std::setw(14) << (m_request.pareto ? "frontier" : "rank") << std::setw(width)
       << "deployment" << std::right << std::setw(14) << "latency, ms" << std::setw(10)
       << "accuracy" << (m_request.energy ? "   energy, mJ" : "")
       << (m_request.simulate > 0 ? "   simulated, ms   +/- 95% CI  accuracy" : "")
       << (m_request.simulate > 0 && m_request.energy ? "   energy, mJ" : "") << "\n";
    const auto print = [&](const std::string& label, const portend::Candidate& candidate) {
        os << std::left << std::setw(14) << label << std::setw(width)
           << candidate.deployment.ToString() << std::right << std::setw(14)
           << Fixed(candidate.latencyMs) << std::setw(10) << Fixed(candidate.accuracy);
        if (m_request.energy)
        {
            os << std::setw(13) << Fixed(1e3 * candidate.energyJ);
        }
    };
    for (std::size_t i = 0; i < m_found.size(); ++i)
    {
        print(std::to_string(i + 1), m_found[i].candidate);
        if (const auto& simulated = m_found[i].simulated)
        {
            os << std::setw(16) << Fixed(simulated->latencyMs.mean) << std::setw(13)
               << Fixed(simulated->latencyMs.ci95) << std::setw(10)
               << Fixed(simulated->accuracy.mean);
            if (m_request.energy)
            {
                os << std::setw(13) << Fixed(1e3 * simulated->energyJ.mean);
            }
        }
        os << "\n";
    }
    os << "\n"
       << std::left << std::setw(14) << "baseline" << std::setw(width) << "deployment" << std::right
       << std::setw(14) << "latency, ms" << std::setw(10) << "accuracy"
       << (m_request.energy ? "   energy, mJ" : "")
       << (m_request.pareto ? "" : "   speed-up of rank 1") << "\n";
    for (const auto& baseline : m_baselines)
    {
        print(baseline.name, baseline.candidate);
        if (!m_request.pareto)
        {
            os << std::setw(21) << Fixed(baseline.candidate.latencyMs / first.latencyMs);
        }
        os << "\n";
    }
    if (!m_verified.empty())
    {
        os << "\nverified: " << m_verified << "\n";
    }
}

void
PortendOptimization::PrintJson(std::ostream& os) const
{
    using Json = nlohmann::ordered_json;
    const auto describe = [this](const portend::Candidate& candidate) {
        return Json::parse(PortendDeploymentToJson(candidate.deployment,
                                                   portend::EstimateDeployment(m_setup.model,
                                                                               m_setup.stream,
                                                                               candidate.deployment,
                                                                               m_setup.rules),
                                                   m_setup.hasEnergy));
    };
    const auto& objective = m_request.objective;
    Json json;
    json["schema_version"] = 1;
    json["scenario"] = Json::parse(m_scenario.ToJson());
    json["rules"] = m_setup.rules.name;
    using Goal = portend::Objective::Goal;
    json["objective"]["goal"] = m_request.pareto                   ? "pareto"
                                : objective.goal == Goal::ACCURACY ? "maximize accuracy"
                                : objective.goal == Goal::ENERGY   ? "minimize energy"
                                                                   : "minimize latency";
    json["objective"]["min_accuracy"] = objective.minAccuracy;
    json["objective"]["max_latency_ms"] = objective.maxLatencyMs; // null without a bound
    if (m_request.energy)
    {
        json["objective"]["max_energy_j"] = objective.maxEnergyJ; // the same
    }
    const auto count = m_search.Count();
    json["configurations"] = count == UINT64_MAX ? Json() : Json(count); // null: more than 2^64
    if (const auto unmeasured = m_search.CountUnmeasured(); unmeasured > 0)
    {
        json["unmeasured"] = unmeasured;
    }
    if (const auto unfit = m_search.CountUnfit(); unfit > 0)
    {
        json["unfit"] = unfit;
    }
    auto& list = json[m_request.pareto ? "frontier" : "best"] = Json::array();
    for (const auto& found : m_found)
    {
        auto entry = describe(found.candidate);
        if (const auto& simulated = found.simulated)
        {
            auto& result = entry["simulated"];
            result["requests"] = simulated->completed;
            result["latency_ms"]["mean"] = simulated->latencyMs.mean;
            result["latency_ms"]["ci95"] = simulated->latencyMs.ci95;
            result["accuracy"] = simulated->accuracy.mean;
            result["accuracy_ci95"] = simulated->accuracy.ci95;
            if (m_setup.hasEnergy)
            {
                result["energy_j"]["mean"] = simulated->energyJ.mean;
                result["energy_j"]["ci95"] = simulated->energyJ.ci95;
            }
        }
        list.push_back(entry);
    }
    json["baselines"] = Json::array();
    for (const auto& baseline : m_baselines)
    {
        Json entry;
        entry["name"] = baseline.name;
        entry.update(describe(baseline.candidate));
        if (!m_request.pareto)
        {
            entry["speedup"] = baseline.candidate.latencyMs / m_found.front().candidate.latencyMs;
        }
        json["baselines"].push_back(entry);
    }
    if (!m_verified.empty())
    {
        json["verified"] = m_verified;
    }
    json["provenance"] = Json::parse(PortendProvenance::ToJson(m_setup.seed, m_setup.run));
    os << PortendDump(json, 2) << "\n";
}

void
PortendOptimization::PrintCsv(std::ostream& os) const
{
    PortendDeploymentTable table(os, m_setup.hasEnergy);
    for (const auto& found : m_found)
    {
        const auto& deployment = found.candidate.deployment;
        table.Add(
            deployment,
            portend::EstimateDeployment(m_setup.model, m_setup.stream, deployment, m_setup.rules));
    }
}

} // namespace ns3
