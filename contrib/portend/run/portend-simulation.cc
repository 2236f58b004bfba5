/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-simulation.h"

#include "portend-moment-estimate.h"

#include "ns3/application-container.h"
#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/hash.h"
#include "ns3/pointer.h"
#include "ns3/portend-background.h"
#include "ns3/portend-energy-helper.h"
#include "ns3/portend-network-helper.h"
#include "ns3/portend-server.h"
#include "ns3/portend-sink.h"
#include "ns3/portend-source.h"
#include "ns3/portend-transport.h"
#include "ns3/portend-worker.h"
#include "ns3/portend-world-setup.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

namespace ns3
{

namespace
{

/// Batches that the requests of open arrivals make for confidence intervals.
constexpr uint64_t BATCHES = 30;

/**
 * @brief Write a time as a number.
 * @param time the time
 * @return milliseconds
 */
double
ToMs(Time time)
{
    return time.GetNanoSeconds() * 1e-6;
}

/// With closed arrivals and loss over UDP, how long the source waits for a result: so many times
/// the longest latency on an idle network, lest a slow answer be taken for a lost one. At least
/// a second.
constexpr int64_t TIMEOUT_FACTOR = 10;

/// Where TCP sends lost packets again and again: a simulation ends after a year.
constexpr double MAX_SECONDS = 365 * 86400.0;

/// Random variables of members of a stream have numbers of their own below these.
constexpr int64_t VARIABLES_OF_A_MEMBER = int64_t{1} << 12;
constexpr int64_t VARIABLES_OF_A_STREAM = int64_t{1} << 32;

/// What the random variables of background traffic are numbered by, before its name.
const std::string BACKGROUND = "/background/";

/// What the random variables of links are numbered by: no name of a stream has a slash.
const std::string LINKS = "/links";

/**
 * @brief Number the random variables of a stream, or of its members.
 * @param key what is its own, whatever else there is
 * @param member index of the member
 * @return the first number
 */
int64_t
GetFirstVariable(const std::string& key, std::size_t member)
{
    return static_cast<int64_t>(Hash32(key) >> 1) * VARIABLES_OF_A_STREAM +
           static_cast<int64_t>(member) * VARIABLES_OF_A_MEMBER;
}

/// Integrates how many servers of a node are at work, and how many jobs wait.
class Usage
{
  public:
    /**
     * @brief Listen to a server.
     * @param server the node's
     */
    void Watch(const Ptr<PortendServer>& server)
    {
        UintegerValue servers;
        server->GetAttribute("Servers", servers);
        m_servers = servers.Get();
        server->TraceConnectWithoutContext("Busy", MakeCallback(&Usage::BusyChanged, this));
        server->TraceConnectWithoutContext("QueueLength",
                                           MakeCallback(&Usage::WaitingChanged, this));
    }

    /**
     * @brief Sum up.
     * @param end of the simulation
     * @return the mean over time
     */
    PortendNodeUse Finish(Time end)
    {
        m_busy.Change(0);
        m_waiting.Change(0);
        const double seconds = end.GetSeconds();
        return {m_servers > 0 && seconds > 0 ? m_busy.integral / seconds / m_servers : 0,
                seconds > 0 ? m_waiting.integral / seconds : 0};
    }

  private:
    /// A number that changes, integrated over time.
    struct Integral
    {
        double integral{0}; //!< number times seconds
        uint32_t value{0};  //!< the number
        Time changed;       //!< when it changed last

        /// The number is another from now on.
        void Change(uint32_t to)
        {
            integral += value * (Simulator::Now() - changed).GetSeconds();
            changed = Simulator::Now();
            value = to;
        }
    };

    /// Servers at work change in number.
    void BusyChanged(uint32_t /* from */, uint32_t to)
    {
        m_busy.Change(to);
    }

    /// Jobs that wait change in number.
    void WaitingChanged(uint32_t /* from */, uint32_t to)
    {
        m_waiting.Change(to);
    }

    uint32_t m_servers{0}; //!< of the node; 0 if nothing computes there
    Integral m_busy;       //!< servers at work
    Integral m_waiting;    //!< jobs that wait
};

/// Leaves the simulator destroyed, however a run ends.
struct Destroyer
{
    Destroyer() = default;
    Destroyer(const Destroyer&) = delete;
    Destroyer& operator=(const Destroyer&) = delete;

