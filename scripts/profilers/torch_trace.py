"""Reads the Chrome traces of torch.profiler (kineto), recorded with record_shapes=True."""

import dataclasses
import math

from profilers.network import Layer, Network, Row, Tensor, connect, count_time, show

OPERATORS = {"operator", "cpu_op"}  # by version
KERNELS = {"kernel", "gpu_memcpy", "gpu_memset", "memcpy", "memset"}
STEP = "ProfilerStep#"
MODULE = "nn.Module: "  # python_function events of with_stack=True
TRAINING = ("autograd::", "Optimizer.", "aten::convolution_backward")
ROUNDING = 1  # us, of times in older versions
BYTES = {"float": 4, "double": 8, "c10::Half": 2, "c10::BFloat16": 2, "long int": 8, "long": 8,
         "int": 4, "short": 2, "short int": 2, "signed char": 1, "unsigned char": 1, "bool": 1}
# Which of its inputs a layer with parameters computes on; others do on all.
DATA = {"conv1d": 0, "conv2d": 0, "conv3d": 0, "convolution": 0, "_convolution": 0,
        "conv_transpose2d": 0, "batch_norm": 0, "layer_norm": 0, "group_norm": 0,
        "instance_norm": 0, "linear": 0, "prelu": 0, "addmm": 1, "embedding": 1}
CONVOLUTIONS = {"conv1d", "conv2d", "conv3d", "convolution", "_convolution"}
# Layers that leave what has the shape of what they read.
KEEPING = {"batch_norm", "layer_norm", "group_norm", "instance_norm", "prelu", "relu", "relu6",
           "hardtanh", "hardswish", "hardsigmoid", "silu", "gelu", "sigmoid", "tanh", "elu", "selu",
           "leaky_relu", "clamp", "clamp_min", "dropout", "feature_dropout", "softmax",
           "log_softmax", "contiguous", "clone", "add", "sub", "mul", "div"}
# Layers that leave as many values as they read.
RESHAPING = {"view", "_unsafe_view", "reshape", "flatten", "permute", "transpose", "squeeze",
             "unsqueeze", "channel_shuffle", "pixel_shuffle"}
# Operators that read no tensor of the network.
MAKING = {"empty", "zeros", "zero", "ones", "fill", "arange", "rand", "randn", "scalar_tensor"}
# Layers that may take no time: they compute nothing.
IDLE = RESHAPING | {"t", "expand", "expand_as", "as_strided", "narrow", "unbind", "slice", "select",
                    "contiguous", "detach", "alias", "dropout", "to", "size", "item", "chunk",
                    "split"}


def is_trace(document):
    """Whether a document is a trace."""
    return isinstance(document, dict) and "traceEvents" in document


def is_bare(document):
    """Whether a document is a trace of a PyTorch without kineto, which has no shapes."""
    return isinstance(document, list) and any(
        isinstance(event, dict) and str(event.get("name")).startswith("aten::")
        for event in document)


def read(document):
    """Read a trace."""
    events = [event for event in document.get("traceEvents").as_list()
              if event.get("ph").as_text() == "X"]
    operators, kernels, steps, modules = _sort(events)
    if not operators:
        document.get("traceEvents").fail("events of the category cpu_op")
    tops = _find_tops(operators, kernels)
    runs = _divide(tops, steps)
    rows = [_make_row([run[at] for run in runs], modules) for at in range(len(runs[0]))]
    if kernels:
        what = f"{len(operators)} operators, {len(kernels)} kernels; times are those of kernels"
    else:
        what = f"{len(operators)} operators"
    network = Network("torch.profiler", [row.layer for row in rows], is_inferred=True)
    network.kind += f" trace of {what}; {len(runs)} run{'s' if len(runs) > 1 else ''}"
    _assign_bookkeeping(rows)
    rows = [row for row in rows if row.wants]
    if not rows:
        document.get("traceEvents").fail("operators with Input Dims: recorded with "
                                         "record_shapes=True")
    rows = _find_outputs(rows)
    inputs = []

    def make_input(at, shape):
        if at > 0:
            return None  # a parameter
        inputs.append(Tensor(_tell(shape), _get_bytes(shape), shape[1][0]))
        return inputs[-1]

    uncertain, _ = connect(rows, make_input)
    if uncertain:
        network.notes.append("which tensors these read is not certain, and no cut is made where it "
                             "matters; modules would tell (with_stack=True): "
                             + "; ".join(map(show, uncertain)))
    if inputs and inputs[0].batch > 1:
        network.notes.append(f"a request is a batch of {inputs[0].batch}: times and bytes are "
                             "those of all")
    return network


