#!/usr/bin/python3
"""Tests of where the programs write: over nothing, whole or not at all, and never in vain."""

import contextlib
import fcntl
import json
import os
import resource
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(os.environ.get("PORTEND_BUILD_DIR", ROOT / "build")) / "scenarios"
RUNS = {
    "portend-3tier": ["--samples=5"],
    "portend-estimate": [],
    "portend-optimize": ["--min-accuracy=0.5"],
}


class OutputsTest(unittest.TestCase):
    """In an empty folder."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def run_program(self, program, *arguments, **options):
        """Run a program in the folder."""
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "timeout": 250, **options}
        return subprocess.run([PROGRAMS / program, *arguments], cwd=self.folder, check=False,
                              text=True, **options)

    def list_files(self):
        """Names and bytes of the files in the folder."""
        return {path.name: path.read_bytes() for path in self.folder.iterdir() if path.is_file()}

    def refuse(self, program, *arguments, saying):
        """Run a program that must end with one message, and leave all files as they are."""
        before = self.list_files()
        done = self.run_program(program, *arguments)
        self.assertEqual(done.returncode, 2, f"{arguments}: {done.stderr}")
        self.assertRegex(done.stderr, rf"\A{program}: [^\n]*{saying}[^\n]*\n\Z", arguments)
        self.assertEqual(self.list_files(), before, arguments)

    def test_inputs_are_not_written_over(self):
        shutil.copy(ROOT / "scenarios" / "icpads2023-3tier.json", self.folder / "in.json")
        shutil.copytree(ROOT / "profiles" / "resnet110-cifar10", self.folder / "own")
        os.link(self.folder / "in.json", self.folder / "hard.json")
        os.symlink("in.json", self.folder / "soft.json")
        for program, arguments in RUNS.items():
            for name in ("in.json", "./in.json", str(self.folder / "in.json"), "hard.json",
                         "soft.json", "own/../in.json"):
                for option in ("--json", "--csv"):
                    self.refuse(program, "--scenario=in.json", *arguments, f"{option}={name}",
                                saying=f"{option}: '{name}' is read as 'in.json'")
            self.refuse(program, "--profile=./own", *arguments, "--csv=own/model.json",
                        saying="'own/model.json' is read")
        (self.folder / "list.txt").write_text("0:1-55@0\n", encoding="utf-8")
        os.symlink("list.txt", self.folder / "link")
        self.refuse("portend-estimate", "--deployments=list.txt", "--csv=link",
                    saying="'link' is read as 'list.txt'")
        (self.folder / "p-1-1.pcap").write_text("arrival_ms\n0\n", encoding="utf-8")
        self.refuse("portend-3tier", "--arrival=trace:p-1-1.pcap", "--pcap=p",
                    saying="--pcap: 'p-1-1.pcap' is read")

    def test_outputs_have_places_of_their_own(self):
        os.symlink("new.json", self.folder / "link")
        for program, arguments in RUNS.items():
            for name in ("new.json", "./new.json", str(self.folder / "new.json"), "link"):
                self.refuse(program, *arguments, "--json=new.json", f"--csv={name}",
                            saying=f"--csv: '{name}' is taken by --json")
        self.refuse("portend-3tier", "--pcap=p", "--timeline=p-0-0.pcap",
                    saying="--pcap: 'p-0-0.pcap' is taken by --timeline")
        # The table would be in a file that has no name any more.
        with open(self.folder / "table", "w", encoding="utf-8") as table:
            done = self.run_program("portend-3tier", *RUNS["portend-3tier"], "--csv=table",
                                    stdout=table)
        self.assertEqual(done.returncode, 2)
        self.assertIn("'table' is taken by standard output", done.stderr)
        # A device takes any number.
        done = self.run_program("portend-3tier", *RUNS["portend-3tier"], "--json=/dev/null",
                                "--csv=/dev/null")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_standard_streams(self):
        world = [str(ROOT / "scenarios" / "campus.json"), "--samples=5"]
        for program, arguments in {**RUNS, "portend-run": world}.items():
            for more in ([], ["--json=-"], ["--csv=-"], ["--help"]):
                with open("/dev/full", "w", encoding="utf-8") as full:
                    done = self.run_program(program, *arguments, *more, stdout=full)
                self.assertEqual(done.returncode, 2, more)
                self.assertRegex(done.stderr, rf"\A{program}: [^\n]*not be written[^\n]*\n\Z")
                # Closed, it stays so: no file of the program becomes the standard output.
                done = self.run_program(program, *arguments, *more, "--quiet",
                                        *([] if "--json=-" in more else ["--json=out.json"]),
                                        stdout=None, preexec_fn=lambda: os.close(1))
                self.assertEqual(done.returncode, 2 if more else 0, (more, done.stderr))
                if not more:
                    json.loads((self.folder / "out.json").read_text(encoding="utf-8"))
            with open("/dev/full", "w", encoding="utf-8") as full:
                done = self.run_program(program, "--nonsense", stderr=full)
            self.assertEqual(done.returncode, 2)

    def test_example_on_full_standard_output(self):
        example = PROGRAMS.parent / "contrib" / "portend" / "examples" / "portend-minimal"
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = self.run_program(example, stdout=full)
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"\Aportend-minimal: [^\n]*not be written[^\n]*\n\Z")

    def test_example_with_types_of_its_own(self):
        example = PROGRAMS.parent / "contrib" / "portend" / "examples" / "portend-custom"
        for argument, found, near in (("--exits=ns3::MyExit[Bias=2]", "MyExit", "MyExits"),
                                      ("--arrival=ns3::MyArrival", "MyArrival", "MyArrivals"),
                                      ("--scheduler=ns3::MyExits", "MyExits", "MyScheduler")):
            done = self.run_program(example, argument)
            self.assertEqual(done.returncode, 2, argument)
            self.assertRegex(done.stderr, rf"\Aportend-custom: {argument.split('=')[0]}: there is "
                                          rf"no 'ns3::{found}'[^\n]*ns3::{near}\b[^\n]*\n\Z")
        done = self.run_program(example, "--exits=ns3::MyExits[Bias=nan]", "--requests=10")
        self.assertEqual(done.returncode, 2)

    def test_full_disk(self):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
        for option in ("--pcap=out", "--csv=out", "--timeline=out"):
            done = self.run_program("portend-3tier", "--samples=200", option, "--quiet",
                                    preexec_fn=limit)
            self.assertEqual(done.returncode, 2, option)
            self.assertRegex(done.stderr, r"\Aportend-3tier: [^\n]*out[^\n]*could not be written"
                                          r"[^\n]*\n\Z")

    def test_signals_leave_nothing(self):
        arguments = ["--samples=5000000", "--csv=l.csv", "--json=j.json", "--timeline=t.json",
                     "--pcap=p", "--quiet"]
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            with subprocess.Popen([PROGRAMS / "portend-3tier", *arguments],
                                  cwd=self.folder) as process:
                while len([*self.folder.glob("*.partial-*")]) < 7 and process.poll() is None:
                    time.sleep(0.01)
                process.send_signal(number)
            self.assertEqual(process.returncode, -number)
            self.assertEqual(self.list_files(), {})

    def test_what_the_killed_left(self):
        def run(samples, **options):
            return self.run_program("portend-3tier", f"--samples={samples}", "--csv=l.csv",
                                    "--pcap=p", "--quiet", **options)
        with self.assertRaises(subprocess.TimeoutExpired):  # kills
            run(5000000, timeout=1)
        left = self.list_files()
        self.assertEqual(len(left), 5, left.keys())
        process = [*left][0].split("partial-")[1].split("-")[0]
        others = {name: b"half" for name in
                  ("l.csv.partial-19", "p.partial-19-0-0.pcap", "l.csv.partial-", "l.csv.partial-x",
                   "l.csv.partial-0", f"l.csv.partial-0{process}", f"other.csv.partial-{process}",
                   f"p.partial-{process}-9-9.pcap",
                   f"p-0-0.pcap.partial-{process}")}
        for name, content in others.items():
            (self.folder / name).write_bytes(content)
        with contextlib.ExitStack() as living:
            for name in [*others][:2]:
                file = living.enter_context(open(self.folder / name, encoding="utf-8"))
                fcntl.flock(file, fcntl.LOCK_EX)
            self.assertEqual(run(5).returncode, 0)
        files = self.list_files()
        self.assertEqual({name: files[name] for name in others}, others)
        self.assertEqual(set(files) - set(others),
                         {"l.csv", "p-0-0.pcap", "p-1-0.pcap", "p-1-1.pcap", "p-2-0.pcap"})

    def test_captures_are_whole_or_not_there(self):
        def fail(*arguments):
            before = self.list_files()
            def limit():
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (200000, 200000))
                resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
            done = self.run_program("portend-3tier", *arguments, "--quiet", "--pcap=p",
                                    preexec_fn=limit)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertEqual(self.list_files(), before)
            return done.stderr
        self.assertEqual(self.run_program("portend-3tier", "--samples=5", "--pcap=p",
                                          "--quiet").returncode, 0)
        self.assertRegex(fail("--samples=500"), r"0\.pcap: could not be written to its end\n")
        # More links than files may be open.
        tiers, links = [{"device": "a1.medium"}] * 12, [{"bandwidth": "1Mbps", "delay": "1ms"}] * 11
        (self.folder / "long.json").write_text(json.dumps({
            "schema_version": 1, "profile": "resnet110-cifar10", "tiers": tiers, "links": links,
            "deployment": "0:1-25,1:26-40@0.1"}), encoding="utf-8")
        self.assertIn("cannot be written: Too many open files", fail("--scenario=long.json"))
        # A link stays one: all are written in place then.
        os.replace(self.folder / "p-1-1.pcap", self.folder / "elsewhere")
        (self.folder / "p-1-1.pcap").symlink_to("elsewhere")
        self.assertEqual(self.run_program("portend-3tier", "--samples=5", "--pcap=p",
                                          "--quiet").returncode, 0)
        self.assertTrue((self.folder / "p-1-1.pcap").is_symlink())
        self.assertEqual(len(self.list_files()), 6)

    def test_readers_that_leave(self):
        with subprocess.Popen([PROGRAMS / "portend-3tier", "--samples=50000", "--csv=-",
                               "--json=j.json", "--quiet"], cwd=self.folder,
                              stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            process.stdout.close()
        self.assertEqual(process.returncode, -signal.SIGPIPE)
        self.assertEqual(self.list_files(), {})


if __name__ == "__main__":
    unittest.main()
