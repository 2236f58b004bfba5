#!/usr/bin/python3
"""The README's loop into pandas prints its table, on the programs of this build."""

import importlib.util
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("PORTEND_BUILD_DIR", ROOT / "build")).resolve()


@unittest.skipUnless(importlib.util.find_spec("pandas"),
                     "python3-pandas is missing; ./ns3 setup figures installs it")
class PandasTest(unittest.TestCase):
    """The loop."""

    def test_loop(self):
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        loop, = re.findall(r"```\n(for mbps in [^`]+)```", readme)
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
