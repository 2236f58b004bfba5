#!/usr/bin/python3
"""Tests of scripts/make-trace: each process against its formula.

Needs Debian's python3-numpy.
"""

import math
import statistics
import subprocess
import tempfile
import unittest
from pathlib import Path

import numpy

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "scripts" / "make-trace"
STATES = "state,bandwidth_bps,dwell_s\n"


def draw_uniform(seed, count):
    """The first uniform numbers of a seed."""
    return [(int(raw) // 4096 + 0.5) / 2**52 for raw in numpy.random.PCG64(seed).random_raw(count)]


class Test(unittest.TestCase):
    """A test with a folder for its files."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.states = self.folder / "states.csv"
        self.out = self.folder / "out.csv"

    def run_script(self, *arguments):
        """Run the script."""
        return subprocess.run([SCRIPT, *arguments, "-o", self.out], capture_output=True, text=True,
                              check=False)

    def make(self, *arguments):
        """Make a trace, and return its rows as numbers: times and bandwidths."""
        done = self.run_script(*arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        header, *rows = self.out.read_text().splitlines()
        self.assertEqual(header, "time_s,bandwidth_bps")
        return zip(*(map(float, row.split(",")) for row in rows))

    def make_markov(self, states, *arguments):
        """Make a trace of a table of states."""
        self.states.write_text(states)
        return self.make("markov", f"--states={self.states}", *arguments)

    def refuse(self, *arguments, words):
        """The script ends with a message that has these words, and writes nothing."""
        done = self.run_script(*arguments)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertFalse(self.out.exists())

    def assert_mean(self, times, bandwidths, mean):
        """The mean over time is this one, to within a bit per second."""
        sent = sum(bandwidth * (after - time) for time, after, bandwidth in
                   zip(times, times[1:], bandwidths))
        self.assertAlmostEqual(sent / times[-1], mean, delta=1)


class ProcessTest(Test):
    """What each process gives."""

    def test_step(self):
        times, bandwidths = self.make("step", "--mean=10Mbps", "--ratio=3", "--dwell=2500ms",
                                      "--duration=11s")
        # High h and low h/3 for 2.5 s each, and 1 s of high: 6 h + 5 h/3 = 11 s * 10 Mb/s.
        high = 110e6 / (6 + 5 / 3)
        self.assertEqual(times, (0, 2.5, 5, 7.5, 10, 11))
        self.assertEqual(bandwidths[:2], (round(high), round(high / 3)))
        self.assertEqual(bandwidths, (*bandwidths[:2] * 2, bandwidths[0], bandwidths[0]))

    def test_fade_follows_its_formula(self):
        times, bandwidths = self.make("fade", "--snr=10", "--coherence=400ms", "--step=200ms",
                                      "--duration=1s", "--seed=7", "--mean=5Mbps")
        normals = map(statistics.NormalDist().inv_cdf, draw_uniform(7, 12))
        kept = math.exp(-0.5)
        parts, rates = (next(normals), next(normals)), []
        for _ in range(5):
            # Of each part the variance is 1/2, and the signal-to-noise ratio is 10.
            rates.append(math.log2(1 + 10 * (parts[0] ** 2 + parts[1] ** 2) / 2))
            parts = [kept * part + math.sqrt(1 - kept * kept) * next(normals) for part in parts]
        factor = 5e6 / statistics.fmean(rates)
        self.assertEqual(times, (0, 0.2, 0.4, 0.6, 0.8, 1))
        for bandwidth, rate in zip(bandwidths, rates):
            self.assertAlmostEqual(bandwidth, factor * rate, delta=1)
        self.assert_mean(times, bandwidths, 5e6)

    def test_fade_is_rayleigh(self):
        _, bandwidths = self.make("fade", "--snr=0", "--coherence=100ms", "--step=1s",
                                  "--duration=20000s")
        # Steps are independent. The power g is exponential: E log2(1 + g) = e E1(1) / ln 2, 0.8603,
        # and the median is log2(1 + ln 2) = 0.7597: 0.8831 of the mean.
        ratio = statistics.median(bandwidths) / statistics.fmean(bandwidths)
        self.assertAlmostEqual(ratio, 0.7597 / 0.8603, delta=0.01)

    def test_tunnel(self):
        times, bandwidths = self.make("tunnel", "--every=20s", "--length=3s", "--ramp=1s",
                                      "--step=250ms", "--duration=200s", "--mean=8Mbps", "--seed=5")
        self.assert_mean(times, bandwidths, 8e6)
        tunnels, now = [], 0
        for draw in draw_uniform(5, 30):
            now += -20 * math.log(draw)
            tunnels.append((now, now + 3))
            now += 3

        def get_share(time):
            """Of the bandwidth outside, by the distance from the nearest tunnel."""
            return min(max(0, min(1, max(begin - time, time - end))) for begin, end in tunnels)

        self.assertGreater(tunnels[-1][0], 200)
        for time, bandwidth in zip(times[:-1], bandwidths):
            self.assertAlmostEqual(bandwidth / max(bandwidths), get_share(time + 0.125), delta=1e-6)
        self.assertIn(0, bandwidths)

    def test_walk(self):
        times, bandwidths = self.make("walk", "--sigma=0.5", "--ratio=9", "--step=250ms",
                                      "--duration=5000s")
        self.assert_mean(times, bandwidths, 10e6)
        logs = [math.log(bandwidth) for bandwidth in bandwidths[:-1]]
        self.assertLessEqual(max(logs) - min(logs), math.log(9) + 1e-6)
        # Where no bound is near, a step has the deviation 0.5 * sqrt(0.25); that of n steps is
        # within 1/sqrt(2 n) of it, four times.
        low, high = min(logs) + 1, max(logs) - 1
        steps = [b - a for a, b in zip(logs, logs[1:]) if low < a < high]
        self.assertGreater(len(steps), 1000)
        deviation = statistics.pstdev(steps)
        self.assertAlmostEqual(deviation / 0.25, 1, delta=4 / math.sqrt(2 * len(steps)))
        # Reflection keeps the logarithm uniform: its mean is in the middle.
        self.assertAlmostEqual(statistics.fmean(logs), (max(logs) + min(logs)) / 2, delta=0.15)

    def test_markov_shares_and_dwell_times(self):
        # a is followed by b alone, b by a three times as often as by c, c by b: of visits, a has
        # 3/8, b 4/8, c 1/8; of time 3 * 2 : 4 * 1 : 1 * 4, that is 6 : 4 : 4 of 14.
        times, bandwidths = self.make_markov(
            "state,bandwidth_bps,dwell_s,a,b,c\na,1e6,2,0,1,0\nb,2e6,1,3,0,1\nc,0,4,0,5,0\n",
            "--duration=40000s", "--seed=3")
        self.assertEqual(bandwidths[0], 1e6)
        dwells = {}
        for time, after, bandwidth in zip(times, times[1:], bandwidths):
            dwells.setdefault(bandwidth, []).append(after - time)
        self.assertEqual(sorted(dwells), [0, 1e6, 2e6])
        for bandwidth, dwell_s, share in ((1e6, 2, 6 / 14), (2e6, 1, 4 / 14), (0, 4, 4 / 14)):
            found = dwells[bandwidth]
            # 4 deviations of an exponential time's mean.
            mean = statistics.fmean(found)
            self.assertAlmostEqual(mean / dwell_s, 1, delta=4 / math.sqrt(len(found)))
            self.assertAlmostEqual(sum(found) / times[-1], share, delta=0.03)
        for before, after in zip(bandwidths[:-1], bandwidths[1:-1]):
            self.assertIn(2e6, (before, after))
            self.assertNotEqual(before, after)

    def test_markov_without_weights(self):
        _, bandwidths = self.make_markov(STATES + "a,1e6,1\nb,2e6,1\nc,3e6,1\n", "--duration=3000s")
        follow = [after for before, after in zip(bandwidths, bandwidths[1:-1]) if before == 1e6]
        self.assertNotIn(1e6, follow)
        # One half of some 1,000, within 4 deviations.
        share = follow.count(2e6) / len(follow)
        self.assertAlmostEqual(share, 0.5, delta=2 / math.sqrt(len(follow)))

    def test_one_state(self):
        times, bandwidths = self.make_markov(STATES + "a,7e6,1000\n", "--duration=1s")
        self.assertEqual((times, bandwidths), ((0, 1), (7e6, 7e6)))


class TraceTest(Test):
    """What all have."""

    def test_seeds(self):
        for kind in ("fade", "tunnel", "walk"):
            made = []
            for options in ([], ["--seed=1"], ["--seed=2"]):
                self.make(kind, "--duration=100s", *options)
                made.append(self.out.read_bytes())
            self.assertEqual(made[0], made[1])
            self.assertNotEqual(made[0], made[2])

    def test_bytes_stay(self):
        self.make("walk", "--duration=300ms")
        self.assertEqual(self.out.read_text(), "time_s,bandwidth_bps\n0,9634194\n0.1,9652269\n"
                                               "0.2,10713537\n0.3,10713537\n")
        # The first number of seed 1 is 0.511821625, and -2 ln of it 1.33955821.
        self.make_markov(STATES + "a,7e6,2\nb,0,1\n", "--duration=5s")
        self.assertEqual(self.out.read_text(), "time_s,bandwidth_bps\n0,7000000\n1.339558208,0\n"
                                               "3.27639238,7000000\n5,7000000\n")

    def test_the_last_step_is_cut(self):
        times, _ = self.make("walk", "--step=400ms", "--duration=1s")
        self.assertEqual(times, (0, 0.4, 0.8, 1))

    def test_told_as_converted(self):
        done = self.run_script("step", "--duration=40s")
        self.assertRegex(done.stdout, r"(?m)^step, seed 1$")
        line = done.stdout.splitlines()[2].split()
        self.assertEqual(line, ["link", "4", "40.000", "10.00000", "4.00000", "16.00000", "0.000", "0"])
        self.assertIn("out.csv: 5 rows", done.stdout)
        table = self.out.read_bytes()
        again = subprocess.run([SCRIPT.with_name("convert-trace"), self.out, "-o", "-"],
                               capture_output=True, check=True)
        self.assertEqual(again.stdout, table)
        direct = subprocess.run([SCRIPT, "step", "--duration=40s", "-o", "-"], capture_output=True,
                                check=True)
        self.assertEqual(direct.stdout, table)

    def test_refused_options(self):
        for kind, option, word in (
                ("fade", "--mean=10", "such as 10Mbps"), ("fade", "--mean=0Mbps", "above 0"),
                ("fade", "--duration=1.5ns", "whole number of ns"), ("fade", "--step=-1s", "found '-1s'"),
                ("fade", "--seed=x", "allowed: a whole number"), ("fade", "--snr=nan", "found 'nan'"),
                ("fade", "--states=x", "unrecognized"), ("walk", "--ratio=1", "above 1, up to 1e+06"),
                ("fade", "--duration=100000000min", "at most 4e+09 s"),
                ("fade", "--step=10ns", "found more than 1000000 steps"),
                ("tunnel", "--step=1min", "--step: found a longer time"),
                ("step", "--mean=900000Gbps", "--mean: found 900000000000000 b/s, which needs")):
            with self.subTest(option=option):
                self.refuse(kind, option, words=[word])
        self.refuse("tunnel", "--every=1ns", "--length=1000s", words=["found 0 b/s throughout"])
        self.refuse("markov", words=["--states"])

    def test_refused_states(self):
        for states, *words in (
                ("state,dwell_s\n", "states.csv:1: no column 'bandwidth_bps'"),
                (STATES, "states.csv: found no state"),
                (STATES + "a,-1,1\n", "states.csv:2: bandwidth_bps: found '-1'; allowed: b/s from 0"),
                (STATES + "a,1,0\n", "states.csv:2: dwell_s: found '0'; allowed: seconds from 1e-6"),
                (STATES + "a,1,nan\n", "states.csv:2: dwell_s: found 'nan'"),
                (STATES + "a,0,1\nb,0,1\n", "found 0 b/s throughout"),
                ("state,bandwidth_bps,dwell_s,a\na,1,1,0\nb,1,1,1\n", "found the columns a; allowed:"),
                ("state,bandwidth_bps,dwell_s,a,b\na,1,1,1,1\nb,1,1,1,0\n", "states.csv:2: a: found '1'"),
                ("state,bandwidth_bps,dwell_s,a,b\na,1,1,0,-1\nb,1,1,1,0\n", "states.csv:2: b: found '-1'"),
                ("state,bandwidth_bps,dwell_s,a,b\na,1,1,0,0\nb,1,1,1,0\n", "states.csv:2: found no weight")):
            self.states.write_text(states)
            with self.subTest(states=states):
                self.refuse("markov", f"--states={self.states}", words=words)


if __name__ == "__main__":
    unittest.main()
