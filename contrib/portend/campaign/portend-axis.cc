/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-axis.h"

#include "ns3/portend-attributes.h"
#include "ns3/portend-json.h"
#include "ns3/portend-text.h"
#include "ns3/portend-world.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <iomanip>
#include <limits>
#include <sstream>

namespace ns3
{

namespace
{

using portend::InputError;

/// Version of the grid files that are read.
constexpr int SCHEMA_VERSION = 1;

/// No limit of numbers.
constexpr double INFINITE = std::numeric_limits<double>::infinity();

/// Most values of one axis.
constexpr double MAX_VALUES = 1e6;

/// An axis that is no option of the table of options.
struct KnownAxis
{
    const char* name;       //!< as given
    PortendAxis::Kind kind; //!< what its values are
    bool isPart;            //!< sets a part of an option of the table
};

/// All of them; those that are no part of another are options of programs.
const KnownAxis AXES[] = {
    {"threshold", PortendAxis::NUMBER, true},
    {"rate", PortendAxis::RATE, true},
    {"period", PortendAxis::TIME, true},
    {"min-accuracy", PortendAxis::NUMBER, false},
    {"max-latency", PortendAxis::TIME, false},
    {"max-partitions", PortendAxis::COUNT, false},
};

/**
 * @brief Tell what the values of an option are on an axis.
 * @param option the option
 * @return the kind
 */
PortendAxis::Kind
GetKindOf(const PortendOption& option)
{
    switch (option.kind)
    {
    case PortendOption::TIME:
        return PortendAxis::TIME;
    case PortendOption::BANDWIDTH:
        return PortendAxis::BANDWIDTH;
    case PortendOption::NUMBER:
        return PortendAxis::NUMBER;
    case PortendOption::COUNT:
        return PortendAxis::COUNT;
    case PortendOption::BYTES:
        return PortendAxis::BYTES;
    case PortendOption::TEXT:
    case PortendOption::CHOICE:
    case PortendOption::FLAG:
        break;
    }
    return PortendAxis::TEXT;
}

/**
 * @brief Find an option of the table by the name of its axis.
 * @param axis the name, without an index
 * @param isIndexed whether an index of a tier or link follows the name
 * @return the option; null if there is none
 */
const PortendOption*
FindOption(const std::string& axis, bool isIndexed)
{
    const auto& options = PortendGetOptions();
    const auto it = std::find_if(options.begin(), options.end(), [&](const auto& option) {
        const bool isListed = option.scope != PortendOption::SCENARIO;
        return isIndexed == isListed ? option.GetAxisName() == axis : option.name == axis;
    });
    return it == options.end() ? nullptr : &*it;
}

/**
 * @brief Write a number with as many digits as a person would.
 * @param number the number
 * @return its text
 */
std::string
Format(double number)
{
    char text[32];
    std::snprintf(text, sizeof(text), "%.12g", number);
    return text;
}

/**
 * @brief Write a whole number in a larger unit: all its digits, and never an exponent.
 * @param number the number
 * @param zeros the larger unit is 10 to that power
 * @return its text
 */
std::string
FormatWhole(double number, std::size_t zeros = 0)
{
    std::ostringstream digits;
    digits << std::fixed << std::setprecision(0) << std::round(number);
    auto text = digits.str();
    if (zeros > 0)
    {
        text.insert(0, std::max(text.size(), zeros + 1) - text.size(), '0');
        text.insert(text.size() - zeros, 1, '.');
        text.erase(text.find_last_not_of('0') + 1);
        text.erase(text.find_last_not_of('.') + 1);
    }
    return text;
}

/**
 * @brief Complain of a path in a scenario that has none.
 * @param where option and path
 * @param scenario the scenario
 */
void
RequireWorld(const std::string& where, const PortendScenario& scenario)
{
    if (!scenario.world)
    {
        throw InputError(where, "paths are of scenarios of version 2, given by --scenario");
    }
}

/**
 * @brief Get the name of a node, link or stream of a scenario file.
 * @param entry the node, link or stream
 * @return its name; of links the default, too
 */
std::string
GetEntryName(const nlohmann::json& entry)
{
    return entry.contains("name") ? entry["name"].get<std::string>()
                                  : entry["between"][0].get<std::string>() + "-" +
                                        entry["between"][1].get<std::string>();
}

} // namespace

PortendAxis::PortendAxis(const std::string& name,
                         const std::vector<std::string>& options,
                         const std::string& option)
    : m_where(option + " " + name),
      m_name(name),
      m_stem(name)
{
    if (name.compare(0, 5, "ns3::") == 0)
    {
        return; // whether there is such an attribute is seen when it gets its first value
    }
    if (IsPath())
    {
        // Whether there is such a path is seen in the same way.
        const std::string count = "/count";
        const auto* option = PortendFindByPath(name);
        const bool isCount = name.size() > count.size() &&
                             name.compare(name.size() - count.size(), count.size(), count) == 0;
        m_kind = option ? GetKindOf(*option) : isCount ? COUNT : TEXT;
        return;
    }
    const auto digits = name.find_last_not_of("0123456789") + 1;
    if (digits < name.size() && digits > 0)
    {
        m_option = FindOption(name.substr(0, digits), true);
        if (m_option && PortendParseNumber(name.substr(digits), m_index))
        {
            m_stem = name.substr(0, digits);
            m_kind = GetKindOf(*m_option);
            return;
        }
    }
    m_option = FindOption(name, false);
    if (m_option)
    {
        const bool isList = m_option->scope != PortendOption::SCENARIO;
        m_kind = isList ? TEXT : GetKindOf(*m_option);
        m_isOption = !m_option->name.empty();
        return;
    }
    const auto known = std::find_if(std::begin(AXES), std::end(AXES), [&](const KnownAxis& axis) {
        return axis.name == name;
    });
    if (known != std::end(AXES))
    {
        m_kind = known->kind;
        m_isOption = !known->isPart;
    }
    const bool isTaken = std::find(options.begin(), options.end(), name) != options.end();
    if (isTaken || (known != std::end(AXES) && known->isPart))
    {
        m_isOption = isTaken;
        return;
    }
    auto names = options;
    for (const auto& axis : AXES)
    {
        names.emplace_back(axis.name);
    }
    for (const auto& option : PortendGetOptions())
    {
        const bool isListed = option.scope != PortendOption::SCENARIO;
        names.push_back(option.GetAxisName() + (isListed ? "0" : ""));
    }
    throw InputError(option,
                     "there is no axis '" + name + "'" + PortendSuggest(name, names) +
                         "; axes are options (deployment, arrival, mtu, ...), bandwidth0, "
                         "delay0, device0, servers0, compute-factor0, serialization-factor0 "
                         "and so on by tier or link, threshold, rate, period, seed, run, "
                         "attributes ns3::..., and paths of scenarios of version 2 "
                         "(nodes/camera/count)");
}

PortendAxis
PortendAxis::Find(const std::string& name,
                  const std::vector<std::string>& options,
                  const std::string& option)
{
    return {name, options, option};
}

PortendAxis
PortendAxis::Parse(const std::string& text, const std::vector<std::string>& options)
{
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
    {
        PortendFail("--sweep", text, "NAME=VALUES such as bandwidth0=1Mbps:10Mbps:1Mbps");
    }
    PortendAxis axis(text.substr(0, equals), options);
    const auto values = text.substr(equals + 1);
    const auto parts = PortendSplit(values, ':');
    if (axis.m_kind != TEXT && parts.size() == 3)
    {
        uint32_t count = 0;
        if (parts[2].compare(0, 3, "log") == 0)
        {
            if (!PortendParseNumber(parts[2].substr(3), count))
            {
                PortendFail("--sweep " + axis.m_name, values, "FROM:TO:logN, N values");
            }
            axis.AddRatios(parts[0], parts[1], count);
        }
        else
        {
            axis.AddRange(parts[0], parts[1], parts[2]);
        }
        return axis;
    }
    const char separator = values.find(';') != std::string::npos ? ';' : ',';
    for (const auto& value : PortendSplitList(values, separator))
    {
        axis.Add(value);
    }
    return axis;
}

std::vector<PortendAxis>
PortendAxis::LoadFile(const std::string& file, const std::vector<std::string>& options)
{
    const auto document = PortendJson::Load(file);
    std::vector<PortendAxis> axes;
    const PortendJson json(document);
    std::string where;
    try
    {
        json.RequireKeys({"$schema", "schema_version", "description", "axes"});
        json.RequireVersion(SCHEMA_VERSION);
        for (const auto& entry : json.Get("axes").GetArray())
        {
            where = entry.GetPointer();
            entry.RequireKeys({"name", "values", "from", "to", "step", "count"});
            PortendAxis axis(entry.Get("name").GetString(), options);
            if (entry.Has("values"))
            {
                if (entry.Has("from") || entry.Has("to") || entry.Has("step") || entry.Has("count"))
                {
                    entry.Fail("values, or from and to with step or count, not both");
                }
                for (const auto& value : entry.Get("values").GetArray())
                {
                    axis.Add(value.GetString());
                }
                if (axis.m_values.empty())
                {
                    entry.Get("values").Fail("at least one value");
                }
            }
            else if (entry.Has("count"))
            {
                if (entry.Has("step"))
                {
                    entry.Fail("step or count, not both");
                }
                axis.AddRatios(entry.Get("from").GetString(),
                               entry.Get("to").GetString(),
                               entry.Get("count").GetInteger(2, MAX_VALUES));
            }
            else
            {
                axis.AddRange(entry.Get("from").GetString(),
                              entry.Get("to").GetString(),
                              entry.Get("step").GetString());
            }
            axes.push_back(axis);
        }
        if (axes.empty())
        {
            json.Get("axes").Fail("at least one axis");
        }
    }
    catch (const InputError& error)
    {
        const auto& found = error.GetWhere();
        const bool isPointer = !found.empty() && found[0] == '/';
        throw InputError(file + ": " + (isPointer ? found : where), error.what());
    }
    return axes;
}

const std::string&
PortendAxis::GetName() const
{
    return m_name;
}

PortendAxis::Kind
PortendAxis::GetKind() const
{
    return m_kind;
}

std::string
PortendAxis::GetUnit() const
{
    switch (m_kind)
    {
    case NUMBER:
    case COUNT:
        return "";
    case RATE:
        return "per_s";
    case BYTES:
        return "bytes";
    case BANDWIDTH:
        return "bps";
    case TIME:
        return "ms";
    case TEXT:
        break;
    }
    return "text";
}

bool
PortendAxis::IsPath() const
{
    return m_name.find('/') != std::string::npos;
}

bool
PortendAxis::IsLogarithmic() const
{
    return m_logarithmic;
}

const std::vector<PortendAxis::Value>&
PortendAxis::GetValues() const
{
    return m_values;
}

bool
PortendAxis::IsOption() const
{
    return m_isOption;
}

double
PortendAxis::ParseNumber(const std::string& text) const
{
    const auto where = m_where;
    double number = 0;
    switch (m_kind)
    {
    case TEXT:
        return 0;
    case BANDWIDTH:
        return PortendParseBandwidth(text, where).GetBitRate();
    case TIME:
        return PortendParseTime(text, where).GetNanoSeconds() * 1e-6;
    case RATE:
        if (!PortendParseNumber(text, number) || !(number > 0) || !std::isfinite(number))
        {
            PortendFail(where, text, "a rate above 0, requests per second, without a unit");
        }
        return number;
    case BYTES:
    case COUNT:
    case NUMBER:
        if (!PortendParseNumber(text, number) || !std::isfinite(number))
        {
            PortendFail(where, text, "a number without a unit");
        }
        return number;
    }
    return number;
}

std::string
PortendAxis::ToText(double number) const
{
    if (m_kind == BANDWIDTH)
    {
        return number >= 1e9   ? FormatWhole(number, 9) + "Gbps"
               : number >= 1e6 ? FormatWhole(number, 6) + "Mbps"
               : number >= 1e3 ? FormatWhole(number, 3) + "kbps"
                               : FormatWhole(number) + "bps";
    }
    if (m_kind == TIME)
    {
        return FormatWhole(number * 1e6, 6) + "ms";
    }
    return m_kind == BYTES || m_kind == COUNT ? FormatWhole(number) : Format(number);
}

std::string
PortendAxis::Describe(double number) const
{
    char text[32];
    std::snprintf(text, sizeof(text), "%.5g", number);
    return ToText(std::stod(text));
}

void
PortendAxis::Add(const std::string& text)
{
    if (text.empty())
    {
        PortendFail(m_where, text, "values, none of them empty");
    }
    const double number = ParseNumber(text);
    if (std::any_of(m_values.begin(), m_values.end(), [&](const Value& value) {
            return m_kind == TEXT ? value.text == text : value.number == number;
        }))
    {
        PortendFail(m_where, text, "each value once");
    }
    m_values.push_back({text, number});
}

void
PortendAxis::AddNumber(double number)
{
    const auto text = ToText(number);
    const double rounded = ParseNumber(text);
    if (m_values.empty() || m_values.back().number != rounded)
    {
        m_values.push_back({text, rounded});
    }
}

void
PortendAxis::AddRange(const std::string& from, const std::string& to, const std::string& step)
{
    const auto where = m_where;
    const auto found = from + ":" + to + ":" + step;
    if (m_kind == TEXT)
    {
        PortendFail(where, found, "a list of values; its values are no numbers");
    }
    const double first = ParseNumber(from);
    const double last = ParseNumber(to);
    const double distance = ParseNumber(step);
    if (!(distance > 0) || !(last >= first))
    {
        PortendFail(where, found, "FROM:TO:STEP with FROM <= TO and STEP above 0");
    }
    // A range that ends on a step up to rounding has that step as its last value.
    const double steps = std::floor((last - first) / distance * (1 + 1e-12) + 1e-9);
    if (steps >= MAX_VALUES)
    {
        PortendFail(where, found, "at most 1000000 values");
    }
    for (double i = 0; i <= steps; ++i)
    {
        AddNumber(first + i * distance);
    }
}

void
PortendAxis::AddRatios(const std::string& from, const std::string& to, uint32_t count)
{
    const auto where = m_where;
    const auto found = from + ":" + to + ":log" + std::to_string(count);
    if (m_kind == TEXT)
    {
        PortendFail(where, found, "a list of values; its values are no numbers");
    }
    const double first = ParseNumber(from);
    const double last = ParseNumber(to);
    if (!(first > 0) || !(last > first) || count < 2 || count > MAX_VALUES)
    {
        PortendFail(where, found, "FROM:TO:logN with 0 < FROM < TO and N from 2 to 1000000");
    }
    m_logarithmic = true;
    for (uint32_t i = 0; i < count; ++i)
    {
        AddNumber(i + 1 == count ? last : first * std::pow(last / first, i / (count - 1.0)));
    }
}

void
PortendAxis::Apply(std::size_t value, PortendScenario& scenario) const
{
    Set(m_values.at(value).text, scenario);
}

PortendOption::Value
PortendAxis::FindValue(PortendScenario& scenario) const
{
    const auto index = static_cast<std::size_t>(std::max(m_index, 0));
    const auto count = m_option->Count(scenario);
    if (index >= count)
    {
        const bool isLink = m_option->scope == PortendOption::LINK;
        throw InputError(m_where,
                         "there is no " + std::string(isLink ? "link " : "tier ") +
                             std::to_string(index) + "; the scenario has " + std::to_string(count));
    }
    return m_option->Find(scenario, index);
}

std::string
PortendAxis::Get(const PortendScenario& scenario) const
{
    if (!IsPath())
    {
        auto copy = scenario;
        return m_option ? m_option->ToText(FindValue(copy)) : "";
    }
    RequireWorld(m_where, scenario);
    auto place = nlohmann::json::parse(scenario.GetWorld().ToJson());
    for (const auto& token : PortendSplit(m_name, '/'))
    {
        if (place.is_array())
        {
            const auto found = std::find_if(place.begin(), place.end(), [&](const auto& entry) {
                return GetEntryName(entry) == token;
            });
            place = found == place.end() ? nlohmann::json() : nlohmann::json(*found);
        }
        else if (place.is_object()) // else each way has the same
        {
            place = place.value(token, nlohmann::json());
        }
    }
    return place.is_string() ? place.get<std::string>() : place.is_null() ? "" : place.dump();
}

std::pair<double, double>
PortendAxis::GetLimits() const
{
    const auto* option = IsPath() ? PortendFindByPath(m_name) : m_option;
    if (!option)
    {
        return {0, m_kind == COUNT ? PortendWorld::MAX_COUNT : INFINITE};
    }
    if (m_kind == COUNT || m_kind == BYTES)
    {
        const auto [low, high] = option->GetWholeRange();
        return {static_cast<double>(low), static_cast<double>(high)};
    }
    return m_kind == NUMBER      ? std::make_pair(option->range.low, option->range.high)
           : m_kind == BANDWIDTH ? std::make_pair(0.0, PORTEND_HIGHEST_BPS)
           : m_kind == TIME      ? std::make_pair(0.0, portend::LONGEST_MS)
                                 : std::make_pair(0.0, INFINITE);
}

void
PortendAxis::Set(const std::string& text, PortendScenario& scenario) const
{
    if (IsPath())
    {
        RequireWorld(m_where, scenario);
        auto network = std::make_shared<PortendWorld>(
            scenario.GetWorld().With({m_name + "=" + text}, m_where.substr(0, m_where.find(' '))));
        const auto name = network->streams.at(scenario.stream).name;
        scenario.BecomeStream(std::move(network), name);
    }
    else if (m_option)
    {
        m_option->Parse(FindValue(scenario), text, m_where);
    }
    else if (m_name == "threshold")
    {
        const auto at = scenario.deployment.find('@');
        if (std::count(scenario.deployment.begin(), scenario.deployment.end(), '@') != 1)
        {
            PortendFail("--sweep threshold",
                        scenario.deployment,
                        "a deployment with one threshold for all exits");
        }
        scenario.deployment = scenario.deployment.substr(0, at + 1) + text;
    }
    else if (m_name == "rate")
    {
        scenario.arrival = "poisson:" + text;
    }
    else if (m_name == "period")
    {
        scenario.arrival = "periodic:" + text;
    }
    else if (m_name.compare(0, 5, "ns3::") == 0)
    {
        PortendSetAttribute(m_name, text, m_where);
    }
}

bool
PortendAxis::Overlaps(const PortendAxis& other) const
{
    if (m_stem == other.m_stem && m_index == other.m_index)
    {
        return true;
    }
    const auto isEither = [&](const char* a, const char* b) {
        return (m_name == a && other.m_name == b) || (m_name == b && other.m_name == a);
    };
    // A whole list of links or devices, and one of them, would set the same; and so on.
    const auto isPartOf = [](const PortendAxis& part, const PortendAxis& whole) {
        const bool isWhole = whole.m_name == part.m_stem || whole.m_option == part.m_option;
        return part.m_index >= 0 && whole.m_index < 0 && isWhole;
    };
    return isPartOf(*this, other) || isPartOf(other, *this) || isEither("rate", "arrival") ||
           isEither("period", "arrival") || isEither("rate", "period");
}

} // namespace ns3
