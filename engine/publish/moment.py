"""What time it is for the engine: the wall clock, the newest fact, or the moment of a replay."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from engine.errors import UsageError

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Moment:
    """`as_of`: now for every question. `until`: on replay, the moment after which no fact exists."""

    as_of: datetime
    until: datetime | None = None

    @property
    def replay(self) -> bool:
        return self.until is not None


def read_moment(text: str, timezone: str) -> datetime:
    """A moment as people write it, in naive UTC; a day alone is its end.

    In:  ISO 8601 with or without offset; without one it is in the workspace's time zone.
    Raises: UsageError.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f'"{text}" is no time; write 2026-10-29 or 2026-10-29T14:32') from None
    if _DAY.fullmatch(text.strip()):
        moment += timedelta(days=1) - timedelta(microseconds=1)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(timezone))
    return moment.astimezone(UTC).replace(tzinfo=None)


def moment(clock: str, wall: datetime, newest: datetime | None, as_of: datetime | None) -> Moment:
    """Now, for a console clock ("wall" or "data"), the newest fact and `--as-of`.

    An `--as-of` before the console's clock replays; a later one only moves the clock.
    """
    now = newest if clock == "data" and newest is not None else wall
    if as_of is None:
        return Moment(now)
    return Moment(as_of, as_of if as_of < now else None)
