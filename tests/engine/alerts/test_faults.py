"""A ledger that cannot be written, and a clock that jumps: nothing is forgotten, nothing is told twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from engine.alerts import Ledger, Memo, evaluate
from engine.questions import AlertsAnswer
from tests.engine.alerts.points import Points, end, rule, workspace

WORK = workspace(rule("m_value > 10", nodata="alert", sop=("Read this. " * 2000,)))
"""A first step that fits in no page that the file has already."""
LINE = [1.0, 11.0, 12.0, 1.0, 1.0, 13.0, 1.0, 1.0]


def look(ledger: Ledger, now: datetime, upto: int, memo: Memo | None = None) -> AlertsAnswer:
    points = Points({"all": {"value": LINE[: upto + 1]}}, revision=upto)
    return evaluate(points, WORK, ledger, now, detected_at=now, answer=points.answer, memo=memo)


def told(ledger: Ledger) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.kind, each.episodes) for each in ledger.outbox()]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    held = Ledger(tmp_path / "ledger.db", patience=0.05)
    yield held
    held.close()


@pytest.mark.parametrize("memo", [Memo(), None], ids=["one process", "a new one each time"])
def test_a_ledger_that_somebody_else_holds_is_written_when_it_is_free_again(
    ledger: Ledger, memo: Memo | None
) -> None:
    look(ledger, end(0), 0, memo)
    other = sqlite3.connect(str(ledger.path), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for p in (1, 2, 3):
        answer = look(ledger, end(p), p, memo)
        assert answer.fault is not None
        assert "locked" in answer.fault
        assert (answer.alerts[0].state, answer.alerts[0].period) == (
            "firing" if p < 3 else "ok", f"2026-03-{p + 2:02}",
        )  # fmt: skip
    assert (ledger.history(), ledger.outbox()) == ((), ())
    other.execute("ROLLBACK")
    other.close()
    assert look(ledger, end(3), 3, memo).fault is None
    assert [(t.period, t.event) for t in ledger.history()] == [
        ("2026-03-03", "firing"),
        ("2026-03-05", "resolved"),
    ]
    look(ledger, end(5), 5, memo)
    assert [kind for kind, _ in told(ledger)] == ["firing"]


def test_what_still_fires_when_the_disk_has_space_again_is_told_once(ledger: Ledger) -> None:
    look(ledger, end(0), 0)
    ledger.rows(f"PRAGMA max_page_count = {ledger.rows('PRAGMA page_count')[0][0]}")
    found = [look(ledger, end(p), p) for p in (1, 2)]
    assert [each.alerts[0].state for each in found] == ["firing", "firing"]
    assert all("full" in str(each.fault) for each in found), found
    assert ledger.outbox() == ()
    ledger.rows("PRAGMA max_page_count = 1000000")
    for _ in range(2):
        assert look(ledger, end(2), 2).fault is None
    assert [t.event for t in ledger.history()] == ["firing"]
    assert [kind for kind, _ in told(ledger)] == ["firing"]


@pytest.mark.parametrize("back", [timedelta(hours=30), timedelta(days=4), timedelta(days=400)])
def test_a_clock_that_is_set_back_takes_nothing_back(ledger: Ledger, back: timedelta) -> None:
    for p in range(3):
        look(ledger, end(p), p)
    before = (ledger.history(), told(ledger))
    look(ledger, end(2) - back, 2)
    assert (ledger.history(), told(ledger)) == before
    for p in (2, 3, 4):
        look(ledger, end(p), p)
    assert [t.event for t in ledger.history()] == ["firing", "resolved"]
    assert [kind for kind, _ in told(ledger)] == ["firing", "resolved"]


def test_a_clock_that_was_ahead_for_a_while_loses_no_message(ledger: Ledger) -> None:
    work = workspace(rule("m_value < 10", nodata="breach"))

    def seen(now: datetime, upto: int) -> None:
        points = Points({"all": {"value": [11.0, 12.0, 13.0, 1.0, 14.0, 15.0][: upto + 1]}}, revision=upto)
        evaluate(points, work, ledger, now, detected_at=now, answer=points.answer)

    seen(end(1), 1)
    seen(end(9), 1)
    assert [kind for kind, _ in told(ledger)] == ["firing"]
    for p in (2, 3):
        seen(end(p), p)
    seen(end(3), 3)
    (ahead, _), *later = told(ledger)
    assert (ahead, [kind for kind, _ in later]) == ("firing", ["retracted", "firing"])
    seen(end(4), 4)
    assert [kind for kind, _ in told(ledger)] == ["firing", "retracted", "firing", "resolved"]
    assert len({m.key for m in ledger.outbox()}) == 4
