#!/usr/bin/python3
"""Tests of scripts/result_file.py: result files that say something else, or were left half done."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import result_fixture

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from result_file import COLUMNS, KEYS, TEXT, Result  # noqa: E402  (lies in scripts)
from script import BadInput  # noqa: E402

# Leaves a transaction half done in a file, its pages written, and waits.
WRITE_HALF = """
import sqlite3, sys, time
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA cache_size = 1")
database.execute("PRAGMA locking_mode = EXCLUSIVE")
database.execute("BEGIN EXCLUSIVE")
database.execute("UPDATE result SET deployment = 'half done', explanation = hex(zeroblob(3000))")
database.execute("UPDATE point SET scenario = hex(zeroblob(3000))")
print("ready", flush=True)
time.sleep(60)
"""


class Test(unittest.TestCase):
    """A test with a result file."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.path = self.folder / "result.sqlite"

    def write(self):
        """A sweep with every kind of table."""
        result_fixture.write_sweep(self.path, {"bandwidth0": [1e6, 5e6, 10e6, 20e6],
                                               "deployment": [25, 40]},
                                   crossing=True, runners_up=[0], regret=True)
        self.change("INSERT INTO agreement VALUES ('latency', 8, 1, 1, 1, 1, 0, 1, 1)",
                    "INSERT INTO level VALUES (1, 0, 'p99:9s', 9e3, 1, 1, NULL, NULL, NULL, 1)",
                    "INSERT INTO capacity VALUES (1, 'arrival', 'per_s', 5, 4, 6)",
                    "INSERT INTO audit VALUES (1, 0, 0, 'latency', 9, 0, 1, 1, 0, 0)")

    def change(self, *statements):
        """Change the file."""
        database = sqlite3.connect(self.path)
        for statement in statements:
            database.execute(*([statement] if isinstance(statement, str) else statement))
        database.commit()
        database.close()

    def refuse(self, *messages):
        """The file is refused with a message that has all these words."""
        with self.assertRaises(BadInput) as caught:
            result = Result(self.path)
            for point in result.points:
                result.read_cdf(point)
        for message in (str(self.path), *messages):
            self.assertIn(message, str(caught.exception))
        self.assertLess(len(str(caught.exception)), 500)


class DamagedTest(Test):
    """Files that say something else."""

    def test_the_whole_is_read(self):
        self.write()
        result = Result(self.path)
        self.assertEqual(len(result.points), 8)
        self.assertTrue(result.read_cdf(result.points[0]))
        self.assertEqual(result.provenance, {})

    def test_every_column_is_checked(self):
        self.write()
        whole = self.path.read_bytes()
        for table, kinds in COLUMNS.items():
            if table in ("provenance", "meta"):
                continue
            for place, column in enumerate(kinds):
                if column == "component":
                    continue  # what is unknown is not read
                for value in (b"\x00\xff", -1e300, "x" * 10000):
                    if not isinstance(value, bytes) and kinds[column] is TEXT:
                        continue  # as a text the number is one, too
                    with self.subTest(table=table, column=column, value=value):
                        self.path.write_bytes(whole)
                        database = sqlite3.connect(self.path)
                        # Keys and types of the columns are as strict as SQLite has them.
                        names = ", ".join(row[1] for row in database.execute(
                            f"PRAGMA table_info({table})"))
                        database.executescript(
                            f"CREATE TABLE other AS SELECT {names} FROM {table};"
                            f"DROP TABLE {table}; ALTER TABLE other RENAME TO {table}")
                        database.close()
                        self.change((f"UPDATE {table} SET {column} = ? WHERE rowid = 1",
                                     (value,)))
                        if place >= KEYS.get(table, 1):
                            self.refuse(f"table {table}, ", f"{column}: found ", "allowed: ")
                        else:
                            self.refuse(f"table {table}")

    def test_references(self):
        self.write()
        whole = self.path.read_bytes()
        for statement, message in (
                ("UPDATE result SET point = 1000000000 WHERE point = 1",
                 "table result: found point 1000000000; allowed: those of table point"),
                ("UPDATE result SET rank = 7 WHERE point = 1 AND rank = 0", "table exit: found"),
                ("DELETE FROM point WHERE id = 3", "those of table point"),
                ("DELETE FROM axis WHERE position = 1", "those of table axis"),
                ("UPDATE exit SET rank = 9 WHERE point = 2 AND rank = 1", "exit: found point"),
                ("UPDATE cdf SET rank = 9 WHERE point = 2 AND rank = 1", "table cdf: found"),
                ("UPDATE regret SET best_rank = 9", "table regret: found"),
                ("UPDATE crossing SET axis = 9", "table crossing: found axis 9"),
                ("UPDATE crossing SET with_point = 99", "table crossing: found with_point 99"),
                ("UPDATE agreement SET largest_error_point = 99", "table agreement: found"),
                ("DELETE FROM axis_value WHERE point = 1 AND axis = 0", "point 1 has no value"),
                ("UPDATE axis_value SET number = NULL WHERE axis = 0 AND point = 2",
                 "point 2 has no value on axis 0"),
                ("INSERT INTO level VALUES (9, 0, 'max:1s', 1, 1, 1, NULL, NULL, NULL, 1)",
                 "table level: found point, rank 9, 0"),
                ("INSERT INTO level VALUES (1, 0, 'max:1s', 1, 1, 1, NULL, NULL, NULL, 2)",
                 "holds: found 2; allowed: 0 or 1"),
                ("INSERT INTO capacity VALUES (99, 'rate', '', 1, 1, 1)", "table capacity: found"),
                ("INSERT INTO audit VALUES (9, 0, 0, 'latency', 1, 0, 1, 1, 0, 0)",
                 "table audit: found"),
                ("UPDATE meta SET value = '3' WHERE key = 'points'", "allowed: below 3"),
                ("UPDATE meta SET value = 'x' WHERE key = 'points'", "points: found 'x'"),
                ("UPDATE meta SET value = '{' WHERE key = 'scenario'", "scenario in table meta"),
                (f"UPDATE meta SET value = '{'[' * 5000}' WHERE key = 'scenario'", "more than 100"),
                ("UPDATE meta SET value = x'00ff' WHERE key = 'command'", "table meta"),
                ("DROP TABLE crossing", "no such table: crossing"),
                ("ALTER TABLE cdf RENAME COLUMN share TO part", "no such column: share")):
            with self.subTest(statement=statement[:70]):
                self.path.write_bytes(whole)
                self.change(statement)
                self.refuse(message)

    def test_rank_0_is_needed(self):
        self.write()
        self.change(*(f"DELETE FROM {table} WHERE point = 1 AND rank = 0"
                      for table in ("result", "exit", "cdf", "level", "audit")), "DELETE FROM regret",
                    "DELETE FROM crossing")
        self.refuse("point 1 has no rank 0")

    def test_broken_pages(self):
        self.write()
        data = bytearray(self.path.read_bytes())
        for start in range(4096, len(data), 4096):
            data[start:start + 64] = b"\xff" * 64
        self.path.write_bytes(data)
        self.refuse("malformed")
        self.path.write_bytes(data[:5000])
        self.refuse("malformed")
        self.path.write_bytes(b"")
        self.refuse("there are no points in it")

    def test_names_that_are_no_text(self):
        self.write()
        self.change("UPDATE result SET deployment = CAST(x'64fe0a' AS TEXT)",
                    "UPDATE axis_value SET text = CAST(x'64fe0a' AS TEXT) || point WHERE axis = 1")
        result = Result(self.path)
        self.assertIn("d\ufffd\ufffd0", result.name(result.points[0]))

    def test_provenance(self):
        self.write()
        self.change("INSERT INTO provenance VALUES ('program', 'version', '0.1')")
        self.assertEqual(Result(self.path).provenance, {"version": "0.1"})
        self.change("UPDATE provenance SET value = x'00'")
        self.refuse("table provenance, name version: value: found b'\\x00'")
        self.change("DROP TABLE provenance", "PRAGMA user_version = 1")
        self.assertEqual(Result(self.path).provenance, {})


