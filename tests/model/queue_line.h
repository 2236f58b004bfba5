/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef QUEUE_LINE_H
#define QUEUE_LINE_H

#include "line_itinerary.h"

#include "ns3/application-container.h"
#include "ns3/double.h"
#include "ns3/enum.h"
#include "ns3/node.h"
#include "ns3/nstime.h"
#include "ns3/pointer.h"
#include "ns3/portend-exit-model.h"
#include "ns3/portend-helper.h"
#include "ns3/portend-network-helper.h"
#include "ns3/portend-request.h"
#include "ns3/portend-server.h"
#include "ns3/portend-sink.h"
#include "ns3/portend-source.h"
#include "ns3/portend-transport.h"
#include "ns3/portend-worker.h"
#include "ns3/random-variable-stream.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <vector>

/// @return a random variable that always takes a value, s
inline ns3::Ptr<ns3::RandomVariableStream>
ConstantMs(double ms)
{
    auto value = ns3::CreateObject<ns3::ConstantRandomVariable>();
    value->SetAttribute("Constant", ns3::DoubleValue(ms * 1e-3));
    return value;
}

/// @return an exponentially distributed random variable, s
inline ns3::Ptr<ns3::RandomVariableStream>
ExponentialMs(double meanMs)
{
    auto value = ns3::CreateObject<ns3::ExponentialRandomVariable>();
    value->SetAttribute("Mean", ns3::DoubleValue(meanMs * 1e-3));
    return value;
}

/// A tier: what its server does, and the queue before it.
struct Place
{
    ns3::Ptr<ns3::RandomVariableStream> service; ///< computation, s; nothing else takes time
    ns3::PortendHelper::Queue queue{};           ///< before the servers
    uint32_t servers{1};                         ///< behind one queue
};

/**
 * @brief A source, tiers in a row and a destination at the source, without profiles.
 *
 * Only services and the propagation of links take time, so that runs can be worked out by hand.
 * Every request passes all tiers.
 */
class QueueLine
{
  public:
    /// A request that was generated, completed or lost, and when.
    struct Event
    {
        uint64_t id{0}; ///< of the request
        double ms{0};   ///< when

        /// @return whether both are the same
        bool operator==(const Event& other) const
        {
            return id == other.id && ms == other.ms;
        }
    };

    /**
     * @param places the tiers
     * @param delay of each link
     * @param transport of the messages
     */
    explicit QueueLine(const std::vector<Place>& places,
                       ns3::Time delay = ns3::Time(),
                       const std::string& transport = "ns3::PortendUdpTransport")
    {
        using namespace ns3;
        const auto count = places.size();
        PortendNetworkHelper network;
        network.SetTransport(transport);
        for (std::size_t k = 1; k < count; ++k)
        {
            network.AddLink(DataRate("1000000Gbps"), delay); // transmission takes no time
        }
        const auto nodes = network.Install();

        std::vector<Ptr<RandomVariableStream>> services;
        for (const auto& place : places)
        {
            services.push_back(place.service);
        }
        const auto itinerary = MakeLineItinerary(services, 0);
        source = CreateObject<PortendSource>();
        source->SetAttribute("ExitModel", PointerValue(CreateObject<PortendNestedExitModel>()));
        source->SetItinerary(itinerary);
        nodes.Get(0)->AddApplication(source);
        for (std::size_t k = 1; k <= count; ++k)
        {
            const auto& place = places[k - 1];
            auto worker = CreateObject<PortendWorker>();
            worker->GetServer()->SetAttribute("Servers", UintegerValue(place.servers));
            worker->SetAttribute("QueueLimit", UintegerValue(place.queue.limit));
            worker->SetAttribute("QueuePolicy", EnumValue(place.queue.policy));
            worker->SetAttribute("Deadline", TimeValue(place.queue.deadline));
            nodes.Get(k - 1)->AddApplication(worker);
            worker->TraceConnectWithoutContext("QueueDrop",
                                               MakeCallback(&QueueLine::QueueDropped, this));
            worker->TraceConnectWithoutContext("DeadlineDrop",
                                               MakeCallback(&QueueLine::DeadlineDropped, this));
            worker->TraceConnectWithoutContext("PartitionStarted",
                                               MakeCallback(&QueueLine::Started, this));
            nodes.Get(k - 1)->GetObject<PortendTransport>()->TraceConnectWithoutContext(
                "MessageSent",
                MakeCallback(&QueueLine::Sent, this));
            workers.push_back(worker);
        }
        if (places.front().queue.policy == PortendWorker::BLOCK)
        {
            source->SetAttribute("QueueLimit", UintegerValue(places.front().queue.limit));
        }
        auto sink = CreateObject<PortendSink>();
        nodes.Get(0)->AddApplication(sink);
        AssignLineStreams(source, itinerary);
        source->TraceConnectWithoutContext("RequestGenerated",
                                           MakeCallback(&QueueLine::Generated, this));
        sink->TraceConnectWithoutContext("RequestCompleted",
                                         MakeCallback(&QueueLine::Completed, this));
        present.resize(count + 1);
        most.resize(count + 1);
    }

