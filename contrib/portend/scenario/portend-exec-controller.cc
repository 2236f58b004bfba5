/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-exec-controller.h"

#include "ns3/log.h"
#include "ns3/simulator.h"
#include "ns3/string.h"

#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ns3
{

NS_LOG_COMPONENT_DEFINE("PortendExecController");

NS_OBJECT_ENSURE_REGISTERED(PortendExecController);

namespace
{

using portend::InputError;
using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

/// How long a program may take to end when its input does, before it is killed.
constexpr std::chrono::milliseconds GRACE{500};

/// Longest answer.
constexpr std::size_t MAX_ANSWER_BYTES = 1 << 20;

/// Lets a write to a program that has died fail, rather than end this one.
class NoBrokenPipe
{
  public:
    NoBrokenPipe()
    {
        sigemptyset(&m_signals);
        sigaddset(&m_signals, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &m_signals, &m_before);
    }

    ~NoBrokenPipe()
    {
        const timespec now{0, 0};
        while (sigtimedwait(&m_signals, nullptr, &now) > 0)
        {
            continue; // what is pending is ours
        }
        pthread_sigmask(SIG_SETMASK, &m_before, nullptr);
    }

  private:
    sigset_t m_signals; //!< the one that is blocked
    sigset_t m_before;  //!< blocked before
};

/**
 * @brief Write a time as a number.
 * @param time the time
 * @return milliseconds
 */
double
ToMs(Time time)
{
    return time.GetNanoSeconds() * 1e-6;
}

/**
 * @brief Write what may be unknown.
 * @param value a number, or NaN
 * @return the number, or null
 */
Json
ToJson(double value)
{
    return std::isfinite(value) ? Json(value) : Json(nullptr);
}

/**
 * @brief Write the mean time of a partition.
 * @param device profile of the device
 * @param first first block
 * @param last last block
 * @return milliseconds; null if it was not measured
 */
Json
GetComputeMs(const portend::DeviceProfile& device, uint32_t first, uint32_t last)
{
    const auto& repeats =
        device.computeMs[portend::DeviceProfile::GetIndex(device.blocks, first, last)];
    return repeats.empty()
               ? Json(nullptr)
               : Json(portend::SummarizeRepeats(repeats, portend::EstimatorRules::Repeats::MEAN));
}

/**
 * @brief Write what is known from the beginning.
 * @param view the same
 * @return the stream
 */
Json
Introduce(const PortendControllerView& view)
{
    const auto& model = *view.model;
    const auto& stream = view.stream;
    Json json;
    json["profile"] = model.name;
    json["blocks"] = model.blocks;
    json["branches"] = model.GetBranches();
    json["thresholds"] = model.thresholds;
    json["tensor_bytes"] = model.tensorBytes;
    json["result_bytes"] = model.resultBytes;
    if (!model.parameterBytes.empty() && !model.activationBytes.empty())
    {
        json["parameter_bytes"] = model.parameterBytes;
        json["activation_bytes"] = model.activationBytes;
    }
    json["exit_rates"] = Json::array();
    json["accuracies"] = Json::array();
    for (const auto block : model.GetBranches())
    {
        Json rates;
        double accuracy = 0;
        for (const auto threshold : model.thresholds)
        {
            const auto branch = model.FindBranch(block, threshold);
            rates.push_back(branch.exitRate);
            accuracy = branch.accuracy;
        }
        json["exit_rates"].push_back(rates);
        json["accuracies"].push_back(ToJson(accuracy));
    }
    json["source"] = stream.source;
    json["destination"] = stream.destination;
    json["tiers"] = Json::array();
    for (uint32_t j = 0; j < stream.tiers.size(); ++j)
    {
        const auto& device = *stream.tiers[j].device;
        const auto& node = stream.GetNode(j);
        Json tier;
        tier["name"] = node.name;
        tier["device"] = device.name;
        tier["servers"] = node.servers;
        tier["compute_factor"] = node.computeFactor;
        if (node.memoryBytes > 0)
        {
            tier["memory_bytes"] = node.memoryBytes;
        }
        if (node.loadBps > 0)
        {
            tier["load_bandwidth_bps"] = node.loadBps;
        }
        tier["compute_first_ms"] = Json::array();
        tier["compute_last_ms"] = Json::array();
        for (uint32_t block = 1; block <= model.blocks; ++block)
        {
            tier["compute_first_ms"].push_back(GetComputeMs(device, 1, block));
            tier["compute_last_ms"].push_back(GetComputeMs(device, block, model.blocks));
        }
        json["tiers"].push_back(tier);
    }
    json["links"] = Json::array();
    for (const auto& arc : stream.network->GetLinks())
    {
        json["links"].push_back({{"name", arc.name},
                                 {"from", stream.network->GetNodes()[arc.from].name},
                                 {"to", stream.network->GetNodes()[arc.to].name},
                                 {"bandwidth_bps", arc.link.bandwidthBps},
                                 {"delay_ms", arc.link.delayMs}});
    }
    return json;
}

/**
 * @brief Write what came back with a request.
 * @param reply the same
 * @return an object
 */
Json
ToJson(const PortendController::Reply& reply)
{
    Json json;
    json["request"] = reply.request;
    json["epoch"] = reply.epoch;
    json["answered"] = reply.isAnswered;
    json["fallback"] = reply.isFallback;
    json["exit_partition"] = reply.exitPartition;
    json["arose_ms"] = ToMs(reply.arose);
    json["latency_ms"] = ToMs(reply.latency);
    json["transfers"] = Json::array();
    for (const auto& transfer : reply.transfers)
    {
        json["transfers"].push_back({{"from", transfer.from},
                                     {"to", transfer.to},
                                     {"bytes", transfer.bytes},
                                     {"sent_ms", ToMs(transfer.sent)},
                                     {"took_ms", ToMs(transfer.took)}});
    }
    json["queues"] = Json::array();
    for (const auto& queue : reply.queues)
    {
        json["queues"].push_back({{"tier", queue.tier}, {"waiting", queue.waiting}});
    }
    return json;
}

} // namespace

/// A program, and the pipes to and from it.
class PortendExecController::Process
{
  public:
    /**
     * @brief Constructor: start the program.
     * @param command for the shell
     */
    explicit Process(const std::string& command)
        : m_name("exec:" + command)
    {
        int in[2];
        int out[2];
        if (pipe2(in, O_CLOEXEC) != 0)
        {
            Fail(std::string("cannot be started: ") + std::strerror(errno));
        }
        if (pipe2(out, O_CLOEXEC) != 0)
        {
            close(in[0]);
            close(in[1]);
            Fail(std::string("cannot be started: ") + std::strerror(errno));
        }
        m_pid = fork();
        if (m_pid == 0)
        {
            setpgid(0, 0); // what it starts ends with it
            sigset_t none;
            sigemptyset(&none);
            sigprocmask(SIG_SETMASK, &none, nullptr);
            dup2(in[0], STDIN_FILENO);
            dup2(out[1], STDOUT_FILENO);
            execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
            _exit(127);
        }
        close(in[0]);
        close(out[1]);
        m_to = in[1];
        m_from = out[0];
        if (m_pid < 0)
        {
            Fail(std::string("cannot be started: ") + std::strerror(errno));
        }
        setpgid(m_pid, m_pid); // whoever is first
        fcntl(m_to, F_SETFL, O_NONBLOCK);
    }

    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    ~Process()
    {
        End();
    }

    /**
     * @brief Say a line, and hear one.
     * @param line what to say
     * @param timeout longest wait for the answer
     * @return the answer
     */
    std::string Ask(std::string line, std::chrono::nanoseconds timeout)
    {
        m_deadline = Clock::now() + timeout;
        m_timeout = timeout;
        line += "\n";
        const NoBrokenPipe guard;
        for (std::size_t written = 0; written < line.size();)
        {
            Await(m_to, POLLOUT);
            const auto count = write(m_to, line.data() + written, line.size() - written);
            if (count > 0)
            {
                written += count;
            }
            else if (errno != EAGAIN && errno != EINTR)
            {
                FailEnded();
            }
        }
        for (;;)
        {
            const auto end = m_heard.find('\n');
            if (end != std::string::npos)
            {
                auto answer = m_heard.substr(0, end);
                m_heard.erase(0, end + 1);
                return answer;
            }
            if (m_heard.size() > MAX_ANSWER_BYTES)
            {
                Fail("said " + portend::Quote(m_heard) + "; allowed: lines of up to " +
                     std::to_string(MAX_ANSWER_BYTES) + " bytes");
            }
            Await(m_from, POLLIN);
            char buffer[4096];
            const auto count = read(m_from, buffer, sizeof(buffer));
            if (count > 0)
            {
                m_heard.append(buffer, count);
            }
            else if (count == 0 || errno != EINTR)
            {
                FailEnded();
            }
        }
    }

    /**
     * @brief Complain of the program.
     * @param message what is wrong with it
     */
    [[noreturn]] void Fail(const std::string& message) const
    {
        throw InputError(m_name, message);
    }

  private:
    /// Wait until a pipe can be used.
    void Await(int pipe, short events) const
    {
        for (;;)
        {
            const auto left =
                std::chrono::duration_cast<std::chrono::milliseconds>(m_deadline - Clock::now());
            pollfd poller{pipe, events, 0};
            const int found =
                poll(&poller, 1, std::max<int>(0, static_cast<int>(left.count()) + 1));
            if (found > 0)
            {
                return;
            }
            if (found == 0 && Clock::now() >= m_deadline)
            {
                const double seconds = std::chrono::duration<double>(m_timeout).count();
                Fail("gave no answer within " + portend::ToText(seconds) + " s" +
                     (m_heard.empty() ? "" : ", but " + portend::Quote(m_heard)) +
                     "; allowed: a line for each that it reads, in time (attribute Timeout)");
            }
        }
    }

    /// Complain that the program has ended.
    [[noreturn]] void FailEnded()
    {
        const auto heard = m_heard;
        const int status = End();
        const std::string how = WIFSIGNALED(status)
                                    ? "was ended by signal " + std::to_string(WTERMSIG(status))
                                    : "ended with status " + std::to_string(WEXITSTATUS(status));
        Fail(how + " instead of an answer" +
             (heard.empty() ? "" : ", and had said " + portend::Quote(heard)) +
             "; allowed: a line for each that it reads, until there is no more");
    }

    /**
     * @brief End the program: its input ends, and if it does not, it is killed.
     * @return its status
     */
    int End()
    {
        if (m_pid <= 0)
        {
            return m_status;
        }
        close(m_to);
        close(m_from);
        const auto deadline = Clock::now() + GRACE;
        while (waitpid(m_pid, &m_status, WNOHANG) == 0)
        {
            if (Clock::now() >= deadline)
            {
                kill(-m_pid, SIGKILL);
                waitpid(m_pid, &m_status, 0);
                break;
            }
            poll(nullptr, 0, 1);
        }
        kill(-m_pid, SIGKILL); // what it has left behind
        m_pid = 0;
        return m_status;
    }

    std::string m_name;                 //!< for complaints
    pid_t m_pid{0};                     //!< of the shell; 0 once it has ended
    int m_status{0};                    //!< of the same
    int m_to{-1};                       //!< what it reads
    int m_from{-1};                     //!< what it writes
    std::string m_heard;                //!< of the next answer
    Clock::time_point m_deadline;       //!< of the answer
    std::chrono::nanoseconds m_timeout; //!< the same, since the question
};

TypeId
PortendExecController::GetTypeId()
{
    static TypeId tid = TypeId("ns3::PortendExecController")
                            .SetParent<PortendController>()
                            .SetGroupName("Portend")
                            .AddConstructor<PortendExecController>()
                            .AddAttribute("Command",
                                          "What the shell is to run.",
                                          StringValue("false"),
                                          MakeStringAccessor(&PortendExecController::m_command),
                                          MakeStringChecker())
                            .AddAttribute("Timeout",
                                          "Wall time that an answer may take.",
                                          TimeValue(Seconds(10)),
                                          MakeTimeAccessor(&PortendExecController::m_timeout),
                                          MakeTimeChecker(MilliSeconds(1), Seconds(1000000)));
    return tid;
}

PortendExecController::PortendExecController() = default;

PortendExecController::~PortendExecController() = default;

void
PortendExecController::DoDispose()
{
    NS_LOG_FUNCTION(this);
    m_process.reset();
    PortendController::DoDispose();
}

portend::Deployment
PortendExecController::DoBegin()
{
    m_process = std::make_unique<Process>(m_command);
    return GetView().first;
}

void
PortendExecController::DoArrive()
{
    m_arrivals.push_back(Simulator::Now());
}

void
PortendExecController::DoReply(const Reply& reply)
{
    m_replies.push_back(reply);
}

std::string
PortendExecController::MakeObservation()
{
    Json json;
    json["time_ms"] = ToMs(Simulator::Now());
    json["epoch"] = GetEpochNumber();
    json["deployment"] = GetDeployment().ToString();
    json["arrivals_ms"] = Json::array();
    for (const auto& arrival : m_arrivals)
    {
        json["arrivals_ms"].push_back(ToMs(arrival));
    }
    json["replies"] = Json::array();
    for (const auto& reply : m_replies)
    {
        json["replies"].push_back(ToJson(reply));
    }
    if (!m_isIntroduced)
    {
        json["stream"] = Introduce(GetView());
        m_isIntroduced = true;
    }
    m_arrivals.clear();
    m_replies.clear();
    return json.dump();
}

portend::Deployment
PortendExecController::ParseAnswer(const std::string& line) const
{
    static const char* const ALLOWED =
        R"({"deployment": "0:1-25,1:26-40@0.1"}, a deployment of the stream, or {} to leave it)";
    const auto fail = [&](const std::string& reason) {
        m_process->Fail("said " + portend::Quote(line) + reason + "; allowed: " + ALLOWED);
    };
    const auto json = Json::parse(line, nullptr, false);
    if (!json.is_object() || json.size() > 1 ||
        (json.size() == 1 && !(json.contains("deployment") && json["deployment"].is_string())))
    {
        fail("");
    }
    if (json.empty())
    {
        return GetDeployment();
    }
    try
    {
        const auto deployment = portend::Deployment::Parse(json["deployment"].get<std::string>());
        GetView().Require(deployment);
        return deployment;
    }
    catch (const InputError& error)
    {
        fail(", but " + std::string(error.what()));
    }
    return GetDeployment();
}

portend::Deployment
PortendExecController::Decide()
{
    const auto answer =
        m_process->Ask(MakeObservation(), std::chrono::nanoseconds(m_timeout.GetNanoSeconds()));
    return ParseAnswer(answer);
}

} // namespace ns3
