/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-network-helper.h"

#include "ns3/abort.h"
#include "ns3/drop-tail-queue.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-interface-address.h"
#include "ns3/ipv4-routing-helper.h"
#include "ns3/ipv4.h"
#include "ns3/net-device.h"
#include "ns3/node.h"
#include "ns3/packet.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/point-to-point-net-device.h"
#include "ns3/pointer.h"
#include "ns3/portend-channel.h"
#include "ns3/portend-routing.h"
#include "ns3/portend-train-scheduler.h"
#include "ns3/portend-trains.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <deque>

namespace ns3
{

namespace
{

/// Streams of random variables for how a direction of a link changes.
constexpr int64_t STREAMS_OF_CHANGES = 4;

/// Every link is a network of its own.
const Ipv4Mask LINK_MASK("255.255.255.252");

/**
 * @brief Get the address of an end of a link.
 * @param link number of the link
 * @param end 0 for its first node, 1 for its second
 * @return the address
 */
Ipv4Address
GetEndAddress(uint32_t link, uint32_t end)
{
    return Ipv4Address((10U << 24) + (link << 2) + 1 + end);
}

/// Gives every node the routing of Portend's networks.
class RoutingHelper : public Ipv4RoutingHelper
{
  public:
    RoutingHelper* Copy() const override
    {
        return new RoutingHelper(*this);
    }

    Ptr<Ipv4RoutingProtocol> Create(Ptr<Node> /* node */) const override
    {
        return CreateObject<PortendRouting>();
    }
};

/**
 * @brief Require that a link can lose a share of its packets.
 * @param rate the share
 */
void
RequireLoss(double rate)
{
    NS_ABORT_MSG_UNLESS(rate >= 0 && rate < 1,
                        "a link cannot lose " << rate << " of its packets; allowed: from 0 to "
                                              << "below 1");
}

/**
 * @brief A packet goes onto a link.
 * @param traffic of the link
 * @param packet the packet
 */
void
CountSent(PortendLinkTraffic* traffic, Ptr<const Packet> packet)
{
    traffic->sentBytes += packet->GetSize();
}

/**
 * @brief A packet has passed a link.
 * @param traffic of the link
 * @param packet the packet
 */
void
CountReceived(PortendLinkTraffic* traffic, Ptr<const Packet> packet)
{
    traffic->receivedBytes += packet->GetSize();
}

/**
 * @brief A device's queue is full.
 * @param traffic of the link
 * @param packet the packet refused
 */
void
CountRefused(PortendLinkTraffic* traffic, Ptr<const Packet> packet)
{
    traffic->droppedBytes += packet->GetSize();
    ++traffic->droppedPackets;
}

/**
 * @brief A link has lost a packet.
 * @param traffic of the link
 * @param packet the packet
 */
void
CountDamaged(PortendLinkTraffic* traffic, Ptr<const Packet> packet)
{
    traffic->damagedBytes += packet->GetSize();
    ++traffic->damagedPackets;
}

/**
 * @brief Describe how a direction of a link changes.
 * @param direction the direction
 * @return means over time; nothing if it does not change
 */
PortendLinkProcess::Summary
Describe(const PortendNetworkHelper::Direction& direction)
{
    const auto& changes = direction.changes;
    return changes && changes->makeProcess ? changes->makeProcess()->Describe()
                                           : PortendLinkProcess::Summary();
}

/**
 * @brief A packet was lost because a link is down.
 * @param traffic of the link, up and down
 * @param packet the packet
 * @param way 0 if it went up, 1 down
 */
void
CountLost(PortendLinkTraffic* traffic, Ptr<const Packet> packet, uint32_t way)
{
    CountDamaged(traffic + way, packet);
}

} // namespace

/// The links and nodes of a network, which outlive the helper: ways are found in them.
class PortendNetworkHelper::State
{
  public:
    /// A link and its ends.
    struct Link
    {
        uint32_t ends[2];                                //!< numbers of its nodes
        Direction directions[2];                         //!< up, down
        uint16_t mtu;                                    //!< 0 is that of all links
        NetDeviceContainer devices;                      //!< of its nodes
        PortendLinkTraffic traffic[2]{};                 //!< up, down
        std::array<Ptr<PortendLinkCourse>, 2> courses{}; //!< up, down; null if it does not change
    };

