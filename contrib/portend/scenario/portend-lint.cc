/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-lint.h"

#include "portend-text.h"

#include "ns3/portend-exit-model.h"
#include "ns3/portend-path.h"
#include "ns3/portend-tcp-transport.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <set>
#include <sstream>
#include <utility>

namespace ns3
{

namespace
{

/// 97.5 % of the normal distribution lie below: half-widths of 95 % intervals in standard errors.
constexpr double Z_95 = 1.959964;

/// The largest message that a deployment sends from one tier to another.
struct Way
{
    uint32_t from;  //!< tier that sends
    uint32_t to;    //!< another tier, which receives
    uint64_t bytes; //!< size of the message
};

/**
 * @brief Write a whole number of bytes.
 * @param bytes the number
 * @return such as `1500 B`
 */
std::string
InBytes(uint64_t bytes)
{
    return std::to_string(bytes) + " B";
}

/**
 * @brief Write a share.
 * @param share the share
 * @return such as `3.04 %`
 */
std::string
InPercent(double share)
{
    std::ostringstream text;
    text.precision(3);
    text << share * 100 << " %";
    return text.str();
}

/**
 * @brief Average repeated timings.
 * @param repeatsMs the timings
 * @return their mean
 */
double
GetMeanMs(const std::vector<double>& repeatsMs)
{
    return portend::SummarizeRepeats(repeatsMs, portend::EstimatorRules::Repeats::MEAN);
}

/**
 * @brief Name a way.
 * @param way the way
 * @return its ends
 */
std::string
Describe(const Way& way)
{
    return "from tier " + std::to_string(way.from) + " to tier " + std::to_string(way.to);
}

/// The checks of one scenario.
class Checks
{
  public:
    /// Says where a value came from, by its JSON pointer.
    using Origin = std::function<std::string(const std::string& where)>;

    /**
     * @brief Constructor.
     * @param scenario what the user asks for
     * @param origin says where its values came from
     * @param network links and transport
     * @param setup the stream
     */
    Checks(const PortendScenario& scenario,
           const Origin& origin,
           const PortendNetworkSetup& network,
           const PortendStreamSetup& setup)
        : m_scenario(scenario),
          m_getOrigin(origin),
          m_network(network),
          m_setup(setup),
          m_estimate(setup.GetEstimate("exact"))
    {
        const auto& partitions = setup.deployment.partitions;
        const auto& bytes = m_estimate.messageBytes;
        AddWay(setup.stream.source, partitions[0].tier, bytes[0]);
        for (std::size_t k = 0; k < partitions.size(); ++k)
        {
            if (k + 1 < partitions.size())
            {
                AddWay(partitions[k].tier, partitions[k + 1].tier, bytes[k + 1]);
            }
            AddWay(partitions[k].tier, setup.stream.destination, bytes.back());
        }
    }

    /// TCP can have no more under way than its buffer holds until it is acknowledged.
    void CheckTcpBuffer()
    {
        const auto transport =
            DynamicCast<PortendTcpTransport>(m_network.transport.Create<PortendTransport>());
        if (!transport)
        {
            return;
        }
        uint64_t largest = 0;
        for (const auto& way : m_ways)
        {
            largest = std::max(largest, way.bytes);
        }
        double worst = 1;
        std::string text;
        for (const auto& way : m_ways)
        {
            const auto route = GetRoute(way);
            const double buffer = transport->GetBuffer(route, largest);
            const double needed =
                std::ceil(PortendTcpTransport::GetSufficientBuffer(route, way.bytes));
            if (buffer / needed < worst)
            {
                worst = buffer / needed;
                text = "the buffer for sending has " + InBytes(buffer) + ", less than the " +
                       InBytes(needed) +
                       " of two bandwidth-delay products and the largest message " + Describe(way) +
                       ": a full buffer waits for acknowledgments (measured: with 128 KiB, 600 kB "
                       "over 100 Mb/s and 60 ms took 3.3 times as long); " +
                       (m_network.tcpBufferBytes > 0 ? "--tcp-buffer=auto limits nothing"
                                                     : "TCP can announce no larger window");
            }
        }
        if (!text.empty())
        {
            Add("tcp-buffer",
                m_network.tcpBufferBytes > 0
                    ? GetTcpOrigin("/tcp_buffer", m_scenario.tcpBuffer, "BufferSize")
                    : m_getOrigin("/links"),
                text);
        }
    }

