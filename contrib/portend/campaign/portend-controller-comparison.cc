/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-controller-comparison.h"

#include "ns3/portend-comparison.h"
#include "ns3/portend-json.h"
#include "ns3/portend-output.h"
#include "ns3/portend-program.h"
#include "ns3/portend-provenance.h"
#include "ns3/portend-setup.h"
#include "ns3/portend-simulation.h"
#include "ns3/portend-text.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

namespace ns3
{

namespace
{

using portend::InputError;
using Json = nlohmann::ordered_json;

/// Most replications.
constexpr uint32_t MAX_REPLICATIONS = 100000;

/**
 * @brief Write an interval.
 * @param interval mean and half-width
 * @return an object
 */
Json
ToJson(const PortendInterval& interval)
{
    return {{"mean", interval.mean}, {"ci95", interval.ci95}};
}

} // namespace

PortendControllerComparison::PortendControllerComparison(PortendProgram& program)
    : m_program(program)
{
    program.AddOption("controllers",
                      "controllers to compare, separated by commas, or by semicolons where one has "
                      "commas",
                      m_controllers);
    program.AddOption("reference", "controller that the others are held against", m_reference);
    program.AddOption("replications",
                      "simulations of each controller in each setting",
                      m_replications);
    program.AddList("sweep",
                    "NAME=VALUES: settings to compare in, an axis as of portend-sweep; may repeat",
                    m_sweeps);
    program.AddOption("json",
                      "write the results as JSON to a file, - for standard output",
                      m_jsonFile);
    program.AddOption("csv",
                      "write a row for each replication to a CSV file, - for standard output",
                      m_csvFile);
    program.AddFlag("quiet", "print no table", m_isQuiet);
}

void
PortendControllerComparison::Read()
{
    const auto options = m_program.GetScenarioOptions();
    for (const auto& text : m_sweeps)
    {
        m_axes.push_back(PortendAxis::Parse(text, options));
        for (std::size_t a = 0; a + 1 < m_axes.size(); ++a)
        {
            if (m_axes[a].Overlaps(m_axes.back()))
            {
                throw InputError("--sweep",
                                 m_axes[a].GetName() + " and " + m_axes.back().GetName() +
                                     " set the same; allowed: one of them");
            }
        }
    }
    const auto controller = PortendAxis::Parse("controller=" + m_controllers, options);
    for (const auto& axis : m_axes)
    {
        if (axis.Overlaps(controller) || axis.GetName() == "run" || axis.GetName() == "seed")
        {
            throw InputError("--sweep",
                             axis.GetName() + " is what the comparison sets; allowed: other axes");
        }
    }
    m_names.push_back(m_reference);
    for (const auto& value : controller.GetValues())
    {
        if (value.text != m_reference)
        {
            m_names.push_back(value.text);
        }
    }
    if (!PortendParseNumber(m_replications, m_count) || m_count == 0 || m_count > MAX_REPLICATIONS)
    {
        PortendFail("--replications", m_replications, "1 .. " + std::to_string(MAX_REPLICATIONS));
    }
}

PortendControllerComparison::Case
PortendControllerComparison::Simulate(PortendScenario scenario, const std::string& controller) const
{
    Case one;
    one.controller = controller;
    scenario.controller = controller == "fixed" ? "" : controller;
    const auto first = scenario.run;
    for (uint32_t replication = 0; replication < m_count; ++replication)
    {
        scenario.run = first + replication;
        const PortendSetup setup(scenario);
        setup.RequireSimulable();
        setup.RequireBounded();
        const auto result = PortendSimulation(setup).Run();
        one.outcomes.push_back(
            {scenario.run,
             result.latencyMs.mean,
             result.accuracy.mean,
             static_cast<double>(result.completed) / static_cast<double>(result.generated),
             result.control.switches,
             result.control.decisions});
    }
    return one;
}

template <typename T>
PortendInterval
PortendControllerComparison::Case::Get(T Outcome::*member) const
{
    PortendMean mean;
    for (const auto& outcome : outcomes)
    {
        mean.Add(static_cast<double>(outcome.*member));
    }
    return {mean.GetMean(), mean.GetConfidence95()};
}

PortendInterval
PortendControllerComparison::GetRegret(const Setting& setting, const Case& one)
{
    PortendMean mean;
    const auto& reference = setting.cases.front().outcomes;
    for (std::size_t r = 0; r < reference.size(); ++r)
    {
        mean.Add(one.outcomes[r].latencyMs - reference[r].latencyMs);
    }
    return {mean.GetMean(), mean.GetConfidence95()};
}

int
PortendControllerComparison::Run()
{
    Read();
    PortendRequirePlaces({{"--json", m_jsonFile}, {"--csv", m_csvFile}});
    std::unique_ptr<PortendOutput> json;
    std::unique_ptr<PortendOutput> csv;
    if (!m_jsonFile.empty())
    {
        json = std::make_unique<PortendOutput>(m_jsonFile, "--json");
    }
    if (!m_csvFile.empty())
    {
        csv = std::make_unique<PortendOutput>(m_csvFile, "--csv");
    }
    std::size_t count = 1;
    for (const auto& axis : m_axes)
    {
        count *= axis.GetValues().size();
    }
    for (std::size_t point = 0; point < count; ++point)
    {
        Setting setting;
        std::vector<std::size_t> place(m_axes.size());
        auto rest = point;
        std::map<std::string, std::string> options;
        for (std::size_t a = m_axes.size(); a-- > 0;)
        {
            const auto& values = m_axes[a].GetValues();
            place[a] = rest % values.size();
            rest /= values.size();
            if (m_axes[a].IsOption())
            {
                options[m_axes[a].GetName()] = values[place[a]].text;
            }
        }
        auto scenario = m_program.Resolve(options);
        for (std::size_t a = 0; a < m_axes.size(); ++a)
        {
            setting.values.push_back(m_axes[a].GetValues()[place[a]].text);
            if (!m_axes[a].IsOption())
            {
                m_axes[a].Apply(place[a], scenario);
            }
        }
        for (const auto& name : m_names)
        {
            setting.cases.push_back(Simulate(scenario, name));
        }
        m_settings.push_back(std::move(setting));
    }
    if (json)
    {
        PrintJson(json->GetStream());
    }
    if (csv)
    {
        PrintCsv(csv->GetStream());
    }
    for (auto* output : {csv.get(), json.get()})
    {
        if (output)
        {
            output->Finish();
        }
    }
    for (auto* output : {csv.get(), json.get()})
    {
        if (output)
        {
            output->Commit();
        }
    }
    if (!m_isQuiet)
    {
        PrintTable(m_jsonFile == "-" || m_csvFile == "-" ? std::cerr : std::cout);
    }
    return 0;
}

void
PortendControllerComparison::PrintTable(std::ostream& os) const
{
    std::size_t width = 12;
    for (const auto& name : m_names)
    {
        width = std::max(width, name.size() + 2);
    }
    os << m_count << " replications, paired by their samples; regret against " << m_reference
       << ", ms\n";
    for (const auto& setting : m_settings)
    {
        os << "\n";
        for (std::size_t a = 0; a < m_axes.size(); ++a)
        {
            os << m_axes[a].GetName() << " " << setting.values[a]
               << (a + 1 < m_axes.size() ? ", " : "\n");
        }
        os << std::left << std::setw(static_cast<int>(width)) << "controller" << std::right
           << std::setw(12) << "latency, ms" << std::setw(12) << "+/- 95% CI" << std::setw(10)
           << "accuracy" << std::setw(12) << "answered" << std::setw(10) << "switches"
           << std::setw(12) << "regret" << std::setw(12) << "+/- 95% CI"
           << "\n";
        for (const auto& one : setting.cases)
        {
            const auto latency = one.Get(&Outcome::latencyMs);
            const auto regret = GetRegret(setting, one);
            const bool isReference = &one == &setting.cases.front();
            os << std::left << std::setw(static_cast<int>(width)) << one.controller << std::right
               << std::setw(12) << PortendFixed(latency.mean, 4) << std::setw(12)
               << PortendFixed(latency.ci95, 4) << std::setw(10)
               << PortendFixed(one.Get(&Outcome::accuracy).mean, 4) << std::setw(10)
               << PortendFixed(100 * one.Get(&Outcome::answeredShare).mean, 2) << " %"
               << std::setw(10) << PortendFixed(one.Get(&Outcome::switches).mean, 1)
               << std::setw(12) << (isReference ? "-" : PortendFixed(regret.mean, 4))
               << std::setw(12) << (isReference ? "-" : PortendFixed(regret.ci95, 4)) << "\n";
        }
    }
}

void
PortendControllerComparison::PrintJson(std::ostream& os) const
{
    const auto& scenario = m_program.GetScenario();
    Json json;
    json["schema_version"] = 1;
    json["scenario"] =
        Json::parse(scenario.world ? scenario.GetWorld().ToJson() : scenario.ToJson());
    json["replications"] = m_count;
    json["reference"] = m_reference;
    json["axes"] = Json::array();
    for (const auto& axis : m_axes)
    {
        Json values;
        for (const auto& value : axis.GetValues())
        {
            values.push_back(value.text);
        }
        json["axes"].push_back({{"name", axis.GetName()}, {"values", values}});
    }
    json["settings"] = Json::array();
    for (const auto& setting : m_settings)
    {
        Json entry;
        entry["values"] = Json::object();
        for (std::size_t a = 0; a < m_axes.size(); ++a)
        {
            entry["values"][m_axes[a].GetName()] = setting.values[a];
        }
        for (const auto& one : setting.cases)
        {
            Json controller;
            controller["controller"] = one.controller;
            controller["latency_ms"] = ToJson(one.Get(&Outcome::latencyMs));
            controller["accuracy"] = ToJson(one.Get(&Outcome::accuracy));
            controller["answered_share"] = ToJson(one.Get(&Outcome::answeredShare));
            controller["switches"] = ToJson(one.Get(&Outcome::switches));
            controller["decisions"] = ToJson(one.Get(&Outcome::decisions));
            controller["regret_ms"] = ToJson(GetRegret(setting, one));
            entry["controllers"].push_back(controller);
        }
        json["settings"].push_back(entry);
    }
    json["provenance"] = Json::parse(PortendProvenance::ToJson(scenario.seed, scenario.run));
    os << PortendDump(json, 2) << "\n";
}

void
PortendControllerComparison::PrintCsv(std::ostream& os) const
{
    for (const auto& axis : m_axes)
    {
        os << PortendQuoteCsv(axis.GetName()) << ",";
    }
    os << "controller,run,latency_ms,accuracy,answered_share,switches,decisions,regret_ms\n";
    const auto number = [](double value) {
        return std::isfinite(value) ? portend::ToText(value) : std::string();
    };
    for (const auto& setting : m_settings)
    {
        const auto& reference = setting.cases.front().outcomes;
        for (const auto& one : setting.cases)
        {
            for (std::size_t r = 0; r < one.outcomes.size(); ++r)
            {
                const auto& outcome = one.outcomes[r];
                for (const auto& value : setting.values)
                {
                    os << PortendQuoteCsv(value) << ",";
                }
                os << PortendQuoteCsv(one.controller) << "," << outcome.run << ","
                   << number(outcome.latencyMs) << "," << number(outcome.accuracy) << ","
                   << number(outcome.answeredShare) << "," << outcome.switches << ","
                   << outcome.decisions << "," << number(outcome.latencyMs - reference[r].latencyMs)
                   << "\n";
            }
        }
    }
}

} // namespace ns3
