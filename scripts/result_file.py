"""Reads the result files of portend-sweep and portend-crosscheck."""

import difflib
import re
import shutil
import sqlite3
import tempfile
from pathlib import Path

from json_file import MOST_SHOWN, Value, parse_json
from plain_text import make_plain
from script import BadInput

APPLICATION_ID = 0x506F7274  # "Port"
SCHEMA_VERSION = 2
READABLE_VERSIONS = (1, SCHEMA_VERSION)  # the first had no table `provenance`
COMPONENTS = ["wait", "deserialization", "computation", "serialization", "propagation",
              "transmission", "network_excess"]
MOST_NAME = 44  # letters of a name in a figure
MOST_LABEL = 60  # letters of several names


class Kind:
    """What may stand in a column."""

    def __init__(self, allowed, accepts):
        self.allowed = allowed  # in words
        self.accepts = accepts


def _is_number(value, low=-1e30):
    return isinstance(value, (int, float)) and low <= value <= 1e30


COUNT = Kind("a whole number from 0 on", lambda value: isinstance(value, int) and value >= 0)
FLAG = Kind("0 or 1", lambda value: isinstance(value, int) and value in (0, 1))
ORIGIN = Kind("a text or a whole number", lambda value: isinstance(value, (str, int)))
TEXT = Kind("a text", lambda value: isinstance(value, str))
NUMBER = Kind("a number of at most 1e30, or none", lambda value: value is None
              or _is_number(value))
SIZE = Kind("a number from 0 to 1e30, or none", lambda value: value is None
            or _is_number(value, 0))
SHARE = Kind("a number from 0 to 1", lambda value: _is_number(value, 0)
             and value <= 1 + 1e-9)  # a sum of shares
SCALE = Kind("'linear' or 'log'", lambda value: value in ("linear", "log"))
PLACE = Kind("a whole number from 0 on, or none", lambda value: value is None
             or COUNT.accepts(value))

# What is read of the tables, the key first; a file without any of it is refused.
COLUMNS = {
    "meta": {"key": TEXT, "value": TEXT},
    "axis": {"position": COUNT, "name": TEXT, "unit": TEXT, "scale": SCALE},
    "point": {"id": COUNT},
    "axis_value": {"point": COUNT, "axis": COUNT, "text": TEXT, "number": NUMBER},
    "result": {
        "point": COUNT, "rank": COUNT, "profile": TEXT, "deployment": TEXT, "thresholds": TEXT,
        "replications": COUNT, "requests": COUNT, "precise": FLAG, "steady": FLAG,
        "simulated_latency_ms": SIZE, "simulated_latency_ci95_ms": SIZE,
        "simulated_latency_p50_ms": SIZE, "simulated_latency_p95_ms": SIZE,
        "simulated_latency_p99_ms": SIZE, "simulated_latency_p99_ci95_ms": SIZE,
        "simulated_accuracy": NUMBER, "simulated_accuracy_ci95": SIZE,
        "estimated_latency_ms": NUMBER, "estimated_accuracy": NUMBER,
        "difference_percent": NUMBER, "explanation": TEXT,
        **{column: kind for name in COMPONENTS for column, kind in (
            (f"simulated_{name}_ms", NUMBER), (f"simulated_{name}_ci95_ms", SIZE),
            (f"estimated_{name}_ms", NUMBER))}},
    "exit": {"point": COUNT, "rank": COUNT, "partition": COUNT, "simulated_rate": NUMBER,
             "simulated_rate_ci95": SIZE, "estimated_rate": NUMBER,
             "simulated_latency_ms": SIZE, "estimated_latency_ms": NUMBER},
    "cdf": {"point": COUNT, "rank": COUNT, "partition": COUNT, "latency_ms": SIZE, "share": SHARE},
    "regret": {"point": COUNT, "best_rank": COUNT, "regret_ms": NUMBER, "regret_ci95_ms": SIZE,
               "regret_percent": NUMBER, "error_percent": NUMBER, "error_ci95_percent": SIZE},
    "crossing": {"axis": COUNT, "point": COUNT, "with_point": COUNT, "estimated": NUMBER,
                 "simulated": NUMBER, "simulated_low": NUMBER, "simulated_high": NUMBER},
    "agreement": {"component": TEXT, "deployments": COUNT, "slope": NUMBER, "r_squared": NUMBER,
                  "mean_error_percent": NUMBER, "largest_error_percent": NUMBER,
                  "largest_error_point": PLACE, "covered": PLACE, "random": PLACE},
    "provenance": {"name": TEXT, "value": ORIGIN},
    # In files of campaigns that have something to say there.
    "level": {"point": COUNT, "rank": COUNT, "level": TEXT, "value_ms": SIZE, "value_ci95_ms": SIZE,
              "value_share": SIZE, "value_ci95_share": SIZE, "holds": FLAG},
    "capacity": {"point": COUNT, "name": TEXT, "unit": TEXT, "capacity": SIZE, "low": SIZE,
                 "high": SIZE},
    "audit": {"point": COUNT, "rank": COUNT, "position": COUNT, "entry": TEXT, "requests": COUNT,
              "unmatched": COUNT, "trains_ms": NUMBER, "packets_ms": NUMBER,
              "mean_error_ms": SIZE, "largest_error_ms": SIZE},
}
KEYS = {"axis_value": 2, "result": 2, "exit": 3, "cdf": 4, "crossing": 3, "level": 3,
        "audit": 3}  # columns, or 1
