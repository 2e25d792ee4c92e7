"""How old the newest fact may be: learned from the hours with facts, days off left out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from engine.ingest import FileState, PartRef
from engine.quality import Calendar, freshness
from engine.quality.rhythm import LEAST_DAYS, learned, open_seconds
from engine.questions import Freshness
from engine.workspace.model import Source

HOUR = 3600.0
DAYS = [datetime(2026, 10, 1) + timedelta(days=n) for n in range(40)]
SOURCE = Source("s", ("*",), "events")


def hour(moment: datetime) -> int:
    return int(moment.replace(tzinfo=UTC).timestamp()) // 3600


def file(*moments: datetime, written: datetime | None = None, path: str = "a.csv") -> FileState:
    """A file with facts at these hours, written an hour after the newest."""
    hours = tuple((hour(one), hour(one)) for one in sorted(moments))
    last = max(moments)
    part = PartRef("p", 0, 1, 1, 2, 1, 1, 1, 0, (), min(moments), last, (), (), hours=hours)
    at = written or last + timedelta(hours=1)
    mtime = int(at.replace(tzinfo=UTC).timestamp() * 1e9)
    return FileState(path, "s", "events", 1, mtime, 1, parts=(part,))


def fresh(
    moments: list[datetime], now: datetime, calendar: Calendar | None = None, source: Source = SOURCE
) -> Freshness:
    return freshness(source, [file(*moments)], max(moments), now, calendar or Calendar())


def test_an_hourly_source_usually_waits_an_hour() -> None:
    hours = [day + timedelta(hours=n) for day in DAYS for n in range(24)]
    found = fresh(hours, hours[-1] + timedelta(hours=26))
    assert (found.usual_seconds, found.age_seconds, found.overdue) == (HOUR, 26 * HOUR, 26)
    assert found.stale and found.basis == "rhythm"
    assert not fresh(hours, hours[-1] + timedelta(hours=3)).stale


def test_quiet_nights_are_usual() -> None:
    hours = [day + timedelta(hours=n) for day in DAYS for n in range(8, 23)]
    found = fresh(hours, hours[-1] + timedelta(hours=9))
    assert found.usual_seconds == 10 * HOUR and not found.stale


def test_weekends_without_facts_do_not_make_a_source_stale() -> None:
    days = [day for day in DAYS if day.weekday() < 5 and day <= datetime(2026, 11, 6)]
    assert days[-1].weekday() == 4
    monday_noon = days[-1] + timedelta(days=3, hours=12)
    found = fresh(days, monday_noon)
    assert found.off == (5, 6) and found.usual_seconds == 24 * HOUR
    assert (found.open_seconds, found.age_seconds, found.stale) == (36 * HOUR, 84 * HOUR, False)
    assert fresh(days, days[-1] + timedelta(days=7)).stale


def test_holidays_of_the_calendar_are_days_off() -> None:
    gone = frozenset(DAYS[-1].date() + timedelta(days=n) for n in range(1, 8))
    now = DAYS[-1] + timedelta(days=9)
    assert fresh(DAYS, now).stale
    assert not fresh(DAYS, now, Calendar("UTC", gone)).stale


def test_one_outage_teaches_nothing() -> None:
    days = [day for day in DAYS if not datetime(2026, 10, 20) < day < datetime(2026, 10, 24)]
    assert fresh(days, days[-1]).usual_seconds == 24 * HOUR


def test_a_source_with_few_days_is_never_stale_by_rhythm() -> None:
    found = fresh(DAYS[: LEAST_DAYS - 1], DAYS[-1] + timedelta(days=400))
    assert (found.basis, found.usual_seconds, found.stale) == ("none", None, False)


def test_an_archive_that_was_copied_is_never_stale_by_rhythm() -> None:
    """Its file was written long after its newest fact: it was old when it came."""
    now = DAYS[-1] + timedelta(days=300)
    found = freshness(SOURCE, [file(*DAYS, written=now)], DAYS[-1], now, Calendar())
    assert not found.live and not found.stale and found.overdue == 300


@pytest.mark.parametrize("hours", [47, 49])
def test_what_the_source_says_goes_before_the_rhythm(hours: int) -> None:
    said = Source("s", ("*",), "events", stale_after_us=48 * 3_600_000_000)
    found = fresh(DAYS, DAYS[-1] + timedelta(hours=hours), source=said)
    assert (found.basis, found.stale) == ("stale_after", hours == 49)


def test_a_source_without_facts_is_stale_only_where_it_says_when() -> None:
    assert not freshness(SOURCE, [], None, DAYS[0], Calendar()).stale
    said = Source("s", ("*",), "events", stale_after_us=1)
    assert freshness(said, [], None, DAYS[0], Calendar()).stale


def test_the_usual_lag_is_part_of_the_limit() -> None:
    """A report of a day that always comes on the next noon is not stale before it."""
    files = [file(day, written=day + timedelta(hours=36), path=f"{day:%m-%d}.csv") for day in DAYS]
    found = freshness(SOURCE, files, DAYS[-1], DAYS[-1] + timedelta(hours=80), Calendar())
    assert (found.lag_seconds, found.limit_seconds, found.stale) == (36 * HOUR, 84 * HOUR, False)


def test_days_off_are_those_of_the_zone() -> None:
    calendar = Calendar("Asia/Shanghai", frozenset({date(2026, 10, 1)}))
    start, end = datetime(2026, 9, 30, 12), datetime(2026, 10, 1, 20)
    assert open_seconds(start, end, (), calendar) == 8 * HOUR


def test_the_parts_of_a_chain_teach_what_one_part_teaches() -> None:
    hours = [day + timedelta(hours=n) for day in DAYS for n in range(7, 20)]
    whole = [file(*hours)]
    chain = [file(*hours[:100]), file(*hours[100:300], path="b.csv"), file(*hours[300:], path="c.csv")]
    told = [
        freshness(SOURCE, each, hours[-1], hours[-1], Calendar()).usual_seconds for each in (whole, chain)
    ]
    assert told[0] == told[1] is not None


def test_a_day_worked_instead_opens_the_weekend() -> None:
    days = [day for day in DAYS if day.weekday() < 5]
    runs = tuple((hour(day), hour(day)) for day in days)
    rhythm = learned(runs, Calendar("UTC", workdays=frozenset({date(2026, 10, 10)})))
    assert rhythm is not None and rhythm.off == (5, 6)
    saturday = datetime(2026, 10, 10)
    worked = Calendar("UTC", workdays=frozenset({saturday.date()}))
    assert open_seconds(saturday, saturday + timedelta(days=1), (5, 6), worked) == 24 * HOUR
    assert open_seconds(saturday, saturday + timedelta(days=1), (5, 6), Calendar()) == 0
