/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-header.h"

namespace ns3
{

NS_OBJECT_ENSURE_REGISTERED(PortendHeader);

TypeId
PortendHeader::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendHeader")
                            .SetParent<Header>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendHeader>();
    return tid;
}

PortendHeader::PortendHeader(const PortendMessage& message, uint32_t offset)
    : m_number(message.number),
      m_messageBytes(message.bytes),
      m_offset(offset),
      m_partition(message.partition),
      m_kind(message.kind)
{
}

uint64_t
PortendHeader::GetNumber() const
{
    return m_number;
}

uint32_t
PortendHeader::GetMessageBytes() const
{
    return m_messageBytes;
}

uint32_t
PortendHeader::GetOffset() const
{
    return m_offset;
}

uint16_t
PortendHeader::GetPartition() const
{
    return m_partition;
}

PortendMessage::Kind
PortendHeader::GetKind() const
{
    return static_cast<PortendMessage::Kind>(m_kind);
}

bool
PortendHeader::IsValid() const
{
    return m_version == VERSION && m_kind <= PortendMessage::RESULT && m_offset <= m_messageBytes;
}

TypeId
PortendHeader::GetInstanceTypeId() const
{
    return GetTypeId();
}

uint32_t
PortendHeader::GetSerializedSize() const
{
    return SIZE;
}

void
PortendHeader::Serialize(Buffer::Iterator start) const
{
    // In halves: ns-3 writes and reads 64 bits byte by byte.
    start.WriteHtonU32(m_number >> 32);
    start.WriteHtonU32(m_number);
    start.WriteHtonU32(m_messageBytes);
    start.WriteHtonU32(m_offset);
    start.WriteHtonU16(m_partition);
    start.WriteU8(m_kind);
    start.WriteU8(m_version);
}

uint32_t
PortendHeader::Deserialize(Buffer::Iterator start)
{
    m_number = uint64_t{start.ReadNtohU32()} << 32;
    m_number |= start.ReadNtohU32();
    m_messageBytes = start.ReadNtohU32();
    m_offset = start.ReadNtohU32();
    m_partition = start.ReadNtohU16();
    m_kind = start.ReadU8();
    m_version = start.ReadU8();
    return SIZE;
}

void
PortendHeader::Print(std::ostream& os) const
{
    os << "message " << m_number << " partition " << m_partition
       << (m_kind == PortendMessage::RESULT ? " result" : " tensor") << " bytes " << m_offset
       << "+ of " << m_messageBytes;
}

} // namespace ns3
