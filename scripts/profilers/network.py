"""A network as a profiler saw it, and where it can be cut: where exactly one tensor crosses."""

import dataclasses
import itertools

from plain_text import make_plain
from script import BadInput

PER_MS = 10**9  # times are counted in whole picoseconds, so that their sums are exact
MOST_SHOWN = 100  # letters of a name


@dataclasses.dataclass(eq=False)
class Tensor:
    """What one layer leaves for others, the network's input, or its result."""

    name: str
    bytes: int | None = None  # unknown
    batch: int = 1  # inputs that it holds


@dataclasses.dataclass(eq=False)
class Layer:
    """A row of a profile."""

    name: str
    place: str  # of the row, for messages
    times: list  # of each run
    reads: list = dataclasses.field(default_factory=list)  # tensors
    leaves: list = dataclasses.field(default_factory=list)
    owner: "Layer | None" = None  # that this row is a part of

    def fail(self, problem):
        """Refuse the row."""
        raise BadInput(f"{self.place}: '{show(self.name)}' {problem}")


@dataclasses.dataclass(eq=False)
class Block:
    """What stands between two cuts."""

    layers: list
    leaves: Tensor | None  # at the cut after it, or the result
    branch: list = dataclasses.field(default_factory=list)  # layers of exits after it
    serialize: float = 0  # ms for the tensor that leaves it
    deserialize: float = 0
    parameter_bytes: int | None = None  # in memory, those of branches included; unknown
    activation_bytes: int | None = None  # most at once while it computes; unknown

    @property
    def times(self):
        """Of each run, without branches."""
        return add(self.layers)

    @property
    def branch_times(self):
        """Of each run."""
        return add(self.branch) if self.branch else [0] * len(self.layers[0].times)


@dataclasses.dataclass(eq=False)
class Network:
    """What a profile says."""

    kind: str  # which profiler's, and what it counted
    layers: list  # in an order in which they can run
    notes: list = dataclasses.field(default_factory=list)  # what was taken for what
    warm_up: int = 0  # runs at the start to leave out
    is_inferred: bool = False  # what reads what was found from shapes
    input: Tensor | None = None  # with more than a tensor, their sum
    input_serialize: float = 0  # ms
    input_deserialize: float = 0
    blocks: list = dataclasses.field(default_factory=list)


def show(name):
    """A name of a layer or tensor, fit for a line."""
    return make_plain(name, MOST_SHOWN)


def count_time(milliseconds):
    """A time as it is counted here."""
    return round(milliseconds * PER_MS)


def add(layers):
    """Sums of layers' times, run by run."""
    return [sum(times) for times in zip(*(layer.times for layer in layers))]


def cut(network, last=None):
    """Find the network's input, its blocks and their branches.

    The trunk is what the answer needs; what it does not is taken for exits. A block ends wherever
    a single tensor of known size leads on.

    Args:
        network: Its layers, which get divided.
        last: Name of the layer that gives the answer, if it is known.
    """
    layers = _place_constants(network.layers)
    maker = {id(tensor): layer for layer in layers for tensor in layer.leaves}
    answer = _find_answer(network, layers, maker, last)
    trunk = _find_trunk(layers, maker, answer)
    order = [layer for layer in layers if id(layer) in trunk]
    network.blocks = _split(order, maker)
    _set_input(network, maker)
    network.blocks[-1].leaves = answer.leaves[-1] if answer.leaves else None
    _attach(network, [layer for layer in layers if id(layer) not in trunk], maker)
    _merge_idle(network)


def _place_constants(layers):
    """Move what reads nothing to just before what needs it."""
    moved, reader = {}, {}
    for layer in layers:
        for tensor in layer.reads:
            reader.setdefault(id(tensor), layer)
    for layer in layers:
        if not layer.reads and not layer.owner and layer.leaves:
            first = next((reader[id(t)] for t in layer.leaves if id(t) in reader), None)
            if first:
                moved[id(layer)] = first
    placed = []
    for layer in layers:
        if id(layer) not in moved:
            placed += [other for other in layers if moved.get(id(other)) is layer] if moved else []
            placed.append(layer)
    # A constant made of constants alone has nobody to stand before.
    return placed if len(placed) == len(layers) else layers