    /// Where nothing is sent again, PortendNetworkSetup refuses what this check finds.
    void CheckQueue()
    {
        if (!m_network.traits.isReliable || m_network.queueBytes == 0)
        {
            return;
        }
        uint64_t largest = 0;
        for (const auto& way : m_ways)
        {
            const auto onLinks =
                portend::EstimateLinkBytes(way.bytes,
                                           m_setup.stream.GetLinks(way.from, way.to),
                                           m_setup.stream.network->GetPackets());
            largest = std::max(largest, *std::max_element(onLinks.begin(), onLinks.end()));
        }
        if (largest > m_network.queueBytes)
        {
            Add("queue",
                m_getOrigin("/queue"),
                "a device queue of " + InBytes(m_network.queueBytes) +
                    " cannot hold the largest message, " + InBytes(largest) +
                    " on the link: packets are lost, and retransmission timeouts of a second "
                    "follow (measured: with 150 kB, 600 kB over 100 Mb/s and 60 ms took 3.4 times "
                    "as long); --queue=auto loses none");
        }
    }

    /// A segment should fill the MTU, of the sender's link or of the whole route.
    void CheckTcpSegment()
    {
        const auto segment = m_setup.stream.network->GetPackets().segmentBytes;
        if (segment == 0)
        {
            return;
        }
        const auto packet = segment + PortendPath::TCP_HEADERS.packetBytes;
        for (const auto& way : m_ways)
        {
            const auto mtus = GetMtus(way);
            const auto smallest = *std::min_element(mtus.begin(), mtus.end());
            const bool isOne = way.bytes + PortendPath::TCP_HEADERS.messageBytes <= segment;
            if (packet == mtus.front() || packet == smallest ||
                (isOne && GetLargestPacket(way) <= mtus.front()))
            {
                continue;
            }
            const auto right = smallest - PortendPath::TCP_HEADERS.packetBytes;
            const std::string consequence =
                segment < right
                    ? "more headers, and a window that grows by smaller steps (measured: in "
                      "segments of 536 instead of 1448 B, 600 kB over 100 Mb/s and 60 ms took 2.8 "
                      "times as long with a loss of 0.1 %)"
                    : "IP cuts them, and a lost piece loses the segment (measured: in segments of "
                      "8948 instead of 1448 B, 600 kB over 10 Mb/s took 3.8 times as long with a "
                      "loss of 2 %)";
            Add("tcp-segment",
                GetTcpOrigin("/tcp_segment", m_scenario.tcpSegment, "SegmentSize"),
                "segments of " + InBytes(segment) + " do not match the MTU of " +
                    InBytes(smallest) + " " + Describe(way) + ", for which " + InBytes(right) +
                    " are right: " + consequence + "; --tcp-segment=auto fills the MTU");
            return;
        }
    }

