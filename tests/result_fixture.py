"""Makes result files for tests and benchmarks, from an invented network whose numbers follow
from a few lines of arithmetic (estimate(), simulate())."""

import json
import math
import os
import random
import re
import sqlite3
import subprocess
from pathlib import Path

APPLICATION_ID = 0x506F7274
SCHEMA_VERSION = 2
COMPONENTS = ["wait", "deserialization", "computation", "serialization", "propagation",
              "transmission", "network_excess"]
ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "contrib" / "portend" / "campaign" / "portend-result-file.cc"
# The tables are those that the programs make.
SCHEMA = re.search(r'SCHEMA = R"sql\((.*?)\)sql"', SOURCE.read_text(encoding="utf-8"),
                   re.DOTALL).group(1)

BLOCK_MS = [1.8, 0.5, 0.2]  # computation of a block on a tier
TENSOR_BYTES = 36000
RESULT_BYTES = 300
REQUESTS = 2000


class Case:
    """What is simulated: a cut between tiers 0 and 1 of a network of 40 blocks."""

    def __init__(self, bandwidth0=10e6, delay0=20.0, threshold=0.1, rate=0.0, cut=25):
        self.bandwidth0 = bandwidth0
        self.delay0 = delay0
        self.threshold = threshold
        self.rate = rate
        self.cut = cut

    @property
    def deployment(self):
        """As a deployment is written; with cut 0 everything is on tier 1, with 40 on tier 0."""
        if self.cut in (0, 40):
            return f"{1 if self.cut == 0 else 0}:1-40@{self.threshold:g}"
        return f"0:1-{self.cut},1:{self.cut + 1}-40@{self.threshold:g}"

    @property
    def exit_rates(self):
        """Shares that exit at each partition: more behind a late cut, and at a high threshold."""
        if self.cut in (0, 40):
            return [1.0]
        early = min(1.0, self.cut / 40 + self.threshold)
        return [early, 1 - early]

    def estimate(self, exit_rates=None):
        """Mean components in ms; without load."""
        rates = exit_rates or self.exit_rates
        sent = 1.0 if self.cut == 0 else 1 - rates[0]  # share whose tensor travels to tier 1
        return {
            "wait": 0.0,
            "deserialization": 0.5 + 0.1 * sent,
            "computation": self.cut * BLOCK_MS[0] + sent * (40 - self.cut) * BLOCK_MS[1],
            "serialization": 0.3 + 0.2 * sent,
            "propagation": sent * 2 * self.delay0,
            "transmission": sent * 8e3 * (TENSOR_BYTES + RESULT_BYTES) / self.bandwidth0,
            "network_excess": 0.0,
        }

    def latency_by_exit(self):
        """Latency of those that exit at each partition, without load."""
        if self.cut in (0, 40):
            return [sum(self.estimate().values())]
        return [sum(self.estimate(rates).values()) for rates in ([1.0, 0.0], [0.0, 1.0])]

    def accuracy(self, exit_rates=None):
        """Early exits are right for 84 %, late ones for 90 %."""
        rates = exit_rates or self.exit_rates
        return sum(rate * right for rate, right in
                   zip(rates, [0.9] if len(rates) == 1 else [0.84, 0.90]))

    def simulate(self, noise):
        """Components with waiting as in an M/D/1 queue and exits off by the noise, a z-score."""
        rates = self.exit_rates
        shift = 0.0
        if len(rates) == 2:
            error = math.sqrt(rates[0] * rates[1] / REQUESTS)
            shift = max(-rates[1], min(rates[0], noise * error))
            rates = [rates[0] - shift, rates[1] + shift]
        parts = self.estimate(rates)
        service_ms = self.cut * BLOCK_MS[0] if self.cut else 40 * BLOCK_MS[1]
        busy = min(0.95, self.rate * service_ms / 1e3)
        parts["wait"] = service_ms * busy / (2 * (1 - busy))
        parts["network_excess"] = 0.1 * parts["wait"] * rates[-1]
        return parts, rates

    def scenario(self):
        """Resolved, as the programs write it."""
        return {
            "schema_version": 1, "profile": "invented",
            "tiers": [{"device": name} for name in ("board", "edge", "cloud")],
            "links": [{"bandwidth": f"{self.bandwidth0 / 1e6:g}Mbps",
                       "delay": f"{self.delay0:g}ms"},
                      {"bandwidth": "400Mbps", "delay": "40ms"}],
            "deployment": self.deployment, "source": 0, "destination": 0, "samples": REQUESTS,
            "arrival": f"poisson:{self.rate:g}" if self.rate else "closed", "rules": "exact",
            "seed": 1, "run": 1,
        }


