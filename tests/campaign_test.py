#!/usr/bin/python3
"""Tests of portend-sweep and portend-crosscheck, on the programs of this build."""

import csv
import hashlib
import io
import json
import math
import os
import random
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(os.environ.get("PORTEND_BUILD_DIR", ROOT / "build")) / "scenarios"
SWEEP = PROGRAMS / "portend-sweep"
CROSSCHECK = PROGRAMS / "portend-crosscheck"
MPIRUN = shutil.which("mpirun")
JOBS = (1, 2) if MPIRUN else (1,)
KILLS = int(os.environ.get("PORTEND_TEST_KILLS", "20"))  # of each kind of campaign

# 19 * 3 points, enough that a kill in the middle loses some.
GRID = ["--sweep=bandwidth0=1Mbps:10Mbps:0.5Mbps", "--sweep=threshold=0,0.1,0.2"]
GRID_POINTS = 57
SMALL_GRID = ["--sweep=bandwidth0=1Mbps:3Mbps:1Mbps", "--sweep=threshold=0,0.1"]
POINTS = [(bandwidth, threshold) for bandwidth in (1, 2, 3) for threshold in ("0", "0.1")]

# A network of two blocks on two equal boards.
MODEL = {"schema_version": 1, "profile": "two", "blocks": 2, "tensor_bytes": [12000, 8000],
         "result_bytes": 200, "thresholds": [0, 0.5, 1],
         "validation": {"exit_rates": [[0, 0.4, 1], [1, 1, 1]], "accuracy": [0.6, 0.9]}}
BOARD = {"schema_version": 1, "profile": "two", "device": "board",
         "compute_ms": {"1-1": [2.1, 2.0], "1-2": [3.9, 4.1], "2-2": [2.0, 1.9]},
         "serialize_ms": [0.3, 0.2], "deserialize_ms": [0.4, 0.3]}
TWO = ["--profile=./two", "--devices=board,board", "--bandwidth=5Mbps", "--delay=2ms"]

# A server that takes 10 ms, and nothing else takes time.
ONE = {"schema_version": 1, "profile": "one", "blocks": 1, "tensor_bytes": [100],
       "result_bytes": 100, "thresholds": [0],
       "validation": {"exit_rates": [[1]], "accuracy": [0.9]}}
SERVER = {"schema_version": 1, "profile": "one", "device": "server", "compute_ms": {"1-1": [10]},
          "serialize_ms": [0], "deserialize_ms": [0]}
QUEUE = ["--profile=./one", "--devices=server", "--deployment=0:1-1@0"]

# Section III-D of the paper.
B7 = {"schema_version": 1, "profile": "efficientnetb7-imagenet",
      "tiers": [{"device": "a1.large"}, {"device": "m4.large"}, {"device": "g4dn.xlarge"}],
      "links": [{"bandwidth": "10Mbps", "delay": "20ms"},
                {"bandwidth": "500Mbps", "delay": "20ms"}],
      "deployment": "2:1-8@0", "compute": "max", "samples": 2}


