/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_RESULT_FILE_H
#define PORTEND_RESULT_FILE_H

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

/**
 * @file
 * @ingroup portend
 * Result files.
 */

namespace ns3
{

/**
 * @ingroup portend
 * @brief The results of a campaign, in one SQLite file (doc/reference.rst, "Result files").
 *
 * Points are added one by one, each in a transaction of its own: whatever ends the program,
 * the points added before stay, and the same campaign goes on where it stopped. When all are
 * there, Finish() writes the file anew in a canonical form, so that its bytes do not tell in
 * which order the points came, nor how often the campaign was interrupted.
 *
 * Every method throws a portend::InputError naming the file if it cannot do its work.
 */
class PortendResultFile
{
  public:
    /// A row: columns and values, in the order of columns.
    using Row = nlohmann::ordered_json;

    /// Rows by name of their table.
    using Tables = nlohmann::json;

    /**
     * @brief Name the file that a complete campaign is written to first.
     * @param file name of the result file
     * @return its name
     */
    static std::string GetFinalName(const std::string& file);

    /**
     * @brief Check that a campaign may write to a file.
     * @param file name of the file
     * @param campaign rows of `meta`, `provenance` and `axis`; it is the same campaign if those
     *        of `meta` and `provenance` are the same, but for the key `command`
     * @param restart whether results of another campaign may be lost
     */
    static void Check(const std::string& file, const Tables& campaign, bool restart);

    /**
     * @brief Open or create the file, and keep others from writing to it.
     *
     * What is there must be what a campaign writes, to the last value.
     *
     * @param file name of the file
     * @param campaign as for Check()
     * @param restart whether to drop what is there
     */
    PortendResultFile(const std::string& file, const Tables& campaign, bool restart);

    /// Destructor.
    ~PortendResultFile();

    PortendResultFile(const PortendResultFile&) = delete;
    PortendResultFile& operator=(const PortendResultFile&) = delete;

    /// @return whether the campaign is complete, by Finish() now or in an earlier run
    bool IsFinished() const;

    /**
     * @brief Tell whether a point is there.
     * @param point number of the point
     * @return true if so
     */
    bool Has(uint64_t point) const;

    /**
     * @brief Tell whether it is a campaign that fills a table.
     * @param name of the table
     * @return true if the table is there
     */
    bool HasTable(const std::string& name) const;

    /// @return number of points there
    uint64_t CountPoints() const;

    /**
     * @brief Add rows, all or none.
     * @param tables the rows; those of `provenance` must be the same as in the file
     */
    void Add(const Tables& tables);

    /**
     * @brief Look at the rows of a query.
     * @param query in SQL
     * @param visit called with each row
     */
    void ForEach(const std::string& query, const std::function<void(const Row&)>& visit) const;

    /**
     * @brief Add what is computed from all points, and write the file in its final form.
     * @param tables the rows
     */
    void Finish(const Tables& tables);

  private:
    class Database;

    std::string m_file;                   //!< name of the file
    std::unique_ptr<Database> m_database; //!< the open file
};

} // namespace ns3

#endif // PORTEND_RESULT_FILE_H
