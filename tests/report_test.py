#!/usr/bin/python3
"""Tests of scripts/report: the pages are opened in headless Chromium.

Needs Debian's chromium, chromium-driver, libjs-chart.js and python3-selenium.
"""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
import unittest
from pathlib import Path
from xml.etree import ElementTree

import result_fixture
from headless_browser import Browser

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "scripts" / "report"
# Ends the script element, opens a comment in it, and would run if it became an element.
HOSTILE = "</script><!--<script><img src=x onerror=\"document.title='taken'\">&amp;{{data}}'\""
SVG = "{http://www.w3.org/2000/svg}"


def run(*arguments):
    """Run the script."""
    return subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, check=False)


def query(path, text, *arguments):
    """What a result file says."""
    database = sqlite3.connect(path)
    try:
        return database.execute(text, arguments).fetchall()
    finally:
        database.close()


def change(path, text, *arguments):
    """Change a result file."""
    database = sqlite3.connect(path)
    database.execute(text, arguments)
    database.commit()
    database.close()


def show(number):
    """A number as the page writes it: four digits."""
    return f"{number:.4g}".replace("-", "−")


class ControllersTest(unittest.TestCase):
    """Pages about controllers: requests over time, and a comparison."""

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def write(self, name, text):
        """Write a file."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def read_page(self, path, *options):
        """The page of a file, as XML."""
        done = run(path, *options)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        text = path.with_suffix(".html").read_text(encoding="utf-8")
        return ElementTree.fromstring(text.partition("\n")[2])

    def test_requests_over_time(self):
        rows = [(k, 100 + k, HOSTILE if k % 5 == 0 else "0:1-2@0", 1 + k % 2) for k in range(20)]
        text = "generated_ns,latency_ns,exit_partition,deployment\n" + "".join(
            '%d,%d,%d,"%s"\n' % (s * 10**9, ms * 10**6, exited, own.replace('"', '""'))
            for s, ms, own, exited in rows)
        trace = self.write("link.csv", "time_s,bandwidth_bps\n0,4e6\n5,1e6\n8,1e6\n")
        page = self.read_page(self.write("run.csv", text), f"--trace={trace}")
        dots = page.findall(f".//{SVG}circle[{SVG}title]")
        titles = [dot.find(f"{SVG}title").text for dot in dots]
        self.assertEqual(len(dots), len(rows))
        self.assertEqual(titles[1], "1.000 s: 101 ms, exit 2, 0:1-2@0")
        self.assertTrue(all(HOSTILE in title for title in titles[::5]))
        self.assertEqual(len({dot.get("fill") for dot in dots}), 2)
        # Later is further right, longer is higher.
        self.assertEqual(sorted(dots, key=lambda dot: float(dot.get("cx"))), dots)
        self.assertEqual(sorted(dots, key=lambda dot: -float(dot.get("cy"))), dots)
        line = page.find(f".//{SVG}polyline[@id='bandwidth']")
        heights = [float(point.partition(",")[2]) for point in line.get("points").split()]
        # 0 s, 5 s, 8 s, 13 s, 16 s until 19 s: each step but the first is two points.
        self.assertEqual(len(heights), 1 + 2 * 4 + 1)
        self.assertEqual(len(set(heights)), 2)
        cells = [cell.text for cell in page.iter("td")]
        self.assertIn("16", cells)
        self.assertIn(show(sum(ms for _, ms, own, _ in rows if own != HOSTILE) / 16), cells)

    def test_comparison(self):
        def mean(value, half):
            return {"mean": value, "ci95": half}

        controllers = [{"controller": name, "latency_ms": mean(latency, 1.5),
                        "accuracy": mean(0.875, 0), "answered_share": mean(1, 0),
                        "switches": mean(3, 0), "decisions": mean(9, 0),
                        "regret_ms": mean(latency - 50, 2.5)}
                       for name, latency in (("oracle", 50), ("fixed", 75), (HOSTILE, 60))]
        document = {"schema_version": 1, "replications": 7, "reference": "oracle",
                    "settings": [{"values": {"link-trace": trace}, "controllers": controllers}
                                 for trace in ("a.csv", "b.csv")],
                    "provenance": {"commit": "abc"}}
        page = self.read_page(self.write("compare.json", json.dumps(document)))
        self.assertEqual([head.text for head in page.iter("h2")],
                         ["link-trace a.csv", "link-trace b.csv"])
        rows = [["".join(cell.itertext()) for cell in row.iter("td")] for row in page.iter("tr")]
        self.assertIn(["fixed", "75", "1.5", "0.875", "100.00 %", "3", "25", "2.5", ""], rows)
        self.assertEqual(sum(row[:1] == [HOSTILE] for row in rows), 2)
        self.assertIn(["abc"], rows)

    def test_bad_files(self):
        empty = self.write("run.csv", "generated_ns,latency_ns,exit_partition,deployment\n")
        fixed = self.write("fixed.csv", "generated_ns,latency_ns,exit_partition\n1,2,1\n")
        bad = self.write("bad.json", '{"reference": "oracle", "replications": 0}')
        for arguments, words in (([empty], "no request"), ([fixed], "deployment"),
                                 ([bad], "replications"), ([bad, "--trace=x.csv"], "replications")):
            done = run(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn(words, done.stderr)
            self.assertEqual(list(self.folder.glob("*.html")), [])


class PageTestCase(unittest.TestCase):
    """A test that opens a page."""

    ENDING = ".sqlite"  # of the file it is made of

    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.folder = Path(cls.temporary.name)
        cls.browser = cls.enterClassContext(Browser())

    def setUp(self):
        self.path = self.folder / f"{self.id().rsplit('.', 1)[1]}{self.ENDING}"
        self.page = self.path.with_suffix(".html")

    def open(self):
        """Write the report of the file at self.path and open it."""
        done = run(self.path)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, f"{self.page}\n")
        self.browser.driver.get_log("browser")
        self.browser.driver.get_log("performance")
        self.browser.open(self.page)

    def tearDown(self):
        """No test leaves a message in the console, and nothing but the page was asked for."""
        self.assertEqual(self.browser.driver.get_log("browser"), [])
        asked = [json.loads(entry["message"])["message"]["params"]["request"]["url"]
                 for entry in self.browser.driver.get_log("performance")
                 if '"Network.requestWillBeSent"' in entry["message"]]
        self.assertEqual([url for url in asked if not url.startswith("data:")],
                         [self.page.as_uri()])
        self.assertEqual(self.browser.run(
            "return performance.getEntriesByType('resource').map((entry) => entry.name)"), [])

    def get_datasets(self, chart):
        """The datasets of a chart: label and points."""
        return self.browser.run(
            "return Chart.getChart(arguments[0]).data.datasets.map((dataset) => "
            "[dataset.label, dataset.data.map(({x, y}) => [x, y])])", chart)

    def count_inked(self, chart):
        """Pixels of a canvas that are not empty."""
        return self.browser.run(
            "const canvas = document.getElementById(arguments[0]);"
            "const {data} = canvas.getContext('2d').getImageData("
            "0, 0, canvas.width, canvas.height);"
            "let inked = 0; for (let at = 3; at < data.length; at += 4) inked += data[at] > 0;"
            "return inked", chart)

    def get_pixel(self, chart, x, y):
        """Where a chart draws a point."""
        return self.browser.run(
            "const {scales} = Chart.getChart(arguments[0]); return ["
            "scales.x.getPixelForValue(arguments[1]), scales.y.getPixelForValue(arguments[2])]",
            chart, x, y)

    def hover(self, chart, x, y):
        """Hover a point of a chart and return the text."""
        self.browser.move_to(chart, *self.get_pixel(chart, x, y))
        return self.browser.wait("const tip = document.getElementById('tip');"
                                 "return tip.hidden ? '' : tip.innerText")

    def get_cells(self, column):
        """The cells of a column of the table."""
        return self.browser.run(
            "return [...document.querySelectorAll('#points tbody tr')].map("
            "(row) => row.cells[arguments[0]].textContent)", column)

    def get_rows(self, section):
        """The cells of the rows of a section's table, its head first."""
        self.browser.show(section)
        self.browser.wait("return document.querySelector(`#${arguments[0]} table`) !== null",
                          section)
        return self.browser.run(
            "return [...document.querySelectorAll(`#${arguments[0]} tr`)].map("
            "(row) => [...row.cells].map((cell) => cell.textContent))", section)

    def show_table(self, rows):
        """Scroll to the table and wait until it has that many rows."""
        self.browser.show("table")
        self.browser.wait("return document.querySelectorAll('#points tbody tr').length "
                          "=== arguments[0]", rows)

    def sort(self, title):
        """Click the head of a column of the table."""
        return self.browser.run(
            "const heads = [...document.querySelectorAll('#points th')];"
            "const at = heads.findIndex((head) => head.textContent === arguments[0]);"
            "heads[at].querySelector('button').click();"
            "return [at, heads[at].getAttribute('aria-sort')]", title)


