/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// The header of fragments on the wire.
// Readers: portend-header.cc

#include "fuzz.h"

#include "ns3/packet.h"
#include "ns3/portend-header.h"

#include <cstring>
#include <sstream>

using namespace ns3;

int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    // Transports ask for it first.
    if (size < PortendHeader::SIZE)
    {
        return 0;
    }
    PortendHeader header;
    Create<Packet>(data, size)->RemoveHeader(header);
    std::ostringstream words;
    header.Print(words);
    if (header.IsValid())
    {
        Require(header.GetOffset() <= header.GetMessageBytes(), "a fragment is of its message");
        Require(header.GetKind() <= PortendMessage::RESULT, "the kind of message is known");
    }
    auto packet = Create<Packet>();
    packet->AddHeader(header);
    uint8_t written[PortendHeader::SIZE];
    packet->CopyData(written, sizeof(written));
    Require(std::memcmp(written, data, sizeof(written)) == 0, "a header is written as it was read");
    return 0;
}
