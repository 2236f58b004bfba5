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


class _Running:
    """The programs that run now."""

    children = set()
    is_stopped = False  # no more are begun


def stop():
    """End all programs that run, and let none begin."""
    _Running.is_stopped = True
    for child in list(_Running.children):
        child.terminate()


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
    if _Running.is_stopped:
        raise Failure(f"{program} is not run any more")
    # Names in what it writes may be no UTF-8.
    with subprocess.Popen([BUILD / "scenarios" / program, *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, encoding="utf-8",
                          errors="surrogateescape") as child:
        _Running.children.add(child)
        try:
            if _Running.is_stopped:
                child.terminate()
            output, errors = child.communicate()
        finally:
            _Running.children.discard(child)
    if child.returncode != 0:
        message = errors.strip() or f"{program} ended with status {child.returncode}"
        raise Failure(message, child.returncode)
    return output
