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
    std::vector<PortendPlace> places{{"--json", m_jsonFile},
                                     {"--csv", m_csvFile},
                                     {"--timeline", m_timelineFile}};
    const auto files = places.size();
    const auto tiers = setup.stream.tiers.size();
    for (std::size_t tier = 0; !m_pcapPrefix.empty() && tier < tiers; ++tier)
    {
        const int devices = (tier > 0) + (tier + 1 < tiers);
        for (int device = 0; device < devices; ++device)
        {
            places.push_back({"--pcap",
                              m_pcapPrefix + "-" + std::to_string(tier) + "-" +
                                  std::to_string(device) + ".pcap"});
        }
    }
    PortendRequirePlaces(places);
    if (!m_jsonFile.empty())
    {
        m_json = std::make_unique<PortendOutput>(m_jsonFile, "--json");
    }
    if (!m_csvFile.empty())
    {
        m_csv = std::make_unique<PortendOutput>(m_csvFile, "--csv");
        m_ledgers = std::make_unique<PortendLedgerTable>(m_csv->GetStream(), setup);
    }
    if (!m_timelineFile.empty())
    {
        m_timelineOutput = std::make_unique<PortendOutput>(m_timelineFile, "--timeline");
        m_timeline = std::make_unique<PortendTimeline>(m_timelineOutput->GetStream(),
                                                       m_program.GetScenario(),
                                                       setup);
    }
    for (auto place = places.begin() + files; place != places.end(); ++place)
    {
        m_captures.push_back(
            std::make_unique<PortendOutput>(place->file, place->option, m_pcapPrefix.size()));
    }
    OpenCaptures();
    m_expected = setup.requests;
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

void
PortendRunOutputs::Write(const PortendReport& report)
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
           << report.simulated.simulated.GetSeconds() << " s simulated in " << wall.count()
           << " s\n";
    }
    WarnOfUnanswered(report);
}

void
PortendRunOutputs::WarnOfUnanswered(const PortendReport& report) const
{
    // TCP delivers everything, if it has time: there the requests that never arose count too.
    const auto& simulated = report.simulated;
    const bool hasTime = report.setup.isTcp && report.setup.maxTime.IsZero();
    const auto asked = hasTime ? report.setup.requests : simulated.generated;
    const auto isAny = [](uint64_t count) { return count > 0; };
    const bool isBounded =
        std::any_of(simulated.queueDrops.begin(), simulated.queueDrops.end(), isAny) ||
        std::any_of(simulated.deadlineDrops.begin(), simulated.deadlineDrops.end(), isAny);
    if (simulated.completed == asked)
    {
        return;
    }
    const auto isFull = [](const auto& link) { return link.droppedPackets > 0; };
    const auto& links = simulated.links;
    const char* const reason =
        !report.setup.maxTime.IsZero() ? "lost on the way, or still there at --max-time"
        : isBounded                    ? "queues are bounded; the table tells which lost them"
        : report.setup.isTcp           ? "simulated time ended after a year"
        : std::any_of(links.begin(), links.end(), isFull)
            ? "packets were lost in full device queues; --queue=auto loses none"
            : "packets were lost on the links; --transport=tcp sends them again";
    std::cerr << m_program.GetName() << ": warning: " << asked - simulated.completed << " of "
              << asked << " requests were never answered: " << reason << "\n";
}

} // namespace ns3
