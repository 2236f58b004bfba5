/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Traces of arrivals as others write them.

#include "bad_input.h"

#include "ns3/portend-trace-files.h"

#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <vector>

using namespace ns3;

namespace
{

/// A file, and the arrivals that are read from it.
class ArrivalTraceTest : public testing::Test
{
  protected:
    /**
     * @brief Read a trace.
     * @param text of the file
     * @param factor what stands behind its name
     * @param count most arrivals
     * @return arrivals, in nanoseconds
     */
    std::vector<int64_t> Read(const std::string& text,
                              const std::string& factor = "",
                              uint64_t count = 100)
    {
        std::vector<int64_t> times;
        for (const auto& time : PortendReadArrivals(m_folder.Write("trace", text) + factor, count))
        {
            times.push_back(time.GetNanoSeconds());
        }
        return times;
    }

    /**
     * @brief Require that a trace is refused.
     * @param text of the file
     * @param where behind the file's name
     * @param parts texts that the message must contain
     */
    void ExpectBad(const std::string& text,
                   const std::string& where,
                   const std::vector<std::string>& parts)
    {
        SCOPED_TRACE(text);
        ExpectInputError([&] { Read(text); }, m_folder / "trace" + where, parts);
    }

    using Times = std::vector<int64_t>; ///< nanoseconds
    TemporaryFolder m_folder;           ///< holds the file
};

} // namespace

