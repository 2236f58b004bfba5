/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-scenario.h"

#include "portend-json.h"
#include "portend-profile-loader.h"

#include "ns3/command-line.h"
#include "ns3/portend-route.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <regex>
#include <sstream>

namespace ns3
{

namespace
{

using portend::InputError;

/// Largest UDP datagram that IPv4 carries, with its IP header: the largest sensible MTU.
constexpr uint32_t MAX_MTU_BYTES = 65535;

/// What a scenario says that no key may contradict.
constexpr int SCHEMA_VERSION = 1;

/**
 * @brief Split a text.
 * @param text the text
 * @param separator between the parts
 * @return the parts; an empty text has one empty part
 */
std::vector<std::string>
Split(const std::string& text, char separator)
{
    std::vector<std::string> parts;
    std::string part;
    std::istringstream stream(text + separator);
    while (std::getline(stream, part, separator))
    {
        parts.push_back(part);
    }
    return parts;
}

/**
 * @brief Read a whole text as a number.
 * @tparam T type of the number
 * @param text the text
 * @param value gets the number
 * @return whether the text is a number
 */
template <typename T>
bool
ParseNumber(const std::string& text, T& value)
{
    const auto end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value);
    return result.ec == std::errc() && result.ptr == end;
}

/**
 * @brief Complain about a text.
 * @param where its place
 * @param text what was found
 * @param allowed what is allowed
 */
[[noreturn]] void
Fail(const std::string& where, const std::string& text, const std::string& allowed)
{
    throw InputError(where, "found '" + text + "'; allowed: " + allowed);
}

/**
 * @brief Read a bandwidth.
 * @param text such as `10Mbps`
 * @param where its place
 * @return the bandwidth, above 0
 */
DataRate
ParseBandwidth(const std::string& text, const std::string& where)
{
    static const std::regex form("[0-9]+(\\.[0-9]+)?(|k|K|M|G|Ki|Mi|Gi)(bps|b/s|Bps|B/s)");
    static const char* const ALLOWED =
        "a bandwidth above 0 with its unit (bps, kbps, Mbps, Gbps), such as 10Mbps";
    DataRate rate;
    std::istringstream stream(text);
    if (!std::regex_match(text, form) || !(stream >> rate) || rate.GetBitRate() == 0)
    {
        Fail(where, text, ALLOWED);
    }
    return rate;
}

/**
 * @brief Read a number of bytes.
 * @param text such as `100kB`
 * @param where its place
 * @return bytes, above 0
 */
uint32_t
ParseBytes(const std::string& text, const std::string& where)
{
    static const std::map<std::string, double> units{{"B", 1},
                                                     {"kB", 1e3},
                                                     {"MB", 1e6},
                                                     {"GB", 1e9},
                                                     {"KiB", 1024.0},
                                                     {"MiB", 1048576.0},
                                                     {"GiB", 1073741824.0}};
    const auto digits = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto unit = units.find(text.substr(digits));
    double number = 0;
    if (unit == units.end() || !ParseNumber(text.substr(0, digits), number) ||
        number * unit->second < 1 || number * unit->second > 4e9)
    {
        Fail(where, text, "auto, or 1B .. 4GB with its unit (B, kB, MB, GB), such as 500kB");
    }
    return static_cast<uint32_t>(number * unit->second);
}

/**
 * @brief Read a table of comma-separated values with a header.
 * @param file name of the file
 * @return rows of fields, the header first
 */
std::vector<std::vector<std::string>>
ReadTable(const std::string& file)
{
    std::ifstream stream(file);
    if (!stream)
    {
        throw InputError(file, "cannot be read");
    }
    std::vector<std::vector<std::string>> rows;
    std::string line;
    while (std::getline(stream, line))
    {
        if (!line.empty() && line.back() == '\r')
        {
            line.pop_back();
        }
        rows.push_back(Split(line, ','));
    }
    if (rows.size() < 2)
    {
        throw InputError(file, "has no line after its header");
    }
    return rows;
}

/**
 * @brief Read a number of a table.
 * @param file name of the file
 * @param row index of the row, from 0 at the header
 * @param rows the table
 * @param column index of the column
 * @param low smallest allowed
 * @param high largest allowed
 * @return the number
 */
double
ReadField(const std::string& file,
          std::size_t row,
          const std::vector<std::vector<std::string>>& rows,
          std::size_t column,
          double low,
          double high)
{
    const auto& fields = rows[row];
    const auto where = file + ":" + std::to_string(row + 1) + ": " + rows[0][column];
    double value = 0;
    if (column >= fields.size() || fields.size() != rows[0].size())
    {
        throw InputError(file + ":" + std::to_string(row + 1),
                         "found " + std::to_string(fields.size()) + " fields; expected " +
                             std::to_string(rows[0].size()));
    }
    if (!ParseNumber(fields[column], value) || !(value >= low && value <= high))
    {
        std::ostringstream allowed;
        allowed << "a number in [" << low << ", " << high << "]";
        Fail(where, fields[column], allowed.str());
    }
    return value;
}

/**
 * @brief Find a column of a table.
 * @param file name of the file
 * @param header names of the columns
 * @param name name of the column
 * @return its index
 */
std::size_t
FindColumn(const std::string& file, const std::vector<std::string>& header, const std::string& name)
{
    const auto it = std::find(header.begin(), header.end(), name);
    if (it == header.end())
    {
        throw InputError(file + ":1", "the column '" + name + "' is missing");
    }
    return it - header.begin();
}

/**
 * @brief Read arrival times.
 * @param file table with the column `arrival_ms`, not decreasing
 * @return the times
 */
std::vector<Time>
ReadArrivals(const std::string& file)
{
    const auto rows = ReadTable(file);
    const auto column = FindColumn(file, rows[0], "arrival_ms");
    std::vector<Time> times;
    double last = 0;
    for (std::size_t row = 1; row < rows.size(); ++row)
    {
        // From the arrival before to a century, in milliseconds.
        last = ReadField(file, row, rows, column, last, 3.2e12);
        times.push_back(NanoSeconds(std::llround(last * 1e6)));
    }
    return times;
}

/**
 * @brief Read measured samples: entropy and correctness of every branch.
 *
 * A sample exits at the first partition whose branch's entropy is below the threshold.
 *
 * @param file table with the columns `entropy_B` and `correct_B` for each last block B
 * @param deployment the deployment
 * @return a model that replays the samples
 */
Ptr<PortendExitModel>
ReadSamples(const std::string& file, const portend::Deployment& deployment)
{
    const auto rows = ReadTable(file);

    struct Columns
    {
        std::size_t entropy;
        std::size_t correct;
    };

    std::vector<Columns> columns;
    for (const auto& partition : deployment.partitions)
    {
        const auto block = std::to_string(partition.last);
        columns.push_back({FindColumn(file, rows[0], "entropy_" + block),
                           FindColumn(file, rows[0], "correct_" + block)});
    }
    std::vector<PortendSample> samples;
    for (std::size_t row = 1; row < rows.size(); ++row)
    {
        std::size_t k = 0;
        while (k + 1 < columns.size() && ReadField(file, row, rows, columns[k].entropy, 0, 1) >=
                                             deployment.GetThreshold(k + 1))
        {
            ++k;
        }
        PortendSample sample;
        sample.exitPartition = k + 1;
        sample.correct = ReadField(file, row, rows, columns[k].correct, 0, 1) >= 0.5;
        samples.push_back(sample);
    }
    auto model = CreateObject<PortendTraceExitModel>();
    model->SetSamples(samples);
    return model;
}

/**
 * @brief Read joint counts: how many samples exit at each partition, and how many are right.
 * @param file table with the columns `exited` and `correct`, a row for each partition
 * @param deployment the deployment
 * @return a model that draws from the counts
 */
Ptr<PortendExitModel>
ReadJointCounts(const std::string& file, const portend::Deployment& deployment)
{
    const auto rows = ReadTable(file);
    const auto exitedColumn = FindColumn(file, rows[0], "exited");
    const auto correctColumn = FindColumn(file, rows[0], "correct");
    const auto partitions = deployment.partitions.size();
    if (rows.size() - 1 != partitions)
    {
        throw InputError(file,
                         "found " + std::to_string(rows.size() - 1) + " rows; expected " +
                             std::to_string(partitions) + ", one for each partition");
    }
    double total = 0;
    std::vector<double> passed;
    std::vector<double> accuracies;
    for (std::size_t row = 1; row < rows.size(); ++row)
    {
        const double exited = ReadField(file, row, rows, exitedColumn, 0, 1e15);
        const double correct = ReadField(file, row, rows, correctColumn, 0, exited);
        total += exited;
        passed.push_back(total);
        accuracies.push_back(exited > 0 ? correct / exited : 0);
    }
    if (total <= 0)
    {
        throw InputError(file, "no sample has exited; allowed: at least one");
    }
    for (auto& share : passed)
    {
        share /= total;
    }
    auto model = CreateObject<PortendNestedExitModel>();
    model->SetBranches(passed, accuracies);
    return model;
}

/**
 * @brief Read one tier.
 * @param json the tier
 * @return the tier
 */
PortendScenario::Tier
ReadTier(const PortendJson& json)
{
    json.RequireKeys({"device", "name", "compute_factor", "serialization_factor", "servers"});
    PortendScenario::Tier tier;
    tier.device = json.Get("device").GetString();
    const auto readFactor = [&json](const char* key, double& factor) {
        if (json.Has(key))
        {
            factor = json.Get(key).GetNumber();
            if (!(factor > 0))
            {
                json.Get(key).Fail("a factor above 0");
            }
        }
    };
    if (json.Has("name"))
    {
        tier.name = json.Get("name").GetString();
    }
    readFactor("compute_factor", tier.computeFactor);
    readFactor("serialization_factor", tier.serializationFactor);
    if (json.Has("servers"))
    {
        tier.servers = json.Get("servers").GetInteger(1, UINT16_MAX);
    }
    return tier;
}

/**
 * @brief Read one link.
 * @param json the link
 * @return the link
 */
PortendScenario::Link
ReadLink(const PortendJson& json)
{
    json.RequireKeys({"bandwidth", "delay"});
    return {json.Get("bandwidth").GetString(), json.Get("delay").GetString()};
}

/**
 * @brief Read a whole scenario.
 * @param json the document
 * @param scenario gets what the document says
 */
void
ReadScenario(const PortendJson& json, PortendScenario& scenario)
{
    json.RequireKeys({"$schema", "schema_version", "description", "profile",     "tiers",
                      "links",   "deployment",     "source",      "destination", "samples",
                      "arrival", "transport",      "mtu_bytes",   "queue",       "compute",
                      "exits",   "rules",          "accuracy",    "shared_core", "seed",
                      "run"});
    json.RequireVersion(SCHEMA_VERSION);
    const auto readText = [&json](const char* key, std::string& text) {
        if (json.Has(key))
        {
            text = json.Get(key).GetString();
        }
    };
    const auto readInteger = [&json](const char* key, auto& number, uint64_t low, uint64_t high) {
        if (json.Has(key))
        {
            number = json.Get(key).GetInteger(low, high);
        }
    };
    scenario.profile = json.Get("profile").GetString();
    scenario.tiers.clear();
    for (const auto& tier : json.Get("tiers").GetArray())
    {
        scenario.tiers.push_back(ReadTier(tier));
    }
    scenario.links.clear();
    for (const auto& link : json.Get("links").GetArray())
    {
        scenario.links.push_back(ReadLink(link));
    }
    scenario.deployment = json.Get("deployment").GetString();
    readText("description", scenario.description);
    readInteger("source", scenario.source, 0, UINT32_MAX);
    readInteger("destination", scenario.destination, 0, UINT32_MAX);
    readInteger("samples", scenario.samples, 1, INT64_MAX);
    readText("arrival", scenario.arrival);
    readText("transport", scenario.transport);
    readInteger("mtu_bytes", scenario.mtuBytes, 0, UINT32_MAX);
    readText("queue", scenario.queue);
    readText("compute", scenario.compute);
    readText("exits", scenario.exits);
    readText("rules", scenario.rules);
    readText("accuracy", scenario.accuracy);
    if (json.Has("shared_core"))
    {
        scenario.sharedCore = json.Get("shared_core").GetBoolean();
    }
    readInteger("seed", scenario.seed, 1, UINT32_MAX);
    readInteger("run", scenario.run, 0, UINT32_MAX);
}

/// An option of the command line, and where its value goes.
struct Option
{
    const char* name; //!< without dashes
    const char* help; //!< one line
};

/// The options of DESIGN, in the order of --help. Defaults are those of PortendScenario.
const Option OPTIONS[] = {
    {"scenario", "JSON scenario file; every other option overrides it"},
    {"profile", "profile name or folder [resnet110-cifar10]"},
    {"devices", "device of each tier [a1.medium,m4.large,g4dn.xlarge]"},
    {"deployment",
     "tier:first-last of each partition, @threshold [0:1-25,1:26-40@0.1; of another --profile "
     "the full model on the source's tier]"},
    {"bandwidth", "bandwidth of each link [10Mbps,400Mbps]"},
    {"delay", "propagation delay of each link [20ms,40ms]"},
    {"source", "tier where requests arise [0]"},
    {"destination", "tier that must get the results [0]"},
    {"samples", "number of requests [1000]"},
    {"arrival", "closed | periodic:100ms | poisson:5 (per second) | trace:FILE [closed]"},
    {"transport", "udp [udp]"},
    {"mtu", "MTU of the links, bytes [9000]"},
    {"queue", "device queues: auto (never lose a packet) or a size such as 500kB [auto]"},
    {"compute", "computation times: mean | max | empirical | gamma [mean]"},
    {"exits", "nested | independent | trace:FILE [nested]"},
    {"rules", "analytical rules: paper | reference-code | exact [exact]"},
    {"accuracy", "right answers of those that exit: paper | conditional [paper]"},
    {"shared-core", "source and sink share the core of their tier: true | false [false]"},
};

/**
 * @brief Give each of several things its part of a list.
 * @tparam T type of the things
 * @param option the option
 * @param text the list, separated by commas
 * @param things resized to the list's length
 * @param apply called with each thing and its part
 */
template <typename T, typename F>
void
ApplyList(const std::string& option, const std::string& text, std::vector<T>& things, F apply)
{
    const auto parts = Split(text, ',');
    things.resize(parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i)
    {
        if (parts[i].empty())
        {
            Fail("--" + option, text, "a list separated by commas, without empty entries");
        }
        apply(things[i], parts[i]);
    }
}

} // namespace

