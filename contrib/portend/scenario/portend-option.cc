/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-option.h"

#include "portend-text.h"

#include "ns3/portend-path.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <type_traits>

namespace ns3
{

namespace
{

using Option = PortendOption;
using Scenario = PortendScenario;
using Tier = PortendScenario::Tier;
using Link = PortendScenario::Link;

// What schemas require of texts; programs read them by their parsers, which say more.
const std::string TIME_FORM = "[0-9]+(\\.[0-9]+)?(s|ms|us|ns)";
const std::string POSITIVE = "(?=[0-9.]*[1-9])"; // of the number that follows
const std::string NUMBER_FORM = POSITIVE + "[0-9]+(\\.[0-9]+)?";
const std::string BANDWIDTH_FORM = NUMBER_FORM + "([kKMG]?(bps|b/s|Bps|B/s)|[KMG]i[bB]/s)";
const std::string SEGMENT_FORM = "auto|" + NUMBER_FORM + "(B|kB|KiB)";
const std::string BYTES_FORM = NUMBER_FORM + "(B|kB|MB|GB|KiB|MiB|GiB)";
const std::string SIZE_FORM = "auto|" + BYTES_FORM;
const std::string BATCH_FORM =
    "(max=[1-9][0-9]*|timeout=" + TIME_FORM + "|eager|regroup=(together|one-by-one))";
const std::string POWER_FORM = "[0-9]+(\\.[0-9]+)?(mW|W|kW)";
const std::string RADIO_FORM = "[0-9]+(\\.[0-9]+)?(mW|W|kW|(p|n|u|m)?J/bit)";
const std::string BATTERY_FORM = NUMBER_FORM + "(mJ|J|kJ|mWh|Wh|kWh)";
const std::string INTERVAL_FORM = TIME_FORM + "-" + TIME_FORM;
const std::string FAILURES_FORM = INTERVAL_FORM + "(," + INTERVAL_FORM +
                                  ")*|exponential:" + POSITIVE + TIME_FORM + ":" + POSITIVE +
                                  TIME_FORM;
const std::string THRESHOLD_FORM = "@(0(\\.[0-9]+)?|1(\\.0+)?)";
const std::string PARTITION_FORM = "[0-9]+:[1-9][0-9]*-[1-9][0-9]*";
const std::string DEPLOYMENT_FORM = PARTITION_FORM + "(," + PARTITION_FORM + ")*" + THRESHOLD_FORM +
                                    "|" + PARTITION_FORM + THRESHOLD_FORM + "(," + PARTITION_FORM +
                                    THRESHOLD_FORM + ")*(," + PARTITION_FORM + ")?";

/// MTUs of IPv4 (RFC 791).
const Option::Range MTU_RANGE{PortendPath::MIN_MTU_BYTES, UINT16_MAX};

// The table. Scenario files have their keys in this order.
std::vector<Option> g_options{
    Option("description",
           "",
           Option::TEXT,
           &Scenario::description,
           "a text",
           "what the scenario shows, for people")
        .Optional(),
    Option("profile",
           "profile",
           Option::TEXT,
           &Scenario::profile,
           "a name or a folder",
           "profile of the model")
        .Of(".+")
        .Required()
        .OfStream(),
    Option("device",
           "devices",
           Option::TEXT,
           &Tier::device,
           "a list of names",
           "device of each tier, a file of the profile")
        .Of("[A-Za-z0-9][A-Za-z0-9._-]*")
        .Required(),
    Option("name", "", Option::TEXT, &Tier::name, "a text", "name of the tier in reports")
        .Of(".+")
        .Optional(),
    Option("compute_factor",
           "",
           Option::NUMBER,
           &Tier::computeFactor,
           "above 0, up to 1e6",
           "multiplies the tier's computation times; 0.5 is twice as fast")
        .Within({0, portend::HIGHEST_FACTOR, true}),
    Option("serialization_factor",
           "",
           Option::NUMBER,
           &Tier::serializationFactor,
           "above 0, up to 1e6",
           "multiplies the tier's serialization and deserialization times")
        .Within({0, portend::HIGHEST_FACTOR, true}),
    Option("overhead",
           "overhead",
           Option::TIME,
           &Tier::overhead,
           "a time such as 1.7ms, one for all or a list",
           "time of each tier's process for each inference beside the profiled computation"),
    Option("servers",
           "",
           Option::COUNT,
           &Tier::servers,
           "1 .. 65535",
           "requests that the tier works on at the same time")
        .Within({1, UINT16_MAX}),
    Option("queue_limit",
           "queue-limit",
           Option::COUNT,
           &Tier::queueLimit,
           "none | a number from 1, one for all or a list",
           "most tensors that wait for each tier; with the policy block those on their way, too")
        .Within({1})
        .Optional("none"),
    Option("queue_policy",
           "queue-policy",
           Option::TEXT,
           &Tier::queuePolicy,
           "drop-newest | drop-oldest | block | deadline:200ms, one for all or a list",
           "what a full queue does with one tensor too many; block: its sender waits, and so on "
           "back to the source; deadline drops what is older when its turn comes")
        .Of("drop-newest|drop-oldest|block|deadline:" + POSITIVE + TIME_FORM),
    Option("scheduler",
           "scheduler",
           Option::TEXT,
           &Tier::scheduler,
           "fifo | priority | edf | fair | batch[max=8,timeout=5ms] | ns3::TYPE, one for all or a "
           "list",
           "which waiting tensor a server takes next: the first that came, one of the stream of "
           "highest priority, that of the request whose deadline is next, of the streams in turn, "
           "by their weights, or several for the same partition at once: up to max, when they are "
           "that many or the oldest has waited for timeout (with eager: whenever a server is "
           "free); with regroup=one-by-one they part at an exit")
        .Of("fifo|priority|edf|fair|batch(\\[" + BATCH_FORM + "(," + BATCH_FORM + ")*\\])?|ns3::.+")
        .Optional("fifo"),
    Option("batch_fixed_share",
           "batch-fixed-share",
           Option::NUMBER,
           &Tier::batchFixedShare,
           "profiled | 0 .. 1, one for all or a list",
           "share a of a computation that a batch pays once where the profile has no times of "
           "batches: b tensors take a + (1 - a) b times as long as one; else the profile's, or 0")
        .Within({0, 1})
        .Optional("profiled"),
    Option("memory",
           "memory",
           Option::TEXT,
           &Tier::memory,
           "none | a size such as 2GiB, one for all or a list",
           "what each tier's node has for the parameters of the blocks that it runs and the "
           "activations of the tensors that it computes at once; what does not fit is refused")
        .Of(BYTES_FORM)
        .Optional("none"),
    Option("load_bandwidth",
           "load-bandwidth",
           Option::BANDWIDTH,
           &Tier::loadBandwidth,
           "none | such as 1GBps, one for all or a list",
           "bandwidth at which each tier's node loads parameters of blocks that it has not got, "
           "where a controller deploys anew; none: it takes no time, only the controller's "
           "SwitchTime")
        .Of(BANDWIDTH_FORM)
        .Optional("none"),
    Option(
        "failures",
        "",
        Option::TEXT,
        &Tier::failures,
        "none | 10s-12s,60s-61.5s | exponential:UP:DOWN",
        "when the node is down: its links are, and it loses what it works on and what waits; "
        "from and to these times, or at random, with these mean times from a repair to a failure "
        "and from a failure to a repair")
        .Of(FAILURES_FORM)
        .Optional("none"),
    Option("power",
           "power",
           Option::TEXT,
           &Tier::power,
           "profiled | IDLE:COMPUTING:SERIALIZING such as 2W:6W:4W, one for all or a list",
           "what the node draws when it is idle, and when a server computes, or serializes or "
           "deserializes; each further server at work draws as much more than an idle node; else "
           "that of the profile; without serializing, that of computing")
        .WithParts({"idle", "computing", "serializing"}, POWER_FORM)
        .Optional("profiled"),
    Option("battery",
           "battery",
           Option::TEXT,
           &Tier::battery,
           "none | an energy such as 10Wh or 500J | ns3::TYPE, one for all or a list",
           "what feeds the node: when it is empty the node is down")
        .Of(BATTERY_FORM + "|ns3::.+")
        .Optional("none"),
    Option("harvester",
           "harvester",
           Option::TEXT,
           &Tier::harvester,
           "none | ns3::TYPE such as ns3::BasicEnergyHarvester, one for all or a list",
           "what charges the node's battery; from a tenth of its energy on, the node is up again")
        .Of("ns3::.+")
        .Optional("none"),
    Option("bandwidth",
           "bandwidth",
           Option::BANDWIDTH,
           &Link::bandwidth,
           "such as 10Mbps, or markov:FILE as of a trace, one for all or a list",
           "bandwidth of each link, as ns-3's DataRate reads it")
        .Of(BANDWIDTH_FORM + "|markov:.+")
        .Required("trace"),
    Option("delay",
           "delay",
           Option::TIME,
           &Link::delay,
           "a time such as 20ms, one for all or a list",
           "propagation delay of each link")
        .Required(),
    Option("mtu_bytes",
           "",
           Option::BYTES,
           &Link::mtuBytes,
           "68 .. 65535",
           "largest IP packet of the link, else that of the scenario; packets are made for the "
           "first link of a path, and IP cuts them where a later one takes less")
        .Within(MTU_RANGE)
        .Optional(),
    Option("loss",
           "",
           Option::NUMBER,
           &Link::loss,
           "from 0 to below 1",
           "share of packets that the link loses, else that of the scenario")
        .Within({0, 1, false, true})
        .Optional(),
    Option(
        "trace",
        "link-trace",
        Option::TEXT,
        &Link::trace,
        "none | FILE | markov:FILE | ns3::TYPE, one for all or a list; 0:FILE is of link 0 alone",
        "how the link changes over time: as a trace says (a table with time_s, bandwidth_bps "
        "and perhaps delay_ms and loss, or a public format), at random between the states of a "
        "table (state, bandwidth_bps, dwell_s), or as a type of ns-3 does; its bandwidth goes "
        "before that of the link")
        .Of("(markov:)?.+")
        .Optional("none"),
    Option("trace_offset",
           "",
           Option::TIME,
           &Link::traceOffset,
           "a time such as 30s",
           "time of the trace at which the simulation begins")
        .Optional("0s"),
    Option("trace_end",
           "",
           Option::CHOICE,
           &Link::traceEnd,
           "loop | hold",
           "whether the trace begins again where it ends, or its last step holds")
        .Of("loop|hold")
        .Optional("loop"),
    Option("failures",
           "",
           Option::TEXT,
           &Link::failures,
           "none | 10s-12s,60s-61.5s | exponential:UP:DOWN",
           "when the link is down, and loses what is on it or comes to it: from and to these "
           "times, or at random, with these mean times from a repair to a failure and from a "
           "failure to a repair")
        .Of(FAILURES_FORM)
        .Optional("none"),
    Option("energy",
           "link-energy",
           Option::TEXT,
           &Link::energy,
           "none | SENDING:RECEIVING such as 1.2W:0.9W or 50nJ/bit:30nJ/bit, one for all or a list",
           "what the radio of the node that sends draws, and that of the node that receives: a "
           "power while packets are transmitted, or an energy for each bit")
        .WithParts({"sending", "receiving"}, RADIO_FORM)
        .Optional("none"),
    Option("deployment",
           "deployment",
           Option::TEXT,
           &Scenario::deployment,
           "tier:first-last,...@threshold",
           "partitions and threshold; of another --profile the full model on the source's tier")
        .Of(DEPLOYMENT_FORM)
        .Required()
        .OfStream(),
    Option("source",
           "source",
           Option::COUNT,
           &Scenario::source,
           "a tier",
           "tier where requests arise")
        .Within({0})
        .OfStream(),
    Option("destination",
           "destination",
           Option::COUNT,
           &Scenario::destination,
           "a tier",
           "tier that must get the results")
        .Within({0})
        .OfStream(),
    Option("samples",
           "samples",
           Option::COUNT,
           &Scenario::samples,
           "auto | a number from 1",
           "number of requests; auto is 1000, or all of a trace of arrivals")
        .Within({1})
        .Optional("auto")
        .OfStream(),
    Option("arrival",
           "arrival",
           Option::TEXT,
           &Scenario::arrival,
           "closed | periodic:100ms | poisson:5 | bursty:5:2s:8s | trace:FILE | ns3::TYPE",
           "when requests arise: the next when the last is complete, at equal intervals, so many "
           "per second, so many per second in bursts of 2 s, 8 s apart, in the mean, or at the "
           "times of a CSV file (column arrival_ms, or a public trace; FILE@0.1 is a tenth of its "
           "rate)")
        .Of("closed|periodic:" + POSITIVE + TIME_FORM + "|poisson:" + NUMBER_FORM +
            "|bursty:" + NUMBER_FORM + ":" + POSITIVE + TIME_FORM + ":" + POSITIVE + TIME_FORM +
            "|trace:.+|ns3::.+")
        .OfStream(),
    Option("phase",
           "",
           Option::TEXT,
           &Scenario::phase,
           "drawn | a time such as 0ms",
           "with periodic arrivals, how much later than a period a member of a group begins; by "
           "default drawn for each, so that groups are not in step")
        .Of("drawn|" + TIME_FORM)
        .Optional()
        .OfStream(),
    Option("deadline",
           "deadline",
           Option::TEXT,
           &Scenario::deadline,
           "none | a time such as 100ms",
           "latency that answers are asked for: reports tell the share that meets it")
        .Of("none|" + POSITIVE + TIME_FORM)
        .Optional("none")
        .OfStream(),
    Option("fallback",
           "fallback",
           Option::TEXT,
           &Scenario::fallback,
           "none | a time such as 200ms",
           "where no answer has come by then, the source's node answers by the last branch that it "
           "has run; reports tell the share of such answers")
        .Of("none|" + POSITIVE + TIME_FORM)
        .Optional("none")
        .OfStream(),
    Option("priority",
           "",
           Option::COUNT,
           &Scenario::priority,
           "0 .. 65535",
           "of the stream's requests, for the scheduler priority; the highest is served first")
        .Within({0, UINT16_MAX})
        .Optional("0")
        .OfStream(),
    Option("weight",
           "",
           Option::NUMBER,
           &Scenario::weight,
           "from 0.001 to 1000",
           "of the stream's requests, for the scheduler fair: so many are served for each of a "
           "stream of weight 1")
        .Within({0.001, 1000})
        .Optional("1")
        .OfStream(),
    Option("controller",
           "controller",
           Option::TEXT,
           &Scenario::controller,
           "fixed | best-static | oracle | neurosurgeon | edgent | ans | portend | exec:COMMAND | "
           "ns3::TYPE",
           "who gives the stream new deployments while it runs, by what it sees of its requests; "
           "with attributes, such as portend[Epoch=1s|Margin=0.1]; exec asks a program, a line of "
           "JSON each way")
        .Of("fixed|(best-static|oracle|neurosurgeon|edgent|ans|portend)(\\[.+\\])?|"
            "exec(\\[.+\\])?:.+|ns3::.+")
        .Optional("fixed")
        .OfStream(),
    Option("max_time",
           "max-time",
           Option::TEXT,
           &Scenario::maxTime,
           "none | a time such as 60s",
           "simulated time at which to stop, whatever is still on its way")
        .Of("none|" + POSITIVE + TIME_FORM),
    Option("timeout",
           "timeout",
           Option::TEXT,
           &Scenario::timeout,
           "auto | a time such as 5s",
           "with closed arrivals, longest wait for a result before the next request arises all the "
           "same; auto: ten times the longest latency on an idle network, at least a second, where "
           "UDP loses packets, else for ever")
        .Of("auto|" + POSITIVE + TIME_FORM)
        .OfStream(),
    Option("transport",
           "transport",
           Option::CHOICE,
           &Scenario::transport,
           "udp | tcp",
           "transport protocol of the messages")
        .Of("udp|tcp"),
    Option("network",
           "network",
           Option::CHOICE,
           &Scenario::network,
           "packets | trains | auto",
           "what carries messages: ns-3's devices and Internet stack, packet by packet; trains, "
           "which give the same ledgers sooner, over TCP as long as nothing is sent again; auto: "
           "trains over UDP")
        .Of("packets|trains|auto")
        .Optional("packets"),
    Option("tcp_variant",
           "tcp-variant",
           Option::TEXT,
           &Scenario::tcpVariant,
           "TcpCubic | TcpLinuxReno | ...",
           "congestion control of TCP, a class of ns-3")
        .Of("Tcp[A-Za-z]+"),
    Option("tcp_warm",
           "tcp-warm",
           Option::FLAG,
           &Scenario::tcpWarm,
           "true | false",
           "TCP connections are set up before the first request, or each by its first message, "
           "which waits"),
    Option("tcp_restart",
           "tcp-restart",
           Option::FLAG,
           &Scenario::tcpRestart,
           "true | false",
           "idle TCP connections restart their congestion window, as Linux does by default"),
    Option("tcp_segment",
           "tcp-segment",
           Option::TEXT,
           &Scenario::tcpSegment,
           "auto | a size such as 536B",
           "most data of a TCP segment; auto fills the MTU of the sender's link")
        .Of(SEGMENT_FORM),
    Option("tcp_buffer",
           "tcp-buffer",
           Option::TEXT,
           &Scenario::tcpBuffer,
           "auto | a size such as 128KiB",
           "TCP buffer for sending, that for receiving is twice as large; auto limits nothing")
        .Of(SIZE_FORM),
    Option("loss",
           "loss",
           Option::NUMBER,
           &Scenario::loss,
           "from 0 to below 1",
           "share of packets that each link loses, in both directions")
        .Within({0, 1, false, true}),
    Option("mtu_bytes",
           "mtu",
           Option::BYTES,
           &Scenario::mtuBytes,
           "68 .. 65535",
           "largest IP packet of the links, bytes")
        .Within(MTU_RANGE),
    Option("queue",
           "queue",
           Option::TEXT,
           &Scenario::queue,
           "auto | a size such as 500kB",
           "device queue at each end of a link; auto never loses a packet")
        .Of(SIZE_FORM),
    Option("compute",
           "compute",
           Option::TEXT,
           &Scenario::compute,
           "mean | median | max | empirical | gamma | ns3::TYPE",
           "computation times from the measured repeats: their mean, their median, their maximum, "
           "one of them at random, or a gamma distribution of their mean and variance")
        .Of("mean|median|max|empirical|gamma|ns3::.+")
        .OfStream(),
    Option("split",
           "split",
           Option::CHOICE,
           &Scenario::split,
           "validation | test",
           "split of the data set that tells exit rates and accuracy")
        .Of("validation|test")
        .OfStream(),
    Option("exits",
           "exits",
           Option::TEXT,
           &Scenario::exits,
           "nested | stratified | independent | trace | trace:FILE | ns3::TYPE",
           "how samples exit: by one draw each (the paper's assumption), the same with shares "
           "close to the rates already in short runs, each branch alone, or as measured: in the "
           "trace of the profile, or in a CSV file (columns entropy_B, correct_B for each last "
           "block B, a row per sample; or "
           "exited, correct, a row per partition)")
        .Of("nested|stratified|independent|trace|trace:.+|ns3::.+")
        .OfStream(),
    Option("rules",
           "rules",
           Option::CHOICE,
           &Scenario::rules,
           "paper | reference-code | exact | queueing",
           "analytical rules: the paper's text, the authors' program, an unloaded packet network, "
           "or the same and waiting under load")
        .Of("paper|reference-code|exact|queueing")
        .OfStream(),
    Option("accuracy",
           "accuracy",
           Option::CHOICE,
           &Scenario::accuracy,
           "paper | conditional",
           "right answers of those that exit at a branch: as of all samples, or as measured among "
           "those that exit (correct_rates of the profile)")
        .Of("paper|conditional")
        .OfStream(),
    Option("shared_core",
           "shared-core",
           Option::FLAG,
           &Scenario::sharedCore,
           "true | false",
           "source and destination share the core of their tier")
        .OfStream(),
    Option("seed",
           "",
           Option::COUNT,
           &Scenario::seed,
           "1 .. 4294944442",
           "seed of ns-3's random streams (--RngSeed)")
        .Within({1, PortendScenario::MAX_SEED}),
    Option("run",
           "",
           Option::COUNT,
           &Scenario::run,
           "at least 0",
           "run of ns-3's random streams: the replication (--RngRun)")
        .Within({0, UINT32_MAX}),
};

/**
 * @brief Find a member of something.
 * @tparam T its type
 * @param object the thing
 * @param member where the value is kept
 * @return the value in its place
 */
template <typename T>
Option::Value
FindIn(T& object, const Option::Member<T>& member)
{
    return std::visit([&object](auto at) -> Option::Value { return &(object.*at); }, member);
}

/**
 * @brief Write a number as the shortest text that reads back.
 * @param number the number
 * @return its text
 */
std::string
Shortest(double number)
{
    char text[32];
    // Whole numbers with all their digits, never an exponent.
    const bool isWhole = number == std::floor(number) && std::abs(number) < 1e15;
    const auto form = isWhole ? std::chars_format::fixed : std::chars_format::general;
    const auto end = std::to_chars(text, text + sizeof(text), number, form).ptr;
    return std::string(text, end);
}

/**
 * @brief Split the words of a choice.
 * @param form the words, by `|`
 * @return the words
 */
std::vector<std::string>
GetWords(const std::string& form)
{
    return PortendSplit(form, '|');
}

} // namespace

PortendOption&
PortendOption::Within(const Range& numbers)
{
    range = numbers;
    return *this;
}

PortendOption&
PortendOption::Of(const std::string& expression)
{
    form = expression;
    return *this;
}

PortendOption&
PortendOption::Required(const std::string& other)
{
    isRequired = true;
    instead = other;
    return *this;
}

PortendOption&
PortendOption::OfStream()
{
    isOfStream = true;
    return *this;
}

PortendOption&
PortendOption::Optional(const std::string& word)
{
    isOptional = true;
    none = word;
    return *this;
}

PortendOption&
PortendOption::WithParts(const std::vector<std::string>& names, const std::string& expression)
{
    parts = names;
    partForm = expression;
    form =
        "(" + expression + ")?(:(" + expression + ")?){0," + std::to_string(names.size() - 1) + "}";
    return *this;
}

bool
PortendOption::Range::Contains(double number) const
{
    return (isOpenBelow ? number > low : number >= low) &&
           (isOpenAbove ? number < high : number <= high);
}

std::string
PortendOption::Range::Describe() const
{
    const auto from = (isOpenBelow ? "above " : "from ") + Shortest(low);
    if (std::isinf(high))
    {
        return isOpenBelow ? from : "at least " + Shortest(low);
    }
    if (!isOpenBelow && !isOpenAbove)
    {
        return Shortest(low) + " .. " + Shortest(high);
    }
    return from + " to " + (isOpenAbove ? "below " : "") + Shortest(high);
}

PortendOption::Value
PortendOption::Find(PortendScenario& scenario, std::size_t index) const
{
    switch (scope)
    {
    case TIER:
        return FindIn(scenario.tiers.at(index), std::get<Member<Tier>>(member));
    case LINK:
        return FindIn(scenario.links.at(index), std::get<Member<Link>>(member));
    case SCENARIO:
        break;
    }
    return FindIn(scenario, std::get<Member<Scenario>>(member));
}

std::size_t
PortendOption::Count(const PortendScenario& scenario) const
{
    return scope == TIER ? scenario.tiers.size() : scope == LINK ? scenario.links.size() : 1;
}

std::string
PortendOption::GetPointer(std::size_t index) const
{
    const auto list = scope == TIER ? "/tiers/" : scope == LINK ? "/links/" : "";
    return list + (scope == SCENARIO ? "" : std::to_string(index)) + "/" + key;
}

std::pair<uint64_t, uint64_t>
PortendOption::GetWholeRange() const
{
    if (!std::isinf(range.high))
    {
        return {range.low, range.high};
    }
    PortendScenario any;
    const bool isLong = std::holds_alternative<uint64_t*>(Find(any));
    return {range.low, isLong ? INT64_MAX : UINT32_MAX};
}

std::string
PortendOption::GetAxisName() const
{
    if (scope == SCENARIO && !name.empty())
    {
        return name;
    }
    const std::string unit = "_bytes";
    auto axis = key;
    if (axis.size() > unit.size() &&
        axis.compare(axis.size() - unit.size(), unit.size(), unit) == 0)
    {
        axis.resize(axis.size() - unit.size());
    }
    std::replace(axis.begin(), axis.end(), '_', '-');
    return axis;
}

std::string
PortendOption::GetAllowed() const
{
    switch (kind)
    {
    case CHOICE: {
        std::string list;
        for (const auto& word : GetWords(form))
        {
            list += (list.empty() ? "" : ", ") + word;
        }
        return list;
    }
    case FLAG:
        return "true, false";
    case COUNT:
    case BYTES:
        return (none.empty() ? "" : none + ", or ") + "a whole number, " + range.Describe();
    case NUMBER:
        return (none.empty() ? "" : none + ", or ") + "a number " + range.Describe();
    default:
        return values;
    }
}

void
PortendOption::Parse(Value value, const std::string& text, const std::string& where) const
{
    const auto parse = [&](auto* place) {
        using Type = std::remove_pointer_t<decltype(place)>;
        if constexpr (std::is_same_v<Type, std::string>)
        {
            *place = isOptional && text == none ? "" : text;
        }
        else if constexpr (std::is_same_v<Type, bool>)
        {
            if (text != "true" && text != "false")
            {
                PortendFail(where, text, GetAllowed());
            }
            *place = text == "true";
        }
        else if (isOptional && text == none)
        {
            PortendScenario defaults;
            defaults.tiers.assign(1, {});
            defaults.links.assign(1, {});
            *place = *std::get<Type*>(Find(defaults));
        }
        else if (Type number{}; PortendParseNumber(text, number) && range.Contains(number))
        {
            *place = number;
        }
        else
        {
            PortendFail(where, text, GetAllowed());
        }
    };
    std::visit(parse, value);
    Check(value, where);
}

void
PortendOption::Check(Value value, const std::string& where) const
{
    const auto isAllowed = [&](const auto* place) {
        using Type = std::decay_t<decltype(*place)>;
        if constexpr (std::is_same_v<Type, std::string>)
        {
            const auto words = GetWords(form);
            return kind != CHOICE || std::find(words.begin(), words.end(), *place) != words.end();
        }
        else
        {
            return std::is_same_v<Type, bool> || range.Contains(*place);
        }
    };
    const bool isNothing = isOptional && IsNone(value);
    if (!isNothing && !std::visit(isAllowed, value))
    {
        PortendFail(where, ToText(value), GetAllowed());
    }
}

bool
PortendOption::IsNone(Value value) const
{
    // Of tiers and links as they are made, which the testbed's have names and devices beside.
    PortendScenario defaults;
    defaults.tiers.assign(1, {});
    defaults.links.assign(1, {});
    const auto isSame = [this, &defaults](const auto* place) {
        using Place = std::remove_const_t<std::remove_pointer_t<decltype(place)>>;
        return *place == *std::get<Place*>(Find(defaults));
    };
    return std::visit(isSame, value);
}

std::string
PortendOption::ToText(Value value) const
{
    const auto write = [&](const auto* place) -> std::string {
        using Type = std::decay_t<decltype(*place)>;
        if constexpr (std::is_same_v<Type, std::string>)
        {
            return isOptional && place->empty() ? none : *place;
        }
        else if constexpr (std::is_same_v<Type, bool>)
        {
            return *place ? "true" : "false";
        }
        else if constexpr (std::is_same_v<Type, double>)
        {
            return !none.empty() && IsNone(value) ? none : Shortest(*place);
        }
        else
        {
            return isOptional && IsNone(value) ? none : std::to_string(*place);
        }
    };
    return std::visit(write, value);
}

const std::vector<PortendOption>&
PortendGetOptions()
{
    return g_options;
}

void
PortendAddOption(const PortendOption& option)
{
    g_options.push_back(option);
}

void
PortendCheckOptions(const PortendScenario& scenario)
{
    auto copy = scenario; // the table finds values to change, too
    for (const auto& option : g_options)
    {
        for (std::size_t i = 0; i < option.Count(copy); ++i)
        {
            option.Check(option.Find(copy, i), option.GetPointer(i));
        }
    }
}

namespace
{

/**
 * @brief Write a word with a capital.
 * @param text the text
 * @return the same, beginning with a capital
 */
std::string
Capitalize(std::string text)
{
    text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    return text;
}

/**
 * @brief Describe an option's values as JSON Schema.
 * @param option the option
 * @return the schema of the value
 */
nlohmann::ordered_json
GetValueSchema(const Option& option)
{
    PortendScenario defaults;
    nlohmann::ordered_json schema;
    const bool hasDefault = !option.isRequired && !option.isOptional;
    auto value = option.Find(defaults);
    auto text = Capitalize(option.help) + ": " + option.values + ".";
    if (hasDefault)
    {
        text += " Default " + option.ToText(value) + ".";
    }
    schema["description"] = text;
    const auto& range = option.range;
    const auto setRange = [&]() {
        schema[range.isOpenBelow ? "exclusiveMinimum" : "minimum"] = range.low;
        if (!std::isinf(range.high))
        {
            schema[range.isOpenAbove ? "exclusiveMaximum" : "maximum"] = range.high;
        }
    };
    const auto setForm = [&](const std::string& form) {
        schema["type"] = "string";
        if (!form.empty())
        {
            schema["pattern"] = "^(" + form + ")$";
        }
    };
    auto form = option.form;
    if (!form.empty() && !option.none.empty() && !std::regex_match(option.none, std::regex(form)))
    {
        form = option.none + "|" + form; // as is written where another way has a value
    }
    switch (option.kind)
    {
    case Option::TEXT:
    case Option::BANDWIDTH:
        setForm(form);
        if (!option.parts.empty())
        {
            const nlohmann::ordered_json text{{"type", "string"}, {"pattern", "^(" + form + ")$"}};
            nlohmann::ordered_json object{{"type", "object"},
                                          {"additionalProperties", false},
                                          {"properties", nlohmann::ordered_json::object()}};
            for (const auto& part : option.parts)
            {
                object["properties"][part] = {{"type", "string"},
                                              {"pattern", "^(" + option.partForm + ")$"}};
            }
            schema.erase("type");
            schema.erase("pattern");
            schema["anyOf"] = {object, text};
        }
        break;
    case Option::TIME:
        setForm(TIME_FORM);
        break;
    case Option::CHOICE:
        schema["enum"] = GetWords(option.form);
        break;
    case Option::NUMBER:
        schema["type"] = "number";
        setRange();
        break;
    case Option::COUNT:
    case Option::BYTES: {
        schema["type"] = "integer";
        const auto [low, high] = option.GetWholeRange();
        schema["minimum"] = low;
        schema["maximum"] = high;
        break;
    }
    case Option::FLAG:
        schema["type"] = "boolean";
        break;
    }
    if (hasDefault)
    {
        const auto write = [&schema](const auto* place) {
            schema["default"] = *place;
            if constexpr (std::is_same_v<std::decay_t<decltype(*place)>, double>)
            {
                if (*place == std::floor(*place)) // as it is said in words
                {
                    schema["default"] = static_cast<int64_t>(*place);
                }
            }
        };
        std::visit(write, value);
    }
    return schema;
}

/**
 * @brief Describe an object of options as JSON Schema.
 * @param scope the options' scope
 * @return the schema of the object
 */
nlohmann::ordered_json
GetObjectSchema(Option::Scope scope)
{
    nlohmann::ordered_json schema;
    schema["type"] = "object";
    schema["additionalProperties"] = false;
    schema["required"] = nlohmann::ordered_json::array();
    schema["properties"] = nlohmann::ordered_json::object();
    for (const auto& option : g_options)
    {
        if (option.scope != scope)
        {
            continue;
        }
        if (!option.instead.empty())
        {
            schema["anyOf"] = {{{"required", {option.key}}}, {{"required", {option.instead}}}};
        }
        else if (option.isRequired)
        {
            schema["required"].push_back(option.key);
        }
        schema["properties"][option.key] = GetValueSchema(option);
    }
    return schema;
}

} // namespace

std::string
PortendGetScenarioSchema()
{
    using Json = nlohmann::ordered_json;
    auto scenario = GetObjectSchema(Option::SCENARIO);
    Json schema;
    schema["$schema"] = "http://json-schema.org/draft-07/schema#";
    schema["title"] = "Portend scenario";
    schema["description"] = "One simulation: a profile, a chain of tiers joined by links, and a "
                            "deployment on them. What is left out has its default.";
    schema["type"] = "object";
    schema["additionalProperties"] = false;
    schema["required"] = {"schema_version", "tiers", "links"};
    schema["required"].insert(schema["required"].end(),
                              scenario["required"].begin(),
                              scenario["required"].end());
    auto& properties = schema["properties"];
    properties["$schema"] = {{"description", "Where this schema lies, for editors; not read."},
                             {"type", "string"}};
    properties["schema_version"] = {{"description", "Version of this format."}, {"const", 1}};
    properties["tiers"] = {
        {"description", "The nodes of the chain, tier 0 (nearest to the user) first."},
        {"type", "array"},
        {"minItems", 1},
        {"items", GetObjectSchema(Option::TIER)}};
    properties["links"] = {
        {"description", "Link j joins tier j and tier j+1, full duplex; one fewer than tiers."},
        {"type", "array"},
        {"items", GetObjectSchema(Option::LINK)}};
    properties.update(scenario["properties"]);
    return schema.dump(2) + "\n";
}

bool
PortendHasWays(const PortendOption& option)
{
    return option.scope == Option::LINK && option.kind != Option::BYTES;
}

bool
PortendMayDiffer(const PortendOption& option)
{
    return option.scope != Option::SCENARIO &&
           (option.kind == Option::NUMBER || option.kind == Option::TIME ||
            option.kind == Option::BANDWIDTH);
}

std::string
PortendGetWorldSchema()
{
    using Json = nlohmann::ordered_json;
    const auto letDiffer = [](const PortendOption& option, Json& property) {
        if (!PortendMayDiffer(option))
        {
            return;
        }
        const auto description = property["description"];
        property.erase("description");
        property = {{"description",
                     description.get<std::string>() +
                         " Of a group, a list with a value for each member, or drawn once for "
                         "each: uniform:LOW:HIGH."},
                    {"anyOf",
                     {property,
                      {{"type", "array"}, {"minItems", 1}, {"items", property}},
                      {{"type", "string"}, {"pattern", "^uniform:[^:]+:[^:]+$"}}}}};
    };
    const auto getText = [](const std::string& description) {
        return Json{{"description", description}, {"type", "string"}};
    };
    const auto getList = [](const std::string& description, const Json& items) {
        return Json{{"description", description}, {"type", "array"}, {"items", items}};
    };
    auto name = getText("Name, for reports and paths.");
    name["pattern"] = "^[^/\\[\\],=]+$";

    auto node = GetObjectSchema(Option::TIER);
    node["required"] = {"name"}; // without a device it only forwards
    node["properties"]["name"] = name;
    node["properties"]["count"] = {
        {"description", "Nodes of the group: NAME[0], NAME[1], ...; without it, one node NAME."},
        {"type", "integer"},
        {"minimum", 1},
        {"maximum", 1000000}};

    auto link = GetObjectSchema(Option::LINK);
    for (const auto& option : g_options)
    {
        if (option.scope == Option::TIER)
        {
            letDiffer(option, node["properties"][option.key]);
        }
        if (PortendHasWays(option))
        {
            auto& property = link["properties"][option.key];
            letDiffer(option, property);
            const auto description = property["description"];
            property.erase("description");
            const Json ways{{"type", "object"},
                            {"additionalProperties", false},
                            {"required", {"up", "down"}},
                            {"properties", {{"up", property}, {"down", property}}}};
            property = {{"description",
                         description.get<std::string>() +
                             " Of both ways, or up from the first node to the second, and down."},
                        {"anyOf", {property, ways}}};
        }
    }
    link["required"].insert(link["required"].begin(), "between");
    link["properties"]["name"] = name;
    link["properties"]["between"] =
        getList("Names of two nodes, of members such as camera[0], or of groups: then member i of "
                "the larger joins its share of the smaller.",
                {{"type", "string"}});
    link["properties"]["between"]["minItems"] = 2;
    link["properties"]["between"]["maxItems"] = 2;

    Json stream{{"type", "object"},
                {"additionalProperties", false},
                {"required", {"name", "tiers"}},
                {"properties", Json::object()}};
    stream["properties"]["name"] = name;
    stream["properties"]["tiers"] =
        getList("Names of nodes, members or groups, tier 0 first; of a group, the member that is "
                "nearest to the source.",
                {{"type", "string"}});
    stream["properties"]["tiers"]["minItems"] = 1;
    stream["properties"]["random"] = name;
    stream["properties"]["random"]["description"] =
        "What its random variables are numbered by. Default its name.";
    stream["properties"]["after"] = {
        {"description",
         "Whether requests arise, uncounted, until all streams have theirs. Default continue."},
        {"enum", {"continue", "stop"}}};
    auto scenario = GetObjectSchema(Option::SCENARIO);
    for (const auto& option : g_options)
    {
        if (option.isOfStream)
        {
            stream["properties"][option.key] = scenario["properties"][option.key];
        }
    }

    Json schema;
    schema["$schema"] = "http://json-schema.org/draft-07/schema#";
    schema["title"] = "Portend scenario, version 2";
    schema["description"] =
        "One simulation: nodes and groups of nodes, links that make any graph of them, and streams "
        "of requests. What is left out has its default; what streams may say holds for all of "
        "them if it stands beside them.";
    schema["type"] = "object";
    schema["additionalProperties"] = false;
    schema["required"] = {"schema_version", "nodes", "links", "streams"};
    auto& properties = schema["properties"];
    properties["$schema"] = getText("Where this schema lies, for editors; not read.");
    properties["schema_version"] = {{"description", "Version of this format."}, {"const", 2}};
    properties["nodes"] = getList("Nodes and groups.", node);
    properties["links"] = getList("Links between them, full duplex.", link);
    properties["streams"] = getList("Streams of requests.", stream);
    properties["streams"]["minItems"] = 1;
    Json background{{"type", "object"},
                    {"additionalProperties", false},
                    {"required", {"name", "from", "to", "traffic"}},
                    {"properties", Json::object()}};
    auto& of = background["properties"];
    of["name"] = name;
    of["from"] = getText("Node, member or group that sends; of a group, each member does.");
    of["to"] = getText("Node, member or group that gets it; of a group, the nearest member.");
    of["traffic"] =
        getText("What is sent when: packets at equal intervals or as a Poisson process at a rate, "
                "at a rate with exponential times on and off, or as a table time_s,bytes says: "
                "constant:2Mbps | poisson:2Mbps | onoff:5Mbps:1s:3s | trace:FILE | ns3::TYPE.");
    of["traffic"]["pattern"] = "^((constant|poisson):" + BANDWIDTH_FORM +
                               "|onoff:" + BANDWIDTH_FORM + ":" + POSITIVE + TIME_FORM + ":" +
                               POSITIVE + TIME_FORM + "|trace:.+|ns3::.+)$";
    of["packet_bytes"] = {{"description", "Size of packets, IP header included. Default 1500."},
                          {"type", "integer"},
                          {"minimum", 29},
                          {"maximum", UINT16_MAX},
                          {"default", 1500}};
    properties["background"] = getList("Traffic of others.", background);
    properties.update(scenario["properties"]);
    return schema.dump(2) + "\n";
}

std::string
PortendGetOptionTable()
{
    std::ostringstream table;
    table << ".. list-table::\n   :header-rows: 1\n\n"
          << "   * - option\n     - values\n     - what it is\n";
    // No markup where none is meant, of emphasis and addresses of mail; options as they are typed.
    const auto markUp = [](const std::string& text) {
        const auto escaped = std::regex_replace(text, std::regex(R"([\\*`@])"), R"(\$&)");
        return std::regex_replace(escaped, std::regex(R"(--\w\S*\w)"), "``$&``");
    };
    for (const auto& option : g_options)
    {
        if (!option.name.empty())
        {
            table << "   * - ``--" << option.name << "``\n     - " << markUp(option.values)
                  << "\n     - " << markUp(option.help) << "\n";
        }
    }
    return table.str();
}

} // namespace ns3
