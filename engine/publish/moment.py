"""What time it is for the engine: the wall clock, the newest fact, or the moment of a replay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.ingest import FileState
    from engine.workspace.model import Console


@dataclass(frozen=True, slots=True)
class Moment:
    """`as_of`: now for every question. `until`: on replay, the moment after which no fact exists."""

    as_of: datetime
    until: datetime | None = None

    @property
    def replay(self) -> bool:
        return self.until is not None


def read_moment(asked: str | datetime, timezone: str) -> datetime:
    """A moment as people write it, in naive UTC; a day alone is its first instant.

    In:  ISO 8601 with or without offset; without one it is in the workspace's time zone.
    Raises: UsageError.
    """
    try:
        found = datetime.fromisoformat(asked.strip()) if isinstance(asked, str) else asked
    except ValueError:
        raise UsageError(f'"{asked}" is no time; write 2026-10-29 or 2026-10-29T14:32') from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=ZoneInfo(timezone))
    return found.astimezone(UTC).replace(tzinfo=None)


def until(
    asked: str | datetime | None, console: Console, wall: datetime, states: Iterable[FileState]
) -> datetime | None:
    """The moment of the replay that `--as-of` asks for; None: it does not look back."""
    if asked is None:
        return None
    newest = max((part.last_ts for each in states for part in each.parts if part.last_ts), default=None)
    return clocked(console, wall, newest, asked).until


def clocked(
    console: Console, wall: datetime, newest: datetime | None, asked: str | datetime | None
) -> Moment:
    """Now for a console, as `moment` says, from `--as-of` as it was written. Raises: UsageError."""
    as_of = read_moment(asked, console.timezone) if asked is not None else None
    return moment(console.clock, wall, newest, as_of)


def moment(clock: str, wall: datetime, newest: datetime | None, as_of: datetime | None) -> Moment:
    """Now, for a console clock ("wall" or "data"), the newest fact and `--as-of`.

    An `--as-of` before the console's clock replays; a later one only moves the clock.
    """
    now = newest if clock == "data" and newest is not None else wall
    if as_of is None:
        return Moment(now)
    return Moment(as_of, as_of if as_of < now else None)
