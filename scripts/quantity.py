"""What argparse reads options by that are numbers, with a unit or without."""

import argparse
import re
from fractions import Fraction

from plain_text import make_plain

TIMES = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "min": 60 * 10**9}  # in ns
RATES = {"bps": 1, "kbps": 10**3, "Mbps": 10**6, "Gbps": 10**9}  # in b/s
MOST_LETTERS = 60  # of what was found


def quantity(units, example):
    """A whole number, above 0, of the least unit.

    Args:
        units: How many of the least unit each is, by name.
        example: What is allowed.
    """
    def parse(text):
        found = re.fullmatch(r"([0-9]{1,12}(?:\.[0-9]{1,9})?)([A-Za-z]+)", text)
        value = Fraction(found[1]) * units.get(found[2], 0) if found else 0
        if value <= 0 or value.denominator != 1:
            _fail(text, f"a whole number of {next(iter(units))}, above 0, such as {example} "
                        f"({', '.join(units)})")
        return int(value)
    return parse


def number(low, high):
    """A number above one and up to another."""
    def parse(text):
        value = float(text)
        if not low < value <= high:
            _fail(text, f"a number above {low:g}, up to {high:g}")
        return value
    parse.__name__ = "number"
    return parse


def count(text):
    """A whole number, at least 0."""
    if not re.fullmatch("[0-9]{1,30}", text):
        _fail(text, "a whole number, at least 0")
    return int(text)


def _fail(text, allowed):
    """Complain of an option."""
    found = make_plain(text, MOST_LETTERS)
    raise argparse.ArgumentTypeError(f"found '{found}'; allowed: {allowed}")
