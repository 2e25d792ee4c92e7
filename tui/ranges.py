"""Ranges as people choose and type them: presets, `28d`, `10-01..10-15`, `2026-09`, one length back."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from engine.questions import Range, Snapshot, View

PRESETS: tuple[tuple[str, View], ...] = (
    ("today", View("today", 1)),
    ("7", View("days", 7)),
    ("28", View("days", 28)),
    ("90", View("days", 90)),
    ("month", View("month")),
    ("all", View("all")),
)
_DAYS = re.compile(r"(\d{1,4})\s*[dD天日]")
_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_BETWEEN = re.compile(r"(\S+?)\s*(?:\.\.|…|~|—|到)\s*(\S+)")
_DAY = re.compile(r"(?:(\d{4})-)?(\d{1,2})-(\d{1,2})")
_QUARTER = re.compile(r"(?:(\d{4})\s*[-年]?\s*)?[Qq](\d)|(?:(\d{4})年)?第?([一二三四1-4])季度")
_YEAR = re.compile(r"(\d{4})年?")
_WEEK = re.compile(r"(\d{4})-?[Ww](\d{1,2})")
_NAMED = {
    "today": "day 0", "今天": "day 0", "yesterday": "day 1", "昨天": "day 1",
    "this week": "week 0", "week": "week 0", "本周": "week 0", "这周": "week 0",
    "last week": "week 1", "上周": "week 1", "this month": "month 0", "month": "month 0", "本月": "month 0",
    "last month": "month 1", "上月": "month 1", "上个月": "month 1", "this quarter": "quarter 0",
    "本季度": "quarter 0", "last quarter": "quarter 1", "上季度": "quarter 1", "this year": "year 0",
    "ytd": "year 0", "今年": "year 0", "last year": "year 1", "去年": "year 1",
}  # fmt: skip
"""Names of periods in both languages: the period and how many before the running one."""
_WIDE = str.maketrans(
    {**{chr(0xFF10 + n): str(n) for n in range(10)}, "－": "-", "．": ".", "。": ".", "　": " "}
)


@dataclass(frozen=True, slots=True)
class Typed:
    """A range that was typed, as a kind of view."""

    kind: str
    days: int = 7
    range: Range = field(default_factory=Range)


def parsed(text: str, today: date) -> Typed | None:
    """The range a text means, None if it is none; a day without a year is the latest one up to today."""
    plain = text.translate(_WIDE).strip()
    if found := _DAYS.fullmatch(plain):
        days = int(found[1])
        return Typed("days", days) if days else None
    if found := _MONTH.fullmatch(plain):
        return _month(int(found[1]), int(found[2]))
    if plain.casefold() in _NAMED:
        return _named(_NAMED[plain.casefold()], today)
    if period := _period(plain, today):
        return period
    if found := _BETWEEN.fullmatch(plain):
        last = _day(found[2], today)
        first = _day(found[1], last) if last else None
        return Typed("fixed", range=Range(first, last)) if first and last and first <= last else None
    one = _day(plain, today)
    return Typed("fixed", range=Range(one, one)) if one else None


def _named(name: str, today: date) -> Typed:
    """A period by its name; the running one ends today."""
    unit, _, back = name.partition(" ")
    if unit == "day":
        day = today - timedelta(days=int(back))
        return _fixed(day, day)
    start = _start(unit, today)
    if back == "0":
        return Typed("month") if unit == "month" else _fixed(start, today)
    before = start - timedelta(days=1)
    return _fixed(_start(unit, before), before)


def _start(unit: str, day: date) -> date:
    """The first day of the week, month, quarter or year that a day is in."""
    if unit == "week":
        return day - timedelta(days=day.weekday())
    month = {"month": day.month, "quarter": (day.month - 1) // 3 * 3 + 1, "year": 1}[unit]
    return day.replace(month=month, day=1)


def _period(text: str, today: date) -> Typed | None:
    """A quarter, a year or an ISO week; a quarter without a year is the latest one that has begun."""
    if found := _QUARTER.fullmatch(text):
        number = found[2] or str("一二三四".find(found[4]) + 1 if found[4] in "一二三四" else found[4])
        if number not in "1234":
            return None
        quarter, year = int(number), int(found[1] or found[3] or today.year)
        if not (found[1] or found[3]) and date(year, quarter * 3 - 2, 1) > today:
            year -= 1
        first, last = _month(year, quarter * 3 - 2), _month(year, quarter * 3)
        return _fixed(first.range.first, last.range.last) if first and last else None
    if found := _YEAR.fullmatch(text):
        first, last = _month(int(found[1]), 1), _month(int(found[1]), 12)
        return _fixed(first.range.first, last.range.last) if first and last else None
    if found := _WEEK.fullmatch(text):
        try:
            monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
            return _fixed(monday, monday + timedelta(days=6))
        except (ValueError, OverflowError):
            return None
    return None


def _fixed(first: date | None, last: date | None) -> Typed:
    return Typed("fixed", range=Range(first, last))


def _month(year: int, month: int) -> Typed | None:
    if not (1 <= month <= 12 and 1 <= year <= 9998):
        return None
    first = date(year, month, 1)
    after = date(year + month // 12, month % 12 + 1, 1)
    return Typed("fixed", range=Range(first, after - timedelta(days=1)))


def _day(text: str, latest: date) -> date | None:
    found = _DAY.fullmatch(text)
    if not found:
        return None
    try:
        if found[1]:
            return date(int(found[1]), int(found[2]), int(found[3]))
        day = date(latest.year, int(found[2]), int(found[3]))
        return day if day <= latest else date(latest.year - 1, int(found[2]), int(found[3]))
    except ValueError:
        return None


def applied(view: View, typed: Typed | View) -> View:
    """The view with another range."""
    return replace(view, kind=typed.kind, days=typed.days, range=typed.range)  # type: ignore[arg-type]


def now(view: View) -> View:
    """The live range: a fixed one becomes seven days up to today."""
    return view if view.kind != "fixed" else replace(view, kind="days", days=7, range=Range())


def shifted(view: View, snapshot: Snapshot, step: int) -> View:
    """The range one length back or forward; beyond today it is live again."""
    shown = view.range if view.kind == "fixed" else snapshot.range
    if shown.first is None or shown.last is None:
        return view
    length = (shown.last - shown.first).days + 1
    try:
        first, last = shown.first + timedelta(days=step * length), shown.last + timedelta(days=step * length)
    except OverflowError:
        return view
    return replace(view, kind="fixed", range=Range(first, last))


def preset_range(view: View, today: date, whole: Range) -> Range:
    """The days a preset stands for, to be shown beside it."""
    if view.kind == "today":
        return Range(today, today)
    if view.kind == "month":
        return Range(today.replace(day=1), today)
    if view.kind == "all":
        return whole
    return Range(today - timedelta(days=view.days - 1), today)
