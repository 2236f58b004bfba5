"""Files that are whole or not there at all."""

import os
import tempfile
from pathlib import Path

UMASK = os.umask(0)
os.umask(UMASK)


def write_whole(path, write):
    """Write a file under another name, and put it into its place when it is whole.

    Args:
        path: Where the file belongs.
        write: Called with the other name; must write that file.
    """
    path = Path(path)
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=".partial-", suffix=path.suffix)
    os.close(handle)
    try:
        write(partial)
        os.chmod(partial, 0o666 & ~UMASK)
        os.replace(partial, path)
    except BaseException:
        os.unlink(partial)
        raise
