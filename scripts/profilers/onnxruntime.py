"""Reads what ONNX Runtime writes with SessionOptions.enable_profiling.

The file names no tensors. What reads what is found from shapes and the order of the model.
"""

import math

from profilers.network import (Layer, Network, Row, Tensor, connect, count_time, find_subset,
                               name_twice, show)

KERNEL = "_kernel_time"
FENCES = ("_fence_before", "_fence_after")  # waits of older versions
BYTES = {"float": 4, "double": 8, "float16": 2, "bfloat16": 2, "int8": 1, "uint8": 1, "int16": 2,
         "uint16": 2, "int32": 4, "uint32": 4, "int64": 8, "uint64": 8, "bool": 1}
INDICES = ("node_index", "exec_plan_index", "graph_index")  # by version
# These only begin a computation on a GPU, and do not wait for it.
ASYNCHRONOUS = ("CUDA", "Tensorrt", "NvTensorRTRTX", "ROCM", "MIGraphX", "Dml", "WebGpu")
# Layers that may take no time: they compute nothing.
IDLE = {"Flatten", "Reshape", "Identity", "Squeeze", "Unsqueeze", "Dropout", "Cast", "Shape"}
MOST_INPUTS = 16  # of a layer some of whose inputs are parameters


def is_profile(document):
    """Whether a document is a profile of ONNX Runtime."""
    return isinstance(document, list) and any(
        isinstance(event, dict) and event.get("cat") in ("Session", "Node") for event in document)


def read(document):
    """Read a profile."""
    events = document.as_list()
    kernels, windows = [], []
    for event in events:
        category = event.get("cat").as_text()
        name = event.get("name").as_text()
        if category == "Node" and name.endswith(KERNEL):
            kernels.append(event)
        elif category == "Session" and name == "model_run":
            windows.append(event)
        elif category != "Session" and not (category == "Node" and name.endswith(FENCES)):
            event.get("name").fail(f"a node's {KERNEL}, or an event of the category Session")
    runs = _divide(document, kernels, windows)
    rows, order, is_certain = _make_rows(runs)
    network = Network("ONNX Runtime", [row.layer for row in rows], warm_up=1,
                      is_inferred=True)
    network.kind += (f" profile of {len(events)} events, {len(kernels)} kernels, {len(rows)} a "
                     f"run, {len(runs)} runs")
    network.notes.append(f"what reads what was found from shapes, in the order of {order}")
    inputs = []

    def make_input(at, shape):
        size = _get_bytes(shape)
        if size is None:
            rows[at].layer.fail(f"reads a tensor of {shape[0]}, of which no layer leaves any")
        inputs.append(Tensor(_tell(shape), size, shape[1][0] if shape[1] else 1))
        return inputs[-1]

    uncertain, branches = connect(rows, make_input)
    if uncertain:
        network.notes.append("which tensors these read is not certain, and no cut is made where it "
                             "matters: " + "; ".join(map(show, uncertain)))
    if branches and not is_certain:
        network.notes.append("where these branches begin is not certain, and the latest tensor of "
                             "their shape was taken: " + "; ".join(map(show, branches)))
    if inputs and inputs[0].batch > 1:
        network.notes.append(f"a request is a batch of {inputs[0].batch}")
    return network


def _divide(document, kernels, windows):
    """The kernels of each run, by name, in the order of time."""
    if not windows or not kernels:
        document.fail("a profile with runs (model_run) and kernels, as end_profiling() leaves it")
    windows.sort(key=lambda event: event.get("ts").as_time(1e18))
    spans = [(start, start + event.get("dur").as_time(1e12))
             for event in windows for start in [event.get("ts").value]]
    for (_, end), (start, _), event in zip(spans, spans[1:], windows[1:]):
        if start < end:
            event.get("ts").fail("a run that begins when the one before has ended")
    runs = [{} for _ in spans]
    for kernel in sorted(kernels, key=lambda event: event.get("ts").as_time(1e18)):
        at = kernel.get("ts").value
        name = kernel.get("name").value
        run = next((run for run, (start, end) in zip(runs, spans) if start <= at <= end), None)
        if run is None:
            kernel.get("ts").fail("a time within a run (model_run)")
        if name in run:
            kernel.get("name").fail("a node that runs once in a run")
        run[name] = kernel
    for run, window in zip(runs, windows):
        missing = [name for name in runs[0] if name not in run]
        added = [name for name in run if name not in runs[0]]
        if added:
            run[added[0]].get("name").fail("a node that every run has")
        if missing:
            window.fail(f"a run with the nodes of the first, '{show(missing[0])}' among them")
    return runs


