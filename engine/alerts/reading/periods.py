"""The time axis of a rule: its periods in event time, and where each one's base stands."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

Grain = Literal["hour", "day", "week", "month"]
Base = Literal["previous", "week", "month", "year"]

MAX_PERIODS: Mapping[Grain, int] = {"hour": 24 * 100, "day": 1500, "week": 520, "month": 240}
"""A rule looks no further back than this; one wrong date must not make a history of centuries."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Periods in order; the last may still run.

    `starts`: local start of each; `ends`: naive UTC; `labels` as in `looptop metrics`.
    `complete`: how many are over: `now ≥ end + settle`. `at`: the moments at which they became complete.
    """

    grain: Grain
    starts: tuple[datetime, ...]
    ends: tuple[datetime, ...]
    labels: tuple[str, ...]
    index: Mapping[str, int]
    at: tuple[datetime, ...]
    complete: int
    _bases: dict[str, tuple[int | None, ...]] = field(default_factory=dict, compare=False, repr=False)

    def base(self, position: int, base: str) -> int | None:
        """Index of the period that `change(m, base)` compares with; None outside the history.

        A week is 7 days back, a year 364 days (one year for months), a month the same day, clamped.
        """
        line = self._bases.get(base)
        if line is None:
            line = self._bases[base] = tuple(self._base(i, base) for i in range(len(self.starts)))
        return line[position]

    def _base(self, position: int, base: str) -> int | None:
        if base == "previous":
            found = position - 1
            return found if found >= 0 else None
        start = self.starts[position]
        if base == "week" and self.grain != "month":
            there = start - timedelta(days=7)
        elif base == "year" and self.grain != "month":
            there = start - timedelta(days=364)
        elif base in ("month", "year"):
            there = _months_back(start, 1 if base == "month" else 12)
        else:
            return None
        if self.grain == "week":
            there -= timedelta(days=(there.weekday() - start.weekday()) % 7)
        return self.find(there)

    def find(self, start: datetime) -> int | None:
        """Index of the period that begins at a local moment; None outside the history."""
        if self.grain == "hour":
            return self.index.get(start.strftime("%Y-%m-%dT%H:00"))
        return self.index.get(_label(self.grain, start))

    def complete_at(self, moment: datetime) -> int:
        """How many periods were complete at a moment (naive UTC)."""
        from bisect import bisect_right

        return bisect_right(self.at, moment)


@lru_cache(maxsize=64)
def axis(
    grain: Grain, first: date, now: datetime, timezone: str, week_start: int = 0, *, settle_hours: int = 0
) -> Axis:
    """The axis from the first whole period on or after `first` to the one that holds `now`.

    In:  local day of the first fact, `now` naive UTC, IANA zone, 0 Monday … 6 Sunday.
    """
    zone = ZoneInfo(timezone)
    today = now.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    starts = _hours(first, now, zone) if grain == "hour" else _starts(grain, first, today, week_start)
    starts = starts[-MAX_PERIODS[grain] :]
    ends = tuple(_end(grain, start, zone) for start in starts)
    labels = tuple(_label(grain, start, zone) for start in starts)
    index = {label: position for position, label in enumerate(labels)}
    if grain == "hour":
        for position, start in enumerate(starts):
            index.setdefault(start.strftime("%Y-%m-%dT%H:00"), position)
    at = tuple(end + timedelta(hours=settle_hours) for end in ends)
    complete = sum(1 for moment in at if moment <= now)
    return Axis(grain, tuple(starts), ends, labels, index, at, complete)


def _starts(grain: Grain, first: date, today: datetime, week_start: int) -> list[datetime]:
    begin = datetime.combine(first, time())
    if grain == "week":
        begin += timedelta(days=(week_start - begin.weekday()) % 7)
    if grain == "month" and begin.day > 1:
        begin = _after("month", begin.replace(day=1))
    out = []
    while begin <= today:
        out.append(begin)
        begin = _after(grain, begin)
    return out


def _hours(first: date, now: datetime, zone: ZoneInfo) -> list[datetime]:
    """Hours that there were: one that summer time leaves out is none, one that comes twice is two."""
    today = now.replace(tzinfo=UTC).astimezone(zone).date()
    begin = _utc(datetime.combine(max(first, today - timedelta(days=90)), time()), zone)
    count = (now - begin) // timedelta(hours=1) + 1
    hours = (begin.replace(tzinfo=UTC) + timedelta(hours=n) for n in range(count))
    return [hour.astimezone(zone).replace(tzinfo=None) for hour in hours]


def _end(grain: Grain, start: datetime, zone: ZoneInfo) -> datetime:
    """In naive UTC."""
    if grain == "hour":
        return _utc(start, zone) + timedelta(hours=1)
    return _utc(_after(grain, start), zone)


def _after(grain: Grain, start: datetime) -> datetime:
    if grain == "month":
        return (start.replace(day=1) + timedelta(days=32)).replace(day=1)
    return start + timedelta(days=7 if grain == "week" else 1)


def _months_back(start: datetime, months: int) -> datetime:
    year, month = divmod(start.year * 12 + start.month - 1 - months, 12)
    return start.replace(year=year, month=month + 1, day=min(start.day, monthrange(year, month + 1)[1]))


def _utc(local: datetime, zone: ZoneInfo) -> datetime:
    return local.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)


def _label(grain: Grain, start: datetime, zone: ZoneInfo | None = None) -> str:
    if grain == "hour":
        return start.replace(tzinfo=zone).isoformat(timespec="minutes")
    return start.strftime("%Y-%m" if grain == "month" else "%Y-%m-%d")


def end_of(grain: Grain, label: str, timezone: str) -> datetime:
    """When the period of that name is over, in naive UTC.

    >>> end_of("month", "2026-02", "Asia/Shanghai").isoformat()
    '2026-02-28T16:00:00'
    """
    start = datetime.fromisoformat(label if grain != "month" else f"{label}-01")
    if start.tzinfo is not None:
        return (start + timedelta(hours=1)).astimezone(UTC).replace(tzinfo=None)
    return _utc(_after(grain, start), ZoneInfo(timezone))
