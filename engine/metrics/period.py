"""Periods: how days and hours of the workspace's zone are cut, named, and set beside earlier ones.

Days are local days; a period is the part of a bucket (day, week, …) that the range leaves. Moments are
naive UTC. Hours are cut in local time and known by their start in UTC, so a day of 23 or 25 hours has
as many periods.
"""

from __future__ import annotations

import calendar as months
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from engine.questions import Grain

if TYPE_CHECKING:
    from engine.workspace.model import Console

Compare = Literal["previous", "week", "month", "year"]
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
_MONTHS: dict[Grain, int] = {"month": 1, "quarter": 3, "year": 12}
_FORMS: tuple[tuple[Grain, str], ...] = (
    ("hour", r"\d{4}-\d\d-\d\dT\d\d:\d\d([+-]\d\d:\d\d)?"),
    ("day", r"\d{4}-\d\d-\d\d"),
    ("month", r"\d{4}-\d\d"),
    ("quarter", r"\d{4}-Q[1-4]"),
    ("year", r"\d{4}"),
)


@dataclass(frozen=True, slots=True)
class Calendar:
    """How a workspace cuts time: zone, first weekday (0 Monday), first month of the fiscal year."""

    zone: ZoneInfo
    week_start: int = 0
    fiscal_month: int = 1

    @staticmethod
    def of(console: Console) -> Calendar:
        """The calendar of a workspace's `[console]`."""
        return Calendar(ZoneInfo(console.timezone), console.week_start, console.fiscal_month)

    def local(self, moment: datetime) -> datetime:
        """Wall time, with its offset, of a naive UTC moment."""
        return moment.replace(tzinfo=UTC).astimezone(self.zone)

    def utc(self, wall: datetime) -> datetime:
        """Naive UTC moment of a wall time; the first of two where clocks go back."""
        return wall.replace(tzinfo=self.zone).astimezone(UTC).replace(tzinfo=None)

    def start(self, day: date) -> datetime:
        """Naive UTC moment at which a local day begins."""
        return self.utc(datetime(day.year, day.month, day.day))

    def hour_shift(self, day: date) -> timedelta:
        """What to add to UTC so that whole hours are whole local hours (zones of half hours)."""
        offset = self.local(self.start(day)).utcoffset() or timedelta()
        return offset % HOUR

    def bucket(self, grain: Grain, day: date) -> tuple[date, date]:
        """First day of the bucket that holds a day, and of the next; a day for grain hour."""
        if grain in ("day", "hour", "total"):
            return day, day + DAY
        if grain == "week":
            first = day - timedelta(days=(day.weekday() - self.week_start) % 7)
            return first, first + timedelta(days=7)
        size = _MONTHS[grain]
        shift = (self.fiscal_month - 1) % size
        count = day.year * 12 + day.month - 1
        start = (
            count - (count - shift) % size
            if grain != "year"
            else count - (count - self.fiscal_month + 1) % 12
        )
        return _month_day(start), _month_day(start + size)

    def name(self, grain: Grain, first: date) -> str:
        """Name of the bucket that begins on a day: `2026-11-01`, `2026-11`, `2026-Q4`, `2026`.

        A fiscal year is named after the calendar year in which it ends.
        """
        if grain in ("day", "week"):
            return first.isoformat()
        if grain == "month":
            return f"{first.year:04d}-{first.month:02d}"
        year = first.year + (self.fiscal_month > 1 and first.month >= self.fiscal_month)
        quarter = (first.month - self.fiscal_month) % 12 // 3 + 1
        return f"{year:04d}-Q{quarter}" if grain == "quarter" else f"{year:04d}"

    def read(self, text: str) -> tuple[Grain, date, date] | None:
        """Grain, first and last day of a period's name; None where it is none. A week reads as a day."""
        grain = next((grain for grain, form in _FORMS if re.fullmatch(form, text)), None)
        try:
            if grain in ("day", "hour"):
                day = date.fromisoformat(text[:10])
                return grain, day, day
            if grain == "month":
                first = date(int(text[:4]), int(text[5:]), 1)
            elif grain in ("quarter", "year"):
                months_in = 3 * (int(text[6]) - 1) if grain == "quarter" else 0
                year = int(text[:4]) - (self.fiscal_month > 1)
                first = _month_day(year * 12 + self.fiscal_month - 1 + months_in)
            else:
                return None
        except ValueError:
            return None
        return grain, first, self.bucket(grain, first)[1] - DAY


@dataclass(frozen=True, slots=True)
class Period:
    """A row's period: its name, the local days it covers, its bucket, and whether it is all there.

    `hour`: start in naive UTC, for grain hour. `bucket`: first day and the day after the last.
    """

    grain: Grain
    name: str | None
    first: date
    last: date
    bucket: tuple[date, date]
    hour: datetime | None = None
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """Days (or one hour) that are read as one; `cut`: nothing after that moment, nor after its day.

    `cut_day` is the local day of the cut; days after it are not in the slot.
    """

    first: date
    last: date
    hour: datetime | None = None
    cut: datetime | None = None
    cut_day: date | None = None

    @property
    def days(self) -> tuple[date, ...]:
        """All local days, in order; none where the slot is empty."""
        return tuple(self.first + DAY * n for n in range((self.last - self.first).days + 1))


