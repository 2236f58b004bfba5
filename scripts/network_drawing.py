"""Draws a network: nodes, links, how busy they are, and who computes what where.

Nodes stand in columns by their distance from where the streams begin. Lines pass a column level
with the node that they lead to, so that they cross no text; between the columns they go where they
must.
Needs Debian's python3-matplotlib.
"""

import math

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import PlaceHolderLayoutEngine

from paper_style import (AMBER, BLACK, BLUE, COLUMN_WIDTH, GREEN, GREY, ORANGE, PURPLE, STYLE,
                         get_ink)
from plain_text import make_plain

COLOURS = LinearSegmentedColormap.from_list("busy", ["#c9d9e8", AMBER, ORANGE, "#6b0f00"])
STREAM_COLOURS = [BLUE, ORANGE, GREEN, PURPLE, BLACK]
CEILINGS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0]  # where the scale of colours may end
MOST_MEMBERS = 8  # of a group, drawn as nodes; more are drawn as one column
MOST_LETTERS = 22  # of a name
MOST_STREAMS = 12  # written at a node
MOST_SHARP = 2000  # lines that are lines in PDF and SVG, too
# In inches:
MOST_INCHES = 60  # width and height of a drawing
LINE = 0.105  # height of a line of text
NODE = 0.24  # width of a node
PITCH = 0.32  # from a member to the next
CHANNEL = 0.42  # between columns, at least
GAP = 0.2  # between nodes and groups of a column
MARGIN = 0.06
FOOT = 0.56  # for the scale of colours


class Block:
    """A node, or the nodes of a group, with what is written at them."""

    def __init__(self, name, nodes, device):
        self.nodes = nodes
        self.device = device
        self.is_many = len(nodes) > MOST_MEMBERS
        self.layer = None
        self.x = self.top = 0.0
        title = make_plain(name, MOST_LETTERS)
        kind = make_plain(device, MOST_LETTERS) if device else "only forwards"
        count = f"{len(nodes)} × " if len(nodes) > 1 else ""
        self.titles = [(title, 7, "bold", BLACK), (count + kind, 6, "normal", "#555555")]
        self.captions = []

    @property
    def body(self):
        """Height of the nodes."""
        if self.is_many:
            return min(2.2, max(1.2, 0.016 * len(self.nodes)))
        return PITCH * len(self.nodes)

    @property
    def height(self):
        """Of everything."""
        return self.body + LINE * (len(self.titles) + len(self.captions)) + 0.08

    @property
    def pitch(self):
        """From one node to the next."""
        return self.body / len(self.nodes)

    @property
    def head(self):
        """From its top to the nodes."""
        return LINE * len(self.titles) + 0.04

    def get_y(self, place):
        """The middle of a node, downwards."""
        return self.top + self.head + self.pitch * (place + 0.5)


def draw_network(run):
    """Draw the network of a run.

    Args:
        run: A NetworkRun.

    Returns:
        The figure; None where there is more than can be drawn.
    """
    with matplotlib.rc_context(STYLE):
        return _Drawing(run).draw()


