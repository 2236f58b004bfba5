/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Profiles in files of version 2: few branches, several tensors at a cut, unknown accuracies,
// traces of confidence, times by block.

#include "bad_input.h"

#include "ns3/portend-profile-loader.h"

#include <cmath>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

using namespace ns3;
using Json = nlohmann::json;

namespace
{

/// Samples: entropy and correctness at branch 2, correctness at the last.
const char* const TRACE = "entropy_2,correct_2,correct_4\n"
                          "0.1,1,1\n0.3,1,1\n0.37,0,1\n0.8,1,0\n0.2,0,1\n";

/// A folder with a profile of four blocks, two of which a branch follows.
class ProfileVersionTest : public testing::Test
{
  protected:
    ProfileVersionTest()
    {
        m_model = Json::parse(R"({
            "schema_version": 2,
            "profile": "my-model",
            "blocks": 4,
            "branches": [2, 4],
            "tensor_bytes": [12000, [8000, 500], 4000, 2000],
            "result_bytes": 200,
            "thresholds": [0, 0.5, 1],
            "validation": {
                "exit_rates": [[0, 0.7, 1], [1, 1, 1]],
                "correct_rates": [[0, 0.6, 0.7], [0.9, 0.9, 0.9]],
                "accuracy": [0.7, 0.9]
            }
        })");
        m_device = Json::parse(R"({
            "schema_version": 2,
            "profile": "my-model",
            "device": "board",
            "compute_ms": {"1-4": [8.5]},
            "block_compute_ms": [[1, 2], [2, 4], [4, 8, 12], [1, 1, 1]],
            "branch_compute_ms": [null, [0.5, 0.25], null, null],
            "serialize_ms": [0.3, 0.2, 0.1, 0.1],
            "deserialize_ms": [0.4, 0.3, 0.2, 0.1]
        })");
    }

    /// @return the model, from its file
    portend::ModelProfile LoadModel()
    {
        m_folder.Write("model.json", m_model.dump());
        return PortendProfileLoader(m_folder.GetPath()).LoadModel();
    }

    /// @return the device, from its file
    portend::DeviceProfile LoadDevice()
    {
        m_folder.Write("model.json", m_model.dump());
        m_folder.Write("board.json", m_device.dump());
        return PortendProfileLoader(m_folder.GetPath()).LoadDevice("board");
    }

    /**
     * @brief Require that a file is refused.
     * @param document what is to be changed: the model's or the device's
     * @param at JSON pointer of the value
     * @param value what to put there
     * @param pointer place of the offence
     * @param parts texts that the message must contain
     */
    void ExpectBad(Json& document,
                   const std::string& at,
                   const Json& value,
                   const std::string& pointer,
                   const std::vector<std::string>& parts)
    {
        SCOPED_TRACE(at + " = " + value.dump());
        const bool isModel = &document == &m_model;
        const auto before = document;
        document[Json::json_pointer(at)] = value;
        const auto file = m_folder / (isModel ? "model.json" : "board.json");
        ExpectInputError([&] { isModel ? (void)LoadModel() : (void)LoadDevice(); },
                         file + (pointer.empty() ? "" : ": " + pointer),
                         parts);
        document = before;
    }

    TemporaryFolder m_folder; ///< the profile
    Json m_model;             ///< model.json
    Json m_device;            ///< board.json
};

} // namespace

TEST_F(ProfileVersionTest, ReadsModels)
{
    const auto model = LoadModel();
    EXPECT_EQ(model.branches, (std::vector<uint32_t>{2, 4}));
    EXPECT_EQ(model.tensorBytes, (std::vector<uint64_t>{12000, 8500, 4000, 2000}));
    EXPECT_FALSE(model.HasBranch(1));
    EXPECT_EQ(model.FindBranch(2, 0.5).exitRate, 0.7);
    EXPECT_EQ(model.FindBranch(4, 0.5).accuracy, 0.9);
    EXPECT_THROW(model.FindBranch(2, 0.37), portend::InputError);
    // The last block answers, whether it is listed or not.
    m_model["branches"] = {2};
    EXPECT_EQ(LoadModel().branches, (std::vector<uint32_t>{2, 4}));
    m_model["branches"] = Json::array();
    m_model["validation"] = {{"exit_rates", {{1, 1, 1}}}, {"accuracy", {0.9}}};
    EXPECT_EQ(LoadModel().branches, (std::vector<uint32_t>{4}));
}

