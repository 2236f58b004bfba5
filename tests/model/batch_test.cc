/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Batches: when they begin, how long they take, and what becomes of those that exit.

#include "queue_line.h"
#include "simulator_test.h"

#include "ns3/string.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace ns3
{

/// Lets samples of given numbers exit at the first branch.
class ChosenExits : public PortendExitModel
{
  public:
    /// @return the object TypeId
    static TypeId GetTypeId()
    {
        static TypeId tid =
            TypeId("ns3::ChosenExits").SetParent<PortendExitModel>().AddConstructor<ChosenExits>();
        return tid;
    }

    bool Exits(const PortendSample& sample, const PortendBranch& branch) const override
    {
        return branch.partition == 1 && chosen.count(sample.number) > 0;
    }

    std::set<uint64_t> chosen; ///< those that exit
};

/// A user's own: two tensors at once, or none.
class PairScheduler : public PortendFifoScheduler
{
  public:
    /// @return the object TypeId
    static TypeId GetTypeId()
    {
        static TypeId tid = TypeId("ns3::PairScheduler")
                                .SetParent<PortendFifoScheduler>()
                                .AddConstructor<PairScheduler>();
        return tid;
    }

    std::vector<PortendJob> Next(Time now) override
    {
        std::vector<PortendJob> pair;
        if (GetTensors() >= 2)
        {
            pair = PortendFifoScheduler::Next(now);
            pair.push_back(PortendFifoScheduler::Next(now).front());
        }
        return pair;
    }

    portend::Batching Describe() const override
    {
        return {2, 0, false, false};
    }
};

NS_OBJECT_ENSURE_REGISTERED(ChosenExits);
NS_OBJECT_ENSURE_REGISTERED(PairScheduler);

} // namespace ns3

using namespace ns3;

namespace
{

/// What a request has in its ledger, and when it was complete, ms.
struct Entry
{
    double queue{0};           ///< of the waiting
    double batch{0};           ///< of the waiting
    double deserialization{0}; ///< in all
    double computation{0};     ///< in all
    double serialization{0};   ///< in all
    double completed{0};       ///< when

    /// @return whether both are the same
    bool operator==(const Entry& other) const
    {
        const auto tie = [](const Entry& e) {
            return std::tie(e.queue,
                            e.batch,
                            e.deserialization,
                            e.computation,
                            e.serialization,
                            e.completed);
        };
        return tie(*this) == tie(other);
    }
};

/// Prints an entry.
void
PrintTo(const Entry& entry, std::ostream* os)
{
    *os << "{queue " << entry.queue << ", batch " << entry.batch << ", deserialization "
        << entry.deserialization << ", computation " << entry.computation << ", serialization "
        << entry.serialization << ", completed " << entry.completed << "}";
}

/// By request.
using Entries = std::map<uint64_t, Entry>;

/// A computation: partition, size, and when it began, ms.
using Computation = std::tuple<uint32_t, uint32_t, double>;

/**
 * One node with all partitions. Deserialization takes 1 ms, partitions 10, 20, ... ms alone, and
 * serialization of results 2 ms. Half of a computation is paid once a batch.
 */
class BatchTest : public SimulatorTest
{
  protected:
    /// @return the itinerary
    static Ptr<PortendItinerary> MakeItinerary(std::size_t partitions)
    {
        std::vector<Ptr<RandomVariableStream>> services;
        for (std::size_t k = 1; k <= partitions; ++k)
        {
            services.push_back(ConstantMs(10.0 * k));
        }
        auto itinerary = MakeLineItinerary(services, 0);
        for (auto& stage : itinerary->stages)
        {
            stage.node = 0;
            stage.staysOnNode = stage.branch.partition < partitions;
            stage.batchFixedShare = 0.5;
            stage.resultSerializationTime = ConstantMs(2);
        }
        itinerary->stages.front().deserializationTime = ConstantMs(1);
        return itinerary;
    }