@dataclasses.dataclass(eq=False)
class TorchRow(Row):
    """A layer of which what it does is known, too."""

    kind: str = ""
    weight: tuple | None = None  # sizes of its first parameter


class Operator:
    """An operator of the trace."""

    def __init__(self, event):
        self.event = event
        self.name = event.get("name").as_text()
        self.start = event.get("ts").as_time(1e18)
        self.time = event.get("dur").as_time(1e12)
        self.end = self.start + self.time
        args = event.get("args") if event.has("args") else None
        self.id = _read_id(args) if args else None
        self.args = args
        self.kernel_time = None  # of itself and those within


def _read_id(args):
    """The number that joins operators and kernels, None where there is none."""
    key = next((key for key in ("External id", "external id") if args.has(key)), None)
    return args.get(key).as_count(0, 2**64) if key else None


def _sort(events):
    """Operators, kernels, steps and modules, in the order of time."""
    operators, kernels, steps, modules = [], [], [], []
    for event in events:
        category = event.get("cat").as_text().lower() if event.has("cat") else ""
        name = event.get("name").as_text()
        if name.startswith(STEP) and category in OPERATORS | {"user_annotation"}:
            steps.append(Operator(event))
        elif category in OPERATORS and name.startswith(TRAINING):
            event.get("name").fail("operators of inference; this is training")
        elif category in OPERATORS and "::" in name:
            operators.append(Operator(event))
        elif category in KERNELS:
            kernels.append(event)
        elif category == "python_function" and name.startswith(MODULE):
            modules.append(Operator(event))
    for found in (operators, steps, modules):
        found.sort(key=lambda operator: (operator.start, -operator.end))
    return operators, kernels, steps, modules


def _find_tops(operators, kernels):
    """The operators that are within no other, with the times of all that is within them."""
    tops, top_by_id = [], {}
    thread = operators[0].event.get("tid").value
    for operator in operators:
        if operator.event.get("tid").value != thread:
            operator.event.get("tid").fail(f"{thread}: operators of one thread")
        if not tops or _is_after(operator, tops[-1]):
            tops.append(operator)
        if operator.id is not None:
            top_by_id[operator.id] = tops[-1]
    for kernel in kernels:
        number = _read_id(kernel.get("args"))
        if number not in top_by_id:
            kernel.get("name").fail("a kernel whose External id is that of an operator")
        time = kernel.get("dur").as_time(1e12)
        if time == 0:
            kernel.get("dur").fail("a time above 0")
        top = top_by_id[number]
        top.kernel_time = (top.kernel_time or 0) + time
    for top in tops:
        if kernels:
            top.time = top.kernel_time or 0
    return tops


def _is_after(operator, other):
    """Whether an operator comes after another and is not within it.

    Times may be rounded down: one within may seem to end after the other, or to begin at its end
    and to take no time; none that is not within seems to begin before the end.
    """
    if operator.start < other.end < operator.end - ROUNDING:
        operator.event.get("ts").fail("an operator that is within another or after it")
    return operator.start > other.end or operator.end > operator.start == other.end


def _divide(tops, steps):
    """The operators of each run: of each step, or of each call."""
    runs = [[] for _ in steps]
    if not steps:
        return _find_calls(tops)
    for top in tops:
        at = sum(step.start <= top.start for step in steps) - 1
        if at < 0 or top.start > steps[at].end:
            top.event.get("ts").fail(f"an operator within a step ({STEP})")
        runs[at].append(top)
    runs = [run for run in runs if run]
    for run in runs[1:]:
        for first, other in zip(runs[0], run):
            if first.name != other.name:
                other.event.get("name").fail(f"{show(first.name)}, as in the first step")
        if len(run) != len(runs[0]):
            run[-1].event.get("name").fail(f"{len(runs[0])} operators in the step, as in the first")
    return runs


def _find_calls(tops):
    """The operators of each call of the network.

    A call begins where the first operator comes again on a tensor of the input's shape, if that
    is read by no other operator, and all calls are alike.
    """
    signs = [(top.name, [shape for shape in _read_shapes(top.args) if shape[1]]) for top in tops]
    begin = next((at for at, (_, shapes) in enumerate(signs) if shapes), 0)
    starts = [at - begin for at, sign in enumerate(signs) if sign == signs[begin]]
    bounds = list(zip(starts, [*starts[1:], len(tops)]))
    calls = [tops[first:end] for first, end in bounds]
    first, end = bounds[0]
    others = [shape for _, shapes in signs[begin + 1:begin + end] for shape in shapes[:1]]
    if not signs[begin][1] or end < 2 or signs[begin][1][0] in others[:end - 1] \
            or any(signs[start:stop] != signs[first:end] for start, stop in bounds):
        return [tops]
    return calls


