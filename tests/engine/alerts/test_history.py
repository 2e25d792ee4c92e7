"""The ledger follows from the data alone: not from when, how often or by which process it was judged."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.alerts import Ledger, Memo, evaluate, incident
from engine.errors import StoreError, UnknownName, UsageError
from engine.questions import Alert, AlertsAnswer, IncidentQuery
from engine.workspace.model import Rule, Workspace
from tests.engine.alerts.points import START, Points, end, rule, workspace

LINES = st.lists(st.sampled_from([None, 0.0, 5.0, 11.0, 25.0]), min_size=1, max_size=14)
BEGUN = LINES.filter(lambda line: line[0] is not None)
RULES = st.builds(
    lambda when, more, nodata: rule(when, **more, nodata=nodata),
    st.sampled_from([
        "m_value > 10", "change(m_value, previous) > 20%", "m_value > 1.5 * mean(m_value, 4)",
        "m_value > 10 and m_a > 10", "not (m_value < 10 or m_a < 10)",
    ]),
    st.fixed_dictionaries({
        "for_periods": st.integers(1, 3), "recover_periods": st.integers(1, 3),
        "cooldown_periods": st.integers(0, 3), "nodata_periods": st.integers(1, 2),
        "member_ttl_periods": st.integers(2, 4),
    }),
    st.sampled_from(["keep", "ok", "breach", "alert"]),
)  # fmt: skip
TWO = (("critical", "m_value > 20"), ("warning", "m_value > 10"))


def look(
    ledger: Ledger, work: Workspace, line: Sequence[Any], p: int, memo: Memo | None = None
) -> tuple[Alert, ...]:
    """Evaluate with the data up to day p, at its end."""
    points = Points({"all": {"value": line[: p + 1], "a": list(reversed(line))[: p + 1]}}, revision=p)
    now = end(p)
    return evaluate(points, work, ledger, now, detected_at=now, answer=points.answer, memo=memo).alerts


def said(ledger: Ledger) -> set[tuple[object, ...]]:
    return {(t.period, t.event, t.severity, t.reason, t.active_at, t.id) for t in ledger.history()}


def levels(**more: object) -> Rule:
    from engine.expressions import parse

    given: dict[str, object] = {"levels": tuple((name, parse(text)) for name, text in TWO), **more}
    return rule("m_value > 10", **given)


@given(BEGUN, RULES)
@settings(max_examples=60)
def test_judging_each_period_as_it_comes_equals_one_pass_over_all(
    line: list[float | None], given: Rule
) -> None:
    work, live, once, memo = workspace(given), Ledger(None), Ledger(None), Memo()
    for p in range(len(line)):
        alerts = look(live, work, line, p, memo)
    assert look(once, work, line, len(line) - 1)[0].state == alerts[0].state
    assert said(live) == said(once)


@given(LINES, RULES)
@settings(max_examples=40)
def test_judging_the_same_data_again_changes_nothing(line: list[float | None], given: Rule) -> None:
    work, ledger = workspace(given), Ledger(None)
    first = look(ledger, work, line, len(line) - 1)
    before = (ledger.history(), ledger.outbox())
    assert look(ledger, work, line, len(line) - 1) == first
    assert (ledger.history(), ledger.outbox()) == before


@given(BEGUN, BEGUN, RULES)
@settings(max_examples=60)
def test_after_any_revision_the_history_in_force_is_that_of_the_new_data(
    old: list[float | None], new: list[float | None], given: Rule
) -> None:
    work, ledger, fresh = workspace(given), Ledger(None), Ledger(None)
    new = (new * 14)[: max(len(old), len(new))]
    look(ledger, work, old, len(old) - 1)
    look(ledger, work, new, len(new) - 1)
    look(fresh, work, new, len(new) - 1)
    kept, want = (
        [(r.period, r.event, r.severity, r.reason) for r in each.in_force("r", "{}")]
        for each in (ledger, fresh)
    )
    assert sorted(map(str, kept)) == sorted(map(str, want))


@given(LINES, st.integers(0, 12), RULES)
@settings(max_examples=15)
def test_a_new_process_in_the_middle_neither_forgets_nor_repeats(
    tmp_path_factory: pytest.TempPathFactory, line: list[float | None], cut: int, given: Rule
) -> None:
    work, path = workspace(given), tmp_path_factory.mktemp("state") / "ledger.db"
    first, whole = Ledger(path), Ledger(None)
    for p in range(len(line)):
        if p == cut:
            first.close()
            first = Ledger(path)
        look(first, work, line, p)
        look(whole, work, line, p)
    assert first.history() == whole.history()
    assert [m.key for m in first.outbox()] == [m.key for m in whole.outbox()]
    first.close()


def test_a_crash_inside_an_evaluation_leaves_nothing_of_it(tmp_path: Path) -> None:
    work, ledger = workspace(rule("m_value > 10")), Ledger(tmp_path / "ledger.db")
    with pytest.raises(ZeroDivisionError), ledger.transaction():
        look_inside(ledger)
        raise ZeroDivisionError
    assert ledger.history() == ()
    look(ledger, work, [11.0], 0)
    assert [t.event for t in ledger.history()] == ["firing"]
    ledger.close()


def look_inside(ledger: Ledger) -> None:
    ledger.rows(
        "INSERT INTO alert_transitions (rule, member, period, event, late, partial, detected_at, in_force,"
        " shown) VALUES ('r', '{}', '2026-03-02', 'firing', 0, 0, '2026-03-03T00:00:00', 1, 1)"
    )


def test_the_ledger_is_for_its_owner_alone_and_waits_for_the_disk(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "state" / "ledger.db")
    assert stat.S_IMODE((tmp_path / "state" / "ledger.db").stat().st_mode) == 0o600
    assert ledger.rows("PRAGMA journal_mode") == [("wal",)]
    assert ledger.rows("PRAGMA synchronous") == [(2,)]
    ledger.close()


def test_a_ledger_that_is_no_database_says_so(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_text("nothing of the kind" * 100)
    with pytest.raises(StoreError, match=r"ledger\.db cannot be opened"):
        Ledger(tmp_path / "ledger.db")


def test_a_viewer_sees_the_same_and_writes_nothing() -> None:
    work, ledger = workspace(rule("m_value > 10")), Ledger(None)
    points = Points({"all": {"value": [11.0]}})
    now = end(0)
    seen = evaluate(points, work, ledger, now, detected_at=now, writable=False, answer=points.answer)
    assert seen.alerts[0].state == "firing"
    assert (ledger.history(), ledger.outbox()) == ((), ())


def test_looking_back_later_acts_do_not_exist() -> None:
    work, ledger, points = workspace(rule("m_value > 10")), Ledger(None), Points({"all": {"value": [11.0]}})
    (alert,) = look(ledger, work, [11.0], 0)
    ledger.act("ack", alert.id or "", "li", end(1))
    back = evaluate(points, work, ledger, end(0), detected_at=end(0), writable=False, answer=points.answer)
    assert (back.alerts[0].id, back.alerts[0].acked_by) == (alert.id, None)


def test_an_edited_rule_is_not_judged_by_what_was_kept_of_the_old_one() -> None:
    ledger, memo = Ledger(None), Memo()
    line = [11.0, 12.0]
    look(ledger, workspace(rule("m_value > 10")), line, 1, memo)
    (alert,) = look(ledger, workspace(rule("m_value > 20")), line, 1, memo)
    assert (alert.state, [t.event for t in ledger.history()]) == ("ok", ["firing", "resolved"])


def test_the_dimensions_of_a_rule_can_change() -> None:
    ledger, points = Ledger(None), Points({"a": {"value": [11.0]}})
    for each in (rule("m_value > 10"), rule("m_value > 10", by=("channel",))):
        answer = evaluate(points, workspace(each), ledger, end(0), detected_at=end(0), answer=points.answer)
    assert [dict(each.labels) for each in answer.alerts] == [{"channel": "a"}]
    assert {(len(t.labels), t.event, t.reason) for t in ledger.history()} == {
        (0, "firing", None),
        (0, "resolved", "rule_changed"),
        (1, "firing", None),
    }


def test_a_replica_is_the_ledger_as_it_stood() -> None:
    work, ledger = workspace(rule("m_value > 10")), Ledger(None)
    look(ledger, work, [11.0, 11.0, 1.0], 1)
    look(ledger, work, [11.0, 11.0, 1.0], 2)
    assert [t.event for t in ledger.replica(end(1)).history()] == ["firing"]
    assert [t.event for t in ledger.history()] == ["firing", "resolved"]


def test_the_past_of_a_new_rule_is_recorded_as_late_and_told_to_nobody() -> None:
    work, ledger = workspace(rule("m_value > 10")), Ledger(None)
    look(ledger, work, [11.0, 1.0, 1.0, 12.0], 3)
    assert [(t.event, t.late) for t in ledger.history()] == [
        ("firing", True),
        ("resolved", True),
        ("firing", False),
    ]
    assert [(m.kind, m.new) for m in ledger.outbox()] == [("firing", 1)]


def test_an_episode_that_corrected_data_does_not_have_is_withdrawn_once() -> None:
    work, ledger = workspace(rule("m_value > 10")), Ledger(None)
    look(ledger, work, [1.0, 11.0], 1)
    alerts = look(ledger, work, [1.0, 2.0], 1)
    assert (alerts[0].state, [t.event for t in ledger.history()]) == ("ok", ["firing", "retracted"])
    assert len({t.id for t in ledger.history()}) == 1
    look(ledger, work, [1.0, 2.0, 3.0], 2)
    assert [m.kind for m in ledger.outbox()] == ["firing", "retracted"]


def test_an_episode_that_is_back_after_its_withdrawal_is_told_again() -> None:
    work, ledger = workspace(rule("m_value > 10")), Ledger(None)
    for line in ([1.0, 11.0], [1.0, 2.0], [1.0, 11.0]):
        look(ledger, work, line, 1)
    assert [m.kind for m in ledger.outbox()] == ["firing", "retracted", "firing"]
    assert len({m.key for m in ledger.outbox()}) == 3


def test_an_episode_that_began_earlier_keeps_its_name() -> None:
    work, ledger = workspace(rule("m_value > 10")), Ledger(None)
    (before,) = look(ledger, work, [1.0, 1.0, 11.0], 2)
    (after,) = look(ledger, work, [1.0, 11.0, 11.0], 2)
    assert before.id == after.id
    assert (before.active_at, after.active_at) == ("2026-03-04", "2026-03-03")
    assert [m.kind for m in ledger.outbox()] == ["firing"]


def test_a_rule_that_is_edited_ends_what_no_longer_breaches_and_tells_nobody() -> None:
    ledger = Ledger(None)
    look(ledger, workspace(rule("m_value > 10")), [11.0, 12.0], 1)
    (alert,) = look(ledger, workspace(rule("m_value > 20")), [11.0, 12.0], 1)
    assert alert.state == "ok"
    assert [(t.event, t.reason) for t in ledger.history()] == [("firing", None), ("resolved", "rule_changed")]
    assert [m.kind for m in ledger.outbox()] == ["firing"]


def test_a_rule_that_is_edited_and_still_breaches_goes_on() -> None:
    ledger = Ledger(None)
    (before,) = look(ledger, workspace(rule("m_value > 10")), [11.0, 12.0], 1)
    (after,) = look(ledger, workspace(rule("m_value > 11.5")), [11.0, 12.0], 1)
    look(ledger, workspace(rule("m_value > 11.5")), [11.0, 12.0, 1.0], 2)
    assert (before.id, before.state) == (after.id, after.state)
    assert [t.event for t in ledger.history()] == ["firing", "resolved"]
    assert [m.kind for m in ledger.outbox()] == ["firing", "resolved"]


def test_who_is_told_is_no_part_of_what_a_rule_judges() -> None:
    ledger = Ledger(None)
    look(ledger, workspace(rule("m_value > 10")), [11.0], 0)
    look(ledger, workspace(rule("m_value > 10", sop=("Look",), owner="li")), [11.0], 0)
    assert [t.event for t in ledger.history()] == ["firing"]


def test_a_rule_that_is_removed_ends_its_episodes() -> None:
    ledger = Ledger(None)
    look(ledger, workspace(rule("m_value > 10")), [11.0], 0)
    look(ledger, workspace(), [11.0], 0)
    assert [(t.event, t.reason) for t in ledger.history()][-1] == ("resolved", "rule_changed")


def test_only_a_worse_severity_is_told_and_it_ends_the_ack() -> None:
    work, ledger = workspace(levels()), Ledger(None)
    (alert,) = look(ledger, work, [11.0, 25.0], 0)
    ledger.act("ack", alert.id or "", "li", end(0))
    assert look(ledger, work, [11.0, 25.0], 0)[0].acked_by == "li"
    (alert,) = look(ledger, work, [11.0, 25.0], 1)
    assert (alert.severity, alert.acked_by) == ("critical", None)
    look(ledger, work, [11.0, 25.0, 11.0], 2)
    assert [m.kind for m in ledger.outbox()] == ["firing", "severity_up"]
    assert [t.event for t in ledger.history()] == ["firing", "severity_up", "severity_down"]


def test_a_closed_alert_keeps_quiet_until_the_next_clear_period() -> None:
    work, ledger = workspace(rule("m_value > 10")), Ledger(None)
    line = [11.0, 12.0, 13.0, 1.0, 14.0]
    (alert,) = look(ledger, work, line, 1)
    ledger.act("close", alert.id or "", "li", end(1) + timedelta(hours=9), "campaign was paused")
    states = [look(ledger, work, line, p)[0].state for p in (2, 3, 4)]
    assert states == ["ok", "ok", "firing"]
    assert [(t.event, t.reason) for t in ledger.history()] == [
        ("firing", None),
        ("resolved", "closed"),
        ("firing", None),
    ]


def test_a_silence_holds_messages_back_and_tells_what_still_fires_at_its_end() -> None:
    work, ledger = workspace(rule("m_value > 10")), Ledger(None)
    line = [11.0, 12.0, 13.0, 14.0]
    (alert,) = look(ledger, work, line, 0)
    ledger.act("silence", alert.id or "", "li", end(0), "known", until=end(2))
    assert look(ledger, work, line, 1)[0].silenced_until == end(2)
    assert look(ledger, work, line, 2)[0].silenced_until is None
    look(ledger, work, line, 3)
    assert [(m.kind, m.created_at) for m in ledger.outbox()] == [("firing", end(0)), ("firing", end(2))]


def test_acts_need_what_they_need() -> None:
    work, ledger = workspace(rule("m_value > 10")), Ledger(None)
    (alert,) = look(ledger, work, [11.0], 0)
    with pytest.raises(UnknownName, match="no alert"):
        ledger.act("ack", "e_nothing", "li", end(0))
    with pytest.raises(UsageError, match="--reason"):
        ledger.act("silence", alert.id or "", "li", end(0), until=end(1))
    with pytest.raises(UsageError, match="reason"):
        ledger.act("close", alert.id or "", "li", end(0))


def test_a_sentence_says_what_where_since_when_and_how_far(tmp_path: Path) -> None:
    given = rule("change(m_value, previous) < -30%", sop=("Open the landing page",), by=("channel",))
    points = Points({"douyin": {"value": [100.0, 60.0]}})
    answer = evaluate(
        points, workspace(given), Ledger(None), end(1), detected_at=end(1), answer=points.answer
    )
    assert answer.alerts[0].sentence == {
        "en": "m_value at douyin was 60 on 2026-03-03, expected 100 (−40.0%)."
        " First step: Open the landing page.",
        "zh": "douyin 2026-03-03 m_value 60，预期 100（−40.0%）。第一步：Open the landing page。",
    }


def test_two_ledgers_on_one_file_wait_for_each_other(tmp_path: Path) -> None:
    one, two = Ledger(tmp_path / "ledger.db"), sqlite3.connect(tmp_path / "ledger.db", timeout=0)
    with one.transaction(), pytest.raises(sqlite3.OperationalError, match="locked"):
        two.execute("BEGIN IMMEDIATE")
    two.close()
    one.close()


def test_days_before_the_data_are_no_part_of_the_history() -> None:
    points = Points({"all": {"value": [None, None, 11.0]}}, START)
    ledger = Ledger(None)
    evaluate(
        points,
        workspace(rule("m_value > 10", nodata="alert")),
        ledger,
        end(2),
        detected_at=end(2),
        answer=points.answer,
    )
    assert [(t.period, t.event) for t in ledger.history()] == [("2026-03-04", "firing")]


def test_a_value_that_was_corrected_within_its_verdict_is_noted_and_told_to_nobody() -> None:
    work, ledger, memo = workspace(rule("m_value > 10")), Ledger(None), Memo()
    (alert,) = look(ledger, work, [1.0, 60.0], 1, memo)
    look(ledger, work, [1.0, 60.0], 1)
    (alert,) = look(ledger, work, [1.0, 58.0], 1)
    answer = AlertsAnswer(end(1), (alert,))
    lines = incident(work, ledger, answer, IncidentQuery(alert.id or "")).timeline
    assert [(line.word, line.text, line.period) for line in lines if line.deed == "transition"] == [
        ("firing", "", "2026-03-03"),
        ("revised", "60 → 58", "2026-03-03"),
    ]
    assert alert.value == 58.0
    assert [m.kind for m in ledger.outbox()] == ["firing"]


def test_the_timeline_says_that_the_rule_was_edited_while_it_fired() -> None:
    ledger = Ledger(None)
    look(ledger, workspace(rule("m_value > 10")), [11.0, 12.0], 0)
    (alert,) = look(ledger, workspace(rule("m_value > 10.5")), [11.0, 12.0], 1)
    answer = AlertsAnswer(end(1), (alert,))
    lines = incident(workspace(), ledger, answer, IncidentQuery(alert.id or "")).timeline
    assert [(line.word, line.text) for line in lines if line.deed == "transition"] == [
        ("firing", ""),
        ("rule_edited", "when m_value > 10 → m_value > 10.5: 0 ended, 1 went on, 0 new"),
    ]


def test_a_level_that_is_accepted_as_normal_is_so_until_somebody_refuses_it() -> None:
    """Baselines take fourteen firing periods for the new normal: the alert ends; refused, it is back."""
    work, ledger = workspace(rule("m_value > 1.5 * mean(m_value, 10)")), Ledger(None)
    line = [10.0] * 10 + [20.0] * 25
    states = [look(ledger, work, line, p)[0].state for p in range(9, 30)]
    assert states[:2] == ["ok", "firing"]
    assert states[-1] == "ok"
    (alert,) = look(ledger, work, line, 29)
    assert alert.adapted
    ledger.act("undo_adapt", alert.id or "", "li", end(29), "the shop is down to half")
    (alert,) = look(ledger, work, line, 30)
    assert (alert.state, alert.adapted) == ("firing", False)
    assert alert.active_at == "2026-03-12"
    assert [t.event for t in ledger.history()] == ["firing"]
