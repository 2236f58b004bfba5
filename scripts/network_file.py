"""Reads what portend-run writes of a scenario of version 2: --json and --csv."""

import re
from itertools import zip_longest

from plain_text import make_plain
from result_file import COMPONENTS, MOST_NAME, Axis, Point, Points

SCHEMA_VERSION = 2
WAYS = ("up", "down")  # of a link: from the first node to the second, and back
PART = re.compile(r"(\d{1,9}):(\d{1,9})-(\d{1,9})")  # of a deployment: tier, first and last block


class StreamPoints(Points):
    """Points that are streams; one stream that has no name is that of a chain."""

    thing = "stream"

    def __init__(self, path, streams):
        """Make a point of each stream.

        Args:
            path: Name of the file that tells of them.
            streams: Rows as those of the table `result`, by the stream's name.
        """
        super().__init__(path)
        if list(streams) != [""]:
            self.axes = [Axis(0, "stream", "text", "linear")]
        for identity, (name, row) in enumerate(streams.items()):
            point = Point(identity)
            point.values[0] = (name, None)
            point.ranks = [row]
            self.points.append(point)
        self.points_planned = len(self.points)
        self._collect_values()

    def name(self, point, along=None):
        """The name of the stream."""
        if not self.axes:
            return super().name(point, along)
        return make_plain(point.values[0][0], MOST_NAME)


class Stream:
    """What a stream is: who computes what."""

    def __init__(self, name, asked, simulated):
        """Read it.

        Args:
            name: Its name.
            asked: It in the scenario.
            simulated: What was found.
        """
        self.name = name
        self.tiers = [tier.as_text() for tier in asked.get("tiers").as_list()]
        self.source = self._read_tier(asked, "source")
        self.destination = self._read_tier(asked, "destination")
        deployment = asked.get("deployment")
        self.parts = []  # (tier, first block, last block) of each partition
        for part in deployment.as_text().partition("@")[0].split(","):
            match = PART.fullmatch(part)
            numbers = tuple(map(int, match.groups())) if match else (len(self.tiers), 0, 0)
            if numbers[0] >= len(self.tiers):
                deployment.fail("partitions such as 0:1-25,1:26-40, on tiers 0 to "
                                f"{len(self.tiers) - 1}")
            self.parts.append(numbers)
        members = simulated.get("members")
        self.members = members.get("count").as_count(1)
        spread = members.get("latency_ms")
        self.spread = tuple(spread.get(end).as_number(0) for end in ("min", "max"))

    def _read_tier(self, asked, key):
        """A number of a tier."""
        return asked.get(key).as_count(0, len(self.tiers) - 1)


class Node:
    """A node, which may be a member of a group."""

    def __init__(self, name, value):
        self.name = name
        self.group, _, index = name.partition("[")
        self.index = index.rstrip("]")  # of a member, else empty
        self.utilization = value.get("utilization").as_number(0) or 0.0
        self.waiting = value.get("waiting").as_number(0) or 0.0


class Way:
    """One direction of a link."""

    def __init__(self, value):
        self.utilization = value.get("utilization").as_number(0) or 0.0
        self.sent, self.saved, self.lost, self.damaged = (
            value.get(f"{kind}_bytes").as_count() for kind in ("sent", "saved", "lost", "damaged"))


class Link:
    """A link between two nodes."""

    def __init__(self, name, value, nodes):
        self.name = name
        self.group = re.sub(r"\[[^\]]*\]", "", name)
        between = value.get("between")
        ends = [nodes.get(end.as_text()) for end in between.as_list()]
        if len(ends) != 2 or None in ends:
            between.fail("two of /network/nodes")
        self.ends = tuple(ends)
        self.ways = tuple(Way(value.get(way)) for way in WAYS)


class Station:
    """What each stream asks of a server or of a direction of a link, by the estimate."""

    def __init__(self, value):
        self.name = value.get("station").as_text()
        self.servers = value.get("servers").as_count(1)
        self.utilization = value.get("utilization").as_number(0)
        self.shares = {name: share.as_number(0)
                       for name, share in value.get("utilization_by_stream").items()}


