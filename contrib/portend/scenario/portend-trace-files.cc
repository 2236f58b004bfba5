/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-trace-files.h"

#include "portend-table.h"
#include "portend-text.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

namespace ns3
{

namespace
{

using portend::InputError;

/// Latest arrival: a century, in nanoseconds, as simulated time holds almost three.
constexpr double LONGEST_NS = 3.2e18;

/// Most bytes that are sent at once.
constexpr double MOST_BURST_BYTES = 1e9;

/// Numbers from here on are times since 1970, if they are seconds: 1973.
constexpr double EPOCH_S = 1e8;

/**
 * @brief Tell a file from the factor behind it.
 * @param text name of a file, and perhaps `\@` and what its rate is multiplied with
 * @return the file, and the factor, which is 1 if there is none
 */
std::pair<std::string, double>
SplitFactor(const std::string& text)
{
    const auto at = text.rfind('@');
    double factor = 1;
    if (at == std::string::npos || !PortendParseNumber(text.substr(at + 1), factor))
    {
        return {text, 1};
    }
    if (!(factor >= 1e-6 && factor <= 1e6))
    {
        PortendFail(text, text.substr(at + 1), "a factor on the rate, from 1e-6 to 1e6");
    }
    return {text.substr(0, at), factor};
}

/**
 * @brief Read arrivals of our own format.
 * @param table with the column `arrival_ms`, not decreasing
 * @return nanoseconds
 */
std::vector<int64_t>
ReadOwnArrivals(const PortendTable& table)
{
    const auto column = table.Find("arrival_ms");
    std::vector<int64_t> timesNs;
    double last = 0;
    for (std::size_t row = 0; row < table.CountRows(); ++row)
    {
        // From the arrival before to a century, in milliseconds.
        last = table.GetNumber(row, column, last, LONGEST_NS * 1e-6);
        timesNs.push_back(std::llround(last * 1e6));
    }
    return timesNs;
}

/**
 * @brief Read counts by minute, as Azure's traces of functions of 2019 have them.
 *
 * The calls of a minute are spread evenly over it, those of all functions together: call i of n,
 * from 0, comes (i + 1/2) / n of the minute after its beginning.
 *
 * @param table with a column for each minute, named by its number from 1, and a row for each
 *        function
 * @param count most arrivals asked for
 * @return nanoseconds since the first minute began
 */
std::vector<int64_t>
ReadMinutes(const PortendTable& table, uint64_t count)
{
    constexpr double MINUTE_NS = 60e9;
    std::vector<int64_t> timesNs;
    for (uint64_t minute = 1; table.Has(std::to_string(minute)) && timesNs.size() < count; ++minute)
    {
        const auto column = table.Find(std::to_string(minute));
        uint64_t calls = 0;
        for (std::size_t row = 0; row < table.CountRows(); ++row)
        {
            const double number = table.GetNumber(row, column, 0, 1e9);
            if (number != std::floor(number))
            {
                table.Fail(row, column, "a whole number of calls");
            }
            calls += static_cast<uint64_t>(number);
        }
        for (uint64_t i = 0; i < calls && timesNs.size() < count; ++i)
        {
            const double share = (static_cast<double>(i) + 0.5) / static_cast<double>(calls);
            timesNs.push_back(std::llround((static_cast<double>(minute - 1) + share) * MINUTE_NS));
        }
    }
    return timesNs;
}

/**
 * @brief Read calls by their ends, as Azure's trace of functions of 2021 has them.
 * @param table with the columns `end_timestamp` and `duration`, in seconds
 * @return nanoseconds at which they began
 */
std::vector<int64_t>
ReadEnds(const PortendTable& table)
{
    const auto end = table.Find("end_timestamp");
    const auto duration = table.Find("duration");
    std::vector<int64_t> timesNs;
    for (std::size_t row = 0; row < table.CountRows(); ++row)
    {
        const double endS = table.GetNumber(row, end, 0, LONGEST_NS * 1e-9);
        // What began before the trace did arises with it.
        const double startS = endS - table.GetNumber(row, duration, 0, LONGEST_NS * 1e-9);
        timesNs.push_back(std::llround(std::max(0.0, startS) * 1e9));
    }
    return timesNs;
}

/**
 * @brief Read digits.
 * @param text the text
 * @param at where they begin; moved behind them
 * @param digits how many
 * @param value gets the number
 * @return whether they are there
 */
bool
ReadDigits(const std::string& text, std::size_t& at, std::size_t digits, int64_t& value)
{
    const auto number = text.substr(std::min(at, text.size()), digits);
    at += digits;
    const auto isDigit = [](unsigned char c) { return std::isdigit(c) != 0; };
    return number.size() == digits && std::all_of(number.begin(), number.end(), isDigit) &&
           PortendParseNumber(number, value);
}

/**
 * @brief Read a date with a time of the day (ISO 8601).
 * @param text such as `2023-11-16 18:17:03.9799600` or `2023-11-16T18:17:03+01:00`
 * @param ns gets nanoseconds since 1970, UTC if there is no zone
 * @return whether the text is one
 */
bool
ParseDate(const std::string& text, int64_t& ns)
{
    int64_t year = 0;
    int64_t month = 0;
    int64_t day = 0;
    int64_t hour = 0;
    int64_t minute = 0;
    int64_t second = 0;
    std::size_t at = 0;
    const auto skip = [&](const std::string& any) {
        return at < text.size() && any.find(text[at++]) != std::string::npos;
    };
    if (!ReadDigits(text, at, 4, year) || !skip("-/") || !ReadDigits(text, at, 2, month) ||
        !skip("-/") || !ReadDigits(text, at, 2, day) || !skip("T ") ||
        !ReadDigits(text, at, 2, hour) || !skip(":") || !ReadDigits(text, at, 2, minute) ||
        !skip(":") || !ReadDigits(text, at, 2, second))
    {
        return false;
    }
    const bool isLeap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    const int days[] = {31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1970 || year > 2200 || month < 1 || month > 12 || day < 1 || day > days[month - 1] ||
        hour > 23 || minute > 59 || second > 60)
    {
        return false;
    }
    int64_t fraction = 0; // nanoseconds
    if (at < text.size() && (text[at] == '.' || text[at] == ','))
    {
        const auto begin = ++at;
        for (int64_t unit = 100'000'000; at < text.size() && std::isdigit(text[at]);
             ++at, unit /= 10)
        {
            fraction += unit * (text[at] - '0');
        }
        if (at == begin)
        {
            return false;
        }
    }
    int64_t zone = 0; // minutes east of Greenwich
    if (at < text.size() && text[at] == 'Z')
    {
        ++at;
    }
    else if (at < text.size())
    {
        const int sign = text[at] == '-' ? -1 : 1;
        int64_t hours = 0;
        int64_t minutes = 0;
        if (!skip("+-") || !ReadDigits(text, at, 2, hours) ||
            (at < text.size() && text[at] == ':' && ++at == text.size()) ||
            (at < text.size() && !ReadDigits(text, at, 2, minutes)) || hours > 15 || minutes > 59)
        {
            return false;
        }
        zone = sign * (hours * 60 + minutes);
    }
    if (at != text.size())
    {
        return false;
    }
    const auto years = year - 1970;
    int64_t dayNumber = years * 365 + (year - 1969) / 4 - (year - 1901) / 100 + (year - 1601) / 400;
    dayNumber += std::accumulate(days, days + month - 1, day - 1);
    ns = (((dayNumber * 24 + hour) * 60 + minute - zone) * 60 + second) * 1'000'000'000 + fraction;
    return true;
}

/// @return the nanoseconds that the unit at the end of a column's name has; 0 if there is none
double
FindUnit(const std::string& name)
{
    static const std::map<std::string, double> UNITS{{"s", 1e9},
                                                     {"sec", 1e9},
                                                     {"secs", 1e9},
                                                     {"second", 1e9},
                                                     {"seconds", 1e9},
                                                     {"ms", 1e6},
                                                     {"millis", 1e6},
                                                     {"milliseconds", 1e6},
                                                     {"us", 1e3},
                                                     {"micros", 1e3},
                                                     {"microseconds", 1e3},
                                                     {"ns", 1},
                                                     {"nanos", 1},
                                                     {"nanoseconds", 1}};
    const auto isLetter = [](unsigned char c) { return std::isalpha(c) != 0; };
    std::string word;
    for (const char c : name) // the last word
    {
        const bool begins = !isLetter(c);
        const bool isEnd = c == ')' || c == ']';
        word = isEnd ? word : begins ? "" : word + static_cast<char>(std::tolower(c));
    }
    const auto unit = UNITS.find(word);
    return unit == UNITS.end() ? 0 : unit->second;
}

/// @return whether a column's name, whatever its unit, says that it holds times of arrival
bool
IsTime(const std::string& name)
{
    std::string lower;
    for (const unsigned char c : name)
    {
        lower += static_cast<char>(std::tolower(c));
    }
    const auto begins = [&lower](const std::string& word) {
        return lower.compare(0, word.size(), word) == 0;
    };
    return begins("timestamp") || begins("time") || begins("arrival") || begins("date");
}

/**
 * @brief Read times, as most traces have them.
 *
 * The column is the only one, or the first whose name begins with timestamp, time, arrival or
 * date. Its unit stands at the end of its name. Without one, numbers are seconds, but from 1e11 on
 * they are milliseconds, from 1e14 on microseconds and from 1e17 on nanoseconds, all since 1970.
 * Dates, and times since 1970, count from the first.
 *
 * @param file name of the table
 * @param table the table
 * @return nanoseconds
 */
std::vector<int64_t>
ReadTimestamps(const std::string& file, const PortendTable& table)
{
    const auto& names = table.GetNames();
    const auto found =
        names.size() == 1 ? names.begin() : std::find_if(names.begin(), names.end(), IsTime);
    if (found == names.end())
    {
        throw InputError(file,
                         "no column tells times of arrival; allowed: arrival_ms, end_timestamp and "
                         "duration, HashFunction and the minutes 1, 2, ..., one whose name begins "
                         "with timestamp, time, arrival or date, or a single column; found: " +
                             portend::Shorten(std::accumulate(
                                 names.begin(),
                                 names.end(),
                                 std::string(),
                                 [](const std::string& list, const std::string& name) {
                                     return list + (list.empty() ? "" : ",") + name;
                                 })));
    }
    const std::size_t column = found - names.begin();
    int64_t ns = 0;
    bool isSinceEpoch = ParseDate(table.GetText(0, column), ns);
    const bool isDate = isSinceEpoch;
    double unit = FindUnit(*found);
    if (!isDate)
    {
        const double first = table.GetNumber(0, column, 0, HUGE_VAL);
        unit = unit > 0        ? unit
               : first >= 1e17 ? 1
               : first >= 1e14 ? 1e3
               : first >= 1e11 ? 1e6
                               : 1e9;
        isSinceEpoch = first * unit >= EPOCH_S * 1e9;
    }
    std::vector<int64_t> timesNs;
    for (std::size_t row = 0; row < table.CountRows(); ++row)
    {
        if (isDate && !ParseDate(table.GetText(row, column), ns))
        {
            table.Fail(row, column, "a date such as 2023-11-16 18:17:03.98, as in the first row");
        }
        if (!isDate)
        {
            ns = std::llround(table.GetNumber(row, column, 0, LONGEST_NS / unit) * unit);
        }
        timesNs.push_back(ns);
    }
    if (isSinceEpoch)
    {
        const auto first = *std::min_element(timesNs.begin(), timesNs.end());
        std::for_each(timesNs.begin(), timesNs.end(), [first](int64_t& time) { time -= first; });
    }
    return timesNs;
}

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
        : m_table(table)
    {
        const auto entropy = "entropy_" + std::to_string(block);
        const auto correct = "correct_" + std::to_string(block);
        m_entropy = isLast && table.Has(correct) ? 0 : table.Find(entropy);
        m_correct = table.Find(correct);
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

/// Makes models of exits.
using ExitMaker = std::function<Ptr<PortendExitModel>()>;

/**
 * @brief Replay samples.
 *
 * A sample exits at the first partition whose branch's entropy is below the threshold. Where a
 * partition ends without a branch, all go on.
 *
 * @tparam GetBranch gives what a branch, by its block, makes of samples: GetEntropy(), which is not
 *         asked of the last partition's, and IsRight(), each of the sample's index
 * @param count number of samples
 * @param model the model
 * @param deployment the deployment
 * @param getBranch the branches
 * @return makes a model that replays the samples
 */
template <typename GetBranch>
ExitMaker
Replay(std::size_t count,
       const portend::ModelProfile& model,
       const portend::Deployment& deployment,
       GetBranch getBranch)
{
    using Measurement = PortendTraceExitModel::Measurement;
    const auto partitions = deployment.partitions.size();
    // What the deployment does not ask of a sample need not make sense.
    std::vector<bool> hasExited(count);
    std::vector<std::pair<uint32_t, std::vector<Measurement>>> branches;
    for (std::size_t k = 1; k <= partitions; ++k)
    {
        const auto block = deployment.partitions[k - 1].last;
        if (!model.HasBranch(block))
        {
            continue;
        }
        const bool isLast = k == partitions;
        const auto branch = getBranch(block, isLast);
        std::vector<Measurement> measurements(count);
        for (std::size_t i = 0; i < count; ++i)
        {
            if (hasExited[i])
            {
                continue;
            }
            auto& measurement = measurements[i];
            measurement.entropy = isLast ? 0 : branch.GetEntropy(i);
            if (isLast || measurement.entropy < deployment.GetThreshold(k))
            {
                hasExited[i] = true;
                measurement.isRight = branch.IsRight(i);
            }
        }
        branches.emplace_back(block, std::move(measurements));
    }
    return [branches = std::move(branches)]() {
        auto exits = CreateObject<PortendTraceExitModel>();
        for (const auto& [block, measurements] : branches)
        {
            exits->AddBranch(block, measurements);
        }
        return exits;
    };
}

/// What a branch makes of the samples of a trace that was read.
struct TracedBranch
{
    const std::vector<portend::BranchAnswer>& answers; //!< by sample

    /// @return normalised entropy of a sample
    double GetEntropy(std::size_t sample) const
    {
        return answers[sample].entropy;
    }

    /// @return whether the answer to a sample is right
    bool IsRight(std::size_t sample) const
    {
        return answers[sample].isRight;
    }
};

/**
 * @brief Read joint counts: how many samples exit at each partition, and how many are right.
 * @param file name of the table
 * @param table with the columns `exited` and `correct`, a row for each partition
 * @param deployment the deployment
 * @return makes a model that draws from the counts
 */
ExitMaker
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
    return [passed, accuracies]() {
        auto exits = CreateObject<PortendJointExitModel>();
        exits->SetShares(passed, accuracies);
        return exits;
    };
}

} // namespace

std::vector<Time>
PortendReadArrivals(const std::string& text, uint64_t count)
{
    const auto [file, factor] = SplitFactor(text);
    // A list need not have a header; what its numbers count is told by their size.
    const PortendTable table(file, "", "timestamp");
    auto timesNs = table.Has("arrival_ms")                       ? ReadOwnArrivals(table)
                   : table.Has("HashFunction") && table.Has("1") ? ReadMinutes(table, count)
                   : table.Has("end_timestamp") && table.Has("duration")
                       ? ReadEnds(table)
                       : ReadTimestamps(file, table);
    std::sort(timesNs.begin(), timesNs.end());
    std::vector<Time> times;
    for (std::size_t i = 0; i < std::min<uint64_t>(count, timesNs.size()); ++i)
    {
        const double ns = static_cast<double>(timesNs[i]) / factor;
        if (ns > LONGEST_NS)
        {
            throw InputError(file,
                             "request " + std::to_string(i + 1) + " arises after " +
                                 portend::ToText(ns * 1e-9) + " s; allowed: at most a century");
        }
        times.push_back(NanoSeconds(std::llround(ns)));
    }
    if (times.empty())
    {
        throw InputError(file, "holds no request; allowed: at least one");
    }
    return times;
}

std::shared_ptr<const std::vector<PortendTrafficProcess::Burst>>
PortendReadTraffic(const std::string& file)
{
    const PortendTable table(file);
    const auto time = table.Find("time_s");
    const auto bytes = table.Find("bytes");
    auto bursts = std::make_shared<std::vector<PortendTrafficProcess::Burst>>();
    double last = 0;
    for (std::size_t row = 0; row < table.CountRows(); ++row)
    {
        last = table.GetNumber(row, time, last, LONGEST_NS * 1e-9);
        const auto size = table.GetNumber(row, bytes, 1, MOST_BURST_BYTES);
        if (size != std::floor(size))
        {
            table.Fail(row, bytes, "a whole number of bytes");
        }
        bursts->push_back({NanoSeconds(std::llround(last * 1e9)), static_cast<uint64_t>(size)});
    }
    return bursts;
}

std::function<Ptr<PortendExitModel>()>
PortendReadExits(const std::string& file,
                 const portend::ModelProfile& model,
                 const portend::Deployment& deployment)
{
    const PortendTable table(file);
    if (table.Has("exited"))
    {
        return ReadJointCounts(file, table, deployment);
    }
    return Replay(table.CountRows(), model, deployment, [&table](uint32_t block, bool isLast) {
        return BranchColumns(table, block, isLast);
    });
}

namespace
{

/**
 * @brief Get the trace of confidence of a profile.
 * @param model the model
 * @return the trace
 * @throw InputError if there is none
 */
const portend::ConfidenceTrace&
GetTrace(const portend::ModelProfile& model)
{
    if (!model.validation.trace)
    {
        throw InputError("/exits",
                         "found 'trace', but the profile has no trace of confidence (of its split "
                         "validation); allowed: nested, stratified, independent, trace:FILE");
    }
    return *model.validation.trace;
}

} // namespace

std::function<Ptr<PortendExitModel>()>
PortendReplayExits(const portend::ModelProfile& model)
{
    const auto& trace = GetTrace(model);
    return [branches = model.GetBranches(), answers = trace.answers]() {
        auto exits = CreateObject<PortendTraceExitModel>();
        for (std::size_t b = 0; b < branches.size(); ++b)
        {
            std::vector<PortendTraceExitModel::Measurement> measurements;
            for (const auto& answer : answers[b])
            {
                measurements.push_back({answer.entropy, answer.isRight});
            }
            exits->AddBranch(branches[b], measurements);
        }
        return exits;
    };
}

std::function<Ptr<PortendExitModel>()>
PortendReplayExits(const portend::ModelProfile& model, const portend::Deployment& deployment)
{
    const auto& trace = GetTrace(model);
    return Replay(trace.answers.front().size(),
                  model,
                  deployment,
                  [&](uint32_t block, bool /* isLast */) {
                      const auto branches = model.GetBranches();
                      const auto branch = std::find(branches.begin(), branches.end(), block);
                      return TracedBranch{trace.answers[branch - branches.begin()]};
                  });
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
