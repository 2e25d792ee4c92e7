"""The SQL screen: writing with completion, running, what comes back, what was asked before."""

from __future__ import annotations

import threading
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from textual.pilot import Pilot

from engine.errors import UsageError
from engine.questions import SqlAnswer, SqlQuery, SqlTableEntry
from tests.tui.fake_session import FakeSession
from tests.tui.screens.console import console, press, settled, shown
from tui.app import Looptop
from tui.views.sql import completions

EVENTS = SqlTableEntry("events", "", (("channel", "VARCHAR", ""), ("props.plan", "VARCHAR", "")))
SPEND = SqlTableEntry("spend", "", (("channel", "VARCHAR", ""), ("cost", "DECIMAL", "")))


class Asked(FakeSession):
    """A session that answers any query with two rows."""

    def tables(self) -> tuple[SqlTableEntry, ...]:
        return EVENTS, SPEND

    def sql(self, query: SqlQuery) -> SqlAnswer:
        self.asked.append(query)
        if "wrong" in query.text:
            raise UsageError('no column "wrong"; nearest: cost')
        rows = (("\x1b[2J[red]a", Decimal("1.5")), ("b", None))
        return SqlAnswer((("channel", "VARCHAR"), ("cost", "DECIMAL")), rows, True, 0.5, "w")


async def write(app: Looptop, pilot: Pilot[Any], text: str) -> None:
    """Type a text."""
    await press(app, pilot, "9")
    await pilot.press(*("space" if one == " " else one for one in text))
    await settled(app, pilot)


def test_a_word_becomes_a_column_of_the_tables_that_are_named() -> None:
    def found(before: str, after: str = "") -> tuple[str, ...]:
        return completions(before, before + after, (EVENTS, SPEND))

    assert found("select co", " from spend")[:1] == ("cost",)
    assert "cost" not in found("select co", " from events")
    assert found("select s.c", " from spend s") == ("s.channel", "s.cost")
    assert found("select * from ev") == ("events",)
    assert found("select ") == ()


async def test_tab_completes_and_f5_shows_rows_and_time() -> None:
    async with console(session=Asked()) as (app, pilot):
        await write(app, pilot, "from spe")
        await press(app, pilot, "tab", "f5")
        screen = shown(app)
        assert "from spend" in screen
        assert "2 rows in 0.50 s, and more are there" in screen
        assert "[red]a" in screen
        assert app.kept.queries == ("from spend",)
        await press(app, pilot, "escape", ">", ">", "s")
        table = app.page.table
        assert table is not None
        assert table.model.sort is not None


async def test_what_is_wrong_is_said_below_and_the_text_stays() -> None:
    async with console((80, 24), session=Asked()) as (app, pilot):
        await write(app, pilot, "select wrong")
        await press(app, pilot, "f5")
        assert 'no column "wrong"; nearest: cost' in shown(app)
        assert "select wrong" in shown(app)


async def test_letters_are_written_and_leave_the_screen_where_it_is() -> None:
    async with console(session=Asked()) as (app, pilot):
        await write(app, pilot, "q15?:/x")
        assert app.stacks.here.kind == "sql"
        assert "q15?:/x" in shown(app)
        await press(app, pilot, "escape", "1")
        assert app.stacks.here.kind == "overview"


async def test_what_was_asked_before_comes_back() -> None:
    async with console(session=Asked()) as (app, pilot):
        await write(app, pilot, "from spend")
        await press(app, pilot, "f5", "escape", "o", "x", "pageup")
        assert "from spendx" not in shown(app)
        await press(app, pilot, "pagedown")
        assert "from spendx" in shown(app)


async def test_on_a_small_terminal_the_rows_take_the_place_of_the_text() -> None:
    async with console((40, 15), session=Asked()) as (app, pilot):
        await write(app, pilot, "from spend")
        await press(app, pilot, "f5")
        assert "channel" in shown(app)


async def test_views_do_not_wait_for_a_query_and_escape_stops_it() -> None:
    go = threading.Event()

    class Slow(Asked):
        store = SimpleNamespace(stop_apart=go.set)

        def sql(self, query: SqlQuery) -> SqlAnswer:
            go.wait(20)
            return super().sql(query)

    async with console(session=Slow()) as (app, pilot):
        await write(app, pilot, "from spend")
        await pilot.press("f5")
        await pilot.pause(0.05)
        assert "runs, at most 10 s" in shown(app)
        app.action_do("time.earlier")
        while app.busy:
            await pilot.pause(0.01)
        assert (app.view.kind, go.is_set()) == ("fixed", False)
        await pilot.press("escape")
        await settled(app, pilot)
        assert "2 rows" in shown(app)
