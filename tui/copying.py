"""`y`, `Y` and `e`: the cell, the rows, the table; each says where it went."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tui import clipboard
from tui import export as exporting
from tui.screens.page import plain_cell, plain_rows
from tui.views import chrome
from tui.views.crumbs import crumbs
from tui.widgets.table import TableWidget
from tui.words import say

if TYPE_CHECKING:
    from tui.app import Looptop


def copy_cell(app: Looptop) -> None:
    """The cell of the chosen column in the row under the cursor, with its full value; what the page says."""
    found = app.page.copied()
    if found is not None:
        copy_text(app, *found)
        return
    table = app.page.table
    row = table.current if table else None
    if table is None or table.view is None or row is None:
        copy_text(app, app.page.plain_text(), say("screen.overview", app.lang))
        return
    at = next((n for n, column in enumerate(table.view.columns) if column.id == table.column), 0)
    text = plain_cell(row.cells[at]) if at < len(row.cells) else ""
    copy_text(app, text, text if len(text) <= 24 else table.view.columns[at].title)


def copy_rows(app: Looptop) -> None:
    """The marked rows, or the one under the cursor, as text with tabs."""
    table = app.page.table
    if table is None or table.view is None:
        return
    rows = table.marked_or_current()
    lines = plain_rows(table.view, rows)
    text = "\n".join("\t".join(cell.replace("\t", " ") for cell in line) for line in lines) + "\n"
    copy_text(app, text, say("page.rows", app.lang, n=len(rows)))


def copy_text(app: Looptop, text: str, what: str) -> None:
    """Copy a text and say where it went; `what`: how it is called."""
    from platformdirs import user_cache_path

    found = clipboard.copy(text, environment=os.environ, write=app.send, folder=user_cache_path("looptop"))
    where = say(f"message.copied_{found.where}", app.lang, path=str(found.path))
    if found.where != "file" and found.path is not None:
        where += f" · {found.path}"
    app.frame.say(say("status.copied", app.lang, what=what, where=where))


def export(app: Looptop) -> None:
    """What the table shows, filtered and sorted, as CSV."""
    table = app.page.table
    if table is None or table.view is None:
        return
    rows = table.rows.slice(0, len(table.rows))
    text = exporting.csv_text(plain_rows(table.view, rows), about(app, table))
    name = exporting.file_name(app.stacks.here.kind, app.clock())
    try:
        path = exporting.write(text, name, folders(app.root))
    except OSError as error:
        app.frame.say(say("page.not_written", app.lang, why=error.strerror or str(error)))
        return
    app.frame.say(say("status.exported", app.lang, n=len(rows), path=str(path)))


def about(app: Looptop, table: TableWidget) -> list[tuple[str, str]]:
    """What the file says of itself: where, range, comparison, filter, definition, data version, time zone."""
    scene = app.scene()
    snapshot = scene.snapshot
    if snapshot is None or table.view is None:
        return []
    days = scene.range
    return [
        ("looptop", " › ".join([snapshot.title, *crumbs(scene, app.stacks.stack), table.view.title])),
        ("range", f"{days.first}..{days.last}"),
        ("compare", chrome.compare_text(scene)),
        ("filter", " ".join(filter(None, (snapshot.view.where, table.model.query))) or "none"),
        ("as of", f"{scene.local(snapshot.as_of).isoformat()} {snapshot.timezone}"),
        ("currency", snapshot.currency),
        ("definition", app.page.definition()),
        ("watermark", snapshot.watermark),
    ]


def folders(root: Path) -> list[Path]:
    """Where exports go: here, unless that is the watched directory; else the documents, else the cache."""
    from platformdirs import user_cache_path, user_documents_path

    here = Path.cwd()
    inside = here.resolve().is_relative_to(root.resolve())
    return ([] if inside else [here]) + [user_documents_path(), user_cache_path("looptop")]
