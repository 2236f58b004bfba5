/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-evaluator.h"

#include "portend-audit.h"
#include "portend-capacity.h"
#include "portend-plan.h"
#include "portend-record.h"

#include "ns3/portend-setup.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace ns3
{

PortendEvaluator::PortendEvaluator(const PortendPlan& plan,
                                   const PortendPrecision& precision,
                                   PortendProfileCache& profiles,
                                   Progress progress)
    : m_plan(plan),
      m_precision(precision),
      m_profiles(profiles),
      m_progress(std::move(progress))
{
}

PortendResultFile::Tables
PortendEvaluator::Evaluate(uint64_t point, bool isAudited) const
{
    auto scenario = m_plan.GetScenario(point);
    PortendResultFile::Tables tables;
    const auto& axes = m_plan.GetAxes();
    const auto indices = m_plan.GetPlace(point);
    for (std::size_t a = 0; a < axes.size(); ++a)
    {
        const auto& value = axes[a].GetValues()[indices[a]];
        const bool isText = axes[a].GetKind() == PortendAxis::TEXT;
        tables["axis_value"].push_back(
            {{"point", point},
             {"axis", a},
             {"text", value.text},
             {"number", isText ? nlohmann::json() : nlohmann::json(value.number)}});
    }
    uint32_t replications = 0; // of the point's own deployment
    if (m_plan.GetCapacityAxis())
    {
        replications = FindCapacity(tables, point, scenario);
    }
    else
    {
        const auto deployments = m_plan.GetDeployments(PortendSetup(scenario, m_profiles));
        for (std::size_t rank = deployments.size(); rank-- > 0;) // the point's own comes last
        {
            scenario.deployment = deployments[rank].ToString();
            const PortendSetup setup(scenario, m_profiles);
            setup.RequireReach();
            const auto result = PortendReplications(setup, m_precision, m_plan.GetLevels()).Run();
            Record(tables, point, rank, setup, result);
            replications = result.replications;
        }
    }
    if (isAudited && replications > 0)
    {
        PortendRecordAudit(tables,
                           point,
                           PortendCompareEngines(scenario, replications, m_profiles));
    }
    tables["point"].push_back({{"id", point}, {"scenario", scenario.ToJson()}});
    return tables;
}

void
PortendEvaluator::Record(PortendResultFile::Tables& tables,
                         uint64_t point,
                         uint32_t rank,
                         const PortendSetup& setup,
                         const PortendReplicatedResult& result) const
{
    PortendRecordResult(tables, point, rank, setup, setup.GetEstimate(), result);
    PortendRecordLevels(tables,
                        "level",
                        {{"point", point}, {"rank", rank}},
                        m_plan.GetLevels(),
                        result.levels);
}

uint32_t
PortendEvaluator::FindCapacity(PortendResultFile::Tables& tables,
                               uint64_t point,
                               PortendScenario& scenario) const
{
    const auto& axis = *m_plan.GetCapacityAxis();
    const auto& levels = m_plan.GetLevels();
    const PortendCapacityRange range(axis, scenario);
    bool hasInterval = true;
    std::map<double, PortendReplicatedResult> results; // of values that were simulated
    const auto probe = [&](double value) {
        auto probed = scenario;
        axis.Set(range.GetText(value), probed);
        const PortendSetup setup(probed, m_profiles);
        std::vector<PortendInterval> values;
        auto verdict = PortendVerdict::FAILS;
        if (setup.IsBounded())
        {
            const auto& result =
                results.emplace(value, PortendReplications(setup, m_precision, levels).Run())
                    .first->second;
            values = result.levels;
            verdict = PortendVerdict::HOLDS;
            for (std::size_t i = 0; i < levels.size(); ++i)
            {
                const auto [mean, ci95] = values[i];
                hasInterval = hasInterval && (!std::isnan(ci95) || std::isinf(mean));
                const double half = std::isnan(ci95) ? 0 : ci95;
                const bool isEither = levels[i].Holds(mean - half) != levels[i].Holds(mean + half);
                verdict = std::min(verdict,
                                   levels[i].Holds(mean) ? isEither ? PortendVerdict::SEEMS_TO_HOLD
                                                                    : PortendVerdict::HOLDS
                                   : isEither            ? PortendVerdict::SEEMS_TO_FAIL
                                                         : PortendVerdict::FAILS);
            }
        }
        PortendRecordLevels(tables,
                            "probe",
                            {{"point", point},
                             {"value", value},
                             {"text", range.GetText(value)},
                             {"saturated", values.empty()}},
                            levels,
                            values);
        m_progress(point,
                   axis.GetName() + " " + PortendDescribeCapacity(axis, value),
                   verdict >= PortendVerdict::SEEMS_TO_HOLD);
        return verdict;
    };
    const auto capacity = PortendFindCapacity(range, probe);
    const auto get = [&](std::optional<double> value, bool isKnown) {
        return value && isKnown ? nlohmann::json(*value) : nlohmann::json();
    };
    tables["capacity"].push_back({{"point", point},
                                  {"name", axis.GetName()},
                                  {"unit", range.GetUnit()},
                                  {"capacity", get(capacity.value, true)},
                                  {"low", get(capacity.low.value_or(0), hasInterval)},
                                  {"high", get(capacity.high, hasInterval)}});
    if (results.empty())
    {
        return 0; // whatever was tried is too much
    }
    const auto shown = capacity.value.value_or(results.begin()->first);
    axis.Set(range.GetText(shown), scenario);
    const PortendSetup setup(scenario, m_profiles);
    Record(tables, point, 0, setup, results.at(shown));
    return results.at(shown).replications;
}

} // namespace ns3