    /**
     * @brief Get the MTU of a link.
     * @param link the link
     * @return bytes
     */
    uint16_t GetMtu(const Link& link) const
    {
        return link.mtu > 0 ? link.mtu : mtu;
    }

    /// Count the nodes that links name.
    uint32_t CountNodes() const
    {
        uint32_t count = 1;
        for (const auto& link : links)
        {
            count = std::max({count, link.ends[0] + 1, link.ends[1] + 1});
        }
        return count;
    }

    /**
     * @brief Make the graph that paths are found in.
     * @param nodes number of nodes
     */
    void MakeGraph(uint32_t nodes)
    {
        graph = portend::Network();
        for (uint32_t i = 0; i < nodes; ++i)
        {
            graph.AddNode({});
        }
        for (const auto& link : links)
        {
            for (uint32_t way = 0; way < 2; ++way)
            {
                const auto& direction = link.directions[way];
                graph.AddLink(link.ends[way],
                              link.ends[1 - way],
                              {static_cast<double>(direction.bandwidth.GetBitRate()),
                               direction.GetMeanDelay().GetNanoSeconds() * 1e-6,
                               0},
                              "");
            }
        }
    }

    /**
     * @brief Describe the links from one node to another.
     * @param from node that sends
     * @param to node that receives
     * @return the path and the numbers of its links
     */
    PortendExchange::Way FindWay(uint32_t from, uint32_t to) const
    {
        PortendExchange::Way way;
        way.path = PortendPath(traits.headers);
        const auto arcs = graph.FindPath(from, to);
        NS_ABORT_MSG_IF(arcs.size() > MAX_HOPS,
                        "IP lets no packet pass " << arcs.size()
                                                  << " links; allowed: " << MAX_HOPS);
        for (const auto arc : arcs)
        {
            const auto& link = links[arc / 2];
            const auto& direction = link.directions[arc % 2];
            if (const auto& course = link.courses[arc % 2])
            {
                way.path.AddLink(course, GetMtu(link));
            }
            else
            {
                way.path.AddLink(direction.bandwidth, direction.delay, GetMtu(link));
            }
            way.path.SetEnergy(direction.energy);
            way.arcs.push_back(arc);
            way.address = GetEndAddress(arc / 2, 1 - arc % 2);
        }
        return way;
    }

    /**
     * @brief Tell the nodes on a path where it goes.
     * @param from node that sends
     * @param to node that receives
     */
    void AddRoutes(uint32_t from, uint32_t to) const
    {
        const auto arcs = graph.FindPath(from, to);
        if (arcs.empty())
        {
            return;
        }
        const auto destination = GetEndAddress(arcs.back() / 2, 1 - arcs.back() % 2);
        // Where the receiver sends what it replies.
        const auto last = graph.FindPath(to, from).back();
        auto source = GetEndAddress(last / 2, 1 - last % 2);
        for (const auto arc : arcs)
        {
            const auto& link = links[arc / 2];
            const auto ipv4 = nodes.Get(link.ends[arc % 2])->GetObject<Ipv4>();
            const auto interface = ipv4->GetInterfaceForDevice(link.devices.Get(arc % 2));
            DynamicCast<PortendRouting>(ipv4->GetRoutingProtocol())
                ->AddRoute(destination, interface, GetEndAddress(arc / 2, 1 - arc % 2), source);
            source = Ipv4Address::GetAny(); // the others only forward
        }
    }

