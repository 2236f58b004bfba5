/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_TIMELINE_H
#define PORTEND_TIMELINE_H

#include "ns3/nstime.h"
#include "ns3/portend-request.h"
#include "ns3/portend-setup.h"

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Writes the ledgers of requests as a timeline, in the trace event format of Chrome.
 *
 * Perfetto (ui.perfetto.dev) and chrome://tracing show it. Each server, each process of its own
 * and each route of messages is a track; each entry of a ledger above zero is a slice. Where one
 * server works on one request after the other, its work is complete events (X). Whatever may
 * overlap (waits, messages, the work of several servers) is asynchronous events (b, e), each
 * with an id of its own. Flow events (s, t, f) join the work on a request, from stage to stage.
 *
 * A request is written when it is complete, so the events are not in the order of time.
 */
class PortendTimeline
{
  public:
    /**
     * @brief Constructor: write the beginning, and the names of the tracks.
     * @param os where to; it must outlive this object
     * @param scenario what is simulated, for the names of the tiers
     * @param setup the same, understood
     */
    PortendTimeline(std::ostream& os, const PortendScenario& scenario, const PortendSetup& setup);

    /**
     * @brief Write the events of a request.
     * @param request a completed request
     */
    void Add(const PortendRequest& request);

    /**
     * @brief Write the end.
     */
    void Finish();

  private:
    /// Where slices are drawn.
    struct Track
    {
        uint64_t id{0};           //!< of process and thread, from 1
        bool isSequential{false}; //!< whether at most one request is worked on at a time
    };

    /// A place that requests pass: the source, a partition, or the destination.
    struct Place
    {
        std::string name;        //!< as columns of the ledger table name it
        std::size_t partition;   //!< k; 0 of source and destination
        uint32_t tier;           //!< tier that it is on
        Track track;             //!< of its work
        uint64_t tensorBytes{0}; //!< size of the message to the next partition
    };

    /**
     * @brief Add a track, and write its name.
     * @param name its name
     * @param servers number of requests worked on at once
     * @return the track
     */
    Track AddTrack(const std::string& name, uint32_t servers);

    /**
     * @brief Add the track of the messages between two tiers, if it is not there.
     * @param from tier that sends
     * @param to tier that receives
     */
    void AddRoute(uint32_t from, uint32_t to);

    /**
     * @brief Write a slice; nothing if it has no length.
     * @param track where
     * @param component what the time was spent on
     * @param begin when it begins
     * @param duration how long it is
     * @param args members of its arguments, as JSON
     */
    void AddSlice(const Track& track,
                  PortendLedger::Component component,
                  Time begin,
                  Time duration,
                  const std::string& args);

    /**
     * @brief Write the start of an event.
     * @param phase its kind
     * @param name its name
     * @param category its category
     * @param track where
     * @param time when
     */
    void BeginEvent(char phase,
                    const char* name,
                    const char* category,
                    const Track& track,
                    Time time);

    std::ostream& m_os;                                      //!< where to
    Track m_source;                                          //!< of its work
    Track m_destination;                                     //!< the same
    std::map<uint32_t, Track> m_tiers;                       //!< of the work of partitions
    std::map<std::pair<uint32_t, uint32_t>, Track> m_routes; //!< by tiers that send and receive
    bool m_isAccuracyKnown;        //!< whether it is known which answers are right
    bool m_hasDeployments;         //!< whether requests have several
    const char* m_separator{"\n"}; //!< before the next event
    uint64_t m_asynchronous{0};    //!< asynchronous slices so far
    uint64_t m_tracks{0};          //!< tracks so far
};

} // namespace ns3

#endif // PORTEND_TIMELINE_H
