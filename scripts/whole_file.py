"""The one way in which scripts write files: whole or not there at all, and nothing else harmed.

What is no plain file (a link, a fifo, a device) is written to and stays what it is; "-" is the
standard output. A process that is killed leaves what it has written as FILE.partial-PROCESS, as the
programs do; the next one that writes FILE removes it.
"""

import contextlib
import fcntl
import os
import re
import stat
import tempfile

from plain_text import mend
from script import BadInput, write_output

STANDARD_OUTPUT = "-"


def is_standard_output(path):
    """Whether what is written to a file arrives at the standard output, under whichever name."""
    if str(path) == STANDARD_OUTPUT:
        return True
    try:
        return os.path.samestat(os.stat(path), os.fstat(1))
    except OSError:
        return False


def _is_replaced(path):
    """Whether a file is absent, or plain and no link: another may take its place."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except FileNotFoundError:
        return True


def _identify(path):
    """What a name leads to: the same for all names of a file, be it there or not."""
    try:
        status = os.fstat(1) if str(path) == STANDARD_OUTPUT else os.stat(path)
        if not stat.S_ISCHR(status.st_mode):
            return (status.st_dev, status.st_ino)
        # A terminal or /dev/null takes all that comes, but not under this name twice.
        return (STANDARD_OUTPUT,) if str(path) == STANDARD_OUTPUT else ()
    except OSError:
        pass
    folder, name = os.path.split(os.path.realpath(path))
    try:
        status = os.stat(folder)
    except OSError:
        return (folder, name)
    return (status.st_dev, status.st_ino, name)


def check_outputs(outputs, inputs=()):
    """Refuse to write what would fail after a long computation, or harm what is there.

    Args:
        outputs: Names of the files that will be written.
        inputs: Names of the files that are read.
    """
    known = {_identify(path): f"{path}, which is read" for path in inputs}
    for path in outputs:
        identity = _identify(path)
        if identity and identity in known:
            raise BadInput(f"{path}: is the same file as {known[identity]}; choose another")
        known[identity] = f"{path}, which is written too"
        if str(path) == STANDARD_OUTPUT:
            continue
        folder = os.path.dirname(os.path.realpath(path))
        if os.path.isdir(path):
            raise BadInput(f"{path}: cannot be written: it is a folder")
        if not os.path.exists(path) and not os.path.isdir(folder):
            raise BadInput(f"{path}: cannot be written: there is no folder {folder}")
        is_made = _is_replaced(path) or not os.path.exists(path)
        if not os.access(folder if is_made else path, os.W_OK):
            raise BadInput(f"{path}: cannot be written: permission denied")


def write_whole(contents):
    """Write files; if one fails, those that were plain or absent are as they were.

    Args:
        contents: What to write, as text or bytes, by the files' names.
    """
    partials = {}
    locks = contextlib.ExitStack()
    path = None
    try:
        through = {}
        for path, content in contents.items():
            data = content if isinstance(content, bytes) else mend(content).encode()
            if str(path) == STANDARD_OUTPUT or is_standard_output(path) or not _is_replaced(path):
                through[path] = data
                continue
            _remove_left(path)
            partials[path] = f"{path}.partial-{os.getpid()}"
            locks.enter_context(_lock(partials[path], os.O_CREAT))
            with open(partials[path], "wb") as file:
                file.write(data)
        for path, data in through.items():
            if is_standard_output(path):
                write_output(data)
            else:
                with open(path, "wb") as file:
                    file.write(data)
        for path in list(partials):
            os.replace(partials[path], path)
            del partials[path]
    except OSError as error:
        raise BadInput(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        for partial in partials.values():
            with contextlib.suppress(OSError):  # nothing more can be done
                os.unlink(partial)
        locks.close()


@contextlib.contextmanager
def open_scratch(text, suffix):
    """A file for a program to read, which is gone afterwards.

    Args:
        text: What is in it.
        suffix: The end of its name.

    Yields:
        Its name.
    """
    try:
        with contextlib.ExitStack() as stack:
            file = stack.enter_context(
                tempfile.NamedTemporaryFile("w", suffix=suffix, encoding="utf-8"))
            file.write(text)
            file.flush()
            kept = stack.pop_all()
    except OSError as error:
        raise BadInput(f"a temporary file cannot be written: {error.strerror}") from None
    with kept:
        yield file.name


def _remove_left(path):
    """Remove what processes that are dead have left of a file."""
    folder, name = os.path.split(path)
    with contextlib.suppress(OSError):  # what cannot be read or removed stays
        for other in os.listdir(folder or "."):
            if re.fullmatch(rf"{re.escape(name)}\.partial-[1-9][0-9]*", other):
                # Not by the number: the process may be another machine's, or not buried yet.
                with _lock(os.path.join(folder, other)) as is_ours:
                    if is_ours:
                        os.unlink(os.path.join(folder, other))


@contextlib.contextmanager
def _lock(path, flags=0):
    """Take the lock of a file, which is free again when this process has died.

    Args:
        path: Name of the file.
        flags: os.O_CREAT if it need not be there yet.

    Yields:
        Whether no other process has it.
    """
    handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | flags, 0o666)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_ours = True
        except OSError:  # or the file system has no locks
            is_ours = False
        yield is_ours
    finally:
        os.close(handle)
