#!/usr/bin/python3
"""Tests of scripts/plot: what the figures show is read back from them.

Needs Debian's python3-matplotlib.
"""

import importlib.machinery
import importlib.util
import json
import math
import os
import sqlite3
import struct
import subprocess
import sys
import tempfile
import unittest
import warnings
from pathlib import Path

import result_fixture
from result_fixture import Case

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "scripts" / "plot"


def load_script():
    """The script as a module."""
    sys.path.insert(0, str(SCRIPT.parent))
    loader = importlib.machinery.SourceFileLoader("plot", str(SCRIPT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("plot", loader))
    loader.exec_module(module)
    module.load_matplotlib()
    return module


plot = load_script()
import matplotlib.text as TEXT  # noqa: E402, after its set-up
from result_file import Axis, choose_evenly  # noqa: E402, found through load_script()


def run(*arguments, **options):
    """Run the script."""
    return subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, check=False,
                          **options)


def get_intervals(container):
    """(x, y, half-width) of the vertical error bars of a series."""
    line, _, bars = container
    segments = bars[0].get_segments()
    return [(x, y, (high[1] - low[1]) / 2)
            for (x, y), (low, high) in zip(zip(*line.get_data()), segments)]


class Drawing(unittest.TestCase):
    """A test that draws the figures of a file."""

    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.addCleanup(plot.PLT.close, "all")
        self.path = Path(self.temporary.name) / "result.sqlite"

    def draw(self, name, *arguments):
        """Draw a figure of the file at self.path; returns it and the remark."""
        options = plot.make_parser().parse_args([str(self.path), *arguments])
        source = plot.open_source(self.path)
        if options.where:
            source.keep_where(options.where)
        return plot.FIGURES[name](source, options)

    def query(self, text):
        """What the file says."""
        database = sqlite3.connect(self.path)
        try:
            return database.execute(text).fetchall()
        finally:
            database.close()


