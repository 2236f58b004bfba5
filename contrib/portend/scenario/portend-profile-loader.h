/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_PROFILE_LOADER_H
#define PORTEND_PROFILE_LOADER_H

#include "ns3/portend-profile.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Reads the profile of a model on some devices from a folder of JSON files.
 *
 * The folder holds `model.json` and one `DEVICE.json` for each device. Files are checked for
 * their form (profiles/schemas) and their sense.
 */
class PortendProfileLoader
{
  public:
    /**
     * @brief Constructor: find the folder of a profile.
     *
     * A name with a slash is the folder itself. Any other is looked for in the folders of
     * profiles: that of the environment variable PORTEND_PROFILES, then `profiles` in the
     * working directory, then the one that the program was built with.
     *
     * @param profile name or folder
     * @throw portend::InputError listing the profiles known if there is none of that name
     */
    explicit PortendProfileLoader(const std::string& profile);

    /**
     * @brief Read the device-independent part.
     * @param split of the data set that tells exit rates and accuracy: `validation` or `test`
     * @return the model's profile
     * @throw portend::InputError naming file and place of the first offence
     */
    portend::ModelProfile LoadModel(const std::string& split = "validation") const;

    /**
     * @brief Read the times on a device.
     * @param device name of the device, such as `a1.medium`
     * @return the device's profile
     * @throw portend::InputError naming file and place of the first offence
     */
    portend::DeviceProfile LoadDevice(const std::string& device) const;

    /**
     * @brief List the devices of the profile.
     * @return names, sorted
     */
    std::vector<std::string> GetDevices() const;

    /**
     * @brief Get the folder.
     * @return its path
     */
    const std::string& GetFolder() const;

  private:
    /**
     * @brief Get what results call a file of the profile.
     * @param part `model`, or a device
     * @return a name that does not tell where the profile was found; empty of a given folder
     */
    std::string GetName(const std::string& part) const;

    std::string m_folder; //!< folder of the profile
    std::string m_name;   //!< under which it was found; empty of a given folder
};

/**
 * @ingroup portend
 * @brief Profiles that were read, for who needs them again and again.
 */
class PortendProfileCache
{
  public:
    /**
     * @brief Get the device-independent part of a profile.
     * @param profile name or folder, as PortendProfileLoader takes it
     * @param split of the data set, as PortendProfileLoader takes it
     * @return the model's profile
     * @throw portend::InputError naming file and place of the first offence
     */
    const portend::ModelProfile& GetModel(const std::string& profile, const std::string& split);

    /**
     * @brief Get the times on a device.
     * @param profile name or folder
     * @param device name of the device
     * @return the device's profile
     * @throw portend::InputError naming file and place of the first offence
     */
    std::shared_ptr<const portend::DeviceProfile> GetDevice(const std::string& profile,
                                                            const std::string& device);

  private:
    /// What was read of a profile.
    struct Entry
    {
        PortendProfileLoader loader;                         //!< knows the folder
        std::map<std::string, portend::ModelProfile> models; //!< device-independent, by split
        std::map<std::string, std::shared_ptr<const portend::DeviceProfile>> devices; //!< by name
    };

    /**
     * @brief Get a profile.
     * @param profile name or folder
     * @return what was read of it
     */
    Entry& Get(const std::string& profile);

    std::map<std::string, Entry> m_entries; //!< by name or folder
};

} // namespace ns3

#endif // PORTEND_PROFILE_LOADER_H