    /// Packets are made for the first link of a route, and cut for those that take less.
    void CheckMtu()
    {
        for (const auto& way : m_ways)
        {
            const auto mtus = GetMtus(way);
            const auto packet = GetLargestPacket(way);
            if (packet > mtus.front()) // of the sender's own choice: CheckTcpSegment()
            {
                continue;
            }
            const auto small =
                std::find_if(mtus.begin(), mtus.end(), [&](auto mtu) { return packet > mtu; });
            if (small == mtus.end())
            {
                continue;
            }
            const auto path = m_setup.stream.GetPath(way.from, way.to);
            const auto& first = m_network.links[path.front() / 2];
            const auto& link = m_network.links[path[small - mtus.begin()] / 2];
            Add("mtu",
                m_getOrigin(link.where + "/mtu_bytes"),
                "packets of " + InBytes(packet) + ", made for the MTU of " + first.name +
                    ", are cut for the " + InBytes(*small) + " of " + link.name + " " +
                    Describe(way) +
                    ": a lost piece loses the packet (measured: 600 kB over TCP and 10 Mb/s took "
                    "4.4 times as long with a loss of 2 % as with an MTU of 9000 B on both links, "
                    "and 1.5 times as long as with 1500 B); give all links one MTU");
            return;
        }
    }

    /// Where nothing bounds the queues, PortendSetup::RequireBounded() refuses what this finds.
    void CheckLoad()
    {
        const auto rate = m_setup.stream.arrivals.ratePerS;
        const portend::QueueingNetwork network(m_setup.model,
                                               m_setup.stream,
                                               m_setup.deployment,
                                               m_setup.GetRules("queueing"));
        const auto* station = network.FindBottleneck();
        if (!station || station->GetUtilization(rate) < 1)
        {
            return;
        }
        std::ostringstream text;
        text
            << rate << " requests per second are a load of " << station->GetUtilization(rate)
            << " for " << station->name
            << ": its queue grows as long as it may, and the latency with it (measured: 5000 "
               "requests at a load of 1.06 took 27.5 times as long as at 0.88); it is stable below "
            << station->GetSaturationPerS() << " per second";
        Add("load", m_getOrigin("/arrival"), text.str());
    }

    /// The rules that count waiting know one order only; a stream alone has no other.
    void CheckScheduler()
    {
        if (!m_setup.rules.waiting)
        {
            return;
        }
        for (std::size_t j = 0; j < m_setup.queues.size(); ++j)
        {
            const auto& make = m_setup.queues[j].makeScheduler;
            if (make && !DynamicCast<PortendBatchScheduler>(make()))
            {
                Add("scheduler",
                    m_getOrigin("/tiers/" + std::to_string(j) + "/scheduler"),
                    "the rules queueing count waiting as first come, first served, which tier " +
                        std::to_string(j) +
                        " does not do: with work alike for all, the mean over all streams is the "
                        "same, that of each is not");
                return;
            }
        }
    }

    /// Batches should gain something, by times that make sense, and fill.
    void CheckBatches()
    {
        for (const auto& partition : m_setup.deployment.partitions)
        {
            const auto text = FindBatchFault(partition);
            if (!text.empty())
            {
                const auto tier = std::to_string(partition.tier);
                Add("batch", m_getOrigin("/tiers/" + tier + "/scheduler"), text);
                return;
            }
        }
    }

    /// A trace of arrivals may be longer or shorter than what is asked for.
    void CheckArrivals()
    {
        const auto traced = m_setup.tracedArrivals;
        const auto asked = m_scenario.samples;
        if (traced == 0 || asked == 0 || asked == traced)
        {
            return;
        }
        Add("arrivals",
            m_getOrigin("/samples"),
            std::to_string(asked) + " requests are asked for, the trace has " +
                (asked < traced ? "more arrivals, which are left out"
                                : "only " + std::to_string(traced) + " arrivals") +
                "; without --samples all of it is simulated");
    }

    /// A trace of exits begins again when it ends.
    void CheckExits()
    {
        const auto trace = DynamicCast<PortendTraceExitModel>(m_setup.makeExits());
        if (!trace || trace->CountSamples() == m_setup.requests)
        {
            return;
        }
        const auto traced = trace->CountSamples();
        Add("exits",
            m_getOrigin("/exits"),
            "the trace has " + std::to_string(traced) + " samples for " +
                std::to_string(m_setup.requests) + " requests: " +
                (traced < m_setup.requests
                     ? "it begins again after its end"
                     : "only the first " + std::to_string(m_setup.requests) + " are used"));
    }

