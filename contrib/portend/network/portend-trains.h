/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_TRAINS_H
#define PORTEND_TRAINS_H

#include "portend-exchange.h"
#include "portend-fifo.h"
#include "portend-link-course.h"
#include "portend-link-traffic.h"

#include "ns3/data-rate.h"
#include "ns3/error-model.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/packet.h"

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Gets the datagrams that trains bring to a node.
 */
class PortendTrainReceiver
{
  public:
    virtual ~PortendTrainReceiver() = default;

    /**
     * @brief A datagram has arrived.
     * @param flow of its message
     * @param number of the message
     * @param messageBytes size of the message
     * @param bytes of the message in the datagram
     * @return whether the message is complete with it
     */
    virtual bool Collect(PortendFlow& flow,
                         uint64_t number,
                         uint32_t messageBytes,
                         uint32_t bytes) = 0;

    /**
     * @brief A message is complete: this is an event of the simulator.
     * @param flow of the message
     * @param number of the message
     */
    virtual void Finish(PortendFlow& flow, uint64_t number) = 0;
};

class PortendTrainSegmentReceiver;

/**
 * @ingroup portend
 * @brief A segment of TCP, as trains carry it.
 */
struct PortendTrainSegment
{
    /// What a segment is.
    enum Kind : uint8_t
    {
        SYN,            ///< asks for a connection
        ANSWER,         ///< answers SYN
        READY,          ///< acknowledges the answer
        DATA,           ///< bytes of messages
        ACKNOWLEDGMENT, ///< of data
    };

    PortendTrainSegmentReceiver* connection{nullptr}; //!< which it is of; null of a datagram
    Kind kind{DATA};                                  //!< what it is
    uint64_t end{0};   //!< the byte after its last in the stream, or the next that is expected
    uint32_t stamp{0}; //!< its timestamp, or the one that it returns, ms
};

/**
 * @ingroup portend
 * @brief Gets the segments that trains bring to either end of a connection.
 */
class PortendTrainSegmentReceiver
{
  public:
    virtual ~PortendTrainSegmentReceiver() = default;

    /**
     * @brief A segment has arrived.
     * @param segment the segment
     * @return whether it means something to the simulator
     */
    virtual bool Arrive(const PortendTrainSegment& segment) = 0;

    /**
     * @brief The same as an event of the simulator.
     * @param segment the segment
     */
    virtual void Finish(const PortendTrainSegment& segment) = 0;
};

/**
 * @ingroup portend
 * @brief The packets on all links, without packets: passes the datagrams of messages on as ns-3's
 *        point-to-point devices, drop-tail queues and IPv4 do, and at the same nanoseconds.
 *
 * A message enters as a train of equal packets. Each direction of a link has a queue of trains, a
 * packet in transmission, and packets in flight. What happens next is the end of a transmission,
 * or the arrival of the packet longest in flight; both have the moment that ns-3 would give them,
 * in its order of events: by time, then by when they were scheduled. PortendTrainScheduler lets
 * them happen between the events of the simulator. Only a complete message is such an event.
 *
 * Where nothing else happens from the sending of a message to its completion, and nothing else is
 * under way, its packets need not be followed: it takes as long as the path when idle.
 *
 * IPv4 is followed where it shows: packets that are too large for a link are cut, pieces are put
 * together by the 16 bits of their packet's number, and what has waited for its other pieces for
 * 30 s is given up, of which an ICMP message tells the sender if the first piece is there.
 */
class PortendTrains : public Object
{
  public:
    /// A place in the order of events.
    struct Moment
    {
        int64_t time{0};   //!< ns
        uint64_t order{0}; //!< among those of trains
        uint32_t uid{0};   //!< it comes behind the simulator's events up to this one

        /**
         * @brief Tell whether it comes before another of trains.
         * @param other the other
         * @return true if so
         */
        bool IsBefore(const Moment& other) const
        {
            return time != other.time ? time < other.time : order < other.order;
        }
    };

    /// What has arrived: a message that is complete, or a segment.
    struct Completion
    {
        PortendFlow* flow{nullptr};    //!< which it is of
        uint64_t number{0};            //!< of the message
        PortendTrainSegment segment{}; //!< the segment
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    PortendTrains();

    /**
     * @brief Say what the nodes share.
     * @param exchange which owns this
     */
    void SetExchange(PortendExchange* exchange);

    /**
     * @brief Add a direction of a link: number 2 j is up, 2 j + 1 is down on link j.
     * @param rate its bandwidth
     * @param delay its propagation delay
     * @param mtuBytes its MTU
     * @param queueBytes size of the device's queue
     * @param loss damages packets; may be null
     * @param course how it changes; null if it does not
     */
    void AddLink(DataRate rate,
                 Time delay,
                 uint32_t mtuBytes,
                 uint64_t queueBytes,
                 Ptr<RateErrorModel> loss,
                 Ptr<PortendLinkCourse> course = nullptr);

