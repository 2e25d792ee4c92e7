"""Why a metric changed, asked of tables: kinds of metrics, periods, dimensions, and what cannot be split."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.causes import answer, to_json
from engine.errors import UnknownName, UsageError
from engine.expressions import parse
from engine.metrics import answer as metrics_answer
from engine.questions import MetricQuery, Range, WhyAnswer, WhyQuery
from engine.workspace.model import Funnel, Metric, Step
from tests.engine.metrics.shop import Event, Shop, Spend, simple, workspace

BASE, NOW = date(2026, 11, 1), date(2026, 11, 2)
LATER = datetime(2026, 11, 3)
HOSTILE = "x\x1b[2J'; drop table spend; --"


def spend(day: date, channel: str | None, cost: int, clicks: int, impressions: int, **more: object) -> Spend:
    return Spend(day, channel, Decimal(cost), clicks, impressions, more)


def order(day: date, channel: str | None, value: int, person: int = 1, **more: object) -> Event:
    return Event(datetime(day.year, day.month, day.day, 12), "order", person, Decimal(value), channel, more)


MEDIA = [
    spend(BASE, "feed", 100, 1200, 40_000, creative="Y"),
    spend(NOW, "feed", 100, 369, 41_000, creative="Y"),
    spend(BASE, "feed", 50, 500, 20_000, creative="Z"),
    spend(NOW, "feed", 50, 508, 20_500, creative="Z"),
    spend(BASE, "search", 80, 600, 10_000, creative="A"),
    spend(NOW, "search", 80, 604, 10_100, creative="A"),
]


def why(shop: Shop, metric: str, *own: Metric, now: datetime = LATER, **more: Any) -> WhyAnswer:
    return answer(shop, workspace(*own, language="en"), WhyQuery(metric, **more), now)


def test_without_a_period_it_is_the_newest_whole_day_with_facts() -> None:
    found = why(Shop(spend=MEDIA), "clicks")
    assert (found.period, found.base_period) == ("2026-11-02", "2026-11-01")
    assert (found.base, found.now, found.total_change) == (2300, 1481, -819)
    assert found.by == ("channel", "creative")
    assert [dict(cause.element) for cause in found.causes] == [{"channel": "feed", "creative": "Y"}]
    running = why(Shop(spend=[*MEDIA, spend(date(2026, 11, 3), "feed", 1, 1, 1)]), "clicks")
    assert running.period == "2026-11-02"


def test_a_rate_names_the_element_and_splits_rate_from_mix() -> None:
    found = why(Shop(spend=MEDIA), "ctr", by=("creative",))
    assert found.verdict == "cause"
    assert dict(found.causes[0].element) == {"creative": "Y"}
    assert found.causes[0].factor == "clicks"
    assert sum(each.effect for each in found.members) == pytest.approx(found.total_change)
    for each in found.members:
        assert each.effect == pytest.approx((each.rate_effect or 0) + (each.mix_effect or 0))
    assert sum(found.tree.values()) == pytest.approx(found.total_change)
    assert "Y" in found.sentence
    assert "points" in found.sentence


def test_a_derived_metric_is_split_over_its_own_numerator_and_denominator() -> None:
    """(net_revenue − cost) / cost, revenue by the channel that an order is credited to."""
    orders = [
        order(BASE, "feed", 600),
        order(NOW, "feed", 80),
        order(BASE, "search", 300),
        order(NOW, "search", 310),
    ]
    media = [*MEDIA, *(spend(day, name, 40, 90, 900) for day in (BASE, NOW) for name in "abc")]
    orders += [order(day, name, 160) for day in (BASE, NOW) for name in "abc"]
    found = why(Shop(orders, media), "roi", by=("channel",))
    assert found.total_change == pytest.approx((870 - 350) / 350 - (1380 - 350) / 350)
    assert [dict(cause.element) for cause in found.causes] == [{"channel": "feed"}]
    assert sum(each.effect for each in found.members) == pytest.approx(found.total_change)
    assert found.tree == {}, "neither a product nor a sum of its children"
    net = why(Shop(orders, media), "net_revenue", by=("channel",))
    assert net.tree_method == "sum"
    assert net.tree == {"revenue": pytest.approx(-510), "refunds": 0}


def test_a_mean_is_a_sum_over_a_count() -> None:
    score = simple("mean", "avg", "value", "event = 'order'")
    orders = [order(BASE, "a", 40), order(BASE, "b", 20), order(NOW, "a", 10), order(NOW, "b", 20)]
    found = why(Shop(orders), "mean", score, by=("channel",))
    assert (found.base, found.now) == (30, 15)
    assert sum(each.effect for each in found.members) == pytest.approx(-15)


def test_what_counts_persons_or_is_a_median_is_not_split_and_says_so() -> None:
    orders = [order(BASE, "a", 40, 1), order(BASE, "b", 20, 1), order(NOW, "b", 10, 2), order(NOW, "a", 9, 1)]
    for metric, word in (("buyers", "persons"), ("middle", "add up")):
        found = why(Shop(orders), metric, simple("middle", "median", "value", "event = 'order'"))
        assert (found.causes, found.members, found.verdict) == ((), (), "none")
        assert word in found.sentence
    arpu = why(Shop(orders), "arpu")
    assert arpu.members == ()
    assert set(arpu.tree) == {"revenue", "active_users"}
    assert sum(arpu.tree.values()) == pytest.approx(arpu.total_change)


def test_a_running_day_is_compared_with_the_same_part_of_the_day_before() -> None:
    hours = [
        Event(datetime(2026, 11, day, hour), "order", 1, Decimal(10), channel)
        for day, last in ((1, 20), (2, 9)) for hour in range(0, last) for channel in ("a", "b")
    ]  # fmt: skip
    now = datetime(2026, 11, 2, 9)
    found = why(Shop(hours), "orders", now=now, period="2026-11-02", by=("channel",))
    assert (found.base, found.now) == (20, 18)
    assert sum(each.effect for each in found.members) == found.total_change


@pytest.mark.parametrize("compare", ["previous", "week", "month", "year"])
def test_the_values_are_those_of_metrics(compare: Any) -> None:
    days = [date(2025, 10, 1) + timedelta(days=n) for n in range(0, 400, 3)]
    shop = Shop(spend=[spend(day, "ab"[n % 2], n, n * 7 % 50, 100 + n) for n, day in enumerate(days)])
    for given in ({"period": "2026-10"}, {"range": Range(date(2026, 10, 3), date(2026, 10, 9))}):
        found = why(shop, "clicks", compare=compare, **given)
        asked = given.get("range") or Range(date(2026, 10, 1), date(2026, 10, 31))
        grain: Any = "month" if "period" in given else "total"
        question = MetricQuery(("clicks",), (), grain, asked, compare=(compare,))  # type: ignore[arg-type]
        (row,) = metrics_answer(shop, workspace(), question, LATER).rows
        assert (found.now, found.base) == (row.value, row.previous[compare])
        assert sum(each.effect for each in found.members) == pytest.approx(found.total_change)


def test_a_filter_holds_for_causes_members_and_tree() -> None:
    found = why(Shop(spend=MEDIA), "ctr", where="channel = 'search'", by=("creative",))
    assert [dict(each.member) for each in found.members] == [{"creative": "A"}]
    assert found.base == pytest.approx(0.06)


def test_drives_are_tried_as_a_product_then_as_a_sum_then_given_up() -> None:
    chain = [
        Metric("conv", table="spend", agg="sum", column="clicks", drives=("impressions", "ctr")),
        Metric("both", table="spend", agg="sum", column="clicks", drives=("feed", "rest")),
        Metric(
            "feed", table="spend", agg="sum", column="clicks", gap="zero", where=parse("channel = 'feed'")
        ),
        Metric(
            "rest", table="spend", agg="sum", column="clicks", gap="zero", where=parse("channel <> 'feed'")
        ),
        Metric("none", table="spend", agg="sum", column="clicks", drives=("cost", "ctr")),
    ]
    shop = Shop(spend=MEDIA)
    found = {name: why(shop, name, *chain) for name in ("conv", "both", "none")}
    assert [each.tree_method for each in found.values()] == ["lmdi", "sum", None]
    assert found["both"].tree == {"feed": -823, "rest": 4}
    assert sum(found["conv"].tree.values()) == pytest.approx(-819)
    assert found["conv"].causes[0].factor == "ctr"
    assert found["none"].tree == {}
    assert why(shop, "conv", *chain, method="shapley").tree_method == "shapley"


def test_a_factor_of_nothing_is_split_by_shapley() -> None:
    gone = [spend(BASE, "a", 10, 50, 1000), spend(NOW, "a", 10, 0, 1000)]
    conv = Metric("conv", table="spend", agg="sum", column="clicks", drives=("impressions", "ctr"))
    found = why(Shop(spend=gone), "conv", conv)
    assert found.tree_method == "shapley"
    assert found.tree == {"impressions": 0, "ctr": pytest.approx(-50)}


def test_names_of_members_reach_no_statement_and_are_told_as_they_are() -> None:
    rows = [
        spend(BASE, HOSTILE, 1, 900, 9000), spend(NOW, HOSTILE, 1, 90, 9000),
        spend(BASE, "a", 1, 900, 9000), spend(NOW, "a", 1, 900, 9000),
    ]  # fmt: skip
    found = why(Shop(spend=rows), "ctr")
    assert dict(found.causes[0].element) == {"channel": HOSTILE}
    assert found.causes[0].factor == "clicks"
    assert to_json(found)["members"][0]["member"] == HOSTILE  # type: ignore[index]


def test_what_is_not_there_is_named() -> None:
    shop = Shop(spend=MEDIA)
    with pytest.raises(UnknownName, match="channel"):
        why(shop, "ctr", by=("chanel",))
    with pytest.raises(UnknownName):
        why(shop, "ctrr")
    with pytest.raises(UsageError, match="period"):
        why(shop, "ctr", period="last week")
    with pytest.raises(UsageError, match="dimensions"):
        why(shop, "ctr", by=("channel", "channel"))


def test_without_facts_there_is_nothing_to_compare() -> None:
    for shop in (Shop(), Shop(spend=[spend(NOW, "a", 1, 1, 1)])):
        found = why(shop, "ctr", period="2026-11-02")
        assert (found.total_change, found.causes, found.verdict) == (None, (), "none")
        assert "nothing to compare" in found.sentence


def test_both_languages_say_the_same_numbers() -> None:
    found = why(Shop(spend=MEDIA), "ctr", by=("channel", "creative"))
    assert set(found.sentences) == {"en", "zh"}
    for said in found.sentences.values():
        assert "feed" in said
        assert "3.29%" in said


BUY = Funnel(
    "buy",
    tuple(Step((name,), label=name) for name in ("visit", "add_to_cart", "order")),
    window_us=86_400_000_000,
)


def walk(day: date, person: int, steps: int, channel: str) -> list[Event]:
    names = ("visit", "add_to_cart", "order")[:steps]
    return [
        Event(datetime(day.year, day.month, day.day, 10 + at), name, person, None, channel)
        for at, name in enumerate(names)
    ]


@pytest.fixture(scope="module")
def walks() -> Shop:
    """60 persons a day in `a`, 40 in `b`; on the second day fewer in `a` go from the cart to the order."""
    fine, bad, other = (60, 40, 30), (60, 40, 6), (40, 30, 20)
    reached = {(BASE, "a"): fine, (NOW, "a"): bad, (BASE, "b"): other, (NOW, "b"): other}
    events, person = [], 0
    for (day, channel), (visits, carts, orders) in reached.items():
        for at in range(visits):
            person += 1
            events += walk(day, person, 1 + (at < carts) + (at < orders), channel)
    return Shop(events)


@pytest.mark.parametrize("measure", ["rate", "persons"])
def test_a_metric_of_a_funnel_is_split_into_its_hops_and_among_members(walks: Shop, measure: Any) -> None:
    pay = Metric("pay", kind="funnel", funnel="buy", measure=measure, unit="percent")
    held = replace(workspace(pay, language="en"), funnels={"buy": BUY})
    found = answer(walks, held, WhyQuery("pay", "2026-11-02", by=("channel",)), LATER)
    assert (found.base, found.now) == ((0.5, 0.26) if measure == "rate" else (50, 26))
    hop = "3 order"
    assert set(found.tree) == {"1 visit", "2 add_to_cart", hop} - (
        {"1 visit"} if measure == "rate" else set()
    )
    assert found.tree[hop] == pytest.approx(found.total_change)
    assert sum(found.tree.values()) == pytest.approx(found.total_change)
    assert sum(each.effect for each in found.members) == pytest.approx(found.total_change)
    assert [dict(cause.element) for cause in found.causes] == [{"channel": "a"}]
    assert found.causes[0].factor == hop
    assert "3 order" in found.sentence


def test_a_cumulative_metric_is_split_over_the_days_that_it_reads(walks: Shop) -> None:
    trailing = Metric(
        "trailing", kind="cumulative", table="events", agg="count", where=parse("event = 'order'"),
        window_days=2, gap="zero",
    )  # fmt: skip
    found = why(walks, "trailing", trailing, period="2026-11-02", by=("channel",))
    assert (found.base, found.now) == (50, 76)
    assert {dict(each.member)["channel"]: each.effect for each in found.members} == {"a": 6, "b": 20}