    /**
     * @brief The interval of a mean narrows with the square root of the samples.
     * @param precision relative half-width that is wanted
     */
    void CheckSamples(double precision)
    {
        // The others are drawn with other shares, or not one by one.
        if (m_scenario.exits != "nested")
        {
            return;
        }
        const double mean = m_estimate.GetLatencyMs();
        double variance = 0;
        for (std::size_t k = 0; k < m_estimate.exitClass.size(); ++k)
        {
            const double deviation = m_estimate.exitClass[k].GetTotal() - mean;
            variance += m_estimate.exitRates[k] * deviation * deviation;
        }
        const double samples = m_setup.requests;
        const double halfWidth = Z_95 * std::sqrt(variance / samples);
        if (halfWidth <= precision * mean)
        {
            return;
        }
        const double needed = std::ceil(variance * std::pow(Z_95 / (precision * mean), 2));
        Add("samples",
            m_getOrigin("/samples"),
            std::to_string(m_setup.requests) +
                " samples give the mean latency a 95 % interval of +/- " +
                InPercent(halfWidth / mean) + " or more, by the spread between exits, not +/- " +
                InPercent(precision) + ", which takes " +
                std::to_string(static_cast<uint64_t>(needed)) + " samples");
    }

    /**
     * @brief Get what was found.
     * @return the findings
     */
    std::vector<PortendFinding> Take()
    {
        return std::move(m_findings);
    }

  private:
    /**
     * @brief Note a message, unless a larger one goes the same way.
     * @param from tier that sends
     * @param to tier that receives
     * @param bytes size of the message
     */
    void AddWay(uint32_t from, uint32_t to, uint64_t bytes)
    {
        if (from == to)
        {
            return;
        }
        const auto same = std::find_if(m_ways.begin(), m_ways.end(), [&](const Way& way) {
            return way.from == from && way.to == to;
        });
        if (same == m_ways.end())
        {
            m_ways.push_back({from, to, bytes});
        }
        else
        {
            same->bytes = std::max(same->bytes, bytes);
        }
    }

    /**
     * @brief Look at the batches of a partition.
     * @param partition the partition
     * @return what is wrong with them; empty if nothing is, or it has none
     */
    std::string FindBatchFault(const portend::Partition& partition) const
    {
        const auto tier = partition.tier;
        const auto max = m_setup.stream.GetNode(tier).batching.max;
        if (max == 1)
        {
            return "";
        }
        const auto limit = m_setup.queues[tier].limit;
        if (limit > 0 && limit < max)
        {
            return "no more than " + std::to_string(limit) + " tensors may wait: a batch of " +
                   std::to_string(max) + " never fills";
        }
        const auto& device = *m_setup.stream.tiers[tier].device;
        const auto name = "partition " + std::to_string(partition.first) + "-" +
                          std::to_string(partition.last) + " on " + device.name;
        const auto& batchMs = device.GetBatchMs(partition.first, partition.last);
        if (batchMs.empty())
        {
            return m_setup.stream.GetBatchFixedShare(tier) > 0
                       ? ""
                       : "b tensors for " + name +
                             " take b times as long as one: batches gain nothing; give the "
                             "profile times of batches (batch_compute_ms), or the share of a "
                             "computation that a batch pays once (--batch-fixed-share)";
        }
        if (batchMs.rbegin()->first < max)
        {
            return "batches of " + name + " were measured up to " +
                   std::to_string(batchMs.rbegin()->first) + ": those of " + std::to_string(max) +
                   " are taken to need as much longer as they are larger";
        }
        uint32_t before = 1;
        double beforeMs = GetMeanMs(device.GetComputeMs(partition.first, partition.last));
        for (const auto& [size, repeatsMs] : batchMs)
        {
            const double ms = GetMeanMs(repeatsMs);
            if (ms < beforeMs)
            {
                return "a batch of " + std::to_string(size) + " takes " + portend::ToText(ms) +
                       " ms for " + name + ", one of " + std::to_string(before) + " " +
                       portend::ToText(beforeMs) + " ms: measured times fall with the size";
            }
            before = size;
            beforeMs = ms;
        }
        return "";
    }

