"""Why rules are quiet, and what an edit changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.alerts import Ask, Ledger, Memo, evaluate
from engine.alerts.kept.edits import edits
from engine.alerts.reading.readings import AlertFacts
from engine.questions import RuleEntry
from engine.review.standing import standing
from engine.workspace.model import CalendarDay, Rule, Workspace
from tests.engine.alerts.points import START, Points, Value, end, rule, workspace


def look(
    work: Workspace,
    values: Mapping[str, Mapping[str, list[Value]]],
    ledger: Ledger | None = None,
    facts: AlertFacts | None = None,
) -> dict[str, RuleEntry]:
    """How the rules stand at the end of the longest series."""
    ledger, memo, facts = ledger or Ledger(None), Memo(), facts or AlertFacts()
    now = end(max(len(line) for each in values.values() for line in each.values()) - 1)
    points = Points(values)
    found = evaluate(points, work, ledger, now, detected_at=now, facts=facts, answer=points.answer, memo=memo)
    ask = Ask(points, work, now, now, facts, points.answer)
    return {each.name: each for each in standing(ask, ledger, memo, found.alerts, {"r": 7})}


def quiet(given: Rule, *lines: list[Value], rates: tuple[str, ...] = ()) -> RuleEntry:
    values = {name: {"value": line} for name, line in zip("abcd", lines, strict=False)}
    return look(workspace(replace(given, by=("channel",)), rates=rates), values)["r"]


def test_it_counts_members_by_verdict_and_names_the_one_next_to_its_limit() -> None:
    found = quiet(rule("m_value > 10"), [11.0], [9.0], [7.0], [None])
    assert (found.state, found.open, found.last_fired, found.line) == ("firing", 1, "2026-03-02", 7)
    said = found.quiet
    assert (said.period, said.members, said.breach, said.clear) == ("2026-03-02", 3, 1, 2)
    assert said.nearest == ({"channel": "b"}, 9.0, 10.0)
    assert quiet(rule("m_value < 10"), [12.0], [30.0]).quiet.nearest == ({"channel": "a"}, 12.0, 10.0)


def test_it_says_why_a_member_could_not_be_judged() -> None:
    changes = rule("change(m_value, previous) < -30%", min_base=10)
    found = quiet(changes, [100.0, 90.0], [5.0, 4.0], [None, 4.0], [100.0, None])
    assert found.quiet.unknown == {"history": 1, "min_base": 1, "nodata": 1}
    few = quiet(rule("m_value < 0.02", min_den=100), [(1, 50)], [(9, 200)], rates=("value",))
    assert (few.quiet.unknown, few.quiet.clear) == ({"min_den": 1}, 1)
    skipped = AlertFacts(calendar=(CalendarDay(START, "promo", "holiday", "skip"),))
    day = look(workspace(rule("m_value > 10")), {"all": {"value": [11.0]}}, facts=skipped)["r"]
    assert day.quiet.unknown == {"calendar": 1}


def test_without_data_there_is_no_period() -> None:
    found = look(workspace(rule("m_value > 10")), {"all": {"value": [None]}})["r"]
    assert (found.quiet.period, found.quiet.members, found.state) == (None, 0, "ok")


def test_an_edit_says_what_it_changed_and_what_became_of_episodes() -> None:
    ledger = Ledger(None)
    values: dict[str, dict[str, list[Value]]] = {
        "a": {"value": [11.0, 12.0]}, "b": {"value": [11.0, 25.0]}, "c": {"value": [9.0, 9.0]},
    }  # fmt: skip
    by = {"by": ("channel",)}
    look(workspace(rule("m_value > 10", **by)), values, ledger)
    assert edits(ledger) == ()
    found = look(workspace(rule("m_value > 20", **by)), values, ledger)["r"]
    assert found.edited == {
        "en": "when m_value > 10 → m_value > 20: 1 ended, 1 went on, 0 new",
        "zh": "when m_value > 10 → m_value > 20：结束 1，持续 1，新增 0",
    }
    assert found.edited_at == end(1)
    found = look(workspace(rule("m_value > 8", **by)), values, ledger)["r"]
    assert found.edited["en"].endswith("0 ended, 1 went on, 2 new")
    again = look(workspace(rule("m_value > 8", **by, sop=("Look",))), values, ledger)["r"]
    assert (again.edited, len(edits(ledger))) == (found.edited, 2)


def test_an_edit_of_a_metric_is_one_of_every_rule_that_reads_it() -> None:
    ledger, work = Ledger(None), workspace(rule("m_value > 10"))
    look(work, {"all": {"value": [11.0]}}, ledger)
    metric = replace(work.metrics["m_value"], column="quantity")
    found = look(
        replace(work, metrics={**work.metrics, "m_value": metric}), {"all": {"value": [9.0]}}, ledger
    )
    assert found["r"].edited["en"] == "the definition of a metric that it reads: 1 ended, 0 went on, 0 new"
