"""What commands print is what it says, and obeys nobody."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tui.commands.output import change, csv_text, json_text, number, plain, table
from tui.harmless import cells

HOSTILE = st.text(st.characters(codec="utf-8"), max_size=12)


@given(st.lists(st.tuples(HOSTILE, HOSTILE), min_size=1, max_size=5))
def test_columns_of_a_table_stand_under_each_other_whatever_the_text(rows: list[tuple[str, str]]) -> None:
    lines = table(["name", "值"], [(one, other + "|") for one, other in rows]).splitlines()
    assert len(lines) == len(rows) + 2
    rule = lines[1].split("  ")
    assert all(cells(line) <= cells(lines[1]) for line in lines)
    assert cells(rule[0]) >= cells("name")


@given(HOSTILE)
def test_json_gives_back_the_text_and_writes_no_control_character(text: str) -> None:
    written = json_text({"value": text})
    assert json.loads(written) == {"value": text}
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in written)


@given(HOSTILE)
def test_no_cell_of_a_csv_is_a_formula(text: str) -> None:
    cell = csv_text(["a"], [["=" + text]]).split("\n", 1)[1].removeprefix('"')
    assert cell.startswith("'=")


def test_values_become_plain_json() -> None:
    moment = datetime(2026, 11, 1, 5, 30)
    value = {
        "a": Decimal("12.500000"),
        "b": Decimal("3.000000"),
        "c": moment,
        "d": date(2026, 11, 1),
        "e": float("nan"),
    }
    shown = {"a": 12.5, "b": 3, "c": "2026-11-01T13:30:00+08:00", "d": "2026-11-01", "e": None}
    assert plain(value, "Asia/Shanghai") == shown


def test_numbers_of_a_csv_keep_every_digit() -> None:
    assert csv_text(["a", "b"], [[Decimal("123456789012.345600"), -2.5]]) == "a,b\n123456789012.3456,-2.5"


def test_numbers_are_shown_by_their_unit() -> None:
    assert [number(1284), number(0.1842, "percent"), number(3.1, "money"), number(None)] == [
        "1,284",
        "18.42%",
        "3.10",
        "–",
    ]
    assert [change(0.062), change(-0.5), change(None)] == ["+6.2%", "-50.0%", "–"]