class KilledTest(Test):
    """Files whose writer was killed."""

    def kill(self):
        """Kill a writer within a transaction."""
        with subprocess.Popen([sys.executable, "-c", WRITE_HALF, self.path],
                              stdout=subprocess.PIPE) as child:
            self.assertEqual(child.stdout.readline(), b"ready\n")
            with self.assertRaisesRegex(BadInput, "it is being written"):
                Result(self.path)
            child.send_signal(signal.SIGKILL)

    def check(self):
        """The file is read as it was before the transaction, and left as it is."""
        before = {path.name: path.read_bytes() for path in self.folder.iterdir()}
        self.assertEqual(len(before), 2)
        result = Result(self.path)
        self.assertEqual(len(result.points), 8)
        self.assertNotIn("half done", {row["deployment"] for point in result.points
                                       for row in point.ranks})
        self.assertTrue(result.read_cdf(result.points[7]))
        self.assertEqual({path.name: path.read_bytes() for path in self.folder.iterdir()}, before)

    def test_half_a_transaction(self):
        self.write()
        self.kill()
        self.check()

    @unittest.skipIf(os.geteuid() == 0 and not shutil.which("setpriv"),
                     "needs setpriv, or another user than root")
    def test_in_a_folder_that_only_may_be_read(self):
        self.write()
        self.kill()
        self.folder.chmod(0o555)
        self.addCleanup(self.folder.chmod, 0o755)
        code = (f"import sys; sys.path.insert(0, {str(ROOT / 'scripts')!r}); "
                "from result_file import Result; print(len(Result(sys.argv[1]).points))")
        other = ["setpriv", "--reuid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        done = subprocess.run([*other, "/usr/bin/python3", "-c", code, self.path], check=False,
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, "8\n"), done.stderr)

    def test_killed_campaigns(self):
        build = Path(os.environ.get("PORTEND_BUILD_DIR", ROOT / "build"))
        for trial in range(8):
            self.path.unlink(missing_ok=True)
            with subprocess.Popen(
                    [build / "scenarios" / "portend-sweep", "--sweep=delay0=1ms:60ms:1ms",
                     "--samples=20", "--replications=2", f"--result={self.path}", "--quiet"],
                    cwd=ROOT) as child:
                for _ in range(1000):
                    try:
                        child.wait(0.02 + 0.003 * trial)
                        break
                    except subprocess.TimeoutExpired:
                        if self.path.exists() and self.path.stat().st_size > 150_000:
                            break
                child.send_signal(signal.SIGKILL)
            with self.subTest(trial=trial):
                self.assertGreater(len(Result(self.path).points), 0)


if __name__ == "__main__":
    unittest.main()
