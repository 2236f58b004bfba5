/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_TRACE_FILES_H
#define PORTEND_TRACE_FILES_H

#include "ns3/nstime.h"
#include "ns3/portend-deployment.h"
#include "ns3/portend-exit-model.h"
#include "ns3/portend-profile.h"
#include "ns3/portend-traffic.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

/**
 * @file
 * @ingroup portend
 * Reading of traces of arrivals and exits: tables of comma-separated values with a header.
 *
 */

namespace ns3
{

/**
 * @ingroup portend
 * @brief Read arrival times.
 *
 * Tables that are read: our own, with the column `arrival_ms`, not decreasing; Azure's traces of
 * functions, counts by minute (2019) or ends and durations (2021); any other with a column of
 * times or dates, such as Azure's of language models (2023), and lists of such without a header.
 * Those of others need not be in order.
 *
 * @param text name of the file, and perhaps `\@` and a factor on the rate: at 0.1, ten times as
 *        much time lies between arrivals
 * @param count most arrivals asked for
 * @return the times of the first arrivals, in order; dates count from the first, other times from 0
 * @throw portend::InputError naming file and line of the first offence
 */
std::vector<Time> PortendReadArrivals(const std::string& text, uint64_t count);

/**
 * @ingroup portend
 * @brief Read traffic.
 * @param file table with the columns `time_s`, not falling, and `bytes`, at least 1
 * @return what is sent when
 * @throw portend::InputError naming file and line of the first offence
 */
std::shared_ptr<const std::vector<PortendTrafficProcess::Burst>> PortendReadTraffic(
    const std::string& file);

/**
 * @ingroup portend
 * @brief Read measured exits.
 *
 * Either samples, one a row, with the columns `entropy_B` and `correct_B` for each last block B
 * of a partition: a sample exits at the first partition whose branch's entropy is below the
 * threshold. Or joint counts, a row for each partition, with the columns `exited` and
 * `correct`: samples are drawn from them.
 *
 * @param file table
 * @param model the model, which may have no branch after some partitions
 * @param deployment the deployment
 * @return makes a model that replays the samples, or draws from the counts
 * @throw portend::InputError naming file and line of the first offence
 */
std::function<Ptr<PortendExitModel>()> PortendReadExits(const std::string& file,
                                                        const portend::ModelProfile& model,
                                                        const portend::Deployment& deployment);

/**
 * @ingroup portend
 * @brief Replay the trace of confidence of a profile, at any branch.
 * @param model the model
 * @return makes a model that replays the samples
 * @throw portend::InputError if the profile has no trace
 */
std::function<Ptr<PortendExitModel>()> PortendReplayExits(const portend::ModelProfile& model);

/**
 * @ingroup portend
 * @brief The same, of the branches that one deployment asks.
 * @param model the model
 * @param deployment the deployment
 * @return makes a model that replays the samples
 * @throw portend::InputError if the profile has no trace
 */
std::function<Ptr<PortendExitModel>()> PortendReplayExits(const portend::ModelProfile& model,
                                                          const portend::Deployment& deployment);

/**
 * @ingroup portend
 * @brief Read what each branch makes of measured samples.
 * @param file table with the columns `entropy_B` and `correct_B` for each branch, B being its
 * block; the entropy of the last is not asked for
 * @param name what results call it, if that is not where it is
 * @param branches blocks that a branch follows, the last of the network the last
 * @return the trace
 * @throw portend::InputError naming file and line of the first offence
 */
portend::ConfidenceTrace PortendReadConfidence(const std::string& file,
                                               const std::string& name,
                                               const std::vector<uint32_t>& branches);

} // namespace ns3

#endif // PORTEND_TRACE_FILES_H
