/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-link-traces.h"

#include "portend-json.h"
#include "portend-table.h"
#include "portend-text.h"

#include "ns3/portend-profile.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <iterator>
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

/// What traces look like.
const std::string LOOKED_FOR =
    "a table with time_s and bandwidth_bps; lines of one number (Mahimahi), of two (Pensieve) or "
    "of "
    "six (Ghent, Norway); a header with unit_id and bytes_sec_interval (FCC), with Timestamp, "
    "DL_bitrate and UL_bitrate (Irish), or with a column that ends in throughput_mbps (5Gophers); "
    "JSON with trace_pattern (AlphaRTC); scripts/convert-trace FILE tells what it makes of a file";

/// Columns of Ghent's and Norway's logs: since 1970, ms, latitude, longitude, bytes, their ms.
constexpr std::size_t LOG_COLUMNS = 6;
constexpr std::size_t LOG_BYTES = 4;
constexpr std::size_t LOG_MS = 5;

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
 * @throw InputError if it is longer than a trace may be
 */
Time
ToTime(double seconds)
{
    if (!(std::abs(seconds) <= MOST_S)) // far from 2^63 ns, where time wraps
    {
        throw InputError("",
                         "found a time of " + portend::ToText(seconds) + " s; allowed: up to " +
                             portend::ToText(MOST_S) + " s");
    }
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
 * @param most of each number, none of them negative, or infinite if it may be any; as many as
 *        there are of them
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
            static const char* const COUNTS[]{"", "one number", "two numbers"};
            PortendFail(where,
                        line,
                        (most.size() < std::size(COUNTS)
                             ? std::string(COUNTS[most.size()])
                             : std::to_string(most.size()) + " numbers") +
                            ", as in the first line");
        }
        auto& numbers = lines.emplace_back(Line{number, {}}).words;
        for (std::size_t i = 0; i < words.size(); ++i)
        {
            const bool isAny = i > 0 && std::isinf(most[i]); // such as a longitude
            const auto least = isAny                        ? -HUGE_VAL
                               : i == 0 && lines.size() > 1 ? (lines.end() - 2)->words.front()
                                                            : 0;
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

/// Lays out pieces one after the other.
class Layout
{
  public:
    /**
     * @brief Constructor.
     * @param perSecond units of the times in a second
     */
    explicit Layout(double perSecond)
        : m_perSecond(perSecond)
    {
    }

    /**
     * @brief Add a piece.
     * @param lasts how long it holds
     * @param state what the link offers then
     */
    void Add(double lasts, const PortendLinkState& state)
    {
        m_steps.Add(ToTime(m_end / m_perSecond), state);
        m_end += lasts;
        m_last = state;
    }

    /// @return the steps, the last of which ends the trace; none without pieces
    Steps Get()
    {
        if (m_steps.Get().empty())
        {
            return {};
        }
        m_steps.Add(ToTime(m_end / m_perSecond), m_last);
        return m_steps.Get();
    }

  private:
    double m_perSecond;      //!< units of times in a second
    double m_end{0};         //!< of all pieces
    PortendLinkState m_last; //!< what the last offers
    StepMaker m_steps;       //!< of the pieces
};

/**
 * @brief Tell whether a trace lets something pass.
 * @param steps the trace
 * @return true if so
 */
bool
IsOpen(const Steps& steps)
{
    return std::any_of(steps.begin(), steps.end(), [](const auto& step) {
        return step.state.rate.GetBitRate() > 0;
    });
}

/**
 * @brief Choose one of several traces of a file.
 * @param traces the traces, in the order of the file
 * @return the first that lets something pass; else the first that has steps
 */
Steps
Choose(const std::vector<Steps>& traces)
{
    const auto open = std::find_if(traces.begin(), traces.end(), IsOpen);
    const auto any = std::find_if(traces.begin(), traces.end(), [](const auto& steps) {
        return !steps.empty();
    });
    return open != traces.end() ? *open : any != traces.end() ? *any : Steps();
}

/**
 * @brief Tell whether a table has no value in a field.
 * @param text of the field
 * @return true if so
 */
bool
IsMissing(const std::string& text)
{
    return text.empty() || text == "-" || text == "\\N";
}

/**
 * @brief Read a date and time.
 * @param table that has it
 * @param row index of the row
 * @param column index of the column
 * @param form as of strptime()
 * @param example of such a time
 * @return seconds since some beginning
 */
double
ReadDate(const PortendTable& table,
         std::size_t row,
         std::size_t column,
         const char* form,
         const std::string& example)
{
    std::tm date{};
    const auto& text = table.GetText(row, column);
    const auto* end = strptime(text.c_str(), form, &date);
    if (!end || *end != '\0')
    {
        table.Fail(row, column, "a time such as " + example);
    }
    return static_cast<double>(timegm(&date));
}

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
 * @brief Read Ghent's or Norway's log: the bytes that came in so many ms before a row's time.
 * @param lines of the file
 * @return steps, put end to end
 */
Steps
ReadLog(const std::vector<Line>& lines)
{
    Layout layout(1000);
    for (const auto& line : lines)
    {
        const auto ms = line.words[LOG_MS];
        if (ms > 0)
        {
            layout.Add(ms, {ToRate(std::min(line.words[LOG_BYTES] * 8 * 1000 / ms, MOST_BPS))});
        }
    }
    return layout.Get();
}

/**
 * @brief Read the FCC's tests: of each unit in the order of time, one after the other.
 * @param file its name
 * @return steps of the first unit that was let through
 */
Steps
ReadFcc(const std::string& file)
{
    struct Part
    {
        double date;     //!< of the test, s
        double sequence; //!< number of the row in it
        double elapsed;  //!< since it began, us
        DataRate rate;   //!< since the row before
    };

    const PortendTable table(file);
    const auto unit = table.Find("unit_id");
    const auto date = table.Find("dtime");
    const auto elapsed = table.Find("fetch_time");
    const auto rate = table.Find("bytes_sec_interval");
    const auto sequence = table.Find("sequence");
    std::vector<std::string> names;
    std::map<std::string, std::vector<Part>> units;
    for (std::size_t row = 0; row < table.CountRows(); ++row)
    {
        const bool isFailed =
            table.Has("successes") && table.GetText(row, table.Find("successes")) == "0";
        if (isFailed || IsMissing(table.GetText(row, rate)))
        {
            continue;
        }
        const auto& name = table.GetText(row, unit);
        if (units.count(name) == 0)
        {
            names.push_back(name);
        }
        units[name].push_back(
            {ReadDate(table, row, date, "%Y-%m-%d %H:%M:%S", "2015-01-31 23:59:59"),
             table.GetNumber(row, sequence, 0, MOST_S),
             table.GetNumber(row, elapsed, 0, MOST_S * 1e6),
             ToRate(8 * table.GetNumber(row, rate, 0, MOST_BPS / 8))});
    }
    std::vector<Steps> traces;
    for (const auto& name : names)
    {
        auto& parts = units[name];
        std::stable_sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) {
            return a.date < b.date;
        });
        Layout layout(1e6);
        const Part* before = nullptr;
        for (const auto& part : parts)
        {
            const bool goesOn =
                before && part.sequence > before->sequence && part.elapsed > before->elapsed;
            layout.Add(goesOn ? part.elapsed - before->elapsed : part.elapsed, {part.rate});
            before = &part;
        }
        traces.push_back(layout.Get());
    }
    return Choose(traces);
}

