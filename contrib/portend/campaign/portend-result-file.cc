/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-result-file.h"

#include "ns3/portend-json.h"
#include "ns3/portend-output.h"
#include "ns3/portend-profile.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <limits>
#include <map>
#include <regex>
#include <sqlite3.h>
#include <utility>
#include <vector>

namespace ns3
{

namespace
{

using portend::InputError;

/// Marks the files as ours: `Port` (https://www.sqlite.org/pragma.html#pragma_application_id).
constexpr int64_t APPLICATION_ID = 0x506f7274;

/// Version of the tables.
constexpr int64_t SCHEMA_VERSION = 2;

/// How long to wait for somebody else who writes, ms.
constexpr int BUSY_TIMEOUT_MS = 5000;

/// The tables, and what their columns are for: doc/reference.rst quotes it.
const char* const SCHEMA = R"sql(
-- how the file came about; also 'finished' once it is complete
CREATE TABLE meta (
  -- program ('portend-sweep' | 'portend-crosscheck'), version, command (arguments, space separated,
  -- shell quoted), scenario (resolved JSON, as portend-3tier's "scenario"), plan (JSON of what is
  -- swept / checked and how precisely), points (number)
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;
-- where the results come from; the same in every run that adds to the file
CREATE TABLE provenance (
  kind TEXT NOT NULL,           -- 'input': a file that was read | 'program': what read it
  -- of inputs their name, as found by the search order or absolute; of programs version, commit,
  -- compiler, ns3, seed, run
  name TEXT NOT NULL,
  value NOT NULL,               -- of inputs the SHA-256 of their bytes
  PRIMARY KEY (kind, name)
) WITHOUT ROWID;
-- what is swept; empty for a cross-check
CREATE TABLE axis (
  position INTEGER PRIMARY KEY, -- 0..
  name TEXT NOT NULL,           -- e.g. bandwidth0, delay1, threshold, deployment, rate, mtu, profile
  unit TEXT NOT NULL,           -- 'bps', 'ms', 'per_s', 'bytes', '' (plain number), 'text' (categories)
  scale TEXT NOT NULL           -- 'linear' | 'log'
);
-- one point of the grid, or one deployment of a cross-check; present = complete
CREATE TABLE point (
  id INTEGER PRIMARY KEY,       -- 0..
  scenario TEXT NOT NULL        -- resolved JSON of this point, can be given to --scenario
);
CREATE TABLE axis_value (
  point INTEGER NOT NULL, axis INTEGER NOT NULL,
  text TEXT NOT NULL,           -- as a person writes it: 5Mbps
  number REAL,                  -- in the axis' unit; NULL on axes of unit 'text'
  PRIMARY KEY (point, axis)
) WITHOUT ROWID;
-- a deployment simulated at a point: simulation beside estimate
CREATE TABLE result (
  point INTEGER NOT NULL,
  -- 0: the point's deployment (with --optimal: the estimator's choice); 1..: runners-up
  rank INTEGER NOT NULL,
  profile TEXT NOT NULL,
  deployment TEXT NOT NULL,     -- 0:1-25,1:26-40@0.1
  thresholds TEXT NOT NULL,     -- '0.1' (or '0.1,0.3' where exits have their own)
  rules TEXT NOT NULL,
  replications INTEGER NOT NULL,
  -- removed from the start of each replication (MSER-5; 0 for closed arrivals)
  warmup_requests INTEGER NOT NULL,
  requests INTEGER NOT NULL,    -- measured (answered, after warm-up)
  -- over all replications, warm-up included
  generated INTEGER NOT NULL, completed INTEGER NOT NULL,
  -- precise: 1: intervals as narrow as asked for (or nothing asked), 0: --max-samples reached
  -- steady: 0: the warm-up may last longer than half a replication
  precise INTEGER NOT NULL, steady INTEGER NOT NULL,
  -- mean, half-width of its 95 % interval
  simulated_latency_ms REAL, simulated_latency_ci95_ms REAL,
  simulated_latency_p50_ms REAL, simulated_latency_p95_ms REAL, simulated_latency_p99_ms REAL,
  simulated_latency_p99_ci95_ms REAL, simulated_latency_max_ms REAL,
  -- components sum to latency
  simulated_wait_ms REAL, simulated_wait_ci95_ms REAL,
  simulated_deserialization_ms REAL, simulated_deserialization_ci95_ms REAL,
  simulated_computation_ms REAL, simulated_computation_ci95_ms REAL,
  simulated_serialization_ms REAL, simulated_serialization_ci95_ms REAL,
  simulated_propagation_ms REAL, simulated_propagation_ci95_ms REAL,
  simulated_transmission_ms REAL, simulated_transmission_ci95_ms REAL,
  simulated_network_excess_ms REAL, simulated_network_excess_ci95_ms REAL,
  simulated_accuracy REAL, simulated_accuracy_ci95 REAL,
  estimated_latency_ms REAL,
  estimated_wait_ms REAL, estimated_deserialization_ms REAL, estimated_computation_ms REAL,
  estimated_serialization_ms REAL, estimated_propagation_ms REAL, estimated_transmission_ms REAL,
  estimated_network_excess_ms REAL, estimated_accuracy REAL,
  difference_ms REAL,           -- simulated - estimated latency
  difference_percent REAL,      -- of the estimate
  -- agreement: half-width that the difference has under agreement (score interval); covers if
  -- |difference_ms| <= this
  -- is_random: whether chance has a part in the difference
  agreement_ci95_ms REAL, is_random INTEGER NOT NULL,
  explanation TEXT NOT NULL,    -- in words, e.g. '92 % of the excess is waiting for tier 0'
  PRIMARY KEY (point, rank)
) WITHOUT ROWID;
-- estimates by all rules that know the deployment, those of result.rules included
CREATE TABLE estimate (
  point INTEGER NOT NULL, rank INTEGER NOT NULL,
  rules TEXT NOT NULL,          -- paper, reference-code, exact, queueing
  latency_ms REAL, accuracy REAL, -- latency is NULL if the load overwhelms the deployment
  PRIMARY KEY (point, rank, rules)
) WITHOUT ROWID;
-- by partition at which requests exit, 1..L
CREATE TABLE exit (
  point INTEGER NOT NULL, rank INTEGER NOT NULL, partition INTEGER NOT NULL,
  simulated_rate REAL, simulated_rate_ci95 REAL, estimated_rate REAL,
  simulated_latency_ms REAL,    -- mean of those that exit there; NULL if none did
  estimated_latency_ms REAL,
  PRIMARY KEY (point, rank, partition)
) WITHOUT ROWID;
-- where the time went, mean per request, by place
CREATE TABLE stage (
  point INTEGER NOT NULL, rank INTEGER NOT NULL,
  stage INTEGER NOT NULL,       -- 0 source, 1..L partitions, L+1 destination
  tier INTEGER NOT NULL,        -- where that is
  wait_ms REAL, deserialization_ms REAL, computation_ms REAL, serialization_ms REAL,
  propagation_ms REAL, transmission_ms REAL, network_excess_ms REAL,
  PRIMARY KEY (point, rank, stage)
) WITHOUT ROWID;
-- over all replications
CREATE TABLE link (
  point INTEGER NOT NULL, rank INTEGER NOT NULL, link INTEGER NOT NULL,
  sent_bytes INTEGER, dropped_bytes INTEGER, saved_bytes INTEGER,
  PRIMARY KEY (point, rank, link)
) WITHOUT ROWID;
-- distribution of latency by exit, steps where it changes, at most 201 a curve
CREATE TABLE cdf (
  point INTEGER NOT NULL, rank INTEGER NOT NULL,
  partition INTEGER NOT NULL,   -- 0: all requests; 1..L: those that exit there
  latency_ms REAL NOT NULL,
  share REAL NOT NULL,          -- of that curve's requests with at most this latency
  PRIMARY KEY (point, rank, partition, latency_ms)
) WITHOUT ROWID;
-- parts of differences that are larger than chance; they add up to result.difference_ms
CREATE TABLE disagreement (
  point INTEGER NOT NULL, rank INTEGER NOT NULL,
  -- ledger entry and place, in words: 'waiting for tier 1'
  entry TEXT NOT NULL, difference_ms REAL NOT NULL,
  PRIMARY KEY (point, rank, entry)
) WITHOUT ROWID;
-- for paired comparisons (common random numbers by replication)
CREATE TABLE replication (
  point INTEGER NOT NULL, rank INTEGER NOT NULL, replication INTEGER NOT NULL,
  latency_ms REAL NOT NULL,     -- mean over its measured requests
  PRIMARY KEY (point, rank, replication)
) WITHOUT ROWID;
-- --validity: what following the estimator costs at a point
CREATE TABLE regret (
  point INTEGER PRIMARY KEY,
  best_rank INTEGER NOT NULL,   -- simulated fastest of the candidates
  -- choice - best, paired
  regret_ms REAL, regret_ci95_ms REAL, regret_percent REAL,
  -- estimate of the choice against its simulation
  error_percent REAL, error_ci95_percent REAL
);
-- paired difference of two simulated deployments
CREATE TABLE comparison (
  point INTEGER NOT NULL, rank INTEGER NOT NULL, with_point INTEGER NOT NULL, with_rank INTEGER NOT NULL,
  difference_ms REAL, difference_ci95_ms REAL, difference_percent REAL,
  estimated_difference_ms REAL,
  PRIMARY KEY (point, rank, with_point, with_rank)
) WITHOUT ROWID;
-- where, along an axis, a comparison changes its sign
CREATE TABLE crossing (
  -- of the grid step's lower end
  axis INTEGER NOT NULL, point INTEGER NOT NULL, with_point INTEGER NOT NULL,
  estimated REAL,               -- in the axis' unit, interpolated; NULL if the estimates do not cross there
  simulated REAL, simulated_low REAL, simulated_high REAL,
  PRIMARY KEY (axis, point, with_point)
) WITHOUT ROWID;
-- cross-check: estimate regressed on simulation (OLS with intercept, paper Figure 4)
CREATE TABLE agreement (
  component TEXT PRIMARY KEY,   -- latency, wait, deserialization, ... network_excess, accuracy, energy
  deployments INTEGER NOT NULL,
  slope REAL, r_squared REAL,   -- NULL where the component does not vary
  mean_error_percent REAL,      -- mean absolute percentage error of the estimate
  largest_error_percent REAL, largest_error_point INTEGER,
  -- of `random` deployments with random latency, those whose estimate lies in the interval (latency
  -- row only)
  covered INTEGER, random INTEGER
) WITHOUT ROWID;

-- Tables below are in files of campaigns that have something to say there.

-- --slo: what each service level bounds, and whether it holds
CREATE TABLE level (
  point INTEGER NOT NULL, rank INTEGER NOT NULL,
  level TEXT NOT NULL,          -- as given: 'p99:150ms', 'met:99%'
  -- of the latency; NULL of other levels, the value also if requests have no answer
  limit_ms REAL, value_ms REAL, value_ci95_ms REAL,
  -- of the share that is answered by the deadline; NULL of other levels
  limit_share REAL, value_share REAL, value_ci95_share REAL,
  holds INTEGER NOT NULL,       -- 1: the value keeps to its limit
  PRIMARY KEY (point, rank, level)
) WITHOUT ROWID;
-- deadlines: how many answers come by then
CREATE TABLE punctuality (
  point INTEGER NOT NULL, rank INTEGER NOT NULL,
  partition INTEGER NOT NULL,   -- 0: of the requests that arose; 1..L: of the answers of those that exit there
  met_share REAL, met_share_ci95 REAL,
  goodput_per_s REAL, goodput_ci95_per_s REAL, -- answers by the deadline, warm-up included
  PRIMARY KEY (point, rank, partition)
) WITHOUT ROWID;
-- energy of a request, where powers are known
CREATE TABLE energy (
  point INTEGER NOT NULL, rank INTEGER NOT NULL,
  position INTEGER NOT NULL,    -- 0: the total; from 1 the entries, which sum to it
  entry TEXT NOT NULL,          -- total, deserialization, computation, serialization, transmission
  simulated_j REAL, simulated_ci95_j REAL, -- of replications
  estimated_j REAL, difference_percent REAL,
  PRIMARY KEY (point, rank, position)
) WITHOUT ROWID;
-- where links change: the estimate of each request under the links of the moment in which it arose
CREATE TABLE moment (
  point INTEGER NOT NULL, rank INTEGER NOT NULL,
  as_links_change_ms REAL, as_links_change_ci95_ms REAL, -- mean latency; of replications
  difference_percent REAL,      -- of the simulated mean latency from it
  PRIMARY KEY (point, rank)
) WITHOUT ROWID;
-- --capacity: the largest value at which all levels hold; the point's result is that of this value
CREATE TABLE capacity (
  point INTEGER PRIMARY KEY,
  name TEXT NOT NULL,           -- as an axis: nodes/camera/count, arrival
  unit TEXT NOT NULL,           -- as of an axis; of arrivals 'per_s', of traces '' (a factor)
  capacity REAL,                -- NULL: they hold at no value that was tried
  -- 95 % interval; low is 0 if they hold for sure at no value tried, high is NULL if they fail for
  -- sure at none, both are NULL if the levels have no interval
  low REAL, high REAL
);
-- --capacity: the values that were tried
CREATE TABLE probe (
  point INTEGER NOT NULL, value REAL NOT NULL,
  text TEXT NOT NULL,           -- as the scenario has it: poisson:12.5
  level TEXT NOT NULL,
  limit_ms REAL, value_ms REAL, value_ci95_ms REAL,
  limit_share REAL, value_share REAL, value_ci95_share REAL,
  holds INTEGER NOT NULL,
  saturated INTEGER NOT NULL,   -- 1: queues would grow without bound, which is not simulated
  PRIMARY KEY (point, value, level)
) WITHOUT ROWID;
-- --audit: trains held against packets, request by request, at some points
CREATE TABLE audit (
  point INTEGER NOT NULL, rank INTEGER NOT NULL,
  position INTEGER NOT NULL,    -- 0..
  entry TEXT NOT NULL,          -- latency, wait, ... network_excess, wait_queue, ... network_excess_protocol, ...
  requests INTEGER NOT NULL,    -- answered by both engines, and compared; warm-up included
  unmatched INTEGER NOT NULL,   -- answered by one of them only
  -- means; then mean and largest of |trains - packets|
  trains_ms REAL, packets_ms REAL, mean_error_ms REAL, largest_error_ms REAL,
  PRIMARY KEY (point, rank, position)
) WITHOUT ROWID;
)sql";

/// A table that is in the files of some campaigns, and the key of their plan.
const std::map<std::string, std::string> OCCASIONAL{{"level", "slo"},
                                                    {"punctuality", "deadline"},
                                                    {"energy", "energy"},
                                                    {"moment", "moment"},
                                                    {"capacity", "capacity"},
                                                    {"probe", "capacity"},
                                                    {"audit", "audit"}};

/**
 * @brief Get the statements that make the tables, which files keep: without comments.
 * @param campaign rows of `meta`
 * @return the statements
 */
std::string
GetStatements(const PortendResultFile::Tables& campaign)
{
    nlohmann::json plan;
    for (const auto& row : campaign.at("meta"))
    {
        if (row.at("key") == "plan")
        {
            plan = nlohmann::json::parse(row.at("value").get<std::string>());
        }
    }
    const auto all = std::regex_replace(SCHEMA, std::regex("(\n *| +)--[^\n]*"), "");
    const std::regex table("CREATE TABLE (\\w+) [^;]*;");
    std::string statements;
    for (auto it = std::sregex_iterator(all.begin(), all.end(), table);
         it != std::sregex_iterator();
         ++it)
    {
        const auto key = OCCASIONAL.find(it->str(1));
        if (key == OCCASIONAL.end() || plan.contains(key->second))
        {
            statements += it->str() + "\n";
        }
    }
    return statements;
}

/**
 * @brief Describe how two documents differ.
 * @param key name of both
 * @param before the document of the file
 * @param now the document of this campaign
 * @return one difference, with what was and what is
 */
std::string
Describe(const std::string& key, const std::string& before, const std::string& now)
{
    const auto a = nlohmann::json::parse(before, nullptr, false);
    const auto b = nlohmann::json::parse(now, nullptr, false);
    if (!a.is_structured() || !b.is_structured())
    {
        return key + ": there '" + before + "', now '" + now + "'";
    }
    const auto patch = nlohmann::json::diff(a, b);
    if (patch.empty())
    {
        return "";
    }
    const auto show = [](const nlohmann::json& document, const std::string& path) {
        const nlohmann::json::json_pointer pointer(path);
        return document.contains(pointer) ? PortendDump(document[pointer]) : "nothing";
    };
    const auto path = patch[0]["path"].get<std::string>();
    const auto more = patch.size() - 1;
    return key + path + ": there " + show(a, path) + ", now " + show(b, path) +
           (more > 0 ? ", and " + std::to_string(more) + " more" : "");
}

} // namespace

