/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_SCHEDULER_H
#define PORTEND_SCHEDULER_H

#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/portend-request.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
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
    Ptr<PortendRequest> request; //!< whose work it is
    uint16_t partition{0};       //!< to compute, from 1; 0 for the work of a source or sink
    Time arrived;                //!< since when it waits
    std::function<void()> begin; //!< called when a server is granted; leads to one Release()
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
     * @return the job, or several that are served together; none if the server is to stay free
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

} // namespace ns3

#endif // PORTEND_SCHEDULER_H
