/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-text.h"

#include "portend-provenance.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace ns3
{

namespace
{

/// How much of the base unit each unit is.
using Units = std::map<std::string, double>;

/**
 * @brief Read a number with its unit.
 * @param text digits, perhaps a point and more digits, and the unit
 * @param units the units known
 * @param value gets the number in the base unit
 * @return whether the text is of that form
 */
bool
ParseQuantity(const std::string& text, const Units& units, double& value)
{
    const auto length = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto number = text.substr(0, length);
    const auto unit = units.find(text.substr(length));
    if (unit == units.end() || number.empty() || number.front() == '.' || number.back() == '.' ||
        !PortendParseNumber(number, value))
    {
        return false;
    }
    value *= unit->second;
    return true;
}

} // namespace

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

std::vector<std::string>
PortendSplitList(const std::string& text, char separator)
{
    std::vector<std::string> entries{""};
    int depth = 0;
    for (const char c : text)
    {
        depth += (c == '[') - (c == ']');
        if (c == separator && depth <= 0)
        {
            entries.emplace_back();
        }
        else
        {
            entries.back() += c;
        }
    }
    return entries;
}

std::string
PortendQuoteCsv(const std::string& text)
{
    if (text.find_first_of(",\"\n") == std::string::npos)
    {
        return text;
    }
    std::string field = "\"";
    for (const char c : text)
    {
        field += c == '"' ? "\"\"" : std::string(1, c);
    }
    return field + "\"";
}

std::istringstream
PortendOpen(const std::string& file, const std::string& name)
{
    errno = 0;
    std::ifstream stream(file);
    if (std::error_code error; stream && std::filesystem::is_directory(file, error))
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
    throw portend::InputError(where, "found " + portend::Quote(text) + "; allowed: " + allowed);
}

DataRate
PortendParseBandwidth(const std::string& text, const std::string& where)
{
    static const auto units = []() {
        const Units prefixes{{"", 1},
                             {"k", 1e3},
                             {"K", 1e3},
                             {"M", 1e6},
                             {"G", 1e9},
                             {"Ki", 1024.0},
                             {"Mi", 1048576.0},
                             {"Gi", 1073741824.0}};
        const Units bits{{"bps", 1}, {"b/s", 1}, {"Bps", 8}, {"B/s", 8}};
        Units products;
        for (const auto& [prefix, factor] : prefixes)
        {
            for (const auto& [unit, size] : bits)
            {
                products[prefix + unit] = factor * size;
            }
        }
        return products;
    }();
    double bps = 0;
    if (!ParseQuantity(text, units, bps) || bps < 1 || bps > PORTEND_HIGHEST_BPS)
    {
        PortendFail(
            where,
            text,
            "a bandwidth above 0 with its unit (bps, kbps, Mbps, Gbps), such as 10Mbps, up to "
            "1000000Gbps");
    }
    return DataRate(static_cast<uint64_t>(bps));
}

Time
PortendParseTime(const std::string& text, const std::string& where)
{
    static const Units units{{"s", 1e3}, {"ms", 1}, {"us", 1e-3}, {"ns", 1e-6}};
    double ms = 0;
    if (!ParseQuantity(text, units, ms) || ms > portend::LONGEST_MS)
    {
        PortendFail(where,
                    text,
                    "a time from 0 to 1000000s with its unit (s, ms, us, ns), such as 20ms");
    }
    return Time(text);
}

namespace
{

/**
 * @brief Read a size with its unit.
 * @param text the size
 * @param most largest allowed, bytes
 * @param bytes gets it
 * @return whether the text is one
 */
bool
ParseSize(const std::string& text, double most, double& bytes)
{
    static const Units units{{"B", 1},
                             {"kB", 1e3},
                             {"MB", 1e6},
                             {"GB", 1e9},
                             {"KiB", 1024.0},
                             {"MiB", 1048576.0},
                             {"GiB", 1073741824.0}};
    return ParseQuantity(text, units, bytes) && bytes >= 1 && bytes <= most;
}

} // namespace

uint32_t
PortendParseBytes(const std::string& text, const std::string& where)
{
    double bytes = 0;
    if (!ParseSize(text, 4e9, bytes))
    {
        PortendFail(where, text, "auto, or 1B .. 4GB with its unit (B, kB, MB, GB), such as 500kB");
    }
    return static_cast<uint32_t>(bytes);
}

uint64_t
PortendParseMemory(const std::string& text, const std::string& where)
{
    double bytes = 0;
    if (!ParseSize(text, 1e15, bytes))
    {
        PortendFail(
            where,
            text,
            "none, or 1B .. 1000000GB with its unit (B, kB, MB, GB, KiB, MiB, GiB), such as "
            "2GiB");
    }
    return static_cast<uint64_t>(bytes);
}

double
PortendParsePower(const std::string& text, const std::string& where)
{
    static const Units units{{"mW", 1e-3}, {"W", 1}, {"kW", 1e3}};
    double watts = 0;
    if (!ParseQuantity(text, units, watts) || watts > 1e6)
    {
        PortendFail(where, text, "a power from 0 to 1000kW with its unit (mW, W, kW), such as 6W");
    }
    return watts;
}

double
PortendParseEnergy(const std::string& text, const std::string& where)
{
    static const Units units{{"mJ", 1e-3},
                             {"J", 1},
                             {"kJ", 1e3},
                             {"mWh", 3.6},
                             {"Wh", 3600},
                             {"kWh", 3.6e6}};
    double joules = 0;
    if (!ParseQuantity(text, units, joules) || !(joules > 0) || joules > 1e12)
    {
        PortendFail(
            where,
            text,
            "an energy above 0, up to 1e12 J, with its unit (mJ, J, kJ, mWh, Wh, kWh), such as "
            "10Wh");
    }
    return joules;
}

bool
PortendParseEnergyPerBit(const std::string& text, double& value)
{
    static const Units units{{"pJ/bit", 1e-12},
                             {"nJ/bit", 1e-9},
                             {"uJ/bit", 1e-6},
                             {"mJ/bit", 1e-3},
                             {"J/bit", 1}};
    return ParseQuantity(text, units, value) && value <= 1e3;
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

} // namespace ns3
