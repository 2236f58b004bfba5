/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_TRAIN_TRANSPORT_H
#define PORTEND_TRAIN_TRANSPORT_H

#include "portend-trains.h"
#include "portend-udp-transport.h"

namespace ns3
{

/**
 * @ingroup portend
 * @brief Moves messages as the same UDP datagrams, which trains carry: nodes need neither devices
 *        nor an Internet stack.
 *
 * There is no packet that a trace source could show.
 */
class PortendTrainTransport : public PortendUdpTransport, public PortendTrainReceiver
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    Traits GetTraits() const override;
    bool Collect(PortendFlow& flow,
                 uint64_t number,
                 uint32_t messageBytes,
                 uint32_t bytes) override;
    void Finish(PortendFlow& flow, uint64_t number) override;

  protected:
    void DoInitialize() override;
    void DoSend(const PortendMessage& message, PortendFlow& flow) override;
};

} // namespace ns3

#endif // PORTEND_TRAIN_TRANSPORT_H
