"""A refresh beside a ledger that somebody else holds: numbers and alerts are there, and it says so."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from engine.alerts.kept import ledger as ledgers
from engine.session import Session

TOML = """
[console]
clock = "data"
[[source]]
name = "media"
files = ["*.csv"]
table = "spend"
columns = { ts = "day", clicks = "clicks" }
[alert.low]
when = "clicks < 100"
notify = ["ops"]
[notify.ops]
url_env = "LOOPTOP_OPS"
"""


def test_a_refresh_goes_on_and_what_it_could_not_write_is_written_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledgers, "PATIENCE", 0.05)
    data = tmp_path / "data"
    data.mkdir()
    (data / "looptop.toml").write_text(TOML)
    (data / "a.csv").write_text("day,clicks\n2026-03-02,200\n2026-03-03,200\n")
    wall = [datetime(2026, 4, 1)]
    session = Session.open(data, state=tmp_path / "state", clock=lambda: wall[0])
    session.refresh()
    assert session.unwritten is None
    other = sqlite3.connect(tmp_path / "state" / "ledger.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    (data / "b.csv").write_text("day,clicks\n2026-03-04,50\n2026-03-05,60\n2026-03-06,60\n")
    assert session.refresh("change").error is None
    found = session.alerts()
    assert [(each.state, each.period) for each in found.alerts] == [("firing", "2026-03-05")]
    assert "locked" in str(found.fault)
    assert "locked" in str(session.unwritten)
    assert not session.due()
    wall[0] += timedelta(seconds=20)
    assert session.due()
    assert (session.history(), session.outbox()) == ((), ())
    other.execute("ROLLBACK")
    other.close()
    session.refresh("change")
    assert session.alerts().fault is None
    assert session.unwritten is None
    assert [each.event for each in session.history()] == ["firing"]
    assert [each.kind for each in session.outbox()] == ["firing"]
    assert not session.due()
    session.close()
