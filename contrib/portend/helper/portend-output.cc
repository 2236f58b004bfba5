/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-output.h"

#include "ns3/portend-profile.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <unistd.h>

namespace ns3
{

using portend::InputError;

PortendOutput::PortendOutput(const std::string& file, const std::string& option)
    : m_file(file),
      m_option(option)
{
    if (file == "-")
    {
        m_stream = std::make_unique<std::ostream>(std::cout.rdbuf());
        return;
    }
    std::error_code error;
    const auto status = std::filesystem::status(file, error);
    const bool isNew = !std::filesystem::exists(status);
    // A link stays one, above all /dev/stdout and the like, which lead to open files.
    const bool isLink = std::filesystem::is_symlink(std::filesystem::symlink_status(file, error));
    if (!isLink && (isNew || std::filesystem::is_regular_file(status)))
    {
        m_partial = file + ".partial-" + std::to_string(getpid());
    }
    errno = 0;
    auto stream = std::make_unique<std::ofstream>(m_partial.empty() ? m_file : m_partial);
    if (!*stream)
    {
        throw InputError(option, "'" + file + "' cannot be written: " + std::strerror(errno));
    }
    m_stream = std::move(stream);
}

PortendOutput::~PortendOutput()
{
    if (!m_partial.empty())
    {
        m_stream.reset();
        std::error_code error; // nothing more can be done
        std::filesystem::remove(m_partial, error);
    }
}

std::ostream&
PortendOutput::GetStream()
{
    return *m_stream;
}

void
PortendOutput::Finish()
{
    m_stream->flush();
    if (!*m_stream)
    {
        throw InputError(m_option, "'" + m_file + "' could not be written to its end");
    }
}

void
PortendOutput::Commit()
{
    Finish();
    if (m_partial.empty())
    {
        return;
    }
    m_stream.reset();
    std::error_code error;
    std::filesystem::rename(m_partial, m_file, error);
    if (error)
    {
        throw InputError(m_option, "'" + m_file + "' cannot be written: " + error.message());
    }
    m_partial.clear();
}

} // namespace ns3
