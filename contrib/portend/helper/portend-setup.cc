/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-setup.h"

#include "portend-profile-loader.h"
#include "portend-text.h"
#include "portend-trace-files.h"

#include "ns3/portend-route.h"
#include "ns3/portend-tcp-transport.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <sstream>

namespace ns3
{

namespace
{

using portend::InputError;

/// Largest UDP datagram that IPv4 carries, with its IP header: the largest sensible MTU.
constexpr uint32_t MAX_MTU_BYTES = 65535;

} // namespace

PortendSetup::PortendSetup(const PortendScenario& scenario)
    : PortendSetup(scenario, *std::make_unique<PortendProfileCache>())
{
}

PortendSetup::PortendSetup(const PortendScenario& scenario, PortendProfileCache& profiles)
    : requests(scenario.samples),
      tcpWarm(scenario.tcpWarm),
      tcpRestart(scenario.tcpRestart),
      loss(scenario.loss),
      sharedCore(scenario.sharedCore),
      seed(scenario.seed),
      run(scenario.run)
{
    const auto after = [](const std::string& text, const std::string& prefix) {
        return text.substr(prefix.size());
    };
    const auto startsWith = [](const std::string& text, const std::string& prefix) {
        return text.compare(0, prefix.size(), prefix) == 0;
    };
    try
    {
        if (scenario.split != "validation" && scenario.split != "test")
        {
            PortendFail("/split", scenario.split, "validation, test");
        }
        model = profiles.GetModel(scenario.profile, scenario.split);
        deployment = portend::Deployment::Parse(scenario.deployment);
        rules = portend::EstimatorRules::FromName(scenario.rules);
        rules.accuracy = portend::EstimatorRules::AccuracyFromName(scenario.accuracy);
        compute = PortendHelper::ComputeFromName(scenario.compute);
        if (rules.name == "exact") // estimates what is simulated
        {
            using Repeats = portend::EstimatorRules::Repeats;
            rules.repeats = compute == PortendHelper::MEDIAN ? Repeats::MEDIAN
                            : compute == PortendHelper::MAX  ? Repeats::MAXIMUM
                                                             : Repeats::MEAN;
        }

        for (std::size_t j = 0; j < scenario.tiers.size(); ++j)
        {
            const auto& tier = scenario.tiers[j];
            std::shared_ptr<const portend::DeviceProfile> device;
            try
            {
                device = profiles.GetDevice(scenario.profile, tier.device);
            }
            catch (const InputError& error)
            {
                const auto& where = error.GetWhere();
                throw InputError(where.empty() ? "/tiers/" + std::to_string(j) + "/device" : where,
                                 error.what());
            }
            const auto overhead =
                PortendParseTime(tier.overhead, "/tiers/" + std::to_string(j) + "/overhead");
            chain.tiers.push_back({device,
                                   tier.computeFactor,
                                   tier.serializationFactor,
                                   overhead.GetNanoSeconds() * 1e-6});
            servers.push_back(tier.servers);
        }
        for (std::size_t j = 0; j < scenario.links.size(); ++j)
        {
            const auto where = "/links/" + std::to_string(j);
            const auto& link = scenario.links[j];
            bandwidths.push_back(PortendParseBandwidth(link.bandwidth, where + "/bandwidth"));
            delays.push_back(PortendParseTime(link.delay, where + "/delay"));
            chain.links.push_back({static_cast<double>(bandwidths.back().GetBitRate()),
                                   delays.back().GetNanoSeconds() * 1e-6});
        }
        chain.source = scenario.source;
        chain.destination = scenario.destination;
        if (scenario.mtuBytes < PortendRoute::MIN_MTU_BYTES || scenario.mtuBytes > MAX_MTU_BYTES)
        {
            throw InputError("/mtu_bytes",
                             "found " + std::to_string(scenario.mtuBytes) +
                                 "; allowed: " + std::to_string(PortendRoute::MIN_MTU_BYTES) +
                                 " (the smallest of IPv4) .. " + std::to_string(MAX_MTU_BYTES));
        }
        isTcp = scenario.transport == "tcp";
        if (!isTcp && scenario.transport != "udp")
        {
            PortendFail("/transport", scenario.transport, "udp, tcp");
        }
        const auto headers = isTcp ? PortendRoute::TCP_HEADERS : PortendRoute::UDP_HEADERS;
        chain.packets = {scenario.mtuBytes,
                         headers.packetBytes,
                         PortendRoute::FRAMING_BYTES,
                         headers.messageBytes};
        chain.Validate(model.blocks);
        deployment.Validate(chain.tiers.size(), model.blocks);
        portend::EstimateExitRates(model, deployment, rules); // refuses unknown thresholds

        if (!PortendTcpTransport::HasVariant(scenario.tcpVariant))
        {
            std::string list;
            for (const auto& variant : PortendTcpTransport::GetVariants())
            {
                list += (list.empty() ? "" : ", ") + variant;
            }
            PortendFail("/tcp_variant", scenario.tcpVariant, list);
        }
        tcpVariant = "ns3::" + scenario.tcpVariant;
        if (!(loss >= 0 && loss < 1))
        {
            std::ostringstream found;
            found << loss;
            PortendFail("/loss", found.str(), "a number from 0 to below 1");
        }

        static const char* const ARRIVALS =
            "closed, periodic:TIME such as periodic:100ms, poisson:RATE with the rate per "
            "second above 0 such as poisson:5, trace:FILE";
        if (startsWith(scenario.arrival, "periodic:"))
        {
            arrival = PERIODIC;
            interval = PortendParseTime(after(scenario.arrival, "periodic:"), "/arrival");
            if (!interval.IsStrictlyPositive())
            {
                PortendFail("/arrival", scenario.arrival, "a period above 0");
            }
        }
        else if (startsWith(scenario.arrival, "poisson:"))
        {
            arrival = POISSON;
            double rate = 0;
            if (!PortendParseNumber(after(scenario.arrival, "poisson:"), rate) || !(rate >= 1e-9) ||
                !(rate <= 1e9))
            {
                PortendFail("/arrival", scenario.arrival, ARRIVALS);
            }
            interval = Seconds(1 / rate);
        }
        else if (startsWith(scenario.arrival, "trace:"))
        {
            arrival = TRACE;
            arrivalTimes = PortendReadArrivals(after(scenario.arrival, "trace:"));
            requests = std::min<uint64_t>(requests, arrivalTimes.size());
        }
        else if (scenario.arrival != "closed")
        {
            PortendFail("/arrival", scenario.arrival, ARRIVALS);
        }
        // The mean of that many arrivals; simulated time ends after 2^63 ns, or 9.2e9 s.
        if (interval.GetSeconds() * static_cast<double>(requests) > 1e9)
        {
            PortendFail("/arrival", scenario.arrival, "arrivals that end within 1e9 seconds");
        }

        const PortendHelper helper(model, chain, deployment);
        if (startsWith(scenario.exits, "trace:"))
        {
            const auto file = after(scenario.exits, "trace:");
            exitModel = PortendReadExits(file, deployment);
        }
        else
        {
            Ptr<PortendRateExitModel> rateModel;
            if (scenario.exits == "nested")
            {
                rateModel = CreateObject<PortendNestedExitModel>();
            }
            else if (scenario.exits == "stratified")
            {
                rateModel = CreateObject<PortendStratifiedExitModel>();
            }
            else if (scenario.exits == "independent")
            {
                rateModel = CreateObject<PortendIndependentExitModel>();
            }
            else
            {
                PortendFail("/exits",
                            scenario.exits,
                            "nested, stratified, independent, trace:FILE");
            }
            helper.ConfigureExitModel(rateModel, rules.accuracy);
            exitModel = rateModel;
        }

        if (scenario.queue != "auto")
        {
            queueBytes = PortendParseBytes(scenario.queue, "/queue");
            const auto require = [&](uint64_t needed, const std::string& reason) {
                if (needed > queueBytes)
                {
                    PortendFail("/queue",
                                scenario.queue,
                                "auto, or at least " + std::to_string(needed) + "B: " + reason);
                }
            };
            if (isTcp) // what the queue refuses is sent again
            {
                require(chain.packets.GetFullPacketBytes(), "a full packet");
                return;
            }
            const auto messages = portend::EstimateDeployment(model, chain, deployment, rules);
            for (const auto bytes : messages.messageBytes)
            {
                require(chain.packets.GetLinkBytes(bytes),
                        "a message of this deployment has " + std::to_string(bytes) +
                            " bytes and " + std::to_string(chain.packets.GetFragments(bytes)) +
                            " packets' headers");
            }
        }
    }
    catch (const InputError& error)
    {
        throw InputError(scenario.GetOrigin(error.GetWhere()), error.what());
    }
}

portend::Estimate
PortendSetup::GetEstimate() const
{
    return portend::EstimateDeployment(model, chain, deployment, rules);
}

} // namespace ns3
