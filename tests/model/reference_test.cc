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
#include <functional>
#include <gtest/gtest.h>
#include <regex>
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

/// Rows of a table, each of so many cells.
using Rows = std::vector<std::vector<std::string>>;

/**
 * @brief Require that the reference has a table for each type that has rows.
 * @param name what the tables are of
 * @param head of all tables
 * @param getRows makes the rows of a type
 */
void
ExpectInReference(const std::string& name,
                  const std::vector<std::string>& head,
                  const std::function<Rows(const TypeId&)>& getRows)
{
    std::ostringstream os;
    for (const auto& type : GetTypes())
    {
        auto rows = getRows(type);
        if (rows.empty())
        {
            continue;
        }
        rows.insert(rows.begin(), head);
        os << "\n**" << type.GetName() << "**\n\n.. list-table::\n   :header-rows: 1\n\n";
        for (const auto& row : rows)
        {
            const char* mark = "   * - ";
            for (const auto& cell : row)
            {
                os << mark << cell << "\n";
                mark = "     - ";
            }
        }
    }
    ExpectInSource("contrib/portend/doc/reference.rst",
                   os.str(),
                   "\n.. " + name + "\n",
                   "\n.. end of " + name + "\n");
}

} // namespace

TEST(ReferenceTest, HasTheAttributes)
{
    ExpectInReference("attributes", {"attribute", "values", "meaning"}, [](const TypeId& type) {
        Rows rows;
        for (std::size_t i = 0; i < type.GetAttributeN(); ++i)
        {
            const auto attribute = type.GetAttribute(i);
            const auto& checker = attribute.checker;
            // Choices one by one, or no line could end between them.
            const auto values = std::regex_replace(checker->GetUnderlyingTypeInformation(),
                                                   std::regex(R"(\|)"),
                                                   "`` | ``");
            const auto initial = attribute.originalInitialValue->SerializeToString(checker);
            rows.push_back({"``" + attribute.name + "``",
                            "``" + values + "``, by default ``" + initial + "``",
                            attribute.help});
        }
        return rows;
    });
}

TEST(ReferenceTest, HasTheTraceSources)
{
    ExpectInReference("trace sources",
                      {"trace source", "callback", "what it tells"},
                      [](const TypeId& type) {
                          Rows rows;
                          for (std::size_t i = 0; i < type.GetTraceSourceN(); ++i)
                          {
                              const auto source = type.GetTraceSource(i);
                              rows.push_back({"``" + source.name + "``",
                                              "``" + source.callback + "``",
                                              source.help});
                          }
                          return rows;
                      });
}