/// What the rows of the tables must be, beyond the types of their columns.
struct Rule
{
    const char* offence; ///< query whose first column says of each offending row where it is
    const char* allowed; ///< what is allowed there
};

/// All of them.
const Rule RULES[] = {
    {"SELECT 'point ' || id FROM point WHERE id >= (SELECT CAST(value AS INTEGER) FROM meta WHERE "
     "key = 'points')",
     "a point of the campaign"},
    {"SELECT 'point ' || id || ', scenario' FROM point WHERE NOT json_valid(scenario) OR "
     "json_type(scenario) <> 'object'",
     "a scenario in JSON"},
    {"SELECT 'point ' || point || ', axis ' || axis FROM axis_value WHERE point NOT IN (SELECT id "
     "FROM point) OR axis NOT IN (SELECT position FROM axis)",
     "a point and an axis of the file"},
    {"SELECT 'point ' || id FROM point WHERE (SELECT count(*) FROM axis_value WHERE point = id) <> "
     "(SELECT count(*) FROM axis)",
     "a value on every axis"},
    {"SELECT 'point ' || point FROM result WHERE point NOT IN (SELECT id FROM point)",
     "a point of the file"},
    {"SELECT 'point ' || id FROM point WHERE id NOT IN (SELECT point FROM result) AND (SELECT "
     "json_extract(value, '$.objective') FROM meta WHERE key = 'plan') IS NULL AND (SELECT "
     "json_extract(value, '$.capacity') FROM meta WHERE key = 'plan') IS NULL",
     "a result, unless deployments or capacities are searched for"},
    {"SELECT 'point ' || point FROM result WHERE simulated_latency_ms < 0 OR simulated_accuracy "
     "NOT BETWEEN 0 AND 1.000001 OR completed > generated OR requests > completed",
     "latencies from 0, accuracies from 0 to 1, requests <= completed <= generated"},
    {"SELECT 'point ' || point FROM exit WHERE simulated_rate NOT BETWEEN 0 AND 1.000001",
     "rates from 0 to 1"},
    {"SELECT 'point ' || point FROM cdf WHERE share NOT BETWEEN 0 AND 1.000001 OR latency_ms < 0",
     "shares from 0 to 1 of latencies from 0"},
    {"SELECT 'point ' || point FROM result GROUP BY point HAVING max(rank) >= count(*)",
     "ranks from 0 on"},
    {"SELECT 'point ' || point FROM result WHERE precise > 1 OR steady > 1 OR is_random > 1",
     "0 and 1 for precise, steady, is_random"},
    {"SELECT 'component ' || component FROM agreement WHERE component = 'latency' AND (covered IS "
     "NULL OR random IS NULL)",
     "numbers for covered and random"},
    {"SELECT 'component ' || component FROM agreement WHERE largest_error_point NOT IN (SELECT id "
     "FROM point)",
     "a point of the file"},
    {"SELECT 'axis ' || axis FROM crossing WHERE axis NOT IN (SELECT position FROM axis)",
     "an axis of the file"},
    {"SELECT count(*) || ' points' FROM point HAVING EXISTS (SELECT 1 FROM meta WHERE key = "
     "'finished') AND count(*) <> (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'points')",
     "all points of a finished campaign"},
    {"SELECT 'conclusions' WHERE NOT EXISTS (SELECT 1 FROM meta WHERE key = 'finished') AND "
     "(EXISTS "
     "(SELECT 1 FROM regret) OR EXISTS (SELECT 1 FROM comparison) OR EXISTS (SELECT 1 FROM "
     "crossing) OR EXISTS (SELECT 1 FROM agreement))",
     "none before the campaign is finished"},
};

