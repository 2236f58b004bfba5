/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-link-traces.h"

#include "portend-table.h"
#include "portend-text.h"

#include "ns3/portend-profile.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

namespace ns3
{

namespace
{

using portend::InputError;
using Steps = PortendLinkTrace::Steps;
using States = std::vector<PortendMarkovLink::State>;

/// Latest time of a trace: as long as is simulated, s.
constexpr double MOST_S = 4e9;

/// Highest bandwidth of a link, b/s.
constexpr double MOST_BPS = 1e15;

/// Longest delay of a link, ms.
constexpr double MOST_DELAY_MS = 1e9;

/// Shortest mean time in a state, s.
constexpr double SHORTEST_DWELL_S = 1e-6;

/// Largest weight of a state.
constexpr double MOST_WEIGHT = 1e9;

/// What an opportunity of Mahimahi lets pass, bits.
constexpr double OPPORTUNITY_BITS = 1500 * 8;

/// Opportunities are spread over so many ms.
constexpr uint64_t BIN_MS = 100;

/// What traces that are read here look like.
const std::string LOOKED_FOR =
    "a table with time_s and bandwidth_bps; lines of one number (Mahimahi); lines of two numbers "
    "(Pensieve); scripts/convert-trace FILE -o TABLE makes a table of other formats: ghent, "
    "norway, fcc, irish, 5gophers, alphartc";

/// A line of numbers, and where it stands.
struct Line
{
    std::size_t number;        //!< in the file, from 1
    std::vector<double> words; //!< its numbers
};

/**
 * @brief Take a bandwidth.
 * @param bps bits per second
 * @return the same, rounded
 */
DataRate
ToRate(double bps)
{
    return DataRate(static_cast<uint64_t>(std::llround(bps)));
}

/**
 * @brief Take a time.
 * @param seconds the time
 * @return the same, rounded
 */
Time
ToTime(double seconds)
{
    return NanoSeconds(std::llround(seconds * 1e9));
}

/**
 * @brief Find the first line that says something.
 * @param text of a file
 * @return the line, without what is around it; empty if there is none
 */
std::string
FindHead(const std::string& text)
{
    std::istringstream lines(text);
    std::string line;
    while (std::getline(lines, line))
    {
        const auto first = line.find_first_not_of(" \t\r");
        if (first != std::string::npos && line[first] != '#')
        {
            return line.substr(first, line.find_last_not_of(" \t\r") + 1 - first);
        }
    }
    return "";
}

/**
 * @brief Split a line at blanks.
 * @param line the line
 * @return its words
 */
std::vector<std::string>
GetWords(const std::string& line)
{
    std::istringstream stream(line);
    std::vector<std::string> words;
    for (std::string word; stream >> word;)
    {
        words.push_back(word);
    }
    return words;
}

/**
 * @brief Read lines of numbers.
 * @param text of the file
 * @param file its name
 * @param most of each number; as many as there are of them
 * @return the lines, the first numbers of which do not fall
 */
std::vector<Line>
ReadLines(const std::string& text, const std::string& file, const std::vector<double>& most)
{
    std::vector<Line> lines;
    std::istringstream stream(text);
    std::string line;
    for (std::size_t number = 1; std::getline(stream, line); ++number)
    {
        const auto words = GetWords(line);
        if (words.empty() || words.front()[0] == '#')
        {
            continue;
        }
        const auto where = file + ":" + std::to_string(number);
        if (words.size() != most.size())
        {
            PortendFail(where,
                        line,
                        most.size() == 1 ? "one number, as in the first line"
                                         : "two numbers, as in the first line");
        }
        auto& numbers = lines.emplace_back(Line{number, {}}).words;
        for (std::size_t i = 0; i < words.size(); ++i)
        {
            const auto least = i == 0 && lines.size() > 1 ? (lines.end() - 2)->words.front() : 0;
            double value = 0;
            if (!PortendParseNumber(words[i], value) || !(value >= least && value <= most[i]))
            {
                PortendFail(where,
                            words[i],
                            "a number from " + portend::ToText(least) + " to " +
                                portend::ToText(most[i]));
            }
            numbers.push_back(value);
        }
    }
    return lines;
}

/// Makes steps of values that hold from a time on.
class StepMaker
{
  public:
    /**
     * @brief Add a step. Of several at the same time the last counts.
     * @param at its time; those of the first is the beginning
     * @param state what the link offers then
     */
    void Add(Time at, const PortendLinkState& state)
    {
        if (m_steps.empty())
        {
            m_start = at;
        }
        const auto since = at - m_start;
        if (!m_steps.empty() && m_steps.back().at == since)
        {
            m_steps.pop_back();
        }
        m_steps.push_back({since, state});
    }