    ~QueueLine()
    {
        ns3::Simulator::Destroy();
    }

    QueueLine(const QueueLine&) = delete;
    QueueLine& operator=(const QueueLine&) = delete;

    /// Lets requests arrive at given times.
    void ArriveAtMs(const std::vector<int64_t>& times)
    {
        std::vector<ns3::Time> arrivals;
        for (const auto ms : times)
        {
            arrivals.push_back(ns3::MilliSeconds(ms));
        }
        auto trace = ns3::CreateObject<ns3::PortendTraceArrivals>();
        trace->SetTimes(arrivals);
        source->SetAttribute("Arrivals", ns3::PointerValue(trace));
    }

    /**
     * @brief Lets requests arrive at random, and runs.
     * @param interval between them, s
     * @param requests how many
     */
    void Run(ns3::Ptr<ns3::RandomVariableStream> interval, uint64_t requests)
    {
        interval->SetStream(1000); // apart from those of the applications
        auto arrivals = ns3::CreateObject<ns3::PortendIntervalArrivals>();
        arrivals->SetAttribute("Interval", ns3::PointerValue(interval));
        RunWith(arrivals, requests);
    }

    /**
     * @brief Lets requests arrive, and runs.
     * @param arrivals when they do
     * @param requests how many
     */
    void RunWith(ns3::Ptr<ns3::PortendArrivalProcess> arrivals, uint64_t requests)
    {
        source->SetAttribute("Arrivals", ns3::PointerValue(arrivals));
        source->SetAttribute("MaxRequests", ns3::UintegerValue(requests));
        ns3::Simulator::Run();
    }

    ns3::Ptr<ns3::PortendSource> source;               ///< where requests arise
    std::vector<ns3::Ptr<ns3::PortendWorker>> workers; ///< in the order of partitions
    std::vector<Event> generated;                      ///< in order
    std::vector<Event> completed;                      ///< in order
    std::vector<Event> queueDrops;                     ///< in order
    std::vector<Event> deadlineDrops;                  ///< in order
    std::map<uint64_t, double> waitMs;                 ///< of the completed
    std::map<uint64_t, double> heldMs;                 ///< of the generated

    /// Inputs at the source, then tensors waiting for or on their way to tier 1, 2, ...
    std::vector<int64_t> present;
    std::vector<int64_t> most; ///< the most that there were at any time

  private:
    /// @return a time, ms; exact if it is a whole number
    static double ToMs(ns3::Time time)
    {
        return time.GetNanoSeconds() / 1e6;
    }

    /// @return the time, ms
    static double NowMs()
    {
        return ToMs(ns3::Simulator::Now());
    }

    /// A number of tensors changes.
    void Change(std::size_t place, int64_t by)
    {
        present[place] += by;
        EXPECT_GE(present[place], 0);
        most[place] = std::max(most[place], present[place]);
    }

    /// A request arises.
    void Generated(ns3::Ptr<const ns3::PortendRequest> request)
    {
        generated.push_back({request->id, NowMs()});
        heldMs[request->id] = ToMs(request->held);
        Change(0, 1);
    }

    /// A message leaves: tensor k for partition k + 1.
    void Sent(const ns3::PortendMessage& message, uint32_t /* tier */)
    {
        if (message.kind == ns3::PortendMessage::TENSOR)
        {
            const std::size_t k = message.partition;
            if (k == 0)
            {
                Change(0, -1);
            }
            Change(k + 1, 1);
        }
    }

    /// A tier begins with a tensor.
    void Started(ns3::Ptr<const ns3::PortendRequest> /* request */, uint32_t partition)
    {
        Change(partition, -1);
    }

    /// A queue was full.
    void QueueDropped(ns3::Ptr<const ns3::PortendRequest> request, uint32_t partition)
    {
        queueDrops.push_back({request->id, NowMs()});
        Change(partition, -1);
    }

    /// A request was too old.
    void DeadlineDropped(ns3::Ptr<const ns3::PortendRequest> request, uint32_t partition)
    {
        deadlineDrops.push_back({request->id, NowMs()});
        Change(partition, -1);
    }

    /// A request is complete.
    void Completed(ns3::Ptr<const ns3::PortendRequest> request)
    {
        completed.push_back({request->id, NowMs()});
        waitMs[request->id] = ToMs(request->ledger.Get(ns3::PortendLedger::WAIT));
        EXPECT_EQ(request->ledger.GetTotal(), request->GetLatency()) << request->id;
    }
};

/// Prints an event.
inline void
PrintTo(const QueueLine::Event& event, std::ostream* os)
{
    *os << event.id << " at " << event.ms << " ms";
}

#endif // QUEUE_LINE_H
