/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_WORKERS_H
#define PORTEND_WORKERS_H

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Who does the tasks of a campaign: here the process itself, one task after the other.
 *
 * Tasks are numbers; what a task leaves is bytes. Every process of a campaign builds the same
 * list of tasks, and one of them, the coordinator, gets all results.
 */
class PortendWorkers
{
  public:
    /// Gives the next task, or says that there is none.
    using Next = std::function<bool(uint64_t& task)>;

    /// Does a task; may throw a portend::InputError.
    using Task = std::function<std::string(uint64_t task)>;

    /// Takes the result of a task; may throw a portend::InputError.
    using Sink = std::function<void(uint64_t task, const std::string& result)>;

    virtual ~PortendWorkers() = default;

    /// @return whether this process hands out tasks and gets their results
    virtual bool IsCoordinator() const;

    /// @return how many tasks are done at once
    virtual uint32_t GetCount() const;

    /**
     * @brief Run this command again on several processes of this machine, if that can be done.
     *
     * Does not return if it can.
     *
     * @param jobs how many
     * @param arguments of the command
     * @return why it cannot be done
     */
    virtual std::string Launch(uint32_t jobs, const std::vector<std::string>& arguments);

    /**
     * @brief Do tasks until there are none.
     *
     * The first error of a task or of the sink ends everything, in the coordinator by its
     * exception.
     *
     * @param next called in the coordinator
     * @param task called in any process, in a single thread of it
     * @param sink called in the coordinator, in the thread of the caller
     */
    virtual void Run(const Next& next, const Task& task, const Sink& sink);
};

} // namespace ns3

#endif // PORTEND_WORKERS_H
