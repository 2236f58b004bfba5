"""Latencies measured on a testbed: reads them, and simulates and estimates the same deployments."""

import csv
import io
import json
import math
import os
import re
import tempfile
from pathlib import Path
from typing import NamedTuple, Optional

from programs import ROOT, Failure, run
from result_file import BadInput
from whole_file import write_whole

MEASURED = ROOT / "scenarios" / "icpads2023-measured.csv"
SCENARIO = ROOT / "scenarios" / "icpads2023.json"
NOMINAL_SCENARIO = ROOT / "scenarios" / "icpads2023-3tier.json"
DROPPED = 100  # requests at the start of each run, as the authors did
REQUIRED = ["profile", "deployment", "destination", "measured_mean_ms"]
# Mean absolute errors in per cent that the simulation must keep to.
TARGETS = {
    "resnet20-cifar10": 1.5,
    "resnet110-cifar10": 1.6,
    "efficientnetb0-imagenet": 0.9,
    "vggish-audioset": 0.8,
}


class Row(NamedTuple):
    """One measured deployment."""

    place: str  # file and line
    line: int
    profile: str
    deployment: str
    destination: int
    measured_ms: float
    paper_ms: Optional[float]  # estimate of the paper's authors, where they made one


def read_rows(path):
    """Read measured deployments from a CSV file."""
    rows = []
    line = 1
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file, strict=True)
            for column in REQUIRED:
                if column not in (table.fieldnames or []):
                    raise BadInput(f"{path}:1: no column '{column}'; found: "
                                   f"{', '.join(table.fieldnames or []) or 'nothing'}")
            for fields in table:
                line = table.line_num
                rows.append(_read_row(f"{path}:{line}", line, fields))
    except csv.Error as error:
        raise BadInput(f"{path}: after line {line}: {error}") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path}: not text in UTF-8") from None
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from None
    if not rows:
        raise BadInput(f"{path}: no rows")
    return rows


def _read_row(place, line, fields):
    if None in fields or None in fields.values():
        raise BadInput(f"{place}: the number of values is not that of the columns")

    def read(column, pattern, allowed):
        if not re.fullmatch(pattern, fields[column]):
            raise BadInput(f"{place}: {column}: found '{fields[column]}'; allowed: {allowed}")
        return fields[column]

    def read_ms(column):
        allowed = "milliseconds above 0"
        time_ms = float(read(column, r"[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?", allowed))
        if not 0 < time_ms < math.inf:
            raise BadInput(f"{place}: {column}: found '{fields[column]}'; allowed: {allowed}")
        return time_ms

    return Row(place, line, read("profile", r".+", "a profile's name or folder"),
               read("deployment", r"[-0-9:,.@]+", "tier:first-last,...@threshold"),
               int(read("destination", r"[0-9]+", "the number of a tier")),
               read_ms("measured_mean_ms"),
               read_ms("paper_estimated_ms") if fields.get("paper_estimated_ms") else None)


def find_profile(name):
    """The folder of a profile, found as the programs do."""
    if "/" in name:
        return Path(name)
    places = [os.environ.get("PORTEND_PROFILES"), "profiles", ROOT / "profiles"]
    folders = [Path(place) / name for place in places if place]
    return next((folder for folder in folders if folder.is_dir()), folders[-1])


def group(rows, key):
    """Collect rows by what a function says of them, in the order of the first of each."""
    groups = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def choose_split(profile):
    """Options for a profile that has no other samples than those of its validation set."""
    try:
        text = (find_profile(profile) / "model.json").read_text(encoding="utf-8")
        has_test = "test" in json.loads(text)
    except (OSError, ValueError):
        has_test = True  # the program says what is wrong
    return [] if has_test else ["--split=validation"]


