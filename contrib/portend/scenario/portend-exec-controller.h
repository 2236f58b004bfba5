/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_EXEC_CONTROLLER_H
#define PORTEND_EXEC_CONTROLLER_H

#include "ns3/portend-controller.h"

#include <memory>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Asks a program what to deploy: a line of JSON each way at each decision.
 *
 * The program is started when the stream begins, one for each member. At a decision it reads a line
 * that says what was seen since the last, the first time also what is known from the beginning, and
 * writes a line: `{"deployment": "0:1-25,1:26-40@0.1"}`, or `{}` to leave what there is. At the end
 * its input ends, and it is to end, too.
 */
class PortendExecController : public PortendController
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    PortendExecController();
    ~PortendExecController() override;

  protected:
    void DoDispose() override;
    portend::Deployment DoBegin() override;
    portend::Deployment Decide() override;
    void DoArrive() override;
    void DoReply(const Reply& reply) override;

  private:
    class Process;

    /// @return what was seen since the last decision, a line
    std::string MakeObservation();

    /**
     * @brief Understand what the program says.
     * @param line what it says
     * @return what to deploy
     */
    portend::Deployment ParseAnswer(const std::string& line) const;

    std::string m_command;              //!< for the shell
    Time m_timeout;                     //!< wall time that an answer may take
    std::unique_ptr<Process> m_process; //!< once it is started
    bool m_isIntroduced{false};         //!< whether it knows what is known from the beginning
    std::vector<Time> m_arrivals;       //!< since the last decision
    std::vector<Reply> m_replies;       //!< the same
};

} // namespace ns3

#endif // PORTEND_EXEC_CONTROLLER_H
