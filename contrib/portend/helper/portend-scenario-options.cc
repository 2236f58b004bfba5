/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-scenario-options.h"

#include "portend-text.h"

#include "ns3/command-line.h"

#include <algorithm>
#include <iterator>

namespace ns3
{

namespace
{

using portend::InputError;

/// An option of the command line, and where its value goes.
struct Option
{
    const char* name; //!< without dashes
    const char* help; //!< one line
};

/// The options of DESIGN, in the order of --help. Defaults are those of PortendScenario.
const Option OPTIONS[] = {
    {"scenario", "JSON scenario file; every other option overrides it"},
    {"profile", "profile name or folder [resnet110-cifar10]"},
    {"devices", "device of each tier [a1.medium,m4.large,g4dn.xlarge]"},
    {"deployment",
     "tier:first-last of each partition, @threshold [0:1-25,1:26-40@0.1; of another --profile "
     "the full model on the source's tier]"},
    {"bandwidth", "bandwidth of each link [10Mbps,400Mbps]"},
    {"delay", "propagation delay of each link [20ms,40ms]"},
    {"source", "tier where requests arise [0]"},
    {"destination", "tier that must get the results [0]"},
    {"samples", "number of requests [1000]"},
    {"arrival",
     "closed | periodic:100ms | poisson:5 (per second) | bursty:5:2s:8s (5 per second in bursts "
     "of 2 s, 8 s apart, in the mean) | trace:FILE [closed]"},
    {"max-time",
     "simulated time at which to stop, whatever is still on its way: none | 60s [none]"},
    {"queue-limit",
     "most tensors that wait for each tier, at least 1, or none: one for all, or a list [none]"},
    {"queue-policy",
     "of full queues: drop-newest | drop-oldest | block (senders wait, back to the source), or "
     "deadline:200ms (drops what is older when its turn comes): one for all, or a list "
     "[drop-newest]"},
    {"transport", "udp | tcp [udp]"},
    {"tcp-variant", "congestion control of TCP: TcpCubic, TcpLinuxReno, ... [TcpCubic]"},
    {"tcp-warm",
     "TCP connections are set up before the first request: true, or false: each by its first "
     "message, which waits [true]"},
    {"tcp-restart",
     "idle TCP connections restart their congestion window, as Linux does by default: true | "
     "false [false]"},
    {"tcp-segment", "TCP segments: auto (fill the MTU) or a size such as 536B [auto]"},
    {"tcp-buffer",
     "TCP buffer for sending, half of that for receiving: auto (limits nothing) or a size such as "
     "128KiB [auto]"},
    {"loss", "share of packets that each link loses, from 0 to below 1 [0]"},
    {"mtu", "MTU of all links, bytes [9000]"},
    {"queue", "device queues: auto (never lose a packet) or a size such as 500kB [auto]"},
    {"compute", "computation times: mean | median | max | empirical | gamma [mean]"},
    {"overhead",
     "time of each tier's process for each inference besides, such as 1.7ms: one for all, or a "
     "list [0ms]"},
    {"split", "measured split that tells exit rates and accuracy: validation | test [validation]"},
    {"exits",
     "nested | stratified (nested, shares close to the rates in short runs) | independent | "
     "trace:FILE [nested]"},
    {"rules",
     "analytical rules: paper | reference-code | exact | queueing (exact, and waiting under load) "
     "[exact]"},
    {"accuracy", "right answers of those that exit: paper | conditional [paper]"},
    {"shared-core", "source and sink share the core of their tier: true | false [false]"},
};

/**
 * @brief Give each of several things its part of a list.
 * @tparam T type of the things
 * @param option the option
 * @param text the list, separated by commas
 * @param things resized to the list's length
 * @param apply called with each thing and its part
 */
template <typename T, typename F>
void
ApplyList(const std::string& option, const std::string& text, std::vector<T>& things, F apply)
{
    const auto parts = PortendSplit(text, ',');
    things.resize(parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i)
    {
        if (parts[i].empty())
        {
            PortendFail("--" + option, text, "a list separated by commas, without empty entries");
        }
        apply(things[i], parts[i]);
    }
}

/**
 * @brief Give each tier its part of a list, or all of them the same.
 * @param option the option
 * @param text one part, or one for each tier, separated by commas
 * @param tiers the tiers
 * @param apply called with each tier and its part
 */
template <typename F>
void
ApplyToTiers(const std::string& option,
             const std::string& text,
             std::vector<PortendScenario::Tier>& tiers,
             F apply)
{
    const auto parts = PortendSplit(text, ',');
    if (parts.size() != 1 && parts.size() != tiers.size())
    {
        PortendFail("--" + option, text, "one value, or " + std::to_string(tiers.size()));
    }
    for (std::size_t j = 0; j < tiers.size(); ++j)
    {
        apply(tiers[j], parts[parts.size() == 1 ? 0 : j]);
    }
}

} // namespace

std::istream&
operator>>(std::istream& is, PortendOptionText& option)
{
    option.text.assign(std::istreambuf_iterator<char>(is), {});
    return is;
}

std::ostream&
operator<<(std::ostream& os, const PortendOptionText& option)
{
    return os << option.text;
}

std::istream&
operator>>(std::istream& is, PortendOptionTexts& option)
{
    PortendOptionText text;
    is >> text;
    option.texts.push_back(text.text);
    return is;
}

std::ostream&
operator<<(std::ostream& os, const PortendOptionTexts& option)
{
    const char* separator = "";
    for (const auto& text : option.texts)
    {
        os << separator << text;
        separator = " ";
    }
    return os;
}

PortendScenarioOptions::PortendScenarioOptions()
{
    for (const auto& option : OPTIONS)
    {
        m_values[option.name];
    }
}

void
PortendScenarioOptions::AddTo(CommandLine& cmd)
{
    for (const auto& option : OPTIONS)
    {
        cmd.AddValue(option.name, option.help, m_values[option.name]);
    }
}

void
PortendScenarioOptions::Set(const std::string& name, const std::string& text)
{
    m_values.at(name).text = text;
}

std::vector<std::string>
PortendScenarioOptions::GetNames() const
{
    std::vector<std::string> names;
    for (const auto& option : OPTIONS)
    {
        names.emplace_back(option.name);
    }
    return names;
}

void
PortendScenarioOptions::Apply(PortendScenario& scenario) const
{
    const auto get = [this](const char* name) -> const std::string& {
        return m_values.at(name).text;
    };
    if (!get("scenario").empty())
    {
        scenario.LoadFile(get("scenario"));
    }
    const auto given = [&](const char* name, const std::string& pointer) {
        if (get(name).empty())
        {
            return false;
        }
        scenario.origins[pointer] = std::string("--") + name;
        return true;
    };
    const auto setText = [&](const char* name, std::string& text) {
        if (given(name, std::string("/") + name))
        {
            text = get(name);
        }
    };
    const auto setInteger = [&](const char* name, const char* pointer, auto& number, auto low) {
        if (!given(name, pointer))
        {
            return;
        }
        if (!PortendParseNumber(get(name), number) || number < low)
        {
            PortendFail(std::string("--") + name,
                        get(name),
                        "a whole number, at least " + std::to_string(low));
        }
    };
    const auto setBoolean = [&](const char* name, const char* pointer, bool& value) {
        if (!given(name, pointer))
        {
            return;
        }
        const auto& text = get(name);
        if (text != "true" && text != "false")
        {
            PortendFail(std::string("--") + name, text, "true, false");
        }
        value = text == "true";
    };
    setText("profile", scenario.profile);
    if (!get("profile").empty() && get("deployment").empty() && get("scenario").empty())
    {
        scenario.deployment.clear(); // the default is another profile's; CompleteDeployment()
    }
    if (given("devices", "/tiers"))
    {
        ApplyList("devices", get("devices"), scenario.tiers, [](auto& tier, const auto& text) {
            tier.device = text;
        });
    }
    if (given("bandwidth", "/links"))
    {
        ApplyList("bandwidth", get("bandwidth"), scenario.links, [](auto& link, const auto& text) {
            link.bandwidth = text;
        });
        for (const auto& link : scenario.links)
        {
            PortendParseBandwidth(link.bandwidth, "--bandwidth");
        }
    }
    if (given("delay", "/links"))
    {
        const auto links = scenario.links.size();
        ApplyList("delay", get("delay"), scenario.links, [](auto& link, const auto& text) {
            link.delay = text;
        });
        for (const auto& link : scenario.links)
        {
            PortendParseTime(link.delay, "--delay");
        }
        if (!get("bandwidth").empty() && links != scenario.links.size())
        {
            throw InputError("--delay",
                             "found " + std::to_string(scenario.links.size()) + " delays for " +
                                 std::to_string(links) + " bandwidths");
        }
    }
    const auto setTiers = [&](const char* name, const std::string& key, auto apply) {
        if (get(name).empty())
        {
            return;
        }
        ApplyToTiers(name, get(name), scenario.tiers, apply);
        for (std::size_t j = 0; j < scenario.tiers.size(); ++j)
        {
            given(name, "/tiers/" + std::to_string(j) + "/" + key);
        }
    };
    setTiers("overhead", "overhead", [](auto& tier, const auto& text) {
        tier.overhead = text;
        PortendParseTime(text, "--overhead");
    });
    setTiers("queue-limit", "queue_limit", [](auto& tier, const auto& text) {
        tier.queueLimit = 0;
        if (text != "none" && (!PortendParseNumber(text, tier.queueLimit) || tier.queueLimit < 1))
        {
            PortendFail("--queue-limit", text, "none, or a number, at least 1");
        }
    });
    setTiers("queue-policy", "queue_policy", [](auto& tier, const auto& text) {
        tier.queuePolicy = text;
    });
    const auto needed = std::max<std::size_t>(scenario.tiers.size(), 1) - 1;
    if (!get("devices").empty() && get("bandwidth").empty() && get("delay").empty() &&
        scenario.links.size() > needed)
    {
        scenario.links.resize(needed); // fewer tiers were asked for, and nothing of the links
    }
    setText("deployment", scenario.deployment);
    setInteger("source", "/source", scenario.source, 0U);
    setInteger("destination", "/destination", scenario.destination, 0U);
    setInteger("samples", "/samples", scenario.samples, uint64_t{1});
    setText("arrival", scenario.arrival);
    if (given("max-time", "/max_time"))
    {
        scenario.maxTime = get("max-time");
    }
    setText("transport", scenario.transport);
    if (given("tcp-variant", "/tcp_variant"))
    {
        scenario.tcpVariant = get("tcp-variant");
    }
    setBoolean("tcp-warm", "/tcp_warm", scenario.tcpWarm);
    setBoolean("tcp-restart", "/tcp_restart", scenario.tcpRestart);
    if (given("tcp-segment", "/tcp_segment"))
    {
        scenario.tcpSegment = get("tcp-segment");
    }
    if (given("tcp-buffer", "/tcp_buffer"))
    {
        scenario.tcpBuffer = get("tcp-buffer");
    }
    if (given("loss", "/loss") && !PortendParseNumber(get("loss"), scenario.loss))
    {
        PortendFail("--loss", get("loss"), "a number from 0 to below 1");
    }
    setInteger("mtu", "/mtu_bytes", scenario.mtuBytes, 0U);
    if (!get("mtu").empty())
    {
        for (auto& link : scenario.links)
        {
            link.mtuBytes = 0; // those of the file are overridden, too
        }
    }
    setText("queue", scenario.queue);
    setText("compute", scenario.compute);
    setText("split", scenario.split);
    setText("exits", scenario.exits);
    setText("rules", scenario.rules);
    setText("accuracy", scenario.accuracy);
    setBoolean("shared-core", "/shared_core", scenario.sharedCore);
}

} // namespace ns3
