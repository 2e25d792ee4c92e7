"""Built-in metrics, the dictionary, targets, sources and the judgement of noise."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.metrics import (
    BUILTIN,
    Side,
    answer,
    base_range,
    daily,
    definition_hash,
    dictionary,
    sources_of,
    target_for,
    totals,
    worse_beyond_noise,
)
from engine.questions import MetricQuery, Range
from engine.workspace.model import EventRule, Metric, Source, Target
from tests.engine.metrics.shop import Event, Shop, Spend, simple, workspace

PROMISED = """
impressions clicks cost ctr cpc cpm reach platform_conversions cpa visits uv pv bounce_rate avg_dwell
registrations registration_rate leads valid_leads valid_lead_rate cpl mqls sqls deals win_rate orders buyers
new_customers returning_customers payment_rate conversion_rate revenue refunds net_revenue aov arpu roas roi
mer cac repurchase_rate retention_d1 retention_d7 retention_d30 churn_rate active_users interaction_rate
shares negative_comment_share complaints budget_pace channel_contribution
"""
NOW = datetime(2026, 3, 16, 12)
MARCH = (date(2026, 3, 1), date(2026, 3, 31))


def test_every_promised_metric_is_built_in_and_says_what_it_is_in_both_languages() -> None:
    assert set(PROMISED.split()) <= set(BUILTIN)
    for metric in BUILTIN.values():
        assert set(metric.label) == set(metric.wording) == {"en", "zh"}
        assert all(child in BUILTIN for child in (*metric.drives, *filter(None, (metric.num, metric.den))))


def test_every_built_in_metric_answers_on_a_small_shop() -> None:
    shop = Shop([Event(datetime(2026, 3, 1), "order")], [Spend(date(2026, 3, 1), "a", Decimal(1))])
    rows = answer(shop, workspace(), MetricQuery(tuple(BUILTIN), compare=("previous",)), NOW).rows
    assert [row.metric for row in rows] == sorted(BUILTIN)


def test_what_derives_from_orders_or_leads_uses_the_last_touch() -> None:
    lent = {name for name, metric in BUILTIN.items() if metric.credit == "last_touch"}
    assert {"orders", "revenue", "leads", "deals", "roi", "conversion_rate", "aov", "cac", "cpl"} <= lent
    assert not {"cost", "ctr", "uv", "visits", "retention_d1"} & lent


def test_the_dictionary_is_plain_json_and_its_hash_follows_the_definition() -> None:
    space = workspace()
    entries = json.loads(json.dumps([entry.to_json() for entry in dictionary(space)]))
    assert {entry["name"]: entry["formula"] for entry in entries}["roi"] == "(net_revenue - cost) / cost"
    other = workspace(simple("revenue", "sum", "value", "event = 'deal'"))
    assert definition_hash(space, "roas") != definition_hash(other, "roas")
    assert definition_hash(space, "ctr") == definition_hash(other, "ctr")


def targets(*listed: Target) -> tuple[Metric, ...]:
    cost, ctr = BUILTIN["cost"], BUILTIN["ctr"]
    given = {name: tuple(each for each in listed if each.metric == name) for name in ("cost", "ctr")}
    return (
        Metric(
            "cost", table="spend", agg="sum", column="cost", unit="money", gap="zero", targets=given["cost"]
        ),
        Metric(
            "ctr", "ratio", num=ctr.num, den=ctr.den, unit="percent", targets=given["ctr"], level=cost.level
        ),
    )


def test_a_target_stands_beside_the_row_of_exactly_its_period_and_member() -> None:
    space = workspace(
        *targets(
            Target("cost", "2026-03", Decimal(310)), Target("cost", "2026-03", Decimal(7), {"channel": "a"})
        )
    )
    shop = Shop((), [Spend(date(2026, 3, 1), name, Decimal(1)) for name in ("a", "b")])
    months = answer(shop, space, MetricQuery(("cost",), grain="month"), NOW).rows
    days = answer(shop, space, MetricQuery(("cost",), grain="day"), NOW).rows
    split = answer(shop, space, MetricQuery(("cost",), ("channel",), "month"), NOW).rows
    assert ([row.target for row in months], [row.target for row in days]) == ([310], [None])
    assert [row.target for row in split] == [7, None]


def test_targets_also_come_from_files() -> None:
    shop = Shop(
        (),
        [Spend(date(2026, 3, 1), "a", Decimal(5))],
        targets=[("2026-03", "cost", Decimal(62), {"channel": "a"})],
    )
    rows = answer(shop, workspace(), MetricQuery(("cost",), ("channel",), "month"), NOW).rows
    assert [row.target for row in rows] == [62]


@pytest.mark.parametrize(
    ("metric", "listed", "days", "expected"),
    [
        ("cost", [("2026-03", 310)], (1, 7), 70),
        ("cost", [("2026-03-01", 5), ("2026-03-02", 6)], (1, 2), 11),
        ("cost", [("2026-03-02", 70), ("2026-03-09", 140)], (2, 15), 210),
        ("cost", [("2026-03-03", 1), ("2026-03", 310)], (2, 4), 21),
        ("cost", [("2026-02", 280)], (1, 7), None),
        ("ctr", [("2026-03", 0.25)], (1, 7), 0.25),
    ],
)  # fmt: skip
def test_the_target_of_a_range_is_made_of_its_days(
    metric: str, listed: list[tuple[str, float]], days: tuple[int, int], expected: float | None
) -> None:
    space = workspace(*targets(*(Target(metric, period, Decimal(str(value))) for period, value in listed)))
    asked = Range(date(2026, 3, days[0]), date(2026, 3, days[1]))
    assert target_for(Shop(), space, metric, asked) == (None if expected is None else pytest.approx(expected))


def test_budget_pace_is_the_share_used_over_the_share_elapsed() -> None:
    space = workspace(*targets(Target("cost", "2026-03", Decimal(100))))
    shop = Shop((), [Spend(date(2026, 3, 1), "a", Decimal(25))])
    (row,) = answer(shop, space, MetricQuery(("budget_pace",), grain="month", range=Range(*MARCH)), NOW).rows
    assert row.value == pytest.approx(0.25 / (15.5 / 31))


def test_a_metric_names_the_sources_that_can_hold_its_facts_and_is_stale_with_them() -> None:
    web = Source("web", ("*.csv",), "events", event=EventRule("visit"))
    shop_orders = Source(
        "orders", ("o.csv",), "events", event=EventRule("order"), stale_after_us=3_600_000_000
    )
    ads = Source("ads", ("a.csv",), "spend")
    space = workspace(sources=(web, shop_orders, ads))
    assert sources_of(space, "revenue") == {"orders"}
    assert sources_of(space, "roas") == {"orders", "ads"}
    assert sources_of(space, "visits") == {"web", "orders"}
    shop = Shop([Event(datetime(2026, 3, 1), "order", more={"source": "orders"})])
    rows = answer(shop, space, MetricQuery(("cost", "revenue")), NOW).rows
    assert [(row.metric, row.stale) for row in rows] == [("cost", False), ("revenue", True)]


def test_daily_series_and_totals_of_several_metrics_come_together() -> None:
    shop = Shop(
        [Event(datetime(2026, 3, 1, 5), "order", value=Decimal(4))],
        [Spend(date(2026, 3, 2), "a", Decimal(2))],
    )
    days = (date(2026, 3, 1), date(2026, 3, 2))
    series = daily(shop, workspace(), ("revenue", "roas"), days, NOW)
    assert (series.of("revenue"), series.of("roas")) == ((4, 0), (None, 0))
    assert totals(shop, workspace(), ("roas",), Range(*days), NOW)["roas"][()].value == 2


def test_the_base_of_a_range_that_ends_today_is_cut_at_this_time_of_day() -> None:
    found = base_range(workspace(), (date(2026, 3, 10), date(2026, 3, 16)), "previous", NOW)
    assert found == (date(2026, 3, 3), date(2026, 3, 9), NOW - timedelta(days=7))
    assert base_range(workspace(), MARCH, "target", NOW) is None


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_move_to_the_good_side_is_never_bad(now: int, base: int) -> None:
    assert not worse_beyond_noise("count", "up", Side(max(now, base)), Side(min(now, base)))
    assert not worse_beyond_noise("count", "down", Side(min(now, base)), Side(max(now, base)))


@pytest.mark.parametrize(
    ("unit", "now", "base", "expected"),
    [
        ("count", Side(60), Side(100), True),
        ("count", Side(9), Side(10), False),
        ("count", Side(0), Side(3), False),
        ("percent", Side(0.02, 200, 10000), Side(0.03, 300, 10000), True),
        ("percent", Side(0.02, 2, 100), Side(0.03, 3, 100), False),
        ("money", Side(30, days=(10, 9, 11)), Side(90, days=(30, 29, 31)), True),
        ("money", Side(30, days=(1, 28, 1)), Side(90, days=(80, 5, 5)), False),
        ("money", Side(30), Side(90), False),
        ("count", Side(60, days=(5, 50, 5)), Side(100, days=(90, 5, 5)), False),
        ("count", Side(None), Side(100), False),
    ],
)  # fmt: skip
def test_a_fall_is_bad_beyond_noise_only_where_chance_does_not_explain_it(
    unit: str, now: Side, base: Side, expected: bool
) -> None:
    assert worse_beyond_noise(unit, "up", now, base) is expected