class NetworkRun(StreamPoints):
    """The JSON of one run of portend-run, checked."""

    def __init__(self, path, document):
        """Read it.

        Args:
            path: Name of the file.
            document: The Value that it holds.
        """
        scenario = document.get("scenario")
        asked = {stream.get("name").as_text(): stream for stream in
                 scenario.get("streams").as_list()}
        streams = dict(document.get("streams").items())
        if not streams or streams.keys() != asked.keys():
            document.get("streams").fail("the streams of /scenario/streams")
        rows = {name: _read_row(asked[name], stream) for name, stream in streams.items()}
        super().__init__(path, rows)
        for point, stream in zip(self.points, streams.values()):
            self.exits[(point.id, 0)] = _read_exits(stream)
        self.streams = [Stream(name, asked[name], stream.get("simulated"))
                        for name, stream in streams.items()]
        network = document.get("network")
        self.simulated_ms = network.get("simulated_time_ms").as_number(0) or 0.0
        self.nodes = {name: Node(name, value) for name, value in network.get("nodes").items()}
        self.groups = {}  # nodes of each group, or one by itself, by its name
        for node in self.nodes.values():
            self.groups.setdefault(node.group, []).append(node)
        self.links = [Link(name, value, self.nodes)
                      for name, value in network.get("links").items()]
        self.stations = [Station(value) for value in network.get("stations").as_list()]
        self.devices = {node.get("name").as_text():
                        node.get("device").as_text() if node.has("device") else None
                        for node in scenario.get("nodes").as_list()}
        for stream in self.streams:
            for place, tier in enumerate(stream.tiers):
                if tier not in self.nodes and tier not in self.groups:
                    asked[stream.name].get("tiers").as_list()[place].fail("one of /network/nodes")
        self.scenario = scenario.value
        self.seed, self.run = (document.get(key).as_count(0, 2**64) for key in ("seed", "run"))
        if document.has("provenance"):
            for key, value in document.get("provenance").items():
                parts = value.value if isinstance(value.value, dict) else {"": value.value}
                self.provenance.update((f"{key} {part}".rstrip(), text)
                                       for part, text in parts.items())

    def get_spread(self, point):
        """The least and the largest mean latency of a member, in ms; None if there is one."""
        stream = self.streams[point.id]
        return stream.spread if stream.members > 1 and None not in stream.spread else None


def _read_row(asked, stream):
    """What was found of a stream, as a row of the table `result`."""
    deployment = asked.get("deployment").as_text()
    simulated, analytical = stream.get("simulated"), stream.get("analytical")
    latency = simulated.get("latency_ms")
    row = {"rank": 0, "profile": asked.get("profile").as_text(), "deployment": deployment,
           "thresholds": deployment.partition("@")[2], "explanation": "", "replications": 1,
           "requests": simulated.get("requests").as_count(), "precise": 1, "steady": 1,
           "simulated_latency_ms": latency.get("mean").as_number(0),
           "simulated_latency_ci95_ms": latency.get("ci95").as_number(0),
           **{f"simulated_latency_{name}_ms": latency.get(name).as_number(0)
              for name in ("p50", "p95", "p99")},
           "simulated_latency_p99_ci95_ms": None,
           "simulated_accuracy": simulated.get("accuracy").as_number(),
           "simulated_accuracy_ci95": simulated.get("accuracy_ci95").as_number(0),
           "estimated_latency_ms": analytical.get("latency_ms", "mean").as_number(),
           "estimated_accuracy": analytical.get("accuracy").as_number(),
           "difference_percent": stream.get("difference", "latency_percent").as_number()}
    for name in COMPONENTS:
        row[f"simulated_{name}_ms"] = simulated.get("components_ms", name).as_number()
        row[f"simulated_{name}_ci95_ms"] = simulated.get("components_ci95_ms", name).as_number(0)
        row[f"estimated_{name}_ms"] = analytical.get("components_ms", name).as_number()
    return row


def _read_exits(stream):
    """The exit rates of a stream, as rows of the table `exit`."""
    simulated = stream.get("simulated")
    columns = [[rate.as_number(0) for rate in rates.as_list()]
               for rates in (simulated.get("exit_rates"), simulated.get("exit_rates_ci95"),
                             stream.get("analytical", "exit_rates"))]
    return [{"partition": partition, "simulated_rate": rate, "simulated_rate_ci95": interval,
             "estimated_rate": estimate, "simulated_latency_ms": None,
             "estimated_latency_ms": None}
            for partition, (rate, interval, estimate) in enumerate(zip_longest(*columns), start=1)]
