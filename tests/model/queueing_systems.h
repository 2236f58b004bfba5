/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef QUEUEING_SYSTEMS_H
#define QUEUEING_SYSTEMS_H

#include "../bulk_queue.h"
#include "line_itinerary.h"

#include "ns3/application-container.h"
#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/nstime.h"
#include "ns3/pointer.h"
#include "ns3/portend-exit-model.h"
#include "ns3/portend-helper.h"
#include "ns3/portend-network-helper.h"
#include "ns3/portend-request.h"
#include "ns3/portend-scheduler.h"
#include "ns3/portend-server.h"
#include "ns3/portend-sink.h"
#include "ns3/portend-source.h"
#include "ns3/portend-statistics.h"
#include "ns3/portend-worker.h"
#include "ns3/random-variable-stream.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

/// Queueing systems whose mean is known, and their simulation by Portend's own applications.
namespace queueing
{

/// Seconds that a service takes on average at the first station: the unit of all times here.
constexpr double UNIT = 1;

/// A station: one tier.
struct Station
{
    std::function<ns3::Ptr<ns3::RandomVariableStream>()> makeService; ///< draws seconds
    uint32_t servers{1};                                              ///< behind one queue
    uint32_t batch{1};       ///< most that are served at once, in the time of one
    std::string scheduler{}; ///< of the queue, with its attributes; empty for the default
};

/// A row of the comparison: one or two stations under Poisson arrivals.
struct System
{
    std::string name;              ///< in Kendall's notation
    double load{0};                ///< of the first station, per server
    double rate{0};                ///< of arrivals, per second
    double variation{1};           ///< squared coefficient of variation of the services
    double exitRate{1};            ///< share that leaves after the first station
    ns3::Time delay;               ///< of the way to the second station, and of the way back
    double meanWait{0};            ///< of a single station, by theory, s
    double meanSojourn{0};         ///< time in the tandem, by theory, s
    std::vector<Station> stations; ///< in the order of the requests' way
};

/// Means of one replication.
struct Means
{
    double wait{0};    ///< s
    double sojourn{0}; ///< s
    double number{0};  ///< of requests in the system, over time
};

/// @return services that always take a mean
inline std::function<ns3::Ptr<ns3::RandomVariableStream>()>
Deterministic()
{
    return [] {
        auto service = ns3::CreateObject<ns3::ConstantRandomVariable>();
        service->SetAttribute("Constant", ns3::DoubleValue(UNIT));
        return service;
    };
}

/// @return services that are exponentially distributed
inline std::function<ns3::Ptr<ns3::RandomVariableStream>()>
Exponential(double mean = UNIT)
{
    return [mean] {
        auto service = ns3::CreateObject<ns3::ExponentialRandomVariable>();
        service->SetAttribute("Mean", ns3::DoubleValue(mean));
        return service;
    };
}

/// @return services that have a gamma distribution of a squared coefficient of variation
inline std::function<ns3::Ptr<ns3::RandomVariableStream>()>
Gamma(double variation)
{
    return [variation] {
        auto service = ns3::CreateObject<ns3::GammaRandomVariable>();
        service->SetAttribute("Alpha", ns3::DoubleValue(1 / variation));
        service->SetAttribute("Beta", ns3::DoubleValue(UNIT * variation));
        return service;
    };
}

/// @return services that take half the mean, but for one in ten that takes 5.5 times the mean;
///         the squared coefficient of variation is 0.9 * 0.5^2 + 0.1 * 5.5^2 - 1 = 2.25
inline std::function<ns3::Ptr<ns3::RandomVariableStream>()>
Empirical()
{
    return [] {
        auto service = ns3::CreateObject<ns3::EmpiricalRandomVariable>();
        service->CDF(0.5 * UNIT, 0.9);
        service->CDF(5.5 * UNIT, 1);
        return service;
    };
}

/**
 * Erlang's formula C, by way of his formula B.
 * @param servers number of servers
 * @param load of each
 * @return probability that a request waits
 */
inline double
GetErlangC(uint32_t servers, double load)
{
    const double offered = servers * load;
    double blocked = 1;
    for (uint32_t c = 1; c <= servers; ++c)
    {
        blocked = offered * blocked / (c + offered * blocked);
    }
    return blocked / (1 - load * (1 - blocked));
}

/// @return a station with one server: Pollaczek's and Khinchine's formula
inline System
GetSingleServer(const std::string& name,
                double load,
                double variation,
                const std::function<ns3::Ptr<ns3::RandomVariableStream>()>& makeService)
{
    System system;
    system.name = name;
    system.load = load;
    system.rate = load / UNIT;
    system.variation = variation;
    system.meanWait = load * UNIT * (1 + variation) / (2 * (1 - load));
    system.stations = {{makeService}};
    return system;
}

/// @return a station with several servers
inline System
GetManyServers(uint32_t servers, double load)
{
    System system;
    system.name = "M/M/" + std::to_string(servers);
    system.load = load;
    system.rate = servers * load / UNIT;
    system.meanWait = GetErlangC(servers, load) * UNIT / (servers * (1 - load));
    system.stations = {{Exponential(), servers}};
    return system;
}

/**
 * Poisson arrivals before a server that takes up to b at once, always in the same time.
 * @param batch b
 * @param isFull whether it waits for b, or takes those that are there
 * @param load as a share of full batches
 */
inline System
GetBatches(uint32_t batch, bool isFull, double load)
{
    System system;
    const auto b = std::to_string(batch);
    system.name = isFull ? "M/D^" + b + "/1" : "M/D^(1," + b + ")/1";
    system.load = load;
    system.rate = load * batch / UNIT;
    system.variation = 0;
    system.meanWait = bulk::GetMeanWait(batch, system.rate, UNIT, isFull);
    Station station{Deterministic()};
    station.batch = batch;
    station.scheduler = "ns3::PortendBatchScheduler[Max=" + b +
                        "|Timeout=1e8s|Eager=" + (isFull ? "false]" : "true]");
    system.stations = {station};
    return system;
}

/**
 * Two stations in a row, of which the first lets 0.4 of the requests exit. By Jackson's theorem
 * each is an M/M/1 queue of its own: the second, whose services take 1.5 units, at 0.9 of the
 * load of the first. Its requests also travel half a unit there and half a unit back.
 */
inline System
GetTandem(double load)
{
    const double exitRate = 0.4;
    const double second = 1.5 * UNIT;
    const double secondLoad = load / UNIT * (1 - exitRate) * second;
    const double travel = 0.5 * UNIT;
    System system;
    system.name = "M/M/1 -> M/M/1";
    system.load = load;
    system.rate = load / UNIT;
    system.exitRate = exitRate;
    system.delay = ns3::Seconds(travel);
    system.meanSojourn =
        UNIT / (1 - load) + (1 - exitRate) * (second / (1 - secondLoad) + 2 * travel);
    system.stations = {{Exponential()}, {Exponential(second)}};
    return system;
}

/// @return all single stations, then all tandems, and then those with batches
inline std::vector<System>
GetSystems()
{
    std::vector<System> systems;
    const std::vector<double> loads{0.3, 0.6, 0.9};
    const auto add = [&](const std::function<System(double)>& get) {
        std::transform(loads.begin(), loads.end(), std::back_inserter(systems), get);
    };
    add([](double load) { return GetSingleServer("M/M/1", load, 1, Exponential()); });
    add([](double load) { return GetSingleServer("M/D/1", load, 0, Deterministic()); });
    add([](double load) { return GetSingleServer("M/G/1 gamma", load, 2, Gamma(2)); });
    add([](double load) { return GetSingleServer("M/G/1 empirical", load, 2.25, Empirical()); });
    add([](double load) { return GetManyServers(2, load); });
    add([](double load) { return GetManyServers(4, load); });
    add(GetTandem);
    add([](double load) { return GetBatches(4, true, load); });
    add([](double load) { return GetBatches(4, false, load); });
    add([](double load) { return GetBatches(16, true, load); });
    return systems;
}

/**
 * How long a queue remembers that it began empty: it approaches its steady state as
 * exp(-t / T) with the relaxation time T = 1 / (sqrt(c mu) - sqrt(lambda))^2 of an M/M/c queue,
 * in which lambda T requests arrive. Services that vary more or less than exponential ones make
 * T about (1 + variation) / 2 times as long, in which batches bring so many more requests.
 * @return lambda T
 */
inline double
GetRelaxationRequests(const System& system)
{
    const double root = 1 - std::sqrt(system.load);
    return system.stations.front().batch * (1 + system.variation) / 2 * system.load / (root * root);
}

/// Measures requests `first` to `last`, and the time in which they arise.
class Meter
{
  public:
    /**
     * @param first request that is measured
     * @param last request that is measured
     */
    Meter(uint64_t first, uint64_t last)
        : m_first(first),
          m_last(last)
    {
    }