OCCASIONAL = ("level", "capacity", "audit")  # tables that some campaigns have
# What must be there for what.
REFERENCES = [
    ("axis_value", "point", "point", "id"),
    ("axis_value", "axis", "axis", "position"),
    ("result", "point", "point", "id"),
    ("exit", "point, rank", "result", "point, rank"),
    ("cdf", "point, rank", "result", "point, rank"),
    ("regret", "point, best_rank", "result", "point, rank"),
    ("crossing", "axis", "axis", "position"),
    ("crossing", "point", "result", "point"),
    ("crossing", "with_point", "result", "point"),
    ("agreement", "largest_error_point", "result", "point"),
    ("level", "point, rank", "result", "point, rank"),
    ("capacity", "point", "point", "id"),
    ("audit", "point, rank", "result", "point, rank"),
]

AXIS_NAMES = {  # an axis' name without the number of its link or tier
    "bandwidth": "bandwidth",
    "delay": "propagation delay",
    "rate": "arrival rate",
    "mtu": "MTU",
    "compute_factor": "computation factor",
}
PREFIXES = [(1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, "")]


def _connect(path, mode):
    """Open an SQLite file, and see that it can be read."""
    database = sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", timeout=1, uri=True)
    database.execute("SELECT count(*) FROM sqlite_schema")
    return database


class Axis:
    """One axis of a sweep."""

    def __init__(self, position, name, unit, scale, tiers=()):
        self.position = position
        self.tiers = tiers  # their names, where the scenario has them
        self.name = name
        self.unit = unit
        self.is_declared_log = scale == "log"
        self.is_text = unit == "text"
        self.texts = []  # in the order of the points, without repetition
        self.number_of = {}  # texts by their numbers
        self.factor = 1.0  # one unit shown is that many units of the file
        self.shown_unit = {"per_s": "1/s", "text": "", "bytes": "B"}.get(
            unit, make_plain(unit, 8))

    @property
    def numbers(self):
        """The values, in the order of the points."""
        return list(self.number_of)

    @property
    def is_log(self):
        """Whether the axis is logarithmic, or should be: 1, 2, 5, 10, 20 are even steps there."""
        numbers = sorted(self.numbers)
        if not numbers or numbers[0] <= 0:
            return False
        if self.is_declared_log or len(numbers) < 4:
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
    def key(self):
        """The name without the path to it, which axes of a network have."""
        return self.name.rpartition("/")[2]

    @property
    def words(self):
        """The name as a person says it: bandwidth of link 0."""
        match = re.fullmatch(r"(.*?)(\d+)", self.name)
        stem, number = match.groups() if match else (self.name, None)
        words = AXIS_NAMES.get(stem, make_plain(stem.replace("_", " ").strip(), MOST_NAME))
        if number is None:
            return words
        if stem in ("bandwidth", "delay"):
            return f"{words} of link {number}"
        tier = self.tiers[int(number)] if int(number) < len(self.tiers) else None
        return f"{words} of tier {number}" + (f" ({make_plain(tier, MOST_NAME)})" if tier else "")

    @property
    def label(self):
        """With its unit, for an axis of a figure."""
        return f"{self.words} ({self.shown_unit})" if self.shown_unit else self.words

    def show(self, point):
        """The value of a point, with its unit."""
        text, number = point.values[self.position]
        if number is None:
            return make_plain(text, MOST_NAME)
        return f"{number / self.factor:.4g} {self.shown_unit}".rstrip()


