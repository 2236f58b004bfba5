/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_SCENARIO_H
#define PORTEND_SCENARIO_H

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ns3
{

struct PortendScenarioFile;
struct PortendWorld;

/**
 * @ingroup portend
 * @brief What a user asks for, in the user's words: the mirror of a scenario file.
 *
 * Texts keep their units and are checked when the scenario is resolved, so that a scenario
 * that is written out reads as it was given. The defaults are the paper's 3-tier testbed.
 */
struct PortendScenario
{
    /// Requests to generate where neither a number nor a trace of arrivals says how many.
    static constexpr uint64_t DEFAULT_SAMPLES = 1000;

    /// Largest seed that ns-3's generator, MRG32k3a, takes: below its smaller modulus.
    static constexpr uint32_t MAX_SEED = 4294944442;

    /// A tier of the chain.
    struct Tier
    {
        std::string device;                     //!< device of the profile
        std::string name;                       //!< for reports; may be empty
        double computeFactor{1};                //!< multiplies computation times
        double serializationFactor{1};          //!< multiplies (de)serialization times
        uint32_t servers{1};                    //!< requests served at once
        std::string overhead{"0ms"};            //!< of the process, for each inference
        uint32_t queueLimit{0};                 //!< most tensors that wait; 0 is any number
        std::string queuePolicy{"drop-newest"}; //!< drop-newest, drop-oldest, block, deadline:
        std::string scheduler{};                //!< fifo (or empty), priority, edf, fair, batch
        double batchFixedShare{-1};             //!< of computations; -1 is the device's
        std::string memory{};                   //!< for blocks, such as `2GiB`; empty is any
        std::string loadBandwidth{};            //!< such as `1GBps`; empty: it takes no time
        std::string failures{};                 //!< when it is down; empty is never
        std::string power{};                    //!< idle:computing:serializing; or of the profile
        std::string battery{};                  //!< what feeds it; empty is without end
        std::string harvester{};                //!< what charges its battery; empty is nothing

        /**
         * @brief Name the tier for people.
         * @return its name and device, or its device alone
         */
        std::string GetLabel() const;
    };

    /// A link of the chain.
    struct Link
    {
        std::string bandwidth;     //!< such as `10Mbps`
        std::string delay;         //!< such as `20ms`
        uint32_t mtuBytes{0};      //!< MTU; 0 is that of the scenario
        double loss{-1};           //!< share of packets lost; below 0 is that of the scenario
        std::string trace{};       //!< how it changes: FILE, markov:FILE, a type of ns-3; or not
        std::string traceOffset{}; //!< of the trace at the beginning; empty is 0
        std::string traceEnd{};    //!< loop (or empty), hold
        std::string failures{};    //!< when it is down; empty is never
        std::string energy{};      //!< sending:receiving, what its ends take; empty is nothing
    };

    std::string description;                  //!< free text
    std::string profile{"resnet110-cifar10"}; //!< name or folder of the profile
    std::vector<Tier> tiers{{"a1.medium", "device"},
                            {"m4.large", "base station"},
                            {"g4dn.xlarge", "cloud"}};                //!< from tier 0
    std::vector<Link> links{{"10Mbps", "20ms"}, {"400Mbps", "40ms"}}; //!< from link 0
    std::string deployment{"0:1-25,1:26-40@0.1"}; //!< text form of the deployment
    uint32_t source{0};                           //!< tier where requests arise
    uint32_t destination{0};                      //!< tier that gets the results
    uint64_t samples{0};                          //!< requests to generate; 0 is a trace's, or
                                                  //!< DEFAULT_SAMPLES
    std::string arrival{"closed"};                //!< closed, periodic:, poisson:, bursty:, trace:
    std::string phase;                            //!< of periodic arrivals: drawn, or a time
    std::string deadline;                         //!< of answers: none (or empty), or a time
    std::string fallback;                         //!< of late answers: none (or empty), or a time
    uint32_t priority{0};                         //!< of requests; the highest is first
    double weight{1};                             //!< of requests beside other streams'
    std::string controller;                       //!< who deploys anew: fixed (or empty), ...
    std::string maxTime{"none"};                  //!< when to stop: none, or a time
    std::string timeout{"auto"};                  //!< of closed arrivals: auto, or a time
    std::string transport{"udp"};                 //!< udp, tcp
    std::string network;                          //!< empty is packets; trains, auto
    std::string tcpVariant{"TcpCubic"};           //!< congestion control, a class of ns-3
    bool tcpWarm{true};                           //!< connections stand before the first request
    bool tcpRestart{false};                       //!< idle connections restart their window
    std::string tcpSegment{"auto"};               //!< most data of a segment: auto, or a size
    std::string tcpBuffer{"auto"};                //!< buffer for sending: auto, or a size
    double loss{0};                               //!< share of packets lost on links without
                                                  //!< their own
    uint32_t mtuBytes{9000};                      //!< MTU of links without their own
    std::string queue{"auto"};                    //!< device queue: auto, or a size in bytes
    std::string compute{"mean"};                  //!< mean, median, max, empirical, gamma
    std::string split{"validation"};              //!< of the data set: validation, test
    std::string exits{"nested"};                  //!< nested, stratified, independent, trace:
    std::string rules{"exact"};                   //!< rules of the estimate
    std::string accuracy{"paper"};                //!< paper, conditional
    bool sharedCore{false};                       //!< source and sink share their tier's core
    uint32_t seed{1};                             //!< of ns-3's random streams
    uint64_t run{1};                              //!< of ns-3's random streams

    /// Where values came from, by JSON pointer: the option or file to name in a complaint.
    std::map<std::string, std::string> origins;

    std::shared_ptr<const PortendWorld> world; //!< where it is a stream; null if it is a chain
    std::size_t stream{0};                     //!< index of the stream there

    /**
     * @brief Read a scenario file. Keys that it leaves out keep their values.
     *
     * Files that it names, traces and a profile's folder, are relative to the file's own folder.
     *
     * @param file name of the file
     * @throw portend::InputError naming file and place of the first offence
     */
    void LoadFile(const std::string& file);

    /**
     * @brief The same of a file that was read.
     * @param file the file
     * @throw portend::InputError naming file and place of the first offence
     */
    void Load(const PortendScenarioFile& file);

    /**
     * @brief Become a stream of a network: have its options, and the tiers that it sees.
     * @param whole the network
     * @param name of the stream; empty for the first
     * @throw portend::InputError if there is no such stream
     */
    void BecomeStream(std::shared_ptr<const PortendWorld> whole, const std::string& name);

    /**
     * @brief Get the network that it is a stream of, with the options that it has by now.
     * @return the network
     */
    PortendWorld GetWorld() const;

    /**
     * @brief Fill in a deployment that was left open: the full model on the source's tier.
     * @throw portend::InputError if the profile cannot be read
     */
    void CompleteDeployment();

    /**
     * @brief Write the scenario as JSON.
     *
     * Files that it names are written from the root, so that it means the same anywhere.
     *
     * @return a document that LoadFile() reads back
     */
    std::string ToJson() const;

    /**
     * @brief Say where a value came from.
     * @param where a JSON pointer
     * @return option or file that set it, and the pointer
     */
    std::string GetOrigin(const std::string& where) const;
};

} // namespace ns3

#endif // PORTEND_SCENARIO_H