    /**
     * Lets requests arise, and runs.
     * @param scheduler of the server
     * @param arrivals when, ms
     * @param chosen which exit at the first of two partitions; none: there is one partition
     * @param servers of the node
     */
    Entries Run(const std::string& scheduler,
                const std::vector<int64_t>& arrivals,
                const std::set<uint64_t>& chosen = {},
                uint32_t servers = 1)
    {
        PortendNetworkHelper network;
        const auto nodes = network.Install(1);
        const auto itinerary = m_itinerary ? m_itinerary : MakeItinerary(chosen.empty() ? 1 : 2);
        auto source = CreateObject<PortendSource>();
        auto exits = CreateObject<ChosenExits>();
        exits->chosen = chosen;
        source->SetAttribute("ExitModel", PointerValue(exits));
        source->SetItinerary(itinerary);
        auto trace = CreateObject<PortendTraceArrivals>();
        std::vector<Time> times;
        for (const auto ms : arrivals)
        {
            times.push_back(MilliSeconds(ms));
        }
        trace->SetTimes(times);
        source->SetAttribute("Arrivals", PointerValue(trace));
        auto worker = CreateObject<PortendWorker>();
        worker->GetServer()->SetAttribute("Scheduler", StringValue(scheduler));
        worker->GetServer()->SetAttribute("Servers", UintegerValue(servers));
        worker->SetAttribute("Overhead", TimeValue(m_overhead));
        worker->SetAttribute("Deadline", TimeValue(m_deadline));
        worker->TraceConnectWithoutContext("BatchStarted", MakeCallback(&BatchTest::Started, this));
        auto sink = CreateObject<PortendSink>();
        sink->TraceConnectWithoutContext("RequestCompleted",
                                         MakeCallback(&BatchTest::Completed, this));
        for (const auto& application : std::vector<Ptr<Application>>{source, worker, sink})
        {
            nodes.Get(0)->AddApplication(application);
        }
        m_entries.clear();
        m_computations.clear();
        Simulator::Run();
        m_end = Simulator::Now();
        Simulator::Destroy();
        return m_entries;
    }

    Ptr<PortendItinerary> m_itinerary;       ///< null for that of MakeItinerary()
    Time m_overhead;                         ///< of the worker
    Time m_deadline;                         ///< of the worker
    Time m_end;                              ///< when the last event happened
    std::vector<Computation> m_computations; ///< in their order

  private:
    /// A computation begins.
    void Started(Ptr<const PortendRequest> /* request */, uint32_t partition, uint32_t size)
    {
        m_computations.emplace_back(partition, size, Simulator::Now().GetNanoSeconds() / 1e6);
    }

    /// A request is complete.
    void Completed(Ptr<const PortendRequest> request)
    {
        const auto& ledger = request->ledger;
        const auto getMs = [](Time time) { return time.GetNanoSeconds() / 1e6; };
        EXPECT_EQ(ledger.GetTotal(), request->GetLatency()) << request->id;
        Time waits;
        for (const auto& part : ledger.GetWait())
        {
            waits += part;
        }
        EXPECT_EQ(waits, ledger.Get(PortendLedger::WAIT));
        m_entries[request->id] = {getMs(ledger.GetWait()[PortendLedger::QUEUE]),
                                  getMs(ledger.GetWait()[PortendLedger::BATCH]),
                                  getMs(ledger.Get(PortendLedger::DESERIALIZATION)),
                                  getMs(ledger.Get(PortendLedger::COMPUTATION)),
                                  getMs(ledger.Get(PortendLedger::SERIALIZATION)),
                                  getMs(request->completed)};
    }

    Entries m_entries; ///< of the completed
};

const std::string TYPE = "ns3::PortendBatchScheduler";

} // namespace