    ~Destroyer()
    {
        Simulator::Destroy(); // a second time it does nothing
    }
};

/// Both directions of the links.
using LinkTraffic = std::vector<std::array<PortendLinkTraffic, 2>>;

/// Gathers the statistics of a stream.
class Recorder
{
  public:
    /**
     * @brief Constructor.
     * @param setup the stream
     * @param links gets what early exits spare them
     */
    Recorder(const PortendStreamSetup& setup, LinkTraffic& links)
        : m_setup(setup),
          m_links(links),
          m_hasWaitParts(!setup.GetWaitParts().empty()),
          m_hasEnergy(setup.hasEnergy)
    {
        const auto requests = setup.requests * setup.CountMembers();
        const PortendMean empty(setup.isClosed ? 1 : std::max<uint64_t>(1, requests / BATCHES));
        m_latency = empty;
        m_components.fill(empty);
        m_wait.fill(empty);
        m_excess.fill(empty);
        m_energy = empty;
        m_energies.fill(empty);
        m_result.batches.resize(setup.deployment.partitions.size());
        m_exits.assign(setup.deployment.partitions.size(), PortendMean());
        m_members.resize(setup.CountMembers());
        m_result.metByExit.resize(setup.deployment.partitions.size());
        m_result.queueDrops.resize(setup.stream.tiers.size());
        m_result.deadlineDrops.resize(setup.stream.tiers.size());
        m_result.failureDrops.resize(setup.stream.tiers.size());
        m_result.droppedBytes.resize(setup.stream.tiers.size());
    }

    /**
     * @brief A request has arisen.
     * @param request the request
     */
    void Generated(Ptr<const PortendRequest> request)
    {
        ++m_result.generated;
        if (request->itinerary->isControlled)
        {
            ++m_result.control.requests[request->itinerary->deployment];
        }
        if (request->held.IsStrictlyPositive())
        {
            m_held.Add(ToMs(request->held));
            m_result.heldMaxMs = std::max(m_result.heldMaxMs, ToMs(request->held));
        }
    }

    /**
     * @brief A request is complete.
     * @param request the request
     */
    void Completed(Ptr<const PortendRequest> request)
    {
        m_lastCompleted = request->completed;
        const Time latency = request->GetLatency();
        m_latency.Add(ToMs(latency));
        m_percentiles.Add(latency.GetNanoSeconds());
        m_result.maxMs = std::max(m_result.maxMs, ToMs(latency));
        for (std::size_t c = 0; c < m_components.size(); ++c)
        {
            const auto component = static_cast<PortendLedger::Component>(c);
            m_components[c].Add(ToMs(request->ledger.Get(component)));
        }
        for (std::size_t part = 0; m_hasWaitParts && part < m_wait.size(); ++part)
        {
            m_wait[part].Add(ToMs(request->ledger.GetWait()[part]));
        }
        for (std::size_t part = 0; part < m_excess.size(); ++part)
        {
            m_excess[part].Add(ToMs(request->ledger.GetExcess()[part]));
        }
        if (m_hasEnergy)
        {
            const auto& energies = request->ledger.GetEnergy();
            m_energy.Add(std::accumulate(energies.begin(), energies.end(), 0.0));
            for (std::size_t c = 0; c < energies.size(); ++c)
            {
                m_energies[c].Add(energies[c]);
            }
        }
        MakeRoom(request->exitPartition);
        for (std::size_t k = 1; k <= m_exits.size(); ++k)
        {
            m_exits[k - 1].Add(!request->isFallback && request->exitPartition == k);
        }
        m_accuracy.Add(request->isRight);
        m_result.fallbacks += request->isFallback;
        if (!m_setup.deadline.IsZero() && latency <= m_setup.deadline)
        {
            ++m_result.met;
            ++m_result.metByExit[request->exitPartition - 1];
        }
        m_members[request->member].Add(ToMs(latency));
    }

    /**
     * @brief A partition is computed.
     * @param partition which
     * @param size how many tensors at once
     */
    void Computed(uint32_t partition, uint32_t size)
    {
        MakeRoom(partition);
        ++m_result.batches[partition - 1].batches;
        m_result.batches[partition - 1].tensors += size;
    }

