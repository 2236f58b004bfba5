/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-overload.h"

#include "portend-setup.h"

#include <algorithm>
#include <cstdint>

namespace ns3
{

namespace
{

/// Follows the requests from the source to the destination.
class Walk
{
  public:
    /// A station; null where there is no work to do, which serves any rate.
    using Station = const portend::Station*;

    /**
     * @brief Constructor.
     * @param setup what is to be simulated
     */
    explicit Walk(const PortendSetup& setup)
        : m_setup(setup),
          m_network(setup.GetNetwork()),
          m_ratePerS(setup.stream.arrivals.ratePerS)
    {
    }

    /**
     * @brief Follow them.
     * @return the first station that is overwhelmed
     */
    std::optional<PortendOverload> Run()
    {
        const auto& stream = m_setup.stream;
        const auto& partitions = m_setup.deployment.partitions;
        const auto source = stream.sharedCore ? FindTier(stream.source) : FindEnd(Key::SOURCE);
        const auto input = FindSlowestLink(stream.source, partitions[0].tier);
        if (Blocks(0)) // the source stands still
        {
            Limit(GetSlower(GetSlower(source, input), FindSlowest(0)));
        }
        else
        {
            Require(source);
            RequireLink(input);
        }
        for (std::size_t k = 0; k < partitions.size(); ++k)
        {
            const auto tier = partitions[k].tier;
            if (m_setup.queues[tier].IsBounded())
            {
                Limit(FindSlowest(k));
            }
            else
            {
                Require(FindSlowest(k));
            }
            if (k + 1 < partitions.size() && !Blocks(k + 1))
            {
                RequireLink(FindSlowestLink(tier, partitions[k + 1].tier));
            }
            RequireLink(FindSlowestLink(tier, stream.destination));
        }
        if (!stream.sharedCore)
        {
            Require(FindEnd(Key::DESTINATION));
        }
        return m_overload;
    }

  private:
    /// What a station is.
    using Key = portend::StationKey;

    /// @return the station of a tier
    Station FindTier(uint32_t tier) const
    {
        return m_network.Find({Key::NODE, m_setup.stream.tiers[tier].node});
    }

    /// @return the station of the source or the destination
    Station FindEnd(Key::Kind kind) const
    {
        return m_network.Find({kind, 0});
    }

    /// @return that of two stations which saturates first
    static Station GetSlower(Station a, Station b)
    {
        return !a || (b && b->GetSaturationPerS() < a->GetSaturationPerS()) ? b : a;
    }

    /// @return the link between two tiers that saturates first
    Station FindSlowestLink(uint32_t from, uint32_t to) const
    {
        Station slowest = nullptr;
        for (const auto link : m_setup.stream.GetPath(from, to))
        {
            slowest = GetSlower(slowest, m_network.Find({Key::LINK, link}));
        }
        return slowest;
    }

    /// @return whether the queue before a partition blocks its senders
    bool Blocks(std::size_t k) const
    {
        const auto& partitions = m_setup.deployment.partitions;
        return k < partitions.size() &&
               m_setup.queues[partitions[k].tier].policy == PortendWorker::BLOCK;
    }

    /// @return what holds a partition up: its own station, or one behind it that blocks it
    Station FindSlowest(std::size_t k) const
    {
        const auto& partitions = m_setup.deployment.partitions;
        const auto own = FindTier(partitions[k].tier);
        if (!Blocks(k + 1))
        {
            return own;
        }
        const auto link = FindSlowestLink(partitions[k].tier, partitions[k + 1].tier);
        return GetSlower(GetSlower(own, link), FindSlowest(k + 1));
    }

    /// Lets no more requests pass than a station serves.
    void Limit(Station station)
    {
        if (station)
        {
            m_ratePerS = std::min(m_ratePerS, station->GetSaturationPerS());
        }
    }

    /// Requires that a station without a bound serves the requests that get there.
    void Require(Station station)
    {
        if (!m_overload && station && m_ratePerS >= station->GetSaturationPerS())
        {
            m_overload = PortendOverload{*station, m_ratePerS};
        }
    }

    /// Requires the same of a link; full device queues may lose it.
    void RequireLink(Station station)
    {
        if (m_setup.traits.isReliable || m_setup.queueBytes == 0)
        {
            Require(station);
        }
    }

    const PortendSetup& m_setup;               //!< what is to be simulated
    portend::QueueingNetwork m_network;        //!< its stations
    double m_ratePerS;                         //!< of the requests that get there
    std::optional<PortendOverload> m_overload; //!< the first
};

} // namespace

std::optional<PortendOverload>
PortendFindOverload(const PortendSetup& setup)
{
    if (setup.isClosed || setup.isTrace || !setup.maxTime.IsZero())
    {
        return {};
    }
    return Walk(setup).Run();
}

} // namespace ns3