    std::deque<Link> links;          //!< by number; traces count into them
    NodeContainer nodes;             //!< by number
    portend::Network graph;          //!< the same, for paths; link j is arcs 2 j and 2 j + 1
    PortendTransport::Traits traits; //!< of transports
    Ptr<PortendTrains> trains;       //!< carry messages; null if devices and stacks do
    uint16_t mtu{9000};              //!< MTU of links without their own
};

Time
PortendNetworkHelper::Direction::GetMeanDelay() const
{
    return Describe(*this).meanDelay.value_or(delay);
}

bool
PortendNetworkHelper::Direction::MayLose() const
{
    return (changes && changes->makeFailures) || Describe(*this).meanLoss.value_or(0) > 0;
}

PortendNetworkHelper::PortendNetworkHelper()
    : m_state(std::make_shared<State>()),
      m_queueSize("4000000000B")
{
    SetTransport("ns3::PortendUdpTransport");
}

uint32_t
PortendNetworkHelper::AddLink(uint32_t from,
                              uint32_t to,
                              const Direction& up,
                              const Direction& down,
                              uint16_t mtu)
{
    for (const auto& direction : {up, down})
    {
        NS_ABORT_MSG_IF(direction.bandwidth.GetBitRate() == 0,
                        "a link needs a bandwidth above 0 bit/s");
        NS_ABORT_MSG_IF(direction.delay.IsStrictlyNegative(),
                        "a link cannot deliver before it was sent");
        RequireLoss(direction.loss.value_or(0));
    }
    NS_ABORT_MSG_IF(from == to, "a link joins two nodes");
    NS_ABORT_MSG_IF(mtu > 0 && mtu < PortendPath::MIN_MTU_BYTES,
                    "an MTU of " << mtu << " bytes is none of IPv4; allowed: at least "
                                 << PortendPath::MIN_MTU_BYTES);
    m_state->links.push_back({{from, to}, {up, down}, mtu, {}});
    return m_state->links.size() - 1;
}

void
PortendNetworkHelper::AddLink(DataRate bandwidth, Time delay, uint16_t mtu)
{
    const auto last = m_state->CountNodes() - 1;
    AddLink(last, last + 1, {bandwidth, delay}, {bandwidth, delay}, mtu);
}

void
PortendNetworkHelper::SetMtu(uint16_t mtu)
{
    NS_ABORT_MSG_IF(mtu < PortendPath::MIN_MTU_BYTES,
                    "an MTU of " << mtu << " bytes is none of IPv4; allowed: at least "
                                 << PortendPath::MIN_MTU_BYTES);
    m_state->mtu = mtu;
}

void
PortendNetworkHelper::SetQueueSize(QueueSize size)
{
    m_queueSize = size;
}

void
PortendNetworkHelper::SetLoss(double rate)
{
    RequireLoss(rate);
    m_loss = rate;
}

void
PortendNetworkHelper::SetFailures(uint32_t node, std::function<Ptr<PortendFailures>()> makeFailures)
{
    m_makeFailures[node] = std::move(makeFailures);
}

void
PortendNetworkHelper::SetTransport(const std::string& type)
{
    m_transport.SetTypeId(type);
    m_state->traits = m_transport.Create<PortendTransport>()->GetTraits();
}

void
PortendNetworkHelper::SetTransport(const ObjectFactory& factory)
{
    m_transport = factory;
    m_state->traits = m_transport.Create<PortendTransport>()->GetTraits();
}

void
PortendNetworkHelper::SetTransportAttribute(const std::string& name, const AttributeValue& value)
{
    m_transport.Set(name, value);
    m_state->traits = m_transport.Create<PortendTransport>()->GetTraits();
}

NodeContainer
PortendNetworkHelper::Install(uint32_t count)
{
    NodeContainer nodes;
    nodes.Create(std::max(count, m_state->CountNodes()));
    Install(nodes);
    return nodes;
}

void
PortendNetworkHelper::Install(const NodeContainer& nodes)
{
    auto& state = *m_state;
    NS_ABORT_MSG_IF(nodes.GetN() < state.CountNodes(), "links name more nodes than there are");
    state.nodes = nodes;
    state.MakeGraph(nodes.GetN());
    m_exchange = CreateObject<PortendExchange>();
    for (uint32_t i = 0; i < nodes.GetN(); ++i)
    {
        m_exchange->AddNode(nodes.Get(i));
    }
    for (const auto& [node, make] : m_makeFailures)
    {
        m_failures[node] = make();
        nodes.Get(node)->AggregateObject(m_failures[node]); // where its applications find it
    }
    for (auto& link : state.links)
    {
        std::vector<Ptr<PortendFailures>> failures;
        for (const auto end : link.ends)
        {
            if (const auto found = m_failures.find(end); found != m_failures.end())
            {
                failures.push_back(found->second);
            }
        }
        link.courses = MakeCourses({link.directions[0], link.directions[1]}, failures);
    }
    const auto changes = [](const auto& link) { return link.courses[0] || link.courses[1]; };
    if (std::none_of(state.links.begin(), state.links.end(), changes))
    {
        m_variables.clear();
    }
    if (state.traits.usesTrains)
    {
        InstallTrains();
    }
    else
    {
        InstallDevices();
        InstallStacks();
    }
    for (uint32_t i = 0; i < nodes.GetN(); ++i)
    {
        auto transport = m_transport.Create<PortendTransport>();
        transport->SetNode(m_exchange, i);
        nodes.Get(i)->AggregateObject(transport);
    }
}

void
PortendNetworkHelper::InstallTrains()
{
    NS_ABORT_MSG_UNLESS(m_queueSize.GetUnit() == QueueSizeUnit::BYTES,
                        "trains have queues in bytes, not " << m_queueSize);
    auto& state = *m_state;
    state.trains = CreateObject<PortendTrains>();
    for (const auto& link : state.links)
    {
        // Error models are numbered by the device that receives, the first node's first.
        const auto atFirst = MakeErrorModel(link.directions[1]);
        const auto atSecond = MakeErrorModel(link.directions[0]);
        for (uint32_t way = 0; way < 2; ++way)
        {
            state.trains->AddLink(link.directions[way].bandwidth,
                                  link.directions[way].delay,
                                  state.GetMtu(link),
                                  m_queueSize.GetValue(),
                                  way == 0 ? atSecond : atFirst,
                                  link.courses[way]);
        }
    }
    m_exchange->SetTrains(state.trains);
    m_exchange->SetWayFinder(
        [state = m_state](uint32_t from, uint32_t to) { return state->FindWay(from, to); });
    PortendTrainScheduler::Install(state.trains);
}

void
PortendNetworkHelper::InstallDevices()
{
    auto& state = *m_state;
    const auto& nodes = state.nodes;
    for (auto& link : state.links)
    {
        auto channel = CreateObject<PortendChannel>();
        channel->SetDelays(link.directions[0].delay, link.directions[1].delay);
        std::array<Ptr<RateErrorModel>, 2> losses;
        for (uint32_t end = 0; end < 2; ++end)
        {
            auto queue = CreateObject<DropTailQueue<Packet>>();
            queue->SetMaxSize(m_queueSize);
            auto device = CreateObject<PointToPointNetDevice>();
            device->SetAttribute("Mtu", UintegerValue(state.GetMtu(link)));
            device->SetAttribute("DataRate", DataRateValue(link.directions[end].bandwidth));
            device->SetAddress(Mac48Address::Allocate());
            nodes.Get(link.ends[end])->AddDevice(device);
            device->SetQueue(queue);
            losses[1 - end] = MakeErrorModel(link.directions[1 - end]);
            if (losses[1 - end])
            {
                device->SetReceiveErrorModel(losses[1 - end]);
            }
            link.devices.Add(device);
        }
        for (uint32_t end = 0; end < 2; ++end)
        {
            const auto device = link.devices.Get(end);
            DynamicCast<PointToPointNetDevice>(device)->Attach(channel);
            auto* leaves = &link.traffic[end];
            auto* arrives = &link.traffic[1 - end];
            const auto count = [&](const std::string& source, auto* counter, auto* traffic) {
                device->TraceConnectWithoutContext(source, MakeBoundCallback(counter, traffic));
            };
            count("PhyTxBegin", &CountSent, leaves);
            count("MacTxDrop", &CountRefused, leaves);
            count("PhyRxEnd", &CountReceived, arrives);
            count("PhyRxDrop", &CountDamaged, arrives);
            if (link.courses[end])
            {
                channel->SetCourse(end, link.courses[end], losses[end]);
            }
        }
        auto* const traffic = &link.traffic[0]; // an array would be bound as a copy
        channel->TraceConnectWithoutContext("Lost", MakeBoundCallback(&CountLost, traffic));
    }
}

void
PortendNetworkHelper::InstallStacks()
{
    const auto& state = *m_state;
    const auto& nodes = state.nodes;
    InternetStackHelper internet;
    internet.SetIpv6StackInstall(false);
    internet.SetRoutingHelper(RoutingHelper());
    internet.Install(nodes);
    for (uint32_t i = 0; i < nodes.GetN(); ++i)
    {
        nodes.Get(i)->GetObject<Ipv4>()->SetAttribute("DefaultTtl", UintegerValue(MAX_HOPS));
    }
    for (uint32_t j = 0; j < state.links.size(); ++j)
    {
        const auto& link = state.links[j];
        for (uint32_t end = 0; end < 2; ++end)
        {
            const auto ipv4 = nodes.Get(link.ends[end])->GetObject<Ipv4>();
            const auto interface = ipv4->AddInterface(link.devices.Get(end));
            ipv4->AddAddress(interface, Ipv4InterfaceAddress(GetEndAddress(j, end), LINK_MASK));
            ipv4->SetUp(interface);
            m_exchange->AddAddress(GetEndAddress(j, end), link.ends[end]);
        }
    }
    m_exchange->SetWayFinder([state = m_state](uint32_t from, uint32_t to) {
        const auto way = state->FindWay(from, to);
        state->AddRoutes(from, to);
        state->AddRoutes(to, from); // of acknowledgments
        return way;
    });
}

int64_t
PortendNetworkHelper::AssignStreams(int64_t stream)
{
    for (const auto& model : m_errorModels)
    {
        if (model)
        {
            model->AssignStreams(stream);
        }
        ++stream;
    }
    // Behind those of all error models: whether links change, or which, changes nothing else.
    for (const auto& variables : m_variables)
    {
        int64_t own = stream;
        for (const auto& variable : variables)
        {
            variable->SetStream(own++);
        }
        stream += STREAMS_OF_CHANGES;
    }
    for (const auto& [node, failures] : m_failures)
    {
        int64_t own = stream;
        for (const auto& variable : failures->GetRandomVariables())
        {
            variable->SetStream(own++);
        }
        stream += STREAMS_OF_CHANGES;
    }
    return static_cast<int64_t>(m_errorModels.size()) +
           static_cast<int64_t>(m_variables.size() + m_failures.size()) * STREAMS_OF_CHANGES;
}

NetDeviceContainer
PortendNetworkHelper::GetDevices(uint32_t link) const
{
    NS_ABORT_MSG_IF(link >= m_state->links.size(), "there is no link " << link);
    NS_ABORT_MSG_IF(m_state->trains, "trains pass no devices");
    return m_state->links[link].devices;
}

DataRate
PortendNetworkHelper::GetBandwidth(uint32_t link, uint32_t way) const
{
    NS_ABORT_MSG_IF(link >= m_state->links.size() || way > 1, "there is no link " << link);
    const auto& one = m_state->links[link];
    return one.courses[way] ? one.courses[way]->Get(Simulator::Now()).state.rate
                            : one.directions[way].bandwidth;
}

const PortendLinkTraffic&
PortendNetworkHelper::GetTraffic(uint32_t link, uint32_t way) const
{
    NS_ABORT_MSG_IF(link >= m_state->links.size() || way > 1, "there is no link " << link);
    return m_state->trains ? m_state->trains->GetTraffic(2 * link + way)
                           : m_state->links[link].traffic[way];
}

uint32_t
PortendNetworkHelper::CountLinks() const
{
    return m_state->links.size();
}

std::array<uint32_t, 2>
PortendNetworkHelper::GetEnds(uint32_t link) const
{
    const auto& ends = m_state->links.at(link).ends;
    return {ends[0], ends[1]};
}

const portend::LinkEnergy&
PortendNetworkHelper::GetEnergy(uint32_t link, uint32_t way) const
{
    return m_state->links.at(link).directions[way].energy;
}

double
PortendNetworkHelper::GetTransmissionS(uint32_t link, uint32_t way) const
{
    const auto& state = m_state->links.at(link);
    if (const auto& course = state.courses[way])
    {
        return course->GetTransmissionS();
    }
    return 8.0 * static_cast<double>(GetTraffic(link, way).sentBytes) /
           static_cast<double>(state.directions[way].bandwidth.GetBitRate());
}

bool
PortendNetworkHelper::IsChanging(uint32_t link, uint32_t way) const
{
    const auto& changes = m_state->links.at(link).directions[way].changes;
    return changes && changes->makeProcess;
}

PortendNetworkHelper::Conditions
PortendNetworkHelper::GetConditions(uint32_t link, uint32_t way, Time at) const
{
    const auto& state = m_state->links.at(link);
    const auto& course = state.courses[way];
    if (!course)
    {
        return {state.directions[way].bandwidth, state.directions[way].delay};
    }
    const auto* piece = &course->Get(at);
    while (piece->state.rate.GetBitRate() == 0)
    {
        const auto next = piece->until;
        piece = &course->Get(next);
    }
    return {piece->state.rate, course->GetDelay(*piece), piece->until};
}

PortendPath
PortendNetworkHelper::GetPath(uint32_t from, uint32_t to) const
{
    if (m_state->graph.GetNodes().empty())
    {
        m_state->MakeGraph(m_state->CountNodes());
    }
    return m_state->FindWay(from, to).path;
}

Ptr<PortendExchange>
PortendNetworkHelper::GetExchange() const
{
    return m_exchange;
}

std::array<Ptr<PortendLinkCourse>, 2>
PortendNetworkHelper::MakeCourses(const std::array<Direction, 2>& directions,
                                  const std::vector<Ptr<PortendFailures>>& failures)
{
    std::array<Ptr<PortendLinkCourse>, 2> courses;
    Ptr<PortendLinkProcess> process;
    auto all = failures;
    for (std::size_t way = 0; way < courses.size(); ++way)
    {
        const auto& [bandwidth, delay, loss, changes, energy] = directions[way];
        auto& variables = m_variables.emplace_back();
        if (!changes && failures.empty())
        {
            continue;
        }
        if (!changes)
        {
            courses[way] = Create<PortendLinkCourse>(bandwidth, delay, nullptr, failures);
            continue;
        }
        if (way == 0 || changes != directions[0].changes) // else they change together
        {
            process = changes->makeProcess ? changes->makeProcess() : nullptr;
            all = failures;
            if (process)
            {
                variables = process->GetRandomVariables();
            }
            if (changes->makeFailures)
            {
                all.push_back(changes->makeFailures());
                const auto others = all.back()->GetRandomVariables();
                variables.insert(variables.end(), others.begin(), others.end());
            }
        }
        courses[way] = Create<PortendLinkCourse>(bandwidth, delay, process, all);
    }
    return courses;
}

Ptr<RateErrorModel>
PortendNetworkHelper::MakeErrorModel(const Direction& direction)
{
    auto& model = m_errorModels.emplace_back();
    const auto loss = direction.loss.value_or(m_loss);
    const auto changing = Describe(direction).meanLoss.value_or(0);
    if (loss > 0 || changing > 0)
    {
        model = CreateObject<RateErrorModel>();
        model->SetUnit(RateErrorModel::ERROR_UNIT_PACKET);
        model->SetRate(loss);
    }
    return model;
}

void
PortendNetworkHelper::EnablePcapInternal(std::string prefix,
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
PortendNetworkHelper::ClosePcap()
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
PortendNetworkHelper::EnableAsciiInternal(Ptr<OutputStreamWrapper> stream,
                                          std::string prefix,
                                          Ptr<NetDevice> device,
                                          bool explicitFilename)
{
    if (stream)
    {
        PointToPointHelper().EnableAscii(stream, device);
    }
    else
    {
        PointToPointHelper().EnableAscii(prefix, device, explicitFilename);
    }
}

} // namespace ns3
