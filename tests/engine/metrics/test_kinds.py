"""Cumulative, semi-additive, conversion and funnel metrics, against plain Python over every event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import funnels
from engine.errors import UnknownName
from engine.expressions import parse
from engine.metrics import answer
from engine.metrics.period import Calendar
from engine.questions import FunnelQuery, Grain, MetricQuery, MetricRow, Range
from engine.workspace.model import Funnel, Metric, Step, Workspace
from tests.effort import effort
from tests.engine.metrics.shop import Event, Shop, Spend, simple, workspace

FIRST = datetime(2026, 3, 1)
NOW = datetime(2026, 3, 12, 15, 20)
DAYS = Range(date(2026, 3, 3), date(2026, 3, 12))
UTC = Calendar.of(workspace().console)
BUY = Funnel("buy", (Step(("visit",)), Step(("view",)), Step(("order",))), window_us=2 * 86_400_000_000)

events = st.builds(
    Event,
    st.integers(0, 12 * 24 * 2 - 20).map(lambda n: FIRST + timedelta(minutes=30 * n)),
    st.sampled_from(["visit", "view", "order"]),
    st.sampled_from([1, 2, 3]),
    st.sampled_from([None, Decimal(2), Decimal(5)]),
    st.sampled_from([None, "a", "b"]),
)


def asked(
    shop: Shop, space: Workspace, name: str, grain: Grain = "day", by: tuple[str, ...] = (), **more: object
) -> list[MetricRow]:
    query = MetricQuery((name,), by, grain, more.pop("range", DAYS), **more)  # type: ignore[arg-type]
    return list(answer(shop, space, query, NOW).rows)


def values(rows: Sequence[MetricRow]) -> dict[object, float | None]:
    return {(row.period, *(member for _, member in row.by)): row.value for row in rows}


@settings(max_examples=effort(8), deadline=None)
@given(
    st.lists(events, max_size=20), st.sampled_from(["day", "week", "month", "hour"]),
    st.sampled_from([(3, None), (None, "week"), (None, "month")]),
)  # fmt: skip
def test_a_cumulative_metric_is_its_base_over_the_days_up_to_the_end(
    facts: list[Event], grain: Grain, frame: tuple[int | None, Grain | None]
) -> None:
    shop = Shop(facts)
    grown = Metric("grown", "cumulative", base="buyers_own", window_days=frame[0], grain_to_date=frame[1])  # type: ignore[arg-type]
    space = workspace(simple("buyers_own", "count_distinct", "person", "event = 'order'"), grown)
    for row in asked(shop, space, "grown", grain):
        end = _end(str(row.period), grain)
        if end is None:
            assert row.value is None
            continue
        day = (end - timedelta(microseconds=1)).date()
        start = day - timedelta(days=frame[0] - 1) if frame[0] else UTC.bucket(frame[1] or "day", day)[0]
        mine = {
            each.person for each in facts
            if each.event == "order" and each.ts.date() >= start and each.ts < end
        }  # fmt: skip
        assert row.value == len(mine), (row, start, end)


def _end(period: str, grain: Grain) -> datetime | None:
    """The end of a period in UTC, not after the end of today; None: it has not begun."""
    found = UTC.read(period)
    assert found is not None
    first = found[1]
    if grain == "hour":
        moment = datetime.fromisoformat(period).replace(tzinfo=None)
        return moment + timedelta(hours=1)
    last = min(UTC.bucket(grain, first)[1] - timedelta(days=1), NOW.date(), date(2026, 3, 12))
    return datetime(last.year, last.month, last.day) + timedelta(days=1) if last >= first else None


def test_a_trailing_window_is_partial_until_it_is_full_and_one_to_date_never_is() -> None:
    shop = Shop([Event(FIRST + timedelta(days=n), "order", value=Decimal(1)) for n in range(11)])
    space = workspace(
        Metric("trailing", "cumulative", base="revenue", window_days=5),
        Metric("month", "cumulative", base="revenue", grain_to_date="month"),
    )
    trailing = asked(shop, space, "trailing")
    assert [(row.value, row.partial) for row in trailing[:4]] == [
        (3, True),
        (4, True),
        (5, False),
        (5, False),
    ]
    month = asked(shop, space, "month")
    assert [(row.value, row.partial) for row in month[-3:]] == [(10, False), (11, False), (11, True)]


def test_a_derived_metric_and_a_comparison_read_cumulative_metrics_like_any_other() -> None:
    shop = Shop([Event(FIRST + timedelta(days=n), "order", n, Decimal(1)) for n in range(12)])
    space = workspace(
        Metric("week_revenue", "cumulative", base="revenue", window_days=7),
        Metric("double", "derived", expr=parse("week_revenue * 2")),
    )
    rows = asked(
        shop, space, "double", compare=("previous",), range=Range(date(2026, 3, 8), date(2026, 3, 9))
    )
    assert [(row.value, row.previous["previous"]) for row in rows] == [(14, 14), (14, 14)]
    (total,) = asked(shop, space, "double", "total", compare=("week",))
    assert (total.value, total.previous["week"]) == (14, 10)


def test_dau_is_the_mean_of_days_and_wau_and_mau_are_persons_of_their_windows() -> None:
    shop = Shop([
        *(Event(datetime(2026, 3, day, 5), "visit", 1) for day in (3, 4, 5, 6)),
        Event(datetime(2026, 3, 4, 7), "visit", 2),
    ])  # fmt: skip
    span = Range(date(2026, 3, 3), date(2026, 3, 6))
    for name, expected in (("dau", 1.25), ("wau", 2), ("mau", 2), ("stickiness", 0.625)):
        (row,) = asked(shop, workspace(), name, "total", range=span)
        assert row.value == expected, name


BALANCES = [
    Spend(date(2026, 3, 3), "a", Decimal(10)), Spend(date(2026, 3, 4), "a", Decimal(12)),
    Spend(date(2026, 3, 4), "b", Decimal(5)), Spend(date(2026, 3, 6), "b", Decimal(7)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("pick", "whole", "members"),
    [("last", 7, (None, 7)), ("first", 10, (10, None)), ("avg", 34 / 3, (11, 6))],
)
def test_a_balance_is_picked_over_time_and_adds_up_over_members(
    pick: str, whole: float, members: tuple[float | None, float | None]
) -> None:
    balance = simple("balance", "sum", "cost", table="spend", additive="semi", pick=pick, gap="null")
    shop, space = Shop((), BALANCES), workspace(balance)
    (total,) = asked(shop, space, "balance", "month")
    assert total.value == pytest.approx(whole)
    found = values(asked(shop, space, "balance", "month", ("channel",)))
    assert (found["2026-03", "a"], found["2026-03", "b"]) == members
    assert [row.value for row in asked(shop, space, "balance")][:4] == [10, 17, None, 7]


CONVERT = Metric(
    "converted", "conversion", sides=(Step(("visit",)), Step(("order",))), window_us=86_400_000_000
)
PER_EVENT = Metric(
    "each_visit",
    "conversion",
    sides=("visits_made", Step(("order",))),
    window_us=86_400_000_000,
    per="events",
)


@settings(max_examples=effort(10), deadline=None)
@given(st.lists(events, max_size=16), st.booleans())
def test_a_conversion_counts_both_sides_as_it_says(facts: list[Event], per_day: bool) -> None:
    shop = Shop(facts)
    space = workspace(CONVERT, PER_EVENT, simple("visits_made", "count", where="event = 'visit'"))
    grain: Grain = "day" if per_day else "total"
    for name in ("converted", "each_visit"):
        for row in asked(shop, space, name, grain):
            days = [row.period] if per_day else [str(DAYS.first + timedelta(days=n)) for n in range(10)]  # type: ignore[operator]
            assert (row.num, row.den) == _conversions(facts, set(map(str, days)), name == "each_visit"), row


def _conversions(facts: list[Event], days: set[str], per_event: bool) -> tuple[int, int]:
    window = timedelta(days=1)
    bases = [each for each in facts if each.event == "visit"]
    orders = [each for each in facts if each.event == "order"]
    inside = [each for each in bases if str(each.ts.date()) in days]
    if not per_event:
        won = {
            b.person for b in inside
            if any(o.person == b.person and b.ts <= o.ts <= b.ts + window for o in orders)
        }  # fmt: skip
        return len(won), len({b.person for b in inside})
    owners = set()
    for order in orders:
        before = [(b.ts, n) for n, b in enumerate(bases) if b.person == order.person and b.ts <= order.ts]
        if before and order.ts - max(before)[0] <= window:
            owners.add((max(before)[0], order.person))
    moments = {(b.ts, b.person) for b in inside}
    return len(owners & moments), len(inside)


def test_a_buyer_with_three_visits_and_one_order_reads_whole_per_person_and_a_third_per_visit() -> None:
    facts = [Event(datetime(2026, 3, 5, hour), "visit") for hour in (1, 2, 3)]
    shop = Shop([*facts, Event(datetime(2026, 3, 5, 4), "order")])
    space = workspace(CONVERT, PER_EVENT, simple("visits_made", "count", where="event = 'visit'"))
    assert asked(shop, space, "converted", "total")[0].value == 1
    assert asked(shop, space, "each_visit", "total")[0].value == pytest.approx(1 / 3)


FLOWS = (
    *(
        Metric(f"buy_{measure}", "funnel", funnel="buy", measure=measure)
        for measure in ("rate", "persons", "median_seconds", "avg_seconds", "p90_seconds")
    ),
    Metric("view_rate", "funnel", funnel="buy", from_step=1, to_step=2),
)


@settings(max_examples=effort(8), deadline=None)
@given(st.lists(events, max_size=20), st.sampled_from(["day", "week", "total"]), st.booleans())
def test_a_funnel_metric_says_what_the_funnel_says_of_each_period(
    facts: list[Event], grain: Grain, split: bool
) -> None:
    shop, space = Shop(facts), workspace(*FLOWS, funnels=(BUY,))
    by = ("channel",) if split else ()
    rows = {
        (row.metric, row.period, *(m for _, m in row.by)): row
        for row in answer(shop, space, MetricQuery(tuple(m.name for m in FLOWS), by, grain, DAYS), NOW).rows
    }
    for period in {key[1] for key in rows}:
        assert DAYS.first is not None and DAYS.last is not None
        span = DAYS
        if period is not None:
            first, end = UTC.bucket(grain, date.fromisoformat(str(period)))
            span = Range(max(first, DAYS.first), min(end - timedelta(days=1), DAYS.last))
        question = FunnelQuery("buy", by="channel" if split else None, range=span)
        found = funnels.answer(shop, space, question, NOW)
        groups = [((group.value,), group.steps) for group in found.groups] if split else [((), found.steps)]
        for member, steps in groups:
            row = rows["buy_rate", period, *member]
            assert (row.num, row.den) == (steps[2].persons, steps[0].persons)
            assert rows["view_rate", period, *member].num == steps[1].persons
            assert rows["buy_persons", period, *member].value == steps[2].persons


def test_times_of_a_funnel_metric_are_those_between_its_steps() -> None:
    moments = {1: (0, 600, 1200), 2: (0, 60, 3000), 3: (0, 60, None)}
    facts = [
        Event(datetime(2026, 3, 5, 8) + timedelta(seconds=seconds), event, person)
        for person, found in moments.items()
        for event, seconds in zip(("visit", "view", "order"), found, strict=True)
        if seconds is not None
    ]
    shop, space = Shop(facts), workspace(*FLOWS, funnels=(BUY,))
    took = [1200, 3000]
    assert asked(shop, space, "buy_median_seconds", "total")[0].value == median(took)
    assert asked(shop, space, "buy_avg_seconds", "month")[0].value == sum(took) / 2
    assert asked(shop, space, "buy_p90_seconds", "month")[0].value == pytest.approx(2820)
    hours = values(asked(shop, space, "buy_persons", "hour", range=Range(date(2026, 3, 5), date(2026, 3, 5))))
    assert {key: value for key, value in hours.items() if value} == {("2026-03-05T08:00+00:00",): 2}


def test_a_running_day_of_a_funnel_is_compared_with_what_was_known_at_the_same_moment() -> None:
    late = [Event(datetime(2026, 3, 11, 9), "visit", 1), Event(datetime(2026, 3, 11, 10), "view", 1)]
    facts = [*late, Event(datetime(2026, 3, 11, 20), "order", 1), Event(datetime(2026, 3, 12, 9), "visit", 2)]
    shop, space = Shop(facts), workspace(*FLOWS, funnels=(BUY,))
    today = Range(date(2026, 3, 12), date(2026, 3, 12))
    (row,) = asked(shop, space, "buy_rate", compare=("previous",), range=today)
    assert (row.value, row.previous["previous"], row.partial, row.provisional) == (0, 0, True, True)
    (early,) = asked(shop, space, "view_rate", compare=("previous",), range=today)
    assert early.previous["previous"] == 1


def test_a_funnel_metric_refuses_what_it_cannot_say() -> None:
    shop, space = Shop(), workspace(*FLOWS, funnels=(BUY,))
    with pytest.raises(UnknownName, match="chanel"):
        asked(shop, space, "buy_rate", by=("chanel",))
    with pytest.raises(UnknownName, match="regin"):
        asked(shop, space, "buy_rate", where="regin = 'x'")


def test_a_funnel_metric_is_split_by_two_columns_and_its_parts_are_those_of_one() -> None:
    facts = [
        Event(
            FIRST + timedelta(days=3, hours=n),
            "visit",
            n,
            None,
            ("a", "b", None)[n % 3],
            {"region": ("x", None)[n % 2]},
        )
        for n in range(7)
    ]
    facts += [Event(FIRST + timedelta(days=4), event, n) for n in (1, 2, 3) for event in ("view", "order")]
    shop, space = Shop(facts), workspace(*FLOWS, funnels=(BUY,))
    both = values(asked(shop, space, "buy_persons", "total", ("channel", "region")))
    people: dict[tuple[None, str | None, str | None], int] = {}
    for each in facts[:7]:
        key = (None, each.channel, each.more["region"])
        people[key] = people.get(key, 0) + (each.person in (1, 2, 3))  # type: ignore[index, arg-type]
    assert both == people
    one = values(asked(shop, space, "buy_persons", "total", ("channel",)))
    summed: dict[object, float] = {}
    for key, value in people.items():
        summed[key[:2]] = summed.get(key[:2], 0) + value
    assert one == summed


def test_the_rest_beyond_top_is_counted_anew_as_one() -> None:
    facts = [
        Event(datetime(2026, 3, 5), "visit", person, channel=channel)
        for channel, persons in {"a": (1, 2, 3), "b": (1, 4), "c": (4, 5), None: (5,)}.items()
        for person in persons
    ]
    space = workspace(simple("people", "count_distinct", "person"), *FLOWS, funnels=(BUY,))
    rows = asked(Shop(facts), space, "people", "total", ("channel",), top=1, others=True)
    assert [(row.by, row.value, row.other) for row in rows] == [
        ((("channel", "a"),), 3, False), ((("channel", None),), 3, True)
    ]  # fmt: skip
    flows = asked(Shop(facts), space, "buy_rate", "total", ("channel",), top=1, others=True)
    assert sum(row.den or 0 for row in flows) == 5
    assert [row.other for row in flows] == [False, True]


def test_a_conversion_that_holds_a_column_counts_only_what_says_the_same_there() -> None:
    facts = [
        Event(datetime(2026, 3, 5, 1), "visit", 1, more={"product": "tea"}),
        Event(datetime(2026, 3, 5, 2), "order", 1, more={"product": "cup"}),
        Event(datetime(2026, 3, 5, 3), "visit", 2, more={"product": "tea"}),
        Event(datetime(2026, 3, 5, 4), "order", 2, more={"product": "tea"}),
    ]
    held = Metric("held", "conversion", sides=CONVERT.sides, window_us=CONVERT.window_us, hold=("product",))
    shop, space = Shop(facts), workspace(CONVERT, held)
    assert asked(shop, space, "converted", "total")[0].value == 1
    assert asked(shop, space, "held", "total")[0].value == 0.5
