"""Profiles of parts: what a slow reading of the rows counts, in sums that add."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ingest.profile import CAP, ValueSum, merged
from engine.ingest.state import profile_path
from tests.engine.ingest.workspaces import again, columns, lines, read, source

CELL = st.sampled_from(["", "a", "b", "1", "2.5", "1,000", "-3", "true", "x1"])
ROWS = st.lists(st.tuples(st.integers(1, 9), CELL), min_size=1, max_size=30)


def is_number(text: str) -> bool:
    try:
        float(text.replace(",", ""))
    except ValueError:
        return False
    return True


@settings(max_examples=30, deadline=None)
@given(ROWS)
def test_a_profile_is_what_a_slow_reading_counts(rows: list[tuple[int, str]]) -> None:
    text = lines("ts;event;note", *(f"2026-11-0{day};visit;{cell}" for day, cell in rows))
    with tempfile.TemporaryDirectory() as folder:
        found = read(Path(folder), text, source(columns=columns(ts="ts"))).profile
    note = found.columns["note"]
    filled = [cell for _, cell in rows if cell]
    assert (found.rows, found.accepted, note.rows) == (len(rows), len(rows), len(rows))
    assert note.empty == sum(cell == "" for _, cell in rows)
    assert note.empty_at == tuple(at for at, (_, cell) in enumerate(rows, 2) if cell == "")[:10]
    assert note.kinds.get("number", 0) == sum(map(is_number, filled))
    assert note.kinds.get("boolean", 0) == filled.count("true")
    assert note.values == {
        cell: ValueSum(
            filled.count(cell),
            min(date(2026, 11, day) for day, other in rows if other == cell),
            max(date(2026, 11, day) for day, other in rows if other == cell),
            min(at for at, (_, other) in enumerate(rows, 2) if other == cell),
        )
        for cell in filled
    }
    assert dict(found.days) == {
        date(2026, 11, day): sum(other == day for other, _ in rows) for day, _ in rows
    }


def test_more_values_than_the_cap_are_none_however_the_file_came(tmp_path: Path) -> None:
    rows = [f"2026-11-01,visit,v{n}" for n in range(CAP + 1)]
    first = read(tmp_path, lines("ts,event,note", *rows[:40]), source())
    assert len(first.profile.columns["note"].values or {}) == 40
    (tmp_path / "data" / "a.csv").write_text(lines("ts,event,note", *rows))
    grown = again(tmp_path, source(), first.state)
    assert len(grown.state.parts) == 2 and grown.profile.columns["note"].values is None


def test_identifiers_and_names_leave_no_values(tmp_path: Path) -> None:
    found = read(tmp_path, lines("ts,event,phone", "2026-11-01,visit,13811112222"), source())
    assert found.profile.columns["phone"].values is None
    assert found.profile.canonical["phone"] == 1
    kept = profile_path(tmp_path / "cache", found.state.parts[0].id)
    assert "13811112222" not in kept.read_text()


def test_rejects_are_counted_on_the_column_that_they_name(tmp_path: Path) -> None:
    text = lines("ts,event,value", "2026-11-01,order,x", "2026-11-01,order,1", "yesterday,order,1")
    found = read(tmp_path, text, source()).profile
    assert (found.columns["value"].rejected, found.columns["ts"].rejected, found.accepted) == (1, 1, 1)


def test_rows_that_a_source_filters_are_not_profiled(tmp_path: Path) -> None:
    from engine.expressions import parse

    text = lines("ts,event,note", "2026-11-01,visit,", "2026-11-01,visit,a")
    found = read(tmp_path, text, source(where=parse("note = 'a'"))).profile
    assert (found.rows, found.columns["note"].empty) == (1, 0)


def test_a_lost_profile_is_made_again(tmp_path: Path) -> None:
    first = read(tmp_path, lines("ts,event", "2026-11-01,visit"), source())
    path = profile_path(tmp_path / "cache", first.state.parts[0].id)
    before = path.read_bytes()
    path.unlink()
    again(tmp_path, source(), first.state)
    assert path.read_bytes() == before


@pytest.mark.parametrize("kind", ["number", "text", "boolean", "time"])
def test_typed_columns_have_the_kind_of_their_type(tmp_path: Path, kind: str) -> None:
    values: dict[str, list[object]] = {
        "number": [1, None], "text": ["a", None], "boolean": [True, None], "time": [date(2026, 1, 1), None],
    }  # fmt: skip
    (tmp_path / "data").mkdir()
    frame = pl.DataFrame({"ts": ["2026-11-01"] * 2, "event": ["visit"] * 2, "x": values[kind]})
    frame.write_parquet(tmp_path / "data" / "a.parquet")
    found = again(tmp_path, source(), None, "a.parquet").profile.columns["x"]
    assert (found.kinds, found.empty, found.empty_at) == ({kind: 1}, 1, (2,))


def test_nothing_adds_to_nothing() -> None:
    assert merged([]).rows == 0
