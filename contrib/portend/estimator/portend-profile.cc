/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-profile.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

namespace portend
{

namespace
{

/**
 * @brief Write a list for a message.
 * @param values the values
 * @return them, separated by commas
 */
std::string
Join(const std::vector<double>& values)
{
    std::string list;
    for (const double value : values)
    {
        list += (list.empty() ? "" : ", ") + ToText(value);
    }
    return list;
}

/**
 * @brief Require a number of entries.
 * @param found entries found
 * @param expected entries expected
 * @param pointer place of the list
 * @param each what there is one entry for
 */
void
RequireLength(std::size_t found,
              std::size_t expected,
              const std::string& pointer,
              const std::string& each)
{
    if (found != expected)
    {
        throw InputError(pointer,
                         "found " + std::to_string(found) + " entries; expected " +
                             std::to_string(expected) + ", one for each " + each);
    }
}

/**
 * @brief Require a value in a closed range; NaN is in none.
 * @param value the value
 * @param low smallest allowed
 * @param high largest allowed
 * @param pointer place of the value
 * @param allowed the range in words
 */
void
RequireRange(double value,
             double low,
             double high,
             const std::string& pointer,
             const std::string& allowed)
{
    if (!(value >= low && value <= high && std::isfinite(value)))
    {
        throw InputError(pointer, "found " + ToText(value) + "; allowed: " + allowed);
    }
}

/**
 * @brief Require a share.
 * @param rate the share
 * @param pointer place of the share
 */
void
RequireRate(double rate, const std::string& pointer)
{
    RequireRange(rate, 0, 1, pointer, "a rate in [0, 1]");
}

/**
 * @brief Require a list of shares.
 * @param rates the shares
 * @param pointer place of the list
 */
void
RequireRates(const std::vector<double>& rates, const std::string& pointer)
{
    for (std::size_t i = 0; i < rates.size(); ++i)
    {
        RequireRate(rates[i], pointer + "/" + std::to_string(i));
    }
}

/**
 * @brief Require a time.
 * @param ms milliseconds
 * @param pointer place of the time
 */
void
RequireTime(double ms, const std::string& pointer)
{
    RequireRange(ms,
                 0,
                 LONGEST_MS,
                 pointer,
                 "a finite time in milliseconds, not negative, up to 1e9");
}

/**
 * @brief Require a list of times.
 * @param times milliseconds; NaN where none was measured
 * @param pointer place of the list
 */
void
RequireTimes(const std::vector<double>& times, const std::string& pointer)
{
    for (std::size_t i = 0; i < times.size(); ++i)
    {
        if (!std::isnan(times[i]))
        {
            RequireTime(times[i], pointer + "/" + std::to_string(i));
        }
    }
}

/**
 * @brief Require bytes of each block, or none at all.
 * @param bytes the bytes
 * @param blocks number of blocks
 * @param pointer place of the list
 */
void
RequireBlockBytes(const std::vector<uint64_t>& bytes,
                  std::size_t blocks,
                  const std::string& pointer)
{
    if (bytes.empty())
    {
        return;
    }
    RequireLength(bytes.size(), blocks, pointer, "block 1 .. N");
    for (std::size_t i = 0; i < bytes.size(); ++i)
    {
        RequireRange(static_cast<double>(bytes[i]),
                     0,
                     static_cast<double>(MOST_BLOCK_BYTES),
                     pointer + "/" + std::to_string(i),
                     "0 .. 1000000000000 bytes");
    }
}

/**
 * @brief Require that a split's matrices fit the model.
 * @param rates the split
 * @param branches number of branches
 * @param each what there is one row for
 * @param thresholds number of thresholds
 */
void
ValidateRates(const BranchRates& rates,
              std::size_t branches,
              const std::string& each,
              std::size_t thresholds)
{
    const auto pointer = "/" + rates.split;
    RequireLength(rates.exitRates.size(), branches, pointer + "/exit_rates", each);
    RequireLength(rates.accuracy.size(), branches, pointer + "/accuracy", each);
    for (std::size_t i = 0; i < branches; ++i)
    {
        if (!std::isnan(rates.accuracy[i]))
        {
            RequireRate(rates.accuracy[i], pointer + "/accuracy/" + std::to_string(i));
        }
    }
    if (!rates.correctRates.empty())
    {
        RequireLength(rates.correctRates.size(), branches, pointer + "/correct_rates", each);
    }
    for (std::size_t i = 0; i < branches; ++i)
    {
        const auto row = "/" + std::to_string(i);
        const auto& exits = rates.exitRates[i];
        RequireLength(exits.size(), thresholds, pointer + "/exit_rates" + row, "threshold");
        RequireRates(exits, pointer + "/exit_rates" + row);
        for (std::size_t t = 0; t < thresholds && i + 1 == branches; ++t)
        {
            RequireRange(exits[t],
                         1,
                         1,
                         pointer + "/exit_rates" + row + "/" + std::to_string(t),
                         "1, because the last branch takes every sample");
        }
        if (rates.correctRates.empty())
        {
            continue;
        }
        const auto& correct = rates.correctRates[i];
        RequireLength(correct.size(), thresholds, pointer + "/correct_rates" + row, "threshold");
        for (std::size_t t = 0; t < thresholds; ++t)
        {
            RequireRange(correct[t],
                         0,
                         exits[t],
                         pointer + "/correct_rates" + row + "/" + std::to_string(t),
                         "a rate in [0, exit rate of the same branch and threshold]");
        }
    }
}

/**
 * @brief Add repeats of what is computed one after the other.
 * @param a repeats, milliseconds; none if there is nothing
 * @param b repeats, milliseconds; none if there is nothing
 * @return their sums index by index, or that of their means if one has more repeats
 */
std::vector<double>
AddRepeats(const std::vector<double>& a, const std::vector<double>& b)
{
    if (a.empty() || b.empty())
    {
        return a.empty() ? b : a;
    }
    if (a.size() != b.size())
    {
        const auto getMean = [](const std::vector<double>& repeats) {
            return std::accumulate(repeats.begin(), repeats.end(), 0.0) / repeats.size();
        };
        return {getMean(a) + getMean(b)};
    }
    std::vector<double> sums(a);
    std::transform(a.begin(), a.end(), b.begin(), sums.begin(), std::plus<>());
    return sums;
}

} // namespace

InputError::InputError(const std::string& where, const std::string& message)
    : std::invalid_argument(message),
      m_where(where)
{
}

const std::string&
InputError::GetWhere() const
{
    return m_where;
}

std::string
Shorten(std::string text)
{
    constexpr std::size_t LIMIT = 80;
    if (text.size() > LIMIT)
    {
        // Further bytes of a character of UTF-8, of which there are three at most.
        const auto isWithin = [&text](std::size_t at) { return (text[at] & 0xC0) == 0x80; };
        auto end = LIMIT;
        while (end > LIMIT - 3 && isWithin(end))
        {
            --end;
        }
        text.resize(end);
        text += "...";
    }
    return text;
}

std::string
Quote(const std::string& text)
{
    return "'" + Shorten(text) + "'";
}

std::string
ToText(double value)
{
    char buffer[32];
    return {buffer, std::to_chars(buffer, buffer + sizeof(buffer), value).ptr};
}

uint64_t
Envelope::GetPartitionListBytes(std::size_t partitions) const
{
    const auto profiled = partitionListBytes.size();
    if (partitions <= profiled)
    {
        return partitionListBytes[partitions - 1];
    }
    const auto last = partitionListBytes[profiled - 1];
    const auto step = profiled > 1 ? last - partitionListBytes[profiled - 2] : 0;
    return last + step * (partitions - profiled);
}

ExitBranch
ConfidenceTrace::Count(std::size_t branch, double threshold) const
{
    const auto& samples = answers[branch];
    const bool isLast = branch + 1 == answers.size();
    double exited = 0;
    double exitedRight = 0;
    double right = 0;
    for (const auto& answer : samples)
    {
        const bool exits = isLast || answer.entropy < threshold;
        exited += exits;
        exitedRight += exits && answer.isRight;
        right += answer.isRight;
    }
    const auto count = static_cast<double>(samples.size());
    return {true, exited / count, exitedRight / count, right / count};
}

void
ModelProfile::Validate() const
{
    if (blocks < 1)
    {
        throw InputError("/blocks", "found 0; allowed: at least 1 block");
    }
    RequireLength(tensorBytes.size(), blocks, "/tensor_bytes", "cut 0 .. N-1");
    for (std::size_t i = 0; i < tensorBytes.size(); ++i)
    {
        RequireRange(static_cast<double>(tensorBytes[i]),
                     1,
                     UINT32_MAX / 2,
                     "/tensor_bytes/" + std::to_string(i),
                     "1 .. 2147483647 bytes");
    }
    RequireRange(static_cast<double>(resultBytes),
                 1,
                 UINT32_MAX / 2,
                 "/result_bytes",
                 "1 .. 2147483647 bytes");
    const auto& list = envelope.partitionListBytes;
    if (list.empty() || !std::is_sorted(list.begin(), list.end()))
    {
        throw InputError("/envelope/partition_list_bytes",
                         "allowed: at least one size, none smaller than the one before");
    }
    if (thresholds.empty())
    {
        throw InputError("/thresholds", "found no threshold; allowed: at least one");
    }
    for (std::size_t t = 0; t < thresholds.size(); ++t)
    {
        const auto pointer = "/thresholds/" + std::to_string(t);
        RequireRange(thresholds[t], 0, 1, pointer, "a normalised entropy in [0, 1]");
        if (t > 0 && thresholds[t] <= thresholds[t - 1])
        {
            throw InputError(pointer, "thresholds must ascend: " + Join(thresholds));
        }
    }
    for (std::size_t i = 0; i < branches.size(); ++i)
    {
        const bool isLast = i + 1 == branches.size();
        RequireRange(branches[i],
                     isLast  ? blocks
                     : i > 0 ? branches[i - 1] + 1
                             : 1,
                     isLast ? blocks : blocks - 1,
                     "/branches/" + std::to_string(i),
                     "blocks that a branch follows, ascending, N = " + std::to_string(blocks) +
                         " the last");
    }
    ValidateRates(validation,
                  GetBranches().size(),
                  branches.empty() ? "block" : "branch, that after the last block included",
                  thresholds.size());
    RequireBlockBytes(parameterBytes, blocks, "/parameter_bytes");
    RequireBlockBytes(activationBytes, blocks, "/activation_bytes");
}

void
ModelProfile::RequireMemory() const
{
    for (const auto& [bytes, key] : {std::make_pair(&parameterBytes, "/parameter_bytes"),
                                     std::make_pair(&activationBytes, "/activation_bytes")})
    {
        if (bytes->empty())
        {
            throw InputError(file + (file.empty() ? "" : ": ") + key,
                             "profile " + name +
                                 " does not tell what its blocks take of a node's memory, which is "
                                 "bounded; allowed: bytes of each block, or nodes without memory "
                                 "and load_bandwidth");
        }
    }
}

const std::string&
ModelProfile::GetKey() const
{
    return file.empty() ? name : file;
}

std::size_t
ModelProfile::FindThreshold(double threshold) const
{
    const auto it = std::find(thresholds.begin(), thresholds.end(), threshold);
    if (it == thresholds.end())
    {
        throw InputError("/deployment",
                         "threshold " + ToText(threshold) + " is not in profile " + name +
                             "; known: " + Join(thresholds));
    }
    return it - thresholds.begin();
}

bool
ModelProfile::HasBranch(uint32_t block) const
{
    return branches.empty() || std::binary_search(branches.begin(), branches.end(), block);
}

std::vector<uint32_t>
ModelProfile::GetBranches() const
{
    if (!branches.empty())
    {
        return branches;
    }
    std::vector<uint32_t> all(blocks);
    std::iota(all.begin(), all.end(), 1);
    return all;
}

bool
ModelProfile::IsAccuracyKnown() const
{
    const auto& known = validation.accuracy;
    return std::none_of(known.begin(), known.end(), [](double a) { return std::isnan(a); });
}

std::size_t
ModelProfile::GetBranchIndex(uint32_t block) const
{
    return branches.empty()
               ? block - 1
               : std::lower_bound(branches.begin(), branches.end(), block) - branches.begin();
}

ExitBranch
ModelProfile::GetBranch(uint32_t block, std::size_t threshold) const
{
    if (!HasBranch(block))
    {
        return {false, 0, 0, 0};
    }
    const auto index = GetBranchIndex(block);
    const auto& correct = validation.correctRates;
    return {true,
            validation.exitRates[index][threshold],
            correct.empty() ? 0 : correct[index][threshold],
            validation.accuracy[index]};
}

ExitBranch
ModelProfile::FindBranch(uint32_t block, double threshold) const
{
    const bool isKnown =
        std::find(thresholds.begin(), thresholds.end(), threshold) != thresholds.end();
    if (isKnown || !validation.trace)
    {
        return GetBranch(block, FindThreshold(threshold));
    }
    auto branch = GetBranch(block, 0);
    if (branch.answers)
    {
        const auto counted = validation.trace->Count(GetBranchIndex(block), threshold);
        branch.exitRate = counted.exitRate;
        branch.correctRate = counted.correctRate;
    }
    return branch;
}

uint64_t
ModelProfile::GetInputBytes(std::size_t partitions) const
{
    return tensorBytes[0] + envelope.GetPartitionListBytes(partitions);
}

uint64_t
ModelProfile::GetTensorBytes(uint32_t cut, std::size_t partition, std::size_t partitions) const
{
    return tensorBytes[cut] + envelope.tensorBytes + envelope.GetPartitionListBytes(partitions) +
           envelope.timingRecordBytes * (partition - 1);
}

uint64_t
ModelProfile::GetResultBytes(std::size_t partitions) const
{
    return resultBytes + envelope.GetPartitionListBytes(partitions) +
           envelope.timingRecordBytes * (partitions - 1);
}

std::size_t
DeviceProfile::GetIndex(uint32_t blocks, uint32_t first, uint32_t last)
{
    // Rows of N, N-1, ... entries precede the row of `first`.
    const std::size_t before = std::size_t{first - 1} * (2 * std::size_t{blocks} - first + 2) / 2;
    return before + (last - first);
}

void
DeviceProfile::AddUpBlocks(const std::vector<std::vector<double>>& blocksMs,
                           const std::vector<std::vector<double>>& branchesMs)
{
    for (uint32_t first = 1; first <= blocks; ++first)
    {
        std::vector<double> sum;
        for (uint32_t last = first; last <= blocks && !blocksMs[last - 1].empty(); ++last)
        {
            sum = AddRepeats(sum, blocksMs[last - 1]);
            auto& repeats = computeMs[GetIndex(blocks, first, last)];
            if (repeats.empty())
            {
                repeats = AddRepeats(sum, branchesMs[last - 1]);
            }
        }
    }
}

const std::vector<double>&
DeviceProfile::GetComputeMs(uint32_t first, uint32_t last) const
{
    const auto& repeats = computeMs[GetIndex(blocks, first, last)];
    if (repeats.empty())
    {
        const auto partition = std::to_string(first) + "-" + std::to_string(last);
        FailUnmeasured("/compute_ms/" + partition, "partition " + partition);
    }
    return repeats;
}

const DeviceProfile::BatchMs&
DeviceProfile::GetBatchMs(uint32_t first, uint32_t last) const
{
    static const BatchMs none;
    const auto known = batchComputeMs.find(GetIndex(blocks, first, last));
    return known == batchComputeMs.end() ? none : known->second;
}

double
DeviceProfile::GetSerializeMs(uint32_t cut) const
{
    if (std::isnan(serializeMs[cut]))
    {
        FailUnmeasured("/serialize_ms/" + std::to_string(cut),
                       "serializing cut " + std::to_string(cut));
    }
    return serializeMs[cut];
}

double
DeviceProfile::GetDeserializeMs(uint32_t cut) const
{
    if (std::isnan(deserializeMs[cut]))
    {
        FailUnmeasured("/deserialize_ms/" + std::to_string(cut),
                       "deserializing cut " + std::to_string(cut));
    }
    return deserializeMs[cut];
}

bool
DeviceProfile::IsMeasured(uint32_t first, uint32_t last, bool isCut) const
{
    return !computeMs[GetIndex(blocks, first, last)].empty() &&
           !std::isnan(deserializeMs[first - 1]) && !(isCut && std::isnan(serializeMs[last]));
}

void
DeviceProfile::FailUnmeasured(const std::string& pointer, const std::string& what) const
{
    throw InputError(file + (file.empty() ? "" : ": ") + pointer,
                     "the deployment needs a timing that device " + name + " lacks: " + what);
}

void
DeviceProfile::Validate() const
{
    if (blocks < 1)
    {
        throw InputError("", "no block is profiled; allowed: at least 1 block");
    }
    const auto partitions = std::size_t{blocks} * (blocks + 1) / 2;
    RequireLength(computeMs.size(), partitions, "/compute_ms", "partition first-last");
    for (uint32_t first = 1; first <= blocks; ++first)
    {
        for (uint32_t last = first; last <= blocks; ++last)
        {
            const auto pointer =
                "/compute_ms/" + std::to_string(first) + "-" + std::to_string(last);
            const auto& repeats = computeMs[GetIndex(blocks, first, last)];
            for (std::size_t r = 0; r < repeats.size(); ++r)
            {
                RequireTime(repeats[r], pointer + "/" + std::to_string(r));
            }
            for (const auto& [size, batchMs] : GetBatchMs(first, last))
            {
                const auto place = "/batch_compute_ms/" + std::to_string(first) + "-" +
                                   std::to_string(last) + "/" + std::to_string(size);
                if (size < 2 || batchMs.empty())
                {
                    throw InputError(place, "allowed: batches of at least 2, each with a repeat");
                }
                for (std::size_t r = 0; r < batchMs.size(); ++r)
                {
                    RequireTime(batchMs[r], place + "/" + std::to_string(r));
                }
            }
        }
    }
    RequireLength(serializeMs.size(), blocks, "/serialize_ms", "cut 0 .. N-1");
    RequireTimes(serializeMs, "/serialize_ms");
    RequireLength(deserializeMs.size(), blocks, "/deserialize_ms", "cut 0 .. N-1");
    RequireTimes(deserializeMs, "/deserialize_ms");
    RequireTime(serializeResultMs, "/serialize_result_ms");
    RequireTime(deserializeResultMs, "/deserialize_result_ms");
    if (!std::isnan(batchFixedShare))
    {
        RequireRange(batchFixedShare, 0, 1, "/batch_fixed_share", "a share from 0 to 1");
    }
}

} // namespace portend
