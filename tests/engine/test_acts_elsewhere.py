"""What somebody decides in another process is followed at the next look."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from engine.session import Session
from tests.contract.place import Place

TOML = """
[[source]]
name = "ads"
files = ["*.csv"]
table = "spend"

[alert.spend_high]
when = "cost > 10"
severity = "critical"
"""
NOW = datetime(2026, 10, 4, 6)


def test_an_ack_of_another_session_is_due_and_followed_here(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.toml(TOML)
    place.put("a.csv", "day,channel,cost\n2026-10-02,baidu,5\n2026-10-03,baidu,50\n2026-10-04,baidu,1\n")
    here, there = (Session.open(place.root, state=place.state, clock=lambda: NOW) for _ in range(2))
    try:
        here.refresh()
        there.refresh()
        assert not here.due()
        (alert,) = there.alerts().alerts
        assert alert.id is not None
        there.ack(alert.id, by="li")
        assert here.due()
        here.refresh()
        assert not here.due()
        assert [each.acked_by for each in here.alerts().alerts] == ["li"]
    finally:
        there.close()
        here.close()