class FigureTest(Drawing):
    """The numbers in the figures."""

    def test_sweep_over_bandwidth(self):
        # Written out of order: lines go from left to right all the same.
        result_fixture.write_sweep(self.path, {"bandwidth0": [5e6, 1e6, 20e6]})
        figure, remark = self.draw("sweep")
        axes, = figure.axes
        self.assertEqual(remark, "")
        self.assertEqual(axes.get_xscale(), "log")
        self.assertEqual(axes.get_xlabel(), "bandwidth of link 0 (Mb/s)")
        self.assertEqual(axes.get_ylabel(), "mean latency (ms)")
        figure.canvas.draw()
        ticks = [label.get_text() for label in axes.get_xticklabels()]
        self.assertEqual(ticks, ["1", "5", "20"])
        rows = self.query("SELECT number / 1e6, simulated_latency_ms, simulated_latency_ci95_ms, "
                          "estimated_latency_ms FROM result JOIN axis_value USING (point) "
                          "ORDER BY number")
        shown = get_intervals(axes.containers[0])
        for (x, mean, interval, _), point in zip(rows, shown, strict=True):
            for value, expected in zip(point, (x, mean, interval), strict=True):
                self.assertAlmostEqual(value, expected)
        estimates = list(zip(*axes.lines[0].get_data()))
        self.assertEqual(estimates, [(row[0], row[3]) for row in rows])
        # Over 5 Mb/s, where 0.275 travel on: deserialization 0.5275, computation 45 + 0.275 * 7.5,
        # serialization 0.355, propagation 0.275 * 40, transmission 0.275 * 58.08.
        self.assertAlmostEqual(estimates[1][1], 74.917)

    def test_sweep_of_two_axes_has_a_series_for_each_value(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20, 40], "deployment": [0, 25]})
        figure, _ = self.draw("sweep")
        axes, = figure.axes
        self.assertEqual(axes.get_xlabel(), "propagation delay of link 0 (ms)")
        self.assertEqual(len(axes.containers), 2)
        words = [text.get_text() for legend in figure.legends + list(figure.artists)
                 for text in legend.get_texts()]
        self.assertIn("1:1-40", words)
        self.assertIn("0:1-25,1:26-40", words)
        # Everything on tier 1: all 40 blocks' input travels there and the result back.
        for delay, estimate in zip(*axes.lines[0].get_data(), strict=True):
            self.assertAlmostEqual(estimate, 0.6 + 20 + 0.5 + 2 * delay + 8e3 * 36300 / 10e6)

    def test_sweep_of_many_series_and_points(self):
        result_fixture.write_sweep(self.path, {"bandwidth0": [1e6 + 1e5 * i for i in range(40)],
                                               "delay0": range(1, 12)}, cdf=False)
        figure, remark = self.draw("sweep")
        self.assertEqual(remark, "6 of 11 series, evenly chosen; --where chooses")
        bands = figure.axes[0].collections
        self.assertEqual(len(bands), 6)
        figure, remark = self.draw("sweep", "--where=delay0=11ms")
        self.assertEqual(remark, "")
        self.assertEqual(len(figure.axes[0].collections), 1)

    def test_sweep_along_texts(self):
        result_fixture.write_sweep(self.path, {"deployment": [0, 10, 40]})
        figure, _ = self.draw("sweep")
        axes, = figure.axes
        self.assertEqual([label.get_text() for label in axes.get_yticklabels()],
                         ["1:1-40", "0:1-10,1:11-40", "0:1-40"])
        means = [row[0] for row in self.query("SELECT simulated_latency_ms FROM result")]
        self.assertEqual(list(axes.containers[0][0].get_xdata()), means)

    def test_capacities(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20, 40], "deployment": [0, 25]})
        database = sqlite3.connect(self.path)
        database.execute("INSERT INTO capacity SELECT id, 'arrival', 'per_s', 10 + id, 8 + id, "
                         "CASE id WHEN 5 THEN NULL ELSE 13 + id END FROM point")
        database.execute("UPDATE capacity SET capacity = NULL WHERE point = 2")
        database.execute("INSERT INTO level SELECT point, 0, 'p99:1s', 1000, 2, 3, NULL, NULL, "
                         "NULL, 1 FROM result")
        database.commit()
        database.close()
        for x, marks in (("delay0", [([5, 40], [10, 14]), ([5, 20, 40], [11, 13, 15])]),
                         ("deployment", [([0, 1], [10, 11]), ([1], [13]), ([0, 1], [14, 15])])):
            figure, remark = self.draw("capacity", f"--x={x}")
            self.assertEqual(remark, "p99:1s; 1 point where levels hold at no value")
            axes, = figure.axes
            self.assertEqual(axes.get_ylabel(), "arrival (1/s)")
            self.assertEqual([tuple(map(list, bars[0].get_data())) for bars in axes.containers],
                             marks)
        # From two below to three above; without an end, to where it is.
        lines = [[tuple(end[1] for end in line) for line in bars[2][0].get_segments()]
                 for bars in axes.containers]
        self.assertEqual(lines, [[(8, 13), (9, 14)], [(11, 16)], [(12, 17), (13, 15)]])

    def test_points_that_fail_are_crossed_out(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20, 40]})
        database = sqlite3.connect(self.path)
        database.execute("INSERT INTO level SELECT point, 0, 'max:1s', 1000, 2, 3, NULL, NULL, "
                         "NULL, point <> 1 FROM result")
        database.commit()
        database.close()
        figure, _ = self.draw("sweep")
        crosses = [line for line in figure.axes[0].lines if line.get_marker() == "x"]
        self.assertEqual([list(line.get_xdata()) for line in crosses], [[20]])
        self.assertIn("service level fails", [
            text.get_text() for legend in figure.legends + list(figure.artists)
            for text in legend.get_texts()])

    def test_points_in_doubt_are_hollow(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20, 40]})
        database = sqlite3.connect(self.path)
        database.execute("UPDATE result SET precise = point <> 1, steady = point <> 2")
        database.commit()
        database.close()
        figure, _ = self.draw("sweep")
        hollow = [line for line in figure.axes[0].lines if line.get_markerfacecolor() == "white"]
        self.assertEqual([list(line.get_xdata()) for line in hollow], [[20, 40]])

    def test_points_without_completed_requests_are_gaps(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20, 40]})
        database = sqlite3.connect(self.path)
        database.execute("UPDATE result SET simulated_latency_ms = NULL, "
                         "simulated_latency_ci95_ms = NULL WHERE point = 2")
        database.commit()
        database.close()
        figure, remark = self.draw("sweep")
        self.assertEqual(remark, "1 point without an answered request")
        means = figure.axes[0].containers[0][0].get_ydata()
        self.assertEqual([math.isnan(mean) for mean in means], [False, False, True])

    def test_crossings_are_marked(self):
        result_fixture.write_sweep(self.path, {"bandwidth0": [1e6, 5e6, 10e6, 20e6],
                                               "deployment": [25, 40]}, crossing=True)
        figure, remark = self.draw("sweep")
        (simulated, estimated), = self.query("SELECT simulated, estimated FROM crossing")
        vertical = [line.get_xdata()[0] for line in figure.axes[0].lines
                    if list(line.get_ydata()) == [0, 1]]
        self.assertEqual(vertical, [simulated / 1e6, estimated / 1e6])
        self.assertIn("0:1-25,1:26-40 and 0:1-40 cross at ", remark)

    def test_components_are_stacked(self):
        result_fixture.write_sweep(self.path, {"bandwidth0": [1e6, 10e6]})
        figure, _ = self.draw("components", "--points=1")
        expected = Case().estimate()
        # The lower bar is the estimate; wait and network excess are 0 and not drawn.
        estimated = {bars.get_label(): bars[0] for bars in figure.axes[0].containers
                     if bars[0].get_y() > 0.5}
        self.assertEqual(list(estimated), ["deserialization", "computation", "serialization",
                                           "propagation", "transmission"])
        end = 0.0
        for name, bar in estimated.items():
            self.assertAlmostEqual(bar.get_x(), end)
            self.assertAlmostEqual(bar.get_width(), expected[name])
            end += expected[name]
        self.assertIn(f"{end:.1f}", [text.get_text() for text in figure.axes[0].texts])

    def test_components_of_many_points_are_chosen_evenly(self):
        result_fixture.write_sweep(self.path, {"delay0": range(1, 12)})
        _, remark = self.draw("components")
        self.assertEqual(remark, "6 of 11 points, evenly chosen: --points=0,2,4,6,8,10")

    def test_components_of_one_run(self):
        parts = dict.fromkeys(result_fixture.COMPONENTS, 1.0)
        self.path.write_text(json.dumps({
            "scenario": {"deployment": "0:1-2@0.5"},
            "simulated": {"components_ms": {**parts, "wait": 4.0},
                          "latency_ms": {"mean": 10.0, "ci95": 0.5}},
            "analytical": {"components_ms": parts, "latency_ms": {"mean": 7.0}}}))
        figure, _ = self.draw("components")
        words = [text.get_text().strip() for text in figure.axes[0].texts]
        self.assertEqual(words, ["0:1-2@0.5", "10.0 ± 0.5", "7.0"])
        self.assertEqual(sum(bar.get_width() for bar in figure.axes[0].patches), 17)

    def test_distributions(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20]}, rate=5)
        figure, _ = self.draw("cdf", "--points=1")
        axes, = figure.axes
        curves = [line for line in axes.lines if line.get_linestyle() != "None"]
        self.assertEqual([line.get_label() for line in curves], ["all", "exit 1", "exit 2"])
        for partition in (0, 1, 2):
            steps = self.query(f"SELECT latency_ms, share FROM cdf WHERE point = 1 AND "
                               f"partition = {partition} ORDER BY latency_ms")
            line = next(line for line in axes.lines
                        if line.get_label() == ("all" if partition == 0 else f"exit {partition}"))
            self.assertEqual(list(zip(*line.get_data())), [(steps[0][0], 0.0), *steps])
            self.assertEqual(line.get_drawstyle(), "steps-post")

    def test_distributions_of_a_ledger(self):
        # Of four requests two take 1 ms, one 2 ms, one 3 ms.
        self.path.write_text("request,exit_partition,latency_ns\n0,1,1000000\n1,2,3000000\n"
                             "2,1,1000000\n3,2,2000000\n")
        figure, _ = self.draw("cdf")
        lines = {line.get_label(): list(zip(*line.get_data())) for line in figure.axes[0].lines}
        self.assertEqual(lines["all"], [(1, 0), (1, 0.5), (2, 0.75), (3, 1)])
        self.assertEqual(lines["exit 1"], [(1, 0), (1, 1)])
        self.assertEqual(lines["exit 2"], [(2, 0), (2, 0.5), (3, 1)])

    def test_agreement(self):
        result_fixture.write_crosscheck(self.path, 30)
        figure, remark = self.draw("agreement")
        axes, = figure.axes
        pairs = self.query("SELECT simulated_latency_ms, estimated_latency_ms FROM result "
                           "ORDER BY point")
        self.assertEqual(list(zip(*axes.containers[0][0].get_data())), pairs)
        # Least squares: the line's slope is the file's, and it meets the mean point.
        (slope, covered, of), = self.query("SELECT slope, covered, random FROM agreement WHERE "
                                           "component = 'latency'")
        line = next(line for line in axes.lines if line.get_label() == "least squares")
        (x0, x1), (y0, y1) = line.get_data()
        self.assertAlmostEqual((y1 - y0) / (x1 - x0), slope)
        mean_x, mean_y = (sum(values) / len(pairs) for values in zip(*pairs))
        self.assertAlmostEqual(y0 + slope * (mean_x - x0), mean_y)
        self.assertEqual(remark, f"{covered} of {of} estimates lie in the interval")

    def test_agreement_over_decades_is_logarithmic(self):
        result_fixture.write_crosscheck(self.path, 30)
        database = sqlite3.connect(self.path)
        database.execute("UPDATE result SET simulated_latency_ms = simulated_latency_ms / 100, "
                         "estimated_latency_ms = estimated_latency_ms / 100 WHERE point < 9")
        database.execute("UPDATE agreement SET slope = 0.5 WHERE component = 'latency'")
        database.commit()
        database.close()
        figure, _ = self.draw("agreement")
        axes, = figure.axes
        self.assertEqual((axes.get_xscale(), axes.get_yscale()), ("log", "log"))
        # Least squares are a straight line of numbers still.
        line = next(line for line in axes.lines if line.get_label() == "least squares")
        points = list(zip(*line.get_data()))
        self.assertEqual(len(points), 101)
        for (x0, y0), (x1, y1) in zip(points, points[1:]):
            self.assertAlmostEqual((y1 - y0) / (x1 - x0), 0.5)

    def test_agreement_of_components_that_vary(self):
        result_fixture.write_crosscheck(self.path, 30)
        figure, _ = self.draw("agreement-components")
        titles = [axes.get_title().partition("\n")[0] for axes in figure.axes]
        self.assertEqual(titles, ["deserialization (ms)", "computation (ms)", "serialization (ms)",
                                  "propagation (ms)", "transmission (ms)", "accuracy"])

    def test_r_squared_is_never_rounded_to_1(self):
        self.assertEqual(plot.show_r_squared(0.99999), "> 0.9999")
        self.assertEqual(plot.show_r_squared(0.9987), "0.9987")
        self.assertEqual(plot.show_r_squared(1.0), "1.0000")

    def test_frontier(self):
        # (2, 0.5) is slower and worse than (1, 0.6); of two with 0.8 the faster stays.
        pairs = [(3, 0.8), (1, 0.6), (2, 0.5), (4, 0.8), (5, 0.9)]
        self.assertEqual(plot.find_frontier(pairs), [1, 0, 4])

    def test_pareto(self):
        result_fixture.write_sweep(self.path, {"threshold": [0, 0.1, 0.2]})
        figure, _ = self.draw("pareto")
        axes, = figure.axes
        pairs = self.query("SELECT estimated_latency_ms, estimated_accuracy FROM result")
        estimated = next(line for line in axes.lines if line.get_label() == "estimated")
        self.assertEqual(list(zip(*estimated.get_data())), pairs)
        # A low threshold is slower and more accurate: all three are on the frontier.
        frontier = next(line for line in axes.lines if line.get_label() == "frontier, estimated")
        self.assertEqual(list(zip(*frontier.get_data()))[:3], sorted(pairs))

    def test_pareto_needs_one_network(self):
        result_fixture.write_sweep(self.path, {"threshold": [0, 0.1], "delay0": [5, 20]})
        with self.assertRaisesRegex(plot.LeftOut, "--where=delay0=5ms"):
            self.draw("pareto")
        self.draw("pareto", "--where=delay0=5ms")

    def test_a_stream_of_a_network_is_deployed_by_choice(self):
        result_fixture.write_sweep(self.path, {"threshold": [0, 0.1], "delay0": [5, 20]})
        database = sqlite3.connect(self.path)
        for position, name in enumerate(("streams/vision/deployment", "links/a-b/delay/up")):
            database.execute("UPDATE axis SET name = ? WHERE position = ?", (name, position))
        database.commit()
        database.close()
        with self.assertRaisesRegex(plot.LeftOut, "--where=links/a-b/delay/up=5ms"):
            self.draw("pareto")
        self.draw("pareto", "--where=links/a-b/delay/up=5ms")

    def test_validity(self):
        result_fixture.write_sweep(self.path, {"rate": [1, 10, 20], "bandwidth0": [1e6, 10e6]},
                                   runners_up=[0], regret=True)
        figure, _ = self.draw("validity", "--x=bandwidth0")
        error, regret = (axes for axes in figure.axes if axes.images)
        for axes, column in ((error, "error_percent"), (regret, "regret_percent")):
            values = [row[0] for row in self.query(f"SELECT {column} FROM regret ORDER BY point")]
            # A row for each rate, as the points are written; x is the bandwidth.
            self.assertEqual(axes.images[0].get_array().tolist(),
                             [values[0:2], values[2:4], values[4:6]])
            self.assertEqual([text.get_text().replace("−", "-") for text in axes.texts],
                             [f"{value:.1f}" if abs(value) < 100 else f"{value:.0f}"
                              for value in values])
        low, high = error.images[0].get_clim()
        self.assertEqual(low, -high)  # no error is the middle of the scale
        self.assertEqual([label.get_text() for label in regret.get_xticklabels()], ["1", "10"])

    def test_legends_keep_clear_of_panels(self):
        result_fixture.write_sweep(self.path, {"bandwidth0": [1e6, 5e6, 10e6],
                                               "deployment": range(0, 41, 8)}, crossing=True)
        for name in ("sweep", "components", "cdf"):
            figure, _ = self.draw(name)
            figure.canvas.draw()
            renderer = figure.canvas.get_renderer()
            top = max(axes.get_tightbbox(renderer).y1 for axes in figure.axes)
            legends = [artist for artist in figure.artists if hasattr(artist, "get_texts")]
            legends += figure.legends
            self.assertTrue(legends)
            for legend in legends:
                box = legend.get_window_extent(renderer)
                self.assertGreaterEqual(box.y0, top, name)
                self.assertGreaterEqual(box.x0, 0, name)
                self.assertLessEqual(box.x1, figure.bbox.width, name)
                self.assertLessEqual(box.y1, figure.bbox.height, name)


