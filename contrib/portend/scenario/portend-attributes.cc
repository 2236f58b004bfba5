/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-attributes.h"

#include "portend-scenario.h"
#include "portend-text.h"

#include "ns3/attribute.h"
#include "ns3/config.h"
#include "ns3/global-value.h"
#include "ns3/pointer.h"
#include "ns3/string.h"
#include "ns3/type-id.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <map>

namespace ns3
{

namespace
{

using portend::InputError;

bool IsValue(const std::string& text,
             const Ptr<const AttributeChecker>& checker,
             const std::string& initial);

/**
 * @brief Tell whether a text is a finite number.
 * @param text the text
 * @return true if so
 */
bool
IsNumber(const std::string& text)
{
    double number = 0;
    return PortendParseNumber(text, number) && std::isfinite(number);
}

/// Longest time that an attribute may have, s: sums of some are still less than 2^63 ns.
constexpr double LONGEST_S = 3.2e9;

/**
 * @brief Tell whether a text is a time.
 * @param text the text
 * @return true for a number with or without a unit, of a century at most
 */
bool
IsTime(const std::string& text)
{
    static const std::map<std::string, double> seconds{{"", 1},
                                                       {"s", 1},
                                                       {"ms", 1e-3},
                                                       {"us", 1e-6},
                                                       {"ns", 1e-9},
                                                       {"ps", 1e-12},
                                                       {"fs", 1e-15},
                                                       {"min", 60},
                                                       {"h", 3600},
                                                       {"d", 86400},
                                                       {"y", 365 * 86400.0}};
    const auto end = text.find_last_of("0123456789.") + 1;
    const auto unit = seconds.find(text.substr(end));
    double number = 0;
    return unit != seconds.end() && PortendParseNumber(text.substr(0, end), number) &&
           std::abs(number) * unit->second <= LONGEST_S;
}

/**
 * @brief Tell whether a text is numbers with separators.
 * @param text the text
 * @param separator between them
 * @param counts how many there may be
 * @return true if so
 */
bool
AreNumbers(const std::string& text, char separator, const std::vector<std::size_t>& counts)
{
    const auto parts = PortendSplit(text, separator);
    return std::count(counts.begin(), counts.end(), parts.size()) > 0 &&
           std::all_of(parts.begin(), parts.end(), IsNumber);
}

/**
 * @brief Find the most general class that a class is a kind of.
 * @param type the class
 * @return its ancestor below ns3::Object, or itself
 */
TypeId
GetFamily(TypeId type)
{
    if (type.GetName() == "ns3::TcpCubic") // which says that it is a socket
    {
        TypeId::LookupByNameFailSafe("ns3::TcpCongestionOps", &type);
    }
    while (type.HasParent() && type.GetParent().HasParent() &&
           type.GetParent().GetName() != "ns3::Object")
    {
        type = type.GetParent();
    }
    return type;
}

/**
 * @brief Tell whether a text names a class that may stand in another's place.
 * @param text the text
 * @param initial name of the other class
 * @return true if objects of it can be created, and both are of one kind
 */
bool
IsClass(const std::string& text, const std::string& initial)
{
    TypeId type;
    TypeId other;
    if (!TypeId::LookupByNameFailSafe(text, &type) || !type.HasConstructor())
    {
        return false;
    }
    return !TypeId::LookupByNameFailSafe(initial, &other) || GetFamily(type) == GetFamily(other);
}

/**
 * @brief Tell whether a text describes an object.
 * @param text such as `ns3::UniformRandomVariable[Min=0|Max=1]`; empty for none
 * @param checker of the attribute that it is for
 * @return true if such an object can be created and used
 */
bool
IsObject(const std::string& text, const Ptr<const AttributeChecker>& checker)
{
    if (text.empty())
    {
        return true;
    }
    const auto bracket = std::min(text.find('['), text.size());
    TypeId type;
    const auto pointer = DynamicCast<const PointerChecker>(checker);
    if (!pointer || !TypeId::LookupByNameFailSafe(text.substr(0, bracket), &type) ||
        !type.HasConstructor())
    {
        return false;
    }
    const auto wanted = pointer->GetPointeeTypeId();
    const auto name = type.GetName();
    // Nothing in a text could give these their values, without which they end the program.
    const bool isEmpty =
        name == "ns3::EmpiricalRandomVariable" || name == "ns3::DeterministicRandomVariable";
    if ((type != wanted && !type.IsChildOf(wanted)) || isEmpty)
    {
        return false;
    }
    if (bracket == text.size())
    {
        return true;
    }
    if (text.back() != ']')
    {
        return false;
    }
    const auto parts = PortendSplit(text.substr(bracket + 1, text.size() - bracket - 2), '|');
    return std::all_of(parts.begin(), parts.end(), [&type](const std::string& part) {
        const auto equals = part.find('=');
        TypeId::AttributeInformation attribute;
        return equals != std::string::npos &&
               type.LookupAttributeByName(part.substr(0, equals), &attribute) &&
               IsValue(part.substr(equals + 1),
                       attribute.checker,
                       attribute.initialValue->SerializeToString(attribute.checker));
    });
}

/**
 * @brief Tell whether a text is a value that an attribute may have.
 * @param text the text
 * @param checker of the attribute
 * @param initial text of the value that it has otherwise
 * @return true if so
 */
bool
IsValue(const std::string& text,
        const Ptr<const AttributeChecker>& checker,
        const std::string& initial)
{
    // What ns-3 ends the program for, by kind. It reads most to the first blank, and requires
    // that nothing is left; it refuses other kinds of values, or takes any text.
    using Form = std::function<bool()>;
    const auto hasNoBlank = [&text]() { return text.find_first_of(" \t\n\r\v\f") == text.npos; };
    const std::map<std::string, Form> forms{
        {"BooleanValue", [] { return true; }},
        {"EnumValue", [] { return true; }},
        {"StringValue",
         [&] {
             TypeId type; // SimulatorImplementationType names one
             return !TypeId::LookupByNameFailSafe(initial, &type) || IsClass(text, initial);
         }},
        {"TupleValue", [] { return true; }},
        {"CallbackValue", [] { return true; }},
        {"DataRateValue", hasNoBlank},
        {"QueueSizeValue", hasNoBlank},
        {"SsidValue", hasNoBlank},
        {"DoubleValue", [&] { return IsNumber(text); }},
        {"IntegerValue",
         [&] {
             int64_t number = 0;
             return PortendParseNumber(text, number);
         }},
        {"UintegerValue",
         [&] {
             uint64_t number = 0;
             return PortendParseNumber(text, number);
         }},
        {"TimeValue", [&] { return IsTime(text); }},
        {"TypeIdValue", [&] { return IsClass(text, initial); }},
        {"PointerValue", [&] { return hasNoBlank() && IsObject(text, checker); }},
        {"Vector2DValue", [&] { return AreNumbers(text, ':', {2}); }},
        {"Vector3DValue", [&] { return AreNumbers(text, ':', {3}); }},
        {"RectangleValue", [&] { return AreNumbers(text, '|', {4}); }},
        {"BoxValue", [&] { return AreNumbers(text, '|', {6}); }},
    };
    auto kind = checker->GetValueTypeName();
    kind.erase(0, kind.compare(0, 5, "ns3::") == 0 ? 5 : 0);
    const auto form = forms.find(kind);
    return form != forms.end() && form->second() && checker->CreateValidValue(StringValue(text));
}

/**
 * @brief Complain about a value.
 * @param where its place
 * @param text the value
 * @param checker of the attribute
 */
[[noreturn]] void
FailValue(const std::string& where,
          const std::string& text,
          const Ptr<const AttributeChecker>& checker)
{
    const auto kind = checker->GetValueTypeName();
    throw InputError(
        where,
        portend::Quote(text) + " is no value of it; allowed: " +
            (checker->HasUnderlyingTypeInformation() ? checker->GetUnderlyingTypeInformation()
                                                     : kind) +
            (kind == "ns3::TimeValue" ? ", and up to " + portend::ToText(LONGEST_S) + " s" : ""));
}

/**
 * @brief Check the default of an attribute.
 * @param name its class and its own
 * @param text the value
 * @param where its place, for complaints
 * @return the checker of the attribute
 */
Ptr<const AttributeChecker>
CheckAttribute(const std::string& name, const std::string& text, const std::string& where)
{
    const auto colons = name.rfind("::");
    TypeId type;
    const bool isClass =
        colons != std::string::npos && TypeId::LookupByNameFailSafe(name.substr(0, colons), &type);
    if (isClass)
    {
        for (std::size_t i = 0; i < type.GetAttributeN(); ++i)
        {
            const auto attribute = type.GetAttribute(i);
            if (attribute.name != name.substr(colons + 2))
            {
                continue;
            }
            const auto& checker = attribute.checker;
            if (!IsValue(text, checker, attribute.initialValue->SerializeToString(checker)))
            {
                FailValue(where, text, checker);
            }
            return checker;
        }
    }
    throw InputError(where,
                     "found " + portend::Quote(name) + ", no such attribute; see " +
                         "--PrintAttributes=" + (isClass ? type.GetName() : "ns3::Class"));
}

} // namespace

std::string
PortendGetCurrentName(const std::string& name)
{
    const std::string former = "ns3::PortendTier::";
    return name.compare(0, former.size(), former) == 0
               ? "ns3::PortendWorker::" + name.substr(former.size())
               : name;
}

void
PortendCheckAttribute(const std::string& name, const std::string& text, const std::string& where)
{
    CheckAttribute(name, text, where);
}

void
PortendSetAttribute(const std::string& name, const std::string& text, const std::string& where)
{
    const auto checker = CheckAttribute(name, text, where);
    if (!Config::SetDefaultFailSafe(name, StringValue(text)))
    {
        FailValue(where, text, checker);
    }
}

bool
PortendSetGlobal(const std::string& name, const std::string& text, const std::string& where)
{
    const auto global =
        std::find_if(GlobalValue::Begin(), GlobalValue::End(), [&name](const GlobalValue* value) {
            return value->GetName() == name;
        });
    if (global == GlobalValue::End())
    {
        return false;
    }
    // Of these ns-3's own checks are too wide, for its generator and for a scenario.
    static const std::map<std::string, std::pair<uint64_t, uint64_t>> ranges{
        {"RngSeed", {1, PortendScenario::MAX_SEED}},
        {"RngRun", {0, UINT32_MAX}}};
    const auto range = ranges.find(name);
    if (range != ranges.end())
    {
        const auto [low, high] = range->second;
        uint64_t number = 0;
        if (!PortendParseNumber(text, number) || number < low || number > high)
        {
            PortendFail(where,
                        text,
                        "a whole number, " + std::to_string(low) + " .. " + std::to_string(high));
        }
    }
    const auto checker = (*global)->GetChecker();
    StringValue initial;
    (*global)->GetValue(initial);
    if (!IsValue(text, checker, initial.Get()) || !(*global)->SetValue(StringValue(text)))
    {
        FailValue(where, text, checker);
    }
    return true;
}

void
PortendReadEnvironment()
{
    // Calls a function with each name=value of a variable, and the place for complaints.
    const auto forEach = [](const char* variable, const std::string& name, auto function) {
        const char* const text = std::getenv(variable);
        for (const auto& entry : PortendSplit(text ? text : "", ';'))
        {
            const auto equals = entry.find('=');
            if (equals != std::string::npos) // ns-3 overlooks others
            {
                const auto key = entry.substr(0, equals);
                function(key, entry.substr(equals + 1), name + ": " + portend::Shorten(key));
            }
        }
    };
    forEach("NS_ATTRIBUTE_DEFAULT", "NS_ATTRIBUTE_DEFAULT", CheckAttribute);
    const char* const hidden = "nS_GLOBAL_VALUE";
    const char* const shown = "NS_GLOBAL_VALUE";
    forEach(hidden, shown, [](const auto& name, const auto& text, const auto& where) {
        if (!PortendSetGlobal(name, text, where))
        {
            throw InputError(where, "no such global value; see --PrintGlobals");
        }
    });
    if (const char* const globals = std::getenv(hidden))
    {
        setenv(shown, globals, 1); // for programs that this one starts
        unsetenv(hidden);
    }
}

} // namespace ns3
