/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-train-transport.h"

#include "ns3/log.h"

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendTrainTransport");

NS_OBJECT_ENSURE_REGISTERED(PortendTrainTransport);

TypeId
PortendTrainTransport::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendTrainTransport")
                            .SetParent<PortendUdpTransport>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendTrainTransport>();
    return tid;
}

PortendTransport::Traits
PortendTrainTransport::GetTraits() const
{
    auto traits = PortendUdpTransport::GetTraits();
    traits.usesTrains = true;
    return traits;
}

void
PortendTrainTransport::DoInitialize()
{
    NS_LOG_FUNCTION(this);
    GetExchange()->GetTrains()->SetReceiver(GetIndex(), this);
    PortendTransport::DoInitialize();
}

void
PortendTrainTransport::DoSend(const PortendMessage& message, PortendFlow& flow)
{
    flow.underWay.Push(message);
    GetExchange()->GetTrains()->Send(flow, message);
}

bool
PortendTrainTransport::Collect(PortendFlow& flow,
                               uint64_t number,
                               uint32_t messageBytes,
                               uint32_t bytes)
{
    return flow.Has(number) && PortendUdpTransport::Collect(flow, number, messageBytes, bytes);
}

void
PortendTrainTransport::Finish(PortendFlow& flow, uint64_t number)
{
    NS_LOG_FUNCTION(this << flow.from << number);
    FinishMessage(flow, number);
}

} // namespace ns3
