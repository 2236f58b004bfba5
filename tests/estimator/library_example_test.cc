/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// The estimator and the search as a C++ library: nothing of ns-3, no files. The module's
// chapter quotes the example, which stands between the two lines of dashes.

#include "../source_file.h"

#include "ns3/portend-search.h"

#include <gtest/gtest.h>
#include <memory>
#include <ostream>
#include <sstream>
#include <string>

namespace
{

// ---- quoted ----
/// Estimates a deployment of an invented network, and finds the best ones.
portend::Estimate
RunExample(std::ostream& os)
{
    portend::ModelProfile model;
    model.name = "invented";
    model.blocks = 3;
    model.tensorBytes = {12000, 8000, 4000}; // the input, and what leaves blocks 1 and 2
    model.resultBytes = 200;
    model.thresholds = {0, 0.5, 1};
    model.validation.exitRates = {{0, 0.4, 1}, {0, 0.7, 1}, {1, 1, 1}}; // of each branch
    model.validation.accuracy = {0.6, 0.75, 0.9};

    auto board = std::make_shared<portend::DeviceProfile>();
    board->name = "board";
    board->blocks = 3;
    board->computeMs = {{20}, {40}, {60}, {20}, {40}, {20}}; // blocks 1-1, 1-2, 1-3, 2-2, 2-3, 3-3
    board->serializeMs = {0.3, 0.2, 0.1};
    board->deserializeMs = {0.4, 0.3, 0.2};

    portend::Node faster;
    faster.computeFactor = 0.1; // ten times as fast
    const auto chain = portend::MakeChain({{board}, {board, faster}}, {{10e6, 5}}); // 10 Mb/s, 5 ms

    const auto rules = portend::EstimatorRules::Exact();
    const auto deployment = portend::Deployment::Parse("0:1-1,1:2-3@0.5");
    const auto estimate = portend::EstimateDeployment(model, chain, deployment, rules);
    os << estimate.GetLatencyMs() << " ms, accuracy " << estimate.accuracy << "\n";

    portend::SearchSpace space;
    space.placements = portend::GetAscendingPlacements(2, 2);
    const portend::DeploymentSearch search(model, chain, rules, space);
    portend::Objective objective;
    objective.minAccuracy = 0.75;
    for (const auto& candidate : search.FindBest(objective, 3))
    {
        os << candidate.deployment.ToString() << ": " << candidate.latencyMs << " ms, accuracy "
           << candidate.accuracy << "\n";
    }
    os << search.Count() << " deployments, " << search.FindFrontier().Get().size()
       << " on the frontier\n";
    return estimate;
}

// ---- end of quotation ----

} // namespace

// Of the requests 40 % exit at block 1. All pay 0.3 + 0.4 ms (de)serialization and 20 ms
// computation; the others 0.2 + 0.3 ms, 5 ms to and fro, 8050 B or 6.44 ms, 4 ms of computation,
// and 250 B or 0.2 ms for the result.
TEST(LibraryExampleTest, EstimatesAsByHand)
{
    std::ostringstream os;
    const auto estimate = RunExample(os);
    EXPECT_NEAR(estimate.GetLatencyMs(), 20.7 + 0.6 * (0.2 + 0.3 + 2 * 5 + 6.44 + 4 + 0.2), 1e-9);
    EXPECT_NEAR(estimate.accuracy, 0.4 * 0.6 + 0.6 * 0.9, 1e-12);
    // 2 * 3 single partitions, 3 thresholds * 3 pairs of cuts.
    EXPECT_EQ(os.str(),
              "33.384 ms, accuracy 0.78\n"
              "1:1-2@0: 24.58 ms, accuracy 0.75\n"
              "1:1-3@0: 26.58 ms, accuracy 0.9\n"
              "0:1-1,1:2-3@0.5: 33.384 ms, accuracy 0.78\n"
              "15 deployments, 3 on the frontier\n");
}

TEST(LibraryExampleTest, ChapterQuotesIt)
{
    const auto source = ReadSource("tests/estimator/library_example_test.cc");
    const auto chapter = ReadSource("contrib/portend/doc/programming.rst");
    const std::string begin = "// ---- quoted ----\n";
    const auto from = source.find(begin) + begin.size();
    std::istringstream example(source.substr(from, source.find("// ---- end of quotation") - from));
    std::string quoted;
    for (std::string line; std::getline(example, line);)
    {
        quoted += (line.empty() ? "" : "  ") + line + "\n";
    }
    EXPECT_NE(chapter.find(quoted), std::string::npos) << "the chapter lacks\n" << quoted;
}
