/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Profiles in files: the shipped ones, and every way in which one can be wrong.

#include "bad_input.h"

#include "ns3/portend-profile-loader.h"

#include <cstdlib>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

using namespace ns3;
using Json = nlohmann::json;

namespace
{

/// @return the chapter's example of a profile of three blocks
Json
GetModelJson()
{
    return Json::parse(R"({
        "schema_version": 1,
        "profile": "my-model",
        "blocks": 3,
        "tensor_bytes": [12000, 8000, 4000],
        "result_bytes": 200,
        "thresholds": [0, 0.5, 1],
        "validation": {
            "exit_rates": [[0, 0.4, 1], [0, 0.7, 1], [1, 1, 1]],
            "accuracy": [0.6, 0.75, 0.9]
        }
    })");
}

/// @return the chapter's example of a device
Json
GetDeviceJson()
{
    return Json::parse(R"({
        "schema_version": 1,
        "profile": "my-model",
        "device": "board",
        "compute_ms": {
            "1-1": [2.1, 2.0], "1-2": [3.9, 4.1], "1-3": [6.2, 6.1],
            "2-2": [2.0, 1.9], "2-3": [4.0, 4.2], "3-3": [2.1, 2.2]
        },
        "serialize_ms": [0.3, 0.2, 0.1],
        "deserialize_ms": [0.4, 0.3, 0.2]
    })");
}

/// A folder with the chapter's profile, of which files can be replaced.
class ProfileLoaderTest : public testing::Test
{
  protected:
    ProfileLoaderTest()
        : m_model(m_folder.Write("model.json", GetModelJson().dump(2))),
          m_device(m_folder.Write("board.json", GetDeviceJson().dump(2)))
    {
    }

    /**
     * @brief Require that a model is refused.
     * @param text the file
     * @param pointer place of the offence; empty if the file as a whole is meant
     * @param parts texts that the message must contain
     */
    void ExpectBadModel(const std::string& text,
                        const std::string& pointer,
                        const std::vector<std::string>& parts)
    {
        m_folder.Write("model.json", text);
        ExpectInputError([&] { PortendProfileLoader(m_folder.GetPath()).LoadModel(); },
                         m_model + (pointer.empty() ? "" : ": " + pointer),
                         parts);
    }

    /**
     * @brief Require that a model is refused after one value is replaced.
     * @param at JSON pointer of the value
     * @param value what to put there
     * @param pointer place of the offence
     * @param parts texts that the message must contain
     */
    void ExpectBadModel(const std::string& at,
                        const Json& value,
                        const std::string& pointer,
                        const std::vector<std::string>& parts)
    {
        SCOPED_TRACE(at + " = " + value.dump());
        auto json = GetModelJson();
        json[Json::json_pointer(at)] = value;
        ExpectBadModel(json.dump(), pointer, parts);
    }

    /**
     * @brief Require that a device is refused.
     * @param text the file
     * @param pointer place of the offence; empty if the file as a whole is meant
     * @param parts texts that the message must contain
     */
    void ExpectBadDevice(const std::string& text,
                         const std::string& pointer,
                         const std::vector<std::string>& parts)
    {
        m_folder.Write("board.json", text);
        ExpectInputError([&] { PortendProfileLoader(m_folder.GetPath()).LoadDevice("board"); },
                         m_device + (pointer.empty() ? "" : ": " + pointer),
                         parts);
    }

    /**
     * @brief Require that a device is refused after one value is replaced.
     * @param at JSON pointer of the value
     * @param value what to put there
     * @param pointer place of the offence
     * @param parts texts that the message must contain
     */
    void ExpectBadDevice(const std::string& at,
                         const Json& value,
                         const std::string& pointer,
                         const std::vector<std::string>& parts)
    {
        SCOPED_TRACE(at + " = " + value.dump());
        auto json = GetDeviceJson();
        json[Json::json_pointer(at)] = value;
        ExpectBadDevice(json.dump(), pointer, parts);
    }

    TemporaryFolder m_folder; ///< the profile
    std::string m_model;      ///< path of model.json
    std::string m_device;     ///< path of board.json
};

} // namespace

