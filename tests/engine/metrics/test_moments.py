"""Weekday and hour of day as dimensions and in filters, against the calendar of the time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from engine.errors import UnknownName
from engine.metrics import answer
from engine.questions import MetricQuery, Range
from engine.workspace.model import Metric, Step
from tests.engine.metrics.shop import Event, Shop, Spend, simple, workspace

ZONE = "America/New_York"
NOW = datetime(2026, 3, 16, 15, 20)
FACTS = [
    Event(datetime(2026, 3, 7) + timedelta(minutes=157 * n), ("visit", "order")[n % 2], n % 3, Decimal(n % 5))
    for n in range(60)
]
SPACE = workspace(
    simple("visits_made", "count", where="event = 'visit'"),
    simple("weekend", "sum", "value", "weekday in ('6', '7')"),
    simple("people", "count_distinct", "person"),
    Metric(
        "bought",
        "conversion",
        sides=(Step(("visit",)), Step(("order",))),
        window_us=3_600_000_000,
        per="events",
    ),
    timezone=ZONE,
)


def told(
    name: str, by: tuple[str, ...], shop: Shop | None = None, **more: object
) -> dict[object, float | None]:
    query = MetricQuery((name,), by, **more)  # type: ignore[arg-type]
    rows = answer(shop or Shop(FACTS, zone=ZONE), SPACE, query, NOW).rows
    return {tuple(member for _, member in row.by): row.value for row in rows}


def local(ts: datetime) -> datetime:
    return ts.replace(tzinfo=UTC).astimezone(ZoneInfo(ZONE))


def key(ts: datetime) -> tuple[str, str]:
    return str(local(ts).isoweekday()), f"{local(ts).hour:02d}"


def test_a_heat_map_has_a_cell_per_weekday_and_hour_across_the_change_of_the_clocks() -> None:
    expected: dict[tuple[str, str], set[int]] = {}
    for each in FACTS:
        expected.setdefault(key(each.ts), set()).add(int(str(each.person)))
    found = told("people", ("weekday", "hour_of_day"))
    assert found == {cell: len(persons) for cell, persons in expected.items()}


@pytest.mark.parametrize("name", ["people", "visits_made", "uv", "revenue", "visits"])
def test_a_weekday_is_read_alike_from_facts_and_from_daily_tables(name: str) -> None:
    shop = Shop(FACTS, zone=ZONE)
    by_day = answer(shop, SPACE, MetricQuery((name,), (), "day"), NOW).rows
    whole = told(name, ("weekday",), shop)
    for weekday, value in whole.items():
        days = Range(*[day for day in _days(shop)])
        picked = told(name, (), shop, where=f"weekday = '{weekday[0]}'", range=days)  # type: ignore[index]
        assert picked == {(): value}
    if name in ("visits_made", "revenue", "visits"):
        sums: dict[object, float] = {}
        for row in by_day:
            weekday = str(date.fromisoformat(str(row.period)).isoweekday())
            sums[weekday,] = sums.get((weekday,), 0) + (row.value or 0)
        assert {each: value for each, value in sums.items() if each in whole} == whole


def _days(shop: Shop) -> tuple[date, date]:
    held = shop.days(("events",))
    assert held is not None
    return held


def test_a_definition_can_name_weekdays_and_a_funnel_can_be_split_by_them() -> None:
    weekend = sum((each.value or 0 for each in FACTS if local(each.ts).isoweekday() > 5), Decimal(0))
    assert told("weekend", ()) == {(): float(weekend)}
    visits = {(key(each.ts)[0],) for each in FACTS if each.event == "visit"}
    assert set(told("bought", ("weekday",))) == visits
    assert set(told("visits", ("hour_of_day",))) <= {(f"{hour:02d}",) for hour in range(24)}


def test_an_hour_of_day_is_unknown_for_facts_that_have_only_a_day() -> None:
    midnight = datetime(2026, 3, 3, 5)
    shop = Shop(
        [Event(midnight, "order", more={"source": "daily"}), Event(midnight, "order"), FACTS[0]],
        [
            Spend(date(2026, 3, 3), "a", Decimal(5)),
            Spend(date(2026, 3, 3), "a", Decimal(7), more={"granularity": "hour"}),
        ],
        zone=ZONE,
    )  # fmt: skip
    assert told("orders", ("hour_of_day",), shop) == {("00",): 1, (None,): 1}
    assert told("cost", ("hour_of_day",), shop) == {("00",): 7, (None,): 5}
    assert told("cost", (), shop, where="hour_of_day is null") == {(): 5}


def test_a_column_of_the_files_is_meant_before_the_made_one_and_a_table_without_times_says_so() -> None:
    own = Shop([Event(NOW, "visit", more={"weekday": "Mo"})], props={"weekday": "text"}, zone=ZONE)
    assert told("people", ("weekday",), own) == {("Mo",): 1}
    assert told("people", ("hour_of_day",), own) == {("11",): 1}
    with pytest.raises(UnknownName):
        told("repeat_buyers", ("weekday",))
