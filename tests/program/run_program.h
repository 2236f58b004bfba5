/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef RUN_PROGRAM_H
#define RUN_PROGRAM_H

#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

/// What a run of a program left.
struct Outcome
{
    int status{-1};  ///< exit status; 128 and more if a signal ended it
    std::string out; ///< standard output
    std::string err; ///< standard error
};

/// A test that runs programs in a folder of its own.
class ProgramTest : public testing::Test
{
  protected:
    ProgramTest()
    {
        auto pattern = (std::filesystem::temp_directory_path() / "portend-test-XXXXXX").string();
        m_folder = mkdtemp(pattern.data());
        std::filesystem::create_directory(m_folder / "run");
    }

    ~ProgramTest() override
    {
        std::filesystem::remove_all(m_folder);
    }

    /// Writes a file where programs run.
    void Write(const std::string& name, const std::string& text) const
    {
        const auto file = m_folder / "run" / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << text;
    }

    /// Makes a symbolic link where programs run.
    void Link(const std::string& name, const std::string& target) const
    {
        std::filesystem::create_symlink(target, m_folder / "run" / name);
    }

    /// @return whether a file where programs run is a symbolic link
    bool IsLink(const std::string& name) const
    {
        return std::filesystem::is_symlink(m_folder / "run" / name);
    }

    /// @return the text of a file where programs run; empty if there is none
    std::string Read(const std::string& name) const
    {
        return ReadFile(m_folder / "run" / name);
    }

    /// @return the names of all files where programs run, sorted
    std::vector<std::string> GetFiles() const
    {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(m_folder / "run"))
        {
            std::error_code error; // of a link that leads nowhere
            if (!entry.is_directory(error))
            {
                names.push_back(entry.path().lexically_relative(m_folder / "run").string());
            }
        }
        std::sort(names.begin(), names.end());
        return names;
    }

    /**
     * @brief Run portend-3tier.
     * @param arguments its arguments
     * @return what it left
     */
    Outcome Run(const std::vector<std::string>& arguments) const
    {
        return RunProgram(PORTEND_3TIER, arguments);
    }

    /**
     * @brief Run a program.
     * @param program its file
     * @param arguments its arguments
     * @return what it left
     */
    Outcome RunProgram(const std::string& program, const std::vector<std::string>& arguments) const
    {
        std::vector<std::string> words{program};
        words.insert(words.end(), arguments.begin(), arguments.end());
        const auto out = (m_folder / "stdout").string();
        const auto err = (m_folder / "stderr").string();
        const auto child = fork();
        if (child == 0)
        {
            std::vector<char*> argv;
            for (auto& word : words)
            {
                argv.push_back(word.data());
            }
            argv.push_back(nullptr);
            const int mode = O_WRONLY | O_CREAT | O_TRUNC;
            if (dup2(open("/dev/null", O_RDONLY), STDIN_FILENO) < 0 ||
                dup2(open(out.c_str(), mode, 0600), STDOUT_FILENO) < 0 ||
                dup2(open(err.c_str(), mode, 0600), STDERR_FILENO) < 0 ||
                chdir((m_folder / "run").c_str()) != 0)
            {
                _exit(126);
            }
            execv(argv[0], argv.data());
            _exit(127);
        }
        int state = 0;
        waitpid(child, &state, 0);
        Outcome outcome;
        outcome.status = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
        outcome.out = ReadFile(out);
        outcome.err = ReadFile(err);
        return outcome;
    }

    /**
     * @brief Require that a run is refused in one line, and leaves earlier results as they were.
     * @param program its file
     * @param arguments its arguments, but for --json and --csv
     * @param parts texts that the line must contain
     */
    void ExpectRefusalOf(const std::string& program,
                         std::vector<std::string> arguments,
                         const std::vector<std::string>& parts) const
    {
        SCOPED_TRACE(testing::PrintToString(arguments));
        Write("out.json", "good");
        Write("out.csv", "good");
        arguments.insert(arguments.begin(), {"--json=out.json", "--csv=out.csv"});
        const auto before = GetFiles();
        const auto run = RunProgram(program, arguments);
        EXPECT_EQ(run.status, 2);
        EXPECT_EQ(run.out, "");
        const auto name = std::filesystem::path(program).filename().string() + ": ";
        EXPECT_EQ(run.err.rfind(name, 0), 0U) << run.err;
        EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
        for (const auto& part : parts)
        {
            EXPECT_NE(run.err.find(part), std::string::npos)
                << "lacks '" << part << "': " << run.err;
        }
        EXPECT_EQ(GetFiles(), before) << "files were left";
        EXPECT_EQ(Read("out.json"), "good");
        EXPECT_EQ(Read("out.csv"), "good");
    }

  private:
    /// @return the text of a file
    static std::string ReadFile(const std::filesystem::path& file)
    {
        std::ostringstream text;
        text << std::ifstream(file).rdbuf();
        return text.str();
    }

    std::filesystem::path m_folder; ///< where programs run, and where their words go
};

#endif // RUN_PROGRAM_H
