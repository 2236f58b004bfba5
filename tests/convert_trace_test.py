#!/usr/bin/python3
"""Tests of scripts/convert-trace, on small files of each format's layout."""

import json
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "scripts" / "convert-trace"
CHAPTER = ROOT / "contrib" / "portend" / "doc" / "changing-links.rst"

FCC_HEADER = ("unit_id,dtime,target,address,fetch_time,bytes_total,bytes_sec,bytes_sec_interval,"
              "warmup_time,warmup_bytes,sequence,threads,successes,failures,location_id")
IRISH_HEADER = ("Timestamp,Longitude,Latitude,Speed,Operatorname,CellID,NetworkMode,RSRP,RSRQ,SNR,"
                "CQI,RSSI,DL_bitrate,UL_bitrate,State")
GOPHERS_HEADER = "protocol,num_tcp_conn,seq_num,A_throughput_mbps,B_throughput_mbps"


class Test(unittest.TestCase):
    """A test with a folder for its files."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.out = self.folder / "out.csv"

    def run_script(self, content, *options, name="trace"):
        """Run the script on a file of this content, text or JSON."""
        path = self.folder / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content),
                            encoding="utf-8")
        return subprocess.run([SCRIPT, path, *options], capture_output=True, text=True, check=False)

    def take(self, content, *options):
        """Convert, and return what was printed and the table's text.

        The table converted once more must be the same.
        """
        done = self.run_script(content, "-o", self.out, *options)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        table = self.out.read_text()
        again = self.run_script(table, "-o", "-", name="again")
        self.assertEqual((again.returncode, again.stderr, again.stdout), (0, "", table))
        return done.stdout, table

    def refuse(self, content, *words, options=()):
        """The script ends with a line that has these words, and writes nothing."""
        self.out.unlink(missing_ok=True)
        done = self.run_script(content, "-o", self.out, *options)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertFalse(self.out.exists(), done.stderr)

    def assert_told(self, text, name, *values):
        """The line of a trace has these values.

        Args:
            text: What was printed.
            name: The trace's name.
            values: Steps, duration, mean, minimum, maximum, time at 0, intervals at 0.
        """
        line, = re.findall(rf"^  {name} +([-+.0-9 ]+)$", text, re.MULTILINE)
        self.assertEqual([float(word) for word in line.split()], list(values))


class FormatTest(Test):
    """What each format means."""

    def test_portend(self):
        table = ("time_s,bandwidth_bps,delay_ms,loss\n0,1000000,20,\n1.5,0,20,0.25\n2,0,,0.25\n"
                 "4,2500000.5,1.25,1\n5,7000000,20,0\n")
        text, out = self.take(table)
        self.assertEqual(out, table)
        self.assertIn(": portend, a row is b/s from this time on\n", text)
        # (1.5 * 1 + 2.5 * 0 + 1 * 2.5000005) Mb / 5 s; the last row only ends the trace.
        self.assert_told(text, "link", 4, 5, 0.8, 0, 2.5, 2.5, 1)
        self.assertTrue(text.endswith("out.csv: 5 rows\n"), text)

    def test_portend_as_others_write_it(self):
        for content in ("\ufeff# made\n\nbandwidth_bps , time_s\r\n2e6,10.0\r\n 4.0e6 ,\"12\"\r\n",
                        "time_s,bandwidth_bps\n0,2000000.0\n1,2000000\n1,2e6\n2,4000000\n"):
            text, out = self.take(content)
            self.assertTrue(out.startswith("time_s,bandwidth_bps\n0,2000000\n"), out)
            self.assertTrue(out.endswith("\n2,4000000\n"), out)
        self.assertIn("rows left out, as the next has the same time: 1", text)

    def test_one_row_holds_for_ever(self):
        text, out = self.take("time_s,bandwidth_bps\n3,1000000\n")
        self.assertEqual(out, "time_s,bandwidth_bps\n0,1000000\n")
        self.assert_told(text, "link", 1, 0, 1, 1, 1, 0, 0)

    def test_mahimahi(self):
        # Bins of 100 ms: 0, 1, 100 | 101 | none | 301, 400, 400 | 401 to 450 ms: 450.
        content = "0\n1\n100\n101\n301\n400\n400\n450\n"
        text, out = self.take(content)
        self.assertEqual(out, "time_s,bandwidth_bps\n0,360000\n0.1,120000\n0.2,0\n0.3,360000\n"
                              "0.4,240000\n0.45,240000\n")
        # 8 * 12,000 b / 0.45 s
        self.assert_told(text, "link", 5, 0.45, 0.21333, 0, 0.36, 0.1, 1)
        # Gaps 1, 99, 1, 200, 99, 50 ms: (1 + 9801 + 1 + 40000 + 9801 + 2500) / 2 / 450.
        self.assertIn("an idle link waits 69.004 ms on average for its next opportunity, 200 ms at "
                      "most", text)
        self.assertIn("opportunities: 8, spread over bins of 100 ms", text)

    def test_bins_keep_what_mahimahi_delivers(self):
        # Of one ms: 2 opportunities in the 3rd, 1 in the 7th.
        content = "\n3\r\n3\r\n7\r\n"
        self.assertEqual(self.take(content, "--bin=1ms")[1],
                         "time_s,bandwidth_bps\n0,0\n0.002,24000000\n0.003,0\n0.006,12000000\n"
                         "0.007,12000000\n")
        for width in ("1ms", "2ms", "3ms", "5ms", "7ms", "1s"):
            text, _ = self.take(content, f"--bin={width}")
            line, = re.findall("^  link .*", text, re.MULTILINE)
            self.assertEqual(line.split()[2:4], ["0.007", "5.14286"])  # 3 * 12,000 b / 7 ms

    def test_a_long_silence_is_one_step(self):
        self.assertEqual(self.take("1\n86400000\n", "--bin=1ms")[1],
                         "time_s,bandwidth_bps\n0,12000000\n0.001,0\n86399.999,12000000\n"
                         "86400,12000000\n")

    def test_pensieve(self):
        text, out = self.take("0.0\t2\n0.5 4\n\n2.5\t0\n3.0\t100\n")
        self.assertEqual(out, "time_s,bandwidth_bps\n0,2000000\n0.5,4000000\n2.5,0\n3,100000000\n")
        # (0.5 * 2 + 2 * 4 + 0.5 * 0) Mb / 3 s
        self.assert_told(text, "link", 3, 3, 3, 0, 4, 0.5, 1)

    def test_ghent(self):
        # The interval of a row ends with it: the first begins 1 s before, the second is not known
        # for 0.5 s, the third had nothing.
        text, out = self.take("1453121790686 39287 51.03 3.73 2500000 1000\n"
                              "1453121792186 40787 51.03 3.73 500000 1000\n"
                              "1453121793185 41786 51.03 3.73 0 0999\n")
        self.assertIn(": ghent,", text)
        self.assertEqual(out, "time_s,bandwidth_bps\n0,20000000\n1,4000000\n2,0\n2.999,0\n")
        # 24 Mb / 2.999 s
        self.assert_told(text, "link", 3, 2.999, 8.00267, 0, 20, 0.999, 1)
        self.assertIn("not measured, and is left out: 0.500 s", text)

    def test_norway(self):
        text, out = self.take("1289406399 549692 59.851754 10.781778 250000 1000\n"
                              "1289406401 551692 59.85206  10.781969 125000 2000\n")
        self.assertIn(": norway,", text)
        self.assertEqual(out, "time_s,bandwidth_bps\n0,2000000\n1,500000\n3,500000\n")
        self.assert_told(text, "link", 2, 3, 1, 0.5, 2, 0, 0)
        self.assertNotIn("left out", text)

    def make_fcc(self):
        """Two units; 386 has tests of 5 s + 3 s and of 5 s, later ones first, and a failed one."""
        def row(unit, time, fetch, rate, sequence, successes=1):
            return (f"{unit},2015-01-31 {time},sp1.example,10.0.0.1,{fetch},1,1,{rate},0,0,"
                    f"{sequence},3,{successes},{1 - successes},9")

        return [row(386, "12:00:00", 5000000, 250000, 0), row(390, "11:00:00", 5000000, 625000, 0),
                row(386, "10:00:00", 5000000, 1000000, 0), row(386, "10:00:00", 8000000, 500000, 1),
                row(386, "11:00:00", 0, 0, 0, 0)]

    def test_fcc(self):
        for lines in ([FCC_HEADER, *self.make_fcc()], ["#" + FCC_HEADER, *self.make_fcc()],
                      self.make_fcc(), [line.rsplit(",", 1)[0] for line in self.make_fcc()]):
            text, out = self.take("\n".join(lines) + "\n")
            self.assertIn(": fcc,", text)
            self.assertEqual(out, "time_s,bandwidth_bps\n0,8000000\n5,4000000\n8,2000000\n"
                                  "13,2000000\n")
            # (5 * 8 + 3 * 4 + 5 * 2) Mb / 13 s
            self.assert_told(text, "386", 3, 13, 4.76923, 2, 8, 0, 0)
            self.assert_told(text, "390", 1, 5, 5, 5, 5, 0, 0)
            self.assertIn("386: tests, one after the other: 2", text)
            self.assertIn("386: rows left out, as the test failed: 1", text)
            self.assertIn("the trace '386' of 2", text)
        self.assertEqual(self.take("\n".join(lines), "--trace=390")[1],
                         "time_s,bandwidth_bps\n0,5000000\n5,5000000\n")

    def test_many_units(self):
        rows = [self.make_fcc()[1].replace("390", str(unit), 1) for unit in range(1, 31)]
        text, _ = self.take("\n".join(rows), "--trace=30")
        self.assertIn("\n  20 ", text)
        self.assertNotIn("\n  21 ", text)
        self.assertIn("\n  30 ", text)
        self.assertIn("and 9 more", text)

    def test_irish(self):
        def row(time, down, up):
            return f"2017.11.22_{time},-8.5,51.8,4,A,2,LTE,-119,-,2,6,-94,{down},{up},D"

        lines = [IRISH_HEADER, row("23.59.58", "-", 100), row("23.59.59", 4000, 200),
                 row("23.59.59", 6000, 200), row("23.59.59", 2000, "-"),
                 "2017.11.23_00.00.02,-8.5,51.8,4,A,2,LTE,-119,-,2,6,-94,0,300,I",
                 "2017.11.23_00.00.03,-8.5,51.8,4,A,2,LTE,-119,-,2,6,-94,8000,300,I"]
        text, out = self.take("\n".join(lines))
        # The last of a second holds until the next: 3 s of 2 Mb/s, 1 s of 0.
        self.assertEqual(out, "time_s,bandwidth_bps\n0,2000000\n3,0\n4,8000000\n")
        self.assert_told(text, "down", 2, 4, 1.5, 0, 2, 1, 1)
        # 1 s of 0.1, 3 s of 0.2, 1 s of 0.3
        self.assert_told(text, "up", 3, 5, 0.2, 0.1, 0.3, 0, 0)
        self.assertIn("down: rows left out, as they have no value: 1", text)
        self.assertIn("down: rows left out, as the next has the same time: 2", text)
        self.assertEqual(self.take("\n".join(lines), "--trace=up")[1],
                         "time_s,bandwidth_bps\n0,100000\n1,200000\n4,300000\n5,300000\n")

    def test_5gophers(self):
        # A second for each row, wherever seconds are missing.
        content = "\n".join([GOPHERS_HEADER, "TCP,8,0,0,100.5", "TCP,8,1,0.0,200", "TCP,8,5,0,",
                             "TCP,8,6,6,0"])
        text, out = self.take(content)
        self.assertEqual(out, "time_s,bandwidth_bps\n0,0\n1,0\n2,0\n3,6000000\n4,6000000\n")
        self.assert_told(text, "A", 4, 4, 1.5, 0, 6, 3, 1)
        self.assert_told(text, "B", 3, 3, 100.16667, 0, 200, 1, 1)
        self.assertIn("A: seconds that have no row, and are left out: 3", text)
        self.assertEqual(self.take(content, "--trace=B")[1],
                         "time_s,bandwidth_bps\n0,100500000\n1,200000000\n2,0\n3,0\n")
        text, _ = self.take("protocol,seq_num,radio_type,throughput_mbps\nTCP,1,5G,3\nTCP,2,5G,5\n")
        self.assert_told(text, "link", 2, 2, 4, 3, 5, 0, 0)

    def test_the_default_is_a_trace_that_is_not_all_zero(self):
        content = GOPHERS_HEADER + "\nTCP,8,0,0,7\nTCP,8,1,0,7\n"
        text, out = self.take(content)
        self.assertIn("the trace 'B' of 2", text)
        self.assertIn("7000000", out)
        self.refuse(content, "found 0 b/s in every row of A", options=["--trace=A"])

    def test_alphartc(self):
        pattern = [{"duration": 500, "capacity": 0, "loss": 0.5},
                   {"duration": 1000, "capacity": 300, "rtt": 81, "jitter": 0},
                   {"capacity": 600, "jitter": 3},
                   {"duration": 2500, "loss": None}]
        content = {"type": "video", "downlink": {}, "uplink": {"trace_pattern": pattern}}
        text, out = self.take(content)
        self.assertEqual(out, "time_s,bandwidth_bps,delay_ms,loss\n0,0,,0.5\n0.5,300000,40.5,0.5\n"
                              "1.5,600000,40.5,0.5\n2.5,600000,40.5,0.5\n5,600000,40.5,0.5\n")
        # (0.5 * 0 + 1 * 0.3 + 3.5 * 0.6) Mb / 5 s
        self.assert_told(text, "up", 4, 5, 0.48, 0, 0.6, 0.5, 1)
        self.assertIn("the jitter is left out", text)
        del content["downlink"], content["type"]
        self.assertEqual(self.take(content)[1], out)
        content["downlink"] = {"trace_pattern": [{"duration": 1, "capacity": 9}]}
        text, _ = self.take(content, "--trace=down")
        self.assertIn("the trace 'down' of 2", text)
        self.assertEqual(self.out.read_text(), "time_s,bandwidth_bps\n0,9000\n0.001,9000\n")


class ChoiceTest(Test):
    """What the user chooses."""

    def test_a_format_may_be_named(self):
        # Were it not named, this would be an epoch in s.
        line = "145312179068 39287 51.03 3.73 2500000 1000\n"
        self.assertIn(": ghent,", self.take(line)[0])
        self.assertIn(": norway,", self.take(line, "--format=norway")[0])
        self.refuse("5\n7\n", "trace:1: found '5'; allowed: 2 values, time_s mbps",
                    options=["--format=pensieve"])
        self.refuse("5\n7\n", "trace:1: no column 'time_s'", options=["--format=portend"])

    def test_without_output_nothing_is_written(self):
        done = self.run_script("0 1\n1 1\n")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertNotIn("wrote", done.stdout)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["trace"])

    def test_standard_output_has_the_table_alone(self):
        done = self.run_script("0 1\n1 1\n", "-o", "-")
        self.assertEqual(done.stdout, "time_s,bandwidth_bps\n0,1000000\n1,1000000\n")

    def test_the_input_stays(self):
        done = self.run_script("0 1\n1 1\n", "-o", self.folder / "trace")
        self.assertEqual(done.returncode, 2)
        self.assertIn("which is read", done.stderr)

    def test_unfit_options(self):
        self.refuse("0 1\n1 1\n", "--bin", "pensieve; allowed: mahimahi", options=["--bin=1s"])
        self.refuse("0 1\n1 1\n", "--trace: found 'up'; allowed: link", options=["--trace=up"])
        for width in ("0ms", "100", "1.5ms", "-1ms", "1h"):
            done = self.run_script("1\n", f"--bin={width}")
            self.assertEqual(done.returncode, 2)
            self.assertIn("whole number of ms, above 0, such as 100ms (ms, s)", done.stderr)

    def test_help_and_chapter_have_every_format(self):
        done = subprocess.run([SCRIPT, "--help"], capture_output=True, text=True, check=True)
        names = re.search(r"--format \{(.*?)\}", done.stdout)[1].split(",")
        self.assertEqual(len(names), 9)
        chapter = CHAPTER.read_text(encoding="utf-8")
        for name in names:
            self.assertRegex(done.stdout, rf"(?m)^  {name} ")
            self.assertRegex(chapter, rf"(?m)^``{name}`` ")


class RefusalTest(Test):
    """Bad input is told by file, row, value and what is allowed, and nothing is written."""

    def test_unknown_formats(self):
        for content in ("", "\n\n", "# only\n", "hello world\n", "a,b,c\n1,2,3\n", "1 2 3\n",
                        '{"uplink": 3}', "nan\n"):
            self.refuse(content, "trace: found '", "looked for: a header with time_s and "
                        "bandwidth_bps (portend); lines of one number (mahimahi);",
                        "(5gophers); JSON with trace_pattern (alphartc)")
        self.refuse(b"\xff\xfe0\x00", "not text in UTF-8")

    def test_no_rows(self):
        for header in ("time_s,bandwidth_bps\n", FCC_HEADER, IRISH_HEADER, GOPHERS_HEADER,
                       {"uplink": {"trace_pattern": []}}):
            self.refuse(header, "trace: found no row of a trace")
        self.refuse(IRISH_HEADER + "\n2017.11.22_10.07.03,1,1,4,A,2,LTE,1,-,2,6,-94,-,-,D",
                    "trace: found no row of a trace")

    def test_all_zero(self):
        for content in ("time_s,bandwidth_bps\n0,0\n5,0\n", "0 0\n1 0\n",
                        "1453121790686 39287 51.03 3.73 0 1000\n",
                        {"uplink": {"trace_pattern": [{"duration": 5, "capacity": 0}]}}):
            self.refuse(content, "trace: found 0 b/s in every row of", "allowed: a trace that lets")

    def test_times_that_fall(self):
        for content, *words in (
                ("time_s,bandwidth_bps\n0,1\n5,1\n4.5,1\n", "trace:4: time_s: found '4.5'", "least 5,"),
                ("0 1\n5 1\n4.5 1\n", "trace:3: time_s: found '4.5'; allowed: at least 5, as in"),
                ("5\n7\n6\n", "trace:3: ms: found '6'; allowed: at least 7"),
                ("1453121790686 9 1 1 1 1\n1453121790685 10 1 1 1 1\n", "trace:2: epoch", "685'"),
                ("1453121790686 9 1 1 1 1\n1453121790687 8 1 1 1 1\n", "trace:2: elapsed_ms"),
                (GOPHERS_HEADER + "\nTCP,8,3,1,1\nTCP,8,2,1,1\n", "trace:3: seq_num: found '2'"),
                (IRISH_HEADER + "\n" + "\n".join(
                    f"2017.11.22_10.07.0{second},1,1,4,A,2,LTE,1,-,2,6,-94,5,5,D"
                    for second in (3, 2)), "trace:3: Timestamp", "07.02'; allowed: at least 2017")):
            self.refuse(content, *words)

    def test_values(self):
        fcc = FormatTest.make_fcc(self)[0]
        for content, *words in (
                ("time_s,bandwidth_bps\n0,-1\n", "trace:2: bandwidth_bps: found '-1'", "0 to 1e+15"),
                ("time_s,bandwidth_bps\n0,inf\n", "trace:2: bandwidth_bps: found 'inf'"),
                ("time_s,bandwidth_bps\n-1,5\n", "trace:2: time_s: found '-1'; allowed: seconds from"),
                ("time_s,bandwidth_bps\n0,5\nnan,5\n", "trace:3: time_s: found 'nan'"),
                ("time_s,bandwidth_bps\n0,\n", "trace:2: bandwidth_bps: found ''"),
                ("time_s,bandwidth_bps\n0,1e16\n", "bandwidth_bps: found '1e16'"),
                ("time_s,bandwidth_bps,loss\n0,1,1.5\n", "trace:2: loss: found '1.5'", "0 to 1"),
                ("time_s,bandwidth_bps,delay_ms\n0,1,-2\n", "trace:2: delay_ms: found '-2'"),
                ("time_s,bandwidth_bps,delay\n0,1,2\n", "found the column 'delay'; allowed: time_s"),
                ("0 1\n1 -2\n", "trace:2: mbps: found '-2'; allowed: Mb/s from 0 to 1e+09"),
                ("0 1\n1 nan\n", "trace:2: mbps: found 'nan'"),
                ("0 1\n1 2 3\n", "trace:2: found '1 2 3'; allowed: 2 values, time_s"),
                ("5\n-7\n", "trace:2: ms: found '-7'; allowed: a whole number of ms"),
                ("5\n7.5\n", "trace:2: ms: found '7.5'"),
                ("0\n0\n", "trace:2: ms: found '0'; allowed: more than 0 at the end"),
                ("1453121790686 9 1 1 -1 1\n", "trace:1: bytes: found '-1'"),
                ("1453121790686 9 1 1 1 0\n", "trace:1: ms: found '0'"),
                ("1453121790686 9 1 1 1\n", "found '1453121790686 9 1 1 1'; looked for"),
                (fcc.replace("250000", "-1"), "trace:1: bytes_sec_interval: found '-1'"),
                (FCC_HEADER + "\n" + fcc.replace("2015-01-31", "31.1.2015"), "trace:2: dtime"),
                (FCC_HEADER.replace(",sequence", "") + "\n", "no column 'sequence'"),
                (IRISH_HEADER + "\n2017-11-22 10:07:03,1,1,4,A,2,LTE,1,-,2,6,-94,5,5,D",
                 "trace:2: Timestamp", "a time such as 2017.11.22_10.07.03"),
                (IRISH_HEADER + "\n2017.11.22_10.07.03,1,1,4,A,2,LTE,1,-,2,6,-94,x,5,D",
                 "trace:2: DL_bitrate: found 'x'; allowed: kb/s from 0"),
                (GOPHERS_HEADER + "\nTCP,8,0,1,-5\n", "trace:2: B_throughput_mbps: found '-5'")):
            with self.subTest(content=content):
                self.refuse(content, *words)

    def test_alphartc_values(self):
        def make(**more):
            return {"uplink": {"trace_pattern": [{"duration": 5, "capacity": 9, **more}]}}

        for content, *words in (
                (make(capacity=-1), "trace: /uplink/trace_pattern/0/capacity: found -1"),
                (make(capacity="9"), '/0/capacity: found "9"'),
                (make(capacity=None), "/0/capacity: found null"),
                (make(loss=1.01), "/0/loss: found 1.01", "0 to 1"),
                (make(duration=4e12, capacity=1e13), "/0/capacity"),
                ({"uplink": {"trace_pattern": [{"duration": 5}]}}, "/0/capacity is missing"),
                ({"uplink": {"trace_pattern": {}}}, "/uplink/trace_pattern: found {}"),
                ({"uplink": {"trace_pattern": [{"duration": 4e12, "capacity": 1}] * 2}},
                 "found a trace of 8e+09 s; allowed: 4e+09 s"),
                ('{"uplink": {"trace_pattern": [{"duration": NaN}]}}', "line 1 column 44: found NaN"),
                ([1, "trace_pattern"], "looked for")):
            with self.subTest(content=content):
                self.refuse(content, *words)


if __name__ == "__main__":
    unittest.main()
