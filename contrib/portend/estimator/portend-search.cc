/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-search.h"

#include "portend-terms.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <tuple>
#include <utility>

namespace portend
{

namespace
{

/// Room for rounding where a bound is compared with a sum of the same numbers, ms.
constexpr double LATENCY_ROUNDING_MS = 1e-6;

/// Room for rounding where a bound is compared with a sum of the same numbers.
constexpr double ACCURACY_ROUNDING = 1e-9;

/// The same of joules.
constexpr double ENERGY_ROUNDING_J = 1e-9;

/// What a term costs.
struct Cost
{
    double ms{0};     //!< of latency
    double joules{0}; //!< of energy, where it is a criterion
};

/**
 * @brief Tell whether something beats something else, or is the same, in all three criteria.
 * @tparam A has latency, accuracy and energy
 * @tparam B has them, too
 * @param a the first
 * @param b the second
 * @return true if a is at least as good
 */
template <typename A, typename B>
bool
Beats(const A& a, const B& b)
{
    return a.latencyMs <= b.latencyMs && a.accuracy >= b.accuracy && a.energyJ <= b.energyJ;
}

/**
 * @brief Keep something that nothing kept beats in three criteria, and drop what it beats.
 * @tparam T has latency, accuracy and energy
 * @param kept by rising latency
 * @param added what is kept, too
 */
template <typename T>
void
Keep(std::vector<T>& kept, T added)
{
    const auto isBefore = [](const T& a, const T& b) {
        return std::tie(a.latencyMs, a.accuracy, a.energyJ) <
               std::tie(b.latencyMs, b.accuracy, b.energyJ);
    };
    const auto isSlower = [](const T& other, double latencyMs) {
        return other.latencyMs < latencyMs;
    };
    const auto first = std::lower_bound(kept.begin(), kept.end(), added.latencyMs, isSlower);
    kept.erase(
        std::remove_if(first, kept.end(), [&added](const T& other) { return Beats(added, other); }),
        kept.end());
    kept.insert(std::lower_bound(kept.begin(), kept.end(), added, isBefore), std::move(added));
}

/**
 * @brief Append all placements that begin with some tiers.
 * @param prefix the tiers
 * @param tiers number M of tiers
 * @param length number of partitions
 * @param ascending whether they only go up
 * @param placements gets the placements
 */
void
AppendPlacements(Placement& prefix,
                 uint32_t tiers,
                 std::size_t length,
                 bool ascending,
                 std::vector<Placement>& placements)
{
    if (prefix.size() == length)
    {
        placements.push_back(prefix);
        return;
    }
    const uint32_t first = ascending && !prefix.empty() ? prefix.back() + 1 : 0;
    for (uint32_t tier = first; tier < tiers; ++tier)
    {
        if (std::find(prefix.begin(), prefix.end(), tier) == prefix.end())
        {
            prefix.push_back(tier);
            AppendPlacements(prefix, tiers, length, ascending, placements);
            prefix.pop_back();
        }
    }
}

/**
 * @brief Refuse to list too many placements.
 * @param count their number, or more
 */
void
RequireFew(double count)
{
    if (count > MAX_PLACEMENTS)
    {
        throw InputError("",
                         "there are more placements than are listed; allowed: up to " +
                             std::to_string(MAX_PLACEMENTS) + ", by fewer tiers or partitions");
    }
}

/**
 * @brief List placements by length.
 * @param tiers number M of tiers
 * @param maxPartitions most partitions
 * @param ascending whether they only go up
 * @return the placements
 */
std::vector<Placement>
GetPlacements(uint32_t tiers, std::size_t maxPartitions, bool ascending)
{
    const auto longest = std::min<std::size_t>(tiers, maxPartitions);
    double all = 0;
    double ofLength = 1;
    for (std::size_t length = 1; length <= longest && all <= MAX_PLACEMENTS; ++length)
    {
        ofLength *= static_cast<double>(tiers - length + 1) / (ascending ? length : 1);
        all += ofLength;
    }
    RequireFew(all);
    std::vector<Placement> placements;
    for (std::size_t length = 1; length <= longest; ++length)
    {
        Placement prefix;
        AppendPlacements(prefix, tiers, length, ascending, placements);
    }
    return placements;
}

} // namespace

std::vector<Placement>
GetAscendingPlacements(uint32_t tiers, std::size_t maxPartitions)
{
    return GetPlacements(tiers, maxPartitions, true);
}

std::vector<Placement>
GetAllPlacements(uint32_t tiers, std::size_t maxPartitions)
{
    return GetPlacements(tiers, maxPartitions, false);
}

std::vector<Placement>
GetSharedPlacements(const std::vector<Placement>& placements, std::size_t maxPartitions)
{
    double all = 0;
    for (const auto& placement : placements)
    {
        double ways = 1; // to choose after which of the partitions the next tier begins
        for (std::size_t k = 0; k < placement.size(); ++k)
        {
            ways *= static_cast<double>(maxPartitions - k) / (k + 1);
        }
        all += maxPartitions < placement.size() ? 0 : ways;
    }
    RequireFew(all);
    std::vector<Placement> shared;
    for (const auto& placement : placements)
    {
        // All that begin with so many of the tiers, each once or more.
        std::vector<Placement> beginnings{{}};
        for (std::size_t left = placement.size(); left-- > 0;)
        {
            const auto tier = placement[placement.size() - left - 1];
            std::vector<Placement> longer;
            for (auto beginning : beginnings)
            {
                while (beginning.size() + left < maxPartitions)
                {
                    beginning.push_back(tier);
                    longer.push_back(beginning);
                }
            }
            beginnings.swap(longer);
        }
        shared.insert(shared.end(), beginnings.begin(), beginnings.end());
    }
    std::stable_sort(shared.begin(), shared.end(), [](const auto& a, const auto& b) {
        return a.size() < b.size();
    });
    return shared;
}

Frontier::Frontier(bool hasEnergy)
    : m_hasEnergy(hasEnergy)
{
}

bool
Frontier::Accepts(double latencyMs, double accuracy, double energyJ) const
{
    if (m_hasEnergy)
    {
        const Candidate asked{{}, latencyMs, accuracy, energyJ};
        // One that beats many beats the next, most likely.
        if (m_last < m_candidates.size() && Beats(m_candidates[m_last], asked))
        {
            return false;
        }
        for (m_last = 0; m_last < m_candidates.size(); ++m_last)
        {
            if (m_candidates[m_last].latencyMs > latencyMs)
            {
                return true;
            }
            if (Beats(m_candidates[m_last], asked))
            {
                return false;
            }
        }
        return true;
    }
    // Among those that are not slower, the slowest is the most accurate.
    const auto isFaster = [](double latency, const Candidate& candidate) {
        return latency < candidate.latencyMs;
    };
    const auto after =
        std::upper_bound(m_candidates.begin(), m_candidates.end(), latencyMs, isFaster);
    return after == m_candidates.begin() || std::prev(after)->accuracy < accuracy;
}

void
Frontier::Insert(Candidate candidate)
{
    if (m_hasEnergy)
    {
        Keep(m_candidates, std::move(candidate));
        return;
    }
    const auto isFaster = [](const Candidate& kept, double latency) {
        return kept.latencyMs < latency;
    };
    const auto begin =
        std::lower_bound(m_candidates.begin(), m_candidates.end(), candidate.latencyMs, isFaster);
    const auto end = std::find_if(begin, m_candidates.end(), [&](const Candidate& kept) {
        return kept.accuracy > candidate.accuracy;
    });
    m_candidates.insert(m_candidates.erase(begin, end), std::move(candidate));
}

const std::vector<Candidate>&
Frontier::Get() const
{
    return m_candidates;
}

bool
Objective::IsFeasible(double latencyMs, double accuracy, double energyJ) const
{
    // An accuracy that is unknown is asked for by nobody, see RequireAccuracy().
    return std::isfinite(latencyMs) && !(accuracy < minAccuracy) && latencyMs <= maxLatencyMs &&
           energyJ <= maxEnergyJ;
}

bool
Objective::NeedsEnergy() const
{
    return goal == Goal::ENERGY || std::isfinite(maxEnergyJ);
}

/// Tables of the terms, and the arithmetic that both engines share.
class DeploymentSearch::Engine
{
  public:
    /// Which deployments are counted.
    enum class Counted
    {
        CONSIDERED, //!< those that can be estimated, and fit into memory
        MEASURED,   //!< those that do not fit, too
        ANY,        //!< those that lack timings, too
    };

