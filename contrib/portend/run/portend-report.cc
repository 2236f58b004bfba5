/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-report.h"

#include "portend-comparison.h"

#include "ns3/portend-json.h"
#include "ns3/portend-provenance.h"
#include "ns3/portend-text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iomanip>
#include <numeric>
#include <sstream>
#include <utility>

namespace ns3
{

void
PortendReport::PrintTable(std::ostream& os) const
{
    const auto& partitions = setup.deployment.partitions;
    os << setup.model.name << "  " << setup.deployment.ToString() << "  rules " << setup.rules.name
       << ", arrivals " << scenario.arrival << ", compute " << scenario.compute << ", exits "
       << scenario.exits << ", " << scenario.transport
       << (scenario.network.empty() ? "" : ", " + setup.GetEngine()) << ", MTU "
       << scenario.mtuBytes << " B\n";
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
            if (scenario.links[j].loss >= 0)
            {
                os << ", loss " << scenario.links[j].loss;
            }
            os << "\n";
        }
    }
    os << "\n";

    const PortendComparison comparison{setup, setup, simulated, estimate};
    comparison.PrintTable(os);
    comparison.PrintEnergy(os);

    const double ratePerS = setup.stream.arrivals.ratePerS;
    if (ratePerS > 0)
    {
        const auto network = setup.GetNetwork();
        os << std::left << std::setw(PORTEND_LABEL_WIDTH) << "load, requests/s" << std::right
           << std::setw(14) << "busy" << std::setw(12) << "" << std::setw(14) << "saturates at"
           << "\n";
        for (const auto& station : network.GetStations())
        {
            os << std::left << std::setw(PORTEND_LABEL_WIDTH) << station.name << std::right
               << std::setw(12) << PortendFixed(100 * station.GetUtilization(ratePerS), 2) << " %"
               << std::setw(12) << "" << std::setw(14)
               << PortendFixed(station.GetSaturationPerS(), 3) << "\n";
        }
        os << "\n";
    }

    comparison.PrintPercentiles(os);
    for (std::size_t j = 0; j < simulated.links.size(); ++j)
    {
        const auto& link = simulated.links[j];
        os << std::left << std::setw(PORTEND_LABEL_WIDTH) << "link " + std::to_string(j) + ", bytes"
           << PortendBytes(link.sentBytes) << " sent, " << PortendBytes(link.savedBytes)
           << " saved by early exits";
        if (link.droppedPackets > 0)
        {
            os << ", " << PortendBytes(link.droppedBytes) << " LOST in full device queues";
        }
        if (link.damagedPackets > 0)
        {
            os << ", " << PortendBytes(link.damagedBytes) << " LOST on the way";
        }
        os << "\n";
    }
    if (setup.hasEnergy && !simulated.nodes.empty())
    {
        os << "\n";
        std::vector<std::pair<std::string, PortendNodeEnergy>> nodes;
        for (std::size_t j = 0; j < simulated.nodes.size(); ++j)
        {
            nodes.emplace_back("tier " + std::to_string(j), simulated.nodes[j].energy);
        }
        PortendPrintEnergies(os, nodes);
    }
    comparison.PrintRequests(os);
    for (const auto& level : levels)
    {
        level.Print(os);
    }
}

void
PortendReport::PrintJson(std::ostream& os) const
{
    using Json = nlohmann::ordered_json;
    Json json;
    json["schema_version"] = 1;
    json["scenario"] = Json::parse(scenario.ToJson());
    json["seed"] = setup.seed;
    json["run"] = setup.run;
    if (!scenario.network.empty()) // as a rule packets
    {
        json["engine"] = setup.GetEngine();
    }

    const PortendComparison comparison{setup, setup, simulated, estimate};
    auto& sim = json["simulated"];
    comparison.WriteSimulated(sim);
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
    if (setup.hasEnergy)
    {
        sim["node_energy"] = Json::array();
        for (const auto& node : simulated.nodes)
        {
            sim["node_energy"].push_back(PortendWriteEnergy(node.energy));
        }
    }
    sim["simulated_time_ms"] = simulated.simulated.GetNanoSeconds() * 1e-6;

    auto& analytical = json["analytical"];
    comparison.WriteAnalytical(analytical);
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

    comparison.WriteDifference(json["difference"]);
    for (const auto& level : levels)
    {
        json["service_levels"].push_back(level.ToJson());
    }
    json["provenance"] = Json::parse(PortendProvenance::ToJson(setup.seed, setup.run));
    os << PortendDump(json, 2) << "\n";
}

PortendLedgerTable::PortendLedgerTable(std::ostream& os, const PortendStreamSetup& setup)
    : m_os(os),
      m_streams{&setup},
      m_hasNames(false)
{
    PrintHead();
}

PortendLedgerTable::PortendLedgerTable(std::ostream& os,
                                       std::vector<const PortendStreamSetup*> streams)
    : m_os(os),
      m_streams(std::move(streams)),
      m_hasNames(true)
{
    PrintHead();
}

void
PortendLedgerTable::PrintHead()
{
    for (const auto* stream : m_streams)
    {
        const auto parts = stream->GetWaitParts();
        if (parts.size() > m_waitParts.size()) // each list goes on where a shorter one ends
        {
            m_waitParts = parts;
        }
        m_partitions = std::max(m_partitions, stream->GetMostPartitions());
        m_hasDeployments = m_hasDeployments || m_hasNames || stream->makeController;
        m_hasEnergy = m_hasEnergy || stream->hasEnergy;
    }
    m_os << (m_hasNames ? "stream,member," : "") << (m_hasDeployments ? "epoch,deployment," : "")
         << "request,generated_ns,completed_ns,exit_partition,correct,latency_ns";
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
    for (std::size_t part = 0; part < PortendLedger::LINK_PARTS; ++part)
    {
        m_os << ",network_excess_" << PortendLedger::EXCESS_NAMES[part] << "_ns";
    }
    for (const auto part : m_waitParts)
    {
        m_os << ",wait_" << PortendLedger::WAIT_NAMES[part] << "_ns";
    }
    for (std::size_t c = 0; m_hasEnergy && c < portend::Components::NAMES.size(); ++c)
    {
        m_os << "," << portend::Components::NAMES[c] << "_j";
    }
    m_os << "\n";
}

void
PortendLedgerTable::Add(const PortendRequest& request)
{
    const auto& ledger = request.ledger;
    const auto& stages = ledger.GetStages();
    const auto& stream = *m_streams[request.stream];
    if (m_hasNames)
    {
        m_os << PortendQuoteCsv(stream.stream.name) << "," << request.member << ",";
    }
    if (m_hasDeployments)
    {
        m_os << request.itinerary->epoch << "," << PortendQuoteCsv(request.itinerary->deployment)
             << ",";
    }
    m_os << request.id << "," << request.generated.GetNanoSeconds() << ","
         << request.completed.GetNanoSeconds() << "," << request.exitPartition << ","
         << (stream.isAccuracyKnown ? std::to_string(request.isRight) : "") << ","
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
    for (std::size_t part = 0; part < PortendLedger::LINK_PARTS; ++part)
    {
        m_os << "," << ledger.GetExcess()[part].GetNanoSeconds();
    }
    for (const auto part : m_waitParts)
    {
        m_os << "," << ledger.GetWait()[part].GetNanoSeconds();
    }
    for (std::size_t c = 0; m_hasEnergy && c < ledger.GetEnergy().size(); ++c)
    {
        m_os << "," << portend::ToText(ledger.GetEnergy()[c]);
    }
    m_os << "\n";
}

} // namespace ns3
