"""The trend as a rule sees it: for every kind of condition what was expected, between what, the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from engine.alerts import AlertFacts, Ask, Ledger, band, evaluate
from engine.errors import UnknownName, UsageError
from engine.questions import BandAnswer, BandPoint, BandQuery
from engine.workspace.model import Rule
from tests.engine.alerts.points import Points, Value, end, rule, workspace
from tests.engine.alerts.test_anomaly import marks, weeks


def trend(
    given: Rule, line: Sequence[Value], when: str = "", facts: AlertFacts | None = None, **more: Any
) -> BandAnswer:
    """The band of the rule r over a series; `more` goes to the query."""
    points, now = Points({"all": {"value": line}}), end(len(line) - 1)
    work = workspace(given, rates=("value",) if isinstance(line[0], tuple) else ())
    ask = Ask(points, work, now, now, facts or AlertFacts(), points.answer)
    return band(ask, Ledger(None), BandQuery("r", when=when, **more), {})


def verdicts(points: Sequence[BandPoint]) -> str:
    return "".join({"breach": "x", "clear": ".", "unknown": "?", "skipped": "s"}[p.verdict] for p in points)


def test_a_limit_stands_beside_the_trend() -> None:
    found = trend(rule("m_value < 10 or m_value > 90"), [50.0, 5.0, None, 95.0])
    assert (verdicts(found.points), found.limits) == (".x?x", {"warning": 10.0})
    assert [p.firing for p in found.points] == [False, True, True, True]
    assert [p.value for p in found.points] == [50.0, 5.0, None, 95.0]
    assert "5" in trend(rule("m_value < 10"), [50.0, 5.0]).sentence["en"]


def test_levels_have_a_limit_each() -> None:
    from engine.expressions import parse

    levels = (("critical", parse("m_value < 5")), ("warning", parse("2 * m_value < 20")))
    found = trend(replace(rule("m_value < 10"), levels=levels), [50.0, 7.0])  # type: ignore[arg-type]
    assert found.limits == {"critical": 5.0, "warning": 10.0}


def test_a_change_is_drawn_as_its_base_and_where_it_turns() -> None:
    (_, second) = trend(rule("change(m_value, previous) < -30%"), [100.0, 80.0]).points
    assert (second.expected, second.high, second.verdict) == (100.0, None, "clear")
    assert second.low == pytest.approx(70)
    (_, both) = trend(rule("abs(change(m_value, previous)) > 30%"), [100.0, 80.0]).points
    assert [both.low, both.high] == pytest.approx([70, 130])


def test_a_mean_is_drawn_as_the_mean_and_where_it_turns() -> None:
    line: list[Value] = [100.0, 100.0, 100.0, 91.0, 60.0]
    found = trend(rule("m_value / mean(m_value, 3) - 1 < -10%"), line)
    assert verdicts(found.points) == "???.x"
    assert [found.points[3].expected, found.points[3].low] == pytest.approx([100, 90])
    assert trend(rule("m_value < mean(m_value, 3) * 80%"), line).points[3].low == pytest.approx(80)


def test_a_deviation_and_an_anomaly_are_bands_around_what_was_expected() -> None:
    line = weeks(8)
    line[55] = 200.0
    for when in ("abs(deviation(m_value, 6)) > 4", "anomaly(m_value) < -3.5"):
        found = trend(rule(when), line, periods=20)
        assert verdicts(found.points) == "." * 19 + "x"
        for p in found.points:
            assert p.low is not None and p.expected is not None and p.high is not None
            assert p.low < p.expected < p.high
            assert p.value is not None and (p.low < p.value < p.high) == (p.verdict == "clear")
        assert "expected" in found.sentence["en"]


def test_a_rate_is_drawn_with_its_bounds() -> None:
    found = trend(rule("m_value < 2%", evidence="bound"), [(0, 40), (5, 1000)])
    assert [round(p.high or 0, 4) for p in found.points] == [0.0634, 0.0102]
    assert (verdicts(found.points), found.limits) == (".x", {"warning": 0.02})


def test_days_of_the_calendar_are_shown_as_such_and_a_new_level_as_taken_in() -> None:
    promo = marks((3, "sale", "promo", None, None))
    assert verdicts(trend(rule("m_value > 10"), [1.0, 11.0, 1.0, 11.0], facts=promo).points) == ".x.s"
    line = [*weeks(8), *[each and each * 0.5 for each in weeks(3)]]  # type: ignore[operator]
    points = trend(rule("anomaly(m_value) < -3.5"), line, periods=30).points
    assert [p.adapted for p in points][:9] == [False] * 9
    assert any(p.adapted for p in points)
    assert points[9].firing and points[9].adapted


def test_another_condition_can_be_tried_and_is_checked() -> None:
    line: list[Value] = [50.0, 5.0, 95.0]
    assert verdicts(trend(rule("m_value < 1"), line, "m_value > 90").points) == "..x"
    with pytest.raises(UsageError, match="m_valu"):
        trend(rule("m_value < 1"), line, "m_valu > 90")
    with pytest.raises(UnknownName):
        trend(rule("m_value < 1", by=("channel",)), line, labels=(("channel", "nobody"),))


@pytest.mark.parametrize("when", ["anomaly(m_value) < -3", "m_value < 0.8 * mean(m_value, 7)"])
def test_the_newest_point_says_what_the_alert_says(when: str) -> None:
    line = weeks(8)
    line[50:] = [300.0] * 6
    points, now, given = Points({"all": {"value": line}}), end(55), rule(when)
    work = workspace(given)
    (alert,) = evaluate(points, work, Ledger(None), now, detected_at=now, answer=points.answer).alerts
    newest = trend(given, line).points[-1]
    assert (newest.expected, newest.low, newest.high) == (alert.expected, alert.low, alert.high)
    assert newest.firing == (alert.state == "firing")