    /// A deployment up to a partition, given the exits.
    struct Label
    {
        double latencyMs{0}; //!< so far, the way to the next partition included
        double accuracy{0};  //!< so far
        double energyJ{0};   //!< so far, as the latency; 0 where it is no criterion
        std::size_t node{0}; //!< how it was reached, where that is kept
    };

    /**
     * @brief What may still come: the placements of one length as a graph.
     *
     * A stage is a partition at a place, before the same continuations. Placements that differ
     * only in what lies behind share their stages, so a graph of ascending placements has one
     * stage for each partition and tier.
     */
    struct Stage
    {
        uint32_t tier;                    //!< where the partition runs
        std::size_t place;                //!< of a visit that begins or goes on, see GetPlace()
        std::vector<std::size_t> next;    //!< stages of the next partition; none for the last
        Cost exit;                        //!< way of the result from here
        Cost leastExit;                   //!< the least of here and all stages to come
        std::vector<const Cost*> forward; //!< way to each next stage, by cut
    };

    /// The stages of all placements of one length, in the order of partitions.
    struct Graph
    {
        std::vector<std::vector<Stage>> stages; //!< of partition k, at k-1
    };

    /// The labels at one place that no other beats, by the exits behind them.
    class Labels
    {
      public:
        /// Labels with the same exits behind them: all that is to come costs them the same.
        struct Group
        {
            ExitState state;           //!< exits so far
            uint32_t visit;            //!< first block of the visit to come, where it matters
            std::vector<Label> labels; //!< by rising latency and accuracy, as a frontier
        };

        /**
         * @brief Add a label, and drop those that it beats.
         * @param state exits so far
         * @param visit first block of the visit to come; the same where it does not matter
         * @param label the label
         * @return false if it is beaten itself
         */
        bool Add(const ExitState& state, uint32_t visit, const Label& label)
        {
            const auto isSame = [&state, visit](const Group& group) {
                return group.state.passed == state.passed && group.state.exited == state.exited &&
                       group.state.errorRatio == state.errorRatio && group.visit == visit;
            };
            auto group = std::find_if(m_groups.begin(), m_groups.end(), isSame);
            if (group == m_groups.end())
            {
                m_groups.push_back({state, visit, {}});
                group = m_groups.end() - 1;
            }
            auto& labels = group->labels;
            if (m_hasEnergy)
            {
                if (std::any_of(labels.begin(), labels.end(), [&label](const Label& kept) {
                        return Beats(kept, label);
                    }))
                {
                    return false;
                }
                Keep(labels, label);
                return true;
            }
            const auto isFaster = [](const Label& kept, double latencyMs) {
                return kept.latencyMs < latencyMs;
            };
            const auto begin =
                std::lower_bound(labels.begin(), labels.end(), label.latencyMs, isFaster);
            if ((begin != labels.begin() && std::prev(begin)->accuracy >= label.accuracy) ||
                (begin != labels.end() && begin->latencyMs == label.latencyMs &&
                 begin->accuracy >= label.accuracy))
            {
                return false;
            }
            const auto end = std::find_if(begin, labels.end(), [&label](const Label& kept) {
                return kept.accuracy > label.accuracy;
            });
            labels.insert(labels.erase(begin, end), label);
            return true;
        }

        /// @return all labels
        const std::vector<Group>& GetGroups() const
        {
            return m_groups;
        }

        /**
         * @brief Constructor.
         * @param hasEnergy whether energy is a criterion
         */
        explicit Labels(bool hasEnergy)
            : m_hasEnergy(hasEnergy)
        {
        }

      private:
        bool m_hasEnergy;            //!< whether energy is a criterion
        std::vector<Group> m_groups; //!< few: one for each state at the place
    };

    /// How a label was reached.
    struct Node
    {
        uint32_t cut;       //!< last block so far
        uint32_t threshold; //!< index of the last branch's threshold
        uint32_t tier;      //!< of the partition to come
        std::size_t parent; //!< the node before
    };

    /// Terms of one placement that do not depend on the thresholds.
    struct Route
    {
        const Placement* placement;       //!< tiers of the partitions
        std::vector<std::size_t> places;  //!< of the partitions
        Cost input;                       //!< way of the input
        std::vector<Cost> exit;           //!< way of the result from partition k, at k-1
        std::vector<const Cost*> forward; //!< way from partition k by cut, at k-1
    };

    Engine(const ModelProfile& model,
           const Stream& stream,
           const EstimatorRules& rules,
           const SearchSpace& space)
        : m_model(model),
          m_stream(stream),
          m_rules(rules),
          m_terms(model, m_stream, rules),
          m_space(space),
          m_blocks(model.blocks)
    {
        stream.Validate(model.blocks);
        ValidateSpace();
        MakeTables();
    }

    /**
     * @brief Prepare a placement.
     * @param placement tiers of the partitions
     * @return its terms
     */
    Route MakeRoute(const Placement& placement)
    {
        const auto count = placement.size();
        Route route{&placement, GetPlaces(placement), GetInput(count, placement[0]), {}, {}};
        for (std::size_t k = 1; k <= count; ++k)
        {
            const auto tier = placement[k - 1];
            route.exit.push_back(GetExit(count, tier));
            if (k < count)
            {
                route.forward.push_back(GetForward(count, k, tier, placement[k]));
            }
        }
        return route;
    }

    /**
     * @brief Add a partition.
     * @param label the deployment before; extended
     * @param share what its branch does
     * @param arrival cost of the partition
     * @param exit way of the result from it
     */
    static void Extend(Label& label, const ExitShare& share, const Cost& arrival, const Cost& exit)
    {
        label.latencyMs += (share.stays + share.exits) * arrival.ms;
        label.latencyMs += share.exits * exit.ms;
        label.energyJ += (share.stays + share.exits) * arrival.joules;
        label.energyJ += share.exits * exit.joules;
        label.accuracy += share.correct;
    }

    /**
     * @brief Add the way to the next partition.
     * @param label the deployment before; extended
     * @param share what the branch before does
     * @param forward the way
     */
    static void Forward(Label& label, const ExitShare& share, const Cost& forward)
    {
        label.latencyMs += share.stays * forward.ms;
        label.energyJ += share.stays * forward.joules;
    }

    /**
     * @brief Visit the deployments of a placement with a threshold.
     *
     * @tparam Pass called with a beginning: partition to come, first block of the visit, first
     *         block to come, cuts; true leaves out all that it can become
     * @tparam Visit called with label, cuts and thresholds
     * @param route terms of the placement
     * @param threshold index of the threshold for all exits; with thresholds of their own, the
     *        exits take all of them
     * @param pass tells what to leave out
     * @param visit the visitor
     */
    template <typename Pass, typename Visit>
    void Enumerate(const Route& route, std::size_t threshold, Pass&& pass, Visit&& visit) const
    {
        std::vector<uint32_t> ends(route.placement->size());
        std::vector<std::size_t> thresholds(route.placement->size(), threshold);
        EnumerateFrom(Begin(route.input), {}, route, 1, 1, 1, ends, thresholds, pass, visit);
    }

