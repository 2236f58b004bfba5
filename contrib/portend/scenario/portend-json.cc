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
#include <set>

namespace ns3
{

namespace
{

/// Deepest nesting of a document: far above any of ours, far below what exhausts the stack.
constexpr std::size_t MAX_DEPTH = 64;

/**
 * @brief Write the beginning of a value for a message, however long the value is.
 * @param value the value
 * @param text gets what Shorten() leaves, or more
 */
void
Print(const nlohmann::json& value, std::string& text)
{
    constexpr std::size_t ENOUGH = 100;
    if (value.is_string())
    {
        const auto& all = value.get_ref<const std::string&>();
        text += PortendDump(nlohmann::json(all.substr(0, ENOUGH)));
    }
    else if (value.is_structured())
    {
        text += value.is_array() ? '[' : '{';
        for (auto it = value.begin(); it != value.end() && text.size() < ENOUGH; ++it)
        {
            text += it == value.begin() ? "" : ",";
            if (value.is_object())
            {
                Print(it.key(), text);
                text += ':';
            }
            Print(*it, text);
        }
        text += value.is_array() ? ']' : '}';
    }
    else
    {
        text += value.dump();
    }
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
    for (const char c : portend::Shorten(key))
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

/// Watches a document while it is parsed: it may not be too deep, nor have a key twice.
class Watcher
{
  public:
    /**
     * @brief Look at the next part.
     * @param event what it is
     * @param parsed the key, if it is one
     * @throw portend::InputError if it may not stand there
     */
    void Watch(nlohmann::json::parse_event_t event, const nlohmann::json& parsed)
    {
        using Event = nlohmann::json::parse_event_t;
        switch (event)
        {
        case Event::object_start:
        case Event::array_start:
            if (m_levels.size() == MAX_DEPTH)
            {
                throw portend::InputError("",
                                          "is nested more than " + std::to_string(MAX_DEPTH) +
                                              " levels deep");
            }
            m_levels.emplace_back();
            break;
        case Event::object_end:
        case Event::array_end:
            m_levels.pop_back();
            CountEntry();
            break;
        case Event::key: {
            auto& level = m_levels.back();
            level.key = parsed.get<std::string>();
            if (!level.keys.insert(level.key).second)
            {
                throw portend::InputError(GetPointer(), "the key is there twice; allowed: once");
            }
            break;
        }
        case Event::value:
            CountEntry();
            break;
        }
    }

  private:
    /// An object or array that has begun.
    struct Level
    {
        std::set<std::string> keys; //!< of an object
        std::string key;            //!< of an object, the last
        std::size_t entries{0};     //!< of an array, so far
    };

    /// An entry has ended.
    void CountEntry()
    {
        if (!m_levels.empty())
        {
            ++m_levels.back().entries;
        }
    }

    /**
     * @brief Tell where the parser is.
     * @return a JSON pointer
     */
    std::string GetPointer() const
    {
        std::string pointer;
        for (const auto& level : m_levels)
        {
            pointer +=
                "/" + (level.keys.empty() ? std::to_string(level.entries) : Escape(level.key));
        }
        return pointer;
    }

    std::vector<Level> m_levels; //!< from the whole document inwards
};

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
    Watcher watcher;
    const auto watch = [&watcher](int, nlohmann::json::parse_event_t event, auto& parsed) {
        watcher.Watch(event, parsed);
        return true;
    };
    try
    {
        return nlohmann::json::parse(stream, watch);
    }
    catch (const portend::InputError& error)
    {
        throw NameFile(file, error);
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

portend::InputError
PortendJson::NameFile(const std::string& file, const portend::InputError& error)
{
    const auto& where = error.GetWhere();
    return portend::InputError(file + (where.empty() ? "" : ": " + where), error.what());
}

PortendJson::PortendJson(const nlohmann::json& value, const std::string& pointer)
    : m_value(&value),
      m_pointer(pointer)
{
}

void
PortendJson::Fail(const std::string& allowed) const
{
    std::string found;
    Print(*m_value, found);
    throw portend::InputError(m_pointer,
                              "found " + portend::Shorten(found) + "; allowed: " + allowed);
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
                                      "unknown key " + portend::Quote(key) +
                                          PortendSuggest(key, known) + "; allowed: " + list);
        }
    }
}

int
PortendJson::RequireVersion(int newest) const
{
    if (Has("$schema"))
    {
        Get("$schema").GetString(); // for editors
    }
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
PortendJson::IsObject() const
{
    return m_value->is_object();
}

bool
PortendJson::IsArray() const
{
    return m_value->is_array();
}

bool
PortendJson::IsString() const
{
    return m_value->is_string();
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
    // As JSON Schema has it, 1500.0, 15e2 and -0 are whole numbers, too.
    constexpr double END = 18446744073709551616.0; // 2^64
    const double value = m_value->is_number() ? m_value->get<double>() : -1;
    const bool isWhole =
        m_value->is_number_unsigned() || (value >= 0 && value < END && value == std::floor(value));
    const auto number = isWhole ? m_value->get<uint64_t>() : 0;
    if (!isWhole || number < low || number > high)
    {
        Fail("a whole number, " + std::to_string(low) + " .. " + std::to_string(high));
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
