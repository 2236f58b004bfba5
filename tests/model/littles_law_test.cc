/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Little's law, L = lambda W, in every run: requests are in the system, in a queue or at a server
// for exactly as long as their ledgers say.

#include "ns3/config.h"
#include "ns3/portend-simulation.h"
#include "ns3/simulator.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

using namespace ns3;

namespace
{

/// A number that changes, integrated over time.
class Integral
{
  public:
    /// The number changes now.
    void Add(int64_t by)
    {
        const auto now = Simulator::Now().GetNanoSeconds();
        m_integral += m_value * (now - m_changed);
        m_changed = now;
        m_value += by;
    }

    /// @return number times nanoseconds, up to the last change
    int64_t Get() const
    {
        return m_integral;
    }

    /// @return the number
    int64_t GetValue() const
    {
        return m_value;
    }

  private:
    int64_t m_value{0};    ///< the number
    int64_t m_integral{0}; ///< number times nanoseconds
    int64_t m_changed{0};  ///< when it changed last, ns
};

/// Watches a run from its trace sources, and its ledgers beside them.
class Watch
{
  public:
    /// Listens to the applications of the simulation that is about to run.
    void Connect()
    {
        // Before anything else happens in the run: by then the applications are there.
        Simulator::ScheduleNow(&Watch::DoConnect, this);
    }

    /// A request's ledger is closed.
    void Completed(const PortendRequest& request)
    {
        inSystem.Add(-1);
        ++completed;
        sojournNs += (Simulator::Now() - request.generated).GetNanoSeconds();
        ledgerNs += request.ledger.GetTotal().GetNanoSeconds();
        waitNs += request.ledger.Get(PortendLedger::WAIT).GetNanoSeconds();
        for (const auto work : {PortendLedger::DESERIALIZATION,
                                PortendLedger::COMPUTATION,
                                PortendLedger::SERIALIZATION})
        {
            workNs += request.ledger.Get(work).GetNanoSeconds();
        }
    }

    Integral inSystem;     ///< requests between generation and completion
    Integral inQueues;     ///< jobs that wait for any server
    Integral atServers;    ///< servers at work
    uint64_t generated{0}; ///< requests
    uint64_t completed{0}; ///< requests
    int64_t sojournNs{0};  ///< sum over the requests, by the clock
    int64_t ledgerNs{0};   ///< sum over the requests' ledgers
    int64_t waitNs{0};     ///< the same of waiting for servers
    int64_t workNs{0};     ///< the same of what servers do

  private:
    /// Connects the trace sources.
    void DoConnect()
    {
        const std::string applications = "/NodeList/*/ApplicationList/*/";
        Config::ConnectWithoutContext(applications + "$ns3::PortendSource/RequestGenerated",
                                      MakeCallback(&Watch::Generated, this));
        for (const std::string type : {"Source", "Worker", "Sink"})
        {
            const auto server = applications + "$ns3::Portend" + type + "/Server/";
            Config::ConnectWithoutContext(server + "QueueLength",
                                          MakeCallback(&Watch::QueueChanged, this));
            Config::ConnectWithoutContext(server + "Busy", MakeCallback(&Watch::BusyChanged, this));
        }
    }

    /// A request has arisen.
    void Generated(Ptr<const PortendRequest> /* request */)
    {
        inSystem.Add(1);
        ++generated;
    }

    /// The length of a queue changes.
    void QueueChanged(uint32_t from, uint32_t to)
    {
        inQueues.Add(int64_t(to) - from);
    }

    /// The number of servers at work changes.
    void BusyChanged(uint32_t from, uint32_t to)
    {
        atServers.Add(int64_t(to) - from);
    }
};

/// What is simulated, by name.
struct Case
{
    std::string name;                               ///< of the test
    void (*configure)(PortendScenario& scenario){}; ///< changes the 3-tier testbed
};

/// Prints a case.
void
PrintTo(const Case& parameter, std::ostream* os)
{
    *os << parameter.name;
}

class LittlesLawTest : public testing::TestWithParam<Case>
{
};

} // namespace

