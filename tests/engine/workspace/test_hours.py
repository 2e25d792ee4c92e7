"""Working hours: how they are written, and how much of a stretch of time lies in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.workspace.hours import at_work, spans, worked
from tests.effort import effort

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CLOCKS = st.builds(lambda a, b: f"{a:02}:30-{b:02}:00", st.integers(0, 23), st.integers(0, 24))
PARTS = st.builds(
    lambda a, b, clock: f"{DAYS[a]}-{DAYS[b]} {clock}", st.integers(0, 6), st.integers(0, 6), CLOCKS
)
TEXTS = st.lists(PARTS, min_size=1, max_size=3).map(", ".join)


def open_at(text: str, local: datetime) -> bool:
    """Whether a minute lies in the hours, by asking each part of the text."""
    for part in text.split(", "):
        days, clock = part.split()
        first, last = (DAYS.index(day) for day in days.split("-"))
        begin, end = (int(each[:2]) * 60 + int(each[3:]) for each in clock.split("-"))
        listed = {(first + step) % 7 for step in range((last - first) % 7 + 1)}
        minute = local.hour * 60 + local.minute
        if end > begin:
            if local.weekday() in listed and begin <= minute < end:
                return True
        elif (local.weekday() in listed and minute >= begin) or (
            (local.weekday() - 1) % 7 in listed and minute < end
        ):
            return True
    return False


@given(TEXTS, st.integers(0, 7 * 24 * 2), st.integers(0, 100))
@settings(max_examples=effort(40), deadline=None)
def test_worked_time_is_what_counting_every_half_hour_gives(text: str, start: int, length: int) -> None:
    half = timedelta(minutes=30)
    first = datetime(2026, 3, 2) + start * half
    zone = ZoneInfo("Asia/Shanghai")
    slots = [first + step * half for step in range(length)]
    want = sum(open_at(text, slot.replace(tzinfo=UTC).astimezone(zone)) for slot in slots) * half
    assert worked(text, "Asia/Shanghai", first, first + length * half) == want


@pytest.mark.parametrize("text", ["Mon", "Mon 9:00-10:00", "Foo 09:00-10:00", "", ",", "Mon 09:00-25:00"])
def test_what_is_no_time_is_none(text: str) -> None:
    assert spans(text) is None


def test_without_hours_all_time_counts() -> None:
    start = datetime(2026, 3, 2)
    assert worked(None, "UTC", start, start + timedelta(hours=5)) == timedelta(hours=5)
    assert worked(None, "UTC", start, start - timedelta(hours=5)) == timedelta()


def test_the_wall_clock_decides_when_the_hour_is_changed() -> None:
    monday = datetime(2026, 3, 30, 6)  # Berlin went to summer time the day before: 08:00 there
    assert not at_work("Mon 09:00-10:00", "Europe/Berlin", monday)
    assert at_work("Mon 09:00-10:00", "Europe/Berlin", monday + timedelta(hours=1))
    night = datetime(2026, 3, 28, 21)  # 22:00 in Berlin; the night loses an hour
    assert worked("Sat 22:00-06:00", "Europe/Berlin", night, night + timedelta(days=1)) == timedelta(hours=7)
