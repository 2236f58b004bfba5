/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-setup.h"

#include "portend-choices.h"
#include "portend-memory-check.h"
#include "portend-option.h"
#include "portend-overload.h"
#include "portend-profile-loader.h"
#include "portend-text.h"
#include "portend-trace-files.h"
#include "portend-world-setup.h"
#include "portend-world.h"

#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/object-factory.h"
#include "ns3/pointer.h"
#include "ns3/portend-network-helper.h"
#include "ns3/portend-path.h"
#include "ns3/portend-tcp-transport.h"
#include "ns3/portend-train-tcp-transport.h"
#include "ns3/portend-train-transport.h"
#include "ns3/portend-udp-transport.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <sstream>
#include <tuple>

namespace ns3
{

namespace
{

using portend::InputError;

/// Longest time that a request may take alone: three years, one part in a hundred of what
/// simulated time can hold.
constexpr double LONGEST_IDLE_MS = 1e11;

/// Why trains do not carry TCP where packets get lost.
const std::string LOSS_IS_REFUSED = "where links lose packets of TCP: trains send nothing again";

/// Smallest TCP segment: that of the smallest MTU.
constexpr uint32_t MIN_SEGMENT_BYTES =
    PortendPath::MIN_MTU_BYTES - PortendPath::TCP_HEADERS.packetBytes;

/**
 * @brief Read a size that may be left to the program.
 * @param text `auto`, or a size with its unit
 * @param where its JSON pointer
 * @param low smallest allowed, bytes
 * @param high largest allowed, bytes
 * @param automatic what `auto` stands for
 * @return bytes
 * @throw portend::InputError if it is neither
 */
uint32_t
ParseSize(const std::string& text,
          const std::string& where,
          uint32_t low,
          uint32_t high,
          uint32_t automatic)
{
    if (text == "auto")
    {
        return automatic;
    }
    const auto bytes = PortendParseBytes(text, where);
    if (bytes < low || bytes > high)
    {
        PortendFail(where,
                    text,
                    "auto, or from " + std::to_string(low) + "B to " + std::to_string(high) + "B");
    }
    return bytes;
}

} // namespace

std::shared_ptr<const portend::DeviceProfile>
PortendGetDevice(PortendProfileCache& profiles,
                 const std::string& profile,
                 const std::string& device,
                 const std::string& where)
{
    try
    {
        return profiles.GetDevice(profile, device);
    }
    catch (const InputError& error)
    {
        const auto& place = error.GetWhere();
        throw InputError(place.empty() ? where + "/device" : place, error.what());
    }
}

portend::Node
PortendParseNode(const PortendScenario::Tier& tier, const std::string& where)
{
    const auto overhead = PortendParseTime(tier.overhead, where + "/overhead");
    portend::Node node{tier.computeFactor,
                       tier.serializationFactor,
                       overhead.GetNanoSeconds() * 1e-6,
                       tier.servers};
    if (tier.batchFixedShare >= 0)
    {
        node.batchFixedShare = tier.batchFixedShare;
    }
    if (const auto makeScheduler = PortendChooseScheduler(tier.scheduler, where + "/scheduler"))
    {
        node.batching = makeScheduler()->Describe();
    }
    if (!tier.memory.empty())
    {
        node.memoryBytes = PortendParseMemory(tier.memory, where + "/memory");
    }
    if (!tier.loadBandwidth.empty())
    {
        const auto rate = PortendParseBandwidth(tier.loadBandwidth, where + "/load_bandwidth");
        node.loadBps = static_cast<double>(rate.GetBitRate());
    }
    node.power = PortendChoosePower(tier.power, where + "/power");
    return node;
}

namespace
{

/**
 * @brief Understand how a direction of a link changes.
 * @param link what the user asks for
 * @param traces files read so far; gets what is missing
 * @param where JSON pointer of the link
 * @return how it changes; null if it does not
 */
std::shared_ptr<PortendNetworkHelper::Changes>
ParseChanges(const PortendScenario::Link& link, PortendLinkTraces& traces, const std::string& where)
{
    const auto offset = link.traceOffset.empty()
                            ? Time()
                            : PortendParseTime(link.traceOffset, where + "/trace_offset");
    if (link.trace.empty() && link.failures.empty())
    {
        return nullptr;
    }
    auto changes = std::make_shared<PortendNetworkHelper::Changes>();
    if (!link.trace.empty())
    {
        changes->makeProcess = PortendChooseLinkProcess(link.trace,
                                                        offset,
                                                        link.traceEnd != "hold",
                                                        traces,
                                                        where + "/trace");
    }
    if (!link.failures.empty())
    {
        changes->makeFailures = PortendChooseFailures(link.failures, where + "/failures");
    }
    return changes;
}

/**
 * @brief Understand a direction of a link.
 * @param link what the user asks for
 * @param changes how it changes; null if it does not
 * @param where JSON pointer of the link
 * @return bandwidth and delay
 */
PortendNetworkHelper::Direction
ParseDirection(const PortendScenario::Link& link,
               const std::shared_ptr<PortendNetworkHelper::Changes>& changes,
               const std::string& where)
{
    PortendNetworkHelper::Direction direction;
    direction.delay = PortendParseTime(link.delay, where + "/delay");
    direction.changes = changes;
    if (const auto process = changes && changes->makeProcess ? changes->makeProcess() : nullptr)
    {
        const auto bps = std::max(std::round(process->Describe().meanBps), 1.0);
        direction.bandwidth = DataRate(static_cast<uint64_t>(bps));
    }
    else
    {
        direction.bandwidth = PortendParseBandwidth(link.bandwidth, where + "/bandwidth");
    }
    if (link.loss >= 0)
    {
        direction.loss = link.loss;
    }
    direction.energy = PortendChooseLinkEnergy(link.energy, where + "/energy");
    return direction;
}

} // namespace

std::array<PortendNetworkHelper::Direction, 2>
PortendParseLink(const std::array<PortendScenario::Link, 2>& ways,
                 PortendLinkTraces& traces,
                 const std::string& where)
{
    auto links = ways;
    for (auto& link : links)
    {
        const std::string markov = "markov:";
        if (link.trace.empty() && link.bandwidth.compare(0, markov.size(), markov) == 0)
        {
            link.trace = link.bandwidth; // another way to say it
        }
    }
    const auto tell = [](const PortendScenario::Link& link) {
        return std::tie(link.trace, link.traceOffset, link.traceEnd, link.failures);
    };
    const auto up = ParseChanges(links[0], traces, where);
    const auto down = tell(links[0]) == tell(links[1]) ? up : ParseChanges(links[1], traces, where);
    return {ParseDirection(links[0], up, where), ParseDirection(links[1], down, where)};
}

portend::Link
PortendDescribe(const PortendNetworkHelper::Direction& direction, uint32_t mtuBytes)
{
    return {static_cast<double>(direction.bandwidth.GetBitRate()),
            direction.GetMeanDelay().GetNanoSeconds() * 1e-6,
            mtuBytes,
            direction.energy};
}

PortendHelper::Queue
PortendParseQueue(const PortendScenario::Tier& tier,
                  const PortendNetworkSetup& network,
                  const std::string& where)
{
    PortendHelper::Queue queue;
    queue.makeScheduler = PortendChooseScheduler(tier.scheduler, where + "/scheduler");
    queue.limit = tier.queueLimit;
    const auto& policy = tier.queuePolicy;
    const std::string deadline = "deadline:";
    if (policy.compare(0, deadline.size(), deadline) == 0)
    {
        queue.deadline = PortendParseTime(policy.substr(deadline.size()), where + "/queue_policy");
        if (!queue.deadline.IsStrictlyPositive())
        {
            PortendFail(where + "/queue_policy", policy, "a deadline above 0");
        }
        return queue;
    }
    if (policy == "block")
    {
        queue.policy = PortendWorker::BLOCK;
    }
    else if (policy == "drop-oldest")
    {
        queue.policy = PortendWorker::DROP_OLDEST;
    }
    else if (policy != "drop-newest")
    {
        PortendFail(where + "/queue_policy",
                    policy,
                    "drop-newest, drop-oldest, block, deadline:TIME such as deadline:200ms");
    }
    if (queue.limit == 0 && policy != PortendScenario::Tier().queuePolicy)
    {
        PortendFail(where + "/queue_policy", policy, "with a queue limit (--queue-limit)");
    }
    // What UDP loses on the way would keep its place for ever.
    if (queue.policy == PortendWorker::BLOCK && network.CanLose())
    {
        PortendFail(where + "/queue_policy",
                    policy,
                    "another policy, or --transport=tcp, where messages can be lost");
    }
    return queue;
}

void
PortendNetworkSetup::ReadTransport(const PortendScenario& scenario,
                                   const std::vector<PortendScenario::Link>& asked)
{
    loss = scenario.loss;
    losesPackets = std::any_of(asked.begin(), asked.end(), [this](const auto& link) {
        return (link.loss < 0 ? loss : link.loss) > 0;
    });
    seed = scenario.seed;
    run = scenario.run;
    // Attributes of the transport may be set, too; what the scenario says goes before them.
    const auto tcp = CreateObject<PortendTcpTransport>();
    UintegerValue buffer;
    tcp->GetAttribute("BufferSize", buffer);
    const auto segmentBytes = ParseSize(scenario.tcpSegment,
                                        "/tcp_segment",
                                        MIN_SEGMENT_BYTES,
                                        PortendTcpTransport::MAX_SEGMENT_BYTES,
                                        tcp->GetTraits().headers.segmentBytes);
    tcpBufferBytes = ParseSize(scenario.tcpBuffer,
                               "/tcp_buffer",
                               1,
                               PortendTcpTransport::MAX_BUFFER_BYTES,
                               buffer.Get());
    if (!PortendTcpTransport::HasVariant(scenario.tcpVariant))
    {
        std::string list;
        for (const auto& variant : PortendTcpTransport::GetVariants())
        {
            list += (list.empty() ? "" : ", ") + variant;
        }
        PortendFail("/tcp_variant", scenario.tcpVariant, list);
    }
    transport.SetTypeId(PortendUdpTransport::GetTypeId());
    if (scenario.transport == "tcp")
    {
        transport.SetTypeId(PortendTcpTransport::GetTypeId());
        if (scenario.network == "trains")
        {
            const auto refuse = [&](bool is, const std::string& reason) {
                if (is)
                {
                    PortendFail("/network", scenario.network, "packets, or auto, " + reason);
                }
            };
            refuse(losesPackets, LOSS_IS_REFUSED);
            refuse(scenario.queue != "auto",
                   "where queues refuse packets of TCP (--queue): trains send nothing again");
            refuse(!PortendTrainTcpTransport::HasVariant(
                       TypeId::LookupByName("ns3::" + scenario.tcpVariant)),
                   "with " + scenario.tcpVariant + ", which sees more of TCP than trains have");
            transport.SetTypeId(PortendTrainTcpTransport::GetTypeId());
        }
        const PortendScenario defaults;
        if (scenario.tcpVariant != defaults.tcpVariant)
        {
            transport.Set("Variant", StringValue("ns3::" + scenario.tcpVariant));
        }
        if (scenario.tcpWarm != defaults.tcpWarm)
        {
            transport.Set("Warm", BooleanValue(scenario.tcpWarm));
        }
        if (scenario.tcpRestart != defaults.tcpRestart)
        {
            transport.Set("RestartAfterIdle", BooleanValue(scenario.tcpRestart));
        }
        transport.Set("SegmentSize", UintegerValue(segmentBytes));
        transport.Set("BufferSize", UintegerValue(tcpBufferBytes));
    }
    else if (scenario.network == "trains" || scenario.network == "auto")
    {
        transport.SetTypeId(PortendTrainTransport::GetTypeId());
    }
    traits = transport.Create<PortendTransport>()->GetTraits();
    packets = {scenario.mtuBytes,
               traits.headers.packetBytes,
               PortendPath::FRAMING_BYTES,
               traits.headers.messageBytes};
    packets.segmentBytes = traits.headers.segmentBytes;
    if (scenario.queue != "auto")
    {
        queueBytes = PortendParseBytes(scenario.queue, "/queue");
    }
    if (scenario.maxTime != "none")
    {
        maxTime = PortendParseTime(scenario.maxTime, "/max_time");
        if (!maxTime.IsStrictlyPositive())
        {
            PortendFail("/max_time", scenario.maxTime, "none, or a time above 0");
        }
    }
}

uint32_t
PortendNetworkSetup::GetMtu(uint32_t link) const
{
    const auto own = links.at(link).mtuBytes;
    return own > 0 ? own : packets.mtuBytes;
}

std::string
PortendNetworkSetup::GetEngine() const
{
    return traits.usesTrains ? "trains" : "packets";
}

bool
PortendNetworkSetup::CanLose() const
{
    return !traits.isReliable && (losesPackets || queueBytes > 0);
}

void
PortendNetworkSetup::RequireQueues(const std::string& text,
                                   const std::vector<uint64_t>& messageBytes) const
{
    if (queueBytes == 0)
    {
        return;
    }
    const auto require = [&](uint64_t needed, const std::string& reason) {
        if (needed > queueBytes)
        {
            PortendFail("/queue",
                        text,
                        "auto, or at least " + std::to_string(needed) + "B: " + reason);
        }
    };
    auto smallest = packets;
    for (uint32_t j = 0; j < links.size(); ++j)
    {
        smallest.mtuBytes = std::min(smallest.mtuBytes, GetMtu(j));
        if (traits.isReliable) // what the queue refuses is sent again
        {
            const auto packet =
                packets.segmentBytes > 0 ? packets.segmentBytes + packets.headerBytes : GetMtu(j);
            require(std::min(packet, GetMtu(j)) + PortendPath::FRAMING_BYTES, "a full packet");
        }
    }
    for (const auto bytes : messageBytes)
    {
        if (!traits.isReliable)
        {
            require(smallest.GetLinkBytes(bytes),
                    "a message of this deployment has " + std::to_string(bytes) + " bytes and " +
                        std::to_string(smallest.GetFragments(bytes)) + " packets' headers");
        }
    }
}

void
PortendNetworkSetup::NoteFailures(PortendStreamSetup& stream,
                                  const std::vector<uint32_t>& nodes) const
{
    const auto fails = [this](uint32_t node) { return failures.count(node) > 0; };
    stream.meetsFailures = std::any_of(nodes.begin(), nodes.end(), fails);
    if (!stream.meetsFailures)
    {
        return;
    }
    const auto blocks = [](const auto& queue) { return queue.policy == PortendWorker::BLOCK; };
    if (std::any_of(stream.queues.begin(), stream.queues.end(), blocks))
    {
        throw InputError("/queue_policy",
                         "found block where nodes fail; allowed: another policy, as who waits for "
                         "a node that is down would wait for ever");
    }
    if (!stream.fallback.IsZero() && fails(nodes[stream.stream.source]))
    {
        throw InputError(
            "/fallback",
            "found one of a node that fails; allowed: none, or a source that does not");
    }
}

void
PortendStreamSetup::ReadModel(const PortendScenario& scenario, PortendProfileCache& profiles)
{
    m_accuracy = scenario.accuracy;
    model = profiles.GetModel(scenario.profile, scenario.split);
    deployment = portend::Deployment::Parse(scenario.deployment);
    delayModel = PortendChooseDelays(scenario.compute, "/compute");
    rules = GetRules(scenario.rules);
}

void
PortendStreamSetup::ReadRequests(const PortendScenario& scenario)
{
    stream.source = scenario.source;
    stream.destination = scenario.destination;
    stream.sharedCore = scenario.sharedCore;
    stream.Validate(model.blocks);
    deployment.Validate(stream.tiers.size(), model);
    for (const auto& share : portend::EstimateExits(model, deployment, rules))
    {
        isAccuracyKnown = isAccuracyKnown && !std::isnan(share.correct);
    } // which refuses unknown thresholds, too

    // One more than asked for tells that a trace has more.
    const auto most = scenario.samples > 0 ? scenario.samples + 1 : UINT64_MAX;
    makeArrivals = PortendChooseArrivals(scenario.arrival, most, "/arrival");
    auto arrivals = makeArrivals();
    requests = scenario.samples > 0 ? scenario.samples : PortendScenario::DEFAULT_SAMPLES;
    isClosed = arrivals->IsClosed();
    isTrace = arrivals->GetCount() > 0;
    if (isTrace)
    {
        tracedArrivals = arrivals->GetCount();
        requests =
            scenario.samples > 0 ? std::min(scenario.samples, tracedArrivals) : tracedArrivals;
        arrivals->Limit(requests);
    }
    stream.arrivals = arrivals->Describe();
    // The mean of that many arrivals; simulated time ends after 2^63 ns, or 9.2e9 s.
    const bool isOpen = stream.arrivals.ratePerS > 0 && !isTrace;
    if (isOpen && static_cast<double>(requests) / stream.arrivals.ratePerS > 1e9)
    {
        PortendFail("/arrival", scenario.arrival, "arrivals that end within 1e9 seconds");
    }
    if (scenario.timeout != "auto")
    {
        timeout = PortendParseTime(scenario.timeout, "/timeout");
        if (!timeout.IsStrictlyPositive() || !isClosed)
        {
            PortendFail("/timeout",
                        scenario.timeout,
                        "auto, or with closed arrivals a time above 0");
        }
    }
    priority = scenario.priority;
    weight = scenario.weight;
    if (!scenario.deadline.empty() && scenario.deadline != "none")
    {
        deadline = PortendParseTime(scenario.deadline, "/deadline");
        if (!deadline.IsStrictlyPositive())
        {
            PortendFail("/deadline", scenario.deadline, "none, or a time above 0");
        }
    }
    if (!scenario.fallback.empty() && scenario.fallback != "none")
    {
        fallback = PortendParseTime(scenario.fallback, "/fallback");
        if (!fallback.IsStrictlyPositive())
        {
            PortendFail("/fallback", scenario.fallback, "none, or a time above 0");
        }
    }
    if (!scenario.phase.empty())
    {
        SetPhase(scenario.phase);
    }
    makeExits = PortendChooseExits(scenario.exits, model, deployment, "/exits");
    isAccuracyKnown = isAccuracyKnown || DynamicCast<PortendTraceExitModel>(makeExits()) ||
                      DynamicCast<PortendJointExitModel>(makeExits());
}

void
PortendStreamSetup::ReadController(const PortendScenario& scenario)
{
    controller = scenario.controller;
    makeController = PortendChooseController(controller, "/controller");
    if (!makeController)
    {
        return;
    }
    const auto refuse = [&](bool is, const std::string& reason) {
        if (is)
        {
            PortendFail("/controller", controller, "fixed, " + reason);
        }
    };
    refuse(std::any_of(queues.begin(),
                       queues.end(),
                       [](const auto& queue) { return queue.policy == PortendWorker::BLOCK; }),
           "where a full queue blocks (queue_policy): another deployment could block itself");
    if (scenario.exits == "trace")
    {
        makeExits = PortendReplayExits(model);
    }
    const auto exits = makeExits();
    for (const auto block : model.GetBranches())
    {
        refuse(!exits->Knows(block),
               "where exits are those of one deployment (exits " + scenario.exits +
                   "): nothing is known of the branch after block " + std::to_string(block));
    }
    isAccuracyKnown = model.IsAccuracyKnown() || DynamicCast<PortendTraceExitModel>(exits);
    for (uint32_t tier = 0; tier < stream.tiers.size(); ++tier)
    {
        const auto& node = stream.GetNode(tier);
        if (node.memoryBytes > 0 || node.loadBps > 0)
        {
            model.RequireMemory();
        }
        const auto& bytes = model.parameterBytes;
        const double bits = 8.0 * std::accumulate(bytes.begin(), bytes.end(), 0.0);
        if (node.loadBps > 0 && bits / node.loadBps > portend::LONGEST_MS * 1e-3)
        {
            throw InputError("/controller",
                             "loading the model takes tier " + std::to_string(tier) + " " +
                                 portend::ToText(bits / node.loadBps) +
                                 " s; allowed: up to 1000000 s");
        }
    }
}

std::vector<portend::MemoryRoom>
PortendStreamSetup::GetRooms(std::size_t member,
                             const std::map<uint32_t, portend::BlockSet>& others) const
{
    const auto own = GetMember(member);
    auto rooms = portend::GetRooms(own);
    for (auto& room : rooms)
    {
        const auto known = others.find(own.tiers[room.tier].node);
        if (known != others.end())
        {
            room.others = known->second;
        }
    }
    return rooms;
}

std::vector<PortendLedger::WaitPart>
PortendStreamSetup::GetWaitParts() const
{
    std::vector<PortendLedger::WaitPart> parts;
    const auto loads = [this](uint32_t tier) {
        return stream.GetNode(tier).memoryBytes > 0 || stream.GetNode(tier).loadBps > 0;
    };
    bool isLoading = makeController && !makeController()->GetSwitchTime().IsZero();
    for (uint32_t tier = 0; makeController && tier < stream.tiers.size(); ++tier)
    {
        isLoading = isLoading || loads(tier);
    }
    if (IsBatching() || isLoading || !fallback.IsZero())
    {
        parts = {PortendLedger::QUEUE, PortendLedger::BATCH, PortendLedger::BLOCKED};
    }
    if (isLoading)
    {
        parts.push_back(PortendLedger::LOADING);
    }
    if (!fallback.IsZero())
    {
        parts.push_back(PortendLedger::FALLBACK);
    }
    return parts;
}

std::size_t
PortendStreamSetup::GetMostPartitions() const
{
    return std::max(deployment.partitions.size(), makeController ? stream.tiers.size() : 0);
}

void
PortendStreamSetup::SetPhase(const std::string& text)
{
    TimeValue period;
    const auto process = DynamicCast<PortendPeriodicArrivals>(makeArrivals());
    if (!process)
    {
        PortendFail("/phase", text, "with periodic arrivals only");
    }
    process->GetAttribute("Period", period);
    const auto seconds =
        text == "drawn" ? period.Get().GetSeconds() : PortendParseTime(text, "/phase").GetSeconds();
    const std::string name =
        text == "drawn" ? "ns3::UniformRandomVariable" : "ns3::ConstantRandomVariable";
    makeArrivals = [make = makeArrivals, name, seconds]() {
        ObjectFactory factory(name);
        factory.Set(name == "ns3::UniformRandomVariable" ? "Max" : "Constant",
                    DoubleValue(seconds));
        auto arrivals = make();
        arrivals->SetAttribute("Phase", PointerValue(factory.Create<RandomVariableStream>()));
        return arrivals;
    };
}

portend::Stream
PortendStreamSetup::GetMember(std::size_t index) const
{
    auto member = stream;
    if (!members.empty())
    {
        for (std::size_t j = 0; j < member.tiers.size(); ++j)
        {
            member.tiers[j].node = members.at(index)[j];
        }
    }
    return member;
}

std::size_t
PortendStreamSetup::CountMembers() const
{
    return std::max<std::size_t>(members.size(), 1);
}

bool
PortendStreamSetup::IsBatching() const
{
    const auto& tiers = stream.tiers;
    return std::any_of(tiers.begin(), tiers.end(), [this](const auto& tier) {
        return stream.network->GetNodes()[tier.node].batching.max > 1;
    });
}

portend::EstimatorRules
PortendStreamSetup::GetRules(const std::string& name) const
{
    auto found = portend::EstimatorRules::FromName(name);
    found.accuracy = portend::EstimatorRules::AccuracyFromName(m_accuracy);
    if (found.transmission == portend::EstimatorRules::Transmission::EXACT_PACKETS)
    {
        delayModel->Describe(found);
    }
    return found;
}

double
PortendStreamSetup::GetLongestIdleMs() const
{
    double longest = 0;
    const auto idle =
        portend::EstimateDeployment(model, stream, deployment, portend::EstimatorRules::Exact());
    for (const auto& components : idle.exitClass)
    {
        longest = std::max(longest, components.GetTotal());
    }
    return longest;
}

void
PortendStreamSetup::RequireShort() const
{
    const double longest = GetLongestIdleMs();
    if (!(longest <= LONGEST_IDLE_MS))
    {
        std::ostringstream message;
        message << "a request of " << deployment.ToString() << " takes up to " << longest * 1e-3
                << " s on an idle network; allowed: up to " << LONGEST_IDLE_MS * 1e-3 << " s";
        throw InputError("", message.str());
    }
}

void
PortendStreamSetup::RequireReach() const
{
    for (std::size_t index = 0; index < CountMembers(); ++index)
    {
        const auto member = GetMember(index);
        const auto pass = [&member](uint32_t from, uint32_t to) {
            const auto links = member.GetPath(from, to).size();
            if (links > PortendNetworkHelper::MAX_HOPS)
            {
                throw InputError("/deployment",
                                 "from tier " + std::to_string(from) + " to tier " +
                                     std::to_string(to) + " are " + std::to_string(links) +
                                     " links; allowed in a simulation: at most " +
                                     std::to_string(PortendNetworkHelper::MAX_HOPS) +
                                     ", the largest time to live of a packet");
            }
        };
        if (makeController)
        {
            for (uint32_t from = 0; from < member.tiers.size(); ++from)
            {
                for (uint32_t to = 0; to < member.tiers.size(); ++to)
                {
                    pass(from, to);
                }
            }
        }
        auto from = member.source;
        for (const auto& partition : deployment.partitions)
        {
            pass(from, partition.tier);
            pass(partition.tier, member.destination);
            from = partition.tier;
        }
        if (!fallback.IsZero())
        {
            pass(member.source, member.destination);
        }
    }
}

bool
PortendStreamSetup::IsHolding() const
{
    const auto first = deployment.partitions.front().tier;
    return !isClosed && queues[first].policy == PortendWorker::BLOCK;
}

portend::Estimate
PortendStreamSetup::GetEstimate() const
{
    return portend::EstimateDeployment(model, stream, deployment, rules);
}

portend::Estimate
PortendStreamSetup::GetEstimate(const std::string& name) const
{
    return portend::EstimateDeployment(model, stream, deployment, GetRules(name));
}

PortendSetup::PortendSetup(const PortendScenario& scenario)
    : PortendSetup(scenario, *std::make_unique<PortendProfileCache>())
{
}

PortendSetup::PortendSetup(const PortendScenario& scenario, PortendProfileCache& profiles)
    : m_arrivalOrigin(scenario.GetOrigin("/arrival")),
      m_deploymentOrigin(scenario.GetOrigin("/deployment"))
{
    for (std::size_t j = 0; j < scenario.tiers.size(); ++j)
    {
        m_memoryOrigins.push_back(scenario.GetOrigin("/tiers/" + std::to_string(j) + "/memory"));
    }
    if (scenario.world)
    {
        m_world = std::make_shared<PortendWorldSetup>(scenario.GetWorld(), profiles);
        m_index = scenario.stream;
        static_cast<PortendNetworkSetup&>(*this) = *m_world;
        static_cast<PortendStreamSetup&>(*this) = m_world->streams.at(m_index);
        return;
    }
    try
    {
        PortendCheckOptions(scenario);
        ReadModel(scenario, profiles);
        ReadTransport(scenario, scenario.links);
        ReadChain(scenario, profiles);
        hasEnergy = HasEnergy();
        ReadRequests(scenario);
        for (std::size_t j = 0; j < scenario.tiers.size(); ++j)
        {
            queues.push_back(
                PortendParseQueue(scenario.tiers[j], *this, "/tiers/" + std::to_string(j)));
        }
        ReadController(scenario);
        std::vector<uint32_t> nodes(stream.tiers.size());
        std::iota(nodes.begin(), nodes.end(), 0);
        NoteFailures(*this, nodes);
        const PortendHelper fits(model, stream, deployment);
        if (queueBytes > 0)
        {
            RequireQueues(scenario.queue, GetEstimate().messageBytes);
        }
    }
    catch (const InputError& error)
    {
        throw InputError(scenario.GetOrigin(error.GetWhere()), error.what());
    }
}

void
PortendSetup::ReadChain(const PortendScenario& scenario, PortendProfileCache& profiles)
{
    std::vector<portend::ChainTier> tiers;
    for (std::size_t j = 0; j < scenario.tiers.size(); ++j)
    {
        const auto where = "/tiers/" + std::to_string(j);
        const auto& tier = scenario.tiers[j];
        tiers.push_back({PortendGetDevice(profiles, scenario.profile, tier.device, where),
                         PortendParseNode(tier, where)});
        auto& node = tiers.back().node;
        if (tier.power.empty())
        {
            node.power = tiers.back().device->power;
        }
        ReadSupply(j, tier, node.power, where);
        if (!tier.failures.empty())
        {
            failures[j] = PortendChooseFailures(tier.failures, where + "/failures");
        }
    }
    std::vector<portend::Link> chain;
    PortendLinkTraces traces;
    for (uint32_t j = 0; j < scenario.links.size(); ++j)
    {
        const auto where = "/links/" + std::to_string(j);
        const auto& link = scenario.links[j];
        const auto ways = PortendParseLink({link, link}, traces, where);
        links.push_back({j,
                         j + 1,
                         ways[0],
                         ways[1],
                         static_cast<uint16_t>(link.mtuBytes),
                         "link " + std::to_string(j),
                         where});
        chain.push_back(PortendDescribe(ways[0], link.mtuBytes));
    }
    stream = portend::MakeChain(tiers, chain, packets);
    NoteChanges();
    RequirePowers([](uint32_t node) { return "/tiers/" + std::to_string(node); });
}

bool
PortendNetworkSetup::IsChanging() const
{
    const auto changes = [](const PortendNetworkHelper::Direction& direction) {
        return direction.changes && direction.changes->makeProcess;
    };
    return std::any_of(links.begin(), links.end(), [&](const auto& link) {
        return changes(link.up) || changes(link.down);
    });
}

bool
PortendNetworkSetup::HasEnergy() const
{
    return !supplies.empty() || std::any_of(links.begin(), links.end(), [](const auto& link) {
        return link.up.energy.IsKnown() || link.down.energy.IsKnown();
    });
}

void
PortendNetworkSetup::ReadSupply(uint32_t node,
                                const PortendScenario::Tier& tier,
                                const portend::Power& power,
                                const std::string& where)
{
    auto makeBattery = PortendChooseBattery(tier.battery, where + "/battery");
    auto makeHarvester = PortendChooseHarvester(tier.harvester, where + "/harvester");
    if (makeHarvester && !makeBattery)
    {
        PortendFail(where + "/harvester", tier.harvester, "none, where there is no battery");
    }
    if (makeBattery && !tier.failures.empty())
    {
        PortendFail(where + "/failures", tier.failures, "none, where a battery may be empty");
    }
    if (makeBattery)
    {
        failures[node] = []() { return CreateObject<PortendFailures>(); };
    }
    if (makeBattery || power.IsKnown())
    {
        supplies[node] = {power, std::move(makeBattery), std::move(makeHarvester)};
    }
}

void
PortendNetworkSetup::RequirePowers(const std::function<std::string(uint32_t)>& getWhere) const
{
    for (const auto& [node, supply] : supplies)
    {
        const auto number = node;
        const bool hasRadio = std::any_of(links.begin(), links.end(), [number](const auto& link) {
            return (link.from == number || link.to == number) &&
                   (link.up.energy.IsKnown() || link.down.energy.IsKnown());
        });
        if (supply.makeBattery && !supply.power.IsKnown() && !hasRadio)
        {
            throw InputError(getWhere(node) + "/battery",
                             "nothing draws from it; allowed: with the node's power, in the "
                             "scenario (power) or in its profile (power_w)");
        }
    }
}

void
PortendNetworkSetup::NoteChanges()
{
    for (const auto& link : links)
    {
        for (const auto& direction : {link.up, link.down})
        {
            losesPackets = losesPackets || direction.loss.value_or(loss) > 0 || direction.MayLose();
        }
    }
    losesPackets = losesPackets || !failures.empty();
    if (losesPackets && traits.isReliable && traits.usesTrains)
    {
        PortendFail("/network", "trains", "packets, or auto, " + LOSS_IS_REFUSED);
    }
    for (const auto& link : links)
    {
        const auto hasBattery = [this](uint32_t node) {
            const auto supply = supplies.find(node);
            return supply != supplies.end() && supply->second.makeBattery;
        };
        const bool drains = (link.up.energy.IsKnown() || link.down.energy.IsKnown()) &&
                            (hasBattery(link.from) || hasBattery(link.to));
        if (drains && traits.usesTrains)
        {
            PortendFail("/network",
                        "trains",
                        "packets, where radios draw from batteries (" + link.name + ")");
        }
    }
}

std::shared_ptr<const PortendWorldSetup>
PortendSetup::GetWorld() const
{
    if (!m_world)
    {
        return nullptr;
    }
    auto now = std::make_shared<PortendWorldSetup>(*m_world);
    static_cast<PortendNetworkSetup&>(*now) = *this;
    now->streams.at(m_index) = *this;
    return now;
}

std::size_t
PortendSetup::GetStreamIndex() const
{
    return m_index;
}

portend::Estimate
PortendSetup::GetEstimate() const
{
    return GetEstimate(deployment);
}

portend::Estimate
PortendSetup::GetEstimate(const std::string& name) const
{
    return m_world ? m_world->GetEstimate(m_index, deployment, GetRules(name))
                   : PortendStreamSetup::GetEstimate(name);
}

portend::Estimate
PortendSetup::GetEstimate(const portend::Deployment& other) const
{
    return m_world ? m_world->GetEstimate(m_index, other, rules)
                   : portend::EstimateDeployment(model, stream, other, rules);
}

std::vector<portend::MemoryRoom>
PortendSetup::GetRooms() const
{
    return m_world ? m_world->GetRooms(m_index) : GetRooms(0, {});
}

portend::DeploymentSearch
PortendSetup::MakeSearch(const portend::SearchSpace& space) const
{
    if (space.energy && !hasEnergy)
    {
        throw InputError("",
                         "energy is asked for, and no power is known: of nodes (--power, or "
                         "power_w of their profiles) or of links (--link-energy)");
    }
    auto bounded = space;
    bounded.rooms = GetRooms();
    portend::DeploymentSearch search(model, stream, rules, bounded);
    if (m_world)
    {
        search.SetEstimator([this](const auto& other) { return GetEstimate(other); });
    }
    return search;
}

bool
PortendSetup::IsBounded() const
{
    if (m_world)
    {
        return GetWorld()->FindUnbounded().empty();
    }
    return !PortendFindOverload(*this);
}

void
PortendSetup::RequireBounded() const
{
    if (m_world)
    {
        GetWorld()->RequireBounded();
        return;
    }
    const auto overload = PortendFindOverload(*this);
    if (!overload)
    {
        return;
    }
    const auto& [station, ratePerS] = *overload;
    std::ostringstream message;
    message << ratePerS << " requests per second "
            << (ratePerS < stream.arrivals.ratePerS ? "get through and " : "")
            << "are too many for " << station.name << ", its work alone takes "
            << station.GetUtilization(ratePerS) << " s each second; allowed: below "
            << station.GetSaturationPerS()
            << " per second, or a bounded queue there (--queue-limit, --queue-policy), or "
               "--max-time";
    throw InputError(m_arrivalOrigin, message.str());
}

void
PortendSetup::RequireSimulable() const
{
    GetEstimate(); // refuses what lacks timings
    RequireShort();
    RequireMemory(deployment);
    try
    {
        RequireReach();
    }
    catch (const InputError& error)
    {
        throw InputError(m_deploymentOrigin, error.what());
    }
}

void
PortendSetup::RequireMemory(const portend::Deployment& other) const
{
    if (!PortendIsBounded(*stream.network))
    {
        return;
    }
    if (m_world)
    {
        auto world = *m_world;
        world.streams.at(m_index).deployment = other;
        world.RequireMemory();
        return;
    }
    PortendStreamSetup own = *this;
    own.deployment = other;
    const auto label = [](uint32_t node) { return "tier " + std::to_string(node); };
    const auto origin = [this](uint32_t node) { return m_memoryOrigins.at(node); };
    PortendRequireMemory({&own}, *stream.network, label, origin);
}

portend::QueueingNetwork
PortendSetup::GetNetwork() const
{
    if (m_world)
    {
        return GetWorld()->GetNetwork();
    }
    return portend::QueueingNetwork(model, stream, deployment, GetRules("queueing"));
}

} // namespace ns3