def limit_file_size(size):
    """What a process does first, so that its files cannot grow above size: as on a full disk."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return limit


def list_session(session):
    """The processes of a session that have not ended: numbers, and variables they began with."""
    processes = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            # After the name in parentheses: state, parent, group, session.
            state, _, _, number = (path / "stat").read_text().rpartition(")")[2].split()[:4]
            if int(number) == session and state not in "ZX":
                processes[int(path.name)] = (path / "environ").read_bytes().split(b"\0")
        except OSError:  # it has ended meanwhile
            continue
    return processes


class Case(unittest.TestCase):
    """A test in an empty folder."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def run_program(self, program, *arguments, launcher=(), **options):
        """Run a program in the folder."""
        return subprocess.run([*launcher, program, *arguments], cwd=self.folder, check=False,
                              capture_output=True, text=True, timeout=250, **options)

    def succeed(self, program, *arguments, **options):
        """Run a program that must succeed; returns its standard output."""
        done = self.run_program(program, *arguments, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def get_table(self, program, *arguments):
        """Run a program; returns the rows of its CSV."""
        text = self.succeed(program, *arguments, "--quiet", "--csv=-")
        return list(csv.DictReader(io.StringIO(text)))

    def query(self, name, text):
        """What a result file says."""
        database = sqlite3.connect(f"file:{self.folder / name}?mode=ro", uri=True)
        try:
            return database.execute(text).fetchall()
        finally:
            database.close()

    def count_points(self, name):
        """Number of points in a file."""
        return self.query(name, "SELECT count(*) FROM point")[0][0]

    def read(self, name):
        """The bytes of a file."""
        return (self.folder / name).read_bytes()

    def wait_for_session(self, session):
        """Wait until all processes of a session have ended: those of a job outlive its launcher."""
        deadline = time.monotonic() + 60
        while list_session(session):
            self.assertLess(time.monotonic(), deadline, list_session(session))
            time.sleep(0.02)

    def list_files(self):
        """Names and bytes of the files in the folder."""
        return {path.name: path.read_bytes() for path in self.folder.iterdir() if path.is_file()}

    def refuse(self, program, *arguments, saying=()):
        """Run a program that must end with one message, and leave all files as they are."""
        before = self.list_files()
        done = self.run_program(program, *arguments)
        self.assertEqual(done.returncode, 2, f"{arguments}: {done.stderr}")
        self.assertEqual(done.stdout, "", arguments)
        self.assertRegex(done.stderr, rf"\A{program.name}: [^\n]+\n\Z", arguments)
        for text in saying:
            self.assertIn(text, done.stderr, arguments)
        self.assertEqual(self.list_files(), before, arguments)

    def write_two(self):
        """Write the profile of two blocks."""
        (self.folder / "two").mkdir()
        (self.folder / "two" / "model.json").write_text(json.dumps(MODEL), encoding="utf-8")
        (self.folder / "two" / "board.json").write_text(json.dumps(BOARD), encoding="utf-8")


    def write_one(self):
        """Write the profile of one server."""
        (self.folder / "one").mkdir()
        (self.folder / "one" / "model.json").write_text(json.dumps(ONE), encoding="utf-8")
        (self.folder / "one" / "server.json").write_text(json.dumps(SERVER), encoding="utf-8")


class ResultFileTest(Case):
    """The result file is the same however the campaign ran."""

    def run_whole(self, *arguments):
        """An unbroken run; returns its bytes."""
        self.succeed(SWEEP, *arguments, "--quiet", "--jobs=1", "--result=whole.sqlite")
        return self.read("whole.sqlite")

    @unittest.skipUnless(MPIRUN, "mpirun is not installed")
    def test_processes_do_not_matter(self):
        whole = self.run_whole(*SMALL_GRID, "--samples=100")
        arguments = [*SMALL_GRID, "--samples=100", "--quiet"]
        self.succeed(SWEEP, *arguments, "--jobs=2", "--result=jobs.sqlite")
        self.assertEqual(self.read("jobs.sqlite"), whole)
        self.succeed(SWEEP, *arguments, "--result=mpirun.sqlite",
                     launcher=[MPIRUN, "--allow-run-as-root", "--oversubscribe", "-n", "2"])
        self.assertEqual(self.read("mpirun.sqlite"), whole)

    @unittest.skipUnless(MPIRUN, "mpirun is not installed")
    def test_more_jobs_than_cores_are_warned_of_and_obeyed(self):
        jobs = os.cpu_count() + 1
        whole = self.run_whole(*SMALL_GRID, "--samples=10")
        done = self.run_program(SWEEP, *SMALL_GRID, "--samples=10", f"--jobs={jobs}",
                                "--result=jobs.sqlite")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"warning: {jobs} jobs on ", done.stderr)
        self.assertEqual(self.read("jobs.sqlite"), whole)

    def kill_often(self, jobs, share, program=SWEEP, plan=GRID):
        """Kill a run some times, each in the given first share of the time that an unbroken one
        takes, then let it end: the files are those of the unbroken one."""
        arguments = [*plan, "--samples=50", "--quiet"]
        self.succeed(program, *arguments, "--result=whole.sqlite", "--json=whole.json",
                     "--csv=whole.csv")
        whole = self.read("whole.sqlite")
        begin = time.monotonic()
        self.succeed(program, *arguments, f"--jobs={jobs}", "--result=timed.sqlite")
        duration_s = time.monotonic() - begin

        arguments += [f"--jobs={jobs}", "--result=broken.sqlite", "--json=broken.json",
                      "--csv=broken.csv"]
        generator = random.Random(5)
        kills = 0
        sessions = []
        while kills < KILLS:
            with subprocess.Popen([program, *arguments], cwd=self.folder, text=True,
                                  start_new_session=True,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
                # Some kills come before the first point of a run, some long after it.
                time.sleep(generator.random() * share * duration_s)
                process.kill()
                message = process.stderr.read()
            sessions.append(process.pid)
            if process.returncode == -signal.SIGKILL:
                kills += 1
                continue
            # It was faster: what was broken must be whole now. Break another one.
            self.assertEqual(process.returncode, 0, message)
            self.assertEqual(self.read("broken.sqlite"), whole)
            (self.folder / "broken.sqlite").unlink()
        self.succeed(program, *arguments)
        for session in sessions:
            self.wait_for_session(session)
        for ending in ("sqlite", "json", "csv"):
            self.assertEqual(self.read(f"broken.{ending}"), self.read(f"whole.{ending}"), ending)
        self.assertEqual({*self.list_files()},
                         {"timed.sqlite", *(f"{name}.{ending}" for name in ("whole", "broken")
                                            for ending in ("sqlite", "json", "csv"))})

    def test_killed_serial(self):
        self.kill_often(1, 0.2)

    @unittest.skipUnless(MPIRUN, "mpirun is not installed")
    def test_killed_parallel(self):
        # Starting the processes is most of it.
        self.kill_often(2, 0.5)

    def test_killed_cross_check(self):
        self.kill_often(1, 0.3, CROSSCHECK, ["--random=40"])

    def test_killed_search(self):
        self.kill_often(1, 0.3, SWEEP, ["--sweep=rate=1,5", "--sweep=bandwidth0=1Mbps:5Mbps:1Mbps",
                                        "--validity", "--min-accuracy=0.8"])

    def test_killed_search_of_capacities(self):
        self.kill_often(1, 0.3, SWEEP, ["--sweep=bandwidth0=5Mbps:20Mbps:5Mbps", "--slo=mean:90ms",
                                        "--arrival=poisson:4", "--capacity=arrival"])

    def test_goes_on_where_it_was_killed(self):
        # The file grows with the points. It is locked while the program runs: look at its size.
        whole = self.run_whole(*GRID, "--samples=200")
        path = self.folder / "broken.sqlite"
        arguments = [*GRID, "--samples=200", "--result=broken.sqlite"]
        with subprocess.Popen([SWEEP, *arguments, "--quiet"], cwd=self.folder) as process:
            while (process.poll() is None
                   and (not path.exists() or path.stat().st_size < 0.75 * len(whole))):
                time.sleep(0.002)
            process.kill()
        self.assertEqual(process.returncode, -signal.SIGKILL)
        done = self.run_program(SWEEP, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        match = re.search(rf"(\d+) of {GRID_POINTS} points are there already", done.stderr)
        self.assertTrue(match, done.stderr)
        self.assertGreater(int(match[1]), 0)
        self.assertLess(int(match[1]), GRID_POINTS)
        self.assertEqual(self.read("broken.sqlite"), whole)

    def stop_at_the_end(self, number):
        """Stop a run by a signal while it writes a file with all points anew, and go on; returns
        the files between, or none if it was faster."""
        arguments = [*SMALL_GRID, "--samples=10", "--quiet", "--result=broken.sqlite"]
        whole = self.run_whole(*SMALL_GRID, "--samples=10")
        with subprocess.Popen([SWEEP, *arguments], cwd=self.folder) as process:
            while process.poll() is None and not (self.folder / "broken.sqlite-final").exists():
                pass
            process.send_signal(number)
        files = {*self.list_files()} - {"whole.sqlite"}
        self.succeed(SWEEP, *arguments)
        self.assertEqual(self.read("broken.sqlite"), whole)
        self.assertEqual({*self.list_files()}, {"whole.sqlite", "broken.sqlite"})
        (self.folder / "broken.sqlite").unlink()
        return files if process.returncode == -number else set()

    def test_stopped_at_the_end(self):
        # The run after has nothing but the end to do.
        stops = 0
        deadline = time.monotonic() + 200
        while stops < 3:
            self.assertLess(time.monotonic(), deadline, f"stopped {stops} times")
            stops += "broken.sqlite-final" in self.stop_at_the_end(signal.SIGKILL)
            # SQLite's journal of the points is its to leave.
            self.assertLessEqual(self.stop_at_the_end(signal.SIGTERM),
                                 {"broken.sqlite", "broken.sqlite-journal"})

    def test_whole_file_is_not_touched(self):
        whole = self.run_whole(*SMALL_GRID, "--samples=10")
        done = self.run_program(SWEEP, *SMALL_GRID, "--samples=10", "--result=whole.sqlite")
        self.assertIn("6 of 6 points are there already", done.stderr)
        self.assertEqual(self.read("whole.sqlite"), whole)

    def test_full_disk(self):
        arguments = [*GRID, "--samples=100", "--quiet"]
        whole = self.run_whole(*arguments)
        done = self.run_program(SWEEP, *arguments, "--result=broken.sqlite",
                                preexec_fn=limit_file_size(len(whole) * 3 // 4))
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertRegex(done.stderr,
                         r"\Aportend-sweep: broken.sqlite: cannot be written[^\n]*\n\Z")
        points = self.count_points("broken.sqlite")
        self.assertGreater(points, 0)
        self.assertLess(points, GRID_POINTS)
        self.assertEqual(self.query("broken.sqlite", "PRAGMA integrity_check"), [("ok",)])
        self.assertEqual(self.query("broken.sqlite", "SELECT count(*) FROM result"), [(points,)])
        self.succeed(SWEEP, *arguments, "--result=broken.sqlite")
        self.assertEqual(self.read("broken.sqlite"), whole)

    def test_disk_full_from_the_beginning(self):
        arguments = [*SMALL_GRID, "--samples=10", "--quiet"]
        whole = self.run_whole(*arguments)
        done = self.run_program(SWEEP, *arguments, "--result=broken.sqlite",
                                preexec_fn=limit_file_size(4096))
        self.assertEqual(done.returncode, 2, done.stderr)
        self.succeed(SWEEP, *arguments, "--result=broken.sqlite")
        self.assertEqual(self.read("broken.sqlite"), whole)

    def test_another_campaign_is_refused(self):
        arguments = [*SMALL_GRID, "--quiet", "--result=result.sqlite"]
        self.succeed(SWEEP, *arguments, "--samples=10", "--bandwidth=10Mbps,400Mbps")
        other = [*arguments, "--samples=10", "--bandwidth=10Mbps,300Mbps"]
        self.refuse(SWEEP, *other, saying=["result.sqlite", "/links/1/bandwidth", "400Mbps",
                                           "300Mbps", "--restart"])
        self.refuse(SWEEP, *arguments, "--samples=20", saying=["/samples", "10", "20"])
        self.refuse(SWEEP, "--sweep=bandwidth0=1Mbps,2Mbps", "--samples=10",
                    "--result=result.sqlite", saying=["axes"])
        self.succeed(SWEEP, *other, "--restart")
        self.assertEqual(self.read("result.sqlite"), self.run_whole(*SMALL_GRID, *other[-2:]))


class ProvenanceTest(Case):
    """Results say which bytes they come from, and go on from the same ones only."""

    @staticmethod
    def digest(data):
        """SHA-256 of bytes."""
        return hashlib.sha256(data).hexdigest()

    def test_what_is_told(self):
        self.write_two()
        self.succeed(SWEEP, *TWO, "--deployment=0:1-1@0", "--sweep=run=1,2", "--samples=5",
                     "--RngSeed=7", "--quiet", "--result=result.sqlite", "--json=result.json")
        document = json.loads(self.read("result.json"))
        self.assertEqual([*document][-1], "provenance")
        told = document["provenance"]
        two = self.folder.resolve() / "two"
        self.assertEqual(told.pop("inputs"), {
            f"{two}/{name}": self.digest(self.read(f"two/{name}"))
            for name in ("board.json", "model.json")})
        self.assertEqual((told["seed"], told["run"]), (7, 1))
        self.assertEqual(sorted(told), ["commit", "compiler", "ns3", "run", "seed", "version"])
        # Profiles that are found by their name keep it.
        text = self.succeed(PROGRAMS / "portend-estimate", "--quiet", "--json=-")
        document = json.loads(text)
        self.assertEqual([*document][-1], "provenance")
        self.assertEqual([*document["provenance"]["inputs"]],
                         [f"resnet110-cifar10/{name}.json" for name in
                          ("a1.medium", "g4dn.xlarge", "m4.large", "model")])

    def test_other_bytes_are_refused(self):
        self.write_two()
        (self.folder / "arrivals.csv").write_text("arrival_ms\n0\n500\n", encoding="utf-8")
        (self.folder / "exits.csv").write_text("exited,correct\n4,3\n", encoding="utf-8")
        arguments = [*TWO, "--deployment=0:1-2@0", "--arrival=trace:arrivals.csv",
                     "--exits=trace:exits.csv", "--sweep=run=1,2", "--samples=2", "--quiet",
                     "--result=result.sqlite"]
        self.succeed(SWEEP, *arguments)
        for name, old, new in (("two/board.json", "2.1", "2.2"), ("two/model.json", "0.6", "0.7"),
                               ("arrivals.csv", "500", "400"), ("exits.csv", "4,3", "4,2")):
            with self.subTest(name):
                before = self.read(name)
                after = before.replace(old.encode(), new.encode())
                self.assertNotEqual(before, after)
                (self.folder / name).write_bytes(after)
                self.refuse(SWEEP, *arguments, saying=[
                    "result.sqlite", Path(name).name, self.digest(before), self.digest(after)])
                (self.folder / name).write_bytes(before)
        self.succeed(SWEEP, *arguments)
        with sqlite3.connect(self.folder / "result.sqlite") as database:
            database.execute("UPDATE provenance SET value = '0.0' WHERE name = 'version'")
        self.refuse(SWEEP, *arguments, saying=["version: there 0.0, now "])


class DamagedFileTest(Case):
    """A file that says what no campaign writes is refused, and left as it is."""

    CHANGES = (
        "UPDATE result SET point = 1000000000 WHERE point = 1",
        "UPDATE point SET id = 1000000000 WHERE id = 1",
        "UPDATE point SET id = -1 WHERE id = 1",
        "UPDATE result SET rank = 7 WHERE point = 1 AND rank = 1",
        "UPDATE replication SET rank = 5 WHERE point = 1 AND rank = 1",
        "UPDATE replication SET latency_ms = 'x' WHERE point = 1 AND replication = 0",
        "UPDATE result SET simulated_latency_ms = 'fast' WHERE point = 1",
        "UPDATE result SET estimated_latency_ms = 9e999 WHERE point = 1",
        "UPDATE result SET deployment = x'00ff' WHERE point = 1",
        "UPDATE result SET explanation = x'00ff' WHERE point = 0",
        "UPDATE result SET steady = 2 WHERE point = 0",
        "UPDATE result SET simulated_accuracy = 2 WHERE point = 0",
        "UPDATE point SET scenario = '{' WHERE id = 1",
        "UPDATE point SET scenario = '1' WHERE id = 1",
        "UPDATE point SET scenario = x'7b7d' WHERE id = 1",
        "UPDATE meta SET value = x'00' WHERE key = 'plan'",
        "UPDATE meta SET value = '{' WHERE key = 'scenario'",
        "UPDATE provenance SET value = x'00' WHERE kind = 'input'",
        "UPDATE axis SET name = 'delay0'",
        "UPDATE axis SET position = 3 WHERE position = 0",
        "DELETE FROM axis_value WHERE point = 1",
        "UPDATE axis_value SET axis = 9 WHERE point = 1 AND axis = 0",
        "DELETE FROM point WHERE id = 1",
        "UPDATE regret SET best_rank = 9",
        "UPDATE comparison SET with_point = 77",
        "UPDATE crossing SET axis = 77",
        "INSERT INTO crossing VALUES (0, 0, 77, 1, 1, 1, 1)",
        "UPDATE cdf SET share = 2",
        "DELETE FROM result",
        "DROP TABLE cdf",
        "CREATE TABLE more (x)",
    )

    def test_every_kind(self):
        self.write_two()
        arguments = [*TWO, "--sweep=min-accuracy=0.5,0.6", "--sweep=bandwidth0=1Mbps,2Mbps",
                     "--compare=min-accuracy", "--optimal", "--samples=5", "--replications=2",
                     "--quiet", "--json=out.json", "--csv=out.csv", "--result=result.sqlite"]
        self.succeed(SWEEP, *arguments)
        for change in self.CHANGES:
            shutil.copy(self.folder / "result.sqlite", self.folder / "whole.sqlite")
            with self.subTest(change):
                database = sqlite3.connect(self.folder / "result.sqlite")
                with database:
                    changed = database.execute(change).rowcount
                database.close()
                if changed != 0:  # else there is no such row here
                    self.refuse(SWEEP, *arguments, saying=["result.sqlite"])
            shutil.move(self.folder / "whole.sqlite", self.folder / "result.sqlite")

    def test_of_a_cross_check(self):
        self.write_two()
        arguments = [*TWO, "--all", "--samples=5", "--tolerance=5%", "--quiet",
                     "--result=result.sqlite"]
        self.succeed(CROSSCHECK, *arguments)
        for change in ("UPDATE agreement SET covered = NULL", "UPDATE agreement SET slope = 'x'",
                       "UPDATE agreement SET largest_error_point = 99",
                       "DELETE FROM result WHERE point = 1", "UPDATE exit SET rank = 3",
                       "UPDATE result SET profile = x'ff' WHERE point = 1"):
            shutil.copy(self.folder / "result.sqlite", self.folder / "whole.sqlite")
            with self.subTest(change):
                database = sqlite3.connect(self.folder / "result.sqlite")
                with database:
                    database.execute(change)
                database.close()
                self.refuse(CROSSCHECK, *arguments, saying=["result.sqlite"])
            shutil.move(self.folder / "whole.sqlite", self.folder / "result.sqlite")


    def test_of_service_levels(self):
        self.write_one()
        arguments = [*QUEUE, "--arrival=poisson:20", "--samples=20", "--slo=mean:15ms",
                     "--capacity=arrival", "--sweep=seed=1,2", "--deadline=30ms",
                     "--network=trains", "--audit=50%", "--quiet", "--result=result.sqlite"]
        self.succeed(SWEEP, *arguments)
        for change in ("UPDATE level SET holds = 2", "UPDATE level SET rank = 3",
                       "UPDATE punctuality SET met_share = 2",
                       "UPDATE punctuality SET point = 9 WHERE point = 1",
                       "DELETE FROM capacity WHERE point = 1",
                       "UPDATE capacity SET low = 'x' WHERE point = 1",
                       "UPDATE probe SET saturated = 2",
                       "UPDATE probe SET point = 7 WHERE point = 1",
                       "UPDATE audit SET mean_error_ms = 1",
                       "DROP TABLE probe"):
            shutil.copy(self.folder / "result.sqlite", self.folder / "whole.sqlite")
            with self.subTest(change):
                database = sqlite3.connect(self.folder / "result.sqlite")
                with database:
                    database.execute(change)
                database.close()
                self.refuse(SWEEP, *arguments, saying=["result.sqlite"])
            shutil.move(self.folder / "whole.sqlite", self.folder / "result.sqlite")


class OutputTest(Case):
    """Outputs go where nothing else is, and are whole or not there."""

    AXIS = "--sweep=run=1,2"

    def test_places(self):
        self.write_two()
        grid = {"schema_version": 1, "axes": [{"name": "run", "values": ["1", "2"]}]}
        (self.folder / "grid.json").write_text(json.dumps(grid), encoding="utf-8")
        (self.folder / "list.txt").write_text("0:1-1@0\n", encoding="utf-8")
        os.link(self.folder / "grid.json", self.folder / "hard.json")
        os.symlink("grid.json", self.folder / "soft.json")
        os.symlink("result.sqlite", self.folder / "later")
        for name in ("result.sqlite", "./result.sqlite", "later", "result.sqlite-journal",
                     "result.sqlite-final"):
            self.refuse(SWEEP, self.AXIS, "--result=result.sqlite", f"--csv={name}",
                        saying=[f"--csv: '{name}' is taken by --result"])
        for name in ("grid.json", "hard.json", "soft.json", "two/board.json",
                     "../" + self.folder.name + "/two/model.json"):
            for option in ("--json", "--csv", "--result"):
                self.refuse(SWEEP, *TWO, "--deployment=0:1-1@0", "--grid=grid.json",
                            f"{option}={name}", "--restart", saying=[option, f"'{name}' is read"])
        self.refuse(CROSSCHECK, *TWO, "--deployments=list.txt", "--json=list.txt",
                    "--result=result.sqlite", saying=["'list.txt' is read"])

    def test_full_standard_output(self):
        for program, *arguments in ((SWEEP, self.AXIS), (CROSSCHECK, "--random=2"),
                                    (SWEEP, self.AXIS, "--csv=-"), (SWEEP, "--help")):
            for jobs in JOBS:
                with open("/dev/full", "w", encoding="utf-8") as full:
                    done = subprocess.run([program, *arguments, "--samples=5", f"--jobs={jobs}",
                                           "--result=r.sqlite", "--restart"], cwd=self.folder,
                                          check=False, stdout=full, stderr=subprocess.PIPE,
                                          text=True, timeout=250)
                self.assertEqual(done.returncode, 2, (arguments, jobs))
                self.assertRegex(done.stderr, r"could not be written to its end[^\n]*\n\Z")

    def stop(self, number, *arguments):
        """Stop a sweep by a signal once it has begun to write."""
        with subprocess.Popen([SWEEP, "--sweep=run=1:300:1", "--samples=2000", "--quiet",
                               "--result=result.sqlite", "--csv=out.csv", "--json=out.json",
                               *arguments], cwd=self.folder, stderr=subprocess.DEVNULL,
                              start_new_session=True) as process:
            begin = time.monotonic()
            while not [*self.folder.glob("out.json.partial-*")] and process.poll() is None:
                self.assertLess(time.monotonic(), begin + 100)
                time.sleep(0.05)
            process.send_signal(number)
        self.assertNotEqual(process.returncode, 0)
        self.wait_for_session(process.pid)
        self.assertEqual([*self.folder.glob("*.partial-*")], [])
        (self.folder / "result.sqlite").unlink()

    def test_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self.stop(number)
            if MPIRUN and number != signal.SIGHUP:  # which mpirun does not care for
                self.stop(number, "--jobs=2")

    @unittest.skipUnless(MPIRUN, "mpirun is not installed")
    def test_workers_leave_the_coordinator_time(self):
        # Once the first process has ended, mpirun kills the others.
        with subprocess.Popen([SWEEP, "--sweep=run=1:300:1", "--samples=2000", "--quiet",
                               "--jobs=2", "--result=result.sqlite", "--json=out.json"],
                              cwd=self.folder, stderr=subprocess.DEVNULL,
                              start_new_session=True) as process:
            deadline = time.monotonic() + 100
            while not [*self.folder.glob("out.json.partial-*")]:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.05)
            worker, = [number for number, variables in list_session(process.pid).items()
                       if b"OMPI_COMM_WORLD_RANK=1" in variables]
            begin = time.monotonic()
            os.kill(worker, signal.SIGTERM)
            while worker in list_session(process.pid):
                self.assertLess(time.monotonic(), begin + 100)
                time.sleep(0.01)
            self.assertGreater(time.monotonic() - begin, 0.9)
        self.assertNotEqual(process.returncode, 0)
        self.wait_for_session(process.pid)
        self.assertEqual([*self.folder.glob("*.partial-*")], [])

    @unittest.skipUnless(MPIRUN, "mpirun is not installed")
    def test_bare_environments(self):
        arguments = [self.AXIS, "--samples=5", "--quiet", "--jobs=2"]
        done = self.run_program(SWEEP, *arguments, "--result=bare.sqlite", env={})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        done = self.run_program(SWEEP, *arguments, "--result=no.sqlite",
                                env={**os.environ, "TMPDIR": "/proc"})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"\A[^\n]+working serially: [^\n]*'/proc'[^\n]*TMPDIR\n\Z")
        self.assertEqual(self.read("bare.sqlite"), self.read("no.sqlite"))


class NameTest(Case):
    """Names of files are bytes; what is no text in them is replaced where texts must be."""

    def test_names_that_are_no_text(self):
        self.write_two()
        name = b"./\xfe/two".decode(errors="surrogateescape")
        try:
            shutil.copytree(self.folder / "two", self.folder / name)
        except OSError:
            self.skipTest("this file system has none")
        two = TWO[1:]
        self.succeed(CROSSCHECK, f"--profile={name}", *two, "--all", "--samples=3", "--quiet",
                     "--result=check.sqlite", "--json=check.json")
        self.assertEqual(self.count_points("check.sqlite"), 7)
        self.succeed(SWEEP, *two, f"--sweep=profile={name};./two", "--deployment=0:1-1@0",
                     "--samples=3", "--quiet", "--result=sweep.sqlite", "--json=sweep.json",
                     "--csv=sweep.csv", errors="surrogateescape")
        for file in ("check.json", "sweep.json"):
            self.assertIn("./\ufffd/two", (self.folder / file).read_text(encoding="utf-8"))
            json.loads(self.read(file))
        self.assertEqual(len([*self.folder.glob("*.partial*")]), 0)


class BadInputTest(Case):
    """One message, status 2, no file."""

    def refuse_sweep(self, *arguments, saying=()):
        """portend-sweep must refuse."""
        self.refuse(SWEEP, "--result=result.sqlite", *arguments, saying=saying)

    def refuse_check(self, *arguments, saying=()):
        """portend-crosscheck must refuse."""
        self.refuse(CROSSCHECK, "--result=result.sqlite", *arguments, saying=saying)

    def test_axes(self):
        for axes, saying in (
                (["bandwith0=1Mbps,2Mbps"], ["'bandwith0'", "did you mean 'bandwidth0'"]),
                (["bandwidth0"], ["'bandwidth0'", "NAME=VALUES"]),
                (["bandwidth0="], ["bandwidth0"]),
                (["bandwidth0=3Mbps:1Mbps:1Mbps"], ["3Mbps:1Mbps:1Mbps", "FROM <= TO"]),
                (["bandwidth0=1Mbps:3Mbps:0Mbps"], ["'0Mbps'", "above 0"]),
                (["rate=0:64:log7"], ["rate"]),
                (["bandwidth0=1,2"], ["bandwidth0"]),
                (["bandwidth7=1Mbps,2Mbps"], ["bandwidth7", "no link 7", "2"]),
                (["bandwidth0=1Mbps", "bandwidth0=2Mbps"], ["bandwidth0", "the same"]),
                (["rate=1,2", "arrival=closed"], ["rate", "arrival", "the same"])):
            with self.subTest(axes):
                self.refuse_sweep(*[f"--sweep={axis}" for axis in axes], saying=saying)
        self.refuse_sweep(saying=["say what to sweep"])

    def test_options(self):
        axis = "--sweep=bandwidth0=1Mbps,2Mbps"
        for arguments, saying in (
                (["--precision=5"], ["--precision", "'5'", "1%"]),
                (["--precision=-1%"], ["--precision", "-1%"]),
                (["--csv=-", "--json=-"], ["--csv", "--json"]),
                (["--validity"], ["--validity", "two axes"]),
                (["--candidates=2"], ["--candidates", "--optimal"]),
                (["--compare=delay0"], ["--compare", "delay0"]),
                (["--jobs=0"], ["--jobs"])):
            with self.subTest(arguments):
                self.refuse_sweep(axis, *arguments, saying=saying)

    def test_misconfigurations(self):
        # 10 kB are too few at each of the bandwidths; the warning is said once.
        arguments = ["--sweep=bandwidth0=1Mbps,10Mbps", "--transport=tcp", "--tcp-buffer=10kB",
                     "--deployment=1:1-55@0", "--samples=2"]
        for jobs in "12":
            done = self.run_program(SWEEP, *arguments, "--result=result.sqlite", "--restart",
                                    "--quiet", f"--jobs={jobs}")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(done.stderr.count("warning: tcp-buffer: at bandwidth0=1Mbps: "), 1)
            self.assertIn("(2 of 2 points)", done.stderr)
            Path(self.folder, "result.sqlite").unlink()
        done = self.run_program(SWEEP, *arguments, "--strict", "--result=result.sqlite", "--jobs=2")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertRegex(done.stderr, r"\A[^\n]+: warning: tcp-buffer: [^\n]+\n"
                                      r"portend-sweep: --strict: refused for 1 warning\n\Z")
        self.assertEqual(self.list_files(), {})

    def test_searches(self):
        # Refused before there is a result file, whatever only the model or the rules tell.
        for arguments, saying in (
                (["--min-accuracy=0.8", "--fixed-cuts=99"], ["cut 99", "1..54"]),
                (["--min-accuracy=0.8", "--tiers=9"], ["--tiers", "0..2"]),
                (["--min-accuracy=2"], ["--min-accuracy", "'2'"]),
                (["--max-energy=1J", "--min-accuracy=0.8"], ["energy", "--power"]),
                (["--min-accuracy=0.8", f"--devices={','.join(['a1.medium'] * 10)}",
                  "--bandwidth=10Mbps", "--delay=1ms", "--rules=queueing"],
                 ["too many deployments", "up to 2000000000"])):
            with self.subTest(arguments):
                self.refuse_sweep("--sweep=mtu=1500;9000", "--optimal", *arguments, saying=saying)

    def test_load_that_is_too_much(self):
        self.refuse_sweep("--sweep=rate=10,30", saying=[
            "at rate=30", "30 requests per second are too many for tier 0", "22.16"])

    def test_cross_check(self):
        for arguments, saying in (
                ([], ["--random", "--all", "--pareto", "--deployments"]),
                (["--random=4", "--pareto"], ["--random", "--all", "--pareto"]),
                (["--random=4", "--tolerance=nonsense"], ["--tolerance", "'nonsense'", "1%"]),
                (["--deployments=missing.txt"], ["missing.txt"])):
            with self.subTest(arguments):
                self.refuse_check(*arguments, saying=saying)

    def test_files_of_others_are_left_as_they_are(self):
        (self.folder / "text").write_text("not a database\n" * 50, encoding="utf-8")
        database = sqlite3.connect(self.folder / "other")
        database.execute("CREATE TABLE mine (a)")
        database.close()
        for name in ("text", "other"):
            for more in ([], ["--restart"]):
                with self.subTest(name=name, more=more):
                    self.refuse(SWEEP, *SMALL_GRID, f"--result={name}", *more,
                                saying=[name, "left as it is"])

    def test_other_version(self):
        arguments = [*SMALL_GRID, "--samples=10", "--quiet", "--result=result.sqlite"]
        self.succeed(SWEEP, *arguments)
        database = sqlite3.connect(self.folder / "result.sqlite")
        database.execute("PRAGMA user_version = 9")
        database.close()
        self.refuse(SWEEP, *arguments, saying=["result.sqlite", "version 9", "allowed: 2"])
        self.succeed(SWEEP, *arguments, "--restart")
        self.assertEqual(self.query("result.sqlite", "PRAGMA user_version"), [(2,)])

    def test_folder_that_cannot_be_written(self):
        self.refuse(SWEEP, *SMALL_GRID, "--result=missing/result.sqlite",
                    saying=["missing/result.sqlite"])
        # Nobody, not even root, can make a file there.
        self.refuse(SWEEP, *SMALL_GRID, "--result=/proc/result.sqlite",
                    saying=["/proc/result.sqlite"])


class SweepTest(Case):
    """The numbers of a sweep."""

    def test_points_are_the_grid_and_the_estimates_the_estimators(self):
        rows = self.get_table(SWEEP, *SMALL_GRID, "--samples=500")
        self.assertEqual([(float(row["axis_bandwidth0_bps"]), float(row["axis_threshold"]))
                          for row in rows],
                         [(1e6 * bandwidth, float(threshold)) for bandwidth, threshold in POINTS])
        for row, (bandwidth, threshold) in zip(rows, POINTS):
            deployment = f"0:1-25,1:26-40@{threshold}"
            self.assertEqual(row["deployment"], deployment)
            estimate = json.loads(self.succeed(
                PROGRAMS / "portend-estimate", f"--bandwidth={bandwidth}Mbps,400Mbps",
                f"--deployment={deployment}", "--json=-", "--quiet"))["deployments"][0]
            estimated_ms = float(row["estimated_latency_ms"])
            self.assertAlmostEqual(estimated_ms, estimate["latency_ms"], delta=1e-9)
            self.assertAlmostEqual(float(row["estimated_accuracy"]), estimate["accuracy"],
                                   delta=1e-12)
            # Half-widths: 4 of them are some 8 standard errors. Without chance (threshold 0) only
            # the simulation's nanoseconds are left.
            self.assertAlmostEqual(
                float(row["simulated_latency_ms"]), estimated_ms,
                delta=4 * float(row["simulated_latency_ci95_ms"]) + 1e-6 * estimated_ms)
            self.assertEqual(float(row["simulated_latency_ci95_ms"]) == 0, threshold == "0")

    def test_equal_ratios(self):
        rows = self.get_table(SWEEP, "--sweep=rate=1:64:log7", "--samples=5", "--replications=2",
                              "--max-time=1000s")
        self.assertEqual([float(row["axis_rate_per_s"]) for row in rows],
                         [1, 2, 4, 8, 16, 32, 64])

    def test_estimates_without_end(self):
        # The rules queueing wait for ever where tier 0 stands 22.2 requests per second.
        rows = self.get_table(SWEEP, "--sweep=rate=5,30", "--rules=queueing", "--samples=5",
                              "--replications=2", "--max-time=1000s", "--result=load.sqlite")
        self.assertGreater(float(rows[0]["estimated_latency_ms"]), 58)
        self.assertEqual([rows[1][name] for name in (
            "estimated_latency_ms", "estimated_wait_ms", "difference_ms")], ["", "", ""])
        self.assertEqual(self.query("load.sqlite", "SELECT rules, latency_ms IS NULL FROM estimate "
                                                   "WHERE point = 1 ORDER BY rules"),
                         [("exact", 0), ("paper", 0), ("queueing", 1), ("reference-code", 0)])

    def test_optimum_under_a_load_that_the_default_does_not_stand(self):
        rows = self.get_table(SWEEP, "--optimal", "--min-accuracy=0.87", "--candidates=1",
                              "--sweep=rate=20,40", "--rules=queueing", "--samples=20",
                              "--replications=2")
        self.assertEqual([row["deployment"] for row in rows], ["1:1-25@0", "1:1-25@0"])

    def test_grid_file(self):
        grid = {"schema_version": 1,
                "axes": [{"name": "bandwidth0", "from": "1Mbps", "to": "3Mbps", "step": "1Mbps"},
                         {"name": "threshold", "values": ["0", "0.1"]}]}
        (self.folder / "grid.json").write_text(json.dumps(grid), encoding="utf-8")
        self.assertEqual(
            self.get_table(SWEEP, "--grid=grid.json", "--samples=20", "--result=file.sqlite"),
            self.get_table(SWEEP, *SMALL_GRID, "--samples=20", "--result=options.sqlite"))

    def test_semicolons_between_values_with_commas(self):
        deployments = ["0:1-25,1:26-40@0.1", "0:1-10,2:11-20@0.2"]
        rows = self.get_table(SWEEP, f"--sweep=deployment={';'.join(deployments)}", "--samples=20")
        self.assertEqual([row["axis_deployment"] for row in rows], deployments)
        self.assertEqual([row["deployment"] for row in rows], deployments)

    def test_precision(self):
        axis = "--sweep=bandwidth0=5Mbps,10Mbps"
        for row in self.get_table(SWEEP, axis, "--precision=2%", "--samples=100"):
            self.assertLessEqual(float(row["simulated_latency_ci95_ms"]),
                                 0.02 * float(row["simulated_latency_ms"]))
            self.assertEqual(row["precise"], "1")
            # The latency has a coefficient of variation of some 60 %, so that 10 * 100 requests
            # have an interval of some 1.96 * 60 % / sqrt(1000) = 3.7 %, which is not enough.
            self.assertGreater(int(row["replications"]), 10)

    def test_most_samples(self):
        for row in self.get_table(SWEEP, "--sweep=bandwidth0=5Mbps,10Mbps", "--precision=0.01%",
                                  "--samples=100", "--max-samples=4050"):
            # As many replications of 100 as fit.
            self.assertEqual(row["requests"], "4000")
            self.assertEqual(row["precise"], "0")

    def test_common_random_numbers(self):
        self.succeed(SWEEP, "--sweep=deployment=0:1-25,1:26-40@0.1;0:1-25,1:26-40@0.2",
                     "--sweep=bandwidth0=5Mbps,10Mbps", "--compare=deployment", "--samples=500",
                     "--quiet", "--result=result.sqlite")
        results = {point: values for point, *values in self.query(
            "result.sqlite", "SELECT point, simulated_latency_ms, simulated_latency_ci95_ms, "
            "estimated_latency_ms FROM result")}
        comparisons = self.query(
            "result.sqlite", "SELECT point, with_point, difference_ms, difference_ci95_ms, "
            "estimated_difference_ms FROM comparison ORDER BY point")
        # The deployment runs slower than the bandwidth: the second one's points are 2 and 3.
        self.assertEqual([row[:2] for row in comparisons], [(2, 0), (3, 1)])
        for point, other, difference_ms, ci95_ms, estimated_ms in comparisons:
            mean, interval, estimate = results[point]
            other_mean, other_interval, other_estimate = results[other]
            self.assertAlmostEqual(difference_ms, mean - other_mean, delta=1e-9)
            self.assertAlmostEqual(estimated_ms, estimate - other_estimate, delta=1e-9)
            self.assertGreater(ci95_ms, 0)
            self.assertLess(ci95_ms, math.hypot(interval, other_interval))

    def test_figure_9a(self):
        (self.folder / "b7.json").write_text(json.dumps(B7), encoding="utf-8")
        rows = self.get_table(
            SWEEP, "--scenario=b7.json", "--rules=reference-code", "--optimal", "--candidates=1",
            "--min-accuracy=0.84", "--sweep=placements=0,2;2",
            "--sweep=bandwidth0=1Mbps:10Mbps:1Mbps", "--compare=placements", "--replications=2",
            "--result=result.sqlite")
        estimated_s = {(row["axis_placements"], float(row["axis_bandwidth0_bps"]) / 1e6):
                       float(row["estimated_latency_ms"]) / 1000 for row in rows}
        paper = ROOT / "scripts" / "paper" / "figure9a.csv"
        with open(paper, encoding="utf-8") as file:
            points = list(csv.DictReader(line for line in file if not line.startswith("#")))
        self.assertEqual((len(points), len(rows)), (20, 20))
        for point in points:
            key = point["tiers"].replace(";", ","), float(point["bandwidth_mbps"])
            self.assertAlmostEqual(estimated_s[key] / float(point["latency_s"]), 1, delta=0.01,
                                   msg=str(key))
        # Straight lines between the drawing's points at 2 and 3 Mbps: the differences are
        # 17.439208 - 15.646328 = 1.792880 s and 11.677718 - 14.412480 = -2.734762 s, so zero at
        # 2 + 1.792880 / 4.527642 = 2.396. The curves bend: the latency is a + b / bandwidth, where
        # the zero is at 1 / (1/2 - 1.792880 / 4.527642 * (1/2 - 1/3)) = 2.304.
        self.assertEqual(len(self.query("result.sqlite", "SELECT * FROM crossing")), 1)
        (estimated_bps,), = self.query("result.sqlite", "SELECT estimated FROM crossing")
        self.assertAlmostEqual(estimated_bps / 2.304e6, 1, delta=0.01)


class CrossCheckTest(Case):
    """The verdict on the estimator."""

    def test_estimates_are_simulations(self):
        self.succeed(CROSSCHECK, "--random=40", "--profiles=resnet110-cifar10,resnet20-cifar10",
                     "--quiet", "--result=result.sqlite")
        (deployments, slope, r_squared, covered, chance), = self.query(
            "result.sqlite", "SELECT deployments, slope, r_squared, covered, random "
            "FROM agreement WHERE component = 'latency'")
        self.assertEqual(deployments, 40)
        self.assertAlmostEqual(slope, 1, delta=0.01)
        self.assertAlmostEqual(r_squared, 1, delta=0.01)
        rows = self.query("result.sqlite", "SELECT profile, simulated_latency_ms, "
                          "estimated_latency_ms, agreement_ci95_ms, is_random FROM result")
        self.assertEqual(sorted(row[0] for row in rows),
                         ["resnet110-cifar10"] * 20 + ["resnet20-cifar10"] * 20)
        inside = [abs(simulated - estimated) <= interval
                  for _, simulated, estimated, interval, is_random in rows if is_random]
        self.assertEqual((covered, chance), (sum(inside), len(inside)))
        # No chance, no difference.
        for _, simulated, estimated, interval, is_random in rows:
            if not is_random:
                self.assertLessEqual(abs(simulated - estimated), interval)

    def test_sample_of_what_nobody_visits(self):
        # 1.8 * 10^12 deployments of ten tiers: a sample is drawn from all of them.
        chain = [f"--devices={','.join(['a1.medium'] * 10)}", "--bandwidth=10Mbps", "--delay=1ms"]
        self.succeed(CROSSCHECK, *chain, "--random=20", "--samples=5", "--quiet",
                     "--result=result.sqlite")
        rows = self.query("result.sqlite", "SELECT DISTINCT deployment FROM result")
        self.assertEqual(len(rows), 20)
        lengths = [row[0].count(",") + 1 for row in rows]
        # Of a random one, C(10, L) C(55, L) have L partitions: 8.5 in the mean, hardly any below 6.
        self.assertGreater(sum(lengths) / 20, 7.5)
        self.assertGreater(min(lengths), 4)
        self.refuse(CROSSCHECK, *chain, "--all", "--result=all.sqlite",
                    saying=["--all", "1790137988320 deployments", "up to 100000000"])
        self.refuse(CROSSCHECK, f"--devices={','.join(['a1.medium'] * 17)}", *chain[1:],
                    "--random=1", "--own-thresholds", "--result=all.sqlite",
                    saying=["--random", "more than 2^64 deployments", "--max-partitions"])

    def test_which_deployments(self):
        self.write_two()
        listed = ["0:1-1,1:2-2@0.5", "1:1-2@0"]
        (self.folder / "list.txt").write_text("\n".join(["# two", *listed]), encoding="utf-8")
        every = [estimate["deployment"] for estimate in json.loads(self.succeed(
            PROGRAMS / "portend-estimate", *TWO, "--all", "--quiet", "--json=-"))["deployments"]]
        # On one tier of two, block 1 or both; or one on each, with one of three thresholds.
        self.assertEqual(len(every), 2 * 2 + 3)
        # The early exit on tier 0 costs least, everything on tier 0 is the most accurate and
        # 4 ms of computation; whatever uses the link waits for it.
        frontier = ["0:1-1@0", "0:1-2@0"]
        for choice, expected in (("--all", every), ("--pareto", frontier),
                                 ("--deployments=list.txt", listed)):
            with self.subTest(choice):
                rows = self.get_table(CROSSCHECK, *TWO, choice, "--samples=100", "--restart")
                self.assertEqual(sorted(row["deployment"] for row in rows), sorted(expected))

    def test_causes_add_up(self):
        # Rules that wait themselves are explained by what is beyond that.
        for rules in ("exact", "queueing"):
            self.succeed(CROSSCHECK, "--random=4", "--arrival=poisson:8", f"--rules={rules}",
                         "--samples=300", "--quiet", f"--result={rules}.sqlite")
            rows = self.query(f"{rules}.sqlite",
                              "SELECT result.difference_ms, sum(part.difference_ms) FROM result "
                              "JOIN disagreement AS part USING (point, rank) GROUP BY point")
            self.assertGreater(len(rows), 0, rules)
            for difference_ms, sum_ms in rows:
                self.assertAlmostEqual(sum_ms, difference_ms, delta=1e-6, msg=rules)

    def test_same_samples(self):
        # Where partitions run is nothing to a sample: it exits where it would elsewhere.
        (self.folder / "list.txt").write_text(
            "0:1-25,1:26-40@0.1\n1:1-25,2:26-40@0.1\n0:1-25,2:26-40@0.1\n", encoding="utf-8")
        arguments = ["--deployments=list.txt", "--samples=500", "--replications=2", "--quiet"]
        exits = {}
        for name, *option in (("own",), ("same", "--same-samples")):
            self.succeed(CROSSCHECK, *arguments, *option, f"--result={name}.sqlite")
            exits[name] = self.query(
                f"{name}.sqlite", "SELECT group_concat(simulated_rate), simulated_accuracy FROM "
                "result JOIN exit USING (point, rank) GROUP BY point ORDER BY point")
            self.assertEqual(len(exits[name]), 3)
        self.assertEqual(len(set(exits["same"])), 1, exits)
        self.assertEqual(len(set(exits["own"])), 3, exits)
        # The first deployment has the same random numbers either way.
        self.assertEqual(exits["own"][0], exits["same"][0])
        # The file says which it is, and goes on with the same only.
        (plan,), = self.query("same.sqlite", "SELECT value FROM meta WHERE key = 'plan'")
        self.assertIs(json.loads(plan)["same_samples"], True)
        self.succeed(CROSSCHECK, *arguments, "--same-samples", "--result=same.sqlite")
        self.refuse(CROSSCHECK, *arguments, "--result=same.sqlite",
                    saying=["same.sqlite", "same_samples"])
        self.refuse(CROSSCHECK, *arguments, "--same-samples", "--result=own.sqlite",
                    saying=["own.sqlite", "same_samples"])

    def test_tolerance(self):
        self.write_two()
        (self.folder / "list.txt").write_text("0:1-2@0\n", encoding="utf-8")
        arguments = [*TWO, "--deployments=list.txt", "--samples=200"]
        # Idle, the simulation does what the estimator says.
        text = self.succeed(CROSSCHECK, *arguments, "--tolerance=5%", "--result=idle.sqlite")
        self.assertIn("every deployment is within 5%", text)
        # 4 ms each at 200 per second: 80 % load, so an M/D/1 queue waits 0.8 / (2 * 0.2) * 4 ms =
        # 8 ms, of which the rules know nothing.
        for jobs in JOBS:
            done = self.run_program(CROSSCHECK, *arguments, "--arrival=poisson:200", "--restart",
                                    "--tolerance=0.0001%", "--result=load.sqlite",
                                    f"--jobs={jobs}")
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("1 deployments are outside of 0.0001%", done.stdout)
            self.assertIn("waiting for tier 0", done.stdout)
            (explanation,), = self.query("load.sqlite", "SELECT explanation FROM result")
            self.assertIn("waiting for tier 0", explanation)


def get_capacity(service_ms, mean_ms):
    """The rate per second at which an M/D/1 queue takes so long in the mean."""
    # Pollaczek and Khinchine: s + r s / (2 (1 - r)) = t, so r / (1 - r) = 2 (t - s) / s.
    odds = 2 * (mean_ms - service_ms) / service_ms
    return odds / (1 + odds) / service_ms * 1e3


class ServiceLevelTest(Case):
    """Levels are held against what was simulated, and searched for."""

    def test_levels_of_points(self):
        levels = ["p50:40ms", "p95:100ms", "p99:200ms", "mean:55ms", "max:1s"]
        arguments = ["--sweep=rate=2,6", "--samples=300", *(f"--slo={level}" for level in levels),
                     "--result=result.sqlite", "--csv=out.csv", "--json=out.json"]
        done = self.run_program(SWEEP, *arguments)
        self.assertEqual(done.returncode, 1, done.stderr)
        values = self.query(
            "result.sqlite", "SELECT simulated_latency_p50_ms, simulated_latency_p95_ms, "
            "simulated_latency_p99_ms, simulated_latency_ms, simulated_latency_max_ms, "
            "simulated_latency_p99_ci95_ms, simulated_latency_ci95_ms FROM result ORDER BY point")
        verdicts = set()
        for point, row in enumerate(values):
            found = {level: rest for level, *rest in self.query(
                "result.sqlite", "SELECT level, limit_ms, value_ms, value_ci95_ms, limit_share, "
                f"value_share, holds FROM level WHERE point = {point} AND rank = 0")}
            self.assertEqual(sorted(found), sorted(levels))
            for level, value in zip(levels, row):
                limit_ms, value_ms, _, *share, holds = found[level]
                self.assertEqual(limit_ms, 1000 if level == "max:1s" else float(level[:-2].split(":")[1]))
                self.assertAlmostEqual(value_ms, value, delta=1e-9, msg=level)
                self.assertEqual(share, [None, None])
                self.assertEqual(holds, value <= limit_ms)
                verdicts.add(holds)
            self.assertAlmostEqual(found["p99:200ms"][2], row[5], delta=1e-9)
            self.assertAlmostEqual(found["mean:55ms"][2], row[6], delta=1e-9)
        self.assertEqual(verdicts, {0, 1})
        self.assertIn("FAILS", done.stdout)
        self.assertIn("all service levels hold at 0 of 2 points", done.stdout)
        self.assertEqual(len(json.loads(self.read("out.json"))["level"]), 10)
        rows = list(csv.DictReader(io.StringIO(self.read("out.csv").decode())))
        self.assertEqual([row["levels_hold"] for row in rows], ["0", "0"])
        # What is there is reported again, with the same status.
        self.assertEqual(self.run_program(SWEEP, *arguments).stdout, done.stdout)
        self.assertEqual(self.run_program(SWEEP, *arguments).returncode, 1)
        self.refuse(SWEEP, "--sweep=rate=2,6", "--samples=300", "--slo=p50:41ms",
                    "--result=result.sqlite", saying=["result.sqlite", "slo"])
        text = self.succeed(SWEEP, "--sweep=rate=2,6", "--samples=300", "--slo=max:100s",
                            "--result=other.sqlite")
        self.assertIn("the service level holds at 2 of 2 points", text)

    def test_answers_by_the_deadline(self):
        # A replication of closed arrivals is a run.
        arguments = ["--samples=400", "--deadline=50ms"]
        run = json.loads(self.succeed(PROGRAMS / "portend-3tier", *arguments, "--json=-",
                                      "--quiet"))["simulated"]["deadline"]
        self.assertEqual(self.run_program(
            SWEEP, *arguments, "--sweep=run=1", "--replications=1", "--slo=met:99.9%", "--quiet",
            "--result=result.sqlite").returncode, 1)
        rows = self.query("result.sqlite", "SELECT met_share, goodput_per_s FROM punctuality "
                          "ORDER BY partition")
        self.assertAlmostEqual(rows[0][0], run["met_share"], delta=1e-12)
        self.assertAlmostEqual(rows[0][1], run["goodput_per_s"], delta=1e-9)
        self.assertEqual([share for share, _ in rows[1:]], run["met_share_by_exit"])
        self.assertAlmostEqual(sum(goodput for _, goodput in rows[1:]), rows[0][1], delta=1e-9)
        self.assertGreater(rows[1][0], 0)
        text = self.succeed(SWEEP, *arguments, "--sweep=run=1", "--replications=1",
                            "--result=table.sqlite", "--csv=out.csv")
        self.assertRegex(text, rf" {100 * run['met_share']:.2f} % +{run['goodput_per_s']:.3f}  0:")
        row, = csv.DictReader(io.StringIO(self.read("out.csv").decode()))
        self.assertAlmostEqual(float(row["met_share"]), run["met_share"], delta=1e-12)
        self.assertAlmostEqual(float(row["goodput_per_s"]), run["goodput_per_s"], delta=1e-9)
        (share, limit), = self.query("result.sqlite", "SELECT value_share, limit_share FROM level")
        self.assertAlmostEqual(share, run["met_share"], delta=1e-12)
        self.assertAlmostEqual(limit, 0.999, delta=1e-12)

    def test_capacity_of_a_queue(self):
        self.write_one()
        true = get_capacity(10, 20)
        self.succeed(SWEEP, *QUEUE, "--arrival=poisson:10", "--capacity=arrival", "--slo=mean:20ms",
                     "--samples=1000", "--sweep=seed=1:10:1", "--quiet", "--result=result.sqlite")
        rows = self.query("result.sqlite", "SELECT capacity, low, high, unit, simulated_latency_ms "
                          "FROM capacity JOIN result USING (point)")
        self.assertEqual(len(rows), 10)
        inside = [low <= true <= high for _, low, high, *_ in rows]
        self.assertGreaterEqual(sum(inside), 8, rows)  # of intervals of 95 %
        self.assertAlmostEqual(sum(row[0] for row in rows) / 10 / true, 1, delta=0.02)
        for capacity, low, high, unit, simulated_ms in rows:
            self.assertEqual(unit, "per_s")
            self.assertTrue(low <= capacity < high < 1.2 * low, rows)
            # The result is that of the capacity: a step of half a percent below the level.
            self.assertTrue(19 < simulated_ms <= 20, rows)
        # So is the scenario: it can be run as it is.
        (scenario, capacity), = self.query("result.sqlite", "SELECT scenario, capacity FROM point "
                                           "JOIN capacity ON point = id WHERE id = 0")
        self.assertEqual(json.loads(scenario)["arrival"], f"poisson:{capacity:g}")

    def test_capacity_in_cameras(self):
        self.write_one()
        (self.folder / "world.json").write_text(json.dumps({
            "schema_version": 2,
            "nodes": [{"name": "camera", "count": 200, "device": "server"},
                      {"name": "station", "device": "server"}],
            "links": [{"between": ["camera", "station"], "bandwidth": "10Gbps", "delay": "0ms"}],
            "streams": [{"name": "vision", "tiers": ["camera", "station"], "profile": "./one",
                         "deployment": "1:1-1@0", "arrival": "poisson:5", "samples": 100}]}),
            encoding="utf-8")
        arguments = ["--scenario=world.json", "--capacity=nodes/camera/count", "--slo=mean:20ms",
                     "--replications=20"]
        text = self.succeed(SWEEP, *arguments, "--result=result.sqlite")
        (count, low, high, name), = self.query(
            "result.sqlite", "SELECT capacity, low, high, name FROM capacity")
        # Independent Poisson arrivals of 5 per second each make one stream of them.
        self.assertTrue(low <= int(get_capacity(10, 20) / 5) <= high, (low, count, high))
        self.assertEqual((name, count % 1, low % 1, high % 1), ("nodes/camera/count", 0, 0, 0))
        self.assertRegex(text, rf"\n +{count:.0f} +{low:.0f} \.\. {high:.0f} ")
        # 200 are too many for the queue to have an end: not simulated, and no error.
        probes = self.query("result.sqlite", "SELECT value, saturated, value_ms, holds FROM probe "
                            "ORDER BY value")
        self.assertTrue(all(value % 1 == 0 for value, *_ in probes), probes)
        self.assertEqual(probes[-1], (200, 1, None, 0))
        self.assertTrue(all(saturated == (value >= 20) for value, saturated, *_ in probes), probes)

    @unittest.skipUnless(MPIRUN, "mpirun is not installed")
    def test_processes_do_not_matter(self):
        self.write_one()
        arguments = [*QUEUE, "--arrival=poisson:10", "--capacity=arrival", "--slo=p99:50ms",
                     "--samples=50", "--sweep=seed=1:6:1", "--quiet"]
        self.succeed(SWEEP, *arguments, "--result=whole.sqlite")
        for jobs in (2, 3):
            self.succeed(SWEEP, *arguments, f"--jobs={jobs}", f"--result=jobs{jobs}.sqlite")
            self.assertEqual(self.read(f"jobs{jobs}.sqlite"), self.read("whole.sqlite"))

    def test_levels_that_nothing_meets(self):
        self.write_one()
        arguments = [*QUEUE, "--samples=20", "--capacity=arrival"]
        # The server alone takes 10 ms.
        done = self.run_program(SWEEP, *arguments, "--arrival=poisson:10", "--slo=p99:9ms",
                                "--result=none.sqlite")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("no arrival meets p99:9ms at 1 of 1 point", done.stdout)
        self.assertEqual(self.query("none.sqlite", "SELECT capacity, low FROM capacity"),
                         [(None, 0)])
        # Whatever is tried is too much: nothing is simulated.
        done = self.run_program(SWEEP, *arguments, "--arrival=poisson:1e9", "--slo=p99:9ms",
                                "--result=much.sqlite")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(self.query("much.sqlite", "SELECT count(*), min(saturated) FROM probe"),
                         [(21, 1)])
        self.assertEqual(self.query("much.sqlite", "SELECT count(*) FROM result"), [(0,)])
        self.assertEqual(self.run_program(SWEEP, *arguments, "--arrival=poisson:1e9",
                                          "--slo=p99:9ms", "--result=much.sqlite").returncode, 1)
        # More bandwidth is never too much.
        text = self.succeed(SWEEP, "--samples=20", "--capacity=bandwidth0", "--slo=p99:1s",
                            "--result=all.sqlite")
        self.assertIn("every bandwidth0 that was tried meets p99:1s at 1 of 1 point", text)
        self.assertEqual(self.query("all.sqlite", "SELECT high FROM capacity"), [(None,)])

    def test_bad_input(self):
        axis = "--sweep=run=1,2"
        for arguments, words in (
                (["--slo=p99"], "--slo"),
                (["--slo=met:99%"], "a stream that has a deadline"),
                (["--slo=vision/p99:1s"], "a chain has one stream"),
                (["--slo=p99:1s", "--slo=p99:1s"], "each level once"),
                (["--slo=p99:1s", "--slo=vision/p99:1s"], "each level once"),
                (["--capacity=arrival", "--arrival=poisson:5"], "--capacity: needs a level"),
                (["--slo=p99:1s", "--capacity=arrival"], "--capacity arrival: found 'closed'"),
                (["--slo=p99:1s", "--capacity=arival"], "--capacity: there is no axis"),
                (["--slo=p99:1s", "--capacity=deployment"], "--capacity: found 'deployment'"),
                (["--slo=p99:1s", "--capacity=bandwidth7"], "--capacity bandwidth7: there is no"),
                (["--slo=p99:1s", "--capacity=loss"], "--capacity loss: found '0'"),
                (["--slo=p99:1s", "--capacity=nodes/camera/count"], "scenarios of version 2"),
                (["--slo=p99:1s", "--capacity=rate", "--sweep=arrival=poisson:1,poisson:2"],
                 "--capacity: rate is searched; arrival of --sweep sets the same"),
                (["--slo=p99:1s", "--capacity=bandwidth0", "--compare=run"], "--compare"),
                (["--slo=p99:1s", "--capacity=bandwidth0", "--optimal", "--min-accuracy=0.8"],
                 "--optimal")):
            self.refuse(SWEEP, axis, *arguments, "--result=result.sqlite", saying=[words])


class SharedTiersTest(Case):
    """Deployments with several exits on one tier, which only some rules know."""

    def test_others_are_left_out(self):
        arguments = ["--deployment=0:1-10,0:11-25,1:26-40@0.1", "--samples=40"]
        self.succeed(SWEEP, "--sweep=bandwidth0=5Mbps,10Mbps", *arguments,
                     "--result=result.sqlite")
        self.assertEqual(self.query("result.sqlite", "SELECT DISTINCT rules FROM estimate "
                                    "WHERE latency_ms > 0 ORDER BY rules"),
                         [("exact",), ("queueing",)])
        self.refuse(SWEEP, "--sweep=bandwidth0=5Mbps,10Mbps", *arguments, "--rules=paper",
                    "--result=other.sqlite", saying=["partitions share a tier", "exact"])


class AuditTest(Case):
    """Trains are held against packets at some points."""

    def test_sweeps_conclude_the_same(self):
        # Crossings, regrets, intervals, all that is printed, but for what ran.
        for transport in ("udp", "tcp"):
            texts = [self.succeed(
                SWEEP, "--sweep=deployment=0:1-55@0;0:1-25,1:26-40@0.1;1:1-55@0",
                "--sweep=bandwidth0=1Mbps:10Mbps:3Mbps", "--compare=deployment",
                "--replications=4", "--samples=40", f"--transport={transport}",
                f"--network={network}", f"--result={network}.sqlite", "--restart")
                .replace(network, "any") for network in ("packets", "trains")]
            self.assertIn("cross", texts[0])
            self.assertEqual(texts[1], texts[0])

    POINTS = ["--sweep=bandwidth0=2Mbps:9Mbps:1Mbps", "--arrival=poisson:5", "--samples=40",
              "--replications=3"]

    def get_points(self, name):
        """The points that were audited."""
        return [point for point, in self.query(name, "SELECT DISTINCT point FROM audit")]

    def test_trains_are_packets(self):
        for transport in ("udp", "tcp"):
            arguments = [*self.POINTS, "--network=trains", "--audit=25%",
                         f"--transport={transport}", f"--result={transport}.sqlite"]
            text = self.succeed(SWEEP, *arguments, "--json=out.json")
            self.assertIn("audit: 2 of 8 points, 240 requests, by packets too; 0 were", text)
            self.assertEqual(len(self.get_points(f"{transport}.sqlite")), 2)
            rows = self.query(f"{transport}.sqlite", "SELECT point, entry, requests, trains_ms, "
                              "packets_ms, mean_error_ms, largest_error_ms FROM audit")
            for _, entry, requests, trains_ms, packets_ms, *errors in rows:
                self.assertEqual((requests, *errors), (120, 0, 0), entry)
                self.assertEqual(trains_ms, packets_ms, entry)
            # Of every request, warm-up included: components sum to the latency.
            for point in self.get_points(f"{transport}.sqlite"):
                means = {entry: mean for where, entry, _, mean, *_ in rows if where == point}
                self.assertEqual(len(means), 17)
                for whole, start in (("wait", "wait_"), ("network_excess", "network_excess_")):
                    self.assertAlmostEqual(
                        sum(mean for entry, mean in means.items() if entry.startswith(start)),
                        means[whole], delta=1e-6)
                self.assertAlmostEqual(sum(means[entry] for entry in (
                    "wait", "deserialization", "computation", "serialization", "propagation",
                    "transmission", "network_excess")), means["latency"], delta=1e-6)
            self.assertEqual(len(json.loads(self.read("out.json"))["audit"]), len(rows))

    def test_differences_are_seen(self):
        # A gap after each packet is nothing that trains know: they wait for none.
        text = self.succeed(SWEEP, *self.POINTS, "--network=auto", "--audit=1%",
                            "--ns3::PointToPointNetDevice::InterframeGap=3ms",
                            "--result=result.sqlite")
        self.assertIn("audit: 1 of 8 points", text)  # at least one
        rows = {entry: values for entry, *values in self.query(
            "result.sqlite", "SELECT entry, packets_ms - trains_ms, mean_error_ms, "
            "largest_error_ms FROM audit")}
        for entry in ("latency", "network_excess", "network_excess_queueing"):
            difference_ms, mean_ms, largest_ms = rows[entry]
            self.assertGreater(difference_ms, 0, entry)
            self.assertGreaterEqual(mean_ms, difference_ms * (1 - 1e-9), entry)
            self.assertGreater(largest_ms, mean_ms, entry)
        for entry in ("computation", "serialization", "transmission", "propagation"):
            self.assertEqual(rows[entry], [0, 0, 0], entry)

    def test_points_are_drawn_by_the_seed(self):
        arguments = ["--sweep=bandwidth0=1Mbps:200Mbps:1Mbps", "--samples=2", "--replications=1",
                     "--network=trains", "--audit=5%", "--quiet"]
        drawn = {}
        for seed in (1, 2):
            self.succeed(SWEEP, *arguments, f"--RngSeed={seed}", f"--result={seed}.sqlite")
            drawn[seed] = self.get_points(f"{seed}.sqlite")
            self.assertEqual(len(drawn[seed]), 10)
        self.assertNotEqual(drawn[1], drawn[2])
        for jobs in JOBS:
            self.succeed(SWEEP, *arguments, "--RngSeed=1", f"--jobs={jobs}", "--restart",
                         "--result=jobs.sqlite")
            self.assertEqual(self.read("jobs.sqlite"), self.read("1.sqlite"))

    def test_of_a_cross_check(self):
        text = self.succeed(CROSSCHECK, "--random=10", "--samples=30", "--network=trains",
                            "--audit=20%", "--result=result.sqlite")
        self.assertIn("audit: 2 of 10 points, 60 requests", text)
        self.assertEqual(self.query("result.sqlite", "SELECT max(largest_error_ms) FROM audit"),
                         [(0,)])

    def test_bad_input(self):
        arguments = [*self.POINTS, "--result=result.sqlite"]
        self.refuse(SWEEP, *arguments, "--audit=1%", saying=["--audit", "--network=trains"])
        for share in ("0%", "101%", "1", "x%", "-1%"):
            self.refuse(SWEEP, *arguments, "--network=trains", f"--audit={share}",
                        saying=["--audit", share])
        self.succeed(SWEEP, *arguments, "--network=trains", "--audit=1%", "--quiet")
        self.refuse(SWEEP, *arguments, "--network=trains", "--audit=30%", saying=["audit"])
        self.refuse(SWEEP, *arguments, "--network=trains", saying=["audit"])


if __name__ == "__main__":
    unittest.main()