    /**
     * @brief Visit every deployment.
     * @tparam Visit called with placement, label, cuts and thresholds
     * @param visit the visitor
     */
    template <typename Visit>
    void EnumerateAll(Visit&& visit)
    {
        const auto passNothing = [](const auto&...) { return false; };
        std::vector<Route> routes;
        for (const auto& placement : m_space.placements)
        {
            routes.push_back(MakeRoute(placement));
        }
        for (const auto threshold : m_space.thresholds)
        {
            for (const auto& route : routes)
            {
                if (IsRepeated(route.placement->size(), threshold))
                {
                    continue;
                }
                Enumerate(route,
                          threshold,
                          passNothing,
                          [&](const Label& label,
                              const std::vector<uint32_t>& ends,
                              const std::vector<std::size_t>& thresholds) {
                              visit(*route.placement, label, ends, thresholds);
                          });
            }
        }
    }

    /**
     * @brief Visit some deployments, and pass over the others by counting them.
     * @tparam Visit called with placement, label, cuts and thresholds
     * @param numbers which, in the order of EnumerateAll()
     * @param visit the visitor
     */
    template <typename Visit>
    void EnumerateSome(const std::set<uint64_t>& numbers, Visit&& visit)
    {
        auto next = numbers.begin();
        uint64_t number = 0; // of the deployment to come
        const auto& completions = GetCompletions(Counted::CONSIDERED);
        for (const auto threshold : m_space.thresholds)
        {
            for (std::size_t i = 0; i < m_space.placements.size(); ++i)
            {
                const auto& placement = m_space.placements[i];
                if (next == numbers.end() || IsRepeated(placement.size(), threshold))
                {
                    continue;
                }
                const auto passOver = [&](const Completions& completions, bool hasBranch) {
                    const auto behind = Add(number,
                                            hasBranch || IsFirst(threshold) ? completions.all
                                                                            : completions.branched);
                    const bool isWanted = next != numbers.end() && *next < behind;
                    number = isWanted ? number : behind;
                    return !isWanted;
                };
                if (passOver(completions[i], false))
                {
                    continue;
                }
                Counter counter(*this, Counted::CONSIDERED);
                counter.Take(placement);
                const auto pass = [&](std::size_t k,
                                      uint32_t begin,
                                      uint32_t first,
                                      const std::vector<uint32_t>& ends) {
                    const auto last = ends.begin() + (k - 1);
                    return passOver(counter.Get(placement.size() - k, begin, first),
                                    std::any_of(ends.begin(), last, [this](uint32_t cut) {
                                        return m_model.HasBranch(cut);
                                    }));
                };
                Enumerate(MakeRoute(placement),
                          threshold,
                          pass,
                          [&](const Label& label,
                              const std::vector<uint32_t>& ends,
                              const std::vector<std::size_t>& thresholds) {
                              if (next != numbers.end() && *next == number)
                              {
                                  visit(placement, label, ends, thresholds);
                                  ++next;
                              }
                              ++number;
                          });
            }
        }
    }

    /// How many deployments a beginning can become.
    struct Completions
    {
        uint64_t all{0};      //!< whatever their cuts
        uint64_t branched{0}; //!< those with a branch at a cut to come
    };

    /// Counts what the beginnings of placements can become, each once as long as the placements
    /// end alike.
    class Counter
    {
      public:
        /**
         * @brief Constructor.
         * @param engine the terms
         * @param counted which deployments are counted
         */
        Counter(const Engine& engine, Counted counted)
            : m_engine(engine),
              m_counted(counted)
        {
        }

        /**
         * @brief Take a placement, and keep what is known of the one before where they end alike.
         * @param placement tiers of the partitions
         */
        void Take(const Placement& placement)
        {
            const auto places = GetPlaces(placement);
            const auto isSame = [](const Level& level, std::size_t place) {
                return level.place == place;
            };
            const auto same = std::mismatch(m_levels.begin(),
                                            m_levels.end(),
                                            places.rbegin(),
                                            places.rend(),
                                            isSame);
            m_levels.erase(same.first, m_levels.end());
            for (auto place = same.second; place != places.rend(); ++place)
            {
                m_levels.push_back({*place, Known(m_engine.m_blocks + 2), {}});
            }
        }

        /**
         * @brief Count the completions of a beginning of the placement.
         * @param left partitions behind the one to come
         * @param begin first block of the visit before
         * @param first block that is to come
         * @return their number; more than a number holds are as many as it holds
         */
        Completions Get(std::size_t left, uint32_t begin, uint32_t first)
        {
            auto& level = m_levels[left];
            begin = GetBegin(level.place, begin, first);
            const bool isBounded =
                m_counted == Counted::CONSIDERED && m_engine.IsBounded(level.place);
            // Where the visit began matters to what fits only.
            auto& known =
                isBounded && begin != first ? level.going[{begin, first}] : level.known[first];
            if (!known)
            {
                const auto last =
                    isBounded ? m_engine.GetLastFitting(level.place, begin) : m_engine.m_blocks;
                known = left > 0 ? CountCuts(left, begin, first, last) : CountEnds(first, last);
            }
            return *known;
        }

        /// @return the completions of the placement, at one threshold
        Completions GetAll()
        {
            return Get(m_levels.size() - 1, 1, 1);
        }

      private:
        /// What is known of beginnings, by the first block to come.
        using Known = std::vector<std::optional<Completions>>;

        /// A partition of the placement.
        struct Level
        {
            std::size_t place; //!< where it runs
            Known known;       //!< of visits that begin, or where that does not matter
            std::map<std::pair<uint32_t, uint32_t>, std::optional<Completions>>
                going; //!< of others: by first block of the visit, and first block to come
        };

        Completions CountCuts(std::size_t left, uint32_t begin, uint32_t first, uint32_t last)
        {
            Completions sum;
            last = std::min(last, m_engine.GetLastCut(left, first));
            for (auto cut = first; cut <= last; ++cut)
            {
                if (!IsCounted(left, first, cut))
                {
                    continue;
                }
                const bool hasBranch = m_engine.m_model.HasBranch(cut);
                const auto next = Get(left - 1, begin, cut + 1);
                const auto choices = hasBranch && m_engine.m_space.ownThresholds
                                         ? m_engine.m_space.thresholds.size()
                                         : 1;
                sum.all = Add(sum.all, Multiply(choices, next.all));
                sum.branched =
                    Add(sum.branched, Multiply(choices, hasBranch ? next.all : next.branched));
            }
            return sum;
        }

        Completions CountEnds(uint32_t first, uint32_t last) const
        {
            Completions sum;
            for (auto end = m_engine.GetFirstEnd(first); end <= last; ++end)
            {
                sum.all += IsCounted(0, first, end) ? 1 : 0;
            }
            return sum;
        }

        /// @return whether a partition counts
        bool IsCounted(std::size_t left, uint32_t first, uint32_t last) const
        {
            const auto place = m_levels[left].place;
            const bool isCut = left > 0;
            return m_engine.IsAllowed(place, first, last, isCut) ||
                   (m_counted == Counted::ANY && !m_engine.IsMeasured(place, first, last, isCut) &&
                    !m_engine.IsForbidden(last, isCut));
        }