    /**
     * @brief Say who gets the datagrams for a node.
     * @param node number of the node
     * @param receiver of its datagrams
     */
    void SetReceiver(uint32_t node, PortendTrainReceiver* receiver);

    /**
     * @brief Hand a message to its receiver: an event of the simulator.
     * @param completion the message
     */
    void Finish(const Completion& completion);

    /**
     * @brief Get the context of the event.
     * @param completion the message
     * @return that of the receiving node
     */
    uint32_t GetContext(const Completion& completion) const;

    /**
     * @brief Send a message, now.
     * @param flow which it is of
     * @param message the message, numbered
     */
    void Send(PortendFlow& flow, const PortendMessage& message);

    /**
     * @brief Send a segment of TCP, now.
     * @param flow whose path it takes
     * @param segment the segment
     * @param bytes size of its packet, IP header included
     */
    void Send(PortendFlow& flow, const PortendTrainSegment& segment, uint32_t bytes);

    /**
     * @brief Tell what has gone over a link.
     * @param link number of the direction
     * @return bytes and packets
     */
    const PortendLinkTraffic& GetTraffic(uint32_t link);

    /**
     * @brief The simulator has another event: what trains do from now on comes behind it.
     * @param uid its number
     */
    void SetLastEvent(uint32_t uid);

    /// @return whether anything is to happen
    bool HasNext() const;

    /// @return when the next happens
    Moment GetNext() const;

    /**
     * @brief Something else happens before a message that is alone is complete: its packets go one
     *        by one.
     * @return whether there was such a message
     */
    bool Split();

    /**
     * @brief Let the next happen.
     * @return the message that is complete by it, if any
     */
    std::optional<Completion> RunNext();

    /// Forget what is under way.
    void Clear();

  protected:
    void DoDispose() override;

  private:
    /// A message that was sent when nothing was under way.
    struct Alone
    {
        PortendFlow* flow{nullptr}; //!< which it is of
        uint64_t number{0};         //!< of the message
        uint32_t bytes{0};          //!< size of the message
        Moment sent;                //!< when
        int64_t completed{0};       //!< when it is complete if it stays alone, ns
    };

    /// Bytes of one message on their way, or an ICMP message.
    struct Train
    {
        PortendFlow* flow{nullptr};    //!< where they go
        uint64_t number{0};            //!< of the message
        uint64_t firstPacket{0};       //!< number of the first packet in its flow
        uint32_t messageBytes{0};      //!< size of the message; 0 of ICMP's
        uint32_t left{0};              //!< packets, and pieces of them, that are still on their way
        PortendTrainSegment segment{}; //!< of TCP
    };

    /// A packet, or a piece of one.
    struct Car
    {
        uint32_t train{0};      //!< which it is of
        uint32_t index{0};      //!< of the packet in its train
        uint16_t hop{0};        //!< index of the link in its path
        uint16_t bytes{0};      //!< IP header included
        uint16_t offset{0};     //!< of a piece, behind the header
        bool isFollowed{false}; //!< whether pieces of the packet come behind this one

        /// @return whether it is a piece
        bool IsPiece() const
        {
            return isFollowed || offset > 0;
        }
    };

    /// Packets that wait, alike but for their indices.
    struct Run
    {
        Car first;         //!< the first of them
        uint32_t count{1}; //!< how many
    };

    /// A packet that will arrive.
    struct Flight
    {
        Car packet;         //!< the packet
        Moment moment;      //!< when
        bool isLost{false}; //!< whether the link is down meanwhile
    };

    /// A direction of a link.
    struct Link
    {
        DataRate rate;                 //!< bandwidth
        int64_t delay{0};              //!< propagation, ns
        uint64_t queueBytes{0};        //!< size of the queue
        uint64_t waitingBytes{0};      //!< bytes in the queue
        Ptr<RateErrorModel> loss;      //!< damages packets; may be null
        double lossRate{0};            //!< at this rate, where the course does not say it
        Ptr<PortendLinkCourse> course; //!< how it changes; null if it does not
        Time lastArrival;              //!< of packets, where it changes
        PortendLinkTraffic traffic;    //!< what has gone over it
        PortendFifo<Run> queue;        //!< packets that wait
        PortendFifo<Flight> flying;    //!< packets that are or have been transmitted
        int64_t packetTime{0};         //!< of a packet of packetBytes, ns
        uint32_t packetBytes{0};       //!< of the last packet, link header included
        uint32_t mtuBytes{0};          //!< largest packet
        bool isBusy{false};            //!< whether it transmits
    };

    /// What happens.
    enum Kind : uint8_t
    {
        FREE,   ///< a transmission ends
        ARRIVE, ///< a packet arrives
        EXPIRE, ///< pieces may have waited too long
    };

    /// Something that will happen.
    struct Event
    {
        Moment moment;     //!< when
        uint32_t index{0}; //!< of the link; of the node where pieces wait
        Kind kind{FREE};   //!< what

