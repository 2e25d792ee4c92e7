"""`looptop simulate DIR`: the sample shop, written live, to see the console breathe.

The history up to a few days before the end is there at once; the rest is played: rows are appended,
new files appear, late files come late, reports that a platform sends whole are replaced at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random

from sample_data import catalogue, make, path
from sample_data.files import File

DAY = 86_400
MARK = ".looptop-simulated"
"""The dot file that says a directory is the simulation's own."""


@dataclass(frozen=True, slots=True)
class Written:
    """What one write did: `kind` is new, appended, torn, replaced or none."""

    at: datetime
    path: str
    kind: str
    size: int

    def line(self) -> str:
        """One line for a person to read."""
        return f"{self.at:%m-%d %H:%M}  {self.kind:<8} {self.path}  {self.size:+,} bytes"


def run(
    target: Path,
    *,
    speed: float = 3600.0,
    days: int = 3,
    seed: int = catalogue.SEED,
    sleep: Callable[[float], None] = time.sleep,
    step: float = 1.0,
) -> Iterator[str]:
    """Write the shop into `target` and play its last days.

    In: `speed` shop seconds a second; `days` how many of the shop's days are played (what lies before is
    written first); `seed` another number is another shop; `step` seconds between two writes.
    Out: a line for each thing written, as it is written.
    Raises: ValueError for a speed, step or days that cannot be; FileExistsError where `target` is a
    file, or holds files and is not marked as simulated before.
    """
    for written in play(target, speed=speed, days=days, seed=seed, sleep=sleep, step=step):
        yield written.line()


def play(
    target: Path, *, speed: float, days: int, seed: int, sleep: Callable[[float], None], step: float
) -> Iterator[Written]:
    """The same, as values."""
    if not (speed > 0 and step > 0 and 0 <= days <= catalogue.DAYS):
        raise ValueError(f"speed and step must be above 0 and days between 0 and {catalogue.DAYS}")
    _claim(target)
    shop, files = make.plan(seed)
    _copy_configuration(target)
    now = max(shop.end - days * DAY, shop.start)
    # What an earlier run left behind is later than the history: it would read as already happened.
    for file in files:
        (target / file.path).unlink(missing_ok=True)
    history = [f for f in files if (first := f.changes()) and first[0] <= now]
    for file in history:
        _replace(target / file.path, file.content(now) or b"")
    size = sum((target / f.path).stat().st_size for f in history)
    yield Written(_moment(now), f"{len(history)} files", "history", size)
    yield from _live(target, files, (now, shop.end), Random(f"{seed}:live"), _Pace(speed * step, step, sleep))


def _live(
    target: Path, files: Sequence[File], span: tuple[int, int], rng: Random, pace: _Pace
) -> Iterator[Written]:
    """Step by step to the end; a file whose line was left half written is completed in the next step."""
    now, end = span
    torn: set[str] = set()
    clock = float(now)
    changes = {f.path: f.changes() for f in files}
    while clock < end or torn:
        pace.sleep(pace.step)
        before, clock = int(clock), min(clock + pace.stride, float(end))
        for file in files:
            due = any(before < c <= int(clock) for c in changes[file.path])
            if due or file.path in torn:
                tear = clock < end and rng.random() < 0.1
                written = _write(target / file.path, file.content(int(clock)) or b"", tear=tear)
                torn.discard(file.path)
                if written.kind == "torn":
                    torn.add(file.path)
                yield Written(_moment(int(clock)), file.path, written.kind, written.size)


@dataclass(frozen=True, slots=True)
class _Pace:
    """`stride` shop seconds in a step of `step` seconds."""

    stride: float
    step: float
    sleep: Callable[[float], None]


@dataclass(frozen=True, slots=True)
class _Change:
    kind: str
    size: int


def _write(target: Path, content: bytes, *, tear: bool) -> _Change:
    """Append where the file only grew, else replace it whole."""
    old = target.read_bytes() if target.is_file() else None
    if old is None:
        _replace(target, content)
        return _Change("new", len(content))
    more = content[len(old) :]
    if not content.startswith(old):
        _replace(target, content)
        return _Change("replaced", len(content) - len(old))
    if tear and len(more) > 20:
        more = more[: len(more) - 9]
    with target.open("ab") as out:
        out.write(more)
    return _Change("torn" if len(old) + len(more) < len(content) else "appended", len(more))


def _replace(target: Path, content: bytes) -> None:
    """Written aside and renamed: a reader sees the old file or the new one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.tmp")
    aside.write_bytes(content)
    aside.replace(target)


def _copy_configuration(target: Path) -> None:
    """The shop's looptop.toml with its calendar, unless the directory has its own already."""
    for name in ("calendar.csv", "looptop.toml"):
        if not (target / name).exists():
            _replace(target / name, (path() / name).read_bytes())


def _claim(target: Path) -> None:
    """Mark an empty directory as the simulation's own: it must not be let loose on somebody's data."""
    if target.resolve() == path():
        raise FileExistsError(f"{target} is the sample data itself: name another directory")
    if target.exists() and not target.is_dir():
        raise FileExistsError(f"{target} is a file: name a directory to write the shop into")
    if target.exists() and not (target / MARK).exists() and any(target.iterdir()):
        raise FileExistsError(f"{target} holds other files: name an empty directory, or one simulated before")
    target.mkdir(parents=True, exist_ok=True)
    (target / MARK).touch()


def _moment(ts: int) -> datetime:
    return datetime.fromtimestamp(ts, catalogue.ZONE)
