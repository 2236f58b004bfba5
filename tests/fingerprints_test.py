#!/usr/bin/python3
"""What the programs write, to the byte: digests of runs that cover every option.

A digest that changes is a decision: `fingerprints_test.py --update` writes them anew, and
CHANGES.md says why. Provenance is left out; it tells of the build.
"""

import hashlib
import json
import os
import shlex
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(os.environ.get("PORTEND_BUILD_DIR", ROOT / "build")) / "scenarios"
DIGESTS = ROOT / "tests" / "data" / "fingerprints.json"

TESTBED = "portend-3tier --samples=200"
LOADED = f"{TESTBED} --arrival=poisson:8"
SMALL = "--profile=resnet20-cifar10 --deployment=0:1-5,2:6-9@0.6"
VISION = "--profile=efficientnetb0-imagenet"
POWERS = "--power=0.5W:3W:2W,10W:60W,50W:120W:70W --link-energy=1.2W:0.9W,5nJ/bit:2nJ/bit"

# By name: the command; files that a run reads stand in INPUTS. Outputs are added by program.
RUNS = {
    "default": TESTBED,
    "links": f"{TESTBED} --bandwidth=3Mbps,50Mbps --delay=5ms,1ms --source=1 --destination=2",
    "devices": f"{TESTBED} --devices=a1.large,g5.xlarge --bandwidth=20Mbps --delay=7ms"
               " --deployment=0:1-12,1:13-55@0.2",
    "poisson": LOADED,
    "periodic": f"{TESTBED} --arrival=periodic:60ms --shared-core=true",
    "bursty": f"{TESTBED} --arrival=bursty:9:2s:3s --compute=empirical",
    "trace-arrivals": f"{TESTBED} --samples=9 --arrival=trace:arrivals.csv",
    "max-time": f"{LOADED} --max-time=9s",
    "timeout": f"{TESTBED} --timeout=80ms",
    "drop-newest": f"{TESTBED} --arrival=poisson:30 --queue-limit=2",
    "drop-oldest": f"{TESTBED} --arrival=poisson:30 --queue-limit=2,3,4"
                   " --queue-policy=drop-oldest",
    "block": f"{TESTBED} --arrival=poisson:30 --queue-limit=2 --queue-policy=block"
             " --deployment=0:1-5,1:6-40@0.1",
    "deadline": f"{TESTBED} --arrival=poisson:30 --queue-policy=deadline:150ms",
    "tcp": f"{LOADED} --transport=tcp --mtu=1500",
    "tcp-cold": f"{TESTBED} --transport=tcp --tcp-warm=false --tcp-restart=true"
                " --arrival=periodic:2s --samples=50",
    "tcp-reno": f"{LOADED} --transport=tcp --tcp-variant=TcpLinuxReno --tcp-segment=1000B"
                " --tcp-buffer=64KiB",
    "tcp-loss": f"{LOADED} --transport=tcp --loss=0.01 --mtu=1500 --samples=100",
    "tcp-queue": f"{TESTBED} --transport=tcp --queue=20kB --arrival=poisson:5",
    "udp-loss": f"{TESTBED} --loss=0.02 --mtu=1500",
    "udp-queue": f"{LOADED} --queue=40kB",
    "mtus": "portend-3tier --scenario=mtus.json --samples=100",
    "four-tiers": "portend-3tier --scenario=four.json",
    "gamma": f"{LOADED} --compute=gamma --overhead=1.7ms",
    "median": f"{TESTBED} --compute=median --split=test --exits=stratified --overhead=1ms,0ms,2ms",
    "max": f"{TESTBED} --compute=max --exits=independent --accuracy=conditional"
           " --deployment=0:1-12,1:13-30,2:31-55@0.3",
    "trace-exits": f"{TESTBED} --exits=trace:exits.csv {SMALL}",
    "own-thresholds": f"{TESTBED} --deployment=0:1-10@0.1,1:11-30@0.3,2:31-55",
    "paper": f"{TESTBED} --rules=paper --profile=vggish-audioset --samples=10",
    "reference-code": f"{TESTBED} --rules=reference-code {VISION}"
                      " --deployment=0:1-4,1:5-8@0.3",
    "queueing": f"{TESTBED} --rules=queueing {VISION} --deployment=1:1-8@0 --arrival=poisson:1",
    "energy": f"{LOADED} {POWERS} --battery=none,2kJ,none",
    "sweep-energy": f"portend-sweep --samples=20 --sweep=bandwidth0=1Mbps,5Mbps {POWERS}",
    "crosscheck-energy": f"portend-crosscheck --random=4 --samples=30 {SMALL} {POWERS}",
    "pareto-energy": f"portend-optimize --pareto --energy {POWERS} --profile=resnet20-cifar10",
    "attributes": f"{TESTBED} --ns3::PortendTier::ComputationFactor=2 --RngSeed=7 --RngRun=3",
    "estimate": "portend-estimate --rules=queueing --arrival=poisson:9",
    "estimate-all": f"portend-estimate --all {SMALL} --fixed-cuts=5 --own-thresholds"
                    " --max-partitions=2",
    "optimize": "portend-optimize --min-accuracy=0.87 --max-latency=100ms --simulate=2"
                " --samples=50",
    "optimize-rate": f"portend-optimize --min-accuracy=0.7 --rate=5 --top=3 {SMALL}",
    "pareto": "portend-optimize --pareto --rules=reference-code --placements=any"
              " --compute-caps=0:50ms --profile=resnet20-cifar10",
    "sweep": "portend-sweep --samples=20 --sweep=bandwidth0=1Mbps:4Mbps:1Mbps"
             " --sweep=threshold=0,0.1 --compare=threshold",
    "sweep-optimal": f"portend-sweep --samples=20 --sweep=rate=1:4:log3 --optimal {SMALL}"
                     " --min-accuracy=0.7 --replications=3",
    "sweep-validity": f"portend-sweep --samples=20 --sweep=bandwidth0=1Mbps,5Mbps"
                      f" --sweep=compute-factor0=1,4 --validity {SMALL} --min-accuracy=0.7",
    "sweep-changing": "portend-sweep --samples=20 --sweep=threshold=0,0.1"
                      " --link-trace=0:steps.csv",
    "crosscheck": "portend-crosscheck --random=6 --samples=40 --RngSeed=2",
    "crosscheck-load": f"portend-crosscheck --random=4 --samples=60 --arrival=poisson:3 {SMALL}"
                       " --replications=3 --rules=queueing",
    "crosscheck-pareto": "portend-crosscheck --pareto --profiles=resnet20-cifar10 --samples=10",
}