def _get_kind(name):
    """What an operator does; one that works in place does the same."""
    return name.rpartition("::")[2].rstrip("_") or name


def _make_row(operators, modules):
    """A layer from its operator in each run."""
    operator = operators[0]
    place = f"{operator.event.place}: {operator.event.pointer}"
    layer = Layer(operator.name, place, [count_time(each.time / 1000) for each in operators])
    shapes = _read_shapes(operator.args)
    kind = _get_kind(operator.name)
    scope = tuple((module.name, module.start) for module in modules
                  if module.start - ROUNDING <= operator.start
                  and operator.end <= module.end + ROUNDING)
    row = TorchRow(layer, shapes, [], scope, operator.name.endswith("_"), kind)
    if kind in DATA:
        row.wants = shapes[DATA[kind]:DATA[kind] + 1]
        row.weight = shapes[DATA[kind] + 1][1] if len(shapes) > DATA[kind] + 1 else None
    row.wants = [shape for shape in row.wants if shape[1] and kind not in MAKING]
    if row.wants and kind not in IDLE and not any(each.end > each.start for each in operators):
        operator.event.get("dur").fail(f"a time above 0 for {show(operator.name)}")
    return row


def _read_shapes(args):
    """Types and sizes of the inputs; no sizes of what is no tensor."""
    if args is None or not args.has("Input Dims"):
        return []
    kinds = args.get("Input type").as_list() if args.has("Input type") else []
    shapes = []
    for number, entry in enumerate(args.get("Input Dims").as_list()):
        kind = kinds[number].value if number < len(kinds) else "float"
        nested = isinstance(entry.value, list) and entry.value and isinstance(entry.value[0], list)
        for place, sizes in enumerate(entry.as_list() if nested else [entry]):
            each = kind[place] if isinstance(kind, list) and place < len(kind) else kind
            shapes.append((each if isinstance(each, str) else "float",
                           tuple(size.as_count() for size in sizes.as_list())))
    return shapes


def _assign_bookkeeping(rows):
    """Let rows without a tensor be parts of the next row with one, or of the last."""
    owner = None
    last = next((row.layer for row in reversed(rows) if row.wants), None)
    for row in reversed(rows):
        if row.wants:
            owner = row.layer
        else:
            row.layer.owner = owner or last


def _find_outputs(rows):
    """The shape that each row leaves, from what it does and what comes next.

    Returns:
        The rows, without those that only give a tensor another shape, which none reads.
    """
    found = []
    for at, row in enumerate(rows):
        shape = _get_output(row)
        if shape is None:
            following = (want for other in rows[at + 1:at + 2 + len(rows) * _is_checked(row)]
                         for want in other.wants)
            shape = next((want for want in following if _may_leave(row, want)), None)
        if shape is None and row.kind in IDLE and found and at + 1 < len(rows):
            row.layer.owner = found[-1].layer
            continue
        if shape is None and at + 1 < len(rows):
            row.layer.fail("leaves a tensor of a shape that no row after it reads")
        row.gives = [(shape, _get_bytes(shape) if shape else None)]
        found.append(row)
    return found


def _get_output(row):
    """The shape that is certain, or None."""
    kind, sizes = row.wants[0]
    if row.kind in KEEPING:
        longest = max((want[1] for want in row.wants), key=math.prod)
        return kind, longest
    if row.kind == "linear" and row.weight:
        return kind, sizes[:-1] + row.weight[:1]
    if row.kind == "addmm" and row.weight:
        return kind, sizes[:-1] + row.weight[-1:]
    return None


def _is_checked(row):
    """Whether a shape that such a row cannot leave is known as such."""
    return row.kind in CONVOLUTIONS


def _may_leave(row, shape):
    """Whether a row can leave a shape."""
    kind, sizes = row.wants[0]
    if row.kind in CONVOLUTIONS:
        return shape[1][:2] == (sizes[0], (row.weight or (None,))[0]) \
            and len(shape[1]) == len(sizes)
    if row.kind in RESHAPING:
        return math.prod(shape[1]) == math.prod(sizes)
    if "pool" in row.kind:
        return len(shape[1]) == len(sizes) and shape[1][:2] == sizes[:2]
    return True


def _get_bytes(shape):
    """Bytes of a tensor, None of a type that is not known."""
    kind, sizes = shape
    return math.prod(sizes) * BYTES[kind] if kind in BYTES else None


def _tell(shape):
    """A shape in words."""
    return f"{shape[0]} {list(shape[1])}"
