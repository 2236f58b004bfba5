/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-trace-files.h"

#include "portend-text.h"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace ns3
{

namespace
{

using portend::InputError;

/**
 * @brief Read a table of comma-separated values with a header.
 * @param file name of the file
 * @return rows of fields, the header first
 */
std::vector<std::vector<std::string>>
ReadTable(const std::string& file)
{
    auto stream = PortendOpen(file);
    std::vector<std::vector<std::string>> rows;
    std::string line;
    while (std::getline(stream, line))
    {
        if (!line.empty() && line.back() == '\r')
        {
            line.pop_back();
        }
        rows.push_back(PortendSplit(line, ','));
    }
    if (rows.size() < 2)
    {
        throw InputError(file, "has no line after its header");
    }
    return rows;
}

/**
 * @brief Read a number of a table.
 * @param file name of the file
 * @param row index of the row, from 0 at the header
 * @param rows the table
 * @param column index of the column
 * @param low smallest allowed
 * @param high largest allowed
 * @return the number
 */
double
ReadField(const std::string& file,
          std::size_t row,
          const std::vector<std::vector<std::string>>& rows,
          std::size_t column,
          double low,
          double high)
{
    const auto& fields = rows[row];
    const auto where = file + ":" + std::to_string(row + 1) + ": " + rows[0][column];
    double value = 0;
    if (column >= fields.size() || fields.size() != rows[0].size())
    {
        throw InputError(file + ":" + std::to_string(row + 1),
                         "found " + std::to_string(fields.size()) + " fields; expected " +
                             std::to_string(rows[0].size()));
    }
    if (!PortendParseNumber(fields[column], value) || !(value >= low && value <= high))
    {
        std::ostringstream allowed;
        allowed << "a number in [" << low << ", " << high << "]";
        PortendFail(where, fields[column], allowed.str());
    }
    return value;
}

/**
 * @brief Find a column of a table.
 * @param file name of the file
 * @param header names of the columns
 * @param name name of the column
 * @return its index
 */
std::size_t
FindColumn(const std::string& file, const std::vector<std::string>& header, const std::string& name)
{
    const auto it = std::find(header.begin(), header.end(), name);
    if (it == header.end())
    {
        throw InputError(file + ":1", "the column '" + name + "' is missing");
    }
    return it - header.begin();
}

/**
 * @brief Read measured samples: entropy and correctness of every branch.
 *
 * A sample exits at the first partition whose branch's entropy is below the threshold.
 *
 * @param file table with the columns `entropy_B` and `correct_B` for each last block B
 * @param deployment the deployment
 * @return a model that replays the samples
 */
Ptr<PortendExitModel>
ReadSamples(const std::string& file, const portend::Deployment& deployment)
{
    const auto rows = ReadTable(file);

    struct Columns
    {
        std::size_t entropy;
        std::size_t correct;
    };

    std::vector<Columns> columns;
    for (const auto& partition : deployment.partitions)
    {
        const auto block = std::to_string(partition.last);
        columns.push_back({FindColumn(file, rows[0], "entropy_" + block),
                           FindColumn(file, rows[0], "correct_" + block)});
    }
    std::vector<PortendSample> samples;
    for (std::size_t row = 1; row < rows.size(); ++row)
    {
        std::size_t k = 0;
        while (k + 1 < columns.size() && ReadField(file, row, rows, columns[k].entropy, 0, 1) >=
                                             deployment.GetThreshold(k + 1))
        {
            ++k;
        }
        PortendSample sample;
        sample.exitPartition = k + 1;
        sample.correct = ReadField(file, row, rows, columns[k].correct, 0, 1) >= 0.5;
        samples.push_back(sample);
    }
    auto model = CreateObject<PortendTraceExitModel>();
    model->SetSamples(samples);
    return model;
}

/**
 * @brief Read joint counts: how many samples exit at each partition, and how many are right.
 * @param file table with the columns `exited` and `correct`, a row for each partition
 * @param deployment the deployment
 * @return a model that draws from the counts
 */
Ptr<PortendExitModel>
ReadJointCounts(const std::string& file, const portend::Deployment& deployment)
{
    const auto rows = ReadTable(file);
    const auto exitedColumn = FindColumn(file, rows[0], "exited");
    const auto correctColumn = FindColumn(file, rows[0], "correct");
    const auto partitions = deployment.partitions.size();
    if (rows.size() - 1 != partitions)
    {
        throw InputError(file,
                         "found " + std::to_string(rows.size() - 1) + " rows; expected " +
                             std::to_string(partitions) + ", one for each partition");
    }
    double total = 0;
    std::vector<double> passed;
    std::vector<double> accuracies;
    for (std::size_t row = 1; row < rows.size(); ++row)
    {
        const double exited = ReadField(file, row, rows, exitedColumn, 0, 1e15);
        const double correct = ReadField(file, row, rows, correctColumn, 0, exited);
        total += exited;
        passed.push_back(total);
        accuracies.push_back(exited > 0 ? correct / exited : 0);
    }
    if (total <= 0)
    {
        throw InputError(file, "no sample has exited; allowed: at least one");
    }
    for (auto& share : passed)
    {
        share /= total;
    }
    auto model = CreateObject<PortendNestedExitModel>();
    model->SetBranches(passed, accuracies);
    return model;
}

} // namespace

std::vector<Time>
PortendReadArrivals(const std::string& file)
{
    const auto rows = ReadTable(file);
    const auto column = FindColumn(file, rows[0], "arrival_ms");
    std::vector<Time> times;
    double last = 0;
    for (std::size_t row = 1; row < rows.size(); ++row)
    {
        // From the arrival before to a century, in milliseconds.
        last = ReadField(file, row, rows, column, last, 3.2e12);
        times.push_back(NanoSeconds(std::llround(last * 1e6)));
    }
    return times;
}

Ptr<PortendExitModel>
PortendReadExits(const std::string& file, const portend::Deployment& deployment)
{
    const auto header = ReadTable(file)[0];
    const bool isJoint = std::find(header.begin(), header.end(), "exited") != header.end();
    return isJoint ? ReadJointCounts(file, deployment) : ReadSamples(file, deployment);
}

} // namespace ns3
