/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// The reference's tables of attributes and trace sources are those of the module's types.

#include "../source_file.h"

#include "ns3/attribute.h"
#include "ns3/type-id.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <vector>

using namespace ns3;

namespace
{

/// @return the types of the module, by name
std::vector<TypeId>
GetTypes()
{
    std::vector<TypeId> types;
    for (uint16_t i = 0; i < TypeId::GetRegisteredN(); ++i)
    {
        const auto type = TypeId::GetRegistered(i);
        if (type.GetGroupName() == "Portend")
        {
            types.push_back(type);
        }
    }
    std::sort(types.begin(), types.end(), [](const TypeId& a, const TypeId& b) {
        return a.GetName() < b.GetName();
    });
    return types;
}

/**
 * @brief Write a row of a table in reStructuredText.
 * @param os where to
 * @param cells of the row
 */
void
PrintRow(std::ostream& os, const std::vector<std::string>& cells)
{
    const char* mark = "   * - ";
    for (const auto& cell : cells)
    {
        os << mark << cell << "\n";
        mark = "     - ";
    }
}

/**
 * @brief Require that the reference has a table.
 * @param rows the table
 * @param name what it is of
 */
void
ExpectInReference(const std::string& rows, const std::string& name)
{
    ExpectInSource("contrib/portend/doc/reference.rst",
                   "\n.. list-table::\n   :header-rows: 1\n\n" + rows,
                   "\n.. " + name + "\n",
                   "\n.. end of " + name + "\n");
}

} // namespace

TEST(ReferenceTest, HasTheAttributes)
{
    std::ostringstream rows;
    PrintRow(rows, {"attribute", "values", "default", "meaning"});
    for (const auto& type : GetTypes())
    {
        for (std::size_t i = 0; i < type.GetAttributeN(); ++i)
        {
            const auto attribute = type.GetAttribute(i);
            const auto& checker = attribute.checker;
            PrintRow(rows,
                     {"``" + type.GetName() + "::" + attribute.name + "``",
                      "``" + checker->GetUnderlyingTypeInformation() + "``",
                      "``" + attribute.originalInitialValue->SerializeToString(checker) + "``",
                      attribute.help});
        }
    }
    ExpectInReference(rows.str(), "attributes");
}

TEST(ReferenceTest, HasTheTraceSources)
{
    std::ostringstream rows;
    PrintRow(rows, {"trace source", "callback", "what it tells"});
    for (const auto& type : GetTypes())
    {
        for (std::size_t i = 0; i < type.GetTraceSourceN(); ++i)
        {
            const auto source = type.GetTraceSource(i);
            PrintRow(rows,
                     {"``" + type.GetName() + "::" + source.name + "``",
                      "``" + source.callback + "``",
                      source.help});
        }
    }
    ExpectInReference(rows.str(), "trace sources");
}
