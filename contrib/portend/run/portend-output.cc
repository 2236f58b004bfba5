/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-output.h"

#include "ns3/portend-profile.h"
#include "ns3/portend-provenance.h"
#include "ns3/portend-text.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace ns3
{

namespace
{

using portend::InputError;

/// Signals that end a program, if it does not care for them.
constexpr int ENDING_SIGNALS[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGXCPU, SIGXFSZ};

/// Names of files that are removed then; null where there is none.
std::array<std::atomic<const char*>, 4096> g_unfinished{};

/// Whether it was said already that the standard output is incomplete.
bool g_hasComplained = false;

/// Remove unfinished files, then end as the signal wants it.
extern "C" void
PortendRemoveUnfinished(int signal)
{
    for (const auto& file : g_unfinished)
    {
        if (const char* name = file.load())
        {
            unlink(name);
        }
    }
    raise(signal); // its action is the default one again
}

/// Care for signals that nobody cares for.
void
CatchSignals()
{
    struct sigaction action = {};
    action.sa_handler = PortendRemoveUnfinished;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    for (const int signal : ENDING_SIGNALS)
    {
        struct sigaction before = {};
        if (sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_DFL)
        {
            sigaction(signal, &action, nullptr);
        }
    }
}

/// Between a file's name and the number of the process that writes it.
constexpr char PARTIAL[] = ".partial-";

/**
 * @brief Take the lock of a file, which is free again when this process has died.
 * @param file name of the file
 * @param flags O_CREAT if it need not be there yet, else 0
 * @return the descriptor to close; negative if there is no lock, or another process has it
 */
int
Lock(const std::string& file, int flags)
{
    const int descriptor =
        open(file.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | flags, 0666);
    if (descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) != 0)
    {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

/**
 * @brief Remove what processes that are dead have left of a file.
 * @param file name of the file
 * @param stem length of the part of it that PARTIAL and the process follow
 */
void
RemoveLeft(const std::string& file, std::size_t stem)
{
    const auto begin = std::filesystem::path(file.substr(0, stem) + PARTIAL);
    const auto first = begin.filename().string();
    const auto last = file.substr(stem);
    std::error_code error; // what cannot be read or removed stays
    const auto folder = begin.has_parent_path() ? begin.parent_path() : ".";
    for (auto entry = std::filesystem::directory_iterator(folder, error);
         !error && entry != std::filesystem::directory_iterator();
         entry.increment(error))
    {
        const auto name = entry->path().filename().string();
        if (name.size() <= first.size() + last.size() ||
            name.compare(0, first.size(), first) != 0 ||
            name.compare(name.size() - last.size(), last.size(), last) != 0)
        {
            continue;
        }
        pid_t process = 0;
        const auto number = name.substr(first.size(), name.size() - first.size() - last.size());
        if (!PortendParseNumber(number, process) || std::to_string(process) != number ||
            process <= 0)
        {
            continue;
        }
        // Not by the number: the process may be another machine's, or dead and not buried yet.
        if (const int lock = Lock(entry->path().string(), 0); lock >= 0)
        {
            unlink(entry->path().c_str());
            close(lock);
        }
    }
}

/// What a file is, however it is spelled.
struct Identity
{
    std::string text;    //!< the same of the same files; empty of devices
    bool isPlain{false}; //!< whether it is a regular file, or will be one
};

/**
 * @brief Say what a file is from its status.
 * @param status the status
 * @return what it is
 */
Identity
GetIdentity(const struct stat& status)
{
    if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode))
    {
        return {};
    }
    return {std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino),
            S_ISREG(status.st_mode)};
}

/**
 * @brief Say what a file is.
 * @param file its name
 * @return what it is
 */
Identity
GetIdentity(const std::string& file)
{
    struct stat status = {};
    if (file == "-")
    {
        return fstat(STDOUT_FILENO, &status) == 0 ? GetIdentity(status) : Identity{};
    }
    if (stat(file.c_str(), &status) == 0)
    {
        return GetIdentity(status);
    }
    // It will be where its name leads, links that lead nowhere yet included.
    std::error_code error;
    std::filesystem::path path = file;
    constexpr int MAX_LINKS = 40;
    for (int links = 0; links < MAX_LINKS && std::filesystem::is_symlink(path, error); ++links)
    {
        path = path.parent_path() / std::filesystem::read_symlink(path, error);
    }
    return {
        std::filesystem::weakly_canonical(std::filesystem::absolute(path, error), error).string(),
        true};
}

/// Name of the program that the standard streams belong to.
std::string&
GetProgramName()
{
    static std::string name;
    return name;
}

/**
 * @brief At the end of the program, look whether everything was written.
 *
 * The C++ and the C stream share a buffer.
 */
void
FinishStandardStreams()
{
    errno = 0;
    const bool isWritten = std::cout.good() && std::fflush(stdout) == 0 && !std::ferror(stdout);
    if (!isWritten && !g_hasComplained)
    {
        std::cerr << GetProgramName() << ": standard output: could not be written to its end"
                  << (errno == 0 ? "" : std::string(": ") + std::strerror(errno)) << std::endl;
    }
    if (!isWritten || !std::cerr.good())
    {
        _exit(2);
    }
}

} // namespace

