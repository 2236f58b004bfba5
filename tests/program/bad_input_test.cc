/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Bad input: one message that names the place, what was found and what is allowed; exit status
// 2; and no output, whole or partial.

#include "run_program.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

using Json = nlohmann::json;

namespace
{

/// @return the chapter's example of a profile of three blocks
Json
GetModel()
{
    return Json::parse(R"({
        "schema_version": 1, "profile": "my-model", "blocks": 3,
        "tensor_bytes": [12000, 8000, 4000], "result_bytes": 200, "thresholds": [0, 0.5, 1],
        "validation": {
            "exit_rates": [[0, 0.4, 1], [0, 0.7, 1], [1, 1, 1]],
            "accuracy": [0.6, 0.75, 0.9]
        }
    })");
}

/// @return the chapter's example of a device
Json
GetDevice()
{
    return Json::parse(R"({
        "schema_version": 1, "profile": "my-model", "device": "board",
        "compute_ms": {
            "1-1": [2.1, 2.0], "1-2": [3.9, 4.1], "1-3": [6.2, 6.1],
            "2-2": [2.0, 1.9], "2-3": [4.0, 4.2], "3-3": [2.1, 2.2]
        },
        "serialize_ms": [0.3, 0.2, 0.1], "deserialize_ms": [0.4, 0.3, 0.2]
    })");
}

/// @return a scenario with the chapter's profile on two tiers
Json
GetScenario()
{
    return Json::parse(R"({
        "schema_version": 1, "profile": "./my-model",
        "tiers": [{"device": "board"}, {"device": "board"}],
        "links": [{"bandwidth": "10Mbps", "delay": "20ms"}],
        "deployment": "0:1-1,1:2-3@0.5", "samples": 10
    })");
}

/// Runs the program on what is wrong, beside good results of earlier runs.
class BadInputTest : public ProgramTest
{
  protected:
    void SetUp() override
    {
        Write("my-model/model.json", GetModel().dump());
        Write("my-model/board.json", GetDevice().dump());
        Write("scenario.json", GetScenario().dump());
        Write("out.json", "good");
        Write("out.csv", "good");
    }

    /**
     * @brief Require that a run is refused, and leaves everything as it was.
     * @param arguments of the program
     * @param parts texts that the message must contain
     */
    void ExpectRefusal(const std::vector<std::string>& arguments,
                       const std::vector<std::string>& parts)
    {
        SCOPED_TRACE(testing::PrintToString(arguments));
        const auto before = GetFiles();
        const auto run = Run(arguments);
        EXPECT_EQ(run.status, 2);
        EXPECT_EQ(run.out, "");
        EXPECT_EQ(run.err.rfind("portend-3tier: ", 0), 0U) << run.err;
        EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
        EXPECT_EQ(run.err.empty() ? ' ' : run.err.back(), '\n');
        for (const auto& part : parts)
        {
            EXPECT_NE(run.err.find(part), std::string::npos)
                << "lacks '" << part << "': " << run.err;
        }
        EXPECT_EQ(GetFiles(), before) << "files were left";
        EXPECT_EQ(Read("out.json"), "good");
        EXPECT_EQ(Read("out.csv"), "good");
    }

    /// Requires that options are refused, whose results would go to files.
    void ExpectBadOptions(std::vector<std::string> options, const std::vector<std::string>& parts)
    {
        options.insert(options.end(), {"--json=out.json", "--csv=out.csv", "--samples=10"});
        // The last of two wins: let it be the bad one.
        std::rotate(options.begin(), options.end() - 1, options.end());
        ExpectRefusal(options, parts);
    }

    /// Requires that a scenario file is refused.
    void ExpectBadScenario(const std::string& text, const std::vector<std::string>& parts)
    {
        SCOPED_TRACE(text);
        Write("scenario.json", text);
        auto all = parts;
        all.emplace_back("portend-3tier: scenario.json: ");
        ExpectRefusal({"--scenario=scenario.json", "--json=out.json", "--csv=out.csv"}, all);
    }

    /// Requires that a scenario file is refused after one value is replaced.
    void ExpectBadScenario(const std::string& pointer,
                           const Json& value,
                           const std::vector<std::string>& parts)
    {
        auto scenario = GetScenario();
        scenario[Json::json_pointer(pointer)] = value;
        auto all = parts;
        all.push_back("scenario.json: " + pointer + ": ");
        ExpectBadScenario(scenario.dump(), all);
    }

    /// Requires that a model is refused after one value is replaced.
    void ExpectBadModel(const std::string& pointer,
                        const std::string& value,
                        const std::vector<std::string>& parts)
    {
        auto model = GetModel();
        model[Json::json_pointer(pointer)] = "VALUE";
        ExpectBadProfile("model.json", Replace(model, value), parts);
    }

    /// Requires that a device is refused after one value is replaced.
    void ExpectBadDevice(const std::string& pointer,
                         const std::string& value,
                         const std::vector<std::string>& parts)
    {
        auto device = GetDevice();
        device[Json::json_pointer(pointer)] = "VALUE";
        ExpectBadProfile("board.json", Replace(device, value), parts);
    }

    /// Requires that a profile is refused because of one of its files.
    void ExpectBadProfile(const std::string& file,
                          const std::string& text,
                          const std::vector<std::string>& parts)
    {
        SCOPED_TRACE(text);
        Write("scenario.json", GetScenario().dump());
        const auto path = "my-model/" + file;
        const auto good = Read(path);
        Write(path, text);
        auto all = parts;
        all.push_back("portend-3tier: ./" + path + ": ");
        ExpectRefusal({"--scenario=scenario.json", "--json=out.json", "--csv=out.csv"}, all);
        Write(path, good);
    }

