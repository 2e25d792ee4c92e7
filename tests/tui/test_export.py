"""CSV exports: no formula, a header that says what it is, no file overwritten."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui import export


@given(st.text(max_size=30))
def test_no_cell_begins_like_a_formula(text: str) -> None:
    shown = export.neutral(text)
    assert not shown.startswith(("=", "+", "@", "\t", "\r", "\n", "＝")) and (
        not shown.startswith("-") or float(shown) <= 0
    )


@pytest.mark.parametrize("text", ["12", "-3.5", "1e-7", "0.25"])
def test_numbers_stay_numbers(text: str) -> None:
    assert export.neutral(text) == text


def test_a_cell_with_a_newline_in_the_header_stays_on_its_line() -> None:
    text = export.csv_text([["a"], ["b"]], [("range", "x\n=cmd()")])
    assert text == "# range: x =cmd()\na\nb\n"


@given(
    st.lists(
        st.lists(st.text(alphabet='a",\n抖', max_size=5), min_size=2, max_size=2), min_size=1, max_size=5
    )
)
def test_cells_come_back_as_they_were(rows: list[list[str]]) -> None:
    text = export.csv_text(rows, [])
    found = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    assert found == [[export.neutral(cell) for cell in row] for row in rows]


def test_a_name_from_data_becomes_no_path() -> None:
    name = export.file_name("../../etc/[red]抖音", datetime(2026, 10, 29, 14, 32))
    assert name == "looptop-etc-red-20261029-143200.csv"


def test_a_file_that_is_there_is_kept_and_the_next_folder_is_tried(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("", "utf-8")
    first = export.write("1", "x.csv", [blocked, tmp_path / "ok"])
    second = export.write("2", "x.csv", [tmp_path / "ok"])
    assert (first.read_text("utf-8"), second.name) == ("1", "x-2.csv")
