/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TINY_MODEL_H
#define TINY_MODEL_H

#include "ns3/portend-estimator.h"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

/**
 * @file
 * A network of three blocks on three tiers whose estimates can be worked out by hand.
 */

/// @return a model of three blocks, thresholds 0, 0.5 and 1, and an envelope like the paper's
inline portend::ModelProfile
GetTinyModel()
{
    portend::ModelProfile model;
    model.name = "tiny";
    model.blocks = 3;
    model.tensorBytes = {12000, 8000, 4000};
    model.resultBytes = 200;
    model.envelope.tensorBytes = 50;
    model.envelope.partitionListBytes = {0, 9, 17};
    model.envelope.timingRecordBytes = 44;
    model.thresholds = {0, 0.5, 1};
    model.validation.exitRates = {{0, 0.4, 1}, {0, 0.7, 1}, {1, 1, 1}};
    model.validation.accuracy = {0.6, 0.75, 0.9};
    return model;
}

/**
 * @param factor multiplies the times
 * @return a device of three blocks; the table is in the order 1-1, 1-2, 1-3, 2-2, 2-3, 3-3
 */
inline portend::DeviceProfile
GetTinyDevice(double factor = 1)
{
    portend::DeviceProfile device;
    device.name = "tiny";
    device.blocks = 3;
    device.computeMs = {{2, 4}, {6, 10}, {12, 18}, {3, 6}, {8, 9}, {5, 5, 8}};
    for (auto& repeats : device.computeMs)
    {
        for (auto& time : repeats)
        {
            time *= factor;
        }
    }
    device.serializeMs = {0.5 * factor, 0.3 * factor, 0.1 * factor};
    device.deserializeMs = {0.8 * factor, 0.6 * factor, 0.4 * factor};
    device.serializeResultMs = 0.02 * factor;
    device.deserializeResultMs = 0.03 * factor;
    return device;
}

/// A chain whose parts a test may change; the estimator takes it as a stream.
struct Chain
{
    std::vector<portend::ChainTier> tiers;
    std::vector<portend::Link> links;
    uint32_t source{0};
    uint32_t destination{0};
    portend::PacketFormat packets;
    portend::Arrivals arrivals;
    bool sharedCore{false};

    /// @return the stream
    operator portend::Stream() const
    {
        auto stream = portend::MakeChain(tiers, links, packets);
        stream.source = source;
        stream.destination = destination;
        stream.arrivals = arrivals;
        stream.sharedCore = sharedCore;
        return stream;
    }

    /// @param blocks N
    void Validate(uint32_t blocks) const
    {
        portend::Stream(*this).Validate(blocks);
    }
};

/// @return tiers that are 4, 2 and 1 times the tiny device's times; links 8 Mb/s 10 ms and
///         80 Mb/s 5 ms, that is 1 and 10 bytes per microsecond; MTU 1048
inline Chain
GetTinyChain()
{
    Chain chain;
    for (const double factor : {4, 2, 1})
    {
        chain.tiers.push_back({std::make_shared<portend::DeviceProfile>(GetTinyDevice(factor))});
    }
    chain.links = {{8e6, 10}, {80e6, 5}};
    chain.packets = {1048, 48, 2}; // a packet carries 1000 bytes of a message
    return chain;
}

/**
 * @brief Require that an InputError is thrown, at a place and with a message.
 * @param action what must throw it
 * @param where the exact place
 * @param parts texts that the message must contain
 */
template <typename F>
void
ExpectInputError(F action, const std::string& where, const std::vector<std::string>& parts)
{
    try
    {
        action();
    }
    catch (const portend::InputError& error)
    {
        EXPECT_EQ(error.GetWhere(), where);
        for (const auto& part : parts)
        {
            EXPECT_NE(std::string(error.what()).find(part), std::string::npos)
                << "'" << error.what() << "' lacks '" << part << "'";
        }
        return;
    }
    ADD_FAILURE() << "nothing was thrown; expected an error at " << where;
}

#endif // TINY_MODEL_H