  private:
    /// @return a document with "VALUE" replaced by any text, JSON or not
    static std::string Replace(const Json& document, const std::string& value)
    {
        auto text = document.dump();
        return text.replace(text.find("\"VALUE\""), 7, value);
    }
};

} // namespace

// What the other tests spoil works as it is.
TEST_F(BadInputTest, GoodInputIsGood)
{
    const auto run = Run({"--scenario=scenario.json", "--json=out.json", "--csv=out.csv"});
    EXPECT_EQ(run.status, 0) << run.err;
    EXPECT_NE(Read("out.json"), "good");
    EXPECT_NE(Read("out.csv"), "good");
}

// JSON Schema knows no other integers than whole numbers.
TEST_F(BadInputTest, WholeNumbersAreIntegers)
{
    const auto text = GetScenario().dump();
    for (const std::string more : {R"("mtu_bytes": 1500.0)",
                                   R"("mtu_bytes": 15e2)",
                                   R"("source": -0, "destination": -0.0)",
                                   R"("seed": 1.0, "run": 10e-1)"})
    {
        Write("scenario.json", "{" + more + ", " + text.substr(1));
        const auto run = Run({"--scenario=scenario.json", "--quiet"});
        EXPECT_EQ(run.status, 0) << more << run.err;
    }
    ExpectBadScenario("/mtu_bytes", 1500.5, {"found 1500.5", "a whole number"});
    ExpectBadScenario("/seed", 1e300, {"found 1e+300", "a whole number"});
    ExpectBadScenario("/source", -1.0, {"found -1.0", "a whole number"});
}

TEST_F(BadInputTest, MissingFile)
{
    ExpectBadOptions({"--scenario=nowhere.json"},
                     {"nowhere.json: cannot be read: No such file or directory"});
    ExpectBadOptions({"--arrival=trace:nowhere.csv"}, {"nowhere.csv", "cannot be read"});
    ExpectBadOptions({"--exits=trace:nowhere.csv"}, {"nowhere.csv", "cannot be read"});
    ExpectBadOptions({"--profile=./nowhere", "--deployment=0:1-1"},
                     {"--profile: ", "'./nowhere' is not a folder"});
    ExpectBadOptions({"--profile=resnet10-cifar10", "--deployment=0:1-1"},
                     {"--profile: ",
                      "no profile 'resnet10-cifar10'",
                      "did you mean 'resnet110-cifar10'?",
                      "known: ",
                      "vggish-audioset"});
    ExpectBadOptions({"--devices=a1.medium,m4.large,g4dn"},
                     {"--devices: /tiers/2/device: ",
                      "no device 'g4dn'",
                      "known: a1.large, a1.large-2core, a1.medium, g4dn.xlarge"});
    ExpectBadScenario("/tiers/1/device", "bord", {"no device 'bord'", "known: board"});
}

TEST_F(BadInputTest, BrokenJson)
{
    ExpectBadScenario("", {"is not JSON"});
    ExpectBadScenario("{\"profile\": \"x\",\n}", {"is not JSON", "line 2, column 1"});
    ExpectBadScenario("{\"samples\": NaN}", {"is not JSON"});
    ExpectBadProfile("model.json", "{", {"is not JSON"});
    ExpectBadProfile("board.json", "[1,", {"is not JSON"});
    // A folder is no file.
    ExpectBadOptions({"--scenario=my-model"}, {"my-model: "});
}

TEST_F(BadInputTest, WrongType)
{
    ExpectBadScenario("[]", {"found []", "allowed: an object"});
    ExpectBadScenario("/samples", "10", {"found \"10\"", "allowed: a whole number"});
    ExpectBadScenario("/samples", 1.5, {"found 1.5", "allowed: a whole number"});
    ExpectBadScenario("/deployment", 7, {"found 7", "allowed: a text"});
    ExpectBadScenario("/links/0/delay", 20, {"found 20", "allowed: a text"});
    ExpectBadModel("/blocks", "\"3\"", {"/blocks: ", "found \"3\"", "a whole number"});
    ExpectBadModel("/validation/exit_rates/0", "0.4", {"/validation/exit_rates/0: ", "an array"});
    ExpectBadDevice("/compute_ms/1-2/1",
                    "\"4\"",
                    {"/compute_ms/1-2/1: ", "found \"4\"", "a number"});
    ExpectBadOptions({"--source=x"}, {"--source: ", "found 'x'", "a whole number, at least 0"});
    ExpectBadOptions({"--source=-1"}, {"--source: ", "found '-1'", "at least 0"});
    ExpectBadOptions({"--mtu=9000B"}, {"--mtu: ", "found '9000B'"});
    ExpectBadOptions({"--shared-core=yes"}, {"--shared-core: ", "found 'yes'", "true, false"});
    ExpectBadOptions({"--quiet=very"}, {"--quiet: ", "found 'very'", "true, false"});
    ExpectBadOptions({"--tcp-variant=Cubic"},
                     {"--tcp-variant: ", "found 'Cubic'", "TcpBbr, ", "TcpCubic", "TcpNewReno"});
    ExpectBadOptions({"--tcp-warm=hot"}, {"--tcp-warm: ", "found 'hot'", "true, false"});
    ExpectBadOptions({"--tcp-restart=1"}, {"--tcp-restart: ", "found '1'", "true, false"});
    for (const std::string loss : {"1", "1.5", "-0.01", "nan", "1%"})
    {
        ExpectBadOptions({"--loss=" + loss}, {"--loss: ", "found '" + loss, "from 0 to below 1"});
    }
}

