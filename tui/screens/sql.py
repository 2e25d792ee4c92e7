"""SQL: an editor above, the rows below; a query runs when it is asked for, beside everything else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.containers import Container
from textual.widget import Widget

from engine.questions import SqlQuery
from tui import remembering
from tui.asking import Ask, TablesAsk
from tui.overlays.base import Lines
from tui.screens.page import Page
from tui.views import sql
from tui.views.scene import Scene
from tui.widgets.table import TableWidget

if TYPE_CHECKING:
    from tui.widgets.editor import Editor

LIMIT = 5000


class SqlPage(Page):
    """What is written, what Tab completes, the rows, and what became of the query."""

    SCOPE = "sql"
    START = "sql-rows"
    GROUPS = (("sql-write", "panel.sql"), ("sql-read", "panel.sql_rows"))
    ABLE = frozenset(["sql.run", "sql.edit"])

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.query_asked: SqlQuery | None = None

    def compose(self) -> Iterable[Widget]:
        """Two halves; the editor itself comes with the first look, its module is not needed before."""
        with Container(id="sql-write"):
            yield Lines(id="sql-hint")
        with Container(id="sql-read"):
            yield TableWidget(id="sql-rows")
            yield Lines(id="sql-said")

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """What can be completed; the query is asked when it is run."""
        return (TablesAsk(),)

    @property
    def editor(self) -> Editor | None:
        """Where the query is written."""
        from tui.widgets.editor import Editor

        found = self.query(Editor)
        return found.first() if found else None

    def show(self, scene: Scene) -> None:
        """All parts."""
        if self.display and self.editor is None:
            from tui.widgets.editor import Editor

            text = next(iter(self.console.kept.queries[-1:]), "")
            editor = Editor(text, id="sql-editor")
            editor.remember(self.console.kept.queries)
            self.query_one("#sql-write", Container).mount(editor, before="#sql-hint")
            self.call_after_refresh(editor.focus)
        self.query_one("#sql-rows", TableWidget).update(sql.result(scene, self.query_asked))
        running = self.query_asked in self.console.pending
        self.query_one("#sql-said", Lines).put([sql.said(scene, self.query_asked, running)])
        self._complete()

    def _complete(self) -> None:
        editor, scene = self.editor, self.scene
        if editor is None or scene is None:
            return
        names = sql.completions(editor.before, editor.text, sql.tables(scene))
        editor.offer(names, sql.word_length(editor.before))
        self.query_one("#sql-hint", Lines).put([sql.hint(names if editor.has_focus else (), scene)])

    def on_editor_edited(self) -> None:
        """Another word before the cursor."""
        self._complete()

    def on_editor_left(self) -> None:
        """From the text to the rows; while a query runs, it is stopped."""
        if self.query_asked in self.console.pending:
            self.console.feed.stop_sql()
        elif self.single:
            self.turn(1)
        else:
            self.query_one("#sql-rows", TableWidget).focus()
        self._complete()

    def act(self, action: str) -> bool:
        """`F5` runs, Enter in the rows goes back to the text."""
        if action == "sql.run":
            self._run()
            return True
        if action == "sql.edit":
            if self.single and self.solo != "sql-write":
                self.turn(1)
            if self.editor is not None:
                self.editor.focus()
            return True
        return super().act(action)

    def _run(self) -> None:
        editor, app = self.editor, self.console
        text = editor.text.strip() if editor is not None else ""
        if not text or app.snapshot is None or editor is None:
            return
        if text not in app.kept.queries[-1:]:
            remembering.keep_query(app, text)
            editor.remember(app.kept.queries)
        self.query_asked = SqlQuery(text, LIMIT)
        app.answers.pop(self.query_asked, None)
        app.pending[self.query_asked] = app.snapshot.version
        app.feed.do(self.query_asked)
        if self.single and self.solo == "sql-write":
            self.turn(1)
        app.draw()

    def definition(self) -> str:
        """The query behind the rows."""
        return " ".join(self.query_asked.text.split()) if self.query_asked is not None else ""

    def on_table_widget_entered(self) -> None:
        """Back to the text."""
        self.act("sql.edit")
