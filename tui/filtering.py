"""The filter line: rows narrow while it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input

from tui.widgets.feed import FeedWidget
from tui.widgets.table import TableWidget
from tui.words import say

if TYPE_CHECKING:
    from tui.app import Looptop


def query(widget: TableWidget | FeedWidget) -> str:
    """What is asked of its rows now."""
    return widget.model.query if isinstance(widget, TableWidget) else widget.query_text


def typing(app: Looptop) -> bool:
    """Whether the filter is being typed."""
    return app.main.has_class("-typing")


def writing(app: Looptop) -> bool:
    """Whether what has the focus takes letters."""
    focused = app.focused
    return focused is not None and focused.check_consume_key("a", "a")


def begin(app: Looptop) -> bool:
    """The filter line, with what is in force; false where there is no table."""
    table = app.page.narrowed
    if table is None:
        return False
    field = app.main.query_one("#typed", Input)
    field.placeholder = say("overlay.filter_hint", app.lang)
    field.value = query(table)
    app.filtered = table.id or ""
    app.main.add_class("-typing")
    field.focus()
    return True


def typed(app: Looptop, text: str) -> None:
    """Narrow the rows of the table that the filter was opened on."""
    table = app.page.query(f"#{app.filtered}") if app.filtered else None
    if typing(app) and table:
        table.first().set_filter(text)  # type: ignore[attr-defined]


def end_typing(app: Looptop, *, keep: bool) -> None:
    """Close the filter line; not kept, all rows are there again."""
    if not keep:
        typed(app, "")
    app.main.remove_class("-typing")
    found = app.page.query(f"#{app.filtered}")
    if found:
        found.first().focus()
    app.draw()