// Three fill a batch at 6 ms. 3 ms later they are deserialized, 10 (1/2 + 3/2) = 20 ms later
// computed, and then they leave every 2 ms.
TEST_F(BatchTest, BeginsWhenItIsFull)
{
    const auto entries = Run(TYPE + "[Max=3|Timeout=100ms]", {1, 3, 6});
    EXPECT_EQ(entries,
              (Entries{{0, {0, 5 + 2 + 0, 1, 20, 2, 31}},
                       {1, {0, 3 + 2 + 2, 1, 20, 2, 33}},
                       {2, {0, 0 + 2 + 4, 1, 20, 2, 35}}}));
    EXPECT_EQ(m_computations, (std::vector<Computation>{{1, 3, 9}}));
    EXPECT_EQ(m_end, MilliSeconds(35)) << "a timeout that does not count takes place";
}

// The oldest has waited for 5 ms at 6 ms.
TEST_F(BatchTest, BeginsWhenTheOldestHasWaitedForTheTimeout)
{
    const auto entries = Run(TYPE + "[Max=3|Timeout=5ms]", {1, 2});
    EXPECT_EQ(entries,
              (Entries{{0, {0, 5 + 1 + 0, 1, 15, 2, 25}}, {1, {0, 4 + 1 + 2, 1, 15, 2, 27}}}));
}

// A free server takes the first at once, and at 14 ms the three that have come since; four are too
// many. While it was busy they queued.
TEST_F(BatchTest, EagerServersTakeWhatIsThere)
{
    const auto entries = Run(TYPE + "[Max=3|Timeout=100ms|Eager=true]", {1, 2, 3, 4, 5});
    EXPECT_EQ(entries,
              (Entries{{0, {0, 0, 1, 10, 2, 14}},
                       {1, {12, 2 + 0, 1, 20, 2, 39}},
                       {2, {11, 2 + 2, 1, 20, 2, 41}},
                       {3, {10, 2 + 4, 1, 20, 2, 43}},
                       {4, {38, 0, 1, 10, 2, 56}}}));
    // The same with a timeout of 0: nobody waits for others.
    EXPECT_EQ(Run(TYPE + "[Max=3|Timeout=0s]", {1, 2, 3, 4, 5}), entries);
}

// A timeout that passes while the server is busy: the batch begins when it is free, with all that
// have come by then.
TEST_F(BatchTest, FillsUpWhileItQueues)
{
    const auto entries = Run(TYPE + "[Max=4|Timeout=2ms]", {1, 4, 10, 15});
    // The first is served from 3 to 16 ms.
    EXPECT_EQ(m_computations, (std::vector<Computation>{{1, 1, 4}, {1, 3, 19}}));
    EXPECT_EQ(entries.at(1), (Entry{12, 2, 1, 20, 2, 41}));
    EXPECT_EQ(entries.at(3), (Entry{1, 2 + 4, 1, 20, 2, 45}));
}

// What is computed together is computed by one server; a second serves the next batch meanwhile.
TEST_F(BatchTest, OneServerServesABatch)
{
    const auto entries = Run(TYPE + "[Max=2|Timeout=100ms]", {1, 2, 3, 4}, {}, 2);
    EXPECT_EQ(m_computations, (std::vector<Computation>{{1, 2, 4}, {1, 2, 6}}));
    EXPECT_EQ(entries.at(0), (Entry{0, 1 + 1, 1, 15, 2, 21}));
    EXPECT_EQ(entries.at(3), (Entry{0, 1 + 2, 1, 15, 2, 25}));
}

// Of three, the second exits behind the first partition, 29 ms: it leaves, and the batch has two,
// which take 20 (1/2 + 2/2) = 30 ms for the second partition.
TEST_F(BatchTest, ExitsShrinkIt)
{
    const auto entries = Run(TYPE + "[Max=3|Timeout=100ms]", {1, 3, 6}, {1});
    EXPECT_EQ(m_computations, (std::vector<Computation>{{1, 3, 9}, {2, 2, 31}}));
    EXPECT_EQ(entries,
              (Entries{{0, {0, 5 + 2 + 2 + 0, 1, 50, 2, 63}},
                       {1, {0, 3 + 2, 1, 20, 2, 31}},
                       {2, {0, 0 + 2 + 2 + 2, 1, 50, 2, 65}}}));
}

