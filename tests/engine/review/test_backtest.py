"""What a back-test says beside its episodes: steps of the slider, expected false alerts."""

from __future__ import annotations

import random

from engine.alerts import Ask, Ledger
from engine.alerts.reading.readings import AlertFacts
from engine.questions import BacktestAnswer, BacktestQuery
from engine.review.backtest import Trials, backtest
from engine.workspace.model import Rule
from tests.engine.alerts.points import Points, Value, end, rule, workspace


def tried(given: Rule, line: list[Value], query: BacktestQuery | None = None) -> BacktestAnswer:
    points, work = Points({"all": {"value": line}}), workspace(given)
    ask = Ask(points, work, end(len(line) - 1), end(len(line) - 1), AlertFacts(), points.answer)
    return backtest(ask, Ledger(None), query or BacktestQuery("r"), Trials())


def test_steps_are_where_the_number_of_runs_changes() -> None:
    found = tried(rule("m_value > 10"), [0.0, 12.0, 0.0, 16.0, 0.0])
    assert (found.threshold, found.steps, len(found.episodes)) == (10.0, (1.0, 10.0, 12.0, 16.0), 2)
    below = tried(rule("m_value < 10"), [20.0, 8.0, 20.0, 4.0])
    assert {5.0, 9.0, 10.0, 21.0} <= set(below.steps)
    assert not {4.0, 6.0, 8.0, 11.0} & set(below.steps)


def test_steps_around_zero_follow_the_spread() -> None:
    found = tried(rule("m_value > 0"), [1.0, -1.0, 2.0, -2.0] * 5)
    assert 0.0 in found.steps
    assert min(found.steps) < 0 < max(found.steps)


def test_a_condition_without_a_constant_has_no_slider() -> None:
    found = tried(rule("m_value > 2 * mean(m_value, 3)"), [1.0, 1.0, 1.0, 5.0])
    assert (found.threshold, found.steps, found.false_per_week) == (None, (), None)


def test_an_anomaly_says_how_many_false_alerts_to_expect_and_fewer_when_it_is_wider() -> None:
    rng = random.Random(7)
    line: list[Value] = [1000 * rng.gauss(1, 0.05) for _ in range(120)]
    given = rule("anomaly(m_value) < -2.5")
    usual = tried(given, line).false_per_week
    wide = tried(given, line, BacktestQuery("r", threshold=-4)).false_per_week
    assert usual is not None
    assert wide is not None
    assert 0 < wide < usual < 1


def test_a_rule_that_names_its_false_alerts_is_taken_at_its_word() -> None:
    line: list[Value] = [1000.0 + day % 7 for day in range(60)]
    assert tried(rule("anomaly(m_value) < -3", false_alerts=0.5), line).false_per_week == 0.5
