#!/usr/bin/python3
"""Tests of scripts/calibrate-testbed, on the programs of this build and the shipped measurements.

Needs Debian's python3-numpy.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "scripts" / "calibrate-testbed"
CHAPTER = ROOT / "contrib" / "portend" / "doc" / "validation.rst"
sys.path.insert(0, str(ROOT / "scripts"))

import testbed  # noqa: E402  (lies in scripts)


def run(*arguments, **environment):
    """Run the script on the programs as they are."""
    return subprocess.run([SCRIPT, "--no-build", *arguments], capture_output=True, text=True,
                          check=False, env={**os.environ, **environment})


def read_constants(text):
    """What the script printed of each constant: fit, interval, and what the scenario has."""
    constants = {}
    for line in text.splitlines():
        for name in ("overhead", "link delay", "factor 0"):
            if line.startswith(name + " "):
                fields = line[len(name):].replace("..", "").split()
                constants[name] = [float(field) for field in fields[:4]]
    return constants


def read_errors(text, label):
    """The errors of a line of the first table, by model."""
    line = next(line for line in text.splitlines() if line.startswith(label + " "))
    return [float(field) for field in line[len(label):].split()]


class ShippedTest(unittest.TestCase):
    """What the shipped measurements give."""

    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.csv = Path(cls.temporary.name) / "residuals.csv"
        cls.done = run(f"--csv={cls.csv}")

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def test_scenario_has_the_rounded_constants(self):
        self.assertEqual(self.done.returncode, 0, self.done.stderr)
        constants = read_constants(self.done.stdout)
        # Half of the last digit that the scenario has.
        for name, half in (("overhead", 0.05), ("link delay", 0.05), ("factor 0", 0.0005)):
            fit, low, high, used = constants[name]
            self.assertLessEqual(abs(used - fit), half + 1e-4, name)
            self.assertLess(low, fit, name)
            self.assertLess(fit, high, name)
        scenario = json.loads(testbed.SCENARIO.read_text(encoding="utf-8"))
        nominal = json.loads(testbed.NOMINAL_SCENARIO.read_text(encoding="utf-8"))
        self.assertEqual({tier["overhead"] for tier in scenario["tiers"]}, {"1.7ms"})
        self.assertEqual(constants["overhead"][3], 1.7)
        for link, nominal_link in zip(scenario["links"], nominal["links"]):
            self.assertAlmostEqual(float(link["delay"].removesuffix("ms"))
                                   - float(nominal_link["delay"].removesuffix("ms")),
                                   constants["link delay"][3])
        self.assertEqual([tier.get("compute_factor", 1) for tier in scenario["tiers"]],
                         [constants["factor 0"][3], 1, 1])

    def test_targets_are_met_by_rows_that_were_not_fitted(self):
        targets = read_errors(self.done.stdout, "target")
        self.assertEqual(len(targets), 4)
        for label in ("fitted", "constants of the scenario", "10-fold, by cuts",
                      "leave one cut out", "leave one model out"):
            for error, target in zip(read_errors(self.done.stdout, label), targets):
                self.assertLessEqual(error, target, label)

    def test_residuals(self):
        with open(self.csv, encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(len(rows), len(testbed.read_rows(testbed.MEASURED)))
        # The table says the mean of their sizes.
        sizes = {}
        for row in rows:
            error = 100 * (float(row["fitted_mean_ms"]) / float(row["measured_mean_ms"]) - 1)
            self.assertAlmostEqual(float(row["error_percent"]), error)
            sizes.setdefault(row["profile"], []).append(abs(error))
        self.assertEqual(read_errors(self.done.stdout, "fitted"),
                         [round(sum(errors) / len(errors), 2) for errors in sizes.values()])

    def test_documents_quote_the_tables(self):
        text = CHAPTER.read_text(encoding="utf-8")
        quoted = {line.strip() for line in text.splitlines()}
        first = self.done.stdout.split("residuals")[0].splitlines()
        self.assertEqual([line for line in first if line.strip() not in quoted], [])


class KnownConstantsTest(unittest.TestCase):
    """Measurements that were computed with known constants."""

    def test_they_are_found_in_spite_of_stray_rows(self):
        rows = [row for row in testbed.read_rows(testbed.MEASURED)
                if row.profile in ("resnet20-cifar10", "efficientnetb0-imagenet")][::3]
        scenario = json.loads(testbed.SCENARIO.read_text(encoding="utf-8"))
        for tier in scenario["tiers"]:
            tier["overhead"] = "3ms"
        scenario["links"][0]["delay"] = "20.5ms"
        scenario["links"][1]["delay"] = "40.5ms"
        scenario["tiers"][0]["compute_factor"] = 1.2
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "scenario.json"
            path.write_text(json.dumps(scenario), encoding="utf-8")
            latencies = testbed.estimate(rows, path, ["--rules=exact"])
            # A tenth of the rows are off by 30 %: the least absolute error does not mind.
            measured = Path(folder) / "measured.csv"
            with open(measured, "w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(["profile", "deployment", "destination", "measured_mean_ms"])
                for index, (row, latency_ms) in enumerate(zip(rows, latencies)):
                    writer.writerow([row.profile, row.deployment, row.destination,
                                     latency_ms * (1.3 if index % 10 == 5 else 1)])
            done = run(measured)
        self.assertEqual(done.returncode, 0, done.stderr)
        constants = read_constants(done.stdout)
        for name, value in (("overhead", 3), ("link delay", 0.5), ("factor 0", 1.2)):
            self.assertAlmostEqual(constants[name][0], value, delta=1e-3, msg=name)


class UsageTest(unittest.TestCase):
    """What the script refuses."""

    def test_bad_usage(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "measured.csv"
            path.write_text("profile,deployment,destination,measured_mean_ms\n"
                            "resnet20-cifar10,0:1-50@0,0,50\n", encoding="utf-8")
            for arguments, part in (
                    ([path], f"{path}:2: "),
                    ([f"--scenario={folder}/missing"], f"{folder}/missing: "),
                    ([f"--scenario={path}"], f"{path}: "),
                    ([f"--csv={folder}/missing/rows.csv"], f"{folder}/missing/rows.csv: "),
                    ([f"--csv={testbed.MEASURED}"], "which is read"),
                    (["--bogus"], "--bogus")):
                with self.subTest(arguments=arguments):
                    done = run(*arguments)
                    self.assertEqual(done.returncode, 2, done.stderr)
                    self.assertIn(part, done.stderr)
                    self.assertEqual(done.stdout, "")
                    self.assertNotIn("Traceback", done.stderr)
                    self.assertEqual(list(Path(folder).iterdir()), [path])


if __name__ == "__main__":
    unittest.main()