    /**
     * @brief A tensor is not sent, because its request exits.
     * @param request the request
     * @param partition where it exits
     * @param bytes size of the tensor's message
     */
    void Dropped(const PortendRequest& request, uint32_t partition, uint32_t bytes)
    {
        const auto& stages = request.itinerary->stages;
        const auto from = stages[partition - 1].tier;
        const auto to = stages[partition].tier;
        m_result.droppedBytes[from] += bytes;
        if (from == to)
        {
            return;
        }
        auto& spared = m_spared[{request.member, from, to, bytes}];
        if (spared.empty())
        {
            const auto stream = m_setup.GetMember(request.member);
            const auto path = stream.GetPath(from, to);
            auto link = path.begin();
            for (const auto onLink : portend::EstimateLinkBytes(bytes,
                                                                stream.network->GetLinks(path),
                                                                stream.network->GetPackets()))
            {
                spared.emplace_back(*link++, onLink);
            }
        }
        for (const auto& [link, onLink] : spared)
        {
            m_links[link / 2][link % 2].savedBytes += onLink; // both ways follow each other
        }
    }

    /**
     * @brief A request is lost in front of a full queue.
     * @param request the request
     * @param partition the queue's
     */
    void QueueDropped(const PortendRequest& request, uint32_t partition)
    {
        ++m_result.queueDrops[request.itinerary->GetStage(partition).tier];
    }

    /**
     * @brief A request is given up because its deadline has passed.
     * @param request the request
     * @param partition which it waited for
     */
    void DeadlineDropped(const PortendRequest& request, uint32_t partition)
    {
        ++m_result.deadlineDrops[request.itinerary->GetStage(partition).tier];
    }

    /**
     * @brief A member has a controller.
     * @param controller who gives it deployments
     */
    void Add(Ptr<PortendController> controller)
    {
        m_controllers.push_back(controller);
    }

    /**
     * @brief A request is lost because a node is down.
     * @param tier of the node
     */
    void FailureDropped(uint32_t tier)
    {
        ++m_result.failureDrops[tier];
    }

    /// An answer has come behind a fallback.
    void AnsweredLate()
    {
        ++m_result.lateAnswers;
    }

    /**
     * @brief Get the time of the last result.
     * @return when it was complete; 0 if there was none
     */
    Time GetLastCompleted() const
    {
        return m_lastCompleted;
    }

    /**
     * @brief Sum up.
     * @return what was seen
     */
    PortendResult Finish()
    {
        const auto interval = [](const PortendMean& mean) { return mean.GetInterval(); };
        m_result.completed = m_latency.GetCount();
        m_result.latencyMs = interval(m_latency);
        std::transform(m_components.begin(),
                       m_components.end(),
                       m_result.componentsMs.begin(),
                       interval);
        std::transform(m_wait.begin(), m_wait.end(), m_result.waitMs.begin(), interval);
        std::transform(m_excess.begin(), m_excess.end(), m_result.excessMs.begin(), interval);
        m_result.energyJ = interval(m_energy);
        std::transform(m_energies.begin(), m_energies.end(), m_result.energiesJ.begin(), interval);
        for (const auto& exits : m_exits)
        {
            m_result.exitRates.push_back(interval(exits));
        }
        m_result.accuracy = m_setup.isAccuracyKnown ? interval(m_accuracy) : PORTEND_UNKNOWN;
        m_result.p50Ms = m_percentiles.Get(0.50) * 1e-6;
        m_result.p95Ms = m_percentiles.Get(0.95) * 1e-6;
        m_result.p99Ms = m_percentiles.Get(0.99) * 1e-6;
        m_result.held = m_held.GetCount();
        m_result.heldMeanMs = m_held.GetMean();
        if (m_result.held == 0)
        {
            m_result.heldMaxMs = std::numeric_limits<double>::quiet_NaN();
        }
        if (m_result.completed == 0)
        {
            m_result.p50Ms = m_result.p95Ms = m_result.p99Ms = m_result.maxMs =
                std::numeric_limits<double>::quiet_NaN();
        }
        for (const auto& controller : m_controllers)
        {
            m_result.control.decisions += controller->GetDecisions();
            m_result.control.switches += controller->GetSwitches();
            m_result.control.decisionTime = controller->GetDecisionTime();
        }
        for (const auto& member : m_members)
        {
            if (member.GetCount() > 0)
            {
                const auto mean = member.GetMean();
                auto& spread = m_result.members;
                spread.minMs = spread.count > 0 ? std::min(spread.minMs, mean) : mean;
                spread.maxMs = spread.count > 0 ? std::max(spread.maxMs, mean) : mean;
                ++spread.count;
            }
        }
        return m_result;
    }

