"""Reads JSON that others wrote: what is missing or of another kind is told by its place."""

import json
import math
import re

from plain_text import make_plain
from script import BadInput
from text_file import read_text

MOST_LEVELS = 100  # of objects and lists in one another
MOST_SHOWN = 60  # letters of a value in a message


def read_json(path):
    """Read a JSON file, a byte order mark or not."""
    return parse_json(read_text(path), path)


def parse_json(text, place):
    """Read JSON.

    Args:
        text: The JSON.
        place: Where it stands, for messages.
    """
    def make_object(pairs):
        made = dict(pairs)
        if len(made) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise BadInput(f"{place}: the key '{twice}' is there twice in one object")
        return made

    def refuse(word):
        tokens = re.finditer(r'"(?:[^"\\]|\\.)*"|' + re.escape(word), text)
        at = next((token.start() for token in tokens if token[0] == word), 0)
        line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
        raise BadInput(f"{place}: line {line} column {column}: found {word}; allowed: finite "
                       "numbers")

    def read_float(word):
        return float(word) if math.isfinite(float(word)) else refuse(word)

    try:
        document = json.loads(text, object_pairs_hook=make_object, parse_constant=refuse,
                              parse_float=read_float)
    except RecursionError:
        document = None
        levels = MOST_LEVELS + 1
    except ValueError as error:
        raise BadInput(f"{place}: {error}") from None
    else:
        levels = _count_levels(document)
    if levels > MOST_LEVELS:
        raise BadInput(f"{place}: more than {MOST_LEVELS} objects and lists in one another")
    return document


def _count_levels(document):
    """How many objects and lists stand in one another, until there are too many."""
    levels, values = 0, [document]
    while levels <= MOST_LEVELS:
        values = [value for value in values if isinstance(value, (dict, list))]
        if not values:
            break
        levels += 1
        values = [inner for value in values
                  for inner in (value.values() if isinstance(value, dict) else value)]
    return levels


class Value:
    """A value of a document, which knows its place there."""

    def __init__(self, value, place, pointer=""):
        self.value = value
        self.place = place
        self.pointer = pointer

    def fail(self, allowed):
        """Complain of the value."""
        found = make_plain(json.dumps(self.value, default=str), MOST_SHOWN)
        raise BadInput(f"{self.place}: {self.pointer or '/'}: found {found}; allowed: {allowed}")

    def get(self, *keys):
        """The value under a key of an object, or under keys in one another."""
        at = self
        for key in keys:
            if not isinstance(at.value, dict):
                at.fail("an object")
            if key not in at.value:
                raise BadInput(f"{at.place}: {at.pointer}/{key} is missing")
            at = Value(at.value[key], at.place, f"{at.pointer}/{key}")
        return at

    def has(self, key):
        """Whether an object has a key."""
        if not isinstance(self.value, dict):
            self.fail("an object")
        return key in self.value

    def items(self):
        """The keys and values of an object."""
        if not isinstance(self.value, dict):
            self.fail("an object")
        return [(key, self.get(key)) for key in self.value]

    def as_list(self):
        """The values of a list."""
        if not isinstance(self.value, list):
            self.fail("a list")
        return [Value(value, self.place, f"{self.pointer}/{index}")
                for index, value in enumerate(self.value)]

    def as_text(self):
        """A text."""
        if not isinstance(self.value, str):
            self.fail("a text")
        return self.value

    def as_count(self, low=0, high=2**53):
        """A whole number, written as one or as a text of digits."""
        value = self.value
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.fail(f"a whole number from {low} to {high}")
        return value

    def as_time(self, high=1e9):
        """A time, which may be 0."""
        if self.value is None or self.as_number() < 0 or self.value > high:
            self.fail(f"a time from 0 to {high:g}")
        return self.value

    def as_number(self, low=-1e30, high=1e30):
        """A number, or None where there is none."""
        if self.value is None:
            return None
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)) \
                or not low <= self.value <= high:
            self.fail(f"null, or a number from {low:g} to {high:g}")
        return self.value
