"""Reads the texts that others wrote."""

from script import BadInput


def read_text(path):
    """The text of a file in UTF-8, a byte order mark or not."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            return file.read()
    except UnicodeDecodeError:
        raise BadInput(f"{path}: not text in UTF-8") from None
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from None
