/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// UDP and TCP as users choose them: what is lost, what it costs, and what is said of it.

#include "ledger_table.h"
#include "run_program.h"

#include <cmath>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

using Json = nlohmann::json;

namespace
{

class TransportProgramTest : public ProgramTest
{
  protected:
    /// @return the result of a run that writes nothing else, but warns if a check is named
    Json GetResult(std::vector<std::string> arguments, const std::string& check = "") const
    {
        SCOPED_TRACE(testing::PrintToString(arguments));
        arguments.insert(arguments.end(), {"--json=-", "--quiet"});
        const auto run = Run(arguments);
        EXPECT_EQ(run.status, 0);
        const auto warning = check.empty() ? "" : "portend-3tier: warning: " + check + ": ";
        EXPECT_EQ(run.err.substr(0, warning.size()), warning);
        EXPECT_EQ(run.err.empty(), check.empty()) << run.err;
        return Json::parse(run.out)["simulated"];
    }
};

} // namespace

// Messages of the default scenario fit into ten segments of 9000 B: on an idle network TCP adds
// a time step to each of them, 1 ns. Without the set-up of connections that is all.
TEST_F(TransportProgramTest, TcpOnAnIdleNetworkMeetsTheEstimate)
{
    const auto run =
        Run({"--transport=tcp", "--csv=-", "--quiet", "--deployment=1:1-25,2:26-40@0.1"});
    EXPECT_EQ(run.status, 0);
    const auto rows = ReadTable(run.out);
    ASSERT_EQ(rows.size(), 1000U);
    for (const auto& row : rows)
    {
        // Source to tier 1; to tier 2, if it does not exit; back to tier 0.
        const auto messages = row.at("exit_partition") == "1" ? "2" : "3";
        ASSERT_EQ(row.at("network_excess_ns"), messages);
        ASSERT_EQ(row.at("network_excess_protocol_ns"), messages);
    }
}

// The table says where the excess comes from; over UDP all of it is queueing.
TEST_F(TransportProgramTest, TableSplitsTheExcessOfTcp)
{
    for (const auto* part : {"protocol", "window", "retransmission", "queueing"})
    {
        const auto row = std::string("\n  ") + part + " ";
        EXPECT_NE(Run({"--samples=20", "--transport=tcp"}).out.find(row), std::string::npos);
        EXPECT_EQ(Run({"--samples=20"}).out.find(row), std::string::npos);
    }
}

// The first input waits for its connection, a round trip of 40 ms; then so does the first
// result. Both are protocol.
TEST_F(TransportProgramTest, ColdConnectionsAreSetUpByRequests)
{
    const auto run = Run({"--transport=tcp",
                          "--tcp-warm=false",
                          "--deployment=1:1-40@0",
                          "--samples=2",
                          "--csv=-",
                          "--quiet"});
    const auto rows = ReadTable(run.out);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_GT(std::stoll(rows[0].at("network_excess_protocol_ns")), 80000000);
    EXPECT_LT(std::stoll(rows[0].at("network_excess_protocol_ns")), 80400000);
    EXPECT_EQ(rows[1].at("network_excess_ns"), "2");
}

TEST_F(TransportProgramTest, TcpAnswersEveryRequestInSpiteOfLoss)
{
    for (const auto* arrival : {"closed", "poisson:5"})
    {
        const auto result = GetResult({"--transport=tcp",
                                       "--loss=0.05",
                                       "--mtu=1500",
                                       "--samples=300",
                                       std::string("--arrival=") + arrival});
        EXPECT_EQ(result["generated"], 300);
        EXPECT_EQ(result["requests"], 300);
        EXPECT_GT(result["link_damaged_bytes"][0], 0);
        EXPECT_GT(result["network_excess_ms"]["retransmission"], 0);
    }
    // At its load of 0.5, messages of 603 kB are lost in parts while others fill the buffers.
    const auto large = GetResult({"--transport=tcp",
                                  "--loss=0.001",
                                  "--mtu=1500",
                                  "--profile=efficientnetb0-imagenet",
                                  "--deployment=1:1-8@0",
                                  "--arrival=poisson:1",
                                  "--samples=300"});
    EXPECT_EQ(large["requests"], 300);
    // Small queues drop instead, and TCP makes up for it as well.
    const auto result = GetResult({"--transport=tcp",
                                   "--queue=20kB",
                                   "--deployment=0:1-1,1:2-40@0",
                                   "--arrival=poisson:10",
                                   "--samples=300"},
                                  "queue");
    EXPECT_EQ(result["requests"], 300);
    EXPECT_GT(result["link_lost_bytes"][0], 0);
}