    /// A request enters the system.
    void Generated(ns3::Ptr<const ns3::PortendRequest> request)
    {
        Change(1);
        if (request->id == m_first)
        {
            m_begin = m_changed;
            m_presence = 0;
        }
        if (request->id == m_last)
        {
            m_number = m_presence / (m_changed - m_begin).GetSeconds();
        }
    }

    /// A request leaves the system.
    void Completed(ns3::Ptr<const ns3::PortendRequest> request)
    {
        Change(-1);
        if (request->id >= m_first)
        {
            m_wait.Add(request->ledger.Get(ns3::PortendLedger::WAIT).GetSeconds());
            m_sojourn.Add(request->GetLatency().GetSeconds());
        }
    }

    /// @return what was seen, once all requests have left
    Means GetMeans() const
    {
        return {m_wait.GetMean(), m_sojourn.GetMean(), m_number};
    }

  private:
    /// The number of requests in the system changes.
    void Change(int by)
    {
        const auto now = ns3::Simulator::Now();
        m_presence += m_present * (now - m_changed).GetSeconds();
        m_changed = now;
        m_present += by;
    }

    const uint64_t m_first;     ///< request that is measured
    const uint64_t m_last;      ///< request that is measured
    ns3::PortendMean m_wait;    ///< s
    ns3::PortendMean m_sojourn; ///< s
    double m_number{0};         ///< of requests, mean over time
    int m_present{0};           ///< requests in the system
    double m_presence{0};       ///< seconds that requests spent in the system since m_begin
    ns3::Time m_begin;          ///< when the first request arose
    ns3::Time m_changed;        ///< when the number changed last
};

/**
 * @brief Simulate a system once, from empty.
 *
 * Ten relaxation times are left out, after which e^-10 of the start is left. Fifty, and 10 000
 * requests at least, are measured: so long that the mean of 30 replications is as good as
 * normally distributed. Replications are independent of one another, so that nothing else
 * depends on their length.
 *
 * @param system what to simulate
 * @param run of ns-3's random streams
 * @return what was seen
 */
inline Means
Simulate(const System& system, uint64_t run)
{
    using namespace ns3;
    RngSeedManager::SetSeed(1);
    RngSeedManager::SetRun(run);
    const auto relaxation = static_cast<uint64_t>(std::ceil(GetRelaxationRequests(system)));
    const uint64_t first = 10 * relaxation;
    const uint64_t batch = system.stations.front().batch;
    const uint64_t enough = first + std::max<uint64_t>(50 * relaxation, 10000);
    const uint64_t last = (enough + batch - 1) / batch * batch - 1; // the last batch is full
    const auto count = system.stations.size();

    PortendNetworkHelper network;
    for (std::size_t k = 1; k < count; ++k)
    {
        network.AddLink(DataRate("1000000Gbps"), system.delay); // transmission takes no time
    }
    const auto nodes = network.Install();

    std::vector<Ptr<RandomVariableStream>> services;
    for (const auto& station : system.stations)
    {
        services.push_back(station.makeService());
    }
    const auto itinerary = MakeLineItinerary(services, system.exitRate);
    for (auto& stage : itinerary->stages)
    {
        stage.batchFixedShare = 1;
    }
    auto source = CreateObject<PortendSource>();
    source->SetAttribute(
        "Arrivals",
        PointerValue(
            CreateObjectWithAttributes<PortendPoissonArrivals>("Rate", DoubleValue(system.rate))));
    source->SetAttribute("ExitModel", PointerValue(CreateObject<PortendNestedExitModel>()));
    source->SetAttribute("MaxRequests", UintegerValue(last + 1));
    source->SetItinerary(itinerary);
    nodes.Get(0)->AddApplication(source);
    for (std::size_t k = 1; k <= count; ++k)
    {
        auto worker = CreateObject<PortendWorker>();
        worker->GetServer()->SetAttribute("Servers", UintegerValue(system.stations[k - 1].servers));
        const auto& scheduler = system.stations[k - 1].scheduler;
        if (!scheduler.empty())
        {
            worker->GetServer()->SetAttribute("Scheduler", StringValue(scheduler));
        }
        nodes.Get(k - 1)->AddApplication(worker);
    }
    auto sink = CreateObject<PortendSink>();
    nodes.Get(0)->AddApplication(sink);
    AssignLineStreams(source, itinerary);

    Meter meter(first, last);
    source->TraceConnectWithoutContext("RequestGenerated", MakeCallback(&Meter::Generated, &meter));
    sink->TraceConnectWithoutContext("RequestCompleted", MakeCallback(&Meter::Completed, &meter));
    Simulator::Run();
    Simulator::Destroy();
    return meter.GetMeans();
}

/// A mean that theory knows, and what the simulation says of it.
struct Row
{
    System system;        ///< which
    std::string quantity; ///< wait, sojourn or number
    double theory;        ///< expected
    double mean;          ///< simulated
    double ci95;          ///< half-width of its 95 % interval

