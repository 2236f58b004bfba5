/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_HEADER_H
#define PORTEND_HEADER_H

#include "portend-request.h"

#include "ns3/header.h"

#include <cstdint>
#include <ostream>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Header of a message's fragment: which message, and which bytes of it.
 *
 * A message is named by its number among those of the same sender and receiver. On the wire, 20
 * bytes in network order:
 *
 *     number 8 | message bytes 4 | offset 4 | partition 2 | kind 1 | version 1
 */
class PortendHeader : public Header
{
  public:
    /// Serialized size, bytes.
    static constexpr uint32_t SIZE = 20;

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    PortendHeader() = default;

    /**
     * @brief Constructor.
     * @param message the message
     * @param offset first byte of the fragment in it
     */
    PortendHeader(const PortendMessage& message, uint32_t offset);

    /**
     * @brief Get the message.
     * @return its number
     */
    uint64_t GetNumber() const;

    /**
     * @brief Get the size of the whole message.
     * @return bytes
     */
    uint32_t GetMessageBytes() const;

    /**
     * @brief Get the place of the fragment.
     * @return its first byte in the message
     */
    uint32_t GetOffset() const;

    /**
     * @brief Get the sender.
     * @return partition that sent the message; 0 is the source
     */
    uint16_t GetPartition() const;

    /**
     * @brief Get the kind of message.
     * @return the kind
     */
    PortendMessage::Kind GetKind() const;

    /**
     * @brief Tell whether the bytes read are of this protocol and make sense.
     * @return true if so
     */
    bool IsValid() const;

    TypeId GetInstanceTypeId() const override;
    uint32_t GetSerializedSize() const override;
    void Serialize(Buffer::Iterator start) const override;
    uint32_t Deserialize(Buffer::Iterator start) override;
    void Print(std::ostream& os) const override;

  private:
    /// Version of the format.
    static constexpr uint8_t VERSION = 2;

    uint64_t m_number{0};       //!< of the message
    uint32_t m_messageBytes{0}; //!< size of the whole message
    uint32_t m_offset{0};       //!< first byte of the fragment in it
    uint16_t m_partition{0};    //!< partition that sent it
    uint8_t m_kind{0};          //!< kind of message
    uint8_t m_version{VERSION}; //!< version of the format
};

} // namespace ns3

#endif // PORTEND_HEADER_H
