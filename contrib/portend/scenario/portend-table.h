/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_TABLE_H
#define PORTEND_TABLE_H

#include <cstddef>
#include <string>
#include <vector>

/**
 * @file
 * @ingroup portend
 * Reading of tables: comma-separated values with a header.
 */

namespace ns3
{

/**
 * @ingroup portend
 * @brief A table from a file of comma-separated values, the first row naming the columns.
 *
 * What spreadsheets and statistics programs write around the values is no part of them: a byte
 * order mark, quotes, blanks around a field, the line ends of any system. Rows without any value
 * and those that begin with `#` are skipped. Numbers have a decimal point.
 */
class PortendTable
{
  public:
    /**
     * @brief Constructor: read a file.
     * @param file name of the file
     * @param name what results call it, if that is not where it is
     * @param column of a list, which may have no header: the name of its one column, if it has
     *        none, that is, if its first row is a single number or date; empty of other tables
     * @throw portend::InputError naming file and line of what is no such table
     */
    explicit PortendTable(const std::string& file,
                          const std::string& name = "",
                          const std::string& column = "");

    /**
     * @brief List the columns.
     * @return their names, in order
     */
    const std::vector<std::string>& GetNames() const;

    /**
     * @brief Tell whether a column is there.
     * @param name its name
     * @return true if so
     */
    bool Has(const std::string& name) const;

    /**
     * @brief Find a column.
     * @param name its name
     * @return its index
     * @throw portend::InputError if it is not there, or twice
     */
    std::size_t Find(const std::string& name) const;

    /**
     * @brief Get the number of rows.
     * @return rows below the header, at least one
     */
    std::size_t CountRows() const;

    /**
     * @brief Get a text.
     * @param row index of the row
     * @param column index of the column
     * @return the text
     */
    const std::string& GetText(std::size_t row, std::size_t column) const;

    /**
     * @brief Get a number.
     * @param row index of the row
     * @param column index of the column
     * @param low smallest allowed
     * @param high largest allowed
     * @return the number
     * @throw portend::InputError naming file, line, column and value of what is none, or another
     */
    double GetNumber(std::size_t row, std::size_t column, double low, double high) const;

    /**
     * @brief Get whether something is so.
     * @param row index of the row
     * @param column index of the column
     * @return of a number from 0 to 1 whether it is at least a half; `true` and `false` are 1 and 0
     * @throw portend::InputError naming file, line, column and value of what is neither
     */
    bool GetTruth(std::size_t row, std::size_t column) const;

    /**
     * @brief Complain about a field.
     * @param row index of the row
     * @param column index of the column
     * @param allowed what is allowed
     */
    [[noreturn]] void Fail(std::size_t row, std::size_t column, const std::string& allowed) const;

  private:
    /// A row, and where it stands.
    struct Row
    {
        std::size_t line;                //!< in the file, from 1
        std::vector<std::string> fields; //!< without quotes and blanks around them
    };

    /**
     * @brief Read the next row.
     * @param text text of the file
     * @param at where the row begins; moved to its end
     * @param line number of the line there; counted on
     * @return the row
     */
    Row ReadRow(const std::string& text, std::size_t& at, std::size_t& line) const;

    /**
     * @brief Read the next field, and pass it.
     * @param text text of the file
     * @param at where the field begins; moved to the comma or the end of the line behind it
     * @param line number of the line there; counted on
     * @return the field
     */
    std::string ReadField(const std::string& text, std::size_t& at, std::size_t& line) const;

    std::string m_file;      //!< name of the file
    Row m_header;            //!< names of the columns
    std::vector<Row> m_rows; //!< below the header
};

} // namespace ns3

#endif // PORTEND_TABLE_H