/// The same of tables that are in the files of some campaigns, by name.
const std::multimap<std::string, Rule> OCCASIONAL_RULES{
    {"level", {"SELECT 'point ' || point FROM level WHERE holds > 1", "0 and 1 for holds"}},
    {"punctuality",
     {"SELECT 'point ' || point FROM punctuality WHERE met_share NOT BETWEEN 0 AND 1",
      "shares from 0 to 1"}},
    {"energy",
     {"SELECT 'point ' || point FROM energy WHERE simulated_j < 0 OR estimated_j < 0",
      "no energy below 0"}},
    {"capacity",
     {"SELECT 'point ' || id FROM point WHERE id NOT IN (SELECT point FROM capacity)",
      "a capacity, which may be NULL"}},
    {"audit",
     {"SELECT 'point ' || point FROM audit WHERE mean_error_ms < 0 OR mean_error_ms > "
      "largest_error_ms * 1.000001",
      "errors from 0, the mean at most the largest"}},
    {"probe",
     {"SELECT 'point ' || point FROM probe WHERE holds > 1 OR saturated > 1 OR point NOT IN "
      "(SELECT id FROM point)",
      "0 and 1 for holds and saturated, and points of the file"}},
};

/// A table, and its columns that name a deployment of `result`.
const std::pair<const char*, const char*> REFERENCES[] = {
    {"estimate", "point, rank"},
    {"exit", "point, rank"},
    {"stage", "point, rank"},
    {"link", "point, rank"},
    {"cdf", "point, rank"},
    {"disagreement", "point, rank"},
    {"replication", "point, rank"},
    {"regret", "point, best_rank"},
    {"comparison", "point, rank"},
    {"comparison", "with_point, with_rank"},
    {"crossing", "point, 0"},
    {"crossing", "with_point, 0"},
    {"level", "point, rank"},
    {"punctuality", "point, rank"},
    {"energy", "point, rank"},
    {"moment", "point, rank"},
    {"audit", "point, rank"},
};

