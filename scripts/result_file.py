"""Reads the result files of portend-sweep and portend-crosscheck."""

import difflib
import json
import re
import sqlite3
from pathlib import Path

APPLICATION_ID = 0x506F7274  # "Port"
SCHEMA_VERSION = 1
COMPONENTS = ["wait", "deserialization", "computation", "serialization", "propagation",
              "transmission", "network_excess"]
# What is read of the tables; a file without any of it is refused.
COLUMNS = {
    "result": [
        "point", "rank", "profile", "deployment", "thresholds", "replications", "requests",
        "precise", "steady", "simulated_latency_ms", "simulated_latency_ci95_ms",
        "simulated_latency_p50_ms", "simulated_latency_p95_ms", "simulated_latency_p99_ms",
        "simulated_latency_p99_ci95_ms", "simulated_accuracy", "simulated_accuracy_ci95",
        "estimated_latency_ms", "estimated_accuracy", "difference_percent", "explanation",
        *(f"{start}_{name}_{end}" for name in COMPONENTS for start, end in (
            ("simulated", "ms"), ("simulated", "ci95_ms"), ("estimated", "ms")))],
    "exit": ["point", "rank", "partition", "simulated_rate", "simulated_rate_ci95",
             "estimated_rate", "simulated_latency_ms", "estimated_latency_ms"],
    "regret": ["point", "best_rank", "regret_ms", "regret_ci95_ms", "regret_percent",
               "error_percent", "error_ci95_percent"],
    "crossing": ["axis", "point", "with_point", "estimated", "simulated", "simulated_low",
                 "simulated_high"],
    "agreement": ["component", "deployments", "slope", "r_squared", "mean_error_percent",
                  "largest_error_percent", "largest_error_point", "covered", "random"],
}

AXIS_NAMES = {  # an axis' name without the number of its link or tier
    "bandwidth": "bandwidth",
    "delay": "propagation delay",
    "rate": "arrival rate",
    "mtu": "MTU",
    "compute_factor": "computation factor",
}
PREFIXES = [(1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, "")]


class BadInput(Exception):
    """What was given cannot be used; the message says why."""


class Axis:
    """One axis of a sweep."""

    def __init__(self, position, name, unit, scale):
        self.position = position
        self.name = name
        self.unit = unit
        self.is_declared_log = scale == "log"
        self.is_text = unit == "text"
        self.texts = []  # in the order of the points, without repetition
        self.number_of = {}  # texts by their numbers
        self.factor = 1.0  # one unit shown is that many units of the file
        self.shown_unit = {"per_s": "1/s", "text": "", "bytes": "B"}.get(unit, unit)

    @property
    def numbers(self):
        """The values, in the order of the points."""
        return list(self.number_of)

    @property
    def is_log(self):
        """Whether the axis is logarithmic, or should be: 1, 2, 5, 10, 20 are even steps there."""
        numbers = sorted(self.numbers)
        if self.is_declared_log or len(numbers) < 4 or numbers[0] <= 0:
            return self.is_declared_log
        gaps = [high - low for low, high in zip(numbers, numbers[1:])]
        return numbers[-1] >= 10 * numbers[0] and max(gaps) > 5 * min(gaps)

    def choose_prefix(self):
        """Show bit rates in the largest unit in which the least is at least 1, or near it."""
        if self.unit == "bps" and self.numbers:
            least = min(abs(number) for number in self.numbers)
            self.factor, prefix = next(
                (pair for pair in PREFIXES if least >= 0.1 * pair[0]), PREFIXES[-1])
            self.shown_unit = f"{prefix}b/s"

    @property
    def words(self):
        """The name as a person says it: bandwidth of link 0."""
        match = re.fullmatch(r"(.*?)(\d+)", self.name)
        stem, number = match.groups() if match else (self.name, None)
        words = AXIS_NAMES.get(stem, stem.replace("_", " ").strip())
        if number is None:
            return words
        return f"{words} of {'link' if stem in ('bandwidth', 'delay') else 'tier'} {number}"

    @property
    def label(self):
        """With its unit, for an axis of a figure."""
        return f"{self.words} ({self.shown_unit})" if self.shown_unit else self.words

    def show(self, point):
        """The value of a point, with its unit."""
        value = point.values.get(self.position)
        if value is None:
            return "?"
        text, number = value
        if number is None:
            return text
        return f"{number / self.factor:.4g} {self.shown_unit}".rstrip()


class Point:
    """One point of a sweep, or one deployment of a cross-check."""

    def __init__(self, identity):
        self.id = identity
        self.values = {}  # (text, number) by position of the axis
        self.ranks = []  # rows of the table `result`

    @property
    def result(self):
        """The deployment of the point."""
        return self.ranks[0]

    @property
    def is_doubtful(self):
        """Whether its interval is wider than asked for, or its warm-up may have been cut short."""
        return not (self.result["precise"] and self.result["steady"])


