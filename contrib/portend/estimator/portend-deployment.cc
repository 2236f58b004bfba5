/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-deployment.h"

#include "portend-profile.h"

#include <algorithm>
#include <charconv>
#include <sstream>

namespace portend
{

namespace
{

/// A cursor over the text form of a deployment.
class Reader
{
  public:
    /**
     * @brief Constructor.
     * @param text the whole text
     */
    explicit Reader(const std::string& text)
        : m_text(text),
          m_at(text.data()),
          m_end(text.data() + text.size())
    {
    }

    /**
     * @brief Read a number.
     * @tparam T type of the number
     * @param what its meaning, for the message
     * @return the number
     */
    template <typename T>
    T Number(const char* what)
    {
        T value{};
        const auto [next, error] = std::from_chars(m_at, m_end, value);
        if (error != std::errc())
        {
            Fail(what);
        }
        m_at = next;
        return value;
    }

    /**
     * @brief Skip a character if it is next.
     * @param c the character
     * @return whether it was there
     */
    bool Skip(char c)
    {
        const bool there = m_at != m_end && *m_at == c;
        m_at += there;
        return there;
    }

    /**
     * @brief Require a character.
     * @param c the character
     * @param what its meaning, for the message
     */
    void Expect(char c, const char* what)
    {
        if (!Skip(c))
        {
            Fail(what);
        }
    }

    /// @return whether the whole text is read
    bool AtEnd() const
    {
        return m_at == m_end;
    }

    /**
     * @brief Give up.
     * @param what what was expected
     */
    [[noreturn]] void Fail(const char* what) const
    {
        const auto found = AtEnd() ? std::string("the end") : Quote(std::string(m_at, m_end));
        throw InputError("/deployment",
                         Quote(m_text) + ": expected " + what + ", found " + found +
                             "; allowed: tier:first-last,...@threshold, "
                             "such as 0:1-25,1:26-40@0.1");
    }

  private:
    const std::string& m_text; //!< the whole text
    const char* m_at;          //!< next character
    const char* m_end;         //!< end of the text
};

} // namespace

Deployment
Deployment::Parse(const std::string& text)
{
    Deployment deployment;
    Reader reader(text);
    std::vector<double> thresholds; // those given so far
    std::size_t given = 0;          // partitions before the last that have one
    do
    {
        Partition partition;
        partition.tier = reader.Number<uint32_t>("a tier");
        reader.Expect(':', "':' after the tier");
        partition.first = reader.Number<uint32_t>("a first block");
        reader.Expect('-', "'-' after the first block");
        partition.last = reader.Number<uint32_t>("a last block");
        given = thresholds.size();
        if (reader.Skip('@'))
        {
            thresholds.push_back(reader.Number<double>("a threshold"));
        }
        deployment.partitions.push_back(partition);
    } while (reader.Skip(','));
    if (!reader.AtEnd())
    {
        reader.Fail("nothing more");
    }
    const auto exits = deployment.partitions.size() - 1;
    if (exits > 0 && given == exits)
    {
        thresholds.resize(exits);
        deployment.thresholds = thresholds;
        deployment.threshold = thresholds[0];
    }
    else if (given == 0 && (!thresholds.empty() || exits == 0))
    {
        deployment.threshold = thresholds.empty() ? 0 : thresholds[0];
    }
    else
    {
        reader.Fail("'@' and a threshold, for all partitions at the end or for each but the last");
    }
    return deployment;
}

double
Deployment::GetThreshold(std::size_t partition) const
{
    return partition <= thresholds.size() ? thresholds[partition - 1] : threshold;
}

bool
Deployment::Continues(std::size_t partition) const
{
    return partition > 1 && partitions[partition - 1].tier == partitions[partition - 2].tier;
}

bool
Deployment::SharesTiers() const
{
    return std::adjacent_find(partitions.begin(),
                              partitions.end(),
                              [](const auto& before, const auto& after) {
                                  return before.tier == after.tier;
                              }) != partitions.end();
}

std::string
Deployment::ToString() const
{
    std::ostringstream os;
    for (std::size_t k = 1; k <= partitions.size(); ++k)
    {
        const auto& partition = partitions[k - 1];
        os << (k > 1 ? "," : "") << partition.tier << ":" << partition.first << "-"
           << partition.last;
        if (k <= thresholds.size())
        {
            os << "@" << ToText(thresholds[k - 1]);
        }
    }
    if (thresholds.empty())
    {
        os << "@" << ToText(threshold);
    }
    return os.str();
}

void
Deployment::Validate(uint32_t tiers, uint32_t blocks) const
{
    const auto fail = [this](const Partition& partition, const std::string& message) {
        throw InputError("/deployment",
                         Quote(ToString()) + ": partition " + std::to_string(partition.tier) + ":" +
                             std::to_string(partition.first) + "-" +
                             std::to_string(partition.last) + " " + message);
    };
    if (partitions.empty())
    {
        throw InputError("/deployment", "no partition; allowed: at least one");
    }
    if (!thresholds.empty() && thresholds.size() + 1 != partitions.size())
    {
        throw InputError("/deployment", "thresholds are given for all partitions but the last");
    }
    std::vector<uint32_t> used;
    uint32_t next = 1;
    for (const auto& partition : partitions)
    {
        if (partition.first != next)
        {
            fail(partition,
                 "must begin at block " + std::to_string(next) +
                     ": partitions follow one another without gap or overlap");
        }
        if (partition.last < partition.first)
        {
            fail(partition, "ends before it begins");
        }
        if (partition.last > blocks)
        {
            fail(partition, "ends beyond block " + std::to_string(blocks) + ", the model's last");
        }
        if (partition.tier >= tiers)
        {
            fail(partition, "is on an unknown tier; allowed: 0.." + std::to_string(tiers - 1));
        }
        if (used.empty() || used.back() != partition.tier)
        {
            if (std::find(used.begin(), used.end(), partition.tier) != used.end())
            {
                fail(partition,
                     "is on a tier used before; only consecutive partitions share a tier");
            }
            used.push_back(partition.tier);
        }
        next = partition.last + 1;
    }
}

void
Deployment::Validate(uint32_t tiers, const ModelProfile& model) const
{
    Validate(tiers, model.blocks);
    const auto last = partitions.back().last;
    if (model.HasBranch(last))
    {
        return;
    }
    std::string branches;
    for (const auto block : model.GetBranches())
    {
        branches += (branches.empty() ? "" : ", ") + std::to_string(block);
    }
    throw InputError("/deployment",
                     "'" + ToString() + "': no branch follows block " + std::to_string(last) +
                         ", so the last partition has no answer; allowed: to end with block " +
                         branches);
}

} // namespace portend
