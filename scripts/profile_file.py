"""Makes and writes the files of a profile."""

import json
import textwrap

from profilers.network import PER_MS

WIDTH = 110  # columns of the files written
VERSION = 2  # of the schemas


def make_profile(network, profile, device, accuracy, source, branches=()):
    """Make the documents of a profile from a network whose blocks have times of their own.

    No sample exits at branches: how many would is not known.

    Args:
        network: Its blocks, with all bytes known.
        profile: Name of the profile.
        device: Name of the device.
        accuracy: Of the answer at the end, None where it is not known.
        source: Who measured this, and how.
        branches: Blocks that the model has branches after, besides those of the network.

    Returns:
        The documents by the names of their files.
    """
    blocks = network.blocks
    count = len(blocks)
    head = {"schema_version": VERSION, "profile": profile}
    has_branch = [bool(block.branch) or number in branches
                  for number, block in enumerate(blocks, start=1)]
    listed = [number for number in range(1, count) if has_branch[number - 1]] + [count]
    model = {
        **head,
        "source": source,
        "blocks": count,
        "branches": listed,
        "tensor_bytes": [network.input.bytes] + [block.leaves.bytes for block in blocks[:-1]],
        "result_bytes": blocks[-1].leaves.bytes,
        **{key: [getattr(block, key) for block in blocks]
           for key in ("parameter_bytes", "activation_bytes")
           if getattr(blocks[0], key) is not None},
        "thresholds": [0],
        "validation": {
            "exit_rates": [[0]] * (len(listed) - 1) + [[1]],
            "accuracy": [None] * (len(listed) - 1) + [accuracy],
        },
    }
    cuts = [(network.input_serialize, network.input_deserialize)]
    cuts += [(block.serialize, block.deserialize) for block in blocks]
    serialize, deserialize = (list(column) for column in zip(*cuts))
    device_document = {
        **head,
        "device": device,
        "source": source,
        "block_compute_ms": [tell_times(block.times) for block in blocks],
    }
    if any(has_branch):
        device_document["branch_compute_ms"] = [
            tell_times(block.branch_times) if known else None
            for block, known in zip(blocks, has_branch)]
    device_document["serialize_ms"] = serialize[:-1]
    device_document["deserialize_ms"] = deserialize[:-1]
    if serialize[-1] or deserialize[-1]:
        device_document["serialize_result_ms"] = serialize[-1]
        device_document["deserialize_result_ms"] = deserialize[-1]
    return {"model.json": model, f"{device}.json": device_document}


def tell_times(times):
    """Times of runs in ms."""
    return [time / PER_MS for time in times]


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
