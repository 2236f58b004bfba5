/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-record.h"

#include "portend-agreement.h"

#include "ns3/portend-json.h"
#include "ns3/portend-text.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace ns3
{

namespace
{

/// Most steps of a distribution that are kept.
constexpr std::size_t MAX_STEPS = 201;

/**
 * @brief Put a number and its interval into a row.
 * @param row the row
 * @param name name of the quantity, without unit
 * @param unit unit with its underscore, or nothing
 * @param interval the number
 */
void
Put(nlohmann::json& row,
    const std::string& name,
    const std::string& unit,
    const PortendInterval& interval)
{
    row[name + unit] = interval.mean;
    row[name + "_ci95" + unit] = interval.ci95;
}

/**
 * @brief Write the thresholds of a deployment.
 * @param deployment the deployment
 * @return one, or one for each exit, separated by commas
 */
std::string
GetThresholds(const portend::Deployment& deployment)
{
    std::string text;
    const auto count = std::max<std::size_t>(1, deployment.thresholds.size());
    for (std::size_t k = 1; k <= count; ++k)
    {
        text += (k > 1 ? "," : "") + portend::ToText(deployment.GetThreshold(k));
    }
    return text;
}

/**
 * @brief Append a value to a row of comma-separated values.
 * @param row the row
 * @param value the value
 */
void
AppendCsv(std::string& row, const nlohmann::ordered_json& value)
{
    if (!row.empty())
    {
        row += ',';
    }
    if (value.is_null())
    {
        return;
    }
    if (!value.is_string())
    {
        row += PortendDump(value);
        return;
    }
    row += PortendQuoteCsv(value.get<std::string>());
}

} // namespace

void
PortendRecordResult(PortendResultFile::Tables& tables,
                    uint64_t point,
                    uint32_t rank,
                    const PortendSetup& setup,
                    const portend::Estimate& estimate,
                    const PortendReplicatedResult& result)
{
    const nlohmann::json key{{"point", point}, {"rank", rank}};
    const auto add = [&](const char* table, const nlohmann::json& values) {
        auto row = key;
        row.update(values);
        tables[table].push_back(std::move(row));
    };
    const auto& partitions = setup.deployment.partitions;
    const double estimatedMs = estimate.GetLatencyMs();
    const double differenceMs = result.latencyMs.mean - estimatedMs;
    const auto agreement = PortendGetAgreement(setup, estimate, result);
    const auto parts = PortendDivideDifference(setup, estimate, result);

    nlohmann::json row;
    row["profile"] = setup.model.name;
    row["deployment"] = setup.deployment.ToString();
    row["thresholds"] = GetThresholds(setup.deployment);
    row["rules"] = setup.rules.name;
    row["replications"] = result.replications;
    row["warmup_requests"] = result.warmUp;
    row["requests"] = result.requests;
    row["generated"] = result.generated;
    row["completed"] = result.completed;
    row["precise"] = result.isPrecise;
    row["steady"] = result.isSteady;
    Put(row, "simulated_latency", "_ms", result.latencyMs);
    row["simulated_latency_p50_ms"] = result.p50Ms;
    row["simulated_latency_p95_ms"] = result.p95Ms;
    Put(row, "simulated_latency_p99", "_ms", result.p99Ms);
    row["simulated_latency_max_ms"] = result.maxMs;
    const auto estimated = estimate.components.GetValues();
    for (std::size_t c = 0; c < estimated.size(); ++c)
    {
        std::string name = portend::Components::NAMES[c];
        std::replace(name.begin(), name.end(), ' ', '_');
        Put(row, "simulated_" + name, "_ms", result.componentsMs[c]);
        row["estimated_" + name + "_ms"] = estimated[c];
    }
    Put(row, "simulated_accuracy", "", result.accuracy);
    row["estimated_latency_ms"] = estimatedMs;
    row["estimated_accuracy"] = estimate.accuracy;
    row["difference_ms"] = differenceMs;
    row["difference_percent"] = 100 * differenceMs / estimatedMs;
    row["agreement_ci95_ms"] = agreement.ci95Ms;
    row["is_random"] = agreement.isRandom;
    row["explanation"] = PortendExplain(parts, agreement);
    add("result", row);

    // An estimate of a load that overwhelms the deployment is infinite.
    if (std::isfinite(differenceMs) && std::abs(differenceMs) > agreement.ci95Ms)
    {
        for (const auto& part : parts)
        {
            add("disagreement", {{"entry", part.entry}, {"difference_ms", part.ms}});
        }
    }

    for (const auto& rules : portend::EstimatorRules::GetAll())
    {
        if (!rules.sharedTiers && setup.deployment.SharesTiers())
        {
            continue; // which they do not know
        }
        const auto other = setup.GetEstimate(rules.name);
        add("estimate",
            {{"rules", rules.name},
             {"latency_ms", other.GetLatencyMs()},
             {"accuracy", other.accuracy}});
    }
    for (std::size_t k = 1; k <= partitions.size(); ++k)
    {
        nlohmann::json exit{{"partition", k},
                            {"estimated_rate", estimate.exitRates[k - 1]},
                            {"simulated_latency_ms", result.exitLatencyMs[k - 1]},
                            {"estimated_latency_ms", estimate.exitClass[k - 1].GetTotal()}};
        Put(exit, "simulated_rate", "", result.exitRates[k - 1]);
        add("exit", exit);
    }
    for (std::size_t s = 0; s < result.stagesMs.size(); ++s)
    {
        const auto tier = s == 0                  ? setup.stream.source
                          : s > partitions.size() ? setup.stream.destination
                                                  : partitions[s - 1].tier;
        nlohmann::json stage{{"stage", s}, {"tier", tier}};
        for (std::size_t c = 0; c < estimated.size(); ++c)
        {
            std::string name = portend::Components::NAMES[c];
            std::replace(name.begin(), name.end(), ' ', '_');
            stage[name + "_ms"] = result.stagesMs[s][c];
        }
        add("stage", stage);
    }
    for (std::size_t j = 0; j < result.links.size(); ++j)
    {
        const auto& link = result.links[j];
        add("link",
            {{"link", j},
             {"sent_bytes", link.sentBytes},
             {"dropped_bytes", link.droppedBytes},
             {"saved_bytes", link.savedBytes}});
    }
    for (std::size_t k = 0; k < result.distributions.size(); ++k)
    {
        for (const auto& step : result.distributions[k].GetSteps(MAX_STEPS))
        {
            add("cdf",
                {{"partition", k}, {"latency_ms", step.value * 1e-6}, {"share", step.share}});
        }
    }
    for (std::size_t k = 0; k < result.punctuality.size(); ++k)
    {
        const auto& punctuality = result.punctuality[k];
        add("punctuality",
            {{"partition", k},
             {"met_share", punctuality.metShare.mean},
             {"met_share_ci95", punctuality.metShare.ci95},
             {"goodput_per_s", punctuality.goodputPerS.mean},
             {"goodput_ci95_per_s", punctuality.goodputPerS.ci95}});
    }
    if (setup.hasEnergy)
    {
        const auto estimatedJ = estimate.energy.GetValues();
        uint32_t position = 0;
        const auto put = [&](const std::string& entry, const PortendInterval& seen, double asked) {
            nlohmann::json energy{{"position", position++},
                                  {"entry", entry},
                                  {"estimated_j", asked},
                                  {"difference_percent", 100 * (seen.mean - asked) / asked}};
            Put(energy, "simulated", "_j", seen);
            add("energy", energy);
        };
        put("total", result.energyJ, estimate.energy.GetTotal());
        for (const auto c : {PortendLedger::DESERIALIZATION,
                             PortendLedger::COMPUTATION,
                             PortendLedger::SERIALIZATION,
                             PortendLedger::TRANSMISSION})
        {
            put(portend::Components::NAMES[c], result.energiesJ[c], estimatedJ[c]);
        }
    }
    if (result.momentMs)
    {
        const auto& momentMs = *result.momentMs;
        nlohmann::json moment{
            {"difference_percent", 100 * (result.latencyMs.mean - momentMs.mean) / momentMs.mean}};
        Put(moment, "as_links_change", "_ms", momentMs);
        add("moment", moment);
    }
    for (std::size_t r = 0; r < result.replicationMeansMs.size(); ++r)
    {
        add("replication", {{"replication", r}, {"latency_ms", result.replicationMeansMs[r]}});
    }
}

void
PortendRecordLevels(PortendResultFile::Tables& tables,
                    const std::string& table,
                    const nlohmann::json& key,
                    const std::vector<PortendServiceLevel>& levels,
                    const std::vector<PortendInterval>& values)
{
    for (std::size_t i = 0; i < levels.size(); ++i)
    {
        auto row = key;
        row["level"] = levels[i].GetText();
        for (const std::string unit : {"ms", "share"})
        {
            const bool isOfIt = levels[i].GetUnit() == unit;
            const bool isSeen = isOfIt && !values.empty();
            row["limit_" + unit] = isOfIt ? nlohmann::json(levels[i].GetLimit()) : nullptr;
            row["value_" + unit] = isSeen ? nlohmann::json(values[i].mean) : nullptr;
            row["value_ci95_" + unit] = isSeen ? nlohmann::json(values[i].ci95) : nullptr;
        }
        row["holds"] = !values.empty() && levels[i].Holds(values[i].mean);
        tables[table].push_back(std::move(row));
    }
}

PortendInterval
PortendComparePairs(const std::vector<double>& a, const std::vector<double>& b)
{
    PortendMean difference;
    for (std::size_t r = 0; r < std::min(a.size(), b.size()); ++r)
    {
        difference.Add(a[r] - b[r]);
    }
    return difference.GetInterval();
}

void
PortendExportCsv(const PortendResultFile& results, std::ostream& os)
{
    // Columns of the axes come first: their unit is in the name, as in the other columns'.
    std::string axes;
    results.ForEach("SELECT position, name, unit FROM axis ORDER BY position",
                    [&](const auto& row) {
                        const auto position = row["position"].template get<int64_t>();
                        const auto unit = row["unit"].template get<std::string>();
                        const bool isText = unit == "text";
                        auto name = "axis_" + row["name"].template get<std::string>();
                        name += isText || unit.empty() ? "" : "_" + unit;
                        axes += "(SELECT " + std::string(isText ? "text" : "number") +
                                " FROM axis_value AS v WHERE v.point = result.point AND v.axis = " +
                                std::to_string(position) + ") AS \"" + name + "\", ";
                    });
    const std::string exits = "(SELECT group_concat(simulated_rate, ';') FROM exit AS e WHERE "
                              "e.point = result.point AND e.rank = result.rank) AS "
                              "simulated_exit_rates, (SELECT group_concat(estimated_rate, ';') "
                              "FROM exit AS e WHERE e.point = result.point AND e.rank = "
                              "result.rank) AS estimated_exit_rates";
    const std::string regret =
        "best_rank, regret_ms, regret_ci95_ms, regret_percent, error_percent, error_ci95_percent";
    // Columns of what was asked for, and of nothing else.
    std::string asked;
    if (results.HasTable("level"))
    {
        asked += ", (SELECT min(holds) FROM level AS l WHERE l.point = result.point AND l.rank = "
                 "result.rank) AS levels_hold";
    }
    for (const char* column : {"met_share", "goodput_per_s"})
    {
        if (results.HasTable("punctuality"))
        {
            asked += ", (SELECT " + std::string(column) +
                     " FROM punctuality AS p WHERE p.point = result.point AND p.rank = "
                     "result.rank AND p.partition = 0) AS " +
                     column;
        }
    }
    for (const std::string column : {"simulated", "estimated"})
    {
        if (results.HasTable("energy"))
        {
            asked += ", (SELECT " + column +
                     "_j FROM energy AS n WHERE n.point = result.point AND n.rank = result.rank "
                     "AND n.position = 0) AS " +
                     column + "_energy_j";
        }
    }
    if (results.HasTable("moment"))
    {
        asked += ", (SELECT as_links_change_ms FROM moment AS m WHERE m.point = result.point AND "
                 "m.rank = result.rank) AS as_links_change_ms";
    }
    for (const std::string column : {"capacity", "low", "high"})
    {
        if (results.HasTable("capacity"))
        {
            asked += ", (SELECT " + column + " FROM capacity AS c WHERE c.point = result.point) " +
                     "AS " + (column == "capacity" ? "" : "capacity_") + column;
        }
    }
    bool isFirst = true;
    results.ForEach("SELECT result.point, " + axes + "result.*, " + exits + ", " + regret + asked +
                        " FROM result LEFT JOIN regret ON regret.point = result.point AND "
                        "result.rank = 0 ORDER BY result.point, result.rank",
                    [&](const auto& row) {
                        if (isFirst)
                        {
                            std::string header;
                            for (const auto& [column, value] : row.items())
                            {
                                AppendCsv(header, column);
                            }
                            os << header << "\n";
                            isFirst = false;
                        }
                        std::string text;
                        for (const auto& value : row)
                        {
                            AppendCsv(text, value);
                        }
                        os << text << "\n";
                    });
}

void
PortendExportJson(const PortendResultFile& results, std::ostream& os)
{
    os << "{\"schema_version\":1";
    results.ForEach("SELECT key, value FROM meta WHERE key <> 'finished' ORDER BY key",
                    [&](const auto& row) {
                        // Documents as such, other texts as texts.
                        const auto text = row["value"].template get<std::string>();
                        const auto document = nlohmann::ordered_json::parse(text, nullptr, false);
                        os << ",\n"
                           << PortendDump(row["key"]) << ":"
                           << PortendDump(document.is_structured() ? document : row["value"]);
                    });
    std::vector<std::string> tables{"axis",
                                    "point",
                                    "axis_value",
                                    "result",
                                    "estimate",
                                    "exit",
                                    "stage",
                                    "link",
                                    "regret",
                                    "comparison",
                                    "crossing",
                                    "agreement"};
    for (const char* table :
         {"level", "punctuality", "energy", "moment", "capacity", "probe", "audit"})
    {
        if (results.HasTable(table))
        {
            tables.emplace_back(table);
        }
    }
    for (const auto& table : tables)
    {
        os << ",\n\"" << table << "\":[";
        const char* separator = "\n";
        results.ForEach("SELECT * FROM " + table, [&](const auto& row) {
            auto written = row;
            if (written.contains("scenario"))
            {
                written["scenario"] =
                    nlohmann::ordered_json::parse(written["scenario"].template get<std::string>());
            }
            os << separator << PortendDump(written);
            separator = ",\n";
        });
        os << "]";
    }
    nlohmann::ordered_json provenance;
    results.ForEach("SELECT kind, name, value FROM provenance", [&](const auto& row) {
        auto& values = row["kind"] == "input" ? provenance["inputs"] : provenance;
        values[row["name"].template get<std::string>()] = row["value"];
    });
    os << ",\n\"provenance\":" << PortendDump(provenance) << "}\n";
}

} // namespace ns3