// An input of 13142 B makes two datagrams of 9000 B and a result one: a request is answered if
// all three pass, with the probability 0.95^3. Of 2000 requests that is 2000 p, with a standard
// deviation of sqrt(2000 p (1 - p)).
TEST_F(TransportProgramTest, UdpReportsTheRequestsItLost)
{
    const double p = std::pow(0.95, 3);
    for (const auto* arrival : {"closed", "periodic:50ms"})
    {
        SCOPED_TRACE(arrival);
        const auto run = Run({"--loss=0.05",
                              "--deployment=1:1-40@0",
                              "--samples=2000",
                              std::string("--arrival=") + arrival,
                              "--json=out.json",
                              "--quiet"});
        EXPECT_EQ(run.status, 0);
        const auto result = Json::parse(Read("out.json"))["simulated"];
        EXPECT_EQ(result["generated"], 2000);
        const int answered = result["requests"];
        EXPECT_NEAR(answered, 2000 * p, 4 * std::sqrt(2000 * p * (1 - p)));
        EXPECT_EQ(run.err,
                  "portend-3tier: warning: " + std::to_string(2000 - answered) +
                      " of 2000 requests were never answered: packets were lost on the links; "
                      "--transport=tcp sends them again\n");
        // What was answered was not delayed.
        EXPECT_EQ(result["components_ms"]["network_excess"], 0);
    }
}

// A source gives up on a request after ten times the longest latency on an idle network, or a
// second if that is more, as here: four times, and then it is done.
TEST_F(TransportProgramTest, ClosedArrivalsOutliveTotalLoss)
{
    const auto run =
        Run({"--loss=0.999999", "--deployment=1:1-40@0", "--samples=5", "--json=out.json"});
    EXPECT_EQ(run.status, 0);
    EXPECT_NE(run.out.find("0 completed of 5 generated"), std::string::npos);
    EXPECT_NE(run.err.find("5 of 5 requests were never answered"), std::string::npos);
    const auto json = Json::parse(Read("out.json"));
    EXPECT_EQ(json["simulated"]["requests"], 0);
    const double idleMs = json["analytical"]["latency_ms"]["mean"];
    ASSERT_LT(10 * idleMs, 1000);
    EXPECT_GE(json["simulated"]["simulated_time_ms"], 4000);
    EXPECT_LT(json["simulated"]["simulated_time_ms"], 4000 + idleMs);
}

// Two links of 1.5 Mb/s and 12 Mb/s: over UDP and TCP the rules `exact` count each one's headers.
TEST_F(TransportProgramTest, ExactRulesCountTheHeadersOfTheTransport)
{
    const auto getMs = [this](const std::string& transport) {
        const auto run = Run({"--transport=" + transport,
                              "--deployment=1:1-40@0",
                              "--mtu=1500",
                              "--samples=1",
                              "--json=-",
                              "--quiet"});
        return Json::parse(run.out)["analytical"]["components_ms"]["transmission"].get<double>();
    };
    // 13142 and 244 B at 10 Mb/s: over UDP 10 datagrams of at most 1452 B and one, each with 50 B
    // of headers; over TCP 10 segments of at most 1448 B and one with 54 B, and 20 B for each
    // message.
    EXPECT_NEAR(getMs("udp"), (13142 + 10 * 50 + 244 + 50) * 0.8e-3, 1e-9);
    EXPECT_NEAR(getMs("tcp"), (13142 + 20 + 10 * 54 + 244 + 20 + 54) * 0.8e-3, 1e-9);
}
