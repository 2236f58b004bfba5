/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_SERVER_H
#define PORTEND_SERVER_H

#include "ns3/object.h"
#include "ns3/traced-value.h"

#include <cstdint>
#include <deque>
#include <functional>

namespace ns3
{

/**
 * @ingroup portend
 * @brief A FIFO queue before one or more equal servers: the processor of a process.
 *
 * Users acquire a server, keep it as long as their work takes, and release it. Several
 * applications of a node may share one, as processes share a core.
 */
class PortendServer : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /// Work that begins when a server is free.
    using Job = std::function<void()>;

    /**
     * @brief Ask for a server.
     * @param job called as soon as one is granted, at once if one is free; it must lead to
     *        one call of Release()
     */
    void Acquire(Job job);

    /**
     * @brief Give the server back; the job that has waited longest gets it at once.
     */
    void Release();

  protected:
    void DoDispose() override;

  private:
    uint32_t m_servers;              //!< number of servers
    uint32_t m_released{0};          //!< servers given back that wait for a job
    bool m_isHandingOut{false};      //!< whether a job is being started
    TracedValue<uint32_t> m_busy;    //!< servers at work
    TracedValue<uint32_t> m_waiting; //!< jobs in the queue
    std::deque<Job> m_queue;         //!< jobs that wait, first come first served
};

} // namespace ns3

#endif // PORTEND_SERVER_H
