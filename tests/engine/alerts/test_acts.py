"""What people do about alerts: silences with matchers and ends, ticks, acks that end."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from engine.alerts import Ledger, Memo, evaluate, silence_matching, silences, unsilence
from engine.errors import UnknownName, UsageError
from engine.questions import Alert, SilenceQuery
from engine.workspace.model import Rule, Workspace
from tests.effort import effort
from tests.engine.alerts.points import Points, Values, end, rule, workspace

HOUR = timedelta(hours=1)
FIRING = {"a": {"value": [20.0]}, "b": {"value": [20.0]}}


def look(
    ledger: Ledger,
    given: Rule,
    now: datetime,
    values: Values = FIRING,
    kept: tuple[Workspace, Memo] | None = None,
) -> tuple[Alert, ...]:
    """In: the workspace and the memo of a process that goes on."""
    points, (work, memo) = Points(values, revision=now.day), kept or (workspace(given), None)
    return evaluate(points, work, ledger, now, detected_at=now, answer=points.answer, memo=memo).alerts


def kinds(ledger: Ledger) -> list[tuple[str, int]]:
    return [(each.kind, each.new) for each in ledger.outbox()]


def by_channel(**more: object) -> Rule:
    return rule("m_value > 10", by=("channel",), **more)


def test_a_silence_by_labels_keeps_its_members_quiet_up_to_its_end_and_then_speaks_once() -> None:
    ledger, given, now = Ledger(None), by_channel(), end(0)
    asked = SilenceQuery("r", {"channel": "a"}, "maintenance", now + 2 * HOUR)
    name = silence_matching(ledger, asked, "li", now - HOUR)
    found = {each.labels["channel"]: each.silenced_by for each in look(ledger, given, now)}
    assert found == {"a": "li", "b": None}
    assert kinds(ledger) == [("firing", 1)]
    look(ledger, given, now + 2 * HOUR - timedelta(microseconds=1))
    assert kinds(ledger) == [("firing", 1)]
    for _ in range(3):
        look(ledger, given, now + 2 * HOUR)
    assert kinds(ledger) == [("firing", 1), ("firing", 1)]
    assert [each.id for each in silences(ledger.acts())] == [name]


def test_a_silence_to_come_does_not_work_yet_and_one_taken_back_ends_at_once() -> None:
    ledger, given, now = Ledger(None), by_channel(), end(0)
    asked = SilenceQuery(None, {"channel": "a"}, "sale", now + 9 * HOUR, now + HOUR)
    name = silence_matching(ledger, asked, "li", now - HOUR)
    assert not any(each.silenced_until for each in look(ledger, given, now))
    look(ledger, given, now + HOUR)
    unsilence(ledger, name, "wang", now + 2 * HOUR)
    look(ledger, given, now + 2 * HOUR)
    assert kinds(ledger) == [("firing", 2), ("firing", 1)]
    with pytest.raises(UnknownName):
        unsilence(ledger, name, "wang", now + 3 * HOUR)


def test_a_silence_needs_an_end_a_reason_and_something_to_silence() -> None:
    ledger, now = Ledger(None), end(0)
    for asked in (
        SilenceQuery("r", {}, " ", now + HOUR),
        SilenceQuery("r", {}, "why", None),
        SilenceQuery("r", {}, "why", now),
        SilenceQuery(None, {}, "why", now + HOUR),
        SilenceQuery("r", {}, "why", now + HOUR, now + HOUR),
    ):
        with pytest.raises(UsageError):
            silence_matching(ledger, asked, "li", now)
    assert not ledger.acts()


def test_steps_are_ticked_and_unticked() -> None:
    ledger, given, now = Ledger(None), rule("m_value > 10", sop=("look", "call")), end(0)
    episode = look(ledger, given, now, {"all": {"value": [20.0]}})[0].id or ""
    for kind, step in (("tick", 1), ("tick", 0), ("untick", 1), ("tick", 0)):
        ledger.act(kind, episode, "li" if step else "wang", now, step=step)  # type: ignore[arg-type]
    (alert,) = look(ledger, given, now + HOUR, {"all": {"value": [20.0]}})
    assert [(tick.step, tick.by) for tick in alert.ticks] == [(0, "wang")]


def test_an_ack_ends_when_its_time_is_over() -> None:
    ledger, given, now = Ledger(None), rule("m_value > 10", ack_ttl=4.0), end(0)
    line = {"all": {"value": [20.0]}}
    episode = look(ledger, given, now, line)[0].id or ""
    ledger.act("ack", episode, "li", now, "mine")
    assert look(ledger, given, now + 4 * HOUR - timedelta(seconds=1), line)[0].acked_by == "li"
    assert look(ledger, given, now + 4 * HOUR, line)[0].acked_by is None


def test_a_ledger_of_an_earlier_version_gets_the_columns_that_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with sqlite3.connect(path) as old:
        old.execute(
            "CREATE TABLE alert_acts (n INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, episode TEXT,"
            " rule TEXT NOT NULL, member TEXT NOT NULL, author TEXT NOT NULL, text TEXT NOT NULL,"
            " at TEXT NOT NULL, until TEXT) STRICT"
        )
        old.execute(
            "INSERT INTO alert_acts VALUES (1, 'silence', 'e', 'r', '{}', 'li', 'why', ?, ?)",
            (end(0).isoformat(), end(2).isoformat()),
        )
    old.close()
    ledger = Ledger(path)
    (found,) = silences(ledger.acts())
    assert (found.episode, found.by, found.until) == ("e", "li", end(2))
    ledger.close()


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["ack", "silence", "tick", "untick", "close", "by labels", "unsilence"]),
        st.integers(0, 3),
        st.integers(1, 30),
    ),
    max_size=6,
)


def done(ledger: Ledger, act: tuple[str, int, int], episode: str, now: datetime) -> None:
    kind, step, hours = act
    until = now + hours * HOUR
    if kind == "by labels":
        silence_matching(
            ledger, SilenceQuery(None, {"channel": "a"}, "why", until, now + step * HOUR), "li", now
        )
    elif kind == "unsilence":
        for each in [each for each in silences(ledger.acts()) if each.until > now][:1]:
            unsilence(ledger, each.id, "li", now)
    else:
        more = {"silence": {"until": until}, "tick": {"step": step}, "untick": {"step": step}}.get(kind, {})
        ledger.act(kind, episode, "li", now, "why", **more)  # type: ignore[arg-type]


@drawn(ACTS, st.lists(st.booleans(), min_size=6, max_size=6))
@settings(max_examples=effort(30))
def test_how_alerts_stand_follows_from_the_acts_and_not_from_when_they_were_looked_at(
    acts: list[tuple[str, int, int]], looks: list[bool]
) -> None:
    given, seen, unseen = by_channel(ack_ttl=7.0, sop=("a", "b", "c", "d")), Ledger(None), Ledger(None)
    line = {"a": {"value": [20.0, 20.0, 20.0]}, "b": {"value": [20.0, 5.0, 20.0]}}
    first = {name: {"value": each["value"][:1]} for name, each in line.items()}
    episodes = [look(ledger, given, end(0), first)[0].id or "" for ledger in (seen, unseen)]
    kept = (workspace(given), Memo())
    for at, act in enumerate(acts):
        now = end(0) + (at + 1) * 5 * HOUR
        for ledger, episode in zip((seen, unseen), episodes, strict=True):
            done(ledger, act, episode, now)
        if looks[at]:
            look(seen, given, now, first, kept)
    assert look(seen, given, end(2), line, kept) == look(unseen, given, end(2), line)
