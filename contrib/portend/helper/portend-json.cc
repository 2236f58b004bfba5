/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-json.h"

#include "portend-text.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ns3
{

namespace
{

/**
 * @brief Quote a value in a message.
 * @param value the value
 * @return its text, cut when long
 */
std::string
Quote(const nlohmann::json& value)
{
    auto text = PortendDump(value);
    constexpr std::size_t LIMIT = 60;
    if (text.size() > LIMIT)
    {
        text = text.substr(0, LIMIT) + "...";
    }
    return text;
}

/**
 * @brief Escape a key for a JSON pointer (RFC 6901).
 * @param key the key
 * @return the reference token
 */
std::string
Escape(const std::string& key)
{
    std::string token;
    for (const char c : key)
    {
        token += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    }
    return token;
}

/**
 * @brief Count the edits between two words (Levenshtein).
 * @param a a word
 * @param b another
 * @return insertions, deletions and replacements
 */
std::size_t
GetDistance(const std::string& a, const std::string& b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 1; i <= a.size(); ++i)
    {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j)
        {
            const auto replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row.back();
}

} // namespace

std::string
PortendSuggest(const std::string& word, const std::vector<std::string>& known)
{
    std::string nearest;
    std::size_t best = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (const auto& candidate : known)
    {
        const auto distance = GetDistance(word, candidate);
        if (distance < best)
        {
            best = distance;
            nearest = candidate;
        }
    }
    return nearest.empty() ? "" : " (did you mean '" + nearest + "'?)";
}

nlohmann::json
PortendJson::Load(const std::string& file, const std::string& name)
{
    auto stream = PortendOpen(file, name);
    try
    {
        return nlohmann::json::parse(stream);
    }
    catch (const nlohmann::json::exception& error)
    {
        // Without the library's own prefix "[json.exception.x] ".
        const std::string what = error.what();
        const auto prefix = what.find("] ");
        throw portend::InputError(
            file,
            "is not JSON: " + (prefix == std::string::npos ? what : what.substr(prefix + 2)));
    }
}

PortendJson::PortendJson(const nlohmann::json& value, const std::string& pointer)
    : m_value(&value),
      m_pointer(pointer)
{
}

void
PortendJson::Fail(const std::string& allowed) const
{
    throw portend::InputError(m_pointer, "found " + Quote(*m_value) + "; allowed: " + allowed);
}

const std::string&
PortendJson::GetPointer() const
{
    return m_pointer;
}

void
PortendJson::RequireKeys(const std::vector<std::string>& known) const
{
    for (const auto& key : GetKeys())
    {
        if (std::find(known.begin(), known.end(), key) == known.end())
        {
            std::string list;
            for (const auto& name : known)
            {
                list += (list.empty() ? "" : ", ") + name;
            }
            throw portend::InputError(m_pointer + "/" + Escape(key),
                                      "unknown key '" + key + "'" + PortendSuggest(key, known) +
                                          "; allowed: " + list);
        }
    }
}

int
PortendJson::RequireVersion(int newest) const
{
    const auto member = Get("schema_version");
    std::string allowed = "version 1";
    for (int version = 1; version <= newest; ++version)
    {
        if (*member.m_value == version)
        {
            return version;
        }
        allowed += version > 1 ? " or " + std::to_string(version) : "";
    }
    member.Fail(allowed);
}

bool
PortendJson::Has(const std::string& key) const
{
    return m_value->contains(key);
}

PortendJson
PortendJson::Get(const std::string& key) const
{
    if (!m_value->is_object())
    {
        Fail("an object");
    }
    const auto it = m_value->find(key);
    if (it == m_value->end())
    {
        throw portend::InputError(m_pointer, "the key '" + key + "' is missing");
    }
    return PortendJson(*it, m_pointer + "/" + Escape(key));
}

bool
PortendJson::IsNull() const
{
    return m_value->is_null();
}

bool
PortendJson::IsArray() const
{
    return m_value->is_array();
}

std::vector<PortendJson>
PortendJson::GetArray() const
{
    if (!m_value->is_array())
    {
        Fail("an array");
    }
    std::vector<PortendJson> entries;
    for (std::size_t i = 0; i < m_value->size(); ++i)
    {
        entries.emplace_back((*m_value)[i], m_pointer + "/" + std::to_string(i));
    }
    return entries;
}

std::vector<std::string>
PortendJson::GetKeys() const
{
    if (!m_value->is_object())
    {
        Fail("an object");
    }
    std::vector<std::string> keys;
    for (const auto& item : m_value->items())
    {
        keys.push_back(item.key());
    }
    return keys;
}

std::string
PortendJson::GetString() const
{
    if (!m_value->is_string())
    {
        Fail("a text");
    }
    return m_value->get<std::string>();
}

double
PortendJson::GetNumber() const
{
    if (!m_value->is_number())
    {
        Fail("a number");
    }
    return m_value->get<double>();
}

bool
PortendJson::GetBoolean() const
{
    if (!m_value->is_boolean())
    {
        Fail("true or false");
    }
    return m_value->get<bool>();
}

uint64_t
PortendJson::GetInteger(uint64_t low, uint64_t high) const
{
    const auto allowed = "a whole number, " + std::to_string(low) + " .. " + std::to_string(high);
    if (!m_value->is_number_unsigned())
    {
        Fail(allowed);
    }
    const auto number = m_value->get<uint64_t>();
    if (number < low || number > high)
    {
        Fail(allowed);
    }
    return number;
}

std::vector<double>
PortendJson::GetNumbers() const
{
    std::vector<double> numbers;
    for (const auto& entry : GetArray())
    {
        numbers.push_back(entry.GetNumber());
    }
    return numbers;
}

std::vector<std::vector<double>>
PortendJson::GetMatrix() const
{
    std::vector<std::vector<double>> rows;
    for (const auto& row : GetArray())
    {
        rows.push_back(row.GetNumbers());
    }
    return rows;
}

} // namespace ns3