TEST_F(ProfileVersionTest, ReadsUnknownAccuracies)
{
    m_model["validation"]["accuracy"][0] = nullptr;
    EXPECT_TRUE(std::isnan(LoadModel().validation.accuracy[0]));
    EXPECT_EQ(LoadModel().validation.accuracy[1], 0.9);
    m_model["validation"]["accuracy"] = nullptr;
    EXPECT_TRUE(std::isnan(LoadModel().validation.accuracy[1]));
    EXPECT_FALSE(LoadModel().IsAccuracyKnown());
}

// Counted by hand: of five samples, 0.1, 0.3 and 0.2 are below 0.37, of which two are right;
// 0.37 is below 0.5, too.
TEST_F(ProfileVersionTest, CountsTraces)
{
    m_folder.Write("exits.csv", TRACE);
    m_model["trace"] = "exits.csv";
    // Thresholds that the table has are the table's.
    EXPECT_EQ(LoadModel().FindBranch(2, 0.5).exitRate, 0.7);
    const auto branch = LoadModel().FindBranch(2, 0.37);
    EXPECT_EQ(branch.exitRate, 3 / 5.);
    EXPECT_EQ(branch.correctRate, 2 / 5.);
    EXPECT_EQ(branch.accuracy, 0.7);
    EXPECT_EQ(LoadModel().FindBranch(4, 0.37).exitRate, 1);
    EXPECT_FALSE(LoadModel().FindBranch(3, 0.37).answers);
    // What is unknown is counted.
    m_model["validation"]["accuracy"] = nullptr;
    EXPECT_EQ(LoadModel().validation.accuracy, (std::vector<double>{3 / 5., 4 / 5.}));
    m_model.erase("validation");
    const auto model = LoadModel();
    EXPECT_EQ(model.validation.samples, 5U);
    EXPECT_EQ(model.validation.exitRates,
              (std::vector<std::vector<double>>{{0, 4 / 5., 1}, {1, 1, 1}}));
    EXPECT_EQ(model.validation.correctRates,
              (std::vector<std::vector<double>>{{0, 2 / 5., 3 / 5.}, {4 / 5., 4 / 5., 4 / 5.}}));
    EXPECT_EQ(model.validation.accuracy, (std::vector<double>{3 / 5., 4 / 5.}));
}

// Block 3 and 4 have three repeats, 1 and 2 have two: where they meet, means add up.
TEST_F(ProfileVersionTest, AddsUpBlocks)
{
    const auto device = LoadDevice();
    EXPECT_EQ(device.GetComputeMs(1, 1), (std::vector<double>{1, 2}));
    EXPECT_EQ(device.GetComputeMs(1, 2), (std::vector<double>{3.5, 6.25}));
    EXPECT_EQ(device.GetComputeMs(2, 3), (std::vector<double>{11}));
    EXPECT_EQ(device.GetComputeMs(3, 4), (std::vector<double>{5, 9, 13}));
    EXPECT_EQ(device.GetComputeMs(1, 4), (std::vector<double>{8.5})); // measured whole
    // By number, and without branches.
    m_device["branch_compute_ms"] = {{"2", {0.5, 0.25}}};
    EXPECT_EQ(LoadDevice().GetComputeMs(2, 2), (std::vector<double>{2.5, 4.25}));
    m_device.erase("branch_compute_ms");
    m_device.erase("compute_ms");
    m_device["block_compute_ms"][2] = nullptr;
    EXPECT_EQ(LoadDevice().GetComputeMs(2, 2), (std::vector<double>{2, 4}));
    EXPECT_FALSE(LoadDevice().IsMeasured(2, 3, false));
}

