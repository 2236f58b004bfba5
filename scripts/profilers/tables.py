"""Reads tables of blocks: plain CSV, and nn-Meter's JSON."""

from csv_file import parse_csv
from profilers.network import Block, Layer, Network, Tensor, count_time
from script import BadInput

INPUT = "input"  # the name of a row that tells of the input
BYTES = "a whole number of bytes, at least 1"
MEMORY = ("parameter_bytes", "activation_bytes")  # columns that a table may have
MOST_MEMORY = 10**12  # bytes of a block


def is_times(document):
    """Whether a JSON document is a table of times."""
    return isinstance(document, dict) and bool(document) \
        and not any(isinstance(value, (dict, list)) for value in document.values())


def read_times(document):
    """Read nn-Meter's table: times in ms by a key that describes the block."""
    layers, before = [], Tensor(INPUT)
    for key in document.value:
        time = document.get(key).as_time()
        if time <= 0:
            document.get(key).fail("a time above 0, in ms")
        layers.append(Layer(key, f"{document.place}: /{key}", [count_time(time)], [before]))
        before = Tensor(key)
        layers[-1].leaves = [before]
    return Network(f"table of the times of {len(layers)} blocks", layers)


def choose_blocks(network, sizes, place):
    """Make a network of the blocks of a table that a table of sizes names, in its order.

    Args:
        network: The table's.
        sizes: Rows of the table of sizes.
        place: Name of its file.
    """
    known = {layer.name: layer for layer in network.layers}
    chosen, before = [], Tensor(INPUT)
    for row in sizes:
        name = row.get_text("block")
        if name == INPUT:
            continue
        if name not in known:
            row.fail("block", "a key of the table of times")
        layer = known[name]
        chosen.append(Layer(name, layer.place, layer.times, [before], [Tensor(name)]))
        before = chosen[-1].leaves[0]
    if not chosen:
        raise BadInput(f"{place}: names no block of the network")
    network.layers = chosen
    network.kind += f", {len(chosen)} of them in the network"


def set_sizes(network, sizes):
    """Set the bytes of tensors that a profile does not tell.

    Args:
        network: Its layers are a chain.
        sizes: Rows with a layer's name and the bytes that leave it, in order.
    """
    at = 0
    for row in sizes:
        name = row.get_text("block")
        size = row.get_count("output_bytes", BYTES, 1, 2**31 - 1)
        if name == INPUT:
            network.layers[0].reads[0].bytes = size
            continue
        found = next((number for number in range(at, len(network.layers))
                      if network.layers[number].name == name), None)
        if found is None:
            row.fail("block", "the name of a row of the profile, in its order")
        network.layers[found].leaves[0].bytes = size
        at = found + 1


def read_blocks(text, place):
    """Read a plain table.

    It has block, compute_ms, output_bytes; and run, branch_ms, (de)serialize_ms, parameter_bytes,
    activation_bytes where known.
    """
    rows = list(parse_csv(text, place, ("block", "compute_ms", "output_bytes")))
    start, times = None, {}
    for row in rows:
        if row.get_text("block") == INPUT:
            if row is not rows[0]:
                row.fail("block", f"{INPUT} in the first row alone")
            start = row
            continue
        by_run = "run" in row.fields
        key = row.fields["block"] if by_run else row.line
        run = row.get_count("run", "the number of a run, from 1 on", 1, 10**6) if by_run else 1
        if run in times.setdefault(key, {}):
            row.fail("run", "a run that the block has once")
        times[key][run] = row
    if not times:
        raise BadInput(f"{place}: no row of a block below the header")
    runs = sorted(next(iter(times.values())))
    network = Network("", [])
    network.input = Tensor(INPUT)
    if start:
        network.input.bytes = start.get_count("output_bytes", BYTES, 1, 2**31 - 1)
        network.input_serialize = _get_ms(start, "serialize_ms")
        network.input_deserialize = _get_ms(start, "deserialize_ms")
    for by_run in times.values():
        row = next(iter(by_run.values()))
        if sorted(by_run) != runs:
            row.fail("run", f"runs {', '.join(map(str, runs))}, as of the first block")
        network.blocks.append(_make_block([by_run[run] for run in runs]))
        network.layers += network.blocks[-1].layers + network.blocks[-1].branch
        for key in MEMORY:
            if (getattr(network.blocks[-1], key) is None) != (getattr(network.blocks[0], key) is None):
                row.fail(key, "a whole number of bytes for each block, or for none")
    network.kind = f"table of {len(times)} blocks, {len(runs)} run{'s' if len(runs) > 1 else ''}"
    return network


def _make_block(rows):
    """A block from its row in each run."""
    row = rows[0]
    layer = Layer(row.fields["block"], row.place,
                  [_get_compute(each) for each in rows])
    size = row.get_count("output_bytes", BYTES, 1, 2**31 - 1)
    for other in rows[1:]:
        if other.get_count("output_bytes", BYTES, 1, 2**31 - 1) != size:
            other.fail("output_bytes", f"{size}, as in the block's first row")
    block = Block([layer], Tensor(layer.name, size))
    branch = [count_time(_get_ms(each, "branch_ms")) for each in rows]
    if any(branch):
        block.branch = [Layer(f"branch after {layer.name}", row.place, branch)]
    for key in MEMORY:
        if row.fields.get(key):
            setattr(block, key, row.get_count(key, "a whole number of bytes", 0, MOST_MEMORY))
    block.serialize = _get_ms(row, "serialize_ms")
    block.deserialize = _get_ms(row, "deserialize_ms")
    return block


def _get_ms(row, column):
    """A time in ms; 0 where there is no such column, or nothing in it."""
    return row.get_number(column, "a time in ms", 0, 1e9) if row.fields.get(column) else 0


def _get_compute(row):
    """The time of a block."""
    time = count_time(row.get_number("compute_ms", "a time in ms, above 0", 0, 1e9))
    if not time:
        row.fail("compute_ms", "a time in ms, above 0")
    return time