        const Engine& m_engine;      //!< the terms
        const Counted m_counted;     //!< which deployments are counted
        std::vector<Level> m_levels; //!< the last partition first
    };

    /// @return a sum, or the most that a number holds
    static uint64_t Add(uint64_t a, uint64_t b)
    {
        return a > UINT64_MAX - b ? UINT64_MAX : a + b;
    }

    /// @return a product, or the most that a number holds
    static uint64_t Multiply(uint64_t a, uint64_t b)
    {
        return b > 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
    }

    /**
     * @brief Count the deployments without visiting them.
     * @param counted which
     * @return their number
     */
    uint64_t Count(Counted counted) const
    {
        uint64_t count = 0;
        const auto& completions = GetCompletions(counted);
        for (std::size_t i = 0; i < completions.size(); ++i)
        {
            count = Add(count, completions[i].all);
            for (const auto threshold : m_space.thresholds)
            {
                const bool isRepeated = IsRepeated(m_space.placements[i].size(), threshold);
                count = Add(count, isRepeated || IsFirst(threshold) ? 0 : completions[i].branched);
            }
        }
        return count;
    }

    /**
     * @brief Count the deployments of each placement, once.
     * @param counted which
     * @return their numbers at one threshold, by placement
     */
    const std::vector<Completions>& GetCompletions(Counted counted) const
    {
        auto& completions = m_completions[counted];
        if (completions.empty())
        {
            const auto& placements = m_space.placements;
            std::vector<std::size_t> order(placements.size());
            std::iota(order.begin(), order.end(), 0);
            std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
                return std::lexicographical_compare(placements[a].rbegin(),
                                                    placements[a].rend(),
                                                    placements[b].rbegin(),
                                                    placements[b].rend());
            });
            completions.resize(placements.size());
            Counter counter(*this, counted);
            for (const auto index : order) // those that end alike follow one another
            {
                counter.Take(placements[index]);
                completions[index] = counter.GetAll();
            }
        }
        return completions;
    }

    /// @return whether a threshold is the one that deployments which none changes are visited with
    bool IsFirst(std::size_t threshold) const
    {
        return threshold == m_space.thresholds.front();
    }

    /// @return whether deployments of a length were visited with an earlier threshold
    bool IsRepeated(std::size_t length, std::size_t threshold) const
    {
        return !IsFirst(threshold) && (length == 1 || m_space.ownThresholds);
    }

    /// @return whether a deployment was visited with an earlier threshold: no cut has a branch
    bool IsRepeated(const std::vector<uint32_t>& ends, std::size_t threshold) const
    {
        return !IsFirst(threshold) &&
               std::none_of(ends.begin(), ends.end() - 1, [this](uint32_t cut) {
                   return m_model.HasBranch(cut);
               });
    }

    /// Refuse to look for accuracy where nobody knows it.
    void RequireAccuracy() const
    {
        if (!m_model.IsAccuracyKnown())
        {
            throw InputError("/" + m_model.validation.split + "/accuracy",
                             "profile " + m_model.name +
                                 " does not know how often every branch is right, so accuracy "
                                 "cannot be optimized; allowed: the least latency, whatever the "
                                 "accuracy");
        }
    }

    /**
     * @brief Begin a deployment.
     * @param input way of the input
     * @return the label
     */
    static Label Begin(const Cost& input)
    {
        return {input.ms, 0, input.joules, 0};
    }

    /// @return whether energy is a criterion
    bool HasEnergy() const
    {
        return m_space.energy;
    }

    /// Refuse to look for little energy where it is not counted.
    void RequireEnergy() const
    {
        if (!m_space.energy)
        {
            throw InputError("", "energy is asked for, and is no criterion of the search");
        }
    }

    /// Says how rules that count waiting estimate a deployment.
    void SetEstimator(Estimator estimator)
    {
        m_estimator = std::move(estimator);
    }

    /// @return whether latencies depend on the load
    bool CountsWaiting() const
    {
        return m_rules.waiting;
    }

    /**
     * @brief Add the waiting that the rules count.
     * @param idleMs latency on an idle network
     * @param placement tiers of the partitions
     * @param ends last blocks of the partitions
     * @param thresholds indices of the thresholds
     * @return mean latency, not less; infinity if the load overwhelms the deployment
     */
    double GetLatencyMs(double idleMs,
                        const Placement& placement,
                        const std::vector<uint32_t>& ends,
                        const std::vector<std::size_t>& thresholds) const
    {
        if (!m_rules.waiting)
        {
            return idleMs;
        }
        const auto deployment = MakeDeployment(placement, ends, thresholds);
        const auto estimate = m_estimator
                                  ? m_estimator(deployment)
                                  : EstimateDeployment(m_model, m_stream, deployment, m_rules);
        return estimate.GetLatencyMs();
    }

    /// @return the deployment of some cuts and thresholds
    Deployment MakeDeployment(const Placement& placement,
                              const std::vector<uint32_t>& ends,
                              const std::vector<std::size_t>& thresholds) const
    {
        Deployment deployment;
        uint32_t first = 1;
        for (std::size_t k = 0; k < placement.size(); ++k)
        {
            deployment.partitions.push_back({placement[k], first, ends[k]});
            first = ends[k] + 1;
        }
        deployment.threshold = m_model.thresholds[thresholds.front()];
        const auto last = thresholds.end() - 1;
        if (std::adjacent_find(thresholds.begin(), last, std::not_equal_to<>()) != last)
        {
            for (auto it = thresholds.begin(); it != last; ++it)
            {
                deployment.thresholds.push_back(m_model.thresholds[*it]);
            }
        }
        return deployment;
    }

    /**
     * @brief Let a visitor see what the engine visits.
     * @param visitor the visitor
     * @return called with placement, label, cuts and thresholds
     */
    auto Describe(const Visitor& visitor) const
    {
        return [this, &visitor](const Placement& placement,
                                const Label& label,
                                const std::vector<uint32_t>& ends,
                                const std::vector<std::size_t>& thresholds) {
            visitor(GetLatencyMs(label.latencyMs, placement, ends, thresholds),
                    label.accuracy,
                    [&]() { return MakeDeployment(placement, ends, thresholds); });
        };
    }

    /// Refuse to visit more deployments than anybody would wait for.
    void RequireVisits() const
    {
        if (Count(Counted::CONSIDERED) > MAX_VISITED)
        {
            throw InputError(
                "",
                "there are too many deployments to visit each of them" +
                    std::string(m_rules.waiting ? ", as rules that count waiting do" : "") +
                    "; allowed: up to " + std::to_string(MAX_VISITED) +
                    ", by fewer tiers or partitions");
        }
    }

    /**
     * @brief Join the placements of a length to a graph.
     * @param length number L of partitions
     * @return the graph; without stages if there is no such placement
     */
    Graph MakeGraph(std::size_t length);

    /**
     * @brief Find the non-dominated deployments of a graph by label setting.
     * @param graph the placements of one length
     * @param threshold index of the threshold for all exits
     * @param frontier the frontier so far; updated
     */
    void SetLabels(const Graph& graph, std::size_t threshold, Frontier& frontier) const;

    const SearchSpace& GetSpace() const
    {
        return m_space;
    }

  private:
    /// Refuse what cannot be searched, and complete what was left open.
    void ValidateSpace()
    {
        if (m_space.placements.empty())
        {
            throw InputError("", "no placement to search: no tier is allowed");
        }
        for (const auto& placement : m_space.placements)
        {
            m_sharesTiers |=
                std::adjacent_find(placement.begin(), placement.end()) != placement.end();
            for (const auto tier : placement)
            {
                if (tier >= m_stream.tiers.size())
                {
                    throw InputError("",
                                     "tier " + std::to_string(tier) + " is not in the chain; " +
                                         "allowed: 0.." +
                                         std::to_string(m_stream.tiers.size() - 1));
                }
            }
        }
        if (m_sharesTiers && !m_rules.sharedTiers)
        {
            throw InputError("",
                             "placements share tiers, and the rules " + m_rules.name +
                                 " know one partition a tier; allowed: rules exact or queueing");
        }
        // A partition has a block at least: longer placements have no deployment.
        auto& placements = m_space.placements;
        placements.erase(std::remove_if(placements.begin(),
                                        placements.end(),
                                        [this](const Placement& placement) {
                                            return placement.size() > m_blocks;
                                        }),
                         placements.end());
        if (!m_space.computeCapsMs.empty() && m_space.computeCapsMs.size() != m_stream.tiers.size())
        {
            throw InputError("", "one cap on computation for each tier, or none");
        }
        if (!m_space.rooms.empty())
        {
            m_model.RequireMemory();
        }
        for (const auto& room : m_space.rooms)
        {
            if (room.tier >= m_stream.tiers.size())
            {
                throw InputError("",
                                 "memory of tier " + std::to_string(room.tier) +
                                     ", which is not in the chain");
            }
        }
        for (const auto* cuts : {&m_space.fixedCuts, &m_space.forbiddenCuts})
        {
            for (const auto cut : *cuts)
            {
                if (cut < 1 || cut >= m_blocks)
                {
                    throw InputError("",
                                     "cut " + std::to_string(cut) + " is not inside the model; " +
                                         "allowed: 1.." + std::to_string(m_blocks - 1));
                }
            }
        }
        for (const auto cut : m_space.fixedCuts)
        {
            if (std::count(m_space.forbiddenCuts.begin(), m_space.forbiddenCuts.end(), cut) > 0)
            {
                throw InputError("", "cut " + std::to_string(cut) + " is both fixed and forbidden");
            }
        }
        if (m_space.thresholds.empty())
        {
            m_space.thresholds.resize(m_model.thresholds.size());
            std::iota(m_space.thresholds.begin(), m_space.thresholds.end(), 0);
        }
        m_lastFixedCut = 0;
        for (const auto cut : m_space.fixedCuts)
        {
            m_lastFixedCut = std::max(m_lastFixedCut, cut);
        }
        // The next fixed cut at or after a block: no partition reaches beyond it.
        m_nextFixedCut.assign(m_blocks + 2, m_blocks);
        for (const auto cut : m_space.fixedCuts)
        {
            m_nextFixedCut[cut] = cut;
        }
        for (uint32_t block = m_blocks; block >= 1; --block)
        {
            m_nextFixedCut[block] = std::min(m_nextFixedCut[block], m_nextFixedCut[block + 1]);
        }
    }

    /// Compute the terms that do not depend on the placement as a whole.
    void MakeTables()
    {
        // Of the tiers of placements only: a chain may have many others.
        std::vector<bool> isUsed(m_stream.tiers.size(), false);
        for (const auto& placement : m_space.placements)
        {
            for (const auto tier : placement)
            {
                isUsed[tier] = true;
            }
        }
        m_mayCut.resize(isUsed.size());
        for (uint32_t tier = 0; tier < isUsed.size(); ++tier)
        {
            m_mayCut[tier].assign(isUsed[tier] ? m_blocks + 1 : 0, true);
            for (uint32_t cut = 1; isUsed[tier] && cut < m_blocks; ++cut)
            {
                m_mayCut[tier][cut] =
                    !IsForbidden(cut) && !std::isnan(m_stream.tiers[tier].device->serializeMs[cut]);
            }
        }
        m_lastFitting.assign(m_stream.tiers.size(), {});
        for (const auto& room : m_space.rooms)
        {
            auto& lastFitting = m_lastFitting[room.tier];
            lastFitting.resize(m_blocks + 2, m_blocks);
            for (uint32_t first = 1; first <= m_blocks; ++first)
            {
                lastFitting[first] = std::min(lastFitting[first], room.FindLast(m_model, first));
            }
        }
        for (std::size_t place = 0; place < GetPlace(m_stream.tiers.size(), false); ++place)
        {
            const bool continues = place != GetPlace(GetTier(place), false);
            if (!isUsed[GetTier(place)] || (continues && !m_sharesTiers))
            {
                m_arrivals.emplace_back();
                m_leastArrivals.emplace_back();
                continue;
            }
            std::vector<Cost> arrivals((m_blocks + 1) * (m_blocks + 1));
            std::vector<Cost> least(m_blocks + 2);
            for (uint32_t first = 1; first <= m_blocks; ++first)
            {
                least[first] = {HUGE_VAL, HUGE_VAL};
                for (uint32_t last = first; last <= m_blocks; ++last)
                {
                    const auto cost = IsMeasured(place, first, last, false)
                                          ? GetAllowed(place, first, last)
                                          : Cost{HUGE_VAL, HUGE_VAL};
                    arrivals[first * (m_blocks + 1) + last] = cost;
                    least[first].ms = std::min(least[first].ms, cost.ms);
                    least[first].joules = std::min(least[first].joules, cost.joules);
                }
            }
            m_arrivals.push_back(std::move(arrivals));
            m_leastArrivals.push_back(std::move(least));
        }
        // The best accuracy that a branch after a cut has.
        const bool isPaper = m_rules.accuracy == EstimatorRules::Accuracy::PAPER;
        m_bestAccuracy.assign(m_blocks + 1, isPaper ? 0.0 : 1.0);
        for (uint32_t cut = m_blocks; isPaper && cut-- > 0;)
        {
            m_bestAccuracy[cut] =
                std::max(m_bestAccuracy[cut + 1], m_model.GetBranch(cut + 1, 0).accuracy);
        }
    }

    /// @return a tier as a place, where a visit begins, or where it goes on behind a branch
    static std::size_t GetPlace(std::size_t tier, bool continues)
    {
        return 2 * tier + (continues ? 1 : 0);
    }

    /// @return the tier of a place
    static uint32_t GetTier(std::size_t place)
    {
        return place / 2;
    }

    /// @return the places of a placement
    static std::vector<std::size_t> GetPlaces(const Placement& placement)
    {
        std::vector<std::size_t> places;
        for (std::size_t k = 0; k < placement.size(); ++k)
        {
            places.push_back(GetPlace(placement[k], k > 0 && placement[k - 1] == placement[k]));
        }
        return places;
    }

    /**
     * @brief Get the way of the input.
     * @param count number L of partitions
     * @param tier of the first partition
     * @return what it costs
     */
    Cost GetInput(std::size_t count, uint32_t tier) const
    {
        return {m_terms.GetInput(count, tier).GetTotal(),
                m_space.energy ? m_terms.GetInputEnergy(count, tier).GetTotal() : 0};
    }

    /**
     * @brief Get the way of the result.
     * @param count number L of partitions
     * @param tier where the request exits
     * @return what it costs
     */
    Cost GetExit(std::size_t count, uint32_t tier) const
    {
        return {m_terms.GetExit(count, tier).GetTotal(),
                m_space.energy ? m_terms.GetExitEnergy(count, tier).GetTotal() : 0};
    }

    /**
     * @brief Get what a partition costs.
     * @param place its place
     * @param first its first block
     * @param last its last block
     * @return what it costs; infinite where it is over the tier's cap
     */
    Cost GetAllowed(std::size_t place, uint32_t first, uint32_t last) const
    {
        const auto tier = GetTier(place);
        const bool continues = place != GetPlace(tier, false);
        const auto arrival = m_terms.GetArrival(tier, first, last, continues);
        const bool fits =
            m_space.computeCapsMs.empty() || arrival.computationMs <= m_space.computeCapsMs[tier];
        if (!fits)
        {
            return {HUGE_VAL, HUGE_VAL};
        }
        return {arrival.GetTotal(),
                m_space.energy ? m_terms.GetArrivalEnergy(tier, arrival).GetTotal() : 0};
    }

    /**
     * @brief Get the way between two tiers by cut.
     * @param count number L of partitions
     * @param k index of the partition that sends
     * @param from its tier
     * @param to tier of the next partition
     * @return costs by cut
     */
    const Cost* GetForward(std::size_t count, std::size_t k, uint32_t from, uint32_t to)
    {
        auto& table = m_forward[{count, k, from, to}];
        if (table.empty())
        {
            table.resize(m_blocks);
            for (uint32_t cut = 1; cut < m_blocks; ++cut)
            {
                if (m_mayCut[from][cut])
                {
                    table[cut].ms = m_terms.GetForward(count, k, cut, from, to).GetTotal();
                    table[cut].joules =
                        m_space.energy
                            ? m_terms.GetForwardEnergy(count, k, cut, from, to).GetTotal()
                            : 0;
                }
            }
        }
        return table.data();
    }

    /// @return whether a partition may end with a block: cut there or answered, measured, and not
    ///         computed too long
    bool IsAllowed(std::size_t place, uint32_t first, uint32_t last, bool isCut) const
    {
        return (isCut ? m_mayCut[GetTier(place)][last] : m_model.HasBranch(last)) &&
               GetArrival(place, first, last).ms != HUGE_VAL;
    }

    /// @return whether a partition must not end with a block, measured or not
    bool IsForbidden(uint32_t last, bool isCut) const
    {
        return isCut ? IsForbidden(last) : !m_model.HasBranch(last);
    }

    /// @return whether the network must not be cut after a block
    bool IsForbidden(uint32_t cut) const
    {
        const auto& cuts = m_space.forbiddenCuts;
        return std::find(cuts.begin(), cuts.end(), cut) != cuts.end();
    }

    /// @return whether the device of a place was profiled for a partition, as if a visit began
    ///         there and ended
    bool IsMeasured(std::size_t place, uint32_t first, uint32_t last, bool isCut) const
    {
        return m_stream.tiers[GetTier(place)].device->IsMeasured(first, last, isCut);
    }

    /// @return cost of a partition, ms; infinite where it is not allowed
    const Cost& GetArrival(std::size_t place, uint32_t first, uint32_t last) const
    {
        return m_arrivals[place][first * (m_blocks + 1) + last];
    }

    /// @return whether the memory of a place is
    bool IsBounded(std::size_t place) const
    {
        return !m_lastFitting[GetTier(place)].empty();
    }

    /// @return last block that fits into the memory of a place with those from a block on
    uint32_t GetLastFitting(std::size_t place, uint32_t begin) const
    {
        return IsBounded(place) ? m_lastFitting[GetTier(place)][begin] : m_blocks;
    }

    /// @return first block of the visit that a partition belongs to, if the one before is known
    static uint32_t GetBegin(std::size_t place, uint32_t begin, uint32_t first)
    {
        return place == GetPlace(GetTier(place), false) ? first : begin;
    }

    /// @return last block that a partition with some behind it may end with
    uint32_t GetLastCut(std::size_t left, uint32_t first) const
    {
        return std::min<uint32_t>(m_blocks - left, m_nextFixedCut[first]);
    }

    /// @return first block that the last partition may end with
    uint32_t GetFirstEnd(uint32_t first) const
    {
        // Reaching over a fixed cut is refused: then there is none.
        if (first <= m_lastFixedCut)
        {
            return m_blocks + 1;
        }
        return m_space.truncated ? first : m_blocks;
    }

    template <typename Pass, typename Visit>
    void EnumerateFrom(const Label& before,
                       const ExitState& state,
                       const Route& route,
                       std::size_t k,
                       uint32_t begin,
                       uint32_t first,
                       std::vector<uint32_t>& ends,
                       std::vector<std::size_t>& thresholds,
                       Pass&& pass,
                       Visit&& visit) const
    {
        if (pass(k, begin, first, ends))
        {
            return;
        }
        const auto& placement = *route.placement;
        const auto count = placement.size();
        begin = GetBegin(route.places[k - 1], begin, first);
        const auto lastFitting = GetLastFitting(route.places[k - 1], begin);
        if (k == count)
        {
            // The last branch's threshold changes nothing, but for the rules that let it.
            const auto threshold = thresholds[k - 1];
            if (IsRepeated(ends, threshold))
            {
                return;
            }
            for (uint32_t last = GetFirstEnd(first); last <= lastFitting; ++last)
            {
                if (!IsAllowed(route.places[k - 1], first, last, false))
                {
                    continue;
                }
                Label label = before;
                Extend(label,
                       m_terms.PassLastBranch(state, m_model.GetBranch(last, threshold)),
                       GetArrival(route.places[k - 1], first, last),
                       route.exit[k - 1]);
                ends[k - 1] = last;
                visit(label, ends, thresholds);
            }
            return;
        }
        const auto lastCut = std::min(GetLastCut(count - k, first), lastFitting);
        for (uint32_t last = first; last <= lastCut; ++last)
        {
            if (!IsAllowed(route.places[k - 1], first, last, true))
            {
                continue;
            }
            ends[k - 1] = last;
            const auto extend = [&](std::size_t threshold) {
                thresholds[k - 1] = threshold;
                Label label = before;
                ExitState after = state;
                const auto share = m_terms.PassBranch(after, m_model.GetBranch(last, threshold));
                Extend(label,
                       share,
                       GetArrival(route.places[k - 1], first, last),
                       route.exit[k - 1]);
                Forward(label, share, route.forward[k - 1][last]);
                EnumerateFrom(label,
                              after,
                              route,
                              k + 1,
                              begin,
                              last + 1,
                              ends,
                              thresholds,
                              pass,
                              visit);
            };
            if (m_space.ownThresholds && m_model.HasBranch(last))
            {
                std::for_each(m_space.thresholds.begin(), m_space.thresholds.end(), extend);
            }
            else
            {
                extend(thresholds.back());
            }
        }
    }

    /**
     * @brief Tell whether a label can still reach the frontier.
     * @param label a deployment up to a partition
     * @param state its exits
     * @param cut its last block
     * @param stage where it waits
     * @param frontier the frontier so far
     * @return false if every completion is beaten
     */
    bool CanReach(const Label& label,
                  const ExitState& state,
                  uint32_t cut,
                  const Stage& stage,
                  const Frontier& frontier) const
    {
        if (!m_rules.monotoneExits)
        {
            return true; // negative exit rates make costs negative
        }
        if (state.passed == 1 && state.exited == 1)
        {
            // Nobody stays: all that is to come adds 0, and ties can be told without rounding.
            return frontier.Accepts(label.latencyMs, label.accuracy, label.energyJ);
        }
        // Every request that stays will still take the partition at its shortest, and the way
        // of the result from the nearest tier to come.
        const double stays = std::max(0.0, 1 - state.exited);
        const auto& least = m_leastArrivals[stage.place][cut + 1];
        const double leastMs = least.ms + stage.leastExit.ms;
        const double leastJ = least.joules + stage.leastExit.joules;
        return frontier.Accepts(label.latencyMs + stays * leastMs - LATENCY_ROUNDING_MS,
                                label.accuracy + stays * m_bestAccuracy[cut] + ACCURACY_ROUNDING,
                                label.energyJ + stays * leastJ - ENERGY_ROUNDING_J);
    }

    const ModelProfile& m_model; //!< device-independent profile
    const Stream m_stream;       //!< tiers on a network
    EstimatorRules m_rules;      //!< variant of the model
    Estimator m_estimator;       //!< of rules that count waiting; empty if the stream is alone
    Terms m_terms;               //!< what is added up
    SearchSpace m_space;         //!< which deployments are considered
    uint32_t m_blocks;           //!< N

    bool m_sharesTiers{false};                      //!< whether partitions may share a tier
    std::vector<std::vector<Cost>> m_arrivals;      //!< by place, first and last block
    std::vector<std::vector<Cost>> m_leastArrivals; //!< by place and first block, each its own
    std::map<std::tuple<std::size_t, std::size_t, uint32_t, uint32_t>, std::vector<Cost>>
        m_forward;                                    //!< by L, k, from, to; then by cut
    std::vector<double> m_bestAccuracy;               //!< of the branches after a cut
    std::vector<std::vector<bool>> m_mayCut;          //!< by tier that sends, and cut
    std::vector<std::vector<uint32_t>> m_lastFitting; //!< by tier and first block of a visit; none
                                                      //!< where memory is not bounded
    std::vector<uint32_t> m_nextFixedCut;             //!< by first block
    uint32_t m_lastFixedCut{0};                       //!< 0 if there is none
    mutable std::map<Counted, std::vector<Completions>>
        m_completions; //!< by placement, once counted
};