// 18:17:03.97996 is the beginning; 18:18:04.0319601 comes 60.0520001 s later. The hundred
// nanoseconds of Azure's dates count.
TEST_F(ArrivalTraceTest, CountsDatesFromTheFirst)
{
    EXPECT_EQ(Read("TIMESTAMP,ContextTokens,GeneratedTokens\n"
                   "2023-11-16 18:17:03.9799600,4808,10\n"
                   "2023-11-16 18:18:04.0319601,3180,8\n"),
              (Times{0, 60'052'000'100}));
    // Over the end of a February that has 29 days, and out of order.
    EXPECT_EQ(Read("2024-03-01T00:00:00Z\n2024-02-28T23:59:59.5Z\n"),
              (Times{0, 86'400'500'000'000}));
    EXPECT_EQ(Read("date\n2023-03-01 00:00:00\n2023-02-28 23:59:59\n"), (Times{0, 1'000'000'000}));
    // Zones: one o'clock in Berlin is noon in Greenwich; half past five in Kolkata, too.
    EXPECT_EQ(Read("2023-01-01T13:00:00+01:00\n2023-01-01T12:00:01\n2023-01-01T17:30:02+0530\n"),
              (Times{0, 1'000'000'000, 2'000'000'000}));
    // A year of 365 and one of 366 days.
    EXPECT_EQ(Read("1999-12-31 00:00:00\n2000-12-31 00:00:00\n").at(1),
              366 * 86'400 * 1'000'000'000LL);
}

// Rows are by end: start = end - duration. What began before the trace arises with it.
TEST_F(ArrivalTraceTest, TakesCallsByTheirBeginning)
{
    EXPECT_EQ(Read("app,func,end_timestamp,duration\n"
                   "a,f,10.5,0.5\n"
                   "a,g,11,8.75\n"
                   "b,f,12,20\n"),
              (Times{0, 2'250'000'000, 10'000'000'000}));
}

// Two calls of one function and one of another in the first minute: at 1/6, 3/6 and 5/6 of it. None
// in the second, one in the middle of the third.
TEST_F(ArrivalTraceTest, SpreadsCountsOverTheirMinute)
{
    const std::string text = "HashOwner,HashApp,HashFunction,Trigger,1,2,3\n"
                             "o,a,f,http,2,0,1\n"
                             "o,a,g,queue,1,0,0\n";
    EXPECT_EQ(Read(text), (Times{10'000'000'000, 30'000'000'000, 50'000'000'000, 150'000'000'000}));
    EXPECT_EQ(Read(text, "", 2), (Times{10'000'000'000, 30'000'000'000}));
    ExpectBad("HashFunction,1\nf,1.5\n", ":2: 1", {"found '1.5'", "a whole number of calls"});
    ExpectBad("HashFunction,1\nf,-1\n", ":2: 1", {"found '-1'"});
    ExpectBad("HashFunction,1\nf,0\n", "", {"holds no request"});
}

// The unit is that of the column's name; without one seconds, or what the size says.
TEST_F(ArrivalTraceTest, ReadsLists)
{
    const Times expected{1'500'000'000, 2'000'000'000};
    for (const auto* text : {"1.5\n2\n",
                             "time\n1.5\n2\n",
                             "t\n2\n1.5\n",
                             "time_s\n1.5\n2\n",
                             "arrival (ms)\n1500\n2000\n",
                             "Timestamp [ms],user\n1500,a\n2000,b\n",
                             "time.us\n1500000\n2000000\n",
                             "user,arrival_seconds\na,1.5\nb,2\n",
                             "\xEF\xBB\xBF\"1.5\"\r\n2\r\n\r\n"})
    {
        SCOPED_TRACE(text);
        EXPECT_EQ(Read(text), expected);
    }
    // Since 1970, in each unit.
    for (const auto* text : {"1700000000\n1700000000.5\n",
                             "1700000000000\n1700000000500\n",
                             "1700000000000000\n1700000000500000\n",
                             "1700000000000000000\n1700000000500000000\n",
                             "time_ms\n1700000000000\n1700000000500\n"})
    {
        SCOPED_TRACE(text);
        EXPECT_EQ(Read(text), (Times{0, 500'000'000}));
    }
}

TEST_F(ArrivalTraceTest, ScalesRates)
{
    const std::string text = "arrival_ms\n1\n3\n";
    EXPECT_EQ(Read(text), (Times{1'000'000, 3'000'000}));
    EXPECT_EQ(Read(text, "@0.1"), (Times{10'000'000, 30'000'000}));
    EXPECT_EQ(Read(text, "@2"), (Times{500'000, 1'500'000}));
    EXPECT_EQ(Read(text, "@1e0"), (Times{1'000'000, 3'000'000}));
    for (const auto* factor : {"@0", "@-1", "@1e9", "@nan"})
    {
        SCOPED_TRACE(factor);
        ExpectInputError([&] { Read(text, factor); },
                         m_folder / "trace" + factor,
                         {"a factor on the rate, from 1e-6 to 1e6"});
    }
    // What is no number belongs to the name.
    const auto file = m_folder.Write("trace@noon", text);
    EXPECT_EQ(PortendReadArrivals(file, 9).size(), 2U);
    EXPECT_EQ(PortendReadArrivals(file + "@0.5", 9)[0].GetNanoSeconds(), 2'000'000);
    ExpectInputError([&] { Read("1e7\n", "@0.001"); },
                     m_folder / "trace",
                     {"request 1 arises after 1e+10 s", "at most a century"});
}

TEST_F(ArrivalTraceTest, RefusesWhatMakesNoSense)
{
    ExpectBad("", "", {"no line after its header"});
    ExpectBad("time\n", "", {"no line after its header"});
    ExpectBad("who,when\na,1\n", "", {"no column tells times of arrival", "found: who,when"});
    ExpectBad("time\nnoon\n", ":2: time", {"found 'noon'", "a number"});
    ExpectBad("time\n1\nnoon\n", ":3: time", {"found 'noon'", "a number"});
    ExpectBad("time\n-1\n", ":2: time", {"found '-1'"});
    ExpectBad("2023-01-01 00:00:00\n5\n", ":2: timestamp", {"found '5'", "a date"});
    for (const auto* date : {"2023-13-01 00:00:00",
                             "2023-02-29 00:00:00",
                             "2023-01-01 24:00:00",
                             "2023-01-01 00:60:00",
                             "2023-01-01 00:00:00.",
                             "2023-01-01 00:00:00+",
                             "2023-01-01 00:00:00+1",
                             "2023-01-01 00:00:00+01:",
                             "2023-01-01 00:00:00Zz",
                             "2023-01-01",
                             "2023-01-0 00:00:00"})
    {
        ExpectBad(std::string("2023-01-01 00:00:00\n") + date + "\n", ":2: timestamp", {date});
    }
    ExpectBad("end_timestamp,duration\n1,x\n", ":2: duration", {"found 'x'"});
    ExpectBad("end_timestamp,duration\n1,-1\n", ":2: duration", {"found '-1'"});
}
