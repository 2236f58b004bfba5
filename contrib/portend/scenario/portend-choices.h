/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_CHOICES_H
#define PORTEND_CHOICES_H

#include "portend-link-traces.h"

#include "ns3/energy-harvester.h"
#include "ns3/energy-source.h"
#include "ns3/portend-arrival-process.h"
#include "ns3/portend-compat.h"
#include "ns3/portend-controller.h"
#include "ns3/portend-delay-model.h"
#include "ns3/portend-energy.h"
#include "ns3/portend-exit-model.h"
#include "ns3/portend-failures.h"
#include "ns3/portend-link-process.h"
#include "ns3/portend-scheduler.h"
#include "ns3/portend-traffic.h"

#include <functional>
#include <string>

/**
 * @file
 * @ingroup portend
 * What a scenario chooses by text: short names for our objects, or any type of ns-3 with its
 * attributes, such as `ns3::MyExits[Bias=2]`.
 */

namespace ns3
{

/**
 * @ingroup portend
 * @brief Make an object of a type of ns-3.
 * @param text its name and attributes, such as `ns3::PortendPoissonArrivals[Rate=5]`
 * @param base type that it must derive from
 * @param where its place, for complaints
 * @return the object
 * @throw portend::InputError if there is no such type or attribute, or if it cannot have the value
 */
Ptr<Object> PortendMakeObject(const std::string& text, TypeId base, const std::string& where);

/**
 * @ingroup portend
 * @brief Understand when requests arise.
 * @param text `closed`, `periodic:TIME`, `poisson:RATE`, `bursty:RATE:ON:OFF`, `trace:FILE` or a
 *        type of ns-3
 * @param most arrivals of a trace that are read
 * @param where its place, for complaints
 * @return makes the process when a run begins
 * @throw portend::InputError if it makes no sense
 */
std::function<Ptr<PortendArrivalProcess>()> PortendChooseArrivals(const std::string& text,
                                                                  uint64_t most,
                                                                  const std::string& where);

/**
 * @ingroup portend
 * @brief Understand how samples exit.
 * @param text `nested`, `stratified`, `independent`, `trace:FILE` or a type of ns-3
 * @param model device-independent profile
 * @param deployment what runs where
 * @param where its place, for complaints
 * @return makes the model when a run begins
 * @throw portend::InputError if it makes no sense
 */
std::function<Ptr<PortendExitModel>()> PortendChooseExits(const std::string& text,
                                                          const portend::ModelProfile& model,
                                                          const portend::Deployment& deployment,
                                                          const std::string& where);

/**
 * @ingroup portend
 * @brief Understand how repeated timings become delays.
 * @param text `mean`, `median`, `max`, `empirical`, `gamma` or a type of ns-3
 * @param where its place, for complaints
 * @return the model
 * @throw portend::InputError if it makes no sense
 */
Ptr<PortendDelayModel> PortendChooseDelays(const std::string& text, const std::string& where);

/**
 * @ingroup portend
 * @brief Understand which waiting job a server takes next.
 * @param text `fifo`, `priority`, `edf`, `fair`, `batch[max=8,timeout=5ms]` or a type of ns-3
 * @param where its place, for complaints
 * @return makes the scheduler of a node; null for that of the attributes, first come first served
 * @throw portend::InputError if it makes no sense
 */
std::function<Ptr<PortendScheduler>()> PortendChooseScheduler(const std::string& text,
                                                              const std::string& where);

/**
 * @ingroup portend
 * @brief Understand how a link changes.
 * @param text `FILE`, `markov:FILE` or a type of ns-3
 * @param offset of a trace at the beginning
 * @param loops whether a trace begins again where it ends
 * @param traces files read so far; gets what is missing
 * @param where its place, for complaints
 * @return makes the process when a run begins
 * @throw portend::InputError if it makes no sense
 */
std::function<Ptr<PortendLinkProcess>()> PortendChooseLinkProcess(const std::string& text,
                                                                  Time offset,
                                                                  bool loops,
                                                                  PortendLinkTraces& traces,
                                                                  const std::string& where);

/**
 * @ingroup portend
 * @brief Understand what background traffic sends when.
 * @param text `constant:RATE`, `poisson:RATE`, `onoff:RATE:ON:OFF`, `trace:FILE` or a type of ns-3
 * @param where its place, for complaints
 * @return makes the process when a run begins
 * @throw portend::InputError if it makes no sense
 */
std::function<Ptr<PortendTrafficProcess>()> PortendChooseTraffic(const std::string& text,
                                                                 const std::string& where);

/**
 * @ingroup portend
 * @brief Understand when something is down.
 * @param text `10s-12s,60s-61.5s` or `exponential:UP:DOWN`
 * @param where its place, for complaints
 * @return makes the failures when a run begins
 * @throw portend::InputError if it makes no sense
 */
std::function<Ptr<PortendFailures>()> PortendChooseFailures(const std::string& text,
                                                            const std::string& where);

/**
 * @ingroup portend
 * @brief Understand the power of a node.
 * @param text `IDLE:COMPUTING:SERIALIZING`, such as `2W:6W:4W`, of which parts may be left out
 * @param where its place, for complaints
 * @return the power; unknown if the text is empty
 * @throw portend::InputError if it makes no sense
 */
portend::Power PortendChoosePower(const std::string& text, const std::string& where);

/**
 * @ingroup portend
 * @brief Understand what the ends of a link take.
 * @param text `SENDING:RECEIVING`, such as `1.2W:0.9W` or `50nJ/bit:30nJ/bit`
 * @param where its place, for complaints
 * @return what they take; nothing if the text is empty
 * @throw portend::InputError if it makes no sense
 */
portend::LinkEnergy PortendChooseLinkEnergy(const std::string& text, const std::string& where);

/**
 * @ingroup portend
 * @brief Understand what feeds a node.
 * @param text an energy such as `10Wh`, or a type of ns-3
 * @param where its place, for complaints
 * @return makes the battery when a run begins; null if the text is empty
 * @throw portend::InputError if it makes no sense
 */
std::function<Ptr<EnergySource>()> PortendChooseBattery(const std::string& text,
                                                        const std::string& where);

/**
 * @ingroup portend
 * @brief Understand what charges a battery.
 * @param text a type of ns-3
 * @param where its place, for complaints
 * @return makes the harvester when a run begins; null if the text is empty
 * @throw portend::InputError if it makes no sense
 */
std::function<Ptr<EnergyHarvester>()> PortendChooseHarvester(const std::string& text,
                                                             const std::string& where);

/**
 * @ingroup portend
 * @brief Understand who gives a stream new deployments while it runs.
 * @param text `fixed`, or the short name of a controller or a type of ns-3, with attributes
 * @param where its place, for complaints
 * @return makes the controller of a member; null if nobody does
 * @throw portend::InputError if it makes no sense
 */
std::function<Ptr<PortendController>()> PortendChooseController(const std::string& text,
                                                                const std::string& where);

} // namespace ns3

#endif // PORTEND_CHOICES_H
