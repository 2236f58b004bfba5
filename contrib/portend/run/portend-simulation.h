/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_SIMULATION_H
#define PORTEND_SIMULATION_H

#include "portend-statistics.h"

#include "ns3/portend-request.h"
#include "ns3/portend-setup.h"

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief What went over a link, both directions together.
 */
struct PortendLinkTraffic
{
    uint64_t sentBytes{0};      //!< bytes that began to be transmitted, link headers included
    uint64_t receivedBytes{0};  //!< bytes that arrived at the other end
    uint64_t droppedBytes{0};   //!< bytes that the device queues refused
    uint64_t droppedPackets{0}; //!< packets that the device queues refused
    uint64_t damagedBytes{0};   //!< bytes that the link lost
    uint64_t damagedPackets{0}; //!< packets that the link lost
    uint64_t savedBytes{0};     //!< bytes that early exits kept from the link
};

/**
 * @ingroup portend
 * @brief What a simulation showed.
 */
struct PortendResult
{
    uint64_t generated{0};     //!< requests that arose
    uint64_t completed{0};     //!< requests whose result is complete
    uint64_t held{0};          //!< requests that full queues kept from arising for a time
    double heldMeanMs{0};      //!< mean of these times; NaN if there are none
    double heldMaxMs{0};       //!< largest of them; NaN if there are none
    PortendInterval latencyMs; //!< end to end
    std::array<PortendInterval, PortendLedger::COMPONENTS> componentsMs; //!< they sum to latency
    std::array<PortendInterval, PortendLedger::EXCESS_PARTS> excessMs;   //!< of NETWORK_EXCESS
    double p50Ms{0}; //!< median latency; NaN like the next three, if no request is complete
    double p95Ms{0}; //!< 95th percentile
    double p99Ms{0}; //!< 99th percentile
    double maxMs{0}; //!< largest latency
    std::vector<PortendInterval> exitRates; //!< share of requests that exit at partition k
    PortendInterval accuracy;               //!< share of right answers
    std::vector<uint64_t> queueDrops;       //!< requests that full queues lost, by tier
    std::vector<uint64_t> deadlineDrops;    //!< requests past their deadline, by tier
    std::vector<uint64_t> droppedBytes;     //!< of tensors not sent, by tier
    std::vector<PortendLinkTraffic> links;  //!< traffic by link
    Time simulated;                         //!< when the last event happened; over TCP, whose
                                            //!< timers run on, or with a largest time, when the
                                            //!< last result was complete
};

/**
 * @ingroup portend
 * @brief Runs scenarios.
 *
 * One simulation at a time: ns-3's simulator is global. Each run leaves it destroyed.
 */
class PortendSimulation
{
  public:
    /// Called with each completed request.
    using RequestSink = std::function<void(const PortendRequest&)>;

    /**
     * @brief Constructor.
     * @param setup what to simulate; it must outlive this object
     */
    explicit PortendSimulation(const PortendSetup& setup);

    /**
     * @brief Watch the completed requests.
     * @param sink called with each, in the order of completion
     */
    void SetRequestSink(RequestSink sink);

    /**
     * @brief Write pcap files of all devices.
     * @param prefix of the files' names; none are written if it is empty
     */
    void SetPcapPrefix(const std::string& prefix);

    /**
     * @brief Run to the end.
     * @return what was seen
     */
    PortendResult Run();

  private:
    const PortendSetup& m_setup; //!< what to simulate
    RequestSink m_sink;          //!< watches completed requests
    std::string m_pcapPrefix;    //!< of pcap files
};

} // namespace ns3

#endif // PORTEND_SIMULATION_H
