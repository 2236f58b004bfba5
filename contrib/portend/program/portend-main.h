/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTEND_MAIN_H
#define PORTEND_MAIN_H

/**
 * @file
 * @ingroup portend
 * For the source file of a program's main() alone.
 *
 * ns-3 reads the environment's NS_GLOBAL_VALUE while its libraries are loaded, and ends the program
 * there for what is no value. Here the variable gets another name before; PortendProgram gives it
 * its own again, and sets the values with a check.
 */

#ifdef __linux__

namespace ns3
{

/**
 * @brief Rename NS_GLOBAL_VALUE to nS_GLOBAL_VALUE.
 *
 * Nothing is there yet, neither the C++ library nor sanitizers.
 *
 * @param environment the environment
 */
__attribute__((no_sanitize("address", "undefined"))) static void
PortendHideGlobals(int /* argc */, char** /* argv */, char** environment)
{
    constexpr char NAME[] = "NS_GLOBAL_VALUE=";
    for (; *environment; ++environment)
    {
        auto length = 0U;
        while (length + 1 < sizeof(NAME) && (*environment)[length] == NAME[length])
        {
            ++length;
        }
        if (length + 1 == sizeof(NAME))
        {
            (*environment)[0] = 'n';
        }
    }
}

/// Called by the dynamic linker before the libraries are initialized.
__attribute__((section(".preinit_array"),
               used)) static void (*const g_portendHideGlobals)(int,
                                                                char**,
                                                                char**) = &PortendHideGlobals;

} // namespace ns3

#endif // __linux__

#endif // PORTEND_MAIN_H
