/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// The table of options, and all that is made of it.

#include "../source_file.h"
#include "bad_input.h"
#include "simulator_test.h"

#include "ns3/command-line.h"
#include "ns3/portend-option.h"
#include "ns3/portend-scenario-options.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>

#ifdef PORTEND_HAS_AXES
#include "ns3/portend-axis.h"
#endif

using namespace ns3;
using Json = nlohmann::json;

namespace
{

/// @return what a command line of a scenario's options prints as its help
std::string
GetHelp()
{
    PortendScenarioOptions options;
    CommandLine cmd;
    options.AddTo(cmd);
    std::ostringstream help;
    cmd.PrintHelp(help);
    return help.str();
}

} // namespace

class OptionTest : public SimulatorTest
{
  protected:
    TemporaryFolder m_folder; ///< for files
};

TEST_F(OptionTest, FilesOfTheRepositoryAreMadeOfTheTable)
{
    ExpectInSource("profiles/schemas/scenario.schema.json", PortendGetScenarioSchema());
    ExpectInSource("profiles/schemas/scenario-2.schema.json", PortendGetWorldSchema());
    ExpectInSource("contrib/portend/doc/reference.rst",
                   "\n" + PortendGetOptionTable(),
                   ".. options\n",
                   "\n.. end of options");
}

TEST_F(OptionTest, KeysAndNamesAreUnique)
{
    std::set<std::pair<PortendOption::Scope, std::string>> keys;
    std::set<std::string> names;
    for (const auto& option : PortendGetOptions())
    {
        EXPECT_TRUE(keys.insert({option.scope, option.key}).second) << option.key;
        EXPECT_TRUE(option.name.empty() || names.insert(option.name).second) << option.name;
        EXPECT_FALSE(option.help.empty() || option.values.empty()) << option.key;
    }
}

// What each option is set to by its text, it writes, and a file that is written reads back.
TEST_F(OptionTest, EveryOptionMakesTheRoundTrip)
{
    for (const auto& option : PortendGetOptions())
    {
        SCOPED_TRACE(option.key);
        PortendScenario scenario;
        const auto place = option.Find(scenario, 0);
        const auto before = option.ToText(place);
        const auto set = [](auto* value) {
            using Type = std::remove_pointer_t<decltype(value)>;
            if constexpr (std::is_same_v<Type, bool>)
            {
                *value = !*value;
            }
            else if constexpr (std::is_same_v<Type, std::string>)
            {
                *value += "x";
            }
            else if constexpr (std::is_same_v<Type, double>)
            {
                *value = 0.375;
            }
            else
            {
                *value = 77;
            }
        };
        if (option.kind == PortendOption::CHOICE)
        {
            const auto last = option.form.rfind('|');
            option.Parse(place, option.form.substr(last + 1), "here");
        }
        else
        {
            std::visit(set, place);
        }
        const auto text = option.ToText(place);
        EXPECT_NE(text, before);

        PortendScenario copy;
        option.Parse(option.Find(copy, 0), text, "here");
        EXPECT_EQ(copy.ToJson(), scenario.ToJson());
        PortendScenario read;
        read.LoadFile(m_folder.Write("scenario.json", scenario.ToJson()));
        EXPECT_EQ(read.ToJson(), scenario.ToJson());
        EXPECT_NE(scenario.ToJson(), PortendScenario().ToJson());
    }
}

namespace
{

/// Adds a row to the table, and tries what comes of it.
void
AddRow(const TemporaryFolder& folder)
{
    PortendOption row("remark",
                      "remark",
                      PortendOption::TEXT,
                      &PortendScenario::description,
                      "any words",
                      "what there is to remark");
    PortendAddOption(row.Optional());

    EXPECT_NE(GetHelp().find("--remark:"), std::string::npos);
    EXPECT_NE(GetHelp().find("what there is to remark: any words"), std::string::npos);
    EXPECT_NE(PortendGetOptionTable().find(
                  "   * - ``--remark``\n     - any words\n     - what there is to remark\n"),
              std::string::npos);
    const auto schema = Json::parse(PortendGetScenarioSchema());
    EXPECT_EQ(schema["properties"]["remark"]["type"], "string");

    PortendScenarioOptions options;
    options.Set("remark", "so be it");
    PortendScenario scenario;
    options.Apply(scenario);
    EXPECT_EQ(Json::parse(scenario.ToJson())["remark"], "so be it");
    EXPECT_EQ(scenario.GetOrigin("/remark"), "--remark: /remark");
    PortendScenario copy;
    copy.LoadFile(folder.Write("scenario.json", scenario.ToJson()));
    EXPECT_EQ(copy.description, "so be it");
#ifdef PORTEND_HAS_AXES
    const auto axis = PortendAxis::Parse("remark=one,two", options.GetNames());
    EXPECT_TRUE(axis.IsOption());
    EXPECT_EQ(axis.GetValues().size(), 2U);
#endif
}

} // namespace

// A row is all that it takes. (In a process of its own: the table keeps it.)
TEST_F(OptionTest, OneMoreRowIsAnOption)
{
    EXPECT_EXIT(
        {
            AddRow(m_folder);
            std::exit(HasFailure() ? 1 : 0);
        },
        testing::ExitedWithCode(0),
        "");
}
