"""Writes what controllers did as HTML: requests over time, and a comparison of controllers."""

import html
from collections import Counter

from csv_file import parse_csv
from network_html import Raw, show, write_table
from plain_text import make_plain
from script import BadInput
from text_file import read_text
from trace_file import MBPS, Trace, parse_trace

# As of figures: blue, orange, green, purple, sky, and grey for the rest.
COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#999999"]
WIDTH, HEIGHT, LEFT, GAP = 900, 260, 60, 30  # of a panel, in the drawing's units
MOST_REQUESTS = 20_000  # that are drawn
MOST_TEXT = 200  # letters of a text
MOST_STEPS = 20_000  # of a bandwidth


class Timeline:
    """The requests of the --csv file of a run with a controller, by stream."""

    def __init__(self, path, text):
        self.path = path
        self.streams = {}  # (s, ms, deployment, exit), in order
        for row in parse_csv(text, path, ["generated_ns", "latency_ns", "exit_partition",
                                          "deployment"]):
            stream = row.get_text("stream") if "stream" in row.fields else ""
            self.streams.setdefault(stream, []).append(
                (row.get_count("generated_ns", "nanoseconds") / 1e9,
                 row.get_count("latency_ns", "nanoseconds") / 1e6,
                 row.get_text("deployment"),
                 row.get_count("exit_partition", "the number of a partition", low=1)))
        if not self.streams:
            raise BadInput(f"{path}: found no request; allowed: at least one")


class Comparison:
    """The --json file of portend-compare."""

    def __init__(self, document):
        self.reference = document.get("reference").as_text()
        self.replications = document.get("replications").as_count(1)
        self.settings = []  # (what it is, rows)
        for setting in document.get("settings").as_list():
            words = ", ".join(f"{name} {value.as_text()}"
                              for name, value in setting.get("values").items())
            self.settings.append((words, [_read_controller(one) for one in
                                          setting.get("controllers").as_list()]))
        self.provenance = {}
        if document.has("provenance"):
            for key, value in document.get("provenance").items():
                parts = value.value if isinstance(value.value, dict) else {"": value.value}
                self.provenance.update((f"{key} {part}".rstrip(), text)
                                       for part, text in parts.items())


def _read_controller(value):
    """A row of the table."""
    def read(name):
        entry = value.get(name)
        return entry.get("mean").as_number(), entry.get("ci95").as_number()

    regret = read("regret_ms") if value.has("regret_ms") else (None, None)
    return {"controller": value.get("controller").as_text(), "latency": read("latency_ms"),
            "accuracy": read("accuracy")[0], "answered": read("answered_share")[0],
            "switches": read("switches")[0], "regret": regret}


def write_timelines(timeline, trace_path=None):
    """A section for each stream: when requests arose, how long they took, by deployment.

    Args:
        timeline: A Timeline.
        trace_path: The trace of a link, drawn above; or None.
    """
    trace = trace_path and Trace(parse_trace(read_text(trace_path), trace_path))
    parts = []
    for name, requests in timeline.streams.items():
        title = f"Stream {name}" if name else "Requests"
        parts.append(f"<section>\n<h2>{html.escape(make_plain(title, MOST_TEXT))}</h2>")
        parts.append(_draw_timeline(requests, trace))
        often = Counter(deployment for _, _, deployment, _ in requests).most_common()
        rows = [[_mark(place), deployment, str(count), f"{100 * count / len(requests):.2f} %",
                 show(sum(ms for _, ms, own, _ in requests if own == deployment) / count)]
                for place, (deployment, count) in enumerate(often)]
        parts.append(write_table("deployments" + str(len(parts)),
                                 ["", "deployment", "requests", "share", "mean latency (ms)"],
                                 rows, words=2))
        if len(requests) > MOST_REQUESTS:
            parts.append(f'<p class="caption">The first {MOST_REQUESTS} of {len(requests)} '
                         "requests are drawn.</p>")
        parts.append("</section>")
    return "\n".join(parts)


def _mark(place):
    """A dot of a deployment's colour."""
    colour = COLOURS[min(place, len(COLOURS) - 1)]
    return Raw('<svg class="spread" viewBox="0 0 10 10">'
               f'<circle cx="5" cy="5" r="4" fill="{colour}"/></svg>')


