/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_PROFILE_H
#define PORTEND_PROFILE_H

#include "portend-energy.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

/**
 * @file
 * @ingroup portend
 * Measured profiles of a partitioned, early-exiting network, as plain data.
 */

/// The analytical side of Portend: plain C++17 that knows neither ns-3 nor files.
namespace portend
{

/**
 * @ingroup portend
 * @brief Input that makes no sense, with the place where it stands.
 *
 * The message says what was found and what is allowed. The place is a JSON pointer (RFC 6901)
 * into the document that a structure mirrors, such as `/compute_ms/1-25/0`; whoever reads the
 * structure from a file puts the file's name before it.
 */
class InputError : public std::invalid_argument
{
  public:
    /**
     * @brief Constructor.
     * @param where place of the offending value
     * @param message what was found, and what is allowed
     */
    InputError(const std::string& where, const std::string& message);

    /**
     * @brief Get the place of the offending value.
     * @return its place; empty when the input as a whole is meant
     */
    const std::string& GetWhere() const;

  private:
    std::string m_where; //!< place of the offending value
};

/**
 * @ingroup portend
 * @brief Shorten a text for a message.
 * @param text what was found
 * @return the text; what is longer than 80 bytes ends there, or before the character there, in
 *         `...`
 */
std::string Shorten(std::string text);

/**
 * @ingroup portend
 * @brief Quote a text in a message.
 * @param text what was found
 * @return it, shortened, in quotes
 */
std::string Quote(const std::string& text);

/**
 * @ingroup portend
 * @brief Write a number for a message or a file.
 * @param value the number
 * @return the shortest text that reads back as the same number
 */
std::string ToText(double value);

/// Longest time that may be measured or asked for: 11 days, far from 2^63 ns, where time wraps.
constexpr double LONGEST_MS = 1e9;

/// Largest factor on measured times.
constexpr double HIGHEST_FACTOR = 1e6;

/// Most bytes that a block may take of memory: far above any, and sums stay far below 2^64.
constexpr uint64_t MOST_BLOCK_BYTES = 1000000000000;

/**
 * @ingroup portend
 * @brief What a message carries besides its tensor, in bytes.
 *
 * The agents of the paper pickle a list around each tensor: the list of partitions and one
 * timing record for each partition that the request has left behind.
 */
struct Envelope
{
    uint64_t tensorBytes{0};                     //!< fixed part around a tensor
    std::vector<uint64_t> partitionListBytes{0}; //!< list of L partitions, at L-1
    uint64_t timingRecordBytes{0};               //!< record of one partition passed

    /**
     * @brief Size of the partition list.
     * @param partitions number L of partitions, >= 1
     * @return bytes; beyond the profiled lengths the last step is repeated
     */
    uint64_t GetPartitionListBytes(std::size_t partitions) const;
};

/**
 * @ingroup portend
 * @brief What was measured of the branch after a block, at a threshold.
 */
struct ExitBranch
{
    bool answers{true};    //!< false where there is no branch: everything goes on
    double exitRate{0};    //!< ER, share of all samples that it alone lets exit
    double correctRate{0}; //!< share that it lets exit and is right; 0 if that was not counted
    double accuracy{0};    //!< A, share that it classifies correctly; NaN if unknown
};

/**
 * @ingroup portend
 * @brief What a branch makes of one sample.
 */
struct BranchAnswer
{
    double entropy{0};   //!< normalised; the sample exits where it is below the threshold
    bool isRight{false}; //!< whether the answer is
};

/**
 * @ingroup portend
 * @brief What the branches make of one sample after the other: rates at any threshold.
 */
struct ConfidenceTrace
{
    std::vector<std::vector<BranchAnswer>> answers; //!< [branch index][sample]