    /// @return whether the theory lies in the interval
    bool IsInside() const
    {
        return std::abs(mean - theory) <= ci95;
    }
};

/**
 * @brief Hold all systems against theory.
 *
 * Every simulation has a run of its own: with the same arrivals systems would err together.
 *
 * @param replications of each system: the first system has the runs 1, 2, ...
 * @return the wait of each single station; time and number in the system of each tandem
 */
inline std::vector<Row>
CompareAll(uint64_t replications)
{
    std::vector<Row> rows;
    uint64_t run = 1;
    for (const auto& system : GetSystems())
    {
        ns3::PortendMean wait;
        ns3::PortendMean sojourn;
        ns3::PortendMean number;
        for (uint64_t i = 0; i < replications; ++i)
        {
            const auto means = Simulate(system, run++);
            wait.Add(means.wait);
            sojourn.Add(means.sojourn);
            number.Add(means.number);
        }
        const auto add = [&](const char* quantity, double theory, const ns3::PortendMean& mean) {
            rows.push_back({system, quantity, theory, mean.GetMean(), mean.GetConfidence95()});
        };
        if (system.stations.size() == 1)
        {
            add("wait", system.meanWait, wait);
        }
        else
        {
            add("sojourn", system.meanSojourn, sojourn);
            add("number", system.rate * system.meanSojourn, number); // Little's law
        }
    }
    return rows;
}

/// Measures the waits of two classes, and ends the simulation when both have had their requests.
class ClassMeter
{
  public:
    /**
     * @param first request of each class that is measured
     * @param last request of each class that is measured
     */
    ClassMeter(uint64_t first, uint64_t last)
        : m_first(first),
          m_left{last + 1, last + 1}
    {
    }

