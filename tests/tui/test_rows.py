"""Sorting and filtering of rows in memory, and the filter syntax."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.examples import CHANNELS, COLUMNS
from tui.rows import MemoryRows, filter_number, matcher, sort_key
from tui.view import Cell, Column, Row, Sort


def names(query: str) -> list[str]:
    return [row.id for row in MemoryRows(CHANNELS).arranged(COLUMNS, None, query).rows]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Douyin", "Baidu", "小红书", "WeChat", "Direct"]),
        ("ba", ["Baidu"]),
        ("红", ["小红书"]),
        ("!ok", ["Douyin", "Baidu"]),
        ("~dyn", ["Douyin"]),
        ("spend>50", ["Douyin", "Baidu", "小红书"]),
        ("spend>=96.3 !crit", ["Baidu"]),
        ("Spend<50 revenue>150", ["WeChat"]),
        ("spend=0", ["Direct"]),
        ("channel=baidu", ["Baidu"]),
        ("！crit", ["Baidu", "小红书", "WeChat", "Direct"]),
        ("nosuch>5", []),
        ("spend>", ["Douyin", "Baidu", "小红书", "WeChat", "Direct"]),
    ],
)
def test_the_filter_narrows_rows(query: str, found: list[str]) -> None:
    assert names(query) == found


@given(st.text(max_size=12))
def test_any_text_can_be_typed_as_a_filter(query: str) -> None:
    assert set(names(query)) <= {row.id for row in CHANNELS}


def test_numbers_in_a_filter_may_have_units() -> None:
    assert [filter_number(t) for t in ("1,200", "5k", "3.2万", "40%", "-2", "abc")] == [
        1200,
        5000,
        32000,
        0.4,
        -2,
        None,
    ]


def test_a_column_without_values_sorts_last_both_ways() -> None:
    rows = MemoryRows(
        [Row(n, (Cell(n, v, kind="number"),)) for n, v in (("a", 1.0), ("b", None), ("c", 2.0))]
    )
    columns = (Column("v", "V"),)
    orders = [rows.arranged(columns, Sort("v", down), "").ids() for down in (True, False)]
    assert orders == [("c", "a", "b"), ("a", "c", "b")]


def test_digits_inside_names_count_as_numbers() -> None:
    assert sorted(["step 10", "step 2", "Step 1"], key=sort_key) == ["Step 1", "step 2", "step 10"]


@given(st.lists(st.one_of(st.floats(allow_nan=False), st.text(max_size=6)), max_size=20))
def test_any_values_can_be_sorted_together(values: list[float | str]) -> None:
    assert len(sorted(values, key=sort_key)) == len(values)


def test_all_words_of_a_filter_must_hold() -> None:
    test = matcher("douyin nosuch", COLUMNS)
    assert not any(test(row) for row in CHANNELS)