Time
PortendParseTime(const std::string& text, const std::string& where)
{
    static const std::regex form("[0-9]+(\\.[0-9]+)?(s|ms|us|ns)");
    if (!std::regex_match(text, form))
    {
        Fail(where, text, "a time of 0 or more with its unit (s, ms, us, ns), such as 20ms");
    }
    return Time(text);
}

void
PortendScenario::LoadFile(const std::string& file)
{
    const auto document = PortendJson::Load(file);
    try
    {
        ReadScenario(PortendJson(document), *this);
    }
    catch (const InputError& error)
    {
        throw InputError(file + (error.GetWhere().empty() ? "" : ": " + error.GetWhere()),
                         error.what());
    }
    // Every complaint to come names the file, unless an option overrides the value.
    origins[""] = file;
}

void
PortendScenario::CompleteDeployment()
{
    if (!deployment.empty())
    {
        return;
    }
    try
    {
        const auto model = PortendProfileLoader(profile).LoadModel();
        portend::Deployment full;
        full.partitions = {{source, 1, model.blocks}};
        full.threshold = model.thresholds.front();
        deployment = full.ToString();
    }
    catch (const InputError& error)
    {
        throw InputError(GetOrigin(error.GetWhere()), error.what());
    }
}

std::string
PortendScenario::ToJson() const
{
    nlohmann::ordered_json json;
    json["schema_version"] = SCHEMA_VERSION;
    if (!description.empty())
    {
        json["description"] = description;
    }
    json["profile"] = profile;
    json["tiers"] = nlohmann::ordered_json::array();
    for (const auto& tier : tiers)
    {
        nlohmann::ordered_json entry;
        entry["device"] = tier.device;
        if (!tier.name.empty())
        {
            entry["name"] = tier.name;
        }
        entry["compute_factor"] = tier.computeFactor;
        entry["serialization_factor"] = tier.serializationFactor;
        entry["servers"] = tier.servers;
        json["tiers"].push_back(entry);
    }
    json["links"] = nlohmann::ordered_json::array();
    for (const auto& link : links)
    {
        json["links"].push_back({{"bandwidth", link.bandwidth}, {"delay", link.delay}});
    }
    json["deployment"] = deployment;
    json["source"] = source;
    json["destination"] = destination;
    json["samples"] = samples;
    json["arrival"] = arrival;
    json["transport"] = transport;
    json["mtu_bytes"] = mtuBytes;
    json["queue"] = queue;
    json["compute"] = compute;
    json["exits"] = exits;
    json["rules"] = rules;
    json["accuracy"] = accuracy;
    json["shared_core"] = sharedCore;
    json["seed"] = seed;
    json["run"] = run;
    return json.dump();
}

