"""Reads what TensorFlow Lite's benchmark_model writes of its layers, as CSV or text."""

import math
import re

from plain_text import make_plain
from profilers.network import Layer, Network, Tensor, count_time
from script import BadInput

SECTION = "Profiling Info for Regular Benchmark Runs"
TABLE = "= Run Order ="
HEADER = "node type"  # in brackets in the text
COLUMNS = ("start", "first", "avg_ms", "share", "cdf", "mem KB", "times called")
# A share of the last row from which on rounding tells why it is not 100.
WHOLE = 99.5  # %


def is_profile(text):
    """Whether a text is a profile of benchmark_model."""
    return SECTION in text


def read(text, place):
    """Read a profile.

    Args:
        text: What is in the file.
        place: Its name.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    start = _find(lines, 0, SECTION, place)
    header = _find(lines, _find(lines, start, TABLE, place) + 1, HEADER, place)
    pattern = _make_pattern(lines[header])
    layers, share = [], 0
    before = Tensor("input")
    for number, line in enumerate(lines[header + 1:], start=header + 2):
        if not line.strip():
            break
        where = f"{place}:{number}"
        match = pattern.fullmatch(line.strip())
        if match is None:
            raise BadInput(f"{where}: found '{make_plain(line.strip(), 80)}'; allowed: a row of "
                           f"{make_plain(lines[header].strip(), 120)}")
        mean, calls, of_all, share = _read_row(match, where)
        layer = Layer(match["name"], where, [count_time(mean * calls)], [before])
        if mean == 0 and of_all == 0:
            layer.fail("takes 0 ms; allowed: a time above 0")
        before = Tensor(layer.name)
        layer.leaves = [before]
        layers.append(layer)
    if not layers or share < WHOLE:
        raise BadInput(f"{place}:{header + 1 + len(layers)}: the table ends at {share:g} % of the "
                       "time; allowed: at 100 %, the whole of it")
    return Network(f"TensorFlow Lite profile of {len(layers)} layers, mean of regular runs", layers)


def _find(lines, start, words, place):
    """The first line from one on that has some words."""
    for number in range(start, len(lines)):
        if words in lines[number]:
            return number
    raise BadInput(f"{place}:{start + 1}: no line with '{words}' from here on")


def _make_pattern(header):
    """What rows look like below a header: fields after commas, or after blanks."""
    between = ", " if ", " in header else r"\s+"
    names = COLUMNS if "start" in header else COLUMNS[1:]
    groups = {name: re.sub("[^a-z]", "_", name) for name in names}
    fields = [f"(?P<{groups[name]}>[^\\s,]+?)" + ("%" if name in ("share", "cdf") else "")
              for name in names]
    return re.compile(between.join([r"(?P<type>\S.*?)", *fields, "(?P<name>.*)"]))


def _read_row(match, where):
    """Mean time of a call, calls, share and sum of shares so far, in percent."""
    values = []
    for name, allowed in (("avg_ms", "a time in ms"), ("times_called", "a number of calls"),
                          ("share", "a percentage"), ("cdf", "a percentage")):
        try:
            value = float(match[name])
        except ValueError:
            value = math.nan
        if not 0 <= value < 1e12:
            raise BadInput(f"{where}: {name}: found '{make_plain(match[name], 40)}'; allowed: "
                           f"{allowed}")
        values.append(value)
    return values
