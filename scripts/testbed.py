"""Latencies measured on a testbed: reads them, and simulates and estimates the same deployments."""

import csv
import io
import os
from pathlib import Path
from typing import NamedTuple, Optional

from csv_file import parse_csv, read_csv
from json_file import read_json
from programs import ROOT, Failure, run
from script import BadInput
from whole_file import open_scratch

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
    rows = [_read_row(row) for row in read_csv(path, REQUIRED)]
    if not rows:
        raise BadInput(f"{path}: no rows")
    return rows


def _read_row(row):
    def read_ms(column):
        time_ms = row.get_number(column, "milliseconds above 0", 0)
        return time_ms if time_ms > 0 else row.fail(column, "milliseconds above 0")

    return Row(row.place, row.line, row.get_text("profile", allowed="a profile's name or folder"),
               row.get_text("deployment", r"[-0-9:,.@]+", "tier:first-last,...@threshold"),
               row.get_count("destination", "the number of a tier"),
               read_ms("measured_mean_ms"),
               read_ms("paper_estimated_ms") if row.fields.get("paper_estimated_ms") else None)


def find_profile(name):
    """The folder of a profile, found as the programs do."""
    if "/" in name:
        return Path(name)
    places = [os.environ.get("PORTEND_PROFILES"), "profiles", ROOT / "profiles"]
    folders = [Path(place) / name for place in places if place]
    return next((folder for folder in folders if folder.is_dir()), folders[-1])


def list_inputs(rows):
    """The files of the rows' profiles."""
    return [path for profile in group(rows, lambda row: row.profile)
            for path in find_profile(profile).glob("*.json")]


def group(rows, key):
    """Collect rows by what a function says of them, in the order of the first of each."""
    groups = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def choose_split(profile):
    """Options for a profile that has no other samples than those of its validation set."""
    try:
        has_test = "test" in read_json(find_profile(profile) / "model.json")
    except (BadInput, TypeError):
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
        with open_scratch("\n".join(lines) + "\n", ".txt") as name:
            first = some[0]
            try:
                table = run("portend-estimate", [
                    f"--scenario={scenario}", f"--profile={profile}",
                    f"--deployment={first.deployment}", f"--destination={destination}",
                    f"--deployments={name}", "--csv=-", "--quiet", *options,
                    *choose_split(profile)])
            except Failure as failure:
                if failure.status != 2:
                    raise
                message = str(failure).removeprefix("portend-estimate: ")
                if name in message:
                    message = message.replace(name, first.place.rsplit(":", 1)[0])
                elif not message.startswith(f"{scenario}:"):
                    message = f"{first.place}: {message}"
                raise BadInput(message) from None
        in_order = sorted(some, key=lambda row: row.line)
        for row, fields in zip(in_order, parse_csv(table, "portend-estimate")):
            latencies[row.line] = fields.get_number("latency_ms")
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
    latencies_ns = [fields.get_count("latency_ns") for fields in parse_csv(table, "portend-3tier")
                    if fields.get_count("request") >= DROPPED]
    if len(latencies_ns) != samples:
        raise Failure(f"{row.place}: {len(latencies_ns)} of {samples} requests were answered")
    return sum(latencies_ns) / samples / 1e6


def make_csv(records):
    """Records of the same keys as a table of comma-separated values."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(records[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


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
