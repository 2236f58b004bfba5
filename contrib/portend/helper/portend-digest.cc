/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portend-digest.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <utility>

namespace ns3
{

namespace
{

/// Bytes that are digested at once.
constexpr std::size_t BLOCK_BYTES = 64;

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
constexpr std::array<uint32_t, 64> CONSTANTS{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/// What has been digested so far.
using State = std::array<uint32_t, 8>;

/**
 * @brief Rotate bits to the right.
 * @param word the bits
 * @param count by how many
 * @return the bits rotated
 */
constexpr uint32_t
Rotate(uint32_t word, int count)
{
    return word >> count | word << (32 - count);
}

/**
 * @brief Digest a block.
 * @param state of all blocks before; gets that with the block
 * @param block BLOCK_BYTES bytes
 */
void
AddBlock(State& state, const char* block)
{
    std::array<uint32_t, CONSTANTS.size()> words;
    for (std::size_t t = 0; t < words.size(); ++t)
    {
        if (t < 16)
        {
            words[t] = 0;
            for (int i = 0; i < 4; ++i)
            {
                words[t] = words[t] << 8 | static_cast<unsigned char>(*block++);
            }
            continue;
        }
        const auto a = words[t - 15];
        const auto b = words[t - 2];
        words[t] = words[t - 16] + (Rotate(a, 7) ^ Rotate(a, 18) ^ a >> 3) + words[t - 7] +
                   (Rotate(b, 17) ^ Rotate(b, 19) ^ b >> 10);
    }
    auto [a, b, c, d, e, f, g, h] = state;
    for (std::size_t t = 0; t < words.size(); ++t)
    {
        const auto t1 = h + (Rotate(e, 6) ^ Rotate(e, 11) ^ Rotate(e, 25)) + ((e & f) ^ (~e & g)) +
                        CONSTANTS[t] + words[t];
        const auto t2 =
            (Rotate(a, 2) ^ Rotate(a, 13) ^ Rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g;
        g = f;
        f = e;
        e = d + t1;
        d = c;
        c = b;
        b = a;
        a = t1 + t2;
    }
    const State added{a, b, c, d, e, f, g, h};
    std::transform(state.begin(), state.end(), added.begin(), state.begin(), std::plus<>());
}

} // namespace

std::string
PortendDigest(const std::string& bytes)
{
    // The first 32 bits of the fractional parts of the square roots of the first 8 primes.
    State state{0x6a09e667,
                0xbb67ae85,
                0x3c6ef372,
                0xa54ff53a,
                0x510e527f,
                0x9b05688c,
                0x1f83d9ab,
                0x5be0cd19};
    std::size_t done = 0;
    for (; bytes.size() - done >= BLOCK_BYTES; done += BLOCK_BYTES)
    {
        AddBlock(state, bytes.data() + done);
    }
    // A bit of 1, zeros, and the number of bits in the last 8 bytes of a block.
    auto rest = bytes.substr(done) + '\x80';
    rest.resize((rest.size() + 8 + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES);
    for (auto [bits, i] = std::pair{uint64_t{bytes.size()} * 8, rest.size()}; bits > 0; bits >>= 8)
    {
        rest[--i] = static_cast<char>(bits & 0xff);
    }
    for (std::size_t i = 0; i < rest.size(); i += BLOCK_BYTES)
    {
        AddBlock(state, rest.data() + i);
    }
    std::string digest;
    for (const auto word : state)
    {
        char text[9];
        std::snprintf(text, sizeof(text), "%08x", word);
        digest += text;
    }
    return digest;
}

} // namespace ns3
