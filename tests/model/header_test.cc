/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// The header of fragments on the wire.

#include "ns3/packet.h"
#include "ns3/portend-header.h"

#include <array>
#include <gtest/gtest.h>
#include <random>
#include <sstream>

using namespace ns3;

namespace
{

/// @return a message of a number
PortendMessage
GetMessage(uint64_t number, PortendMessage::Kind kind, uint16_t partition, uint32_t bytes)
{
    PortendMessage message;
    message.kind = kind;
    message.partition = partition;
    message.bytes = bytes;
    message.number = number;
    return message;
}

/// The 20 bytes of message 0x0102030405060708, 0x0a0b0c0d bytes at offset 0x00010203, of
/// partition 0x1112, a result, version 2.
constexpr std::array<uint8_t, PortendHeader::SIZE> WIRE{
    1, 2, 3, 4, 5, 6, 7, 8, 0x0a, 0x0b, 0x0c, 0x0d, 0, 1, 2, 3, 0x11, 0x12, 1, 2};

/// @return the header that some bytes make
PortendHeader
Read(const std::array<uint8_t, PortendHeader::SIZE>& bytes)
{
    auto packet = Create<Packet>(bytes.data(), bytes.size());
    PortendHeader header;
    EXPECT_EQ(packet->RemoveHeader(header), PortendHeader::SIZE);
    EXPECT_EQ(packet->GetSize(), 0U);
    return header;
}

} // namespace

TEST(PortendHeader, IsWrittenInNetworkOrder)
{
    auto packet = Create<Packet>();
    packet->AddHeader(
        PortendHeader(GetMessage(0x0102030405060708, PortendMessage::RESULT, 0x1112, 0x0a0b0c0d),
                      0x00010203));
    std::array<uint8_t, PortendHeader::SIZE> bytes{};
    ASSERT_EQ(packet->CopyData(bytes.data(), bytes.size()), PortendHeader::SIZE);
    EXPECT_EQ(bytes, WIRE);
    EXPECT_TRUE(Read(WIRE).IsValid());
}

TEST(PortendHeader, RoundTrip)
{
    std::mt19937_64 random(1);
    for (int i = 0; i < 1000; ++i)
    {
        const auto kind = random() % 2 ? PortendMessage::RESULT : PortendMessage::TENSOR;
        const auto message = GetMessage(random(), kind, random(), random());
        const auto offset = static_cast<uint32_t>(random() % (uint64_t{message.bytes} + 1));
        const uint32_t payload = random() % 9000;
        auto packet = Create<Packet>(payload);
        packet->AddHeader(PortendHeader(message, offset));
        ASSERT_EQ(packet->GetSize(), payload + 20);
        PortendHeader header;
        ASSERT_EQ(packet->RemoveHeader(header), 20U);
        ASSERT_EQ(packet->GetSize(), payload);
        ASSERT_TRUE(header.IsValid());
        ASSERT_EQ(header.GetNumber(), message.number);
        ASSERT_EQ(header.GetMessageBytes(), message.bytes);
        ASSERT_EQ(header.GetOffset(), offset);
        ASSERT_EQ(header.GetPartition(), message.partition);
        ASSERT_EQ(header.GetKind(), kind);
    }
}

TEST(PortendHeader, IsInvalidOfAnotherVersion)
{
    for (const int version : {0, 1, 255})
    {
        auto bytes = WIRE;
        bytes[19] = version;
        EXPECT_FALSE(Read(bytes).IsValid()) << version;
    }
}

TEST(PortendHeader, IsInvalidOfUnknownKind)
{
    for (const int kind : {2, 3, 255})
    {
        auto bytes = WIRE;
        bytes[18] = kind;
        EXPECT_FALSE(Read(bytes).IsValid()) << kind;
    }
    auto tensor = WIRE;
    tensor[18] = 0;
    EXPECT_TRUE(Read(tensor).IsValid());
}

TEST(PortendHeader, IsInvalidBeyondItsMessage)
{
    // The message has 0x0a0b0c0d bytes.
    auto bytes = WIRE;
    bytes[12] = 0x0a;
    bytes[13] = 0x0b;
    bytes[14] = 0x0c;
    bytes[15] = 0x0e;
    EXPECT_FALSE(Read(bytes).IsValid());
    bytes[15] = 0x0c;
    EXPECT_TRUE(Read(bytes).IsValid());
}

TEST(PortendHeader, PrintsWhatItSays)
{
    std::ostringstream os;
    PortendHeader(GetMessage(7, PortendMessage::TENSOR, 2, 5000), 1000).Print(os);
    EXPECT_EQ(os.str(), "message 7 partition 2 tensor bytes 1000+ of 5000");
}
