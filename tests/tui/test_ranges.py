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
