"""Columns, ranges and saved views: what a person chooses to see, on any table and any place."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from textual import events
from textual.pilot import Pilot

from engine.questions import Range
from tests.tui.fake_session import FakeSession
from tests.tui.screens.console import console, press, shown
from tui.app import Looptop
from tui.remembered import NAME, read
from tui.remembering import current
from tui.widgets.table import TableWidget


def table(app: Looptop) -> TableWidget:
    """The table that is meant."""
    found = app.page.table
    assert found is not None
    return found


async def test_columns_are_hidden_moved_and_widened_and_that_is_remembered() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "7")
        before = [column.id for column in table(app).model.columns]
        await press(app, pilot, "c", "j", "space", "j", ">", "j", "plus", "plus", "enter")
        model = table(app).model
        hidden = [column.id for column in model.columns if column.hidden]
        assert hidden == [before[1]]
        assert [column.id for column in model.columns][1:3] == [before[3], before[2]]
        assert len(model.widths) == 1
        (state,) = [state for (page, _), state in current(app).tables.items() if page == "sources"]
        assert state.widths == tuple(model.widths.items())
        await press(app, pilot, "c", "G", "g", "j", "j", "j", "0", "enter")


async def test_a_column_that_only_the_data_have_can_be_shown() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "enter", "enter", "enter", "enter")
        assert app.stacks.here.kind == "rows"
        hidden = [c.id for c in table(app).model.columns if c.hidden and c.id.startswith("props.")]
        assert hidden
        await press(app, pilot, "c", "G", "space", "enter")
        shown_now = [c.id for c in table(app).model.columns if not c.hidden]
        assert hidden[-1] in shown_now


async def test_days_are_chosen_in_the_calendar() -> None:
    async with console((80, 24)) as (app, pilot):
        await press(app, pilot, "t", "tab", "left", "space", "up", "enter")
        assert app.view.range == Range(date(2026, 10, 21), date(2026, 10, 28))
        await press(app, pilot, "t", "tab", "pageup", "enter")
        assert app.view.range == Range(date(2026, 9, 28), date(2026, 9, 28))


async def test_a_range_for_one_place_alone_leaves_the_others() -> None:
    async with console() as (app, pilot):
        view = app.view
        await press(app, pilot, "3", "t", *"2026-q3", "f5")
        assert app.stacks.here.range == Range(date(2026, 7, 1), date(2026, 9, 30))
        assert app.view == view
        await press(app, pilot, "[")
        assert app.stacks.here.range == Range(date(2026, 3, 31), date(2026, 6, 30))
        await press(app, pilot, "0")
        assert app.stacks.here.range is None


async def kept(app: Looptop, folder: Path) -> None:
    """Let the console have a state."""
    app.settings = replace(app.settings, remember=folder / NAME)


async def test_a_view_is_saved_loaded_and_deleted_after_asking(tmp_path: Path) -> None:
    async with console() as (app, pilot):
        await kept(app, tmp_path)
        await press(app, pilot, "3", "[", "S", "s", *"mine", "enter")
        assert "mine is saved" in shown(app)
        looked = app.view
        await press(app, pilot, "escape", "0", "1", "S", "enter")
        assert (app.stacks.here.kind, app.view) == ("metrics", looked)
        await press(app, pilot, "S", "x")
        assert "delete mine?" in shown(app)
        await press(app, pilot, "escape", "x", "y")
        assert "mine is deleted" in shown(app)
        assert list((tmp_path / "views").iterdir()) == []


async def test_a_view_is_taken_in_from_pasted_text(tmp_path: Path) -> None:
    async with console() as (app, pilot):
        await kept(app, tmp_path)
        await press(app, pilot, "S", "p")
        text = 'name = "theirs"\nscreen = 7\nplaces = [{ kind = "sources" }]\n\n[view]\ncompare = "year"\n'
        await pasted(app, pilot, text)
        await press(app, pilot, "enter")
        assert (app.stacks.here.kind, app.view.compare) == ("sources", "year")
        await press(app, pilot, "S", "p")
        await pasted(app, pilot, "nonsense = [")
        assert "no view:" in shown(app)


async def pasted(app: Looptop, pilot: Pilot[Any], text: str) -> None:
    """Paste a text as a terminal does."""
    app.screen.post_message(events.Paste(text))
    await pilot.pause(0.1)


async def test_without_a_state_that_is_said_before_anything_is_typed() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, "S", "s")
        assert "views cannot be kept" in shown(app)
        assert not app.screen.query_one("#view-name").display


async def test_columns_and_widths_survive_a_restart(tmp_path: Path) -> None:
    async with console(session=FakeSession()) as (app, pilot):
        await kept(app, tmp_path)
        await press(app, pilot, "7", "c", "plus", "enter")
        app.tick()
        found = read(tmp_path / NAME).tables
        assert any(state.widths for state in found.values())
