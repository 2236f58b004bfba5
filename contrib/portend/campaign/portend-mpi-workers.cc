/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-mpi-workers.h"

#ifdef PORTEND_MPI

#include "ns3/portend-profile.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/mpi.hpp>
#include <boost/serialization/utility.hpp>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <exception>
#include <fcntl.h>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <optional>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace ns3
{

namespace
{

namespace mpi = boost::mpi;

/// The process that hands out tasks.
constexpr int COORDINATOR = 0;

/// What a message between processes means.
enum Tag
{
    TASK,   ///< to a worker: the number of a task
    STOP,   ///< to a worker: there are no more
    READY,  ///< to the coordinator: give me the first task
    RESULT, ///< to the coordinator: the number of a task, then what it left
    FAILED, ///< to the coordinator: what was wrong, and where
};

/// Pause of the coordinator between two looks at its workers.
constexpr std::chrono::milliseconds PAUSE{1};

/**
 * @brief Tell whether a launcher of MPI programs has started this process.
 * @return true if so
 */
bool
IsLaunched()
{
    for (const char* name :
         {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK", "PMI_SIZE", "MPI_LOCALNRANKS"})
    {
        if (std::getenv(name))
        {
            return true;
        }
    }
    return false;
}

/// Signals that a launcher gets, too, when this process gets them.
constexpr int FORWARDED_SIGNALS[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};

/// The launcher that this process waits for.
std::atomic<pid_t> g_launcher{0};

/// Forward a signal to the launcher, unless a terminal has sent it to both.
extern "C" void
PortendForward(int signal, siginfo_t* info, void* /* context */)
{
    if (info->si_code != SI_KERNEL)
    {
        kill(g_launcher, signal);
    }
}

/**
 * @brief Forward signals that nobody cares for.
 * @param launcher the launcher
 */
void
ForwardSignals(pid_t launcher)
{
    g_launcher = launcher;
    struct sigaction action = {};
    action.sa_sigaction = PortendForward;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    for (const int signal : FORWARDED_SIGNALS)
    {
        struct sigaction before = {};
        if (sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_DFL)
        {
            sigaction(signal, &action, nullptr);
        }
    }
}

/**
 * @brief End as a signal wants it, a second later.
 *
 * Open MPI's launcher ends all processes by SIGTERM, and kills the others as soon as the first one
 * has ended, a second later at the latest. A worker has nothing to remove; the coordinator needs
 * that second.
 */
extern "C" void
PortendLinger(int signal)
{
    const timespec second{1, 0};
    nanosleep(&second, nullptr);
    raise(signal); // its action is the default one again
}

/// Let SIGTERM end this process a second later, if nobody cares for it.
void
LingerAtTermination()
{
    struct sigaction before = {};
    if (sigaction(SIGTERM, nullptr, &before) == 0 && before.sa_handler == SIG_DFL)
    {
        struct sigaction action = {};
        action.sa_handler = PortendLinger;
        action.sa_flags = static_cast<int>(SA_RESETHAND);
        sigaction(SIGTERM, &action, nullptr);
    }
}

/**
 * @brief End by SIGTERM when the launcher does, even if it is killed.
 *
 * It takes its processes along, before they go on writing; they remove what is not finished.
 */
void
EndWithLauncher()
{
    const auto launcher = getppid();
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != launcher) // it was faster
    {
        raise(SIGTERM);
    }
}

/**
 * @brief Run a launcher to its end, and copy what it prints to the standard output: it does not
 *        tell whether that could be written.
 *
 * The launcher does not outlive this process. If a signal ends it, that ends this process, too.
 *
 * @param words the command and its arguments
 * @return its exit status; -1, and errno, if it cannot be run
 */
int
RunLauncher(std::vector<std::string> words)
{
    std::vector<char*> pointers;
    for (auto& word : words)
    {
        pointers.push_back(word.data());
    }
    pointers.push_back(nullptr);
    int output[2];  // what it prints
    int failure[2]; // why it cannot be run; closed when it runs
    if (pipe2(output, O_CLOEXEC) != 0 || pipe2(failure, O_CLOEXEC) != 0)
    {
        return -1;
    }
    const auto parent = getpid();
    const auto launcher = fork();
    if (launcher < 0)
    {
        return -1;
    }
    int error = 0;
    if (launcher == 0)
    {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == parent)
        {
            dup2(output[1], STDOUT_FILENO);
            execvp(pointers[0], pointers.data());
        }
        error = errno;
        _exit(write(failure[1], &error, sizeof(error)) > 0 ? 2 : 1);
    }
    close(output[1]);
    close(failure[1]);
    int status = 0;
    if (read(failure[0], &error, sizeof(error)) > 0)
    {
        waitpid(launcher, &status, 0);
        errno = error;
        return -1;
    }
    ForwardSignals(launcher);
    std::array<char, 65536> bytes;
    while (const auto count = std::max<ssize_t>(0, read(output[0], bytes.data(), bytes.size())))
    {
        std::cout.write(bytes.data(), count);
    }
    waitpid(launcher, &status, 0);
    if (WIFSIGNALED(status))
    {
        std::signal(WTERMSIG(status), SIG_DFL);
        std::raise(WTERMSIG(status));
    }
    return WEXITSTATUS(status);
}

/// A thread that does one task after the other, while the coordinator does its own work.
class TaskThread
{
  public:
    /**
     * @brief Constructor.
     * @param task does a task
     */
    explicit TaskThread(const PortendWorkers::Task& task)
        : m_thread([this, task]() { Work(task); })
    {
    }

    /// Destructor: the task under way is finished first.
    ~TaskThread()
    {
        {
            const std::lock_guard<std::mutex> lock(m_mutex);
            m_stops = true;
        }
        m_wake.notify_all();
        m_thread.join();
    }

    TaskThread(const TaskThread&) = delete;
    TaskThread& operator=(const TaskThread&) = delete;

    /**
     * @brief Give it a task. It must have none.
     * @param task number of the task
     */
    void Give(uint64_t task)
    {
        {
            const std::lock_guard<std::mutex> lock(m_mutex);
            m_task = task;
        }
        m_wake.notify_all();
    }

    /**
     * @brief Wait a little for a result.
     * @param task gets the number of the task
     * @param result gets what it left
     * @return whether there is one
     */
    bool Take(uint64_t& task, std::string& result)
    {
        std::unique_lock<std::mutex> lock(m_mutex);
        if (!m_done.wait_for(lock, PAUSE, [this]() { return m_result || m_error; }))
        {
            return false;
        }
        if (m_error)
        {
            std::rethrow_exception(std::exchange(m_error, nullptr));
        }
        task = *m_task;
        result = std::move(*m_result);
        m_result.reset();
        m_task.reset();
        return true;
    }

  private:
    /**
     * @brief Do tasks until told to stop.
     * @param task does a task
     */
    void Work(const PortendWorkers::Task& task)
    {
        std::unique_lock<std::mutex> lock(m_mutex);
        while (true)
        {
            m_wake.wait(lock, [this]() { return m_stops || (m_task && !m_result && !m_error); });
            if (m_stops)
            {
                return;
            }
            const auto number = *m_task;
            lock.unlock();
            std::optional<std::string> result;
            std::exception_ptr error;
            try
            {
                result = task(number);
            }
            catch (...)
            {
                error = std::current_exception();
            }
            lock.lock();
            m_result = std::move(result);
            m_error = error;
            m_done.notify_all();
        }
    }

    std::mutex m_mutex;                  //!< guards everything below
    std::condition_variable m_wake;      //!< something to do
    std::condition_variable m_done;      //!< something was done
    std::optional<uint64_t> m_task;      //!< given, and not yet taken back
    std::optional<std::string> m_result; //!< what it left
    std::exception_ptr m_error;          //!< what went wrong
    bool m_stops{false};                 //!< no more tasks
    std::thread m_thread;                //!< last: it uses all of these
};

/// The processes of an MPI job, or a single one that can start such a job.
class MpiWorkers : public PortendWorkers
{
  public:
    /**
     * @brief Constructor.
     * @param argc number of arguments
     * @param argv arguments
     */
    MpiWorkers(int& argc, char**& argv)
    {
        if (!IsLaunched())
        {
            return;
        }
        EndWithLauncher(); // while MPI starts, too
        m_environment.emplace(argc, argv, mpi::threading::funneled);
        m_world.emplace();
        if (IsCoordinator())
        {
            return;
        }
        LingerAtTermination();
        if (!std::freopen("/dev/null", "w", stdout) || !std::freopen("/dev/null", "w", stderr))
        {
            m_world->abort(2);
        }
    }

    /// Destructor: nobody waits for a process that ended before it came to its tasks.
    ~MpiWorkers() override
    {
        if (!m_world || m_hasRun)
        {
            return;
        }
        if (!IsCoordinator())
        {
            m_world->send(COORDINATOR,
                          FAILED,
                          std::make_pair("process " + std::to_string(m_world->rank()),
                                         std::string("could not start; run the command on its "
                                                     "machine alone to see why")));
            return;
        }
        for (int worker = 1; worker < m_world->size(); ++worker)
        {
            m_world->send(worker, STOP);
        }
    }

    bool IsCoordinator() const override
    {
        return !m_world || m_world->rank() == COORDINATOR;
    }

    uint32_t GetCount() const override
    {
        return m_world ? m_world->size() : 1;
    }

    std::string Launch(uint32_t jobs, const std::vector<std::string>& arguments) override
    {
        if (m_world)
        {
            return "the program runs under a launcher already";
        }
        // The file itself: the name it was called by may be relative to a PATH.
        std::error_code error;
        const auto self = std::filesystem::read_symlink("/proc/self/exe", error).string();
        if (error)
        {
            return "its own file cannot be found: " + error.message();
        }
        // Who asks this program for jobs does not ask mpirun for its precautions: it may be root,
        // and more jobs than cores are the user's choice, of which the program has warned.
        for (const char* name : {"OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"})
        {
            setenv(name, "1", 0);
        }
        // It asks for a PATH, and for a folder of its own; what it says without them are codes.
        setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 0);
        const char* temporary = "/tmp";
        for (const char* name : {"TMP", "TEMP", "TMPDIR"}) // the last one goes before the others
        {
            const char* value = std::getenv(name);
            temporary = value ? value : temporary;
        }
        auto folder = std::string(temporary) + "/portend-XXXXXX";
        if (!mkdtemp(folder.data()))
        {
            return "mpirun needs a folder for temporary files, and nothing can be written to '" +
                   std::string(temporary) + "': " + std::strerror(errno) + "; set TMPDIR";
        }
        rmdir(folder.c_str());
        // Quietly: the program has said itself why its status is not 0.
        std::vector<std::string> words{"mpirun",
                                       "--quiet",
                                       // No look for networks: all processes are here.
                                       "--mca",
                                       "pml",
                                       "ob1",
                                       "--oversubscribe",
                                       "--bind-to",
                                       "none",
                                       "-n",
                                       std::to_string(jobs),
                                       self};
        words.insert(words.end(), arguments.begin(), arguments.end());
        if (const int status = RunLauncher(words); status >= 0)
        {
            std::exit(status);
        }
        return std::string("mpirun cannot be run: ") + std::strerror(errno) +
               "; Portend's ./ns3 setup mpi installs it";
    }

    void Run(const Next& next, const Task& task, const Sink& sink) override
    {
        m_hasRun = true;
        if (!m_world || m_world->size() == 1)
        {
            PortendWorkers::Run(next, task, sink);
        }
        else if (IsCoordinator())
        {
            Coordinate(next, task, sink);
        }
        else
        {
            Work(task);
        }
    }

  private:
    /**
     * @brief Hand out tasks, and take results; a thread does tasks as the other processes do.
     * @param next gives the next task
     * @param task does a task
     * @param sink takes results
     */
    void Coordinate(const Next& next, const Task& task, const Sink& sink)
    {
        TaskThread own(task);
        uint64_t number = 0;
        bool isOwnBusy = next(number);
        if (isOwnBusy)
        {
            own.Give(number);
        }
        int others = m_world->size() - 1;
        std::string result;
        std::exception_ptr error; // the others must be stopped before it is reported
        while (others > 0 || isOwnBusy)
        {
            try
            {
                if (isOwnBusy && own.Take(number, result))
                {
                    isOwnBusy = false;
                    sink(number, result);
                    if (!error && (isOwnBusy = next(number)))
                    {
                        own.Give(number);
                    }
                }
                else if (!isOwnBusy)
                {
                    std::this_thread::sleep_for(PAUSE);
                }
                while (const auto status = m_world->iprobe(mpi::any_source, mpi::any_tag))
                {
                    Answer(*status, next, sink, !error, others);
                }
            }
            catch (...)
            {
                isOwnBusy = false;
                error = error ? error : std::current_exception();
            }
        }
        if (error)
        {
            std::rethrow_exception(error);
        }
    }

    /**
     * @brief Take a message of a worker, and give it something to do.
     * @param status who sent what
     * @param next gives the next task
     * @param sink takes results
     * @param goesOn whether there may be more tasks
     * @param others workers that were not stopped yet
     */
    void Answer(const mpi::status& status,
                const Next& next,
                const Sink& sink,
                bool goesOn,
                int& others)
    {
        uint64_t number = 0;
        std::string result;
        std::exception_ptr error;
        try
        {
            if (status.tag() == READY)
            {
                m_world->recv(status.source(), READY);
            }
            else if (status.tag() == RESULT)
            {
                std::pair<uint64_t, std::string> done;
                m_world->recv(status.source(), RESULT, done);
                sink(done.first, done.second);
            }
            else
            {
                std::pair<std::string, std::string> complaint;
                m_world->recv(status.source(), FAILED, complaint);
                throw portend::InputError(complaint.first, complaint.second);
            }
        }
        catch (...)
        {
            error = std::current_exception();
        }
        if (goesOn && !error && next(number))
        {
            m_world->send(status.source(), TASK, number);
        }
        else
        {
            m_world->send(status.source(), STOP);
            --others;
        }
        if (error)
        {
            std::rethrow_exception(error);
        }
    }

    /**
     * @brief Do tasks until there are no more.
     * @param task does a task
     */
    void Work(const Task& task)
    {
        m_world->send(COORDINATOR, READY);
        while (true)
        {
            const auto status = m_world->probe(COORDINATOR, mpi::any_tag);
            if (status.tag() == STOP)
            {
                m_world->recv(COORDINATOR, STOP);
                return;
            }
            uint64_t number = 0;
            m_world->recv(COORDINATOR, TASK, number);
            try
            {
                m_world->send(COORDINATOR, RESULT, std::make_pair(number, task(number)));
            }
            catch (const portend::InputError& error)
            {
                m_world->send(COORDINATOR,
                              FAILED,
                              std::make_pair(error.GetWhere(), std::string(error.what())));
            }
        }
    }

    std::optional<mpi::environment> m_environment; //!< MPI, if a launcher started us
    std::optional<mpi::communicator> m_world;      //!< all processes
    bool m_hasRun{false};                          //!< whether it came to its tasks
};

} // namespace

std::unique_ptr<PortendWorkers>
PortendJoinWorkers(int& argc, char**& argv)
{
    return std::make_unique<MpiWorkers>(argc, argv);
}

} // namespace ns3

#else // PORTEND_MPI

namespace ns3
{

std::unique_ptr<PortendWorkers>
PortendJoinWorkers(int& /* argc */, char**& /* argv */)
{
    return std::make_unique<PortendWorkers>();
}

} // namespace ns3

#endif // PORTEND_MPI