    /// A request leaves the system.
    void Completed(ns3::Ptr<const ns3::PortendRequest> request)
    {
        if (!request->isMeasured)
        {
            return; // it only keeps up the load
        }
        if (request->id >= m_first)
        {
            m_waits[request->stream].Add(
                request->ledger.Get(ns3::PortendLedger::WAIT).GetSeconds());
        }
        --m_left[request->stream];
        if (m_left[0] == 0 && m_left[1] == 0)
        {
            ns3::Simulator::Stop();
        }
    }

    /// @return mean wait of a class, s
    double GetWait(std::size_t number) const
    {
        return m_waits[number].GetMean();
    }

  private:
    const uint64_t m_first;                  ///< request that is measured
    std::array<uint64_t, 2> m_left;          ///< requests of each class that are to leave
    std::array<ns3::PortendMean, 2> m_waits; ///< s
};

/**
 * @brief Simulate two classes of equal rates before one server with exponential services, of which
 *        the first class is served first, but interrupts nothing.
 * @param system load and rate of both together
 * @param run of ns-3's random streams
 * @return mean wait of each class, s
 */
inline std::array<double, 2>
SimulatePriorities(const System& system, uint64_t run)
{
    using namespace ns3;
    RngSeedManager::SetSeed(1);
    RngSeedManager::SetRun(run);
    const auto relaxation = static_cast<uint64_t>(std::ceil(GetRelaxationRequests(system)));
    const uint64_t first = 10 * relaxation / 2;
    const uint64_t last = first + std::max<uint64_t>(50 * relaxation, 10000) / 2;
    PortendNetworkHelper network;
    const auto node = network.Install().Get(0);
    ClassMeter meter(first, last);
    for (uint32_t number = 0; number < 2; ++number)
    {
        constexpr int64_t VARIABLES_OF_A_CLASS = 100;
        const auto service = Exponential()();
        const auto itinerary = MakeLineItinerary({service}, 1);
        itinerary->priority = 1 - number;
        auto source = CreateObject<PortendSource>();
        source->SetAttribute("Stream", UintegerValue(number));
        source->SetAttribute("Arrivals",
                             PointerValue(CreateObjectWithAttributes<PortendPoissonArrivals>(
                                 "Rate",
                                 DoubleValue(system.rate / 2))));
        source->SetAttribute("ExitModel", PointerValue(CreateObject<PortendNestedExitModel>()));
        source->SetAttribute("MaxRequests", UintegerValue(last + 1));
        source->SetAttribute("Continue", BooleanValue(true));
        source->SetItinerary(itinerary);
        node->AddApplication(source);
        auto sink = CreateObject<PortendSink>();
        sink->SetAttribute("Stream", UintegerValue(number));
        node->AddApplication(sink);
        const auto used = source->AssignStreams(number * VARIABLES_OF_A_CLASS);
        service->SetStream(number * VARIABLES_OF_A_CLASS + used);
        sink->TraceConnectWithoutContext("RequestCompleted",
                                         MakeCallback(&ClassMeter::Completed, &meter));
    }
    auto worker = CreateObject<PortendWorker>();
    worker->GetServer()->SetAttribute("Scheduler", StringValue("ns3::PortendPriorityScheduler"));
    node->AddApplication(worker);
    Simulator::Run();
    Simulator::Destroy();
    return {meter.GetWait(0), meter.GetWait(1)};
}

/**
 * @brief Hold two classes against theory: with the work R that is found in service, of exponential
 *        services load times one of them, the first waits R / (1 - rho_1), the second
 *        R / ((1 - rho_1) (1 - rho)) (A. Cobham, Priority assignment in waiting line problems,
 *        1954).
 * @param replications of each load
 * @return waits of the first class and of the second
 */
inline std::vector<Row>
ComparePriorities(uint64_t replications)
{
    std::vector<Row> rows;
    uint64_t run = 1;
    for (const double load : {0.3, 0.6, 0.9})
    {
        auto system = GetSingleServer("M/M/1 priority", load, 1, Exponential());
        std::array<ns3::PortendMean, 2> waits;
        for (uint64_t i = 0; i < replications; ++i)
        {
            const auto means = SimulatePriorities(system, run++);
            waits[0].Add(means[0]);
            waits[1].Add(means[1]);
        }
        const double first = load * UNIT / (1 - load / 2);
        const std::array<double, 2> theory{first, first / (1 - load)};
        for (std::size_t number = 0; number < waits.size(); ++number)
        {
            rows.push_back({system,
                            number == 0 ? "first" : "second",
                            theory[number],
                            waits[number].GetMean(),
                            waits[number].GetConfidence95()});
        }
    }
    return rows;
}

} // namespace queueing

#endif // QUEUEING_SYSTEMS_H
