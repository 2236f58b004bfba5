/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * @ingroup portend
 * The smallest simulation: an invented network of three blocks in two partitions.
 *
 *      tier 0                  tier 1
 *      blocks 1-2  ---------   block 3
 *      source      10 Mb/s     (server)
 *      destination 20 ms
 *
 * Everything is described in code: no file is read. Each request's latency must be that of the
 * analytical model for the partition where it exits, to within a few nanoseconds, and leave no
 * excess in the network; otherwise the example fails.
 */

#include "portend-example.h"

#include "ns3/command-line.h"
#include "ns3/portend-helper.h"
#include "ns3/portend-network-helper.h"
#include "ns3/portend-output.h"
#include "ns3/portend-request.h"
#include "ns3/simulator.h"

#include <cmath>
#include <iostream>

using namespace ns3;

namespace
{

/// What the analytical model says.
portend::Estimate g_estimate;

/// Requests completed.
uint32_t g_completed = 0;

/// Sum of their latencies, ms.
double g_latencySumMs = 0;

/// Bytes that early exits kept from the network.
uint64_t g_dropped = 0;

/// Whether every request met the analytical model.
bool g_agrees = true;

/**
 * Called when a request is complete.
 * @param request the request
 */
void
RequestCompleted(Ptr<const PortendRequest> request)
{
    const double latencyMs = request->GetLatency().GetNanoSeconds() * 1e-6;
    const double expectedMs = g_estimate.exitClass[request->exitPartition - 1].GetTotal();
    ++g_completed;
    g_latencySumMs += latencyMs;
    g_agrees = g_agrees && request->ledger.Get(PortendLedger::NETWORK_EXCESS).IsZero() &&
               std::abs(latencyMs - expectedMs) < 20e-6;
}

/**
 * Called when a tensor is dropped because its request exits.
 * @param request the request
 * @param partition where it exits
 * @param bytes size of the tensor's message
 */
void
EarlyExitDrop(Ptr<const PortendRequest> /* request */, uint32_t /* partition */, uint32_t bytes)
{
    g_dropped += bytes;
}

} // namespace

int
main(int argc, char* argv[])
{
    PortendGuardStandardStreams("portend-minimal");
    DataRate bandwidth("10Mbps");
    Time delay("20ms");
    double threshold = 0.5;
    uint32_t requests = 1000;
    CommandLine cmd(__FILE__);
    cmd.AddValue("bandwidth", "Bandwidth of the link", bandwidth);
    cmd.AddValue("delay", "Propagation delay of the link", delay);
    cmd.AddValue("threshold", "Entropy below which a request exits: 0 or 0.5", threshold);
    cmd.AddValue("requests", "Number of requests", requests);
    cmd.Parse(argc, argv);

    const auto model = MakeInventedModel();
    const auto board = MakeInventedBoard();

    // The chain: the server computes four times as fast as the board.
    portend::Node server;
    server.computeFactor = 0.25;
    const auto chain = portend::MakeChain(
        {{board}, {board, server}},
        {{static_cast<double>(bandwidth.GetBitRate()), delay.GetNanoSeconds() * 1e-6}});
    auto deployment = portend::Deployment::Parse("0:1-2,1:3-3@0.5");
    deployment.threshold = threshold;
    g_estimate =
        portend::EstimateDeployment(model, chain, deployment, portend::EstimatorRules::Exact());

    PortendNetworkHelper network;
    network.AddLink(bandwidth, delay);
    const auto nodes = network.Install();
    PortendHelper helper(model, chain, deployment);
    helper.SetMaxRequests(requests);
    auto applications = helper.Install(nodes); // source, partitions 1 and 2, sink
    helper.AssignStreams(0);
    applications.Get(1)->TraceConnectWithoutContext("EarlyExitDrop", MakeCallback(&EarlyExitDrop));
    applications.Get(3)->TraceConnectWithoutContext("RequestCompleted",
                                                    MakeCallback(&RequestCompleted));
    Simulator::Run();
    Simulator::Destroy();

    std::cout << "simulated  " << g_latencySumMs / g_completed << " ms over " << g_completed
              << " requests\n"
              << "analytical " << g_estimate.GetLatencyMs() << " ms\n"
              << "early exits kept " << g_dropped << " bytes from the network\n";
    if (g_completed != requests || !g_agrees)
    {
        std::cerr << "the simulation does not meet the analytical model\n";
        return 1;
    }
    return 0;
}
