/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_ENERGY_H
#define PORTEND_ENERGY_H

#include <array>

/**
 * @file
 * @ingroup portend
 * Powers of nodes and links, and the energy of a request.
 */

namespace portend
{

/**
 * @ingroup portend
 * @brief The power of a node by what it does, in watts.
 *
 * That of an idle node is always drawn. Each server at work draws besides what its work takes
 * more, and that is what a request is charged.
 */
struct Power
{
    double idleW{0};        //!< when it does nothing
    double computingW{0};   //!< when one server computes, >= idleW
    double serializingW{0}; //!< when one server serializes or deserializes, >= idleW

    /// @return whether it is known
    bool IsKnown() const
    {
        return computingW > 0 || serializingW > 0 || idleW > 0;
    }

    /**
     * @brief Get the energy of a computation beyond that of an idle node.
     * @param ms how long it takes
     * @return joules
     */
    double GetComputationJ(double ms) const
    {
        return (computingW - idleW) * ms * 1e-3;
    }

    /**
     * @brief Get the energy of a serialization or deserialization beyond that of an idle node.
     * @param ms how long it takes
     * @return joules
     */
    double GetSerializationJ(double ms) const
    {
        return (serializingW - idleW) * ms * 1e-3;
    }
};

/**
 * @ingroup portend
 * @brief What the radios at the ends of a direction of a link take, or what else they are.
 *
 * An end takes so much for each bit, or so much power as long as a packet is transmitted. The
 * receiver listens as long as the sender sends, whether packets arrive or get lost.
 */
struct LinkEnergy
{
    /// What an end takes.
    struct End
    {
        double perBitJ{0}; //!< J for each bit, headers of the link included
        double powerW{0};  //!< W during the transmission

        /**
         * @brief Get the energy of what is transmitted.
         * @param bits how much is
         * @param seconds how long that takes
         * @return joules
         */
        double Get(double bits, double seconds) const
        {
            return perBitJ * bits + powerW * seconds;
        }

        /// @return whether it takes anything
        bool IsKnown() const
        {
            return perBitJ > 0 || powerW > 0;
        }
    };

    End sending;   //!< the node that sends
    End receiving; //!< the node that receives

    /**
     * @brief Get the energy of what is transmitted, both ends together.
     * @param bits how much is
     * @param seconds how long that takes
     * @return joules
     */
    double Get(double bits, double seconds) const
    {
        return sending.Get(bits, seconds) + receiving.Get(bits, seconds);
    }

    /// @return whether an end takes anything
    bool IsKnown() const
    {
        return sending.IsKnown() || receiving.IsKnown();
    }
};

/**
 * @ingroup portend
 * @brief The energy of a request by entry of the ledger, in joules: what nodes and links take
 *        beyond idle nodes. Waiting and propagation take none.
 */
struct Energy
{
    double deserializationJ{0}; //!< bytes to tensors
    double computationJ{0};     //!< inference
    double serializationJ{0};   //!< tensors to bytes
    double transmissionJ{0};    //!< both ends of the links

    /**
     * @brief Get the entries as a list.
     * @return joules, in the order of Components::NAMES
     */
    std::array<double, 7> GetValues() const
    {
        return {0, deserializationJ, computationJ, serializationJ, 0, transmissionJ, 0};
    }

    /**
     * @brief Add them up.
     * @return joules
     */
    double GetTotal() const
    {
        return deserializationJ + computationJ + serializationJ + transmissionJ;
    }

    /**
     * @brief Add a weighted share of another energy.
     * @param other what to add
     * @param weight factor applied to it
     */
    void Add(const Energy& other, double weight = 1)
    {
        deserializationJ += weight * other.deserializationJ;
        computationJ += weight * other.computationJ;
        serializationJ += weight * other.serializationJ;
        transmissionJ += weight * other.transmissionJ;
    }
};

} // namespace portend

#endif // PORTEND_ENERGY_H