class NameTest(Drawing):
    """Names are drawn as they are."""

    NAMES = {"T$$.csv": "T$$.csv", "a$b$c": "a$b$c", r"\frac{%^_&": r"\frac{%^_&", "_x": "_x",
             "a\nb\x1bc": "a\ufffdb\ufffdc", "\u202eabc": "\ufffdabc", "x" * 5000: None,
             b"d\xfe": "d\ufffd"}

    def name_all(self, name):
        """A sweep with that name for everything that has one; 0 and 1 tell its values."""
        result_fixture.write_sweep(self.path, {"delay0": [5, 20, 40], "deployment": [0, 25]},
                                   crossing=True, cdf=True)
        database = sqlite3.connect(self.path)
        for statement in ("UPDATE axis_value SET text = CAST(? AS TEXT) || (point % 2) "
                          "WHERE axis = 1", "UPDATE result SET deployment = CAST(? AS TEXT)",
                          "UPDATE axis SET unit = CAST(? AS TEXT) WHERE position = 0"):
            database.execute(statement, (name,))
        database.commit()
        database.close()

    def get_texts(self, figure):
        """All texts of a figure that can be rendered."""
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # that there is no room for the panels
            for kind in ("png", "pdf"):
                self.assertGreater(len(plot.render_figure(figure, kind)), 1000)
        return [text.get_text() for text in figure.findobj(TEXT.Text)]

    def test_names(self):
        for name, shown in self.NAMES.items():
            with self.subTest(name=name[:20]):
                self.name_all(name)
                plot.PLT.close("all")
                series, _ = self.draw("sweep")
                rows, _ = self.draw("sweep", "--x=deployment")
                others = [self.draw(figure)[0] for figure in ("components", "cdf")]
                for figure in (series, rows):
                    texts = self.get_texts(figure)
                    for value in "01":
                        found = [text for text in texts if text.endswith(value) and len(text) > 2
                                 and (shown is None or text == shown + value)]
                        self.assertTrue(found, texts)
                        self.assertLessEqual(max(map(len, found)), 44)
                for figure in others:
                    self.assertTrue(any(shown is None or shown in text
                                        for text in self.get_texts(figure)))

    def test_mathematics_is_off_whatever_a_user_has_set(self):
        self.assertFalse(plot.PLT.rcParams["text.usetex"] or plot.PLT.rcParams["text.parse_math"])

    def test_script_and_files_of_any_name(self):
        folder = Path(os.fsdecode(bytes(self.path.parent) + b"/d\xfe$$"))
        folder.mkdir()
        self.name_all("x")
        moved = folder / os.fsdecode(b"r\xfe.sqlite")
        self.path.rename(moved)
        done = subprocess.run([SCRIPT, moved, "--format=png", "--figure=sweep"], check=False,
                              capture_output=True)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertTrue((folder / os.fsdecode(b"r\xfe-figures") / "sweep.png").is_file())
        ledger = folder / os.fsdecode(b"l\xfe.csv")
        ledger.write_text("request,exit_partition,latency_ns\n0,1,1000000\n")
        done = subprocess.run([SCRIPT, ledger, "--format=png"], check=False, capture_output=True)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        done = subprocess.run([SCRIPT, folder / os.fsdecode(b"\xfe")], check=False,
                              capture_output=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("No such file", done.stderr.decode())

    def test_letters_that_the_font_lacks_are_told_once(self):
        self.name_all("模")
        done = subprocess.run([SCRIPT, self.path, "--figure=sweep,cdf"], check=False,
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr),
                         (0, "plot: the font lacks 模, drawn as boxes\n"))