PortendUnfinishedFile::PortendUnfinishedFile(const std::string& file)
    : m_file(file)
{
    static const bool isCaught = (CatchSignals(), true);
    (void)isCaught;
    for (; m_index < g_unfinished.size(); ++m_index)
    {
        const char* none = nullptr;
        if (g_unfinished[m_index].compare_exchange_strong(none, m_file.c_str()))
        {
            return;
        }
    }
}

PortendUnfinishedFile::~PortendUnfinishedFile()
{
    if (!m_file.empty())
    {
        std::error_code error; // nothing more can be done
        std::filesystem::remove(m_file, error);
        Keep();
    }
}

void
PortendUnfinishedFile::Keep()
{
    if (m_index < g_unfinished.size())
    {
        g_unfinished[m_index] = nullptr;
        m_index = g_unfinished.size();
    }
    m_file.clear();
}

const std::string&
PortendUnfinishedFile::GetName() const
{
    return m_file;
}

void
PortendRequirePlaces(const std::vector<PortendPlace>& outputs)
{
    for (auto late = outputs.begin(); late != outputs.end(); ++late)
    {
        const auto& [option, file] = *late;
        if (file.empty())
        {
            continue;
        }
        const auto name = file == "-" ? "standard output" : "'" + file + "'";
        const auto identity = GetIdentity(file);
        const auto isSame = [&](const Identity& other) {
            return !identity.text.empty() && identity.text == other.text;
        };
        for (auto early = outputs.begin(); early != late; ++early)
        {
            const bool isTaken = file == "-" && early->file == "-";
            if (isTaken || (!early->file.empty() && isSame(GetIdentity(early->file))))
            {
                throw InputError(option, name + " is taken by " + early->option);
            }
        }
        for (const auto& [input, where] : PortendProvenance::GetInputs())
        {
            if (identity.isPlain && isSame(GetIdentity(where.path)))
            {
                throw InputError(option,
                                 name + " is read as '" + input + "', and would be written over");
            }
        }
        // What the program says goes there, until the file gets another in its place.
        std::error_code error;
        struct stat status = {};
        if (file != "-" && !std::filesystem::is_symlink(file, error) &&
            fstat(STDOUT_FILENO, &status) == 0 && isSame(GetIdentity(status)))
        {
            throw InputError(option, name + " is taken by standard output");
        }
    }
}

void
PortendGuardStandardStreams(const std::string& program)
{
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    {
        // Of the descriptors that are free, open() takes the lowest.
        if (fcntl(stream, F_GETFD) < 0 &&
            open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY) != stream)
        {
            throw InputError("", "standard streams that are closed cannot be kept so");
        }
    }
    if (std::exchange(GetProgramName(), program).empty())
    {
        std::atexit(FinishStandardStreams);
    }
}

PortendOutput::PortendOutput(const std::string& file, const std::string& option, std::size_t stem)
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
        stem = std::min(stem, file.size());
        RemoveLeft(file, stem);
        m_partial = std::make_unique<PortendUnfinishedFile>(GetPartialName(file, stem));
        m_lock = Lock(m_partial->GetName(), O_CREAT);
    }
    errno = 0;
    auto stream = std::make_unique<std::ofstream>(m_partial ? m_partial->GetName() : m_file);
    if (!*stream)
    {
        throw InputError(option, "'" + file + "' cannot be written: " + std::strerror(errno));
    }
    m_stream = std::move(stream);
}

PortendOutput::~PortendOutput()
{
    m_partial.reset();
    if (m_lock >= 0)
    {
        close(m_lock);
    }
}

std::string
PortendOutput::GetPartialName(const std::string& file, std::size_t stem)
{
    return file.substr(0, stem) + PARTIAL + std::to_string(getpid()) + file.substr(stem);
}

bool
PortendOutput::IsWrittenInPlace() const
{
    return !m_partial;
}

std::ostream&
PortendOutput::GetStream()
{
    return *m_stream;
}

void
PortendOutput::Finish()
{
    if (m_isFinished)
    {
        return;
    }
    m_stream->flush();
    if (auto* file = dynamic_cast<std::ofstream*>(m_stream.get()))
    {
        file->close(); // some file systems tell no earlier that they are full
    }
    if (!*m_stream)
    {
        g_hasComplained = g_hasComplained || m_file == "-";
        throw InputError(m_option, "'" + m_file + "' could not be written to its end");
    }
    m_isFinished = true;
}

void
PortendOutput::Commit()
{
    Finish();
    if (!m_partial)
    {
        return;
    }
    std::error_code error;
    std::filesystem::rename(m_partial->GetName(), m_file, error);
    if (error)
    {
        throw InputError(m_option, "'" + m_file + "' cannot be written: " + error.message());
    }
    m_partial->Keep();
}

} // namespace ns3