class Point:
    """One point of a sweep, or one deployment of a cross-check."""

    def __init__(self, identity):
        self.id = identity
        self.values = {}  # (text, number) by position of the axis
        self.ranks = []  # rows of the table `result`
        self.fails = False  # whether a service level does not hold

    @property
    def result(self):
        """The deployment of the point."""
        return self.ranks[0]

    @property
    def is_doubtful(self):
        """Whether its interval is wider than asked for, or its warm-up may have been cut short."""
        return not (self.result["precise"] and self.result["steady"])


class Points:
    """What figures are drawn of: points on axes, and what was found at them."""

    thing = "point"  # what a point is

    def __init__(self, path):
        """Begin with nothing.

        Args:
            path: Name of the file that tells it.
        """
        self.path = Path(path)
        self.meta = {}
        self.scenario = {}
        self.provenance = {}
        self.axes = []
        self.points = []
        self.points_planned = 0
        self.exits = {}  # rows of the table `exit`, by (point, rank)
        self.crossings = []
        self.regrets = {}  # by point
        self.agreement = {}  # by component
        self.levels = {}  # rows of the table `level` of rank 0, by point
        self.capacities = []  # rows of the table `capacity`
        self.audit = []  # rows of the table `audit`
        self.has_many_profiles = False

    def _collect_values(self):
        """Note which values there are on each axis, and whether profiles differ."""
        self.has_many_profiles = len({point.result["profile"] for point in self.points}) > 1
        for axis in self.axes:
            texts = {}  # a dictionary keeps the order
            axis.number_of = {}
            for point in self.points:
                text, number = point.values[axis.position]
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
                    if point.values[axis.position][0] == text]
            if not kept:
                raise BadInput(f"{self.path}: no point has {name}={text}"
                               + suggest(text, axis.texts))
            self.points = kept
        self._collect_values()

    def name(self, point, along=None):
        """What tells a point from the others: its place on the axes, or its deployment.

        Args:
            point: The point.
            along: An axis to leave out.
        """
        varying = [axis for axis in self.axes if len(axis.texts) > 1 and axis is not along]
        if varying:
            return make_plain(", ".join(axis.show(point) for axis in varying), MOST_LABEL)
        row = point.result
        names = [row["deployment"]]
        if self.has_many_profiles:
            names.insert(0, row["profile"])
        return make_plain(" ".join(names), MOST_LABEL)

    def find_axis(self, name):
        """The axis of that name."""
        for axis in self.axes:
            if axis.name == name:
                return axis
        raise BadInput(f"{self.path}: no axis '{name}'"
                       + suggest(name, [axis.name for axis in self.axes]))

    def count_cdf_steps(self):
        """How many steps the distributions of all points have."""
        return 0

    def read_cdf(self, _point):
        """The distributions of a point's deployment: (latencies, shares) by partition, 0: all."""
        return {}