class PageTest(PageTestCase):
    """What the page shows and does."""

    def test_sweep(self):
        result_fixture.write_sweep(self.path, {"bandwidth0": [1e6, 5e6, 20e6],
                                               "deployment": [0, 25]})
        self.open()
        self.browser.show_chart("sweep", "sweep-chart")
        rows = query(self.path, "SELECT number / 1e6, simulated_latency_ms, estimated_latency_ms, "
                     "point FROM result JOIN axis_value USING (point) WHERE axis = 0 "
                     "ORDER BY point % 2, number")
        datasets = self.get_datasets("sweep-chart")
        self.assertEqual([label for label, _ in datasets],
                         ["1:1-40", "1:1-40", "0:1-25,1:26-40", "0:1-25,1:26-40"])
        for start, (simulated, estimated) in ((0, datasets[:2]), (3, datasets[2:])):
            for column, (_, points) in ((1, simulated), (2, estimated)):
                self.assertEqual(len(points), 3)
                for point, row in zip(points, rows[start:start + 3], strict=True):
                    self.assertAlmostEqual(point[0], row[0], delta=1e-5 * row[0])
                    self.assertAlmostEqual(point[1], row[column], delta=1e-5 * row[column])
        self.assertGreater(self.count_inked("sweep-chart"), 1000)
        # Intervals are in the chart whole.
        (low, high), = query(self.path, "SELECT min(simulated_latency_ms - "
                             "simulated_latency_ci95_ms), max(simulated_latency_ms + "
                             "simulated_latency_ci95_ms) FROM result")
        shown = self.browser.run("const {min, max} = Chart.getChart('sweep-chart').scales.y;"
                                 "return [min, max]")
        self.assertLessEqual(shown[0], low)
        self.assertGreaterEqual(shown[1], high)

    def test_hovering_tells_the_point(self):
        result_fixture.write_sweep(self.path, {"bandwidth0": [1e6, 5e6, 20e6]}, rate=5)
        self.open()
        self.browser.show_chart("sweep", "sweep-chart")
        database = sqlite3.connect(self.path)
        database.row_factory = sqlite3.Row
        row = database.execute("SELECT * FROM result WHERE point = 1").fetchone()
        exits = database.execute("SELECT * FROM exit WHERE point = 1").fetchall()
        database.close()
        text = self.hover("sweep-chart", 5, row["simulated_latency_ms"])
        lines = [re.split(r"\t+", line.strip()) for line in text.splitlines()]
        self.assertEqual(lines[0], ["0:1-25,1:26-40@0.1"])
        self.assertIn("point 1 · bandwidth of link 0 5 Mb/s · threshold 0.1 · invented", text)
        for name, key in (("latency (ms)", "latency"), ("computation", "computation"),
                          ("transmission", "transmission"), ("wait", "wait")):
            line = next(line for line in lines if line[0] == name)
            self.assertEqual(float(line[1]), float(show(row[f"simulated_{key}_ms"])))
            self.assertEqual(float(line[-1]), float(show(row[f"estimated_{key}_ms"])))
            self.assertEqual(float(line[2]), float(f"{row[f'simulated_{key}_ci95_ms']:.3g}"))
        for one in exits:
            line = next(line for line in lines if line[0] == f"exit rate {one['partition']}")
            self.assertEqual(float(line[1]), float(show(one["simulated_rate"])))
            self.assertEqual(float(line[-1]), float(show(one["estimated_rate"])))
        self.assertIn(row["explanation"], text)

    def test_hovering_between_points_tells_nothing(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 40]})
        self.open()
        self.browser.show_chart("sweep", "sweep-chart")
        (low, middle), (high, _) = self.get_datasets("sweep-chart")[0][1]
        self.hover("sweep-chart", low, middle)
        self.browser.move_to("sweep-chart", *self.get_pixel("sweep-chart", (low + high) / 2,
                                                            middle))
        self.browser.wait("return document.getElementById('tip').hidden")

    def test_another_quantity_and_one_series(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20, 40], "deployment": [0, 25]})
        self.open()
        self.browser.show_chart("sweep", "sweep-chart")
        self.browser.run(
            "const [along, show, deployment] = document.querySelectorAll('#sweep select');"
            "const pick = (select, text) => { select.value = [...select.options].find("
            "(option) => option.text === text).value; select.dispatchEvent(new Event('change')) };"
            "pick(show, 'propagation (ms)'); pick(deployment, '1:1-40')")
        _, estimated = self.get_datasets("sweep-chart")
        # The input goes up the link and the result down.
        self.assertEqual(estimated[1], [[5, 10], [20, 40], [40, 80]])

    def test_agreement_draws_every_deployment(self):
        result_fixture.write_crosscheck(self.path, 300)
        self.open()
        self.browser.show_chart("agreement", "agreement-chart")
        points, equal, line = self.get_datasets("agreement-chart")
        self.assertEqual(len(points[1]), 300)
        (slope, r_squared), = query(self.path, "SELECT slope, r_squared FROM agreement "
                                               "WHERE component = 'latency'")
        self.assertEqual(line[0], f"least squares: slope {slope:.5g}, R² {r_squared:.4g}")
        (x0, y0), (x1, y1) = line[1]
        self.assertAlmostEqual((y1 - y0) / (x1 - x0), slope, delta=1e-5)
        self.assertGreater(self.count_inked("agreement-chart"), 1000)
        (deployment, x, y), = query(self.path, "SELECT deployment, simulated_latency_ms, "
                                    "estimated_latency_ms FROM result ORDER BY "
                                    "simulated_latency_ms DESC LIMIT 1")
        self.assertIn(deployment, self.hover("agreement-chart", x, y))

    def test_what_the_programs_write(self):
        result_fixture.run_program("portend-sweep", self.path, "--sweep=delay0=5ms:40ms:5ms",
                                   "--replications=2")
        self.open()
        self.browser.show_chart("sweep", "sweep-chart")
        simulated, _ = self.get_datasets("sweep-chart")
        self.assertEqual([x for x, _ in simulated[1]], [5, 10, 15, 20, 25, 30, 35, 40])
        for section, chart in (("components", "components-chart"), ("detail", "detail-chart"),
                               ("detail", "cdf-chart")):
            self.browser.show_chart(section, chart)
            self.assertGreater(self.count_inked(chart), 1000)

    def test_frontier(self):
        result_fixture.write_sweep(self.path, {"threshold": [0, 0.1, 0.2], "delay0": [5, 20]})
        self.open()
        self.browser.show_chart("pareto", "pareto-chart")
        datasets = dict(self.get_datasets("pareto-chart"))
        # One network at a time: the first delay, with three thresholds.
        expected = query(self.path, "SELECT estimated_latency_ms, estimated_accuracy FROM result "
                         "JOIN axis_value USING (point) WHERE axis = 1 AND number = 5 ORDER BY 1")
        self.assertEqual(len(datasets["estimated"]), 3)
        for point, row in zip(datasets["estimated frontier"][:3], expected, strict=True):
            self.assertAlmostEqual(point[0], row[0], delta=1e-4)
            self.assertAlmostEqual(point[1], row[1], delta=1e-6)

    def test_validity(self):
        result_fixture.write_sweep(self.path, {"bandwidth0": [1e6, 10e6], "rate": [1, 10, 20]},
                                   runners_up=[0], regret=True)
        self.open()
        self.browser.show_chart("validity", "error-chart")
        cells = self.browser.run("return Chart.getChart('error-chart').options.cells.map("
                                 "({x, y, text}) => [x, y, text])")
        errors = [row[0] for row in query(self.path, "SELECT error_percent FROM regret")]
        self.assertEqual(cells, [
            [point // 3, point % 3, f"{error:.1f}".replace("-", "−")]
            for point, error in enumerate(errors)])
        text = self.hover("error-chart", 1, 2)  # 10 Mb/s, 20 a second: point 5
        self.assertIn(f"error {show(errors[5])} ± ", text)
        self.assertIn("simulated fastest: 1:1-40@0.1", text)
        self.assertIn("point 5", text)

    def test_distribution_and_components_of_a_point(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20]}, rate=5)
        self.open()
        self.browser.show_chart("detail", "cdf-chart")
        self.browser.run("const input = document.getElementById('detail-point');"
                         "input.value = 1; input.dispatchEvent(new Event('change'))")
        steps = query(self.path, "SELECT latency_ms, share FROM cdf WHERE point = 1 AND "
                      "partition = 2 ORDER BY latency_ms")
        curve = dict(self.get_datasets("cdf-chart")[:3])["exit 2"]
        self.assertEqual(curve[0][1], 0)
        for point, step in zip(curve[1:], steps, strict=True):
            self.assertAlmostEqual(point[0], step[0], delta=1e-3)
            self.assertAlmostEqual(point[1], step[1], delta=1e-4)
        bars = self.get_datasets("detail-chart")
        row, = query(self.path, "SELECT simulated_latency_ms + estimated_latency_ms FROM result "
                     "WHERE point = 1")
        self.assertAlmostEqual(sum(points[0][0] for _, points in bars), row[0], delta=1e-2)

    def test_components_of_all_points_are_drawn(self):
        result_fixture.write_sweep(self.path, {"delay0": range(1, 30)})
        self.open()
        self.browser.show_chart("components", "components-chart")
        for _, points in self.get_datasets("components-chart"):
            self.assertEqual(len(points), 10)
        self.assertIn("10 of 29 points, evenly chosen.",
                      self.browser.run("return document.getElementById('components').innerText"))
        self.assertGreater(self.count_inked("components-chart"), 10000)

    def test_table_sorts(self):
        result_fixture.write_crosscheck(self.path, 120)
        self.open()
        self.show_table(50)
        expected = [row[0] for row in query(
            self.path, "SELECT point FROM result ORDER BY simulated_latency_ms, point")]
        self.assertEqual(self.sort("simulated (ms)")[1], "ascending")
        self.assertEqual(self.get_cells(0), [str(point) for point in expected[:50]])
        # Deployments on tier 0 alone take 72.8 ms all, so ties go by the number of the point.
        self.assertEqual(self.sort("simulated (ms)")[1], "descending")
        latencies = [float(text) for text in self.get_cells(2)]
        self.assertEqual(latencies, sorted(latencies, reverse=True))
        at, _ = self.sort("deployment")
        texts = self.get_cells(at)
        self.assertEqual(texts[0].partition(":")[0], "0")
        self.assertEqual(self.browser.run(
            "return document.getElementById('table-count').textContent"), "1 to 50 of 120")

    def test_table_filters_and_turns_pages(self):
        result_fixture.write_crosscheck(self.path, 120)
        self.open()
        self.show_table(50)
        self.browser.run("const next = document.querySelector('[aria-label=\"next page\"]');"
                         "next.click(); next.click()")
        self.assertEqual(self.get_cells(0), [str(point) for point in range(100, 120)])
        self.browser.run("const filter = document.getElementById('table-filter');"
                         "filter.value = ',1:26-'; filter.dispatchEvent(new Event('input'))")
        expected = [str(row[0]) for row in query(
            self.path, "SELECT point FROM result WHERE deployment LIKE '%,1:26-%'")]
        self.assertTrue(expected)
        self.assertEqual(self.get_cells(0), expected)

    def test_what_is_not_known_sorts_last(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20, 40]})
        change(self.path, "UPDATE result SET simulated_latency_ms = NULL WHERE point = 0")
        self.open()
        self.show_table(3)
        for expected in (["1", "2", "0"], ["2", "1", "0"]):
            self.sort("simulated (ms)")
            self.assertEqual(self.get_cells(0), expected)

    def test_series_that_cross_are_named(self):
        result_fixture.write_sweep(self.path, {"bandwidth0": [1e6, 5e6, 10e6, 20e6],
                                               "deployment": [25, 40]}, crossing=True)
        self.open()
        self.browser.show_chart("sweep", "sweep-chart")
        self.assertEqual(self.browser.run(
            "return document.querySelector('#sweep table tbody td').textContent"),
            "0:1-25,1:26-40 and 0:1-40")

    def test_service_levels(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20, 40]}, rate=5)
        change(self.path, "INSERT INTO level SELECT point, 0, 'p95:1s', 1000, 100 + point, 3, NULL, "
                          "NULL, NULL, point < 2 FROM result")
        self.open()
        self.browser.show_chart("sweep", "sweep-chart")
        self.assertEqual(self.browser.run(
            "return Chart.getChart('sweep-chart').data.datasets[0].pointStyle"),
            ["circle", "circle", "crossRot"])
        self.show_table(3)
        head = self.browser.run("return [...document.querySelectorAll('#points th')].map("
                                "(cell) => cell.textContent)").index("p95:1s")
        self.assertEqual(self.get_cells(head),
                         ["100 ms ± 3", "101 ms ± 3", "102 ms ± 3, fails"])

    def test_capacities(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20]}, rate=5)
        change(self.path, "INSERT INTO level SELECT point, 0, 'met:99%', NULL, NULL, NULL, 0.99, "
                          "0.995, NULL, 1 FROM result")
        change(self.path, "INSERT INTO capacity VALUES (0, 'arrival', 'per_s', 12.5, 11, NULL), "
                          "(1, 'arrival', 'per_s', NULL, 0, 4)")
        self.open()
        self.assertEqual(self.get_rows("capacity"), [
            ["point", "arrival (per s)", "from", "to", "met:99%"],
            ["5 ms", "12.5", "11", "–", "99.5 %"], ["20 ms", "none", "0", "4", "99.5 %"]])

    def test_audit(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20, 40]}, rate=5)
        change(self.path, "INSERT INTO audit VALUES "
                          "(0, 0, 0, 'latency', 100, 2, 10, 11, 1, 5), "
                          "(0, 0, 1, 'network_excess', 100, 2, 1, 1, 0, 0), "
                          "(2, 0, 0, 'latency', 300, 0, 30, 31, 2, 4), "
                          "(2, 0, 1, 'network_excess', 300, 0, 1, 1, 0, 0)")
        self.open()
        self.assertEqual(self.get_rows("audit"), [
            ["entry", "trains (ms)", "packets (ms)", "mean difference (ms)",
             "largest difference (ms)"],
            ["latency", "25", "26", "1.75", "5"], ["network excess", "1", "1", "0", "0"]])
        self.assertIn("2 of 3 points (0, 2), 400 requests; 2 were answered by one engine only",
                      self.browser.run("return document.querySelector('#audit').innerText"))

    def test_without_them(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20]}, rate=5)
        self.open()
        self.assertEqual(self.browser.run("return [...document.querySelectorAll('#audit, "
                                          "#capacity')].length"), 0)

    def test_the_largest_error_is_named(self):
        result_fixture.write_crosscheck(self.path, 5)
        self.open()
        self.browser.show_chart("agreement", "agreement-chart")
        (deployment,), = query(self.path, "SELECT deployment FROM result WHERE point = 0")
        self.assertIn(deployment, self.browser.run(
            "return document.querySelector('#agreement table').innerText"))

    def test_provenance(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20]})
        change(self.path, "INSERT INTO provenance VALUES ('program', 'version', '0.1'), "
                          "('input', 'inputs', ?), ('program', 'seed', 7)", HOSTILE)
        self.open()
        self.assertEqual(self.browser.run(
            "return [...document.querySelectorAll('#provenance tr')].map("
            "(row) => [...row.cells].map((cell) => cell.textContent))"),
            [["inputs", HOSTILE], ["seed", "7"], ["version", "0.1"]])

    def test_where_no_request_was_answered(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20], "rate": [1, 5]},
                                   runners_up=[0], regret=True)
        for column in [row[1] for row in query(self.path, "PRAGMA table_info(result)")
                       if row[1].startswith(("simulated", "difference"))]:
            change(self.path, f"UPDATE result SET {column} = NULL")
        change(self.path, "UPDATE regret SET regret_ms = NULL, regret_percent = NULL, "
                          "error_percent = NULL, error_ci95_percent = NULL")
        change(self.path, "DELETE FROM cdf")
        self.open()
        self.assertIn("no request was answered at 4 of them", self.browser.run(
            "return document.querySelector('header').innerText"))
        for section in ("sweep", "validity", "components", "detail", "table", "made"):
            self.browser.show(section)
        self.show_table(8)

    def test_hostile_texts_stay_texts(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20], "deployment": [0, 25]},
                                   profile=HOSTILE)
        for text in ("UPDATE result SET deployment = ?, explanation = ?1",
                     "UPDATE axis_value SET text = ? || point WHERE axis = 1",
                     "UPDATE meta SET value = ? WHERE key IN ('command', 'program', 'version')"):
            change(self.path, text, HOSTILE)
        change(self.path, "UPDATE meta SET value = ? WHERE key = 'scenario'",
               json.dumps({"description": HOSTILE}))
        self.open()
        for section in ("sweep", "components", "detail", "table", "made"):
            self.browser.show(section)
        self.show_table(4)
        self.assertEqual(self.browser.run("return document.title"), self.path.name)
        self.assertEqual(self.browser.run("return document.images.length"), 0)
        self.assertEqual(self.browser.run("return document.scripts.length"), 3)
        self.assertEqual(self.browser.run(
            "return document.getElementById('command').textContent"), HOSTILE)
        self.assertEqual(json.loads(self.browser.run(
            "return document.getElementById('scenario').textContent")), {"description": HOSTILE})
        heads = self.browser.run("return [...document.querySelectorAll('#points th')].map("
                                 "(head) => head.textContent)")
        at = len(heads) - 1 - heads[::-1].index("deployment")
        self.assertEqual(self.get_cells(at), [HOSTILE] * 4)
        self.browser.show_chart("sweep", "sweep-chart")
        label, points = self.get_datasets("sweep-chart")[0]
        self.assertEqual(label, HOSTILE + "0")
        self.assertIn(HOSTILE, self.hover("sweep-chart", *points[0]))

    def test_large_files_keep_some_distributions(self):
        # 81 steps a point at most: more than 60,000 in all.
        result_fixture.write_sweep(self.path, {"delay0": [5 + 0.1 * at for at in range(800)]},
                                   rate=5)
        steps, = query(self.path, "SELECT count(*) FROM cdf")[0]
        self.assertGreater(steps, 60_000)
        self.open()
        kept = self.browser.run("return Object.entries(JSON.parse("
                                "document.getElementById('data').textContent).cdf).flatMap("
                                "([_, curves]) => curves.map((curve) => curve[1].length))")
        self.assertLessEqual(sum(kept), 60_000)
        self.assertGreater(sum(kept), 50_000)
        self.browser.show_chart("detail", "cdf-chart")
        self.browser.run("const input = document.getElementById('detail-point');"
                         "input.value = 1; input.dispatchEvent(new Event('change'))")
        self.assertIn("There is no distribution of this point here.", self.browser.run(
            "return document.getElementById('detail').innerText"))

    def test_dark_and_printed(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20, 40]})
        self.open()
        self.browser.show_chart("sweep", "sweep-chart")

        def get_colors():
            return self.browser.run("return [getComputedStyle(document.body).backgroundColor, "
                                    "Chart.getChart('sweep-chart').options.color]")

        light = get_colors()
        self.assertEqual(light, ["rgb(255, 255, 255)", "#1a1a1a"])
        self.browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": "dark"}]})
        self.addCleanup(self.browser.driver.execute_cdp_cmd, "Emulation.setEmulatedMedia", {})
        self.browser.wait("return Chart.getChart('sweep-chart').options.color === '#e8e8e8'")
        self.assertEqual(get_colors()[0], "rgb(22, 24, 28)")
        self.browser.run("dispatchEvent(new Event('beforeprint'))")
        self.assertEqual(get_colors()[1], "#1a1a1a")
        # Everything is there to be printed, whether it was looked at or not.
        self.assertEqual(self.browser.run("return document.querySelectorAll('#points tr').length"),
                         4)
        self.browser.run("dispatchEvent(new Event('afterprint'))")
        self.assertEqual(get_colors()[1], "#e8e8e8")


