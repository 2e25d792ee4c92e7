"""Ranges as they are typed and shifted."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.questions import Range, View
from tests.tui.fake_session import snapshot
from tui import ranges

TODAY = date(2026, 10, 29)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("10-01..10-15", date(2026, 10, 1), date(2026, 10, 15)),
        ("12-20..01-05", date(2025, 12, 20), date(2026, 1, 5)),
        ("2025-10-01 .. 2025-10-02", date(2025, 10, 1), date(2025, 10, 2)),
        ("2026-09", date(2026, 9, 1), date(2026, 9, 30)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025-12", date(2025, 12, 1), date(2025, 12, 31)),
        ("１０－０１..１０－０２", date(2026, 10, 1), date(2026, 10, 2)),
        ("10-05", date(2026, 10, 5), date(2026, 10, 5)),
    ],
)
def test_typed_days_are_the_range_they_say(text: str, first: date, last: date) -> None:
    found = ranges.parsed(text, TODAY)
    assert found is not None
    assert (found.kind, found.range) == ("fixed", Range(first, last))


@pytest.mark.parametrize(
    "text", ["", "x", "0d", "2026-13", "2026-10-15..2026-10-01", "2026-02-30", "10-01..", "..", "99999d"]
)
def test_what_is_no_range_is_refused(text: str) -> None:
    assert ranges.parsed(text, TODAY) is None


def test_days_roll_with_today() -> None:
    assert ranges.parsed("28d", TODAY) == ranges.Typed("days", 28)


@given(st.integers(1, 400), st.integers(-50, 50))
def test_shifting_keeps_the_length(length: int, step: int) -> None:
    last = date(2026, 1, 1)
    view = View("fixed", range=Range(last - timedelta(days=length - 1), last))
    moved = ranges.shifted(view, snapshot(view), step).range
    assert moved.first is not None
    assert moved.last is not None
    assert ((moved.last - moved.first).days + 1, (moved.last - last).days) == (length, step * length)


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    found = ranges.parsed(text, TODAY)
    assert found is None or found.kind in ("days", "fixed")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-Q3", (2026, 7, 1), (2026, 9, 30)), ("q4", (2026, 10, 1), (2026, 12, 31)),
        ("第一季度", (2026, 1, 1), (2026, 3, 31)), ("2025", (2025, 1, 1), (2025, 12, 31)),
        ("2026-W40", (2026, 9, 28), (2026, 10, 4)), ("last week", (2026, 10, 19), (2026, 10, 25)),
        ("本周", (2026, 10, 26), (2026, 10, 29)), ("上月", (2026, 9, 1), (2026, 9, 30)),
        ("昨天", (2026, 10, 28), (2026, 10, 28)), ("ytd", (2026, 1, 1), (2026, 10, 29)),
    ],
)  # fmt: skip
def test_periods_have_names(text: str, first: tuple[int, int, int], last: tuple[int, int, int]) -> None:
    found = ranges.parsed(text, date(2026, 10, 29))
    assert found is not None
    assert found.range == Range(date(*first), date(*last))


@pytest.mark.parametrize("text", ["Q5", "2026-W60", "2026-Q0", "第五季度", "next week", "0000"])
def test_what_is_no_period_is_refused(text: str) -> None:
    assert ranges.parsed(text, date(2026, 10, 29)) is None