DeploymentSearch::Engine::Graph
DeploymentSearch::Engine::MakeGraph(std::size_t length)
{
    std::vector<Placement> placements;
    for (const auto& placement : m_space.placements)
    {
        if (placement.size() == length)
        {
            placements.push_back(placement);
        }
    }
    Graph graph;
    if (placements.empty())
    {
        return graph;
    }
    graph.stages.resize(length);
    // From the last partition back: beginnings that have the same continuations are one.
    using Beginning = Placement;
    std::map<Beginning, std::vector<std::size_t>> continuations;
    for (const auto& placement : placements)
    {
        continuations[placement];
    }
    for (std::size_t k = length; k >= 1; --k)
    {
        std::map<std::pair<std::size_t, std::vector<std::size_t>>, std::size_t> known;
        std::map<Beginning, std::vector<std::size_t>> before;
        for (auto& [beginning, next] : continuations)
        {
            const auto tier = beginning.back();
            const auto place = GetPlaces(beginning).back();
            auto& stages = graph.stages[k - 1];
            const auto [it, isNew] = known.try_emplace({place, next}, stages.size());
            if (isNew)
            {
                Stage stage{tier, place, next, GetExit(length, tier), {}, {}};
                stage.leastExit = stage.exit;
                for (const auto index : next)
                {
                    const auto& to = graph.stages[k][index];
                    auto& least = stage.leastExit;
                    least.ms = std::min(least.ms, to.leastExit.ms);
                    least.joules = std::min(least.joules, to.leastExit.joules);
                    stage.forward.push_back(GetForward(length, k, tier, to.tier));
                }
                stages.push_back(std::move(stage));
            }
            auto& siblings = before[Beginning(beginning.begin(), beginning.end() - 1)];
            if (std::find(siblings.begin(), siblings.end(), it->second) == siblings.end())
            {
                siblings.push_back(it->second);
            }
        }
        for (auto& [beginning, next] : before)
        {
            std::sort(next.begin(), next.end());
        }
        continuations.swap(before);
    }
    return graph;
}

