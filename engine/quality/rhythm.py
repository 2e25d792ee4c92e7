"""How often a source has facts, learned from its hours with facts, and how old its newest one may be.

Waiting is measured in open time: weekdays on which the source never has facts and holidays are left out.
The usual wait is the 9th decile, over the days with facts, of the longest wait that ended on the day: a
quiet night is part of it, one outage in a month is not. Nothing here reads the clock.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from math import ceil
from statistics import median
from typing import Literal
from zoneinfo import ZoneInfo

from engine.ingest import FileState
from engine.quality.calendar import Calendar
from engine.questions import Freshness
from engine.workspace.model import Source

LEARNED = 35 * 24
"""Hours before the newest fact from which a rhythm is learned."""
LEAST_DAYS = 10
"""A source with facts on fewer days of them has no rhythm: it is never stale by one."""
LEAST_LIMIT = 6 * 3600.0
"""Nothing is stale sooner, in seconds."""
LEAST_FILES = 3
"""A usual lag needs so many files that were written while their facts were fresh."""
FRESH = timedelta(days=7)
"""A file that was written later than this after its newest fact was copied, not delivered."""

Runs = tuple[tuple[int, int], ...]
"""Hours since 1970 with facts, as first and last of each run."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The usual wait in seconds of open time, and weekdays (0 Monday) without facts."""

    usual: float
    off: tuple[int, ...]


def freshness(
    source: Source, files: Sequence[FileState], newest: datetime | None, now: datetime, days: Calendar
) -> Freshness:
    """The freshness of a source.

    In:  its files; its newest fact and now, naive UTC; the calendar.
    """
    stale_after = source.stale_after_us / 1e6 if source.stale_after_us is not None else None
    if newest is None:
        basis: Literal["stale_after", "none"] = "none" if stale_after is None else "stale_after"
        return Freshness(None, None, None, None, None, stale_after, basis, stale=stale_after is not None)
    age = (now - newest).total_seconds()
    rhythm = learned(_hours(files, newest), days)
    off = rhythm.off if rhythm else ()
    waited = open_seconds(newest, now, off, days)
    lag = _lag(files)
    limit = stale_after if stale_after is not None else _limit(rhythm, lag)
    live = limit is not None and _live(files, newest, limit)
    by_rhythm = stale_after is None and limit is not None
    return Freshness(
        last_ts=newest,
        age_seconds=age,
        open_seconds=waited,
        usual_seconds=rhythm.usual if rhythm else None,
        lag_seconds=lag,
        limit_seconds=limit,
        basis="rhythm" if by_rhythm else "none" if limit is None else "stale_after",
        overdue=waited / rhythm.usual if rhythm else None,
        off=off,
        live=live,
        stale=limit is not None and (waited > limit and live if by_rhythm else age > limit),
    )


def _limit(rhythm: Rhythm | None, lag: float | None) -> float | None:
    """Twice the usual wait beyond the usual lag; an unknown lag is taken for one more wait."""
    if rhythm is None:
        return None
    return max(2 * rhythm.usual + (rhythm.usual if lag is None else lag), LEAST_LIMIT)


def _hours(files: Iterable[FileState], newest: datetime) -> Runs:
    """The hours with facts up to the newest fact, of the time that is learned from, as runs."""
    end = int(newest.replace(tzinfo=UTC).timestamp()) // 3600
    hours = sorted(
        (max(first, end - LEARNED + 1), min(last, end))
        for state in files
        for part in state.parts
        for first, last in part.hours
        if last > end - LEARNED and first <= end
    )
    runs: list[list[int]] = []
    for first, last in hours:
        if runs and first <= runs[-1][1] + 1:
            runs[-1][1] = max(last, runs[-1][1])
        else:
            runs.append([first, last])
    return tuple((first, last) for first, last in runs)


@lru_cache(maxsize=256)
def learned(runs: Runs, days: Calendar) -> Rhythm | None:
    """The rhythm of these hours; None where there are too few days."""
    moments = [datetime.fromtimestamp(at * 3600, UTC) for run in runs for at in range(run[0], run[1] + 1)]
    local = [moment.astimezone(ZoneInfo(days.zone)).date() for moment in moments]
    if len(set(local)) < LEAST_DAYS:
        return None
    off = _off(set(local), days)
    longest: dict[date, float] = defaultdict(float)
    for (before, after), day in zip(pairwise(moments), local[1:], strict=True):
        plain = (before.replace(tzinfo=None), after.replace(tzinfo=None))
        waited = 3600.0 if after - before == timedelta(hours=1) else open_seconds(*plain, off, days)
        longest[day] = max(longest[day], waited)
    ranked = sorted(longest.values())
    return Rhythm(max(ranked[ceil(0.9 * len(ranked)) - 1], 3600.0), off)


def _off(seen: set[date], days: Calendar) -> tuple[int, ...]:
    """Weekdays that came at least three times, holidays apart, and never had a fact."""
    first, last = min(seen), max(seen)
    span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    came = Counter(day.weekday() for day in span if day not in days.holidays and day not in days.workdays)
    had = {day.weekday() for day in seen if day not in days.workdays}
    return tuple(weekday for weekday in range(7) if came[weekday] >= 3 and weekday not in had)


def open_seconds(start: datetime, end: datetime, off: tuple[int, ...], days: Calendar) -> float:
    """Seconds between two naive UTC moments without the days off; of more than a year simply all."""
    total = (end - start).total_seconds()
    if total <= 0 or total > 366 * 86_400 or not (off or days.holidays):
        return max(total, 0.0)
    where = ZoneInfo(days.zone)
    day = start.replace(tzinfo=UTC).astimezone(where).date()
    last = end.replace(tzinfo=UTC).astimezone(where).date()
    while day <= last:
        closed = day in days.holidays or (day.weekday() in off and day not in days.workdays)
        if closed:
            opens, closes = _midnight(day, where), _midnight(day + timedelta(days=1), where)
            total -= max((min(closes, end) - max(opens, start)).total_seconds(), 0.0)
        day += timedelta(days=1)
    return max(total, 0.0)


def _midnight(day: date, where: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=where).astimezone(UTC).replace(tzinfo=None)


def written(state: FileState) -> datetime:
    """When a file was last written, naive UTC."""
    return datetime(1970, 1, 1) + timedelta(microseconds=state.mtime_ns // 1000)


def newest_of(state: FileState) -> datetime | None:
    """The newest fact of a file."""
    return max((part.last_ts for part in state.parts if part.last_ts is not None), default=None)


def delivered(state: FileState) -> timedelta | None:
    """From a file's newest fact until it was written; None where it was copied later, or earlier clocks."""
    newest = newest_of(state)
    lag = None if newest is None else written(state) - newest
    return lag if lag is not None and timedelta(days=-1) <= lag <= FRESH else None


def _lag(files: Sequence[FileState]) -> float | None:
    lags = [lag.total_seconds() for state in files if (lag := delivered(state)) is not None]
    return max(median(lags), 0.0) if len(lags) >= LEAST_FILES else None


def _live(files: Sequence[FileState], newest: datetime, limit: float) -> bool:
    """Whether the file that was written last was written while the newest fact was fresh."""
    last = max((written(state) for state in files), default=None)
    return last is not None and timedelta(days=-1) <= last - newest <= timedelta(seconds=limit)