TEST_F(BadInputTest, UnknownKey)
{
    ExpectBadScenario("/sample",
                      7,
                      {"unknown key 'sample'", "did you mean 'samples'?", "allowed: "});
    ExpectBadScenario("/tiers/0/devce", "x", {"did you mean 'device'?"});
    ExpectBadScenario("/links/0/band_width", "x", {"did you mean 'bandwidth'?"});
    ExpectBadModel("/treshold", "1", {"/treshold: ", "did you mean 'thresholds'?"});
    ExpectBadDevice("/serialise_ms", "1", {"/serialise_ms: ", "did you mean 'serialize_ms'?"});
    ExpectBadOptions({"--sample=3"}, {"--sample: ", "unknown option", "did you mean 'samples'?"});
    ExpectBadOptions({"--frobnicate"}, {"--frobnicate: ", "unknown option", "--help"});
    ExpectBadOptions({"--ns3::PortendWorker::NoSuch=1"}, {"--ns3::PortendWorker::NoSuch: "});
    ExpectBadOptions({"--ns3::PortendServer::Servers=0"},
                     {"'0'", "no value of it", "1:4294967295"});
    ExpectBadOptions({"--ns3::PortendSource::Timeout=soon"}, {"'soon'", "no value of it", "Time"});
    ExpectBadOptions({"--ns3::PortendTcpTransport::Variant=ns3::TcpTurbo"},
                     {"'ns3::TcpTurbo'", "ns3::TcpBbr|", "ns3::TcpCubic"});
    ExpectBadOptions({"samples=3"}, {"'samples=3'", "is no option"});
    ExpectBadOptions({"--samples"}, {"--samples: needs a value"});
    ExpectBadOptions({"--profile="}, {"--profile: needs a value"});
}

// A key that is there twice would have one of two values, silently.
TEST_F(BadInputTest, RepeatedKey)
{
    ExpectBadScenario(R"({"schema_version": 1, "profile": "a", "profile": "b"})",
                      {"/profile: the key is there twice"});
    ExpectBadScenario(R"({"links": [{}, {"delay": "1ms", "x": [{"y": 1}], "delay": "2ms"}]})",
                      {"/links/1/delay: the key is there twice"});
    ExpectBadProfile("board.json",
                     R"({"compute_ms": {"1-1": [2], "1-2": [3], "1-1": [99]}})",
                     {"/compute_ms/1-1: the key is there twice"});
    ExpectBadProfile("model.json",
                     R"({"validation": {"accuracy": [1], "accuracy": [2]}})",
                     {"/validation/accuracy: the key is there twice"});
}

TEST_F(BadInputTest, DeepDocuments)
{
    for (const std::size_t depth : {65, 100000})
    {
        const std::string begin(depth, '[');
        const std::string end(depth, ']');
        ExpectBadScenario(begin, {"is nested more than 64 levels deep"});
        ExpectBadScenario(begin + end, {"is nested more than 64 levels deep"});
        ExpectBadProfile("model.json", begin + end, {"is nested more than 64 levels deep"});
        std::string objects;
        for (std::size_t level = 0; level < depth; ++level)
        {
            objects += "{\"a\":";
        }
        ExpectBadScenario(objects + "1" + std::string(depth, '}'), {"is nested more than"});
    }
    const std::string begin(64, '[');
    const std::string end(64, ']');
    ExpectBadScenario(begin + end, {"found [[", "allowed: an object"});
}

// What is found is shown by its beginning.
TEST_F(BadInputTest, LongValues)
{
    const std::string digits(30000, '1');
    const auto expectShort = [this](const std::string& option, const std::string& text) {
        ExpectRefusal({option + "=" + text}, {"..."});
        const auto run = Run({option + "=" + text});
        EXPECT_LT(run.err.size(), 1000U) << option;
    };
    for (const std::string option : {"--bandwidth",
                                     "--delay",
                                     "--overhead",
                                     "--queue",
                                     "--loss",
                                     "--samples",
                                     "--mtu",
                                     "--max-time",
                                     "--arrival",
                                     "--deployment",
                                     "--devices",
                                     "--rules",
                                     "--compute",
                                     "--exits",
                                     "--transport",
                                     "--tcp-variant",
                                     "--tcp-buffer",
                                     "--queue-policy",
                                     "--shared-core",
                                     "--quiet",
                                     "--RngRun",
                                     "--RngSeed",
                                     "--ns3::PortendWorker::Overhead",
                                     "--ns3::PortendSource::SerializationTime"})
    {
        expectShort(option, digits + "x");
    }
    expectShort("--bandwidth", digits + "Mbps");
    expectShort("--delay", digits + "ms");
    expectShort("--arrival", "poisson:" + digits);
    expectShort("--arrival", "periodic:" + digits + "s");
    expectShort("--profile", digits);
    expectShort("--" + digits, "1");
    ExpectBadScenario("/transport", std::string(1000000, 'x'), {"found 'xxx", "x...'"});
    ExpectBadScenario("/samples", std::string(1000000, 'x'), {"found \"xxx", "x..."});
    ExpectBadScenario("{\"" + std::string(1000000, 'x') + "\": 1}", {"unknown key 'xxx", "x...'"});
}

