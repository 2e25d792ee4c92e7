"""A month as lines: the days of a range in brackets, the cursor on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from engine.questions import Range
from tui import format as fmt
from tui.harmless import pad
from tui.lines import line
from tui.view import Line

INDENT = 8


def month(anchor: date, shown: Range, cursor: date | None, lang: str) -> list[Line]:
    """The month that a day is in, weeks from Monday."""
    first = anchor.replace(day=1)
    monday = first - timedelta(days=first.weekday())
    names = [fmt.weekday(monday + timedelta(days=at), lang) for at in range(7)]
    short = [pad(name[-1:] if lang == "zh" else name[:2], 2) for name in names]
    out = [line((f"{anchor:%Y-%m}".ljust(INDENT + 1), "ink"), (" ".join(short), "ink-dim"))]
    for week in range(6):
        days = [monday + timedelta(days=7 * week + at) for at in range(7)]
        if days[0].month == first.month or days[-1].month == first.month:
            out.append(_week(days, first.month, shown, cursor))
    return out


def _week(days: Sequence[date], month: int, shown: Range, cursor: date | None) -> Line:
    runs: list[tuple[str, str]] = [(" " * INDENT, "ink")]
    before = ""
    for day in days:
        mine = day.month == month
        sign = "[" if mine and day == shown.first else before or " "
        before = "]" if mine and day == shown.last else ""
        inside = shown.first is not None and shown.last is not None and shown.first <= day <= shown.last
        tone = "ink selected" if day == cursor else "ink-strong" if inside else "ink-dim"
        runs += [(sign, "ink"), (f"{day.day:>2}" if mine else "  ", tone)]
    return line(*runs, (before or " ", "ink"))
