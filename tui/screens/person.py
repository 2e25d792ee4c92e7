"""A person with the journey, and one line of a file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from textual.containers import Container
from textual.widget import Widget

from tui.asking import Ask
from tui.overlays import linking
from tui.place import Place
from tui.screens.page import Page
from tui.views import journey as journeys
from tui.views import person, profile, rows, tracing
from tui.views.dropouts import person_query
from tui.views.scene import Scene
from tui.widgets.panel import Panel
from tui.widgets.table import TableWidget
from tui.widgets.text import TextWidget

COLUMN, COLUMN_WIDE = 44, 90
"""Cells of the column of identifiers, as the style sheet has it."""


def line_place(row_id: str) -> Place | None:
    """The line a row's id names, as `file`, `line`, rest."""
    file, _, rest = row_id.partition("\x1f")
    number = rest.partition("\x1f")[0]
    return Place("line", file=file, line=int(number)) if number.isdigit() else None


class PersonPage(Page):
    """Identifiers with what is known of them at the left, the journey at the right."""

    SCOPE = "person"
    START = "journey"
    GROUPS = (("journey", "panel.journey"), ("person-card", "panel.person"), ("person-why", "head.why"))
    ABLE = frozenset(["person.link", "person.unlink", "person.reveal", "lineage.open"])

    def compose(self) -> Iterable[Widget]:
        """Card, what is known of the row under its cursor, and journey."""
        with Container(classes="beside", id="person-panels"):
            with Container(classes="column", id="person-column"):
                yield TableWidget(id="person-card")
                yield TextWidget(id="person-why")
            with Container(classes="column", id="person-told"):
                yield TextWidget(id="person-profile", focusable=False)
                yield TableWidget(id="journey")

    def asks(self, scene: Scene) -> tuple[Ask, ...]:
        """The person, and the funnel that led here."""
        funnel = person_query(scene) if scene.place.funnel else None
        return (person.ask(scene), funnel) if funnel else (person.ask(scene),)

    def show(self, scene: Scene) -> None:
        """All panels."""
        card = self.query_one("#person-card", TableWidget)
        card.update(person.card(scene))
        card.caption(keys=scene.say("person.keys"))
        if scene.size.narrow and not self.single:
            card.styles.height = min(len(card.rows) + 3, max(4, scene.size.height * 2 // 5))
        else:
            card.styles.height = "1fr"
        self.query_one("#journey", TableWidget).update(journeys.journey(scene))
        self._profile(scene)
        self._why()

    def _profile(self, scene: Scene) -> None:
        """What profiles say of the person, above the journey; nothing where they say nothing."""
        panel = self.query_one("#person-profile", TextWidget)
        beside = 0 if scene.size.narrow or self.single else COLUMN_WIDE if scene.size.wide else COLUMN
        view = profile.view(scene, max(20, scene.size.width - beside - 3))
        panel.display = bool(view.lines) and not self.single
        panel.styles.height = len(view.lines) + 2
        panel.update(view)

    def _why(self) -> None:
        """What is known of the row under the cursor of the card."""
        if self.scene is not None:
            row = self.query_one("#person-card", TableWidget).current
            panel = self.query_one("#person-why", TextWidget)
            size = self.scene.size
            width = size.width if self.single or size.narrow else COLUMN_WIDE if size.wide else COLUMN
            view = person.detail(self.scene, row.id if row else "", max(20, width - 2))
            if not self.single:
                panel.styles.height = min(len(view.lines) + 2, max(4, self.scene.size.height // 2 - 2))
            panel.update(view)

    def on_table_widget_moved(self, event: TableWidget.Moved) -> None:
        """Another row of the card."""
        if event.table.id == "person-card":
            self._why()

    def act(self, action: str) -> bool:
        """`=` and `!` mean the row under the cursor of the card; `u` the whole person."""
        if action in ("person.link", "person.unlink"):
            self._link("always" if action == "person.link" else "never")
        elif action == "person.reveal":
            linking.open_reveal(self.console)
        else:
            return super().act(action)
        return True

    def _link(self, verdict: Literal["always", "never"]) -> None:
        card = self.query_one("#person-card", TableWidget)
        if self.screen.focused is not card:
            while self.single and self.solo != "person-card":
                self.turn(1)
            card.focus()
            self.console.frame.say(self.console.scene().say("person.choose"))
            return
        picks = person.picks(self.scene) if self.scene is not None else {}
        pick = picks.get(card.current.id) if card.current else None
        if pick is not None:
            linking.open_link(self.console, pick, verdict)

    def on_table_widget_entered(self, event: TableWidget.Entered) -> None:
        """A fact and an identifier lead to their line, a conflict to the other person."""
        if event.table.id == "person-card":
            found = person.picks(self.scene).get(event.row.id) if self.scene is not None else None
            place = found.place if found else None
        else:
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
        """A row leads to its line; with the column of persons chosen, to the person."""
        place = line_place(event.row.id)
        if event.table.column == "person":
            name = self._cell(event)
            place = Place("person", person=name) if name.startswith("p_") else place
        if place is not None:
            self.console.enter(place)

    @staticmethod
    def _cell(event: TableWidget.Entered) -> str:
        """The text of the chosen column in the row entered."""
        view = event.table.view
        at = (
            next((n for n, each in enumerate(view.columns) if each.id == event.table.column), 0)
            if view
            else 0
        )
        return event.row.cells[at].text if at < len(event.row.cells) else ""


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

    def on_panel_pressed(self, event: Panel.Pressed) -> None:
        """A line leads to its person."""
        found = rows.line_person(self.scene) if self.scene is not None else ""
        if found:
            self.console.enter(Place("person", person=found))