std::string
PortendScenario::GetOrigin(const std::string& where) const
{
    if (where.empty() || where[0] != '/')
    {
        return where; // a file or an option already
    }
    // The value itself, then what contains it.
    for (auto pointer = where;; pointer.erase(pointer.rfind('/')))
    {
        const auto it = origins.find(pointer);
        if (it != origins.end())
        {
            return it->second + ": " + where;
        }
        if (pointer.empty())
        {
            return where;
        }
    }
}

void
PortendScenarioOptions::AddTo(CommandLine& cmd)
{
    for (const auto& option : OPTIONS)
    {
        cmd.AddValue(option.name, option.help, m_values[option.name]);
    }
}

std::vector<std::string>
PortendScenarioOptions::GetNames() const
{
    std::vector<std::string> names;
    for (const auto& option : OPTIONS)
    {
        names.emplace_back(option.name);
    }
    return names;
}

void
PortendScenarioOptions::Apply(PortendScenario& scenario) const
{
    const auto get = [this](const char* name) -> const std::string& { return m_values.at(name); };
    if (!get("scenario").empty())
    {
        scenario.LoadFile(get("scenario"));
    }
    const auto given = [&](const char* name, const std::string& pointer) {
        if (get(name).empty())
        {
            return false;
        }
        scenario.origins[pointer] = std::string("--") + name;
        return true;
    };
    const auto setText = [&](const char* name, std::string& text) {
        if (given(name, std::string("/") + name))
        {
            text = get(name);
        }
    };
    const auto setInteger = [&](const char* name, const char* pointer, auto& number, auto low) {
        if (!given(name, pointer))
        {
            return;
        }
        if (!ParseNumber(get(name), number) || number < low)
        {
            Fail(std::string("--") + name,
                 get(name),
                 "a whole number, at least " + std::to_string(low));
        }
    };
    setText("profile", scenario.profile);
    if (!get("profile").empty() && get("deployment").empty())
    {
        scenario.deployment.clear(); // that of another profile; see CompleteDeployment()
    }
    if (given("devices", "/tiers"))
    {
        ApplyList("devices", get("devices"), scenario.tiers, [](auto& tier, const auto& text) {
            tier.device = text;
        });
    }
    if (given("bandwidth", "/links"))
    {
        ApplyList("bandwidth", get("bandwidth"), scenario.links, [](auto& link, const auto& text) {
            link.bandwidth = text;
        });
        for (const auto& link : scenario.links)
        {
            ParseBandwidth(link.bandwidth, "--bandwidth");
        }
    }
    if (given("delay", "/links"))
    {
        const auto links = scenario.links.size();
        ApplyList("delay", get("delay"), scenario.links, [](auto& link, const auto& text) {
            link.delay = text;
        });
        for (const auto& link : scenario.links)
        {
            PortendParseTime(link.delay, "--delay");
        }
        if (!get("bandwidth").empty() && links != scenario.links.size())
        {
            throw InputError("--delay",
                             "found " + std::to_string(scenario.links.size()) + " delays for " +
                                 std::to_string(links) + " bandwidths");
        }
    }
    const auto needed = std::max<std::size_t>(scenario.tiers.size(), 1) - 1;
    if (!get("devices").empty() && get("bandwidth").empty() && get("delay").empty() &&
        scenario.links.size() > needed)
    {
        scenario.links.resize(needed); // fewer tiers were asked for, and nothing of the links
    }
    setText("deployment", scenario.deployment);
    setInteger("source", "/source", scenario.source, 0U);
    setInteger("destination", "/destination", scenario.destination, 0U);
    setInteger("samples", "/samples", scenario.samples, uint64_t{1});
    setText("arrival", scenario.arrival);
    setText("transport", scenario.transport);
    setInteger("mtu", "/mtu_bytes", scenario.mtuBytes, 0U);
    setText("queue", scenario.queue);
    setText("compute", scenario.compute);
    setText("exits", scenario.exits);
    setText("rules", scenario.rules);
    setText("accuracy", scenario.accuracy);
    if (given("shared-core", "/shared_core"))
    {
        const auto& text = get("shared-core");
        if (text != "true" && text != "false")
        {
            Fail("--shared-core", text, "true, false");
        }
        scenario.sharedCore = text == "true";
    }
}

