#!/usr/bin/python3
"""Tests of scripts/check-accuracy, on the program of this build and the shipped profiles."""

import json
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "scripts" / "check-accuracy"
PROFILES = ROOT / "profiles"


def run(*arguments):
    """Run the script on the programs as they are."""
    return subprocess.run([SCRIPT, "--no-build", *arguments], capture_output=True, text=True,
                          check=False)


def write_profile(folder, accuracy):
    """Write a profile of two blocks, where the joint accuracy is given.

    Half the samples exit at branch 1, 40 % right ones; it is right for 60 % of all, branch 2
    for 80 %. So the paper's way says 0.5 * 0.6 + 0.5 * 0.8 = 0.7. The conditional way: of
    the errors among those that exit, 0.1 / 0.5 against 0.4 among all, branch 2 makes the same
    part of its own, 0.2 * 0.2 / 0.4 = 0.1; it is right for 0.8 - 0.5 * 0.9 = 0.35 of those that
    stay, 0.75 in all.
    """
    folder.mkdir(parents=True)
    rates = {"exit_rates": [[0, 0.5, 1], [1, 1, 1]],
             "correct_rates": [[0, 0.4, 0.6], [0.8, 0.8, 0.8]], "accuracy": [0.6, 0.8]}
    model = {
        "schema_version": 1, "profile": folder.name, "blocks": 2, "tensor_bytes": [4000, 2000],
        "result_bytes": 200, "thresholds": [0, 0.5, 1], "validation": rates, "test": rates,
        "joint_exits": [
            {"partition_ends": [2], "threshold": 0, "exit_rates": [1], "accuracy": 0.8},
            {"partition_ends": [1, 2], "threshold": 0, "exit_rates": [0, 1], "accuracy": 0.8},
            {"partition_ends": [1, 2], "threshold": 0.5, "exit_rates": [0.5, 0.5],
             "accuracy": accuracy},
        ],
    }
    device = {
        "schema_version": 1, "profile": folder.name, "device": "board",
        "compute_ms": {"1-1": [2], "1-2": [4], "2-2": [2]},
        "serialize_ms": [0.2, 0.1], "deserialize_ms": [0.3, 0.2],
    }
    (folder / "model.json").write_text(json.dumps(model), encoding="utf-8")
    (folder / "board.json").write_text(json.dumps(device), encoding="utf-8")


class CheckAccuracyTest(unittest.TestCase):
    """What the script prints and how it ends."""

    def test_shipped_profiles(self):
        done = run()
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = [line.split() for line in done.stdout.splitlines()[3:-1]]
        models = {path.parent.name for path in PROFILES.glob("*/model.json")}
        self.assertEqual({row[0] for row in rows}, models - {"vggish-audioset"})
        self.assertEqual(len(rows), 4 * 5)
        for row in rows:
            if row[1:3] == ["test", "conditional"]:
                self.assertLessEqual(float(row[8]), 0.2, row)
                self.assertGreaterEqual(float(row[5]), 0.99, row)

    def test_the_documents_quote_it_as_it_is(self):
        table = run().stdout.splitlines()
        text = (ROOT / "contrib/portend/doc/validation.rst").read_text(encoding="utf-8")
        quoted = {line.strip() for line in text.splitlines()}
        self.assertEqual([line for line in table if line.strip() not in quoted], [])

    def test_figures_by_hand(self):
        with tempfile.TemporaryDirectory() as folder:
            write_profile(Path(folder) / "toy", 0.74)
            done = run(folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = [line.split() for line in done.stdout.splitlines()[3:-1]]
        # Errors of 0 and 0.7 - 0.74, of 0 and 0.75 - 0.74; slopes 0.1 / 0.06 and 0.05 / 0.06.
        self.assertEqual(rows, [
            ["toy", split, way, "2", *figures]
            for split in ("test", "validation")
            for way, figures in (
                ("paper", ["1.67", "1.000", "2.00", "-2.00", "1.00"]),
                ("conditional", ["0.83", "1.000", "0.50", "+0.50", "0.25"]))])

    def test_fails_if_the_error_is_not_halved(self):
        with tempfile.TemporaryDirectory() as folder:
            write_profile(Path(folder) / "toy", 0.72)
            done = run(folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("does not halve the paper's mean absolute error for toy", done.stderr)

    def test_bad_input(self):
        with tempfile.TemporaryDirectory() as folder:
            done = run(folder)
            self.assertEqual(done.returncode, 2)
            self.assertIn("model.json", done.stderr)
            (Path(folder) / "toy").mkdir()
            (Path(folder) / "toy" / "model.json").write_text("{", encoding="utf-8")
            done = run(folder)
            self.assertEqual(done.returncode, 2)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            for text, message in (
                    ("[1]", "/: found [1]; allowed: an object"),
                    ('{"joint_exits": 1}', "/joint_exits: found 1; allowed: a list"),
                    ('{"joint_exits": [{}]}', "/joint_exits/0/partition_ends is missing"),
                    ('{"joint_exits": [{"partition_ends": ["x"]}]}', "/partition_ends/0: found"),
                    ('{"a": 1, "a": 2}', "the key 'a' is there twice"),
                    ("[" * 100000 + "]" * 100000, "more than 100")):
                (Path(folder) / "toy" / "model.json").write_text(text, encoding="utf-8")
                done = run(folder)
                self.assertEqual(done.returncode, 2)
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                self.assertIn(message, done.stderr)
        self.assertEqual(run("--bogus").returncode, 2)


if __name__ == "__main__":
    unittest.main()
