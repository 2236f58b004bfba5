/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * @ingroup portend
 * Stations on a CSMA bus, and a server behind a point-to-point link: a network of ns-3's helpers
 * that Portend's streams come to.
 *
 *      station ... station
 *         |           |
 *      ===================== 100 Mb/s
 *                  |
 *                router  ---------  server
 *                        100 Mb/s, 5 ms
 *
 * Each station has a stream to the one server, over UDP. Portend does not know what lies between
 * them: in the ledgers, all time in the network is `medium`.
 */

#include "portend-example.h"

#include "ns3/command-line.h"
#include "ns3/config.h"
#include "ns3/csma-helper.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-global-routing-helper.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/portend-output.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

using namespace ns3;

int
main(int argc, char* argv[])
{
    PortendGuardStandardStreams("portend-csma");
    uint32_t requests = 200;
    CommandLine cmd(__FILE__);
    cmd.AddValue("requests", "Number of requests of each station", requests);
    cmd.Parse(argc, argv);

    NodeContainer stations;
    stations.Create(5);
    NodeContainer router;
    router.Create(1);
    NodeContainer server;
    server.Create(1);

    CsmaHelper csma;
    csma.SetChannelAttribute("DataRate", StringValue("100Mbps"));
    const auto bus = csma.Install(NodeContainer(stations, router));
    PointToPointHelper pointToPoint;
    pointToPoint.SetDeviceAttribute("DataRate", StringValue("100Mbps"));
    pointToPoint.SetChannelAttribute("Delay", StringValue("5ms"));
    const auto link = pointToPoint.Install(router.Get(0), server.Get(0));

    // While ARP looks for an address, a tensor's packets wait: by default three of them.
    Config::SetDefault("ns3::ArpCache::PendingQueueSize", UintegerValue(1000));
    InternetStackHelper internet;
    internet.InstallAll();
    Ipv4AddressHelper addresses("10.1.1.0", "255.255.255.0");
    addresses.Assign(bus);
    addresses.SetBase("10.1.2.0", "255.255.255.0");
    addresses.Assign(link);
    Ipv4GlobalRoutingHelper::PopulateRoutingTables();

    Tally tally(uint64_t(requests) * stations.GetN());
    auto used =
        InstallStreams(stations, server.Get(0), "ns3::PortendUdpTransport", requests, tally);
    used += internet.AssignStreams(NodeContainer::GetGlobal(), used);
    csma.AssignStreams(bus, used);
    Simulator::Run();
    Simulator::Destroy();
    return tally.Report() ? 0 : 1;
}