class EmptyTest(Drawing):
    """Where no request was answered."""

    def blank(self, *kinds):
        """Forget what is known of the points."""
        database = sqlite3.connect(self.path)
        for kind in kinds:
            columns = [row[1] for row in database.execute("PRAGMA table_info(result)")
                       if row[1].startswith(kind)]
            database.execute("UPDATE result SET "
                             + ", ".join(f"{column} = NULL" for column in columns))
        database.execute("UPDATE regret SET regret_ms = NULL, regret_percent = NULL, "
                         "error_percent = NULL")
        database.execute("DELETE FROM cdf")
        database.commit()
        database.close()

    def test_of_a_sweep(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20], "rate": [1, 5]},
                                   runners_up=[0], regret=True)
        self.blank("simulated", "difference")
        figure, remark = self.draw("sweep")
        self.assertEqual(remark, "4 points without an answered request")
        figure, _ = self.draw("components")
        self.assertEqual([text.get_text().strip() for text in figure.axes[0].texts].count(
            "no request was answered"), 4)
        self.blank("estimated")
        for name in plot.FIGURES:
            with self.assertRaises(plot.LeftOut):
                self.draw(name)
        for name in ("sweep", "components", "validity"):
            with self.assertRaisesRegex(plot.LeftOut, "no request was answered"):
                self.draw(name)

    def test_of_a_cross_check(self):
        result_fixture.write_crosscheck(self.path, 5)
        self.blank("simulated", "difference")
        for name, words in (("agreement", "no latency"), ("pareto", "no deployment has both")):
            with self.assertRaisesRegex(plot.LeftOut, words):
                self.draw(name)

    def test_of_a_run(self):
        nothing = dict.fromkeys(result_fixture.COMPONENTS)
        self.path.write_text(json.dumps({
            "scenario": {"deployment": "0:1-2@0.5"},
            "simulated": {"components_ms": nothing, "latency_ms": {"mean": None, "ci95": None}},
            "analytical": {"components_ms": dict.fromkeys(result_fixture.COMPONENTS, 1.0),
                           "latency_ms": {"mean": 7.0}}}))
        figure, _ = self.draw("components")
        self.assertIn("no request was answered", [text.get_text().strip()
                                                  for text in figure.axes[0].texts])
        self.assertGreater(len(plot.render_figure(figure, "png")), 1000)
        self.path.write_text("request,exit_partition,latency_ns\n")
        with self.assertRaisesRegex(plot.BadInput, "there are no requests in it"):
            self.draw("cdf")


