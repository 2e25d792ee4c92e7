"""Live evaluation, with late and corrected data, acts, restarts and idle looks, ends where one pass ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.alerts import Ask, Ledger, Memo, evaluate
from engine.alerts.judging.rules import ready
from engine.alerts.judging.trial import try_rule
from engine.alerts.reading.readings import AlertFacts
from engine.workspace.model import Rule, Workspace
from tests.effort import effort
from tests.engine.alerts.points import Points, end, rule, workspace

VALUE = st.sampled_from([None, 0.0, 10.0, 10.0, 11.0, 25.0])
LINES = st.fixed_dictionaries({m: st.lists(VALUE, min_size=20, max_size=20) for m in "ab"})
RULES = st.builds(
    lambda when, more: rule(when, **more, by=("channel",), notify=("li", "owner"), owner="wang"),
    st.sampled_from([
        "m_value > 10", "change(m_value, previous) > 20%", "m_value > 1.2 * mean(m_value, 3)",
        "deviation(m_value, 2) > 3", "m_value > 10 and not m_value > 20",
    ]),
    st.fixed_dictionaries({
        "for_periods": st.integers(1, 3), "recover_periods": st.integers(1, 2),
        "cooldown_periods": st.integers(0, 2), "nodata": st.sampled_from(["keep", "ok", "breach", "alert"]),
        "nodata_periods": st.integers(1, 2), "member_ttl_periods": st.integers(2, 4),
        "min_history": st.integers(1, 2),
    }),
)  # fmt: skip
STEP = st.one_of(
    st.tuples(st.just("advance"), st.integers(1, 4)),
    st.tuples(st.just("revise"), st.tuples(st.sampled_from("ab"), st.integers(0, 19), VALUE)),
    st.tuples(st.sampled_from(["close", "undo_adapt"]), st.sampled_from("ab")),
    st.tuples(st.sampled_from(["restart", "look"]), st.just(0)),
)


class Live:
    """One console over data that grow and change."""

    def __init__(self, work: Workspace, lines: dict[str, list[float | None]]) -> None:
        self.work, self.lines = work, {member: list(line) for member, line in lines.items()}
        self.ledger, self.memo = Ledger(None), Memo()
        self.upto, self.revision, self.hours = 1, 0, 0

    def look(self, ledger: Ledger | None = None, memo: Memo | None = None) -> None:
        """Evaluate with what is there now."""
        now = end(self.upto) + timedelta(hours=self.hours)
        points = self.points()
        evaluate(
            points, self.work, ledger or self.ledger, now,
            detected_at=now, answer=points.answer, memo=memo or self.memo,
        )  # fmt: skip

    def points(self) -> Points:
        values = {member: {"value": line[: self.upto + 1]} for member, line in self.lines.items()}
        return Points(values, revision=self.revision)

    def do(self, kind: str, what: object) -> None:
        """One step, and a look after it."""
        if kind == "advance":
            assert isinstance(what, int)
            self.upto, self.hours = min(19, self.upto + what), 0
        elif kind == "revise":
            assert isinstance(what, tuple)
            member, position, value = what
            self.lines[member][position] = value
        elif kind == "restart":
            self.memo = Memo()
        elif kind != "look":
            _act(self.ledger, kind, str(what), self.upto, self.hours)
        self.revision, self.hours = self.revision + 1, min(self.hours + 1, 20)
        self.look()


def _act(ledger: Ledger, kind: str, member: str, upto: int, hours: int) -> None:
    """On the member's last episode, if there is one."""
    at = (end(upto) + timedelta(hours=hours)).isoformat(timespec="microseconds")
    ledger.rows(
        "INSERT INTO alert_acts (kind, episode, rule, member, author, text, at)"
        " SELECT ?, episode, rule, member, 'li', 'x', ? FROM alert_episodes"
        " WHERE member = ? ORDER BY active_at DESC LIMIT 1",
        (kind, at, f'{{"channel":"{member}"}}'),
    )


