"""The law of chains: however a file grows, it holds what it would hold if it had been read at once."""

from __future__ import annotations

import json
import tempfile
from datetime import datetime
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ingest import FileState
from engine.workspace.model import Source
from tests.effort import effort
from tests.engine.ingest.workspaces import Reading, again, columns, equation, lines, read, source

CELLS = st.sampled_from(
    [
        "",
        "a",
        "1",
        "2.5",
        "007",
        "-",
        "true",
        "x y",
        '"q, r"',
        '"two\nlines"',
        '"say ""hi"""',
        "好",
        "合计",
        "1,2",
        "é",
    ]
)
DAYS = st.sampled_from(
    ["2026-11-01", "1/2/2026", "25/2/2026", "2/25/2026", "2026-13-01", "", "2027-11-01", "昨天"]
)
ROWS = st.lists(
    st.tuples(DAYS, st.sampled_from(["visit", "order", ""]), CELLS, CELLS).map(",".join), max_size=12
)
OBJECTS = st.lists(
    st.fixed_dictionaries(
        {"ts": DAYS, "event": st.sampled_from(["visit", "order", None])},
        optional={
            "x": st.sampled_from([1, 20, True, False, "1", "a", 2.5, None, [1], {"k": 1}]),
            "channel": st.sampled_from(["a", "b"]),
            "phone": st.sampled_from(["13811112222", ["13911112222", "x"]]),
        },
    ).map(json.dumps) | st.sampled_from(["bad", "", "[1]"]),
    max_size=10,
)  # fmt: skip
CUTS = st.lists(st.floats(0, 1), max_size=4)


def grown(content: bytes, cuts: list[float], how: Source, name: str) -> tuple[Reading, Reading]:
    """The same file read at once, and read each time it grew."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        whole = read(Path(one), content, how, name)
        known: FileState | None = None
        (Path(two) / "data").mkdir()
        for cut in [*sorted(int(cut * len(content)) for cut in cuts), len(content)]:
            (Path(two) / "data" / name).write_bytes(content[:cut])
            step = again(Path(two), how, known, name)
            known = step.state
            assert equation(known)
        return whole, step


def same(whole: Reading, step: Reading) -> None:
    assert step.without_rows() == whole.without_rows()
    assert [(r.line, r.column, r.value, r.reason) for r in step.rejects] == [
        (r.line, r.column, r.value, r.reason) for r in whole.rejects
    ]
    assert step.profile == whole.profile
    assert (step.state.rows, step.state.accepted, step.filtered) == (
        whole.state.rows, whole.state.accepted, whole.filtered
    )  # fmt: skip


@settings(max_examples=effort(25), deadline=None)
@given(ROWS, CUTS, st.sampled_from(["utf-8", "gb18030", "utf-8-sig"]), st.booleans())
def test_a_csv_file_that_grows_in_any_steps_equals_the_whole_file(
    rows: list[str], cuts: list[float], encoding: str, ended: bool
) -> None:
    text = "\n".join(["ts,event,channel,note", *rows]) + ("\n" if ended else "")
    same(*grown(text.encode(encoding, "replace"), cuts, source(columns=columns(ts="ts")), "a.csv"))


@settings(max_examples=effort(25), deadline=None)
@given(OBJECTS, CUTS, st.booleans())
def test_a_json_lines_file_that_grows_in_any_steps_equals_the_whole_file(
    rows: list[str], cuts: list[float], ended: bool
) -> None:
    content = "\n".join(rows) + ("\n" if ended and rows else "")
    same(*grown(content.encode(), cuts, source(columns=columns(ts="ts")), "a.ndjson"))


def test_only_the_tail_of_a_grown_file_becomes_a_new_part(tmp_path: Path) -> None:
    how = source()
    first = read(tmp_path, lines("ts,event", "2026-11-01,visit"), how)
    (tmp_path / "data" / "a.csv").write_text(lines("ts,event", "2026-11-01,visit", "2026-11-02,order"))
    second = again(tmp_path, how, first.state)
    assert second.state.parts[0] == first.state.parts[0]
    assert (second["line"], second["event"]) == ([2, 3], ["visit", "order"])
    assert len(second.state.parts) == 2


def test_a_tail_that_contradicts_the_head_has_the_whole_file_read_again(tmp_path: Path) -> None:
    how = source()
    first = read(tmp_path, lines("ts,event,n", "1/2/2026,visit,1"), how)
    (tmp_path / "data" / "a.csv").write_text(lines("ts,event,n", "1/2/2026,visit,1", "25/2/2026,visit,x"))
    second = again(tmp_path, how, first.state)
    assert first["day"][0].month == 1 and second["day"][0].month == 2
    assert (first["p.n"], second["p.n"]) == ([1], ["1", "x"])


def test_a_torn_last_line_waits_for_its_rest(tmp_path: Path) -> None:
    how = source()
    first = read(tmp_path, "ts,event,value\n2026-11-01,order,1\n2026-11-02,ord", how)
    assert (first.state.rows, first["value"]) == (1, [1])
    (tmp_path / "data" / "a.csv").write_text("ts,event,value\n2026-11-01,order,1\n2026-11-02,order,25\n")
    assert again(tmp_path, how, first.state)["value"] == [1, 25]


def test_a_complete_last_line_counts_without_its_newline_and_may_still_grow(tmp_path: Path) -> None:
    how = source()
    first = read(tmp_path, "ts,event,value\n2026-11-01,order,1\n2026-11-02,order,2", how)
    assert first["value"] == [1, 2]
    (tmp_path / "data" / "a.csv").write_text("ts,event,value\n2026-11-01,order,1\n2026-11-02,order,25\n")
    assert again(tmp_path, how, first.state)["value"] == [1, 25]


def test_an_unchanged_file_is_not_read_again_under_another_name_or_after_a_restart(tmp_path: Path) -> None:
    how = source()
    first = read(tmp_path, lines("ts,event", "2026-11-01,visit"), how)
    assert again(tmp_path, how, first.state).state is first.state
    (tmp_path / "data" / "a.csv").rename(tmp_path / "data" / "b.csv")
    moved = again(tmp_path, how, None, "b.csv")
    assert moved.state.parts == first.state.parts
    assert FileState.from_json(moved.state.to_json()) == moved.state


def test_a_fact_of_the_day_after_tomorrow_is_accepted_when_its_time_comes(tmp_path: Path) -> None:
    how = source()
    early = read(tmp_path, lines("ts,event", "2026-11-24,visit"), how, now=datetime(2026, 11, 22, 12))
    assert early.reasons == [(2, "ts", "1 day in the future")]
    later = again(tmp_path, how, early.state, now=datetime(2026, 11, 23))
    assert (later.state.accepted, later.state.rejected) == (1, 0)