def _find_answer(network, layers, maker, last):
    """The layer that gives the answer: the one that is known, or the end of the slowest way.

    An exit that took longer than the rest of the network would be of no use.
    """
    if last is not None:
        found = [layer for layer in layers if layer.name == last]
        if not found:
            raise BadInput(f"--last: found '{show(last)}'; allowed: the name of a row")
        return found[-1]
    read = {id(tensor) for layer in layers for tensor in layer.reads}
    way = {}  # time and number of layers up to each
    for layer in layers:
        before = [way[id(maker[id(t)])] for t in layer.reads if id(t) in maker]
        time, count = max(before, default=(0, 0))
        way[id(layer)] = time + sum(layer.times), count + 1
    ends = [layer for layer in layers
            if layer.leaves and not any(id(tensor) in read for tensor in layer.leaves)]
    if not ends:
        layers[-1].fail("is the last row, and none leaves a tensor that no row reads, the answer")
    answer = max(ends, key=lambda layer: way[id(layer)])
    if network.is_inferred:
        _check_exits(ends, answer)
    if len(ends) > 1:
        others = "; ".join(show(layer.name) for layer in ends if layer is not answer)
        network.notes.append(f"the answer is that of {show(answer.name)}, at the end of the "
                             f"slowest way; taken for exits (--last chooses another): {others}")
    return answer


def _check_exits(ends, answer):
    """Refuse a graph found from shapes in which something hangs loose that answers nothing."""
    sizes = [tensor.bytes for tensor in answer.leaves]
    for layer in ends:
        if [tensor.bytes for tensor in layer.leaves] != sizes:
            layer.fail("leaves a tensor that no row reads, and that has not the bytes of the "
                       f"answer, that of '{show(answer.name)}', as an exit's would (--last tells "
                       "which row gives the answer)")


def _find_trunk(layers, maker, answer):
    """What the answer needs, by identity; rows that are part of such, too."""
    trunk, waiting = set(), [answer]
    while waiting:
        layer = waiting.pop()
        if id(layer) not in trunk:
            trunk.add(id(layer))
            waiting += [maker[id(t)] for t in layer.reads if id(t) in maker]
    while True:
        parts = [layer for layer in layers
                 if layer.owner and id(layer) not in trunk and id(layer.owner) in trunk]
        if not parts:
            return trunk
        trunk |= {id(layer) for layer in parts}


def _split(order, maker):
    """Blocks of the trunk."""
    index = {id(layer): at for at, layer in enumerate(order)}
    last_read = {}
    for at, layer in enumerate(order):
        for tensor in layer.reads:
            last_read[id(tensor)] = at
    whole = [False] * len(order)  # a row and what it is part of are not parted after it
    for layer in order:
        if layer.owner and id(layer.owner) in index:
            low, high = sorted((index[id(layer)], index[id(layer.owner)]))
            whole[low:high] = [True] * (high - low)
    crossing = {id(t): t for layer in order for t in layer.reads if id(t) not in maker}
    blocks, begin = [], 0
    for at, layer in enumerate(order[:-1]):
        crossing.update((id(t), t) for t in layer.leaves)
        crossing = {key: t for key, t in crossing.items() if last_read.get(key, -1) > at}
        only = next(iter(crossing.values())) if len(crossing) == 1 else None
        if only and only.bytes and id(only) in maker and not whole[at]:
            blocks.append(Block(order[begin:at + 1], only))
            begin = at + 1
    blocks.append(Block(order[begin:], None))
    return blocks


def _set_input(network, maker):
    """The tensors that come from outside, as one."""
    inputs = {id(t): t for layer in network.layers for t in layer.reads if id(t) not in maker}
    tensors = list(inputs.values())
    known = all(tensor.bytes for tensor in tensors) and tensors
    network.input = Tensor(", ".join(t.name for t in tensors) or "input",
                           sum(t.bytes for t in tensors) if known else None)


def _attach(network, rest, maker):
    """Give what is no part of the trunk to the block after which it can begin."""
    block_of = {id(layer): at for at, block in enumerate(network.blocks) for layer in block.layers}
    for layer in sorted(rest, key=lambda layer: layer.owner is not None):
        before = [maker[id(t)] for t in layer.reads if id(t) in maker]
        before += [layer.owner] if layer.owner else []
        block_of[id(layer)] = max((block_of.get(id(other), 0) for other in before), default=0)
    for layer in rest:
        network.blocks[block_of[id(layer)]].branch.append(layer)


def _merge_idle(network):
    """Let blocks that take no time be part of the one before, the first of the one after."""
    merged = []
    for block in network.blocks:
        idle_start = len(merged) == 1 and not any(merged[0].times)
        if merged and (idle_start or not any(block.times)):
            before = merged.pop()
            block = Block(before.layers + block.layers, block.leaves, before.branch + block.branch)
        merged.append(block)
    network.blocks = merged


# Graphs that nobody wrote down.