// ns-3 itself would end the program for what is none of an attribute's values.
TEST_F(BadInputTest, ValuesOfAttributes)
{
    const auto refuse = [this](const std::string& attribute, const std::string& value) {
        ExpectBadOptions({"--ns3::" + attribute + "=" + value},
                         {"--ns3::" + attribute + ": ", "no value of it"});
    };
    for (const std::string value : {"x", "nan", "inf", "-inf", "1e999", "5ms", "1 2", "0x10"})
    {
        refuse("PortendServer::Servers", value);
        refuse("PortendWorker::ComputationFactor", value);
        refuse("PortendSource::SerializationTime", value);
        if (value != "5ms")
        {
            refuse("PortendWorker::Overhead", value);
        }
    }
    refuse("PortendServer::Servers", "-1");
    refuse("PortendWorker::Overhead", "1e30s");
    refuse("PortendSource::SerializationTime", "ns3::Nothing");
    refuse("PortendSource::SerializationTime", "ns3::PortendServer");
    refuse("PortendSource::SerializationTime", "ns3::RandomVariableStream");
    refuse("PortendSource::SerializationTime", "ns3::EmpiricalRandomVariable");
    refuse("PortendSource::SerializationTime", "ns3::UniformRandomVariable[Min=x]");
    refuse("PortendSource::SerializationTime", "ns3::UniformRandomVariable[Min=1");
    refuse("PortendSource::SerializationTime", "ns3::UniformRandomVariable[Low=1]");
    refuse("PortendWorker::Server", "ns3::PortendServer[Servers=0]");
    refuse("PortendTcpTransport::Variant", "ns3::Node");
    refuse("TcpL4Protocol::SocketType", "ns3::Node");
    for (const std::string text : {"0", "4294944443", "4294967295", "1.5", "x"})
    {
        ExpectBadOptions({"--RngSeed=" + text}, {"--RngSeed: found '" + text, "4294944442"});
    }
    ExpectBadOptions({"--RngRun=4294967296"}, {"--RngRun: ", "0 .. 4294967295"});
    ExpectBadOptions({"--SchedulerType=ns3::Node"}, {"--SchedulerType: ", "no value of it"});
    ExpectBadOptions({"--SimulatorImplementationType=x"}, {"no value of it"});
    ExpectBadOptions({"--PrintAttributes=ns3::Nothing"},
                     {"--PrintAttributes: ", "a class of ns-3"});
    ExpectBadOptions({"--ChecksumEnabled=maybe"}, {"--ChecksumEnabled: ", "no value of it"});
    ExpectBadScenario("/seed", 4294944443, {"found 4294944443", "1 .. 4294944442"});

    // Good ones are taken.
    const auto run = Run({"--ns3::PortendWorker::Overhead=5ms",
                          "--ns3::PortendWorker::ComputationFactor=2",
                          "--ns3::PortendWorker::Server=ns3::PortendServer[Servers=2]",
                          "--ns3::PortendSource::SerializationTime=ns3::UniformRandomVariable"
                          "[Min=0|Max=0.1]",
                          "--ns3::TcpL4Protocol::SocketType=ns3::TcpNewReno",
                          "--SchedulerType=ns3::HeapScheduler",
                          "--ChecksumEnabled=true",
                          "--RngSeed=4294944442",
                          "--RngRun=4294967295",
                          "--samples=5"});
    EXPECT_EQ(run.status, 0) << run.err;
}

// ns-3 reads these variables before main().
TEST_F(BadInputTest, Environment)
{
    const auto refuse = [this](const char* variable,
                               const std::string& value,
                               const std::vector<std::string>& parts) {
        setenv(variable, value.c_str(), 1);
        ExpectBadOptions({}, parts);
        unsetenv(variable);
    };
    refuse("NS_GLOBAL_VALUE", "RngRun=abc", {"NS_GLOBAL_VALUE: RngRun: found 'abc'"});
    refuse("NS_GLOBAL_VALUE", "RngRun=2;RngSeed=0", {"NS_GLOBAL_VALUE: RngSeed: found '0'"});
    refuse("NS_GLOBAL_VALUE", "RngRuns=2", {"NS_GLOBAL_VALUE: RngRuns: no such global value"});
    refuse("NS_ATTRIBUTE_DEFAULT",
           "ns3::PortendServer::Servers=x",
           {"NS_ATTRIBUTE_DEFAULT: ns3::PortendServer::Servers: 'x'"});
    const auto run = [this]() { return Run({"--samples=9", "--exits=independent", "--json=-"}); };
    const auto first = run();
    setenv("NS_GLOBAL_VALUE", "RngRun=2", 1);
    const auto second = run();
    unsetenv("NS_GLOBAL_VALUE");
    EXPECT_EQ(second.status, 0) << second.err;
    EXPECT_EQ(Json::parse(first.out)["run"], 1);
    EXPECT_EQ(Json::parse(second.out)["run"], 2);
}

// Folders that cannot be read, and names that no file can have.
TEST_F(BadInputTest, UnreadableFolders)
{
    Link("loop", "loop");
    const std::string name(256, 'n');
    ExpectBadOptions({"--profile=./loop"},
                     {"--profile: /profile: './loop' is not a folder: Too many"});
    ExpectBadOptions({"--profile=" + name}, {"--profile: ", "File name too long"});
    ExpectBadOptions({"--profile=./" + name}, {"--profile: ", "File name too long"});
    ExpectBadOptions({"--devices=" + name}, {"--devices: ", "File name too long"});
    ExpectBadOptions({"--scenario=./loop"}, {"./loop: cannot be read: Too many"});
    ExpectBadOptions({"--scenario=./" + name}, {"cannot be read: File name too long"});
    ExpectBadOptions({"--arrival=trace:loop"}, {"loop: cannot be read: Too many"});
    setenv("PORTEND_PROFILES", "loop", 1);
    ExpectBadOptions({}, {"loop/resnet110-cifar10/model.json cannot be read: Too many"});
    unsetenv("PORTEND_PROFILES");
}

TEST_F(BadInputTest, MissingKey)
{
    for (const auto* key : {"schema_version", "profile", "tiers", "links", "deployment"})
    {
        auto scenario = GetScenario();
        scenario.erase(key);
        ExpectBadScenario(scenario.dump(), {"the key '" + std::string(key) + "' is missing"});
    }
}

TEST_F(BadInputTest, MissingTiming)
{
    auto device = GetDevice();
    device["compute_ms"].erase("2-3");
    ExpectBadProfile("board.json",
                     device.dump(),
                     {"board.json: /compute_ms/2-3: ", "device board lacks: partition 2-3"});
    ExpectBadDevice("/compute_ms/2-3", "[]", {"/compute_ms/2-3: ", "no timing", "one repeat"});
    ExpectBadDevice("/serialize_ms", "[1, 2]", {"/compute_ms/1-3: ", "of serialize_ms"});
}

