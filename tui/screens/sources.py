"""Sources, the files and columns of one, and one file with its rejects."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget

from tui.asking import Ask, ConflictsAsk, QualityAsk, RejectsAsk
from tui.place import Place
from tui.screens.page import Page
from tui.view import Row
from tui.views import file, quality, sources
from tui.views.lineage import Entry, of_sources
from tui.views.scene import Scene
from tui.widgets.table import TableWidget
from tui.widgets.text import TextWidget

FRAME = 3
"""Rows that a table's frame and titles take."""


def look_place(row_id: str) -> Place | None:
    """Where a row of what needs a look leads."""
    kind, first, rest = [*row_id.split("\x1f"), "", ""][:3]
    if kind == "conflict":
        return Place("person", person=rest) if rest else None
    if kind in ("stale", "rejects"):
        return Place("source", source=first)
    if kind == "rule":
        return Place("rule", source=first, rule=rest)
    if kind == "dispute":
        return Place("dispute", source=first, dispute=rest)
    return Place("file", source=first, file=rest)


class SourcesPage(Page):
    """One row a source, below it what needs a look."""

    SCOPE = "sources"
    START = "source-list"
    GROUPS = (("source-list", "panel.sources"), ("to-look-at", "panel.to_look_at"))
    ABLE = frozenset(["lineage.open"])

    def compose(self) -> Iterable[Widget]:
        """Two tables."""
        yield TableWidget(id="source-list")
        yield TableWidget(id="to-look-at")

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """How good the sources are, and who was kept apart."""
        return (QualityAsk(), ConflictsAsk())

    def show(self, scene: Scene) -> None:
        """Both tables; the lower one takes what it needs, up to a third."""
        below = self.query_one("#to-look-at", TableWidget)
        below.update(quality.to_look_at(scene))
        if not self.single:
            below.styles.height = min(max(1, len(below.rows)) + FRAME, max(4, scene.size.height // 3))
        self.query_one("#source-list", TableWidget).update(sources.table(scene))

    def lineage(self) -> tuple[Entry, ...]:
        """The counts of the source under the cursor."""
        row = self.query_one("#source-list", TableWidget).current
        status = self.scene.snapshot.status if self.scene and self.scene.snapshot else None
        return of_sources(status, (row.id,) if row is not None else (), self.console.lang)

    def on_table_widget_entered(self, event: TableWidget.Entered) -> None:
        """A source leads to its files, what needs a look to where it is seen whole."""
        if event.table.id == "source-list":
            self.console.enter(Place("source", source=event.row.id))
        elif (place := look_place(event.row.id)) is not None:
            self.console.enter(place)


class SourcePage(Page):
    """The files of a source, its columns, and what needs a look in it."""

    SCOPE = "sources"
    START = "file-list"
    GROUPS = (
        ("file-list", "panel.files"),
        ("source-columns", "panel.quality"),
        ("source-look", "panel.to_look_at"),
    )
    ABLE = frozenset(["lineage.open"])

    def compose(self) -> Iterable[Widget]:
        """Three tables."""
        yield TableWidget(id="file-list")
        yield TableWidget(id="source-columns")
        yield TableWidget(id="source-look")

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """How good the sources are."""
        return (QualityAsk(),)

    def show(self, scene: Scene) -> None:
        """All tables; the lowest goes first where there is little room or nothing to say."""
        files, columns, look = (
            self.query_one(f"#{name}", TableWidget) for name in ("file-list", "source-columns", "source-look")
        )
        files.update(sources.files(scene))
        columns.update(quality.columns_table(scene))
        look.update(quality.to_look_at(scene))
        look.set_class(not self.single and (not len(look.rows) or scene.size.low), "-none")
        if not self.single:
            look.styles.height = min(len(look.rows) + FRAME, max(4, scene.size.height // 5))
            files.styles.height = min(max(1, len(files.rows)) + FRAME, max(5, scene.size.height // 3))

    def on_table_widget_entered(self, event: TableWidget.Entered) -> None:
        """A file leads to its rejects, a column to its lines, what needs a look to where it is seen whole."""
        source = self.console.stacks.here.source
        place: Place | None
        if event.table.id == "file-list":
            place = Place("file", source=source, file=event.row.id)
        elif event.table.id == "source-columns":
            role, _, name = event.row.id.partition("\x1f")
            place = Place("column", source=source, column=name, which=role)
        else:
            place = look_place(event.row.id)
        if place is not None:
            self.console.enter(place)


class FilePage(Page):
    """What was decided about a file, its rejects, and the line under the cursor."""

    SCOPE = "sources"
    START = "reject-list"
    GROUPS = (
        ("reject-list", "panel.rejects"),
        ("file-detail", "panel.evidence"),
        ("reject-line", "panel.the_line"),
    )
    ABLE = frozenset(["lineage.open"])

    def compose(self) -> Iterable[Widget]:
        """Detail, rejects, the line."""
        yield TextWidget(id="file-detail")
        yield TableWidget(id="reject-list")
        yield TextWidget(id="reject-line")

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """The rejects of the file."""
        return (RejectsAsk(None, scene.place.file),)

    def show(self, scene: Scene) -> None:
        """All panels; without rejects the evidence has the room."""
        view = file.file_detail(scene, scene.size.width - 2)
        detail = self.query_one("#file-detail", TextWidget)
        table, below = self.query_one("#reject-list", TableWidget), self.query_one("#reject-line", TextWidget)
        detail.update(view)
        table.update(file.rejects(scene))
        if not self.single:
            some = bool(len(table.rows))
            most = scene.size.height // 3 if some else scene.size.height - 10
            detail.styles.height = min(len(view.lines) + 2, max(4, most))
        below.set_class(not self.single and (not len(table.rows) or scene.size.flat), "-none")
        self._line(table.current)

    def _line(self, row: Row | None) -> None:
        if self.scene is not None:
            width = self.scene.size.width - 2
            view = file.the_line(self.scene, row.id if row else "", width)
            below = self.query_one("#reject-line", TextWidget)
            if not self.single:
                below.styles.height = min(len(view.lines) + 2, 5)
            below.update(view)

    def on_table_widget_moved(self, event: TableWidget.Moved) -> None:
        """Another line."""
        self._line(event.row)

    def copied(self) -> tuple[str, str] | None:
        """`y` copies the line itself, made harmless."""
        row = self.query_one("#reject-list", TableWidget).current
        found = file.reject_at(self.scene, row.id) if row is not None and self.scene is not None else None
        return None if found is None else (file.plain(found), f"{found.file}:{found.line}")

    def on_table_widget_entered(self, event: TableWidget.Entered) -> None:
        """A reject leads to its line."""
        number = event.row.id.partition(":")[0]
        if number.isdigit():
            self.console.enter(Place("line", file=self.console.stacks.here.file, line=int(number)))
