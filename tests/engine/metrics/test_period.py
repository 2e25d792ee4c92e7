"""How time is cut, named and compared."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.metrics.period import Calendar, Compare, Period, Slot, base, periods
from engine.questions import Grain

SHANGHAI = Calendar(ZoneInfo("Asia/Shanghai"))
LONG_AGO = datetime(2040, 1, 1)
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
GRAINS: list[Grain] = ["day", "week", "month", "quarter", "year"]


def cut(
    grain: Grain, first: date, last: date, cal: Calendar = SHANGHAI, now: datetime = LONG_AGO
) -> list[Period]:
    return list(periods(grain, first, last, now=now, cal=cal, bounds=(first, last)))


def names(grain: Grain, first: date, last: date, cal: Calendar = SHANGHAI) -> list[str | None]:
    return [period.name for period in cut(grain, first, last, cal)]


@given(DAYS, st.integers(0, 800), st.sampled_from(GRAINS), st.integers(0, 6), st.integers(1, 12))
def test_periods_cover_every_day_once_and_lie_in_one_bucket(
    first: date, length: int, grain: Grain, week_start: int, fiscal_month: int
) -> None:
    cal = Calendar(ZoneInfo("UTC"), week_start, fiscal_month)
    found = cut(grain, first, first + timedelta(days=length), cal)
    days = [
        each.first + timedelta(days=n) for each in found for n in range((each.last - each.first).days + 1)
    ]
    assert days == [first + timedelta(days=n) for n in range(length + 1)]
    assert len({each.name for each in found}) == len(found)
    assert all(cal.bucket(grain, day) == each.bucket for each in found for day in (each.first, each.last))


@given(DAYS, st.sampled_from(["day", "month", "quarter", "year"]), st.integers(1, 12))
def test_a_name_reads_back_as_its_bucket(day: date, grain: Grain, fiscal_month: int) -> None:
    cal = Calendar(ZoneInfo("UTC"), 0, fiscal_month)
    first, end = cal.bucket(grain, day)
    assert cal.read(cal.name(grain, first)) == (grain, first, end - timedelta(days=1))


def test_names_have_the_forms_of_the_contract() -> None:
    first, last = date(2026, 10, 31), date(2026, 11, 2)
    assert names("day", first, last) == ["2026-10-31", "2026-11-01", "2026-11-02"]
    assert names("week", first, last) == ["2026-10-26", "2026-11-02"]
    assert names("month", first, last) == ["2026-10", "2026-11"]
    assert names("quarter", first, last) == ["2026-Q4"]
    assert names("year", first, last) == ["2026"]
    assert names("total", first, last) == [None]
    assert names("hour", first, last)[:1] == ["2026-10-31T00:00+08:00"]


def test_weeks_begin_where_the_workspace_says() -> None:
    sunday = Calendar(ZoneInfo("UTC"), week_start=6)
    assert names("week", date(2026, 11, 1), date(2026, 11, 8), sunday) == ["2026-11-01", "2026-11-08"]


def test_a_fiscal_year_is_named_after_the_year_in_which_it_ends() -> None:
    april = Calendar(ZoneInfo("UTC"), fiscal_month=4)
    assert names("year", date(2026, 3, 31), date(2026, 4, 1), april) == ["2026", "2027"]
    assert names("quarter", date(2026, 3, 31), date(2026, 4, 1), april) == ["2026-Q4", "2027-Q1"]


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 5, 5), 24)]
)
def test_a_day_has_as_many_hours_as_its_clocks_show(day: date, hours: int) -> None:
    found = names("hour", day, day, Calendar(ZoneInfo("America/New_York")))
    assert len(found) == len(set(found)) == hours


def test_hours_of_a_zone_of_half_hours_begin_at_its_own_full_hours() -> None:
    first = cut("hour", date(2026, 5, 5), date(2026, 5, 5), Calendar(ZoneInfo("Asia/Kolkata")))[0]
    assert first.name == "2026-05-05T00:00+05:30"
    assert first.hour == datetime(2026, 5, 4, 18, 30)


def compared(grain: Grain, first: date, last: date, compare: Compare, now: datetime = LONG_AGO) -> Slot:
    return base(cut(grain, first, last, now=now)[0], compare, now, SHANGHAI)


@pytest.mark.parametrize(
    ("grain", "first", "last", "compare", "expected"),
    [
        ("day", "2026-03-31", "2026-03-31", "month", ("2026-02-28", "2026-02-28")),
        ("day", "2026-03-31", "2026-03-31", "week", ("2026-03-24", "2026-03-24")),
        ("day", "2026-03-31", "2026-03-31", "year", ("2025-04-01", "2025-04-01")),
        ("day", "2026-03-01", "2026-03-01", "previous", ("2026-02-28", "2026-02-28")),
        ("week", "2026-11-02", "2026-11-08", "year", ("2025-11-03", "2025-11-09")),
        ("month", "2026-03-01", "2026-03-31", "previous", ("2026-02-01", "2026-02-28")),
        ("month", "2026-02-01", "2026-02-28", "month", ("2026-01-01", "2026-01-31")),
        ("month", "2024-02-01", "2024-02-29", "year", ("2023-02-01", "2023-02-28")),
        ("quarter", "2026-10-01", "2026-12-31", "previous", ("2026-07-01", "2026-09-30")),
        ("year", "2026-01-01", "2026-12-31", "year", ("2025-01-01", "2025-12-31")),
        ("total", "2026-11-08", "2026-11-14", "previous", ("2026-11-01", "2026-11-07")),
        ("total", "2026-11-08", "2026-11-14", "week", ("2026-11-01", "2026-11-07")),
        ("total", "2026-03-01", "2026-03-31", "month", ("2026-02-01", "2026-02-28")),
        ("total", "2024-02-29", "2024-02-29", "year", ("2023-02-28", "2023-02-28")),
        ("month", "2026-11-10", "2026-11-30", "previous", ("2026-10-10", "2026-10-31")),
    ],
)  # fmt: skip
def test_each_comparison_sets_the_right_days_beside_a_period(
    grain: Grain, first: str, last: str, compare: Compare, expected: tuple[str, str]
) -> None:
    found = compared(grain, date.fromisoformat(first), date.fromisoformat(last), compare)
    assert (found.first.isoformat(), found.last.isoformat(), found.cut) == (*expected, None)


def test_a_running_day_is_compared_up_to_the_same_local_time() -> None:
    now = datetime(2026, 11, 20, 6, 30)  # 14:30 in Shanghai
    today = date(2026, 11, 20)
    found = compared("day", today, today, "week", now)
    assert found == Slot(
        date(2026, 11, 13), date(2026, 11, 13), None, datetime(2026, 11, 13, 6, 30), date(2026, 11, 13)
    )


def test_a_running_month_is_compared_with_the_same_days_and_time() -> None:
    now = datetime(2026, 11, 20, 6, 30)
    found = compared("month", date(2026, 11, 1), date(2026, 11, 30), "previous", now)
    assert (found.first, found.last, found.cut) == (
        date(2026, 10, 1),
        date(2026, 10, 20),
        datetime(2026, 10, 20, 6, 30),
    )


def test_a_running_month_that_outgrew_the_shorter_one_is_compared_with_all_of_it() -> None:
    now = datetime(2026, 3, 30, 6, 30)
    found = compared("month", date(2026, 3, 1), date(2026, 3, 31), "previous", now)
    assert (found.first, found.last, found.cut) == (date(2026, 2, 1), date(2026, 2, 28), None)


def test_a_running_hour_is_compared_up_to_the_same_minute() -> None:
    now = datetime(2026, 11, 20, 6, 30)
    hour = next(
        each
        for each in cut("hour", date(2026, 11, 20), date(2026, 11, 20), now=now)
        if each.hour == datetime(2026, 11, 20, 6)
    )
    assert base(hour, "week", now, SHANGHAI).cut == datetime(2026, 11, 13, 6, 30)


def test_a_period_is_partial_when_it_runs_or_the_range_cuts_it() -> None:
    found = cut("month", date(2026, 9, 10), date(2026, 11, 30), now=datetime(2026, 11, 20))
    assert [each.partial for each in found] == [True, False, True]
    whole = periods(
        "month", date(2026, 9, 10), date(2026, 9, 20), now=LONG_AGO, cal=SHANGHAI, bounds=(None, None)
    )
    assert [each.partial for each in whole] == [False]


def test_clocks_that_change_between_two_days_do_not_move_the_same_local_time() -> None:
    new_york = Calendar(ZoneInfo("America/New_York"))
    now = datetime(2026, 3, 10, 16)  # 12:00 in summer time; a week before, 12:00 was 17:00 UTC
    day = cut("day", date(2026, 3, 10), date(2026, 3, 10), new_york, now)[0]
    assert base(day, "week", now, new_york).cut == datetime(2026, 3, 3, 17)


NOWS = st.datetimes(datetime(2024, 2, 1), datetime(2027, 3, 1)).map(lambda each: each.replace(microsecond=0))


@given(
    NOWS, st.sampled_from(GRAINS), st.sampled_from(["previous", "week", "month", "year"]),
    st.builds(
        Calendar, st.sampled_from([ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")]),
        st.integers(0, 6),
        st.integers(1, 12),
    ),
)  # fmt: skip
def test_what_has_elapsed_of_a_running_period_is_set_beside_just_as_much(
    now: datetime, grain: Grain, compare: Compare, cal: Calendar
) -> None:
    """Day by day: the days up to today, each moved back, and today's up to this time of day."""
    today = cal.local(now).date()
    start, end = cal.bucket(grain, today)
    (period,) = periods(grain, start, end - timedelta(days=1), now=now, cal=cal, bounds=(None, None))
    found = base(period, compare, now, cal)
    before = _bucket_before(cal, grain, start)
    elapsed = [start + timedelta(days=n) for n in range((today - start).days + 1)]
    moved = [
        before[0] + (day - start) if compare == "previous" else _back(day, compare, grain) for day in elapsed
    ]
    if compare == "previous":
        moved = [day for day in moved if day < before[1]]
    assert (found.first, found.last) == (min(moved), max(moved))
    outgrown = compare == "previous" and len(moved) < len(elapsed)
    assert (found.cut is None) == outgrown
    if found.cut is not None:
        wall, here = cal.local(found.cut), cal.local(now)
        assert wall.date() == found.cut_day == max(moved)
        assert abs((wall.hour - here.hour) * 60 + wall.minute - here.minute) in (0, 60)


