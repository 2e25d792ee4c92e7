"""What changes in a directory, as batches: atomic replaces, moves, a directory that goes and comes back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

DEBOUNCE_MS = 300
LOOK_MS = 1000
AWAY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Batch:
    """Files that changed together, relative to the directory, and when that was seen (monotonic seconds).

    `kind`: change, config (a configuration outside the directory), gone, back.
    """

    kind: Literal["change", "config", "gone", "back"]
    files: tuple[str, ...] = ()
    at: float = 0.0


def batches(
    root: Path,
    stop: threading.Event,
    *,
    poll: bool = False,
    config: Path | None = None,
    state: Path | None = None,
) -> Iterator[Batch]:
    """Batches of changes until `stop` is set.

    In: poll: look at the files in turns; config: a file elsewhere that is watched too; state: a directory
        whose changes are our own.
    """
    seen = _stamp(config)
    while not stop.is_set():
        if not root.is_dir():
            yield Batch("gone", at=time.monotonic())
            if not _returned(root, stop):
                return
            yield Batch("back", at=time.monotonic())
        opened = _identity(root)
        for batch in _watched(root, stop, poll, state):
            if batch is not None:
                yield batch
            if config is not None and _stamp(config) != seen:
                seen = _stamp(config)
                yield Batch("config", (config.name,), time.monotonic())
        if not stop.is_set() and _identity(root) not in (None, opened):
            yield Batch("change", at=time.monotonic())


def _watched(root: Path, stop: threading.Event, poll: bool, state: Path | None) -> Iterator[Batch | None]:
    """Batches while the directory is the one that was opened; None each time nothing came."""
    from watchfiles import watch

    identity = _identity(root)
    try:
        for changes in watch(
            root,
            watch_filter=lambda _, path: state is None or not Path(path).is_relative_to(state),
            debounce=DEBOUNCE_MS,
            step=50,
            stop_event=stop,
            rust_timeout=LOOK_MS,
            yield_on_timeout=True,
            force_polling=poll or None,
            raise_interrupt=False,
        ):
            if changes:
                files = sorted({_relative(path, root) for _, path in changes})
                yield Batch("change", tuple(files), time.monotonic() - DEBOUNCE_MS / 1000)
            else:
                yield None
            if _identity(root) != identity:
                return
    except OSError:
        stop.wait(AWAY_SECONDS)


def _relative(path: str, root: Path) -> str:
    try:
        return Path(path).relative_to(root).as_posix()
    except ValueError:
        return Path(path).name


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _stamp(path: Path | None) -> tuple[int, int, int] | None:
    try:
        found = path.stat() if path is not None else None
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino) if found else None


def _returned(root: Path, stop: threading.Event) -> bool:
    while not stop.wait(AWAY_SECONDS):
        if root.is_dir():
            return True
    return False


class Watch(threading.Thread):
    """Hands each batch to `take`, in a thread of its own."""

    def __init__(
        self,
        root: Path,
        take: Callable[[Batch], None],
        *,
        poll: bool = False,
        config: Path | None = None,
        state: Path | None = None,
    ) -> None:
        super().__init__(name="looptop-watch", daemon=True)
        self._root, self._take, self._poll, self._config, self._state = root, take, poll, config, state
        self._stop_event = threading.Event()

    def run(self) -> None:
        """Watch until told to stop."""
        for batch in batches(
            self._root, self._stop_event, poll=self._poll, config=self._config, state=self._state
        ):
            self._take(batch)

    def stop(self) -> None:
        """End within a second."""
        self._stop_event.set()
