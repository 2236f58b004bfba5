/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_ANS_CONTROLLER_H
#define PORTEND_ANS_CONTROLLER_H

#include "portend-controllers.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief The bandit mu-LinUCB: chooses among cuts whose delay is known up to the cut, and linear in
 *        a context of seven features behind it.
 *
 * Zhang, Chen, Xu: Autodidactic Neurosurgeon: Collaborative Deep Inference for Mobile Edge
 * Intelligence via Online Learning, WWW 2021. With the contexts \f$x_p\f$, the known delays
 * \f$d_p\f$, \f$A = \beta I + \sum x x^T\f$, \f$b = \sum x d\f$ and \f$\theta = A^{-1} b\f$, it
 * takes the arm of least \f[ d_p + x_p^T \theta - \alpha \sqrt{(1 - L) x_p^T A^{-1} x_p}. \f] An
 * arm without a context computes everything before the cut: nothing is learnt from it, so that
 * every \f$\lceil T^\mu \rceil\f$-th choice leaves it out. T is doubled when it is passed.
 */
class PortendMuLinUcb
{
  public:
    /// Number of features.
    static constexpr std::size_t FEATURES = 7;

    /// Features of a cut.
    using Context = std::array<double, FEATURES>;

    /// A choice.
    struct Arm
    {
        Context context{};   //!< of what is behind the cut; all 0 if there is nothing
        double known{0};     //!< delay before the cut
        bool isLocal{false}; //!< whether nothing is behind the cut
    };

    /// How it explores.
    struct Options
    {
        double mu{0.25};        //!< every T^mu-th choice is a forced one
        double beta{1};         //!< ridge
        double weight{0.2};     //!< L of this choice; 0.8 of a key frame, 0.2 of others
        double keyWeight{0.8};  //!< the largest L
        double bound{1};        //!< of the norm of theta
        double noise{0.1};      //!< of delays, sub-Gaussian
        double contextBound{1}; //!< of the norm of contexts
        double delta{0.1};      //!< probability that bounds fail
        uint64_t horizon{64};   //!< T at first
    };

    /**
     * @brief Constructor.
     * @param arms what there is to choose from, at least one
     * @param options how it explores
     */
    PortendMuLinUcb(std::vector<Arm> arms, const Options& options);

    /// @return index of the next arm
    std::size_t Choose();

    /**
     * @brief Learn what a choice has cost.
     * @param arm index of the arm
     * @param delay behind the cut
     */
    void Learn(std::size_t arm, double delay);

  private:
    /// @return A^-1 times a context
    Context Multiply(const Context& context) const;

    std::vector<Arm> m_arms;                   //!< what there is to choose from
    Options m_options;                         //!< how it explores
    std::array<Context, FEATURES> m_inverse{}; //!< A^-1, symmetric
    Context m_sum{};                           //!< b
    Context m_theta{};                         //!< A^-1 b
    uint64_t m_choices{0};                     //!< so far
    uint64_t m_horizon;                        //!< T
};

/**
 * @ingroup portend
 * @brief Autodidactic Neurosurgeon: learns the delay behind the cut while it chooses cuts
 *        (PortendMuLinUcb).
 *
 * The cuts are those between two tiers, one exit at the end. The context has no MACs, which
 * profiles lack: the computation time of the back part takes their place.
 */
class PortendAnsController : public PortendController
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

  protected:
    portend::Deployment DoBegin() override;
    portend::Deployment Decide() override;
    void DoReply(const Reply& reply) override;

  private:
    /**
     * @brief Describe a cut to the bandit.
     * @param deployment the cut
     * @param front tier of the front part
     * @param back tier of the back part
     * @return its features in natural units, and its known delay, ms
     */
    PortendMuLinUcb::Arm Describe(const portend::Deployment& deployment,
                                  uint32_t front,
                                  uint32_t back) const;

    double m_mu;                              //!< every T^mu-th choice is a forced one
    double m_weight;                          //!< L
    double m_ridge;                           //!< beta
    double m_bound;                           //!< C_theta
    double m_noise;                           //!< C_noise
    double m_delta;                           //!< probability that bounds fail
    std::vector<portend::Deployment> m_cuts;  //!< by arm
    std::vector<PortendMuLinUcb::Arm> m_arms; //!< the same, scaled
    std::optional<PortendMuLinUcb> m_bandit;  //!< chooses, once it has begun
    double m_unitMs{1};                       //!< that the bandit measures delays in
    std::map<uint32_t, std::size_t> m_epochs; //!< arms by epoch
};

} // namespace ns3

#endif // PORTEND_ANS_CONTROLLER_H
