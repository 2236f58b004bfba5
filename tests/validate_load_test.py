#!/usr/bin/python3
"""Tests of scripts/validate-load, on the programs of this build."""

import re
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "scripts" / "validate-load"


def run(*arguments):
    """Run the script on the programs as they are."""
    return subprocess.run([SCRIPT, "--no-build", *arguments], capture_output=True, text=True,
                          check=False)


class ValidateLoadTest(unittest.TestCase):
    """The deployments of Table III under three loads."""

    def test_queueing_meets_the_simulation(self):
        done = run("--samples=1000", "--replications=6", "--jobs=1")
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = re.findall(r"^(\S+) +(\S+@\S+) +(.+?) +(0\.[368]) +([\d.]+) +([\d.]+) +([\d.]+) +"
                          r"([-+][\d.]+) % +([-+][\d.]+) %$", done.stdout, re.MULTILINE)
        self.assertEqual(len(rows), 12, done.stdout)
        for profile, deployment, station, load, _, simulated, ci95, queueing, exact in rows:
            with self.subTest(profile=profile, load=load):
                # 10 %, and 1.5 half-widths: so short runs do not know their mean better.
                allowed = 10 + 150 * float(ci95) / float(simulated)
                self.assertLessEqual(abs(float(queueing)), allowed)
                # The plain estimate does not wait: it is too low by as much as requests wait.
                self.assertLess(float(exact), -5)
                self.assertEqual(station, "link 0 up" if deployment.startswith("2") else "tier 0")

    def test_bad_usage(self):
        for argument in ("--samples=1", "--replications=x", "--jobs=0", "--transport=quic"):
            done = run(argument)
            self.assertEqual(done.returncode, 2)
            self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main()