    /**
     * @brief List the MTUs on a way.
     * @param way the way
     * @return MTUs in the order of travel
     */
    std::vector<uint32_t> GetMtus(const Way& way) const
    {
        std::vector<uint32_t> mtus;
        for (const auto arc : m_setup.stream.GetPath(way.from, way.to))
        {
            mtus.push_back(m_network.GetMtu(arc / 2)); // both ways follow each other
        }
        return mtus;
    }

    /**
     * @brief Get a way as TCP sees it.
     * @param way the way
     * @return the route
     */
    PortendPath GetRoute(const Way& way) const
    {
        PortendPath route(PortendPath::TCP_HEADERS);
        for (const auto arc : m_setup.stream.GetPath(way.from, way.to))
        {
            const auto& link = m_network.links[arc / 2];
            const auto& direction = arc % 2 == 0 ? link.up : link.down;
            route.AddLink(direction.bandwidth, direction.delay, m_network.GetMtu(arc / 2));
        }
        return route;
    }

    /**
     * @brief Get the size of a message's largest packet, where it is sent.
     * @param way the way of the message
     * @return bytes, with the IP header
     */
    uint64_t GetLargestPacket(const Way& way) const
    {
        auto packets = m_setup.stream.network->GetPackets();
        packets.mtuBytes = GetMtus(way).front();
        const auto onLink = packets.GetFragments(way.bytes) > 1
                                ? packets.GetFullPacketBytes()
                                : packets.GetLastPacketBytes(way.bytes);
        return onLink - packets.framingBytes;
    }

    /**
     * @brief Say where a setting of TCP came from.
     * @param pointer its JSON pointer
     * @param text its value in the scenario
     * @param attribute of the transport, which holds if the scenario leaves the setting open
     * @return option or file and pointer, or the attribute
     */
    std::string GetTcpOrigin(const std::string& pointer,
                             const std::string& text,
                             const std::string& attribute) const
    {
        return text == "auto" ? "ns3::PortendTcpTransport::" + attribute : m_getOrigin(pointer);
    }

    /**
     * @brief Note a finding.
     * @param check name of the check
     * @param where option or file, and JSON pointer
     * @param text what is wrong
     */
    void Add(const std::string& check, const std::string& where, const std::string& text)
    {
        const auto& name = m_setup.stream.name;
        m_findings.push_back({check, where, (name.empty() ? "" : name + ": ") + text});
    }