TEST_F(BadInputTest, BadTime)
{
    ExpectBadDevice("/compute_ms/1-3/0",
                    "-6.2",
                    {"/compute_ms/1-3/0: ", "found -6.2", "not negative"});
    ExpectBadDevice("/deserialize_ms/1", "-1", {"/deserialize_ms/1: ", "found -1"});
    ExpectBadDevice("/compute_ms/1-3/0", "NaN", {"is not JSON"});
    ExpectBadDevice("/compute_ms/1-3/0", "null", {"/compute_ms/1-3/0: ", "found null", "a number"});
    ExpectBadDevice("/compute_ms/1-3/0", "1e999", {"is not JSON", "1e999"});
}

// 2^63 ns are 9.22e12 ms: what wraps is refused where it is read, or when it is reached.
TEST_F(BadInputTest, TimesBeyondSimulatedTime)
{
    ExpectBadDevice("/compute_ms/1-1/0",
                    "9.3e12",
                    {"/compute_ms/1-1/0: ", "found 9.3e+12", "up to 1e9"});
    ExpectBadDevice("/serialize_ms/0", "1.1e9", {"/serialize_ms/0: ", "up to 1e9"});
    ExpectBadScenario("/tiers/0/compute_factor", 1e7, {"found '10000000'", "above 0 to 1000000"});
    ExpectBadScenario("/links/0/bandwidth", "18446744073Gbps", {"up to 1000000Gbps"});
    ExpectBadScenario("/links/0/delay", "1000001s", {"a time from 0 to 1000000s"});
    ExpectBadScenario("/tiers/0/overhead", "1e6s", {"a time from 0 to 1000000s"});
    ExpectBadOptions({"--ns3::PortendWorker::Overhead=40y"}, {"'40y'", "no value of it"});
    ExpectBadOptions({"--ns3::PortendWorker::ComputationFactor=1e12"},
                     {"simulated time: found a delay of ", "2^63 ns"});
    // 2^32 bytes at 1 b/s, with all that is allowed on both sides.
    Write("big/model.json",
          R"({"schema_version": 1, "profile": "big", "blocks": 1, "tensor_bytes": [2147483647],
              "result_bytes": 1, "thresholds": [0],
              "validation": {"exit_rates": [[1]], "accuracy": [1]}})");
    Write("big/board.json",
          R"({"schema_version": 1, "profile": "big", "device": "board",
              "compute_ms": {"1-1": [1]}, "serialize_ms": [0], "deserialize_ms": [0]})");
    ExpectRefusal({"--profile=./big",
                   "--devices=board,board",
                   "--bandwidth=1bps",
                   "--delay=0ms",
                   "--deployment=1:1-1@0"},
                  {"takes up to", "on an idle network"});
    // Each delay is allowed, and their sum over the requests is not.
    ExpectRefusal({"--deployment=1:1-55@0",
                   "--delay=1000000s,0ms",
                   "--samples=3000",
                   "--json=out.json",
                   "--csv=out.csv"},
                  {"simulated time: requests go on after 4e+09 s", "2^63 ns"});
}

TEST_F(BadInputTest, BadRate)
{
    ExpectBadModel("/validation/exit_rates/1/1",
                   "1.7",
                   {"/validation/exit_rates/1/1: ", "found 1.7", "a rate in [0, 1]"});
    ExpectBadModel("/validation/exit_rates/1/1",
                   "-0.1",
                   {"/validation/exit_rates/1/1: ", "found -0.1", "a rate in [0, 1]"});
    ExpectBadModel("/validation/accuracy/0",
                   "60",
                   {"/validation/accuracy/0: ", "found 60", "a rate in [0, 1]"});
}

TEST_F(BadInputTest, UnknownThreshold)
{
    ExpectBadOptions(
        {"--deployment=0:1-25,1:26-40@0.5"},
        {"--deployment: ", "threshold 0.5", "known: 0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9, 1"});
    ExpectBadScenario("/deployment", "0:1-1,1:2-3@0.25", {"0.25", "known: 0, 0.5, 1"});
}

TEST_F(BadInputTest, BadDeployment)
{
    ExpectBadOptions({"--deployment=x"}, {"--deployment: ", "'x'", "such as 0:1-25,1:26-40@0.1"});
    ExpectBadOptions({"--deployment=0:1-25,1:26-40"}, {"--deployment: ", "'@' and a threshold"});
    ExpectBadOptions({"--deployment=0:26-40,1:1-25@0.1"},
                     {"partition 0:26-40 must begin at block 1"});
    ExpectBadOptions({"--deployment=0:1-25,1:20-40@0.1"},
                     {"partition 1:20-40 must begin at block 26"});
    ExpectBadOptions({"--deployment=0:1-25,1:30-40@0.1"},
                     {"partition 1:30-40 must begin at block 26"});
    ExpectBadOptions({"--deployment=0:1-25,1:26-56@0.1"},
                     {"partition 1:26-56 ends beyond block 55"});
    ExpectBadOptions({"--deployment=0:1-25,3:26-40@0.1"},
                     {"partition 3:26-40 is on an unknown tier; allowed: 0..2"});
    ExpectBadOptions({"--deployment=1:1-25,0:26-30,1:31-40@0.1"},
                     {"partition 1:31-40 is on a tier used before"});
    ExpectBadScenario("/deployment", "0:1-1,1:2-4@0.5", {"ends beyond block 3"});
}

TEST_F(BadInputTest, TierOutOfRange)
{
    ExpectBadOptions({"--source=3"}, {"--source: ", "found tier 3", "allowed: 0..2"});
    ExpectBadOptions({"--destination=9"}, {"--destination: ", "found tier 9", "allowed: 0..2"});
    ExpectBadScenario("/source", 2, {"found tier 2", "allowed: 0..1"});
}