def _make_rows(runs):
    """Layers with their shapes, what they are in the order of, and whether that is the model's.

    Where nodes were fused, those that are new have numbers that tell no order.
    """
    rows, indices, end = [], [], -1
    for name, kernel in runs[0].items():
        start = kernel.get("ts").value
        if start < end:
            kernel.get("ts").fail("a node that begins when the one before has ended: one thread, "
                                  "and no nodes within others (If, Loop)")
        end = start + kernel.get("dur").as_time(1e12)
        rows.append(_make_row(name.removesuffix(KERNEL), [run[name] for run in runs]))
        key = next((key for key in INDICES if kernel.get("args").has(key)), None)
        indices.append(kernel.get("args", key).as_count() if key else None)
    if None in indices or name_twice(indices) is not None:
        return rows, "time", False
    by_index = [row for _, row in sorted(zip(indices, rows), key=lambda pair: pair[0])]
    if by_index[0] is not rows[0] or not _is_order(by_index):
        return rows, "time", False
    return by_index, "the model's nodes", max(indices) + 1 == len(rows)


def _is_order(rows):
    """Whether every layer but those that read the network's input reads what was left before."""
    left = set(rows[0].wants)
    for row in rows:
        if not left.issuperset(row.wants):
            return False
        left.update(shape for shape, _ in row.gives)
    return True


def _make_row(name, kernels):
    """A layer from its kernel in each run."""
    kernel = kernels[0]
    place = f"{kernel.place}: {kernel.pointer}"
    times = [run.get("dur").as_time(1e12) / 1000 for run in kernels]
    args = kernel.get("args")
    if args.has("provider") and args.get("provider").as_text().startswith(ASYNCHRONOUS):
        args.get("provider").fail("a provider whose computation ends with the kernel, such as "
                                  "CPUExecutionProvider")
    layer = Layer(name, place, [count_time(time) for time in times])
    if not any(times) and args.get("op_name").as_text() not in IDLE:
        layer.fail("takes 0 us in every run; allowed: a time above 0")
    scope = tuple(name.split("/")[:-1]) if name.startswith("/") else ()
    return Row(layer, _read_inputs(args), _read_outputs(args), scope)


def _read_shapes(value):
    """Shapes with their types, of what is there."""
    shapes = []
    for entry in value.as_list():
        if not isinstance(entry.value, dict) or len(entry.value) > 1:
            entry.fail("one shape by its type")
        for kind in entry.value:
            sizes = entry.get(kind).as_list()
            shapes.append((kind, tuple(size.as_count() for size in sizes)))
    return shapes


def _read_inputs(args):
    """Shapes of the inputs that are no parameters."""
    shapes = _read_shapes(args.get("input_type_shape"))
    total = args.get("activation_size").as_count()
    sizes = [_get_bytes(shape) or 0 for shape in shapes]
    places = find_subset(sizes, total) if len(sizes) <= MOST_INPUTS or sum(sizes) == total else None
    if places is None:
        args.get("activation_size").fail("the bytes of some of the inputs in input_type_shape")
    return [shapes[place] for place in places if sizes[place]]


def _read_outputs(args):
    """Shapes and bytes of the outputs."""
    shapes = _read_shapes(args.get("output_type_shape"))
    total = args.get("output_size").as_count()
    sizes = [_get_bytes(shape) for shape in shapes]
    if None not in sizes and sum(sizes) != total:
        args.get("output_size").fail(f"{sum(sizes)}, the bytes of the outputs in output_type_shape")
    if len(sizes) == 1:
        sizes = [total]
    return list(zip(shapes, sizes))


def _get_bytes(shape):
    """Bytes of a tensor, None of a type that is not known."""
    kind, sizes = shape
    return math.prod(sizes) * BYTES[kind] if kind in BYTES else None


def _tell(shape):
    """A shape in words."""
    return f"{shape[0]} {list(shape[1])}"
