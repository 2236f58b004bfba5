/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_SERVER_H
#define PORTEND_SERVER_H

#include "portend-scheduler.h"

#include "ns3/event-id.h"
#include "ns3/object.h"
#include "ns3/traced-value.h"

#include <cstddef>
#include <cstdint>

namespace ns3
{

/**
 * @ingroup portend
 * @brief A queue before one or more equal servers: the processor of a process.
 *
 * Users acquire a server, keep it as long as their work takes, and release it. Which of those who
 * wait is next, the scheduler decides. Several applications of a node may share one, as processes
 * share a core.
 */
class PortendServer : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Ask for a server.
     * @param job begun as soon as one is granted, at once if one is free; it must lead to one
     *        call of Release()
     */
    void Acquire(PortendJob job);

    /**
     * @brief Describe what is served together.
     * @return as the scheduler has it
     */
    portend::Batching Describe() const;

    /**
     * @brief Give the server back; the job that the scheduler chooses gets it at once.
     */
    void Release();

    /**
     * @brief Give up the tensor that has waited longest.
     * @return its job
     */
    PortendJob Evict();

    /**
     * @brief Count the tensors that wait.
     * @return number of jobs, those of sources and sinks not included
     */
    std::size_t GetTensors() const;

    /// @return number of jobs that wait
    uint32_t GetWaiting() const;

  protected:
    void DoDispose() override;

  private:
    /**
     * @brief Let free servers take jobs.
     * @param now simulated time
     */
    void HandOut(Time now);

    /**
     * @brief Ask the scheduler again when it may have changed its mind, and at no other time.
     * @param now simulated time
     */
    void PlanWakeUp(Time now);

    /**
     * @brief Get how long a server has been free.
     * @param now simulated time
     * @return the time until then
     */
    Time GetFreeTime(Time now) const;

    uint32_t m_servers;                //!< number of servers
    Ptr<PortendScheduler> m_scheduler; //!< has the jobs that wait
    uint32_t m_atWork{0};              //!< servers at work
    uint32_t m_jobs{0};                //!< jobs that wait
    bool m_isHandingOut{false};        //!< whether a job is being started
    EventId m_wakeUp;                  //!< when the scheduler may change its mind
    Time m_wakeUpAt;                   //!< the same
    Time m_free;                       //!< how long a server was free, until all were at work
    Time m_freeSince;                  //!< since when one is, unless all are at work
    TracedValue<uint32_t> m_busy;      //!< servers at work, for traces
    TracedValue<uint32_t> m_waiting;   //!< jobs that wait, for traces
};

} // namespace ns3

#endif // PORTEND_SERVER_H
