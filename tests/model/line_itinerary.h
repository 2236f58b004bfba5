/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef LINE_ITINERARY_H
#define LINE_ITINERARY_H

#include "ns3/double.h"
#include "ns3/portend-delay-model.h"
#include "ns3/portend-itinerary.h"
#include "ns3/portend-sink.h"
#include "ns3/portend-source.h"

#include <vector>

/**
 * @brief Make the itinerary of a line of nodes, and back to the first: one partition on each, and
 *        nothing but services takes time.
 * @param services of the nodes, s
 * @param exitRate of each branch but the last
 * @return the itinerary; all answers are right
 */
inline ns3::Ptr<ns3::PortendItinerary>
MakeLineItinerary(const std::vector<ns3::Ptr<ns3::RandomVariableStream>>& services, double exitRate)
{
    using namespace ns3;
    auto itinerary = Create<PortendItinerary>();
    for (std::size_t k = 1; k <= services.size(); ++k)
    {
        PortendItinerary::Stage stage;
        stage.node = k - 1;
        stage.branch.partition = k;
        stage.branch.block = k;
        stage.branch.exitRate = exitRate;
        stage.branch.accuracy = 1;
        stage.tensorBytes = k < services.size() ? 1 : 0;
        stage.computationTime = services[k - 1];
        stage.deserializationTime = PortendMakeConstantDelay(0);
        stage.serializationTime = PortendMakeConstantDelay(0);
        stage.resultSerializationTime = PortendMakeConstantDelay(0);
        itinerary->stages.push_back(stage);
    }
    return itinerary;
}

/**
 * @brief Assign fixed streams to the random variables of a line, from 0 on.
 * @param source of the requests
 * @param itinerary of the requests
 */
inline void
AssignLineStreams(const ns3::Ptr<ns3::PortendSource>& source,
                  const ns3::Ptr<ns3::PortendItinerary>& itinerary)
{
    auto used = source->AssignStreams(0);
    for (const auto& stage : itinerary->stages)
    {
        stage.computationTime->SetStream(used + 1);
        used += 4;
    }
}

#endif // LINE_ITINERARY_H
