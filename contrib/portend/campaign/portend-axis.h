/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_AXIS_H
#define PORTEND_AXIS_H

#include "ns3/portend-option.h"
#include "ns3/portend-scenario.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief One axis of a grid: something that a scenario leaves open, and the values it takes.
 *
 * An axis is written `NAME=VALUES`. Names are those of options (`deployment`, `arrival`, ...),
 * a single tier's or link's part of one (`bandwidth0`, `delay1`, `device2`, `servers0`,
 * `compute-factor1`, `serialization-factor1`), and `threshold` (of the deployment), `rate`
 * (Poisson arrivals per second), `period` (between periodic arrivals), `seed` and `run`, an
 * attribute such as `ns3::PortendWorker::ComputationFactor`, or, of scenarios of version 2, a path
 * such as `nodes/camera/count`.
 *
 * Values are a list separated by commas, or by semicolons where values hold commas
 * (`deployment=0:1-55@0;0:1-25,1:26-40@0.1`); of axes of numbers also a range: `FROM:TO:STEP`, or
 * `FROM:TO:logN` for N values at equal ratios. Values keep their units: `1Mbps:10Mbps:1Mbps`.
 */
class PortendAxis
{
  public:
    /// What the values are.
    enum Kind
    {
        TEXT,      ///< anything; their order means nothing
        NUMBER,    ///< plain numbers
        COUNT,     ///< whole numbers
        RATE,      ///< arrivals per second
        BYTES,     ///< whole bytes
        BANDWIDTH, ///< bit/s, written with a unit
        TIME,      ///< milliseconds, written with a unit
    };

    /// A value of the axis.
    struct Value
    {
        std::string text; //!< as a person writes it
        double number{0}; //!< in GetUnit(); 0 on axes of texts
    };

    /**
     * @brief Read an axis as the command line has it.
     * @param text `NAME=VALUES`
     * @param options names of the options of texts that may be swept
     * @return the axis
     * @throw portend::InputError naming `--sweep` and what makes no sense
     */
    static PortendAxis Parse(const std::string& text, const std::vector<std::string>& options);

    /**
     * @brief Read all axes of a file (profiles/schemas/grid.schema.json).
     * @param file name of the file
     * @param options names of the options of texts that may be swept
     * @return the axes
     * @throw portend::InputError naming file and place of the first offence
     */
    static std::vector<PortendAxis> LoadFile(const std::string& file,
                                             const std::vector<std::string>& options);

    /**
     * @brief Make an axis without values yet.
     * @param name the name
     * @param options names of the options of texts that may be swept
     * @param option that names it, for complaints: `--capacity`
     * @return the axis
     * @throw portend::InputError if there is no such axis
     */
    static PortendAxis Find(const std::string& name,
                            const std::vector<std::string>& options,
                            const std::string& option);

    /// @return the name, as `--sweep` takes it
    const std::string& GetName() const;

    /// @return what the values are
    Kind GetKind() const;

    /// @return unit of the values' numbers: `bps`, `ms`, `per_s`, `bytes`, `` or `text`
    std::string GetUnit() const;

    /// @return whether the values are at equal ratios rather than distances
    bool IsLogarithmic() const;

    /// @return the values, at least one, in the order given
    const std::vector<Value>& GetValues() const;

    /**
     * @brief Tell whether the axis is an option of the program, rather than a part of the
     *        scenario.
     * @return true if so
     */
    bool IsOption() const;

    /**
     * @brief Tell whether the axis is a path in a scenario of version 2.
     * @return true of such as `nodes/camera/count`
     */
    bool IsPath() const;

    /**
     * @brief Give the scenario one of the values. Of an axis that is an option, the program does.
     * @param value index of the value
     * @param scenario gets it
     * @throw portend::InputError if the scenario has no such part
     */
    void Apply(std::size_t value, PortendScenario& scenario) const;

    /**
     * @brief The same with a value that need not be one of the axis.
     * @param text the value, with its unit
     * @param scenario gets it
     * @throw portend::InputError if the scenario has no such part
     */
    void Set(const std::string& text, PortendScenario& scenario) const;

    /**
     * @brief Get what a scenario has there.
     * @param scenario the scenario
     * @return the value, with its unit; empty if it says none
     * @throw portend::InputError if the scenario has no such part
     */
    std::string Get(const PortendScenario& scenario) const;

    /**
     * @brief Get the numbers that scenarios may have there.
     * @return the smallest and the largest, in GetUnit()
     */
    std::pair<double, double> GetLimits() const;

    /**
     * @brief Read a value as a number.
     * @param text the value, with its unit
     * @return the number, in GetUnit()
     * @throw portend::InputError if it is none
     */
    double ParseNumber(const std::string& text) const;

    /**
     * @brief Write a number as a value, with its unit.
     * @param number the number, in GetUnit()
     * @return its text
     */
    std::string ToText(double number) const;

    /**
     * @brief Write a place between the values for a person.
     * @param number the place, in GetUnit()
     * @return five digits and a unit
     */
    std::string Describe(double number) const;

    /**
     * @brief Tell whether two axes set the same thing.
     * @param other another axis
     * @return true if so: only the last of them would count
     */
    bool Overlaps(const PortendAxis& other) const;

  private:
    /**
     * @brief Constructor: understand a name.
     * @param name the name
     * @param options names of the options of texts that may be swept
     * @param option that names it, for complaints
     */
    PortendAxis(const std::string& name,
                const std::vector<std::string>& options,
                const std::string& option = "--sweep");

    /**
     * @brief Add a value.
     * @param text the value, with its unit
     */
    void Add(const std::string& text);

    /**
     * @brief Add a value of a range, unless it is one already but for rounding.
     * @param number the value, in GetUnit()
     */
    void AddNumber(double number);

    /**
     * @brief Add a range of values at equal distances.
     * @param from first value
     * @param to last value, if a whole number of steps leads there
     * @param step distance of the values
     */
    void AddRange(const std::string& from, const std::string& to, const std::string& step);

    /**
     * @brief Add a range of values at equal ratios.
     * @param from first value
     * @param to last value
     * @param count how many, both ends included
     */
    void AddRatios(const std::string& from, const std::string& to, uint32_t count);

    /**
     * @brief Find the option's value in a scenario that is no network.
     * @param scenario the scenario
     * @return the value in its place
     * @throw portend::InputError if there is no such tier or link
     */
    PortendOption::Value FindValue(PortendScenario& scenario) const;

    std::string m_where;                    //!< option and name, for complaints
    std::string m_name;                     //!< as given
    std::string m_stem;                     //!< the name without its index
    int m_index{-1};                        //!< of the tier or link meant; -1 for none
    const PortendOption* m_option{nullptr}; //!< of the table of options; null if none
    Kind m_kind{TEXT};                      //!< what the values are
    bool m_isOption{false};                 //!< an option of the program
    bool m_logarithmic{false};              //!< at equal ratios
    std::vector<Value> m_values;            //!< at least one
};

} // namespace ns3

#endif // PORTEND_AXIS_H
