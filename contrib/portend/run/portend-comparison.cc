/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-comparison.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <numeric>
#include <sstream>

namespace ns3
{

std::string
PortendFixed(double value, int decimals)
{
    if (!std::isfinite(value))
    {
        return "-";
    }
    std::ostringstream os;
    // Adding zero turns a rounded -0 into 0.
    const double scale = std::pow(10, decimals);
    os << std::fixed << std::setprecision(decimals)
       << (std::abs(value) * scale < 0.5 ? 0.0 : value);
    return os.str();
}

std::string
PortendBytes(uint64_t bytes)
{
    const char* const units[] = {"B", "kB", "MB", "GB", "TB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1000 && unit + 1 < std::size(units))
    {
        value /= 1000;
        ++unit;
    }
    return PortendFixed(value, unit == 0 ? 0 : 2) + " " + units[unit];
}

namespace
{

/// JSON whose keys keep their order.
using Json = nlohmann::ordered_json;

/// A row of the table that sets simulation and estimate side by side.
class ComparisonRow
{
  public:
    /**
     * @brief Constructor.
     * @param label what the row is about
     * @param simulated what the simulation showed
     * @param estimated what the analytical model says
     * @param decimals digits after the point
     */
    ComparisonRow(const std::string& label,
                  const PortendInterval& simulated,
                  double estimated,
                  int decimals)
        : m_label(label),
          m_simulated(simulated),
          m_estimated(estimated),
          m_decimals(decimals)
    {
    }

    /**
     * @brief Write the head of the columns.
     * @param os where to
     * @param unit of the values
     */
    static void PrintHead(std::ostream& os, const std::string& unit)
    {
        os << std::left << std::setw(PORTEND_LABEL_WIDTH) << unit << std::right << std::setw(14)
           << "simulated" << std::setw(12) << "+/- 95% CI" << std::setw(14) << "analytical"
           << std::setw(14) << "difference" << std::setw(10) << "%"
           << "\n";
    }

    /**
     * @brief Write the row.
     * @param os where to
     */
    void Print(std::ostream& os) const
    {
        const double difference = m_simulated.mean - m_estimated;
        os << std::left << std::setw(PORTEND_LABEL_WIDTH) << m_label << std::right << std::setw(14)
           << PortendFixed(m_simulated.mean, m_decimals) << " " << std::setw(11)
           << PortendFixed(m_simulated.ci95, m_decimals) << std::setw(14)
           << PortendFixed(m_estimated, m_decimals) << std::setw(14)
           << PortendFixed(difference, m_decimals) << std::setw(10)
           << (m_estimated != 0 ? PortendFixed(100 * difference / m_estimated, 2)
                                : std::string("-"))
           << "\n";
    }

  private:
    std::string m_label;         //!< what the row is about
    PortendInterval m_simulated; //!< from the simulation
    double m_estimated;          //!< from the analytical model
    int m_decimals;              //!< digits after the point
};

/**
 * @brief Name a component in the table.
 * @param name its name in JSON
 * @return the name in words
 */
std::string
ToWords(std::string name)
{
    for (auto& c : name)
    {
        c = c == '_' ? ' ' : c;
    }
    return name;
}

/**
 * @brief Write an object of components.
 * @tparam Get gives the value of a component by index
 * @param get the values
 * @return the object
 */
template <typename Get>
nlohmann::ordered_json
ComponentsJson(Get get)
{
    nlohmann::ordered_json json;
    for (std::size_t c = 0; c < portend::Components::NAMES.size(); ++c)
    {
        json[portend::Components::NAMES[c]] = get(c);
    }
    return json;
}

} // namespace

void
PortendComparison::PrintTable(std::ostream& os) const
{
    ComparisonRow::PrintHead(os, "latency, ms");
    const auto estimated = estimate.components.GetValues();
    for (std::size_t c = 0; c < estimated.size(); ++c)
    {
        ComparisonRow(ToWords(portend::Components::NAMES[c]),
                      simulated.componentsMs[c],
                      estimated[c],
                      4)
            .Print(os);
        for (const auto part : c == PortendLedger::WAIT ? setup.GetWaitParts()
                                                        : std::vector<PortendLedger::WaitPart>())
        {
            const std::string name = PortendLedger::WAIT_NAMES[part];
            ComparisonRow("  " + name, simulated.waitMs[part], std::nan(""), 4).Print(os);
        }
    }
    if (network.traits.isReliable) // else all of it is queueing
    {
        for (std::size_t part = 0; part < simulated.excessMs.size(); ++part)
        {
            const std::string name = PortendLedger::EXCESS_NAMES[part];
            ComparisonRow("  " + name, simulated.excessMs[part], 0, 4).Print(os);
        }
    }
    ComparisonRow("total", simulated.latencyMs, estimate.GetLatencyMs(), 4).Print(os);
    if (simulated.momentMs)
    {
        ComparisonRow("  as links change", simulated.latencyMs, simulated.momentMs->GetTotal(), 4)
            .Print(os);
    }
    os << "\n";

    ComparisonRow::PrintHead(os, "share of requests");
    for (std::size_t k = 0; k < simulated.exitRates.size(); ++k)
    {
        ComparisonRow("exit rate " + std::to_string(k + 1),
                      simulated.exitRates[k],
                      k < estimate.exitRates.size() ? estimate.exitRates[k] : 0,
                      4)
            .Print(os);
    }
    ComparisonRow("accuracy", simulated.accuracy, estimate.accuracy, 4).Print(os);
    os << "\n";
}

void
PortendComparison::PrintEnergy(std::ostream& os) const
{
    if (!setup.hasEnergy)
    {
        return;
    }
    constexpr double TO_MJ = 1e3;
    const auto toMj = [](PortendInterval interval) {
        interval.mean *= TO_MJ;
        interval.ci95 *= TO_MJ;
        return interval;
    };
    ComparisonRow::PrintHead(os, "energy, mJ");
    const auto estimatedJ = estimate.energy.GetValues();
    for (const auto c : {PortendLedger::DESERIALIZATION,
                         PortendLedger::COMPUTATION,
                         PortendLedger::SERIALIZATION,
                         PortendLedger::TRANSMISSION})
    {
        ComparisonRow(ToWords(portend::Components::NAMES[c]),
                      toMj(simulated.energiesJ[c]),
                      TO_MJ * estimatedJ[c],
                      4)
            .Print(os);
    }
    ComparisonRow("total", toMj(simulated.energyJ), TO_MJ * estimate.energy.GetTotal(), 4)
        .Print(os);
    os << "\n";
}

namespace
{

/**
 * @brief Get the share of requests that were answered by their deadline.
 * @param simulated what the simulation showed
 * @return of those that arose, and the half-width of its 95 % interval by the normal approximation
 */
PortendInterval
GetMetShare(const PortendResult& simulated)
{
    const auto arose = static_cast<double>(simulated.generated);
    const auto share = static_cast<double>(simulated.met) / arose;
    return {share, 1.959964 * std::sqrt(share * (1 - share) / arose)};
}

/**
 * @brief Get how many requests were answered by their deadline, each second.
 * @param simulated what the simulation showed
 * @return the rate
 */
double
GetGoodputPerS(const PortendResult& simulated)
{
    return static_cast<double>(simulated.met) / simulated.simulated.GetSeconds();
}

/**
 * @brief Get the share of an exit's answers that came by their deadline.
 * @param simulated what the simulation showed
 * @param k index of the partition
 * @return of those that exit there; NaN if none do
 */
double
GetMetShareOfExit(const PortendResult& simulated, std::size_t k)
{
    const auto exited =
        std::round(simulated.exitRates[k].mean * static_cast<double>(simulated.completed));
    return static_cast<double>(simulated.metByExit[k]) / exited;
}

/**
 * @brief Get the share of requests that were answered by a fallback.
 * @param simulated what the simulation showed
 * @return of those that arose
 */
double
GetFallbackShare(const PortendResult& simulated)
{
    return static_cast<double>(simulated.fallbacks) / static_cast<double>(simulated.generated);
}

/**
 * @brief Get how long a battery lasts at the mean power of a run.
 * @param energy of a node with a battery
 * @return seconds; until it was empty, if it was
 */
double
GetLifetimeS(const PortendNodeEnergy& energy)
{
    const auto& battery = *energy.battery;
    return battery.empty < Time::Max() ? battery.empty.GetSeconds()
                                       : battery.capacityJ / energy.GetMeanPower();
}

/**
 * @brief Get how many tensors were computed at once.
 * @param batches what was computed
 * @return the mean; NaN if nothing was
 */
double
GetMeanSize(const PortendBatches& batches)
{
    return static_cast<double>(batches.tensors) / static_cast<double>(batches.batches);
}

} // namespace

void
PortendComparison::PrintPercentiles(std::ostream& os) const
{
    os << "percentiles, ms   p50 " << PortendFixed(simulated.p50Ms, 4) << "  p95 "
       << PortendFixed(simulated.p95Ms, 4) << "  p99 " << PortendFixed(simulated.p99Ms, 4)
       << "  max " << PortendFixed(simulated.maxMs, 4) << "\n";
}

void
PortendComparison::PrintRequests(std::ostream& os) const
{
    os << std::left << std::setw(PORTEND_LABEL_WIDTH) << "early exits"
       << "dropped "
       << PortendBytes(std::accumulate(simulated.droppedBytes.begin(),
                                       simulated.droppedBytes.end(),
                                       uint64_t{0}))
       << " of tensors\n"
       << std::setw(PORTEND_LABEL_WIDTH) << "requests" << simulated.completed << " completed of "
       << simulated.generated << " generated";
    const double share = simulated.generated > 0
                             ? 100.0 * static_cast<double>(simulated.completed) /
                                   static_cast<double>(simulated.generated)
                             : 0.0;
    if (simulated.completed < simulated.generated)
    {
        os << ", " << PortendFixed(share, 2) << " %";
    }
    auto lost = simulated.generated - simulated.completed;
    for (std::size_t j = 0; j < simulated.queueDrops.size(); ++j)
    {
        const auto full = simulated.queueDrops[j];
        const auto late = simulated.deadlineDrops[j];
        if (full > 0)
        {
            os << ", " << full << " LOST before the full queue of tier " << j;
        }
        if (late > 0)
        {
            os << ", " << late << " GIVEN UP past their deadline by tier " << j;
        }
        const auto down = simulated.failureDrops[j];
        if (down > 0)
        {
            os << ", " << down << " LOST as tier " << j << " was down";
        }
        lost -= full + late + down;
    }
    if (lost > 0)
    {
        os << ", " << lost
           << (network.maxTime.IsZero() ? " LOST on the way" : " not answered until --max-time");
    }
    os << "\n";
    for (std::size_t k = 0; setup.IsBatching() && k < simulated.batches.size(); ++k)
    {
        os << std::setw(PORTEND_LABEL_WIDTH) << "partition " + std::to_string(k + 1)
           << simulated.batches[k].batches << " computations of "
           << PortendFixed(GetMeanSize(simulated.batches[k]), 3) << " tensors in the mean\n";
    }
    if (!setup.deadline.IsZero())
    {
        const auto met = GetMetShare(simulated);
        os << std::setw(PORTEND_LABEL_WIDTH) << "deadline" << simulated.met << " answered within "
           << PortendFixed(setup.deadline.GetNanoSeconds() * 1e-6, 3) << " ms, "
           << PortendFixed(100 * met.mean, 2) << " +/- " << PortendFixed(100 * met.ci95, 2)
           << " % of those that arose, " << PortendFixed(GetGoodputPerS(simulated), 3)
           << " per second\n";
        for (std::size_t k = 0; k < simulated.metByExit.size(); ++k)
        {
            os << std::setw(PORTEND_LABEL_WIDTH) << "  exit " + std::to_string(k + 1)
               << simulated.metByExit[k] << " of them, "
               << PortendFixed(100 * GetMetShareOfExit(simulated, k), 2)
               << " % of the answers there\n";
        }
    }
    if (setup.makeController)
    {
        const auto& control = simulated.control;
        os << std::setw(PORTEND_LABEL_WIDTH) << "controller" << setup.controller << ", "
           << control.switches << " switches in " << control.decisions << " decisions\n";
        for (const auto& [deployment, requests] : control.requests)
        {
            os << "  " << deployment << "  " << requests << " requests, "
               << PortendFixed(100.0 * requests / simulated.generated, 2) << " %\n";
        }
    }
    if (!setup.fallback.IsZero())
    {
        const auto share = GetFallbackShare(simulated);
        os << std::setw(PORTEND_LABEL_WIDTH) << "fallback" << simulated.fallbacks
           << " answered by it after " << PortendFixed(setup.fallback.GetNanoSeconds() * 1e-6, 3)
           << " ms, " << PortendFixed(100 * share, 2) << " % of those that arose, "
           << simulated.lateAnswers << " later answers not used\n";
    }
    if (setup.IsHolding())
    {
        os << std::setw(PORTEND_LABEL_WIDTH) << "held back" << simulated.held
           << " requests before they arose";
        if (simulated.held > 0)
        {
            os << ", mean " << PortendFixed(simulated.heldMeanMs, 4) << " ms, max "
               << PortendFixed(simulated.heldMaxMs, 4) << " ms; no latency counts that";
        }
        os << "\n";
    }
}

void
PortendComparison::WriteSimulated(Json& json) const
{
    const auto intervalJson = [](const PortendInterval& interval) {
        Json json;
        json["mean"] = interval.mean; // NaN is written as null
        json["ci95"] = interval.ci95;
        return json;
    };
    json["requests"] = simulated.completed;
    json["generated"] = simulated.generated;
    json["answered_share"] = simulated.generated > 0 ? static_cast<double>(simulated.completed) /
                                                           static_cast<double>(simulated.generated)
                                                     : std::nan("");
    json["queue_dropped_requests"] = simulated.queueDrops;
    json["deadline_dropped_requests"] = simulated.deadlineDrops;
    if (setup.IsHolding())
    {
        json["held"]["requests"] = simulated.held;
        json["held"]["mean_ms"] = simulated.heldMeanMs;
        json["held"]["max_ms"] = simulated.heldMaxMs;
    }
    if (setup.meetsFailures)
    {
        json["failure_dropped_requests"] = simulated.failureDrops;
    }
    if (!setup.fallback.IsZero())
    {
        json["fallback"] = {{"fallback_ms", setup.fallback.GetNanoSeconds() * 1e-6},
                            {"requests", simulated.fallbacks},
                            {"share", GetFallbackShare(simulated)},
                            {"late_answers", simulated.lateAnswers}};
    }
    if (!setup.deadline.IsZero())
    {
        auto& deadline = json["deadline"];
        const auto met = GetMetShare(simulated);
        deadline["deadline_ms"] = setup.deadline.GetNanoSeconds() * 1e-6;
        deadline["met_requests"] = simulated.met;
        deadline["met_share"] = met.mean;
        deadline["met_share_ci95"] = met.ci95;
        deadline["met_requests_by_exit"] = simulated.metByExit;
        deadline["met_share_by_exit"] = Json::array();
        for (std::size_t k = 0; k < simulated.metByExit.size(); ++k)
        {
            deadline["met_share_by_exit"].push_back(GetMetShareOfExit(simulated, k));
        }
        deadline["goodput_per_s"] = GetGoodputPerS(simulated);
    }
    json["latency_ms"] = intervalJson(simulated.latencyMs);
    json["latency_ms"]["p50"] = simulated.p50Ms;
    json["latency_ms"]["p95"] = simulated.p95Ms;
    json["latency_ms"]["p99"] = simulated.p99Ms;
    json["latency_ms"]["max"] = simulated.maxMs;
    json["components_ms"] =
        ComponentsJson([&](std::size_t c) { return simulated.componentsMs[c].mean; });
    json["components_ci95_ms"] =
        ComponentsJson([&](std::size_t c) { return simulated.componentsMs[c].ci95; });
    if (setup.hasEnergy)
    {
        json["energy_j"] = intervalJson(simulated.energyJ);
        json["energy_components_j"] =
            ComponentsJson([&](std::size_t c) { return simulated.energiesJ[c].mean; });
        json["energy_components_ci95_j"] =
            ComponentsJson([&](std::size_t c) { return simulated.energiesJ[c].ci95; });
    }
    for (const auto part : setup.GetWaitParts())
    {
        const char* const name = PortendLedger::WAIT_NAMES[part];
        json["wait_ms"][name] = simulated.waitMs[part].mean;
        json["wait_ci95_ms"][name] = simulated.waitMs[part].ci95;
    }
    if (setup.IsBatching())
    {
        for (const auto& batches : simulated.batches)
        {
            json["batches"].push_back({{"computations", batches.batches},
                                       {"tensors", batches.tensors},
                                       {"mean_size", GetMeanSize(batches)}});
        }
    }
    for (std::size_t part = 0; part < simulated.excessMs.size(); ++part)
    {
        const char* const name = PortendLedger::EXCESS_NAMES[part];
        json["network_excess_ms"][name] = simulated.excessMs[part].mean;
        json["network_excess_ci95_ms"][name] = simulated.excessMs[part].ci95;
    }
    json["exit_rates"] = Json::array();
    json["exit_rates_ci95"] = Json::array();
    for (const auto& rate : simulated.exitRates)
    {
        json["exit_rates"].push_back(rate.mean);
        json["exit_rates_ci95"].push_back(rate.ci95);
    }
    json["accuracy"] = simulated.accuracy.mean;
    json["accuracy_ci95"] = simulated.accuracy.ci95;
    json["dropped_bytes"] = simulated.droppedBytes;
    if (setup.makeController)
    {
        const auto& control = simulated.control;
        auto& controller = json["controller"];
        controller["name"] = setup.controller;
        controller["decisions"] = control.decisions;
        controller["switches"] = control.switches;
        controller["decision_time_ms"] = control.decisionTime.GetNanoSeconds() * 1e-6;
        controller["deployments"] = Json::array();
        for (const auto& [deployment, requests] : control.requests)
        {
            controller["deployments"].push_back(
                {{"deployment", deployment},
                 {"requests", requests},
                 {"share", static_cast<double>(requests) / simulated.generated}});
        }
    }
}

void
PortendComparison::WriteAnalytical(Json& json) const
{
    const auto estimatedMs = estimate.components.GetValues();
    json["rules"] = setup.rules.name;
    json["latency_ms"]["mean"] = estimate.GetLatencyMs();
    json["components_ms"] = ComponentsJson([&](std::size_t c) { return estimatedMs[c]; });
    if (setup.hasEnergy)
    {
        const auto estimatedJ = estimate.energy.GetValues();
        json["energy_j"]["mean"] = estimate.energy.GetTotal();
        json["energy_components_j"] = ComponentsJson([&](std::size_t c) { return estimatedJ[c]; });
    }
    json["exit_rates"] = estimate.exitRates;
    json["stay_rates"] = estimate.stayRates;
    json["accuracy"] = estimate.accuracy;
    json["message_bytes"] = estimate.messageBytes;
    if (simulated.momentMs)
    {
        const auto momentMs = simulated.momentMs->GetValues();
        auto& moments = json["as_links_change"];
        moments["latency_ms"]["mean"] = simulated.momentMs->GetTotal();
        moments["components_ms"] = ComponentsJson([&](std::size_t c) { return momentMs[c]; });
    }
}

void
PortendComparison::WriteDifference(Json& json) const
{
    const auto estimatedMs = estimate.components.GetValues();
    const double differenceMs = simulated.latencyMs.mean - estimate.GetLatencyMs();
    json["latency_ms"] = differenceMs;
    json["latency_percent"] = 100 * differenceMs / estimate.GetLatencyMs();
    json["components_ms"] = ComponentsJson(
        [&](std::size_t c) { return simulated.componentsMs[c].mean - estimatedMs[c]; });
    if (setup.hasEnergy)
    {
        const auto estimatedJ = estimate.energy.GetValues();
        const double differenceJ = simulated.energyJ.mean - estimate.energy.GetTotal();
        json["energy_j"] = differenceJ;
        json["energy_percent"] = 100 * differenceJ / estimate.energy.GetTotal();
        json["energy_components_j"] = ComponentsJson(
            [&](std::size_t c) { return simulated.energiesJ[c].mean - estimatedJ[c]; });
    }
    if (simulated.momentMs)
    {
        const double momentMs = simulated.momentMs->GetTotal();
        auto& moments = json["as_links_change"];
        moments["latency_ms"] = simulated.latencyMs.mean - momentMs;
        moments["latency_percent"] = 100 * (simulated.latencyMs.mean - momentMs) / momentMs;
    }
}

Json
PortendWriteEnergy(const PortendNodeEnergy& energy)
{
    Json json;
    json["idle_j"] = energy.idleJ;
    json["deserialization_j"] = energy.deserializationJ;
    json["computation_j"] = energy.computationJ;
    json["serialization_j"] = energy.serializationJ;
    json["transmission_j"] = energy.transmissionJ;
    json["total_j"] = energy.GetTotal();
    json["mean_power_w"] = energy.GetMeanPower();
    json["time_ms"] = energy.seconds * 1e3;
    if (energy.battery)
    {
        const auto& battery = *energy.battery;
        auto& fed = json["battery"];
        fed["capacity_j"] = battery.capacityJ;
        fed["left_j"] = battery.leftJ;
        fed["empty_ms"] = battery.empty < Time::Max() ? battery.empty.GetNanoSeconds() * 1e-6
                                                      : std::nan(""); // written as null
        fed["lifetime_s"] = GetLifetimeS(energy);
    }
    return json;
}

void
PortendPrintEnergies(std::ostream& os,
                     const std::vector<std::pair<std::string, PortendNodeEnergy>>& nodes)
{
    os << std::left << std::setw(PORTEND_LABEL_WIDTH) << "energy, J" << std::right << std::setw(12)
       << "idle" << std::setw(12) << "computing" << std::setw(12) << "(de)serial." << std::setw(12)
       << "links" << std::setw(12) << "total" << std::setw(14) << "mean, W"
       << "\n";
    for (const auto& [name, energy] : nodes)
    {
        os << std::left << std::setw(PORTEND_LABEL_WIDTH) << name << std::right << std::setw(12)
           << PortendFixed(energy.idleJ, 3) << std::setw(12) << PortendFixed(energy.computationJ, 3)
           << std::setw(12) << PortendFixed(energy.serializationJ + energy.deserializationJ, 3)
           << std::setw(12) << PortendFixed(energy.transmissionJ, 3) << std::setw(12)
           << PortendFixed(energy.GetTotal(), 3) << std::setw(14)
           << PortendFixed(energy.GetMeanPower(), 4);
        if (energy.battery)
        {
            os << "  battery " << PortendFixed(energy.battery->leftJ, 1) << " of "
               << PortendFixed(energy.battery->capacityJ, 1) << " J left";
            if (energy.battery->empty < Time::Max())
            {
                os << ", EMPTY at " << PortendFixed(energy.battery->empty.GetSeconds(), 3) << " s";
            }
            else
            {
                os << ", lasts " << PortendFixed(GetLifetimeS(energy) / 3600, 2) << " h";
            }
        }
        os << "\n";
    }
    os << "\n";
}

portend::Estimate
PortendMixEstimates(const PortendControl& control,
                    const portend::Estimate& first,
                    const std::function<portend::Estimate(const portend::Deployment&)>& estimator)
{
    if (control.requests.empty())
    {
        return first;
    }
    uint64_t total = 0;
    for (const auto& [deployment, requests] : control.requests)
    {
        total += requests;
    }
    const auto add = [](std::vector<double>& sum, const std::vector<double>& part, double share) {
        sum.resize(std::max(sum.size(), part.size()));
        for (std::size_t k = 0; k < part.size(); ++k)
        {
            sum[k] += share * part[k];
        }
    };
    portend::Estimate mixed;
    mixed.messageBytes = first.messageBytes;
    for (const auto& [deployment, requests] : control.requests)
    {
        const auto part = estimator(portend::Deployment::Parse(deployment));
        const double share = static_cast<double>(requests) / static_cast<double>(total);
        mixed.components.Add(part.components, share);
        mixed.energy.Add(part.energy, share);
        mixed.accuracy += share * part.accuracy;
        add(mixed.exitRates, part.exitRates, share);
        add(mixed.stayRates, part.stayRates, share);
        add(mixed.correctRates, part.correctRates, share);
    }
    return mixed;
}

} // namespace ns3