/// A connection to a file.
class PortendResultFile::Database
{
  public:
    /// A statement with its parameters.
    class Statement
    {
      public:
        /**
         * @brief Constructor.
         * @param database where it is executed
         * @param sql its text
         */
        Statement(Database& database, const std::string& sql)
            : m_database(database)
        {
            database.Require(
                sqlite3_prepare_v2(database.m_handle, sql.c_str(), -1, &m_handle, nullptr));
        }

        ~Statement()
        {
            sqlite3_finalize(m_handle);
        }

        Statement(const Statement&) = delete;
        Statement& operator=(const Statement&) = delete;

        /**
         * @brief Set a parameter.
         * @param index of the parameter, from 1
         * @param value its value
         */
        void Bind(int index, const nlohmann::json& value)
        {
            int status = SQLITE_OK;
            if (value.is_boolean() || value.is_number_integer())
            {
                status = sqlite3_bind_int64(m_handle,
                                            index,
                                            value.is_boolean() ? value.get<bool>()
                                                               : value.get<int64_t>());
            }
            else if (value.is_number() && std::isfinite(value.get<double>()))
            {
                status = sqlite3_bind_double(m_handle, index, value.get<double>());
            }
            else if (value.is_number()) // no answer, or no end of waiting
            {
                status = sqlite3_bind_null(m_handle, index);
            }
            else if (value.is_string())
            {
                const auto& text = value.get_ref<const std::string&>();
                status = sqlite3_bind_text(m_handle,
                                           index,
                                           text.data(),
                                           static_cast<int>(text.size()),
                                           SQLITE_TRANSIENT);
            }
            else
            {
                status = sqlite3_bind_null(m_handle, index);
            }
            m_database.Require(status);
        }

