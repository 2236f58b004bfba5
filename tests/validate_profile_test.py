#!/usr/bin/python3
"""Tests of scripts/validate-profile, on a small network and the programs of this build.

How far latencies differ is not tested: it depends on what else the machine does.
"""

import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from profile_model_test import DATA, NEEDS_TORCH, NET, QUICK

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "scripts" / "validate-profile"
FAST = [argument for argument in QUICK if not argument.startswith("--device")]


@NEEDS_TORCH
class ValidateProfileTest(unittest.TestCase):
    """What the script prints, and how it ends."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.net = Path(temporary.name) / "net.py"

    def run_script(self, text, *arguments):
        """Run the script on the programs as they are."""
        self.net.write_text(text, encoding="utf-8")
        return subprocess.run([SCRIPT, "--no-build", self.net, *FAST, *arguments],
                              capture_output=True, text=True, check=False)

    def test_same_requests_run_and_are_simulated(self):
        done = self.run_script(NET + DATA, "--requests=40", "--deployment=0:1-3@0",
                               "--deployment=0:1-1,1:2-2,2:3-3@0.97")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(done.stdout.startswith("80 requests, "), done.stdout)
        runs = re.findall(r"^(\S+@\S+): partitions run (\S+), simulated (\S+)$", done.stdout,
                          re.MULTILINE)
        self.assertEqual([run[0] for run in runs], ["0:1-3@0", "0:1-1,1:2-2,2:3-3@0.97"])
        for _, ran, simulated in runs:
            self.assertEqual(ran, simulated)
        self.assertEqual(runs[0][1], "1.0000")
        self.assertTrue(1 < float(runs[1][1]) < 3)
        rows = re.findall(r"^  (\w+) +([\d.]+) +([\d.]+) +([\d.]+) +([-+][\d.]+)$", done.stdout,
                          re.MULTILINE)
        self.assertEqual([row[0] for row in rows],
                         2 * ["deserialization", "computation", "serialization", "total"])
        for at in (0, 4):
            # The rest of a simulated total is transmission: some bytes at 1 Tb/s.
            parts = sum(float(row[3]) for row in rows[at:at + 3])
            self.assertAlmostEqual(parts, float(rows[at + 3][3]), delta=0.001)
            # That of a measured one is what the loop itself takes.
            parts = sum(float(row[1]) for row in rows[at:at + 3])
            self.assertLess(parts, float(rows[at + 3][1]))

    def test_check(self):
        # Blocks that take longer when requests run than when they are timed.
        text = NET.replace("nn.ReLU()", "slow").replace("blocks =", """
def slow(value):
    import sys, time
    if sys._getframe(2).f_code.co_name == "answer" or sys._getframe(3).f_code.co_name == "answer":
        time.sleep(0.01)
    return value
blocks =""")
        done = self.run_script(text + DATA, "--deployment=0:1-3@0", "--check", "--requests=2")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr, r"^validate-profile: a simulated latency differs by "
                         r"-\d\d\.\d\d %; allowed: 5 %\n$")

    def test_bad_input(self):
        for deployment in ("", "0:1-1,2:2-3@0", "0:1-1,1:3-3@0", "0:1-4@0", "0:1-3@2",
                           "0:1-0,1:1-3@0"):
            done = self.run_script(NET + DATA, f"--deployment={deployment}")
            self.assertEqual((done.returncode, done.stdout), (2, ""), deployment)
            self.assertIn(f"--deployment: found '{deployment}'; allowed: tier:", done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        for text, message in ((NET, "'data' is missing; allowed: labelled samples to make"),
                              (NET.replace("nn.ReLU()", "nn.Linear(7, 6)") + DATA,
                               "block 2 does not run on a tensor of 1x6")):
            done = self.run_script(text)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(message, done.stderr)


if __name__ == "__main__":
    unittest.main()
