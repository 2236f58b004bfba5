/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-setup.h"

#include "portend-choices.h"
#include "portend-option.h"
#include "portend-overload.h"
#include "portend-profile-loader.h"
#include "portend-text.h"

#include "ns3/portend-network-helper.h"
#include "ns3/portend-path.h"
#include "ns3/portend-tcp-transport.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <sstream>

namespace ns3
{

namespace
{

using portend::InputError;

/// Longest time that a request may take alone: three years, one part in a hundred of what
/// simulated time can hold.
constexpr double LONGEST_IDLE_MS = 1e11;

/**
 * @brief Understand the queue of a tier.
 * @param tier the tier
 * @param where its JSON pointer
 * @return the queue
 */
PortendHelper::Queue
ParseQueue(const PortendScenario::Tier& tier, const std::string& where)
{
    PortendHelper::Queue queue;
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
    return queue;
}

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

PortendSetup::PortendSetup(const PortendScenario& scenario)
    : PortendSetup(scenario, *std::make_unique<PortendProfileCache>())
{
}

PortendSetup::PortendSetup(const PortendScenario& scenario, PortendProfileCache& profiles)
    : requests(scenario.samples > 0 ? scenario.samples : PortendScenario::DEFAULT_SAMPLES),
      tcpWarm(scenario.tcpWarm),
      tcpRestart(scenario.tcpRestart),
      loss(scenario.loss),
      seed(scenario.seed),
      run(scenario.run),
      m_accuracy(scenario.accuracy),
      m_arrivalOrigin(scenario.GetOrigin("/arrival")),
      m_deploymentOrigin(scenario.GetOrigin("/deployment"))
{
    try
    {
        PortendCheckOptions(scenario);
        model = profiles.GetModel(scenario.profile, scenario.split);
        deployment = portend::Deployment::Parse(scenario.deployment);
        delayModel = PortendChooseDelays(scenario.compute, "/compute");
        rules = GetRules(scenario.rules);

        std::vector<portend::ChainTier> tiers;
        for (std::size_t j = 0; j < scenario.tiers.size(); ++j)
        {
            const auto& tier = scenario.tiers[j];
            std::shared_ptr<const portend::DeviceProfile> device;
            try
            {
                device = profiles.GetDevice(scenario.profile, tier.device);
            }
            catch (const InputError& error)
            {
                const auto& where = error.GetWhere();
                throw InputError(where.empty() ? "/tiers/" + std::to_string(j) + "/device" : where,
                                 error.what());
            }
            const auto overhead =
                PortendParseTime(tier.overhead, "/tiers/" + std::to_string(j) + "/overhead");
            tiers.push_back({device,
                             {tier.computeFactor,
                              tier.serializationFactor,
                              overhead.GetNanoSeconds() * 1e-6,
                              tier.servers}});
        }
        std::vector<portend::Link> links;
        for (std::size_t j = 0; j < scenario.links.size(); ++j)
        {
            const auto where = "/links/" + std::to_string(j);
            const auto& link = scenario.links[j];
            bandwidths.push_back(PortendParseBandwidth(link.bandwidth, where + "/bandwidth"));
            delays.push_back(PortendParseTime(link.delay, where + "/delay"));
            links.push_back({static_cast<double>(bandwidths.back().GetBitRate()),
                             delays.back().GetNanoSeconds() * 1e-6,
                             link.mtuBytes});
        }
        isTcp = scenario.transport == "tcp";
        const auto headers = isTcp ? PortendPath::TCP_HEADERS : PortendPath::UDP_HEADERS;
        portend::PacketFormat packets{scenario.mtuBytes,
                                      headers.packetBytes,
                                      PortendPath::FRAMING_BYTES,
                                      headers.messageBytes};
        // Attributes of the transport may be set, too; what the scenario says goes before them.
        const auto tcp = CreateObject<PortendTcpTransport>();
        UintegerValue buffer;
        tcp->GetAttribute("BufferSize", buffer);
        const auto segmentBytes = ParseSize(scenario.tcpSegment,
                                            "/tcp_segment",
                                            MIN_SEGMENT_BYTES,
                                            PortendTcpTransport::MAX_SEGMENT_BYTES,
                                            tcp->GetTraits().headers.segmentBytes);
        packets.segmentBytes = isTcp ? segmentBytes : 0;
        tcpBufferBytes = ParseSize(scenario.tcpBuffer,
                                   "/tcp_buffer",
                                   1,
                                   PortendTcpTransport::MAX_BUFFER_BYTES,
                                   buffer.Get());
        stream = portend::MakeChain(tiers, links, packets);
        stream.source = scenario.source;
        stream.destination = scenario.destination;
        stream.sharedCore = scenario.sharedCore;
        stream.Validate(model.blocks);
        deployment.Validate(tiers.size(), model);
        for (const auto& share : portend::EstimateExits(model, deployment, rules))
        {
            isAccuracyKnown = isAccuracyKnown && !std::isnan(share.correct);
        } // which refuses unknown thresholds, too

        if (!PortendTcpTransport::HasVariant(scenario.tcpVariant))
        {
            std::string list;
            for (const auto& variant : PortendTcpTransport::GetVariants())
            {
                list += (list.empty() ? "" : ", ") + variant;
            }
            PortendFail("/tcp_variant", scenario.tcpVariant, list);
        }
        tcpVariant = "ns3::" + scenario.tcpVariant;

        // One more than asked for tells that a trace has more.
        const auto most = scenario.samples > 0 ? scenario.samples + 1 : UINT64_MAX;
        makeArrivals = PortendChooseArrivals(scenario.arrival, most, "/arrival");
        auto arrivals = makeArrivals();
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

        if (scenario.maxTime != "none")
        {
            maxTime = PortendParseTime(scenario.maxTime, "/max_time");
            if (!maxTime.IsStrictlyPositive())
            {
                PortendFail("/max_time", scenario.maxTime, "none, or a time above 0");
            }
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
        for (std::size_t j = 0; j < scenario.tiers.size(); ++j)
        {
            queues.push_back(ParseQueue(scenario.tiers[j], "/tiers/" + std::to_string(j)));
            // What UDP loses on the way would keep its place for ever.
            if (queues.back().policy == PortendWorker::BLOCK && !isTcp &&
                (loss > 0 || scenario.queue != "auto"))
            {
                PortendFail("/tiers/" + std::to_string(j) + "/queue_policy",
                            scenario.tiers[j].queuePolicy,
                            "another policy, or --transport=tcp, where messages can be lost");
            }
        }

        const PortendHelper fits(model, stream, deployment);
        makeExits = PortendChooseExits(scenario.exits, model, deployment, "/exits");
        isAccuracyKnown = isAccuracyKnown || DynamicCast<PortendTraceExitModel>(makeExits()) ||
                          DynamicCast<PortendJointExitModel>(makeExits());

        if (scenario.queue != "auto")
        {
            queueBytes = PortendParseBytes(scenario.queue, "/queue");
            const auto require = [&](uint64_t needed, const std::string& reason) {
                if (needed > queueBytes)
                {
                    PortendFail("/queue",
                                scenario.queue,
                                "auto, or at least " + std::to_string(needed) + "B: " + reason);
                }
            };
            if (isTcp) // what the queue refuses is sent again
            {
                for (uint32_t j = 0; j < links.size(); ++j)
                {
                    const auto packet =
                        segmentBytes > 0 ? segmentBytes + headers.packetBytes : GetMtu(j);
                    require(std::min(packet, GetMtu(j)) + PortendPath::FRAMING_BYTES,
                            "a full packet");
                }
                return;
            }
            const auto messages = portend::EstimateDeployment(model, stream, deployment, rules);
            for (uint32_t j = 0; j < links.size(); ++j)
            {
                packets.mtuBytes = std::min(packets.mtuBytes, GetMtu(j));
            }
            for (const auto bytes : messages.messageBytes)
            {
                require(packets.GetLinkBytes(bytes),
                        "a message of this deployment has " + std::to_string(bytes) +
                            " bytes and " + std::to_string(packets.GetFragments(bytes)) +
                            " packets' headers");
            }
        }
    }
    catch (const InputError& error)
    {
        throw InputError(scenario.GetOrigin(error.GetWhere()), error.what());
    }
}

uint32_t
PortendSetup::GetMtu(uint32_t link) const
{
    const auto own = stream.network->GetLinks().at(2 * link).link.mtuBytes; // the same both ways
    return own > 0 ? own : stream.network->GetPackets().mtuBytes;
}

portend::EstimatorRules
PortendSetup::GetRules(const std::string& name) const
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
PortendSetup::GetLongestIdleMs() const
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
PortendSetup::RequireShort() const
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

bool
PortendSetup::IsHolding() const
{
    const auto first = deployment.partitions.front().tier;
    return !isClosed && queues[first].policy == PortendWorker::BLOCK;
}

bool
PortendSetup::IsBounded() const
{
    return !PortendFindOverload(*this);
}

void
PortendSetup::RequireBounded() const
{
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
    uint32_t from = stream.source;
    const auto pass = [&](uint32_t to) {
        const auto hops = std::max(from, to) - std::min(from, to);
        if (hops > PortendNetworkHelper::MAX_HOPS)
        {
            throw InputError(m_deploymentOrigin,
                             "from tier " + std::to_string(from) + " to tier " +
                                 std::to_string(to) + " are " + std::to_string(hops) +
                                 " links; allowed in a simulation: at most " +
                                 std::to_string(PortendNetworkHelper::MAX_HOPS) +
                                 ", the largest time to live of a packet");
        }
    };
    for (const auto& partition : deployment.partitions)
    {
        pass(partition.tier);
        from = partition.tier;
        pass(stream.destination);
    }
}

portend::QueueingNetwork
PortendSetup::GetNetwork() const
{
    return portend::QueueingNetwork(model, stream, deployment, GetRules("queueing"));
}

portend::Estimate
PortendSetup::GetEstimate() const
{
    return portend::EstimateDeployment(model, stream, deployment, rules);
}

portend::Estimate
PortendSetup::GetEstimate(const std::string& name) const
{
    return portend::EstimateDeployment(model, stream, deployment, GetRules(name));
}

} // namespace ns3
