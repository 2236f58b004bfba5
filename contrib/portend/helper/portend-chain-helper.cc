/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-chain-helper.h"

#include "ns3/abort.h"
#include "ns3/inet-socket-address.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-interface-address.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/ipv4-static-routing.h"
#include "ns3/ipv4.h"
#include "ns3/net-device.h"
#include "ns3/node.h"
#include "ns3/point-to-point-net-device.h"
#include "ns3/pointer.h"
#include "ns3/portend-tcp-exchange.h"
#include "ns3/portend-tcp-transport.h"
#include "ns3/portend-transport.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>

namespace ns3
{

namespace
{

/// Links that packets pass by ns-3's default.
constexpr uint32_t DEFAULT_TTL = 64;

} // namespace

PortendChainHelper::PortendChainHelper()
{
    // With flow control, the traffic-control layer would drop in silence before a full device
    // queue; without, the device drops, and its trace source MacTxDrop tells.
    m_pointToPoint.DisableFlowControl();
    SetQueueSize(QueueSize("4000000000B"));
    SetTransport("ns3::PortendUdpTransport");
}

void
PortendChainHelper::AddLink(DataRate bandwidth, Time delay, uint16_t mtu)
{
    NS_ABORT_MSG_IF(bandwidth.GetBitRate() == 0, "a link needs a bandwidth above 0 bit/s");
    NS_ABORT_MSG_IF(delay.IsStrictlyNegative(), "a link cannot deliver before it was sent");
    NS_ABORT_MSG_IF(mtu > 0 && mtu < PortendRoute::MIN_MTU_BYTES,
                    "an MTU of " << mtu << " bytes is none of IPv4; allowed: at least "
                                 << PortendRoute::MIN_MTU_BYTES);
    m_links.push_back({bandwidth, delay, mtu, {}});
}

void
PortendChainHelper::SetMtu(uint16_t mtu)
{
    NS_ABORT_MSG_IF(mtu < PortendRoute::MIN_MTU_BYTES,
                    "an MTU of " << mtu << " bytes is none of IPv4; allowed: at least "
                                 << PortendRoute::MIN_MTU_BYTES);
    m_mtu = mtu;
}

void
PortendChainHelper::SetQueueSize(QueueSize size)
{
    m_pointToPoint.SetQueue("ns3::DropTailQueue<Packet>", "MaxSize", QueueSizeValue(size));
}

void
PortendChainHelper::SetLoss(double rate)
{
    NS_ABORT_MSG_UNLESS(rate >= 0 && rate < 1,
                        "a link cannot lose " << rate << " of its packets; allowed: from 0 to "
                                              << "below 1");
    m_loss = rate;
}

void
PortendChainHelper::SetTransport(const std::string& type)
{
    m_transport.SetTypeId(type);
    m_headers = m_transport.Create<PortendTransport>()->GetHeaders();
}

void
PortendChainHelper::SetTransportAttribute(const std::string& name, const AttributeValue& value)
{
    m_transport.Set(name, value);
    m_headers = m_transport.Create<PortendTransport>()->GetHeaders();
}

NodeContainer
PortendChainHelper::Install()
{
    NodeContainer nodes;
    nodes.Create(m_links.size() + 1);
    Install(nodes);
    return nodes;
}

void
PortendChainHelper::Install(NodeContainer nodes)
{
    NS_ABORT_MSG_IF(nodes.GetN() != m_links.size() + 1, "a chain of M tiers has M - 1 links");
    m_nodes = nodes;
    for (uint32_t j = 0; j < m_links.size(); ++j)
    {
        auto& link = m_links[j];
        m_pointToPoint.SetDeviceAttribute("Mtu", UintegerValue(GetMtu(link)));
        m_pointToPoint.SetDeviceAttribute("DataRate", DataRateValue(link.bandwidth));
        m_pointToPoint.SetChannelAttribute("Delay", TimeValue(link.delay));
        link.devices = m_pointToPoint.Install(nodes.Get(j), nodes.Get(j + 1));
    }
    InstallErrorModels();
    InternetStackHelper internet;
    internet.SetIpv6StackInstall(false);
    internet.SetRoutingHelper(Ipv4StaticRoutingHelper());
    internet.Install(nodes);
    AssignAddresses();
    AddRoutes();
    // Packets may have to pass all links.
    const uint32_t ttl = std::clamp<uint32_t>(m_links.size(), DEFAULT_TTL, MAX_HOPS);
    for (uint32_t tier = 0; tier < nodes.GetN(); ++tier)
    {
        nodes.Get(tier)->GetObject<Ipv4>()->SetAttribute("DefaultTtl", UintegerValue(ttl));
    }
    InstallTransports();
}

int64_t
PortendChainHelper::AssignStreams(int64_t stream)
{
    int64_t used = 0;
    for (const auto& model : m_errorModels)
    {
        used += model->AssignStreams(stream + used);
    }
    return used;
}

NetDeviceContainer
PortendChainHelper::GetDevices(uint32_t link) const
{
    NS_ABORT_MSG_IF(link >= m_links.size(), "there is no link " << link);
    return m_links[link].devices;
}

PortendRoute
PortendChainHelper::GetRoute(uint32_t from, uint32_t to) const
{
    return MakeChain()->GetRoute(from, to);
}

Ipv4Address
PortendChainHelper::GetAddress(uint32_t tier, uint32_t from)
{
    return PortendChain::GetAddress(tier, from);
}

uint16_t
PortendChainHelper::GetMtu(const Link& link) const
{
    return link.mtu > 0 ? link.mtu : m_mtu;
}

void
PortendChainHelper::InstallErrorModels()
{
    if (m_loss == 0)
    {
        return;
    }
    for (const auto& link : m_links)
    {
        for (auto it = link.devices.Begin(); it != link.devices.End(); ++it)
        {
            auto model = CreateObject<RateErrorModel>();
            model->SetUnit(RateErrorModel::ERROR_UNIT_PACKET);
            model->SetRate(m_loss);
            (*it)->SetAttribute("ReceiveErrorModel", PointerValue(model));
            m_errorModels.push_back(model);
        }
    }
}

void
PortendChainHelper::AssignAddresses()
{
    for (uint32_t j = 0; j < m_links.size(); ++j)
    {
        for (uint32_t end = 0; end < 2; ++end)
        {
            const uint32_t tier = j + end;
            const uint32_t neighbor = j + 1 - end;
            auto ipv4 = m_nodes.Get(tier)->GetObject<Ipv4>();
            const auto interface = ipv4->AddInterface(m_links[j].devices.Get(end));
            ipv4->AddAddress(
                interface,
                Ipv4InterfaceAddress(GetAddress(tier, neighbor), PortendChain::LINK_MASK));
            ipv4->SetUp(interface);
        }
    }
}

Ptr<PortendChain>
PortendChainHelper::MakeChain() const
{
    auto chain = Create<PortendChain>(m_headers);
    for (const auto& link : m_links)
    {
        chain->AddLink(link.bandwidth, link.delay, GetMtu(link));
    }
    return chain;
}

void
PortendChainHelper::AddRoutes()
{
    const uint32_t links = m_links.size();
    for (uint32_t tier = 0; tier < m_nodes.GetN(); ++tier)
    {
        auto ipv4 = m_nodes.Get(tier)->GetObject<Ipv4>();
        auto routing = Ipv4StaticRoutingHelper().GetStaticRouting(ipv4);
        const auto addRoute =
            [&](Ipv4Address network, Ipv4Mask mask, uint32_t neighbor, uint32_t via) {
                const auto device = m_links[via].devices.Get(tier == via ? 0 : 1);
                routing->AddNetworkRouteTo(network,
                                           mask,
                                           GetAddress(neighbor, tier),
                                           ipv4->GetInterfaceForDevice(device));
            };
        if (tier + 1 < links)
        {
            addRoute(Ipv4Address::GetZero(), Ipv4Mask::GetZero(), tier + 1, tier);
        }
        // The links below those of the node, in blocks of the powers of two that they sum to.
        const uint32_t below = tier > 0 ? tier - 1 : 0;
        uint32_t block = 0;
        for (uint32_t first = 0; first < below; first += block)
        {
            for (block = 1; 2 * block <= below - first; block *= 2)
            {
            }
            addRoute(PortendChain::GetNetwork(first),
                     Ipv4Mask(PortendChain::LINK_MASK.Get() * block),
                     tier - 1,
                     tier - 1);
        }
    }
}

void
PortendChainHelper::InstallTransports()
{
    const auto chain = MakeChain();
    const auto exchange = Create<PortendTcpExchange>();
    for (uint32_t tier = 0; tier < m_nodes.GetN(); ++tier)
    {
        auto transport = m_transport.Create<PortendTransport>();
        transport->SetTier(chain, tier);
        if (auto tcp = DynamicCast<PortendTcpTransport>(transport))
        {
            tcp->SetExchange(exchange);
        }
        m_nodes.Get(tier)->AggregateObject(transport);
    }
}

void
PortendChainHelper::EnablePcapInternal(std::string prefix,
                                       Ptr<NetDevice> device,
                                       bool /* promiscuous */,
                                       bool explicitFilename)
{
    // As PointToPointHelper does, which keeps the files to itself.
    const auto pointToPoint = DynamicCast<PointToPointNetDevice>(device);
    if (!pointToPoint) // but the loopback
    {
        return;
    }
    PcapHelper pcap;
    const auto name = explicitFilename ? prefix : pcap.GetFilenameFromDevice(prefix, device);
    const auto file = pcap.CreateFile(name, std::ios::out, PcapHelper::DLT_PPP);
    pcap.HookDefaultSink<PointToPointNetDevice>(pointToPoint, "PromiscSniffer", file);
    m_pcapFiles.emplace_back(name, file);
}

std::string
PortendChainHelper::ClosePcap()
{
    std::string failed;
    for (const auto& [name, file] : m_pcapFiles)
    {
        const bool isWritten = !file->Fail();
        file->Close();
        if (!isWritten || file->Fail())
        {
            failed = name;
        }
    }
    m_pcapFiles.clear();
    return failed;
}

void
PortendChainHelper::EnableAsciiInternal(Ptr<OutputStreamWrapper> stream,
                                        std::string prefix,
                                        Ptr<NetDevice> device,
                                        bool explicitFilename)
{
    if (stream)
    {
        m_pointToPoint.EnableAscii(stream, device);
    }
    else
    {
        m_pointToPoint.EnableAscii(prefix, device, explicitFilename);
    }
}

} // namespace ns3
