"""The laws of a trace: its lines add up to the number, and at every hop no row is lost in silence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.derive import shipped
from engine.errors import UnknownName, UsageError
from engine.expressions import parse
from engine.lineage import Ground, to_json, trace
from engine.metrics import BUILTIN, answer
from engine.metrics.plan import LISTED_BY, resolve
from engine.questions import MetricQuery, Range, Status, Trace, TraceQuery
from engine.workspace.model import Metric, Workspace
from tests.effort import EFFORT, effort
from tests.engine.metrics.shop import Event, Shop, Spend, simple, workspace

ZONE = "America/New_York"
FIRST = datetime(2026, 2, 20)
NOW = datetime(2026, 3, 16, 15, 20)
OWN = (
    simple("distinct_channels", "count_distinct", "channel"),
    simple("mean_value", "avg", "value", "event = 'order'"),
    simple("pieces", "sum", "quantity"),
    simple("person_days", "count", table="person_days"),
    simple("cubed", "sum", "customers", table="new_customers"),
    Metric("net", "derived", expr=parse("(revenue - refunds - cost) / coalesce(nullif(orders, 0), 1)")),
)
ADDED = ("sum", "count", "count_distinct")
KINDS = ["visit", "view", "order", "order", "refund", "ad_click", "lead", "message_sent", "rating"]

events = st.builds(
    Event,
    st.integers(0, 24 * 24 * 6 - 60).map(lambda n: FIRST + timedelta(minutes=10 * n)),
    st.sampled_from(KINDS),
    st.sampled_from([1, 2, 3, None]),
    st.one_of(st.none(), st.decimals(0, 99, places=2)),
    st.sampled_from([None, None, "direct", "a", "b"]),
    st.builds(lambda n: {"quantity": n}, st.sampled_from([None, Decimal(1), Decimal(3)])),
)
spends = st.builds(
    Spend,
    st.integers(0, 22).map(lambda n: FIRST.date() + timedelta(days=n)),
    st.sampled_from([None, "a", "b"]),
    st.decimals(0, 50, places=2),
    st.integers(0, 9),
)
shops = st.tuples(st.lists(events, max_size=25), st.lists(spends, max_size=6))
PERIODS = (None, "2026-03-05", "2026-03", "2026-Q1", "2026", "2026-03-05T13:00-05:00")


def ground(shop: Shop, space: Workspace) -> Ground:
    """What a trace over the shop stands on."""
    counts = {
        table: int(str(shop.rows(f'SELECT count(*) FROM "{table}"')[0][0])) for table in ("events", "spend")
    }
    status = Status(NOW, counts, 0, 0, 0, (), (), ())
    return Ground(
        shop, space, NOW, status, shipped(True), lambda keys: {key: f"p_{key}" for key in keys}, "w"
    )


def branches(found: Trace) -> Iterator[Trace]:
    """A trace and all traces below it."""
    yield found
    for operand in found.operands:
        yield from branches(operand)


def asked(space: Workspace, name: str, period: str | None) -> bool:
    """Whether a metric can be asked by that period: some know days only."""
    return (
        period is None
        or "T" not in period
        or not any(
            measure.table in {*LISTED_BY, "person_days", "new_customers"}
            for measure in resolve(space, name).measures
        )
    )


def check(space: Workspace, found: Trace) -> None:
    """The laws of one trace, operands included."""
    for each in branches(found):
        if each.metric.startswith("funnel:"):
            continue
        metric = space.metrics[each.metric]
        for hop in each.hops:
            if hop.before is not None and not (hop.kind == "units" and not hop.removed):
                assert hop.before - sum(one.rows for one in hop.removed) == hop.rows
        if each.operands or metric.kind in ("cumulative", "conversion"):
            assert not each.lines
            continue
        assert len(each.lines) == each.total_lines
        assert [hop.rows for hop in each.hops if hop.kind == "rules"] == [each.total_lines]
        values = [line.value for line in each.lines if line.value is not None]
        if metric.agg in ADDED and metric.kind == "simple":
            assert sum(values, Decimal()) == (each.value or 0)
        elif metric.agg == "avg":
            assert (each.value is None) == (not values)
            assert not values or abs(sum(values, Decimal()) / len(values) - (each.value or 0)) < Decimal(
                "1e-20"
            )


def compare(shop: Shop, space: Workspace, name: str, period: str | None, where: str | None) -> None:
    """A trace keeps the laws and has the value that `looptop metrics` has."""
    if not asked(space, name, period) or (where and "churn" in tables_of(space, name)):
        return
    found = trace(ground(shop, space), TraceQuery(name, period, where=where, limit=None))
    check(space, found)
    assert found.period == period
    expected = value_of(shop, space, name, period, where)
    if expected is None or found.value is None:
        assert (expected, found.value) == (None, None)
    else:
        assert float(found.value) == expected


NAMES = sorted({*BUILTIN, *(metric.name for metric in OWN)})


@settings(max_examples=effort(8), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    shops,
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True),
    st.sampled_from(PERIODS),
    st.sampled_from([None, "channel = 'a'"]),
)
def test_lines_add_up_to_what_metrics_answers(
    facts: tuple[list[Event], list[Spend]], names: list[str], period: str | None, where: str | None
) -> None:
    shop, space = Shop(*facts, zone=ZONE), workspace(*OWN, timezone=ZONE)
    for name in names:
        compare(shop, space, name, period, where)


RICH = Shop(
    [
        Event(
            FIRST + timedelta(hours=7 * n, minutes=n % 3),
            KINDS[n % len(KINDS)],
            (1, 2, 3, 4, None)[n * n % 5],
            Decimal(n) / 4 if n % 4 else None,
            (None, None, "direct", "a", "b")[n % 5],
            {"score": float(n % 5), "valid": n % 2 == 0},
        )
        for n in range(80)
    ],
    [Spend(FIRST.date() + timedelta(days=n), "ab"[n % 2], Decimal(n), n, 10 * n) for n in range(23)],
    zone=ZONE,
)


@pytest.mark.parametrize("period", PERIODS)
def test_the_laws_hold_for_every_metric_of_one_rich_shop(period: str | None) -> None:
    """All metrics in all and by a day; of the other periods a third of them each, unless asked for."""
    space, at = workspace(*OWN, timezone=ZONE), PERIODS.index(period)
    for name in NAMES if at < 2 or EFFORT >= 1 else NAMES[at % 3 :: 3]:
        compare(RICH, space, name, period, None)


def tables_of(space: Workspace, name: str) -> set[str]:
    """The tables that a metric reads."""
    return {measure.table for measure in resolve(space, name).measures}


def value_of(shop: Shop, space: Workspace, name: str, period: str | None, where: str | None) -> float | None:
    """What `looptop metrics` says of the period."""
    if period is None:
        return answer(shop, space, MetricQuery((name,), where=where), NOW).rows[0].value
    grain = {10: "day", 7: "quarter" if "Q" in period else "month", 4: "year"}.get(len(period), "hour")
    span = (
        Range(date(2026, 1, 1), date(2026, 12, 31))
        if grain != "hour"
        else Range(date(2026, 3, 5), date(2026, 3, 5))
    )
    rows = answer(shop, space, MetricQuery((name,), (), grain, span, where), NOW).rows  # type: ignore[arg-type]
    return next(row.value for row in rows if row.period == period)


@settings(max_examples=effort(20), deadline=None)
@given(shops)
def test_the_touch_of_a_line_is_the_one_that_gave_it_its_channel(
    facts: tuple[list[Event], list[Spend]],
) -> None:
    shop, space = Shop(*facts, zone=ZONE), workspace(timezone=ZONE)
    for name in ("orders", "revenue", "leads", "new_customers"):
        for line in trace(ground(shop, space), TraceQuery(name)).lines:
            own = facts[0][line.line - 2].channel
            assert line.channel == (own or (line.touch.channel if line.touch else "direct"))
            if line.touch is not None:
                there = facts[0][line.touch.line - 2]
                assert own is None and there.channel not in (None, "direct")
                assert there.person == facts[0][line.line - 2].person
                assert timedelta() <= (line.ts or NOW) - there.ts <= timedelta(days=30)


def test_a_visit_stands_on_one_line_and_shows_all_of_its_facts() -> None:
    at = datetime(2026, 3, 5, 12)
    facts = [Event(at + timedelta(minutes=n), "view") for n in (0, 20, 40, 90)]
    found = trace(ground(Shop(facts), workspace()), TraceQuery("visits", "2026-03-05"))
    assert found.value == 2
    assert [line.value for line in found.lines] == [1, None, None, 1]
    assert [(hop.kind, hop.name, hop.rows) for hop in found.hops[1:]] == [
        ("derived", "session_days", 1), ("derived", "sessions", 2), ("table", "events", 4),
        ("units", "visits", 2), ("rules", "events", 4),
    ]  # fmt: skip


def test_every_rule_says_what_it_removed() -> None:
    at = datetime(2026, 3, 5, 12)
    facts = [
        Event(at, "order", value=Decimal(5), channel="a"),
        Event(at, "order", value=Decimal(7), channel="b"),
        Event(at, "order", channel="a"),
        Event(at, "order", channel="a", more={"value": Decimal(9), "amount": None}),
        Event(at, "visit"),
        Event(at - timedelta(days=3), "order", value=Decimal(1), channel="a"),
    ]
    found = trace(
        ground(Shop(facts), workspace()), TraceQuery("revenue", "2026-03-05", where="channel = 'a'")
    )
    assert found.value == 5
    removed = {one.rule: one.rows for hop in found.hops for one in hop.removed}
    assert removed == {"period": 1, "metric": 1, "where": 1, "rate": 1, "empty": 1}


def test_facts_of_nobody_are_said_where_persons_are_counted() -> None:
    at = datetime(2026, 3, 5, 12)
    facts = [
        Event(at, "visit"),
        Event(at, "view"),
        Event(at, "visit", person=None),
        Event(at, "visit", person=2),
    ]
    found = trace(ground(Shop(facts), workspace()), TraceQuery("uv"))
    assert {one.rule: one.rows for hop in found.hops for one in hop.removed} == {"metric": 0, "person": 1}
    assert [(line.value, line.person) for line in found.lines] == [
        (Decimal(1), "p_1"),
        (None, "p_1"),
        (Decimal(1), "p_2"),
    ]
    assert [(hop.name, hop.before, hop.rows) for hop in found.hops if hop.kind == "units"] == [
        ("persons", 3, 2)
    ]


def test_a_ratio_has_a_branch_for_each_operand() -> None:
    shop = Shop(
        [Event(datetime(2026, 3, 5), "order", value=Decimal(9))], [Spend(date(2026, 3, 5), "a", Decimal(3))]
    )
    found = trace(ground(shop, workspace()), TraceQuery("roas"))
    assert (found.value, found.lines, found.total_lines) == (Decimal(3), (), 0)
    assert [(one.metric, one.value, one.total_lines) for one in found.operands] == [
        ("revenue", Decimal(9), 1),
        ("cost", Decimal(3), 1),
    ]
    document = to_json(found)
    assert [set(one) for one in document["operands"]] == [set(document)] * 2  # type: ignore[attr-defined]


def test_a_limit_cuts_the_lines_and_not_their_count() -> None:
    shop = Shop([Event(datetime(2026, 3, 5), "order", person=n) for n in range(9)])
    found = trace(ground(shop, workspace()), TraceQuery("orders", limit=4))
    assert (len(found.lines), found.total_lines) == (4, 9)


def test_periods_have_one_name_each() -> None:
    shop, space = Shop([Event(datetime(2026, 3, 5, 12), "order")]), workspace()
    held = ground(shop, space)
    week = trace(held, TraceQuery("orders", "2026-03-05", "week"))
    assert (week.period, week.value) == ("2026-03-02", Decimal(1))
    hour = trace(held, TraceQuery("orders", "2026-03-05T13:00+01:00"))
    assert (hour.period, hour.value) == ("2026-03-05T12:00+00:00", Decimal(1))
    cut = trace(held, TraceQuery("orders", "2026-03", range=Range(date(2026, 3, 6), None)))
    assert (cut.period, cut.value) == ("2026-03", Decimal(0))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (TraceQuery("revenu"), "nearest: revenue"),
        (TraceQuery("revenue", "2026-13"), "is no period"),
        (TraceQuery("revenue", "2026-03", "week"), "grain month"),
        (TraceQuery("revenue", "2026-03", range=Range(date(2026, 4, 1), None)), "leaves nothing"),
        (TraceQuery("revenue", "2026-03-05T12:30"), "no hour begins"),
        (TraceQuery("revenue", where="chanel = 'a'"), "nearest: channel"),
        (TraceQuery("revenue", step=2), "step of a funnel"),
        (TraceQuery("funnel:buy"), "no funnel"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.metric,
)
def test_a_mistake_is_said(query: TraceQuery, said: str) -> None:
    with pytest.raises((UnknownName, UsageError), match=said):
        trace(ground(Shop(), workspace()), query)


def test_every_built_in_metric_can_be_traced_where_there_is_nothing() -> None:
    held = ground(Shop(), workspace())
    assert all(trace(held, TraceQuery(name)).metric == name for name in BUILTIN)
