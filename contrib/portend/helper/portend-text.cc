/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-text.h"

#include "portend-provenance.h"

#include "ns3/attribute.h"
#include "ns3/config.h"
#include "ns3/string.h"
#include "ns3/type-id.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

namespace ns3
{

std::vector<std::string>
PortendSplit(const std::string& text, char separator)
{
    std::vector<std::string> parts;
    std::string part;
    std::istringstream stream(text + separator);
    while (std::getline(stream, part, separator))
    {
        parts.push_back(part);
    }
    return parts;
}

std::istringstream
PortendOpen(const std::string& file, const std::string& name)
{
    errno = 0;
    std::ifstream stream(file);
    if (stream && std::filesystem::is_directory(file))
    {
        errno = EISDIR;
        stream.setstate(std::ios::failbit);
    }
    std::string bytes;
    std::array<char, 1 << 16> part;
    while (stream && !stream.eof())
    {
        stream.read(part.data(), part.size());
        bytes.append(part.data(), stream.gcount());
    }
    if (!stream.eof())
    {
        throw portend::InputError(file, std::string("cannot be read: ") + std::strerror(errno));
    }
    PortendProvenance::AddInput(name.empty() ? file : name, file, bytes);
    // The mark that editors and spreadsheets put before UTF-8 is no part of the text.
    const std::string mark = "\xEF\xBB\xBF";
    return std::istringstream(bytes.compare(0, mark.size(), mark) == 0 ? bytes.substr(mark.size())
                                                                       : bytes);
}

void
PortendFail(const std::string& where, const std::string& text, const std::string& allowed)
{
    throw portend::InputError(where, "found '" + text + "'; allowed: " + allowed);
}

DataRate
PortendParseBandwidth(const std::string& text, const std::string& where)
{
    static const std::regex form("[0-9]+(\\.[0-9]+)?(|k|K|M|G|Ki|Mi|Gi)(bps|b/s|Bps|B/s)");
    static const char* const ALLOWED =
        "a bandwidth above 0 with its unit (bps, kbps, Mbps, Gbps), such as 10Mbps";
    DataRate rate;
    std::istringstream stream(text);
    if (!std::regex_match(text, form) || !(stream >> rate) || rate.GetBitRate() == 0)
    {
        PortendFail(where, text, ALLOWED);
    }
    return rate;
}

Time
PortendParseTime(const std::string& text, const std::string& where)
{
    static const std::regex form("([0-9]+(\\.[0-9]+)?)(s|ms|us|ns)");
    static const std::map<std::string, double> units{{"s", 1},
                                                     {"ms", 1e-3},
                                                     {"us", 1e-6},
                                                     {"ns", 1e-9}};
    // Far from what Time, 64 bits of nanoseconds, can hold.
    constexpr double LONGEST_S = 1e6;
    std::smatch parts;
    double number = 0;
    if (!std::regex_match(text, parts, form) || !PortendParseNumber(parts[1].str(), number) ||
        number * units.at(parts[3].str()) > LONGEST_S)
    {
        PortendFail(where,
                    text,
                    "a time from 0 to 1000000s with its unit (s, ms, us, ns), such as 20ms");
    }
    return Time(text);
}

uint32_t
PortendParseBytes(const std::string& text, const std::string& where)
{
    static const std::map<std::string, double> units{{"B", 1},
                                                     {"kB", 1e3},
                                                     {"MB", 1e6},
                                                     {"GB", 1e9},
                                                     {"KiB", 1024.0},
                                                     {"MiB", 1048576.0},
                                                     {"GiB", 1073741824.0}};
    const auto digits = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto unit = units.find(text.substr(digits));
    double number = 0;
    if (unit == units.end() || !PortendParseNumber(text.substr(0, digits), number) ||
        number * unit->second < 1 || number * unit->second > 4e9)
    {
        PortendFail(where, text, "auto, or 1B .. 4GB with its unit (B, kB, MB, GB), such as 500kB");
    }
    return static_cast<uint32_t>(number * unit->second);
}

double
PortendParsePercent(const std::string& text, const std::string& where)
{
    double percent = 0;
    if (text.empty() || text.back() != '%' ||
        !PortendParseNumber(text.substr(0, text.size() - 1), percent) || !(percent > 0) ||
        !std::isfinite(percent))
    {
        PortendFail(where, text, "a percentage above 0, such as 1%");
    }
    return percent / 100;
}

void
PortendSetAttribute(const std::string& name, const std::string& text, const std::string& where)
{
    Ptr<const AttributeChecker> checker;
    const auto colons = name.rfind("::");
    TypeId type;
    if (colons != std::string::npos && TypeId::LookupByNameFailSafe(name.substr(0, colons), &type))
    {
        for (std::size_t i = 0; i < type.GetAttributeN() && !checker; ++i)
        {
            const auto attribute = type.GetAttribute(i);
            if (attribute.name == name.substr(colons + 2))
            {
                checker = attribute.checker;
            }
        }
    }
    if (!checker)
    {
        throw portend::InputError(where, "no such attribute; see --PrintAttributes=ns3::Class");
    }
    // ns-3 ends the program for what is no time.
    static const std::regex time("[-+]?[0-9.]+(e[-+]?[0-9]+)?(s|ms|us|ns|ps|fs|min|h|d|y)?",
                                 std::regex::icase);
    const bool isTime = checker->GetValueTypeName() == "ns3::TimeValue";
    if ((isTime && !std::regex_match(text, time)) ||
        !Config::SetDefaultFailSafe(name, StringValue(text)))
    {
        throw portend::InputError(where,
                                  "'" + text + "' is no value of it; allowed: " +
                                      (checker->HasUnderlyingTypeInformation()
                                           ? checker->GetUnderlyingTypeInformation()
                                           : checker->GetValueTypeName()));
    }
}

} // namespace ns3