/**
 * @brief Read the Irish data sets: a row about each second, kb/s both ways.
 * @param file its name
 * @return steps of the way down, or up if that is 0 throughout
 */
Steps
ReadIrish(const std::string& file)
{
    const PortendTable table(file);
    const auto time = table.Find("Timestamp");
    std::vector<Steps> traces;
    for (const auto* name : {"DL_bitrate", "UL_bitrate"})
    {
        const auto column = table.Find(name);
        StepMaker steps;
        double last = 0;
        for (std::size_t row = 0; row < table.CountRows(); ++row)
        {
            const auto now = ReadDate(table, row, time, "%Y.%m.%d_%H.%M.%S", "2017.11.22_10.07.03");
            if (now < last)
            {
                table.Fail(row, time, "no time before that of the row before");
            }
            last = now;
            if (!IsMissing(table.GetText(row, column)))
            {
                steps.Add(ToTime(now),
                          {ToRate(1e3 * table.GetNumber(row, column, 0, MOST_BPS / 1e3))});
            }
        }
        traces.push_back(steps.Get());
    }
    return Choose(traces);
}

/// What columns of bandwidths end in, of 5Gophers.
const std::string GOPHERS_COLUMN = "throughput_mbps";

/**
 * @brief Read 5Gophers: a row each second, Mb/s of each carrier.
 * @param file its name
 * @return steps of the first carrier that let something pass
 */