def insert(database, table, rows):
    """Insert dictionaries of the same keys."""
    rows = list(rows)
    if rows:
        columns = ", ".join(f'"{name}"' for name in rows[0])
        places = ", ".join("?" for _ in rows[0])
        database.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})",
                             [tuple(row.values()) for row in rows])


def add_result(database, point, rank, case, noise, cdf, profile="invented"):
    """Simulate and estimate a case and write what comes of it; returns the row of `result`."""
    estimated = case.estimate()
    simulated, rates = case.simulate(noise)
    by_exit = case.latency_by_exit()
    latency, estimate = sum(simulated.values()), sum(estimated.values())
    spread = by_exit[-1] - by_exit[0]
    rate_error = 1.96 * math.sqrt(max(rates[0] * (1 - rates[0]), 0) / REQUESTS)
    interval = rate_error * spread + 0.15 * simulated["wait"]
    wait = simulated["wait"] + simulated["network_excess"]
    row = {
        "point": point, "rank": rank, "profile": profile, "deployment": case.deployment,
        "thresholds": f"{case.threshold:g}", "rules": "exact", "replications": 5,
        "warmup_requests": 100 if case.rate else 0, "requests": REQUESTS,
        "generated": REQUESTS + 50, "completed": REQUESTS + 50, "precise": int(noise < 1.5),
        "steady": 1,
        "simulated_latency_ms": latency, "simulated_latency_ci95_ms": interval,
        "simulated_latency_p50_ms": by_exit[0] + 0.7 * wait,
        "simulated_latency_p95_ms": by_exit[-1] + 3 * wait,
        "simulated_latency_p99_ms": by_exit[-1] + 4.6 * wait,
        "simulated_latency_p99_ci95_ms": 0.3 * wait,
        "simulated_latency_max_ms": by_exit[-1] + 7 * wait,
    }
    for name in COMPONENTS:
        share = 0.15 if name in ("wait", "network_excess") else rate_error
        row[f"simulated_{name}_ms"] = simulated[name]
        row[f"simulated_{name}_ci95_ms"] = share * simulated[name]
    accuracy = case.accuracy(rates) + 0.003 * noise
    row |= {
        "simulated_accuracy": accuracy,
        "simulated_accuracy_ci95": 1.96 * math.sqrt(accuracy * (1 - accuracy) / REQUESTS),
        "estimated_latency_ms": estimate,
        **{f"estimated_{name}_ms": estimated[name] for name in COMPONENTS},
        "estimated_accuracy": case.accuracy(), "difference_ms": latency - estimate,
        "difference_percent": 100 * (latency / estimate - 1), "agreement_ci95_ms": interval,
        "is_random": int(interval > 0),
        "explanation": "all of the excess is waiting for tier 0" if case.rate
                       else "within the sampling of exits",
    }
    insert(database, "result", [row])
    insert(database, "exit", (
        {"point": point, "rank": rank, "partition": index + 1, "simulated_rate": rate,
         "simulated_rate_ci95": rate_error, "estimated_rate": case.exit_rates[index],
         "simulated_latency_ms": by_exit[index] + wait, "estimated_latency_ms": by_exit[index]}
        for index, rate in enumerate(rates)))
    if cdf:
        # Waits are exponential; 40 steps a curve, where its share rises by a 40th.
        curves = {}
        for index, base in enumerate(by_exit):
            curves[index + 1] = [(base - wait * math.log(1 - (step - 0.5) / 40), step / 40)
                                 for step in range(1, 41)]
        steps = sorted((at, rates[index] / 40) for index in range(len(rates))
                       for at, _ in curves[index + 1])
        share, total = 0.0, []
        for at, rise in steps:
            share += rise
            total.append((at, share))
        curves[0] = [*total[:-1], (total[-1][0], 1.0)]
        insert(database, "cdf", (
            {"point": point, "rank": rank, "partition": partition, "latency_ms": at,
             "share": share}
            for partition, curve in curves.items() for at, share in dict(curve).items()))
    return row


def create(path, program, scenario, points):
    """A result file without points."""
    Path(path).unlink(missing_ok=True)
    database = sqlite3.connect(path)
    database.executescript(SCHEMA)
    database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    insert(database, "meta", ({"key": key, "value": value} for key, value in {
        "program": program, "version": "0.1", "command": f"{program} --out={Path(path).name}",
        "scenario": json.dumps(scenario), "plan": "{}", "points": str(points)}.items()))
    return database


AXES = {  # name in Case: (unit, scale, how a value is written)
    "bandwidth0": ("bps", "log", lambda value: f"{value / 1e6:g}Mbps"),
    "delay0": ("ms", "linear", lambda value: f"{value:g}ms"),
    "threshold": ("", "linear", lambda value: f"{value:g}"),
    "rate": ("per_s", "linear", lambda value: f"{value:g}"),
    "deployment": ("text", "linear", None),  # its values are cuts
}


