/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-request.h"

#include "ns3/assert.h"

#include <algorithm>
#include <functional>
#include <stdexcept>

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(PortendMessageTag);

const std::array<const char*, PortendLedger::EXCESS_PARTS> PortendLedger::EXCESS_NAMES{
    "protocol",
    "window",
    "retransmission",
    "queueing"};

PortendLedger::Stage&
PortendLedger::Open()
{
    if (m_stages.empty())
    {
        m_stages.reserve(4); // source, two partitions and destination: one allocation
    }
    m_stages.emplace_back();
    return m_stages.back();
}

PortendLedger::Stage&
PortendLedger::Current()
{
    NS_ASSERT_MSG(!m_stages.empty(), "no stage was opened");
    return m_stages.back();
}

void
PortendLedger::SetExcess(const Excess& excess)
{
    auto& sum = Current()[NETWORK_EXCESS];
    for (std::size_t part = 0; part < excess.size(); ++part)
    {
        sum += excess[part];
        m_excess[part] += excess[part];
    }
}

const PortendLedger::Excess&
PortendLedger::GetExcess() const
{
    return m_excess;
}

const std::vector<PortendLedger::Stage>&
PortendLedger::GetStages() const
{
    return m_stages;
}

Time
PortendLedger::Get(Component component) const
{
    Time sum;
    for (const auto& stage : m_stages)
    {
        sum += stage[component];
    }
    return sum;
}

Time
PortendLedger::GetTotal() const
{
    Time sum;
    for (const auto& stage : m_stages)
    {
        for (const auto& time : stage)
        {
            sum += time;
        }
    }
    return sum;
}

void
PortendLedger::Validate() const
{
    const auto validate = [](const auto& times) {
        if (std::any_of(times.begin(), times.end(), std::mem_fn(&Time::IsStrictlyNegative)))
        {
            throw std::logic_error("an entry of a request's ledger is negative");
        }
    };
    validate(m_excess);
    std::for_each(m_stages.begin(), m_stages.end(), validate);
}

Time
PortendRequest::GetLatency() const
{
    return completed - generated;
}

TypeId
PortendMessageTag::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendMessageTag")
                            .SetParent<Tag>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendMessageTag>();
    return tid;
}

PortendMessageTag::PortendMessageTag(const PortendMessage& message)
    : m_message(message)
{
}

const PortendMessage&
PortendMessageTag::GetMessage() const
{
    return m_message;
}

TypeId
PortendMessageTag::GetInstanceTypeId() const
{
    return GetTypeId();
}

uint32_t
PortendMessageTag::GetSerializedSize() const
{
    const auto stages = m_message.request ? m_message.request->ledger.GetStages().size() : 0;
    // Message: kind, partition, bytes, sent. Request: id, generated, sample, excess, stages.
    return (1 + 2 + 4 + 8) + (8 + 8 + 2 + 1) + PortendLedger::EXCESS_PARTS * 8 + 2 +
           stages * PortendLedger::COMPONENTS * 8;
}

void
PortendMessageTag::Serialize(TagBuffer buffer) const
{
    const auto& request = *m_message.request;
    buffer.WriteU8(m_message.kind);
    buffer.WriteU16(m_message.partition);
    buffer.WriteU32(m_message.bytes);
    buffer.WriteU64(m_message.sent.GetTimeStep());
    buffer.WriteU64(request.id);
    buffer.WriteU64(request.generated.GetTimeStep());
    buffer.WriteU16(request.sample.exitPartition);
    buffer.WriteU8(request.sample.correct);
    for (const auto& time : request.ledger.GetExcess())
    {
        buffer.WriteU64(time.GetTimeStep());
    }
    const auto& stages = request.ledger.GetStages();
    buffer.WriteU16(stages.size());
    for (const auto& stage : stages)
    {
        for (const auto& time : stage)
        {
            buffer.WriteU64(time.GetTimeStep());
        }
    }
}

void
PortendMessageTag::Deserialize(TagBuffer buffer)
{
    const auto readTime = [&buffer]() { return TimeStep(static_cast<int64_t>(buffer.ReadU64())); };
    auto request = Create<PortendRequest>();
    m_message.kind = static_cast<PortendMessage::Kind>(buffer.ReadU8());
    m_message.partition = buffer.ReadU16();
    m_message.bytes = buffer.ReadU32();
    m_message.sent = readTime();
    request->id = buffer.ReadU64();
    request->generated = readTime();
    request->sample.exitPartition = buffer.ReadU16();
    request->sample.correct = buffer.ReadU8();
    for (auto& time : request->ledger.m_excess)
    {
        time = readTime();
    }
    for (auto stages = buffer.ReadU16(); stages > 0; --stages)
    {
        for (auto& time : request->ledger.Open())
        {
            time = readTime();
        }
    }
    m_message.request = request;
}

void
PortendMessageTag::Print(std::ostream& os) const
{
    os << (m_message.kind == PortendMessage::RESULT ? "result" : "tensor") << " of partition "
       << m_message.partition << ", " << m_message.bytes << " bytes";
    if (m_message.request)
    {
        os << ", request " << m_message.request->id;
    }
}

} // namespace ns3
