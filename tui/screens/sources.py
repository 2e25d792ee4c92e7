"""Sources: files, rows, rejects, freshness."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget

from engine.questions import Reject
from tui.asking import Ask, RejectsAsk
from tui.place import Place
from tui.screens.page import Page
from tui.views import sources
from tui.views.lineage import Entry, of_sources
from tui.views.scene import Scene
from tui.widgets.table import TableWidget
from tui.widgets.text import TextWidget


class SourcesPage(Page):
    """One row a source."""

    SCOPE = "sources"
    START = "source-list"
    GROUPS = (("source-list", "panel.sources"),)
    ABLE = frozenset(["lineage.open"])

    def compose(self) -> Iterable[Widget]:
        """One table."""
        yield TableWidget(id="source-list")

    def show(self, scene: Scene) -> None:
        """The table."""
        self.query_one("#source-list", TableWidget).update(sources.table(scene))

    def lineage(self) -> tuple[Entry, ...]:
        """The counts of the source under the cursor."""
        row = self.table.current if self.table is not None else None
        status = self.scene.snapshot.status if self.scene and self.scene.snapshot else None
        return of_sources(status, (row.id,) if row is not None else (), self.console.lang)

    def on_table_widget_entered(self, event: TableWidget.Entered) -> None:
        """A source leads to its files."""
        self.console.enter(Place("source", source=event.row.id))


class SourcePage(Page):
    """The files of a source."""

    SCOPE = "sources"
    START = "file-list"
    GROUPS = (("file-list", "panel.files"),)
    ABLE = frozenset(["lineage.open"])

    def compose(self) -> Iterable[Widget]:
        """One table."""
        yield TableWidget(id="file-list")

    def show(self, scene: Scene) -> None:
        """The table."""
        self.query_one("#file-list", TableWidget).update(sources.files(scene))

    def on_table_widget_entered(self, event: TableWidget.Entered) -> None:
        """A file leads to its rejects."""
        source = self.console.stacks.here.source
        self.console.enter(Place("file", source=source, file=event.row.id))


class FilePage(Page):
    """What was decided about a file, and its rejects."""

    SCOPE = "sources"
    START = "reject-list"
    GROUPS = (("reject-list", "panel.rejects"), ("file-detail", "panel.files"))

    def compose(self) -> Iterable[Widget]:
        """Detail and rejects."""
        yield TextWidget(id="file-detail")
        yield TableWidget(id="reject-list")

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """The rejects of the file."""
        return (RejectsAsk(None, scene.place.file),)

    def show(self, scene: Scene) -> None:
        """Both panels."""
        view = sources.file_detail(scene)
        detail = self.query_one("#file-detail", TextWidget)
        if not self.single:
            detail.styles.height = min(len(view.lines) + 2, max(4, scene.size.height // 3))
        detail.update(view)
        found = scene.got(RejectsAsk(None, scene.place.file), tuple)
        rejects = None if found is None else tuple(each for each in found if isinstance(each, Reject))
        self.query_one("#reject-list", TableWidget).update(sources.rejects(scene, rejects))

    def on_table_widget_entered(self, event: TableWidget.Entered) -> None:
        """A reject leads to its line."""
        number = event.row.id.partition(":")[0]
        if number.isdigit():
            self.console.enter(Place("line", file=self.console.stacks.here.file, line=int(number)))