class NetworkTest(Drawing):
    """Of portend-run: streams, their members, and the network."""

    def write(self, **arguments):
        """Write a result at self.path; returns what it says."""
        document = result_fixture.make_network(**arguments)
        self.path.write_text(json.dumps(document))
        return document

    def get_boxes(self, figure):
        """The texts of a drawing and where they stand."""
        renderer = figure.canvas.get_renderer()
        drawing, scale = figure.axes
        texts = [*drawing.texts, *figure.texts, *scale.get_xticklabels()]
        return [(text.get_text(), text.get_window_extent(renderer)) for text in texts]

    def test_streams_side_by_side_and_alone(self):
        self.write()
        figure, remark = self.draw("components")
        words = [text.get_text().strip() for text in figure.axes[0].texts]
        self.assertEqual(words, ["vision", "50.0 ± 0.5", "45.0", "detail", "500.0 ± 0.5", "450.0"])
        self.assertEqual(remark, "")
        spreads = [list(line.get_xdata()) for line in figure.axes[0].lines]
        self.assertEqual(spreads, [[45, 60], [450, 600]])
        options = plot.make_parser().parse_args([str(self.path)])
        figures, lines = plot.draw_all(plot.open_source(self.path), options)
        self.assertEqual(list(figures), ["components", "components-vision", "components-detail",
                                         "network"])
        self.assertEqual([text.get_text().strip() for text in
                          figures["components-detail"].axes[0].texts],
                         ["detail", "500.0 ± 0.5", "450.0"])

    def test_files_of_streams_of_any_name(self):
        self.write(streams=("a b", "a_b", "$ü"))
        options = plot.make_parser().parse_args([str(self.path)])
        figures, _ = plot.draw_all(plot.open_source(self.path), options)
        self.assertEqual(list(figures), ["components", "components-a_b", "components-a_b1",
                                         "components-_ü", "network"])

    def test_streams_that_are_not_estimated(self):
        document = self.write()
        del document["streams"]["detail"]
        document["scenario"]["streams"].pop()
        analytical = document["streams"]["vision"]["analytical"]
        analytical["latency_ms"]["mean"] = analytical["accuracy"] = None
        analytical["components_ms"] = dict.fromkeys(result_fixture.COMPONENTS)
        document["streams"]["vision"]["difference"]["latency_percent"] = None
        self.path.write_text(json.dumps(document))
        figure, _ = self.draw("components")
        self.assertEqual([text.get_text().strip() for text in figure.axes[0].texts],
                         ["vision", "50.0 ± 0.5", "no estimate"])

    def test_one_of_the_streams(self):
        self.write()
        figure, _ = self.draw("components", "--where=stream=detail")
        self.assertEqual(figure.axes[0].texts[0].get_text().strip(), "detail")
        figure, _ = self.draw("components", "--points=1")
        self.assertEqual(figure.axes[0].texts[0].get_text().strip(), "detail")

    def test_network(self):
        self.write()
        figure, _ = self.draw("network")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for kind in ("png", "pdf", "svg"):
                self.assertGreater(len(plot.render_figure(figure, kind)), 1000)
        texts = [text for text, _ in self.get_boxes(figure)]
        for text in ("camera", "3 × a1.medium", "2 × m4.large", "only forwards", "g4dn.xlarge",
                     "vision", "detail", "source", "partition 1: 1-25", "partition 2: 26-40",
                     "50 %"):
            self.assertIn(text, texts)
        # Members are drawn each, with their numbers.
        self.assertEqual([text for text in texts if len(text) == 1], [*"012", *"01", "0"])
        _, halves = figure.axes[0].collections
        self.assertEqual(len(halves.get_segments()), 2 * 6)
        # What a node sends is at the node: up from the left, and lighter back from the right.
        busy = {tuple(color) for segment, color in zip(halves.get_segments(), halves.get_colors())
                if segment[-1][0] > segment[0][0] and segment[0][0] < 0.5}
        self.assertEqual(len(busy), 1)

    def test_large_groups_are_one_column(self):
        self.write(cameras=100)
        figure, _ = self.draw("network")
        column = figure.axes[0].collections[-1]
        self.assertEqual(len(column.get_paths()), 100)
        self.assertIn("100 × a1.medium", [text for text, _ in self.get_boxes(figure)])

    def test_nothing_is_written_over_anything(self):
        long = "a name that is much too long to be written beside others $x_1$"
        for cameras in (1, 5, 100, 1000):
            document = self.write(cameras=cameras, streams=("vision", long, "third"))
            document["scenario"]["streams"][2]["tiers"] = ["station[1]", "cloud"]
            document["scenario"]["streams"][2]["deployment"] = "0:1-5,0:6-25,1:26-40@0.1"
            self.path.write_text(json.dumps(document))
            figure, _ = self.draw("network")
            boxes = self.get_boxes(figure)
            self.assertIn("third at [1]", [text for text, _ in boxes])
            for place, (text, box) in enumerate(boxes):
                self.assertGreaterEqual(min(box.x0, box.y0), 0, text)
                self.assertLessEqual(box.x1, figure.bbox.width, text)
                self.assertLessEqual(box.y1, figure.bbox.height, text)
                for other, second in boxes[:place]:
                    self.assertFalse(box.shrunk(0.95, 0.6).overlaps(second.shrunk(0.95, 0.6)),
                                     (cameras, text, other))

    def test_a_drawing_that_would_be_too_large(self):
        document = self.write(streams=[f"stream {number}" for number in range(150)])
        for number in range(150):
            name = f"node {number}"
            document["network"]["nodes"][name] = {"utilization": 0, "waiting": 0}
            document["scenario"]["nodes"].append({"name": name})
            document["scenario"]["streams"][number]["tiers"] = [name, "station", "cloud"]
        self.path.write_text(json.dumps(document))
        with self.assertRaisesRegex(plot.LeftOut, "wider or higher than 60 inches"):
            self.draw("network")

    def test_ledgers_by_stream_and_member(self):
        self.path.write_text("stream,member,exit_partition,latency_ns\n" + "".join(
            f"{stream},{member},{1 + request % 2},{1000000 * (member + 1 + request)}\n"
            for request in range(20) for stream in ("one", "two")
            for member in range(3 if stream == "one" else 1)))
        figure, remark = self.draw("cdf")
        self.assertEqual([axes.get_title() for axes in figure.axes], ["one", "two"])
        self.assertEqual(remark, "all requests, from the first on")
        curve = next(line for line in figure.axes[1].lines if line.get_label() == "exit 1")
        self.assertEqual(list(curve.get_xdata()), [1, *range(1, 20, 2)])
        figure, _ = self.draw("cdf", "--where=stream=two")
        self.assertEqual(len(figure.axes), 1)
        figure, _ = self.draw("members")
        axes, = figure.axes
        self.assertEqual(axes.get_title(), "one: 10.5 ms (member 0) to 12.5 ms (member 2)")
        # Batches of two: means 1.5, 3.5, ... 19.5 of the first; their standard deviation is 6.055.
        for point, mean in zip(get_intervals(axes.containers[0]), (10.5, 11.5, 12.5), strict=True):
            self.assertAlmostEqual(point[1], mean)
            self.assertAlmostEqual(point[2], 2.262157 * math.sqrt(110 / 3) / math.sqrt(10),
                                   places=5)

    def test_members_of_few_requests_have_no_interval(self):
        self.path.write_text("stream,member,exit_partition,latency_ns\ns,0,1,1\ns,1,1,3\n")
        figure, _ = self.draw("members")
        self.assertEqual(list(figure.axes[0].containers[0][0].get_ydata()), [1e-6, 3e-6])

    def test_deployments_over_time(self):
        self.path.write_text("epoch,deployment,generated_ns,exit_partition,latency_ns\n" + "".join(
            f'{request // 4},"{request // 4 % 7}:1-2@0",{request * 10**9},1,{request + 1}000000\n'
            for request in range(40)))
        trace = self.path.with_name("trace.csv")
        trace.write_text("time_s,bandwidth_bps\n0,1000000\n10,3000000\n15,3000000\n")
        figure, _ = self.draw("deployments", f"--trace={trace}")
        requests, bandwidth = figure.axes
        # Three of the seven come twice, and the legend has room for six.
        drawn = [list(line.get_xdata()) for line in requests.lines]
        self.assertEqual(drawn[0], [0, 1, 2, 3, 28, 29, 30, 31])
        self.assertEqual([len(line) for line in drawn], [8, 8, 8, 4, 4, 8])
        self.assertEqual(sorted(sum(drawn, [])), list(range(40)))
        self.assertEqual(list(requests.lines[1].get_ydata()), [5, 6, 7, 8, 33, 34, 35, 36])
        labels = [text.get_text() for legend in figure.legends + list(figure.artists)
                  for text in legend.get_texts()]
        self.assertEqual(labels[0], "0:1-2@0 (8)")
        self.assertEqual(labels[-1], "2 others (8)")
        steps = dict(zip(*(map(float, line) for line in bandwidth.lines[0].get_data())))
        self.assertEqual(steps, {0: 1, 10: 3, 15: 1, 25: 3, 30: 1, 39: 1})

    def test_regret_of_controllers(self):
        def tell(controller, mean, ci95):
            return {"controller": controller, "regret_ms": {"mean": mean, "ci95": ci95}}
        self.path.write_text(json.dumps({
            "schema_version": 1, "reference": "oracle", "replications": 5,
            "axes": [{"name": "bandwidth0", "values": ["1Mbps", "2Mbps"]},
                     {"name": "mtu", "values": ["1500"]}],
            "settings": [{"values": {"bandwidth0": f"{mbps}Mbps", "mtu": "1500"},
                          "controllers": [tell("oracle", 0, 0), tell("fixed", 3 * mbps, 1),
                                          tell("portend", mbps, None)]} for mbps in (1, 2)]}))
        figure, remark = self.draw("regret")
        axes, = figure.axes
        self.assertEqual(remark, "5 replications")
        self.assertEqual([label.get_text() for label in axes.get_yticklabels()],
                         ["fixed", "portend"])
        points = [list(container[0].get_xdata()) for container in axes.containers]
        self.assertEqual(points, [[3, 1], [6, 2]])
        self.assertEqual(axes.get_xlabel(), "latency beyond oracle (ms)")
        with self.assertRaisesRegex(plot.LeftOut, "portend-sweep"):
            self.draw("sweep")

    def test_a_deployment_that_stays_is_no_figure(self):
        self.path.write_text("epoch,deployment,generated_ns,exit_partition,latency_ns\n"
                             "0,0:1-2@0,0,1,1\n0,0:1-2@0,1,1,1\n")
        with self.assertRaisesRegex(plot.LeftOut, "controller has changed"):
            self.draw("deployments")

    def test_what_a_chain_has_not(self):
        self.path.write_text("request,exit_partition,latency_ns\n0,1,1000000\n")
        for name in ("members", "network"):
            with self.assertRaisesRegex(plot.LeftOut, "of portend-run, of a scenario of version 2"):
                self.draw(name)