  private:
    /**
     * @brief Count what happens at a partition, as controllers may give more than there were.
     * @param partition the partition
     */
    void MakeRoom(std::size_t partition)
    {
        while (m_exits.size() < partition)
        {
            m_exits.emplace_back();
            for (uint64_t i = 0; i < m_accuracy.GetCount(); ++i)
            {
                m_exits.back().Add(0); // none of those before
            }
            m_result.batches.emplace_back();
            m_result.metByExit.push_back(0);
        }
    }

    const PortendStreamSetup& m_setup;                 //!< the stream
    LinkTraffic& m_links;                              //!< of all streams
    bool m_hasWaitParts;                               //!< whether waits have several causes
    bool m_hasEnergy;                                  //!< whether powers are known
    std::vector<Ptr<PortendController>> m_controllers; //!< of members; none if nobody is
    PortendResult m_result;                            //!< what is counted
    /// By member, tiers and bytes: what a message that is not sent spares each link, bytes.
    std::map<std::array<uint32_t, 4>, std::vector<std::pair<uint32_t, uint64_t>>> m_spared;
    Time m_lastCompleted;                                            //!< last result
    PortendMean m_held;                                              //!< before arising, ms
    PortendMean m_latency;                                           //!< end to end, ms
    std::array<PortendMean, PortendLedger::COMPONENTS> m_components; //!< ms
    std::array<PortendMean, PortendLedger::WAIT_PARTS> m_wait;       //!< ms
    std::array<PortendMean, PortendLedger::LINK_PARTS> m_excess;     //!< ms
    PortendMean m_energy;                                            //!< J
    std::array<PortendMean, PortendLedger::COMPONENTS> m_energies;   //!< J
    std::vector<PortendMean> m_exits;   //!< share that exits, by partition
    PortendMean m_accuracy;             //!< share of right answers
    PortendPercentiles m_percentiles;   //!< of the latency, ns
    std::vector<PortendMean> m_members; //!< latency, ms
};

/// Listens to the trace sources of a run, and ends it.
class Watcher
{
  public:
    /**
     * @brief Constructor.
     * @param network links and transport
     * @param nodes number of nodes
     * @param streams what is simulated
     * @param links of the network, installed
     * @param energy of the nodes, installed
     * @param sink watches completed requests
     */
    Watcher(const PortendNetworkSetup& network,
            uint32_t nodes,
            const std::vector<const PortendStreamSetup*>& streams,
            const PortendNetworkHelper& links,
            const PortendEnergyHelper& energy,
            const PortendSimulation::RequestSink& sink)
        : m_sink(sink),
          m_canLose(network.CanLose()),
          m_usage(streams.front()->random.empty() ? 0 : nodes),
          m_network(network),
          m_nodes(nodes),
          m_links(links),
          m_energy(energy)
    {
        m_result.links.resize(network.links.size());
        m_recorders.reserve(streams.size());
        for (const auto* stream : streams)
        {
            m_recorders.emplace_back(*stream, m_result.links);
            m_missing += stream->requests * stream->CountMembers();
            m_goOn = m_goOn || stream->goesOn;
            m_isBatching = m_isBatching || stream->IsBatching();
            if (network.IsChanging())
            {
                m_moments.emplace_back(*stream, links);
            }
        }
        m_goOn = m_goOn || !network.background.empty() || energy.HasBatteries();
        m_toArise = m_missing;
    }