// Blocks N as measured; all six devices, but for the two models without a 2-core run.
TEST(ShippedProfiles, AllLoad)
{
    const std::map<std::string, uint32_t> blocks{{"resnet20-cifar10", 10},
                                                 {"resnet110-cifar10", 55},
                                                 {"efficientnetb0-imagenet", 8},
                                                 {"efficientnetb7-imagenet", 8},
                                                 {"vggish-audioset", 4}};
    for (const auto& [profile, count] : blocks)
    {
        SCOPED_TRACE(profile);
        const PortendProfileLoader loader(profile);
        const auto model = loader.LoadModel();
        EXPECT_EQ(model.name, profile);
        EXPECT_EQ(model.blocks, count);
        EXPECT_EQ(model.thresholds,
                  (std::vector<double>{0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9, 1}));
        std::vector<std::string> devices{"a1.large",
                                         "a1.medium",
                                         "g4dn.xlarge",
                                         "g5.xlarge",
                                         "m4.large"};
        if (profile != "efficientnetb7-imagenet" && profile != "vggish-audioset")
        {
            devices.insert(devices.begin() + 1, "a1.large-2core");
        }
        EXPECT_EQ(loader.GetDevices(), devices);
        for (const auto& name : devices)
        {
            SCOPED_TRACE(name);
            const auto device = loader.LoadDevice(name);
            EXPECT_EQ(device.name, name);
            EXPECT_EQ(device.blocks, count);
            EXPECT_EQ(device.serializeResultMs, 0); // not measured
            for (const auto& repeats : device.computeMs)
            {
                EXPECT_GE(repeats.size(), 2U);
                EXPECT_LE(repeats.size(), 3U);
            }
        }
    }
}

// Single figures as the authors measured them: the input and blocks 1-1 of VGGish.
TEST(ShippedProfiles, HoldTheMeasuredFigures)
{
    const PortendProfileLoader loader("vggish-audioset");
    const auto model = loader.LoadModel();
    EXPECT_EQ(model.tensorBytes, (std::vector<uint64_t>{1764856, 3933021, 1966939, 983899}));
    EXPECT_EQ(model.resultBytes, 244U);
    EXPECT_EQ(model.envelope.tensorBytes, 51U);
    EXPECT_EQ(model.envelope.partitionListBytes, (std::vector<uint64_t>{0, 9, 17}));
    EXPECT_EQ(model.envelope.timingRecordBytes, 44U);
    EXPECT_EQ(model.validation.samples, 5000U);
    EXPECT_EQ(model.validation.exitRates[2][4], 0.2664);
    EXPECT_EQ(loader.LoadDevice("a1.medium").GetComputeMs(1, 1),
              (std::vector<double>{1819.94682624, 1813.2533668, 1806.25420092}));
}

TEST_F(ProfileLoaderTest, ReadsProfileOfOnesOwn)
{
    const PortendProfileLoader loader(m_folder.GetPath());
    EXPECT_EQ(loader.GetFolder(), m_folder.GetPath());
    EXPECT_EQ(loader.GetDevices(), std::vector<std::string>{"board"});
    const auto model = loader.LoadModel();
    EXPECT_EQ(model.name, "my-model");
    EXPECT_EQ(model.blocks, 3U);
    EXPECT_EQ(model.tensorBytes, (std::vector<uint64_t>{12000, 8000, 4000}));
    EXPECT_EQ(model.resultBytes, 200U);
    EXPECT_EQ(model.GetTensorBytes(1, 1, 3), 8000U); // no envelope
    EXPECT_EQ(model.thresholds, (std::vector<double>{0, 0.5, 1}));
    EXPECT_EQ(model.validation.exitRates[1], (std::vector<double>{0, 0.7, 1}));
    EXPECT_TRUE(model.validation.correctRates.empty());
    EXPECT_EQ(model.validation.accuracy, (std::vector<double>{0.6, 0.75, 0.9}));
    const auto device = loader.LoadDevice("board");
    EXPECT_EQ(device.name, "board");
    EXPECT_EQ(device.GetComputeMs(2, 3), (std::vector<double>{4.0, 4.2}));
    EXPECT_EQ(device.serializeMs, (std::vector<double>{0.3, 0.2, 0.1}));
    EXPECT_EQ(device.deserializeMs, (std::vector<double>{0.4, 0.3, 0.2}));
    EXPECT_EQ(device.deserializeResultMs, 0);
}

