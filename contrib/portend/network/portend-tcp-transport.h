/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_TCP_TRANSPORT_H
#define PORTEND_TCP_TRANSPORT_H

#include "portend-tcp-socket.h"
#include "portend-tcp-stream.h"
#include "portend-transport.h"

#include "ns3/ptr.h"
#include "ns3/type-id.h"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace ns3
{

class Packet;
class Socket;

/**
 * @ingroup portend
 * @brief Moves messages over TCP: one persistent connection to each node that gets any.
 *
 * A message is a header (PortendHeader) and its bytes in the stream. No message is lost, and
 * those on one connection arrive in the order in which they were sent. Unless attributes say
 * otherwise, segments fill the MTU of the sender's link, and buffers take twice the
 * bandwidth-delay product and the largest message, so that they limit nothing.
 */
class PortendTcpTransport : public PortendTransport
{
  public:
    /// Largest buffer for sending: half the largest window that TCP can announce (RFC 7323).
    static constexpr uint32_t MAX_BUFFER_BYTES = (65535 << 14) / 2;

    /// Largest segment: an IP packet has 65,535 bytes at most.
    static constexpr uint32_t MAX_SEGMENT_BYTES = UINT16_MAX - PortendPath::TCP_HEADERS.packetBytes;

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Tell whether ns-3 has a variant of TCP.
     * @param name such as `TcpCubic`
     * @return true if so
     */
    static bool HasVariant(const std::string& name);

    /**
     * @brief List the variants of TCP that ns-3 has.
     * @return names such as `TcpCubic`, in alphabetical order
     */
    static std::vector<std::string> GetVariants();

    /**
     * @brief Get the buffer for sending that does not limit a connection.
     * @param path the way
     * @param messageBytes size of the largest message on it
     * @return bytes: twice the bandwidth-delay product, and the message with its header; infinite
     *         if a part of the path has no closed form
     */
    static double GetSufficientBuffer(const PortendPath& path, uint32_t messageBytes);

    /**
     * @brief Get the buffer for sending that a connection gets.
     * @param path the way
     * @param messageBytes size of the largest message on it
     * @return bytes
     */
    uint32_t GetBuffer(const PortendPath& path, uint32_t messageBytes) const;

    bool Prepare(uint32_t to, uint32_t bytes, Callback<void> ready) override;
    Traits GetTraits() const override;
    std::size_t GetIncompleteMessages() const override;

  protected:
    void DoInitialize() override;
    void DoDispose() override;
    void DoSend(const PortendMessage& message, PortendFlow& flow) override;

    /**
     * @brief Get the messages of a flow, in the order of the stream.
     * @param flow the flow
     * @return its stream, made when it is asked for first
     */
    static PortendTcpStream& GetStream(PortendFlow& flow);

    /**
     * @brief Account for a message's time in the network, and hand it over.
     * @param flow whose first message is complete
     */
    void FinishMessage(PortendFlow& flow);

    /**
     * @brief Open the connection to a node, unless it is.
     * @param to number of the node
     */
    virtual void Open(uint32_t to);

    /**
     * @brief Tell whether the connection to a node was opened.
     * @param to number of the node
     * @return true if so, whether it stands or not
     */
    virtual bool IsOpen(uint32_t to) const;

    /**
     * @brief Tell whether the connection to a node stands.
     * @param to number of the node
     * @return true if so
     */
    virtual bool IsEstablished(uint32_t to) const;

    /**
     * @brief Call those who wait for the connection to a node.
     * @param to number of the node
     */
    void CallWaiting(uint32_t to);

    TypeId m_variant;         //!< congestion control
    uint32_t m_initialWindow; //!< segments
    uint32_t m_delAckCount;   //!< segments for each acknowledgment
    bool m_restartsAfterIdle; //!< whether idle time restarts the window
    bool m_isWarm;            //!< whether Prepare() opens connections

  private:
    /// A connection that this node sends on.
    struct Outgoing
    {
        Ptr<PortendTcpSocket> socket;   //!< null until the connection is opened
        std::deque<Ptr<Packet>> unsent; //!< messages, or the rest of one, for the socket
        bool isEstablished{false};      //!< whether the socket takes data
    };

    /// A connection that this node receives on.
    struct Incoming
    {
        PortendFlow* flow{nullptr}; //!< messages under way
        Ptr<Packet> header;         //!< as much of the next header as has arrived
        uint32_t missing{0};        //!< bytes of the message that have not; 0 before a header
    };

    /**
     * @brief Set what does not change while a connection stands.
     * @param socket a socket that is closed
     * @param segmentBytes largest segment
     */
    void Configure(const Ptr<Socket>& socket, uint32_t segmentBytes) const;

    /**
     * @brief Set the sizes of the buffers.
     * @param socket the socket of one end
     * @param flow the messages of the connection
     */
    void SetBuffers(const Ptr<Socket>& socket, const PortendFlow& flow) const;

    /**
     * @brief A connection is set up.
     * @param to where to
     * @param socket its socket
     */
    void HandleConnected(uint32_t to, Ptr<Socket> socket);

    /**
     * @brief Nobody answered: try again.
     * @param to where to
     * @param socket the socket that gave up
     */
    void HandleFailed(uint32_t to, Ptr<Socket> socket);

    /**
     * @brief The socket has room: hand it as much as it takes.
     * @param to where to
     * @param socket its socket
     * @param room bytes
     */
    void HandleSend(uint32_t to, Ptr<Socket> socket, uint32_t room);

    /**
     * @brief A connection is asked for.
     * @param socket the socket that listens
     * @param from who asks
     * @return whether it is another node
     */
    bool HandleRequest(Ptr<Socket> socket, const Address& from);

    /**
     * @brief A connection that was asked for is set up.
     * @param socket its socket
     * @param from who asked
     */
    void HandleAccept(Ptr<Socket> socket, const Address& from);

    /**
     * @brief Data has arrived.
     * @param socket its socket
     */
    void HandleRead(Ptr<Socket> socket);

    /**
     * @brief Find the node that has an address.
     * @param address an InetSocketAddress, of any port
     * @return its number; UINT32_MAX if it is none's
     */
    uint32_t FindNode(const Address& address) const;

    uint32_t m_segmentBytes;                 //!< largest segment; 0 fills the MTU
    uint32_t m_bufferBytes;                  //!< for sending; 0 is sufficient
    Ptr<Socket> m_listener;                  //!< takes connections
    std::map<uint32_t, Outgoing> m_outgoing; //!< by node
    /// Those who wait for connections to stand, by node.
    std::map<uint32_t, std::vector<Callback<void>>> m_waiting;
    std::map<Ptr<Socket>, Incoming> m_incoming; //!< by socket
};

} // namespace ns3

#endif // PORTEND_TCP_TRANSPORT_H
