"""A link that changes: its bandwidth over time, what is told of it, and its file.

The file is a table time_s,bandwidth_bps and, where they are known, delay_ms and loss. What a row
says holds until the time of the next. The last one says when the trace ends, and what holds
afterwards where it does not begin again. Times count from the first row.
"""

import itertools
import math
from typing import NamedTuple, Optional

from csv_file import parse_csv
from script import BadInput, say

COLUMNS = {"time_s": 9, "bandwidth_bps": 3, "delay_ms": 6, "loss": 9}  # digits behind the point
MOST_S = 4e9  # that are simulated
MOST_BPS = 1e15  # of a link
MOST_MS = 1e9  # of a delay
MBPS = 1e6


class Step(NamedTuple):
    """A row."""

    time_s: float
    bandwidth_bps: float
    delay_ms: Optional[float] = None  # one way; the link's own where it is not known
    loss: Optional[float] = None  # share of packets; the link's own where it is not known


class Trace:
    """What a link offers over time.

    Of steps at the same time the last counts.
    """

    def __init__(self, steps, notes=()):
        start = steps[0].time_s
        steps = [step._replace(time_s=round(step.time_s - start, COLUMNS["time_s"]))
                 for step in steps]
        self.steps = [step for step, after in itertools.zip_longest(steps, steps[1:])
                      if after is None or step.time_s < after.time_s]
        self.notes = list(notes)
        if len(self.steps) < len(steps):
            self.notes.append(f"rows left out, as the next has the same time: "
                              f"{len(steps) - len(self.steps)}")

    @property
    def duration_s(self):
        """When it ends."""
        return self.steps[-1].time_s

    def get_pieces(self):
        """How long each step holds, and its bandwidth: a trace of one step is that step."""
        pieces = [(after.time_s - step.time_s, step.bandwidth_bps)
                  for step, after in zip(self.steps, self.steps[1:])]
        return pieces or [(0, self.steps[0].bandwidth_bps)]

    def get_mean(self):
        """The bandwidth's mean over time, b/s."""
        pieces = self.get_pieces()
        if not self.duration_s:
            return pieces[0][1]
        return math.fsum(time * bandwidth for time, bandwidth in pieces) / self.duration_s

    def find_outages(self):
        """How long each of the intervals is in which nothing passes, s."""
        return [math.fsum(time for time, _ in pieces) for is_zero, pieces in
                itertools.groupby(self.get_pieces(), lambda piece: piece[1] == 0) if is_zero]

    def to_csv(self):
        """The file."""
        columns = [column for column in COLUMNS
                   if any(getattr(step, column) is not None for step in self.steps)]
        rows = [",".join(_show(getattr(step, column), COLUMNS[column]) for column in columns)
                for step in self.steps]
        return "\n".join([",".join(columns), *rows]) + "\n"


def lay_out(pieces, per_second, notes=()):
    """A trace of pieces one after the other.

    Args:
        pieces: How long each holds, then what a step has besides its time.
        per_second: How many units of that time are a second.
        notes: What is told of the trace.
    """
    ends = list(itertools.accumulate(piece[0] for piece in pieces))
    steps = [Step(start / per_second, *piece[1:]) for start, piece in zip([0, *ends], pieces)]
    return Trace([*steps, steps[-1]._replace(time_s=ends[-1] / per_second)], notes)


def get_bandwidth(row, column, unit=1, name="b/s"):
    """A bandwidth in b/s from a column that has it in some unit."""
    most = MOST_BPS / unit
    return unit * row.get_number(column, f"{name} from 0 to {most:g}", 0, most)


def parse_trace(text, place):
    """The steps of a file of ours."""
    steps, before = [], None
    for row in parse_csv(text, place, ("time_s", "bandwidth_bps")):
        for column in row.fields:
            if column not in COLUMNS:
                raise BadInput(f"{place}: found the column '{column}'; allowed: "
                               f"{', '.join(COLUMNS)}")
        time_s = row.get_number("time_s", f"seconds from 0 to {MOST_S:g}", 0, MOST_S)
        check_order(row, "time_s", before)
        delay_ms = _get_optional(row, "delay_ms", f"ms from 0 to {MOST_MS:g}, or nothing", MOST_MS)
        loss = _get_optional(row, "loss", "a share from 0 to 1, or nothing", 1)
        steps.append(Step(time_s, get_bandwidth(row, "bandwidth_bps"), delay_ms, loss))
        before = row
    return steps


def check_order(row, column, before):
    """Refuse a time that falls.

    Args:
        row: It is in this row.
        column: Its column.
        before: The row before, None for the first.
    """
    if before and row.get_number(column) < before.get_number(column):
        row.fail(column, f"at least {before.fields[column]}, as in the row before")


def tell(traces, chosen):
    """Print what traces are like.

    Args:
        traces: By name.
        chosen: The name of the one whose notes are printed, too.
    """
    width = max(10, *(len(name) for name in traces))
    say(f"  {'trace':<{width}} {'steps':>8} {'duration, s':>12} {'mean, Mb/s':>12} {'minimum':>11} "
        f"{'maximum':>11} {'zero, s':>10} {'intervals':>9}")
    for name, trace in traces.items():
        bandwidths = [bandwidth for _, bandwidth in trace.get_pieces()]
        outages = trace.find_outages()
        say(f"  {name:<{width}} {len(bandwidths):>8} {trace.duration_s:>12.3f} "
            f"{trace.get_mean() / MBPS:>12.5f} {min(bandwidths) / MBPS:>11.5f} "
            f"{max(bandwidths) / MBPS:>11.5f} {math.fsum(outages):>10.3f} {len(outages):>9}")
    for note in traces[chosen].notes:
        say(f"  {chosen}: {note}" if len(traces) > 1 else f"  {note}")


def _get_optional(row, column, allowed, high):
    """A number that is at least 0, or None where there is none."""
    return row.get_number(column, allowed, 0, high) if row.fields.get(column) else None


def _show(value, digits):
    """A number as short as it can be."""
    if value is None:
        return ""
    text = f"{value + 0.0:.{digits}f}"
    return text.rstrip("0").rstrip(".")
