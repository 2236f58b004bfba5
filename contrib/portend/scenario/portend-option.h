/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_OPTION_H
#define PORTEND_OPTION_H

#include "portend-scenario.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

/**
 * @file
 * @ingroup portend
 * The table of options: all that a scenario can say, a row each.
 *
 * Reading and writing of scenario files, their schema, the command line, the axes of sweeps and
 * the tables of the documentation are made of it. A new option is a row here, and its use.
 */

namespace ns3
{

/**
 * @ingroup portend
 * @brief What a scenario can say: one row of the table of options.
 */
struct PortendOption
{
    /// What an option is about.
    enum Scope
    {
        SCENARIO, ///< the scenario as a whole
        TIER,     ///< each tier
        LINK,     ///< each link
    };

    /// What the values are.
    enum Kind
    {
        TEXT,      ///< a text of a form of its own
        CHOICE,    ///< one of some words
        TIME,      ///< a time with its unit, 0 or more
        BANDWIDTH, ///< a bandwidth with its unit, above 0
        NUMBER,    ///< a number
        COUNT,     ///< a whole number
        BYTES,     ///< a whole number of bytes
        FLAG,      ///< true or false
    };

    /// Where the value is kept, in something of type T.
    template <typename T>
    using Member =
        std::variant<std::string T::*, double T::*, uint32_t T::*, uint64_t T::*, bool T::*>;

    /// A value in its place.
    using Value = std::variant<std::string*, double*, uint32_t*, uint64_t*, bool*>;

    /// The numbers that are allowed.
    struct Range
    {
        double low{0};                                        //!< smallest
        double high{std::numeric_limits<double>::infinity()}; //!< largest
        bool isOpenBelow{false};                              //!< low itself is not allowed
        bool isOpenAbove{false};                              //!< high itself is not allowed

        /**
         * @brief Tell whether a number is allowed.
         * @param number the number
         * @return true if so
         */
        bool Contains(double number) const;

        /// @return what is allowed, such as `from 0 to below 1`
        std::string Describe() const;
    };

    std::string key;    //!< in scenario files
    std::string name;   //!< on the command line, without dashes; empty if only files have it
    Scope scope;        //!< what it is about
    Kind kind;          //!< what its values are
    std::string values; //!< for people: the values, such as `udp | tcp`
    std::string help;   //!< for people: what it is
    std::variant<Member<PortendScenario>,
                 Member<PortendScenario::Tier>,
                 Member<PortendScenario::Link>>
        member;             //!< where the value is kept
    Range range;            //!< of numbers
    std::string form;       //!< of texts: a regular expression; of choices: the words, by `|`
    bool isRequired{false}; //!< files must have it
    std::string instead;    //!< or this other key
    bool isOfStream{false}; //!< each stream may have its own, else it is everybody's
    bool isOptional{false}; //!< what it is by default is no value, and left out of files
    std::string none;       //!< what no value is called on the command line
    std::vector<std::string> parts{}; //!< of texts: what stands between colons, an object in files
    std::string partForm{};           //!< of each part: a regular expression

    /**
     * @brief Constructor: a row of the table.
     * @tparam M type of the value
     * @tparam T what it is kept in: the scenario, a tier or a link
     * @param key in scenario files
     * @param name on the command line, without dashes; empty if only files have it
     * @param kind what its values are
     * @param member where the value is kept
     * @param values for people: the values
     * @param help for people: what it is
     */
    template <typename M, typename T>
    PortendOption(const char* key,
                  const char* name,
                  Kind kind,
                  M T::*member,
                  const char* values,
                  const char* help)
        : key(key),
          name(name),
          scope(std::is_same_v<T, PortendScenario::Tier>   ? TIER
                : std::is_same_v<T, PortendScenario::Link> ? LINK
                                                           : SCENARIO),
          kind(kind),
          values(values),
          help(help),
          member(Member<T>(member))
    {
    }

    /**
     * @brief Bound the numbers.
     * @param numbers those allowed
     * @return the row
     */
    PortendOption& Within(const Range& numbers);

    /**
     * @brief Give texts a form, or choices their words.
     * @param expression a regular expression, or words separated by `|`
     * @return the row
     */
    PortendOption& Of(const std::string& expression);