def in_force(ledger: Ledger) -> Counter[tuple[object, ...]]:
    """The present timelines without names of episodes, which remember how they began."""
    return Counter(
        ledger.rows(
            "SELECT member, period, event, severity, reason, active_at FROM alert_transitions"
            " WHERE in_force = 1"
        )
    )


def consistent(ledger: Ledger) -> None:
    """An episode is told of before it ends; what was taken back is not in force; nothing stands twice."""
    held = {str(row[0]) for row in ledger.rows("SELECT episode FROM alert_transitions WHERE in_force = 1")}
    events: dict[str, list[str]] = {}
    for episode, event in ledger.rows(
        "SELECT episode, event FROM alert_transitions WHERE shown = 1 AND episode IS NOT NULL ORDER BY n"
    ):
        events.setdefault(str(episode), []).append(str(event))
    for episode, line in events.items():
        assert "firing" in line or "nodata" in line, line
        assert line.count("retracted") <= line.count("firing"), line
        assert (episode in held) != (line[-1] == "retracted"), (line, episode in held)
    keys = [m.key for m in ledger.outbox()]
    assert len(keys) == len(set(keys))


def _copy_acts(ledger: Ledger, once: Ledger) -> None:
    for table, columns in (
        ("alert_acts", "kind, episode, rule, member, author, text, at"),
        ("alert_episodes", "episode, rule, member, active_at, detected_at"),
    ):
        marks = ", ".join("?" for _ in columns.split(","))
        for row in ledger.rows(f"SELECT {columns} FROM {table}"):
            once.rows(f"INSERT INTO {table} ({columns}) VALUES ({marks})", row)


@given(LINES, RULES, st.lists(STEP, max_size=14))
@settings(max_examples=effort(120))
def test_whatever_happens_on_the_way_the_timelines_are_those_of_one_pass(
    lines: dict[str, list[float | None]], given_: Rule, steps: Sequence[tuple[str, object]]
) -> None:
    lines = {member: [10.0, *line[1:]] for member, line in lines.items()}
    live = Live(workspace(given_), lines)
    live.look()
    for kind, what in steps:
        live.do(kind, what)
    once = Ledger(None)
    _copy_acts(live.ledger, once)
    live.look(once, Memo())
    assert in_force(live.ledger) == in_force(once)
    consistent(live.ledger)
    before = (live.ledger.history(), live.ledger.outbox())
    live.memo = Memo()
    live.look()
    assert (live.ledger.history(), live.ledger.outbox()) == before


@given(LINES, RULES)
@settings(max_examples=effort(30))
def test_a_back_test_says_and_tells_what_live_evaluation_did(
    lines: dict[str, list[float | None]], given_: Rule
) -> None:
    work = workspace(given_)
    live = Live(work, {member: [10.0, *line[1:]] for member, line in lines.items()})
    for upto in range(20):
        live.upto, live.revision = upto, upto
        live.look()
    points = live.points()
    ask = Ask(points, work, end(19), end(19), AlertFacts(), points.answer)
    found = try_rule(ask, ready(work, given_), Ledger(None), {})
    told = Counter((m.kind, m.recipients, m.created_at, m.new, m.total) for m in live.ledger.outbox())
    assert told == Counter((m.kind, m.recipients, m.created_at, m.new, m.total) for m in found.messages)
    said = Counter(
        (member, e.period, e.event, e.severity, e.reason, e.active_at)
        for member, line in found.timelines.items()
        for e in line
    )
    assert said == in_force(live.ledger)


def test_a_member_that_turns_out_to_begin_later_is_judged_from_there() -> None:
    late: dict[str, list[float | None]] = {"a": [11.0] * 20, "b": [1.0] * 20}
    live = Live(workspace(rule("m_value > 10", by=("channel",), nodata="alert")), late)
    live.look()
    live.do("revise", ("a", 0, None))
    assert [(period, event) for _, period, event, *_ in in_force(live.ledger)] == [("2026-03-03", "firing")]