        /**
         * @brief Go to the next row.
         * @return whether there is one
         */
        bool Step()
        {
            const int status = sqlite3_step(m_handle);
            if (status != SQLITE_ROW && status != SQLITE_DONE)
            {
                m_database.Require(status);
            }
            return status == SQLITE_ROW;
        }

        /// Make ready to be executed again.
        void Reset()
        {
            m_database.Require(sqlite3_reset(m_handle));
        }

        /// @return the row at hand
        Row GetRow() const
        {
            Row row = Row::object();
            for (int i = 0; i < sqlite3_column_count(m_handle); ++i)
            {
                auto& value = row[sqlite3_column_name(m_handle, i)];
                switch (sqlite3_column_type(m_handle, i))
                {
                case SQLITE_INTEGER:
                    value = sqlite3_column_int64(m_handle, i);
                    break;
                case SQLITE_FLOAT:
                    value = sqlite3_column_double(m_handle, i);
                    break;
                case SQLITE_TEXT:
                    value = reinterpret_cast<const char*>(sqlite3_column_text(m_handle, i));
                    break;
                default:
                    break; // null
                }
            }
            return row;
        }

      private:
        Database& m_database;            //!< where it is executed
        sqlite3_stmt* m_handle{nullptr}; //!< SQLite's statement
    };

    /**
     * @brief Constructor.
     * @param file name of the file
     * @param flags of sqlite3_open_v2()
     */
    Database(const std::string& file, int flags)
        : m_file(file)
    {
        // Not for a name to be an URI, nor a memory, unless that is meant.
        const auto path =
            (flags & SQLITE_OPEN_MEMORY) ? file : std::filesystem::absolute(file).string();
        const int status = sqlite3_open_v2(path.c_str(), &m_handle, flags, nullptr);
        if (status != SQLITE_OK)
        {
            const std::string message = sqlite3_errmsg(m_handle);
            sqlite3_close(m_handle);
            throw InputError(file, message);
        }
        sqlite3_busy_timeout(m_handle, BUSY_TIMEOUT_MS);
    }

