/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef BAD_INPUT_H
#define BAD_INPUT_H

#include "ns3/portend-profile.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <vector>

/**
 * @brief Require that an InputError is thrown, at a place and with a message.
 * @param action what must throw it
 * @param where the exact place
 * @param parts texts that the message must contain
 */
template <typename F>
void
ExpectInputError(F action, const std::string& where, const std::vector<std::string>& parts)
{
    try
    {
        action();
    }
    catch (const portend::InputError& error)
    {
        EXPECT_EQ(error.GetWhere(), where);
        for (const auto& part : parts)
        {
            EXPECT_NE(std::string(error.what()).find(part), std::string::npos)
                << "'" << error.what() << "' lacks '" << part << "'";
        }
        return;
    }
    ADD_FAILURE() << "nothing was thrown; expected an error at " << where;
}

/// A folder of its own for a test's files, removed with them.
class TemporaryFolder
{
  public:
    TemporaryFolder()
    {
        auto pattern = (std::filesystem::temp_directory_path() / "portend-test-XXXXXX").string();
        m_path = mkdtemp(pattern.data());
    }

    ~TemporaryFolder()
    {
        std::filesystem::remove_all(m_path);
    }

    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    /// @return the path of a file in the folder
    std::string operator/(const std::string& name) const
    {
        return m_path / name;
    }

    /// Writes a file and returns its path.
    std::string Write(const std::string& name, const std::string& text) const
    {
        const auto file = m_path / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << text;
        return file;
    }

    /// @return the path of the folder
    std::string GetPath() const
    {
        return m_path;
    }

  private:
    std::filesystem::path m_path; ///< where it is
};

#endif // BAD_INPUT_H
