/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_ESTIMATOR_H
#define PORTEND_ESTIMATOR_H

#include "portend-deployment.h"
#include "portend-network.h"
#include "portend-profile.h"
#include "portend-stream.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

/**
 * @file
 * @ingroup portend
 * The analytical PORTEND model: mean end-to-end latency and accuracy of a deployment.
 *
 * Source: M. Ebrahimi et al., PORTEND, ICPADS 2023, Section II-C. Times are milliseconds,
 * sizes bytes, rates bit/s.
 */

namespace portend
{

/**
 * @ingroup portend
 * @brief What a request's latency is made of, per request, in milliseconds.
 *
 * The paper's model is one of an unloaded network: only the rules that count waiting wait for
 * servers and links.
 */
struct Components
{
    double waitMs{0};            //!< waiting for a tier's server
    double deserializationMs{0}; //!< bytes to tensors
    double computationMs{0};     //!< inference
    double serializationMs{0};   //!< tensors to bytes
    double propagationMs{0};     //!< signal on the way
    double transmissionMs{0};    //!< bits onto the links of an idle path
    double networkExcessMs{0};   //!< anything else in the network

    /// The components' names, as reports spell them, in the order of members.
    static const std::array<const char*, 7> NAMES;

    /**
     * @brief Get the components as a list.
     * @return milliseconds, in the order of NAMES
     */
    std::array<double, 7> GetValues() const;

    /**
     * @brief Add them up.
     * @return milliseconds
     */
    double GetTotal() const;

    /**
     * @brief Add a weighted share of another set of components.
     * @param other what to add
     * @param weight factor applied to it
     */
    void Add(const Components& other, double weight = 1);
};

/**
 * @ingroup portend
 * @brief The variant of the analytical model.
 */
struct EstimatorRules
{
    /// What stands for the repeated timings of a partition.
    enum class Repeats
    {
        MEAN,    //!< their mean (paper, Section II-C: "mean computation time")
        MEDIAN,  //!< their median (ours: a stray repeat does not count)
        MAXIMUM, //!< their maximum (authors' program, ResNet_partition_latency_partitionwise_plus)
    };

    /// When the last partition takes whatever is left.
    enum class LastExit
    {
        TAKES_REST,          //!< always: E_L = 1 - sum E_k (paper, Section II-C)
        TAKES_REST_IF_SHORT, //!< only if all E_k sum to less than 0.999 (authors' program)
    };

    /// How often the answers of the requests that exit at a branch are right.
    enum class Accuracy
    {
        PAPER,       //!< as often as the branch's answers to all samples (paper, Section II-C)
        CONDITIONAL, //!< as measured among those that exit there (ours, see Terms)
    };

    /// How long a message occupies the links of an idle path.
    enum class Transmission
    {
        FULL_PACKETS,   //!< ceil(O/MTU) full packets, pipelined over the hops (paper)
        REFERENCE_CODE, //!< the authors' program, its shortcuts included
        EXACT_PACKETS,  //!< last packet at its true length, all headers counted
    };

    /// How much computation times vary from request to request: it makes others wait.
    enum class Variance
    {
        NONE,       ///< not at all: all requests take what stands for the repeats
        OF_REPEATS, ///< one of the repeats is drawn for each
        OF_SAMPLE,  ///< the repeats are a sample of what is drawn: n - 1 of n count
    };

    std::string name{"exact"};                              //!< name of the set
    Repeats repeats{Repeats::MEAN};                         //!< repeated timings
    LastExit lastExit{LastExit::TAKES_REST};                //!< closing of the exit rates
    Transmission transmission{Transmission::EXACT_PACKETS}; //!< time on the links
    Accuracy accuracy{Accuracy::PAPER};                     //!< of those that exit
    bool roundRates{false};   //!< E_k to 4 and S_k to 5 decimals (authors' program)
    bool monotoneExits{true}; //!< running maximum of ER, so that no E_k is negative (ours)
    bool resultCodec{true};   //!< count (de)serialization of the result where profiled (paper)
    bool waiting{false};      //!< count waiting under load, see QueueingNetwork (ours)
    bool sharedTiers{true};   //!< know several exits on one tier (ours), or one partition (paper)
    Variance variance{Variance::NONE}; //!< of computation times

    /**
     * @brief The rules of an unloaded packet network, ours.
     * @return the set `exact`
     */
    static EstimatorRules Exact();

    /**
     * @brief The rules of the paper's text.
     * @return the set `paper`
     */
    static EstimatorRules Paper();

    /**
     * @brief The rules of the authors' program.
     * @return the set `reference-code`
     */
    static EstimatorRules ReferenceCode();

    /**
     * @brief The exact rules and waiting under load, ours.
     * @return the set `queueing`
     */
    static EstimatorRules Queueing();

    /**
     * @brief Require that the rules know what a deployment does.
     * @param deployment a valid deployment
     * @throw InputError if partitions share a tier and the rules know one a tier
     */
    void Require(const Deployment& deployment) const;

    /**
     * @brief List the sets.
     * @return all of them
     */
    static std::vector<EstimatorRules> GetAll();