class Result(Points):
    """What a result file says, checked; distributions are read when asked for."""

    def __init__(self, path):
        super().__init__(path)
        try:
            if not self.path.exists():
                raise BadInput(f"{path}: no such file")
            if not self.path.is_file():
                raise BadInput(f"{path}: not a file")
            with open(self.path, "rb") as file:
                start = file.read(16)
        except OSError as error:
            raise BadInput(f"{path}: {error.strerror}") from None
        if not start:
            raise BadInput(f"{path}: there are no points in it: it is empty")
        if start != b"SQLite format 3\0":
            raise BadInput(f"{path}: not a result file: it is not an SQLite database")
        try:
            self.database = self._open()
        except sqlite3.Error as error:
            raise self._explain(error) from None
        except OSError as error:
            raise BadInput(f"{path}: cannot be copied to be read: {error.strerror}") from None
        self.database.row_factory = sqlite3.Row
        # Names in it may be no UTF-8.
        self.database.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        self._check_version()
        self._read()

    def _open(self):
        """A connection; what a killed campaign left half done is undone in a copy."""
        try:
            return _connect(self.path, "ro")
        except sqlite3.OperationalError as error:
            # Undoing it would write to the file.
            journal = Path(f"{self.path}-journal")
            if error.sqlite_errorcode & 0xFF not in (
                    sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN) or not journal.exists():
                raise
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "result.sqlite"
            times = [path.stat().st_mtime_ns for path in (self.path, journal)]
            shutil.copyfile(self.path, copy)
            shutil.copyfile(journal, f"{copy}-journal")
            try:
                still = [path.stat().st_mtime_ns for path in (self.path, journal)]
            except FileNotFoundError:
                still = []
            if still != times:
                raise BadInput(f"{self.path}: it is being written")
            return _connect(copy, "rw")  # what is open stays open when the folder is gone

    def _explain(self, error):
        """What SQLite says, as bad input."""
        locked = str(error) == "database is locked"
        return BadInput(f"{self.path}: {'it is being written; ' if locked else ''}{error}")

    def _query(self, text, arguments=()):
        try:
            return self.database.execute(text, arguments).fetchall()
        except sqlite3.Error as error:
            raise self._explain(error) from None

    def _read_table(self, table, where="", arguments=()):
        """The rows of a table, by their keys, checked."""
        kinds = COLUMNS[table]
        keys = list(kinds)[:KEYS.get(table, 1)]
        rows = self._query(f"SELECT {', '.join(kinds)} FROM {table} {where} "
                           f"ORDER BY {', '.join(keys)}", arguments)
        checks = list(enumerate(kind.accepts for kind in kinds.values()))
        for row in rows:
            for place, accepts in checks:
                if not accepts(row[place]):
                    self._refuse(table, keys, row, list(kinds)[place])
        return rows

    def _refuse(self, table, keys, row, column):
        """Complain of a value of a table."""
        place = ", ".join(f"{key} {make_plain(row[key], MOST_SHOWN)}" for key in keys)
        found = make_plain("NULL" if row[column] is None else repr(row[column]), MOST_SHOWN)
        raise BadInput(f"{self.path}: table {table}, {place}: {column}: found {found}; "
                       f"allowed: {COLUMNS[table][column].allowed}")

    def _check_version(self):
        """Refuse what is no result file, or one of another version."""
        identity = self._query("PRAGMA application_id")[0][0]
        version = self._query("PRAGMA user_version")[0][0]
        if identity != APPLICATION_ID:
            raise BadInput(f"{self.path}: not a result file: application_id is {identity:#x}, "
                           f"of Portend's it is {APPLICATION_ID:#x}")
        if version not in READABLE_VERSIONS:
            raise BadInput(f"{self.path}: schema version is {version}, only "
                           f"{' and '.join(map(str, READABLE_VERSIONS))} can be read")

    def _has_table(self, name):
        """Whether the campaign has something to say there."""
        return bool(self._query("SELECT 1 FROM sqlite_schema WHERE name = ?", (name,)))

    def _check_references(self):
        """Refuse rows of what is not there."""
        for table, columns, where, keys in REFERENCES:
            if table in OCCASIONAL and not self._has_table(table):
                continue
            lost = self._query(f"SELECT {columns} FROM {table} WHERE ({columns}) NOT IN "
                               f"(SELECT {keys} FROM {where}) LIMIT 1")
            if lost:
                values = ", ".join(make_plain(value, MOST_SHOWN) for value in lost[0])
                raise BadInput(f"{self.path}: table {table}: found {columns} {values}; allowed: "
                               f"those of table {where}")

    def _read(self):
        self.meta = {row["key"]: row["value"] for row in self._read_table("meta")}
        self.scenario = parse_json(self.meta.get("scenario", "{}"),
                                   f"{self.path}: scenario in table meta")
        self.provenance = ({row["name"]: row["value"] for row in self._read_table("provenance")}
                           if self._has_table("provenance") else {})
        scenario = Value(self.scenario, f"{self.path}: scenario in table meta")
        tiers = [tier.get("name").as_text() if tier.has("name") else None
                 for tier in (scenario.get("tiers").as_list() if scenario.has("tiers") else [])]
        self.axes = [Axis(*row, tiers) for row in self._read_table("axis")]
        points = {row["id"]: Point(row["id"]) for row in self._read_table("point")}
        values = self._read_table("axis_value")
        results = self._read_table("result")
        exits = self._read_table("exit")
        regrets = self._read_table("regret")
        self.crossings = self._read_table("crossing")
        fits = {row["component"]: row for row in self._read_table("agreement")}
        levels, self.capacities, self.audit = (
            self._read_table(table) if self._has_table(table) else [] for table in OCCASIONAL)
        self._check_references()
        for point, position, text, number in values:
            points[point].values[position] = (text, number)
        for row in results:
            points[row["point"]].ranks.append(row)
        self.points = [point for point in points.values() if point.ranks]
        if not self.points:
            raise BadInput(f"{self.path}: there are no points in it")
        self._check_points()
        self._collect_values()
        for row in exits:
            self.exits.setdefault((row["point"], row["rank"]), []).append(row)
        self.regrets = {row["point"]: row for row in regrets}
        for row in levels:
            if row["rank"] == 0:
                self.levels.setdefault(row["point"], []).append(row)
                points[row["point"]].fails |= not row["holds"]
        self.agreement = {name: fits[name] for name in ["latency", *COMPONENTS, "accuracy"]
                          if name in fits}

    def _check_points(self):
        """Refuse points beyond those of the campaign, without a place on an axis, or a result."""
        planned = self.meta.get("points", "")
        if not re.fullmatch("[0-9]{1,18}", planned):
            raise BadInput(f"{self.path}: table meta: points: found "
                           f"'{make_plain(planned, MOST_SHOWN)}'; allowed: {COUNT.allowed}")
        self.points_planned = int(planned)
        for point in self.points:
            if point.id >= self.points_planned:
                raise BadInput(f"{self.path}: table point: found id {point.id}; allowed: below "
                               f"{planned}, as table meta has it")
            if point.result["rank"] != 0:
                raise BadInput(f"{self.path}: table result: point {point.id} has no rank 0")
            for axis in self.axes:
                _, number = point.values.get(axis.position, ("", None))
                if number is None and not (axis.is_text and axis.position in point.values):
                    raise BadInput(f"{self.path}: table axis_value: point {point.id} has no value "
                                   f"on axis {axis.position}")

    def count_cdf_steps(self):
        """How many steps the distributions of all points have."""
        return self._query("SELECT count(*) FROM cdf WHERE rank = 0")[0][0]

    def read_cdf(self, point):
        """The distributions of a point's deployment: (latencies, shares) by partition, 0: all."""
        curves = {}
        for row in self._read_table("cdf", "WHERE point = ? AND rank = 0", (point.id,)):
            latencies, shares = curves.setdefault(row["partition"], ([], []))
            latencies.append(row["latency_ms"])
            shares.append(row["share"])
        return curves


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