def _bucket_before(cal: Calendar, grain: Grain, start: date) -> tuple[date, date]:
    day = start - timedelta(days=1)
    while cal.bucket(grain, day - timedelta(days=1))[1] == start:
        day -= timedelta(days=1)
    return day, start


def _back(day: date, compare: str, grain: str) -> date:
    if compare == "week":
        return day - timedelta(days=7)
    if compare == "year" and grain in ("day", "week"):
        return day - timedelta(days=364)
    count = 1 if compare == "month" else 12
    year, month = day.year, day.month
    for _ in range(count):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    while True:
        try:
            return date(year, month, day.day)
        except ValueError:
            day -= timedelta(days=1)


@given(DAYS, st.sampled_from(["quarter", "year"]), st.integers(1, 12))
def test_a_fiscal_period_is_counted_from_the_first_fiscal_month(day: date, grain: Grain, first: int) -> None:
    cal = Calendar(ZoneInfo("UTC"), 0, first)
    months, year = 0, day.year
    month = day.month
    while month != first:
        month, months = (month - 1, months + 1) if month > 1 else (12, months + 1)
    ends = date(year + (day.month >= first), 1, 1).year if first > 1 else year
    expected = f"{ends}" if grain == "year" else f"{ends}-Q{months // 3 + 1}"
    assert cal.name(grain, cal.bucket(grain, day)[0]) == expected
