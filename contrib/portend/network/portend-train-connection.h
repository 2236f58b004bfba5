/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_TRAIN_CONNECTION_H
#define PORTEND_TRAIN_CONNECTION_H

#include "portend-exchange.h"
#include "portend-trains.h"

#include "ns3/event-id.h"
#include "ns3/nstime.h"
#include "ns3/ptr.h"
#include "ns3/rtt-estimator.h"
#include "ns3/simple-ref-count.h"
#include "ns3/tcp-congestion-ops.h"
#include "ns3/tcp-socket-state.h"

#include <cstdint>
#include <deque>
#include <functional>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Both ends of a TCP connection whose segments and acknowledgments pass as trains.
 *
 * It does what TcpSocketBase does where nothing is lost, at the same nanoseconds: the three
 * segments that set the connection up, windows, the measurement of round trips by timestamps, one
 * acknowledgment for each segment. Congestion control is ns-3's own, on a TcpSocketState.
 *
 * Nothing is sent again here: where ns-3 would, because an acknowledgment is late, the simulation
 * ends with a portend::InputError that names packets.
 */
class PortendTrainConnection : public SimpleRefCount<PortendTrainConnection>,
                               public PortendTrainSegmentReceiver
{
  public:
    /// What does not change while a connection stands.
    struct Settings
    {
        uint32_t segmentBytes{0};            //!< most data of a segment
        uint32_t initialWindow{0};           //!< congestion window at the beginning, segments
        uint32_t initialThreshold{0};        //!< slow start threshold at the beginning, bytes
        bool restartsAfterIdle{false};       //!< whether idle time restarts the window
        Time minTimeout;                     //!< shortest retransmission timeout
        Time granularity;                    //!< of clocks
        Time connectTimeout;                 //!< after which SYN is sent again
        Ptr<TcpCongestionOps> variant;       //!< congestion control
        Ptr<RttEstimator> roundTrips;        //!< measures round trips
        std::function<uint32_t()> getBuffer; //!< for sending, bytes, asked by either end
    };

    /**
     * @brief Constructor.
     * @param trains carry the segments
     * @param forward messages from the sending end
     * @param back messages to it, whose path acknowledgments take
     * @param settings what does not change
     */
    PortendTrainConnection(const Ptr<PortendTrains>& trains,
                           PortendFlow& forward,
                           PortendFlow& back,
                           const Settings& settings);

    ~PortendTrainConnection() override;

    /**
     * @brief Set the connection up.
     * @param established called when the sending end may send
     */
    void Open(std::function<void()> established);

    /// @return whether the sending end may send
    bool IsEstablished() const;

    /**
     * @brief Say who takes messages.
     * @param complete called for each that has arrived
     */
    void SetReceiver(std::function<void()> complete);

    /**
     * @brief Add a message to what is sent.
     * @param bytes of the message, header included
     */
    void Append(uint32_t bytes);

    bool Arrive(const PortendTrainSegment& segment) override;
    void Finish(const PortendTrainSegment& segment) override;

  private:
    /**
     * @brief Send a segment.
     * @param kind what it is
     * @param end what it says: the byte after its last, or the next that is expected
     * @param bytes of data
     * @param stamp its timestamp, or the one that it returns
     */
    void Send(PortendTrainSegment::Kind kind, uint64_t end, uint32_t bytes, uint32_t stamp);

    /// The application has handed over data: what the window lets go leaves a time step later.
    void Submit();

    /// Send what the windows allow.
    void SendPending();

    /// SYN was answered: the sending end may send.
    void Establish(const PortendTrainSegment& segment);

    /// Data has arrived, and with it the ends of messages.
    void TakeMessages(const PortendTrainSegment& segment);

    /// Data was acknowledged.
    void Acknowledge(const PortendTrainSegment& segment);

    /**
     * @brief Measure a round trip.
     * @param stamp of what was answered
     */
    void Measure(uint32_t stamp);

    /**
     * @brief Set when the retransmission timer fires.
     * @param after so long; none stops it
     */
    void SetTimer(Time after);

    /// Time has come to see whether it does.
    void CheckTimer();

    /// Something would be sent again. @throw portend::InputError that names packets
    [[noreturn]] void FailToSendAgain() const;

    /// @return bytes that may be sent, as far as windows go
    uint32_t GetAvailableWindow() const;

    /// @return the byte after the last that is in the buffer for sending
    uint64_t GetTail() const;

    Ptr<PortendTrains> m_trains;         //!< carry the segments
    PortendFlow& m_forward;              //!< messages from the sending end
    PortendFlow& m_back;                 //!< messages to it
    Settings m_settings;                 //!< what does not change
    Ptr<TcpSocketState> m_state;         //!< what congestion control sees
    std::function<void()> m_established; //!< called when the sending end may send
    std::function<void()> m_complete;    //!< called for each message that has arrived
    bool m_isEstablished{false};         //!< whether the sending end may send
    uint32_t m_buffer{0};                //!< for sending, bytes
    uint32_t m_window{0};                //!< that the receiving end has announced last
    uint32_t m_scaledWindow{0};          //!< that it announces once it may scale it
    uint64_t m_appended{0};              //!< bytes of all messages
    uint64_t m_acknowledged{0};          //!< bytes acknowledged
    uint64_t m_sent{0};                  //!< bytes sent
    uint32_t m_uncounted{0};             //!< bytes acknowledged that are no whole segment yet
    Time m_lastSent;                     //!< when data was sent last
    Time m_timeout;                      //!< retransmission timeout
    Time m_deadline{Time::Max()};        //!< when the timer fires
    EventId m_timer;                     //!< sees whether it does
    EventId m_submission;                //!< sends what was handed over
    Time m_answered;                     //!< when the receiving end answered SYN
    std::deque<uint64_t> m_ends;         //!< of messages that have not arrived
};

} // namespace ns3

#endif // PORTEND_TRAIN_CONNECTION_H