INPUTS = {
    "steps.csv": "time_s,bandwidth_bps\n0,10000000\n1.5,1000000\n2.5,20000000\n4,20000000\n",
    "arrivals.csv": "arrival_ms\n" + "".join(f"{40 * i + i * i}\n" for i in range(9)),
    "exits.csv": "entropy_5,correct_5,entropy_9,correct_9\n"
                 + "".join(f"{i * 7 % 10 / 10},{i % 2},{i * 3 % 10 / 10},{(i + 1) % 3 % 2}\n"
                           for i in range(200)),
    "mtus.json": json.dumps({
        "schema_version": 1, "profile": "resnet110-cifar10",
        "tiers": [{"device": "a1.medium", "name": "phone", "compute_factor": 1.5},
                  {"device": "m4.large", "serialization_factor": 2, "servers": 2},
                  {"device": "g4dn.xlarge"}],
        "links": [{"bandwidth": "10Mbps", "delay": "20ms", "mtu_bytes": 1500},
                  {"bandwidth": "400Mbps", "delay": "40ms", "mtu_bytes": 576}],
        "deployment": "0:1-12,1:13-30,2:31-55@0.1", "arrival": "poisson:9", "seed": 5}),
    "four.json": json.dumps({
        "schema_version": 1, "description": "up and down", "profile": "resnet110-cifar10",
        "tiers": [{"device": "a1.medium"}, {"device": "a1.large"}, {"device": "m4.large"},
                  {"device": "g4dn.xlarge", "queue_limit": 5, "queue_policy": "drop-oldest"}],
        "links": [{"bandwidth": "8Mbps", "delay": "3ms"}, {"bandwidth": "80Mbps", "delay": "0ms"},
                  {"bandwidth": "1Gbps", "delay": "11ms"}],
        "deployment": "2:1-12,1:13-30,3:31-55@0.1", "source": 1, "destination": 3,
        "samples": 150, "arrival": "periodic:70ms", "compute": "empirical"}),
}

OUTPUTS = {
    "portend-3tier": ["--json=out.json", "--csv=out.csv", "--timeline=out.timeline"],
    "portend-estimate": ["--json=out.json", "--csv=out.csv"],
    "portend-optimize": ["--json=out.json", "--csv=out.csv"],
    "portend-sweep": ["--json=out.json", "--csv=out.csv", "--result=out.sqlite"],
    "portend-crosscheck": ["--json=out.json", "--csv=out.csv", "--result=out.sqlite"],
}


def without_provenance(text):
    """JSON, one object or one a line, without what tells of the build."""
    try:
        documents = [json.loads(text)]
    except ValueError:
        documents = [json.loads(line) for line in text.splitlines()]
    for document in documents:
        if isinstance(document, dict):
            document.pop("provenance", None)
    return "".join(json.dumps(document) + "\n" for document in documents)


def dump(file):
    """What a result file holds, as text."""
    lines = []
    connection = sqlite3.connect(file)
    connection.text_factory = lambda data: data.decode(errors="surrogateescape")
    try:
        tables = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'"
                                    " AND name NOT IN ('provenance') ORDER BY name").fetchall()
        for name, sql in tables:
            rows = sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"')))
            lines += [sql, *rows]
    finally:
        connection.close()
    return "\n".join(lines)


def read(file):
    """What a run wrote, as text that is the same on every machine."""
    if file.suffix == ".sqlite":
        text = dump(file)
    else:
        text = file.read_text(errors="surrogateescape")
        if file.suffix == ".json":
            text = without_provenance(text)
    return text.replace(str(file.parent), "FOLDER")


def get_digests(command, folder):
    """Runs a command in a folder; returns the digest of each file that it wrote."""
    for name, text in INPUTS.items():
        (folder / name).write_text(text)
    program, *words = shlex.split(command)
    done = subprocess.run([PROGRAMS / program, *words, *OUTPUTS[program], "--quiet"], cwd=folder,
                          check=False, capture_output=True, text=True, timeout=250)
    if done.returncode != 0:
        raise AssertionError(f"{command}: status {done.returncode}: {done.stderr}")
    return {file.name: hashlib.sha256(read(file).encode(errors="surrogateescape")).hexdigest()
            for file in sorted(folder.glob("out.*"))}


class Fingerprints(unittest.TestCase):
    """Every run writes what it wrote."""

    def test_runs(self):
        expected = json.loads(DIGESTS.read_text())
        self.assertEqual(sorted(expected), sorted(RUNS))
        for name, command in RUNS.items():
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                self.assertEqual(get_digests(command, Path(folder)), expected[name], command)


def update():
    """Writes the digests of this build."""
    digests = {}
    for name, command in RUNS.items():
        with tempfile.TemporaryDirectory() as folder:
            digests[name] = get_digests(command, Path(folder))
    DIGESTS.write_text(json.dumps(digests, indent=1) + "\n")


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        update()
    else:
        unittest.main()