// The same one by one: those that stay take 20 ms each, one behind the other.
TEST_F(BatchTest, TheRestMayGoOnOneByOne)
{
    const auto entries = Run(TYPE + "[Max=3|Timeout=100ms|Regroup=OneByOne]", {1, 3, 6}, {1});
    EXPECT_EQ(m_computations, (std::vector<Computation>{{1, 3, 9}, {2, 1, 31}, {2, 1, 53}}));
    EXPECT_EQ(entries,
              (Entries{{0, {0, 5 + 2 + 2, 1, 40, 2, 53}},
                       {1, {0, 3 + 2, 1, 20, 2, 31}},
                       {2, {0, 0 + 2 + 24, 1, 40, 2, 75}}}));
}

// The server is free when all have exited, or all have gone on.
TEST_F(BatchTest, AllMayExitOrNone)
{
    Run(TYPE + "[Max=2|Timeout=100ms]", {1, 2, 3, 4}, {0, 1});
    // 2 + 2 + 15 + 4 = 23; the others never exit early.
    EXPECT_EQ(m_computations, (std::vector<Computation>{{1, 2, 4}, {1, 2, 25}, {2, 2, 40}}));
}

// The process's overhead is paid once a batch and visit.
TEST_F(BatchTest, OverheadIsPaidOnce)
{
    m_overhead = MilliSeconds(7);
    const auto entries = Run(TYPE + "[Max=3|Timeout=100ms]", {1, 3, 6}, {1});
    EXPECT_EQ(entries.at(0).computation, 57);
    EXPECT_EQ(entries.at(0).completed, 70);
    EXPECT_EQ(entries.at(1).computation, 27);
}

// Who is too old when the batch begins is given up; the rest is a smaller batch.
TEST_F(BatchTest, DeadlinesShrinkIt)
{
    m_deadline = MilliSeconds(4);
    const auto entries = Run(TYPE + "[Max=3|Timeout=100ms]", {1, 3, 6});
    EXPECT_EQ(m_computations, (std::vector<Computation>{{1, 2, 8}}));
    EXPECT_EQ(entries.size(), 2U);
    EXPECT_EQ(entries.at(1), (Entry{0, 3 + 1, 1, 15, 2, 25}));
}

// Measured times: 1 is 10 ms, 2 is 14 ms, 4 is 30 ms, nothing else is known.
TEST_F(BatchTest, MeasuredTimesAreInterpolated)
{
    m_itinerary = MakeItinerary(1);
    m_itinerary->stages.front().batchTimes = {{2, ConstantMs(14)}, {4, ConstantMs(30)}};
    const std::vector<int64_t> together(8, 1);
    const std::map<std::string, double> expected{{"1", 10},
                                                 {"2", 14},
                                                 {"3", 22},
                                                 {"4", 30},
                                                 {"8", 60}};
    for (const auto& [size, ms] : expected)
    {
        const auto entries = Run(TYPE + "[Max=" + size + "|Timeout=100ms]", together);
        EXPECT_EQ(entries.at(0).computation, ms) << size;
    }
    // Between a tensor alone and the smallest measured batch, too.
    m_itinerary = MakeItinerary(1);
    m_itinerary->stages.front().batchTimes = {{4, ConstantMs(30)}};
    EXPECT_NEAR(Run(TYPE + "[Max=2|Timeout=100ms]", together).at(0).computation,
                10 + 20 / 3.,
                1e-6);
}

// Without them, the mean of what is drawn for each tensor stands for the time alone: with nothing
// paid once, the batch takes the sum.
TEST_F(BatchTest, DrawnTimesCountByTheirMean)
{
    class Rising : public RandomVariableStream
    {
      public:
        double GetValue() override
        {
            return ++m_drawn * 1e-3;
        }

        uint32_t GetInteger() override
        {
            return 0;
        }

      private:
        uint32_t m_drawn{0}; ///< so far
    };

    for (const double share : {0.0, 0.25, 1.0})
    {
        m_itinerary = MakeItinerary(1);
        m_itinerary->stages.front().computationTime = CreateObject<Rising>();
        m_itinerary->stages.front().batchFixedShare = share;
        const auto entries = Run(TYPE + "[Max=4|Timeout=100ms]", {1, 1, 1, 1});
        EXPECT_DOUBLE_EQ(entries.at(2).computation, 2.5 * (share + (1 - share) * 4)); // 1 + .. + 4
    }
}