    /**
     * @brief Count what a branch does.
     * @param branch its index
     * @param threshold entropy threshold in [0, 1]
     * @return shares of the samples; the last branch lets all exit
     */
    ExitBranch Count(std::size_t branch, double threshold) const;
};

/**
 * @ingroup portend
 * @brief How the exit branches behaved over one split of the data set.
 *
 * All matrices are [branch index][threshold index]: a row for each branch of the model.
 */
struct BranchRates
{
    std::string split{"validation"};               //!< name of the split
    uint64_t samples{0};                           //!< samples measured; 0 when not stated
    std::vector<std::vector<double>> exitRates;    //!< share of samples that may exit
    std::vector<std::vector<double>> correctRates; //!< share that exits and is right; may be empty
    std::vector<double> accuracy; //!< A: share each branch classifies correctly; NaN if unknown
    std::shared_ptr<const ConfidenceTrace> trace; //!< of the same samples; may be none
};

/**
 * @ingroup portend
 * @brief The device-independent part of a profile: blocks, sizes, exits, accuracy.
 */
struct ModelProfile
{
    std::string name;                      //!< profile name, such as `resnet110-cifar10`
    uint32_t blocks{0};                    //!< N, blocks of the backbone
    std::vector<uint32_t> branches;        //!< blocks that a branch follows, ascending, N the last;
                                           //!< none if one follows every block
    std::vector<uint64_t> tensorBytes;     //!< O_i, serialized size of cut i = 0 .. N-1
    uint64_t resultBytes{0};               //!< R_s, size of the result of a single partition
    Envelope envelope;                     //!< what messages carry besides
    std::vector<double> thresholds;        //!< measured entropy thresholds, ascending, in [0, 1]
    BranchRates validation;                //!< the split that estimates are made from
    std::vector<uint64_t> parameterBytes;  //!< that must be in memory to compute block 1 .. N, its
                                           //!< branch included; none if they are not known
    std::vector<uint64_t> activationBytes; //!< most that block 1 .. N takes besides while it
                                           //!< computes one tensor; none if they are not known
    std::string file;                      //!< where it was read, for messages

    /**
     * @brief Check that lengths agree and every value is in its range.
     * @throw InputError naming the first offence
     */
    void Validate() const;

    /**
     * @brief Require that it is known what blocks take of memory.
     * @throw InputError naming file and key if it is not
     */
    void RequireMemory() const;

    /**
     * @brief Get what tells the model from others.
     * @return the file that it was read from, or its name if it was read from none
     */
    const std::string& GetKey() const;

    /**
     * @brief Find a threshold among the measured ones.
     * @param threshold entropy threshold in [0, 1]
     * @return its index
     * @throw InputError listing the known thresholds
     */
    std::size_t FindThreshold(double threshold) const;

    /**
     * @brief Tell whether a branch follows a block.
     * @param block the block, 1 .. N
     * @return true if so; always, of the last
     */
    bool HasBranch(uint32_t block) const;

    /**
     * @brief List the blocks that a branch follows.
     * @return the blocks, ascending
     */
    std::vector<uint32_t> GetBranches() const;

    /**
     * @brief Tell whether the accuracy of every branch is known.
     * @return true if so
     */
    bool IsAccuracyKnown() const;

    /**
     * @brief Get what follows a block.
     * @param block the block, 1 .. N
     * @param threshold index of a threshold
     * @return what was measured
     */
    ExitBranch GetBranch(uint32_t block, std::size_t threshold) const;

    /**
     * @brief Find what follows a block.
     * @param block the block, 1 .. N
     * @param threshold entropy threshold in [0, 1]
     * @return what was measured at that threshold, or is counted from the trace
     * @throw InputError listing the known thresholds if there is no trace
     */
    ExitBranch FindBranch(uint32_t block, double threshold) const;

    /**
     * @brief Size of the message that brings the input to the first partition.
     * @param partitions number L of partitions
     * @return bytes
     */
    uint64_t GetInputBytes(std::size_t partitions) const;

    /**
     * @brief Size of the message that leaves a partition for the next.
     * @param cut block P_k after which the network is cut, 1 .. N-1
     * @param partition index k of the partition that sends, 1 .. L-1
     * @param partitions number L of partitions
     * @return bytes
     */
    uint64_t GetTensorBytes(uint32_t cut, std::size_t partition, std::size_t partitions) const;

    /**
     * @brief Size of the result message.
     * @param partitions number L of partitions
     * @return bytes; the same wherever the request exits, as in the authors' program
     */
    uint64_t GetResultBytes(std::size_t partitions) const;

