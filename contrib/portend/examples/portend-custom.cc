/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * @ingroup portend
 * An exit model, an arrival process and a scheduler of one's own.
 *
 * They are classes of ns-3, defined below, and chosen by their names and attributes:
 *
 *      portend-custom --exits=ns3::MyExits[Bias=3] --arrival=ns3::MyArrivals[Period=8ms]
 *
 * Portend's own are chosen the same way, or by short names: `--exits=nested --arrival=poisson:100
 * --scheduler=ns3::PortendFifoScheduler`. What is simulated is the network of portend-minimal, with
 * a camera whose frames do not wait for each other's answers.
 */

#include "portend-example.h"

#include "ns3/command-line.h"
#include "ns3/double.h"
#include "ns3/nstime.h"
#include "ns3/pointer.h"
#include "ns3/portend-choices.h"
#include "ns3/portend-helper.h"
#include "ns3/portend-network-helper.h"
#include "ns3/portend-output.h"
#include "ns3/portend-scheduler.h"
#include "ns3/string.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

namespace ns3
{

/// How often the classes below were asked.
struct Asked
{
    uint64_t exits{0};    //!< whether a sample exits
    uint64_t arrivals{0}; //!< when the next request arises
    uint64_t jobs{0};     //!< which job is next
};

/// The same, of this run.
static Asked g_asked;

/**
 * Nested exits, some branches being bolder: of the samples that remain, a share of rate^(1/Bias)
 * exits.
 */
class MyExits : public PortendExitModel
{
  public:
    /**
     * Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId()
    {
        static TypeId tid = TypeId("ns3::MyExits")
                                .SetParent<PortendExitModel>()
                                .AddConstructor<MyExits>()
                                .AddAttribute("Bias",
                                              "1 exits as the profile says, more exits more.",
                                              DoubleValue(1),
                                              MakeDoubleAccessor(&MyExits::m_bias),
                                              MakeDoubleChecker<double>(0));
        return tid;
    }

    bool Exits(const PortendSample& sample, const PortendBranch& branch) const override
    {
        ++g_asked.exits;
        return std::pow(sample.difficulty, m_bias) < branch.exitRate;
    }

  private:
    double m_bias; //!< power of the difficulty
};

/// A camera: a frame every period, and some earlier or later; delays do not add up.
class MyArrivals : public PortendArrivalProcess
{
  public:
    /**
     * Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId()
    {
        static TypeId tid =
            TypeId("ns3::MyArrivals")
                .SetParent<PortendArrivalProcess>()
                .AddConstructor<MyArrivals>()
                .AddAttribute("Period",
                              "Time between frames.",
                              TimeValue(MilliSeconds(6)),
                              MakeTimeAccessor(&MyArrivals::m_period),
                              MakeTimeChecker(NanoSeconds(1)))
                .AddAttribute("Jitter",
                              "How much later a frame is there, seconds.",
                              StringValue("ns3::UniformRandomVariable[Min=0|Max=0.004]"),
                              MakePointerAccessor(&MyArrivals::m_jitter),
                              MakePointerChecker<RandomVariableStream>());
        return tid;
    }

    void Begin(Time now) override
    {
        m_frame = now;
    }

    std::optional<Arrival> GetNext(Time now, Time /* stood */) override
    {
        ++g_asked.arrivals;
        m_frame += m_period;
        const auto due = m_frame + Seconds(m_jitter->GetValue());
        return Arrival{due, Max(due, now)};
    }

    portend::Arrivals Describe() const override
    {
        return {1 / m_period.GetSeconds(), 0}; // but for the jitter
    }

    std::vector<Ptr<RandomVariableStream>> GetRandomVariables() const override
    {
        return {m_jitter};
    }

  private:
    Time m_period;                      //!< between frames
    Time m_frame;                       //!< when the last frame was due
    Ptr<RandomVariableStream> m_jitter; //!< how much later they are there, s
};

/// Last come, first served: the freshest frame is worth most.
class MyScheduler : public PortendScheduler
{
  public:
    /**
     * Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId()
    {
        static TypeId tid =
            TypeId("ns3::MyScheduler").SetParent<PortendScheduler>().AddConstructor<MyScheduler>();
        return tid;
    }

    void Enqueue(PortendJob job) override
    {
        m_jobs.push_back(std::move(job));
    }

    std::vector<PortendJob> Next(Time /* now */) override
    {
        ++g_asked.jobs;
        auto last = std::move(m_jobs.back());
        m_jobs.pop_back();
        return {last};
    }

    PortendJob Evict() override
    {
        const auto oldest = std::find_if(m_jobs.begin(), m_jobs.end(), IsTensor);
        auto job = std::move(*oldest);
        m_jobs.erase(oldest);
        return job;
    }

    std::size_t GetTensors() const override
    {
        return std::count_if(m_jobs.begin(), m_jobs.end(), IsTensor);
    }

  protected:
    void DoDispose() override
    {
        m_jobs.clear();
        PortendScheduler::DoDispose();
    }

  private:
    /**
     * Tell tensors from work of sources and sinks.
     * @param job the job
     * @return whether it is a tensor
     */
    static bool IsTensor(const PortendJob& job)
    {
        return job.partition > 0;
    }

    std::vector<PortendJob> m_jobs; //!< in the order of arrival
};

// By this, their names are known.
NS_OBJECT_ENSURE_REGISTERED(MyExits);
NS_OBJECT_ENSURE_REGISTERED(MyArrivals);
NS_OBJECT_ENSURE_REGISTERED(MyScheduler);

} // namespace ns3

using namespace ns3;

namespace
{

/// What the command line chooses.
struct Choices
{
    std::string exits{"ns3::MyExits[Bias=2]"}; //!< what becomes of samples
    std::string arrival{"ns3::MyArrivals"};    //!< when requests arise
    std::string scheduler{"ns3::MyScheduler"}; //!< what a server takes next
    uint32_t requests{1000};                   //!< how many
};

/**
 * Simulate.
 * @param choices what the command line chooses
 * @return whether everything holds that must
 */
bool
Simulate(const Choices& choices)
{
    const auto model = MakeInventedModel();
    const auto board = MakeInventedBoard();
    portend::Node server;
    server.computeFactor = 0.25;
    const auto chain = portend::MakeChain({{board}, {board, server}}, {{10e6, 20}});
    const auto deployment = portend::Deployment::Parse("0:1-2,1:3-3@0.5");

    PortendNetworkHelper network;
    network.AddLink(DataRate("10Mbps"), MilliSeconds(20));
    const auto nodes = network.Install();
    PortendHelper helper(model, chain, deployment);
    helper.SetMaxRequests(choices.requests);
    helper.SetExitModel(PortendChooseExits(choices.exits, model, deployment, "--exits")());
    helper.SetArrivals(PortendChooseArrivals(choices.arrival, choices.requests, "--arrival")());
    PortendHelper::Queue queue;
    queue.makeScheduler = PortendChooseScheduler(choices.scheduler, "--scheduler");
    helper.SetQueue(0, queue);
    helper.SetQueue(1, queue);
    const auto applications = helper.Install(nodes);
    helper.AssignStreams(0);
    Tally tally(choices.requests);
    tally.Watch(applications);
    Simulator::Run();
    Simulator::Destroy();

    std::cout << "asked      MyExits " << g_asked.exits << ", MyArrivals " << g_asked.arrivals
              << ", MyScheduler " << g_asked.jobs << " times\n";
    // Those that were chosen, and no others.
    const auto agrees = [](uint64_t asked, const std::string& text, const std::string& name) {
        return (asked > 0) == (text.find(name) == 0);
    };
    if (!agrees(g_asked.exits, choices.exits, "ns3::MyExits") ||
        !agrees(g_asked.arrivals, choices.arrival, "ns3::MyArrivals") ||
        !agrees(g_asked.jobs, choices.scheduler, "ns3::MyScheduler"))
    {
        std::cerr << "others were asked than those that were chosen\n";
        return false;
    }
    return tally.Report();
}

} // namespace

int
main(int argc, char* argv[])
{
    PortendGuardStandardStreams("portend-custom");
    Choices choices;
    CommandLine cmd(__FILE__);
    cmd.AddValue("exits", "Exit model: a short name or a type of ns-3", choices.exits);
    cmd.AddValue("arrival", "Arrivals: a short form or a type of ns-3", choices.arrival);
    cmd.AddValue("scheduler", "Scheduler: a type of ns-3", choices.scheduler);
    cmd.AddValue("requests", "Number of requests", choices.requests);
    cmd.Parse(argc, argv);
    try
    {
        return Simulate(choices) ? 0 : 1;
    }
    catch (const portend::InputError& error)
    {
        std::cerr << "portend-custom: " << error.GetWhere() << ": " << error.what() << "\n";
        return 2;
    }
}