class FormatTest(unittest.TestCase):
    """How numbers are written."""

    def test_bit_rates_have_a_prefix(self):
        for numbers, unit, factor in (([1e6, 1e9], "Mb/s", 1e6), ([5e5, 1e7], "Mb/s", 1e6),
                                      ([5e3, 1e6], "kb/s", 1e3), ([1e9, 4e9], "Gb/s", 1e9)):
            axis = Axis(0, "bandwidth0", "bps", "log")
            axis.number_of = {number: "" for number in numbers}
            axis.choose_prefix()
            self.assertEqual((axis.shown_unit, axis.factor), (unit, factor))

    def test_lists_of_even_ratios_are_logarithmic(self):
        for numbers, is_log in (([1, 2, 5, 10, 20], True), ([1, 2, 3, 4, 12], True),
                                ([1, 5, 9, 13], False), ([1, 2, 5], False), ([0, 1, 5, 10], False)):
            axis = Axis(0, "rate", "per_s", "linear")
            axis.number_of = {number: "" for number in numbers}
            self.assertEqual(axis.is_log, is_log, numbers)

    def test_labels_have_units(self):
        for name, unit, label in (("delay1", "ms", "propagation delay of link 1 (ms)"),
                                  ("rate", "per_s", "arrival rate (1/s)"),
                                  ("mtu", "bytes", "MTU (B)"),
                                  ("threshold", "", "threshold"),
                                  ("compute_factor2", "", "computation factor of tier 2"),
                                  ("deployment", "text", "deployment")):
            self.assertEqual(Axis(0, name, unit, "linear").label, label)
        tiers = ["phone", None, "cloud"]
        for name, label in (("servers2", "servers of tier 2 (cloud)"),
                            ("servers1", "servers of tier 1"),
                            ("servers3", "servers of tier 3"),
                            ("delay0", "propagation delay of link 0")):
            self.assertEqual(Axis(0, name, "", "linear", tiers).label, label)

    def test_choose_evenly(self):
        self.assertEqual(choose_evenly(range(5), 5), [0, 1, 2, 3, 4])
        self.assertEqual(choose_evenly(range(101), 3), [0, 50, 100])
        self.assertEqual(choose_evenly(range(9), 1), [0])


