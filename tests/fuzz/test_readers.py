"""Every reader over almost right and quite wrong files; `python -m tests.fuzz` searches further."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ingest import pieces
from engine.ingest.blocks import blocks
from tests.effort import EFFORT, effort
from tests.engine.ingest.workspaces import read
from tests.fuzz.laws import HOW, check, grows, said
from tests.fuzz.seeds import SEEDS, bomb, delimited, laughing_page, laughing_workbook, lines, mutated

TABLE = st.sampled_from(["events", "spend", "profiles"])
ACCIDENT = st.integers(0, 1 << 32)


@pytest.mark.parametrize("name", SEEDS)
def test_a_file_as_it_should_be_is_read(name: str) -> None:
    state = check(SEEDS[name](), name)
    assert state.rows == 5 and state.accepted >= 1, state


@pytest.mark.parametrize("name", SEEDS)
@settings(max_examples=effort(15))
@given(accident=ACCIDENT, table=TABLE)
def test_an_accident_to_a_file_loses_no_record(name: str, accident: int, table: str) -> None:
    check(mutated(SEEDS[name](), random.Random(accident)), name, table)


@settings(max_examples=effort(30))
@given(content=st.binary(max_size=300), name=st.sampled_from(sorted(SEEDS)))
def test_any_bytes_under_any_name(content: bytes, name: str) -> None:
    check(content, name)


@settings(max_examples=effort(25))
@given(content=st.text(st.sampled_from('ts,phone\n\r"\t;|{}[]:0123456789-/ 年月é\0'), max_size=120))
def test_texts_that_are_nearly_tables(content: str) -> None:
    check(("ts,phone,email,value,n\n" + content).encode(), "a.csv")


@pytest.mark.parametrize("name", ["a.csv", "b.tsv", "d.ndjson"])
@settings(max_examples=effort(15))
@given(accident=ACCIDENT, cut=st.floats(0, 1))
def test_a_file_cut_anywhere_and_then_completed_is_the_whole_file(
    name: str, accident: int, cut: float
) -> None:
    content = mutated(SEEDS[name](), random.Random(accident))
    at = int(len(content) * cut)
    grows(content[:at], content[at:], name)


@pytest.mark.parametrize("make", [delimited, lines])
def test_a_file_cut_here_and_there_and_then_completed(make: object) -> None:
    assert callable(make)
    content, name = make(), "a.csv" if make is delimited else "d.ndjson"
    for at in range(0, len(content), 23 if EFFORT >= 1 else 47):
        grows(content[:at], content[at:], name)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("wide.csv", b",".join(b"c%d" % i for i in range(5000)) + b"\n" + b"," * 4999 + b"\n"),
        ("deep.json", b"[" * 100_000 + b"]" * 100_000),
        ("deep.ndjson", b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"\n"),
        ("long.csv", b"ts,value\n2026-11-01," + b"9" * 5_000_000 + b"\n"),
        ("nested.ndjson", b'{"ts":"2026-11-01","n":' + b"[" * 700 + b"]" * 700 + b"}\n"),
        ("nested.json", b'[{"ts":"2026-11-01","n":' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}]"),
        ("half.ndjson", b'{"ts":"2026-11-01","n":"\\ud800"}\n{}\n'),
        ("half.json", b'[{"ts":"2026-11-01","n":"\\ud800"},{}]'),
        ("empty.ndjson", b"{}\n{}\n"),
        ("huge.ndjson", b'{"ts":"2026-11-01","value":' + b"9" * 10_000 + b"}\n"),
        ("quote.csv", b'ts,value\n2026-11-01,"' + b"a\n" * 20_000),
    ],
)
def test_shapes_that_are_meant_to_hurt(name: str, content: bytes) -> None:
    check(content, name)


@pytest.mark.parametrize("name", ["a.csv", "b.tsv", "d.ndjson"])
def test_a_file_read_in_small_blocks_is_the_whole_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = read(tmp_path / "whole", SEEDS[name](), HOW["events"], name)
    monkeypatch.setattr(pieces, "blocks", partial(blocks, size=150))
    small = read(tmp_path / "small", SEEDS[name](), HOW["events"], name)
    assert len(small.state.parts) > 1 and said(small) == said(whole)


def test_a_parquet_file_with_a_wrong_byte_is_read_or_is_one_reject() -> None:
    content = SEEDS["f.parquet"]()
    for at in range(4, len(content), 29):
        check(content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :], "f.parquet")


@pytest.mark.parametrize(
    ("name", "make"), [("l.xlsx", laughing_workbook), ("l.xls", laughing_page), ("b.csv.gz", bomb)]
)
def test_files_that_grow_when_they_are_opened(name: str, make: object) -> None:
    assert callable(make)
    state = check(make(), name)
    assert name != "b.csv.gz" or "expand to more than" in (state.error or "")
    assert all("ha" * 1000 not in part for part in map(repr, state.evidence))
