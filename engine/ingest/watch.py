"""Changes of a directory as they happen: told by the file system, or found by looking in turns.

file system ─► watchfiles (grouped until it is quiet for 50 ms) ─► Change
or a look at every file in turns, where the file system tells nothing
every minute, after a start, and when the directory comes back ─► Change without paths: look at everything
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from engine.ingest.scan import is_data_name, walk
from engine.ingest.state import stat_of

log = logging.getLogger(__name__)

QUIET_MS = 50
"""A burst is over when nothing came for so long …"""
BURST_MS = 400
"""… and is reported at the latest after this."""
TURN_MS = 1000
POLL_MS = 500
LOOK_SECONDS = 60.0
NO_EVENTS = frozenset({"nfs", "nfs4", "cifs", "smb3", "9p", "vboxsf", "fuse.sshfs", "fuse.rclone"})
"""File systems whose changes on other machines nobody tells."""


@dataclass(frozen=True, slots=True)
class Change:
    """Files that may have changed, relative to the directory; `began` is a monotonic time.

    `paths` empty: nothing is known, look at everything. `gone`: the directory is not there any more.
    `configuration`: looptop.toml has changed.
    """

    paths: frozenset[str] = frozenset()
    configuration: bool = False
    gone: bool = False
    began: float = 0.0


Due = Callable[[], bool]
"""Whether it is time to look at what no file system tells of: a database."""


def watch(
    root: Path, configuration: Path, stop: Event, poll: bool = False, due: Due = bool
) -> Iterator[Change]:
    """Every change below `root` and of the configuration, wherever that stands, until `stop` is set.

    In:  `poll`: look in turns; also where the file system is known to tell nothing. `due`: asked once a turn.
    Out: changes, the first right after watching has begun, so that nothing between a scan and it is lost.
         A directory that disappears is one change with `gone`; watching goes on when it is back.
    """
    poll = poll or tells_nothing(root)
    while not stop.is_set():
        if root.is_dir():
            try:
                yield from _while_there(root, configuration, stop, poll, due)
            except OSError as error:
                log.warning("no more events for %s (%s): looking in turns", root, error)
                poll = True
        if not stop.is_set() and not root.is_dir():
            yield Change(gone=True, began=time.monotonic())
            while not root.is_dir() and not stop.wait(POLL_MS / 1000):
                pass


def _while_there(root: Path, configuration: Path, stop: Event, poll: bool, due: Due) -> Iterator[Change]:
    """Changes until the directory is gone or is another one."""
    place, text, looked = _place(root), _print(configuration), -LOOK_SECONDS
    for paths in _looking(root, stop) if poll else _told(root, stop):
        now = time.monotonic()
        if _place(root) != place:
            return
        before, text = text, _print(configuration)
        look = not paths and (now - looked >= LOOK_SECONDS or due())
        if paths or look or text != before:
            looked = now if look else looked
            yield Change(paths, text != before, began=now - QUIET_MS / 1000)


def _told(root: Path, stop: Event) -> Iterator[frozenset[str]]:
    """Paths that the file system names, and nothing once a second."""
    import watchfiles

    turns = watchfiles.watch(
        root,
        watch_filter=None,
        debounce=BURST_MS,
        step=QUIET_MS,
        stop_event=stop,
        rust_timeout=TURN_MS,
        yield_on_timeout=True,
        raise_interrupt=False,
        force_polling=False,
        ignore_permission_denied=True,
    )
    for found in turns:
        yield frozenset(name for _, path in found if (name := relative(root, path)))


def _looking(root: Path, stop: Event) -> Iterator[frozenset[str]]:
    """Paths whose size, time or inode is another one than in the turn before.

    A turn takes a twentieth of the time at most, however slow the file system is.
    """
    known: dict[str, tuple[int, int, int]] | None = None
    pause = 0.0
    while not stop.wait(pause):
        began = time.monotonic()
        now = {path: stat_of(info) for path, info in walk(root)}
        before = now if known is None else known
        known = now
        yield frozenset(path for path in now.keys() | before.keys() if now.get(path) != before.get(path))
        pause = max(POLL_MS / 1000, 20 * (time.monotonic() - began))


def relative(root: Path, path: str) -> str:
    """The path below the directory, empty for what is no data."""
    try:
        inside = Path(path).relative_to(root)
    except ValueError:
        return ""
    return inside.as_posix() if all(is_data_name(part) for part in inside.parts) and inside.parts else ""


def _place(path: Path) -> tuple[int, int] | None:
    try:
        info = path.stat()
    except OSError:
        return None
    return info.st_dev, info.st_ino


def _print(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file is written, replaced, made or removed."""
    try:
        info = path.stat()
    except OSError:
        return None
    return info.st_size, info.st_mtime_ns, info.st_ino


def tells_nothing(root: Path, mounts: Path = Path("/proc/self/mounts")) -> bool:
    """Whether the directory lies on a file system that reports no changes made elsewhere."""
    try:
        lines = [line.split() for line in mounts.read_text("utf-8", "replace").splitlines()]
    except OSError:
        return False
    real = root.resolve()
    mounted = [(_unescaped(line[1]), line[2]) for line in lines if len(line) > 2]
    around = [(len(mount), kind) for mount, kind in mounted if real.is_relative_to(mount)]
    return bool(around) and max(around)[1] in NO_EVENTS


def _unescaped(mount: str) -> str:
    """Mount points are written with octal escapes: a blank is \\040."""
    return mount.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