    /**
     * @brief Find a set by name.
     * @param name `paper`, `reference-code`, `exact` or `queueing`
     * @return the set
     * @throw InputError listing the names
     */
    static EstimatorRules FromName(const std::string& name);

    /**
     * @brief Find a way to count right answers by name.
     * @param name `paper` or `conditional`
     * @return the way
     * @throw InputError listing the names
     */
    static Accuracy AccuracyFromName(const std::string& name);
};

/**
 * @ingroup portend
 * @brief What a branch does to the requests that arrive at it, as shares of all requests.
 */
struct ExitShare
{
    double exits{0};   //!< E_k
    double stays{0};   //!< S_k
    double correct{0}; //!< share that exits here with a right answer
};

/**
 * @ingroup portend
 * @brief What the analytical model says of a deployment.
 */
struct Estimate
{
    Components components;              //!< means per request; they sum to the latency
    std::vector<double> exitRates;      //!< E_k, k = 1 .. L
    std::vector<double> stayRates;      //!< S_k, k = 1 .. L
    std::vector<double> correctRates;   //!< share of requests that exit at k and are right
    double accuracy{0};                 //!< share of right answers, such as sum A_{P_k} E_k
    std::vector<Components> exitClass;  //!< of a request that exits at partition k
    Energy energy;                      //!< mean per request
    std::vector<uint64_t> messageBytes; //!< input, tensor leaving partition 1 .. L-1 (0 if it
                                        //!< stays on its tier), result
    std::vector<Components> waits;      //!< those of `components`, at source, partitions and
                                        //!< destination and on the links behind; or empty

    /**
     * @brief Get the mean end-to-end latency.
     * @return milliseconds
     */
    double GetLatencyMs() const;
};

/**
 * @ingroup portend
 * @brief Choose what stands for repeated timings.
 * @param repeatsMs the timings, at least one, milliseconds
 * @param repeats which statistic
 * @return milliseconds
 */
double SummarizeRepeats(const std::vector<double>& repeatsMs, EstimatorRules::Repeats repeats);

/**
 * @ingroup portend
 * @brief Get how much the times vary that repeated timings stand for.
 * @param repeatsMs the timings, at least one, milliseconds
 * @param variance which variance
 * @return milliseconds squared
 */
double GetRepeatsVariance(const std::vector<double>& repeatsMs, EstimatorRules::Variance variance);

/**
 * @ingroup portend
 * @brief Estimate what the branches do alone.
 * @param model device-independent profile
 * @param deployment a valid deployment of it
 * @param rules variant of the model
 * @return shares at partition k, k = 1 .. L
 * @throw InputError if a threshold is not profiled
 */
std::vector<ExitShare> EstimateExits(const ModelProfile& model,
                                     const Deployment& deployment,
                                     const EstimatorRules& rules);

/**
 * @ingroup portend
 * @brief Estimate exit rates alone.
 * @param model device-independent profile
 * @param deployment a valid deployment of it
 * @param rules variant of the model
 * @return E_k, k = 1 .. L
 * @throw InputError if a threshold is not profiled
 */
std::vector<double> EstimateExitRates(const ModelProfile& model,
                                      const Deployment& deployment,
                                      const EstimatorRules& rules);

/**
 * @ingroup portend
 * @brief Count the bytes that a message puts on each link of a path.
 * @param bytes size of the message
 * @param path links in the order of travel
 * @param packets how messages become packets
 * @return bytes by link, all headers included, those of fragments too
 */
std::vector<uint64_t> EstimateLinkBytes(uint64_t bytes,
                                        const std::vector<Link>& path,
                                        const PacketFormat& packets);

/**
 * @ingroup portend
 * @brief Time that a message occupies the links of an idle path.
 *
 * The MTU of the first link is that of the packets. The exact rule follows what smaller MTUs
 * make of them; the paper knows one MTU only.
 *
 * @param bytes size of the message
 * @param path links in the order of travel
 * @param packets how messages become packets
 * @param transmission which formula
 * @return milliseconds, propagation not included; 0 on an empty path
 */
double EstimateTransmissionMs(uint64_t bytes,
                              const std::vector<Link>& path,
                              const PacketFormat& packets,
                              EstimatorRules::Transmission transmission);

/**
 * @ingroup portend
 * @brief Estimate the mean latency and accuracy of a deployment (paper, Section II-C).
 *
 * Each partition k costs computation and deserialization to the requests that arrive at it,
 * and the way to the next partition to those that stay (`S_k`), or to the destination to those
 * that exit (`E_k`). The input's way from the source to the first partition comes first. Between
 * partitions that share a tier there is none, nor any (de)serialization, and the overhead of the
 * process is paid once a visit.
 *
 * The energy of each of these is its time by the power of its node beyond an idle one, and of
 * messages what the ends of links take for their bits. A computation is one alone, also where the
 * rules count waiting for batches.
 *
 * @param model device-independent profile
 * @param stream tiers, source and destination on a network
 * @param deployment configuration to estimate
 * @param rules variant of the model
 * @return the estimate
 * @throw InputError if the parts do not fit together
 */
Estimate EstimateDeployment(const ModelProfile& model,
                            const Stream& stream,
                            const Deployment& deployment,
                            const EstimatorRules& rules);

} // namespace portend

#endif // PORTEND_ESTIMATOR_H
