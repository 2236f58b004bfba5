/*
 * Copyright (c) 2026 The Portend authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef BULK_QUEUE_H
#define BULK_QUEUE_H

#include <cmath>
#include <complex>
#include <cstddef>
#include <vector>

/// Queues with bulk service in closed form, by the roots of their generating function.
namespace bulk
{

/**
 * Mean wait of an M/D^b/1 queue: Poisson arrivals, and a server that takes the same time for up to
 * b at once (N. T. J. Bailey, On queueing processes with bulk service, 1954).
 *
 * The number left when a service ends has the generating function
 * P(z) = C e^(-m (1 - z)) Q(z) / (z^b - e^(-m (1 - z))), where m = rate * service arrive in a
 * service, and Q(z) = (z - 1) (z - z_1) .. (z - z_(b-1)) = sum q_n z^n has the roots of the
 * denominator in the unit disk, z_k = w^k e^(-m (1 - z_k) / b) with w^b = 1. Fewer than b, n of
 * them, are left with probability -C q_n. P(1) = 1 gives C, and P'(1) the mean. A cycle from one
 * end to the next gives the mean number that waits over time, and Little's law the wait.
 *
 * @param b largest number served at once
 * @param rate of arrivals
 * @param service time of each service
 * @param isFull whether the server waits for b, else for one
 * @return mean time from the arrival to the begin of the service
 */
inline double
GetMeanWait(std::size_t b, double rate, double service, bool isFull)
{
    const double m = rate * service;
    const double pi = std::acos(-1);
    std::vector<std::complex<double>> q{-1, 1}; // z - 1
    double inverses = 0;                        // sum of 1 / (1 - z_k)
    std::complex<double> slope = 1;             // Q'(1) = product of 1 - z_k
    for (std::size_t k = 1; k < b; ++k)
    {
        const auto unit = std::polar(1.0, 2 * pi * k / b);
        std::complex<double> root = 0;
        for (int i = 0; i < 10000; ++i)
        {
            root = unit * std::exp(-m / b * (1.0 - root));
        }
        std::vector<std::complex<double>> product(q.size() + 1);
        for (std::size_t n = 0; n < q.size(); ++n)
        {
            product[n + 1] += q[n];
            product[n] -= root * q[n];
        }
        q = product;
        inverses += (1.0 / (1.0 - root)).real();
        slope *= 1.0 - root;
    }
    const double c = (b - m) / slope.real();
    const double left = m + inverses - (b * (b - 1.0) - m * m) / (2 * (b - m)); // P'(1)
    double few = 0;                                                             // E[min(n, b)]
    double idle = 0;                                                            // mean time
    double held = 0;                                                            // waiting then
    double atLeastB = 1;
    for (std::size_t n = 0; n < b; ++n)
    {
        const double share = -c * q[n].real();
        few += share * n;
        atLeastB -= share;
        const std::size_t needed = isFull ? b : 1;
        for (auto waiting = n; waiting < needed; ++waiting)
        {
            idle += share / rate;
            held += share * waiting / rate;
        }
    }
    few += atLeastB * b;
    const double waiting =
        (held + (left - few) * service + rate * service * service / 2) / (service + idle);
    return waiting / rate;
}

} // namespace bulk

#endif // BULK_QUEUE_H
