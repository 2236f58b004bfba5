/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_OUTPUT_H
#define PORTEND_OUTPUT_H

#include <cstddef>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief A file that is removed unless it is kept: at the end of this object, and also if a
 *        signal such as that of Ctrl-C ends the program before.
 */
class PortendUnfinishedFile
{
  public:
    /**
     * @brief Constructor.
     * @param file name of the file, which need not be there yet
     */
    explicit PortendUnfinishedFile(const std::string& file);

    /// Destructor.
    ~PortendUnfinishedFile();

    PortendUnfinishedFile(const PortendUnfinishedFile&) = delete;
    PortendUnfinishedFile& operator=(const PortendUnfinishedFile&) = delete;

    /// Leave the file, which has its final name now.
    void Keep();

    /// @return name of the file
    const std::string& GetName() const;

  private:
    std::string m_file;     //!< name of the file; empty once it is kept
    std::size_t m_index{0}; //!< among those that a signal removes
};

/**
 * @ingroup portend
 * @brief Where an output goes.
 */
struct PortendPlace
{
    std::string option; //!< option that names it
    std::string file;   //!< name of the file; empty if nothing is asked for
};

/**
 * @ingroup portend
 * @brief Require that no output goes where another goes, nor over a file that was read.
 *
 * Files are the same by what they are, not by how they are spelled; a device takes any number.
 *
 * @param outputs all outputs of the program
 * @throw portend::InputError naming the option, and what has the place
 */
void PortendRequirePlaces(const std::vector<PortendPlace>& outputs);

/**
 * @ingroup portend
 * @brief From now to the end of the program, care for its standard streams.
 *
 * If not everything could be written, the exit status is 2. A stream that is closed stays so: no
 * file of the program gets its place.
 *
 * @param program name of the program, for complaints
 */
void PortendGuardStandardStreams(const std::string& program);

/**
 * @ingroup portend
 * @brief A file that appears whole or not at all.
 *
 * It is written beside its final place and moved there by Commit(). A process that is killed leaves
 * what it has written; the next one with that output removes it. The name `-` is the standard
 * output; devices, pipes and what links lead to are written directly.
 */
class PortendOutput
{
  public:
    /**
     * @brief Constructor: open for writing.
     * @param file name of the file
     * @param option option that named it, for complaints
     * @param stem length of the part of its name that GetPartialName() keeps together
     * @throw portend::InputError if it cannot be written
     */
    PortendOutput(const std::string& file,
                  const std::string& option,
                  std::size_t stem = std::string::npos);

    /// Destructor: without Commit(), nothing is left.
    ~PortendOutput();

    PortendOutput(const PortendOutput&) = delete;
    PortendOutput& operator=(const PortendOutput&) = delete;

    /**
     * @brief Get the name of a file until it is whole.
     * @param file name of the file, or its first part
     * @param stem length of the part that the addition follows, at most the name's
     * @return the name, with this process in it
     */
    static std::string GetPartialName(const std::string& file, std::size_t stem);

    /// @return whether the file is written directly
    bool IsWrittenInPlace() const;

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
    bool m_isFinished{false};                         //!< whether all was written
    std::string m_file;                               //!< final name
    std::string m_option;                             //!< option that named it
    std::unique_ptr<PortendUnfinishedFile> m_partial; //!< until committed; null if written directly
    int m_lock{-1};                                   //!< of the partial file; negative without
    std::unique_ptr<std::ostream> m_stream;           //!< where to write
};

} // namespace ns3

#endif // PORTEND_OUTPUT_H
