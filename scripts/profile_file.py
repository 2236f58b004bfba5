"""Makes and writes the files of a profile."""

import json
import textwrap

from profilers.network import PER_MS

WIDTH = 110  # columns of the files written
VERSION = 1  # of the schemas


def make_profile(network, profile, device, accuracy, source):
    """Make the documents of a profile from a network whose blocks have times of their own.

    Version 1 of the schemas knows times of partitions and a branch after every block: a
    partition takes the sum of its blocks and of the branch after its last, and no branch but the
    last lets a sample exit.

    Args:
        network: Its blocks, with all bytes known.
        profile: Name of the profile.
        device: Name of the device.
        accuracy: Of the answer at the end.
        source: Who measured this, and how.

    Returns:
        The documents by the names of their files.
    """
    blocks = network.blocks
    count = len(blocks)
    head = {"schema_version": VERSION, "profile": profile}
    model = {
        **head,
        "source": source,
        "blocks": count,
        "tensor_bytes": [network.input.bytes] + [block.leaves.bytes for block in blocks[:-1]],
        "result_bytes": blocks[-1].leaves.bytes,
        "thresholds": [0],
        "validation": {
            "exit_rates": [[0]] * (count - 1) + [[1]],
            "accuracy": [accuracy] * count,
        },
    }
    times = [block.times for block in blocks]
    branch_times = [block.branch_times for block in blocks]
    compute = {}
    for first in range(count):
        total = [0] * len(times[0])
        for last in range(first, count):
            total = [sum(pair) for pair in zip(total, times[last])]
            compute[f"{first + 1}-{last + 1}"] = [
                sum(pair) / PER_MS for pair in zip(total, branch_times[last])]
    cuts = [(network.input_serialize, network.input_deserialize)]
    cuts += [(block.serialize, block.deserialize) for block in blocks]
    serialize, deserialize = (list(column) for column in zip(*cuts))
    device_document = {
        **head,
        "device": device,
        "source": source,
        "compute_ms": compute,
        "serialize_ms": serialize[:-1],
        "deserialize_ms": deserialize[:-1],
    }
    if serialize[-1] or deserialize[-1]:
        device_document["serialize_result_ms"] = serialize[-1]
        device_document["deserialize_result_ms"] = deserialize[-1]
    return {"model.json": model, f"{device}.json": device_document}


def to_json(value, indent=0, used=0):
    """JSON with keys in order, what fits on one line there and long lists filled.

    `used` is the width already taken on the line by the value's key. Numbers are the shortest
    that read back the same; a whole number has no fraction.
    """
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if not isinstance(value, (dict, list)):
        return json.dumps(value)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    pad = " " * (indent + 2)
    if isinstance(value, dict):
        keys = [json.dumps(key) + ": " for key in value]
        items = [key + to_json(v, indent + 2, len(key)) for key, v in zip(keys, value.values())]
    else:
        items = [to_json(item, indent + 2) for item in value]
    line = opening + ", ".join(items) + closing
    if indent and "\n" not in line and indent + used + len(line) < WIDTH:
        return line
    if isinstance(value, list) and not any(isinstance(item, (dict, list)) for item in value):
        body = textwrap.fill(", ".join(items), WIDTH, initial_indent=pad, subsequent_indent=pad)
    else:
        body = ",\n".join(pad + item for item in items)
    return f"{opening}\n{body}\n{' ' * indent}{closing}"