    ~Database()
    {
        sqlite3_close(m_handle);
    }

    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /**
     * @brief Complain unless SQLite did what it should.
     * @param status what it returned
     */
    void Require(int status) const
    {
        if (status == SQLITE_OK)
        {
            return;
        }
        const std::string message = sqlite3_errmsg(m_handle);
        switch (status & 0xff)
        {
        case SQLITE_NOTADB:
            throw InputError(m_file, "is no SQLite file, so no result file; it is left as it is");
        case SQLITE_BUSY:
            throw InputError(m_file, "is being written by another program");
        case SQLITE_FULL:
        case SQLITE_IOERR:
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
            throw InputError(m_file,
                             "cannot be written: " + message +
                                 "; what is there stays, and the same command goes on from it");
        default:
            throw InputError(m_file, message);
        }
    }

    /**
     * @brief Execute statements without parameters.
     * @param sql their text
     */
    void Execute(const std::string& sql)
    {
        Require(sqlite3_exec(m_handle, sql.c_str(), nullptr, nullptr, nullptr));
    }

    /**
     * @brief Ask for a single number.
     * @param query in SQL
     * @return the number; 0 if there is no row
     */
    int64_t GetNumber(const std::string& query)
    {
        Statement statement(*this, query);
        return statement.Step() ? statement.GetRow().begin()->get<int64_t>() : 0;
    }

    /**
     * @brief Insert rows, without a transaction.
     * @param tables the rows
     */
    void Insert(const Tables& tables)
    {
        for (const auto& [table, rows] : tables.items())
        {
            std::unique_ptr<Statement> insert;
            for (const auto& row : rows)
            {
                if (!insert) // the rows of a table have the same columns
                {
                    std::string columns;
                    std::string parameters;
                    for (const auto& [column, value] : row.items())
                    {
                        columns += (columns.empty() ? "" : ",") + column;
                        parameters += parameters.empty() ? "?" : ",?";
                    }
                    insert = std::make_unique<Statement>(*this,
                                                         "INSERT INTO " + table + "(" + columns +
                                                             ") VALUES(" + parameters + ")");
                }
                int index = 0;
                for (const auto& value : row)
                {
                    insert->Bind(++index, value);
                }
                insert->Step();
                insert->Reset();
            }
        }
    }

    /**
     * @brief Insert rows, all or none.
     * @param tables the rows
     */
    void Add(const Tables& tables)
    {
        Execute("BEGIN");
        try
        {
            Insert(tables);
            Execute("COMMIT");
        }
        catch (const InputError&)
        {
            sqlite3_exec(m_handle, "ROLLBACK", nullptr, nullptr, nullptr);
            throw;
        }
    }

    /**
     * @brief Tell whether the file holds nothing yet.
     * @return true if so
     */
    bool IsNew()
    {
        return GetNumber("SELECT count(*) FROM sqlite_schema") == 0 &&
               GetNumber("PRAGMA application_id") == 0;
    }

    /**
     * @brief Tell whether there is a table.
     * @param name of the table
     * @return true if so
     */
    bool HasTable(const std::string& name)
    {
        return GetNumber("SELECT count(*) FROM sqlite_schema WHERE name = '" + name + "'") > 0;
    }

    /// Complain unless this is a result file of this version.
    void RequireResultFile()
    {
        if (GetNumber("PRAGMA application_id") != APPLICATION_ID)
        {
            throw InputError(m_file, "is an SQLite file, but no result file; it is left as it is");
        }
        const auto version = GetNumber("PRAGMA user_version");
        if (version != SCHEMA_VERSION)
        {
            throw InputError(m_file,
                             "found schema version " + std::to_string(version) +
                                 "; allowed: " + std::to_string(SCHEMA_VERSION) +
                                 ", or --restart, which loses what is there");
        }
    }

    /**
     * @brief Complain unless the file is of a certain campaign.
     * @param campaign rows of `meta`
     */
    void RequireCampaign(const Tables& campaign)
    {
        std::string differences;
        Statement statement(*this, "SELECT value FROM meta WHERE key = ?");
        for (const auto& row : campaign.at("meta"))
        {
            const std::string key = row.at("key");
            const std::string now = row.at("value");
            statement.Bind(1, key);
            const auto before =
                statement.Step() ? statement.GetRow()["value"] : nlohmann::ordered_json();
            statement.Reset();
            if (before != now && key != "command")
            {
                const auto text = before.is_string() ? before.get<std::string>() : "";
                differences += (differences.empty() ? "" : "; ") + Describe(key, text, now);
            }
        }
        const auto origins = DescribeOrigins(campaign.value("provenance", Tables::array()));
        differences += (differences.empty() || origins.empty() ? "" : "; ") + origins;
        if (!differences.empty())
        {
            throw InputError(m_file,
                             "holds another campaign: " + differences +
                                 "; give another file, or --restart, which loses what is there");
        }
    }

