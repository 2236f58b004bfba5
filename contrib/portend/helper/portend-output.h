/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_OUTPUT_H
#define PORTEND_OUTPUT_H

#include <memory>
#include <ostream>
#include <string>

namespace ns3
{

/**
 * @ingroup portend
 * @brief A file that appears whole or not at all.
 *
 * It is written beside its final place and moved there by Commit(). The name `-` is the
 * standard output; devices, pipes and what links lead to are written directly.
 */
class PortendOutput
{
  public:
    /**
     * @brief Constructor: open for writing.
     * @param file name of the file
     * @param option option that named it, for complaints
     * @throw portend::InputError if it cannot be written
     */
    PortendOutput(const std::string& file, const std::string& option);

    /// Destructor: without Commit(), nothing is left.
    ~PortendOutput();

    PortendOutput(const PortendOutput&) = delete;
    PortendOutput& operator=(const PortendOutput&) = delete;

    /**
     * @brief Get where to write.
     * @return the stream
     */
    std::ostream& GetStream();

    /**
     * @brief Check that everything was written, before any output is put into its place.
     * @throw portend::InputError if not
     */
    void Finish();

    /**
     * @brief Put the file into its place.
     * @throw portend::InputError if not everything could be written
     */
    void Commit();

  private:
    std::string m_file;                     //!< final name
    std::string m_option;                   //!< option that named it
    std::string m_partial;                  //!< name until committed; empty if written directly
    std::unique_ptr<std::ostream> m_stream; //!< where to write
};

} // namespace ns3

#endif // PORTEND_OUTPUT_H