class Result:
    """What a result file says; distributions are read when asked for."""

    def __init__(self, path):
        self.path = Path(path)
        try:
            if not self.path.exists():
                raise BadInput(f"{path}: no such file")
            if not self.path.is_file():
                raise BadInput(f"{path}: not a file")
            with open(self.path, "rb") as file:
                start = file.read(16)
        except OSError as error:
            raise BadInput(f"{path}: {error.strerror}") from None
        if start != b"SQLite format 3\0":
            raise BadInput(f"{path}: not a result file: it is not an SQLite database")
        try:
            self.database = sqlite3.connect(f"{self.path.resolve().as_uri()}?mode=ro", timeout=1,
                                            uri=True)
            self.database.row_factory = sqlite3.Row
            self._read()
        except sqlite3.Error as error:
            locked = str(error) == "database is locked"
            raise BadInput(f"{path}: {'it is being written; ' if locked else ''}{error}") from None

    def _query(self, text, arguments=()):
        return self.database.execute(text, arguments).fetchall()

    def _read_table(self, table):
        columns = COLUMNS[table]
        return self._query(f"SELECT {', '.join(columns)} FROM {table} "
                           f"ORDER BY {', '.join(columns[:3])}")

    def _read(self):
        identity = self._query("PRAGMA application_id")[0][0]
        version = self._query("PRAGMA user_version")[0][0]
        if identity != APPLICATION_ID:
            raise BadInput(f"{self.path}: not a result file: application_id is {identity:#x}, "
                           f"of Portend's it is {APPLICATION_ID:#x}")
        if version != SCHEMA_VERSION:
            raise BadInput(f"{self.path}: schema version is {version}, only {SCHEMA_VERSION} "
                           "can be read")
        self.meta = {row["key"]: row["value"] for row in self._query("SELECT * FROM meta")}
        try:
            self.scenario = json.loads(self.meta.get("scenario", "{}"))
        except ValueError as error:
            raise BadInput(f"{self.path}: scenario in table meta: {error}") from None
        self.axes = [Axis(*row) for row in self._query(
            "SELECT position, name, unit, scale FROM axis ORDER BY position")]
        points = {row["id"]: Point(row["id"])
                  for row in self._query("SELECT id FROM point ORDER BY id")}
        for point, position, text, number in self._query(
                "SELECT point, axis, text, number FROM axis_value ORDER BY point, axis"):
            if point in points:
                points[point].values[position] = (text, number)
        for row in self._read_table("result"):
            if row["point"] in points:
                points[row["point"]].ranks.append(row)
        self.points = [point for point in points.values() if point.ranks]
        if not self.points:
            raise BadInput(f"{self.path}: there are no points in it")
        self._collect_values()
        self.exits = {}  # rows of the table `exit`, by (point, rank)
        for row in self._read_table("exit"):
            self.exits.setdefault((row["point"], row["rank"]), []).append(row)
        self.regrets = {row["point"]: row for row in self._read_table("regret")}
        self.crossings = self._read_table("crossing")
        fits = {row["component"]: row for row in self._read_table("agreement")}
        self.agreement = {name: fits[name] for name in ["latency", *COMPONENTS, "accuracy"]
                          if name in fits}
        try:
            self.points_planned = int(self.meta["points"])
        except (KeyError, ValueError):
            self.points_planned = len(self.points)

    def _collect_values(self):
        """Note which values there are on each axis, and whether profiles differ."""
        self.has_many_profiles = len({point.result["profile"] for point in self.points}) > 1
        for axis in self.axes:
            texts = {}  # a dictionary keeps the order
            axis.number_of = {}
            for point in self.points:
                text, number = point.values.get(axis.position, ("?", None))
                texts[text] = None
                if number is not None:
                    axis.number_of[number] = text
            axis.texts = list(texts)
            axis.choose_prefix()

    def keep_where(self, wanted):
        """Forget the points that differ.

        Args:
            wanted: (name, text) pairs: what the text of each point on this axis must be.
        """
        for name, text in wanted:
            axis = self.find_axis(name)
            kept = [point for point in self.points
                    if point.values.get(axis.position, ("?", None))[0] == text]
            if not kept:
                raise BadInput(f"{self.path}: no point has {name}={text}"
                               + suggest(text, axis.texts))
            self.points = kept
        self._collect_values()

    def count_cdf_steps(self):
        """How many steps the distributions of all points have."""
        return self._query("SELECT count(*) FROM cdf WHERE rank = 0")[0][0]

    def read_cdf(self, point):
        """The distributions of a point's deployment: (latencies, shares) by partition, 0: all."""
        curves = {}
        for row in self._query("SELECT partition, latency_ms, share FROM cdf WHERE point = ? AND "
                               "rank = 0 ORDER BY partition, latency_ms", (point.id,)):
            latencies, shares = curves.setdefault(row["partition"], ([], []))
            latencies.append(row["latency_ms"])
            shares.append(row["share"])
        return curves

    def name(self, point):
        """What tells a point from the others: its place on the axes, or its deployment."""
        varying = [axis for axis in self.axes if len(axis.texts) > 1]
        if varying:
            return ", ".join(axis.show(point) for axis in varying)
        row = point.result
        if self.has_many_profiles:
            return f"{row['profile']} {row['deployment']}"
        return row["deployment"]

    def find_axis(self, name):
        """The axis of that name."""
        for axis in self.axes:
            if axis.name == name:
                return axis
        raise BadInput(f"{self.path}: no axis '{name}'"
                       + suggest(name, [axis.name for axis in self.axes]))


def suggest(name, known):
    """The nearest of the known names, and all of them, as the end of a message."""
    near = difflib.get_close_matches(name, known, 1)
    listed = f"known: {', '.join(known) or 'none'}"
    return f"; did you mean '{near[0]}'? ({listed})" if near else f" ({listed})"


def choose_evenly(items, most):
    """At most that many of the items, evenly spaced, the first and the last among them."""
    if len(items) <= most:
        return list(items)
    if most == 1:
        return [items[0]]
    return [items[round(index * (len(items) - 1) / (most - 1))] for index in range(most)]