    /**
     * @brief Say what is not as where results come from now.
     * @param rows of `provenance` now
     * @return the differences; nothing if there is none
     */
    std::string DescribeOrigins(const nlohmann::json& rows)
    {
        std::map<std::string, std::pair<nlohmann::json, nlohmann::json>> values; // there and now
        const auto getName = [](const auto& row) {
            const auto text = [&row](const char* column) {
                const auto& value = row[column];
                return value.is_string() ? value.template get<std::string>() : PortendDump(value);
            };
            return row["kind"] == "input" ? "'" + text("name") + "'" : text("name");
        };
        Statement statement(*this, "SELECT kind, name, value FROM provenance");
        while (statement.Step())
        {
            const nlohmann::json row = statement.GetRow();
            values[getName(row)].first = row["value"];
        }
        for (const auto& row : rows)
        {
            values[getName(row)].second = row["value"];
        }
        const auto show = [](const nlohmann::json& value) {
            return value.is_null()     ? "nothing"
                   : value.is_string() ? value.get<std::string>()
                                       : PortendDump(value);
        };
        std::string differences;
        for (const auto& [name, pair] : values)
        {
            const auto& [there, now] = pair;
            if (there != now)
            {
                differences += (differences.empty() ? "" : "; ") + name + ": there " + show(there) +
                               ", now " + show(now);
            }
        }
        return differences;
    }

    /**
     * @brief Complain about a row.
     * @param table name of the table
     * @param row which of its rows
     * @param allowed what is allowed there
     */
    [[noreturn]] void FailRow(const std::string& table,
                              const std::string& row,
                              const std::string& allowed) const
    {
        throw InputError(m_file + ": " + table + (table.empty() ? "" : ": ") + row,
                         "is not what a campaign writes; allowed: " + allowed +
                             "; give another file, or --restart, which loses what is there");
    }

    /**
     * @brief Require that every value of a table is what its column is declared for.
     *
     * SQLite itself takes any value in any column.
     *
     * @param table name of the table
     */
    void RequireTypes(const std::string& table)
    {
        std::string names;
        std::string cases;
        Statement columns(*this, "SELECT name, type, \"notnull\", pk FROM pragma_table_info(?)");
        columns.Bind(1, table);
        while (columns.Step())
        {
            const auto column = columns.GetRow();
            const auto name = column["name"].get<std::string>();
            const auto type = column["type"].get<std::string>();
            if (column["pk"] != 0)
            {
                names += (names.empty() ? "'" : " || ', ") + name + " ' || " + name;
            }
            const std::string offence =
                type == "TEXT"      ? "typeof($) <> 'text'"
                : type == "INTEGER" ? "typeof($) <> 'integer' OR $ < 0"
                : type == "REAL"    ? "typeof($) NOT IN ('real', 'integer') OR abs($) > 1.7e308"
                                    : "typeof($) NOT IN ('text', 'integer')";
            const bool mayBeNull = column["notnull"] == 0 && column["pk"] == 0;
            cases += " WHEN " + std::string(mayBeNull ? "$ IS NOT NULL AND (" : "(") + offence +
                     ") THEN ', $'";
            for (auto at = cases.find('$'); at != std::string::npos; at = cases.find('$'))
            {
                cases.replace(at, 1, name);
            }
        }
        Statement offences(*this,
                           "SELECT " + names + ", CASE" + cases + " END AS offence FROM " + table +
                               " WHERE offence IS NOT NULL LIMIT 1");
        if (offences.Step())
        {
            const auto row = offences.GetRow();
            FailRow(table,
                    (row.begin()->is_string() ? row.begin()->get<std::string>() : "a row") +
                        row["offence"].get<std::string>(),
                    "what the column is for (doc/reference.rst)");
        }
    }

    /**
     * @brief Require that everything in the file is what a campaign writes.
     * @param campaign rows of `meta` and `axis`
     */
    void Validate(const Tables& campaign)
    {
        const auto getFirst = [this](const std::string& query) {
            Statement statement(*this, query);
            const auto row = statement.Step() ? statement.GetRow() : Row{{"", nullptr}};
            return row.begin()->is_string() ? row.begin()->get<std::string>() : std::string();
        };
        const auto damage = getFirst("PRAGMA quick_check(1)");
        if (damage != "ok")
        {
            FailRow("", damage, "a sound SQLite file");
        }
        const std::string listing = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL "
                                    "ORDER BY name";
        Database empty(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY);
        empty.Execute(GetStatements(campaign));
        Statement expected(empty, listing);
        Statement found(*this, listing);
        while (expected.Step())
        {
            const auto table = expected.GetRow();
            if (!found.Step() || found.GetRow() != table)
            {
                FailRow("", table["name"], "the tables of doc/reference.rst");
            }
            RequireTypes(table["name"]);
        }
        if (found.Step())
        {
            FailRow("", "its tables", "those of doc/reference.rst");
        }
        auto axes = Tables::array();
        Statement statement(*this, "SELECT * FROM axis ORDER BY position");
        while (statement.Step())
        {
            axes.push_back(nlohmann::json(statement.GetRow()));
        }
        if (axes != campaign.value("axis", Tables::array()))
        {
            FailRow("axis", PortendDump(axes), "the axes of the campaign");
        }
        std::vector<Rule> rules(std::begin(RULES), std::end(RULES));
        for (const auto& [table, rule] : OCCASIONAL_RULES)
        {
            if (HasTable(table))
            {
                rules.push_back(rule);
            }
        }
        for (const auto& rule : rules)
        {
            const auto row = getFirst(rule.offence);
            if (!row.empty())
            {
                FailRow("", row, rule.allowed);
            }
        }
        for (const auto& [table, columns] : REFERENCES)
        {
            if (!HasTable(table))
            {
                continue;
            }
            const auto row =
                getFirst("SELECT 'point ' || point FROM " + std::string(table) + " WHERE (" +
                         columns + ") NOT IN (SELECT point, rank FROM result) LIMIT 1");
            if (!row.empty())
            {
                FailRow(table, row, "a point and rank of the table result");
            }
        }
    }

