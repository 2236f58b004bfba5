#!/usr/bin/python3
"""Tests of scripts/validate-testbed, on the programs of this build and the shipped measurements."""

import csv
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "scripts" / "validate-testbed"
CHAPTER = ROOT / "contrib" / "portend" / "doc" / "validation.rst"
sys.path.insert(0, str(ROOT / "scripts"))

import testbed  # noqa: E402  (lies in scripts)

HEADER = "profile,deployment,destination,measured_mean_ms,paper_estimated_ms"


def run(*arguments, **environment):
    """Run the script on the programs as they are."""
    return subprocess.run([SCRIPT, "--no-build", *arguments], capture_output=True, text=True,
                          check=False, env={**os.environ, **environment})


def read(path):
    """Read a table that the script wrote."""
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(file))


class Test(unittest.TestCase):
    """A test with a folder for its files."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def write(self, text):
        """Write a CSV file of the folder, line ends as they are."""
        path = self.folder / "measured.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path


class StatisticsTest(unittest.TestCase):
    """The figures of the table, by hand."""

    def test_three_points(self):
        # Errors 1/2 - 1, 2/3 - 1, 3/5 - 1. beta = (1*2 + 2*3 + 3*5) / (1 + 4 + 9) = 23/14; what is
        # left, 5/14, -4/14 and 1/14, has 42/196 of squares; the measurements' squares about their
        # mean 10/3 are 42/9.
        figures = testbed.compare([1, 2, 3], [2, 3, 5])
        self.assertAlmostEqual(figures["mape_percent"], (50 + 100 / 3 + 40) / 3)
        self.assertAlmostEqual(figures["worst_percent"], -50)
        self.assertEqual(figures["worst"], 0)
        self.assertAlmostEqual(figures["beta"], 23 / 14)
        self.assertAlmostEqual(figures["r2"], 1 - 9 / 196)

    def test_proportional(self):
        # Measurements are 0.8 of the predictions, so each error is 1/0.8 - 1 = 25 %.
        figures = testbed.compare([10, 20, 40], [8, 16, 32])
        self.assertAlmostEqual(figures["mape_percent"], 25)
        self.assertAlmostEqual(figures["worst_percent"], 25)
        self.assertAlmostEqual(figures["beta"], 0.8)
        self.assertAlmostEqual(figures["r2"], 1)

    def test_without_variance(self):
        self.assertIsNone(testbed.compare([2], [1])["r2"])


class ShippedTest(unittest.TestCase):
    """All shipped measurements, simulated once."""

    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.csv = Path(cls.temporary.name) / "rows.csv"
        cls.json = Path(cls.temporary.name) / "all.json"
        cls.done = run("--check", f"--csv={cls.csv}", f"--json={cls.json}")

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def test_targets_are_met(self):
        self.assertEqual(self.done.returncode, 0, self.done.stderr)
        models = [entry for entry in json.loads(self.json.read_text(encoding="utf-8"))["models"]
                  if entry["latency_of"] == "simulation"]
        # As the paper's Figure 4b has them, as far as it is shipped.
        self.assertEqual({entry["profile"]: entry["rows"] for entry in models},
                         {"resnet20-cifar10": 153, "resnet110-cifar10": 212,
                          "efficientnetb0-imagenet": 50, "vggish-audioset": 6})
        for entry in models:
            self.assertLessEqual(entry["mape_percent"], testbed.TARGETS[entry["profile"]])

    def test_files_agree_with_the_table(self):
        rows = read(self.csv)
        self.assertEqual(len(rows), len(read(testbed.MEASURED)))
        document = json.loads(self.json.read_text(encoding="utf-8"))
        self.assertEqual(len(document["rows"]), len(rows))
        for entry in document["models"]:
            if entry["latency_of"] != "simulation":
                continue
            errors = [abs(float(row["simulated_error_percent"])) for row in rows
                      if row["profile"] == entry["profile"]]
            mape = sum(errors) / len(errors)
            self.assertAlmostEqual(mape, entry["mape_percent"], delta=1e-9)
            line = next(line for line in self.done.stdout.splitlines()
                        if line.startswith(f"{entry['profile']} ") and " simulation " in line)
            self.assertIn(f" {mape:.2f} ", line)

    def test_deterministic_rows_take_what_the_estimate_says(self):
        # At threshold 0 nothing exits early; connections are warm and the network idle, so only
        # rounding to nanoseconds is left, of at most 20 entries of the ledger.
        rows = [row for row in read(self.csv) if row["deployment"].endswith("@0")]
        self.assertGreater(len(rows), 50)
        for row in rows:
            self.assertAlmostEqual(float(row["simulated_mean_ms"]), float(row["exact_mean_ms"]),
                                   delta=20e-6, msg=row)

    def test_documents_quote_the_table(self):
        quoted = {line.strip() for line in CHAPTER.read_text(encoding="utf-8").splitlines()}
        self.assertEqual([line for line in self.done.stdout.splitlines()
                          if line.strip() not in quoted], [])


class OwnFileTest(Test):
    """Measurements of one's own."""

    def test_any_form_of_the_file(self):
        # Quotes where none are needed, CRLF, a byte order mark, empty lines, estimates that are
        # missing, columns in another order and one more.
        path = self.write(
            "\ufeffdestination,profile,deployment,paper_estimated_ms,measured_mean_ms,remark\r\n"
            "0,resnet20-cifar10,\"0:1-5,1:6-10@0.1\",,60,\r\n"
            "\r\n"
            "2,resnet20-cifar10,0:1-5@0,70,7.5e1,\"a, b\"\r\n"
            "0,vggish-audioset,\"1:1-3,2:4-4@0.2\",,2100,\r\n"
            "0,\"resnet20-cifar10\",\"1:1-10@0\",,\"80\",\r\n"
            "2,efficientnetb0-imagenet,2:1-8@0,560,560,\r\n"
            "2,efficientnetb0-imagenet,2:1-7@0,550,560,\r\n")
        table = self.folder / "rows.csv"
        done = run(path, "--samples=10", f"--csv={table}")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, "")
        counts = {}
        for line in done.stdout.splitlines()[3:-1]:
            counts[line[:23].strip(), line[24:38].strip()] = int(line[39:43])
        kinds = ["simulation", "exact", "paper, nominal", "paper's own"]
        self.assertEqual(counts, {
            **{("resnet20-cifar10", kind): 3 for kind in kinds[:3]},
            ("resnet20-cifar10", "paper's own"): 1,
            **{("vggish-audioset", kind): 1 for kind in kinds[:3]},
            **{("efficientnetb0-imagenet", kind): 2 for kind in kinds},
        })
        rows = read(table)
        self.assertEqual([row["deployment"] for row in rows],
                         ["0:1-5,1:6-10@0.1", "0:1-5@0", "1:1-3,2:4-4@0.2", "1:1-10@0", "2:1-8@0",
                          "2:1-7@0"])
        self.assertEqual(rows[0]["paper_mean_ms"], "")
        # 70 of 75 ms.
        self.assertAlmostEqual(float(rows[1]["paper_error_percent"]), -100 / 15)
        for row in rows:
            self.assertAlmostEqual(
                float(row["simulated_error_percent"]),
                100 * (float(row["simulated_mean_ms"]) / float(row["measured_mean_ms"]) - 1))

    def test_outputs(self):
        path = self.write(f"# measured by hand\n{HEADER}\nresnet20-cifar10,0:1-5@0,0,50,\n")
        done = run(path, "--samples=1", "--csv=-")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(len(list(csv.DictReader(done.stdout.splitlines()))), 1)
        rows, link = self.folder / "rows.csv", self.folder / "link.csv"
        link.symlink_to("rows.csv")
        self.assertEqual(run(path, "--samples=1", f"--csv={link}").returncode, 0)
        self.assertTrue(link.is_symlink())
        self.assertEqual(rows.read_text(encoding="utf-8"), done.stdout)
        profile = ROOT / "profiles" / "resnet20-cifar10" / "model.json"
        for arguments in ([f"--csv={rows}", f"--json={link}"], ["--csv=-", "--json=-"],
                          [f"--json={profile}"], [f"--csv={testbed.SCENARIO}"]):
            done = run(path, "--samples=1", *arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn("is the same file as", done.stderr)
        done = run(path, "--samples=1", "--csv=/dev/full")
        self.assertEqual(done.returncode, 2)
        self.assertIn("No space left on device", done.stderr)

    def test_check_fails_beyond_a_target(self):
        estimate = testbed.estimate(
            testbed.read_rows(self.write(f"{HEADER}\nresnet20-cifar10,0:1-5@0,0,1,\n")),
            testbed.SCENARIO)[0]
        for error, status in ((0.014, 0), (0.016, 1)):  # about the target of 1.5 %
            path = self.write(
                f"{HEADER}\nresnet20-cifar10,0:1-5@0,0,{estimate / (1 + error)},\n"
                # A model without a target is shown only.
                "efficientnetb7-imagenet,0:1-8@0,0,1,\n")
            done = run(path, "--samples=1", "--check")
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertEqual("resnet20-cifar10 (1.60 % > 1.5 %)" in done.stderr, status == 1)
            self.assertEqual(run(path, "--samples=1").returncode, 0)

    def test_bad_rows(self):
        good = "resnet20-cifar10,0:1-5@0,0,50,\n"
        for text, line, parts in (
                ("", 1, ["profile"]),
                ("profile,deployment,destination\n", 1, ["measured_mean_ms", "profile"]),
                (f"{HEADER}\n", None, ["no rows"]),
                (f"{HEADER}\n{good}resnet21-cifar10,0:1-5@0,0,50,\n", 3, ["resnet21-cifar10"]),
                (f"{HEADER}\n,0:1-5@0,0,50,\n", 2, ["profile"]),
                (f"{HEADER}\n{good}\n{good}resnet20-cifar10,0:1-11@0,0,50,\n", 5, ["0:1-11", "10"]),
                (f"{HEADER}\n{good}resnet20-cifar10,0:1-5@0.5,0,50,\n", 3, ["0.5"]),
                (f"{HEADER}\n{good}resnet20-cifar10,9:1-5@0,0,50,\n", 3, ["9:1-5"]),
                (f"{HEADER}\nresnet20-cifar10,# none,0,50,\n", 2, ["# none"]),
                (f"{HEADER}\nresnet20-cifar10,,0,50,\n", 2, ["deployment"]),
                (f"{HEADER}\n{good}resnet20-cifar10,0:1-5@0,3,50,\n", 3, ["tier 3", "0..2"]),
                (f"{HEADER}\nresnet20-cifar10,0:1-5@0,-1,50,\n", 2, ["destination", "-1"]),
                (f"{HEADER}\nresnet20-cifar10,0:1-5@0,0,fifty,\n", 2, ["measured_mean_ms", "fifty"]),
                (f"{HEADER}\nresnet20-cifar10,0:1-5@0,0,,\n", 2, ["measured_mean_ms"]),
                (f"{HEADER}\nresnet20-cifar10,0:1-5@0,0,0,\n", 2, ["measured_mean_ms", "'0'"]),
                (f"{HEADER}\nresnet20-cifar10,0:1-5@0,0,nan,\n", 2, ["measured_mean_ms", "nan"]),
                (f"{HEADER}\nresnet20-cifar10,0:1-5@0,0,9e999,\n", 2, ["9e999"]),
                (f"{HEADER}\nresnet20-cifar10,0:1-5@0,0,50,-1\n", 2, ["paper_estimated_ms", "-1"]),
                (f"{HEADER}\nresnet20-cifar10,0:1-5@0,0,50\n", 2, ["values"]),
                (f"{HEADER}\nresnet20-cifar10,0:1-5,1:6-7@0,0,50,\n", 2, ["values"]),
                (f"{HEADER}\n{good}resnet20-cifar10,\"0:1-5@0,0,50,\n", None, ["after line 2"]),
                (f"{HEADER};\n".replace(",", ";"), 1, ["semicolons", "decimal point"]),
                (f"{HEADER}\nresnet20-cifar10,0:1-5@0,0,\"7,5\",\n", 2,
                 ["'7,5'", "decimal point"]),
                (f"{HEADER}\nresnet20-cifar10,0:1-5@0,0.5,50,\n", 2, ["destination", "'0.5'"]),
                (f"{HEADER}\n".encode() + b"\xff\n", None, ["UTF-8"])):
            with self.subTest(text=text):
                path = self.write(text)
                out = self.folder / "rows.csv"
                done = run(path, f"--csv={out}")
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                self.assertTrue(done.stderr.startswith(
                    f"validate-testbed: {path}:" + (f"{line}:" if line else "")), done.stderr)
                for part in parts:
                    self.assertIn(part, done.stderr)
                self.assertEqual(done.stdout, "")
                self.assertEqual(list(self.folder.iterdir()), [path])

    def test_bad_usage(self):
        path = self.write(f"{HEADER}\nresnet20-cifar10,0:1-5@0,0,50,\n")
        missing = self.folder / "missing"
        for arguments, part in (
                ([missing], str(missing)),
                ([path, "--samples=0"], "above 0"),
                ([path, "--jobs=x"], "above 0"),
                ([path, f"--scenario={missing}"], f"validate-testbed: {missing}: "),
                ([path, f"--csv={missing}/rows.csv"], f"{missing}/rows.csv"),
                ([path, f"--json={self.folder}"], str(self.folder)),
                ([path, f"--csv={path}"], "which is read"),
                ([path, "--bogus"], "--bogus")):
            with self.subTest(arguments=arguments):
                done = run(*arguments)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(part, done.stderr)
                self.assertEqual(done.stdout, "")
                self.assertEqual(list(self.folder.iterdir()), [path])

    def test_programs_that_are_not_built(self):
        done = run(PORTEND_BUILD_DIR=str(self.folder))
        self.assertEqual(done.returncode, 1)
        self.assertIn("not built", done.stderr)


if __name__ == "__main__":
    unittest.main()
