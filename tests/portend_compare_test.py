#!/usr/bin/python3
"""Tests of portend-compare: controllers on the same samples, and what is told of them."""

import csv
import io
import json
import math
import os
import statistics
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("PORTEND_BUILD_DIR", ROOT / "build")).resolve()
STUDENT_95 = {3: 3.182446305284263}  # quantile 0.975 by degrees of freedom

WORLD = """{
  "schema_version": 2,
  "nodes": [{"name": "camera", "count": 2, "device": "a1.medium"},
            {"name": "server", "device": "g4dn.xlarge"}],
  "links": [{"between": ["camera", "server"], "bandwidth": "10Mbps", "delay": "5ms"}],
  "streams": [{"name": "vision", "tiers": ["camera", "server"], "profile": "resnet110-cifar10",
               "deployment": "0:1-25,1:26-55@0.1", "arrival": "poisson:0.5", "samples": 20},
              {"name": "other", "tiers": ["camera", "server"], "profile": "resnet20-cifar10",
               "deployment": "0:1-5,1:6-10@0.1", "arrival": "poisson:0.5", "samples": 20}]}
"""


class Test(unittest.TestCase):
    """A test with a folder for its files."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def run_program(self, *arguments):
        """Run the program."""
        return subprocess.run([BUILD / "scenarios" / "portend-compare", *arguments],
                              cwd=self.folder, capture_output=True, text=True, check=False)

    def compare(self, *arguments):
        """What it says, as JSON, and rows of the CSV file."""
        done = self.run_program("--json=out.json", "--csv=out.csv", "--network=trains", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = list(csv.DictReader(io.StringIO((self.folder / "out.csv").read_text())))
        return json.loads((self.folder / "out.json").read_text()), rows, done.stdout

    def test_regret_is_that_of_pairs(self):
        result, rows, table = self.compare("--replications=4", "--samples=30",
                                           "--controllers=fixed,portend[Epoch=1s],neurosurgeon",
                                           "--sweep=bandwidth0=1Mbps,20Mbps", "--compute=empirical")
        self.assertEqual(len(result["settings"]), 2)
        self.assertEqual(len(rows), 2 * 4 * 4)
        self.assertEqual(result["axes"], [{"name": "bandwidth0", "values": ["1Mbps", "20Mbps"]}])
        for setting in result["settings"]:
            bandwidth = setting["values"]["bandwidth0"]
            latencies = {}
            for row in rows:
                if row["bandwidth0"] == bandwidth:
                    latencies.setdefault(row["controller"], {})[row["run"]] = float(
                        row["latency_ms"])
            names = [one["controller"] for one in setting["controllers"]]
            self.assertEqual(names, ["oracle", "fixed", "portend[Epoch=1s]", "neurosurgeon"])
            for one in setting["controllers"]:
                self.assertIn(one["controller"], table)
                own = latencies[one["controller"]]
                self.assertEqual(set(own), {"1", "2", "3", "4"})
                differences = [own[run] - latencies["oracle"][run] for run in own]
                self.assertAlmostEqual(one["latency_ms"]["mean"], statistics.mean(own.values()), 9)
                self.assertAlmostEqual(one["regret_ms"]["mean"], statistics.mean(differences), 9)
                self.assertAlmostEqual(one["regret_ms"]["ci95"],
                                       STUDENT_95[3] * statistics.stdev(differences) / math.sqrt(4),
                                       8)
            self.assertEqual(setting["controllers"][0]["regret_ms"]["mean"], 0)

    def test_all_meet_the_same_samples(self):
        result, rows, _ = self.compare("--replications=3", "--samples=40", "--reference=fixed",
                                       "--controllers=ns3::PortendFixedController",
                                       "--arrival=poisson:2", "--compute=gamma")
        reference, other = result["settings"][0]["controllers"]
        self.assertEqual(other["regret_ms"], {"mean": 0, "ci95": 0})
        self.assertEqual(reference["accuracy"], other["accuracy"])
        self.assertEqual(len({row["latency_ms"] for row in rows}), 3, "replications differ")

    def test_a_stream_of_a_network_is_compared(self):
        (self.folder / "world.json").write_text(WORLD, encoding="utf-8")
        result, rows, _ = self.compare("--scenario=world.json", "--stream=vision",
                                       "--replications=2", "--controllers=neurosurgeon",
                                       "--sweep=links/camera-server/bandwidth=300kbps,300Mbps")
        self.assertEqual(len(rows), 2 * 2 * 2)
        switches = [one["switches"]["mean"] for setting in result["settings"]
                    for one in setting["controllers"]]
        self.assertTrue(all(number > 0 for number in switches), switches)

    def test_the_same_command_gives_the_same(self):
        arguments = ("--replications=2", "--samples=20", "--controllers=ans,edgent")
        self.assertEqual(self.compare(*arguments)[1:], self.compare(*arguments)[1:])

    def test_sweeps_and_cross_checks_refuse_controllers(self):
        for program, *arguments in (("portend-sweep", "--sweep=bandwidth0=1Mbps,2Mbps"),
                                    ("portend-crosscheck", "--random=2")):
            done = subprocess.run([BUILD / "scenarios" / program, "--controller=portend",
                                   "--samples=5", *arguments], cwd=self.folder,
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn("portend-compare", done.stderr)
            self.assertEqual(list(self.folder.iterdir()), [])

    def test_nonsense_is_refused(self):
        for arguments, words in (
                (["--replications=0"], "--replications"),
                (["--controllers=nobody"], "nobody"),
                (["--sweep=controller=fixed"], "controller"),
                (["--sweep=run=1,2"], "run"),
                (["--sweep=bandwidth0=1Mbps", "--sweep=bandwidth=2Mbps"], "set the same"),
                (["--json=x", "--csv=x"], "taken"),
                (["--controllers=oracle[MinAccuracy=0.999]"], "accuracy")):
            with self.subTest(arguments=arguments):
                done = self.run_program("--samples=5", "--replications=2", *arguments)
                self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                self.assertIn(words, done.stderr)
                self.assertEqual(list(self.folder.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