    const PortendScenario& m_scenario;      //!< what the user asks for
    Origin m_getOrigin;                     //!< says where its values came from
    const PortendNetworkSetup& m_network;   //!< links and transport
    const PortendStreamSetup& m_setup;      //!< the stream
    portend::Estimate m_estimate;           //!< by the exact rules
    std::vector<Way> m_ways;                //!< of all messages
    std::vector<PortendFinding> m_findings; //!< so far
};

/**
 * @brief Say which batches the rules `queueing` do not know.
 * @param network the stations
 * @param where option or file that asks for the rules
 * @param findings gets the first
 */
void
CheckUnknownBatches(const portend::QueueingNetwork& network,
                    const std::string& where,
                    std::vector<PortendFinding>& findings)
{
    for (const auto& station : network.GetStations())
    {
        if (!station.reason.empty())
        {
            findings.push_back(
                {"batch",
                 where,
                 station.reason + ": the rules queueing do not estimate how long they wait"});
            return;
        }
    }
}

/**
 * @brief A node loads blocks only where a controller deploys anew.
 * @param streams all of them
 * @param getOrigin says which option or file gave a node, by number, what it loads at
 * @param findings gets the first
 */
void
CheckLoading(const std::vector<const PortendStreamSetup*>& streams,
             const std::function<std::string(uint32_t node)>& getOrigin,
             std::vector<PortendFinding>& findings)
{
    const auto& nodes = streams.front()->stream.network->GetNodes();
    std::set<uint32_t> controlled;
    for (const auto* stream : streams)
    {
        for (std::size_t member = 0; stream->makeController && member < stream->CountMembers();
             ++member)
        {
            for (const auto& tier : stream->GetMember(member).tiers)
            {
                controlled.insert(tier.node);
            }
        }
    }
    for (uint32_t node = 0; node < nodes.size(); ++node)
    {
        if (nodes[node].loadBps > 0 && controlled.count(node) == 0)
        {
            findings.push_back({"memory",
                                getOrigin(node),
                                nodes[node].name +
                                    " loads nothing: no controller deploys streams anew there, and "
                                    "what they are deployed as is there when they begin"});
            return;
        }
    }
}

} // namespace

std::vector<PortendFinding>
PortendLint(const PortendScenario& scenario, const PortendSetup& setup, double precision)
{
    if (scenario.world)
    {
        return PortendLint(scenario.GetWorld(), *setup.GetWorld(), precision);
    }
    const auto origin = [&](const std::string& where) { return scenario.GetOrigin(where); };
    Checks checks(scenario, origin, setup, setup);
    checks.CheckTcpBuffer();
    checks.CheckQueue();
    checks.CheckTcpSegment();
    checks.CheckMtu();
    checks.CheckLoad();
    checks.CheckBatches();
    checks.CheckArrivals();
    checks.CheckExits();
    if (precision > 0)
    {
        checks.CheckSamples(precision);
    }
    auto findings = checks.Take();
    CheckLoading(
        {&setup},
        [&](uint32_t node) { return origin("/tiers/" + std::to_string(node) + "/load_bandwidth"); },
        findings);
    if (setup.rules.waiting)
    {
        CheckUnknownBatches(setup.GetNetwork(), scenario.GetOrigin("/rules"), findings);
    }
    return findings;
}

std::vector<PortendFinding>
PortendLint(const PortendWorld& world, const PortendWorldSetup& setup, double precision)
{
    std::vector<PortendFinding> findings;
    for (std::size_t i = 0; i < setup.streams.size(); ++i)
    {
        const auto origin = [&](const std::string& where) { return world.GetOrigin(i, where); };
        Checks checks(world.streams[i].options, origin, setup, setup.streams[i]);
        checks.CheckTcpBuffer();
        checks.CheckQueue();
        checks.CheckTcpSegment();
        checks.CheckMtu();
        checks.CheckScheduler();
        checks.CheckBatches();
        checks.CheckArrivals();
        checks.CheckExits();
        if (precision > 0)
        {
            checks.CheckSamples(precision);
        }
        const auto own = checks.Take();
        findings.insert(findings.end(), own.begin(), own.end());
    }
    std::vector<const PortendStreamSetup*> streams;
    for (const auto& stream : setup.streams)
    {
        streams.push_back(&stream);
    }
    CheckLoading(
        streams,
        [&setup](uint32_t node) { return setup.nodes[node].loadOrigin; },
        findings);
    const auto network = setup.GetNetwork();
    const auto isWaiting = [](const auto& stream) { return stream.rules.waiting; };
    if (std::any_of(setup.streams.begin(), setup.streams.end(), isWaiting))
    {
        CheckUnknownBatches(network, world.GetFile(), findings);
    }
    const auto* station = network.FindBottleneck();
    if (station && station->GetUtilization() >= 1)
    {
        std::ostringstream text;
        text << station->name << " has work for " << station->GetUtilization()
             << " s each second: its queue grows as long as it may, and latencies with it";
        findings.push_back({"load", world.GetFile(), text.str()});
    }
    return findings;
}

} // namespace ns3
