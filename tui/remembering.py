"""Keeping what a console shall start with again, as soon as it changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tui.remembered import Kept, write
from tui.screens.page import Page
from tui.view import TableState
from tui.widgets.table import TableWidget

if TYPE_CHECKING:
    from tui.app import Looptop


def begin(app: Looptop, kept: Kept) -> None:
    """Start where the last console was left; what was asked for on the command line wins."""
    app.kept = app.written = kept
    app.stacks.number = kept.screen
    app.stacks.started.update(kept.tables)
    app.view = kept.view
    if kept.lang and not app.lang_asked:
        app.lang, app.lang_asked = kept.lang, True


def keep_query(app: Looptop, text: str, most: int = 50) -> None:
    """Remember what was asked in SQL, the newest last."""
    queries = (*(one for one in app.kept.queries if one != text), text)
    app.kept = replace(app.kept, queries=queries[-most:])


def save(app: Looptop) -> None:
    """Write what has changed; without a state that can be written nothing is kept."""
    path = app.settings.remember
    if path is None or app.snapshot is None:
        return
    now = current(app)
    if now != app.written and write(path, now):
        app.kept = app.written = now


def leave(app: Looptop) -> None:
    """Keep what has changed in the last second, and leave."""
    save(app)
    app.exit(return_code=0)


def current(app: Looptop) -> Kept:
    """What would be remembered now; a fixed range keeps the rolling one before it."""
    view = replace(app.view, where=None, funnel=None)
    if view.kind == "fixed":
        view = replace(view, kind=app.kept.view.kind, days=app.kept.view.days, range=app.kept.view.range)
    tables = dict(app.kept.tables)
    for page in app.main.query(Page):
        for table in page.query(TableWidget):
            if table.id and table.view is not None and table.id not in page.missing:
                tables[page.kind, table.kept_as] = _state(table)
    known = {name: state for name, state in tables.items() if state.sort or state.order or state.widths}
    return replace(app.kept, screen=app.stacks.number, view=view, tables=known)


def _state(table: TableWidget) -> TableState:
    """Sort and columns; columns as they come are none."""
    state = table.state
    return TableState(state.sort, order=state.order, widths=state.widths)