TEST_F(BadInputTest, BadBandwidth)
{
    for (const auto* bad :
         {"0Mbps", "-5Mbps", "10", "10Mb", "10Mbs", "Mbps", "nanMbps", "1e3Mbps", "10 Mbps"})
    {
        const auto list = "400Mbps," + std::string(bad);
        ExpectBadOptions({"--bandwidth=" + list},
                         {"--bandwidth: ",
                          "found '" + std::string(bad) + "'",
                          "a bandwidth above 0 with its unit"});
        ExpectBadScenario("/links/0/bandwidth", bad, {"found '" + std::string(bad) + "'"});
    }
    ExpectBadOptions({"--bandwidth=10Mbps,"}, {"--bandwidth: ", "'10Mbps,'", "empty"});
    // More than any number of bits per second that can be held.
    ExpectBadOptions({"--bandwidth=99999999999Gbps,1Mbps"}, {"--bandwidth: ", "'99999999999Gbps'"});
}

TEST_F(BadInputTest, BadTimeUnit)
{
    for (const auto* bad : {"20", "-20ms", "20msec", "ms", "20 ms", "nanms"})
    {
        ExpectBadOptions({"--delay=40ms," + std::string(bad)},
                         {"--delay: ", "found '" + std::string(bad) + "'", "with its unit"});
        ExpectBadScenario("/links/0/delay", bad, {"found '" + std::string(bad) + "'"});
        ExpectBadOptions({"--arrival=periodic:" + std::string(bad)}, {"--arrival: "});
    }
    ExpectBadOptions({"--arrival=periodic:0ms"}, {"--arrival: ", "above 0"});
    ExpectBadOptions({"--arrival=poisson:0"}, {"--arrival: ", "found 'poisson:0'", "above 0"});
    ExpectBadOptions({"--arrival=sometimes"}, {"--arrival: ", "'sometimes'", "closed, periodic:"});
    // Longer than simulated time can be.
    ExpectBadOptions({"--delay=99999999999999s,1ms"}, {"--delay: ", "'99999999999999s'"});
}

TEST_F(BadInputTest, FewerDevicesOrLinksThanNeeded)
{
    ExpectBadOptions({"--devices=a1.medium"}, {"partition 1:26-40 is on an unknown tier"});
    ExpectBadOptions({"--devices=a1.medium,m4.large,m4.large,g4dn.xlarge"},
                     {"/links: ", "found 2 links for 4 tiers; expected 3"});
    ExpectBadOptions({"--bandwidth=10Mbps,10Mbps,10Mbps", "--delay=20ms"},
                     {"/links: ", "found 3 links for 3 tiers; expected 2"});
    ExpectBadOptions({"--bandwidth=10Mbps,10Mbps", "--delay=20ms,1ms,2ms"},
                     {"--delay: ", "found 3 delays for 2 bandwidths"});
    ExpectBadOptions({"--devices=a1.medium,m4.large,m4.large,g4dn.xlarge", "--delay=20ms"},
                     {"--bandwidth: ", "needed for 3 links; the scenario has 2"});
    ExpectBadScenario("/links", Json::array(), {"found 0 links for 2 tiers"});
    ExpectBadScenario("/tiers", Json::array(), {"no tier"});
}

TEST_F(BadInputTest, MtuTooSmall)
{
    for (const auto* bad : {"0", "20", "48", "49", "67", "65536"})
    {
        ExpectBadOptions({"--mtu=" + std::string(bad)},
                         {"--mtu: ", "found '" + std::string(bad) + "'", "68 .. 65535"});
    }
    EXPECT_EQ(Run({"--mtu=68", "--samples=20", "--quiet"}).status, 0);
}

// The tensor has 33685 B, and 4 packets' headers of 50 B.
TEST_F(BadInputTest, TensorLargerThanQueue)
{
    ExpectBadOptions({"--queue=33884B"},
                     {"--queue: ", "found '33884B'", "auto, or at least 33885B", "33685 bytes"});
    EXPECT_EQ(Run({"--queue=33885B", "--samples=20", "--quiet"}).err, "");
    ExpectBadOptions({"--queue=500"}, {"--queue: ", "found '500'", "with its unit"});
    ExpectBadOptions({"--queue=-1kB"}, {"--queue: ", "found '-1kB'"});
    ExpectBadOptions({"--queue=5GB"}, {"--queue: ", "found '5GB'", "4GB"});
}

TEST_F(BadInputTest, TooFewSamples)
{
    for (const auto* bad : {"0", "-1", "1.5", "x", "99999999999999999999"})
    {
        ExpectRefusal({"--samples=" + std::string(bad), "--json=out.json", "--csv=out.csv"},
                      {"--samples: ", "found '" + std::string(bad) + "'", "at least 1"});
    }
    ExpectBadScenario("/samples", 0, {"found 0", "1 .."});
}

TEST_F(BadInputTest, UnknownChoice)
{
    ExpectBadOptions({"--transport=quic"}, {"--transport: ", "'quic'", "allowed: udp, tcp"});
    ExpectBadOptions({"--compute=min"},
                     {"--compute: ", "'min'", "mean, median, max, empirical, gamma"});
    ExpectBadOptions({"--exits=none"},
                     {"--exits: ", "'none'", "nested, stratified, independent, trace:FILE"});
    ExpectBadOptions({"--split=train"}, {"--split: ", "'train'", "validation, test"});
    ExpectBadOptions({"--profile=vggish-audioset", "--split=test"},
                     {"vggish-audioset/model.json", "no split 'test'"});
    ExpectBadOptions({"--overhead=1ms,2ms"}, {"--overhead: ", "'1ms,2ms'", "one value, or 3"});
    ExpectBadOptions({"--overhead=-1ms"}, {"--overhead: ", "'-1ms'"});
    ExpectBadOptions({"--rules=ours"}, {"--rules: ", "'ours'", "paper, reference-code, exact"});
    ExpectBadOptions({"--accuracy=ours"}, {"--accuracy: ", "'ours'", "paper, conditional"});
    ExpectBadOptions({"--RngRun=x"}, {"--RngRun: ", "found 'x'", "a whole number"});
    ExpectBadOptions({"--RngRun=-1"}, {"--RngRun: ", "found '-1'"});
    ExpectBadOptions({"--RngSeed=0"}, {"--RngSeed: ", "found '0'"});
}