    /**
     * @brief Listen to the applications of a member of a stream.
     * @param applications source, workers, sink
     */
    void Watch(const ApplicationContainer& applications)
    {
        for (auto it = applications.Begin(); it != applications.End(); ++it)
        {
            const auto& application = *it;
            if (const auto source = DynamicCast<PortendSource>(application))
            {
                m_sources.push_back(source);
                if (const auto controller = source->GetController())
                {
                    UintegerValue stream;
                    source->GetAttribute("Stream", stream);
                    m_recorders[stream.Get()].Add(controller);
                }
                source->TraceConnectWithoutContext("RequestGenerated",
                                                   MakeCallback(&Watcher::Generated, this));
                source->TraceConnectWithoutContext("RequestEnded",
                                                   MakeCallback(&Watcher::Ended, this));
                source->TraceConnectWithoutContext("FallbackAnswered",
                                                   MakeCallback(&Watcher::Completed, this));
                source->TraceConnectWithoutContext("FailureDrop",
                                                   MakeCallback(&Watcher::SourceFailed, this));
            }
            else if (const auto worker = DynamicCast<PortendWorker>(application))
            {
                if (m_isBatching)
                {
                    worker->TraceConnectWithoutContext("BatchStarted",
                                                       MakeCallback(&Watcher::Computed, this));
                }
                worker->TraceConnectWithoutContext("EarlyExitDrop",
                                                   MakeCallback(&Watcher::Dropped, this));
                worker->TraceConnectWithoutContext("QueueDrop",
                                                   MakeCallback(&Watcher::QueueDropped, this));
                worker->TraceConnectWithoutContext("DeadlineDrop",
                                                   MakeCallback(&Watcher::DeadlineDropped, this));
                worker->TraceConnectWithoutContext("FailureDrop",
                                                   MakeCallback(&Watcher::FailureDropped, this));
                if (!m_usage.empty())
                {
                    const auto node = worker->GetNode()->GetObject<PortendTransport>()->GetIndex();
                    m_usage[node].Watch(worker->GetServer());
                }
            }
            else
            {
                application->TraceConnectWithoutContext("RequestCompleted",
                                                        MakeCallback(&Watcher::Completed, this));
                application->TraceConnectWithoutContext("LateAnswer",
                                                        MakeCallback(&Watcher::AnsweredLate, this));
            }
        }
    }

    /**
     * @brief Know traffic that ends with the run.
     * @param background the traffic
     */
    void Watch(const Ptr<PortendBackground>& background)
    {
        m_background.push_back(background);
    }

    /**
     * @brief Sum up.
     * @param network the links
     * @param runsOn whether timers ran on after the last result
     * @return what was seen
     */
    PortendNetworkResult Finish(const PortendNetworkHelper& network, bool runsOn)
    {
        for (uint32_t j = 0; j < m_result.links.size(); ++j)
        {
            for (uint32_t way = 0; way < 2; ++way)
            {
                m_result.links[j][way] += network.GetTraffic(j, way);
            }
        }
        Time last;
        for (auto& recorder : m_recorders)
        {
            last = Max(last, recorder.GetLastCompleted());
            m_result.streams.push_back(recorder.Finish());
            const auto index = m_result.streams.size() - 1;
            if (!m_moments.empty() && m_moments[index].IsChanging())
            {
                m_result.streams.back().momentMs = m_moments[index].GetMean();
            }
        }
        m_result.simulated = runsOn || m_goOn ? last : Simulator::Now();
        // Batteries may have kept the simulator from ending.
        const auto end = m_energy.HasBatteries() ? m_lastEnded : Simulator::Now();
        for (auto& usage : m_usage)
        {
            m_result.nodes.push_back(usage.Finish(end));
        }
        if (m_network.HasEnergy())
        {
            if (m_used.empty())
            {
                MeasureEnergy(runsOn && !m_goOn ? last : Simulator::Now());
            }
            m_result.nodes.resize(m_nodes);
            for (uint32_t node = 0; node < m_nodes; ++node)
            {
                m_result.nodes[node].energy = m_used[node];
            }
        }
        for (auto& stream : m_result.streams)
        {
            stream.simulated = m_result.simulated;
        }
        return m_result;
    }

  private:
    /// A request has arisen.
    void Generated(Ptr<const PortendRequest> request)
    {
        if (!request->isMeasured)
        {
            return;
        }
        m_recorders[request->stream].Generated(request);
        if (--m_toArise == 0 && m_goOn && m_canLose)
        {
            // Nobody tells which of those under way get lost: the rest of them ends the run.
            for (const auto& source : m_sources)
            {
                source->SetAttribute("Continue", BooleanValue(false));
            }
            for (const auto& background : m_background)
            {
                background->Stop();
            }
        }
        if (m_toArise == 0 && m_energy.HasBatteries())
        {
            // They would keep a run from ending that waits for nothing else.
            m_energy.SetUpdateInterval(Seconds(MAX_SECONDS));
            Simulator::Stop(Seconds(MAX_SECONDS) - NanoSeconds(1));
        }
    }

