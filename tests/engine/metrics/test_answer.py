"""Answers against a slow plain-Python oracle, and the laws that hold between answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import UnknownName, UsageError
from engine.expressions import parse
from engine.metrics import answer, to_json
from engine.metrics.period import Calendar, Slot, base, periods, slot
from engine.questions import Grain, MetricQuery, MetricRow, Range
from engine.workspace.model import Metric
from tests.effort import effort
from tests.engine.metrics.shop import Event, Shop, Spend, simple, workspace

ZONE = "America/New_York"
FIRST = datetime(2026, 3, 1)
NOW = datetime(2026, 3, 16, 15, 20)
OWN = (
    simple("own_orders", "count", where="event = 'order'"),
    simple("mean_value", "avg", "value", "event = 'order'"),
    simple("top_value", "max", "value", "event = 'order'"),
    simple("people", "count_distinct", "person", "event in ('visit', 'order')"),
    simple("pieces", "sum", "quantity"),
    simple("lent_people", "count_distinct", "person", "event in ('visit', 'order')", credit="last_touch"),
    Metric("net", "derived", expr=parse("(revenue - refunds - cost) / coalesce(nullif(orders, 0), 1)")),
)
METRICS = (
    "lent_people",
    "cost",
    "mean_value",
    "net",
    "own_orders",
    "people",
    "pieces",
    "refunds",
    "revenue",
    "roas",
    "top_value",
)

events = st.builds(
    Event,
    st.integers(0, 16 * 24 * 6 - 60).map(lambda n: FIRST + timedelta(minutes=10 * n)),
    st.sampled_from(["visit", "order", "refund", "ad_click"]),
    st.sampled_from([1, 2, 3, None]),
    st.one_of(st.none(), st.decimals(0, 99, places=2)),
    st.sampled_from([None, None, "direct", "a", "b"]),
    st.builds(lambda n: {"quantity": n}, st.sampled_from([None, Decimal(1), Decimal(3)])),
)
spends = st.builds(
    Spend,
    st.integers(0, 15).map(lambda n: date(2026, 3, 1) + timedelta(days=n)),
    st.sampled_from([None, "a", "b"]),
    st.decimals(0, 50, places=2),
)
shops = st.tuples(st.lists(events, max_size=25), st.lists(spends, max_size=8))


def credit(facts: Sequence[Event], each: Event) -> str | None:
    """last_touch, by looking at everything."""
    if each.channel is not None:
        return each.channel
    touches = [
        (other.ts, other.channel)
        for other in facts
        if other.person == each.person is not None and other.channel not in (None, "direct")
        and each.ts - timedelta(days=30) <= other.ts <= each.ts
    ]  # fmt: skip
    newest = max((ts for ts, _ in touches), default=None)
    return min((str(channel) for ts, channel in touches if ts == newest), default="direct")


def local_day(ts: datetime) -> date:
    return ts.replace(tzinfo=UTC).astimezone(ZoneInfo(ZONE)).date()


def within(found: Slot, ts: datetime) -> bool:
    return found.first <= local_day(ts) <= found.last and (found.cut is None or ts <= found.cut)


def oracle(
    facts: Sequence[Event], ads: Sequence[Spend], found: Slot, member: Callable[[str | None], bool]
) -> dict[str, object]:
    """Values of METRICS in one slot over the facts whose channel `member` takes."""
    mine = [each for each in facts if within(found, each.ts) and each.event != "ad_click"]
    lent = [each for each in mine if member(credit(facts, each))]
    own = [each for each in facts if within(found, each.ts) and member(each.channel)]
    orders = [each for each in own if each.event == "order"]
    values = [each.value for each in orders if each.value is not None]
    revenue = sum((each.value or Decimal(0) for each in lent if each.event == "order"), Decimal(0))
    refunds = sum((each.value or Decimal(0) for each in lent if each.event == "refund"), Decimal(0))
    count = sum(each.event == "order" for each in lent)
    cost = sum(
        (each.cost for each in ads if found.first <= each.day <= found.last and member(each.channel)),
        Decimal(0),
    )
    return {
        "cost": cost,
        "lent_people": len({each.person for each in lent if each.event in ("visit", "order")} - {None}),
        "mean_value": sum(values) / len(values) if values else None,
        "net": (revenue - refunds - cost) / (count or 1),
        "own_orders": len(orders),
        "people": len({each.person for each in own if each.event in ("visit", "order")} - {None}),
        "pieces": sum(int(str(each.more["quantity"] or 0)) for each in own),
        "refunds": refunds,
        "revenue": revenue,
        "roas": revenue / cost if cost else None,
        "top_value": max(values, default=None),
    }


def near(found: float | None, expected: object) -> bool:
    if found is None or expected is None:
        return found is expected
    return found == pytest.approx(float(str(expected)), rel=1e-12, abs=1e-12)


@settings(max_examples=effort(10), deadline=None)
@given(
    shops,
    st.sampled_from(["day", "week", "month", "total"]),
    st.booleans(),
    st.sampled_from(["previous", "week", "month"]),
)
def test_values_and_bases_are_what_adding_by_hand_gives(
    facts: tuple[list[Event], list[Spend]], grain: Grain, split: bool, compare: str
) -> None:
    shop = Shop(*facts, zone=ZONE)
    days = (date(2026, 3, 2), date(2026, 3, 16))
    by = ("channel",) if split else ()
    query = MetricQuery(METRICS, by, grain, Range(*days), None, (compare,))  # type: ignore[arg-type]
    space = workspace(*OWN, timezone=ZONE)
    cal = Calendar.of(space.console)
    listed = {each.name: each for each in periods(grain, *days, now=NOW, cal=cal, bounds=days)}
    for row in answer(shop, space, query, NOW).rows:
        member = row.by[0][1] if split else None
        taken = (lambda channel, member=member: channel == member) if split else (lambda channel: True)
        period = listed[row.period]
        assert near(row.value, oracle(*facts, slot(period), taken)[row.metric]), row
        beside = oracle(*facts, base(period, compare, NOW, cal), taken)[row.metric]  # type: ignore[arg-type]
        assert near(row.previous[compare], beside), row


@settings(max_examples=effort(10), deadline=None)
@given(
    shops,
    st.sampled_from(["day", "week", "total"]),
    st.sampled_from([(), ("channel",), ("source", "channel")]),
)
def test_the_daily_tables_give_the_same_as_the_facts(
    facts: tuple[list[Event], list[Spend]], grain: Grain, by: tuple[str, ...]
) -> None:
    shop, space = Shop(*facts, zone=ZONE), workspace(*OWN, timezone=ZONE)
    query = MetricQuery(METRICS, by, grain, Range(date(2026, 3, 1), date(2026, 3, 16)), None, ("week",))
    slow = MetricQuery(METRICS, by, grain, query.range, "line >= 0 or line is null", ("week",))
    assert answer(shop, space, query, NOW).rows == answer(shop, space, slow, NOW).rows


@settings(max_examples=effort(15), deadline=None)
@given(shops, st.sampled_from(["day", "week", "month"]))
def test_members_and_periods_of_sums_add_up_to_the_total(
    facts: tuple[list[Event], list[Spend]], grain: Grain
) -> None:
    shop, space = Shop(*facts, zone=ZONE), workspace(*OWN, timezone=ZONE)
    sums = ("cost", "own_orders", "refunds", "revenue")
    days = Range(date(2026, 3, 1), date(2026, 3, 16))
    whole = answer(shop, space, MetricQuery(sums, range=days), NOW).rows
    parts = answer(shop, space, MetricQuery(sums, ("channel",), grain, days), NOW).rows
    for row in whole:
        added = sum(part.value or 0 for part in parts if part.metric == row.metric)
        assert added == pytest.approx(row.value, abs=1e-9)


def at(day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute)


def values(rows: Sequence[MetricRow]) -> dict[tuple[object, ...], float | None]:
    return {(row.period, *(member for _, member in row.by)): row.value for row in rows}


def ask(
    shop: Shop, *metrics: str, now: datetime = NOW, own: tuple[Metric, ...] = (), **more: object
) -> tuple[MetricRow, ...]:
    return answer(shop, workspace(*own), MetricQuery(metrics, **more), now).rows  # type: ignore[arg-type]


def test_days_without_facts_are_listed_with_0_for_sums_and_nothing_for_rates() -> None:
    shop = Shop([Event(at(1), "order", value=Decimal(10)), Event(at(3), "order", value=Decimal(5))])
    assert values(ask(shop, "revenue", grain="day")) == {
        ("2026-03-01",): 10,
        ("2026-03-02",): 0,
        ("2026-03-03",): 5,
    }
    assert values(ask(shop, "aov", grain="day"))["2026-03-02",] is None


def test_a_metric_may_say_that_a_gap_is_null() -> None:
    shop = Shop([Event(at(1), "order"), Event(at(3), "order")])
    own = (simple("n", "count", where="event = 'order'", gap="null"),)
    assert [row.value for row in ask(shop, "n", own=own, grain="day")] == [1, None, 1]


def test_hours_of_the_day_on_which_clocks_go_back_are_told_apart() -> None:
    moments = [datetime(2026, 11, 1, 5, 30), datetime(2026, 11, 1, 6, 30), datetime(2026, 11, 1, 7, 30)]
    shop = Shop([Event(moment, "order") for moment in moments], zone=ZONE)
    rows = answer(shop, workspace(timezone=ZONE), MetricQuery(("orders",), grain="hour"), NOW).rows
    assert [row.period for row in rows if row.value] == [
        "2026-11-01T01:00-04:00", "2026-11-01T01:00-05:00", "2026-11-01T02:00-05:00",
    ]  # fmt: skip
    assert len(rows) == 25


def test_a_member_of_either_period_has_a_row() -> None:
    shop = Shop([Event(at(1), "order", channel="old"), Event(at(8), "order", channel="new")])
    rows = ask(
        shop, "orders", by=("channel",), range=Range(date(2026, 3, 8), date(2026, 3, 8)), compare=("week",)
    )
    assert [(row.by[0][1], row.value, row.previous["week"]) for row in rows] == [("new", 1, 0), ("old", 0, 1)]


def test_change_is_relative_and_missing_without_a_base() -> None:
    shop = Shop(
        [
            Event(at(1), "order", value=Decimal(4)),
            Event(at(8), "order", value=Decimal(3)),
            Event(at(9), "order", value=Decimal(3)),
        ]
    )
    rows = ask(
        shop, "revenue", grain="day", range=Range(date(2026, 3, 8), date(2026, 3, 9)), compare=("week",)
    )
    assert [row.change["week"] for row in rows] == [-0.25, None]


def test_a_running_day_leaves_out_what_came_later_on_the_day_of_its_base() -> None:
    shop = Shop([Event(at(9, 10), "order"), Event(at(9, 16), "order"), Event(at(16, 10), "order")])
    row = ask(shop, "orders", now=at(16, 12), grain="day", compare=("week",))[-1]
    assert (row.value, row.previous["week"], row.partial) == (1, 1, True)


def test_spend_rows_of_whole_days_count_whole_on_the_day_of_the_base() -> None:
    shop = Shop((), [Spend(date(2026, 3, 9), "a", Decimal(8)), Spend(date(2026, 3, 16), "a", Decimal(4))])
    row = ask(shop, "cost", now=at(16, 12), grain="day", compare=("week",))[-1]
    assert (row.value, row.previous["week"]) == (4, 8)


def test_own_credit_leaves_null_and_last_touch_finds_the_channel() -> None:
    shop = Shop(
        [Event(at(1), "ad_click", channel="a"), Event(at(2), "order"), Event(at(2), "order", person=9)]
    )
    own = (simple("plain", "count", where="event = 'order'"),)
    assert values(ask(shop, "plain", own=own, by=("channel",)))[None, None] == 2
    assert {row.by[0][1]: row.value for row in ask(shop, "orders", by=("channel",))} == {"a": 1, "direct": 1}
    assert [row.value for row in ask(shop, "orders", where="channel = 'a'")] == [1]


def test_free_traffic_has_no_cost_per_click() -> None:
    shop = Shop(
        (),
        [
            Spend(date(2026, 3, 1), "free", Decimal(0), 5, 100),
            Spend(date(2026, 3, 1), "paid", Decimal(8), 4, 100),
        ],
    )
    assert [row.value for row in ask(shop, "cpc", by=("channel",))] == [None, 2]
    assert [row.value for row in ask(shop, "cpm", by=("channel",))] == [None, 80]


def test_reach_is_answered_only_where_nothing_has_to_be_added() -> None:
    rows = [Spend(date(2026, 3, day), "a", Decimal(1), more={"reach": 100}) for day in (1, 2)]
    assert [row.value for row in ask(Shop((), rows), "reach", grain="day")] == [100, 100]
    assert [row.value for row in ask(Shop((), rows), "reach")] == [None]


def test_contributions_of_channels_sum_to_one() -> None:
    shop = Shop(
        [Event(at(1), "order", n, channel=channel) for n, channel in enumerate(("a", "a", "b", None))]
    )
    rows = ask(shop, "channel_contribution", by=("channel",))
    assert [(row.by[0][1], row.value) for row in rows] == [("a", 0.5), ("b", 0.25), ("direct", 0.25)]


def test_persons_with_two_orders_repurchase_and_first_orders_are_new() -> None:
    shop = Shop(
        [
            Event(at(1), "order", 1),
            Event(at(5), "order", 1),
            Event(at(5), "order", 2),
            Event(at(6), "order", 2),
        ]
    )
    later = Range(date(2026, 3, 5), date(2026, 3, 6))
    found = {
        row.metric: row.value
        for row in ask(shop, "repurchase_rate", "new_customers", "returning_customers", range=later)
    }
    assert found == {"new_customers": 1, "repurchase_rate": 0.5, "returning_customers": 1}


def test_retention_counts_new_persons_that_are_old_enough() -> None:
    shop = Shop(
        [
            Event(at(1), "visit", 1),
            Event(at(2), "visit", 1),
            Event(at(1), "visit", 2),
            Event(at(16), "visit", 3),
        ]
    )
    (row,) = ask(shop, "retention_d1")
    assert (row.num, row.den, row.value) == (1, 2, 0.5)
    assert [row.value for row in ask(shop, "retention_d30")] == [None]


def test_churn_is_who_was_active_before_and_stayed_away_30_days() -> None:
    shop = Shop(
        [
            Event(datetime(2026, 1, 20), "visit", 1),
            Event(datetime(2026, 1, 20), "visit", 2),
            Event(at(10), "visit", 2),
        ]
    )
    (row,) = ask(shop, "churn_rate", range=Range(date(2026, 2, 1), date(2026, 3, 15)))
    assert (row.num, row.den) == (1, 2)


def test_the_most_valuable_members_of_the_first_metric_are_kept() -> None:
    shop = Shop(
        [
            Event(at(1), "order", value=Decimal(value), channel=name)
            for name, value in (("a", 1), ("b", 9), ("c", 5))
        ]
    )
    rows = ask(shop, "revenue", "orders", by=("channel",), top=2)
    assert [(row.metric, row.by[0][1]) for row in rows] == [
        ("orders", "b"),
        ("orders", "c"),
        ("revenue", "b"),
        ("revenue", "c"),
    ]


def test_rows_are_sorted_with_no_value_last() -> None:
    shop = Shop([Event(at(1), "visit", channel=channel) for channel in (None, "b", "a")])
    assert [row.by[0][1] for row in ask(shop, "pv", by=("channel",))] == ["a", "b", None]


def test_props_group_and_filter_like_other_columns() -> None:
    facts = [
        Event(at(1), "order", more={"store": store, "size": size})
        for store, size in (("x", 1.0), ("y", 2.5), ("x", 3.0))
    ]
    shop = Shop(facts, props={"store": "text", "size": "number"})
    assert {row.by[0][1]: row.value for row in ask(shop, "orders", by=("store",), where="size > 1")} == {
        "x": 1,
        "y": 1,
    }
    assert [row.by[0][1] for row in ask(shop, "orders", by=("size",))] == ["1", "2.5", "3"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (MetricQuery(("revenu",)), 'no metric "revenu"; nearest: revenue'),
        (MetricQuery(("cost",), ("product",)), 'no dimension of spend (read by cost) "product"'),
        (MetricQuery(("roas",), ("product",)), 'no dimension of spend (read by roas) "product"'),
        (MetricQuery(("pv",), ("chanel",)), 'no dimension of events (read by pv) "chanel"; nearest: channel'),
        (MetricQuery(("cost",), where="product = 'x'"), 'no column of spend (read by cost) "product"'),
        (MetricQuery(("revenue",), ("person",)), 'no dimension of events (read by revenue) "person"'),
    ],
)  # fmt: skip
def test_a_name_that_a_table_lacks_is_an_error_that_says_which(query: MetricQuery, words: str) -> None:
    with pytest.raises(UnknownName) as caught:
        answer(Shop(), workspace(), query, NOW)
    assert str(caught.value).startswith(words)


@pytest.mark.parametrize("query", [
    MetricQuery(()), MetricQuery(("cost",), ("channel", "channel")), MetricQuery(("cost",), top=0),
    MetricQuery(("cost",), where="channel ="),
    MetricQuery(("cost",), range=Range(date(2026, 3, 2), date(2026, 3, 1))),
    MetricQuery(("retention_d1",), grain="hour"),
])  # fmt: skip
def test_a_question_that_means_nothing_is_refused(query: MetricQuery) -> None:
    with pytest.raises(UsageError):
        answer(
            Shop([Event(at(1), "visit")], [Spend(date(2026, 3, 1), "a", Decimal(1))]), workspace(), query, NOW
        )


def test_an_empty_shop_answers_with_nothing_listed_and_0_in_total() -> None:
    assert ask(Shop(), "revenue", grain="day") == ()
    assert [row.value for row in ask(Shop(), "revenue", "roas")] == [0, None]


def test_many_metrics_are_read_with_one_query_a_relation_and_kept() -> None:
    shop = Shop([Event(at(1), "order", value=Decimal(3))], [Spend(date(2026, 3, 1), "a", Decimal(1))])
    names = (
        "revenue",
        "orders",
        "refunds",
        "aov",
        "roi",
        "cost",
        "ctr",
        "cpc",
        "visits",
        "bounce_rate",
        "new_customers",
    )
    asked = [ask(shop, *names, by=("channel",), compare=("week",)) for _ in range(2)]
    assert asked[0] == asked[1]
    assert shop.queries <= 5


def test_json_has_every_key_and_objects_only_for_several_comparisons() -> None:
    shop = Shop([Event(at(1), "order", value=Decimal("3.50"), channel="a")])
    one = MetricQuery(("aov",), ("channel",), "day", compare=("week",))
    found = to_json(answer(shop, workspace(timezone="Asia/Shanghai"), one, NOW), one)
    assert found == {
        "as_of": "2026-03-16T23:20:00+08:00",
        "timezone": "Asia/Shanghai",
        "rows": [{
            "metric": "aov", "period": "2026-03-01", "channel": "a", "value": 3.5, "num": 3.5, "den": 1,
            "previous": None, "change": None, "target": None, "partial": False, "provisional": False,
            "pace": None, "pace_by": None, "status": "unknown",
        }],
        "definition": {}, "watermark": "",
    }  # fmt: skip
    several = MetricQuery(("aov",), compare=("week", "year"))
    listed = to_json(answer(shop, workspace(), several, NOW), several)["rows"]
    assert isinstance(listed, list)
    row = listed[0]
    assert row["previous"] == row["change"] == {"week": None, "year": None}
