/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

// The rules `reference-code` on the shipped profiles against what the authors' program says of
// 200 configurations. Data and rules are theirs, so that nothing but the sizes of messages may
// differ: the program pickles each message, and its size varies by a few bytes.

#include "ns3/portend-estimator.h"
#include "ns3/portend-profile-loader.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

using namespace ns3;

namespace
{

/// A configuration and its results, by column.
using Row = std::map<std::string, std::string>;

/// @return the parts of a text
std::vector<std::string>
Split(const std::string& text, char separator)
{
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, separator);)
    {
        parts.push_back(part);
    }
    return parts;
}

/// @return the rows of the table of reference values
std::vector<Row>
ReadOracle()
{
    std::ifstream stream(PORTEND_TEST_DATA_DIR "/oracle.csv");
    std::string line;
    std::getline(stream, line); // a comment: where the figures come from
    std::getline(stream, line);
    const auto columns = Split(line, ',');
    std::vector<Row> rows;
    while (std::getline(stream, line))
    {
        const auto fields = Split(line, ',');
        EXPECT_EQ(fields.size(), columns.size()) << line;
        rows.emplace_back();
        for (std::size_t i = 0; i < std::min(fields.size(), columns.size()); ++i)
        {
            rows.back()[columns[i]] = fields[i];
        }
    }
    return rows;
}

/// Keeps the profiles that were loaded.
class Profiles
{
  public:
    /// @return the model of a profile
    const portend::ModelProfile& GetModel(const std::string& profile)
    {
        if (m_models.count(profile) == 0)
        {
            m_models[profile] = PortendProfileLoader(profile).LoadModel();
        }
        return m_models[profile];
    }

    /// @return the times of a profile on a device
    std::shared_ptr<const portend::DeviceProfile> GetDevice(const std::string& profile,
                                                            const std::string& device)
    {
        auto& known = m_devices[profile + "/" + device];
        if (!known)
        {
            known = std::make_shared<portend::DeviceProfile>(
                PortendProfileLoader(profile).LoadDevice(device));
        }
        return known;
    }

  private:
    std::map<std::string, portend::ModelProfile> m_models;
    std::map<std::string, std::shared_ptr<const portend::DeviceProfile>> m_devices;
};

/// @return the estimate of a row's configuration
portend::Estimate
GetEstimate(const Row& row, Profiles& profiles)
{
    const auto& profile = row.at("profile");
    std::vector<portend::ChainTier> tiers;
    for (const auto& device : Split(row.at("devices"), ';'))
    {
        tiers.push_back({profiles.GetDevice(profile, device)});
    }
    portend::Deployment deployment;
    deployment.threshold = std::stod(row.at("threshold"));
    const auto placement = Split(row.at("placement"), ';');
    const auto ends = Split(row.at("partition_ends"), ';');
    uint32_t first = 1;
    for (std::size_t k = 0; k < placement.size(); ++k)
    {
        const uint32_t tier = std::stoul(placement[k]);
        const uint32_t last = std::stoul(ends.at(k));
        deployment.partitions.push_back({tier, first, last});
        first = last + 1;
    }
    return portend::EstimateDeployment(profiles.GetModel(profile),
                                       portend::MakeChain(tiers, {{10e6, 20}, {400e6, 40}}),
                                       deployment,
                                       portend::EstimatorRules::ReferenceCode());
}

/// Keeps the largest differences met.
class Deviations
{
  public:
    /// Requires that a time is within 0.2 ms or 0.3 % of the reference.
    void ExpectTime(const std::string& what, double foundMs, const Row& row)
    {
        const double referenceMs = std::stod(row.at(what));
        EXPECT_NEAR(foundMs, referenceMs, std::max(0.2, 0.003 * referenceMs)) << what;
        Note(what, foundMs - referenceMs);
    }

    /// Requires that shares are within 1e-4 of the reference.
    void ExpectRates(const std::string& what, const std::vector<double>& found, const Row& row)
    {
        const auto reference = Split(row.at(what), ';');
        ASSERT_EQ(found.size(), reference.size()) << what;
        for (std::size_t k = 0; k < found.size(); ++k)
        {
            EXPECT_NEAR(found[k], std::stod(reference[k]), 1e-4) << what << " " << k + 1;
            Note(what, found[k] - std::stod(reference[k]));
        }
    }

    /// Writes the largest differences into the test's report.
    void Record() const
    {
        for (const auto& [what, largest] : m_largest)
        {
            std::ostringstream text;
            text << largest;
            testing::Test::RecordProperty("largest_difference_" + what, text.str());
        }
    }

  private:
    /// Takes note of a difference.
    void Note(const std::string& what, double difference)
    {
        m_largest[what] = std::max(m_largest[what], std::abs(difference));
    }

    std::map<std::string, double> m_largest; ///< by column
};

} // namespace

TEST(ReferenceValues, AreReproduced)
{
    const auto rows = ReadOracle();
    ASSERT_GE(rows.size(), 200U);
    Profiles profiles;
    Deviations deviations;
    for (const auto& row : rows)
    {
        SCOPED_TRACE(row.at("profile") + " on " + row.at("devices") + ", tiers " +
                     row.at("placement") + ", up to " + row.at("partition_ends") + " at " +
                     row.at("threshold"));
        const auto estimate = GetEstimate(row, profiles);
        const auto& parts = estimate.components;
        deviations.ExpectTime("e2e_ms", estimate.GetLatencyMs(), row);
        deviations.ExpectTime("computation_ms", parts.computationMs, row);
        deviations.ExpectTime("serialization_ms",
                              parts.serializationMs + parts.deserializationMs,
                              row);
        deviations.ExpectTime("communication_ms", parts.propagationMs + parts.transmissionMs, row);
        deviations.ExpectRates("exit_rates", estimate.exitRates, row);
        deviations.ExpectRates("stay_rates", estimate.stayRates, row);
        deviations.ExpectRates("accuracy", {estimate.accuracy}, row);
        EXPECT_EQ(parts.waitMs, 0);
        EXPECT_EQ(parts.networkExcessMs, 0);
    }
    deviations.Record();
}
