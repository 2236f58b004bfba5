/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_TRAIN_SCHEDULER_H
#define PORTEND_TRAIN_SCHEDULER_H

#include "portend-trains.h"

#include "ns3/scheduler.h"

namespace ns3
{

/**
 * @ingroup portend
 * @brief Lets trains pass between the events of the simulator, in the order in which ns-3's
 *        packets would.
 *
 * Events are kept by another scheduler, that of ns-3's global value SchedulerType. Before the next
 * of them is handed out, trains do what comes before it. Where that completes a message, an event
 * of its own is handed out instead.
 */
class PortendTrainScheduler : public Scheduler
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    PortendTrainScheduler();

    /**
     * @brief Make the simulator use one.
     * @param trains what passes between the events
     */
    static void Install(Ptr<PortendTrains> trains);

    void Insert(const Event& event) override;
    bool IsEmpty() const override;
    Event PeekNext() const override;
    Event RemoveNext() override;
    void Remove(const Event& event) override;

  protected:
    void DoDispose() override;

  private:
    /**
     * @brief Make an event of the completion of a message.
     * @param completion the message
     * @param moment when
     * @return the event
     */
    Event MakeEvent(const PortendTrains::Completion& completion,
                    const PortendTrains::Moment& moment);

    Ptr<Scheduler> m_events;     //!< keeps the events
    Ptr<PortendTrains> m_trains; //!< pass between them
    Event* m_made{nullptr};      //!< gets the event that is being made
};

} // namespace ns3

#endif // PORTEND_TRAIN_SCHEDULER_H
