"""Rules over real relations: gaps, freshness, members that vanish, periods that still run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from engine.alerts import Ledger, Memo, evaluate
from engine.alerts.reading.periods import axis
from engine.metrics import BUILTIN
from engine.questions import Alert
from engine.workspace.model import EventRule, Funnel, Metric, Rule, Source, Step, Target, Workspace
from tests.engine.alerts.points import rule
from tests.engine.metrics import shop
from tests.engine.metrics.shop import Event, Shop, Spend

FIRST = datetime(2026, 3, 2)
POINTS = shop.simple("points", "sum", "value", "event = 'point'", gap="null")
HOURS = [2, 1, 1, 1, 1, 2, 4, 6, 7, 8, 6, 6, 6, 6, 6, 6, 6, 6, 6, 5, 3, 2, 2, 1]


def orders(days: Iterable[int], channel: str) -> list[Event]:
    return [Event(FIRST + timedelta(days=d, hours=12), "order", d, Decimal(10), channel) for d in days]


def views(days: Iterable[int], channel: str) -> list[Event]:
    return [Event(FIRST + timedelta(days=d, hours=11), "view", d + 100, None, channel) for d in days]


def with_rule(given: Rule, sources: tuple[Source, ...] = ()) -> Workspace:
    work = shop.workspace(POINTS, sources=sources)
    return replace(work, rules={given.name: given})


def look(facts: Shop, work: Workspace, now: datetime, ledger: Ledger | None = None) -> tuple[Alert, ...]:
    return evaluate(facts, work, ledger or Ledger(None), now, detected_at=now).alerts


def states(alerts: Sequence[Alert]) -> dict[str | None, tuple[str, float | None]]:
    return {each.labels.get("channel"): (each.state, each.value) for each in alerts}


def test_a_day_without_orders_is_zero_while_the_channel_lives() -> None:
    facts = Shop([*orders(range(4), "a"), *views(range(6), "a"), *orders(range(6), "b")])
    found = look(facts, with_rule(rule("orders < 1", by=("channel",))), FIRST + timedelta(days=6))
    assert states(found) == {"a": ("firing", 0.0), "b": ("ok", 1.0)}


def test_a_member_that_was_not_seen_for_long_is_unknown_and_its_alert_ends_as_stale() -> None:
    facts, ledger = Shop([*orders([0, 1], "a"), *orders(range(9), "b")]), Ledger(None)
    given = rule("orders < 1", by=("channel",), member_ttl_periods=2)
    found = look(facts, with_rule(given), FIRST + timedelta(days=9), ledger)
    look(facts, with_rule(given), FIRST + timedelta(days=9), ledger)
    assert states(found)["a"] == ("ok", None)
    assert [(t.period, t.event, t.reason) for t in ledger.history()] == [
        ("2026-03-04", "firing", None), ("2026-03-07", "resolved", "stale"),
    ]  # fmt: skip


def test_a_silent_source_is_unknown_and_not_zero() -> None:
    hours = 3_600_000_000
    web = Source("web", ("w.csv",), "events", event=EventRule(constant="order"), stale_after_us=48 * hours)
    facts = Shop(orders(range(3), "a"))
    found = look(facts, with_rule(rule("orders < 1"), (web,)), FIRST + timedelta(days=8))
    assert (found[0].state, found[0].value) == ("firing", None)
    assert found[0].active_at == "2026-03-05"


def test_a_running_day_is_compared_with_the_same_part_of_the_day_before() -> None:
    now = FIRST + timedelta(days=2, hours=10)
    given = rule("change(points, previous) < -30%", on_incomplete="same_elapsed")
    calm, ledger = _hours(HOURS, HOURS[:10]), Ledger(None)
    assert look(calm, with_rule(given), now, ledger)[0].state == "ok"
    slow = _hours(HOURS, [1, 1, 0, 1, 1, 1, 2, 4, 4, 5])
    (alert,) = look(slow, with_rule(given), now + timedelta(seconds=1), ledger)
    assert (alert.state, alert.value, alert.expected, alert.partial) == ("firing", 20.0, 33.0, True)
    (fired,) = ledger.history()
    assert (fired.period, fired.event, fired.partial) == ("2026-03-04", "firing", True)


def _hours(yesterday: Sequence[int], today: Sequence[int]) -> Shop:
    at = FIRST + timedelta(days=1, minutes=30)
    both = [*enumerate(yesterday), *enumerate(today, 24)]
    return Shop([Event(at + timedelta(hours=h), "point", 1, Decimal(value)) for h, value in both])


def test_a_day_that_fired_while_it_ran_and_ended_well_is_resolved_not_withdrawn() -> None:
    given, ledger = rule("change(points, previous) < -30%", on_incomplete="same_elapsed"), Ledger(None)
    slow = [1, 1, 0, 1, 1, 1, 2, 4, 4, 5]
    look(_hours(HOURS, slow), with_rule(given), FIRST + timedelta(days=2, hours=10), ledger)
    look(_hours(HOURS, [*slow, *[8] * 14]), with_rule(given), FIRST + timedelta(days=3), ledger)
    assert [(t.period, t.event) for t in ledger.history()] == [
        ("2026-03-04", "firing"),
        ("2026-03-04", "resolved"),
    ]
    assert [m.kind for m in ledger.outbox()] == ["firing", "resolved"]


def test_an_upper_bound_may_fire_before_the_day_is_over_and_a_lower_one_may_not() -> None:
    now = FIRST + timedelta(days=2, hours=15)
    facts = _hours(HOURS, [200, 1])
    upper = rule("points > 150", on_incomplete="early")
    assert [a.state for a in look(facts, with_rule(upper), now)] == ["firing"]
    lower = rule("points < 1000", on_incomplete="early")
    assert look(facts, with_rule(lower), now)[0].active_at == "2026-03-03"


def test_the_same_elapsed_part_says_nothing_against_a_lower_bound_of_the_whole_day() -> None:
    now, facts = FIRST + timedelta(days=2, hours=12), _hours(HOURS, [4] * 12)
    lower = rule("points < 60", on_incomplete="same_elapsed")
    assert look(facts, with_rule(lower), now)[0].state == "ok"
    both = rule("change(points, previous) > -60% and points > 40", on_incomplete="same_elapsed")
    assert [a.active_at for a in look(facts, with_rule(both), now)] == ["2026-03-04"]


def test_hours_are_those_that_there_were_when_summer_time_begins_and_ends() -> None:
    spring = axis("hour", date(2026, 3, 8), datetime(2026, 3, 8, 8, 30), "America/New_York")
    assert [each[11:] for each in spring.labels] == [
        "00:00-05:00",
        "01:00-05:00",
        "03:00-04:00",
        "04:00-04:00",
    ]
    autumn = axis("hour", date(2026, 11, 1), datetime(2026, 11, 1, 7, 30), "America/New_York")
    assert [each[11:] for each in autumn.labels] == [
        "00:00-04:00",
        "01:00-04:00",
        "01:00-05:00",
        "02:00-05:00",
    ]
    for line in (spring, autumn):
        assert [end - begin for begin, end in pairwise(line.ends)] == [timedelta(hours=1)] * 3
        assert line.complete == 3


def test_rates_by_channel_need_evidence() -> None:
    days = [date(2026, 3, 2) + timedelta(days=d) for d in range(2)]
    facts = Shop(spend=[Spend(day, channel, Decimal(5), clicks, shown) for day in days
                        for channel, clicks, shown in (("a", 1, 60), ("b", 10, 9000))])  # fmt: skip
    given = rule("ctr < 2%", by=("channel",), evidence="bound")
    found = look(facts, with_rule(given), FIRST + timedelta(days=2))
    assert {m: s for m, (s, _) in states(found).items()} == {
        "a": "ok", "b": "firing",
    }  # fmt: skip


def test_nothing_new_asks_nothing() -> None:
    facts, ledger, memo = Shop(orders(range(40), "a")), Ledger(None), Memo()
    work, now = with_rule(rule("orders < 1", by=("channel",))), FIRST + timedelta(days=40)
    first = evaluate(facts, work, ledger, now, detected_at=now, memo=memo)
    asked = facts.queries
    assert evaluate(facts, work, ledger, now, detected_at=now, memo=memo) == first
    assert facts.queries == asked


def test_weeks_and_months_are_judged_when_they_are_over() -> None:
    facts, ledger = Shop(orders(range(70), "a")), Ledger(None)
    week, month = rule("orders > 6", grain="week"), replace(rule("orders > 29", grain="month"), name="m")
    work = replace(with_rule(week), rules={"r": week, "m": month})
    look(facts, work, FIRST + timedelta(days=70), ledger)
    assert [(t.rule, t.period, t.event) for t in ledger.history()] == [
        ("m", "2026-04", "firing"), ("r", "2026-03-02", "firing"),
    ]  # fmt: skip


def test_a_funnel_metric_and_a_cumulative_one_are_judged_like_any_other() -> None:
    buy = Funnel("buy", (Step(("view",)), Step(("order",))), window_us=86_400_000_000)
    own = (
        Metric("bought", "funnel", funnel="buy", unit="percent"),
        Metric("three_days", "cumulative", base="orders", window_days=3),
    )
    seen = [Event(FIRST + timedelta(days=d, hours=11), "view", n) for d in range(6) for n in range(40)]
    won = [Event(FIRST + timedelta(days=d, hours=12), "order", n) for d in range(5) for n in range(30)]
    rules = {
        "rate": replace(rule("bought < 50%"), name="rate"),
        "sum": replace(rule("three_days < 70"), name="sum"),
    }
    work = replace(shop.workspace(*own, funnels=(buy,)), rules=rules)
    ledger = Ledger(None)
    look(Shop([*seen, *won]), work, FIRST + timedelta(days=6), ledger)
    assert [(t.rule, t.period, t.event) for t in ledger.history() if t.rule == "rate"] == [
        ("rate", "2026-03-07", "firing")
    ]
    assert [(t.period, t.event) for t in ledger.history() if t.rule == "sum"] == [
        ("2026-03-02", "firing"), ("2026-03-04", "resolved"), ("2026-03-07", "firing"),
    ]  # fmt: skip


def test_the_pace_of_a_budget_is_judged_as_tiles_and_metrics_show_it() -> None:
    budget = Target("cost", "2026-03-04", Decimal(10))
    cost = replace(BUILTIN["cost"], targets=(budget, replace(budget, period="2026-03-05")))
    spend = [Spend(date(2026, 3, 4), "a", Decimal(9)), Spend(date(2026, 3, 5), "a", Decimal(13))]
    work = replace(shop.workspace(cost), rules={"r": rule("pace(cost) > 1.2")})
    (found,) = look(Shop(spend=spend), work, datetime(2026, 3, 6))
    assert (found.state, found.active_at) == ("firing", "2026-03-05")


def test_a_budget_burns_too_fast_when_the_week_and_the_day_say_so_and_is_over_when_the_day_does_not() -> None:
    days = [date(2026, 3, 2) + timedelta(days=d) for d in range(10)]
    cost = replace(BUILTIN["cost"], targets=tuple(Target("cost", d.isoformat(), Decimal(10)) for d in days))
    spent = [10, 10, 10, 10, 30, 10, 10, 13, 13, 9]
    facts = Shop(spend=[Spend(day, "a", Decimal(much)) for day, much in zip(days, spent, strict=True)])
    given, ledger = rule("pace(cost, 4) > 120% and pace(cost, 1) > 120%"), Ledger(None)
    look(facts, replace(shop.workspace(cost), rules={"r": given}), datetime(2026, 3, 12), ledger)
    assert [(t.period, t.event) for t in ledger.history()] == [
        ("2026-03-06", "firing"), ("2026-03-07", "resolved"), ("2026-03-09", "firing"),
        ("2026-03-10", "resolved"),
    ]  # fmt: skip
    early = rule("pace(cost, 7) > 0")
    assert (
        look(facts, replace(shop.workspace(cost), rules={"r": early}), datetime(2026, 3, 8))[0].state == "ok"
    )


def test_a_rate_rule_says_how_many_visits_it_needs() -> None:
    from engine.alerts.judging.rules import least_volume, ready

    work = shop.workspace()
    assert least_volume(work, ready(work, rule("ctr < 2%", evidence="bound"))) == 133
    assert least_volume(work, ready(work, rule("ctr < 2%", evidence="point"))) is None
    assert least_volume(work, ready(work, rule("clicks < 2", evidence="bound"))) is None


def test_hours_are_judged_against_their_day_and_week() -> None:
    shape = [2, 1, 1, 1, 1, 2, 4, 6, 7, 8, 6, 6, 6, 6, 6, 6, 6, 6, 6, 5, 3, 2, 2, 1]
    last = FIRST + timedelta(days=30, hours=11)
    moments = [FIRST + timedelta(hours=h, minutes=30) for h in range(24 * 30 + 11)]
    values = [Decimal(100 * shape[at.hour] + (n * 37) % 29) for n, at in enumerate(moments)]
    calm, ledger = [Event(at, "point", 1, v) for at, v in zip(moments, values, strict=True)], Ledger(None)
    given = with_rule(rule("anomaly(points) < -3.6", grain="hour"))
    fallen = [*calm[:-1], replace(calm[-1], value=Decimal(300))]
    (found,) = look(Shop(fallen), given, last, ledger)
    assert (found.state, found.value, len(ledger.history())) == ("firing", 300.0, 1)
    assert found.expected is not None and 550 < found.expected < 700
