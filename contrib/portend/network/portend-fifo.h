/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_FIFO_H
#define PORTEND_FIFO_H

#include <cstddef>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup portend
 * @brief A queue that takes no memory before it is used: there are many, and few are.
 * @tparam T what waits, cheap to move
 */
template <typename T>
class PortendFifo
{
  public:
    /// @return whether nothing waits
    bool IsEmpty() const
    {
        return m_first == m_items.size();
    }

    /// @return the first that waits
    auto begin() const
    {
        return m_items.begin() + m_first;
    }

    /// @return the end of those that wait
    auto end() const
    {
        return m_items.end();
    }

    /// @return what came first
    T& Front()
    {
        return m_items[m_first];
    }

    /// @return what came last
    T& Back()
    {
        return m_items.back();
    }

    /**
     * @brief Let something wait.
     * @param item what comes
     */
    void Push(const T& item)
    {
        m_items.push_back(item);
    }

    /**
     * @brief Take what came first.
     * @return the item
     */
    T Pop()
    {
        auto item = std::move(m_items[m_first++]);
        if (IsEmpty())
        {
            m_items.clear();
            m_first = 0;
        }
        else if (m_first > m_items.size() / 2 + MANY)
        {
            m_items.erase(m_items.begin(), m_items.begin() + m_first);
            m_first = 0;
        }
        return item;
    }

    /**
     * @brief Take any.
     * @param at where it waits
     * @return the item
     */
    T Take(typename std::vector<T>::const_iterator at)
    {
        if (at == begin())
        {
            return Pop();
        }
        auto item = *at;
        m_items.erase(at);
        return item;
    }

  private:
    /// Places of items taken that are kept before the others move up.
    static constexpr std::size_t MANY = 16;

    std::vector<T> m_items; //!< those taken, and those that wait
    std::size_t m_first{0}; //!< index of the first that waits
};

} // namespace ns3

#endif // PORTEND_FIFO_H