def _draw_timeline(requests, trace):
    """Requests as dots that tell of themselves, and the bandwidth above them."""
    drawn = requests[:MOST_REQUESTS]
    end = max(time for time, _, _, _ in drawn) or 1
    most = max(ms for _, ms, _, _ in drawn) or 1
    often = [name for name, _ in Counter(own for _, _, own, _ in requests).most_common()]
    colours = {name: COLOURS[min(place, len(COLOURS) - 1)] for place, name in enumerate(often)}
    above = HEIGHT + GAP if trace else 0

    def x(time):
        return f"{LEFT + (WIDTH - LEFT - 10) * min(time, end) / end:.2f}"

    def y(share, bottom):
        return f"{bottom - 10 - (HEIGHT - 30) * share:.2f}"

    parts = [f'<svg class="drawing" role="img" aria-label="latency of requests over time" '
             f'viewBox="0 0 {WIDTH} {above + HEIGHT + GAP}" xmlns="http://www.w3.org/2000/svg">']
    if trace:
        fastest = max(step.bandwidth_bps for step in trace.steps) or 1
        points = []
        for time, bandwidth in _repeat(trace, end):
            height = y(bandwidth / fastest, HEIGHT)
            points += [f"{x(time)},{points[-1].partition(',')[2]}"] if points else []
            points.append(f"{x(time)},{height}")
        points.append(f"{x(end)},{points[-1].partition(',')[2]}")
        parts.append('<polyline id="bandwidth" fill="none" stroke="currentColor" '
                     f'points="{" ".join(points)}"><title>bandwidth, up to '
                     f'{show(fastest / MBPS)} Mb/s</title></polyline>')
        parts.append(_write(LEFT, 16, f"bandwidth, 0 to {show(fastest / MBPS)} Mb/s"))
    bottom = above + HEIGHT
    for time, latency, deployment, exit_partition in drawn:
        words = (f"{time:.3f} s: {show(latency)} ms, exit {exit_partition}, "
                 f"{make_plain(deployment, MOST_TEXT)}")
        parts.append(f'<circle cx="{x(time)}" cy="{y(latency / most, bottom)}" r="2.5" '
                     f'fill="{colours[deployment]}"><title>{html.escape(words)}</title></circle>')
    parts.append(_write(LEFT, above + 16, f"latency, 0 to {show(most)} ms"))
    parts.append(_write(LEFT, bottom + 16, f"time, 0 to {show(end)} s"))
    return "\n".join([*parts, "</svg>"])


def _write(left, top, words):
    """Words in a drawing."""
    return f'<text x="{left}" y="{top}" font-size="12" fill="currentColor">{words}</text>'


def _repeat(trace, end):
    """Times in s and bandwidths of a trace that begins again, until some time."""
    start, count = 0, 0
    while True:
        for step in trace.steps[:-1] or trace.steps:
            if start + step.time_s > end or count == MOST_STEPS:
                return
            count += 1
            yield start + step.time_s, step.bandwidth_bps
        start += trace.duration_s
        if not trace.duration_s:
            return


def write_comparison(comparison):
    """A section for each setting: the controllers, and by how much they are slower.

    Args:
        comparison: A Comparison.
    """
    parts = []
    ends = [abs(row["regret"][0]) + (row["regret"][1] or 0) for _, rows in comparison.settings
            for row in rows if row["regret"][0] is not None]
    most = max(ends, default=0) or 1
    for place, (words, rows) in enumerate(comparison.settings):
        title = words or "Controllers"
        parts.append(f"<section>\n<h2>{html.escape(make_plain(title, MOST_TEXT))}</h2>")
        cells = [[row["controller"], show(row["latency"][0]), show(row["latency"][1], 3),
                  show(row["accuracy"]), f"{100 * row['answered']:.2f} %", show(row["switches"]),
                  show(row["regret"][0]), show(row["regret"][1], 3), _draw_bar(row, most)]
                 for row in rows]
        heads = ["controller", "latency (ms)", "± 95 %", "accuracy", "answered", "switches",
                 f"beyond {comparison.reference} (ms)", "± 95 %", f"0 to {show(most)} ms"]
        parts.append(write_table(f"controllers{place}", heads, cells))
        parts.append("</section>")
    return "\n".join(parts)


def _draw_bar(row, most):
    """A regret and its interval."""
    mean, half = row["regret"]
    if mean is None:
        return ""
    left, middle, right = (100 * min(1, max(0, value / most))
                           for value in (mean - (half or 0), mean, mean + (half or 0)))
    return Raw('<svg class="spread" viewBox="0 0 100 10">'
               f'<line x1="0" x2="{middle:.2f}" y1="5" y2="5" stroke="currentColor" '
               f'stroke-width="5"/><line x1="{left:.2f}" x2="{right:.2f}" y1="5" y2="5" '
               'stroke="#999999" stroke-width="1.5"/></svg>')
