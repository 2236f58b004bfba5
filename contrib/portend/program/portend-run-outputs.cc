/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-run-outputs.h"

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <unistd.h>
#include <vector>

namespace ns3
{

namespace
{

/// Time between two signs of progress.
constexpr std::chrono::milliseconds PROGRESS_PERIOD{250};

} // namespace

PortendRunOutputs::PortendRunOutputs(PortendProgram& program)
    : m_program(program)
{
    program.AddOption("json",
                      "write the result as JSON to a file, - for standard output",
                      m_jsonFile);
    program.AddOption("csv",
                      "write each request's ledger to a CSV file, - for standard output",
                      m_csvFile);
    program.AddOption("timeline",
                      "write a timeline for Perfetto or chrome://tracing to a file, - for standard "
                      "output",
                      m_timelineFile);
    program.AddOption("pcap", "write packets to PREFIX-node-device.pcap", m_pcapPrefix);
    program.AddFlag("quiet", "print no table and no progress", m_isQuiet);
}

void
PortendRunOutputs::Open(const PortendSetup& setup)
{
    OpenFiles(GetCaptures(setup, setup.stream.tiers.size()), setup.requests);
    if (m_csv)
    {
        m_ledgers = std::make_unique<PortendLedgerTable>(m_csv->GetStream(), setup);
    }
    if (m_timelineOutput)
    {
        m_timeline = std::make_unique<PortendTimeline>(m_timelineOutput->GetStream(),
                                                       m_program.GetScenario(),
                                                       setup);
    }
}

void
PortendRunOutputs::Open(const PortendWorldSetup& setup)
{
    if (!m_timelineFile.empty())
    {
        throw portend::InputError("--timeline", "is for a chain, a scenario of version 1");
    }
    uint64_t requests = 0;
    std::vector<const PortendStreamSetup*> streams;
    for (const auto& stream : setup.streams)
    {
        requests += stream.requests * stream.CountMembers();
        streams.push_back(&stream);
    }
    OpenFiles(GetCaptures(setup, setup.nodes.size()), requests);
    if (m_csv)
    {
        m_ledgers = std::make_unique<PortendLedgerTable>(m_csv->GetStream(), streams);
    }
}

std::vector<std::string>
PortendRunOutputs::GetCaptures(const PortendNetworkSetup& network, std::size_t nodes) const
{
    if (network.traits.usesTrains && !m_pcapPrefix.empty())
    {
        throw portend::InputError("--pcap",
                                  "trains have no packets to write; allowed: with "
                                  "--network=packets");
    }
    std::vector<std::string> captures;
    std::vector<uint32_t> devices(nodes);
    for (const auto& link : network.links)
    {
        for (const auto node : {link.from, link.to})
        {
            if (!m_pcapPrefix.empty())
            {
                captures.push_back(m_pcapPrefix + "-" + std::to_string(node) + "-" +
                                   std::to_string(devices[node]++) + ".pcap");
            }
        }
    }
    return captures;
}

void
PortendRunOutputs::OpenFiles(const std::vector<std::string>& captures, uint64_t requests)
{
    std::vector<PortendPlace> places{{"--json", m_jsonFile},
                                     {"--csv", m_csvFile},
                                     {"--timeline", m_timelineFile}};
    const auto first = places.size();
    for (const auto& capture : captures)
    {
        places.push_back({"--pcap", capture});
    }
    PortendRequirePlaces(places);
    if (!m_jsonFile.empty())
    {
        m_json = std::make_unique<PortendOutput>(m_jsonFile, "--json");
    }
    if (!m_csvFile.empty())
    {
        m_csv = std::make_unique<PortendOutput>(m_csvFile, "--csv");
    }
    if (!m_timelineFile.empty())
    {
        m_timelineOutput = std::make_unique<PortendOutput>(m_timelineFile, "--timeline");
    }
    for (auto place = places.begin() + first; place != places.end(); ++place)
    {
        m_captures.push_back(
            std::make_unique<PortendOutput>(place->file, place->option, m_pcapPrefix.size()));
    }
    OpenCaptures();
    m_expected = requests;
    m_showsProgress = !m_isQuiet && isatty(STDERR_FILENO);
    m_started = m_shown = Clock::now();
}

void
PortendRunOutputs::OpenCaptures()
{
    // ns-3 opens them by their names, and ends the program if it cannot. It could not open more
    // than were open here at once.
    for (const auto& capture : m_captures)
    {
        capture->Finish();
    }
    const bool isInPlace =
        std::any_of(m_captures.begin(), m_captures.end(), [](const auto& capture) {
            return capture->IsWrittenInPlace();
        });
    if (isInPlace) // one prefix is for all
    {
        m_captures.clear();
    }
    m_capturePrefix = m_captures.empty()
                          ? m_pcapPrefix
                          : PortendOutput::GetPartialName(m_pcapPrefix, m_pcapPrefix.size());
}

const std::string&
PortendRunOutputs::GetPcapPrefix() const
{
    return m_capturePrefix;
}

PortendSimulation::RequestSink
PortendRunOutputs::GetRequestSink()
{
    if (!m_ledgers && !m_timeline && !m_showsProgress)
    {
        return {};
    }
    return [this](const PortendRequest& request) {
        ++m_done;
        if (m_ledgers)
        {
            m_ledgers->Add(request);
        }
        if (m_timeline)
        {
            m_timeline->Add(request);
        }
        if (m_showsProgress)
        {
            ShowProgress();
        }
    };
}

void
PortendRunOutputs::ShowProgress()
{
    const auto now = Clock::now();
    if (now - m_shown < PROGRESS_PERIOD)
    {
        return;
    }
    m_shown = now;
    const std::chrono::duration<double> elapsed = now - m_started;
    const double left = elapsed.count() / m_done * (m_expected - m_done);
    std::ostringstream line;
    line << "\r" << m_program.GetName() << ": " << m_done << " of " << m_expected << " requests ("
         << 100 * m_done / m_expected << " %), " << std::fixed << std::setprecision(0) << left
         << " s left ";
    std::cerr << line.str() << "\033[K" << std::flush;
}

template <typename Report>
void
PortendRunOutputs::WriteReport(const Report& report, Time simulated)
{
    const std::chrono::duration<double> wall = Clock::now() - m_started;
    if (m_showsProgress)
    {
        std::cerr << "\r\033[K";
    }
    if (m_json)
    {
        report.PrintJson(m_json->GetStream());
    }
    if (m_timeline)
    {
        m_timeline->Finish();
    }
    std::vector<PortendOutput*> outputs{m_csv.get(), m_timelineOutput.get(), m_json.get()};
    for (const auto& capture : m_captures)
    {
        outputs.push_back(capture.get());
    }
    for (auto* output : outputs)
    {
        if (output)
        {
            output->Finish();
        }
    }
    for (auto* output : outputs)
    {
        if (output)
        {
            output->Commit();
        }
    }
    if (!m_isQuiet)
    {
        // The standard output may be taken by a result.
        auto& os =
            m_jsonFile == "-" || m_csvFile == "-" || m_timelineFile == "-" ? std::cerr : std::cout;
        report.PrintTable(os);
        os << std::left << std::setw(18) << "time" << std::fixed << std::setprecision(3)
           << simulated.GetSeconds() << " s simulated in " << wall.count() << " s\n";
    }
}

void
PortendRunOutputs::Write(const PortendReport& report)
{
    WriteReport(report, report.simulated.simulated);
    WarnOfUnanswered(report.setup, report.setup, report.simulated, report.simulated.links);
}

void
PortendRunOutputs::Write(const PortendWorldReport& report)
{
    WriteReport(report, report.simulated.simulated);
    std::vector<PortendLinkTraffic> links;
    for (const auto& link : report.simulated.links)
    {
        links.insert(links.end(), link.begin(), link.end());
    }
    for (std::size_t i = 0; i < report.setup.streams.size(); ++i)
    {
        WarnOfUnanswered(report.setup, report.setup.streams[i], report.simulated.streams[i], links);
    }
}

void
PortendRunOutputs::WarnOfUnanswered(const PortendNetworkSetup& network,
                                    const PortendStreamSetup& stream,
                                    const PortendResult& simulated,
                                    const std::vector<PortendLinkTraffic>& links) const
{
    // TCP delivers everything, if it has time: there the requests that never arose count too.
    const bool hasTime = network.traits.isReliable && network.maxTime.IsZero();
    const auto asked = hasTime ? stream.requests * stream.CountMembers() : simulated.generated;
    const auto isAny = [](uint64_t count) { return count > 0; };
    const bool isBounded =
        std::any_of(simulated.queueDrops.begin(), simulated.queueDrops.end(), isAny) ||
        std::any_of(simulated.deadlineDrops.begin(), simulated.deadlineDrops.end(), isAny);
    if (simulated.completed == asked)
    {
        return;
    }
    const auto isFull = [](const auto& link) { return link.droppedPackets > 0; };
    const char* const reason =
        !network.maxTime.IsZero()   ? "lost on the way, or still there at --max-time"
        : isBounded                 ? "queues are bounded; the table tells which lost them"
        : network.traits.isReliable ? "simulated time ended after a year"
        : std::any_of(links.begin(), links.end(), isFull)
            ? "packets were lost in full device queues; --queue=auto loses none"
            : "packets were lost on the links; --transport=tcp sends them again";
    const auto& name = stream.stream.name;
    std::cerr << m_program.GetName() << ": warning: " << (name.empty() ? "" : name + ": ")
              << asked - simulated.completed << " of " << asked
              << " requests were never answered: " << reason << "\n";
}

} // namespace ns3