PortendSetup::PortendSetup(const PortendScenario& scenario)
    : requests(scenario.samples),
      sharedCore(scenario.sharedCore),
      seed(scenario.seed),
      run(scenario.run)
{
    const auto after = [](const std::string& text, const std::string& prefix) {
        return text.substr(prefix.size());
    };
    const auto startsWith = [](const std::string& text, const std::string& prefix) {
        return text.compare(0, prefix.size(), prefix) == 0;
    };
    try
    {
        const PortendProfileLoader loader(scenario.profile);
        model = loader.LoadModel();
        deployment = portend::Deployment::Parse(scenario.deployment);
        rules = portend::EstimatorRules::FromName(scenario.rules);
        rules.accuracy = portend::EstimatorRules::AccuracyFromName(scenario.accuracy);
        compute = PortendHelper::ComputeFromName(scenario.compute);

        std::map<std::string, std::shared_ptr<const portend::DeviceProfile>> devices;
        for (std::size_t j = 0; j < scenario.tiers.size(); ++j)
        {
            const auto& tier = scenario.tiers[j];
            auto& device = devices[tier.device];
            if (!device)
            {
                try
                {
                    device =
                        std::make_shared<portend::DeviceProfile>(loader.LoadDevice(tier.device));
                }
                catch (const InputError& error)
                {
                    const auto& where = error.GetWhere();
                    throw InputError(where.empty() ? "/tiers/" + std::to_string(j) + "/device"
                                                   : where,
                                     error.what());
                }
            }
            chain.tiers.push_back({device, tier.computeFactor, tier.serializationFactor});
            servers.push_back(tier.servers);
        }
        for (std::size_t j = 0; j < scenario.links.size(); ++j)
        {
            const auto where = "/links/" + std::to_string(j);
            const auto& link = scenario.links[j];
            bandwidths.push_back(ParseBandwidth(link.bandwidth, where + "/bandwidth"));
            delays.push_back(PortendParseTime(link.delay, where + "/delay"));
            chain.links.push_back({static_cast<double>(bandwidths.back().GetBitRate()),
                                   delays.back().GetNanoSeconds() * 1e-6});
        }
        chain.source = scenario.source;
        chain.destination = scenario.destination;
        if (scenario.mtuBytes < PortendRoute::MIN_MTU_BYTES || scenario.mtuBytes > MAX_MTU_BYTES)
        {
            throw InputError("/mtu_bytes",
                             "found " + std::to_string(scenario.mtuBytes) +
                                 "; allowed: " + std::to_string(PortendRoute::MIN_MTU_BYTES) +
                                 " (the smallest of IPv4) .. " + std::to_string(MAX_MTU_BYTES));
        }
        chain.packets = {scenario.mtuBytes,
                         PortendRoute::HEADER_BYTES,
                         PortendRoute::FRAMING_BYTES};
        chain.Validate(model.blocks);
        deployment.Validate(chain.tiers.size(), model.blocks);
        portend::EstimateExitRates(model, deployment, rules); // refuses unknown thresholds

        if (scenario.transport != "udp")
        {
            Fail("/transport", scenario.transport, "udp");
        }

        static const char* const ARRIVALS =
            "closed, periodic:TIME such as periodic:100ms, poisson:RATE with the rate per "
            "second above 0 such as poisson:5, trace:FILE";
        if (startsWith(scenario.arrival, "periodic:"))
        {
            arrival = PERIODIC;
            interval = PortendParseTime(after(scenario.arrival, "periodic:"), "/arrival");
            if (!interval.IsStrictlyPositive())
            {
                Fail("/arrival", scenario.arrival, "a period above 0");
            }
        }
        else if (startsWith(scenario.arrival, "poisson:"))
        {
            arrival = POISSON;
            double rate = 0;
            if (!ParseNumber(after(scenario.arrival, "poisson:"), rate) || !(rate >= 1e-9) ||
                !(rate <= 1e9))
            {
                Fail("/arrival", scenario.arrival, ARRIVALS);
            }
            interval = Seconds(1 / rate);
        }
        else if (startsWith(scenario.arrival, "trace:"))
        {
            arrival = TRACE;
            arrivalTimes = ReadArrivals(after(scenario.arrival, "trace:"));
            requests = std::min<uint64_t>(requests, arrivalTimes.size());
        }
        else if (scenario.arrival != "closed")
        {
            Fail("/arrival", scenario.arrival, ARRIVALS);
        }

        const PortendHelper helper(model, chain, deployment);
        if (startsWith(scenario.exits, "trace:"))
        {
            const auto file = after(scenario.exits, "trace:");
            const auto header = ReadTable(file)[0];
            const bool isJoint = std::find(header.begin(), header.end(), "exited") != header.end();
            exitModel = isJoint ? ReadJointCounts(file, deployment) : ReadSamples(file, deployment);
        }
        else
        {
            Ptr<PortendRateExitModel> rateModel;
            if (scenario.exits == "nested")
            {
                rateModel = CreateObject<PortendNestedExitModel>();
            }
            else if (scenario.exits == "independent")
            {
                rateModel = CreateObject<PortendIndependentExitModel>();
            }
            else
            {
                Fail("/exits", scenario.exits, "nested, independent, trace:FILE");
            }
            helper.ConfigureExitModel(rateModel, rules.accuracy);
            exitModel = rateModel;
        }

        if (scenario.queue != "auto")
        {
            queueBytes = ParseBytes(scenario.queue, "/queue");
            const auto messages = portend::EstimateDeployment(model, chain, deployment, rules);
            for (const auto bytes : messages.messageBytes)
            {
                const auto packets = chain.packets.GetFragments(bytes);
                const auto needed =
                    bytes + packets * (PortendRoute::HEADER_BYTES + PortendRoute::FRAMING_BYTES);
                if (needed > queueBytes)
                {
                    Fail("/queue",
                         scenario.queue,
                         "auto, or at least " + std::to_string(needed) +
                             "B: a message of this deployment has " + std::to_string(bytes) +
                             " bytes and " + std::to_string(packets) + " packets' headers");
                }
            }
        }
    }
    catch (const InputError& error)
    {
        throw InputError(scenario.GetOrigin(error.GetWhere()), error.what());
    }
}

portend::Estimate
PortendSetup::GetEstimate() const
{
    return portend::EstimateDeployment(model, chain, deployment, rules);
}

} // namespace ns3
