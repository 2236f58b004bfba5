/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-profile-loader.h"

#include "portend-json.h"
#include "portend-text.h"
#include "portend-trace-files.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <utility>

namespace ns3
{

namespace
{

/// Largest power of a device, W.
constexpr double MOST_W = 1e6;

/// Largest number of blocks: far above any network, far below what exhausts memory.
constexpr uint64_t MAX_BLOCKS = 1000;

/**
 * @brief List the folders that hold profiles, the first to be asked first.
 * @return the folders
 */
std::vector<std::filesystem::path>
GetRoots()
{
    std::vector<std::filesystem::path> roots;
    if (const char* root = std::getenv("PORTEND_PROFILES"))
    {
        roots.emplace_back(root);
    }
    roots.emplace_back("profiles");
#ifdef PORTEND_PROFILES_DIR
    roots.emplace_back(PORTEND_PROFILES_DIR);
#endif
    return roots;
}

/**
 * @brief Tell whether a file is there.
 * @param file the file
 * @param where place of its name, for complaints
 * @return true if so
 * @throw portend::InputError if that cannot be told
 */
bool
Exists(const std::filesystem::path& file, const std::string& where)
{
    std::error_code error;
    const bool exists = std::filesystem::exists(file, error);
    if (error)
    {
        throw portend::InputError(where,
                                  portend::Shorten(file.string()) +
                                      " cannot be read: " + error.message());
    }
    return exists;
}

/**
 * @brief List what is in a folder.
 * @param folder the folder
 * @return the paths; none if the folder cannot be read
 */
std::vector<std::filesystem::path>
List(const std::filesystem::path& folder)
{
    std::vector<std::filesystem::path> paths;
    std::error_code error;
    std::filesystem::directory_iterator entry(folder, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
    {
        paths.push_back(entry->path());
    }
    return paths;
}

/**
 * @brief Join words for a message.
 * @param words the words
 * @return them, separated by commas
 */
std::string
Join(const std::vector<std::string>& words)
{
    std::string list;
    for (const auto& word : words)
    {
        list += (list.empty() ? "" : ", ") + word;
    }
    return list;
}

/**
 * @brief Read numbers that need not all be known.
 * @param json the list, null where there is none
 * @return the numbers, NaN where there is none
 */
std::vector<double>
ReadKnown(const PortendJson& json)
{
    std::vector<double> numbers;
    for (const auto& entry : json.GetArray())
    {
        numbers.push_back(entry.IsNull() ? std::nan("") : entry.GetNumber());
    }
    return numbers;
}

/**
 * @brief Read which blocks a branch follows.
 * @param json a model's document
 * @return the blocks, as listed; none if one follows every block
 */
std::vector<uint32_t>
ReadBranches(const PortendJson& json)
{
    std::vector<uint32_t> branches;
    if (json.Has("branches"))
    {
        for (const auto& entry : json.Get("branches").GetArray())
        {
            branches.push_back(entry.GetInteger(1, MAX_BLOCKS));
        }
        const auto last = json.Get("blocks").GetInteger(1, MAX_BLOCKS);
        if (branches.empty() || branches.back() < last)
        {
            branches.push_back(last); // its answer is the network's
        }
    }
    return branches;
}

/**
 * @brief Read the trace of confidence that a model names.
 * @param json name of the file, beside the model
 * @param folder where both are
 * @param profile what results call the folder, if that is not where it is
 * @param branches blocks that a branch follows
 * @return the trace
 */
std::shared_ptr<const portend::ConfidenceTrace>
ReadTrace(const PortendJson& json,
          const std::string& folder,
          const std::string& profile,
          const std::vector<uint32_t>& branches)
{
    const auto file = json.GetString();
    if (file.empty() || file.find('/') != std::string::npos)
    {
        json.Fail("the name of a file in the same folder");
    }
    try
    {
        const auto name = profile.empty() ? "" : profile + "/" + file;
        return std::make_shared<portend::ConfidenceTrace>(
            PortendReadConfidence(folder + "/" + file, name, branches));
    }
    catch (const portend::InputError& error)
    {
        throw portend::InputError(json.GetPointer(), error.GetWhere() + ": " + error.what());
    }
}

/**
 * @brief Count what a trace tells.
 * @param model its profile, of which the split is to be completed
 */
void
CountExits(portend::ModelProfile& model)
{
    auto& rates = model.validation;
    const auto& trace = *rates.trace;
    const auto count = trace.answers.size();
    rates.samples = trace.answers.front().size();
    rates.exitRates.resize(count);
    rates.correctRates.resize(count);
    for (std::size_t i = 0; i < count; ++i)
    {
        for (const double threshold : model.thresholds)
        {
            const auto branch = trace.Count(i, threshold);
            rates.exitRates[i].push_back(branch.exitRate);
            rates.correctRates[i].push_back(branch.correctRate);
        }
        rates.accuracy.push_back(trace.Count(i, 1).accuracy);
    }
}

/**
 * @brief Read the behaviour of the branches over one split.
 * @param json the split
 * @param split its name
 * @param branches number of branches
 * @param version of the format
 * @return the split
 */
portend::BranchRates
ReadRates(const PortendJson& json, const std::string& split, std::size_t branches, int version)
{
    json.RequireKeys({"samples", "exit_rates", "correct_rates", "accuracy"});
    portend::BranchRates rates;
    rates.split = split;
    if (json.Has("samples"))
    {
        rates.samples = json.Get("samples").GetInteger(1, UINT32_MAX);
    }
    rates.exitRates = json.Get("exit_rates").GetMatrix();
    if (json.Has("correct_rates"))
    {
        rates.correctRates = json.Get("correct_rates").GetMatrix();
    }
    const auto accuracy = json.Get("accuracy");
    if (version > 1 && accuracy.IsNull())
    {
        rates.accuracy.assign(branches, std::nan(""));
    }
    else
    {
        rates.accuracy = version > 1 ? ReadKnown(accuracy) : accuracy.GetNumbers();
    }
    return rates;
}

/**
 * @brief Read the sizes of what messages carry besides.
 * @param json the envelope
 * @return the envelope
 */
portend::Envelope
ReadEnvelope(const PortendJson& json)
{
    json.RequireKeys({"tensor_bytes", "partition_list_bytes", "timing_record_bytes"});
    portend::Envelope envelope;
    if (json.Has("tensor_bytes"))
    {
        envelope.tensorBytes = json.Get("tensor_bytes").GetInteger(0, UINT16_MAX);
    }
    if (json.Has("partition_list_bytes"))
    {
        envelope.partitionListBytes.clear();
        for (const auto& entry : json.Get("partition_list_bytes").GetArray())
        {
            envelope.partitionListBytes.push_back(entry.GetInteger(0, UINT16_MAX));
        }
    }
    if (json.Has("timing_record_bytes"))
    {
        envelope.timingRecordBytes = json.Get("timing_record_bytes").GetInteger(0, UINT16_MAX);
    }
    return envelope;
}

/**
 * @brief Read what each block takes of memory.
 * @param json a list with an entry for each block
 * @param blocks N
 * @return bytes
 */
std::vector<uint64_t>
ReadBlockBytes(const PortendJson& json, uint32_t blocks)
{
    std::vector<uint64_t> bytes;
    for (const auto& entry : json.GetArray())
    {
        bytes.push_back(entry.GetInteger(0, portend::MOST_BLOCK_BYTES));
    }
    if (bytes.size() != blocks)
    {
        throw portend::InputError(json.GetPointer(),
                                  "found " + std::to_string(bytes.size()) + " entries; expected " +
                                      std::to_string(blocks) + ", one for each block");
    }
    return bytes;
}

/// Reads the trace of confidence that a document names, of the branches after some blocks.
using TraceReader =
    std::function<std::shared_ptr<const portend::ConfidenceTrace>(const PortendJson&,
                                                                  const std::vector<uint32_t>&)>;

/**
 * @brief Read the device-independent part.
 * @param json the document
 * @param split of the data set that tells exit rates and accuracy
 * @param readTrace reads the trace of confidence that the document names
 * @return the model's profile
 */
portend::ModelProfile
ReadModel(const PortendJson& json, const std::string& split, const TraceReader& readTrace)
{
    const auto version = json.RequireVersion(2);
    std::vector<std::string> keys{"$schema",
                                  "schema_version",
                                  "profile",
                                  "model",
                                  "dataset",
                                  "source",
                                  "blocks",
                                  "tensor_bytes",
                                  "result_bytes",
                                  "envelope",
                                  "thresholds",
                                  "validation",
                                  "test",
                                  "joint_exits"};
    if (version > 1)
    {
        keys.insert(keys.end(), {"branches", "trace", "parameter_bytes", "activation_bytes"});
    }
    json.RequireKeys(keys);
    portend::ModelProfile model;
    model.name = json.Get("profile").GetString();
    model.blocks = json.Get("blocks").GetInteger(1, MAX_BLOCKS);
    model.branches = ReadBranches(json);
    for (const auto& entry : json.Get("tensor_bytes").GetArray())
    {
        if (version == 1 || !entry.IsArray())
        {
            model.tensorBytes.push_back(entry.GetInteger(1, INT32_MAX));
            continue;
        }
        model.tensorBytes.push_back(0); // several tensors
        for (const auto& tensor : entry.GetArray())
        {
            model.tensorBytes.back() += tensor.GetInteger(1, INT32_MAX);
        }
    }
    model.resultBytes = json.Get("result_bytes").GetInteger(1, INT32_MAX);
    if (json.Has("envelope"))
    {
        model.envelope = ReadEnvelope(json.Get("envelope"));
    }
    for (const auto& [key, bytes] : {std::make_pair("parameter_bytes", &model.parameterBytes),
                                     std::make_pair("activation_bytes", &model.activationBytes)})
    {
        if (json.Has(key))
        {
            *bytes = ReadBlockBytes(json.Get(key), model.blocks);
        }
    }
    model.thresholds = json.Get("thresholds").GetNumbers();
    if (split != "validation" && !json.Has(split)) // which need not be
    {
        throw portend::InputError("", "the profile has no split '" + split + "'");
    }
    const auto branches = model.GetBranches();
    // What estimates are made from is what is traced.
    const bool isTraced = split == "validation" && json.Has("trace");
    const auto trace = isTraced ? readTrace(json.Get("trace"), branches) : nullptr;
    if (trace && !json.Has(split))
    {
        model.validation.trace = trace;
        CountExits(model);
    }
    else
    {
        model.validation = ReadRates(json.Get(split), split, branches.size(), version);
        model.validation.trace = trace;
        for (std::size_t i = 0; trace && i < model.validation.accuracy.size(); ++i)
        {
            auto& accuracy = model.validation.accuracy[i];
            accuracy = std::isnan(accuracy) ? trace->Count(i, 1).accuracy : accuracy;
        }
    }
    model.Validate();
    return model;
}

/**
 * @brief Read the numbers of a partition from its text form.
 * @param key such as `1-25`
 * @param first gets the first block
 * @param last gets the last block
 * @return whether the text is of that form
 */
bool
ParsePartition(const std::string& key, uint32_t& first, uint32_t& last)
{
    const auto end = key.data() + key.size();
    const auto dash = std::from_chars(key.data(), end, first);
    if (dash.ec != std::errc() || dash.ptr == end || *dash.ptr != '-')
    {
        return false;
    }
    const auto rest = std::from_chars(dash.ptr + 1, end, last);
    return rest.ec == std::errc() && rest.ptr == end && first >= 1 && first <= last;
}

/**
 * @brief Read repeats by block.
 * @param json a list with an entry for each block, null where there is none, or an object with
 *        the numbers of blocks as keys
 * @param blocks N
 * @return milliseconds, none where there is none
 */
std::vector<std::vector<double>>
ReadRepeats(const PortendJson& json, uint32_t blocks)
{
    std::vector<std::vector<double>> times(blocks);
    const auto read = [&](const PortendJson& entry, uint32_t block) {
        if (entry.IsNull())
        {
            return;
        }
        for (const auto& repeat : entry.GetArray())
        {
            if (repeat.GetNumber() < 0)
            {
                repeat.Fail("a time in milliseconds, not negative");
            }
            times[block - 1].push_back(repeat.GetNumber());
        }
        if (times[block - 1].empty())
        {
            entry.Fail("at least one repeat, or null");
        }
    };
    if (json.IsArray())
    {
        const auto entries = json.GetArray();
        if (entries.size() != blocks)
        {
            throw portend::InputError(json.GetPointer(),
                                      "found " + std::to_string(entries.size()) +
                                          " entries; expected " + std::to_string(blocks) +
                                          ", one for each block, null where there is none");
        }
        for (uint32_t block = 1; block <= blocks; ++block)
        {
            read(entries[block - 1], block);
        }
        return times;
    }
    for (const auto& key : json.GetKeys())
    {
        uint32_t block = 0;
        if (!PortendParseNumber(key, block) || block < 1 || block > blocks)
        {
            throw portend::InputError(json.GetPointer() + "/" + key,
                                      "is no block; allowed: 1 to " + std::to_string(blocks) +
                                          ", the number of entries of serialize_ms");
        }
        read(json.Get(key), block);
    }
    return times;
}

/**
 * @brief Require times of all branches, and of no other.
 * @param json the times by block
 * @param branchesMs what was read of them
 * @param model what the model's document says of branches; none if one follows every block
 */
void
RequireBranches(const PortendJson& json,
                const std::vector<std::vector<double>>& branchesMs,
                const std::vector<uint32_t>& model)
{
    for (uint32_t block = 1; block <= branchesMs.size(); ++block)
    {
        const bool hasBranch =
            model.empty() || std::find(model.begin(), model.end(), block) != model.end();
        const bool hasTime = !branchesMs[block - 1].empty();
        const auto pointer =
            json.GetPointer() + "/" + std::to_string(json.IsArray() ? block - 1 : block);
        if (hasTime && !hasBranch)
        {
            throw portend::InputError(pointer,
                                      "no branch follows block " + std::to_string(block) +
                                          " in model.json; allowed: times of its branches");
        }
        if (hasBranch && !hasTime && block < branchesMs.size())
        {
            throw portend::InputError(pointer,
                                      "found no time of the branch after block " +
                                          std::to_string(block) +
                                          "; allowed: repeats of each branch but the last, or no "
                                          "branch_compute_ms, if blocks hold their branches");
        }
    }
}

/**
 * @brief Find a partition by its text form.
 * @param json what stands under the key
 * @param key such as `1-25`
 * @param device its profile
 * @return the partition's place in it
 */
std::size_t
GetPartitionIndex(const PortendJson& json,
                  const std::string& key,
                  const portend::DeviceProfile& device)
{
    uint32_t first = 0;
    uint32_t last = 0;
    if (!ParsePartition(key, first, last) || last > device.blocks)
    {
        throw portend::InputError(json.GetPointer(),
                                  "is no partition; allowed: first-last with 1 <= first <= last "
                                  "<= " +
                                      std::to_string(device.blocks) +
                                      ", the number of entries of serialize_ms");
    }
    return portend::DeviceProfile::GetIndex(device.blocks, first, last);
}

/**
 * @brief Read the times of partitions that were measured whole.
 * @param compute repeats by partition
 * @param device gets them
 */
void
ReadPartitions(const PortendJson& compute, portend::DeviceProfile& device)
{
    for (const auto& key : compute.GetKeys())
    {
        const auto index = GetPartitionIndex(compute.Get(key), key, device);
        auto repeats = compute.Get(key).GetNumbers();
        if (repeats.empty())
        {
            throw portend::InputError(compute.GetPointer() + "/" + key,
                                      "no timing; allowed: at least one repeat, or no such key");
        }
        device.computeMs[index] = std::move(repeats);
    }
}

/**
 * @brief Read the times of batches.
 * @param batches repeats by partition and size
 * @param device gets them; the times of a tensor alone only where it has none
 */
void
ReadBatches(const PortendJson& batches, portend::DeviceProfile& device)
{
    for (const auto& key : batches.GetKeys())
    {
        const auto sizes = batches.Get(key);
        const auto index = GetPartitionIndex(sizes, key, device);
        for (const auto& text : sizes.GetKeys())
        {
            uint32_t size = 0;
            const auto entry = sizes.Get(text);
            if (!PortendParseNumber(text, size) || size < 1)
            {
                throw portend::InputError(entry.GetPointer(),
                                          "is no size of a batch; allowed: a whole number from 1");
            }
            auto repeats = entry.GetNumbers();
            if (repeats.empty())
            {
                throw portend::InputError(entry.GetPointer(),
                                          "no timing; allowed: at least one repeat, or no such "
                                          "key");
            }
            if (size > 1)
            {
                device.batchComputeMs[index][size] = std::move(repeats);
            }
            else if (device.computeMs[index].empty())
            {
                device.computeMs[index] = std::move(repeats);
            }
        }
    }
}

/**
 * @brief Read the power of a device.
 * @param json an object: idle, computing, serializing; watts
 * @return the power; what serializing is left out is computing
 */
portend::Power
ReadPower(const PortendJson& json)
{
    json.RequireKeys({"idle", "computing", "serializing"});
    portend::Power power;
    const auto read = [&json](const char* key, double low) {
        const auto value = json.Get(key);
        const double watts = value.GetNumber();
        if (!(watts >= low && watts <= MOST_W))
        {
            value.Fail("watts from " + portend::ToText(low) +
                       (low > 0 ? ", which it draws when idle," : "") + " to " +
                       portend::ToText(MOST_W));
        }
        return watts;
    };
    power.idleW = read("idle", 0);
    power.computingW = read("computing", power.idleW);
    power.serializingW =
        json.Has("serializing") ? read("serializing", power.idleW) : power.computingW;
    return power;
}

/**
 * @brief Read the times on a device.
 * @param json the document
 * @param file its name
 * @param branches blocks that a branch follows; none if one follows every block
 * @return the device's profile
 */
portend::DeviceProfile
ReadDevice(const PortendJson& json, const std::string& file, const std::vector<uint32_t>& branches)
{
    const auto version = json.RequireVersion(2);
    std::vector<std::string> keys{"$schema",
                                  "schema_version",
                                  "profile",
                                  "device",
                                  "source",
                                  "compute_ms",
                                  "serialize_ms",
                                  "deserialize_ms",
                                  "serialize_result_ms",
                                  "deserialize_result_ms"};
    if (version > 1)
    {
        keys.insert(keys.end(),
                    {"block_compute_ms",
                     "branch_compute_ms",
                     "batch_compute_ms",
                     "batch_fixed_share",
                     "power_w"});
    }
    json.RequireKeys(keys);
    portend::DeviceProfile device;
    device.name = json.Get("device").GetString();
    device.file = file;
    device.serializeMs = ReadKnown(json.Get("serialize_ms"));
    device.deserializeMs = ReadKnown(json.Get("deserialize_ms"));
    device.blocks = std::min<uint64_t>(device.serializeMs.size(), MAX_BLOCKS);
    device.computeMs.resize(std::size_t{device.blocks} * (device.blocks + 1) / 2);
    const bool hasBlocks = json.Has("block_compute_ms") || json.Has("branch_compute_ms");
    if (!hasBlocks || json.Has("compute_ms"))
    {
        ReadPartitions(json.Get("compute_ms"), device);
    }
    if (hasBlocks)
    {
        const auto blocksMs = ReadRepeats(json.Get("block_compute_ms"), device.blocks);
        std::vector<std::vector<double>> branchesMs(device.blocks);
        if (json.Has("branch_compute_ms"))
        {
            const auto times = json.Get("branch_compute_ms");
            branchesMs = ReadRepeats(times, device.blocks);
            RequireBranches(times, branchesMs, branches);
        }
        device.AddUpBlocks(blocksMs, branchesMs);
    }
    if (json.Has("batch_compute_ms"))
    {
        ReadBatches(json.Get("batch_compute_ms"), device);
    }
    if (json.Has("batch_fixed_share"))
    {
        device.batchFixedShare = json.Get("batch_fixed_share").GetNumber();
    }
    if (json.Has("power_w"))
    {
        device.power = ReadPower(json.Get("power_w"));
    }
    if (json.Has("serialize_result_ms"))
    {
        device.serializeResultMs = json.Get("serialize_result_ms").GetNumber();
    }
    if (json.Has("deserialize_result_ms"))
    {
        device.deserializeResultMs = json.Get("deserialize_result_ms").GetNumber();
    }
    device.Validate();
    return device;
}

} // namespace

PortendProfileLoader::PortendProfileLoader(const std::string& profile)
{
    if (profile.find('/') != std::string::npos)
    {
        std::error_code error;
        if (!std::filesystem::is_directory(profile, error))
        {
            throw portend::InputError("/profile",
                                      portend::Quote(profile) + " is not a folder" +
                                          (error ? ": " + error.message() : ""));
        }
        m_folder = profile;
        return;
    }
    std::vector<std::string> known;
    for (const auto& root : GetRoots())
    {
        if (!profile.empty() && Exists(root / profile / "model.json", "/profile"))
        {
            m_folder = (root / profile).string();
            m_name = profile;
            return;
        }
        for (const auto& folder : List(root))
        {
            std::error_code error;
            if (std::filesystem::exists(folder / "model.json", error))
            {
                known.push_back(folder.filename().string());
            }
        }
    }
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    throw portend::InputError(
        "/profile",
        "no profile " + portend::Quote(profile) + PortendSuggest(profile, known) + "; known: " +
            (known.empty() ? "none (set PORTEND_PROFILES to a folder of profiles)" : Join(known)) +
            "; or give a folder, with a slash in it");
}

portend::ModelProfile
PortendProfileLoader::LoadModel(const std::string& split) const
{
    const auto file = m_folder + "/model.json";
    return PortendJson::Read(file, GetName("model"), [&](const PortendJson& json) {
        auto model = ReadModel(json, split, [this](const auto& name, const auto& branches) {
            return ReadTrace(name, m_folder, m_name, branches);
        });
        model.file = file;
        return model;
    });
}

portend::DeviceProfile
PortendProfileLoader::LoadDevice(const std::string& device) const
{
    const auto file = m_folder + "/" + device + ".json";
    if (device.empty() || device == "model" || device.find('/') != std::string::npos ||
        !Exists(file, ""))
    {
        const auto known = GetDevices();
        throw portend::InputError("",
                                  "no device " + portend::Quote(device) + " in " + m_folder +
                                      PortendSuggest(device, known) + "; known: " + Join(known));
    }
    const auto [model, branches] =
        PortendJson::Read(m_folder + "/model.json", GetName("model"), [](const PortendJson& json) {
            return std::make_pair(json.Get("profile").GetString(), ReadBranches(json));
        });
    return PortendJson::Read(file,
                             GetName(device),
                             [&, model = model, branches = branches](const PortendJson& json) {
                                 const auto profile = ReadDevice(json, file, branches);
                                 if (profile.name != device)
                                 {
                                     json.Get("device").Fail("'" + device + "', the file's name");
                                 }
                                 if (json.Get("profile").GetString() != model)
                                 {
                                     json.Get("profile").Fail("'" + model + "', as in model.json");
                                 }
                                 return profile;
                             });
}

std::string
PortendProfileLoader::GetName(const std::string& part) const
{
    return m_name.empty() ? "" : m_name + "/" + part + ".json";
}

std::vector<std::string>
PortendProfileLoader::GetDevices() const
{
    std::vector<std::string> devices;
    for (const auto& path : List(m_folder))
    {
        if (path.extension() == ".json" && path.stem() != "model")
        {
            devices.push_back(path.stem().string());
        }
    }
    std::sort(devices.begin(), devices.end());
    return devices;
}

const std::string&
PortendProfileLoader::GetFolder() const
{
    return m_folder;
}

PortendProfileCache::Entry&
PortendProfileCache::Get(const std::string& profile)
{
    const auto it = m_entries.find(profile);
    if (it != m_entries.end())
    {
        return it->second;
    }
    return m_entries.emplace(profile, Entry{PortendProfileLoader(profile), {}, {}}).first->second;
}

const portend::ModelProfile&
PortendProfileCache::GetModel(const std::string& profile, const std::string& split)
{
    auto& entry = Get(profile);
    const auto it = entry.models.find(split);
    if (it != entry.models.end())
    {
        return it->second;
    }
    return entry.models.emplace(split, entry.loader.LoadModel(split)).first->second;
}

std::shared_ptr<const portend::DeviceProfile>
PortendProfileCache::GetDevice(const std::string& profile, const std::string& device)
{
    auto& entry = Get(profile);
    auto& found = entry.devices[device];
    if (!found)
    {
        found = std::make_shared<portend::DeviceProfile>(entry.loader.LoadDevice(device));
    }
    return found;
}

} // namespace ns3
