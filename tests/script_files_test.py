#!/usr/bin/python3
"""Tests of what all scripts share: how they write and read files, and how they end."""

import fcntl
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from csv_file import parse_csv, read_csv  # noqa: E402  (lie in scripts)
from json_file import Value, parse_json, read_json  # noqa: E402
from plain_text import make_plain  # noqa: E402
from script import BadInput  # noqa: E402
from whole_file import check_outputs, open_scratch, write_whole  # noqa: E402


def run(code, *arguments, **options):
    """Run a script that consists of some lines, below `main`."""
    text = ("import sys\n"
            f"sys.path.insert(0, {str(ROOT / 'scripts')!r})\n"
            "import script\n"
            "from script import say\n"
            "from whole_file import check_outputs, write_whole\n"
            "def main():\n" + textwrap.indent(textwrap.dedent(code), "    ")
            + "\n    return 0\nscript.run(main)\n")
    return subprocess.run([sys.executable, "-c", text, *arguments], capture_output=True, text=True,
                          check=False, **options)


class Test(unittest.TestCase):
    """A test with a folder for its files."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def refuse(self, message, function, *arguments):
        """A function complains with a message that has these words."""
        with self.assertRaises(BadInput) as caught:
            function(*arguments)
        self.assertIn(message, str(caught.exception))


class WriteTest(Test):
    """Outputs."""

    def test_plain_files_are_replaced(self):
        new, old = self.folder / "new", self.folder / "old"
        old.write_text("old")
        inode = old.stat().st_ino
        write_whole({new: "ä", old: b"\xff"})
        self.assertEqual((new.read_bytes(), old.read_bytes()), ("ä".encode(), b"\xff"))
        self.assertNotEqual(old.stat().st_ino, inode)
        mask = os.umask(0)
        os.umask(mask)
        self.assertEqual(stat.S_IMODE(new.stat().st_mode), 0o666 & ~mask)
        self.assertEqual({path.name for path in self.folder.iterdir()}, {"new", "old"})

    def test_links_stay_links(self):
        target, link, dangling = (self.folder / name for name in ("target", "link", "dangling"))
        target.write_text("old, and longer than what is new")
        link.symlink_to("target")
        dangling.symlink_to("made")
        check_outputs([link, dangling])
        write_whole({link: "new", dangling: "made"})
        self.assertTrue(link.is_symlink() and dangling.is_symlink())
        self.assertEqual((target.read_text(), (self.folder / "made").read_text()), ("new", "made"))

    def test_fifos_stay_fifos(self):
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        with subprocess.Popen(["cat", fifo], stdout=subprocess.PIPE, text=True) as reader:
            check_outputs([fifo])
            write_whole({fifo: "through"})
            self.assertEqual(reader.communicate()[0], "through")
        self.assertTrue(fifo.is_fifo())

    def test_process_substitution(self):
        done = subprocess.run(
            ["bash", "-c", f"{sys.executable} -c 'import sys; "
             f"sys.path.insert(0, \"{ROOT / 'scripts'}\"); from whole_file import *; "
             f"write_whole({{sys.argv[1]: \"through\"}})' >(cat > {self.folder}/out); sleep 0.5"],
            capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual((self.folder / "out").read_text(), "through")

    def test_dash_is_the_standard_output(self):
        done = run("check_outputs(['-'])\nwrite_whole({'-': 'whole'})", cwd=self.folder)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "whole", ""))
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_names_of_the_standard_output_do_not_start_it_anew(self):
        out = self.folder / "out"
        with open(out, "wb") as file:
            done = subprocess.run(
                [sys.executable, "-c", "import sys; sys.path.insert(0, sys.argv[1]); "
                 "from script import say; from whole_file import write_whole; say('before'); "
                 "write_whole({'/dev/stdout': 'within\\n'}); say('after')", ROOT / "scripts"],
                stdout=file, check=False)
        self.assertEqual((done.returncode, out.read_text()), (0, "before\nwithin\nafter\n"))

    def test_devices(self):
        write_whole({"/dev/null": "gone"})
        self.assertTrue(Path("/dev/null").is_char_device())
        check_outputs(["/dev/null", "/dev/null"])
        self.refuse("/dev/full: cannot be written: No space left", write_whole, {"/dev/full": "x"})
        for code in ("say('x')", "write_whole({'-': 'x'})"):
            with open("/dev/full", "wb") as full:
                done = subprocess.run(
                    [sys.executable, "-c", "import sys; sys.path.insert(0, sys.argv[1]); "
                     "import script; from script import say; from whole_file import write_whole\n"
                     f"script.run(lambda: {code})", ROOT / "scripts"],
                    stdout=full, stderr=subprocess.PIPE, text=True, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertIn("No space left", done.stderr)

    def test_all_or_none(self):
        first, second = self.folder / "first", self.folder / "none" / "second"
        first.write_text("old")
        self.refuse("none/second: cannot be written", write_whole, {first: "new", second: "new"})
        self.refuse("/dev/full", write_whole, {first: "new", "/dev/full": "new"})
        self.assertEqual(first.read_text(), "old")
        self.assertEqual(list(self.folder.iterdir()), [first])

    def test_same_files_are_refused(self):
        source, hard, soft = (self.folder / name for name in ("source", "hard", "soft"))
        source.write_text("data")
        os.link(source, hard)
        soft.symlink_to("source")
        around = self.folder / ".." / self.folder.name / "source"
        for name in (source, hard, soft, around, os.path.relpath(source)):
            self.refuse("which is read", check_outputs, [name], [source])
        new = self.folder / "new"
        soft_new = self.folder / "soft-new"
        soft_new.symlink_to("new")
        for name in (new, self.folder / ".." / self.folder.name / "new", soft_new):
            self.refuse("which is written too", check_outputs, [new, name])
        self.refuse("which is written too", check_outputs, ["-", "-"])
        check_outputs([new, self.folder / "other"], [source])

    def test_what_cannot_be_written(self):
        for name, words in ((self.folder, "it is a folder"),
                            (self.folder / "none" / "file", "there is no folder"),
                            (self.folder / ("n" * 300), "")):
            with self.subTest(name=name):
                if words:
                    self.refuse(words, check_outputs, [name])
                self.refuse("cannot be written", write_whole, {name: "x"})

    def test_what_the_killed_left(self):
        target = self.folder / "a.csv"
        left = [self.folder / name for name in ("a.csv.partial-18", "a.csv.partial-4194304")]
        others = [self.folder / name for name in
                  ("a.csv.partial-19", "a.csv.partial-", "a.partial-x", "a.csv.partial-0",
                   "aXcsv.partial-18", "b.csv.partial-18", "a.csv.partial-18.gz",
                   "a.csv.partial-018")]
        for file in (*left, *others):
            file.write_text("half")
        with open(others[0], encoding="utf-8") as living:
            fcntl.flock(living, fcntl.LOCK_EX)
            write_whole({target: "whole"})
        self.assertEqual(target.read_text(), "whole")
        self.assertEqual(sorted(self.folder.iterdir()), sorted([target, *others]))
        # Really killed.
        code = ("import os, signal, whole_file\n"
                "whole_file.os.replace = lambda *names: os.kill(os.getpid(), signal.SIGKILL)\n"
                "write_whole({sys.argv[1]: 'x'})")
        self.assertEqual(run(code, self.folder / "c").returncode, -signal.SIGKILL)
        self.assertEqual(len([*self.folder.glob("c.partial-*")]), 1)
        write_whole({self.folder / "c": "whole"})
        self.assertEqual([*self.folder.glob("c*")], [self.folder / "c"])

    def test_scratch_files(self):
        with open_scratch("text", ".txt") as name:
            self.assertEqual((Path(name).read_text(), Path(name).suffix), ("text", ".txt"))
        self.assertFalse(Path(name).exists())
        done = run("import tempfile, whole_file\ntempfile.tempdir = '/none'\n"
                   "with whole_file.open_scratch('x', '.txt'): pass")
        self.assertEqual(done.returncode, 2)
        self.assertIn("a temporary file cannot be written: No such file", done.stderr)
        # The file system takes no more than 1000 bytes.
        done = run("import resource, whole_file\n"
                   "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
                   "with whole_file.open_scratch('x' * 5000, '.txt'): pass")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def test_full_file_systems(self):
        target = self.folder / "target"
        target.write_text("old")
        done = run("import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
                   "write_whole({sys.argv[1]: 'x' * 5000})", target)
        self.assertEqual(done.returncode, 2)
        self.assertIn("cannot be written: File too large", done.stderr)
        self.assertEqual(target.read_text(), "old")
        self.assertEqual(list(self.folder.iterdir()), [target])

    def test_names_that_are_no_text(self):
        name = os.fsdecode(bytes(self.folder) + b"/d\xfe")
        write_whole({name: f"{name}\n"})
        self.assertEqual(os.listdir(bytes(self.folder)), [b"d\xfe"])
        self.assertIn("d\ufffd", Path(name).read_text(encoding="utf-8"))


class EndTest(Test):
    """How scripts end."""

    def test_full_standard_output(self):
        for script in (ROOT / "ns3", *sorted((ROOT / "scripts").iterdir()),
                       ROOT / "benchmarks" / "report-benchmark"):
            if script.is_dir() or not os.access(script, os.X_OK):
                continue
            with self.subTest(script.name), open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run([script, "--help"], stdout=full, stderr=subprocess.PIPE,
                                      text=True, check=False)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertRegex(done.stderr, rf"\A{script.name}: the standard output cannot be "
                                              r"written[^\n]*\n\Z")
                done = subprocess.run([script, "--help"], stderr=subprocess.PIPE, text=True,
                                      check=False, preexec_fn=lambda: os.close(1))
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertRegex(done.stderr, rf"\A{script.name}: the standard output [^\n]*\n\Z")

    def test_status_and_message(self):
        done = run("raise script.BadInput('a\\nb' + chr(0xdcfe) + chr(0x202e) + 'c')")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertEqual(done.stderr, "-c: a\ufffdb\ufffd\ufffdc\n")
        done = run("import programs\nraise programs.Failure('it failed', 2)")
        self.assertEqual((done.returncode, done.stderr), (1, "-c: it failed\n"))

    def test_signals_leave_nothing(self):
        code = ("import time, whole_file\n"
                "rename = whole_file.os.replace\n"
                "def wait(*names):\n"
                "    print('ready', flush=True)\n"
                "    time.sleep(60)\n"
                "whole_file.os.replace = wait\n"
                "write_whole({sys.argv[1]: 'x' * 100000, sys.argv[2]: 'y'})")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number=number):
                text = (f"import sys\nsys.path.insert(0, {str(ROOT / 'scripts')!r})\n"
                        "import script\nfrom whole_file import write_whole\ndef main():\n"
                        + textwrap.indent(code, "    ") + "\nscript.run(main)\n")
                with subprocess.Popen([sys.executable, "-c", text, self.folder / "a",
                                       self.folder / "b"], stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, text=True) as child:
                    self.assertEqual(child.stdout.readline(), "ready\n")
                    self.assertEqual(len(list(self.folder.iterdir())), 2)
                    child.send_signal(number)
                    _, errors = child.communicate()
                self.assertEqual((child.returncode, errors), (-number, ""))
                self.assertEqual(list(self.folder.iterdir()), [])

    def test_programs_end_with_the_script(self):
        build = self.folder / "build" / "scenarios"
        build.mkdir(parents=True)
        program = build / "sleeper"
        program.write_text("#!/bin/sh\necho $$ > \"$1\"\nexec sleep 60\n")
        program.chmod(0o755)
        text = (f"import sys\nsys.path.insert(0, {str(ROOT / 'scripts')!r})\n"
                "import script, programs\nfrom concurrent.futures import ThreadPoolExecutor\n"
                "def main():\n    with ThreadPoolExecutor(2) as executor:\n"
                "        list(executor.map(lambda name: programs.run('sleeper', [name]), "
                f"[{str(self.folder)!r} + '/' + name for name in 'abcd']))\n"
                "script.run(main)\n")
        begin = time.monotonic()
        with subprocess.Popen([sys.executable, "-c", text], stderr=subprocess.PIPE, text=True,
                              env={**os.environ,
                                   "PORTEND_BUILD_DIR": str(self.folder / "build")}) as child:
            while not all((self.folder / name).exists() and (self.folder / name).read_text()
                          for name in "ab"):
                time.sleep(0.02)
            child.send_signal(signal.SIGTERM)
            _, errors = child.communicate()
        self.assertEqual((child.returncode, errors), (-signal.SIGTERM, ""))
        self.assertLess(time.monotonic() - begin, 30)
        self.assertFalse((self.folder / "c").exists())


class CsvTest(Test):
    """Tables."""

    def read(self, text):
        """The values of a text, by column."""
        return [row.fields for row in parse_csv(text, "t.csv")]

    def test_as_others_write_them(self):
        expected = [{"a": "1", "b": "x"}, {"a": "2", "b": ""}]
        for text in ("a,b\n1,x\n2,\n", "a,b\r\n1,x\r\n2,\r\n", "a,b\n1,x\n2,", "a,b\r1,x\r2,\r",
                     "\ufeffa,b\n1,x\n2,\n", '"a","b"\n"1","x"\n2,""\n', "a , b\n 1,\tx \n2, \n",
                     "\na,b\n\n1,x\n  \n,\n2,\n\n\n", "# made by hand\na,b\n 1,x\n#2,y\n2,\n",
                     'a , "b"\n "1" , "x" \n2,\n'):
            with self.subTest(text=text):
                path = self.folder / "t.csv"
                path.write_bytes(text.encode())
                self.assertEqual([row.fields for row in read_csv(path)], expected)

    def test_a_header_may_be_given(self):
        row, = parse_csv("\n1,x\n", "t.csv", ["b"], ["a", "b"])
        self.assertEqual((row.place, row.fields), ("t.csv:2", {"a": "1", "b": "x"}))
        self.refuse("t.csv: no column 'c'; found: a, b", list,
                    parse_csv("1,x\n", "t.csv", ["c"], ["a", "b"]))

    def test_quotes(self):
        self.assertEqual(self.read('a,b\n"x, ""y""\nz",2\n'), [{"a": 'x, "y"\nz', "b": "2"}])
        rows = list(parse_csv('a\n"x\ny"\n\n3\n', "t.csv"))
        self.assertEqual([row.line for row in rows], [2, 5])

    def test_bad_tables(self):
        for text, message in (
                ("", "t.csv:1: no column 'a'; found: nothing"),
                ("# only\n", "t.csv:1: no column 'a'; found: nothing"),
                ("b,c\n1,2\n", "t.csv:1: no column 'a'; found: b, c"),
                ("a;b\n1;2\n", "t.csv:1: found semicolons between the columns; allowed: commas"),
                ("a\tb\n1\t2\n", "t.csv:1: found tabs between the columns"),
                ("a,a\n1,2\n", "t.csv:1: the column 'a' is there twice"),
                ("a,b\n1,2\n0,5,1\n", "t.csv:3: the number of values is 3, that of the columns 2"),
                ('a\n1\n"2\n3\n', "t.csv: after line 2: a value in quotation marks has no end"),
                ('a\n"1"2\n', "t.csv: after line 1: a value in quotation marks")):
            with self.subTest(text=text):
                self.refuse(message, list, parse_csv(text, "t.csv", ["a"]))

    def test_numbers(self):
        for text, value in (("1", 1), ("-.5e1", -5), ("+2.", 2), ("True", 1), ("FALSE", 0)):
            row, = parse_csv(f"a\n{text}\n", "t.csv")
            self.assertEqual(row.get_number("a"), value)
        for text in ("nan", "inf", "-Infinity", "1e999", "0x10", "1_000", "٣", "x", '""', "5ms"):
            row, = parse_csv(f"a,b\n{text},1\n", "t.csv")
            self.refuse(f"t.csv:2: a: found '{text.strip(chr(34))}'; allowed: a number",
                        row.get_number, "a")
        row, = parse_csv('a\n"0,5"\n', "t.csv")
        self.refuse("found '0,5'; allowed: a number, with a decimal point", row.get_number, "a")
        row, = parse_csv("a\n1.5\n", "t.csv")
        self.refuse("found '1.5'; allowed: a whole number", row.get_count, "a")
        self.refuse("allowed: small", row.get_number, "a", "small", 0, 1)

    def test_values_in_messages_are_short(self):
        row, = parse_csv(f"a\n{'9' * 100000}x\n", "t.csv")
        with self.assertRaises(BadInput) as caught:
            row.get_number("a")
        self.assertLess(len(str(caught.exception)), 200)


class JsonTest(Test):
    """JSON."""

    def test_bad_documents(self):
        for text, message in (
                ("{", "f: Expecting"), ('{"a": 1, "b": {"c": 1, "c": 2}}', "f: the key 'c' is"),
                ("[NaN]", "f: line 1 column 2: found NaN"),
                ('["1e999",\n 1e999]', "f: line 2 column 2: found 1e999"),
                ("[" * 100000 + "]" * 100000, "f: more than 100"),
                ("[" * 101 + "]" * 101, "f: more than 100"), ("[" * 100000, "f: more than 100"),
                ("9" * 5000, "f: ")):
            with self.subTest(text=text[:50]):
                self.refuse(message, parse_json, text, "f")
        parse_json("[" * 100 + "]" * 100, "f")

    def test_files(self):
        path = self.folder / "f.json"
        path.write_bytes(b"\xef\xbb\xbf{}")
        self.assertEqual(read_json(path), {})
        path.write_bytes(b"\xff")
        self.refuse("not text in UTF-8", read_json, path)
        self.refuse("No such file", read_json, self.folder / "none")

    def test_values_know_their_place(self):
        value = Value({"a": {"b": [1, "x"]}}, "f")
        self.assertEqual(value.get("a", "b").as_list()[0].as_number(), 1)
        self.refuse("f: /a/c is missing", value.get, "a", "c")
        self.refuse("f: /a/b: found [1, \"x\"]; allowed: an object", value.get, "a", "b", "c")
        self.refuse('f: /a/b/1: found "x"; allowed: null, or a number',
                    value.get("a", "b").as_list()[1].as_number)
        self.refuse("allowed: a text", value.get("a").as_text)
        self.refuse("allowed: a list", value.get("a").as_list)
        self.refuse("found true", Value(True, "f").as_number)


class TextTest(unittest.TestCase):
    """Texts that others chose."""

    def test_make_plain(self):
        for text, plain in (("ä$b", "ä$b"), ("a\x1b[1m\nb", "a\ufffd[1m\ufffdb"),
                            ("d\udcfe", "d\ufffd"), ("a\u202eb", "a\ufffdb"), ("שלום", "שלום")):
            self.assertEqual(make_plain(text), plain)
        self.assertEqual(make_plain("abcdefghij", 5), "ab…ij")
        self.assertEqual(make_plain(json.loads('"\\ud800"')), "\ufffd")


if __name__ == "__main__":
    unittest.main()
