/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_SCHEDULER_H
#define PORTEND_SCHEDULER_H

#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/portend-network.h"
#include "ns3/portend-request.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Work that waits for a server.
 */
struct PortendJob
{
    /// Called when a server is granted, with all jobs that it serves together.
    using Beginner = std::function<void(const std::vector<PortendJob>& jobs)>;

    Ptr<PortendRequest> request; //!< whose work it is
    uint16_t partition{0};       //!< to compute, from 1; 0 for the work of a source or sink
    Time arrived;                //!< since when it waits
    Beginner begin;              //!< of the first job is called; leads to one Release()
    Time held{};                 //!< how long of it a server was free, once one is granted
    Time loading{};              //!< how long it waited for its blocks, before it arrived
};

/**
 * @ingroup portend
 * @brief Decides which of the waiting jobs a free server takes next.
 *
 * One object serves one queue. A scheduler of one's own is a class derived from this one, chosen
 * by its name like any type of ns-3.
 */
class PortendScheduler : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Take a job that must wait.
     * @param job the job
     */
    virtual void Enqueue(PortendJob job) = 0;

    /**
     * @brief A server is free: choose its next job.
     * @param now simulated time
     * @return the job, or several tensors for one partition of one stream that are served
     *         together; none if the server is to stay free
     */
    virtual std::vector<PortendJob> Next(Time now) = 0;

    /**
     * @brief Tell when Next() may choose a job that it now holds back.
     * @return the time; Time::Max() if only another job can change its mind
     */
    virtual Time WakeUp() const;

    /**
     * @brief Give up the tensor that has waited longest: its place is needed.
     * @return its job; work of sources and sinks stays
     */
    virtual PortendJob Evict() = 0;

    /**
     * @brief Count the tensors that wait.
     * @return number of jobs, those of sources and sinks not included
     */
    virtual std::size_t GetTensors() const = 0;

    /**
     * @brief Describe what is served together.
     * @return how it is to the estimate, and how what is served together goes on; by default jobs
     *         are served one by one
     */
    virtual portend::Batching Describe() const;
};

/**
 * @ingroup portend
 * @brief First come, first served.
 */
class PortendFifoScheduler : public PortendScheduler
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    void Enqueue(PortendJob job) override;
    std::vector<PortendJob> Next(Time now) override;
    PortendJob Evict() override;
    std::size_t GetTensors() const override;

  protected:
    void DoDispose() override;

  private:
    std::deque<PortendJob> m_jobs; //!< in the order of arrival
    std::size_t m_tensors{0};      //!< those of them that are tensors
};

/**
 * @ingroup portend
 * @brief Serves jobs by rising rank, those of equal rank in the order of arrival.
 *
 * Work that has begun is not interrupted.
 */
class PortendRankScheduler : public PortendScheduler
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    void Enqueue(PortendJob job) override;
    std::vector<PortendJob> Next(Time now) override;
    PortendJob Evict() override;
    std::size_t GetTensors() const override;

  protected:
    void DoDispose() override;

    /**
     * @brief Rank a job that arrives.
     * @param job the job
     * @return its rank; the smallest is served first
     */
    virtual double GetRank(const PortendJob& job) = 0;

    /**
     * @brief A job is served next.
     * @param rank of the job
     */
    virtual void Serve(double rank);

  private:
    /// Rank, and number in the order of arrival.
    using Key = std::pair<double, uint64_t>;

    std::map<Key, PortendJob> m_jobs; //!< those that wait
    uint64_t m_arrived{0};            //!< jobs so far
    std::size_t m_tensors{0};         //!< tensors among those that wait
};

/**
 * @ingroup portend
 * @brief Serves streams of higher priority first.
 */
class PortendPriorityScheduler : public PortendRankScheduler
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

  protected:
    double GetRank(const PortendJob& job) override;
};

/**
 * @ingroup portend
 * @brief Serves the request whose deadline is next; those without one last.
 */
class PortendEdfScheduler : public PortendRankScheduler
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

  protected:
    double GetRank(const PortendJob& job) override;
};

/**
 * @ingroup portend
 * @brief Serves as many jobs of each stream as its weight says, while they all have some waiting.
 *
 * Self-clocked fair queueing (S. J. Golestani, A self-clocked fair queueing scheme for broadband
 * applications, IEEE INFOCOM 1994), every job of length 1: job i of a stream of weight w has rank
 * F_i = max(V, F_{i-1}) + 1 / w, where V is the rank of the job that was served last.
 */
class PortendFairScheduler : public PortendRankScheduler
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

  protected:
    double GetRank(const PortendJob& job) override;
    void Serve(double rank) override;

  private:
    double m_served{0};                          //!< V
    std::unordered_map<uint32_t, double> m_last; //!< F of each stream's last job
};

/**
 * @ingroup portend
 * @brief Serves tensors for one partition of one stream together.
 *
 * A batch may begin when it is full, when its oldest tensor has waited for the timeout, and, if
 * eager, at any time: then as soon as a server is free. Of those that may, the one whose oldest
 * tensor came first is next, with as many as it may have, in the order of arrival. The members of
 * a group's stream are one stream. Work of sources and sinks is served alone, in its turn.
 */
class PortendBatchScheduler : public PortendScheduler
{
  public:
    /// How those of a batch that do not exit go on, where the next partition is on the same node.
    enum Regroup
    {
        TOGETHER,   ///< as a batch of those that are left
        ONE_BY_ONE, ///< each alone, to the end of its visit, in the order of the batch
    };

    /// Largest batch that can be asked for.
    static constexpr uint32_t LARGEST_BATCH = 1024;

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    void Enqueue(PortendJob job) override;
    std::vector<PortendJob> Next(Time now) override;
    Time WakeUp() const override;
    PortendJob Evict() override;
    std::size_t GetTensors() const override;
    portend::Batching Describe() const override;

  protected:
    void DoDispose() override;

  private:
    /// Stream, epoch and partition; partition 0 is the work of sources and sinks.
    using Key = std::tuple<uint32_t, uint32_t, uint16_t>;
    /// Jobs in the order of arrival, with their numbers in it.
    using Jobs = std::deque<std::pair<uint64_t, PortendJob>>;

    uint32_t m_max;               //!< most tensors of a batch
    Time m_timeout;               //!< longest wait for others
    bool m_isEager;               //!< whether a free server waits for others
    Regroup m_regroup;            //!< of those that do not exit
    std::map<Key, Jobs> m_groups; //!< jobs that may be served together; none is empty
    uint64_t m_arrived{0};        //!< jobs so far
    std::size_t m_tensors{0};     //!< tensors among those that wait
};

} // namespace ns3

#endif // PORTEND_SCHEDULER_H