TEST_F(ProfileLoaderTest, ReadsWhatMayBeLeftOut)
{
    auto json = GetDeviceJson();
    json["serialize_result_ms"] = 0.05;
    json["deserialize_result_ms"] = 0.07;
    m_folder.Write("board.json", json.dump());
    json = GetModelJson();
    json["envelope"]["timing_record_bytes"] = 44;
    json["validation"]["correct_rates"] = {{0, 0.3, 0.6}, {0, 0.6, 0.75}, {0.9, 0.9, 0.9}};
    m_folder.Write("model.json", json.dump());
    const PortendProfileLoader loader(m_folder.GetPath());
    EXPECT_EQ(loader.LoadDevice("board").serializeResultMs, 0.05);
    EXPECT_EQ(loader.LoadDevice("board").deserializeResultMs, 0.07);
    EXPECT_EQ(loader.LoadModel().GetResultBytes(3), 200U + 2 * 44);
    EXPECT_EQ(loader.LoadModel().validation.correctRates[1][1], 0.6);
}

TEST_F(ProfileLoaderTest, FindsProfilesByName)
{
    setenv("PORTEND_PROFILES", m_folder.GetPath().c_str(), 1);
    m_folder.Write("own/model.json", GetModelJson().dump());
    EXPECT_EQ(PortendProfileLoader("own").GetFolder(), m_folder / "own");
    // The shipped profiles are still there, and named when none matches.
    EXPECT_NO_THROW(PortendProfileLoader("vggish-audioset").LoadModel());
    ExpectInputError([] { PortendProfileLoader("vgish-audioset"); },
                     "/profile",
                     {"no profile 'vgish-audioset'",
                      "did you mean 'vggish-audioset'?",
                      "efficientnetb0-imagenet",
                      "own",
                      "resnet110-cifar10"});
    unsetenv("PORTEND_PROFILES");
    ExpectInputError([&] { PortendProfileLoader(m_folder / "nowhere"); },
                     "/profile",
                     {"'" + m_folder / "nowhere" + "' is not a folder"});
    ExpectInputError([&] { PortendProfileLoader(""); }, "/profile", {"no profile ''"});
}

TEST_F(ProfileLoaderTest, ListsDevicesWhenNoneMatches)
{
    m_folder.Write("tablet.json", "{}");
    for (const auto* name : {"bord", "model", "", "../x"})
    {
        ExpectInputError([&] { PortendProfileLoader(m_folder.GetPath()).LoadDevice(name); },
                         "",
                         {"no device '" + std::string(name) + "'", "known: board, tablet"});
    }
    ExpectInputError([&] { PortendProfileLoader(m_folder.GetPath()).LoadDevice("bord"); },
                     "",
                     {"did you mean 'board'?"});
}

TEST_F(ProfileLoaderTest, RefusesFilesThatAreNotJson)
{
    ExpectBadDevice("x", "", {"is not JSON"});
    ExpectBadModel("", "", {"is not JSON"});
    ExpectBadModel("{\"blocks\": 3,}", "", {"is not JSON", "line 1, column"});
    ExpectBadModel("{\n\"blocks\": 3\n\"profile\": 1}", "", {"is not JSON", "line 3, column"});
    ExpectBadModel(R"({"blocks": NaN})", "", {"is not JSON"});
    ExpectBadModel(R"({"blocks": 1e999})", "", {"is not JSON", "1e999"});
}

TEST_F(ProfileLoaderTest, RefusesMissingModel)
{
    std::filesystem::remove(m_model);
    ExpectInputError([&] { PortendProfileLoader(m_folder.GetPath()).LoadModel(); },
                     m_model,
                     {"cannot be read", "No such file"});
}

