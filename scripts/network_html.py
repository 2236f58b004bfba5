"""Writes what a network did as HTML: a drawing, and tables of streams, nodes and links."""

import html
import math
from xml.etree import ElementTree

from paper_style import render_figure, tell_missing_letters
from plain_text import make_plain
from script import BadInput

MOST_ROWS = 2000  # of a table
MOST_TEXT = 200  # letters of a text
SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"


class Raw(str):
    """A cell that is HTML already."""


def write_network(run):
    """The section about a network.

    Args:
        run: A NetworkRun.
    """
    parts = ['<section id="network">\n<h2>Network</h2>', _draw(run),
             "<h3>Streams and their members</h3>", _write_streams(run),
             "<h3>Nodes</h3>", _write_nodes(run), "<h3>Links</h3>", _write_links(run),
             "<h3>What each stream asks for</h3>", _write_stations(run), "</section>"]
    return "\n".join(parts)


def _draw(run):
    """The drawing as SVG, which the page's policy lets stand: without styles."""
    try:
        import network_drawing
    except ImportError:
        raise BadInput("python3-matplotlib is missing; ./ns3 setup figures installs it") from None
    with tell_missing_letters():
        figure = network_drawing.draw_network(run)
        if figure is None:
            return '<p class="caption">The network is too large to be drawn.</p>'
        data = render_figure(figure, "svg")
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    root = ElementTree.fromstring(data)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{SVG}}}style", f"{{{SVG}}}metadata"):
                parent.remove(child)
        for declaration in filter(None, parent.attrib.pop("style", "").split(";")):
            name, _, value = declaration.partition(":")
            parent.set(name.strip(), value.strip())
    # As the style that was removed has it for all.
    for name, value in (("stroke-linejoin", "round"), ("stroke-linecap", "butt"),
                        ("class", "drawing"), ("role", "img"),
                        ("aria-label", "nodes and links of the network")):
        root.set(name, value)
    return ElementTree.tostring(root, encoding="unicode")


def write_table(identity, heads, rows, words=1):
    """A table.

    Args:
        identity: Its id.
        heads: What stands above the columns.
        rows: Its cells: texts, or numbers.
        words: How many columns are texts, the first ones.
    """
    def write(tag, texts):
        cells = []
        for place, text in enumerate(texts):
            kind = ' class="words"' if place < words else ""
            shown = text if isinstance(text, Raw) else html.escape(make_plain(text, MOST_TEXT))
            cells.append(f"<{tag}{kind}>{shown}</{tag}>")
        return f"<tr>{''.join(cells)}</tr>"

    lines = [write("td", row) for row in rows[:MOST_ROWS]]
    table = "\n".join([f'<div class="scroll"><table class="table" id="{identity}">',
                       f"<thead>{write('th', heads)}</thead>", "<tbody>", *lines,
                       "</tbody></table></div>"])
    if len(rows) > MOST_ROWS:
        table += f'\n<p class="caption">The first {MOST_ROWS} of {len(rows)} rows.</p>'
    return table


def _fold(summary, table):
    """A table that is shown when asked for."""
    return f"<details><summary>{summary}</summary>\n{table}\n</details>"


def show(number, digits=4):
    """A number as briefly as some digits allow."""
    return "–" if number is None else f"{number:.{digits}g}".replace("-", "\N{MINUS SIGN}")


def _show_percent(share):
    """A share."""
    return f"{100 * share:.2f} %"


def _show_bytes(number):
    """A number of bytes."""
    for factor, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if number >= factor:
            return f"{number / factor:.2f} {unit}"
    return f"{number} B"


def _write_streams(run):
    """How the members of each stream differ."""
    ends = [end for stream in run.streams for end in stream.spread if end is not None]
    low, high = min(ends, default=0), max(ends, default=1)
    rows = []
    for point, stream in zip(run.points, run.streams):
        row = point.result
        rows.append([stream.name, str(stream.members), str(row["requests"]),
                     show(row["simulated_latency_ms"]), show(row["simulated_latency_ci95_ms"], 3),
                     show(row["estimated_latency_ms"]), *map(show, stream.spread),
                     _draw_spread(stream, row["simulated_latency_ms"], low, high)])
    heads = ["stream", "members", "requests", "simulated (ms)", "± 95 %", "estimated (ms)",
             "least member (ms)", "largest member (ms)", f"{show(low)} to {show(high)} ms"]
    return write_table("streams", heads, rows)


def _draw_spread(stream, mean, low, high):
    """Where the members' means lie, as a line, and that of all, as a dot."""
    if None in stream.spread or mean is None:
        return ""
    places = [5 + 90 * (value - low) / ((high - low) or 1) for value in (*stream.spread, mean)]
    left, right, middle = (f"{min(95, max(5, place)):.2f}" for place in places)
    return Raw('<svg class="spread" viewBox="0 0 100 10">'
               f'<line x1="{left}" x2="{right}" y1="5" y2="5" stroke="currentColor" '
               f'stroke-width="2"/><circle cx="{middle}" cy="5" r="3" fill="currentColor"/></svg>')


def _pool(values):
    """Mean and largest of shares."""
    return _show_percent(sum(values) / len(values)), _show_percent(max(values))


def _write_nodes(run):
    """The nodes, members of a group together, and each."""
    rows = [[name, run.devices.get(name) or "only forwards", str(len(nodes)),
             *_pool([node.utilization for node in nodes]),
             f"{math.fsum(node.waiting for node in nodes) / len(nodes):.4f}"]
            for name, nodes in run.groups.items()]
    table = write_table(
        "nodes", ["node", "device", "count", "busy", "busiest", "waiting"], rows, 2)
    each = write_table("each-node", ["node", "busy", "waiting"], [
        [node.name, _show_percent(node.utilization), f"{node.waiting:.4f}"]
        for node in run.nodes.values()])
    return f"{table}\n{_fold('Each node', each)}"


def _write_links(run):
    """The directions of links, those between the same groups together, and each."""
    groups = {}
    for link in run.links:
        for ends, way in zip((link.ends, link.ends[::-1]), link.ways):
            nodes = " to ".join(end.group for end in ends)
            groups.setdefault((link.group, nodes), []).append(way)
    heads = ["busy", "busiest", "sent", "saved by early exits", "lost"]

    def count(ways):
        return [_show_bytes(sum(getter(way) for way in ways)) for getter in (
            lambda way: way.sent, lambda way: way.saved, lambda way: way.lost + way.damaged)]

    table = write_table("links", ["link", "from", "count", *heads], [
        [name, nodes, str(len(ways)), *_pool([way.utilization for way in ways]), *count(ways)]
        for (name, nodes), ways in groups.items()], 2)
    each = write_table("each-link", ["link", "from", heads[0], *heads[2:]], [
        [link.name, " to ".join(end.name for end in ends), _show_percent(way.utilization),
         *count([way])]
        for link in run.links for ends, way in zip((link.ends, link.ends[::-1]), link.ways)], 2)
    return f"{table}\n{_fold('Each link', each)}"


def _write_stations(run):
    """The load of each station, by stream, as the estimate has it."""
    names = [stream.name for stream in run.streams]
    rows = [[station.name, str(station.servers),
             *("–" if share is None else _show_percent(share) for share in (
                 station.utilization, *(station.shares.get(name, 0.0) for name in names)))]
            for station in run.stations]
    table = write_table("stations", ["station", "servers", "utilization",
                                      *(f"of {name}" for name in names)], rows)
    return ('<p class="caption">By the estimate; members that meet the same are one row.</p>\n'
            + _fold("Each station", table))