class NetworkPageTest(PageTestCase):
    """What the page shows of a network."""

    ENDING = ".json"

    def write(self, **arguments):
        """Write what portend-run writes at self.path."""
        self.path.write_text(json.dumps(result_fixture.make_network(**arguments)))

    def get_rows(self, table):
        """The cells of a table."""
        return self.browser.run(
            "return [...document.querySelectorAll(`#${arguments[0]} tbody tr`)].map((row) => "
            "[...row.cells].map((cell) => cell.textContent))", table)

    def test_tables(self):
        self.write()
        self.open()
        self.assertEqual(self.get_rows("streams"), [
            ["vision", "3", "100", "50", "0.5", "45", "45", "60", ""],
            ["detail", "3", "100", "500", "0.5", "450", "450", "600", ""]])
        self.assertEqual(self.get_rows("nodes"), [
            ["camera", "a1.medium", "3", "2.00 %", "3.00 %", "0.5000"],
            ["station", "m4.large", "2", "4.50 %", "5.00 %", "0.5000"],
            ["relay", "only forwards", "1", "6.00 %", "6.00 %", "0.5000"],
            ["cloud", "g4dn.xlarge", "1", "7.00 %", "7.00 %", "0.5000"]])
        self.assertEqual(self.get_rows("links")[:2], [
            ["camera-station", "camera to station", "3", "30.00 %", "30.00 %", "3.00 kB", "30 B",
             "0 B"],
            ["camera-station", "station to camera", "3", "0.10 %", "0.10 %", "3.00 kB", "30 B",
             "0 B"]])
        self.assertEqual(self.get_rows("each-node")[1], ["camera[1]", "2.00 %", "0.5000"])
        self.assertEqual(self.get_rows("each-link")[3][:3],
                         ["camera[1]-station[0]", "station[0] to camera[1]", "0.10 %"])
        self.assertEqual(self.get_rows("stations"),
                         [["cloud", "2", "40.00 %", "20.00 %", "20.00 %"]])

    def test_drawing(self):
        self.write(cameras=100)
        self.open()
        box, styled, halves = self.browser.run(
            "const svg = document.querySelector('#network svg.drawing');"
            "const {width, height} = svg.getBoundingClientRect();"
            "return [[width, height], svg.querySelectorAll('[style], style').length, "
            "svg.querySelectorAll('path').length]")
        self.assertGreater(min(box), 200)
        self.assertEqual(styled, 0)  # the page's policy would forbid it
        self.assertGreater(halves, 300)

    def test_streams_are_points(self):
        self.write()
        self.open()
        self.browser.show_chart("sweep", "sweep-chart")
        simulated, estimated = self.get_datasets("sweep-chart")
        self.assertEqual((simulated[1], estimated[1]), ([[0, 50], [1, 500]], [[0, 45], [1, 450]]))
        self.browser.show_chart("components", "components-chart")
        self.assertGreater(self.count_inked("components-chart"), 1000)
        self.show_table(2)
        self.assertEqual(self.get_cells(1), ["vision", "detail"])
        self.assertEqual(self.browser.run("return [...document.querySelectorAll('main h2')].map("
                                          "(head) => head.textContent)"),
                         ["Latency", "Components", "One stream", "Streams"])

    def test_hostile_texts_stay_texts(self):
        self.write(streams=(HOSTILE.replace("/", "|"), "$x_1$"))
        document = json.loads(self.path.read_text())
        document["provenance"] = {"inputs": {HOSTILE: HOSTILE}}
        document["scenario"]["nodes"][0]["device"] = HOSTILE
        self.path.write_text(json.dumps(document))
        self.open()
        self.assertEqual(self.get_rows("streams")[0][0], HOSTILE.replace("/", "|"))
        self.assertEqual(self.get_rows("nodes")[0][1], HOSTILE)
        self.assertEqual(self.browser.run("return document.title"), self.path.name)
        self.assertEqual(self.browser.run("return document.images.length"), 0)
        self.assertEqual(self.browser.run("return document.scripts.length"), 3)

    def test_what_the_programs_write(self):
        result_fixture.run("portend-run", "scenarios/campus.json", f"--json={self.path}",
                           "--set", "nodes/camera/count=12")
        self.open()
        self.assertEqual([row[0] for row in self.get_rows("streams")], ["vision", "detail"])
        self.assertEqual(len(self.get_rows("each-link")), 2 * 16)
        for section, chart in (("components", "components-chart"), ("detail", "detail-chart")):
            self.browser.show_chart(section, chart)
            self.assertGreater(self.count_inked(chart), 1000)


