/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-profile-loader.h"

#include "portend-json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <filesystem>

namespace ns3
{

namespace
{

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
 * @brief Read the behaviour of the branches over one split.
 * @param json the split
 * @param split its name
 * @return the split
 */
portend::BranchRates
ReadRates(const PortendJson& json, const std::string& split)
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
    rates.accuracy = json.Get("accuracy").GetNumbers();
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
 * @brief Read the device-independent part.
 * @param json the document
 * @param split of the data set that tells exit rates and accuracy
 * @return the model's profile
 */
portend::ModelProfile
ReadModel(const PortendJson& json, const std::string& split)
{
    json.RequireKeys({"$schema",
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
                      "joint_exits"});
    json.RequireVersion(1);
    portend::ModelProfile model;
    model.name = json.Get("profile").GetString();
    model.blocks = json.Get("blocks").GetInteger(1, MAX_BLOCKS);
    for (const auto& entry : json.Get("tensor_bytes").GetArray())
    {
        model.tensorBytes.push_back(entry.GetInteger(1, INT32_MAX));
    }
    model.resultBytes = json.Get("result_bytes").GetInteger(1, INT32_MAX);
    if (json.Has("envelope"))
    {
        model.envelope = ReadEnvelope(json.Get("envelope"));
    }
    model.thresholds = json.Get("thresholds").GetNumbers();
    if (split != "validation" && !json.Has(split)) // which need not be
    {
        throw portend::InputError("", "the profile has no split '" + split + "'");
    }
    model.validation = ReadRates(json.Get(split), split);
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
 * @brief Read times that need not all be measured.
 * @param json the list, null where there is none
 * @return milliseconds, NaN where there is none
 */
std::vector<double>
ReadTimes(const PortendJson& json)
{
    std::vector<double> times;
    for (const auto& entry : json.GetArray())
    {
        times.push_back(entry.IsNull() ? std::nan("") : entry.GetNumber());
    }
    return times;
}

/**
 * @brief Read the times on a device.
 * @param json the document
 * @param file its name
 * @return the device's profile
 */
portend::DeviceProfile
ReadDevice(const PortendJson& json, const std::string& file)
{
    json.RequireKeys({"$schema",
                      "schema_version",
                      "profile",
                      "device",
                      "source",
                      "compute_ms",
                      "serialize_ms",
                      "deserialize_ms",
                      "serialize_result_ms",
                      "deserialize_result_ms"});
    json.RequireVersion(1);
    portend::DeviceProfile device;
    device.name = json.Get("device").GetString();
    device.file = file;
    device.serializeMs = ReadTimes(json.Get("serialize_ms"));
    device.deserializeMs = ReadTimes(json.Get("deserialize_ms"));
    device.blocks = std::min<uint64_t>(device.serializeMs.size(), MAX_BLOCKS);
    device.computeMs.resize(std::size_t{device.blocks} * (device.blocks + 1) / 2);
    const auto compute = json.Get("compute_ms");
    for (const auto& key : compute.GetKeys())
    {
        uint32_t first = 0;
        uint32_t last = 0;
        if (!ParsePartition(key, first, last) || last > device.blocks)
        {
            throw portend::InputError(compute.GetPointer() + "/" + key,
                                      "is no partition; allowed: first-last with 1 <= first <= "
                                      "last <= " +
                                          std::to_string(device.blocks) +
                                          ", the number of entries of serialize_ms");
        }
        auto repeats = compute.Get(key).GetNumbers();
        if (repeats.empty())
        {
            throw portend::InputError(compute.GetPointer() + "/" + key,
                                      "no timing; allowed: at least one repeat, or no such key");
        }
        device.computeMs[portend::DeviceProfile::GetIndex(device.blocks, first, last)] =
            std::move(repeats);
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

/**
 * @brief Load a file, and name it in complaints.
 * @tparam Reader turns the document into a profile
 * @param file name of the file
 * @param name what results call it, if that is not where it is
 * @param reader what reads it
 * @return the profile
 */
template <typename Reader>
auto
LoadFile(const std::string& file, const std::string& name, Reader reader)
{
    const auto document = PortendJson::Load(file, name);
    try
    {
        return reader(PortendJson(document));
    }
    catch (const portend::InputError& error)
    {
        throw portend::InputError(file + (error.GetWhere().empty() ? "" : ": " + error.GetWhere()),
                                  error.what());
    }
}

} // namespace

PortendProfileLoader::PortendProfileLoader(const std::string& profile)
{
    if (profile.find('/') != std::string::npos)
    {
        if (!std::filesystem::is_directory(profile))
        {
            throw portend::InputError("/profile", "'" + profile + "' is not a folder");
        }
        m_folder = profile;
        return;
    }
    std::vector<std::string> known;
    for (const auto& root : GetRoots())
    {
        if (!profile.empty() && std::filesystem::exists(root / profile / "model.json"))
        {
            m_folder = (root / profile).string();
            m_name = profile;
            return;
        }
        std::error_code error;
        for (const auto& entry : std::filesystem::directory_iterator(root, error))
        {
            if (std::filesystem::exists(entry.path() / "model.json"))
            {
                known.push_back(entry.path().filename().string());
            }
        }
    }
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    throw portend::InputError(
        "/profile",
        "no profile '" + profile + "'" + PortendSuggest(profile, known) + "; known: " +
            (known.empty() ? "none (set PORTEND_PROFILES to a folder of profiles)" : Join(known)) +
            "; or give a folder, with a slash in it");
}

portend::ModelProfile
PortendProfileLoader::LoadModel(const std::string& split) const
{
    return LoadFile(m_folder + "/model.json", GetName("model"), [&split](const PortendJson& json) {
        return ReadModel(json, split);
    });
}

portend::DeviceProfile
PortendProfileLoader::LoadDevice(const std::string& device) const
{
    const auto file = m_folder + "/" + device + ".json";
    if (device.empty() || device == "model" || device.find('/') != std::string::npos ||
        !std::filesystem::exists(file))
    {
        const auto known = GetDevices();
        throw portend::InputError("",
                                  "no device '" + device + "' in " + m_folder +
                                      PortendSuggest(device, known) + "; known: " + Join(known));
    }
    const auto model =
        LoadFile(m_folder + "/model.json", GetName("model"), [](const PortendJson& json) {
            return json.Get("profile").GetString();
        });
    return LoadFile(file, GetName(device), [&](const PortendJson& json) {
        const auto profile = ReadDevice(json, file);
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
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(m_folder, error))
    {
        const auto& path = entry.path();
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
