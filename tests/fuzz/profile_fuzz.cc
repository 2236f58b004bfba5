/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// Profiles: the device-independent file, and those of devices beside a good one.
// Readers: portend-profile-loader.cc portend-profile.cc portend-json.cc

#include "fuzz.h"

#include "ns3/portend-profile-loader.h"

#include <filesystem>
#include <fstream>

using namespace ns3;

namespace
{

/// A profile in memory (/dev/shm) that one file of is an input; removed at the end.
class Folder
{
  public:
    Folder()
    {
        auto pattern = std::string("/dev/shm/portend-fuzz-XXXXXX");
        m_path = mkdtemp(pattern.data());
    }

    ~Folder()
    {
        std::filesystem::remove_all(m_path);
    }

    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    /// Writes a file of the profile.
    void Write(const std::string& name, const std::string& text) const
    {
        std::ofstream(m_path + "/" + name) << text;
    }

    /// @return reader of the profile
    PortendProfileLoader GetLoader() const
    {
        return PortendProfileLoader(m_path);
    }

  private:
    std::string m_path; ///< where it is
};

} // namespace

int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    static const Folder models;
    static const Folder devices;
    static const auto modelLoader = models.GetLoader();
    static const auto deviceLoader = [] {
        devices.Write("model.json", "{\"profile\": \"vggish-audioset\"}");
        return devices.GetLoader();
    }();
    const std::string text(data, data + size);
    if (text.find("compute_ms") == std::string::npos)
    {
        models.Write("model.json", text);
        Accepts([] { modelLoader.LoadModel(); });
    }
    else
    {
        devices.Write("m4.large.json", text);
        Accepts([] { deviceLoader.LoadDevice("m4.large"); });
    }
    return 0;
}