def periods(
    grain: Grain,
    first: date,
    last: date,
    *,
    now: datetime,
    cal: Calendar,
    bounds: tuple[date | None, date | None],
) -> tuple[Period, ...]:
    """All periods from a first to a last day, in order.

    In:  `bounds`: the days that were asked for (None: not said); only they make a cut period partial.
    """
    if grain == "total":
        return (Period(grain, None, first, last, (first, last + DAY), None, cal.start(last + DAY) > now),)
    if grain == "hour":
        return tuple(_hours(first, last, now, cal))
    found: list[Period] = []
    day = first
    while day <= last:
        start, end = bucket = cal.bucket(grain, day)
        cut = (bounds[0] is not None and start < bounds[0]) or (
            bounds[1] is not None and end - DAY > bounds[1]
        )
        partial = cut or cal.start(end) > now
        found.append(
            Period(
                grain, cal.name(grain, start), max(start, first), min(end - DAY, last), bucket, None, partial
            )
        )
        day = end
    return tuple(found)


def _hours(first: date, last: date, now: datetime, cal: Calendar) -> list[Period]:
    found: list[Period] = []
    moment, end = cal.start(first), cal.start(last + DAY)
    while moment < end:
        local = cal.local(moment)
        day, name = local.date(), local.isoformat(timespec="minutes")
        found.append(Period("hour", name, day, day, (day, day + DAY), moment, moment + HOUR > now))
        moment += HOUR
    return found


def slot(period: Period) -> Slot:
    """What a period itself reads."""
    return Slot(period.first, period.last, period.hour)


def base(period: Period, compare: Compare, now: datetime, cal: Calendar) -> Slot:
    """What a period is compared with; a running one with the same elapsed part only.

    Source: `week` 7 days back; `month` the same day a month earlier, clamped; `year` 364 days back at
    hour, day and week grain, else one year; `previous` the period before.
    """
    if period.hour is not None:
        return _base_hour(period, period.hour, compare, now, cal)
    found = _base_days(period, compare, cal)
    local = cal.local(now)
    today = local.date()
    if not period.first <= today <= period.last:
        return found
    day = _base_day(period, compare, today, cal)
    if day > found.last:
        return found
    moment = cal.utc(datetime.combine(day, local.time().replace(tzinfo=None)))
    return Slot(found.first, day, None, moment, day)


def earlier(period: Period, count: int, now: datetime, cal: Calendar) -> list[tuple[Slot, Slot]]:
    """The periods before a running one, nearest first: each whole, and up to the same moment in it."""
    found: list[tuple[Slot, Slot]] = []
    local = cal.local(now)
    elapsed = local.date() - period.bucket[0]
    for _ in range(count):
        start, end = before = _previous(period, cal)
        day = min(start + elapsed, end - DAY)
        moment = cal.utc(datetime.combine(day, local.time().replace(tzinfo=None)))
        found.append((Slot(start, end - DAY), Slot(start, day, None, moment, day)))
        period = Period(period.grain, None, start, end - DAY, before)
    return found


def shift(day: date, compare: Compare, grain: Grain) -> date:
    """The day that `week`, `month` or `year` sets beside a day."""
    if compare == "week":
        return day - timedelta(days=7)
    if compare == "month":
        return _months_back(day, 1)
    return day - timedelta(days=364) if grain in ("hour", "day", "week") else _months_back(day, 12)


def _base_days(period: Period, compare: Compare, cal: Calendar) -> Slot:
    start, end = period.bucket
    if compare == "previous":
        before = _previous(period, cal)
        first = min(before[0] + (period.first - start), before[1])
        last = before[1] - DAY
        if period.last + DAY != end:
            last = min(last, before[0] + (period.last - start))
        return Slot(first, last)
    whole_months = period.grain in _MONTHS
    first = shift(period.first, compare, period.grain)
    if whole_months and period.last + DAY == end:
        return Slot(first, shift(end, compare, period.grain) - DAY)
    return Slot(first, shift(period.last, compare, period.grain))


def _previous(period: Period, cal: Calendar) -> tuple[date, date]:
    start, end = period.bucket
    if period.grain == "total":
        return start - (end - start), start
    return cal.bucket(period.grain, start - DAY)


def _base_day(period: Period, compare: Compare, day: date, cal: Calendar) -> date:
    if compare == "previous":
        return _previous(period, cal)[0] + (day - period.bucket[0])
    return shift(day, compare, period.grain)


def _base_hour(period: Period, hour: datetime, compare: Compare, now: datetime, cal: Calendar) -> Slot:
    if compare == "previous":
        start = hour - HOUR
    else:
        wall = cal.local(hour)
        day = shift(wall.date(), compare, "hour")
        moment = datetime.combine(day, wall.time()).replace(fold=wall.fold)
        start = cal.utc(moment)
    day = cal.local(start).date()
    if hour <= now < hour + HOUR:
        return Slot(day, day, start, start + (now - hour), day)
    return Slot(day, day, start)


def _month_day(count: int) -> date:
    return date(count // 12, count % 12 + 1, 1)


def _months_back(day: date, size: int) -> date:
    count = day.year * 12 + day.month - 1 - size
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(day.day, months.monthrange(year, month)[1]))
