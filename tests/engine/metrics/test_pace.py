"""Targets, what is due of them by now, and the word for it; and which numbers may still change."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from engine.expressions import parse
from engine.metrics import answer
from engine.questions import Grain, MetricQuery, MetricRow, Range
from engine.workspace.model import EventRule, Funnel, Metric, Source, Step, Target, Workspace
from tests.engine.metrics.shop import Event, Shop, Spend, simple, workspace

NOW = datetime(2026, 3, 16, 12)
MARCH = Range(date(2026, 3, 1), date(2026, 3, 31))


def space(*targets: Target, **more: object) -> Workspace:
    """Takings: a sum over orders, with targets and what is said of pace."""
    takings = simple("takings", "sum", "value", "event = 'order'", unit="money", targets=targets, **more)
    rate = Metric("per_order", "ratio", num="takings", den="orders_made", targets=tuple(
        Target("per_order", each.period, each.value, each.by) for each in targets
    ))  # fmt: skip
    return workspace(
        takings, rate, simple("orders_made", "count", where="event = 'order'"),
        Metric("paced", "derived", expr=parse("pace(takings)")),
    )  # fmt: skip


def order(day: date, value: int, hour: int = 6, channel: str | None = None) -> Event:
    return Event(datetime(day.year, day.month, day.day, hour), "order", value=Decimal(value), channel=channel)


def only(shop: Shop, known: Workspace, name: str, grain: Grain = "month", **more: object) -> MetricRow:
    query = MetricQuery((name,), (), grain, more.pop("range", MARCH), **more)  # type: ignore[arg-type]
    (row,) = answer(shop, known, query, NOW).rows
    return row


@pytest.mark.parametrize(
    ("good", "value", "expected"),
    [
        ("up", 60, "ahead"), ("up", 50, "on_track"), ("up", 52, "on_track"), ("up", 40, "behind"),
        ("down", 60, "behind"), ("down", 50, "on_track"), ("down", 40, "ahead"),
        ("band", 60, "ahead"), ("band", 48, "on_track"), ("band", 40, "behind"),
    ],
)  # fmt: skip
def test_a_running_month_is_judged_by_the_half_that_is_due(good: str, value: int, expected: str) -> None:
    known = space(Target("takings", "2026-03", Decimal(100)), good=good)
    shop = Shop([order(date(2026, 3, 2), value)])
    row = only(shop, known, "takings")
    due = Decimal(31 // 2) / 31 + Decimal("0.5") / 31
    assert row.pace == pytest.approx(float(value / (100 * due)))
    assert (row.pace_by, row.status, row.target) == ("calendar", expected, 100)
    assert only(shop, known, "paced").value == pytest.approx(row.pace)
    filtered = only(shop, known, "takings", where="event = 'order'")
    assert (filtered.target, filtered.pace, filtered.status) == (100, None, "unknown")


def test_a_rate_is_due_as_a_whole_and_a_month_that_is_over_has_all_its_target_due() -> None:
    known = space(Target("takings", "2026-03", Decimal(100)), Target("takings", "2026-02", Decimal(50)))
    shop = Shop([order(date(2026, 3, 2), 98), order(date(2026, 2, 10), 60)])
    rate = only(shop, known, "per_order")
    assert (rate.value, rate.pace, rate.status) == (98, 0.98, "on_track")
    past = only(shop, known, "takings", range=Range(date(2026, 2, 1), date(2026, 2, 28)))
    assert (past.pace, past.status) == (1.2, "ahead")


def test_a_week_without_a_target_of_its_own_is_judged_by_its_days_share_of_the_month() -> None:
    known = space(Target("takings", "2026-03", Decimal(310)))
    shop = Shop([order(date(2026, 3, 3), 70)])
    row = only(shop, known, "takings", "week", range=Range(date(2026, 3, 2), date(2026, 3, 8)))
    assert (row.target, row.pace, row.status) == (None, 1, "on_track")
    days = Range(date(2026, 3, 3), date(2026, 3, 3))
    assert only(shop, known, "takings", "day", range=days).pace == 7


def test_nothing_is_said_without_a_target_a_value_or_time() -> None:
    shop = Shop([order(date(2026, 3, 3), 70)])
    assert only(shop, space(), "takings").status == "unknown"
    known = space(Target("takings", "2026-04", Decimal(310)), Target("takings", "2026-03", Decimal(5)))
    april = Range(date(2026, 4, 1), date(2026, 4, 30))
    future = only(shop, known, "takings", range=april)
    assert (future.pace, future.status) == (None, "unknown")
    assert only(shop, known, "per_order", range=april).status == "unknown"


@pytest.mark.parametrize(
    ("value", "expected"), [(9, "behind"), (10, "on_track"), (20, "on_track"), (21, "ahead")]
)
def test_a_band_needs_no_target(value: int, expected: str) -> None:
    known = space(good="band", band=(Decimal(10), Decimal(20)))
    row = only(Shop([order(date(2026, 3, 2), value)]), known, "takings")
    assert (row.pace, row.status) == (None, expected)


@pytest.mark.parametrize(("value", "expected"), [(0, "on_track"), (1, "behind")])
def test_a_target_of_nothing_is_met_by_nothing_alone(value: int, expected: str) -> None:
    known = space(Target("takings", "2026-03", Decimal(0)), good="down")
    row = only(Shop([order(date(2026, 3, 2), value)]), known, "takings")
    assert (row.pace, row.status) == (None, expected)


def test_a_profile_takes_the_share_that_months_before_had_by_the_same_moment() -> None:
    """Nine tenths of each month come on its last day, so little is due by the middle of this one."""
    months = [(date(2025, 12, 3), date(2025, 12, 31)), (date(2026, 1, 3), date(2026, 1, 31))]
    months.append((date(2026, 2, 3), date(2026, 2, 28)))
    facts = [Event(datetime(2025, 12, 1), "visit")]
    facts += [order(day, value) for pair in months for day, value in zip(pair, (10, 90), strict=True)]
    facts.append(order(date(2026, 3, 2), 12))
    shop, target = Shop(facts), Target("takings", "2026-03", Decimal(120))
    row = only(shop, space(target, pace="profile"), "takings")
    assert (row.pace, row.pace_by, row.status) == (1, "profile", "on_track")
    assert only(shop, space(target), "takings").status == "behind"
    young = Shop([*facts[5:]])
    assert only(young, space(target, pace="profile"), "takings").pace_by == "calendar"
    assert only(shop, space(target, pace="profile"), "paced").value == 1


def test_a_member_is_judged_by_its_own_target() -> None:
    known = space(Target("takings", "2026-02", Decimal(10), {"channel": "a"}))
    shop = Shop([order(date(2026, 2, 3), 20, channel="a"), order(date(2026, 2, 3), 5, channel="b")])
    query = MetricQuery(("takings",), ("channel",), "month", Range(date(2026, 2, 1), date(2026, 2, 28)))
    rows = answer(shop, known, query, NOW).rows
    assert [(row.by[0][1], row.pace, row.status) for row in rows] == [
        ("a", 2, "ahead"),
        ("b", None, "unknown"),
    ]


def named(*, late: int | None = None) -> Workspace:
    day = 86_400_000_000
    return workspace(
        Metric("bought", "conversion", sides=(Step(("visit",)), Step(("order",))), window_us=2 * day),
        sources=(
            Source("web", ("w.csv",), "events", event=EventRule("visit")),
            Source("ads", ("a.csv",), "spend", late_us=None if late is None else late * day),
        ),
    )


@pytest.mark.parametrize(
    ("late", "days"),
    [(None, {"2026-03-16"}), (0, {"2026-03-16"}), (2, {"2026-03-14", "2026-03-15", "2026-03-16"})],
)
def test_days_that_a_source_has_not_delivered_or_restates_are_provisional(
    late: int | None, days: set[str]
) -> None:
    shop = Shop([Event(NOW - timedelta(hours=1), "visit")], [Spend(date(2026, 3, 15), "a", Decimal(1))])
    known = named(late=late)
    found = answer(
        shop, known, MetricQuery(("cost", "uv"), (), "day", Range(date(2026, 3, 10), NOW.date())), NOW
    )
    assert {row.period for row in found.rows if row.provisional and row.metric == "cost"} == days
    assert not [row for row in found.rows if row.provisional and row.metric == "uv"]
    (month,) = answer(shop, known, MetricQuery(("cost",), (), "month", MARCH), NOW).rows
    assert month.provisional


def test_a_funnels_period_is_provisional_until_its_last_window_has_closed() -> None:
    shop = Shop([Event(NOW - timedelta(hours=1), "visit"), Event(datetime(2026, 3, 10), "visit")])
    query = MetricQuery(("bought",), (), "day", Range(date(2026, 3, 10), NOW.date()))
    rows = answer(shop, named(), query, NOW).rows
    assert [row.period for row in rows if row.provisional] == ["2026-03-14", "2026-03-15", "2026-03-16"]


def test_a_funnel_can_be_aimed_at() -> None:
    buy = Funnel("buy", (Step(("visit",)), Step(("order",))))
    rate = Metric(
        "rate", "funnel", funnel="buy", targets=(Target("rate", "2026-02", Decimal("0.4")),), unit="percent"
    )
    shop = Shop([
        *(Event(datetime(2026, 2, 3), "visit", n) for n in range(4)), Event(datetime(2026, 2, 4), "order", 1)
    ])  # fmt: skip
    known = workspace(rate, funnels=(buy,))
    row = only(shop, known, "rate", range=Range(date(2026, 2, 1), date(2026, 2, 28)))
    assert (row.value, row.pace, row.status) == (0.25, 0.625, "behind")