TEST_F(ProfileVersionTest, RefusesModels)
{
    ExpectBad(m_model, "/schema_version", 3, "/schema_version", {"found 3", "version 1 or 2"});
    ExpectBad(m_model, "/schema_version", 1, "/branches", {"unknown key 'branches'"});
    ExpectBad(m_model, "/branches", {2, 2, 4}, "/branches/1", {"found 2", "ascending"});
    ExpectBad(m_model, "/branches", {2, 5}, "/branches/1", {"found 5", "N = 4 the last"});
    ExpectBad(m_model, "/branches/0", 0, "/branches/0", {"found 0"});
    ExpectBad(m_model,
              "/branches",
              {2, 3},
              "/validation/exit_rates",
              {"found 2 entries; expected 3, one for each branch, that after the last block "
               "included"});
    ExpectBad(m_model, "/tensor_bytes/1", Json::array(), "/tensor_bytes/1", {"found 0"});
    ExpectBad(m_model, "/tensor_bytes/1/1", -5, "/tensor_bytes/1/1", {"found -5"});
    ExpectBad(m_model, "/validation/accuracy/0", 2, "/validation/accuracy/0", {"found 2"});
    ExpectBad(m_model, "/validation/exit_rates/0/1", nullptr, "/validation/exit_rates/0/1", {});
    m_model.erase("branches");
    m_model["tensor_bytes"][1] = 8500;
    for (auto& list : m_model["validation"])
    {
        list = Json{list[0], list[0], list[0], list[1]};
    }
    EXPECT_EQ(LoadModel().GetBranches().size(), 4U);
    m_model["schema_version"] = 1;
    EXPECT_NO_THROW(LoadModel());
    ExpectBad(m_model, "/validation/accuracy", nullptr, "/validation/accuracy", {"found null"});
    ExpectBad(m_model, "/tensor_bytes/1", {8000}, "/tensor_bytes/1", {"found [8000]"});
    ExpectBad(m_model, "/trace", "exits.csv", "/trace", {"unknown key 'trace'"});
}

TEST_F(ProfileVersionTest, RefusesTraces)
{
    for (const auto* name : {"", "/etc/passwd", "../exits.csv", "a/b"})
    {
        ExpectBad(m_model, "/trace", name, "/trace", {"a file in the same folder"});
    }
    ExpectBad(m_model, "/trace", "exits.csv", "/trace", {"exits.csv: cannot be read"});
    const auto refuse = [this](const std::string& text, const std::vector<std::string>& parts) {
        m_folder.Write("exits.csv", text);
        ExpectBad(m_model, "/trace", "exits.csv", "/trace", parts);
    };
    refuse("entropy_2,correct_2\n0.1,1\n", {"exits.csv:1", "column 'entropy_4' is missing"});
    refuse("entropy_2,correct_2,correct_4\n", {"no line after its header"});
    refuse("entropy_2,correct_2,correct_4\n1.5,1,1\n", {"exits.csv:2: entropy_2", "found '1.5'"});
    refuse("entropy_2,correct_2,correct_4\n0.5,x,1\n", {"exits.csv:2: correct_2", "found 'x'"});
    refuse("entropy_2,correct_2,correct_4\n0.5,1\n", {"exits.csv:2", "found 2 fields"});
}

TEST_F(ProfileVersionTest, ReadsBatches)
{
    EXPECT_TRUE(LoadDevice().GetBatchMs(1, 4).empty());
    EXPECT_TRUE(std::isnan(LoadDevice().batchFixedShare));
    m_device["compute_ms"].erase("1-4");
    m_device["block_compute_ms"][2] = nullptr;
    m_device["batch_compute_ms"] =
        Json::parse(R"({"1-4": {"1": [9], "8": [30, 31], "2": [12]}, "1-2": {"1": [99]}})");
    m_device["batch_fixed_share"] = 0.625;
    const auto device = LoadDevice();
    EXPECT_EQ(device.GetBatchMs(1, 4), (portend::DeviceProfile::BatchMs{{2, {12}}, {8, {30, 31}}}));
    EXPECT_EQ(device.GetComputeMs(1, 4), (std::vector<double>{9})); // had none
    EXPECT_EQ(device.GetComputeMs(1, 2), (std::vector<double>{3.5, 6.25}));
    EXPECT_TRUE(device.GetBatchMs(1, 2).empty());
    EXPECT_EQ(device.batchFixedShare, 0.625);
}

TEST_F(ProfileVersionTest, RefusesBatches)
{
    m_device["batch_compute_ms"] = {{"1-4", {{"2", {12}}}}};
    m_device["batch_fixed_share"] = 0.5;
    ExpectBad(m_device, "/schema_version", 1, "/batch_compute_ms", {"unknown key"});
    ExpectBad(m_device, "/batch_fixed_share", 1.1, "/batch_fixed_share", {"1.1", "from 0 to 1"});
    ExpectBad(m_device, "/batch_fixed_share", "x", "/batch_fixed_share", {"a number"});
    const std::string partition = "/batch_compute_ms/1-4";
    ExpectBad(m_device, partition + "/0", {1}, partition + "/0", {"no size of a batch"});
    ExpectBad(m_device, partition + "/1.5", {1}, partition + "/1.5", {"no size of a batch"});
    ExpectBad(m_device, partition + "/2", Json::array(), partition + "/2", {"at least one repeat"});
    ExpectBad(m_device, partition + "/2/0", -1, partition + "/2/0", {"found -1", "not negative"});
    ExpectBad(m_device,
              "/batch_compute_ms/2-5",
              {{"2", {1}}},
              "/batch_compute_ms/2-5",
              {"no partition", "<= 4"});
}