void
DeploymentSearch::Engine::SetLabels(const Graph& graph,
                                    std::size_t threshold,
                                    Frontier& frontier) const
{
    const auto count = graph.stages.size();
    std::vector<Node> nodes; // of all labels that were kept
    // Labels that wait at a stage, by the cut behind them.
    using Waiting = std::vector<Labels>;
    std::vector<Waiting> level;

    for (const auto& stage : graph.stages[0])
    {
        level.emplace_back(m_blocks + 1, Labels(m_space.energy));
        auto label = Begin(GetInput(count, stage.tier));
        label.node = nodes.size();
        if (CanReach(label, {}, 0, stage, frontier))
        {
            level.back()[0].Add({}, 1, label);
            nodes.push_back({0, 0, stage.tier, 0});
        }
    }
    for (std::size_t k = 1; k < count; ++k)
    {
        const auto& following = graph.stages[k];
        std::vector<Waiting> next(following.size(), Waiting(m_blocks + 1, Labels(m_space.energy)));
        // All labels of a group pass a branch alike.
        const auto extend = [&](const Stage& stage,
                                const Labels::Group& group,
                                uint32_t begin,
                                uint32_t first,
                                uint32_t last,
                                uint32_t branchThreshold) {
            ExitState state = group.state;
            const auto share = m_terms.PassBranch(state, m_model.GetBranch(last, branchThreshold));
            const auto& arrival = GetArrival(stage.place, first, last);
            for (const auto& parent : group.labels)
            {
                Label extended = parent;
                Extend(extended, share, arrival, stage.exit);
                for (std::size_t n = 0; n < stage.next.size(); ++n)
                {
                    const auto index = stage.next[n];
                    const auto place = following[index].place;
                    // Where it matters to what fits.
                    const auto nextBegin =
                        IsBounded(place) ? GetBegin(place, begin, last + 1) : last + 1;
                    Label label = extended;
                    label.node = nodes.size();
                    Forward(label, share, stage.forward[n][last]);
                    if (CanReach(label, state, last, following[index], frontier) &&
                        next[index][last].Add(state, nextBegin, label))
                    {
                        nodes.push_back(
                            {last, branchThreshold, following[index].tier, parent.node});
                    }
                }
            }
        };
        for (std::size_t s = 0; s < level.size(); ++s)
        {
            for (uint32_t cut = 0; cut < m_blocks; ++cut)
            {
                const uint32_t first = cut + 1;
                const auto lastCut = GetLastCut(count - k, first);
                for (const auto& group : level[s][cut].GetGroups())
                {
                    const auto& stage = graph.stages[k - 1][s];
                    const auto begin = GetBegin(stage.place, group.visit, first);
                    const auto most = std::min(lastCut, GetLastFitting(stage.place, begin));
                    for (uint32_t last = first; last <= most; ++last)
                    {
                        if (!IsAllowed(stage.place, first, last, true))
                        {
                            continue;
                        }
                        if (!m_space.ownThresholds || !m_model.HasBranch(last))
                        {
                            extend(stage, group, begin, first, last, threshold);
                            continue;
                        }
                        for (const auto own : m_space.thresholds)
                        {
                            extend(stage, group, begin, first, last, own);
                        }
                    }
                }
            }
        }
        level.swap(next);
    }

    const auto complete = [&](const Label& label, uint32_t last) {
        Placement placement(count);
        std::vector<uint32_t> ends(count, last);
        std::vector<std::size_t> thresholds(count, threshold);
        auto index = label.node;
        for (std::size_t k = count; k >= 1; --k, index = nodes[index].parent)
        {
            placement[k - 1] = nodes[index].tier;
            if (k > 1)
            {
                ends[k - 2] = nodes[index].cut;
                thresholds[k - 2] = nodes[index].threshold;
            }
        }
        return MakeDeployment(placement, ends, thresholds);
    };
    for (std::size_t s = 0; s < level.size(); ++s)
    {
        const auto& stage = graph.stages[count - 1][s];
        for (uint32_t cut = 0; cut < m_blocks; ++cut)
        {
            const uint32_t first = cut + 1;
            for (const auto& group : level[s][cut].GetGroups())
            {
                const auto begin = GetBegin(stage.place, group.visit, first);
                const auto most = GetLastFitting(stage.place, begin);
                for (uint32_t last = GetFirstEnd(first); last <= most; ++last)
                {
                    if (!IsAllowed(stage.place, first, last, false))
                    {
                        continue;
                    }
                    const auto share =
                        m_terms.PassLastBranch(group.state, m_model.GetBranch(last, threshold));
                    const auto& arrival = GetArrival(stage.place, first, last);
                    for (const auto& parent : group.labels)
                    {
                        Label label = parent;
                        Extend(label, share, arrival, stage.exit);
                        if (frontier.Accepts(label.latencyMs, label.accuracy, label.energyJ))
                        {
                            frontier.Insert({complete(label, last),
                                             label.latencyMs,
                                             label.accuracy,
                                             label.energyJ});
                        }
                    }
                }
            }
        }
    }
}

