/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-runner.h"

#include "ns3/portend-comparison.h"
#include "ns3/portend-json.h"
#include "ns3/portend-service-level.h"
#include "ns3/portend-simulation.h"

#include <algorithm>
#include <utility>

namespace ns3
{

namespace
{

/// Holds the streams of a run to service levels.
class Judge
{
  public:
    /**
     * @brief Constructor.
     * @param texts values of the option --slo
     * @param streams what is simulated; they must outlive this object
     * @throw portend::InputError if a level makes no sense, or is for no stream
     */
    Judge(const std::vector<std::string>& texts, std::vector<const PortendStreamSetup*> streams)
        : m_streams(std::move(streams))
    {
        for (const auto* stream : m_streams)
        {
            m_services.emplace_back(stream->deadline);
        }
        for (const auto& level : PortendServiceLevel::Parse(texts))
        {
            bool isFound = false;
            for (std::size_t i = 0; i < m_streams.size(); ++i)
            {
                const auto& name = m_streams[i]->stream.name;
                if (level.GetStream().empty() || level.GetStream() == name)
                {
                    isFound = true;
                    level.Require(*m_streams[i]);
                    m_outcomes.push_back({level, i});
                }
            }
            if (!isFound)
            {
                throw portend::InputError("--slo",
                                          "there is no stream '" + level.GetStream() + "'" +
                                              PortendSuggest(level.GetStream(), GetNames()));
            }
        }
    }

    /**
     * @brief Watch requests.
     * @param next watches them, too; may be null
     * @return the watcher; it must not outlive this object
     */
    PortendSimulation::RequestSink Watch(PortendSimulation::RequestSink next)
    {
        if (m_outcomes.empty())
        {
            return next;
        }
        return [this, next = std::move(next)](const PortendRequest& request) {
            m_services[request.stream].Add(request.GetLatency().GetNanoSeconds());
            if (next)
            {
                next(request);
            }
        };
    }

    /**
     * @brief Sum up.
     * @param results by stream
     * @return by stream and level
     */
    std::vector<PortendLevelOutcome> Finish(const std::vector<const PortendResult*>& results)
    {
        for (std::size_t i = 0; i < m_services.size(); ++i)
        {
            m_services[i].AddUnanswered(results[i]->generated - results[i]->completed);
        }
        for (auto& outcome : m_outcomes)
        {
            const auto& service = m_services[outcome.stream];
            outcome.value = outcome.level.Get(service);
            outcome.unanswered = service.CountUnanswered();
            outcome.holds = outcome.level.Holds(outcome.value);
        }
        return m_outcomes;
    }

  private:
    /// @return names of the streams
    std::vector<std::string> GetNames() const
    {
        std::vector<std::string> names;
        for (const auto* stream : m_streams)
        {
            names.push_back(stream->stream.name);
        }
        return names;
    }

    std::vector<const PortendStreamSetup*> m_streams; //!< what is simulated
    std::vector<PortendService> m_services;           //!< by stream
    std::vector<PortendLevelOutcome> m_outcomes;      //!< by level and stream
};

/**
 * @brief Get the exit status of what was asked for.
 * @param levels service levels
 * @return 1 if one of them does not hold
 */
int
GetStatus(const std::vector<PortendLevelOutcome>& levels)
{
    return std::all_of(levels.begin(), levels.end(), [](const auto& level) { return level.holds; })
               ? 0
               : 1;
}

} // namespace

PortendRunner::PortendRunner(PortendProgram& program)
    : m_outputs(program),
      m_linter(program)
{
    program.AddList("slo",
                    "a service level, such as p99:150ms (mean, p50, p95, p99 or max of the "
                    "latency) or met:99% (answered by the deadline): status 1 if it does not "
                    "hold; of all streams, or of one, vision/p99:150ms; may repeat",
                    m_levels);
}

int
PortendRunner::Run(const PortendScenario& scenario)
{
    const PortendSetup setup(scenario);
    setup.RequireSimulable();
    setup.RequireBounded();
    Judge judge(m_levels, {&setup});
    const auto estimate = setup.GetEstimate();
    m_linter.Check(setup);
    m_outputs.Open(setup);

    PortendSimulation simulation(setup);
    simulation.SetPcapPrefix(m_outputs.GetPcapPrefix());
    simulation.SetRequestSink(judge.Watch(m_outputs.GetRequestSink()));
    const auto result = simulation.Run();

    const auto levels = judge.Finish({&result});
    const auto mixed =
        PortendMixEstimates(result.control, estimate, [&setup](const auto& deployment) {
            return setup.GetEstimate(deployment);
        });
    m_outputs.Write({scenario, setup, result, mixed, levels});
    return GetStatus(levels);
}

int
PortendRunner::Run(const PortendWorld& world)
{
    const PortendWorldSetup setup(world);
    setup.RequireMemory();
    setup.RequireBounded();
    std::vector<const PortendStreamSetup*> streams;
    for (const auto& stream : setup.streams)
    {
        streams.push_back(&stream);
    }
    Judge judge(m_levels, streams);
    auto estimates = setup.GetEstimates();
    m_linter.Check(world, setup);
    m_outputs.Open(setup);

    PortendSimulation simulation(setup);
    simulation.SetPcapPrefix(m_outputs.GetPcapPrefix());
    simulation.SetRequestSink(judge.Watch(m_outputs.GetRequestSink()));
    const auto result = simulation.RunAll();

    std::vector<const PortendResult*> results;
    for (const auto& stream : result.streams)
    {
        const auto index = results.size();
        estimates[index] = PortendMixEstimates(
            stream.control,
            estimates[index],
            [&setup, index](const auto& deployment) {
                return setup.GetEstimate(index, deployment, setup.streams[index].rules);
            });
        results.push_back(&stream);
    }
    const auto levels = judge.Finish(results);
    m_outputs.Write({world, setup, result, estimates, levels});
    return GetStatus(levels);
}

} // namespace ns3