TEST_F(ProfileVersionTest, RefusesDevices)
{
    ExpectBad(m_device, "/schema_version", 3, "/schema_version", {"found 3", "version 1 or 2"});
    ExpectBad(m_device, "/schema_version", 1, "/block_compute_ms", {"unknown key"});
    ExpectBad(m_device,
              "/block_compute_ms",
              {{1}, {2}},
              "/block_compute_ms",
              {"found 2 entries; expected 4, one for each block"});
    ExpectBad(m_device,
              "/block_compute_ms/2",
              Json::array(),
              "/block_compute_ms/2",
              {"at least one repeat, or null"});
    ExpectBad(m_device,
              "/block_compute_ms/2/0",
              -1,
              "/block_compute_ms/2/0",
              {"found -1", "not negative"});
    ExpectBad(m_device, "/block_compute_ms/2/0", "x", "/block_compute_ms/2/0", {"a number"});
    ExpectBad(m_device,
              "/branch_compute_ms/0",
              {1},
              "/branch_compute_ms/0",
              {"no branch follows block 1"});
    ExpectBad(m_device,
              "/branch_compute_ms/1",
              nullptr,
              "/branch_compute_ms/1",
              {"no time of the branch after block 2"});
    ExpectBad(m_device,
              "/branch_compute_ms",
              {{"5", {1}}},
              "/branch_compute_ms/5",
              {"is no block; allowed: 1 to 4"});
    m_device.erase("compute_ms");
    m_device.erase("block_compute_ms");
    ExpectInputError([&] { LoadDevice(); },
                     m_folder / "board.json",
                     {"the key 'block_compute_ms' is missing"});
    m_device.erase("branch_compute_ms");
    ExpectInputError([&] { LoadDevice(); },
                     m_folder / "board.json",
                     {"the key 'compute_ms' is missing"});
}

TEST_F(ProfileVersionTest, ReadsWhatBlocksTakeOfMemory)
{
    const auto without = LoadModel();
    EXPECT_TRUE(without.parameterBytes.empty());
    EXPECT_TRUE(without.activationBytes.empty());
    ExpectInputError([&]() { without.RequireMemory(); },
                     m_folder / "model.json: /parameter_bytes",
                     {"my-model", "bytes of each block"});

    m_model["parameter_bytes"] = {1000, 0, 1000000000000, 4};
    ExpectInputError([&]() { LoadModel().RequireMemory(); },
                     m_folder / "model.json: /activation_bytes",
                     {"my-model"});
    m_model["activation_bytes"] = {10, 20, 30, 40};
    const auto model = LoadModel();
    model.RequireMemory();
    EXPECT_EQ(model.parameterBytes, (std::vector<uint64_t>{1000, 0, 1000000000000, 4}));
    EXPECT_EQ(model.activationBytes, (std::vector<uint64_t>{10, 20, 30, 40}));
    EXPECT_EQ(model.GetKey(), m_folder / "model.json");

    ExpectBad(m_model, "/parameter_bytes", 5, "/parameter_bytes", {"found 5", "an array"});
    ExpectBad(m_model,
              "/parameter_bytes",
              {1, 2, 3},
              "/parameter_bytes",
              {"found 3 entries", "expected 4", "one for each block"});
    ExpectBad(m_model,
              "/activation_bytes/2",
              -1,
              "/activation_bytes/2",
              {"-1", "0 .. 1000000000000"});
    ExpectBad(m_model, "/activation_bytes/3", 1.5, "/activation_bytes/3", {"1.5", "whole number"});
    ExpectBad(m_model, "/parameter_bytes/0", nullptr, "/parameter_bytes/0", {"null"});
    ExpectBad(m_model,
              "/parameter_bytes/2",
              1000000000001,
              "/parameter_bytes/2",
              {"1000000000001"});
    m_model.erase("branches");
    ExpectBad(m_model, "/schema_version", 1, "/activation_bytes", {"unknown key"});
}
