/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_ENERGY_HELPER_H
#define PORTEND_ENERGY_HELPER_H

#include "portend-network-helper.h"

#include "ns3/energy-harvester.h"
#include "ns3/energy-source.h"
#include "ns3/node-container.h"
#include "ns3/portend-energy-model.h"
#include "ns3/portend-energy.h"

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Gives nodes their power, and what feeds them, on ns-3's energy framework.
 */
class PortendEnergyHelper
{
  public:
    /// The power of a node, and where it comes from.
    struct Supply
    {
        portend::Power power;                                  //!< by what it does
        std::function<Ptr<EnergySource>()> makeBattery{};      //!< null is without end
        std::function<Ptr<EnergyHarvester>()> makeHarvester{}; //!< what charges it; may be null
    };

    /**
     * @brief Set the power of a node.
     * @param node number of the node
     * @param supply its power
     */
    void SetSupply(uint32_t node, const Supply& supply);

    /**
     * @brief Aggregate a PortendEnergyModel to each node whose power is set, and feed it.
     * @param nodes the nodes, by number
     */
    void Install(const NodeContainer& nodes);

    /**
     * @brief Let radios draw from the batteries of their nodes, packet by packet.
     * @param network the links, installed, whose nodes have devices
     */
    void WatchRadios(const PortendNetworkHelper& network);

    /**
     * @brief Find the energy of a node.
     * @param node number of the node
     * @return its model, once installed; null if it has no power
     */
    Ptr<PortendEnergyModel> Find(uint32_t node) const;

    /// @return whether a node has a battery
    bool HasBatteries() const;

    /**
     * @brief Let batteries and harvesters look at themselves seldom, lest they keep a run from
     *        ending.
     * @param interval between two looks
     */
    void SetUpdateInterval(Time interval) const;

  private:
    std::map<uint32_t, Supply> m_supplies;                //!< by node
    std::map<uint32_t, Ptr<PortendEnergyModel>> m_models; //!< the same, installed
    std::vector<Ptr<Object>> m_periodic;                  //!< batteries and harvesters
};

} // namespace ns3

#endif // PORTEND_ENERGY_HELPER_H
