"""Texts that others chose, made fit to be shown."""

import re

MOST_LETTERS = 300  # of a text in a message
# Halves of characters, as Python has them in names that are no UTF-8.
BROKEN = re.compile("[\ud800-\udfff]")
# What moves the cursor, ends the line, or turns the direction of what follows.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def mend(text):
    """Replace what cannot be written as UTF-8."""
    return BROKEN.sub("\N{REPLACEMENT CHARACTER}", text)


def make_plain(text, most=MOST_LETTERS):
    """Replace what cannot be shown on a line, and cut what is too long in its middle.

    Args:
        text: A text, or what is shown as Python writes it.
        most: How many letters are not too long.
    """
    text = text if isinstance(text, str) else str(text)
    if len(text) > most:
        end = (most - 1) // 2
        text = f"{text[:most - 1 - end]}…{text[len(text) - end:]}"
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", mend(text))