    /**
     * @brief Make the tables.
     * @param campaign rows of `meta` and `axis`
     */
    void Create(const Tables& campaign)
    {
        Execute("BEGIN");
        Execute(GetStatements(campaign));
        Insert(campaign);
        Execute("PRAGMA application_id = " + std::to_string(APPLICATION_ID));
        Execute("PRAGMA user_version = " + std::to_string(SCHEMA_VERSION));
        Execute("COMMIT");
    }

    /**
     * @brief Remove the journal, outside of transactions and under the lock that is kept.
     *
     * It holds nothing then. SQLite removes it when the file is closed, but only if this process
     * has written to the file: not if a killed one had written all.
     */
    void RemoveJournal()
    {
        std::error_code error; // an empty journal does no harm
        std::filesystem::remove(std::string(sqlite3_db_filename(m_handle, "main")) + "-journal",
                                error);
    }

  private:
    std::string m_file;         //!< name of the file
    sqlite3* m_handle{nullptr}; //!< SQLite's connection
};

void
PortendResultFile::Check(const std::string& file, const Tables& campaign, bool restart)
{
    std::error_code error;
    if (!std::filesystem::exists(file, error))
    {
        return;
    }
    if (!std::filesystem::is_regular_file(file, error))
    {
        throw InputError(file, "is no regular file");
    }
    Database database(file, SQLITE_OPEN_READWRITE);
    if (database.IsNew())
    {
        return;
    }
    if (restart)
    {
        if (database.GetNumber("PRAGMA application_id") != APPLICATION_ID)
        {
            database.RequireResultFile();
        }
        return;
    }
    database.RequireResultFile();
    database.RequireCampaign(campaign);
}

PortendResultFile::PortendResultFile(const std::string& file, const Tables& campaign, bool restart)
    : m_file(file)
{
    Check(file, campaign, restart);
    if (restart)
    {
        std::error_code error; // what cannot be removed cannot be opened either
        std::filesystem::remove(file, error);
    }
    m_database = std::make_unique<Database>(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    // The lock is kept from here on, so that two campaigns never write to one file.
    m_database->Execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT");
    if (m_database->IsNew())
    {
        m_database->Create(campaign);
    }
    else
    {
        m_database->RequireResultFile(); // somebody else may have been faster
        m_database->RequireCampaign(campaign);
        m_database->Validate(campaign);
    }
}

PortendResultFile::~PortendResultFile() = default;

bool
PortendResultFile::IsFinished() const
{
    return m_database->GetNumber("SELECT count(*) FROM meta WHERE key = 'finished'") > 0;
}

bool
PortendResultFile::Has(uint64_t point) const
{
    return m_database->GetNumber("SELECT count(*) FROM point WHERE id = " + std::to_string(point)) >
           0;
}

bool
PortendResultFile::HasTable(const std::string& name) const
{
    return m_database->HasTable(name);
}

uint64_t
PortendResultFile::CountPoints() const
{
    return m_database->GetNumber("SELECT count(*) FROM point");
}

void
PortendResultFile::Add(const Tables& tables)
{
    auto added = tables;
    const auto rows = added.find("provenance");
    if (rows != added.end())
    {
        const auto origins = m_database->DescribeOrigins(*rows);
        if (!origins.empty())
        {
            throw InputError(m_file, "what it comes from has changed meanwhile: " + origins);
        }
        added.erase(rows);
    }
    m_database->Add(added);
}

void
PortendResultFile::ForEach(const std::string& query,
                           const std::function<void(const Row&)>& visit) const
{
    Database::Statement statement(*m_database, query);
    while (statement.Step())
    {
        const auto row = statement.GetRow();
        try
        {
            visit(row);
        }
        catch (const InputError&)
        {
            throw;
        }
        catch (const std::exception&)
        {
            throw InputError(m_file, "cannot be understood: " + PortendDump(row));
        }
    }
}

std::string
PortendResultFile::GetFinalName(const std::string& file)
{
    return file + "-final";
}

void
PortendResultFile::Finish(const Tables& tables)
{
    // Written anew, pages follow one another as tables and keys do, whatever came before.
    const auto final = GetFinalName(m_file);
    std::error_code error;
    std::filesystem::remove(final, error); // of a run that was killed here
    PortendUnfinishedFile unfinished(final);
    const PortendUnfinishedFile journal(final + "-journal");
    {
        Database::Statement vacuum(*m_database, "VACUUM INTO ?");
        vacuum.Bind(1, std::filesystem::absolute(final).string());
        vacuum.Step();
    }
    {
        Database database(final, SQLITE_OPEN_READWRITE);
        auto all = tables;
        all["meta"].push_back({{"key", "finished"}, {"value", "1"}});
        database.Add(all);
    }
    m_database->RemoveJournal();
    std::filesystem::rename(final, m_file, error);
    if (error)
    {
        throw InputError(m_file, "cannot be written: " + error.message());
    }
    unfinished.Keep();
    m_database = std::make_unique<Database>(m_file, SQLITE_OPEN_READWRITE);
}

} // namespace ns3
