#!/usr/bin/python3
"""Tests of scripts/compare-blocks."""

import json
import subprocess
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "compare-blocks"


class CompareBlocks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "tiny"
        self.folder.mkdir()
        (self.folder / "model.json").write_text("{}")

    def compare(self, compute_ms, status=0):
        document = {"compute_ms": compute_ms, "serialize_ms": [0, 0, 0]}
        (self.folder / "board.json").write_text(json.dumps(document))
        result = subprocess.run([SCRIPT, self.folder], capture_output=True, text=True, check=False,
                                timeout=60)
        self.assertEqual(result.returncode, status, result.stderr)
        return result.stderr if status else result.stdout.splitlines()[1].split()

    def test_by_hand(self):
        # Means 1, 2 and 4. 1-3: 7 for 8, -12.5 %; 1-2: 3 for 2.5, +20 %; 2-3: 6 for 6.
        times = {"1-1": [0.5, 1.5], "1-2": [2.5], "1-3": [8], "2-2": [2], "2-3": [5, 7], "3-3": [4]}
        self.assertEqual(self.compare(times),
                         ["tiny", "board", "8.000", "7.000", "-12.5", "10.8", "20.0"])

    def test_partly_measured(self):
        self.assertEqual(self.compare({"1-1": [1], "1-2": [2], "2-2": [1.5], "1-3": [3]}),
                         ["tiny", "board", "2.000", "2.500", "+25.0", "25.0", "25.0"])
        self.assertEqual(self.compare({"1-3": [3]}), ["tiny", "board", "-", "-", "-", "-", "-"])

    def test_bad_input(self):
        self.assertIn("board.json: /compute_ms/1-1/0", self.compare({"1-1": [-1]}, 2))
        (self.folder / "board.json").unlink()
        result = subprocess.run([SCRIPT, self.folder], capture_output=True, text=True, check=False,
                                timeout=60)
        self.assertEqual(result.returncode, 2)
        self.assertIn("holds no file of a device", result.stderr)


if __name__ == "__main__":
    unittest.main()