class ProgramTest(unittest.TestCase):
    """What the script writes, and what it refuses."""

    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = Path(self.temporary.name)
        self.path = self.folder / "result.sqlite"

    def refuse(self, message, *arguments):
        """The script ends with one message and status 2 and leaves the folder as it was."""
        before = {path: path.stat().st_mtime_ns for path in self.folder.iterdir()}
        done = run(*arguments)
        self.assertEqual(done.returncode, 2, arguments)
        self.assertEqual(done.stdout, "")
        self.assertIn(message, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertEqual({path: path.stat().st_mtime_ns for path in self.folder.iterdir()}, before)

    def test_one_file_without_addresses(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20]})
        out = self.folder / "page.html"
        self.assertEqual(run(self.path, "-o", out).returncode, 0)
        page = out.read_text(encoding="utf-8")
        self.assertIn("default-src 'none'; script-src 'sha256-", page)
        self.assertNotIn("unsafe-inline", page)
        self.assertNotIn("sourceMappingURL", page)
        self.assertIn("Chart.js v3", page)  # its license's notice goes with it
        self.assertEqual(re.findall(r'\b(?:src|href)="(?!data:)', page), [])

    def test_same_numbers_same_bytes(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20]})
        for name in ("a", "b"):
            run(self.path, "-o", self.folder / name)
        self.assertEqual((self.folder / "a").read_bytes(), (self.folder / "b").read_bytes())

    def test_points_so_far(self):
        result_fixture.write_sweep(self.path, {"delay0": [5, 20]})
        change(self.path, "UPDATE meta SET value = '40' WHERE key = 'points'")
        run(self.path)
        self.assertIn("2 of 40 points so far",
                      (self.folder / "result.html").read_text(encoding="utf-8"))

    def test_bad_files(self):
        self.refuse("no such file", self.folder / "none.sqlite")
        self.refuse("not a file", self.folder)
        self.path.write_text("{}")
        self.refuse("not an SQLite database", self.path)
        self.path.write_bytes(b"SQLite format 3\0" + bytes(200))
        self.refuse("not a database", self.path)
        result_fixture.write_sweep(self.path, {"delay0": []})
        self.refuse("there are no points in it", self.path)
        for pragma, message in (("application_id = 7", "application_id is 0x7"),
                                ("user_version = 3", "schema version is 3, only 1 and 2")):
            result_fixture.write_sweep(self.path, {"delay0": [5]})
            change(self.path, f"PRAGMA {pragma}")
            self.refuse(message, self.path)
        result_fixture.write_sweep(self.path, {"delay0": [5]})
        change(self.path, "UPDATE meta SET value = '{' WHERE key = 'scenario'")
        self.refuse("scenario in table meta", self.path)

    def test_bad_networks(self):
        self.path.write_text('{"schema_version": 1}')
        self.refuse("/schema_version: found 1; allowed: 2, that of networks", self.path)
        self.path.write_text('{"schema_version": 2}')
        self.refuse("/scenario is missing", self.path)
        self.path.write_text('{"schema_version": ')
        self.refuse("line 1", self.path)
        self.path.write_text(json.dumps(result_fixture.make_network()))
        for name in ("a", "b"):
            self.assertEqual(run(self.path, "-o", self.folder / name).returncode, 0)
        self.assertEqual((self.folder / "a").read_bytes(), (self.folder / "b").read_bytes())

    def test_output_that_cannot_be_written(self):
        result_fixture.write_sweep(self.path, {"delay0": [5]})
        self.refuse(f"{self.path}/page.html: ", self.path, "-o", self.path / "page.html")
        self.refuse(f"{self.folder}/none/page.html: ", self.path, "-o",
                    self.folder / "none" / "page.html")
        other = self.folder / "result.html"
        shutil.move(self.path, other)
        self.refuse("is the same file as ", other)

    def test_outputs(self):
        result_fixture.write_sweep(self.path, {"delay0": [5]})
        done = run(self.path, "-o", "-")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        page, target = self.folder / "page.html", self.folder / "target.html"
        target.write_text("old")
        page.symlink_to("target.html")
        self.assertEqual(run(self.path, "-o", page).returncode, 0)
        self.assertTrue(page.is_symlink())
        self.assertEqual(target.read_text(encoding="utf-8"), done.stdout)
        (self.folder / "hard.html").hardlink_to(self.path)
        self.refuse("is the same file as", self.path, "-o", self.folder / "hard.html")
        self.refuse("No space left on device", self.path, "-o", "/dev/full")

    def test_names_that_are_no_text(self):
        result_fixture.write_sweep(self.path, {"delay0": [5]}, profile="\x1b[31m\u202e\n")
        name = self.folder / os.fsdecode(b"r\xfe<b>.sqlite")
        self.path.rename(name)
        done = subprocess.run([SCRIPT, name], capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        page = name.with_suffix(".html").read_text(encoding="utf-8")
        self.assertIn("<h1>r\ufffd&lt;b&gt;.sqlite</h1>", page)
        self.assertNotIn("\x1b", page)

    def test_damaged_results(self):
        for statement, message in (
                ("UPDATE result SET requests = x'00'", "table result, point 0, rank 0: requests"),
                ("UPDATE exit SET rank = 5 WHERE partition = 1", "table exit: found point, rank"),
                ("UPDATE cdf SET latency_ms = -1e300 WHERE share = 1", "table cdf"),
                ("DROP TABLE regret", "no such table: regret")):
            result_fixture.write_sweep(self.path, {"delay0": [5]})
            change(self.path, statement)
            self.refuse(message, self.path)

    def test_chart_library_that_is_missing(self):
        result_fixture.write_sweep(self.path, {"delay0": [5]})
        self.refuse("./ns3 setup figures installs libjs-chart.js", self.path,
                    f"--chart-js={self.folder}/none.js")

    def test_help(self):
        done = run("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("--chart-js", done.stdout)


if __name__ == "__main__":
    unittest.main()
