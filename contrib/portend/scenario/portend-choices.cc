/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-choices.h"

#include "portend-attributes.h"
#include "portend-json.h"
#include "portend-text.h"
#include "portend-trace-files.h"

#include "ns3/basic-energy-source.h"
#include "ns3/boolean.h"
#include "ns3/data-rate.h"
#include "ns3/double.h"
#include "ns3/nstime.h"
#include "ns3/object-factory.h"
#include "ns3/pointer.h"
#include "ns3/random-variable-stream.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <vector>

namespace ns3
{

namespace
{

using portend::InputError;

/// Fewest requests in the mean burst: every burst without one takes time to pass.
constexpr double MIN_BURST_REQUESTS = 1e-3;

/// Shortest mean time from a repair to a failure: each takes time to pass.
constexpr double MIN_UP_S = 1e-3;

/**
 * @brief Tell whether a text names a type of ns-3.
 * @param text the text
 * @return true if so
 */
bool
IsType(const std::string& text)
{
    return text.compare(0, 5, "ns3::") == 0;
}

/**
 * @brief Get what follows a prefix.
 * @param text the text
 * @param prefix such as `trace:`
 * @param rest gets what follows
 * @return whether the text begins with the prefix
 */
bool
After(const std::string& text, const std::string& prefix, std::string& rest)
{
    if (text.compare(0, prefix.size(), prefix) != 0)
    {
        return false;
    }
    rest = text.substr(prefix.size());
    return true;
}

/**
 * @brief Tell whether a type brings an attribute itself.
 * @param type the type
 * @param name of the attribute
 * @return true if so
 */
bool
HasOwnAttribute(const TypeId& type, const std::string& name)
{
    for (std::size_t i = 0; i < type.GetAttributeN(); ++i)
    {
        if (type.GetAttribute(i).name == name)
        {
            return true;
        }
    }
    return false;
}

/// Share of a battery's energy with which it is empty.
constexpr double EMPTY_SHARE = 1e-6;

/// Share of a battery's energy from which on a node is up again.
constexpr double CHARGED_SHARE = 0.1;

/**
 * @brief Make a maker of objects of a type of ns-3, once it is known that it can make one.
 * @tparam T type that they derive from
 * @param text name and attributes
 * @param where its place, for complaints
 * @return makes one
 */
template <typename T>
std::function<Ptr<T>()>
MakerOf(const std::string& text, const std::string& where)
{
    const auto make = [text, where]() {
        return DynamicCast<T>(PortendMakeObject(text, T::GetTypeId(), where));
    };
    make();
    return make;
}

} // namespace

Ptr<Object>
PortendMakeObject(const std::string& text, TypeId base, const std::string& where)
{
    const auto bracket = std::min(text.find('['), text.size());
    const auto name = text.substr(0, bracket);
    TypeId type;
    if (!TypeId::LookupByNameFailSafe(name, &type) || !type.IsChildOf(base) ||
        !type.HasConstructor())
    {
        std::vector<std::string> names;
        std::string list;
        for (uint16_t i = 0; i < TypeId::GetRegisteredN(); ++i)
        {
            const auto known = TypeId::GetRegistered(i);
            if (known.IsChildOf(base) && known.HasConstructor())
            {
                names.push_back(known.GetName());
                list += (list.empty() ? "" : ", ") + known.GetName();
            }
        }
        throw InputError(where,
                         "there is no '" + name + "'" + PortendSuggest(name, names) +
                             "; types of " + base.GetName() + ": " + list);
    }
    ObjectFactory factory;
    factory.SetTypeId(type);
    if (bracket < text.size())
    {
        if (text.back() != ']')
        {
            PortendFail(where,
                        text,
                        "a type and its attributes, such as ns3::Type[Name=1|Other=2]");
        }
        const auto inside = text.substr(bracket + 1, text.size() - bracket - 2);
        for (const auto& part : PortendSplit(inside, '|'))
        {
            const auto equals = std::min(part.find('='), part.size());
            const auto attribute = part.substr(0, equals);
            const auto value = part.substr(std::min(equals + 1, part.size()));
            auto owner = type; // or a parent of it
            while (owner.HasParent() && !HasOwnAttribute(owner, attribute))
            {
                owner = owner.GetParent();
            }
            PortendCheckAttribute(owner.GetName() + "::" + attribute, value, where);
            factory.Set(attribute, StringValue(value));
        }
    }
    return factory.Create<Object>();
}

std::function<Ptr<PortendArrivalProcess>()>
PortendChooseArrivals(const std::string& text, uint64_t most, const std::string& where)
{
    static const char* const ALLOWED =
        "closed, periodic:TIME such as periodic:100ms, poisson:RATE with the rate per "
        "second above 0 such as poisson:5, bursty:RATE:ON:OFF with the rate in bursts and "
        "the mean times of bursts and pauses above 0 such as bursty:5:2s:8s, trace:FILE, or a type "
        "of ns-3 such as ns3::MyArrivals[Rate=5]";
    const auto parseRate = [&](const std::string& number) {
        double rate = 0;
        if (!PortendParseNumber(number, rate) || !(rate >= 1e-9) || !(rate <= 1e9))
        {
            PortendFail(where, text, ALLOWED);
        }
        return rate;
    };
    std::string rest;
    if (text == "closed")
    {
        return []() { return CreateObject<PortendClosedArrivals>(); };
    }
    if (After(text, "periodic:", rest))
    {
        const auto period = PortendParseTime(rest, where);
        if (!period.IsStrictlyPositive())
        {
            PortendFail(where, text, "a period above 0");
        }
        return [period]() {
            return CreateObjectWithAttributes<PortendPeriodicArrivals>("Period", TimeValue(period));
        };
    }
    if (After(text, "poisson:", rest))
    {
        return [rate = parseRate(rest)]() {
            return CreateObjectWithAttributes<PortendPoissonArrivals>("Rate", DoubleValue(rate));
        };
    }
    if (After(text, "bursty:", rest))
    {
        const auto parts = PortendSplit(rest, ':');
        if (parts.size() != 3)
        {
            PortendFail(where, text, ALLOWED);
        }
        const double rate = parseRate(parts[0]);
        const auto onTime = PortendParseTime(parts[1], where);
        const auto offTime = PortendParseTime(parts[2], where);
        if (!onTime.IsStrictlyPositive() || !offTime.IsStrictlyPositive())
        {
            PortendFail(where, text, ALLOWED);
        }
        if (rate * onTime.GetSeconds() < MIN_BURST_REQUESTS)
        {
            std::ostringstream allowed;
            allowed << "at least " << MIN_BURST_REQUESTS << " requests in the mean burst";
            PortendFail(where, text, allowed.str());
        }
        return [rate, onTime, offTime]() {
            return CreateObjectWithAttributes<PortendBurstyArrivals>("Rate",
                                                                     DoubleValue(rate),
                                                                     "OnTime",
                                                                     TimeValue(onTime),
                                                                     "OffTime",
                                                                     TimeValue(offTime));
        };
    }
    if (After(text, "trace:", rest))
    {
        return [times = PortendReadArrivals(rest, most)]() {
            auto trace = CreateObject<PortendTraceArrivals>();
            trace->SetTimes(times);
            return trace;
        };
    }
    if (IsType(text))
    {
        return MakerOf<PortendArrivalProcess>(text, where);
    }
    PortendFail(where, text, ALLOWED);
}

std::function<Ptr<PortendExitModel>()>
PortendChooseExits(const std::string& text,
                   const portend::ModelProfile& model,
                   const portend::Deployment& deployment,
                   const std::string& where)
{
    static const std::map<std::string, std::string> names{
        {"nested", "ns3::PortendNestedExitModel"},
        {"stratified", "ns3::PortendStratifiedExitModel"},
        {"independent", "ns3::PortendIndependentExitModel"}};
    std::string file;
    if (After(text, "trace:", file))
    {
        return PortendReadExits(file, model, deployment);
    }
    if (text == "trace")
    {
        return PortendReplayExits(model, deployment);
    }
    const auto name = names.find(text);
    if (name != names.end() || IsType(text))
    {
        return MakerOf<PortendExitModel>(name != names.end() ? name->second : text, where);
    }
    PortendFail(
        where,
        text,
        "nested, stratified, independent, trace:FILE, trace, if the profile has one, or a type "
        "of ns-3 such as ns3::MyExits[Bias=2]");
}

Ptr<PortendDelayModel>
PortendChooseDelays(const std::string& text, const std::string& where)
{
    static const std::map<std::string, std::string> names{
        {"mean", "ns3::PortendMeanDelay"},
        {"median", "ns3::PortendMedianDelay"},
        {"max", "ns3::PortendMaximumDelay"},
        {"empirical", "ns3::PortendEmpiricalDelay"},
        {"gamma", "ns3::PortendGammaDelay"}};
    const auto name = names.find(text);
    if (name == names.end() && !IsType(text))
    {
        PortendFail(where,
                    text,
                    "mean, median, max, empirical, gamma, or a type of ns-3 such as "
                    "ns3::MyDelays[Scale=2]");
    }
    return MakerOf<PortendDelayModel>(name != names.end() ? name->second : text, where)();
}

namespace
{

/**
 * @brief Understand a scheduler that serves batches.
 * @param text `batch`, or `batch[max=8,timeout=5ms]`
 * @param where its place, for complaints
 * @return makes it
 */
std::function<Ptr<PortendScheduler>()>
ChooseBatches(const std::string& text, const std::string& where)
{
    ObjectFactory factory("ns3::PortendBatchScheduler");
    std::string inside;
    if (After(text, "batch[", inside) && inside.back() == ']')
    {
        inside.pop_back();
        for (const auto& part : PortendSplit(inside, ','))
        {
            std::string value;
            uint32_t max = 0;
            if (After(part, "max=", value) && PortendParseNumber(value, max) && max > 0 &&
                max <= PortendBatchScheduler::LARGEST_BATCH)
            {
                factory.Set("Max", UintegerValue(max));
            }
            else if (After(part, "timeout=", value))
            {
                factory.Set("Timeout", TimeValue(PortendParseTime(value, where)));
            }
            else if (part == "eager")
            {
                factory.Set("Eager", BooleanValue(true));
            }
            else if (part == "regroup=together" || part == "regroup=one-by-one")
            {
                factory.Set("Regroup",
                            StringValue(part == "regroup=together" ? "Together" : "OneByOne"));
            }
            else
            {
                PortendFail(where,
                            text,
                            "batch[...] with max=1 .. " +
                                std::to_string(PortendBatchScheduler::LARGEST_BATCH) +
                                ", timeout=TIME such as timeout=5ms, eager, "
                                "regroup=together or regroup=one-by-one, separated by commas");
            }
        }
    }
    else if (text != "batch")
    {
        PortendFail(where, text, "batch, or batch[max=8,timeout=5ms]");
    }
    return [factory]() { return factory.Create<PortendScheduler>(); };
}

} // namespace

std::function<Ptr<PortendScheduler>()>
PortendChooseScheduler(const std::string& text, const std::string& where)
{
    if (text.empty() || text == "fifo")
    {
        return {};
    }
    if (text.compare(0, 5, "ns3::") == 0)
    {
        return MakerOf<PortendScheduler>(text, where);
    }
    for (const auto& [name, type] : {std::pair{"priority", "ns3::PortendPriorityScheduler"},
                                     std::pair{"edf", "ns3::PortendEdfScheduler"},
                                     std::pair{"fair", "ns3::PortendFairScheduler"}})
    {
        if (text == name)
        {
            return MakerOf<PortendScheduler>(type, where);
        }
    }
    if (text.compare(0, 5, "batch") == 0)
    {
        return ChooseBatches(text, where);
    }
    PortendFail(where,
                text,
                "fifo, priority, edf, fair, batch, batch[max=8,timeout=5ms], or a type of ns-3 "
                "such as ns3::MyScheduler");
}

std::function<Ptr<PortendLinkProcess>()>
PortendChooseLinkProcess(const std::string& text,
                         Time offset,
                         bool loops,
                         PortendLinkTraces& traces,
                         const std::string& where)
{
    std::string file;
    if (IsType(text))
    {
        const auto make = MakerOf<PortendLinkProcess>(text, where);
        const auto type = make()->GetInstanceTypeId();
        if (type == PortendLinkTrace::GetTypeId() || type == PortendMarkovLink::GetTypeId())
        {
            PortendFail(where, text, "FILE, markov:FILE, or a type that needs no file");
        }
        return make;
    }
    if (After(text, "markov:", file))
    {
        return [states = traces.GetStates(file)]() {
            auto link = CreateObject<PortendMarkovLink>();
            link->SetStates(*states);
            return link;
        };
    }
    const auto steps = traces.GetSteps(text);
    if (!loops && steps->back().state.rate.GetBitRate() == 0)
    {
        throw InputError(text,
                         "ends at 0 b/s, and is to hold there; allowed: trace_end loop, or a last "
                         "row above 0");
    }
    const auto isClosed = [](const auto& step) { return step.state.rate.GetBitRate() == 0; };
    if (loops && steps->size() > 1 && std::all_of(steps->begin(), steps->end() - 1, isClosed))
    {
        throw InputError(text,
                         "found 0 b/s until its last row, which ends it, and is to begin again "
                         "there; allowed: trace_end hold, or a row before it above 0");
    }
    return [steps, offset, loops]() {
        auto link = CreateObjectWithAttributes<PortendLinkTrace>("Offset",
                                                                 TimeValue(offset),
                                                                 "Loop",
                                                                 BooleanValue(loops));
        link->SetSteps(steps);
        return link;
    };
}

std::function<Ptr<PortendTrafficProcess>()>
PortendChooseTraffic(const std::string& text, const std::string& where)
{
    std::string rest;
    if (IsType(text))
    {
        return MakerOf<PortendTrafficProcess>(text, where);
    }
    if (After(text, "trace:", rest))
    {
        return [bursts = PortendReadTraffic(rest)]() {
            auto traffic = CreateObject<PortendTraceTraffic>();
            traffic->SetBursts(bursts);
            return traffic;
        };
    }
    ObjectFactory factory("ns3::PortendPacketTraffic");
    const auto setRate = [&](const std::string& rate) {
        factory.Set("Rate", DataRateValue(PortendParseBandwidth(rate, where)));
    };
    if (After(text, "constant:", rest))
    {
        setRate(rest);
    }
    else if (After(text, "poisson:", rest))
    {
        setRate(rest);
        factory.Set("Poisson", BooleanValue(true));
    }
    else if (const auto parts = PortendSplit(text, ':');
             parts.size() == 4 && parts[0] == "onoff" &&
             PortendParseTime(parts[2], where).IsStrictlyPositive() &&
             PortendParseTime(parts[3], where).IsStrictlyPositive())
    {
        setRate(parts[1]);
        factory.Set("OnTime", TimeValue(PortendParseTime(parts[2], where)));
        factory.Set("OffTime", TimeValue(PortendParseTime(parts[3], where)));
    }
    else
    {
        PortendFail(where,
                    text,
                    "constant:RATE, poisson:RATE such as poisson:2Mbps, onoff:RATE:ON:OFF with "
                    "mean times above 0 such as onoff:5Mbps:1s:3s, trace:FILE, or a type of ns-3");
    }
    return [factory]() { return factory.Create<PortendTrafficProcess>(); };
}

std::function<Ptr<PortendFailures>()>
PortendChooseFailures(const std::string& text, const std::string& where)
{
    static const char* const ALLOWED =
        "times such as 10s-12s,60s-61.5s, rising, the end of each above its beginning, or "
        "exponential:UP:DOWN with mean times above 0 such as exponential:60s:2s";
    std::string rest;
    if (After(text, "exponential:", rest))
    {
        const auto parts = PortendSplit(rest, ':');
        if (parts.size() != 2)
        {
            PortendFail(where, text, ALLOWED);
        }
        const auto up = PortendParseTime(parts[0], where);
        const auto down = PortendParseTime(parts[1], where);
        if (up.GetSeconds() < MIN_UP_S || !down.IsStrictlyPositive())
        {
            PortendFail(where, text, std::string(ALLOWED) + "; UP of at least 1ms");
        }
        return [up, down]() {
            const auto draw = [](Time mean) {
                return PointerValue(CreateObjectWithAttributes<ExponentialRandomVariable>(
                    "Mean",
                    DoubleValue(mean.GetSeconds())));
            };
            return CreateObjectWithAttributes<PortendFailures>("UpTime",
                                                               draw(up),
                                                               "DownTime",
                                                               draw(down));
        };
    }
    std::vector<PortendFailures::Outage> outages;
    for (const auto& part : PortendSplit(text, ','))
    {
        const auto ends = PortendSplit(part, '-');
        if (ends.size() != 2)
        {
            PortendFail(where, text, ALLOWED);
        }
        const PortendFailures::Outage outage{PortendParseTime(ends[0], where),
                                             PortendParseTime(ends[1], where)};
        if (outage.end <= outage.begin || (!outages.empty() && outage.begin <= outages.back().end))
        {
            PortendFail(where, text, ALLOWED);
        }
        outages.push_back(outage);
    }
    return [outages]() {
        auto failures = CreateObject<PortendFailures>();
        failures->SetOutages(outages);
        return failures;
    };
}

portend::Power
PortendChoosePower(const std::string& text, const std::string& where)
{
    portend::Power power;
    if (text.empty())
    {
        return power;
    }
    const auto parts = PortendSplit(text, ':');
    if (parts.size() > 3)
    {
        PortendFail(where, text, "IDLE:COMPUTING:SERIALIZING, such as 2W:6W:4W");
    }
    const auto get = [&](std::size_t part, const std::string& name, double otherwise) {
        return part < parts.size() && !parts[part].empty()
                   ? PortendParsePower(parts[part], where + "/" + name)
                   : otherwise;
    };
    power.idleW = get(0, "idle", 0);
    power.computingW = get(1, "computing", power.idleW);
    power.serializingW = get(2, "serializing", power.computingW);
    for (const auto& [watts, name] :
         {std::pair(power.computingW, "computing"), std::pair(power.serializingW, "serializing")})
    {
        if (watts < power.idleW)
        {
            PortendFail(where + "/" + name,
                        portend::ToText(watts) + "W",
                        "no less than when idle, " + portend::ToText(power.idleW) + "W");
        }
    }
    return power;
}

portend::LinkEnergy
PortendChooseLinkEnergy(const std::string& text, const std::string& where)
{
    portend::LinkEnergy energy;
    if (text.empty())
    {
        return energy;
    }
    const auto parts = PortendSplit(text, ':');
    if (parts.size() > 2)
    {
        PortendFail(where, text, "SENDING:RECEIVING, such as 1.2W:0.9W or 50nJ/bit:30nJ/bit");
    }
    const auto read = [&](std::size_t part,
                          const std::string& name,
                          portend::LinkEnergy::End& end) {
        if (part >= parts.size() || parts[part].empty())
        {
            return;
        }
        if (parts[part].find('/') == std::string::npos)
        {
            end.powerW = PortendParsePower(parts[part], where + "/" + name);
        }
        else if (!PortendParseEnergyPerBit(parts[part], end.perBitJ))
        {
            PortendFail(where + "/" + name,
                        parts[part],
                        "a power such as 1.2W, or an energy for each bit such as 50nJ/bit, from 0 "
                        "to 1000J/bit (pJ, nJ, uJ, mJ, J)");
        }
    };
    read(0, "sending", energy.sending);
    read(1, "receiving", energy.receiving);
    return energy;
}

std::function<Ptr<EnergySource>()>
PortendChooseBattery(const std::string& text, const std::string& where)
{
    if (text.empty())
    {
        return {};
    }
    if (text.compare(0, 5, "ns3::") == 0)
    {
        return MakerOf<EnergySource>(text, where);
    }
    const double joules = PortendParseEnergy(text, where);
    return [joules]() {
        // Its voltage cancels out: current is power by voltage. ns-3 takes a source of which a
        // tenth is left for empty unless it is told another share; none must be left below 0.
        return CreateObjectWithAttributes<BasicEnergySource>("BasicEnergySourceInitialEnergyJ",
                                                             DoubleValue(joules),
                                                             "BasicEnergyLowBatteryThreshold",
                                                             DoubleValue(EMPTY_SHARE),
                                                             "BasicEnergyHighBatteryThreshold",
                                                             DoubleValue(CHARGED_SHARE));
    };
}

std::function<Ptr<EnergyHarvester>()>
PortendChooseHarvester(const std::string& text, const std::string& where)
{
    return text.empty() ? std::function<Ptr<EnergyHarvester>()>()
                        : MakerOf<EnergyHarvester>(text, where);
}

std::function<Ptr<PortendController>()>
PortendChooseController(const std::string& text, const std::string& where)
{
    // Each with attributes that differ from the type's defaults; the user's go before them.
    static const std::map<std::string, std::pair<std::string, std::string>> names{
        {"ans", {"ns3::PortendAnsController", ""}},
        {"best-static", {"ns3::PortendBestStaticController", ""}},
        {"edgent", {"ns3::PortendEdgentController", ""}},
        {"neurosurgeon", {"ns3::PortendNeurosurgeonController", ""}},
        {"oracle", {"ns3::PortendOracleController", ""}},
        {"portend", {"ns3::PortendSearchController", "Epoch=1s"}}};
    if (text.empty() || text == "fixed")
    {
        return {};
    }
    std::string command;
    std::string attributes; // such as [Timeout=60s]
    if (After(text, "exec[", command) && command.find("]:") != std::string::npos)
    {
        const auto end = command.find("]:");
        attributes = "[" + command.substr(0, end + 1);
        command = command.substr(end + 2);
    }
    else if (!After(text, "exec:", command))
    {
        command.clear();
    }
    if (!command.empty())
    {
        // A command may have any characters: it is no attribute of the text.
        return [make = MakerOf<PortendController>("ns3::PortendExecController" + attributes, where),
                command]() {
            auto controller = make();
            controller->SetAttribute("Command", StringValue(command));
            return controller;
        };
    }
    const auto bracket = std::min(text.find('['), text.size());
    const auto name = names.find(text.substr(0, bracket));
    if (name != names.end())
    {
        const auto& [type, defaults] = name->second;
        auto inside = bracket < text.size() ? text.substr(bracket) : "[]";
        const auto separator = defaults.empty() || inside == "[]" ? "" : "|";
        inside = "[" + defaults + separator + inside.substr(1);
        return MakerOf<PortendController>(inside == "[]" ? type : type + inside, where);
    }
    if (IsType(text))
    {
        return MakerOf<PortendController>(text, where);
    }
    std::string allowed = "fixed";
    for (const auto& [known, type] : names)
    {
        allowed += ", " + known;
    }
    PortendFail(where,
                text,
                allowed + ", each but fixed with attributes such as portend[Epoch=1s|Margin=0.1], "
                          "exec:COMMAND, or exec[Timeout=60s]:COMMAND, or a type of ns-3 such as "
                          "ns3::MyController[Bias=2]");
}

} // namespace ns3
