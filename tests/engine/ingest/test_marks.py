"""The decimal mark of a column follows from all its values, and is told."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ingest.marks import decide_marks, dress_of
from engine.ingest.numbers import to_decimals
from tests.engine.ingest.workspaces import Reading, again, lines, read, source

HEAD = "ts;channel;cost;clicks"


def _spend(tmp_path: Path, *costs: str, clicks: str = "1", **more: Any) -> Reading:
    rows = [f'2026-11-{i:02};a;"{cost}";{clicks}' for i, cost in enumerate(costs, 1)]
    return read(tmp_path, lines(HEAD, *rows), source("spend", **more))


def _told(found: Reading, topic: str = "numbers") -> str:
    return "\n".join(words for each, words in found.state.evidence if each == topic)


@pytest.mark.parametrize(
    ("costs", "values", "words"),
    [
        (["1.234,56", "12", "100.000"], ["1234.56", "12", "100000"], 'decimal mark ",": 1 of 3 values'),
        (["R$ 1.234,56", "R$ 100.000"], ["1234.56", "100000"], "can be read in no other way"),
        (["R$ 100.000", "R$ 2.500", "R$ 80"], ["100000", "2500", "80"], "groups of three digits"),
        (["100.000", "12"], ["100", "12"], "not decided by 1 values"),
        (["$1,204.50", "$3"], ["1204.5", "3"], '"," between thousands in 1; written with $'),
        (["12,5", "0,123", "1 234,5"], ["12.5", "0.123", "1234.5"], 'decimal mark ",": 3 of 3'),
        (["1.234.567", "5"], ["1234567", "5"], 'decimal mark ","'),
        (["1,234", "7"], ["1234", "7"], '"," between thousands in 1'),
        (["1 234.5", "1'234", "1\u202f234"], ["1234.5", "1234", "1234"], ""),
        (["３.５", "１２"], ["3.5", "12"], ""),
        (["12.5%", "3%"], ["0.125", "0.03"], "2 of 2 are percent"),
    ],
)
def test_the_mark_is_one_decision_with_its_evidence(
    tmp_path: Path, costs: list[str], values: list[str], words: str
) -> None:
    found = _spend(tmp_path, *costs)
    assert found["cost"] == [Decimal(value) for value in values] and not found.rejects
    assert words in _told(found)


def test_values_that_contradict_each_other_are_rejects_under_a_point(tmp_path: Path) -> None:
    found = _spend(tmp_path, "1204.5", "12,5", "1.234,56")
    assert found["cost"] == [Decimal("1204.5")] and [line for line, _, _ in found.reasons] == [3, 4]
    assert "2 need a comma and are rejected" in _told(found)


def test_a_column_that_leaves_it_open_follows_the_others(tmp_path: Path) -> None:
    found = _spend(tmp_path, "12,50", "1.234,56", clicks="1.234")
    assert found["clicks"] == [1234, 1234]
    assert 'clicks: decimal mark "," as in the other columns' in _told(found)


def test_the_source_has_the_last_word(tmp_path: Path) -> None:
    assert _spend(tmp_path / "a", "100.000", decimal=",")["cost"] == [100000]
    said = _spend(tmp_path / "b", "R$ 100.000", decimal=".")
    assert said["cost"] == [100]


def test_a_tail_that_decides_the_mark_has_the_file_read_again(tmp_path: Path) -> None:
    first = _spend(tmp_path, "100.000")
    path = tmp_path / "data" / "a.csv"
    path.write_text(path.read_text() + '2026-11-09;a;"1,50";1\n')
    found = again(tmp_path, source("spend"), first.state)
    assert found["cost"] == [100000, Decimal("1.5")] and len(found.state.parts) == 1


@given(st.lists(st.decimals(0, 10**9, places=2), min_size=1), st.sampled_from([",", "."]))
def test_amounts_with_two_places_are_read_as_they_were_written(amounts: list[Decimal], mark: str) -> None:
    other = "." if mark == "," else ","
    texts = [f"{amount:,.2f}".translate(str.maketrans(",.", f"{other}{mark}")) for amount in amounts]
    column = pl.Series(texts)
    marks = decide_marks({"a": dress_of(column)}, None)
    assert marks == {"a": mark} and to_decimals(column, mark)[0].to_list() == amounts


@given(st.lists(st.sampled_from(["1,5", "1.5", "1.234", "1,234", "7", "€ 1.000"])), st.integers(0, 9))
def test_counts_of_two_halves_are_the_counts_of_the_whole(texts: list[str], at: int) -> None:
    column = pl.Series(texts, dtype=pl.String)
    assert dress_of(column[:at]) + dress_of(column[at:]) == dress_of(column)


@pytest.mark.parametrize(
    ("total", "words"),
    [
        ("总计;--;3,5;2", "total row in line 4: filtered, equals the sum of the rows (clicks, cost)"),
        ("总计;--;4,5;2", "cost says 4.5, the rows that went in sum to 3.5"),
        ("总计;--;;", "total row in line 4: filtered"),
    ],
)
def test_a_total_row_is_compared_with_its_rows(tmp_path: Path, total: str, words: str) -> None:
    text = lines(HEAD, "2026-11-01;a;1,5;1", "2026-11-02;a;2;1", total)
    found = read(tmp_path, text, source("spend"))
    assert words in _told(found, "totals") and found.filtered == {"total_row": 1}
    path = tmp_path / "data" / "a.csv"
    path.write_text(path.read_text() + "2026-11-03;a;1;0\n")
    grown = again(tmp_path, source("spend"), found.state)
    assert len(grown.state.parts) == 2
    fresh = read(tmp_path / "new", path.read_bytes(), source("spend"))
    assert grown.state.evidence == fresh.state.evidence


@pytest.mark.parametrize(
    "text",
    [
        "Thu Oct 22 21:03:00 2026",
        "Thu, 22 Oct 2026 21:03:00 GMT",
        "Fri Oct 23 2026 05:03:00 GMT+0800 (China Standard Time)",
        "20261022T210300Z",
        "2026-W43-4 21:03",
    ],
)
def test_more_forms_of_a_moment(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, lines("ts\tevent", f"{text}\tvisit"), source())
    assert [str(ts) for ts in found["ts"]] == ["2026-10-22 21:03:00"]


def test_the_sentences_that_close_a_report_are_filtered(tmp_path: Path) -> None:
    text = lines(HEAD, "2026-11-01;a;1;1", "Grand Totals (1 records)", "", "Copyright (c) 2026 x", "oops")
    found = read(tmp_path, text, source("spend"))
    assert found.filtered == {"total_row": 1, "footer": 1}
    assert found.reasons == [(6, None, "1 field, header has 4")]
