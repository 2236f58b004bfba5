/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_OPTION_JSON_H
#define PORTEND_OPTION_JSON_H

#include "portend-json.h"
#include "portend-option.h"
#include "portend-scenario.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

/**
 * @file
 * @ingroup portend
 * The options of scenarios in JSON, as the table of options has them.
 */

namespace ns3
{

/**
 * @ingroup portend
 * @brief Read a value.
 * @param option what it is
 * @param json the value
 * @param place gets the value
 * @throw portend::InputError if it is none of the option
 */
void PortendReadValue(const PortendOption& option,
                      const PortendJson& json,
                      PortendOption::Value place);

/**
 * @ingroup portend
 * @brief Split a text of parts.
 * @param option what it is
 * @param text the text, with colons between the parts
 * @return name and text of each part that is there
 */
std::vector<std::pair<std::string, std::string>> PortendSplitParts(const PortendOption& option,
                                                                   const std::string& text);

/**
 * @ingroup portend
 * @brief Read all options of a scope. What the object leaves out keeps its value.
 * @param scope the scope
 * @param json an object that has them as members
 * @param besides other keys of the object
 * @param scenario gets the values
 * @param index of the tier or link
 * @param areRequired whether those must be there that a chain's file must have
 * @throw portend::InputError naming the first offence
 */
void PortendReadOptions(PortendOption::Scope scope,
                        const PortendJson& json,
                        const std::vector<std::string>& besides,
                        PortendScenario& scenario,
                        std::size_t index = 0,
                        bool areRequired = true);

/**
 * @ingroup portend
 * @brief Write all options of a scope.
 * @param scope the scope
 * @param scenario has the values
 * @param json gets them as members
 * @param index of the tier or link
 */
void PortendWriteOptions(PortendOption::Scope scope,
                         PortendScenario& scenario,
                         nlohmann::ordered_json& json,
                         std::size_t index = 0);

/**
 * @ingroup portend
 * @brief Write an option, unless it has no value.
 * @param option what it is
 * @param place has the value
 * @param json gets it as a member
 */
void PortendWriteOption(const PortendOption& option,
                        PortendOption::Value place,
                        nlohmann::ordered_json& json);

/**
 * @ingroup portend
 * @brief Find the files that an object names in the folder of its own file.
 * @param scenario has what the object says
 * @param json the object
 * @param folder what names of files are relative to; empty is the current one
 */
void PortendFindFiles(PortendScenario& scenario,
                      const PortendJson& json,
                      const std::filesystem::path& folder);

/**
 * @ingroup portend
 * @brief Find the file that says how a link changes in the folder of the file that names it.
 * @param link the link
 * @param folder what names of files are relative to; empty is the current one
 */
void PortendFindTrace(PortendScenario::Link& link, const std::filesystem::path& folder);

/**
 * @ingroup portend
 * @brief Name the file that says how a link changes from the root.
 * @param link the link
 */
void PortendResolveTrace(PortendScenario::Link& link);

/**
 * @ingroup portend
 * @brief Find the file of a text such as `trace:FILE`, if it is one, in a folder.
 * @param text the text
 * @param folder what the name is relative to; empty is the current one
 */
void PortendFindTrace(std::string& text, const std::filesystem::path& folder);

/**
 * @ingroup portend
 * @brief Name the file of a text such as `trace:FILE`, if it is one, from the root.
 * @param text the text
 */
void PortendResolveTrace(std::string& text);

/**
 * @ingroup portend
 * @brief Tell whether an object must have an option.
 * @param option the option
 * @param json the object
 * @return true if it is required, and what may be there instead is not
 */
bool PortendIsNeeded(const PortendOption& option, const PortendJson& json);

/**
 * @ingroup portend
 * @brief Let a scenario mean the same anywhere: names of files from the root, samples a number.
 * @param scenario the scenario
 */
void PortendResolve(PortendScenario& scenario);

} // namespace ns3

#endif // PORTEND_OPTION_JSON_H
