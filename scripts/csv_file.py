"""Reads tables of comma-separated values as Excel, R, pandas and our programs write them.

A byte order mark, quotes, blanks around a value, either end of line, empty lines and lines that
begin with # do no harm. Numbers have a decimal point and are finite; True and False are 1 and 0.
"""

import math
import re

from plain_text import make_plain
from script import BadInput
from text_file import read_text

MOST_SHOWN = 60  # letters of a value in a message
NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
# A value in quotes or without, and what comes after it.
FIELD = re.compile(r'[ \t]*(?:"((?:[^"]|"")*)"|([^",]*))[ \t]*(,|\Z)')
WORDS = {"true": 1.0, "false": 0.0}
OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs"}


class Row:
    """A line below the header."""

    def __init__(self, place, line, fields):
        self.place = place  # file and line
        self.line = line
        self.fields = fields  # texts by column

    def fail(self, column, allowed):
        """Complain of a value."""
        found = make_plain(self.fields[column], MOST_SHOWN)
        raise BadInput(f"{self.place}: {column}: found '{found}'; allowed: {allowed}")

    def get_text(self, column, pattern=".+", allowed="a text"):
        """A value that matches a pattern."""
        if not re.fullmatch(pattern, self.fields[column]):
            self.fail(column, allowed)
        return self.fields[column]

    def get_number(self, column, allowed="a number", low=-math.inf, high=math.inf):
        """A finite number.

        Args:
            column: Its column.
            allowed: What may stand there, in words.
            low: The least that may.
            high: The largest.
        """
        text = self.fields[column]
        if re.fullmatch(r"[-+]?[0-9]+,[0-9]+", text):
            self.fail(column, f"{allowed}, with a decimal point")
        value = WORDS.get(text.lower())
        if value is None:
            value = float(text) if NUMBER.fullmatch(text) else math.nan
        if not math.isfinite(value) or not low <= value <= high:
            self.fail(column, allowed)
        return value

    def get_count(self, column, allowed="a whole number", low=0, high=2**63):
        """A whole number."""
        value = self.get_number(column, allowed, low, high)
        if not value.is_integer():
            self.fail(column, allowed)
        # Beyond 2^53 the number is not that of the text.
        text = self.fields[column]
        return int(text) if re.fullmatch(r"[-+]?[0-9]{1,20}", text) else int(value)


def read_csv(path, required=()):
    """Read a file.

    Args:
        path: Its name.
        required: Columns that must be there.

    Yields:
        The rows below the header.
    """
    yield from parse_csv(read_text(path), path, required)


def parse_csv(text, place, required=(), header=None):
    """Read a text, as read_csv() does.

    Args:
        text: The text.
        place: What stands before the lines in messages.
        required: Columns that must be there.
        header: The columns' names where the text does not begin with them.
    """
    if header is not None:
        _check_header(place, header, required)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for line, values in _split(text, place):
        if not any(values):
            continue
        if header is None:
            header = values
            _check_header(f"{place}:{line}", header, required)
        elif len(values) != len(header):
            raise BadInput(f"{place}:{line}: the number of values is {len(values)}, that of the "
                           f"columns {len(header)}; values are separated by commas, and numbers "
                           "have a decimal point")
        else:
            yield Row(f"{place}:{line}", line, dict(zip(header, values)))
    if header is None:
        _check_header(f"{place}:1", [], required)


def _split(text, place):
    """Yield the lines' numbers and values, those of comments and empty lines aside."""
    lines = enumerate(text.split("\n"), start=1)
    for number, line in lines:
        if line.lstrip().startswith("#"):
            continue
        if '"' not in line:
            yield number, [value.strip() for value in line.split(",")]
            continue
        parts = [line]
        quotes = line.count('"')
        while quotes % 2 == 1:  # a value goes on in the next line
            _, more = next(lines, (None, None))
            if more is None:
                break
            parts.append(more)
            quotes += more.count('"')
        line = "\n".join(parts)
        values, at, end = [], 0, ","
        while end:
            match = FIELD.match(line, at)
            if match is None:
                raise BadInput(f"{place}: after line {number - 1}: a value in quotation marks has "
                               "no end, or something behind it")
            quoted, plain, end = match.groups()
            values.append((plain if quoted is None else quoted.replace('""', '"')).strip())
            at = match.end()
        yield number, values


def _check_header(place, header, required):
    """Complain of columns that are missing or there twice."""
    found = make_plain(", ".join(header), MOST_SHOWN) or "nothing"
    for separator, words in OTHER_SEPARATORS.items():
        if len(header) == 1 and separator in header[0]:
            raise BadInput(f"{place}: found {words} between the columns; allowed: commas, and "
                           "numbers with a decimal point")
    for column in required:
        if column not in header:
            raise BadInput(f"{place}: no column '{column}'; found: {found}")
    for column in header:
        if column and header.count(column) > 1:
            raise BadInput(f"{place}: the column '{make_plain(column, MOST_SHOWN)}' is there twice")