    /**
     * @brief Note what nodes took so far.
     * @param end until when: before now, if only timers ran on since
     */
    void MeasureEnergy(Time end)
    {
        m_used.assign(m_nodes, {});
        const double idleS = (Simulator::Now() - end).GetSeconds();
        for (uint32_t node = 0; node < m_nodes; ++node)
        {
            auto& used = m_used[node];
            used.seconds = end.GetSeconds();
            const auto model = m_energy.Find(node);
            if (!model)
            {
                continue;
            }
            const auto use = model->GetUse();
            used.idleJ = use.idleJ - model->GetIdlePower() * idleS;
            used.deserializationJ = use.activitiesJ[PortendLedger::DESERIALIZATION];
            used.computationJ = use.activitiesJ[PortendLedger::COMPUTATION];
            used.serializationJ = use.activitiesJ[PortendLedger::SERIALIZATION];
            used.transmissionJ = use.radioJ;
            if (const auto source = model->GetSource())
            {
                used.battery = {source->GetInitialEnergy(),
                                source->GetRemainingEnergy(),
                                model->GetDepleted()};
            }
        }
        for (uint32_t link = 0; link < m_result.links.size(); ++link)
        {
            for (uint32_t way = 0; way < 2; ++way)
            {
                const auto& energy = m_links.GetEnergy(link, way);
                const double bits = 8.0 * m_links.GetTraffic(link, way).sentBytes;
                const double seconds = m_links.GetTransmissionS(link, way);
                const auto ends = m_links.GetEnds(link);
                const auto add = [&](uint32_t node, const portend::LinkEnergy::End& end) {
                    if (!m_used[node].battery) // which its radios draw from
                    {
                        m_used[node].transmissionJ += end.Get(bits, seconds);
                    }
                };
                add(ends[way], energy.sending);
                add(ends[1 - way], energy.receiving);
            }
        }
    }

    /// A request has ended.
    void Ended(const PortendRequest& request)
    {
        if (!request.isMeasured)
        {
            return;
        }
        --m_missing;
        m_lastEnded = Simulator::Now();
        if (m_toArise == 0 && m_energy.HasBatteries())
        {
            MeasureEnergy(Simulator::Now()); // any may be the last: others may be lost
        }
        if (m_missing == 0 && m_goOn)
        {
            Simulator::Stop();
        }
    }

    /// A request is complete.
    void Completed(Ptr<const PortendRequest> request)
    {
        if (!request->isMeasured)
        {
            return;
        }
        m_recorders[request->stream].Completed(request);
        if (!m_moments.empty() && m_moments[request->stream].IsChanging())
        {
            m_moments[request->stream].Add(*request);
        }
        if (m_sink)
        {
            m_sink(*request);
        }
    }

    /// A partition is computed, for the requests of a stream.
    void Computed(Ptr<const PortendRequest> first, uint32_t partition, uint32_t size)
    {
        if (first->isMeasured)
        {
            m_recorders[first->stream].Computed(partition, size);
        }
    }

    /// A tensor is not sent.
    void Dropped(Ptr<const PortendRequest> request, uint32_t partition, uint32_t bytes)
    {
        if (request->isMeasured)
        {
            m_recorders[request->stream].Dropped(*request, partition, bytes);
        }
    }

    /// @return whether a request that is lost has a fallback, or had
    static bool WillBeAnswered(const Ptr<const PortendRequest>& request)
    {
        return request->isAnswered || request->fallback;
    }

    /// A request is lost because the node of its partition is down.
    void FailureDropped(Ptr<const PortendRequest> request, uint32_t partition)
    {
        if (request->isMeasured && !WillBeAnswered(request))
        {
            const auto deployment = portend::Deployment::Parse(request->itinerary->deployment);
            m_recorders[request->stream].FailureDropped(deployment.partitions[partition - 1].tier);
        }
    }

    /// A request is lost because the node where it arose is down.
    void SourceFailed(Ptr<const PortendRequest> request)
    {
        if (request->isMeasured)
        {
            m_recorders[request->stream].FailureDropped(request->itinerary->sourceTier);
        }
    }

    /// An answer has come behind a fallback.
    void AnsweredLate(Ptr<const PortendRequest> request)
    {
        if (request->isMeasured)
        {
            m_recorders[request->stream].AnsweredLate();
        }
    }

    /// A request is lost before a full queue.
    void QueueDropped(Ptr<const PortendRequest> request, uint32_t partition)
    {
        if (request->isMeasured && !WillBeAnswered(request))
        {
            m_recorders[request->stream].QueueDropped(*request, partition);
        }
    }

