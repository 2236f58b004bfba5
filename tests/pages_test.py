#!/usr/bin/python3
"""README and chapter: files they name are there, the chapter becomes HTML, its loop works."""

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
import textwrap
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOC = ROOT / "contrib" / "portend" / "doc"
BUILD = Path(os.environ.get("PORTEND_BUILD_DIR", ROOT / "build")).resolve()


class FilesTest(unittest.TestCase):
    """What the pages name."""

    def test_files_are_there(self):
        for page in (ROOT / "README.md", ROOT / "profiles" / "README.md", *DOC.glob("*.rst")):
            text = page.read_text(encoding="utf-8")
            names = set(re.findall(r"(?<![\w./-])(?:scripts|scenarios|profiles|tests|benchmarks|"
                                   r"contrib)/[\w./-]*\w", text))
            files = [ROOT / name for name in names if not re.search("[A-Z]{4}", name)]
            files += [page.parent / link for link in re.findall(r"\]\((?!http)([^)]+)\)", text)]
            self.assertEqual([file for file in files if not file.exists()], [], page)

    def test_readme_is_for_ten_minutes(self):
        lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
        self.assertLessEqual(len(lines), 200)


@unittest.skipUnless(shutil.which("sphinx-build"),
                     "python3-sphinx is missing; ./ns3 setup test installs it")
class HtmlTest(unittest.TestCase):
    """The pages become HTML without a warning, and none is left out."""

    def test_builds_without_a_warning(self):
        with tempfile.TemporaryDirectory() as folder:
            # Without a cache beside the sources, and as strictly as Sphinx can.
            done = subprocess.run(["sphinx-build", "-W", "--keep-going", "-n", "-q", "-d",
                                   f"{folder}/doctrees", DOC, f"{folder}/html"],
                                  capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
            pages = {page.stem for page in (Path(folder) / "html").glob("*.html")}
        self.assertLessEqual({page.stem for page in DOC.glob("*.rst")}, pages)


@unittest.skipUnless(importlib.util.find_spec("pandas"),
                     "python3-pandas is missing; ./ns3 setup figures installs it")
class PandasTest(unittest.TestCase):
    """The loop into pandas prints its table, on the programs of this build."""

    def test_loop(self):
        page = (DOC / "running.rst").read_text(encoding="utf-8")
        loop, = re.findall(r"^  for mbps in .*\n(?:  .*\n)+", page, re.MULTILINE)
        loop = textwrap.dedent(loop)
        # Without a build in between.
        command = loop.replace("./ns3 run portend-3tier --",
                               str(BUILD / "scenarios" / "portend-3tier"))
        self.assertNotEqual(command, loop)
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True,
                                  text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0].split(), ["bandwidth", "simulated_ms", "analytical_ms"])
        latency_of = {line.split()[1]: [float(word) for word in line.split()[2:]]
                      for line in lines[1:]}
        self.assertEqual(set(latency_of), {"1Mbps", "2Mbps", "5Mbps", "10Mbps", "20Mbps"})
        for simulated, analytical in latency_of.values():
            self.assertAlmostEqual(simulated / analytical, 1, delta=0.1)


if __name__ == "__main__":
    unittest.main()
