"""A person with the journey, and one line of a file."""

from __future__ import annotations

from collections.abc import Iterable

from textual.containers import Container
from textual.widget import Widget

from tui.asking import Ask
from tui.place import Place
from tui.screens.page import Page
from tui.views import person, rows, tracing
from tui.views.scene import Scene
from tui.widgets.table import TableWidget
from tui.widgets.text import TextWidget


def line_place(row_id: str) -> Place | None:
    """The line a row's id names, as `file`, `line`, rest."""
    file, _, rest = row_id.partition("\x1f")
    number = rest.partition("\x1f")[0]
    return Place("line", file=file, line=int(number)) if number.isdigit() else None


class PersonPage(Page):
    """Identifiers at the left, the journey at the right."""

    SCOPE = "person"
    START = "journey"
    GROUPS = (("journey", "panel.journey"), ("person-card", "panel.person"))

    def compose(self) -> Iterable[Widget]:
        """Card and journey."""
        with Container(classes="beside"):
            yield TextWidget(id="person-card")
            yield TableWidget(id="journey")

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """The person."""
        return (person.ask(scene),)

    def show(self, scene: Scene) -> None:
        """Both panels."""
        self.query_one("#person-card", TextWidget).update(person.card(scene))
        self.query_one("#journey", TableWidget).update(person.journey(scene))

    def on_table_widget_entered(self, event: TableWidget.Entered) -> None:
        """A fact leads to its line."""
        place = line_place(event.row.id)
        if place is not None:
            self.console.enter(place)


class RowsPage(Page):
    """Rows of a table with file and line."""

    SCOPE = "rows"
    START = "rows"
    GROUPS = (("rows", "panel.rows"),)

    def compose(self) -> Iterable[Widget]:
        """One table."""
        yield TableWidget(id="rows")

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """The rows."""
        return (rows.ask(scene),)

    def show(self, scene: Scene) -> None:
        """The table."""
        self.query_one("#rows", TableWidget).update(rows.table(scene))

    def definition(self) -> str:
        """The metric whose rows they are."""
        return tracing.definitions(self.scene, self.scene.place.metric) if self.scene else ""

    def on_table_widget_entered(self, event: TableWidget.Entered) -> None:
        """A row leads to its line."""
        place = line_place(event.row.id)
        if place is not None:
            self.console.enter(place)


class LinePage(Page):
    """One line of a file: what became of it."""

    SCOPE = "line"
    START = "line"
    GROUPS = (("line", "head.line"),)

    def compose(self) -> Iterable[Widget]:
        """One panel."""
        yield TextWidget(id="line")

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """Its rows and its rejects."""
        return rows.line_asks(scene)

    def show(self, scene: Scene) -> None:
        """The panel."""
        self.query_one("#line", TextWidget).update(rows.line_view(scene))