TEST_P(LittlesLawTest, HoldsToTheNanosecond)
{
    PortendScenario scenario;
    scenario.samples = 2000;
    GetParam().configure(scenario);
    const PortendSetup setup(scenario);
    PortendSimulation simulation(setup);
    Watch watch;
    watch.Connect();
    simulation.SetRequestSink([&](const PortendRequest& request) { watch.Completed(request); });
    const auto result = simulation.Run();

    // The run ends empty: what has entered has left.
    ASSERT_EQ(watch.generated, scenario.samples);
    ASSERT_EQ(watch.completed, watch.generated);
    EXPECT_EQ(result.generated, watch.generated);
    EXPECT_EQ(result.completed, watch.completed);
    EXPECT_EQ(watch.inSystem.GetValue(), 0);
    EXPECT_EQ(watch.inQueues.GetValue(), 0);
    EXPECT_EQ(watch.atServers.GetValue(), 0);

    // L T = lambda T W: of requests in the system, of those that wait for a server, and of those
    // at one. T is any time that contains the run.
    EXPECT_EQ(watch.inSystem.Get(), watch.sojournNs);
    EXPECT_EQ(watch.sojournNs, watch.ledgerNs);
    EXPECT_EQ(watch.inQueues.Get(), watch.waitNs);
    EXPECT_EQ(watch.atServers.Get(), watch.workNs);
    EXPECT_GT(watch.workNs, 0);

    // And W is the mean that is reported.
    const double meanMs = watch.inSystem.Get() * 1e-6 / watch.completed;
    EXPECT_NEAR(result.latencyMs.mean, meanMs, 1e-9 * meanMs);
}

INSTANTIATE_TEST_SUITE_P(
    Runs,
    LittlesLawTest,
    testing::Values(Case{"UdpClosed", [](PortendScenario&) {}},
                    Case{"TcpClosed",
                         [](PortendScenario& scenario) { scenario.transport = "tcp"; }},
                    Case{"UdpPoisson",
                         [](PortendScenario& scenario) {
                             scenario.arrival = "poisson:18";
                             scenario.compute = "empirical";
                         }},
                    Case{"TrainsPoisson",
                         [](PortendScenario& scenario) {
                             scenario.network = "trains";
                             scenario.arrival = "poisson:18";
                         }},
                    Case{"UdpPeriodicOverload",
                         [](PortendScenario& scenario) { scenario.arrival = "periodic:30ms"; }},
                    Case{"TcpPoissonSlowLink",
                         [](PortendScenario& scenario) {
                             scenario.transport = "tcp";
                             scenario.mtuBytes = 1500;
                             scenario.arrival = "poisson:18";
                             scenario.links[0].bandwidth = "1Mbps";
                         }},
                    Case{"TcpLoss",
                         [](PortendScenario& scenario) {
                             scenario.transport = "tcp";
                             scenario.loss = 0.05;
                             scenario.arrival = "poisson:10";
                         }},
                    Case{"ThreeTiers",
                         [](PortendScenario& scenario) {
                             scenario.deployment = "0:1-10,1:11-25,2:26-55@0.1";
                             scenario.arrival = "poisson:12";
                             scenario.exits = "independent";
                         }},
                    Case{"TwoServersAboveTheCapacityOfOne",
                         [](PortendScenario& scenario) {
                             scenario.arrival = "poisson:35";
                             scenario.tiers[0].servers = 2;
                             scenario.compute = "gamma";
                         }},
                    Case{"SourceAndDestinationInTheMiddle",
                         [](PortendScenario& scenario) {
                             scenario.source = 1;
                             scenario.destination = 2;
                             scenario.arrival = "poisson:12";
                         }}),
    [](const auto& instance) { return instance.param.name; });
