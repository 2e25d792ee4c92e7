"""Which columns of a table are shown, and how."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.tui.examples import CHANNELS, COLUMNS, channel, table
from tests.tui.snapshot import picture_of_lines
from tui.draw.table import Sheet, cell_runs, fit_columns, natural_widths
from tui.glyphs import ASCII, UNICODE
from tui.lines import text_of, width_of
from tui.table import TableModel
from tui.view import Cell, Column, Line


def drawn(width: int, model: TableModel | None = None) -> list[Line]:
    made = model or TableModel()
    if model is None:
        made.room = 9
        made.take(table())
    return Sheet().lines(made, width, UNICODE, focused=True, empty="", foot=("Conv. = orders / visits",))


def test_a_table_at_three_widths(golden: Callable[[str, str], None]) -> None:
    golden(picture_of_lines([each for width in (36, 60, 100) for each in drawn(width)]), "table")


def test_points_stand_under_points() -> None:
    texts = [text_of(each) for each in drawn(90)]
    assert len({cell_len(text[: text.index(".")]) for text in texts[1:6]}) == 1


def test_the_column_with_the_largest_drop_goes_first() -> None:
    natural = natural_widths(COLUMNS, CHANNELS)
    kept = [[COLUMNS[at].id for at in fit_columns(COLUMNS, natural, width).places] for width in (90, 60, 45)]
    assert [sorted({c.id for c in COLUMNS} - set(ids)) for ids in kept] == [[], ["trend"], ["share", "trend"]]


def test_scrolled_columns_leave_the_first_one() -> None:
    fit = fit_columns(COLUMNS, natural_widths(COLUMNS, CHANNELS), 40, offset=2)
    assert (fit.places[0], fit.places[1]) == (0, 3)


@given(st.integers(1, 140), st.integers(0, 8))
def test_shown_columns_fit_and_are_counted(width: int, offset: int) -> None:
    fit = fit_columns(COLUMNS, natural_widths(COLUMNS, CHANNELS), width, offset)
    assert sum(fit.widths) + len(fit.widths) <= max(width, 2)
    assert len(fit.places) + fit.left_out == len(COLUMNS)


@given(st.integers(1, 140))
def test_every_line_of_a_table_has_its_width(width: int) -> None:
    assert {width_of(each) for each in drawn(width)} == {width}


def test_columns_do_not_shrink_at_a_refresh() -> None:
    model, sheet = TableModel(), Sheet()
    model.room = 9
    for rows in (CHANNELS, (channel("B", 1.0, 1.0),)):
        model.take(table(rows))
        sheet.lines(model, 90, UNICODE, focused=False, empty="", foot=())
    assert sheet.widths == natural_widths(COLUMNS, [*CHANNELS, channel("Total", 370.5, 1000.0)])


def test_heat_is_a_ground_and_a_sign() -> None:
    cell = Cell("41%", 0.41, kind="heat", share=0.7)
    assert cell_runs(cell, 6, "right", UNICODE) == ((" 41% ", "heat-3"), ("▓", "shade-3"))
    assert cell_runs(cell, 6, "right", ASCII) == ((" 41% ", "heat-3"), ("*", "shade-3"))


def test_a_row_is_few_runs() -> None:
    assert max(len(each) for each in drawn(100)) <= 14


def test_room_left_goes_to_names_then_to_trends_as_long_as_they_are() -> None:
    columns = (Column("name", "Name", "left"), Column("trend", "28 d", "left", width=14, grow=28))
    fits = [fit_columns(columns, (20, 40), width).widths for width in (30, 40, 50, 90)]
    assert fits == [(14, 14), (20, 18), (20, 28), (20, 28)]
