/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_TEXT_H
#define PORTEND_TEXT_H

#include "ns3/data-rate.h"
#include "ns3/nstime.h"
#include "ns3/portend-profile.h"
#include "ns3/type-id.h"

#include <charconv>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

/**
 * @file
 * @ingroup portend
 * Reading of numbers, lists and quantities with units.
 */

namespace ns3
{

/**
 * @ingroup portend
 * @brief Split a text.
 * @param text the text
 * @param separator between the parts
 * @return the parts; an empty text has one empty part
 */
std::vector<std::string> PortendSplit(const std::string& text, char separator);

/**
 * @ingroup portend
 * @brief Split a list whose entries may have lists of their own, in brackets.
 * @param text the text
 * @param separator between the entries, and within brackets whatever it means there
 * @return the entries; an empty text has one empty entry
 */
std::vector<std::string> PortendSplitList(const std::string& text, char separator);

/**
 * @ingroup portend
 * @brief Write a text as a field of comma-separated values.
 * @param text the text
 * @return the same, in quotes if it needs them
 */
std::string PortendQuoteCsv(const std::string& text);

/**
 * @ingroup portend
 * @brief Read a whole text as a number.
 * @tparam T type of the number
 * @param text the text
 * @param value gets the number
 * @return whether the text is a number
 */
template <typename T>
bool
PortendParseNumber(const std::string& text, T& value)
{
    const auto end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value);
    return result.ec == std::errc() && result.ptr == end;
}

/**
 * @ingroup portend
 * @brief Read a file, and note it as an input of the results (PortendProvenance).
 * @param file name of the file
 * @param name what results call it, if that is not where it is
 * @return what it holds
 * @throw portend::InputError if it cannot be read
 */
std::istringstream PortendOpen(const std::string& file, const std::string& name = "");

/**
 * @ingroup portend
 * @brief Complain about a text.
 * @param where its place
 * @param text what was found
 * @param allowed what is allowed
 */
[[noreturn]] void PortendFail(const std::string& where,
                              const std::string& text,
                              const std::string& allowed);

/// Largest bandwidth, bit/s: above any link, and far below 2^63, where ns-3 takes rates for
/// negative ones.
inline constexpr double PORTEND_HIGHEST_BPS = 1e15;

/**
 * @ingroup portend
 * @brief Read a bandwidth with its unit.
 * @param text such as `10Mbps`
 * @param where its place, for complaints
 * @return the bandwidth, above 0
 * @throw portend::InputError if the text is no such bandwidth
 */
DataRate PortendParseBandwidth(const std::string& text, const std::string& where);

/**
 * @ingroup portend
 * @brief Read a span of time with its unit.
 * @param text such as `20ms`
 * @param where its place, for complaints
 * @return the time, 0 or more
 * @throw portend::InputError if the text is no such time
 */
Time PortendParseTime(const std::string& text, const std::string& where);

/**
 * @ingroup portend
 * @brief Read a size with its unit.
 * @param text such as `100kB`
 * @param where its place, for complaints
 * @return bytes, above 0
 * @throw portend::InputError if the text is no such size
 */
uint32_t PortendParseBytes(const std::string& text, const std::string& where);

/**
 * @ingroup portend
 * @brief Read a size of memory with its unit.
 * @param text such as `2GiB`
 * @param where its place, for complaints
 * @return bytes, above 0
 * @throw portend::InputError if the text is no such size
 */
uint64_t PortendParseMemory(const std::string& text, const std::string& where);

/**
 * @ingroup portend
 * @brief Read a power with its unit.
 * @param text such as `2.5W`
 * @param where its place, for complaints
 * @return watts, 0 or more
 * @throw portend::InputError if the text is no such power
 */
double PortendParsePower(const std::string& text, const std::string& where);

/**
 * @ingroup portend
 * @brief Read an energy with its unit.
 * @param text such as `10Wh`
 * @param where its place, for complaints
 * @return joules, above 0
 * @throw portend::InputError if the text is no such energy
 */
double PortendParseEnergy(const std::string& text, const std::string& where);

/**
 * @ingroup portend
 * @brief Read an energy for each bit with its unit.
 * @param text such as `50nJ/bit`
 * @param value gets joules, 0 or more
 * @return whether the text is such an energy
 */
bool PortendParseEnergyPerBit(const std::string& text, double& value);

/**
 * @ingroup portend
 * @brief Read a share written as a percentage.
 * @param text such as `1%`
 * @param where its place, for complaints
 * @return the share, above 0
 * @throw portend::InputError if the text is no such share
 */
double PortendParsePercent(const std::string& text, const std::string& where);

} // namespace ns3

#endif // PORTEND_TEXT_H
