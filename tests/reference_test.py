#!/usr/bin/python3
"""The chapter's reference has what the programs of this build have: options, tables, results.

What is made of the programs alone stands between two comments of the page, or in a block of its
own; with PORTEND_UPDATE in the environment it is written there. What people explain is compared.
"""

import csv
import fnmatch
import io
import json
import os
import re
import sqlite3
import subprocess
import tempfile
import textwrap
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULE = ROOT / "contrib" / "portend"
PAGE = MODULE / "doc" / "reference.rst"
BUILD = Path(os.environ.get("PORTEND_BUILD_DIR", ROOT / "build")).resolve()
PROGRAMS = ("portend-3tier", "portend-run", "portend-estimate", "portend-optimize", "portend-sweep",
            "portend-crosscheck", "portend-compare")


def run(program, *arguments):
    """What a program prints."""
    return subprocess.run([BUILD / "scenarios" / program, *arguments], capture_output=True,
                          text=True, check=True).stdout


def mark_up(text):
    """A text in reStructuredText, options as they are typed."""
    return re.sub(r"--\w\S*\w", r"``\g<0>``", re.sub(r"[\\*`@]", r"\\\g<0>", text))


def list_options(program):
    """The options that a program has beside those of a scenario, as a table."""
    options = run(program, "--help").split("\nProgram Options:\n")[1]
    own = re.split("(?m)^    --(?:scenario|profile):", options)[0]
    table = f"**{program}**\n\n.. list-table::\n   :header-rows: 1\n\n"
    rows = [("option", "default", "what it is")]
    for option, text, default in re.findall(r"(?m)^    (--\S+): +(.*?)(?: \[(.*)\])?$", own):
        rows.append((f"``{option}``", mark_up(default), mark_up(text)))
    for row in rows:
        table += "   * - " + "\n     - ".join(row) + "\n"
    return re.sub("(?m) +$", "", table)


def read_tables():
    """The statements that make the tables of result files, with what they explain."""
    code = (MODULE / "campaign" / "portend-result-file.cc").read_text(encoding="utf-8")
    return code.split('R"sql(\n')[1].split(')sql"')[0]


def list_columns(program, *arguments):
    """The columns of what a program writes as CSV."""
    return next(csv.reader(io.StringIO(run(program, "--csv=-", "--quiet", *arguments))))


def list_keys(document, path=""):
    """The keys of a JSON document by their paths; objects whose keys are names count as one."""
    for key, value in document.items():
        name = f"{path}{key}"
        rows = value if isinstance(value, list) and isinstance(value[0], dict) else [value]
        for row in rows:
            if isinstance(row, dict) and name not in ("scenario", "provenance.inputs"):
                yield from list_keys(row, name + ".")
            else:
                yield name


class MadeTest(unittest.TestCase):
    """What is made of the programs."""

    maxDiff = None

    def expect(self, begin, end, text):
        """The page has the text between two others."""
        page = PAGE.read_text(encoding="utf-8")
        before, rest = page.split(begin, 1)
        had, behind = rest.split(end, 1)
        if "PORTEND_UPDATE" in os.environ:
            PAGE.write_text(before + begin + text + end + behind, encoding="utf-8")
        else:
            self.assertEqual(had, text, "PORTEND_UPDATE=1 ./ns3 test reference_test writes it")

    def test_options_of_each_program(self):
        self.expect("\n.. options of programs\n", "\n.. end of options of programs\n",
                    "\n" + "\n".join(list_options(program) for program in PROGRAMS))

    def test_tables_of_result_files(self):
        self.expect("\n.. code-block:: sql\n\n", "\nAttributes\n",
                    textwrap.indent(read_tables(), "  "))


class ExplainedTest(unittest.TestCase):
    """What people explain of results."""

    def expect(self, table, names):
        """A table of the page explains all names, and no other."""
        page = PAGE.read_text(encoding="utf-8")
        text = page.split(f"\n.. {table}\n")[1].split(f"\n.. end of {table}\n")[0]
        explained = re.findall(r"``([^`]+)``", "\n".join(re.findall(r"(?m)^   \* - (.*)$", text)))
        self.assertEqual([name for name in names
                          if not any(fnmatch.fnmatchcase(name, known) for known in explained)], [])
        self.assertEqual([known for known in explained if not fnmatch.filter(names, known)], [])

    def test_keys_of_json(self):
        document = json.loads(run("portend-3tier", "--json=-", "--quiet", "--arrival=poisson:30",
                                  "--queue-limit=5", "--queue-policy=block", "--deadline=1s",
                                  "--slo=p99:1000s", "--slo=met:1%",
                                  "--network=trains", "--scheduler=batch[max=2]"))
        controlled = json.loads(run("portend-3tier", "--json=-", "--quiet",
                                    "--controller=portend[SwitchTime=1ms]"))
        self.expect("keys of JSON", sorted({*list_keys(document), *list_keys(controlled)}))

    def test_columns_of_runs(self):
        self.expect("columns of CSV", sorted({
            *list_columns("portend-3tier", "--scheduler=batch"),
            *list_columns("portend-3tier", "--controller=portend[SwitchTime=1ms]")}))

    def test_columns_of_estimates(self):
        columns = list_columns("portend-estimate")
        self.assertEqual(list_columns("portend-optimize", "--min-accuracy=0.8"), columns)
        self.expect("columns of estimates", columns)

    def test_columns_of_sweeps(self):
        database = sqlite3.connect(":memory:")
        database.executescript(read_tables())
        of_result = {row[0] for row in database.execute(
            "SELECT name FROM pragma_table_info('result')")}
        with tempfile.TemporaryDirectory() as folder:
            columns = list_columns("portend-sweep", f"--result={folder}/a.sqlite", "--samples=1",
                                   "--replications=2", "--sweep=delay0=1ms,2ms")
        self.assertLessEqual(of_result, set(columns))
        self.expect("columns of sweeps", sorted(set(columns) - of_result))


if __name__ == "__main__":
    unittest.main()