// The first partition alone takes 45 ms. Any bound lifts the refusal.
TEST_F(BadInputTest, LoadWithoutBound)
{
    // 1000 requests per second in bursts that last as long as the pauses are 500.
    for (const auto& [arrival, rate] : {std::pair<std::string, std::string>{"poisson:100", "100"},
                                        {"periodic:1ms", "1000"},
                                        {"bursty:1000:1s:1s", "500"}})
    {
        const auto option = "--arrival=" + arrival;
        ExpectBadOptions({option},
                         {"--arrival: ",
                          rate + " requests per second are too many for tier 0",
                          "allowed: below 22.1647 per second",
                          "--queue-limit",
                          "--queue-policy",
                          "--max-time"});
        for (const std::string bound :
             {"--queue-limit=2", "--queue-policy=deadline:1s", "--max-time=60s"})
        {
            const auto run = Run({option, bound, "--samples=10", "--json=-"});
            EXPECT_EQ(run.status, 0) << run.err;
            EXPECT_EQ(Json::parse(run.out)["simulated"]["generated"], 10);
        }
    }
    // A link may be the one, and its largest rate: 1 Mb/s for 33685 B and 4 packets' headers of
    // 50 B, for each of those that stay at the threshold 0: all.
    ExpectBadOptions(
        {"--bandwidth=1Mbps,400Mbps", "--deployment=0:1-25,1:26-40@0", "--arrival=poisson:10"},
        {"too many for link 0 up", "allowed: below 3.68895 per second"});
    // In a file, the file is named.
    ExpectBadScenario("/arrival", "poisson:1000", {"1000 requests per second are too many"});
}

TEST_F(BadInputTest, BadQueues)
{
    for (const std::string limit : {"0", "-1", "x", "1.5", "4294967296", "2,0,2", ""})
    {
        const auto found = limit == "2,0,2" ? "0" : limit;
        ExpectBadOptions({"--queue-limit=" + limit + (limit.empty() ? "1,,1" : "")},
                         {"--queue-limit: ", "found '" + found + "'", "none, or a whole number"});
    }
    for (const std::string list : {"1,2", "1,2,3,4", "1,"})
    {
        ExpectBadOptions({"--queue-limit=" + list},
                         {"--queue-limit: ", "found '" + list + "'", "one value, or 3"});
    }
    ExpectBadOptions({"--queue-policy=block,block", "--queue-limit=1"}, {"one value"});
    ExpectBadScenario("/tiers/1/queue_limit", 0, {"found 0", "1 .. 4294967295"});
    ExpectBadScenario("/tiers/1/queue_limit", "none", {"found \"none\"", "a whole number"});
    for (const std::string memory : {"0", "0B", "-1GB", "2", "2TB", "1e30GB", "GiB"})
    {
        ExpectBadOptions({"--memory=" + memory},
                         {"--memory: /tiers/0/memory: ", "found '" + memory + "'", "such as 2GiB"});
    }
    ExpectBadOptions({"--memory=1GB,2GB"}, {"--memory: ", "one value, or 3"});
    ExpectBadScenario("/tiers/1/memory", 1000, {"found 1000", "a text"});
    ExpectBadOptions({"--load-bandwidth=0bps"}, {"--load-bandwidth: ", "found '0bps'"});
    // The shipped models but one do not tell what they take.
    ExpectBadOptions({"--memory=1GB"}, {"resnet110-cifar10/model.json: /parameter_bytes: "});

    ExpectBadOptions({"--queue-limit=2", "--queue-policy=fifo"},
                     {"--queue-policy: /tiers/0/queue_policy: ",
                      "found 'fifo'",
                      "drop-newest, drop-oldest, block, deadline:TIME"});
    ExpectBadScenario("/tiers/1/queue_policy", "drop", {"found 'drop'", "drop-newest, "});
    for (const std::string policy : {"block", "drop-oldest"})
    {
        ExpectBadOptions({"--queue-policy=" + policy},
                         {"--queue-policy: /tiers/0/queue_policy: ",
                          "found '" + policy + "'",
                          "with a queue limit (--queue-limit)"});
        ExpectBadScenario("/tiers/1/queue_policy", policy, {"with a queue limit"});
    }
    ExpectBadOptions({"--queue-policy=block", "--queue-limit=1,none,1"},
                     {"/tiers/1/queue_policy: ", "with a queue limit"});
    ExpectBadOptions({"--queue-policy=deadline:0ms"},
                     {"--queue-policy: ", "found 'deadline:0ms'", "a deadline above 0"});
    for (const std::string deadline : {"", "5", "-1ms", "soon"})
    {
        ExpectBadOptions({"--queue-policy=deadline:" + deadline},
                         {"--queue-policy: ", "found '" + deadline + "'", "with its unit"});
    }
    // Where UDP may lose what a place is kept for.
    for (const std::string lossy : {"--loss=0.1", "--queue=500kB"})
    {
        const std::vector<std::string> block{"--queue-limit=2", "--queue-policy=block"};
        ExpectBadOptions({block[0], lossy, block[1]},
                         {"--queue-policy: ", "found 'block'", "--transport=tcp"});
        EXPECT_EQ(Run({block[0], lossy, block[1], "--transport=tcp", "--samples=10"}).status, 0);
    }
    // What is wrong with a tier's device is not the fault of its queue.
    ExpectBadOptions({"--queue-limit=2",
                      "--queue-policy=block",
                      "--overhead=1ms",
                      "--devices=a1.medium,m4.large,no"},
                     {"--devices: /tiers/2/device: ", "no device 'no'"});
}

