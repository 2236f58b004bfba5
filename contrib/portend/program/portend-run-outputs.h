/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_RUN_OUTPUTS_H
#define PORTEND_RUN_OUTPUTS_H

#include "portend-program.h"

#include "ns3/portend-report.h"
#include "ns3/portend-simulation.h"
#include "ns3/portend-timeline.h"
#include "ns3/portend-world-report.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Where the result of one simulation goes: table, JSON, CSV, timeline, pcap, progress.
 */
class PortendRunOutputs
{
  public:
    /**
     * @brief Constructor: add the options of the outputs to a program.
     * @param program the program; it must outlive this object
     */
    explicit PortendRunOutputs(PortendProgram& program);

    /**
     * @brief Open the outputs asked for, before any time is spent on what goes there.
     * @param setup what will be simulated
     * @throw portend::InputError if one cannot be written
     */
    void Open(const PortendSetup& setup);

    /**
     * @brief The same for a network of many streams.
     * @param setup what will be simulated; it must outlive this object
     * @throw portend::InputError if one cannot be written
     */
    void Open(const PortendWorldSetup& setup);

    /**
     * @brief Get the prefix of pcap files until they are whole.
     * @return the prefix; empty if none are asked for
     */
    const std::string& GetPcapPrefix() const;

    /**
     * @brief Get the watcher of requests: writes their ledgers and timelines, shows progress.
     * @return the watcher; it must not outlive this object
     */
    PortendSimulation::RequestSink GetRequestSink();

    /**
     * @brief Write all outputs, and put them into their places.
     * @param report what they say
     * @throw portend::InputError if one could not be written
     */
    void Write(const PortendReport& report);

    /**
     * @brief The same for a network of many streams.
     * @param report what they say
     * @throw portend::InputError if one could not be written
     */
    void Write(const PortendWorldReport& report);

  private:
    /// Let ns-3 write the pcap files.
    void OpenCaptures();

    /**
     * @brief Name the pcap files that ns-3 will write.
     * @param network the links
     * @param nodes number of nodes
     * @return names; none if none are asked for
     */
    std::vector<std::string> GetCaptures(const PortendNetworkSetup& network,
                                         std::size_t nodes) const;

    /**
     * @brief Open what does not depend on what is simulated.
     * @param captures names of pcap files
     * @param requests how many there will be
     */
    void OpenFiles(const std::vector<std::string>& captures, uint64_t requests);

    /**
     * @brief Write all outputs, and put them into their places.
     * @tparam Report type of the report
     * @param report what they say
     * @param simulated time
     */
    template <typename Report>
    void WriteReport(const Report& report, Time simulated);

    /**
     * @brief Say how many requests have no answer, and why.
     * @param network links and transport
     * @param stream which requests
     * @param simulated what became of them
     * @param links what went over the links
     */
    void WarnOfUnanswered(const PortendNetworkSetup& network,
                          const PortendStreamSetup& stream,
                          const PortendResult& simulated,
                          const std::vector<PortendLinkTraffic>& links) const;

    /// Show how far the simulation is, now and then.
    void ShowProgress();

    using Clock = std::chrono::steady_clock; //!< wall-clock time

    const PortendProgram& m_program;                        //!< the program
    std::string m_jsonFile;                                 //!< option --json
    std::string m_csvFile;                                  //!< option --csv
    std::string m_timelineFile;                             //!< option --timeline
    std::string m_pcapPrefix;                               //!< option --pcap
    bool m_isQuiet{false};                                  //!< option --quiet
    std::unique_ptr<PortendOutput> m_json;                  //!< result
    std::unique_ptr<PortendOutput> m_csv;                   //!< ledgers
    std::unique_ptr<PortendLedgerTable> m_ledgers;          //!< writes the ledgers
    std::unique_ptr<PortendOutput> m_timelineOutput;        //!< timeline
    std::unique_ptr<PortendTimeline> m_timeline;            //!< writes the timeline
    std::vector<std::unique_ptr<PortendOutput>> m_captures; //!< pcap files; empty if in place
    std::string m_capturePrefix;                            //!< their prefix until they are whole
    bool m_showsProgress{false};                            //!< whether somebody watches
    uint64_t m_expected{0};                                 //!< requests to come
    uint64_t m_done{0};                                     //!< requests completed
    Clock::time_point m_started;                            //!< when the simulation started
    Clock::time_point m_shown;                              //!< when progress was shown last
};

} // namespace ns3

#endif // PORTEND_RUN_OUTPUTS_H
