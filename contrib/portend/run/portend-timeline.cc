/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-timeline.h"

#include "ns3/assert.h"
#include "ns3/pointer.h"
#include "ns3/portend-json.h"
#include "ns3/portend-server.h"
#include "ns3/portend-sink.h"
#include "ns3/portend-source.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <iomanip>
#include <sstream>
#include <utility>

namespace ns3
{

namespace
{

/// A time as trace events have it: microseconds, with all digits of the nanoseconds.
struct Microseconds
{
    Time time; //!< the time, not negative
};

/**
 * @brief Write a time.
 * @param os where to
 * @param microseconds the time
 * @return where to
 */
std::ostream&
operator<<(std::ostream& os, const Microseconds& microseconds)
{
    // A double would lose the nanoseconds after 104 days.
    const auto ns = microseconds.time.GetNanoSeconds();
    return os << ns / 1000 << "." << std::setfill('0') << std::setw(3) << ns % 1000;
}

/**
 * @brief Get how many requests a server takes at once.
 * @param server the server
 * @return number of its servers
 */
uint32_t
GetServers(const Ptr<PortendServer>& server)
{
    UintegerValue servers;
    server->GetAttribute("Servers", servers);
    return servers.Get();
}

/**
 * @brief Get how many requests an application takes at once if it shares no server.
 * @tparam T type of the application
 * @return number of servers; users may have changed the default
 */
template <typename T>
uint32_t
GetOwnServers()
{
    PointerValue server;
    CreateObject<T>()->GetAttribute("Server", server);
    return GetServers(server.Get<PortendServer>());
}

} // namespace

PortendTimeline::PortendTimeline(std::ostream& os,
                                 const PortendScenario& scenario,
                                 const PortendSetup& setup)
    : m_os(os),
      m_isAccuracyKnown(setup.isAccuracyKnown),
      m_hasDeployments(setup.makeController)
{
    m_os << "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
    const auto& partitions = setup.deployment.partitions;
    const auto nameTier = [&scenario](uint32_t tier) {
        return "tier " + std::to_string(tier) + "  " + scenario.tiers[tier].GetLabel();
    };
    const auto addTier = [&](uint32_t tier) {
        const auto [it, isNew] = m_tiers.try_emplace(tier);
        if (isNew)
        {
            const auto count = setup.stream.GetNode(tier).servers;
            const auto servers = count != 1 ? count : GetServers(CreateObject<PortendServer>());
            it->second = AddTrack(nameTier(tier) +
                                      (servers == 1 ? std::string(", server")
                                                    : ", " + std::to_string(servers) + " servers"),
                                  servers);
            // Of a batch several are at work on one server.
            it->second.isSequential =
                it->second.isSequential && setup.stream.GetNode(tier).batching.max == 1;
        }
        return it->second;
    };

    // Tracks are drawn in this order: a request passes them from top to bottom.
    const auto source = setup.stream.source;
    m_source = setup.stream.sharedCore
                   ? addTier(source)
                   : AddTrack(nameTier(source) + ", source", GetOwnServers<PortendSource>());
    auto before = source;
    for (const auto& partition : partitions)
    {
        AddRoute(before, partition.tier);
        addTier(partition.tier);
        before = partition.tier;
    }
    const auto destination = setup.stream.destination;
    for (const auto& partition : partitions)
    {
        AddRoute(partition.tier, destination);
    }
    const auto others = static_cast<uint32_t>(m_hasDeployments ? setup.stream.tiers.size() : 0);
    for (uint32_t tier = 0; tier < others; ++tier)
    {
        addTier(tier); // other deployments may go anywhere
        for (uint32_t to = 0; to < others; ++to)
        {
            AddRoute(tier, to);
        }
    }
    m_destination = setup.stream.sharedCore ? addTier(destination)
                                            : AddTrack(nameTier(destination) + ", destination",
                                                       GetOwnServers<PortendSink>());
}

PortendTimeline::Track
PortendTimeline::AddTrack(const std::string& name, uint32_t servers)
{
    // A process for each: viewers group asynchronous slices by process.
    const Track track{m_tracks + 1, servers == 1};
    const std::pair<const char*, nlohmann::json> metadata[] = {
        {"process_name", {{"name", name}}},
        {"process_sort_index", {{"sort_index", track.id}}},
        {"thread_name", {{"name", name}}},
    };
    for (const auto& [kind, args] : metadata)
    {
        m_os << std::exchange(m_separator, ",\n") << "{\"name\":\"" << kind
             << "\",\"ph\":\"M\",\"pid\":" << track.id << ",\"tid\":" << track.id
             << ",\"args\":" << PortendDump(args) << "}";
    }
    ++m_tracks;
    return track;
}

void
PortendTimeline::AddRoute(uint32_t from, uint32_t to)
{
    if (from == to || m_routes.count({from, to}) > 0)
    {
        return;
    }
    const auto first = std::min(from, to);
    const auto last = std::max(from, to) - 1;
    m_routes[{from, to}] =
        AddTrack((first == last ? "link " + std::to_string(first)
                                : "links " + std::to_string(first) + "-" + std::to_string(last)) +
                     (from < to ? " up" : " down"),
                 0);
}

void
PortendTimeline::Add(const PortendRequest& request)
{
    using Ledger = PortendLedger;

    const auto& stages = request.ledger.GetStages();
    const auto& itinerary = *request.itinerary;
    std::ostringstream common;
    common << "\"request\":" << request.id << ",\"exit_partition\":" << request.exitPartition
           << ",\"correct\":"
           << (!m_isAccuracyKnown ? "null"
               : request.isRight  ? "true"
                                  : "false");
    if (m_hasDeployments)
    {
        common << ",\"deployment\":\"" << itinerary.deployment << "\"";
    }
    const auto getPlace = [&](std::size_t s) -> Place {
        if (s == 0)
        {
            return {"source", 0, itinerary.sourceTier, m_source, itinerary.inputBytes};
        }
        if (s + 1 == stages.size())
        {
            return {"destination", 0, itinerary.destinationTier, m_destination, 0};
        }
        const auto& stage = itinerary.GetStage(s);
        return {"partition" + std::to_string(s),
                s,
                stage.tier,
                m_tiers.at(stage.tier),
                stage.tensorBytes};
    };
    std::vector<std::pair<Track, Time>> flow; // where the work of each stage begins
    uint64_t bytes = 0;                       // of the message that came last
    Time now = request.generated;
    for (std::size_t s = 0; s < stages.size(); ++s)
    {
        const auto& stage = stages[s];
        const bool isDestination = s + 1 == stages.size();
        const auto place = getPlace(s);
        const bool exits = s + 2 == stages.size();
        const auto args =
            common.str() + ",\"stage\":\"" + place.name + "\"" +
            (place.partition > 0 ? ",\"partition\":" + std::to_string(place.partition) : "");
        const auto add = [&](Track track, Ledger::Component component, const std::string& more) {
            AddSlice(track, component, now, stage[component], args + more);
            now += stage[component];
        };
        const auto bytesArg = [](uint64_t size) { return ",\"bytes\":" + std::to_string(size); };

        add(place.track, Ledger::WAIT, "");
        const auto started = now;
        add(place.track, Ledger::DESERIALIZATION, bytesArg(bytes));
        add(place.track, Ledger::COMPUTATION, "");
        bytes = exits ? itinerary.resultBytes : place.tensorBytes;
        add(place.track, Ledger::SERIALIZATION, bytesArg(bytes));
        if (now > started)
        {
            flow.emplace_back(place.track, started);
        }
        if (isDestination)
        {
            break;
        }
        // In this order, because messages queue before a link: then on a single link no two
        // transmissions overlap.
        const auto next = getPlace(s + 1).tier;
        if (next != place.tier)
        {
            const auto& route = m_routes.at({place.tier, next});
            add(route, Ledger::NETWORK_EXCESS, bytesArg(bytes));
            add(route, Ledger::TRANSMISSION, bytesArg(bytes));
            add(route, Ledger::PROPAGATION, bytesArg(bytes));
        }
    }
    NS_ASSERT_MSG(now == request.completed,
                  "the timeline of request " << request.id << " does not end with it");

    if (flow.empty()) // nothing takes any time
    {
        flow.emplace_back(m_source, request.generated);
    }
    // After the slices: viewers tie an event to the slice that has begun.
    const auto addFlow = [&](char phase, const std::pair<Track, Time>& point) {
        BeginEvent(phase, "request", "request", point.first, point.second);
        m_os << ",\"id\":\"0x" << std::hex << request.id << std::dec << "\""
             << (phase == 'f' ? ",\"bp\":\"e\"}" : "}");
    };
    addFlow('s', flow.front());
    for (std::size_t i = 1; i + 1 < flow.size(); ++i)
    {
        addFlow('t', flow[i]);
    }
    addFlow('f', flow.back());
}

void
PortendTimeline::AddSlice(const Track& track,
                          PortendLedger::Component component,
                          Time begin,
                          Time duration,
                          const std::string& args)
{
    if (duration.IsZero())
    {
        return;
    }
    const char* name = portend::Components::NAMES[component];
    const char* category = component < PortendLedger::PROPAGATION ? "process" : "network";
    const auto writeArgs = [&]() {
        m_os << ",\"args\":{" << args << ",\"duration_ns\":" << duration.GetNanoSeconds() << "}}";
    };
    if (track.isSequential && component != PortendLedger::WAIT)
    {
        BeginEvent('X', name, category, track, begin);
        m_os << ",\"dur\":" << Microseconds{duration};
        writeArgs();
        return;
    }
    const auto writeId = [&]() {
        m_os << ",\"id\":\"0x" << std::hex << m_asynchronous << std::dec << "\"";
    };
    BeginEvent('b', name, category, track, begin);
    writeId();
    writeArgs();
    BeginEvent('e', name, category, track, begin + duration);
    writeId();
    m_os << "}";
    ++m_asynchronous;
}

void
PortendTimeline::BeginEvent(char phase,
                            const char* name,
                            const char* category,
                            const Track& track,
                            Time time)
{
    m_os << m_separator << "{\"name\":\"" << name << "\",\"cat\":\"" << category << "\",\"ph\":\""
         << phase << "\",\"pid\":" << track.id << ",\"tid\":" << track.id
         << ",\"ts\":" << Microseconds{time};
}

void
PortendTimeline::Finish()
{
    m_os << "\n]}\n";
}

} // namespace ns3
