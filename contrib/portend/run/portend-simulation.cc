/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-simulation.h"

#include "ns3/application-container.h"
#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/packet.h"
#include "ns3/point-to-point-net-device.h"
#include "ns3/portend-network-helper.h"
#include "ns3/portend-sink.h"
#include "ns3/portend-source.h"
#include "ns3/portend-worker.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>
#include <limits>
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

/// Gathers the statistics of a run from the trace sources.
class Recorder
{
  public:
    /**
     * @brief Constructor.
     * @param setup what is simulated
     * @param sink watches completed requests
     */
    Recorder(const PortendSetup& setup, const PortendSimulation::RequestSink& sink)
        : m_setup(setup),
          m_sink(sink)
    {
        const bool isClosed = setup.isClosed;
        const PortendMean empty(isClosed ? 1 : std::max<uint64_t>(1, setup.requests / BATCHES));
        m_latency = empty;
        m_components.fill(empty);
        m_excess.fill(empty);
        m_exits.assign(setup.deployment.partitions.size(), PortendMean());
        m_result.queueDrops.resize(setup.stream.tiers.size());
        m_result.deadlineDrops.resize(setup.stream.tiers.size());
        m_result.droppedBytes.resize(setup.stream.tiers.size());
        m_result.links.resize(setup.bandwidths.size());
    }

    /**
     * @brief A request has arisen.
     * @param request the request
     */
    void Generated(Ptr<const PortendRequest> request)
    {
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
        for (std::size_t part = 0; part < m_excess.size(); ++part)
        {
            m_excess[part].Add(ToMs(request->ledger.GetExcess()[part]));
        }
        for (std::size_t k = 1; k <= m_exits.size(); ++k)
        {
            m_exits[k - 1].Add(request->exitPartition == k);
        }
        m_accuracy.Add(request->isRight);
        if (m_sink)
        {
            m_sink(*request);
        }
    }

    /**
     * @brief A tensor is not sent, because its request exits.
     * @param partition where the request exits
     * @param bytes size of the tensor's message
     */
    void Dropped(Ptr<const PortendRequest> /* request */, uint32_t partition, uint32_t bytes)
    {
        const auto& partitions = m_setup.deployment.partitions;
        const auto from = partitions[partition - 1].tier;
        const auto to = partitions[partition].tier;
        m_result.droppedBytes[from] += bytes;
        const auto& stream = m_setup.stream;
        auto tier = from;
        for (const auto onLink : portend::EstimateLinkBytes(bytes,
                                                            stream.GetLinks(from, to),
                                                            stream.network->GetPackets()))
        {
            m_result.links[from < to ? tier++ : --tier].savedBytes += onLink;
        }
    }

    /**
     * @brief A request is lost in front of a full queue.
     * @param partition the queue's
     */
    void QueueDropped(Ptr<const PortendRequest> /* request */, uint32_t partition)
    {
        ++m_result.queueDrops[m_setup.deployment.partitions[partition - 1].tier];
    }

    /**
     * @brief A request is given up because its deadline has passed.
     * @param partition which it waited for
     */
    void DeadlineDropped(Ptr<const PortendRequest> /* request */, uint32_t partition)
    {
        ++m_result.deadlineDrops[m_setup.deployment.partitions[partition - 1].tier];
    }

    /**
     * @brief A packet goes onto a link.
     * @param traffic of the link
     * @param packet the packet
     */
    static void Sent(PortendLinkTraffic* traffic, Ptr<const Packet> packet)
    {
        traffic->sentBytes += packet->GetSize();
    }

    /**
     * @brief A packet has passed a link.
     * @param traffic of the link
     * @param packet the packet
     */
    static void Received(PortendLinkTraffic* traffic, Ptr<const Packet> packet)
    {
        traffic->receivedBytes += packet->GetSize();
    }

    /**
     * @brief A device's queue is full.
     * @param traffic of the link
     * @param packet the packet refused
     */
    static void Refused(PortendLinkTraffic* traffic, Ptr<const Packet> packet)
    {
        traffic->droppedBytes += packet->GetSize();
        ++traffic->droppedPackets;
    }

    /**
     * @brief A link has lost a packet.
     * @param traffic of the link
     * @param packet the packet
     */
    static void Damaged(PortendLinkTraffic* traffic, Ptr<const Packet> packet)
    {
        traffic->damagedBytes += packet->GetSize();
        ++traffic->damagedPackets;
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
     * @brief Listen to the devices of a link.
     * @param link index of the link
     * @param devices its two devices
     */
    void Watch(uint32_t link, const NetDeviceContainer& devices)
    {
        auto* traffic = &m_result.links[link];
        for (auto it = devices.Begin(); it != devices.End(); ++it)
        {
            (*it)->TraceConnectWithoutContext("PhyTxBegin", MakeBoundCallback(&Sent, traffic));
            (*it)->TraceConnectWithoutContext("PhyRxEnd", MakeBoundCallback(&Received, traffic));
            (*it)->TraceConnectWithoutContext("MacTxDrop", MakeBoundCallback(&Refused, traffic));
            (*it)->TraceConnectWithoutContext("PhyRxDrop", MakeBoundCallback(&Damaged, traffic));
        }
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
        std::transform(m_excess.begin(), m_excess.end(), m_result.excessMs.begin(), interval);
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
        return m_result;
    }

  private:
    const PortendSetup& m_setup;                                     //!< what is simulated
    const PortendSimulation::RequestSink& m_sink;                    //!< watches completed requests
    PortendResult m_result;                                          //!< what is counted
    Time m_lastCompleted;                                            //!< last result
    PortendMean m_held;                                              //!< before arising, ms
    PortendMean m_latency;                                           //!< end to end, ms
    std::array<PortendMean, PortendLedger::COMPONENTS> m_components; //!< ms
    std::array<PortendMean, PortendLedger::EXCESS_PARTS> m_excess;   //!< ms
    std::vector<PortendMean> m_exits; //!< share that exits, by partition
    PortendMean m_accuracy;           //!< share of right answers
    PortendPercentiles m_percentiles; //!< of the latency, ns
};

} // namespace