  private:
    /**
     * @brief Get the index of a branch.
     * @param block a block that a branch follows
     * @return its index, 0 for the first
     */
    std::size_t GetBranchIndex(uint32_t block) const;
};

/**
 * @ingroup portend
 * @brief Get how long a batch takes that was measured at some sizes.
 *
 * Between two sizes it takes what lies between them, in proportion; a tensor alone is the
 * smallest. Beyond the largest it takes as much longer as it is larger, as if batches of that size
 * followed each other.
 *
 * @tparam Times a map with sizes from 2 as keys, in order
 * @tparam Alone called for the time of a tensor alone
 * @tparam Get called with what the map holds, for the time of a batch
 * @param times what is known, at least one size
 * @param size of the batch, at least 2
 * @param alone gives the time of a tensor alone
 * @param get gives the time of a batch
 * @return the time
 */
template <typename Times, typename Alone, typename Get>
double
InterpolateBatch(const Times& times, std::size_t size, Alone&& alone, Get&& get)
{
    const auto upper = times.lower_bound(size);
    if (upper == times.end())
    {
        const auto& [largest, time] = *times.rbegin();
        return get(time) * size / largest;
    }
    if (upper->first == size)
    {
        return get(upper->second);
    }
    const bool isFirst = upper == times.begin();
    const auto lowerSize = isFirst ? 1 : std::prev(upper)->first;
    const double lower = isFirst ? alone() : get(std::prev(upper)->second);
    return lower + (get(upper->second) - lower) * (size - lowerSize) / (upper->first - lowerSize);
}

/**
 * @ingroup portend
 * @brief Get how long a batch takes that was not measured.
 * @param fixedShare a, the share of a computation that a batch pays once
 * @param size b
 * @return a + (1 - a) b, in times of a tensor alone
 */
inline double
ScaleBatch(double fixedShare, std::size_t size)
{
    return size == 1 ? 1 : fixedShare + (1 - fixedShare) * size;
}

/**
 * @ingroup portend
 * @brief The measured times of one model on one device, in milliseconds.
 *
 * Not everything need be measured: the functions refuse a timing that is not there, so that
 * only deployments that need it are refused.
 */
struct DeviceProfile
{
    std::string name;                           //!< device name, such as `a1.medium`
    uint32_t blocks{0};                         //!< N
    std::vector<std::vector<double>> computeMs; //!< repeats of each partition, see GetIndex();
                                                //!< none when not measured
    std::vector<double> serializeMs;            //!< ST of cut i = 0 .. N-1; NaN when not measured
    std::vector<double> deserializeMs;          //!< DT of cut i = 0 .. N-1; NaN when not measured
    double serializeResultMs{0};                //!< ST of the result; 0 when not profiled
    double deserializeResultMs{0};              //!< DT of the result; 0 when not profiled
    Power power{};                              //!< by what it does; unknown if all is 0
    std::string file;                           //!< where it was read, for messages

    /// Repeats of batches of a partition, by their sizes, from 2.
    using BatchMs = std::map<uint32_t, std::vector<double>>;

    std::map<std::size_t, BatchMs> batchComputeMs; //!< of whole batches, see GetIndex(); or none
    double batchFixedShare{std::nan("")}; //!< share of a computation that a batch without times
                                          //!< pays once; NaN is not known, and taken for 0

    /**
     * @brief Place of a partition in the triangular table of compute times.
     * @param blocks N
     * @param first first block of the partition, 1 .. N
     * @param last last block of the partition, first .. N
     * @return the index, 0 .. N(N+1)/2 - 1, ordered by first, then by last
     */
    static std::size_t GetIndex(uint32_t blocks, uint32_t first, uint32_t last);

    /**
     * @brief Make the times of partitions that were not measured whole from those of their parts.
     *
     * A partition takes the sum of its blocks and of the branch behind them. Repeats are added
     * index by index if all parts have as many; else the sum of their means is the one repeat.
     *
     * @param blocksMs repeats of each block, N; none of a block that was not measured, with which
     *        no partition is made
     * @param branchesMs repeats of the branch after each block, N; none where nothing is computed
     */
    void AddUpBlocks(const std::vector<std::vector<double>>& blocksMs,
                     const std::vector<std::vector<double>>& branchesMs);

    /**
     * @brief Measured repeats of a partition's compute time.
     * @param first first block
     * @param last last block
     * @return milliseconds, one value for each repeat
     * @throw InputError if there is none
     */
    const std::vector<double>& GetComputeMs(uint32_t first, uint32_t last) const;

    /**
     * @brief Measured repeats of a partition's compute time, by size of the batch.
     * @param first first block
     * @param last last block
     * @return milliseconds of the whole batch; none if batches were not measured
     */
    const BatchMs& GetBatchMs(uint32_t first, uint32_t last) const;

    /**
     * @brief Measured time to serialize a tensor.
     * @param cut its cut, 0 .. N-1
     * @return milliseconds
     * @throw InputError if there is none
     */
    double GetSerializeMs(uint32_t cut) const;

    /**
     * @brief Measured time to deserialize a tensor.
     * @param cut its cut, 0 .. N-1
     * @return milliseconds
     * @throw InputError if there is none
     */
    double GetDeserializeMs(uint32_t cut) const;

    /**
     * @brief Tell whether all timings are there that a partition needs.
     * @param first first block
     * @param last last block
     * @param isCut whether the tensor of its last block is sent on
     * @return true if so
     */
    bool IsMeasured(uint32_t first, uint32_t last, bool isCut) const;

    /**
     * @brief Check that the tables have their sizes and every time is finite and not negative.
     * @throw InputError naming the first offence
     */
    void Validate() const;

  private:
    /**
     * @brief Refuse a timing that was not measured.
     * @param pointer its place
     * @param what it is of
     * @throw InputError always
     */
    [[noreturn]] void FailUnmeasured(const std::string& pointer, const std::string& what) const;
};

} // namespace portend

#endif // PORTEND_PROFILE_H
