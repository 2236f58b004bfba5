"""Writes the files of a profile."""

import json
import textwrap

WIDTH = 110  # columns of the files written


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
