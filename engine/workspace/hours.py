"""Working hours as people write them: `Mon-Fri 09:00-12:00,13:00-19:00, Sat 22:00-02:00`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAYS = re.compile(r"([A-Z][a-z]{2})(?:-([A-Z][a-z]{2}))?")
_CLOCK = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_DAY = 24 * 60

Spans = tuple[tuple[int, int, int], ...]
"""(weekday from 0 Monday, first minute of the day, minute that ends it; beyond 1440: of the next day)."""


@lru_cache(maxsize=256)
def spans(text: str) -> Spans | None:
    """The spans of a text; None where it is none.

    Parts are days, a time, or both, parted by commas; a time without days is on the days before it (on all
    where none are), one that ends before it begins runs over midnight.

    >>> spans("Mon,Wed 09:00-12:00,13:00-24:00")
    ((0, 540, 720), (0, 780, 1440), (2, 540, 720), (2, 780, 1440))
    >>> spans("Sat-Sun 22:00-02:00")
    ((5, 1320, 1560), (6, 1320, 1560))
    """
    out: list[tuple[int, int, int]] = []
    days = list(range(7))
    said = True
    for part in text.split(","):
        words = part.split()
        if not words or len(words) > 2:
            return None
        if not _CLOCK.fullmatch(words[0]):
            found = _days(words.pop(0))
            if found is None:
                return None
            days = found if said else [*days, *found]
            said = False
        if words:
            span = _clock(words[0])
            if span is None:
                return None
            out += [(day, *span) for day in dict.fromkeys(days)]
            said = True
    return tuple(sorted(set(out))) if said and out else None


def _days(text: str) -> list[int] | None:
    match = _DAYS.fullmatch(text)
    if match is None or match[1] not in _NAMES or (match[2] or "Mon") not in _NAMES:
        return None
    first = _NAMES.index(match[1])
    last = first if match[2] is None else _NAMES.index(match[2])
    return [(first + step) % 7 for step in range((last - first) % 7 + 1)]


def _clock(text: str) -> tuple[int, int] | None:
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    first, last = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    if first >= _DAY or last > _DAY:
        return None
    return first, last if last > first else last + _DAY


def worked(text: str | None, timezone: str, start: datetime, end: datetime) -> timedelta:
    """How much of a stretch of time lies in working hours; None: all of it.

    In:  naive UTC. The hours are those of the wall clock in the time zone, whatever its changes.
    """
    if text is None or end <= start:
        return max(end - start, timedelta())
    total, reached = timedelta(), start
    for first, last in _between(spans(text) or (), ZoneInfo(timezone), start, end):
        begin = max(first, reached)
        if last > begin:
            total, reached = total + min(last, end) - begin, min(last, end)
    return total


def at_work(text: str | None, timezone: str, moment: datetime) -> bool:
    """Whether a moment (naive UTC) lies in working hours."""
    return worked(text, timezone, moment, moment + timedelta(microseconds=1)) > timedelta()


def _between(
    found: Spans, zone: ZoneInfo, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """The spans that touch a stretch of time, in naive UTC, by their beginning."""
    day = _local(start, zone).date() - timedelta(days=1)
    while day <= _local(end, zone).date():
        for weekday, first, last in found:
            if weekday == day.weekday():
                begin, over = _moment(day, first, zone), _moment(day, last, zone)
                if over > start and begin < end:
                    yield begin, over
        day += timedelta(days=1)


def _moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    local = datetime.combine(day, time()) + timedelta(minutes=minute)
    return local.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.replace(tzinfo=UTC).astimezone(zone)