PortendSimulation::PortendSimulation(const PortendSetup& setup)
    : m_setup(setup)
{
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
    m_setup.RequireShort();
    RngSeedManager::SetSeed(m_setup.seed);
    RngSeedManager::SetRun(m_setup.run);

    PortendNetworkHelper network;
    network.SetMtu(m_setup.stream.network->GetPackets().mtuBytes);
    if (m_setup.queueBytes > 0)
    {
        network.SetQueueSize(QueueSize(QueueSizeUnit::BYTES, m_setup.queueBytes));
    }
    if (m_setup.isTcp)
    {
        network.SetTransport("ns3::PortendTcpTransport");
        const PortendScenario defaults;
        if (m_setup.tcpVariant != "ns3::" + defaults.tcpVariant)
        {
            network.SetTransportAttribute("Variant", StringValue(m_setup.tcpVariant));
        }
        if (m_setup.tcpWarm != defaults.tcpWarm)
        {
            network.SetTransportAttribute("Warm", BooleanValue(m_setup.tcpWarm));
        }
        if (m_setup.tcpRestart != defaults.tcpRestart)
        {
            network.SetTransportAttribute("RestartAfterIdle", BooleanValue(m_setup.tcpRestart));
        }
        network.SetTransportAttribute(
            "SegmentSize",
            UintegerValue(m_setup.stream.network->GetPackets().segmentBytes));
        network.SetTransportAttribute("BufferSize", UintegerValue(m_setup.tcpBufferBytes));
    }
    for (std::size_t j = 0; j < m_setup.bandwidths.size(); ++j)
    {
        network.AddLink(m_setup.bandwidths[j],
                        m_setup.delays[j],
                        m_setup.stream.network->GetLinks()[2 * j].link.mtuBytes);
    }
    network.SetLoss(m_setup.loss);
    const auto nodes = network.Install();

    PortendHelper helper(m_setup.model, m_setup.stream, m_setup.deployment);
    helper.SetAccuracy(m_setup.rules.accuracy);
    helper.SetDelayModel(m_setup.delayModel);
    helper.SetExitModel(m_setup.makeExits());
    helper.SetArrivals(m_setup.makeArrivals());
    helper.SetMaxRequests(m_setup.requests);
    helper.SetTimeout(m_setup.timeout);
    if (m_setup.timeout.IsZero() && m_setup.loss > 0 && !m_setup.isTcp && m_setup.isClosed)
    {
        const Time longest = MilliSeconds(std::ceil(m_setup.GetLongestIdleMs()));
        helper.SetTimeout(Max(longest * TIMEOUT_FACTOR, Seconds(1)));
    }
    for (std::size_t j = 0; j < m_setup.queues.size(); ++j)
    {
        helper.SetQueue(j, m_setup.queues[j]);
    }
    const auto applications = helper.Install(nodes);
    network.AssignStreams(helper.AssignStreams(0));

    Recorder recorder(m_setup, m_sink);
    for (uint32_t j = 0; j < m_setup.bandwidths.size(); ++j)
    {
        recorder.Watch(j, network.GetDevices(j));
    }
    for (auto it = applications.Begin(); it != applications.End(); ++it)
    {
        (*it)->TraceConnectWithoutContext("RequestGenerated",
                                          MakeCallback(&Recorder::Generated, &recorder));
        (*it)->TraceConnectWithoutContext("EarlyExitDrop",
                                          MakeCallback(&Recorder::Dropped, &recorder));
        (*it)->TraceConnectWithoutContext("QueueDrop",
                                          MakeCallback(&Recorder::QueueDropped, &recorder));
        (*it)->TraceConnectWithoutContext("DeadlineDrop",
                                          MakeCallback(&Recorder::DeadlineDropped, &recorder));
        (*it)->TraceConnectWithoutContext("RequestCompleted",
                                          MakeCallback(&Recorder::Completed, &recorder));
    }
    if (!m_pcapPrefix.empty())
    {
        network.EnablePcapAll(m_pcapPrefix);
    }

    if (!m_setup.maxTime.IsZero())
    {
        Simulator::Stop(m_setup.maxTime);
    }
    else if (m_setup.isTcp && m_setup.loss > 0)
    {
        Simulator::Stop(Seconds(MAX_SECONDS));
    }
    try
    {
        Simulator::Run();
    }
    catch (...)
    {
        Simulator::Destroy();
        throw;
    }
    auto result = recorder.Finish();
    result.generated = DynamicCast<PortendSource>(applications.Get(0))->GetGenerated();
    const bool runsOn = m_setup.isTcp || !m_setup.maxTime.IsZero();
    result.simulated = runsOn ? recorder.GetLastCompleted() : Simulator::Now();
    const auto incomplete = network.ClosePcap();
    Simulator::Destroy();
    if (!incomplete.empty())
    {
        throw portend::InputError(incomplete, "could not be written to its end");
    }
    return result;
}

} // namespace ns3
