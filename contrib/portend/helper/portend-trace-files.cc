/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-trace-files.h"

#include "portend-table.h"

#include <cmath>

namespace ns3
{

namespace
{

using portend::InputError;

/// The columns of a branch in a table of measured samples.
class BranchColumns
{
  public:
    /**
     * @brief Constructor.
     * @param table the table
     * @param block block that the branch follows
     * @param isLast whether no entropy is asked for, because all exit
     */
    BranchColumns(const PortendTable& table, uint32_t block, bool isLast)
        : m_table(table),
          m_entropy(isLast ? 0 : table.Find("entropy_" + std::to_string(block))),
          m_correct(table.Find("correct_" + std::to_string(block)))
    {
    }

    /// @return normalised entropy of a row's sample
    double GetEntropy(std::size_t row) const
    {
        return m_table.GetNumber(row, m_entropy, 0, 1);
    }

    /// @return whether the answer to a row's sample is right
    bool IsRight(std::size_t row) const
    {
        return m_table.GetTruth(row, m_correct);
    }

  private:
    const PortendTable& m_table; //!< the table
    std::size_t m_entropy;       //!< column of the entropy
    std::size_t m_correct;       //!< column of the correctness
};

/**
 * @brief Read measured samples: entropy and correctness of every branch.
 *
 * A sample exits at the first partition whose branch's entropy is below the threshold. Where a
 * partition ends without a branch, all go on.
 *
 * @param table with the columns `entropy_B` and `correct_B` for each last block B
 * @param model the model
 * @param deployment the deployment
 * @return a model that replays the samples
 */
Ptr<PortendExitModel>
ReadSamples(const PortendTable& table,
            const portend::ModelProfile& model,
            const portend::Deployment& deployment)
{
    std::vector<PortendSample> samples(table.CountRows());
    std::vector<bool> hasExited(samples.size());
    const auto count = deployment.partitions.size();
    for (std::size_t k = 1; k <= count; ++k)
    {
        const auto block = deployment.partitions[k - 1].last;
        if (!model.HasBranch(block))
        {
            continue;
        }
        const BranchColumns columns(table, block, k == count);
        for (std::size_t row = 0; row < samples.size(); ++row)
        {
            if (!hasExited[row] &&
                (k == count || columns.GetEntropy(row) < deployment.GetThreshold(k)))
            {
                hasExited[row] = true;
                samples[row].exitPartition = k;
                samples[row].correct = columns.IsRight(row);
            }
        }
    }
    auto exitModel = CreateObject<PortendTraceExitModel>();
    exitModel->SetSamples(samples);
    return exitModel;
}

/**
 * @brief Read joint counts: how many samples exit at each partition, and how many are right.
 * @param file name of the table
 * @param table with the columns `exited` and `correct`, a row for each partition
 * @param deployment the deployment
 * @return a model that draws from the counts
 */
Ptr<PortendExitModel>
ReadJointCounts(const std::string& file,
                const PortendTable& table,
                const portend::Deployment& deployment)
{
    const auto exitedColumn = table.Find("exited");
    const auto correctColumn = table.Find("correct");
    const auto partitions = deployment.partitions.size();
    if (table.CountRows() != partitions)
    {
        throw InputError(file,
                         "found " + std::to_string(table.CountRows()) + " rows; expected " +
                             std::to_string(partitions) + ", one for each partition");
    }
    double total = 0;
    std::vector<double> passed;
    std::vector<double> accuracies;
    for (std::size_t row = 0; row < table.CountRows(); ++row)
    {
        const double exited = table.GetNumber(row, exitedColumn, 0, 1e15);
        const double correct = table.GetNumber(row, correctColumn, 0, exited);
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
    const PortendTable table(file);
    const auto column = table.Find("arrival_ms");
    std::vector<Time> times;
    double last = 0;
    for (std::size_t row = 0; row < table.CountRows(); ++row)
    {
        // From the arrival before to a century, in milliseconds.
        last = table.GetNumber(row, column, last, 3.2e12);
        times.push_back(NanoSeconds(std::llround(last * 1e6)));
    }
    return times;
}

Ptr<PortendExitModel>
PortendReadExits(const std::string& file,
                 const portend::ModelProfile& model,
                 const portend::Deployment& deployment)
{
    const PortendTable table(file);
    return table.Has("exited") ? ReadJointCounts(file, table, deployment)
                               : ReadSamples(table, model, deployment);
}

portend::ConfidenceTrace
PortendReadConfidence(const std::string& file,
                      const std::string& name,
                      const std::vector<uint32_t>& branches)
{
    const PortendTable table(file, name);
    portend::ConfidenceTrace trace;
    for (const auto block : branches)
    {
        const bool isLast = block == branches.back();
        const BranchColumns columns(table, block, isLast);
        auto& answers = trace.answers.emplace_back();
        for (std::size_t row = 0; row < table.CountRows(); ++row)
        {
            answers.push_back({isLast ? 0 : columns.GetEntropy(row), columns.IsRight(row)});
        }
    }
    return trace;
}

} // namespace ns3