Steps
ReadGophers(const std::string& file)
{
    const PortendTable table(file);
    std::vector<Steps> traces;
    for (std::size_t column = 0; column < table.GetNames().size(); ++column)
    {
        const auto& name = table.GetNames()[column];
        if (name.size() < GOPHERS_COLUMN.size() ||
            name.substr(name.size() - GOPHERS_COLUMN.size()) != GOPHERS_COLUMN)
        {
            continue;
        }
        Layout layout(1);
        double last = 0;
        for (std::size_t row = 0; row < table.CountRows(); ++row)
        {
            if (table.Has("seq_num"))
            {
                last = table.GetNumber(row, table.Find("seq_num"), last, MOST_S);
            }
            if (!IsMissing(table.GetText(row, column)))
            {
                layout.Add(1, {ToRate(1e6 * table.GetNumber(row, column, 0, MOST_BPS / 1e6))});
            }
        }
        traces.push_back(layout.Get());
    }
    return Choose(traces);
}

/**
 * @brief Read AlphaRTC's JSON: pieces with ms and kb/s; what one does not say stays.
 * @param file its name
 * @return steps of the way up, or down if that is 0 throughout
 */
Steps
ReadAlphaRtc(const std::string& file)
{
    return PortendJson::Read(file, PortendJson::Load(file), [](const PortendJson& json) {
        std::vector<Steps> traces;
        for (const auto* way : {"uplink", "downlink"})
        {
            if (!json.Has(way) || !json.Get(way).Has("trace_pattern"))
            {
                continue;
            }
            Layout layout(1000);
            std::map<std::string, double> known;
            for (const auto& piece : json.Get(way).Get("trace_pattern").GetArray())
            {
                for (const auto& [key, most] : {std::pair{"duration", MOST_S * 1000},
                                                std::pair{"capacity", MOST_BPS / 1e3},
                                                std::pair{"rtt", 2 * MOST_DELAY_MS},
                                                std::pair{"loss", 1.0}})
                {
                    if (!piece.Has(key) || piece.Get(key).IsNull())
                    {
                        continue;
                    }
                    known[key] = piece.Get(key).GetNumber();
                    if (!(known[key] >= 0 && known[key] <= most))
                    {
                        piece.Get(key).Fail("a number from 0 to " + portend::ToText(most));
                    }
                }
                for (const auto* key : {"duration", "capacity"})
                {
                    if (known.count(key) == 0)
                    {
                        piece.Get(key); // must have it
                    }
                }
                PortendLinkState state;
                state.rate = ToRate(known["capacity"] * 1e3);
                if (known.count("rtt") > 0)
                {
                    state.delay = ToTime(known["rtt"] / 2 * 1e-3);
                }
                if (known.count("loss") > 0)
                {
                    state.loss = known["loss"];
                }
                layout.Add(known["duration"], state);
            }
            traces.push_back(layout.Get());
        }
        return Choose(traces);
    });
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
    if (words.size() == LOG_COLUMNS && std::all_of(words.begin(), words.end(), isNumber))
    {
        return ReadLog(
            ReadLines(text,
                      file,
                      {HUGE_VAL, HUGE_VAL, HUGE_VAL, HUGE_VAL, MOST_BPS, MOST_S * 1000}));
    }
    const auto says = [&head](const std::string& word) {
        return head.find(word) != std::string::npos;
    };
    if (says("unit_id") && says("bytes_sec_interval"))
    {
        return ReadFcc(file);
    }
    if (says("Timestamp") && says("DL_bitrate"))
    {
        return ReadIrish(file);
    }
    if (says(GOPHERS_COLUMN))
    {
        return ReadGophers(file);
    }
    if (!head.empty() && head.front() == '{' && text.find("\"trace_pattern\"") != std::string::npos)
    {
        return ReadAlphaRtc(file);
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
        Steps steps;
        try
        {
            steps = ReadSteps(file);
        }
        catch (const InputError& error)
        {
            throw InputError(error.GetWhere().empty() ? file : error.GetWhere(), error.what());
        }
        if (steps.empty())
        {
            throw InputError(file, "found no row of a trace; allowed: at least one");
        }
        if (!IsOpen(steps))
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
