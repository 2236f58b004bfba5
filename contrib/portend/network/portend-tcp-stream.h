/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_TCP_STREAM_H
#define PORTEND_TCP_STREAM_H

#include "portend-path.h"
#include "portend-request.h"
#include "portend-tcp-socket.h"

#include "ns3/nstime.h"
#include "ns3/simple-ref-count.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief The messages under way from one tier to another, in the order of the connection.
 *
 * Both ends of the connection share it: the bytes of a tensor are simulated by their number
 * alone, and what they would say is here. It also follows what delays a message, and splits
 * its network excess: the packets of the message as they were sent are passed over the links
 * of a route without other traffic several times, each time with one more cause of delay. How
 * much later they arrive then is what that cause takes.
 */
class PortendTcpStream : public SimpleRefCount<PortendTcpStream>
{
  public:
    /**
     * @brief Constructor.
     * @param route the links from the one node to the other
     */
    explicit PortendTcpStream(const PortendPath& route);

    /**
     * @brief The connection is set up: what was appended may be sent.
     */
    void Establish();

    /**
     * @brief A message follows those that are there.
     * @param message the message
     * @param bytes that it takes in the stream
     */
    void Append(const PortendMessage& message, uint32_t bytes);

    /**
     * @brief The sending end sends a segment.
     * @param segment the segment
     */
    void Sent(const PortendTcpSocket::Segment& segment);

    /**
     * @brief Get the first message under way.
     * @return the message that arrives next
     */
    const PortendMessage& GetFirst() const;

    /**
     * @brief The first message is complete at the receiving end: split its network excess.
     * @param wasAlone whether no other message was under way anywhere meanwhile
     * @return what delayed it
     */
    PortendLedger::Excess Finish(bool wasAlone);

  private:
    /// When packets have passed each link of a route without other traffic.
    using Passage = PortendPath::Passage;

    /// A message under way.
    struct Entry
    {
        PortendMessage message; //!< the message
        uint64_t begin{0};      //!< its first byte in the stream
        uint64_t end{0};        //!< the byte after its last
        Time setUp;             //!< time that it waited for the connection
        Time behind;            //!< time after that until all bytes before it had been sent
        Time step;              //!< time after that until the socket began
        Time begun;             //!< when that was
        Time lastSent;          //!< when a packet of it was sent first, the last so far
        Time windowDelay;       //!< time so far that the window kept its packets back
        Time resentArrival;     //!< when what was sent again should have arrived
        Passage atOnce;         //!< its packets, had all left when the socket began
        Passage windowed;       //!< its packets, had they waited for the window alone
        Passage sent;           //!< its packets as they left
    };

    /**
     * @brief A packet with bytes of a message is sent for the first time.
     * @param entry the message
     * @param segment the packet
     */
    void SentOf(Entry& entry, const PortendTcpSocket::Segment& segment);

    PortendPath m_route;             //!< the way
    std::deque<Entry> m_entries;     //!< under way
    std::size_t m_current{0};        //!< index of the first that is not sent to its end
    uint64_t m_bytes{0};             //!< of all messages so far
    Time m_established{Time::Max()}; //!< when the connection was set up
    Passage m_passage;               //!< of all packets, each as it left first
    Time m_lastSent;                 //!< when new data was sent last
    bool m_hasResent{false};         //!< whether data was sent again since
};

} // namespace ns3

#endif // PORTEND_TCP_STREAM_H