TEST_F(ProfileLoaderTest, RefusesModelsOfAnotherForm)
{
    for (const auto* key : {"schema_version",
                            "profile",
                            "blocks",
                            "tensor_bytes",
                            "result_bytes",
                            "thresholds",
                            "validation"})
    {
        auto json = GetModelJson();
        json.erase(key);
        ExpectBadModel(json.dump(), "", {"the key '" + std::string(key) + "' is missing"});
    }
    for (const auto* key : {"exit_rates", "accuracy"})
    {
        auto json = GetModelJson();
        json["validation"].erase(key);
        ExpectBadModel(json.dump(),
                       "/validation",
                       {"the key '" + std::string(key) + "' is missing"});
    }
    ExpectBadModel("[]", "", {"found []", "allowed: an object"});
    ExpectBadModel("/schema_version", 3, "/schema_version", {"found 3", "version 1 or 2"});
    ExpectBadModel("/schema_version", "1", "/schema_version", {"found \"1\"", "version 1"});
    ExpectBadModel("/block",
                   3,
                   "/block",
                   {"unknown key 'block'", "did you mean 'blocks'?", "allowed: "});
    ExpectBadModel("/a~1b", 3, "/a~1b", {"unknown key 'a/b'"});
    ExpectBadModel("/validation/exit_rate",
                   3,
                   "/validation/exit_rate",
                   {"did you mean 'exit_rates'?"});
    ExpectBadModel("/profile", 7, "/profile", {"found 7", "a text"});
    ExpectBadModel("/blocks", "3", "/blocks", {"found \"3\"", "a whole number"});
    ExpectBadModel("/blocks", 3.5, "/blocks", {"found 3.5", "a whole number"});
    ExpectBadModel("/blocks", 0, "/blocks", {"found 0", "1 .."});
    ExpectBadModel("/blocks", -3, "/blocks", {"found -3", "1 .."});
    ExpectBadModel("/tensor_bytes", 12000, "/tensor_bytes", {"found 12000", "an array"});
    ExpectBadModel("/tensor_bytes/1", -1, "/tensor_bytes/1", {"found -1", "a whole number"});
    ExpectBadModel("/tensor_bytes/1", nullptr, "/tensor_bytes/1", {"found null"});
    ExpectBadModel("/result_bytes", 0, "/result_bytes", {"found 0"});
    ExpectBadModel("/thresholds/1", "0.5", "/thresholds/1", {"found \"0.5\"", "a number"});
    ExpectBadModel("/validation", 1, "/validation", {"found 1", "an object"});
    ExpectBadModel("/validation/exit_rates/1",
                   0.5,
                   "/validation/exit_rates/1",
                   {"found 0.5", "an array"});
    ExpectBadModel("/validation/samples", 0, "/validation/samples", {"found 0"});
    ExpectBadModel("/envelope",
                   {{"partition_list_bytes", {0, -9}}},
                   "/envelope/partition_list_bytes/1",
                   {"found -9"});
    ExpectBadModel("/envelope", {{"tensor_byte", 1}}, "/envelope/tensor_byte", {"'tensor_bytes'?"});
}

TEST_F(ProfileLoaderTest, RefusesModelsWithoutSense)
{
    ExpectBadModel("/blocks", 4, "/tensor_bytes", {"found 3 entries", "expected 4"});
    ExpectBadModel("/tensor_bytes", {1, 2}, "/tensor_bytes", {"found 2 entries", "expected 3"});
    ExpectBadModel("/thresholds", {0, 1, 0.5}, "/thresholds/2", {"ascend"});
    ExpectBadModel("/thresholds", {0, 1}, "/validation/exit_rates/0", {"found 3", "expected 2"});
    ExpectBadModel("/validation/exit_rates/1/1",
                   1.2,
                   "/validation/exit_rates/1/1",
                   {"found 1.2", "a rate in [0, 1]"});
    ExpectBadModel("/validation/exit_rates/0/1",
                   -0.2,
                   "/validation/exit_rates/0/1",
                   {"found -0.2", "a rate in [0, 1]"});
    ExpectBadModel("/validation/accuracy/2", 90, "/validation/accuracy/2", {"found 90", "[0, 1]"});
    ExpectBadModel("/validation/accuracy",
                   {0.1},
                   "/validation/accuracy",
                   {"found 1", "expected 3"});
}