@dataclasses.dataclass(eq=False)
class Row:
    """A layer of which only the shapes that it reads and leaves are known."""

    layer: Layer
    wants: list  # shapes; anything that is equal where the same tensor may be meant
    gives: list  # pairs of shape and bytes
    scope: tuple = ()  # names of the modules that it is in, the outermost first
    overwrites: bool = False  # what it reads first


def connect(rows, make_input):
    """Find out which tensors the layers read, from shapes and the order in which they ran.

    A layer reads what has its shape and nobody has read yet, the latest. If all have been read,
    it begins a branch at the latest; but where that is joined with others again (a skip), the
    tensor is the latest from outside the module in which they are joined, or, where modules are
    not known, the first that it may be: then no cut is found that is not there.

    Args:
        rows: The layers.
        make_input: Makes the tensor of the network's input from a shape, or nothing if a shape
            that nobody leaves is that of a parameter.

    Returns:
        Names of the layers that read a skip of which it is not certain where it begins, and of
        those that begin a branch at the latest of several tensors.
    """
    tensors = []  # of each row: pairs of shape and tensor
    read_first = {}  # by tensor: the row
    sources = []  # of each row: by read: row, tensor, and whether it had been read
    inputs = {}

    def is_gone(tensor):
        return id(tensor) in read_first and rows[read_first[id(tensor)]].overwrites

    for at, row in enumerate(rows):
        sources.append([])
        for want in row.wants:
            found = [(number, tensor) for number in range(at - 1, -1, -1)
                     for shape, tensor in tensors[number]
                     if shape == want and not is_gone(tensor)]
            new = [pair for pair in found if id(pair[1]) not in read_first]
            if new or found:
                number, tensor = (new or found)[0]
                sources[at].append((want, number, tensor, not new))
                read_first.setdefault(id(tensor), at)
                continue
            tensor = inputs.get(want) or make_input(at, want)
            if tensor:
                inputs[want] = tensor
                sources[at].append((want, -1, tensor, False))
        row.layer.leaves = [Tensor(row.layer.name, size) for _, size in row.gives]
        tensors.append([(shape, tensor)
                        for (shape, _), tensor in zip(row.gives, row.layer.leaves)])
    after = _find_descendants(rows, sources)
    uncertain, branches = [], []
    for at, row in enumerate(rows):
        row.layer.reads = []
        for want, number, tensor, was_read in sources[at]:
            if was_read:
                found = [(number, tensor) for number in range(at)
                         for shape, tensor in tensors[number] if shape == want
                         and read_first.get(id(tensor), at) < at and not is_gone(tensor)]
                if want in inputs:
                    found.insert(0, (-1, inputs[want]))
                joint = _find_joint(at, tensors, read_first, after)
                if joint is not None:
                    tensor, certain = _choose(rows, found, rows[joint].scope)
                    uncertain += [] if certain else [row.layer.name]
                elif len(found) > 1:
                    branches.append(row.layer.name)
            row.layer.reads.append(tensor)
    return uncertain, branches


def _find_descendants(rows, sources):
    """The rows that need each row, itself among them, as bits."""
    after = [1 << at for at in range(len(rows))]
    for at in range(len(rows) - 1, -1, -1):
        for _, number, _, _ in sources[at]:
            if number >= 0:
                after[number] |= after[at]
    return after


def _find_joint(at, tensors, read_first, after):
    """The first row that needs both this one and a tensor that is waiting to be read meanwhile."""
    waiting = 0
    for number in range(at):
        for _, tensor in tensors[number]:
            if read_first.get(id(tensor), -1) >= at:
                waiting |= after[read_first[id(tensor)]]
    both = waiting & after[at]
    return (both & -both).bit_length() - 1 if both else None


def _choose(rows, found, scope):
    """The tensor that a skip begins at, and whether it is certain.

    Args:
        rows: The layers.
        found: What it may be, in order: pairs of row, -1 for the input, and tensor.
        scope: The module in which it is joined.
    """
    outside = [tensor for number, tensor in found
               if number < 0 or rows[number].scope[:len(scope)] != scope]
    if scope and outside:
        return outside[-1], True
    return found[0][1], len(found) == 1


def name_twice(names):
    """The first name that is there twice, or None."""
    seen = set()
    return next((name for name in names if name in seen or seen.add(name)), None)


def find_subset(sizes, total):
    """The first numbers, by their places, that add up to a total; None if none do."""
    if sum(sizes) == total:
        return list(range(len(sizes)))
    for count in range(len(sizes)):
        for places in itertools.combinations(range(len(sizes)), count):
            if sum(sizes[place] for place in places) == total:
                return list(places)
    return None
