"""`anomaly(m)` in rules: what fires, what it says was expected, what the calendar does to it."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.alerts import AlertFacts, Ledger, Memo, evaluate
from engine.questions import Alert
from engine.workspace.model import CalendarDay, Rule
from tests.effort import effort
from tests.engine.alerts.points import START, Points, Value, end, rule, workspace

WEEK = [100, 110, 105, 98, 120, 60, 50]


def weeks(count: int) -> list[Value]:
    """Days of a shop whose weekends are quiet, a little restless."""
    return [WEEK[i % 7] * 10 + (i * 37) % 29 - 14.0 for i in range(7 * count)]


def look(
    given: Rule,
    line: Sequence[Value],
    facts: AlertFacts | None = None,
    ledger: Ledger | None = None,
    **more: Any,
) -> Alert:
    """The alert of a rule after the last day of a series."""
    points, now = Points({"all": {"value": line}}), end(len(line) - 1)
    answer = evaluate(
        points, workspace(given), ledger or Ledger(None), now,
        detected_at=now, answer=points.answer, facts=facts,
    )  # fmt: skip
    return answer.alerts[0]


def fired(given: Rule, line: Sequence[Value], facts: AlertFacts | None = None) -> list[int]:
    ledger = Ledger(None)
    look(given, line, facts, ledger)
    return [(date.fromisoformat(t.period) - START).days for t in ledger.history() if t.event == "firing"]


def marks(*days: tuple[int, str, str, str | None, float | None]) -> AlertFacts:
    """Facts with calendar days given as (day of the series, name, kind, effect, factor)."""
    return AlertFacts(
        calendar=tuple(CalendarDay(START + timedelta(days=at), *rest) for at, *rest in days)  # type: ignore[arg-type]
    )


FALL = rule("anomaly(m_value) < -3.5")
BOTH = rule("abs(anomaly(m_value)) > 3.5")


def test_a_quiet_saturday_is_usual_and_a_saturday_like_a_monday_is_not() -> None:
    line = weeks(8)
    line[54] = 1000.0
    assert fired(BOTH, line) == [54]
    assert fired(FALL, line) == []
    assert fired(BOTH, weeks(9)) == []


def test_an_anomaly_says_what_was_expected_and_between_what() -> None:
    line = weeks(8)
    line[55] = 200.0
    ledger = Ledger(None)
    points, now, work = Points({"all": {"value": line}}), end(55), workspace(FALL)
    memo = Memo()
    alert = evaluate(points, work, ledger, now, detected_at=now, answer=points.answer, memo=memo).alerts[0]
    judged = memo.judged["r", ()][1]
    assert alert.state == "firing"
    assert alert.expected == judged.expected == pytest.approx(500, rel=0.05)
    assert judged.low is not None and judged.high is not None and judged.expected is not None
    assert 200 < judged.low < judged.expected < judged.high < 600
    low, middle, high = (math.log1p(each) for each in (judged.low, judged.expected, judged.high))
    assert middle - low == pytest.approx(high - middle)


def test_with_too_little_history_nothing_is_known() -> None:
    assert look(FALL, [*weeks(2), 1.0]).expected is None
    assert fired(FALL, [*weeks(2), 1.0]) == []
    assert fired(rule("anomaly(m_value) < -3.5", min_history=2), [*weeks(2), 1.0]) == [14]


def test_a_fall_that_lasts_fires_on_and_is_normal_after_fourteen_days() -> None:
    line = weeks(8) + [each and each * 0.5 for each in weeks(4)]  # type: ignore[operator]
    ledger = Ledger(None)
    look(FALL, line, ledger=ledger)
    told = [((date.fromisoformat(t.period) - START).days, t.event) for t in ledger.history()]
    assert told[0] == (56, "firing")
    assert told[1][1] == "resolved"
    assert 56 + 13 < told[1][0] < 56 + 28


def test_firing_days_teach_the_baseline_nothing() -> None:
    line = weeks(8)
    line[56:] = [10.0] * 5 + weeks(1)[5:]
    assert look(FALL, line[:60]).expected == pytest.approx(look(FALL, weeks(9)[:60]).expected, rel=0.05)


@pytest.mark.parametrize("rate", [0.03, 0.5])
def test_rates_are_judged_with_their_counts(rate: float) -> None:
    steady: list[Value] = [(round(rate * 1000) + (i * 7) % 5 - 2, 1000) for i in range(60)]
    given = rule("abs(anomaly(m_value)) > 3.5")
    few: list[Value] = [*steady, (0, 20)] if rate < 0.1 else [*steady, (6, 20)]
    work = workspace(given, rates=["value"])
    counted = {name: replace(work.metrics["m_a"], name=name) for name in ("m_value_num", "m_value_den")}
    work = replace(work, metrics={**work.metrics, **counted})

    def states(line: list[Value]) -> str:
        points, now = Points({"all": {"value": line}}), end(len(line) - 1)
        return (
            evaluate(points, work, Ledger(None), now, detected_at=now, answer=points.answer).alerts[0].state
        )

    assert states(few) == "ok"
    assert states([*steady, (round(rate * 300), 1000)]) == "firing"


def test_a_promo_day_is_skipped_compared_or_judged_wider() -> None:
    line = weeks(12)
    line[40] = 3000.0
    line[75] = 2900.0
    wild = [(40, "sale", "promo", None, None), (75, "sale", "promo", None, None)]
    assert fired(BOTH, line) == [40, 75]
    assert fired(BOTH, line, marks(*wild)) == []
    named = replace(BOTH, calendar="same_name")
    assert fired(named, line, marks(*wild)) == []
    low = [*line]
    low[75] = 1000.0
    assert fired(named, low, marks(*wild)) == [75]
    wide = replace(BOTH, calendar="widen")
    assert fired(wide, line, marks(*wild)) == [40, 75]
    assert fired(wide, line, marks(*[(at, n, k, None, 90.0) for at, n, k, _, _ in wild])) == []
    own = [(40, "sale", "promo", "skip", None), (75, "sale", "promo", "skip", None)]
    assert fired(wide, line, marks(*own)) == []
    assert fired(replace(BOTH, calendar="ignore"), line, marks(*own)) == [40, 75]


def test_a_saturday_that_is_worked_counts_among_the_fridays() -> None:
    line = weeks(9)
    line[54] = 1190.0
    worked = marks((54, "National Day", "workday", None, None))
    for when in (
        "abs(anomaly(m_value)) > 3.5",
        "abs(deviation(m_value, 6)) > 4",
        "change(m_value, week) > 30%",
    ):
        assert fired(rule(when), line[:60]) == [54]
        assert fired(rule(when), line[:60], worked) == []
    quiet = weeks(9)
    assert fired(rule("abs(deviation(m_value, 6)) > 4"), quiet[:60], worked) == [54]


def test_a_holiday_of_several_days_is_compared_day_by_day() -> None:
    line = weeks(12)
    for first in (37, 72):
        line[first : first + 3] = [300.0, 150.0, 80.0]
    named = [(at + n, "new year", "holiday", None, None) for at in (37, 72) for n in range(3)]
    given = rule("abs(change(m_value, previous)) > 20%", calendar="same_name")
    assert not {72, 73, 74} & set(fired(given, line, marks(*named)))
    line[73] = 60.0
    assert 73 in fired(given, line, marks(*named))


def test_the_day_after_a_skipped_one_is_compared_with_the_day_before_it() -> None:
    line: list[Value] = [100.0, 100.0, 100.0, 300.0, 101.0, 99.0]
    sale = marks((3, "sale", "promo", None, None))
    assert fired(rule("change(m_value, previous) < -30%"), line) == [4]
    assert fired(rule("change(m_value, previous) < -30%"), line, sale) == []
    assert fired(rule("m_value / mean(m_value, 3) < 90%"), line, sale) == []


LINES = st.lists(st.sampled_from([None, 40.0, 100.0, 103.0, 108.0, 300.0]), min_size=30, max_size=44)


@settings(max_examples=effort(12), deadline=None)
@given(
    LINES,
    st.sampled_from(["abs(anomaly(m_value)) > 3", "anomaly(m_value) < -2 and anomaly(m_a) > -1"]),
    st.integers(1, 3),
    st.sets(st.integers(0, 43), max_size=5),
)
def test_day_by_day_with_restarts_or_all_at_once_the_history_is_the_same(
    line: list[Any], when: str, hold: int, days: set[int]
) -> None:
    given = rule(when, for_periods=hold, recover_periods=hold, min_history=2)
    work, facts = workspace(given), marks(*[(at, "x", "promo", None, None) for at in days])
    once, steps = Ledger(None), Ledger(None)
    memo = Memo()

    def run(ledger: Ledger, upto: int, memo: Memo | None) -> None:
        both = {"value": line[: upto + 1], "a": list(reversed(line))[: upto + 1]}
        points, now = Points({"all": both}, revision=upto), end(upto)
        evaluate(points, work, ledger, now, detected_at=now, answer=points.answer, facts=facts, memo=memo)

    run(once, len(line) - 1, None)
    for upto in range(20, len(line)):
        memo = Memo() if upto % 5 == 0 else memo
        run(steps, upto, memo)

    def said(ledger: Ledger) -> list[tuple[object, ...]]:
        return sorted((t.period, t.event, str(t.active_at), str(t.id)) for t in ledger.history())

    assert said(once) == said(steps)


def test_a_number_of_false_alerts_sets_how_far_off_an_anomaly_must_be() -> None:
    rng = random.Random(5)
    members = {
        f"c{n}": {"value": [10 * WEEK[d % 7] * (1 + rng.gauss(0, 0.05)) for d in range(140)]}
        for n in range(30)
    }

    def count(allowed: float | None, when: str = "abs(anomaly(m_value)) > 3.5") -> int:
        given = rule(when, by=("channel",), false_alerts=allowed)
        points, now, ledger = Points(members), end(139), Ledger(None)
        evaluate(points, workspace(given), ledger, now, detected_at=now, answer=points.answer)
        return sum(t.event == "firing" for t in ledger.history())

    assert count(0.05) < count(1.5) < count(12.0)
    assert 8 <= count(1.5) <= 50
    assert count(1.5, "abs(anomaly(m_value)) > 1") == count(1.5)
    assert count(None, "abs(anomaly(m_value)) > 1") > 300


def test_the_band_of_allowed_anomalies_is_where_they_fire() -> None:
    line = weeks(9)
    for many in (0.01, 2.0):
        judged = replace(BOTH, false_alerts=many)
        alert = look(judged, line)
        assert alert.low is not None and alert.high is not None
        for value, state in ((alert.low * 0.99, "firing"), (alert.low * 1.01, "ok")):
            assert look(judged, [*line[:-1], value]).state == state
