/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-table.h"

#include "portend-text.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <iterator>
#include <sstream>

namespace ns3
{

namespace
{

using portend::InputError;

/**
 * @brief Pass blanks.
 * @param text a text
 * @param at where to begin; moved to what is no blank
 */
void
SkipBlanks(const std::string& text, std::size_t& at)
{
    at = std::min(text.find_first_not_of(" \t", at), text.size());
}

/**
 * @brief Pass the end of a line: a carriage return, a line feed, or both.
 * @param text a text
 * @param at where it is; moved behind it
 */
void
SkipLineEnd(const std::string& text, std::size_t& at)
{
    at += text.compare(at, 2, "\r\n") == 0 ? 2 : 1;
}

} // namespace

PortendTable::PortendTable(const std::string& file,
                           const std::string& name,
                           const std::string& column)
    : m_file(file),
      m_header{0, {}}
{
    auto stream = PortendOpen(file, name);
    const std::string text(std::istreambuf_iterator<char>(stream), {});
    std::size_t line = 1;
    for (std::size_t at = 0; at < text.size();)
    {
        SkipBlanks(text, at);
        if (at < text.size() && text[at] == '#')
        {
            at = std::min(text.find_first_of("\r\n", at), text.size());
        }
        auto row = ReadRow(text, at, line);
        const auto isEmpty = [](const std::string& field) { return field.empty(); };
        if (std::all_of(row.fields.begin(), row.fields.end(), isEmpty))
        {
            continue;
        }
        if (m_header.fields.empty())
        {
            const auto& first = row.fields.front();
            const bool isValue = std::isdigit(static_cast<unsigned char>(first[0])) != 0;
            if (column.empty() || row.fields.size() != 1 || !isValue)
            {
                m_header = std::move(row);
                continue;
            }
            m_header = {row.line, {column}};
        }
        if (row.fields.size() != m_header.fields.size())
        {
            throw InputError(file + ":" + std::to_string(row.line),
                             "found " + std::to_string(row.fields.size()) + " fields; expected " +
                                 std::to_string(m_header.fields.size()) +
                                 ", as in the header, separated by commas; numbers have a "
                                 "decimal point");
        }
        m_rows.push_back(std::move(row));
    }
    if (m_rows.empty())
    {
        throw InputError(file, "has no line after its header");
    }
}

PortendTable::Row
PortendTable::ReadRow(const std::string& text, std::size_t& at, std::size_t& line) const
{
    Row row{line, {ReadField(text, at, line)}};
    while (at < text.size() && text[at] == ',')
    {
        ++at;
        row.fields.push_back(ReadField(text, at, line));
    }
    if (at < text.size())
    {
        SkipLineEnd(text, at);
        ++line;
    }
    return row;
}

std::string
PortendTable::ReadField(const std::string& text, std::size_t& at, std::size_t& line) const
{
    SkipBlanks(text, at);
    std::string field;
    if (at == text.size() || text[at] != '"')
    {
        const auto end = std::min(text.find_first_of(",\r\n", at), text.size());
        field = text.substr(at, end - at);
        field.erase(field.find_last_not_of(" \t") + 1);
        at = end;
        return field;
    }
    const auto place = m_file + ":" + std::to_string(line);
    for (++at; at < text.size(); ++at)
    {
        if (text[at] == '"')
        {
            ++at;
            if (at == text.size() || text[at] != '"') // a quote itself is written twice
            {
                SkipBlanks(text, at);
                if (at < text.size() && text.find_first_of(",\r\n", at) != at)
                {
                    throw InputError(place,
                                     "found more behind the quoted field " + portend::Quote(field) +
                                         "; allowed: a comma");
                }
                return field;
            }
        }
        line += text[at] == '\n';
        field += text[at];
    }
    throw InputError(place, "the quote of a field is not closed: " + portend::Quote(field));
}

bool
PortendTable::Has(const std::string& name) const
{
    const auto& names = m_header.fields;
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::size_t
PortendTable::Find(const std::string& name) const
{
    const auto& names = m_header.fields;
    const auto place = m_file + ":" + std::to_string(m_header.line);
    const auto count = std::count(names.begin(), names.end(), name);
    if (count == 0)
    {
        std::string found;
        for (const auto& column : names)
        {
            found += (found.empty() ? "" : ",") + portend::Shorten(column);
        }
        throw InputError(place,
                         "the column '" + name + "' is missing; found: " + portend::Shorten(found) +
                             "; columns are separated by commas");
    }
    if (count > 1)
    {
        throw InputError(place, "the column '" + name + "' is there twice; allowed: once");
    }
    return std::find(names.begin(), names.end(), name) - names.begin();
}

std::size_t
PortendTable::CountRows() const
{
    return m_rows.size();
}

const std::vector<std::string>&
PortendTable::GetNames() const
{
    return m_header.fields;
}

const std::string&
PortendTable::GetText(std::size_t row, std::size_t column) const
{
    return m_rows[row].fields[column];
}

double
PortendTable::GetNumber(std::size_t row, std::size_t column, double low, double high) const
{
    double value = 0;
    if (!PortendParseNumber(m_rows[row].fields[column], value) ||
        !(value >= low && value <= high) || !std::isfinite(value))
    {
        std::ostringstream allowed;
        allowed.precision(15);
        allowed << "a number in [" << low << ", " << high << "], with a decimal point";
        Fail(row, column, allowed.str());
    }
    return value;
}

bool
PortendTable::GetTruth(std::size_t row, std::size_t column) const
{
    auto word = m_rows[row].fields[column];
    std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) {
        return std::tolower(c);
    });
    double value = word == "true";
    if (word != "true" && word != "false" &&
        (!PortendParseNumber(word, value) || !(value >= 0 && value <= 1)))
    {
        Fail(row, column, "0, 1, true, false, or a number between");
    }
    return value >= 0.5;
}

void
PortendTable::Fail(std::size_t row, std::size_t column, const std::string& allowed) const
{
    PortendFail(m_file + ":" + std::to_string(m_rows[row].line) + ": " +
                    portend::Shorten(m_header.fields[column]),
                m_rows[row].fields[column],
                allowed);
}

} // namespace ns3