def estimate(rows, scenario, options=()):
    """Estimate the mean latencies of rows in milliseconds, in their order.

    Args:
        rows: What read_rows() gave, or some of it.
        scenario: Path of the scenario file; the rows' deployments replace its own.
        options: More of portend-estimate.
    """
    latencies = {}
    for (profile, destination), some in group(
            rows, lambda row: (row.profile, row.destination)).items():
        # Deployments stand in the same lines as in the rows' own file, for the messages.
        lines = [""] * max(row.line for row in some)
        for row in some:
            lines[row.line - 1] = row.deployment
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            first = some[0]
            try:
                table = run("portend-estimate", [
                    f"--scenario={scenario}", f"--profile={profile}",
                    f"--deployment={first.deployment}", f"--destination={destination}",
                    f"--deployments={file.name}", "--csv=-", "--quiet", *options,
                    *choose_split(profile)])
            except Failure as failure:
                if failure.status != 2:
                    raise
                message = str(failure).removeprefix("portend-estimate: ")
                if file.name in message:
                    message = message.replace(file.name, first.place.rsplit(":", 1)[0])
                elif not message.startswith(f"{scenario}:"):
                    message = f"{first.place}: {message}"
                raise BadInput(message) from None
        in_order = sorted(some, key=lambda row: row.line)
        for row, fields in zip(in_order, csv.DictReader(io.StringIO(table))):
            latencies[row.line] = float(fields["latency_ms"])
    return [latencies[row.line] for row in rows]


def simulate(row, scenario, samples, options=()):
    """Simulate a row, one request after the other, and return the mean latency in milliseconds.

    Args:
        row: One of those that read_rows() gave.
        scenario: Path of the scenario file; the row's deployment replaces its own.
        samples: How many requests count, after those dropped at the start.
        options: More of portend-3tier.
    """
    try:
        table = run("portend-3tier", [
            f"--scenario={scenario}", f"--profile={row.profile}",
            f"--deployment={row.deployment}", f"--destination={row.destination}",
            "--arrival=closed", f"--samples={DROPPED + samples}", "--csv=-", "--quiet",
            *choose_split(row.profile), *options])
    except Failure as failure:
        if failure.status != 2:
            raise
        raise BadInput(f"{row.place}: {str(failure).removeprefix('portend-3tier: ')}") from None
    latencies_ns = [int(fields["latency_ns"]) for fields in csv.DictReader(io.StringIO(table))
                    if int(fields["request"]) >= DROPPED]
    if len(latencies_ns) != samples:
        raise Failure(f"{row.place}: {len(latencies_ns)} of {samples} requests were answered")
    return sum(latencies_ns) / samples / 1e6


def check_output(path, source):
    """Refuse to write a file where that would fail after a long computation, or harm the source."""
    if path.exists() and path.samefile(source):
        raise BadInput(f"{path}: holds the measurements; choose another file")
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise BadInput(f"{path}: cannot be written")


def write_csv(path, records):
    """Write records of the same keys as a CSV file that is whole or not there."""

    def write(partial):
        with open(partial, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(records[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(records)

    write_whole(path, write)


def compare(predicted, measured):
    """How well predictions meet measurements.

    Returns:
        mape_percent, the mean of the absolute errors relative to the measurement;
        worst_percent, the error (with its sign) that is largest, and worst, its index;
        beta, the slope of the line through the origin, measured = beta * predicted, by least
        squares; r2, the share of the measurements' variance that this line explains (None if
        they have none).
    """
    errors = [100 * (x / y - 1) for x, y in zip(predicted, measured)]
    worst = max(range(len(errors)), key=lambda index: abs(errors[index]))
    beta = sum(x * y for x, y in zip(predicted, measured)) / sum(x * x for x in predicted)
    mean = sum(measured) / len(measured)
    variation = sum((y - mean) ** 2 for y in measured)
    rest = sum((y - beta * x) ** 2 for x, y in zip(predicted, measured))
    return {
        "mape_percent": sum(map(abs, errors)) / len(errors),
        "worst_percent": errors[worst],
        "worst": worst,
        "beta": beta,
        "r2": 1 - rest / variation if variation > 0 else None,
    }