DeploymentSearch::DeploymentSearch(const ModelProfile& model,
                                   const Stream& stream,
                                   const EstimatorRules& rules,
                                   const SearchSpace& space)
    : m_engine(std::make_unique<Engine>(model, stream, rules, space))
{
}

DeploymentSearch::~DeploymentSearch() = default;

DeploymentSearch::DeploymentSearch(DeploymentSearch&& other) noexcept = default;

DeploymentSearch& DeploymentSearch::operator=(DeploymentSearch&& other) noexcept = default;

void
DeploymentSearch::SetEstimator(Estimator estimator)
{
    m_engine->SetEstimator(std::move(estimator));
}

uint64_t
DeploymentSearch::Count() const
{
    return m_engine->Count(Engine::Counted::CONSIDERED);
}

uint64_t
DeploymentSearch::CountUnmeasured() const
{
    return m_engine->Count(Engine::Counted::ANY) - m_engine->Count(Engine::Counted::MEASURED);
}

uint64_t
DeploymentSearch::CountUnfit() const
{
    return m_engine->GetSpace().rooms.empty()
               ? 0
               : m_engine->Count(Engine::Counted::MEASURED) - Count();
}

void
DeploymentSearch::ForEach(const Visitor& visitor) const
{
    m_engine->RequireVisits();
    m_engine->EnumerateAll(m_engine->Describe(visitor));
}