def write_sweep(path, axes, *, runners_up=(), regret=False, crossing=False, cdf=True,
                profile="invented", **fixed):
    """Write a sweep.

    Args:
        path: The file.
        axes: Values of each axis, by its name in AXES.
        runners_up: Cuts that are simulated at each point as ranks 1 and up.
        regret: Write regrets (of the runners-up).
        crossing: Write where neighbouring values of the second axis cross along the first.
        cdf: Write distributions.
        profile: What the profile is called.
        fixed: Other members of Case.
    """
    cases = [{}]
    for name, values in axes.items():
        cases = [{**case, name: value} for case in cases for value in values]
    database = create(path, "portend-sweep", Case(**fixed).scenario(), len(cases))
    insert(database, "axis", (
        {"position": position, "name": name, "unit": AXES[name][0], "scale": AXES[name][1]}
        for position, name in enumerate(axes)))
    draw = random.Random(1)
    rows = []
    for point, values in enumerate(cases):
        members = {**fixed, **values}
        if "deployment" in members:
            members["cut"] = members.pop("deployment")
        case = Case(**members)
        insert(database, "point", [{"id": point, "scenario": json.dumps(case.scenario())}])
        insert(database, "axis_value", (
            {"point": point, "axis": position,
             "text": AXES[name][2](values[name]) if AXES[name][2]
                     else case.deployment.partition("@")[0],
             "number": None if AXES[name][0] == "text" else values[name]}
            for position, name in enumerate(axes)))
        noise = draw.gauss(0, 1)
        ranks = [add_result(database, point, 0, case, noise, cdf, profile)]
        for rank, cut in enumerate(runners_up, start=1):
            other = Case(**{**members, "cut": cut})
            ranks.append(add_result(database, point, rank, other, noise, cdf, profile))
        if regret:
            best = min(range(len(ranks)), key=lambda rank: ranks[rank]["simulated_latency_ms"])
            cost = (ranks[0]["simulated_latency_ms"] - ranks[best]["simulated_latency_ms"])
            simulated = ranks[0]["simulated_latency_ms"]
            insert(database, "regret", [{
                "point": point, "best_rank": best, "regret_ms": cost,
                "regret_ci95_ms": 0.3 * ranks[0]["simulated_latency_ci95_ms"],
                "regret_percent": 100 * cost / ranks[best]["simulated_latency_ms"],
                "error_percent": 100 * (ranks[0]["estimated_latency_ms"] / simulated - 1),
                "error_ci95_percent": 100 * ranks[0]["simulated_latency_ci95_ms"] / simulated}])
        rows.append(ranks[0])
    if crossing:
        insert(database, "crossing", find_crossings(axes, rows))
    database.commit()
    database.close()


def find_crossings(axes, rows):
    """Where the latencies of neighbouring values of the second axis cross along the first."""
    first, second = list(axes.values())[:2]
    width = len(second)
    for low in range(len(first) - 1):
        for series in range(width - 1):
            point = low * width + series
            place = {}
            for kind in ("simulated", "estimated"):
                gaps = [rows[at + 1][f"{kind}_latency_ms"] - rows[at][f"{kind}_latency_ms"]
                        for at in (point, point + width)]
                if gaps[0] * gaps[1] < 0:
                    place[kind] = (first[low] + (first[low + 1] - first[low])
                                   * gaps[0] / (gaps[0] - gaps[1]))
            if "simulated" in place:
                at = place["simulated"]
                yield {"axis": 0, "point": point, "with_point": point + 1,
                       "estimated": place.get("estimated"), "simulated": at,
                       "simulated_low": 0.93 * at, "simulated_high": 1.07 * at}


