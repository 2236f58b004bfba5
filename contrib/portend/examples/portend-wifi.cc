/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * @ingroup portend
 * Ten stations on one access point of 802.11ac, and a server behind it.
 *
 *      station )))
 *        ...        ((( access point  ---------  server
 *      station )))                    1 Gb/s, 5 ms
 *
 * Each station has a stream to the one server, over TCP. Portend does not know what lies between
 * them: in the ledgers, all time in the network is `medium`.
 */

#include "portend-example.h"

#include "ns3/command-line.h"
#include "ns3/double.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-address-helper.h"
#include "ns3/ipv4-global-routing-helper.h"
#include "ns3/mobility-helper.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/portend-output.h"
#include "ns3/ssid.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"
#include "ns3/wifi-mac-helper.h"
#include "ns3/yans-wifi-helper.h"

using namespace ns3;

int
main(int argc, char* argv[])
{
    PortendGuardStandardStreams("portend-wifi");
    uint32_t requests = 20;
    CommandLine cmd(__FILE__);
    cmd.AddValue("requests", "Number of requests of each station", requests);
    cmd.Parse(argc, argv);

    NodeContainer stations;
    stations.Create(10);
    NodeContainer accessPoint;
    accessPoint.Create(1);
    NodeContainer server;
    server.Create(1);

    YansWifiPhyHelper phy;
    phy.SetChannel(YansWifiChannelHelper::Default().Create());
    WifiHelper wifi;
    wifi.SetStandard(WIFI_STANDARD_80211ac);
    wifi.SetRemoteStationManager("ns3::ConstantRateWifiManager",
                                 "DataMode",
                                 StringValue("VhtMcs7"),
                                 "ControlMode",
                                 StringValue("VhtMcs0"));
    WifiMacHelper mac;
    mac.SetType("ns3::StaWifiMac", "Ssid", SsidValue(Ssid("portend")));
    NetDeviceContainer cell = wifi.Install(phy, mac, stations);
    mac.SetType("ns3::ApWifiMac", "Ssid", SsidValue(Ssid("portend")));
    cell.Add(wifi.Install(phy, mac, accessPoint));
    MobilityHelper mobility; // a grid, 2 m from one to the next
    mobility.SetPositionAllocator("ns3::GridPositionAllocator",
                                  "DeltaX",
                                  DoubleValue(2),
                                  "DeltaY",
                                  DoubleValue(2),
                                  "GridWidth",
                                  UintegerValue(4));
    mobility.Install(NodeContainer(stations, accessPoint));
    PointToPointHelper pointToPoint;
    pointToPoint.SetDeviceAttribute("DataRate", StringValue("1Gbps"));
    pointToPoint.SetChannelAttribute("Delay", StringValue("5ms"));
    const auto link = pointToPoint.Install(accessPoint.Get(0), server.Get(0));

    InternetStackHelper internet;
    internet.InstallAll();
    Ipv4AddressHelper addresses("10.1.1.0", "255.255.255.0");
    addresses.Assign(cell);
    addresses.SetBase("10.1.2.0", "255.255.255.0");
    addresses.Assign(link);
    Ipv4GlobalRoutingHelper::PopulateRoutingTables();

    Tally tally(uint64_t(requests) * stations.GetN());
    auto used =
        InstallStreams(stations, server.Get(0), "ns3::PortendTcpTransport", requests, tally);
    used += internet.AssignStreams(NodeContainer::GetGlobal(), used);
    wifi.AssignStreams(cell, used);
    Simulator::Run();
    Simulator::Destroy();
    return tally.Report() ? 0 : 1;
}