void
DeploymentSearch::ForSome(const std::set<uint64_t>& numbers, const Visitor& visitor) const
{
    m_engine->EnumerateSome(numbers, m_engine->Describe(visitor));
}

Frontier
DeploymentSearch::FindFrontierExhaustively() const
{
    m_engine->RequireAccuracy();
    m_engine->RequireVisits();
    Frontier frontier(m_engine->HasEnergy());
    m_engine->EnumerateAll([&](const Placement& placement,
                               const Engine::Label& label,
                               const auto& ends,
                               const auto& thresholds) {
        const auto& [idleMs, accuracy, energyJ, node] = label;
        if (!frontier.Accepts(idleMs, accuracy, energyJ))
        {
            return;
        }
        const double latencyMs = m_engine->GetLatencyMs(idleMs, placement, ends, thresholds);
        if (std::isfinite(latencyMs) && frontier.Accepts(latencyMs, accuracy, energyJ))
        {
            frontier.Insert({m_engine->MakeDeployment(placement, ends, thresholds),
                             latencyMs,
                             accuracy,
                             energyJ});
        }
    });
    return frontier;
}

Frontier
DeploymentSearch::FindFrontier() const
{
    if (m_engine->CountsWaiting())
    {
        return FindFrontierExhaustively();
    }
    m_engine->RequireAccuracy();
    // What few partitions reach spares many labels of many.
    const auto& space = m_engine->GetSpace();
    std::size_t longest = 0;
    for (const auto& placement : space.placements)
    {
        longest = std::max(longest, placement.size());
    }
    Frontier frontier(m_engine->HasEnergy());
    for (std::size_t length = 1; length <= longest; ++length)
    {
        const auto graph = m_engine->MakeGraph(length);
        for (const auto threshold : space.thresholds)
        {
            if (!graph.stages.empty() && !m_engine->IsRepeated(length, threshold))
            {
                m_engine->SetLabels(graph, threshold, frontier);
            }
        }
    }
    return frontier;
}

void
DeploymentSearch::RequireBest(const Objective& objective) const
{
    const bool hasFrontier = !m_engine->CountsWaiting() && Count() > MAX_VISITED;
    if (objective.goal == Objective::Goal::ACCURACY || objective.minAccuracy > 0 || hasFrontier)
    {
        m_engine->RequireAccuracy();
    }
    if (objective.NeedsEnergy())
    {
        m_engine->RequireEnergy();
    }
    if (!hasFrontier)
    {
        m_engine->RequireVisits();
    }
}

std::vector<Candidate>
DeploymentSearch::FindBest(const Objective& objective, std::size_t count) const
{
    RequireBest(objective);
    // What is wanted first, and what tells between those that are the same in it.
    const auto getOrder = [&](double latencyMs, double accuracy, double energyJ) {
        switch (objective.goal)
        {
        case Objective::Goal::ACCURACY:
            return std::make_tuple(-accuracy, latencyMs, 0.0);
        case Objective::Goal::ENERGY:
            return std::make_tuple(energyJ, latencyMs, -accuracy);
        case Objective::Goal::LATENCY:
            break;
        }
        return std::make_tuple(latencyMs, -accuracy, 0.0);
    };
    const auto isBetter = [&](double latencyMs, const Engine::Label& a, const Candidate& b) {
        return getOrder(latencyMs, a.accuracy, a.energyJ) <
               getOrder(b.latencyMs, b.accuracy, b.energyJ);
    };
    std::vector<Candidate> best; // the best first
    if (!m_engine->CountsWaiting() && Count() > MAX_VISITED)
    {
        const auto frontier = FindFrontier();
        for (const auto& found : frontier.Get())
        {
            if (objective.IsFeasible(found.latencyMs, found.accuracy, found.energyJ))
            {
                best.push_back(found);
            }
        }
        std::stable_sort(best.begin(), best.end(), [&](const Candidate& a, const Candidate& b) {
            return getOrder(a.latencyMs, a.accuracy, a.energyJ) <
                   getOrder(b.latencyMs, b.accuracy, b.energyJ);
        });
        best.resize(std::min(best.size(), count));
        return best;
    }
    m_engine->EnumerateAll([&](const Placement& placement,
                               const Engine::Label& label,
                               const auto& ends,
                               const auto& thresholds) {
        const auto isWanted = [&](double latencyMs) {
            return objective.IsFeasible(latencyMs, label.accuracy, label.energyJ) && count > 0 &&
                   (best.size() < count || isBetter(latencyMs, label, best.back()));
        };
        if (!isWanted(label.latencyMs))
        {
            return;
        }
        const double latencyMs =
            m_engine->GetLatencyMs(label.latencyMs, placement, ends, thresholds);
        if (!isWanted(latencyMs))
        {
            return;
        }
        const auto place = std::find_if(best.begin(), best.end(), [&](const Candidate& other) {
            return isBetter(latencyMs, label, other);
        });
        best.insert(place,
                    {m_engine->MakeDeployment(placement, ends, thresholds),
                     latencyMs,
                     label.accuracy,
                     label.energyJ});
        if (best.size() > count)
        {
            best.pop_back();
        }
    });
    return best;
}

} // namespace portend
