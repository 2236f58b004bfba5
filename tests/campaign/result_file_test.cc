/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Result files: all or none, the same bytes in any order, one campaign only.

#include "ns3/portend-profile.h"
#include "ns3/portend-result-file.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <limits>
#include <sstream>
#include <unistd.h>

using namespace ns3;

namespace
{

/// A folder for files, and rows to put into them.
class ResultFileTest : public testing::Test
{
  protected:
    ResultFileTest()
    {
        auto pattern = (std::filesystem::temp_directory_path() / "portend-test-XXXXXX").string();
        m_folder = mkdtemp(pattern.data());
    }

    ~ResultFileTest() override
    {
        std::filesystem::remove_all(m_folder);
    }

    /// @return the name of a file in the folder
    std::string GetName(const std::string& name) const
    {
        return (m_folder / name).string();
    }

    /// @return the bytes of a file in the folder
    std::string Read(const std::string& name) const
    {
        std::ostringstream text;
        text << std::ifstream(m_folder / name, std::ios::binary).rdbuf();
        return text.str();
    }

    /// @return what makes a campaign
    static PortendResultFile::Tables GetCampaign(const std::string& bandwidth = "10Mbps")
    {
        return {{"meta",
                 {{{"key", "command"}, {"value", "any"}},
                  {{"key", "scenario"},
                   {"value", "{\"links\":[{\"bandwidth\":\"" + bandwidth + "\"}]}"}}}}};
    }

    /// @return the rows of a point
    static PortendResultFile::Tables GetPoint(int point)
    {
        nlohmann::json result{{"point", point}, {"rank", 0}, {"explanation", ""}};
        for (const char* column : {"profile", "deployment", "thresholds", "rules"})
        {
            result[column] = "any";
        }
        for (const char* column : {"replications",
                                   "warmup_requests",
                                   "requests",
                                   "generated",
                                   "completed",
                                   "precise",
                                   "steady",
                                   "is_random"})
        {
            result[column] = 1;
        }
        return {{"point", {{{"id", point}, {"scenario", "{}"}}}},
                {"result", {result}},
                {"replication",
                 {{{"point", point}, {"rank", 0}, {"replication", 0}, {"latency_ms", point / 7.0}},
                  {{"point", point}, {"rank", 0}, {"replication", 1}, {"latency_ms", 0.1}}}}};
    }

  private:
    std::filesystem::path m_folder; ///< of the test
};

} // namespace

// The second row has the key of the first: neither stays, nor does the point.
TEST_F(ResultFileTest, AddsAllRowsOrNone)
{
    PortendResultFile file(GetName("a"), GetCampaign(), false);
    auto rows = GetPoint(3);
    rows["replication"][1]["replication"] = 0;
    EXPECT_THROW(file.Add(rows), portend::InputError);
    EXPECT_FALSE(file.Has(3));
    EXPECT_EQ(file.CountPoints(), 0U);
    file.Add(GetPoint(3));
    EXPECT_TRUE(file.Has(3));
    EXPECT_EQ(file.CountPoints(), 1U);
}

TEST_F(ResultFileTest, BytesDoNotTellTheOrderOfPoints)
{
    for (const auto& [name, order] :
         {std::pair{"up", std::vector{0, 1, 2, 3}}, std::pair{"down", std::vector{3, 1, 2, 0}}})
    {
        for (const int point : order) // opened anew each time, as after a kill
        {
            PortendResultFile(GetName(name), GetCampaign(), false).Add(GetPoint(point));
        }
        PortendResultFile file(GetName(name), GetCampaign(), false);
        EXPECT_FALSE(file.IsFinished());
        file.Finish(PortendResultFile::Tables::object());
        EXPECT_TRUE(file.IsFinished());
    }
    EXPECT_EQ(Read("up"), Read("down"));
    EXPECT_FALSE(Read("up").empty());
}

TEST_F(ResultFileTest, NumbersReadBackToTheLastBitAndNaNIsNull)
{
    PortendResultFile file(GetName("a"), GetCampaign(), false);
    auto rows = GetPoint(1);
    rows["cdf"] = {
        {{"point", 1}, {"rank", 0}, {"partition", 0}, {"latency_ms", 0.1 + 0.2}, {"share", 1}}};
    rows["link"] = {{{"point", 1},
                     {"rank", 0},
                     {"link", 0},
                     {"sent_bytes", INT64_MAX},
                     {"dropped_bytes", std::nan("")},
                     {"saved_bytes", 0}}};
    file.Add(rows);
    file.ForEach("SELECT latency_ms FROM cdf", [](const auto& row) {
        EXPECT_EQ(row["latency_ms"].template get<double>(), 0.1 + 0.2);
    });
    file.ForEach("SELECT sent_bytes, dropped_bytes FROM link", [](const auto& row) {
        EXPECT_EQ(row["sent_bytes"].template get<int64_t>(), INT64_MAX);
        EXPECT_TRUE(row["dropped_bytes"].is_null());
    });
}

TEST_F(ResultFileTest, RefusesAnotherCampaignAndNamesTheDifference)
{
    PortendResultFile(GetName("a"), GetCampaign(), false).Add(GetPoint(0));
    const auto before = Read("a");
    try
    {
        PortendResultFile(GetName("a"), GetCampaign("5Mbps"), false);
        FAIL() << "not refused";
    }
    catch (const portend::InputError& error)
    {
        const std::string words = error.what();
        EXPECT_EQ(error.GetWhere(), GetName("a"));
        EXPECT_NE(words.find("/links/0/bandwidth: there \"10Mbps\", now \"5Mbps\""),
                  std::string::npos)
            << words;
    }
    EXPECT_EQ(Read("a"), before);
    PortendResultFile restarted(GetName("a"), GetCampaign("5Mbps"), true);
    EXPECT_EQ(restarted.CountPoints(), 0U);
}

TEST_F(ResultFileTest, RefusesWhatComesFromElsewhere)
{
    const auto getCampaign = [](const std::string& digest) {
        auto campaign = GetCampaign();
        campaign["provenance"] = {{{"kind", "input"}, {"name", "a.json"}, {"value", digest}},
                                  {{"kind", "program"}, {"name", "seed"}, {"value", 1}}};
        return campaign;
    };
    const auto expectRefused = [&](const auto& act) {
        try
        {
            act();
            FAIL() << "not refused";
        }
        catch (const portend::InputError& error)
        {
            const std::string words = error.what();
            EXPECT_NE(words.find("'a.json': there abc, now def"), std::string::npos) << words;
        }
    };
    PortendResultFile file(GetName("a"), getCampaign("abc"), false);
    auto rows = GetPoint(0);
    rows["provenance"] = getCampaign("abc")["provenance"];
    file.Add(rows);
    rows = GetPoint(1);
    rows["provenance"] = getCampaign("def")["provenance"]; // of a worker that has read others
    expectRefused([&]() { file.Add(rows); });
    EXPECT_FALSE(file.Has(1));
    PortendResultFile(GetName("b"), getCampaign("abc"), false);
    expectRefused([&]() { PortendResultFile(GetName("b"), getCampaign("def"), false); });
}

TEST_F(ResultFileTest, LeavesWhatIsNoResultFile)
{
    std::ofstream(GetName("text")) << "not a database, but rather long: " << std::string(200, 'x');
    const auto before = Read("text");
    for (const bool restart : {false, true})
    {
        EXPECT_THROW(PortendResultFile(GetName("text"), GetCampaign(), restart),
                     portend::InputError);
    }
    EXPECT_EQ(Read("text"), before);
}
