/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_PROGRAM_H
#define PORTEND_PROGRAM_H

#include "ns3/portend-report.h"
#include "ns3/portend-scenario.h"
#include "ns3/portend-simulation.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <string>

namespace ns3
{

/**
 * @ingroup portend
 * @brief A file that appears whole or not at all.
 *
 * It is written beside its final place and moved there by Commit(). The name `-` is the
 * standard output; devices and pipes are written directly.
 */
class PortendOutput
{
  public:
    /**
     * @brief Constructor: open for writing.
     * @param file name of the file
     * @param option option that named it, for complaints
     * @throw portend::InputError if it cannot be written
     */
    PortendOutput(const std::string& file, const std::string& option);

    /// Destructor: without Commit(), nothing is left.
    ~PortendOutput();

    PortendOutput(const PortendOutput&) = delete;
    PortendOutput& operator=(const PortendOutput&) = delete;

    /**
     * @brief Get where to write.
     * @return the stream
     */
    std::ostream& GetStream();

    /**
     * @brief Put the file into its place.
     * @throw portend::InputError if not everything could be written
     */
    void Commit();

  private:
    std::string m_file;                     //!< final name
    std::string m_option;                   //!< option that named it
    std::string m_partial;                  //!< name until committed; empty if written directly
    std::unique_ptr<std::ostream> m_stream; //!< where to write
};

/**
 * @ingroup portend
 * @brief What the programs have in common: options, complaints, outputs, progress.
 *
 * Bad input ends with one message on the standard error and exit status 2.
 */
class PortendProgram
{
  public:
    /**
     * @brief Constructor.
     * @param name name of the program
     * @param usage what it does, for --help
     */
    PortendProgram(const std::string& name, const std::string& usage);

    /// Destructor.
    ~PortendProgram();

    /**
     * @brief Read the command line, and run.
     * @param argc number of arguments
     * @param argv the arguments
     * @param body what the program does; returns its exit status
     * @return exit status of the program
     */
    int Run(int argc, char* argv[], const std::function<int()>& body);

    /**
     * @brief Get the scenario that the options describe.
     * @return the scenario
     */
    const PortendScenario& GetScenario() const;

    /**
     * @brief Get the prefix of pcap files.
     * @return the prefix; empty if none are asked for
     */
    const std::string& GetPcapPrefix() const;

    /**
     * @brief Open the outputs asked for, before any time is spent on what goes there.
     * @param setup what will be simulated
     * @throw portend::InputError if one cannot be written
     */
    void OpenOutputs(const PortendSetup& setup);

    /**
     * @brief Get the watcher of requests: writes their ledgers, shows progress.
     * @return the watcher
     */
    PortendSimulation::RequestSink GetRequestSink();

    /**
     * @brief Write all outputs, and put them into their places.
     * @param report what they say
     */
    void WriteReport(const PortendReport& report);

  private:
    /**
     * @brief Complain about options that CommandLine would end the program for, or overlook.
     * @param argc number of arguments
     * @param argv the arguments
     * @throw portend::InputError naming the option
     */
    void CheckArguments(int argc, char* argv[]) const;

    /**
     * @brief Show how far the simulation is, now and then.
     */
    void ShowProgress();

    using Clock = std::chrono::steady_clock; //!< wall-clock time

    std::string m_name;                            //!< name of the program
    std::string m_usage;                           //!< for --help
    PortendScenarioOptions m_options;              //!< options of the scenario
    PortendScenario m_scenario;                    //!< what they describe
    std::string m_jsonFile;                        //!< option --json
    std::string m_csvFile;                         //!< option --csv
    std::string m_pcapPrefix;                      //!< option --pcap
    bool m_isQuiet{false};                         //!< option --quiet
    std::unique_ptr<PortendOutput> m_json;         //!< result
    std::unique_ptr<PortendOutput> m_csv;          //!< ledgers
    std::unique_ptr<PortendLedgerTable> m_ledgers; //!< writes the ledgers
    bool m_showsProgress{false};                   //!< whether somebody watches
    uint64_t m_expected{0};                        //!< requests to come
    uint64_t m_done{0};                            //!< requests completed
    Clock::time_point m_started;                   //!< when the simulation started
    Clock::time_point m_shown;                     //!< when progress was shown last
};

} // namespace ns3

#endif // PORTEND_PROGRAM_H
