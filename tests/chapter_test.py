#!/usr/bin/python3
"""The module's chapter becomes HTML without a warning, and all of its files are in it."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

DOC = Path(__file__).resolve().parent.parent / "contrib" / "portend" / "doc"


@unittest.skipUnless(shutil.which("sphinx-build"),
                     "python3-sphinx is missing; ./ns3 setup test installs it")
class ChapterTest(unittest.TestCase):
    """The pages."""

    def test_builds_without_a_warning(self):
        with tempfile.TemporaryDirectory() as folder:
            # Without a cache beside the sources, and as strictly as Sphinx can.
            done = subprocess.run(["sphinx-build", "-W", "--keep-going", "-n", "-q", "-d",
                                   f"{folder}/doctrees", DOC, f"{folder}/html"],
                                  capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
            pages = {page.stem for page in (Path(folder) / "html").glob("*.html")}
        self.assertLessEqual({page.stem for page in DOC.glob("*.rst")}, pages)


if __name__ == "__main__":
    unittest.main()