    /// @return the steps
    Steps Get() const
    {
        return m_steps;
    }

  private:
    Time m_start;  //!< time of the first
    Steps m_steps; //!< so far
};

/**
 * @brief Read what a row of a table says of a link besides.
 * @param table the table
 * @param row index of the row
 * @return bandwidth, delay and loss
 */
PortendLinkState
ReadState(const PortendTable& table, std::size_t row)
{
    PortendLinkState state;
    state.rate = ToRate(table.GetNumber(row, table.Find("bandwidth_bps"), 0, MOST_BPS));
    const auto find = [&](const std::string& name, double most, auto set) {
        if (table.Has(name) && !table.GetText(row, table.Find(name)).empty())
        {
            set(table.GetNumber(row, table.Find(name), 0, most));
        }
    };
    find("delay_ms", MOST_DELAY_MS, [&](double ms) { state.delay = ToTime(ms * 1e-3); });
    find("loss", 1, [&](double loss) { state.loss = loss; });
    return state;
}

/**
 * @brief Read a table of our own.
 * @param file its name
 * @return its steps
 */
Steps
ReadTable(const std::string& file)
{
    const PortendTable table(file);
    const auto column = table.Find("time_s");
    StepMaker steps;
    double last = 0;
    for (std::size_t row = 0; row < table.CountRows(); ++row)
    {
        last = table.GetNumber(row, column, last, MOST_S);
        steps.Add(ToTime(last), ReadState(table, row));
    }
    return steps.Get();
}

/**
 * @brief Read opportunities, which are spread over bins; one at the end of a bin belongs to it.
 * @param lines the ms of each
 * @param file name of the file
 * @return steps
 */
Steps
ReadMahimahi(const std::vector<Line>& lines, const std::string& file)
{
    std::map<uint64_t, uint64_t> counts; // by bin
    uint64_t end = 0;
    for (const auto& line : lines)
    {
        const auto ms = line.words.front();
        if (ms != std::floor(ms))
        {
            PortendFail(file + ":" + std::to_string(line.number),
                        portend::ToText(ms),
                        "a whole number of ms");
        }
        end = static_cast<uint64_t>(ms);
        ++counts[end > 0 ? (end - 1) / BIN_MS : 0];
    }
    if (end == 0)
    {
        PortendFail(file, "0", "more than 0 ms at the end, where the trace begins again");
    }
    StepMaker steps;
    uint64_t at = 0;
    DataRate rate;
    for (const auto& [bin, count] : counts)
    {
        const auto begin = bin * BIN_MS;
        const auto after = std::min(begin + BIN_MS, end);
        if (begin > at)
        {
            steps.Add(MilliSeconds(at), {DataRate(0)});
        }
        const auto lasts = static_cast<double>(after - begin);
        rate = ToRate(static_cast<double>(count) * OPPORTUNITY_BITS * 1000 / lasts);
        steps.Add(MilliSeconds(begin), {rate});
        at = after;
    }
    steps.Add(MilliSeconds(end), {rate});
    return steps.Get();
}

/**
 * @brief Read a trace, whatever its format.
 * @param file its name
 * @return its steps
 */
Steps
ReadSteps(const std::string& file)
{
    const auto text = PortendOpen(file).str();
    const auto head = FindHead(text);
    const auto words = GetWords(head);
    const auto isNumber = [](const std::string& word) {
        double number = 0;
        return PortendParseNumber(word, number);
    };
    if (head.find("time_s") != std::string::npos && head.find("bandwidth_bps") != std::string::npos)
    {
        return ReadTable(file);
    }
    if (words.size() == 1 && isNumber(words[0]))
    {
        return ReadMahimahi(ReadLines(text, file, {MOST_S * 1000}), file);
    }
    if (words.size() == 2 && isNumber(words[0]) && isNumber(words[1]))
    {
        StepMaker steps;
        for (const auto& line : ReadLines(text, file, {MOST_S, MOST_BPS / 1e6}))
        {
            steps.Add(ToTime(line.words[0]), {ToRate(line.words[1] * 1e6)});
        }
        return steps.Get();
    }
    throw InputError(file,
                     "found " + (head.empty() ? "nothing" : portend::Quote(head)) +
                         "; looked for: " + LOOKED_FOR);
}

/**
 * @brief Require that each state leads to each other.
 * @param states the states
 * @param table that they are of
 */
void
RequireConnected(const States& states, const PortendTable& table)
{
    const auto name = table.Find("state");
    for (std::size_t from = 0; from < states.size(); ++from)
    {
        std::vector<std::size_t> reached{from};
        std::vector<bool> isReached(states.size());
        isReached[from] = true;
        for (std::size_t i = 0; i < reached.size(); ++i)
        {
            for (std::size_t to = 0; to < states.size(); ++to)
            {
                if (!isReached[to] && states[reached[i]].weights[to] > 0)
                {
                    isReached[to] = true;
                    reached.push_back(to);
                }
            }
        }
        if (reached.size() < states.size())
        {
            table.Fail(from, name, "a state that each other follows, sooner or later");
        }
    }
}

} // namespace

std::shared_ptr<const Steps>
PortendLinkTraces::GetSteps(const std::string& file)
{
    auto& known = m_steps[file];
    if (!known)
    {
        auto steps = ReadSteps(file);
        if (std::all_of(steps.begin(), steps.end(), [](const auto& step) {
                return step.state.rate.GetBitRate() == 0;
            }))
        {
            throw InputError(file,
                             "found 0 b/s throughout; allowed: a trace that lets something pass");
        }
        known = std::make_shared<const Steps>(std::move(steps));
    }
    return known;
}

std::shared_ptr<const States>
PortendLinkTraces::GetStates(const std::string& file)
{
    auto& known = m_states[file];
    if (known)
    {
        return known;
    }
    const PortendTable table(file);
    const auto name = table.Find("state");
    const auto dwell = table.Find("dwell_s");
    const auto count = table.CountRows();
    States states;
    bool hasWeights = false;
    for (std::size_t row = 0; row < count; ++row)
    {
        hasWeights = hasWeights || table.Has(table.GetText(row, name));
    }
    for (std::size_t row = 0; row < count; ++row)
    {
        PortendMarkovLink::State state;
        state.state = ReadState(table, row);
        state.dwellS = table.GetNumber(row, dwell, SHORTEST_DWELL_S, MOST_S);
        for (std::size_t next = 0; next < count; ++next)
        {
            const auto& follower = table.GetText(next, name);
            const auto weight =
                hasWeights ? table.GetNumber(row, table.Find(follower), 0, MOST_WEIGHT) : 1;
            if (hasWeights && next == row && weight > 0)
            {
                table.Fail(row, table.Find(follower), "0: no state follows itself");
            }
            state.weights.push_back(next == row ? 0 : weight);
        }
        states.push_back(state);
    }
    if (std::all_of(states.begin(), states.end(), [](const auto& state) {
            return state.state.rate.GetBitRate() == 0;
        }))
    {
        throw InputError(file, "found 0 b/s in every state; allowed: one that lets something pass");
    }
    RequireConnected(states, table);
    known = std::make_shared<const States>(std::move(states));
    return known;
}

} // namespace ns3
