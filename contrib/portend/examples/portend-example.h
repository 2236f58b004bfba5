/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_EXAMPLE_H
#define PORTEND_EXAMPLE_H

#include "ns3/abort.h"
#include "ns3/application-container.h"
#include "ns3/node-container.h"
#include "ns3/portend-helper.h"
#include "ns3/portend-network.h"
#include "ns3/portend-profile.h"
#include "ns3/portend-request.h"
#include "ns3/portend-transport-helper.h"
#include "ns3/simulator.h"
#include "ns3/string.h"

#include <cstdint>
#include <iostream>
#include <memory>
#include <string>

/**
 * @file
 * @ingroup portend
 * What the examples have in common: an invented network, a device, streams of stations to a
 * server, and who counts requests.
 */

/// @return an invented network of three blocks: sizes in bytes, exit rates by branch and threshold
inline portend::ModelProfile
MakeInventedModel()
{
    portend::ModelProfile model;
    model.name = "invented";
    model.blocks = 3;
    model.tensorBytes = {12000, 30000, 8000};
    model.resultBytes = 200;
    model.thresholds = {0, 0.5};
    model.validation.exitRates = {{0, 0.4}, {0, 0.7}, {1, 1}};
    model.validation.accuracy = {0.6, 0.75, 0.9};
    return model;
}

/// @return a device: milliseconds for partitions 1-1, 1-2, 1-3, 2-2, 2-3, 3-3 of that network
inline std::shared_ptr<portend::DeviceProfile>
MakeInventedBoard()
{
    auto board = std::make_shared<portend::DeviceProfile>();
    board->name = "board";
    board->blocks = 3;
    board->computeMs = {{2}, {4}, {6}, {2}, {4}, {2}};
    board->serializeMs = {0.3, 0.2, 0.1};
    board->deserializeMs = {0.4, 0.3, 0.2};
    return board;
}

/**
 * Counts requests of one or more streams, and ends the simulation when all are complete.
 *
 * It knows what must hold in any network: as many are completed as arise; a request's ledger sums
 * to its latency; and over the whole run, the number in the system is rate times latency
 * (Little's law).
 */
class Tally
{
  public:
    /**
     * Constructor.
     * @param expected number of requests of all streams
     */
    explicit Tally(uint64_t expected)
        : m_expected(expected)
    {
        NS_ABORT_MSG_IF(expected == 0, "no requests; allowed: at least 1");
    }

    /**
     * Watch a stream.
     * @param applications that a PortendHelper has installed
     */
    void Watch(const ns3::ApplicationContainer& applications)
    {
        applications.Get(0)->TraceConnectWithoutContext("RequestGenerated",
                                                        MakeCallback(&Tally::Generated, this));
        applications.Get(applications.GetN() - 1)
            ->TraceConnectWithoutContext("RequestCompleted", MakeCallback(&Tally::Completed, this));
    }

    /**
     * Print means over all requests.
     * @return whether everything holds that must
     */
    bool Report() const
    {
        const double requests = m_completed;
        std::cout << m_completed << " of " << m_generated << " requests completed\n"
                  << "latency    " << m_latency.GetSeconds() * 1e3 / requests << " ms\n"
                  << "network    " << m_network.GetSeconds() * 1e3 / requests << " ms, of which "
                  << m_medium.GetSeconds() * 1e3 / requests << " ms are medium\n";
        if (m_completed == m_expected && m_generated == m_expected && m_sums &&
            m_requestTime == m_latency)
        {
            return true;
        }
        std::cerr << "the requests do not add up\n";
        return false;
    }

  private:
    /**
     * A request has arisen.
     * @param request the request
     */
    void Generated(ns3::Ptr<const ns3::PortendRequest> /* request */)
    {
        Change();
        ++m_generated;
    }

    /**
     * A request is complete.
     * @param request the request
     */
    void Completed(ns3::Ptr<const ns3::PortendRequest> request)
    {
        using ns3::PortendLedger;
        Change();
        ++m_completed;
        const auto& ledger = request->ledger;
        m_sums = m_sums && ledger.GetTotal() == request->GetLatency();
        m_latency += request->GetLatency();
        m_network += ledger.Get(PortendLedger::PROPAGATION) +
                     ledger.Get(PortendLedger::TRANSMISSION) +
                     ledger.Get(PortendLedger::NETWORK_EXCESS);
        m_medium += ledger.GetExcess()[PortendLedger::MEDIUM];
        if (m_completed == m_expected)
        {
            ns3::Simulator::Stop(); // beacons and the like would go on for ever
        }
    }

    /// The number in the system changes.
    void Change()
    {
        const auto now = ns3::Simulator::Now();
        m_requestTime += (now - m_changed) * static_cast<int64_t>(m_generated - m_completed);
        m_changed = now;
    }

    uint64_t m_expected;     //!< requests of all streams
    uint64_t m_generated{0}; //!< that have arisen
    uint64_t m_completed{0}; //!< that are complete
    bool m_sums{true};       //!< whether all ledgers sum to the latencies
    ns3::Time m_latency;     //!< sum over the requests
    ns3::Time m_network;     //!< the same of the time in the network
    ns3::Time m_medium;      //!< the same of the part that has no closed form
    ns3::Time m_requestTime; //!< number in the system, integrated over time
    ns3::Time m_changed;     //!< when it changed last
};

/**
 * Let a stream go from each station to one server: blocks 1 and 2 run on the station, block 3 on
 * the server, if the sample has not exited by then.
 *
 * @param stations with an Internet stack, addresses, and routes to the server
 * @param server the same
 * @param transport type of the transports
 * @param requests of each station
 * @param tally counts them
 * @return number of random streams used, from 0
 */
inline int64_t
InstallStreams(const ns3::NodeContainer& stations,
               const ns3::Ptr<ns3::Node>& server,
               const std::string& transport,
               uint64_t requests,
               Tally& tally)
{
    using namespace ns3;
    const NodeContainer nodes(stations, server);
    PortendTransportHelper(transport).Install(nodes);

    // The same nodes, in the same order, as far as models are concerned: no links.
    const auto machines = std::make_shared<portend::Network>();
    for (uint32_t i = 0; i < stations.GetN(); ++i)
    {
        machines->AddNode({});
    }
    portend::Node fast;
    fast.computeFactor = 0.25; // four times as fast as the board
    const auto last = machines->AddNode(fast);

    // One stream with a member for each station.
    const auto board = MakeInventedBoard();
    portend::Stream stream;
    stream.network = machines;
    stream.tiers = {{0, board}, {last, board}};
    PortendHelper helper(MakeInventedModel(),
                         stream,
                         portend::Deployment::Parse("0:1-2,1:3-3@0.5"));
    helper.SetMaxRequests(requests);
    helper.SetSourceAttribute("Arrivals", StringValue("ns3::PortendPoissonArrivals[Rate=10]"));
    int64_t used = 0;
    for (uint32_t i = 0; i < stations.GetN(); ++i)
    {
        helper.SetStreamIndex(0, i);
        helper.SetTierNodes({i, last});
        auto applications = helper.Install(nodes);
        // By then stations of Wi-Fi have found their access point; and one after the other.
        applications.Start(Seconds(1 + 0.1 * i));
        used += helper.AssignStreams(used);
        tally.Watch(applications);
    }
    return used;
}

#endif // PORTEND_EXAMPLE_H