    /**
     * @brief Require files to have it.
     * @param other key that may be there instead; empty if none may
     * @return the row
     */
    PortendOption& Required(const std::string& other = "");

    /**
     * @brief Let each stream have its own.
     * @return the row
     */
    PortendOption& OfStream();

    /**
     * @brief Let it have no value: an empty text, 0, or what else it is by default.
     * @param word what that is called on the command line
     * @return the row
     */
    PortendOption& Optional(const std::string& word = "");

    /**
     * @brief Let texts have parts: in files an object, in texts with colons between them.
     * @param names of the parts, any of which may be left out
     * @param expression of each, a regular expression
     * @return the row
     */
    PortendOption& WithParts(const std::vector<std::string>& names, const std::string& expression);

    /**
     * @brief Find the value in a scenario.
     * @param scenario the scenario
     * @param index of the tier or link
     * @return the value in its place
     */
    Value Find(PortendScenario& scenario, std::size_t index = 0) const;

    /**
     * @brief Count the values in a scenario.
     * @param scenario the scenario
     * @return number of tiers or links, or 1
     */
    std::size_t Count(const PortendScenario& scenario) const;

    /**
     * @brief Get the place of the value in a scenario file.
     * @param index of the tier or link
     * @return its JSON pointer
     */
    std::string GetPointer(std::size_t index = 0) const;

    /**
     * @brief Get the whole numbers that are allowed.
     * @return the smallest and the largest
     */
    std::pair<uint64_t, uint64_t> GetWholeRange() const;

    /**
     * @brief Get the name of the sweep's axis: of a single tier or link, its index follows.
     * @return such as `bandwidth`, `compute-factor`, `mtu`
     */
    std::string GetAxisName() const;

    /**
     * @brief Set the value from a text, as on the command line.
     * @param value in its place
     * @param text the text
     * @param where its place, for complaints
     * @throw portend::InputError if it is no such value
     */
    void Parse(Value value, const std::string& text, const std::string& where) const;

    /**
     * @brief Require that a value is allowed: a number in the range, a word of the choice.
     *
     * What texts of other kinds say is understood, and refused, where it is used.
     *
     * @param value in its place
     * @param where its place, for complaints
     * @throw portend::InputError if not
     */
    void Check(Value value, const std::string& where) const;

    /**
     * @brief Tell whether a value is that of a scenario which does not say it.
     * @param value in its place
     * @return true if so
     */
    bool IsNone(Value value) const;

    /**
     * @brief Write the value, as on the command line.
     * @param value in its place
     * @return its text
     */
    std::string ToText(Value value) const;

    /// @return what is allowed, for complaints
    std::string GetAllowed() const;
};

/**
 * @ingroup portend
 * @brief Get all options.
 * @return the table, in the order of scenario files
 */
const std::vector<PortendOption>& PortendGetOptions();

/**
 * @ingroup portend
 * @brief Add a row to the table, before anything is made of it.
 * @param option the row
 */
void PortendAddOption(const PortendOption& option);

/**
 * @ingroup portend
 * @brief Require that every value of a scenario is allowed.
 * @param scenario the scenario
 * @throw portend::InputError naming the first that is not
 */
void PortendCheckOptions(const PortendScenario& scenario);

/**
 * @ingroup portend
 * @brief Write the JSON Schema of scenario files (profiles/schemas/scenario.schema.json).
 * @return the document
 */
std::string PortendGetScenarioSchema();

/**
 * @ingroup portend
 * @brief Write the JSON Schema of scenario files of version 2
 *        (profiles/schemas/scenario-2.schema.json).
 * @return the document
 */
std::string PortendGetWorldSchema();

/**
 * @ingroup portend
 * @brief Tell whether files of version 2 may give an option a value each way of a link.
 * @param option the option
 * @return true of bandwidth and delay
 */
bool PortendHasWays(const PortendOption& option);

/**
 * @ingroup portend
 * @brief Tell whether files of version 2 may give each member of a group a value of its own.
 * @param option the option
 * @return true of numbers, times and bandwidths of nodes and links
 */
bool PortendMayDiffer(const PortendOption& option);

/**
 * @ingroup portend
 * @brief Write the options of the command line as a table of the documentation.
 * @return the table, in reStructuredText
 */
std::string PortendGetOptionTable();

} // namespace ns3

#endif // PORTEND_OPTION_H
