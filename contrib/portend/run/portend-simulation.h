/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_SIMULATION_H
#define PORTEND_SIMULATION_H

#include "portend-statistics.h"

#include "ns3/portend-link-traffic.h"
#include "ns3/portend-request.h"
#include "ns3/portend-setup.h"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief What a node took, in joules.
 */
struct PortendNodeEnergy
{
    double idleJ{0};            //!< what it always draws, as long as it is on
    double deserializationJ{0}; //!< beyond that
    double computationJ{0};     //!< the same
    double serializationJ{0};   //!< the same
    double transmissionJ{0};    //!< of its ends of links: messages, and what else they carry
    double seconds{0};          //!< how long that is

    /// @return all of it
    double GetTotal() const
    {
        return idleJ + deserializationJ + computationJ + serializationJ + transmissionJ;
    }

    /// @return mean power, W
    double GetMeanPower() const
    {
        return seconds > 0 ? GetTotal() / seconds : 0;
    }

    /// What fed it.
    struct Battery
    {
        double capacityJ{0}; //!< at the beginning
        double leftJ{0};     //!< at the end
        Time empty;          //!< when it was empty first; Time::Max() if it was not
    };

    std::optional<Battery> battery; //!< none if it is fed without end

    /**
     * @brief Add what another node took in the same time.
     * @param other the same of it
     * @return the sum; of batteries the first that is empty counts
     */
    PortendNodeEnergy& operator+=(const PortendNodeEnergy& other);
};

/**
 * @ingroup portend
 * @brief How much a node computed.
 */
struct PortendNodeUse
{
    double utilization{0};      //!< share of its servers' time that they were at work
    double waiting{0};          //!< mean number of jobs that waited for a server
    PortendNodeEnergy energy{}; //!< what it took, where powers are known
};

/**
 * @ingroup portend
 * @brief What was computed at once.
 */
struct PortendBatches
{
    uint64_t batches{0}; //!< computations; those of a tensor alone included
    uint64_t tensors{0}; //!< that they had
};

/**
 * @ingroup portend
 * @brief How the members of a stream differ.
 */
struct PortendMemberSpread
{
    uint64_t count{0}; //!< members with a complete request
    double minMs{0};   //!< smallest mean latency of a member; NaN like the next if there is none
    double maxMs{0};   //!< largest
};

/**
 * @ingroup portend
 * @brief What the controllers of a stream's members did.
 */
struct PortendControl
{
    uint64_t decisions{0}; //!< that they made
    uint64_t switches{0};  //!< of them that gave another deployment
    Time decisionTime;     //!< of each
    /// Requests by deployment, in the text form; those that arose.
    std::map<std::string, uint64_t> requests;
};

/**
 * @ingroup portend
 * @brief What a simulation showed of a stream, its members together.
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
    std::array<PortendInterval, PortendLedger::WAIT_PARTS> waitMs; //!< of WAIT, where it has parts
    std::array<PortendInterval, PortendLedger::LINK_PARTS> excessMs; //!< of NETWORK_EXCESS
    PortendInterval energyJ; //!< of a request, where powers are known
    std::array<PortendInterval, PortendLedger::COMPONENTS> energiesJ; //!< they sum to it
    double p50Ms{0}; //!< median latency; NaN like the next three, if no request is complete
    double p95Ms{0}; //!< 95th percentile
    double p99Ms{0}; //!< 99th percentile
    double maxMs{0}; //!< largest latency
    std::vector<PortendBatches> batches;    //!< by partition; of those whose first request counts
    std::vector<PortendInterval> exitRates; //!< share of requests that exit at partition k
    PortendInterval accuracy;               //!< share of right answers
    uint64_t met{0};                        //!< requests answered by their deadline
    std::vector<uint64_t> metByExit;        //!< the same of those that exit at partition k
    std::vector<uint64_t> queueDrops;       //!< requests that full queues lost, by tier
    std::vector<uint64_t> deadlineDrops;    //!< requests past their deadline, by tier
    std::vector<uint64_t> failureDrops;     //!< requests lost as the node was down, by tier
    uint64_t fallbacks{0};                  //!< requests answered by a fallback
    uint64_t lateAnswers{0};                //!< answers that came behind one
    std::vector<uint64_t> droppedBytes;     //!< of tensors not sent, by tier
    PortendControl control;                 //!< of those who gave it deployments
    std::vector<PortendLinkTraffic> links;  //!< of a chain: traffic by link, all that there was
    std::vector<PortendNodeUse> nodes;      //!< of a chain: by node, where powers are known
    PortendMemberSpread members;            //!< how members differ
    /// Where links change, what the analytical model says of completed requests, each under the
    /// links of the moment in which it arose, ms.
    std::optional<portend::Components> momentMs;
    Time simulated; //!< when the last event happened; over TCP, whose
                    //!< timers run on, or with a largest time, when the
                    //!< last result was complete
};

/**
 * @ingroup portend
 * @brief What a simulation showed of all streams, and of what they share.
 */
struct PortendNetworkResult
{
    std::vector<PortendResult> streams;                   //!< in their order
    std::vector<std::array<PortendLinkTraffic, 2>> links; //!< by link: up, down
    std::vector<PortendNodeUse> nodes; //!< by node; of a chain none, but where powers are known
    Time simulated; //!< when the last event happened, or the last result was complete
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
     * @brief Constructor: a chain with a stream, or a stream among others, of which all is shown.
     * @param setup what to simulate; it must outlive this object
     */
    explicit PortendSimulation(const PortendSetup& setup);

    /**
     * @brief Constructor: streams on a network.
     * @param setup what to simulate; it must outlive this object
     */
    explicit PortendSimulation(const PortendWorldSetup& setup);

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
     * @return what was seen of the first stream, and of the links
     */
    PortendResult Run();

    /**
     * @brief Run to the end of all streams.
     * @return what was seen
     */
    PortendNetworkResult RunAll();

  private:
    /**
     * @brief Simulate all streams of a network.
     * @param setup the network
     */
    void SetStreams(const PortendWorldSetup& setup);

    const PortendNetworkSetup& m_network;             //!< links and transport
    uint32_t m_nodes{0};                              //!< number of nodes
    std::vector<const PortendStreamSetup*> m_streams; //!< on the network
    std::shared_ptr<const PortendWorldSetup> m_world; //!< of the other streams; null if none
    std::size_t m_shown{0};                           //!< index of the stream that Run() shows
    RequestSink m_sink;                               //!< watches completed requests
    std::string m_pcapPrefix;                         //!< of pcap files
};

} // namespace ns3

#endif // PORTEND_SIMULATION_H