class _Drawing:
    """The drawing of one network."""

    def __init__(self, run):
        self.run = run
        self.blocks = {name: Block(name, nodes, run.devices.get(name))
                       for name, nodes in run.groups.items()}
        self.place = {node.name: (block, place) for block in self.blocks.values()
                      for place, node in enumerate(block.nodes)}
        used = [node.utilization for node in run.nodes.values()]
        used += [way.utilization for link in run.links for way in link.ways]
        self.scale = Normalize(0, next((one for one in CEILINGS if one >= max(used)), 1.0),
                               clip=True)
        # Without an engine, matplotlib would give it the style's when it was saved once.
        self.figure = Figure(layout=PlaceHolderLayoutEngine(True, True))
        self.renderer = FigureCanvasAgg(self.figure).get_renderer()

    def draw(self):
        """The figure."""
        for number, stream in enumerate(self.run.streams):
            self._write_stream(stream, STREAM_COLOURS[number % len(STREAM_COLOURS)])
        for block in self.blocks.values():
            _cut(block.captions)
        self._lay_out(self._get_layers())
        width, height = self.figure.get_size_inches()
        if max(width, height) > MOST_INCHES:
            return None
        axes = self.figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        axes.axis("off")
        self._draw_links(axes)
        for block in self.blocks.values():
            self._draw_block(axes, block)
        self._draw_scale(width, height)
        return self.figure

    def _write_stream(self, stream, colour):
        """Write a stream at the nodes of its tiers."""
        for number, tier in enumerate(stream.tiers):
            block = self.place[tier][0] if tier in self.place else self.blocks[tier]
            lines = [f"partition {partition}: {first}-{last}"
                     for partition, (where, first, last) in enumerate(stream.parts, start=1)
                     if where == number]
            if number == stream.source:
                lines.insert(0, "source")
            if number == stream.destination != stream.source:
                lines.append("destination")
            if not lines:
                continue
            name = make_plain(stream.name, MOST_LETTERS)
            if tier not in self.blocks:  # one member only
                name += f" at [{self.run.nodes[tier].index}]"
            block.captions.append([(name, 6, "bold", colour)]
                                  + [(line, 6, "normal", BLACK) for line in lines])

    def _get_layers(self):
        """The blocks in columns, by distance from where the streams begin, crossings few."""
        near = {block: {} for block in self.blocks.values()}
        for link in self.run.links:
            first, second = (self.place[end.name][0] for end in link.ends)
            near[first][second] = near[second][first] = None
        starts = [stream.tiers[0] for stream in self.run.streams]
        starts = [self.place[tier][0] if tier in self.place else self.blocks[tier]
                  for tier in starts]
        layers = []
        for group in (starts, *([block] for block in near)):  # what no stream reaches comes after
            new = [block for block in dict.fromkeys(group) if block.layer is None]
            depth = 0
            while new:
                if depth == len(layers):
                    layers.append([])
                for block in new:
                    block.layer = depth
                layers[depth] += new
                new = list(dict.fromkeys(other for block in new for other in near[block]
                                         if other.layer is None))
                depth += 1
        for layer, before in zip(layers[1:], layers):
            places = {block: place for place, block in enumerate(before)}

            def get_middle(block):
                found = [places[other] for other in near[block] if other in places]
                return sum(found) / len(found) if found else math.inf

            layer.sort(key=get_middle)
        return layers

    def _measure(self, text, size, weight):
        """The width of a text."""
        properties = FontProperties(size=size, weight=weight)
        return self.renderer.get_text_width_height_descent(text, properties, False)[0] \
            / self.figure.dpi

    def _lay_out(self, layers):
        """Give blocks and figure their places and sizes."""
        widths = [max(max(self._measure(*line[:3]) for line in block.titles + block.captions)
                      for block in layer) + 0.06 for layer in layers]
        widths = [max(width, 1.5 * NODE) for width in widths]
        loops = {self.place[link.ends[0].name][0].layer for link in self.run.links
                 if len({self.place[end.name][0].layer for end in link.ends}) == 1}
        ends = 0.6 * CHANNEL if len(layers) - 1 in loops else 0.0
        spare = COLUMN_WIDTH - sum(widths) - 2 * MARGIN - ends
        channels = len(layers) - 1
        channel = max(CHANNEL, spare / channels) if channels else 0.0
        figure_width = max(COLUMN_WIDTH, sum(widths) + channel * channels + 2 * MARGIN + ends)
        # Columns meet in the middle of their nodes.
        bodies = [sum(block.height for block in layer) + GAP * (len(layer) - 1) - layer[0].head
                  - (layer[-1].height - layer[-1].head - layer[-1].body) for layer in layers]
        middle = MARGIN + max(layer[0].head + body / 2 for layer, body in zip(layers, bodies))
        bottom = 0.0
        right = MARGIN + (0 if channels else max(0, spare / 2))
        self.columns, self.channel = [], channel or 0.6 * CHANNEL
        for layer, width, body in zip(layers, widths, bodies):
            self.columns.append((right, right + width))
            top = middle - body / 2 - layer[0].head
            for block in layer:
                block.x, block.top = right + width / 2, top
                top += block.height + GAP
            bottom = max(bottom, top - GAP)
            right += width + channel
        self.figure.set_size_inches(figure_width, bottom + MARGIN + FOOT)

    def _draw_links(self, axes):
        """Draw each half of a link as busy as the node at it makes it."""
        halves, bases = [], []
        for link in self.run.links:
            ends = [self.place[end.name] for end in link.ends]
            ways = link.ways
            if ends[0][0].layer > ends[1][0].layer:
                ends.reverse()
                ways = ways[::-1]
            points = self._get_line(*ends)
            bases.append(points)
            thickest = min(3.2, *(0.8 * 72 * block.pitch for block, _ in ends))
            middle = len(points) // 2
            for half, way in ((points[:middle + 1], ways[0]), (points[middle:], ways[1])):
                share = self.scale(way.utilization)
                thinnest = min(0.7, thickest)
                halves.append((float(share), thinnest + (thickest - thinnest) * float(share), half))
        sharp = {"capstyle": "butt", "rasterized": len(bases) > MOST_SHARP}
        axes.add_collection(LineCollection(bases, colors=GREY, linewidths=0.2, zorder=1, **sharp))
        halves.sort(key=lambda half: half[0])  # the busiest on top
        axes.add_collection(LineCollection(
            [points for _, _, points in halves], colors=[COLOURS(share) for share, _, _ in halves],
            linewidths=[width for _, width, _ in halves], zorder=2, **sharp))

    def _get_line(self, start, end):
        """The points of a link; the one in the middle is its middle."""
        (first, place), (second, other) = start, end
        high, low = first.get_y(place), second.get_y(other)
        exit_x = self.columns[first.layer][1]
        if first.layer == second.layer:  # an arc on the right
            bend = min(0.6 * self.channel, 0.1 + 0.15 * abs(low - high))
            steps = [step / 16 for step in range(17)]
            arc = [(exit_x + bend * math.sin(math.pi * step), high + (low - high) * step)
                   for step in steps]
            return [(first.x, high), *arc, (second.x, low)]
        entry_x = self.columns[second.layer][0]
        return [(first.x, high), (exit_x, high), ((exit_x + entry_x) / 2, (high + low) / 2),
                (entry_x, low), (second.x, low)]

    def _draw_block(self, axes, block):
        """Draw nodes, and write what there is to say."""
        y = block.top
        for line in block.titles:
            y = self._write(axes, block, y, line)
        left, right = block.x - NODE / 2, block.x + NODE / 2
        colours = [COLOURS(self.scale(node.utilization)) if block.device else (1, 1, 1)
                   for node in block.nodes]
        if block.is_many:
            edges = [block.get_y(place - 0.5) for place in range(len(block.nodes) + 1)]
            axes.add_collection(PolyCollection(
                [[(left, high), (right, high), (right, low), (left, low)]
                 for high, low in zip(edges, edges[1:])],
                facecolors=colours, edgecolors="none", antialiased=False, zorder=3,
                rasterized=len(colours) > MOST_SHARP))
            axes.plot([left, right, right, left, left],
                      [edges[0], edges[0], edges[-1], edges[-1], edges[0]], color=BLACK,
                      linewidth=0.6, zorder=4)
        else:
            for place, (node, colour) in enumerate(zip(block.nodes, colours)):
                middle = block.get_y(place)
                axes.plot(block.x, middle, "o" if block.device else "D",
                          markersize=72 * NODE * (1 if block.device else 0.55),
                          markerfacecolor=colour, markeredgecolor=BLACK, markeredgewidth=0.6,
                          zorder=3)
                if node.index:
                    axes.text(block.x, middle, node.index, fontsize=5.5, ha="center",
                              va="center_baseline", color=get_ink(colour), zorder=4)
        y = block.get_y(len(block.nodes) - 0.5) + 0.04
        for line in block.captions:
            y = self._write(axes, block, y, line)

    def _write(self, axes, block, y, line):
        """Write a line; returns where the next begins."""
        text, size, weight, colour = line
        axes.text(block.x, y + LINE / 2, text, fontsize=size, fontweight=weight, color=colour,
                  ha="center", va="center", zorder=5)
        return y + LINE

    def _draw_scale(self, width, height):
        """Say what the colours mean."""
        bar = self.figure.add_axes((0.5 - 0.9 / width, 0.32 / height, 1.8 / width, 0.07 / height))
        colours = self.figure.colorbar(ScalarMappable(self.scale, COLOURS), cax=bar,
                                       orientation="horizontal")
        ceiling = self.scale.vmax
        colours.set_ticks([0, ceiling / 2, ceiling],
                          labels=["0", f"{50 * ceiling:g}", f"{100 * ceiling:g} %"])
        colours.ax.tick_params(labelsize=6, length=2, pad=1)
        colours.outline.set_linewidth(0.4)
        self.figure.text(0.5, 0.07 / height, "utilization; the half of a link at a node is what "
                         "the node sends", fontsize=6, ha="center", va="center")


def _cut(captions):
    """Make one list of the streams' lines, not too long a one."""
    more = len(captions) - MOST_STREAMS
    lines = [line for stream in captions[:MOST_STREAMS] for line in stream]
    if more > 0:
        lines.append((f"and {more} more", 6, "normal", BLACK))
    captions[:] = lines
