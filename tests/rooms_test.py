#!/usr/bin/python3
# Copyright (c) 2026 The Portend authors
#
# SPDX-License-Identifier: GPL-2.0-only
"""Holds the module's folders to the order in which they may know each other."""

import re
import unittest
from pathlib import Path

MODULE = Path(__file__).resolve().parent.parent / "contrib" / "portend"

# Each may include what stands before it, and its own.
ROOMS = [
    "estimator",
    "network",
    "model",
    "helper",
    "scenario",
    "run",
    "program",
    "campaign",
]

INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.MULTILINE)


def get_sources():
    """Each room's sources: (room, file)."""
    return [
        (room, file)
        for room in ROOMS
        for file in sorted((MODULE / room).glob("*"))
        if file.suffix in (".h", ".cc")
    ]


class Rooms(unittest.TestCase):
    """The folders of the module."""

    def test_every_folder_of_sources_is_known(self):
        folders = {file.parent.name for file in MODULE.glob("*/*.h")}
        self.assertEqual(folders - {"examples"}, set(ROOMS))

    def test_includes_point_down(self):
        homes = {file.name: room for room, file in get_sources()}
        for room, file in get_sources():
            for include in INCLUDE.findall(file.read_text()):
                with self.subTest(file=f"{room}/{file.name}", include=include):
                    self.assertNotIn("..", include)
                    home = homes.get(Path(include).name, room)
                    self.assertLessEqual(ROOMS.index(home), ROOMS.index(room))
                    # What stands beside it by its name, what stands below as any user would.
                    if Path(include).name in homes and room != "estimator":
                        self.assertEqual(include.startswith("ns3/"), home != room)

    def test_the_estimator_does_not_know_ns3(self):
        for file in (MODULE / "estimator").glob("*"):
            self.assertNotIn("ns3", file.read_text(), file.name)

    def test_models_do_not_know_files(self):
        for room, file in get_sources():
            if room in ("network", "model", "helper"):
                self.assertNotRegex(file.read_text(), r"nlohmann|<fstream>|<filesystem>", file.name)


if __name__ == "__main__":
    unittest.main()
