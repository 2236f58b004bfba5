"""Builds and runs the project's programs for scripts."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("PORTEND_BUILD_DIR", ROOT / "build")).resolve()


class Failure(Exception):
    """A program did not do what it was asked for."""

    def __init__(self, message, status=1):
        super().__init__(message)
        self.status = status  # that the program ended with


def build(programs, as_they_are):
    """Build programs.

    Args:
        programs: Their names.
        as_they_are: Whether to only make sure that they are there.
    """
    if not as_they_are:
        done = subprocess.run([ROOT / "ns3", "--quiet", "build", *programs], check=False)
        if done.returncode != 0:
            raise Failure("the programs could not be built")
    for program in programs:
        if not (BUILD / "scenarios" / program).exists():
            raise Failure(f"{program} is not built; run again without --no-build")


def run(program, arguments):
    """Run a program and return its standard output."""
    done = subprocess.run([BUILD / "scenarios" / program, *arguments], capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        message = done.stderr.strip() or f"{program} ended with status {done.returncode}"
        raise Failure(message, done.returncode)
    return done.stdout
