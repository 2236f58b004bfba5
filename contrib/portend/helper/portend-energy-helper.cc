/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-energy-helper.h"

#include "ns3/abort.h"
#include "ns3/double.h"
#include "ns3/nstime.h"
#include "ns3/packet.h"
#include "ns3/point-to-point-net-device.h"
#include "ns3/simple-ref-count.h"
#include "ns3/simulator.h"

#include <algorithm>

namespace ns3
{

namespace
{

/// The radios of a direction of a link that draw from batteries.
struct Radios : SimpleRefCount<Radios>
{
    portend::LinkEnergy energy;             //!< what they take
    Ptr<PortendEnergyModel> sender;         //!< of the node that sends; null: no battery
    Ptr<PortendEnergyModel> receiver;       //!< the same of the other
    PointToPointNetDevice* device{nullptr}; //!< that sends, and whose trace source holds this

    /**
     * @brief A packet begins to be transmitted.
     * @param packet the packet, its link header included
     */
    void Begin(Ptr<const Packet> packet) const
    {
        DataRateValue rate;
        device->GetAttribute("DataRate", rate);
        const double bits = 8.0 * packet->GetSize();
        const double seconds = bits / static_cast<double>(rate.Get().GetBitRate());
        const auto lasts = Max(rate.Get().CalculateBytesTxTime(packet->GetSize()), NanoSeconds(1));
        if (sender)
        {
            sender->Transmit(energy.sending.Get(bits, seconds), lasts);
        }
        if (receiver)
        {
            receiver->Transmit(energy.receiving.Get(bits, seconds), lasts);
        }
    }
};

/// A packet begins to be transmitted.
void
BeginTransmission(Ptr<const Radios> radios, Ptr<const Packet> packet)
{
    radios->Begin(packet);
}

} // namespace

void
PortendEnergyHelper::SetSupply(uint32_t node, const Supply& supply)
{
    m_supplies[node] = supply;
}

void
PortendEnergyHelper::Install(const NodeContainer& nodes)
{
    for (const auto& [index, supply] : m_supplies)
    {
        const auto node = nodes.Get(index);
        const auto model =
            CreateObjectWithAttributes<PortendEnergyModel>("IdlePower",
                                                           DoubleValue(supply.power.idleW),
                                                           "ComputingPower",
                                                           DoubleValue(supply.power.computingW),
                                                           "SerializingPower",
                                                           DoubleValue(supply.power.serializingW));
        node->AggregateObject(model);
        m_models[index] = model;
        if (!supply.makeBattery)
        {
            continue;
        }
        const auto battery = supply.makeBattery();
        battery->SetNode(node);
        battery->AppendDeviceEnergyModel(model);
        model->SetEnergySource(battery);
        m_periodic.push_back(battery);
        if (supply.makeHarvester)
        {
            const auto harvester = supply.makeHarvester();
            harvester->SetNode(node);
            harvester->SetEnergySource(battery);
            battery->ConnectEnergyHarvester(harvester);
            m_periodic.push_back(harvester);
        }
    }
    // Not by a container of the node's: that begins the models of its sources, and they are
    // aggregated to it.
    for (const auto& object : m_periodic)
    {
        Simulator::ScheduleNow(&Object::Initialize, object);
    }
}

void
PortendEnergyHelper::WatchRadios(const PortendNetworkHelper& network)
{
    const auto find = [this](uint32_t node) {
        const auto model = Find(node);
        return model && model->GetSource() ? model : Ptr<PortendEnergyModel>();
    };
    for (uint32_t link = 0; link < network.CountLinks(); ++link)
    {
        const auto ends = network.GetEnds(link);
        for (uint32_t way = 0; way < 2; ++way)
        {
            const auto& energy = network.GetEnergy(link, way);
            const auto radios = Create<Radios>();
            radios->energy = energy;
            radios->sender = find(ends[way]);
            radios->receiver = find(ends[1 - way]);
            if (!energy.IsKnown() || (!radios->sender && !radios->receiver))
            {
                continue;
            }
            const auto device =
                DynamicCast<PointToPointNetDevice>(network.GetDevices(link).Get(way));
            NS_ABORT_MSG_UNLESS(device, "radios of batteries need devices");
            radios->device = PeekPointer(device);
            device->TraceConnectWithoutContext(
                "PhyTxBegin",
                MakeBoundCallback(&BeginTransmission, Ptr<const Radios>(radios)));
        }
    }
}

Ptr<PortendEnergyModel>
PortendEnergyHelper::Find(uint32_t node) const
{
    const auto found = m_models.find(node);
    return found == m_models.end() ? nullptr : found->second;
}

bool
PortendEnergyHelper::HasBatteries() const
{
    return std::any_of(m_supplies.begin(), m_supplies.end(), [](const auto& entry) {
        return !!entry.second.makeBattery;
    });
}

void
PortendEnergyHelper::SetUpdateInterval(Time interval) const
{
    for (const auto& object : m_periodic)
    {
        object->SetAttributeFailSafe("PeriodicEnergyUpdateInterval", TimeValue(interval));
        object->SetAttributeFailSafe("PeriodicHarvestedPowerUpdateInterval", TimeValue(interval));
    }
}

} // namespace ns3
