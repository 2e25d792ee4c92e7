"""What people are told: of sources that explain, incidents, causes, flapping, reminders, escalation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.alerts import AlertFacts, Ledger, Memo, evaluate
from engine.alerts.telling.explaining import kept
from engine.alerts.telling.flapping import spell
from engine.expressions import parse
from engine.questions import Alert, WhyAnswer, WhyQuery
from engine.questions.causes import Cause, MemberChange
from engine.workspace.model import EventRule, Person, Rule, Source, Workspace
from tests.effort import effort
from tests.engine.alerts.points import Points, Values, end, rule, workspace

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
CRITICAL = tuple(
    (name, parse(text)) for name, text in (("critical", "m_value > 20"), ("warning", "m_value > 10"))
)


def look(
    ledger: Ledger,
    work: Workspace,
    values: Values,
    now: datetime,
    *,
    stale: Sequence[int] = (),
    memo: Memo | None = None,
    revision: int = 0,
) -> dict[str, Alert]:
    """Alerts by rule and member; `stale`: days at whose end the source is old."""
    points = Points(values, revision=revision)
    facts = AlertFacts(age=lambda _source, at: 99.0 if at in map(end, stale) else 1.0)
    found = evaluate(
        points,
        work,
        ledger,
        now,
        detected_at=now,
        facts=facts,
        answer=points.answer,
        why=points_why,
        memo=memo,
    )
    return {" ".join([each.rule, *map(str, each.labels.values())]): each for each in found.alerts}


def points_why(_tables: object, _work: object, query: WhyQuery, _now: datetime) -> WhyAnswer:
    """One cause and two members that share the change."""
    member = (("channel", "a"),)
    return WhyAnswer(
        query.metric,
        query.period,
        None,
        10.0,
        20.0,
        10.0,
        ("channel",),
        (Cause(member, 8.0, 0.8, None, 9.0),),
        (MemberChange(member, 8.0, 0.8), MemberChange((("channel", "b"),), 2.0, 0.2)),
        None,
        {},
        "cause",
        "It is a.",
        sentences={"en": f"It is a in {query.period}.", "zh": "是 a。"},
    )


def said(ledger: Ledger, n: int) -> list[str]:
    """What a message says of each alert, with its cause."""
    cases = ledger.outbox()[n].payload["cases"]
    assert isinstance(cases, list)
    return [" ".join(each[part]["en"] for part in ("text", "cause") if each[part]) for each in cases]


def line(*values: float | None) -> Values:
    return {"all": {"value": list(values)}}


def told(ledger: Ledger) -> list[tuple[str, str, int, int]]:
    return [(m.kind, m.rule, m.new, m.total) for m in ledger.outbox()]


# --- sources ---------------------------------------------------------------------------------------


def with_source(*rules: Rule) -> Workspace:
    work = workspace(*rules)
    web = Source("web", ("w.csv",), "events", event=EventRule(constant="order"))
    other = Source("other", ("o.csv",), "spend")
    return replace(work, sources=(web, other))


STALE = replace(rule("age(web) > 48", notify=("lead",)), name="stale")


def test_while_a_source_is_stale_alerts_that_read_it_are_quiet_and_then_speak_once() -> None:
    ledger, work, memo = Ledger(None), with_source(STALE, rule("m_value > 10")), Memo()
    found = look(ledger, work, line(20.0), end(0), stale=[0], memo=memo)
    assert found["r"].inhibited_by == (found["stale"].id,)
    assert found["stale"].inhibited_by == ()
    assert told(ledger) == [("firing", "stale", 1, 1)]
    for hour in range(3):
        found = look(ledger, work, line(20.0, 20.0), end(1) + hour * HOUR, stale=[0], memo=memo, revision=1)
    assert (found["r"].state, found["r"].inhibited_by) == ("firing", ())
    assert told(ledger)[1:] == [("resolved", "stale", 1, 1), ("firing", "r", 1, 1)]


def test_what_ends_while_its_source_is_stale_is_not_told() -> None:
    ledger, work = Ledger(None), with_source(STALE, rule("m_value > 10"))
    look(ledger, work, line(20.0), end(0))
    look(ledger, work, line(20.0, 20.0), end(1), stale=[1])
    look(ledger, work, line(20.0, 20.0, 5.0), end(2), stale=[1, 2])
    look(ledger, work, line(20.0, 20.0, 5.0, 5.0), end(3), stale=[1, 2])
    assert told(ledger) == [("firing", "r", 1, 1), ("firing", "stale", 1, 1), ("resolved", "stale", 1, 1)]


def test_an_alert_about_another_source_explains_nothing() -> None:
    ledger = Ledger(None)
    stale = replace(rule("age(other) > 48"), name="stale")
    found = look(ledger, with_source(stale, rule("m_value > 10")), line(20.0), end(0), stale=[0])
    assert found["r"].inhibited_by == ()
    assert len(told(ledger)) == 2


# --- incidents -------------------------------------------------------------------------------------


TOTAL = replace(rule("m_value > 10"), name="total")
MEMBER = replace(rule("m_value > 10", by=("channel",)), name="member")


class Both(Points):
    """A series by channel, and the sum of its channels."""

    def answer(self, tables, work, query, now):  # type: ignore[no-untyped-def]
        if query.by:
            return super().answer(tables, work, query, now)
        lines = [each["value"] for each in self.values.values()]
        summed = {"all": {"value": [sum(filter(None, day)) for day in zip(*lines, strict=True)]}}
        return Points(summed, self.start).answer(tables, work, query, now)


def both(ledger: Ledger, work: Workspace, a: Sequence[float], b: Sequence[float]) -> Mapping[str, Alert]:
    points, now = Both({"a": {"value": a}, "b": {"value": b}}), end(len(a) - 1)
    found = evaluate(points, work, ledger, now, detected_at=now, answer=points.answer, why=points_why)
    return {" ".join([each.rule, *map(str, each.labels.values())]): each for each in found.alerts}


def test_a_member_and_its_total_are_one_incident_and_one_message() -> None:
    ledger, work = Ledger(None), workspace(MEMBER, TOTAL)
    both(ledger, work, [1.0], [2.0])
    found = both(ledger, work, [1.0, 20.0], [2.0, 2.0])
    total = found["total"]
    assert (found["member a"].incident, total.incident) == (total.id, total.id)
    assert told(ledger) == [("firing", "total", 2, 2)]
    lines = said(ledger, 0)
    assert "was 22 on" in lines[0]
    assert "at a was 20 on" in lines[1]
    assert "(80%)" in lines[1]
    both(ledger, work, [1.0, 20.0, 1.0], [2.0, 2.0, 12.0])
    assert told(ledger)[1:] == [("firing", "total", 1, 2)]
    assert "was 13 on" in said(ledger, 1)[0]
    both(ledger, work, [1.0, 20.0, 1.0, 1.0], [2.0, 2.0, 12.0, 2.0])
    assert told(ledger)[2:] == [("resolved", "total", 3, 3)]


def test_members_that_corrected_data_do_not_have_are_withdrawn_in_one_message() -> None:
    ledger, work = Ledger(None), workspace(MEMBER)
    both(ledger, work, [1.0, 20.0], [1.0, 30.0])
    both(ledger, work, [1.0, 2.0], [1.0, 3.0])
    assert told(ledger) == [("firing", "member", 2, 2), ("retracted", "member", 2, 2)]
    assert len(ledger.outbox()[1].episodes) == 2


def test_a_member_that_fires_before_its_total_joins_it() -> None:
    ledger, work = Ledger(None), workspace(MEMBER, replace(rule("m_value > 20"), name="total"))
    both(ledger, work, [15.0], [2.0])
    found = both(ledger, work, [15.0, 19.0], [2.0, 2.0])
    assert found["member a"].incident == found["total"].id
    assert told(ledger) == [("firing", "member", 1, 1), ("firing", "total", 1, 2)]


def test_who_takes_the_total_takes_its_members() -> None:
    steps = ((30, ("lead",)),)
    ledger, work = (
        Ledger(None),
        workspace(replace(MEMBER, escalation=steps), replace(TOTAL, escalation=steps)),
    )
    total = both(ledger, work, [20.0], [2.0])["total"]
    ledger.act("ack", total.id or "", "li", end(0))
    both(ledger, work, [20.0, 20.0], [2.0, 2.0])
    assert [kind for kind, *_ in told(ledger)] == ["firing"]
    other = Ledger(None)
    both(other, work, [20.0], [2.0])
    both(other, work, [20.0, 20.0], [2.0, 2.0])
    assert told(other) == [("firing", "total", 2, 2), ("escalation", "total", 2, 2)]


def test_those_who_hear_of_the_member_alone_get_the_member() -> None:
    ledger, work = Ledger(None), workspace(replace(MEMBER, notify=("wang",)), TOTAL)
    both(ledger, work, [20.0], [2.0])
    found = sorted((m.kind, m.rule, m.recipients) for m in ledger.outbox())
    assert found == [("firing", "member", ("wang",)), ("firing", "total", ("li",))]


# --- causes ----------------------------------------------------------------------------------------


def test_the_cause_is_kept_as_it_was_found_whatever_the_data_say_later() -> None:
    ledger, work = Ledger(None), workspace(rule("m_value > 10"))
    first = look(ledger, work, line(1.0, 20.0), end(1))["r"]
    assert first.why is not None
    assert first.why.period == "2026-03-03"
    assert [dict(each) for each in first.causes] == [
        {"element": {"channel": "a"}, "share": 0.8, "sentence": "It is a in 2026-03-03."}
    ]
    assert "It is a in 2026-03-03." in said(ledger, 0)[0]
    later = look(ledger, work, line(1.0, 20.0, 21.0, 22.0), end(3))["r"]
    assert later.why == first.why
    assert len(ledger.rows("SELECT * FROM alert_causes")) == 1


def test_what_came_to_nothing_a_week_before_is_compared_with_the_day_before() -> None:
    asked: list[object] = []

    def why(_tables: object, _work: object, query: WhyQuery, now: datetime) -> WhyAnswer:
        asked.append(query.compare)
        return replace(points_why(None, None, query, now), base=0.0 if query.compare == "week" else 10.0)

    points, work, ledger = Points(line(1.0, 20.0)), workspace(rule("m_value > 10")), Ledger(None)
    evaluate(points, work, ledger, end(1), detected_at=end(1), answer=points.answer, why=why)
    (known,) = kept(ledger).values()
    assert known.why is not None
    assert (asked, known.why.base) == (["week", "previous"], 10.0)


def test_an_alert_is_told_with_what_its_condition_compares() -> None:
    def text(when: str, *values: float) -> str:
        ledger = Ledger(None)
        look(ledger, workspace(rule(when)), line(*values), end(len(values) - 1))
        return said(ledger, 0)[0]

    assert "was 30 on 2026-03-03: m_value / 2 > 10" in text("m_value / 2 > 10", 1.0, 30.0)
    assert "was 30 on 2026-03-03, limit 10" in text("m_value > 10", 1.0, 30.0)
    assert "was 30 on 2026-03-03, expected 10" in text("change(m_value, previous) > 10%", 10.0, 30.0)


def test_a_revision_and_a_higher_severity_find_the_cause_again_and_keep_the_old_one() -> None:
    ledger, work = Ledger(None), workspace(rule("m_value > 10", levels=CRITICAL))
    look(ledger, work, line(1.0, 15.0), end(1))
    for _ in range(2):
        look(ledger, work, line(1.0, 16.0), end(1) + HOUR)
    look(ledger, work, line(1.0, 16.0, 25.0), end(2))
    rows = ledger.rows("SELECT revision, period FROM alert_causes ORDER BY revision")
    assert rows == [(0, "2026-03-03"), (1, "2026-03-03"), (2, "2026-03-04")]


def test_of_many_new_alerts_the_largest_are_explained_first_and_the_rest_next_time() -> None:
    ledger, work, memo = Ledger(None), workspace(rule("m_value > 10", by=("channel",))), Memo()
    values = {f"c{n:02}": {"value": [11.0 + n]} for n in range(15)}
    found = look(ledger, work, values, end(0), memo=memo)
    assert {name for name, each in found.items() if each.why} == {f"r c{n:02}" for n in range(5, 15)}
    found = look(ledger, work, values, end(0) + MINUTE, memo=memo)
    assert all(each.why for each in found.values())


# --- flapping --------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 40), unique=True, max_size=12).map(sorted), st.integers(0, 45))
@settings(max_examples=effort(100))
def test_a_spell_of_flapping_is_what_a_walk_over_all_periods_finds(fired: list[int], judged: int) -> None:
    fired = [each for each in fired if each <= judged]
    begun: int | None = None
    for period in range(judged + 1):
        often = len([each for each in fired if period - 13 <= each <= period]) > 3
        begun = None if not often else period if begun is None else begun
    assert spell([(each, str(each)) for each in fired], judged) == (None if begun is None else str(begun))


def test_a_member_that_comes_and_goes_is_told_once_and_then_only_when_it_gets_worse() -> None:
    ledger, work = Ledger(None), workspace(rule("m_value > 10", levels=CRITICAL))
    values = [1.0, 15.0] * 3 + [1.0]
    for p in range(len(values)):
        look(ledger, work, line(*values[: p + 1]), end(p))
    assert [kind for kind, *_ in told(ledger)] == ["firing", "resolved"] * 3
    more = [15.0, 1.0, 15.0, 1.0, 25.0, 25.0, 1.0]
    for p in range(len(values), len(values) + len(more)):
        for _ in range(2):
            found = look(ledger, work, line(*[*values, *more][: p + 1]), end(p))
        assert found["r"].flapping
    assert [kind for kind, *_ in told(ledger)][6:] == ["flapping", "severity_up"]
    calm = [*values, *more, *[1.0] * 14, 15.0]
    found = look(ledger, work, line(*calm), end(len(calm) - 1))
    assert not found["r"].flapping
    assert [kind for kind, *_ in told(ledger)][8:] == ["firing"]
    assert not [each for each in ledger.told(()) if each.episode.startswith("flapping")]


# --- reminders and escalation ----------------------------------------------------------------------


def minutes(ledger: Ledger, kind: str) -> list[int]:
    return [int((m.created_at - end(0)) / MINUTE) for m in ledger.outbox() if m.kind == kind]


def test_reminders_come_ever_more_seldom_and_stop_at_the_ack() -> None:
    ledger, work = (
        Ledger(None),
        workspace(rule("m_value > 10", repeat_every=60, group_by=("rule",), by=("channel",))),
    )
    values: Values = {"a": {"value": [20.0]}, "b": {"value": [20.0]}}
    for minute in range(0, 24 * 60, 30):
        found = look(ledger, work, values, end(0) + minute * MINUTE)
    assert minutes(ledger, "reminder") == [60, 180, 420, 900]
    assert [m.new for m in ledger.outbox() if m.kind == "reminder"] == [2] * 4
    for each in found.values():
        ledger.act("ack", each.id or "", "li", end(0) + 24 * HOUR)
    for hour in range(24, 48):
        look(ledger, work, values, end(0) + hour * HOUR)
    assert len(minutes(ledger, "reminder")) == 4


def escalating(**more: object) -> Workspace:
    steps = ((30, ("lead",)), (60, ("p_director",)))
    return workspace(rule("m_value > 10", owner="li", notify=("owner",), escalation=steps, **more))


def test_an_escalation_counts_the_owners_working_hours_alone() -> None:
    ledger, work = Ledger(None), escalating()
    work = replace(work, people={**work.people, "li": Person("li", ("li_hook",), "Tue-Fri 09:00-12:00")})
    for quarter in range(4 * 14):
        look(ledger, work, line(20.0), end(0) + quarter * 15 * MINUTE)
    assert [(int((m.created_at - end(0)) / MINUTE), m.recipients) for m in ledger.outbox()] == [
        (0, ("li",)), (9 * 60 + 30, ("lead",)), (10 * 60, ("p_director",)),
    ]  # fmt: skip


def test_an_escalation_starts_again_as_often_as_its_loops_say() -> None:
    ledger, work = Ledger(None), escalating(loops=1)
    for quarter in range(20):
        look(ledger, work, line(20.0), end(0) + quarter * 15 * MINUTE)
    assert minutes(ledger, "escalation") == [30, 60, 90, 120]


def test_an_ack_that_ends_lets_the_escalation_go_on_from_there() -> None:
    ledger, work = Ledger(None), escalating(ack_ttl=2.0)
    for quarter in range(20):
        found = look(ledger, work, line(20.0), end(0) + quarter * 15 * MINUTE)
        if quarter == 3:
            ledger.act("ack", found["r"].id or "", "li", end(0) + 45 * MINUTE)
    assert minutes(ledger, "escalation") == [30, 45 + 120 + 60]


def test_a_step_without_delay_is_told_with_the_rest_and_no_escalation() -> None:
    ledger = Ledger(None)
    work = workspace(
        rule("m_value > 10", owner="li", notify=(), escalation=((0, ("owner",)), (30, ("lead",))))
    )
    for quarter in range(4):
        look(ledger, work, line(20.0), end(0) + quarter * 15 * MINUTE)
    assert [(m.kind, m.recipients) for m in ledger.outbox()] == [
        ("firing", ("li",)),
        ("escalation", ("lead",)),
    ]


@given(st.lists(st.sampled_from([1.0, 15.0, 25.0]), min_size=1, max_size=9), st.data())
@settings(max_examples=effort(40))
def test_an_evaluation_that_is_repeated_tells_nothing_twice(values: list[float], data: st.DataObject) -> None:
    ledger = Ledger(None)
    work = workspace(rule("m_value > 10", levels=CRITICAL, repeat_every=60, escalation=((30, ("lead",)),)))
    for p in range(len(values)):
        found = look(ledger, work, line(*values[: p + 1]), end(p))
        before = told(ledger)
        for _ in range(data.draw(st.integers(0, 2))):
            look(ledger, work, line(*values[: p + 1]), end(p))
        assert told(ledger) == before
        if found["r"].id and data.draw(st.booleans()):
            ledger.act("ack", found["r"].id, "li", end(p))
