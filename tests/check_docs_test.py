#!/usr/bin/python3
"""The pages show what their commands print: those that take no minutes, by scripts/check-docs."""

import importlib.machinery
import importlib.util
import os
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "scripts" / "check-docs"


def load_script():
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(SCRIPT.parent))
    loader = importlib.machinery.SourceFileLoader("check_docs", str(SCRIPT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_docs", loader))
    sys.modules["check_docs"] = module
    loader.exec_module(module)
    return module


DOCS = load_script()


class Comparing(unittest.TestCase):
    def expect(self, shown, printed, is_same):
        difference = DOCS.find_difference(DOCS.normalise(shown), DOCS.normalise(printed))
        self.assertEqual(difference is None, is_same, difference)

    def test_lines_are_compared_one_by_one(self):
        self.expect(["a", "b"], ["a", "", "b "], True)
        self.expect(["a", "b"], ["a", "c", "b"], False)
        self.expect(["a", "b"], ["b", "a"], False)
        self.expect(["a"], ["a", "b"], False)
        self.expect(["a", "b"], ["a"], False)
        self.expect([], ["a"], False)

    def test_elided_lines_are_any_number_of_lines(self):
        self.expect(["...", "b", "..."], ["a", "b", "c"], True)
        self.expect(["a", "..."], ["a"], True)
        self.expect(["...", "c"], ["a", "b", "c", "d"], False)
        self.expect(["a", "...", "a"], ["a", "b"], False)
        self.expect(["...", "b", "c", "..."], ["b", "x", "b", "c", "d"], True)
        self.expect(["...", "b"], ["b", "a", "b"], True)

    def test_only_the_time_of_the_wall_may_differ(self):
        self.expect(["time 59.105 s simulated in 0.029 s"],
                    ["time 59.105 s simulated in 1.5 s"], True)
        self.expect(["time 59.105 s simulated in 0.029 s"],
                    ["time 59.106 s simulated in 0.029 s"], False)
        self.expect(["a"], ["portend-sweep: 3 of 30 points, 1.5 points/s, 18 s left", "a"], True)


class Reading(unittest.TestCase):
    def read(self, *lines):
        return [(c.text, c.shown) for c in DOCS.read_commands(list(lines))]

    def test_what_follows_a_prompt_is_output(self):
        self.assertEqual(self.read("$ a \\", "  b", "x", "$ c 'd", "e'", "..."),
                         [("a \\\n  b", ["x"]), ("c 'd\ne'", ["..."])])

    def test_commands_alone_have_no_output(self):
        self.assertEqual(self.read("./ns3 a", "scripts/b   remark", "for x in 1; do", "  y", "done"),
                         [("./ns3 a", None), ("scripts/b", None),
                          ("for x in 1; do\n  y\ndone", None)])
        self.assertEqual(self.read("contrib/portend  the module"), [])


class Pages(unittest.TestCase):
    def test_quick_commands_print_what_is_shown(self):
        result = subprocess.run([SCRIPT, "--quick"], capture_output=True, text=True, check=False,
                                env={"PORTEND_BUILD_DIR": str(ROOT / "build"), **os.environ})
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)


if __name__ == "__main__":
    unittest.main()
