/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-report.h"

#include "ns3/portend-json.h"
#include "ns3/portend-provenance.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iomanip>
#include <numeric>
#include <sstream>

namespace ns3
{

namespace
{

/// Width of the first column of the table.
constexpr int LABEL_WIDTH = 18;

/**
 * @brief Write a number with fixed decimals.
 * @param value the number
 * @param decimals digits after the point
 * @return its text; a dash for NaN
 */
std::string
Fixed(double value, int decimals)
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

/**
 * @brief Write a number of bytes for people.
 * @param bytes the bytes
 * @return such as `33.68 MB`
 */
std::string
Bytes(uint64_t bytes)
{
    const char* const units[] = {"B", "kB", "MB", "GB", "TB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1000 && unit + 1 < std::size(units))
    {
        value /= 1000;
        ++unit;
    }
    return Fixed(value, unit == 0 ? 0 : 2) + " " + units[unit];
}

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
        os << std::left << std::setw(LABEL_WIDTH) << unit << std::right << std::setw(14)
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
        os << std::left << std::setw(LABEL_WIDTH) << m_label << std::right << std::setw(14)
           << Fixed(m_simulated.mean, m_decimals) << " " << std::setw(11)
           << Fixed(m_simulated.ci95, m_decimals) << std::setw(14) << Fixed(m_estimated, m_decimals)
           << std::setw(14) << Fixed(difference, m_decimals) << std::setw(10)
           << (m_estimated != 0 ? Fixed(100 * difference / m_estimated, 2) : std::string("-"))
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
PortendReport::PrintTable(std::ostream& os) const
{
    const auto& partitions = setup.deployment.partitions;
    os << setup.model.name << "  " << setup.deployment.ToString() << "  rules " << setup.rules.name
       << ", arrivals " << scenario.arrival << ", compute " << scenario.compute << ", exits "
       << scenario.exits << ", " << scenario.transport << ", MTU " << scenario.mtuBytes << " B\n";
    std::size_t width = 14;
    for (const auto& tier : scenario.tiers)
    {
        width = std::max(width, tier.GetLabel().size());
    }
    for (std::size_t j = 0; j < scenario.tiers.size(); ++j)
    {
        os << "  tier " << j << "  " << std::left << std::setw(static_cast<int>(width))
           << scenario.tiers[j].GetLabel();
        for (std::size_t k = 0; k < partitions.size(); ++k)
        {
            if (partitions[k].tier == j)
            {
                os << "  partition " << k + 1 << ": blocks " << partitions[k].first << "-"
                   << partitions[k].last;
            }
        }
        os << (setup.stream.source == j ? "  source" : "")
           << (setup.stream.destination == j ? "  destination" : "") << "\n";
        if (j < scenario.links.size())
        {
            os << "  link " << j << "  " << scenario.links[j].bandwidth << ", "
               << scenario.links[j].delay;
            if (scenario.links[j].mtuBytes > 0)
            {
                os << ", MTU " << scenario.links[j].mtuBytes << " B";
            }
            os << "\n";
        }
    }
    os << "\n";

    ComparisonRow::PrintHead(os, "latency, ms");
    const auto estimated = estimate.components.GetValues();
    for (std::size_t c = 0; c < estimated.size(); ++c)
    {
        ComparisonRow(ToWords(portend::Components::NAMES[c]),
                      simulated.componentsMs[c],
                      estimated[c],
                      4)
            .Print(os);
    }
    if (setup.isTcp) // over UDP all of it is queueing
    {
        for (std::size_t part = 0; part < simulated.excessMs.size(); ++part)
        {
            const std::string name = PortendLedger::EXCESS_NAMES[part];
            ComparisonRow("  " + name, simulated.excessMs[part], 0, 4).Print(os);
        }
    }
    ComparisonRow("total", simulated.latencyMs, estimate.GetLatencyMs(), 4).Print(os);
    os << "\n";

    ComparisonRow::PrintHead(os, "share of requests");
    for (std::size_t k = 0; k < partitions.size(); ++k)
    {
        ComparisonRow("exit rate " + std::to_string(k + 1),
                      simulated.exitRates[k],
                      estimate.exitRates[k],
                      4)
            .Print(os);
    }
    ComparisonRow("accuracy", simulated.accuracy, estimate.accuracy, 4).Print(os);
    os << "\n";

    const double ratePerS = setup.stream.arrivals.ratePerS;
    if (ratePerS > 0)
    {
        const auto network = setup.GetNetwork();
        os << std::left << std::setw(LABEL_WIDTH) << "load, requests/s" << std::right
           << std::setw(14) << "busy" << std::setw(12) << "" << std::setw(14) << "saturates at"
           << "\n";
        for (const auto& station : network.GetStations())
        {
            os << std::left << std::setw(LABEL_WIDTH) << station.name << std::right << std::setw(12)
               << Fixed(100 * station.GetUtilization(ratePerS), 2) << " %" << std::setw(12) << ""
               << std::setw(14) << Fixed(station.GetSaturationPerS(), 3) << "\n";
        }
        os << "\n";
    }

    os << "percentiles, ms   p50 " << Fixed(simulated.p50Ms, 4) << "  p95 "
       << Fixed(simulated.p95Ms, 4) << "  p99 " << Fixed(simulated.p99Ms, 4) << "  max "
       << Fixed(simulated.maxMs, 4) << "\n";
    for (std::size_t j = 0; j < simulated.links.size(); ++j)
    {
        const auto& link = simulated.links[j];
        os << std::left << std::setw(LABEL_WIDTH) << "link " + std::to_string(j) + ", bytes"
           << Bytes(link.sentBytes) << " sent, " << Bytes(link.savedBytes)
           << " saved by early exits";
        if (link.droppedPackets > 0)
        {
            os << ", " << Bytes(link.droppedBytes) << " LOST in full device queues";
        }
        if (link.damagedPackets > 0)
        {
            os << ", " << Bytes(link.damagedBytes) << " LOST on the way";
        }
        os << "\n";
    }
    os << std::left << std::setw(LABEL_WIDTH) << "early exits"
       << "dropped "
       << Bytes(std::accumulate(simulated.droppedBytes.begin(),
                                simulated.droppedBytes.end(),
                                uint64_t{0}))
       << " of tensors\n"
       << std::setw(LABEL_WIDTH) << "requests" << simulated.completed << " completed of "
       << simulated.generated << " generated";
    const double share = simulated.generated > 0
                             ? 100.0 * static_cast<double>(simulated.completed) /
                                   static_cast<double>(simulated.generated)
                             : 0.0;
    if (simulated.completed < simulated.generated)
    {
        os << ", " << Fixed(share, 2) << " %";
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
        lost -= full + late;
    }
    if (lost > 0)
    {
        os << ", " << lost
           << (setup.maxTime.IsZero() ? " LOST on the way" : " not answered until --max-time");
    }
    os << "\n";
    if (setup.IsHolding())
    {
        os << std::setw(LABEL_WIDTH) << "held back" << simulated.held
           << " requests before they arose";
        if (simulated.held > 0)
        {
            os << ", mean " << Fixed(simulated.heldMeanMs, 4) << " ms, max "
               << Fixed(simulated.heldMaxMs, 4) << " ms; no latency counts that";
        }
        os << "\n";
    }
}

void
PortendReport::PrintJson(std::ostream& os) const
{
    using Json = nlohmann::ordered_json;
    const auto intervalJson = [](const PortendInterval& interval) {
        Json json;
        json["mean"] = interval.mean; // NaN is written as null
        json["ci95"] = interval.ci95;
        return json;
    };
    const auto estimatedMs = estimate.components.GetValues();

    Json json;
    json["schema_version"] = 1;
    json["scenario"] = Json::parse(scenario.ToJson());
    json["seed"] = setup.seed;
    json["run"] = setup.run;

    auto& sim = json["simulated"];
    sim["requests"] = simulated.completed;
    sim["generated"] = simulated.generated;
    sim["answered_share"] = simulated.generated > 0 ? static_cast<double>(simulated.completed) /
                                                          static_cast<double>(simulated.generated)
                                                    : std::nan("");
    sim["queue_dropped_requests"] = simulated.queueDrops;
    sim["deadline_dropped_requests"] = simulated.deadlineDrops;
    if (setup.IsHolding())
    {
        sim["held"]["requests"] = simulated.held;
        sim["held"]["mean_ms"] = simulated.heldMeanMs;
        sim["held"]["max_ms"] = simulated.heldMaxMs;
    }
    sim["latency_ms"] = intervalJson(simulated.latencyMs);
    sim["latency_ms"]["p50"] = simulated.p50Ms;
    sim["latency_ms"]["p95"] = simulated.p95Ms;
    sim["latency_ms"]["p99"] = simulated.p99Ms;
    sim["latency_ms"]["max"] = simulated.maxMs;
    sim["components_ms"] =
        ComponentsJson([&](std::size_t c) { return simulated.componentsMs[c].mean; });
    sim["components_ci95_ms"] =
        ComponentsJson([&](std::size_t c) { return simulated.componentsMs[c].ci95; });
    for (std::size_t part = 0; part < simulated.excessMs.size(); ++part)
    {
        const char* const name = PortendLedger::EXCESS_NAMES[part];
        sim["network_excess_ms"][name] = simulated.excessMs[part].mean;
        sim["network_excess_ci95_ms"][name] = simulated.excessMs[part].ci95;
    }
    sim["exit_rates"] = Json::array();
    sim["exit_rates_ci95"] = Json::array();
    for (const auto& rate : simulated.exitRates)
    {
        sim["exit_rates"].push_back(rate.mean);
        sim["exit_rates_ci95"].push_back(rate.ci95);
    }
    sim["accuracy"] = simulated.accuracy.mean;
    sim["accuracy_ci95"] = simulated.accuracy.ci95;
    sim["dropped_bytes"] = simulated.droppedBytes;
    for (const char* key : {"link_bytes",
                            "link_received_bytes",
                            "link_saved_bytes",
                            "link_lost_bytes",
                            "link_damaged_bytes"})
    {
        sim[key] = Json::array();
    }
    for (const auto& link : simulated.links)
    {
        sim["link_bytes"].push_back(link.sentBytes);
        sim["link_received_bytes"].push_back(link.receivedBytes);
        sim["link_saved_bytes"].push_back(link.savedBytes);
        sim["link_lost_bytes"].push_back(link.droppedBytes);
        sim["link_damaged_bytes"].push_back(link.damagedBytes);
    }
    sim["simulated_time_ms"] = simulated.simulated.GetNanoSeconds() * 1e-6;

    auto& analytical = json["analytical"];
    analytical["rules"] = setup.rules.name;
    analytical["latency_ms"]["mean"] = estimate.GetLatencyMs();
    analytical["components_ms"] = ComponentsJson([&](std::size_t c) { return estimatedMs[c]; });
    analytical["exit_rates"] = estimate.exitRates;
    analytical["stay_rates"] = estimate.stayRates;
    analytical["accuracy"] = estimate.accuracy;
    analytical["message_bytes"] = estimate.messageBytes;

    analytical["stations"] = Json::array();
    const auto& arrivals = setup.stream.arrivals;
    const auto network = setup.GetNetwork();
    for (const auto& station : network.GetStations())
    {
        Json entry;
        entry["station"] = station.name;
        entry["servers"] = station.servers;
        entry["visits"] = station.visits;
        entry["work_ms"] = station.workMs;
        entry["saturation_per_s"] = station.GetSaturationPerS();
        entry["utilization"] = station.GetUtilization(arrivals.ratePerS);
        entry["wait_alone_ms"] = station.GetWaitMs(arrivals); // null if it is not stable
        analytical["stations"].push_back(entry);
    }

    const double differenceMs = simulated.latencyMs.mean - estimate.GetLatencyMs();
    auto& difference = json["difference"];
    difference["latency_ms"] = differenceMs;
    difference["latency_percent"] = 100 * differenceMs / estimate.GetLatencyMs();
    difference["components_ms"] = ComponentsJson(
        [&](std::size_t c) { return simulated.componentsMs[c].mean - estimatedMs[c]; });
    json["provenance"] = Json::parse(PortendProvenance::ToJson(setup.seed, setup.run));
    os << PortendDump(json, 2) << "\n";
}

PortendLedgerTable::PortendLedgerTable(std::ostream& os, const PortendSetup& setup)
    : m_os(os),
      m_partitions(setup.deployment.partitions.size()),
      m_isAccuracyKnown(setup.isAccuracyKnown)
{
    m_os << "request,generated_ns,completed_ns,exit_partition,correct,latency_ns";
    for (const char* name : portend::Components::NAMES)
    {
        m_os << "," << name << "_ns";
    }
    for (std::size_t stage = 0; stage <= m_partitions + 1; ++stage)
    {
        const auto place = stage == 0                  ? std::string("source")
                           : stage == m_partitions + 1 ? std::string("destination")
                                                       : "partition" + std::to_string(stage);
        for (const char* name : portend::Components::NAMES)
        {
            m_os << "," << place << "_" << name << "_ns";
        }
    }
    for (const char* name : PortendLedger::EXCESS_NAMES)
    {
        m_os << ",network_excess_" << name << "_ns";
    }
    m_os << "\n";
}

void
PortendLedgerTable::Add(const PortendRequest& request)
{
    const auto& ledger = request.ledger;
    const auto& stages = ledger.GetStages();
    m_os << request.id << "," << request.generated.GetNanoSeconds() << ","
         << request.completed.GetNanoSeconds() << "," << request.exitPartition << ","
         << (m_isAccuracyKnown ? std::to_string(request.isRight) : "") << ","
         << request.GetLatency().GetNanoSeconds();
    for (int c = 0; c < PortendLedger::COMPONENTS; ++c)
    {
        m_os << "," << ledger.Get(static_cast<PortendLedger::Component>(c)).GetNanoSeconds();
    }
    // The destination's stage follows the last partition visited; it stands in its own column.
    const auto visited = stages.size() - 1;
    for (std::size_t column = 0; column <= m_partitions + 1; ++column)
    {
        const bool isDestination = column == m_partitions + 1;
        for (int c = 0; c < PortendLedger::COMPONENTS; ++c)
        {
            m_os << ",";
            if (isDestination || column < visited)
            {
                m_os << (isDestination ? stages.back() : stages[column])[c].GetNanoSeconds();
            }
        }
    }
    for (const auto& time : ledger.GetExcess())
    {
        m_os << "," << time.GetNanoSeconds();
    }
    m_os << "\n";
}

} // namespace ns3
