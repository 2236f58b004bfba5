#!/usr/bin/python3
"""Tests of scripts/reproduce-paper, on the programs of this build.

Needs Debian's python3-matplotlib.
"""

import csv
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "scripts" / "reproduce-paper"


def run(*arguments, **environment):
    """Run the script."""
    return subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, check=False,
                          env={**os.environ, **environment})


def read(path):
    """Read a table that the script wrote."""
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(file))


class ReproducePaperTest(unittest.TestCase):
    """What the script writes."""

    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.out = Path(cls.temporary.name) / "out"
        cls.done = run(cls.out, "--no-build")

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def test_everything_is_there_and_whole(self):
        self.assertEqual(self.done.returncode, 0, self.done.stderr)
        tables = {"table2.csv", "table3.csv", "report.csv", "report.md"}
        figures = {f"figure{name}.{kind}" for name in ("6", "7", "8", "9a", "9b")
                   for kind in ("csv", "pdf", "png")}
        self.assertEqual({path.name for path in self.out.iterdir()}, tables | figures)
        for path in self.out.glob("*.png"):
            self.assertEqual(path.read_bytes()[:4], b"\x89PNG", path)
        for path in self.out.glob("*.pdf"):
            self.assertEqual(path.read_bytes()[:5], b"%PDF-", path)

    def test_figures_9_within_one_percent_at_every_point(self):
        for name, points in (("figure9a.csv", 20), ("figure9b.csv", 18)):
            rows = read(self.out / name)
            self.assertEqual(len(rows), points)
            for row in rows:
                ratio = float(row["latency_s"]) / float(row["paper_latency_s"])
                self.assertAlmostEqual(ratio, 1, delta=0.01, msg=f"{name} {row}")

    def test_configurations_are_the_authors(self):
        counts = {row["model"]: int(row["configurations"]) for row in read(self.out / "table2.csv")}
        self.assertEqual(counts, {"ResNet-20": 2580, "ResNet-110": 307065,
                                  "EfficientNet-B0": 1424, "VGGish": 232})

    def test_table_3_says_which_rows_are_optima(self):
        beaten = {row["model"]: int(row["deployments_that_beat_the_papers"])
                  for row in read(self.out / "table3.csv")}
        self.assertGreater(beaten["ResNet-20"], 0)
        self.assertGreater(beaten["ResNet-110"], 0)
        self.assertEqual(beaten["EfficientNet-B0"], 0)
        self.assertEqual(beaten["VGGish"], 0)

    def test_report_has_every_part(self):
        parts = [row["part"] for row in read(self.out / "report.csv")]
        self.assertEqual(parts, ["Table II", "Table III", "Figure 6", "Figure 7", "Figure 7",
                                 "Figure 8", "Figure 9a", "Figure 9b"])
        report = (self.out / "report.md").read_text(encoding="utf-8")
        for part in parts:
            self.assertIn(f"- **{part}.** ", report)


class UsageTest(unittest.TestCase):
    """What the script refuses."""

    def test_help(self):
        done = run("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("--only", done.stdout)

    def test_bad_usage(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "file"
            file.touch()
            for arguments in ([], [folder, "--only=5"], [folder, "--rules=guess"], [file]):
                done = run(*arguments)
                self.assertEqual(done.returncode, 2, arguments)
                self.assertEqual(done.stdout, "")
            self.assertEqual(list(Path(folder).iterdir()), [file])

    def test_programs_that_are_not_built(self):
        with tempfile.TemporaryDirectory() as folder:
            done = run(Path(folder) / "out", "--no-build", PORTEND_BUILD_DIR=folder)
            self.assertEqual(done.returncode, 1)
            self.assertIn("not built", done.stderr)
            self.assertEqual(list((Path(folder) / "out").iterdir()), [])


if __name__ == "__main__":
    unittest.main()