def make_network(cameras=3, streams=("vision", "detail"), latency=50.0):
    """What portend-run writes of cameras on two stations on one cloud.

    Args:
        cameras: How many there are.
        streams: Their names.
        latency: Mean latency of the first in ms; the others' is ten times that.
    """
    def name(group, count):
        return [f"{group}[{index}]" for index in range(count)]

    def direct(utilization):
        return {"utilization": utilization, "sent_bytes": 1000, "received_bytes": 1000,
                "saved_bytes": 10, "lost_bytes": 0, "damaged_bytes": 0}

    nodes = name("camera", cameras) + name("station", 2) + ["relay", "cloud"]
    pairs = [(f"camera[{index}]", f"station[{index * 2 // cameras}]") for index in range(cameras)]
    pairs += [(f"station[{index}]", "relay") for index in range(2)] + [("relay", "cloud")]
    parts = dict.fromkeys(COMPONENTS, 0.0)
    found = {}
    for number, stream in enumerate(streams):
        mean = latency * 10 ** min(number, 1)
        found[stream] = {
            "simulated": {
                "requests": 100, "components_ms": {**parts, "wait": 0.1 * mean,
                                                   "computation": 0.9 * mean},
                "components_ci95_ms": dict.fromkeys(COMPONENTS, 0.1), "accuracy": 0.9,
                "accuracy_ci95": 0.01, "exit_rates": [0.6, 0.4], "exit_rates_ci95": [0.02, 0.02],
                "latency_ms": {"mean": mean, "ci95": 0.5, "p50": mean, "p95": 2 * mean,
                               "p99": 3 * mean, "max": 4 * mean},
                "members": {"count": cameras, "latency_ms": {"min": 0.9 * mean,
                                                             "max": 1.2 * mean}}},
            "analytical": {"rules": "exact", "latency_ms": {"mean": 0.9 * mean},
                           "components_ms": {**parts, "computation": 0.9 * mean},
                           "exit_rates": [0.61, 0.39], "accuracy": 0.91},
            "difference": {"latency_percent": 100 / 9}}
    return {
        "schema_version": 2, "seed": 1, "run": 2, "streams": found,
        "scenario": {
            "nodes": [{"name": "camera", "count": cameras, "device": "a1.medium"},
                      {"name": "station", "count": 2, "device": "m4.large"}, {"name": "relay"},
                      {"name": "cloud", "device": "g4dn.xlarge"}],
            "streams": [{"name": stream, "tiers": ["camera", "station", "cloud"],
                         "profile": "resnet110-cifar10", "source": 0, "destination": 0,
                         "deployment": "0:1-25,2:26-40@0.1"} for stream in streams]},
        "network": {
            "simulated_time_ms": 5000.0,
            "nodes": {node: {"utilization": 0.01 * (place + 1), "waiting": 0.5}
                      for place, node in enumerate(nodes)},
            "links": {f"{first}-{second}": {"between": [first, second], "up": direct(0.3),
                                            "down": direct(0.001)} for first, second in pairs},
            "stations": [{"station": "cloud", "servers": 2, "utilization": 0.4,
                          "utilization_by_stream": {stream: 0.4 / len(streams)
                                                    for stream in streams}}]},
        "provenance": {"version": "0.1", "seed": 1}}


def run_program(program, path, *arguments):
    """Let a program of this build write a small result file."""
    run(program, f"--result={path}", *arguments)


def run(program, *arguments):
    """Run a program of this build on few samples."""
    build = Path(os.environ.get("PORTEND_BUILD_DIR", ROOT / "build"))
    subprocess.run([build / "scenarios" / program, "--quiet", "--samples=50", *arguments],
                   check=True, cwd=ROOT)


def get_line(xs, ys):
    """Slope and R squared of ys regressed on xs; None where xs or ys do not vary."""
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    xx = sum((x - mean_x) ** 2 for x in xs)
    yy = sum((y - mean_y) ** 2 for y in ys)
    xy = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys))
    return (xy / xx, xy * xy / (xx * yy)) if xx > 0 and yy > 0 else (None, None)


def write_crosscheck(path, deployments, *, cdf=True, rate=0.0):
    """Write a cross-check of deployments drawn at random."""
    database = create(path, "portend-crosscheck", Case(rate=rate).scenario(), deployments)
    draw = random.Random(2)
    rows = []
    for point in range(deployments):
        case = Case(bandwidth0=10e6, threshold=round(draw.uniform(0, 0.3), 2), rate=rate,
                    cut=draw.randrange(0, 41))
        insert(database, "point", [{"id": point, "scenario": json.dumps(case.scenario())}])
        rows.append(add_result(database, point, 0, case, draw.gauss(0, 1), cdf))
    for component in ["latency", *COMPONENTS, "accuracy"]:
        ending = "" if component == "accuracy" else "_ms"
        pairs = [(row[f"simulated_{component}{ending}"], row[f"estimated_{component}{ending}"])
                 for row in rows]
        slope, r_squared = get_line(*zip(*pairs))
        errors = [100 * abs(estimated / simulated - 1) for simulated, estimated in pairs
                  if simulated]
        covered = [abs(row["difference_ms"]) <= row["agreement_ci95_ms"] for row in rows
                   if row["agreement_ci95_ms"]]
        insert(database, "agreement", [{
            "component": component, "deployments": deployments, "slope": slope,
            "r_squared": r_squared,
            "mean_error_percent": sum(errors) / len(errors) if errors else None,
            "largest_error_percent": max(errors, default=None),
            "largest_error_point": 0 if errors else None,
            "covered": sum(covered) if component == "latency" else None,
            "random": len(covered) if component == "latency" else None}])
    database.commit()
    database.close()