// A scheduler of a user's own may serve several together, as its class says.
TEST_F(BatchTest, UsersMayBatch)
{
    const auto entries = Run("ns3::PairScheduler", {1, 5, 30, 31, 40}, {0});
    // Pairs begin at 5 and 31 ms; the fifth waits for a sixth for ever.
    EXPECT_EQ(entries.size(), 4U);
    EXPECT_EQ(entries.at(0), (Entry{0, 4 + 1, 1, 15, 2, 24}));
    EXPECT_EQ(entries.at(1), (Entry{0, 0 + 1 + 2, 1, 35, 2, 46}));
    // The second pair queues until 46 ms, and goes on one by one.
    EXPECT_EQ(entries.at(2).queue, 16);
    EXPECT_EQ(entries.at(3).queue, 15);
    EXPECT_EQ(
        m_computations,
        (std::vector<Computation>{{1, 2, 7}, {2, 1, 24}, {1, 2, 48}, {2, 1, 63}, {2, 1, 85}}));
}

// The tensor that has waited longest goes first when a queue is full, whatever may begin.
TEST_F(BatchTest, EvictsTheOldest)
{
    auto scheduler = CreateObjectWithAttributes<PortendBatchScheduler>("Max", UintegerValue(3));
    const auto itinerary = MakeItinerary(2);
    const auto enqueue = [&](uint64_t id, uint16_t partition) {
        auto request = Create<PortendRequest>();
        request->id = id;
        request->itinerary = itinerary;
        scheduler->Enqueue({request, partition, Time(), {}});
    };
    enqueue(0, 0); // of a source: stays
    enqueue(1, 2);
    enqueue(2, 1);
    enqueue(3, 2);
    EXPECT_EQ(scheduler->GetTensors(), 3U);
    EXPECT_EQ(scheduler->Evict().request->id, 1U);
    EXPECT_EQ(scheduler->Evict().request->id, 2U);
    EXPECT_EQ(scheduler->GetTensors(), 1U);
    EXPECT_EQ(scheduler->Next(Time()).front().request->id, 0U); // alone, at once
    EXPECT_TRUE(scheduler->Next(Time()).empty());
    EXPECT_EQ(scheduler->WakeUp(), MilliSeconds(5));
    EXPECT_EQ(scheduler->Next(MilliSeconds(5)).front().request->id, 3U);
    EXPECT_EQ(scheduler->GetTensors(), 0U);
    scheduler->Dispose();
}

// Tensors of other partitions, streams and epochs are other batches; members of a stream are not.
TEST_F(BatchTest, HoldsPartitionsStreamsAndEpochsApart)
{
    auto scheduler = CreateObjectWithAttributes<PortendBatchScheduler>("Max", UintegerValue(2));
    const auto enqueue = [&](uint32_t stream, uint32_t member, uint32_t epoch, uint16_t partition) {
        auto itinerary = MakeItinerary(2);
        itinerary->epoch = epoch;
        auto request = Create<PortendRequest>();
        request->stream = stream;
        request->member = member;
        request->itinerary = itinerary;
        scheduler->Enqueue({request, partition, Time(), {}});
    };
    enqueue(0, 0, 0, 1);
    enqueue(1, 0, 0, 1);
    enqueue(0, 0, 1, 1);
    enqueue(0, 0, 0, 2);
    EXPECT_TRUE(scheduler->Next(Time()).empty());
    enqueue(0, 5, 0, 1);
    const auto batch = scheduler->Next(Time());
    ASSERT_EQ(batch.size(), 2U);
    EXPECT_EQ(batch[0].request->member, 0U);
    EXPECT_EQ(batch[1].request->member, 5U);
    EXPECT_EQ(scheduler->GetTensors(), 3U);
    scheduler->Dispose();
}
