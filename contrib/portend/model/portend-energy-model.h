/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_ENERGY_MODEL_H
#define PORTEND_ENERGY_MODEL_H

#include "ns3/device-energy-model.h"
#include "ns3/energy-source.h"
#include "ns3/event-id.h"
#include "ns3/nstime.h"
#include "ns3/portend-compat.h"
#include "ns3/portend-failures.h"
#include "ns3/portend-ledger.h"

#include <array>
#include <cstdint>

namespace ns3
{

/**
 * @ingroup portend
 * @brief The energy of a node: what its power adds up to, and by what.
 *
 * Power when idle is always drawn. Whoever computes, or serializes or deserializes, draws besides
 * what that takes more; a server that is blocked draws nothing besides. Radios draw what links say.
 * It is aggregated to the node, where the applications find it.
 *
 * An energy source of ns-3 may feed it: a battery, perhaps with harvesters. When that is empty the
 * node is down, draws nothing, and is up again if it is charged.
 */
class PortendEnergyModel : public DeviceEnergyModel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /// What is worked on: of the ledger's entries those that draw power; WAIT is nothing.
    using Activity = PortendLedger::Component;

    /**
     * @brief Somebody at work goes over to something else.
     * @param from what it was; WAIT if it begins
     * @param to what it is; WAIT if it ends
     */
    void Change(Activity from, Activity to);

    /**
     * @brief Get the energy of an activity beyond that of an idle node.
     * @param activity which
     * @param lasts how long
     * @return joules
     */
    double GetEnergy(Activity activity, Time lasts) const;

    /**
     * @brief A radio draws from a battery for a time.
     * @param joules what it takes
     * @param lasts how long; above 0
     */
    void Transmit(double joules, Time lasts);

    /// What a node took so far, J.
    struct Use
    {
        double idleJ{0}; //!< power when idle, as long as the node was on
        /// By activity, beyond that.
        std::array<double, PortendLedger::COMPONENTS> activitiesJ{};
        double radioJ{0}; //!< of radios that draw from a battery
    };

    /// @return what the node took until now
    Use GetUse();

    /// @return power that is drawn now, W
    double GetPower() const;

    /// @return power that is drawn when idle, W
    double GetIdlePower() const;

    /// @return where the node's energy comes from; null if it is without end
    Ptr<EnergySource> GetSource() const;

    /// @return when the battery was empty first; Time::Max() if it never was
    Time GetDepleted() const;

    // From ns-3's framework.
    void SetEnergySource(Ptr<EnergySource> source) override;
    double GetTotalEnergyConsumption() const override;
    void ChangeState(int newState) override;
    void HandleEnergyDepletion() override;
    void HandleEnergyRecharged() override;
    void HandleEnergyChanged() override;

  protected:
    void DoInitialize() override;
    void DoDispose() override;

  private:
    double DoGetCurrentA() const override;

    /// Add up what was drawn since the last time.
    void Update();

    /// Let the source add up what was drawn, before that changes.
    void UpdateSource();

    /// See that the source is asked at the moment when it may be empty.
    void PlanDepletion();

    /// Let the source see whether it is empty.
    void AskSource();

    /**
     * @brief Let the node go down, or up again.
     * @param isDown whether it is down now
     */
    void SetDown(bool isDown);

    /**
     * @brief A radio has transmitted.
     * @param powerW what it drew
     */
    void EndTransmission(double powerW);

    /**
     * @brief Get what an activity draws beyond an idle node.
     * @param activity which
     * @return watts
     */
    double GetExtraW(Activity activity) const;

    double m_idleW;        //!< when idle
    double m_computingW;   //!< when one computes
    double m_serializingW; //!< when one serializes or deserializes
    /// How many are at work, by activity.
    std::array<uint32_t, PortendLedger::COMPONENTS> m_active{};
    double m_radioW{0};           //!< of all radios
    bool m_isOff{false};          //!< whether the battery is empty
    Use m_use;                    //!< until m_since
    Time m_since;                 //!< when it was added up last
    Time m_depleted{Time::Max()}; //!< when the battery was empty first
    Ptr<EnergySource> m_source;   //!< may be null
    EventId m_depletion;          //!< when it is asked whether it is empty
    Time m_depletionAt;           //!< the same
};

} // namespace ns3

#endif // PORTEND_ENERGY_MODEL_H
