"""Facts older than their table's retention do not exist for any answer, whichever way the day came."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from engine.session import Session
from tests.contract.place import Place

TOML = """
[console.retention]
events = 30
[[source]]
name = "orders"
files = ["*.csv"]
table = "events"
event = "order"
columns = { ts = "ts", phone = "phone", value = "amount" }
"""
OLD = """
ts,phone,amount
2026-09-01T10:00:00,13811112222,10
2026-10-01T23:30:00,13811113333,20
2026-10-02T00:10:00,13811113333,30
"""
NEW = """
ts,phone,amount
2026-11-01T10:00:00,13811114444,40
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    found = Place(tmp_path)
    found.toml(TOML)
    found.put("old.csv", OLD)
    found.put("new.csv", NEW)
    return found


def test_what_is_too_old_is_filtered_and_in_no_part(place: Place) -> None:
    assert place.counts() == {"old.csv": (3, 1, 0, 0, 2), "new.csv": (1, 1, 0, 0, 0)}
    assert [row["value"] for row in place.rows()] == [40, 30]
    assert [one["identifiers"] for one in place.ask("persons", "--reveal")["persons"]] == [
        ["phone:+8613811113333"], ["phone:+8613811114444"],
    ]  # fmt: skip
    parts = [path for path in (place.state / "cache" / "parts").glob("*.parquet") if "." not in path.stem]
    held = [phone for path in parts for phone in pl.read_parquet(path)["phone"].explode()]
    place.ask("status")
    assert "13811112222" not in held
    assert place.ask("retention")["tables"] == [
        {"table": "events", "days": 30, "kept_from": "2026-10-02", "rows": 2, "files": 1, "persons": None}
    ]


def test_a_dry_run_says_what_would_go_and_leaves_the_state_alone(place: Place) -> None:
    found = place.ask("retention", "--dry-run")["tables"]
    assert found == [
        {"table": "events", "days": 30, "kept_from": "2026-10-02", "rows": 2, "files": 1, "persons": 1}
    ]
    assert not place.state.exists()


def test_a_later_day_reads_only_the_files_whose_rows_fall_out(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.toml(TOML, clock="wall")
    place.put("old.csv", OLD)
    place.put("new.csv", NEW)
    now = [datetime(2026, 10, 20)]
    session = Session.open(place.root, state=place.state, clock=lambda: now[0])

    def parts() -> dict[str, list[str]]:
        return {path: [part.id for part in one.parts] for path, one in session.pipeline.intake.files.items()}

    session.refresh()
    rejected = session.pipeline.intake.files["new.csv"].rejected
    assert rejected == 1 and session.status().tables["events"] == 2
    now[0] = datetime(2026, 11, 1)
    session.refresh()
    assert session.status().tables["events"] == 2
    first = parts()
    now[0] += timedelta(days=1)
    session.refresh()
    assert session.status().tables["events"] == 1
    assert parts()["new.csv"] == first["new.csv"] and parts()["old.csv"] != first["old.csv"]
    second = parts()
    now[0] += timedelta(days=1)
    session.refresh()
    assert parts() == second
    session.close()


def test_without_retention_everything_is_there_again(place: Place) -> None:
    assert len(place.rows()) == 2
    place.toml(TOML.replace("events = 30", "events = 3000"))
    assert len(place.rows()) == 4
