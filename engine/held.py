"""What is unfinished belongs to a living process: what no process holds any more may be cleared away.

The hold is a lock of the file system. It ends with the process, by `kill -9` too; where the file system
knows no locks nothing is held and nothing is taken for abandoned.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

ASIDE = ".tmp"
"""How the name of a file ends that is held while it is written; it begins with a dot."""


def hold(handle: int) -> bool:
    """Hold an open file until it is closed; false where it was cleared away before it could be held."""
    with contextlib.suppress(OSError):  # no locks here: `abandoned` finds none either
        fcntl.flock(handle, fcntl.LOCK_EX)
    return os.fstat(handle).st_nlink > 0


def abandoned(path: Path) -> int | None:
    """The file, opened and held by the caller, where no living process holds it; None where one does.

    Whoever clears it away closes it afterwards: who waits for it in `hold` then sees that it is gone.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def clear_aside(folder: Path) -> None:
    """Deletes what killed processes had not finished writing in a folder and below it."""
    for path in folder.rglob(f".*{ASIDE}"):
        if (handle := abandoned(path)) is not None:
            path.unlink(missing_ok=True)
            os.close(handle)
