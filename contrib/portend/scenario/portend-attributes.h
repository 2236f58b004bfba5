/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_ATTRIBUTES_H
#define PORTEND_ATTRIBUTES_H

#include <string>

/**
 * @file
 * @ingroup portend
 * Attributes and global values of ns-3 given as text. ns-3 itself ends the program for a text that
 * is none of their values.
 */

namespace ns3
{

/**
 * @ingroup portend
 * @brief Get the name that an attribute has today.
 * @param name its class and its own
 * @return the same, with the class's new name if it has one
 */
std::string PortendGetCurrentName(const std::string& name);

/**
 * @ingroup portend
 * @brief Require that an attribute can have a value.
 * @param name its class and its own, such as `ns3::PortendWorker::ComputationFactor`
 * @param text the value
 * @param where its place, for complaints
 * @throw portend::InputError if there is no such attribute, or if it cannot have the value
 */
void PortendCheckAttribute(const std::string& name,
                           const std::string& text,
                           const std::string& where);

/**
 * @ingroup portend
 * @brief Set the default of an attribute.
 * @param name its class and its own, such as `ns3::PortendWorker::ComputationFactor`
 * @param text the value
 * @param where its place, for complaints
 * @throw portend::InputError if there is no such attribute, or if it cannot have the value
 */
void PortendSetAttribute(const std::string& name,
                         const std::string& text,
                         const std::string& where);

/**
 * @ingroup portend
 * @brief Set a global value, if it exists.
 * @param name its name, such as `ChecksumEnabled`
 * @param text the value
 * @param where its place, for complaints
 * @return whether it exists
 * @throw portend::InputError if it cannot have the value
 */
bool PortendSetGlobal(const std::string& name, const std::string& text, const std::string& where);

/**
 * @ingroup portend
 * @brief Check the defaults of attributes that the environment's NS_ATTRIBUTE_DEFAULT sets, and
 * set the global values of NS_GLOBAL_VALUE, which portend-main.h has hidden.
 * @throw portend::InputError if something does not exist, or if it cannot have its value
 */
void PortendReadEnvironment();

} // namespace ns3

#endif // PORTEND_ATTRIBUTES_H
