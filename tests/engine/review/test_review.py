"""The review: labels, records of rules, proposals with their back-tests, the digest of the week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from engine import review
from engine.alerts import AlertFacts, Ask, Ledger, Memo, evaluate
from engine.errors import UnknownName
from engine.questions import AlertsAnswer, Proposal, ReviewAnswer
from engine.review.backtest import Trials, backtest
from engine.workspace.model import Person, Rule, Workspace
from tests.engine.alerts.points import START, Points, end, rule, workspace

HOUR = timedelta(hours=1)


class Desk:
    """A ledger that sees a series grow day by day, and its review."""

    def __init__(self, *rules: Rule, people: Sequence[Person] = ()) -> None:
        work = workspace(*rules)
        self.work: Workspace = replace(work, people={**work.people, **{each.name: each for each in people}})
        self.ledger, self.values, self.now = Ledger(None), dict[str, list[float]](), end(0)
        self.found, self.memo = AlertsAnswer(self.now, ()), Memo()

    def see(self, values: Sequence[float], after: timedelta = HOUR, name: str = "value") -> None:
        """Each value as the next day, looked at an hour after its end."""
        for value in values:
            self.values.setdefault(name, []).append(value)
            self.look(end(len(self.values[name]) - 1) + after)

    def look(self, now: datetime) -> None:
        self.now, points = now, Points({"all": dict(self.values)})
        self.found = evaluate(
            points, self.work, self.ledger, now, detected_at=now, facts=AlertFacts(), answer=points.answer
        )
        review.tell_week(self.work, self.ledger, self.found, now, self.memo)

    def review(self) -> ReviewAnswer:
        points, trials = Points({"all": dict(self.values)}), Trials()
        ask = Ask(points, self.work, self.now, self.now, AlertFacts(), points.answer)
        return review.review(
            ask,
            self.ledger,
            self.found,
            self.now,
            backtest=lambda query: backtest(ask, self.ledger, query, trials),
            suggested=review.Suggested(),
        )

    def label(self, *labels: str) -> None:
        """The oldest unlabelled episodes."""
        for item, label in zip(reversed(self.review().queue), labels, strict=False):
            review.say(self.ledger, item.id, label, by="li", at=self.now)

    def proposed(self, kind: str) -> list[Proposal]:
        return [each for each in self.review().proposals if each.kind == kind]


def test_the_record_of_a_rule_leaves_out_what_corrected_data_took_away() -> None:
    desk = Desk(rule("m_value > 10"))
    desk.see([1, 20, 1, 20, 1, 20, 20, 1, 20])
    desk.label("true", "false", "data_defect")
    (record,) = desk.review().rules
    assert (record.episodes, record.reviewed, record.coverage, record.precision) == (4, 3, 1.0, 0.5)
    desk.values["value"][1] = 1.0
    desk.look(desk.now + HOUR)
    (record,) = desk.review().rules
    assert (record.episodes, record.reviewed, record.precision) == (3, 2, 0.0)


def test_the_last_label_counts_and_an_empty_one_takes_it_back() -> None:
    desk = Desk(rule("m_value > 10"))
    desk.see([20, 1])
    (item,) = desk.review().queue
    for label in ("true", "false"):
        review.say(desk.ledger, item.id, label, by="wang", at=desk.now)
    answer = desk.review()
    assert (answer.queue, [(each.label, each.by) for each in answer.done]) == ((), [("false", "wang")])
    review.say(desk.ledger, item.id, "", by="wang", at=desk.now)
    assert [each.id for each in desk.review().queue] == [item.id]
    with pytest.raises(UnknownName):
        review.say(desk.ledger, item.id, "maybe", by="wang", at=desk.now)


def test_times_are_counted_from_the_end_of_the_periods() -> None:
    desk = Desk(rule("m_value > 10", for_periods=2, recover_periods=2))
    desk.see([20, 20, 1, 1], after=3 * HOUR)
    (record,) = desk.review().rules
    assert (record.detection_hours, record.reset_hours) == (24 + 3, 24 + 3)


def test_load_counts_messages_and_those_outside_working_hours() -> None:
    desk = Desk(rule("m_value > 10"), people=[Person("li", ("li_hook",), "Tue-Wed 00:00-02:00")])
    desk.see([20, 1, 20, 1])
    assert [(each.owner, each.messages, each.outside) for each in desk.review().load] == [("li", 4, 2)]


def test_a_rule_that_is_mostly_wrong_is_tightened_where_that_keeps_what_is_right() -> None:
    desk = Desk(rule("m_value > 10"))
    desk.see([value for peak in (12, 30, 12, 12, 13, 12, 12, 31, 12, 12, 12, 13) for value in (peak, 1, 2)])
    desk.label(*("false", "true", *["false"] * 5, "true", *["expected"] * 4))
    (found,) = desk.proposed("tighten")
    assert found.evidence is not None
    assert found.evidence.threshold is not None
    assert 13 <= found.evidence.threshold < 30
    assert len(found.evidence.episodes) == 2
    assert found.change == f'when = "m_value > {found.evidence.threshold:g}"'
    assert "all 2 right ones stay and 10 of 10 wrong ones go" in found.sentence["en"]


def test_a_rule_that_is_only_wrong_is_retired_and_few_labels_say_nothing() -> None:
    desk = Desk(rule("m_value > 10"))
    desk.see([value for _ in range(11) for value in (20, 1, 2)])
    desk.label(*["false"] * 9)
    assert desk.proposed("retire") == desk.proposed("tighten") == []
    desk.label("expected", "false")
    (found,) = desk.proposed("retire")
    assert (found.change, desk.proposed("tighten")) == ("# delete [alert.r]", [])


def test_alerts_that_are_always_over_at_once_ask_for_patience() -> None:
    desk = Desk(rule("m_value > 10"))
    desk.see([value for _ in range(5) for value in (20, 1, 2)])
    (found,) = desk.proposed("hold")
    assert (found.change, len(found.evidence.episodes if found.evidence else "?")) == ("for_periods = 2", 0)


def test_a_rule_that_never_fires_in_half_a_year_is_dead() -> None:
    desk = Desk(rule("m_value > 10"))
    desk.values["value"] = [float(n % 5) for n in range(179)]
    desk.look(end(178) + HOUR)
    assert desk.proposed("dead") == []
    desk.see([1.0])
    (found,) = desk.proposed("dead")
    assert found.evidence is not None
    assert found.evidence.episodes == ()


def test_two_rules_that_say_the_same_are_merged() -> None:
    one, other = rule("m_value > 10"), replace(rule("m_value > 11"), name="other")
    desk = Desk(one, other, replace(rule("m_value > 40"), name="rare"))
    desk.see([value for peak in (20, 20, 50, 20, 20) for value in (peak, peak, 1)])
    (found,) = desk.proposed("merge")
    assert {found.rule, found.other} == {"r", "other"}


def test_a_threshold_within_what_is_usual_will_flap() -> None:
    desk = Desk(rule("m_value > 10"), replace(rule("m_value > 90"), name="far"))
    desk.values["value"] = [9.5 + (n * 7 % 11) * 0.3 for n in range(60)]
    desk.look(end(59) + HOUR)
    assert [each.rule for each in desk.proposed("flaps")] == ["r"]


def test_the_week_is_told_once_to_each_owner_on_monday_at_nine() -> None:
    desk = Desk(rule("m_value > 10", owner="wang", notify=("owner",)))
    assert START.weekday() == 0
    desk.see([1, 20, 1, 1, 20, 20])
    for hours in (0, 8, 9, 9, 10, 30):
        desk.memo = desk.memo if hours < 10 else Memo()
        desk.look(datetime(2026, 3, 9) + timedelta(hours=hours))
    (message,) = [each for each in desk.ledger.outbox() if each.kind == "digest"]
    assert (message.recipients, message.created_at) == (("wang",), datetime(2026, 3, 9, 9))
    text = str(message.payload["en"])
    assert "from 2026-03-02 to 2026-03-08: 2 alerts fired, 1 ended, 1 are open; 3 messages." in text
    assert "1 ended alerts wait for a label" in text
    desk.look(datetime(2026, 3, 17))
    assert len([each for each in desk.ledger.outbox() if each.kind == "digest"]) == 2
    desk = Desk(rule("m_value > 10", owner="wang", notify=("li",)))
    desk.see([1, 20, 1, 1, 20, 20])
    desk.look(datetime(2026, 3, 9, 10))
    assert {each.recipients for each in desk.ledger.outbox()} == {("li",)}


def test_a_week_without_alerts_is_not_told() -> None:
    desk = Desk(rule("m_value > 10", owner="wang"))
    desk.see([1] * 16)
    assert desk.ledger.outbox() == ()