TEST_F(BadInputTest, BadBurstsAndLargestTimes)
{
    for (const std::string bursts : {"",
                                     "5",
                                     "5:1s",
                                     "5:1s:1s:1s",
                                     "0:1s:1s",
                                     "-1:1s:1s",
                                     "x:1s:1s",
                                     "nan:1s:1s",
                                     "5:0s:1s",
                                     "5:1s:0s"})
    {
        ExpectBadOptions(
            {"--arrival=bursty:" + bursts},
            {"--arrival: ", "found 'bursty:" + bursts + "'", "bursty:RATE:ON:OFF", "above 0"});
    }
    ExpectBadOptions({"--arrival=bursty:5:1:1s"}, {"--arrival: ", "found '1'", "with its unit"});
    ExpectBadOptions({"--arrival=bursty:5:1s:-2s"}, {"--arrival: ", "found '-2s'"});
    // Bursts of which 5 in a million hold a request.
    ExpectBadOptions({"--arrival=bursty:5:1us:1us"},
                     {"--arrival: ", "found 'bursty:5:1us:1us'", "at least 0.001 requests"});
    ExpectBadScenario("/arrival", "bursty:5:1s:0s", {"found 'bursty:5:1s:0s'"});

    ExpectBadOptions({"--max-time=0s"}, {"--max-time: ", "found '0s'", "none, or a time above 0"});
    for (const std::string time : {"5", "-1s", "never", "1e30s"})
    {
        ExpectBadOptions({"--max-time=" + time},
                         {"--max-time: ", "found '" + time + "'", "with its unit"});
    }
    ExpectBadScenario("/max_time", "0ms", {"found '0ms'", "none, or a time above 0"});
    ExpectBadScenario("/max_time", 5, {"found 5", "a text"});

    ExpectBadOptions({"--timeout=0s"}, {"--timeout: ", "found '0s'"});
    ExpectBadOptions({"--timeout=5"}, {"--timeout: ", "found '5'"});
    ExpectBadOptions({"--timeout=5s", "--arrival=poisson:5"},
                     {"--timeout: ", "found '5s'", "auto, or with closed arrivals"});
    ExpectBadScenario("/timeout", "0ms", {"found '0ms'"});
}

TEST_F(BadInputTest, UnwritableOutput)
{
    Write("folder/x", "");
    for (const auto* option : {"--json", "--csv", "--timeline"})
    {
        const auto other = std::string(option) == "--json" ? "--csv=out.csv" : "--json=out.json";
        const auto refuse = [&](const std::string& file, const std::string& why) {
            ExpectRefusal({std::string(option) + "=" + file, other, "--samples=5"},
                          {std::string(option) + ": '" + file + "'", why});
        };
        refuse("nowhere/out", "cannot be written: No such file or directory");
        refuse("folder", "cannot be written: Is a directory");
        refuse("folder/x/out", "cannot be written: Not a directory");
        refuse("/dev/full", "could not be written");
    }
    ExpectRefusal({"--json=-", "--csv=-"}, {"--csv: ", "taken by --json"});
    ExpectRefusal({"--timeline=-", "--json=-", "--csv=out.csv"},
                  {"--timeline: standard output is taken by --json"});
    ExpectRefusal({"--timeline=-", "--csv=-", "--json=out.json"},
                  {"--timeline: standard output is taken by --csv"});
    ExpectRefusal({"--timeline=out.csv", "--csv=./out.csv", "--json=out.json"},
                  {"--timeline: 'out.csv' is taken by --csv"});
    ExpectRefusal({"--json=out.json", "--csv=out.json"}, {"--csv: ", "'out.json' is taken"});
    ExpectRefusal({"--json=out.json", "--csv=folder/../out.json"},
                  {"--csv: ", "is taken by --json"});
    ExpectRefusal({"--pcap=nowhere/x", "--json=out.json", "--csv=out.csv", "--samples=5"},
                  {"--pcap: ", "nowhere/x"});
    ExpectRefusal({"--pcap=x", "--network=trains", "--json=out.json", "--samples=5"},
                  {"--pcap: ", "--network=packets"});
    ExpectRefusal({"--network=trains", "--transport=tcp", "--loss=0.1"},
                  {"--network", "packets, or auto, where links lose packets of TCP"});
    ExpectRefusal({"--network=trains",
                   "--transport=tcp",
                   "--mtu=1500",
                   "--profile=efficientnetb0-imagenet",
                   "--deployment=1:1-2,0:3-4,2:5-8@0",
                   "--bandwidth=5Mbps,400Mbps",
                   "--arrival=poisson:0.3",
                   "--json=out.json"},
                  {"--network", "trains send nothing again", "allowed: packets"});
    ExpectRefusal({"--network=trucks"}, {"--network: ", "trucks", "packets, trains, auto"});
}

// Messages hold one line even if what is wrong does not.
TEST_F(BadInputTest, StrangeBytes)
{
    ExpectBadOptions({"--profile=two\nlines", "--deployment=0:1-1"}, {"--profile: "});
    ExpectBadOptions({"--deployment=\xff\xfe"}, {"--deployment: "});
    Write("strange-\xff.csv", "arrival_ms\n0\n");
    const auto run = Run({"--arrival=trace:strange-\xff.csv", "--json=-", "--quiet"});
    EXPECT_TRUE(run.status == 0 || run.status == 2) << run.status << run.err;
}