TEST_F(ProfileLoaderTest, RefusesDevicesOfAnotherForm)
{
    for (const auto* key :
         {"schema_version", "profile", "device", "compute_ms", "serialize_ms", "deserialize_ms"})
    {
        auto json = GetDeviceJson();
        json.erase(key);
        ExpectBadDevice(json.dump(), "", {"the key '" + std::string(key) + "' is missing"});
    }
    ExpectBadDevice("/compute_m", 1, "/compute_m", {"unknown key", "did you mean 'compute_ms'?"});
    ExpectBadDevice("/compute_ms", {1, 2}, "/compute_ms", {"found [1,2]", "an object"});
    ExpectBadDevice("/compute_ms/1-2", 3.9, "/compute_ms/1-2", {"found 3.9", "an array"});
    ExpectBadDevice("/compute_ms/1-2/0", "3", "/compute_ms/1-2/0", {"found \"3\"", "a number"});
    ExpectBadDevice("/compute_ms/1-2/0", nullptr, "/compute_ms/1-2/0", {"found null"});
    ExpectBadDevice("/serialize_ms", true, "/serialize_ms", {"found true", "an array"});
    ExpectBadDevice("/serialize_result_ms", {1}, "/serialize_result_ms", {"found [1]", "a number"});
    for (const auto* key : {"1", "1-", "-1", "x", "0-1", "2-1", "1-4", "1-2 ", "1-2-3", "1:2"})
    {
        ExpectBadDevice("/compute_ms/" + std::string(key),
                        {1},
                        "/compute_ms/" + std::string(key),
                        {"is no partition", "1 <= first <= last <= 3"});
    }
}

TEST_F(ProfileLoaderTest, RefusesDevicesWithoutSense)
{
    ExpectBadDevice("/compute_ms/2-3", Json::array(), "/compute_ms/2-3", {"no timing"});
    ExpectBadDevice("/compute_ms/2-3/1", -4.2, "/compute_ms/2-3/1", {"found -4.2", "not negative"});
    ExpectBadDevice("/deserialize_ms/2", -0.1, "/deserialize_ms/2", {"found -0.1", "not negative"});
    ExpectBadDevice("/deserialize_ms", {1, 2}, "/deserialize_ms", {"found 2", "expected 3"});
    ExpectBadDevice("/serialize_result_ms", -1, "/serialize_result_ms", {"found -1"});
}

// A partition without a key and a cut with null were not measured: the file is read all the same,
// and who needs the timing is told where it lacks.
TEST_F(ProfileLoaderTest, TakesPartialMeasurements)
{
    auto json = GetDeviceJson();
    json["compute_ms"].erase("2-3");
    json["serialize_ms"][2] = nullptr;
    json["deserialize_ms"][0] = nullptr;
    m_folder.Write("board.json", json.dump());
    const auto device = PortendProfileLoader(m_folder.GetPath()).LoadDevice("board");
    EXPECT_EQ(device.GetComputeMs(2, 2), (std::vector<double>{2.0, 1.9}));
    EXPECT_EQ(device.GetSerializeMs(1), 0.2);
    EXPECT_TRUE(device.IsMeasured(3, 3, false));
    EXPECT_FALSE(device.IsMeasured(2, 3, false));
    EXPECT_TRUE(device.IsMeasured(2, 2, false));
    EXPECT_FALSE(device.IsMeasured(2, 2, true));
    EXPECT_FALSE(device.IsMeasured(1, 1, true));
    ExpectInputError([&] { device.GetComputeMs(2, 3); }, m_device + ": /compute_ms/2-3", {"2-3"});
    ExpectInputError([&] { device.GetSerializeMs(2); }, m_device + ": /serialize_ms/2", {"cut 2"});
    ExpectInputError([&] { device.GetDeserializeMs(0); },
                     m_device + ": /deserialize_ms/0",
                     {"cut 0"});
}

// README: `profile` is the same in all files of the folder; `device` is the file's name.
TEST_F(ProfileLoaderTest, RefusesFilesOfAnotherProfileOrDevice)
{
    ExpectBadDevice("/device", "tablet", "/device", {"found \"tablet\"", "board"});
    ExpectBadDevice("/profile", "other", "/profile", {"found \"other\"", "my-model"});
}

// README: the last branch's exit rate is 1 at every threshold.
TEST_F(ProfileLoaderTest, RefusesLastBranchThatLetsSamplesPass)
{
    ExpectBadModel("/validation/exit_rates/2/1",
                   0.99,
                   "/validation/exit_rates/2/1",
                   {"found 0.99", "1"});
}
