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
 * @tparam T what waits, cheap to copy
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
        const auto item = m_items[m_first++];
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

  private:
    /// Places of items taken that are kept before the others move up.
    static constexpr std::size_t MANY = 16;

    std::vector<T> m_items; //!< those taken, and those that wait
    std::size_t m_first{0}; //!< index of the first that waits
};

} // namespace ns3

#endif // PORTEND_FIFO_H
