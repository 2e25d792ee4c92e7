"""Where a workspace keeps what is not data: parts, ledger, key; and who refreshes it.

<state>/cache/…     may be deleted at any time; cache/work-…: files of one living process
<state>/ledger.db   what people entered, alert states, messages: never thrown away
<state>/key         the key of person ids: never thrown away
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import shutil
import tempfile
import threading
from pathlib import Path

from filelock import FileLock, Timeout

from engine.held import abandoned, clear_aside, hold


def default_state(root: Path) -> Path:
    """The state directory of a workspace: under the XDG state home, by name and hash of the real path."""
    from platformdirs import user_state_path

    real = root.resolve()
    digest = hashlib.sha256(str(real).encode()).hexdigest()[:12]
    return user_state_path("looptop", appauthor=False) / f"{real.name or 'root'}-{digest}"


class State:
    """One state directory. Where it cannot be written, a temporary one holds the cache for this process.

    In:  the directory; it is made with mode 0700.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stand_in: tempfile.TemporaryDirectory[str] | None = None
        self.fault: str | None = None
        """Why the state cannot be written, else None."""
        try:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
            (path / "cache").mkdir(exist_ok=True, mode=0o700)
            if not os.access(path, os.W_OK | os.X_OK) or not os.access(path / "cache", os.W_OK | os.X_OK):
                raise PermissionError(13, "Permission denied", str(path))
        except OSError as error:
            self.fault = f"{path}: {error.strerror or error}"
            self._stand_in = tempfile.TemporaryDirectory(prefix="looptop-")
        self._work: tuple[int, Path] | None = None
        self._clear_unfinished()
        self._log = self._logging()
        self._asking = threading.Lock()
        # One lock of the process: whichever thread asks, the process is the refresher or is not.
        lock = FileLock(path / "refresher.lock", mode=0o600, thread_local=False)
        self._lock = lock if self.writable else None

    def _logging(self) -> logging.Handler:
        """What the engine warns of goes to `<state>/looptop.log`: standard error belongs to the screen."""
        handler: logging.Handler = logging.NullHandler()
        if self.fault is None:
            with contextlib.suppress(OSError):  # a log of somebody else's stays theirs
                (self.path / "looptop.log").touch(mode=0o600)
            handler = logging.FileHandler(self.path / "looptop.log", encoding="utf-8", delay=True)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logging.getLogger("engine").addHandler(handler)
        return handler

    @property
    def writable(self) -> bool:
        """Whether what people enter can be kept."""
        return self.fault is None

    @property
    def cache(self) -> Path:
        """The directory of parts and derived tables."""
        return Path(self._stand_in.name) if self._stand_in is not None else self.path / "cache"

    @property
    def work(self) -> Path:
        """A directory for files that mean nothing to another process; it goes when this one ends or dies."""
        if self._work is None:
            handle, name = tempfile.mkstemp(prefix="work-", suffix=".held", dir=self.cache)
            while not hold(handle):
                os.close(handle)
                handle, name = tempfile.mkstemp(prefix="work-", suffix=".held", dir=self.cache)
            self._work = handle, Path(name)
            Path(name).with_suffix("").mkdir(mode=0o700)
        return self._work[1].with_suffix("")

    def _clear_unfinished(self) -> None:
        """Remove what processes that were killed have left."""
        clear_aside(self.path if self.writable else self.cache)
        for held in self.cache.glob("work-*.held"):
            if (handle := abandoned(held)) is not None:
                _remove_work(handle, held)

    @property
    def ledger(self) -> Path | None:
        """The file of the ledger; None: only in memory."""
        return self.path / "ledger.db" if self.writable else None

    def become_refresher(self) -> bool:
        """Take the refresher's lock if nobody has it; the system frees it when its process dies."""
        if self._lock is None:
            return False
        with self._asking:
            if self._lock.is_locked:
                return True
            try:
                self._lock.acquire(timeout=0)
            except (Timeout, OSError):
                return False
            return True

    def close(self) -> None:
        """Give the lock back and close the log."""
        logging.getLogger("engine").removeHandler(self._log)
        self._log.close()
        if self._lock is not None and self._lock.is_locked:
            self._lock.release()
        if self._work is not None:
            _remove_work(*self._work)
            self._work = None
        if self._stand_in is not None:
            with contextlib.suppress(OSError):
                self._stand_in.cleanup()


def _remove_work(handle: int, held: Path) -> None:
    """The directory first: what is left when this is cut short is found again by its hold."""
    shutil.rmtree(held.with_suffix(""), ignore_errors=True)
    held.unlink(missing_ok=True)
    os.close(handle)
