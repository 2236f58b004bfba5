/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_DEPLOYMENT_TABLE_H
#define PORTEND_DEPLOYMENT_TABLE_H

#include "ns3/portend-estimator.h"

#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief Writes one row of comma-separated values for each deployment and its estimate.
 *
 * Lists within a field are joined with `;`. Numbers read back as they were.
 */
class PortendDeploymentTable
{
  public:
    /**
     * @brief Constructor: write the header.
     * @param os where to; it must outlive this object
     * @param hasEnergy whether powers are known
     */
    PortendDeploymentTable(std::ostream& os, bool hasEnergy);

    /**
     * @brief Write a row.
     * @param deployment the deployment
     * @param estimate what the analytical model says of it
     */
    void Add(const portend::Deployment& deployment, const portend::Estimate& estimate);

  private:
    std::ostream& m_os; //!< where to
    bool m_hasEnergy;   //!< whether powers are known
    std::string m_row;  //!< the row under way, kept for its memory
};

/**
 * @ingroup portend
 * @brief Write a deployment and its estimate as a JSON object.
 * @param deployment the deployment
 * @param estimate what the analytical model says of it
 * @param hasEnergy whether powers are known
 * @return the object's text
 */
std::string PortendDeploymentToJson(const portend::Deployment& deployment,
                                    const portend::Estimate& estimate,
                                    bool hasEnergy);

/**
 * @ingroup portend
 * @brief Read a list of deployments: one a line, `#` begins a comment.
 * @param file name of the file
 * @param check called with each deployment; throws a portend::InputError if it does not fit
 * @return the deployments
 * @throw portend::InputError naming file and line of the first offence
 */
std::vector<portend::Deployment> PortendReadDeployments(
    const std::string& file,
    const std::function<void(const portend::Deployment&)>& check);

} // namespace ns3

#endif // PORTEND_DEPLOYMENT_TABLE_H
