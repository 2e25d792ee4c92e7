"""What time it is for the engine: the wall clock, the newest fact, or the moment of a replay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from engine.errors import UsageError


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


def moment(clock: str, wall: datetime, newest: datetime | None, as_of: datetime | None) -> Moment:
    """Now, for a console clock ("wall" or "data"), the newest fact and `--as-of`.

    An `--as-of` before the console's clock replays; a later one only moves the clock.
    """
    now = newest if clock == "data" and newest is not None else wall
    if as_of is None:
        return Moment(now)
    return Moment(as_of, as_of if as_of < now else None)
