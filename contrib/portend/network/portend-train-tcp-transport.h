/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_TRAIN_TCP_TRANSPORT_H
#define PORTEND_TRAIN_TCP_TRANSPORT_H

#include "portend-tcp-transport.h"
#include "portend-train-connection.h"

#include <cstdint>
#include <map>
#include <string>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Moves messages over the same TCP connections, whose segments trains carry: nodes need
 *        neither devices nor an Internet stack.
 *
 * Attributes are those of PortendTcpTransport, and the defaults of TcpSocketBase's. There is no
 * packet that a trace source could show, and nothing that sends again what is lost.
 */
class PortendTrainTcpTransport : public PortendTcpTransport
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Tell whether trains have a variant of TCP: those that see no more than windows,
     *        acknowledgments and round trips.
     * @param variant type of the congestion control
     * @return true if so
     */
    static bool HasVariant(TypeId variant);

    Traits GetTraits() const override;
    std::size_t GetIncompleteMessages() const override;

  protected:
    void DoInitialize() override;
    void DoDispose() override;
    void DoSend(const PortendMessage& message, PortendFlow& flow) override;
    void Open(uint32_t to) override;
    bool IsOpen(uint32_t to) const override;
    bool IsEstablished(uint32_t to) const override;

  private:
    std::map<uint32_t, Ptr<PortendTrainConnection>> m_connections; //!< by node
};

} // namespace ns3

#endif // PORTEND_TRAIN_TCP_TRANSPORT_H