    /// A request is given up because its deadline has passed.
    void DeadlineDropped(Ptr<const PortendRequest> request, uint32_t partition)
    {
        if (request->isMeasured && !WillBeAnswered(request))
        {
            m_recorders[request->stream].DeadlineDropped(*request, partition);
        }
    }

    const PortendSimulation::RequestSink& m_sink;     //!< watches completed requests
    bool m_canLose;                                   //!< whether messages may get lost
    bool m_goOn{false};                               //!< whether streams do until all have theirs
    bool m_isBatching{false};                         //!< whether one has batches
    uint64_t m_toArise{0};                            //!< requests that count, to arise
    uint64_t m_missing{0};                            //!< the same, to end
    PortendNetworkResult m_result;                    //!< what is counted
    std::vector<Recorder> m_recorders;                //!< by stream
    std::deque<PortendMomentEstimate> m_moments;      //!< by stream; none if no link changes
    std::vector<Usage> m_usage;                       //!< by node; none of a chain
    const PortendNetworkSetup& m_network;             //!< links and transport
    uint32_t m_nodes;                                 //!< number of nodes
    const PortendNetworkHelper& m_links;              //!< of the network
    const PortendEnergyHelper& m_energy;              //!< of the nodes
    std::vector<PortendNodeEnergy> m_used;            //!< by node, where powers are known
    Time m_lastEnded;                                 //!< when a request that counts did last
    std::vector<Ptr<PortendSource>> m_sources;        //!< of all members
    std::vector<Ptr<PortendBackground>> m_background; //!< traffic of others
};

} // namespace

PortendNodeEnergy&
PortendNodeEnergy::operator+=(const PortendNodeEnergy& other)
{
    idleJ += other.idleJ;
    deserializationJ += other.deserializationJ;
    computationJ += other.computationJ;
    serializationJ += other.serializationJ;
    transmissionJ += other.transmissionJ;
    if (battery && other.battery)
    {
        battery->capacityJ += other.battery->capacityJ;
        battery->leftJ += other.battery->leftJ;
        battery->empty = std::min(battery->empty, other.battery->empty);
    }
    return *this;
}

PortendSimulation::PortendSimulation(const PortendSetup& setup)
    : m_network(setup),
      m_nodes(setup.stream.tiers.size()),
      m_streams{&setup},
      m_world(setup.GetWorld()),
      m_shown(setup.GetStreamIndex())
{
    if (m_world)
    {
        SetStreams(*m_world);
    }
}

PortendSimulation::PortendSimulation(const PortendWorldSetup& setup)
    : m_network(setup)
{
    SetStreams(setup);
}

void
PortendSimulation::SetStreams(const PortendWorldSetup& setup)
{
    m_nodes = setup.nodes.size();
    m_streams.clear();
    for (const auto& stream : setup.streams)
    {
        m_streams.push_back(&stream);
    }
}

void
PortendSimulation::SetRequestSink(RequestSink sink)
{
    m_sink = std::move(sink);
}

void
PortendSimulation::SetPcapPrefix(const std::string& prefix)
{
    m_pcapPrefix = prefix;
}

PortendResult
PortendSimulation::Run()
{
    if (m_sink && m_world)
    {
        m_sink = [this, sink = std::move(m_sink)](const PortendRequest& request) {
            if (request.stream == m_shown)
            {
                sink(request);
            }
        };
    }
    const auto all = RunAll();
    auto result = all.streams.at(m_shown);
    if (!m_world)
    {
        result.nodes = all.nodes;
    }
    for (const auto& link : all.links)
    {
        result.links.push_back(link[0]);
        result.links.back() += link[1];
    }
    return result;
}

PortendNetworkResult
PortendSimulation::RunAll()
{
    for (const auto* stream : m_streams)
    {
        stream->RequireShort();
    }
    RngSeedManager::SetSeed(m_network.seed);
    RngSeedManager::SetRun(m_network.run);

    PortendNetworkHelper network;
    network.SetMtu(m_network.packets.mtuBytes);
    if (m_network.queueBytes > 0)
    {
        network.SetQueueSize(QueueSize(QueueSizeUnit::BYTES, m_network.queueBytes));
    }
    network.SetTransport(m_network.transport);
    for (const auto& link : m_network.links)
    {
        network.AddLink(link.from, link.to, link.up, link.down, link.mtuBytes);
    }
    network.SetLoss(m_network.loss);
    for (const auto& [node, makeFailures] : m_network.failures)
    {
        network.SetFailures(node, makeFailures);
    }
    const auto nodes = network.Install(m_nodes);

    PortendEnergyHelper energy;
    for (const auto& [node, supply] : m_network.supplies)
    {
        energy.SetSupply(node, supply);
    }
    energy.Install(nodes);
    if (!m_network.traits.usesTrains)
    {
        energy.WatchRadios(network);
    }

    Watcher watcher(m_network, m_nodes, m_streams, network, energy, m_sink);
    const Destroyer destroyer;
    // By their names: what order a file lists them in is nothing that may matter.
    std::vector<uint32_t> order(m_streams.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [this](uint32_t a, uint32_t b) {
        return m_streams[a]->stream.name < m_streams[b]->stream.name;
    });
    int64_t variable = 0;
    for (const auto index : order)
    {
        const auto& stream = *m_streams[index];
        PortendHelper helper(stream.model, stream.stream, stream.deployment);
        helper.SetAccuracy(stream.rules.accuracy);
        helper.SetDelayModel(stream.delayModel);
        helper.SetMaxRequests(stream.requests);
        helper.SetContinue(stream.goesOn);
        helper.SetService(stream.priority, stream.weight, stream.deadline);
        helper.SetFallback(stream.fallback);
        helper.SetTimeout(stream.timeout);
        if (stream.timeout.IsZero() && m_network.losesPackets && !m_network.traits.isReliable &&
            stream.isClosed)
        {
            const Time longest = MilliSeconds(std::ceil(stream.GetLongestIdleMs()));
            helper.SetTimeout(Max(longest * TIMEOUT_FACTOR, Seconds(1)));
        }
        for (std::size_t j = 0; j < stream.queues.size(); ++j)
        {
            helper.SetQueue(j, stream.queues[j]);
        }
        helper.SetBandwidths(
            [&network](uint32_t link, bool isUp) -> double {
                return network.GetBandwidth(link, isUp ? 0 : 1).GetBitRate();
            },
            [this](uint32_t link, bool isUp) -> double {
                const auto& both = m_network.links.at(link);
                return (isUp ? both.up : both.down).bandwidth.GetBitRate(); // the mean over time
            });
        for (std::size_t member = 0; member < stream.CountMembers(); ++member)
        {
            helper.SetExitModel(stream.makeExits());
            helper.SetArrivals(stream.makeArrivals());
            helper.SetStreamIndex(index, member);
            if (stream.makeController)
            {
                helper.SetController(stream.makeController(), stream.rules);
                helper.SetRooms(stream.GetRooms(member, stream.staying));
            }
            if (!stream.members.empty())
            {
                helper.SetTierNodes(stream.members[member]);
            }
            watcher.Watch(helper.Install(nodes));
            if (!stream.random.empty())
            {
                variable = GetFirstVariable(stream.random, member);
            }
            variable += helper.AssignStreams(variable);
        }
    }
    for (const auto& each : m_network.background)
    {
        const auto background =
            CreateObjectWithAttributes<PortendBackground>("Destination",
                                                          UintegerValue(each.to),
                                                          "PacketBytes",
                                                          UintegerValue(each.packetBytes),
                                                          "Traffic",
                                                          PointerValue(each.makeTraffic()));
        nodes.Get(each.from)->AddApplication(background);
        background->AssignStreams(GetFirstVariable(BACKGROUND + each.name, each.member));
        watcher.Watch(background);
    }
    const bool isAlone = m_streams.front()->random.empty();
    network.AssignStreams(isAlone ? variable : GetFirstVariable(LINKS, 0));
    if (!m_pcapPrefix.empty())
    {
        network.EnablePcapAll(m_pcapPrefix);
    }

    if (!m_network.maxTime.IsZero())
    {
        Simulator::Stop(m_network.maxTime);
    }
    else if (m_network.traits.isReliable && m_network.losesPackets)
    {
        Simulator::Stop(Seconds(MAX_SECONDS));
    }
    Simulator::Run();
    const auto result =
        watcher.Finish(network, m_network.traits.isReliable || !m_network.maxTime.IsZero());
    const auto incomplete = network.ClosePcap();
    Simulator::Destroy();
    if (!incomplete.empty())
    {
        throw portend::InputError(incomplete, "could not be written to its end");
    }
    return result;
}

} // namespace ns3
