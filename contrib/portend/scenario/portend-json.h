/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_JSON_H
#define PORTEND_JSON_H

#include "ns3/portend-profile.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

/**
 * @file
 * @ingroup portend
 * Strict reading of JSON documents, and writing of any.
 */

namespace ns3
{

/**
 * @ingroup portend
 * @brief A value in a document, and where it stands.
 *
 * Every getter requires the type that it returns; what it does not find is an
 * portend::InputError that names the place, the value found and what is allowed.
 */
class PortendJson
{
  public:
    /**
     * @brief Read and parse a file.
     * @param file name of the file
     * @param name what results call it, if that is not where it is
     * @return its text
     * @throw portend::InputError naming the file, if it cannot be read, is not JSON, is nested too
     *        deep or has a key twice
     */
    static nlohmann::json Load(const std::string& file, const std::string& name = "");

    /**
     * @brief Read and parse a file, and make something else of it.
     * @tparam Reader type of the function
     * @param file name of the file
     * @param name what results call it; empty is where it is
     * @param reader given the document, returns something else
     * @return what it returned
     * @throw portend::InputError naming the file, also if the reader throws one
     */
    template <typename Reader>
    static auto Read(const std::string& file, const std::string& name, Reader reader)
    {
        return Read(file, Load(file, name), reader);
    }

    /**
     * @brief Make something else of a document that was read.
     * @tparam Reader type of the function
     * @param file name of the file
     * @param document what it holds
     * @param reader given the document, returns something else
     * @return what it returned
     * @throw portend::InputError naming the file, if the reader throws one
     */
    template <typename Reader>
    static auto Read(const std::string& file, const nlohmann::json& document, Reader reader)
    {
        try
        {
            return reader(PortendJson(document));
        }
        catch (const portend::InputError& error)
        {
            throw NameFile(file, error);
        }
    }

    /**
     * @brief Constructor.
     * @param value a value; it must outlive this object
     * @param pointer where it stands
     */
    explicit PortendJson(const nlohmann::json& value, const std::string& pointer = "");

    /**
     * @brief Require an object of known keys.
     * @param known all keys allowed
     * @throw portend::InputError naming an unknown key, and the nearest known one
     */
    void RequireKeys(const std::vector<std::string>& known) const;

    /**
     * @brief Require a version of the format that this program reads.
     * @param newest the newest; the first is 1
     * @return the document's version
     */
    int RequireVersion(int newest) const;

    /**
     * @brief Tell whether a key is there.
     * @param key the key
     * @return true if so
     */
    bool Has(const std::string& key) const;

    /**
     * @brief Get a member of an object.
     * @param key its key
     * @return the member
     */
    PortendJson Get(const std::string& key) const;

    /// @return whether it is null
    bool IsNull() const;

    /// @return whether it is an object
    bool IsObject() const;

    /// @return whether it is an array
    bool IsArray() const;

    /// @return whether it is a text
    bool IsString() const;

    /// @return the entries of an array
    std::vector<PortendJson> GetArray() const;

    /// @return the keys of an object
    std::vector<std::string> GetKeys() const;

    /// @return a text
    std::string GetString() const;

    /// @return a finite number
    double GetNumber() const;

    /// @return true or false
    bool GetBoolean() const;

    /**
     * @brief Get a whole number, however it is written: 1500, 1500.0, 15e2.
     * @param low smallest allowed
     * @param high largest allowed
     * @return the number
     */
    uint64_t GetInteger(uint64_t low, uint64_t high) const;

    /// @return an array of finite numbers
    std::vector<double> GetNumbers() const;

    /// @return an array of arrays of finite numbers
    std::vector<std::vector<double>> GetMatrix() const;

    /// @return the JSON pointer of the value
    const std::string& GetPointer() const;

    /**
     * @brief Complain about the value.
     * @param allowed what is allowed
     */
    [[noreturn]] void Fail(const std::string& allowed) const;

  private:
    /**
     * @brief Name the file in a complaint.
     * @param file name of the file
     * @param error a complaint about a place in it
     * @return the same about the place in the file
     */
    static portend::InputError NameFile(const std::string& file, const portend::InputError& error);

    const nlohmann::json* m_value; //!< the value
    std::string m_pointer;         //!< where it stands
};

/**
 * @ingroup portend
 * @brief Write a document.
 *
 * Bytes that are no UTF-8, as names of files may hold, are replaced.
 *
 * @tparam Json type of the document
 * @param json the document
 * @param indent of each level; none on a single line
 * @return its text
 */
template <typename Json>
std::string
PortendDump(const Json& json, int indent = -1)
{
    return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

/**
 * @ingroup portend
 * @brief Find the word that somebody may have meant.
 * @param word what was written
 * @param known the words known
 * @return " (did you mean 'x'?)" with the nearest known word, or nothing if none is near
 */
std::string PortendSuggest(const std::string& word, const std::vector<std::string>& known);

} // namespace ns3

#endif // PORTEND_JSON_H