        /**
         * @brief Order events for a heap, which has the largest on top.
         * @param other another
         * @return true if this one happens later
         */
        bool operator<(const Event& other) const
        {
            return other.moment.IsBefore(moment);
        }
    };

    /// A piece that waits for the others.
    struct Piece
    {
        uint32_t offset{0};       //!< in its packet
        uint32_t bytes{0};        //!< IP header not included
        uint32_t messageBytes{0}; //!< size of its message
        uint64_t number{0};       //!< of its message
    };

    /// Pieces of a packet that IP takes for the same: of a flow, by 16 bits of the packet's number.
    using PacketKey = std::pair<PortendFlow*, uint16_t>;

    /// A packet of which pieces have arrived.
    struct Assembly
    {
        std::vector<Piece> pieces; //!< by their offsets
        bool isFollowed{false};    //!< whether more come behind the last
        uint64_t expiry{0};        //!< number of its place among the expiries
    };

    /// Packets that are put together at a node.
    struct Assemblies
    {
        std::map<PacketKey, Assembly> packets; //!< those that miss pieces
        /// When they are given up, in this order.
        std::map<uint64_t, std::pair<int64_t, PacketKey>> expiries;
        uint64_t count{0}; //!< packets so far
    };

    /**
     * @brief Get the place of what is scheduled next.
     * @param time when it happens
     * @return the moment
     */
    Moment Schedule(int64_t time);

    /**
     * @brief Add something that will happen.
     * @param event what and when
     */
    void Push(const Event& event);

    /**
     * @brief Tell whether each packet of a message that is alone passes, whole.
     * @param flow of the message
     * @param bytes size of the message
     * @return true if no link cuts, loses or refuses any
     */
    bool IsPassable(const PortendFlow& flow, uint32_t bytes) const;

    /**
     * @brief Send the packets of a message.
     * @param flow of the message
     * @param number of the message
     * @param bytes size of the message
     */
    void Depart(PortendFlow& flow, uint64_t number, uint32_t bytes);

    /**
     * @brief The message that is alone arrives.
     * @return the message
     */
    std::optional<Completion> Pass();

    /**
     * @brief Begin a train.
     * @param train the train
     * @return its number
     */
    uint32_t AddTrain(const Train& train);

    /**
     * @brief Packets of a train are no longer on their way.
     * @param train its number
     * @param count how many
     */
    void Forget(uint32_t train, uint32_t count);

    /**
     * @brief Hand packets to the device of their next link: some wait, some are refused.
     * @param packet the first
     * @param count how many, alike but for their indices
     */
    void Enqueue(const Car& packet, uint32_t count);

    /**
     * @brief Begin to transmit.
     * @param index of the link
     * @param packet what to transmit
     */
    void Start(uint32_t index, const Car& packet);

    /**
     * @brief Tell whether a packet that is at the end of a link is damaged.
     * @param link the link
     * @param isLost whether the link was down
     * @return true if so
     */
    bool IsDamaged(const Link& link, bool isLost) const;

    /**
     * @brief A packet is at the end of a link.
     * @param index of the link
     * @return the message that is complete by it, if any
     */
    std::optional<Completion> Arrive(uint32_t index);

    /**
     * @brief Send a packet over its next link, which may take smaller ones only.
     * @param packet the packet
     */
    void Forward(const Car& packet);

    /**
     * @brief A packet has come to its receiver.
     * @param packet the packet
     * @return the message that is complete by it, if any
     */
    std::optional<Completion> Receive(const Car& packet);

    /**
     * @brief Keep a piece until the others are there.
     * @param flow which it is of
     * @param piece the piece
     * @param id 16 bits of the packet's number
     * @param isFollowed whether others come behind it
     * @return the first piece, its bytes now those of the packet, if it is complete
     */
    std::optional<Piece> Assemble(PortendFlow& flow,
                                  const Piece& piece,
                                  uint16_t id,
                                  bool isFollowed);

    /**
     * @brief Give up packets whose pieces have waited too long.
     * @param node where they wait
     */
    void Expire(uint32_t node);

    PortendExchange* m_exchange{nullptr};           //!< owns this
    std::vector<Link> m_links;                      //!< two for each link
    std::vector<PortendTrainReceiver*> m_receivers; //!< by node
    std::optional<Alone> m_alone;                   //!< passes if nothing else happens
    std::vector<Train> m_trains;                    //!< those under way, and free places
    std::vector<uint32_t> m_free;                   //!< free places among the trains
    std::vector<Event> m_events;                    //!< a heap
    std::map<uint32_t, Assemblies> m_assemblies;    //!< by node
    Ptr<Packet> m_any;                              //!< what is asked of error models
    int64_t m_now{0};                               //!< when what happens does, ns
    uint64_t m_order{0};                            //!< of what is scheduled next
    uint32_t m_uid{0};                              //!< the simulator's last event
};

} // namespace ns3

#endif // PORTEND_TRAINS_H
