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
    if found := _BETWEEN.fullmatch(plain):
        last = _day(found[2], today)
        first = _day(found[1], last) if last else None
        return Typed("fixed", range=Range(first, last)) if first and last and first <= last else None
    one = _day(plain, today)
    return Typed("fixed", range=Range(one, one)) if one else None


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
