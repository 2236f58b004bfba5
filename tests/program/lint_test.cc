/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Warnings before a run, and what they warn of: scenarios/wrong holds a scenario for each, named
// after its check.

#include "run_program.h"

#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

using Json = nlohmann::json;

namespace
{

const std::filesystem::path SCENARIOS = std::filesystem::path(PORTEND_SOURCE_DIR) / "scenarios";

class LintProgramTest : public ProgramTest
{
  protected:
    /// @return the scenario files of a folder
    static std::vector<std::filesystem::path> GetScenarios(const std::filesystem::path& folder)
    {
        std::vector<std::filesystem::path> files;
        for (const auto& entry : std::filesystem::directory_iterator(folder))
        {
            if (entry.path().extension() == ".json")
            {
                files.push_back(entry.path());
            }
        }
        return files;
    }

    /// What a run showed.
    struct Measured
    {
        double meanMs;       ///< mean latency
        std::string warning; ///< standard error
    };

    /// @return what a wrong scenario shows, with some options
    Measured Measure(const std::string& check, std::vector<std::string> options = {}) const
    {
        options.push_back("--scenario=" + (SCENARIOS / "wrong" / (check + ".json")).string());
        options.insert(options.end(), {"--quiet", "--json=-"});
        const auto run = Run(options);
        EXPECT_EQ(run.status, 0) << run.err;
        return {Json::parse(run.out)["simulated"]["latency_ms"]["mean"], run.err};
    }

    /// Requires that what is wrong takes so many times as long as what is right, and says so.
    static void ExpectRatio(const Measured& wrong, const Measured& right, const std::string& ratio)
    {
        EXPECT_NEAR(wrong.meanMs / right.meanMs, std::stod(ratio), 0.05);
        EXPECT_NE(wrong.warning.find(ratio + " times as long"), std::string::npos)
            << "'" << wrong.warning << "' lacks " << ratio;
    }
};

} // namespace

TEST_F(LintProgramTest, EachWrongScenarioHasItsWarningAndNoOther)
{
    std::set<std::string> checks;
    for (const auto& file : GetScenarios(SCENARIOS / "wrong"))
    {
        const auto check = file.stem().string();
        SCOPED_TRACE(check);
        checks.insert(check);
        const auto warning = "portend-3tier: warning: " + check + ": " + file.string() + ": /";
        const std::vector<std::string> options{"--scenario=" + file.string(),
                                               "--precision=1%",
                                               "--quiet"};
        const auto run = Run(options);
        EXPECT_EQ(run.status, 0);
        EXPECT_EQ(run.err.compare(0, warning.size(), warning), 0) << run.err;
        EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;

        auto strict = options;
        strict.insert(strict.end(), {"--strict", "--json=result.json", "--csv=-"});
        const auto refused = Run(strict);
        EXPECT_EQ(refused.status, 2);
        EXPECT_EQ(refused.out, "");
        EXPECT_EQ(refused.err, run.err + "portend-3tier: --strict: refused for 1 warning\n");
        EXPECT_TRUE(GetFiles().empty());
    }
    EXPECT_EQ(checks,
              (std::set<std::string>{"arrivals",
                                     "batch",
                                     "exits",
                                     "load",
                                     "memory",
                                     "mtu",
                                     "queue",
                                     "samples",
                                     "tcp-buffer",
                                     "tcp-segment"}));
}

TEST_F(LintProgramTest, ShippedScenariosHaveNone)
{
    const auto files = GetScenarios(SCENARIOS);
    ASSERT_GE(files.size(), 3U);
    for (const auto& file : files)
    {
        for (const char* const transport : {"udp", "tcp"})
        {
            const auto run = RunProgram(
                PORTEND_RUN,
                {file.string(), std::string("--transport=") + transport, "--strict", "--quiet"});
            EXPECT_EQ(run.status, 0) << file;
            EXPECT_EQ(run.err, "") << file;
        }
    }
}

// An option is named as the place, and several warnings are counted.
TEST_F(LintProgramTest, NamesOptionsAndCounts)
{
    const auto run = Run({"--deployment=1:1-55@0",
                          "--transport=tcp",
                          "--mtu=1500",
                          "--tcp-buffer=100kB",
                          "--tcp-segment=536B",
                          "--strict",
                          "--json=result.json"});
    EXPECT_EQ(run.status, 2);
    EXPECT_NE(run.err.find("warning: tcp-buffer: --tcp-buffer: /tcp_buffer: "), std::string::npos);
    EXPECT_NE(run.err.find("warning: tcp-segment: --tcp-segment: /tcp_segment: "),
              std::string::npos);
    EXPECT_NE(run.err.find("--strict: refused for 2 warnings\n"), std::string::npos) << run.err;
    EXPECT_TRUE(GetFiles().empty());
    // Buffers and segments of sockets are set by the transport, whatever ns-3's defaults are.
    const std::vector<std::string> tcp{"--transport=tcp", "--samples=5", "--quiet", "--json=-"};
    auto withDefaults = tcp;
    withDefaults.insert(withDefaults.end(),
                        {"--ns3::TcpSocket::SegmentSize=99", "--ns3::TcpSocket::SndBufSize=999"});
    EXPECT_EQ(Run(withDefaults).out, Run(tcp).out);
}

TEST_F(LintProgramTest, RefusesWhatIsNoPrecision)
{
    for (const std::string text : {"1", "0%", "-1%", "nan%", "%"})
    {
        const auto run = Run({"--precision=" + text, "--json=result.json"});
        EXPECT_EQ(run.status, 2);
        EXPECT_EQ(run.err,
                  "portend-3tier: --precision: found '" + text +
                      "'; allowed: a percentage above 0, such as 1%\n");
        EXPECT_TRUE(GetFiles().empty());
    }
}

// The consequences that the warnings tell of, to the digits that they give.
TEST_F(LintProgramTest, ConsequencesAreAsMeasured)
{
    ExpectRatio(Measure("load"), Measure("load", {"--arrival=poisson:10"}), "27.5");
    ExpectRatio(Measure("tcp-buffer"), Measure("tcp-buffer", {"--tcp-buffer=auto"}), "3.3");
    ExpectRatio(Measure("queue"), Measure("queue", {"--queue=auto"}), "3.4");
    ExpectRatio(Measure("tcp-segment"), Measure("tcp-segment", {"--tcp-segment=auto"}), "2.8");
    const auto cut = Measure("mtu");
    ExpectRatio(cut, Measure("mtu", {"--mtu=9000"}), "4.4");
    const auto whole = Measure("mtu", {"--mtu=1500"});
    ExpectRatio(cut, whole, "1.5");
    ExpectRatio(Measure("mtu", {"--mtu=1500", "--tcp-segment=8948B"}), whole, "3.8");
}
