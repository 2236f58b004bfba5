"""Reads what TensorRT's trtexec writes with --exportProfile and --exportLayerInfo."""

import math
import re

from profilers.network import Layer, Network, Tensor, count_time, show

# Bits of a value, by words of "Format/Datatype", such as "Row major linear FP32".
BITS = {"float": 32, "fp32": 32, "int32": 32, "half": 16, "fp16": 16, "bf16": 16, "bfloat16": 16,
        "int8": 8, "uint8": 8, "fp8": 8, "bool": 8, "int64": 64, "int4": 4, "fp4": 4}
# A row that changes a tensor's layout for another, or after it.
REFORMAT = re.compile(r"Reformatting CopyNode for (?:Input|Output) Tensor \d+ to (.+)"
                      r"|(.+) (?:input|output) reformatter \d+", re.DOTALL)
# Kinds of layers that may take no time: they copy nothing or run once.
IDLE = {"noop", "constant", "reformat", "shape", "signal", "wait", "trainstation"}


def is_profile(document):
    """Whether a document is --exportProfile's."""
    return isinstance(document, list) and bool(document) and isinstance(document[0], dict) \
        and "count" in document[0] and "ph" not in document[0]


def is_layer_info(document):
    """Whether a document is --exportLayerInfo's."""
    return isinstance(document, dict) and "Layers" in document


def read(profile, info):
    """Read both.

    Args:
        profile: The times.
        info: The graph.
    """
    rows = profile.as_list()
    runs = rows[0].get("count").as_count(1)
    times = {}
    for row in rows[1:]:
        name = row.get("name").as_text()
        if name in times:
            row.get("name").fail("a name that no other row has")
        times[name] = row, _get_time(row, runs)
    layers, kinds = _read_layers(info, times)
    network = Network("TensorRT", layers)
    _assign_reformats(network)
    for layer in layers:
        if not any(layer.times) and not layer.owner and kinds[layer.name] not in IDLE:
            layer.fail("takes 0 ms; allowed: a time above 0 for a layer that computes")
    batch = _find_batch(layers)
    reformats = sum(layer.owner is not None for layer in layers)
    network.kind += (f" profile of {len(layers)} layers, {reformats} of them reformatting, mean of "
                     f"{runs} run{'s' if runs > 1 else ''}, batch {batch}")
    if batch > 1:
        network.notes.append(f"a request is a batch of {batch}: times and bytes are those of all "
                             f"{batch}")
    return network


def _get_time(row, runs):
    """The mean time of a layer."""
    total = row.get("timeMs").as_time()
    if not row.has("averageMs"):
        return total / runs
    mean = row.get("averageMs").as_time()
    if abs(mean * runs - total) > 0.01 * total + 1e-6:
        row.get("averageMs").fail(f"timeMs / count, {total / runs:g}")
    return mean


def _read_layers(info, times):
    """The layers of the graph, with their times, and their kinds by name."""
    entries = info.get("Layers").as_list()
    layers, kinds, tensors = [], {}, {}
    inputs = set()
    for entry in entries:
        if isinstance(entry.value, str):
            entry.fail("an object with Name, Inputs and Outputs, as trtexec writes with "
                       "--profilingVerbosity=detailed")
        name = entry.get("Name").as_text()
        if name in kinds:
            entry.get("Name").fail("a name that no other layer has")
        kinds[name] = entry.get("LayerType").as_text().lower() if entry.has("LayerType") else ""
        if name in times:
            place, time = times.pop(name)
        elif kinds[name] in IDLE:
            place, time = entry, 0
        else:
            entry.get("Name").fail(f"a name of the profile; it has "
                                   f"{_tell_names(times) or 'no other'}")
        layer = Layer(name, f"{place.place}: {place.pointer}", [count_time(time)])
        for value in entry.get("Inputs").as_list():
            tensor = value.get("Name").as_text()
            if tensor not in tensors:
                inputs.add(tensor)
                _read_tensor(value, tensors)
            layer.reads += tensors[tensor]
        for value in entry.get("Outputs").as_list():
            if value.get("Name").as_text() in inputs:
                value.get("Name").fail("a tensor that no layer before has read")
            layer.leaves.append(_read_tensor(value, tensors))
        layers.append(layer)
    for name, (row, _) in times.items():
        row.get("name").fail(f"a name of the layers in {info.place}")
    if not layers:
        info.get("Layers").fail("at least one layer")
    return layers, kinds


def _tell_names(names):
    """Some names, for a message."""
    return ", ".join(f"'{show(name)}'" for name in list(names)[:3])


def _read_tensor(value, tensors):
    """A tensor and its bytes; one that several layers write to is one tensor of each."""
    name = value.get("Name").as_text()
    sizes = [size.as_count(1) for size in value.get("Dimensions").as_list()]
    words = re.findall(r"[a-z]+[0-9]*", value.get("Format/Datatype").as_text().lower())
    bits = {BITS[word] for word in words if word in BITS}
    if len(bits) != 1:
        value.get("Format/Datatype").fail("a format that names one type, such as FP32, Half, Int8")
    tensor = Tensor(name, -(-math.prod(sizes) * bits.pop() // 8), sizes[0] if sizes else 1)
    tensors.setdefault(name, []).append(tensor)
    return tensor


def _assign_reformats(network):
    """Let rows of reformatting be parts of the layers that they name."""
    by_name = {layer.name: layer for layer in network.layers}
    for layer in network.layers:
        match = REFORMAT.fullmatch(layer.name)
        if match:
            owner = match[1] or match[2]
            if owner not in by_name:
                layer.fail(f"reformats for '{show(owner)}', which is no layer")
            layer.owner = by_name[owner]


def _find_batch(layers):
    """The first dimension of the input."""
    made = {id(tensor) for layer in layers for tensor in layer.leaves}
    return next((tensor.batch for layer in layers for tensor in layer.reads
                 if id(tensor) not in made), 1)