class ProgramTest(unittest.TestCase):
    """What the script writes, and what it refuses."""

    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = Path(self.temporary.name)
        self.path = self.folder / "result.sqlite"

    def refuse(self, message, *arguments, **options):
        """The script ends with one message and status 2 and leaves the folder as it was."""
        before = sorted(self.folder.iterdir())
        done = run(*arguments, **options)
        self.assertEqual(done.returncode, 2, arguments)
        self.assertEqual(done.stdout, "")
        self.assertIn(message, done.stderr)
        self.assertNotIn("Traceback", done.stderr)
        self.assertEqual(sorted(self.folder.iterdir()), before)

    def test_files_are_whole(self):
        result_fixture.write_sweep(self.path, {"bandwidth0": [1e6, 10e6], "delay0": [5, 20]})
        done = run(self.path)
        self.assertEqual(done.returncode, 0, done.stderr)
        out = self.folder / "result-figures"
        self.assertEqual({path.name for path in out.iterdir()},
                         {f"{name}.{kind}" for name in ("sweep", "components", "cdf")
                          for kind in ("pdf", "png")})
        for name in ("sweep", "components", "cdf"):
            document = (out / f"{name}.pdf").read_bytes()
            self.assertEqual(document[:5], b"%PDF-")
            self.assertEqual(document.rstrip()[-5:], b"%%EOF")
            # One column: 3.5 inches of 72 points.
            self.assertIn(b"/MediaBox [ 0 0 252 ", document)
            picture = (out / f"{name}.png").read_bytes()
            self.assertEqual(picture[:8], b"\x89PNG\r\n\x1a\n")
            self.assertEqual(picture[-8:-4], b"IEND")
            self.assertEqual(struct.unpack(">I", picture[16:20]), (700,))  # 200 a inch
        self.assertIn("agreement            left out: ", done.stdout)
        self.assertIn("validity             left out: ", done.stdout)

    def test_what_the_programs_write(self):
        sweep, check = self.folder / "sweep.sqlite", self.folder / "check.sqlite"
        result_fixture.run_program(
            "portend-sweep", sweep, "--sweep=bandwidth0=1Mbps,10Mbps", "--sweep=rate=1,10",
            "--validity", "--min-accuracy=0.87", "--replications=2")
        result_fixture.run_program("portend-crosscheck", check, "--random=5")
        for path, names in ((sweep, ["sweep", "components", "cdf", "validity"]),
                            (check, ["components", "cdf", "agreement", "agreement-components",
                                     "pareto"])):
            done = run(path, "--format=png")
            self.assertEqual(done.returncode, 0, done.stderr)
            drawn = [line.split()[0] for line in done.stdout.splitlines()
                     if "left out" not in line]
            self.assertEqual(drawn, names)

    def test_same_numbers_same_bytes(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20]})
        for out in ("a", "b"):
            run(self.path, f"--out={self.folder / out}", "--figure=sweep")
        for name in ("sweep.pdf", "sweep.png"):
            self.assertEqual((self.folder / "a" / name).read_bytes(),
                             (self.folder / "b" / name).read_bytes())

    def test_chosen_figures_and_formats(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20]})
        out = self.folder / "new" / "folder"
        done = run(self.path, f"--out={out}", "--figure=cdf,sweep", "--format=png")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual({path.name for path in out.iterdir()}, {"cdf.png", "sweep.png"})

    def test_a_file_that_only_may_be_read(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20]})
        before = self.path.read_bytes()
        self.path.chmod(0o444)
        done = run(self.path, f"--out={self.folder}", "--figure=sweep")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.path.read_bytes(), before)

    def test_bad_files(self):
        self.refuse("No such file", self.folder / "none")
        self.refuse("directory", self.folder)
        self.path.write_text("what is this?\n")
        self.refuse("neither a result file, nor", self.path)
        self.path.write_bytes(b"\xff\xfe\x00")
        self.refuse("neither a result file, nor", self.path)
        self.path.write_text("")
        self.refuse("neither a result file, nor", self.path)
        self.path.write_text("request,exit_partition,latency_ns\n")
        self.refuse("there are no requests", self.path)
        self.path.write_text("{")
        self.refuse("line 1", self.path)
        self.path.write_text("{}")
        self.refuse("/simulated is missing", self.path)
        self.path.write_bytes(b"SQLite format 3\0" + bytes(200))
        self.refuse("not a database", self.path)

    def test_damaged_runs(self):
        parts = dict.fromkeys(result_fixture.COMPONENTS, 1.0)
        run_of = {"scenario": {"deployment": "0:1-2@0.5"},
                  "simulated": {"components_ms": parts, "latency_ms": {"mean": 1, "ci95": 0.5}},
                  "analytical": {"components_ms": parts, "latency_ms": {"mean": 7.0}}}
        for pointer, value, message in (
                ("scenario", [], "/scenario: found []; allowed: an object"),
                ("scenario/deployment", 1, "/scenario/deployment: found 1; allowed: a text"),
                ("simulated", "x", '/simulated: found "x"; allowed: an object'),
                ("simulated/components_ms/wait", "x", "/simulated/components_ms/wait: found"),
                ("simulated/latency_ms/mean", 1e300, "/simulated/latency_ms/mean: found 1e+300"),
                ("simulated/latency_ms/ci95", -1, "/simulated/latency_ms/ci95: found -1"),
                ("analytical/latency_ms/mean", math.nan, "found NaN"),
                ("analytical/components_ms", None, "/analytical/components_ms: found null")):
            document = json.loads(json.dumps(run_of))
            *path, last = pointer.split("/")
            at = document
            for key in path:
                at = at[key]
            at[last] = value
            self.path.write_text(json.dumps(document))
            self.refuse(message, self.path)
        self.path.write_text('{"a":' + "[" * 100000 + "]" * 100000 + "}")
        self.refuse("more than 100 objects and lists in one another", self.path)
        self.path.write_text('{"scenario": {}, "scenario": {}}')
        self.refuse("the key 'scenario' is there twice", self.path)

    def test_networks(self):
        self.path.write_text(json.dumps(result_fixture.make_network()))
        out = self.folder / "out"
        done = run(self.path, "--network", "--format=png", f"--out={out}")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual([path.name for path in out.iterdir()], ["network.png"])
        done = run(self.path, "--network", "--figure=components", "--format=png", f"--out={out}")
        self.assertEqual(len(done.stdout.splitlines()), 4, done.stderr)

    def test_damaged_networks(self):
        for pointer, value, message in (
                ("schema_version", 3, "/schema_version: found 3; allowed: a whole number from 1"),
                ("streams", {}, "/streams: found {}; allowed: the streams of /scenario/streams"),
                ("streams/vision/simulated/latency_ms/mean", "x", "/latency_ms/mean: found"),
                ("streams/vision/simulated/members", 1, "/simulated/members: found 1"),
                ("scenario/streams/0/deployment", "0:1-25,3:26-40",
                 "/scenario/streams/0/deployment: found"),
                ("scenario/streams/0/tiers/1", "statoin", "/tiers/1: found \"statoin\"; allowed:"),
                ("scenario/streams/1/source", 3, "/source: found 3; allowed: a whole number from"),
                ("network/nodes/cloud/utilization", -1, "/nodes/cloud/utilization: found -1"),
                ("network/links/relay-cloud/between/0", "x", "/links/relay-cloud/between: found"),
                ("network/links/relay-cloud/up/sent_bytes", 1.5, "/up/sent_bytes: found 1.5")):
            document = result_fixture.make_network()
            *path, last = [int(key) if key.isdigit() else key for key in pointer.split("/")]
            at = document
            for key in path:
                at = at[key]
            at[last] = value
            self.path.write_text(json.dumps(document))
            self.refuse(message, self.path)

    def test_figures_of_another_kind_of_file(self):
        self.path.write_text(json.dumps(result_fixture.make_network()))
        self.refuse("cannot draw cdf: is drawn from a result file of portend-sweep or "
                    "portend-crosscheck, or the --csv file of a run", self.path, "--figure=cdf")
        self.refuse("--x is for result files", self.path, "--x=stream")
        self.refuse("did you mean 'vision'?", self.path, "--where=stream=vison")
        self.path.write_text("request,exit_partition,latency_ns\n0,1,1000000\n")
        self.refuse("cannot draw network: is drawn from the --json file of portend-run", self.path,
                    "--network")
        self.refuse("--where and --points are for", self.path, "--where=stream=a")

    def test_what_portend_run_writes(self):
        result, ledgers = self.folder / "run.json", self.folder / "run.csv"
        result_fixture.run("portend-run", "scenarios/campus.json", f"--json={result}",
                           f"--csv={ledgers}", "--set", "nodes/camera/count=12")
        for path, names in ((result, ["components", "components-vision", "components-detail",
                                      "network"]), (ledgers, ["cdf", "members"])):
            done = run(path, "--format=png")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            drawn = [line.split()[0] for line in done.stdout.splitlines()
                     if "left out" not in line]
            self.assertEqual(drawn, names)

    def test_ledgers_as_others_write_them(self):
        self.path.write_bytes(b'\xef\xbb\xbf"request", "exit_partition","latency_ns"\r\n'
                              b'"0","1","1000000"\r\n\r\n')
        done = run(self.path, "--format=png")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.path.write_text("request;exit_partition;latency_ns\n0;1;1000000\n")
        self.refuse("found semicolons", self.path)
        self.path.write_text("exit_partition,latency_ns\n1,1000000\n1,nan\n")
        self.refuse(f"{self.path}:3: latency_ns: found 'nan'", self.path)

    def test_outputs(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20]})
        self.refuse("figures go into a folder", self.path, "--out=-")
        out = self.folder / "out"
        out.mkdir()
        (out / "sweep.png").symlink_to(self.path)
        self.refuse(f"is the same file as {self.path}, which is read", self.path, f"--out={out}",
                    "--figure=sweep")
        (out / "sweep.png").unlink()
        (out / "sweep.png").symlink_to("elsewhere.png")
        done = run(self.path, f"--out={out}", "--figure=sweep", "--format=png")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue((out / "sweep.png").is_symlink())
        self.assertEqual((out / "elsewhere.png").read_bytes()[:4], b"\x89PNG")
        (out / "sweep.png").unlink()
        (out / "sweep.png").symlink_to("/dev/full")
        self.refuse("No space left on device", self.path, f"--out={out}", "--figure=sweep")

    def test_damaged_results(self):
        for statement, message in (
                ("UPDATE result SET simulated_latency_ms = 'x' WHERE point = 1",
                 "table result, point 1, rank 0: simulated_latency_ms: found 'x'"),
                ("UPDATE result SET point = 1000000000 WHERE point = 1", "found point 1000000000"),
                ("UPDATE cdf SET share = x'00'", "table cdf, point 0, rank 0, partition 0"),
                ("UPDATE axis SET scale = 'x'", "allowed: 'linear' or 'log'")):
            result_fixture.write_sweep(self.path, {"delay0": [5, 20]})
            database = sqlite3.connect(self.path)
            database.execute(statement)
            database.commit()
            database.close()
            self.refuse(message, self.path)

    def test_other_databases(self):
        for pragma, message in (("application_id = 7", "application_id is 0x7"),
                                ("user_version = 3", "schema version is 3, only 1 and 2")):
            result_fixture.write_sweep(self.path, {"delay0": [5, 20]})
            database = sqlite3.connect(self.path)
            database.execute(f"PRAGMA {pragma}")
            database.close()
            self.refuse(message, self.path)

    def test_damaged_schema(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20]})
        database = sqlite3.connect(self.path)
        database.execute("DROP TABLE exit")
        self.refuse("no such table: exit", self.path)
        database.execute("ALTER TABLE result DROP COLUMN steady")
        database.close()
        self.refuse("no such column: steady", self.path)

    def test_file_that_is_being_written(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20]})
        database = sqlite3.connect(self.path)
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("BEGIN EXCLUSIVE")
        self.refuse("it is being written", self.path)
        database.close()

    def test_empty_result(self):
        result_fixture.write_sweep(self.path, {"delay0": []})
        self.refuse("there are no points in it", self.path)

    def test_unknown_names(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20]})
        self.refuse("did you mean 'pareto'?", self.path, "--figure=paretto")
        self.refuse("'gif'", self.path, "--format=gif")
        self.refuse("did you mean 'delay0'?", self.path, "--x=delay1")
        self.refuse("did you mean '20ms'?", self.path, "--where=delay0=20 ms")
        self.refuse("is not like", self.path, "--where=delay0")
        self.refuse("no point 7 among those to draw (0 to 1)", self.path, "--points=0,7")
        self.refuse("no list of numbers", self.path, "--points=a")

    def test_figures_that_make_no_sense(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20]})
        self.refuse("cannot draw agreement: ", self.path, "--figure=sweep,agreement")

    def test_output_that_cannot_be_written(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20]})
        self.refuse(f"{self.path}/out: ", self.path, f"--out={self.path}/out")

    def test_help(self):
        done = run("--help")
        self.assertEqual(done.returncode, 0)
        for word in ("--figure", "--where", "agreement-components", "--validity"):
            self.assertIn(word, done.stdout)


if __name__ == "__main__":
    unittest.main()
